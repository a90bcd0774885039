package graph_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"zoomgraph/client"
	"zoomgraph/graph"
	"zoomgraph/graph/program"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/edge"
)

// stub is a Zoom that gives set answers, by "GET /users/abc", and writes down what it was asked. What has no answer is
// done without one.
type stub struct {
	answers map[string]string

	mu    sync.Mutex
	asked []string // with the body of writes
}

// ServeHTTP implements http.Handler.
func (z *stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Path == "/oauth/token" {
		_, _ = io.WriteString(w, `{"access_token":"t","expires_in":3600,"token_type":"bearer"}`)
		return
	}
	body, _ := io.ReadAll(r.Body)
	call := r.Method + " " + strings.TrimPrefix(r.URL.RequestURI(), "/v2")
	z.mu.Lock()
	z.asked = append(z.asked, strings.TrimSpace(call+" "+string(body)))
	z.mu.Unlock()
	answer, ok := z.answers[call]
	if !ok {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	_, _ = io.WriteString(w, answer)
}

// calls are those since it was last asked.
func (z *stub) calls() string {
	z.mu.Lock()
	defer z.mu.Unlock()
	calls := strings.Join(z.asked, "; ")
	z.asked = nil
	return calls
}

// trial is the service's program with other facts about one operation, which tells what forms do that the schema does not
// use yet.
func trial(t *testing.T, op string, change func(*program.Operation)) *program.Program {
	t.Helper()
	var facts []*program.Chapter
	for _, chapter := range programtest.Of(t).Chapters {
		other := &program.Chapter{Name: chapter.Name}
		for _, fact := range chapter.Operations {
			if fact.Op == op {
				changed := *fact
				change(&changed)
				fact = &changed
			}
			other.Operations = append(other.Operations, fact)
		}
		facts = append(facts, other)
	}
	p, err := program.New(programtest.Of(t).Schema, facts)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// stubbed puts a facade with a program before a stub. It answers a query with the data, as JSON, and the errors.
func stubbed(t *testing.T, z *stub, p *program.Program) func(query string) (data, errors string) {
	t.Helper()
	upstream := httptest.NewServer(z)
	t.Cleanup(upstream.Close)
	zoom, err := client.New(client.Config{APIURL: upstream.URL + "/v2", OAuthURL: upstream.URL + "/oauth", AccountID: "a", ClientID: "c", ClientSecret: "s"})
	if err != nil {
		t.Fatal(err)
	}
	server, err := graph.NewServer(graph.Options{Program: p, PrincipalOptions: graph.PrincipalOptions{Client: zoom}})
	if err != nil {
		t.Fatal(err)
	}
	handler, err := edge.New(edge.Options{Schema: server.Executable, SDL: p.SDL(), Extensions: server.Extensions(), ErrorPresenter: server.PresentError})
	if err != nil {
		t.Fatal(err)
	}
	facade := httptest.NewServer(handler)
	t.Cleanup(facade.Close)
	return func(query string) (data, errors string) {
		t.Helper()
		body, _ := json.Marshal(map[string]string{"query": query})
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, facade.URL+"/graphql", strings.NewReader(string(body)))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var answer struct{ Data, Errors json.RawMessage }
		if err := json.NewDecoder(res.Body).Decode(&answer); err != nil {
			t.Fatal(err)
		}
		return string(answer.Data), string(answer.Errors)
	}
}

// A thing's details are found at the top of Zoom's answer, and within the objects that the facts name.
func TestDetailsWithin(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ answer, want string }{
		"within":         {`{"basic":{"name":"A"},"setup":{"total_members":3}}`, `{"group":{"name":"A","totalMembers":3}}`},
		"at the top":     {`{"name":"A","total_members":3}`, `{"group":{"name":"A","totalMembers":3}}`},
		"in both":        {`{"name":"A","basic":{"name":"B"},"setup":{"name":"C","total_members":3}}`, `{"group":{"name":"A","totalMembers":3}}`},
		"in the first":   {`{"setup":{"name":"C"},"basic":{"name":"B"}}`, `{"group":{"name":"B","totalMembers":null}}`},
		"no object":      {`{"name":"A","basic":null,"setup":[1]}`, `{"group":{"name":"A","totalMembers":null}}`},
		"in others only": {`{"other":{"name":"A"}}`, `{"group":{"name":null,"totalMembers":null}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			z := &stub{answers: map[string]string{"GET /groups/g": test.answer}}
			ask := stubbed(t, z, trial(t, "GET /groups/{groupId}", func(op *program.Operation) { op.Within = []string{"basic", "setup"} }))
			if data, errors := ask(`{ group(id: "g") { name totalMembers } }`); data != test.want || errors != "" {
				t.Errorf("%s %s, want %s", data, errors, test.want)
			}
			if calls := z.calls(); calls != "GET /groups/g" {
				t.Errorf("calls %s", calls)
			}
		})
	}
}
