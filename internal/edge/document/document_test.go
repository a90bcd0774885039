package document_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/internal/edge/document"
)

const sdl = `
enum Kind { GOOD BETTER }
input Pair { a: Int!, b: [Kind!], c: Pair }
type Query { hello(name: String, kind: Kind, first: Int = 1, pair: Pair, list: [Int!]): String  user(id: ID): User }
type User { id: ID  boss: User  name(short: Boolean): String }
type Mutation { set: String }
`

func judge(tb testing.TB, suggest bool) *document.Judge {
	tb.Helper()
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "test.graphqls", Input: sdl})
	if err != nil {
		tb.Fatal(err)
	}
	return document.NewJudge(schema, document.Options{Suggest: suggest})
}

// each repeats format n times, with the number of the repetition.
func each(n int, format string) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

// TestLimits sends for each limit a document that has just so much as is allowed, and one that has one more.
func TestLimits(t *testing.T) {
	t.Parallel()
	j := judge(t, true)
	user := func(selection string) string { return "{ user { " + selection + " } }" }
	for _, tt := range []struct {
		limit   string
		allowed int
		with    func(n int) string
	}{
		{"bytes", 128 << 10, func(n int) string { return "{ hello } #" + strings.Repeat("x", n-11) }},
		{"tokens", 2000, func(n int) string { return "{ hello(list: [" + strings.Repeat("1 ", n-9) + "]) }" }},
		{"levels of braces and brackets", 64, func(n int) string { return strings.Repeat("{ ...", n-1) + "{ hello " + strings.Repeat("}", n) }},
		{"bytes in a name", 128, func(n int) string { return "{ " + strings.Repeat("a", n) + ": hello }" }},
		{"operations", 10, func(n int) string { return each(n, "query Q%d { hello } ") }},
		{"fragments", 100, func(n int) string { return user(each(n, "...F%d ")) + each(n, "fragment F%d on User { id } ") }},
		{"directives", 50, func(n int) string { return user(strings.Repeat("id @skip(if: false) ", n)) }},
		{"fields of one name", 500, func(n int) string { return user(strings.Repeat("id ", n)) }},
		{"fields of one name", 500, func(n int) string {
			return user("id ...F") + "fragment F on User { " + strings.Repeat("id ", n-1) + "}"
		}},
		{"fields of one name with arguments or an alias", 50, func(n int) string { return user(strings.Repeat("name(short: true) ", n)) }},
		{"levels", 15, func(n int) string {
			return strings.Repeat("{ user ", 1) + strings.Repeat("{ boss ", n-2) + "{ id " + strings.Repeat("}", n)
		}},
		{"levels", 15, func(n int) string {
			return "{ user { ...A } } fragment A on User { " + strings.Repeat("boss { ", n-2) + "id " + strings.Repeat("}", n-1)
		}},
		{"root fields", 20, func(n int) string { return "{ " + strings.Repeat("__typename ", n) + "}" }},
		{"root fields", 20, func(n int) string {
			return "{ __typename ...A } fragment A on Query { " + strings.Repeat("hello ", n-1) + "}"
		}},
		{"aliases", 60, func(n int) string { return user(each(n, "a%d: id ")) }},
		{"aliases", 60, func(n int) string {
			return user("...A boss { ...A } "+each(n%2, "x%d: id ")) + " fragment A on User { " + each(n/2, "a%d: id ") + "}"
		}},
		{"selections", 10_000, func(n int) string {
			half := func(i, from int) string {
				return fmt.Sprintf("fragment F%d on User { ...F%d ...F%d } ", i, from, from)
			}
			// F0 writes out to 9726 selections: each fragment is two spreads and twice the next one.
			return user("...F0 "+strings.Repeat("id ", n-9728)) + half(0, 1) + half(1, 2) + half(2, 3) + half(3, 4) + half(4, 5) + half(5, 6) + half(6, 7) + "fragment F7 on User { " + strings.Repeat("id ", 74) + "}"
		}},
		{"uses of __schema", 1, func(n int) string { return "{ " + strings.Repeat("__schema { queryType { name } } ", n) + "}" }},
		{"aliases in an introspection", 0, func(n int) string { return `{ __type(name: "User") { name ` + each(n, "a%d: kind ") + "} }" }},
	} {
		t.Run(tt.limit, func(t *testing.T) {
			t.Parallel()
			if _, errs := j.Read(tt.with(tt.allowed)); len(errs) > 0 {
				t.Errorf("as much as is allowed: %v", errs)
			}
			doc, errs := j.Read(tt.with(tt.allowed + 1))
			if doc != nil || len(errs) != 1 {
				t.Fatalf("too much: %d errors", len(errs))
			}
			e := errs[0].Extensions
			if e["code"] != "GRAPHQL_VALIDATION_FAILED" || e["limit"] != tt.limit || e["found"] != tt.allowed+1 || e["allowed"] != tt.allowed {
				t.Errorf("too much: %v %s", e, errs[0].Message)
			}
		})
	}
}

