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
	"sync"

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
// without another pass, and gives back its room as the client takes it; what is small goes out in one piece.
func (e *endpoint) sendParts(ctx context.Context, w http.ResponseWriter, media mediaType, o conclusion, resp *graphql.Response, body *answering.Writer) {
	if body != nil && body.Len() == 0 {
		body = nil
	}
	text, _ := envelopes.Get().(*[]byte)
	defer envelopes.Put(text)
	b, split, err := appendEnvelope((*text)[:0], resp)
	if err != nil {
		e.log.ErrorContext(ctx, "answer cannot be written", "error", err)
		o, resp, body = failed, &graphql.Response{}, nil
		b, split, _ = appendEnvelope(b[:0], &graphql.Response{Errors: gqlerror.List{internalError(ctx)}})
	}
	size := len(b) + len(resp.Data)
	if body != nil {
		size = len(b) + body.Len()
	}
	w.WriteHeader(e.tellAnswer(w.Header(), media, o, size))
	if size <= maxPiece {
		*text = joined(b, split, resp.Data, body)
		err = e.pace.writeSmall(w, *text)
	} else {
		err = e.sendLarge(w, b[:split], b[split:], resp.Data, body)
		if cap(b) <= 2*maxPiece {
			*text = b
		}
	}
	if errors.Is(err, os.ErrDeadlineExceeded) {
		e.log.InfoContext(ctx, "a client does not take its answer and is cut off", "requestId", reqid.From(ctx))
	}
}

// maxPiece is how large an answer may be that is copied together: as large as what answers hold for nothing.
const maxPiece = 16 << 10

// envelopes are buffers for what stands around the data of answers, and for small answers.
var envelopes = sync.Pool{New: func() any {
	b := make([]byte, 0, 2<<10)
	return &b
}}

// The values of headers that are often the same. Nobody changes one in its place.
var (
	asJSON      = []string{applicationJSON.name() + "; charset=utf-8"}
	asGraphQL   = []string{graphqlResponseJSON.name() + "; charset=utf-8"}
	noSniff     = []string{"nosniff"}
	neverStored = []string{"no-store"}
)

// countedBytes is how many bytes servers count by themselves: net/http, and h1 as it does.
const countedBytes = 2 << 10

// tellAnswer sets the headers of an answer, and returns its status.
func (e *endpoint) tellAnswer(header http.Header, media mediaType, o conclusion, size int) int {
	header["Content-Type"] = asJSON
	if media == graphqlResponseJSON {
		header["Content-Type"] = asGraphQL
	}
	if size >= countedBytes {
		header["Content-Length"] = []string{strconv.Itoa(size)}
	}
	return status(o, media, e.draft2026)
}

// joined puts the data between the two parts of an envelope.
func joined(b []byte, split int, data []byte, body *answering.Writer) []byte {
	if body == nil {
		return slices.Insert(b, split, data...)
	}
	n := body.Len()
	b = slices.Grow(b, n)
	b = b[:len(b)+n]
	copy(b[split+n:], b[split:len(b)-n])
	at := split
	for _, part := range body.Parts() {
		at += copy(b[at:], part)
	}
	return b
}

// sendLarge writes an answer in its parts.
func (e *endpoint) sendLarge(w http.ResponseWriter, head, tail, data []byte, body *answering.Writer) error {
	if body == nil {
		return e.pace.write(w, e.answers, func(int) {}, head, data, tail)
	}
	parts := slices.Concat([][]byte{head}, body.Parts(), [][]byte{tail})
	return e.pace.write(w, e.answers, func(part int) {
		if part > 0 { // behind the head
			body.Sent(part - 1)
		}
	}, parts...)
}

// maxExtensions is how many bytes the extensions of an answer may have: they tell of it, and are not to be larger.
const maxExtensions = 1 << 20

// envelope returns what stands before and behind the data.
func envelope(resp *graphql.Response) (head, tail []byte, err error) {
	b, split, err := appendEnvelope(nil, resp)
	return b[:split], b[split:], err
}

// appendEnvelope appends what stands around the data, and returns where it belongs.
func appendEnvelope(b []byte, resp *graphql.Response) (_ []byte, split int, err error) {
	separator := byte('{')
	key := func(name string) {
		b = append(append(b, separator), name...)
		separator = ','
	}
	if len(resp.Errors) > 0 {
		key(`"errors":`)
		b, err = appendJSON(b, resp.Errors)
	}
	if len(resp.Data) > 0 {
		key(`"data":`)
	}
	split = len(b)
	if len(resp.Extensions) > 0 && err == nil {
		key(`"extensions":`)
		before := len(b)
		b, err = appendExtensions(b, resp.Extensions)
		if n := len(b) - before; n > maxExtensions {
			b = fmt.Appendf(b[:before], `{"zoom":{"leftOut":"the explanation has %d bytes, and one may have %d"}}`, n, maxExtensions)
		}
	}
	return append(b, '}'), split, err
}

// appender is what writes itself as encoding/json would, where it reports true, and for less.
type appender interface {
	AppendJSON(b []byte) ([]byte, bool)
}

// explained is the name of the one extension that most answers have.
const explained = "zoom"

func appendExtensions(b []byte, extensions map[string]any) ([]byte, error) {
	if a, ok := extensions[explained].(appender); ok && len(extensions) == 1 {
		if out, ok := a.AppendJSON(append(b, `{"`+explained+`":`...)); ok {
			return append(out, '}'), nil
		}
	}
	return appendJSON(b, extensions)
}

// appendJSON appends what encoding/json makes of a value. Characters that mean something in HTML stay as they are.
func appendJSON(b []byte, v any) ([]byte, error) {
	buf := bytes.NewBuffer(b)
	enc := json.NewEncoder(buf)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return b, err
	}
	buf.Truncate(buf.Len() - 1) // the encoder ends with a newline
	return buf.Bytes(), nil
}
