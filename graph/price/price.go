// Package price tells, before anything is sent, how many Zoom calls an operation costs at worst:
//
//	p, err := price.Of(program, rules, document, operation, variables)
//	// p.Calls of them, p.ByLabel["MEDIUM"] of these against that limit
//
// It follows the document the way package graph answers it. A thing that is asked for by its id costs nothing; what its
// plain fields cost is one detail read, unless a list brought them. A list costs its pages, and everything below it once
// an item, as if each page were full. Settings cost one call a view. What the aliases and fragments of a document ask of
// one thing is counted once.
//
// What cannot be known offline is assumed to be dear:
//
//   - a variable without a value takes the most that it can mean: first is 1,000, @include(if:) includes, the input of a
//     settings tree touches all views;
//   - two places of a document are two different things, though both may turn out to be one user;
//   - a thing that holds the ids of several others, such as a user those of groups, holds 10; where one list brings all
//     things of a type, such as roles, there are 50;
//   - a list that Zoom answers whole has 10 things, for each of the pieces that its time is asked for in.
//
// Four things are not in a price: repetitions of calls that failed; the second look that a settings filter gets when it
// brings nothing, which is taken seldom and then remembered; the reads of things that lie behind the first answer of a list
// which brings them all, one each, and the answers behind the first of a list that one is looked up in; and the answers that a
// list takes more of where Zoom sends shorter ones than it was asked for, or where a cursor comes from a page of another size.
package price

import (
	"errors"
	"slices"
	"strings"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
)

// ErrTooComplex is returned for documents that nest fragments in so many ways that following them takes too long.
var ErrTooComplex = errors.New("the document nests its fragments in too many ways to be priced")

// Price is the worst-case cost of an operation.
type Price struct {
	Calls int `json:"calls"`
	// ByLabel counts the calls of each rate label. Operations without one are in Calls only.
	ByLabel map[string]int `json:"byLabel"`
	// Operations are Zoom's operations that may be called, by Op.
	Operations []Use `json:"operations"`
	// Size estimates the answer.
	Size Size `json:"size"`

	conditions []condition
}

// Use is one of Zoom's operations, and how often it is called at worst.
type Use struct {
	ID    string `json:"id"`
	Op    string `json:"op"` // "GET /users/{userId}"
	Label string `json:"label,omitempty"`
	// Scopes are the classic scopes and Granular the granular ones. A token needs one of them.
	Scopes   []string `json:"scopes"`
	Granular []string `json:"granular,omitempty"`
	Calls    int      `json:"calls"`
}

// Of prices an operation of a document that is valid against the program's schema. Without variables, nil, it prices the worst that
// variables could make of it; one that has a default counts as that. The rules are
// those of the code that answers it. The errors are ErrTooComplex, and that no rule prices a @derived field.
func Of(source *program.Program, rules Rules, doc *ast.QueryDocument, op *ast.OperationDefinition, variables map[string]any) (Price, error) {
	var counted []condition
	w := newWalker(source, rules, doc, values{given: variables, defined: op.VariableDefinitions, counted: &counted})
	calls := w.total(op)
	size := w.size(op)
	p, err := w.price(calls)
	p.Size, p.conditions = size, counted
	return p, err
}

func (w *walker) total(op *ast.OperationDefinition) tally {
	switch op.Operation {
	case ast.Query:
		return w.root(w.schema.Query, op.SelectionSet)
	case ast.Subscription:
		return w.root(w.schema.Subscription, op.SelectionSet)
	}
	return w.writes(op.SelectionSet)
}

// Holds tells whether the price would be the same with other variables, so that it need not be worked out anew: no
// variable that had a say in it is another one.
func (p Price) Holds(variables map[string]any) bool {
	return !slices.ContainsFunc(p.conditions, func(c condition) bool { return !c.holds(variables) })
}

// byKey groups fields by the key that they have in the answer, in order.
func byKey(fields []*ast.Field) []ast.SelectionSet {
	var groups []ast.SelectionSet
	at := map[string]int{}
	for _, field := range fields {
		i, ok := at[field.Alias]
		if !ok {
			i = len(groups)
			at[field.Alias], groups = i, append(groups, nil)
		}
		groups[i] = append(groups[i], field)
	}
	return groups
}

// price turns counts into a price.
func (w *walker) price(total tally) (Price, error) {
	if w.err != nil {
		return Price{}, w.err
	}
	p := Price{ByLabel: map[string]int{}, Operations: []Use{}}
	for op, n := range total {
		fact := w.ops[op]
		use := Use{ID: fact.ID, Op: op, Label: fact.Limit, Scopes: fact.Scopes, Granular: fact.Granular, Calls: n}
		p.Operations = append(p.Operations, use)
		p.Calls = plus(p.Calls, n)
		if use.Label != "" {
			p.ByLabel[use.Label] = plus(p.ByLabel[use.Label], n)
		}
	}
	slices.SortFunc(p.Operations, func(a, b Use) int { return strings.Compare(a.Op, b.Op) })
	return p, nil
}

// most is where counting ends: a document can multiply lists until no integer holds the product.
const most = 1 << 30

func plus(a, b int) int { return min(a+b, most) }

func times(a, b int) int {
	if a != 0 && b > most/a {
		return most
	}
	return a * b
}

// tally counts calls by operation.
type tally map[string]int

func (t tally) add(other tally) {
	for op, n := range other {
		if n > 0 { // an operation that is not called needs no scope
			t[op] = plus(t[op], n)
		}
	}
}
