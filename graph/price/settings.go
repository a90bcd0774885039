package price

import (
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
)

// views are some views of a settings tree: values of the enum that names them, and "" for the default view.
type views map[string]bool

// views lists the views that a selection needs of a settings tree: one at most if option is known.
func (w *walker) views(field *ast.Field) views {
	found := views{}
	tree := w.result(field)
	option, given := w.vars.view(field, tree)
	for _, selected := range w.fields(field.SelectionSet, fragments{}) {
		view := program.HomeView(tree) // raw
		switch {
		case program.IsSection(selected.Definition):
			view = viewOf(selected.Definition)
		case given:
			view = option
		}
		if !given || view == option {
			found[view] = true
		}
	}
	return found
}

// write is a field of Mutation: one call, or for a settings tree one a view that its input touches.
func (w *walker) write(s *site, field *ast.Field) {
	by := w.program.Operation(field.Definition)
	op := w.op(by)
	s.reach, s.made = reach{id: w.vars.knowsIDs(field), by: by}, elements(w.vars.argument(field, "input"))
	if input := field.Definition.Arguments.ForName("input"); input != nil && program.IsTree(w.schema.Types[input.Type.Name()]) {
		s.written = touched(w.schema.Types[input.Type.Name()], w.vars.argument(field, "input"))
		for view := range s.written {
			s.calls.add(op, view)
		}
	} else {
		s.calls.add(op, "")
	}
	w.collect(s, w.result(field), field.SelectionSet)
}

// elements counts what stands in the lists of an input, which is how many things its write makes at most.
func elements(input any) int {
	n := 0
	switch input := input.(type) {
	case unknown:
		return maxMade
	case map[string]any:
		for _, value := range input {
			n = plus(n, elements(value))
		}
	case []any:
		n = len(input)
	}
	return n
}

// touched are the views of an input's sections that hold something.
func touched(input *ast.Definition, value any) views {
	object, known := value.(map[string]any)
	if !known {
		return viewsOf(input)
	}
	found := views{}
	for _, section := range input.Fields {
		content, given := object[section.Name]
		if names, known := content.(map[string]any); given && (!known || len(names) > 0) {
			found[viewOf(section)] = true
		}
	}
	return found
}

// readBack notes the calls that compare what is stored with what was written.
func (w *walker) readBack(s *site, payload *ast.Definition) {
	for _, field := range payload.Fields {
		if w.program.FormOf(payload, field) != program.Tree {
			continue
		}
		for view := range s.written {
			s.calls.add(w.op(w.program.Operation(field)), "()"+view)
		}
	}
}
