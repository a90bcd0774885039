package edge_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"zoomgraph/internal/edge"
)

func TestHosts(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		addr, host string
		status     int
	}{
		{"127.0.0.1:8080", "127.0.0.1:8080", 200},
		{"127.0.0.1:8080", "127.0.0.1", 200},
		{"127.0.0.1:8080", "127.8.9.1:1", 200},
		{"127.0.0.1:8080", "localhost:8080", 200},
		{"127.0.0.1:8080", "LocalHost.", 200},
		{"127.0.0.1:8080", "app.localhost:3000", 200},
		{"127.0.0.1:8080", "[::1]:8080", 200},
		{"127.0.0.1:8080", "[::1]", 200},
		{"127.0.0.1:8080", "admin.example.com", 200},
		{"127.0.0.1:8080", "ADMIN.example.com:443", 200},
		{"127.0.0.1:8080", "graph.example.com:443", 200},
		{"localhost:8080", "localhost", 200},
		{"127.0.0.1:8080", "evil.example.com", 403},
		{"127.0.0.1:8080", "localhost.evil.example.com:8080", 403},
		{"127.0.0.1:8080", "notlocalhost", 403},
		{"127.0.0.1:8080", "127.0.0.1.evil.example.com", 403},
		{"127.0.0.1:8080", "127.0.0.1@evil.example.com", 403},
		{"127.0.0.1:8080", "192.0.2.1:8080", 403},
		{"127.0.0.1:8080", "", 403},
		{"[::1]:8080", "evil.example.com", 403},
		{"0.0.0.0:8080", "zoom.example.com", 200},
		{"", "zoom.example.com", 200},
	} {
		h := handler(t, func(o *edge.Options) {
			o.Addr, o.AllowedOrigins, o.PublicURL = tt.addr, []string{"https://admin.example.com"}, "https://Graph.example.com"
		})
		for _, target := range []string{get("{ hello }"), "/", "/schema.graphqls"} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, target, http.NoBody)
			r.Host = tt.host
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			if w.Code != tt.status || w.Code == 403 && !strings.Contains(w.Body.String(), "--allowed-origins") {
				t.Errorf("on %s, %s of host %q: %d %s", tt.addr, target, tt.host, w.Code, w.Body)
			}
		}
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/livez", http.NoBody)
		r.Host = tt.host
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != 200 {
			t.Errorf("on %s, /livez of host %q: %d", tt.addr, tt.host, w.Code)
		}
	}
}

// TestSignInPaths: what signs people in is at its paths, behind the same check of hosts, and without it nothing is there.
func TestSignInPaths(t *testing.T) {
	t.Parallel()
	in := handler(t, func(o *edge.Options) {
		o.Addr = "127.0.0.1:8080"
		o.SignIn = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("at " + r.URL.Path)) })
	})
	without := handler(t, nil)
	for _, path := range []string{"/sign-in", "/sign-in/callback", "/sign-out"} {
		for _, tt := range []struct {
			h      http.Handler
			host   string
			status int
		}{{in, "localhost", 200}, {in, "evil.example.com", 403}, {without, "localhost", 404}} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
			r.Host = tt.host
			w := httptest.NewRecorder()
			tt.h.ServeHTTP(w, r)
			if w.Code != tt.status || w.Code == 200 && (w.Body.String() != "at "+path || w.Header().Get("X-Request-Id") == "") {
				t.Errorf("%s of %s: %d %s", path, tt.host, w.Code, w.Body)
			}
		}
	}
}

// TestInFlight fills all places: one more request is sent away, probes are answered, and a place that is free again is
// given away again.
func TestInFlight(t *testing.T) {
	t.Parallel()
	const places = 512
	started, finish := make(chan struct{}, places), make(chan struct{})
	schema := executable().(*graphql.ExecutableSchemaMock)
	slow := &graphql.ExecutableSchemaMock{SchemaFunc: schema.SchemaFunc, ExecFunc: func(context.Context) graphql.ResponseHandler {
		return func(context.Context) *graphql.Response {
			started <- struct{}{}
			<-finish
			return &graphql.Response{Data: []byte(`{"hello":"x"}`)}
		}
	}}
	h := handler(t, func(o *edge.Options) { o.Schema = slow })
	ask := func(target string) *httptest.ResponseRecorder {
		w := httptest.NewRecorder()
		h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, target, http.NoBody))
		return w
	}
	var all sync.WaitGroup
	for range places {
		all.Go(func() {
			if w := ask(get("{ hello }")); w.Code != 200 {
				t.Errorf("a request with a place: %d", w.Code)
			}
		})
	}
	for range places {
		<-started
	}
	w := ask(get("{ hello }"))
	if w.Code != 503 || w.Header().Get("Retry-After") != "1" || !strings.Contains(w.Body.String(), "RATE_LIMITED") {
		t.Errorf("one more: %d %v %s", w.Code, w.Header(), w.Body)
	}
	for _, path := range []string{"/livez", "/readyz", "/"} {
		if w := ask(path); w.Code != 200 {
			t.Errorf("%s: %d", path, w.Code)
		}
	}
	close(finish)
	all.Wait()
	if w := ask(get("{ hello }")); w.Code != 200 {
		t.Errorf("afterwards: %d", w.Code)
	}
}

// TestNotReadyWhileStopping tells probes that the service stops, whatever Ready says.
func TestNotReadyWhileStopping(t *testing.T) {
	t.Parallel()
	handler, err := edge.New(edge.Options{Schema: executable(), Ready: func(context.Context) error { return nil }})
	if err != nil {
		t.Fatal(err)
	}
	probe := func() (int, string) {
		w := httptest.NewRecorder()
		handler.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/readyz", http.NoBody))
		return w.Code, w.Body.String()
	}
	if code, text := probe(); code != http.StatusOK || text != "ok\n" {
		t.Errorf("before: %d %s", code, text)
	}
	handler.(interface{ Drain(ctx context.Context) }).Drain(t.Context())
	if code, text := probe(); code != http.StatusServiceUnavailable || text != "not ready: the service is stopping\n" {
		t.Errorf("after: %d %s", code, text)
	}
}

// TestPromisedBodies lets a request promise a megabyte and send little: it is refused for what it is.
func TestPromisedBodies(t *testing.T) {
	t.Parallel()
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", io.NopCloser(strings.NewReader(`{"query":"{ hello }"`)))
	r.ContentLength = 1 << 20
	r.Header.Set("Content-Type", "application/json")
	w := httptest.NewRecorder()
	if handler(t, nil).ServeHTTP(w, r); w.Code != 400 {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}
