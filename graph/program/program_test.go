package program_test

import (
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph/program"
	"zoomgraph/graph/program/programtest"
)

func TestServedSchemaHasNoDefer(t *testing.T) {
	t.Parallel()
	p := programtest.Of(t)
	if p.Schema.Directives["defer"] != nil || strings.Contains(p.SDL(), "@defer") {
		t.Error("the schema has @defer")
	}
	if p.Schema.Directives["zoom"] == nil || p.Schema.Types["UserSettings"] == nil {
		t.Error("the schema lacks what its files have")
	}
}

// TestServed compares what was written as Go with the schema's files: definition by definition, and to the byte of what is
// served as text.
func TestServed(t *testing.T) {
	t.Parallel()
	want, err := program.Read(programtest.Files(t))
	if err != nil {
		t.Fatal(err)
	}
	got := programtest.Of(t)
	if len(got.Schema.Types) < 1000 {
		t.Fatalf("%d types", len(got.Schema.Types))
	}
	alike := cmp.Options{cmpopts.IgnoreTypes(&ast.Position{}, []*ast.Position{}, &ast.CommentGroup{}), cmpopts.EquateEmpty()}
	for name, diff := range map[string]string{
		"types":          cmp.Diff(want.Schema.Types, got.Schema.Types, alike),
		"directives":     cmp.Diff(want.Schema.Directives, got.Schema.Directives, alike),
		"possible types": cmp.Diff(namesOf(want.Schema.PossibleTypes), namesOf(got.Schema.PossibleTypes)),
		"unions":         cmp.Diff(namesOf(want.Schema.Implements), namesOf(got.Schema.Implements)),
		"files":          cmp.Diff(filesOf(want.Schema), filesOf(got.Schema)),
		"roots":          cmp.Diff([]*ast.Definition{want.Schema.Query, want.Schema.Mutation, want.Schema.Subscription}, []*ast.Definition{got.Schema.Query, got.Schema.Mutation, got.Schema.Subscription}, alike),
	} {
		if diff != "" {
			t.Errorf("%s: run go generate ./...: the files have -, the program has +: %s", name, diff)
		}
	}
	if got.SDL() != want.SDL() {
		t.Error("the schema as text is another one:", cmp.Diff(want.SDL(), got.SDL()))
	}
}

// namesOf are the names of the types that are kept by another one's name, in order.
func namesOf(types map[string][]*ast.Definition) map[string][]string {
	names := map[string][]string{}
	for name, defs := range types {
		for _, def := range defs {
			names[name] = append(names[name], def.Name)
		}
		slices.Sort(names[name])
	}
	return names
}

// filesOf says in which files types and fields stand, and what the comments at the heads of these are.
func filesOf(schema *ast.Schema) map[string]string {
	files := map[string]string{}
	file := func(name string, at *ast.Position) {
		if at == nil {
			return
		}
		files[name] = at.Src.Name
		if _, known := files[at.Src.Name]; !known {
			head := at.Src.Input
			for strings.HasPrefix(head, "#") {
				_, head, _ = strings.Cut(head, "\n")
			}
			files[at.Src.Name] = strings.TrimSuffix(at.Src.Input, head)
		}
	}
	for name, def := range schema.Types {
		file(name, def.Position)
		for _, field := range def.Fields {
			file(name+"."+field.Name, field.Position)
		}
	}
	return files
}

// TestFormOf looks at a field of each form.
func TestFormOf(t *testing.T) {
	t.Parallel()
	p := programtest.Of(t)
	for field, want := range map[string]program.Form{
		"User.email":                  program.Plain,
		"UserConnection.totalCount":   program.Plain,
		"User.effectiveSettings":      program.Derived,
		"Query.user":                  program.Thing,
		"Query.me":                    program.Thing,
		"User.role":                   program.Link,
		"User.groups":                 program.Link,
		"Query.users":                 program.List,
		"Query.groups":                program.List,
		"User.settings":               program.Tree,
		"Account.lockSettings":        program.Tree,
		"User.permissions":            program.Data,
		"Mutation.updateUserSettings": program.Write,
		"Mutation.deleteUser":         program.Write,
	} {
		typeName, name, _ := strings.Cut(field, ".")
		def := p.Schema.Types[typeName]
		if got := p.FormOf(def, def.Fields.ForName(name)); got != want {
			t.Errorf("%s has the form %d, want %d", field, got, want)
		}
	}
}

// TestEveryFieldHasItsOperation makes sure that no @zoom names an operation that is not listed, or without an id.
func TestEveryFieldHasItsOperation(t *testing.T) {
	t.Parallel()
	p, n := programtest.Of(t), 0
	for _, def := range p.Schema.Types {
		for _, field := range def.Fields {
			if !program.Has(field.Directives, "zoom") {
				continue
			}
			n++
			if op := p.Operation(field); op == nil || op.ID == "" || op.Method == "" {
				t.Errorf("%s.%s: %+v", def.Name, field.Name, op)
			}
		}
	}
	if n < 65 {
		t.Errorf("only %d fields have operations", n)
	}
}

