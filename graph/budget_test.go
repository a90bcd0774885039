package graph_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"zoomgraph/client"
	"zoomgraph/internal/edge"
	"zoomgraph/internal/sandbox"
)

// paced puts a budget of so many calls a second for each label before a sandbox that allows just as many. Of these a
// few less may leave at once, as the service has it, because calls bunch on their way. There are slots for all of them, so
// that none ends because others wait while the machine is busy.
func paced(t testing.TB, perSecond float64, latency time.Duration, options ...option) *service {
	t.Helper()
	limits, allowed := map[client.Label]client.Limit{}, map[string]float64{}
	for _, label := range []client.Label{client.Light, client.Medium} {
		limits[label] = client.Limit{PerSecond: perSecond, Burst: perSecond * 0.95}
		allowed[string(label)] = perSecond
	}
	budget, err := client.NewBudget(limits, 1, time.Now)
	if err != nil {
		t.Fatal(err)
	}
	return setup(t, sandbox.Config{RPS: allowed, Latency: sandbox.Duration(latency)}, append(options, func(p *parts) {
		p.client.Budget, p.graph.Budget, p.client.MaxInFlight = budget, budget, 4096
	})...)
}

// refused counts the 429s in the sandbox's log.
func (s *service) refused() int {
	n := 0
	for _, e := range s.zoom.Log(0) {
		if e.Status == 429 {
			n++
		}
	}
	return n
}

const fiveHundred = `{ users(first: 500) { nodes { id settings { scheduleMeeting { hostVideo } inMeeting { waitingRoom } } } } }`

// The settings of 500 users against a limit that half of them would break: every one is answered, and Zoom refuses
// hardly a call. On an idle machine it refuses none (BenchmarkPaced); on a busy one calls bunch.
func TestFiveHundredUsersWithinTheLimit(t *testing.T) {
	t.Parallel()
	s := paced(t, 250, 5*time.Millisecond)
	a := s.must(fiveHundred)
	missing := 0
	for i := range 500 {
		if a.at("users", "nodes", i, "settings", "scheduleMeeting", "hostVideo") == nil {
			missing++
		}
	}
	if n := s.refused(); missing > 0 || n > 25 {
		t.Errorf("%d of 500 users without settings, %d calls refused by Zoom; want none and at most one in 20", missing, n)
	}
	if a.Extensions.Zoom.Cost.Calls != 502+s.refused() {
		t.Errorf("%d calls, want 502", a.Extensions.Zoom.Cost.Calls)
	}
}

// What cannot be done before the deadline is refused before the first call, with the time it would take.
func TestNoTimeBeforeTheDeadline(t *testing.T) {
	t.Parallel()
	s := paced(t, 10, 0, func(p *parts) { p.edge.RequestTimeout = edge.DefaultRequestTimeout })
	a := s.ask(`{ users(first: 400) { nodes { settings { tsp { callOut } } } } }`, nil)
	s.wantErrors(a, "RATE_LIMITED at ")
	if e := a.Errors[0].Extensions; e["seconds"] != 39.25 || e["cost"] != 402.0 {
		t.Errorf("want 402 calls in (402 - 9.5) / 10 s: %v", e)
	}
	s.wantCalls()
}

// The budget can be asked for, and the plan says how long an operation takes.
func TestRateLimit(t *testing.T) {
	t.Parallel()
	s := paced(t, 100, 0)
	a := s.must(`{ rateLimit { label limit remaining resetAt dailyLimit dailyRemaining waiting } }`)
	want := "[map[dailyLimit:<nil> dailyRemaining:<nil> label:LIGHT limit:100 remaining:95"
	if got := fmt.Sprint(a.at("rateLimit")); !strings.HasPrefix(got, want) {
		t.Errorf("rateLimit %s, want %s…", got, want)
	}
	s.wantCalls()
	plan := s.askWith("X-Zoomgraph-Plan", `{ users(first: 400) { nodes { settings { tsp { callOut } } } } }`, nil).Extensions.Zoom.Plan
	if plan.Calls != 402 || plan.Seconds != 3.07 {
		t.Errorf("plan %+v, want 402 calls in (402 - 95) / 100 s", plan)
	}
	unpaced := setup(t, sandbox.Config{})
	if a := unpaced.must(`{ rateLimit { label } }`); fmt.Sprint(a.at("rateLimit")) != "[]" {
		t.Errorf("without pacing: %s", a.raw)
	}
}

// What Zoom refused is counted by label, also where the call was repeated and brought its answer.
func TestRefusedCallsAreCounted(t *testing.T) {
	t.Parallel()
	s := paced(t, 100, 0)
	if err := s.zoom.Configure(sandbox.Config{Faults: []sandbox.Fault{{Match: "GET /users/*/settings", Kind: sandbox.Fault429, Times: 2}}}); err != nil {
		t.Fatal(err)
	}
	const query = `{ rateLimit { label refused } }`
	if got, want := fmt.Sprint(s.must(query).at("rateLimit")), "[map[label:LIGHT refused:0] map[label:MEDIUM refused:0]]"; got != want {
		t.Errorf("before: %s, want %s", got, want)
	}
	a := s.must(`{ user(id: "USER") { settings { tsp { callOut } } } }`)
	if got, want := fmt.Sprint(s.must(query).at("rateLimit")), "[map[label:LIGHT refused:0] map[label:MEDIUM refused:2]]"; got != want {
		t.Errorf("after: %s, want %s", got, want)
	}
	if call := a.Extensions.Zoom.Calls[0]; call.Attempts != 3 || call.WaitedMs == 0 {
		t.Errorf("%+v, want 3 attempts and a wait between them", call)
	}
}

// BenchmarkPaced is the measure of dashboards: 500 users at 60 calls a second, 50 ms each. The ideal is
// (502 - 60) / 60 = 7.4 s.
func BenchmarkPaced(b *testing.B) {
	for b.Loop() {
		s := paced(b, 60, 50*time.Millisecond)
		start := time.Now()
		s.must(fiveHundred)
		b.ReportMetric(time.Since(start).Seconds(), "s/500users")
		b.ReportMetric(float64(s.refused()), "429s")
	}
}
