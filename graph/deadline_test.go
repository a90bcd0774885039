package graph_test

import (
	"testing"
	"time"

	"zoomgraph/internal/sandbox"
)

// What has come by the deadline is answered; what has not is an error at its place.
func TestDeadline(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{}, func(p *parts) { p.edge.RequestTimeout = 300 * time.Millisecond })
	err := s.zoom.Configure(sandbox.Config{Faults: []sandbox.Fault{{Match: "GET /users/*/settings", User: s.users[1].ID, Kind: sandbox.FaultHang}}})
	if err != nil {
		t.Fatal(err)
	}
	a := s.ask(`{ users(first: 3) { nodes { id settings { tsp { callOut } } } } }`, nil)
	s.wantErrors(a, "UPSTREAM_TIMEOUT at users.nodes.1.settings")
	for _, i := range []int{0, 2} {
		if a.at("users", "nodes", i, "settings", "tsp", "callOut") == nil {
			t.Errorf("user %d does not stand: %s", i, a.raw)
		}
	}
}
