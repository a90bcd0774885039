package client

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"zoomgraph/internal/redact"
)

// Code is the kind of an error. The set is closed; a program may switch on it.
type Code string

// The codes, by whose turn it is to act: the caller's, the operator's, Zoom's.
const (
	CodeBadUserInput            Code = "BAD_USER_INPUT"            // a value that cannot be right; Fields may name it
	CodeUnauthenticated         Code = "UNAUTHENTICATED"           // no usable token was given
	CodeForbidden               Code = "FORBIDDEN"                 // no permission, or not part of the account's plan
	CodeScopeMissing            Code = "SCOPE_MISSING"             // the app lacks MissingScopes
	CodeNotFound                Code = "NOT_FOUND"                 // no such thing in this account
	CodeInvitationPending       Code = "INVITATION_PENDING"        // the user has not accepted the invitation yet
	CodeConflict                Code = "CONFLICT"                  // the thing is in another state than the call needs
	CodeRateLimited             Code = "RATE_LIMITED"              // Zoom's limit, or the Budget's; RetryAfter and Daily where known
	CodeCursorExpired           Code = "CURSOR_EXPIRED"            // start the list again
	CodeUpstreamAuthFailed      Code = "UPSTREAM_AUTH_FAILED"      // Zoom refuses the app's credentials or its token
	CodeUpstreamUnavailable     Code = "UPSTREAM_UNAVAILABLE"      // Zoom cannot be reached or fails
	CodeUpstreamTimeout         Code = "UPSTREAM_TIMEOUT"          // no answer in time, or nobody waited for it
	CodeUpstreamInvalidResponse Code = "UPSTREAM_INVALID_RESPONSE" // an answer that is not what Zoom documents
	CodeInternal                Code = "INTERNAL"                  // a mistake of the program
)

// Sentinels for errors.Is, one a code; they match any [*Error] of their code.
var (
	ErrBadUserInput            error = &Error{Code: CodeBadUserInput}
	ErrUnauthenticated         error = &Error{Code: CodeUnauthenticated}
	ErrForbidden               error = &Error{Code: CodeForbidden}
	ErrScopeMissing            error = &Error{Code: CodeScopeMissing}
	ErrNotFound                error = &Error{Code: CodeNotFound}
	ErrInvitationPending       error = &Error{Code: CodeInvitationPending}
	ErrConflict                error = &Error{Code: CodeConflict}
	ErrRateLimited             error = &Error{Code: CodeRateLimited}
	ErrCursorExpired           error = &Error{Code: CodeCursorExpired}
	ErrUpstreamAuthFailed      error = &Error{Code: CodeUpstreamAuthFailed}
	ErrUpstreamUnavailable     error = &Error{Code: CodeUpstreamUnavailable}
	ErrUpstreamTimeout         error = &Error{Code: CodeUpstreamTimeout}
	ErrUpstreamInvalidResponse error = &Error{Code: CodeUpstreamInvalidResponse}
	ErrInternal                error = &Error{Code: CodeInternal}
)

// Error is every error of a call. Message, Hint, MissingScopes and Fields are
// safe to show to anybody; Error() is for logs, and Err for errors.Is.
type Error struct {
	Code          Code
	Message       string    // what happened, in this package's words
	Hint          string    // what to do about it; often empty
	ZoomCode      int       // Zoom's own code; 0 where there was none
	Status        int       // HTTP status; 0 where no answer came
	Op            *Op       // nil for an error outside a call
	TrackingID    string    // Zoom's name for the call
	RetryAfter    time.Time // when to come back; zero where it is not known
	MissingScopes []string
	Fields        []string // what Zoom found invalid: dotted paths into the body, or parameters
	Daily         bool     // RATE_LIMITED for the day, not for the second
	Foreign       bool     // the answer is not in Zoom's form: something on the way to Zoom may have given it
	ContentType   string   // of a foreign answer; empty where it told none
	Err           error    // the network's or the context's error; nil for an answer of Zoom's

	crowded bool // RATE_LIMITED for the second: another turn may go well
	unpaced bool // and no Budget gives that turn
	passing bool // another try may go well
	outage  bool // Zoom is out, and not only for this call
	dead    bool // the connection was one of earlier calls, and had ended
	refused bool // the token endpoint refuses the app's credentials
}

// Error is one line for a log: the operation, the code, the message, the cause.
func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString("zoom: ")
	if e.Op != nil {
		b.WriteString(e.Op.String() + ": ")
	}
	b.WriteString(string(e.Code))
	if e.Status != 0 || e.ZoomCode != 0 {
		fmt.Fprintf(&b, " (status %d, code %d)", e.Status, e.ZoomCode)
	}
	if e.Message != "" {
		b.WriteString(": " + e.Message)
	}
	if e.Err != nil {
		b.WriteString(": " + redact.Foreign(e.Err.Error()))
	}
	return b.String()
}

