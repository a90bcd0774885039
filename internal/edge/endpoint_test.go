package edge_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/internal/edge"
)

func TestRequests(t *testing.T) {
	t.Parallel()
	srv := serve(t, nil)
	for _, tt := range []struct {
		name    string
		method  string // POST unless given
		target  string // /graphql unless given
		headers []string
		body    string

		status  int
		data    string // of a request that is executed
		code    string // of one that is not
		message string
		allow   string
	}{
		{name: "POST", headers: []string{sendsJSON}, body: post("{ hello }"), status: 200, data: `{"hello":"hello"}`},
		{name: "POST with charset", headers: []string{"Content-Type: application/json; charset=UTF-8"}, body: post("{ hello }"), status: 200, data: `{"hello":"hello"}`},
		{name: "POST with nulls", headers: []string{sendsJSON}, body: `{"query":"{ hello }","operationName":null,"variables":null,"extensions":null}`, status: 200, data: `{"hello":"hello"}`},
		{name: "POST, space around", headers: []string{sendsJSON}, body: " \n" + post("{ hello }") + "\n", status: 200, data: `{"hello":"hello"}`},
		{name: "POST with a byte order mark", headers: []string{sendsJSON}, body: "\uFEFF" + post("{ hello }"), status: 200, data: `{"hello":"hello"}`},
		{name: "GET with byte order marks", method: "GET", target: get("\uFEFF{ hello }") + "&variables=" + url.QueryEscape("\uFEFF{}") + "&extensions=" + url.QueryEscape("\uFEFF"), status: 200, data: `{"hello":"hello"}`},
		{name: "POST with variables", headers: []string{sendsJSON}, body: `{"query":"query A($n:Int,$p:Pair){hello(first:$n,pair:$p)} query B{b:hello}","operationName":"A","variables":{"n":3,"p":{"a":1,"b":["GOOD"]}}}`, status: 200, data: `{"hello":"hello"}`},
		{name: "POST of a mutation", headers: []string{sendsJSON}, body: post("mutation { set }"), status: 200, data: `{"set":"set"}`},
		{name: "POST with identity", headers: []string{sendsJSON, "Content-Encoding: identity"}, body: post("{ hello }"), status: 200, data: `{"hello":"hello"}`},
		{name: "GET", method: "GET", target: get("{ hello }"), status: 200, data: `{"hello":"hello"}`},
		{name: "a key's name as a value", headers: []string{sendsJSON}, body: `{"operationName":"query","query":"query query { hello }"}`, status: 200, data: `{"hello":"hello"}`},
		{name: "a key's name deeper, twice", headers: []string{sendsJSON}, body: `{"query":"{ hello }","variables":{"query":1,"query":2}}`, status: 200, data: `{"hello":"hello"}`},
		{name: "a character of two halves", headers: []string{sendsJSON}, body: `{"query":"{ hello(name: \"\ud800\udc00\udbff\udfff\") }"}`, status: 200, data: `{"hello":"hello"}`},
		{name: "GET with variables", method: "GET", target: get("query A($n:Int){hello(first:$n)} query B{b:hello}") + "&operationName=A&variables=" + url.QueryEscape(`{"n":1}`) + "&extensions=null", status: 200, data: `{"hello":"hello"}`},
		{name: "an unknown media type, too", headers: []string{sendsJSON, "Accept: text/html, application/json;q=0.5"}, body: post("{ hello }"), status: 200, data: `{"hello":"hello"}`},

		{name: "PUT", method: "PUT", headers: []string{sendsJSON}, body: post("{ hello }"), status: 405, code: "BAD_USER_INPUT", message: "GET or POST", allow: "GET, POST"},
		{name: "DELETE", method: "DELETE", status: 405, code: "BAD_USER_INPUT", message: "GET or POST", allow: "GET, POST"},
		{name: "OPTIONS of the same origin", method: "OPTIONS", status: 405, code: "BAD_USER_INPUT", message: "GET or POST", allow: "GET, POST"},
		{name: "GET of a mutation", method: "GET", target: get("mutation { set }"), status: 405, code: "BAD_USER_INPUT", message: "mutation", allow: "POST"},
		{name: "nothing acceptable", headers: []string{sendsJSON, "Accept: text/html"}, body: post("{ hello }"), status: 406, code: "BAD_USER_INPUT", message: "Accept"},
		{name: "JSON refused", headers: []string{sendsJSON, "Accept: application/*;q=0"}, body: post("{ hello }"), status: 406, code: "BAD_USER_INPUT", message: "Accept"},

		{name: "no Content-Type", body: post("{ hello }"), status: 415, code: "BAD_USER_INPUT", message: "Content-Type"},
		{name: "text", headers: []string{"Content-Type: text/plain"}, body: post("{ hello }"), status: 415, code: "BAD_USER_INPUT", message: "application/json"},
		{name: "a form", headers: []string{"Content-Type: application/x-www-form-urlencoded"}, body: "query=%7Bhello%7D", status: 415, code: "BAD_USER_INPUT", message: "application/json"},
		{name: "multipart", headers: []string{"Content-Type: multipart/mixed; boundary=x"}, body: "--x--", status: 415, code: "BAD_USER_INPUT", message: "multipart/form-data"},
		{name: "another charset", headers: []string{"Content-Type: application/json; charset=latin1"}, body: post("{ hello }"), status: 415, code: "BAD_USER_INPUT", message: "utf-8"},
		{name: "a broken Content-Type", headers: []string{"Content-Type: application/json; ="}, body: post("{ hello }"), status: 415, code: "BAD_USER_INPUT", message: "Content-Type"},
		{name: "compressed", headers: []string{sendsJSON, "Content-Encoding: gzip"}, body: "\x1f\x8b", status: 415, code: "BAD_USER_INPUT", message: "compressed"},
		{name: "too large", headers: []string{sendsJSON}, body: post(strings.Repeat("#", 1<<20)), status: 413, code: "BAD_USER_INPUT", message: "1048576"},

		{name: "no body", headers: []string{sendsJSON}, status: 400, code: "BAD_USER_INPUT", message: "empty"},
		{name: "not UTF-8", headers: []string{sendsJSON}, body: "{\"query\":\"\xff\"}", status: 400, code: "BAD_USER_INPUT", message: "not UTF-8"},
		{name: "a batch", headers: []string{sendsJSON}, body: "[" + post("{ hello }") + "]", status: 400, code: "BAD_USER_INPUT", message: "batches"},
		{name: "a string", headers: []string{sendsJSON}, body: `"canary"`, status: 400, code: "BAD_USER_INPUT", message: "JSON object"},
		{name: "not JSON", headers: []string{sendsJSON}, body: "{\n \"query\": canary}", status: 400, code: "BAD_USER_INPUT", message: "byte 13 (line 2, column 11)"},
		{name: "cut off", headers: []string{sendsJSON}, body: `{"query":"canary`, status: 400, code: "BAD_USER_INPUT", message: "too early, after 16 bytes"},
		{name: "half of a character", headers: []string{sendsJSON}, body: `{"query":"{ hello(name: \"\ud800\ue000\") }"}`, status: 400, code: "BAD_USER_INPUT", message: "half of a character at byte 27"},
		{name: "the other half", headers: []string{sendsJSON}, body: `{"query":"{ hello(name: \"\udc00\ud800\") }"}`, status: 400, code: "BAD_USER_INPUT", message: "half of a character at byte 27"},
		{name: "a key twice", headers: []string{sendsJSON}, body: `{"query":"{ hello }","variables":{},"query":"canary"}`, status: 400, code: "BAD_USER_INPUT", message: `"query" twice`},
		{name: "GET, a parameter twice", method: "GET", target: get("{ hello }") + "&query=canary", status: 400, code: "BAD_USER_INPUT", message: `"query" comes twice`},
		{name: "two objects", headers: []string{sendsJSON}, body: `{"query":"{ hello }"} {"query":"canary"}`, status: 400, code: "BAD_USER_INPUT", message: "from byte 21"},
		{name: "no query", headers: []string{sendsJSON}, body: `{"canary":1}`, status: 400, code: "BAD_USER_INPUT", message: `no "query"`},
		{name: "query of another type", headers: []string{sendsJSON}, body: `{"query":42}`, status: 400, code: "BAD_USER_INPUT", message: `a string as "query", not number`},
		{name: "operationName of another type", headers: []string{sendsJSON}, body: `{"query":"{ hello }","operationName":{}}`, status: 400, code: "BAD_USER_INPUT", message: `a string as "operationName", not object`},
		{name: "variables of another type", headers: []string{sendsJSON}, body: `{"query":"{ hello }","variables":"canary"}`, status: 400, code: "BAD_USER_INPUT", message: `an object or null as "variables", not string`},
		{name: "variables as an array", headers: []string{sendsJSON}, body: `{"query":"{ hello }","variables":[]}`, status: 400, code: "BAD_USER_INPUT", message: `"variables", not array`},
		{name: "extensions of another type", headers: []string{sendsJSON}, body: `{"query":"{ hello }","extensions":true}`, status: 400, code: "BAD_USER_INPUT", message: `"extensions", not bool`},
		{name: "GET without a query", method: "GET", status: 400, code: "BAD_USER_INPUT", message: `no "query"`},
		{name: "GET, not encoded", method: "GET", target: "/graphql?query=%zz", status: 400, code: "BAD_USER_INPUT", message: "percent-encoded"},
		{name: "GET, not UTF-8", method: "GET", target: "/graphql?query=%ff", status: 400, code: "BAD_USER_INPUT", message: `"query" is not UTF-8`},
		{name: "GET, variables not JSON", method: "GET", target: get("{ hello }") + "&variables=canary", status: 400, code: "BAD_USER_INPUT", message: `"variables" is not valid JSON at byte 1`},
		{name: "GET, variables an array", method: "GET", target: get("{ hello }") + "&variables=[1]", status: 400, code: "BAD_USER_INPUT", message: `"variables" must be a JSON object`},
		{name: "GET, too long", method: "GET", target: get("{ hello }" + strings.Repeat("#", 8<<10)), status: 414, code: "BAD_USER_INPUT", message: "POST"},

		{name: "a panic", headers: []string{sendsJSON}, body: post("{ boom }"), status: 500, code: "INTERNAL", message: "requestId"},
		{name: "an unwritable answer", headers: []string{sendsJSON}, body: post("{ nan }"), status: 500, code: "INTERNAL", message: "requestId"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			method, target := tt.method, tt.target
			if method == "" {
				method = http.MethodPost
			}
			if target == "" {
				target = "/graphql"
			}
			got := do(t, method, srv.URL+target, tt.body, tt.headers...)
			if got.status != tt.status {
				t.Fatalf("status %d, want %d: %s", got.status, tt.status, got.body)
			}
			if allow := got.header.Get("Allow"); allow != tt.allow {
				t.Errorf("Allow %q, want %q", allow, tt.allow)
			}
			if tt.code == "" {
				if string(got.Data) != tt.data || got.Errors != nil {
					t.Errorf("answer %s, want data %s", got.body, tt.data)
				}
				return
			}
			checkRefusal(t, got, tt.code, tt.message)
		})
	}
}

