package project_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"pgregory.net/rapid"

	"zoomgraph/graph/project"
)

func TestNullify(t *testing.T) {
	t.Parallel()
	const data = ` {"a": {"b": [1, {"c": "x"}, []], "d": null}, "a2": "a"} `
	a, b, c := ast.PathName("a"), ast.PathName("b"), ast.PathName("c")
	for _, tt := range []struct {
		paths []ast.Path
		want  string
	}{
		{nil, data},
		{[]ast.Path{nil}, ` null `},
		{[]ast.Path{{a}}, ` {"a": null, "a2": "a"} `},
		{[]ast.Path{{ast.PathName("a2")}}, ` {"a": {"b": [1, {"c": "x"}, []], "d": null}, "a2": null} `},
		{[]ast.Path{{a, b, ast.PathIndex(1)}}, ` {"a": {"b": [1, null, []], "d": null}, "a2": "a"} `},
		{[]ast.Path{{a, b, ast.PathIndex(1), c}}, ` {"a": {"b": [1, {"c": null}, []], "d": null}, "a2": "a"} `},
		{[]ast.Path{{a, b, ast.PathIndex(2)}}, ` {"a": {"b": [1, {"c": "x"}, null], "d": null}, "a2": "a"} `},
		{[]ast.Path{{a, ast.PathName("d"), ast.PathName("e")}}, data},
		{[]ast.Path{{a, b, ast.PathIndex(3)}}, data},
		{[]ast.Path{{a, ast.PathIndex(0)}}, data},
		{[]ast.Path{{ast.PathName("x")}}, data},
		{[]ast.Path{{a, b, ast.PathIndex(2)}, {a, b, ast.PathIndex(0)}, {a, b, ast.PathIndex(2)}}, ` {"a": {"b": [null, {"c": "x"}, null], "d": null}, "a2": "a"} `},
		{[]ast.Path{{a, b, ast.PathIndex(1), c}, {a, b}}, ` {"a": {"b": null, "d": null}, "a2": "a"} `},
		{[]ast.Path{{a, b}, {a, b, ast.PathIndex(1), c}, {ast.PathName("a2")}}, ` {"a": {"b": null, "d": null}, "a2": null} `},
		{[]ast.Path{{a, b}, nil, {a}}, ` null `},
	} {
		whole := []byte("[" + data + "]")
		if got := project.Nullify(whole[1:1+len(data)], tt.paths); string(got) != tt.want {
			t.Errorf("%v: %s, want %s", tt.paths, got, tt.want)
		}
		if string(whole) != "["+data+"]" {
			t.Errorf("%v: what it was given is %s now", tt.paths, whole)
		}
	}
}

