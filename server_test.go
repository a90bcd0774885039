package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// started is a running command and what it printed.
type started struct {
	t       testing.TB
	stdout  *lines
	stderr  *lines
	stop    context.CancelFunc
	code    chan int
	address string
	admin   string // of startWatched
}

var addressPattern = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// start runs a command as main would, until the test ends, and waits for its address.
func start(t testing.TB, env map[string]string, args ...string) *started {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := &started{t: t, stdout: newLines(), stderr: newLines(), stop: cancel, code: make(chan int, 1)}
	go func() {
		s.code <- run(ctx, args, func(name string) (string, bool) { v, ok := env[name]; return v, ok }, s.stdout, s.stderr)
	}()
	t.Cleanup(func() {
		cancel()
		<-s.code
	})
	s.address = addressPattern.FindString(s.stdout.waitFor(t, addressPattern))
	return s
}

// startWatched is start, with an admin port.
func startWatched(t *testing.T, env map[string]string, args ...string) *started {
	t.Helper()
	admin := freeAddress(t)
	s := start(t, env, append(args, "--admin-addr", admin)...)
	s.admin = "http://" + admin
	return s
}

// lines is an output that can be waited on.
type lines struct {
	mu      sync.Mutex
	text    bytes.Buffer
	changed chan struct{}
}

func newLines() *lines { return &lines{changed: make(chan struct{}, 1)} }

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case l.changed <- struct{}{}:
	default:
	}
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

func (l *lines) waitFor(t testing.TB, pattern *regexp.Regexp) string {
	t.Helper()
	timeout := time.After(time.Minute)
	for {
		if text := l.String(); pattern.MatchString(text) {
			return text
		}
		select {
		case <-l.changed:
		case <-timeout:
			t.Fatalf("%s never came in\n%s", pattern, l)
		}
	}
}

func post(t testing.TB, url, query string) []byte {
	t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/graphql", bytes.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	return do(t, req)
}

func get(t testing.TB, url string) []byte {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Fatal(err)
	}
	return do(t, req)
}

func do(t testing.TB, req *http.Request) []byte {
	t.Helper()
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

// With credentials the service talks to the Zoom it is pointed at, says that it is ready once it has a token, and
// stays up when that Zoom goes away.
func TestServeWithCredentials(t *testing.T) {
	t.Parallel()
	zoom := start(t, nil, "sandbox", "--addr", "127.0.0.1:0", "--users", "20", "--account-id", "acct", "--client-id", "app", "--client-secret", "canary-secret")
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("canary-secret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := start(t, map[string]string{
		"ZOOM_ACCOUNT_ID": "acct", "ZOOM_CLIENT_ID": "app", "ZOOM_CLIENT_SECRET_FILE": secret,
		"ZOOM_API_URL": zoom.address + "/v2", "ZOOM_OAUTH_URL": zoom.address + "/oauth",
	}, "--addr", "127.0.0.1:0")
	if got := string(post(t, s.address, `{ users(first: 1) { nodes { email } } }`)); !strings.Contains(got, `"email":"ada.lovelace@example.com"`) {
		t.Errorf("answer %s", got)
	}
	if got := string(get(t, s.address+"/readyz")); got != "ok\n" {
		t.Errorf("ready: %s", got)
	}
	zoom.stop()
	if code := <-zoom.code; code != 0 {
		t.Errorf("the sandbox ended with %d: %s", code, zoom.stderr)
	}
	zoom.code <- 0
	if got := string(post(t, s.address, `{ user(id: "x") { id email } }`)); !strings.Contains(got, `"code":"UPSTREAM_UNAVAILABLE"`) || !strings.Contains(got, `"id":"x"`) {
		t.Errorf("without upstream: %s", got)
	}
	if got := string(get(t, s.address+"/livez")); got != "ok\n" {
		t.Errorf("live: %s", got)
	}
	if strings.Contains(s.stderr.String()+s.stdout.String(), "canary-secret") {
		t.Error("the secret is in the output")
	}
}

