package world

import (
	"cmp"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"

	"zoomgraph/graph/program"

	"github.com/vektah/gqlparser/v2/ast"
)

// Operation is one operation of the API, as the program has it.
type Operation struct {
	*program.Operation
	Query []Param
	Body  *Node  // of a JSON body that is checked as a whole; nil: none is
	File  string // the form field of an upload, "" for none

	act    act
	kind   *kind  // of what it lists, reads or writes; nil: none
	list   string // the key of the list in the answer
	rows   bool   // it answers a list of objects
	item   *Node  // what is answered: of a list, an element
	beside []*Node
	views  views // of settings; nil: these are none

	viewParam, home string   // the parameter that decides the view, and its value where nothing is said
	made            []string // keys of an answer that have the ids of what a write made
	pages           *Pages
	brings          []string // names of what a list brings of its things; nil: all that is not @detail
	steps           []step   // of the path
	holds           []string // the types of the things in a write's payload
	switches        []string // query parameters without which some fields are not answered
	thing           bool     // what a write made is one of them
	streams         bool     // the answer is a file
}

// operations reads the operations out of the program. Of several fields of one
// operation the first says what it answers; all of them together say which query
// parameters there are.
func operations(source *program.Program) (map[string]*Operation, error) {
	keyOf := func(typeName string) string {
		if key := source.Key(source.Schema.Types[typeName]); key != nil {
			return program.NameOf(key)
		}
		return ""
	}
	d := deriver{Shaper{Schema: source.Schema, Loose: true, Written: source.IsWritten, KeyOf: keyOf}, source}
	ops := map[string]*Operation{}
	for _, name := range slices.Sorted(maps.Keys(d.Schema.Types)) {
		for _, f := range d.Schema.Types[name].Fields {
			if !program.Has(f.Directives, "zoom") || program.IsInside(f) { // what stands within a thing says nothing of how another is read
				continue
			}
			op := source.Operation(f)
			if op == nil {
				return nil, fmt.Errorf("sandbox: %s.%s: %q is no operation of docs/operations.yaml", name, f.Name, program.Text(f.Directives.ForName("zoom"), "op"))
			}
			if ops[op.Op] == nil {
				o, err := d.operation(op, f)
				if err != nil {
					return nil, fmt.Errorf("sandbox: %s.%s: %w", name, f.Name, err)
				}
				ops[op.Op] = o
			}
			ops[op.Op].accept(d.params(ops[op.Op], d.Schema.Types[name], f))
		}
	}
	return ops, nil
}

type deriver struct {
	Shaper
	program *program.Program
}

func (d *deriver) operation(op *program.Operation, f *ast.FieldDefinition) (*Operation, error) {
	o := &Operation{Operation: op, list: program.ListKey(f), brings: program.Brings(f), steps: stepsOf(op.Path), switches: d.program.Switches(op.Op)}
	var err error
	for _, arg := range f.Arguments {
		input := d.Schema.Types[arg.Type.Name()]
		switch {
		case input.Kind == ast.Enum && op.Below(arg.Name):
			o.step(arg.Name).values = d.param(arg).Values
		case arg.Type.Name() == "Upload":
			o.File = program.Name(arg.Name, arg.Directives)
		case arg.Name == "input" && program.IsTree(input):
			o.asView(d.program, input)
			o.views = d.views(input)
		case arg.Name == "input":
			if o.Body, err = d.Node("", "", arg.Type); err != nil {
				return nil, err
			}
			if by := o.Body.Tag.Argument; by != "" {
				o.step(by).values = o.Body.tags()
			}
		}
	}
	return o, d.shape(o, f)
}

// shape says what an operation answers: of a list the type of its elements, of a
// GET the field's type, of a write what the payload has of its own.
func (d *deriver) shape(o *Operation, f *ast.FieldDefinition) error {
	def := d.Schema.Types[f.Type.Name()]
	item := itemOf(d.Schema, f)
	var err error
	switch {
	case program.IsFile(f):
		o.streams = true
	case o.Reads() && program.IsTree(def):
		o.item = &Node{Kind: Object, Type: def.Name}
		o.asView(d.program, def)
		o.views = d.views(def)
	case o.Reads() && (item.Kind == ast.Object || item.Kind == ast.Union) && (item != def || f.Type.Elem != nil):
		o.rows = true
		if o.item, err = d.Node(cmp.Or(o.list, "value"), "", ast.NamedType(item.Name, nil)); err != nil {
			return err
		}
		if item != def {
			o.beside, err = d.besideRows(def)
			o.pages = pagesOf(o.Operation, program.Unpaged(f))
		}
	case o.Reads() && o.list != "":
		var value *Node
		value, err = d.Node(o.list, o.list, f.Type)
		o.item = &Node{Kind: Object, Type: "the " + strings.ReplaceAll(o.list, "_", " "), Fields: []*Node{value}}
	default:
		o.item, err = d.Node("", "", ast.NamedType(def.Name, nil))
		for _, f := range def.Fields {
			if by := program.MadeBy(f); !o.Reads() && program.Has(f.Directives, "made") && by != "ids" {
				o.made = append(o.made, by)
			}
		}
		for _, f := range def.Fields {
			if name := f.Type.Name(); !o.Reads() && d.IsThing(name) {
				o.holds = append(o.holds, name)
			}
		}
	}
	return err
}

