package graph_test

import (
	"slices"
	"strings"
	"testing"

	"zoomgraph/internal/sandbox"
)

// A group of Team Chat's directory is made, changed and filled, and its members lead to it.
func imGroupsStory() []step {
	return []step{
		{"Mutation.createImGroup", `mutation { createImGroup(input: {name: "Geology", searchByAccount: true, type: SHARED}) { imGroup { id name type searchByAccount totalMembers } } }`, []string{"POST /im/groups", "GET /im/groups/{imGroup}"}, `"name":"Geology","type":"SHARED","searchByAccount":true,"totalMembers":0`},
		{"Query.imGroups", `{ imGroups { name type totalMembers } }`, []string{"GET /im/groups"}, `{"name":"Geology","type":"SHARED","totalMembers":0}`},
		{"Mutation.updateImGroup", `mutation { updateImGroup(id: "{imGroup}", input: {name: "Palaeontology", searchByDomain: true, searchByMaAccount: false, type: RESTRICTED}) { imGroup { id name type searchByDomain searchByMaAccount } } }`, []string{"PATCH /im/groups/{imGroup}", "GET /im/groups/{imGroup}"}, `"name":"Palaeontology","type":"RESTRICTED","searchByDomain":true,"searchByMaAccount":false`},
		{"Mutation.addImGroupMembers", `mutation { addImGroupMembers(id: "{imGroup}", input: {members: [{id: "USER"}, {id: "{other}"}]}) { addedAt ids members { email } imGroup { id totalMembers } } }`, []string{"POST /im/groups/{imGroup}/members", "GET /im/groups/{imGroup}", "GET /users/USER", "GET /users/{other}"}, `"members":[{"email":"ada.lovelace@example.com"},{"email":"`},
		{"ImGroup.members", `{ imGroup(id: "{imGroup}") { members(first: 5) { totalCount nodes { email firstName type } } } }`, []string{"GET /im/groups/{imGroup}/members?page_size=5"}, `"totalCount":2,"nodes":[{"email":"ada.lovelace@example.com","firstName":"Ada"`},
		{"User.imGroups", `{ user(id: "USER") { imGroups { name } } }`, nil, `{"name":"Palaeontology"}`},
		{"Mutation.deleteImGroupMember", `mutation { deleteImGroupMember(id: "{imGroup}", memberId: "USER") { imGroup { id totalMembers } } }`, []string{"DELETE /im/groups/{imGroup}/members/USER", "GET /im/groups/{imGroup}"}, `"totalMembers":1`},
		{"Mutation.deleteImGroup", `mutation { deleteImGroup(id: "{imGroup}") { groupId } }`, []string{"DELETE /im/groups/{imGroup}"}, `"groupId":"{imGroup}"`},
		{"User.imGroups, of a group that is gone", `{ user(id: "USER1") { imGroupIds imGroups { name } } }`, nil, `"imGroups":[{"name":"`},
	}
}

// The reads of IM Chat that are gone from Zoom's documents answer as long as Zoom does.
func imChatStory() []step {
	return []step{
		{"Query.imChatSessions", `{ imChatSessions(first: 1, from: "2020-01-01", to: "2030-01-01") { from to nodes { sessionId name type participants lastMessageSentTime } } }`, []string{"GET /im/chat/sessions?from=2020-01-01&page_size=1&to=2030-01-01"}, `"participants":"`},
		{"ImChatSession.messages", `{ imChatSessions(first: 1, from: "2020-01-01", to: "2030-01-01") { nodes { messages(first: 2, from: "2020-01-01", to: "2030-01-01") { nodes { message sender dateTime } } } } }`, nil, `"sender":"`},
		{"User.imChatMessages", `{ user(id: "USER") { imChatMessages(first: 2) { nodes { id message sender dateTime timestamp } } } }`, []string{"GET /im/users/USER/chat/messages?page_size=2"}, `"sender":"ada.lovelace@example.com"`},
	}
}

