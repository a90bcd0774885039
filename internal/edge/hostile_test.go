package edge_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"zoomgraph/client"
	"zoomgraph/graph"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/edge"
)

// attack is a hostile request, and what must become of it.
type attack struct {
	name    string
	body    string // of a POST
	header  string
	status  int
	code    string // of its first error; "" where it is harmless
	message string // part of that error's
}

const (
	tooBig  = "GRAPHQL_VALIDATION_FAILED" // of limits
	invalid = "GRAPHQL_VALIDATION_FAILED"
	syntax  = "GRAPHQL_PARSE_FAILED"
	badUser = "BAD_USER_INPUT"
	dear    = "COST_LIMIT_EXCEEDED"
)

// attacks are one line each. None of them may reach Zoom.
func attacks() []attack {
	user := func(selection string) string { return `{ user(id: "a") { ` + selection + ` } }` }
	return []attack{
		{"aliases", post(user(each(61, "a%d: id "))), "", 400, tooBig, "61 aliases, and at most 60"},
		{"many aliases", post(user(each(20_000, "a%d:id "))), "", 400, tooBig, "bytes"},
		{"aliases by fragments", post("{ user(id: 1) { ...A " + each(6, "r%d: role { ...A } ") + "} } fragment A on User { id } fragment B on Role { " + each(9, "b%d: name ") + "}"), "", 400, invalid, ""},
		{"aliases doubled by fragments", post(user("...F0") + chain(12, "User", "x: id")), "", 400, tooBig, "4096 aliases"},
		{"root fields", post("{" + each(21, "u%d: __typename ") + "}"), "", 400, tooBig, "21 root fields, and at most 20"},
		{"one root field often", post("{" + strings.Repeat("me { id } ", 21) + "}"), "", 400, tooBig, "21 root fields"},
		{"root fields by fragments", post("{ ...F0 }" + chain(6, "Query", "__typename")), "", 400, tooBig, "64 root fields"},

		{"a fragment in itself", post("{ ...F } fragment F on Query { ...F }"), "", 400, invalid, "itself"},
		{"a fragment in itself, deeper", post(user("...F") + " fragment F on User { role { members { nodes { ...F } } } }"), "", 400, invalid, "itself"},
		{"fragments in a ring", post("{ ...F0 } " + each(99, "fragment F%d on Query { ...F%[2]d } ") + "fragment F99 on Query { ...F0 }"), "", 400, invalid, "itself"},
		{"fragments all in each other", post("{ ...F0 } " + strings.Join(nets(17), " ")), "", 400, tooBig, "selections"},
		{"exponential fragments", post(user("...F0") + chain(90, "User", "id")), "", 400, tooBig, "selections"},
		{"exponential fragments in depth", post("{ ...F0 }" + each(13, "fragment F%d on Query { user(id: 1) { role { members { nodes { ...F%[2]d ...F%[2]d } } } } } ") + "fragment F13 on Query { me { id } }"), "", 400, tooBig, "levels"},
		{"fragments", post("{ me { id } } " + each(101, "fragment F%d on User { id } ")), "", 400, tooBig, "101 fragments, and at most 100"},
		{"a fragment of one name twice", post("{ ...F } fragment F on Query { __typename } fragment F on Query { ...F }"), "", 400, invalid, "F"},
		{"no such fragment", post("{ ...F }"), "", 400, invalid, "F"},
		{"operations", post(each(11, "query Q%d { __typename } ")), "", 400, tooBig, "11 operations, and at most 10"},
		{"operations of one name", post("query Q { __typename } query Q { me { id } }"), "", 400, invalid, "Q"},

		{"depth", post("{ me " + nested(15, "{ role ") + "}"), "", 400, tooBig, "17 levels, and at most 15"},
		{"depth, far", post("{ " + nested(600, "me { ") + "}"), "", 400, tooBig, "levels of braces"},
		{"depth, for the stack", post(strings.Repeat("{a", 60_000)), "", 400, tooBig, "tokens"},
		{"inline fragments", post("{ " + nested(100, "... { ") + "}"), "", 400, tooBig, "levels of braces"},
		{"a deep list", post(`{ user(id: ` + strings.Repeat("[", 65) + strings.Repeat("]", 65) + `) { id } }`), "", 400, tooBig, "levels of braces"},
		{"a deep object", post(`{ settingsDrift(baseline: ` + strings.Repeat("{a:", 70) + "1" + strings.Repeat("}", 70) + `) { totalCount } }`), "", 400, tooBig, "levels of braces"},
		{"a deep type", post("query Q($a: " + strings.Repeat("[", 100) + "Int" + strings.Repeat("]", 100) + ") { __typename }"), "", 400, tooBig, "levels of braces"},
		{"a long list", post(`{ user(id: 1) { settings(fields: [` + strings.Repeat(`"a" `, 1990) + `]) { raw } } }`), "", 400, tooBig, "tokens"},

		{"deep variables", variables(`{"a":` + strings.Repeat("[", 70) + strings.Repeat("]", 70) + "}"), "", 413, badUser, "72 deep, and at most 64"},
		{"variables for the stack", variables(`{"a":` + strings.Repeat(`{"a":`, 100_000) + "1" + strings.Repeat("}", 100_000) + "}"), "", 413, badUser, "deep"},
		{"brackets that never close", variables(strings.Repeat("[", 1_000_000)), "", 413, badUser, "deep"},
		{"half a million values", variables(`{"a":[1` + strings.Repeat(",1", 500_000) + "]}"), "", 413, badUser, "values, and at most 20000"},
		{"half a million objects", variables(`{"a":[{}` + strings.Repeat(",{}", 300_000) + "]}"), "", 413, badUser, "values"},
		{"100,000 variables", variables("{" + each(60_000, `"v%d":1,`) + `"a":1}`), "", 413, badUser, "values"},

		{"a huge Int", post("{ users(first: 99999999999999999999999999) { totalCount } }"), "", 400, invalid, "Int cannot represent"},
		{"an Int of 100,000 digits", post("{ users(first: " + strings.Repeat("9", 100_000) + ") { totalCount } }"), "", 400, invalid, "Int cannot represent"},
		{"1e400", post("{ users(first: 1e400) { totalCount } }"), "", 400, invalid, "1e400"},
		{"-1", post("{ users(first: -1) { totalCount } }"), "", 200, badUser, "first"},
		{"1e400 as a variable", named("query Q($n: Int) { users(first: $n) { totalCount } }", `{"n":1e400}`), "", 400, badUser, "1e400"},
		{"a variable of 100,000 digits", named("query Q($n: Int) { users(first: $n) { totalCount } }", `{"n":`+strings.Repeat("9", 100_000)+"}"), "", 400, badUser, "a number of 100000 characters cannot be used as Int"},
		{"a fraction", named("query Q($n: Int) { users(first: $n) { totalCount } }", `{"n":1.5}`), "", 400, badUser, "1.5"},
		{"NaN", named("query Q($n: Int) { users(first: $n) { totalCount } }", `{"n":NaN}`), "", 400, badUser, "JSON"},

		{"directives", post("{ __typename " + strings.Repeat("@include(if: true) ", 51) + "}"), "", 400, tooBig, "51 directives, and at most 50"},
		{"unknown directives", post("{ __typename " + each(600, "@d%d ") + "}"), "", 400, tooBig, "600 directives"},
		{"directives on an operation", post("query Q " + each(51, "@d%d ") + "{ __typename }"), "", 400, tooBig, "51 directives"},
		{"directives on a variable", post("query Q($a: Int " + each(51, "@d%d ") + ") { users(first: $a) { totalCount } }"), "", 400, tooBig, "51 directives"},
		{"directives on a fragment", post("{ ...F } fragment F on Query " + each(51, "@d%d ") + "{ __typename }"), "", 400, tooBig, "51 directives"},

		{"conflicts", post(user(each(150, "settings(fields: [\"a%d\"]) { raw } "))), "", 400, tooBig, "fields of one name"},
		{"conflicts, as many as may be", post(user(each(25, "settings(fields: [\"a%d\"]) { raw } ") + each(25, "settings(fields: [\"b%d\"]) { raw } "))), "", 400, invalid, "conflict"},
		{"conflicts in depth", post(user(strings.Repeat("role { members(first: 1) { nodes { id } } } role { members(first: 2) { nodes { email } } } ", 25))), "", 400, invalid, "conflict"},
		{"conflicts between fragments", post(user(each(50, "...F%d ")) + each(50, "fragment F%d on User { settings(fields: [\"a%[1]d\"]) { raw } } ")), "", 400, invalid, "conflict"},
		{"one field 1,900 times", post(user(strings.Repeat("id ", 1900))), "", 400, tooBig, "1900 fields of one name"},
		{"unknown fields", post(user(each(1900, "no%d "))), "", 400, invalid, "no0"},
		{"unknown arguments", post("{ user(" + each(600, "no%d: 1 ") + ") { id } }"), "", 400, invalid, "no0"},
		{"unknown types", post(user(each(300, "... on No%d { id } "))), "", 400, invalid, "No0"},
		{"undefined variables", post("{ user(id: 1) { settings(fields: [" + each(900, "$v%d ") + "]) { raw } } }"), "", 400, invalid, "v0"},
		{"unused variables", post("query Q(" + each(390, "$v%d: Int ") + ") { __typename }"), "", 400, invalid, "v0"},
		{"a long name", post("{ " + strings.Repeat("a", 100_000) + " }"), "", 400, tooBig, "bytes in a name"},
		{"a long enum value", post(`{ users(status: ` + strings.Repeat("A", 100_000) + `) { totalCount } }`), "", 400, tooBig, "bytes in a name"},
		{"a long text for an enum", post(`{ users(status: "` + strings.Repeat("A", 100_000) + `") { totalCount } }`), "", 400, invalid, "…"},

		{"a chain of ofType", post("{ __schema { types { fields { type " + nested(20, "{ ofType ") + "} } } }"), "", 400, tooBig, "levels"},
		{"lists of lists of the schema", post("{ __schema { types { fields { type { fields { type { fields { name } } } } } } } }"), "", 400, invalid, "introspection depth"},
		{"two schemas", post("{ __schema { types { name } } b: __schema { types { name } } }"), "", 400, tooBig, "2 uses of __schema, and at most 1"},
		{"two schemas by a fragment", post("{ ...F a: __typename } fragment F on Query { __schema { types { name } } x: __schema { types { name } } }"), "", 400, tooBig, "uses of __schema"},
		{"one schema many times", post("{ __schema { " + each(40, "t%d: types { fields { args { type { name } } } } ") + "} }"), "", 400, tooBig, "40 aliases in an introspection, and at most 0"},
		{"one type many times", post(`{ __type(name: "UserSettings") { ` + each(50, "f%d: fields { type { fields { name } } } ") + "} }"), "", 400, tooBig, "aliases in an introspection"},

		{"more calls than allowed", post("{ users(first: 1000) { nodes { settings { raw } } } }"), "", 400, dear, "1"},
		{"calls within calls", post("{ roles { nodes { members(first: 1000) { nodes { groups { members(first: 1000) { nodes { settings { raw } } } } } } } } }"), "", 400, dear, ""},
		{"writes", post("mutation { " + each(20, `m%d: updateUserSettings(id: "a", input: {}) { user { role { members(first: 1000) { nodes { dept } } } } } `) + "}"), "", 400, dear, ""},

		{"a byte order mark", post("\ufeff{ __typename }"), "", 200, "", ""},
		{"NUL", post("{ \x00__typename }"), "", 400, syntax, ""},
		{"NUL in a text", post(`{ user(id: "\u0000") { id email } }`), "", 200, badUser, ""},
		{"letters that are none", post("{ ｕｓｅｒ }"), "", 400, syntax, ""},
		{"a name from right to left", post("{ \u202eme }"), "", 400, syntax, ""},
		{"a joiner in a name", post("{ m\u200de }"), "", 400, syntax, ""},
		{"braces that are none", post("｛ __typename ｝"), "", 400, syntax, ""},
		{"half a character in the body", `{"query":"{ user(id: \"\ud800\") { id } }"}`, "", 400, badUser, "half of a character at byte 24"},
		{"half a character in a key", variables(`{"\udc00":1}`), "", 400, badUser, "half of a character"},
		{"half a character in a document", post(`{ user(id: "\ud800") { id } }`), "", 400, syntax, ""},
		{"no character in a document", post(`{ user(id: "\u{110000}") { id } }`), "", 400, syntax, ""},
		{"not UTF-8", "{\"query\":\"{ \xc0\xae }\"}", "", 400, badUser, "not UTF-8"},
		{"a text that never ends", post(`{ user(id: "`), "", 400, syntax, ""},
		{"a block that never ends", post(`{ user(id: """` + strings.Repeat("\n", 100_000)), "", 400, syntax, ""},
		{"a block of empty lines", post(`{ user(id: """` + strings.Repeat("\n", 100_000) + `""") { id email } }`), "", 200, badUser, ""},
		{"100,000 comments", post("{ __typename } " + strings.Repeat("#\n", 50_000)), "", 400, tooBig, "tokens"},
		{"a comment of a megabyte", post("{ __typename } #" + strings.Repeat("a", 1_000_000)), "", 400, tooBig, "bytes"},
		{"a text of a megabyte", post(`{ user(id: "` + strings.Repeat("a", 1_000_000) + `") { id } }`), "", 400, tooBig, "bytes"},
		{"a variable of a megabyte", named("query Q($id: ID!) { user(id: $id) { email } }", `{"id":"`+strings.Repeat("a", 1_000_000)+`"}`), "", 400, badUser, "262144"},
		{"an operation name of a megabyte", `{"query":"{ __typename }","operationName":"` + strings.Repeat("a", 1_000_000) + `"}`, "", 400, badUser, "…"},
		{"an id that climbs", post(`{ user(id: "../accounts/me") { email } }`), "", 200, badUser, ""},

		{"a key twice", `{"query":"{ __typename }","query":"{ me { id } }"}`, "", 400, badUser, `"query" twice`},
		{"a key in capitals", `{"QUERY":"{ __typename }"}`, "", 400, badUser, `"query" twice, or in another spelling`},
		{"a key in disguise", `{"query":"{ __typename }","\u0071uery":"{ me { id } }"}`, "", 400, badUser, `"query" twice`},
		{"a variable twice", named("query Q($n: Int) { users(first: $n) { totalCount } }", `{"n":1,"n":-1}`), "", 200, badUser, "first"},
		{"the wrong hash", `{"query":"{ __typename }","extensions":{"persistedQuery":{"version":1,"sha256Hash":"00"}}}`, "", 400, badUser, "SHA-256"},
		{"no hash", `{"extensions":{"persistedQuery":{"version":1}}}`, "", 400, badUser, "sha256Hash"},
		{"an unknown hash", `{"extensions":{"persistedQuery":{"version":1,"sha256Hash":"` + strings.Repeat("0", 64) + `"}}}`, "", 400, "PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound"},
		{"a document that is not there", `{"documentId":"` + strings.Repeat("a", 100_000) + `"}`, "", 400, "PERSISTED_QUERY_NOT_FOUND", ""},
		{"a batch", "[" + strings.Repeat(post("{ __typename }")+",", 1000) + "{}]", "", 400, badUser, "batches"},

		{"the whole schema", post(wholeSchema), "", 200, "", ""},
		{"a large document, priced", post(user(strings.Repeat("role { members(first: 1) { nodes { id email } } } ", 49) + strings.Repeat("role { name } ", 300))), "X-Zoomgraph-Plan: 1", 200, "", ""},
	}
}

