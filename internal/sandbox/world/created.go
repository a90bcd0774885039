package world

import (
	"encoding/json"
	"net/http"
	"strings"

	"zoomgraph/graph/program"
)

// This file implements what writes answer: the program says what of it there is,
// and the things that were made the values.

// created is the answer to what made things.
func (w *World) created(c *Call, made []*Record) []byte {
	r := made[0]
	m := w.maker(r)
	var out []Member
	if c.Op.thing && c.Op.made == nil && c.Op.batch() == nil {
		for _, f := range r.kind.nodes {
			if f.Name == r.kind.key {
				out = append(out, Member{f.Name, r.kind.encode(r.ID)})
				continue
			}
			if !program.Has(f.Field.Directives, "detail") && program.AskedBy(f.Field) == "" {
				if value := m.value(&Node{Fields: r.kind.nodes}, f, ""); value != nil {
					out = append(out, Member{f.Name, value})
				}
			}
		}
	}
	for _, f := range c.Op.item.Fields {
		if _, said := Lookup(out, f.Name); said {
			continue
		}
		if value := w.ofCreated(c, f, m, made); value != nil {
			out = append(out, Member{f.Name, value})
		}
	}
	for _, key := range c.Op.made {
		if _, said := Lookup(out, key); !said {
			out = append(out, Member{key, r.kind.encode(r.ID)})
		}
	}
	if out == nil && r.kind.key != "" {
		out = []Member{{r.kind.key, r.kind.encode(r.ID)}}
	}
	return Join(out)
}

// ofCreated is a value that the answer to a write has of its own.
func (w *World) ofCreated(c *Call, f *Node, m *maker, made []*Record) json.RawMessage {
	own := ownID(c.Op.item, m.of.kind)
	if c.Op.made != nil {
		own = c.Op.made[0]
	}
	switch {
	case f.Kind == List && f.Elem.Kind == Object && f.Name == tail(c.Op.listPath()):
		rows := make([]json.RawMessage, len(made))
		for i, r := range made {
			rows[i] = w.row(f.Elem, r)
		}
		return Encode(rows)
	case f.Name == "ids":
		ids := make([]string, len(made))
		for i, r := range made {
			ids[i] = r.ID
		}
		return Encode(strings.Join(ids, ","))
	case f.Name == own, f.Name == "id" && own == "":
		return m.of.kind.encode(m.of.ID)
	case f.Name == "id" && c.Owner != nil:
		return c.Owner.kind.encode(c.Owner.ID)
	case f.Kind == Moment && m.of.kind.fields[f.Name] == nil && isBirth(f.Name):
		return Encode(Timestamp(c.Now))
	case m.of.kind.fields[f.Name] == nil && c.Owner != nil && c.Owner.kind.fields[f.Name] != nil:
		return w.value(c.Owner, f.Name)
	}
	return m.value(c.Op.item, f, "")
}

// row is what the answer to a write says of one of several things that it made.
func (w *World) row(n *Node, r *Record) json.RawMessage {
	m, own := w.maker(r), ownID(n, r.kind)
	var out []Member
	for _, f := range n.Fields {
		value := m.value(n, f, "")
		if f.Name == own {
			value = r.kind.encode(r.ID)
		}
		if value != nil {
			out = append(out, Member{f.Name, value})
		}
	}
	return Join(out)
}

// ownID is the field of an answer that holds the id of what was made, beside that
// of what it was made for: registrant_id beside a meeting's id.
func ownID(of *Node, k *kind) string {
	word := snake(k.Name)
	for _, f := range of.Fields {
		base, isID := strings.CutSuffix(f.Name, "_id")
		if isID && f.Kind == Ident && strings.HasSuffix(word, base) {
			return f.Name
		}
	}
	return ""
}

// acknowledged is the answer to a write that made nothing: of a POST what the
// program says of it, with what the body said.
func (w *World) acknowledged(c *Call) (Answer, error) {
	if c.Op.Method != http.MethodPost || len(c.Op.item.Fields) == 0 {
		return Done(), nil
	}
	r := w.settleIn(&Record{}, w.newKind(c.Op.item.Type), c.Place, c.owners())
	body, _ := Members(c.Body)
	for _, m := range body {
		if f := Find(c.Op.item.Fields, m.Name); f != nil && f.Type == c.Op.takes(m.Name) {
			r.put(f, m.Name, m.Value)
		}
	}
	return Created(w.maker(r).object(c.Op.item, "")), nil
}

// takes is the type of a field of the body, "" where there is none.
func (o *Operation) takes(name string) string {
	if o.Body != nil {
		if f := Find(o.Body.Fields, name); f != nil {
			return f.Type
		}
	}
	return ""
}
