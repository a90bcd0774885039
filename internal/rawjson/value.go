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

// usualMembers bounds the room that is made for members before they are counted. A long text with few is a list.
const usualMembers = 256

// Whole returns a text that is one value, with nothing but white space around it.
func Whole(text []byte) Value { return Value{Text: bytes.Trim(text, " \n\r\t")} }

// Parse returns the first value of a text, with the places of all members of all objects that are not in an array.
func Parse(text []byte) Value {
	if len(text) > math.MaxUint32 {
		return Value{Text: Trim(text)}
	}
	at := skipSpace(text, 0)
	room := make([]member, 0, min(bytes.Count(text, []byte{':'}), usualMembers))
	members, end := appendMembers(room, text, at, 1)
	if end == 0 { // it is no object, or ends early
		end = skipValue(text, at)
		members = appendFound(room, text[at:end], 1)
	}
	switch {
	case len(members) == 0:
		members = nil
	case len(members) < cap(members): // no more than it needs is kept
		members = slices.Clip(slices.Clone(members))
	}
	return Value{text[at:end], members}
}

// appendMembers adds the members of the object at i, in one pass, and returns where it ends; 0: that is not an object from
// end to end.
func appendMembers(to []member, text []byte, i, level int) (members []member, end int) {
	start := i
	if i == len(text) || text[i] != '{' {
		return to, 0
	}
	if i = skipSpace(text, i+1); i < len(text) && text[i] == '}' {
		return to, i + 1
	}
	for i < len(text) && text[i] == '"' {
		key := i
		keyEnd := skipString(text, key)
		if i = skipSpace(text, keyEnd); i == len(text) || text[i] != ':' {
			return to, 0
		}
		i = skipSpace(text, i+1)
		at := len(to)
		to = append(to, memberAt(text[key:keyEnd], key-start, i-start))
		if i < len(text) && text[i] == '{' && level < maxLevels {
			if to, end = appendMembers(to, text, i, level+1); end == 0 {
				return to, 0
			}
		} else if end = skipValue(text, i); end == i {
			return to, 0
		}
		to[at].end, to[at].below = uint32(end-start), uint32(len(to)-at-1)
		if i = skipSpace(text, end); i == len(text) {
			return to, 0
		}
		switch text[i] {
		case '}':
			return to, i + 1
		case ',':
			i = skipSpace(text, i+1)
		default:
			return to, 0
		}
	}
	return to, 0
}

// appendFound adds the members of an object as far as they are found, where it is not one from end to end.
func appendFound(to []member, object []byte, level int) []member {
	c := enter(object, '{')
	for key, value, more := c.member(); more; key, value, more = c.member() {
		at := len(to)
		to = append(to, memberAt(key, cap(object)-cap(key), c.at-len(value))) // key is a part of object
		to[at].end = uint32(c.at)
		if level < maxLevels {
			to = appendFound(to, value, level+1)
			to[at].below = uint32(len(to) - at - 1)
		}
	}
	return to
}

// memberAt is a member whose quoted key and whose value are at some place.
func memberAt(quoted []byte, key, value int) member {
	m := member{key: uint32(key), keyEnd: uint32(key + len(quoted)), value: uint32(value), escaped: escapes(quoted)}
	if !m.escaped {
		m.key++
		m.keyEnd--
	}
	return m
}

// Bytes is about how much memory the value takes, with what is remembered of it.
func (v Value) Bytes() int { return cap(v.Text) + len(v.members)*memberBytes }

// Pairs yields the keys of an object, unescaped, with their values, in the text's order and with repetitions. Keys hold
// only as long as the text does. A value that is not an object has no members.
func (v Value) Pairs() iter.Seq2[[]byte, Value] {
	return func(yield func(key []byte, value Value) bool) {
		if v.members == nil {
			c := enter(v.Text, '{')
			for key, text, more := c.member(); more && yield(Text(key), Value{Text: text}); {
				key, text, more = c.member()
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
