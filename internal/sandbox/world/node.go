package world

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"zoomgraph/graph/program"

	"github.com/vektah/gqlparser/v2/ast"
)

// Kind is what a value is as JSON.
type Kind int

// The kinds.
const (
	Boolean Kind = iota
	Integer      // of 32 bits
	Long         // of 64 bits
	Number
	Text
	Ident // a text; as input a number will do
	Moment
	Day
	Choice
	Anything
	List
	Object
	OneOf // one of several objects
)

// Node is one place of a document: what the schema says of the values there.
type Node struct {
	Name        string // Zoom's
	Path        string // names from the document down, with dots
	Key         string // seeds what is made up; the path, unless somebody says otherwise
	Kind        Kind
	Type        string            // the schema's name of the type; of a list, of its elements
	Wire        []json.RawMessage // of a choice: the values
	Made        []json.RawMessage // what a value that nobody has written is one of; nil: the kind and the name say
	Fields      []*Node           // of an object; of several, all that they have
	Cases       []*Node           // of several objects: each of them
	Tag         program.Tag       // tells them apart
	As          string            // of such an object: its own tag
	Open        bool              // of several objects: a body may hold others, too
	Refers      string            // of an object that tells of a thing elsewhere: the thing's type
	Elem        *Node             // of a list
	Restrictive string            // of a setting: the value that restricts most, in Zoom's spelling; "" where that is open
	Required    bool              // in a body
	Field       *ast.FieldDefinition
}

// Find returns the node of a name among fields, nil where there is none.
func Find(fields []*Node, name string) *Node {
	if i := slices.IndexFunc(fields, func(n *Node) bool { return n.Name == name }); i >= 0 {
		return fields[i]
	}
	return nil
}

// maxDepth bounds how deep documents may nest; beyond it a type holds itself.
const maxDepth = 8

// Shaper turns types of the schema into nodes.
type Shaper struct {
	Schema *ast.Schema
	Loose  bool // leaves out things, and what nests too deep
	// Written tells things on which no operation hangs; may be nil.
	Written func(typeName string) bool
	// KeyOf is Zoom's name of the field that a thing is read by; may be nil.
	KeyOf func(typeName string) string
	// Named is told of each field below a place, before it becomes a node; may be nil.
	Named func(parent *Node, def *ast.Definition, f *ast.FieldDefinition)
	// Key returns the key of a place; nil: its path.
	Key func(name, path string) string

	answered map[string]bool                       // types that an operation reads or lists
	wires    map[*ast.Definition][]json.RawMessage // of enums
}

// IsData tells a plain field from a link, which operations of its own answer, and from a URL that this service makes of
// the address in another field.
func IsData(f *ast.FieldDefinition) bool {
	return !program.IsResolved(f) && !program.IsBuiltin(f) && !program.IsAddress(f)
}

// Node makes the node of a type at a place.
func (s *Shaper) Node(name, path string, t *ast.Type) (*Node, error) { return s.node(name, path, t, 0) }

func (s *Shaper) node(name, path string, t *ast.Type, depth int) (*Node, error) {
	if depth > maxDepth {
		return nil, fmt.Errorf("%s nests too deep", t.Name())
	}
	n := &Node{Name: name, Path: path, Key: path, Type: t.Name()}
	if s.Key != nil {
		n.Key = s.Key(name, path)
	}
	if t.Elem != nil {
		elem, err := s.node(name, path, t.Elem, depth+1)
		n.Kind, n.Elem = List, elem
		return n, err
	}
	def := s.Schema.Types[t.NamedType]
	if def == nil {
		return nil, fmt.Errorf("unknown type %s", t.NamedType)
	}
	switch def.Kind {
	case ast.Scalar:
		n.Kind = scalarKind(def.Name)
	case ast.Enum:
		n.Kind, n.Wire = Choice, s.wire(def)
	case ast.Object, ast.InputObject:
		if tag, tagged := program.TagOf(def); tagged {
			return n, s.given(n, def, tag, depth+1)
		}
		n.Kind = Object
		return n, s.fields(n, def, depth+1)
	default:
		if !s.Loose {
			return nil, fmt.Errorf("a document cannot hold the %s %s", strings.ToLower(string(def.Kind)), def.Name)
		}
		tag, tagged := program.TagOf(def)
		if tagged {
			return n, s.possible(n, def, tag, depth+1)
		}
		n.Kind = Anything
	}
	n.Made = rangeOf(n)
	return n, nil
}

