package project

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"zoomgraph/graph/program"
	"zoomgraph/internal/unseen"
)

// An Input is an input object as gqlgen hands it over: validated and coerced, with absent and null apart, and without
// the defaults of its fields.
type Input struct {
	fields map[string]any
}

// UnmarshalGQLContext reads an input object, or null, which is like an object without fields.
func (in *Input) UnmarshalGQLContext(_ context.Context, v any) error {
	fields, ok := v.(map[string]any)
	if !ok && v != nil {
		return fmt.Errorf("expected an input object, found %T", v)
	}
	in.fields = fields
	return nil
}

// Says tells whether a field has a value other than null.
func (in Input) Says(field string) bool { return in.fields[field] != nil }

// MarshalGQLContext fails: gqlgen wants the method of every scalar, but an Input is only read.
func (Input) MarshalGQLContext(context.Context, io.Writer) error {
	return errors.New("project: an Input is never written")
}

// Body returns the input as Zoom's JSON: under Zoom's names, in the order of the schema, with Zoom's spellings of enum
// values (as numbers where they are whole numbers). A field that is absent is left out, or has its default where the
// schema gives one; null stays null. An error is a *gqlerror.Error with the code BAD_USER_INPUT whose message names
// the place within the input.
func (p *Projector) Body(typeName string, in Input) (json.RawMessage, error) {
	def := p.schema.Types[typeName]
	if def == nil || def.Kind != ast.InputObject {
		return nil, fmt.Errorf("project: %s is not an input type of the schema", typeName)
	}
	b := body{projector: p}
	if err := b.object(def, in.fields); err != nil {
		return nil, err
	}
	return b.buf, nil
}

// A body is a request body that is being written.
type body struct {
	projector *Projector
	buf       []byte
	path      ast.Path
}

func (b *body) object(def *ast.Definition, fields map[string]any) error {
	if program.IsOneOf(def) {
		return b.one(def, fields)
	}
	b.buf = append(b.buf, '{')
	first := true
	for _, f := range def.Fields {
		b.path = append(b.path, ast.PathName(f.Name))
		v, ok, err := fieldValue(f, fields)
		if err != nil {
			return b.fail("%v", err)
		}
		if ok {
			if !first {
				b.buf = append(b.buf, ',')
			}
			first = false
			if err := b.member(f, v); err != nil {
				return err
			}
		}
		b.path = b.path[:len(b.path)-1]
	}
	b.buf = append(b.buf, '}')
	return nil
}

func (b *body) member(f *ast.FieldDefinition, v any) error {
	if err := b.text(b.projector.ZoomName(f)); err != nil {
		return err
	}
	b.buf = append(b.buf, ':')
	return b.value(f.Type, v)
}

// fieldValue returns the value that is sent for a field, and whether one is.
func fieldValue(f *ast.FieldDefinition, fields map[string]any) (v any, ok bool, err error) {
	if v, ok = fields[f.Name]; ok {
		return v, true, nil
	}
	if f.DefaultValue != nil {
		v, err = f.DefaultValue.Value(nil)
		return v, true, err
	}
	if f.Type.NonNull {
		return nil, false, errors.New("required")
	}
	return nil, false, nil
}

func (b *body) value(t *ast.Type, v any) error {
	switch {
	case v == nil && t.NonNull:
		return b.fail("expected %s, found null", t)
	case v == nil:
		b.buf = append(b.buf, "null"...)
		return nil
	case t.Elem != nil:
		return b.list(t.Elem, graphql.CoerceList(v))
	}
	facts := b.projector.types[t.NamedType]()
	switch facts.def.Kind {
	case ast.InputObject:
		fields, ok := v.(map[string]any)
		if !ok {
			return b.fail("expected %s, found another kind of value", t)
		}
		return b.object(facts.def, fields)
	case ast.Enum:
		return b.enum(facts, v)
	default:
		return b.scalar(facts, v)
	}
}

func (b *body) list(t *ast.Type, elements []any) error {
	b.buf = append(b.buf, '[')
	for i, v := range elements {
		if i > 0 {
			b.buf = append(b.buf, ',')
		}
		b.path = append(b.path, ast.PathIndex(i))
		if err := b.value(t, v); err != nil {
			return err
		}
		b.path = b.path[:len(b.path)-1]
	}
	b.buf = append(b.buf, ']')
	return nil
}

func (b *body) enum(facts *typeFacts, v any) error {
	name, _ := v.(string)
	wire, ok := facts.wires[name]
	switch {
	case !ok:
		return b.fail("not a value of %s", facts.def.Name)
	case isInteger([]byte(wire)):
		b.buf = append(b.buf, wire...)
		return nil
	default:
		return b.text(wire)
	}
}

// scalar writes a scalar in the form that the projection gives it on the way out.
func (b *body) scalar(facts *typeFacts, v any) error {
	if id, isText := v.(string); isText && facts.def.Name == "ID" && unseen.Blank(id) {
		return b.fail("an id must not be only white space")
	}
	value, err := encode(v)
	if err != nil {
		return b.fail("%v", err)
	}
	var is fit
	b.buf, is = facts.leaf(b.buf, value)
	// JavaScript has no number for every Long, so that a client may send one as a text.
	if is != fits && (is != respelled || facts.def.Name != "Long") {
		return b.fail("expected %s, found %s", facts.def.Name, kindOf(value))
	}
	return nil
}

func (b *body) text(s string) error {
	value, err := encode(s)
	b.buf = append(b.buf, value...)
	return err
}

// encode is json.Marshal without escapes for HTML.
func encode(v any) ([]byte, error) {
	var out bytes.Buffer
	e := json.NewEncoder(&out)
	e.SetEscapeHTML(false)
	if err := e.Encode(v); err != nil {
		return nil, err
	}
	return bytes.TrimSuffix(out.Bytes(), []byte("\n")), nil
}

// fail returns the error that the client's value at the current path cannot be sent.
func (b *body) fail(format string, args ...any) error {
	return &gqlerror.Error{
		Message:    b.path.String() + ": " + fmt.Sprintf(format, args...),
		Extensions: map[string]any{"code": "BAD_USER_INPUT"},
	}
}