// TestRefused shows that each mistake in the files is said with its place.
func TestRefused(t *testing.T) {
	t.Parallel()
	if _, err := program.Read(fstest.MapFS{"schema.graphqls": {Data: []byte("type Query {")}}); err == nil || !strings.Contains(err.Error(), "schema.graphqls:1") {
		t.Errorf("a schema that does not parse: error %v", err)
	}
	for name, test := range map[string]struct{ facts, want string }{
		"a method that is none":         {"- {chapter: A, operations: [{op: HEAD /a, id: a, scopes: []}]}", `docs/operations.yaml: chapter A: "HEAD /a" is not a method and a path`},
		"a path with a brace left open": {"- {chapter: A, operations: [{op: \"GET /a/{b\", id: a, scopes: []}]}", `"GET /a/{b" is not a method and a path`},
		"a path with a query":           {"- {chapter: A, operations: [{op: \"GET /a?b=c\", id: a, scopes: []}]}", `is not a method and a path`},
		"no id":                         {"- {chapter: A, operations: [{op: GET /a, scopes: []}]}", "GET /a has no id"},
		"a label that Zoom lacks":       {"- {chapter: A, operations: [{op: GET /a, id: a, label: LITE, scopes: []}]}", `the label "LITE"`},
		"a fact that nobody knows":      {"- {chapter: A, operations: [{op: GET /a, id: a, scope: []}]}", "scope"},
		"pages that say nothing":        {"- {chapter: A, operations: [{op: GET /a, id: a, page: {max: 300}}]}", "GET /a has a fact on pages that is so anyway"},
		"pages of no rows":              {"- {chapter: A, operations: [{op: GET /a, id: a, page: {max: -1}}]}", "GET /a has pages of"},
		"pages that cannot be":          {"- {chapter: A, operations: [{op: GET /a, id: a, page: {default: 50, max: 25}}]}", "GET /a has pages of 50 rows, and of 25 at most"},
		"a window that is none":         {"- {chapter: A, operations: [{op: GET /a, id: a, window: {of: day}}]}", `GET /a has a window of "day"`},
		"an account below an account":   {"- {chapter: A, operations: [{op: \"GET /accounts/{accountId}\", id: a, master: [b]}]}", "GET /accounts/{accountId} lies below an account itself"},
		"accounts below an account":     {"- {chapter: A, operations: [{op: GET /accounts, id: a, master: [b]}]}", "GET /accounts lies below an account itself"},
		"no account to be below":        {"- {chapter: A, operations: [{op: GET /a, id: a, subs: true}]}", "GET /a names no account"},
		"an operation twice":            {"- {chapter: A, operations: [{op: GET /a, id: a}, {op: GET /a, id: b}]}", "GET /a is listed twice"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			facts, err := program.ReadFacts(fstest.MapFS{"docs/operations.yaml": {Data: []byte(test.facts)}})
			if err == nil {
				_, err = program.New(&ast.Schema{}, facts)
			}
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("error %v, want one with %q", err, test.want)
			}
		})
	}
}

// byHand are facts of which only what follows from them is generated: resources.
var byHand = cmpopts.IgnoreFields(program.Operation{}, "Touches", "Tells")

// TestFactsAreCurrent compares what was generated with what is written.
func TestFactsAreCurrent(t *testing.T) {
	t.Parallel()
	written, err := program.ReadFacts(programtest.Files(t))
	if err != nil {
		t.Fatal(err)
	}
	written = slices.DeleteFunc(written, func(chapter *program.Chapter) bool {
		chapter.Operations = slices.DeleteFunc(chapter.Operations, func(op *program.Operation) bool { return op.State != program.Covered })
		return len(chapter.Operations) == 0
	})
	if diff := cmp.Diff(written, program.Facts(), cmpopts.EquateEmpty(), byHand); diff != "" {
		t.Errorf("docs/operations.yaml has changed; go generate ./... (-written +generated):\n%s", diff)
	}
}

// TestHolder finds the fields that hold ids.
func TestHolder(t *testing.T) {
	t.Parallel()
	schema := gqlparser.MustLoadSchema(&ast.Source{Input: `
		directive @zoom(op: String!) on FIELD_DEFINITION
		type Query { room(id: ID!): Room @zoom(op: "GET /rooms/{roomId}") }
		type Room { id: ID! siteId: ID siteIds: [ID!] other: Room @zoom(op: "GET /sites/{siteId}") others: [Room!] @zoom(op: "GET /sites/{siteId}") none: Room @zoom(op: "GET /none") }`})
	facts, err := program.ParseFacts([]byte("- {chapter: A, operations: [{op: \"GET /rooms/{roomId}\", id: room}, {op: \"GET /sites/{siteId}\", id: site}, {op: GET /none, id: none}]}"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := program.New(schema, facts)
	if err != nil {
		t.Fatal(err)
	}
	room := schema.Types["Room"]
	for name, want := range map[string]string{"other": "siteId", "others": "siteIds", "none": ""} {
		field, got := room.Fields.ForName(name), ""
		if holder := p.Holder(room, field); holder != nil {
			got = holder.Name
		}
		if got != want {
			t.Errorf("%s is held by %q, want %q", name, got, want)
		}
	}
	if p.DetailField(room) == nil || p.Detail(room).ID != "room" || p.Listing(room) != nil {
		t.Error("the operations of rooms are not found")
	}
}

// BenchmarkRead measures how long a program takes: Served, as at each start, and Read, which checks the files.
func BenchmarkRead(b *testing.B) {
	files := programtest.Files(b)
	for name, read := range map[string]func() (*program.Program, error){
		"served": program.Served,
		"read":   func() (*program.Program, error) { return program.Read(files) },
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := read(); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
