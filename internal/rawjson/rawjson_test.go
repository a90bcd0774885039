package rawjson_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"zoomgraph/internal/rawjson"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestMember(t *testing.T) {
	t.Parallel()
	tests := []struct {
		object, key, value string
		ok                 bool
	}{
		{`{"a":1}`, "a", "1", true},
		{" {\n\t\"a\" : [1, 2] , \"b\":{\"c\":\"}\"} }\r\n", "b", `{"c":"}"}`, true},
		{`{"a":1,"a":2}`, "a", "2", true},
		{`{"\u0061":"x\\\""}`, "a", `"x\\\""`, true},
		{`{"a":null}`, "a", "null", true},
		{`{"b":{"a":1}}`, "a", "", false},
		{`{}`, "a", "", false},
		{`["a",1]`, "a", "", false},
		{`"a"`, "a", "", false},
		{``, "a", "", false},
		{`{"a":`, "a", "", false},
		{`{"a"`, "a", "", false},
		{`{"a`, "a", "", false},
		{`{"a":{"b":[`, "a", `{"b":[`, true},
	}
	for _, test := range tests {
		value, ok := rawjson.Member([]byte(test.object), test.key)
		if string(value) != test.value || ok != test.ok {
			t.Errorf("Member(%s, %s) is %s, %v", test.object, test.key, value, ok)
		}
	}
}

func TestMembersAndElements(t *testing.T) {
	t.Parallel()
	var got []string
	for k, v := range rawjson.Members([]byte(`{"a":1, "\u00e9":"x" ,"a":[]}`)) {
		got = append(got, k+"="+string(v))
	}
	if diff := cmp.Diff([]string{"a=1", "é=\"x\"", "a=[]"}, got); diff != "" {
		t.Error(diff)
	}
	got = nil
	for v := range rawjson.Elements([]byte(` [ 1 ,"a]",[2,[3]],{"a":"]"} ] `)) {
		got = append(got, string(v))
	}
	if diff := cmp.Diff([]string{"1", `"a]"`, "[2,[3]]", `{"a":"]"}`}, got); diff != "" {
		t.Error(diff)
	}
	for range rawjson.Members([]byte(`{"a":1,"b":2}`)) {
		break
	}
	for range rawjson.Elements([]byte(`[1,2]`)) {
		break
	}
}

// TestScannersAgreeWithDecoder compares the scanners with encoding/json over generated JSON.
func TestScannersAgreeWithDecoder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := anyJSON(3).Draw(t, "json")
		var object map[string]json.RawMessage
		if json.Unmarshal([]byte(text), &object) == nil {
			got := map[string]json.RawMessage{}
			for k, v := range rawjson.Members([]byte(text)) {
				got[k] = v
			}
			if object == nil { // null
				object = map[string]json.RawMessage{}
			}
			if diff := cmp.Diff(object, got); diff != "" {
				t.Fatal(diff)
			}
			for _, k := range slices.Collect(maps.Keys(object)) {
				if v, ok := rawjson.Member([]byte(text), k); !ok || string(v) != string(object[k]) {
					t.Fatalf("Member(%s, %q) is %s", text, k, v)
				}
			}
		}
		var list []json.RawMessage
		if json.Unmarshal([]byte(text), &list) == nil {
			var got []json.RawMessage
			for v := range rawjson.Elements([]byte(text)) {
				got = append(got, v)
			}
			if len(list) == 0 {
				list = nil
			}
			if diff := cmp.Diff(list, got); diff != "" {
				t.Fatal(diff)
			}
		}
	})
}

// TestParsedAgrees compares what was parsed with what is found in the text, at all levels, over generated JSON and
// anything that it was cut off to.
func TestParsedAgrees(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		text := []byte(anyJSON(6).Draw(t, "json"))
		text = text[:rapid.IntRange(0, len(text)).Draw(t, "cut")]
		parsed := rawjson.Parse(text)
		agree(t, rawjson.Value{Text: rawjson.Trim(text)}, parsed)
		checkBytes(t, parsed)
	})
	deep := rawjson.Parse([]byte(strings.Repeat(`{"a":1,"b":`, 1000) + "2" + strings.Repeat("}", 1000)))
	checkBytes(t, deep)
}

// checkBytes looks whether so much is remembered as is needed for four levels.
func checkBytes(t interface{ Errorf(string, ...any) }, parsed rawjson.Value) {
	members := count(parsed, 4)
	if more := parsed.Bytes() - cap(parsed.Text); more < 20*members || more > 24*members {
		t.Errorf("%d bytes more than the text, for %d members", more, members)
	}
}

func agree(t interface{ Fatalf(string, ...any) }, found, parsed rawjson.Value) {
	if !bytes.Equal(found.Text, parsed.Text) {
		t.Fatalf("%q, parsed %q", found.Text, parsed.Text)
	}
	type pair struct {
		key   string
		value rawjson.Value
	}
	var want []pair
	for key, value := range found.Pairs() {
		want = append(want, pair{string(key), value})
	}
	for key, value := range parsed.Pairs() {
		if len(want) == 0 || want[0].key != string(key) {
			t.Fatalf("%q: parsed the key %q, want %v", found.Text, key, want)
		}
		agree(t, want[0].value, value)
		want = want[1:]
		last, ok := found.Member(string(key))
		if again, is := parsed.Member(string(key)); !ok || !is || !bytes.Equal(last.Text, again.Text) {
			t.Fatalf("%q: %q is %q, parsed %q", found.Text, key, last.Text, again.Text)
		}
	}
	if len(want) > 0 {
		t.Fatalf("%q: not parsed: %v", found.Text, want)
	}
	for range parsed.Pairs() {
		break
	}
}

