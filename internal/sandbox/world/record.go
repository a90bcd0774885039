package world

import (
	"encoding/json"
	"maps"
	"strings"

	"zoomgraph/internal/rawjson"
)

// Record is one thing of the world. It holds what was written; what nobody has
// written is made up when it is answered, always the same.
type Record struct {
	ID    string
	Place string // the list that it lives in
	Ext   any    // what a chapter keeps of it

	// Fill returns what a chapter knows of it, once it is asked for what [Record.Tell]
	// did not say; may be nil.
	Fill func() []Member

	kind   *kind
	path   string // where things below it hang
	owners owners

	known   bool                       // Fill was asked
	gone    bool                       // deleted
	written map[string]json.RawMessage // by dotted path; nil: there is no value
}

// know brings in what Fill knows.
func (r *Record) know() {
	if r.known || r.Fill == nil {
		return
	}
	r.kind.world.Keep()
	r.known = true
	all := r.Fill()
	written := make(map[string]json.RawMessage, len(all)+len(r.written))
	maps.Copy(written, r.written)
	r.written = written
	for _, m := range all {
		r.put(r.kind.fields[m.Name], m.Name, m.Value)
	}
}

// put writes a value. The fields of an object are written one by one, so that
// they merge.
func (r *Record) put(n *Node, path string, value json.RawMessage) {
	if n != nil && n.Kind == Object {
		if inner, isObject := Members(value); isObject {
			delete(r.written, path)
			for _, m := range inner {
				r.put(Find(n.Fields, m.Name), Below(path, m.Name), m.Value)
			}
			return
		}
		for at := range r.written {
			if strings.HasPrefix(at, path+".") {
				delete(r.written, at)
			}
		}
	}
	if r.written == nil {
		r.written = map[string]json.RawMessage{}
	}
	r.written[path] = value
}

// Tell says a value beforehand, so that Fill is not needed for it.
func (r *Record) Tell(name string, value any) *Record {
	r.put(nil, name, Encode(value))
	return r
}

// Set writes a value of the thing; nil takes it away.
func (r *Record) Set(name string, value any) {
	r.know()
	r.kind.world.version++
	if value == nil {
		r.put(nil, name, nil)
		return
	}
	r.put(r.kind.fields[name], name, Encode(value))
}

// Merge writes the members of an object.
func (r *Record) Merge(members []Member) {
	r.know()
	r.kind.world.version++
	for _, m := range members {
		r.put(r.kind.fields[m.Name], m.Name, m.Value)
	}
}

// Raw returns what was written, nil for nothing.
func (r *Record) Raw(name string) json.RawMessage {
	raw, _ := r.look(name)
	return raw
}

// look returns what was written at a path, and whether that was so.
func (r *Record) look(path string) (json.RawMessage, bool) {
	if raw, written := r.written[path]; written {
		return raw, true
	}
	r.know()
	raw, written := r.written[path]
	return raw, written
}

// plain is a JSON value as a text: a string without its quotes.
func plain(raw json.RawMessage) string {
	if len(raw) < 2 || raw[0] != '"' {
		return string(raw)
	}
	return strings.ToValidUTF8(string(rawjson.Text(raw)), "\uFFFD")
}

// Owner is the thing that its place hangs on, nil for none.
func (r *Record) Owner() *Record { return r.owners.last() }

// Known makes a record of which some values are known; nil says that there is
// none.
func Known(id string, values map[string]any) *Record {
	return &Record{ID: id, Fill: func() []Member { return MembersOf(values) }}
}

// MembersOf are values as JSON; nil stays nil.
func MembersOf(values map[string]any) []Member {
	var out []Member
	for name, value := range values {
		m := Member{Name: name}
		if value != nil {
			m.Value = Encode(value)
		}
		out = append(out, m)
	}
	return out
}
