package main

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"

	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/sandbox"
)

// asProgram is the variable that makes the test's own binary the program, so that a test can kill it.
const asProgram = "ZOOMGRAPH_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// barrier is a sandbox that holds back settings calls behind the first so many.
type barrier struct {
	zoom *sandbox.Server
	url  string

	mu      sync.Mutex
	left    int           // calls that are let through; negative: all
	reached chan struct{} // closed when the first one is held back
	open    chan struct{}
	tokens  map[string]bool // whoever calls, by their token; true: a process that was killed

	serving sync.RWMutex // held for reading while a call is answered
}

func newBarrier(t *testing.T) *barrier {
	t.Helper()
	var err error
	b := &barrier{left: -1, tokens: map[string]bool{}}
	if b.zoom, err = sandbox.New(sandbox.Options{Program: programtest.Of(t)}); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(b)
	t.Cleanup(server.Close)
	b.url = server.URL
	return b
}

// let lets so many settings calls through. The next one closes reached, and waits until lift is called.
func (b *barrier) let(n int) (reached <-chan struct{}, lift func()) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.left, b.reached, b.open = n, make(chan struct{}), make(chan struct{})
	return b.reached, func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.left = -1
		close(b.open)
	}
}

func (b *barrier) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if strings.HasSuffix(r.URL.Path, "/settings") {
		b.mu.Lock()
		held := b.left == 0
		switch {
		case held && b.reached != nil:
			close(b.reached)
			b.reached = nil
		case b.left > 0:
			b.left--
		}
		open := b.open
		token := r.Header.Get("Authorization")
		if _, known := b.tokens[token]; !known {
			b.tokens[token] = false
		}
		b.mu.Unlock()
		if held {
			<-open
		}
		b.serving.RLock()
		defer b.serving.RUnlock()
		b.mu.Lock()
		dead := b.tokens[token]
		b.mu.Unlock()
		if dead {
			return
		}
	}
	b.zoom.ServeHTTP(w, r)
}

// bury says that whoever has called was killed. Calls of theirs that are still on their way never arrive.
func (b *barrier) bury() {
	b.serving.Lock()
	defer b.serving.Unlock()
	b.mu.Lock()
	defer b.mu.Unlock()
	for token := range b.tokens {
		b.tokens[token] = true
	}
}

// settingsCalls counts the settings calls since the log's entry n.
func (b *barrier) settingsCalls(n int) (calls, last int) {
	for _, e := range b.zoom.Log(n) {
		if last = e.N; strings.HasSuffix(e.Path, "/settings") {
			calls++
		}
	}
	return calls, last
}

// program is the program as a process of its own, exporting from the barrier.
func (b *barrier) program(t *testing.T, args ...string) (cmd *exec.Cmd, stdout, stderr *lines) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd = exec.CommandContext(t.Context(), self, append([]string{"export", "settings", "--fields", "host_video,waiting_room"}, args...)...)
	cmd.Env = append(os.Environ(), asProgram+"=1", "ZOOM_API_URL="+b.url+"/v2", "ZOOM_OAUTH_URL="+b.url+"/oauth",
		"ZOOM_ACCOUNT_ID=a", "ZOOM_CLIENT_ID=b", "ZOOM_CLIENT_SECRET=canary-secret")
	stdout, stderr = newLines(), newLines()
	cmd.Stdout, cmd.Stderr = stdout, stderr
	return cmd, stdout, stderr
}

func (b *barrier) run(t *testing.T, args ...string) (stdout, stderr string) {
	t.Helper()
	cmd, out, errs := b.program(t, args...)
	if err := cmd.Run(); err != nil {
		t.Fatalf("%v\n%s", err, errs)
	}
	return out.String(), errs.String()
}

func rowsOf(t *testing.T, path string) int {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return bytes.Count(text, []byte("@"))
}

// An export of 500 users that is killed half way, twice, and resumed is byte for byte that of an undisturbed run, and
// reads nobody twice who was there.
func TestExportKilled(t *testing.T) {
	t.Parallel()
	for _, ending := range []string{"csv", "ndjson"} {
		t.Run(ending, func(t *testing.T) {
			t.Parallel()
			b := newBarrier(t)
			path := filepath.Join(t.TempDir(), "users."+ending)
			want, _ := b.run(t, "--format", ending)
			if n := strings.Count(want, "@"); n != 500 {
				t.Fatalf("%d users", n)
			}
			for i, flag := range []string{"--out", "--resume"} {
				reached, lift := b.let(170)
				cmd, _, stderr := b.program(t, flag, path)
				if err := cmd.Start(); err != nil {
					t.Fatal(err)
				}
				<-reached
				if err := cmd.Process.Kill(); err != nil {
					t.Fatal(err)
				}
				if err := cmd.Wait(); err == nil {
					t.Fatalf("it was not killed: %s", stderr)
				}
				b.bury()
				lift()
				if n := rowsOf(t, path); n < 130*(i+1) || n > 170*(i+1) {
					t.Errorf("killed with %d rows, want about %d", n, 170*(i+1))
				}
			}
			there := rowsOf(t, path)
			_, last := b.settingsCalls(0)
			_, stderr := b.run(t, "--resume", path)
			got, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if string(got) != want {
				t.Errorf("it is\n%s", got)
			}
			if calls, _ := b.settingsCalls(last); calls > 500-there+1 || calls < 500-there {
				t.Errorf("%d settings calls for the %d users who were not there", calls, 500-there)
			}
			if summary := fmt.Sprintf("%d users (%d were there), ", 500-there, there); !strings.Contains(stderr, summary) {
				t.Errorf("no %q in\n%s", summary, stderr)
			}
		})
	}
}

