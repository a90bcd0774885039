package client

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/oauth2"
	"golang.org/x/oauth2/clientcredentials"
)

const (
	mintTimeout  = 15 * time.Second
	mintPause    = 30 * time.Second // between tries to renew a token that still works
	usualLife    = time.Hour        // of a token whose answer does not tell
	longestLife  = 24 * time.Hour   // believed of an answer
	refreshTenth = 9                // tenths of its life after which a token is renewed
)

// Token is an access token and what came with it.
type Token struct {
	Value  string
	Expiry time.Time // zero where it is not known
	APIURL string    // the regional base Zoom named, if it did
	Scopes []string
}

// same tells whether two tokens are one; a token minted anew has a later expiry
// even where Zoom gave out the same value.
func (t Token) same(other Token) bool {
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
	tok, err := c.tokens.Token(ctx)
	if err != nil {
		return Token{}, tokenError(ctx, op, err)
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
// OAuthURL, AccountID, ClientID, ClientSecret, Transport, Logger and Now of cfg.
//
// One token is minted at a time for all who wait: a waiter that leaves takes
// nothing from the others. A token is renewed after 90 % of its life; if that
// fails it serves out the rest.
func AccountCredentials(cfg Config) TokenSource {
	cfg = cfg.withDefaults()
	return &accountTokens{
		grant: clientcredentials.Config{
			ClientID:     cfg.ClientID,
			ClientSecret: cfg.ClientSecret,
			TokenURL:     strings.TrimRight(cfg.OAuthURL, "/") + "/token",
			EndpointParams: url.Values{
				"grant_type": {"account_credentials"},
				"account_id": {cfg.AccountID},
			},
			AuthStyle: oauth2.AuthStyleInHeader,
		},
		http: &http.Client{
			Transport:     cfg.Transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		log: cfg.Logger,
		now: cfg.Now,
	}
}

type accountTokens struct {
	grant clientcredentials.Config
	http  *http.Client
	log   *slog.Logger
	now   func() time.Time

	mu      sync.Mutex
	tok     Token     // empty: none, or dropped
	renewAt time.Time // when tok is to be replaced
	flight  *flight   // the mint under way, if there is one
}

// flight is one mint and everybody who waits for it; its result may be read
// once done is closed.
type flight struct {
	done chan struct{}
	tok  Token
	err  error
}

// Token waits for a mint where none is good, as long as ctx lets it.
func (s *accountTokens) Token(ctx context.Context) (Token, error) {
	s.mu.Lock()
	if s.tok.Value != "" && s.now().Before(s.renewAt) {
		defer s.mu.Unlock()
		return s.tok, nil
	}
	f := s.flight
	if f == nil {
		f = &flight{done: make(chan struct{})}
		s.flight = f
		go s.fly(context.WithoutCancel(ctx), f)
	}
	s.mu.Unlock()

	select {
	case <-f.done:
		return f.tok, f.err
	case <-ctx.Done():
		return Token{}, ctx.Err()
	}
}

// Drop forgets tok if it is still the current one.
func (s *accountTokens) Drop(tok Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.tok.same(tok) {
		s.tok = Token{}
	}
}

// fly mints and lands: what it brings is there for the next ones before those
// who waited are let go.
func (s *accountTokens) fly(ctx context.Context, f *flight) {
	ctx, cancel := context.WithTimeout(ctx, mintTimeout)
	defer cancel()
	start := s.now()
	f.tok, f.err = s.mint(ctx, start)

	s.mu.Lock()
	defer s.mu.Unlock()
	switch now := s.now(); {
	case f.err == nil:
		s.tok, s.renewAt = f.tok, start.Add(f.tok.Expiry.Sub(start)/10*refreshTenth)
	case s.tok.Value != "" && now.Before(s.tok.Expiry):
		f.tok, f.err = s.tok, nil
		s.renewAt = now.Add(mintPause)
	}
	s.flight = nil
	close(f.done)
}

// mint asks Zoom for a token whose life counts from start.
func (s *accountTokens) mint(ctx context.Context, start time.Time) (Token, error) {
	got, err := s.grant.Token(context.WithValue(ctx, oauth2.HTTPClient, s.http))
	if err != nil {
		return Token{}, s.refusal(ctx, err)
	}
	apiURL, _ := got.Extra("api_url").(string)
	scope, _ := got.Extra("scope").(string)
	return Token{
		Value:  got.AccessToken,
		Expiry: start.Add(lifetime(got.Extra("expires_in"))),
		APIURL: apiURL,
		Scopes: strings.Fields(scope),
	}, nil
}

// refusal is the error of a mint that failed. What the token endpoint wrote goes
// to the log only.
func (s *accountTokens) refusal(ctx context.Context, err error) *Error {
	fail := &Error{
		Code:    CodeUpstreamAuthFailed,
		Message: "Zoom gave no access token",
		Hint:    "check the account id, the client id and the client secret, and that the app is activated",
	}
	var answer *oauth2.RetrieveError
	if !errors.As(err, &answer) {
		fail.Err = err
		return fail
	}
	var told struct{ Reason, Error string }
	// An answer in another shape has no reason to log.
	_ = json.Unmarshal(answer.Body, &told)
	if answer.Response != nil {
		fail.Status = answer.Response.StatusCode
	}
	s.log.LogAttrs(ctx, slog.LevelWarn, "zoom refused to give a token",
		slog.Int("status", fail.Status), slog.String("error", scrub(told.Error, s.grant.ClientSecret)),
		slog.String("reason", scrub(told.Reason, s.grant.ClientSecret)))
	return fail
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
