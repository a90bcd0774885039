package zoomgen

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
)

// checkTypes finds what would make the schema say less than it should: a type, operation or argument without a
// description, two names that stand for the same name of Zoom's, a @name that says nothing new; and types that cannot
// be served.
func (r *reader) checkTypes() {
	for _, def := range r.types(ast.Object, ast.InputObject, ast.Enum, ast.Scalar, ast.Interface, ast.Union) {
		switch {
		case def.Name == valueScalar || def.Name == inputScalar:
			r.mistake(def.Position, "%s is a name that zoomgen uses itself", def.Name)
		case def.Kind == ast.Interface:
			r.mistake(def.Position, "%s can be of several types, but Zoom's answers do not say which: use objects, or a union with @tagged", def.Name)
		case def.Description == "":
			r.mistake(def.Position, "%s needs a description", def.Name)
		}
		r.checkDescription(def.Position, def.Name, def.Description, def.Directives)
		for _, value := range def.EnumValues {
			r.checkDescription(value.Position, def.Name+"."+value.Name, value.Description, value.Directives)
		}
		names, files := map[string]string{}, map[string]string{}
		for _, field := range def.Fields {
			taken := names
			switch {
			case program.IsAddress(field): // the address may be a field, too
				taken = files
			case program.IsResolved(field): // it is none that Zoom names: participants beside their number
				taken = map[string]string{}
			}
			if !program.IsBuiltin(field) {
				r.checkName(field.Position, def.Name, field.Name, field.Directives, taken)
				r.checkField(def, field)
			}
		}
	}
}

// checkDescription finds what `schema diff` has left to a person.
func (r *reader) checkDescription(pos *ast.Position, of, description string, directives ast.DirectiveList) {
	for _, text := range []string{description, program.Text(directives.ForName("deprecated"), "reason")} {
		if strings.HasPrefix(text, program.ToDescribe) {
			r.mistake(pos, "%s has %q where a person has to say it", of, text)
		}
	}
}

func (r *reader) checkField(def *ast.Definition, field *ast.FieldDefinition) {
	r.checkDescription(field.Position, def.Name+"."+field.Name, field.Description, field.Directives)
	if field.Description == "" && program.IsResolved(field) {
		r.mistake(field.Position, "%s.%s is more than a field of Zoom's, so it needs a description", def.Name, field.Name)
	}
	if program.IsAddress(field) && (field.Type.String() != "String" || program.IsResolved(field)) {
		r.mistake(field.Position, "%s.%s leads to the file at an address of Zoom's, so it must be a String, its URL, without an operation", def.Name, field.Name)
	}
	names := map[string]string{}
	for _, arg := range field.Arguments {
		if arg.Description == "" {
			r.mistake(arg.Position, "argument %q of %s.%s needs a description", arg.Name, def.Name, field.Name)
		}
		r.checkDescription(arg.Position, "argument \""+arg.Name+"\" of "+def.Name+"."+field.Name, arg.Description, arg.Directives)
		r.checkName(arg.Position, def.Name+"."+field.Name, arg.Name, arg.Directives, names)
	}
}

// checkName checks the name of a field of a type, or of an argument of a field. taken are its neighbours by Zoom's
// names; it joins them.
func (r *reader) checkName(pos *ast.Position, of, name string, directives ast.DirectiveList, taken map[string]string) {
	zoom := program.Name(name, directives)
	if other, ok := taken[zoom]; ok {
		r.mistake(pos, "%s: %s and %s are both Zoom's %q", of, other, name, zoom)
	}
	taken[zoom] = name
	if directives.ForName("name") != nil && zoom == program.Snake(name) {
		r.mistake(pos, "%s: %s has @name(zoom: %q), which its name says already", of, name, zoom)
	}
}
