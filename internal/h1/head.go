package h1

import (
	"bytes"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
)

// This file says which requests are ordinary. It must never take a request in another sense than net/http would, so it
// takes only what leaves no choice: each name a token, each value visible ASCII, lines that end in CR LF, one Host, at most
// one Content-Length in its shortest form. FuzzSame holds it to net/http. Start reading at scan.

const (
	maxFields = 32       // of a head
	maxBody   = 64 << 10 // bytes; net/http reads more than these of a body that its handler leaves unread
)

// verdict is what is known of a head.
type verdict int

const (
	odd      verdict = iota // net/http is to judge it
	partial                 // it is ordinary as far as it has come
	ordinary                // it is all there
)

// span is a part of a head.
type span struct{ from, to int }

func (s span) of(text string) string { return text[s.from:s.to] }

type field struct{ name, value span }

// head is an ordinary one, as parts of its text.
type head struct {
	method string
	target span
	host   span
	fields [maxFields]field // without the host
	n      int
	length int // of the body
	end    int // of the head
}

const version = " HTTP/1.1"

// scan reads the head that text begins with.
func (h *head) scan(text []byte) verdict {
	h.host, h.n, h.length = span{}, 0, -1
	end := lineEnd(text, 0)
	if end < 0 {
		return startOf(text)
	}
	if !h.requestLine(text[:end]) {
		return odd
	}
	for {
		from := end + 2
		if end = lineEnd(text, from); end < 0 {
			if bytes.IndexByte(text[from:], '\n') >= 0 {
				return odd
			}
			return partial
		}
		if end == from {
			break
		}
		if !h.field(text, from, end) {
			return odd
		}
	}
	h.end = end + 2
	if h.host.to == 0 || h.method == http.MethodGet && h.length > 0 {
		return odd
	}
	h.length = max(h.length, 0)
	return ordinary
}

// lineEnd is where the line ends that begins at from; -1: it has not ended, or not by CR LF.
func lineEnd(text []byte, from int) int {
	at := bytes.IndexByte(text[from:], '\n')
	if at < 1 || text[from+at-1] != '\r' {
		return -1
	}
	return from + at - 1
}

// startOf judges the beginning of a request line: net/http refuses some before they end.
func startOf(text []byte) verdict {
	if bytes.IndexByte(text, '\n') >= 0 {
		return odd
	}
	for _, method := range []string{"POST /", "GET /"} {
		n := min(len(text), len(method))
		if string(text[:n]) == method[:n] {
			return partial
		}
	}
	return odd
}

func (h *head) requestLine(line []byte) bool {
	switch {
	case bytes.HasPrefix(line, []byte("POST /")):
		h.method = http.MethodPost
	case bytes.HasPrefix(line, []byte("GET /")):
		h.method = http.MethodGet
	default:
		return false
	}
	h.target = span{len(h.method) + 1, len(line) - len(version)}
	if h.target.to <= h.target.from || string(line[h.target.to:]) != version {
		return false
	}
	for _, c := range line[h.target.from:h.target.to] {
		if c <= ' ' || c >= 0x7f {
			return false
		}
	}
	return true
}

// field reads a line of a head. It reports false if that is not ordinary.
func (h *head) field(text []byte, from, end int) bool {
	colon := from
	for colon < end && token[text[colon]] {
		colon++
	}
	if colon == from || colon == end || text[colon] != ':' || h.n == maxFields {
		return false
	}
	value := span{colon + 1, end}
	for value.from < end && blank(text[value.from]) {
		value.from++
	}
	for value.to > value.from && blank(text[value.to-1]) {
		value.to--
	}
	for _, c := range text[value.from:value.to] {
		if c < ' ' && c != '\t' || c >= 0x7f {
			return false
		}
	}
	return h.meaning(text[from:colon], text[value.from:value.to], field{span{from, colon}, value})
}

func blank(c byte) bool { return c == ' ' || c == '\t' }

