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
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"zoomgraph/internal/answering"
	"zoomgraph/internal/reqid"
)

// endpoint answers GraphQL requests on gqlgen's executor. Whatever the transport, a request takes the same way: accept
// makes an operation of it or refuses it, start runs that, and present and curtail say what its errors look like. Over
// HTTP, which is here, readRequest reads it, status knows what a conclusion is called, and send writes the answer.
type endpoint struct {
	exec      *executor.Executor
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
		exec:      executor.New(o.Schema),
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
	e.exec.SetErrorPresenter(func(ctx context.Context, err error) *gqlerror.Error {
		public := e.present(ctx, err)
		if !admit(ctx) {
			return nil
		}
		return public
	})
	e.exec.SetRecoverFunc(e.recovered)
	e.exec.SetQueryCache(handover{})
	extensions := slices.Concat([]graphql.HandlerExtension{newIntrospection(o.Introspection)}, o.Extensions, []graphql.HandlerExtension{intake{e}})
	for _, extension := range extensions {
		if err := extension.Validate(o.Schema); err != nil {
			return nil, fmt.Errorf("edge: extension %s: %w", extension.ExtensionName(), err)
		}
		e.exec.Use(extension)
	}
	return e, nil
}

// accept makes an operation of a request that was read: its document is found and judged, its variables are coerced. The
// error is a refusal, and nothing has run then.
func (e *endpoint) accept(ctx context.Context, in received) (*graphql.OperationContext, error) {
	doc, err := e.documents.find(in)
	if err != nil {
		return nil, err
	}
	in.Query = doc.Text
	if named := doc.AST.Operations.ForName(in.OperationName); named != nil {
		if err := coerceVariables(e.schema, named, in.Variables); err != nil {
			return nil, err
		}
	}
	op, errs := e.exec.CreateOperationContext(context.WithValue(ctx, foundKey{}, doc), in.RawParams)
	if len(errs) > 0 {
		return nil, refusal{why: notExecuted, errs: explain(op, in.RawParams, errs)}
	}
	if in.attached != nil {
		err = checkUploads(e.schema, op.Operation, in.attached.places)
	}
	return op, err
}

// start runs an operation. Next returns its answers in turn, with their errors bounded, and nil behind the last one or
// when ctx has ended; a query and a mutation have one answer, and the service's timeout for it unless ctx has a deadline.
// An answer's bytes count among those of all answers until next is called again, or stop, which is to be called at the end.
func (e *endpoint) start(ctx context.Context, op *graphql.OperationContext) (next func() *graphql.Response, stop func()) {
	run := e.begin(ctx, op)
	return func() *graphql.Response {
		resp, w := run.next()
		if resp != nil && w.Len() > 0 {
			resp.Data = w.Join()
		}
		return resp
	}, run.stop
}

// begin is start, and leaves the data of answers in pieces with their writers, where those hold any.
func (e *endpoint) begin(ctx context.Context, op *graphql.OperationContext) *execution {
	x := &execution{endpoint: e, op: op}
	x.ctx, x.cancel = e.span(ctx, op.Operation.Operation)
	x.respond, x.ctx = e.exec.DispatchOperation(context.WithValue(x.ctx, tallyKey{}, &x.errs), op)
	return x
}

// execution is an operation that runs.
type execution struct {
	*endpoint
	op      *graphql.OperationContext
	ctx     context.Context //nolint:containedctx // of the operation
	cancel  context.CancelFunc
	respond graphql.ResponseHandler
	errs    tally
	writer  *answering.Writer // of the last answer
}

func (x *execution) next() (*graphql.Response, *answering.Writer) {
	x.release()
	x.writer = x.answers.Open(x.ctx)
	resp := x.respond(answering.With(x.ctx, x.writer))
	switch {
	case resp == nil:
	case x.writer.Err() != nil:
		resp = x.unwritten(x.ctx, x.op, x.writer)
	default:
		resp.Errors = curtail(x.ctx, resp.Errors, x.errs.dropped())
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
func (e *endpoint) unwritten(ctx context.Context, op *graphql.OperationContext, w *answering.Writer) *graphql.Response {
	w.Drop()
	return &graphql.Response{Errors: gqlerror.List{e.present(ctx, w.Refusal(op.Operation.Operation))}}
}

// span bounds how long an operation runs, where nothing else does.
func (e *endpoint) span(ctx context.Context, kind ast.Operation) (context.Context, context.CancelFunc) {
	if _, bounded := ctx.Deadline(); bounded || kind == ast.Subscription {
		return ctx, func() {}
	}
	return context.WithTimeout(ctx, e.timeout)
}

// ServeHTTP answers a GET or POST.
func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(graphql.StartOperationTrace(r.Context()), e.timeout)
	defer cancel()
	media, acceptable := negotiate(r.Header.Values("Accept"))
	defer func() {
		if p := recover(); p != nil {
			if p == http.ErrAbortHandler { //nolint:errorlint // a panic's value, compared as net/http does
				panic(p)
			}
			e.send(ctx, w, media, failed, &graphql.Response{Errors: gqlerror.List{e.present(ctx, e.recovered(ctx, p))}})
		}
	}()
	files := e.spool(ctx)
	defer e.discard(ctx, files)
	in, err := readRequest(admittedOf(ctx).writer(w), r.WithContext(ctx), files, e.documents.spelled)
	if !admittedOf(ctx).read() {
		e.giveWay(ctx, w, media)
		return
	}
	if err == nil && !acceptable {
		err = refusal{why: notAcceptable, code: badUserInput, message: "the Accept header leaves neither application/graphql-response+json nor application/json"}
	}
	if err != nil {
		e.refuse(ctx, w, media, err)
		return
	}
	e.execute(ctx, w, media, in, r.Method)
}

// execute answers a request that was read.
func (e *endpoint) execute(ctx context.Context, w http.ResponseWriter, media mediaType, in received, method string) {
	op, err := e.accept(ctx, in)
	if err == nil {
		err = answerable(op.Operation.Operation, method)
	}
	if err != nil {
		e.refuse(ctx, w, media, err)
		return
	}
	if op.Operation.Operation == ast.Mutation && !admittedOf(ctx).keep() {
		e.giveWay(ctx, w, media)
		return
	}
	if in.attached != nil {
		ctx = context.WithValue(ctx, attachedKey{}, in.attached)
	}
	run := e.begin(ctx, op)
	defer run.stop()
	resp, body := run.next()
	switch {
	case !admittedOf(ctx).reply():
		e.giveWay(ctx, w, media)
	case e.answerRefused(ctx, w, media, in.attached):
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

// explain puts the executor's errors about the operation's name and its
// variables into words that name the thing and say what would do.
func explain(op *graphql.OperationContext, params *graphql.RawParams, errs gqlerror.List) gqlerror.List {
	switch {
	case op.Doc != nil && op.Operation == nil:
		return gqlerror.List{missingOperation(op.Doc.Operations, params.OperationName)}
	case op.Operation != nil && op.Variables == nil && len(errs[0].Path) > 1:
		return gqlerror.List{badVariable(op.Operation, errs[0])}
	}
	return errs
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
