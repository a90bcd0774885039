//go:build linux

// Package siege runs the built program for tests that attack it, and tells what the attacked process needs, measured from
// outside:
//
//	svc := siege.Start(t, siege.Options{Users: 1000})
//	slowest := svc.Watch(siege.Bystander)
//	… attack svc.URL with the key siege.Attacker …
//	svc.WithinLimits(slowest())
//
// The embedded Zoom runs as a process of its own, so that its memory does not count. The service runs as deploy/ starts it:
// GOMEMLIMIT is 400 MiB. Only Linux tells the peak of a process. Under the race detector Start skips the test: the program
// is built without it, so a second run would show nothing new. `make measured` runs the tests named TestMemory….
package siege

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"zoomgraph/internal/callers"
)

// What the service may take under attack.
const (
	// MaxPeak is the resident memory, in bytes.
	MaxPeak = 256 << 20
	// MaxWait is how long somebody else waits for an answer. It should be a second; a test fails beyond five, because
	// machines that test are shared.
	MaxWait = 5 * time.Second
)

// Names of the two callers that every service has. Their keys are known by Service.Key.
const (
	Attacker  = "attacker"
	Bystander = "bystander"
)

// startTimeout is how long the processes may take to start.
const startTimeout = time.Minute

// Options say what is started. The zero value is an account of 500 users.
type Options struct {
	// Args and Env are added to the command line and to the environment of the service.
	Args []string
	Env  map[string]string
	// Users is how many users the account has; 0 is 500.
	Users int
	// Sandbox is added to the command line of the embedded Zoom, such as --latency=50ms.
	Sandbox []string
	// Accounts are keys of accounts in the service's file, all of the same embedded Zoom; nil: there is one.
	Accounts []string
	// Callers have keys; nil: Attacker and Bystander may read. With Accounts the first caller belongs to the first of
	// them, the second to the second, and so on.
	Callers []Caller
	// Config is appended to the service's file.
	Config string
	// Descriptors limits those of the service, as ulimit -n does; 0: as it is here.
	Descriptors int
}

// Caller is somebody with a key.
type Caller struct {
	Name    string
	Allow   string // such as "read, write"; "": read
	Account string // "": by its place
}

// Service is the program while it serves.
type Service struct {
	// URL is where it serves, without a path, and Zoom the same of the embedded Zoom.
	URL, Zoom string

	t    testing.TB
	keys map[string]string
	run  *process
}

// Start starts an embedded Zoom and a service on it. Both end with the test.
func Start(t testing.TB, o Options) *Service {
	t.Helper()
	if raceDetector {
		t.Skip("the program is built without the race detector; make measured runs this")
	}
	zoom := spawn(t, map[string]string{}, 0, sandboxReady, slices.Concat(
		[]string{"sandbox", "--addr=127.0.0.1:0", fmt.Sprintf("--users=%d", cmp.Or(o.Users, 500))}, o.Sandbox)...)
	s := &Service{t: t, Zoom: zoom.url, keys: map[string]string{}}
	env := map[string]string{
		"GOMEMLIMIT": "400MiB", "ZOOM_API_URL": zoom.url + "/v2", "ZOOM_OAUTH_URL": zoom.url + "/oauth", "ZOOMGRAPH_CONFIG": s.configure(o),
	}
	if len(o.Accounts) == 0 {
		maps.Copy(env, map[string]string{"ZOOM_ACCOUNT_ID": "account", "ZOOM_CLIENT_ID": "client", "ZOOM_CLIENT_SECRET": "secret"})
	}
	maps.Copy(env, o.Env)
	s.run = spawn(t, env, o.Descriptors, serviceReady, append([]string{"--addr=127.0.0.1:0"}, o.Args...)...)
	s.URL = s.run.url
	t.Cleanup(func() {
		if s.run.gone() {
			t.Errorf("the service ended under attack:\n%s", s.run.log)
		}
	})
	return s
}

// configure writes the service's file, and returns its path.
func (s *Service) configure(o Options) string {
	s.t.Helper()
	var b strings.Builder
	if len(o.Accounts) > 0 {
		b.WriteString("accounts:\n")
		for _, key := range o.Accounts {
			fmt.Fprintf(&b, "  %s: {zoom_account_id: %s, client_id: client, client_secret: secret}\n", key, key)
		}
	}
	b.WriteString("callers:\n")
	who := o.Callers
	if who == nil {
		who = []Caller{{Name: Attacker}, {Name: Bystander}}
	}
	for i, c := range who {
		s.keys[c.Name] = callers.NewKey()
		account := c.Account
		if account == "" && len(o.Accounts) > 0 {
			account = o.Accounts[i%len(o.Accounts)]
		}
		if account != "" {
			account = ", account: " + account
		}
		fmt.Fprintf(&b, "  - {name: %s, key_sha256: %q%s, allow: [%s]}\n", c.Name, fmt.Sprint(callers.DigestOf(s.keys[c.Name])), account, cmp.Or(c.Allow, "read"))
	}
	file := filepath.Join(s.t.TempDir(), "zoomgraph.yaml")
	if err := os.WriteFile(file, []byte(b.String()+o.Config), 0o600); err != nil {
		s.t.Fatal(err)
	}
	return file
}

// Key is the key of a caller, by name.
func (s *Service) Key(caller string) string { return s.keys[caller] }