// Explain says in one line what is wrong and what can be done.
func (e *Error) Explain() string {
	text := e.Message
	if e.Status != 0 {
		text += fmt.Sprintf(" (HTTP %d)", e.Status)
	}
	if e.Err != nil {
		text += ": " + redact.Foreign(e.Err.Error())
	}
	return text + e.Advice()
}

// Advice says in words what can be done: it names the scopes that are missing,
// when to come back, and the Hint, to stand behind the message or behind Error().
// It is "" where nothing is known.
func (e *Error) Advice() string {
	var b strings.Builder
	if len(e.MissingScopes) > 0 {
		b.WriteString(" (" + strings.Join(e.MissingScopes, ", ") + ")")
	}
	if !e.RetryAfter.IsZero() {
		b.WriteString(", until " + e.RetryAfter.UTC().Format(time.RFC3339))
	}
	if e.Hint != "" {
		b.WriteString(": " + e.Hint)
	}
	return b.String()
}

// About returns the error with a message that names what it is about, such as one
// user of many.
func (e *Error) About(what string) *Error {
	told := *e
	told.Message = what + ": " + e.Message
	return &told
}

// LogValue is the error for a log, part by part. Message and Hint are shown whole,
// the cause without what may be secret.
func (e *Error) LogValue() slog.Value {
	if e == nil {
		return slog.AnyValue(nil)
	}
	attrs := []slog.Attr{slog.String("code", string(e.Code)), slog.Any("message", redact.Plain(e.Message))}
	add := func(given bool, attr slog.Attr) {
		if given {
			attrs = append(attrs, attr)
		}
	}
	add(e.Op != nil, slog.Any("operation", e.Op))
	add(e.Status != 0, slog.Int("status", e.Status))
	add(e.ZoomCode != 0, slog.Int("zoomCode", e.ZoomCode))
	add(e.TrackingID != "", slog.String("trackingId", e.TrackingID))
	add(len(e.MissingScopes) > 0, slog.String("missingScopes", strings.Join(e.MissingScopes, ", ")))
	add(!e.RetryAfter.IsZero(), slog.Time("retryAfter", e.RetryAfter))
	add(e.Hint != "", slog.Any("hint", redact.Plain(e.Hint)))
	if e.Err != nil {
		attrs = append(attrs, slog.String("cause", redact.Foreign(e.Err.Error())))
	}
	return slog.GroupValue(attrs...)
}

// Unwrap gives the cause, so that context.Canceled and the network's errors match.
func (e *Error) Unwrap() error { return e.Err }

// Is matches the sentinels by code.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// verdict is what one (status, Zoom code) pair means.
type verdict struct {
	status, zoomCode int // 0: any
	code             Code
	message, hint    string
}

// judge is the one table from Zoom's errors to ours; the first row that fits
// counts. Answers in another form are outsider's. Texts are never looked at: they change. Codes 200 and 300 have
// nothing to do with HTTP's.
func judge(status, zoomCode int) verdict {
	if status >= 500 {
		return verdict{code: CodeUpstreamUnavailable, message: "Zoom failed to answer"}
	}
	const renew = "check the account id, the client id and the client secret, and that the app is activated"
	table := [...]verdict{
		{0, 124, CodeUpstreamAuthFailed, "Zoom refused the access token", renew},
		{0, 429, CodeRateLimited, "Zoom's rate limit is reached", ""},
		{429, 0, CodeRateLimited, "Zoom's rate limit is reached", ""},
		{0, 4711, CodeScopeMissing, "the app lacks a scope that this operation needs", "add the missing scopes to the app in Zoom's Marketplace and activate it again"},
		{0, 4700, CodeUpstreamAuthFailed, "Zoom refused the access token", renew},
		{0, 1001, CodeNotFound, "the user does not exist", ""},
		{0, 1010, CodeNotFound, "the user is not in this account", ""},
		{0, 1120, CodeInvitationPending, "the user has not accepted the invitation to the account yet", ""},
		{0, 2001, CodeNotFound, "the account does not exist", ""},
		{0, 3001, CodeNotFound, "the meeting or webinar does not exist or is over", ""},
		{0, 4130, CodeNotFound, "the group or the channel does not exist", ""},
		{400, 200, CodeForbidden, "the app has no permission for this, or the account's plan does not include it", ""},
		{200, 200, CodeForbidden, "the app has no permission for this, or the account's plan does not include it", ""},
		{200, 300, CodeBadUserInput, "Zoom found the request invalid", ""},
		{400, 404, CodeNotFound, "Zoom knows no such thing", ""},
		{400, 409, CodeConflict, "the thing is not in a state that allows this", ""},
		{401, 0, CodeUpstreamAuthFailed, "Zoom refused the access token", renew},
		{403, 0, CodeForbidden, "the app has no permission for this", ""},
		{404, 0, CodeNotFound, "Zoom knows no such thing", ""},
		{409, 0, CodeConflict, "the thing is not in a state that allows this", ""},
	}
	for i := range table {
		row := &table[i]
		if (row.status == 0 || row.status == status) && (row.zoomCode == 0 || row.zoomCode == zoomCode) {
			return *row
		}
	}
	if status >= 400 {
		return verdict{code: CodeBadUserInput, message: "Zoom found the request invalid"}
	}
	return verdict{code: CodeUpstreamInvalidResponse, message: "Zoom answered with an error of a kind not known here"}
}

