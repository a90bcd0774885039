package world

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strconv"
)

// Member is one name and value of a JSON object whose order matters.
type Member struct {
	Name  string
	Value json.RawMessage
}

// Members reads one JSON object, and nothing after it.
func Members(raw json.RawMessage) ([]Member, bool) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, false
	}
	var out []Member
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, false
		}
		m := Member{Name: name.(string)} // a key is always a string
		if d.Decode(&m.Value) != nil {
			return nil, false
		}
		out = append(out, m)
	}
	if _, err := d.Token(); err != nil {
		return nil, false
	}
	_, err := d.Token()
	return out, err == io.EOF
}

// Lookup returns the value of a name; of a repeated one the last.
func Lookup(from []Member, name string) (json.RawMessage, bool) {
	for _, m := range slices.Backward(from) {
		if m.Name == name {
			return m.Value, true
		}
	}
	return nil, false
}

// Join renders members as an object.
func Join(all []Member) []byte {
	out := []byte{'{'}
	for i, m := range all {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(append(out, Encode(m.Name)...), ':'), m.Value...)
	}
	return append(out, '}')
}

// Compact returns valid JSON without its white space.
func Compact(raw json.RawMessage) []byte {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return raw
	}
	return b.Bytes()
}

// Edit replaces what stands at a path of JSON text, or takes it out where value
// is nil. Steps are names and indexes of lists; a path that leads nowhere
// changes nothing.
func Edit(raw json.RawMessage, path []string, value json.RawMessage) json.RawMessage {
	return Alter(raw, path, func(json.RawMessage) json.RawMessage { return value })
}

// Alter puts what to makes of it in the place of what stands at a path, as Edit does.
func Alter(raw json.RawMessage, path []string, to func(json.RawMessage) json.RawMessage) json.RawMessage {
	if len(path) == 0 {
		return to(raw)
	}
	if fields, isObject := Members(raw); isObject {
		i := slices.IndexFunc(fields, func(m Member) bool { return m.Name == path[0] })
		if i < 0 {
			return raw
		}
		if fields[i].Value = Alter(fields[i].Value, path[1:], to); fields[i].Value == nil {
			fields = slices.Delete(fields, i, i+1)
		}
		return Join(fields)
	}
	var elems []json.RawMessage
	i, err := strconv.Atoi(path[0])
	if err != nil || json.Unmarshal(raw, &elems) != nil || i < 0 || i >= len(elems) {
		return raw
	}
	if elems[i] = Alter(elems[i], path[1:], to); elems[i] == nil {
		elems = slices.Delete(elems, i, i+1)
	}
	return Encode(elems)
}

// AsText spells the numbers and Booleans of JSON text as texts.
func AsText(raw json.RawMessage) json.RawMessage {
	if fields, isObject := Members(raw); isObject {
		for i := range fields {
			fields[i].Value = AsText(fields[i].Value)
		}
		return Join(fields)
	}
	var elems []json.RawMessage
	if json.Unmarshal(raw, &elems) == nil && elems != nil {
		for i := range elems {
			elems[i] = AsText(elems[i])
		}
		return Encode(elems)
	}
	if len(raw) == 0 || raw[0] == '"' || string(raw) == "null" {
		return raw
	}
	return Encode(string(raw))
}
