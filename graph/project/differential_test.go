package project_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"
	"pgregory.net/rapid"

	"zoomgraph/graph/project"
	"zoomgraph/internal/rawjson"
)

// TestDifferential compares the projection with the reference over generated selections and generated JSON: data,
// errors with their paths, and absences, in order.
func TestDifferential(t *testing.T) {
	t.Parallel()
	h := newHarness(t, thingSchema)
	rapid.Check(t, func(rt *rapid.T) {
		g := generator{rt, h.schema}
		query, variables := g.query()
		document := g.value(ast.NamedType("Thing", nil), 4)
		data, want := h.reference(t, document, query, variables)
		got := h.project(t, document, query, variables)
		if canonical(rt, got.data) != canonical(rt, data) {
			rt.Fatalf("data of %s\nfrom %s\n got %s\nwant %s", query, document, got.data, data)
		}
		if diff := cmp.Diff(want.errors, messages(got.errors)); diff != "" {
			rt.Fatalf("errors of %s\nfrom %s (-want +got):\n%s", query, document, diff)
		}
		if diff := cmp.Diff(want.absent, got.absent, cmp.AllowUnexported(absence{})); diff != "" {
			rt.Fatalf("absences of %s\nfrom %s (-want +got):\n%s", query, document, diff)
		}
		if diff := cmp.Diff(want.spelt, got.spelt); diff != "" {
			rt.Fatalf("spellings of %s\nfrom %s (-want +got):\n%s", query, document, diff)
		}
	})
}

// TestSourceAgrees compares an object whose fields come from one answer, parsed or not, of a known shape or not, with one
// that is that answer.
func TestSourceAgrees(t *testing.T) {
	t.Parallel()
	h := newHarness(t, thingSchema)
	rapid.Check(t, func(rt *rapid.T) {
		g := generator{rt, h.schema}
		query, variables := g.query()
		document := []byte(g.value(ast.NamedType("Thing", nil), 4))
		if rawjson.Trim(document)[0] != '{' {
			rt.SkipNow()
		}
		want := h.project(t, string(document), query, variables)
		var shapes rawjson.Shapes
		text, parsed, known := everything{Text: rawjson.Trim(document)}, everything(rawjson.Parse(document)), everything(shapes.Parse(document))
		for name, source := range map[string]project.Source{
			"text": text, "parsed": parsed, "known": known, "plain text": plain{text}, "plain": plain{parsed}, "plain and known": plain{known},
		} {
			got := h.run(t, query, variables, func(_ context.Context, obs project.Observer) (*project.Value, error) {
				return h.projector.Object(opening(func() (project.Source, error) { return source, nil }), obs), nil
			})
			if diff := cmp.Diff(want, got, cmp.AllowUnexported(result{}, absence{})); diff != "" {
				rt.Fatalf("%s: %s\nfrom %s (-value +source):\n%s", name, query, document, diff)
			}
		}
	})
}

// TestTruncated cuts documents anywhere: the answer is JSON all the same, of the selection's shape or null.
func TestTruncated(t *testing.T) {
	t.Parallel()
	h := newHarness(t, thingSchema)
	rapid.Check(t, func(rt *rapid.T) {
		g := generator{rt, h.schema}
		query, variables := g.query()
		document := g.value(ast.NamedType("Thing", nil), 3)
		cut := rapid.IntRange(0, len(document)).Draw(rt, "cut")
		if r := h.project(t, document[:cut], query, variables); !json.Valid([]byte(r.data)) {
			rt.Fatalf("%s\nfrom %s\n got %s", query, document[:cut], r.data)
		}
	})
}

// canonical spells a JSON text in one way, with order and repetitions as they are.
func canonical(t *rapid.T, text string) string {
	d := json.NewDecoder(strings.NewReader(text))
	d.UseNumber()
	var out []string
	for {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return strings.Join(out, " ")
		}
		if err != nil {
			t.Fatalf("%v in %s", err, text)
		}
		if delim, ok := token.(json.Delim); ok {
			out = append(out, delim.String())
		} else {
			out = append(out, encode(token))
		}
	}
}

// A generator draws queries, and JSON that they are asked of.
type generator struct {
	t      *rapid.T
	schema *ast.Schema
}

// chance is true in so many of a hundred draws.
func (g generator) chance(percent int) bool {
	return rapid.IntRange(0, 99).Draw(g.t, "chance") >= 100-percent
}

// query draws a query of the field thing.
func (g generator) query() (string, map[string]any) { return g.queryOf("{ thing %s }") }

