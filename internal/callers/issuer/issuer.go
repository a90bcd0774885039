// Package issuer reads the tokens of an OpenID Connect issuer. The issuer is looked for in the background, and again
// each hour: where it is down at the start nobody gets in by its tokens yet, and everybody else does.
//
//	tokens := issuer.Open(ctx, issuer.Options{URL: "https://id.example.com", Audience: "zoomgraph", Accounts: accounts})
//	who, err := callers.New(callers.Options{Issuer: tokens})
package issuer

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"zoomgraph/internal/callers"
)

const (
	leeway      = 30 * time.Second // between our clock and the issuer's
	renewal     = time.Hour        // until the issuer is looked for again, and keys that it took back are forgotten
	firstRetry  = time.Second      // after a search that failed; twice as long after each further one
	longRetry   = 30 * time.Second
	askTimeout  = 5 * time.Second
	maxSubject  = 64 // bytes of a token's subject, in a caller's name
	maxLogError = 300
)

// Options are what Open needs; URL, Audience and Accounts are required.
type Options struct {
	// URL is the issuer, as its tokens spell it in iss.
	URL string
	// Audience is what a token's aud must hold.
	Audience string
	// Accounts are the keys of the accounts.
	Accounts []string
	// AccountClaim names the claim that holds the key of the caller's account; "" where there is one account.
	AccountClaim string
	// AllowClaim names the claim that holds the names of permissions, as a list or with spaces between them. What is no
	// permission in it is somebody else's.
	AllowClaim string
	// Allow are the permissions by a token without that claim.
	Allow callers.Permissions
	// Transport asks the issuer; nil is net/http's.
	Transport http.RoundTripper
	// Logger gets why the issuer cannot be asked; nil discards it.
	Logger *slog.Logger
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Issuer is a callers.Issuer.
type Issuer struct {
	options  Options
	keys     *keyTransport
	verifier atomic.Pointer[oidc.IDTokenVerifier] // nil until the issuer was found
}

// Open looks for the issuer in the background until ctx ends.
func Open(ctx context.Context, o Options) *Issuer {
	if o.Transport == nil {
		o.Transport = http.DefaultTransport
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	i := &Issuer{options: o, keys: &keyTransport{next: bounded{o.Transport}, now: o.Now}}
	go i.search(ctx)
	return i
}

// errNotFound is Ready's.
var errNotFound = errors.New("the issuer of tokens was not reached yet")

// Ready says why tokens cannot be read yet, or nil.
func (i *Issuer) Ready() error {
	if i.verifier.Load() == nil {
		return errNotFound
	}
	return nil
}

// search finds the issuer, and from time to time again. What was found before stays good until then.
func (i *Issuer) search(ctx context.Context) {
	pause := firstRetry
	for ctx.Err() == nil {
		next := renewal
		if err := i.find(ctx); err != nil {
			if ctx.Err() == nil {
				i.options.Logger.WarnContext(ctx, "the issuer of tokens cannot be found", "issuer", i.options.URL, "error", shortened(err), "again", pause)
			}
			next, pause = pause, min(2*pause, longRetry)
		} else {
			pause = firstRetry
		}
		select {
		case <-ctx.Done():
		case <-time.After(next):
		}
	}
}

// find asks the issuer where its keys are.
func (i *Issuer) find(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, clientOf(i.keys.next)), i.options.URL)
	if err != nil {
		return err
	}
	var at struct {
		Keys string `json:"jwks_uri"`
	}
	if err := provider.Claims(&at); err != nil {
		return err
	}
	if at.Keys == "" {
		return errors.New("its configuration does not say where its keys are")
	}
	keys := oidc.NewRemoteKeySet(oidc.ClientContext(context.WithoutCancel(ctx), clientOf(i.keys)), at.Keys)
	i.verifier.Store(oidc.NewVerifier(i.options.URL, keys, &oidc.Config{
		SupportedSigningAlgs: algorithms(),
		SkipClientIDCheck:    true, // audience and times are checked here, with leeway and with words for each
		SkipExpiryCheck:      true,
	}))
	return nil
}

// algorithms are those that a public key verifies. What is signed by a shared secret, or not at all, is no token.
func algorithms() []string {
	return []string{
		oidc.RS256, oidc.RS384, oidc.RS512, oidc.PS256, oidc.PS384, oidc.PS512, oidc.ES256, oidc.ES384, oidc.ES512, oidc.EdDSA,
	}
}

func shortened(err error) string {
	text := err.Error()
	return text[:min(len(text), maxLogError)]
}

