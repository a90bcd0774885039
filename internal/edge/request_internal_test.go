package edge

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// FuzzReadPost holds what is read of a body to what a strict reading of it says.
func FuzzReadPost(f *testing.F) {
	for _, body := range []string{
		`{"query":"{ hello }","operationName":null,"variables":{"a":[1,{"b":"\ud83d\ude00"}]},"extensions":{}}`,
		`{"query":"a","query":"b"}`, `{"Query":"a"}`, `{"q\u0075ery":"a","query":"b"}`, `{"documentId":"a","extensions":{"persistedQuery":{"version":1}}}`,
		`{"query":"\ud800"}`, `{"variables":` + strings.Repeat("[", 70), `{"query":1e400}`, `[{}]`, ` {"query":"a"} x`, "{\"query\":\"\xff\"}", `{"query":"a\`, `{"a":{"query":"x"},"query":"y"}`,
	} {
		f.Add([]byte(body))
	}
	known := learned(f, `"{ hello }"`, `"a"`, `"x"`)
	f.Fuzz(func(t *testing.T, body []byte) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", strings.NewReader(string(body)))
		r.Header.Set("Content-Type", "application/json")
		in, err := readRequest(t.Context(), httptest.NewRecorder(), r, &spool{}, known)
		if err != nil {
			checkRefusalOf(t, err)
			return
		}
		var strict map[string]any
		if err := json.Unmarshal(body, &strict); err != nil {
			t.Fatalf("%q was read, but is not a JSON object: %v", body, err)
		}
		if !utf8.Valid(body) {
			t.Errorf("%q was read, but is not UTF-8", body)
		}
		query, _ := strict["query"].(string)
		id, _ := strict["documentId"].(string)
		if in.Query != query || in.documentID != id {
			t.Errorf("%q: read %q and %q, want %q and %q", body, in.Query, in.documentID, query, id)
		}
		if text, err := json.Marshal(in.Variables); err != nil || strings.Count(string(text), "[")+strings.Count(string(text), "{") > maxJSONValues+len(body) {
			t.Errorf("variables of %q: %v", body, err)
		}
	})
}

// FuzzReadGet does so with a query string.
func FuzzReadGet(f *testing.F) {
	for _, query := range []string{
		"query=%7Bhello%7D&variables=%7B%22a%22%3A1%7D&operationName=A", "query=a&query=b", "documentId=a", "extensions=%7B%22persistedQuery%22%3A1%7D",
		"query=%ff", "query=%zz", "query=a;b", "variables=%5B%5D&query=a", "query=a&variables=%7B%22%5Cud800%22%3A1%7D", "query=a&documentId=b", "",
	} {
		f.Add(query)
	}
	f.Fuzz(func(t *testing.T, query string) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/graphql", http.NoBody)
		r.URL = &url.URL{Path: "/graphql", RawQuery: query}
		in, err := readRequest(t.Context(), httptest.NewRecorder(), r, &spool{}, nil)
		if err != nil {
			checkRefusalOf(t, err)
			return
		}
		values, err := url.ParseQuery(query)
		if err != nil || len(query) > maxQuery || in.Query != values.Get("query") || !utf8.ValidString(in.Query+in.OperationName+in.documentID) {
			t.Errorf("%q was read as %q: %v", query, in.Query, err)
		}
	})
}

// checkRefusalOf asserts that what a client is told is a short text with a code.
func checkRefusalOf(t *testing.T, err error) {
	t.Helper()
	var r refusal
	if !errors.As(err, &r) {
		t.Fatalf("%v is not a refusal", err)
	}
	if r.code == "" || len(r.message) == 0 || len(r.message) > maxMessage || !utf8.ValidString(r.message) {
		t.Errorf("refusal %+v", r)
	}
}

// TestTallyStartsAnew counts the errors of two answers, as a subscription has them.
func TestTallyStartsAnew(t *testing.T) {
	t.Parallel()
	var errs tally
	ctx := context.WithValue(t.Context(), tallyKey{}, &errs)
	for range 2 {
		kept := 0
		for range maxErrors + 7 {
			if admit(ctx) {
				kept++
			}
		}
		if dropped := errs.dropped(); kept != maxErrors || dropped != 7 {
			t.Errorf("%d errors kept and %d dropped", kept, dropped)
		}
	}
	if errs.dropped() != 0 || !admit(t.Context()) {
		t.Error("an error that nobody counts is dropped")
	}
}

// TestSpan gives operations the service's time, unless they have one already or go on until somebody leaves.
func TestSpan(t *testing.T) {
	t.Parallel()
	e := &endpoint{timeout: time.Hour}
	soon, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	for _, tt := range []struct {
		ctx   context.Context
		kind  ast.Operation
		until time.Duration // 0: for ever
	}{
		{t.Context(), ast.Query, time.Hour},
		{t.Context(), ast.Mutation, time.Hour},
		{t.Context(), ast.Subscription, 0},
		{soon, ast.Query, time.Minute},
	} {
		ctx, stop := e.span(tt.ctx, tt.kind)
		until, bounded := ctx.Deadline()
		stop()
		if left := time.Until(until); bounded != (tt.until != 0) || bounded && (left > tt.until || left < tt.until/2) {
			t.Errorf("a %s has %v", tt.kind, left)
		}
	}
}

// patient is a writer that knows until when it may be read.
type patient struct {
	*httptest.ResponseRecorder
	until time.Time
}

func (p *patient) SetReadDeadline(t time.Time) error {
	p.until = t
	return nil
}

// TestFilesMayTakeAsLongAsRequests gives the files of an operation that is about to run, and nothing else, the time of the
// request to arrive.
func TestFilesMayTakeAsLongAsRequests(t *testing.T) {
	t.Parallel()
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: "scalar Upload type Query { a: Int } type Mutation { put(file: Upload): Int }"})
	e, err := newEndpoint(Options{
		Schema: &graphql.ExecutableSchemaMock{
			SchemaFunc: func() *ast.Schema { return schema },
			ExecFunc: func(context.Context) graphql.ResponseHandler {
				return graphql.OneShot(&graphql.Response{Data: []byte("{}")})
			},
		},
		ErrorPresenter: graphql.DefaultErrorPresenter, RequestTimeout: time.Hour, Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	form := func(argument string) string {
		part := "--x\r\nContent-Disposition: form-data; name="
		return part + "operations\r\n\r\n" + `{"query":"mutation($f: Upload) { put(` + argument + `: $f) }","variables":{"f":null}}` + "\r\n" +
			part + "map\r\n\r\n" + `{"0":["variables.f"]}` + "\r\n" + part + "0; filename=a\r\n\r\nabc\r\n--x--\r\n"
	}
	for _, tt := range []struct {
		name, contentType, body string
		extended                bool
	}{
		{"files", "multipart/form-data; boundary=x", form("file"), true},
		{"files of an operation that is refused", "multipart/form-data; boundary=x", form("fail"), false},
		{"no form", "multipart/form-data; boundary=x", "", false},
		{"JSON", "application/json", `{"query":"{ a }"}`, false},
	} {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", strings.NewReader(tt.body))
		r.Header.Set("Content-Type", tt.contentType)
		r.Header.Set("GraphQL-Require-Preflight", "1")
		w := &patient{ResponseRecorder: httptest.NewRecorder()}
		e.ServeHTTP(w, r)
		if w.Code >= 500 || tt.extended != (time.Until(w.until) > 50*time.Minute) || tt.extended && w.Body.String() != `{"data":{}}` {
			t.Errorf("%s may arrive until %v: %d %s", tt.name, w.until, w.Code, w.Body)
		}
	}
}