// count counts the members of an object and, up to a level, of those in it.
func count(object rawjson.Value, levels int) (n int) {
	if levels == 0 {
		return 0
	}
	for _, value := range object.Pairs() {
		n += 1 + count(value, levels-1)
	}
	return n
}

// anyJSON draws any JSON value, with keys that need unescaping and white space where it may stand.
func anyJSON(depth int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		value := rapid.SampledFrom([]any{nil, true, false, 0, -1.5e3, "", "a\"}\\", "é\u2028\n"}).Draw(t, "leaf")
		kind := "leaf"
		if depth > 0 {
			kind = rapid.SampledFrom([]string{"leaf", "list", "object"}).Draw(t, "kind")
		}
		below := func() json.RawMessage { return json.RawMessage(anyJSON(depth-1).Draw(t, "value")) }
		switch n := rapid.IntRange(0, 3).Draw(t, "length"); kind {
		case "list":
			list := []json.RawMessage{}
			for range n {
				list = append(list, below())
			}
			value = list
		case "object":
			object := map[string]json.RawMessage{}
			for range n {
				object[rapid.SampledFrom([]string{"a", "b", "", "\"", "é", "]}"}).Draw(t, "key")] = below()
			}
			value = object
		}
		compact, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		if rapid.Bool().Draw(t, "indent") {
			var b bytes.Buffer
			if err := json.Indent(&b, compact, " ", "\t"); err != nil {
				t.Fatal(err)
			}
			return " " + b.String() + "\r\n"
		}
		return string(compact)
	})
}

// FuzzParts compares with encoding/json what the parts of an object and of an array are; of texts that are not JSON it
// asks only that nothing runs past the end.
func FuzzParts(f *testing.F) {
	for _, seed := range []string{
		`{"a":1,"b":[1,{"c":"]}"}],"a":2}`, ` { "\u0061\"\\" : "x\\\"" , "" : {} } `, `[1 ,"a]",[2,[3]],{"a":"]"}]`, `[[],{}]`, `{"a":tru`,
		`{"a"`, `[1,`, `"\`, `{"\ud800":1}`, "{\"\xff\":\"\xff\"}", `{,}`, `[1 2]`, `1`, ``,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		members := map[string]string{}
		for key, value := range rawjson.Members(text) {
			members[key] = string(rawjson.Trim(value))
		}
		var elements []string
		for value := range rawjson.Elements(text) {
			elements = append(elements, string(rawjson.Trim(value)))
		}
		var object map[string]json.RawMessage
		if json.Unmarshal(text, &object) == nil && object != nil {
			for key, want := range object {
				if got := members[key]; got != string(rawjson.Trim(want)) && utf8.ValidString(key) && !strings.ContainsRune(key, utf8.RuneError) {
					t.Errorf("in %q %q is %s, want %s", text, key, got, want)
				}
			}
			if len(elements) > 0 {
				t.Errorf("the object %q has elements %q", text, elements)
			}
		}
		var array []json.RawMessage
		if json.Unmarshal(text, &array) == nil && array != nil {
			if len(elements) != len(array) || len(members) > 0 {
				t.Fatalf("%q has %d elements and %d members, want %d elements", text, len(elements), len(members), len(array))
			}
			for i, want := range array {
				if elements[i] != string(rawjson.Trim(want)) {
					t.Errorf("element %d of %q is %s, want %s", i, text, elements[i], want)
				}
			}
		}
	})
}

// answerOf72 is an answer like Zoom's with 72 settings in six sections.
func answerOf72() []byte {
	var text strings.Builder
	for section := range 6 {
		fmt.Fprintf(&text, `%c"section_%d":{"first":true`, "{,"[min(section, 1)], section)
		for i := range 11 {
			fmt.Fprintf(&text, `,"a_setting_of_meetings_%02d":%s`, i, [...]string{"true", "false", `"some text"`, "100"}[i%4])
		}
		text.WriteString("}")
	}
	text.WriteString("}")
	return []byte(text.String())
}

// BenchmarkParse judges an answer with 72 settings and finds its parts: those of an answer that looks like none before,
// and like the last one.
func BenchmarkParse(b *testing.B) {
	answer := answerOf72()
	b.Run("new", func(b *testing.B) {
		b.ReportAllocs()
		b.SetBytes(int64(len(answer)))
		for b.Loop() {
			if !rawjson.Valid(answer) {
				b.Fatal("it is valid")
			}
			rawjson.Parse(answer)
		}
	})
	b.Run("known", func(b *testing.B) {
		var shapes rawjson.Shapes
		shapes.Parse(answer)
		b.ReportAllocs()
		b.SetBytes(int64(len(answer)))
		for b.Loop() {
			if _, known := shapes.Known(answer); !known {
				b.Fatal("it is known")
			}
		}
	})
}