// besideRows are the values that a connection has beside its rows.
func (d *deriver) besideRows(connection *ast.Definition) ([]*Node, error) {
	var out []*Node
	for _, f := range connection.Fields {
		if slices.Contains([]string{"nodes", "edges", "pageInfo", "totalCount"}, f.Name) || !IsData(f) {
			continue
		}
		n, err := d.Node(program.NameOf(f), program.NameOf(f), f.Type)
		if err != nil {
			return nil, err
		}
		out = append(out, n)
	}
	return out, nil
}

// Answered is what an operation answers: of a list, an element.
func (o *Operation) Answered() *Node { return o.item }

// accept adds query parameters that the operation does not know yet.
func (o *Operation) accept(params []Param) {
	for _, p := range params {
		if !slices.ContainsFunc(o.Query, func(known Param) bool { return known.Name == p.Name }) {
			o.Query = append(o.Query, p)
		}
	}
}

// params returns the query parameters that a field's arguments stand for.
func (d *deriver) params(o *Operation, parent *ast.Definition, f *ast.FieldDefinition) []Param {
	var out []Param
	for _, name := range program.Inherits(f) {
		out = append(out, Param{Name: name})
	}
	if about := program.About(f); about != "" {
		out = append(out, Param{Name: about, Type: "ID"})
	}
	for _, name := range o.switches {
		out = append(out, Param{Name: name, Values: []string{"true", "false"}})
	}
	sources := d.program.Sources(parent, f)
	for _, arg := range f.Arguments {
		switch name := arg.Name; {
		case name == "after", name == "allowUnknown", arg.Type.Name() == "Upload":
		case slices.ContainsFunc(sources, func(s program.Source) bool { return s.Argument == arg }):
		case name == "first":
			out = append(out, d.pages(o, f)...)
		case name == "fields":
			out = append(out, Param{Name: "custom_query_fields"})
		case name == "input":
			if program.IsTree(d.Schema.Types[arg.Type.Name()]) {
				out = append(out, Param{Name: o.viewParam})
			}
		case o.views != nil && program.Name(name, arg.Directives) == o.viewParam:
			out = append(out, Param{Name: o.viewParam}) // checked by the operation: not every tree has every view
		default:
			out = append(out, d.param(arg))
		}
	}
	return out
}

// pages returns the parameters of a list.
func (d *deriver) pages(o *Operation, f *ast.FieldDefinition) []Param {
	if o.pages == nil { // another field says what is answered, within which this one has its list
		o.pages = pagesOf(o.Operation, program.Unpaged(f))
	}
	out := o.pages.params()
	if o.brings != nil || program.Unpaged(f) {
		return out
	}
	var onRequest []string
	for _, field := range itemOf(d.Schema, f).Fields {
		if program.AskedBy(field) == program.IncludeFields {
			onRequest = append(onRequest, program.NameOf(field))
		}
	}
	if onRequest != nil {
		out = append(out, Param{Name: program.IncludeFields, Values: onRequest, List: true})
	}
	return out
}

// switched is what a call answers of a thing, without the fields that it did not ask for.
func (c *Call) switched(n *Node) *Node {
	if c.Op.switches == nil {
		return n
	}
	out := *n
	out.Fields = slices.DeleteFunc(slices.Clone(n.Fields), func(f *Node) bool {
		return f.Field != nil && slices.Contains(c.Op.switches, program.AskedBy(f.Field)) && !asked(f, c.Values)
	})
	return &out
}

// asked tells whether a query asks for a field, where Zoom answers that only then.
func asked(f *Node, query url.Values) bool {
	if f.Field == nil {
		return true
	}
	switch by := program.AskedBy(f.Field); by {
	case "":
		return true
	case program.IncludeFields:
		return slices.Contains(strings.Split(query.Get(by), ","), f.Name)
	default:
		return query.Get(by) == "true"
	}
}

// itemOf returns the type of what a field lists: of a connection, its nodes'.
func itemOf(schema *ast.Schema, f *ast.FieldDefinition) *ast.Definition {
	def := schema.Types[f.Type.Name()]
	if nodes := def.Fields.ForName("nodes"); nodes != nil {
		return schema.Types[nodes.Type.Name()]
	}
	return def
}

func (d *deriver) param(arg *ast.ArgumentDefinition) Param {
	p := Param{Name: program.Name(arg.Name, arg.Directives), Type: arg.Type.Name(), Required: arg.Type.NonNull, List: arg.Type.Elem != nil}
	switch def := d.Schema.Types[arg.Type.Name()]; {
	case def.Kind == ast.Enum:
		for _, v := range def.EnumValues {
			p.Values = append(p.Values, program.Wire(v))
		}
	case def.Name == "Boolean":
		p.Values = []string{"true", "false"}
	case def.Name == "Int" && !p.List:
		p.Max = 1<<31 - 1
	}
	return p
}

// listed returns what a list brings of one of its things, where the query asks
// for some fields besides.
func (o *Operation) listed(query url.Values) *Node {
	if o.item.Kind == OneOf {
		return o.item
	}
	out := *o.item
	out.Fields = nil
	for _, f := range o.item.Fields {
		switch {
		case o.brings != nil && slices.Contains(o.brings, f.Name):
		case o.brings != nil, program.Has(f.Field.Directives, "detail"):
			continue
		case !asked(f, query):
			continue
		}
		out.Fields = append(out.Fields, f)
	}
	return &out
}
