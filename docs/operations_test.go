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
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

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
	want := head + program.FormatFacts(chapters)
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
	query, gives := program.Implied(p.Schema, field, o), map[string]bool{"id": true}
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
			query = append(query, program.Sent(arg, program.Unpaged(field), o.Numbered())...)
		}
	}
	for _, name := range query {
		if !slices.Contains(o.Query, name) {
			problems = append(problems, fmt.Sprintf("it has no query parameter %q", name))
		}
	}
	return problems
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

// Where the collected facts lie beside the checkout, the list says of each operation what a master account's token needs to
// ask it below a sub account, and of no other. Its path there is never a fact of its own.
func TestMasterAccountsAskWhatTheFactsSay(t *testing.T) {
	t.Parallel()
	var facts map[string]struct {
		Path   string
		Scopes []string
	}
	programtest.Collected(t, "master.json", &facts)
	_, chapters := read(t)
	want, got := map[string][]string{}, map[string][]string{}
	for op, below := range facts {
		want[op] = below.Scopes
	}
	for _, o := range all(chapters) {
		if o.Master == nil {
			continue
		}
		got[o.Op] = o.Master
		_, path := o.Today()
		there, here := unnamed(facts[o.Op].Path), unnamed("/accounts/{accountId}"+path)
		if there != here {
			t.Errorf("%s lies at %s below a sub account, not at %s", o.Op, there, here)
		}
	}
	if diff := gocmp.Diff(want, got); diff != "" {
		t.Errorf("what master accounts need is not as the facts are (-facts +list):\n%s", diff)
	}
}

var parameter = regexp.MustCompile(`\{[^}]*\}`)

// unnamed is a path whose parameters have no names, which differ from document to document.
func unnamed(path string) string { return parameter.ReplaceAllString(path, "{}") }

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
