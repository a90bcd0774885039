package client

import (
	"bytes"
	"context"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
)

var opPicture = &Op{ID: "userPicture", Method: "POST", Path: "/users/{userId}/picture", Label: Medium}

func picture(f *File) Request { return Request{Op: opPicture, Path: []string{"ann"}, Body: f} }

const png = "\x89PNG\r\n\x1a\n canary"

// readFile is the one file of a request.
func readFile(r *http.Request) (*multipart.Part, string, error) {
	form, err := r.MultipartReader()
	if err != nil {
		return nil, "", err
	}
	part, err := form.NextRawPart()
	if err != nil {
		return nil, "", err
	}
	text, err := io.ReadAll(part)
	if err != nil {
		return nil, "", err
	}
	if _, err := form.NextRawPart(); !errors.Is(err, io.EOF) {
		return nil, "", errors.New("the form has another field")
	}
	return part, string(text), nil
}

func TestFiles(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		file        File
		content     string
		contentType string
	}{
		"known size":    {File{Field: "pic_file", Name: "ann.png", ContentType: "image/jpeg", Size: int64(len(png))}, png, "image/jpeg"},
		"unknown size":  {File{Field: "pic_file", Name: "ann.png", ContentType: "image/jpeg"}, png, "image/jpeg"},
		"a type found":  {File{Field: "file", Name: "ann", Size: int64(len(png))}, png, "image/png"},
		"a short text":  {File{Field: "file", Name: "ann", Size: 1}, "x", "text/plain; charset=utf-8"},
		"a long text":   {File{Field: "file", Name: "ann", Size: 6000}, strings.Repeat("canary", 1000), "text/plain; charset=utf-8"},
		"empty":         {File{Field: "file", Name: "ann"}, "", "text/plain; charset=utf-8"},
		"an odd name":   {File{Field: "file", Name: `ä "b";.png`, ContentType: "image/png; a=b"}, "x", "image/png; a=b"},
		"an odd field":  {File{Field: "f\r\n\"", Name: "a"}, "x", "text/plain; charset=utf-8"},
		"binary, large": {File{Field: "file", Name: "a", Size: 3 << 20}, strings.Repeat("\x00\r\n-", 3<<18), "application/octet-stream"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := dial(t, func(w http.ResponseWriter, r *http.Request) {
				known := tc.file.Size > 0
				if known != (r.ContentLength > tc.file.Size) || known == (len(r.TransferEncoding) > 0) {
					t.Errorf("sent with length %d, %v", r.ContentLength, r.TransferEncoding)
				}
				part, text, err := readFile(r)
				if err != nil {
					t.Error(err)
					return
				}
				field := strings.NewReplacer("\r", "%0D", "\n", "%0A").Replace(tc.file.Field)
				if part.FormName() != field || part.FileName() != tc.file.Name || part.Header.Get("Content-Type") != tc.contentType || text != tc.content {
					t.Errorf("field %q with %v and %d bytes", part.FormName(), part.Header, len(text))
				}
				answer(201, `{"id":"1"}`)(w, r)
			})
			f := tc.file
			content := strings.NewReader(tc.content)
			f.Content = content
			_, _ = content.Seek(1, io.SeekStart) // it is read from its start all the same
			res, err := c.Do(t.Context(), picture(&f))
			if err != nil || string(res.Body) != `{"id":"1"}` || res.Attempts != 1 {
				t.Errorf("%+v, %v", res, err)
			}
		})
	}
}

// scripted is a content whose reads are watched, and fail from some byte on.
type scripted struct {
	*bytes.Reader
	before func(at int64) error // of each read; nil: nothing
	seek   error
}

func (s *scripted) Read(p []byte) (int, error) {
	if s.before != nil {
		if err := s.before(s.Size() - int64(s.Len())); err != nil {
			return 0, err
		}
	}
	return s.Reader.Read(p)
}

func (s *scripted) Seek(offset int64, whence int) (int64, error) {
	if s.seek != nil {
		return 0, s.seek
	}
	return s.Reader.Seek(offset, whence)
}

// The second half of a file is given only after the server has seen the first.
func TestFilesAreStreamed(t *testing.T) {
	t.Parallel()
	const size = 8 << 20
	begun := make(chan struct{})
	c := dial(t, func(w http.ResponseWriter, r *http.Request) {
		_, err := io.CopyN(io.Discard, r.Body, 1<<20)
		close(begun)
		rest, last := io.Copy(io.Discard, r.Body)
		if err != nil || last != nil || rest < 7<<20 {
			t.Errorf("%v, then %d bytes, %v", err, rest, last)
		}
		answer(201, `{}`)(w, r)
	})
	content := &scripted{Reader: bytes.NewReader(make([]byte, size)), before: func(at int64) error {
		if at >= size/2 {
			<-begun
		}
		return nil
	}}
	if _, err := c.Do(t.Context(), picture(&File{Field: "file", Name: "a", Content: content, Size: size})); err != nil {
		t.Error(err)
	}
}

// A token is refused before, or after, the server took the file; with a new one
// the file is sent again from its start, and never read by two.
func TestFilesWithARefusedToken(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("canary", 2<<20)
	for name, early := range map[string]bool{"early": true, "late": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			c := dial(t, func(w http.ResponseWriter, r *http.Request) {
				n := calls.Add(1)
				if n == 1 && early {
					answer(401, `{"code":124,"message":"Access token is expired."}`)(w, r)
					return
				}
				if _, text, err := readFile(r); err != nil || text != large {
					t.Errorf("attempt %d: %d bytes, %v", n, len(text), err)
				}
				if n == 1 {
					answer(400, `{"code":124,"message":"Access token is expired."}`)(w, r)
					return
				}
				answer(201, `{}`)(w, r)
			})
			content := &scripted{Reader: bytes.NewReader([]byte(large))}
			res, err := c.Do(t.Context(), picture(&File{Field: "file", Name: "a", Content: content, Size: int64(len(large))}))
			if early && errors.Is(err, ErrUpstreamUnavailable) && calls.Load() == 1 {
				return // the connection broke before the answer could be read, after which nothing is sent again
			}
			if err != nil || res.Attempts != 2 || calls.Load() != 2 {
				t.Errorf("%+v, %v, %d calls", res, err, calls.Load())
			}
		})
	}
}

