package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

// File is a Request's Body for an operation that takes a file: it is sent as
// the one field of a multipart/form-data body, read while it is sent.
//
// Content is read from its start, by one reader at a time, and not after Do
// returned.
type File struct {
	Field       string // the form field's name, as Zoom documents it: "pic_file"
	Name        string // the file's name, without a path
	ContentType string // found from the content if empty
	Content     io.ReadSeeker
	Size        int64 // bytes of Content; 0 or less: not known, which sends the body in chunks
}

// payload is a request's body, which can be sent more than once.
type payload struct {
	contentType string
	length      int64                         // -1: not known
	open        func() (io.ReadCloser, error) // from its start; ends what was opened before
	end         func() error                  // nothing is read after it; the error is the content's own, if it had one
}

// newPayload writes a request's body, or says what is wrong with it.
func newPayload(op *Op, body any) (*payload, *Error) {
	if f, ok := body.(*File); ok {
		return newForm(op, f)
	}
	text, err := json.Marshal(body)
	if err != nil {
		return nil, internal(op, "the body is not JSON", err)
	}
	return &payload{
		contentType: "application/json",
		length:      int64(len(text)),
		open:        func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(text)), nil },
		end:         func() error { return nil },
	}, nil
}

func newForm(op *Op, f *File) (*payload, *Error) {
	switch {
	case f == nil || f.Content == nil || f.Field == "":
		return nil, internal(op, "the file has no content or no field", nil)
	case f.Name == "" || !utf8.ValidString(f.Name) || strings.ContainsFunc(f.Name, unicode.IsControl):
		return nil, &Error{Code: CodeBadUserInput, Op: op, Message: "the file's name must be UTF-8 without control characters, and not empty", Fields: []string{f.Field}}
	}
	contentType, fail := f.contentType(op)
	if fail != nil {
		return nil, fail
	}
	var frame bytes.Buffer
	w := multipart.NewWriter(&frame)
	_, err := w.CreatePart(textproto.MIMEHeader{
		"Content-Disposition": {multipart.FileContentDisposition(f.Field, f.Name)},
		"Content-Type":        {contentType},
	})
	head := frame.Len()
	if err := errors.Join(err, w.Close()); err != nil {
		return nil, internal(op, "the file cannot be framed", err)
	}
	u := &upload{content: f.Content, size: f.Size, head: frame.Bytes()[:head], tail: frame.Bytes()[head:]}
	p := &payload{contentType: w.FormDataContentType(), length: -1, open: u.open, end: u.end}
	if f.Size > 0 {
		p.length = int64(frame.Len()) + f.Size
	}
	return p, nil
}

// contentType is the given one, or what the first bytes look like.
func (f *File) contentType(op *Op) (string, *Error) {
	if f.ContentType != "" {
		kind, params, err := mime.ParseMediaType(f.ContentType)
		if err != nil {
			return "", &Error{Code: CodeBadUserInput, Op: op, Message: "the file's content type is not a media type", Fields: []string{f.Field}}
		}
		return mime.FormatMediaType(kind, params), nil
	}
	_, err := f.Content.Seek(0, io.SeekStart)
	if err != nil {
		return "", unreadable(op, err)
	}
	start := make([]byte, 512) // as many as DetectContentType looks at
	n, err := io.ReadFull(f.Content, start)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, io.ErrUnexpectedEOF) {
		return "", unreadable(op, err)
	}
	return http.DetectContentType(start[:n]), nil
}

func unreadable(op *Op, err error) *Error {
	return internal(op, "the file cannot be read", err)
}

// upload lets one reader at a time read a content. net/http may read a body,
// and close it, after it gave the answer: an early refusal of the token must
// not have two attempts read one content, nor one of them read after Do.
type upload struct {
	content    io.ReadSeeker
	size       int64 // 0 or less: not known
	head, tail []byte

	mu     sync.Mutex
	reader *attemptReader // the only one that may read now
	err    error          // of content, since it was opened
}

func (u *upload) open() (io.ReadCloser, error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.reader, u.err = nil, nil
	if _, err := u.content.Seek(0, io.SeekStart); err != nil {
		u.err = err
		return nil, err
	}
	r := &attemptReader{upload: u}
	r.parts = io.MultiReader(bytes.NewReader(u.head), readerFunc(r.readContent), bytes.NewReader(u.tail))
	u.reader = r
	return r, nil
}

func (u *upload) end() error {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.reader = nil
	return u.err
}

// readerFunc is a function as an io.Reader.
type readerFunc func([]byte) (int, error)

// Read implements io.Reader.
func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

// attemptReader is an upload's body for one attempt.
type attemptReader struct {
	upload *upload
	parts  io.Reader
	read   int64 // bytes of the content
}

var errEnded = errors.New("the attempt that sent this body is over")

// Read implements io.Reader.
func (r *attemptReader) Read(p []byte) (int, error) {
	r.upload.mu.Lock()
	defer r.upload.mu.Unlock()
	if r.upload.reader != r {
		return 0, errEnded
	}
	return r.parts.Read(p)
}

// readContent reads the content, and holds it to the size that was told.
func (r *attemptReader) readContent(p []byte) (int, error) {
	n, err := r.upload.content.Read(p)
	r.read += int64(n)
	size := r.upload.size
	if size > 0 && (r.read > size || errors.Is(err, io.EOF) && r.read < size) {
		n, err = 0, fmt.Errorf("the content has not the %d bytes that were told", size)
	}
	if err != nil && !errors.Is(err, io.EOF) {
		r.upload.err = err
	}
	return n, err
}

// Close implements io.Closer. The content is the caller's to close.
func (r *attemptReader) Close() error {
	r.upload.mu.Lock()
	defer r.upload.mu.Unlock()
	if r.upload.reader == r {
		r.upload.reader = nil
	}
	return nil
}