// A page of things of which each lacks much is passed over once, and not once for everything that is lacking.
//
//nolint:paralleltest // it counts what is allocated
func TestNullifyOfALongList(t *testing.T) {
	const things, fields = 1000, 20
	data := []byte("[" + strings.Repeat(`{"name":"somebody","id":null},`, things-1) + "{}]")
	var paths []ast.Path
	for i := range things * fields {
		paths = append(paths, ast.Path{ast.PathIndex(i / fields)})
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	got := project.Nullify(data, paths)
	runtime.ReadMemStats(&after)
	if want := "[" + strings.Repeat("null,", things-1) + "null]"; string(got) != want {
		t.Errorf("got %s", got)
	}
	if bytes := after.TotalAlloc - before.TotalAlloc; bytes > 20*uint64(len(data)) {
		t.Errorf("%d bytes for an answer of %d", bytes, len(data))
	}
}

// A shape is the type of something in an answer: a list, an object, or a leaf that is projected.
type shape struct {
	NonNull bool
	Elem    *shape
	Fields  []*shape
}

// A thing has a shape. A leaf lacks nothing, or is null in some way; all else may be null before anything is written.
type thing struct {
	Lacks string
	Of    []*thing // elements or fields
}

func drawShape(t *rapid.T, depth int) *shape {
	s := &shape{NonNull: rapid.Bool().Draw(t, "non-null")}
	kind := "leaf"
	if depth > 0 {
		kind = rapid.SampledFrom([]string{"leaf", "list", "object"}).Draw(t, "kind")
	}
	switch kind {
	case "list": // of lists and objects: one of leaves is projected as a whole
		if s.Elem = drawShape(t, depth-1); s.Elem.Elem == nil && s.Elem.Fields == nil {
			s.Elem.Fields = []*shape{{NonNull: true}}
		}
	case "object":
		for range rapid.IntRange(1, 3).Draw(t, "fields") {
			s.Fields = append(s.Fields, drawShape(t, depth-1))
		}
	}
	return s
}

func drawThing(t *rapid.T, s *shape) *thing {
	ways := []string{"", "", "", "", "", "null", "error", "panic"}
	of := s.Fields
	if s.Elem != nil {
		for range rapid.IntRange(0, 3).Draw(t, "length") {
			of = append(of, s.Elem)
		}
	}
	if s.Elem != nil || s.Fields != nil {
		ways = ways[:6]
	}
	v := &thing{Lacks: rapid.SampledFrom(ways).Draw(t, "lacks")}
	for _, below := range of {
		v.Of = append(v.Of, drawThing(t, below))
	}
	return v
}

func (s *shape) typ() *ast.Type {
	if s.Elem != nil {
		return &ast.Type{Elem: s.Elem.typ(), NonNull: s.NonNull}
	}
	return &ast.Type{NamedType: "Int", NonNull: s.NonNull}
}

// answer is what GraphQL wants: ok is false where a null may not stand.
func (s *shape) answer(v *thing) (text string, ok bool) {
	if v.Lacks != "" {
		return "null", !s.NonNull
	}
	if s.Elem == nil && s.Fields == nil {
		return "1", true
	}
	var parts []string
	for i, below := range v.Of {
		of, key := s.Elem, ""
		if of == nil {
			of, key = s.Fields[i], fmt.Sprintf(`"f%d":`, i)
		}
		part, ok := of.answer(below)
		if !ok {
			return "null", !s.NonNull
		}
		parts = append(parts, key+part)
	}
	if s.Elem != nil {
		return "[" + strings.Join(parts, ",") + "]", true
	}
	return "{" + strings.Join(parts, ",") + "}", true
}

// write makes the answer as gqlgen's generated code does, which knows of a null only where it is not projected.
func (s *shape) write(ctx context.Context, p *project.Projector, obs project.Observer, v *thing) graphql.Marshaler {
	switch {
	case s.Elem == nil && s.Fields == nil:
		return graphql.WrapContextMarshaler(ctx, p.Value(func() ([]byte, error) {
			switch v.Lacks {
			case "null":
				return nil, nil
			case "error":
				return nil, errors.New("no")
			case "panic":
				panic("no")
			}
			return []byte("1"), nil
		}, obs))
	case v.Lacks != "":
		return graphql.Null
	}
	list, set := graphql.Array{}, graphql.NewFieldSet(nil)
	for i, below := range v.Of {
		of, at := s.Elem, &graphql.FieldContext{Index: &i}
		if s.Elem == nil {
			of = s.Fields[i]
			field := &ast.Field{Alias: fmt.Sprint("f", i), Definition: &ast.FieldDefinition{Type: of.typ()}}
			at = &graphql.FieldContext{Field: graphql.CollectedField{Field: field}}
			set.AddField(at.Field)
		}
		written := of.write(graphql.WithFieldContext(ctx, at), p, obs, below)
		if written == graphql.Null && of.NonNull {
			return graphql.Null
		}
		if list = append(list, written); s.Elem == nil {
			set.Values[i] = written
		}
	}
	if s.Elem == nil {
		return set
	}
	return list
}

// TestNullPropagation compares answers that were mended with those that GraphQL wants, over generated types and values.
func TestNullPropagation(t *testing.T) {
	t.Parallel()
	h := newHarness(t, thingSchema)
	rapid.Check(t, func(rt *rapid.T) {
		s := &shape{Fields: []*shape{drawShape(rt, 4), drawShape(rt, 4)}}
		v := &thing{Of: []*thing{drawThing(rt, s.Fields[0]), drawThing(rt, s.Fields[1])}}
		want, _ := s.answer(v)

		ctx := graphql.WithOperationContext(t.Context(), &graphql.OperationContext{
			RecoverFunc: func(context.Context, any) error { return errors.New("panic") },
		})
		ctx = graphql.WithResponseContext(ctx, graphql.DefaultErrorPresenter, graphql.DefaultRecover)
		ctx = graphql.WithFieldContext(ctx, &graphql.FieldContext{Object: "Query"})
		var heard absences
		var out bytes.Buffer
		s.write(ctx, h.projector, &heard, v).MarshalGQL(&out)
		if got := project.Nullify(out.Bytes(), heard.voids); string(got) != want {
			text, err := json.Marshal([]any{s, v})
			rt.Fatalf("%s, %v\n got %s\nwant %s\nfrom %s", text, err, got, want, out.Bytes())
		}
	})
}
