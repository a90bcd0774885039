package program

import (
	"maps"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// Form is how a field is answered.
type Form int

// The forms. What a hand-written method answers has one too: the one that its operation and its type show.
const (
	Plain    Form = iota // read from the thing or structure that holds the field
	Derived              // code over several operations
	Root                 // Query or Mutation itself, in another account
	Thing                // a GET by id; nothing is read until a field asks
	Link                 // the things whose ids the parent holds
	Items                // things that Zoom lists whole
	List                 // a connection
	Part                 // of the thing that holds the field; leads to things
	Inside               // things that stand within the one that holds the field
	Tree                 // settings, view by view
	Data                 // any other GET, one call
	Write                // a field of Mutation
	Compared             // of a payload: what a tree has that was written otherwise
)

// comparedField is the field of payloads that compares what is stored with what was written.
const comparedField = "notApplied"

// FormOf is the form of a field of a type.
func (p *Program) FormOf(parent *ast.Definition, field *ast.FieldDefinition) Form {
	op, result := p.Operation(field), p.Schema.Types[field.Type.Name()]
	switch {
	case p.isRoot(result):
		return Root
	case Has(field.Directives, "derived"):
		return Derived
	case op == nil && field.Name == comparedField && hasField(parent, p.readsTree):
		return Compared
	case op == nil && p.IsPart(parent, field):
		return Part
	case op == nil:
		return Plain
	case !op.Reads():
		return Write
	case p.Node(field) != nil:
		return List
	case IsTree(result):
		return Tree
	case !p.Executed(result):
		return Data
	case IsInside(field):
		return Inside
	case p.Holder(parent, field) != nil:
		return Link
	case field.Type.Elem != nil:
		return Items
	}
	return Thing
}

// readsTree tells whether a field's operation reads a settings tree.
func (p *Program) readsTree(field *ast.FieldDefinition) bool {
	return p.Operation(field) != nil && IsTree(p.Schema.Types[field.Type.Name()])
}

// IsTree tells whether a type is a settings tree, or the input of one.
func IsTree(def *ast.Definition) bool { return hasField(def, IsSection) }

// IsThing tells a thing of Zoom's from the structures around it, which are known by their names. It may be one that Zoom
// lists but does not read by itself: a row that leads to things.
func (p *Program) IsThing(def *ast.Definition) bool {
	return def != nil && (p.written[def.Name] || def.Kind == ast.Object && !isStructure(def.Name) && hasField(def, IsResolved))
}

// IsWritten tells a thing that leads nowhere: it is one because a write makes or changes it, so it is read back.
func (p *Program) IsWritten(typeName string) bool { return p.written[typeName] }

// writtenThings are the types that payloads hold and that a GET reads by the last value of its path, though nothing hangs
// on them: a write answers them as it does any other thing, and what a client selects is read back.
func writtenThings(schema *ast.Schema) map[string]bool {
	held, read := map[string]bool{}, map[string]bool{}
	for _, def := range schema.Types {
		payload := strings.HasSuffix(def.Name, "Payload")
		for _, field := range def.Fields {
			name, op := field.Type.NamedType, Text(field.Directives.ForName("zoom"), "op")
			switch {
			case op == "" && !payload:
			case schema.Types[name] == nil || schema.Types[name].Kind != ast.Object || hasField(schema.Types[name], IsResolved):
			case strings.HasPrefix(op, "GET ") && strings.HasSuffix(op, "}"):
				read[name] = true
			case payload && !IsResolved(field):
				held[name] = true
			}
		}
	}
	maps.DeleteFunc(held, func(name string, _ bool) bool { return !read[name] })
	return held
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

// Holder is the parent's field that holds the ids of the things to which a field leads: roleId for {roleId}, or groupIds
// where it leads to several; or the one that @zoom names. nil: there is none, or the thing is asked for with arguments, so
// that the id alone does not tell what is read.
func (p *Program) Holder(parent *ast.Definition, field *ast.FieldDefinition) *ast.FieldDefinition {
	op := p.Operation(field)
	if len(op.Params) != 1 || !p.IsView(parent) || field.Type.Elem == nil && len(field.Arguments) > 0 {
		return nil
	}
	held := p.Sources(parent, field)[0].Field
	if held == nil || (held.Type.Elem != nil) != (field.Type.Elem != nil) {
		return nil
	}
	return held
}
