package graph_test

import (
	"testing"

	"zoomgraph/client"
	"zoomgraph/internal/sandbox"
)

// What may cost too much is refused before the first call, with what it may cost and what is allowed.
func TestCostLimit(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{}, func(p *parts) { p.graph.MaxCalls = 50 })
	const query = `query ($n: Int!) { users(first: $n) { nodes { settings { tsp { callOut } meetingSecurity { waitingRoom } } } } }`
	for _, test := range []struct{ first, cost int }{{100, 201}, {24, 0}, {25, 51}, {10, 0}} {
		a := s.ask(query, map[string]any{"n": test.first})
		calls := len(s.calls())
		if test.cost == 0 {
			if len(a.Errors) > 0 || calls != 1+2*test.first || a.Extensions.Zoom.Cost.Requested != calls || a.Extensions.Zoom.Cost.Calls != calls {
				t.Errorf("first %d: %d calls, %s", test.first, calls, a.raw)
			}
			continue
		}
		s.wantErrors(a, "COST_LIMIT_EXCEEDED at ")
		if e := a.Errors[0].Extensions; calls != 0 || e["cost"] != float64(test.cost) || e["limit"] != 50.0 {
			t.Errorf("first %d: %d calls, %v", test.first, calls, e)
		}
	}
}

// Whoever asks for the plan gets it, and nothing is sent; also of an operation that would be refused.
func TestPlanHeader(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{}, func(p *parts) { p.graph.MaxCalls = 50 })
	a := s.askWith("X-Zoomgraph-Plan", `{ users(first: 100) { nodes { jobTitle settings { tsp { callOut } } } } }`, nil)
	plan := a.Extensions.Zoom.Plan
	if len(a.Errors) > 0 || a.Data != nil || plan.Calls != 201 || plan.Limit != 50 || plan.ByLabel["MEDIUM"] != 101 || plan.ByLabel["LIGHT"] != 100 {
		t.Errorf("plan %+v: %s", plan, a.raw)
	}
	a = s.askWith("X-Zoomgraph-Plan", `mutation { deleteUser(id: "USER") { userId } }`, nil)
	if a.Extensions.Zoom.Plan.Calls != 1 {
		t.Errorf("plan of a write: %s", a.raw)
	}
	s.wantCalls()
}

// Limits of a minute count in the plan as those of a second do: dashboards take as long as the plan's few calls a minute
// last, month by month, and the label that makes it so is named.
func TestPlanOfAMinute(t *testing.T) {
	t.Parallel()
	const (
		months  = `metricsMeetings(type: PAST, from: "2026-06-16", to: "2026-11-15") { nodes { topic } }`
		month   = `metricsMeetings(type: PAST, from: "2026-10-16", to: "2026-11-15") { nodes { topic } }`
		reports = `users(first: 200) { nodes { reportMeetings(from: "2026-09-16", to: "2026-11-15") { nodes { topic } } } }`
	)
	for _, test := range []struct {
		plan      client.Plan
		query     string
		label     string
		calls     int
		seconds   float64
		slowest   string
		perMinute float64
	}{
		{client.PlanFree, months, "RESOURCE_INTENSIVE", 5, 24, "RESOURCE_INTENSIVE", 10},
		{client.PlanPro, months, "RESOURCE_INTENSIVE", 5, 24, "RESOURCE_INTENSIVE", 10},
		{client.PlanBusiness, months, "RESOURCE_INTENSIVE", 5, 12, "RESOURCE_INTENSIVE", 20},
		{client.PlanPro, month, "RESOURCE_INTENSIVE", 1, 0, "", 0},
		{client.PlanPro, reports, "HEAVY", 400, 39, "HEAVY", 600},
		{client.PlanBusiness, reports, "HEAVY", 400, 9, "HEAVY", 2400},
		{client.PlanBusiness, reports + " " + month + " b: " + month, "HEAVY", 400, 9, "HEAVY", 2400},
		{client.PlanBusiness, reports + " " + months, "HEAVY", 400, 12, "RESOURCE_INTENSIVE", 20},
	} {
		limits, err := client.PlanLimits(test.plan)
		if err != nil {
			t.Fatal(err)
		}
		budget, err := client.NewBudget(limits, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		s := setup(t, sandbox.Config{}, func(p *parts) { p.client.Budget, p.graph.Budget = budget, budget })
		plan := s.askWith("X-Zoomgraph-Plan", "{ "+test.query+" }", nil).Extensions.Zoom.Plan
		if plan.ByLabel[test.label] != test.calls || plan.Seconds != test.seconds || plan.Slowest.Label != test.slowest || plan.Slowest.PerMinute != test.perMinute {
			t.Errorf("%s: %s\nplan %+v, want %d calls of %s, and %v s because of %s, %v a minute", test.plan, test.query, plan, test.calls, test.label, test.seconds, test.slowest, test.perMinute)
		}
		s.wantCalls()
	}
}
