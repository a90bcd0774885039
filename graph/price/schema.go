package price

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
)

// viewOf is the view that a section comes from.
func viewOf(section *ast.FieldDefinition) string {
	view, _ := program.View(section)
	return view
}

// viewsOf are all views of a tree.
func viewsOf(def *ast.Definition) views {
	all := views{}
	for _, field := range def.Fields {
		if program.IsSection(field) {
			all[viewOf(field)] = true
		}
	}
	return all
}

// named tells whether Zoom calls a field by a name.
func named(field *ast.FieldDefinition, zoom string) bool {
	if program.Has(field.Directives, "name") {
		return program.NameOf(field) == zoom
	}
	return strings.EqualFold(strings.ReplaceAll(zoom, "_", ""), field.Name)
}

// op notes an operation for the price, and returns its name.
func (w *walker) op(op *program.Operation) string {
	if w.sub {
		op = w.inSubAccount(op)
	}
	w.ops[op.Op] = op
	return op.Op
}

// brought tells whether what reached a thing already holds a field of it, or its key.
func (r reach) brought(field *ast.FieldDefinition, key bool) bool {
	switch {
	case key:
		return r.id
	case r.whole:
		return true
	case !r.listed || program.Has(field.Directives, "detail"):
		return false
	case r.brings == nil:
		return true
	}
	return slices.ContainsFunc(r.brings, func(name string) bool { return named(field, name) })
}
