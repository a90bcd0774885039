package graph

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"zoomgraph/graph/load"
	"zoomgraph/graph/price"
	"zoomgraph/graph/project"
	"zoomgraph/internal/answering"
	"zoomgraph/internal/callers"
)

// TraceHeader is the request header that asks for extensions.zoom.calls and extensions.zoom.saved.
const TraceHeader = "X-Zoomgraph-Trace"

// operations is the gqlgen extension that gives each operation its session, and each answer its explanation.
type operations struct{ *Server }

var (
	_ graphql.HandlerExtension     = operations{}
	_ graphql.OperationInterceptor = operations{}
	_ graphql.ResponseInterceptor  = operations{}
	_ graphql.RootFieldInterceptor = operations{}
)

// ExtensionName implements graphql.HandlerExtension.
func (operations) ExtensionName() string { return "ZoomOperations" }

// Validate implements graphql.HandlerExtension.
func (operations) Validate(graphql.ExecutableSchema) error { return nil }

// InterceptResponse gives the operation its session and explains the answer.
func (o operations) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	op := graphql.GetOperationContext(ctx)
	if op.Operation == nil {
		return next(ctx)
	}
	worst := pricedAt(ctx)
	if !makeRoom(ctx, op, worst) {
		return &graphql.Response{Errors: gqlerror.List{answering.From(ctx).Refusal(op.Operation.Operation)}}
	}
	session := load.NewSession(ctx, o.principal(ctx).upstream, rootFields(op))
	defer session.Close()
	session.Caller = callers.From(ctx).Name
	session.Since = notBefore(op.Headers, op.Stats.OperationStart)
	traced := o.explain && op.Headers.Get(TraceHeader) == "1"
	if traced {
		session.Trace(began(ctx, op))
	}
	ctx = load.With(ctx, session)
	if op.Operation.Operation == ast.Subscription {
		if st := streamOf(ctx); st != nil {
			ctx = st.begin(ctx, session)
		}
	}
	response := next(ctx)
	if response == nil {
		return nil
	}
	if !mend(ctx, response, session.Voids()) || !o.explain {
		return response
	}
	if explanation := session.Explain(traced); explanation != nil {
		if response.Extensions == nil {
			response.Extensions = map[string]any{}
		}
		if worst != nil {
			explanation.Cost.Requested = worst.Calls
		}
		response.Extensions["zoom"] = explanation
	}
	return response
}

// makeRoom takes room among all answers for what the fields of one take until they are written, where that counts. It
// reports false where there is none. A mutation has none of that size.
func makeRoom(ctx context.Context, op *graphql.OperationContext, worst *price.Price) bool {
	if worst == nil || op.Operation.Operation == ast.Mutation || worst.Size.Memory() < answering.Modest {
		return true
	}
	w := answering.From(ctx)
	return w == nil || w.Reserve(worst.Size.Memory())
}

// mend puts null where the answer may not be what it is. It reports false for an answer that has no data because there
// was no room for it.
func mend(ctx context.Context, response *graphql.Response, voids []ast.Path) bool {
	w := answering.From(ctx)
	if len(voids) == 0 && (w == nil || w.Err() == nil) {
		return true
	}
	if w != nil && w.Err() == nil && w.Len() > 0 {
		response.Data = w.Join()
	}
	if refusal := w.Refusal(graphql.GetOperationContext(ctx).Operation.Operation); refusal != nil {
		response.Data, response.Errors = nil, gqlerror.List{refusal}
		return false
	}
	response.Data = project.Nullify(response.Data, voids)
	return true
}

// began is when the operation began, or the answer to a change that a subscription tells of.
func began(ctx context.Context, op *graphql.OperationContext) time.Time {
	if streamOf(ctx) != nil {
		return time.Now()
	}
	return op.Stats.OperationStart
}

// notBefore is when an answer may have been read at the earliest, as the request's Cache-Control has it: not before the
// request where it says no-cache, or as many seconds before as max-age says. Zero leaves it to the service.
func notBefore(headers http.Header, start time.Time) time.Time {
	given := headers["Cache-Control"]
	if len(given) == 0 {
		return time.Time{}
	}
	for directive := range strings.SplitSeq(strings.Join(given, ","), ",") {
		name, value, _ := strings.Cut(strings.ToLower(strings.TrimSpace(directive)), "=")
		switch name {
		case "no-cache", "no-store":
			return start
		case "max-age":
			if age, err := strconv.ParseUint(value, 10, 31); err == nil {
				return start.Add(-time.Duration(age) * time.Second)
			}
		}
	}
	return time.Time{}
}

// rootFields counts the fields that are resolved side by side: a mutation's are one after the other, and a subscription
// has only one.
func rootFields(op *graphql.OperationContext) int {
	if op.Operation.Operation != ast.Query {
		return 1
	}
	n := 0
	if plain := op.Operation.SelectionSet; len(plain) == 1 { // as most are
		if field, ok := plain[0].(*ast.Field); ok && len(field.Directives) == 0 && field.Name != "__typename" {
			return 1
		}
	}
	for _, field := range graphql.CollectFields(op, op.Operation.SelectionSet, []string{"Query"}) {
		if field.Name != "__typename" {
			n++
		}
	}
	return n
}

// InterceptRootField says when all that a root field needs is said. What a field of a mutation answers is written at
// once, since it must be read before the next field writes; and what was read before it is forgotten. The roots of a sub
// account are below a field of the operation's own: that one settles.
func (o operations) InterceptRootField(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
	session, within := load.From(ctx), graphql.GetFieldContext(ctx)
	switch {
	case within.Object == o.Program.Schema.Mutation.Name:
	case within.Parent != nil:
		return next(ctx)
	default:
		defer session.Settle()
		return next(ctx)
	}
	field := next(ctx)
	if field == graphql.Null || field == nil {
		return field
	}
	written := draft(ctx, field)
	session.Forget()
	return written
}

// draft writes a field of a mutation ahead of its place. Where it is too large the answer has failed, but not the fields
// behind it: they are to write, too.
func draft(ctx context.Context, field graphql.Marshaler) graphql.Marshaler {
	whole := answering.From(ctx)
	if whole == nil {
		var b bytes.Buffer
		field.MarshalGQL(&b)
		return graphql.WriterFunc(func(w io.Writer) { _, _ = w.Write(b.Bytes()) })
	}
	part := whole.Draft()
	if err := answering.Try(func() { field.MarshalGQL(part) }); err != nil {
		part.Close()
		whole.Fail(err)
		return graphql.Null
	}
	return graphql.WriterFunc(func(w io.Writer) {
		for i, text := range part.Parts() {
			_, _ = w.Write(text)
			part.Sent(i)
		}
	})
}
