package graph_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"zoomgraph/internal/sandbox"
)

func equalJSON(a, b any) bool { return reflect.DeepEqual(a, b) }

// Pages of any size, over Zoom's pages of another size, give the same users as one page.
func TestPages(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	var all []string
	for _, user := range s.users {
		all = append(all, user.ID)
	}
	for _, sizes := range [][]int{{500}, {300, 300}, {100, 100, 100, 100, 100}, {250, 7, 1, 300}, {1, 499}, {1000}} {
		t.Run(fmt.Sprint(sizes), func(t *testing.T) {
			t.Parallel()
			var got []string
			after := "null"
			for i := 0; after != ""; i++ {
				size := sizes[min(i, len(sizes)-1)]
				a := s.must(fmt.Sprintf(`{ users(first: %d, after: %s) { totalCount nodes { id } edges { cursor node { id } } pageInfo { hasNextPage endCursor } } }`, size, after))
				if a.at("users", "totalCount") != float64(len(all)) {
					t.Fatalf("totalCount %v", a.at("users", "totalCount"))
				}
				nodes, _ := a.at("users", "nodes").([]any)
				for n := range nodes {
					got = append(got, fmt.Sprint(a.at("users", "nodes", n, "id")))
				}
				if len(nodes) > 0 && a.at("users", "edges", len(nodes)-1, "cursor") != a.at("users", "pageInfo", "endCursor") {
					t.Fatal("endCursor is not the last edge's cursor")
				}
				after = ""
				if a.at("users", "pageInfo", "hasNextPage") == true {
					after = fmt.Sprintf("%q", a.at("users", "pageInfo", "endCursor"))
				}
			}
			if !reflect.DeepEqual(got, all) {
				t.Errorf("%d users in another order or number than the %d of the account", len(got), len(all))
			}
		})
	}
}

// A cursor in the middle of a page goes on from there, and costs no more calls than it must.
func TestPageCalls(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	for _, test := range []struct {
		query string
		calls int
	}{
		{`{ users { nodes { id } } }`, 1},
		{`{ users(first: 300) { nodes { id } } }`, 1},
		{`{ users(first: 400) { nodes { id } } }`, 2},
		{`{ users(first: 1000) { nodes { id } } }`, 2}, // 500 active users in pages of 250
	} {
		s.must(test.query)
		if calls := s.calls(); len(calls) != test.calls {
			t.Errorf("%s: %d calls, want %d:\n%s", test.query, len(calls), test.calls, strings.Join(calls, "\n"))
		}
	}
	a := s.must(`{ users(first: 10) { nodes { id } edges { cursor } } }`)
	s.calls()
	b := s.must(fmt.Sprintf(`{ users(first: 2, after: %q) { nodes { id } } }`, a.at("users", "edges", 3, "cursor")))
	if b.at("users", "nodes", 0, "id") != a.at("users", "nodes", 4, "id") || b.at("users", "nodes", 1, "id") != a.at("users", "nodes", 5, "id") {
		t.Errorf("after the fourth of\n%s\ncame\n%s", a.raw, b.raw)
	}
	s.wantCalls("GET /users?page_size=10")
}

func TestListArguments(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	s.must(`{ users(status: PENDING, roleId: "2", first: 5) { nodes { id hostKey customAttributes { key value } } } }`)
	s.wantCalls("GET /users?include_fields=custom_attributes,host_key&page_size=5&role_id=2&status=pending")
	page := s.must(`{ users(status: INACTIVE, first: 1) { pageInfo { endCursor } } }`)
	cursor := fmt.Sprint(page.at("users", "pageInfo", "endCursor"))
	s.calls()
	for _, test := range []struct{ args, code, message string }{
		{`first: 0`, "BAD_USER_INPUT", "first is 0, and must be 1 to 1000"},
		{`first: 1001`, "BAD_USER_INPUT", "first is 1001, and must be 1 to 1000"},
		{`after: "bogus"`, "BAD_USER_INPUT", "after is not a cursor of this service for this caller's account"},
		{`after: "bm8"`, "BAD_USER_INPUT", "after is not a cursor of this service for this caller's account"},
		{fmt.Sprintf(`after: %q`, cursor), "BAD_USER_INPUT", "after is a cursor of another list"},
	} {
		a := s.ask(`{ users(`+test.args+`) { nodes { id } } }`, nil)
		s.wantErrors(a, test.code+" at users")
		if len(a.Errors) == 1 && a.Errors[0].Message != test.message {
			t.Errorf("%s: %s, want %s", test.args, a.Errors[0].Message, test.message)
		}
	}
	s.wantCalls()
}

