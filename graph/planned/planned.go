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
// to another account, and @skip or @include in more than [maxVariants] ways.
package planned

import (
	"context"
	"sync"
	"weak"

	"github.com/99designs/gqlgen/graphql"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/project"
)

// maxOperations bounds the operations whose plans are kept. None is kept alive for its plan.
const maxOperations = 1000

// maxVariants is how many plans an operation may have, by what its @skip and @include say.
const maxVariants = 16

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
	Settled func(context.Context)
}

// Queries executes the queries of one schema. It is safe for concurrent use.
type Queries struct {
	Options

	known *lru.Cache[weak.Pointer[ast.OperationDefinition], *operation]
}

// New makes what executes queries.
func New(o Options) (*Queries, error) {
	known, err := lru.New[weak.Pointer[ast.OperationDefinition], *operation](maxOperations)
	return &Queries{Options: o, known: known}, err
}

// operation is what is known of an operation: its plans by its conditions.
type operation struct {
	conditions []*ast.Value // of @skip and @include, each variable once

	mu       sync.Mutex
	variants []variant
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
	key := weak.Make(op.Operation)
	known, ok := q.known.Get(key)
	if !ok {
		known = &operation{conditions: conditionsOf(op)}
		if earlier, found, _ := q.known.PeekOrAdd(key, known); found {
			known = earlier
		}
	}
	truths, ok := known.truths(op.Variables)
	if !ok {
		return nil
	}
	known.mu.Lock()
	defer known.mu.Unlock()
	for _, v := range known.variants {
		if v.truths == truths {
			return v.plan
		}
	}
	if len(known.variants) == maxVariants {
		return nil
	}
	plan := q.compile(op)
	known.variants = append(known.variants, variant{truths, plan})
	return plan
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
