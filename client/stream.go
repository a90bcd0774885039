package client

import (
	"context"
	"io"
	"mime"
	"net/http"
)

// Stream is an answer that is no JSON, such as a file, while it comes.
type Stream struct {
	Status int         // 200, or what Conditions may lead to: 206, 304, 412, 416
	Header http.Header // of the answer
	Body   io.Reader   // good until Into returns; empty where there is nothing of a file
}

// Refused tells that the file is not as the conditions want it, or has no such part.
func (s Stream) Refused() bool {
	return s.Status == http.StatusPreconditionFailed || s.Status == http.StatusRequestedRangeNotSatisfiable
}

// streams tells whether an answer goes to Into. Errors of Zoom's are JSON also where a file was asked for.
func (o *call) streams(answer *http.Response) bool {
	switch answer.StatusCode {
	case http.StatusOK, http.StatusPartialContent:
		return o.Into != nil && o.isFile(answer)
	case http.StatusNotModified, http.StatusPreconditionFailed, http.StatusRequestedRangeNotSatisfiable:
		return o.Into != nil && len(o.Conditions) > 0
	}
	return false
}

// isFile tells a file from an answer in words.
func (o *call) isFile(answer *http.Response) bool {
	kind, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type"))
	switch {
	case o.Address == "":
		return kind != "application/json"
	case kind == "application/json":
		return !saysProblem(answer)
	}
	return kind != "text/html" // a page asks people to sign in
}

// stream hands an answer on. Nothing of it is kept, and whatever becomes of it the call is not sent again.
func (o *call) stream(ctx context.Context, answer *http.Response, res *Response) *Error {
	defer func() { _ = answer.Body.Close() }()
	taken := &measured{from: answer.Body}
	s := Stream{Status: answer.StatusCode, Header: answer.Header, Body: taken}
	if s.Refused() || s.Status == http.StatusNotModified {
		taken.from = http.NoBody
	}
	err := o.Into(s)
	res.Status, res.Header, res.Bytes = answer.StatusCode, answer.Header, taken.bytes
	res.TrackingID = trackingID(answer.Header)
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		fail := interrupted(ctx, o.Op, err)
		fail.TrackingID = res.TrackingID
		return fail
	}
	return &Error{
		Code: CodeUpstreamInvalidResponse, Op: o.Op, Status: res.Status, TrackingID: res.TrackingID,
		Message: "Zoom's answer was not passed on to its end", Err: err,
	}
}

// measured counts what is read.
type measured struct {
	from  io.Reader
	bytes int
}

// Read implements io.Reader.
func (c *measured) Read(p []byte) (int, error) {
	n, err := c.from.Read(p)
	c.bytes += n
	return n, err
}
