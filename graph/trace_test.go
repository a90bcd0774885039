package graph_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"zoomgraph/graph"
	"zoomgraph/internal/sandbox"
)

// traced lists entries as "operation <- path, path (+more)", sorted.
func traced(entries []entry) []string {
	var lines []string
	for _, e := range entries {
		var paths []string
		for _, path := range e.For {
			paths = append(paths, pathText(path))
		}
		slices.Sort(paths)
		line := strings.TrimSpace(e.By+" "+e.Operation) + " <- " + strings.Join(paths, ", ")
		if e.ForMore > 0 {
			line += fmt.Sprintf(" (+%d)", e.ForMore)
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	return lines
}

// Each call says which fields caused it: all those that were merged into it, the thing of a list whose details it reads,
// the field of a mutation that wrote.
func TestTraceNamesCauses(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, query string
		want        []string
	}{
		{"one", `{ user(id: "USER") { email settings { tsp { callOut } meetingSecurity { waitingRoom } } } }`, []string{
			"user <- user", "userSettings <- user.settings", "userSettings <- user.settings",
		}},
		{
			"merged", `{ a: user(id: "USER") { one: settings { tsp { callOut } } two: settings { inMeeting { chat } } } b: user(id: "USER") { settings { tsp { callOut } } } }`,
			[]string{"userSettings <- a.one, a.two, b.settings"},
		},
		{
			"more than are listed", `{ user(id: "USER") { a: settings { tsp { callOut } } b: settings { tsp { callOut } } c: settings { tsp { callOut } } d: settings { inMeeting { chat } }
			e: settings { inMeeting { chat } } f: settings { inMeeting { chat } } g: settings { inMeeting { chat } } } }`, []string{"userSettings <- 5 of 7"},
		},
		{"details of a list", `{ users(first: 2) { all: nodes { jobTitle } } }`, []string{"user <- users.all.0", "user <- users.all.1", "users <- users"}},
		{"details of its edges", `{ users(first: 2) { edges { of: node { jobTitle } } } }`, []string{"user <- users.edges.0.of", "user <- users.edges.1.of", "users <- users"}},
		{"links", `{ users(first: 3) { nodes { id r: role { name } } } }`, []string{"getRoleInformation <- users.nodes.0.r", "getRoleInformation <- users.nodes.1.r, users.nodes.2.r", "users <- users"}},
		{
			"a write and what is read back", `mutation { it: updateUserSettings(id: "USER", input: {tsp: {callOut: true}}) { settings { tsp { callOut } } } }`,
			[]string{"userSettings <- it.settings", "userSettingsUpdate <- it"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, sandbox.Config{})
			a := s.must(test.query)
			calls := a.Extensions.Zoom.Calls
			got := traced(calls)
			if test.name == "more than are listed" { // which ones is up to the scheduler
				got = []string{fmt.Sprintf("%s <- %d of %d", calls[0].Operation, len(calls[0].For), len(calls[0].For)+calls[0].ForMore)}
			}
			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Error(diff)
			}
			if n := len(s.calls()); n != len(calls) || n != a.Extensions.Zoom.Cost.Calls || len(a.Extensions.Zoom.Saved) > 0 {
				t.Errorf("%d calls in the sandbox's log, %s", n, a.raw)
			}
		})
	}
}

// Calls stand where they belong in time: the list first, then what it leads to, all within the operation.
func TestTraceTellsTime(t *testing.T) {
	t.Parallel()
	const latency = 20.0
	s := setup(t, sandbox.Config{Latency: sandbox.Duration(latency * time.Millisecond)})
	start := time.Now()
	a := s.must(`{ users(first: 3) { nodes { settings { tsp { callOut } } } } }`)
	whole := float64(time.Since(start).Milliseconds()) + 1
	calls := a.Extensions.Zoom.Calls
	if len(calls) != 4 || calls[0].Operation != "users" || calls[0].Attempts != 0 {
		t.Fatalf("%s", a.raw)
	}
	for i, call := range calls {
		end := call.StartMs + call.WaitedMs + call.TookMs
		if call.StartMs <= 0 || call.TookMs < latency || end > whole || i > 0 && call.StartMs < calls[0].StartMs+latency {
			t.Errorf("call %d: %+v in %v ms", i, call, whole)
		}
	}
}

