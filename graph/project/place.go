package project

import (
	"context"

	"github.com/99designs/gqlgen/graphql"

	"zoomgraph/graph/program"
)

// Place is a selected field that holds a [Value], compiled. An executor that has compiled its documents hands it over
// with the context of the field, as [Placed]; otherwise it is made from what gqlgen knows of the field, each time.
type Place struct{ root Field }

// Placed is the context of a field whose Place is known; nil where it is none's.
type Placed interface{ Place() *Place }

// Place compiles a field of an operation, as its variables have it.
func (p *Projector) Place(op *graphql.OperationContext, field graphql.CollectedField) *Place {
	return &Place{*p.root(op, field, field.ObjectDefinition.Name)}
}

// placeOf is the Place of the field that ctx is of; nil: nobody has made it.
func placeOf(ctx context.Context) *Place {
	if placed, ok := ctx.(Placed); ok {
		return placed.Place()
	}
	return nil
}

// root compiles the field that a value stands in.
func (p *Projector) root(op *graphql.OperationContext, field graphql.CollectedField, of string) *Field {
	root := &Field{
		Key:    field.Alias,
		Name:   field.Name,
		Def:    field.Definition,
		of:     of,
		facts:  p.types[field.Definition.Type.Name()](),
		at:     field.Position,
		secret: p.secrecyOf(of, field.Definition),
		file:   program.IsAddress(field.Definition),
	}
	if root.facts.leaf == nil {
		root.Sub = p.selection(op, field)
	}
	return root
}
