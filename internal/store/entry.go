package store

import (
	"math"
	"slices"

	"zoomgraph/client"
	"zoomgraph/internal/rawjson"
)

// This file holds what is known of one answer, and puts together what several readings brought; start reading at merged.
//
// Every name carries when its reading began. Answers land in any order; of each name the reading stays that began last,
// whatever a later landing brings. That a name is not there, or that there is no such user at all, was read like any
// value and follows the same rule.

// entry is one kept answer of Zoom's. It is never changed: a later read makes a new entry.
type entry struct {
	stamp string        // the state of its resources before it was read
	body  rawjson.Value // a JSON object with everything that was read, and where that lies in it
	whole span          // when the reading of the whole began; never: only names were read
	names readings      // of single names that were read after the whole; never: of that one nothing is known
	gone  *client.Error // in place of all that: there is no such thing
	lack  span          // when the last reading began that found no such thing; nothing of before it is kept
}

// brought is what one call brought that left at a moment; no names stand for the whole answer.
func brought(names []string, body rawjson.Value, left moment, stamp string) *entry {
	e := &entry{stamp: stamp, body: body}
	if len(names) == 0 {
		e.whole = exactly(left)
		return e
	}
	e.names = readings{names: names, all: exactly(left)}
	return e
}

// lacking is what a call found that left at a moment: there is no such thing.
func lacking(gone *client.Error, left moment, stamp string) *entry {
	return &entry{stamp: stamp, gone: gone, lack: exactly(left)}
}

// weight is how much memory it takes, in bytes.
func (e *entry) weight() uint32 {
	bytes := e.body.Bytes() + entryWeight
	for _, name := range e.names.names { // which may be of nothing that is there
		bytes += len(name) + nameWeight
	}
	return uint32(bytes)
}

// readAt is when the last reading began of what a name is, or that it is not there.
func (e *entry) readAt(name string) span {
	if read, ok := e.names.of(name); ok {
		return read
	}
	return e.whole
}

// missing lists the names that were not read since then.
func (e *entry) missing(names []string, since moment) []string {
	if e == nil {
		return names
	}
	var missing []string
	for _, name := range names {
		if e.readAt(name).from < since {
			missing = append(missing, name)
		}
	}
	return missing
}

// covers tells whether all the names were read since then; no names stand for the whole answer.
func (e *entry) covers(names []string, since moment) bool {
	if e == nil {
		return false
	}
	if len(names) == 0 {
		return !e.whole.never() && e.whole.from >= since && !e.lacksSome()
	}
	if e.names.each == nil && holds(e.names.names, names) {
		return !e.names.all.never() && e.names.all.from >= since
	}
	for _, name := range names {
		if read := e.readAt(name); read.never() || read.from < since {
			return false
		}
	}
	return true
}

// lacksSome tells whether nothing is known of some name, though the whole was read.
func (e *entry) lacksSome() bool { return e.names.has(span.never) }

// asOf is when the oldest of the names was read.
func (e *entry) asOf(names []string) moment {
	oldest := e.whole.from
	for i, name := range names {
		if read := e.readAt(name); i == 0 || read.from < oldest {
			oldest = read.from
		}
	}
	return oldest
}

// merged is what is known from e and another one together, of each name what was read last. Where it is not sure which
// one that is, e stays, which somebody may have seen. It is e itself where the other one brings nothing. Either may be
// nil: nothing is known.
func (e *entry) merged(other *entry) *entry {
	switch {
	case e == nil:
		return other
	case other == nil || e == other:
		return e
	}
	lack := e.lack
	if other.lack.after(lack) {
		lack = other.lack
	}
	ours, theirs := e, other
	if !lack.never() {
		var gone moment // when the last one had begun of what e knows and that is not there any more
		ours = e.keeping(func(read span) bool {
			stays := !other.lack.after(read)
			if !stays {
				gone = max(gone, read.to)
			}
			return stays
		})
		theirs = other.keeping(func(read span) bool { return read.after(e.lack) && read.from > gone })
	}
	switch {
	case theirs.empty() && ours.empty():
		if other.gone == nil || !other.lack.after(e.lack) {
			return e
		}
		return &entry{stamp: e.stamp, gone: other.gone, lack: lack}
	case theirs.empty() && lack == e.lack:
		return e
	case ours.empty():
		return &entry{stamp: e.stamp, body: theirs.body, whole: theirs.whole, names: theirs.names, lack: lack}
	}
	merged := ours.over(theirs)
	if merged == e && lack == e.lack {
		return e
	}
	result := *merged
	result.stamp, result.lack = e.stamp, lack
	return &result
}

