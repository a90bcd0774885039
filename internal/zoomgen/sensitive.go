package zoomgen

import (
	"maps"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
	"zoomgraph/internal/sensitive"
)

// sensitive collects Zoom's names of the fields marked @sensitive, and the names that only look secret. It reports a
// mark on a field that may not be null: a field is withheld by being null.
func (r *reader) sensitive() {
	marked, innocent := map[string]bool{}, map[string]bool{}
	for _, def := range r.types(ast.Object, ast.InputObject) {
		for _, field := range def.Fields {
			zoom := program.Name(field.Name, field.Directives)
			d := field.Directives.ForName("sensitive")
			switch {
			case d != nil:
				r.checkSensitive(def, field, d)
				marked[zoom] = marked[zoom] || program.Text(d, "where") == "" && !isRoot(r.schema, def)
			case isRoot(r.schema, def): // Zoom has no name for it
			case !sensitive.Looks(zoom):
			case mayHold(field.Type.Name()):
				r.mistake(field.Position, "%s.%s looks like a secret: mark it @sensitive", def.Name, field.Name)
			default:
				innocent[zoom] = true
			}
		}
	}
	maps.DeleteFunc(marked, func(_ string, always bool) bool { return !always })
	maps.DeleteFunc(innocent, func(name string, _ bool) bool { return marked[name] })
	r.code.Sensitive, r.code.Innocent = slices.Sorted(maps.Keys(marked)), slices.Sorted(maps.Keys(innocent))
}

func (r *reader) checkSensitive(def *ast.Definition, field *ast.FieldDefinition, d *ast.Directive) {
	where := program.Text(d, "where")
	switch {
	case def.Kind == ast.Object && field.Type.NonNull:
		r.mistake(d.Position, "%s.%s is marked @sensitive, so it must be nullable", def.Name, field.Name)
	case where != "" && (r.source.IsView(def) || def.Kind != ast.Object):
		r.mistake(d.Position, "%s.%s is marked @sensitive(where: %q), which is for the fields of data and of structures", def.Name, field.Name, where)
	case where != "" && def.Fields.ForName(where) == nil:
		r.mistake(d.Position, "%s.%s is marked @sensitive(where: %q), but there is no such field beside it", def.Name, field.Name, where)
	}
}

// mayHold tells whether values of a type can be a secret. A number is a length or a count.
func mayHold(typeName string) bool {
	return slices.Contains([]string{"String", "ID", "JSON"}, typeName)
}

func isRoot(schema *ast.Schema, def *ast.Definition) bool {
	return def == schema.Query || def == schema.Mutation || def == schema.Subscription
}
