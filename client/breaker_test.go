package client

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

var opUser = &Op{ID: "user", Method: "GET", Path: "/users/{userId}", Label: Light}

// An open breaker refuses reads and writes of its label at once, and takes for
// it neither a token nor a turn; the other labels go on.
func TestBreakerOpens(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, err := NewBudget(map[Label]Limit{Medium: {PerSecond: 20, PerDay: 100}}, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		w := &weather{turn: func(n int, r *http.Request) (*http.Response, error) {
			if strings.HasSuffix(r.URL.Path, "/settings") {
				return unreachable(n, r)
			}
			return fine(n, r)
		}}
		source := &countedTokens{}
		c := under(t, w, func(cfg *Config) { cfg.Budget, cfg.Tokens = b, source })
		breakFuse(t, c, w)
		if n := w.calls(); n != fuse {
			t.Fatalf("it took %d calls", n)
		}
		asked, start := source.asked.Load(), time.Now()
		for _, req := range []Request{settingsOf("u"), updateOf("u"), {Op: opUsers}} {
			res, err := c.Do(t.Context(), req)
			e := asError(t, err)
			if res != nil || e.Code != CodeUpstreamUnavailable || e.RetryAfter.Sub(start) != probePause || e.Hint == "" || e.Op != req.Op || e.Status != 0 {
				t.Errorf("%s: %+v, %+v", req.Op, res, e)
			}
		}
		if s := b.State()[0]; w.calls() != fuse || source.asked.Load() != asked || s.DailyRemaining != 100-fuse || time.Since(start) != 0 {
			t.Errorf("%d calls, %d tokens, %+v, %v", w.calls(), source.asked.Load()-asked, s, time.Since(start))
		}
		for _, req := range []Request{{Op: opUser, Path: []string{"u"}}, {Op: opDelete, Path: []string{"u"}}, {Op: opReport}} {
			if _, err := c.Do(t.Context(), req); err != nil {
				t.Errorf("%s: %v", req.Op, err)
			}
		}
	})
}

// countedTokens counts how often it is asked.
type countedTokens struct{ asked atomic.Int32 }

func (s *countedTokens) Token(context.Context) (Token, error) {
	s.asked.Add(1)
	return Token{Value: "t"}, nil
}

func (s *countedTokens) Drop(Token) {}

// Operations without a label share a breaker, and so do those of labels not known.
func TestBreakerOfNoLabel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		c := under(t, &weather{turn: unreachable})
		for range fuse {
			_, _ = c.Do(t.Context(), Request{Op: opDelete, Path: []string{"u"}})
		}
		for _, label := range []Label{"", "NEW"} {
			if res, err := c.Do(t.Context(), Request{Op: &Op{Method: "GET", Path: "/x", Label: label}}); res != nil || !errors.Is(err, ErrUpstreamUnavailable) {
				t.Errorf("%q: %+v, %v", label, res, err)
			}
		}
	})
}

// While it is open one call a second goes, of however many, for as long as the
// outage lasts; the first after it closes the breaker, a write too.
func TestBreakerProbes(t *testing.T) {
	t.Parallel()
	for name, probe := range map[string]Request{"read": settingsOf("u"), "write": updateOf("u")} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var log bytes.Buffer
				w := &weather{turn: unreachable}
				c := under(t, w, func(cfg *Config) { cfg.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
				breakFuse(t, c, w)
				for second := range 300 {
					time.Sleep(probePause - time.Millisecond)
					_, _ = c.Do(t.Context(), probe)
					if n := w.calls(); n != fuse+second {
						t.Fatalf("%d calls before second %d is over", n, second)
					}
					time.Sleep(time.Millisecond)
					rush(t, c, 20, probe)
					if n := w.calls(); n != fuse+second+1 {
						t.Fatalf("%d calls after second %d", n, second)
					}
				}
				w.change(fine)
				time.Sleep(probePause)
				for range 50 {
					if _, err := c.Do(t.Context(), probe); err != nil {
						t.Fatal(err)
					}
				}
				text := log.String()
				told := []string{"zoom does not answer a call", "zoom is out, calls are held back", "zoom is back"}
				for _, what := range told {
					if strings.Count(text, what) != 1 {
						t.Errorf("%q is told %d times", what, strings.Count(text, what))
					}
				}
				if strings.Count(text, "label=MEDIUM") != len(told) || strings.Contains(text, "/users/u") {
					t.Errorf("log:\n%s", text)
				}
			})
		})
	}
}

