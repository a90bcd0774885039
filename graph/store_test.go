package graph_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"zoomgraph/internal/sandbox"
	"zoomgraph/internal/store"
)

// keeping is a service that keeps what it read.
func keeping(t testing.TB, opts store.Options) option {
	t.Helper()
	s, err := store.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return func(p *parts) { p.graph.Store = s.Principal("account", "", nil) }
}

var minute = store.Options{TTL: time.Minute, UsersTTL: time.Minute, ServeStale: 10 * time.Minute}

// settingsCalls counts the settings calls since it was last asked, by what they asked for.
func (s *service) settingsCalls() map[string]int {
	calls := map[string]int{}
	for _, call := range s.calls() {
		if path, query, _ := strings.Cut(call, "?"); strings.HasSuffix(path, "/settings") {
			calls[query]++
		}
	}
	return calls
}

// Two requests for overlapping settings of 100 users, at the same moment: one call a user. Again: none. With one more
// setting: one call a user, for that setting only.
func TestRequestsShareCalls(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{LatencyByPath: map[string]sandbox.Duration{"GET /users": sandbox.Duration(time.Second)}}, keeping(t, minute))
	const query = `{ users(first: 100) { nodes { id settings { %s } } } }`
	var wg sync.WaitGroup
	start := make(chan struct{})
	costs := make(chan [3]int, 2)
	for _, fields := range []string{"scheduleMeeting { hostVideo } inMeeting { waitingRoom }", "inMeeting { waitingRoom chat }"} {
		wg.Go(func() {
			<-start
			a := s.must(fmt.Sprintf(query, fields))
			for i := range 100 {
				if a.at("users", "nodes", i, "settings", "inMeeting", "waitingRoom") == nil {
					t.Errorf("user %d has no settings", i)
				}
			}
			cost := a.Extensions.Zoom.Cost
			costs <- [3]int{cost.Calls, cost.Coalesced, cost.Cached}
		})
	}
	close(start)
	wg.Wait()
	first, second := <-costs, <-costs
	if total := first[0] + second[0]; total != 101 || first[1]+second[1]+first[2]+second[2] != 101 {
		t.Errorf("calls, coalesced and cached: %v and %v; want 101 calls together, and 101 reads without", first, second)
	}
	if got, want := fmt.Sprint(s.settingsCalls()), "map[custom_query_fields=chat,host_video,waiting_room:100]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	a := s.must(fmt.Sprintf(query, "scheduleMeeting { hostVideo } inMeeting { chat waitingRoom }"))
	if cost := a.Extensions.Zoom.Cost; cost.Calls != 0 || cost.Cached != 101 {
		t.Errorf("again: %+v", cost)
	}
	s.wantCalls()
	a = s.must(fmt.Sprintf(query, "scheduleMeeting { hostVideo audioType } inMeeting { chat }"))
	if cost := a.Extensions.Zoom.Cost; cost.Calls != 100 || cost.Cached != 1 {
		t.Errorf("one more: %+v", cost)
	}
	if got, want := fmt.Sprint(s.settingsCalls()), "map[custom_query_fields=audio_type:100]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

// What a request cost says which answers were known; one that is all known costs no call.
func TestKnownAnswers(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{}, keeping(t, minute))
	const query = `{ user(id: "USER") { email a: settings { tsp { callOut } } b: settings { tsp { callOut } } } }`
	cold, warm := s.must(query), s.must(query)
	for _, test := range []struct {
		name              string
		got               *answer
		calls, cached, co int
	}{{"cold", cold, 2, 0, 1}, {"warm", warm, 0, 3, 0}} {
		if c := test.got.Extensions.Zoom.Cost; c.Calls != test.calls || c.Cached != test.cached || c.Coalesced != test.co {
			t.Errorf("%s: %+v, want %d calls, %d cached, %d coalesced", test.name, c, test.calls, test.cached, test.co)
		}
	}
	if fmt.Sprint(cold.Data) != fmt.Sprint(warm.Data) {
		t.Errorf("cold %v, warm %v", cold.Data, warm.Data)
	}
}

// A user is known by address as by id, as soon as one answer has told both.
func TestKnownByAddress(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{}, keeping(t, minute))
	email := s.users[0].Email
	s.must(`{ user(id: "` + email + `") { id settings { tsp { callOut } } } }`)
	s.calls()
	s.must(`{ user(id: "USER") { email settings { tsp { callOut } } } again: user(id: "` + strings.ToUpper(email) + `") { id settings { tsp { callOut } } } }`)
	s.wantCalls()
}

// Cache-Control of a request says how old its answers may be.
func TestCacheControl(t *testing.T) {
	t.Parallel()
	for header, want := range map[string]int{"": 0, "no-cache": 1, "No-Store": 1, "max-age=0": 1, "private, max-age=3600": 0, "max-age=many": 0} {
		s := setup(t, sandbox.Config{}, keeping(t, minute))
		const query = `{ user(id: "USER") { settings { tsp { callOut } } } }`
		s.must(query)
		s.calls()
		body, err := json.Marshal(map[string]string{"query": s.fill(query)})
		if err != nil {
			t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.url, strings.NewReader(string(body)))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("Cache-Control", header)
		s.send(req)
		if got := len(s.calls()); got != want {
			t.Errorf("Cache-Control: %s: %d calls, want %d", header, got, want)
		}
	}
}

