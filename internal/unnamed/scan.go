package unnamed

import (
	"bytes"

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
	path   [][]byte // the keys that lead to what is looked at
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
			m, named := of.find(key)
			s.path = append(s.path, key)
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
	if last := len(s.path) - 1; !isName(string(s.path[last])) {
		s.path[last] = []byte(Other)
	}
	at := s.at()
	if s.shapes.isKnown(s.op, at) {
		return
	}
	if s.keys == nil {
		s.keys = map[string]bool{}
	}
	s.keys[at] = true
}

// at is the place that is looked at.
func (s *scan) at() string { return string(bytes.Join(s.path, []byte{'.'})) }

// spelled notes a value of an enum that the schema does not have. A blank is none.
func (s *scan) spelled(m member, value []byte) {
	text := value
	switch value[0] {
	case '[':
		for element := range rawjson.Elements(value) {
			s.spelled(m, element)
		}
		return
	case '"':
		text = rawjson.Text(value)
	case '{', 'n', 't', 'f':
		return
	}
	if m.values[string(text)] || len(bytes.TrimSpace(text)) == 0 || s.shapes.isKnown(s.op, s.at()) {
		return
	}
	if s.values == nil {
		s.values = map[place]bool{}
	}
	s.values[place{m.field, string(text)}] = true
}
