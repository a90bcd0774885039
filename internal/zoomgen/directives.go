package zoomgen

import (
	"cmp"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
)

// checkDirectives finds arguments of our directives that are not of their types. The parser checks only their names,
// so nothing may be read from a directive before.
func (r *reader) checkDirectives() {
	for _, def := range r.schema.Types {
		r.checkValues(def.Directives)
		for _, field := range def.Fields {
			r.checkValues(field.Directives)
			for _, arg := range field.Arguments {
				r.checkValues(arg.Directives)
			}
		}
		for _, value := range def.EnumValues {
			r.checkValues(value.Directives)
		}
	}
}

func (r *reader) checkValues(list ast.DirectiveList) {
	for _, d := range list {
		if !ours(d.Definition) {
			continue
		}
		for _, arg := range d.Arguments {
			if t := d.Definition.Arguments.ForName(arg.Name).Type; !r.fits(arg.Value, t) {
				r.mistake(arg.Position, "@%s(%s: %s): %s", d.Name, arg.Name, arg.Value, r.wanted(t))
			}
		}
	}
}

// fits is stricter than GraphQL: no null, no empty text, and no lone value in place of a list.
func (r *reader) fits(v *ast.Value, t *ast.Type) bool {
	if t.Elem != nil {
		return v.Kind == ast.ListValue && !slices.ContainsFunc(v.Children, func(c *ast.ChildValue) bool { return !r.fits(c.Value, t.Elem) })
	}
	switch t.NamedType {
	case "String":
		return (v.Kind == ast.StringValue || v.Kind == ast.BlockValue) && strings.TrimSpace(v.Raw) != ""
	case "Boolean":
		return v.Kind == ast.BooleanValue
	}
	def := r.schema.Types[t.NamedType]
	return def.Kind != ast.Enum || v.Kind == ast.EnumValue && def.EnumValues.ForName(v.Raw) != nil
}

// wanted describes what fits.
func (r *reader) wanted(t *ast.Type) string {
	switch {
	case t.Elem != nil:
		return "it must be a list of texts"
	case t.NamedType == "String":
		return "it must be a text that is not empty"
	case t.NamedType == "Boolean":
		return "it must be true or false"
	}
	var names []string
	for _, value := range r.schema.Types[t.NamedType].EnumValues {
		names = append(names, value.Name)
	}
	return "it must be one of " + strings.Join(names, ", ")
}

// checkMarks finds @detail and @onRequest where no list could leave the field out.
func (r *reader) checkMarks() {
	for _, def := range r.types(ast.Object) {
		for _, field := range def.Fields {
			detail, onRequest := field.Directives.ForName("detail"), field.Directives.ForName("onRequest")
			mark, by := cmp.Or(detail, onRequest), program.AskedBy(field)
			switch {
			case mark == nil:
			case detail != nil && by == program.IncludeFields:
				r.mistake(field.Position, "%s.%s is marked @detail and @onRequest: only one can be", def.Name, field.Name)
			case !r.source.IsView(def):
				r.mistake(field.Position, "%s.%s is marked @%s, but %s is no thing that Zoom lists: it has no operation", def.Name, field.Name, mark.Name, def.Name)
			case field == r.source.Key(def):
				r.mistake(field.Position, "%s.%s is marked @%s, but every list brings what its things are known by", def.Name, field.Name, mark.Name)
			case program.IsResolved(field) && !program.IsInside(field):
				r.mistake(field.Position, "%s.%s is marked @%s, but it has an operation of its own", def.Name, field.Name, mark.Name)
			case detail != nil && r.source.Detail(def) == nil:
				r.mistake(field.Position, "%s.%s is marked @detail, but nothing reads one %s by itself", def.Name, field.Name, def.Name)
			case by != "" && by != program.IncludeFields && !r.switched(def, by):
				r.mistake(field.Position, "%s.%s is asked for by %q, which is no query parameter of what lists or reads %s", def.Name, field.Name, by, def.Name)
			}
		}
	}
}

// switched tells whether what reads a thing, or lists such things, takes a query parameter.
func (r *reader) switched(thing *ast.Definition, param string) bool {
	takes := func(op *program.Operation) bool { return op != nil && slices.Contains(op.Query, param) }
	if takes(r.source.Detail(thing)) {
		return true
	}
	for _, def := range r.types(ast.Object) {
		for _, field := range def.Fields {
			if (r.source.Node(field) == thing || field.Type.Elem != nil && field.Type.Name() == thing.Name) && takes(r.source.Operation(field)) {
				return true
			}
		}
	}
	return false
}

// checkDerived finds @derived beside @zoom, and operations in it that no field has.
func (r *reader) checkDerived() {
	known := map[string]bool{}
	for _, def := range r.types(ast.Object) {
		for _, field := range def.Fields {
			if op := r.source.Operation(field); op != nil {
				known[op.ID] = true
			}
		}
	}
	for _, def := range r.types(ast.Object) {
		for _, field := range def.Fields {
			d := field.Directives.ForName("derived")
			if d == nil {
				continue
			}
			if field.Directives.ForName("zoom") != nil {
				r.mistake(d.Position, "%s.%s has an operation of its own, so it is not derived", def.Name, field.Name)
			}
			for _, id := range program.Texts(d, "from") {
				if !known[id] {
					r.mistake(d.Position, "%s.%s is derived from the operation %q, which no field has", def.Name, field.Name, id)
				}
			}
		}
	}
}
