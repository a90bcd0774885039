package graph_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"path"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"zoomgraph/graph"
	"zoomgraph/internal/sandbox"
)

// This file is about lists of several of Zoom's answers: what hangs on the things of one is asked for while the next is on its
// way, and nothing else is different.

// walked is a list that Zoom answers in pages of two: where it stands, and the path of its calls.
type walked struct {
	at   []any
	list string // pattern of the path
}

var (
	users     = walked{[]any{"users"}, "/users"}
	members   = walked{[]any{"role", "members"}, "/roles/*/members"}
	inGroups  = walked{[]any{"groups", "nodes", 0, "members"}, "/groups/*/members"}
	drifting  = walked{[]any{"settingsDrift"}, "/users"}
	openWalks = map[string]string{
		"/users":            `{ users(first: 2) { pageInfo { endCursor } } }`,
		"/roles/*/members":  `{ role(id: "2") { members(first: 2) { pageInfo { endCursor } } } }`,
		"/groups/*/members": `{ groups(first: 1) { nodes { members(first: 2) { pageInfo { endCursor } } } } }`,
	}
)

// onward puts the place behind the list's first two things into a query, where it says AFTER: a list goes on in pages of the
// size that it began with.
func (s *service) onward(of walked, query string) string {
	s.t.Helper()
	if !strings.Contains(query, "AFTER") {
		return query
	}
	at := of.at
	if of.at[0] == "settingsDrift" {
		at = users.at
	}
	cursor := s.must(openWalks[of.list]).at(append(slices.Clone(at), "pageInfo", "endCursor")...)
	s.calls()
	return strings.ReplaceAll(query, "AFTER", fmt.Sprintf("%q", cursor))
}

// way is a way to Zoom on which a list's answers can be held back, or be others. It begins with arm.
type way struct {
	of    string                                          // the list: a pattern of its path
	call  func(r *http.Request)                           // hears of all other calls; may be nil
	page  func(n int, r *http.Request) error              // is asked before the n-th answer of the list, from 1; may be nil
	alter func(w *way, n int, answer map[string]any) bool // changes the n-th answer; false: Zoom refuses the call; may be nil

	mu    sync.Mutex
	armed bool
	n     int
	first map[string]any // the first answer
}

// arm has what the way does begin, or end.
func (w *way) arm(on bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.armed, w.n, w.first = on, 0, nil
}

// number counts the answers of the list; 0: this is none.
func (w *way) number(r *http.Request) (n int, armed bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	is, _ := path.Match("/v2"+w.of, r.URL.Path)
	if !is || !w.armed {
		return 0, w.armed
	}
	w.n++
	return w.n, true
}

func (w *way) RoundTrip(r *http.Request) (*http.Response, error) {
	n, armed := w.number(r)
	if n == 0 {
		if w.call != nil && armed {
			w.call(r)
		}
		return http.DefaultTransport.RoundTrip(r)
	}
	r = r.Clone(r.Context())
	if w.page != nil {
		if err := w.page(n, r); err != nil {
			return nil, err
		}
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil || w.alter == nil || res.StatusCode != http.StatusOK {
		return res, err
	}
	defer res.Body.Close()
	answer := map[string]any{}
	if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
		return nil, err
	}
	if n == 1 {
		w.first = maps.Clone(answer)
	}
	if !w.alter(w, n, answer) {
		res.StatusCode, answer = http.StatusBadRequest, map[string]any{"code": 300, "message": "no"}
	}
	body, err := json.Marshal(answer)
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
	res.Header.Del("Content-Length")
	return res, err
}

// gone waits for a call's end.
func gone(r *http.Request) error {
	<-r.Context().Done()
	return r.Context().Err()
}

