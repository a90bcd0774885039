package project_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/project"
	"zoomgraph/internal/rawjson"
)

// settings makes a settings tree of 6 sections with 24 fields each, its schema, and a document of about 4 KB.
func settings() (sdl, document string) {
	var types, sections, objects []string
	for s := range 6 {
		var fields, members []string
		for i := range 24 {
			name, zoom := fmt.Sprintf("someSetting%dInPlace%d", s, i), fmt.Sprintf("some_setting%d_in_place%d", s, i)
			kind, value := "Boolean", fmt.Sprint(i%3 == 0)
			switch i % 8 {
			case 5:
				kind, value = "String", `"a text of some length"`
			case 6:
				kind, value = "Int", fmt.Sprint(i*100)
			case 7:
				kind, value = "Mode", `"jbh_only"`
			}
			fields = append(fields, name+": "+kind)
			members = append(members, fmt.Sprintf("%q:%s", zoom, value))
		}
		types = append(types, fmt.Sprintf("type Section%d { %s }", s, strings.Join(fields, " ")))
		sections = append(sections, fmt.Sprintf("section%d: Section%d", s, s))
		objects = append(objects, fmt.Sprintf(`"section%d":{%s}`, s, strings.Join(members, ",")))
	}
	sdl = `enum Mode { OFF JBH_ONLY ALL } type Query { settings: Settings } type Settings { ` +
		strings.Join(sections, " ") + " }" + strings.Join(types, " ")
	return sdl, "{" + strings.Join(objects, ",") + "}"
}

// selectSettings selects n fields of each of the first sections.
func selectSettings(sections, n int) string {
	var out []string
	for s := range sections {
		var fields []string
		for i := range n {
			fields = append(fields, fmt.Sprintf("someSetting%dInPlace%d", s, (i*5)%24))
		}
		out = append(out, fmt.Sprintf("section%d { %s }", s, strings.Join(fields, " ")))
	}
	return "{ settings { " + strings.Join(out, " ") + " } }"
}

// BenchmarkSettings writes 3 and 72 leaves of a settings document, by the projection and by decoding the document
// into maps and walking them.
func BenchmarkSettings(b *testing.B) {
	sdl, text := settings()
	document := []byte(text)
	h := newHarness(b, sdl)
	value := h.projector.Value(func() ([]byte, error) { return document, nil }, nil)
	for _, size := range []struct{ sections, fields int }{{1, 3}, {6, 12}} {
		ctx := h.capture(b, selectSettings(size.sections, size.fields), nil)
		name := fmt.Sprintf("leaves=%d", size.sections*size.fields)
		var projected, walked bytes.Buffer
		b.Run(name+"/project", func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(document)))
			for b.Loop() {
				projected.Reset()
				if err := value.MarshalGQLContext(ctx, &projected); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+"/decode-and-walk", func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(document)))
			for b.Loop() {
				walked.Reset()
				var decoded map[string]any
				if err := json.Unmarshal(document, &decoded); err != nil {
					b.Fatal(err)
				}
				walk(&walked, h.projector.Selection(ctx), decoded)
			}
		})
		if walked.Len() > 0 && projected.String() != walked.String() {
			b.Errorf("the two differ:\n%s\n%s", &projected, &walked)
		}
	}
}

