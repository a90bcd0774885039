package zoom

import (
	"maps"
	"slices"
	"testing"

	"zoomgraph/graph/program"
	"zoomgraph/graph/program/programtest"
)

// Quirks are found by names, so a slip of the pen there would leave an operation
// to the world without a word.
func TestQuirksAreOfTheProgram(t *testing.T) {
	t.Parallel()
	p := programtest.Of(t)
	z, err := New(Options{Program: p, Users: 3})
	if err != nil {
		t.Fatal(err)
	}
	ops, paths := map[string]bool{}, map[string]bool{}
	for _, op := range z.Operations() {
		ops[op.Op], paths[op.Path] = true, true
		if len(op.Scopes) == 0 {
			t.Errorf("%s needs no scope", op.Op)
		}
	}
	for _, chapter := range program.Facts() {
		for _, op := range chapter.Operations {
			if !ops[op.Op] {
				t.Errorf("%s is not answered", op.Op)
			}
		}
	}
	q := z.quirks()
	for _, names := range [][]string{keys(q.Answers), keys(q.Checks), keys(q.Defaults)} {
		for _, name := range names {
			if !ops[name] {
				t.Errorf("the program has no operation %s", name)
			}
		}
	}
	for path := range q.Missing {
		if !paths[path] {
			t.Errorf("the program has no path %s", path)
		}
	}
	for name := range q.Things {
		if p.Schema.Types[name] == nil {
			t.Errorf("the program has no type %s", name)
		}
	}
}

func keys[V any](of map[string]V) []string { return slices.Sorted(maps.Keys(of)) }
