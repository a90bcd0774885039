package edge_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/99designs/gqlgen/graphql"

	"zoomgraph/internal/edge"
)

func TestPartialAnswer(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(o *edge.Options) {
		o.Extensions = append(o.Extensions, cost{})
	})
	got := do(t, http.MethodPost, srv.URL+"/graphql", post("{ hello fail }"), sendsJSON, takesNew, "X-Request-Id: my-request-7")
	want := `{"errors":[{"message":"it failed <so>","extensions":{"requestId":"my-request-7"}}],"data":{"fail":null,"hello":"hello"},"extensions":{"zoom":{"calls":2}}}`
	if got.status != 200 || got.body != want {
		t.Errorf("answer %d %s\nwant %s", got.status, got.body, want)
	}
}

// cost is an extension as graph has one.
type cost struct{}

func (cost) ExtensionName() string                   { return "Cost" }
func (cost) Validate(graphql.ExecutableSchema) error { return nil }
func (cost) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	resp := next(ctx)
	resp.Extensions = map[string]any{"zoom": map[string]any{"calls": 2}}
	return resp
}

func TestRequestID(t *testing.T) {
	t.Parallel()
	srv := serve(t, nil)
	got := do(t, http.MethodPost, srv.URL+"/graphql", post("{ id }"), sendsJSON, "X-Request-Id: chosen_by-client1")
	if got.header.Get("X-Request-Id") != "chosen_by-client1" || !strings.Contains(got.body, "chosen_by-client1") {
		t.Errorf("id of the client: header %q, body %s", got.header.Get("X-Request-Id"), got.body)
	}
	got = do(t, http.MethodPost, srv.URL+"/graphql", post("{ id }"), sendsJSON, "X-Request-Id: <b>")
	if id := got.header.Get("X-Request-Id"); len(id) < 8 || strings.Contains(id, "<") || !strings.Contains(got.body, id) {
		t.Errorf("id of ours: header %q, body %s", id, got.body)
	}
}

func TestIntrospection(t *testing.T) {
	t.Parallel()
	on := serve(t, nil)
	off := serve(t, func(o *edge.Options) { o.Introspection = false })
	const hidden = "query Q { ...F } fragment F on Query { ... on Query { x: __schema { queryType { name } } } }"
	for _, query := range []string{"{ __schema { queryType { name } } }", `{ __type(name: "Query") { name } }`, hidden} {
		if got := do(t, http.MethodPost, on.URL+"/graphql", post(query), sendsJSON, takesNew); got.status != 200 {
			t.Errorf("on: %s: %d %s", query, got.status, got.body)
		}
		got := do(t, http.MethodPost, off.URL+"/graphql", post(query), sendsJSON, takesNew)
		if got.status != 400 {
			t.Errorf("off: %s: %d", query, got.status)
		}
		checkRefusal(t, got, "FORBIDDEN", "introspection is off")
	}
	if got := do(t, http.MethodPost, off.URL+"/graphql", post("{ __typename }"), sendsJSON); got.status != 200 || got.Errors != nil {
		t.Errorf("off: __typename: %s", got.body)
	}
	if got := do(t, http.MethodPost, off.URL+"/graphql", post("{ helo }"), sendsJSON); strings.Contains(got.body, "hello") {
		t.Errorf("off: a suggestion gives the schema away: %s", got.body)
	}
	got := do(t, http.MethodGet, on.URL+"/schema.graphqls", "")
	if got.status != 200 || got.body != sdl || got.header.Get("Content-Type") != "text/plain; charset=utf-8" {
		t.Errorf("on: schema file: %d %v", got.status, got.header)
	}
	if got := do(t, http.MethodGet, off.URL+"/schema.graphqls", ""); got.status != 404 {
		t.Errorf("off: schema file: %d", got.status)
	}
}

func TestDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) { // on a busy machine the time might be over before the operation begins
		h := handler(t, func(o *edge.Options) { o.RequestTimeout = 10 * time.Millisecond })
		got := record(t, h, strings.NewReader(post("{ wait }")), -1, sendsJSON)
		if got.status != 200 || string(got.Data) != `{"wait":null}` || len(got.Errors) != 1 {
			t.Errorf("during the operation: %d %s", got.status, got.body)
		}
	})
	srv := serve(t, func(o *edge.Options) { o.RequestTimeout = time.Nanosecond })
	got := do(t, http.MethodPost, srv.URL+"/graphql", post("{ hello }"), sendsJSON)
	if got.status != 504 {
		t.Errorf("before the operation: %d", got.status)
	}
	checkRefusal(t, got, "UPSTREAM_TIMEOUT", "1ns")
}

func TestPanicIsLoggedOnly(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	srv := serve(t, func(o *edge.Options) { o.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
	got := do(t, http.MethodPost, srv.URL+"/graphql", post("{ boom }"), sendsJSON, "X-Request-Id: request-99")
	checkRefusal(t, got, "INTERNAL", "log")
	srv.Close()
	for _, part := range []string{"canary in a panic", "request-99", "fixture_test.go"} {
		if !strings.Contains(log.String(), part) {
			t.Errorf("the log lacks %q: %s", part, log.String())
		}
	}
}

func TestOrigins(t *testing.T) {
	t.Parallel()
	const friend, stranger = "https://admin.example.com", "https://evil.example.com"
	closed := serve(t, nil)
	open := serve(t, func(o *edge.Options) { o.AllowedOrigins = []string{"HTTPS://Admin.example.com:443"} })
	public := serve(t, func(o *edge.Options) { o.PublicURL = "https://public.example.com:443/graph" })
	for _, tt := range []struct {
		name    string
		server  *httptest.Server
		method  string
		headers []string
		status  int
		allowed string // Access-Control-Allow-Origin
	}{
		{"not a browser", closed, "POST", nil, 200, ""},
		{"same origin", closed, "POST", []string{"Sec-Fetch-Site: same-origin"}, 200, ""},
		{"same origin, older browser", closed, "POST", []string{"Origin: " + closed.URL}, 200, ""},
		{"another site", closed, "POST", []string{"Sec-Fetch-Site: cross-site", "Origin: " + stranger}, 403, ""},
		{"another site, older browser", closed, "POST", []string{"Origin: " + stranger}, 403, ""},
		{"another site's GET", closed, "GET", []string{"Sec-Fetch-Site: cross-site"}, 403, ""},
		{"the friend where none is named", closed, "POST", []string{"Sec-Fetch-Site: cross-site", "Origin: " + friend}, 403, ""},
		{"the friend", open, "POST", []string{"Sec-Fetch-Site: cross-site", "Origin: " + friend}, 200, friend},
		{"the friend's GET", open, "GET", []string{"Sec-Fetch-Site: cross-site", "Origin: " + friend}, 200, friend},
		{"the public origin, older browser", public, "POST", []string{"Origin: https://public.example.com"}, 200, ""},
		{"the public origin's GET with its port", public, "GET", []string{"Origin: https://Public.example.com:443"}, 200, ""},
		{"the public origin without TLS", public, "POST", []string{"Origin: http://public.example.com"}, 403, ""},
		{"the host with the usual port", closed, "POST", []string{"Origin: https://other.example.com", "Host: Other.example.com:443"}, 200, ""},
		{"the host with another port", closed, "POST", []string{"Origin: https://other.example.com", "Host: other.example.com:80"}, 403, ""},
		{"a stranger", open, "POST", []string{"Sec-Fetch-Site: cross-site", "Origin: " + stranger}, 403, ""},
		{"a page without an origin", open, "POST", []string{"Origin: null"}, 403, ""},
		{"the friend's preflight", open, "OPTIONS", []string{"Origin: " + friend, "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: content-type,x-zoomgraph-trace"}, 204, friend},
		{"the friend's preflight with everything", open, "OPTIONS", []string{"Origin: " + friend, "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: authorization,content-type,x-request-id,x-zoomgraph-plan,x-zoomgraph-trace"}, 204, friend},
		{"the friend's preflight of an upload", open, "OPTIONS", []string{"Origin: " + friend, "Access-Control-Request-Method: POST", "Access-Control-Request-Headers: apollo-require-preflight,content-type,graphql-require-preflight,x-zoomgraph-preflight"}, 204, friend},
		{"a stranger's preflight", open, "OPTIONS", []string{"Origin: " + stranger, "Access-Control-Request-Method: POST"}, 403, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			target, body := "/graphql", post("{ hello }")
			if tt.method == http.MethodGet {
				target, body = get("{ hello }"), ""
			}
			got := do(t, tt.method, tt.server.URL+target, body, append(tt.headers, sendsJSON)...)
			if got.status != tt.status {
				t.Errorf("status %d, want %d: %s", got.status, tt.status, got.body)
			}
			if allowed := got.header.Get("Access-Control-Allow-Origin"); allowed != tt.allowed {
				t.Errorf("allowed origin %q, want %q", allowed, tt.allowed)
			}
			if got.status == 403 && tt.method != http.MethodOptions {
				checkRefusal(t, got, "FORBIDDEN", "--allowed-origins")
			}
		})
	}
}

func TestBadOptions(t *testing.T) {
	t.Parallel()
	if _, err := edge.New(edge.Options{}); err == nil {
		t.Error("no schema: no error")
	}
	for _, origin := range []string{"*", "https://*.example.com", "example.com", "https://example.com/path", "null"} {
		_, err := edge.New(edge.Options{Schema: executable(), AllowedOrigins: []string{origin}})
		if err == nil || !strings.Contains(err.Error(), origin) {
			t.Errorf("origin %q: error %v", origin, err)
		}
	}
}

func TestProbesAndPage(t *testing.T) {
	t.Parallel()
	waiting := serve(t, func(o *edge.Options) {
		o.Ready = func(context.Context) error { return errors.New("no token yet") }
	})
	srv := serve(t, func(o *edge.Options) {
		o.Ready = func(context.Context) error { return nil }
		o.Example, o.Sandbox = "{ me } # </textarea><b>", "http://127.0.0.1:9"
	})
	for _, tt := range []struct {
		url    string
		status int
		kind   string
		text   string
	}{
		{srv.URL + "/livez", 200, "text/plain", "ok"},
		{srv.URL + "/readyz", 200, "text/plain", "ok"},
		{waiting.URL + "/livez", 200, "text/plain", "ok"},
		{waiting.URL + "/readyz", 503, "text/plain", "not ready: nobody can be served now; the log and the admin port tell why"},
		{srv.URL + "/", 200, "text/html", "{ me } # &lt;/textarea&gt;&lt;b&gt;"},
		{srv.URL + "/", 200, "text/html", "http://127.0.0.1:9"},
		{waiting.URL + "/", 200, "text/html", "Answered by Zoom"},
		{srv.URL + "/console.js", 200, "text/javascript", `"graphql"`},
		{srv.URL + "/console.css", 200, "text/css", "prefers-color-scheme"},
		{srv.URL + "/console/index.html", 404, "", ""},
		{srv.URL + "/nothing", 404, "", ""},
	} {
		got := do(t, http.MethodGet, tt.url, "")
		if got.status != tt.status || !strings.HasPrefix(got.header.Get("Content-Type"), tt.kind) || !strings.Contains(got.body, tt.text) {
			t.Errorf("%s: %d %q, want %d %q with %q", tt.url, got.status, got.header.Get("Content-Type"), tt.status, tt.kind, tt.text)
		}
		if got.header.Get("X-Content-Type-Options") != "nosniff" || strings.Contains(got.header.Get("Cache-Control"), "public") {
			t.Errorf("%s: headers %v", tt.url, got.header)
		}
		if tt.kind == "text/html" {
			checkPage(t, got)
		}
	}
}

// checkPage asserts that the console needs nothing its policy forbids.
func checkPage(t *testing.T, page reply) {
	t.Helper()
	policy := page.header.Get("Content-Security-Policy")
	if !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
		t.Errorf("policy %q", policy)
	}
	for _, forbidden := range []string{"<style", "style=", "onclick", "<script>", "src=\"http", "href=\"//"} {
		if strings.Contains(page.body, forbidden) {
			t.Errorf("the page has %q", forbidden)
		}
	}
}
