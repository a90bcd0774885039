package edge_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/internal/edge"
	"zoomgraph/internal/reqid"
)

// patience is how long a test waits for what must come: only what never comes takes so long.
const patience = time.Minute

const sdl = `
enum Kind { GOOD BETTER }
input Pair { a: Int!, b: [Kind!] }
type Query {
	hello(name: String, kind: Kind, first: Int = 1, pair: Pair): String
	id: String   # the request id the resolver sees
	fail: String # null with an error
	wait: String # until the deadline
	boom: String # panics
	nan: String  # an extension that no encoder takes
}
scalar Upload
scalar JSON
input Form { name: String, file: Upload, more: [Upload!] }
type Mutation {
	set: String
	put(file: Upload, files: [Upload!], form: Form, json: JSON, id: ID): String # the operation's variables
}
`

// executable answers each field of the schema above with its own name, but for
// those that say otherwise.
func executable() graphql.ExecutableSchema {
	schema := gqlparser.MustLoadSchema(&ast.Source{Name: "test.graphqls", Input: sdl})
	return &graphql.ExecutableSchemaMock{
		SchemaFunc: func() *ast.Schema { return schema },
		ExecFunc: func(ctx context.Context) graphql.ResponseHandler {
			op := graphql.GetOperationContext(ctx)
			return func(ctx context.Context) *graphql.Response { return &graphql.Response{Data: answer(ctx, op)} }
		},
	}
}

func answer(ctx context.Context, op *graphql.OperationContext) []byte {
	data := map[string]any{}
	for _, field := range graphql.CollectFields(op, op.Operation.SelectionSet, nil) {
		data[field.Alias] = field.Name
		switch field.Name {
		case "__typename":
			data[field.Alias] = field.ObjectDefinition.Name
		case "put":
			data[field.Alias] = described(op.Variables)
		case "id":
			data[field.Alias] = reqid.From(ctx)
		case "wait":
			<-ctx.Done()
			graphql.AddError(ctx, context.Cause(ctx))
			data[field.Alias] = nil
		case "fail":
			graphql.AddError(ctx, errors.New("it failed <so>"))
			data[field.Alias] = nil
		case "boom":
			panic("canary in a panic")
		case "nan":
			graphql.RegisterExtension(ctx, "nan", func() {})
		}
	}
	out, err := json.Marshal(data)
	if err != nil {
		panic(err)
	}
	return out
}

// described has in place of each file its name, type, size and first bytes.
func described(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, value := range v {
			out[name] = described(value)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, value := range v {
			out[i] = described(value)
		}
		return out
	case graphql.Upload:
		var text strings.Builder
		n, err := io.Copy(&text, io.LimitReader(v.File, 10))
		if err == nil {
			var more int64
			more, err = io.Copy(io.Discard, v.File)
			n += more
		}
		if err != nil || n != v.Size {
			return fmt.Sprintf("%d of %d bytes, %v", n, v.Size, err)
		}
		return fmt.Sprintf("%s, %s, %d: %s", v.Filename, v.ContentType, v.Size, text.String())
	}
	return v
}

// serve starts a server with the test's schema; change may be nil.
func serve(t *testing.T, change func(*edge.Options)) *httptest.Server {
	t.Helper()
	srv := httptest.NewServer(handler(t, change))
	t.Cleanup(srv.Close)
	return srv
}

// handler is what serve serves.
func handler(t testing.TB, change func(*edge.Options)) http.Handler {
	t.Helper()
	o := edge.Options{Schema: executable(), SDL: func() string { return sdl }, Introspection: true, Example: "{ hello }"}
	if change != nil {
		change(&o)
	}
	h, err := edge.New(o)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// reply is an answer as a client sees it.
type reply struct {
	status int
	header http.Header
	body   string

	Errors []struct {
		Message    string         `json:"message"`
		Path       []any          `json:"path"`
		Extensions map[string]any `json:"extensions"`
	} `json:"errors"`
	Data       json.RawMessage `json:"data"`
	Extensions map[string]any  `json:"extensions"`
}

// do sends a request with headers given as "Name: value".
func do(t *testing.T, method, target, body string, headers ...string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, target, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if req.Header.Add(name, value); name == "Host" {
			req.Host = value
		}
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	r := reply{status: resp.StatusCode, header: resp.Header, body: string(text)}
	if strings.Contains(resp.Header.Get("Content-Type"), "json") {
		if err := json.Unmarshal(text, &r); err != nil {
			t.Fatalf("answer %q: %v", text, err)
		}
	}
	return r
}

const (
	sendsJSON = "Content-Type: application/json"
	takesNew  = "Accept: application/graphql-response+json"
	takesJSON = "Accept: application/json"
)

func post(query string) string {
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		panic(err)
	}
	return string(body)
}

func get(query string) string { return "/graphql?query=" + url.QueryEscape(query) }
