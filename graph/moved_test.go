package graph_test

import (
	"testing"

	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/sandbox"
)

// Operations that Zoom has moved are asked for where they are today, or where they were where the operator says so: with the
// same answer.
func TestMovedOperationsAreAskedEitherWay(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, query string
		today, then []string
	}{
		{"a list", `{ commonAreaPhones { nodes { id displayName } } }`, []string{"GET /phone/common_areas?page_size=30"}, []string{"GET /phone/common_area_phones?page_size=30"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			answers := map[bool]string{}
			for old, calls := range map[bool][]string{false: test.today, true: test.then} {
				s := setup(t, sandbox.Config{}, func(p *parts) { p.client.OldPaths = old })
				answers[old] = string(s.must(test.query).raw)
				s.wantCalls(calls...)
			}
		})
	}
}

// Each operation that has moved says where it is today.
func TestMovedOperations(t *testing.T) {
	t.Parallel()
	for _, chapter := range programtest.Of(t).Chapters {
		for _, op := range chapter.Operations {
			method, path := op.Today()
			if moved := method+" "+path != op.Op; moved != (op.Now != "") {
				t.Errorf("%s is at %s %s today", op.Op, method, path)
			}
		}
	}
}
