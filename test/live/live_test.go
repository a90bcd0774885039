// Package live_test lets the client libraries that people use talk to the service: graphql-ws, graphql-sse, Apollo Client
// and urql. The *.test.mjs files use them; service.mjs is what they all do. The test here runs the service over a sandbox,
// and stops and starts it when they ask for that.
package live_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"zoomgraph/client"
	"zoomgraph/graph"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/edge"
	"zoomgraph/internal/events"
	"zoomgraph/internal/sandbox"
)

// How long installing and testing may take, and what a test asks for.
const (
	installLimit = 3 * time.Minute
	testLimit    = time.Minute
	askLimit     = time.Minute
)

func TestClients(t *testing.T) {
	t.Parallel()
	install(t)
	s := newService(t)
	refusals := &atomic.Int64{}
	refusing := s.start(t, "127.0.0.1:0", func(ctx context.Context, _ http.Header, _ *http.Request) (context.Context, edge.Known, error) {
		refusals.Add(1)
		return ctx, edge.Known{}, errors.New("nobody is let in")
	})
	t.Cleanup(refusing.stop)
	control := httptest.NewServer(s.control(t, refusals))
	t.Cleanup(control.Close)

	// Node would find them itself. Looked up here, they are known to the cache of test results, and a changed one is run
	// anew.
	scripts, err := filepath.Glob("*.mjs")
	if err != nil {
		t.Fatal(err)
	}
	args := []string{"--test", "--test-concurrency=1", "--test-reporter=spec"} // one after the other, for they count subscribers
	for _, script := range scripts {
		if script != "service.mjs" {
			args = append(args, script)
		}
	}
	node := tool(t, testLimit, "node", args...)
	node.Env = append(os.Environ(), "no_proxy=*",
		"LIVE_URL=http://"+s.now().addr+"/graphql", "LIVE_REFUSING_URL=http://"+refusing.addr+"/graphql",
		"LIVE_CONTROL_URL="+control.URL, "LIVE_USER="+s.user)
	out, err := node.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatalf("node: %v", err)
	}
}

// service is the service under test.
type service struct {
	facade  *graph.Server
	account *events.Stream
	user    string
	mu      sync.Mutex
	running *running
}

// running is the service while it is up.
type running struct {
	addr string
	stop func()
}

func newService(t *testing.T) *service {
	t.Helper()
	zoom, err := sandbox.New(sandbox.Options{Program: programtest.Of(t)})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(zoom)
	t.Cleanup(web.Close)
	upstream, err := client.New(client.Config{
		APIURL: web.URL + "/v2", OAuthURL: web.URL + "/oauth", AccountID: "account", ClientID: "client", ClientSecret: "secret",
	})
	if err != nil {
		t.Fatal(err)
	}
	s := &service{account: events.NewStream(), user: zoom.Users()[0].ID}
	if s.facade, err = graph.NewServer(graph.Options{Program: programtest.Of(t), PrincipalOptions: graph.PrincipalOptions{Client: upstream, Events: s.account}, Explain: true}); err != nil {
		t.Fatal(err)
	}
	s.running = s.start(t, "127.0.0.1:0", nil)
	t.Cleanup(func() { s.now().stop() })
	return s
}

func (s *service) now() *running {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.running
}

// restart stops the service and starts it at the same address.
func (s *service) restart(t *testing.T) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.running.stop()
	s.running = s.start(t, s.running.addr, nil)
}

// start serves at an address until it is stopped, which takes as long as it takes to part from all clients.
func (s *service) start(t *testing.T, addr string, identify edge.Identify) *running {
	t.Helper()
	handler, err := edge.New(edge.Options{
		Schema: s.facade.Executable, SDL: s.facade.Program.SDL, Extensions: s.facade.Extensions(), ErrorPresenter: s.facade.PresentError, Identify: identify,
	})
	if err != nil {
		t.Fatal(err)
	}
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	served := make(chan error, 1)
	go func() { served <- edge.Serve(ctx, l, handler, slog.New(slog.DiscardHandler)) }()
	return &running{addr: l.Addr().String(), stop: func() {
		cancel()
		if err := <-served; err != nil {
			t.Error(err)
		}
	}}
}

// control is what the scripts ask of the test: to wait for a number of subscriptions, to start the service anew, and how
// often a connection was refused.
func (s *service) control(t *testing.T, refusals *atomic.Int64) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /subscribers", func(w http.ResponseWriter, r *http.Request) {
		want, err := strconv.Atoi(r.URL.Query().Get("n"))
		if err != nil || !s.wait(r.Context(), want) {
			w.WriteHeader(http.StatusConflict)
			_, _ = fmt.Fprint(w, s.account.Subscribers())
		}
	})
	mux.HandleFunc("POST /restart", func(http.ResponseWriter, *http.Request) { s.restart(t) })
	mux.HandleFunc("GET /refusals", func(w http.ResponseWriter, _ *http.Request) { _, _ = fmt.Fprint(w, refusals.Load()) })
	return mux
}

// wait waits until there are so many subscriptions, and reports false if that takes too long.
func (s *service) wait(ctx context.Context, want int) bool {
	ctx, cancel := context.WithTimeout(ctx, askLimit)
	defer cancel()
	ticker := time.NewTicker(time.Millisecond)
	defer ticker.Stop()
	for s.account.Subscribers() != want {
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return false
		}
	}
	return true
}

// install brings in the libraries that the lock file names, unless they are there. Where that cannot be, a machine of the
// CI fails; anyone else is told that the test is left out.
func install(t *testing.T) {
	t.Helper()
	unable := t.Skipf
	if os.Getenv("CI") == "true" {
		unable = t.Fatalf
	}
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			unable("the clients cannot be run: %v", err)
		}
	}
	lock, err := os.Stat("package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	installed, err := os.Stat("node_modules/.package-lock.json") // npm writes it last
	if err == nil && installed.ModTime().After(lock.ModTime()) {
		return
	}
	if out, err := tool(t, installLimit, "npm", "ci").CombinedOutput(); err != nil {
		unable("the clients cannot be installed: npm ci: %v\n%s", err, out)
	}
}

// tool is a program that may run for as long as limit says.
func tool(t *testing.T, limit time.Duration, name string, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.WaitDelay = time.Second // for children that outlive it
	return cmd
}
