package client

import (
	"cmp"
	"errors"
	"fmt"
	"net/http"
	"net/textproto"
	"slices"

	"golang.org/x/net/http/httpguts"
)

// This file writes requests over a connection. A GET is written here, line by line; all
// others by the standard library.

// isBodyless tells whether there is nothing to send behind the head of a request.
func isBodyless(r *http.Request) bool {
	return r.Body == nil || r.Body == http.NoBody || r.Body == once{}
}

func closeBody(r *http.Request) {
	if r.Body != nil {
		_ = r.Body.Close()
	}
}

// rewind makes r one that can be sent once more, where that is possible.
func rewind(r **http.Request) bool {
	if isBodyless(*r) {
		return true
	}
	if (*r).GetBody == nil {
		return false
	}
	body, err := (*r).GetBody()
	if err != nil {
		return false
	}
	again := **r
	again.Body = body
	*r = &again
	return true
}

// checkRequest refuses what would not arrive as it is meant.
func checkRequest(r *http.Request) error {
	if r.Method != "" && !httpguts.ValidHeaderFieldName(r.Method) {
		return errors.New("the method of the request is none")
	}
	for name, values := range r.Header {
		if !httpguts.ValidHeaderFieldName(name) {
			return fmt.Errorf("%q is no name of a header", name)
		}
		for _, value := range values {
			if !httpguts.ValidHeaderFieldValue(value) {
				return fmt.Errorf("the value of the header %s is none", name) // it may be secret
			}
		}
	}
	return nil
}

// wantsZip tells whether an answer may come compressed, and is to be read as if it had
// not.
func wantsZip(r *http.Request) bool {
	return r.Header["Accept-Encoding"] == nil && r.Header["Range"] == nil && r.Method != http.MethodHead
}

// prepare writes a plain GET that the first read sends. It does not where one look
// before that would not do, and where the request is too long.
func (c *conn) prepare(r *http.Request, lines string, zip bool) bool {
	if !c.kept || c.secured != nil || c.system == nil || !c.isPlain(r) {
		return false
	}
	b := appendGet(c.out.AvailableBuffer(), r, lines, zip)
	if len(b) > c.out.Available() {
		return false
	}
	_, _ = c.out.Write(b) // there is room for it
	c.unasked = true
	return true
}

// write sends a request.
func (c *conn) write(r *http.Request, lines string, zip bool) error {
	if c.isPlain(r) {
		_, err := c.out.Write(appendGet(c.out.AvailableBuffer(), r, lines, zip))
		if err != nil {
			return err
		}
		return c.out.Flush()
	}
	if zip {
		zipped := *r
		zipped.Header = r.Header.Clone()
		zipped.Header.Set("Accept-Encoding", "gzip")
		r = &zipped
	}
	if err := r.Write(c.out); err != nil {
		return err
	}
	return c.out.Flush()
}

// isPlain tells whether a request is a GET without anything that needs thought.
func (c *conn) isPlain(r *http.Request) bool {
	return r.Method == http.MethodGet && isBodyless(r) && !r.Close && len(r.Trailer) == 0 && r.URL.Opaque == "" &&
		isPlainText(r.URL.RawQuery) &&
		(r.Host == "" || r.Host == c.host.at.host) && c.host.named && len(r.Header) <= mostPlain
}

// mostPlain bounds the headers of a plain GET.
const mostPlain = 16

// appendGet writes a plain GET as net/http does, with those lines of its head where there are some.
func appendGet(b []byte, r *http.Request, lines string, zip bool) []byte {
	b = append(append(b, "GET "...), cmp.Or(r.URL.EscapedPath(), "/")...)
	if r.URL.ForceQuery || r.URL.RawQuery != "" {
		b = append(append(b, '?'), r.URL.RawQuery...)
	}
	b = append(b, " HTTP/1.1\r\n"...)
	if lines != "" {
		return append(b, lines...)
	}
	return appendLines(b, r, r.URL.Host, zip)
}

// appendLines writes the lines behind the first: headers in the order of their names.
func appendLines(b []byte, r *http.Request, host string, zip bool) []byte {
	b = append(append(b, "Host: "...), host...)
	agent := "Go-http-client/1.1"
	if values := r.Header["User-Agent"]; values != nil {
		agent = r.Header.Get("User-Agent")
	}
	if agent != "" {
		b = append(append(b, "\r\nUser-Agent: "...), textproto.TrimString(agent)...)
	}
	var space [mostPlain]string
	names := space[:0]
	for name := range r.Header {
		switch name {
		case "Host", "User-Agent", "Content-Length", "Transfer-Encoding", "Trailer":
		default:
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range r.Header[name] {
			b = append(append(append(append(b, "\r\n"...), name...), ": "...), textproto.TrimString(value)...)
		}
	}
	if zip {
		b = append(b, "\r\nAccept-Encoding: gzip"...)
	}
	return append(b, "\r\n\r\n"...)
}
