// Package redistest runs a real Redis (or Valkey) for a test, on a Unix socket
// of its own and without any memory of earlier ones:
//
//	srv := redistest.Start(t)
//	f, err := fleet.Open(fleet.Options{URL: srv.URL()})
//
// It can be killed and started again under the same URL, and be frozen, which is
// how a network that swallows everything looks from outside. [Server.Proxy] is a
// way to it that the test makes long, breaks and blocks. [StartTLS] adds
// certificates, [StartCluster] runs a cluster, [StartSentinel] a primary with a
// replica behind Sentinels; these listen on loopback ports. Where no server is
// installed the test is skipped; on a machine of the CI (CI=true) it fails.
package redistest

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// startTimeout is how long a server may take to answer after its start.
const startTimeout = 10 * time.Second

// Server is a running server, unless it was stopped. Its methods are called from
// the test's own goroutine.
type Server struct {
	t       testing.TB
	program string
	dir     string
	args    []string
	process *exec.Cmd // nil: stopped
}

// Start starts a server that ends with the test. args are added to its command
// line.
func Start(t testing.TB, args ...string) *Server {
	t.Helper()
	s := &Server{t: t, program: find(t), args: args}
	// t.TempDir is too long for a socket, whose path has 108 bytes at most.
	dir, err := os.MkdirTemp("", "redis")
	if err != nil {
		t.Fatal(err)
	}
	s.dir = dir
	t.Cleanup(func() {
		s.Stop()
		if err := os.RemoveAll(dir); err != nil {
			t.Error(err)
		}
	})
	s.Start()
	return s
}

func find(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"redis-server", "valkey-server"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const reason = "neither redis-server nor valkey-server is installed"
	if os.Getenv("CI") == "true" {
		t.Fatal(reason)
	}
	t.Skip(reason)
	return ""
}

func (s *Server) socket() string { return filepath.Join(s.dir, "s") }

// URL is where the server is, whether it runs or not.
func (s *Server) URL() string { return "unix://" + s.socket() }

// Start starts a stopped server again and returns when it answers. It is empty,
// unless a SAVE was carried out before.
func (s *Server) Start() {
	s.t.Helper()
	cmd := exec.CommandContext(context.Background(), s.program, //nolint:gosec // the program was found by its name above
		append([]string{"--port", "0", "--unixsocket", s.socket(), "--dir", s.dir, "--save", "", "--appendonly", "no"}, s.args...)...)
	if err := cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	s.process = cmd
	for deadline := time.Now().Add(startTimeout); ; time.Sleep(5 * time.Millisecond) {
		_, err := s.do("PING")
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("%s does not answer: %v", s.program, err)
		}
	}
}

// Stop kills the server, as a power cut would. A stopped one stays so.
func (s *Server) Stop() {
	s.t.Helper()
	if s.process == nil {
		return
	}
	if err := s.process.Process.Kill(); err != nil {
		s.t.Error(err)
	}
	_ = s.process.Wait() // that it was killed is no news
	s.process = nil
}

// Freeze keeps the server from doing anything until Thaw: connections stand and
// nobody answers.
func (s *Server) Freeze() { s.signal(syscall.SIGSTOP) }

// Thaw lets a frozen server go on.
func (s *Server) Thaw() { s.signal(syscall.SIGCONT) }

func (s *Server) signal(sig os.Signal) {
	s.t.Helper()
	if err := s.process.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

// Commands is how often the server has carried out the named commands, such as
// "evalsha", since its start. Those that a script calls count as well.
func (s *Server) Commands(names ...string) int {
	s.t.Helper()
	stats, err := s.do("INFO commandstats")
	if err != nil {
		s.t.Fatal(err)
	}
	sum := 0
	for line := range strings.Lines(stats) {
		name, rest, _ := strings.Cut(strings.TrimPrefix(line, "cmdstat_"), ":calls=")
		for _, wanted := range names {
			if name == wanted {
				count, _, _ := strings.Cut(rest, ",")
				n, _ := strconv.Atoi(count) // what is no number is no such line
				sum += n
			}
		}
	}
	return sum
}

// Trace makes the server note commands, for Traced.
func (s *Server) Trace() {
	s.t.Helper()
	s.Do("CONFIG SET slowlog-max-len 100000 slowlog-log-slower-than 0")
}

// Traced is how many commands since Trace began with these words. Unlike those of
// Commands, it leaves out what scripts call.
func (s *Server) Traced(words ...string) int {
	s.t.Helper()
	return strings.Count(strings.ToLower(s.Do("SLOWLOG GET -1")), "\n"+strings.ToLower(strings.Join(words, "\n"))+"\n")
}

// Try carries out a command of plain words; its error is Redis' answer.
func (s *Server) Try(command string) (string, error) { return s.do(command) }

// Do carries out a command of plain words and returns the text of its answer.
func (s *Server) Do(command string) string {
	s.t.Helper()
	answer, err := s.do(command)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer
}

func (s *Server) do(command string) (string, error) {
	conn, err := (&net.Dialer{Timeout: startTimeout}).DialContext(context.Background(), "unix", s.socket())
	if err != nil {
		return "", err
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(startTimeout)); err != nil {
		return "", err
	}
	if _, err := fmt.Fprintf(conn, "%s\r\n", command); err != nil {
		return "", err
	}
	return read(bufio.NewReader(conn))
}

// read takes an answer for text, the elements of a list one after another.
func read(r *bufio.Reader) (string, error) {
	head, err := r.ReadString('\n')
	if err != nil {
		return "", err
	}
	kind, value := head[0], strings.TrimSpace(head[1:])
	switch kind {
	case '-':
		return "", fmt.Errorf("redis: %s", value)
	case '$', '*':
	default:
		return value, nil
	}
	n, err := strconv.Atoi(value)
	if err != nil || n < 0 {
		return "", err
	}
	if kind == '$' {
		text := make([]byte, n+2)
		_, err := io.ReadFull(r, text)
		return string(text[:n]), err
	}
	var all strings.Builder
	for range n {
		part, err := read(r)
		if err != nil {
			return "", err
		}
		all.WriteString(part + "\n")
	}
	return all.String(), nil
}
