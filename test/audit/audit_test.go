// Package audit_test holds the service to the audit of GraphQL over HTTP that the npm package graphql-http has: 61
// points, each a request and what the specification wants of the answer.
//
// It runs by hand too:
//
//	zoomgraph --addr 127.0.0.1:8080
//	npm ci && AUDIT_URL=http://127.0.0.1:8080/graphql node audit.mjs
package audit_test

import (
	"context"
	"encoding/json"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"testing"
	"time"

	"zoomgraph/graph"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/edge"
)

// points is how many the audit has.
const points = 61

// How long installing and auditing may take.
const (
	installLimit = 3 * time.Minute
	auditLimit   = time.Minute
)

func TestAudit(t *testing.T) {
	t.Parallel()
	install(t)
	for _, tt := range []struct {
		name      string
		draft2026 bool
		fails     []string
	}{
		{"current", false, nil},
		// The audit is older than the draft, which has 422 where it wants 400: for a request without a query, and for a
		// variable that is not of its type. (Its invalid document, which would be the third, does not even parse.)
		{"draft2026", true, []string{"423L", "86EE"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			results := audit(t, serve(t, tt.draft2026))
			if len(results) != points {
				t.Errorf("%d points, want %d", len(results), points)
			}
			var failed []string
			for _, r := range results {
				if r.Status == "ok" {
					continue
				}
				failed = append(failed, r.ID)
				if !slices.Contains(tt.fails, r.ID) {
					t.Errorf("%s %s: %s: %s", r.ID, r.Status, r.Name, r.Reason)
				}
			}
			if slices.Sort(failed); !slices.Equal(failed, tt.fails) {
				t.Errorf("failed %v, want %v", failed, tt.fails)
			}
		})
	}
}

// result is what became of a point: ok, notice, warn or error.
type result struct{ ID, Name, Status, Reason string }

func audit(t *testing.T, url string) []result {
	t.Helper()
	node := command(t, auditLimit, "node", "audit.mjs")
	node.Env = append(os.Environ(), "AUDIT_URL="+url, "no_proxy=*")
	node.Stderr = os.Stderr
	out, err := node.Output()
	if err != nil {
		t.Fatalf("node: %v\n%s", err, out)
	}
	var results []result
	if err := json.Unmarshal(out, &results); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return results
}

// serve starts the service; the audit asks nothing of Zoom.
func serve(t *testing.T, draft2026 bool) (url string) {
	t.Helper()
	facade, err := graph.NewServer(graph.Options{Program: programtest.Of(t)})
	if err != nil {
		t.Fatal(err)
	}
	handler, err := edge.New(edge.Options{
		Schema: facade.Executable, SDL: facade.Program.SDL, Extensions: facade.Extensions(), ErrorPresenter: facade.PresentError,
		Introspection: true, Draft2026: draft2026,
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(handler)
	t.Cleanup(server.Close)
	return server.URL + "/graphql"
}

// install brings in the audit that the lock file names, unless it is there. Where that cannot be, a machine of the CI
// fails; anyone else is told that the test is left out.
func install(t *testing.T) {
	t.Helper()
	unable := t.Skipf
	if os.Getenv("CI") == "true" {
		unable = t.Fatalf
	}
	for _, tool := range []string{"node", "npm"} {
		if _, err := exec.LookPath(tool); err != nil {
			unable("the audit cannot be run: %v", err)
		}
	}
	lock, err := os.Stat("package-lock.json")
	if err != nil {
		t.Fatal(err)
	}
	// Opened, the script is known to the cache of test results, and a changed one is run anew.
	if _, err := os.ReadFile("audit.mjs"); err != nil {
		t.Fatal(err)
	}
	installed, err := os.Stat("node_modules/.package-lock.json") // npm writes it last
	if err == nil && installed.ModTime().After(lock.ModTime()) {
		return
	}
	if out, err := command(t, installLimit, "npm", "ci").CombinedOutput(); err != nil {
		unable("the audit cannot be installed: npm ci: %v\n%s", err, out)
	}
}

// command is a program that may run for as long as limit says.
func command(t *testing.T, limit time.Duration, name string, args ...string) *exec.Cmd {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	t.Cleanup(cancel)
	cmd := exec.CommandContext(ctx, name, args...)
	cmd.WaitDelay = time.Second // for children that outlive it
	return cmd
}
