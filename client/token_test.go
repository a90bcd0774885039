package client

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// office is a token endpoint on a fake clock: each mint takes a second and gives
// mint-1, mint-2, … for an hour, or fails.
type office struct {
	mints   atomic.Int32
	failing atomic.Bool
}

func (o *office) RoundTrip(r *http.Request) (*http.Response, error) {
	n := o.mints.Add(1)
	select {
	case <-time.After(time.Second):
	case <-r.Context().Done():
		return nil, r.Context().Err()
	}
	if o.failing.Load() {
		return nil, io.ErrUnexpectedEOF
	}
	return reply(200, fmt.Sprintf(`{"access_token":"mint-%d","token_type":"bearer","expires_in":3600,"scope":"a b"}`, n)), nil
}

func (o *office) source() TokenSource {
	return AccountCredentials(Config{AccountID: "acct", ClientID: "id", ClientSecret: "s3cret", Transport: o})
}

func wantToken(t *testing.T, s TokenSource, want string) Token {
	t.Helper()
	tok, err := s.Token(t.Context())
	if err != nil || tok.Value != want {
		t.Errorf("token %q, %v, want %q", tok.Value, err, want)
	}
	return tok
}

func TestMint(t *testing.T) {
	t.Parallel()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id, secret, _ := r.BasicAuth()
		if id != "id" || secret != "s3cret" || r.URL.Path != "/oauth/token" || r.Method != http.MethodPost ||
			r.FormValue("grant_type") != "account_credentials" || r.FormValue("account_id") != "acct" || r.FormValue("client_secret") != "" {
			t.Errorf("%s %s by %s with %v", r.Method, r.URL, id, r.Form)
		}
		answer(200, `{"access_token":"T","token_type":"bearer","expires_in":3599,"scope":"user:read:admin user:read","api_url":"https://api-us.zoom.us"}`,
			"Content-Type", "application/json")(w, r)
	}))
	t.Cleanup(srv.Close)
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	tok, err := AccountCredentials(Config{
		OAuthURL: srv.URL + "/oauth/", AccountID: "acct", ClientID: "id", ClientSecret: "s3cret", Transport: srv.Client().Transport,
		Now: func() time.Time { return now },
	}).Token(t.Context())
	if err != nil || tok.Value != "T" || tok.APIURL != "https://api-us.zoom.us" || !slices.Equal(tok.Scopes, []string{"user:read:admin", "user:read"}) ||
		!tok.Expiry.Equal(now.Add(3599*time.Second)) {
		t.Errorf("%+v, %v", tok, err)
	}
}

func TestLifetime(t *testing.T) {
	t.Parallel()
	for spelling, want := range map[string]time.Duration{
		`3600`: time.Hour, `"1800"`: 30 * time.Minute, `0`: usualLife, `-5`: usualLife, `"-5"`: usualLife, `null`: usualLife,
		`99999999`: longestLife,
	} {
		s := AccountCredentials(Config{Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			return reply(200, `{"access_token":"T","expires_in":`+spelling+`}`), nil
		})})
		before := time.Now()
		tok, err := s.Token(t.Context())
		if err != nil || tok.Expiry.Sub(before).Round(time.Minute) != want {
			t.Errorf("%s: %v, %v, want %v", spelling, tok.Expiry.Sub(before), err, want)
		}
	}
}

func TestOneMintForAll(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &office{}
		s := o.source()
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() { wantToken(t, s, "mint-1") })
		}
		wg.Wait()
		if n := o.mints.Load(); n != 1 {
			t.Errorf("%d mints", n)
		}
	})
}

func TestALeaverTakesNothingAway(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &office{}
		s := o.source()
		first, leave := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			if _, err := s.Token(first); !errors.Is(err, context.Canceled) {
				t.Errorf("the leaver got %v", err)
			}
		})
		synctest.Wait()
		wg.Go(func() { wantToken(t, s, "mint-1") })
		synctest.Wait()
		leave()
		wg.Wait()
		if n := o.mints.Load(); n != 1 {
			t.Errorf("%d mints", n)
		}
	})
}

