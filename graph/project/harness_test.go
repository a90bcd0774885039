package project_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/99designs/gqlgen/graphql/executor"
	"github.com/99designs/gqlgen/graphql/handler/lru"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"zoomgraph/graph/project"
)

// directives are those of the real schema that the projection reads.
const directives = `
directive @name(zoom: String!) on FIELD_DEFINITION | INPUT_FIELD_DEFINITION
directive @file on FIELD_DEFINITION
directive @wire(value: String!) on ENUM_VALUE | OBJECT | INPUT_FIELD_DEFINITION
directive @tagged(by: String, content: String, argument: String) on UNION | INPUT_OBJECT
scalar DateTime
scalar Date
scalar Long
scalar JSON
`

// A harness executes queries with gqlgen's executor over a schema whose root fields are projected. The fields of the
// type Item are too, as those of an entity are.
type harness struct {
	schema    *ast.Schema
	projector *project.Projector
	executor  *executor.Executor
	resolve   func(ctx context.Context) (*project.Value, error) // set for each run
	blind     bool                                              // who asks may not see secrets
}

// guard withholds secrets from those who are blind.
func guard(ctx context.Context, what string) error {
	if h, _ := ctx.Value(harnessKey{}).(*harness); h != nil && h.blind {
		return errors.New("this caller may not " + what)
	}
	return nil
}

// fileURL leads to any address but an evil one.
func fileURL(_ context.Context, field *ast.FieldDefinition, address string) (string, error) {
	if strings.Contains(address, "evil") {
		return "", errors.New("there is no such file")
	}
	return "/" + field.Name + "?" + address, nil
}

func newHarness(tb testing.TB, sdl string) *harness {
	tb.Helper()
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "schema", Input: directives + sdl})
	if err != nil {
		tb.Fatal(err)
	}
	h := &harness{schema: schema, projector: project.New(schema, guard, fileURL)}
	h.executor = executor.New(h)
	h.executor.SetRecoverFunc(func(_ context.Context, r any) error { panic(r) })
	h.executor.SetQueryCache(lru.New[*ast.QueryDocument](100))
	return h
}

// A result is an answer and what the observer heard.
type result struct {
	data   string
	errors gqlerror.List
	absent []absence
	spelt  []project.Spelling
}

type absence struct{ path, reason string }

// absences is an Observer.
type absences struct {
	mu    sync.Mutex
	list  []absence
	voids []ast.Path
	spelt []project.Spelling
	odd   []string // values that the schema does not know, behind their fields
}

func (a *absences) Unknown(field, value string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.odd = append(a.odd, field+" "+value)
}

func (a *absences) Respelled(of project.Spelling) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.spelt = append(a.spelt, of)
}

func (a *absences) Void(path ast.Path) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.voids = append(a.voids, path)
}

func (a *absences) Absent(path ast.Path, reason project.Reason) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.list = append(a.list, absence{path.String(), string(reason)})
}

// project answers a query in which the JSON document stands behind every root field.
func (h *harness) project(tb testing.TB, document, query string, variables map[string]any) result {
	tb.Helper()
	return h.load(tb, query, variables, func() ([]byte, error) { return []byte(document), nil })
}

func (h *harness) load(tb testing.TB, query string, variables map[string]any, load func() ([]byte, error)) result {
	tb.Helper()
	return h.run(tb, query, variables, func(_ context.Context, obs project.Observer) (*project.Value, error) {
		return h.projector.Value(load, obs), nil
	})
}

// runSource answers a query of an object whose fields the source has.
func (h *harness) runSource(tb testing.TB, query string, from project.Source) result {
	tb.Helper()
	return h.runSourceWith(tb, query, nil, from)
}

func (h *harness) runSourceWith(tb testing.TB, query string, variables map[string]any, from project.Source) result {
	tb.Helper()
	return h.run(tb, query, variables, func(_ context.Context, obs project.Observer) (*project.Value, error) {
		return h.projector.Object(opening(func() (project.Source, error) { return from, nil }), obs), nil
	})
}