// Whoever interrupts an export is told how to go on.
func TestExportInterrupted(t *testing.T) {
	t.Parallel()
	b := newBarrier(t)
	path := filepath.Join(t.TempDir(), "my users.csv")
	reached, lift := b.let(100)
	defer lift()
	cmd, _, stderr := b.program(t, "--out="+path, "--zoom-client-secret", "canary-flag", "--zoom-share=0.5")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	<-reached
	if err := cmd.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != exitFailed {
		t.Errorf("it ended with %v", err)
	}
	want := "the export is not complete: interrupted\n" +
		`Resume it with: zoomgraph export settings --fields host_video,waiting_room --zoom-client-secret="$ZOOM_CLIENT_SECRET" --zoom-share=0.5 --resume '` + path + "'\n"
	if !strings.HasSuffix(stderr.String(), want) || strings.Contains(stderr.String(), "canary") {
		t.Errorf("it says\n%s\nwant at the end\n%s", stderr, want)
	}
	text, err := os.ReadFile(path)
	if n := bytes.Count(text, []byte("@")); err != nil || n < 60 || n > 100 || !bytes.HasSuffix(text, []byte("\r\n")) {
		t.Errorf("%v, %d rows:\n%s", err, n, text)
	}
}

// Whoever leaves the pipe is an error that is told.
func TestExportToNobody(t *testing.T) {
	t.Parallel()
	b := newBarrier(t)
	cmd, _, stderr := b.program(t)
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout = write
	if err := errors.Join(read.Close(), cmd.Start(), write.Close()); err != nil {
		t.Fatal(err)
	}
	var exit *exec.ExitError
	if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != exitFailed || !strings.Contains(stderr.String(), "broken pipe") || !strings.Contains(stderr.String(), "--resume") {
		t.Errorf("%v\n%s", err, stderr)
	}
}

// Without credentials there is the embedded Zoom to try an export with.
func TestExportCommand(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "users.csv")
	settings := []string{"export", "settings", "--fields", "host_video"}
	for _, test := range []struct {
		args      []string
		code      int
		out, errs string // parts of the output
	}{
		{[]string{"--quiet"}, 0, "ada.lovelace@example.com,false,\r\n", ""},
		{nil, 0, "id,email,host_video,error\r\n", "embedded Zoom"},
		{[]string{"--format", "ndjson"}, 0, `"settings":{"schedule_meeting":{"host_video":false}}}`, "500 users, 502 calls, 0 answered with 429"},
		{[]string{"--out", path, "--status", "inactive"}, 0, "", "20 users, "},
		{[]string{"--out", path}, exitFailed, "", "is there already"},
		{[]string{"--resume", path, "--fields", "waiting_room"}, exitFailed, "", "it lacks waiting_room"},
		{[]string{"--fields", "host_vide"}, exitUsage, "", `no setting is named "host_vide"; did you mean "host_video"?`},
		{[]string{"--option", "meeting_security"}, exitUsage, "", "is not in the view meeting_security: leave the option out"},
		{[]string{"--out", path, "--resume", path}, exitUsage, "", "--out and --resume"},
		{
			[]string{"--out", path + "2", "--zoom-account-id=a", "--zoom-client-id=b", "--zoom-client-secret=canary", "--zoom-api-url=http://127.0.0.1:1", "--zoom-oauth-url=http://127.0.0.1:1", "--patience=0s"},
			exitFailed, "", "connection refused",
		},
	} {
		var out, errs bytes.Buffer
		args := slices.Concat(settings, test.args)
		code := run(t.Context(), args, func(string) (string, bool) { return "", false }, &out, &errs)
		if code != test.code || !strings.Contains(out.String(), test.out) || !strings.Contains(errs.String(), test.errs) || strings.Contains(errs.String(), "canary") {
			t.Errorf("%q: exit code %d, want %d\n%.500s\n%s", test.args, code, test.code, &out, &errs)
		}
		if test.errs == "" && errs.Len() > 0 {
			t.Errorf("%q: it is not quiet: %s", test.args, &errs)
		}
	}
}
