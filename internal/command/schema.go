package command

import (
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"zoomgraph/graph"
	"zoomgraph/internal/config"
	"zoomgraph/internal/openapi"
	"zoomgraph/internal/reference"
	"zoomgraph/internal/vendor"
)

// schema prints the schema as it is served, or writes the reference for people.
func (c Call) schema(cfg *config.Schema) error {
	source, err := c.program()
	if err != nil {
		return err
	}
	if cfg.Docs == "" {
		_, err = io.WriteString(c.Stdout, source.SDL())
		return err
	}
	if err := reference.New(source, graph.Price, time.Now).Write(cfg.Docs); err != nil {
		return fmt.Errorf("the reference is not written: %w", err)
	}
	_, err = fmt.Fprintf(c.Stdout, "The reference is in %[1]s: open %[1]s/index.html\n", cfg.Docs)
	return err
}

// UnreadableError is a file that cannot be what it was given for.
type UnreadableError struct{ error }

// Unwrap says why.
func (e UnreadableError) Unwrap() error { return e.error }

// schemaDiff compares documents of Zoom's with the schema. Where there is news the error says so; an UnreadableError says
// that nothing was compared.
func (c Call) schemaDiff(cfg *config.SchemaDiff) error {
	source, err := c.program()
	if err != nil {
		return err
	}
	known, err := vendor.ReadKnown(c.Known)
	if err != nil {
		return err
	}
	docs, err := readDocuments(cfg.Documents())
	if err != nil {
		return UnreadableError{err}
	}
	report := vendor.Compare(source, docs, known)
	write := report.WriteText
	switch cfg.Format {
	case "json":
		write = report.WriteJSON
	case "sdl":
		write = report.WriteSDL
	}
	if err := write(c.Stdout, cfg.All); err != nil {
		return err
	}
	switch n := len(report.News()); {
	case n == 1:
		return errors.New("the documents differ from the schema in one place")
	case n > 1:
		return fmt.Errorf("the documents differ from the schema in %d places", n)
	}
	return nil
}

// readDocuments reads all files, and says of each that cannot be read what is wrong with it.
func readDocuments(names []string) (docs []*openapi.Document, err error) {
	var wrong []error
	for _, name := range names {
		doc, err := readDocument(name)
		if err != nil {
			wrong = append(wrong, err)
			continue
		}
		docs = append(docs, doc)
	}
	return docs, errors.Join(wrong...)
}

func readDocument(name string) (*openapi.Document, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }() // it was only read
	text, err := io.ReadAll(io.LimitReader(file, openapi.MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return openapi.Parse(name, text)
}
