package store

import (
	"slices"

	"zoomgraph/internal/rawjson"
)

// merge takes the names, which are sorted, from one answer and all others from the other one. A name stands at the top of
// an answer or directly under a section.
func merge(others, named []byte, names []string) []byte {
	m := merger{parts: map[string]*part{}}
	isName := func(key string) bool {
		_, is := slices.BinarySearch(names, key)
		return is
	}
	m.take(others, isName, false)
	m.take(named, isName, true)
	return m.object()
}

// merger builds an object. Keys keep the order in which they appeared first.
type merger struct {
	keys  []string
	parts map[string]*part
}

// part is a section, or a value at the top of an answer.
type part struct {
	members []byte // an object that is not closed yet; nil: no section
	value   []byte
}

// take adds the members of an answer whose keys are names, or those whose keys are not.
func (m *merger) take(body []byte, isName func(string) bool, wanted bool) {
	for key, value := range rawjson.Members(body) {
		section := len(value) > 0 && value[0] == '{' && !isName(key)
		switch {
		case section:
			p := m.part(key)
			if p.members == nil {
				p.members = []byte{'{'}
			}
			for name, leaf := range rawjson.Members(value) {
				if isName(name) == wanted {
					p.members = rawjson.Append(p.members, name, leaf)
				}
			}
		case isName(key) == wanted, wanted && m.parts[key] == nil: // a section that is none is for the reader to find
			m.part(key).value = value
		}
	}
}

func (m *merger) part(key string) *part {
	p := m.parts[key]
	if p == nil {
		p = &part{}
		m.keys = append(m.keys, key)
		m.parts[key] = p
	}
	return p
}

func (m *merger) object() []byte {
	out := []byte{'{'}
	for _, key := range m.keys {
		p := m.parts[key]
		value := p.value
		if p.members != nil {
			p.members = append(p.members, '}')
			value = p.members
		}
		out = rawjson.Append(out, key, value)
	}
	return append(out, '}')
}
