package world

import (
	"encoding/json"
	"slices"
	"strings"

	"zoomgraph/graph/program"
)

// This file implements what a thing answers: what was written, what follows from
// others, and what is made up. Start reading at object.

// maker makes up the values of one thing.
type maker struct {
	world *World
	of    *Record
	draw  Drawing

	levels []*Record // those above it
}

func (w *World) maker(r *Record) *maker {
	m := &maker{world: w, of: r}
	m.draw = Drawing{Now: w.today, Special: m.special, Number: func(path string) uint64 { return w.Source.At(r.kind.Name, r.Place, r.ID, path) }}
	return m
}

// object is what a thing answers of a node's fields.
func (m *maker) object(n *Node, at string) []byte {
	n = m.told(n, at)
	out := []byte{'{'}
	for _, f := range n.Fields {
		value := m.value(n, f, at)
		if value == nil {
			continue
		}
		if len(out) > 1 {
			out = append(out, ',')
		}
		out = append(AppendName(out, f.Name), value...)
	}
	return append(out, '}')
}

// value returns the value of a field of an object that is no element of a list,
// nil where there is none.
func (m *maker) value(of, n *Node, at string) json.RawMessage {
	path := Below(at, n.Name)
	if computed := m.of.kind.Computed[path]; computed != nil {
		return m.called(computed)
	}
	if n.refersTo() && m.of.kind.Drawn[path] == nil {
		return m.references(n, path)
	}
	if raw, written := m.of.look(path); written {
		return raw
	}
	if drawn := m.of.kind.Drawn[path]; drawn != nil {
		return m.called(drawn)
	}
	if n.Kind == Object || n.Kind == OneOf {
		return m.object(n, path)
	}
	if value, found := m.above(of, n, at); found {
		return value
	}
	if value, special := m.special(of, n, at, path); special {
		return value
	}
	return m.draw.Append(nil, n, path)
}

// above is the value of a field that those above a thing have; false: there is none above.
func (m *maker) above(of, n *Node, at string) (value json.RawMessage, found bool) {
	if m.levels == nil && m.of.kind.Above != nil {
		m.levels = m.of.kind.Above(m.world, m.of)
	}
	for i, r := range m.levels {
		if raw, written := r.look(Below(at, n.Name)); written {
			return raw, true
		}
		if i == len(m.levels)-1 {
			return m.world.maker(r).value(of, n, at), true
		}
	}
	return nil, false
}

// called is what a chapter's function says of the thing, nil for nothing.
func (m *maker) called(say func(*World, *Record) any) json.RawMessage {
	if value := say(m.world, m.of); value != nil {
		return Encode(value)
	}
	return nil
}

// value returns the value of a field of a thing, nil where there is none of either.
func (w *World) value(r *Record, name string) json.RawMessage {
	if r == nil {
		return nil
	}
	n := r.kind.fields[name]
	if n == nil {
		return r.Raw(name)
	}
	return w.maker(r).value(&Node{Fields: r.kind.nodes}, n, "")
}

// Raw is the value of a thing's field, nil where there is none.
func (w *World) Raw(r *Record, name string) json.RawMessage { return w.value(r, name) }

// Text is the value of a thing's field, a string without its quotes; "" for none.
func (w *World) Text(r *Record, name string) string { return plain(w.value(r, name)) }

// special returns values that are not made up of their number alone: ids, links
// to things that exist, names and addresses of the same person, times in order.
func (m *maker) special(of, n *Node, at, path string) (json.RawMessage, bool) {
	r, name := m.of, n.Name
	if at != "" && n.refersTo() {
		if value := m.references(n, path); value != nil {
			return value, true
		}
		return json.RawMessage("null"), true
	}
	if at == "" {
		if name == r.kind.key && r.ID == "" {
			return nil, true // there is one only
		}
		if name == r.kind.key {
			return r.kind.encode(r.ID), true
		}
		if other := m.world.Find(r.kind.Stands, r.ID); other != nil && other.kind.fields[name] != nil {
			return m.world.value(other, name), true
		}
		if owner := r.Owner(); owner != nil && slices.Contains(r.kind.Shared, name) {
			return m.world.value(owner, name), true
		}
		if name == "total_members" {
			if count, known := m.world.countBelow(r, "members"); known {
				return Encode(count), true
			}
		}
	}
	switch n.Kind {
	case Ident, Long, Integer:
		return m.id(n, path)
	case List:
		if n.Elem.Kind == Ident {
			if id, isLink := m.id(n, path); isLink {
				return append(append([]byte{'['}, id...), ']'), true
			}
		}
	case Text:
		if name == "download_url" {
			return Encode(m.downloadURL(of, at)), true
		}
		if value := m.person(of, name, at); value != "" {
			return Encode(value), true
		}
	case Moment, Day:
		return Encode(timeAs(n, m.time(of, n, at))), true
	}
	return nil, false
}

