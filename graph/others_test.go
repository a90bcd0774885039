package graph_test

import (
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"zoomgraph/client"
	"zoomgraph/internal/sandbox"
)

// others is an account that others use too: its limit for the second is lower than the declared one, and Zoom says 429
// without any header.
type others struct {
	declared, real float64
	calls          int
	alone          bool // all calls are one operation's
}

// start puts a budget of the declared limit before a sandbox with the real one.
func (o others) start(t testing.TB, cfg sandbox.Config) *service {
	t.Helper()
	limit := client.Limit{PerSecond: o.declared, Burst: o.declared * 0.95}
	budget, err := client.NewBudget(map[client.Label]client.Limit{client.Light: limit, client.Medium: limit}, 1, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	cfg.RPS, cfg.Quiet, cfg.Latency = map[string]float64{"MEDIUM": o.real}, true, sandbox.Duration(50*time.Millisecond)
	return setup(t, cfg, func(p *parts) { p.client.Budget, p.graph.Budget = budget, budget })
}

// crush asks for the settings of as many users at once, and returns how many were not answered.
func (o others) crush(s *service) (lost int) {
	if o.alone {
		var query strings.Builder
		for i := range o.calls {
			fmt.Fprintf(&query, "u%d: user(id: %q) { settings { tsp { callOut } } } ", i, s.users[i].ID)
		}
		return len(s.ask("{"+query.String()+"}", nil).Errors)
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	for i := range o.calls {
		wg.Go(func() {
			a := s.ask(fmt.Sprintf("{ user(id: %q) { settings { tsp { callOut } } } }", s.users[i].ID), nil)
			mu.Lock()
			defer mu.Unlock()
			lost += len(a.Errors)
		})
	}
	wg.Wait()
	return lost
}

// Nothing is lost, and Zoom takes more than it refuses, however it counts a second. How little it refuses is a matter of
// time, and told by the test of the same name in package client, which has a clock of its own.
func TestOthersUseTheAccount(t *testing.T) {
	t.Parallel()
	for _, o := range []others{{16, 5, 18, true}, {2000, 40, 60, false}, {60, 10, 40, false}} {
		for _, window := range []sandbox.Window{sandbox.WindowBucket, sandbox.WindowSliding, sandbox.WindowFixed} {
			t.Run(fmt.Sprintf("%d at %v as %v, %s", o.calls, o.declared, o.real, window), func(t *testing.T) {
				t.Parallel()
				s := o.start(t, sandbox.Config{Window: window})
				lost := o.crush(s)
				sent, refused := len(s.calls()), s.refused()
				if lost > 0 || refused*2 > sent {
					t.Errorf("%d of %d lost, %d of %d calls refused", lost, o.calls, refused, sent)
				}
			})
		}
	}
}

// A change that Zoom refused is sent again, and carried out once.
func TestOthersUseTheAccountWhileItChanges(t *testing.T) {
	t.Parallel()
	s := others{declared: 30, real: 5}.start(t, sandbox.Config{})
	var wg sync.WaitGroup
	for i := range 12 {
		wg.Go(func() {
			a := s.ask(fmt.Sprintf("mutation { updateUserSettings(id: %q, input: {tsp: {callOut: true}}) { user { id } } }", s.users[i].ID), nil)
			if len(a.Errors) > 0 {
				t.Errorf("%+v", a.Errors)
			}
		})
	}
	wg.Wait()
	done := map[string]int{}
	for _, e := range s.zoom.Log(0) {
		if e.Method == "PATCH" && e.Status/100 == 2 {
			done[e.Path]++
		}
	}
	if len(done) != 12 {
		t.Errorf("%d of 12 changes were carried out", len(done))
	}
	for path, n := range done {
		if n != 1 {
			t.Errorf("%s was carried out %d times", path, n)
		}
	}
}

// A user whose day is used up keeps nobody else from being changed, and is named as what is closed.
func TestATargetsDay(t *testing.T) {
	t.Parallel()
	s := others{declared: 60, real: 60}.start(t, sandbox.Config{DailyByTarget: []sandbox.TargetLimit{
		{Match: "PATCH /users/*/settings", Limit: 1, Headers: true},
	}})
	change := func(i int) *answer {
		return s.ask(fmt.Sprintf("mutation { updateUserSettings(id: %q, input: {tsp: {callOut: true}}) { user { id } } }", s.users[i].ID), nil)
	}
	for i := range 3 {
		if a := change(i); len(a.Errors) > 0 {
			t.Errorf("%+v", a.Errors)
		}
	}
	for range 3 {
		a := change(0)
		s.wantErrors(a, "RATE_LIMITED at updateUserSettings")
		if e := a.Errors[0]; !strings.Contains(e.Message, "this user, meeting or other target") || e.Extensions["retryAfter"] == nil {
			t.Errorf("%+v", e)
		}
	}
	got := fmt.Sprint(s.must(`{ rateLimit { label closed { since } closedTargetCount closedTargets { operation answer } } }`).at("rateLimit", 1))
	if !strings.Contains(got, "closedTargetCount:1") || !strings.Contains(got, "operation:PATCH /users/{userId}/settings") || !strings.Contains(got, "closed:<nil>") {
		t.Errorf("%s", got)
	}
	if n := s.refused(); n != 1 {
		t.Errorf("%d calls were refused, want one a minute", n)
	}
}

// BenchmarkOthers is an account that others use too: how long it takes with the limit that is left, and what Zoom
// refuses.
func BenchmarkOthers(b *testing.B) {
	for _, o := range []others{{60, 10, 100, false}, {16, 5, 18, true}, {2000, 40, 60, false}} {
		b.Run(fmt.Sprintf("%dAt%vAs%v", o.calls, o.declared, o.real), func(b *testing.B) {
			for b.Loop() {
				s := o.start(b, sandbox.Config{})
				start := time.Now()
				lost := o.crush(s)
				took, sent := time.Since(start).Seconds(), len(s.calls())
				b.ReportMetric(took, "s")
				b.ReportMetric(took/((float64(o.calls)-o.real)/o.real), "of-ideal")
				b.ReportMetric(float64(sent), "calls")
				b.ReportMetric(float64(s.refused()), "429s")
				b.ReportMetric(float64(lost), "lost")
			}
		})
	}
}
