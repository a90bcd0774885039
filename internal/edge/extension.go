package edge

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// introspection is the gqlgen extension that refuses an operation which asks for the schema, or lets such operations have
// their turn: one at a time, since each takes as much memory as hundreds of others.
type introspection struct {
	on   bool
	turn chan struct{} // has room for one
}

// aboutSchema is the name under which it stands beside an operation that it asks for the schema.
const aboutSchema = "aboutSchema"

func newIntrospection(on bool) introspection {
	return introspection{on: on, turn: make(chan struct{}, 1)}
}

var (
	_ graphql.OperationContextMutator = introspection{}
	_ graphql.ResponseInterceptor     = introspection{}
)

// ExtensionName implements graphql.HandlerExtension.
func (introspection) ExtensionName() string { return "Introspection" }

// Validate implements graphql.HandlerExtension.
func (introspection) Validate(graphql.ExecutableSchema) error { return nil }

// MutateOperationContext implements graphql.OperationContextMutator.
func (in introspection) MutateOperationContext(ctx context.Context, op *graphql.OperationContext) *gqlerror.Error {
	op.DisableIntrospection = !in.on
	if doc := found(ctx); doc != nil && !doc.Introspects {
		return nil
	}
	field, asks := introspects(op)
	if !asks {
		return nil
	}
	if in.on {
		op.Stats.SetExtension(aboutSchema, true)
		return nil
	}
	err := gqlerror.ErrorPosf(field.Position, "introspection is off here, so %s cannot be asked for", field.Name)
	err.Extensions = map[string]any{"code": forbidden}
	return err
}

// InterceptResponse implements graphql.ResponseInterceptor.
func (in introspection) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	if graphql.GetOperationContext(ctx).Stats.GetExtension(aboutSchema) == nil {
		return next(ctx)
	}
	select {
	case in.turn <- struct{}{}:
		defer func() { <-in.turn }()
		return next(ctx)
	case <-ctx.Done():
		return nil
	}
}

// introspects returns the first root field that is about the schema.
func introspects(op *graphql.OperationContext) (graphql.CollectedField, bool) {
	for _, field := range graphql.CollectFields(op, op.Operation.SelectionSet, nil) {
		if field.Name == "__schema" || field.Name == "__type" {
			return field, true
		}
	}
	return graphql.CollectedField{}, false
}
