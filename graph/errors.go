package graph

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"zoomgraph/client"
	"zoomgraph/graph/price"
	"zoomgraph/internal/callers"
	"zoomgraph/internal/reqid"
)

// PresentError turns an error into what a client sees: a code from a closed set, a message of ours, and what helps to
// act on it. Anything that is not known to be safe to show is INTERNAL, and its text goes to the log only.
func (s *Server) PresentError(ctx context.Context, err error) *gqlerror.Error {
	var out *gqlerror.Error
	if !errors.As(err, &out) {
		out = gqlerror.WrapPath(graphql.GetPath(ctx), err)
	}
	if out.Extensions == nil {
		out.Extensions = map[string]any{}
	}
	var zoom *client.Error
	var refused *callers.Error
	switch {
	case errors.As(err, &zoom):
		out.Message = zoom.Message
		describe(zoom, out.Extensions)
	case errors.As(err, &refused):
		out.Message = refused.Message
		out.Extensions["code"] = refused.Code
	case out.Extensions["code"] != nil:
	case errors.Is(err, context.DeadlineExceeded):
		out.Message = "the request took longer than this service allows"
		out.Extensions["code"] = string(client.CodeUpstreamTimeout)
	case out.Err != nil && out.Rule == "":
		s.log.ErrorContext(ctx, "an error that nobody should meet", "path", out.Path.String(), "err", err, "requestId", reqid.From(ctx))
		out.Message = "something went wrong in this service"
		out.Extensions["code"] = string(client.CodeInternal)
	}
	if id := reqid.From(ctx); id != "" {
		out.Extensions["requestId"] = id
	}
	return out
}

// tooDear refuses an operation that may cost more calls than one is allowed.
func tooDear(cost, limit int) error {
	return &gqlerror.Error{
		Message: fmt.Sprintf("this may cost %d Zoom calls, and an operation is allowed %d", cost, limit),
		Extensions: map[string]any{
			"code": "COST_LIMIT_EXCEEDED", "cost": cost, "limit": limit,
			"hint": "ask for fewer users at a time, or for fewer views; the operator can allow more with --max-calls",
		},
	}
}

// tooMuch refuses an operation whose answer may be larger than one may be, or may take more memory than that.
func tooMuch(size price.Size, limit int) error {
	out := &gqlerror.Error{
		Message: fmt.Sprintf("the answer is estimated at %d bytes, and one may have %d; most of it is %s, %d times", size.Bytes, limit, size.Largest, size.Times),
		Extensions: map[string]any{
			"code": "COST_LIMIT_EXCEEDED", "estimate": size.Bytes, "limit": limit, "largest": size.Largest, "times": size.Times,
			"hint": "ask for fewer things at a time (first), and for each field once; the operator can allow more with --max-answer-bytes",
		},
	}
	if size.Bytes <= limit {
		most := limit / price.FieldMemory
		out.Message = fmt.Sprintf("the answer may have %d fields that are resolved one by one, and one may have %d; most of it is %s, %d times", size.Fields, most, size.Largest, size.Times)
		out.Extensions["estimate"], out.Extensions["limit"] = size.Fields, most
	}
	return out
}

// tooLong refuses an operation whose calls would not be done before its deadline, at this account's rate.
func tooLong(cost int, pace pacing, left time.Duration) error {
	return &gqlerror.Error{
		Message: fmt.Sprintf("this may take %d Zoom calls and %.1f s at this account's rate of %s calls, and the request has %.1f s", cost, pace.seconds, pace.slowest, left.Seconds()),
		Extensions: map[string]any{
			"code": string(client.CodeRateLimited), "cost": cost, "seconds": pace.seconds, "label": string(pace.slowest),
			"hint": "ask for fewer things at a time; the operator can give requests more time with --request-timeout",
		},
	}
}

// describe puts into extensions what applies.
func describe(err *client.Error, extensions map[string]any) {
	extensions["code"] = string(err.Code)
	if err.ZoomCode != 0 {
		extensions["zoomCode"] = err.ZoomCode
	}
	if err.Status != 0 {
		extensions["httpStatus"] = err.Status
	}
	if err.ContentType != "" {
		extensions["contentType"] = err.ContentType
	}
	if err.Op != nil {
		extensions["operation"] = err.Op.ID
	}
	if err.TrackingID != "" {
		extensions["trackingId"] = err.TrackingID
	}
	if !err.RetryAfter.IsZero() {
		extensions["retryAfter"] = err.RetryAfter.Add(time.Second - 1).UTC().Format(time.RFC3339) // not too early
	}
	if len(err.MissingScopes) > 0 {
		extensions["missingScopes"] = err.MissingScopes
	}
	if len(err.Fields) > 0 {
		extensions["fields"] = err.Fields
	}
	if err.Hint != "" {
		extensions["hint"] = err.Hint
	}
}
