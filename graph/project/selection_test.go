package project_test

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/99designs/gqlgen/graphql"
	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/project"
)

// outline prints a selection as key:name(zoom) with what is below it.
func outline(s *project.Selection) string {
	var out []string
	for _, f := range s.Fields() {
		text := f.Key + ":" + f.Name + "(" + f.Zoom + ")"
		if f.Sub != nil {
			text += "{" + outline(f.Sub) + "}"
		}
		out = append(out, text)
	}
	return strings.Join(out, " ")
}

func TestSelection(t *testing.T) {
	t.Parallel()
	h := newHarness(t, thingSchema)
	ctx := h.capture(t, `{ thing { a: int __typename ...F camelCase2Go } }
		fragment F on Thing { thing { odd ... on Named { name } } a: int things { __typename } thing { name int } }`, nil)
	want := "a:int(int) __typename:__typename() thing:thing(thing){odd:odd(odd_Id) name:name(name) int:int(int)} " +
		"things:things(things){__typename:__typename()} camelCase2Go:camelCase2Go(camel_case2_go)"
	s := h.projector.Selection(ctx)
	if got := outline(s); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if def := s.Fields()[2].Def; def != h.schema.Types["Thing"].Fields.ForName("thing") {
		t.Errorf("Def is %v", def)
	}
	if got := h.projector.Selection(h.capture(t, `{ int }`, nil)); len(got.Fields()) != 0 {
		t.Errorf("a leaf has the fields %v", got.Fields())
	}
}

func TestSelectionIsCompiledOnce(t *testing.T) {
	t.Parallel()
	h := newHarness(t, thingSchema)
	query := `query ($a: Boolean!, $b: Boolean = true, $c: Boolean!) {
		thing { int @include(if: $a) thing @include(if: $b) { name @skip(if: $c) } ...F @skip(if: $a) }
		...G @include(if: $a)
	} fragment F on Thing { flag @include(if: $a) } fragment G on Query { thing { long } }`
	seen := map[*project.Selection]string{}
	for range 3 {
		for i := range 8 {
			variables := map[string]any{"a": i&1 > 0, "b": i&2 > 0, "c": i&4 > 0}
			s := h.projector.Selection(h.capture(t, query, variables))
			got, ok := seen[s]
			if !ok {
				seen[s] = outline(s)
			} else if got != outline(s) {
				t.Errorf("%v: got %s, then %s", variables, got, outline(s))
			}
		}
	}
	if len(seen) != 6 { // where $b is false, $c does not matter
		t.Errorf("compiled %d times: %v", len(seen), seen)
	}
	texts := map[string]bool{}
	for _, text := range seen {
		texts[text] = true
	}
	if !texts["int:int(int) long:long(long)"] || !texts["thing:thing(thing){}"] {
		t.Errorf("got %v", texts)
	}
}

func TestSelectionVariantsAreBounded(t *testing.T) {
	t.Parallel()
	h := newHarness(t, thingSchema)
	var declared, selected strings.Builder
	for i := range 6 {
		fmt.Fprintf(&declared, "$v%d: Boolean! ", i)
		fmt.Fprintf(&selected, "f%d: int @include(if: $v%d) ", i, i)
	}
	query := "query (" + declared.String() + ") { thing { " + selected.String() + "} }"
	for n := range 64 {
		variables := map[string]any{}
		var want []string
		for i := range 6 {
			on := n>>i&1 > 0
			variables[fmt.Sprintf("v%d", i)] = on
			if on {
				want = append(want, fmt.Sprintf("f%d:int(int)", i))
			}
		}
		if got := outline(h.projector.Selection(h.capture(t, query, variables))); got != strings.Join(want, " ") {
			t.Errorf("%v: got %s", variables, got)
		}
	}
}

func TestNullCondition(t *testing.T) {
	t.Parallel()
	h := newHarness(t, thingSchema)
	r := h.project(t, `{"int":1}`, `query ($x: Boolean = true) { thing { a: int @include(if: $x) b: int @skip(if: $x) } }`,
		map[string]any{"x": nil})
	r.check(t, `{"thing":{"b":1}}`, nil, nil)
}

func TestSelectionIsSafeForConcurrentUse(t *testing.T) {
	t.Parallel()
	h := newHarness(t, thingSchema)
	query := `query ($a: Boolean!) { thing { int color any ... @include(if: $a) { name } thing { odd flag } } }`
	var ctxs []context.Context
	for i := range 2 {
		ctxs = append(ctxs, h.capture(t, query, map[string]any{"a": i == 0}))
	}
	fresh := project.New(h.schema, guard, fileURL)
	var all sync.Map
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			s := fresh.Selection(ctxs[i%2])
			all.Store(s, true)
			s.Memo("key", func() any { return new(int) })
			v := fresh.Value(func() ([]byte, error) { return []byte(`{"color":"red","thing":{}}`), nil }, nil)
			var out strings.Builder
			if err := v.MarshalGQLContext(ctxs[i%2], &out); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	n := 0
	all.Range(func(any, any) bool { n++; return true })
	if n != 2 {
		t.Errorf("compiled %d selections, want 2", n)
	}
}

func TestMemo(t *testing.T) {
	t.Parallel()
	h := newHarness(t, thingSchema)
	ctx := h.capture(t, `{ thing { int } }`, nil)
	calls := 0
	for range 3 {
		s := h.projector.Selection(ctx)
		one := s.Memo("one", func() any { calls++; return calls })
		two := s.Memo(2, func() any { return "two" })
		if one != 1 || two != "two" {
			t.Errorf("got %v, %v", one, two)
		}
	}
}

// TestSharedNode has one field node that other nodes join or not, above the selection itself.
func TestSharedNode(t *testing.T) {
	t.Parallel()
	h := newHarness(t, thingSchema)
	query := `query ($x: Boolean!) { thing { int } ...F @include(if: $x) } fragment F on Query { thing { name } }`
	got := map[bool]string{}
	for _, x := range []bool{true, false, true} {
		got[x] = h.project(t, `{"int":1,"name":"n"}`, query, map[string]any{"x": x}).data
	}
	want := map[bool]string{true: `{"thing":{"int":1,"name":"n"}}`, false: `{"thing":{"int":1}}`}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestZoomName(t *testing.T) {
	t.Parallel()
	h := newHarness(t, `type Query {
		e2eEncryption: Int hostVideo: Int id: Int useHTMLFormat: Int a1B: Int pmi: Int @name(zoom: "rule_Id") }`)
	var got []string
	for _, f := range h.schema.Query.Fields {
		if !strings.HasPrefix(f.Name, "__") {
			got = append(got, h.projector.ZoomName(f))
		}
	}
	want := []string{"e2e_encryption", "host_video", "id", "use_h_t_m_l_format", "a1_b", "rule_Id"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestDocumentsAreBounded(t *testing.T) {
	t.Parallel()
	h := newHarness(t, thingSchema)
	ctx := h.capture(t, `{ thing { int } }`, nil)
	first := h.projector.Selection(ctx)
	var held []*ast.QueryDocument // what nobody holds any more leaves no selections
	for range 1100 {
		op := *graphql.GetOperationContext(ctx)
		doc := *op.Doc
		op.Doc = &doc
		held = append(held, &doc)
		h.projector.Selection(graphql.WithOperationContext(ctx, &op))
	}
	if h.projector.Selection(ctx) == first {
		t.Error("the selection of a document that was not used for long is kept")
	}
	runtime.KeepAlive(held)
}
