package graph_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"zoomgraph/graph"
	"zoomgraph/graph/program"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/rawjson"
	"zoomgraph/internal/sandbox"
)

// into asks a query in the service's sub account.
func (s *service) into(query string) string {
	if s.inside == "" {
		return query
	}
	at, end := strings.IndexByte(query, '{'), strings.LastIndexByte(query, '}')
	around := fmt.Sprintf("account(id: %q) { graph {%%s} }", s.inside)
	if strings.HasPrefix(query, "mutation") {
		around = fmt.Sprintf("inAccount(id: %q) {%%s}", s.inside)
	}
	return query[:at+1] + fmt.Sprintf(around, query[at+1:end]) + query[end:]
}

// out takes an answer's data out of the service's sub account.
func (s *service) out(a *answer) {
	if s.inside == "" {
		return
	}
	data, _ := rawjson.Member(a.raw, "data")
	inner, written := rawjson.Member(data, "inAccount")
	if !written {
		account, _ := rawjson.Member(data, "account")
		inner, _ = rawjson.Member(account, "graph")
	}
	a.Data = nil
	if inner != nil {
		a.raw = bytes.Replace(a.raw, data, inner, 1)
		if err := json.Unmarshal(inner, &a.Data); err != nil {
			s.t.Fatal(err)
		}
	}
}

// below is a call as it is made in the service's sub account.
func (s *service) below(call string) string {
	if s.inside == "" {
		return call
	}
	method, path, _ := strings.Cut(call, " ")
	return method + " /accounts/" + s.inside + strings.TrimPrefix(path, "/accounts/me")
}

// alike is a service with a sub account that has the same people and things as the account itself.
func alike(t testing.TB, options ...option) *service {
	t.Helper()
	s := setup(t, sandbox.Config{}, append(options, func(p *parts) { p.zoom.Alike = true })...)
	s.inside = fmt.Sprint(s.must(`{ accounts(first: 1) { nodes { id } } }`).at("accounts", "nodes", 0, "id"))
	s.calls()
	return s
}

// reach tells how a step's calls are made in a sub account: all of them (1), one has no path there (0), or one is about
// accounts, of which the embedded Zoom knows from above only (-1).
func reach(t testing.TB, calls []string) int {
	t.Helper()
	for _, call := range calls {
		op := operationOfCall(programtest.Of(t), call)
		switch {
		case op == nil:
			t.Fatalf("no operation is called by %s", call)
		case strings.HasPrefix(op.Path, "/accounts/{accountId}/settings"):
		case strings.HasPrefix(op.Path, "/accounts/{accountId}"):
			return -1
		case op.InSubAccount() == nil:
			return 0
		}
	}
	return 1
}

// operationOfCall finds the operation by whose path a call was made today.
func operationOfCall(p *program.Program, call string) *program.Operation {
	call, _, _ = strings.Cut(call, "?")
	method, path, _ := strings.Cut(call, " ")
	given := strings.Split(path, "/")
	for _, chapter := range p.Chapters {
		for _, op := range chapter.Operations {
			todays, template := op.Today()
			if todays == method && fitsPath(strings.Split(template, "/"), given) {
				return op
			}
		}
	}
	return nil
}

func fitsPath(template, path []string) bool {
	if len(template) != len(path) {
		return false
	}
	for i, word := range template {
		if word != path[i] && !strings.HasPrefix(word, "{") {
			return false
		}
	}
	return true
}

// What can be asked and written in an account can be in a sub account, by the same queries, and takes the same calls, each
// by its path there: the stories of all chapters are told in one. What has no such path is refused by its name, before any
// call.
func TestChaptersInASubAccount(t *testing.T) {
	t.Parallel()
	for name, steps := range stories() {
		if name == "accounts" || name == "sip audio" {
			continue // these are about accounts, from above
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s, keep, changed := alike(t), map[string]string{"sub": "x"}, true
			keep["other"] = s.users[4].ID
			if begin := beginnings[name]; begin != nil && name != "users" {
				begin(s, keep)
				s.calls()
			}
			for _, step := range steps {
				switch how := reach(t, step.calls); {
				case step.calls == nil || how < 0:
					s.ask(expand(step.query, keep), nil)
					s.calls()
				case how == 0:
					a := s.ask(expand(step.query, keep), nil)
					if !strings.Contains(string(a.raw), "Zoom has no path by which a master account could ask") {
						t.Errorf("%s is not refused: %s", step.query, a.raw)
					}
					for _, call := range s.calls() {
						if reach(t, []string{strings.Replace(call, "/accounts/"+s.inside, "", 1)}) == 0 {
							t.Errorf("%s: %s was called", step.query, call)
						}
					}
					changed = false // what it would have written the steps behind it do not find
				default:
					if !changed {
						step.want = ""
					}
					tell(t, s, keep, only(step))
				}
			}
		})
	}
}

