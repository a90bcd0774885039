package edge

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	gqlgen "github.com/99designs/gqlgen/graphql/executor"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"

	"zoomgraph/internal/edge/document"
)

// noting is an extension that notes when it is called.
type noting struct {
	name string
	to   *[]string
}

func (n noting) ExtensionName() string                 { return n.name }
func (noting) Validate(graphql.ExecutableSchema) error { return nil }
func (n noting) note(ctx context.Context, around string) {
	*n.to = append(*n.to, n.name+" "+around+" "+graphql.GetOperationContext(ctx).OperationName)
}

func (n noting) MutateOperationContext(ctx context.Context, _ *graphql.OperationContext) *gqlerror.Error {
	n.note(ctx, "operation context")
	return nil
}

func (n noting) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	n.note(ctx, "operation")
	return next(ctx)
}

func (n noting) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	n.note(ctx, "answer")
	return next(ctx)
}

func (n noting) InterceptRootField(ctx context.Context, next graphql.RootResolver) graphql.Marshaler {
	n.note(ctx, "root")
	return next(ctx)
}

func (n noting) InterceptField(ctx context.Context, next graphql.Resolver) (any, error) {
	n.note(ctx, "field")
	return next(ctx)
}

// TestExecutor holds the executor to gqlgen's: the same extensions are called, in the same order, to the same answers.
func TestExecutor(t *testing.T) {
	t.Parallel()
	parsed := gqlparser.MustLoadSchema(&ast.Source{Input: "type Query { a: Int }"})
	schema := &graphql.ExecutableSchemaMock{
		SchemaFunc: func() *ast.Schema { return parsed },
		ExecFunc: func(ctx context.Context) graphql.ResponseHandler {
			op := graphql.GetOperationContext(ctx)
			return graphql.OneShot(func() *graphql.Response {
				op.RootResolverMiddleware(ctx, func(context.Context) graphql.Marshaler { return graphql.Null })
				_, _ = op.ResolverMiddleware(ctx, func(context.Context) (any, error) { return 1, nil })
				return &graphql.Response{Data: []byte(`{"a":1}`), Errors: gqlerror.List{{Message: "x"}}}
			}())
		},
	}
	present := graphql.ErrorPresenterFunc(graphql.DefaultErrorPresenter)
	for n := range 3 {
		var want, got []string
		theirs, ours := gqlgen.New(schema), []graphql.HandlerExtension{}
		for i := range n {
			theirs.Use(noting{string(rune('a' + i)), &want})
			ours = append(ours, noting{string(rune('a' + i)), &got})
		}
		op, errs := theirs.CreateOperationContext(graphql.StartOperationTrace(t.Context()), &graphql.RawParams{Query: "query Q { a }", OperationName: "Q"})
		if errs != nil {
			t.Fatal(errs)
		}
		respond, ctx := theirs.DispatchOperation(t.Context(), op)
		wanted := respond(ctx)

		e := &endpoint{schema: parsed, present: present}
		var err error
		if e.exec, err = newExecutor(schema, ours, present, e.recovered); err != nil {
			t.Fatal(err)
		}
		if e.documents, err = newDocuments(Options{}, parsed); err != nil {
			t.Fatal(err)
		}
		x := new(execution)
		if err := e.accept(t.Context(), &received{RawParams: graphql.RawParams{Query: "query Q { a }", OperationName: "Q"}}, x); err != nil {
			t.Fatal(err)
		}
		x.inner = x
		if given := e.exec.begin(x)(x.inner); fmt.Sprint(given) != fmt.Sprint(wanted) || !slices.Equal(got, want) || len(want) != 5*n {
			t.Errorf("%d extensions:\n%q, %+v; want\n%q, %+v", n, got, given, want, wanted)
		}
	}
}

type changing struct{ noting }

func (changing) MutateOperationParameters(context.Context, *graphql.RawParams) *gqlerror.Error {
	return nil
}

func TestExtensionThatChangesWhatWasSent(t *testing.T) {
	t.Parallel()
	if _, err := newExecutor(nil, []graphql.HandlerExtension{changing{noting{name: "Changing"}}}, nil, nil); err == nil || !strings.Contains(err.Error(), "Changing") {
		t.Errorf("it is taken: %v", err)
	}
}

// TestVariablesOf holds the variables that are not looked at a second time to what a second look makes of them.
func TestVariablesOf(t *testing.T) {
	t.Parallel()
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: "input I { n: Int } type Query { a(s: String, n: Int, f: Float, b: Boolean, id: ID, l: [Int], i: I): Int }"})
	judge := document.NewJudge(schema, document.Options{})
	for _, tt := range []struct{ defs, values string }{
		{"$s: String, $n: Int, $f: Float, $b: Boolean, $id: ID!", `{"s":"x","n":3.0,"f":2,"b":true,"id":7}`},
		{"$s: String!", `{"s":"x","other":1}`},
		{"$s: String", `{"s":null}`},
		{"$s: String!", `{"s":null}`},
		{"$s: String!, $n: Int", `{"n":1}`},
		{"$s: String = \"d\"", `{}`},
		{"$l: [Int], $i: I", `{"l":1,"i":{"n":1}}`},
	} {
		names := ""
		for def := range strings.SplitSeq(tt.defs, ", ") {
			name, _, _ := strings.Cut(def[1:], ":")
			names += name + ": $" + name + " "
		}
		doc, errs := judge.Read("query(" + tt.defs + ") { a(" + names + ") }")
		if errs != nil {
			t.Fatal(errs)
		}
		op := doc.AST.Operations[0]
		once, twice := map[string]any{}, map[string]any{}
		for _, into := range []*map[string]any{&once, &twice} {
			dec := json.NewDecoder(strings.NewReader(tt.values))
			dec.UseNumber()
			if err := dec.Decode(into); err != nil {
				t.Fatal(err)
			}
		}
		if err := coerceVariables(schema, op, twice); err != nil {
			t.Fatal(err)
		}
		want, wantErr := validator.VariableValues(schema, op, twice)
		got, err := variablesOf(schema, op, once)
		if (err != nil) != (wantErr != nil) || err == nil && !reflect.DeepEqual(got, want) {
			t.Errorf("%s of %s: %v, %v; want %v, %v", tt.defs, tt.values, got, err, want, wantErr)
		}
	}
}
