package graph_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/mail"
	"net/url"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph"
	"zoomgraph/graph/program"
	"zoomgraph/internal/sandbox"
)

// This file asks the embedded Zoom for every field of every type that a query can reach. Start reading at
// TestWholeSchema; how it finds its way is told in walker_test.go.

// ask sends a query, checks its answer, and compares what it cost with its price. What it returns is the data.
func (w *walker) ask(query string) map[string]any {
	w.t.Helper()
	w.calls()
	a := w.service.ask(query, nil)
	w.priced(query, len(a.Errors) > 0)
	untold := false
	for _, e := range a.Errors {
		code, _ := e.Extensions["code"].(string)
		if code == "" && strings.HasSuffix(e.Message, " more errors are left out") {
			untold = true
		} else if !slices.Contains(ownWords, code) {
			w.t.Errorf("%s\n%s at %s: %s", query, code, pathText(e.Path), e.Message)
		}
		w.refused = append(w.refused, pathText(e.Path)+": "+e.Message)
	}
	w.last = query
	text, err := json.Marshal(a.Data)
	if err != nil {
		w.t.Fatal(err)
	}
	w.answered = append(w.answered, exchange{query, string(text)})
	c := checker{walker: w, absent: map[string]string{}, whole: len(a.Extensions.Zoom.Absent) < mostAbsent && !untold}
	for _, e := range a.Extensions.Zoom.Absent {
		c.absent[pathText(e.Path)] = e.Reason
	}
	for _, e := range a.Errors {
		c.failed = append(c.failed, pathText(e.Path))
	}
	root := w.schema.Query
	if strings.HasPrefix(query, "mutation") {
		root = w.schema.Mutation
	}
	c.object(root, a.Data, "", false)
	return a.Data
}

// mostAbsent is how many absent fields an answer tells at most.
const mostAbsent = 100

// ownWords are the codes of errors that say something about the question, and not about this service.
var ownWords = []string{"NOT_FOUND", "BAD_USER_INPUT", "FORBIDDEN", "CONFLICT", "INVITATION_PENDING"}

// priced compares what an operation cost, by the sandbox's log, with its price. One that failed is answered at once, and
// what it had asked for by then may come late: after the answer, as far as its price went.
func (w *walker) priced(query string, failed bool) {
	w.t.Helper()
	doc, errs := gqlparser.LoadQueryWithRules(w.schema, w.fill(query), nil)
	if errs != nil {
		w.t.Fatalf("%s: %v", query, errs)
	}
	p, err := graph.Price(w.program, doc, doc.Operations[0], nil)
	if err != nil {
		w.t.Fatalf("%s: %v", query, err)
	}
	cost, calls := map[string]int{}, []string{}
	for _, e := range w.zoom.Log(w.seen) {
		w.seen = e.N
		if !strings.HasPrefix(e.Path, "/oauth/") {
			cost[e.Label]++
			calls = append(calls, e.Method+" "+e.Path)
		}
	}
	for _, use := range p.Operations {
		cost[use.Label] -= use.Calls
	}
	for label, n := range cost {
		if n > w.late[label] {
			w.t.Errorf("%s\ncosts %d calls of label %q more than its price, %+v\ncalls %q\nasked before: %s", query, n, label, p, calls, w.last)
		}
	}
	w.late = map[string]int{}
	for label, n := range cost {
		if failed && n < 0 {
			w.late[label] = -n
		}
	}
}

// checker looks at an answer.
type checker struct {
	*walker
	absent map[string]string // why, by the path
	whole  bool              // absent has all that is
	failed []string          // paths
}

func (c *checker) object(def *ast.Definition, object map[string]any, path string, zooms bool) {
	if key, isText := object[c.program.KeyName(def)].(string); isText {
		c.know(def, key)
	}
	for _, name := range slices.Sorted(maps.Keys(object)) {
		of, field := def, name
		if member, own, ofUnion := strings.Cut(name, "_"); ofUnion && member != "" {
			of, field = c.schema.Types[member], own
		}
		if f := of.Fields.ForName(field); f != nil && !program.IsBuiltin(f) {
			c.value(of.Name+"."+field, f, f.Type, object[name], join(path, name), zooms && f.Directives.ForName("derived") == nil || f.Directives.ForName("zoom") != nil)
		}
	}
}

func join(path, step string) string { return strings.TrimPrefix(path+"."+step, ".") }

