// Package issuer reads the tokens of an OpenID Connect issuer. The issuer is looked for in the background, and again
// each hour: where it is down at the start nobody gets in by its tokens yet, and everybody else does.
//
//	tokens := issuer.Open(ctx, issuer.Options{URL: "https://id.example.com", Audience: "zoomgraph", Accounts: accounts})
//	who, err := callers.New(callers.Options{Issuer: tokens})
//
// Tokens are JSON Web Tokens: access tokens (RFC 9068, and those of issuers that are older than it). ID tokens are refused
// where they can be told: they tell an application who signed in, and are not for a service.
package issuer

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync/atomic"
	"time"

	"github.com/coreos/go-oidc/v3/oidc"

	"zoomgraph/internal/callers"
	"zoomgraph/internal/callers/claim"
)

const (
	leeway      = 30 * time.Second // between our clock and the issuer's
	renewal     = time.Hour        // until the issuer is looked for again, and keys that it took back are forgotten
	firstRetry  = time.Second      // after a search that failed; twice as long after each further one
	longRetry   = 30 * time.Second
	askTimeout  = 5 * time.Second
	maxLogError = 300
)

// Options are what Open needs; URL, Audience and Accounts are required.
type Options struct {
	// URL is the issuer, as its tokens spell it in iss.
	URL string
	// Audience is what a token's aud must hold.
	Audience string
	// AudienceClaim names the claim that must hold Audience in tokens that have no aud; without it those are refused.
	AudienceClaim claim.Path
	// Accounts are the keys of the accounts.
	Accounts []string
	// AccountClaim names the claim that holds the key of the caller's account; none where there is one account.
	AccountClaim claim.Path
	// AllowClaim names the claim that grants permissions, by a list or by a text with spaces between names. A token without
	// it has none. Where it is not set, all tokens have Allow.
	AllowClaim claim.Path
	// AllowValues are the permissions by what AllowClaim holds; nil: it holds the names of permissions.
	AllowValues map[string]callers.Permissions
	// Allow are the permissions of all tokens, where there is no AllowClaim.
	Allow callers.Permissions
	// Transport asks the issuer; nil is net/http's.
	Transport http.RoundTripper
	// Logger gets what is wrong with the issuer, its keys, and what tokens claim; nil discards it.
	Logger *slog.Logger
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Issuer is a callers.Issuer.
type Issuer struct {
	options Options
	keys    *keyring
	failure atomic.Pointer[error] // why the last search failed; nil where it did not
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
	i := &Issuer{options: o}
	i.keys = newKeyring(i)
	go i.search(ctx)
	return i
}

// Ready says why no token can be checked, or nil.
func (i *Issuer) Ready() error {
	switch known := i.keys.known(); {
	case known == nil && i.failure.Load() != nil:
		return fmt.Errorf("the issuer of tokens was not reached yet: %w", *i.failure.Load())
	case known == nil:
		return errors.New("the issuer of tokens was not reached yet")
	case len(known.keys) == 0:
		return fmt.Errorf("none of its keys can be used, so no token can be checked (%s)", i.Keys())
	}
	return nil
}

// Keys says how many keys of the issuer are used, and how many are skipped because they cannot be.
func (i *Issuer) Keys() string {
	known := i.keys.known()
	if known == nil {
		return "no keys yet"
	}
	return fmt.Sprintf("%d keys usable, %d skipped", len(known.keys), known.unused)
}

// search finds the issuer, and from time to time again. What was found before stays good until then.
func (i *Issuer) search(ctx context.Context) {
	pause := firstRetry
	for ctx.Err() == nil {
		next := renewal
		err := i.find(ctx)
		if err != nil {
			if ctx.Err() == nil {
				i.options.Logger.WarnContext(ctx, "the issuer of tokens cannot be found", "issuer", i.options.URL, "error", shortened(err), "again", pause)
			}
			short := errors.New(shortened(err))
			i.failure.Store(&short)
			next, pause = pause, min(2*pause, longRetry)
		} else {
			i.failure.Store(nil)
			pause = firstRetry
		}
		select {
		case <-ctx.Done():
		case <-time.After(next):
		}
	}
}

// find asks the issuer where its keys are, and reads them.
func (i *Issuer) find(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	client := clientOf(bounded{i.options.Transport, maxAnswer})
	provider, err := oidc.NewProvider(oidc.ClientContext(ctx, client), i.options.URL)
	if err != nil {
		return err
	}
	var at struct {
		Keys string `json:"jwks_uri"`
	}
	if err := provider.Claims(&at); err != nil {
		return err
	}
	switch {
	case at.Keys == "":
		return errors.New("its configuration does not say where its keys are (jwks_uri)")
	case strings.HasPrefix(i.options.URL, "https:") && !strings.HasPrefix(at.Keys, "https:"):
		return fmt.Errorf("its keys would come without TLS, and could be anybody's (jwks_uri is %s)", shown(at.Keys))
	}
	return i.keys.load(ctx, at.Keys)
}

func shortened(err error) string {
	text := err.Error()
	return text[:min(len(text), maxLogError)]
}