func TestRenewalAtNineTenths(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &office{}
		s := o.source()
		start := time.Now()
		wantToken(t, s, "mint-1")
		time.Sleep(time.Until(start.Add(54*time.Minute - time.Second)))
		wantToken(t, s, "mint-1")
		time.Sleep(time.Second)
		wantToken(t, s, "mint-2")
	})
}

func TestAFailedRenewalKeepsTheOldToken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &office{}
		s := o.source()
		start := time.Now()
		wantToken(t, s, "mint-1")
		o.failing.Store(true)
		time.Sleep(55 * time.Minute)
		wantToken(t, s, "mint-1")
		wantToken(t, s, "mint-1")
		if n := o.mints.Load(); n != 2 {
			t.Errorf("%d mints, want a pause after a failure", n)
		}
		time.Sleep(time.Until(start.Add(time.Hour)))
		if _, err := s.Token(t.Context()); !errors.Is(err, ErrUpstreamAuthFailed) || !errors.Is(err, io.ErrUnexpectedEOF) {
			t.Errorf("an expired token: %v", err)
		}
		o.failing.Store(false)
		time.Sleep(firstRest)
		wantToken(t, s, "mint-4")
	})
}

// While mints fail the token endpoint is asked ever less often, but again within
// four seconds; who comes in between is told the error and when to come back.
func TestFailedMintsAreSpaced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &office{}
		o.failing.Store(true)
		s := o.source()
		for i, rest := range []time.Duration{time.Second, 2 * time.Second, 4 * time.Second, 4 * time.Second} {
			for range 3 {
				_, err := s.Token(t.Context())
				if e := asError(t, err); e.Code != CodeUpstreamAuthFailed || !errors.Is(err, io.ErrUnexpectedEOF) || time.Until(e.RetryAfter) != rest {
					t.Errorf("failure %d: %v, again in %v", i+1, err, time.Until(e.RetryAfter))
				}
			}
			if n := int(o.mints.Load()); n != i+1 {
				t.Errorf("%d mints after %d rests", n, i)
			}
			time.Sleep(rest)
		}
		o.failing.Store(false)
		tok := wantToken(t, s, "mint-5")
		o.failing.Store(true)
		s.Drop(tok)
		if _, err := s.Token(t.Context()); time.Until(asError(t, err).RetryAfter) != firstRest {
			t.Errorf("after a success: %v", err)
		}
	})
}

func TestDropConcernsThatTokenOnly(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &office{}
		s := o.source()
		one := wantToken(t, s, "mint-1")
		s.Drop(one)
		two := wantToken(t, s, "mint-2")
		s.Drop(one) // a late one
		wantToken(t, s, "mint-2")
		s.Drop(two)
		s.Drop(two)
		wantToken(t, s, "mint-3")
	})
}

// Fifty calls whose token is refused at once bring one new token.
func TestRefusedTogetherMintedOnce(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o := &office{}
		var arrived sync.WaitGroup
		arrived.Add(50)
		c, err := New(Config{
			MaxInFlight: 80, Tokens: o.source(),
			Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				if r.Header.Get("Authorization") == "Bearer mint-1" {
					arrived.Done()
					arrived.Wait()
					return reply(401, `{"code":124,"message":"m"}`), nil
				}
				return reply(200, `{}`), nil
			}),
		})
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		for range 50 {
			wg.Go(func() {
				if res, err := c.Do(t.Context(), settingsOf("u")); err != nil || res.Attempts != 2 {
					t.Errorf("%+v, %v", res, err)
				}
			})
		}
		wg.Wait()
		if n := o.mints.Load(); n != 2 {
			t.Errorf("%d mints", n)
		}
	})
}

