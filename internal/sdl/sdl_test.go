package sdl_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/internal/sdl"
)

// alike tells how two schemas differ beside positions and comments.
func alike(want, got *ast.Schema) string {
	return cmp.Diff(want, got,
		cmpopts.IgnoreTypes(&ast.Position{}, []*ast.Position{}, &ast.CommentGroup{}),
		cmpopts.EquateEmpty())
}

func served(t testing.TB) []*ast.Source {
	t.Helper()
	chapters, err := filepath.Glob("../../graph/schema/*.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	var sources []*ast.Source
	for _, name := range append([]string{"../../schema.graphqls"}, chapters...) {
		text, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, &ast.Source{Name: name, Input: string(text)})
	}
	return sources
}

// TestServed reads the schema that is served: everything in it has to be understood, or each start takes longer.
func TestServed(t *testing.T) {
	t.Parallel()
	want, err := gqlparser.LoadSchema(served(t)...)
	if err != nil {
		t.Fatal(err)
	}
	got, ok := sdl.Read(served(t))
	if !ok {
		t.Fatal("something in the schema is not understood")
	}
	if len(got.Types) < 1000 {
		t.Fatalf("%d types", len(got.Types))
	}
	if diff := alike(want, got); diff != "" {
		t.Error("gqlparser reads -, sdl reads +:", diff)
	}
}

// forms are the ways of writing that are understood, one each.
var forms = map[string]string{
	"a type":                    `type Query { a: Int }`,
	"descriptions":              "\"A root\" type Query { \"a field\" a(\"an argument\" b: Int): Int }",
	"a block":                   "\"\"\"\nOne\n  two \\n\n\"\"\"\ntype Query {\n  \"\"\"\n  Three\n\n    four\n  \"\"\"\n  a: Int\n}",
	"one line of a block":       `type Query { """a field of "quotes" """ a: Int }`,
	"an empty description":      `"" type Query { "" a: Int """""" b: Int }`,
	"comments and commas":       "# one\ntype Query { # two\n  a(b: Int, c: Int,,): Int, # three \"quotes\n b: Int }\n#end",
	"types":                     `type Query { a: [Int!]! b: [[String]!] c: [Int] d: Int! e: [Int!] }`,
	"defaults":                  `type Query { a(b: Int = 30, c: String = "x", d: Boolean = true, e: E = ONE, f: [Int!] = [1, 2], g: Int = null, h: [Int] = [], i: I = {j: -1, k: {}}): Int } enum E { ONE TWO } input I { j: Int k: I }`,
	"inputs":                    `type Query { a(i: I): Int } input I @oneOf { a: Int "described" b: String @deprecated(reason: "x") }`,
	"enums":                     `type Query { a: E } enum E { "first" ONE @deprecated TWO }`,
	"unions":                    `type Query { a: U b: V } union U = A | B union V = A type A { a: Int } type B { a: Int }`,
	"scalars":                   `scalar Date @specifiedBy(url: "https://example.com") type Query { a: Date }`,
	"directives":                `directive @d("an argument" a: [String!], b: Boolean = false) repeatable on FIELD_DEFINITION | ENUM_VALUE type Query { a: Int @d(a: ["x", "y"]) @d(b: true) } enum E { A @d }`,
	"directives of arguments":   `directive @d on ARGUMENT_DEFINITION | OBJECT type Query @d { a(b: Int @d): Int }`,
	"a directive as a block":    "\"\"\"\nSays\n\"\"\"\ndirective @d(\n  \"\"\"\n  a\n  \"\"\"\n  a: Int\n) on OBJECT\ntype Query { a: Int }",
	"extensions":                `extend type Query { b: Int } type Query { a: Int } extend enum E { TWO } enum E { ONE } extend union U = B union U = A type A { a: E } type B { a: U } extend input I { b: Int } input I { a: Int }`,
	"roots":                     `type Query { a: Int } type Mutation { b: Int } type Subscription { c: Int }`,
	"names like words":          `type Query { type: Int input: Int on: Int extend: Int enum(union: Int): type } type type { scalar: Int }`,
	"a block in a directive":    `directive @d(a: String) on OBJECT type Query @d(a: """x""") { a: Int }`,
	"strings beyond ASCII":      `type Query { "Gültig – 会議" a: Int }`,
	"Windows' ends of lines":    "type Query {\r\n  \"a\"\r\n  a: Int\r\n}\r\n",
	"an argument's description": "type Query { a(\n  \"\"\"\n  Long\n  text\n  \"\"\"\n  b: Int\n): Int }",
}

