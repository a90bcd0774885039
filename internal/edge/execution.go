package edge

import (
	"context"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"zoomgraph/internal/answering"
	"zoomgraph/internal/edge/document"
)

// execution is an operation from its acceptance to the end of its last answer. It is the context of all that is done for
// it: what belongs to the operation is found at once, and not by a walk over a chain of contexts. What it holds is set
// before anything runs beside the goroutine that has it.
type execution struct {
	context.Context //nolint:containedctx // it is one

	of       *endpoint
	op       graphql.OperationContext
	document *document.Document
	attached *attached // the files of a form; nil unless it came as one
	cancel   context.CancelFunc

	respond graphql.ResponseHandler // through all extensions
	answers graphql.ResponseHandler // of the schema
	inner   context.Context         //nolint:containedctx // of the answers, with what the extensions have put into it
	within  context.Context         //nolint:containedctx // of the one answer; nil: it has begun, or there are several

	errs   tally
	writer *answering.Writer // of the last answer
}

type executionKey struct{}

// executionOf is the operation that ctx belongs to; nil outside of one.
func executionOf(ctx context.Context) *execution {
	x, _ := ctx.Value(executionKey{}).(*execution)
	return x
}

// Value implements context.Context.
func (x *execution) Value(key any) any {
	switch key.(type) {
	case executionKey:
		return x
	case tallyKey:
		return &x.errs
	case answering.Key:
		return x.writer
	}
	if key == operationKey {
		return &x.op
	}
	return x.Context.Value(key)
}

// start runs an operation. Next returns its answers in turn, with their errors bounded, and nil behind the last one or
// when ctx has ended; a query and a mutation have one answer, and the service's timeout for it unless ctx has a deadline.
// An answer's bytes count among those of all answers until next is called again, or stop, which is to be called at the end.
func (e *endpoint) start(ctx context.Context, x *execution) (next func() *graphql.Response, stop func()) {
	x.begin(ctx)
	return func() *graphql.Response {
		resp, w := x.next()
		if resp != nil && w.Len() > 0 {
			resp.Data = w.Join()
		}
		return resp
	}, x.stop
}

// begin is start, and leaves the data of answers in pieces with their writers, where those hold any.
func (x *execution) begin(ctx context.Context) {
	x.Context, x.cancel = x.of.span(ctx, x.op.Operation.Operation)
	x.inner = x
	x.respond = x.of.exec.begin(x)
}

func (x *execution) next() (*graphql.Response, *answering.Writer) {
	x.release()
	x.writer = x.of.answers.Open(x.inner)
	resp := x.respond(x.inner)
	switch {
	case resp == nil:
	case x.writer.Err() != nil:
		resp = x.unwritten()
	default:
		resp.Errors = curtail(x.inner, resp.Errors, x.errs.dropped())
	}
	return resp, x.writer
}

func (x *execution) release() {
	if x.writer != nil {
		x.writer.Close()
		x.writer = nil
	}
}

func (x *execution) stop() {
	x.release()
	x.cancel()
}

// unwritten is the answer in place of one for which there was no room.
func (x *execution) unwritten() *graphql.Response {
	x.writer.Drop()
	return &graphql.Response{Errors: gqlerror.List{x.of.present(x.inner, x.writer.Refusal(x.op.Operation.Operation))}}
}

// span bounds how long an operation runs, where nothing else does.
func (e *endpoint) span(ctx context.Context, kind ast.Operation) (context.Context, context.CancelFunc) {
	if _, bounded := ctx.Deadline(); bounded || kind == ast.Subscription {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, e.timeout)
}
