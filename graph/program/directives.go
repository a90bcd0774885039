package program

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Text is an argument of a directive, "" where it is left out.
func Text(d *ast.Directive, name string) string {
	if d == nil {
		return ""
	}
	if arg := d.Arguments.ForName(name); arg != nil {
		return arg.Value.Raw
	}
	return ""
}

// Texts is an argument of a directive that is a list; nil where it is left out.
func Texts(d *ast.Directive, name string) []string {
	if d == nil || d.Arguments.ForName(name) == nil {
		return nil
	}
	list := []string{}
	for _, child := range d.Arguments.ForName(name).Value.Children {
		list = append(list, child.Value.Raw)
	}
	return list
}

// Has tells whether one of the directives has the name.
func Has(directives ast.DirectiveList, name string) bool { return directives.ForName(name) != nil }

// Name is Zoom's name of a field, an argument or an input's field: what @name says, or else the name in snake case.
func Name(name string, directives ast.DirectiveList) string {
	if d := directives.ForName("name"); d != nil {
		return Text(d, "zoom")
	}
	return Snake(name)
}

// NameOf is Zoom's name of a field.
func NameOf(field *ast.FieldDefinition) string { return Name(field.Name, field.Directives) }

// Snake puts "_" before each upper-case letter and lowers it: e2eEncryption becomes e2e_encryption. Names have only the
// letters of ASCII.
func Snake(name string) string {
	upper := 0
	for i := range len(name) {
		if isUpper(name[i]) {
			upper++
		}
	}
	if upper == 0 {
		return name
	}
	out := make([]byte, 0, len(name)+upper)
	for i := range len(name) {
		c := name[i]
		if isUpper(c) {
			out = append(out, '_')
			c += 'a' - 'A'
		}
		out = append(out, c)
	}
	return string(out)
}

func isUpper(c byte) bool { return 'A' <= c && c <= 'Z' }

// Wire is Zoom's spelling of an enum value: what @wire says, or else the value's name in lower case.
func Wire(value *ast.EnumValueDefinition) string {
	if d := value.Directives.ForName("wire"); d != nil {
		return Text(d, "value")
	}
	return strings.ToLower(value.Name)
}

// IsSection tells whether a field is a section of a settings tree, or of its input: it has a view.
func IsSection(field *ast.FieldDefinition) bool { return Has(field.Directives, "view") }

// View is the view that a section comes from, as a value of an enum, and "" for the default view. With root the section's
// fields stand at the top of that view's answer.
func View(section *ast.FieldDefinition) (view string, root bool) {
	d := section.Directives.ForName("view")
	return Text(d, viewArgument(d)), Text(d, "root") == "true"
}

// viewArgument is the argument of @view that names the view, also where there is no @view.
func viewArgument(d *ast.Directive) string {
	if d != nil {
		for _, arg := range d.Arguments {
			if arg.Name != "root" {
				return arg.Name
			}
		}
	}
	return defaultViewArgument
}

// defaultViewArgument names the views of settings that have a default view.
const defaultViewArgument = "option"

// ViewArgument is the argument of @view that names the views of a settings tree: "option", or the one that its sections use.
// In snake case it is the query parameter that decides what Zoom answers.
func ViewArgument(tree *ast.Definition) string {
	for _, field := range tree.Fields {
		if d := field.Directives.ForName("view"); d != nil && viewArgument(d) != defaultViewArgument {
			return viewArgument(d)
		}
	}
	return defaultViewArgument
}

// AsksView is the argument of a field that asks for one view of the settings tree which it answers: the one that becomes the
// query parameter which decides the view. nil: there is none.
func AsksView(field *ast.FieldDefinition, tree *ast.Definition) *ast.ArgumentDefinition {
	param := Snake(ViewArgument(tree))
	for _, arg := range field.Arguments {
		if Name(arg.Name, arg.Directives) == param {
			return arg
		}
	}
	return nil
}

