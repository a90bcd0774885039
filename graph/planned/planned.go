// Package planned executes queries by plans. A document is looked at once: what is selected of which type, how each field is
// answered, which arguments never change. An operation then walks the plan: it calls the resolvers, and writes what they
// answered, without looking at the document, and without a goroutine or a context of gqlgen's for each field.
//
//	queries, err := planned.New(planned.Options{Schema: schema, Fields: fields, Projector: projector, …})
//
//	if plan := queries.Plan(op); plan != nil {
//		return plan.Run(ctx) // as gqlgen's executor would, to the byte
//	}
//
// Start reading at [Queries.Plan] (compile.go), then at [Plan.Run] (run.go). It is gqlgen's executor in all that can be
// seen: resolvers find their field in the context, errors have its path, nulls move up as far as types say, and what may
// wait runs beside what else may. Resolvers that wait for nothing run one after the other.
//
// A document with something that is not planned is executed by gqlgen: mutations, subscriptions, introspection, what leads
// to another account, @skip or @include in more than [maxVariants] ways, and more than [maxNodes] fields, which fragments can
// make of few lines.
package planned

import (
	"context"
	"runtime"
	"sync"
	"sync/atomic"
	"weak"

	"github.com/99designs/gqlgen/graphql"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/project"
)

// Bounds of what is kept. No operation is kept alive for its plans.
const (
	maxOperations = 1000
	maxVariants   = 16    // plans of an operation, by what its @skip and @include say
	maxNodes      = 2000  // fields of a plan
	maxKept       = 50000 // fields of all plans, some 700 bytes each; those that were not asked for longest go first
)

// Options say what the schema is, and how it is answered.
type Options struct {
	Schema    *ast.Schema
	Fields    Fields
	Projector *project.Projector
	// Executed tells of the types whose fields are answered one by one. Others are values.
	Executed func(*ast.Definition) bool
	// Leaves answers the fields of a thing that are not among Fields.
	Leaves func(of any, field *ast.Field) *project.Value
	// Guarded tells of the fields that gqlgen's field interceptors have to see. They see no others.
	Guarded func(*ast.FieldDefinition) bool
	// Watched tells whether the root fields of an operation are to pass gqlgen's root field interceptors. Where they are not,
	// Settled is called behind each.
	Watched func(context.Context) bool
	// Shares tells what a field may share a call about with others that are selected of the same thing, though they ask for
	// something else; nil: nothing.
	Shares  func(*ast.FieldDefinition) []string
	Settled func(context.Context)
}

// Queries executes the queries of one schema. It is safe for concurrent use.
type Queries struct {
	Options

	known *lru.Cache[weak.Pointer[ast.OperationDefinition], *operation]
	kept  atomic.Int64 // fields of all plans in known
}

// New makes what executes queries.
func New(o Options) (*Queries, error) {
	q := &Queries{Options: o}
	var err error
	q.known, err = lru.NewWithEvict(maxOperations, func(_ weak.Pointer[ast.OperationDefinition], gone *operation) {
		gone.mu.Lock()
		defer gone.mu.Unlock()
		gone.gone = true
		q.kept.Add(-gone.nodes)
	})
	return q, err
}

// operation is what is known of an operation: its plans by its conditions.
type operation struct {
	conditions []*ast.Value // of @skip and @include, each variable once

	mu       sync.Mutex
	variants []variant
	nodes    int64 // fields of its plans
	gone     bool  // it is not kept any more
}

// variant is a plan, and under which conditions it holds.
type variant struct {
	truths uint64
	plan   *Plan // nil: it is not planned
}

// Plan is the plan of an operation; nil where gqlgen has to execute it.
func (q *Queries) Plan(op *graphql.OperationContext) *Plan {
	if op.Operation.Operation != ast.Query {
		return nil
	}
	known := q.operation(op)
	truths, ok := known.truths(op.Variables)
	if !ok {
		return nil
	}
	plan, made := known.plan(truths, func() *Plan { return q.compile(op) })
	if made && plan != nil {
		for q.kept.Add(int64(plan.nodes)); q.kept.Load() > maxKept && q.known.Len() > 1; {
			q.known.RemoveOldest()
		}
	}
	return plan
}

// operation is what is known of an operation; at first that is nothing.
func (q *Queries) operation(op *graphql.OperationContext) *operation {
	key := weak.Make(op.Operation)
	if known, ok := q.known.Get(key); ok {
		return known
	}
	known := &operation{conditions: conditionsOf(op)}
	if earlier, found, _ := q.known.PeekOrAdd(key, known); found {
		return earlier
	}
	runtime.AddCleanup(op.Operation, func(key weak.Pointer[ast.OperationDefinition]) { q.known.Remove(key) }, key)
	return known
}

// plan is the plan under certain conditions, and whether it was made, and counts, now.
func (o *operation) plan(truths uint64, compile func() *Plan) (plan *Plan, made bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	for _, v := range o.variants {
		if v.truths == truths {
			return v.plan, false
		}
	}
	if len(o.variants) == maxVariants {
		return nil, false
	}
	if plan = compile(); plan != nil && !o.gone {
		o.nodes += int64(plan.nodes)
		made = true
	}
	o.variants = append(o.variants, variant{truths, plan})
	return plan, made
}

// truths are the values of the conditions, a bit each. It is false where they are not Booleans, or too many.
func (o *operation) truths(variables map[string]any) (truths uint64, ok bool) {
	if len(o.conditions) > 64 {
		return 0, false
	}
	for i, arg := range o.conditions {
		value, err := arg.Value(variables)
		is, ok := value.(bool)
		if err != nil || !ok {
			return 0, false // gqlgen says what is wrong with it
		}
		if is {
			truths |= 1 << i
		}
	}
	return truths, true
}

// conditionsOf are the variables that the document's @skip and @include ask.
func conditionsOf(op *graphql.OperationContext) []*ast.Value {
	var all []*ast.Value
	seen := map[string]bool{}
	note := func(directives ast.DirectiveList) {
		for _, d := range directives {
			if d.Name != "skip" && d.Name != "include" {
				continue
			}
			if arg := d.Arguments.ForName("if"); arg != nil && arg.Value.Kind == ast.Variable && !seen[arg.Value.Raw] {
				seen[arg.Value.Raw] = true
				all = append(all, arg.Value)
			}
		}
	}
	var visit func(ast.SelectionSet)
	visit = func(set ast.SelectionSet) {
		for _, selected := range set {
			switch selected := selected.(type) {
			case *ast.Field:
				note(selected.Directives)
				visit(selected.SelectionSet)
			case *ast.InlineFragment:
				note(selected.Directives)
				visit(selected.SelectionSet)
			case *ast.FragmentSpread:
				note(selected.Directives)
			}
		}
	}
	visit(op.Operation.SelectionSet)
	for _, fragment := range op.Doc.Fragments {
		visit(fragment.SelectionSet)
	}
	return all
}