func (s *Shaper) fields(n *Node, def *ast.Definition, depth int) error {
	n.Fields = slices.Grow(n.Fields, len(def.Fields))
	for _, f := range def.Fields {
		name := program.NameOf(f)
		if field, refers, err := s.refers(name, n.Path, f); err != nil {
			return fmt.Errorf("%s.%s: %w", def.Name, f.Name, err)
		} else if refers {
			field.Field = f
			n.Fields = append(n.Fields, field)
			continue
		}
		if !IsData(f) || s.Loose && (depth >= maxDepth || s.IsThing(f.Type.Name()) && s.isAnswered(f.Type.Name())) {
			continue
		}
		if s.Named != nil {
			s.Named(n, def, f)
		}
		field, err := s.node(name, Below(n.Path, name), f.Type, depth)
		if err != nil {
			return fmt.Errorf("%s.%s: %w", def.Name, f.Name, err)
		}
		field.Field = f
		field.Restrictive = program.Text(f.Directives.ForName("restrictive"), "value")
		field.Required = def.Kind == ast.InputObject && f.Type.NonNull
		n.Fields = append(n.Fields, field)
	}
	return nil
}

// wire are the values of an enum; all its nodes have the same ones.
func (s *Shaper) wire(def *ast.Definition) []json.RawMessage {
	values, known := s.wires[def]
	if !known {
		if s.wires == nil {
			s.wires = map[*ast.Definition][]json.RawMessage{}
		}
		values = slices.Clip(wireValues(def))
		s.wires[def] = values
	}
	return values
}

// IsThing tells whether operations hang on a type, or writes make it, so that it
// is read by operations and not as part of something else.
func (s *Shaper) IsThing(name string) bool {
	def := s.Schema.Types[name]
	return s.Written != nil && s.Written(name) || def != nil && slices.ContainsFunc(def.Fields, func(f *ast.FieldDefinition) bool { return program.Has(f.Directives, "zoom") })
}

// isAnswered tells whether an operation reads or lists what a type is of. Of what leads to things, all else is a part of
// something, such as an end of a call.
func (s *Shaper) isAnswered(name string) bool {
	if s.answered == nil {
		s.answered = map[string]bool{}
		for _, def := range s.Schema.Types {
			for _, f := range def.Fields {
				if program.Has(f.Directives, "zoom") {
					s.answered[strings.TrimSuffix(f.Type.Name(), "Connection")] = true
				}
			}
		}
	}
	return s.answered[name]
}

// Below is the path of a name at a place.
func Below(path, name string) string {
	if path == "" {
		return name
	}
	return path + "." + name
}

func scalarKind(name string) Kind {
	switch name {
	case "Boolean":
		return Boolean
	case "Int":
		return Integer
	case "Long":
		return Long
	case "Float":
		return Number
	case "DateTime":
		return Moment
	case "Date":
		return Day
	case "ID":
		return Ident
	case "JSON":
		return Anything
	default:
		return Text
	}
}

// wireValues returns an enum's values as JSON: numbers where all of them are.
func wireValues(def *ast.Definition) []json.RawMessage {
	numeric := true
	for _, v := range def.EnumValues {
		_, err := strconv.ParseInt(program.Wire(v), 10, 64)
		numeric = numeric && err == nil
	}
	out := make([]json.RawMessage, len(def.EnumValues))
	for i, v := range def.EnumValues {
		if numeric {
			out[i] = json.RawMessage(program.Wire(v))
		} else {
			out[i] = Encode(program.Wire(v))
		}
	}
	return out
}
