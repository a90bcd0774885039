package zoom

import (
	"slices"
	"strings"

	"zoomgraph/internal/sandbox/world"
)

// document is one level's answer of one view, rendered once and then cut: the
// whole of it, and where each leaf stands.
type document struct {
	view    *view
	version int    // of other levels when it was rendered
	rules   *Rules // of the moment
	person  string // licence and groups of the person, which decide about settings
	whole   []byte
	spans   []span // of the view's leaves, each `"name":value`; an empty one is absent
}

type span struct{ from, to int }

// document returns the document of a ladder's first level, rendering it where
// it is new or changed.
func (z *Zoom) document(l ladder, v *view) *document {
	own := l.own
	person := own.person.standing()
	if d := own.documents[v]; d != nil && d.version == z.version && d.rules == l.rules && d.person == person {
		return d
	}
	z.world.Keep()
	d := render(z.source, l, v)
	d.version, d.rules, d.person = z.version, l.rules, person
	if own.documents == nil {
		own.documents = map[*view]*document{}
	}
	own.documents[v] = d
	return d
}

func render(src world.Source, l ladder, v *view) *document {
	d := &document{view: v, spans: make([]span, len(v.leaves))}
	w := &writer{source: src, ladder: l, locks: v.locks}
	b := braces{out: &w.out}
	b.open("")
	for i, section := range v.sections {
		if l.own.absent(src, section.path) {
			continue
		}
		if section.name != "" {
			b.open(section.name)
		}
		for j, leaf := range section.leaves {
			if l.own.written[leaf.Key] == nil && l.own.absent(src, leaf.Path) {
				continue
			}
			b.comma()
			from := len(w.out)
			w.out = world.AppendName(w.out, leaf.Name)
			w.value(leaf)
			d.spans[v.bounds[i]+j] = span{from, len(w.out)}
		}
		if section.name != "" {
			b.close()
		}
	}
	b.close()
	d.whole = slices.Clip(w.out)
	return d
}

// FieldFilter says how custom_query_fields is understood, of which Zoom
// documents only the simplest use. Names that match nothing are passed over
// silently, and a filter that matches nothing leaves an empty object.
type FieldFilter string

// The ways to understand custom_query_fields.
const (
	FilterLeaf     FieldFilter = "leaf"     // names directly under a section; the first section that has one wins
	FilterSections FieldFilter = "sections" // a section's name is the whole section, otherwise as FilterLeaf
	FilterBoth     FieldFilter = "both"     // as FilterLeaf, from every section that has the name
	FilterIgnored  FieldFilter = "ignored"  // the whole view
	FilterEmpty    FieldFilter = "empty"    // nothing, whatever is asked
)

// filter returns the document with only the fields named in a comma list.
func (d *document) filter(mode FieldFilter, fields string) []byte {
	if mode == FilterIgnored || fields == "" {
		return d.whole
	}
	var picked []int
	if mode != FilterEmpty {
		for name := range strings.SplitSeq(fields, ",") {
			picked = append(picked, d.view.named(mode, name)...)
		}
	}
	slices.Sort(picked)
	return d.cut(slices.Compact(picked))
}

// named returns the leaves a name stands for.
func (v *view) named(mode FieldFilter, name string) []int {
	if mode == FilterSections && name != "" {
		for i, section := range v.sections {
			if section.name == name {
				var all []int
				for leaf := v.bounds[i]; leaf < v.bounds[i+1]; leaf++ {
					all = append(all, leaf)
				}
				return all
			}
		}
	}
	leaves := v.byName[name]
	if mode != FilterBoth && len(leaves) > 1 {
		return leaves[:1]
	}
	return leaves
}

// cut renders the document with only some leaves, which are in order.
func (d *document) cut(leaves []int) []byte {
	var out []byte
	b := braces{out: &out}
	b.open("")
	within := -1
	for _, leaf := range leaves {
		at := d.spans[leaf]
		if at.from == at.to {
			continue
		}
		if i := d.view.section(leaf); i != within {
			b.backTo(1)
			if name := d.view.sections[i].name; name != "" {
				b.open(name)
			}
			within = i
		}
		b.comma()
		out = append(out, d.whole[at.from:at.to]...)
	}
	b.backTo(0)
	return out
}

// braces writes the frame of nested JSON objects.
type braces struct {
	out   *[]byte
	depth int
}

// comma parts a member from the one before it, if there is one.
func (b *braces) comma() {
	if n := len(*b.out); n > 0 && (*b.out)[n-1] != '{' {
		*b.out = append(*b.out, ',')
	}
}

// open starts an object: the member of that name, or the outermost for "".
func (b *braces) open(name string) {
	b.comma()
	if name != "" {
		*b.out = append(append(append(*b.out, '"'), name...), `":`...)
	}
	*b.out = append(*b.out, '{')
	b.depth++
}

func (b *braces) close() { b.backTo(b.depth - 1) }

// backTo closes objects until so many are open.
func (b *braces) backTo(depth int) {
	for ; b.depth > depth; b.depth-- {
		*b.out = append(*b.out, '}')
	}
}
