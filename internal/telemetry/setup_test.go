package telemetry_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"zoomgraph/client"
	"zoomgraph/graph"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/edge"
	"zoomgraph/internal/sandbox"
	"zoomgraph/internal/shares"
	"zoomgraph/internal/store"
	"zoomgraph/internal/telemetry"
	"zoomgraph/internal/unnamed"
)

func TestMain(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("internal/poll.runtime_pollWait"),
		goleak.IgnoreTopFunction("net/http.(*persistConn).writeLoop"))
}

// service is the facade before a sandbox, looked at by telemetry as main puts it together; bare, without.
type service struct {
	t         testing.TB
	telemetry *telemetry.Telemetry
	handler   http.Handler
	zoom      *sandbox.Server
	user      string // an active user's id
	log       *buffer
	unnamed   *unnamed.Names
}

type option func(*parts)

type parts struct {
	graph        graph.Options
	bare         bool
	clientSecret string
	upstream     func(http.Handler) http.Handler // around the sandbox
}

func bare(p *parts) { p.bare = true }

func setup(t testing.TB, options ...option) *service {
	t.Helper()
	p := parts{graph: graph.Options{Explain: true}, clientSecret: "secret", upstream: func(h http.Handler) http.Handler { return h }}
	for _, apply := range options {
		apply(&p)
	}
	s := &service{t: t, log: &buffer{}}
	log := slog.New(s.telemetryLog())
	var err error
	if s.telemetry, err = telemetry.New(t.Context(), telemetry.Options{Version: "v1", Revision: "abc", Logger: log}); err != nil {
		t.Fatal(err)
	}
	if s.zoom, err = sandbox.New(sandbox.Options{Program: programtest.Of(t)}); err != nil {
		t.Fatal(err)
	}
	for _, user := range s.zoom.Users() {
		if user.Status == "active" {
			s.user = user.ID
			break
		}
	}
	upstream := httptest.NewServer(p.upstream(s.zoom))
	t.Cleanup(upstream.Close)
	limits := map[client.Label]client.Limit{client.Medium: {PerSecond: 1000, PerDay: 2000}, client.Light: {PerSecond: 1000}}
	budget, err := client.NewBudget(limits, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	known, err := store.New(store.Options{TTL: time.Minute, UsersTTL: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(known.Close)
	health := client.NewHealth(nil)
	to := client.Config{
		APIURL: upstream.URL + "/v2", OAuthURL: upstream.URL + "/oauth", AccountID: "account", ClientID: "client", ClientSecret: p.clientSecret,
		Budget: budget, Health: health, Logger: log,
	}
	to.Tokens = client.AccountCredentials(to) // unobserved: when it mints is not what is tested here
	to.AppTokens = client.AppCredentials(to)
	if !p.bare {
		to.Observer = s.telemetry
	}
	p.graph.Budget, p.graph.Store, p.graph.Logger = budget, known.Principal("account", "", nil), log
	if p.graph.Client, err = client.New(to); err != nil {
		t.Fatal(err)
	}
	p.graph.Program = programtest.Of(t)
	p.graph.Unnamed = unnamed.New(unnamed.NewShapes(p.graph.Program, func() []string { return nil }))
	s.unnamed = p.graph.Unnamed
	facade, err := graph.NewServer(p.graph)
	if err != nil {
		t.Fatal(err)
	}
	open := new(edge.Connections)
	if err := s.telemetry.Watch(telemetry.Sources{
		Budgets: map[string]func() []client.BudgetState{"account": budget.State, "acct-b": budget.State}, Store: known.Counts,
		Chatbots:  map[string]func() client.HealthState{"account": health.State},
		Healths:   map[string]func() client.HealthState{"account": health.State, "acct-b": client.NewHealth(nil).State},
		Issuer:    func() bool { return true },
		Fallbacks: func() int { return 3 },
		Fleet:     func() (bool, int) { return true, 2 }, Connections: open, Accepted: new(edge.Accepted), Slots: client.NewSlots(0, nil).State, Places: shares.New(0).State,
		Unnamed: p.graph.Unnamed.State,
	}); err != nil {
		t.Fatal(err)
	}
	o := edge.Options{Schema: facade.Executable, Extensions: facade.Extensions(), ErrorPresenter: facade.PresentError, Logger: log, Connections: open}
	if !p.bare {
		o.Extensions, o.ErrorPresenter = s.telemetry.Around(o.Extensions), s.telemetry.PresentError(o.ErrorPresenter)
	}
	if s.handler, err = edge.New(o); err != nil {
		t.Fatal(err)
	}
	return s
}

// telemetryLog is the handler of the service's log.
func (s *service) telemetryLog() slog.Handler {
	return telemetry.Redact(slog.NewJSONHandler(s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
}

// ask sends a query, in which USER is the id of a user, and returns the answer as it came.
func (s *service) ask(query string, headers ...string) string {
	s.t.Helper()
	body, err := json.Marshal(map[string]string{"query": strings.ReplaceAll(query, "USER", s.user)})
	if err != nil {
		s.t.Fatal(err)
	}
	return s.post(string(body), headers...)
}

func (s *service) post(body string, headers ...string) string {
	req := httptest.NewRequestWithContext(s.t.Context(), http.MethodPost, "/graphql", strings.NewReader(body))
	req.Header.Set("Content-Type", "application/json")
	for i := 0; i < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, req)
	return w.Body.String()
}

// metrics is what /metrics says, without the lines about Go and the process.
func (s *service) metrics() string {
	s.t.Helper()
	w := get(s.t, s.telemetry.Handler(false), "/metrics")
	if w.Code != http.StatusOK {
		s.t.Fatalf("/metrics: %d %s", w.Code, w.Body)
	}
	var own strings.Builder
	for line := range strings.Lines(w.Body.String()) {
		if strings.Contains(line, "zoomgraph_") {
			own.WriteString(line)
		}
	}
	return own.String()
}

func get(t testing.TB, h http.Handler, path string) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	return w
}

// buffer is a bytes.Buffer for many writers.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}
