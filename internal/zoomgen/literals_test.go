package zoomgen

import (
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"golang.org/x/tools/txtar"
)

// TestSchemaAsGo prints all that a schema can have. Package program compares what is printed of the service's schema with
// what gqlparser reads.
func TestSchemaAsGo(t *testing.T) {
	t.Parallel()
	const file = "testdata/schema.txtar"
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var sources []*ast.Source
	var want *txtar.File
	for i, f := range archive.Files {
		if strings.HasSuffix(f.Name, ".graphqls") {
			sources = append(sources, &ast.Source{Name: f.Name, Input: string(f.Data)})
		} else {
			want = &archive.Files[i]
		}
	}
	schema, err := gqlparser.LoadSchema(sources...)
	if err != nil {
		t.Fatal(err)
	}
	for name, def := range schema.Types {
		if def.BuiltIn && name != "String" { // the others are GraphQL's, and would hide ours
			delete(schema.Types, name)
		}
	}
	for name, def := range schema.Directives {
		if def.Position.Src.BuiltIn && name != "deprecated" {
			delete(schema.Directives, name)
		}
	}
	got, err := renderSchema(schema)
	if err != nil {
		t.Fatal(err)
	}
	if *refresh {
		want.Data = got
		if err := os.WriteFile(file, txtar.Format(archive), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(string(want.Data), string(got)); diff != "" {
		t.Errorf("run go test -update ./internal/zoomgen, and look at what changes: %s", diff)
	}
}

// TestNamesThatAreOne: two things that would be one variable are a mistake, not one of them.
func TestNamesThatAreOne(t *testing.T) {
	t.Parallel()
	for name, sources := range map[string][]*ast.Source{
		"two types": {{Name: "a", Input: "type Query { a: User_nn b: User! } type User { a: Int } type User_nn { a: Int }"}},
		"two files": {{Name: "a/users.graphqls", Input: "type Query { a: Int }"}, {Name: "b/users.graphqls", Input: "type A { a: Int }"}},
	} {
		schema, err := gqlparser.LoadSchema(sources...)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := renderSchema(schema); err == nil || !strings.Contains(err.Error(), "would both be written as") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestUnprintable is told of, rather than left out.
func TestUnprintable(t *testing.T) {
	t.Parallel()
	for _, v := range []any{struct{ F float64 }{1}, []func(){func() {}}, map[string]any{"a": make(chan int)}, &struct{ A any }{2}} {
		l := new(literals)
		l.value(reflect.ValueOf(v), false)
		if l.failed == nil {
			t.Errorf("%T is printed", v)
		}
	}
}
