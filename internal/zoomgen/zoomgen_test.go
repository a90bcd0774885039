package zoomgen

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"golang.org/x/tools/txtar"

	"zoomgraph/graph/program"
)

var refresh = flag.Bool("update", false, "write what the tests got into testdata")

// generated are the names of all files that zoomgen writes.
func generated() []string {
	return []string{"entities.gen.go", "enums.gen.go", "facts.gen.go", "ops.gen.go", "plain.gen.go", "resolvers.gen.go", "sensitive.gen.go", "settings.gen.go"}
}

// testCase is an archive of testdata. Its sections that end in .graphqls are the schema, with the prelude in front; the
// section operations.yaml tells the facts of its operations (without it they are made up), and the section overrides names
// methods written by hand, one a line; the sections behind them are what must come out.
type testCase struct {
	path    string
	archive *txtar.Archive
}

// eachCase runs a test for each archive of a folder.
func eachCase(t *testing.T, folder string, run func(t *testing.T, c *testCase)) {
	t.Helper()
	paths, err := filepath.Glob(filepath.Join("testdata", folder, "*.txtar"))
	if err != nil || len(paths) == 0 {
		t.Fatalf("no test cases in %s: %v", folder, err)
	}
	for _, path := range paths {
		t.Run(strings.TrimSuffix(filepath.Base(path), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(path)
			if err != nil {
				t.Fatal(err)
			}
			run(t, &testCase{path, archive})
		})
	}
}

func (c *testCase) read(t *testing.T) (*Code, error) {
	t.Helper()
	sources := []*ast.Source{readSource(t, "testdata/prelude.graphqls")}
	overrides := map[string]bool{}
	for _, file := range c.archive.Files {
		switch {
		case strings.HasSuffix(file.Name, ".graphqls"):
			sources = append(sources, &ast.Source{Name: file.Name, Input: string(file.Data)})
		case file.Name == "overrides":
			for _, method := range strings.Fields(string(file.Data)) {
				overrides[method] = true
			}
		}
	}
	schema := loadSchema(t, sources...)
	facts := c.section("operations.yaml")
	if facts == "" {
		facts = madeUp(schema)
	}
	return Read(newProgram(t, schema, facts), overrides)
}

// madeUp lists all operations of a schema, for cases that are about something else.
func madeUp(schema *ast.Schema) string {
	ops := map[string]bool{}
	for _, def := range schema.Types {
		for _, field := range def.Fields {
			if op := program.Text(field.Directives.ForName("zoom"), "op"); strings.Contains(op, " /") {
				ops[op] = true
			}
		}
	}
	var b strings.Builder
	b.WriteString("- chapter: All\n  operations:\n")
	for _, op := range slices.Sorted(maps.Keys(ops)) {
		id := strings.NewReplacer("/", "_", "{", "", "}", "", " ", "").Replace(strings.ToLower(op))
		fmt.Fprintf(&b, "    - {op: %q, id: %s, query: [custom_query_fields], scopes: []}\n", op, id)
	}
	return b.String()
}

func newProgram(t *testing.T, schema *ast.Schema, facts string) *program.Program {
	t.Helper()
	chapters, err := program.ParseFacts([]byte(facts))
	if err != nil {
		t.Fatal(err)
	}
	p, err := program.New(schema, chapters)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// expect compares the sections of the given names with what came out, or writes them anew. A section that is not there
// is expected to be empty.
func (c *testCase) expect(t *testing.T, names []string, got map[string]string) {
	t.Helper()
	if *refresh {
		c.archive.Files = slices.DeleteFunc(c.archive.Files, func(f txtar.File) bool { return slices.Contains(names, f.Name) })
		for _, name := range names {
			if got[name] != "" {
				c.archive.Files = append(c.archive.Files, txtar.File{Name: name, Data: []byte(got[name])})
			}
		}
		if err := os.WriteFile(c.path, txtar.Format(c.archive), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, name := range names {
		if want := c.section(name); got[name] != want {
			t.Errorf("%s (refresh with -update):\n%s\nwant:\n%s", name, got[name], want)
		}
	}
}

func (c *testCase) section(name string) string {
	for _, file := range c.archive.Files {
		if file.Name == name {
			return string(file.Data)
		}
	}
	return ""
}

func readSource(t *testing.T, path string) *ast.Source {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return &ast.Source{Name: filepath.Base(path), Input: string(text)}
}

func loadSchema(t *testing.T, sources ...*ast.Source) *ast.Schema {
	t.Helper()
	schema, err := gqlparser.LoadSchema(sources...)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}