// checkRefusal asserts one error with code, message and the request's id, and
// no data.
func checkRefusal(t *testing.T, got reply, code, message string) {
	t.Helper()
	if len(got.Errors) != 1 {
		t.Fatalf("answer %s, want one error", got.body)
	}
	e := got.Errors[0]
	if e.Extensions["code"] != code || !strings.Contains(e.Message, message) {
		t.Errorf("error %s, want code %s and a message with %q", got.body, code, message)
	}
	if id := got.header.Get("X-Request-Id"); id == "" || e.Extensions["requestId"] != id {
		t.Errorf("requestId %v, header %q", e.Extensions["requestId"], id)
	}
	if strings.Contains(got.body, `"data"`) {
		t.Errorf("a refused request has data: %s", got.body)
	}
	if strings.Contains(got.body, "canary") {
		t.Errorf("the answer repeats what was sent: %s", got.body)
	}
}

// TestOperations holds what GraphQL itself refuses: 200 as application/json,
// 400 as application/graphql-response+json.
func TestOperations(t *testing.T) {
	t.Parallel()
	srv := serve(t, nil)
	for _, tt := range []struct {
		name, body, code, message string
	}{
		{"syntax", post("{ hello"), "GRAPHQL_PARSE_FAILED", "Expected Name"},
		{"no operation", post("fragment F on Query { hello }"), "GRAPHQL_VALIDATION_FAILED", "no operation"},
		{"unknown field", post("{ helo }"), "GRAPHQL_VALIDATION_FAILED", `"helo"`},
		{"unknown enum value", post("{ hello(kind: BAD) }"), "GRAPHQL_VALIDATION_FAILED", "BAD"},
		{"no such kind of operation", post("subscription { hello }"), "GRAPHQL_VALIDATION_FAILED", "subscription"},
		{"too many tokens", post("{ " + strings.Repeat("hello ", 2000) + "}"), "GRAPHQL_VALIDATION_FAILED", "2002 tokens"},
		{"too deep", post("{ hello(name: " + strings.Repeat("[", 1900) + ") }"), "GRAPHQL_VALIDATION_FAILED", "1901 levels"},
		{"which operation", post("query A { hello } query B { hello }"), "BAD_USER_INPUT", "2 operations (A, B)"},
		{"no such operation", `{"query":"query A { hello }","operationName":"B"}`, "BAD_USER_INPUT", `"B" in the document; it has A`},
		{"no such operation, unnamed", `{"query":"{ hello }","operationName":"B"}`, "BAD_USER_INPUT", "an unnamed one"},
		{"variable missing", post("query A($n: Int!) { hello(first: $n) }"), "BAD_USER_INPUT", "variable $n: must be defined"},
		{"variable of another type", `{"query":"query A($n: Int) { hello(first: $n) }","variables":{"n":1.5}}`, "BAD_USER_INPUT", "variable $n: 1.5 cannot be used as Int"},
		{"variable too large", `{"query":"query A($n: Int) { hello(first: $n) }","variables":{"n":99999999999999999999}}`, "BAD_USER_INPUT", "variable $n: 99999999999999999999 cannot be used as Int"},
		{"variable of an unknown enum value", `{"query":"query A($k: Kind) { hello(kind: $k) }","variables":{"k":"BAD"}}`, "BAD_USER_INPUT", "variable $k: BAD is not a valid Kind"},
		{"unknown key within a variable", `{"query":"query A($p: Pair) { hello(pair: $p) }","variables":{"p":{"a":1,"c":1}}}`, "BAD_USER_INPUT", "variable $p.c: unknown field"},
		{"bad value within a variable", `{"query":"query A($p: Pair) { hello(pair: $p) }","variables":{"p":{"a":1,"b":["GOOD","BAD"]}}}`, "BAD_USER_INPUT", "variable $p.b[1]: BAD is not a valid Kind"},
	} {
		for accept, status := range map[string]int{takesJSON: 200, takesNew: 400} {
			t.Run(tt.name+", "+accept, func(t *testing.T) {
				t.Parallel()
				got := do(t, http.MethodPost, srv.URL+"/graphql", tt.body, sendsJSON, accept)
				if got.status != status {
					t.Errorf("status %d, want %d", got.status, status)
				}
				checkRefusal(t, got, tt.code, tt.message)
				if got.Errors[0].Path != nil {
					t.Errorf("a refused request has the path %v", got.Errors[0].Path)
				}
			})
		}
	}
}

