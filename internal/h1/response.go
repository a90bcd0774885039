package h1

import (
	"bufio"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"path"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"zoomgraph/internal/ending"
)

// This file writes an answer, with the same bytes as net/http. A header is written as soon as WriteHeader is called, so that
// no copy of it has to be kept, except for what depends on the body; completeHead adds that. Start reading at WriteHeader.

// heldBack is how many bytes wait for the handler's end, or for more: so many get a Content-Length without having told it.
const heldBack = 2 << 10

// usualFields is how many fields most requests have, at most.
const usualFields = 8

// response is the answer to a request, and its [http.ResponseWriter].
type response struct {
	conn   *conn
	life   lifetime
	body   body // of the request; without a conn it has none
	header http.Header

	address url.URL             // the request's
	values  [usualFields]string // of its header

	*buffers

	status   int // 0: WriteHeader has not been called
	told     told
	complete bool // the head is
	chunked  bool
	written  int64 // bytes that the handler has written
	done     bool  // the handler is
	last     bool  // no other request may follow
	failed   bool  // the client did not take everything

	timed   atomic.Bool // a deadline of writing is set
	hurried atomic.Bool // the handler has set a deadline of reading
}

// told is what a handler's header says itself.
type told struct {
	length   int64 // -1: nothing, or nothing that is one
	lengthAt bool  // there is a Content-Length
	typeAt   bool  // there is a Content-Type, or a Content-Encoding, of which the type is not guessed
	dateAt   bool
	closeAt  bool // Connection: close
}

// buffers are those of an answer.
type buffers struct {
	held *bufio.Writer // of the body; into a chunker
	out  *bufio.Writer // of all; into a sender
}

var bufferPool = sync.Pool{New: func() any {
	return &buffers{bufio.NewWriterSize(nil, heldBack), bufio.NewWriterSize(nil, 4<<10)}
}}

// chunker and sender are a response as the buffers write to it. They have none of its methods: a buffer that finds
// WriteString hands it what is too long to be kept, and would get that back.
type (
	chunker response
	sender  response
)

// lifetime is the context of a request, which ends with its answer, or when the client leaves.
type lifetime struct {
	ending.Ending
	of        *conn
	following ending.Following // of the connection's context
	carried   [2]struct{ key, value any }
}

// Carry implements carried.Room.
func (l *lifetime) Carry(key, value any) bool {
	for i := range l.carried {
		if of := &l.carried[i]; of.key == nil || of.key == key {
			of.key, of.value = key, value
			return true
		}
	}
	return false
}

// Deadline implements context.Context.
func (l *lifetime) Deadline() (time.Time, bool) { return l.of.ctx.Deadline() }

// Value implements context.Context.
func (l *lifetime) Value(key any) any {
	if ending.Asks(key) {
		return &l.Ending
	}
	for _, of := range l.carried {
		if of.key == key && key != nil {
			return of.value
		}
	}
	return l.of.ctx.Value(key)
}

// Follow implements ending.Follower, with the end of the connection's context.
func (l *lifetime) Follow(err error) { l.End(err) }

// leave ends it.
func (l *lifetime) leave() {
	l.End(context.Canceled)
	l.following.Stop()
}

// response is that to the next request.
func (c *conn) response() *response {
	w := &response{conn: c, header: make(http.Header)}
	w.life.of = c
	return w
}

// begin begins the answer to r.
func (w *response) begin(r *http.Request) {
	c := w.conn
	w.life.following = ending.Follow(c.ctx, &w.life)
	w.buffers, _ = bufferPool.Get().(*buffers)
	w.held.Reset((*chunker)(w))
	w.out.Reset((*sender)(w))
	length := int(r.ContentLength)
	r.Body = http.NoBody
	if length > 0 {
		w.body.conn, w.body.life, w.body.left = c, &w.life, length
		r.Body = &w.body
	}
	if c.came = len(c.unread) >= length; c.came {
		c.of.watch.begin(c, c.began, &w.life)
	} else {
		c.readUntil(c.began, c.of.std.ReadTimeout)
	}
}

// Header implements [http.ResponseWriter].
func (w *response) Header() http.Header { return w.header }

