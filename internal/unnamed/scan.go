package unnamed

import (
	"strings"

	"zoomgraph/internal/rawjson"
)

// maxDepth is how deep an answer is looked at.
const maxDepth = 32

// scan looks at one answer.
type scan struct {
	shapes *Shapes
	op     string
	keys   map[string]bool
	values map[place]bool
	path   []string // the keys that lead to what is looked at
}

func (s *scan) answer(body []byte) { s.value(s.shapes.of(s.op), body) }

// value looks at an object, or at all objects of a list.
func (s *scan) value(of *shape, value []byte) {
	if of == nil || len(value) == 0 || len(s.path) > maxDepth {
		return
	}
	switch value[0] {
	case '[':
		for element := range rawjson.Elements(value) {
			s.value(of, element)
		}
	case '{', ' ', '\t', '\r', '\n':
		for key, below := range rawjson.Pairs(value) {
			m, named := of.find(string(key))
			s.path = append(s.path, string(key))
			switch {
			case !named:
				s.unnamed()
			case m.values != nil:
				s.spelled(m, below)
			default:
				s.value(m.below, below)
			}
			s.path = s.path[:len(s.path)-1]
		}
	}
}

// unnamed notes the key that was found, and what leads to it, which the schema names.
func (s *scan) unnamed() {
	if last := len(s.path) - 1; !isName(s.path[last]) {
		s.path[last] = Other
	}
	at := strings.Join(s.path, ".")
	if s.shapes.isKnown(s.op, at) {
		return
	}
	if s.keys == nil {
		s.keys = map[string]bool{}
	}
	s.keys[at] = true
}

// spelled notes a value of an enum that the schema does not have. A blank is none.
func (s *scan) spelled(m member, value []byte) {
	text := string(value)
	switch value[0] {
	case '[':
		for element := range rawjson.Elements(value) {
			s.spelled(m, element)
		}
		return
	case '"':
		text = string(rawjson.Text(value))
	case '{', 'n', 't', 'f':
		return
	}
	if strings.TrimSpace(text) == "" || m.values[text] || s.shapes.isKnown(s.op, strings.Join(s.path, ".")) {
		return
	}
	if s.values == nil {
		s.values = map[place]bool{}
	}
	s.values[place{m.field, text}] = true
}
