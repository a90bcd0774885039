package live_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/callers"
	"zoomgraph/internal/command"
)

// This file builds the code of docs/dashboards.md, in the folder guide, as a front end would, and lets guide/guide.test.mjs
// use it against the program: start reading at TestGuide.

func TestGuide(t *testing.T) {
	t.Parallel()
	install(t)
	dir := workshop(t)
	key := callers.NewKey()
	configured := write(t, dir, "zoomgraph.yaml", fmt.Sprintf("callers:\n  - {name: dashboard, key_sha256: %q, allow: [read, write]}\n", callers.DigestOf(key)))

	build(t, dir, "node_modules/.bin/graphql-codegen", "--config", "codegen.ts")
	build(t, dir, "node_modules/.bin/relay-compiler", "relay.config.json")
	manifest := filepath.Join(dir, "src", "gql", "persisted-documents.json")
	if err := call(t.Context(), io.Discard, "check", "documents", manifest); err != nil {
		t.Errorf("the manifest: %v", err)
	}
	args := []string{"serve", "--addr", "127.0.0.1:0", "--config", configured, "--documents", manifest}
	address := serve(t, append(args, "--allowed-origins", "https://dashboard.example.com")...)
	only := serve(t, append(args, "--documents-only")...)

	service, err := os.ReadFile(filepath.Join(dir, "src", "service.ts"))
	if err != nil {
		t.Fatal(err)
	}
	here := strings.NewReplacer("http://127.0.0.1:8080", address, "zg_YOUR_KEY", key).Replace(string(service))
	if strings.Count(here, address) != 1 || strings.Count(here, key) != 1 {
		t.Fatalf("service.ts names no address and key to put others in their places:\n%s", service)
	}
	write(t, dir, "src/service.ts", here)
	build(t, dir, "node_modules/.bin/tsc", "-p", ".")
	build(t, dir, "node", "babel.mjs")

	node := tool(t, testLimit, "node", "--test", "--test-reporter=spec", "guide.test.mjs")
	node.Dir = dir
	node.Env = append(os.Environ(), "no_proxy=*", "GUIDE_ONLY_URL="+only+"/graphql")
	out, err := node.CombinedOutput()
	t.Logf("%s", out)
	if err != nil {
		t.Fatalf("node: %v", err)
	}
}

// workshop is a folder with the guide's code, the schema, and the libraries.
func workshop(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("guide")); err != nil {
		t.Fatal(err)
	}
	libraries, err := filepath.Abs("node_modules")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(libraries, filepath.Join(dir, "node_modules")); err != nil {
		t.Fatal(err)
	}
	write(t, dir, "schema.graphql", programtest.Of(t).SDL())
	return dir
}

func write(t *testing.T, dir, name, text string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// build runs one of the tools that a front end is built with.
func build(t *testing.T, dir, name string, args ...string) {
	t.Helper()
	if strings.Contains(name, "/") {
		name = filepath.Join(dir, name)
	}
	cmd := tool(t, testLimit, name, args...)
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", filepath.Base(name), err, out)
	}
}

// call runs a command of the program.
func call(ctx context.Context, stdout io.Writer, args ...string) error {
	none := func(string) (string, bool) { return "", false }
	return command.Run(ctx, command.Call{Args: args, Env: none, Stdout: stdout, Stderr: io.Discard})
}

var addressPattern = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// serve runs the program until the test ends, and returns its address.
func serve(t *testing.T, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	said, ended := make(announced, 1), make(chan error, 1)
	go func() { ended <- call(ctx, said, args...) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil && !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
	select {
	case address := <-said:
		return address
	case err := <-ended:
		ended <- err
		t.Fatalf("the service did not start: %v", err)
	case <-time.After(askLimit):
		t.Fatal("the service does not say where it is")
	}
	return ""
}

// announced gets the first address that is written.
type announced chan string

func (a announced) Write(text []byte) (int, error) {
	if found := addressPattern.Find(bytes.Clone(text)); found != nil {
		select {
		case a <- string(found):
		default:
		}
	}
	return len(text), nil
}
