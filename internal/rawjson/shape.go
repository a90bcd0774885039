package rawjson

import (
	"bytes"
	"math"
	"slices"
	"sync/atomic"
)

// This file reads texts that look like earlier ones. Zoom's answers to one question differ in little but values: which
// members there are, in which order, and what stands between them is the same. So what was judged and found in one of them
// need not be in the next: its text between the values is compared, and only the values are looked at. Start reading at
// Shapes.Parse and Shape.parse.

// A Shape is an object's text without those of its values that are no objects themselves. It is never changed.
type Shape struct {
	text    []byte
	members []member // with the places in text where values were; of an object where it is
}

// Shapes are those of the texts of one kind that came last. The zero Shapes knows none, and so does nil. It is safe for
// concurrent use.
type Shapes struct {
	known atomic.Pointer[[]*Shape]
	news  atomic.Uint64 // how many texts came that had none of the known shapes
}

const (
	maxShapes = 4
	// newShapes is how often a text of another shape is remembered, where there are more of them than are kept: each time
	// would be more work than it saves.
	newShapes = 16
	// maxShape is how long a text may be that is remembered.
	maxShape = 64 << 10
)

// Known parses a text that has one of the known shapes, and is valid JSON then. Of any other it is false.
func (s *Shapes) Known(text []byte) (Value, bool) {
	if s == nil {
		return Value{}, false
	}
	return parseKnown(s.known.Load(), text)
}

// parseKnown parses a text that has one of some shapes; nil are none.
func parseKnown(shapes *[]*Shape, text []byte) (Value, bool) {
	if shapes == nil {
		return Value{}, false
	}
	text = Whole(text).Text
	var room []span
	for _, shape := range *shapes {
		room = slices.Grow(room[:0], len(shape.members))
		if v, ok := shape.parse(text, room[:len(shape.members)]); ok {
			return v, true
		}
	}
	return Value{}, false
}

// Parse is [Parse], and remembers the shape of the text where that is valid.
func (s *Shapes) Parse(text []byte) Value {
	var parsed Value
	var shape *Shape
	for {
		known := s.known.Load()
		if v, ok := parseKnown(known, text); ok {
			return v
		}
		if shape == nil {
			if parsed = Parse(text); !s.remembers(parsed, text) {
				return parsed
			}
			shape = shapeOf(parsed.in)
		}
		all := []*Shape{shape}
		if known != nil {
			all = append(all, (*known)[:min(len(*known), maxShapes-1)]...)
		}
		if s.known.CompareAndSwap(known, &all) {
			parsed, _ = parseKnown(&all, text)
			return parsed
		}
	}
}

// remembers tells whether the shape of a text is remembered, which has none of those that are.
func (s *Shapes) remembers(parsed Value, text []byte) bool {
	if parsed.in == nil || len(text) > maxShape || !Valid(text) {
		return false
	}
	n := s.news.Add(1)
	return n <= maxShapes || n%newShapes == 0
}

// shapeOf is the shape of a valid text.
func shapeOf(x *index) *Shape {
	s := &Shape{members: slices.Clone(x.members)}
	done := 0
	for i := range s.members {
		m := &s.members[i]
		cut := uint32(done - len(s.text))
		s.text = append(s.text, x.text[done:m.value]...)
		done = int(m.value)
		m.key, m.keyEnd, m.value = m.key-cut, m.keyEnd-cut, m.value-cut
		if m.below == 0 {
			done, m.end = int(m.end), m.value
		}
	}
	s.text = slices.Clip(append(s.text, x.text[done:]...))
	ends := func(i int) uint32 { return x.members[i].end }
	for i := len(s.members) - 1; i >= 0; i-- {
		if last := s.last(i); last > i {
			s.members[i].end = s.members[last].end + ends(i) - ends(last)
		}
	}
	return s
}

// last is the last member in the value of a member; itself, where there is none.
func (s *Shape) last(i int) int { return i + int(s.members[i].below) }

// parse parses a text of the shape, and notes in values where they lie; of any other text it is false.
func (s *Shape) parse(text []byte, values []span) (Value, bool) {
	if len(text) < len(s.text) || len(text) > math.MaxUint32 {
		return Value{}, false
	}
	at, done := 0, 0
	for i := range s.members {
		m := &s.members[i]
		between := s.text[done:m.value]
		if !bytes.HasPrefix(text[at:], between) {
			return Value{}, false
		}
		at, done = at+len(between), int(m.value)
		values[i].start = uint32(at)
		if m.below > 0 {
			continue
		}
		if at = validValue(text, at, int(m.level)+1); at == 0 {
			return Value{}, false
		}
		values[i].end = uint32(at)
	}
	if !bytes.Equal(text[at:], s.text[done:]) {
		return Value{}, false
	}
	for i := len(s.members) - 1; i >= 0; i-- {
		if last := s.last(i); last > i {
			values[i].end = values[last].end + s.members[i].end - s.members[last].end
		}
	}
	return Value{text, &index{text, s.text, s.members, values, s}, whole}, true
}

// A Place is where a value stands in all texts of one shape. The zero Place is none.
type Place struct {
	shape *Shape
	at    int
}

// Place is where a value stands; it is none where the text that it stands in has no known shape.
func (v Value) Place() Place {
	if v.in == nil || v.in.shape == nil {
		return Place{}
	}
	return Place{v.in.shape, v.at}
}

// IsObject tells whether an object with members stands at the place, in all texts of the shape.
func (p Place) IsObject() bool {
	return p.shape != nil && (p.at == whole || p.shape.members[p.at].below > 0)
}

// Is tells whether two places are one, perhaps of two shapes that are alike. What stands below it has the same keys, and
// is at the same places, in all texts.
func (p Place) Is(other Place) bool {
	return p.at == other.at && (p.shape == other.shape ||
		p.shape != nil && other.shape != nil && bytes.Equal(p.shape.text, other.shape.text))
}

// At is the value at a place of the text that v stands in, which has that shape.
func (v Value) At(p Place) Value {
	if p.at == whole {
		return Value{v.in.text, v.in, whole}
	}
	return v.in.value(p.at)
}