// interrupted is the error of a call whose context ended; the context's error
// stays matchable even where a cause of its own came back in its place.
func interrupted(ctx context.Context, op *Op, err error) *Error {
	cause := ctx.Err()
	switch {
	case errors.Is(err, cause):
		cause = err
	case err != nil:
		cause = fmt.Errorf("%w: %w", cause, err)
	}
	message := "Zoom did not answer in time"
	if errors.Is(cause, context.Canceled) {
		message = "the call was cancelled"
	}
	return &Error{Code: CodeUpstreamTimeout, Op: op, Message: message, Err: cause}
}

// unanswered is the error of an attempt that brought no answer, over a
// connection that was made for it or had carried others.
func unanswered(ctx context.Context, op *Op, err error) *Error {
	var over *reusedError
	reused := errors.As(err, &over)
	if reused {
		err = over.error
	}
	if ctx.Err() != nil {
		return interrupted(ctx, op, err)
	}
	fail := &Error{Code: CodeUpstreamUnavailable, Op: op, Message: "Zoom could not be reached", Err: err, passing: true, outage: true}
	var network net.Error
	var dial *net.OpError
	dialing := errors.As(err, &dial) && dial.Op == "dial"
	switch {
	case dialing:
	case errors.As(err, &network) && network.Timeout():
		fail.Code, fail.Message = CodeUpstreamTimeout, "Zoom did not answer in time"
	case reused:
		fail.dead, fail.outage = true, false
	}
	return fail
}

// gaveWay is the error of a read that hung for so long, while others needed its slot.
func gaveWay(op *Op, took time.Duration) *Error {
	return &Error{
		Code: CodeUpstreamTimeout, Op: op, passing: true, Err: errGaveWay,
		Message: fmt.Sprintf("Zoom did not answer within %s, and other calls needed the slot", took.Round(100*time.Millisecond)),
		Hint:    "ask again; if many calls hang, raise --zoom-max-in-flight",
	}
}

// heldBack is the error of a call that a breaker did not let go.
func heldBack(op *Op, until time.Time) *Error {
	return &Error{
		Code: CodeUpstreamUnavailable, Op: op, RetryAfter: until,
		Message: "Zoom failed again and again a moment ago, so this call was not sent",
		Hint:    "ask again in a few seconds",
	}
}

// serverFault tells of a 5xx whether another try may go well, and whether it
// speaks of all calls: a 500 with an error number of Zoom's is one call's.
func serverFault(status, zoomCode int) (passing, outage bool) {
	switch status {
	case http.StatusNotImplemented, http.StatusHTTPVersionNotSupported:
		return false, false
	case http.StatusInternalServerError:
		return true, zoomCode == 0 || zoomCode == status
	}
	return true, true
}

// refusesToken tells whether another token may help. That of an answer which may
// not be Zoom's is worth a try.
func (e *Error) refusesToken() bool {
	return e.Code == CodeUpstreamAuthFailed || e.Foreign && e.Status == http.StatusUnauthorized && e.Op != nil && e.Op.Method == http.MethodGet
}

// acceptsToken tells whether Zoom took the token of a call that it refused.
func (e *Error) acceptsToken() bool {
	switch e.Code {
	case CodeUpstreamAuthFailed, CodeRateLimited, CodeUpstreamInvalidResponse, CodeUpstreamUnavailable, CodeUpstreamTimeout, CodeInternal:
		return false
	default:
		return e.Status != 0 && !e.Foreign
	}
}

func internal(op *Op, message string, err error) *Error {
	return &Error{Code: CodeInternal, Op: op, Message: message, Err: err}
}

// expiredCursor tells whether a refusal means the page token: one was sent, the
// values were found invalid, and nothing else is named as the invalid one.
func (e *Error) expiredCursor(req Request) bool {
	return e.Code == CodeBadUserInput && (e.ZoomCode == 300 || e.ZoomCode == 0) &&
		req.Query.Get(pageToken) != "" &&
		(len(e.Fields) == 0 || slices.Contains(e.Fields, pageToken))
}

// ErrNotNeeded is the cause of the error of a call whose Seal said so.
var ErrNotNeeded = errors.New("client: the call is not needed any more")

// Interrupted is the error of a call whose context ended before its answer was
// there, for those who wait for the calls of others.
func Interrupted(ctx context.Context, op *Op) *Error { return interrupted(ctx, op, ctx.Err()) }
