package vendor

// This file compares the schema with what a document says of one operation; start reading at Differences.

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
	"zoomgraph/internal/openapi"
)

// comparison collects the differences of an operation, or of a part of it.
type comparison struct {
	program *program.Program
	schema  *ast.Schema
	op      *program.Operation
	at      string // "answer.users"
	latest  bool   // the document says what is deprecated today
	locks   bool   // the values are of locks, which are Booleans whatever the setting is
	whole   bool   // a field answers all that the operation does, so that others may answer a part of it
	found   *[]Difference
	named   func(def *ast.Definition, name string) // is told what the document has of a type
	itself  func(*ast.FieldDefinition) bool        // whether the operation answers a field, which is compared by itself then
}

func (c comparison) below(name string) comparison {
	c.at += "." + name
	return c
}

func (c comparison) differ(kind Kind, format string, values ...any) {
	c.adding(kind, addition{}, format, values...)
}

// adding is differ of what the schema lacks, and where it belongs.
func (c comparison) adding(kind Kind, add addition, format string, values ...any) {
	*c.found = append(*c.found, Difference{Kind: kind, Op: c.op.Op, At: c.at, What: fmt.Sprintf(format, values...), add: add})
}

// Differences compares what an operation takes and answers by a document with the fields of the schema that it answers, at
// every depth. latest: the document says what is deprecated today, where that counts.
func Differences(p *program.Program, o *program.Operation, f *openapi.Operation, latest bool) []Difference {
	return differences(p, o, f, latest, func(*ast.Definition, string) {})
}

func differences(p *program.Program, o *program.Operation, f *openapi.Operation, latest bool, named func(*ast.Definition, string)) []Difference {
	var found []Difference
	c := comparison{
		program: p, schema: p.Schema, op: o, latest: latest, found: &found, named: named,
		itself: func(field *ast.FieldDefinition) bool { return p.Operation(field) == o },
	}
	taken := map[string]*ast.ArgumentDefinition{}
	var sentToo []string
	var first addition // the field that a further argument belongs to
	answered := answeredBy(p, o)
	for _, a := range answered {
		c.whole = c.whole || program.ListKey(a.field) == ""
	}
	for _, a := range answered {
		sentToo = append(sentToo, program.Implied(p.Schema, a.field, o)...)
		if input := a.field.Arguments.ForName("input"); input != nil && program.IsTree(p.Schema.Types[input.Type.Name()]) {
			sentToo = append(sentToo, program.Snake(program.ViewArgument(p.Schema.Types[input.Type.Name()])))
		}
		for _, arg := range a.field.Arguments {
			for _, name := range program.Sent(arg, program.Unpaged(a.field), o.Numbered()) {
				taken[name] = arg
			}
		}
		if first.field == nil {
			first = addition{to: a.def, field: a.field}
		}
		c.field(p, a.def, a.field, f)
	}
	for _, param := range f.QueryParams {
		at := c
		at.at = "query." + param.Name
		switch arg := taken[param.Name]; {
		case slices.Contains(sentToo, param.Name), slices.Contains(plumbing, param.Name):
		case arg == nil:
			first.name, first.shape = param.Name, param
			at.adding(NewParameter, first, "no field with this operation has an argument for it")
		case param.Required == true && !arg.Type.NonNull:
			at.differ(Required, "required in the document, and may be left out here")
		default:
			at.value(arg.Type, param)
		}
	}
	return found
}

// answering is a field that an operation answers.
type answering struct {
	def   *ast.Definition
	field *ast.FieldDefinition
}

