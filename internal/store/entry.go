package store

import (
	"maps"
	"slices"
	"time"

	"zoomgraph/client"
	"zoomgraph/internal/rawjson"
)

// entry is one kept answer of Zoom's. It is never changed: a later read makes a new entry.
type entry struct {
	stamp string        // the state of its resources before it was read
	body  rawjson.Value // a JSON object with everything that was read, and where that lies in it
	whole time.Time
	names map[string]time.Time // when single names were read after the whole was
	gone  *client.Error        // in place of all that: there is no such thing
}

// weight is how much memory it takes, in bytes.
func (e *entry) weight() uint32 {
	bytes := e.body.Bytes() + entryWeight
	for name := range e.names { // which may be of nothing that is there
		bytes += len(name) + nameWeight
	}
	return uint32(bytes)
}

// readAt is when it was last seen what a name is, or that it is not there; zero: never.
func (e *entry) readAt(name string) time.Time {
	if at, ok := e.names[name]; ok {
		return at
	}
	return e.whole
}

// missing lists the names that were not read since then.
func (e *entry) missing(names []string, since time.Time) []string {
	if e == nil {
		return names
	}
	var missing []string
	for _, name := range names {
		if e.readAt(name).Before(since) {
			missing = append(missing, name)
		}
	}
	return missing
}

// covers tells whether all the names were read since then; no names stand for the whole answer.
func (e *entry) covers(names []string, since time.Time) bool {
	switch {
	case e == nil:
		return false
	case len(names) == 0:
		return !e.whole.IsZero() && !e.whole.Before(since)
	}
	for _, name := range names {
		if at := e.readAt(name); at.IsZero() || at.Before(since) {
			return false
		}
	}
	return true
}

// asOf is when the oldest of the names was read.
func (e *entry) asOf(names []string) time.Time {
	oldest := e.whole
	for i, name := range names {
		if at := e.readAt(name); i == 0 || at.Before(oldest) {
			oldest = at
		}
	}
	return oldest
}

// with is the entry that knows what e does and what was read at a time; no names stand for the whole answer.
func (e *entry) with(names []string, body []byte, at time.Time, stamp string) *entry {
	if len(names) == 0 {
		return &entry{stamp: stamp, body: rawjson.Parse(body), whole: at}
	}
	merged := &entry{stamp: stamp, names: make(map[string]time.Time, len(names))}
	if e != nil && e.gone == nil {
		body, merged.whole = merge(e.body.Text, body, names), e.whole
		maps.Copy(merged.names, e.names)
	}
	merged.body = rawjson.Parse(body)
	for _, name := range names {
		merged.names[name] = at
	}
	return merged
}

// merge takes the names from one answer and all others from an older one. A name stands at the top of an answer or
// directly under a section.
func merge(older, newer []byte, names []string) []byte {
	m := merger{parts: map[string]*part{}}
	isName := func(key string) bool { return slices.Contains(names, key) }
	m.take(older, isName, false)
	m.take(newer, isName, true)
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
