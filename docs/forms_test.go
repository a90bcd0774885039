package docs_test

import (
	"maps"
	"os"
	"slices"
	"testing"

	"github.com/goccy/go-yaml"

	"zoomgraph/graph/program/programtest"
)

// differencesFile lists where the schema is not as the vendor's documents are, on purpose, and why.
const differencesFile = "differences.yaml"

// form is an operation as one of the vendor's documents has it.
type form struct {
	Group, Method, Path     string // in 2021's document only
	OperationID, RateLimit  string
	Scopes, GranularScopes  []string
	PathParams, QueryParams []shape
	Body                    shape
	Response                struct{ Schema shape }
}

// shape is a JSON schema, inlined; of a parameter it has a name.
type shape struct {
	Name                string
	Type, Format        string
	Properties          map[string]shape
	Items               *shape
	Enum                []any
	Required            any // of a body the names of its fields, of a parameter whether it is
	Deprecated          bool
	AllOf, AnyOf, OneOf []shape
}

// difference is a place where the schema is not as a document is, such as "2026 GET /users answer.users.dept".
type difference struct{ At, What string }

// What the vendor's documents of 2021 and 2026 say of an operation that the schema has, the schema says too: each
// parameter, and each field of body and answer at every depth. What is different on purpose is listed, and nothing else.
func TestSchemaIsAsTheForms(t *testing.T) {
	t.Parallel()
	forms := formsByYear(t)
	p := programtest.Of(t)
	found := map[string]string{}
	for _, o := range all(p.Chapters) {
		for year, of := range forms {
			f, known := of[o.Op]
			if !known && year == o.Form {
				t.Errorf("%s follows the document of %s, which does not have it", o.Op, year)
			}
			if !known {
				continue
			}
			for _, d := range differencesOf(p, year, o, f) {
				found[d.At] = d.What
			}
		}
	}
	listed := listedDifferences(t)
	for _, at := range slices.Sorted(maps.Keys(found)) {
		if !listed[at] {
			t.Errorf("%s: %s", at, found[at])
		}
	}
	for _, at := range slices.Sorted(maps.Keys(listed)) {
		if found[at] == "" {
			t.Errorf("%s is listed in %s, but is no difference any more", at, differencesFile)
		}
	}
}

// formsByYear reads the two documents: by year, and then by operation.
func formsByYear(t *testing.T) map[string]map[string]form {
	t.Helper()
	var late map[string]form
	programtest.Collected(t, "operations-2026.json", &late)
	forms := map[string]map[string]form{"2021": {}, "2026": late}
	for _, f := range formsOf2021(t) {
		forms["2021"][f.Method+" "+f.Path] = f
	}
	return forms
}

// formsOf2021 reads what the document of 2021 says, in its order: that of all operations.
func formsOf2021(t *testing.T) (forms []form) {
	t.Helper()
	programtest.Collected(t, "operations.json", &forms)
	return forms
}

func namesOf(params []shape) (names []string) {
	for _, p := range params {
		names = append(names, p.Name)
	}
	return names
}

// listedDifferences reads what is different on purpose.
func listedDifferences(t *testing.T) map[string]bool {
	t.Helper()
	content, err := os.ReadFile(differencesFile)
	if err != nil {
		t.Fatal(err)
	}
	var list []struct {
		Reason string   `yaml:"reason"`
		At     []string `yaml:"at"`
	}
	if err := yaml.UnmarshalWithOptions(content, &list, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	places := map[string]bool{}
	for _, entry := range list {
		if entry.Reason == "" || !slices.IsSorted(entry.At) {
			t.Errorf("%s: an entry without a reason, or with places out of order: %q", differencesFile, entry.At)
		}
		for _, at := range entry.At {
			if places[at] {
				t.Errorf("%s: %s is listed twice", differencesFile, at)
			}
			places[at] = true
		}
	}
	return places
}
