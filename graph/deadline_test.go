package graph_test

import (
	"slices"
	"testing"
	"time"

	"zoomgraph/internal/sandbox"
)

// What has come by the deadline is answered; what has not is an error at its place. How long the rest takes hangs on the
// machine, so the deadline is later each time until it suffices.
func TestDeadline(t *testing.T) {
	t.Parallel()
	for limit := 300 * time.Millisecond; ; limit *= 4 {
		s := setup(t, sandbox.Config{}, func(p *parts) { p.edge.RequestTimeout = limit })
		err := s.zoom.Configure(sandbox.Config{Faults: []sandbox.Fault{{Match: "GET /users/*/settings", User: s.users[1].ID, Kind: sandbox.FaultHang}}})
		if err != nil {
			t.Fatal(err)
		}
		a := s.ask(`{ users(first: 3) { nodes { id settings { tsp { callOut } } } } }`, nil)
		late := func(i int) bool { return a.at("users", "nodes", i, "settings", "tsp", "callOut") == nil }
		if limit < time.Minute && slices.ContainsFunc([]int{0, 2}, late) {
			continue
		}
		s.wantErrors(a, "UPSTREAM_TIMEOUT at users.nodes.1.settings")
		for _, i := range []int{0, 2} {
			if late(i) {
				t.Errorf("user %d does not stand: %s", i, a.raw)
			}
		}
		return
	}
}
