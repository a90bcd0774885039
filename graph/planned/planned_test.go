package planned

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program/programtest"
	"zoomgraph/graph/project"
)

// The tests of package graph are those of what plans answer. These are of what is kept of them.

func newQueries(t *testing.T) *Queries {
	t.Helper()
	p := programtest.Of(t)
	q, err := New(Options{
		Schema: p.Schema, Executed: p.Executed,
		Projector: project.New(p.Schema, func(context.Context, string) error { return nil }, nil),
		Guarded:   func(*ast.FieldDefinition) bool { return false },
	})
	if err != nil {
		t.Fatal(err)
	}
	return q
}

func operationOf(t *testing.T, q *Queries, document string, variables map[string]any) *graphql.OperationContext {
	t.Helper()
	doc, errs := gqlparser.LoadQueryWithRules(q.Schema, document, nil)
	if errs != nil {
		t.Fatal(errs)
	}
	return &graphql.OperationContext{Doc: doc, Operation: doc.Operations[0], Variables: variables}
}

// names selects so many fields.
func names(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, "a%d: __typename ", i)
	}
	return "{ " + b.String() + "}"
}

func TestPlansAreBounded(t *testing.T) {
	t.Parallel()
	q := newQueries(t)
	if q.Plan(operationOf(t, q, names(maxNodes+1), nil)) != nil {
		t.Error("a plan has more fields than it may")
	}
	last := operationOf(t, q, names(maxNodes), nil)
	var operations []*graphql.OperationContext
	for range maxKept/maxNodes + 5 {
		last = &graphql.OperationContext{Doc: last.Doc, Operation: &ast.OperationDefinition{Operation: ast.Query, SelectionSet: last.Operation.SelectionSet}}
		operations = append(operations, last) // which keeps them alive
		if q.Plan(last) == nil {
			t.Fatal("no plan")
		}
	}
	if n := q.kept.Load(); n != maxKept {
		t.Errorf("%d fields are kept, of %d plans", n, q.known.Len())
	}
	if plan := q.Plan(last); plan == nil || plan != q.Plan(last) {
		t.Error("a plan that was made last is made anew")
	}
	runtime.KeepAlive(operations)
	q.known.Purge()
	if n := q.kept.Load(); n != 0 {
		t.Errorf("%d fields count, and none is kept", n)
	}
}

// Each way that @skip and @include may go has a plan, up to a bound. What gqlgen has to complain of has none.
func TestPlansByConditions(t *testing.T) {
	t.Parallel()
	q := newQueries(t)
	op := operationOf(t, q, `query($a: Boolean!, $b: Boolean!, $c: Boolean!, $d: Boolean!, $e: Boolean = false) {
		x: __typename a: __typename @skip(if: $a) b: __typename @include(if: $b) c: __typename @skip(if: $c) ...f @include(if: $d) } fragment f on Query { e: __typename @skip(if: $e) }`, nil)
	made := map[*Plan]int{}
	for range 2 {
		for i := range 32 {
			op.Variables = map[string]any{"a": i&1 > 0, "b": i&2 > 0, "c": i&4 > 0, "d": i&8 > 0, "e": i&16 > 0}
			made[q.Plan(op)]++
		}
	}
	if len(made) != maxVariants+1 || made[nil] != 32 {
		t.Errorf("%d plans, none for %d", len(made), made[nil])
	}
	for _, variables := range []map[string]any{{"a": nil}, {"a": "yes"}, {}} {
		op.Variables = variables
		if q.Plan(op) != nil {
			t.Errorf("there is a plan for %v", variables)
		}
	}
}

func TestUnplanned(t *testing.T) {
	t.Parallel()
	q := newQueries(t)
	for _, document := range []string{
		`{ __schema { queryType { name } } }`, `{ viewer { permissions } __type(name: "User") { name } }`,
		`mutation { deleteGroup(id: "g") { __typename } }`, `subscription { userSettingsChanged { __typename } }`,
	} {
		if q.Plan(operationOf(t, q, document, nil)) != nil {
			t.Errorf("%s is planned", document)
		}
	}
}

// A list comes in parts unless fields that may share a call are selected in several places.
func TestListsInParts(t *testing.T) {
	t.Parallel()
	q := newQueries(t)
	q.Fields = Fields{
		"Query.users": {Runs: Waiting}, "Query.user": {Runs: Promptly}, "Query.imGroups": {Runs: Waiting},
		"UserConnection.nodes": {}, "UserConnection.edges": {}, "UserEdge.node": {}, "User.settings": {Runs: Promptly}, "User.groups": {Runs: Waiting},
		"Group.settings": {Runs: Promptly},
	}
	q.Shares = func(field *ast.FieldDefinition) []string {
		if field.Name == "settings" {
			return []string{field.Type.Name()}
		}
		return nil
	}
	const x, y = `settings { inMeeting { chat } }`, `settings { tsp { callOut } }`
	for document, want := range map[string]string{
		`{ users { nodes { id ` + x + ` } } }`:                                  "nodes",
		`{ users { nodes { id a: ` + x + ` b: ` + y + ` } } }`:                  "nodes",
		`{ users { a: nodes { id } edges { node { ` + x + ` } } totalCount } }`: "a edges",
		`{ users { nodes { ` + x + ` groups { ` + x + ` } } } }`:                "nodes",
		`{ users { totalCount } }`:                                              "",
		`{ users { edges { cursor } } }`:                                        "edges",
		`{ imGroups { name } }`:                                                 "imGroups",
		`{ users { nodes { ` + x + ` } edges { node { ` + x + ` } } } }`:        "whole",
		`{ users { nodes { ` + x + ` } } user(id: "u") { ` + y + ` } }`:         "whole",
		`{ a: users { nodes { ` + x + ` } } b: users { nodes { ` + y + ` } } }`: "whole",
	} {
		plan := q.Plan(operationOf(t, q, document, nil))
		if plan == nil {
			t.Fatalf("%s is not planned", document)
		}
		var parts []string
		for _, part := range plan.root.nodes[0].parts {
			parts = append(parts, part.field.Alias)
		}
		got := strings.Join(parts, " ")
		if plan.whole {
			got = "whole"
		}
		if got != want {
			t.Errorf("%s: %q, want %q", document, got, want)
		}
	}
}
