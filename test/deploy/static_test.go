package deploy_test

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"debug/elf"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/sandbox"
)

// TestStatic builds the program as the image does, and runs it as each file says: as nobody, in a directory that cannot
// be written, with no other variables. It serves, answers the probes, and ends when it is told to.
func TestStatic(t *testing.T) {
	t.Parallel()
	program := build(t)
	zoom := fakeZoom(t)
	for _, p := range placements(t) {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			room := open(t)
			env := settle(t, p, room)
			env["ZOOM_API_URL"], env["ZOOM_OAUTH_URL"] = zoom+"/v2", zoom+"/oauth"
			env["ZOOMGRAPH_ADDR"] = "127.0.0.1:0"
			env["ZOOM_PLAN"] = cmp.Or(env["ZOOM_PLAN"], "pro") // a Zoom elsewhere than at Zoom has no limits otherwise
			metrics := env["ZOOMGRAPH_ADMIN_ADDR"] != ""
			if metrics {
				env["ZOOMGRAPH_ADMIN_ADDR"] = freeAddress(t)
			}
			if url := env["ZOOMGRAPH_REDIS_URL"]; url != "" {
				env["ZOOMGRAPH_REDIS_URL"] = "unix://" + filepath.Join(room, "none") // down: help, not need
			}
			if err := os.Chmod(room, 0o555); err != nil {
				t.Fatal(err)
			}
			service := start(t, program, p.args, env, room)
			paths := []string{"/livez", "/readyz"}
			pod := one[deployment](t, base+"/deployment.yaml").Spec.Template.Spec.Containers[0]
			for _, probe := range []probe{pod.StartupProbe, pod.LivenessProbe, pod.ReadinessProbe} {
				paths = append(paths, probe.HTTPGet.Path)
			}
			for _, path := range paths {
				service.want(path, http.StatusOK)
			}
			service.want("/graphql?query={__typename}", http.StatusUnauthorized)
			if metrics {
				service.url = "http://" + env["ZOOMGRAPH_ADMIN_ADDR"]
				wantExported(t, service.want("/metrics", http.StatusOK))
			}
			service.end()
		})
	}
}

// build builds it, and wants one file that needs no other.
func build(t *testing.T) string {
	t.Helper()
	program := filepath.Join(open(t), "zoomgraph")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".")
	cmd.Dir, cmd.Env = "../..", append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	file, err := elf.Open(program)
	if err != nil {
		t.Skipf("only Linux has images of this kind: %v", err)
	}
	defer func() { _ = file.Close() }()
	for _, part := range file.Progs {
		if part.Type == elf.PT_INTERP || part.Type == elf.PT_DYNAMIC {
			t.Error("the program needs a loader, which the image does not have")
		}
	}
	return program
}

// open is a directory that everybody may enter.
func open(t *testing.T) string {
	t.Helper()
	path, err := os.MkdirTemp("", "deploy")
	if err == nil {
		err = os.Chmod(path, 0o755)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = os.Chmod(path, 0o755)
		_ = os.RemoveAll(path)
	})
	return path
}

func fakeZoom(t *testing.T) string {
	t.Helper()
	zoom, err := sandbox.New(sandbox.Options{Program: programtest.Of(t), Users: 3})
	if err != nil {
		t.Fatal(err)
	}
	web := httptest.NewServer(zoom)
	t.Cleanup(web.Close)
	return web.URL
}

// running is the program while it runs.
type running struct {
	t    *testing.T
	cmd  *exec.Cmd
	url  string
	log  *bytes.Buffer
	done chan error
}

var ready = regexp.MustCompile(`GraphQL\s+(http://[0-9.:]+)/graphql`)

// start returns when it says where it serves.
func start(t *testing.T, program string, args []string, env map[string]string, in string) *running {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	r := &running{t: t, cmd: exec.CommandContext(ctx, program, args...), log: &bytes.Buffer{}, done: make(chan error, 1)}
	r.cmd.Dir, r.cmd.Stderr = in, r.log
	for _, name := range slices.Sorted(maps.Keys(env)) {
		r.cmd.Env = append(r.cmd.Env, name+"="+env[name])
	}
	if os.Getuid() == 0 {
		id, err := strconv.ParseUint(nobody, 10, 32)
		if err != nil {
			t.Fatal(err)
		}
		r.cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: uint32(id), Gid: uint32(id), NoSetGroups: false}}
	}
	out, err := r.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := r.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(cancel) // kills it, where it still runs
	for said := bufio.NewScanner(out); r.url == "" && said.Scan(); {
		if m := ready.FindStringSubmatch(said.Text()); m != nil {
			r.url = m[1]
		}
	}
	go func() {
		_, _ = io.Copy(io.Discard, out)
		r.done <- r.cmd.Wait()
	}()
	if r.url == "" {
		<-r.done
		t.Fatalf("it does not serve:\n%s", r.log)
	}
	return r
}

// want asks a path, and gives the answer's body.
func (r *running) want(path string, status int) string {
	r.t.Helper()
	req, err := http.NewRequestWithContext(r.t.Context(), http.MethodGet, r.url+path, http.NoBody)
	if err != nil {
		r.t.Fatal(err)
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		r.t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil || resp.StatusCode != status {
		r.t.Errorf("%s: %d %s, %v, want %d", path, resp.StatusCode, body, err, status)
	}
	return string(body)
}

// freeAddress is one that nobody listens on at this moment.
func freeAddress(t *testing.T) string {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	return l.Addr().String()
}

// end stops it as systemd, Docker and Kubernetes do.
func (r *running) end() {
	r.t.Helper()
	if err := r.cmd.Process.Signal(syscall.SIGTERM); err != nil {
		r.t.Fatal(err)
	}
	if err := <-r.done; err != nil {
		r.t.Errorf("it ended with %v:\n%s", err, r.log)
	}
	for line := range strings.Lines(r.log.String()) {
		if !strings.HasPrefix(line, "{") || strings.Contains(line, "a-secret") {
			r.t.Errorf("the log has the line %q", line)
		}
	}
}
