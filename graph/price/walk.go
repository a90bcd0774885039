package price

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/cursor"
	"zoomgraph/graph/program"
)

const (
	// groupsOfUser is how many groups a user is assumed to be in.
	groupsOfUser = 10
	// groupsOfAccount is how many groups, and how many roles, an account is assumed to have.
	groupsOfAccount = 50
	// maxPlaces bounds how many different places of a document are looked at.
	maxPlaces = 10_000
)

// walker follows one operation.
type walker struct {
	program *program.Program
	schema  *ast.Schema // of program
	doc     *ast.QueryDocument
	vars    values
	ops     map[string]*program.Operation
	known   map[string]tally // what places cost that were visited, by their keys
	once    calls            // calls that all places share
	places  int              // that were visited
	err     error
}

func newWalker(p *program.Program, doc *ast.QueryDocument, vars values) *walker {
	return &walker{program: p, schema: p.Schema, doc: doc, vars: vars, ops: map[string]*program.Operation{}}
}

// root counts what a selection of a root type costs, for itself.
func (w *walker) root(root *ast.Definition, selection ast.SelectionSet) tally {
	w.known, w.once = map[string]tally{}, calls{}
	total := w.visit(&place{def: root, n: 1, from: []*ast.Field{{SelectionSet: selection}}})
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
	listed bool     // by a list
	brings []string // Zoom's names of the fields that the list brings; nil: all fields without @detail
	id     bool     // its id is known
	list   string   // operation that brings the plain fields of all such things at once; "": each is read

	connection *ast.Field // of that list; its cursor may come from a page that was asked for less
}

// place is where a document asks of n things that were all reached alike: of the things and of the structures around
// them. What all its aliases and fragments ask there is one place.
type place struct {
	def      *ast.Definition
	n        int
	reach    reach
	from     []*ast.Field // that lead here
	baseline settings     // of a policy that the users are compared with

	calls    calls    // of each thing
	above    settings // that are looked up in what groups and the account say
	written  views    // of a settings tree
	made     int      // how many things a write makes at most
	seen     fragments
	children []*child
}

// child is a place below.
type child struct {
	place
	key   string
	op    string // the list that leads there, "" for none
	pages int    // calls of it
}

// fragments holds the fragments that were spread already.
type fragments map[*ast.FragmentDefinition]bool

// key is the same for places that cost the same.
func (p *place) key() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %d %#v %v", p.def.Name, p.n, p.reach, p.baseline)
	for _, field := range p.from {
		fmt.Fprintf(&b, " %p", field)
	}
	return b.String()
}

// below finds or makes the place that a field leads to.
func (p *place) below(field *ast.Field, made child) {
	made.key = field.ObjectDefinition.Name + "." + field.Name + arguments(field)
	at := slices.IndexFunc(p.children, func(c *child) bool { return c.key == made.key })
	if at < 0 {
		at, p.children = len(p.children), append(p.children, &made)
	}
	p.children[at].from = append(p.children[at].from, field)
}

