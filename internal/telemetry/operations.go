package telemetry

import (
	"context"
	"io"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/trace"

	"zoomgraph/client"
	"zoomgraph/graph/load"
	"zoomgraph/internal/answering"
)

// An operation is looked at from both sides of the facade's own extensions: from outside it is seen whole, with those
// that the facade refuses; from inside, what it cost.

// Around puts the extensions that see operations around the facade's own.
func (t *Telemetry) Around(own []graphql.HandlerExtension) []graphql.HandlerExtension {
	all := append([]graphql.HandlerExtension{outside{t}}, own...)
	all = append(all, inside{t})
	if t.traces != nil {
		all = append(all, fields{t})
	}
	return all
}

// outcome is how an operation ended.
type outcome int

const (
	ok      outcome = iota
	partial         // errors, and something beside them
	failed          // errors and nothing else
	refused         // it never ran
)

// String is the outcome's name in metrics and traces.
func (o outcome) String() string { return [...]string{"ok", "partial", "error", "refused"}[o] }

// kind is the type of an operation.
type kind int

const (
	query kind = iota
	mutation
	subscription
	unknown // it could not be told
)

// String is the type's name in metrics and traces.
func (k kind) String() string { return [...]string{"query", "mutation", "subscription", "unknown"}[k] }

// run is one operation under way, and the context of all that is done for it.
type run struct {
	context.Context //nolint:containedctx // it is one

	*Telemetry
	kind    kind
	start   time.Time
	span    trace.Span // nil without traces
	entered bool       // the facade let it run
	seen    bool       // it has an answer
	over    bool
	outcome outcome // the worst so far
	code    string  // of the first error
}

type runKey struct{}

// Value implements context.Context.
func (r *run) Value(key any) any {
	if _, ok := key.(runKey); ok {
		return r
	}
	return r.Context.Value(key)
}

// runOf is the run that ctx belongs to; nil: its operation was not dispatched, or it has none.
func runOf(ctx context.Context) *run {
	r, _ := ctx.Value(runKey{}).(*run)
	return r
}

func kindOf(op *graphql.OperationContext) kind {
	switch {
	case op.Operation == nil:
		return unknown
	case op.Operation.Operation == ast.Query:
		return query
	case op.Operation.Operation == ast.Mutation:
		return mutation
	case op.Operation.Operation == ast.Subscription:
		return subscription
	}
	return unknown
}

// outside sees operations whole.
type outside struct{ *Telemetry }

var (
	_ graphql.HandlerExtension     = outside{}
	_ graphql.OperationInterceptor = outside{}
)

// ExtensionName implements graphql.HandlerExtension.
func (outside) ExtensionName() string { return "Telemetry" }

// Validate implements graphql.HandlerExtension.
func (outside) Validate(graphql.ExecutableSchema) error { return nil }

// InterceptOperation follows an operation to its answer, and a subscription to its last one.
func (o outside) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	op := graphql.GetOperationContext(ctx)
	r := &run{Context: ctx, Telemetry: o.Telemetry, kind: kindOf(op), start: op.Stats.OperationStart}
	if o.traces != nil {
		r.Context, r.span = o.traces.operation(ctx, r, op.Headers)
	}
	answers := next(r)
	return func(ctx context.Context) (answer *graphql.Response) {
		defer func() { // a panic ends it as well
			if answer == nil || !r.streams() {
				r.end()
			}
		}()
		answer = answers(ctx)
		r.see(ctx, answer)
		return answer
	}
}

func (r *run) streams() bool { return r.kind == subscription }

// see takes note of an answer. A nil one ends a stream; of another operation it says that its time was over.
func (r *run) see(ctx context.Context, answer *graphql.Response) {
	switch {
	case answer != nil:
		r.seen = true
		for _, err := range answer.Errors {
			r.fail(codeOf(err))
		}
		r.outcome = max(r.outcome, r.outcomeOf(ctx, answer))
	case !r.seen && !r.streams():
		r.fail(string(client.CodeUpstreamTimeout))
	}
}

func (r *run) fail(code string) {
	r.failed(code)
	if r.code == "" {
		r.code = known(code)
	}
}

func codeOf(err *gqlerror.Error) string {
	code, _ := err.Extensions["code"].(string)
	return code
}

func (r *run) outcomeOf(ctx context.Context, resp *graphql.Response) outcome {
	switch {
	case len(resp.Errors) == 0:
		return ok
	case !r.entered:
		return refused
	}
	data := [][]byte{resp.Data}
	if w := answering.From(ctx); w != nil && w.Len() > 0 {
		data = w.Parts()
	}
	if !says(data) {
		return failed
	}
	return partial
}

