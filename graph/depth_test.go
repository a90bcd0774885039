package graph_test

import (
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
)

// Each field that Zoom answers is asked for with what hangs on it, and on that, and on that: no errors but Zoom's own
// words, and it costs what its price says or less.
func TestEveryReadToDepth3(t *testing.T) {
	t.Parallel()
	w := newWalker(peopled(t, func(p *parts) { p.graph.MaxCalls = 1_000_000 }))
	asked := 0
	for _, task := range w.walk() {
		if task.field == nil || task.where == nil || w.program.Operation(task.field) == nil {
			continue
		}
		asked++
		below := w.deep(task.field, task.where, 3)
		last := len(task.where) - 1
		w.ask(task.where[:last].around(task.where[last] + below))
	}
	if asked < 20 {
		t.Errorf("only %d fields were asked for", asked)
	}
	t.Logf("%d fields", asked)
}

// deep selects the leaves of a field's type, and as often as depth says of what hangs on it.
func (w *walker) deep(f *ast.FieldDefinition, at place, depth int) string {
	def := w.schema.Types[f.Type.Name()]
	if node := w.program.Node(f); node != nil {
		return " { nodes { " + w.deepOf(node, append(at, "nodes"), depth) + " } pageInfo { hasNextPage } }"
	}
	switch def.Kind {
	case ast.Union:
		return " { __typename }"
	case ast.Object:
		return " { " + w.deepOf(def, at, depth) + " }"
	}
	return ""
}

func (w *walker) deepOf(def *ast.Definition, at place, depth int) string {
	fields := []string{"__typename"}
	for _, f := range def.Fields {
		leaf := w.schema.Types[f.Type.Name()].IsLeafType()
		switch {
		case program.IsBuiltin(f), f.Name == "raw", f.Directives.ForName("derived") != nil, program.IsSection(f):
		case operationOf(f) == nil && leaf:
			fields = append(fields, f.Name)
		case depth == 0, !leaf && operationOf(f) == nil && !w.program.Executed(w.schema.Types[f.Type.Name()]):
		default:
			ways := w.arguments(def, f, at)
			if len(ways) == 0 {
				continue // a value that only other places know
			}
			text := f.Name + strings.Replace(ways[0], "first: 4", "first: 2", 1)
			fields = append(fields, text+w.deep(f, append(at, text), depth-1))
		}
	}
	return strings.Join(fields, " ")
}
