// Package plan turns what a client selected of a settings tree into what to ask of Zoom.
//
// Zoom answers settings in views: the default one, and one for each value of its parameter `option`. Within a view its
// parameter `custom_query_fields` takes the names directly under a section. A [Tree] knows sections, views and names,
// all generated from the schema; [Tree.Plan] reads a selection and says for each view that is needed which names to
// ask for. It sends nothing and knows nothing of HTTP.
package plan

import (
	"cmp"
	"slices"
	"strings"
	"sync"

	"github.com/agnivade/levenshtein"
)

// MaxNames is how many names a filter may hold; a selection that needs more asks for the whole view.
const MaxNames = 100

// Section is one section of a tree.
type Section struct {
	// Field is the section's name in the schema, Zoom its key in the answer.
	Field, Zoom string
	// View is the value of the parameter that brings the section; "" is the default view.
	View string
	// Root sections have their fields at the top of the view's answer.
	Root bool
	// Names are those directly under the section, in Zoom's spelling.
	Names []string
}

// Name is a name that `custom_query_fields` takes.
type Name struct {
	// Section is the key of the section it stands under; "" in a root section.
	Section, Name, View string
	// Ambiguous names stand in more than one place of their view. Zoom does not say which of them a filter means.
	Ambiguous bool
	// Policy is the name of the same setting in groups and accounts; "" where it is this one.
	Policy string
	// Restrictive is the value that restricts most, in Zoom's spelling; "" where that is not known.
	Restrictive string
}

// Above is the name of the same setting in groups and accounts.
func (n Name) Above() string { return cmp.Or(n.Policy, n.Name) }

// Tree describes one settings tree: its sections, names and views. It is immutable.
type Tree struct {
	index func() *index // made when somebody asks for the first time
	home  string        // the view that is asked for where nothing says which one
	param string        // of the query, that decides the view
	whole bool          // there is no filter
	plain any           // the key of a plan without an option
}

// index is what is found of sections and names.
type index struct {
	sections map[string]Section         // by field
	names    map[string]map[string]Name // by view and name
	all      []Name
	count    map[string]int // names of a view, equal ones of two sections counted twice
	known    []string       // all names, sorted
}

// NewTree makes a tree of its sections and names.
func NewTree(sections []Section, special []Name) *Tree {
	t := &Tree{param: "option", home: homeOf(sections), index: sync.OnceValue(func() *index { return newIndex(sections, special) })}
	t.plain = memoKey{t, "*"}
	return t
}

func newIndex(sections []Section, special []Name) *index {
	t := &index{all: allNames(sections, special), sections: map[string]Section{}, names: map[string]map[string]Name{}, count: map[string]int{}}
	for _, s := range sections {
		t.sections[s.Field] = s
	}
	for _, n := range t.all {
		if t.names[n.View] == nil {
			t.names[n.View] = map[string]Name{}
		}
		t.names[n.View][n.Name] = n
		t.count[n.View]++
		t.known = append(t.known, n.Name)
	}
	slices.Sort(t.known)
	t.known = slices.Compact(t.known)
	return t
}

// homeOf is the default view, or the first section's where there is none.
func homeOf(sections []Section) string {
	if len(sections) == 0 || slices.ContainsFunc(sections, func(s Section) bool { return s.View == "" }) {
		return ""
	}
	return sections[0].View
}

// By makes the tree one whose views another query parameter than `option` decides.
func (t *Tree) By(param string) *Tree {
	t.param = param
	return t
}

// Param is the query parameter that decides the view.
func (t *Tree) Param() string { return t.param }

// Whole makes the tree one that Zoom answers without a filter: a view at a time.
func (t *Tree) Whole() *Tree {
	t.whole = true
	return t
}

// Home is the view that is asked for where nothing says which one: the default view, where there is one.
func (t *Tree) Home() string { return t.home }

// allNames are the names of all sections. Of those of which more is known it is in special.
func allNames(sections []Section, special []Name) []Name {
	var all []Name
	for _, s := range sections {
		for _, name := range s.Names {
			n := Name{Section: s.Zoom, Name: name, View: s.View}
			if s.Root {
				n.Section = ""
			}
			if i := slices.IndexFunc(special, func(known Name) bool { return known.is(n) }); i >= 0 {
				n = special[i]
			}
			all = append(all, n)
		}
	}
	return all
}

// is tells whether two names stand in one place.
func (n Name) is(other Name) bool {
	return n.Section == other.Section && n.Name == other.Name && n.View == other.View
}

// Section is the section that a field of the tree's type stands for; false for any other field, such as raw.
func (t *Tree) Section(field string) (Section, bool) {
	s, ok := t.index().sections[field]
	return s, ok
}

// SectionOf is the section that stands for a key of Zoom's: in an answer, or in a body made of the tree's input.
func (t *Tree) SectionOf(zoom string) (Section, bool) {
	for _, s := range t.index().sections {
		if s.Zoom == zoom {
			return s, true
		}
	}
	return Section{}, false
}

// Names are all names of the tree.
func (t *Tree) Names() []Name { return slices.Clone(t.index().all) }

// NameOf finds a name of a view.
func (t *Tree) NameOf(view, name string) (Name, bool) {
	n, ok := t.index().names[view][name]
	return n, ok
}

// NameIn finds a name of a section.
func (t *Tree) NameIn(section Section, name string) (Name, bool) {
	for _, n := range t.index().all {
		if n.Name == name && n.View == section.View && (section.Root && n.Section == "" || n.Section == section.Zoom) {
			return n, true
		}
	}
	return Name{}, false
}

// Find finds the settings that a client means by a name, or by a section and a name with a dot between them: those of
// the default view, or else those of the others. Errors are client errors with the code BAD_USER_INPUT.
func (t *Tree) Find(text string) ([]Name, error) {
	section, name, dotted := strings.Cut(text, ".")
	if !dotted {
		section, name = "", text
	}
	var found []Name
	for _, n := range t.index().all {
		if n.Name == name && (!dotted || n.Section == section || n.Section == "" && n.View == section) {
			found = append(found, n)
		}
	}
	if inDefault := slices.DeleteFunc(slices.Clone(found), func(n Name) bool { return n.View != "" }); len(inDefault) > 0 {
		return inDefault, nil
	}
	if len(found) == 0 {
		return nil, t.unknown(text, name, "")
	}
	return found, nil
}

// Filter is the filter for names of a view: "", the whole view, where one of them is not to be had by a filter, or there
// is none.
func (t *Tree) Filter(view string, names []string) string {
	if t.whole {
		return ""
	}
	slices.Sort(names)
	names = slices.Compact(names)
	for _, name := range names {
		if n, ok := t.index().names[view][name]; !ok || n.Ambiguous {
			return ""
		}
	}
	if len(names) > MaxNames || len(names) >= t.index().count[view] {
		return ""
	}
	return strings.Join(names, ",")
}

// views are the views that know a name, sorted.
func (t *Tree) views(name string) []string {
	var views []string
	for view, names := range t.index().names {
		if _, ok := names[name]; ok {
			views = append(views, view)
		}
	}
	slices.Sort(views)
	return views
}

// nearest is the known name most like the given one, or "" where none is near.
func (t *Tree) nearest(name string) string {
	if len(t.index().known) == 0 {
		return ""
	}
	distance := func(known string) int { return levenshtein.ComputeDistance(name, known) }
	best := slices.MinFunc(t.index().known, func(a, b string) int { return cmp.Compare(distance(a), distance(b)) })
	if distance(best) > max(2, len(name)/3) {
		return ""
	}
	return best
}