// Pid is the process id of the service.
func (s *Service) Pid() int { return s.run.cmd.Process.Pid }

// Log is what the service has logged.
func (s *Service) Log() string { return s.run.log.String() }

// Peak is the most resident memory, in bytes, that the service has had since it started.
func (s *Service) Peak() int {
	s.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.Pid()))
	if err != nil {
		s.t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if kib, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			n, err := strconv.Atoi(strings.Fields(kib)[0])
			if err != nil {
				s.t.Fatal(err)
			}
			return n << 10
		}
	}
	s.t.Fatal("the system does not tell what the service took; it has ended")
	return 0
}

// WithinLimits fails the test if the service took more than MaxPeak, or somebody else waited longer than MaxWait.
func (s *Service) WithinLimits(slowest time.Duration) {
	s.t.Helper()
	peak := s.Peak()
	s.t.Logf("peak %d MiB, the slowest answer to somebody else %v", peak>>20, slowest.Round(time.Millisecond))
	if peak > MaxPeak {
		s.t.Errorf("the service took %d MiB, and may take %d", peak>>20, MaxPeak>>20)
	}
	if slowest > MaxWait {
		s.t.Errorf("somebody else waited %v for an answer, and %v is the most", slowest, MaxWait)
	}
}

// Viewer asks { viewer { name } } over a connection of its own, and tells how long the answer took. On a busy machine that
// connection may be closed for others before its request was read: Viewer asks again then, as clients do, and that time
// counts.
func (s *Service) Viewer(ctx context.Context, caller string) (time.Duration, error) {
	return viewer(ctx, s.URL, s.Key(caller), caller)
}

// Post sends an operation. The caller reads and closes the body of the answer.
func (s *Service) Post(ctx context.Context, c *http.Client, caller, query string, variables map[string]any) (*http.Response, error) {
	return post(ctx, c, s.URL, s.Key(caller), query, variables)
}

func post(ctx context.Context, c *http.Client, url, key, query string, variables map[string]any) (*http.Response, error) {
	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	if err != nil {
		return nil, err
	}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url+"/graphql", bytes.NewReader(body))
	if err != nil {
		return nil, err
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Authorization", "Bearer "+key)
	return c.Do(req)
}

// process is a running program.
type process struct {
	cmd   *exec.Cmd
	url   string
	log   *record
	ended chan struct{}
}

var (
	sandboxReady = regexp.MustCompile(`API\s+(http://[0-9.:]+)/v2`)
	serviceReady = regexp.MustCompile(`GraphQL\s+(http://[0-9.:]+)/graphql`)
)

// spawn starts the program, and returns once it says where it serves.
func spawn(t testing.TB, env map[string]string, descriptors int, ready *regexp.Regexp, args ...string) *process {
	t.Helper()
	cmd := exec.CommandContext(context.Background(), program(t), args...) //nolint:gosec // the program that was just built
	if descriptors > 0 {
		cmd = exec.CommandContext(context.Background(), "sh", slices.Concat([]string{"-c", fmt.Sprintf(`ulimit -n %d; exec "$0" "$@"`, descriptors), program(t)}, args)...) //nolint:gosec // the same
	}
	p := &process{cmd: cmd, log: &record{}, ended: make(chan struct{})}
	p.cmd.Stderr = p.log
	p.cmd.Env = []string{"TMPDIR=" + t.TempDir()}
	for name, value := range env {
		p.cmd.Env = append(p.cmd.Env, name+"="+value)
	}
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
	out, err := p.cmd.StdoutPipe()
	if err == nil {
		err = p.cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = p.cmd.Process.Kill()
		<-p.ended
	})
	said := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if m := ready.FindStringSubmatch(lines.Text()); m != nil {
				said <- m[1]
			}
		}
		_ = p.cmd.Wait()
		close(p.ended)
	}()
	select {
	case p.url = <-said:
	case <-p.ended:
		t.Fatalf("%v ended:\n%s", args, p.log)
	case <-time.After(startTimeout):
		t.Fatalf("%v is not ready after %v:\n%s", args, startTimeout, p.log)
	}
	return p
}

func (p *process) gone() bool {
	select {
	case <-p.ended:
		return true
	default:
		return false
	}
}

// program is a path of the program, which is built once. Its file is deleted at once and lives as long as the test's
// process has it open, so nothing is left behind.
func program(t testing.TB) string {
	t.Helper()
	path, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return path
}

// kept keeps the program's file open.
var kept *os.File

var build = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "siege")
	if err != nil {
		return "", err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	path := filepath.Join(dir, "zoomgraph")
	cmd := exec.CommandContext(context.Background(), "go", "build", "-o", path, "zoomgraph")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		return "", fmt.Errorf("go build: %w\n%s", err, out)
	}
	if kept, err = os.Open(path); err != nil {
		return "", err
	}
	return fmt.Sprintf("/proc/%d/fd/%d", os.Getpid(), kept.Fd()), nil
})

// record keeps the end of what is written to it.
type record struct {
	mu   sync.Mutex
	text []byte
}

// maxRecord is how much of a log is kept.
const maxRecord = 64 << 10

// Write implements io.Writer.
func (r *record) Write(text []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.text = append(r.text, text...)
	if over := len(r.text) - maxRecord; over > 0 {
		r.text = slices.Delete(r.text, 0, over)
	}
	return len(text), nil
}

// String implements fmt.Stringer.
func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return string(r.text)
}