// The rate that an operator gives is the one that calls keep to.
func TestRateOption(t *testing.T) {
	t.Parallel()
	s := start(t, map[string]string{"ZOOM_RATE": "medium=100"}, "--addr", "127.0.0.1:0", "--zoom-plan", "business", "--zoom-share", "0.5")
	answer := string(post(t, s.address, `{ rateLimit { label limit remaining } }`))
	for _, want := range []string{`{"label":"LIGHT","limit":40,"remaining":38}`, `{"label":"MEDIUM","limit":50,"remaining":47}`, `{"label":"PHONE_MEDIUM","limit":10,"remaining":9}`} {
		if !strings.Contains(answer, want) {
			t.Errorf("no %s in %s", want, answer)
		}
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		args []string
		env  map[string]string
		want string
	}{
		{[]string{"--adr", "x"}, nil, "--adr"},
		{[]string{"--addr", "0.0.0.0:8080"}, nil, "loopback"},
		{[]string{"--field-filter", "maybe"}, nil, "maybe"},
		{nil, map[string]string{"ZOOM_CLIENT_ID": "x"}, "ZOOM_ACCOUNT_ID"},
		{[]string{"sandbox", "--rps", "MEDIUM=lots"}, nil, "lots"},
		{[]string{"dance"}, nil, "dance"},
	} {
		var out, errs bytes.Buffer
		code := run(t.Context(), test.args, func(name string) (string, bool) { v, ok := test.env[name]; return v, ok }, &out, &errs)
		if code != exitUsage || !strings.Contains(errs.String(), test.want) {
			t.Errorf("%q: exit code %d, want %d and a word about %s:\n%s", test.args, code, exitUsage, test.want, &errs)
		}
	}
}

// The schema is printed whole: what each chapter adds to the roots, and which operation answers it.
func TestSchemaCommand(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	code := run(t.Context(), []string{"schema"}, os.LookupEnv, &out, &errs)
	if code != 0 {
		t.Fatalf("exit code %d, %s", code, &errs)
	}
	for _, part := range []string{"type UserSettings {", "type Role {", `op: "DELETE /groups/{groupId}"`, "settingsDrift(", "trustedDomains: ["} {
		if !strings.Contains(out.String(), part) {
			t.Errorf("%q is not in the schema", part)
		}
	}
}

// The reference is written into a folder, and can be written again.
func TestSchemaDocsCommand(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "docs")
	for range 2 {
		var out, errs bytes.Buffer
		if code := run(t.Context(), []string{"schema", "--docs", folder}, os.LookupEnv, &out, &errs); code != 0 || !strings.Contains(out.String(), folder+"/index.html") {
			t.Fatalf("exit code %d, %s%s", code, &out, &errs)
		}
	}
	page, err := os.ReadFile(filepath.Join(folder, "groups.html"))
	if err != nil || !strings.Contains(string(page), `id="Group.settings"`) {
		t.Errorf("groups.html: %v", err)
	}
	var out, errs bytes.Buffer
	taken := filepath.Join(folder, "index.html")
	if code := run(t.Context(), []string{"schema", "--docs", taken}, os.LookupEnv, &out, &errs); code != exitFailed || !strings.Contains(errs.String(), "the reference is not written") {
		t.Errorf("into a file: exit code %d, %s", code, &errs)
	}
}

// The service has the reference below its path, compressed, under the pages' policy; where it does not tell its schema it has
// none.
func TestReferenceIsServed(t *testing.T) {
	t.Parallel()
	s := start(t, nil, "--addr", "127.0.0.1:0", "--public-url", "https://example.com/tools/zoomgraph")
	for path, want := range map[string]string{
		"/docs/":                           "<h1>Reference</h1>",
		"/docs/index.html":                 "<h1>Reference</h1>",
		"/docs/groups.html":                `id="Group.settings"`,
		"/docs/search.js":                  `["Group.settings",`,
		"/docs/reference.css":              "--paper",
		"/tools/zoomgraph/docs/roles.html": `<meta name="graphiql" content="../graphiql">`,
	} {
		res, body := fetch(t, http.MethodGet, s.address+path, "")
		policy := res.header.Get("Content-Security-Policy")
		if res.status != 200 || !strings.Contains(body, want) || !strings.Contains(policy, "default-src 'none'") || strings.Contains(policy, "unsafe") {
			t.Errorf("%s: %d, policy %q, no %q in %d bytes", path, res.status, policy, want, len(body))
		}
	}
	for _, path := range []string{"/docs/nothing.html", "/docs/groups.html.gz", "/docs/pages/frame.gohtml"} {
		if res, _ := fetch(t, http.MethodGet, s.address+path, ""); res.status != 404 {
			t.Errorf("%s: %d", path, res.status)
		}
	}
	if res, _ := fetch(t, http.MethodGet, s.address+"/docs", ""); res.header.Get("Location") != "docs/" {
		t.Errorf("without its slash it leads to %q", res.header.Get("Location"))
	}
	quiet := start(t, nil, "--addr", "127.0.0.1:0", "--introspection=off")
	if res, body := fetch(t, http.MethodGet, quiet.address+"/docs/groups.html", ""); res.status != 404 || !strings.Contains(body, "zoomgraph schema --docs") {
		t.Errorf("where introspection is off: %d %s", res.status, body)
	}
}

