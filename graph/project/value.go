package project

import (
	"context"
	"errors"
	"io"

	"zoomgraph/internal/answering"
	"zoomgraph/internal/rawjson"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
)

// A Reason says why a field is null although Zoom did not send a null.
type Reason string

// The reasons, as clients see them.
const (
	NotInResponse Reason = "NOT_IN_RESPONSE" // Zoom's answer lacks it
	NotInView     Reason = "NOT_IN_VIEW"     // it belongs to another view than the one that was asked for
	UnknownValue  Reason = "UNKNOWN_VALUE"   // an enum value that the schema does not know
	Withheld      Reason = "WITHHELD"        // a secret in a JSON value, or in an address, of a caller who may not see it
)

// An Observer is told of each selected leaf, object or list that is null for a Reason, once: of an absent object, and
// not of the fields selected in it. A text that is Withheld is not null: it lacks the secrets of its addresses. It is called while the answer is written; the path is its own to keep.
//
// It is told as well of what has to be null because a field in it that may not be null is: the nearest thing around that
// field that may, by its path, which is empty for the whole answer. gqlgen has looked for such fields before a Value is
// written, so this is left to whoever has the answer; see [Nullify].
type Observer interface {
	Absent(path ast.Path, reason Reason)
	Void(path ast.Path)
	// Respelled is called once for each leaf whose value was spelled as another kind of JSON than its type is: a number
	// or a Boolean as a text, or a text as a number.
	Respelled(of Spelling)
	// Unknown is called for each value of an enum that the schema does not know, with the field (Type.field) and Zoom's
	// spelling. What is null for it is told by Absent as well.
	Unknown(field, value string)
}

// A Spelling says which field was spelled otherwise.
type Spelling struct {
	Field string // in the schema: Type.field
	Type  string // of its leaf
}

// A Source holds the fields of an object whose parts come from several answers.
type Source interface {
	// Part says where the field is to be found. It is asked for each selected field, once a response key.
	Part(field *ast.FieldDefinition) Part
}

// A PlainSource may have all fields in one object, and is asked for no parts then.
type PlainSource interface {
	Source
	Object() (in rawjson.Value, ok bool)
}

// A Part is what a [Source] knows of a field. Of its members the first that is set, from the last to the first,
// counts; a Part without any is absent with [NotInResponse].
type Part struct {
	In     rawjson.Value // the JSON object in which the field's Zoom name is looked up
	Value  rawjson.Value // the field's JSON value itself
	Reason Reason        // why the field is null
	Err    error         // why the field is null, added at its path
}

// A Value is what a resolver returns for a field that is projected. gqlgen writes it, once.
type Value struct {
	projector *Projector
	load      func() ([]byte, error)
	open      Opener // in place of load
	observer  Observer
	beside    []byte // the object that the field stands in, as far as @sensitive(where:) needs it
}

// ErrTold is an error that the response tells of already: a field whose load returns it is null without a further one.
var ErrTold = errors.New("project: the response tells of the error already")

// Beside says what stands beside the value of a structure's field that is marked @sensitive(where:): an object with the
// field that names the setting, under Zoom's name of it. Without that the value is withheld like any secret.
func (v *Value) Beside(object []byte) *Value {
	v.beside = object
	return v
}

// Value returns the value of a field whose JSON value load returns. It is called when the value is written, and may
// wait. No bytes mean that the field is absent; an error is added at the field's path. The observer may be nil.
func (p *Projector) Value(load func() ([]byte, error), obs Observer) *Value {
	return &Value{projector: p, load: load, observer: obs}
}

// An Opener has the Source of an object. Open is called when the value is written, and may wait. No Source means that the
// field is absent; an error is added at the field's path.
type Opener interface {
	Open() (Source, error)
}

// Object returns the value of a field whose type is an object, with its fields from the Source that open has. The observer
// may be nil.
func (p *Projector) Object(open Opener, obs Observer) *Value {
	return p.ObjectIn(new(Value), open, obs)
}

// ObjectIn is Object, and keeps the value in v.
func (p *Projector) ObjectIn(v *Value, open Opener, obs Observer) *Value {
	*v = Value{projector: p, open: open, observer: obs}
	return v
}

// MarshalGQLContext writes what is selected of the value. Errors within it are added to the response of ctx, at most
// 100; the one returned is that of out, or of a panic in what the resolver handed over, in which case nothing was
// written. A value for which an [answering.Writer] has no room panics as that does.
func (v Value) MarshalGQLContext(ctx context.Context, out io.Writer) (err error) {
	defer func() {
		if r := recover(); r != nil {
			if answering.Aborts(r) {
				panic(r)
			}
			err = graphql.Recover(ctx, r)
			v.void(ctx, !graphql.GetFieldContext(ctx).Field.Definition.Type.NonNull) // gqlgen writes a null for an error
		}
	}()
	w := v.projector.writer(ctx, v.observer)
	w.answer, _ = out.(*answering.Writer)
	v.void(ctx, v.write(w))
	_, err = out.Write(w.buf)
	v.projector.release(w)
	return err
}

// void tells the observer where what was written is a null that may not stand there.
func (v Value) void(ctx context.Context, ok bool) {
	if !ok && v.observer != nil {
		v.observer.Void(nullable(graphql.GetFieldContext(ctx)))
	}
}

// write reports false where it wrote a null that the field may not be.
func (v Value) write(w *writer) bool {
	t := w.root.Def.Type
	if w.hides(w.root, v.beside) {
		return w.refused(w.root)
	}
	if v.open == nil {
		value, err := v.load()
		if err != nil {
			return w.failed(w.root, t, err)
		}
		return w.member(w.root, rawjson.Value{Text: rawjson.Trim(value)})
	}
	source, err := v.open.Open()
	switch {
	case err != nil:
		return w.failed(w.root, t, err)
	case source == nil:
		return w.absent(w.root, t, NotInResponse)
	case !w.source(source):
		w.buf = w.buf[:0]
		return w.null(t)
	}
	return true
}

// UnmarshalGQLContext fails: gqlgen wants the method of every scalar, but a Value is only written.
func (Value) UnmarshalGQLContext(context.Context, any) error {
	return errors.New("project: a Value is never read")
}
