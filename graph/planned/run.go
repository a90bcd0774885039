package planned

import (
	"context"
	"io"
	"reflect"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/project"
)

// This file runs plans. Start reading at Plan.Run.

// few is how many fields a run has room for by itself. Small operations have no more; settings, however many, are one field.
const few = 4

// run is an operation under way.
type run struct {
	*Plan

	op      *graphql.OperationContext
	frame   frame
	root    place
	watched bool // root fields pass gqlgen's interceptors
	null    bool // the whole answer is
	slots   [few]slot
	places  [few]place
	args    [few]any
}

// frame has room for what is selected without a list in between.
type frame struct {
	slots  []slot
	places []place
	args   []any
}

// slot is what a field resolved to: a *project.Value, a *list, the *object that was selected of a thing, or a
// graphql.Marshaler; nil is null.
type slot struct{ is any }

// Run resolves an operation. What it returns writes the answer.
func (p *Plan) Run(ctx context.Context) graphql.Marshaler {
	r := &run{Plan: p, op: graphql.GetOperationContext(ctx)}
	r.frame = frame{r.slots[:], r.places[:], r.args[:]}
	if p.frame.slots > len(r.slots) || p.frame.places > len(r.places) || p.frame.args > len(r.args) {
		r.frame = p.frame.room(1)
	}
	r.root.base = ctx
	r.root.made.Store(p.above)
	r.watched = p.queries.Watched(ctx)
	r.null = !r.object(p.root, nil, &r.root, r.frame)
	return r
}

// room makes so many frames in a row.
func (s size) room(n int) frame {
	return frame{make([]slot, n*s.slots), make([]place, n*s.places), make([]any, n*s.args)}
}

// resolve resolves a field of a thing into its slot.
func (r *run) resolve(n *node, of any, parent *place, f frame) {
	switch {
	case parent != &r.root:
		r.field(n, of, parent, f)
	case r.watched:
		r.within(n, of, parent, f)
	default:
		defer r.queries.Settled(parent)
		r.field(n, of, parent, f)
	}
}

// within resolves a root field within gqlgen's root field interceptors.
func (r *run) within(n *node, of any, parent *place, f frame) {
	ctx := graphql.WithRootFieldContext(parent, &graphql.RootFieldContext{Object: n.field.Name, Field: n.field})
	answer := r.op.RootResolverMiddleware(ctx, func(ctx context.Context) graphql.Marshaler {
		inside := &place{base: ctx}
		inside.made.Store(r.above)
		if r.field(n, of, inside, f); f.slots[n.slot].is == nil {
			return graphql.Null
		}
		resolved := f.slots[n.slot]
		return graphql.WriterFunc(func(w io.Writer) { r.write(w, n, resolved, f) })
	})
	f.slots[n.slot] = slot{answer}
	if answer == graphql.Null {
		f.slots[n.slot] = slot{}
	}
}

// object resolves what is selected of a thing. It reports false where the thing has to be null. What may wait runs beside
// what else may, behind all that does not.
func (r *run) object(o *object, of any, parent *place, f frame) bool {
	prompt := o.order
	if o.late > 1 {
		prompt = prompt[:len(prompt)-o.late]
	}
	for _, n := range prompt {
		r.resolve(n, of, parent, f)
	}
	if late := o.order[len(prompt):]; len(late) > 0 {
		r.beside(late, of, parent, f)
	}
	for _, n := range o.order {
		if n.nonNull && f.slots[n.slot].is == nil {
			return false
		}
	}
	return true
}

// beside resolves fields side by side.
func (r *run) beside(nodes []*node, of any, parent *place, f frame) {
	var others sync.WaitGroup
	for _, n := range nodes[1:] {
		others.Go(func() { r.resolve(n, of, parent, f) })
	}
	r.resolve(nodes[0], of, parent, f)
	others.Wait()
}

// field resolves a field.
func (r *run) field(n *node, of any, parent *place, f frame) {
	at, into := &f.places[n.place], &f.slots[n.slot]
	at.set(n, parent)
	var ctx context.Context = at
	var parts *List
	if n.parts != nil && !r.whole {
		parts = &List{place: at, run: r, node: n, frame: f}
		ctx = parts
	}
	defer func() {
		if p := recover(); p != nil {
			r.op.Error(at, r.op.Recover(at, p))
			into.is = nil
		}
		if parts != nil {
			parts.leave()
		}
	}()
	args, ok := r.arguments(n, at, f)
	if !ok {
		return
	}
	var found any
	var err error
	if n.guarded {
		found, err = r.op.ResolverMiddleware(ctx, func(ctx context.Context) (any, error) { return n.how.Resolve(ctx, of, args) })
	} else {
		found, err = n.how.Resolve(ctx, of, args)
	}
	if parts != nil {
		parts.end()
	}
	if err != nil {
		r.op.Error(at, graphql.AddFieldLocationToError(at, err))
		return
	}
	switch {
	case n.list && (found != nil || n.nonNull):
		into.is = r.list(n, found, at, into.is)
	case found == nil:
		if n.nonNull {
			graphql.AddInvalidNullError(at, n.nothing)
		}
	case n.kind == isValue:
		into.is = found
	default:
		into.is = r.thing(n, found, at, f)
	}
}