// Saved operations are looked at without a Zoom; what cannot be sent ends with 1 and names the places.
func TestScopesCommand(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	good := file("good.graphql", `query Names { users(first: 2) { nodes { location } } }`)
	bad := file("bad.graphql", "{\n  users { nodes { nickname } }\n}\n")
	for _, test := range []struct {
		args      []string
		code      int
		out, errs string
	}{
		{[]string{"scopes", good}, 0, "at most 3 calls of Zoom: LIGHT 2, MEDIUM 1\n", ""},
		{[]string{"scopes", "--format", "json", good}, 0, `"calls": 3,`, ""},
		{[]string{"scopes", good, bad}, exitFailed, "", bad + ":2: "},
		{[]string{"scopes"}, exitUsage, "", "<file>"},
	} {
		var out, errs bytes.Buffer
		code := run(t.Context(), test.args, os.LookupEnv, &out, &errs)
		if code != test.code || !strings.Contains(out.String(), test.out) || !strings.Contains(errs.String(), test.errs) {
			t.Errorf("%q: exit code %d, want %d:\n%s%s", test.args, code, test.code, &out, &errs)
		}
		if code != 0 && out.Len() > 0 {
			t.Errorf("%q: it failed, and wrote %s", test.args, &out)
		}
	}
}

// BenchmarkColdStart measures a built binary from its start to its first answer, and its memory when it is idle after that:
// with the embedded Zoom, and with credentials, which is without one.
func BenchmarkColdStart(b *testing.B) {
	binary := filepath.Join(b.TempDir(), "zoomgraph")
	if out, err := exec.CommandContext(b.Context(), "go", "build", "-o", binary, ".").CombinedOutput(); err != nil {
		b.Fatalf("%v\n%s", err, out)
	}
	zoom := start(b, nil, "sandbox", "--addr", "127.0.0.1:0", "--account-id", "acct", "--client-id", "app", "--client-secret", "x")
	for name, env := range map[string][]string{
		"embedded": nil,
		"credentials": {
			"ZOOM_ACCOUNT_ID=acct", "ZOOM_CLIENT_ID=app", "ZOOM_CLIENT_SECRET=x",
			"ZOOM_API_URL=" + zoom.address + "/v2", "ZOOM_OAUTH_URL=" + zoom.address + "/oauth",
		},
	} {
		b.Run(name, func(b *testing.B) {
			var resident float64
			for b.Loop() {
				resident += coldStart(b, binary, env)
			}
			b.ReportMetric(resident/float64(b.N), "MiB-idle")
		})
	}
}

// coldStart starts a binary and asks it something, and returns its MiB when it is idle, which is not part of the time.
func coldStart(b *testing.B, binary string, env []string) (resident float64) {
	b.Helper()
	out := newLines()
	cmd := exec.CommandContext(b.Context(), binary, "--addr", "127.0.0.1:0")
	cmd.Stdout, cmd.Env = out, append(os.Environ(), env...)
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	address := addressPattern.FindString(out.waitFor(b, addressPattern))
	answer := post(b, address, `{ user(id: "ada.lovelace@example.com") { settings { scheduleMeeting { hostVideo } } } }`)
	if !bytes.Contains(answer, []byte(`"hostVideo":`)) {
		b.Fatalf("answer %s", answer)
	}
	b.StopTimer()
	time.Sleep(700 * time.Millisecond)
	resident = residentMiB(b, cmd.Process.Pid)
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		b.Fatal(err)
	}
	_ = cmd.Wait()
	b.StartTimer()
	return resident
}

func residentMiB(b *testing.B, pid int) float64 {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Skip("memory is read from /proc")
	}
	fields := strings.Fields(strings.SplitN(string(status), "VmRSS:", 2)[1])
	kib, err := strconv.ParseFloat(fields[0], 64)
	if err != nil {
		b.Fatal(err)
	}
	return kib / 1024
}