// over merges two entries of which neither lacks what the other one has; e itself where the other one brings nothing.
func (e *entry) over(other *entry) *entry {
	switch {
	case e.supersedes(other):
		return e
	case other.supersedes(e):
		return other
	}
	base, rest := e, other
	wins := func(name string, read span) bool { return read.after(e.readAt(name)) }
	if other.whole.after(e.whole) {
		base, rest = other, e
		wins = func(name string, read span) bool { return !other.readAt(name).after(read) }
	}
	var top []string
	for name, read := range rest.names.pairs() {
		if wins(name, read) {
			top = append(top, name)
		}
	}
	if base == other && !e.whole.never() {
		for name, read := range other.names.pairs() { // which e may have in the whole
			if _, single := e.names.of(name); !single && !read.after(e.whole) {
				top = append(top, name)
			}
		}
	}
	if len(top) == 0 {
		return base
	}
	slices.Sort(top)
	return &entry{
		body:  rawjson.Parse(merge(base.body.Text, rest.body.Text, top)),
		whole: base.whole, names: base.names.with(top, rest.readAt),
	}
}

// empty tells that nothing is known that could be answered.
func (e *entry) empty() bool { return e.whole.never() && len(e.names.names) == 0 }

// keeping is e with those readings only that are to stay; e itself where all do. Of a name whose reading does not stay
// nothing is known, since what the whole had of it is not in the body.
func (e *entry) keeping(stays func(span) bool) *entry {
	kept, all := *e, true
	if !e.whole.never() && !stays(e.whole) {
		kept.whole, all = span{}, false
	}
	kept.names = e.names.changed(func(read span) (span, bool) {
		if !read.never() && stays(read) {
			return read, true
		}
		all = all && read.never()
		return span{}, !kept.whole.never()
	})
	if all {
		return e
	}
	return &kept
}

// since is what e knows from readings that began after a moment; nil: nothing.
func (e *entry) since(m moment) *entry {
	later := func(read span) bool { return read.after(exactly(m)) }
	if e == nil || !e.has(later) {
		return nil
	}
	kept := *e.keeping(later)
	if !later(e.lack) {
		kept.lack, kept.gone = span{}, nil
	}
	return &kept
}

// upheld is e together with all that was seen here since it was read, be it that it could only be noted: e's stamp stood
// before that was read, and stands. What may be older than something seen, and may not, is left out.
func (e *entry) upheld(seen *entry) *entry {
	if e == nil || seen == nil || e == seen {
		return e
	}
	if !e.has(span.vague) && !seen.has(span.vague) {
		return e.updated(seen)
	}
	first := exactly(e.first())
	return e.keeping(func(read span) bool {
		return !seen.has(func(s span) bool { return s != read && s.meets(read) && !s.after(first) })
	}).updated(seen)
}

// updated is e together with all that was seen here since it was read.
func (e *entry) updated(seen *entry) *entry {
	if e.supersedes(seen) {
		return e
	}
	later := seen.since(e.first())
	if later == nil {
		return e
	}
	updated := *later.merged(e)
	updated.stamp = e.stamp
	return &updated
}

// supersedes tells whether e knows of everything that was seen as much, or has it from a later reading.
func (e *entry) supersedes(seen *entry) bool {
	newer := func(ours, theirs span) bool { return theirs.never() || ours == theirs || ours.after(theirs) }
	switch {
	case seen == nil || e == seen:
		return true
	case !newer(e.lack, seen.lack) || !newer(e.whole, seen.whole):
		return false
	}
	for name, read := range seen.names.pairs() {
		if !newer(e.readAt(name), read) {
			return false
		}
	}
	for name, read := range e.names.pairs() {
		if !newer(read, seen.readAt(name)) { // which may be less surely later than the whole is
			return false
		}
	}
	return true
}

// first is the moment at which its first reading surely had begun.
func (e *entry) first() moment {
	first := moment(math.MaxInt64)
	e.has(func(read span) bool {
		if !read.never() {
			first = min(first, read.to)
		}
		return false
	})
	return first
}

// has tells whether that is so of any reading, or of the last that found nothing.
func (e *entry) has(is func(span) bool) bool {
	return is(e.whole) || is(e.lack) || e.names.has(is)
}

// crossed is e with all its times as another clock has them.
func (e *entry) crossed(cross func(span) span) *entry {
	if e == nil {
		return nil
	}
	other := *e
	other.whole, other.lack = cross(e.whole), cross(e.lack)
	other.names = e.names.changed(func(read span) (span, bool) { return cross(read), true })
	return &other
}
