// Package programtest gives tests the service's program, made once a test binary.
package programtest

import (
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"zoomgraph/graph/program"
)

// Test is what runs: a [testing.TB], or a property's.
type Test interface {
	Helper()
	Fatal(args ...any)
}

// Of is the service's program.
func Of(t Test) *program.Program {
	t.Helper()
	p, err := read()
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Files are the service's files, as program.Read takes them.
func Files(t Test) fs.FS {
	t.Helper()
	folder, err := module()
	if err != nil {
		t.Fatal(err)
	}
	return os.DirFS(folder)
}

// Collected reads a file of the facts that were collected about Zoom's API into a value. They lie beside the project where
// it is developed; a test is skipped where they do not, since it has nothing to compare with.
func Collected(t testing.TB, name string, into any) {
	t.Helper()
	folder, err := module()
	if err != nil {
		t.Fatal(err)
	}
	content, err := os.ReadFile(filepath.Join(folder, "..", "shared", "zoom", name))
	if os.IsNotExist(err) {
		t.Skip("the collected facts are not beside this checkout")
	}
	if err == nil {
		err = json.Unmarshal(content, into)
	}
	if err != nil {
		t.Fatal(err)
	}
}

var read = sync.OnceValues(program.Served)

// module is the folder of the module that the test runs in.
func module() (string, error) {
	folder, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(folder, "go.mod")); err == nil {
			return folder, nil
		}
		above := filepath.Dir(folder)
		if above == folder {
			return "", errors.New("the test does not run in the module's folder, or below it")
		}
		folder = above
	}
}