// TestForms compares each with gqlparser.
func TestForms(t *testing.T) {
	t.Parallel()
	for name, text := range forms {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := &ast.Source{Input: text}
			want, err := gqlparser.LoadSchema(source)
			if err != nil {
				t.Fatal(err)
			}
			got, ok := sdl.Read([]*ast.Source{source})
			if !ok {
				t.Fatal("it is not understood")
			}
			if diff := alike(want, got); diff != "" {
				t.Error("gqlparser reads -, sdl reads +:", diff)
			}
		})
	}
}

// TestLeftToGQLParser has what is not understood, be it right or wrong: nothing is read wrongly, and nothing goes on forever.
func TestLeftToGQLParser(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`schema { query: Q } type Q { a: Int }`,
		`type Query implements I { a: Int } interface I { a: Int }`,
		`type Query { a(b: Float = 1.5): Int }`, `type Query { a(b: Int = -): Int }`, `type Query { a(b: Int = 1e3): Int }`, `type Query { a(b: Int = $c): Int }`,
		`type Query { "an \"escape\"" a: Int }`,
		`type Query { """an \""" escape""" a: Int }`,
		`type Query { a: [ Int ] }`,
		`union U = | Query type Query { a: Int }`,
		`extend type Query @deprecated { a: Int }`,
		`type Query {`, `type Query { a`, `type Query { a: `, `type Query { a: [Int }`, `type Query { a: Int] }`, `type Query { a: In!t }`,
		`type Query { a(: Int }`, `type Query { a(b: Int = ): Int }`, `type Query { a: Int @`, `type Query { a: Int @d(a: [`, `type Query { a: Int @none }`,
		`type Query { "open a: Int }`, "type Query { \"two\nlines\" a: Int }", `type Query { """open a: Int }`, `type Query {}`,
		`directive @d FIELD type Query { a: Int }`, `type A { a: Int }`, `extend input Query { a: Int } type Query { a: Int }`, `type 1 { a: Int }`, `wrong`, `"only said"`, ``,
	} {
		if _, ok := sdl.Read([]*ast.Source{{Input: text}}); ok {
			t.Errorf("%s is read", text)
		}
	}
}

// FuzzRead takes pieces out of what is understood: what gqlparser accepts is read as it reads it, or is left to it.
func FuzzRead(f *testing.F) {
	for _, text := range forms {
		f.Add(text, uint(3), uint(5))
	}
	f.Fuzz(func(t *testing.T, text string, from, to uint) {
		source := &ast.Source{Input: cut(text, from, to)}
		got, ok := sdl.Read([]*ast.Source{source})
		want, err := gqlparser.LoadSchema(source)
		if err != nil || !ok {
			return
		}
		if diff := alike(want, got); diff != "" {
			t.Errorf("%s: gqlparser reads -, sdl reads +: %s", fmt.Sprintf("%q", source.Input), diff)
		}
	})
}

// cut takes a piece out of a text.
func cut(text string, from, to uint) string {
	if from >= to || to > uint(len(text)) {
		return text
	}
	return strings.ToValidUTF8(text[:from]+text[to:], "")
}

func BenchmarkRead(b *testing.B) {
	sources := served(b)
	b.Run("sdl", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, ok := sdl.Read(sources); !ok {
				b.Fatal("not understood")
			}
		}
	})
	b.Run("gqlparser", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := gqlparser.LoadSchema(sources...); err != nil {
				b.Fatal(err)
			}
		}
	})
}
