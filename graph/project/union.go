package project

import (
	"fmt"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
	"zoomgraph/internal/rawjson"
)

// This file writes values that can be of several types. Zoom's answer says which by the value of a key, or an argument of
// the field does. Start reading at writer.chosen.

// choice is one of the types of a union.
type choice struct {
	facts *typeFacts
	sub   *Selection
}

// A choosing is the selection of a union: that of each of its types, by what tells them apart.
type choosing struct {
	tag     program.Tag
	choices map[string]choice
}

// choosing compiles the selection of a union; nil for any other type.
func (c *compiler) choosing(typeName string, set ast.SelectionSet) *choosing {
	def := c.projector.schema.Types[typeName]
	if def == nil || def.Kind != ast.Union {
		return nil
	}
	tag, _ := program.TagOf(def)
	u := &choosing{tag, map[string]choice{}}
	for _, name := range def.Types {
		facts := c.projector.types[name]()
		u.choices[program.TagValue(name, facts.def.Directives)] = choice{facts, c.selection(name, set)}
	}
	return u
}

// chosen is the field as one of the type that a value has. It is false where that is none that the schema knows.
func (w *writer) chosen(f *Field, value rawjson.Value) (Field, bool) {
	u := f.Sub.union
	var tag string
	if u.tag.By == "" {
		tag = w.argument(u.tag.Argument)
	} else if found, _ := value.Member(u.tag.By); isString(found.Text) {
		tag = string(rawjson.Text(found.Text))
	} else {
		tag = string(found.Text)
	}
	one, known := u.choices[tag]
	of := *f
	of.facts, of.Sub = one.facts, one.sub
	return of, known
}

// argument is Zoom's spelling of an argument of the field that is being written; "" where it has none.
func (w *writer) argument(name string) string {
	field := graphql.GetFieldContext(w.ctx).Field
	arg := field.Definition.Arguments.ForName(name)
	if arg == nil {
		return ""
	}
	value := field.ArgumentMap(graphql.GetOperationContext(w.ctx).Variables)[name]
	if value == nil {
		return ""
	}
	text := fmt.Sprint(value)
	if wire, isEnum := w.projector.wires(arg.Type.Name())[text]; isEnum {
		return wire
	}
	return text
}
