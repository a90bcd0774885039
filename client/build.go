package client

import (
	"context"
	"io"
	"maps"
	"net/http"
)

// This file makes the HTTP request of an attempt, and reads the body of its answer.

// stencil has the parts that all GETs with one token share. Nobody changes them.
type stencil struct {
	token, apiURL string // that it is for
	get           *http.Request
	lines         string // of its head, behind the first; "": it cannot be sent so
}

// noCoding spares net/http its timed look into the body of a GET; nothing of it is sent.
var noCoding = []string{"identity"}

func (c *Client) stencilFor(tok Token) *stencil {
	if s := c.stencils.Load(); s != nil && s.token == tok.Value && s.apiURL == tok.APIURL {
		return s
	}
	s := &stencil{token: tok.Value, apiURL: tok.APIURL, get: &http.Request{
		Method: http.MethodGet, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: headers(tok), Host: hostFor(c.base, tok),
		Body: once{}, TransferEncoding: noCoding,
	}}
	if checkRequest(s.get) == nil {
		s.lines = string(appendLines(nil, s.get, s.get.Host, wantsZip(s.get)))
	}
	c.stencils.Store(s)
	return s
}

func headers(tok Token) http.Header {
	return http.Header{
		"Accept":        {"application/json"},
		"Authorization": {"Bearer " + tok.Value},
		"User-Agent":    {"zoomgraph"},
	}
}

// build makes the request of an attempt that goes by way.
func (c *Client) build(ctx context.Context, way *trip, out *call, tok Token) (*http.Request, error) {
	if out.method == http.MethodGet && out.Op.Method == http.MethodGet && out.Into == nil {
		s := c.stencilFor(tok)
		req := s.get.WithContext(ctx)
		req.URL, way.lines = &way.url, s.lines
		out.apply(req.URL, c.base.Scheme, req.Host)
		return req, nil
	}
	req, err := http.NewRequestWithContext(ctx, out.method, "/", nil)
	if err != nil {
		return nil, err
	}
	if out.file != nil {
		req.URL = out.file
		req.Host = out.file.Host
	} else {
		req.Host = hostFor(c.base, tok)
		out.apply(req.URL, c.base.Scheme, req.Host)
	}
	req.Header = headers(tok)
	if out.Into != nil {
		req.Header.Set("Accept", "*/*")
		req.Header.Set("Accept-Encoding", "identity") // parts are parts of what is sent
		maps.Copy(req.Header, out.Conditions)
	}
	switch {
	case out.body != nil:
		req.Header["Content-Type"] = []string{out.body.contentType}
		req.ContentLength = out.body.length
		// The transport asks for the body again only where nothing of it was sent.
		req.GetBody = out.body.open
		req.Body, err = out.body.open()
	case out.Op.Method == http.MethodGet:
		req.Body, req.TransferEncoding = once{}, noCoding
	}
	return req, err
}

// readBody reads an answer to its end and closes it. What was read until an
// error is returned beside it.
func readBody(answer *http.Response) ([]byte, error) {
	defer func() { _ = answer.Body.Close() }()
	if answer.ContentLength > maxAnswer {
		return nil, errTooLarge
	}
	// One byte more than there will be has room for the end to be seen.
	body := make([]byte, 0, max(answer.ContentLength, leastRead)+1)
	for {
		n, err := answer.Body.Read(body[len(body):cap(body)])
		body = body[:len(body)+n]
		switch {
		case len(body) > maxAnswer:
			return nil, errTooLarge
		case err == io.EOF:
			return body, nil
		case err != nil:
			return body, err
		case len(body) == cap(body):
			body = append(body, 0)[:len(body)]
		}
	}
}

// leastRead is how much of an answer of unknown length is expected.
const leastRead = 511
