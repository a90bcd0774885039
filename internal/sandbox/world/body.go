package world

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// Canonical checks a value against a node and renders it as the sandbox would
// have written it; what the schema does not know is passed over. It returns nil,
// and what is wrong, where a type is wrong. path is the value's place in the body.
func Canonical(n *Node, raw json.RawMessage, path string) ([]byte, []FieldRefusal) {
	var c checker
	out := c.canonical(n, raw, path)
	return out, c.refused
}

// NotA says that a field of a body should be something else.
func NotA(path, want string) FieldRefusal {
	return FieldRefusal{Field: path, Message: "Invalid field: expected " + want + "."}
}

type checker struct{ refused []FieldRefusal }

func (c *checker) canonical(n *Node, raw json.RawMessage, path string) []byte {
	before := len(c.refused)
	switch n.Kind {
	case List:
		var elems []json.RawMessage
		if raw[0] != '[' || json.Unmarshal(raw, &elems) != nil {
			c.refused = append(c.refused, NotA(path, "a list"))
			break
		}
		out := make([]json.RawMessage, len(elems))
		for i, elem := range elems {
			out[i] = c.canonical(n.Elem, elem, path)
		}
		return c.unlessRefused(before, func() []byte { return Encode(out) })
	case Object:
		inner, isObject := Members(raw)
		if !isObject {
			c.refused = append(c.refused, NotA(path, "an object"))
			break
		}
		out := make([]Member, 0, len(inner))
		for _, f := range n.Fields {
			if value, given := Lookup(inner, f.Name); given {
				out = append(out, Member{f.Name, c.canonical(f, value, Below(path, f.Name))})
			} else if f.Required {
				c.refused = append(c.refused, FieldRefusal{Field: Below(path, f.Name), Message: "Invalid field: it is required."})
			}
		}
		return c.unlessRefused(before, func() []byte { return Join(out) })
	case OneOf:
		if is := c.told(n, raw, path); is != nil {
			return c.canonical(is, raw, path)
		}
	case Ident:
		if isWhole(raw, 64) {
			return Encode(string(raw))
		}
		return c.scalar(n, raw, path)
	case Long: // extensions are numbers in most documents, and texts in some
		if text := []byte(plain(raw)); raw[0] == '"' && len(text) > 0 && isWhole(text, 64) {
			return text
		}
		return c.scalar(n, raw, path)
	default:
		return c.scalar(n, raw, path)
	}
	return nil
}

func (c *checker) scalar(n *Node, raw json.RawMessage, path string) []byte {
	if n.Takes(raw) {
		return Compact(raw)
	}
	c.refused = append(c.refused, NotA(path, n.Expects()))
	return nil
}

func (c *checker) unlessRefused(before int, value func() []byte) []byte {
	if len(c.refused) > before {
		return nil
	}
	return value()
}

// Takes tells whether a scalar fits the place.
func (n *Node) Takes(raw json.RawMessage) bool {
	switch n.Kind {
	case Boolean:
		return raw[0] == 't' || raw[0] == 'f'
	case Integer:
		return isWhole(raw, 32)
	case Long:
		return isWhole(raw, 64)
	case Number:
		return isNumber(raw)
	case Text, Ident, Moment, Day:
		return raw[0] == '"'
	case Choice:
		return slices.ContainsFunc(n.Wire, func(w json.RawMessage) bool { return bytes.Equal(w, Compact(raw)) })
	default:
		return true
	}
}

func isNumber(raw json.RawMessage) bool { return raw[0] == '-' || '0' <= raw[0] && raw[0] <= '9' }

func isWhole(raw json.RawMessage, bits int) bool {
	_, err := strconv.ParseInt(string(raw), 10, bits)
	return isNumber(raw) && err == nil
}

// Expects says what Takes lets in.
func (n *Node) Expects() string {
	switch n.Kind {
	case Boolean:
		return "a boolean"
	case Integer, Long:
		return "a whole number"
	case Number:
		return "a number"
	case Choice:
		wire := make([]string, len(n.Wire))
		for i, w := range n.Wire {
			wire[i] = string(w)
		}
		return "one of " + strings.Join(wire, ", ")
	default:
		return "a string"
	}
}
