package rawjson_test

import (
	"bytes"
	"fmt"
	"testing"

	"zoomgraph/internal/rawjson"

	"pgregory.net/rapid"
)

// knows tells whether a text is known behind another one; where it is, its parts are those that are found in it.
func knows(t interface {
	Helper()
	Errorf(string, ...any)
	Fatalf(string, ...any)
}, first, text []byte,
) bool {
	t.Helper()
	var shapes rawjson.Shapes
	learned := shapes.Parse(first)
	if rawjson.Valid(first) {
		agree(t, rawjson.Value{Text: rawjson.Trim(first)}, learned)
	}
	_, again := shapes.Known(first)
	if is := learned.Place() != (rawjson.Place{}); is != again {
		t.Errorf("%q is of a known shape: %v, and known again: %v", first, is, again)
	}
	if members := count(learned, 1); rawjson.Valid(first) && members > 0 && !again {
		t.Errorf("%q is not known again", first)
	}
	v, known := shapes.Known(text)
	if !known {
		return false
	}
	if !rawjson.Valid(text) {
		t.Errorf("%q is taken for valid behind %q", text, first)
	}
	if v.Place() != learned.Place() {
		t.Errorf("%q and %q have one shape, but not one place", first, text)
	}
	agree(t, rawjson.Value{Text: rawjson.Trim(text)}, v)
	if of := learned.Bytes() - cap(learned.Text); v.Bytes()-cap(v.Text) != of {
		t.Errorf("what is remembered of %q takes not the %d bytes of %q", text, of, first)
	}
	return true
}

func TestKnown(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		first, text string
		known       bool
	}{
		{`{"a":1,"b":{"c":"x"}}`, `{"a":1,"b":{"c":"x"}}`, true},
		{`{"a":1,"b":{"c":"x"}}`, ` {"a":[{"b":1}],"b":{"c":{"d":null}}}` + "\r\n", true},
		{`{"a":1,"b":{"c":{"d":2},"e":3},"f":4}`, `{"a":"}","b":{"c":{"d":"\"}"},"e":""},"f":-1.5e3}`, true},
		{`{ "a" : 1 , "\u0062\"" : [ ] }`, `{ "a" : true , "\u0062\"" : {} }`, true},
		{`{"a":1,"a":{"a":2}}`, `{"a":3,"a":{"a":4}}`, true},
		{`{"a":{"a":{"a":{"a":{"a":1}}}}}`, `{"a":{"a":{"a":{"a":"deep"}}}}`, true},
		{`{"a":{"b":1}}`, `{"a":null}`, false},
		{`{"a":{"b":1}}`, `{"a":{}}`, false},
		{`{"a":1,"b":2}`, `{"a":1}`, false},
		{`{"a":1,"b":2}`, `{"a":1,"b":2,"c":3}`, false},
		{`{"a":1,"b":2}`, `{"b":2,"a":1}`, false},
		{`{"a":1,"b":2}`, `{"a":1, "b":2}`, false},
		{`{"a":1,"b":2}`, `{"a":1,"b":2`, false},
		{`{"a":1,"b":2}`, `{"a":1,"b":2}}`, false},
		{`{"a":1,"b":2}`, `{"a":01,"b":2}`, false},
		{`{"a":1,"b":2}`, `{"a":,"b":2}`, false},
		{`{"a":1,"b":2}`, `{"a":tru,"b":2}`, false},
		{`{"a":1,"b":2}`, `{"a":"` + "\n" + `","b":2}`, false},
		{`{"a":1,"b":2}`, `{"a":[1,],"b":2}`, false},
		{`{"a":1,"b":2`, `{"a":1,"b":2`, false},
		{`{"a":1,"b":x}`, `{"a":1,"b":2}`, false},
		{`{"a":1} 2`, `{"a":1}`, false},
		{`{}`, `{}`, false},
		{`[1]`, `[1]`, false},
		{``, ``, false},
	} {
		if got := knows(t, []byte(tt.first), []byte(tt.text)); got != tt.known {
			t.Errorf("behind %s %s is known: %v", tt.first, tt.text, got)
		}
	}
	var none *rawjson.Shapes
	if _, known := none.Known([]byte(`{"a":1}`)); known {
		t.Error("no shapes know a text")
	}
}

// TestKnownAgrees compares texts that are known with what is found in them, over generated JSON with other values in it,
// and anything that it was cut off to.
func TestKnownAgrees(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		first := []byte(anyJSON(6).Draw(t, "json"))
		text := bytes.Clone(first)
		for range rapid.IntRange(0, 3).Draw(t, "changes") {
			old := rapid.SampledFrom([]string{"null", "true", "false", "0", "-1500", `""`}).Draw(t, "value")
			other := rapid.SampledFrom([]string{"null", "[]", `{"a":1}`, `"é\u00e9"`, "12.50", "", "x", `"`}).Draw(t, "other")
			text = bytes.Replace(text, []byte(old), []byte(other), 1)
		}
		text = text[:rapid.IntRange(0, len(text)).Draw(t, "cut")]
		if !knows(t, first, text) && bytes.Equal(first, text) && first[0] == '{' && count(rawjson.Value{Text: first}, 1) > 0 {
			t.Fatalf("%q is not known behind itself", first)
		}
	})
}

// FuzzKnown asks of any text that is known behind any other one that it is valid, and that its parts are those that are
// found in it.
func FuzzKnown(f *testing.F) {
	for _, text := range texts {
		if len(text) > 100 {
			continue
		}
		f.Add([]byte(`{"a":`+text+`,"b":1}`), []byte(`{"a":1,"b":`+text+`}`))
		f.Add([]byte(`{"a":1,"b":{"c":"x"}}`), []byte(`{"a":1,"b":{"c":`+text+`}}`))
		f.Add([]byte(text), []byte(text))
	}
	f.Fuzz(func(t *testing.T, first, text []byte) { knows(t, first, text) })
}

// TestShapesKept shows how many shapes are kept, and that more of them than that do not put each other out all the time.
func TestShapesKept(t *testing.T) {
	t.Parallel()
	text := func(i int) []byte { return fmt.Appendf(nil, `{"member%d":1}`, i) }
	var shapes rawjson.Shapes
	known := func(n int) (all []int) {
		for i := range n {
			if _, ok := shapes.Known(text(i)); ok {
				all = append(all, i)
			}
		}
		return all
	}
	for i := range 5 {
		shapes.Parse(text(i))
	}
	if got := fmt.Sprint(known(10)); got != "[0 1 2 3]" {
		t.Errorf("of five, %s are known", got)
	}
	for range 11 {
		shapes.Parse(text(5))
	}
	if got := fmt.Sprint(known(10)); got != "[1 2 3 5]" {
		t.Errorf("when another one came often, %s are known", got)
	}
	shapes.Parse(append(bytes.Repeat([]byte(" "), 1<<17), text(6)...))
	if got := fmt.Sprint(known(10)); got != "[1 2 3 5]" {
		t.Errorf("when a long one came, %s are known", got)
	}
}