// rush sends a request so many times at once.
func rush(t *testing.T, c *Client, n int, req Request) {
	t.Helper()
	var wg sync.WaitGroup
	for range n {
		wg.Go(func() { _, _ = c.Do(t.Context(), req) })
	}
	wg.Wait()
}

// Whose turn comes when another has gone as the probe gives it back.
func TestHeldBackAfterItsTurn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		b, err := NewBudget(map[Label]Limit{Medium: {PerSecond: 10, Burst: 1, PerDay: 100}}, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		w := &weather{turn: unreachable}
		c := under(t, w, func(cfg *Config) { cfg.Budget = b })
		breakFuse(t, c, w)
		time.Sleep(probePause)
		if _, fail := b.take(t.Context(), &Request{Op: opUsers}, new(Response)); fail != nil {
			t.Fatal(fail)
		}
		rush(t, c, 3, settingsOf("u"))
		if left := b.State()[0].DailyRemaining; w.calls() != fuse+1 || left != 100-fuse-2 {
			t.Errorf("%d calls, %d of the day left", w.calls(), left)
		}
	})
}

// A probe without an answer is waited for three seconds, and one whose caller
// leaves not at all.
func TestProbesThatComeToNothing(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		leave time.Duration // how long the first probe's caller stays
		next  time.Duration // when the next one goes
	}{
		"hangs":  {time.Minute, probeLife},
		"leaves": {time.Second / 2, time.Second / 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := &weather{turn: unreachable}
				c := under(t, w)
				breakFuse(t, c, w)
				time.Sleep(probePause)
				w.change(hangs)
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				time.AfterFunc(tc.leave, cancel)
				var wg sync.WaitGroup
				wg.Go(func() { _, _ = c.Do(ctx, settingsOf("u")) })
				synctest.Wait()
				w.change(fine)
				time.Sleep(tc.next - time.Millisecond)
				if res, err := c.Do(t.Context(), settingsOf("u")); res != nil {
					t.Errorf("a second probe: %+v, %v", res, err)
				}
				time.Sleep(time.Millisecond)
				synctest.Wait()
				for range 3 {
					if _, err := c.Do(t.Context(), settingsOf("u")); err != nil {
						t.Error(err)
					}
				}
				cancel()
				wg.Wait()
			})
		})
	}
}

// Calls that hung in an outage and fail after it do not open the breaker again,
// nor do those that went well before it close it.
func TestLateOutcomes(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &weather{turn: hangs}
		c := under(t, w)
		answers := make(chan step)
		w.change(func(n int, r *http.Request) (*http.Response, error) { return (<-answers)(n, r) })
		var wg sync.WaitGroup
		for range fuse + 1 {
			wg.Go(func() { _, _ = c.Do(t.Context(), updateOf(time.Now().String())) })
			time.Sleep(time.Millisecond)
		}
		w.change(unreachable)
		breakFuse(t, c, w)
		answers <- fine
		synctest.Wait()
		time.Sleep(probePause - time.Millisecond)
		if res, err := c.Do(t.Context(), settingsOf("u")); res != nil {
			t.Errorf("closed by a call from before: %+v, %v", res, err)
		}
		time.Sleep(time.Millisecond)
		w.change(fine)
		if _, err := c.Do(t.Context(), settingsOf("u")); err != nil {
			t.Error(err)
		}
		for range fuse {
			answers <- gone
		}
		wg.Wait()
		if _, err := c.Do(t.Context(), settingsOf("u")); err != nil {
			t.Errorf("opened by calls from before: %v", err)
		}
	})
}