// WriteHeader implements [http.ResponseWriter].
func (w *response) WriteHeader(status int) {
	switch {
	case w.status != 0:
		pc, file, line, _ := runtime.Caller(1)
		w.conn.of.logf("http: superfluous response.WriteHeader call from %s (%s:%d)", runtime.FuncForPC(pc).Name(), path.Base(file), line)
		return
	case status < 100 || status > 999:
		panic(fmt.Sprintf("invalid WriteHeader code %v", status))
	case status < 200 && status != http.StatusSwitchingProtocols:
		w.writeStart(status)
		_, _ = w.out.WriteString("\r\n")
		_ = w.out.Flush()
		return
	}
	w.status = status
	w.told = w.inspect()
	w.writeStart(status)
}

// inspect reads what the header says of the answer.
func (w *response) inspect() told {
	_, typed := w.header["Content-Type"]
	_, dated := w.header["Date"]
	lengths, sized := w.header["Content-Length"]
	t := told{length: -1, lengthAt: sized, typeAt: typed || w.header.Get("Content-Encoding") != "", dateAt: dated}
	if sized && len(lengths) > 0 && lengths[0] != "" {
		if n, err := strconv.ParseInt(lengths[0], 10, 64); err == nil && n >= 0 {
			t.length = n
		} else {
			w.conn.of.logf("http: invalid Content-Length of %q", lengths[0])
		}
	}
	for _, value := range w.header["Connection"] {
		t.closeAt = t.closeAt || strings.EqualFold(value, "close")
	}
	return t
}

// writeStart writes the status and the handler's header.
func (w *response) writeStart(status int) {
	text := http.StatusText(status)
	if text == "" {
		text = "status code " + strconv.Itoa(status)
	}
	b := strconv.AppendInt(append(w.out.AvailableBuffer(), "HTTP/1.1 "...), int64(status), 10)
	b = append(append(append(b, ' '), text...), "\r\n"...)
	var room [16]string
	names := room[:0]
	for name := range w.header {
		if w.shows(name, status) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		for _, value := range w.header[name] {
			b = append(append(b, name...), ": "...)
			b = append(append(b, oneLine(value)...), "\r\n"...)
		}
	}
	_, _ = w.out.Write(b)
}

// shows tells whether a field of the header is written as it is.
func (w *response) shows(name string, status int) bool {
	switch name {
	case "Content-Length":
		return hasBody(status) && w.told.length >= 0
	case "Content-Type":
		return status != http.StatusNotModified
	case "Connection":
		return w.told.closeAt
	case "Transfer-Encoding", "Trailer":
		return false
	}
	return validName(name)
}

func validName(name string) bool {
	for i := range len(name) {
		if !token[name[i]] {
			return false
		}
	}
	return name != ""
}

// oneLine is a value of a field without ends of lines, and without blanks around it.
func oneLine(value string) string {
	if value == "" || isPlain(value) {
		return value
	}
	return strings.Trim(strings.NewReplacer("\r", " ", "\n", " ").Replace(value), " \t")
}

// isPlain tells whether a value is one line, and begins and ends with something.
func isPlain(value string) bool {
	for i := range len(value) {
		if value[i] < ' ' {
			return false
		}
	}
	return value[0] != ' ' && value[len(value)-1] != ' '
}

// hasBody tells whether an answer of that status has one.
func hasBody(status int) bool {
	return status >= 200 && status != http.StatusNoContent && status != http.StatusNotModified
}

// Write implements [http.ResponseWriter].
func (w *response) Write(p []byte) (int, error) {
	if err := w.mayWrite(len(p)); err != nil || len(p) == 0 {
		return 0, err
	}
	return w.held.Write(p)
}

// WriteString implements io.StringWriter.
func (w *response) WriteString(s string) (int, error) {
	if err := w.mayWrite(len(s)); err != nil || s == "" {
		return 0, err
	}
	return w.held.WriteString(s)
}

func (w *response) mayWrite(n int) error {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	if n == 0 {
		return nil
	}
	if !hasBody(w.status) {
		return http.ErrBodyNotAllowed
	}
	if w.written += int64(n); w.told.length >= 0 && w.written > w.told.length {
		return http.ErrContentLength
	}
	return nil
}