func (h *harness) run(tb testing.TB, query string, variables map[string]any,
	resolve func(context.Context, project.Observer) (*project.Value, error),
) result {
	tb.Helper()
	var heard absences
	run := *h // runs may be concurrent
	run.resolve = func(ctx context.Context) (*project.Value, error) { return resolve(ctx, &heard) }
	ctx := graphql.StartOperationTrace(context.WithValue(tb.Context(), harnessKey{}, &run))
	op, errs := h.executor.CreateOperationContext(ctx, &graphql.RawParams{Query: query, Variables: variables})
	if errs != nil {
		tb.Fatalf("%v in %s", errs, query)
	}
	responses, ctx := h.executor.DispatchOperation(ctx, op)
	response := responses(ctx)
	return result{string(response.Data), response.Errors, heard.list, heard.spelt}
}

type harnessKey struct{}

// Schema, Complexity and Exec make the harness an executable schema, as gqlgen generates one.
func (h *harness) Schema() *ast.Schema { return h.schema }

func (h *harness) Complexity(context.Context, string, string, int, map[string]any) (int, bool) {
	return 0, false
}

func (h *harness) Exec(ctx context.Context) graphql.ResponseHandler {
	run := ctx.Value(harnessKey{}).(*harness)
	return func(ctx context.Context) *graphql.Response {
		var out bytes.Buffer
		run.object(ctx, "Query", graphql.GetOperationContext(ctx).Operation.SelectionSet).MarshalGQL(&out)
		return &graphql.Response{Data: json.RawMessage(out.Bytes())}
	}
}

func (h *harness) object(ctx context.Context, typeName string, set ast.SelectionSet) graphql.Marshaler {
	op := graphql.GetOperationContext(ctx)
	if typeName == "Query" {
		ctx = graphql.WithFieldContext(ctx, &graphql.FieldContext{Object: typeName})
	}
	fields := graphql.CollectFields(op, set, []string{typeName})
	out := graphql.NewFieldSet(fields)
	for i, field := range fields {
		newContext := func(context.Context, graphql.CollectedField) (*graphql.FieldContext, error) {
			return &graphql.FieldContext{Object: typeName, Field: field, IsResolver: true}, nil
		}
		if field.Definition.Type.Name() == "Item" {
			out.Values[i] = graphql.ResolveField(ctx, op, field, newContext,
				func(context.Context) (any, error) { return 3, nil }, nil, h.items, true, true)
			continue
		}
		out.Values[i] = graphql.ResolveField(ctx, op, field, newContext,
			func(ctx context.Context) (any, error) { return h.resolve(ctx) }, nil,
			func(ctx context.Context, _ ast.SelectionSet, v *project.Value) graphql.Marshaler {
				return graphql.WrapContextMarshaler(ctx, v)
			}, true, false)
	}
	return out
}

// items is a list of n entities.
func (h *harness) items(ctx context.Context, set ast.SelectionSet, n int) graphql.Marshaler {
	list := make(graphql.Array, n)
	for i := range list {
		list[i] = h.object(graphql.WithFieldContext(ctx, &graphql.FieldContext{Index: &i}), "Item", set)
	}
	return list
}

// capture returns the context in which the resolver of the query's root field runs.
func (h *harness) capture(tb testing.TB, query string, variables map[string]any) context.Context {
	tb.Helper()
	var captured context.Context
	h.run(tb, query, variables, func(ctx context.Context, _ project.Observer) (*project.Value, error) {
		captured = ctx
		return h.projector.Value(func() ([]byte, error) { return []byte("null"), nil }, nil), nil
	})
	return captured
}

// opening is a function that has the Source of an object.
type opening func() (project.Source, error)

func (o opening) Open() (project.Source, error) { return o() }
