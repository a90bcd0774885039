package world

import (
	"slices"
	"strings"
)

// write carries out a write.
func (w *World) write(c *Call) (Answer, error) {
	w.version++
	switch c.Op.act {
	case creates:
		return w.create(c)
	case changes:
		return w.change(c)
	case removes:
		return w.remove(c)
	case clears:
		w.clear(c)
		return Done(), nil
	case parts:
		return w.part(c)
	case amends:
		return w.amend(c)
	}
	return w.acknowledged(c)
}

// change merges the body into a thing or a document.
func (w *World) change(c *Call) (Answer, error) {
	r, err := w.subject(c)
	if err != nil {
		return Answer{}, err
	}
	if c.Op.views != nil {
		return w.changeView(c, r)
	}
	body, _ := Members(c.Body)
	if err := w.unique(r.kind, r, body); err != nil {
		return Answer{}, err
	}
	r.Merge(w.flat(r.kind, body))
	return w.acknowledged(c)
}

// flat is a body without the objects that a thing's answer has its fields in.
func (w *World) flat(k *kind, body []Member) []Member {
	var out []Member
	for _, m := range body {
		inner, isObject := Members(m.Value)
		if d := w.detail[k]; d != nil && isObject && slices.Contains(d.Within, m.Name) {
			out = append(out, inner...)
		} else {
			out = append(out, m)
		}
	}
	return out
}

// amend writes a part of what the path hangs on: the object of the path's last
// word, or else the fields of the body that the thing has.
func (w *World) amend(c *Call) (Answer, error) {
	body, _ := Members(c.Body)
	action, _ := Lookup(body, "action")
	if l := w.ops["GET "+strings.TrimSuffix(c.Op.Path, "/status")]; l != nil && l.rows && action != nil {
		return Done(), w.mark(c, l, plain(action), body)
	}
	if part := c.Owner.kind.fields[tail(c.Op.Path)]; part != nil && (part.Kind == Object || part.Kind == OneOf) {
		body = []Member{{part.Name, Join(body)}}
	}
	for _, m := range body {
		if has := c.Owner.kind.fields[m.Name]; has != nil && (has.Kind == Object || has.Kind == OneOf || has.Type == c.Op.takes(m.Name)) {
			c.Owner.Merge([]Member{m})
		}
	}
	return w.acknowledged(c)
}

// remove takes away a thing, a document, or one thing out of a list of things
// that live elsewhere.
func (w *World) remove(c *Call) (Answer, error) {
	r, err := w.subject(c)
	if err != nil {
		return Answer{}, err
	}
	if s := c.Op.ending(); s != nil && s.list != nil && !s.kind.isHome(s.list) && !s.list.ofAll() {
		w.leave(s.list, c.Place[:strings.LastIndexByte(c.Place, '/')], c.above(), r)
		return Done(), nil
	}
	w.Delete(r)
	return Done(), nil
}

// ending is the step that the path ends with, nil where it ends with a word.
func (o *Operation) ending() *step {
	if !o.endsInThing() {
		return nil
	}
	return o.last()
}

// above is the thing that the last one of the path was found below.
func (c *Call) above() *Record {
	if len(c.Op.steps) < 2 {
		return nil
	}
	return c.Found[c.Op.steps[len(c.Op.steps)-2].param]
}

// Delete takes a thing out of the world.
func (w *World) Delete(r *Record) {
	r.gone = true
	if s := w.places[r.Place]; s != nil {
		s.now = slices.DeleteFunc(s.now, func(other *Record) bool { return other == r })
	}
	for place, some := range w.members {
		w.members[place] = slices.DeleteFunc(slices.Clone(some), func(other *Record) bool { return other == r })
	}
	w.version++
	if r.kind.Gone != nil {
		r.kind.Gone(w, r)
	}
}

// Restore brings back a thing that was deleted, to the end of its list.
func (w *World) Restore(r *Record) {
	r.gone = false
	if s := w.places[r.Place]; s != nil {
		s.now = append(s.now, r)
	}
	w.version++
}

// clear takes all out of a list.
func (w *World) clear(c *Call) {
	l := w.ops["GET "+c.Op.Path]
	for _, r := range w.listed(l, c.Place, c.Owner, c.owners()) {
		if l.kind.isHome(l) {
			w.Delete(r)
		} else {
			w.leave(l, c.Place, c.Owner, r)
		}
	}
}