// TestLimitsHoldEverywhere exceeds limits where validation would have refused the document, had it looked at it.
func TestLimitsHoldEverywhere(t *testing.T) {
	t.Parallel()
	j := judge(t, true)
	many, skips := strings.Repeat("id ", 501), strings.Repeat("@skip(if: false) ", 51)
	for text, limit := range map[string]string{
		"{ hello } fragment Unused on User { " + many + "}":                                        "fields of one name",
		"{ user { ...F } } fragment F on User { id } fragment F on User { " + many + "}":           "fields of one name",
		"query Q($a: Int " + skips + ") { hello(first: $a) }":                                      "directives",
		"query Q " + skips + "{ hello }":                                                           "directives",
		"{ ...F " + skips + "} fragment F on Query { hello }":                                      "directives",
		"{ ... " + skips + "{ hello } }":                                                           "directives",
		"{ ...F } fragment F on Query " + skips + "{ hello }":                                      "directives",
		"{ ...F } fragment F($a: Int " + skips + ") on Query { hello(first: $a) }":                 "directives",
		"{ hello(list: " + strings.Repeat("[", 64) + strings.Repeat("]", 64) + ") }":               "levels of braces and brackets",
		"query Q($a: " + strings.Repeat("[", 65) + "Int" + strings.Repeat("]", 65) + ") { hello }": "levels of braces and brackets",
	} {
		_, errs := j.Read(text)
		if len(errs) != 1 || errs[0].Extensions["limit"] != limit {
			t.Errorf("%.80s…: %v, want the limit of %s", text, errs, limit)
		}
	}
}

// TestLimitsHoldForEachOperation has the measure of one operation of several exceed.
func TestLimitsHoldForEachOperation(t *testing.T) {
	t.Parallel()
	_, errs := judge(t, true).Read("query A { hello } query B { user { ...F boss { ...F } } } fragment F on User {" + each(31, "a%d: id ") + "}")
	if len(errs) != 1 || errs[0].Extensions["found"] != 62 || errs[0].Locations[0].Column != 19 {
		t.Errorf("errors %v", errs)
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	open, closed := judge(t, true), judge(t, false)
	for _, tt := range []struct {
		name, text, code, message, suggestion string
	}{
		{"syntax", "{ hello", "GRAPHQL_PARSE_FAILED", "Expected Name", ""},
		{"no operation", "fragment F on Query { hello }", "GRAPHQL_VALIDATION_FAILED", "no operation", ""},
		{"nothing", "", "GRAPHQL_VALIDATION_FAILED", "no operation", ""},
		{"half a character", `{ hello(name: "\udc00") }`, "GRAPHQL_PARSE_FAILED", "no character", ""},
		{"a field", "{ helo }", "GRAPHQL_VALIDATION_FAILED", `"helo"`, "hello"},
		{"an argument", "{ hello(nam: 1) }", "GRAPHQL_VALIDATION_FAILED", `"nam"`, `"name"`},
		{"a type", "query Q($a: Kin) { hello(kind: $a) }", "GRAPHQL_VALIDATION_FAILED", `"Kin"`, ""},
		{"an enum value", "{ hello(kind: GOO) }", "GRAPHQL_VALIDATION_FAILED", "GOO", "GOOD"},
		{"an enum value within", "{ hello(pair: {a: 1, b: [BETTE]}) }", "GRAPHQL_VALIDATION_FAILED", "BETTE", "BETTER"},
		{"a text for an enum", `{ hello(kind: "GOOD") }`, "GRAPHQL_VALIDATION_FAILED", "non-enum", "Did you mean"},
		{"a field of an input", "{ hello(pair: {a: 1, d: 2}) }", "GRAPHQL_VALIDATION_FAILED", `"d"`, "Did you mean"},
		{"a selection of a leaf's parent", "{ user }", "GRAPHQL_VALIDATION_FAILED", "user", "Did you mean"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for _, j := range []*document.Judge{open, closed} {
				doc, errs := j.Read(tt.text)
				if doc != nil || len(errs) == 0 || errs[0].Extensions["code"] != tt.code || !strings.Contains(errs[0].Message, tt.message) {
					t.Errorf("errors %v, want %s with %q", errs, tt.code, tt.message)
				}
				if suggested := strings.Contains(errs.Error(), "Did you mean"); j == closed && suggested {
					t.Errorf("suggestions are off: %v", errs)
				}
			}
			if _, errs := open.Read(tt.text); !strings.Contains(errs.Error(), tt.suggestion) {
				t.Errorf("no suggestion of %q: %v", tt.suggestion, errs)
			}
		})
	}
}

