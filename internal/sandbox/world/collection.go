package world

import (
	"cmp"
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"zoomgraph/graph/program"
)

// defaultCount is how many things there are in each place at the start.
const defaultCount = 3

// shelf holds the things of a place: those that there are, and those of the
// start, which made-up links lead to. So a link stays what it is when something
// else is made or deleted.
type shelf struct{ now, first []*Record }

// in returns the things that live in a place.
func (w *World) in(k *kind, place string, owners owners) []*Record {
	return w.shelf(k, place, owners).now
}

// shelf returns that of a place, with the things of the start where it is new.
func (w *World) shelf(k *kind, place string, owners owners) *shelf {
	if s := w.places[place]; s != nil {
		return s
	}
	w.Keep()
	s := &shelf{}
	w.places[place] = s
	if k.Seed != nil {
		s.first = k.Seed(w, owners.last())
	} else {
		for _, id := range w.firstIDs(k, place) {
			s.first = append(s.first, &Record{ID: id})
		}
	}
	for _, r := range s.first {
		w.settleIn(r, k, place, owners)
	}
	s.now = slices.Clone(s.first)
	return s
}

// firstIDs are the ids of the things in a place at the start: of those that they
// stand for, where they do.
func (w *World) firstIDs(k *kind, place string) []string {
	count := cmp.Or(k.Count, defaultCount)
	var ids []string
	if w.kinds[k.Stands] == nil {
		if words := k.words(); words != nil {
			return words[:min(count, len(words))]
		}
		for i := range count {
			ids = append(ids, k.newID(w.Source.At(k.Name, place, strconv.Itoa(i))))
		}
		return ids
	}
	all := w.First(k.Stands)
	from := 0
	if count == All {
		count = len(all)
	} else if len(all) > 0 {
		from = int(w.Source.At(k.Name, place) % uint64(len(all)))
	}
	for i := range min(count, len(all)) {
		ids = append(ids, all[(from+i)%len(all)].ID)
	}
	return ids
}

func (w *World) settleIn(r *Record, k *kind, place string, owners owners) *Record {
	r.Place, r.kind, r.owners = place, k, owners
	r.path = place + "/" + url.PathEscape(r.ID)
	if d := w.detail[k]; d != nil && len(d.steps) == 1 {
		r.path = d.steps[0].before + "/" + url.PathEscape(r.ID)
	}
	if k.Enter != nil {
		k.Enter(r)
	}
	return r
}

// owners are the things that a place hangs on, from the top down.
type owners []*Record

func (o owners) last() *Record {
	if len(o) == 0 {
		return nil
	}
	return o[len(o)-1]
}

// All returns all things of a kind, in the order of the things that they hang on.
func (w *World) All(kind string) []*Record {
	if k := w.kinds[kind]; k != nil {
		return w.index(k).all
	}
	return nil
}

// First are the things of a kind at the start, also those that are gone by now.
func (w *World) First(kind string) []*Record {
	if k := w.kinds[kind]; k != nil {
		return w.first(k)
	}
	return nil
}

func (w *World) first(k *kind) []*Record {
	if all, known := w.origins[k]; known {
		return all
	}
	w.Keep()
	w.origins[k] = nil // what hangs on its own kind finds nothing
	var all []*Record
	for _, h := range k.homes {
		w.each(h, firstOf, func(place string, owners owners) { all = append(all, w.shelf(k, place, owners).first...) })
	}
	w.origins[k] = all
	return all
}

// Find returns the thing of an id, or of what else names one; nil for none.
func (w *World) Find(kind, name string) *Record {
	k := w.kinds[kind]
	if k == nil {
		return nil
	}
	names := w.index(k).byName
	if r := names[identified(name)]; r != nil {
		return r
	}
	return names["\x00"+strings.ToLower(name)]
}

func (w *World) index(k *kind) *index {
	if at := w.whole[k]; at != nil && at.version == w.version {
		return at
	}
	w.Keep()
	at := &index{version: w.version, byName: map[string]*Record{}}
	w.whole[k] = at // what hangs on its own kind finds itself unfinished
	for _, h := range k.homes {
		w.each(h, nowOf, func(place string, owners owners) { at.all = append(at.all, w.in(k, place, owners)...) })
	}
	for _, r := range slices.Backward(at.all) {
		at.byName[r.ID] = r
		for _, name := range k.Also {
			if value := w.Text(r, name); value != "" {
				at.byName["\x00"+strings.ToLower(value)] = r
			}
		}
	}
	return at
}

// moment is when things are looked at: now, or at the start.
type moment bool

const (
	nowOf   moment = false
	firstOf moment = true
)

// each calls do with every place that a home's template stands for.
func (w *World) each(h home, when moment, do func(place string, owners owners)) {
	w.eachBelow(h.steps, h.path, nil, when, do)
}

