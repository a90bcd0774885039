package graph_test

import (
	"encoding/json"
	"regexp"
	"strings"
	"testing"

	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/sandbox"
)

// Operations that Zoom has moved are asked for where they are today, or where they were where the operator says so: with the
// same answer.
func TestMovedOperationsAreAskedEitherWay(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, find, query string // {id} in query is the last id that find brings
		today, then       []string
	}{
		{
			"common areas", "", `{ commonAreaPhones { nodes { id displayName } } }`,
			[]string{"GET /phone/common_areas?page_size=30"},
			[]string{"GET /phone/common_area_phones?page_size=30"},
		},
		{
			"one of them", `{ commonAreaPhones { nodes { id } } }`, `{ commonAreaPhone(id: "{id}") { displayName extensionNumber } }`,
			[]string{"GET /phone/common_areas/{id}"},
			[]string{"GET /phone/common_area_phones/{id}"},
		},
		{
			"a change of one", `{ commonAreaPhones { nodes { id } } }`,
			`mutation { updateCommonAreaPhone(id: "{id}", input: {displayName: "Quarry"}) { commonAreaPhone { displayName } } }`,
			[]string{"GET /phone/common_areas/{id}", "PATCH /phone/common_areas/{id}"},
			[]string{"GET /phone/common_area_phones/{id}", "PATCH /phone/common_area_phones/{id}"},
		},
		{
			"one that goes", `{ commonAreaPhones { nodes { id } } }`, `mutation { deleteCommonAreaPhone(id: "{id}") { commonAreaPhoneId } }`,
			[]string{"DELETE /phone/common_areas/{id}"},
			[]string{"DELETE /phone/common_area_phones/{id}"},
		},
		{
			"SIP phones", "", `{ sipPhones(first: 3) { totalCount nodes { phoneId userName } } }`,
			[]string{"GET /sip_phones/phones?page_size=3"},
			[]string{"GET /sip_phones?page_size=3"},
		},
		{
			"a new one", `{ users(first: 90) { nodes { id: email } } }`, `mutation { createSipPhone(input: {userEmail: "{id}", userName: "9", authorizationName: "a", password: "Strata-1815", domain: "sip.example.org"}) { phoneId userName } }`,
			[]string{"POST /sip_phones/phones"},
			[]string{"POST /sip_phones"},
		},
		{
			"a change of a SIP phone", `{ sipPhones(first: 1) { nodes { id: phoneId } } }`, `mutation { updateSipPhone(phoneId: "{id}", input: {voiceMail: "*98"}) { phoneId } }`,
			[]string{"PATCH /sip_phones/phones/{id}"},
			[]string{"PATCH /sip_phones/{id}"},
		},
		{
			"a SIP phone that goes", `{ sipPhones(first: 1) { nodes { id: phoneId } } }`, `mutation { deleteSipPhone(phoneId: "{id}") { phoneId } }`,
			[]string{"DELETE /sip_phones/phones/{id}"},
			[]string{"DELETE /sip_phones/{id}"},
		},
		{
			"the structure of locations", "", `mutation { updateRoomLocationStructure(input: {structures: ["country", "city", "floor"]}) { roomLocationStructure } }`,
			[]string{"GET /rooms/locations/structure", "PUT /rooms/locations/structure"},
			[]string{"GET /rooms/locations/structure", "PATCH /rooms/locations/structure"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			answers := map[bool]string{}
			for old, calls := range map[bool][]string{false: test.today, true: test.then} {
				s := setup(t, sandbox.Config{}, func(p *parts) { p.client.OldPaths = old })
				keep := map[string]string{}
				if test.find != "" {
					found := idPattern.FindAllStringSubmatch(string(s.must(test.find).raw), -1)
					keep["id"] = found[len(found)-1][1]
					s.calls()
				}
				a := s.must(expand(test.query, keep))
				for i := range calls {
					calls[i] = expand(calls[i], keep)
				}
				s.wantCalls(calls...)
				data, err := json.Marshal(a.Data)
				if err != nil {
					t.Fatal(err)
				}
				if answers[old] = string(data); strings.Contains(answers[old], "null") {
					t.Errorf("something is missing: %s", data)
				}
			}
			if answers[false] != answers[true] {
				t.Errorf("answered\n%s, and at the old path\n%s", answers[false], answers[true])
			}
		})
	}
}

var idPattern = regexp.MustCompile(`"id":"([^"]+)"`)

// Each operation that has moved says where it is today.
func TestMovedOperations(t *testing.T) {
	t.Parallel()
	for _, chapter := range programtest.Of(t).Chapters {
		for _, op := range chapter.Operations {
			method, path := op.Today()
			if moved := method+" "+path != op.Op; moved != (op.Now != "") {
				t.Errorf("%s is at %s %s today", op.Op, method, path)
			}
		}
	}
}
