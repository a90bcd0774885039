package docs_test

// This file compares the schema with a document of the vendor's, operation by operation; start reading at differencesOf.

import (
	"cmp"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
)

// comparison collects the differences of an operation, or of a part of it.
type comparison struct {
	program *program.Program
	schema  *ast.Schema
	at      string // "2026 GET /users"
	latest  bool   // the document says what is deprecated today
	locks   bool   // the values are of locks, which are Booleans whatever the setting is
	whole   bool   // a field answers all that the operation does, so that others may answer a part of it
	found   *[]difference
	itself  func(*ast.FieldDefinition) bool // whether the operation answers a field, which is compared by itself then
}

func (c comparison) below(name string) comparison {
	c.at += "." + name
	return c
}

func (c comparison) differ(format string, values ...any) {
	*c.found = append(*c.found, difference{c.at, fmt.Sprintf(format, values...)})
}

// differencesOf compares what an operation takes and answers with the fields that it answers.
func differencesOf(p *program.Program, year string, o *program.Operation, f form) []difference {
	var found []difference
	c := comparison{
		program: p, schema: p.Schema, at: year + " " + o.Op, latest: year == "2026", found: &found,
		itself: func(field *ast.FieldDefinition) bool { return p.Operation(field) == o },
	}
	taken := map[string]*ast.ArgumentDefinition{}
	var sentToo []string
	for _, def := range p.Schema.Types {
		c.whole = c.whole || slices.ContainsFunc(def.Fields, func(field *ast.FieldDefinition) bool {
			return p.Operation(field) == o && program.ListKey(field) == ""
		})
	}
	for _, def := range p.Schema.Types {
		for _, field := range def.Fields {
			if p.Operation(field) != o {
				continue
			}
			sentToo = append(sentToo, implied(p.Schema, field, o)...)
			if input := field.Arguments.ForName("input"); input != nil && program.IsTree(p.Schema.Types[input.Type.Name()]) {
				sentToo = append(sentToo, program.Snake(program.ViewArgument(p.Schema.Types[input.Type.Name()])))
			}
			for _, arg := range field.Arguments {
				for _, name := range sent(arg, program.Unpaged(field), o.Numbered()) {
					taken[name] = arg
				}
			}
			c.field(p, def, field, f)
		}
	}
	for _, param := range f.QueryParams {
		at := c
		at.at += " query." + param.Name
		switch arg := taken[param.Name]; {
		case slices.Contains(sentToo, param.Name), slices.Contains(plumbing, param.Name):
		case arg == nil:
			at.differ("no field with this operation has an argument for it")
		case param.Required == true && !arg.Type.NonNull:
			at.differ("required in the document, and may be left out here")
		default:
			at.value(arg.Type, param)
		}
	}
	return found
}

// plumbing are the names by which lists are paged: `first`, `after`, `pageInfo` and `totalCount` stand for them.
var plumbing = []string{"next_page_token", "page_count", "page_number", "page_size", "total_records"}

// field compares one of the fields that an operation answers, and its input.
func (c comparison) field(p *program.Program, parent *ast.Definition, field *ast.FieldDefinition, f form) {
	answer, body, def := c, c, c.schema.Types[field.Type.Name()]
	answer.at, body.at = c.at+" answer", c.at+" body"
	if input := field.Arguments.ForName("input"); input != nil {
		body.inside(c.sent(c.schema.Types[input.Type.Name()]), f.Body)
	} else {
		for name := range f.Body.merged().Properties {
			named := func(arg *ast.ArgumentDefinition) bool { return program.Name(arg.Name, arg.Directives) == name }
			if !slices.ContainsFunc(field.Arguments, named) {
				body.below(name).differ("%s.%s has no argument for it", parent.Name, field.Name)
			}
		}
	}
	of := f.Response.Schema.within(p.Operation(field).Within)
	in, key := program.Nested(program.ListKey(field))
	if in != "" {
		answer, of = answer.below(in), of.merged().Properties[in]
	}
	if key != "" {
		for name, beside := range of.merged().Properties {
			switch {
			case name == key, slices.Contains(plumbing, name):
			case p.Node(field) != nil:
				answer.member(def, fieldOf(def, name), name, beside)
			case c.whole:
			default:
				answer.below(name).differ("%s.%s is only what stands under %s", parent.Name, field.Name, key)
			}
		}
		answer, of = answer.below(key), of.merged().Properties[key]
	}
	switch {
	case p.FormOf(parent, field) == program.Write:
		answer.payload(def, of)
	case strings.HasSuffix(def.Name, "Connection"):
		if of.Items != nil {
			answer.inside(c.schema.Types[strings.TrimSuffix(def.Name, "Connection")], *of.Items)
		}
	default:
		answer.value(field.Type, of)
	}
}

// sent is the input that a body is compared with. Where nothing in the body says which of several inputs it is, it has the
// fields of all of them.
func (c comparison) sent(input *ast.Definition) *ast.Definition {
	if tag, tagged := program.TagOf(input); !tagged || tag.By != "" {
		return input
	}
	all := &ast.Definition{Kind: ast.InputObject, Name: input.Name}
	for _, field := range input.Fields {
		all.Fields = append(all.Fields, c.schema.Types[field.Type.Name()].Fields...)
	}
	return all
}

