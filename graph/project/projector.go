package project

import (
	"sync"
	"weak"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
)

// maxDocuments bounds the documents whose compiled selections are kept. None is kept alive for the projection: when
// nobody else holds a document, what was compiled of it goes, too.
const maxDocuments = 1000

// A Projector writes the types of one schema. It is safe for concurrent use.
type Projector struct {
	schema    *ast.Schema
	guard     Guard
	files     FileURL
	types     map[string]func() *typeFacts // gathered when first asked for
	documents *lru.Cache[weak.Pointer[ast.QueryDocument], *document]
	writers   sync.Pool // of *writer
}

// New returns a Projector for the schema, which must not change any more. The guard knows who may see secrets; files may be
// nil where no field is marked @file.
func New(schema *ast.Schema, guard Guard, files FileURL) *Projector {
	documents, err := lru.New[weak.Pointer[ast.QueryDocument], *document](maxDocuments)
	if err != nil {
		panic(err) // only for a size below one
	}
	types := make(map[string]func() *typeFacts, len(schema.Types))
	for name, def := range schema.Types {
		types[name] = sync.OnceValue(func() *typeFacts { return factsOf(def) })
	}
	return &Projector{
		schema:    schema,
		guard:     guard,
		files:     files,
		types:     types,
		documents: documents,
		writers:   sync.Pool{New: func() any { return new(writer) }},
	}
}

// ZoomName returns the key under which Zoom sends the field: what @name says, or else the field's name in snake case
// (e2eEncryption is e2e_encryption). It serves fields of outputs and of inputs.
func (*Projector) ZoomName(def *ast.FieldDefinition) string { return program.NameOf(def) }

// wires are Zoom's spellings of an enum's values; nil for any other type.
func (p *Projector) wires(typeName string) map[string]string { return p.types[typeName]().wires }

// typeFacts is what the projection has to know of a named type.
type typeFacts struct {
	def   *ast.Definition
	leaf  leafWriter        // nil for objects
	any   bool              // a scalar that holds any JSON
	text  bool              // a scalar that holds any text
	wires map[string]string // of an enum: name → Zoom's spelling
	empty bool              // of an enum: an empty text is one of its values

	fields func() map[string]*ast.FieldDefinition // by Zoom's names
}

func factsOf(def *ast.Definition) *typeFacts {
	t := &typeFacts{def: def}
	t.fields = sync.OnceValue(func() map[string]*ast.FieldDefinition {
		byName := make(map[string]*ast.FieldDefinition, len(def.Fields))
		for _, field := range def.Fields {
			if name := program.NameOf(field); byName[name] == nil || !program.IsResolved(field) { // what has an operation is not Zoom's
				byName[name] = field
			}
		}
		return byName
	})
	switch def.Kind {
	case ast.Scalar:
		t.leaf, t.any = scalar(def.Name)
		t.text = def.Name == "String" || def.Name == "ID"
	case ast.Enum:
		t.wires = make(map[string]string, len(def.EnumValues))
		for _, v := range def.EnumValues {
			t.wires[v.Name] = program.Wire(v)
			t.empty = t.empty || t.wires[v.Name] == ""
		}
		t.leaf = enum(t.wires)
	}
	return t
}