// wholeSchema asks for the schema as GraphiQL does.
const wholeSchema = `query IntrospectionQuery {
  __schema {
    queryType { name } mutationType { name } subscriptionType { name }
    types { ...FullType }
    directives { name description locations args { ...InputValue } }
  }
}
fragment FullType on __Type {
  kind name description
  fields(includeDeprecated: true) { name description args { ...InputValue } type { ...TypeRef } isDeprecated deprecationReason }
  inputFields { ...InputValue }
  interfaces { ...TypeRef }
  enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
  possibleTypes { ...TypeRef }
}
fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue }
fragment TypeRef on __Type {
  kind name
  ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name } } } } } } } } }
}`

// each repeats format n times, with the number of the repetition and the one after.
func each(n int, format string) string {
	var b strings.Builder
	for i := range n {
		text := fmt.Sprintf(format, i, i+1)
		text, _, _ = strings.Cut(text, "%!(EXTRA")
		b.WriteString(text)
	}
	return b.String()
}

// nested repeats what opens n levels, and closes them.
func nested(n int, opens string) string {
	return strings.Repeat(opens, n) + "{ id " + strings.Repeat("} ", n) + "}"
}

// chain is n+1 fragments of which each has the next one twice.
func chain(n int, on, last string) string {
	return each(n, " fragment F%d on "+on+" { ...F%[2]d ...F%[2]d }") + fmt.Sprintf(" fragment F%d on %s { %s }", n, on, last)
}

