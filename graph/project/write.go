package project

import (
	"context"
	"errors"
	"iter"
	"slices"

	"zoomgraph/internal/answering"
	"zoomgraph/internal/rawjson"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// maxKept is how large a buffer, in bytes, is kept for the next value.
const maxKept = 1 << 16

// A writer writes one Value. Its methods that return a bool write the place of a field or an element: true means that
// something was written which may stand there, false that what stands there is a null which the type forbids, so that
// the parent has to be null.
type writer struct {
	projector *Projector

	ctx      context.Context
	observer Observer
	guard    Guard
	files    FileURL
	root     *Field
	buf      []byte
	path     []step            // from the root down
	base     ast.Path          // of the root, once it was needed
	values   []rawjson.Value   // a stack: the values of the objects that are being written
	secrets  trust             // whether the caller may see them
	parts    []Part            // of the Source that is being written
	answer   *answering.Writer // nil: nothing bounds the value
	errors   int
}

// A step of a path: a response key, or an index where that is nil.
type step struct {
	key   ast.PathElement
	index int
}

func (p *Projector) writer(ctx context.Context, obs Observer) *writer {
	w := p.writers.Get().(*writer)
	w.projector, w.ctx, w.observer, w.guard, w.files = p, ctx, obs, p.guard, p.files
	if at := placeOf(ctx); at != nil {
		w.root = &at.root
	} else {
		op, at := graphql.GetOperationContext(ctx), graphql.GetFieldContext(ctx)
		w.root = p.root(op, at.Field, at.Object)
	}
	return w
}

// release takes the writer back, without anything that it was given.
func (p *Projector) release(w *writer) {
	clear(w.values[:cap(w.values)])
	clear(w.parts[:cap(w.parts)])
	kept := writer{buf: w.buf[:0], path: w.path[:0], values: w.values[:0], parts: w.parts[:0]}
	if cap(kept.buf) > maxKept {
		kept.buf = nil
	}
	*w = kept
	p.writers.Put(w)
}

// value writes the JSON value of field f at a place of type t.
func (w *writer) value(f *Field, t *ast.Type, value rawjson.Value) bool {
	if isNull(value.Text) {
		if t.NonNull {
			w.mismatch(f, t, kindOf(value.Text))
		}
		return w.null(t)
	}
	if f.facts.isNothing(t, value.Text) {
		return w.null(t)
	}
	start := len(w.buf)
	var ok bool
	switch {
	case t.Elem != nil:
		ok = w.list(f, t, value)
	case f.Sub != nil:
		ok = w.object(f, t, value)
	case f.file:
		ok = w.fileURL(f, t, value.Text)
	default:
		ok = w.leaf(f, t, value.Text)
	}
	if ok {
		w.bound()
		return true
	}
	w.buf = w.buf[:start]
	return w.null(t)
}

// isNothing tells whether an empty text stands for no value: guests have it for an id, what has not ended for the time of
// its end, and who did not answer a question for the answer, of which an enum has those that can be given.
func (f *typeFacts) isNothing(t *ast.Type, value []byte) bool {
	isChoice := t.Elem == nil && f.wires != nil && !f.empty
	switch {
	case t.NonNull:
		return false
	case string(value) == `" "`: // documents have it of qualities, beside the empty one
		return isChoice
	case string(value) != `""`:
		return false
	}
	return isChoice || t.NamedType == "ID" || t.NamedType == "DateTime" || t.NamedType == "Date"
}

// bound ends the writing of a value that is larger than what is left of the answer.
func (w *writer) bound() {
	if w.answer != nil && len(w.buf) > w.answer.Room() {
		w.answer.Exceed()
	}
}

func (w *writer) null(t *ast.Type) bool {
	w.buf = append(w.buf, "null"...)
	return !t.NonNull
}

// leaf, object and list write a value other than null. Where they return false they have said why, and what they have
// written so far is dropped.

func (w *writer) leaf(f *Field, t *ast.Type, value []byte) bool {
	var v fit
	start := len(w.buf)
	w.buf, v = f.facts.leaf(w.buf, value)
	switch v {
	case respelled:
		w.respelled(f)
	case fits:
		switch {
		case f.facts.any && w.withholds():
			w.buf = append(w.buf[:start], w.scrubbed(w.buf[start:], 0)...)
		case f.facts.text && w.withholds():
			if clean, found := addressWithout(w.buf[start:]); found {
				w.tell(Withheld)
				w.buf = append(w.buf[:start], clean...)
			}
		}
	case differs:
		w.mismatch(f, t, kindOf(value))
	case unknown:
		w.tell(UnknownValue)
		w.unknown(f, value)
		if t.NonNull {
			w.mismatch(f, t, "unknown value")
		}
	}
	return v.written()
}

func (w *writer) list(f *Field, t *ast.Type, value rawjson.Value) bool {
	switch value.Text[0] {
	case '[', '{':
	default:
		w.mismatch(f, t, kindOf(value.Text))
		return false
	}
	w.buf = append(w.buf, '[')
	w.path = append(w.path, step{})
	i := 0
	for element := range elements(value) {
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.path[len(w.path)-1].index = i
		if !w.value(f, t.Elem, element) {
			w.path = w.path[:len(w.path)-1]
			return false
		}
		i++
	}
	w.path = w.path[:len(w.path)-1]
	w.buf = append(w.buf, ']')
	return true
}

// elements yields those of a list. In places Zoom sends a list of one as the one.
func elements(list rawjson.Value) iter.Seq[rawjson.Value] {
	return func(yield func(rawjson.Value) bool) {
		if list.Text[0] == '{' {
			yield(list)
			return
		}
		for element := range rawjson.Elements(list.Text) {
			if !yield(rawjson.Value{Text: element}) {
				return
			}
		}
	}
}

func (w *writer) object(f *Field, t *ast.Type, value rawjson.Value) bool {
	if value.Text[0] != '{' {
		w.mismatch(f, t, kindOf(value.Text))
		return false
	}
	if f.Sub.union != nil {
		one, known := w.chosen(f, value)
		if !known {
			w.tell(UnknownValue)
			if t.NonNull {
				w.mismatch(f, t, "an object of an unknown type")
			}
			return false
		}
		f = &one
	}
	return w.members(f, value)
}

// members writes what is selected of an object.
func (w *writer) members(f *Field, value rawjson.Value) bool {
	if r := f.Sub.route(value); r != nil {
		return w.along(r, value)
	}
	values := w.push(len(f.Sub.names))
	f.Sub.scan(value, values)
	ok := w.fields(f, value.Text, func(_ int, sub *Field) bool { return w.member(sub, values[sub.name]) })
	w.pop(values)
	return ok
}

// source writes the root, an object whose fields the Source knows.
func (w *writer) source(source Source) bool {
	if plain, is := source.(PlainSource); is {
		if in, ok := plain.Object(); ok {
			return w.members(w.root, in)
		}
	}
	fields := w.root.Sub.fields
	for i := range fields {
		var part Part
		if fields[i].facts != nil {
			part = source.Part(fields[i].Def)
		}
		w.parts = append(w.parts, part)
	}
	values := w.push(len(w.root.Sub.names))
	for i := range w.parts {
		if w.parts[i].In.Text != nil {
			w.lookUp(w.parts[i:], fields[i:], values)
		}
	}
	w.pop(values)
	return w.fields(w.root, nil, func(i int, sub *Field) bool {
		switch part := &w.parts[i]; {
		case part.Err != nil:
			return w.failed(sub, sub.Def.Type, part.Err)
		case part.Reason != "":
			return w.absent(sub, sub.Def.Type, part.Reason)
		default:
			return w.member(sub, part.Value)
		}
	})
}

// lookUp finds the values of all parts that lie in the same object as the first one, in one pass over it.
func (w *writer) lookUp(parts []Part, fields []Field, values []rawjson.Value) {
	in := parts[0].In
	w.root.Sub.scan(in, values)
	for i := range parts {
		if !same(parts[i].In.Text, in.Text) {
			continue
		}
		parts[i].In = rawjson.Value{}
		if parts[i].Value.Text == nil {
			parts[i].Value = values[fields[i].name]
		}
	}
}

// same tells whether two slices are one.
func same(a, b []byte) bool {
	return len(a) > 0 && len(a) == len(b) && &a[0] == &b[0]
}

// fields writes an object: for each selected field its key, and what write writes where it is not withheld.
func (w *writer) fields(f *Field, object []byte, write func(i int, sub *Field) bool) bool {
	w.buf = append(w.buf, '{')
	for i := range f.Sub.fields {
		sub := &f.Sub.fields[i]
		if i > 0 {
			w.buf = append(w.buf, ',')
		}
		w.buf = append(w.buf, sub.prefix...)
		if sub.facts == nil {
			continue // __typename, which is written by now
		}
		w.path = append(w.path, step{key: sub.step})
		var ok bool
		if w.hides(sub, object) {
			ok = w.refused(sub)
		} else {
			ok = write(i, sub)
		}
		w.path = w.path[:len(w.path)-1]
		if !ok {
			return false
		}
	}
	w.buf = append(w.buf, '}')
	return true
}

// member writes a field with its JSON value, which is empty where there is none.
func (w *writer) member(f *Field, value rawjson.Value) bool {
	if len(value.Text) == 0 {
		return w.absent(f, f.Def.Type, NotInResponse)
	}
	return w.value(f, f.Def.Type, value)
}

func (w *writer) absent(f *Field, t *ast.Type, reason Reason) bool {
	w.tell(reason)
	if t.NonNull {
		w.mismatch(f, t, "nothing")
	}
	return w.null(t)
}

func (w *writer) failed(f *Field, t *ast.Type, err error) bool {
	if !errors.Is(err, ErrTold) {
		w.add(f, wrap(err))
	}
	return w.null(t)
}

// push reserves n values on the stack; pop gives them back.
func (w *writer) push(n int) []rawjson.Value {
	start := len(w.values)
	w.values = slices.Grow(w.values, n)[:start+n]
	return w.values[start:]
}

func (w *writer) pop(values []rawjson.Value) { w.values = w.values[:len(w.values)-len(values)] }
