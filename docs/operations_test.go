// Package docs_test holds operations.yaml to what it describes: the schema on one side, the collected facts about Zoom's
// API on the other.
//
//	go test ./docs -update
//
// writes each operation's state and fields anew, as the schema has them.
package docs_test

import (
	"bytes"
	"cmp"
	"flag"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"
	gocmp "github.com/google/go-cmp/cmp"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
	"zoomgraph/graph/program/programtest"
)

var update = flag.Bool("update", false, "write operations.yaml anew")

const listFile = "operations.yaml"

// The list is what the schema says, written in one form only.
func TestOperationsAreAsTheSchemaHasThem(t *testing.T) {
	t.Parallel()
	head, chapters := read(t)
	fields := fieldsOf(programtest.Of(t).Schema)
	for _, o := range all(chapters) {
		switch o.Fields = fields[o.Op]; {
		case len(o.Fields) == 0:
			o.State = program.Planned
		default:
			o.State, o.Reason = program.Covered, ""
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
	if diff := gocmp.Diff(want, string(got)); diff != "" {
		t.Errorf("%s is not as the schema has it (-want +got); go test ./docs -update mends it:\n%s", listFile, diff)
	}
}

// Every field with an operation names one of the list, and sends what that takes.
func TestSchemaNamesListedOperations(t *testing.T) {
	t.Parallel()
	p, ids := programtest.Of(t), map[string]bool{}
	for _, o := range all(p.Chapters) {
		ids[o.ID] = true
	}
	for _, def := range p.Schema.Types {
		for _, field := range def.Fields {
			where := def.Name + "." + field.Name
			for _, id := range program.Texts(field.Directives.ForName("derived"), "from") {
				if !ids[id] {
					t.Errorf("%s is derived from %q, which is no operation of the list", where, id)
				}
			}
			zoom := field.Directives.ForName("zoom")
			if zoom == nil {
				continue
			}
			o := p.Operation(field)
			if o == nil {
				t.Errorf("%s: no operation %q is listed", where, program.Text(zoom, "op"))
				continue
			}
			for _, problem := range parameters(p, def, field, o) {
				t.Errorf("%s: %s: %s", where, o.Op, problem)
			}
		}
	}
}

// parameters compares what a field sends with the parameters of its operation: something gives each of the path, and each
// argument that does not is a query parameter.
func parameters(p *program.Program, def *ast.Definition, field *ast.FieldDefinition, o *program.Operation) (problems []string) {
	query, gives := implied(p.Schema, field, o), map[string]bool{"id": true}
	tagged := "" // a parameter that is told by what an input holds
	for _, arg := range field.Arguments {
		if tag, ok := program.TagOf(p.Schema.Types[arg.Type.Name()]); ok && tag.Argument != "" {
			tagged, gives[arg.Name] = tag.Argument, true
		}
	}
	for _, source := range p.Sources(def, field) {
		switch fixed := def == p.Schema.Query && len(field.Arguments) == 0; { // me
		case source.Argument != nil:
			gives[source.Argument.Name] = true
		case !source.Known() && !fixed && source.Param != tagged:
			problems = append(problems, fmt.Sprintf("nothing gives its path's {%s}", source.Param))
		}
	}
	for _, arg := range field.Arguments {
		if !gives[arg.Name] {
			query = append(query, sent(arg, program.Unpaged(field), o.Numbered())...)
		}
	}
	for _, name := range query {
		if !slices.Contains(o.Query, name) {
			problems = append(problems, fmt.Sprintf("it has no query parameter %q", name))
		}
	}
	return problems
}

// implied lists the query parameters that a field sends without an argument.
func implied(s *ast.Schema, field *ast.FieldDefinition, o *program.Operation) []string {
	params := append(selected(s, field, o), program.Inherits(field)...)
	if about := program.About(field); about != "" {
		params = append(params, about)
	}
	return params
}

// selected lists those that what is selected below the field becomes.
func selected(s *ast.Schema, field *ast.FieldDefinition, o *program.Operation) []string {
	node, isList := strings.CutSuffix(field.Type.Name(), "Connection")
	def, marked := s.Types[field.Type.Name()], []string{}
	if isList && s.Types[node] != nil {
		def = s.Types[node]
	}
	for _, f := range def.Fields {
		switch by := program.AskedBy(f); {
		case by == program.IncludeFields && isList && program.Brings(field) == nil, by != "" && by != program.IncludeFields && slices.Contains(o.Query, by):
			marked = append(marked, by)
		}
	}
	if slices.ContainsFunc(def.Fields, program.IsSection) {
		params := []string{program.Snake(program.ViewArgument(s.Types[field.Type.Name()]))}
		if slices.Contains(o.Query, "custom_query_fields") {
			params = append(params, "custom_query_fields")
		}
		return params
	}
	return marked
}

// sent lists the query parameters that an argument becomes.
func sent(arg *ast.ArgumentDefinition, unpaged, numbered bool) []string {
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
	case arg.Name == "after" && numbered:
		return paging("page_number")
	case arg.Name == "after":
		return paging("next_page_token")
	case arg.Name == "fields":
		return []string{"custom_query_fields"}
	}
	return []string{program.Name(arg.Name, arg.Directives)}
}

// Where the collected facts lie beside the checkout, the list is theirs: all operations, none more, in their order. What
// is known of an operation is of the document that it follows; its id is that of 2021, which names it here, and it has the
// query parameters of both.
func TestOperationsAreAsTheFactsSay(t *testing.T) {
	t.Parallel()
	type row struct {
		Chapter, Op, ID, Label              string
		Path, Query, Scopes, GranularScopes string
	}
	join := func(names []string) string { return strings.Join(names, ", ") }
	early, forms := formsOf2021(t), formsByYear(t)
	_, chapters := read(t)
	form := map[string]string{}
	var want, got []row
	for _, c := range chapters {
		for _, o := range c.Operations {
			form[o.Op] = cmp.Or(o.Form, "2021")
			got = append(got, row{c.Name, o.Op, o.ID, o.Label, join(o.Params), join(o.Query), join(o.Scopes), join(o.Granular)})
		}
	}
	for _, f := range early {
		op := f.Method + " " + f.Path
		follows := f
		if year := form[op]; year != "" {
			follows = forms[year][op]
		}
		query := namesOf(follows.QueryParams)
		for _, name := range namesOf(f.QueryParams) {
			if !slices.Contains(query, name) {
				query = append(query, name)
			}
		}
		want = append(want, row{f.Group, op, f.OperationID, follows.RateLimit, join(namesOf(f.PathParams)), join(query), join(follows.Scopes), join(follows.GranularScopes)})
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("%s is not as the facts are (-facts +list):\n%s", listFile, diff)
	}
}

// read returns the comment at the list's head, and the list.
func read(t *testing.T) (head string, chapters []*program.Chapter) {
	t.Helper()
	content, err := os.ReadFile(listFile)
	if err != nil {
		t.Fatal(err)
	}
	if chapters, err = program.ParseFacts(content); err != nil {
		t.Fatal(err)
	}
	start := bytes.Index(content, []byte("- chapter:"))
	return string(content[:max(start, 0)]), chapters
}

func all(chapters []*program.Chapter) (list []*program.Operation) {
	for _, c := range chapters {
		list = append(list, c.Operations...)
	}
	return list
}

// render writes the list: small lists in one line, nothing that is empty. Only resources need quotes.
func render(chapters []*program.Chapter) string {
	var b strings.Builder
	for _, c := range chapters {
		fmt.Fprintf(&b, "- chapter: %s\n  operations:\n", c.Name)
		for _, o := range c.Operations {
			fmt.Fprintf(&b, "    - op: %s\n", o.Op)
			line := func(key, value string) {
				if value != "" && value != "[]" {
					fmt.Fprintf(&b, "      %s: %s\n", key, value)
				}
			}
			list := func(names []string) string { return "[" + strings.Join(names, ", ") + "]" }
			quoted := func(resources []string) string {
				var names []string
				for _, resource := range resources {
					if strings.ContainsAny(resource, "*?{") {
						resource = strconv.Quote(resource)
					}
					names = append(names, resource)
				}
				return list(names)
			}
			line("id", o.ID)
			line("label", o.Label)
			line("query", list(o.Query))
			line("page", flow(o.Page))
			line("window", flow(o.Window))
			line("scopes", list(o.Scopes))
			line("granular", list(o.Granular))
			line("touches", quoted(o.Touches))
			line("tells", quoted(o.Tells))
			line("within", list(o.Within))
			line("apart", list(o.Apart))
			line("token", o.Token)
			line("form", o.Form)
			line("now", o.Now)
			var renamed []string
			for _, old := range slices.Sorted(maps.Keys(o.Renamed)) {
				renamed = append(renamed, old+": "+o.Renamed[old])
			}
			if renamed != nil {
				line("renamed", "{"+strings.Join(renamed, ", ")+"}")
			}
			line("state", o.State)
			line("fields", list(o.Fields))
			line("reason", o.Reason)
		}
	}
	return b.String()
}

// flow writes a small fact in one line; "" where there is none.
func flow[T any](fact *T) string {
	if fact == nil {
		return ""
	}
	text, err := yaml.MarshalWithOptions(fact, yaml.Flow(true))
	if err != nil {
		panic(err)
	}
	return strings.TrimSpace(string(text))
}

// fieldsOf lists the fields that an operation answers, in order, by the operation.
func fieldsOf(s *ast.Schema) map[string][]string {
	fields := map[string][]string{}
	for _, def := range s.Types {
		for _, field := range def.Fields {
			if op := program.Text(field.Directives.ForName("zoom"), "op"); op != "" {
				fields[op] = append(fields[op], def.Name+"."+field.Name)
			}
		}
	}
	for _, names := range fields {
		slices.Sort(names)
	}
	return fields
}