// A place in a list dies after 15 minutes; Zoom says so, and the facade passes it on as what it is.
func TestCursorExpires(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64
	clock := func(p *parts) {
		p.zoom.Now = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	}
	s := setup(t, sandbox.Config{TokenTTL: sandbox.Duration(10 * time.Hour)}, clock)
	page := s.must(`{ users(first: 10) { pageInfo { endCursor } } }`)
	ahead.Store(int64(16 * time.Minute))
	a := s.ask(fmt.Sprintf(`{ users(first: 10, after: %q) { nodes { id } } }`, page.at("users", "pageInfo", "endCursor")), nil)
	s.wantErrors(a, "CURSOR_EXPIRED at users")
}

func TestUserIsLazy(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	s.must(`{ user(id: "USER") { email firstName jobTitle phoneNumbers { number } language } again: user(id: "USER") { company } }`)
	s.wantCalls("GET /users/USER")
	s.must(`{ user(id: "USER", loginType: GOOGLE) { email } }`)
	s.wantCalls("GET /users/USER?login_type=1")
	s.must(`{ user(id: "USER", loginType: GOOGLE) { a: settings { tsp { callOut } } b: settings(loginType: SSO) { tsp { callOut } } } }`)
	s.wantCalls("GET /users/USER/settings?custom_query_fields=call_out&login_type=1", "GET /users/USER/settings?custom_query_fields=call_out&login_type=101")
	a := s.must(fmt.Sprintf(`{ user(id: %q) { id email settings { tsp { callOut } } } }`, s.users[0].Email))
	s.wantCalls("GET /users/"+s.users[0].Email, "GET /users/"+s.users[0].Email+"/settings?custom_query_fields=call_out")
	if a.at("user", "id") != s.users[0].ID {
		t.Errorf("an e-mail address gives id %v, want %s", a.at("user", "id"), s.users[0].ID)
	}
}

func TestUserTypes(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	a := s.must(`{ users(first: 50) { nodes { id type status pmi verified createdAt groupIds roleId } } }`)
	for i := range 50 {
		node := func(name string) any { return a.at("users", "nodes", i, name) }
		if kind := node("type"); kind != "BASIC" && kind != "LICENSED" {
			t.Errorf("type %v", kind)
		}
		if pmi, isString := node("pmi").(string); !isString || len(pmi) < 10 {
			t.Errorf("pmi %v", node("pmi"))
		}
		if node("status") != "ACTIVE" {
			t.Errorf("status %v", node("status"))
		}
	}
}

func TestBadIDs(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	for _, id := range []string{"", ".", "..", "%2e%2e", "a\x00b", "a\nb", strings.Repeat("x", 255), "me", "../users"} {
		a := s.ask(`query ($id: ID!) { user(id: $id) { id settings { tsp { callOut } } } }`, map[string]any{"id": id})
		s.wantErrors(a, "BAD_USER_INPUT at user")
	}
	s.wantCalls()
	s.ask(`{ user(id: "a/b?c#d%2Fe") { email } }`, nil)
	s.wantCalls("GET /users/a%2Fb%3Fc%23d%252Fe")
}

func TestMe(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	a := s.ask(`{ me { id } }`, nil)
	s.wantErrors(a, "FORBIDDEN at me")
	s.wantCalls()
}