// thing resolves what is selected of a thing, and returns the object that was; nil: it is null.
func (r *run) thing(n *node, of any, at *place, f frame) any {
	o := n.thing
	if n.kind == isEither {
		v := reflect.ValueOf(of)
		if v.IsNil() {
			return nil
		}
		o = n.either[v.Type().Elem().Name()]
	}
	if !r.object(o, of, at, f) {
		return nil
	}
	return o
}

// arguments reads the arguments of a field. It reports false where one of them is wrong, which the answer tells then.
func (r *run) arguments(n *node, at *place, f frame) ([]any, bool) {
	if n.read != nil || len(n.args) == 0 {
		return n.read, true
	}
	if n.guarded {
		fc := n.context(at.parent.field(), n.field.ArgumentMap(r.op.Variables))
		at.made.Store(fc)
	}
	args := f.args[n.firstArg : n.firstArg+len(n.args)]
	for i := range n.args {
		var err error
		if args[i], err = n.args[i].value(at, r.op.Variables); err != nil {
			r.op.Error(at, err)
			return nil, false
		}
		if n.guarded {
			at.field().Args[n.args[i].name] = args[i]
		}
	}
	return args, true
}

// value is an argument's value in an operation.
func (a *argument) value(ctx context.Context, variables map[string]any) (any, error) {
	if a.isFixed {
		return a.fixed, nil
	}
	var value any
	has := false
	switch {
	case a.given == nil:
	case a.given.Kind == ast.Variable:
		value, has = variables[a.given.Raw]
	default:
		var err error
		if value, err = a.given.Value(variables); err != nil {
			panic(err) // as gqlgen does
		}
		has = true
	}
	if !has {
		if a.fallback == nil {
			return a.zero, nil
		}
		var err error
		if value, err = a.fallback.Value(variables); err != nil {
			panic(err)
		}
	}
	if _, isText := value.(string); isText && a.text {
		return value, nil
	}
	read, err := a.read(ctx, value)
	if err != nil { // once more, for the path of the error
		return a.read(graphql.WithPathContext(ctx, graphql.NewPathWithField(a.name)), value)
	}
	return read, nil
}

var (
	comma      = []byte{','}
	openList   = []byte{'['}
	closeList  = []byte{']'}
	empty      = []byte("{}")
	closeThing = []byte{'}'}
	null       = []byte("null")
)

// MarshalGQL writes the answer.
func (r *run) MarshalGQL(w io.Writer) {
	if r.null {
		_, _ = w.Write(null)
		return
	}
	r.writeObject(w, r.Plan.root, r.frame)
}

func (r *run) writeObject(w io.Writer, o *object, f frame) {
	if len(o.nodes) == 0 {
		_, _ = w.Write(empty)
		return
	}
	for i := range o.nodes {
		n := &o.nodes[i]
		_, _ = w.Write(n.prefix)
		if n.kind != isName {
			r.write(w, n, f.slots[n.slot], f)
		}
	}
	_, _ = w.Write(closeThing)
}

// write writes what a field resolved to.
func (r *run) write(w io.Writer, n *node, s slot, f frame) {
	switch is := s.is.(type) {
	case nil:
		_, _ = w.Write(null)
	case *project.Value:
		at := &f.places[n.place]
		if err := is.MarshalGQLContext(at, w); err != nil {
			graphql.AddError(at, err)
			_, _ = w.Write(null)
		}
	case *object:
		r.writeObject(w, is, f)
	case *list:
		r.writeList(w, n, is)
	case graphql.Marshaler:
		is.MarshalGQL(w)
	}
}

func (r *run) writeList(w io.Writer, n *node, l *list) {
	_, _ = w.Write(openList)
	for first := true; l != nil; l = l.next {
		for i := range l.n {
			if !first {
				_, _ = w.Write(comma)
			}
			first = false
			f := l.frame(i, n.frame)
			if o, ok := f.slots[0].is.(*object); ok {
				r.writeObject(w, o, f)
			} else {
				_, _ = w.Write(null)
			}
		}
	}
	_, _ = w.Write(closeList)
}
