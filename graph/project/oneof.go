package project

import (
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
	"zoomgraph/internal/rawjson"
)

// This file writes @oneOf inputs. Start reading at body.one.

// one writes a @oneOf input. With a tag that says what it holds, that is the body itself, or what stands beside the tag.
func (b *body) one(def *ast.Definition, fields map[string]any) error {
	given, err := b.given(def, fields)
	if err != nil {
		return err
	}
	inner := body{projector: b.projector, path: append(slices.Clone(b.path), ast.PathName(given.Name))}
	if err := inner.value(given.Type, fields[given.Name]); err != nil {
		return err
	}
	tag, tagged := program.TagOf(def)
	if tagged && program.IsWhole(given) {
		if !says(inner.buf, tag.By) {
			return inner.fail("it must be an object with the key %q", tag.By)
		}
		b.buf = append(b.buf, inner.buf...)
		return nil
	}
	object := []byte{'{'}
	if tag.By != "" {
		value, err := encode(program.TagValue(given.Name, given.Directives))
		if err != nil {
			return err
		}
		object = rawjson.Append(object, tag.By, value)
	}
	switch alone := given.Type.NamedType == "Boolean"; {
	case tagged && alone && string(inner.buf) != "true":
		return inner.fail("it can only be true: leave it out otherwise")
	case tagged && alone:
	case !tagged:
		object = rawjson.Append(object, b.projector.ZoomName(given), inner.buf)
	case tag.Content != "":
		object = rawjson.Append(object, tag.Content, inner.buf)
	default:
		for name, value := range rawjson.Members(inner.buf) {
			object = rawjson.Append(object, name, value)
		}
	}
	b.buf = append(append(b.buf, object...), '}')
	return nil
}

// says tells whether JSON is an object that has a text under a key.
func says(object []byte, key string) bool {
	value, has := rawjson.Member(object, key)
	return has && len(value) > 2 && value[0] == '"'
}

// given is the one field of a @oneOf input that is given.
func (b *body) given(def *ast.Definition, fields map[string]any) (*ast.FieldDefinition, error) {
	if len(fields) == 1 {
		for name, value := range fields {
			if value != nil {
				return def.Fields.ForName(name), nil
			}
		}
	}
	return nil, b.fail("exactly one field of %s must be given, and not be null", def.Name)
}

// Tag is the tag of what a @oneOf input holds, which the path of a write takes; "" where it does not hold one thing, which
// Body refuses.
func (p *Projector) Tag(typeName string, in Input) string {
	b := body{projector: p}
	given, err := b.given(p.schema.Types[typeName], in.fields)
	if err != nil {
		return ""
	}
	return program.TagValue(given.Name, given.Directives)
}
