package edge_test

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"zoomgraph/internal/edge"
	"zoomgraph/internal/edge/document"
)

func hashOf(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

// persisted is a request that names a document by its hash, and has the text where it is not empty.
func persisted(query, hash string) string {
	body := map[string]any{"extensions": map[string]any{"persistedQuery": map[string]any{"version": 1, "sha256Hash": hash}}}
	if query != "" {
		body["query"] = query
	}
	text, err := json.Marshal(body)
	if err != nil {
		panic(err)
	}
	return string(text)
}

// TestPersistedQueries takes the way of a client of Apollo: the hash, then the text with it, then the hash for ever.
func TestPersistedQueries(t *testing.T) {
	t.Parallel()
	srv := serve(t, nil)
	send := func(body string) reply {
		t.Helper()
		return do(t, http.MethodPost, srv.URL+"/graphql", body, sendsJSON)
	}
	const query = "{ hello }"
	checkRefusal(t, send(persisted("", hashOf(query))), "PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
	checkRefusal(t, send(persisted(query, hashOf("{ id }"))), "BAD_USER_INPUT", "SHA-256")
	checkRefusal(t, send(persisted("", hashOf("{ id }"))), "PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
	for _, body := range []string{persisted(query, hashOf(query)), persisted("", hashOf(query))} {
		if got := send(body); string(got.Data) != `{"hello":"hello"}` {
			t.Errorf("%s: %s", body, got.body)
		}
	}
	target := srv.URL + "/graphql?extensions=" + url.QueryEscape(`{"persistedQuery":{"version":1,"sha256Hash":"`+hashOf(query)+`"}}`)
	if got := do(t, http.MethodGet, target, ""); string(got.Data) != `{"hello":"hello"}` {
		t.Errorf("GET: %s", got.body)
	}
	for _, extension := range []string{`1`, `{}`, `{"version":2,"sha256Hash":"` + hashOf(query) + `"}`, `{"version":1}`, `{"version":1,"sha256Hash":7}`} {
		checkRefusal(t, send(`{"query":"{ hello }","extensions":{"persistedQuery":`+extension+`}}`), "BAD_USER_INPUT", "the version 1")
	}
	for _, hash := range []string{"00", hashOf(query) + "00", strings.Repeat("g", 64), strings.ToUpper(hashOf("{ other }"))} {
		checkRefusal(t, send(persisted("", hash)), "PERSISTED_QUERY_NOT_FOUND", "PersistedQueryNotFound")
	}
}

// TestRefusedDocumentsAreNotKept sends a document that is refused by its hash: it is not known afterwards.
func TestRefusedDocumentsAreNotKept(t *testing.T) {
	t.Parallel()
	srv := serve(t, nil)
	for _, query := range []string{"{ helo }", "{ hello", "{" + each(61, " a%d: hello") + "}"} {
		first := do(t, http.MethodPost, srv.URL+"/graphql", persisted(query, hashOf(query)), sendsJSON)
		if len(first.Errors) == 0 {
			t.Errorf("%s: %s", query, first.body)
		}
		checkRefusal(t, do(t, http.MethodPost, srv.URL+"/graphql", persisted("", hashOf(query)), sendsJSON), "PERSISTED_QUERY_NOT_FOUND", "")
	}
}

// TestKnownDocumentsAreBounded sends more documents than are kept, and has the first ones forgotten.
func TestKnownDocumentsAreBounded(t *testing.T) {
	t.Parallel()
	srv := serve(t, nil)
	text := func(i int) string { return fmt.Sprintf("{ hello } # %d %s", i, strings.Repeat("-", 100_000)) }
	const sent = 200 // 20 MB of them
	for i := range sent {
		if got := do(t, http.MethodPost, srv.URL+"/graphql", post(text(i)), sendsJSON); got.Errors != nil {
			t.Fatal(got.body)
		}
	}
	known := 0
	for i := range sent {
		if got := do(t, http.MethodPost, srv.URL+"/graphql", persisted("", hashOf(text(i))), sendsJSON); got.Errors == nil {
			known++
		}
	}
	if known == 0 || known > 100 {
		t.Errorf("%d documents of 100 kB are known", known)
	}
}

func TestListedDocuments(t *testing.T) {
	t.Parallel()
	const (
		greeting = "query Greeting { hello }"
		change   = "mutation Change { set }"
		schema   = "{ __schema { queryType { name } } }"
	)
	list := []document.Listed{{ID: "greeting-1", Text: greeting}, {ID: hashOf(change), Text: change}}
	open := serve(t, func(o *edge.Options) { o.Documents = list })
	closed := serve(t, func(o *edge.Options) { o.Documents, o.DocumentsOnly = list, true })
	id := func(id string) string { return `{"documentId":"` + id + `"}` }
	for _, tt := range []struct {
		name, body   string
		data         string // where it runs
		open, closed string // the code where it does not
	}{
		{"by its id", id("greeting-1"), `{"hello":"hello"}`, "", ""},
		{"by its hash as id", id(hashOf(change)), `{"set":"set"}`, "", ""},
		{"by its hash as the draft has it", id("sha256:" + hashOf(change)), `{"set":"set"}`, "", ""},
		{"by its id as a hash", persisted("", "greeting-1"), `{"hello":"hello"}`, "", ""},
		{"by its hash as Apollo sends it", persisted("", hashOf(change)), `{"set":"set"}`, "", ""},
		{"by its text", post(greeting), `{"hello":"hello"}`, "", ""},
		{"by its text with the hash", persisted(greeting, hashOf(greeting)), `{"hello":"hello"}`, "", ""},
		{"an unknown id", id("greeting-2"), "", "PERSISTED_QUERY_NOT_FOUND", "FORBIDDEN"},
		{"an unknown hash", persisted("", hashOf("{ fail }")), "", "PERSISTED_QUERY_NOT_FOUND", "FORBIDDEN"},
		{"another text", post("{ id: hello }"), `{"id":"hello"}`, "", "FORBIDDEN"},
		{"another text with its hash", persisted("{ id: hello }", hashOf("{ id: hello }")), `{"id":"hello"}`, "", "FORBIDDEN"},
		{"nearly its text", post(greeting + " "), `{"hello":"hello"}`, "", "FORBIDDEN"},
		{"the schema", post(schema), `{"__schema":"__schema"}`, "", "FORBIDDEN"},
		{"not even GraphQL", post("canary"), "", "GRAPHQL_PARSE_FAILED", "FORBIDDEN"},
		{"both", `{"documentId":"greeting-1","query":"{ hello }"}`, "", "BAD_USER_INPUT", "BAD_USER_INPUT"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			for srv, code := range map[string]string{open.URL: tt.open, closed.URL: tt.closed} {
				got := do(t, http.MethodPost, srv+"/graphql", tt.body, sendsJSON)
				switch {
				case code != "":
					if len(got.Errors) != 1 || got.Errors[0].Extensions["code"] != code {
						t.Errorf("%s, want %s", got.body, code)
					}
				case string(got.Data) != tt.data:
					t.Errorf("%s, want %s", got.body, tt.data)
				}
			}
		})
	}
	if got := do(t, http.MethodGet, closed.URL+"/graphql?documentId=greeting-1", ""); string(got.Data) != `{"hello":"hello"}` {
		t.Errorf("GET: %s", got.body)
	}
	if got := do(t, http.MethodGet, closed.URL+"/graphql?documentId="+hashOf(change), ""); got.status != http.StatusMethodNotAllowed {
		t.Errorf("GET of a mutation: %d %s", got.status, got.body)
	}
}

// heard is an extension that hears the text of each operation, as logs and traces do.
type heard struct{ texts chan string }

func (heard) ExtensionName() string                   { return "Heard" }
func (heard) Validate(graphql.ExecutableSchema) error { return nil }
func (h heard) InterceptResponse(ctx context.Context, next graphql.ResponseHandler) *graphql.Response {
	h.texts <- graphql.GetOperationContext(ctx).RawQuery
	return next(ctx)
}

func TestTextOfNamedDocuments(t *testing.T) {
	t.Parallel()
	h := heard{make(chan string, 1)}
	srv := serve(t, func(o *edge.Options) {
		o.Documents, o.Extensions = []document.Listed{{ID: "a", Text: "{ hello }"}}, []graphql.HandlerExtension{h}
	})
	do(t, http.MethodPost, srv.URL+"/graphql", `{"documentId":"a"}`, sendsJSON)
	if text := <-h.texts; text != "{ hello }" {
		t.Errorf("the operation's text is %q", text)
	}
}

func TestListsThatCannotRun(t *testing.T) {
	t.Parallel()
	_, err := edge.New(edge.Options{Schema: executable(), Documents: []document.Listed{{ID: "a", Text: "{ hello }"}, {ID: "b", Text: "{ helo }"}, {ID: "c", Text: "{"}}})
	if err == nil || !strings.Contains(err.Error(), "document b") || !strings.Contains(err.Error(), "document c") || strings.Contains(err.Error(), "document a") {
		t.Errorf("error %v", err)
	}
}