// queryOf draws a query with a selection of a Thing in it.
func (g generator) queryOf(format string) (string, map[string]any) {
	q := queryGenerator{generator: g, used: map[string]bool{}}
	text := fmt.Sprintf(format, q.selection("Thing", 3))
	var declared []string
	variables := map[string]any{}
	for _, name := range []string{"a", "b"} {
		if q.used[name] {
			declared = append(declared, "$"+name+": Boolean = true")
			if g.chance(60) {
				variables[name] = rapid.Bool().Draw(g.t, name)
			}
		}
	}
	if declared != nil {
		text = "query (" + strings.Join(declared, " ") + ") " + text
	}
	return text + strings.Join(q.fragments, ""), variables
}

type queryGenerator struct {
	generator
	used      map[string]bool
	fragments []string
	spreads   []string // of fragments on Thing
}

func (q *queryGenerator) selection(typeName string, depth int) string {
	var out []string
	for range rapid.IntRange(1, 5).Draw(q.t, "fields") {
		out = append(out, q.node(typeName, depth))
	}
	return "{ " + strings.Join(out, " ") + " }"
}

func (q *queryGenerator) node(typeName string, depth int) string {
	switch {
	case depth > 0 && q.chance(10):
		condition := rapid.SampledFrom([]string{"", "on " + typeName}).Draw(q.t, "condition")
		return "... " + condition + q.directives() + q.selection(typeName, depth-1)
	case typeName == "Thing" && q.chance(5):
		return "... on Named" + q.directives() + "{ name t: __typename }"
	case typeName == "Thing" && len(q.spreads) > 0 && q.chance(15):
		return "..." + rapid.SampledFrom(q.spreads).Draw(q.t, "spread") + q.directives()
	case typeName == "Thing" && depth > 0 && q.chance(10):
		body := q.selection(typeName, depth-1)
		name := fmt.Sprintf("F%d", len(q.fragments))
		q.fragments = append(q.fragments, " fragment "+name+" on Thing "+body)
		q.spreads = append(q.spreads, name)
		return "..." + name + q.directives()
	case q.chance(5):
		return "t: __typename" + q.directives()
	}
	return q.field(typeName, depth)
}

func (q *queryGenerator) field(typeName string, depth int) string {
	var fields []*ast.FieldDefinition
	for _, f := range q.schema.Types[typeName].Fields {
		if depth > 0 || q.schema.Types[f.Type.Name()].Kind != ast.Object {
			fields = append(fields, f)
		}
	}
	f := rapid.SampledFrom(fields).Draw(q.t, "field")
	text := rapid.SampledFrom([]string{"", "", "x_" + f.Name + ": ", "y_" + f.Name + ": "}).Draw(q.t, "alias") + f.Name
	text += q.directives()
	if name := f.Type.Name(); q.schema.Types[name].Kind == ast.Object {
		text += q.selection(name, depth-1)
	}
	return text
}

func (q *queryGenerator) directives() string {
	text := " "
	for _, d := range []string{"skip", "include"} {
		if q.chance(8) {
			v := rapid.SampledFrom([]string{"true", "false", "$a", "$b"}).Draw(q.t, "if")
			if v[0] == '$' {
				q.used[v[1:]] = true
			}
			text += "@" + d + "(if: " + v + ") "
		}
	}
	return text
}

// value draws the JSON of a type, drifted here and there.
func (g generator) value(t *ast.Type, depth int) string {
	switch {
	case g.chance(5):
		return "null"
	case g.chance(8):
		return anyJSON(2).Draw(g.t, "drift")
	case t.Elem != nil && g.chance(10):
		return g.value(t.Elem, depth)
	case t.Elem != nil:
		var out []string
		for range rapid.IntRange(0, 3).Draw(g.t, "elements") {
			out = append(out, g.value(t.Elem, depth))
		}
		return "[" + strings.Join(out, g.space()+",") + g.space() + "]"
	}
	if def := g.schema.Types[t.NamedType]; def.Kind == ast.Object {
		return g.object(def, depth)
	}
	return rapid.SampledFrom(samples(t.NamedType)).Draw(g.t, t.NamedType)
}

func (g generator) object(def *ast.Definition, depth int) string {
	var out []string
	for _, f := range def.Fields {
		if depth == 0 && g.schema.Types[f.Type.Name()].Kind == ast.Object {
			continue
		}
		key := encode(zoomName(f))
		if g.chance(5) {
			key = fmt.Sprintf(`"\u%04x%s`, key[1], key[2:])
		}
		if g.chance(3) {
			key = encode(f.Name) // right only where both names are one
		}
		for n := rapid.SampledFrom([]int{0, 1, 1, 1, 1, 2}).Draw(g.t, "times"); n > 0; n-- {
			out = append(out, key+g.space()+":"+g.space()+g.value(f.Type, depth-1))
		}
	}
	if g.chance(30) {
		out = append(out, encode(rapid.String().Draw(g.t, "key"))+":"+anyJSON(2).Draw(g.t, "extra"))
	}
	if g.chance(50) {
		out = rapid.Permutation(out).Draw(g.t, "order")
	}
	return "{" + g.space() + strings.Join(out, ","+g.space()) + g.space() + "}"
}

