package graph_test

import (
	"testing"

	"zoomgraph/internal/sandbox"
)

// minted counts the tokens in the sandbox's log.
func (s *service) minted() int {
	n := 0
	for _, e := range s.zoom.Log(0) {
		if e.Path == "/oauth/token" {
			n++
		}
	}
	return n
}

// Zoom refuses one user of 32, always, and takes the token away twice: that costs one mint for the user, and one each
// time the token is away. Nobody else notices.
func TestOneUserIsRefused(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	denied := sandbox.Fault{Match: "GET /users/*/settings", User: s.users[3].ID, Kind: sandbox.FaultStatus, Status: 401, Code: 124, Message: "m"}
	const query = `{ users(first: 32, status: ACTIVE) { nodes { id settings { inMeeting { waitingRoom } } } } }`
	for round, want := range []int{2, 2, 3, 3, 4, 4} {
		faults := []sandbox.Fault{denied}
		if round == 2 || round == 4 {
			faults = append(faults, sandbox.Fault{Match: "GET /users", Kind: sandbox.FaultExpireToken, Times: 1})
		}
		if err := s.zoom.Configure(sandbox.Config{Faults: faults}); err != nil {
			t.Fatal(err)
		}
		s.wantErrors(s.ask(query, nil), "UPSTREAM_AUTH_FAILED at users.nodes.3.settings")
		if n := s.minted(); n > want {
			t.Errorf("%d tokens after round %d, want %d", n, round, want)
		}
	}
}
