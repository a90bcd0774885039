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
	if c.Op.thing && c.Op.batch() == nil {
		for _, f := range r.kind.nodes {
			if f.Name == r.kind.key {
				out = append(out, Member{f.Name, encodeID(r.kind.formOf(), r.ID)})
				continue
			}
			if !program.Has(f.Field.Directives, "detail") && !program.Has(f.Field.Directives, "onRequest") {
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
	if out == nil && r.kind.key != "" {
		out = []Member{{r.kind.key, encodeID(r.kind.formOf(), r.ID)}}
	}
	return Join(out)
}

// ofCreated is a value that the answer to a write has of its own.
func (w *World) ofCreated(c *Call, f *Node, m *maker, made []*Record) json.RawMessage {
	own := ownID(c.Op, m.of.kind)
	switch {
	case f.Name == "ids":
		ids := make([]string, len(made))
		for i, r := range made {
			ids[i] = r.ID
		}
		return Encode(strings.Join(ids, ","))
	case f.Name == own, f.Name == "id" && own == "":
		return encodeID(m.of.kind.formOf(), m.of.ID)
	case f.Name == "id" && c.Owner != nil:
		return encodeID(c.Owner.kind.formOf(), c.Owner.ID)
	case f.Kind == Moment && m.of.kind.fields[f.Name] == nil && isBirth(f.Name):
		return Encode(Timestamp(c.Now))
	case m.of.kind.fields[f.Name] == nil && c.Owner != nil && c.Owner.kind.fields[f.Name] != nil:
		return w.value(c.Owner, f.Name)
	}
	return m.value(c.Op.item, f, "")
}

// ownID is the field of an answer that holds the id of what was made, beside that
// of what it was made for: registrant_id beside a meeting's id.
func ownID(o *Operation, k *kind) string {
	word := snake(k.Name)
	for _, f := range o.item.Fields {
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
	r := w.settleIn(&Record{}, &kind{Name: c.Op.item.Type, version: &w.version}, c.Place, c.owners())
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
