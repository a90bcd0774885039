// Package deploy_test compares the files of deploy/ with the program that they start: every variable and flag exists, what
// they say together is a configuration the program takes, ports and paths are its own, nothing is missing and nothing
// is left over. What the tools of systemd, Redis and kustomize can say without a network is asked of them.
package deploy_test

import (
	"bytes"
	"errors"
	"io"
	"maps"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"zoomgraph/internal/config"
)

const (
	dir    = "../../deploy"
	nobody = "65532"
)

// placement is the program as one of the files starts it.
type placement struct {
	name  string
	args  []string
	env   map[string]string
	files map[string]string // what the program finds, by path: the file of the repository, or "" for a secret
	ports map[string]string // that others use: http, and admin where metrics are served
}

// placements are all ways to start it.
func placements(t *testing.T) []placement {
	t.Helper()
	return []placement{composed(t), deployed(t), installed(t)}
}

// composed, deployed and installed stand beside what they read.

// readYAML reads the documents of a file, in which every key must be one that T knows.
func readYAML[T any](t *testing.T, text []byte, name string) []T {
	t.Helper()
	var all []T
	for d := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()); ; {
		var v T
		err := d.Decode(&v)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all = append(all, v)
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, path))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// need finds a program. Where it is missing the test is skipped; on a machine of the CI it fails.
func need(t *testing.T, name string) string {
	t.Helper()
	if path, err := exec.LookPath(name); err == nil {
		return path
	}
	if own, _ := filepath.Glob("../../.tools/" + name + "-*/" + name); len(own) > 0 {
		path, err := filepath.Abs(own[len(own)-1])
		if err != nil {
			t.Fatal(err)
		}
		return path
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is not installed; `make %s` brings it", name, name)
	}
	t.Skipf("%s is not installed; `make %s` brings it", name, name)
	return ""
}

// options are the variables that the program reads, by its own account.
func options(t *testing.T) map[string]bool {
	t.Helper()
	var help bytes.Buffer
	if _, err := config.Parse([]string{"serve", "--help"}, func(string) (string, bool) { return "", false }, &help); !errors.Is(err, config.ErrHelp) {
		t.Fatal(err)
	}
	all := map[string]bool{"GOMEMLIMIT": true} // Go's own
	for _, m := range regexp.MustCompile(`\(\$([A-Z_]+)\)`).FindAllStringSubmatch(help.String(), -1) {
		all[m[1]] = true
	}
	if len(all) < 20 {
		t.Fatalf("the help names only %d variables", len(all))
	}
	return all
}

// TestPlacements lets the program read what each file would start it with.
func TestPlacements(t *testing.T) {
	t.Parallel()
	known := options(t)
	for _, p := range placements(t) {
		t.Run(p.name, func(t *testing.T) {
			t.Parallel()
			for name, value := range p.env {
				if !known[name] {
					t.Errorf("the program reads no %s", name)
				}
				if strings.Contains(name, "SECRET") && !strings.HasSuffix(name, "_FILE") && value != "" {
					t.Errorf("%s is a secret in the environment", name)
				}
			}
			env := settle(t, p, t.TempDir())
			cmd, err := config.Parse(p.args, func(name string) (string, bool) { v, ok := env[name]; return v, ok }, io.Discard)
			if err != nil {
				t.Fatal(err)
			}
			serve, ok := cmd.(*config.Serve)
			if !ok {
				t.Fatalf("%q is %T, not serve", p.args, cmd)
			}
			if !serve.Authenticated() || serve.Sandboxed() {
				t.Error("it serves without callers, or without an account")
			}
			for use, addr := range map[string]string{"http": serve.Addr, "admin": serve.AdminAddr} {
				if _, port, _ := net.SplitHostPort(addr); port != p.ports[use] {
					t.Errorf("%s listens on %q, and others call port %q", use, addr, p.ports[use])
				}
			}
			if serve.LogFormat != config.LogJSON {
				t.Error("the log is not JSON")
			}
			if env["GOMEMLIMIT"] != "400MiB" {
				t.Errorf("GOMEMLIMIT is %q", env["GOMEMLIMIT"])
			}
		})
	}
}

// settle puts the files of a placement into a directory, and returns its environment with their new paths. Every path of
// a file in the environment must be one that the placement provides, and the other way round.
func settle(t *testing.T, p placement, to string) map[string]string {
	t.Helper()
	env := maps.Clone(p.env)
	used := map[string]bool{}
	for path, source := range p.files {
		text := []byte("a-secret")
		if strings.HasSuffix(path, "redis_url") {
			text = []byte("redis://127.0.0.1:1")
		}
		if source != "" {
			text = read(t, source)
		}
		moved := filepath.Join(to, filepath.Base(path))
		if err := os.WriteFile(moved, text, 0o444); err != nil {
			t.Fatal(err)
		}
		for name, value := range env {
			if value == path {
				env[name], used[path] = moved, true
			}
		}
		if !used[path] {
			t.Errorf("%s is provided, and no variable names it", path)
		}
	}
	for name, value := range env {
		if (strings.HasSuffix(name, "_FILE") || name == "ZOOMGRAPH_CONFIG") && !strings.HasPrefix(value, to) {
			t.Errorf("%s names %s, which nobody provides", name, value)
		}
	}
	return env
}

// lines are those of a file that say something.
func lines(text []byte) []string {
	all := strings.Split(string(text), "\n")
	return slices.DeleteFunc(all, func(line string) bool { return line == "" || strings.HasPrefix(line, "#") })
}

// assignments reads NAME=value lines.
func assignments(t *testing.T, text []byte) map[string]string {
	t.Helper()
	env := map[string]string{}
	for _, line := range lines(text) {
		name, value, ok := strings.Cut(line, "=")
		if !ok {
			t.Errorf("%q is no NAME=value", line)
		}
		env[name] = value
	}
	return env
}

// TestExamples holds that the examples of the callers' file let nobody in, and are one text.
func TestExamples(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"zoomgraph.example.yaml", "kubernetes/overlays/example/zoomgraph.yaml"} {
		if digests := regexp.MustCompile(`key_sha256: "([0-9a-f]*)"`).FindAllStringSubmatch(string(read(t, path)), -1); len(digests) != 1 || strings.Trim(digests[0][1], "0") != "" {
			t.Errorf("%s has the digests %q, want one of zeros", path, digests)
		}
	}
}
