package project

import (
	"slices"

	"zoomgraph/internal/rawjson"
)

// This file writes objects whose keys are known before their text is looked at, since they stand at the same place of the
// same shape as an earlier one. Where the selected leaves stand was found then, and is kept as a route: the leaves in the
// order in which they are written, also those of objects in the object, and what is written between them. A leaf that is
// as it should be is written at once; anything else is left to what writes fields of other objects. Start reading at
// writer.along.

// A route leads through all objects at one place.
type route struct {
	place rawjson.Place
	stops []stop
	after string // what is written behind the last one
}

// A stop is a field that is written on the way.
type stop struct {
	before    string // what is written before its value: brackets, commas, and keys
	place     rawjson.Place
	write     leafWriter // of a leaf, or of those in a list, that can be written at once; nil: it cannot
	isList    bool
	isBoolean bool
	isText    bool
	isNothing bool // some empty text may be
	field     *routed
}

// routed is the field of a stop, as it is needed where that cannot be written at once.
type routed struct {
	*Field

	object rawjson.Place // that has the field
	path   []step        // from where the route begins
	absent bool
}

// maxRoutes bounds the routes that a selection keeps: those for the shapes that came last.
const maxRoutes = 4

// along writes an object by its route.
func (w *writer) along(r *route, object rawjson.Value) bool {
	buf := w.buf
	for i := range r.stops {
		s := &r.stops[i]
		buf = append(buf, s.before...)
		if s.write != nil && (!s.isText || !w.withholds()) {
			var done bool
			if buf, done = s.atOnce(buf, object.At(s.place).Text); done {
				continue
			}
		}
		w.buf = buf
		if !w.routed(s, object) {
			return false
		}
		buf = w.buf
	}
	buf = append(buf, r.after...)
	w.buf = buf
	return true
}

// atOnce writes a leaf that is as it should be, or a list of such; of anything else nothing.
func (s *stop) atOnce(buf, value []byte) (written []byte, done bool) {
	if !s.isList {
		return s.leaf(buf, value)
	}
	if value[0] != '[' {
		return buf, false
	}
	start := len(buf)
	buf = append(buf, '[')
	for element := range rawjson.Elements(value) {
		if len(buf) > start+1 {
			buf = append(buf, ',')
		}
		if buf, done = s.leaf(buf, element); !done {
			return buf[:start], false
		}
	}
	return append(buf, ']'), true
}

func (s *stop) leaf(buf, value []byte) (written []byte, done bool) {
	switch {
	case s.isBoolean && isBoolean(value):
		return append(buf, value...), true
	case s.isNothing && (string(value) == `""` || string(value) == `" "`):
		return buf, false
	}
	written, v := s.write(buf, value)
	if v != fits {
		return written[:len(buf)], false
	}
	return written, true
}

// routed writes a field as those of other objects are.
func (w *writer) routed(s *stop, object rawjson.Value) bool {
	f := s.field
	w.path = append(w.path, f.path...)
	var value rawjson.Value
	if !f.absent {
		value = object.At(s.place)
	}
	var ok bool
	if w.hides(f.Field, object.At(f.object).Text) {
		ok = w.refused(f.Field)
	} else {
		ok = w.member(f.Field, value)
	}
	w.path = w.path[:len(w.path)-len(f.path)]
	return ok
}

// route is that of the selection through an object; nil where its place is none of a known shape.
func (s *Selection) route(object rawjson.Value) *route {
	place := object.Place()
	if !place.IsObject() {
		return nil
	}
	known := s.routes.Load()
	if known == nil {
		known = new([]*route)
	}
	for _, r := range *known {
		if r.place.Is(place) {
			return r
		}
	}
	r := &route{place: place}
	r.after = string(r.through(s, object, nil, nil))
	all := append([]*route{r}, (*known)[:min(len(*known), maxRoutes-1)]...)
	s.routes.Store(&all)
	return r
}

// through leads the route through an object, behind what was written since the last stop, and returns what is then.
func (r *route) through(s *Selection, object rawjson.Value, path []step, written []byte) []byte {
	values := make([]rawjson.Value, len(s.names))
	s.scan(object, values)
	written = append(written, '{')
	for i := range s.fields {
		f := &s.fields[i]
		if i > 0 {
			written = append(written, ',')
		}
		written = append(written, f.prefix...)
		if f.facts == nil {
			continue // __typename, which is written by now
		}
		value, path := values[f.name], append(slices.Clip(path), step{key: f.step})
		if f.leadsThrough(value) {
			written = r.through(f.Sub, value, path, written)
			continue
		}
		at := stop{before: string(written), place: value.Place()}
		at.field = &routed{Field: f, object: object.Place(), path: path, absent: value.Text == nil}
		if !at.field.absent {
			at.prepare(f)
		}
		r.stops = append(r.stops, at)
		written = written[:0]
	}
	return append(written, '}')
}

// prepare says how the field's leaves are written at once, where they can be.
func (s *stop) prepare(f *Field) {
	t := f.Def.Type
	if s.isList = t.Elem != nil; s.isList {
		t = t.Elem
	}
	if f.Sub != nil || t.Elem != nil || f.secret != nil || f.file || f.facts.any {
		return
	}
	s.write, s.isText, s.isBoolean = f.facts.leaf, f.facts.text, f.facts.def.Name == "Boolean"
	s.isNothing = f.facts.isNothing(t, []byte(`""`)) || f.facts.isNothing(t, []byte(`" "`))
}

// leadsThrough tells whether a route goes on through the object that a field is: it stands there in all texts of the
// shape, and nothing that it lacks makes it null.
func (f *Field) leadsThrough(value rawjson.Value) bool {
	return value.Place().IsObject() && f.Sub != nil && f.Sub.union == nil && f.Def.Type.Elem == nil && f.secret == nil &&
		!slices.ContainsFunc(f.Sub.fields, func(sub Field) bool { return sub.facts != nil && sub.Def.Type.NonNull })
}