// payload compares what a write answers with the payload: what the thing in it has is read from the thing.
func (c comparison) payload(def *ast.Definition, of shape) {
	for name, below := range of.merged().Properties {
		field := fieldOf(def, name)
		for _, candidate := range def.Fields {
			if thing := c.schema.Types[candidate.Type.Name()]; field == nil && c.program.IsThing(thing) {
				field = fieldOf(thing, name)
			}
		}
		c.member(def, field, name, below)
	}
}

// inside compares the fields of a type with the properties of a shape.
func (c comparison) inside(def *ast.Definition, of shape) {
	c.locks = c.locks || strings.Contains(def.Name, "LockSettings")
	if tag, tagged := program.TagOf(def); tagged && def.Kind == ast.InputObject && tag.By != "" {
		for _, variant := range of.views() {
			c.oneOf(def, tag, variant)
		}
		return
	}
	if def.Kind == ast.Union {
		c.union(def, of)
		return
	}
	if !program.IsTree(def) {
		for name, below := range of.merged().Properties {
			c.member(def, fieldOf(def, name), name, below)
		}
		c.required(def, of)
		return
	}
	for _, view := range of.views() {
		c.view(def, view)
	}
}

// oneOf compares what a body says of one of several with the field for it: of one that names no tag, with all of them.
func (c comparison) oneOf(def *ast.Definition, tag program.Tag, of shape) {
	tags := of.Properties[tag.By].Enum
	var inputs []*ast.Definition
	for _, field := range def.Fields {
		i := slices.Index(tags, any(program.TagValue(field.Name, field.Directives)))
		if tags == nil || i >= 0 {
			inputs = append(inputs, c.schema.Types[field.Type.Name()])
		}
		if i >= 0 {
			tags = slices.Delete(slices.Clone(tags), i, i+1)
		}
	}
	if len(tags) > 0 {
		c.below(tag.By).differ("%s has no field for %q", def.Name, tags)
	}
	content := of
	if tag.Content != "" {
		c, content = c.below(tag.Content), of.Properties[tag.Content]
	}
	for name, below := range content.merged().Properties {
		in := slices.IndexFunc(inputs, func(input *ast.Definition) bool { return fieldOf(input, name) != nil })
		switch {
		case name == tag.By && tag.Content == "":
		case in < 0:
			c.below(name).differ("no field of %s has one for it", def.Name)
		default:
			c.member(inputs[in], fieldOf(inputs[in], name), name, below)
		}
	}
}

// union compares the types of a union with the properties of a shape: what tells them apart is no field, and each other
// property is one of some type.
func (c comparison) union(def *ast.Definition, of shape) {
	tag, _ := program.TagOf(def)
	for name, below := range of.merged().Properties {
		if name == tag.By {
			if kinds := below.tagsBeyond(c.schema, def); kinds != nil {
				c.below(name).differ("%s lacks types for %q", def.Name, kinds)
			}
			continue
		}
		var field *ast.FieldDefinition
		for _, member := range c.schema.GetPossibleTypes(def) {
			field = cmp.Or(field, fieldOf(member, name))
		}
		c.member(def, field, name, below)
	}
}

// tagsBeyond lists the values of a tag for which a union has no type.
func (s shape) tagsBeyond(schema *ast.Schema, union *ast.Definition) (missing []string) {
	for _, value := range s.Enum {
		is := func(member *ast.Definition) bool {
			return program.TagValue(member.Name, member.Directives) == fmt.Sprint(value)
		}
		if !slices.ContainsFunc(schema.GetPossibleTypes(union), is) {
			missing = append(missing, fmt.Sprint(value))
		}
	}
	return missing
}

// view compares a view of settings with the sections of a tree. Of a section at the view's root, the view has a property
// of the section's name.
func (c comparison) view(tree *ast.Definition, of shape) {
	if options := of.Properties["authentication_options"]; len(options.Properties) > 0 {
		c.below("authentication_options").view(tree, options) // both such sections, below one name
		return
	}
	for name, below := range of.Properties {
		field := fieldOf(tree, name)
		if field == nil {
			root := slices.IndexFunc(tree.Fields, func(f *ast.FieldDefinition) bool {
				_, root := program.View(f)
				_, here := of.Properties[program.NameOf(f)]
				return root && here
			})
			if root >= 0 {
				c.member(tree, fieldOf(c.schema.Types[tree.Fields[root].Type.Name()], name), name, below)
				continue
			}
		} else if _, root := program.View(field); root && below.Type != "object" {
			field = fieldOf(c.schema.Types[field.Type.Name()], name)
		}
		c.member(tree, field, name, below)
	}
}

// member compares a field with the property of its name.
func (c comparison) member(def *ast.Definition, field *ast.FieldDefinition, name string, of shape) {
	c = c.below(name)
	if field == nil {
		c.differ("%s has no field for it", def.Name)
		return
	}
	if c.itself(field) {
		return
	}
	c.value(field.Type, of)
	if deprecated := program.Has(field.Directives, "deprecated"); c.latest && def.Kind == ast.Object && deprecated != of.Deprecated {
		c.differ("deprecated in the document: %t, here: %t", of.Deprecated, deprecated)
	}
}

