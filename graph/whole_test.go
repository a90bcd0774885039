package graph_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"net/mail"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/internal/sandbox"
)

// This file asks the embedded Zoom for every field of every type that a query can reach. Start reading at
// TestWholeSchema. A field that needs an argument which the test cannot make up fails it: teach argument about it.

// walker asks for all fields of all types, each type where it is come to first.
type walker struct {
	*service
	schema *ast.Schema
	seen   map[string]bool // types that were asked for, or will be
	queue  []stop
	filled map[string]bool // fields, as Type.field, that had a value
	asked  map[string]bool // fields that were asked for and are Zoom's
	texts  []string        // the queries
	data   []string        // and the data of their answers
}

// stop is a type at a place of the graph.
type stop struct {
	def  *ast.Definition
	path []*ast.FieldDefinition // from the root
}

func newWalker(s *service) *walker {
	w := &walker{service: s, schema: schema(s.t), seen: map[string]bool{}, filled: map[string]bool{}, asked: map[string]bool{}}
	w.come(stop{def: w.schema.Query})
	return w
}

func (w *walker) come(at stop) {
	if !w.seen[at.def.Name] {
		w.seen[at.def.Name] = true
		w.queue = append(w.queue, at)
	}
}

// walk asks for everything.
func (w *walker) walk() {
	for len(w.queue) > 0 {
		at := w.queue[0]
		w.queue = w.queue[1:]
		var leaves []string
		for _, f := range at.def.Fields {
			def := w.schema.Types[f.Type.Name()]
			switch {
			case strings.HasPrefix(f.Name, "__"), asksForMe(at.def, f):
			case def.Kind != ast.Object:
				leaves = append(leaves, f.Name+w.arguments(at.def, f))
			case w.leads(def) && !w.seen[def.Name]:
				w.come(stop{def, append(slices.Clone(at.path), f)})
			case w.leads(def):
				w.ask(at, f.Name+w.arguments(at.def, f)+w.plain(def))
			default:
				w.ask(at, f.Name+w.arguments(at.def, f)+w.all(def, 0))
			}
		}
		if leaves != nil {
			w.ask(at, strings.Join(leaves, " "))
		}
	}
}

// asksForMe tells fields of the user whose token it is, whom an account's credentials do not have.
func asksForMe(of *ast.Definition, f *ast.FieldDefinition) bool {
	op := f.Directives.ForName("zoom")
	return of.Name == "Query" && op != nil && (f.Name == "me" || strings.Contains(op.Arguments.ForName("op").Value.Raw, "/me/"))
}

// leads tells whether more than data stands below a type: operations, or another type that leads on. A settings tree
// counts, since one query has no room for all of it.
func (w *walker) leads(def *ast.Definition) bool {
	var visit func(def *ast.Definition, above []string) bool
	visit = func(def *ast.Definition, above []string) bool {
		if slices.Contains(above, def.Name) {
			return false
		}
		for _, f := range def.Fields {
			below := w.schema.Types[f.Type.Name()]
			if operationOf(f) != nil || f.Directives.ForName("view") != nil || below.Kind == ast.Object && visit(below, append(above, def.Name)) {
				return true
			}
		}
		return false
	}
	return visit(def, nil)
}

// operationOf is the directive that says what answers a field; nil where that is its parent's answer.
func operationOf(f *ast.FieldDefinition) *ast.Directive {
	if d := f.Directives.ForName("zoom"); d != nil {
		return d
	}
	return f.Directives.ForName("derived")
}

// plain selects the leaves of a type that are its own.
func (w *walker) plain(def *ast.Definition) string {
	fields := []string{"__typename"}
	for _, f := range def.Fields {
		if w.schema.Types[f.Type.Name()].Kind != ast.Object && operationOf(f) == nil {
			fields = append(fields, f.Name)
		}
	}
	return " { " + strings.Join(fields, " ") + " }"
}

// all selects everything below a type that is only data.
func (w *walker) all(def *ast.Definition, depth int) string {
	if depth > 8 {
		return " { __typename }"
	}
	var b strings.Builder
	for _, f := range def.Fields {
		b.WriteString(" " + f.Name)
		if below := w.schema.Types[f.Type.Name()]; below.Kind == ast.Object {
			b.WriteString(w.all(below, depth+1))
		}
	}
	return " {" + b.String() + " }"
}