// What Zoom answers, and what the caller brings about, is no outage, however
// often it happens.
func TestWhatIsAnOutage(t *testing.T) {
	t.Parallel()
	leaving := func(ctx context.Context) (context.Context, context.CancelFunc) {
		ctx, cancel := context.WithCancel(ctx)
		time.AfterFunc(time.Minute, cancel)
		return ctx, cancel
	}
	within := func(d time.Duration) func(context.Context) (context.Context, context.CancelFunc) {
		return func(ctx context.Context) (context.Context, context.CancelFunc) { return context.WithTimeout(ctx, d) }
	}
	for name, tc := range map[string]struct {
		turn  step
		limit func(context.Context) (context.Context, context.CancelFunc)
		body  func() any
		opens bool
	}{
		"400":             {turn: answered(400, ``)},
		"404":             {turn: answered(404, `{"code":1001,"message":"m"}`)},
		"429":             {turn: answered(429, ``)},
		"refused token":   {turn: answered(401, ``)},
		"Zoom's own 500":  {turn: answered(500, `{"code":5010,"message":"m"}`)},
		"not implemented": {turn: answered(501, ``)},
		"no JSON":         {turn: answered(200, `<html>`)},
		"too large": {turn: func(int, *http.Request) (*http.Response, error) {
			return reply(200, strings.Repeat("x", maxAnswer+1)), nil
		}},
		"a caller that leaves":      {turn: hangs, limit: leaving},
		"a short deadline":          {turn: hangs, limit: within(outageAfter - time.Millisecond)},
		"connections that had died": {turn: died},
		"a body that fails": {turn: func(_ int, r *http.Request) (*http.Response, error) {
			_, err := io.Copy(io.Discard, r.Body)
			return nil, err
		}, body: wrongSize},
		"no connection":          {turn: unreachable, opens: true},
		"connection lost":        {turn: gone, opens: true},
		"no header in time":      {turn: late, opens: true},
		"cut off":                {turn: cutOff, opens: true},
		"500":                    {turn: answered(500, ``), opens: true},
		"500 in so many words":   {turn: answered(500, `{"code":500,"message":"m"}`), opens: true},
		"502":                    {turn: answered(502, `<html>`), opens: true},
		"503":                    {turn: answered(503, `{"code":5010,"message":"m"}`), opens: true},
		"504":                    {turn: answered(504, ``), opens: true},
		"a deadline long enough": {turn: hangs, limit: within(outageAfter), opens: true},
		"nine, and one goes well": {turn: func(n int, r *http.Request) (*http.Response, error) {
			if n%fuse == fuse-1 {
				return fine(n, r)
			}
			return gone(n, r)
		}},
		"nine, and one is refused": {turn: func(n int, r *http.Request) (*http.Response, error) {
			if n%fuse == fuse-1 {
				return reply(404, ``), nil
			}
			return gone(n, r)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				w := &weather{turn: tc.turn}
				c := under(t, w)
				req := updateOf("u")
				once := func() *Response {
					if tc.body != nil {
						req.Body = tc.body()
					}
					ctx, cancel := t.Context(), context.CancelFunc(func() {})
					if tc.limit != nil {
						ctx, cancel = tc.limit(ctx)
					}
					defer cancel()
					res, _ := c.Do(ctx, req)
					return res
				}
				for i := range fuse {
					if once() == nil {
						t.Fatalf("held back after %d calls", i)
					}
				}
				if held := once() == nil; held != tc.opens {
					t.Errorf("held back: %v", held)
				}
				for range 2 * fuse {
					once()
				}
				if !tc.opens && w.calls() < 3*fuse {
					t.Errorf("held back after %d calls", w.calls())
				}
			})
		})
	}
}

// wrongSize is a file that is longer than it says.
func wrongSize() any {
	return &File{Field: "f", Name: "n", Content: strings.NewReader(strings.Repeat("x", 10_000)), Size: 9_000}
}

// Calls of a label that hang leave places for the others, and the calls in
// flight stay as many as are allowed.
func TestASlowLabel(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		w := &weather{turn: hangs}
		c := under(t, w)
		ctx, leave := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		hang := func(op *Op, n int) {
			before := w.calls()
			for range 2 * firstWindow {
				wg.Go(func() { _, _ = c.Do(ctx, Request{Op: op}) })
			}
			synctest.Wait()
			if got := w.calls() - before; got != n {
				t.Errorf("%d calls of %q in flight, want %d", got, op.Label, n)
			}
		}
		hang(opUsers, 24)
		w.change(fine)
		for _, label := range []Label{"", Light, Heavy, ResourceIntensive} {
			if res, err := c.Do(t.Context(), Request{Op: &Op{Method: "GET", Path: "/x", Label: label}}); err != nil || res.Waited != 0 {
				t.Errorf("%q: %+v, %v", label, res, err)
			}
		}
		w.change(hangs)
		for _, label := range []Label{"", Light, Heavy, ResourceIntensive} {
			hang(&Op{Method: "GET", Path: "/x", Label: label}, 2)
		}
		leave()
		wg.Wait()
		w.change(fine)
		if _, err := c.Do(t.Context(), Request{Op: opUsers}); err != nil {
			t.Errorf("places were lost: %v", err)
		}
	})
}
