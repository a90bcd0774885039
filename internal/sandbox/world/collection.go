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

// in returns the things that live in a place, making those of the start.
func (w *World) in(k *kind, place string, owners owners) []*Record {
	return *w.at(k, place, owners)
}

func (w *World) at(k *kind, place string, owners owners) *[]*Record {
	if records := w.places[place]; records != nil {
		return records
	}
	records := &[]*Record{}
	w.places[place] = records
	if k.Seed != nil {
		for _, r := range k.Seed(w, owners.last()) {
			*records = append(*records, w.settleIn(r, k, place, owners))
		}
		return records
	}
	for _, id := range w.firstIDs(k, place) {
		*records = append(*records, w.settleIn(&Record{ID: id}, k, place, owners))
	}
	return records
}

// firstIDs are the ids of the things in a place at the start: of those that they
// stand for, where they do.
func (w *World) firstIDs(k *kind, place string) []string {
	count := cmp.Or(k.Count, defaultCount)
	var ids []string
	if k.Stands == "" {
		if f := k.fields[k.key]; f != nil && f.Kind == Choice {
			count = min(count, len(f.Wire))
		}
		for i := range count {
			ids = append(ids, k.newID(i, w.Source.At(k.Name, place, strconv.Itoa(i))))
		}
		return ids
	}
	all := w.All(k.Stands)
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
	at := &index{version: w.version, byName: map[string]*Record{}}
	w.whole[k] = at // what hangs on its own kind finds itself unfinished
	for _, h := range k.homes {
		w.each(h.steps, h.path, nil, func(place string, owners owners) {
			at.all = append(at.all, w.in(k, place, owners)...)
		})
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

// each calls do with every place that a template stands for.
func (w *World) each(steps []step, place string, owners owners, do func(place string, owners owners)) {
	if len(steps) == 0 {
		do(place, owners)
		return
	}
	s := steps[0]
	if s.kind == nil {
		return
	}
	at := strings.Index(place, "/{"+s.param+"}")
	some := w.index(s.kind).all
	if s.list != nil && !s.kind.global {
		some = w.in(s.kind, place[:at], owners)
	}
	for _, r := range some {
		w.each(steps[1:], place[:at]+"/"+url.PathEscape(r.ID)+place[at+len(s.param)+3:], append(slices.Clone(owners), r), do)
	}
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
	all := w.index(l.kind).all
	var out []*Record
	for i := range all {
		if w.Source.At("member", place, all[i].ID)%uint64(len(all)) < defaultCount {
			out = append(out, all[i])
		}
	}
	w.members[place] = out
	return out
}

// holder is the field of a list's things that holds the id of what the list
// hangs on: role_id or group_ids; nil for none.
func (o *Operation) holder() *Node {
	if len(o.steps) == 0 {
		return nil
	}
	name := program.Snake(o.last().param)
	if f := o.kind.fields[name]; f != nil {
		return f
	}
	return o.kind.fields[name+"s"]
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