func TestManyErrorsAreCut(t *testing.T) {
	t.Parallel()
	srv := serve(t, nil)
	query := "{ hello(kind: GOOD " + strings.Repeat("no: 1 ", 100) + ") }"
	got := do(t, http.MethodPost, srv.URL+"/graphql", post(query), sendsJSON)
	if len(got.Errors) != 20 || !strings.Contains(got.Errors[19].Message, "more errors") {
		t.Errorf("%d errors, want 20, the last of them that there are more: %s", len(got.Errors), got.body)
	}
}

// TestSubscriptionsHaveNoOneAnswer sends one as if it were a query.
func TestSubscriptionsHaveNoOneAnswer(t *testing.T) {
	t.Parallel()
	schema := gqlparser.MustLoadSchema(&ast.Source{Name: "test.graphqls", Input: sdl + "type Subscription { tick: String }"})
	srv := serve(t, func(o *edge.Options) {
		o.Schema = &graphql.ExecutableSchemaMock{SchemaFunc: func() *ast.Schema { return schema }, ExecFunc: func(context.Context) graphql.ResponseHandler {
			t.Error("it ran")
			return graphql.OneShot(&graphql.Response{})
		}}
	})
	checkRefusal(t, do(t, http.MethodPost, srv.URL+"/graphql", post("subscription { tick }"), sendsJSON), "BAD_USER_INPUT", "WebSocket")
	checkRefusal(t, do(t, http.MethodGet, srv.URL+get("subscription { tick }"), ""), "BAD_USER_INPUT", "WebSocket")
}

