package graph_test

import (
	"slices"
	"strings"
	"testing"

	"zoomgraph/graph"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/sandbox"
)

// What is one of several things has a type by Zoom's word for it. What stands there costs nothing; the rest is read by the
// key of that thing, and links of it are followed.
func TestUnionsOfThings(t *testing.T) {
	t.Parallel()
	const asked = `{ phoneNumber(id: "n") { assignee { __typename ` +
		`... on PhoneUser { id user { firstName } } ... on CallQueue { id name extensionNumber } ... on CommonAreaPhone { id displayName } ` +
		`... on EmergencyNumberPool { id name } ... on AutoReceptionist { name } } } }`
	for name, test := range map[string]struct {
		assignee, want string
		calls          []string
	}{
		"whose link is followed":    {`{"id":"u","name":"Mary Anning","type":"user"}`, `{"__typename":"PhoneUser","id":"u","user":{"firstName":"Mary"}}`, []string{"GET /users/u"}},
		"all of which stands there": {`{"id":"q","name":"Fossils","extension_number":26000026001,"type":"callQueue"}`, `{"__typename":"CallQueue","id":"q","name":"Fossils","extensionNumber":26000026001}`, nil},
		"the rest of which is read": {`{"id":"q","name":"Fossils","type":"callQueue"}`, `{"__typename":"CallQueue","id":"q","name":"Fossils","extensionNumber":7}`, []string{"GET /phone/call_queues/q"}},
		"with another name":         {`{"id":"a","name":"Lobby","type":"commonArea"}`, `{"__typename":"CommonAreaPhone","id":"a","displayName":"The lobby"}`, []string{"GET /phone/common_areas/a"}},
		"that nothing reads":        {`{"id":"e","name":"Lyme Regis","type":"emergencyNumberPool"}`, `{"__typename":"EmergencyNumberPool","id":"e","name":"Lyme Regis"}`, nil},
		"that says little":          {`{"id":"r","type":"autoReceptionist"}`, `{"__typename":"AutoReceptionist","name":null}`, nil},
		"that says nothing":         {`{"type":"autoReceptionist"}`, `null`, nil},
		"of an unknown type":        {`{"id":"x","name":"Cliff","type":"cliff"}`, `null`, nil},
		"without a type":            {`{"id":"x","name":"Cliff"}`, `null`, nil},
		"without an id":             {`{"id":"","name":"","type":"user"}`, `null`, nil},
		"empty":                     {`{}`, `null`, nil},
		"none":                      {`null`, `null`, nil},
		"no object":                 {`"cliff"`, `null`, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			z := &graph.Stub{Answers: map[string]string{
				"GET /phone/numbers/n":      `{"id":"n","assignee":` + test.assignee + `}`,
				"GET /users/u":              `{"id":"u","first_name":"Mary"}`,
				"GET /phone/call_queues/q":  `{"id":"q","name":"Other","extension_number":7}`,
				"GET /phone/common_areas/a": `{"id":"a","display_name":"The lobby"}`,
			}}
			data, errors := z.Before(t, programtest.Of(t), nil)(asked)
			if want := `{"phoneNumber":{"assignee":` + test.want + `}}`; data != want || errors != "" {
				t.Errorf("%s %s, want %s", data, errors, want)
			}
			if calls := z.Calls(); len(calls) != len(test.calls)+1 || len(test.calls) > 0 && !slices.Contains(calls, test.calls[0]) {
				t.Errorf("calls %q, want %q more", calls, test.calls)
			}
		})
	}
}

// A type that the schema does not know is told, at its path.
func TestUnknownThingIsTold(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{Faults: []sandbox.Fault{{Match: "GET /phone/numbers/*", Kind: sandbox.FaultForeign, Status: 200, Type: "application/json", Body: `{"id":"n","assignee":{"id":"x","type":"cliff"}}`}}})
	a := s.must(`{ phoneNumber(id: "n") { assignee { __typename } } }`)
	if !strings.Contains(string(a.raw), `"path":["phoneNumber","assignee"],"reason":"UNKNOWN_VALUE"`) {
		t.Errorf("not told: %s", a.raw)
	}
}
