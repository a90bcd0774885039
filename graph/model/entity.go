// Package model holds the Go types that gqlgen executes: views of Zoom's things (generated), the structures that connect them, and the enums of arguments.
//
// A view decodes nothing. It says where a field's JSON will come from, and the projection writes it when the
// answer is written; so a view of which nobody asks anything costs no call, and everything that a request asks is
// known before the first call leaves.
package model

import (
	"encoding/json"
	"sync"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/project"
	"zoomgraph/internal/rawjson"
)

// Reader reads the details of an entity.
type Reader interface {
	// Leaf is Zoom's name of a field that has no operation of its own, and what brings it.
	Leaf(field *ast.Field) (zoom string, by Source)
	// Detail says that the details of the thing that key names will be needed. The function it returns waits for
	// them: a JSON object. Beside an error it holds what is known all the same.
	Detail(key string) func() ([]byte, error)
	// Value makes the value of a field that is known.
	Value(load func() ([]byte, error)) *project.Value
	// Param is a query parameter that the thing was asked for with; "" where there was none.
	Param(name string) string
	// Above is a value of the path that the thing was read by, or its list; "" where there was none, and "me" where there
	// was no user.
	Above(param string) string
	// Later makes the value of a field that must be waited for.
	Later(load func() ([]byte, error)) *project.Value
}

// Source says which of Zoom's answers has a field of a thing.
type Source int

// What may bring a field.
const (
	Listed   Source = iota // its lists, and the detail operation
	Detailed               // the detail operation only
	Ident                  // the field is what the thing is known by
)

// Entity is the base of every view: the key that the thing was asked by, and the fields that a list already brought.
type Entity struct {
	reader Reader
	key    string
	id     string                 // where the key is known to be the id
	listed []byte                 // the thing in the answer of a list operation; nil: none
	brings func(zoom string) bool // tells of a field, by Zoom's name, whether the list brings it
	detail *detail                // of this thing and its copies
}

// detail is the detail read of a thing, which is started once.
type detail struct {
	once sync.Once
	wait func() ([]byte, error)
}

// NewEntity makes an entity that was asked for by key; nothing of it is known yet but its id, where key is one.
func NewEntity(reader Reader, key string, isID bool) Entity {
	e := newEntity(reader, key)
	if isID {
		e.id = key
	}
	return e
}

// ListedEntity makes an entity of an element of a list's answer, a JSON object. key is "" where nothing tells it from
// others. Brings tells which of the fields that are not marked @detail the list brings, by Zoom's names.
func ListedEntity(reader Reader, key string, listed []byte, brings func(zoom string) bool) Entity {
	e := newEntity(reader, key)
	e.id, e.listed, e.brings = key, listed, brings
	return e
}

func newEntity(reader Reader, key string) Entity {
	return Entity{reader: reader, key: key, detail: new(detail)}
}

// Key is this thing's path value: its id if it is known, otherwise the key that it was asked by.
func (e *Entity) Key() string { return e.key }

// Param is a query parameter that the thing was asked for with; "" where there was none.
func (e *Entity) Param(name string) string { return e.reader.Param(name) }

// Above is a value of the path that this thing was read by, or its list, by the parameter's name; "" where there was none, and
// "me" where there was no user.
func (e *Entity) Above(param string) string { return e.reader.Above(param) }

// Leaf reads a field that has no operation of its own.
func (e *Entity) Leaf(field *ast.Field) *project.Value {
	switch zoom, by := e.reader.Leaf(field); by {
	case Ident:
		return e.ident(zoom)
	case Detailed:
		return e.value(e.RawDetailed(zoom))
	default:
		return e.value(e.RawListed(zoom))
	}
}

// ident reads the id: no call where it is known, nor where a list should have brought it and did not.
func (e *Entity) ident(zoom string) *project.Value {
	switch {
	case e.id == "" && e.listed != nil:
		return e.reader.Value(func() ([]byte, error) { return nil, nil })
	case e.id == "":
		return e.value(e.RawDetailed(zoom))
	}
	return e.reader.Value(func() ([]byte, error) { return quoted(e.id) })
}

// quoted is a text as JSON.
func quoted(text string) ([]byte, error) {
	for i := range len(text) {
		switch c := text[i]; {
		case 'a' <= c && c <= 'z', 'A' <= c && c <= 'Z', '0' <= c && c <= '9', c == '-', c == '_', c == '.', c == '@', c == '=', c == '+', c == '/':
		default:
			return json.Marshal(text)
		}
	}
	return append(append(append(make([]byte, 0, len(text)+2), '"'), text...), '"'), nil
}

func (e *Entity) value(raw Raw) *project.Value {
	if raw.Wait != nil {
		return e.reader.Later(raw.Wait)
	}
	return e.reader.Value(func() ([]byte, error) { return raw.Known, nil })
}

// Raw is the JSON of a field: known already, or to be waited for.
type Raw struct {
	Known []byte // nil where Zoom sent none
	Wait  func() ([]byte, error)
}

// RawListed is the JSON of a field that list and detail operations bring.
func (e *Entity) RawListed(zoom string) Raw {
	if e.listed == nil || !e.brings(zoom) {
		return e.RawDetailed(zoom)
	}
	return Raw{Known: member(e.listed, zoom)}
}

// RawDetailed is the JSON of a field that only the detail operation brings.
func (e *Entity) RawDetailed(zoom string) Raw {
	e.detail.once.Do(func() { e.detail.wait = e.reader.Detail(e.key) })
	wait := e.detail.wait
	return Raw{Wait: func() ([]byte, error) {
		detail, err := wait()
		if value := member(detail, zoom); value != nil {
			return value, nil
		}
		return nil, err
	}}
}

func member(object []byte, key string) []byte {
	value, _ := rawjson.Member(object, key)
	return value
}