// meaning keeps a field. It reports false of those that mean something to a server.
func (h *head) meaning(name, value []byte, f field) bool {
	switch len(name) {
	case len("Host"):
		if is(name, "host") {
			ok := h.host.to == 0 && len(value) > 0 && plainHost(value)
			h.host = f.value
			return ok
		}
	case len("Content-Length"):
		if is(name, "content-length") && !h.takeLength(value) {
			return false
		}
	case len("Connection"):
		if is(name, "connection") && !is(value, "keep-alive") {
			return false
		}
	case len("Accept"):
		if is(name, "accept") && contains(value, "event-stream") || is(name, "expect") || is(name, "pragma") {
			return false
		}
	case len("Content-Type"):
		if is(name, "content-type") && contains(value, "multipart") {
			return false
		}
	case len("Upgrade"):
		if is(name, "upgrade") || is(name, "trailer") {
			return false
		}
	case len("Transfer-Encoding"):
		if is(name, "transfer-encoding") {
			return false
		}
	}
	h.fields[h.n] = f
	h.n++
	return true
}

// takeLength reads a Content-Length.
func (h *head) takeLength(value []byte) bool {
	if h.length >= 0 || len(value) == 0 || len(value) > len("65536") || value[0] == '0' && len(value) > 1 {
		return false
	}
	h.length = 0
	for _, c := range value {
		if c < '0' || c > '9' {
			return false
		}
		h.length = 10*h.length + int(c-'0')
	}
	return h.length <= maxBody
}

// is compares with what is in lower case, whatever case text has. Both are ASCII.
func is(text []byte, lower string) bool {
	if len(text) != len(lower) {
		return false
	}
	for i, c := range text {
		if toLower(c) != lower[i] {
			return false
		}
	}
	return true
}

// contains is is, for a part of text.
func contains(text []byte, lower string) bool {
	for i := 0; i+len(lower) <= len(text); i++ {
		if is(text[i:i+len(lower)], lower) {
			return true
		}
	}
	return false
}

func toLower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// plainHost tells whether a host is a name or an address, with or without a port.
func plainHost(value []byte) bool {
	for _, c := range value {
		if !hostByte[c] {
			return false
		}
	}
	return true
}

const alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

var (
	token    = set("!#$%&'*+-.^_`|~" + alphanumeric) // of a field's name
	hostByte = set(".-_:[]" + alphanumeric)
)

func set(of string) (is [256]bool) {
	for _, c := range []byte(of) {
		is[c] = true
	}
	return is
}

// lastHead is the last ordinary head of a connection: most clients send the same one again and again.
type lastHead struct {
	text    string // of which all else is a part; "": there was none
	method  string
	target  string
	address *url.URL
	host    string
	length  int // of the body
	fields  []pair
}

// pair is a field with its name as net/http has it.
type pair struct{ name, value string }

// begins tells whether text begins with the same head.
func (l *lastHead) begins(text []byte) bool {
	return l.text != "" && len(text) >= len(l.text) && string(text[:len(l.text)]) == l.text
}

// take keeps an ordinary head that text begins with. It reports false if its target is none after all.
func (l *lastHead) take(h *head, text []byte) bool {
	all := string(text[:h.end]) // the one copy
	target := h.target.of(all)
	address, err := url.ParseRequestURI(target)
	if err != nil {
		return false
	}
	l.text, l.method, l.target, l.address, l.host, l.length = all, h.method, target, address, h.host.of(all), h.length
	clear(l.fields)
	l.fields = l.fields[:0]
	for _, f := range h.fields[:h.n] {
		l.fields = append(l.fields, pair{textproto.CanonicalMIMEHeaderKey(f.name.of(all)), f.value.of(all)})
	}
	return true
}

// blankRequest is what requests are made of, since only a copy of a request can have a context.
var blankRequest = new(http.Request)

// request is the head as net/http has it, without the body. What handlers may change is the request's own; w has room for it.
func (l *lastHead) request(w *response) *http.Request {
	r := blankRequest.WithContext(&w.life)
	w.address = *l.address
	r.Method, r.URL, r.RequestURI = l.method, &w.address, l.target
	r.Proto, r.ProtoMajor, r.ProtoMinor = strings.TrimSpace(version), 1, 1
	r.Host, r.ContentLength = l.host, int64(l.length)
	r.Header = make(http.Header, len(l.fields))
	values := w.values[:]
	if len(l.fields) > len(values) {
		values = make([]string, len(l.fields))
	}
	for i, f := range l.fields {
		if before, ok := r.Header[f.name]; ok {
			r.Header[f.name] = append(before, f.value)
			continue
		}
		values[i] = f.value
		r.Header[f.name] = values[i : i+1 : i+1]
	}
	return r
}