// ask asks for a selection of a type.
func (w *walker) ask(at stop, selection string) {
	w.t.Helper()
	query := selection
	parent := func(i int) *ast.Definition {
		if i == 0 {
			return w.schema.Query
		}
		return w.schema.Types[at.path[i-1].Type.Name()]
	}
	for i := len(at.path) - 1; i >= 0; i-- {
		query = at.path[i].Name + w.arguments(parent(i), at.path[i]) + " { " + query + " }"
	}
	query = "{ " + query + " }"
	a := w.service.ask(query, nil)
	if len(a.Errors) > 0 {
		w.t.Errorf("%s\n%.600s", query, a.raw)
	}
	text, err := json.Marshal(a.Data)
	if err != nil {
		w.t.Fatal(err)
	}
	w.texts, w.data = append(w.texts, query), append(w.data, string(text))
	absent := map[string]string{}
	for _, e := range a.Extensions.Zoom.Absent {
		absent[pathText(e.Path)] = e.Reason
	}
	if len(a.Extensions.Zoom.Absent) >= 100 {
		w.t.Errorf("%s: too much is absent to tell what", query)
	}
	c := checker{walker: w, absent: absent}
	c.object(w.schema.Query, a.Data, "", false)
}

// arguments are those that a field must have.
func (w *walker) arguments(of *ast.Definition, f *ast.FieldDefinition) string {
	w.t.Helper()
	var given []string
	for _, arg := range f.Arguments {
		switch {
		case arg.Name == "first":
			given = append(given, "first: 8")
		case arg.Type.NonNull && arg.DefaultValue == nil:
			given = append(given, arg.Name+": "+w.argument(of, f, arg))
		}
	}
	if given == nil {
		return ""
	}
	return "(" + strings.Join(given, ", ") + ")"
}

func (w *walker) argument(of *ast.Definition, f *ast.FieldDefinition, arg *ast.ArgumentDefinition) string {
	w.t.Helper()
	def := w.schema.Types[arg.Type.Name()]
	switch {
	case def.Kind == ast.Enum:
		return def.EnumValues[0].Name
	case arg.Name == "fields":
		return `["host_video", "meeting_capacity", "audio_type", "entry_exit_chime", "waiting_room"]`
	case arg.Name == "baseline":
		return `{feature: {meeting_capacity: 77}}`
	case arg.Name == "email":
		return `"ada.lovelace@example.com"`
	case f.Name == "account":
		return `"me"` // a sub account has no domains
	case f.Name == "role":
		return `"1"` // what the owner may do has no limits
	case def.Name == "ID" && of == w.schema.Query:
		return w.idOf(f)
	case def.Name == "ID", def.Name == "String":
		return `"1"`
	case def.Name == "Int":
		return "1"
	case def.Name == "DateTime":
		return `"2026-01-02T03:04:05Z"`
	}
	w.t.Fatalf("%s.%s: no value is known for the argument %s", of.Name, f.Name, arg.Name)
	return ""
}

// idOf is the id of the first thing of a list of such things.
func (w *walker) idOf(f *ast.FieldDefinition) string {
	for _, list := range w.schema.Query.Fields {
		nodes := w.schema.Types[list.Type.Name()].Fields.ForName("nodes")
		if nodes == nil || nodes.Type.Name() != f.Type.Name() || slices.ContainsFunc(list.Arguments, func(a *ast.ArgumentDefinition) bool { return a.Type.NonNull }) {
			continue
		}
		a := w.must("{ " + list.Name + "(first: 1) { nodes { id } } }")
		return fmt.Sprintf("%q", a.at(list.Name, "nodes", 0, "id"))
	}
	return `"85746065432"`
}

// checker looks at an answer.
type checker struct {
	*walker
	absent map[string]string
}

func (c *checker) object(def *ast.Definition, object map[string]any, path string, zooms bool) {
	for _, name := range slices.Sorted(maps.Keys(object)) {
		if f := def.Fields.ForName(name); f != nil {
			place := def.Name + "." + name
			c.value(place, f, f.Type, object[name], join(path, name), zooms && f.Directives.ForName("derived") == nil || f.Directives.ForName("zoom") != nil)
		}
	}
}

