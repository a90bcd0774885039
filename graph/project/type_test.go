package project_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"zoomgraph/graph/project"
	"zoomgraph/internal/rawjson"
)

// Values that are one for the schema, and values that are not, by the field of Thing that they stand in.
func TestSame(t *testing.T) {
	t.Parallel()
	h := newHarness(t, thingSchema)
	root := h.projector.Root("Thing")
	for _, test := range []struct {
		field, a, b string
		same        bool
	}{
		{"int", `100`, `"100"`, true},
		{"int", `30`, `30.0`, true},
		{"int", `30`, `3e1`, true},
		{"int", `"30"`, `3e1`, true},
		{"int", `100`, `" 100"`, false},
		{"int", `100`, `"0100"`, false},
		{"int", `100`, `101`, false},
		{"int", `0`, `false`, false},
		{"int", `"x"`, `"x"`, true},
		{"int", `9007199254740993`, `9007199254740992`, false},
		{"long", `9007199254740993`, `"9007199254740993"`, true},
		{"long", `9007199254740993`, `9007199254740992`, false},
		{"float", `1`, `"1.0"`, true},
		{"float", `0.25`, `2.5e-1`, true},
		{"float", `0.25`, `0.251`, false},
		{"flag", `true`, `"true"`, true},
		{"flag", `true`, `1`, false},
		{"flag", `false`, `0`, false},
		{"flag", `false`, `null`, false},
		{"flag", `true`, `"True"`, false},
		{"id", `5`, `"5"`, true},
		{"id", `5.0`, `"5"`, true},
		{"id", `"05"`, `5`, false},
		{"name", `5`, `"5"`, true},
		{"name", `"\u0061"`, `"a"`, true},
		{"name", `"true"`, `true`, false},
		{"name", `"30"`, `"30.0"`, false},
		{"name", `""`, `null`, false},
		{"name", ``, `null`, true},
		{"color", `100`, `"100"`, true},
		{"color", `100`, `1e2`, true},
		{"color", `"red"`, `"\u0072ed"`, true},
		{"color", `"red"`, `"RED"`, false},
		{"color", `"new"`, `"\u006eew"`, true},
		{"color", `7`, `7.0`, true},
		{"at", `"2026-01-02T03:04:05Z"`, `"2026-01-02T04:04:05+01:00"`, true},
		{"at", `"2026-01-02T03:04:05Z"`, `"2026-01-02T03:04:05.000Z"`, true},
		{"at", `"2026-01-02T03:04:05Z"`, `"2026-01-02T03:04:05"`, false},
		{"at", `"2026-01-02"`, `"2026\u002d01-02"`, true},
		{"any", `{"a":1,"b":[true]}`, `{"b":[true],"a":1.0}`, true},
		{"any", `1`, `"1"`, false},
		{"any", `1e400`, `10e399`, true},
		{"any", `1e99999999999`, `1e99999999998`, false},
		{"ints", `[1,2]`, `["1",2.0]`, true},
		{"ints", `[1,2]`, `[2,1]`, false},
		{"ints", `[1,2]`, `[1]`, false},
		{"ints", `[null]`, `[]`, false},
		{"ints", `1`, `1.0`, true},
		{"matrix", `[[1],[2]]`, `[["1"],[2e0]]`, true},
		{"names", `["5"]`, `[5]`, true},
		{"thing", `{"int":1,"name":"x"}`, `{"name":"x","int":"1"}`, true},
		{"thing", `{"int":1,"name":null}`, `{"int":1}`, true},
		{"thing", `{"int":1}`, `{"int":1,"name":null}`, true},
		{"thing", `{"int":1}`, `{"int":1,"name":""}`, false},
		{"thing", `{"int":1,"new":2}`, `{"new":2.0,"int":"1"}`, true},
		{"thing", `{"int":1,"int":2}`, `{"int":2}`, true},
		{"thing", `{"odd_Id":"7"}`, `{"odd_Id":7}`, true},
		{"thing", `{}`, `[]`, false},
		{"things", `[{"int":1}]`, `{"int":"1"}`, true},
		{"things", `[{"int":1}]`, `[{"int":2}]`, false},
		{"nobody_knows", `1`, `1.0`, true},
		{"nobody_knows", `1`, `"1"`, false},
		{"no_type", `{"int":1}`, `{"int":1.0}`, true},
		{"no_type", `{"int":1}`, `{"int":"1"}`, false},
	} {
		at := root.Field(test.field)
		if test.field == "no_type" {
			at = h.projector.Root("Nothing")
		}
		for _, pair := range [][2]string{{test.a, test.b}, {test.b, test.a}} {
			if got := at.Same([]byte(pair[0]), []byte(pair[1])); got != test.same {
				t.Errorf("%s: %s and %s are one: %v, want %v", test.field, pair[0], pair[1], got, test.same)
			}
		}
	}
}