// BenchmarkWithheld writes 72 leaves for who may see secrets, and for who may not; with an address among them.
func BenchmarkWithheld(b *testing.B) {
	sdl, text := settings()
	h := newHarness(b, sdl)
	for name, of := range map[string]struct {
		h    *harness
		text string
	}{
		"trusted": {h, text}, "withheld": {h.reader(), text},
		"addresses": {h.reader(), strings.ReplaceAll(text, "a text of some length", "https://zoom.us/j/1?a=1&pwd=x")},
	} {
		b.Run(name, func(b *testing.B) {
			value := of.h.projector.Value(func() ([]byte, error) { return []byte(of.text), nil }, nil)
			ctx := of.h.capture(b, selectSettings(6, 12), nil)
			b.ReportAllocs()
			var out bytes.Buffer
			for b.Loop() {
				out.Reset()
				if err := value.MarshalGQLContext(ctx, &out); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// walk writes what is selected of decoded JSON, with no more care than the benchmark needs.
func walk(out *bytes.Buffer, s *project.Selection, object map[string]any) {
	out.WriteByte('{')
	for i, f := range s.Fields() {
		if i > 0 {
			out.WriteByte(',')
		}
		out.WriteString(`"` + f.Key + `":`)
		switch v := object[f.Zoom].(type) {
		case map[string]any:
			walk(out, f.Sub, v)
		case bool:
			fmt.Fprint(out, v)
		case float64:
			fmt.Fprint(out, int(v))
		case string:
			if f.Def.Type.NamedType == "Mode" {
				v = strings.ToUpper(v)
			}
			quoted, err := json.Marshal(v)
			if err != nil {
				panic(err)
			}
			out.Write(quoted)
		default:
			out.WriteString("null")
		}
	}
	out.WriteByte('}')
}

// BenchmarkLeaf writes a plain field of an entity, whose JSON value is at hand.
func BenchmarkLeaf(b *testing.B) {
	h := newHarness(b, `type Query { email: String }`)
	ctx := h.capture(b, `{ email }`, nil)
	value := h.projector.Value(func() ([]byte, error) { return []byte(`"someone@example.com"`), nil }, nil)
	var out bytes.Buffer
	b.ReportAllocs()
	for b.Loop() {
		out.Reset()
		if err := value.MarshalGQLContext(ctx, &out); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSource writes 72 leaves of an object whose sections come from one answer by a Source.
func BenchmarkSource(b *testing.B) {
	sdl, text := settings()
	h := newHarness(b, sdl)
	ctx := h.capture(b, selectSettings(6, 12), nil)
	var from project.Source = everything(rawjson.Parse([]byte(text)))
	value := h.projector.Object(opening(func() (project.Source, error) { return from, nil }), nil)
	var out bytes.Buffer
	b.ReportAllocs()
	for b.Loop() {
		out.Reset()
		if err := value.MarshalGQLContext(ctx, &out); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkAnswer goes from the bytes of an answer that has what is selected, 72 leaves, to what is written of it: where
// the answer looks like none before, and like the last one.
func BenchmarkAnswer(b *testing.B) {
	sdl, text := settings()
	h := newHarness(b, sdl)
	ctx := h.capture(b, selectSettings(6, 12), nil)
	answer := only(b, text, h.projector.Selection(ctx))
	var from plain
	value := h.projector.Object(opening(func() (project.Source, error) { return from, nil }), nil)
	var out bytes.Buffer
	write := func(b *testing.B) {
		out.Reset()
		if err := value.MarshalGQLContext(ctx, &out); err != nil {
			b.Fatal(err)
		}
	}
	b.Run("new", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if !rawjson.Valid(answer) {
				b.Fatal("it is valid")
			}
			from.everything = everything(rawjson.Parse(answer))
			write(b)
		}
	})
	b.Run("known", func(b *testing.B) {
		var shapes rawjson.Shapes
		shapes.Parse(answer)
		b.ReportAllocs()
		for b.Loop() {
			known, _ := shapes.Known(answer)
			from.everything = everything(known)
			write(b)
		}
	})
}

// only is a text with those members of its sections that are selected.
func only(tb testing.TB, text string, selected *project.Selection) []byte {
	tb.Helper()
	out := []byte{'{'}
	for _, section := range selected.Fields() {
		all, _ := rawjson.Member([]byte(text), section.Zoom)
		some := []byte{'{'}
		for name, value := range rawjson.Members(all) {
			if slices.ContainsFunc(section.Sub.Fields(), func(f project.Field) bool { return f.Zoom == name }) {
				some = rawjson.Append(some, name, value)
			}
		}
		out = rawjson.Append(out, section.Zoom, append(some, '}'))
	}
	return append(out, '}')
}

// everything is a Source all of whose fields are in one object.
type everything rawjson.Value

func (e everything) Part(*ast.FieldDefinition) project.Part {
	return project.Part{In: rawjson.Value(e)}
}

// plain is such a source that says so.
type plain struct{ everything }

func (p plain) Object() (rawjson.Value, bool) { return rawjson.Value(p.everything), true }
