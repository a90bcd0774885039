// Package docs_test holds operations.yaml to what it describes: the schema on one side, the collected facts about Zoom's
// API on the other.
//
//	go test ./docs -update
//
// writes each operation's state and fields anew, as the schema has them.
package docs_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

var update = flag.Bool("update", false, "write operations.yaml anew")

const listFile = "operations.yaml"

// chapter is a chapter of Zoom's documentation, with its operations in their order.
type chapter struct {
	Chapter    string       `yaml:"chapter"`
	Operations []*operation `yaml:"operations"`
}

type operation struct {
	Op       string   `yaml:"op"`
	ID       string   `yaml:"id"`
	Label    string   `yaml:"label,omitempty"`
	Query    []string `yaml:"query,omitempty"`
	Scopes   []string `yaml:"scopes"`
	Granular []string `yaml:"granular,omitempty"`
	State    string   `yaml:"state"`
	Fields   []string `yaml:"fields,omitempty"`
	Reason   string   `yaml:"reason,omitempty"`
}

func (o *operation) path() string {
	_, path, _ := strings.Cut(o.Op, " ")
	return path
}

var braces = regexp.MustCompile(`\{(\w+)\}`)

// parameters are the names of the path's parameters.
func (o *operation) parameters() (names []string) {
	for _, match := range braces.FindAllStringSubmatch(o.path(), -1) {
		names = append(names, match[1])
	}
	return names
}

// The states of an operation.
const (
	covered = "covered"
	planned = "planned"
)

