package client

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// witness writes down what it is told.
type witness struct {
	mu       sync.Mutex
	attempts []Attempt
	mints    []Mint
}

func (w *witness) Called(_ context.Context, a Attempt) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.attempts = append(w.attempts, a)
}

func (w *witness) Minted(_ context.Context, m Mint) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.mints = append(w.mints, m)
}

// seen is the attempts as "number: status code".
func (w *witness) seen() []string {
	var lines []string
	for _, a := range w.attempts {
		lines = append(lines, fmt.Sprintf("%d: %d %s", a.Number, a.Status, a.Code))
	}
	return lines
}

// Each attempt that leaves is told once, and none that does not.
func TestObserver(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		turn step
		req  Request
		want []string
	}{
		"well":      {fine, settingsOf("u"), []string{"1: 200 "}},
		"refused":   {answered(404, `{"code":1001}`), settingsOf("u"), []string{"1: 404 NOT_FOUND"}},
		"no answer": {gone, updateOf("u"), []string{"1: 0 UPSTREAM_UNAVAILABLE"}},
		"tries":     {answered(503, ``), settingsOf("u"), []string{"1: 503 UPSTREAM_UNAVAILABLE", "2: 503 UPSTREAM_UNAVAILABLE", "3: 503 UPSTREAM_UNAVAILABLE"}},
		"new token": {answered(401, `{"code":124}`), updateOf("u"), []string{"1: 401 UPSTREAM_AUTH_FAILED", "2: 401 UPSTREAM_AUTH_FAILED"}},
		"mistake":   {fine, settingsOf(".."), nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := &witness{}
				c := under(t, &weather{turn: test.turn}, func(cfg *Config) { cfg.Observer = w })
				_, _ = c.Do(t.Context(), test.req)
				if got := w.seen(); !slices.Equal(got, test.want) {
					t.Errorf("%q, want %q", got, test.want)
				}
			})
		})
	}
}

// The waits and times of a call's attempts are those of its Response.
func TestObserverOfTries(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &witness{}
		c := under(t, &weather{turn: func(n int, r *http.Request) (*http.Response, error) {
			time.Sleep(time.Duration(n+1) * time.Second)
			if n < 2 {
				return nil, errors.New("gone")
			}
			return fine(n, r)
		}}, func(cfg *Config) { cfg.Observer = w })
		start := time.Now()
		req := settingsOf("u")
		req.Seal = func() (url.Values, bool) { return url.Values{"custom_query_fields": {"host_video"}}, true }
		res, err := c.Do(t.Context(), req)
		if err != nil || len(w.attempts) != 3 {
			t.Fatalf("%v, %q", err, w.seen())
		}
		var waited, took time.Duration
		for i, a := range w.attempts {
			waited, took = waited+a.Waited, took+a.Took
			if a.Took != time.Duration(i+1)*time.Second || (a.Waited == 0) != (i == 0) || !a.Start.Equal(start.Add(waited+took-a.Took)) {
				t.Errorf("attempt %d: %+v", i+1, a)
			}
			if a.Op != opSettings || a.Query.Get("custom_query_fields") != "host_video" {
				t.Errorf("attempt %d: %+v", i+1, a)
			}
		}
		if last := w.attempts[2]; waited != res.Waited || took != res.Took || last.Bytes != res.Bytes || last.Bytes == 0 {
			t.Errorf("attempts waited %v and took %v; %+v", waited, took, res)
		}
	})
}

// Calls that a breaker holds back are no attempts.
func TestObserverOfCallsHeldBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &witness{}
		zoom := &weather{turn: gone}
		c := under(t, zoom, func(cfg *Config) { cfg.Observer = w })
		for range 2 * fuse {
			_, _ = c.Do(t.Context(), updateOf("u"))
		}
		if len(w.attempts) != fuse || zoom.calls() != fuse {
			t.Errorf("%d attempts, %d calls", len(w.attempts), zoom.calls())
		}
	})
}

// Each token that Zoom is asked for is told once, whether it came or not.
func TestObserverOfMints(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &witness{}
		status := 200
		source := AccountCredentials(Config{
			AccountID: "a", ClientID: "c", ClientSecret: "s", Observer: w,
			Transport: roundTrip(func(*http.Request) (*http.Response, error) {
				time.Sleep(time.Second)
				return reply(status, `{"access_token":"t","token_type":"bearer","expires_in":3600}`), nil
			}),
		})
		start := time.Now()
		tok, err := source.Token(t.Context())
		if _, again := source.Token(t.Context()); err != nil || again != nil {
			t.Fatal(err, again)
		}
		status = 400
		source.Drop(tok)
		_, _ = source.Token(t.Context())
		want := []Mint{{Start: start, Took: time.Second}, {Start: start.Add(time.Second), Took: time.Second, Code: CodeUpstreamAuthFailed}}
		if !slices.Equal(w.mints, want) {
			t.Errorf("%+v, want %+v", w.mints, want)
		}
	})
}
