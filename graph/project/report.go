package project

import (
	"errors"
	"fmt"
	"maps"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"zoomgraph/internal/rawjson"
)

// maxErrors bounds the errors of one value. What goes wrong after them is null without a word.
const maxErrors = 100

// tell tells the observer that what stands at the current path is null.
func (w *writer) tell(reason Reason) {
	if w.observer != nil {
		w.observer.Absent(w.here(), reason)
	}
}

// respelled tells the observer that a leaf of the field was spelled as another kind of JSON than its type is.
func (w *writer) respelled(f *Field) {
	if w.observer != nil {
		w.observer.Respelled(Spelling{Field: f.of + "." + f.Name, Type: f.facts.def.Name})
	}
}

// unknown tells the observer of a value that the field's enum does not have.
func (w *writer) unknown(f *Field, value []byte) {
	if w.observer == nil {
		return
	}
	if isString(value) {
		value = rawjson.Text(value)
	}
	w.observer.Unknown(f.of+"."+f.Name, string(value))
}

// mismatch adds the error that Zoom sent something which is not a value of type t.
func (w *writer) mismatch(f *Field, t *ast.Type, found string) {
	w.add(f, &gqlerror.Error{
		Message:    fmt.Sprintf("Zoom's answer does not fit: expected %s, found %s", t, found),
		Extensions: map[string]any{"code": "UPSTREAM_INVALID_RESPONSE"},
	})
}

// wrap returns a GraphQL error of its own for err, which may be shared by many fields.
func wrap(err error) *gqlerror.Error {
	e := gqlerror.Wrap(err)
	if inner, ok := errors.AsType[*gqlerror.Error](err); ok {
		e.Message, e.Rule, e.Extensions = inner.Message, inner.Rule, maps.Clone(inner.Extensions)
	}
	return e
}

// add adds an error at the current path. gqlgen leaves the path of an error that has one.
func (w *writer) add(f *Field, e *gqlerror.Error) {
	if w.errors == maxErrors {
		return
	}
	w.errors++
	e.Path = w.here()
	if f.at != nil {
		e.Locations = []gqlerror.Location{{Line: f.at.Line, Column: f.at.Column}}
	}
	graphql.AddError(w.ctx, e)
}

// here returns the current path in the response, for the receiver to keep.
func (w *writer) here() ast.Path {
	if w.base == nil {
		w.base = graphql.GetFieldContext(w.ctx).Path()
	}
	path := make(ast.Path, len(w.base), len(w.base)+len(w.path))
	copy(path, w.base)
	for _, s := range w.path {
		if s.key == nil {
			s.key = ast.PathIndex(s.index)
		}
		path = append(path, s.key)
	}
	return path
}
