// Package callers says who calls: by a key of the configuration, by a token of an OpenID Connect issuer (package
// issuer), by a Zoom user's own token, which is passed through to Zoom, or by the session of somebody who signed in with
// Zoom (package signin).
//
//	who, err := callers.New(callers.Options{Keys: keys, Issuer: issuer})
//	// who.Middleware goes in front of what reads requests, and who.Identify answers connection_init.
//	…
//	caller := callers.From(ctx)
//
// A credential never stands in a log, an error or a key of a cache; its digest does.
package callers

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"time"
)

// Permissions is a set of what a caller may do.
type Permissions uint8

// The permissions.
const (
	Read    Permissions = 1 << iota // queries and subscriptions
	Write                           // mutations, with Read for what they answer
	Secrets                         // what the schema marks @sensitive

	All = Read | Write | Secrets
)

// names are the permissions' names, each in its bit's place.
func names() []string { return []string{"read", "write", "secrets"} }

// ParsePermissions makes a set of names.
func ParsePermissions(list []string) (Permissions, error) {
	var set Permissions
	for _, name := range list {
		bit := slices.Index(names(), name)
		if bit < 0 {
			return 0, fmt.Errorf("there is no permission %q; there are %s", name, All)
		}
		set |= 1 << bit
	}
	return set, nil
}

// Missing is the first of the wanted permissions that the set lacks; 0 where it has all.
func (p Permissions) Missing(wanted Permissions) Permissions {
	lacking := wanted &^ p
	return lacking & -lacking
}

// Names are the names of those in the set.
func (p Permissions) Names() []string {
	list := []string{}
	for bit, name := range names() {
		if p&(1<<bit) != 0 {
			list = append(list, name)
		}
	}
	return list
}

// String lists the names.
func (p Permissions) String() string { return strings.Join(p.Names(), ", ") }

// Method is how it was found out who calls.
type Method uint8

// The methods.
const (
	ByNothing   Method = iota // everybody may call
	ByKey                     // a key of the configuration
	ByToken                   // a token of the issuer
	ByZoomToken               // a Zoom user's own token
	BySignIn                  // a person signed in with Zoom
)

// String is the name.
func (m Method) String() string {
	return [...]string{"anyone", "key", "token", "zoom_token", "sign_in"}[m]
}

// Caller is who calls. Printed or logged it is its name.
type Caller struct {
	// Name tells callers apart, in logs and where they are counted.
	Name string
	// Display is what a person is called, for that person only: it stands in no log. "" for all others.
	Display string `json:"-"`
	// Method is how it was found out.
	Method Method
	// Account is the key of the account that the caller belongs to; "" where Token is set, and where a person's is none of
	// those configured.
	Account string
	// Class is whose answers the caller may share: "" those of its account, and else only those of the same class.
	Class string
	// ZoomAccount and ZoomUser are Zoom's ids of a caller who acts with a user's rights; "" where they are not known, and
	// for all others.
	ZoomAccount, ZoomUser string `json:"-"`
	// Permissions are what the caller may do.
	Permissions Permissions
	// PermissionsReason says, for the caller, why there are no permissions; "" where there are some.
	PermissionsReason string
	// Token is a Zoom user's own, which Zoom is called with in place of an account's.
	Token string `json:"-"`
	// Session is a person's who signed in; nil for all others.
	Session Session `json:"-"`
	// Until is when a token of an issuer expires, or a session ends at the latest; zero: no end is known. Check compares it.
	Until time.Time `json:"-"`

	refused func()
	now     func() time.Time // the clock that Until is compared with; nil is time.Now
}

// Session is what somebody has who signed in.
type Session interface {
	// Check says by an error that the session has ended.
	Check(ctx context.Context) error
	// Key tells sessions apart, and tells nothing else.
	Key() string
}

// Check says by an error that the caller is not one any more: the session has ended, or the token has expired. Each
// operation and each event of a connection that stays asks. What began before goes on to its end.
func (c Caller) Check(ctx context.Context) error {
	if c.Session != nil {
		return c.Session.Check(ctx)
	}
	if c.Until.IsZero() {
		return nil
	}
	now := time.Now
	if c.now != nil {
		now = c.now
	}
	if !now().Before(c.Until) {
		return Expired()
	}
	return nil
}

// Refused says that Zoom refuses the caller's own token, which counts as a wrong credential.
func (c Caller) Refused() {
	if c.refused != nil {
		c.refused()
	}
}

// String is the name.
func (c Caller) String() string { return c.Name }

// GoString is the name, too.
func (c Caller) GoString() string { return "callers.Caller(" + c.Name + ")" }

// LogValue is the name.
func (c Caller) LogValue() slog.Value { return slog.StringValue(c.Name) }

// Anyone calls a service for which no callers are configured, and may do everything.
func Anyone(account string) Caller { return Caller{Name: "anyone", Account: account, Permissions: All} }

type key struct{}

// With returns a context of what a caller asks.
func With(ctx context.Context, c Caller) context.Context { return with(ctx, &c) }

func with(ctx context.Context, c *Caller) context.Context { return context.WithValue(ctx, key{}, c) }

// From is who asks; Anyone where nothing asked who it is, as in a service without callers.
func From(ctx context.Context) Caller {
	if c, ok := ctx.Value(key{}).(*Caller); ok {
		return *c
	}
	return Anyone("")
}