func TestErrorsAreCut(t *testing.T) {
	t.Parallel()
	j := judge(t, true)
	_, errs := j.Read("{ user { " + each(19, "no%d ") + "} }")
	if len(errs) != 19 {
		t.Errorf("%d errors, want 19", len(errs))
	}
	_, errs = j.Read("{ user { " + each(20, "no%d ") + "} }")
	if len(errs) != document.MaxErrors || !strings.Contains(errs[19].Message, "more errors") || errs[19].Extensions["code"] != "GRAPHQL_VALIDATION_FAILED" {
		t.Errorf("errors %v", errs)
	}
}

func TestIntrospects(t *testing.T) {
	t.Parallel()
	j := judge(t, true)
	for text, want := range map[string]bool{
		"{ hello }": false, "{ __typename }": false, "{ __schema: hello }": false,
		"{ __schema { queryType { name } } }": true, "{ hello a: __type(name: \"User\") { name } }": true,
		"{ ... { ...F } } fragment F on Query { x: __schema { queryType { name } } }": true,
	} {
		doc, errs := j.Read(text)
		if doc == nil || doc.Introspects != want {
			t.Errorf("%s: %v, %v", text, doc, errs)
		}
	}
}

// FuzzRead looks for documents that a walk without a memo measures otherwise than the judge did.
func FuzzRead(f *testing.F) {
	for _, text := range []string{
		"{ hello }", "query Q($a: Int = 1 @x) { hello(first: $a) }", "{ ...A } fragment A on Query { ...A }",
		"{ user { ...A a: boss { ...A } } } fragment A on User { ...B b: id ...B } fragment B on User { c: id ... { boss { id } } }",
		"{ ...A } fragment A on Query { ...B ...B } fragment B on Query { ...C ...C } fragment C on Query { ...A hello }",
		"{ __schema { a: queryType { name } } }", "fragment A on Query { hello } fragment A on Query { b: hello } { ...A }",
		`{ hello(name: "\ud800", pair: {a: 1, c: {a: [[[2]]]}}) @skip(if: true) }`, "\ufeff{ hello # \x00\n}", `{ hello(name: """` + "\n\n" + `""") }`,
	} {
		f.Add(text)
	}
	j := judge(f, true)
	f.Fuzz(func(t *testing.T, text string) {
		doc, errs := j.Read(text)
		if (doc == nil) == (len(errs) == 0) {
			t.Fatalf("document %v and errors %v", doc, errs)
		}
		if len(errs) > document.MaxErrors {
			t.Fatalf("%d errors", len(errs))
		}
		for _, err := range errs {
			if err.Extensions["code"] == nil {
				t.Errorf("no code: %v", err)
			}
		}
		if doc == nil {
			return
		}
		for _, op := range doc.AST.Operations {
			n := naive{}
			n.walk(op.SelectionSet, 1)
			if n.depth > 15 || n.aliases > 60 || n.selections > 10_000 || n.roots > 20 {
				t.Errorf("%q was let through: %+v", text, n)
			}
		}
	})
}

// naive measures as the definition of the limits says, with all fragments written out.
type naive struct{ depth, aliases, selections, roots int }

func (n *naive) walk(selections ast.SelectionSet, depth int) {
	for _, selection := range selections {
		if n.selections++; n.selections > 20_000 {
			return
		}
		switch s := selection.(type) {
		case *ast.Field:
			n.depth = max(n.depth, depth)
			if depth == 1 {
				n.roots++
			}
			if s.Alias != s.Name {
				n.aliases++
			}
			n.walk(s.SelectionSet, depth+1)
		case *ast.InlineFragment:
			n.walk(s.SelectionSet, depth)
		case *ast.FragmentSpread:
			n.walk(s.Definition.SelectionSet, depth)
		}
	}
}
