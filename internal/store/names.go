package store

import (
	"iter"
	"maps"
	"slices"
)

// readings tells when the readings of single names began. Most were read by one call, as those of many other entries
// were: then the list of names is that of all of them, and one time holds for all names. It is never changed.
type readings struct {
	names []string // sorted
	all   span
	each  []span // of each name; nil: all holds
}

// readingsOf are those of each name.
func readingsOf(times map[string]span) readings {
	r := readings{names: slices.Sorted(maps.Keys(times))}
	for _, name := range r.names {
		r.each = append(r.each, times[name])
	}
	return r.compact()
}

// compact keeps one time where there is only one.
func (r readings) compact() readings {
	for _, other := range r.each {
		if other != r.each[0] {
			return r
		}
	}
	if len(r.each) > 0 {
		r.all, r.each = r.each[0], nil
	}
	return r
}

// at is the reading of a name in the list.
func (r *readings) at(i int) span {
	if r.each != nil {
		return r.each[i]
	}
	return r.all
}

// of is the reading of a name; false: there is none.
func (r *readings) of(name string) (span, bool) {
	i, ok := slices.BinarySearch(r.names, name)
	if !ok {
		return span{}, false
	}
	return r.at(i), true
}

// pairs are all names with their readings.
func (r *readings) pairs() iter.Seq2[string, span] {
	return func(yield func(string, span) bool) {
		for i, name := range r.names {
			if !yield(name, r.at(i)) {
				return
			}
		}
	}
}

// has tells whether that is so of any reading.
func (r *readings) has(is func(span) bool) bool {
	if r.each == nil {
		return len(r.names) > 0 && is(r.all)
	}
	return slices.ContainsFunc(r.each, is)
}

// with are these and, in their places or beside them, those of other names, which are sorted.
func (r *readings) with(names []string, read func(name string) span) readings {
	w := readings{names: slices.Concat(r.names, names)}
	slices.Sort(w.names)
	w.names = slices.Compact(w.names)
	if slices.Equal(w.names, r.names) {
		w.names = r.names // which others have too
	}
	w.each = make([]span, len(w.names))
	for i, name := range w.names {
		if _, other := slices.BinarySearch(names, name); other {
			w.each[i] = read(name)
		} else {
			w.each[i], _ = r.of(name)
		}
	}
	return w.compact()
}

// changed are these as change makes them; names of which it wants none are left out.
func (r *readings) changed(change func(span) (_ span, stays bool)) readings {
	if r.each == nil {
		all, stays := change(r.all)
		if len(r.names) == 0 || !stays {
			return readings{}
		}
		return readings{names: r.names, all: all}
	}
	var c readings
	for name, read := range r.pairs() {
		if read, stays := change(read); stays {
			c.names, c.each = append(c.names, name), append(c.each, read)
		}
	}
	return c.compact()
}
