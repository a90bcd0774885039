package zoomgen

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
)

// This file checks unions and @oneOf inputs: whether what Zoom sends, or is sent, tells one of their types from the others.

func (r *reader) checkTagged() {
	for _, def := range r.types(ast.Union) {
		r.checkUnion(def)
	}
	for _, def := range r.types(ast.InputObject) {
		if tag, tagged := program.TagOf(def); tagged {
			r.checkOneOf(def, tag)
		}
	}
}

func (r *reader) checkUnion(def *ast.Definition) {
	tag, _ := program.TagOf(def)
	if (tag.By == "") == (tag.Argument == "") || tag.Content != "" {
		r.mistake(def.Position, "%s is a union: say what tells its types apart, with @tagged(by: …) or @tagged(argument: …)", def.Name)
	}
	switch {
	case r.source.IsUnion(def):
		r.union(def, tag)
	case tag.Argument != "":
		r.checkUnionFields(def, tag)
	}
	taken := map[string]string{}
	for _, name := range def.Types {
		member := r.schema.Types[name]
		value := program.TagValue(name, member.Directives)
		if other := taken[value]; other != "" {
			r.mistake(def.Position, "%s: %s and %s are both told by %q", def.Name, other, name, value)
		}
		taken[value] = name
	}
}

// union is one of things: what Zoom's object says of one stands there, and the rest is read by its key.
func (r *reader) union(def *ast.Definition, tag program.Tag) {
	if tag.Argument != "" {
		r.mistake(def.Position, "%s has a type with operations, or one that leads to such a type, so a key of Zoom's object has to tell its types apart: @tagged(by: …)", def.Name)
	}
	union := &Union{Name: def.Name, Doc: def.Description, By: tag.By}
	for _, name := range def.Types {
		member, f := r.schema.Types[name], &ResolverField{}
		r.reads(member, f)
		union.Types = append(union.Types, UnionType{Name: name, Tag: program.TagValue(name, member.Directives), Page: "pageOf{" + f.nodeExpr() + "}"})
	}
	r.checkAlike(def)
	r.code.Unions = append(r.code.Unions, union)
	for _, holder := range r.types(ast.Object) {
		for _, field := range holder.Fields {
			if field.Type.Name() == def.Name && !r.isPart(holder, field) {
				r.mistake(field.Position, "%s.%s: which of %s it is stands within a thing or a row, so it has to be a field of one, and without an operation", holder.Name, field.Name, def.Name)
			}
		}
	}
}

// checkAlike finds scalars that cannot be selected of several types of a union: GraphQL wants one type behind a name.
// What is an enum or an object has its own name in a query, where types differ in that.
func (r *reader) checkAlike(union *ast.Definition) {
	first := map[string]*ast.FieldDefinition{}
	for _, name := range union.Types {
		for _, field := range r.schema.Types[name].Fields {
			if r.schema.Types[field.Type.Name()].Kind != ast.Scalar {
				continue
			}
			if other := first[field.Name]; other == nil {
				first[field.Name] = field
			} else if other.Type.String() != field.Type.String() {
				r.mistake(field.Position, "%s: %s of %s is %s, and of another type %s, so a query cannot have both", union.Name, field.Name, name, field.Type, other.Type)
			}
		}
	}
}

// checkUnionFields finds fields that answer a union and have no argument that tells of which type.
func (r *reader) checkUnionFields(union *ast.Definition, tag program.Tag) {
	for _, def := range r.types(ast.Object) {
		for _, field := range def.Fields {
			if field.Type.Name() == union.Name && (field.Arguments.ForName(tag.Argument) == nil || !program.Has(field.Directives, "zoom")) {
				r.mistake(field.Position, "%s.%s: %s is told by the argument %s of the field that has an operation, and here is none", def.Name, field.Name, union.Name, tag.Argument)
			}
		}
	}
}

func (r *reader) checkOneOf(def *ast.Definition, tag program.Tag) {
	switch {
	case !program.IsOneOf(def):
		r.mistake(def.Position, "%s has @tagged, so exactly one of its fields is given: mark it @oneOf", def.Name)
	case tag.By != "" && tag.Argument != "" || tag.Content != "" && tag.By == "":
		r.mistake(def.Position, "%s: @tagged says by which key of the body the tag is sent, or by which parameter of the path", def.Name)
	}
	untold := tag == program.Tag{}
	for _, field := range def.Fields {
		inner := r.schema.Types[field.Type.Name()]
		if program.IsWhole(field) && tag.By != "" {
			continue
		}
		if (untold || field.Type.NamedType != "Boolean") && tag.Content == "" && (inner.Kind != ast.InputObject || field.Type.Elem != nil) {
			r.mistake(field.Position, "%s.%s stands beside the tag, so it must be an input object; a Boolean is the tag alone, and JSON all that is sent", def.Name, field.Name)
		}
	}
}

// tagged tells whether a parameter of a write's path is the tag of its input.
func (r *reader) tagged(field *ast.FieldDefinition, param string) bool {
	input := field.Arguments.ForName("input")
	if input == nil {
		return false
	}
	tag, ok := program.TagOf(r.schema.Types[input.Type.Name()])
	return ok && tag.Argument == param
}

// checkTagInPath finds an input whose tag no parameter of the path takes.
func (r *reader) checkTagInPath(field *ast.FieldDefinition, f *ResolverField) {
	def := r.schema.Types[f.Input]
	if def == nil {
		return
	}
	if tag, _ := program.TagOf(def); tag.Argument != "" && !slices.Contains(f.Op.Params, tag.Argument) {
		r.mistake(field.Position, "%s.%s: the tag of %s is {%s} of the path, which %s has not", f.Parent, f.Name, f.Input, tag.Argument, f.Op.Path)
	}
}