// What Zoom refuses about groups of Team Chat's directory is refused here, by the same call.
func TestImGroupsRefuse(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	group, _ := s.must(`{ imGroups { id } }`).at("imGroups", 0, "id").(string)
	s.calls()
	for query, want := range map[string]string{
		`mutation { createImGroup(input: {name: "Headquarters"}) { imGroup { id } } }`:                                                            "CONFLICT at createImGroup",
		`mutation { createImGroup(input: {}) { imGroup { id } } }`:                                                                                "BAD_USER_INPUT at createImGroup",
		`mutation { updateImGroup(id: "nobody", input: {name: "x"}) { imGroup { id } } }`:                                                         "NOT_FOUND at updateImGroup",
		`mutation { deleteImGroupMember(id: "` + group + `", memberId: "nobody") { imGroup { id } } }`:                                            "BAD_USER_INPUT at deleteImGroupMember",
		`mutation { addImGroupMembers(id: "` + group + `", input: {members: [` + strings.Repeat(`{id: "USER"},`, 11) + `]}) { imGroup { id } } }`: "BAD_USER_INPUT at addImGroupMembers",
		`{ imGroup(id: "nobody") { name } }`:                                                                                                      "NOT_FOUND at imGroup.name",
	} {
		s.wantErrors(s.ask(s.fill(query), nil), want)
	}
}

// Who is put into a group of Team Chat's directory, or taken out, is read anew, and so is what lists them.
func TestImGroupsAndUsersAgree(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	s.must(`{ users(first: 5) { nodes { imGroupIds } } user(id: "USER") { imGroups { name } } }`)
	board, _ := s.must(`{ imGroups { id name } }`).at("imGroups", 2, "id").(string)
	a := s.must(s.fill(`mutation { addImGroupMembers(id: "` + board + `", input: {members: [{id: "USER"}]}) { members { imGroups { name } } } }`))
	if !strings.Contains(string(a.raw), `{"name":"Board"}`) {
		t.Errorf("no Board in %s", a.raw)
	}
	if a := s.must(`{ companyContacts(searchKey: "ada.lovelace@", first: 1) { nodes { imGroup { name } imGroupName } } }`); a.at("companyContacts", "nodes", 0, "imGroup", "name") != a.at("companyContacts", "nodes", 0, "imGroupName") {
		t.Errorf("another group in %s", a.raw)
	}
}

// A message of IM Chat is a person's: an account's credentials are refused before any call, and a user's own token sends it.
func TestSendImMessage(t *testing.T) {
	t.Parallel()
	const query = `mutation { sendImMessage(chatUser: "grace.hopper@example.com", input: {message: "canary"}) { id } }`
	s := setup(t, sandbox.Config{})
	s.wantErrors(s.ask(query, nil), "BAD_USER_INPUT at sendImMessage")
	s.wantCalls()

	ada := setup(t, sandbox.Config{}, actingAs("ada.lovelace@example.com"))
	if id, _ := ada.must(query).at("sendImMessage", "id").(string); id == "" {
		t.Error("no id")
	}
	ada.wantCalls("POST /im/users/me/chat/messages?chat_user=grace.hopper%40example.com")
	for query, want := range map[string]string{
		`mutation { sendImMessage(chatUser: "nobody@example.com", input: {message: "x"}) { id } }`: "NOT_FOUND at sendImMessage",
		`mutation { sendImMessage(input: {message: "x"}) { id } }`:                                 "BAD_USER_INPUT at sendImMessage",
	} {
		ada.wantErrors(ada.ask(query, nil), want)
	}
}

// What a document of another time calls otherwise is read all the same.
func TestOlderNamesOfImChat(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	a := s.must(`{ imChatSessions(first: 3, from: "2020-01-01", to: "2030-01-01") { nodes { type } } }`)
	types := []any{a.at("imChatSessions", "nodes", 0, "type"), a.at("imChatSessions", "nodes", 1, "type"), a.at("imChatSessions", "nodes", 2, "type")}
	if slices.ContainsFunc(types, func(kind any) bool { return kind != "ONE_TO_ONE" && kind != "GROUP" }) {
		t.Errorf("types %v", types)
	}
}
