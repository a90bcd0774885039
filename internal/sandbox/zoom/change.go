package zoom

import (
	"bytes"
	"encoding/json"
	"slices"

	"zoomgraph/internal/sandbox/world"
)

// change is what a PATCH of settings asks for: values by their place, and what is
// wrong with the body. Objects merge, all else is replaced; what the schema does
// not know is passed over.
type change struct {
	written map[*world.Node][]byte
	options []json.RawMessage // authentication_option objects
	refused []world.FieldRefusal
}

// view reads a body of a view.
func (c *change) view(v *view, body []world.Member) {
	for _, s := range v.sections {
		if s.name == "" {
			c.fields(s.leaves, body, "")
			c.option(s, body)
			continue
		}
		if raw, given := world.Lookup(body, s.name); given {
			if inner, isObject := world.Members(raw); isObject {
				c.fields(s.leaves, inner, s.name)
			} else {
				c.refuse(s.name, "an object")
			}
		}
	}
}

// option reads authentication_option, which changes one element of the list
// authentication_options.
func (c *change) option(s *section, body []world.Member) {
	raw, given := world.Lookup(body, "authentication_option")
	options := world.Find(s.leaves, "authentication_options")
	if !given || options == nil || options.Kind != world.List {
		return
	}
	before := len(c.refused)
	c.canonical(options.Elem, raw, "authentication_option")
	if len(c.refused) == before {
		c.options = append(c.options, raw)
	}
}

func (c *change) fields(fields []*world.Node, body []world.Member, path string) {
	for _, f := range fields {
		raw, given := world.Lookup(body, f.Name)
		if !given {
			continue
		}
		at := world.Below(path, f.Name)
		if f.Kind != world.Object {
			if value := c.canonical(f, raw, at); value != nil {
				c.written[f] = value
			}
			continue
		}
		if inner, isObject := world.Members(raw); isObject {
			c.fields(f.Fields, inner, at)
		} else {
			c.refuse(at, "an object")
		}
	}
}

// canonical checks a value and renders it as the sandbox would have written it.
func (c *change) canonical(n *world.Node, raw json.RawMessage, path string) []byte {
	value, refused := world.Canonical(n, raw, path)
	c.refused = append(c.refused, refused...)
	return value
}

func (c *change) refuse(path, want string) { c.refused = append(c.refused, world.NotA(path, want)) }

// changeOption applies one authentication_option to a level's list of them:
// action add, or no id, appends one; delete takes the one of that id out; show
// and hide make it visible or not; and everything else it holds is merged in. An
// id nobody has changes nothing.
func (z *Zoom) changeOption(l ladder, v *view, option json.RawMessage) {
	options := world.Find(v.leaves, "authentication_options")
	elems := z.elements(l, options)
	before := len(elems)
	given, _ := world.Members(option)
	id, identified := world.Lookup(given, "id")
	action, _ := world.Lookup(given, "action")
	switch string(action) {
	case `"show"`:
		given = append(given, world.Member{Name: "visible", Value: json.RawMessage("true")})
	case `"hide"`:
		given = append(given, world.Member{Name: "visible", Value: json.RawMessage("false")})
	}
	if !identified || string(action) == `"add"` {
		made := []world.Member{{Name: "id", Value: world.Encode(z.world.NewID("option"))}, {Name: "default_option", Value: []byte("false")}, {Name: "visible", Value: []byte("true")}}
		added := change{}
		elems = append(elems, added.canonical(options.Elem, world.Join(append(made, withoutName(given, "id")...)), ""))
		identified = false
	}
	at := slices.IndexFunc(elems, func(elem json.RawMessage) bool {
		fields, _ := world.Members(elem)
		has, _ := world.Lookup(fields, "id")
		return identified && bytes.Equal(has, id)
	})
	switch {
	case at < 0 && len(elems) == before:
		return
	case at < 0:
	case string(action) == `"delete"`:
		elems = slices.Delete(elems, at, at+1)
	default:
		elems[at] = merge(elems[at], given)
	}
	l.own.written[options.Key] = world.Encode(elems)
}

// elements returns what a list setting holds for a ladder's first level.
func (z *Zoom) elements(l ladder, n *world.Node) []json.RawMessage {
	w := &writer{source: z.source, ladder: l}
	w.value(n)
	var elems []json.RawMessage
	if err := json.Unmarshal(w.out, &elems); err != nil {
		panic("sandbox: " + n.Path + " is no list: " + err.Error())
	}
	return elems
}

// merge replaces the values of an object's fields by those given.
func merge(object json.RawMessage, given []world.Member) json.RawMessage {
	fields, _ := world.Members(object)
	for i, f := range fields {
		if value, isGiven := world.Lookup(given, f.Name); isGiven {
			fields[i].Value = world.Compact(value)
		}
	}
	return world.Join(fields)
}

func withoutName(from []world.Member, name string) []world.Member {
	return slices.DeleteFunc(slices.Clone(from), func(m world.Member) bool { return m.Name == name })
}
