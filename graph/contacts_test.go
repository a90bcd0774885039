package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"zoomgraph/internal/sandbox"
)

// The contacts are those of whose token it is. Presence is asked for where it is selected, of the details and not of the
// list, and the same contact is read once for all who select the same.
func TestMyContacts(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{}, actingAs("ada.lovelace@example.com"))
	grace, alan := s.users[1], s.users[2]
	for _, tc := range []struct {
		query string
		calls []string
		want  string
	}{
		{`{ myContacts(first: 2) { totalCount nodes { id email firstName lastName } } }`, []string{"GET /chat/users/me/contacts?page_size=2"}, `"totalCount":11,"nodes":[{"id":"` + grace.ID + `","email":"grace.hopper@example.com","firstName":"Grace","lastName":"Hopper"}`},
		{`{ myContacts(first: 2, type: "external") { nodes { email lastName } } }`, []string{"GET /chat/users/me/contacts?page_size=2&type=external"}, `"lastName":"du Châtelet"`},
		{`{ myContacts(first: 2) { nodes { user { dept } } } }`, []string{"GET /chat/users/me/contacts?page_size=2", "GET /users/" + grace.ID, "GET /users/" + alan.ID}, `"dept":"`},
		{`{ myContacts(first: 1) { nodes { email extensionNumber } } }`, []string{"GET /chat/users/me/contacts?page_size=1", "GET /chat/users/me/contacts/" + grace.ID}, `"extensionNumber":"`},
		{`{ myContacts(first: 1) { nodes { presenceStatus directNumbers } edges { node { presenceStatus } } } }`, []string{"GET /chat/users/me/contacts?page_size=1", "GET /chat/users/me/contacts/" + grace.ID + "?query_presence_status=true"}, `"presenceStatus":"`},
		{`{ myContact(id: "` + grace.ID + `") { firstName phoneNumbers { number label } } }`, []string{"GET /chat/users/me/contacts/" + grace.ID}, `"firstName":"Grace"`},
		{`{ myContact(id: "grace.hopper@example.com") { id presenceStatus } }`, []string{"GET /chat/users/me/contacts/grace.hopper@example.com?query_presence_status=true"}, `"id":"` + grace.ID + `"`},
		{`{ a: myContact(id: "x@y") { ...P } b: myContact(id: "x@y") { firstName ...P } } fragment P on ChatContact { presenceStatus }`, []string{"GET /chat/users/me/contacts/x@y?query_presence_status=true"}, "NOT_FOUND"},
		{`{ a: myContact(id: "` + grace.ID + `") { presenceStatus } b: myContact(id: "` + grace.ID + `") { firstName } }`, []string{"GET /chat/users/me/contacts/" + grace.ID, "GET /chat/users/me/contacts/" + grace.ID + "?query_presence_status=true"}, `"firstName":"Grace"`},
		{`query { myContact(id: "` + grace.ID + `") { firstName presenceStatus @include(if: false) } }`, []string{"GET /chat/users/me/contacts/" + grace.ID}, `{"firstName":"Grace"}`},
	} {
		s.wantPriced(tc.query, tc.calls, tc.want)
	}
	s.wantErrors(s.ask(`{ myContact(id: "`+s.users[0].ID+`") { email } }`, nil), "NOT_FOUND at myContact.email")
}

// An account's credentials are nobody's: what is about whose token it is is refused before any call.
func TestContactsOfNobody(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	for query, want := range map[string]string{
		`{ myContacts { nodes { id } } }`:           "BAD_USER_INPUT at myContacts",
		`{ myContact(id: "x") { email } }`:          "BAD_USER_INPUT at myContact",
		`{ myContact(id: "x") { presenceStatus } }`: "BAD_USER_INPUT at myContact",
	} {
		s.wantErrors(s.ask(query, nil), want)
	}
	s.wantCalls()
}

