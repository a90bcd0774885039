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
	Text []byte // of the value, and nothing around it
	in   *index // of the text that it was parsed in; nil: its members are found in its own
	at   int    // which member of that it is; whole: it is all of it
}

const whole = -1

// index tells where the members of an object, and of all objects in it, lie in its text. It is never changed.
type index struct {
	text    []byte
	keys    []byte   // the text that the members' keys lie in
	members []member // those of an object follow it
	values  []span   // where they lie; nil: where members say
	shape   *Shape   // that keys and members are of; nil: they are of this text alone
}

// member tells where a member of an object lies.
type member struct {
	key, keyEnd uint32
	value, end  uint32
	below       uint32 // how many of those that follow are in its value
	level       uint8  // how many objects it is in
	escaped     bool   // the key, which has its quotes then and otherwise not
}

// span is where a value lies.
type span struct{ start, end uint32 }

// memberBytes is the memory that one member takes. Where its key is one of a shape it takes less, and has a share of that.
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
	text = text[skipSpace(text, 0):]
	room := make([]member, 0, min(bytes.Count(text, []byte{':'}), usualMembers))
	members, end := appendMembers(room, text, 0, 1)
	if end == 0 { // it is no object, or ends early
		end = skipValue(text, 0)
		members = appendFound(room, text, text[:end], 1)
	}
	text = text[:end]
	if len(members) == 0 {
		return Value{Text: text}
	}
	if len(members) < cap(members) { // no more than it needs is kept
		members = slices.Clip(slices.Clone(members))
	}
	return Value{text, &index{text: text, keys: text, members: members}, whole}
}

// appendMembers adds the members of the object at i, in one pass, and returns where it ends; 0: that is not an object from
// end to end.
func appendMembers(to []member, text []byte, i int, level uint8) (members []member, end int) {
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
		to = append(to, memberAt(text[key:keyEnd], key, i, level))
		if i < len(text) && text[i] == '{' && level < maxLevels {
			if to, end = appendMembers(to, text, i, level+1); end == 0 {
				return to, 0
			}
		} else if end = skipValue(text, i); end == i {
			return to, 0
		}
		to[at].end, to[at].below = uint32(end), uint32(len(to)-at-1)
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

// appendFound adds the members of an object in a text as far as they are found, where it is not one from end to end.
func appendFound(to []member, text, object []byte, level uint8) []member {
	in := func(part []byte) int { return cap(text) - cap(part) } // where it begins
	c := enter(object, '{')
	for key, value, more := c.member(); more; key, value, more = c.member() {
		at := len(to)
		to = append(to, memberAt(key, in(key), in(value), level))
		to[at].end = to[at].value + uint32(len(value))
		if level < maxLevels {
			to = appendFound(to, text, value, level+1)
			to[at].below = uint32(len(to) - at - 1)
		}
	}
	return to
}

// memberAt is a member whose quoted key and whose value are at some place.
func memberAt(quoted []byte, key, value int, level uint8) member {
	m := member{key: uint32(key), keyEnd: uint32(key + len(quoted)), value: uint32(value), level: level, escaped: escapes(quoted)}
	if !m.escaped {
		m.key++
		m.keyEnd--
	}
	return m
}

// Bytes is about how much memory the value takes, with what is remembered of it.
func (v Value) Bytes() int {
	if v.in == nil {
		return cap(v.Text)
	}
	return cap(v.Text) + len(v.in.members)*memberBytes
}

// Pairs yields the keys of an object, unescaped, with their values, in the text's order and with repetitions. Keys hold
// only as long as the text does. A value that is not an object has no members.
func (v Value) Pairs() iter.Seq2[[]byte, Value] {
	return func(yield func(key []byte, value Value) bool) {
		first, end := v.below()
		if first == end {
			c := enter(v.Text, '{')
			for key, text, more := c.member(); more && yield(Text(key), Value{Text: text}); {
				key, text, more = c.member()
			}
			return
		}
		for i := first; i < end; i += 1 + int(v.in.members[i].below) {
			m := &v.in.members[i]
			key := v.in.keys[m.key:m.keyEnd]
			if m.escaped {
				key = Text(key)
			}
			if !yield(key, v.in.value(i)) {
				return
			}
		}
	}
}

// below are the members that are remembered of what is in a value.
func (v Value) below() (first, end int) {
	switch {
	case v.in == nil:
		return 0, 0
	case v.at == whole:
		return 0, len(v.in.members)
	}
	first = v.at + 1
	return first, first + int(v.in.members[v.at].below)
}

// value is that of a member.
func (x *index) value(i int) Value {
	if x.values != nil {
		at := x.values[i]
		return Value{x.text[at.start:at.end], x, i}
	}
	m := &x.members[i]
	return Value{x.text[m.value:m.end], x, i}
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
