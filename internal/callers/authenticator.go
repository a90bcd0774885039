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
	"time"

	"github.com/maypok86/otter/v2"

	"zoomgraph/internal/peer"
)

const (
	maxKept    = 10_000          // tokens that are known to be good
	keptFor    = 5 * time.Minute // until a token of the issuer is verified again
	passedFor  = time.Hour       // without use, until a Zoom token is unknown again; Zoom tokens live an hour
	classBytes = 16              // of a digest, in the class of a caller with a token
	nameBytes  = 4               // of a digest, in the name
)

// refusals bounds how often the log says why a caller is refused.
func refusals() allowance { return allowance{most: 100, pause: time.Second} }

// Key is an API key of the configuration, and the caller who sends it.
type Key struct {
	Digest Digest
	Caller Caller
}

// Issuer reads the tokens of an OpenID Connect issuer.
type Issuer interface {
	// Issued is nil if a credential says of itself that it is this issuer's token. Otherwise it says what it is instead.
	Issued(credential string) error
	// Verify says whose token it is, and until when it is good, with what clocks may differ by. It must be cheap: it is asked of every token that is not
	// remembered, however many come. The error is from Invalid, UnknownKey or Unavailable.
	Verify(ctx context.Context, token string) (Caller, time.Time, error)
}

// Sessions knows the people who signed in.
type Sessions interface {
	// Session is the caller of the session that a request names; given is false if it names none. The error is an *Error.
	Session(ctx context.Context, r *http.Request) (who Caller, given bool, err error)
	// SignIn is the path at which people sign in.
	SignIn() string
}

