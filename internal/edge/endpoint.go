package edge

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"runtime/debug"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"zoomgraph/internal/reqid"
)

const (
	// maxTokens bounds a document before it is validated, since validation
	// takes time with the square of the document's size.
	maxTokens = 2000
	// maxErrors bounds the errors of a refused request.
	maxErrors = 20
)

// endpoint is GraphQL over HTTP, GET and POST, on gqlgen's executor: readRequest
// reads a request, status knows what an outcome is called, send writes.
type endpoint struct {
	exec    *executor.Executor
	schema  *ast.Schema
	present graphql.ErrorPresenterFunc
	timeout time.Duration
	log     *slog.Logger
}

func newEndpoint(o Options) (*endpoint, error) {
	e := &endpoint{
		exec:    executor.New(o.Schema),
		schema:  o.Schema.Schema(),
		timeout: o.RequestTimeout,
		log:     o.Logger,
		present: func(ctx context.Context, err error) *gqlerror.Error {
			return identify(ctx, o.ErrorPresenter(ctx, err))
		},
	}
	e.exec.SetErrorPresenter(e.present)
	e.exec.SetRecoverFunc(e.recovered)
	e.exec.SetQueryCache(newDocuments())
	e.exec.SetParserTokenLimit(maxTokens)
	e.exec.SetDisableSuggestion(!o.Introspection)
	for _, extension := range append([]graphql.HandlerExtension{introspection(o.Introspection)}, o.Extensions...) {
		if err := extension.Validate(o.Schema); err != nil {
			return nil, fmt.Errorf("edge: extension %s: %w", extension.ExtensionName(), err)
		}
		e.exec.Use(extension)
	}
	return e, nil
}

// refusal is why a request gets errors and no data.
type refusal struct {
	why     outcome
	code    string
	message string
	allow   string // the methods that would do, where the method is at fault
}

func (r refusal) Error() string { return r.message }

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
	var files spool
	defer func() {
		if err := files.discard(); err != nil {
			e.log.ErrorContext(ctx, "uploaded files could not be removed", "error", err)
		}
	}()
	in, err := readRequest(w, r, &files)
	if err == nil && !acceptable {
		err = refusal{why: notAcceptable, code: badUserInput, message: "the Accept header leaves neither application/graphql-response+json nor application/json"}
	}
	if err != nil {
		e.refuse(ctx, w, media, err)
		return
	}
	e.execute(ctx, w, media, in, r.Method)
}

// execute runs the operation of a request that is one.
func (e *endpoint) execute(ctx context.Context, w http.ResponseWriter, media mediaType, in received, method string) {
	op, errs := e.exec.CreateOperationContext(ctx, in.RawParams)
	if len(errs) > 0 {
		e.refuseOperation(graphql.WithOperationContext(ctx, op), w, media, explain(op, in.RawParams, errs))
		return
	}
	if kind := op.Operation.Operation; method == http.MethodGet && kind != ast.Query {
		e.refuse(ctx, w, media, refusal{why: wrongMethod, code: badUserInput, allow: http.MethodPost, message: fmt.Sprintf("a %s cannot be sent by GET; send it by POST", kind)})
		return
	}
	if len(in.uploads) > 0 {
		if err := checkUploads(e.schema, op.Operation, in.uploads); err != nil {
			e.refuse(ctx, w, media, err)
			return
		}
	}
	next, ctx := e.exec.DispatchOperation(ctx, op)
	resp := next(ctx)
	switch {
	case resp == nil: // the executor's way to say that the context ended first
		e.refuse(ctx, w, media, refusal{why: timedOut, code: "UPSTREAM_TIMEOUT", message: fmt.Sprintf("the request did not finish within %v", e.timeout)})
	case len(resp.Data) == 0:
		e.send(ctx, w, media, notExecuted, resp)
	default:
		e.send(ctx, w, media, executed, resp)
	}
}

// refuse answers a request that did not become an operation. An error that is
// not a refusal is a fault of ours.
func (e *endpoint) refuse(ctx context.Context, w http.ResponseWriter, media mediaType, err error) {
	var r refusal
	if !errors.As(err, &r) {
		e.log.ErrorContext(ctx, "request cannot be read", "requestId", reqid.From(ctx), "error", err)
		e.send(ctx, w, media, failed, &graphql.Response{Errors: gqlerror.List{e.present(ctx, internalError(ctx))}})
		return
	}
	if r.allow != "" {
		w.Header().Set("Allow", r.allow)
	}
	public := e.present(ctx, &gqlerror.Error{Message: r.message, Extensions: map[string]any{"code": r.code}})
	e.send(ctx, w, media, r.why, &graphql.Response{Errors: gqlerror.List{public}})
}

// refuseOperation answers a request whose document, operation name or
// variables are at fault.
func (e *endpoint) refuseOperation(ctx context.Context, w http.ResponseWriter, media mediaType, errs gqlerror.List) {
	errs = errs[:min(len(errs), maxErrors)]
	public := make(gqlerror.List, len(errs))
	for i, err := range errs {
		public[i] = e.present(ctx, err)
	}
	e.send(ctx, w, media, notExecuted, &graphql.Response{Errors: public})
}

// recovered logs what panicked, with its stack, and returns what the client
// may know of it.
func (e *endpoint) recovered(ctx context.Context, p any) error {
	e.log.ErrorContext(ctx, "panic", "requestId", reqid.From(ctx), "panic", fmt.Sprint(p), "stack", string(debug.Stack()))
	return internalError(ctx)
}

func internalError(ctx context.Context) *gqlerror.Error {
	return &gqlerror.Error{
		Message:    "something failed inside the service; its log has the details under this requestId",
		Extensions: map[string]any{"code": "INTERNAL", "requestId": reqid.From(ctx)},
	}
}

// identify adds the request id to an error that lacks it.
func identify(ctx context.Context, err *gqlerror.Error) *gqlerror.Error {
	if err == nil {
		return nil
	}
	if _, ok := err.Extensions["requestId"]; !ok {
		if err.Extensions == nil {
			err.Extensions = map[string]any{}
		}
		err.Extensions["requestId"] = reqid.From(ctx)
	}
	return err
}

// explain puts the executor's errors about the operation's name and its
// variables into words that name the thing and say what would do.
func explain(op *graphql.OperationContext, params *graphql.RawParams, errs gqlerror.List) gqlerror.List {
	switch {
	case op.Doc != nil && op.Operation == nil:
		return gqlerror.List{missingOperation(op.Doc.Operations, params.OperationName)}
	case op.Operation != nil && op.Variables == nil && len(errs[0].Path) > 1:
		return gqlerror.List{badVariable(op.Operation, params.Variables, errs[0])}
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

// badVariable takes the path out of the error, since a path of an answer's
// error means a field, and puts it into the message.
func badVariable(op *ast.OperationDefinition, values map[string]any, err *gqlerror.Error) *gqlerror.Error {
	name := strings.TrimPrefix(err.Path.String(), "variable.")
	message := err.Message
	def := op.VariableDefinitions.ForName(name)
	if number, ok := values[name].(json.Number); ok && def != nil {
		message = fmt.Sprintf("%s cannot be used as %s", number, def.Type)
	}
	out := &gqlerror.Error{
		Message:    fmt.Sprintf("variable $%s: %s", name, message),
		Extensions: map[string]any{"code": badUserInput},
	}
	if def != nil && def.Position != nil {
		out.Locations = []gqlerror.Location{{Line: def.Position.Line, Column: def.Position.Column}}
	}
	return out
}
