package graph_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"zoomgraph/internal/sandbox"
)

// A list that does not end is an error at its path, with the people that were read, each once; and it ends soon.
func TestEndlessLists(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault sandbox.Fault
		query string
		path  []any
		most  int // of things there are
		calls int
	}{
		"two tokens in turn": {sandbox.Fault{Match: "GET /users", Tokens: []string{"A", "B"}}, `{ users(first: 301) { nodes { id } pageInfo { hasNextPage } } }`, []any{"users"}, 151, 2},
		"the same token":     {sandbox.Fault{Match: "GET /users", Tokens: []string{"same"}}, `{ users(first: 301) { nodes { id } pageInfo { hasNextPage } } }`, []any{"users"}, 151, 2},
		"always another":     {sandbox.Fault{Match: "GET /users"}, `{ users(first: 1000) { nodes { id } pageInfo { hasNextPage } } }`, []any{"users"}, 250, 2},
		"role members":       {sandbox.Fault{Match: "GET /roles/*/members"}, `{ role(id: "2") { members(first: 400) { nodes { id } pageInfo { hasNextPage } } } }`, []any{"role", "members"}, 200, 2},
		"group members":      {sandbox.Fault{Match: "GET /groups/*/members"}, `{ groups(first: 1) { nodes { members(first: 1000) { nodes { id } pageInfo { hasNextPage } } } } }`, []any{"groups", "nodes", 0, "members"}, 250, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.fault.Kind = sandbox.FaultEndless
			s := setup(t, sandbox.Config{Faults: []sandbox.Fault{tt.fault}})
			a := s.ask(tt.query, nil)
			if calls := s.calls(); len(calls) != tt.calls {
				t.Errorf("%d calls, want %d: %q", len(calls), tt.calls, calls)
			}
			if len(a.Errors) != 1 || a.Errors[0].Extensions["code"] != "UPSTREAM_INVALID_RESPONSE" || !strings.Contains(a.Errors[0].Message, "does not end") {
				t.Fatalf("%.2000s", a.raw)
			}
			if got := pathText(a.Errors[0].Path); got != pathText(tt.path) {
				t.Errorf("error at %s", got)
			}
			list, _ := a.at(tt.path...).(map[string]any)
			nodes, _ := list["nodes"].([]any)
			if info, _ := list["pageInfo"].(map[string]any); len(nodes) == 0 || len(nodes) > tt.most || info["hasNextPage"] != false {
				t.Errorf("%d nodes, want at most %d, and %v", len(nodes), tt.most, list["pageInfo"])
			}
			wantEachOnce(t, nodes)
		})
	}
}

func wantEachOnce(t *testing.T, nodes []any) {
	t.Helper()
	seen := map[string]bool{}
	for _, node := range nodes {
		id := fmt.Sprint(node)
		if seen[id] {
			t.Errorf("%s is there twice", id)
		}
		seen[id] = true
	}
}

// Whoever follows cursors of such a list is told as well, though each request sees a page only.
func TestEndlessListByCursors(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{Faults: []sandbox.Fault{{Match: "GET /users", Kind: sandbox.FaultEndless, Tokens: []string{"A", "B"}}}})
	after := "null"
	for n := 1; ; n++ {
		a := s.ask(`{ users(first: 100, after: `+after+`) { nodes { id } pageInfo { hasNextPage endCursor } } }`, nil)
		if len(a.Errors) > 0 {
			s.wantErrors(a, "UPSTREAM_INVALID_RESPONSE at users")
			if n != 2*5+10 || a.at("users", "pageInfo", "hasNextPage") != false {
				t.Errorf("request %d: %.300s", n, a.raw)
			}
			return
		}
		if n > 100 {
			t.Fatal("it does not end")
		}
		after = fmt.Sprintf("%q", a.at("users", "pageInfo", "endCursor"))
	}
}

// A list whose first page is wrong already is null: an empty list would say that there is nobody.
func TestListWithoutAnybody(t *testing.T) {
	t.Parallel()
	s := before(t, func(w http.ResponseWriter, _ *http.Request) {
		_, _ = io.WriteString(w, `{"users":[],"next_page_token":"same"}`)
	})
	a := s.ask(`{ users(first: 5) { nodes { id } } }`, nil)
	s.wantErrors(a, "UPSTREAM_INVALID_RESPONSE at users")
}

