// Package program is the schema and the facts about Zoom's operations, read once. The generator, the prices, the scopes
// and the embedded Zoom ask it; none of them reads a directive by itself.
//
//	p, err := program.Read(files) // a file system that holds schema.graphqls and graph/schema
//	p, err = program.Served() // the same, as it was when the code was generated
//	op := p.Operation(field)      // that answers a field; nil: none does
//	form := p.FormOf(parent, field)
//
// Many may use a program at the same time. What only some ask for is found when somebody does.
package program

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"
)

// The files of a program, in the folder of the module.
const (
	frontDoor  = "schema.graphqls"
	chapters   = "graph/schema/*.graphqls"
	operations = "docs/operations.yaml"
)

// Program is a schema with what answers its fields.
type Program struct {
	// Schema is what is served: as it is written, but without @defer, which every schema has for gqlgen. What is deferred
	// would be resolved beside the rest: after its calls have left, and in a session that ends with the first answer.
	Schema *ast.Schema
	// Chapters are Zoom's operations in the order of its documentation: those that the schema has, or all of them where
	// the program was made with those.
	Chapters []*Chapter

	ops      map[string]*Operation      // by Op
	executed map[string]bool            // types, by name
	written  map[string]bool            // those of them that only writes lead to, see writtenThings
	things   func() *things             // found when somebody asks
	carriers map[carrier]bool           // what carried answered, while things are found; nil: it is not kept
	sources  sync.Map                   // []Source of fields, by *ast.FieldDefinition: those that were asked for
	switches func() map[string][]string // of operations, by Op: query parameters that are true where a field is selected
}

// Read reads the schema from a file system such as os.DirFS of the module's folder; the facts are there already. The error
// says in which file and where in it the mistake is.
func Read(files fs.FS) (*Program, error) { return ReadWith(files, Facts()) }

// ReadWith reads the schema, and takes the facts as they are given.
func ReadWith(files fs.FS, facts []*Chapter) (*Program, error) {
	sources, err := readSources(files)
	if err != nil {
		return nil, err
	}
	return read(sources, facts)
}

func read(sources []*ast.Source, facts []*Chapter) (*Program, error) {
	schema, err := gqlparser.LoadSchema(sources...)
	if err != nil {
		return nil, err
	}
	return serving(schema, facts)
}

// serving makes the program of a schema as it is served.
func serving(schema *ast.Schema, facts []*Chapter) (*Program, error) {
	served := *schema
	served.Directives = maps.Clone(schema.Directives)
	delete(served.Directives, "defer")
	return New(&served, facts)
}

// New makes a program of a schema and the facts about operations.
func New(schema *ast.Schema, facts []*Chapter) (*Program, error) {
	p := &Program{Schema: schema, Chapters: facts, ops: map[string]*Operation{}}
	for _, chapter := range facts {
		for _, op := range chapter.Operations {
			if p.ops[op.Op] != nil {
				return nil, fmt.Errorf("%s: %s is listed twice", operations, op.Op)
			}
			p.ops[op.Op] = op
			if op.Now != "" {
				p.ops[op.Now] = op
			}
		}
	}
	p.written = writtenThings(schema)
	p.executed = executed(schema, p.written)
	p.things = sync.OnceValue(func() *things { return findThings(p) })
	p.switches = sync.OnceValue(p.findSwitches)
	return p, nil
}

// findSwitches finds which operations take query parameters that fields are asked by.
func (p *Program) findSwitches() map[string][]string {
	names := map[string]bool{}
	for _, def := range p.Schema.Types {
		for _, field := range def.Fields {
			names[AskedBy(field)] = true
		}
	}
	delete(names, "")
	delete(names, IncludeFields)
	switches := map[string][]string{}
	for name, op := range p.ops {
		for _, param := range op.Query {
			if names[param] {
				switches[name] = append(switches[name], param)
			}
		}
	}
	return switches
}

// Switches are the query parameters of an operation that are true where a field is selected which is asked by them.
func (p *Program) Switches(op string) []string { return p.switches()[op] }

// SDL is the schema as text.
func (p *Program) SDL() string {
	var b strings.Builder
	formatter.NewFormatter(&b, formatter.WithIndent("  ")).FormatSchema(p.Schema)
	return b.String()
}

// readSources are the schema's files: the front door first, and then the chapters by name.
func readSources(files fs.FS) ([]*ast.Source, error) {
	names, err := fs.Glob(files, chapters)
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var sources []*ast.Source
	for _, name := range append([]string{frontDoor}, names...) {
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, err
		}
		sources = append(sources, &ast.Source{Name: name, Input: string(text)})
	}
	return sources, nil
}