// completeHead writes the rest of the head. First is what the body begins with: all of it where the handler is done.
func (w *response) completeHead(first []byte) {
	w.complete = true
	stopping := w.conn.of.stopping.Load()
	w.last = w.last || w.told.closeAt || stopping
	if w.body.conn != nil && !w.last && !w.body.finish() {
		w.last = true
	}
	b := w.out.AvailableBuffer()
	if !w.told.dateAt {
		b = append(append(append(b, "Date: "...), w.conn.of.clock.date(time.Now())...), "\r\n"...)
	}
	if w.done && !w.told.lengthAt && hasBody(w.status) {
		w.told.length = int64(len(first))
		b = append(strconv.AppendInt(append(b, "Content-Length: "...), w.told.length, 10), "\r\n"...)
	}
	if !w.told.typeAt && hasBody(w.status) && len(first) > 0 {
		b = append(append(append(b, "Content-Type: "...), http.DetectContentType(first)...), "\r\n"...)
	}
	if w.last && !w.told.closeAt {
		b = append(b, "Connection: close\r\n"...)
	}
	if w.chunked = w.told.length < 0 && hasBody(w.status); w.chunked {
		b = append(b, "Transfer-Encoding: chunked\r\n"...)
	}
	_, _ = w.out.Write(append(b, "\r\n"...))
}

// Write sends a part of the body.
func (c *chunker) Write(p []byte) (int, error) {
	if !c.complete {
		(*response)(c).completeHead(p)
	}
	if !c.chunked {
		return c.out.Write(p)
	}
	_, _ = c.out.Write(append(strconv.AppendInt(c.out.AvailableBuffer(), int64(len(p)), 16), "\r\n"...))
	n, err := c.out.Write(p)
	if err == nil {
		_, err = c.out.WriteString("\r\n")
	}
	return n, err
}

// Write sends bytes to the client.
func (s *sender) Write(p []byte) (int, error) {
	c := s.conn
	if !s.timed.Load() {
		_ = c.setWriteDeadline(due(c.began, c.of.std.WriteTimeout))
	}
	n, err := c.Write(p)
	if err != nil {
		s.failed = true
		s.life.leave()
	}
	return n, err
}

// Flush implements [http.Flusher].
func (w *response) Flush() { _ = w.FlushError() }

// FlushError is what [http.ResponseController] calls.
func (w *response) FlushError() error {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	err := w.held.Flush()
	if !w.complete {
		w.completeHead(nil)
	}
	if flushed := w.out.Flush(); err == nil {
		err = flushed
	}
	return err
}

// SetReadDeadline is what [http.ResponseController] calls.
func (w *response) SetReadDeadline(t time.Time) error {
	w.hurried.Store(true)
	return w.conn.SetReadDeadline(t)
}

// SetWriteDeadline is what [http.ResponseController] calls.
func (w *response) SetWriteDeadline(t time.Time) error {
	w.timed.Store(true)
	return w.conn.setWriteDeadline(t)
}

// WriteWithin sets a deadline of writing that may come by a sixtieth too soon: mostly that of the answer before will do.
func (w *response) WriteWithin(timeout time.Duration) {
	w.timed.Store(true)
	w.conn.writeWithin(time.Now(), timeout)
}

// finish sends what is still here of the answer. It reports false if no other request may follow.
func (w *response) finish() bool {
	w.done = true
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	_ = w.held.Flush()
	if !w.complete {
		w.completeHead(nil)
	}
	if w.chunked {
		_, _ = w.out.WriteString("0\r\n\r\n")
	}
	_ = w.out.Flush()
	short := w.told.length >= 0 && hasBody(w.status) && w.written != w.told.length
	return !w.last && !w.failed && !short
}

// end leaves nothing of the request on the connection.
func (w *response) end() {
	w.life.leave()
	if w.body.conn != nil {
		_ = w.body.Close()
	}
	w.conn.of.watch.end(w.conn)
	if w.hurried.Load() {
		w.conn.limit = time.Time{}
	}
	if w.complete {
		_ = w.out.Flush() // of a handler that panicked
	}
	w.held.Reset(nil)
	w.out.Reset(nil)
	bufferPool.Put(w.buffers)
}
