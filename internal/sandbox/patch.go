package sandbox

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// change is what a PATCH of settings asks for: values by their place, and what is
// wrong with the body. Objects merge, all else is replaced; what the schema does
// not know is passed over.
type change struct {
	written map[*node][]byte
	options []json.RawMessage // authentication_option objects
	refused []fieldRefusal
}

// view reads a body of a view.
func (c *change) view(v *view, body []member) {
	for _, s := range v.sections {
		if s.name == "" {
			c.fields(s.leaves, body, "")
			c.option(s, body)
			continue
		}
		if raw, given := lookup(body, s.name); given {
			if inner, isObject := members(raw); isObject {
				c.fields(s.leaves, inner, s.name)
			} else {
				c.refuse(s.name, "an object")
			}
		}
	}
}

// option reads authentication_option, which changes one element of the list
// authentication_options.
func (c *change) option(s *section, body []member) {
	raw, given := lookup(body, "authentication_option")
	options := find(s.leaves, "authentication_options")
	if !given || options == nil || options.kind != list {
		return
	}
	before := len(c.refused)
	c.canonical(options.elem, raw, "authentication_option")
	if len(c.refused) == before {
		c.options = append(c.options, raw)
	}
}

func (c *change) fields(fields []*node, body []member, path string) {
	for _, f := range fields {
		raw, given := lookup(body, f.name)
		if !given {
			continue
		}
		at := below(path, f.name)
		if f.kind != object {
			if value := c.canonical(f, raw, at); value != nil {
				c.written[f] = value
			}
			continue
		}
		if inner, isObject := members(raw); isObject {
			c.fields(f.fields, inner, at)
		} else {
			c.refuse(at, "an object")
		}
	}
}

// canonical checks a value's JSON type and renders it as the sandbox would have
// written it; nil, and a refusal, where the type is wrong.
func (c *change) canonical(n *node, raw json.RawMessage, path string) []byte {
	before := len(c.refused)
	switch n.kind {
	case list:
		var elems []json.RawMessage
		if raw[0] != '[' || json.Unmarshal(raw, &elems) != nil {
			c.refuse(path, "a list")
			break
		}
		out := make([]json.RawMessage, len(elems))
		for i, elem := range elems {
			out[i] = c.canonical(n.elem, elem, path)
		}
		return c.unlessRefused(before, func() []byte { return encode(out) })
	case object:
		inner, isObject := members(raw)
		if !isObject {
			c.refuse(path, "an object")
			break
		}
		out := make([]member, 0, len(inner))
		for _, f := range n.fields {
			if value, given := lookup(inner, f.name); given {
				out = append(out, member{f.name, c.canonical(f, value, below(path, f.name))})
			} else if f.required {
				c.refused = append(c.refused, fieldRefusal{Field: below(path, f.name), Message: "Invalid field: it is required."})
			}
		}
		return c.unlessRefused(before, func() []byte { return join(out) })
	case ident:
		if isWhole(raw, 64) {
			return encode(string(raw))
		}
		fallthrough
	default:
		if n.takes(raw) {
			return compact(raw)
		}
		c.refuse(path, n.expects())
	}
	return nil
}

func (c *change) unlessRefused(before int, value func() []byte) []byte {
	if len(c.refused) > before {
		return nil
	}
	return value()
}

func (c *change) refuse(path, want string) {
	c.refused = append(c.refused, fieldRefusal{Field: path, Message: "Invalid field: expected " + want + "."})
}

// takes tells whether a scalar fits the place.
func (n *node) takes(raw json.RawMessage) bool {
	switch n.kind {
	case boolean:
		return raw[0] == 't' || raw[0] == 'f'
	case integer:
		return isWhole(raw, 32)
	case long:
		return isWhole(raw, 64)
	case number:
		return isNumber(raw)
	case text, ident, moment:
		return raw[0] == '"'
	case choice:
		return slices.ContainsFunc(n.wire, func(w json.RawMessage) bool { return bytes.Equal(w, compact(raw)) })
	default:
		return true
	}
}

func isNumber(raw json.RawMessage) bool { return raw[0] == '-' || '0' <= raw[0] && raw[0] <= '9' }

func isWhole(raw json.RawMessage, bits int) bool {
	_, err := strconv.ParseInt(string(raw), 10, bits)
	return isNumber(raw) && err == nil
}

// expects says what takes lets in.
func (n *node) expects() string {
	switch n.kind {
	case boolean:
		return "a boolean"
	case integer, long:
		return "a whole number"
	case number:
		return "a number"
	case choice:
		return "one of " + strings.Join(wireStrings(n.wire), ", ")
	default:
		return "a string"
	}
}

func wireStrings(wire []json.RawMessage) []string {
	out := make([]string, len(wire))
	for i, w := range wire {
		out[i] = string(w)
	}
	return out
}

func find(nodes []*node, name string) *node {
	if i := slices.IndexFunc(nodes, func(n *node) bool { return n.name == name }); i >= 0 {
		return nodes[i]
	}
	return nil
}

// changeOption applies one authentication_option to a level's list of them:
// action add, or no id, appends one; delete takes the one of that id out; show
// and hide make it visible or not; and everything else it holds is merged in. An
// id nobody has changes nothing.
func (s *Server) changeOption(l ladder, v *view, option json.RawMessage) {
	options := find(v.leaves, "authentication_options")
	elems := s.elements(l, options)
	before := len(elems)
	given, _ := members(option)
	id, identified := lookup(given, "id")
	action, _ := lookup(given, "action")
	switch string(action) {
	case `"show"`:
		given = append(given, member{"visible", json.RawMessage("true")})
	case `"hide"`:
		given = append(given, member{"visible", json.RawMessage("false")})
	}
	if !identified || string(action) == `"add"` {
		made := []member{{"id", encode(s.world.newID("option"))}, {"default_option", []byte("false")}, {"visible", []byte("true")}}
		added := change{}
		elems = append(elems, added.canonical(options.elem, join(append(made, withoutName(given, "id")...)), ""))
		identified = false
	}
	at := slices.IndexFunc(elems, func(elem json.RawMessage) bool {
		fields, _ := members(elem)
		has, _ := lookup(fields, "id")
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
	l.own.written[options.key] = encode(elems)
}

// elements returns what a list setting holds for a ladder's first level.
func (s *Server) elements(l ladder, n *node) []json.RawMessage {
	w := &writer{source: s.source, ladder: l}
	w.value(n)
	var elems []json.RawMessage
	if err := json.Unmarshal(w.out, &elems); err != nil {
		panic("sandbox: " + n.path + " is no list: " + err.Error())
	}
	return elems
}

// merge replaces the values of an object's fields by those given.
func merge(object json.RawMessage, given []member) json.RawMessage {
	fields, _ := members(object)
	for i, f := range fields {
		if value, isGiven := lookup(given, f.name); isGiven {
			fields[i].value = compact(value)
		}
	}
	return join(fields)
}

func withoutName(from []member, name string) []member {
	return slices.DeleteFunc(slices.Clone(from), func(m member) bool { return m.name == name })
}
