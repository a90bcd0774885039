package graph_test

import (
	"testing"

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