// answeredBy lists the fields that an operation answers, by their types' names: those of Query and Mutation first.
func answeredBy(p *program.Program, o *program.Operation) (list []answering) {
	for _, name := range slices.Sorted(maps.Keys(p.Schema.Types)) {
		def := p.Schema.Types[name]
		for _, field := range def.Fields {
			if p.Operation(field) == o {
				list = append(list, answering{def, field})
			}
		}
	}
	root := func(a answering) int {
		if a.def == p.Schema.Query || a.def == p.Schema.Mutation {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(list, func(a, b answering) int { return cmp.Compare(root(a), root(b)) })
	return list
}

// plumbing are the names by which lists are paged: `first`, `after`, `pageInfo` and `totalCount` stand for them.
var plumbing = []string{"next_page_token", "page_count", "page_number", "page_size", "total_records"}

// field compares one of the fields that an operation answers, and its input.
func (c comparison) field(p *program.Program, parent *ast.Definition, field *ast.FieldDefinition, f *openapi.Operation) {
	answer, body, def := c, c, c.schema.Types[field.Type.Name()]
	answer.at, body.at = "answer", "body"
	input := field.Arguments.ForName("input")
	switch {
	case f.Body.IsEmpty(): // the document does not say
	case input != nil:
		body.inside(c.sent(c.schema.Types[input.Type.Name()]), f.Body)
	default:
		for name := range f.Body.Merged().Properties {
			named := func(arg *ast.ArgumentDefinition) bool { return program.Name(arg.Name, arg.Directives) == name }
			if !slices.ContainsFunc(field.Arguments, named) {
				body.below(name).differ(NewField, "%s.%s has no argument for it", parent.Name, field.Name)
			}
		}
	}
	if f.Response.Schema.IsEmpty() {
		return
	}
	of := f.Response.Schema.Within(p.Operation(field).Within)
	in, key := program.Nested(program.ListKey(field))
	if in != "" {
		answer, of = answer.below(in), of.Merged().Properties[in]
	}
	if key != "" {
		for name, beside := range of.Merged().Properties {
			switch {
			case name == key, slices.Contains(plumbing, name):
			case p.Node(field) != nil:
				answer.member(def, fieldOf(def, name), name, beside)
			case c.whole:
			default:
				answer.below(name).differ(NewField, "%s.%s is only what stands under %s", parent.Name, field.Name, key)
			}
		}
		answer, of = answer.below(key), of.Merged().Properties[key]
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
func (c comparison) payload(def *ast.Definition, of openapi.Shape) {
	for name, below := range of.Merged().Properties {
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
func (c comparison) inside(def *ast.Definition, of openapi.Shape) {
	c.locks = c.locks || strings.Contains(def.Name, "LockSettings")
	c.named(def, "")
	if tag, tagged := program.TagOf(def); tagged && def.Kind == ast.InputObject && tag.By != "" {
		for _, variant := range of.Views() {
			c.oneOf(def, tag, variant)
		}
		return
	}
	if def.Kind == ast.Union {
		c.union(def, of)
		return
	}
	if !program.IsTree(def) {
		for name, below := range of.Merged().Properties {
			c.member(def, fieldOf(def, name), name, below)
		}
		c.required(def, of)
		return
	}
	for _, view := range of.Views() {
		c.view(def, view)
	}
}

// oneOf compares what a body says of one of several with the field for it: of one that names no tag, with all of them.
func (c comparison) oneOf(def *ast.Definition, tag program.Tag, of openapi.Shape) {
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
		c.below(tag.By).differ(NewVariant, "%s has no field for %q", def.Name, tags)
	}
	content := of
	if tag.Content != "" {
		c, content = c.below(tag.Content), of.Properties[tag.Content]
	}
	for name, below := range content.Merged().Properties {
		in := slices.IndexFunc(inputs, func(input *ast.Definition) bool { return fieldOf(input, name) != nil })
		switch {
		case name == tag.By && tag.Content == "":
		case in < 0:
			c.below(name).adding(NewField, only(inputs, name, below), "no field of %s has one for it", def.Name)
		default:
			c.member(inputs[in], fieldOf(inputs[in], name), name, below)
		}
	}
}

// only is what belongs to one of some inputs, if it can be no other.
func only(inputs []*ast.Definition, name string, of openapi.Shape) addition {
	if len(inputs) != 1 {
		return addition{}
	}
	return addition{to: inputs[0], name: name, shape: of}
}

// own is a type of the schema's; nil: it was put together of several, or is one of several that a field may be.
func (c comparison) own(def *ast.Definition) *ast.Definition {
	if known := c.schema.Types[def.Name]; known != def || def.Kind == ast.Union {
		return nil
	}
	return def
}

// union compares the types of a union with the properties of a shape: what tells them apart is no field, and each other
// property is one of some type.
func (c comparison) union(def *ast.Definition, of openapi.Shape) {
	tag, _ := program.TagOf(def)
	for name, below := range of.Merged().Properties {
		if name == tag.By {
			if kinds := tagsBeyond(below, c.schema, def); kinds != nil {
				c.below(name).differ(NewVariant, "%s lacks types for %q", def.Name, kinds)
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
func tagsBeyond(s openapi.Shape, schema *ast.Schema, union *ast.Definition) (missing []string) {
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
func (c comparison) view(tree *ast.Definition, of openapi.Shape) {
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
				section := c.schema.Types[tree.Fields[root].Type.Name()]
				c.member(section, fieldOf(section, name), name, below)
				continue
			}
			c.below(name).adding(NewField, addition{to: tree, name: name, shape: below, view: viewOf(tree, of)}, "%s has no section for it", tree.Name)
			continue
		}
		if _, root := program.View(field); root && below.Type != "object" {
			field = fieldOf(c.schema.Types[field.Type.Name()], name)
		}
		c.member(tree, field, name, below)
	}
}

// viewOf is the view that an answer is, by a section that it has; nil: it has none that the tree knows.
func viewOf(tree *ast.Definition, of openapi.Shape) *string {
	for _, field := range tree.Fields {
		if _, here := of.Properties[program.NameOf(field)]; here && program.IsSection(field) {
			view, _ := program.View(field)
			return &view
		}
	}
	return nil
}

// member compares a field with the property of its name.
func (c comparison) member(def *ast.Definition, field *ast.FieldDefinition, name string, of openapi.Shape) {
	c = c.below(name)
	if field == nil {
		c.adding(NewField, addition{to: c.own(def), name: name, shape: of}, "%s has no field for it", def.Name)
		return
	}
	c.named(def, name)
	if c.itself(field) {
		return
	}
	c.value(field.Type, of)
	if deprecated := program.Has(field.Directives, "deprecated"); c.latest && def.Kind == ast.Object && deprecated != of.Deprecated {
		c.differ(Deprecated, "deprecated in the document: %t, here: %t", of.Deprecated, deprecated)
	}
}

// required makes sure that nobody can leave out what the document wants in a body.
func (c comparison) required(def *ast.Definition, of openapi.Shape) {
	names, _ := of.Required.([]any)
	for _, name := range names {
		if field := fieldOf(def, fmt.Sprint(name)); field != nil && def.Kind == ast.InputObject && !field.Type.NonNull {
			c.below(fmt.Sprint(name)).differ(Required, "required in the document, and may be left out here")
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
func (c comparison) value(typ *ast.Type, of openapi.Shape) {
	def, merged := c.schema.Types[typ.Name()], of.Merged()
	if c.locks && def.Name == "Boolean" {
		return
	}
	if merged.Type == "array" {
		if typ.Elem == nil {
			c.differ(Type, "a list in the document, %s here", typ)
		}
		if merged.Items == nil {
			return
		}
		of, merged = *merged.Items, merged.Items.Merged()
	}
	composite := !def.IsLeafType()
	switch {
	case composite && len(merged.Properties) > 0:
		c.inside(def, of)
	case composite != (len(merged.Properties) > 0):
		c.differ(Type, "%s in the document, %s here", merged.Type, typ)
	case def.Kind == ast.Enum:
		if missing := beyond(merged, def); missing != nil {
			c.adding(NewValue, addition{to: def, values: missing}, "%s lacks the values %s", def.Name, some(missing))
		}
	case def.Name == "String" && len(merged.Enum) > 1:
		c.differ(NewValue, "one of %s in the document, %s here", some(merged.Enum), typ)
	case def.Name == "Int" && merged.IsLong():
		c.differ(Type, "64 bits in the document, %s here", typ)
	case kinds[merged.Type] != nil && !slices.Contains(kinds[merged.Type], def.Name):
		c.differ(Type, "%s in the document, %s here", merged.Type, typ)
	}
}

// some are values for people to read: the first ones, and how many more there are.
func some[T any](values []T) string {
	const most = 6
	var texts []string
	for _, value := range values[:min(len(values), most)] {
		texts = append(texts, strconv.Quote(fmt.Sprint(value)))
	}
	if more := len(values) - most; more > 0 {
		texts = append(texts, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(texts, " ")
}

// beyond lists the values of a shape that an enum lacks. A blank is none: it is null.
func beyond(s openapi.Shape, def *ast.Definition) (missing []string) {
	for _, value := range s.Enum {
		wire := fmt.Sprint(value)
		spelled := func(v *ast.EnumValueDefinition) bool { return program.Wire(v) == wire }
		if strings.TrimSpace(wire) != "" && !slices.ContainsFunc(def.EnumValues, spelled) {
			missing = append(missing, wire)
		}
	}
	return missing
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
