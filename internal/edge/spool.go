package edge

import (
	"bytes"
	"errors"
	"io"
	"os"
)

// maxInMemory is how many bytes of one request's files are kept in memory.
const maxInMemory = 1 << 20

// spool keeps the files of one request until discard: in memory while they fit
// into maxInMemory together, each that does not in a temporary file. The zero
// value is empty.
type spool struct {
	held  int64 // bytes in memory
	files []*os.File
	named []string // of files, those that still have a name
}

// keep reads r to its end. An error of the file system is an [io/fs.PathError],
// any other is r's. What was kept may be read by several at once.
func (s *spool) keep(r io.Reader) (content io.ReaderAt, size int64, err error) {
	var head bytes.Buffer
	size, err = io.CopyN(&head, r, maxInMemory-s.held+1)
	switch {
	case errors.Is(err, io.EOF):
		s.held += size
		return bytes.NewReader(head.Bytes()), size, nil
	case err != nil:
		return nil, 0, err
	}
	f, err := s.create()
	if err != nil {
		return nil, 0, err
	}
	size, err = io.Copy(f, io.MultiReader(&head, r))
	return f, size, err
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

// discard ends all files. Later reads get os.ErrClosed.
func (s *spool) discard() error {
	var errs []error
	for _, f := range s.files {
		errs = append(errs, f.Close())
	}
	for _, name := range s.named {
		errs = append(errs, os.Remove(name))
	}
	return errors.Join(errs...)
}