// TestIntrospectionTakesTurns holds one introspection up: another one waits until its time is over, and all else runs.
func TestIntrospectionTakesTurns(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		started, finish := make(chan struct{}), make(chan struct{})
		schema := executable().(*graphql.ExecutableSchemaMock)
		slow := &graphql.ExecutableSchemaMock{SchemaFunc: schema.SchemaFunc, ExecFunc: func(ctx context.Context) graphql.ResponseHandler {
			op := graphql.GetOperationContext(ctx)
			return func(context.Context) *graphql.Response {
				if op.OperationName == "Slow" {
					close(started)
					<-finish
				}
				return &graphql.Response{Data: []byte("{}")}
			}
		}}
		h := handler(t, func(o *edge.Options) { o.Schema, o.RequestTimeout = slow, 100*time.Millisecond })
		ask := func(body string) reply { return record(t, h, strings.NewReader(body), -1, sendsJSON) }
		var first sync.WaitGroup
		first.Go(func() {
			ask(`{"query":"query Slow { __schema { queryType { name } } }","operationName":"Slow"}`)
		})
		<-started
		for query, status := range map[string]int{"{ __schema { queryType { name } } }": 504, `{ __type(name: "Query") { name } }`: 504, "{ hello }": 200, "{ __typename }": 200} {
			if got := ask(post(query)); got.status != status {
				t.Errorf("%s: %d, want %d", query, got.status, status)
			}
		}
		close(finish)
		first.Wait()
		if got := ask(post("{ __schema { queryType { name } } }")); got.status != 200 {
			t.Errorf("afterwards: %d %s", got.status, got.body)
		}
	})
}