// Reads that were known, or shared the call of another operation, are listed with the fields that asked; what is counted
// as coalesced beyond those are the paths after the first of every entry.
func TestTraceListsSavedReads(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{Latency: sandbox.Duration(time.Second)}, keeping(t, minute))
	const query = `{ user(id: "USER") { email a: settings { tsp { callOut } } b: settings { tsp { callOut } } } }`
	var wg sync.WaitGroup
	answers := make([]*answer, 2)
	for i := range answers {
		wg.Go(func() { answers[i] = s.must(query) })
	}
	wg.Wait()
	var lines []string
	for _, a := range answers {
		lines = append(lines, append(traced(a.Extensions.Zoom.Calls), traced(a.Extensions.Zoom.Saved)...)...)
		wantConsistent(t, a)
	}
	slices.Sort(lines)
	if diff := cmp.Diff([]string{"COALESCED user <- user", "COALESCED userSettings <- user.a, user.b", "user <- user", "userSettings <- user.a, user.b"}, lines); diff != "" {
		t.Error("at the same time:", diff)
	}
	again := s.must(query)
	wantConsistent(t, again)
	if diff := cmp.Diff([]string{"CACHED user <- user", "CACHED userSettings <- user.a", "CACHED userSettings <- user.b"}, traced(again.Extensions.Zoom.Saved)); diff != "" || len(again.Extensions.Zoom.Calls) > 0 {
		t.Error("again:", diff, again.Extensions.Zoom.Calls)
	}
	for _, saved := range again.Extensions.Zoom.Saved {
		if saved.Operation == "userSettings" && (fmt.Sprint(saved.Fields) != "[call_out]" || saved.Method != "GET" || saved.Path != "/users/{userId}/settings" || saved.Label != "MEDIUM") {
			t.Errorf("%+v", saved)
		}
		if saved.StartMs <= 0 || saved.TookMs > 50 {
			t.Errorf("%+v: it was known", saved)
		}
	}
	untraced := s.askWith("X-Other", query, nil)
	if zoom := untraced.Extensions.Zoom; len(zoom.Saved)+len(zoom.Calls) > 0 || zoom.Cost.Cached != 3 {
		t.Errorf("without the header: %s", untraced.raw)
	}
}

// wantConsistent compares the entries of a trace with the sums of its cost.
func wantConsistent(t *testing.T, a *answer) {
	t.Helper()
	zoom := a.Extensions.Zoom
	by, merged := map[string]int{}, 0
	for _, e := range append(zoom.Calls, zoom.Saved...) {
		by[e.By]++
		merged += len(e.For) + e.ForMore - 1
	}
	if by["CACHED"] != zoom.Cost.Cached || by["COALESCED"]+merged != zoom.Cost.Coalesced || by[""] != zoom.Cost.Calls {
		t.Errorf("entries %v and %d merged, cost %+v", by, merged, zoom.Cost)
	}
}

// Both lists are bounded.
func TestTraceIsBounded(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{}, keeping(t, minute))
	const query = `{ users(first: 150) { nodes { settings { tsp { callOut } } } } }`
	cold, warm := s.must(query), s.must(query)
	if n, m := len(cold.Extensions.Zoom.Calls), len(warm.Extensions.Zoom.Saved); n != 100 || m != 100 || warm.Extensions.Zoom.Cost.Cached != 151 {
		t.Errorf("%d calls and %d saved reads are listed, want 100", n, m)
	}
}

// Of a subscription each change has a trace of its own, which begins with that change.
func TestTraceOfSubscriptions(t *testing.T) {
	t.Parallel()
	n := newNewsroom(t, minute)
	next := n.start(t.Context(), `subscription { it: userSettingsChanged(id: "ANN") { user { settings { scheduleMeeting { hostVideo } } } } }`, graph.TraceHeader)
	for i := range 20 { // of no interest here, but it takes a while
		n.hostVideo(n.users[1].ID, i%2 == 0)
	}
	for _, on := range []bool{true, false} {
		start := time.Now()
		n.hostVideo(n.users[0].ID, on)
		resp := next()
		raw, err := json.Marshal(resp.Extensions["zoom"])
		if err != nil {
			t.Fatal(err)
		}
		var zoom struct{ Calls []entry }
		if err := json.Unmarshal(raw, &zoom); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff([]string{"userSettings <- it.user.settings"}, traced(zoom.Calls)); diff != "" {
			t.Error(diff)
		} else if zoom.Calls[0].StartMs > float64(time.Since(start).Milliseconds()+1) {
			t.Errorf("%+v: it began with the subscription", zoom.Calls[0])
		}
	}
}
