package edge

import (
	"encoding/json"

	"zoomgraph/internal/rawjson"
)

// maxTaken is how many bytes a value may have that is taken apart here: each level of nesting is looked at once more.
const maxTaken = 4 << 10

// takeObject is decode for an object, or null, that is known to be JSON. It reports false for anything else.
func takeObject(text []byte) (object map[string]any, ok bool) {
	switch {
	case text[0] == 'n':
		return nil, true
	case text[0] != '{':
		return nil, false
	case len(text) > maxTaken:
		return object, decode(text, &object) == nil
	}
	return objectOf(text), true
}

func objectOf(text []byte) map[string]any {
	object := map[string]any{}
	for key, value := range rawjson.Pairs(text) {
		object[string(key)] = valueOf(value)
	}
	return object
}

// valueOf is what decode makes of a value that is known to be JSON.
func valueOf(text []byte) any {
	switch text[0] {
	case '"':
		return string(rawjson.Text(text))
	case '{':
		return objectOf(text)
	case '[':
		list := []any{}
		for element := range rawjson.Elements(text) {
			list = append(list, valueOf(element))
		}
		return list
	case 't', 'f':
		return text[0] == 't'
	case 'n':
		return nil
	default:
		return json.Number(text)
	}
}