// Zoom answers the second page of a list when it was asked for what hangs on the first. A facade that asks for that later waits
// until its request is over.
func TestAskedAhead(t *testing.T) {
	t.Parallel()
	const settings = `settings { tsp { callOut } }`
	for name, test := range map[string]struct {
		of    walked
		query string
		hangs string // the path of what hangs on the first page
	}{
		"settings":              {users, `{ users(first: 4, after: AFTER) { nodes { ` + settings + ` } } }`, "/users/*/settings"},
		"edges":                 {users, `{ users(first: 4, after: AFTER) { edges { cursor node { ` + settings + ` } } } }`, "/users/*/settings"},
		"details":               {users, `{ users(first: 4, after: AFTER) { nodes { jobTitle } } }`, "/users/*"},
		"links":                 {users, `{ users(first: 4, after: AFTER) { nodes { role { name } } } }`, "/roles/*"},
		"lists below":           {users, `{ users(first: 4, after: AFTER) { nodes { meetings(first: 1) { nodes { id } } } } }`, "/users/*/meetings"},
		"what lists below have": {users, `{ users(first: 4, after: AFTER) { nodes { meetings(first: 1) { nodes { hostEmail } } } } }`, "/meetings/*"},
		"beside another root":   {users, `{ me: user(id: "USER") { dept } users(first: 4, after: AFTER) { nodes { ` + settings + ` } } }`, "/users/*/settings"},
		"a list of a thing":     {members, `{ role(id: "2") { members(first: 4, after: AFTER) { nodes { ` + settings + ` } } } }`, "/users/*/settings"},
		"a list of a list":      {inGroups, `{ groups(first: 1) { nodes { members(first: 4, after: AFTER) { nodes { ` + settings + ` } } } } }`, "/users/*/settings"},
		"effective settings":    {users, `{ users(first: 4, after: AFTER) { nodes { effectiveSettings(fields: ["chat"]) { value } } } }`, "/users/*/settings"},
		"drift":                 {drifting, `{ settingsDrift(first: 4, after: AFTER, baseline: {in_meeting: {chat: true}}) { nodes { user { id } } } }`, "/users/*/settings"},
		"pieces of a time":      {walked{nil, "/phone/call_logs"}, `{ phoneCallLogs(first: 60, ` + days(40, 0) + `) { nodes { user { email } } } }`, "/users/*"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			asked := make(chan struct{})
			var once sync.Once
			w := &way{of: test.of.list}
			w.call = func(r *http.Request) {
				if is, _ := path.Match("/v2"+test.hangs, r.URL.Path); is {
					once.Do(func() { close(asked) })
				}
			}
			w.page = func(n int, r *http.Request) error {
				if n != 2 {
					return nil
				}
				select {
				case <-asked:
					return nil
				case <-r.Context().Done():
					t.Error("nothing was asked for before the second page was there")
					return r.Context().Err()
				}
			}
			if test.of.at == nil { // two rows are enough of each piece
				w.alter = func(_ *way, _ int, answer map[string]any) bool {
					answer["call_logs"], answer["next_page_token"] = answer["call_logs"].([]any)[:2], ""
					return true
				}
			}
			s := setup(t, sandbox.Config{}, plentiful, withTransport(w), func(p *parts) {
				p.graph.Executor, p.edge.RequestTimeout = graph.ExecutorPlanned, time.Minute
			})
			query := s.onward(test.of, test.query)
			w.arm(true)
			s.must(query)
			if w.n < 2 {
				t.Fatalf("the list has %d pages", w.n)
			}
		})
	}
}

// A list that Zoom answers whole as a rule, and in two answers here.
func TestAskedAheadOfAPlainList(t *testing.T) {
	t.Parallel()
	asked := make(chan struct{})
	var once sync.Once
	w := &way{of: "/im/groups"}
	w.call = func(r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/members") {
			once.Do(func() { close(asked) })
		}
	}
	w.page = func(n int, r *http.Request) error {
		if n == 1 {
			return nil
		}
		r.URL.RawQuery = "" // as if Zoom knew the token
		select {
		case <-asked:
			return nil
		case <-r.Context().Done():
			t.Error("nothing was asked for before the second answer was there")
			return r.Context().Err()
		}
	}
	w.alter = func(_ *way, n int, answer map[string]any) bool {
		groups, _ := answer["groups"].([]any)
		if n == 1 {
			answer["groups"], answer["next_page_token"] = groups[:1], "more"
		}
		return true
	}
	s := setup(t, sandbox.Config{}, withTransport(w), withOddAnswers(t), func(p *parts) { p.graph.Executor = graph.ExecutorPlanned })
	const query = `{ imGroups { name members(first: 1) { nodes { email } } } }`
	want := s.must(query)
	w.arm(true)
	got := s.must(query)
	if diff := cmp.Diff(want.Data, got.Data); diff != "" || w.n != 2 {
		t.Errorf("in two answers (%d) the list is another one:\n%s", w.n, diff)
	}
}