// value checks a value of a field. Of what Zoom answers, null has to be said to be absent; what another operation answers
// is null where nothing gives its path.
func (c *checker) value(place string, f *ast.FieldDefinition, t *ast.Type, v any, path string, zooms bool) {
	def := c.schema.Types[t.Name()]
	if zooms && v != nil {
		c.filled[place] = true
	}
	if zooms {
		c.asked[place] = true
	}
	switch v := v.(type) {
	case nil:
		if strings.HasPrefix(place, "PageInfo.") || strings.HasSuffix(place, "Connection.totalCount") || def.Kind == ast.Enum || slices.Contains([]string{"ID", "DateTime", "Date"}, def.Name) {
			return // of an empty page, of a list that Zoom does not count, or an empty text
		}
		if reason := c.absent[path]; zooms && reason != "NOT_IN_RESPONSE" && c.program.Operation(f) == nil && c.whole && !c.refusedAt(path) {
			c.t.Errorf("%s is null at %s (%q)", place, path, reason)
		}
	case []any:
		for i, element := range v {
			c.value(place, f, t.Elem, element, join(path, fmt.Sprint(i)), zooms)
		}
	case map[string]any:
		if def.Kind == ast.Object || def.Kind == ast.Union {
			c.object(def, v, path, zooms)
		}
	case string:
		if _, known := c.texts[f.Name]; !known || len(c.texts[f.Name]) < keysOfType && !slices.Contains(c.texts[f.Name], v) {
			c.texts[f.Name] = append(c.texts[f.Name], v)
		}
		if problem := textProblem(def, f, v); problem != "" && zooms {
			c.t.Errorf("%s at %s is %q: %s", place, path, v, problem)
		}
	case float64:
		if def.Name == "Int" && (v != math.Trunc(v) || math.Abs(v) > math.MaxInt32) {
			c.t.Errorf("%s at %s is %v", place, path, v)
		}
	}
}

// refusedAt tells whether an error stands at a path, below it or beside it: what one read would have brought is refused
// once.
func (c *checker) refusedAt(path string) bool {
	return slices.ContainsFunc(c.failed, func(failed string) bool {
		return failed == path || strings.HasPrefix(failed, path+".") || parentOf(failed) == parentOf(path)
	})
}

func parentOf(path string) string { return path[:max(strings.LastIndexByte(path, '.'), 0)] }

// textProblem says what is wrong with a text, by what its field's name and type promise.
func textProblem(def *ast.Definition, f *ast.FieldDefinition, text string) string {
	name := strings.ToLower(f.Name)
	switch {
	case def.Kind == ast.Enum:
		if def.EnumValues.ForName(text) == nil {
			return "no value of " + def.Name
		}
	case def.Name == "DateTime":
		if !slices.ContainsFunc([]string{time.RFC3339, "2006-01-02T15:04:05", time.DateOnly}, func(form string) bool {
			_, err := time.Parse(form, text)
			return err == nil
		}) {
			return "no time"
		}
	case def.Name == "ID":
		if !strings.HasSuffix(name, "uuid") && strings.Contains(text, "/") || text == "" || strings.ContainsAny(text, " ?#") {
			return "no id"
		}
	case def.Name != "String":
	case program.IsAddress(f):
		if !strings.HasPrefix(text, "/files/") {
			return "no URL of a file"
		}
	case name == "downloadurl": // of the sandbox
		if !strings.HasPrefix(text, "http://127.0.0.1:") {
			return "no address of a file"
		}
	case (name == "email" || strings.HasSuffix(f.Name, "Email")) && text != "":
		if address, err := mail.ParseAddress(text); err != nil || address.Address != text {
			return "no e-mail address"
		}
	case name == "url", strings.HasSuffix(name, "url") && name != "vanityurl":
		u, err := url.Parse(text)
		switch {
		case err == nil && isURL(f) && strings.HasPrefix(u.Path, "/files/"): // of this service
		case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "rtmp" && u.Hostname() != "127.0.0.1":
			return "no address"
		}
	}
	return ""
}

// Every field of every type that a query can reach is asked for, of a Zoom that spells numbers as they should be and of
// one that spells them as texts: there are no errors, nothing is null but what is said to be absent, values have the
// form that their types and names promise, and both answer the same. With the ids that were found all of it is asked with
// what hangs on it, and each write is done.
func TestWholeSchema(t *testing.T) {
	t.Parallel()
	now := time.Now()
	atOnce := func(p *parts) {
		p.zoom.Now, p.graph.MaxCalls, p.graph.MaxAnswerBytes = func() time.Time { return now }, 1_000_000, 1<<28
	}
	plain := newWalker(peopled(t, atOnce))
	tasks := plain.walk()
	texts := newWalker(peopled(t, atOnce))
	if err := texts.zoom.Configure(sandbox.Config{Faults: []sandbox.Fault{{Kind: sandbox.FaultAsText}}}); err != nil {
		t.Fatal(err)
	}
	texts.walk()

	if len(plain.answered) != len(texts.answered) {
		t.Fatalf("%d answers, and %d of a Zoom that spells numbers as texts", len(plain.answered), len(texts.answered))
	}
	for i, one := range plain.answered {
		other := texts.answered[i]
		if one.query != other.query || leastOf(one.data) != leastOf(other.data) && !strings.Contains(one.query, "raw") && !strings.Contains(strings.ToLower(one.query), "cursor") {
			t.Errorf("%s is answered\n%s, and of a Zoom that spells numbers as texts\n%s", one.query, behind(one.data, other.data), behind(other.data, one.data))
		}
	}
	plain.compareUnfilled(t)
	t.Logf("%d queries, %d fields", len(plain.answered), len(plain.asked))
	t.Run("to depth 3", func(t *testing.T) { plain.toDepth3(t, tasks) })
	t.Run("writes", plain.everyWrite)
}

