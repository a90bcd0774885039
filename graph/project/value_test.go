package project_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"zoomgraph/graph/project"
	"zoomgraph/internal/rawjson"
)

func TestMismatchIsCodedAndLocated(t *testing.T) {
	t.Parallel()
	r := newHarness(t, thingSchema).project(t, `{"int":"secret"}`, "{ thing {\n  x: int } }", nil)
	want := gqlerror.List{{
		Message:    "Zoom's answer does not fit: expected Int, found string",
		Path:       ast.Path{ast.PathName("thing"), ast.PathName("x")},
		Locations:  []gqlerror.Location{{Line: 2, Column: 3}},
		Extensions: map[string]any{"code": "UPSTREAM_INVALID_RESPONSE"},
	}}
	if diff := cmp.Diff(want, r.errors); diff != "" {
		t.Error(diff)
	}
}

func TestLoadFails(t *testing.T) {
	t.Parallel()
	h := newHarness(t, thingSchema)
	sentinel := errors.New("unreachable")
	coded := &gqlerror.Error{Message: "not found", Extensions: map[string]any{"code": "NOT_FOUND"}}
	tests := []struct {
		name string
		err  error
		want *gqlerror.Error
	}{
		{"any error", sentinel, &gqlerror.Error{Message: "unreachable"}},
		{"coded", coded, &gqlerror.Error{Message: "not found", Extensions: coded.Extensions}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			r := h.load(t, `{ items { int: id } }`, nil, func() ([]byte, error) { return nil, test.err })
			if want := `{"items":[{"int":null},{"int":null},{"int":null}]}`; r.data != want {
				t.Errorf("got %s", r.data)
			}
			for i, e := range r.errors {
				if path := fmt.Sprintf("items[%d].int", i); e.Path.String() != path || e.Message != test.want.Message {
					t.Errorf("got %v, want it at %s", e, path)
				}
				if !errors.Is(e, test.err) {
					t.Errorf("%v is not the error of load", e)
				}
				if diff := cmp.Diff(test.want.Extensions, e.Extensions); diff != "" {
					t.Error(diff)
				}
			}
			if len(r.errors) != 3 || r.absent != nil {
				t.Errorf("got %v, absent %v", r.errors, r.absent)
			}
		})
	}
	if coded.Path != nil {
		t.Error("the error of load was changed")
	}
}

func TestNothingLoaded(t *testing.T) {
	t.Parallel()
	h := newHarness(t, thingSchema)
	r := h.load(t, `{ int sureInt }`, nil, func() ([]byte, error) { return nil, nil })
	r.check(t, `{"int":null,"sureInt":null}`, []string{mismatch("sureInt", "Int!", "nothing")},
		[]absence{{"int", "NOT_IN_RESPONSE"}, {"sureInt", "NOT_IN_RESPONSE"}})
}

func TestPanicIsOneError(t *testing.T) {
	t.Parallel()
	h := newHarness(t, thingSchema)
	h.executor.SetRecoverFunc(func(context.Context, any) error { return errors.New("internal") })
	r := h.load(t, `{ thing { int } }`, nil, func() ([]byte, error) { panic("boom") })
	r.check(t, `{"thing":null}`, []string{"thing: internal"}, nil)
}

func TestErrorsAreBounded(t *testing.T) {
	t.Parallel()
	document := `{"ints":[` + strings.Repeat(`"x",`, 500) + `1]}`
	r := newHarness(t, thingSchema).project(t, document, `{ thing { ints } }`, nil)
	if len(r.errors) != 100 {
		t.Errorf("got %d errors", len(r.errors))
	}
	if want := `{"thing":{"ints":[` + strings.Repeat("null,", 500) + `1]}}`; r.data != want {
		t.Errorf("got %s", r.data)
	}
}

// parts is a Source.
type parts map[string]project.Part

func (p parts) Part(field *ast.FieldDefinition) project.Part { return p[field.Name] }

