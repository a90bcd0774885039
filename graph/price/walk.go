package price

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/cursor"
	"zoomgraph/graph/program"
)

const (
	// linksOfThing is how many things another one is assumed to hold the ids of, where it holds several.
	linksOfThing = 10
	// thingsOfList is how many things there are assumed to be where one list brings them all, such as roles.
	thingsOfList = 50
	// wholeList is how many things a list is assumed to have that Zoom answers whole.
	wholeList = 10
	// maxSites bounds how many different sites of a document are looked at.
	maxSites = 10_000
)

// walker follows one operation.
type walker struct {
	program *program.Program
	rules   Rules
	schema  *ast.Schema // of program
	doc     *ast.QueryDocument
	vars    values
	ops     map[string]*program.Operation
	known   map[string]tally                          // what sites cost that were visited, by their keys
	once    calls                                     // calls that all sites share
	sites   int                                       // that were visited
	sub     bool                                      // what is looked at is in a sub account
	below   map[*program.Operation]*program.Operation // of operations, how they are called there
	err     error
}

func newWalker(p *program.Program, rules Rules, doc *ast.QueryDocument, vars values) *walker {
	return &walker{program: p, rules: rules, schema: p.Schema, doc: doc, vars: vars, ops: map[string]*program.Operation{}}
}

// root counts what a selection of a root type costs, for itself.
func (w *walker) root(root *ast.Definition, selection ast.SelectionSet) tally {
	w.known, w.once = map[string]tally{}, calls{}
	total := w.visit(&site{def: root, n: 1, from: []*ast.Field{{SelectionSet: selection}}})
	total.add(w.once.each(1))
	return total
}

// calls are different calls, each with its operation: equal ones are sent once.
type calls map[string]string

func (c calls) add(op, args string) { c[op+" "+args] = op }

// each counts the calls, each of them n times.
func (c calls) each(n int) tally {
	t := tally{}
	for _, op := range c {
		t[op] = plus(t[op], n)
	}
	return t
}

// reach is how a thing was come by.
type reach struct {
	listed bool               // by a list
	brings []string           // Zoom's names of the fields that the list brings; nil: all fields without @detail
	id     bool               // its id is known
	whole  bool               // with its details
	detail *program.Operation // that reads one; nil: the one of its type
	by     *program.Operation // the list or write that led there; nil: neither did
	list   string             // operation that brings the plain fields of all such things at once; "": each is read

	connection *ast.Field // of that list; its cursor may come from a page that was asked for less
}

// site is where a document asks of n things that were all reached alike: of the things and of the structures around
// them. What all its aliases and fragments ask there is one site.
type site struct {
	def    *ast.Definition
	n      int
	reach  reach
	from   []*ast.Field // that lead here
	each   calls        // of each thing, whatever is asked of it
	around any          // what the rule says of the list that leads here
	root   bool         // the roots of other accounts, which share nothing: sub ones if that is set
	sub    bool

	calls    calls            // of each thing
	others   map[string]tally // of all things together
	written  views            // of a settings tree
	made     int              // how many things a write makes at most
	seen     fragments
	children []*child
}

// child is a site below.
type child struct {
	site
	key   string
	op    string // the list that leads there, "" for none
	pages int    // calls of it
}

// fragments holds the fragments that were spread already.
type fragments map[*ast.FragmentDefinition]bool

// key is the same for sites that cost the same.
func (s *site) key() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %d %#v %v %v", s.def.Name, s.n, s.reach, s.each, s.around)
	for _, field := range s.from {
		fmt.Fprintf(&b, " %p", field)
	}
	return b.String()
}

// below finds or makes the site that a field leads to.
func (s *site) below(w *walker, field *ast.Field, made child) {
	made.key = field.ObjectDefinition.Name + "." + field.Name + arguments(field) + " " + made.def.Name + w.switches(field, made)
	at := slices.IndexFunc(s.children, func(c *child) bool { return c.key == made.key })
	if at < 0 {
		at, s.children = len(s.children), append(s.children, &made)
	}
	s.children[at].from = append(s.children[at].from, field)
}

