package document_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"zoomgraph/internal/edge/document"
)

func TestReadManifest(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name, content string
		want          []document.Listed
		fault         string
	}{
		{"as GraphQL Code Generator and Relay write it", `{"b2":"{ hello }","a1":"{ id }"}`, []document.Listed{{"a1", "{ id }"}, {"b2", "{ hello }"}}, ""},
		{
			"as Apollo writes it",
			`{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"b","name":"B","type":"query","body":"query B { hello }"},{"id":"a","name":"A","type":"mutation","body":"mutation A { set }"}]}`,
			[]document.Listed{{"a", "mutation A { set }"}, {"b", "query B { hello }"}},
			"",
		},
		{"with a byte order mark", "\uFEFF" + `{"a1":"{ id }"}`, []document.Listed{{"a1", "{ id }"}}, ""},
		{"empty", `{}`, nil, ""},
		{"not JSON", `{ hello }`, nil, "neither an object"},
		{"an array", `["{ hello }"]`, nil, "neither an object"},
		{"something else", `{"a":1}`, nil, "neither an object"},
		{"another version", `{"format":"apollo-persisted-query-manifest","version":2,"operations":[]}`, nil, "version is 2"},
		{"another format", `{"format":"x","version":1,"operations":[]}`, nil, "neither an object"},
		{"no id", `{"":"{ hello }"}`, nil, "no id"},
		{"no text", `{"a":""}`, nil, "a is empty"},
		{"an id twice", `{"format":"apollo-persisted-query-manifest","version":1,"operations":[{"id":"a","body":"x"},{"id":"a","body":"y"}]}`, nil, "two documents a"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "manifest.json")
			if err := os.WriteFile(file, []byte(tt.content), 0o600); err != nil {
				t.Fatal(err)
			}
			got, err := document.ReadManifest(file)
			switch {
			case tt.fault == "" && err != nil:
				t.Fatal(err)
			case tt.fault != "" && (err == nil || !strings.Contains(err.Error(), tt.fault) || !strings.Contains(err.Error(), file)):
				t.Errorf("error %v, want one about %s with %q", err, file, tt.fault)
			case !slices.Equal(got, tt.want):
				t.Errorf("documents %v, want %v", got, tt.want)
			}
		})
	}
}

// TestUnreadableManifest wants errors that say what cannot be read, where that is, why, and what to do.
func TestUnreadableManifest(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	large := filepath.Join(dir, "large.json")
	if err := os.WriteFile(large, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(large, 32<<20+1); err != nil {
		t.Fatal(err)
	}
	here, err := filepath.Abs("missing.json")
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		name, file string
		want       []string
	}{
		{"not there", filepath.Join(dir, "missing.json"), []string{"the manifest of documents " + dir, "no such file", "build of the clients"}},
		{"not here", "missing.json", []string{"missing.json (" + here + ")", "no such file", "give the path"}},
		{"a directory", dir, []string{dir, "is a directory", "name the file"}},
		{"too large", large, []string{large, "more than 33554432 bytes", "leave out"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			_, err := document.ReadManifest(tt.file)
			for _, want := range tt.want {
				if err == nil || !strings.Contains(err.Error(), want) || strings.Count(err.Error(), tt.file) > 2 {
					t.Errorf("the error is %v, want one with %q", err, want)
				}
			}
		})
	}
}

// TestReadAll tells all mistakes of a manifest at once.
func TestReadAll(t *testing.T) {
	t.Parallel()
	j := judge(t, true)
	docs, err := j.ReadAll([]document.Listed{{"a", "{ hello }"}, {"b", "{ user { id } }"}})
	if err != nil || len(docs) != 2 || docs[1].Text != "{ user { id } }" || len(docs[0].AST.Operations) != 1 {
		t.Errorf("documents %v, error %v", docs, err)
	}
	_, err = j.ReadAll([]document.Listed{{"a", "{ hello }"}, {"b", "{\n no }"}, {"c", "{ user { no1 no2 } }"}, {"d", "{ hello("}})
	if err == nil {
		t.Fatal("no error")
	}
	lines := strings.Split(err.Error(), "\n")
	for i, want := range []string{"document b, line 2: ", "document c, line 1: ", "document c, line 1: ", "document d, line 1: "} {
		if i >= len(lines) || !strings.HasPrefix(lines[i], want) {
			t.Fatalf("line %d of the error does not begin with %q:\n%v", i, want, err)
		}
	}
}
