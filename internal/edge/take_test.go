package edge

import (
	"reflect"
	"testing"
)

// What take takes is what decode makes of it; the rest it leaves alone.
func TestTake(t *testing.T) {
	t.Parallel()
	for text, taken := range map[string]bool{
		`{"query":"{ me { id } }"}`: true,
		" {\n\"query\" : \"{ a(b: \\\"c\\u00e9\\\") }\\n\" , \"variables\": {\"n\": 12345678901234567890, \"x\": [1.50, null, \"é\"]} }\r\n": true,
		`{"query":null,"documentId":"abc","operationName":"A","extensions":{"a":{"b":true}},"variables":null,"other":[1,{"query":"no"}]}`:    true,
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