// Options say who may call. With none of Keys, Issuer, PassThrough and Sessions everybody may call, and do everything.
type Options struct {
	// Keys are the API keys.
	Keys []Key
	// Issuer reads tokens; nil: there is none.
	Issuer Issuer
	// PassThrough takes a credential that is neither a key nor a token of the issuer for a Zoom user's own token. Probe,
	// which it needs, asks Zoom about it.
	PassThrough bool
	Probe       Probe
	// Sessions are those of people who signed in; nil: nobody can sign in.
	Sessions Sessions
	// Account is the account of all callers, where everybody may call.
	Account string
	// Proxies are those whose X-Forwarded-For counts.
	Proxies peer.Proxies
	// Logger gets why callers are refused; nil discards it.
	Logger *slog.Logger
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Authenticator finds out who calls. It is safe for concurrent use.
type Authenticator struct {
	keys     []Key
	issuer   Issuer
	own      *ownTokens // nil: Zoom's tokens are not passed through
	sessions Sessions
	anyone   *Caller // nil where callers are configured
	proxies  peer.Proxies
	log      *slog.Logger
	now      func() time.Time

	verified *otter.Cache[Digest, Caller] // those of the issuer's tokens
	failed   *failureLimit                // failures of all credentials
	refused  *failureLimit                // tokens that Zoom refused after it had accepted them
	told     bucket                       // refusals that the log was told of
}

// New makes an Authenticator. Two callers cannot have one name or one key.
func New(o Options) (*Authenticator, error) {
	a := &Authenticator{issuer: o.Issuer, sessions: o.Sessions, proxies: o.Proxies, log: o.Logger, now: o.Now}
	if a.log == nil {
		a.log = slog.New(slog.DiscardHandler)
	}
	if a.now == nil {
		a.now = time.Now
	}
	if err := a.addKeys(o.Keys); err != nil {
		return nil, err
	}
	if len(o.Keys) == 0 && o.Issuer == nil && !o.PassThrough && o.Sessions == nil {
		anyone := Anyone(o.Account)
		a.anyone = &anyone
	}
	if err := a.remember(); err != nil {
		return nil, err
	}
	if !o.PassThrough {
		return a, nil
	}
	if o.Probe == nil {
		return nil, errors.New("callers: PassThrough needs Options.Probe")
	}
	var err error
	a.own, err = newOwnTokens(o.Probe, a.now)
	return a, err
}

func (a *Authenticator) addKeys(keys []Key) error {
	named, keyed := map[string]bool{}, map[Digest]string{}
	for _, k := range keys {
		if other, taken := keyed[k.Digest]; taken {
			return fmt.Errorf("the callers %s and %s have the same key", other, k.Caller.Name)
		}
		if named[k.Caller.Name] || k.Caller.Name == "" {
			return fmt.Errorf("%q is the name of two callers, or of none", k.Caller.Name)
		}
		named[k.Caller.Name], keyed[k.Digest] = true, k.Caller.Name
		k.Caller.Method = ByKey
		a.keys = append(a.keys, k)
	}
	return nil
}

// remember makes what is kept from one request to the next; all of it is bounded.
func (a *Authenticator) remember() (err error) {
	if a.failed, err = newFailureLimit(a.now); err != nil {
		return err
	}
	if a.refused, err = newFailureLimit(a.now); err != nil {
		return err
	}
	a.verified, err = otter.New(&otter.Options[Digest, Caller]{
		MaximumSize: maxKept, ExpiryCalculator: otter.ExpiryWriting[Digest, Caller](keptFor),
	})
	return err
}

// Authenticate finds the caller by an Authorization, from a header or from the payload of connection_init. From is the
// client's address, as package peer tells it. The error is an *Error.
//
// A credential is judged before anything is limited, so a good one never waits, whatever else comes from its address.
// Only failures are limited: by address, and by credential. There is one exception, a Zoom token that is seen for the
// first time: only Zoom can judge it, so it has to come again if Zoom has refused too many tokens from its address.
func (a *Authenticator) Authenticate(ctx context.Context, authorization string, from netip.Addr) (Caller, error) {
	if a.anyone != nil {
		return *a.anyone, nil
	}
	credential, err := bearer(authorization)
	if err != nil {
		return Caller{}, a.fail(ctx, err, DigestOf(authorization), from)
	}
	digest := DigestOf(credential)
	caller, err := a.recognize(ctx, credential, digest, from)
	if err != nil {
		return Caller{}, a.fail(ctx, err, digest, from)
	}
	return caller, nil
}

// fail counts a failure, and returns the error to answer with.
func (a *Authenticator) fail(ctx context.Context, err error, digest Digest, from netip.Addr) error {
	if e := (*Error)(nil); !errors.As(err, &e) || !e.failure {
		return err
	}
	if e := a.failed.check(digest, from); e.wait > 0 {
		return a.throttle(ctx, e, from)
	}
	a.failed.spend(digest, from)
	a.tell(ctx, err, from)
	return err
}

// throttle returns the error for an address or a credential that failed too often.
func (a *Authenticator) throttle(ctx context.Context, e exhausted, from netip.Addr) error {
	if e.tell {
		a.log.WarnContext(ctx, "wrong credentials are answered by 429 for now; those that are good still pass", "from", from.String(), "by", e.what)
	}
	return tooMany(e)
}

// tell logs why a caller is refused, unless the log was told too often.
func (a *Authenticator) tell(ctx context.Context, why error, from netip.Addr) {
	now := a.now()
	if a.told.wait(now, refusals()) > 0 {
		return
	}
	a.told.spend(now, refusals())
	args := []any{"from", from.String(), "why", why}
	if e := (*Error)(nil); errors.As(why, &e) && e.Detail != "" {
		args = append(args, "detail", e.Detail)
	}
	a.log.InfoContext(ctx, "a caller is refused", args...)
}

func (a *Authenticator) recognize(ctx context.Context, credential string, digest Digest, from netip.Addr) (Caller, error) {
	if key := a.keyOf(digest); key != nil {
		return key.Caller, nil
	}
	if known, ok := a.verified.GetIfPresent(digest); ok && a.now().Before(known.Until) {
		return known, nil
	}
	var other error // says what it is, if it is no token of the issuer
	if a.issuer != nil {
		if other = a.issuer.Issued(credential); other == nil {
			return a.verify(ctx, credential, digest)
		}
	}
	switch {
	case strings.HasPrefix(credential, KeyPrefix): // it is never passed on
		return Caller{}, invalid("this key is not known here")
	case a.own != nil:
		return a.passThrough(ctx, credential, digest, from)
	case other != nil:
		return Caller{}, other
	}
	return Caller{}, invalid("this key is not known here")
}

// keyOf finds a key. It looks at all of them, whatever it finds.
func (a *Authenticator) keyOf(digest Digest) (found *Key) {
	for i := range a.keys {
		if subtle.ConstantTimeCompare(a.keys[i].Digest[:], digest[:]) == 1 {
			found = &a.keys[i]
		}
	}
	return found
}

// verify asks the issuer. A token that it refuses is never passed on to Zoom.
func (a *Authenticator) verify(ctx context.Context, token string, digest Digest) (Caller, error) {
	caller, until, err := a.issuer.Verify(ctx, token)
	if err != nil {
		return Caller{}, err
	}
	caller.Method, caller.Until, caller.now = ByToken, until, a.now
	a.verified.Set(digest, caller)
	return caller, nil
}

// passThrough is a caller who brings a Zoom token. Zoom decides what they may do.
func (a *Authenticator) passThrough(ctx context.Context, token string, digest Digest, from netip.Addr) (Caller, error) {
	if e := a.refused.checkCredential(digest); e.wait > 0 {
		return Caller{}, a.throttle(ctx, e, from)
	}
	info, err := a.own.judge(ctx, token, digest, from)
	if err != nil {
		return Caller{}, err
	}
	return Caller{
		Name:        "zoom:" + digest.String()[:2*nameBytes],
		Method:      ByZoomToken,
		Class:       "zoom:" + digest.String()[:2*classBytes],
		ZoomAccount: info.Account,
		ZoomUser:    info.User,
		Permissions: All,
		Token:       token,
		refused: func() {
			if a.own.forget(digest) {
				a.refused.spendCredential(digest)
				a.tell(context.WithoutCancel(ctx), errRefused, from)
			}
		},
	}, nil
}

var errRefused = errors.New("the access token that the caller brought is not accepted by Zoom any more")
