package project_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

const thingSchema = `
enum Answer { YES NONE @wire(value: "") }

enum Color { RED DARK_GREEN BLUE @wire(value: "blau") HUNDRED @wire(value: "100") }

interface Named { name: String }

type Thing implements Named {
  name: String
  int: Int
  float: Float
  flag: Boolean
  id: ID
  long: Long
  at: DateTime
  day: Date
  any: JSON
  color: Color
  answer: Answer
  camelCase2Go: String
  odd: String @name(zoom: "odd_Id")
  ints: [Int]
  sureInts: [Int!]
  matrix: [[Int!]]
  colors: [Color!]
  names: [String]
  things: [Thing]
  sureThings: [Thing!]
  thing: Thing
  strict: Strict
  phone: Phone
  phones: [Phone!]
}

type Strict {
  must: Int!
  color: Color!
  may: Int
  inner: Strict
  sure: Strict!
  list: [Int!]!
  all: [[Int!]!]!
}

type Phone { number: String label: String code: Int }

type Item { id: ID thing: Thing }

type Query {
  thing: Thing
  sureThing: Thing!
  things: [Thing]
  int: Int
  sureInt: Int!
  items: [Item!]!
}
`

// mismatch is the error, with its path, that Zoom sent something of another kind.
func mismatch(path, expected, found string) string {
	return path + ": Zoom's answer does not fit: expected " + expected + ", found " + found
}

func messages(list gqlerror.List) []string {
	var out []string
	for _, e := range list {
		out = append(out, e.Path.String()+": "+e.Message)
	}
	return out
}

