package graph_test

import (
	"slices"
	"strings"
	"testing"

	"zoomgraph/internal/sandbox"
)

// Zoom does not document what a filter does with unknown, absent or ambiguous names, so every way it might be is a
// mode of the sandbox, and every one gets the right answer; how many calls that takes is what differs.
func TestFilterModes(t *testing.T) {
	t.Parallel()
	const query = `{ user(id: "USER") { settings { scheduleMeeting { hostVideo } recording { autoRecording } telephony { showInternationalNumbersLink } } } }`
	reference := setup(t, sandbox.Config{}, withFilter("off")).must(query)
	for _, mode := range []sandbox.FieldFilter{"leaf", "sections", "ignored", "both", "empty"} {
		for _, filter := range []string{"auto", "off"} {
			t.Run(string(mode)+" "+filter, func(t *testing.T) {
				t.Parallel()
				s := setup(t, sandbox.Config{FieldFilter: mode}, withFilter(filter))
				for range 2 {
					if a := s.must(query); !equalJSON(a.Data, reference.Data) {
						t.Errorf("%s\nwant %s", a.raw, reference.raw)
					}
				}
			})
		}
	}
}

func TestFilterThatCannotBeTrusted(t *testing.T) {
	t.Parallel()
	const query = `{ user(id: "USER") { settings { scheduleMeeting { hostVideo } } } }`
	const filtered = settingsOf + "?custom_query_fields=host_video"
	for _, test := range []struct {
		mode          sandbox.FieldFilter
		filter        string
		first, second []string
	}{
		{"leaf", "auto", []string{filtered}, []string{filtered}},
		{"empty", "auto", []string{filtered, settingsOf}, []string{settingsOf}},
		{"ignored", "auto", []string{filtered}, []string{settingsOf}},
		{"empty", "on", []string{filtered}, []string{filtered}},
		{"leaf", "off", []string{settingsOf}, []string{settingsOf}},
	} {
		t.Run(string(test.mode)+" "+test.filter, func(t *testing.T) {
			t.Parallel()
			s := setup(t, sandbox.Config{FieldFilter: test.mode}, withFilter(test.filter))
			a := s.must(query)
			s.wantCalls(test.first...)
			if _, isBool := a.at("user", "settings", "scheduleMeeting", "hostVideo").(bool); isBool != (test.filter != "on") {
				t.Errorf("answer %s", a.raw)
			}
			s.must(query)
			s.wantCalls(test.second...)
		})
	}
}

// A name that the account does not have costs one second look, not one a user or a request.
func TestAbsentNameIsRemembered(t *testing.T) {
	t.Parallel()
	absent := sandbox.Fault{Match: "GET /users/*/settings", Kind: sandbox.FaultAbsent, Path: "recording.smart_recording"}
	s := setup(t, sandbox.Config{Faults: []sandbox.Fault{absent}})
	const query = `{ users(first: 20) { nodes { settings { recording { smartRecording { createNextSteps } } } } } }`
	a := s.must(query)
	calls := s.calls()
	whole := slices.IndexFunc(calls, func(call string) bool { return strings.HasSuffix(call, "/settings") })
	if len(calls) != 22 || whole < 0 {
		t.Errorf("%d calls, want a list, 20 filtered and one second look:\n%s", len(calls), strings.Join(calls, "\n"))
	}
	if len(a.Extensions.Zoom.Absent) != 20 {
		t.Errorf("%d absences, want one a user", len(a.Extensions.Zoom.Absent))
	}
	s.must(query)
	if calls := s.calls(); len(calls) != 21 {
		t.Errorf("%d calls the second time, want 21", len(calls))
	}
}

// A third of the sandbox's users have no passcode. That the filter brings it for others is proof enough.
func TestNameThatSomeUsersLack(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	const query = `{ users(first: 60) { nodes { settings { scheduleMeeting { pmiPassword } } } } }`
	a := s.must(query)
	if n := len(a.Extensions.Zoom.Absent); n < 5 || n > 40 {
		t.Fatalf("%d of 60 users lack a passcode: the sandbox changed", n)
	}
	if n := len(s.calls()); n > 62 {
		t.Errorf("%d calls, want 61 and at most one second look", n)
	}
	s.must(query)
	if n := len(s.calls()); n != 61 {
		t.Errorf("%d calls the second time, want 61", n)
	}
}