// nets are n fragments of which each has all.
func nets(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = fmt.Sprintf("fragment F%d on Query { %s }", i, each(n, "...F%d "))
	}
	return out
}

// variables is a harmless query with variables, which are JSON.
func variables(given string) string { return `{"query":"{ __typename }","variables":` + given + `}` }

// named is a query with variables.
func named(query, given string) string {
	return strings.TrimSuffix(post(query), "}") + `,"variables":` + given + `}`
}

// fortress is the facade as it is served, before a Zoom that must not be called.
func fortress(tb testing.TB) http.Handler {
	tb.Helper()
	zoom := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		tb.Errorf("Zoom was called: %s", r.URL)
		w.WriteHeader(http.StatusTeapot)
	}))
	tb.Cleanup(zoom.Close)
	api, err := client.New(client.Config{APIURL: zoom.URL + "/v2", OAuthURL: zoom.URL + "/oauth", AccountID: "a", ClientID: "b", ClientSecret: "c"})
	if err != nil {
		tb.Fatal(err)
	}
	facade, err := graph.NewServer(graph.Options{Program: programtest.Of(tb), PrincipalOptions: graph.PrincipalOptions{Client: api}, Explain: true})
	if err != nil {
		tb.Fatal(err)
	}
	h, err := edge.New(edge.Options{
		Schema: facade.Executable, SDL: facade.Program.SDL, Extensions: facade.Extensions(), ErrorPresenter: facade.PresentError, Introspection: true,
		RequestTimeout: time.Hour, // introspections take turns, which takes long on a busy machine
	})
	if err != nil {
		tb.Fatal(err)
	}
	return h
}

