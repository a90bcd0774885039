package vendor

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
	"zoomgraph/internal/openapi"
)

// This file finds the fields of the schema that no document has. Start reading at gone.

// named is which of a type's fields documents have.
type named map[*ast.Definition]map[string]bool

// note takes what the comparison finds. A blank name is the type itself.
func (n named) note(def *ast.Definition, name string) {
	if n[def] == nil {
		n[def] = map[string]bool{}
	}
	n[def][name] = true
}

// gone are the fields that no document has. Of a type that several operations answer, or take, documents must have all of
// these: a list may bring less than what reads one thing.
func (n named) gone(p *program.Program, forms map[*program.Operation]*openapi.Operation) (list []goneField) {
	by := users(p)
	for _, name := range slices.Sorted(maps.Keys(p.Schema.Types)) {
		def := p.Schema.Types[name]
		unseen := func(o *program.Operation) bool { return forms[o] == nil }
		if n[def] == nil || isStructure(def) || slices.ContainsFunc(by[def], unseen) {
			continue
		}
		for _, field := range def.Fields {
			if comesFromZoom(field) && !n[def][program.NameOf(field)] {
				list = append(list, goneField{by[def][0], def.Name + "." + field.Name, program.NameOf(field)})
			}
		}
	}
	return list
}

// goneField is a field of the schema that no document has.
type goneField struct {
	op          *program.Operation // the first that answers it, or takes it
	field, zoom string
}

func (g goneField) difference() Difference {
	return Difference{Kind: Gone, Op: g.op.Op, At: g.field, What: fmt.Sprintf("no document has %q any more", g.zoom)}
}

// Kept are the fields of the schema that no document has, though the documents have all operations which answer or take
// them: "User.dept", by name.
func Kept(p *program.Program, forms map[*program.Operation]*openapi.Operation) (fields []string) {
	n := named{}
	for o, f := range forms {
		differences(p, o, f, true, n.note)
	}
	for _, g := range n.gone(p, forms) {
		fields = append(fields, g.field)
	}
	return fields
}

// isStructure tells types that are put together here: not all of their fields are Zoom's.
func isStructure(def *ast.Definition) bool {
	_, tagged := program.TagOf(def)
	return tagged || slices.ContainsFunc([]string{"Connection", "Edge", "Payload"}, func(end string) bool { return strings.HasSuffix(def.Name, end) })
}

// comesFromZoom tells whether a field has a value of Zoom's under its name.
func comesFromZoom(field *ast.FieldDefinition) bool {
	return !program.IsResolved(field) && !program.IsBuiltin(field) && !program.IsAddress(field) && !program.IsSection(field) && field.Name != "raw"
}

// users are the operations whose answers or bodies have a type, by the type and in the order of the program.
func users(p *program.Program) map[*ast.Definition][]*program.Operation {
	by := map[*ast.Definition][]*program.Operation{}
	var walk func(o *program.Operation, def *ast.Definition)
	walk = func(o *program.Operation, def *ast.Definition) {
		if def == nil || def.IsLeafType() || slices.Contains(by[def], o) {
			return
		}
		by[def] = append(by[def], o)
		for _, field := range def.Fields {
			if !program.IsResolved(field) {
				walk(o, p.Schema.Types[field.Type.Name()])
			}
		}
		for _, member := range def.Types {
			walk(o, p.Schema.Types[member])
		}
	}
	for _, chapter := range p.Chapters {
		for _, o := range chapter.Operations {
			for _, a := range answeredBy(p, o) {
				walk(o, p.Schema.Types[a.field.Type.Name()])
				if input := a.field.Arguments.ForName("input"); input != nil {
					walk(o, p.Schema.Types[input.Type.Name()])
				}
			}
		}
	}
	return by
}