// Issued implements callers.Issuer. It believes what the token says, unverified.
func (i *Issuer) Issued(token string) bool {
	var claims struct {
		Issuer string `json:"iss"`
	}
	parts := strings.Split(token, ".")
	return len(parts) == 3 && decode(parts[1], &claims) && claims.Issuer == i.options.URL
}

// decode reads a part of a token.
func decode(part string, into any) bool {
	text, err := base64.RawURLEncoding.DecodeString(part)
	return err == nil && json.Unmarshal(text, into) == nil
}

// Verify implements callers.Issuer.
func (i *Issuer) Verify(ctx context.Context, token string) (callers.Caller, time.Time, error) {
	fail := func(err error) (callers.Caller, time.Time, error) { return callers.Caller{}, time.Time{}, err }
	verifier := i.verifier.Load()
	if verifier == nil {
		return fail(callers.Unavailable())
	}
	if err := checkHeader(token); err != nil {
		return fail(err)
	}
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	verified, err := verifier.Verify(ctx, token)
	if err != nil {
		if ctx.Err() != nil || i.keys.failing() {
			return fail(callers.Unavailable())
		}
		return fail(callers.Invalid("it is not signed by a key of its issuer"))
	}
	claims := map[string]json.RawMessage{}
	if err := verified.Claims(&claims); err != nil {
		return fail(callers.Invalid("its claims cannot be read"))
	}
	if err := i.checkClaims(verified, claims); err != nil {
		return fail(err)
	}
	account, err := i.accountIn(claims)
	if err != nil {
		return fail(err)
	}
	return callers.Caller{
		Name: "jwt:" + nameOf(verified.Subject), Account: account, Permissions: i.permissionsIn(claims),
	}, verified.Expiry, nil
}

// checkHeader refuses what the issuer signs for other purposes, such as to end a session.
func checkHeader(token string) error {
	var header struct {
		Type string `json:"typ"`
	}
	first, _, _ := strings.Cut(token, ".")
	if !decode(first, &header) {
		return callers.Invalid("its header cannot be read")
	}
	kind := strings.TrimPrefix(strings.ToLower(header.Type), "application/")
	if !slices.Contains([]string{"", "jwt", "at+jwt"}, kind) {
		return callers.Invalid("its type is not that of a token of access")
	}
	return nil
}

func (i *Issuer) checkClaims(token *oidc.IDToken, claims map[string]json.RawMessage) error {
	now := i.options.Now()
	switch {
	case !slices.Contains(token.Audience, i.options.Audience):
		return callers.Invalid("it is not meant for this service (aud)")
	case token.Subject == "":
		return callers.Invalid("it does not say whose it is (sub)")
	case token.Expiry.Unix() <= 0:
		return callers.Invalid("it does not say when it expires (exp)")
	case now.After(token.Expiry.Add(leeway)):
		return callers.Invalid("it has expired (exp)")
	}
	var from float64
	if given, ok := claims["nbf"]; ok && (json.Unmarshal(given, &from) != nil || float64(now.Add(leeway).Unix()) < from) {
		return callers.Invalid("it is not good yet (nbf)")
	}
	return nil
}

// accountIn is the account that a token names, or the only one.
func (i *Issuer) accountIn(claims map[string]json.RawMessage) (string, error) {
	if i.options.AccountClaim == "" {
		return i.options.Accounts[0], nil
	}
	var account string
	given, ok := claims[i.options.AccountClaim]
	if !ok || json.Unmarshal(given, &account) != nil || !slices.Contains(i.options.Accounts, account) {
		return "", callers.Invalid("it names no account of this service")
	}
	return account, nil
}

// permissionsIn are those that a token names, or those of tokens that name none.
func (i *Issuer) permissionsIn(claims map[string]json.RawMessage) callers.Permissions {
	given, ok := claims[i.options.AllowClaim]
	if !ok {
		return i.options.Allow
	}
	var text string
	list := []string{}
	if json.Unmarshal(given, &text) == nil {
		list = strings.Fields(text)
	} else if json.Unmarshal(given, &list) != nil {
		return 0
	}
	var all callers.Permissions
	for _, name := range list {
		if p, err := callers.ParsePermissions([]string{name}); err == nil {
			all |= p
		}
	}
	return all
}

// nameOf is a subject that can stand in a log.
func nameOf(subject string) string {
	clean := strings.Map(func(r rune) rune {
		if r <= ' ' || r > '~' {
			return '_'
		}
		return r
	}, subject)
	return clean[:min(len(clean), maxSubject)]
}
