package price

import (
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
)

// This file prices what is asked and written in sub accounts: as it is in the account itself, but by other operations, and
// once for each account.

// ownAccount is how an account names itself.
const ownAccount = "me"

// own tells whether fields that lead to an account all lead to the one that is asked.
func (w *walker) own(from []*ast.Field) bool {
	for _, field := range from {
		if id, ok := w.vars.argument(field, "id").(string); !ok || id != ownAccount {
			return false
		}
	}
	return true
}

// inAccounts counts what a selection of Query costs in s.n accounts.
func (w *walker) inAccounts(s *site) tally {
	known, once, sub := w.known, w.once, w.sub
	w.sub = s.sub
	var selection ast.SelectionSet
	for _, field := range s.from {
		selection = append(selection, field.SelectionSet...)
	}
	one := w.root(s.def, selection)
	w.known, w.once, w.sub = known, once, sub
	for op := range one {
		one[op] = times(one[op], s.n)
	}
	return one
}

// writes counts what fields of Mutation cost. Each writes, and reads back what it needs before the next one writes: they
// share nothing.
func (w *walker) writes(selection ast.SelectionSet) tally {
	total := tally{}
	for _, fields := range byKey(w.fields(selection, fragments{})) {
		if len(fields) == 0 {
			continue
		}
		first, _ := fields[0].(*ast.Field)
		if w.program.FormOf(w.schema.Mutation, first.Definition) != program.Root {
			total.add(w.root(w.schema.Mutation, fields))
			continue
		}
		var below ast.SelectionSet
		for _, field := range fields {
			below = append(below, field.(*ast.Field).SelectionSet...)
		}
		sub := w.sub
		w.sub = sub || !w.own([]*ast.Field{first})
		total.add(w.writes(below))
		w.sub = sub
	}
	return total
}

// inSubAccount is how an operation is called in a sub account. One that is refused there counts as itself.
func (w *walker) inSubAccount(op *program.Operation) *program.Operation {
	if w.below == nil {
		w.below = map[*program.Operation]*program.Operation{}
	}
	if w.below[op] == nil {
		w.below[op] = op
		if below := op.InSubAccount(); below != nil {
			w.below[op] = below
		}
	}
	return w.below[op]
}