// required makes sure that nobody can leave out what the document wants in a body.
func (c comparison) required(def *ast.Definition, of shape) {
	names, _ := of.Required.([]any)
	for _, name := range names {
		if field := fieldOf(def, fmt.Sprint(name)); field != nil && def.Kind == ast.InputObject && !field.Type.NonNull {
			c.below(fmt.Sprint(name)).differ("required in the document, and may be left out here")
		}
	}
}

// kinds are the scalars that fit a type of JSON schema. A value is read for what it spells, so Long has digits too.
var kinds = map[string][]string{
	"boolean": {"Boolean"},
	"integer": {"Int", "Long", "ID"},
	"number":  {"Int", "Long", "ID", "Float"},
	"string":  {"String", "ID", "DateTime", "Date", "Long", "Upload"},
}

// value compares a type with the shape of its values.
func (c comparison) value(typ *ast.Type, of shape) {
	def, merged := c.schema.Types[typ.Name()], of.merged()
	if c.locks && def.Name == "Boolean" {
		return
	}
	if merged.Type == "array" {
		if typ.Elem == nil {
			c.differ("a list in the document, %s here", typ)
		}
		if merged.Items == nil {
			return
		}
		of, merged = *merged.Items, merged.Items.merged()
	}
	composite := !def.IsLeafType()
	switch {
	case composite && len(merged.Properties) > 0:
		c.inside(def, of)
	case composite != (len(merged.Properties) > 0):
		c.differ("%s in the document, %s here", merged.Type, typ)
	case def.Kind == ast.Enum:
		if missing := merged.beyond(def); missing != nil {
			c.differ("%s lacks the values %q", def.Name, missing)
		}
	case def.Name == "String" && len(merged.Enum) > 1:
		c.differ("one of %q in the document, %s here", merged.Enum, typ)
	case def.Name == "Int" && merged.isLong():
		c.differ("64 bits in the document, %s here", typ)
	case kinds[merged.Type] != nil && !slices.Contains(kinds[merged.Type], def.Name):
		c.differ("%s in the document, %s here", merged.Type, typ)
	}
}

// beyond lists the values of a shape that an enum lacks. A blank is none: it is null.
func (s shape) beyond(def *ast.Definition) (missing []string) {
	for _, value := range s.Enum {
		wire := fmt.Sprint(value)
		spelled := func(v *ast.EnumValueDefinition) bool { return program.Wire(v) == wire }
		if strings.TrimSpace(wire) != "" && !slices.ContainsFunc(def.EnumValues, spelled) {
			missing = append(missing, wire)
		}
	}
	return missing
}

// isLong tells whether a number may have more than 32 bits.
func (s shape) isLong() bool {
	return s.Format == "int64" || s.Type != "string" && slices.ContainsFunc(s.Enum, func(value any) bool {
		number, ok := value.(float64)
		return ok && number > math.MaxInt32
	})
}

// fieldOf is the field with a name of Zoom's; nil: there is none.
func fieldOf(def *ast.Definition, name string) *ast.FieldDefinition {
	for _, field := range def.Fields {
		if program.NameOf(field) == name {
			return field
		}
	}
	return nil
}

// views are the variants of a shape.
func (s shape) views() []shape {
	variants := slices.Concat(s.AllOf, s.AnyOf, s.OneOf)
	if len(variants) == 0 {
		return []shape{s}
	}
	var views []shape
	for _, variant := range variants {
		views = append(views, variant.views()...)
	}
	return views
}

// within is an answer whose fields stand within the objects of some keys, with all of them at the top.
func (s shape) within(keys []string) shape {
	if keys == nil {
		return s
	}
	flat := shape{Type: s.Type, Properties: map[string]shape{}}
	for name, below := range s.merged().Properties {
		if !slices.Contains(keys, name) {
			flat.Properties[name] = below
			continue
		}
		maps.Copy(flat.Properties, below.merged().Properties)
	}
	return flat
}

// merged is a shape with what its variants have.
func (s shape) merged() shape {
	for _, variant := range slices.Concat(s.AllOf, s.AnyOf, s.OneOf) {
		variant = variant.merged()
		s.Properties = maps.Clone(s.Properties)
		if s.Properties == nil {
			s.Properties = map[string]shape{}
		}
		for name, below := range variant.Properties {
			if known, twice := s.Properties[name]; twice {
				below = shape{Type: known.Type, AnyOf: []shape{known, below}, Enum: slices.Concat(known.Enum, below.Enum)}
			}
			s.Properties[name] = below
		}
		if s.Type == "" {
			s.Type = variant.Type
		}
		if s.Items == nil {
			s.Items = variant.Items
		}
		s.Enum = append(slices.Clip(s.Enum), variant.Enum...)
	}
	s.AllOf, s.AnyOf, s.OneOf = nil, nil, nil
	return s
}