// id returns an id: a link, or one of a form of its own.
func (m *maker) id(n *Node, path string) (json.RawMessage, bool) {
	k := m.world.linked(n.Name)
	if k == nil {
		f, known := forms[n.Name]
		if !known {
			return nil, false
		}
		return encodeID(f, idIn(f, m.draw.Number(path))), true
	}
	if r := m.link(k, path); r != nil {
		return k.encode(r.ID), true
	}
	return nil, false
}

// link returns a thing that exists: itself, one that the thing hangs on, or any.
func (m *maker) link(k *kind, path string) *Record {
	if k == m.of.kind && (path == snake(k.Name)+"_id" || path == program.Snake(k.param)) {
		return m.of
	}
	for up := m.of; up != nil; up = up.owners.last() {
		for _, owner := range up.owners {
			if owner.kind == k {
				return owner
			}
		}
	}
	all := m.world.first(k)
	for i := range all {
		if r := all[(m.draw.Number(path)+uint64(i))%uint64(len(all))]; !r.gone {
			return r
		}
	}
	return nil
}

// personal are words for somebody: their name is a person's.
var personal = []string{"host", "participant", "user", "member", "caller", "callee", "panelist", "presenter", "operator", "owner"}

// person returns names and addresses: of the person whose id stands beside, or
// of one person throughout the object; "" for other fields.
func (m *maker) person(of *Node, name, at string) string {
	prefix, what, person := "", name, false
	for _, known := range []string{"email", "first_name", "last_name", "display_name", "user_name", "name"} {
		if strings.HasSuffix(name, "_"+known) || name == known {
			prefix, what = strings.TrimSuffix(name, known), known
			break
		}
	}
	for _, role := range personal {
		person = person || strings.HasSuffix(prefix, role+"_") || name == role
	}
	if what == "name" && !person && Find(of.Fields, prefix+"email") == nil {
		return ""
	}
	for _, id := range []string{prefix + "id", prefix + "user_id"} {
		k := m.world.linked(id)
		if k == nil || k == m.of.kind || k.fields["email"] == nil || Find(of.Fields, id) == nil {
			continue
		}
		if r := m.of.byID(m.world, k, at, id); r != nil {
			return m.nameIn(r, what)
		}
	}
	first, last, email := NameOf(int(m.draw.Number(Below(at, prefix+"who")) % 1600))
	if name == what && person {
		what = "name"
	}
	switch what {
	case "email":
		return email
	case "first_name":
		return first
	case "last_name":
		return last
	case "display_name", "user_name", "name":
		return first + " " + last
	}
	return ""
}

// byID returns the thing whose id stands in another field of the same object.
func (r *Record) byID(w *World, k *kind, at, id string) *Record {
	path := Below(at, id)
	if raw, written := r.look(path); written {
		return w.Find(k.Name, plain(raw))
	}
	return w.maker(r).link(k, path)
}

func (m *maker) nameIn(r *Record, what string) string {
	if r.kind.fields[what] == nil && strings.HasSuffix(what, "name") {
		return m.world.Text(r, "first_name") + " " + m.world.Text(r, "last_name")
	}
	return m.world.Text(r, what)
}

// countBelow counts the things of a list that hangs on a thing.
func (w *World) countBelow(r *Record, word string) (int, bool) {
	d := w.detail[r.kind]
	if d == nil {
		return 0, false
	}
	l := w.ops["GET "+d.Path+"/"+word]
	if l == nil || !l.rows {
		return 0, false
	}
	return len(w.listed(l, r.path+"/"+word, r, owners{r})), true
}

// listed returns the things of a list at a place.
func (w *World) listed(l *Operation, place string, owner *Record, owners owners) []*Record {
	if l.kind.isHome(l) {
		return slices.Clone(w.in(l.kind, place, owners))
	}
	return w.related(l, place, owner)
}

// Texts are the values of a thing's field that is a list of texts.
func (w *World) Texts(r *Record, name string) []string { return idsIn(w.value(r, name)) }
