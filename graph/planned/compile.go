package planned

import (
	"context"
	"errors"
	"strconv"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/project"
)

// This file makes plans of documents. Start reading at Queries.compile.

// Plan is what an operation does.
type Plan struct {
	queries *Queries
	root    *object
	frame   size
	above   *graphql.FieldContext // of the root fields
	nodes   int                   // how many fields it has
	whole   bool                  // of a list nothing is begun before it is whole
}

// size is how many slots and places a frame has: all that is selected without a list in between.
type size struct{ slots, places, args int }

// object is what is selected of a thing of one type.
type object struct {
	name  string
	nodes []node
	order []*node // as they run: what is there, then what is made promptly, then what may wait
	late  int     // how many of order may wait, at its end
	waits bool    // something in it may wait
	first int     // slot of the first node in the frame
}

// kind is what a field answers.
type kind uint8

const (
	isName   kind = iota // __typename
	isValue              // a project.Value
	isThing              // a thing of one type
	isEither             // a thing of one of several types
)

// node is a selected field.
type node struct {
	field   graphql.CollectedField
	how     Field
	kind    kind
	list    bool
	nonNull bool
	returns *ast.Type
	prefix  []byte // a comma or a brace, and the key; for __typename with the value behind it

	slot, place, firstArg int // in the frame

	guarded bool
	value   *project.Place
	fixed   *graphql.FieldContext // where no list lies around the field, and nobody looks at its arguments
	args    []argument
	read    []any // what args are where none of them has variables; nil: they are read each time

	thing   *object            // of a thing
	either  map[string]*object // of one of several types
	parts   []*node            // where it may wait for a list of things: the fields that have these, or the field itself
	frame   size               // of an element, where it is a list
	nothing string             // the type that the schema declares, for the error where it may not be null
}

// argument is how a field's argument comes to its value.
type argument struct {
	Arg

	given    *ast.Value // nil: it is not given
	fallback *ast.Value // nil: it has no default
	fixed    any        // the value, where isFixed
	isFixed  bool
}

// errUnplanned ends the compiling of what is not planned.
var errUnplanned = errors.New("planned: left to gqlgen")

// compiler makes one plan.
type compiler struct {
	*Queries

	op    *graphql.OperationContext
	nodes int                // so far
	asked map[string]*object // what is selected where by the fields that share a call, by what they share
	whole bool               // such fields are selected in several places
}

// compile makes the plan of an operation under its variables' conditions; nil where it is not planned.
func (q *Queries) compile(op *graphql.OperationContext) *Plan {
	c := compiler{Queries: q, op: op}
	plan := &Plan{queries: q, above: &graphql.FieldContext{Object: q.Schema.Query.Name}}
	var err error
	if plan.root, err = c.object(q.Schema.Query, op.Operation.SelectionSet, plan.above, &plan.frame); err != nil {
		return nil
	}
	plan.nodes, plan.whole = c.nodes, c.whole
	return plan
}

// object compiles what is selected of a type. above is gqlgen's context of the field that it is selected in, nil below a
// list.
func (c *compiler) object(def *ast.Definition, set ast.SelectionSet, above *graphql.FieldContext, frame *size) (*object, error) {
	fields := graphql.CollectFields(c.op, set, c.satisfied(def))
	if c.nodes += len(fields); c.nodes > maxNodes {
		return nil, errUnplanned
	}
	o := &object{name: def.Name, nodes: make([]node, len(fields)), first: frame.slots}
	frame.slots += len(fields)
	keys := map[string]bool{}
	var prompt, late []*node
	for i, field := range fields {
		if keys[field.Alias] || field.IsDeferred() {
			return nil, errUnplanned
		}
		keys[field.Alias] = true
		n := &o.nodes[i]
		n.field, n.slot = field, o.first+i
		n.prefix = []byte(string(`{,`[min(i, 1)]) + strconv.Quote(field.Alias) + ":")
		if field.Name == "__typename" {
			n.prefix = append(n.prefix, strconv.Quote(def.Name)...)
			continue
		}
		if err := c.node(n, def, above, frame); err != nil {
			return nil, err
		}
		c.shares(o, field.Definition)
		below := n.waits()
		o.waits = o.waits || below || n.how.Runs == Waiting
		switch {
		case n.how.Runs == Plainly:
			o.order = append(o.order, n)
		case n.how.Runs == Promptly && !below:
			prompt = append(prompt, n)
		default:
			late = append(late, n)
		}
	}
	o.order = append(append(o.order, prompt...), late...)
	o.late = len(late)
	return o, nil
}

