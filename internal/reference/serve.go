package reference

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io/fs"
	"strings"
	"sync"
)

// Served are the files as the service has them: each compressed, under its name with .gz behind, made when it is asked for
// first and anew on another day, which examples are about. graphiql is where examples can be tried, relative to the pages.
func (r *Reference) Served(graphiql string) fs.ReadFileFS {
	served := *r
	served.graphiql = graphiql
	return &packed{reference: &served, kept: map[string]keptFile{}}
}

// packed keeps what was asked for.
type packed struct {
	reference *Reference
	mu        sync.Mutex // also held while a file is made: several at a time would take the CPU of queries
	kept      map[string]keptFile
}

type keptFile struct {
	day     string
	content []byte
}

// Open fails: files are read whole.
func (p *packed) Open(name string) (fs.File, error) {
	return nil, &fs.PathError{Op: "open", Path: name, Err: errors.ErrUnsupported}
}

// ReadFile returns a compressed file.
func (p *packed) ReadFile(name string) ([]byte, error) {
	plain, isPacked := strings.CutSuffix(name, ".gz")
	if !isPacked {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	today := day(p.reference.now())
	if known, found := p.kept[plain]; found && known.day == today {
		return known.content, nil
	}
	content, err := p.reference.Page(plain)
	if err != nil {
		return nil, err
	}
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, err = w.Write(content)
	if err := errors.Join(err, w.Close()); err != nil {
		return nil, err
	}
	p.kept[plain] = keptFile{today, bytes.Clone(b.Bytes())}
	return p.kept[plain].content, nil
}
