package project

import (
	"zoomgraph/internal/rawjson"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// nullable is the path of the nearest thing around a field that may be null. It is empty where there is none but the
// whole answer.
func nullable(field *graphql.FieldContext) ast.Path {
	for at := field.Parent; at != nil; at = at.Parent {
		if t := typeAt(at); t != nil && !t.NonNull {
			return at.Path()
		}
	}
	return nil
}

// typeAt is the type of a field, or of an element of a list; nil for the root.
func typeAt(at *graphql.FieldContext) *ast.Type {
	if at.Index == nil {
		if at.Field.Field == nil {
			return nil
		}
		return at.Field.Definition.Type
	}
	return typeAt(at.Parent).Elem
}

// Nullify puts null in the place of what stands at some paths of an answer, as an [Observer] was told to. A path that
// leads into a null, or nowhere, changes nothing. The answer is passed over once for all of the paths: a list may have
// thousands of things of which each lacks something.
func Nullify(data []byte, paths []ast.Path) []byte {
	if len(paths) == 0 {
		return data
	}
	var root void
	for _, path := range paths {
		root.add(path)
	}
	m := mending{data: data, out: make([]byte, 0, len(data)+len("null"))}
	m.value(rawjson.Trim(data), &root)
	return append(m.out, data[m.done:]...)
}

// void is a place that is to be null, or holds such places.
type void struct {
	itself   bool
	members  map[string]*void
	elements map[int]*void
}

func (v *void) add(path ast.Path) {
	for _, step := range path {
		switch step := step.(type) {
		case ast.PathName:
			v = below(&v.members, string(step))
		case ast.PathIndex:
			v = below(&v.elements, int(step))
		}
	}
	v.itself = true
}

func below[K comparable](voids *map[K]*void, key K) *void {
	if *voids == nil {
		*voids = map[K]*void{}
	}
	v := (*voids)[key]
	if v == nil {
		v = &void{}
		(*voids)[key] = v
	}
	return v
}

// mending copies an answer, of which so much is done.
type mending struct {
	data, out []byte
	done      int
}

// value mends a value, which is a part of the answer.
func (m *mending) value(value []byte, v *void) {
	if v.itself {
		start := cap(m.data) - cap(value)
		m.out = append(append(m.out, m.data[m.done:start]...), "null"...)
		m.done = start + len(value)
		return
	}
	if v.members != nil {
		for key, member := range rawjson.Pairs(value) {
			if next := v.members[string(key)]; next != nil {
				m.value(member, next)
			}
		}
	}
	if v.elements != nil {
		i := 0
		for element := range rawjson.Elements(value) {
			if next := v.elements[i]; next != nil {
				m.value(element, next)
			}
			i++
		}
	}
}
