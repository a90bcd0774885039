package client

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// ward is an account whose Zoom is under the test's control: a Client, its tokens and their Health.
type ward struct {
	t      *testing.T
	health *Health
	client *Client
	tokens TokenSource

	mu         sync.Mutex
	call, mint step // what comes of the next ones
	calls      int
}

func newWard(t *testing.T) *ward {
	t.Helper()
	w := &ward{t: t, health: NewHealth(nil), call: fine, mint: minting}
	cfg := Config{AccountID: "acct", ClientID: "id", ClientSecret: "s3cret", Health: w.health, Transport: w}
	w.tokens = AccountCredentials(cfg)
	cfg.Tokens = w.tokens
	var err error
	if w.client, err = New(cfg); err != nil {
		t.Fatal(err)
	}
	return w
}

func minting(int, *http.Request) (*http.Response, error) {
	return reply(200, `{"access_token":"T","token_type":"bearer","expires_in":3600}`), nil
}

func (w *ward) RoundTrip(r *http.Request) (*http.Response, error) {
	w.mu.Lock()
	turn := w.call
	if strings.HasSuffix(r.URL.Path, "/token") {
		turn = w.mint
	} else {
		w.calls++
	}
	w.mu.Unlock()
	return turn(0, r)
}

func (w *ward) set(call, mint step) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if call != nil {
		w.call = call
	}
	if mint != nil {
		w.mint = mint
	}
}

// ask makes n writes, which are sent once each, and lets each have a second.
func (w *ward) ask(n int) {
	for range n {
		ctx, cancel := context.WithTimeout(w.t.Context(), 30*time.Second)
		_, _ = w.client.Do(ctx, updateOf("u"))
		cancel()
		time.Sleep(5 * time.Second) // past the rest after a failed mint
	}
}

// want compares the state: "unknown", "up", "down" or "refused".
func (w *ward) want(step, want string) {
	w.t.Helper()
	s := w.health.State()
	got := "up"
	switch {
	case !s.Known:
		got = "unknown"
	case s.Refused && s.Up:
		got = "refused"
	case !s.Up:
		got = "down"
	}
	if got != want || (s.Cause != nil) != (want == "down" || want == "refused") {
		w.t.Errorf("%s: %s, want %s (%+v)", step, got, want, s)
	}
}

func webPage(status int) step {
	return answered(status, "<!DOCTYPE html><title>Blocked</title>", "Content-Type", "text/html")
}

// An account's health follows its calls and mints at once.
func TestHealth(t *testing.T) {
	t.Parallel()
	type moment struct {
		name       string
		call, mint step // nil: as before
		calls      int
		want       string
	}
	revoked := answered(400, `{"reason":"Invalid client_id or client_secret","error":"invalid_client"}`)
	unavailable, expired := answered(503, ``), answered(401, `{"code":124,"message":"m"}`)
	for name, moments := range map[string][]moment{
		"nobody asked": {{"at first", nil, nil, 0, "unknown"}},
		"one fault of many calls": {
			{"at first", nil, nil, 1, "up"},
			{"two faults", unavailable, nil, 2, "up"},
			{"an answer", fine, nil, 1, "up"},
			{"two more", unavailable, nil, 2, "up"},
		},
		"an outage": {
			{"at first", nil, nil, 1, "up"},
			{"the outage", unreachable, nil, 3, "down"},
			{"held back", nil, nil, 20, "down"},
			{"back", fine, nil, 1, "up"},
			{"a refusal is an answer", answered(404, `{"code":1001,"message":"m"}`), nil, 3, "up"},
			{"out again", gone, nil, 3, "down"},
			{"limited is an answer", answered(429, `{"code":429,"message":"m"}`), nil, 1, "up"},
		},
		"a page of a proxy": {
			{"at first", nil, nil, 1, "up"},
			{"pages", webPage(200), nil, 3, "down"},
			{"back", fine, nil, 1, "up"},
		},
		"no token from the start": {
			{"refused", nil, revoked, 1, "refused"},
			{"still", nil, nil, 3, "refused"},
			{"unreachable", nil, unreachable, 1, "down"},
			{"a web page", nil, webPage(200), 1, "down"},
			{"a forbidding page", nil, webPage(403), 1, "down"},
			{"a redirect", nil, answered(302, ``, "Location", "https://elsewhere.test/token"), 1, "down"},
			{"an answer without a token", nil, answered(200, `{}`, "Content-Type", "application/json"), 1, "down"},
			{"a fault", nil, unavailable, 1, "down"},
			{"limited", nil, answered(429, `{"reason":"too many"}`), 1, "down"},
			{"refused again", nil, revoked, 1, "refused"},
			{"taken", nil, minting, 1, "up"},
		},
		"revoked": {
			{"at first", nil, nil, 1, "up"},
			{"revoked", expired, revoked, 1, "refused"},
			{"taken again", fine, minting, 1, "up"},
		},
		"fresh tokens are refused": {
			{"at first", nil, nil, 1, "up"},
			{"deactivated", expired, nil, 1, "refused"},
			{"still", nil, nil, 3, "refused"},
			{"and out", unreachable, nil, 3, "down"},
			{"back", expired, nil, 1, "refused"},
			{"activated", fine, nil, 1, "up"},
		},
		"an expired token": {
			{"at first", nil, nil, 1, "up"},
			{"expired", func() step {
				n := 0
				return func(int, *http.Request) (*http.Response, error) {
					if n++; n == 1 {
						return expired(0, nil)
					}
					return fine(0, nil)
				}
			}(), nil, 1, "up"},
		},
		"calls that hang": {
			{"at first", nil, nil, 1, "up"},
			{"hanging", hangs, nil, 1, "down"},
			{"back", fine, nil, 1, "up"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := newWard(t)
				for _, m := range moments {
					w.set(m.call, m.mint)
					w.ask(m.calls)
					w.want(m.name, m.want)
				}
			})
		})
	}
}

