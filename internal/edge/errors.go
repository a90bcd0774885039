package edge

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"sync/atomic"
	"unicode/utf8"

	"github.com/vektah/gqlparser/v2/gqlerror"

	"zoomgraph/internal/edge/document"
	"zoomgraph/internal/reqid"
)

// What an answer's errors may come to.
const (
	maxErrors     = document.MaxErrors
	maxErrorBytes = 64 << 10
	maxMessage    = 1000 // bytes of one message, which may repeat what was sent
)

const (
	badUserInput = "BAD_USER_INPUT"
	forbidden    = "FORBIDDEN"
	rateLimited  = "RATE_LIMITED"
)

// refusal is why a request gets errors and no data.
type refusal struct {
	why     conclusion
	code    string
	message string
	allow   string        // the methods that would do, where the method is at fault
	errs    gqlerror.List // in place of code and message, where a document is at fault

	retryAfter int // seconds until the same may be accepted; 0: it is of no use
}

// Error implements error.
func (r refusal) Error() string {
	if len(r.errs) > 0 {
		return r.errs.Error()
	}
	return r.message
}

// malformedf is the refusal of something that cannot be read. Its text names the place and never repeats what was sent.
func malformedf(format string, args ...any) error {
	return refusal{why: malformed, code: badUserInput, message: fmt.Sprintf(format, args...)}
}

// misshapenf is the refusal of something that can be read, but is not a GraphQL request.
func misshapenf(format string, args ...any) error {
	return refusal{why: misshapen, code: badUserInput, message: fmt.Sprintf(format, args...)}
}

// refused is the refusal of a GraphQL request that is one, before it runs.
func refused(code, message string) error {
	return refusal{why: notExecuted, code: code, message: message}
}

// tooLarge is the refusal of something that has more bytes than it may.
func tooLarge(what string, limit int64) error {
	return refusal{why: bodyTooLarge, code: badUserInput, message: fmt.Sprintf("%s has more than %d bytes", what, limit)}
}

func internalError(ctx context.Context) *gqlerror.Error {
	return &gqlerror.Error{
		Message:    "something failed inside the service; its log has the details under this requestId",
		Extensions: map[string]any{"code": "INTERNAL", "requestId": reqid.From(ctx)},
	}
}

// identify adds the request id to an error that lacks it, and cuts a message that is longer than anybody reads.
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
	err.Message = cut(err.Message)
	return err
}

// cut returns text, or its beginning if it has more than maxMessage bytes.
func cut(text string) string {
	if len(text) <= maxMessage {
		return text
	}
	end := maxMessage
	for !utf8.RuneStart(text[end]) {
		end--
	}
	return strings.Clone(text[:end]) + "…"
}

// tally counts the errors of one answer while it is made.
type tally struct{ n atomic.Int64 }

type tallyKey struct{}

// admit reports whether one more error is kept. Of the others only their number is, however many an answer has.
func admit(ctx context.Context) bool {
	t, ok := ctx.Value(tallyKey{}).(*tally)
	return !ok || t.n.Add(1) <= maxErrors
}

// dropped is how many were not admitted since it was last asked.
func (t *tally) dropped() int { return int(max(t.n.Swap(0)-maxErrors, 0)) }

// curtail returns an answer's errors as they may be sent: all of them, or those that fit, with one that says how many are
// left out. dropped is how many there were besides errs.
func curtail(ctx context.Context, errs gqlerror.List, dropped int) gqlerror.List {
	size, fit := 0, 0
	for _, err := range errs {
		text, _ := json.Marshal(err)                                              // what cannot be written fails when it is sent
		if size += len(text) + 1; size > maxErrorBytes-1024 || fit == maxErrors { // with room for the one behind
			break
		}
		fit++
	}
	if dropped == 0 && fit == len(errs) {
		return errs
	}
	fit = min(fit, maxErrors-1)
	missing := len(errs) - fit + dropped
	return append(errs[:fit:fit], identify(ctx, &gqlerror.Error{
		Message: fmt.Sprintf("%d more errors are left out", missing), Extensions: map[string]any{"leftOut": missing},
	}))
}
