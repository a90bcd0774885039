package docs_test

import (
	"maps"
	"os"
	"slices"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"

	"zoomgraph/graph/program"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/openapi"
	"zoomgraph/internal/vendor"
)

// differencesFile lists where the schema is not as the vendor's documents are, on purpose, and why.
const differencesFile = "differences.yaml"

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
			for _, d := range vendor.Differences(p, o, f, year == "2026") {
				found[year+" "+d.Op+" "+d.At] = d.What
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
func formsByYear(t *testing.T) map[string]map[string]*openapi.Operation {
	t.Helper()
	var late map[string]*openapi.Operation
	programtest.Collected(t, "operations-2026.json", &late)
	forms := map[string]map[string]*openapi.Operation{"2021": {}, "2026": late}
	for _, f := range formsOf2021(t) {
		forms["2021"][f.Method+" "+f.Path] = f
	}
	return forms
}

// formsOf2021 reads what the document of 2021 says, in its order: that of all operations.
func formsOf2021(t *testing.T) (forms []*openapi.Operation) {
	t.Helper()
	programtest.Collected(t, "operations.json", &forms)
	return forms
}

func namesOf(params []openapi.Shape) (names []string) {
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
	list, err := vendor.ParseKnown(content)
	if err != nil {
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

// keptFile lists the fields that the schema keeps though no document of 2026 has them: what `schema diff` does not tell of
// newer documents.
const keptFile = "kept.yaml"

// Where the collected facts lie beside the checkout, the list of what the schema keeps is as they say.
func TestKeptIsAsTheFactsSay(t *testing.T) {
	t.Parallel()
	p, forms := programtest.Of(t), map[*program.Operation]*openapi.Operation{}
	for op, f := range formsByYear(t)["2026"] {
		if o := p.Fact(op); o != nil {
			forms[o] = f
		}
	}
	want := "# Fields that the schema keeps though no document of 2026 has them: that of 2021 does, or a captured answer.\n" +
		"# Written by go test ./docs -update.\n"
	for _, field := range vendor.Kept(p, forms) {
		want += "- " + field + "\n"
	}
	if *update {
		if err := os.WriteFile(keptFile, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(keptFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s is not as the facts are (-want +got); go test ./docs -update mends it:\n%s", keptFile, diff)
	}
}
