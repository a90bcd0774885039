package openapi

import (
	"fmt"
	"maps"
	"math"
	"net/url"
	"slices"
	"strings"
)

// This file reads JSON schemas and makes them one tree without references. Start reading at shape.

// Shape is a JSON schema, inlined; of a parameter it has a name.
type Shape struct {
	Name                string           `json:",omitempty"`
	Type                string           `json:",omitempty"`
	Format              string           `json:",omitempty"`
	Properties          map[string]Shape `json:",omitempty"`
	Items               *Shape           `json:",omitempty"`
	Enum                []any            `json:",omitempty"`
	Required            any              `json:",omitempty"` // of a body the names of its fields, of a parameter whether it is
	Deprecated          bool             `json:",omitempty"`
	Default, Maximum    any              `json:",omitempty"`
	AllOf, AnyOf, OneOf []Shape          `json:",omitempty"`
}

// The bounds of a document once its references are followed: a small one can refer to itself so often that nobody could
// read it.
const (
	maxShapes = 150_000
	maxDepth  = 64
)

// shape reads a schema. above are the references within which it stands.
func (r *reader) shape(place string, value any, above []string) (Shape, error) {
	if r.shapes++; r.shapes > maxShapes {
		return Shape{}, r.fail(place, "the document has more than %d schemas once its references are followed", maxShapes)
	}
	if len(above) > maxDepth || strings.Count(place, ".") > 8*maxDepth {
		return Shape{}, r.fail("components", "its schemas are more than %d deep", maxDepth)
	}
	if value == nil || value == true {
		return Shape{}, nil
	}
	object, ok := value.(map[string]any)
	if !ok {
		return Shape{}, r.fail(place, "a schema is an object, not %s", kindOf(value))
	}
	if ref, refers := object["$ref"].(string); refers {
		if slices.Contains(above, ref) {
			return Shape{Type: "object"}, nil
		}
		target, err := r.at(place, ref)
		if err != nil {
			return Shape{}, err
		}
		return r.shape(strings.TrimPrefix(strings.ReplaceAll(ref, "/", "."), "#."), target, append(slices.Clip(above), ref))
	}
	s := Shape{Type: typeOf(object), Format: text(object["format"]), Deprecated: object["deprecated"] == true, Required: object["required"], Default: object["default"], Maximum: object["maximum"]}
	values, _ := object["enum"].([]any)
	s.Enum = slices.DeleteFunc(slices.Clone(values), func(value any) bool { return value == nil }) // any value may be null
	if only, fixed := object["const"]; fixed {
		s.Enum = []any{only}
	}
	err := r.below(place, object, above, &s)
	return s, err
}

// below reads the schemas that stand in one.
func (r *reader) below(place string, object map[string]any, above []string, s *Shape) error {
	if value := object["properties"]; value != nil {
		properties, ok := value.(map[string]any)
		if !ok {
			return r.fail(place+".properties", "an object is needed, not %s", kindOf(value))
		}
		s.Properties = map[string]Shape{}
		for _, name := range slices.Sorted(maps.Keys(properties)) {
			below, err := r.shape(place+".properties."+name, properties[name], above)
			if err != nil {
				return err
			}
			s.Properties[name] = below
		}
	}
	if value := object["items"]; value != nil {
		if several, isList := value.([]any); isList { // a tuple: any of these
			value = map[string]any{"anyOf": several}
		}
		items, err := r.shape(place+".items", value, above)
		if err != nil {
			return err
		}
		s.Items = &items
	}
	for name, into := range map[string]*[]Shape{"allOf": &s.AllOf, "anyOf": &s.AnyOf, "oneOf": &s.OneOf} {
		variants, ok := object[name].([]any)
		if !ok && object[name] != nil {
			return r.fail(place+"."+name, "a list is needed, not %s", kindOf(object[name]))
		}
		for i, variant := range variants {
			below, err := r.shape(fmt.Sprintf("%s.%s.%d", place, name, i), variant, above)
			if err != nil {
				return err
			}
			if below.Type != "null" { // a schema that is only null says that the value may be null, as any may
				*into = append(*into, below)
			}
		}
	}
	return nil
}

// typeOf is a schema's type. Where it may be null as well it is the other one, since any value may.
func typeOf(object map[string]any) string {
	switch t := object["type"].(type) {
	case string:
		return t
	case []any:
		for _, one := range t {
			if one != "null" {
				return text(one)
			}
		}
	}
	switch {
	case object["properties"] != nil, object["additionalProperties"] != nil:
		return "object"
	case object["items"] != nil:
		return "array"
	}
	if values, _ := object["enum"].([]any); len(values) > 0 {
		switch values[0].(type) {
		case string:
			return "string"
		case bool:
			return "boolean"
		case float64:
			return "integer"
		}
	}
	return ""
}

// unescape reads a step of a JSON pointer in a URL.
func unescape(step string) string {
	if plain, err := url.PathUnescape(step); err == nil {
		step = plain
	}
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(step)
}

// IsEmpty tells whether a schema says nothing: mostly because there is none.
func (s Shape) IsEmpty() bool {
	return s.Type == "" && s.Items == nil && len(s.Properties)+len(s.Enum)+len(s.AllOf)+len(s.AnyOf)+len(s.OneOf) == 0
}

// Views are the variants of a shape.
func (s Shape) Views() []Shape {
	variants := slices.Concat(s.AllOf, s.AnyOf, s.OneOf)
	if len(variants) == 0 {
		return []Shape{s}
	}
	var views []Shape
	for _, variant := range variants {
		views = append(views, variant.Views()...)
	}
	return views
}

// Within is an answer whose fields stand within the objects of some keys, with all of them at the top.
func (s Shape) Within(keys []string) Shape {
	if keys == nil {
		return s
	}
	flat := Shape{Type: s.Type, Properties: map[string]Shape{}}
	for name, below := range s.Merged().Properties {
		if !slices.Contains(keys, name) {
			flat.Properties[name] = below
			continue
		}
		maps.Copy(flat.Properties, below.Merged().Properties)
	}
	return flat
}

// Merged is a shape with what its variants have.
func (s Shape) Merged() Shape {
	for _, variant := range slices.Concat(s.AllOf, s.AnyOf, s.OneOf) {
		variant = variant.Merged()
		s.Properties = maps.Clone(s.Properties)
		if s.Properties == nil {
			s.Properties = map[string]Shape{}
		}
		for name, below := range variant.Properties {
			if known, twice := s.Properties[name]; twice {
				below = Shape{Type: known.Type, AnyOf: []Shape{known, below}, Enum: slices.Concat(known.Enum, below.Enum)}
			}
			s.Properties[name] = below
		}
		if s.Type == "" {
			s.Type = variant.Type
		}
		if s.Items == nil {
			s.Items = variant.Items
		}
		s.Enum = append(slices.Clip(s.Enum), variant.Enum...)
	}
	s.AllOf, s.AnyOf, s.OneOf = nil, nil, nil
	return s
}

// IsLong tells whether a number may have more than 32 bits.
func (s Shape) IsLong() bool {
	return s.Format == "int64" || s.Type != "string" && slices.ContainsFunc(s.Enum, func(value any) bool {
		number, ok := value.(float64)
		return ok && number > math.MaxInt32
	})
}
