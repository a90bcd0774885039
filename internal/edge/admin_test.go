package edge_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"zoomgraph/internal/edge"
)

// What is wrong with the service stands on the admin port. The public one tells nobody more than that it is not ready,
// whatever is asked.
func TestDetailsAreForTheAdminPort(t *testing.T) {
	t.Parallel()
	ready := errors.New("account acct: dial tcp 10.0.0.7:443:\nno route; issuer https://id.canary.example")
	states := []edge.State{{Name: "account acct", Err: errors.New("refused\nby 10.0.0.7")}, {Name: "redis"}, {Name: "issuer", Note: "2 keys usable"}}
	const (
		reason  = "account acct: dial tcp 10.0.0.7:443: no route; issuer https://id.canary.example\n"
		details = "account acct: refused by 10.0.0.7\nredis: ok\nissuer: ok (2 keys usable)\n"
		nobody  = "not ready: nobody can be served now; the log and the admin port tell why\n"
	)
	for _, tt := range []struct {
		name   string
		ready  error
		path   string
		status int
		public string
		admin  string
	}{
		{"ready", nil, "/readyz", 200, "ok\n", "ok\n"},
		{"ready, verbose", nil, "/readyz?verbose", 200, "ok\n", "ok\n" + details},
		{"ready, verbose in another way", nil, "/readyz?x&verbose=1", 200, "ok\n", "ok\n" + details},
		{"not ready", ready, "/readyz", 503, nobody, "not ready: " + reason},
		{"not ready, verbose", ready, "/readyz?verbose", 503, nobody, "not ready: " + reason + details},
		{"alive", ready, "/livez", 200, "ok\n", "ok\n"},
		{"alive, verbose", ready, "/livez?verbose", 200, "ok\n", "ok\n"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			public := handler(t, func(o *edge.Options) { o.Ready = func(context.Context) error { return tt.ready } })
			admin := edge.NewAdmin(edge.AdminOptions{Service: public, States: func(context.Context) []edge.State { return states }})
			for name, one := range map[string]struct {
				h    http.Handler
				want string
			}{"public": {public, tt.public}, "admin": {admin, tt.admin}} {
				srv := httptest.NewServer(one.h)
				got := do(t, http.MethodGet, srv.URL+tt.path, "")
				srv.Close()
				if got.status != tt.status || got.body != one.want || got.header.Get("X-Content-Type-Options") != "nosniff" || got.header.Get("Cache-Control") != "no-store" {
					t.Errorf("%s: %d %q, want %q; %v", name, got.status, got.body, one.want, got.header)
				}
			}
		})
	}
}

// On a loopback address the admin port is not to be read by a page whose own name leads there, probes included.
func TestHostsOfTheAdminPort(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		addr, host string
		status     int
	}{
		{"127.0.0.1:9091", "127.0.0.1:9091", 200},
		{"127.0.0.1:9091", "localhost:9091", 200},
		{"127.0.0.1:9091", "[::1]:9091", 200},
		{"[::1]:9091", "[::1]:9091", 200},
		{"127.0.0.1:9091", "evil.example.com:9091", 403},
		{"127.0.0.1:9091", "localhost.evil.example.com", 403},
		{"127.0.0.1:9091", "10.0.0.7", 403},
		{"localhost:9091", "evil.example.com", 403},
		{"0.0.0.0:9091", "zoomgraph-7c9.pods:9091", 200},
		{":9091", "zoomgraph-7c9.pods:9091", 200},
	} {
		admin := edge.NewAdmin(edge.AdminOptions{Addr: tt.addr, Service: handler(t, nil), Metrics: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			_, _ = io.WriteString(w, "metrics")
		})})
		for _, path := range []string{"/livez", "/readyz", "/readyz?verbose", "/metrics", "/debug/pprof/heap"} {
			r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, http.NoBody)
			r.Host = tt.host
			w := httptest.NewRecorder()
			admin.ServeHTTP(w, r)
			if w.Code != tt.status || tt.status == 403 && !strings.Contains(w.Body.String(), "The Host header") {
				t.Errorf("%s asks %s for %s: %d %s", tt.host, tt.addr, path, w.Code, w.Body)
			}
		}
	}
}