// shares notes that a field is selected in an object that others may share a call with. If they are selected elsewhere, what is
// begun ahead would leave without them.
func (c *compiler) shares(o *object, field *ast.FieldDefinition) {
	if c.Shares == nil {
		return
	}
	for _, call := range c.Shares(field) {
		if other, known := c.asked[call]; known && other != o {
			c.whole = true
		}
		if c.asked == nil {
			c.asked = map[string]*object{}
		}
		c.asked[call] = o
	}
}

// satisfied are the type conditions that a thing of the type satisfies.
func (c *compiler) satisfied(def *ast.Definition) []string {
	names := []string{def.Name}
	for _, of := range c.Schema.Implements[def.Name] {
		names = append(names, of.Name)
	}
	return names
}

// waits tells whether something below the field may wait.
func (n *node) waits() bool {
	if n.thing != nil && n.thing.waits {
		return true
	}
	for _, one := range n.either {
		if one.waits {
			return true
		}
	}
	return false
}

// node compiles a field.
func (c *compiler) node(n *node, of *ast.Definition, above *graphql.FieldContext, frame *size) error {
	field := n.field
	def := c.Schema.Types[field.Definition.Type.Name()]
	how, known := c.Fields[of.Name+"."+field.Name]
	if field.Name == "__type" || field.Name == "__schema" || def == c.Schema.Query || def == c.Schema.Mutation {
		return errUnplanned
	}
	n.how, n.returns = how, field.Definition.Type
	n.nonNull, n.nothing = n.returns.NonNull, n.returns.String()
	n.place = frame.places
	frame.places++
	n.guarded = c.Guarded(field.Definition)
	if err := c.arguments(n); err != nil {
		return err
	}
	if n.read == nil {
		n.firstArg = frame.args
		frame.args += len(n.args)
	}
	if above != nil && !n.guarded {
		n.fixed = n.context(above, nil)
	}
	if !known {
		n.leaf(c.Leaves)
	}
	if !known || !c.Executed(def) {
		n.kind, n.nothing = isValue, "ZoomValue!" // as gqlgen knows it
		n.value = c.Projector.Place(c.op, field)
		return nil
	}
	return c.below(n, def, frame)
}

// leaf has a field answered that leads nowhere.
func (n *node) leaf(leaves func(of any, field *ast.Field) *project.Value) {
	field := n.field.Field
	n.how.Resolve = func(_ context.Context, of any, _ []any) (any, error) { return One(leaves(of, field), nil) }
}

// below compiles what is selected of the things that a field leads to.
func (c *compiler) below(n *node, def *ast.Definition, frame *size) (err error) {
	above := n.fixed
	if n.list = n.returns.Elem != nil; n.list {
		above, frame = nil, &n.frame
		*frame = size{slots: 1, places: 1} // of the element itself
	}
	if def.Kind != ast.Union {
		n.kind = isThing
		n.thing, err = c.object(def, n.field.Selections, above, frame)
		n.findParts()
		return err
	}
	n.kind, n.either = isEither, map[string]*object{}
	for _, name := range def.Types {
		if n.either[name], err = c.object(c.Schema.Types[name], n.field.Selections, above, frame); err != nil {
			return err
		}
	}
	return nil
}

// findParts finds the lists that may come in parts.
func (n *node) findParts() {
	switch {
	case n.how.Runs != Waiting || n.thing == nil:
	case n.list:
		n.parts = []*node{n}
	default:
		for i := range n.thing.nodes {
			if of := &n.thing.nodes[i]; of.list && of.how.Runs == Plainly {
				n.parts = append(n.parts, of)
			}
		}
	}
}

// arguments compiles the arguments of a field. Those that no variable has a say in are read now; where one of them is
// wrong, it is read each time, for its error.
func (c *compiler) arguments(n *node) error {
	fixed := !n.guarded
	for _, arg := range n.how.Args {
		def := n.field.Definition.Arguments.ForName(arg.name)
		if def == nil {
			return errUnplanned
		}
		a := argument{Arg: arg, fallback: def.DefaultValue}
		if given := n.field.Arguments.ForName(arg.name); given != nil {
			a.given = given.Value
		}
		a.fix()
		fixed = fixed && a.isFixed
		n.args = append(n.args, a)
	}
	if fixed && len(n.args) > 0 {
		n.read = make([]any, len(n.args))
		for i, a := range n.args {
			n.read[i] = a.fixed
		}
	}
	return nil
}

// fix reads an argument that is the same for each operation.
func (a *argument) fix() {
	from := a.given
	if from == nil {
		from = a.fallback
	}
	switch {
	case from == nil:
		a.fixed, a.isFixed = a.zero, true
	case from.Kind == ast.Variable, from.Kind == ast.ListValue, from.Kind == ast.ObjectValue: // variables, or what can be changed
	default:
		value, err := from.Value(nil)
		if err != nil {
			return
		}
		if a.fixed, err = a.read(context.Background(), value); err == nil {
			a.isFixed = true
		}
	}
}
