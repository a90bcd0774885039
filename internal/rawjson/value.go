package rawjson

import (
	"bytes"
	"iter"
	"math"
	"slices"
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

// Whole returns a text that is one value, with nothing but white space around it.
func Whole(text []byte) Value { return Value{Text: bytes.Trim(text, " \n\r\t")} }

// Parse returns the first value of a text, with the places of all members of all objects that are not in an array.
func Parse(text []byte) Value {
	v := Value{Text: Trim(text)}
	if len(v.Text) <= math.MaxUint32 {
		var room [96]member
		v.members = slices.Clone(appendMembers(room[:0], v.Text, 1)) // of which no more than it needs is kept
	}
	return v
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