// visit counts what a place costs with everything below it. The count is the caller's.
func (w *walker) visit(p *place) tally {
	key := p.key()
	if total, ok := w.known[key]; ok {
		return maps.Clone(total)
	}
	if w.places++; w.places > maxPlaces {
		w.err = ErrTooComplex
	}
	if w.err != nil {
		return tally{}
	}
	p.calls, p.above, p.seen = calls{}, settings{}, fragments{}
	w.own(p, p.baseline)
	for _, field := range p.from {
		w.collect(p, p.def, field.SelectionSet)
	}
	total := p.calls.each(p.n)
	total.add(w.compare(p))
	for _, c := range p.children {
		if c.pages > 0 {
			total.add(tally{c.op: c.pages})
		}
		total.add(w.visit(&c.place))
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

// collect notes what a selection of a type asks of each thing of the place.
func (w *walker) collect(p *place, def *ast.Definition, selection ast.SelectionSet) {
	for _, field := range w.fields(selection, p.seen) {
		op := w.program.Operation(field.Definition)
		switch w.program.FormOf(def, field.Definition) {
		case program.Plain:
			w.plain(p, def, field)
		case program.Derived:
			w.derived(p, def, field)
		case program.Thing:
			known := len(field.Definition.Arguments) > 0 && w.vars.knowsIDs(field) // me has no arguments
			p.below(field, child{place: place{def: w.result(field), n: p.n, reach: reach{id: known}}})
		case program.Link:
			w.link(p, def, field)
		case program.List:
			w.list(p, field, field.Definition, nil)
		case program.Tree:
			for view := range w.views(field) {
				p.calls.add(w.op(op), arguments(field, "loginType")+view)
			}
		case program.Data:
			p.calls.add(w.op(op), arguments(field))
		case program.Write:
			w.write(p, field)
		}
	}
}

// result is the named type of a field.
func (w *walker) result(field *ast.Field) *ast.Definition {
	return w.schema.Types[field.Definition.Type.Name()]
}

// plain is a field of a thing, which its detail operation brings if nothing else did, or of a structure, which costs
// what stands below it.
func (w *walker) plain(p *place, def *ast.Definition, field *ast.Field) {
	if detail := w.program.Detail(def); detail != nil {
		w.need(p, detail, field.Definition)
		return
	}
	switch {
	case field.Name == "notApplied":
		w.readBack(p, def)
	case program.Has(field.Definition.Directives, "made") && field.Definition.Type.Elem != nil:
		p.below(field, child{place: place{def: w.result(field), n: times(p.n, p.made), reach: reach{id: true}}})
		return
	case def.Name == "Deviation" && (field.Name == "source" || field.Name == "groupId" || field.Name == "certainty"):
		w.ranks(true)
		maps.Copy(p.above, p.baseline)
	}
	w.collect(p, w.result(field), field.SelectionSet)
}

// need notes the detail read that brings a field of the place's things; nil: there is none.
func (w *walker) need(p *place, detail *program.Operation, field *ast.FieldDefinition) {
	switch {
	case detail == nil || p.reach.brought(field) && !w.goesOnWithout(p.reach.connection, field):
	case p.reach.list != "":
		w.once.add(p.reach.list, "names")
	default:
		p.calls.add(w.op(detail), "")
	}
}

// goesOnWithout tells whether a connection goes on from a page that was not asked for a field which the list brings on
// request only: it cannot ask for more than its first page did.
func (w *walker) goesOnWithout(connection *ast.Field, field *ast.FieldDefinition) bool {
	if connection == nil || !program.Has(field.Directives, "onRequest") {
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

// link leads to the things whose ids the parent holds.
func (w *walker) link(p *place, def *ast.Definition, field *ast.Field) {
	result, n := w.result(field), p.n
	w.need(p, w.program.Detail(def), program.Holder(def, field.Definition, w.program.Operation(field.Definition)))
	if result.Name == "Group" {
		w.groups(p, field)
		return
	}
	if field.Definition.Type.Elem != nil {
		n = times(n, groupsOfUser)
	}
	if result.Name == "Role" {
		n = min(n, groupsOfAccount)
	}
	p.below(field, child{place: place{def: result, n: n, reach: reach{id: true}}})
}

// list leads to as many things as it is asked for, which Zoom lists as the field by has it; baseline is that of their
// place.
func (w *walker) list(p *place, field *ast.Field, by *ast.FieldDefinition, baseline settings) {
	first := w.vars.first(field)
	pages := (first + pageSize - 1) / pageSize
	if program.Unpaged(by) {
		pages = 1
	}
	p.below(field, child{
		place: place{
			def: w.result(field), n: times(p.n, first), baseline: baseline,
			reach: reach{listed: true, brings: program.Brings(by), id: true, connection: field},
		},
		op: w.op(w.program.Operation(by)), pages: times(pages, p.n),
	})
}
