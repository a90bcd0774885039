package client

import (
	"context"
	"io"
	"mime"
	"net/http"
)

// Stream is an answer that is no JSON, such as a file, while it comes.
type Stream struct {
	Status int         // 200, 206 for the part that Range asked for, or 416 where there is no such part
	Header http.Header // of the answer
	Body   io.Reader   // good until Into returns; empty beside 416
}

// streams tells whether an answer goes to Into. Errors of Zoom's are JSON also where a file was asked for.
func (o *call) streams(answer *http.Response) bool {
	switch answer.StatusCode {
	case http.StatusOK, http.StatusPartialContent:
		kind, _, _ := mime.ParseMediaType(answer.Header.Get("Content-Type"))
		return o.Into != nil && kind != "application/json"
	case http.StatusRequestedRangeNotSatisfiable:
		return o.Into != nil && o.Range != ""
	}
	return false
}

// stream hands an answer on. Nothing of it is kept, and whatever becomes of it the call is not sent again.
func (o *call) stream(ctx context.Context, answer *http.Response, res *Response) *Error {
	defer func() { _ = answer.Body.Close() }()
	taken := &measured{from: answer.Body}
	if answer.StatusCode == http.StatusRequestedRangeNotSatisfiable {
		taken.from = http.NoBody
	}
	err := o.Into(Stream{Status: answer.StatusCode, Header: answer.Header, Body: taken})
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
