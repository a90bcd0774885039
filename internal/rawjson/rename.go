package rawjson

import "strings"

// Rename is JSON with other names in its objects. Names are told by the way to them, with dots: "phones.id" is id in the
// object phones, or in each object of a list of that name. Where an object has both the old name and the new one, it
// keeps the value of the new one.
func Rename(value []byte, names map[string]string) []byte { return rename(nil, value, "", names) }

func rename(out, value []byte, at string, names map[string]string) []byte {
	value = Trim(value)
	switch {
	case len(value) > 0 && value[0] == '[':
		out = append(out, '[')
		first := true
		for element := range Elements(value) {
			if !first {
				out = append(out, ',')
			}
			out, first = rename(out, element, at, names), false
		}
		return append(out, ']')
	case len(value) > 0 && value[0] == '{':
		object := []byte{'{'}
		for name, below := range Members(value) {
			way := strings.TrimPrefix(at+"."+name, ".")
			other, is := names[way]
			if _, both := Member(value, other); is && both {
				continue
			}
			if !is {
				other = name
			}
			object = Append(object, other, rename(nil, below, way, names))
		}
		return append(append(out, object...), '}')
	}
	return append(out, value...)
}