// Who writes reads what they wrote, and only that is read again.
func TestWritesAreSeen(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{}, keeping(t, minute))
	const query = `{ a: user(id: "USER") { settings { scheduleMeeting { hostVideo } } } b: user(id: "USER1") { settings { scheduleMeeting { hostVideo } } } }`
	before := s.must(query).at("a", "settings", "scheduleMeeting", "hostVideo") == true
	s.calls()
	for i := range 4 {
		want := before == (i%2 == 1)
		a := s.ask(fmt.Sprintf(`mutation { updateUserSettings(id: "USER", input: {scheduleMeeting: {hostVideo: %v}}) {
			notApplied { field } settings { scheduleMeeting { hostVideo } } } }`, want), nil)
		if got := a.at("updateUserSettings", "settings", "scheduleMeeting", "hostVideo"); got != want || len(a.Errors) > 0 {
			t.Fatalf("the payload: %s", a.raw)
		}
		if got := s.must(query).at("a", "settings", "scheduleMeeting", "hostVideo"); got != want {
			t.Errorf("after the write: %v", got)
		}
		s.wantCalls("PATCH /users/USER/settings", settingsOf+"?custom_query_fields=host_video")
	}
	s.ask(`mutation { updateUserSettings(id: "`+s.users[0].Email+`", input: {scheduleMeeting: {hostVideo: true}}) { settings { scheduleMeeting { hostVideo } } } }`, nil)
	if got := s.must(query).at("a", "settings", "scheduleMeeting", "hostVideo"); got != true {
		t.Errorf("after a write by address: %v", got)
	}
}

// Where the account's limits allow no call, an answer that is known is better than none, and says how old it is.
func TestStaleWhenLimited(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{}, keeping(t, store.Options{TTL: time.Nanosecond, UsersTTL: time.Nanosecond, ServeStale: time.Hour}))
	const query = `{ users(first: 2) { nodes { email dept settings { tsp { callOut } } } } user(id: "USER") { hostKey } }`
	start := time.Now().Add(-time.Second)
	fresh := s.must(query)
	s.zoom.Configure(sandbox.Config{Faults: []sandbox.Fault{{Kind: "429-daily"}}})
	stale := s.must(query)
	if fmt.Sprint(fresh.Data) != fmt.Sprint(stale.Data) {
		t.Errorf("fresh %s\nstale %s", fresh.raw, stale.raw)
	}
	var paths []string
	for _, old := range stale.Extensions.Zoom.Stale {
		paths = append(paths, pathText(old.Path))
		if old.AsOf.Before(start) || old.AsOf.After(time.Now()) {
			t.Errorf("%v is as of %v", old.Path, old.AsOf)
		}
	}
	slices.Sort(paths)
	if got, want := strings.Join(paths, " "), "user users users.nodes.0.settings users.nodes.1.settings"; got != want {
		t.Errorf("stale: %s, want %s", got, want)
	}
	if len(fresh.Extensions.Zoom.Stale) > 0 {
		t.Errorf("fresh: %s", fresh.raw)
	}
	other := s.ask(`{ user(id: "USER") { settings { telephony { thirdPartyAudio } } } }`, nil)
	s.wantErrors(other, "RATE_LIMITED at user.settings")
}

// A write that failed may have been done: what it would have changed is read again.
func TestFailedWrites(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{Faults: []sandbox.Fault{{Match: "PATCH /users/*/settings", Kind: "drop"}}}, keeping(t, minute))
	const query = `{ user(id: "USER") { settings { scheduleMeeting { hostVideo } } } }`
	s.must(query)
	a := s.ask(`mutation { updateUserSettings(id: "USER", input: {scheduleMeeting: {hostVideo: true}}) { settings { scheduleMeeting { hostVideo } } } }`, nil)
	s.wantErrors(a, "UPSTREAM_UNAVAILABLE at updateUserSettings")
	s.calls()
	s.must(query)
	s.wantCalls(settingsOf + "?custom_query_fields=host_video")
}

// Where an account's filter does not work, the whole view that came instead is known.
func TestWholeViewsAreKnown(t *testing.T) {
	t.Parallel()
	for filter, calls := range map[string]int{"ignored": 1, "empty": 2} {
		s := setup(t, sandbox.Config{FieldFilter: sandbox.FieldFilter(filter)}, keeping(t, minute))
		s.must(`{ user(id: "USER") { settings { scheduleMeeting { hostVideo } } } }`)
		if got := len(s.calls()); got != calls {
			t.Errorf("%s: %d calls, want %d", filter, got, calls)
		}
		a := s.must(`{ user(id: "USER") { settings { inMeeting { chat waitingRoom } raw } } }`)
		if a.at("user", "settings", "inMeeting", "waitingRoom") == nil {
			t.Errorf("%s: %s", filter, a.raw)
		}
		s.wantCalls()
	}
}