// HomeView is the view that is asked for where nothing says which one: the default view, or the first section's where there
// is none.
func HomeView(tree *ast.Definition) string {
	first := ""
	for _, field := range tree.Fields {
		if !IsSection(field) {
			continue
		}
		view, _ := View(field)
		if view == "" {
			return ""
		}
		if first == "" {
			first = view
		}
	}
	return first
}

// Option is Zoom's spelling of the view that a section comes from, as the parameter takes it that decides the view.
func (p *Program) Option(section *ast.FieldDefinition) string {
	name, _ := View(section)
	if name == "" {
		return ""
	}
	d := section.Directives.ForName("view")
	views := p.Schema.Types[d.Definition.Arguments.ForName(viewArgument(d)).Type.Name()]
	return Wire(views.EnumValues.ForName(name))
}

// Brings are Zoom's names of what a list brings of its things; nil: all fields that are not marked @detail.
func Brings(field *ast.FieldDefinition) []string {
	return Texts(field.Directives.ForName("zoom"), "brings")
}

// ListKey is the key in Zoom's answer under which a field's value stands, "" where it is the answer itself.
func ListKey(field *ast.FieldDefinition) string {
	return Text(field.Directives.ForName("zoom"), "list")
}

// Nested cuts the key of a list that stands, with what is said of its pages, one object deeper: past_meetings.meetings. in
// is "" for all others.
func Nested(listKey string) (in, key string) {
	if in, key, nested := strings.Cut(listKey, "."); nested {
		return in, key
	}
	return "", listKey
}

// MadeBy is the key of the id, or of the ids, in the answer of a write that made what a payload's field holds.
func MadeBy(field *ast.FieldDefinition) string {
	if d := field.Directives.ForName("made"); d != nil {
		return Text(d, "by")
	}
	return "id"
}

// IsFile tells whether a field is a URL that leads to an answer which is no JSON.
func IsFile(field *ast.FieldDefinition) bool {
	return Text(field.Directives.ForName("zoom"), "file") == "true"
}

// IsAddress tells whether a field is the URL of this service that leads to a file of which Zoom's answer has the address.
func IsAddress(field *ast.FieldDefinition) bool { return Has(field.Directives, "file") }

// Inherits are Zoom's names of the query parameters that a field takes over from how the thing was asked for that holds it.
func Inherits(field *ast.FieldDefinition) []string {
	return Texts(field.Directives.ForName("zoom"), "inherits")
}

// About is Zoom's name of the query parameter that has the key of the thing which holds a field; "" where the path names it.
func About(field *ast.FieldDefinition) string { return Text(field.Directives.ForName("zoom"), "about") }

// Inherited are the query parameters that fields of a type take over, in order: who lists such things hands them on.
func Inherited(def *ast.Definition) []string {
	var names []string
	for _, field := range def.Fields {
		names = append(names, Inherits(field)...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// Unpaged tells whether Zoom answers a list whole.
func Unpaged(field *ast.FieldDefinition) bool {
	return Text(field.Directives.ForName("zoom"), "unpaged") == "true"
}

// IncludeFields is the query parameter that names fields which a list brings only then.
const IncludeFields = "include_fields"

// AskedBy is the query parameter without which Zoom does not answer a field: [IncludeFields], or one that is to be true.
// "" for all other fields.
func AskedBy(field *ast.FieldDefinition) string {
	d := field.Directives.ForName("onRequest")
	if d == nil {
		return ""
	}
	if query := Text(d, "query"); query != "" {
		return query
	}
	return IncludeFields
}

// IsResolved tells whether a field has a resolver: an operation, or code of ours over several.
func IsResolved(field *ast.FieldDefinition) bool {
	return Has(field.Directives, "zoom") || Has(field.Directives, "derived")
}

// IsBuiltin tells GraphQL's own fields, such as __typename, from the schema's.
func IsBuiltin(field *ast.FieldDefinition) bool { return strings.HasPrefix(field.Name, "__") }

// hasField tells whether a type has a field for which a test holds.
func hasField(def *ast.Definition, test func(*ast.FieldDefinition) bool) bool {
	return def != nil && slices.ContainsFunc(def.Fields, test)
}
