package zoomgen

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/parser"
)

// TestRun generates everything in a copy of the module that holds nothing generated, as after somebody deleted it all.
func TestRun(t *testing.T) {
	if testing.Short() {
		t.Skip("loads packages")
	}
	dir := copyModule(t)
	t.Chdir(dir)
	run := func() map[string]string {
		if err := Run("gqlgen.yml", Options{ModelDir: "graph/model", ResolverDir: "graph", ProgramDir: "graph/program", SensitiveDir: "graph/sensitive"}); err != nil {
			t.Fatal(err)
		}
		return generatedFiles(t, "graph")
	}
	files := run()
	for _, name := range []string{
		"graph/model/entities.gen.go", "graph/model/enums.gen.go", "graph/program/facts.gen.go", "graph/program/schema.gen.go", "graph/ops.gen.go", "graph/resolvers.gen.go",
		"graph/settings.gen.go", "graph/sensitive/sensitive.gen.go", "graph/exec/root_.generated.go",
	} {
		if files[name] == "" {
			t.Errorf("%s was not generated", name)
		}
	}
	for name, text := range run() {
		if files[name] != text {
			t.Errorf("%s comes out differently the second time", name)
		}
	}

	if strings.Contains(files["graph/exec/root_.generated.go"], "type Query {") {
		t.Error("the executor has a copy of the schema's text")
	}
	var executors strings.Builder
	for name, text := range files {
		if strings.HasPrefix(name, "graph/exec/") {
			executors.WriteString(text)
		}
	}
	for _, path := range schemaFiles(t, ".") {
		if !executes(t, executors.String(), path) {
			t.Errorf("nothing executes %s", path)
		}
	}
	for field, is := range map[string]bool{
		"Query_user": true, "User_role": true, "UserConnection_nodes": true, "PastMeeting_files": true,
		"User_email": false, "UserConnection_totalCount": false, "UserScheduleMeetingSettings_hostVideo": false,
	} {
		if strings.Contains(executors.String(), "_"+field+"(") != is {
			t.Errorf("the executor has code for %s: %t, want %t", field, !is, is)
		}
	}
}

// executes tells whether some field that a file of the schema adds is executed: one of a type of its own, or of one that it
// extends.
func executes(t *testing.T, executors, path string) bool {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := parser.ParseSchema(&ast.Source{Name: path, Input: string(text)})
	if err != nil {
		t.Fatal(err)
	}
	return slices.ContainsFunc(slices.Concat(doc.Definitions, doc.Extensions), func(def *ast.Definition) bool {
		return slices.ContainsFunc(def.Fields, func(f *ast.FieldDefinition) bool {
			return strings.Contains(executors, "_"+def.Name+"_"+f.Name+"(")
		})
	})
}

// copyModule copies what generating needs into a folder that is removed after the test.
func copyModule(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"go.mod", "go.sum", "gqlgen.yml", "schema.graphqls", "docs/operations.yaml"} {
		text, err := os.ReadFile("../../" + name)
		if err == nil {
			err = os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o755)
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), text, 0o644)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"client", "graph"} {
		if err := os.CopyFS(filepath.Join(dir, name), os.DirFS("../../"+name)); err != nil {
			t.Fatal(err)
		}
	}
	for name := range generatedFiles(t, filepath.Join(dir, "graph")) {
		if err := os.Remove(name); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// generatedFiles are the files below a folder that a generator wrote, by path.
func generatedFiles(t *testing.T, folder string) map[string]string {
	t.Helper()
	files := map[string]string{}
	err := filepath.WalkDir(folder, func(path string, _ os.DirEntry, err error) error {
		if err != nil || !strings.HasSuffix(path, ".gen.go") && !strings.HasSuffix(path, ".generated.go") {
			return err
		}
		text, err := os.ReadFile(path)
		files[path] = string(text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}
