package callers_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"zoomgraph/client"
	"zoomgraph/internal/callers"
)

// judge stands in for Zoom: it accepts the tokens of good, and counts how often it is asked.
type judge struct {
	mu      sync.Mutex
	good    map[string]bool
	down    bool
	asked   map[string]int
	probes  int
	atOnce  int
	most    int
	arrived chan struct{} // gets one for each probe, if set
	let     chan struct{} // probes wait for it, if set
}

func newJudge(good ...string) *judge {
	j := &judge{good: map[string]bool{}, asked: map[string]int{}}
	for _, token := range good {
		j.good[token] = true
	}
	return j
}

func (j *judge) probe(ctx context.Context, token string) (client.TokenInfo, error) {
	j.mu.Lock()
	j.asked[token]++
	j.probes++
	j.atOnce++
	j.most = max(j.most, j.atOnce)
	good, down := j.good[token], j.down
	j.mu.Unlock()
	defer func() {
		j.mu.Lock()
		j.atOnce--
		j.mu.Unlock()
	}()
	if j.arrived != nil {
		j.arrived <- struct{}{}
	}
	if j.let != nil {
		select {
		case <-j.let:
		case <-ctx.Done():
			return client.TokenInfo{}, ctx.Err()
		}
	}
	if down {
		return client.TokenInfo{}, errors.New("canary: connection refused")
	}
	return client.TokenInfo{Accepted: good, Account: "acct", User: "u"}, nil
}

func (j *judge) set(down bool, token string, good bool) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.down, j.good[token] = down, good
}

func (j *judge) count(token string) (of, all int) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.asked[token], j.probes
}

// clock is one that a test moves.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func newClock() *clock { return &clock{now: time.Now()} }

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) move(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// fake is the n-th token that nobody gave out.
func fake(n int) string { return fmt.Sprintf("canary.fake.%040d", n) }

// asks is what a request with a token is answered.
func (s *service) asks(from, token string) int {
	s.t.Helper()
	return s.ask(from+":1", bearer(token)).Code
}

// A token is passed on only after Zoom has accepted it, which is asked once.
func TestATokenIsUnknownUntilZoomAcceptsIt(t *testing.T) {
	t.Parallel()
	j, c := newJudge(zoomers), newClock()
	s := serve(t, callers.Options{PassThrough: true, Probe: j.probe, Now: c.Now})
	for range 10 {
		if got := s.asks("192.0.2.1", zoomers); got != 200 {
			t.Fatalf("a good token: %d", got)
		}
	}
	for range 10 {
		wantRefusal(t, s.ask("192.0.2.1:1", bearer(fake(1))), 401, "Zoom does not accept this access token")
	}
	if of, all := j.count(zoomers); of != 1 || all != 2 {
		t.Errorf("the good one was probed %d times, all %d times", of, all)
	}
	c.move(5*time.Minute - time.Second)
	s.asks("192.0.2.1", fake(1))
	if _, all := j.count(""); all != 2 {
		t.Error("a dead token was probed again")
	}
	j.set(false, fake(1), true) // it may have been given out since
	c.move(time.Second)
	if got := s.asks("192.0.2.1", fake(1)); got != 200 {
		t.Errorf("a token that is good by now: %d", got)
	}
}

// Requests with one unknown token wait for one probe, whatever its verdict, and go on if one of them leaves.
func TestOneProbeForAll(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name string
		good []string
		down bool
		want int
	}{{"good", []string{zoomers}, false, 200}, {"made up", nil, false, 401}, {"Zoom is away", nil, true, 503}} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			j := newJudge(tt.good...)
			j.down, j.let, j.arrived = tt.down, make(chan struct{}), make(chan struct{}, 1)
			s := serve(t, callers.Options{PassThrough: true, Probe: j.probe})
			ctx, leave := context.WithCancel(t.Context())
			left := make(chan error)
			go func() {
				_, err := s.Authenticate(ctx, "Bearer "+zoomers, address)
				left <- err
			}()
			<-j.arrived
			leave()
			if err := <-left; err == nil || !strings.Contains(err.Error(), "could not be asked") {
				t.Errorf("who leaves gets %v", err)
			}
			statuses := make(chan int)
			for range 50 {
				go func() { statuses <- statusOf(s.Authenticate(t.Context(), "Bearer "+zoomers, address)) }()
			}
			close(j.let)
			for range 50 {
				if got := <-statuses; got != tt.want && (tt.want != 401 || got != 429) { // 429: too many 401
					t.Errorf("answered %d, want %d", got, tt.want)
				}
			}
			if _, all := j.count(""); all != 1 {
				t.Errorf("%d probes", all)
			}
		})
	}
}

// statusOf is the status that a request would get.
func statusOf(_ callers.Caller, err error) int {
	var e *callers.Error
	switch {
	case err == nil:
		return http.StatusOK
	case errors.As(err, &e):
		return e.Status
	}
	return http.StatusInternalServerError
}

