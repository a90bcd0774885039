package price

import (
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
)

// This file is what code that answers fields by itself says of their price, beside that code.

// Rules say what fields cost and weigh that no generated resolver answers, by their names, such as User.groups. Each
// @derived field has one.
type Rules map[string]Rule

// Rule is about one field. What is left out is as of any field of its type.
type Rule struct {
	// Calls notes what answering takes, also what is selected below the field where that is more than its details.
	Calls func(f *Field)
	// Around is what the rules of fields below it are told by [Field.Around]. It is printed to tell it from others.
	Around func(f *Field) any
	// Length is how many elements its list has, Weight how many bytes a value of it has.
	Length, Weight func(f *Field) int
}

// Field is a field of a document that a rule prices.
type Field struct {
	w      *walker
	site   *site // nil where the answer is weighed, which makes no calls
	def    *ast.Definition
	field  *ast.Field
	around any
}

// Argument is the value of an argument, nil where it will not be given. Of what is not known yet known is false; what is
// not known within a value is neither a text, a number, a list nor a map.
func (f *Field) Argument(name string) (value any, known bool) {
	switch value := f.w.vars.argument(f.field, name).(type) {
	case absent:
		return nil, true
	case unknown:
		return nil, false
	default:
		return value, true
	}
}

// Around is what the rule of a field around this one tells.
func (f *Field) Around() any { return f.around }

// Things is how many things hold the field.
func (f *Field) Things() int { return f.site.n }

// Need notes what it takes to know another field of the thing.
func (f *Field) Need(name string) { f.w.need(f.site, f.def, f.def.Fields.ForName(name)) }

// Seek notes what it takes to know a field that only lists tell: of things that no list brought their details, and for each
// of them the first answer of the list that another field is, such as Query.rooms.
func (f *Field) Seek(name, list string) {
	if !f.site.reach.brought(f.def.Fields.ForName(name), false) {
		f.Need(name)
		f.site.calls.add(f.w.op(f.w.program.Operation(f.w.fieldOf(list))), name)
	}
}

// Call notes a call for each of the things: of the operation that answers a field, such as User.settings, in a view of its
// settings by Zoom's name.
func (f *Field) Call(field, view string) { f.site.calls.add(f.w.viewed(field, view)) }

// Calls notes n calls, once however often they are noted of these things.
func (f *Field) Calls(n int, field, view string) {
	op, key := f.w.viewed(field, view)
	f.site.others[op+" "+key] = tally{op: n}
}

// Once notes a call that is made once for all that an operation asks.
func (f *Field) Once(field, view string) { f.w.once.add(f.w.viewed(field, view)) }

// Names notes the call that lists all things of a type, once for all that an operation asks.
func (f *Field) Names(typeName string) {
	if list := f.w.program.Listing(f.w.schema.Types[typeName]); list != nil {
		f.w.once.add(f.w.op(list), listed)
	}
}

// Lead says that the field leads to n things, whose plain fields one list brings if there is one.
func (f *Field) Lead(n int) {
	def := f.w.result(f.field)
	reach := reach{id: true}
	if list := f.w.program.Listing(def); list != nil {
		reach.list = f.w.op(list)
	}
	f.site.below(f.w, f.field, child{site: site{def: def, n: n, reach: reach}})
}

// Read says that the field reads one thing for each of the things, with all its details.
func (f *Field) Read() {
	detail := f.w.program.Operation(f.field.Definition)
	f.site.calls.add(f.w.op(detail), arguments(f.field))
	f.site.below(f.w, f.field, child{site: site{def: f.w.result(f.field), n: f.site.n, reach: reach{id: true, whole: true, detail: detail}}})
}

// Within says that the field leads to a thing of which something stands within this one, where a list brought that. Of
// others another field has its id.
func (f *Field) Within(id string) {
	if f.site.reach.listed && f.site.reach.brought(f.field.Definition, false) {
		f.w.part(f.site, f.def, f.field)
		return
	}
	f.Need(id)
	f.Lead(f.site.n)
}

// List says that the field leads to a page of a list, which another field describes, such as Query.users. For each thing
// of it there are calls of the operation of a field in some views.
func (f *Field) List(by, field string, views []string) {
	each := calls{}
	for _, view := range views {
		each.add(f.w.viewed(field, view))
	}
	f.w.list(f.site, f.field, f.w.fieldOf(by), each, f.around)
}

// Below finds the fields of a type that are selected below the field, through the structures around them.
func (f *Field) Below(typeName string, visit func(*Field)) {
	for _, below := range f.w.fields(f.field.SelectionSet, fragments{}) {
		if next := (&Field{f.w, f.site, below.ObjectDefinition, below, f.around}); f.w.result(below).Name == typeName {
			visit(next)
		} else {
			next.Below(typeName, visit)
		}
	}
}

// listed is the key of calls that list all things of a type.
const listed = "names"

// fieldOf is a field by its name, such as User.settings. A rule names none that the schema lacks.
func (w *walker) fieldOf(name string) *ast.FieldDefinition {
	typeName, field, _ := strings.Cut(name, ".")
	return w.schema.Types[typeName].Fields.ForName(field)
}

// viewed is the call of a field's operation in a view, as a selection of it notes it.
func (w *walker) viewed(name, view string) (op, args string) {
	field := w.fieldOf(name)
	tree := w.schema.Types[field.Type.Name()]
	i := slices.IndexFunc(tree.Fields, func(section *ast.FieldDefinition) bool {
		return program.IsSection(section) && w.program.Option(section) == view
	})
	if i >= 0 {
		view = viewOf(tree.Fields[i])
	}
	return w.op(w.program.Operation(field)), "()" + view
}