func TestObject(t *testing.T) {
	t.Parallel()
	h := newHarness(t, thingSchema)
	first, second := rawjson.Parse([]byte(`{"int":1,"name":"n","thing":{"int":"x"},"int":2}`)), rawjson.Value{Text: []byte(` {"int":5,"flag":true}`)}
	shared := errors.New("refused")
	source := parts{
		"int":    {In: first},
		"flag":   {In: second},
		"name":   {In: first},
		"odd":    {In: first},
		"thing":  {In: first},
		"things": {Value: rawjson.Parse([]byte(` [{"int":3}] `))},
		"ints":   {Reason: project.NotInView, In: first},
		"id":     {Reason: project.UnknownValue},
		"color":  {Err: shared, Value: rawjson.Parse([]byte(`"red"`))},
		"phone":  {In: rawjson.Value{Text: []byte{}}},
		"strict": {Value: rawjson.Parse([]byte(`null`))},
		"float":  {Value: rawjson.Parse([]byte(`1.5`)), In: rawjson.Parse([]byte(`{"float":2}`))},
	}
	tests := []struct {
		name, query string
		open        func() (project.Source, error)
		data        string
		errs        []string
		absent      []absence
	}{
		{
			"parts", `{ thing { __typename i: int flag name odd thing { int } things { int } ints j: int } }`,
			func() (project.Source, error) { return source, nil },
			`{"thing":{"__typename":"Thing","i":2,"flag":true,"name":"n","odd":null,"thing":{"int":null},` +
				`"things":[{"int":3}],"ints":null,"j":2}}`,
			[]string{mismatch("thing.thing.int", "Int", "string")},
			[]absence{{"thing.odd", "NOT_IN_RESPONSE"}, {"thing.ints", "NOT_IN_VIEW"}},
		}, {
			"reasons and errors", `{ thing { id color c2: color phone { code } strict { must } float at } }`,
			func() (project.Source, error) { return source, nil },
			`{"thing":{"id":null,"color":null,"c2":null,"phone":null,"strict":null,"float":1.5,"at":null}}`,
			[]string{"thing.color: refused", "thing.c2: refused"},
			[]absence{{"thing.id", "UNKNOWN_VALUE"}, {"thing.phone", "NOT_IN_RESPONSE"}, {"thing.at", "NOT_IN_RESPONSE"}},
		}, {
			"open fails", `{ thing { id } }`,
			func() (project.Source, error) { return nil, shared },
			`{"thing":null}`,
			[]string{"thing: refused"},
			nil,
		}, {
			"nothing there", `{ thing { id } sureThing { id } }`,
			func() (project.Source, error) { return nil, nil },
			`{"thing":null,"sureThing":null}`,
			[]string{mismatch("sureThing", "Thing!", "nothing")},
			[]absence{{"thing", "NOT_IN_RESPONSE"}, {"sureThing", "NOT_IN_RESPONSE"}},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			h.run(t, test.query, nil, func(_ context.Context, obs project.Observer) (*project.Value, error) {
				return h.projector.Object(opening(test.open), obs), nil
			}).check(t, test.data, test.errs, test.absent)
		})
	}
}

func TestObjectNonNull(t *testing.T) {
	t.Parallel()
	h := newHarness(t, `type Query { strict: Strict } type Strict { must: Int! may: Int }`)
	for name, part := range map[string]project.Part{
		"strict.must: refused":                     {Err: errors.New("refused")},
		mismatch("strict.must", "Int!", "nothing"): {Reason: project.UnknownValue},
		mismatch("strict.must", "Int!", "object"):  {Value: rawjson.Parse([]byte(`{}`))},
	} {
		r := h.run(t, `{ strict { may must } }`, nil, func(context.Context, project.Observer) (*project.Value, error) {
			source := parts{"must": part, "may": {Value: rawjson.Parse([]byte("1"))}}
			return h.projector.Object(opening(func() (project.Source, error) { return source, nil }), nil), nil
		})
		r.check(t, `{"strict":null}`, []string{name}, nil)
	}
}

func TestValueIsNeverRead(t *testing.T) {
	t.Parallel()
	v := newHarness(t, thingSchema).projector.Value(nil, nil)
	if err := v.UnmarshalGQLContext(t.Context(), "x"); err == nil {
		t.Error("no error")
	}
}
