package load_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"zoomgraph/client"
	"zoomgraph/graph/load"
	"zoomgraph/internal/store"
)

var (
	opSettings = client.Op{ID: "userSettings", Method: "GET", Path: "/users/{userId}/settings", Label: client.Medium}
	opUser     = client.Op{ID: "user", Method: "GET", Path: "/users/{userId}", Label: client.Light}
)

// zoom answers reads, and writes them down.
type zoom struct {
	hold chan struct{} // nil: calls are answered at once; otherwise when it is closed

	mu    sync.Mutex
	calls []string
	ended int // calls that were given up
}

func (z *zoom) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	z.mu.Lock()
	z.calls = append(z.calls, strings.TrimSuffix(r.URL.Path+"?"+strings.ReplaceAll(r.URL.RawQuery, "%2C", ","), "?"))
	z.mu.Unlock()
	if z.hold != nil {
		select {
		case <-z.hold:
		case <-r.Context().Done():
			z.mu.Lock()
			z.ended++
			z.mu.Unlock()
			return
		}
	}
	w.Header().Set("Content-Type", "application/json")
	var members []string
	for name := range strings.SplitSeq(r.URL.Query().Get("custom_query_fields"), ",") {
		members = append(members, fmt.Sprintf("%q:true", name))
	}
	fmt.Fprintf(w, `{"in_meeting":{%s}}`, strings.Join(members, ","))
}

// wantCalls compares the calls, in any order.
func (z *zoom) wantCalls(t *testing.T, want ...string) {
	t.Helper()
	z.mu.Lock()
	defer z.mu.Unlock()
	slices.Sort(z.calls)
	if !slices.Equal(z.calls, want) {
		t.Errorf("calls %q, want %q", z.calls, want)
	}
}

type token struct{}

func (token) Token(context.Context) (client.Token, error) { return client.Token{Value: "t"}, nil }
func (token) Drop(client.Token)                           {}

// upstream is what sessions share that ask zoom.
func upstream(tb testing.TB, zoom http.Handler, ttl time.Duration) *load.Upstream {
	tb.Helper()
	server := httptest.NewServer(zoom)
	tb.Cleanup(server.Close)
	c, err := client.New(client.Config{APIURL: server.URL, Tokens: token{}})
	if err != nil {
		tb.Fatal(err)
	}
	filters, err := load.NewFilters(load.FilterAuto, slog.New(slog.DiscardHandler))
	if err != nil {
		tb.Fatal(err)
	}
	s, err := store.New(store.Options{TTL: ttl, UsersTTL: ttl})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(s.Close)
	return &load.Upstream{Client: c, Filters: filters, Store: s.Principal("acct", "", nil)}
}

func settingsOf(user, names string) load.SettingsKey {
	return load.SettingsKey{View: load.ViewKey{Op: &opSettings, Target: user, Param: "option"}, Names: names}
}
