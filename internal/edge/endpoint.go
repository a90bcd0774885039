package edge

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"zoomgraph/internal/answering"
	"zoomgraph/internal/reqid"
)

// endpoint answers GraphQL requests. Whatever the transport, a request takes the same way: accept
// makes an operation of it or refuses it, start runs that, and present and curtail say what its errors look like. Over
// HTTP, which is here, readRequest reads it, status knows what a conclusion is called, and send writes the answer.
type endpoint struct {
	exec      *executor
	schema    *ast.Schema
	documents *documents
	present   graphql.ErrorPresenterFunc
	timeout   time.Duration
	answers   *answering.Budget
	pace      pace // of clients that read their answer
	draft2026 bool
	uploads   *room
	caller    func(context.Context) string // whose a request is
	refused   func(context.Context)        // nil: nobody is told
	log       *slog.Logger
}

func newEndpoint(o Options) (*endpoint, error) {
	e := &endpoint{
		schema:    o.Schema.Schema(),
		timeout:   o.RequestTimeout,
		answers:   o.Answers,
		pace:      paceOf(o.MinAnswerRate),
		draft2026: o.Draft2026,
		uploads:   newRoom(cmp.Or(o.UploadBytes, DefaultUploadBytes)),
		caller:    o.Caller,
		refused:   o.Refused,
		log:       o.Logger,
		present: func(ctx context.Context, err error) *gqlerror.Error {
			return identify(ctx, o.ErrorPresenter(ctx, err))
		},
	}
	if e.caller == nil {
		e.caller = func(context.Context) string { return "" }
	}
	if e.answers == nil {
		e.answers = answering.NewBudget(0, 0)
	}
	var err error
	if e.documents, err = newDocuments(o, e.schema); err != nil {
		return nil, err
	}
	extensions := slices.Concat([]graphql.HandlerExtension{newIntrospection(o.Introspection)}, o.Extensions, []graphql.HandlerExtension{intake{e}})
	e.exec, err = newExecutor(o.Schema, extensions, func(ctx context.Context, err error) *gqlerror.Error {
		public := e.present(ctx, err)
		if !admit(ctx) {
			return nil
		}
		return public
	}, e.recovered)
	return e, err
}

// accept makes an operation of a request that was read, and puts it into x: its document is found and judged, its variables
// are coerced. The error is a refusal, and nothing has run then.
func (e *endpoint) accept(ctx context.Context, in *received, x *execution) error {
	doc, err := e.documents.find(in)
	if err != nil {
		return err
	}
	x.Context, x.of, x.document, x.attached = ctx, e, doc, in.attached
	x.op = graphql.OperationContext{
		RawQuery: doc.Text, Doc: doc.AST, OperationName: in.OperationName, Extensions: in.Extensions, Headers: in.Headers,
		DisableIntrospection: true, RecoverFunc: e.exec.recover, ResolverMiddleware: e.exec.field, RootResolverMiddleware: e.exec.root,
		Stats: graphql.Stats{Read: in.ReadTime, OperationStart: in.start},
	}
	if x.op.Operation = doc.AST.Operations.ForName(in.OperationName); x.op.Operation == nil {
		return refusal{why: notExecuted, errs: gqlerror.List{missingOperation(doc.AST.Operations, in.OperationName)}}
	}
	if x.op.Variables, err = variablesOf(e.schema, x.op.Operation, in.Variables); err != nil {
		return err
	}
	for _, m := range e.exec.mutators {
		if err := m.MutateOperationContext(x, &x.op); err != nil {
			return refusal{why: notExecuted, errs: gqlerror.List{err}}
		}
	}
	if in.attached != nil {
		return checkUploads(e.schema, x.op.Operation, in.attached.places)
	}
	return nil
}

// ServeHTTP answers a GET or POST that has no place in flight.
func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	x := e.exchange(w, r)
	defer x.end()
	e.respond(x)
}

// respond answers a GET or POST.
func (e *endpoint) respond(x *exchange) {
	media, acceptable := negotiate(x.r.Header["Accept"])
	defer e.rescueAnswer(x, media)
	defer e.discard(x.ctx, &x.files)
	in, err := readRequest(x.ctx, x.server, x.r, &x.files, e.documents.spelled)
	if !x.read() {
		e.giveWay(x.ctx, x.w, media)
		return
	}
	if err == nil && !acceptable {
		err = refusal{why: notAcceptable, code: badUserInput, message: "the Accept header leaves neither application/graphql-response+json nor application/json"}
	}
	if err == nil {
		in.start = x.start
		err = e.accept(x.ctx, &in, &x.run)
	}
	in.forget()
	if err == nil {
		err = answerable(x.run.op.Operation.Operation, x.r.Method)
	}
	if err != nil {
		e.refuse(x.ctx, x.w, media, err)
		return
	}
	e.execute(x, media)
}

// rescueAnswer answers a request that panicked.
func (e *endpoint) rescueAnswer(x *exchange, media mediaType) {
	if p := recover(); p != nil {
		if p == http.ErrAbortHandler { //nolint:errorlint // a panic's value, compared as net/http does
			panic(p)
		}
		e.send(x.ctx, x.w, media, failed, &graphql.Response{Errors: gqlerror.List{e.present(x.ctx, e.recovered(x.ctx, p))}})
	}
}

