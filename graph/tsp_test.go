package graph_test

import (
	"strings"
	"testing"

	"zoomgraph/internal/sandbox"
)

// tspStory is that of a user's account at a telephony service provider, and of the provider.
func tspStory() []step {
	const account = `id conferenceCode leaderPin tspBridge dialInNumbers { code countryLabel number type } user { id }`
	return []step{
		{"User.tspAccounts", `{ user(id: "USER") { tspAccounts { id } } }`, []string{"GET /users/USER/tsp"}, `"tspAccounts":[{"id":"1"}]`},
		{"Mutation.createTspAccount", `mutation { createTspAccount(userId: "USER", input: {conferenceCode: "1811", leaderPin: "4711", tspBridge: EU_TSP_TB, dialInNumbers: [{code: "44", countryLabel: "UK", number: "+44 1297 0", type: TOLLFREE}]}) { tspAccount { ` + account + ` } } }`, []string{"POST /users/USER/tsp", "GET /users/USER/tsp/2"}, `"id":"2","conferenceCode":"1811","leaderPin":"4711","tspBridge":"EU_TSP_TB","dialInNumbers":[{"code":"44","countryLabel":"UK","number":"+44 1297 0","type":"TOLLFREE"}]`},
		{"Mutation.updateTspAccount", `mutation { updateTspAccount(userId: "USER", id: "2", input: {conferenceCode: "1812", leaderPin: "4711", tspBridge: US_TSP_TB}) { tspAccount { ` + account + ` } } }`, []string{"PATCH /users/USER/tsp/2", "GET /users/USER/tsp/2"}, `"id":"2","conferenceCode":"1812","leaderPin":"4711","tspBridge":"US_TSP_TB","dialInNumbers":[{"code":"44"`},
		{"User.tspAccount", `{ user(id: "USER") { tspAccounts { id conferenceCode } tspAccount(id: "2") { leaderPin user { firstName } } } }`, []string{"GET /users/USER/tsp", "GET /users/USER/tsp/2", "GET /users/USER"}, `{"id":"2","conferenceCode":"1812"}],"tspAccount":{"leaderPin":"4711","user":{"firstName":"Ada"}}`},
		{"Mutation.deleteTspAccount", `mutation { deleteTspAccount(userId: "USER", id: "2") { user { tspAccounts { id } } } }`, []string{"DELETE /users/USER/tsp/2", "GET /users/USER/tsp"}, `"tspAccounts":[{"id":"1"}]`},
		{"Mutation.updateUserTspSettings", `mutation { updateUserTspSettings(id: "USER", input: {audioUrl: "https://tsp.example.com/numbers"}) { user { id } } }`, []string{"PATCH /users/USER/tsp/settings"}, `"user":{"id":"`},
		{"Query.tsp", `{ tsp { tspProvider dialInNumbers { code number type } } }`, []string{"GET /tsp"}, `"tspProvider":"`},
		{"Mutation.updateTsp", `mutation { updateTsp(input: {tspProvider: "Ammonite Telecom", tspBridge: EU_TSP_TB, tspEnabled: true, modifyCredentialForbidden: true}) { tsp { tspProvider tspBridge tspEnabled modifyCredentialForbidden } } }`, []string{"PATCH /tsp", "GET /tsp"}, `"tspProvider":"Ammonite Telecom","tspBridge":"EU_TSP_TB","tspEnabled":true,"modifyCredentialForbidden":true`},
	}
}

// Accounts of two users have the same ids, and are two all the same; a third account of one user is refused.
func TestTspAccountsOfTwo(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	a := s.must(`{ a: user(id: "USER") { tspAccount(id: "1") { leaderPin } } b: user(id: "USER1") { tspAccount(id: "1") { leaderPin } } }`)
	if a.at("a", "tspAccount", "leaderPin") == a.at("b", "tspAccount", "leaderPin") {
		t.Errorf("two users have one leader PIN: %s", a.raw)
	}
	if calls := s.calls(); len(calls) != 2 {
		t.Errorf("calls %q, want one for each user", calls)
	}
	const create = `mutation { createTspAccount(userId: "USER", input: {conferenceCode: "1", leaderPin: "2"}) { tspAccount { id } } }`
	s.must(create)
	s.wantErrors(s.ask(create, nil), "CONFLICT at createTspAccount")
	s.wantErrors(s.ask(`{ user(id: "USER1") { tspAccount(id: "2") { leaderPin } } }`, nil), "BAD_USER_INPUT at user.tspAccount.leaderPin")
}

// A personal audio conference has a number that Zoom writes as one, of up to 64 bits.
func TestPacAccounts(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	a := s.must(`{ user(id: "USER") { pacAccounts { conferenceId listenOnlyPassword participantPassword dedicatedDialInNumber { country number } globalDialInNumbers { country number } } } }`)
	s.wantCalls("GET /users/USER/pac")
	if id, _ := a.at("user", "pacAccounts", 0, "conferenceId").(string); len(id) != 10 || strings.Trim(id, "0123456789") != "" {
		t.Errorf("the conference is %q, want ten digits", id)
	}
}
