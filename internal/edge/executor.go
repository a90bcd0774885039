package edge

import (
	"context"
	"fmt"
	"slices"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/internal/ctxkey"
)

// executor runs operations as gqlgen's own executor does, for less: the extensions are joined once and not for each
// operation, and what belongs to an operation is one thing, the [execution], which is its context as well. Start reading at
// newExecutor.
type executor struct {
	schema   graphql.ExecutableSchema
	mutators []graphql.OperationContextMutator
	field    graphql.FieldMiddleware
	root     graphql.RootFieldMiddleware
	present  graphql.ErrorPresenterFunc
	recover  graphql.RecoverFunc

	begin   graphql.OperationHandler // through all extensions to perform
	respond graphql.ResponseHandler  // of every operation
	answer  graphql.ResponseHandler  // through all extensions to collect
}

// newExecutor joins the extensions, of which the first is the outermost. All but those that change what was sent are taken.
func newExecutor(schema graphql.ExecutableSchema, extensions []graphql.HandlerExtension, present graphql.ErrorPresenterFunc, recovered graphql.RecoverFunc) (*executor, error) {
	e := &executor{
		schema: schema, present: present, recover: recovered,
		field: func(ctx context.Context, next graphql.Resolver) (any, error) { return next(ctx) },
		root:  func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler { return next(ctx) },
	}
	for _, extension := range extensions {
		if err := extension.Validate(schema); err != nil {
			return nil, fmt.Errorf("edge: extension %s: %w", extension.ExtensionName(), err)
		}
		if _, changes := extension.(graphql.OperationParameterMutator); changes {
			return nil, fmt.Errorf("edge: extension %s would change what was sent, which is judged before any extension sees it", extension.ExtensionName())
		}
		if m, ok := extension.(graphql.OperationContextMutator); ok {
			e.mutators = append(e.mutators, m)
		}
	}
	e.begin, e.respond, e.answer = e.perform, e.next, e.collect
	for _, extension := range slices.Backward(extensions) {
		if i, ok := extension.(graphql.OperationInterceptor); ok {
			inner := e.begin
			e.begin = func(ctx context.Context) graphql.ResponseHandler { return i.InterceptOperation(ctx, inner) }
		}
		if i, ok := extension.(graphql.ResponseInterceptor); ok {
			inner := e.answer
			e.answer = func(ctx context.Context) *graphql.Response { return i.InterceptResponse(ctx, inner) }
		}
	}
	e.joinFields(extensions)
	return e, nil
}

// joinFields joins what extensions do around fields. What is alone is called without anything in between.
func (e *executor) joinFields(extensions []graphql.HandlerExtension) {
	fields, roots := 0, 0
	for _, extension := range slices.Backward(extensions) {
		if i, ok := extension.(graphql.FieldInterceptor); ok {
			outer, inner := i.InterceptField, e.field
			if e.field = outer; fields > 0 {
				e.field = func(ctx context.Context, next graphql.Resolver) (any, error) {
					return outer(ctx, func(ctx context.Context) (any, error) { return inner(ctx, next) })
				}
			}
			fields++
		}
		if i, ok := extension.(graphql.RootFieldInterceptor); ok {
			outer, inner := i.InterceptRootField, e.root
			if e.root = outer; roots > 0 {
				e.root = func(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
					return outer(ctx, func(ctx context.Context) graphql.Marshaler { return inner(ctx, next) })
				}
			}
			roots++
		}
	}
}

// perform has the schema run the operation of ctx.
func (e *executor) perform(ctx context.Context) graphql.ResponseHandler {
	x := executionOf(ctx)
	x.inner = ctx
	within := graphql.WithResponseContext(ctx, e.present, e.recover)
	x.answers = e.schema.Exec(within)
	if errs := graphql.GetErrors(within); errs != nil {
		return graphql.OneShot(&graphql.Response{Errors: errs})
	}
	if x.op.Operation.Operation != ast.Subscription {
		x.within = within // it has nothing in it, and there is one answer
	}
	return e.respond
}

// next is the next answer of the operation of ctx; nil: there is none any more, or ctx has ended.
func (e *executor) next(ctx context.Context) *graphql.Response {
	if ctx.Err() != nil {
		return nil
	}
	x := executionOf(ctx)
	within := x.within
	if x.within = nil; within == nil || ctx != x.inner {
		within = graphql.WithResponseContext(ctx, e.present, e.recover)
	}
	return e.answer(within)
}

// collect takes an answer from the schema, and adds what was noted while it was made.
func (e *executor) collect(ctx context.Context) *graphql.Response {
	resp := executionOf(ctx).answers(ctx)
	if resp == nil {
		return nil
	}
	resp.Errors = append(resp.Errors, graphql.GetErrors(ctx)...)
	resp.Extensions = graphql.GetExtensions(ctx)
	return resp
}

// operationKey is gqlgen's, which it keeps to itself.
var operationKey = ctxkey.Of(func(ctx context.Context) { graphql.HasOperationContext(ctx) })