// A PATCH is sent once a view, what was written is read back, and a locked setting shows as not applied.
func TestUpdateUserSettings(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	const lockedField = "recording.auto_delete_cmr"
	if !slices.Contains(sandbox.LockedSettings(), lockedField) {
		t.Fatalf("%s is not locked in the sandbox any more", lockedField)
	}
	before := s.must(`{ user(id: "USER") { settings { scheduleMeeting { hostVideo } recording { autoDeleteCmr } } } }`)
	host, _ := before.at("user", "settings", "scheduleMeeting", "hostVideo").(bool)
	locked, _ := before.at("user", "settings", "recording", "autoDeleteCmr").(bool)
	s.calls()

	a := s.must(fmt.Sprintf(`mutation { updateUserSettings(id: "USER", input: {
		scheduleMeeting: { hostVideo: %t, audioType: THIRD_PARTY }
		recording: { autoDeleteCmr: %t }
		meetingSecurity: { waitingRoom: true }
	}) {
		user { id }
		settings { scheduleMeeting { hostVideo audioType } meetingSecurity { waitingRoom } }
		notApplied { field wanted stored }
	} }`, !host, !locked))
	payload := func(path ...any) any { return a.at(append([]any{"updateUserSettings"}, path...)...) }
	if payload("settings", "scheduleMeeting", "hostVideo") != !host || payload("settings", "scheduleMeeting", "audioType") != "THIRD_PARTY" ||
		payload("settings", "meetingSecurity", "waitingRoom") != true || payload("user", "id") != s.users[0].ID {
		t.Errorf("payload %s", a.raw)
	}
	want := []any{map[string]any{"field": lockedField, "wanted": !locked, "stored": locked}}
	if got := payload("notApplied"); !reflect.DeepEqual(got, want) {
		t.Errorf("notApplied %v, want %v", got, want)
	}
	calls := s.calls()
	patches := 0
	for _, call := range calls {
		if strings.HasPrefix(call, "PATCH") {
			patches++
		}
	}
	if patches != 2 || len(calls) != 4 {
		t.Errorf("want a PATCH and a read back a view:\n%s", strings.Join(calls, "\n"))
	}
}

// Fields of a mutation run one after the other, each seeing what it wrote and not what the next one writes.
func TestMutationsAreSerial(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	var b strings.Builder
	for i := range 6 {
		fmt.Fprintf(&b, `m%d: updateUserSettings(id: "USER", input: { scheduleMeeting: { hostVideo: %t } }) { settings { scheduleMeeting { hostVideo } } } `, i, i%2 == 0)
	}
	a := s.must("mutation { " + b.String() + "}")
	for i := range 6 {
		if got := a.at(fmt.Sprintf("m%d", i), "settings", "scheduleMeeting", "hostVideo"); got != (i%2 == 0) {
			t.Errorf("m%d reads %v back", i, got)
		}
	}
}

func TestUpdateIsRefused(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	for _, test := range []struct{ input, want string }{
		{`{}`, "input changes nothing"},
		{`{ scheduleMeeting: {} }`, "input changes nothing"},
		{`{ scheduleMeeting: null }`, `input: the section "schedule_meeting" cannot be null`},
	} {
		a := s.ask(`mutation { updateUserSettings(id: "USER", input: `+test.input+`) { user { id } } }`, nil)
		s.wantErrors(a, "BAD_USER_INPUT at updateUserSettings")
		if a.Errors[0].Message != test.want {
			t.Errorf("%s: %s, want %s", test.input, a.Errors[0].Message, test.want)
		}
	}
	s.wantCalls()
	a := s.ask(`mutation { updateUserSettings(id: "nobody", input: { tsp: { callOut: true } }) { user { id } } }`, nil)
	s.wantErrors(a, "NOT_FOUND at updateUserSettings")
}