func only(one step) []step { return []step{one} }

// accountsOf are the ids of the sub accounts.
func (s *service) accountsOf() []string {
	s.t.Helper()
	var ids []string
	list, _ := s.must(`{ accounts { nodes { id } } }`).at("accounts", "nodes").([]any)
	for _, account := range list {
		ids = append(ids, fmt.Sprint(account.(map[string]any)["id"]))
	}
	s.calls()
	return ids
}

// Twenty operations of nine chapters, asked of a sub account: each by the path that Zoom has below it, in one operation.
func TestPathsOfASubAccount(t *testing.T) {
	t.Parallel()
	z := &graph.Stub{Otherwise: func(*http.Request) string { return `{}` }}
	_, _ = z.Before(t, programtest.Of(t), nil)(`{ account(id: "sub") { graph {
		user(id: "u") { email assistants { id } settings { inMeeting { chat } } tspAccounts { id } pacAccounts { conferenceId } phone { extensionNumber } webinars { totalCount } }
		group(id: "g") { name lockSettings { raw } }
		role(id: "r") { name }
		meeting(id: "1") { topic polls { id } recording { topic } }
		webinar(id: "2") { topic }
		webinarInstance: pastMeeting(uuid: "x==") { report { totalMinutes } metrics { topic } }
		room(id: "o") { name settings(type: MEETING) { raw } devices { id } }
		roomLocation(id: "l") { name }
		callQueue(id: "q") { name }
		commonAreaPhone(id: "c") { displayName }
		phoneSite(id: "s") { name }
		trackingField(id: "t") { field }
		tsp { dialInNumberUnrestricted }
	} } }`)
	for _, call := range []string{
		"GET /accounts/sub/users/u", "GET /accounts/sub/users/u/assistants", "GET /accounts/sub/users/u/settings?custom_query_fields=chat",
		"GET /accounts/sub/users/u/tsp", "GET /accounts/sub/users/u/pac", "GET /accounts/sub/phone/users/u", "GET /accounts/sub/users/u/webinars?page_size=30",
		"GET /accounts/sub/groups/g", "GET /accounts/sub/groups/g/lock_settings", "GET /accounts/sub/roles/r",
		"GET /accounts/sub/meetings/1", "GET /accounts/sub/meetings/1/polls", "GET /accounts/sub/webinars/2",
		"GET /accounts/sub/report/meetings/x==", "GET /accounts/sub/metrics/meetings/x==?type=past", "GET /accounts/sub/rooms/o/devices", "GET /accounts/sub/rooms/o",
		"GET /accounts/sub/rooms/o/settings?setting_type=meeting", "GET /accounts/sub/rooms/locations/l", "GET /accounts/sub/phone/call_queues/q",
		"GET /accounts/sub/phone/common_areas/c", "GET /accounts/sub/phone/sites/s", "GET /accounts/sub/tracking_fields/t", "GET /accounts/sub/tsp",
	} {
		if !slices.Contains(z.Calls(), call) {
			t.Errorf("%s was not called, but\n  %s", call, strings.Join(z.Calls(), "\n  "))
		}
	}
	for _, call := range z.Calls() {
		if !strings.HasPrefix(call, "GET /accounts/sub/") {
			t.Errorf("%s was called", call)
		}
	}
}

