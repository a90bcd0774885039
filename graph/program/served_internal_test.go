package program

import (
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// A schema is put together as gqlparser does it.
func TestSchemaOf(t *testing.T) {
	t.Parallel()
	want, err := gqlparser.LoadSchema(&ast.Source{Input: `
		type Query { a: U! n: Node }
		type Mutation { b: Int }
		type Subscription { c: Int }
		interface Node { id: ID! }
		interface Named { name: String }
		type A implements Node & Named { id: ID! name: String }
		type B implements Node { id: ID! }
		union U = A | B
		union V = B
		input In { d: Int }
		enum E { ONE }
		scalar Date`})
	if err != nil {
		t.Fatal(err)
	}
	var definitions []*ast.Definition
	for _, name := range slices.Sorted(maps.Keys(want.Types)) {
		definitions = append(definitions, want.Types[name])
	}
	got := schemaOf(definitions, slices.Collect(maps.Values(want.Directives)))
	sorted := cmp.Transformer("names", func(defs []*ast.Definition) []string {
		var names []string
		for _, def := range defs {
			names = append(names, def.Name)
		}
		slices.Sort(names)
		return names
	})
	same := cmp.Comparer(func(a, b *ast.Definition) bool { return a == b })
	if diff := cmp.Diff(want, got, sorted, same); diff != "" {
		t.Errorf("gqlparser has -, the program +: %s", diff)
	}
}
