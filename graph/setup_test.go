package graph_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/client"
	"zoomgraph/graph"
	"zoomgraph/graph/program"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/edge"
	"zoomgraph/internal/sandbox"
	"zoomgraph/internal/unnamed"
	"zoomgraph/internal/vendor"
)

// service is the facade before a sandbox of its own, all over real HTTP.
type service struct {
	t        testing.TB
	url      string
	upstream string       // of the sandbox
	handler  http.Handler // the facade without its sockets
	zoom     *sandbox.Server
	// users are the sandbox's active users, in the order of the list.
	users []sandbox.User
	seen  int // calls of the log that were looked at
	// inside is the sub account in which all is asked; "": the account itself.
	inside string
}

// parts is what a service is put together from.
type parts struct {
	graph  graph.Options
	zoom   sandbox.Options
	client client.Config
	edge   edge.Options
	user   string // whose token Zoom is asked with, by the e-mail address; "": the account's
}

type option func(*parts)

// executedBy runs all stories by one of the executors.
var executedBy = flag.String("executor", string(graph.ExecutorPlanned), "what executes queries: planned or gqlgen")

// withOddAnswers is for a Zoom that is made to send what the schema does not name.
func withOddAnswers(t testing.TB) option {
	return func(p *parts) { p.graph.Unnamed = everyAnswer(t) }
}

func withFilter(mode string) option { return func(p *parts) { p.graph.FieldFilter = mode } }

// setup starts a facade and its sandbox, in the given state.
func setup(t testing.TB, cfg sandbox.Config, options ...option) *service {
	t.Helper()
	p := parts{graph: graph.Options{Program: programtest.Of(t), Explain: true}, zoom: sandbox.Options{Program: programtest.Of(t), Config: cfg}, edge: edge.Options{Introspection: true}}
	for _, apply := range options {
		apply(&p)
	}
	if p.graph.Executor == "" {
		p.graph.Executor = graph.Executor(*executedBy)
	}
	zoom, err := sandbox.New(p.zoom)
	if err != nil {
		t.Fatal(err)
	}
	upstream := httptest.NewUnstartedServer(zoom)
	upstream.Config.ConnState = zoom.ConnState
	upstream.Start()
	t.Cleanup(upstream.Close)
	p.client.APIURL, p.client.OAuthURL = cmp.Or(p.client.APIURL, upstream.URL+"/v2"), cmp.Or(p.client.OAuthURL, upstream.URL+"/oauth")
	p.client.AccountID, p.client.ClientID, p.client.ClientSecret = "account", "client", "secret"
	p.graph.ZoomAccount = "account"
	if p.user != "" {
		p.client.Tokens = client.StaticToken(tokenOf(t, upstream.URL, p.user))
	}
	app := p.client
	app.ClientID = "chatbot"
	p.client.AppTokens = client.AppCredentials(app)
	if p.graph.Client, err = client.New(p.client); err != nil {
		t.Fatal(err)
	}
	if p.graph.Unnamed == nil {
		p.graph.Unnamed = namedByTheSchema(t)
	}
	server, err := graph.NewServer(p.graph)
	if err != nil {
		t.Fatal(err)
	}
	p.edge.Schema, p.edge.SDL, p.edge.Extensions, p.edge.ErrorPresenter = server.Executable, server.Program.SDL, server.Extensions(), server.PresentError
	p.edge.Files = server.Files()
	if p.edge.RequestTimeout == 0 { // on a busy machine much takes longer than a request usually may
		p.edge.RequestTimeout = time.Hour
	}
	handler, err := edge.New(p.edge)
	if err != nil {
		t.Fatal(err)
	}
	facade := httptest.NewServer(handler)
	t.Cleanup(facade.Close)
	s := &service{t: t, url: facade.URL + "/graphql", upstream: upstream.URL, handler: handler, zoom: zoom}
	for _, user := range zoom.Users() {
		if user.Status == "active" {
			s.users = append(s.users, user)
		}
	}
	return s
}