// All sub accounts in one operation: it costs what its price says, on the one budget, and its trace has the paths.
func TestWalkThroughSubAccounts(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	const query = `{ accounts { nodes { id accountName graph { users(first: 4) { nodes { id role { name } settings { inMeeting { chat } } } } } } } }`
	plan := s.askWith("X-Zoomgraph-Plan", query, nil).Extensions.Zoom.Plan
	if want := 1 + 30*(1+4+4); plan.Calls != want {
		t.Errorf("the price is %d calls, want %d: of 30 accounts a list, four roles and four settings each", plan.Calls, want)
	}
	a := s.must(query)
	calls := s.calls()
	accounts, _ := a.at("accounts", "nodes").([]any)
	if len(accounts) != 2 || len(calls) != a.Extensions.Zoom.Cost.Calls || len(calls) > plan.Calls {
		t.Fatalf("%d accounts, %d calls, said to be %d", len(accounts), len(calls), a.Extensions.Zoom.Cost.Calls)
	}
	ids := map[any]bool{}
	for i := range accounts {
		for k := range 4 {
			id := a.at("accounts", "nodes", i, "graph", "users", "nodes", k, "id")
			if id == nil || ids[id] {
				t.Errorf("account %d has %v as its user %d", i, id, k)
			}
			ids[id] = true
		}
		list := fmt.Sprintf("GET /accounts/%v/users?page_size=4", a.at("accounts", "nodes", i, "id"))
		if !slices.Contains(calls, list) {
			t.Errorf("no %s in %q", list, calls)
		}
	}
	for _, call := range a.Extensions.Zoom.Calls {
		if call.Path != "/accounts" && !strings.HasPrefix(call.Path, "/accounts/{accountId}/") {
			t.Errorf("the trace has %s at %s", call.Operation, call.Path)
		}
	}
	one := s.must(`{ account(id: "me") { graph { users(first: 1) { nodes { id } } } } }`)
	s.wantCalls("GET /users?page_size=1")
	if one.at("account", "graph", "users", "nodes", 0, "id") != s.users[0].ID {
		t.Errorf("the account itself has %s", one.raw)
	}
}

// Two people with the same id and the same address, in two sub accounts, and a third in the account: nothing that is read,
// known, written or joined of one is ever another's, though a thousand requests come in between.
func TestNothingCrosses(t *testing.T) {
	t.Parallel()
	for name, kept := range map[string][]option{"kept": {keeping(t, minute)}, "not kept": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := alike(t, kept...)
			s.inside = ""
			accounts := append(s.accountsOf(), "me")
			for i, id := range accounts {
				s.must(fmt.Sprintf(`mutation { inAccount(id: %q) { updateUser(id: "USER", input: {dept: "d%d"}) { user { id } } updateUserSettings(id: "USER", input: {tsp: {callOut: %t}}) { user { id } } } }`, id, i, i%2 == 0))
			}
			const requests = 1000
			var wg sync.WaitGroup
			work := make(chan int)
			for range 8 {
				wg.Go(func() {
					for n := range work {
						i := n % len(accounts)
						name := []string{s.users[0].ID, s.users[0].Email, strings.ToUpper(s.users[0].Email)}[n/3%3]
						query := fmt.Sprintf(`{ account(id: %q) { graph { user(id: %q) { id dept settings { tsp { callOut } } } users(first: 2) { nodes { dept } } } } }`, accounts[i], name)
						if n%50 == 7 {
							query = fmt.Sprintf(`{ a: account(id: %q) { graph { user(id: %q) { dept } } } b: account(id: %q) { graph { user(id: %[2]q) { dept } } } user(id: %[2]q) { dept } }`, accounts[0], name, accounts[1])
						}
						if n%100 == 30 {
							query = fmt.Sprintf(`mutation { inAccount(id: %q) { updateUser(id: %q, input: {dept: "d%d", jobTitle: "t%d"}) { user { id dept } } } }`, accounts[i], name, i, n)
						}
						a := s.ask(query, nil)
						want := map[string]any{
							"dept": fmt.Sprintf("d%d", i), "listed": fmt.Sprintf("d%d", i), "callOut": i%2 == 0,
						}
						got := map[string]any{
							"dept": a.at("account", "graph", "user", "dept"), "listed": a.at("account", "graph", "users", "nodes", 0, "dept"),
							"callOut": a.at("account", "graph", "user", "settings", "tsp", "callOut"),
						}
						switch {
						case n%50 == 7:
							want = map[string]any{"a": "d0", "b": "d1", "own": "d2"}
							got = map[string]any{"a": a.at("a", "graph", "user", "dept"), "b": a.at("b", "graph", "user", "dept"), "own": a.at("user", "dept")}
						case n%100 == 30:
							want, got = map[string]any{"dept": want["dept"]}, map[string]any{"dept": a.at("inAccount", "updateUser", "user", "dept")}
						}
						if !maps.Equal(got, want) || len(a.Errors) > 0 {
							t.Errorf("request %d of account %d: %v, want %v: %s", n, i, got, want, a.raw)
						}
					}
				})
			}
			for n := range requests {
				work <- n
			}
			close(work)
			wg.Wait()
		})
	}
}

