// Package exec is the executor that gqlgen generates, and writes answers within their bounds.
package exec

import (
	"bytes"
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/planned"
	"zoomgraph/graph/project"
	"zoomgraph/internal/answering"
)

// New makes the schema as NewExecutableSchema does, and has answers written by the [answering.Writer] of their contexts. Data
// is then the beginning of what was written, or nothing where the writer had no room for all of it.
func New(cfg Config) graphql.ExecutableSchema {
	return bounded{executableSchema: NewExecutableSchema(cfg).(*executableSchema)}
}

// Planned is the schema of [New] with its queries executed by plans, as far as they can be. Of the options it sets Schema,
// Fields and Leaves.
func Planned(schema graphql.ExecutableSchema, o planned.Options) (graphql.ExecutableSchema, error) {
	b := schema.(bounded)
	o.Schema, o.Fields = schema.Schema(), newExecutionContext(nil, b.executableSchema, nil).fields()
	o.Leaves = func(of any, field *ast.Field) *project.Value { return of.(leaves).Leaf(field) }
	var err error
	b.queries, err = planned.New(o)
	return b, err
}

// bounded is gqlgen's schema but for Exec, which writes into a buffer without bounds there.
type bounded struct {
	*executableSchema

	queries *planned.Queries // nil: gqlgen executes them
}

// Exec implements graphql.ExecutableSchema.
func (b bounded) Exec(ctx context.Context) graphql.ResponseHandler {
	op := graphql.GetOperationContext(ctx)
	if b.queries != nil {
		if plan := b.queries.Plan(op); plan != nil {
			return once(plan.Run)
		}
	}
	ec := newExecutionContext(op, b.executableSchema, nil)
	switch op.Operation.Operation {
	case ast.Query:
		return once(func(ctx context.Context) graphql.Marshaler { return ec._Query(ctx, op.Operation.SelectionSet) })
	case ast.Mutation:
		return once(func(ctx context.Context) graphql.Marshaler { return ec._Mutation(ctx, op.Operation.SelectionSet) })
	}
	next := ec._Subscription(ctx, op.Operation.SelectionSet)
	return func(ctx context.Context) *graphql.Response {
		data := next(ctx)
		if data == nil {
			return nil
		}
		return write(ctx, data)
	}
}

// Below resolves Query or Mutation where the field of ctx leads to it, with ctx: what that says of the principal and the
// session holds for all that is selected there. schema is one of [New].
func Below(ctx context.Context, schema graphql.ExecutableSchema, root ast.Operation) graphql.Marshaler {
	ec := newExecutionContext(graphql.GetOperationContext(ctx), schema.(bounded).executableSchema, nil)
	selected := graphql.GetFieldContext(ctx).Field.Selections
	if root == ast.Mutation {
		return ec._Mutation(ctx, selected)
	}
	return ec._Query(ctx, selected)
}

// once answers by what resolve resolves, and no second time.
func once(resolve func(context.Context) graphql.Marshaler) graphql.ResponseHandler {
	done := false
	return func(ctx context.Context) *graphql.Response {
		if done {
			return nil
		}
		done = true
		return write(ctx, resolve(ctx))
	}
}

func write(ctx context.Context, data graphql.Marshaler) *graphql.Response {
	w := answering.From(ctx)
	if w == nil {
		var buf bytes.Buffer
		data.MarshalGQL(&buf)
		return &graphql.Response{Data: buf.Bytes()}
	}
	if err := answering.Try(func() { data.MarshalGQL(w) }); err != nil {
		w.Drop()
		return &graphql.Response{}
	}
	return &graphql.Response{Data: w.Parts()[0]}
}
