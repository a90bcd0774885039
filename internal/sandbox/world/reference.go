package world

import (
	"encoding/json"
	"strconv"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
)

// This file implements references: objects within a thing that tell of another thing,
// by its id and some of its fields. A queue has its site so, and a number the person
// that it belongs to. Start reading at refers.

// said are the fields that a reference to one of several types of things has, where a
// thing has them.
var said = []string{"name", "display_name", "extension_number"}

// refers makes a node below a path of a field that leads to things within its own
// thing; false where the field does not.
func (s *Shaper) refers(name, above string, f *ast.FieldDefinition) (*Node, bool, error) {
	if !s.Loose || !program.IsInside(f) {
		return nil, false, nil
	}
	def, path := s.Schema.Types[f.Type.Name()], Below(above, name)
	n := &Node{Name: name, Path: path, Key: path, Type: f.Type.String()}
	if s.Key != nil {
		n.Key = s.Key(name, path)
	}
	object := n
	if f.Type.Elem != nil {
		object = &Node{Name: name, Path: path, Key: n.Key}
		n.Kind, n.Elem = List, object
	}
	object.Type, object.Kind = def.Name, Object
	return n, true, s.referred(object, def, program.Brings(f))
}

// referred gives a reference the fields of a thing that it brings.
func (s *Shaper) referred(n *Node, def *ast.Definition, brings []string) error {
	n.Refers = def.Name
	for _, zoom := range brings {
		for _, f := range def.Fields {
			if program.NameOf(f) != zoom || !IsData(f) {
				continue
			}
			field, err := s.node(zoom, Below(n.Path, zoom), f.Type, 1)
			if err != nil {
				return err
			}
			field.Field = f
			n.Fields = append(n.Fields, field)
		}
	}
	return nil
}

// refersTo tells whether a node is a reference, one of several, or a list of them.
func (n *Node) refersTo() bool {
	if n.Kind == List {
		return n.Elem.refersTo()
	}
	return n.Refers != "" || n.Kind == OneOf && n.Cases[0].Refers != ""
}

// references are what a thing says of others: what was written, completed, or made up.
func (m *maker) references(n *Node, path string) json.RawMessage {
	written, _ := m.of.look(path)
	if n.Kind != List {
		return m.reference(m.told(n, path), path, written)
	}
	var elements []json.RawMessage
	out := []json.RawMessage{} // none is a list too
	if written == nil {
		elements = make([]json.RawMessage, 1+m.draw.Number(path)%2)
	} else if json.Unmarshal(written, &elements) != nil {
		return written
	}
	seen := map[string]bool{}
	for i, element := range elements {
		at := Below(path, strconv.Itoa(i))
		one := m.reference(m.toldOf(n.Elem, element, at), at, element)
		if one != nil && !seen[string(one)] {
			seen[string(one)] = true
			out = append(out, one)
		}
	}
	return Encode(out)
}

// toldOf is which of several an element of a list is.
func (m *maker) toldOf(n *Node, element json.RawMessage, at string) *Node {
	if fields, isObject := Members(element); isObject && n.Kind == OneOf {
		tag, _ := Lookup(fields, n.Tag.By)
		if is := n.as(plain(tag)); is != nil {
			return is
		}
	}
	return m.told(n, at)
}

// reference is what an object says of the thing that it refers to: the one whose id was written there or stands beside it,
// or else any. nil: there is none.
func (m *maker) reference(n *Node, path string, written json.RawMessage) json.RawMessage {
	k := m.world.kinds[n.Refers]
	if k == nil { // nothing reads such a thing
		if written != nil {
			return written
		}
		return m.draw.Append(nil, n, path)
	}
	fields, isObject := Members(written)
	if written != nil && !isObject {
		return written
	}
	for _, f := range n.Fields { // an object is written field by field
		if raw, said := m.of.look(Below(path, f.Name)); said && written == nil {
			fields = append(fields, Member{f.Name, raw})
		}
	}
	r := m.referee(k, fields, path)
	if r == nil && fields == nil {
		return nil
	}
	for _, f := range n.Fields {
		if _, said := Lookup(fields, f.Name); said {
			continue
		}
		switch {
		case f.Made != nil: // which of several it is
			fields = append(fields, Member{f.Name, f.Made[0]})
		case r == nil:
		case f.Name == k.key:
			fields = append(fields, Member{f.Name, k.encode(r.ID)})
		default:
			if value := m.world.value(r, f.Name); value != nil {
				fields = append(fields, Member{f.Name, value})
			}
		}
	}
	return Join(fields)
}

// referee is the thing that a reference is to; nil for none.
func (m *maker) referee(k *kind, fields []Member, path string) *Record {
	if id, said := Lookup(fields, k.key); said {
		return m.world.Find(k.Name, plain(id))
	}
	if beside, said := m.of.look(path + "_id"); said {
		return m.world.Find(k.Name, plain(beside))
	}
	return m.link(k, path)
}
