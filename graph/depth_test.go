package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
)

// toDepth3 asks for each field that Zoom answers with what hangs on it, and on that: no errors but Zoom's own words, and it
// costs what its price says or less.
func (w *walker) toDepth3(t *testing.T, tasks []*task) {
	asked := 0
	w.t = t
	for _, task := range tasks {
		if task.field == nil || task.where == nil || w.program.Operation(task.field) == nil {
			continue
		}
		asked++
		last := len(task.where) - 1
		for i, step := range task.where {
			task.where[i] = strings.NewReplacer("first: 8", "first: 2", "first: 4", "first: 2").Replace(step)
		}
		for _, below := range w.deep(task.field, task.where) {
			w.ask(task.where[:last].around(task.where[last] + below))
		}
	}
	if asked < 20 {
		t.Errorf("only %d fields were asked for", asked)
	}
	t.Logf("%d fields", asked)
}

// tokens is about how many a selection may have: a service takes 2,000.
const tokens = 1200

// deep selects the leaves of a field's type, and what hangs on it down to depth 3: in several selections where one would be too
// long.
func (w *walker) deep(f *ast.FieldDefinition, at place) []string {
	def, around := w.schema.Types[f.Type.Name()], "%s"
	if node := w.program.Node(f); node != nil {
		def, at, around = node, append(at, "nodes"), "nodes { %s } pageInfo { hasNextPage }"
	}
	if def.Kind != ast.Object {
		return []string{w.all(def, 0).text}
	}
	leaves, links := w.leavesAndLinks(def, at, 2)
	var all []string
	for text := strings.Join(leaves, " "); text != ""; {
		for len(links) > 0 && len(strings.Fields(text)) < tokens {
			text, links = text+" "+links[0], links[1:]
		}
		all = append(all, " { "+fmt.Sprintf(around, text)+" }")
		if text = ""; len(links) > 0 {
			text, links = links[0], links[1:]
		}
	}
	return all
}

// leavesAndLinks are a type's leaves, and what hangs on it, as deep as depth says.
func (w *walker) leavesAndLinks(def *ast.Definition, at place, depth int) (leaves, links []string) {
	leaves = []string{"__typename"}
	for _, f := range def.Fields {
		below := w.schema.Types[f.Type.Name()]
		switch {
		case program.IsBuiltin(f), f.Name == "raw", f.Directives.ForName("derived") != nil, program.IsSection(f):
		case operationOf(f) == nil && below.IsLeafType():
			leaves = append(leaves, f.Name)
		case depth == 0, operationOf(f) == nil && !w.program.Executed(below):
		default:
			ways := w.arguments(def, f, at)
			if len(ways) == 0 {
				continue // a value that only other places know
			}
			text := f.Name + strings.Replace(ways[0], "first: 4", "first: 1", 1)
			links = append(links, text+w.short(f, append(slices.Clone(at), text), depth-1))
		}
	}
	return leaves, links
}

// short selects some leaves of a field's type, and what hangs on it.
func (w *walker) short(f *ast.FieldDefinition, at place, depth int) string {
	def, around := w.schema.Types[f.Type.Name()], " { %s }"
	if node := w.program.Node(f); node != nil {
		def, at, around = node, append(at, "nodes"), " { nodes { %s } }"
	}
	switch {
	case def.IsLeafType():
		return ""
	case def.Kind == ast.Union:
		members := " { __typename"
		for _, name := range def.Types {
			if _, links := w.leavesAndLinks(w.schema.Types[name], append(at, "... on "+name), depth); len(links) > 0 {
				members += " ... on " + name + " { " + strings.Join(links, " ") + " }"
			}
		}
		return members + " }"
	}
	leaves, links := w.leavesAndLinks(def, at, depth)
	return fmt.Sprintf(around, strings.Join(append(leaves[:min(len(leaves), 4)], links...), " "))
}
