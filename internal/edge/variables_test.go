package edge_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

// Variables are coerced as GraphQL has it, by POST and by GET alike.
func TestVariables(t *testing.T) {
	t.Parallel()
	srv := serve(t, nil)
	for _, tt := range []struct{ typ, value, want string }{ // want is the value as JSON, or the error
		{"Int", `3`, `3`},
		{"Int", `3.0`, `3`},
		{"Int", `3e0`, `3`},
		{"Int", `0.3E+1`, `3`},
		{"Int", `300e-2`, `3`},
		{"Int", `-0.0`, `0`},
		{"Int", `2147483647.0`, `2147483647`},
		{"Int", `-2147483648`, `-2147483648`},
		{"Int", `null`, `null`},
		{"Int", `2147483648`, "2147483648 cannot be used as Int"},
		{"Int", `-2147483649`, "-2147483649 cannot be used as Int"},
		{"Int", `3.5`, "3.5 cannot be used as Int"},
		{"Int", `1e-1`, "1e-1 cannot be used as Int"},
		{"Int", `1e999999999`, "1e999999999 cannot be used as Int"},
		{"Int", `1e99999999999999999999`, "cannot be used as Int"},
		{"Int", `0.` + strings.Repeat("1", 300), "a number of 302 characters cannot be used as Int"},
		{"Int", `"3"`, "a string cannot be used as Int"},
		{"Int!", `""`, "a string cannot be used as Int!"},
		{"Int", `true`, "a Boolean cannot be used as Int"},
		{"Int", `[3]`, "a list cannot be used as Int"},
		{"Int", `{}`, "an object cannot be used as Int"},
		{"Float", `3`, `3`},
		{"Float", `3.5e1`, `35`},
		{"Float", `"3.5"`, "a string cannot be used as Float"},
		{"Float", `"NaN"`, "a string cannot be used as Float"},
		{"Float", `"Infinity"`, "a string cannot be used as Float"},
		{"Float", `1e999`, "1e999 cannot be used as Float"},
		{"Float", `false`, "a Boolean cannot be used as Float"},
		{"String", `"3"`, `"3"`},
		{"String", `3`, "3 cannot be used as String"},
		{"String", `true`, "a Boolean cannot be used as String"},
		{"Boolean", `true`, `true`},
		{"Boolean", `"true"`, "a string cannot be used as Boolean"},
		{"Boolean", `0`, "0 cannot be used as Boolean"},
		{"ID", `"a"`, `"a"`},
		{"ID", `3`, `"3"`},
		{"ID", `3.0`, `"3"`},
		{"ID", `123456789012345678901234567890`, `"123456789012345678901234567890"`},
		{"ID", `3.5`, "3.5 cannot be used as ID"},
		{"ID", `true`, "a Boolean cannot be used as ID"},
		{"Kind", `"GOOD"`, `"GOOD"`},
		{"Kind", `"good"`, "good is not a valid Kind"},
		{"Kind", `"<b>"`, "a string cannot be used as Kind"},
		{"Kind", `1`, "1 cannot be used as Kind"},
		{"[Int]", `3.0`, `[3]`},
		{"[Int!]", `[1,2.0]`, `[1,2]`},
		{"[Int]", `[1,null]`, `[1,null]`},
		{"[[Int]]", `[[1.0],2]`, `[[1],[2]]`},
		{"[[Int]]", `3`, `[[3]]`},
		{"[Int!]", `[1,"2"]`, "variable $v[1]: a string cannot be used as Int!"},
		{"[Int]", `"1"`, "a string cannot be used as Int"},
		{"Pair", `{"a":1.0,"b":"GOOD"}`, `{"a":1,"b":["GOOD"]}`},
		{"Pair", `{"a":"1"}`, "variable $v.a: a string cannot be used as Int!"},
		{"Pair", `{"a":1,"b":["GOOD","better"]}`, "variable $v.b[1]: better is not a valid Kind"},
		{"[Pair]", `[{"a":1},{"a":true}]`, "variable $v[1].a: a Boolean cannot be used as Int!"},
		{"Pair", `3`, "3 cannot be used as Pair"},
		{"JSON", `{"a":[3.0,"3"]}`, `{"a":[3.0,"3"]}`},
		{"Nothing", `3`, "Nothing"},
	} {
		t.Run(tt.typ+" "+shorten(tt.value), func(t *testing.T) {
			t.Parallel()
			query := fmt.Sprintf("mutation($v: %s) { put @skip(if: false) b: __typename }", tt.typ)
			body := fmt.Sprintf(`{"query":%q,"variables":{"v":%s}}`, strings.Replace(query, "put", "put(json: {v: $v})", 1), tt.value)
			got := do(t, http.MethodPost, srv.URL+"/graphql", body, sendsJSON)
			var data struct{ Put struct{ V json.RawMessage } }
			switch {
			case len(got.Errors) > 0:
				if !strings.Contains(got.Errors[0].Message, tt.want) || got.Errors[0].Extensions["code"] == "INTERNAL" {
					t.Errorf("error %s, want %s", got.body, tt.want)
				}
			case json.Unmarshal(got.Data, &data) != nil || string(data.Put.V) != tt.want:
				t.Errorf("%s, want %s", got.body, tt.want)
			}
		})
	}
	for value, want := range map[string]string{`3.0`: "", `"3"`: "a string cannot be used as Int", `2147483648`: "2147483648 cannot be used as Int"} {
		got := do(t, http.MethodGet, srv.URL+get("query($n: Int) { hello(first: $n) }")+"&variables="+url.QueryEscape(`{"n":`+value+`}`), "")
		if (want == "") != (len(got.Errors) == 0) || !strings.Contains(got.body, want) {
			t.Errorf("%s by GET: %s", value, got.body)
		}
	}
}

func shorten(text string) string { return text[:min(len(text), 30)] }