// Of objects two levels need to agree only in what both know.
func TestAgree(t *testing.T) {
	t.Parallel()
	root := newHarness(t, thingSchema).projector.Root("Thing")
	for _, test := range []struct {
		field, a, b string
		agree       bool
	}{
		{"int", `1`, `"1"`, true},
		{"int", `1`, `2`, false},
		{"thing", `{"int":1,"name":"x"}`, `{"int":"1","flag":true}`, true},
		{"thing", `{"int":1,"name":"x"}`, `{"int":"2","flag":true}`, false},
		{"thing", `{"thing":{"flag":true,"int":1}}`, `{"thing":{"flag":"true","id":1}}`, true},
		{"things", `[{"int":1,"name":"x"}]`, `[{"int":1}]`, false},
		{"things", `{"int":1}`, `[{"int":1.0}]`, true},
		{"nobody_knows", `{"a":{"b":1,"c":2}}`, `{"a":{"b":1.0}}`, true},
	} {
		if got := root.Field(test.field).Agree([]byte(test.a), []byte(test.b)); got != test.agree {
			t.Errorf("%s: %s and %s agree: %v, want %v", test.field, test.a, test.b, got, test.agree)
		}
	}
}

func TestTyped(t *testing.T) {
	t.Parallel()
	root := newHarness(t, thingSchema).projector.Root("Thing")
	for _, test := range []struct{ field, value, want string }{
		{"int", `"100"`, `100`},
		{"int", `3.0`, `3.0`},
		{"int", `"x"`, `"x"`},
		{"flag", `"true"`, `true`},
		{"float", `"1.5"`, `1.5`},
		{"long", `"4000000000"`, `4000000000`},
		{"long", `"4e9"`, `"4e9"`},
		{"name", `7`, `"7"`},
		{"id", `7`, `7`},
		{"color", `"100"`, `100`},
		{"color", `"red"`, `"red"`},
		{"color", `"mauve"`, `"mauve"`},
		{"any", `{"int":"1"}`, `{"int":"1"}`},
		{"ints", `["1",2,"x",null]`, `[1,2,"x",null]`},
		{"ints", `"1"`, `"1"`},
		{"things", `{"int":"1"}`, `[{"int":1}]`},
		{"thing", `{"int":"1","thing":{"flag":"false"},"new":"1"}`, `{"int":1,"thing":{"flag":false},"new":"1"}`},
		{"thing", `null`, `null`},
		{"thing", ``, ``},
		{"nobody_knows", `"1"`, `"1"`},
	} {
		if got := root.Field(test.field).Typed([]byte(test.value)); string(got) != test.want {
			t.Errorf("%s: %s becomes %s, want %s", test.field, test.value, got, test.want)
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	p := newHarness(t, thingSchema+`type Pair { yes: Boolean no: Color }`).projector
	thing, pair := p.Root("Thing"), p.Root("Pair")
	for _, test := range []struct {
		at              project.Type
		value, in, want string
	}{
		{thing.Field("flag"), `true`, "", ""},
		{thing.Field("flag"), `"true"`, "", ""},
		{thing.Field("flag"), `null`, "", ""},
		{thing.Field("flag"), `"banana"`, "", "true or false"},
		{thing.Field("flag"), `1`, "", "true or false"},
		{thing.Field("int"), `"100"`, "", ""},
		{thing.Field("int"), `100.5`, "", "a whole number of at most 32 bits"},
		{thing.Field("int"), `3000000000`, "", "a whole number of at most 32 bits"},
		{thing.Field("long"), `3000000000`, "", ""},
		{thing.Field("float"), `"x"`, "", "a number"},
		{thing.Field("name"), `5`, "", ""},
		{thing.Field("name"), `{}`, "", "a text"},
		{thing.Field("at"), `"soon"`, "", "a time such as 2026-01-02T03:04:05Z"},
		{thing.Field("color"), `"100"`, "", ""},
		{thing.Field("color"), `"RED"`, "", "one of red, dark_green, blau, 100"},
		{thing.Field("any"), `{"x":[]}`, "", ""},
		{thing.Field("ints"), `3`, "", "a list"},
		{thing.Field("ints"), `[1,"2","x"]`, "[2]", "a whole number of at most 32 bits"},
		{thing.Field("things"), `{"int":true}`, "[0].int", "a whole number of at most 32 bits"},
		{thing.Field("thing"), `true`, "", "an object of answer, any, at, camel_case2_go, color, colors, day, flag, float, id, int, ints, long, matrix, name, names, odd_Id, phone, phones, strict, sure_ints, sure_things, thing, things"},
		{thing.Field("thing"), `{"thing":{"flag":2}}`, ".thing.flag", "true or false"},
		{pair, `{"yes":true,"mayhap":1}`, "", `an object of no, yes ("mayhap" is none)`},
		{thing.Field("nobody_knows"), `{"x":1}`, "", ""},
	} {
		if in, want := test.at.Check([]byte(test.value)); in != test.in || want != test.want {
			t.Errorf("%s: %q wants %q, want %q and %q", test.value, in, want, test.in, test.want)
		}
	}
}

func TestIsTrue(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{`true`: true, `"true"`: true, `false`: false, `"True"`: false, `1`: false, `"1"`: false, `null`: false, ``: false} {
		if got := project.IsTrue([]byte(text)); got != want {
			t.Errorf("%s is true: %v", text, got)
		}
	}
}

// TestSameIsWhatClientsSee compares two values of a place with what is written of them: what is the same there is the
// same here, also when a value was typed before.
func TestSameIsWhatClientsSee(t *testing.T) {
	t.Parallel()
	h := newHarness(t, thingSchema)
	names := []string{"int", "long", "flag", "id", "name", "color", "answer", "at", "day"}
	rapid.Check(t, func(rt *rapid.T) {
		name := rapid.SampledFrom(names).Draw(rt, "field")
		def := h.schema.Types["Thing"].Fields.ForName(name)
		draw := func(label string) string {
			return rapid.SampledFrom(append(samples(def.Type.Name()), "null")).Draw(rt, label)
		}
		a, b := draw("a"), draw("b")
		at := h.projector.Root("Thing").Field(name)
		seen := func(value string) result {
			return h.project(t, `{"`+name+`":`+value+`}`, `{ thing { `+name+` } }`, nil)
		}
		x, y := seen(a), seen(b)
		if len(x.errors)+len(y.errors)+len(x.absent)+len(y.absent) > 0 {
			rt.SkipNow()
		}
		same := canonical(rt, x.data) == canonical(rt, y.data)
		if got := at.Same([]byte(a), []byte(b)); got != same {
			rt.Fatalf("%s: %s and %s are one: %v, and written as %s and %s", name, a, b, got, x.data, y.data)
		}
		typed := at.Typed([]byte(a))
		if again := seen(string(typed)); again.data != x.data || len(again.spelt) > 0 {
			rt.Fatalf("%s: %s is typed as %s: %s, %v", name, a, typed, again.data, again.spelt)
		}
	})
}

// The observer hears of the field, wherever its value comes from.
func TestSpellings(t *testing.T) {
	t.Parallel()
	h := newHarness(t, thingSchema)
	document := `{"int":"1","flag":"true","name":2,"ints":[1,"2","x"],"color":"100","things":[{"float":"1.5","long":3}],"id":4,"any":"5"}`
	query := `{ thing { x: int flag name ints color things { float long } id any } }`
	want := []project.Spelling{
		{Field: "Thing.int", Type: "Int"},
		{Field: "Thing.flag", Type: "Boolean"},
		{Field: "Thing.name", Type: "String"},
		{Field: "Thing.ints", Type: "Int"},
		{Field: "Thing.color", Type: "Color"},
		{Field: "Thing.float", Type: "Float"},
	}
	got := h.project(t, document, query, nil)
	got.check(t, `{"thing":{"x":1,"flag":true,"name":"2","ints":[1,2,null],"color":"HUNDRED","things":[{"float":1.5,"long":3}],"id":"4","any":"5"}}`,
		[]string{mismatch("thing.ints[2]", "Int", "string")}, nil)
	if diff := cmp.Diff(want, got.spelt); diff != "" {
		t.Error(diff)
	}
	parsed := everything(rawjson.Parse([]byte(document)))
	from := h.runSource(t, query, parsed)
	if from.data != got.data || cmp.Diff(want, from.spelt) != "" {
		t.Errorf("from a source: %s, %v", from.data, from.spelt)
	}
	if root := h.project(t, `"7"`, `{ y: int }`, nil); root.data != `{"y":7}` || cmp.Diff([]project.Spelling{{Field: "Query.int", Type: "Int"}}, root.spelt) != "" {
		t.Errorf("a root field: %s, %v", root.data, root.spelt)
	}
}