func (a attack) send(ctx context.Context, h http.Handler) *httptest.ResponseRecorder {
	r := httptest.NewRequestWithContext(ctx, http.MethodPost, "/graphql", strings.NewReader(a.body))
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Accept", "application/graphql-response+json")
	if name, value, ok := strings.Cut(a.header, ": "); ok {
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w
}

func TestHostileRequests(t *testing.T) {
	t.Parallel()
	h := fortress(t)
	for _, a := range attacks() {
		t.Run(a.name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			w := a.send(ctx, h)
			if err := ctx.Err(); err != nil {
				t.Fatalf("no answer in time: %v", err)
			}
			var got reply
			if err := json.Unmarshal(w.Body.Bytes(), &got); err != nil {
				t.Fatalf("answer %.200s: %v", w.Body, err)
			}
			if w.Code != a.status {
				t.Errorf("status %d, want %d: %.300s", w.Code, a.status, w.Body)
			}
			if a.code == "" {
				return
			}
			checkBounds(t, w.Body.Bytes(), got)
			if len(got.Errors) == 0 || got.Errors[0].Extensions["code"] != a.code || !strings.Contains(got.Errors[0].Message, a.message) {
				t.Errorf("answer %.300s\nwant code %s and a message with %q", w.Body, a.code, a.message)
			}
		})
	}
}

// checkBounds holds an answer of errors to what it may have.
func checkBounds(t *testing.T, body []byte, got reply) {
	t.Helper()
	if len(got.Errors) > 20 || len(body) > 64<<10+1<<10 {
		t.Errorf("%d errors in %d bytes", len(got.Errors), len(body))
	}
	if bytes.Contains(body, []byte("\x00")) {
		t.Error("the answer has a NUL")
	}
}

// BenchmarkHostile is how long the answer to each attack takes.
func BenchmarkHostile(b *testing.B) {
	h := fortress(b)
	for _, a := range attacks() {
		b.Run(strings.ReplaceAll(a.name, " ", "_"), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				a.send(b.Context(), h)
			}
		})
	}
}
