package edge

import (
	"bytes"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/internal/edge/document"
)

// learned are the spellings of some documents, each under the JSON string that stands for it.
func learned(tb testing.TB, quoted ...string) *spellings {
	tb.Helper()
	s, err := newSpellings()
	if err != nil {
		tb.Fatal(err)
	}
	for _, q := range quoted {
		s.learn([]byte(q), &document.Document{Text: unquote(tb, q)})
	}
	return s
}

func unquote(tb testing.TB, quoted string) (text string) {
	tb.Helper()
	if err := decode([]byte(quoted), &text); err != nil {
		tb.Fatal(err)
	}
	return text
}

// A request whose document is known by its spelling is read like any other, and refused for the same.
func TestKnownSpelling(t *testing.T) {
	t.Parallel()
	const quoted = `"{ a(b: \"c\") }\n# }\",{"`
	known := learned(t, quoted)
	for text, spelled := range map[string]bool{
		`{"query":Q}`: true,
		" {\n\"operationName\" : \"A\" ,\"query\" : Q, \"variables\": {\"n\": [1.50, \"é\"], \"query\": Q} }\r\n": true,
		`{"extensions":{"query":Q},"variables":null,"query":Q,"other":[1,{"query":"no"}]}`:                        true,
		`{"q\u0075ery":Q}`:             true,
		`{"Query":Q}`:                  false,
		`{"query":Q,"query":Q}`:        false,
		`{"query":null,"query":Q}`:     false,
		`{"query":Q,"documentId":"a"}`: false,
		`{"variables":{"query":Q}}`:    false,
		`{"query":[Q]}`:                false,
		`{"query":Q}x`:                 false,
		`{"query":Q`:                   false,
		`{"query":Q,"aa\`:              false, // without the query, it is as long as memory for it is
		`{"query":Q "variables":{}}`:   false,
		`{"query":Q,"variables":[]}`:   false,
		`{"a":tru"e,"query":Q}`:        false,
		`{"a" "b","query":Q}`:          false,
		`{,"query":Q}`:                 false,
		`["query",Q]`:                  false,
		"{\"a\":\"\xff\",\"query\":Q}": false,
		`{"a":"\ud800","query":Q}`:     false,
		`{"query":Q,"variables":` + strings.Repeat("[", 70) + strings.Repeat("]", 70) + `}`: false,
		`{"query":"{ a }"}`:                 false,
		`{"query":"{ a(b: \"c\") }\n# }\"}`: false,
		`{"query":}`:                        false,
		`{"query":`:                         false,
		`{}`:                                false,
		``:                                  false,
	} {
		text := []byte(strings.ReplaceAll(text, "Q", quoted))
		want, wantErr := parseRequest("the body", text)
		buffer := slices.Grow(bytes.Clone(text), len(text)) // a body's has room behind it, which is written to
		got, err := parseKnown("the body", buffer, known)
		if fmt.Sprintf("%#v", err) != fmt.Sprintf("%#v", wantErr) {
			t.Errorf("%s: %v, want %v", text, err, wantErr)
			continue
		}
		if !bytes.Equal(buffer, text) {
			t.Errorf("%s: it was changed to %s", text, buffer)
		}
		if err == nil && (got.known != nil) != spelled {
			t.Errorf("%s: known by its spelling: %v", text, got.known != nil)
		}
		if err == nil && (!reflect.DeepEqual(got.RawParams, want.RawParams) || got.documentID != want.documentID) {
			t.Errorf("%s: %+v, want %+v", text, got.RawParams, want.RawParams)
		}
	}
}

// FuzzKnownSpelling reads a request after another one, from which a spelling was learned, and holds it to what is read of
// it as a whole. The text Q stands for the query that both have.
func FuzzKnownSpelling(f *testing.F) {
	const query = `"{ a(b: \"\\u00e9\\ud83d\ude00\") }\n# }\",{\\"`
	for _, bodies := range [][2]string{
		{`{"query":Q}`, ` {"operationName":"A", "query" : Q ,"variables":{"query":Q,"n":[1.50,null]},"extensions":{"persistedQuery":null}} `},
		{`{"q\u0075ery":Q}`, `{"extensions":{"query":Q},"other":[{"query":Q}],"query":Q}`},
		{`{"query":Q}`, `{"query":Q,"QUERY":Q}`},
		{`{"query":Q}`, `{"query":Q,"quer\u0079":""}`},
		{`{"query":Q}`, `{"query":null,"query":Q}`},
		{`{"query":Q,"variables":{}}`, "\ufeff{\"query\":Q}"},
		{`{"query":Q}`, "{\"query\":Q,\"a\":\"\xc3\"}"},
		{`{"query":Q}`, `{"query":Q,"documentId":"a"}`},
		{`{"query":Q}`, `{"query":Q,"a":"\udc00"}`},
		{`{"query":Q}`, `{"query":Q}{}`},
		{`{"query":Q}`, `{"a":tru"e","query":Q,"b":"}`},
		{`{"query":Q}`, `{"a":"\","query":Q}`},
		{`{"query":"\u007b a }"}`, `{"query":"\u007B a }","variables":[` + strings.Repeat("[", 70) + `]}`},
		{`{"query":"a"}`, `{"query":"a","query":"b"}`},
		{`{"query":Q}`, `{"query":Q,"aa\`},
		{`{"aaaa\`, `{"query":Q}`},
	} {
		f.Add([]byte(bodies[0]), []byte(bodies[1]))
	}
	known := learned(f)
	f.Fuzz(func(t *testing.T, first, second []byte) {
		known.known.InvalidateAll()
		first = bytes.ReplaceAll(first, []byte("Q"), []byte(query))
		if in, err := parseKnown("it", first, known); err == nil {
			known.learn(in.spelling, &document.Document{Text: in.Query})
		}
		for _, body := range [][]byte{first, bytes.ReplaceAll(second, []byte("Q"), []byte(query))} {
			sent := bytes.Clone(body)
			body = slices.Grow(body, len(body))
			got, err := parseKnown("it", body, known)
			want, wantErr := parseRequest("it", bytes.Clone(sent))
			if fmt.Sprintf("%#v", err) != fmt.Sprintf("%#v", wantErr) {
				t.Fatalf("%q: %v, want %v", sent, err, wantErr)
			}
			if !bytes.Equal(body, sent) {
				t.Fatalf("%q was changed to %q", sent, body)
			}
			if err == nil && (!reflect.DeepEqual(got.RawParams, want.RawParams) || got.documentID != want.documentID) {
				t.Fatalf("%q: %+v, want %+v", sent, got.RawParams, want.RawParams)
			}
		}
	})
}

// A document that came before is known by each spelling from then on; one that was refused never is.
func TestSpellingsAreLearned(t *testing.T) {
	t.Parallel()
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: `type Query { hello: String }`})
	d, err := newDocuments(Options{}, schema)
	if err != nil {
		t.Fatal(err)
	}
	read := func(body string) (received, error) {
		r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, "/graphql", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		in, err := readRequest(t.Context(), httptest.NewRecorder(), r, &spool{}, d.spelled)
		if err != nil {
			t.Fatal(err)
		}
		_, err = d.find(&in)
		return in, err
	}
	const plain, escaped = `{"query":"{ hello }"}`, `{"query":"\u007b hello }","operationName":null}`
	for i, body := range []string{plain, plain, escaped, plain, escaped} {
		in, err := read(body)
		if known := i > 2; err != nil || in.Query != "{ hello }" || (in.known != nil) != known {
			t.Errorf("%d, %s: %q, known by its spelling: %v, %v", i, body, in.Query, in.known != nil, err)
		}
	}
	for range 3 {
		if in, err := read(`{"query":"{ helo }"}`); err == nil || in.known != nil {
			t.Errorf("what was refused is known: %v", err)
		}
	}
	const hash = `,"extensions":{"persistedQuery":{"version":1,"sha256Hash":"00"}}}`
	if in, err := read(`{"query":"{ hello }"` + hash); err == nil || in.known == nil {
		t.Error("a hash that is not the query's is taken")
	}
	if d.spelled.find(nil) != nil {
		t.Error("no spelling leads to a document")
	}
}

// Strings with the same hash are told apart.
func TestSpellingsOfOneHash(t *testing.T) {
	t.Parallel()
	s := learned(t, `"{ a }"`)
	for hash := range s.known.Keys() {
		s.known.Set(hash, spelling{`"{ b }"`, &document.Document{}})
	}
	if s.find([]byte(`"{ a }"`)) != nil {
		t.Error("another document is taken")
	}
}
