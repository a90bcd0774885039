package zoomgen

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
)

// This file finds the forms of lists: connections of things and of rows, and lists without pages.

// list is a connection: of entities, or of rows that are only data.
func (r *reader) list(def *ast.Definition, field *ast.FieldDefinition, f *ResolverField) Form {
	r.needsKey(field, f)
	f.Args = r.args(def, field, f, "first: Int = 30", "after: String")
	node := r.source.Node(field)
	if node == nil {
		r.mistake(field.Position, "%s.%s is a connection of nothing: there is no object %s", f.Parent, f.Name, strings.TrimSuffix(f.Result, "Connection"))
		return byHand
	}
	if !r.code.executed[f.Result] {
		r.plumbing(r.schema.Types[f.Result], node.Name)
		return rows
	}
	if !r.source.IsView(node) {
		r.mistake(field.Position, "%s.%s: no form fits %s: what leads to things there needs an operation, and has to stand in %s", f.Parent, f.Name, f.Result, node.Name)
		return byHand
	}
	r.reads(node, f)
	return list
}

// items is a list of entities without pages.
func (r *reader) items(def *ast.Definition, field *ast.FieldDefinition, f *ResolverField) Form {
	r.needsKey(field, f)
	r.needsPages(field, f)
	f.Args = r.args(def, field, f)
	r.reads(r.schema.Types[f.Result], f)
	return items
}

// data is any other GET. A list of data may be of a time that it takes several calls to tell of.
func (r *reader) data(def *ast.Definition, field *ast.FieldDefinition, f *ResolverField) Form {
	r.needsPages(field, f)
	if f.Args = r.args(def, field, f); f.Span != "" {
		r.needsKey(field, f)
		return span
	}
	return data
}

func (r *reader) needsKey(field *ast.FieldDefinition, f *ResolverField) {
	if f.List == "" {
		r.mistake(field.Position, "%s.%s is a list: name its key in Zoom's answer, @zoom(list: …)", f.Parent, f.Name)
	}
}

// needsPages finds lists of which a part would be lost.
func (r *reader) needsPages(field *ast.FieldDefinition, f *ResolverField) {
	if field.Type.Elem != nil && (slices.Contains(f.Op.Query, "next_page_token") || slices.Contains(f.Op.Query, "page_number")) {
		r.mistake(field.Position, "%s.%s must be a connection: Zoom answers it in pages", f.Parent, f.Name)
	}
}

// reads notes how what a list holds is told apart and read by itself. What nothing reads by itself are rows.
func (r *reader) reads(node *ast.Definition, f *ResolverField) {
	var by *program.Operation // none of what stands within a thing
	if f.Op != nil {
		by = f.Op.Operation
	}
	detail := r.source.DetailFieldBy(node, by)
	if detail == nil {
		return
	}
	f.Node = r.op(r.schema.Query, detail)
	if key := r.source.Key(node); key != nil && program.NameOf(key) != "id" {
		f.Key = program.NameOf(key)
	}
	for _, zoom := range program.Inherited(node) {
		if slices.Contains(f.Op.Query, zoom) {
			f.Hands = append(f.Hands, zoom)
		}
	}
}

// checkList finds arguments of @zoom about lists where there is none, and names in brings that no list brings.
func (r *reader) checkList(field *ast.FieldDefinition, f *ResolverField) {
	node, brings := r.source.Node(field), field.Directives.ForName("zoom").Arguments.ForName("brings")
	if f.Form == items {
		node = r.schema.Types[f.Result]
	}
	switch {
	case strings.Contains(f.List, ".") && f.Form != list && f.Form != rows && f.Form != byHand:
		r.mistake(field.Position, "%s.%s names the key %q, but only a connection's list is looked for in an object of the answer", f.Parent, f.Name, f.List)
	case f.List != "" && !slices.Contains([]Form{list, rows, items, span, data, byHand}, f.Form):
		r.mistake(field.Position, "%s.%s names the key %q, but only lists and data are looked for under a key", f.Parent, f.Name, f.List)
	case f.Unpaged && r.source.Node(field) == nil:
		r.mistake(field.Position, "%s.%s is no connection, so it cannot be unpaged", f.Parent, f.Name)
	case brings == nil, program.IsInside(field) && (r.source.IsView(r.schema.Types[f.Parent]) || !r.overrides[lowerFirst(f.Parent)+"Resolver."+f.GoName]):
	case node == nil || r.source.Detail(node) == nil:
		r.mistake(field.Position, "%s.%s lists nothing that is read by itself, so it cannot say what it brings", f.Parent, f.Name)
	default:
		r.checkBrings(field, f, node)
	}
}

func (r *reader) checkBrings(field *ast.FieldDefinition, f *ResolverField, node *ast.Definition) {
	if key := r.source.Key(node); key != nil && !slices.Contains(f.Brings, program.NameOf(key)) {
		r.mistake(field.Position, "%s.%s must bring %q: without it there is no way to the things", f.Parent, f.Name, program.NameOf(key))
	}
	for _, zoom := range f.Brings {
		if !slices.ContainsFunc(node.Fields, func(plain *ast.FieldDefinition) bool {
			return program.NameOf(plain) == zoom && !program.IsResolved(plain) && plain.Directives.ForName("detail") == nil
		}) {
			r.mistake(field.Position, "%s.%s brings %q, which is no field of %s that a list can bring", f.Parent, f.Name, zoom, node.Name)
		}
	}
}
