package project

import (
	"sync"
	"sync/atomic"

	"zoomgraph/internal/rawjson"

	"github.com/vektah/gqlparser/v2/ast"
)

// A Selection is what a client selected of one object, compiled: fragments spread, conditions decided, fields of the
// same response key merged. It is shared by all requests of the document and must not be changed.
type Selection struct {
	fields []Field
	names  []string       // the distinct Zoom names of the fields
	index  map[string]int // of names, where they are many
	memos  sync.Map       // key → func() any
	union  *choosing      // of a union, which has no fields; nil for other types
	routes atomic.Pointer[[]*route]
}

// A Field is one selected field.
type Field struct {
	Key  string               // in the response: the alias, or else the name
	Name string               // in the schema; "__typename" is among them
	Zoom string               // in Zoom's JSON; empty for __typename
	Def  *ast.FieldDefinition // with its full type and its directives
	Sub  *Selection           // nil where the field's type is a leaf

	of     string // the type that has the field
	facts  *typeFacts
	prefix string          // `"key":`, for __typename with the value behind it
	step   ast.PathElement // the key
	name   int             // in Selection.names
	secret *secrecy        // nil: it is none
	file   bool            // the value is the address of a file
	at     *ast.Position
}

// fewNames is up to how many names are compared one by one; more are looked up in a map.
const fewNames = 8

// Fields returns the fields in the order of the selection. The slice belongs to the Selection.
func (s *Selection) Fields() []Field { return s.fields }

// Known is what Memo made for the key; nil where it has not been asked yet.
func (s *Selection) Known(key any) any {
	if memo, ok := s.memos.Load(key); ok {
		return memo.(func() any)()
	}
	return nil
}

// Memo returns what make returned when it was first called for the key, so that what follows from a selection alone
// is derived once a document and not once a request. Keys are compared as those of a map are; use a type of your own.
func (s *Selection) Memo(key any, make func() any) any {
	memo, ok := s.memos.Load(key)
	if !ok {
		memo, _ = s.memos.LoadOrStore(key, sync.OnceValue(make))
	}
	return memo.(func() any)()
}

// scan stores the value of each selected name in values, which has one place a name, and none where the object lacks
// it. Of a key that stands there twice the last value counts.
func (s *Selection) scan(object rawjson.Value, values []rawjson.Value) {
	clear(values)
	next := 0 // often an object has them in the order of the selection
	for key, v := range object.Pairs() {
		i := next
		if i >= len(s.names) || s.names[i] != string(key) {
			if i = s.find(key); i < 0 {
				continue
			}
		}
		values[i], next = v, i+1
	}
}

func (s *Selection) find(name []byte) int {
	if s.index != nil {
		if i, ok := s.index[string(name)]; ok {
			return i
		}
		return -1
	}
	for i, n := range s.names {
		if n == string(name) {
			return i
		}
	}
	return -1
}
