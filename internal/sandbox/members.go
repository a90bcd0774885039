package sandbox

import (
	"bytes"
	"encoding/json"
	"io"
	"slices"
	"strconv"
)

// member is one name and value of a JSON object whose order matters.
type member struct {
	name  string
	value json.RawMessage
}

// members reads one JSON object, and nothing after it.
func members(raw json.RawMessage) ([]member, bool) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, false
	}
	var out []member
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, false
		}
		m := member{name: name.(string)} // a key is always a string
		if d.Decode(&m.value) != nil {
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

// lookup returns the value of a name; of a repeated one the last.
func lookup(from []member, name string) (json.RawMessage, bool) {
	for _, m := range slices.Backward(from) {
		if m.name == name {
			return m.value, true
		}
	}
	return nil, false
}

// join renders members as an object.
func join(all []member) []byte {
	out := []byte{'{'}
	for i, m := range all {
		if i > 0 {
			out = append(out, ',')
		}
		out = append(append(append(out, encode(m.name)...), ':'), m.value...)
	}
	return append(out, '}')
}

// compact returns valid JSON without its white space.
func compact(raw json.RawMessage) []byte {
	var b bytes.Buffer
	if json.Compact(&b, raw) != nil {
		return raw
	}
	return b.Bytes()
}

// edit replaces what stands at a path of JSON text, or takes it out where value
// is nil. Steps are names and indexes of lists; a path that leads nowhere
// changes nothing.
func edit(raw json.RawMessage, path []string, value json.RawMessage) json.RawMessage {
	return alter(raw, path, func(json.RawMessage) json.RawMessage { return value })
}

// alter puts what to makes of it in the place of what stands at a path, as edit does.
func alter(raw json.RawMessage, path []string, to func(json.RawMessage) json.RawMessage) json.RawMessage {
	if len(path) == 0 {
		return to(raw)
	}
	if fields, isObject := members(raw); isObject {
		i := slices.IndexFunc(fields, func(m member) bool { return m.name == path[0] })
		if i < 0 {
			return raw
		}
		if fields[i].value = alter(fields[i].value, path[1:], to); fields[i].value == nil {
			fields = slices.Delete(fields, i, i+1)
		}
		return join(fields)
	}
	var elems []json.RawMessage
	i, err := strconv.Atoi(path[0])
	if err != nil || json.Unmarshal(raw, &elems) != nil || i < 0 || i >= len(elems) {
		return raw
	}
	if elems[i] = alter(elems[i], path[1:], to); elems[i] == nil {
		elems = slices.Delete(elems, i, i+1)
	}
	return encode(elems)
}

// asText spells the numbers and Booleans of JSON text as texts.
func asText(raw json.RawMessage) json.RawMessage {
	if fields, isObject := members(raw); isObject {
		for i := range fields {
			fields[i].value = asText(fields[i].value)
		}
		return join(fields)
	}
	var elems []json.RawMessage
	if json.Unmarshal(raw, &elems) == nil && elems != nil {
		for i := range elems {
			elems[i] = asText(elems[i])
		}
		return encode(elems)
	}
	if len(raw) == 0 || raw[0] == '"' || string(raw) == "null" {
		return raw
	}
	return encode(string(raw))
}
