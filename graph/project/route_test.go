package project_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"pgregory.net/rapid"

	"zoomgraph/internal/rawjson"
)

// differs says in what two results differ; "" in nothing.
func (r result) differs(from result) string {
	return cmp.Diff(from, r, cmp.AllowUnexported(result{}, absence{}), cmp.Comparer(func(a, b *gqlerror.Error) bool {
		return encode(a) == encode(b)
	}))
}

// TestRoutesAgree compares what is written of an object whose shape is known from another text, with other values in it,
// with what is written of its text alone.
func TestRoutesAgree(t *testing.T) {
	t.Parallel()
	h := newHarness(t, thingSchema)
	rapid.Check(t, func(rt *rapid.T) {
		g := generator{rt, h.schema}
		query, variables := g.queryOf("{ thing { thing %s } }")
		first := []byte(g.value(ast.NamedType("Thing", nil), 4))
		who := h
		if g.chance(30) {
			who = h.reader()
		}
		var shapes rawjson.Shapes
		learned := shapes.Parse(first)
		who.below(t, query, variables, learned)
		for range 2 {
			text := g.otherValues(learned)
			known, ok := shapes.Known(text)
			if !ok {
				rt.Fatalf("%s is not known behind %s", text, first)
			}
			want, got := who.below(t, query, variables, rawjson.Value{Text: known.Text}), who.below(t, query, variables, known)
			if diff := got.differs(want); diff != "" {
				rt.Fatalf("%s\nfrom %s, known from %s (-text +route):\n%s", query, text, first, diff)
			}
		}
	})
}

// below answers a query with a value at thing.thing.
func (h *harness) below(tb testing.TB, query string, variables map[string]any, value rawjson.Value) result {
	tb.Helper()
	return h.runSourceWith(tb, query, variables, parts{"thing": {Value: value}})
}

// otherValues is the text of an object of a known shape with other values in it.
func (g generator) otherValues(object rawjson.Value) []byte {
	if !object.Place().IsObject() {
		g.t.SkipNow()
	}
	out, done := []byte(nil), 0
	var replace func(object rawjson.Value)
	replace = func(in rawjson.Value) {
		for _, value := range in.Pairs() {
			if value.Place().IsObject() {
				replace(value)
				continue
			}
			start := cap(object.Text) - cap(value.Text)
			out = append(out, object.Text[done:start]...)
			done = start + len(value.Text)
			if g.chance(50) {
				out = append(out, value.Text...)
				continue
			}
			of := rapid.SampledFrom([]string{"String", "Boolean", "Color", "DateTime", "JSON", "Int"}).Draw(g.t, "kind")
			out = append(out, rapid.SampledFrom(append(samples(of), `" "`, "null", `"https://zoom.us/j/1?a=1&pwd=x"`, `[{"int":1}]`, "{}")).Draw(g.t, "value")...)
		}
	}
	replace(object)
	return append(out, object.Text[done:]...)
}

// TestRoutesHide shows that secrets are withheld of objects whose shape is known, and unions told by their values.
func TestRoutesHide(t *testing.T) {
	t.Parallel()
	h := newHarness(t, strings.Replace(secretSchema, "thing: Thing }", "top: Top } type Top { thing: Thing owner: Owner }", 1)+`
union Owner @tagged(by: "type") = User | Queue
type User @wire(value: "user") { name: String pin: Int @sensitive download: String @file hostKey: String @sensitive box: Box }
type Queue @wire(value: "queue") { name: String! box: Box hidden: Hidden }
type Hidden { name: String! }`)
	const query = `{ top { __typename
		thing { name pmiPassword box { name } setting joinUrl joinUrls link value raw }
		owner { ... on User { hostKey pin download name box { name } } ... on Queue { title: name box { name } hidden { name } } } } }`
	var shapes rawjson.Shapes
	for _, text := range []string{
		`{"thing":{"name":"n","pmi_password":"canary","box":{"name":"canary"},"field":"pmi_password","join_url":"https://zoom.us/j/1?pwd=x","join_urls":["https://zoom.us/j/1?pwd=x"],"link":"","value":"canary","raw":{"token":"x"}},"owner":{"type":"user","name":"u","pin":1234,"download":"https://zoom.us/f","host_key":"canary","box":{"name":"n"},"hidden":{"name":"h"}}}`,
		`{"thing":{"name":" ","pmi_password":true,"box":{"name":"canary"},"field":"host_video","join_url":"https://zoom.us/j/1?a=1","join_urls":"x","link":"l","value":"canary","raw":{"token":""}},"owner":{"type":"queue","name":"q","pin":1234,"download":"https://zoom.us/f","host_key":"canary","box":{"name":"n"},"hidden":{"name":"h"}}}`,
		`{"thing":{"name":"","pmi_password":null,"box":{"name":null},"field":7,"join_url":null,"join_urls":null,"link":null,"value":"canary","raw":{"token":null}},"owner":{"type":"queue","name":null,"pin":1234,"download":"https://zoom.us/f","host_key":"canary","box":{"name":"n"},"hidden":{"name":null}}}`,
		`{"thing":{"name":1,"pmi_password":1,"box":{"name":1},"field":null,"join_url":1,"join_urls":1,"link":1,"value":1,"raw":{"token":1}},"owner":{"type":"queue","name":"q","pin":1234,"download":"https://zoom.us/f","host_key":1,"box":{"name":1},"hidden":{"name":null}}}`,
		`{"thing":{"name":"n","pmi_password":"canary","box":{"name":"canary"},"field":"pmi_password","join_url":"","join_urls":[],"link":"","value":"canary","raw":{"token":"x"}},"owner":{"type":"robot","name":"u","pin":1234,"download":"https://zoom.us/f","host_key":"canary","box":{"name":"n"},"hidden":{"name":"h"}}}`,
	} {
		shapes.Parse([]byte(text))
		known, ok := shapes.Known([]byte(text))
		if !ok {
			t.Fatalf("%s is not known", text)
		}
		for name, who := range map[string]*harness{"trusted": h, "blind": h.reader()} {
			want, got := who.runSource(t, query, everything(rawjson.Whole([]byte(text)))), who.runSource(t, query, plain{everything(known)})
			if diff := got.differs(want); diff != "" {
				t.Errorf("%s, of %s (-text +route):\n%s", name, text, diff)
			}
			if name == "blind" && strings.Contains(got.data, "canary") && !strings.Contains(text, "host_video") {
				t.Errorf("a secret is told: %s", got.data)
			}
		}
	}
}

// TestRoutesOfManyShapes asks for answers of more shapes than a selection keeps routes for, by turns.
func TestRoutesOfManyShapes(t *testing.T) {
	t.Parallel()
	h := newHarness(t, thingSchema)
	var known []rawjson.Value
	for _, text := range []string{
		`{"name":"a","int":1}`, `{"int":1,"name":"a"}`, `{"name":"a","x":0,"int":1}`, `{"x":{},"name":"a","int":1}`, `{"name":"b","name":"a","int":1}`,
		`{"name":"a","int":1,"x":{"name":"b"}}`, `{"name":"a","int":1}`,
	} {
		var shapes rawjson.Shapes
		known = append(known, shapes.Parse([]byte(text)))
	}
	for range 3 {
		for _, value := range known {
			if r := h.below(t, `{ thing { thing { int name } } }`, nil, value); r.data != `{"thing":{"thing":{"int":1,"name":"a"}}}` {
				t.Errorf("of %s got %s", value.Text, r.data)
			}
		}
	}
}
