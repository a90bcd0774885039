package graph_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program/programtest"
	"zoomgraph/graph/project"
)

// sample is an answer of Zoom's, as someone has seen it or Zoom's documents show it.
type sample struct {
	Operation  string
	Sample     json.RawMessage
	Deviations []struct {
		Kind, Path string
		In2026     any // the type of the documents of 2026
	}
}

// Answers that others have seen deviate from the documents in the kind of a value, above all a number written as a text
// and a text written as a number. Each such place is read by the type that the schema has there, or else by the one
// that the schema will have there, which is that of the documents of 2026: the same value comes out, of that type.
func TestSamplesWithOtherSpellings(t *testing.T) {
	t.Parallel()
	var samples []sample
	programtest.Collected(t, "samples.json", &samples)
	places := 0
	for _, s := range samples {
		for _, d := range s.Deviations {
			if d.Kind != "type" {
				continue
			}
			for _, value := range valuesAt(s.Sample, strings.Split(d.Path, ".")) {
				typeName := typeAtPath(schema(t), s.Operation, d.Path)
				if typeName == "" {
					typeName = typeOf2026(fmt.Sprint(d.In2026), d.Path, value)
				}
				if typeName == "" { // an object or a list, whose leaves are places of their own
					continue
				}
				places++
				if problem := readsAs(t, schema(t), typeName, value); problem != "" {
					t.Errorf("%s: %s, %s by the schema, is %s", s.Operation, d.Path, typeName, problem)
				}
			}
		}
	}
	if places < 40 {
		t.Errorf("only %d places were read", places)
	}
}

// valuesAt are the values at a path, where name[] stands for each element of a list.
func valuesAt(value json.RawMessage, path []string) []json.RawMessage {
	if len(path) == 0 {
		return []json.RawMessage{value}
	}
	var object map[string]json.RawMessage
	if json.Unmarshal(value, &object) != nil {
		return nil
	}
	name, isList := strings.CutSuffix(path[0], "[]")
	below, ok := object[name]
	if !ok {
		return nil
	}
	elements := []json.RawMessage{below}
	if isList && json.Unmarshal(below, &elements) != nil {
		return nil
	}
	var all []json.RawMessage
	for _, element := range elements {
		all = append(all, valuesAt(element, path[1:])...)
	}
	return all
}

// typeOf2026 is the type that the schema gives a field of that kind; "" where it is no leaf.
func typeOf2026(kind, path string, value json.RawMessage) string {
	isID := path == "id" || strings.HasSuffix(path, ".id") || strings.HasSuffix(path, "[].id")
	switch {
	case kind == "string" && isID, kind == "integer" && isID:
		return "ID"
	case kind == "string":
		return "String"
	case kind == "integer":
		var n json.Number
		if json.Unmarshal(value, &n) == nil {
			if i, err := n.Int64(); err == nil && math.Abs(float64(i)) > math.MaxInt32 {
				return "Long"
			}
		}
		return "Int"
	case kind == "number":
		return "Float"
	case kind == "boolean":
		return "Boolean"
	}
	return ""
}

// typeOfOperation is the type that an operation's answer is read as: of a list, that of its things.
func typeOfOperation(schema *ast.Schema, operation string) *ast.Definition {
	for _, def := range schema.Types {
		for _, f := range def.Fields {
			d := f.Directives.ForName("zoom")
			if d == nil || d.Arguments.ForName("op") == nil || d.Arguments.ForName("op").Value.Raw != operation {
				continue
			}
			answer := schema.Types[f.Type.Name()]
			if nodes := answer.Fields.ForName("nodes"); nodes != nil {
				return schema.Types[nodes.Type.Name()]
			}
			return answer
		}
	}
	return nil
}

// typeAtPath is the schema's type of a leaf of an operation's answer; "" where the schema does not have it.
func typeAtPath(schema *ast.Schema, operation, path string) string {
	def := typeOfOperation(schema, operation)
	names := strings.Split(strings.ReplaceAll(path, "[]", ""), ".")
	if def == nil {
		return ""
	}
	if i := slices.IndexFunc(def.Fields, func(f *ast.FieldDefinition) bool { return zoomNameOf(f) == names[0] }); i < 0 && len(names) > 1 {
		names = names[1:] // the list's own name
	}
	for i, name := range names {
		at := slices.IndexFunc(def.Fields, func(f *ast.FieldDefinition) bool { return zoomNameOf(f) == name })
		if at < 0 {
			return ""
		}
		below := schema.Types[def.Fields[at].Type.Name()]
		if i == len(names)-1 && below.Kind != ast.Object {
			return below.Name
		}
		def = below
	}
	return ""
}

// readsAs projects a value as a field of a type, and says what is wrong with what is written; "" where it is the same
// value in the type's own spelling.
func readsAs(t *testing.T, schema *ast.Schema, typeName string, value json.RawMessage) string {
	t.Helper()
	one := &ast.Schema{Types: map[string]*ast.Definition{}}
	for name, def := range schema.Types {
		one.Types[name] = def
	}
	field := &ast.FieldDefinition{Name: "value", Type: ast.NamedType(typeName, nil)}
	one.Query = &ast.Definition{Kind: ast.Object, Name: "Query", Fields: ast.FieldList{field}}
	one.Types["Query"] = one.Query
	doc, errs := gqlparser.LoadQueryWithRules(one, "{ value }", nil)
	if errs != nil {
		t.Fatal(errs)
	}
	node, _ := doc.Operations[0].SelectionSet[0].(*ast.Field)
	ctx := graphql.WithOperationContext(t.Context(), &graphql.OperationContext{Doc: doc, Operation: doc.Operations[0]})
	ctx = graphql.WithResponseContext(ctx, graphql.DefaultErrorPresenter, graphql.DefaultRecover)
	ctx = graphql.WithFieldContext(ctx, &graphql.FieldContext{Object: "Query", Field: graphql.CollectedField{Field: node}})
	var out bytes.Buffer
	if err := project.New(one, func(context.Context, string) error { return nil }, nil).Value(func() ([]byte, error) { return value, nil }, nil).MarshalGQLContext(ctx, &out); err != nil {
		t.Fatal(err)
	}
	if errs := graphql.GetErrors(ctx); len(errs) > 0 {
		return fmt.Sprintf("%s: %v", value, errs)
	}
	written := out.String()
	if got, want := strings.Trim(written, `"`), strings.Trim(string(value), `"`); got != want && schema.Types[typeName].Kind != ast.Enum {
		return fmt.Sprintf("%s, written as %s", value, written)
	}
	quoted := strings.HasPrefix(written, `"`)
	if textual := slices.Contains([]string{"String", "ID", "DateTime"}, typeName) || schema.Types[typeName].Kind == ast.Enum; quoted != textual {
		return fmt.Sprintf("%s, written as %s", value, written)
	}
	return ""
}