// What is asked ahead changes nothing but the time: both executors answer alike, and with the same calls, whatever becomes of a
// list's pages.
func TestExecutorsAgreeOnPages(t *testing.T) {
	t.Parallel()
	const x, y, nulled = `settings { inMeeting { chat } }`, `settings { inMeeting { polling } }`, "null by a thing"
	queries := map[string]string{
		"settings":        `{ users(first: 7, after: AFTER) { nodes { id ` + x + ` } pageInfo { hasNextPage } totalCount } }`,
		"one page":        `{ users(first: 2, after: AFTER) { nodes { id ` + x + ` } } }`,
		"cut within one":  `{ users(first: 3, after: AFTER) { nodes { id ` + x + ` } pageInfo { hasNextPage } } }`,
		"nodes and edges": `{ users(first: 5, after: AFTER) { edges { node { id ` + x + ` } } nodes { jobTitle ` + y + ` } more: nodes { email role { name } } } }`,
		"details":         `{ users(first: 6, after: AFTER) { edges { node { email jobTitle } } nodes { jobTitle } } }`,
		"lists below":     `{ users(first: 5, after: AFTER) { nodes { id meetings(first: 2) { nodes { id hostEmail host { email } } } groups { name members(first: 2) { nodes { email } } } } } }`,
		"two equal lists": `{ a: users(first: 5, after: AFTER) { nodes { id ` + x + ` } } b: users(first: 7, after: AFTER) { nodes { email ` + x + ` } } }`,
		"beside one":      `{ users(first: 5, after: AFTER) { nodes { id ` + x + ` } } user(id: "USER2") { ` + y + ` } }`,
		"effective":       `{ users(first: 5, after: AFTER) { nodes { effectiveSettings(fields: ["chat", "polling"]) { name value source } } } }`,
		"wrong names":     `{ users(first: 5, after: AFTER) { nodes { id settings(fields: ["no such"]) { inMeeting { chat } } } } }`,
		nulled:            `{ users(first: 5, after: AFTER) { nodes { id ` + x + ` effectiveSettings(fields: []) { name } } } user(id: "USER") { id } }`,
		"drift":           `{ settingsDrift(first: 5, after: AFTER, baseline: {in_meeting: {chat: true, polling: false}}) { nodes { user { id } deviations { name value wanted source } } pageInfo { hasNextPage } } }`,
		"nothing hangs":   `{ users(first: 7, after: AFTER) { pageInfo { hasNextPage } totalCount } }`,
	}
	for name, alter := range map[string]func(w *way, n int, answer map[string]any) bool{
		"as documented": nil,
		"page 2 fails":  func(_ *way, n int, _ map[string]any) bool { return n != 2 },
		"page 3 fails":  func(_ *way, n int, _ map[string]any) bool { return n != 3 },
		"page 2 is no list": func(_ *way, n int, answer map[string]any) bool {
			if n == 2 {
				answer["users"] = "none"
			}
			return true
		},
		"page 2 is empty": func(_ *way, n int, answer map[string]any) bool {
			if n == 2 {
				answer["users"], answer["next_page_token"] = []any{}, ""
			}
			return true
		},
		"page 2 repeats one of page 1": func(w *way, n int, answer map[string]any) bool {
			if n == 2 {
				answer["users"] = slices.Insert(answer["users"].([]any), 1, w.first["users"].([]any)[1])
			}
			return true
		},
		"page 2 repeats page 1": func(w *way, n int, answer map[string]any) bool {
			if n == 2 {
				answer["users"] = w.first["users"]
			}
			return true
		},
		"page 2 leads back": func(w *way, n int, answer map[string]any) bool {
			if n == 2 {
				answer["next_page_token"] = w.first["next_page_token"]
			}
			return true
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			day := time.Now()
			var ways [2]*way
			var services [2]*service
			for i, executor := range []graph.Executor{graph.ExecutorGqlgen, graph.ExecutorPlanned} {
				ways[i] = &way{of: "/users", alter: alter}
				services[i] = setup(t, sandbox.Config{Faults: []sandbox.Fault{{Match: "GET /users/*/settings", User: "grace.hopper@example.com", Kind: sandbox.FaultStatus, Status: 400, Code: 4711, Message: "no"}}},
					withTransport(ways[i]), withOddAnswers(t), func(p *parts) { p.graph.Executor, p.zoom.Now = executor, func() time.Time { return day } })
			}
			for _, about := range slices.Sorted(maps.Keys(queries)) {
				var told, calls, costs [2]any
				for i, s := range services {
					ways[i].arm(false)
					query := s.onward(users, queries[about])
					ways[i].arm(true)
					a := s.ask(query, nil)
					told[i], calls[i], costs[i] = a.told(), s.calls(), a.accounts()
				}
				if about == nulled { // what was asked for by then was asked for in vain
					calls, costs = [2]any{}, [2]any{}
				}
				if diff := cmp.Diff(told[0], told[1]) + cmp.Diff(calls[0], calls[1]) + cmp.Diff(costs[0], costs[1]); diff != "" {
					t.Errorf("%s:\n%s", about, diff)
				}
			}
		})
	}
}