func (w *World) eachBelow(steps []step, place string, above owners, when moment, do func(place string, owners owners)) {
	if len(steps) == 0 {
		do(place, above)
		return
	}
	s := steps[0]
	if s.kind == nil {
		return
	}
	at := strings.Index(place, "/{"+s.param+"}")
	var some []*Record
	switch local := s.list != nil && !s.kind.global; {
	case local && when == firstOf:
		some = w.shelf(s.kind, place[:at], above).first
	case local:
		some = w.in(s.kind, place[:at], above)
	case when == firstOf:
		some = w.first(s.kind)
	default:
		some = w.index(s.kind).all
	}
	for _, r := range some {
		w.eachBelow(steps[1:], place[:at]+"/"+url.PathEscape(r.ID)+place[at+len(s.param)+3:], append(slices.Clone(above), r), when, do)
	}
}

// Rows are the things that a list operation answers of a thing, all of them and in
// its order.
func (w *World) Rows(list string, of *Record) []*Record {
	l := w.ops[list]
	return w.listed(l, placeOf(l, of), of, owners{of})
}

// Put adds a thing to the list that an operation answers of another, or of the account where of is nil.
func (w *World) Put(list string, of, r *Record) {
	l := w.ops[list]
	var above owners
	if of != nil {
		above = owners{of}
	}
	s := w.shelf(l.kind, placeOf(l, of), above)
	s.now = append(s.now, w.settleIn(r, l.kind, placeOf(l, of), above))
	w.version++
}

// placeOf is the place of a list that hangs on one thing, or on none.
func placeOf(l *Operation, of *Record) string {
	if of == nil {
		return l.Path
	}
	return strings.Replace(l.Path, "{"+l.last().param+"}", url.PathEscape(of.ID), 1)
}

// related returns the things of a list that live elsewhere: those that name the
// list's owner in a field, or else all where it hangs on nothing, or else those
// that were put there.
func (w *World) related(l *Operation, place string, owner *Record) []*Record {
	if field := l.holder(); field != nil && owner != nil {
		var out []*Record
		for _, r := range w.index(l.kind).all {
			if slices.Contains(idsIn(w.value(r, field.Name)), owner.ID) {
				out = append(out, r)
			}
		}
		return out
	}
	if l.ofAll() {
		return w.index(l.kind).all
	}
	if some, known := w.members[place]; known {
		return some
	}
	w.Keep()
	all := w.first(l.kind)
	var out []*Record
	for _, r := range all {
		if !r.gone && w.Source.At("member", place, r.ID)%uint64(len(all)) < defaultCount {
			out = append(out, r)
		}
	}
	if len(out) == 0 && len(all) > 0 { // of very many, three are likely to be none
		if r := all[w.Source.At("member", place)%uint64(len(all))]; !r.gone {
			out = append(out, r)
		}
	}
	w.members[place] = out
	return out
}

// holder is the field of a list's things that holds the id of what the list
// hangs on: role_id or group_ids, or im_group_ids where a parameter has only the
// end of the type's name; nil for none.
func (o *Operation) holder() *Node {
	if len(o.steps) == 0 {
		return nil
	}
	names := []string{program.Snake(o.last().param)}
	if k := o.last().kind; k != nil {
		names = append([]string{snake(k.Name) + "_id"}, names...)
	}
	for _, name := range names {
		if f := cmp.Or(o.kind.fields[name], o.kind.fields[name+"s"]); f != nil {
			return f
		}
	}
	return nil
}

// join makes a thing one of a list that it does not live in; leave takes it out.
func (w *World) join(l *Operation, place string, owner, r *Record) {
	field := l.holder()
	switch {
	case field == nil:
		if at := w.related(l, place, owner); !slices.Contains(at, r) {
			w.members[place] = append(slices.Clone(at), r)
		}
	case field.Kind == List:
		if ids := idsIn(w.value(r, field.Name)); !slices.Contains(ids, owner.ID) {
			r.Set(field.Name, append(ids, owner.ID))
		}
	default:
		r.Set(field.Name, owner.ID)
	}
	w.version++
}

func (w *World) leave(l *Operation, place string, owner, r *Record) {
	field := l.holder()
	switch {
	case field == nil:
		w.members[place] = slices.DeleteFunc(slices.Clone(w.related(l, place, owner)), func(m *Record) bool { return m == r })
	case field.Kind == List:
		r.Set(field.Name, slices.DeleteFunc(idsIn(w.value(r, field.Name)), func(id string) bool { return id == owner.ID }))
	default:
		r.Set(field.Name, nil)
	}
	w.version++
}

// idsIn are the ids that a field holds: one, or a list of them.
func idsIn(raw json.RawMessage) []string {
	var many []json.RawMessage
	if len(raw) > 0 && raw[0] != '[' {
		many = []json.RawMessage{raw}
	} else if json.Unmarshal(raw, &many) != nil {
		return []string{}
	}
	ids := make([]string, len(many))
	for i, id := range many {
		ids[i] = plain(id)
	}
	return ids
}
