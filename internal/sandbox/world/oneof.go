package world

import (
	"cmp"
	"encoding/json"
	"slices"

	"zoomgraph/graph/program"

	"github.com/vektah/gqlparser/v2/ast"
)

// This file implements values that are one of several objects: those of a union, and
// bodies that a @oneOf input stands for. Each object has Zoom's shape, tag included, so
// what a body said is kept and answered as it is. Start reading at possible and given.

// possible makes the node of a union.
func (s *Shaper) possible(n *Node, union *ast.Definition, tag program.Tag, depth int) error {
	for _, def := range s.Schema.GetPossibleTypes(union) {
		is := n.oneOf(tag, program.TagValue(def.Name, def.Directives))
		is.Type = def.Name
		fields := func() error { return s.fields(is, def, depth) }
		if s.KeyOf != nil && s.IsThing(def.Name) && s.isAnswered(def.Name) {
			fields = func() error { return s.referred(is, def, append([]string{s.KeyOf(def.Name)}, said...)) }
		}
		if err := fields(); err != nil {
			return err
		}
		n.add(is)
	}
	return nil
}

// given makes the node of a @oneOf input with a tag. Where nothing tells which one it is, it is an object of the fields of all.
func (s *Shaper) given(n *Node, input *ast.Definition, tag program.Tag, depth int) error {
	for _, f := range input.Fields {
		if program.IsWhole(f) {
			n.Open = true
			continue
		}
		is := n.oneOf(tag, program.TagValue(f.Name, f.Directives))
		def := s.Schema.Types[f.Type.Name()]
		if def.Kind == ast.InputObject {
			holds := is
			if tag.Content != "" {
				holds = n.below(tag.Content)
				holds.Kind, holds.Type = Object, def.Name
				is.Fields = []*Node{holds}
			}
			if err := s.fields(holds, def, depth); err != nil {
				return err
			}
		}
		n.add(is)
	}
	if (tag == program.Tag{}) {
		n.Kind, n.Cases = Object, nil
		for _, f := range n.Fields {
			f.Required = false
		}
	}
	return nil
}

// oneOf is an object that a node may be.
func (n *Node) oneOf(tag program.Tag, as string) *Node {
	n.Kind, n.Tag = OneOf, tag
	return &Node{Name: n.Name, Path: n.Path, Key: n.Key, Kind: Object, Type: n.Type, As: as}
}

// add adds an object to those that a node may be, and lets it say which one it is.
func (n *Node) add(is *Node) {
	if by := n.Tag.By; by != "" {
		tag := n.below(by)
		tag.Kind, tag.Type, tag.Wire, tag.Required = Choice, "String", []json.RawMessage{Encode(is.As)}, true
		tag.Made = tag.Wire
		is.Fields = append(slices.DeleteFunc(is.Fields, func(f *Node) bool { return f.Name == by }), tag)
	}
	n.Cases = append(n.Cases, is)
	for _, f := range is.Fields {
		if Find(n.Fields, f.Name) == nil {
			n.Fields = append(n.Fields, f)
		}
	}
}

// below is a field of a node that the schema does not have.
func (n *Node) below(name string) *Node {
	path := Below(n.Path, name)
	return &Node{Name: name, Path: path, Key: path, Field: &ast.FieldDefinition{}}
}

// tags are those of the objects that a node may be.
func (n *Node) tags() []string {
	out := make([]string, len(n.Cases))
	for i, is := range n.Cases {
		out[i] = is.As
	}
	return out
}

// as returns the object of a tag, nil for none.
func (n *Node) as(tag string) *Node {
	if i := slices.Index(n.tags(), tag); i >= 0 {
		return n.Cases[i]
	}
	return nil
}

// asked is what a node is where an argument of the call tells.
func (c *Call) asked(n *Node) *Node {
	by := n.Tag.Argument
	if is := n.as(cmp.Or(c.Vars[by], c.Values.Get(program.Snake(by)))); is != nil {
		return is
	}
	return n
}

// told is what a node is of a thing: what was written, or one of the objects.
func (m *maker) told(n *Node, at string) *Node {
	if n.Kind != OneOf {
		return n
	}
	if is := n.as(plain(m.of.Raw(Below(at, n.Tag.By)))); is != nil {
		return is
	}
	return Pick(m.draw.Number(at), n.Cases...)
}

// told is what a node is in a body; nil where that does not say.
func (c *checker) told(n *Node, raw json.RawMessage, path string) *Node {
	inner, isObject := Members(raw)
	if !isObject {
		c.refused = append(c.refused, NotA(path, "an object"))
		return nil
	}
	value, _ := Lookup(inner, n.Tag.By)
	is := n.as(plain(value))
	if is == nil && (!n.Open || value == nil) {
		tag := Node{Kind: Choice}
		for _, one := range n.tags() {
			tag.Wire = append(tag.Wire, Encode(one))
		}
		c.refused = append(c.refused, NotA(Below(path, n.Tag.By), tag.Expects()))
	}
	return is
}