// switches are the query parameters that what is selected of a field's things adds to the calls for them: with others the
// same things are asked for once more.
func (w *walker) switches(field *ast.Field, to child) string {
	params := slices.Clone(w.program.Switches(to.op))
	if detail := w.detail(&to.site, to.def); detail != nil {
		params = append(params, w.program.Switches(detail.Op)...)
	}
	if params == nil {
		return ""
	}
	var on []string
	var look func(selection ast.SelectionSet, depth int)
	look = func(selection ast.SelectionSet, depth int) {
		for _, field := range w.fields(selection, fragments{}) {
			if by := program.AskedBy(field.Definition); slices.Contains(params, by) {
				on = append(on, by)
			}
			if depth > 0 && !program.IsResolved(field.Definition) {
				look(field.SelectionSet, depth-1)
			}
		}
	}
	look(field.SelectionSet, 3)
	slices.Sort(on)
	return strings.Join(slices.Compact(on), " ")
}

// visit counts what a site costs with everything below it. The count is the caller's.
func (w *walker) visit(s *site) tally {
	if s.root {
		return w.inAccounts(s)
	}
	key := s.key()
	if total, ok := w.known[key]; ok {
		return maps.Clone(total)
	}
	if w.sites++; w.sites > maxSites {
		w.err = ErrTooComplex
	}
	if w.err != nil {
		return tally{}
	}
	s.calls, s.others, s.seen = calls{}, map[string]tally{}, fragments{}
	maps.Copy(s.calls, s.each)
	for _, field := range s.from {
		w.collect(s, s.def, field.SelectionSet)
	}
	total := s.calls.each(s.n)
	for _, calls := range s.others {
		total.add(calls)
	}
	for _, c := range s.children {
		if c.pages > 0 {
			total.add(tally{c.op: c.pages})
		}
		total.add(w.visit(&c.site))
	}
	w.known[key] = maps.Clone(total)
	return total
}

// fields lists the fields of a selection and of its fragments. Each fragment counts once.
func (w *walker) fields(selection ast.SelectionSet, seen fragments) []*ast.Field {
	var out []*ast.Field
	for _, s := range selection {
		switch s := s.(type) {
		case *ast.Field:
			if w.vars.included(s.Directives) && !strings.HasPrefix(s.Name, "__") {
				out = append(out, s)
			}
		case *ast.InlineFragment:
			if w.vars.included(s.Directives) {
				out = append(out, w.fields(s.SelectionSet, seen)...)
			}
		case *ast.FragmentSpread:
			fragment := w.doc.Fragments.ForName(s.Name)
			if w.vars.included(s.Directives) && !seen[fragment] {
				seen[fragment] = true
				out = append(out, w.fields(fragment.SelectionSet, seen)...)
			}
		}
	}
	return out
}

// collect notes what a selection of a type asks of each thing of the site.
func (w *walker) collect(s *site, def *ast.Definition, selection ast.SelectionSet) {
	for _, field := range w.fields(selection, s.seen) {
		if field.ObjectDefinition != def {
			continue // of another type of a union
		}
		op, name := w.program.Operation(field.Definition), def.Name+"."+field.Name
		if rule := w.rules[name]; rule.Calls != nil {
			f := &Field{w, s, def, field, s.around}
			if rule.Around != nil {
				f.around = rule.Around(f)
			}
			rule.Calls(f)
			continue
		}
		switch w.program.FormOf(def, field.Definition) {
		case program.Plain:
			w.plain(s, def, field)
		case program.Root:
			s.below(w, field, child{site: site{def: w.result(field), n: s.n, root: true, sub: w.sub || !w.own(s.from)}})
		case program.Derived:
			w.err = fmt.Errorf("%s is derived, and no rule prices it", name)
		case program.Compared:
			w.readBack(s, def)
		case program.Thing:
			w.held(s, def, field)
			s.below(w, field, child{site: site{def: w.result(field), n: s.n, reach: reach{id: w.knows(s, def, field), detail: op}}})
		case program.Part, program.Inside:
			w.part(s, def, field)
		case program.Items:
			w.held(s, def, field)
			w.items(s, field)
		case program.Link:
			w.link(s, def, field)
		case program.List:
			w.held(s, def, field)
			w.list(s, field, field.Definition, nil, s.around)
		case program.Tree:
			w.held(s, def, field)
			for view := range w.views(field) {
				s.calls.add(w.op(op), arguments(field, "loginType")+view)
			}
		case program.Data:
			w.held(s, def, field)
			for i := range w.pieces(field, field.Definition) {
				s.calls.add(w.op(op), arguments(field)+strconv.Itoa(i))
			}
		case program.Write:
			w.write(s, field)
		}
	}
}

