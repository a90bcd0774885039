package client

import (
	"compress/gzip"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
)

// received is an answer, and its body. The connection is released as soon as that is
// read to its end; closed before that, the connection is closed.
type received struct {
	answer   http.Response
	fields   fields       // of an ordinary answer
	measured measuredBody // from, of an ordinary answer
	from     io.Reader
	conn     *conn
	way      *trip
	keep     bool        // the connection can be used again
	body     *sending    // of the request; nil: it has none
	err      error       // why there is no more to read
	over     atomic.Bool // the connection is released
}

// ordinary makes it an answer with that header, which is looked up when somebody asks for
// it: a client does by headerOf, of reads whose lines are made once. All others have it
// from the beginning, and so has what comes compressed.
func (b *received) ordinary(f fields, r *http.Request) {
	b.answer.Request, b.fields = r, f
	b.measured = measuredBody{b.conn.in, b.answer.ContentLength}
	b.from = &b.measured
	if b.way.lines == "" || b.answer.ContentLength == 0 || f.Get("Content-Encoding") != "" {
		b.answer.Header = f.all()
	}
}

// Read implements io.Reader.
func (b *received) Read(p []byte) (int, error) {
	switch {
	case b.err != nil:
		return 0, b.err
	case b.over.Load():
		return 0, http.ErrBodyReadAfterClose
	}
	n, err := b.from.Read(p)
	switch {
	case err == nil:
		return n, nil
	case errors.Is(err, io.EOF):
		b.err = io.EOF
		b.end(b.keep)
	default:
		b.err = b.way.why(err)
		b.end(false)
	}
	return n, b.err
}

// Close implements io.Closer.
func (b *received) Close() error {
	b.end(false)
	return nil
}

func (b *received) end(keep bool) {
	if !b.over.Swap(true) {
		b.conn.release(b.way, keep && b.body.sent())
	}
}

// unzipped is the body of an answer that came compressed.
type unzipped struct {
	from   io.ReadCloser
	reader *gzip.Reader // nil: before the first byte, and after the last one
	err    error        // why there is none any more
}

// unzippers are readers to be used again: each one has a window of 32 KiB.
var unzippers = sync.Pool{New: func() any { return new(gzip.Reader) }}

// Read implements io.Reader.
func (u *unzipped) Read(p []byte) (int, error) {
	if u.err != nil {
		return 0, u.err
	}
	if u.reader == nil {
		reader, _ := unzippers.Get().(*gzip.Reader)
		if u.err = reader.Reset(u.from); u.err != nil {
			return 0, u.err
		}
		u.reader = reader
	}
	n, err := u.reader.Read(p)
	if err != nil {
		unzippers.Put(u.reader)
		u.reader, u.err = nil, err
	}
	return n, err
}

// Close implements io.Closer.
func (u *unzipped) Close() error { return u.from.Close() }