// shapes are what answers may have, found once for all services.
var shapes = sync.OnceValues(func() (*unnamed.Shapes, error) {
	known, err := vendor.ReadKnown(os.DirFS(".."))
	if err != nil {
		return nil, err
	}
	p, err := program.Read(os.DirFS(".."))
	return unnamed.NewShapes(p, func() []string { return slices.Collect(maps.Keys(known)) }), err
})

// everyAnswer is what looks at all answers.
func everyAnswer(t testing.TB) *unnamed.Names {
	t.Helper()
	known, err := shapes()
	if err != nil {
		t.Fatal(err)
	}
	return unnamed.NewSampling(known, unnamed.Sampling{OneIn: 1})
}

// namedByTheSchema is what looks at all answers, and at the end of the test finds nothing in them that the schema does not
// name: the embedded Zoom answers by the schema.
func namedByTheSchema(t testing.TB) *unnamed.Names {
	t.Helper()
	names := everyAnswer(t)
	t.Cleanup(func() {
		names.Wait()
		if s := names.State(); len(s.Keys)+len(s.Values) > 0 {
			t.Errorf("the schema does not name what the embedded Zoom sends: %+v", s)
		}
	})
	return names
}

// actingAs lets the facade ask with a user's own token.
func actingAs(email string) option { return func(p *parts) { p.user = email } }

// tokenOf signs a user of the sandbox in.
func tokenOf(t testing.TB, zoom, email string) string {
	t.Helper()
	const back = "http://app.example"
	send := func(method, address string, query url.Values) (to *url.URL, body []byte) {
		req, err := http.NewRequestWithContext(t.Context(), method, zoom+address+"?"+query.Encode(), nil)
		if err != nil {
			t.Fatal(err)
		}
		req.SetBasicAuth("client", "secret")
		res, err := http.DefaultTransport.RoundTrip(req) // which follows nothing
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if body, err = io.ReadAll(res.Body); err != nil {
			t.Fatal(err)
		}
		to, _ = res.Location() // none: nil
		return to, body
	}
	to, _ := send(http.MethodGet, "/oauth/authorize", url.Values{"response_type": {"code"}, "client_id": {"client"}, "redirect_uri": {back}, "user": {email}})
	if to == nil {
		t.Fatalf("%s cannot sign in", email)
	}
	_, body := send(http.MethodPost, "/oauth/token", url.Values{"grant_type": {"authorization_code"}, "code": {to.Query().Get("code")}, "redirect_uri": {back}})
	var granted struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal(body, &granted); err != nil || granted.Token == "" {
		t.Fatalf("no token in %s", body)
	}
	return granted.Token
}

// schema is the served schema, parsed once for all sandboxes.
func schema(t testing.TB) *ast.Schema {
	t.Helper()
	return programtest.Of(t).Schema
}

// answer is what a query brought.
type answer struct {
	Data   map[string]any
	Errors []struct {
		Message    string
		Path       []any
		Extensions map[string]any
	}
	Extensions struct {
		Zoom struct {
			Plan struct {
				Calls, Limit int
				ByLabel      map[string]int
				Seconds      float64
				Slowest      struct {
					Label     string
					PerMinute float64
				}
			}
			Cost struct {
				Requested, Calls, Cached, Coalesced int
				ByLabel                             map[string]int
			}
			Calls  []entry
			Saved  []entry
			Absent []struct {
				Path   []any
				Reason string
			}
			Stale []struct {
				Path []any
				AsOf time.Time
			}
		}
	}
	raw []byte
}

// entry is one of a trace: of a call, or of a read that cost none.
type entry struct {
	Operation, Method, Path, Label, Option, By string
	Fields                                     []string
	Status, Bytes, Attempts, ForMore           int
	StartMs, WaitedMs, TookMs                  float64
	For                                        [][]any
}

// ask sends a query; USER, USER1, … in it are the ids of active users. Variables may be nil.
func (s *service) ask(query string, variables map[string]any) *answer {
	s.t.Helper()
	return s.askWith("X-Zoomgraph-Trace", query, variables)
}

