package world

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
)

// This file implements parts: what has no read of its own, but stands in the
// answer of the thing that its path hangs on. POST
// /phone/users/{userId}/phone_numbers adds to the list phone_numbers that GET
// /phone/users/{userId} answers, and DELETE takes out of it.

// partOf returns the field of a thing in which the parts are that an operation
// adds or takes out: a list, or an object of lists. It is nil for other operations.
func (a *api) partOf(o *Operation) *Node {
	path := o.Path
	if o.endsInThing() {
		path = o.last().before
	}
	above := path[:strings.LastIndexByte(path, '/')]
	i := slices.IndexFunc(o.steps, func(s step) bool { return s.before+"/{"+s.param+"}" == above })
	if i < 0 || o.steps[i].kind == nil || o.Method != http.MethodPost && o.Method != http.MethodDelete {
		return nil
	}
	f := o.steps[i].kind.fields[tail(path)]
	if f == nil || f.Kind != List && !slices.ContainsFunc(f.Fields, func(f *Node) bool { return f.Kind == List }) {
		return nil
	}
	return f
}

// part adds what the body says, or takes out what the path names, or all.
func (w *World) part(c *Call) (Answer, error) {
	f := w.partOf(c.Op)
	had := w.value(c.Owner, f.Name)
	if c.Op.Method == http.MethodPost {
		body, _ := Members(c.Body)
		if more, said := Lookup(body, f.Name); said {
			c.Owner.Set(f.Name, together(had, more))
		}
		return w.acknowledged(c)
	}
	name := ""
	if c.Op.endsInThing() {
		name = c.Vars[c.Op.last().param]
	}
	left, found := without(had, name)
	if name != "" && !found {
		return Answer{}, Refuse(http.StatusNotFound, 300, "There is no %s in %s.", name, strings.ReplaceAll(f.Name, "_", " "))
	}
	c.Owner.Set(f.Name, left)
	return Done(), nil
}

// together adds the elements of lists to those of others of the same names.
func together(had, more json.RawMessage) json.RawMessage {
	var a, b []json.RawMessage
	if json.Unmarshal(more, &b) == nil {
		_ = json.Unmarshal(had, &a) // none: nil
		return Encode(append(a, b...))
	}
	fields, _ := Members(had)
	news, isObject := Members(more)
	if !isObject {
		return more
	}
	for _, m := range news {
		old, _ := Lookup(fields, m.Name)
		fields = append(slices.DeleteFunc(fields, func(f Member) bool { return f.Name == m.Name }), Member{m.Name, together(old, m.Value)})
	}
	return Join(fields)
}

// without takes elements out of lists: the one that a name is of, or all for "".
func without(had json.RawMessage, name string) (left json.RawMessage, found bool) {
	var elems []json.RawMessage
	if fields, isObject := Members(had); isObject {
		for i := range fields {
			value, here := without(fields[i].Value, name)
			fields[i].Value, found = value, found || here
		}
		return Join(fields), found
	}
	if json.Unmarshal(had, &elems) != nil {
		return had, false
	}
	kept := slices.DeleteFunc(elems, func(elem json.RawMessage) bool { return name == "" || goesByName(elem, name) })
	return Encode(kept), len(kept) < len(elems)
}

// goesByName tells whether an element has a name as its id, its type, its number or
// itself.
func goesByName(elem json.RawMessage, name string) bool {
	fields, isObject := Members(elem)
	if !isObject {
		return plain(elem) == name
	}
	return slices.ContainsFunc([]string{"id", "type", "number"}, func(key string) bool {
		raw, has := Lookup(fields, key)
		return has && plain(raw) == name
	})
}