func TestMediaTypes(t *testing.T) {
	t.Parallel()
	srv := serve(t, nil)
	const oldType, newType = "application/json; charset=utf-8", "application/graphql-response+json; charset=utf-8"
	for accept, want := range map[string]string{
		"":                                  oldType,
		"*/*":                               oldType,
		"application/*":                     oldType,
		"application/json":                  oldType,
		"application/json; charset=utf-8":   oldType,
		"application/graphql-response+json": newType,
		"application/graphql-response+json; charset=utf-8, application/json; charset=utf-8": newType,
		"application/json, application/graphql-response+json":                               oldType,
		"application/graphql-response+json;q=0.5, application/json;q=0.9":                   oldType,
		"application/json;q=0.5, application/graphql-response+json":                         newType,
		"*/*, application/graphql-response+json":                                            newType,
		"*/*;q=0.1, application/graphql-response+json;q=0.05":                               oldType,
		"application/json;q=0, */*":                                                         newType,
		"text/html, broken/, */*;q=0.1":                                                     oldType,
		"application/json;q=many, application/graphql-response+json;q=0.1":                  newType,
	} {
		got := do(t, http.MethodPost, srv.URL+"/graphql", post("{ hello }"), sendsJSON, "Accept: "+accept)
		if ct := got.header.Get("Content-Type"); got.status != 200 || ct != want {
			t.Errorf("Accept %q: %d %q, want %q", accept, got.status, ct, want)
		}
	}
	for _, accept := range []string{"text/html", "application/json;q=0", "image/*", "nonsense"} {
		if got := do(t, http.MethodPost, srv.URL+"/graphql", post("{ hello }"), sendsJSON, "Accept: "+accept); got.status != 406 {
			t.Errorf("Accept %q: %d, want 406", accept, got.status)
		}
	}
}
