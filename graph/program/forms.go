package program

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Form is how a field is answered.
type Form int

// The forms. What a hand-written method answers has one too: the one that its operation and its type show.
const (
	Plain   Form = iota // read from the thing or structure that holds the field
	Derived             // code over several operations
	Thing               // a GET by id; nothing is read until a field asks
	Link                // the things whose ids the parent holds
	List                // a connection
	Tree                // settings, view by view
	Data                // any other GET, one call
	Write               // a field of Mutation
)

// FormOf is the form of a field of a type.
func (p *Program) FormOf(parent *ast.Definition, field *ast.FieldDefinition) Form {
	op, result := p.Operation(field), p.Schema.Types[field.Type.Name()]
	switch {
	case Has(field.Directives, "derived"):
		return Derived
	case op == nil:
		return Plain
	case !op.Reads():
		return Write
	case strings.HasSuffix(result.Name, "Connection"):
		return List
	case IsTree(result):
		return Tree
	case op != p.Detail(result):
		return Data
	case Holder(parent, field, op) != nil:
		return Link
	}
	return Thing
}

// IsTree tells whether a type is a settings tree, or the input of one.
func IsTree(def *ast.Definition) bool { return hasField(def, IsSection) }

// IsThing tells a thing of Zoom's from the structures around it, which are known by their names.
func IsThing(def *ast.Definition) bool {
	if def == nil || def.Kind != ast.Object {
		return false
	}
	for _, structure := range []string{"Connection", "Edge", "Payload"} {
		if strings.HasSuffix(def.Name, structure) {
			return false
		}
	}
	return hasField(def, IsResolved)
}

// DetailField is the field of Query that reads one thing of a type by its id; nil: there is none.
func (p *Program) DetailField(def *ast.Definition) *ast.FieldDefinition {
	for _, field := range p.Schema.Query.Fields {
		op := p.Operation(field)
		if op != nil && field.Type.NamedType == def.Name && field.Arguments.ForName("id") != nil && len(op.Params) == 1 {
			return field
		}
	}
	return nil
}

// Detail is the operation that reads one thing of a type; nil for types that are no things.
func (p *Program) Detail(def *ast.Definition) *Operation {
	if field := p.DetailField(def); field != nil {
		return p.Operation(field)
	}
	return nil
}

// Listing is the operation that brings all plain fields of all things of a type at once; nil: there is none.
func (p *Program) Listing(def *ast.Definition) *Operation {
	for _, field := range p.Schema.Query.Fields {
		if op := p.Operation(field); op != nil && field.Type.NamedType == def.Name+"Connection" && Unpaged(field) {
			return op
		}
	}
	return nil
}

// Holder is the parent's field that holds the ids of the things to which a field leads by an operation: roleId for
// {roleId}, or groupIds where it leads to several.
func Holder(parent *ast.Definition, field *ast.FieldDefinition, op *Operation) *ast.FieldDefinition {
	if len(op.Params) == 0 {
		return nil
	}
	name := op.Params[0]
	if field.Type.Elem != nil {
		name += "s"
	}
	return parent.Fields.ForName(name)
}