// Made-up tokens of one address cost few probes, however many there are; those of others go on, and after the flood a new
// good token behind the same address waits a second at most.
func TestMadeUpTokens(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name     string
		from     func(n int) string
		parallel bool
		most     int
	}{
		{"one address", func(int) string { return "192.0.2.1" }, false, 10},
		{"one address, in parallel", func(int) string { return "192.0.2.1" }, true, 10},
		{"one network", func(n int) string { return fmt.Sprintf("[2001:db8::%x]", n+1) }, false, 10},
		{"many addresses", func(n int) string { return fmt.Sprintf("198.51.100.%d", n+1) }, false, 20},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			known, fresh := zoomers, zoomers+"x"
			j, c := newJudge(known, fresh), newClock()
			s := serve(t, callers.Options{PassThrough: true, Probe: j.probe, Now: c.Now})
			if got := s.asks("192.0.2.1", known); got != 200 {
				t.Fatalf("before: %d", got)
			}
			c.move(time.Minute)
			var wg sync.WaitGroup
			try := func(n int) {
				from := strings.Trim(tt.from(n), "[]")
				switch got := statusOf(s.Authenticate(t.Context(), "Bearer "+fake(n), netip.MustParseAddr(from))); got {
				case 401, 429, 503:
				default:
					t.Errorf("a made-up token: %d", got)
				}
			}
			for n := range 40 {
				if !tt.parallel {
					try(n)
					continue
				}
				wg.Go(func() { try(n) })
			}
			wg.Wait()
			if _, all := j.count(""); all-1 > tt.most {
				t.Errorf("%d probes, want %d at most", all-1, tt.most)
			}
			from := strings.Trim(tt.from(0), "[]")
			whose := func(token string) int {
				return statusOf(s.Authenticate(t.Context(), "Bearer "+token, netip.MustParseAddr(from)))
			}
			if got := whose(known); got != 200 {
				t.Errorf("a known token behind the same address: %d", got)
			}
			c.move(time.Second)
			if got := whose(fresh); got != 200 {
				t.Errorf("a new one a second later: %d", got)
			}
		})
	}
}

// Many good tokens come in from one address at once, also beside made-up ones: what Zoom accepts costs the address nothing.
func TestAnOfficeComesIn(t *testing.T) {
	t.Parallel()
	var good []string
	for n := range 30 {
		good = append(good, fmt.Sprintf("%s%02d", zoomers, n))
	}
	j, c := newJudge(good...), newClock()
	s := serve(t, callers.Options{PassThrough: true, Probe: j.probe, Now: c.Now})
	for n := range 5 {
		s.asks("192.0.2.1", fake(n))
	}
	for at := range 3 {
		c.move(time.Second)
		var wg sync.WaitGroup
		for _, token := range good[10*at : 10*at+10] {
			wg.Go(func() {
				if got := statusOf(s.Authenticate(t.Context(), "Bearer "+token, address)); got != 200 {
					t.Errorf("%d", got)
				}
			})
		}
		wg.Wait()
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.most > 4 || j.probes != 35 {
		t.Errorf("%d probes, %d of them at once", j.probes, j.most)
	}
}

// A probe that Zoom does not answer is neither good nor bad: 503, nothing is held against the token or its address, and
// Zoom is not asked about it again within a second.
func TestNoVerdict(t *testing.T) {
	t.Parallel()
	j, c := newJudge(zoomers), newClock()
	j.down = true
	s := serve(t, callers.Options{PassThrough: true, Probe: j.probe, Now: c.Now})
	for range 40 {
		for range 3 {
			w := s.ask("192.0.2.1:1", bearer(zoomers))
			wantRefusal(t, w, 503, "could not be asked")
			if w.Header().Get("Retry-After") != "1" || w.Header().Get("WWW-Authenticate") != "" {
				t.Fatalf("headers %v", w.Header())
			}
		}
		c.move(time.Second)
	}
	if _, all := j.count(""); all != 40 {
		t.Errorf("%d probes in 40 seconds", all)
	}
	j.set(false, zoomers, true)
	if got := s.asks("192.0.2.1", zoomers); got != 200 {
		t.Errorf("when Zoom is back: %d", got)
	}
}

// A token that Zoom refuses after it had accepted it is unknown again.
func TestUnknownAgain(t *testing.T) {
	t.Parallel()
	j, c := newJudge(zoomers), newClock()
	s := serve(t, callers.Options{PassThrough: true, Probe: j.probe, Now: c.Now})
	who, err := s.Authenticate(t.Context(), "Bearer "+zoomers, address)
	if err != nil {
		t.Fatal(err)
	}
	j.set(false, zoomers, false)
	if got := s.asks("192.0.2.1", zoomers); got != 200 {
		t.Errorf("before it is seen: %d", got)
	}
	who.Refused()
	wantRefusal(t, s.ask("192.0.2.1:1", bearer(zoomers)), 401, "Zoom does not accept")
	wantRefusal(t, s.ask("192.0.2.1:1", bearer(zoomers)), 401, "Zoom does not accept")
	if of, _ := j.count(zoomers); of != 2 {
		t.Errorf("%d probes", of)
	}
	if !strings.Contains(s.log.String(), "is not accepted by Zoom any more") {
		t.Errorf("the log does not tell:\n%s", s.log.String())
	}
}

// Without a probe no token is passed on.
func TestPassThroughNeedsAProbe(t *testing.T) {
	t.Parallel()
	if _, err := callers.New(callers.Options{PassThrough: true}); err == nil {
		t.Error("tokens are passed through unseen")
	}
}