// peopled is a service whose first two users assist each other.
func peopled(t *testing.T, options ...option) *service {
	t.Helper()
	s := setup(t, sandbox.Config{}, options...)
	s.must(`mutation {
		a: addUserAssistants(id: "USER", input: {assistants: [{id: "USER1"}]}) { addAt }
		b: addUserAssistants(id: "USER1", input: {assistants: [{id: "USER"}]}) { addAt }
	}`)
	return s
}

// unfilled lists the fields that the embedded Zoom fills nowhere, or not where the test comes.
const unfilled = "testdata/unfilled.txt"

// compareUnfilled compares the fields of answers that had no value anywhere with a golden file. Of those that an operation
// of its own answers the log tells why.
func (w *walker) compareUnfilled(t *testing.T) {
	t.Helper()
	var empty []string
	reached := reachable(w.schema)
	for _, name := range slices.Sorted(maps.Keys(w.schema.Types)) {
		def := w.schema.Types[name]
		local := slices.Contains([]string{"Query", "Viewer", "RateLimit", "Closure"}, name)
		if def.Kind != ast.Object || !reached[name] || program.IsBuiltin(&ast.FieldDefinition{Name: name}) || local || derived(w.schema, name) {
			continue
		}
		for _, f := range def.Fields {
			place := name + "." + f.Name
			switch {
			case f.Directives.ForName("derived") != nil || w.filled[place]:
			case w.program.Operation(f) != nil:
				t.Logf("%s had no value wherever it was asked for%s", place, w.because(place))
				empty = append(empty, place+" by "+w.program.Operation(f).Op)
			default:
				empty = append(empty, place)
			}
		}
	}
	golden(t, unfilled, empty)
}

// golden compares lines with those of a file, which -update writes anew.
func golden(t *testing.T, name string, lines []string) {
	t.Helper()
	got := strings.Join(lines, "\n") + "\n"
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) == got {
		return
	}
	known := strings.Split(strings.TrimSpace(string(want)), "\n")
	for _, line := range lines {
		if !slices.Contains(known, line) {
			t.Errorf("not in %s: %s", name, line)
		}
	}
	for _, line := range known {
		if !slices.Contains(lines, line) {
			t.Errorf("in %s, and not so any more: %s", name, line)
		}
	}
	t.Logf("where that is right: go test ./graph -run %s -update", t.Name())
}

// leastOf is an answer without what is new with each service: its address, and the addresses of files.
func leastOf(data string) string {
	return passing.ReplaceAllString(data, "")
}

var passing = regexp.MustCompile(`http://127\.0\.0\.1:[0-9]+|"/files/[^"]*"`)

// behind is what is another text than the other one, and what stands before it.
func behind(text, other string) string {
	at := 0
	for at < min(len(text), len(other)) && text[at] == other[at] {
		at++
	}
	return text[max(0, at-100):min(len(text), at+100)]
}

// because tells what was said when a field, as Type.field, was refused.
func (w *walker) because(place string) string {
	_, name, _ := strings.Cut(place, ".")
	for _, refusal := range w.refused {
		if path, _, _ := strings.Cut(refusal, ": "); strings.HasSuffix("."+path, "."+name) {
			return "; " + refusal
		}
	}
	return ""
}

// reachable are the types that a query can reach which is asked with an account's credentials.
func reachable(schema *ast.Schema) map[string]bool {
	found := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		if found[name] {
			return
		}
		found[name] = true
		for _, f := range schema.Types[name].Fields {
			if asksForMe(schema.Types[name], f) {
				continue
			}
			visit(f.Type.Name())
		}
	}
	visit("Query")
	return found
}

// derived tells whether a type is answered by fields that no single operation answers.
func derived(schema *ast.Schema, name string) bool {
	for _, def := range schema.Types {
		for _, f := range def.Fields {
			if f.Directives.ForName("derived") != nil && typesBelow(schema, f.Type.Name())[name] {
				return true
			}
		}
	}
	return false
}

func typesBelow(schema *ast.Schema, name string) map[string]bool {
	found := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		if found[name] || schema.Types[name].Fields.ForName("id") != nil {
			return
		}
		found[name] = true
		for _, f := range schema.Types[name].Fields {
			visit(f.Type.Name())
		}
	}
	visit(name)
	return found
}
