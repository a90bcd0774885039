package client

import (
	"maps"
	"slices"
	"strings"

	"zoomgraph/internal/rawjson"
)

// This file calls operations that Zoom has moved where they were before.

// Old is where an operation was before Zoom moved it, and what its answers looked
// like.
type Old struct {
	Method, Path string
	// Keys are names in old answers with those of today, each behind the names that
	// lead to it: "phones.id" is id in the object phones, or in each of a list of
	// that name.
	Keys map[string]string
}

// way is the method and the path template that an operation is called by.
func (c *Client) way(op *Op) (method, path string) {
	if c.oldPaths && op.Old != nil {
		return op.Old.Method, op.Old.Path
	}
	return op.Method, op.Path
}

// today is an answer with the names that it has today.
func (c *Client) today(op *Op, body []byte) []byte {
	if !c.oldPaths || op.Old == nil || len(op.Old.Keys) == 0 {
		return body
	}
	return renamed(body, op.Old.Keys)
}

// renamed is JSON with other names in its objects. Where an object has both the old name and the new one, it keeps the
// new one's value.
func renamed(value []byte, keys map[string]string) []byte {
	value = rawjson.Trim(value)
	switch {
	case len(value) > 0 && value[0] == '[':
		out := []byte{'['}
		for element := range rawjson.Elements(value) {
			if len(out) > 1 {
				out = append(out, ',')
			}
			out = append(out, renamed(element, keys)...)
		}
		return append(out, ']')
	case len(value) > 0 && value[0] == '{':
		out := []byte{'{'}
		for name, below := range rawjson.Members(value) {
			today, moved := keys[name]
			if _, both := rawjson.Member(value, today); moved && both {
				continue
			}
			if inner := within(keys, name); len(inner) > 0 {
				below = renamed(below, inner)
			}
			if moved {
				name = today
			}
			out = rawjson.Append(out, name, below)
		}
		return append(out, '}')
	}
	return value
}

// within are the keys behind a name.
func within(keys map[string]string, name string) map[string]string {
	inner := map[string]string{}
	for _, path := range slices.Sorted(maps.Keys(keys)) {
		if rest, is := strings.CutPrefix(path, name+"."); is {
			inner[rest] = keys[path]
		}
	}
	return inner
}
