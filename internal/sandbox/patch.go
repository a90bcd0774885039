package sandbox

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
)

// change is what a PATCH asks for: values by their place, and what is wrong
// with the body. Objects merge, all else is replaced; what the schema does not
// know is passed over.
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
			}
		}
		return c.unlessRefused(before, func() []byte { return join(out) })
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
		var i int64
		return isNumber(raw) && json.Unmarshal(raw, &i) == nil
	case number:
		return isNumber(raw)
	case text, moment:
		return raw[0] == '"'
	case choice:
		return slices.ContainsFunc(n.wire, func(w json.RawMessage) bool { return bytes.Equal(w, compact(raw)) })
	default:
		return true
	}
}

func isNumber(raw json.RawMessage) bool { return raw[0] == '-' || '0' <= raw[0] && raw[0] <= '9' }

// expects says what takes lets in.
func (n *node) expects() string {
	switch n.kind {
	case boolean:
		return "a boolean"
	case integer:
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

// changeOption applies one authentication_option: action show or hide makes the
// option of that id visible or not, and everything else it holds is merged in.
// An id nobody has changes nothing.
func (s *Server) changeOption(p *person, v *view, option json.RawMessage) {
	options := find(v.leaves, "authentication_options")
	w := &writer{source: s.source, user: p.ID, written: p.written}
	w.value(options, v.option+":"+options.path)
	var elems []json.RawMessage
	if json.Unmarshal(w.out, &elems) != nil {
		return
	}
	given, _ := members(option)
	id, _ := lookup(given, "id")
	switch action, _ := lookup(given, "action"); string(action) {
	case `"show"`:
		given = append(given, member{"visible", json.RawMessage("true")})
	case `"hide"`:
		given = append(given, member{"visible", json.RawMessage("false")})
	}
	for i, elem := range elems {
		fields, _ := members(elem)
		if has, _ := lookup(fields, "id"); !bytes.Equal(has, id) {
			continue
		}
		for j, f := range fields {
			if value, isGiven := lookup(given, f.name); isGiven {
				fields[j].value = compact(value)
			}
		}
		elems[i] = join(fields)
		p.written[options] = encode(elems)
	}
}