// extensions.zoom says what an answer cost; calls only where they are asked for, and all of it can be switched off.
func TestExplanation(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	a := s.must(`{ user(id: "USER") { email settings { tsp { callOut } meetingSecurity { waitingRoom } } } }`)
	zoom := a.Extensions.Zoom
	if zoom.Cost.Calls != 3 || zoom.Cost.ByLabel["LIGHT"] != 1 || zoom.Cost.ByLabel["MEDIUM"] != 2 || len(zoom.Calls) != 3 {
		t.Errorf("explanation %+v", zoom)
	}
	for _, call := range zoom.Calls {
		if call.Operation == "userSettings" && (len(call.Fields) != 1 || call.Status != 200 || call.Bytes == 0) {
			t.Errorf("call %+v", call)
		}
	}
	a = s.must(`{ __typename }`)
	if strings.Contains(string(a.raw), "extensions") {
		t.Errorf("an answer that did not touch Zoom explains itself: %s", a.raw)
	}
	quiet := setup(t, sandbox.Config{}, func(p *parts) { p.graph.Explain = false })
	if a := quiet.must(`{ user(id: "USER") { email } }`); strings.Contains(string(a.raw), "extensions") {
		t.Errorf("explained although it is off: %s", a.raw)
	}
}

// Errors are codes of a closed set with messages of ours; Zoom's own text never reaches a client.
func TestErrors(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		fault sandbox.Fault
		code  string
		want  map[string]any
	}{
		{sandbox.Fault{Kind: "429-daily"}, "RATE_LIMITED", map[string]any{"httpStatus": 429.0, "zoomCode": 429.0}},
		{sandbox.Fault{Kind: "429"}, "RATE_LIMITED", map[string]any{"httpStatus": 429.0}},
		{sandbox.Fault{Kind: "html"}, "UPSTREAM_INVALID_RESPONSE", nil},
		{sandbox.Fault{Kind: "empty"}, "UPSTREAM_INVALID_RESPONSE", nil},
		{sandbox.Fault{Kind: "array"}, "UPSTREAM_INVALID_RESPONSE", nil},
		{sandbox.Fault{Kind: "null"}, "UPSTREAM_INVALID_RESPONSE", nil},
		{sandbox.Fault{Kind: "truncated"}, "UPSTREAM_INVALID_RESPONSE", nil},
		{sandbox.Fault{Kind: "trailing"}, "UPSTREAM_INVALID_RESPONSE", nil},
		{sandbox.Fault{Kind: "error200", Code: 1001, Message: "canary"}, "NOT_FOUND", map[string]any{"zoomCode": 1001.0}},
		{sandbox.Fault{Kind: "drop"}, "UPSTREAM_UNAVAILABLE", nil},
		{sandbox.Fault{Kind: "status", Status: 503, Message: "canary"}, "UPSTREAM_UNAVAILABLE", map[string]any{"httpStatus": 503.0}},
		{sandbox.Fault{Kind: "status", Status: 400, Code: 200, Message: "canary"}, "FORBIDDEN", map[string]any{"zoomCode": 200.0}},
		{sandbox.Fault{Kind: "status", Status: 409, Message: "canary"}, "CONFLICT", nil},
		{
			sandbox.Fault{Kind: "status", Status: 400, Code: 4711, Message: "Invalid access token, does not contain scopes:[user:read:admin, canary]."},
			"SCOPE_MISSING",
			map[string]any{"missingScopes": []any{"user:read:admin", "canary"}},
		},
		{sandbox.Fault{Kind: "expire-token"}, "UPSTREAM_AUTH_FAILED", nil},
	} {
		t.Run(string(test.fault.Kind)+fmt.Sprint(test.fault.Status, test.fault.Code), func(t *testing.T) {
			t.Parallel()
			test.fault.Match = "GET /users/*"
			s := setup(t, sandbox.Config{Faults: []sandbox.Fault{test.fault}}, func(p *parts) {
				if test.fault.Kind == sandbox.Fault429 { // a call that is refused for the second comes again for as long as there is time
					p.edge.RequestTimeout = 2 * time.Second
				}
			})
			a := s.ask(`{ user(id: "USER") { id email } }`, nil)
			s.wantErrors(a, test.code+" at user.email")
			for key, want := range test.want {
				if got := a.Errors[0].Extensions[key]; !reflect.DeepEqual(got, want) {
					t.Errorf("%s is %v, want %v", key, got, want)
				}
			}
			if test.code != "SCOPE_MISSING" && strings.Contains(string(a.raw), "canary") {
				t.Errorf("Zoom's text came through: %s", a.raw)
			}
			if test.fault.Kind == "429-daily" && a.Errors[0].Extensions["retryAfter"] == nil {
				t.Errorf("no retryAfter: %s", a.raw)
			}
			if id := a.at("user", "id"); id != s.users[0].ID {
				t.Errorf("the id fell with it: %s", a.raw)
			}
		})
	}
}