// After Do has returned, nobody reads the content any more.
func TestFilesAreLeftAlone(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	gone := make(chan struct{})
	c := dial(t, func(_ http.ResponseWriter, r *http.Request) {
		_, _ = io.CopyN(io.Discard, r.Body, 1<<20)
		cancel()
		_, _ = io.Copy(io.Discard, r.Body)
		close(gone)
	})
	var over atomic.Bool
	content := &scripted{Reader: bytes.NewReader(make([]byte, 64<<20)), before: func(int64) error {
		if over.Load() {
			t.Error("the content was read after Do")
		}
		return nil
	}}
	res, err := c.Do(ctx, picture(&File{Field: "file", Name: "a", Content: content, Size: 64 << 20}))
	over.Store(true)
	if !errors.Is(err, context.Canceled) || res.Attempts != 1 {
		t.Errorf("%+v, %v", res, err)
	}
	<-gone
}

// A transport may ask for the body again while it still reads the first, and
// may go on reading after it has answered: only the newest body gives anything,
// and none does after Do.
func TestFilesHaveOneReader(t *testing.T) {
	t.Parallel()
	var last io.ReadCloser
	c, err := New(Config{Tokens: &tokens{}, Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
		if _, err := io.CopyN(io.Discard, r.Body, 1000); err != nil {
			t.Error(err)
		}
		again, err := r.GetBody()
		if err != nil {
			return nil, err
		}
		if n, err := io.Copy(io.Discard, r.Body); n != 0 || err == nil {
			t.Errorf("the first body gave %d more bytes, %v", n, err)
		}
		_ = r.Body.Close()
		if n, err := io.CopyN(io.Discard, again, r.ContentLength-1); err != nil {
			t.Errorf("the second body gave %d bytes, %v", n, err)
		}
		last = again
		return reply(201, `{}`), nil
	})})
	if err != nil {
		t.Fatal(err)
	}
	content := bytes.NewReader(make([]byte, 1<<20))
	if _, err := c.Do(t.Context(), picture(&File{Field: "file", Name: "a", Content: content, Size: 1 << 20})); err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, last); n != 0 || err == nil {
		t.Errorf("after Do the body gave %d bytes, %v", n, err)
	}
}

func TestFilesThatFail(t *testing.T) {
	t.Parallel()
	own := errors.New("the disk is gone")
	c := dial(t, func(_ http.ResponseWriter, r *http.Request) {
		if _, _, err := readFile(r); err == nil {
			t.Error("a whole file arrived")
		}
	})
	content := func(at int64) *scripted {
		return &scripted{Reader: bytes.NewReader(make([]byte, 1<<20)), before: func(n int64) error {
			if n >= at {
				return own
			}
			return nil
		}}
	}
	const never = 2 << 20
	for name, tc := range map[string]struct {
		file     File
		want     error
		cause    error
		attempts int // 0: nothing was sent
	}{
		"unreadable":     {File{Content: content(0)}, ErrInternal, own, 0},
		"breaks off":     {File{Content: content(4096), Size: 1 << 20}, ErrInternal, own, 1},
		"not seekable":   {File{Content: &scripted{seek: own}}, ErrInternal, own, 0},
		"nor later":      {File{Content: &scripted{seek: own}, ContentType: "a/b"}, ErrInternal, own, 0},
		"too short":      {File{Content: content(never), Size: 1<<20 + 1}, ErrInternal, nil, 1},
		"too long":       {File{Content: content(never), Size: 1<<20 - 1}, ErrInternal, nil, 1},
		"no content":     {File{}, ErrInternal, nil, 0},
		"no field":       {File{Content: content(never), Field: "-"}, ErrInternal, nil, 0},
		"no name":        {File{Content: content(never), Name: "-"}, ErrBadUserInput, nil, 0},
		"a broken name":  {File{Content: content(never), Name: "a\r\nb"}, ErrBadUserInput, nil, 0},
		"not UTF-8":      {File{Content: content(never), Name: "\xff"}, ErrBadUserInput, nil, 0},
		"a broken type":  {File{Content: content(never), ContentType: "image/png\r\nX: y"}, ErrBadUserInput, nil, 0},
		"no type either": {File{Content: content(never), ContentType: "png/"}, ErrBadUserInput, nil, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := tc.file
			f.Field, f.Name = orElse(f.Field, "file"), orElse(f.Name, "a")
			res, err := c.Do(t.Context(), picture(&f))
			if !errors.Is(err, tc.want) || tc.cause != nil && !errors.Is(err, tc.cause) || (res != nil) != (tc.attempts > 0) || res != nil && res.Attempts != tc.attempts {
				t.Errorf("%+v, %v", res, err)
			}
		})
	}
	if res, err := c.Do(t.Context(), picture(nil)); !errors.Is(err, ErrInternal) || res != nil {
		t.Errorf("no file: %+v, %v", res, err)
	}
}

// orElse is s, without one what there is usually, and nothing for "-".
func orElse(s, usual string) string {
	switch s {
	case "":
		return usual
	case "-":
		return ""
	}
	return s
}
