package graph_test

import (
	"fmt"
	"testing"
	"time"

	"zoomgraph/internal/sandbox"
)

// What a write made is told by the ids in its answer, and leads on as any thing does; whoever asks only for the id pays
// for the write alone.
func TestMadeThings(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	const add = `mutation { addGroupMembers(id: "%s", input: {members: [{id: "USER"}, {id: "USER1"}]}) { members { %s } } }`
	var group string
	for _, group = range s.groupsByName() {
		break
	}
	s.calls()
	a := s.must(fmt.Sprintf(add, group, "id"))
	if got, want := fmt.Sprint(a.at("addGroupMembers", "members")), fmt.Sprintf("[map[id:%s] map[id:%s]]", s.users[0].ID, s.users[1].ID); got != want {
		t.Errorf("%s, want %s", got, want)
	}
	s.wantCalls("POST /groups/" + group + "/members")
	s.must(fmt.Sprintf(add, group, "settings { tsp { callOut } }"))
	s.wantCalls("POST /groups/"+group+"/members", "GET /users/USER/settings?custom_query_fields=call_out", "GET "+s.fill("/users/USER1/settings?custom_query_fields=call_out"))
}

// After a write whose outcome is not known what it would have changed is not kept for a while, since Zoom may carry it
// out late. After a clear answer it is. What Zoom was never asked changes nothing.
func TestWritesInDoubt(t *testing.T) {
	t.Parallel()
	const (
		filtered = settingsOf + "?custom_query_fields=host_video"
		query    = `{ user(id: "USER") { settings { scheduleMeeting { hostVideo } } } }`
		write    = `mutation { updateUserSettings(id: "USER", input: {scheduleMeeting: {hostVideo: true}}) { notApplied { field } } }`
	)
	for name, test := range map[string]struct {
		fault sandbox.Fault
		write string
		code  string
		calls int // of three reads
	}{
		"carried out":            {sandbox.Fault{Match: "GET /none"}, write, "", 0}, // it is read back
		"no answer":              {sandbox.Fault{Kind: sandbox.FaultDrop}, write, "UPSTREAM_UNAVAILABLE", 3},
		"no answer in time":      {sandbox.Fault{Kind: sandbox.FaultHang}, write, "UPSTREAM_TIMEOUT", 3},
		"a fault of Zoom's":      {sandbox.Fault{Kind: sandbox.FaultStatus, Status: 500}, write, "UPSTREAM_UNAVAILABLE", 3},
		"somebody else's answer": {sandbox.Fault{Kind: sandbox.FaultForeign, Status: 403, Type: "text/html", Body: "no"}, write, "UPSTREAM_INVALID_RESPONSE", 3},
		"refused":                {sandbox.Fault{Kind: sandbox.FaultStatus, Status: 400, Code: 300, Message: "no"}, write, "BAD_USER_INPUT", 1},
		"not there":              {sandbox.Fault{Kind: sandbox.FaultStatus, Status: 404, Code: 1001, Message: "no"}, write, "NOT_FOUND", 1},
		"not sent":               {sandbox.Fault{Kind: sandbox.FaultDrop}, `mutation { updateUserSettings(id: "..", input: {scheduleMeeting: {hostVideo: true}}) { notApplied { field } } }`, "BAD_USER_INPUT", 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, sandbox.Config{}, keeping(t, minute), func(p *parts) {
				if test.fault.Kind == sandbox.FaultHang {
					p.edge.RequestTimeout = 2 * time.Second
				}
			})
			s.must(query)
			fault := test.fault
			if fault.Match == "" {
				fault.Match = "PATCH /users/*/settings"
			}
			if fault.Kind == "" {
				fault.Kind = sandbox.FaultDrop
			}
			if err := s.zoom.Configure(sandbox.Config{Faults: []sandbox.Fault{fault}}); err != nil {
				t.Fatal(err)
			}
			a := s.ask(test.write, nil)
			if test.code != "" {
				s.wantErrors(a, test.code+" at updateUserSettings")
			} else if len(a.Errors) > 0 {
				t.Errorf("%s", a.raw)
			}
			s.calls()
			var want []string
			for range test.calls {
				want = append(want, filtered)
			}
			for range 3 {
				s.must(query)
			}
			s.wantCalls(want...)
		})
	}
}
