package redistest

import (
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// Port is a loopback port that was free a moment ago.
func Port(t testing.TB) string {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// listening starts a server that also listens on a loopback port.
func listening(t testing.TB, args ...string) (*Server, string) {
	t.Helper()
	port := Port(t)
	return Start(t, append([]string{"--port", port, "--bind", "127.0.0.1"}, args...)...), port
}

// wait polls until done.
func wait(t testing.TB, what string, done func() bool) {
	t.Helper()
	for deadline := time.Now().Add(startTimeout); !done(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within %v: %s", startTimeout, what)
		}
	}
}

// Cluster is a cluster whose nodes share the slots among them.
type Cluster struct {
	Nodes []*Server
	t     testing.TB
	ports []string
}

const slots = 16384

// StartCluster starts a cluster of n nodes that ends with the test.
func StartCluster(t testing.TB, n int) *Cluster {
	t.Helper()
	c := &Cluster{t: t}
	for i := range n {
		node, port := listening(t, "--cluster-enabled", "yes", "--cluster-port", Port(t), "--cluster-node-timeout", "1000")
		node.Do(fmt.Sprintf("CLUSTER ADDSLOTSRANGE %d %d", i*slots/n, (i+1)*slots/n-1))
		node.Do(fmt.Sprintf("CLUSTER SET-CONFIG-EPOCH %d", i+1))
		c.Nodes, c.ports = append(c.Nodes, node), append(c.ports, port)
	}
	for i, node := range c.Nodes {
		bus := node.args[7]
		for _, other := range c.Nodes[:i] {
			other.Do("CLUSTER MEET 127.0.0.1 " + c.ports[i] + " " + bus)
		}
	}
	c.settle()
	return c
}

// settle waits until all nodes serve all slots.
func (c *Cluster) settle() {
	c.t.Helper()
	for _, node := range c.Nodes {
		wait(c.t, "the cluster is well", func() bool {
			info := node.Do("CLUSTER INFO")
			return strings.Contains(info, "cluster_state:ok") && strings.Contains(info, fmt.Sprintf("cluster_known_nodes:%d", len(c.Nodes)))
		})
	}
}

// URL names all nodes.
func (c *Cluster) URL() string {
	hosts := make([]string, len(c.ports))
	for i, port := range c.ports {
		hosts[i] = "127.0.0.1:" + port
	}
	return "redis://" + strings.Join(hosts, ",")
}

// OneURL names one node.
func (c *Cluster) OneURL() string { return "redis://127.0.0.1:" + c.ports[0] }

// Owner is the node that serves a key.
func (c *Cluster) Owner(key string) *Server {
	c.t.Helper()
	for _, node := range c.Nodes {
		if _, err := node.Try("EXISTS " + key); err == nil {
			return node
		}
	}
	c.t.Fatalf("nobody serves %s", key)
	return nil
}

// Stop kills all nodes.
func (c *Cluster) Stop() {
	c.t.Helper()
	for _, node := range c.Nodes {
		node.Stop()
	}
}

// Start starts all nodes again, empty.
func (c *Cluster) Start() {
	c.t.Helper()
	for _, node := range c.Nodes {
		node.Start()
	}
	c.settle()
}

// Commands is how often the nodes together have carried out the named commands.
func (c *Cluster) Commands(names ...string) int {
	c.t.Helper()
	sum := 0
	for _, node := range c.Nodes {
		sum += node.Commands(names...)
	}
	return sum
}

// Watched is a primary with a replica, and a Sentinel that knows them as "main".
type Watched struct {
	Primary, Replica *Server
	t                testing.TB
	port             string // the Sentinel's
}

// StartSentinel starts a primary, a replica and a Sentinel, which end with the
// test.
func StartSentinel(t testing.TB) *Watched {
	t.Helper()
	w := &Watched{t: t}
	var port string
	w.Primary, port = listening(t, "--repl-diskless-sync-delay", "0")
	w.Replica, _ = listening(t, "--replicaof", "127.0.0.1 "+port)
	wait(t, "the replica follows", func() bool { return strings.Contains(w.Primary.Do("INFO replication"), "state=online") })
	w.startSentinel(port)
	return w
}

func (w *Watched) startSentinel(primary string) {
	w.t.Helper()
	dir, err := os.MkdirTemp("", "redis")
	if err != nil {
		w.t.Fatal(err)
	}
	w.port = Port(w.t)
	s := &Server{t: w.t, program: find(w.t), dir: dir}
	file := filepath.Join(dir, "sentinel.conf")
	config := fmt.Sprintf("port %s\nbind 127.0.0.1\nunixsocket %s\ndir %s\n"+
		"sentinel monitor main 127.0.0.1 %s 1\nsentinel down-after-milliseconds main 500\nsentinel failover-timeout main 3000\n",
		w.port, s.socket(), dir, primary)
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		w.t.Fatal(err)
	}
	s.process = exec.CommandContext(context.Background(), s.program, file, "--sentinel") //nolint:gosec // the program was found by its name
	w.t.Cleanup(func() {
		s.Stop()
		if err := os.RemoveAll(dir); err != nil {
			w.t.Error(err)
		}
	})
	if err := s.process.Start(); err != nil {
		w.t.Fatal(err)
	}
	wait(w.t, "the Sentinel knows both", func() bool {
		state, err := s.Try("SENTINEL MASTER main")
		return err == nil && strings.Contains(state, "num-slaves\n1\n")
	})
}

// URL names the Sentinel.
func (w *Watched) URL() string { return "redis://127.0.0.1:" + w.port + "?master=main" }