// says tells whether anything in an answer, which comes in parts, is more than null: things are there before they are
// read, and empty where that fails. It makes nothing of the answer, which may be large.
func says(parts [][]byte) bool {
	var quoted, escaped, text bool // in a text; behind a backslash in it; behind one that is a key or a value
	for _, part := range parts {
		for _, c := range part {
			switch {
			case escaped:
				escaped = false
			case quoted:
				escaped = c == '\\'
				quoted = c != '"'
				text = !quoted
			case c == ' ', c == '\n', c == '\r', c == '\t':
			case text && c != ':':
				return true
			case c == '"':
				quoted = true
			case strings.IndexByte("{}[],:nul", c) < 0:
				return true
			default:
				text = false
			}
		}
	}
	return text
}

// end counts an operation.
func (r *run) end() {
	if r.over {
		return
	}
	r.over = true
	if !r.seen && !r.streams() {
		r.outcome = failed
	}
	r.counted.ended[r.kind][r.outcome]().Inc()
	r.counted.took[r.kind]().Observe(time.Since(r.start).Seconds())
	if r.span != nil {
		r.span.SetAttributes(attribute.String("zoomgraph.outcome", r.outcome.String()))
		endSpan(r.span, r.code, time.Now())
	}
}

// PresentError counts the errors that next makes of requests which do not become a running operation: one that is no
// GraphQL, or whose document, variables or caller are at fault. Those of an operation are counted in its answer.
func (t *Telemetry) PresentError(next graphql.ErrorPresenterFunc) graphql.ErrorPresenterFunc {
	return func(ctx context.Context, err error) *gqlerror.Error {
		public := next(ctx, err)
		if runOf(ctx) == nil {
			t.failed(codeOf(public))
		}
		return public
	}
}

// Refused counts a request that did not become a running operation; it is called once for each.
func (t *Telemetry) Refused(context.Context) { t.counted.ended[unknown][refused]().Inc() }

// inside sees operations that run.
type inside struct{ *Telemetry }

var (
	_ graphql.HandlerExtension     = inside{}
	_ graphql.OperationInterceptor = inside{}
	_ graphql.ResponseInterceptor  = inside{}
)

// ExtensionName implements graphql.HandlerExtension.
func (inside) ExtensionName() string { return "TelemetryInside" }

// Validate implements graphql.HandlerExtension.
func (inside) Validate(graphql.ExecutableSchema) error { return nil }

// InterceptOperation notes that the facade lets the operation run.
func (inside) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	runOf(ctx).entered = true
	return next(ctx)
}

// InterceptResponse counts what an answer cost.
func (i inside) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	answer := next(ctx)
	session := load.From(ctx)
	if session == nil {
		return answer
	}
	cost := session.Tally()
	for of, n := range cost.Respellings {
		i.counted.respelled.WithLabelValues(of.Field, of.Type).Add(float64(n))
	}
	if cost.Cached > 0 {
		i.counted.cached().Add(float64(cost.Cached))
	}
	if cost.Coalesced > 0 {
		i.counted.coalesced().Add(float64(cost.Coalesced))
	}
	if cost.UnknownValues > 0 {
		i.counted.unknownValues.Add(float64(cost.UnknownValues))
	}
	if i.traces != nil && cost.Calls+cost.Cached+cost.Coalesced > 0 {
		trace.SpanFromContext(ctx).SetAttributes(attribute.Int("zoomgraph.calls", cost.Calls), attribute.Int("zoomgraph.cached", cost.Cached),
			attribute.Int("zoomgraph.coalesced", cost.Coalesced), attribute.Int64("zoomgraph.waited_ms", cost.Waited.Milliseconds()))
	}
	return answer
}

// fields traces the root fields, each from its beginning until its value is written: what it needs is waited for then.
type fields struct{ *Telemetry }

var (
	_ graphql.HandlerExtension     = fields{}
	_ graphql.RootFieldInterceptor = fields{}
)

// ExtensionName implements graphql.HandlerExtension.
func (fields) ExtensionName() string { return "TelemetryFields" }

// Validate implements graphql.HandlerExtension.
func (fields) Validate(graphql.ExecutableSchema) error { return nil }

// InterceptRootField implements graphql.RootFieldInterceptor.
func (f fields) InterceptRootField(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
	if !trace.SpanFromContext(ctx).IsRecording() {
		return next(ctx)
	}
	ctx, span := f.traces.field(ctx, graphql.GetRootFieldContext(ctx).Field.Name)
	answer := next(ctx)
	if answer == nil || answer == graphql.Null {
		span.End()
		return answer
	}
	return graphql.WriterFunc(func(w io.Writer) {
		defer span.End()
		answer.MarshalGQL(w)
	})
}
