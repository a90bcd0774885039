package zoomgen

import (
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"path"
	"strings"
	"testing"

	"golang.org/x/tools/txtar"
)

// TestGolden compares what is generated for the schemas of testdata/golden. A file of which there is nothing but the
// package clause is left out there.
func TestGolden(t *testing.T) {
	t.Parallel()
	eachCase(t, "golden", func(t *testing.T, c *testCase) {
		code, err := c.read(t)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]string{}
		for _, name := range generated() {
			if text := render(t, name, code); text != render(t, name, &Code{}) {
				got[name] = text
			}
		}
		c.expect(t, generated(), got)
		compile(t, code)
	})
}

func TestRenderNothing(t *testing.T) {
	t.Parallel()
	compile(t, &Code{})
}

func render(t *testing.T, name string, code *Code) string {
	t.Helper()
	text, err := Render(name, code)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return string(text)
}

// compile type-checks the generated files together with the packages of testdata/stubs.txtar.
func compile(t *testing.T, code *Code) {
	t.Helper()
	archive, err := txtar.ParseFile("testdata/stubs.txtar")
	if err != nil {
		t.Fatal(err)
	}
	files := archive.Files
	for _, name := range generated() {
		folder := "graph"
		switch name {
		case "entities.gen.go", "enums.gen.go":
			folder = "graph/model"
		case "facts.gen.go":
			folder = "graph/program"
		case "sensitive.gen.go":
			folder = "internal/sensitive"
		}
		files = append(files, txtar.File{Name: folder + "/" + name, Data: []byte(render(t, name, code))})
	}
	executor := "package exec\n"
	for _, r := range code.Plain() {
		executor += "\ntype " + r.Name + "Resolver any\n"
	}
	files = append(files, txtar.File{Name: "graph/exec/exec.go", Data: []byte(executor)})
	c := &compiler{t: t, fset: token.NewFileSet(), std: importer.Default(), files: files, done: map[string]*types.Package{}}
	for _, name := range []string{"zoomgraph/graph", "zoomgraph/internal/sensitive"} {
		if _, err := c.Import(name); err != nil {
			t.Error(err)
		}
	}
}

// compiler is a types.Importer of the packages in files, and of the standard library. The folders of files are import
// paths, without our module's name in front.
type compiler struct {
	t     *testing.T
	fset  *token.FileSet
	std   types.Importer
	files []txtar.File
	done  map[string]*types.Package
}

// Import implements types.Importer.
func (c *compiler) Import(name string) (*types.Package, error) {
	if c.done[name] != nil {
		return c.done[name], nil
	}
	folder := strings.TrimPrefix(name, "zoomgraph/")
	var parsed []*ast.File
	for _, file := range c.files {
		if path.Dir(file.Name) == folder {
			f, err := parser.ParseFile(c.fset, file.Name, file.Data, parser.SkipObjectResolution)
			if err != nil {
				return nil, err
			}
			parsed = append(parsed, f)
		}
	}
	if parsed == nil {
		return c.std.Import(name)
	}
	config := types.Config{Importer: c, Error: func(err error) { c.t.Error(err) }}
	pkg, err := config.Check(name, c.fset, parsed, nil)
	c.done[name] = pkg
	return pkg, err
}