// The list is what the schema says, written in one form only.
func TestOperationsAreAsTheSchemaHasThem(t *testing.T) {
	t.Parallel()
	head, chapters := read(t)
	fields := fieldsOf(schema(t))
	for _, o := range all(chapters) {
		switch o.Fields = fields[o.Op]; {
		case len(o.Fields) == 0:
			o.State = planned
		default:
			o.State, o.Reason = covered, ""
		}
	}
	want := head + render(chapters)
	if *update {
		if err := os.WriteFile(listFile, []byte(want), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	got, err := os.ReadFile(listFile)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s is not as the schema has it (-want +got); go test ./docs -update mends it:\n%s", listFile, diff)
	}
}

// Every field with an operation names one of the list, and describes it as the list does.
func TestSchemaNamesListedOperations(t *testing.T) {
	t.Parallel()
	_, chapters := read(t)
	listed, ids := map[string]*operation{}, map[string]bool{}
	for _, o := range all(chapters) {
		if listed[o.Op] != nil {
			t.Errorf("%s is listed twice", o.Op)
		}
		listed[o.Op], ids[o.ID] = o, true
	}
	s := schema(t)
	for _, def := range s.Types {
		for _, field := range def.Fields {
			where := def.Name + "." + field.Name
			for _, id := range texts(field.Directives.ForName("derived"), "from") {
				if !ids[id] {
					t.Errorf("%s is derived from %q, which is no operation of the list", where, id)
				}
			}
			zoom := field.Directives.ForName("zoom")
			if zoom == nil {
				continue
			}
			o := listed[text(zoom, "op")]
			if o == nil {
				t.Errorf("%s: no operation %q is listed", where, text(zoom, "op"))
				continue
			}
			said := operation{
				Op: o.Op, ID: text(zoom, "id"), Label: text(zoom, "label"), Query: o.Query, Scopes: texts(zoom, "scopes"), Granular: texts(zoom, "granular"),
				State: o.State, Fields: o.Fields, Reason: o.Reason,
			}
			if diff := cmp.Diff(*o, said); diff != "" {
				t.Errorf("%s describes %s otherwise (-list +schema):\n%s", where, o.Op, diff)
			}
			for _, problem := range parameters(s, def, field, o) {
				t.Errorf("%s: %s: %s", where, o.Op, problem)
			}
		}
	}
}

// parameters compares what a field sends with the parameters of its operation: each of the path has an argument, or is
// what the field hangs on, and each other one is a query parameter.
func parameters(s *ast.Schema, def *ast.Definition, field *ast.FieldDefinition, o *operation) (problems []string) {
	open, query := o.parameters(), implied(s, field)
	fixed := def == s.Query && len(field.Arguments) == 0 // me
	bound := fixed || def != s.Query && def != s.Mutation
	for _, arg := range field.Arguments {
		at := slices.Index(open, arg.Name)
		switch {
		case at >= 0:
			open = slices.Delete(open, at, at+1)
		case arg.Name == "id":
			bound = true
		default:
			query = append(query, sent(arg, text(field.Directives.ForName("zoom"), "unpaged") == "true")...)
		}
	}
	if bound && len(open) > 0 {
		open = open[1:]
	}
	if len(open) > 0 {
		problems = append(problems, fmt.Sprintf("nothing gives its path's %q", open))
	}
	for _, name := range query {
		if !slices.Contains(o.Query, name) {
			problems = append(problems, fmt.Sprintf("it has no query parameter %q", name))
		}
	}
	return problems
}

// implied lists the query parameters that the selection of a field becomes.
func implied(s *ast.Schema, field *ast.FieldDefinition) []string {
	marked := func(def *ast.Definition, directive string) bool {
		return def != nil && slices.ContainsFunc(def.Fields, func(f *ast.FieldDefinition) bool { return f.Directives.ForName(directive) != nil })
	}
	node, isList := strings.CutSuffix(field.Type.Name(), "Connection")
	switch {
	case marked(s.Types[field.Type.Name()], "view"):
		return []string{"option", "custom_query_fields"}
	case isList && marked(s.Types[node], "onRequest") && texts(field.Directives.ForName("zoom"), "brings") == nil:
		return []string{"include_fields"}
	}
	return nil
}

// sent lists the query parameters that an argument becomes.
func sent(arg *ast.ArgumentDefinition, unpaged bool) []string {
	paging := func(name string) []string {
		if unpaged {
			return nil
		}
		return []string{name}
	}
	switch {
	case arg.Name == "input", arg.Type.Name() == "Upload", arg.Name == "allowUnknown":
		return nil
	case arg.Name == "first":
		return paging("page_size")
	case arg.Name == "after":
		return paging("next_page_token")
	case arg.Name == "fields":
		return []string{"custom_query_fields"}
	}
	if d := arg.Directives.ForName("name"); d != nil {
		return []string{text(d, "zoom")}
	}
	return []string{snake(arg.Name)}
}

// Where the collected facts lie beside the checkout, the list is theirs: all operations, none more, in their order.
func TestOperationsAreAsTheFactsSay(t *testing.T) {
	t.Parallel()
	content, err := os.ReadFile(filepath.Join("..", "..", "shared", "zoom", "operations.json"))
	if os.IsNotExist(err) {
		t.Skip("the collected facts are not beside this checkout")
	}
	if err != nil {
		t.Fatal(err)
	}
	var facts []struct {
		Group, Method, Path, OperationID, RateLimit string
		Scopes, GranularScopes                      []string
		PathParams, QueryParams                     []struct{ Name string }
	}
	if err := json.Unmarshal(content, &facts); err != nil {
		t.Fatal(err)
	}
	type row struct {
		Chapter, Op, ID, Label              string
		Path, Query, Scopes, GranularScopes string
	}
	join := func(names []string) string { return strings.Join(names, ", ") }
	namesOf := func(params []struct{ Name string }) string {
		var names []string
		for _, p := range params {
			names = append(names, p.Name)
		}
		return join(names)
	}
	var want, got []row
	for _, f := range facts {
		want = append(want, row{f.Group, f.Method + " " + f.Path, f.OperationID, f.RateLimit, namesOf(f.PathParams), namesOf(f.QueryParams), join(f.Scopes), join(f.GranularScopes)})
	}
	_, chapters := read(t)
	for _, c := range chapters {
		for _, o := range c.Operations {
			got = append(got, row{c.Chapter, o.Op, o.ID, o.Label, join(o.parameters()), join(o.Query), join(o.Scopes), join(o.Granular)})
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s is not as the facts are (-facts +list):\n%s", listFile, diff)
	}
}

// read returns the comment at the list's head, and the list.
func read(t *testing.T) (head string, chapters []*chapter) {
	t.Helper()
	content, err := os.ReadFile(listFile)
	if err != nil {
		t.Fatal(err)
	}
	if err := yaml.UnmarshalWithOptions(content, &chapters, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	start := bytes.Index(content, []byte("- chapter:"))
	return string(content[:max(start, 0)]), chapters
}

func all(chapters []*chapter) (list []*operation) {
	for _, c := range chapters {
		list = append(list, c.Operations...)
	}
	return list
}

// render writes the list: small lists in one line, nothing that is empty. No text of it needs quotes.
func render(chapters []*chapter) string {
	var b strings.Builder
	for _, c := range chapters {
		fmt.Fprintf(&b, "- chapter: %s\n  operations:\n", c.Chapter)
		for _, o := range c.Operations {
			fmt.Fprintf(&b, "    - op: %s\n", o.Op)
			line := func(key, value string) {
				if value != "" && value != "[]" {
					fmt.Fprintf(&b, "      %s: %s\n", key, value)
				}
			}
			list := func(names []string) string { return "[" + strings.Join(names, ", ") + "]" }
			line("id", o.ID)
			line("label", o.Label)
			line("query", list(o.Query))
			line("scopes", list(o.Scopes))
			line("granular", list(o.Granular))
			line("state", o.State)
			line("fields", list(o.Fields))
			line("reason", o.Reason)
		}
	}
	return b.String()
}

// fieldsOf lists the fields that an operation answers, in order, by the operation.
func fieldsOf(s *ast.Schema) map[string][]string {
	fields := map[string][]string{}
	for _, def := range s.Types {
		for _, field := range def.Fields {
			if zoom := field.Directives.ForName("zoom"); zoom != nil {
				fields[text(zoom, "op")] = append(fields[text(zoom, "op")], def.Name+"."+field.Name)
			}
		}
	}
	for _, names := range fields {
		slices.Sort(names)
	}
	return fields
}

// schema reads the schema's files themselves, so that nothing generated stands between them and the list.
func schema(t *testing.T) *ast.Schema {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "graph", "schema", "*.graphqls"))
	if err != nil {
		t.Fatal(err)
	}
	var sources []*ast.Source
	for _, file := range append([]string{filepath.Join("..", "schema.graphqls")}, files...) {
		content, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		sources = append(sources, &ast.Source{Name: file, Input: string(content)})
	}
	s, err := gqlparser.LoadSchema(sources...)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func text(d *ast.Directive, arg string) string {
	if d == nil || d.Arguments.ForName(arg) == nil {
		return ""
	}
	return d.Arguments.ForName(arg).Value.Raw
}

func texts(d *ast.Directive, arg string) (list []string) {
	if d == nil || d.Arguments.ForName(arg) == nil {
		return nil
	}
	for _, child := range d.Arguments.ForName(arg).Value.Children {
		list = append(list, child.Value.Raw)
	}
	return list
}

// snake is Zoom's name of an argument without @name.
func snake(name string) string {
	var b strings.Builder
	for _, c := range name {
		if unicode.IsUpper(c) {
			b.WriteByte('_')
			c = unicode.ToLower(c)
		}
		b.WriteRune(c)
	}
	return b.String()
}
