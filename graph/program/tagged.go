package program

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// This file reads what tells one of several types from the others: those of a union, and those that a @oneOf input may hold.

// Tag is what tells one of several types from the others.
type Tag struct {
	// By is Zoom's key of the tag, in the answer or the body; "" where an argument has it.
	By string
	// Content is the key beside the tag under which a body holds the rest; "": the rest stands beside the tag itself.
	Content string
	// Argument has the tag: of the field that answers the union, or the parameter in the path of a write.
	Argument string
}

// TagOf reads @tagged of a union or of a @oneOf input; false: it has none.
func TagOf(def *ast.Definition) (Tag, bool) {
	d := def.Directives.ForName("tagged")
	return Tag{By: Text(d, "by"), Content: Text(d, "content"), Argument: Text(d, "argument")}, d != nil
}

// IsOneOf tells whether exactly one field of an input is given.
func IsOneOf(def *ast.Definition) bool { return Has(def.Directives, "oneOf") }

// IsWhole tells whether a field of a @oneOf input with a tag holds the whole object as Zoom takes it, tag included: for what
// no other field is made for.
func IsWhole(field *ast.FieldDefinition) bool { return field.Type.NamedType == "JSON" }

// TagValue is the tag of a type of a union, or of a field of a @oneOf input: what @wire says, or else the name in snake
// case.
func TagValue(name string, directives ast.DirectiveList) string {
	if d := directives.ForName("wire"); d != nil {
		return Text(d, "value")
	}
	return strings.TrimPrefix(Snake(name), "_") // names of types begin with a capital
}
