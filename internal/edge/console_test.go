package edge_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"zoomgraph/internal/edge"
)

// packed is a file as the built console has it.
func packed(t *testing.T, text string) *fstest.MapFile {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err := io.WriteString(w, text)
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	return &fstest.MapFile{Data: b.Bytes()}
}

func TestBuiltConsole(t *testing.T) {
	t.Parallel()
	srv := serve(t, func(o *edge.Options) {
		o.Console = fstest.MapFS{
			"index.html.gz":           packed(t, "<title>dashboard</title>"),
			"graphiql.html.gz":        packed(t, "<title>graphiql</title>"),
			"manifest.json.gz":        packed(t, "{}"),
			"assets/app-1a.js.gz":     packed(t, "export {}"),
			"assets/app-1a.css.gz":    packed(t, "p {}"),
			"assets/icon-1a.svg.gz":   packed(t, "<svg/>"),
			"assets/codicon-1.ttf.gz": packed(t, "ttf"),
		}
		o.Version, o.Closed, o.Sandbox, o.Example = "v1", true, "", "{ me { id } }"
	})
	for _, tt := range []struct {
		path, accept string
		status       int
		kind, text   string
		policy, keep string
	}{
		{"/", "gzip", 200, "text/html; charset=utf-8", "dashboard", "; style-src 'self'", "no-store"},
		{"/", "identity", 200, "text/html; charset=utf-8", "dashboard", "; style-src 'self'", "no-store"},
		{"/?columns=a", "gzip, br", 200, "text/html; charset=utf-8", "dashboard", "script-src 'self';", "no-store"},
		{"/graphiql", "br;q=1, gzip;q=0.5", 200, "text/html; charset=utf-8", "graphiql", "; worker-src 'self'", "no-store"},
		{"/graphiql", "gzip;q=0", 200, "text/html; charset=utf-8", "graphiql", "script-src 'self';", "no-store"},
		{"/assets/app-1a.js", "gzip", 200, "text/javascript; charset=utf-8", "export {}", "default-src 'none'", "private, max-age=31536000, immutable"},
		{"/assets/app-1a.css", "*", 200, "text/css; charset=utf-8", "p {}", "", "private, max-age=31536000, immutable"},
		{"/assets/icon-1a.svg", "gzip", 200, "image/svg+xml", "<svg/>", "default-src 'none'", "private, max-age=31536000, immutable"},
		{"/assets/codicon-1.ttf", "gzip", 200, "font/ttf", "ttf", "", "private, max-age=31536000, immutable"},
		{"/assets/app-1a.js.gz", "gzip", 404, "", "", "", ""},
		{"/assets/nothing.js", "gzip", 404, "", "", "", ""},
		{"/assets/..%2findex.html", "gzip", 404, "", "", "", ""},
		{"/assets/", "gzip", 404, "", "", "", ""},
		{"/manifest.json", "gzip", 404, "", "", "", ""},
		{"/console.js", "gzip", 404, "", "", "", ""},
	} {
		t.Run(tt.path+" "+tt.accept, func(t *testing.T) {
			t.Parallel()
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, srv.URL+tt.path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Accept-Encoding", tt.accept)
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			if res.StatusCode != tt.status {
				t.Fatalf("status %d, want %d", res.StatusCode, tt.status)
			}
			if tt.status != 200 {
				return
			}
			var body io.Reader = res.Body
			if coded := res.Header.Get("Content-Encoding") == "gzip"; coded != (tt.accept != "identity" && tt.accept != "gzip;q=0") {
				t.Errorf("compressed: %t, for a client that says %q", coded, tt.accept)
			} else if coded {
				if body, err = gzip.NewReader(body); err != nil {
					t.Fatal(err)
				}
			}
			text, err := io.ReadAll(body)
			if err != nil || !strings.Contains(string(text), tt.text) {
				t.Errorf("body %q, %v", text, err)
			}
			header := res.Header
			if header.Get("Content-Type") != tt.kind || header.Get("Cache-Control") != tt.keep || header.Get("Vary") != "Accept-Encoding" {
				t.Errorf("headers %v", header)
			}
			policy := header.Get("Content-Security-Policy")
			if !strings.Contains(policy, tt.policy) || strings.Contains(policy, "unsafe") != (tt.path == "/graphiql") || !strings.Contains(policy, "frame-ancestors 'none'") {
				t.Errorf("policy %q", policy)
			}
		})
	}
	got := do(t, http.MethodGet, srv.URL+"/console.json", "")
	want := `{"sandbox":false,"closed":true,"signIn":false,"introspection":true,"documentsOnly":false,"example":"{ me { id } }"}`
	if got.status != 200 || got.body != want || got.header.Get("Content-Type") != "application/json" {
		t.Errorf("facts %d %s, want %s", got.status, got.body, want)
	}
	open := serve(t, func(o *edge.Options) { o.Version = "v1" })
	if got := do(t, http.MethodGet, open.URL+"/console.json", ""); !strings.HasPrefix(got.body, `{"version":"v1","sandbox"`) {
		t.Errorf("where everybody may call, facts %s", got.body)
	}
}

// TestUnbuiltConsole: without the built pages there is one that says how to build them.
func TestUnbuiltConsole(t *testing.T) {
	t.Parallel()
	for _, files := range []fstest.MapFS{nil, {".keep": {}}} {
		srv := serve(t, func(o *edge.Options) { o.Console = files })
		for _, path := range []string{"/", "/graphiql"} {
			got := do(t, http.MethodGet, srv.URL+path, "")
			if got.status != 200 || !strings.Contains(got.body, "make run") || !strings.Contains(got.body, "Node 20") {
				t.Errorf("%s: %d %s", path, got.status, got.body)
			}
			checkPage(t, got)
		}
	}
}
