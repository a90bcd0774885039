package graph

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"zoomgraph/client"
	"zoomgraph/graph/exec"
	"zoomgraph/graph/program"
	"zoomgraph/internal/callers"
	"zoomgraph/internal/edge"
	"zoomgraph/internal/unnamed"
)

// Stub is a Zoom that gives set answers, by "GET /users/abc", and writes down what it was asked. What has no answer is done
// without one. In answers {zoom} is its own address.
type Stub struct {
	Answers map[string]string
	Files   map[string]http.HandlerFunc // by path, such as "/rec/download/abc"
	// Otherwise answers what has no set answer, "" for no answer; it may be nil.
	Otherwise func(r *http.Request) string
	// Unnamed notes what the schema does not name; nil: nothing does.
	Unnamed *unnamed.Names

	mu    sync.Mutex
	asked []string // with the body of writes
}

// ServeHTTP implements http.Handler.
func (z *Stub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	if r.URL.Path == "/oauth/token" {
		_, _ = io.WriteString(w, `{"access_token":"t","expires_in":3600}`)
		return
	}
	body, _ := io.ReadAll(r.Body)
	call := r.Method + " " + strings.TrimPrefix(r.URL.RequestURI(), "/v2")
	z.mu.Lock()
	z.asked = append(z.asked, strings.TrimSpace(call+" "+string(body)))
	z.mu.Unlock()
	if serve := z.Files[r.URL.Path]; serve != nil {
		w.Header().Del("Content-Type")
		serve(w, r)
		return
	}
	answer, ok := z.Answers[call]
	if !ok && z.Otherwise != nil {
		answer = z.Otherwise(r)
		ok = answer != ""
	}
	answer = strings.ReplaceAll(answer, "{zoom}", "http://"+r.Host)
	if strings.HasPrefix(answer, "%PDF") {
		w.Header().Set("Content-Type", "application/pdf")
		http.ServeContent(w, r, "", time.Time{}, strings.NewReader(answer))
		return
	}
	if !ok {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	_, _ = io.WriteString(w, answer)
}

// Calls are all calls, sorted.
func (z *Stub) Calls() []string {
	z.mu.Lock()
	defer z.mu.Unlock()
	return slices.Sorted(slices.Values(z.asked))
}

// Serve puts a facade with a program before the stub, and with resolvers in place of the service's if there are any. It
// returns the facade's URL. Who asks is named by the header X-Caller: "keeper" may see secrets, others may not.
func (z *Stub) Serve(t *testing.T, p *program.Program, resolvers func(*Server) exec.ResolverRoot) string {
	t.Helper()
	upstream := httptest.NewServer(z)
	t.Cleanup(upstream.Close)
	to := client.Config{APIURL: upstream.URL + "/v2", OAuthURL: upstream.URL + "/oauth", AccountID: "a", ClientID: "c", ClientSecret: "s"}
	to.AppTokens = client.AppCredentials(to)
	zoom, err := client.New(to)
	if err != nil {
		t.Fatal(err)
	}
	server, err := NewServer(Options{Program: p, PrincipalOptions: PrincipalOptions{Client: zoom, Unnamed: z.Unnamed}})
	if err != nil {
		t.Fatal(err)
	}
	if resolvers != nil {
		server.Executable = exec.New(exec.Config{Schema: p.Schema, Resolvers: resolvers(server)})
	}
	handler, err := edge.New(edge.Options{
		Schema: server.Executable, SDL: p.SDL, Extensions: server.Extensions(), ErrorPresenter: server.PresentError, Files: server.Files(),
		Callers: func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				caller := callers.Anyone("")
				if name := r.Header.Get("X-Caller"); name != "" {
					caller = callers.Caller{Name: name, Permissions: callers.Read}
				}
				if strings.HasPrefix(caller.Name, "keeper") {
					caller.Permissions |= callers.Secrets
				}
				next.ServeHTTP(w, r.WithContext(callers.With(r.Context(), caller)))
			})
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	facade := httptest.NewServer(handler)
	t.Cleanup(facade.Close)
	return facade.URL
}

// Before is Serve, and answers a query with the data, as JSON, and the errors.
func (z *Stub) Before(t *testing.T, p *program.Program, resolvers func(*Server) exec.ResolverRoot) func(query string) (data, errors string) {
	t.Helper()
	url := z.Serve(t, p, resolvers)
	return func(query string) (data, errors string) {
		t.Helper()
		body, _ := json.Marshal(map[string]string{"query": query})
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/graphql", strings.NewReader(string(body)))
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