// A token that cannot be renewed and still works is no outage; when it ends it is one.
func TestHealthOfARenewal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		w.ask(1)
		time.Sleep(55 * time.Minute)
		w.set(nil, unreachable)
		w.ask(1)
		w.want("the old token works", "up")
		time.Sleep(5 * time.Minute)
		w.ask(1)
		w.want("it has ended", "down")
	})
}

// Zoom that answers nothing is down while calls still wait, and also where nobody waits as long as ten seconds.
func TestHealthWhileCallsHang(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		w.ask(1)
		w.set(hangs, nil)
		since := time.Now().Add(outageAfter)
		go func() { _, _ = w.client.Do(t.Context(), updateOf("u")) }()
		time.Sleep(outageAfter - time.Millisecond)
		w.want("for a while", "up")
		time.Sleep(time.Millisecond)
		w.want("for ten seconds", "down")
		if at := w.health.State().Since; !at.Equal(since) {
			t.Errorf("since %v, want %v", at, since)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		w.ask(1)
		w.set(hangs, nil)
		for range 3 {
			ctx, cancel := context.WithTimeout(t.Context(), outageAfter/3+time.Millisecond)
			w.want("before the third leaves", "up")
			_, _ = w.client.Do(ctx, updateOf("u"))
			cancel()
			time.Sleep(time.Hour / 3) // nobody waits now
		}
		w.want("three left", "down")
		w.set(fine, nil)
		w.ask(1)
		w.want("an answer", "up")
	})
}

// What a person's token is refused for tells nothing of the account, nor does a call that it opens.
func TestHealthIgnoresPeople(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := newWard(t)
		person, err := New(Config{Tokens: StaticToken("own"), Transport: w, Health: w.health})
		if err != nil {
			t.Fatal(err)
		}
		w.ask(1)
		w.set(answered(401, `{"code":124,"message":"m"}`), nil)
		for range 3 {
			_, _ = person.Do(t.Context(), settingsOf("me"))
		}
		w.want("a person's token", "up")
		w.ask(1)
		w.want("the account's", "refused")
		w.set(fine, nil)
		if _, err := person.Do(t.Context(), settingsOf("me")); err != nil {
			t.Fatal(err)
		}
		w.want("a person's call", "refused")
		w.set(unreachable, nil)
		w.ask(1)
		w.set(fine, nil)
		w.ask(1)
		w.want("the account's call", "up")
	})
}

// Recovery is seen without anybody's call, for one probe a minute; while all is well there is none.
func TestWatch(t *testing.T) {
	t.Parallel()
	for name, trouble := range map[string]struct{ call, mint step }{
		"an outage": {call: unreachable}, "refused credentials": {call: answered(401, `{"code":124,"message":"m"}`), mint: answered(400, `{"error":"invalid_client"}`)},
		"a hanging Zoom": {call: hangs},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w, probes := newWard(t), new(atomic.Int32)
				ctx, stop := context.WithCancel(t.Context())
				ended := make(chan struct{})
				go func() {
					defer close(ended)
					w.health.Watch(ctx, func(ctx context.Context) {
						probes.Add(1)
						ctx, cancel := context.WithTimeout(ctx, 15*time.Second)
						defer cancel()
						_, _ = w.client.Do(ctx, updateOf("u"))
					})
				}()
				w.ask(1)
				time.Sleep(time.Hour)
				if n := probes.Load(); n != 0 {
					t.Errorf("%d probes while all was well", n)
				}
				w.set(trouble.call, trouble.mint)
				w.ask(3)
				if w.health.State().Cause == nil {
					t.Fatal("all is well")
				}
				time.Sleep(10*time.Minute - 16*time.Second)
				if n := probes.Load(); n < 9 || n > 11 {
					t.Errorf("%d probes in ten minutes", n)
				}
				w.set(fine, minting)
				time.Sleep(probeRest + 16*time.Second)
				w.want("a minute after its end", "up")
				stop()
				<-ended
			})
		})
	}
}

