package edge

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
)

// Uploads: what all forms together may hold, and what one may hold in memory.
const (
	// DefaultUploadBytes is how many bytes all forms under way may hold together, where Options leave it open.
	DefaultUploadBytes = 128 << 20
	maxInMemory        = 1 << 20  // bytes of one form's files that are kept in memory
	formsInMemory      = 16       // forms that may keep files in memory at a time; the others have temporary files
	formStep           = 64 << 10 // bytes of room that a form takes at a time
	uploadPause        = 2        // seconds after which a form that found no room may come again
)

// room is what all forms under way may hold together: each byte counts from its arrival until the form's request is
// answered, whether it lies in memory or on disk. One caller may hold half of it, or one form as large as a form may be.
type room struct {
	total, share int64
	inMemory     chan struct{} // has a place for each form that may keep files in memory

	mu   sync.Mutex
	held int64
	of   map[string]int64 // held, by caller
}

func newRoom(total int64) *room {
	return &room{
		total: total, share: max(total/2, min(total, maxForm+formStep)),
		inMemory: make(chan struct{}, formsInMemory), of: map[string]int64{},
	}
}

// largest is how many bytes a form may have: a step less than there is room for, so that its end can be looked for.
func (r *room) largest() int64 { return min(maxForm, r.total-formStep) }

// fits tells by a refusal that a caller's form finds no room for n bytes more.
func (r *room) fits(caller string, n int64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.lacks(caller, n)
}

// take is fits, and takes the room.
func (r *room) take(caller string, n int64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.lacks(caller, n); err != nil {
		return err
	}
	r.held += n
	r.of[caller] += n
	return nil
}

func (r *room) lacks(caller string, n int64) error {
	full := func(whose string, held, limit int64) error {
		return refusal{why: busy, code: rateLimited, retryAfter: uploadPause, message: fmt.Sprintf(
			"%s hold %d of the %d bytes that they may hold together, and this one needs %d more; send it again in a few seconds", whose, held, limit, n)}
	}
	switch {
	case r.held+n > r.total:
		return full("the uploads under way", r.held, r.total)
	case r.of[caller]+n > r.share:
		return full("your uploads under way", r.of[caller], r.share)
	}
	return nil
}

func (r *room) giveBack(caller string, n int64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.held -= n
	if r.of[caller] -= n; r.of[caller] == 0 {
		delete(r.of, caller)
	}
}

// spool keeps the form of one request until discard: its files in memory while they fit into maxInMemory together, each
// that does not in a temporary file.
type spool struct {
	room     *room
	who      func(context.Context) string // says the caller where a form comes; nil: it is set
	caller   string
	taken    int64 // bytes of room
	inMemory bool  // files may be kept in memory
	held     int64 // bytes of files in memory
	files    []*os.File
	named    []string // of files, those that still have a name
}

// counted is a reader that takes room for all that it reads. Where there is none, its error is the refusal.
func (s *spool) counted(r io.Reader) *counted { return &counted{from: r, spool: s} }

type counted struct {
	from  io.Reader
	spool *spool
	left  int64 // bytes of room that are taken and not used
	n     int64 // bytes that were read
}

// Read implements io.Reader.
func (c *counted) Read(p []byte) (int, error) {
	if c.left == 0 {
		if err := c.spool.room.take(c.spool.caller, formStep); err != nil {
			return 0, err
		}
		c.spool.taken += formStep
		c.left = formStep
	}
	n, err := c.from.Read(p[:min(int64(len(p)), c.left)])
	c.left -= int64(n)
	c.n += int64(n)
	return n, err
}

// keep reads r to its end. An error of the file system is an [io/fs.PathError], any other is r's. What was kept may be
// read by several at once.
func (s *spool) keep(r io.Reader) (content io.ReaderAt, size int64, err error) {
	var head bytes.Buffer
	if s.inMemory = s.inMemory || s.enterMemory(); s.inMemory {
		size, err = io.CopyN(&head, r, maxInMemory-s.held+1)
		switch {
		case errors.Is(err, io.EOF):
			s.held += size
			return bytes.NewReader(head.Bytes()), size, nil
		case err != nil:
			return nil, 0, err
		}
	}
	f, err := s.create()
	if err != nil {
		return nil, 0, err
	}
	size, err = io.Copy(f, io.MultiReader(&head, r))
	return f, size, err
}

func (s *spool) enterMemory() bool {
	select {
	case s.room.inMemory <- struct{}{}:
		return true
	default:
		return false
	}
}

// create makes a temporary file and takes its name away at once, so that
// nothing stays however the process ends. Where a system lets no open file lose
// its name, discard does it.
func (s *spool) create() (*os.File, error) {
	f, err := os.CreateTemp("", "zoomgraph-upload-*")
	if err != nil {
		return nil, err
	}
	s.files = append(s.files, f)
	if os.Remove(f.Name()) != nil {
		s.named = append(s.named, f.Name())
	}
	return f, nil
}

// discard ends all files and gives the room back. Later reads of files on disk get os.ErrClosed.
func (s *spool) discard() error {
	var errs []error
	for _, f := range s.files {
		errs = append(errs, f.Close())
	}
	for _, name := range s.named {
		errs = append(errs, os.Remove(name)) //nolint:gosec // a name that create made up
	}
	if s.inMemory {
		<-s.room.inMemory
	}
	if s.taken > 0 {
		s.room.giveBack(s.caller, s.taken)
	}
	return errors.Join(errs...)
}
