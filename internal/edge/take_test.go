package edge

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"zoomgraph/internal/rawjson"
)

// What take takes is what decode makes of it; the rest it leaves alone.
func TestTake(t *testing.T) {
	t.Parallel()
	for text, taken := range map[string]bool{
		`{"query":"{ me { id } }"}`: true,
		" {\n\"query\" : \"{ a(b: \\\"c\\u00e9\\\") }\\n\" , \"variables\": {\"n\": 12345678901234567890, \"x\": [1.50, null, \"é\"]} }\r\n": true,
		`{"query":null,"documentId":"abc","operationName":"A","extensions":{"a":{"b":true}},"variables":null,"other":[1,{"query":"no"}]}`:    true,
		`{"variables":{"a":{"b":[{},[],true,false,null,"\"\\",-0.5e3],"c":{"":1}},"a\u0062":[[[1]]]," ":[ ]}}`:                               true,
		`{"variables":{"a":"` + strings.Repeat("x", maxTaken) + `"},"extensions":{"b":[[0]]}}`:                                               true,
		`{}`:                                 true,
		`{"query":"a"}x`:                     false,
		`{"query":"a" "variables":{}}`:       false,
		`{"query":1}`:                        false,
		`{"query":["a"]}`:                    false,
		`{"query":"a","variables":[]}`:       false,
		`{"query":"a","variables":"{}"}`:     false,
		`{"query":"a","operationName":true}`: false,
		`{"query":"a`:                        false,
	} {
		var want sentParameters
		err := decode([]byte(text), &want)
		got, ok := take([]byte(text))
		if ok != taken || ok != (err == nil) || ok && !reflect.DeepEqual(got, want) {
			t.Errorf("%s: took %+v, %v; decoded %+v, %v", text, got, ok, want, err)
		}
	}
}

// FuzzTakeObject holds what is taken apart here to what encoding/json makes of it.
func FuzzTakeObject(f *testing.F) {
	for _, text := range []string{`{}`, `null`, `[]`, `{"a":{"b":[1,"\u00e9",true,null]},"a":2}`, ` {"a" : [ { } ] } `, `{"a":-1.0e+9,"\\":"\\\""}`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if !json.Valid(text) || !utf8.Valid(text) || checkShape("", text) != nil {
			return
		}
		var want map[string]any
		err := decode(text, &want)
		got, ok := takeObject(rawjson.Trim(text))
		if ok != (err == nil) || ok && !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %#v, %v; want %#v, %v", text, got, ok, want, err)
		}
	})
}
