package program

import (
	"strings"

	"github.com/vektah/gqlparser/v2/ast"
)

// This file finds what stands within things and leads to things: the members of a queue are no thing, but each is a user.

// IsView tells whether a type is a view of Zoom's JSON that gqlgen executes: a thing, a row, or a part of one.
func (p *Program) IsView(def *ast.Definition) bool { return def != nil && p.things().views[def.Name] }

// IsPart tells whether a field holds a part of a thing, of a row or of another part, which leads to things, or is one of
// several things.
func (p *Program) IsPart(parent *ast.Definition, field *ast.FieldDefinition) bool {
	result := p.Schema.Types[field.Type.Name()]
	return p.IsView(parent) && !IsResolved(field) && (p.IsView(result) || p.IsUnion(result))
}

// IsUnion tells whether a type is a union of things, or of parts of them. A union of data is only data.
func (p *Program) IsUnion(def *ast.Definition) bool { return p.Executed(def) && def.Kind == ast.Union }

// IsInside tells whether a field holds things that stand within the thing which holds the field: @zoom names what is
// brought of them there.
func IsInside(field *ast.FieldDefinition) bool {
	return Has(field.Directives, "zoom") && Brings(field) != nil && ListKey(field) == "" && !isStructure(field.Type.Name())
}

// findViews finds the types of things and rows, and of what stands within them.
func (p *Program) findViews() map[string]bool {
	views := map[string]bool{}
	var found []*ast.Definition
	add := func(def *ast.Definition) {
		if def != nil && def.Kind == ast.Object && !p.isRoot(def) && p.executed[def.Name] && !isStructure(def.Name) && !views[def.Name] {
			views[def.Name] = true
			found = append(found, def)
		}
	}
	for _, def := range p.Schema.Types {
		if p.IsThing(def) {
			add(def)
		}
		for _, field := range def.Fields {
			if op := p.Operation(field); op != nil && op.Reads() {
				add(p.Schema.Types[field.Type.Name()])
				add(p.Node(field))
			}
		}
	}
	for len(found) > 0 {
		def := found[0]
		found = found[1:]
		for _, field := range def.Fields {
			if IsResolved(field) {
				continue
			}
			result := p.Schema.Types[field.Type.Name()]
			if add(result); result != nil {
				for _, member := range result.Types {
					add(p.Schema.Types[member])
				}
			}
		}
	}
	return views
}

// isStructure tells the types around things, by their names.
func isStructure(typeName string) bool {
	return strings.HasSuffix(typeName, "Connection") || strings.HasSuffix(typeName, "Edge") || strings.HasSuffix(typeName, "Payload")
}