// execute answers a request whose operation was accepted.
func (e *endpoint) execute(x *exchange, media mediaType) {
	ctx, w, run := x.ctx, x.w, &x.run
	if run.op.Operation.Operation == ast.Mutation && !x.keep() {
		e.giveWay(ctx, w, media)
		return
	}
	run.begin(ctx)
	defer run.stop()
	resp, body := run.next()
	switch {
	case !x.reply():
		e.giveWay(ctx, w, media)
	case e.answerRefused(ctx, w, media, run.attached):
	case resp == nil: // the executor's way to say that the context ended first
		e.refuse(ctx, w, media, refusal{why: timedOut, code: "UPSTREAM_TIMEOUT", message: fmt.Sprintf("the request did not finish within %v", e.timeout)})
	case errors.Is(body.Err(), answering.ErrBusy):
		w.Header().Set("Retry-After", "1")
		e.send(ctx, w, media, busy, resp)
	case len(resp.Data) == 0:
		e.send(ctx, w, media, notExecuted, resp)
	case len(resp.Errors) > 0:
		e.sendParts(ctx, w, media, partly, resp, body)
	default:
		e.sendParts(ctx, w, media, executed, resp, body)
	}
}

// answerable refuses an operation that one answer to this method cannot be the answer to.
func answerable(kind ast.Operation, method string) error {
	switch {
	case kind == ast.Subscription:
		return refused(badUserInput, "a subscription has more than one answer; subscribe by WebSocket or by server-sent events")
	case method == http.MethodGet && kind != ast.Query:
		return refusal{why: wrongMethod, code: badUserInput, allow: http.MethodPost, message: fmt.Sprintf("a %s cannot be sent by GET; send it by POST", kind)}
	}
	return nil
}

// refuse answers a request that gets no data.
func (e *endpoint) refuse(ctx context.Context, w http.ResponseWriter, media mediaType, err error) {
	tellHeaders(w.Header(), err)
	if r := (refusal{}); errors.As(err, &r) && r.why == busy && w.Header().Get("Retry-After") == "" {
		w.Header().Set("Retry-After", "1")
	}
	why, errs := e.explainRefusal(ctx, err)
	e.send(ctx, w, media, why, &graphql.Response{Errors: errs})
}

// tellHeaders tells by headers which methods would do, and when a request may be sent again.
func tellHeaders(header http.Header, err error) {
	var r refusal
	if !errors.As(err, &r) {
		return
	}
	if r.allow != "" {
		header.Set("Allow", r.allow)
	}
	if r.retryAfter > 0 {
		header.Set("Retry-After", strconv.Itoa(r.retryAfter))
	}
}

// explainRefusal is what a client is told of why accept, or the reading of a request, failed.
func (e *endpoint) explainRefusal(ctx context.Context, err error) (conclusion, gqlerror.List) {
	if e.refused != nil {
		e.refused(ctx)
	}
	return e.explainFault(ctx, err)
}

// explainFault is explainRefusal for a request that is counted as an operation. An error that is not a refusal is a fault
// of ours.
func (e *endpoint) explainFault(ctx context.Context, err error) (conclusion, gqlerror.List) {
	var r refusal
	if !errors.As(err, &r) {
		e.log.ErrorContext(ctx, "request cannot be read", "requestId", reqid.From(ctx), "error", err)
		return failed, gqlerror.List{e.present(ctx, internalError(ctx))}
	}
	if len(r.errs) == 0 {
		return r.why, gqlerror.List{e.present(ctx, &gqlerror.Error{Message: r.message, Extensions: map[string]any{"code": r.code}})}
	}
	public := make(gqlerror.List, len(r.errs))
	for i, err := range r.errs {
		public[i] = e.present(ctx, err)
	}
	return r.why, curtail(ctx, public, 0)
}

// recovered logs what panicked, with its stack, and returns what the client
// may know of it.
func (e *endpoint) recovered(ctx context.Context, p any) error {
	e.log.ErrorContext(ctx, "panic", "requestId", reqid.From(ctx), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	return internalError(ctx)
}

func missingOperation(ops ast.OperationList, name string) *gqlerror.Error {
	names := make([]string, len(ops))
	for i, op := range ops {
		names[i] = op.Name
		if op.Name == "" {
			names[i] = "an unnamed one"
		}
	}
	err := gqlerror.Errorf("there is no operation %q in the document; it has %s", name, strings.Join(names, ", "))
	if name == "" {
		err = gqlerror.Errorf("the document has %d operations (%s); say by operationName which one to run", len(ops), strings.Join(names, ", "))
	}
	err.Extensions = map[string]any{"code": badUserInput}
	return err
}

// short is a number as a message may repeat it.
func short(number json.Number) string {
	if len(number) > 40 {
		return fmt.Sprintf("a number of %d characters", len(number))
	}
	return number.String()
}

// badVariable takes the path out of the error, since a path of an answer's
// error means a field, and puts it into the message.
func badVariable(op *ast.OperationDefinition, err *gqlerror.Error) *gqlerror.Error {
	name := strings.TrimPrefix(err.Path.String(), "variable.")
	def := op.VariableDefinitions.ForName(name)
	out := &gqlerror.Error{
		Message:    fmt.Sprintf("variable $%s: %s", name, err.Message),
		Extensions: map[string]any{"code": badUserInput},
	}
	if def != nil && def.Position != nil {
		out.Locations = []gqlerror.Location{{Line: def.Position.Line, Column: def.Position.Column}}
	}
	return out
}
