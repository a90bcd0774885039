package rawjson

import (
	"iter"
	"math"
	"slices"
	"sync"
)

// A Value is a JSON value. The zero Value is none.
//
// The members of an object are found by a pass over its text. Where that is looked at many times, [Parse] makes the pass
// once, and what it returns remembers where they lie.
type Value struct {
	Text    []byte   // of the value, and nothing around it
	members []member // nil: they are found in the text
}

// member tells where in the text of an object a member lies. Those of its value, where that is an object, follow it, with
// places in the text of that.
type member struct {
	key, keyEnd uint32
	value, end  uint32
	below       uint32 // how many of those that follow are below this one
	escaped     bool   // the key, which has its quotes then and otherwise not
}

// memberBytes is the memory that one member takes.
const memberBytes = 24

// maxLevels is how many levels of objects are remembered. Settings have three; what is deeper is found in the text.
const maxLevels = 4

// Parse returns the first value of a text, with the places of all members of all objects that are not in an array.
func Parse(text []byte) Value {
	if len(text) > math.MaxUint32 {
		return Value{Text: Trim(text)}
	}
	found := scratch.Get().(*[]member) //nolint:forcetypeassert // nothing else is in it
	defer scratch.Put(found)
	p := pass{text: text[skipSpace(text, 0):], members: (*found)[:0]}
	end, ok := p.value(0, 1)
	v := Value{Text: p.text[:end]}
	if !ok { // it is not valid: whatever there is of it counts, as it does where it is not parsed
		v.Text = Trim(text)
		p.members = appendMembers(p.members[:0], v.Text, 1)
	}
	v.members = slices.Clone(p.members) // no more than it needs
	if cap(p.members) <= maxScratch {
		*found = p.members
	}
	return v
}

// scratch holds what members are gathered in.
var scratch = sync.Pool{New: func() any { return new([]member) }}

// maxScratch is how many members are kept room for.
const maxScratch = 4096

// pass goes over a text once.
type pass struct {
	text    []byte
	members []member
}

// value notes the members of the value that begins at i, and returns the index behind it. It is false where the text is
// not valid, as far as it looks.
func (p *pass) value(i, level int) (end int, ok bool) {
	if i == len(p.text) {
		return i, false
	}
	if p.text[i] == '{' && level <= maxLevels {
		return p.object(i, level)
	}
	end = skipValue(p.text, i)
	return end, end > i
}

func (p *pass) object(start, level int) (end int, ok bool) {
	text := p.text
	i := skipSpace(text, start+1)
	if i < len(text) && text[i] == '}' {
		return i + 1, true
	}
	for i < len(text) && text[i] == '"' {
		keyEnd := skipString(text, i)
		m := member{key: uint32(i - start), keyEnd: uint32(keyEnd - start), escaped: escapes(text[i:keyEnd])}
		if !m.escaped {
			m.key++
			m.keyEnd--
		}
		if i = skipSpace(text, keyEnd); i == len(text) || text[i] != ':' {
			return i, false
		}
		i = skipSpace(text, i+1)
		at := len(p.members)
		p.members = append(p.members, m)
		if end, ok = p.value(i, level+1); !ok {
			return end, false
		}
		done := &p.members[at]
		done.value, done.end, done.below = uint32(i-start), uint32(end-start), uint32(len(p.members)-at-1)
		switch i = skipSpace(text, end); {
		case i == len(text):
			return i, false
		case text[i] == '}':
			return i + 1, true
		case text[i] != ',':
			return i, false
		}
		i = skipSpace(text, i+1)
	}
	return i, false
}

func appendMembers(to []member, object []byte, level int) []member {
	c := enter(object, '{')
	for key, value, more := c.member(); more; key, value, more = c.member() {
		m := member{end: uint32(c.at), value: uint32(c.at - len(value)), escaped: escapes(key)}
		m.key = uint32(cap(object) - cap(key)) // a part of object
		m.keyEnd = m.key + uint32(len(key))
		if !m.escaped {
			m.key++
			m.keyEnd--
		}
		at := len(to)
		to = append(to, m)
		if level < maxLevels {
			to = appendMembers(to, value, level+1)
			to[at].below = uint32(len(to) - at - 1)
		}
	}
	return to
}

// Bytes is about how much memory the value takes, with what is remembered of it.
func (v Value) Bytes() int { return cap(v.Text) + len(v.members)*memberBytes }

// Pairs yields the keys of an object, unescaped, with their values, in the text's order and with repetitions. Keys hold
// only as long as the text does. A value that is not an object has no members.
func (v Value) Pairs() iter.Seq2[[]byte, Value] {
	return func(yield func(key []byte, value Value) bool) {
		if v.members == nil {
			for key, text := range Pairs(v.Text) {
				if !yield(key, Value{Text: text}) {
					return
				}
			}
			return
		}
		for rest := v.members; len(rest) > 0; {
			m := &rest[0]
			value, key := Value{Text: v.Text[m.value:m.end]}, v.Text[m.key:m.keyEnd]
			if m.escaped {
				key = Text(key)
			}
			if m.below > 0 {
				value.members = rest[1 : 1+m.below]
			}
			if !yield(key, value) {
				return
			}
			rest = rest[1+m.below:]
		}
	}
}

// Member returns the value of the key in an object, of the last one where a key stands there twice.
func (v Value) Member(key string) (value Value, ok bool) {
	for name, member := range v.Pairs() {
		if string(name) == key {
			value, ok = member, true
		}
	}
	return value, ok
}