func (g generator) space() string {
	return rapid.SampledFrom([]string{"", "", "", " ", "\n\t", "\r\n  "}).Draw(g.t, "space")
}

// samples are JSON values at and around the borders of a leaf type.
func samples(typeName string) []string {
	switch typeName {
	case "String":
		return []string{`"a"`, `""`, `"\u00e9\n\"\\"`, "\"\xff\xfe\"", `"\ud800"`, "\"\u2028\"", `"{\"x\":[1"`, "7", "-0", "1e2", "1.50", "1e400"}
	case "Boolean":
		return []string{
			"true", "false", `"true"`, `"false"`, `"tru\u0065"`, `"True"`, `" true"`, `"false "`, `"yes"`, `""`, `"1"`, `"0"`, "1", "0", `"null"`,
		}
	case "Color":
		return []string{
			`100.0`, `1e2`, `"100.0"`, `"1E+2"`, `" 100"`, `"0100"`,
			`"red"`, `"blau"`, `"dark_green"`, `100`, `"100"`, `1e2`, `"RED"`, `"mauve"`, `""`, `" "`, `"  "`,
		}
	case "Answer":
		return []string{`"yes"`, `"no"`, `""`, `" "`, "1"}
	case "DateTime", "Date":
		return []string{
			`"2026-01-02T03:04:05Z"`, `"2026-01-02T03:04:05"`, `"2026-01-02"`, `"2026-01-02T03:04:05.5-01:00"`,
			`"2026-01-02 03:04:05"`, `"2026-01-02 03:04:05Z"`, `" 2026-01-02"`, `"2026-13-02"`, `""`, `" "`, `"2026-1-2"`, `"2026-01-2"`, `"2026-1-32"`,
		}
	case "JSON":
		return []string{`{"a":[1, 2.0],"a":null}`, `[]`, `"x"`, "{\"\xff\":1}"}
	}
	return []string{
		"0", "-0", "7", "-12", "2147483647", "2147483648", "-2147483648", "-2147483649", "9223372036854775807",
		"9223372036854775808", "-9223372036854775808", "6.0", "1e2", "1.5", "-0.0", "15e-1", "150e-1", "1e-1", "1.25E+2",
		"9007199254740993.0", "1e18", "1e19", "1e308", "1e309", "0e400", "1e-400", `"7"`, `"-007"`, `"+7"`, `"7.0"`, `""`,
		`"-7"`, `"-0"`, `"1e2"`, `"1E+2"`, `"15e-1"`, `"1.5"`, `"2147483648"`, `"-2147483648"`, `"9223372036854775808"`, `"1e309"`,
		`"7\u0030"`, `" 7"`, `"7 "`, `"7\n"`, `"0x10"`, `"1,000"`, `"1_000"`, `".5"`, `"5."`, `"-"`, `"NaN"`, `"Infinity"`, `"\"7\""`, `"null"`,
	}
}

// anyJSON draws any JSON value.
func anyJSON(depth int) *rapid.Generator[string] {
	leaves := []*rapid.Generator[string]{
		rapid.SampledFrom([]string{"null", "true", "false", "{}", "[]", " 1", "\"\\\\\""}),
		rapid.Map(rapid.Float64(), func(f float64) string { return encode(f) }),
		rapid.Map(rapid.Int64(), func(n int64) string { return encode(n) }),
		rapid.Map(rapid.String(), func(s string) string { return encode(s) }),
	}
	if depth == 0 {
		return rapid.OneOf(leaves...)
	}
	list := rapid.SliceOfN(anyJSON(depth-1), 0, 3)
	keys := rapid.SampledFrom([]string{`"a"`, `"b"`, `"\u0061"`, `"int"`, `"name"`, `"\\"`, `"}"`})
	member := rapid.Custom(func(t *rapid.T) string {
		return keys.Draw(t, "key") + ":" + anyJSON(depth-1).Draw(t, "value")
	})
	return rapid.OneOf(append(leaves,
		rapid.Map(list, func(v []string) string { return "[" + strings.Join(v, " ,") + "]" }),
		rapid.Map(rapid.SliceOfN(member, 0, 4), func(v []string) string { return "{" + strings.Join(v, ", ") + "}" }),
	)...)
}
