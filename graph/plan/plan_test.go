package plan_test

import (
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/plan"
	"zoomgraph/graph/project"
)

// TestPlain shows for which selections an answer is written as it is: each field has to be a section of the one view.
func TestPlain(t *testing.T) {
	t.Parallel()
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: `scalar JSON type Query { settings: Settings }
		type Settings { a: Section b: Section other: Section root: Section raw: JSON } type Section { x: Int y: Int }`})
	tree := plan.NewTree([]plan.Section{
		{Field: "a", Zoom: "a", Names: []string{"x", "y"}},
		{Field: "b", Zoom: "b", Names: []string{"x", "y"}},
		{Field: "other", Zoom: "other", View: "other", Names: []string{"x", "y"}},
		{Field: "root", Zoom: "root", View: "root", Root: true, Names: []string{"x", "y"}},
	}, nil)
	projector := project.New(schema, nil, nil)
	for _, tt := range []struct {
		selected, option string
		plain            bool
	}{
		{"a { x } b { y }", "", true},
		{"__typename a { x }", "", true},
		{"other { x }", "", true},
		{"other { x }", "other", true},
		{"a { x } other { x }", "", false},
		{"a { x } other { x }", "other", false},
		{"a { x }", "other", false},
		{"a { x } raw", "", false},
		{"raw", "", false},
		{"root { x }", "", false},
		{"__typename", "", false},
	} {
		doc := gqlparser.MustLoadQueryWithRules(schema, "{ settings { "+tt.selected+" } }", nil)
		field, _ := doc.Operations[0].SelectionSet[0].(*ast.Field)
		ctx := graphql.WithOperationContext(t.Context(), &graphql.OperationContext{Doc: doc, Operation: doc.Operations[0]})
		ctx = graphql.WithFieldContext(ctx, &graphql.FieldContext{Field: graphql.CollectedField{Field: field, Selections: field.SelectionSet}})
		request := plan.Request{}
		if tt.option != "" {
			request.Option = &tt.option
		}
		p, err := tree.Plan(projector.Selection(ctx), request)
		if err != nil {
			t.Fatal(err)
		}
		if p.Plain != tt.plain {
			t.Errorf("{ %s } of %q is plain: %v", tt.selected, tt.option, p.Plain)
		}
	}
}
