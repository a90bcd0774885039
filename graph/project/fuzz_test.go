package project_test

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"testing"
	"unicode/utf8"

	"zoomgraph/graph/project"
	"zoomgraph/internal/rawjson"
)

// FuzzProject projects arbitrary bytes: it never panics, and what it writes is JSON.
func FuzzProject(f *testing.F) {
	for _, seed := range []string{
		``, ` `, `null`, `{}`, `[]`, `"`, `{"`, `{"a`, `{"a"`, `{"a":`, `{"int":1`, `{"int":1,`, `{,}`, `[,]`, `{"int":,}`,
		`{"name":"\`, `{"name":"\u12"}`, "{\"name\":\"\xff\x00\"}", `{"int":-}`, `{"int":1e}`, `{"int":.5}`, `{"int":+1}`,
		`{"int":01,"long":"--1","id":-,"float":1.}`, `{"any":{]}`, `{"any":"\ud800","at":"2026-01-02"}`, `{"things":[}`,
		`{"things":[{"int":1},{"int":"x"}],"sure_things":{},"matrix":[[1,[2]],3],"colors":["red",100]}`,
		`{"strict":{"must":1,"list":[1,null],"all":[[]]},"phone":"+1","phones":[1,"2",{"number":"3"}]}`,
		`{"thing":{"thing":{"thing":{"int":1}}}} trailing`, `{"int":1e999999999999,"float":1e999,"long":1e18}`,
		`{"int":"100","float":"1e5 ","flag":"true","long":"-0","name":5.0,"color":"1e2","ints":["1","+1","007"],"any":"1"}`,
		`{"int":"\u0031","flag":"tru\u0065","color":100.0,"things":{"int":"3.0"},"float":"0x1p-2","name":1e999}`,
	} {
		f.Add([]byte(seed))
	}
	h := newHarness(f, thingSchema)
	const query = `{ thing { ...F thing { ...F } things { ...F } sureThings { ...F } } items { id thing { int any } } int }
		fragment F on Thing {
			__typename name int float flag id long at any color camelCase2Go odd ints sureInts matrix colors names
			strict { must color may inner { sure { list } } list all } phone { number code } phones { number label }
		}`
	const source = `{ thing { name int any thing { int } things { int } strict { must } phone { number } } }`
	const leaves = `{ thing { name int float flag long id at color ints names any thing { int flag } things { float } phone { number code } } }`
	const below = `{ thing { thing { name int float flag long id at color ints names any thing { int flag strict { must } } things { float } phone { number code } } } }`
	f.Fuzz(func(t *testing.T, document []byte) {
		object := func(context.Context, project.Observer) (*project.Value, error) {
			whole := rawjson.Parse(document)
			part := project.Part{In: whole}
			from := parts{"name": part, "int": {Value: whole}, "any": {Value: whole}, "things": part, "strict": part}
			return h.projector.Object(opening(func() (project.Source, error) { return from, nil }), nil), nil
		}
		for _, r := range []result{h.project(t, string(document), query, nil), h.run(t, source, nil, object)} {
			if !json.Valid([]byte(r.data)) || !utf8.ValidString(r.data) {
				t.Errorf("%q is not JSON", r.data)
			}
		}
		// What is remembered of where members lie is what a pass over the text finds.
		text, parsed := rawjson.Value{Text: rawjson.Trim(document)}, rawjson.Parse(document)
		if a, b := h.runSource(t, leaves, everything(text)), h.runSource(t, leaves, everything(parsed)); a.data != b.data || len(a.errors) != len(b.errors) || !slices.Equal(a.spelt, b.spelt) {
			t.Errorf("%s, %v; and of what was parsed %s, %v", a.data, a.spelt, b.data, b.spelt)
		}
		// A text of a known shape is written as one of no known shape is.
		var shapes rawjson.Shapes
		known := parts{"thing": {Value: shapes.Parse(document)}}
		if diff := h.runSource(t, below, known).differs(h.runSource(t, below, parts{"thing": {Value: text}})); diff != "" && rawjson.Valid(document) {
			t.Errorf("of what was known (-text +route):\n%s", diff)
		}
		// A value is the same as itself, and as what it is typed as; typing twice is typing once.
		at := h.projector.Root("Thing")
		if json.Valid(document) && utf8.Valid(document) {
			typed := at.Typed(text.Text)
			if !json.Valid(typed) || !at.Same(text.Text, typed) || !at.Same(typed, text.Text) || !bytes.Equal(at.Typed(typed), typed) {
				t.Errorf("%s is typed as %s", document, typed)
			}
		}
		at.Check(document)
		for _, v := range rawjson.Members(document) {
			for range rawjson.Elements(v) {
				break
			}
		}
	})
}