// askWith asks with a header set to 1; "" is none.
func (s *service) askWith(header, query string, variables map[string]any) *answer {
	s.t.Helper()
	body, err := json.Marshal(map[string]any{"query": s.into(s.fill(query)), "variables": variables})
	if err != nil {
		s.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	if header != "" {
		req.Header.Set(header, "1")
	}
	return s.send(req)
}

func (s *service) send(req *http.Request) *answer {
	s.t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	a := &answer{}
	if a.raw, err = io.ReadAll(res.Body); err != nil {
		s.t.Fatal(err)
	}
	if err := json.Unmarshal(a.raw, a); err != nil {
		s.t.Fatalf("%v in %s", err, a.raw)
	}
	s.out(a)
	return a
}

// must is ask for queries that have no errors.
func (s *service) must(query string) *answer {
	s.t.Helper()
	a := s.ask(query, nil)
	if len(a.Errors) > 0 {
		s.t.Fatalf("%s\n%s", query, a.raw)
	}
	return a
}

func (s *service) fill(query string) string {
	return placeholder.ReplaceAllStringFunc(query, func(found string) string {
		n, _ := strconv.Atoi(strings.TrimLeft(found[1:], "USER")) // none: the first
		return found[:1] + s.users[n].ID
	})
}

// placeholder stands for a user's id, in a text or a path. Elsewhere the word is a value of an enum.
var placeholder = regexp.MustCompile(`["/]USER[1-5]?`)

// calls lists the API calls that reached the sandbox since it was last asked, sorted, with USER for the first user's id.
func (s *service) calls() []string {
	var calls []string
	for _, e := range s.zoom.Log(s.seen) {
		s.seen = e.N
		if strings.HasPrefix(e.Path, "/oauth/") {
			continue
		}
		call := e.Method + " " + strings.ReplaceAll(e.Path, s.users[0].ID, "USER")
		if e.Query != "" {
			call += "?" + e.Query
		}
		calls = append(calls, call)
	}
	slices.Sort(calls)
	return calls
}

// wantCalls compares the calls since it was last asked.
func (s *service) wantCalls(want ...string) {
	s.t.Helper()
	slices.Sort(want)
	if got := s.calls(); !slices.Equal(got, want) {
		s.t.Errorf("upstream calls:\n  %s\nwant:\n  %s", strings.Join(got, "\n  "), strings.Join(want, "\n  "))
	}
}

// at walks into data by keys and indexes.
func (a *answer) at(path ...any) any {
	var v any = a.Data
	for _, step := range path {
		switch step := step.(type) {
		case string:
			object, _ := v.(map[string]any)
			v = object[step]
		case int:
			list, _ := v.([]any)
			if step >= len(list) {
				return nil
			}
			v = list[step]
		}
	}
	return v
}

// wantErrors compares the errors as "code at path".
func (s *service) wantErrors(a *answer, want ...string) {
	s.t.Helper()
	var got []string
	for _, e := range a.Errors {
		got = append(got, fmt.Sprintf("%v at %s", e.Extensions["code"], pathText(e.Path)))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		s.t.Errorf("errors: %q, want %q\n%s", got, want, a.raw)
	}
}

// wantAbsent compares the absences as "path: reason".
func (s *service) wantAbsent(a *answer, want ...string) {
	s.t.Helper()
	var got []string
	for _, e := range a.Extensions.Zoom.Absent {
		got = append(got, pathText(e.Path)+": "+e.Reason)
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		s.t.Errorf("absent: %q, want %q\n%s", got, want, a.raw)
	}
}

func pathText(path []any) string {
	var steps []string
	for _, step := range path {
		steps = append(steps, fmt.Sprint(step))
	}
	return strings.Join(steps, ".")
}

func withTransport(transport http.RoundTripper) option {
	return func(p *parts) { p.client.Transport = transport }
}

// gate lets API calls through when as many as are wanted have come.
type gate struct {
	next http.RoundTripper
	want int
	open chan struct{}
	mu   sync.Mutex
	come int
}

func (g *gate) RoundTrip(r *http.Request) (*http.Response, error) {
	if strings.HasPrefix(r.URL.Path, "/v2/") {
		g.mu.Lock()
		if g.come++; g.come == g.want {
			close(g.open)
		}
		g.mu.Unlock()
		select {
		case <-g.open:
		case <-r.Context().Done():
			return nil, r.Context().Err()
		}
	}
	return g.next.RoundTrip(r)
}