// result is the named type of a field.
func (w *walker) result(field *ast.Field) *ast.Definition {
	return w.schema.Types[field.Definition.Type.Name()]
}

// plain is a field of a thing, which its detail operation brings if nothing else did, or of a structure, which costs
// what stands below it.
func (w *walker) plain(s *site, def *ast.Definition, field *ast.Field) {
	if w.detail(s, def) != nil {
		w.need(s, def, field.Definition)
		return
	}
	if program.Has(field.Definition.Directives, "made") && field.Definition.Type.Elem != nil {
		s.below(w, field, child{site: site{def: w.result(field), n: times(s.n, s.made), reach: reach{id: true}}})
		return
	}
	w.collect(s, w.result(field), field.SelectionSet)
}

// detail is the operation that reads one of a site's things, or of the things in a structure; nil: there is none.
func (w *walker) detail(s *site, def *ast.Definition) *program.Operation {
	if s.def == def && s.reach.detail != nil {
		return s.reach.detail
	}
	return w.program.DetailBy(def, s.reach.by)
}

// held notes what it takes to know the values in a field's path that fields of the site's things hold.
func (w *walker) held(s *site, def *ast.Definition, field *ast.Field) {
	for _, source := range w.program.Sources(def, field.Definition) {
		if source.Field != nil {
			w.need(s, def, source.Field)
		}
	}
}

// knows tells whether the key of a thing is known before it is read: an argument gives it, or the key of the site's things.
func (w *walker) knows(s *site, def *ast.Definition, field *ast.Field) bool {
	sources := w.program.Sources(def, field.Definition)
	if len(sources) == 0 {
		return false
	}
	switch last := sources[len(sources)-1]; {
	case last.Argument != nil:
		return w.vars.knowsIDs(field)
	case last.Key:
		return s.reach.id
	}
	return false
}

// need notes the detail read that brings a field of the site's things, or of things in a structure of them.
func (w *walker) need(s *site, def *ast.Definition, field *ast.FieldDefinition) {
	detail := w.detail(s, def)
	switch {
	case detail == nil || s.reach.brought(field, field == w.program.Key(def)) && !w.goesOnWithout(s.reach.connection, field):
	case s.reach.list != "":
		w.once.add(s.reach.list, listed)
	default:
		s.calls.add(w.op(detail), "")
	}
}

// goesOnWithout tells whether a connection goes on from a page that was not asked for a field which the list brings on
// request only: it cannot ask for more than its first page did.
func (w *walker) goesOnWithout(connection *ast.Field, field *ast.FieldDefinition) bool {
	if connection == nil || program.AskedBy(field) != program.IncludeFields {
		return false
	}
	after := w.vars.argument(connection, "after")
	if text, given := after.(string); given {
		included, ok := cursor.Included(text)
		return ok && !slices.ContainsFunc(included, func(zoom string) bool { return named(field, zoom) }) // what is no cursor is refused
	}
	_, open := after.(unknown)
	return open
}
