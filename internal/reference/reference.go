// Package reference is the reference for people: pages that say of each type and field of the schema what it is, which of
// Zoom's operations answers it and what that takes, with an example.
//
//	r := reference.New(program, graph.Price, time.Now)
//	err := r.Write("docs")    // as files, which a browser opens without a server
//	files := r.Served("../graphiql") // for the service, which has them at /docs/
//
// The text is the schema's own. A page is a file of the schema; index.html leads to them, operations.html lists Zoom's
// operations. Each type has the anchor of its name, and each field, value and input field one such as Meeting.topic;
// index.html#Meeting.topic leads on to the page that has it. Links are relative, and nothing comes from elsewhere.
//
// Nothing is made before it is asked for. Start reading at Page; examples.go tells where the examples come from.
package reference

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"zoomgraph/graph/program"
)

//go:embed pages
var files embed.FS

// Reference is the reference of a program. It is safe for concurrent use.
type Reference struct {
	program *program.Program
	price   Pricer
	now     func() time.Time
	// graphiql is where examples can be tried, relative to the pages; "": nowhere.
	graphiql string

	site    func() (*site, error)
	layouts func() (*template.Template, error)
}

// New makes a reference. Nothing is read before somebody asks for a page.
func New(p *program.Program, price Pricer, now func() time.Time) *Reference {
	r := &Reference{program: p, price: price, now: now}
	r.site = sync.OnceValues(func() (*site, error) { return newSite(p, price) })
	r.layouts = sync.OnceValues(func() (*template.Template, error) { return template.ParseFS(files, "pages/*.gohtml") })
	return r
}

// Example shows how a field of a type is asked for; nil where nothing leads to it.
func (r *Reference) Example(typeName, field string) (*Example, error) {
	s, err := r.site()
	if err != nil {
		return nil, err
	}
	def := r.program.Schema.Types[typeName]
	if def == nil || def.Fields.ForName(field) == nil {
		return nil, fmt.Errorf("the schema has no %s.%s", typeName, field)
	}
	return s.examples.of(def, def.Fields.ForName(field), r.now())
}

// Names are the names of all files, in order: index.html first.
func (r *Reference) Names() ([]string, error) {
	s, err := r.site()
	if err != nil {
		return nil, err
	}
	names := []string{indexPage, operationsPage}
	for _, chapter := range s.chapters {
		names = append(names, chapter.File)
	}
	return append(names, searchFile, "reference.css", "reference.js", "icon.svg"), nil
}

// The files that are no chapter.
const (
	indexPage      = "index.html"
	operationsPage = "operations.html"
	searchFile     = "search.js"
)

// Page makes a file; fs.ErrNotExist: there is none of the name.
func (r *Reference) Page(name string) ([]byte, error) {
	s, err := r.site()
	if err != nil {
		return nil, err
	}
	switch name {
	case indexPage:
		return r.fill("index.gohtml", s.index())
	case operationsPage:
		return r.fill("operations.gohtml", s.operations())
	case searchFile:
		return s.search()
	case "reference.css", "reference.js", "icon.svg":
		return files.ReadFile("pages/" + name)
	}
	at := slices.IndexFunc(s.chapters, func(c *chapter) bool { return c.File == name })
	if at < 0 {
		return nil, fmt.Errorf("%s: %w", name, fs.ErrNotExist)
	}
	page, err := s.page(s.chapters[at], r.now())
	if err != nil {
		return nil, err
	}
	return r.fill("chapter.gohtml", page)
}

func (r *Reference) fill(layout string, page any) ([]byte, error) {
	layouts, err := r.layouts()
	if err != nil {
		return nil, err
	}
	if framed, has := page.(interface{ within(graphiql string) }); has {
		framed.within(r.graphiql)
	}
	var b bytes.Buffer
	if err := layouts.ExecuteTemplate(&b, layout, page); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

// Write writes all files into a folder, which is made if it is not there. Files that were there under their names are
// replaced, and others stay.
func (r *Reference) Write(folder string) error {
	names, err := r.Names()
	if err == nil {
		err = os.MkdirAll(folder, 0o755) //nolint:gosec // anybody may read the reference
	}
	for _, name := range names {
		content, failed := r.Page(name)
		if failed == nil {
			failed = os.WriteFile(filepath.Join(folder, name), content, 0o644) //nolint:gosec // likewise
		}
		err = errors.Join(err, failed)
	}
	return err
}
