package exec

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/project"
)

// This file does once what gqlgen would generate for each field; zoomgen takes that out of its files (shorten.go there).

// leaves are things, rows, their parts, and connections: they have fields that lead nowhere.
type leaves interface {
	Leaf(field *ast.Field) *project.Value
}

// leaf answers a field that leads nowhere. gqlgen does not know of these: what it generates comes here with each field
// that it does not know.
func (ec *executionContext) leaf(ctx context.Context, field graphql.CollectedField, of leaves) graphql.Marshaler {
	return graphql.ResolveField(ctx, ec.OperationContext, field, contextOf,
		func(context.Context) (any, error) { return of.Leaf(field.Field), nil },
		nil, ec.marshalOZoomValue2ᚖzoomgraphᚋgraphᚋprojectᚐValue, true, false)
}

// contextOf is the context of a field without arguments.
func contextOf(_ context.Context, field graphql.CollectedField) (*graphql.FieldContext, error) {
	return &graphql.FieldContext{Object: field.ObjectDefinition.Name, Field: field, IsMethod: true, IsResolver: true}, nil
}

// reading reads the arguments of a field.
type reading = func(ctx context.Context, raw map[string]any) (map[string]any, error)

// withArguments makes the context of a field whose arguments read reads.
func (ec *executionContext) withArguments(read reading) func(context.Context, graphql.CollectedField) (*graphql.FieldContext, error) {
	return func(ctx context.Context, field graphql.CollectedField) (fc *graphql.FieldContext, err error) {
		fc, _ = contextOf(ctx, field)
		defer func() {
			if r := recover(); r != nil {
				err = ec.Recover(ctx, r)
				ec.Error(ctx, err)
			}
		}()
		ctx = graphql.WithFieldContext(ctx, fc)
		if fc.Args, err = read(ctx, field.ArgumentMap(ec.Variables)); err != nil {
			ec.Error(ctx, err)
		}
		return fc, err
	}
}