func TestMintRefused(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	srv := httptest.NewServer(answer(400, `{"reason":"Invalid client_id or client_secret: s3cret of ann@example.com","error":"invalid_client"}`,
		"Content-Type", "application/json"))
	t.Cleanup(srv.Close)
	c, err := New(Config{
		APIURL: srv.URL, OAuthURL: srv.URL, AccountID: "acct", ClientID: "id", ClientSecret: "s3cret",
		Transport: srv.Client().Transport, Logger: slog.New(slog.NewTextHandler(&log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	res, err := c.Do(t.Context(), settingsOf("u"))
	e := asError(t, err)
	if e.Code != CodeUpstreamAuthFailed || e.Status != 400 || e.Op != opSettings || e.Hint == "" || res != nil {
		t.Errorf("%+v, %+v", res, e)
	}
	if strings.Contains(err.Error(), "Invalid client_id") || !strings.Contains(log.String(), "Invalid client_id") ||
		strings.Contains(log.String(), "s3cret") || strings.Contains(log.String(), "ann@") {
		t.Errorf("log %s, error %v", log.String(), err)
	}
}

// The token endpoint's redirect is not followed: the secret stays where it was
// meant to go.
// Where the token endpoint does not answer, a caller is told that and not to look at credentials, and the log is told why:
// once until it answers.
func TestMintUnanswered(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		o := &office{}
		source := AccountCredentials(Config{
			AccountID: "acct", ClientID: "id", ClientSecret: "s3cret", Transport: o, Logger: slog.New(slog.NewTextHandler(&log, nil)),
		})
		for outage := range 2 {
			o.failing.Store(true)
			for range 3 {
				_, err := source.Token(t.Context())
				var fail *Error
				if !errors.As(err, &fail) || fail.Code != CodeUpstreamAuthFailed || !strings.Contains(fail.Hint, "token endpoint") {
					t.Errorf("%v with the hint %q", err, fail.Hint)
				}
				time.Sleep(10 * time.Second) // until it is asked again
			}
			if n := strings.Count(log.String(), "reason=\"unexpected EOF\""); n != outage+1 {
				t.Errorf("told %d times:\n%s", n, log.String())
			}
			o.failing.Store(false)
			source.Drop(wantToken(t, source, fmt.Sprintf("mint-%d", o.mints.Load()+1)))
		}
	})
}

func TestMintIsNotRedirected(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
	}))
	t.Cleanup(srv.Close)
	s := AccountCredentials(Config{OAuthURL: srv.URL, Transport: srv.Client().Transport})
	if _, err := s.Token(t.Context()); !errors.Is(err, ErrUpstreamAuthFailed) || calls.Load() != 1 {
		t.Errorf("%v, %d calls", err, calls.Load())
	}
}

// shelf is a TokenVault in memory, where nobody mints for another one to wait.
type shelf struct {
	mu       sync.Mutex
	tok      Token
	released int
}

func (v *shelf) Find(_ context.Context, old string) (Token, bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	return v.tok, v.tok.Value != "" && v.tok.Mint != old
}

func (v *shelf) Keep(_ context.Context, tok Token) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.tok = tok
}

func (v *shelf) Release(context.Context) { v.released++ }

func (v *shelf) Drop(_ context.Context, mint string) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if v.tok.Mint == mint {
		v.tok = Token{}
	}
}

// Processes that share a vault mint once together: at first, at nine tenths of
// the token's life, and where it was refused.
func TestVault(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		o, v := &office{}, &shelf{}
		source := func() TokenSource {
			return AccountCredentials(Config{AccountID: "acct", ClientID: "id", ClientSecret: "s3cret", Transport: o, Vault: v})
		}
		a, b := source(), source()
		start := time.Now()
		wantToken(t, a, "mint-1")
		wantToken(t, b, "mint-1")
		time.Sleep(time.Until(start.Add(54 * time.Minute)))
		wantToken(t, b, "mint-2")
		wantToken(t, a, "mint-2")
		a.Drop(wantToken(t, a, "mint-2"))
		wantToken(t, b, "mint-2") // to which nobody has said anything yet
		three := wantToken(t, a, "mint-3")
		b.Drop(wantToken(t, b, "mint-2"))
		if got := wantToken(t, b, "mint-3"); !got.same(three) || time.Until(three.RenewAt).Round(time.Minute) != 54*time.Minute {
			t.Errorf("%+v, %+v", got, three)
		}
		o.failing.Store(true)
		b.Drop(three)
		if _, err := b.Token(t.Context()); err == nil || v.tok.Value != "" || v.released != 1 {
			t.Errorf("%v, %+v, released %d times", err, v.tok, v.released)
		}
	})
}