// Cursors and files lead back to the account that they are of, and to no other.
func TestPlacesInSubAccounts(t *testing.T) {
	t.Parallel()
	s := alike(t)
	first := s.inside
	s.inside = ""
	accounts := s.accountsOf()
	cursor := s.must(fmt.Sprintf(`{ account(id: %q) { graph { users(first: 2) { pageInfo { endCursor } } } } }`, first)).at("account", "graph", "users", "pageInfo", "endCursor")
	next := `users(first: 2, after: "` + fmt.Sprint(cursor) + `") { nodes { id } }`
	s.calls()
	if a := s.must(fmt.Sprintf(`{ account(id: %q) { graph { %s } } }`, first, next)); a.at("account", "graph", "users", "nodes", 0, "id") != s.users[2].ID {
		t.Errorf("the next page is %s", a.raw)
	}
	s.calls()
	s.wantErrors(s.ask(fmt.Sprintf(`{ account(id: %q) { graph { %s } } }`, accounts[1], next), nil), "BAD_USER_INPUT at account.graph.users")
	s.wantErrors(s.ask(`{ `+next+` }`, nil), "BAD_USER_INPUT at users")
	s.wantCalls()
}

// A sub account knows no other accounts, and itself by "me"; what holds for its people is decided by its own settings.
func TestInsideASubAccount(t *testing.T) {
	t.Parallel()
	s := alike(t)
	a := s.must(`{ account(id: "me") { settings { tsp { callOut } } graph { user(id: "USER") { id effectiveSettings(fields: ["host_video"]) { source } } } } }`)
	for _, call := range s.calls() {
		if !strings.HasPrefix(call, "GET /accounts/"+s.inside+"/") {
			t.Errorf("%s leads out of the account: %s", call, a.raw)
		}
	}
	for query, path := range map[string]string{
		`{ accounts { totalCount } }`:                          "account.graph.accounts",
		`{ account(id: "another") { accountName } }`:           "account.graph.account",
		`mutation { inAccount(id: "another") { __typename } }`: "inAccount.inAccount",
		`{ me { id } }`:         "account.graph.me",
		`{ userZak { token } }`: "account.graph.userZak",
		`mutation { updateAccountOwner(id: "another", input: {email: "a@example.com"}) { account { id } } }`: "inAccount.updateAccountOwner",
	} {
		b := s.ask(query, nil)
		if len(b.Errors) != 1 || pathText(b.Errors[0].Path) != path {
			t.Errorf("%s: %s", query, b.raw)
		}
	}
	s.wantCalls()
	if b := s.must(`mutation { inAccount(id: "me") { updateUser(id: "USER", input: {dept: "Looms"}) { user { dept } } } }`); b.at("inAccount", "updateUser", "user", "dept") != "Looms" {
		t.Errorf("%s", b.raw)
	}
	s.wantCalls(s.below("PATCH /users/USER"), s.below("GET /users/USER"))
}

// The schema is the same in all accounts, and a megabyte: it is asked for at the top, or not at all.
func TestNoSchemaInASubAccount(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	for _, query := range []string{
		`{ account(id: "me") { graph { __schema { queryType { name } } } } }`,
		`{ accounts { nodes { graph { ...F } } } } fragment F on Query { ... { t: __type(name: "User") { name } } }`,
		`{ __type(name: "User") { name } account(id: "me") { graph { ...F } } } fragment F on Query { __schema { queryType { name } } }`,
		`mutation { inAccount(id: "me") { updateUser(id: "USER", input: {dept: "d"}) { user { id } } } updateAccountOptions(id: "me", input: {shareMc: true}) { account { graph { __schema { queryType { name } } } } } }`,
	} {
		a := s.ask(query, nil)
		if len(a.Errors) != 1 || a.Errors[0].Extensions["code"] != "BAD_USER_INPUT" || a.Data != nil {
			t.Errorf("%s: %.300s", query, a.raw)
		}
	}
	s.wantCalls()
	s.must(`{ __type(name: "User") { name } ...F account(id: "me") { graph { __typename viewer { name } } } } fragment F on Query { __schema { queryType { name } } }`)
}