// The directory tells of 25 at once, at most; whether presence is asked for changes no place in the list.
func TestCompanyContacts(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	for _, tc := range []struct {
		query string
		calls []string
		want  string
	}{
		{`{ companyContacts(searchKey: "ada.lovelace@", first: 5) { totalCount nodes { id email userStatus contactType activity } } }`, []string{"GET /contacts?page_size=5&search_key=ada.lovelace%40"}, `"totalCount":1,"nodes":[{"id":"` + s.users[0].ID + `","email":"ada.lovelace@example.com","userStatus":"ACTIVE","contactType":1`},
		{`{ companyContacts(searchKey: "ada.lovelace@", first: 5) { nodes { presenceStatus } } }`, []string{"GET /contacts?page_size=5&query_presence_status=true&search_key=ada.lovelace%40"}, `"presenceStatus":"`},
		{`{ companyContacts(searchKey: "ada.lovelace@", first: 5) { edges { node { presenceStatus } } } }`, []string{"GET /contacts?page_size=5&query_presence_status=true&search_key=ada.lovelace%40"}, `"presenceStatus":"`},
		{`{ a: companyContacts(searchKey: "ada.lovelace@", first: 5) { nodes { presenceStatus } } b: companyContacts(searchKey: "ada.lovelace@", first: 5) { nodes { email } } }`, []string{"GET /contacts?page_size=5&search_key=ada.lovelace%40", "GET /contacts?page_size=5&query_presence_status=true&search_key=ada.lovelace%40"}, `"presenceStatus":"`},
		{`{ companyContacts(searchKey: "example.com", first: 5, userStatus: INACTIVE) { nodes { userStatus } } }`, []string{"GET /contacts?page_size=5&search_key=example.com&user_status=inactive"}, `"nodes":[{"userStatus":"INACTIVE"}`},
		{`{ companyContacts(searchKey: "example.com", first: 5, contactTypes: 2) { totalCount nodes { id } } }`, []string{"GET /contacts?contact_types=2&page_size=5&search_key=example.com"}, `"totalCount":0,"nodes":[]`},
	} {
		s.wantPriced(tc.query, tc.calls, tc.want)
	}

	a := s.must(`{ companyContacts(searchKey: "example.com", first: 60) { nodes { id } pageInfo { endCursor hasNextPage } } }`)
	if n := len(s.calls()); n != 3 {
		t.Errorf("60 contacts took %d calls", n)
	}
	end := a.at("companyContacts", "pageInfo", "endCursor")
	s.wantErrors(s.ask(fmt.Sprintf(`{ companyContacts(searchKey: "example.com", first: 2, after: %q) { nodes { id presenceStatus } } }`, end), nil), "BAD_USER_INPUT at companyContacts")
	s.wantCalls()
	a = s.must(`{ companyContacts(searchKey: "example.com", first: 2) { nodes { presenceStatus } pageInfo { endCursor } } }`)
	s.calls()
	a = s.must(fmt.Sprintf(`{ companyContacts(searchKey: "example.com", first: 2, after: %q) { nodes { id } } }`, a.at("companyContacts", "pageInfo", "endCursor")))
	if calls := s.calls(); len(calls) != 1 || !strings.Contains(calls[0], "query_presence_status=true") || a.at("companyContacts", "nodes", 1, "id") == nil {
		t.Errorf("the next page: %q, %s", calls, a.raw)
	}
	s.wantErrors(s.ask(`{ companyContacts(searchKey: " ") { nodes { id } } }`, nil), "BAD_USER_INPUT at companyContacts")
}

// wantPriced asks for something and compares the calls, what they were priced at, and a part of the answer.
func (s *service) wantPriced(query string, calls []string, want string) {
	s.t.Helper()
	a := s.ask(query, nil)
	s.wantCalls(calls...)
	if !strings.Contains(string(a.raw), want) {
		s.t.Errorf("%s: no %s in %s", query, want, a.raw)
	}
	if cost := a.Extensions.Zoom.Cost; cost.Requested < len(calls) {
		s.t.Errorf("%s: priced at %d, and took %d calls", query, cost.Requested, len(calls))
	}
}
