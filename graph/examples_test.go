package graph_test

import (
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/reference"
	"zoomgraph/internal/sandbox"
)

// This file finds the examples of the reference for people: for each field that needs ids, a way to it on which the
// embedded Zoom answers without errors. Package reference tests that they still do.

// The examples, and those beside them that are written by hand.
const (
	examplesFile = "../internal/reference/ways.txt"
	byHandFile   = "../internal/reference/byhand.graphql"
)

// Each field that needs an example has one, found or written by hand, and each example is one of a field. With -update it
// finds them anew, which takes a minute.
func TestWholeSchemaExamples(t *testing.T) {
	if *update {
		findExamples(t)
	}
	known := map[string]bool{}
	for _, file := range []string{examplesFile, byHandFile} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			place, _, found := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "# "), "\t")
			if file == byHandFile && (!strings.HasPrefix(line, "# ") || found) || file == examplesFile && !found {
				continue
			}
			known[place] = true
			def, field, _ := strings.Cut(place, ".")
			if of := schema(t).Types[def]; of == nil || of.Fields.ForName(field) == nil {
				t.Errorf("%s: the schema has no %s", file, place)
			}
		}
	}
	p := programtest.Of(t)
	for name, def := range p.Schema.Types {
		for _, f := range def.Fields {
			if place := name + "." + f.Name; !known[place] && reference.NeedsWay(p, def, f) {
				t.Errorf("%s has no example: where -update finds none, nothing that it tried is answered without an error; write one in %s", place, byHandFile)
			}
		}
	}
}

// findExamples asks for each field as an account and as a person, and writes down the ways that are answered.
func findExamples(t *testing.T) {
	t.Helper()
	found := map[string]reference.Way{}
	for _, acting := range []struct {
		who     string
		service func(t *testing.T) *service
	}{
		{"an account", func(t *testing.T) *service { return setup(t, sandbox.Config{}, plentiful) }},
		{"a person", personal}, // of whom some fields are
	} {
		w := newWalker(acting.service(t))
		w.person = acting.who == "a person"
		for _, task := range w.walk() {
			if task.field != nil {
				note(found, task.of.Name+"."+task.field.Name, func() (reference.Way, bool) { return w.wayTo(task) })
			}
		}
		for _, f := range w.schema.Mutation.Fields {
			if w.program.Operation(f) != nil && reference.NamesCaller(w.program, f) == w.person {
				note(found, "Mutation."+f.Name, func() (reference.Way, bool) { return w.wayToWrite(f, acting.service) })
			}
		}
	}
	for _, f := range schema(t).Subscription.Fields {
		found["Subscription."+f.Name] = reference.Way{Root: "Subscription", Steps: []string{f.Name}}
	}
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(found)) {
		lines = append(lines, name+"\t"+found[name].String()+"\n")
	}
	if err := os.WriteFile(examplesFile, []byte(strings.Join(lines, "")), 0o600); err != nil {
		t.Fatal(err)
	}
}

func note(found map[string]reference.Way, place string, find func() (reference.Way, bool)) {
	if _, known := found[place]; known {
		return
	}
	if way, ok := find(); ok {
		found[place] = way
	}
}

// plentiful lets operations cost as much as they do.
func plentiful(p *parts) { p.graph.MaxCalls = 1_000_000 }

// wayTo finds a way to the field of a task: where the walk found a value, or else any that has no errors.
func (w *walker) wayTo(t *task) (reference.Way, bool) {
	ways := []place{}
	if t.where != nil {
		ways = append(ways, t.where)
	}
	for _, at := range w.places[t.of.Name] {
		for _, arguments := range w.arguments(t.of, t.field, at) {
			ways = append(ways, append(slices.Clone(at), t.field.Name+arguments))
		}
	}
	for _, steps := range ways[:min(len(ways), triesToFind)] {
		if way := lasting("Query", steps); w.answers(way) {
			return way, true
		}
	}
	return reference.Way{}, false
}

// wayToWrite finds arguments with which a write is done, each time in a world as it is at the start.
func (w *walker) wayToWrite(f *ast.FieldDefinition, fresh func(*testing.T) *service) (reference.Way, bool) {
	t, isTest := w.t.(*testing.T)
	if !isTest {
		return reference.Way{}, false
	}
	for turn := range turns {
		way := lasting("Mutation", place{f.Name + w.writeArguments(f, turn)})
		for _, arg := range f.Arguments {
			if arg.Type.Name() == "Upload" {
				way.Steps[0] = regexp.MustCompile(`\b`+arg.Name+`: "[^"]*"`).ReplaceAllString(way.Steps[0], arg.Name+": $$"+arg.Name)
				return way, true // it needs a file
			}
		}
		own := *w
		own.service = fresh(t)
		if own.answers(way) {
			return way, true
		}
	}
	return reference.Way{}, false
}

// answers tells whether the example of a way is answered without errors.
func (w *walker) answers(way reference.Way) bool {
	w.t.Helper()
	query, err := way.Document(w.program)
	if err != nil {
		w.t.Fatal(err)
	}
	a := w.service.ask(reference.Fill(query, time.Now()), nil)
	return len(a.Errors) == 0
}

var (
	moment = regexp.MustCompile(`"(\d{4}-\d\d-\d\d)(T[0-9:.]+Z?)?"`)
	months = regexp.MustCompile(`\b(year|month): ("?)\d+"?`)
)

// lasting is a way with marks in place of times, so that it is good on other days too, and with short lists.
func lasting(root string, steps place) reference.Way {
	way := reference.Way{Root: root}
	for _, step := range steps {
		step = strings.NewReplacer(fmt.Sprintf("first: %d", rowsBelowRoot), "first: 2", fmt.Sprintf("first: %d", rowsBelow), "first: 2").Replace(step)
		step = months.ReplaceAllString(step, "$1: $2{$1 -7}$2")
		step = moment.ReplaceAllStringFunc(step, func(text string) string {
			parts := moment.FindStringSubmatch(text)
			day, err := time.Parse(time.DateOnly, parts[1])
			if err != nil {
				return text
			}
			form := "day"
			if parts[2] != "" {
				form = "time"
			}
			return fmt.Sprintf(`"{%s %d}"`, form, int(day.Sub(time.Now().UTC().Truncate(24*time.Hour)).Hours()/24))
		})
		way.Steps = append(way.Steps, step)
	}
	return way
}

// personal is a service that acts with the token of the embedded Zoom's first user.
func personal(t *testing.T) *service {
	t.Helper()
	return setup(t, sandbox.Config{}, plentiful, actingAs("ada.lovelace@example.com"))
}