// before starts a facade before an API of the test's own.
func before(t testing.TB, api http.HandlerFunc) *service {
	t.Helper()
	fake := httptest.NewServer(api)
	t.Cleanup(fake.Close)
	host := strings.TrimPrefix(fake.URL, "http://")
	return setup(t, sandbox.Config{}, withTransport(detour{host}))
}

// detour sends the calls of the API to another host than those for tokens.
type detour struct{ host string }

func (d detour) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasPrefix(r.URL.Path, "/v2/") {
		r = r.Clone(r.Context())
		r.URL.Host = d.host
	}
	return http.DefaultTransport.RoundTrip(r)
}

// What fails behind the first page leaves what was read, and a place to go on from.
func TestListThatFailsOnTheWay(t *testing.T) {
	t.Parallel()
	var broken atomic.Bool
	broken.Store(true)
	s := before(t, func(w http.ResponseWriter, r *http.Request) {
		token := r.URL.Query().Get("next_page_token")
		if token != "" && broken.Load() {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"code":200,"message":"No permission."}`)
			return
		}
		next := map[string]string{"": "2", "2": ""}[token]
		_, _ = fmt.Fprintf(w, `{"users":[{"id":"a%[1]s"},{"id":"b%[1]s"}],"next_page_token":%q,"total_records":4}`, token, next)
	})
	a := s.ask(`{ users(first: 4) { nodes { id } pageInfo { hasNextPage endCursor } totalCount } }`, nil)
	s.wantErrors(a, "FORBIDDEN at users")
	if nodes, _ := a.at("users", "nodes").([]any); len(nodes) != 2 || a.at("users", "pageInfo", "hasNextPage") != true || a.at("users", "totalCount") != 4.0 {
		t.Errorf("%s", a.raw)
	}
	broken.Store(false)
	b := s.must(fmt.Sprintf(`{ users(first: 4, after: %q) { nodes { id } pageInfo { hasNextPage } } }`, a.at("users", "pageInfo", "endCursor")))
	if b.at("users", "nodes", 0, "id") != "a2" || b.at("users", "pageInfo", "hasNextPage") != false {
		t.Errorf("%s", b.raw)
	}
}

// Pages that overlap give nobody twice, and their cursors go on behind whom they name.
func TestOverlappingPages(t *testing.T) {
	t.Parallel()
	s := before(t, func(w http.ResponseWriter, r *http.Request) {
		pages := map[string][2]string{
			"":  {`{"id":"a"},{"id":"b"}`, "2"},
			"2": {`{"id":"b"},{"id":"c"}`, "3"},
			"3": {`{"id":"c"},{"id":"d"}`, ""},
		}
		page := pages[r.URL.Query().Get("next_page_token")]
		_, _ = fmt.Fprintf(w, `{"users":[%s],"next_page_token":%q,"total_records":4}`, page[0], page[1])
	})
	for first, want := range map[int]string{1: "a", 2: "ab", 3: "abc", 4: "abcd", 9: "abcd"} {
		a := s.must(fmt.Sprintf(`{ users(first: %d) { nodes { id } edges { cursor } pageInfo { hasNextPage } } }`, first))
		nodes, _ := a.at("users", "nodes").([]any)
		got := ""
		for i := range nodes {
			got += fmt.Sprint(a.at("users", "nodes", i, "id"))
		}
		if got != want || a.at("users", "pageInfo", "hasNextPage") != (first < 4) {
			t.Errorf("%d: %s, %s", first, got, a.raw)
		}
		for i := range nodes[:len(nodes)-1] {
			next := s.must(fmt.Sprintf(`{ users(first: 1, after: %q) { nodes { id } } }`, a.at("users", "edges", i, "cursor")))
			if next.at("users", "nodes", 0, "id") != want[i+1:i+2] && next.at("users", "nodes", 0, "id") != want[i:i+1] {
				t.Errorf("behind %d of %d: %s", i, first, next.raw)
			}
		}
	}
}

// Where Zoom counts none, a list that it leaves out is empty; otherwise it is missing. So it is for connections, with
// pages or without, and for lists of data.
func TestMissingLists(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]string{
		`{"total_records":0}`:                                    "empty",
		`{"total_records":"0"}`:                                  "empty",
		`{"KEY":null,"total_records":0}`:                         "empty",
		`{"page_size":0,"total_records":0,"next_page_token":""}`: "empty",
		`{"KEY":[],"page_size":0}`:                               "empty",
		`{}`:                                                     "missing",
		`{"KEY":null}`:                                           "missing",
		`{"page_size":30}`:                                       "missing",
		`{"total_records":1}`:                                    "missing",
		`{"KEY":{},"total_records":0}`:                           "wrong",
		`{"KEY":"","total_records":0}`:                           "wrong",
	} {
		t.Run(answer, func(t *testing.T) {
			t.Parallel()
			s := before(t, func(w http.ResponseWriter, r *http.Request) {
				key := r.URL.Path[strings.LastIndexByte(r.URL.Path, '/')+1:]
				if key == "managed_domains" {
					key = "domains"
				}
				_, _ = io.WriteString(w, strings.ReplaceAll(answer, "KEY", key))
			})
			a := s.ask(`{ users { nodes { id } } groups { nodes { id } } roles { nodes { id } }
				group(id: "g") { members { nodes { id } } } account(id: "me") { managedDomains { domain } } }`, nil)
			lists := map[string]any{
				"users": a.at("users", "nodes"), "groups": a.at("groups", "nodes"), "roles": a.at("roles", "nodes"),
				"group.members": a.at("group", "members", "nodes"), "account.managedDomains": a.at("account", "managedDomains"),
			}
			for name, list := range lists {
				if list, isList := list.([]any); isList != (want == "empty") || len(list) != 0 {
					t.Errorf("%s is %v", name, list)
				}
			}
			var errors []string
			for _, e := range a.Errors {
				errors = append(errors, fmt.Sprint(e.Extensions["code"]))
			}
			if n := map[string]int{"empty": 0, "missing": 4, "wrong": 4}[want]; want != "wrong" && len(errors) != n || want == "wrong" && len(errors) < n {
				t.Errorf("errors %q: %s", errors, a.raw)
			}
		})
	}
}

// A read that is answered by nothing is an invalid answer, whatever is read.
func TestAnsweredByNothing(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]sandbox.Fault{
		"204":         {Status: 204},
		"empty":       {Status: 200, Type: "application/json"},
		"white space": {Status: 200, Type: "application/json", Body: " \r\n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fault.Kind = sandbox.FaultForeign
			var faults []sandbox.Fault
			for _, match := range []string{"GET /users", "GET /users/*", "GET /users/*/settings", "GET /accounts/*/managed_domains", "GET /groups", "GET /groups/*/lock_settings"} {
				fault.Match = match
				faults = append(faults, fault)
			}
			s := setup(t, sandbox.Config{Faults: faults})
			for path, query := range map[string]string{
				"users":                  `{ users { nodes { id } } }`,
				"groups":                 `{ groups { nodes { id } } }`,
				"group.lockSettings":     `{ group(id: "g") { lockSettings { scheduleMeeting { hostVideo } } } }`,
				"user.email":             `{ user(id: "USER") { email } }`,
				"user.settings":          `{ user(id: "USER") { settings { scheduleMeeting { hostVideo } } } }`,
				"account.managedDomains": `{ account(id: "me") { managedDomains { domain } } }`,
			} {
				s.wantErrors(s.ask(query, nil), "UPSTREAM_INVALID_RESPONSE at "+path)
			}
		})
	}
}

// A page of a proxy's is no verdict on a thing, and its status and type are told.
func TestAnsweredByAProxy(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{Faults: []sandbox.Fault{{
		Match: "GET /users/*", Kind: sandbox.FaultForeign, Status: 403, Type: "text/html; charset=utf-8", Body: "<html>Blocked by web policy</html>",
	}}})
	a := s.ask(`{ user(id: "USER") { email } }`, nil)
	s.wantErrors(a, "UPSTREAM_INVALID_RESPONSE at user.email")
	if e := a.Errors[0].Extensions; e["httpStatus"] != 403.0 || e["contentType"] != "text/html" || e["hint"] == nil || strings.Contains(string(a.raw), "Blocked") {
		t.Errorf("%s", a.raw)
	}
}

// A cursor goes on whatever is selected: it remembers what its first page asked for, and the rest is read of each user.
func TestCursorRemembersItsList(t *testing.T) {
	t.Parallel()
	fields := map[string]string{"nothing": "email", "host_key": "hostKey", "custom_attributes": "customAttributes { key value }", "both": "hostKey customAttributes { key value }"}
	for before, asked := range fields {
		for now, asks := range fields {
			t.Run(before+" then "+now, func(t *testing.T) {
				t.Parallel()
				s := setup(t, sandbox.Config{})
				one := s.must(`{ users(first: 2) { nodes { ` + asked + ` } pageInfo { endCursor } } }`)
				two := s.must(fmt.Sprintf(`{ users(first: 3, after: %q) { nodes { id %s } pageInfo { endCursor } } }`, one.at("users", "pageInfo", "endCursor"), asks))
				three := s.must(fmt.Sprintf(`{ users(first: 1, after: %q) { nodes { id %s } } }`, two.at("users", "pageInfo", "endCursor"), asked))
				for i, want := range s.users[2:5] {
					if two.at("users", "nodes", i, "id") != want.ID {
						t.Errorf("%d is %v", i, two.at("users", "nodes", i))
					}
				}
				if three.at("users", "nodes", 0, "id") != s.users[5].ID {
					t.Errorf("page three: %s", three.raw)
				}
				details, missing := 0, before != "both" && now != "nothing" && now != before
				for _, call := range s.calls() {
					if strings.HasPrefix(call, "GET /users/") {
						details++
					}
				}
				if wanted := map[bool]int{true: 3}[missing]; details != wanted {
					t.Errorf("%d details were read, want %d", details, wanted)
				}
				if cost := two.Extensions.Zoom.Cost; cost.Requested < cost.Calls-1 {
					t.Errorf("priced %d, and %d calls", cost.Requested, cost.Calls)
				}
				if strings.Contains(asks, "hostKey") && two.at("users", "nodes", 2, "hostKey") == nil {
					t.Errorf("no host key: %s", two.raw)
				}
			})
		}
	}
}

// A page of drift goes on from a page of users, and the other way round.
func TestCursorOfDrift(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	one := s.must(`{ users(first: 2) { pageInfo { endCursor } } }`)
	s.calls()
	drift := s.must(fmt.Sprintf(`{ settingsDrift(first: 2, after: %q, baseline: {feature: {meeting_capacity: 7}}) { nodes { user { id hostKey } } pageInfo { endCursor } } }`, one.at("users", "pageInfo", "endCursor")))
	if drift.at("settingsDrift", "nodes", 1, "user", "id") != s.users[3].ID || drift.at("settingsDrift", "nodes", 1, "user", "hostKey") == nil {
		t.Errorf("%s", drift.raw)
	}
	s.must(fmt.Sprintf(`{ users(first: 2, after: %q) { nodes { hostKey } } }`, drift.at("settingsDrift", "pageInfo", "endCursor")))
	a := s.ask(fmt.Sprintf(`{ users(first: 2, status: INACTIVE, after: %q) { nodes { id } } }`, one.at("users", "pageInfo", "endCursor")), nil)
	s.wantErrors(a, "BAD_USER_INPUT at users")
}

// Who has not accepted the invitation is known by their address, in a list and by themselves.
func TestPendingUser(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	node := s.must(`{ users(status: PENDING, first: 1) { nodes { id email status } } }`).at("users", "nodes", 0)
	address := node.(map[string]any)["id"]
	s.calls()
	if got := s.must(fmt.Sprintf(`{ user(id: %q) { id } }`, address)); got.at("user", "id") != address {
		t.Errorf("%s", got.raw)
	}
	if got := s.must(fmt.Sprintf(`{ user(id: %q) { id email status } }`, address)).at("user"); !equalJSON(got, node) {
		t.Errorf("%v, and in the list %v", got, node)
	}
	s.wantCalls(fmt.Sprintf("GET /users/%s", address), fmt.Sprintf("GET /users/%s", address))
	a := s.ask(fmt.Sprintf(`{ user(id: %q) { id jobTitle role { name } settings { tsp { callOut } } } }`, address), nil)
	s.wantErrors(a, "INVITATION_PENDING at user.jobTitle", "INVITATION_PENDING at user.role", "INVITATION_PENDING at user.settings")
	if a.at("user", "id") != address {
		t.Errorf("%s", a.raw)
	}
	s.calls()
	for _, query := range []string{`{ user(id: "USER") { id } }`, `{ group(id: "g") { id } }`, `{ role(id: "r") { id } }`, `{ account(id: "a") { id } }`} {
		s.must(query) // an id is taken at its word
	}
	s.wantCalls()
}

// Ids that nobody can see stay here, in paths, in queries and in inputs.
func TestBlankIDs(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	for _, id := range []string{" ", "\t", "\u00a0", "\u200b", "\ufeff", "\u3000\u2003", "\u2800"} {
		for _, query := range []string{
			`query ($id: ID!) { x: user(id: $id) { settings { tsp { callOut } } } }`,
			`query ($id: ID!) { x: group(id: $id) { id } }`,
			`query ($id: ID!) { x: role(id: $id) { name } }`,
			`query ($id: ID!) { x: account(id: $id) { id } }`,
			`query ($id: ID!) { x: users(roleId: $id) { nodes { id } } }`,
			`mutation ($id: ID!) { x: deleteGroupMember(id: "g", memberId: $id) { group { id } } }`,
			`mutation ($id: ID!) { x: deleteUserAssistant(id: "u", assistantId: $id) { user { id } } }`,
			`mutation ($id: ID!) { x: addGroupMembers(id: "g", input: {members: [{id: "a"}, {id: $id}]}) { ids } }`,
			`mutation ($id: ID!) { x: updateUserSettings(id: $id, input: {scheduleMeeting: {hostVideo: true}}) { user { id } } }`,
		} {
			a := s.ask(query, map[string]any{"id": id})
			if len(a.Errors) != 1 || a.Errors[0].Extensions["code"] != "BAD_USER_INPUT" || !strings.Contains(a.Errors[0].Message, "white space") {
				t.Errorf("%+q in %s: %s", id, query, a.raw)
			}
		}
	}
	s.wantCalls()
}

// Variables are what GraphQL makes of them, in arguments and within inputs alike.
func TestVariables(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	const list = `query ($v: Int!) { users(first: $v) { nodes { id } } }`
	const settings = `mutation ($v: UserSettingsInput!) { updateUserSettings(id: "USER", input: $v) { user { id } } }`
	for _, tt := range []struct {
		query, value string
		want         string // "" is no error
	}{
		{list, `3`, ""},
		{list, `3.0`, ""},
		{list, `30e-1`, ""},
		{list, `3.5`, "variable $v: 3.5 cannot be used as Int!"},
		{list, `"3"`, "variable $v: a string cannot be used as Int!"},
		{list, `[3]`, "variable $v: a list cannot be used as Int!"},
		{settings, `{"feature":{"meetingCapacity":100.0}}`, ""},
		{settings, `{"feature":{"meetingCapacity":"100"}}`, "variable $v.feature.meetingCapacity: a string cannot be used as Int"},
		{settings, `{"feature":{"meetingCapacity":2147483648}}`, "variable $v.feature.meetingCapacity: 2147483648 cannot be used as Int"},
		{settings, `{"feature":{"largeMeeting":"true"}}`, "variable $v.feature.largeMeeting: a string cannot be used as Boolean"},
		{settings, `{"feature":{"largeMeeting":1}}`, "variable $v.feature.largeMeeting: 1 cannot be used as Boolean"},
		{settings, `{"scheduleMeeting":{"audioType":"both"}}`, "variable $v.scheduleMeeting.audioType: both is not a valid"},
	} {
		var value any
		dec := json.NewDecoder(strings.NewReader(tt.value))
		dec.UseNumber()
		if err := dec.Decode(&value); err != nil {
			t.Fatal(err)
		}
		a := s.ask(tt.query, map[string]any{"v": value})
		got := ""
		if len(a.Errors) > 0 {
			got = a.Errors[0].Message
		}
		if (tt.want == "") != (got == "") || !strings.HasPrefix(got, tt.want) {
			t.Errorf("%s in %s: %s", tt.value, tt.query, a.raw)
		}
	}
	if i := slices.IndexFunc(s.calls(), func(call string) bool { return strings.HasPrefix(call, "PATCH") }); i < 0 {
		t.Error("nothing was written")
	}
}