// accounts is what an answer tells of its calls: not how long they took, nor which ended first.
func (a *answer) accounts() any {
	zoom := a.Extensions.Zoom
	var calls []string
	for _, of := range append(zoom.Calls, zoom.Saved...) {
		var paths []string
		for _, p := range of.For {
			paths = append(paths, pathText(p))
		}
		slices.Sort(paths)
		calls = append(calls, fmt.Sprint(of.Operation, of.Fields, of.Option, of.By, of.Status, of.Attempts, paths, of.ForMore))
	}
	slices.Sort(calls)
	return []any{zoom.Cost, calls}
}

// An answer has twenty errors at most. What is wrong with a list comes before what is wrong with its things, also with those
// that were begun before it was known.
func TestErrorsOfAListComeFirst(t *testing.T) {
	t.Parallel()
	for _, below := range []string{`settings(fields: ["no such"]) { tsp { callOut } }`, `effectiveSettings(fields: ["no such"]) { name }`} {
		w := &way{of: "/users", alter: func(_ *way, n int, _ map[string]any) bool { return n != 3 }}
		s := setup(t, sandbox.Config{}, withTransport(w), func(p *parts) { p.graph.Executor = graph.ExecutorPlanned })
		query := s.onward(users, `{ users(first: 7, after: AFTER) { nodes { id a: `+below+` b: `+below+` } } }`)
		w.arm(true)
		a := s.ask(query, nil)
		if len(a.Errors) < 5 {
			t.Fatalf("%s", a.raw)
		}
		for i, e := range a.Errors {
			if at := pathText(e.Path); (at == "users") != (i == 0) {
				t.Errorf("error %d is at %s: %s", i, at, a.raw)
			}
		}
	}
}

// Whoever leaves while a page is on its way asks for nothing more, and what was begun ends.
func TestLeavingBetweenPages(t *testing.T) {
	t.Parallel()
	for name, below := range map[string]string{"prompt": `settings { tsp { callOut } }`, "late": `meetings(first: 1) { nodes { host { dept } } }`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, leave := context.WithCancel(t.Context())
			ended := make(chan struct{})
			w := &way{of: "/users", page: func(n int, r *http.Request) error {
				if n != 2 {
					return nil
				}
				defer close(ended)
				leave()
				return gone(r)
			}}
			var s *service
			t.Cleanup(func() { // when the facade is closed, and so done with the request
				w.mu.Lock()
				defer w.mu.Unlock()
				if w.n != 2 {
					t.Errorf("%d pages were asked for", w.n)
				}
			})
			s = setup(t, sandbox.Config{}, withTransport(w))
			query := s.onward(users, `{ users(first: 7, after: AFTER) { nodes { `+below+` } } }`)
			w.arm(true)
			body, _ := json.Marshal(map[string]string{"query": query})
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "application/json")
			if res, err := http.DefaultClient.Do(req); err == nil {
				res.Body.Close()
				t.Error("there is an answer")
			}
			<-ended
		})
	}
}

// over is the context of a request that has been over since a channel was closed.
type over struct {
	context.Context //nolint:containedctx // it is one

	since chan struct{}
}

func (o over) Done() <-chan struct{} { return o.since }

func (o over) Err() error {
	select {
	case <-o.since:
		return context.DeadlineExceeded
	default:
		return nil
	}
}

// If the time is over while a page is on its way, those of the pages before stand, with all that has come of them.
func TestDeadlineBetweenPages(t *testing.T) {
	t.Parallel()
	for name, below := range map[string]string{"prompt": `settings { tsp { callOut } }`, "late": `meetings(first: 1) { nodes { hostEmail } }`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			since := make(chan struct{})
			w := &way{of: "/users", page: func(n int, r *http.Request) error {
				if n != 3 {
					return nil
				}
				close(since)
				return gone(r)
			}}
			s := setup(t, sandbox.Config{}, withTransport(w), func(p *parts) {
				p.edge.Callers = func(next http.Handler) http.Handler {
					return http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
						next.ServeHTTP(rw, r.WithContext(over{r.Context(), since}))
					})
				}
			})
			query := s.onward(users, `{ users(first: 7, after: AFTER) { nodes { id `+below+` } pageInfo { hasNextPage } } }`)
			w.arm(true)
			a := s.ask(query, nil)
			nodes, _ := a.at("users", "nodes").([]any)
			if len(nodes) != 4 || a.at("users", "pageInfo", "hasNextPage") != true || len(a.Errors) == 0 || pathText(a.Errors[0].Path) != "users" {
				t.Fatalf("%s", a.raw)
			}
			for _, e := range a.Errors {
				if e.Extensions["code"] != "UPSTREAM_TIMEOUT" {
					t.Errorf("%v", e)
				}
			}
		})
	}
}
