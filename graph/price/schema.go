package price

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// form is how a field is answered.
type form int

const (
	plain form = iota // read from the thing or structure that holds the field
	derived
	thing // read by its id
	link  // things whose ids the parent holds
	list  // a connection
	tree  // settings
	data  // one call
	write
)

// formOf reads a field's form from the schema.
func (w *walker) formOf(parent *ast.Definition, field *ast.FieldDefinition) form {
	result := w.schema.Types[field.Type.Name()]
	zoom := field.Directives.ForName("zoom")
	switch {
	case field.Directives.ForName("derived") != nil:
		return derived
	case zoom == nil:
		return plain
	case !strings.HasPrefix(text(zoom, "op"), "GET "):
		return write
	case strings.HasSuffix(result.Name, "Connection"):
		return list
	case isTree(result):
		return tree
	case text(zoom, "op") != text(w.detail(result), "op"):
		return data
	case holder(parent, field) != nil:
		return link
	}
	return thing
}

// detail is the @zoom of the operation that reads one thing of a type: that of the field of Query which takes its id.
// It is nil for types that are no things.
func (w *walker) detail(def *ast.Definition) *ast.Directive {
	for _, field := range w.schema.Query.Fields {
		zoom := field.Directives.ForName("zoom")
		if zoom != nil && field.Type.NamedType == def.Name && field.Arguments.ForName("id") != nil && strings.Count(text(zoom, "op"), "{") == 1 {
			return zoom
		}
	}
	return nil
}

// listing is the @zoom of the list that brings all plain fields of all things of a type at once; nil: there is none.
func (w *walker) listing(def *ast.Definition) *ast.Directive {
	for _, field := range w.schema.Query.Fields {
		zoom := field.Directives.ForName("zoom")
		if zoom != nil && field.Type.NamedType == def.Name+"Connection" && text(zoom, "unpaged") == "true" {
			return zoom
		}
	}
	return nil
}

// holder is the parent's field that holds the ids of the things that a field links to: roleId for {roleId}, or groupIds.
func holder(parent *ast.Definition, field *ast.FieldDefinition) *ast.FieldDefinition {
	_, after, _ := strings.Cut(text(field.Directives.ForName("zoom"), "op"), "{")
	name, _, _ := strings.Cut(after, "}")
	if field.Type.Elem != nil {
		name += "s"
	}
	return parent.Fields.ForName(name)
}

// isSection tells whether a field of a settings tree, or of its input, has a view.
func isSection(field *ast.FieldDefinition) bool { return field.Directives.ForName("view") != nil }

// isTree tells whether a type is a settings tree, or the input of one.
func isTree(def *ast.Definition) bool { return slices.ContainsFunc(def.Fields, isSection) }

// viewOf is the view that a section comes from.
func viewOf(section *ast.FieldDefinition) string {
	return text(section.Directives.ForName("view"), "option")
}

// viewsOf are all views of a tree.
func viewsOf(def *ast.Definition) views {
	all := views{}
	for _, field := range def.Fields {
		if isSection(field) {
			all[viewOf(field)] = true
		}
	}
	return all
}

// named tells whether Zoom calls a field by a name.
func named(field *ast.FieldDefinition, zoom string) bool {
	if d := field.Directives.ForName("name"); d != nil {
		return text(d, "zoom") == zoom
	}
	return strings.EqualFold(strings.ReplaceAll(zoom, "_", ""), field.Name)
}

// text is an argument of a directive, "" where it is not given.
func text(d *ast.Directive, arg string) string {
	if d == nil || d.Arguments.ForName(arg) == nil {
		return ""
	}
	return d.Arguments.ForName(arg).Value.Raw
}

// texts is an argument of a directive that is a list; nil where it is not given.
func texts(d *ast.Directive, arg string) []string {
	if d == nil || d.Arguments.ForName(arg) == nil {
		return nil
	}
	list := []string{}
	for _, child := range d.Arguments.ForName(arg).Value.Children {
		list = append(list, child.Value.Raw)
	}
	return list
}

// op notes an operation for the price, and returns its name.
func (w *walker) op(zoom *ast.Directive) string {
	op := text(zoom, "op")
	if _, ok := w.ops[op]; !ok {
		w.ops[op] = Use{ID: text(zoom, "id"), Op: op, Label: text(zoom, "label"), Scopes: texts(zoom, "scopes"), Granular: texts(zoom, "granular")}
	}
	return op
}

// brought tells whether what reached a thing already holds a field of it.
func (r reach) brought(field *ast.FieldDefinition) bool {
	switch {
	case field.Name == "id":
		return r.id
	case !r.listed || field.Directives.ForName("detail") != nil:
		return false
	case r.brings == nil:
		return true
	}
	return slices.ContainsFunc(r.brings, func(name string) bool { return named(field, name) })
}