func (r result) check(t *testing.T, data string, errs []string, absent []absence) {
	t.Helper()
	if r.data != data {
		t.Errorf("data\n got %s\nwant %s", r.data, data)
	}
	if diff := cmp.Diff(errs, messages(r.errors)); diff != "" {
		t.Errorf("errors (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(absent, r.absent, cmp.AllowUnexported(absence{})); diff != "" {
		t.Errorf("absent (-want +got):\n%s", diff)
	}
}

// TestLeaves reads each kind of leaf from each kind of JSON value. An empty want is a value that does not fit, "?" one
// that the enum does not know.
func TestLeaves(t *testing.T) {
	t.Parallel()
	h := newHarness(t, thingSchema)
	tests := []struct{ field, kind, value, want string }{
		{"name", "String", `"a"`, `"a"`},
		{"name", "String", `""`, `""`},
		{"name", "String", `"é \u00e9 \n \" \\ \/ \ud800"`, `"é \u00e9 \n \" \\ \/ \ud800"`},
		{"name", "String", "\"a\xff\xfeb\\n\"", "\"a\uFFFD\uFFFDb\\n\""},
		{"name", "String", `1`, `"1"`},
		{"name", "String", `-12.50`, `"-12.50"`},
		{"name", "String", `3.0`, `"3"`},
		{"name", "String", `12345678901234567890123`, `"12345678901234567890123"`},
		{"name", "String", `true`, ""},
		{"name", "String", `{}`, ""},
		{"name", "String", `["a"]`, ""},
		{"name", "String", `null`, "null"},

		{"int", "Int", `7`, `7`},
		{"int", "Int", `-0`, `0`},
		{"int", "Int", `6.0`, `6`},
		{"int", "Int", `1e2`, `100`},
		{"int", "Int", `1.50E+2`, `150`},
		{"int", "Int", `-120e-1`, `-12`},
		{"int", "Int", `0.0e99999999999999999999`, `0`},
		{"int", "Int", `2147483647`, `2147483647`},
		{"int", "Int", `-2147483648`, `-2147483648`},
		{"int", "Int", `2147483648`, ""},
		{"int", "Int", `6.5`, ""},
		{"int", "Int", `1e-1`, ""},
		{"int", "Int", `1e99999999999999999999`, ""},
		{"int", "Int", `1e9999999`, ""},
		{"int", "Int", `0.5e-9223372036854775808`, ""},
		{"int", "Int", `9007199254740993.0000000000001`, ""},
		{"int", "Int", `"7"`, `7`},
		{"int", "Int", `"-7"`, `-7`},
		{"int", "Int", `"1e2"`, ""},
		{"int", "Int", `"3.0"`, ""},
		{"int", "Int", `"\u0037"`, `7`},
		{"int", "Int", `"2147483648"`, ""},
		{"int", "Int", `"7.5"`, ""},
		{"int", "Int", `" 7"`, ""},
		{"int", "Int", `"7 "`, ""},
		{"int", "Int", `"+7"`, ""},
		{"int", "Int", `"007"`, ""},
		{"int", "Int", `"0x10"`, ""},
		{"int", "Int", `"1,000"`, ""},
		{"int", "Int", `"1_000"`, ""},
		{"int", "Int", `"٣"`, ""},
		{"int", "Int", `""`, ""},
		{"int", "Int", `"true"`, ""},
		{"int", "Int", `"null"`, ""},
		{"int", "Int", `true`, ""},

		{"float", "Float", `1.25`, `1.25`},
		{"float", "Float", `1`, `1`},
		{"float", "Float", `-1.5e-300`, `-1.5e-300`},
		{"float", "Float", `1e999`, ""},
		{"float", "Float", `"1"`, `1`},
		{"float", "Float", `"-1.5e3"`, `-1.5e3`},
		{"float", "Float", `"1e999"`, ""},
		{"float", "Float", `"NaN"`, ""},
		{"float", "Float", `"1.5 "`, ""},
		{"float", "Float", `".5"`, ""},
		{"float", "Float", `"0x1p-2"`, ""},

		{"flag", "Boolean", `true`, `true`},
		{"flag", "Boolean", `false`, `false`},
		{"flag", "Boolean", `"true"`, `true`},
		{"flag", "Boolean", `"false"`, `false`},
		{"flag", "Boolean", `"True"`, ""},
		{"flag", "Boolean", `" true"`, ""},
		{"flag", "Boolean", `"yes"`, ""},
		{"flag", "Boolean", `"1"`, ""},
		{"flag", "Boolean", `""`, ""},
		{"flag", "Boolean", `0`, ""},
		{"flag", "Boolean", `1`, ""},

		{"id", "ID", `"x"`, `"x"`},
		{"id", "ID", `85746065432`, `"85746065432"`},
		{"id", "ID", `123456789012345678901234567890`, `"123456789012345678901234567890"`},
		{"id", "ID", `1e3`, `"1000"`},
		{"id", "ID", `1.5`, ""},
		{"id", "ID", `false`, ""},
		{"id", "ID", `""`, `null`},

		{"long", "Long", `9223372036854775807`, `9223372036854775807`},
		{"long", "Long", `-9.223372036854775808e18`, `-9223372036854775808`},
		{"long", "Long", `9223372036854775808`, ""},
		{"long", "Long", `"42"`, `42`},
		{"long", "Long", `"-7"`, `-7`},
		{"long", "Long", `"4e9"`, ""},
		{"long", "Long", `"-007"`, ""},
		{"long", "Long", `"+7"`, ""},
		{"long", "Long", `""`, ""},
		{"long", "Long", `"4 2"`, ""},
		{"long", "Long", `0.5`, ""},

		{"at", "DateTime", `"2026-01-02T03:04:05Z"`, `"2026-01-02T03:04:05Z"`},
		{"at", "DateTime", `"2026-01-02T03:04:05.678+09:00"`, `"2026-01-02T03:04:05.678+09:00"`},
		{"at", "DateTime", `"2026-01-02T03:04:05"`, `"2026-01-02T03:04:05"`},
		{"at", "DateTime", `"2026-01-02 03:04:05"`, `"2026-01-02T03:04:05"`},
		{"at", "DateTime", `"2026-01-02"`, `"2026-01-02"`},
		{"at", "DateTime", `"2026-01-02T03:04:05\u005a"`, `"2026-01-02T03:04:05\u005a"`},
		{"at", "DateTime", `"2026-02-30"`, ""},
		{"at", "DateTime", `"tomorrow"`, ""},
		{"at", "DateTime", `1767323045`, ""},
		{"at", "DateTime", `""`, `null`},

		{"day", "Date", `"2026-01-02"`, `"2026-01-02"`},
		{"day", "Date", `"2026-01-02T03:04:05Z"`, `"2026-01-02"`},
		{"day", "Date", `"2026-01-02T03:04:05"`, `"2026-01-02"`},
		{"day", "Date", `"2026-01-2"`, `"2026-01-02"`},
		{"day", "Date", `"2026-1-02"`, `"2026-01-02"`},
		{"day", "Date", `"2026-02-30"`, ""},
		{"day", "Date", `"2026-2-30"`, ""},
		{"day", "Date", `"2026-1-2T03:04:05Z"`, ""},
		{"day", "Date", `"26-1-2"`, ""},
		{"day", "Date", `"today"`, ""},
		{"day", "Date", `20260102`, ""},
		{"day", "Date", `""`, `null`},

		{"any", "JSON", `{"a": [1, {"b":null}]}`, `{"a": [1, {"b":null}]}`},
		{"any", "JSON", `"x"`, `"x"`},
		{"any", "JSON", `1.0`, `1.0`},
		{"any", "JSON", "{\"k\xff\":\"\xff\"}", "{\"k\uFFFD\":\"\uFFFD\"}"},

		{"color", "Color", `"red"`, `"RED"`},
		{"color", "Color", `"dark_green"`, `"DARK_GREEN"`},
		{"color", "Color", `"\u0072ed"`, `"RED"`},
		{"color", "Color", `"blau"`, `"BLUE"`},
		{"color", "Color", `" "`, `null`},
		{"color", "Color", `100`, `"HUNDRED"`},
		{"color", "Color", `"100"`, `"HUNDRED"`},
		{"color", "Color", `100.0`, `"HUNDRED"`},
		{"color", "Color", `1e2`, `"HUNDRED"`},
		{"color", "Color", `"1e2"`, `"HUNDRED"`},
		{"color", "Color", `""`, "null"},
		{"answer", "Answer", `""`, `"NONE"`},
		{"color", "Color", `" 100"`, "?"},
		{"color", "Color", `"0100"`, "?"},
		{"color", "Color", `"blue"`, "?"},
		{"color", "Color", `"RED"`, "?"},
		{"color", "Color", `101`, "?"},
		{"color", "Color", `true`, ""},
		{"color", "Color", `["red"]`, ""},
	}
	kinds := map[byte]string{'"': "string", '{': "object", '[': "list", 't': "boolean", 'f': "boolean"}
	for _, test := range tests {
		t.Run(test.kind+" "+test.value, func(t *testing.T) {
			t.Parallel()
			document := fmt.Sprintf(`{"name":"n", %q : %s }`, test.field, test.value)
			want := test.want
			var errs []string
			var absent []absence
			switch want {
			case "":
				found, ok := kinds[test.value[0]]
				if !ok {
					found = "number"
				}
				want, errs = "null", []string{mismatch("thing.x", test.kind, found)}
			case "?":
				want, absent = "null", []absence{{"thing.x", "UNKNOWN_VALUE"}}
			}
			r := h.project(t, document, `{ thing { x: `+test.field+` } }`, nil)
			r.check(t, `{"thing":{"x":`+want+`}}`, errs, absent)
			if !json.Valid([]byte(r.data)) {
				t.Error("not JSON")
			}
		})
	}
}

// TestRules has one line for each rule about objects, lists, nulls and absences.
func TestRules(t *testing.T) {
	t.Parallel()
	h := newHarness(t, thingSchema)
	absent := func(paths ...string) (out []absence) {
		for _, p := range paths {
			out = append(out, absence{p, "NOT_IN_RESPONSE"})
		}
		return out
	}
	tests := []struct {
		name, document, query, data string
		errs                        []string
		absent                      []absence
	}{
		{
			"order of the selection, not of the document", `{"int":1,"name":"n"}`,
			`{ thing { name int } }`, `{"thing":{"name":"n","int":1}}`, nil, nil,
		}, {
			"absent is null and told", `{"int":1}`,
			`{ thing { n: name int } }`, `{"thing":{"n":null,"int":1}}`, nil, absent("thing.n"),
		}, {
			"null is null and not told", `{"name":null,"things":null,"thing":null}`,
			`{ thing { name things { int } thing { int } } }`,
			`{"thing":{"name":null,"things":null,"thing":null}}`, nil, nil,
		}, {
			"an absent section is told once", `{}`,
			`{ thing { thing { name int thing { int } } } }`, `{"thing":{"thing":null}}`, nil, absent("thing.thing"),
		}, {
			"unknown keys", `{"more":{"int":2,"x":[{"}":"{"}]},"int":1,"z":"\\\""}`,
			`{ thing { int } }`, `{"thing":{"int":1}}`, nil, nil,
		}, {
			"the last of duplicate keys", `{"int":1,"thing":{"int":1},"int":"x","thing":{"name":"n"},"int":3}`,
			`{ thing { int thing { int name } } }`, `{"thing":{"int":3,"thing":{"int":null,"name":"n"}}}`,
			nil, absent("thing.thing.int"),
		}, {
			"keys match exactly", `{"Int":1,"int ":2,"odd_id":"a","camelCase2Go":"b"}`,
			`{ thing { int odd camelCase2Go } }`, `{"thing":{"int":null,"odd":null,"camelCase2Go":null}}`,
			nil, absent("thing.int", "thing.odd", "thing.camelCase2Go"),
		}, {
			"Zoom's names", `{"odd_Id":"a","camel_case2_go":"b","\u0069nt":1}`,
			`{ thing { odd camelCase2Go int } }`, `{"thing":{"odd":"a","camelCase2Go":"b","int":1}}`, nil, nil,
		}, {
			"aliases of one field", `{"int":1,"thing":{"int":2}}`,
			`{ thing { a: int b: int c: thing { int } d: thing { x: int } } }`,
			`{"thing":{"a":1,"b":1,"c":{"int":2},"d":{"x":2}}}`, nil, nil,
		}, {
			"typename", `{"thing":{},"things":[{}]}`,
			`{ thing { __typename thing { t: __typename } things { __typename } } }`,
			`{"thing":{"__typename":"Thing","thing":{"t":"Thing"},"things":[{"__typename":"Thing"}]}}`, nil, nil,
		}, {
			"fragments", `{"int":1,"name":"n","thing":{"int":2,"name":"m"}}`,
			`{ thing { ...F ... on Named { name } ... { thing { name } } } }
			 fragment F on Thing { thing { ...G } int } fragment G on Named { ... on Thing { int } }`,
			`{"thing":{"thing":{"int":2,"name":"m"},"int":1,"name":"n"}}`, nil, nil,
		}, {
			"skip and include", `{"int":1,"name":"n","flag":true}`,
			`query ($yes: Boolean = true, $no: Boolean!) { thing {
				int @skip(if: $yes) name @include(if: $yes) a: int @include(if: $no) b: int @skip(if: false)
				... @include(if: $no) { flag } ... @skip(if: $no) { c: flag } } }`,
			`{"thing":{"name":"n","b":1,"c":true}}`, nil, nil,
		}, {
			"nothing left of a selection", `{"thing":{"int":1}}`,
			`{ thing { thing { int @skip(if: true) } } }`, `{"thing":{"thing":{}}}`, nil, nil,
		}, {
			"siblings of a leaf that does not fit stand", `{"thing":{"int":"secret"},"name":"n","flag":1}`,
			`{ thing { thing { int } flag name } }`, `{"thing":{"thing":{"int":null},"flag":null,"name":"n"}}`,
			[]string{mismatch("thing.thing.int", "Int", "string"), mismatch("thing.flag", "Boolean", "number")},
			nil,
		}, {
			"a scalar for an object", `{"thing":true,"phone":[]}`,
			`{ thing { thing { int } phone { number } } }`, `{"thing":{"thing":null,"phone":null}}`,
			[]string{mismatch("thing.thing", "Thing", "boolean"), mismatch("thing.phone", "Phone", "list")},
			nil,
		}, {
			"lists", `{"ints":[1,null,3],"matrix":[[1,2],null,[]],"names":[]}`,
			`{ thing { ints matrix names } }`, `{"thing":{"ints":[1,null,3],"matrix":[[1,2],null,[]],"names":[]}}`,
			nil, nil,
		}, {
			"elements that do not fit", `{"ints":[1,"x",3],"sure_ints":[1,"x","3"],"matrix":[[1],[1,null],2]}`,
			`{ thing { ints sureInts matrix } }`, `{"thing":{"ints":[1,null,3],"sureInts":null,"matrix":[[1],null,null]}}`,
			[]string{
				mismatch("thing.ints[1]", "Int", "string"),
				mismatch("thing.sureInts[1]", "Int!", "string"),
				mismatch("thing.matrix[1][1]", "Int!", "null"),
				mismatch("thing.matrix[2]", "[Int!]", "number"),
			},
			nil,
		}, {
			"a list of one", `{"things":{"int":1},"sure_things":{"int":"x"}}`,
			`{ thing { things { int } sureThings { int } } }`, `{"thing":{"things":[{"int":1}],"sureThings":[{"int":null}]}}`,
			[]string{mismatch("thing.sureThings[0].int", "Int", "string")},
			nil,
		}, {
			"a scalar for a list", `{"things":"x","ints":1,"phones":"+1"}`,
			`{ thing { things { int } ints phones { number } } }`, `{"thing":{"things":null,"ints":null,"phones":null}}`,
			[]string{
				mismatch("thing.things", "[Thing]", "string"),
				mismatch("thing.ints", "[Int]", "number"),
				mismatch("thing.phones", "[Phone!]", "string"),
			},
			nil,
		}, {
			"unknown enum values in a list", `{"colors":["red",100,"mauve"]}`,
			`{ thing { colors } }`, `{"thing":{"colors":null}}`,
			[]string{mismatch("thing.colors[2]", "Color!", "unknown value")},
			[]absence{{"thing.colors[2]", "UNKNOWN_VALUE"}},
		}, {
			"null for non-null", `{"strict":{"must":null,"may":1}}`,
			`{ thing { strict { may must } int } }`, `{"thing":{"strict":null,"int":null}}`,
			[]string{mismatch("thing.strict.must", "Int!", "null")},
			absent("thing.int"),
		}, {
			"absent for non-null", `{"strict":{"must":1,"inner":{},"may":2}}`,
			`{ thing { strict { must inner { must may } may } } }`,
			`{"thing":{"strict":{"must":1,"inner":null,"may":2}}}`,
			[]string{mismatch("thing.strict.inner.must", "Int!", "nothing")},
			absent("thing.strict.inner.must"),
		}, {
			"what does not fit non-null is one error", `{"strict":{"sure":{"must":"x"}}}`,
			`{ thing { strict { sure { must } may } } }`, `{"thing":{"strict":null}}`,
			[]string{mismatch("thing.strict.sure.must", "Int!", "string")},
			nil,
		}, {
			"up through lists", `{"strict":{"list":[1,null],"inner":{"all":[[1],[2,"x"]]}}}`,
			`{ thing { strict { inner { all } list } name } }`, `{"thing":{"strict":null,"name":null}}`,
			[]string{
				mismatch("thing.strict.inner.all[1][1]", "Int!", "string"),
				mismatch("thing.strict.list[1]", "Int!", "null"),
			},
			absent("thing.name"),
		}, {
			"the root itself", ` [ ] `, `{ thing { int } int }`, `{"thing":null,"int":null}`,
			[]string{mismatch("thing", "Thing", "list"), mismatch("int", "Int", "list")},
			nil,
		}, {
			"a leaf at the root", "\n5\t", `{ a: int sureInt }`, `{"a":5,"sureInt":5}`, nil, nil,
		}, {
			"non-null at the root goes no further", `null`, `{ int sureInt sureThing { int } }`,
			`{"int":null,"sureInt":null,"sureThing":null}`,
			[]string{mismatch("sureInt", "Int!", "null"), mismatch("sureThing", "Thing!", "null")},
			nil,
		}, {
			"a list at the root", `[{"int":1},null,{"int":true}]`, `{ things { int } }`,
			`{"things":[{"int":1},null,{"int":null}]}`,
			[]string{mismatch("things[2].int", "Int", "boolean")},
			nil,
		}, {
			"below a list of entities", `{"int":false}`, `{ items { t: thing { int } } }`,
			`{"items":[{"t":{"int":null}},{"t":{"int":null}},{"t":{"int":null}}]}`,
			[]string{
				mismatch("items[0].t.int", "Int", "boolean"),
				mismatch("items[1].t.int", "Int", "boolean"),
				mismatch("items[2].t.int", "Int", "boolean"),
			},
			nil,
		}, {
			"not JSON", `{"int":1,"name":tru,"thing":{"int":01},"things":[`,
			`{ thing { int name thing { int } things { int } } }`,
			`{"thing":{"int":1,"name":null,"thing":{"int":null},"things":[]}}`,
			[]string{
				mismatch("thing.name", "String", "malformed JSON"),
				mismatch("thing.thing.int", "Int", "malformed JSON"),
			},
			nil,
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			variables := map[string]any{}
			if strings.Contains(test.query, "$no") {
				variables["no"] = false
			}
			h.project(t, test.document, test.query, variables).check(t, test.data, test.errs, test.absent)
		})
	}
}
