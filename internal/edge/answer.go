package edge

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"slices"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"zoomgraph/internal/answering"
	"zoomgraph/internal/reqid"
)

// conclusion is how a request ended, before it has a number.
type conclusion int

const (
	executed         conclusion = iota // the operation ran, without errors
	partly                             // the operation ran, with errors
	notParsed                          // the document is not GraphQL
	notExecuted                        // document, operation name or variables are at fault
	malformed                          // cannot be read
	misshapen                          // can be read, but is not a GraphQL request
	crossOrigin                        // from a page that may not
	wrongHost                          // to a name that is not ours
	wrongMethod                        // neither GET nor POST, or a mutation by GET
	notAcceptable                      // no media type the client would take
	bodyTooSlow                        // the body did not arrive in time
	bodyTooLarge                       // the body, or a part of it, is over its limit
	uriTooLong                         // the query string is over maxQuery
	unsupportedMedia                   // the body is neither plain JSON nor a form
	busy                               // too many others are being answered
	failed                             // a fault of ours
	timedOut                           // the deadline passed before there was data
)

// partialSuccess is the status of an answer with data and errors in the draft
// of 2026, which has no name in net/http.
const partialSuccess = 294

// status is the one place where a conclusion becomes an HTTP status. A request
// refused by GraphQL itself is 200 as application/json, which says nothing
// about GraphQL, and 400 as application/graphql-response+json. For the latter
// the draft of 2026 tells more apart.
func status(o conclusion, media mediaType, draft2026 bool) int {
	draft2026 = draft2026 && media == graphqlResponseJSON
	switch o {
	case executed:
		return http.StatusOK
	case partly:
		if draft2026 {
			return partialSuccess
		}
		return http.StatusOK
	case notParsed, notExecuted:
		switch {
		case media == applicationJSON:
			return http.StatusOK
		case draft2026 && o == notExecuted:
			return http.StatusUnprocessableEntity
		}
		return http.StatusBadRequest
	case misshapen:
		if draft2026 {
			return http.StatusUnprocessableEntity
		}
		return http.StatusBadRequest
	case malformed:
		return http.StatusBadRequest
	case crossOrigin, wrongHost:
		return http.StatusForbidden
	case wrongMethod:
		return http.StatusMethodNotAllowed
	case notAcceptable:
		return http.StatusNotAcceptable
	case bodyTooSlow:
		return http.StatusRequestTimeout
	case bodyTooLarge:
		return http.StatusRequestEntityTooLarge
	case uriTooLong:
		return http.StatusRequestURITooLong
	case unsupportedMedia:
		return http.StatusUnsupportedMediaType
	case busy:
		return http.StatusServiceUnavailable
	case timedOut:
		return http.StatusGatewayTimeout
	default:
		return http.StatusInternalServerError
	}
}

// send writes the answer: errors, data, extensions, each only if there is one.
func (e *endpoint) send(ctx context.Context, w http.ResponseWriter, media mediaType, o conclusion, resp *graphql.Response) {
	e.sendParts(ctx, w, media, o, resp, nil)
}

// sendParts is send for an answer whose data is in body, unless that is empty. The data goes out as the executor wrote it,
// without another pass, and gives back its room as the client takes it.
func (e *endpoint) sendParts(ctx context.Context, w http.ResponseWriter, media mediaType, o conclusion, resp *graphql.Response, body *answering.Writer) {
	head, tail, err := envelope(resp)
	if err != nil {
		e.log.ErrorContext(ctx, "answer cannot be written", "error", err)
		o, resp, body = failed, &graphql.Response{}, nil
		head, tail, _ = envelope(&graphql.Response{Errors: gqlerror.List{internalError(ctx)}})
	}
	parts, taken := [][]byte{head, resp.Data, tail}, func(int) {}
	if body != nil && body.Len() > 0 {
		parts = slices.Concat([][]byte{head}, body.Parts(), [][]byte{tail})
		taken = func(part int) {
			if part > 0 { // behind the head
				body.Sent(part - 1)
			}
		}
	}
	header := w.Header()
	header.Set("Content-Type", media.name()+"; charset=utf-8")
	header.Set("Content-Length", strconv.Itoa(total(parts)))
	w.WriteHeader(status(o, media, e.draft2026))
	if err := e.pace.write(w, e.answers, taken, parts...); errors.Is(err, os.ErrDeadlineExceeded) {
		e.log.InfoContext(ctx, "a client does not take its answer and is cut off", "requestId", reqid.From(ctx))
	}
}

// maxExtensions is how many bytes the extensions of an answer may have: they tell of it, and are not to be larger.
const maxExtensions = 1 << 20

// envelope returns what stands before and behind the data.
func envelope(resp *graphql.Response) (head, tail []byte, err error) {
	var buf bytes.Buffer
	enc := json.NewEncoder(&buf)
	enc.SetEscapeHTML(false)
	separator := byte('{')
	key := func(name string) {
		buf.WriteByte(separator)
		separator = ','
		buf.WriteString(name)
	}
	value := func(v any) error {
		err := enc.Encode(v)
		if err == nil {
			buf.Truncate(buf.Len() - 1) // the encoder ends with a newline
		}
		return err
	}
	if len(resp.Errors) > 0 {
		key(`"errors":`)
		err = value(resp.Errors)
	}
	if len(resp.Data) > 0 {
		key(`"data":`)
	}
	split := buf.Len()
	if len(resp.Extensions) > 0 && err == nil {
		key(`"extensions":`)
		before := buf.Len()
		err = value(resp.Extensions)
		if n := buf.Len() - before; n > maxExtensions {
			buf.Truncate(before)
			fmt.Fprintf(&buf, `{"zoom":{"leftOut":"the explanation has %d bytes, and one may have %d"}}`, n, maxExtensions)
		}
	}
	buf.WriteByte('}')
	return buf.Bytes()[:split], buf.Bytes()[split:], err
}
