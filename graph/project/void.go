package project

import (
	"slices"

	"zoomgraph/internal/rawjson"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// nullable is the path of the nearest thing around a field that may be null. It is empty where there is none but the
// whole answer.
func nullable(field *graphql.FieldContext) ast.Path {
	for at := field.Parent; at != nil; at = at.Parent {
		if t := typeAt(at); t != nil && !t.NonNull {
			return slices.Clone(at.Path())
		}
	}
	return nil
}

// typeAt is the type of a field, or of an element of a list; nil for the root.
func typeAt(at *graphql.FieldContext) *ast.Type {
	if at.Index == nil {
		if at.Field.Field == nil {
			return nil
		}
		return at.Field.Definition.Type
	}
	return typeAt(at.Parent).Elem
}

// Nullify puts null in the place of what stands at a path of an answer, as an [Observer] was told to. A path that leads
// into a null, or nowhere, changes nothing.
func Nullify(data []byte, path ast.Path) []byte {
	value := rawjson.Trim(data)
	for _, step := range path {
		if value = below(value, step); value == nil {
			return data
		}
	}
	start := cap(data) - cap(value) // one is a part of the other
	return slices.Concat(data[:start], []byte("null"), data[start+len(value):])
}

// below is the value of a key, or of an element; nil where there is none.
func below(value []byte, step ast.PathElement) []byte {
	if len(value) == 0 {
		return nil
	}
	switch step := step.(type) {
	case ast.PathName:
		if value[0] != '{' {
			return nil
		}
		for key, v := range rawjson.Pairs(value) {
			if string(key) == string(step) {
				return v
			}
		}
	case ast.PathIndex:
		if value[0] != '[' {
			return nil
		}
		i := 0
		for v := range rawjson.Elements(value) {
			if i == int(step) {
				return v
			}
			i++
		}
	}
	return nil
}
