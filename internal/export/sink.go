package export

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"zoomgraph/graph"
)

// Sink is where rows go. It knows whose rows it has.
type Sink struct {
	form  form
	to    io.Writer
	file  *os.File // nil for a stream
	there map[string]bool
	kept  int  // rows that were there when it was opened
	begun bool // the header is written
}

// Stream is a sink whose rows cannot be read again.
func Stream(w io.Writer, style Style, columns []graph.Column) *Sink {
	return &Sink{form: newForm(style, columns), to: w, there: map[string]bool{}}
}

// Create makes a file that only its owner can read, since it holds people's addresses. A file that is there already and
// holds something is refused; one that is not a file proper, such as a pipe, is a stream.
func Create(path string, style Style, columns []graph.Column) (*Sink, error) {
	file, err := open(path, os.O_WRONLY)
	if err != nil {
		return nil, err
	}
	s := Stream(file, style, columns)
	s.file = file
	if info, err := file.Stat(); err != nil || info.Mode().IsRegular() && info.Size() > 0 {
		return nil, errors.Join(err, fmt.Errorf("%s is there already; give another file, or --resume %s to continue the export in it", path, path), file.Close())
	}
	return s, nil
}

// Resume opens the file of an export that ended early and cuts off what is not whole at its end; a file that is not
// there is created. What is not the same export is refused, and the file left as it is.
func Resume(path string, style Style, columns []graph.Column) (*Sink, error) {
	file, err := open(path, os.O_RDWR)
	if err != nil {
		return nil, err
	}
	s := Stream(file, style, columns)
	s.file = file
	if err := s.resume(); err != nil {
		return nil, errors.Join(fmt.Errorf("%s cannot be continued: %w", path, err), file.Close())
	}
	return s, nil
}

func open(path string, mode int) (*os.File, error) {
	return os.OpenFile(path, mode|os.O_CREATE, 0o600)
}

func (s *Sink) resume() error {
	info, err := s.file.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return errors.New("it is not a file")
	}
	whole, err := s.scan(bufio.NewReader(s.file))
	if err != nil {
		return err
	}
	if err := s.file.Truncate(whole); err != nil {
		return err
	}
	_, err = s.file.Seek(whole, io.SeekStart)
	return err
}

// scan reads whose rows there are, and how many bytes they take with the header.
func (s *Sink) scan(in *bufio.Reader) (whole int64, err error) {
	for {
		record, err := next(s.form, in)
		switch {
		case errors.Is(err, io.EOF):
			return whole, nil
		case errors.Is(err, io.ErrUnexpectedEOF) && !s.begun && !s.form.opens(record):
			return 0, errors.New("it does not begin as an export does")
		case errors.Is(err, io.ErrUnexpectedEOF):
			return whole, nil
		case err != nil:
			return 0, err
		}
		id, err := s.form.recognise(record, !s.begun)
		if err != nil {
			return 0, err
		}
		s.begun = true
		whole += int64(len(record))
		if id != "" && s.claim(id) {
			s.kept++
		}
	}
}

// Kept is how many users were there when the sink was opened.
func (s *Sink) Kept() int { return s.kept }

// claim takes a user for this sink; false where it has them.
func (s *Sink) claim(id string) bool {
	if s.there[id] {
		return false
	}
	s.there[id] = true
	return true
}

// write adds a row.
func (s *Sink) write(r row) error {
	if err := s.begin(); err != nil {
		return err
	}
	_, err := s.to.Write(s.form.row(r))
	return err
}

func (s *Sink) begin() error {
	if s.begun {
		return nil
	}
	s.begun = true
	_, err := s.to.Write(s.form.header())
	return err
}

// complete sees to it that an export of nobody has its header, and that a file is on its disk.
func (s *Sink) complete() error {
	if err := s.begin(); err != nil {
		return err
	}
	if s.file == nil {
		return nil
	}
	if info, err := s.file.Stat(); err != nil || !info.Mode().IsRegular() {
		return err
	}
	return s.file.Sync()
}

// Close closes the file, if there is one.
func (s *Sink) Close() error {
	if s.file == nil {
		return nil
	}
	return s.file.Close()
}