// A token that dies early costs one mint and one more attempt, and nobody notices.
func TestTokenDies(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{Faults: []sandbox.Fault{{Match: "GET /users/*", Kind: "expire-token", Times: 1}}})
	s.must(`{ user(id: "USER") { email } }`)
	s.wantCalls("GET /users/USER", "GET /users/USER")
}

// A user who is not there has no id, and what may not be null takes the nearest thing with it that may.
func TestNobody(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	for _, tt := range []struct{ query, data, err string }{
		{`{ user(id: "nobody@example.com") { id } }`, `{"user":null}`, "NOT_FOUND at user.id"},
		{`{ user(id: "nobody@example.com") { dept } }`, `{"user":{"dept":null}}`, "NOT_FOUND at user.dept"},
		{`{ a: user(id: "nobody@example.com") { me: id } b: user(id: "USER") { email } }`, `{"a":null,"b":{"email":"EMAIL"}}`, "NOT_FOUND at a.me"},
	} {
		a := s.ask(tt.query, nil)
		s.wantErrors(a, tt.err)
		data := strings.ReplaceAll(tt.data, "EMAIL", s.users[0].Email)
		if !strings.Contains(string(a.raw), `"data":`+data+`,`) {
			t.Errorf("%s: %s, want %s", tt.query, a.raw, data)
		}
	}
}

// Zoom gives an id to nobody who has not accepted the invitation; their address stands in its place, and Zoom takes it.
func TestInvited(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	a := s.ask(`{ users(status: PENDING, first: 2) { nodes { id email settings { tsp { callOut } } } } }`, nil)
	s.wantErrors(a, "INVITATION_PENDING at users.nodes.0.settings", "INVITATION_PENDING at users.nodes.1.settings")
	for i := range 2 {
		if id, email := a.at("users", "nodes", i, "id"), a.at("users", "nodes", i, "email"); id != email || !strings.Contains(fmt.Sprint(id), "@") {
			t.Errorf("%v has the id %v", email, id)
		}
	}
}

// Of a list nothing may be null, so one user with neither an id nor an address takes the list along, and with it the whole answer; whoever
// does not ask for the id has the others, and that user.
func TestListedWithoutID(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{Faults: []sandbox.Fault{
		{Match: "GET /users", Kind: sandbox.FaultAbsent, Path: "users.1.id"},
		{Match: "GET /users", Kind: sandbox.FaultAbsent, Path: "users.1.email"},
	}})
	for _, tt := range []struct{ query, data, at string }{
		{`{ users(first: 3) { nodes { id dept } } }`, `null`, "users.nodes.1.id"},
		{`{ all: users(first: 3) { edges { ...E } } user(id: "USER") { id } } fragment E on UserEdge { node { ... on User { it: id } } }`, `null`, "all.edges.1.node.it"},
		{`{ users(first: 2) { nodes { email } } }`, `{"users":{"nodes":[{"email":"EMAIL"},{"email":null}]}}`, ""},
	} {
		a := s.ask(tt.query, nil)
		data := strings.ReplaceAll(tt.data, "EMAIL", s.users[0].Email)
		at := ""
		if len(a.Errors) == 1 {
			at = pathText(a.Errors[0].Path)
		}
		if !strings.Contains(string(a.raw), `"data":`+data+`,`) || at != tt.at {
			t.Errorf("%s: %s, want %s and an error at %q", tt.query, a.raw, data, tt.at)
		}
	}
}
