package graph_test

import (
	"slices"
	"testing"

	"zoomgraph/graph"
	"zoomgraph/graph/program"
	"zoomgraph/graph/program/programtest"
)

// trial is the service's program with other facts about one operation, which tells what forms do that the schema does not
// use yet.
func trial(t *testing.T, op string, change func(*program.Operation)) *program.Program {
	t.Helper()
	var facts []*program.Chapter
	for _, chapter := range programtest.Of(t).Chapters {
		other := &program.Chapter{Name: chapter.Name}
		for _, fact := range chapter.Operations {
			if fact.Op == op {
				changed := *fact
				change(&changed)
				fact = &changed
			}
			other.Operations = append(other.Operations, fact)
		}
		facts = append(facts, other)
	}
	p, err := program.New(programtest.Of(t).Schema, facts)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A thing's details are found at the top of Zoom's answer, and within the objects that the facts name.
func TestDetailsWithin(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ answer, want string }{
		"within":         {`{"basic":{"name":"A"},"setup":{"total_members":3}}`, `{"group":{"name":"A","totalMembers":3}}`},
		"at the top":     {`{"name":"A","total_members":3}`, `{"group":{"name":"A","totalMembers":3}}`},
		"in both":        {`{"name":"A","basic":{"name":"B"},"setup":{"name":"C","total_members":3}}`, `{"group":{"name":"A","totalMembers":3}}`},
		"in the first":   {`{"setup":{"name":"C"},"basic":{"name":"B"}}`, `{"group":{"name":"B","totalMembers":null}}`},
		"no object":      {`{"name":"A","basic":null,"setup":[1]}`, `{"group":{"name":"A","totalMembers":null}}`},
		"in others only": {`{"other":{"name":"A"}}`, `{"group":{"name":null,"totalMembers":null}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			z := &graph.Stub{Answers: map[string]string{"GET /groups/g": test.answer}}
			ask := z.Before(t, trial(t, "GET /groups/{groupId}", func(op *program.Operation) { op.Within = []string{"basic", "setup"} }), nil)
			if data, errors := ask(`{ group(id: "g") { name totalMembers } }`); data != test.want || errors != "" {
				t.Errorf("%s %s, want %s", data, errors, test.want)
			}
			if calls := z.Calls(); !slices.Equal(calls, []string{"GET /groups/g"}) {
				t.Errorf("calls %q", calls)
			}
		})
	}
}