func join(path, step string) string { return strings.TrimPrefix(path+"."+step, ".") }

// value checks a value of a field. Of what Zoom answers, null has to be said to be absent.
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
		if reason := c.absent[path]; zooms && reason != "NOT_IN_RESPONSE" {
			c.t.Errorf("%s is null at %s (%q)", place, path, reason)
		}
	case []any:
		for i, element := range v {
			c.value(place, f, t.Elem, element, join(path, fmt.Sprint(i)), zooms)
		}
	case map[string]any:
		if def.Kind == ast.Object {
			c.object(def, v, path, zooms)
		}
	case string:
		if problem := textProblem(def, f, v); problem != "" && zooms {
			c.t.Errorf("%s at %s is %q: %s", place, path, v, problem)
		}
	case float64:
		if def.Name == "Int" && (v != math.Trunc(v) || math.Abs(v) > math.MaxInt32) {
			c.t.Errorf("%s at %s is %v", place, path, v)
		}
	}
}

// textProblem says what is wrong with a text, by what its field's name and type promise.
func textProblem(def *ast.Definition, f *ast.FieldDefinition, text string) string {
	name := strings.ToLower(f.Name)
	switch {
	case def.Kind == ast.Enum:
		if def.EnumValues.ForName(text) == nil {
			return "no value of " + def.Name
		}
	case def.Name == "DateTime":
		if _, err := time.Parse(time.RFC3339, text); err != nil {
			return "no time with a zone"
		}
	case def.Name == "ID":
		if text == "" || strings.ContainsAny(text, " /?#") {
			return "no id"
		}
	case def.Name != "String":
	case strings.HasSuffix(name, "email"):
		if address, err := mail.ParseAddress(text); err != nil || address.Address != text {
			return "no e-mail address"
		}
	case name == "url", strings.HasSuffix(name, "url") && name != "vanityurl":
		if u, err := url.Parse(text); err != nil || u.Scheme != "https" || u.Host == "" {
			return "no address"
		}
	}
	return ""
}

// Every field of every type that a query can reach is asked for, of a Zoom that spells numbers as they should be and of
// one that spells them as texts: there are no errors, nothing is null but what is said to be absent, values have the
// form that their types and names promise, and both answer the same.
func TestWholeSchema(t *testing.T) {
	t.Parallel()
	plain := newWalker(peopled(t))
	plain.walk()
	texts := newWalker(peopled(t))
	if err := texts.zoom.Configure(sandbox.Config{Faults: []sandbox.Fault{{Kind: sandbox.FaultAsText}}}); err != nil {
		t.Fatal(err)
	}
	texts.walk()

	if len(plain.texts) != len(texts.texts) {
		t.Fatalf("%d answers, and %d of a Zoom that spells numbers as texts", len(plain.texts), len(texts.texts))
	}
	for i, query := range plain.texts {
		if plain.texts[i] != texts.texts[i] || plain.data[i] != texts.data[i] && !strings.Contains(query, "raw") && !strings.Contains(strings.ToLower(query), "cursor") {
			t.Errorf("%s is answered\n%.400s, and of a Zoom that spells numbers as texts\n%.400s", query, plain.data[i], texts.data[i])
		}
	}
	for _, place := range slices.Sorted(maps.Keys(plain.asked)) {
		if !plain.filled[place] {
			t.Errorf("%s is null wherever it was asked for", place)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(plain.schema.Types)) {
		def := plain.schema.Types[name]
		if def.Kind != ast.Object || !reachable(plain.schema)[name] || strings.HasPrefix(name, "__") {
			continue
		}
		for _, f := range def.Fields {
			local := slices.Contains([]string{"Query", "Viewer", "RateLimit", "Closure"}, name)
			if !local && !derived(plain.schema, name) && f.Directives.ForName("derived") == nil && !plain.asked[name+"."+f.Name] {
				t.Errorf("%s.%s was not asked for", name, f.Name)
			}
		}
	}
	t.Logf("%d queries, %d fields", len(plain.texts), len(plain.asked))
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

// reachable are the types that a query can reach.
func reachable(schema *ast.Schema) map[string]bool {
	found := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		if found[name] {
			return
		}
		found[name] = true
		for _, f := range schema.Types[name].Fields {
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
