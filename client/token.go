package client

import (
	"context"
	"crypto/rand"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

const (
	mintTimeout  = 15 * time.Second
	mintPause    = 30 * time.Second // between tries to renew a token that still works
	firstRest    = time.Second      // after a mint that failed; twice as long after each further one
	longestRest  = 4 * time.Second
	usualLife    = time.Hour      // of a token whose answer does not tell
	longestLife  = 24 * time.Hour // believed of an answer
	refreshTenth = 9              // tenths of its life after which a token is renewed
)

// Token is an access token and what came with it.
type Token struct {
	Value   string
	Expiry  time.Time // zero where it is not known
	RenewAt time.Time // when it is to be replaced; zero where Expiry is
	APIURL  string    // the regional base Zoom named, if it did
	Scopes  []string
	Mint    string // names the mint it came from, if that is known
}

// same tells whether two tokens are one; a token minted anew is another one even
// where Zoom gave out the same value. Processes that share a token do not know
// its expiry to the same nanosecond, but from which mint it is.
func (t Token) same(other Token) bool {
	if t.Mint != "" || other.Mint != "" {
		return t.Mint == other.Mint
	}
	return t.Value == other.Value && t.Expiry.Equal(other.Expiry)
}

// TokenSource gives the token for each call; it is used by many goroutines at
// once. A source of a user's own token also has a method ActsAsUser() bool that
// returns true.
type TokenSource interface {
	// Token returns a token that should be good for a call made now.
	Token(ctx context.Context) (Token, error)
	// Drop says that Zoom refused this very token: it is not given out again if
	// another one can be had. A token replaced in the meantime is left alone.
	Drop(tok Token)
}

// TokenVault keeps one account's token for all processes that act for it, so that
// they mint one together. It helps and is not needed: where it cannot be asked,
// it has no token and keeps none.
type TokenVault interface {
	// Find brings the token that is kept, unless it is the mint old (the Mint of
	// a Token that is to be replaced; empty: none is). While another process
	// mints it waits for that, but not for long. If it is false the caller is to
	// mint, and then to Keep the token, or to Release the others if it got none.
	Find(ctx context.Context, old string) (Token, bool)
	// Keep puts tok, until its Expiry, in the place of the one that was kept.
	Keep(ctx context.Context, tok Token)
	// Release lets another process mint.
	Release(ctx context.Context)
	// Drop removes the token of that mint, which Zoom has refused, and no other.
	Drop(ctx context.Context, mint string)
}

// noVault is the vault of a process on its own.
type noVault struct{}

func (noVault) Find(context.Context, string) (Token, bool) { return Token{}, false }
func (noVault) Keep(context.Context, Token)                {}
func (noVault) Release(context.Context)                    {}
func (noVault) Drop(context.Context, string)               {}

func actsAsUser(s TokenSource) bool {
	u, ok := s.(interface{ ActsAsUser() bool })
	return ok && u.ActsAsUser()
}

// StaticToken is a user's own token, got elsewhere. It cannot be renewed: once
// Zoom refuses it, calls fail with UPSTREAM_AUTH_FAILED.
func StaticToken(value string) TokenSource { return staticToken(value) }

type staticToken string

// Token is always the same.
func (t staticToken) Token(context.Context) (Token, error) { return Token{Value: string(t)}, nil }

// Drop changes nothing: there is no other token.
func (t staticToken) Drop(Token) {}

// ActsAsUser is true.
func (t staticToken) ActsAsUser() bool { return true }

// token asks the source, and refuses what cannot stand in a header.
func (c *Client) token(ctx context.Context, op *Op) (Token, *Error) {
	tok, err := c.source(op).Token(ctx)
	if err != nil {
		return Token{}, tokenError(ctx, op, err)
	}
	if s := c.stencils.Load(); s != nil && s.token == tok.Value {
		return tok, nil // it was looked at
	}
	if tok.Value == "" || strings.ContainsFunc(tok.Value, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return Token{}, &Error{Code: CodeUnauthenticated, Op: op, Message: "there is no usable access token"}
	}
	return tok, nil
}

func tokenError(ctx context.Context, op *Op, err error) *Error {
	var known *Error
	switch {
	case errors.As(err, &known):
		own := *known // one error may be the answer to many waiters
		own.Op = op
		return &own
	case ctx.Err() != nil:
		return interrupted(ctx, op, err)
	}
	return &Error{Code: CodeUpstreamAuthFailed, Op: op, Message: "no access token could be had", Err: err}
}

// AccountCredentials mints tokens for a server-to-server app, with the fields
// OAuthURL, AccountID, ClientID, ClientSecret, Vault, Transport, Health, Logger,
// Observer and Now of cfg.
//
// One token is minted at a time for all who wait, with a Vault for those in all
// processes: a waiter that leaves takes nothing from the others. A token is
// renewed after 90 % of its life; if that fails it serves out the rest. After a
// mint that failed, with no token left, its error is everybody's answer for one to
// four seconds, longer with each failure.
//
// A token that Zoom refused is replaced at once, unless other calls show that it
// works. After a mint that mended nothing the next one for a refusal comes a second
// later, then two, four, and 30 at most; a refused call that goes well ends that.
func AccountCredentials(cfg Config) TokenSource {
	return newMinted(cfg, grantKind{
		params: url.Values{"grant_type": {"account_credentials"}, "account_id": {cfg.AccountID}},
		whose:  "the credentials", hints: accountHints,
	})
}

// AppCredentials mints tokens of an app itself, which are no account's and no user's: by the grant client_credentials, with
// the same fields of cfg but AccountID, and all that holds for [AccountCredentials].
func AppCredentials(cfg Config) TokenSource {
	return newMinted(cfg, grantKind{whose: "the chatbot's credentials", hints: appHints})
}

// grantKind is a kind of tokens: the account's, or those of the chatbot's app.
type grantKind struct {
	params url.Values        // of the grant; nil: those of client_credentials
	whose  string            // the credentials, for messages
	hints  func() grantHints // what to do about refusals
}

func newMinted(cfg Config, kind grantKind) *mintedTokens {
	cfg = cfg.withDefaults()
	return &mintedTokens{
		kind: kind,
		grant: clientcredentials.Config{
			ClientID:       cfg.ClientID,
			ClientSecret:   cfg.ClientSecret,
			TokenURL:       strings.TrimRight(cfg.OAuthURL, "/") + "/token",
			EndpointParams: kind.params,
			AuthStyle:      oauth2.AuthStyleInHeader,
		},
		transport: cfg.Transport,
		vault:     cfg.Vault,
		observer:  cfg.Observer,
		health:    cfg.Health,
		log:       cfg.Logger,
		now:       cfg.Now,
	}
}

// mintedTokens are minted with the credentials of an account's app, or of the app itself.
type mintedTokens struct {
	kind      grantKind
	grant     clientcredentials.Config
	transport http.RoundTripper
	vault     TokenVault

	observer Observer // nil: none
	log      *slog.Logger
	now      func() time.Time
	told     atomic.Value // the trouble that the log was last told of; "" since there was a token
	health   *Health      // nil: not kept

	mu      sync.Mutex
	tok     Token       // empty: none, or dropped
	refused string      // the mint of the token dropped last
	renewAt time.Time   // when tok is to be replaced
	minting *sharedMint // the mint under way, if there is one

	// Until restEnds nobody mints: failed is the answer, of the last mint.
	failed   *Error
	rest     time.Duration
	restEnds time.Time

	refusals tokenRefusals
}

// sharedMint is one mint and everybody who waits for it; its result may be read
// once done is closed.
type sharedMint struct {
	old     string // the mint to be replaced, if there is one
	refused string // the mint of the token dropped last
	done    chan struct{}
	tok     Token
	err     error
}

// Token waits for a mint where none is good, as long as ctx lets it.
func (s *mintedTokens) Token(ctx context.Context) (Token, error) {
	s.mu.Lock()
	if s.tok.Value != "" && s.now().Before(s.renewAt) {
		defer s.mu.Unlock()
		return s.tok, nil
	}
	if s.now().Before(s.restEnds) {
		defer s.mu.Unlock()
		return Token{}, s.failed
	}
	m := s.minting
	if m == nil {
		m = &sharedMint{done: make(chan struct{}), old: s.tok.Mint, refused: s.refused}
		s.minting = m
		go s.mintFor(context.WithoutCancel(ctx), m)
	}
	s.mu.Unlock()

	select {
	case <-m.done:
		return m.tok, m.err
	case <-ctx.Done():
		return Token{}, ctx.Err()
	}
}

// Drop forgets tok if it is still the current one.
func (s *mintedTokens) Drop(tok Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drop(tok)
}

func (s *mintedTokens) drop(tok Token) {
	if s.tok.same(tok) {
		s.tok, s.refused = Token{}, tok.Mint
	}
}

// mintFor mints and lands: what it brings is there for the next ones before those
// who waited are let go.
func (s *mintedTokens) mintFor(ctx context.Context, m *sharedMint) {
	tok, fail := s.obtain(ctx, m)

	s.mu.Lock()
	defer s.mu.Unlock()
	switch now := s.now(); {
	case fail == nil:
		m.tok, s.rest = tok, 0
		s.tok, s.renewAt = tok, tok.RenewAt
		s.refusals.renewed(m.old == "" && m.refused != "" && tok.isNew(now), now)
		s.health.minted(nil)
	case s.tok.Value != "" && now.Before(s.tok.Expiry):
		m.tok, s.renewAt = s.tok, now.Add(mintPause)
	default:
		s.rest = min(max(firstRest, 2*s.rest), longestRest)
		s.restEnds = now.Add(s.rest)
		fail.RetryAfter = s.restEnds
		m.err, s.failed = fail, fail
		s.health.minted(fail)
	}
	s.minting = nil
	close(m.done)
}

// obtain finds the token that another process has minted, or mints one for all.
func (s *mintedTokens) obtain(ctx context.Context, m *sharedMint) (Token, *Error) {
	old := m.old
	if old == "" && m.refused != "" {
		old = m.refused
		s.vault.Drop(ctx, old)
	}
	if tok, ok := s.vault.Find(ctx, old); ok {
		return tok, nil
	}
	start := s.now()
	tok, fail := s.mint(ctx)
	s.observe(ctx, start, fail)
	if fail != nil {
		s.vault.Release(ctx)
		return Token{}, fail
	}
	s.vault.Keep(ctx, tok)
	return tok, nil
}

// mint asks Zoom for a token. Its life counts from when it was asked for.
func (s *mintedTokens) mint(ctx context.Context) (Token, *Error) {
	ctx, cancel := context.WithTimeout(ctx, mintTimeout)
	defer cancel()
	start := s.now()
	seen := &glimpse{next: s.transport}
	got, err := s.grant.Token(context.WithValue(ctx, oauth2.HTTPClient, seen.client()))
	if err != nil {
		return Token{}, s.refusal(ctx, seen, err)
	}
	s.recovered(ctx)
	apiURL, _ := got.Extra("api_url").(string)
	scope, _ := got.Extra("scope").(string)
	life := lifetime(got.Extra("expires_in"))
	return Token{
		Value:   got.AccessToken,
		Expiry:  start.Add(life),
		RenewAt: start.Add(life / 10 * refreshTenth),
		APIURL:  apiURL,
		Scopes:  strings.Fields(scope),
		Mint:    rand.Text(),
	}, nil
}

// lifetime reads expires_in: seconds, as a number or a string. What cannot be a
// life is taken for the usual hour; a token that ends sooner is refused by Zoom
// and replaced then.
func lifetime(expiresIn any) time.Duration {
	seconds := 0.0
	switch v := expiresIn.(type) {
	case float64:
		seconds = v
	case int64:
		seconds = float64(v)
	case string:
		seconds, _ = strconv.ParseFloat(v, 64)
	}
	if !(seconds >= 1) {
		return usualLife
	}
	return time.Duration(min(seconds, longestLife.Seconds()) * float64(time.Second))
}
