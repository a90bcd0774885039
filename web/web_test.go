package web_test

import (
	"compress/gzip"
	"encoding/json"
	"errors"
	"io/fs"
	"os"
	"testing"

	"zoomgraph/web"
)

// chunk is an entry of the manifest that Vite writes: a file, and what it loads.
type chunk struct {
	File           string
	CSS, Assets    []string
	Imports        []string
	DynamicImports []string
}

// Each page stays small enough for a slow line: everything that it may ever load, compressed as it is sent.
func TestPagesAreSmall(t *testing.T) {
	t.Parallel()
	files := web.Files()
	manifest := readManifest(t, files)
	for page, most := range map[string]int64{"index.html": 150_000, "graphiql.html": 2_500_000} {
		if _, built := manifest[page]; !built {
			t.Errorf("%s is not in the manifest", page)
			continue
		}
		total := int64(0)
		for file := range loaded(manifest, page) {
			info, err := fs.Stat(files, file+".gz")
			if err != nil {
				t.Fatal(err)
			}
			total += info.Size()
		}
		t.Logf("%s: %d bytes of at most %d", page, total, most)
		if total > most {
			t.Errorf("%s loads %d bytes, and may load %d: look for what is new in dist/manifest.json.gz", page, total, most)
		}
	}
}

// readManifest reads what was built. Where nothing was, for want of Node, there is nothing to measure; a CI has built it.
func readManifest(t *testing.T, files fs.FS) map[string]chunk {
	t.Helper()
	f, err := files.Open("manifest.json.gz")
	if errors.Is(err, fs.ErrNotExist) && os.Getenv("CI") == "" {
		t.Skip("the console was not built")
	}
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	content, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	var manifest map[string]chunk
	if err := json.NewDecoder(content).Decode(&manifest); err != nil {
		t.Fatal(err)
	}
	return manifest
}

// loaded are the files that a page may load, itself among them.
func loaded(manifest map[string]chunk, page string) map[string]bool {
	files, seen := map[string]bool{page: true}, map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		if seen[name] {
			return
		}
		seen[name] = true
		c := manifest[name]
		for _, list := range [][]string{{c.File}, c.CSS, c.Assets} {
			for _, file := range list {
				files[file] = true
			}
		}
		for _, list := range [][]string{c.Imports, c.DynamicImports} {
			for _, next := range list {
				visit(next)
			}
		}
	}
	visit(page)
	return files
}
