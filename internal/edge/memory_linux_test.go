package edge_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"zoomgraph/internal/edge"
	"zoomgraph/internal/gctarget"
)

// What the process that is attacked may take, and who attacks it.
const (
	maxResident = 256 << 20
	attackers   = 16
)

// besieged is set in the environment of the process that is attacked.
const besieged = "ZOOMGRAPH_TEST_BESIEGED"

// TestMemoryUnderAttack sends all attacks from many connections at once, and after them documents that are all different,
// to a process that does nothing but serve, and asks the system how much memory it took at most.
func TestMemoryUnderAttack(t *testing.T) {
	if os.Getenv(besieged) != "" {
		serveUntilTold(t)
		return
	}
	if raceDetector {
		t.Skip("the race detector takes several times the memory")
	}
	t.Parallel()
	child := exec.CommandContext(t.Context(), os.Args[0], "-test.run=^TestMemoryUnderAttack$")
	child.Env = append(os.Environ(), besieged+"=1")
	child.Stderr = os.Stderr
	hold, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	says, err := child.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	var url string
	if _, err := fmt.Fscanln(says, &url); err != nil {
		t.Fatal(err)
	}
	besiege(t, url)
	peak := peakOf(t, child.Process.Pid)
	_ = hold.Close()
	rest, _ := io.ReadAll(says)
	if err := child.Wait(); err != nil {
		t.Fatalf("the attacked process: %v\n%s", err, rest)
	}
	t.Logf("peak %d MiB", peak>>20)
	if peak > maxResident {
		t.Errorf("the attacked process took %d MiB, and may take %d", peak>>20, maxResident>>20)
	}
}

// peakOf is the most memory that a process had resident. What the system tells when a process ends counts what it had as a
// copy of its parent too.
func peakOf(t *testing.T, pid int) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Fatal(err)
	}
	_, after, _ := strings.Cut(string(text), "VmHWM:")
	var kib int
	if _, err := fmt.Sscan(after, &kib); err != nil {
		t.Fatal(err)
	}
	return kib << 10
}

// serveUntilTold serves until standard input ends.
func serveUntilTold(t *testing.T) {
	gctarget.Limit(400, 20<<20) // as the service does
	ctx, stop := context.WithCancel(t.Context())
	go func() {
		_, _ = io.Copy(io.Discard, os.Stdin)
		stop()
	}()
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	fmt.Printf("http://%s/graphql\n", l.Addr())
	if err := edge.Serve(ctx, l, fortress(t), slog.New(slog.DiscardHandler)); err != nil {
		t.Error(err)
	}
}

func besiege(t *testing.T, url string) {
	var all sync.WaitGroup
	for n := range attackers {
		all.Go(func() {
			transport := &http.Transport{}
			defer transport.CloseIdleConnections()
			c := &http.Client{Transport: transport, Timeout: time.Hour}
			for _, a := range attacks() {
				if err := a.post(t.Context(), c, url); err != nil {
					t.Errorf("%s: %v", a.name, err)
				}
			}
			for i := range 40 {
				if err := distinct(n*1000+i).post(t.Context(), c, url); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()
}

// distinct is a document as large as may be that nobody has seen before: it costs too much to run, or nothing.
func distinct(n int) attack {
	nonce := fmt.Sprintf(" # %d %s", n, strings.Repeat("-", 100_000))
	if n%2 == 0 {
		return attack{body: post("{ users(first: 1000) { nodes { settings { raw } " + strings.Repeat("role { name } ", 300) + "} } }" + nonce), status: 400}
	}
	return attack{body: post("{ rateLimit { label " + strings.Repeat("limit remaining resetAt ", 300) + "} }" + nonce), status: 200}
}

func (a attack) post(ctx context.Context, c *http.Client, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, strings.NewReader(a.body))
	if err != nil {
		return err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/graphql-response+json")
	if name, value, ok := strings.Cut(a.header, ": "); ok {
		req.Header.Set(name, value)
	}
	resp, err := c.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = resp.Body.Close() }()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != a.status {
		return errors.New(resp.Status)
	}
	return nil
}
