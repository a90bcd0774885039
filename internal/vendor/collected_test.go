package vendor_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/openapi"
	"zoomgraph/internal/vendor"
)

// collectedReport compares a document made of a file of the collected facts.
func collectedReport(t *testing.T, name string) *vendor.Report {
	t.Helper()
	var facts map[string]*collected
	programtest.Collected(t, name, &facts)
	return compared(t, read(t, name, documentOf(t, facts)))
}

// A document of 2023 and 2024 differs from those of 2026, which the schema follows. What it has and they do not is told:
// parameters, fields and values at every depth, unless the schema has them from that of 2021, and labels and scopes. What is
// told as gone, it does not have. The SDL for all of it compiles.
func TestLaterDocuments(t *testing.T) {
	t.Parallel()
	r := collectedReport(t, "operations-later.json")
	later, late, early := factsOf(t, "operations-later.json"), factsOf(t, "operations-2026.json"), factsOf(t, "operations.json")
	told := map[string]bool{}
	for _, d := range r.Differences {
		told[d.Op+" "+d.At] = true
		if d.Kind == vendor.Gone && d.At != "" && goneField(t, later[d.Op], d.At) {
			t.Errorf("%s %s is told as gone, and is there", d.Op, d.At)
		}
	}
	// The schema has it from a captured answer of another operation, which shares the type.
	told["GET /phone/users/{userId} answer.calling_plans.name"] = true
	// The schema has these from the later document, the only one that lists what a chatbot's message is made of.
	told["POST /im/chat/messages body.content"], told["PUT /im/chat/messages/{message_id} body.content"] = true, true
	checked := 0
	for op, f := range later {
		o := programtest.Of(t).Fact(op)
		if o == nil || late[op] == nil || early[op] == nil {
			continue
		}
		news := placesOf(f)
		for _, known := range []*openapi.Operation{late[op], early[op]} {
			for place := range placesOf(known) {
				delete(news, place)
			}
		}
		news["label"] = f.RateLimit != "" && f.RateLimit != late[op].RateLimit
		news["scopes"] = len(f.Scopes) > 0 && !sameNames(f.Scopes, late[op].Scopes)
		news["granular"] = len(f.GranularScopes) > 0 && !sameNames(f.GranularScopes, late[op].GranularScopes)
		for place, is := range news {
			if !is {
				continue
			}
			if checked++; !isTold(told, op, place) {
				t.Errorf("%s %s is not told", op, place)
			}
		}
	}
	if checked < 30 {
		t.Errorf("only %d places were looked for", checked)
	}
	compiles(t, sdlOf(t, r, true))
}

// factsOf are the operations of a file.
func factsOf(t *testing.T, name string) map[string]*openapi.Operation {
	t.Helper()
	facts := map[string]*openapi.Operation{}
	if name != "operations.json" {
		programtest.Collected(t, name, &facts)
		return facts
	}
	var list []*openapi.Operation
	programtest.Collected(t, name, &list)
	for _, f := range list {
		facts[f.Op()] = f
	}
	return facts
}

// placesOf are the places of an operation: query.name, the names of body and answer from the top down, and behind them the
// values of texts.
func placesOf(f *openapi.Operation) map[string]bool {
	places := map[string]bool{}
	for _, param := range f.QueryParams {
		places["query."+param.Name] = true
		namesIn(places, "query."+param.Name, param)
	}
	namesIn(places, "body", f.Body)
	namesIn(places, "answer", f.Response.Schema)
	return places
}

func namesIn(places map[string]bool, at string, s openapi.Shape) {
	for _, variant := range slices.Concat(s.AllOf, s.AnyOf, s.OneOf) {
		namesIn(places, at, variant)
	}
	for _, value := range s.Enum {
		if text, isText := value.(string); isText && strings.TrimSpace(text) != "" {
			places[at+"."+text] = true
		}
	}
	if s.Items != nil {
		namesIn(places, at, *s.Items)
	}
	for name, below := range s.Properties {
		places[at+"."+name] = true
		namesIn(places, at+"."+name, below)
	}
}

// isTold tells whether a place, or one above it, was told.
func isTold(told map[string]bool, op, place string) bool {
	for ; place != ""; place = place[:max(strings.LastIndexByte(place, '.'), 0)] {
		if told[op+" "+place] {
			return true
		}
	}
	return false
}

func sameNames(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// goneField tells whether an operation has the field of the schema after all, somewhere below a type that is not told apart
// here from others: such names are left out.
func goneField(t *testing.T, f *openapi.Operation, field string) bool {
	t.Helper()
	def, name, _ := strings.Cut(field, ".")
	zoom := program.NameOf(programtest.Of(t).Schema.Types[def].Fields.ForName(name))
	named := 0
	for _, other := range programtest.Of(t).Schema.Types {
		if slices.ContainsFunc(other.Fields, func(f *ast.FieldDefinition) bool { return program.NameOf(f) == zoom }) {
			named++
		}
	}
	if named > 1 {
		return false
	}
	for place := range placesOf(f) {
		if strings.HasSuffix(place, "."+zoom) {
			return true
		}
	}
	return false
}

// The documents that the schema follows hold no news: no operation of the schema, no field, value, type or label differs
// but on purpose.
func TestDocumentsOf2026(t *testing.T) {
	t.Parallel()
	r := collectedReport(t, "operations-2026.json")
	for _, d := range r.News() {
		if d.Kind != vendor.NewOperation { // a chapter that is still to come
			t.Errorf("%+v", d)
		}
	}
	if r.Compared < 300 || slices.ContainsFunc(r.Differences, func(d vendor.Difference) bool { return d.Kind == vendor.Moved }) {
		t.Errorf("%d operations were compared", r.Compared)
	}
	compiles(t, sdlOf(t, r, true))
}