// Each answer of the token endpoint that brings no token is told for what it is: to who asks in our words, to the log
// once with what the endpoint wrote, and the secret to nobody.
func TestWhyThereIsNoToken(t *testing.T) {
	t.Parallel()
	const read, refuses = "Zoom's token endpoint gave no answer that can be read", "Zoom refuses the credentials"
	asJSON := []string{"Content-Type", "application/json"}
	for name, tc := range map[string]struct {
		mint          step
		message, hint string
		logged        string
	}{
		"a wrong secret":    {answered(400, `{"reason":"Invalid client_id or client_secret","error":"invalid_client"}`, asJSON...), refuses + ": invalid_client", "client secret", "Invalid client_id or client_secret"},
		"a wrong account":   {answered(400, `{"reason":"Bad Request","error":"invalid_request"}`, asJSON...), refuses + ": invalid_request", "account id", "Bad Request"},
		"another app":       {answered(400, `{"reason":"unsupported grant type","error":"unsupported_grant_type"}`, asJSON...), refuses + ": unsupported_grant_type", "server-to-server", "unsupported grant type"},
		"a name not known":  {answered(401, `{"reason":"s3cretvalue","error":"s3cretvalue"}`, asJSON...), refuses, "client secret", "oauthError=[secret]"},
		"Zoom's own error":  {answered(400, `{"code":4700,"message":"Invalid app"}`, asJSON...), refuses, "client secret", "Invalid app"},
		"a page of a proxy": {webPage(403), read + ": it is text/html", "--zoom-oauth-url", "status=403"},
		"a page that is ok": {webPage(200), read + ": it is text/html", "--zoom-oauth-url", "status=200"},
		"no type":           {answered(404, `s3cretvalue`, "Content-Type", ""), read + ": it has no content type", "--zoom-oauth-url", "status=404"},
		"no token":          {answered(200, `{"s3cretvalue":"s3cretvalue"}`, asJSON...), read + ": it is application/json", "--zoom-oauth-url", "status=200"},
		"a fault":           {answered(503, `{"error":"invalid_client"}`, asJSON...), "Zoom's token endpoint failed", "again", "status=503"},
		"too many":          {answered(429, `{"reason":"slow down"}`, asJSON...), "Zoom's token endpoint failed", "again", "status=429"},
		"nobody listens":    {unreachable, "Zoom's token endpoint cannot be reached", "--zoom-oauth-url", "connection refused"},
		"nobody answers":    {late, "Zoom's token endpoint did not answer in time", "--zoom-oauth-url", "reason="},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var log strings.Builder
				w := &ward{t: t, mint: tc.mint}
				source := AccountCredentials(Config{AccountID: "acct", ClientID: "id", ClientSecret: "s3cretvalue", Transport: w, Logger: slog.New(slog.NewTextHandler(&log, nil))})
				for range 3 {
					_, err := source.Token(t.Context())
					e := asError(t, err)
					if e.Code != CodeUpstreamAuthFailed || e.Message != tc.message || !strings.Contains(e.Hint, tc.hint) || e.RetryAfter.IsZero() {
						t.Errorf("%+v", e)
					}
					if shown := e.Error() + e.Explain() + fmt.Sprint(e.LogValue()); strings.Contains(shown, "s3cretvalue") {
						t.Errorf("the secret is in %s", shown)
					}
					time.Sleep(10 * time.Second)
				}
				if got := log.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, tc.logged) || strings.Contains(got, "s3cretvalue") {
					t.Errorf("the log is\n%s", got)
				}
				w.set(nil, minting)
				if _, err := source.Token(t.Context()); err != nil {
					t.Fatal(err)
				}
				if got := log.String(); strings.Count(got, "\n") != 2 || !strings.Contains(got, "zoom gives access tokens again") {
					t.Errorf("the log is\n%s", got)
				}
			})
		})
	}
}

// An error tells a person what is wrong and what to do, in one line.
func TestExplain(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	for want, e := range map[string]*Error{
		"Zoom could not be reached: dial tcp 127.0.0.1:9: refused":                        {Message: "Zoom could not be reached", Err: errors.New("dial tcp 127.0.0.1:9: refused")},
		"the app lacks a scope (HTTP 400) (user:read, user:write): add them":              {Message: "the app lacks a scope", Status: 400, MissingScopes: []string{"user:read", "user:write"}, Hint: "add them"},
		"Zoom's rate limit is reached (HTTP 429), until 2026-01-02T03:04:05Z: come again": {Message: "Zoom's rate limit is reached", Status: 429, RetryAfter: at, Hint: "come again"},
	} {
		if got := e.Explain(); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
}
