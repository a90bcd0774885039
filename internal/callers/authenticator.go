package callers

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"
)

const (
	maxKept    = 10_000          // tokens that are known to be good
	keptFor    = 5 * time.Minute // until a token is looked at again
	classBytes = 16              // of a digest, in the class of a caller with a token
	nameBytes  = 4               // of a digest, in the name
)

// Key is a key of the configuration and who has it.
type Key struct {
	Digest Digest
	Caller Caller
}

// Issuer reads the tokens of an OpenID Connect issuer.
type Issuer interface {
	// Issued tells whether a token says of itself that it is this issuer's.
	Issued(token string) bool
	// Verify is whose token it is, and until when it is good. The error is from Invalid or Unavailable.
	Verify(ctx context.Context, token string) (Caller, time.Time, error)
}

// Sessions know people who signed in.
type Sessions interface {
	// Session is whose session a request belongs to, if it gives one. The error is an *Error.
	Session(ctx context.Context, r *http.Request) (who Caller, given bool, err error)
	// SignIn is the path at which people sign in.
	SignIn() string
}

// Options are who may call. With none of Keys, Issuer, PassThrough and Sessions everybody may, and may do everything.
type Options struct {
	// Keys are the API keys.
	Keys []Key
	// Issuer reads tokens; nil: there is none.
	Issuer Issuer
	// PassThrough takes a credential that is neither a key nor a token of the issuer for a Zoom user's own token.
	PassThrough bool
	// Sessions are people's; nil: nobody can sign in.
	Sessions Sessions
	// Account is that of everybody, where everybody may call.
	Account string
	// Logger gets who was not let in, and why; nil discards it.
	Logger *slog.Logger
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Authenticator finds out who calls. It is safe for concurrent use.
type Authenticator struct {
	keys        []knownKey
	issuer      Issuer
	passThrough bool
	sessions    Sessions
	anyone      *Caller // nil where callers are configured
	log         *slog.Logger
	now         func() time.Time
	lately      *otter.Cache[Digest, good]
	patience    *patience
}

type knownKey struct {
	Key
	used *atomic.Bool // since the start
}

// good is a token that was found good.
type good struct {
	caller Caller
	until  time.Time
}

// New makes an Authenticator. Two callers cannot have one name or one key.
func New(o Options) (*Authenticator, error) {
	a := &Authenticator{issuer: o.Issuer, passThrough: o.PassThrough, sessions: o.Sessions, log: o.Logger, now: o.Now}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	if a.now == nil {
		a.now = time.Now
	}
	named, keyed := map[string]bool{}, map[Digest]string{}
	for _, k := range o.Keys {
		if other, taken := keyed[k.Digest]; taken {
			return nil, fmt.Errorf("the callers %s and %s have the same key", other, k.Caller.Name)
		}
		if named[k.Caller.Name] || k.Caller.Name == "" {
			return nil, fmt.Errorf("%q is the name of two callers, or of none", k.Caller.Name)
		}
		named[k.Caller.Name], keyed[k.Digest] = true, k.Caller.Name
		k.Caller.Method = ByKey
		a.keys = append(a.keys, knownKey{k, new(atomic.Bool)})
	}
	if len(o.Keys) == 0 && o.Issuer == nil && !o.PassThrough && o.Sessions == nil {
		anyone := Anyone(o.Account)
		a.anyone = &anyone
	}
	var err error
	if a.patience, err = newPatience(a.now); err != nil {
		return nil, err
	}
	a.lately, err = otter.New(&otter.Options[Digest, good]{
		MaximumSize: maxKept, ExpiryCalculator: otter.ExpiryWriting[Digest, good](keptFor),
	})
	return a, err
}

// Authenticate is who sends an Authorization, in a header or in the payload of connection_init alike, from a remote
// address as net/http has it. The error is an *Error.
//
// An address from which too many wrong credentials came is not listened to for a while, but for those credentials that
// are known to be good: others behind the same address go on undisturbed.
func (a *Authenticator) Authenticate(ctx context.Context, authorization, remote string) (Caller, error) {
	if a.anyone != nil {
		return *a.anyone, nil
	}
	credential, err := bearer(authorization)
	if err != nil {
		return Caller{}, err
	}
	from := addressOf(remote)
	caller, err := a.recognize(ctx, credential, from)
	if wrong := (*Error)(nil); errors.As(err, &wrong) && wrong.Status == http.StatusUnauthorized {
		a.patience.spend(from)
		a.log.InfoContext(ctx, "a caller is refused", "from", from.String(), "why", wrong)
	}
	return caller, err
}

func (a *Authenticator) recognize(ctx context.Context, credential string, from netip.Prefix) (Caller, error) {
	digest := DigestOf(credential)
	wait := a.patience.wait(from)
	key := a.keyOf(digest)
	if key != nil && (wait == 0 || key.used.Load()) {
		key.used.Store(true)
		return key.Caller, nil
	}
	if known, ok := a.lately.GetIfPresent(digest); ok && a.now().Before(known.until) {
		return known.caller, nil
	}
	if wait > 0 {
		return Caller{}, tooMany(wait)
	}
	caller, until, err := a.read(ctx, credential, digest, from)
	if err == nil {
		a.lately.Set(digest, good{caller, until})
	}
	return caller, err
}

// keyOf finds a key. It looks at all of them, whatever it finds.
func (a *Authenticator) keyOf(digest Digest) (found *knownKey) {
	for i := range a.keys {
		if subtle.ConstantTimeCompare(a.keys[i].Digest[:], digest[:]) == 1 {
			found = &a.keys[i]
		}
	}
	return found
}

// read finds out whose token it is that is no key. One of the issuer's is never passed on, however wrong it is, nor what
// looks like a key of ours.
func (a *Authenticator) read(ctx context.Context, credential string, digest Digest, from netip.Prefix) (Caller, time.Time, error) {
	switch {
	case a.issuer != nil && a.issuer.Issued(credential):
		c, until, err := a.issuer.Verify(ctx, credential)
		if err == nil {
			c.Method = ByToken
		}
		return c, until, err
	case a.passThrough && !strings.HasPrefix(credential, KeyPrefix):
		return a.own(credential, digest, from), a.now().Add(keptFor), nil
	case strings.HasPrefix(credential, KeyPrefix), a.issuer == nil:
		return Caller{}, time.Time{}, invalid("this key is not known here")
	default:
		return Caller{}, time.Time{}, invalid("this is neither a key that is known here nor a token of the issuer that is trusted here")
	}
}

// own is the caller with a token of Zoom's. What it may do Zoom decides.
func (a *Authenticator) own(token string, digest Digest, from netip.Prefix) Caller {
	return Caller{
		Name:        "zoom:" + digest.String()[:2*nameBytes],
		Method:      ByZoomToken,
		Class:       "zoom:" + digest.String()[:2*classBytes],
		Permissions: All,
		Token:       token,
		refused: func() {
			a.lately.Invalidate(digest)
			a.patience.spend(from)
		},
	}
}
