package zoomgen

import (
	"github.com/vektah/gqlparser/v2/ast"
)

// This file finds the forms of what stands within a thing's own JSON and leads to things.

// isPart tells whether a field holds a part of a thing, or one of several things. One that holds a thing of one type needs
// an operation instead.
func (r *reader) isPart(def *ast.Definition, field *ast.FieldDefinition) bool {
	result := r.schema.Types[field.Type.Name()]
	return r.source.IsPart(def, field) && (r.source.IsUnion(result) || r.source.Detail(result) == nil)
}

// inside is things that stand within the parent, under the field's name.
func (r *reader) inside(def *ast.Definition, field *ast.FieldDefinition, f *ResolverField) Form {
	node := r.schema.Types[f.Result]
	if r.source.Detail(node) != f.Op.Operation || !r.source.IsView(def) || len(f.Op.Params) != 1 || len(field.Arguments) > 0 {
		r.mistake(field.Position, "%s.%s says what it brings, so it has to lead from a thing to things within it, which %s %s reads one by one",
			f.Parent, f.Name, f.Op.Method, f.Op.Path)
		return byHand
	}
	r.reads(node, f)
	r.checkBrings(field, f, node)
	f.Link = holding(field)
	if field.Type.Elem != nil {
		return insides
	}
	return inside
}
