package edge

import (
	"context"
	"net/http"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// This file decides when the files of a form are read: after everything that may refuse its operation. Document,
// variables and permission are judged by accept; price and time by extensions of the executor. So the files are read by
// one more extension, the innermost: intake. A request that is refused before it leaves its files unread.

// spool is an empty one for a request.
func (e *endpoint) spool() spool { return spool{room: e.uploads, who: e.caller} }

// discard ends a request's files.
func (e *endpoint) discard(ctx context.Context, files *spool) {
	if err := files.discard(); err != nil {
		e.log.ErrorContext(ctx, "uploaded files could not be removed", "error", err)
	}
}

// attached are the files of a request that came as a form, behind its operation.
type attached struct {
	form      *form
	places    map[string][]string // of each file, such as variables.file, by the file's name
	files     *spool
	missing   func() int64 // bytes of the body that have not come yet, as far as the client told
	unhurried func()       // gives the body the time of its request

	why  conclusion // of a request whose files were refused
	err  error      // that refusal; nil: none
	errs gqlerror.List
}

// read reads the files and puts them into their places among variables. The error is a refusal, or one of keeping them.
func (a *attached) read(variables map[string]any) error {
	if err := a.files.room.fits(a.files.caller, max(0, a.missing()-formStep)); err != nil {
		return err
	}
	a.unhurried()
	return a.form.fill(slotsOf(variables, a.places), a.files)
}

// intake is the gqlgen extension that reads the files of a request whose operation is about to run.
type intake struct{ *endpoint }

var _ graphql.OperationInterceptor = intake{}

// ExtensionName implements graphql.HandlerExtension.
func (intake) ExtensionName() string { return "Intake" }

// Validate implements graphql.HandlerExtension.
func (intake) Validate(graphql.ExecutableSchema) error { return nil }

// InterceptOperation implements graphql.OperationInterceptor.
func (in intake) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	a := executionOf(ctx).attached
	if a == nil {
		return next(ctx)
	}
	if a.err = a.read(graphql.GetOperationContext(ctx).Variables); a.err == nil {
		return next(ctx)
	}
	a.why, a.errs = in.explainFault(ctx, a.err)
	return graphql.OneShot(&graphql.Response{Errors: a.errs})
}

// answerRefused answers a request whose files were refused, and reports false of all others.
func (e *endpoint) answerRefused(ctx context.Context, w http.ResponseWriter, media mediaType, a *attached) bool {
	if a == nil || a.err == nil {
		return false
	}
	tellHeaders(w.Header(), a.err)
	e.send(ctx, w, media, a.why, &graphql.Response{Errors: a.errs})
	return true
}
