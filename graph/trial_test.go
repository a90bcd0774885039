package graph_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/graph"
	"zoomgraph/graph/program"
	"zoomgraph/graph/program/programtest"
)

// trial is the service's program with other facts about one operation, which tells what forms do that the schema does not
// use yet.
func trial(t *testing.T, op string, change func(*program.Operation)) *program.Program {
	t.Helper()
	var facts []*program.Chapter
	for _, chapter := range programtest.Of(t).Chapters {
		other := &program.Chapter{Name: chapter.Name}
		for _, fact := range chapter.Operations {
			if fact.Op == op {
				changed := *fact
				change(&changed)
				fact = &changed
			}
			other.Operations = append(other.Operations, fact)
		}
		facts = append(facts, other)
	}
	p, err := program.New(programtest.Of(t).Schema, facts)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// A thing's details are found at the top of Zoom's answer, and within the objects that the facts name.
func TestDetailsWithin(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ answer, want string }{
		"within":         {`{"basic":{"name":"A"},"setup":{"total_members":3}}`, `{"group":{"name":"A","totalMembers":3}}`},
		"at the top":     {`{"name":"A","total_members":3}`, `{"group":{"name":"A","totalMembers":3}}`},
		"in both":        {`{"name":"A","basic":{"name":"B"},"setup":{"name":"C","total_members":3}}`, `{"group":{"name":"A","totalMembers":3}}`},
		"in the first":   {`{"setup":{"name":"C"},"basic":{"name":"B"}}`, `{"group":{"name":"B","totalMembers":null}}`},
		"no object":      {`{"name":"A","basic":null,"setup":[1]}`, `{"group":{"name":"A","totalMembers":null}}`},
		"in others only": {`{"other":{"name":"A"}}`, `{"group":{"name":null,"totalMembers":null}}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			z := &graph.Stub{Answers: map[string]string{"GET /groups/g": test.answer}}
			ask := z.Before(t, trial(t, "GET /groups/{groupId}", func(op *program.Operation) { op.Within = []string{"basic", "setup"} }), nil)
			if data, errors := ask(`{ group(id: "g") { name totalMembers } }`); data != test.want || errors != "" {
				t.Errorf("%s %s, want %s", data, errors, test.want)
			}
			if calls := z.Calls(); !slices.Equal(calls, []string{"GET /groups/g"}) {
				t.Errorf("calls %q", calls)
			}
		})
	}
}

// reworded is the service's program with some of its schema in other words.
func reworded(t *testing.T, words ...string) *program.Program {
	t.Helper()
	served := programtest.Of(t)
	text := served.SDL()
	for i := 0; i < len(words); i += 2 {
		if !strings.Contains(text, words[i]) {
			t.Fatalf("the schema does not say %q", words[i])
		}
		text = strings.Replace(text, words[i], words[i+1], 1)
	}
	schema, err := gqlparser.LoadSchema(&ast.Source{Name: "trial.graphqls", Input: text})
	if err != nil {
		t.Fatal(err)
	}
	p, err := program.New(schema, served.Chapters)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// An answer that can be of several types is a union, told apart by a key of it.
func TestUnions(t *testing.T) {
	t.Parallel()
	p := reworded(t, "type UserToken {", `
		union UserToken @tagged(by: "type") = ZakToken | SsoToken
		"" type ZakToken @wire(value: "zak") { token: String expiresIn: Int }
		"" type SsoToken @wire(value: "2") { issuer: String }
		"" type Other {`)
	for answer, want := range map[string]string{
		`{"type":"zak","token":"x","expires_in":"60"}`: `{"user":{"token":{"__typename":"ZakToken","token":"x","expiresIn":60}}}`,
		`{"type":2,"issuer":"us"}`:                     `{"user":{"token":{"__typename":"SsoToken","issuer":"us"}}}`,
		`{"type":"new","token":"x"}`:                   `{"user":{"token":null}}`,
	} {
		z := &graph.Stub{Answers: map[string]string{"GET /users/abc/token": answer}}
		data, errors := z.Before(t, p, nil)(`{ user(id: "abc") { token { __typename ... on ZakToken { token expiresIn } ... on SsoToken { issuer } } } }`)
		if data != want || errors != "" || !slices.Equal(z.Calls(), []string{"GET /users/abc/token"}) {
			t.Errorf("%s: %s %s %q, want %s", answer, data, errors, z.Calls(), want)
		}
	}
}

// A body that can be one of several is a @oneOf input: in a document and in variables, exactly one is given.
func TestOneOf(t *testing.T) {
	t.Parallel()
	p := reworded(t, "input UpdateUserStatusInput {", `
		input UpdateUserStatusInput @oneOf @tagged(by: "action", content: "params") { pause: PauseInput @wire(value: "user.pause") resume: Boolean }
		"" input PauseInput { daysOff: Int }
		"" input Other {`)
	for input, want := range map[string]string{
		`{pause: {daysOff: 3}}`:               `PUT /users/abc/status {"action":"user.pause","params":{"days_off":3}}`,
		`{resume: true}`:                      `PUT /users/abc/status {"action":"resume"}`,
		`{pause: {daysOff: 3}, resume: true}`: `OneOf Input Object`,
		`{}`:                                  `OneOf Input Object`,
		`{resume: false}`:                     `it can only be true`,
	} {
		z := &graph.Stub{}
		_, errors := z.Before(t, p, nil)(`mutation { updateUserStatus(id: "abc", input: ` + input + `) { user { id } } }`)
		if got := strings.Join(z.Calls(), "; "); got != want && (got != "" || !strings.Contains(errors, want)) {
			t.Errorf("%s: %s %s, want %s", input, got, errors, want)
		}
	}
}
