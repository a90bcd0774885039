package price_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"zoomgraph/graph"
	"zoomgraph/graph/price"
	"zoomgraph/graph/program/programtest"
)

func schema(t testing.TB) *ast.Schema {
	t.Helper()
	return programtest.Of(t).Schema
}

func document(t testing.TB, query string) *ast.QueryDocument {
	t.Helper()
	doc, errs := gqlparser.LoadQueryWithRules(schema(t), query, rules.NewDefaultRules())
	if errs != nil {
		t.Fatalf("%s\n%v", query, errs)
	}
	return doc
}

func priceOf(t testing.TB, query string, variables map[string]any) price.Price {
	t.Helper()
	doc := document(t, query)
	p, err := graph.Price(programtest.Of(t), doc, doc.Operations[0], variables)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Each case's price is written as "calls operationId", in the order of the operations.
func TestOf(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, query string
		variables   map[string]any
		want        string
	}{
		// Things.
		{"nothing", `{ __typename }`, nil, ""},
		{"an id is known", `{ user(id: "x") { id __typename } }`, nil, ""},
		{"an address is no id", `{ user(id: "x@example.com") { id } }`, nil, "1 user"},
		{"me is no id", `{ me { id } }`, nil, "1 user"},
		{"what is given later may be no id", `query ($id: ID!) { user(id: $id) { id } }`, nil, "1 user"},
		{"an id that is given", `query ($id: ID!) { user(id: $id) { id } }`, map[string]any{"id": "x"}, ""},
		{"one detail read for all fields", `{ user(id: "x") { email firstName phoneNumbers { number } } }`, nil, "1 user"},
		{"a field with a parameter of its own", `{ myContact(id: "x") { presenceStatus firstName } }`, nil, "1 getUserContact"},
		{"with it and without it", `{ a: myContact(id: "x") { presenceStatus } b: myContact(id: "x") { firstName } c: myContact(id: "x") { ...P } } fragment P on ChatContact { firstName presenceStatus }`, nil, "2 getUserContact"},
		{"without it after all", `query ($p: Boolean!) { a: myContact(id: "x") { firstName presenceStatus @include(if: $p) } b: myContact(id: "x") { firstName } }`, map[string]any{"p": false}, "1 getUserContact"},
		{"pages with it and without it", `{ a: companyContacts(searchKey: "x", first: 60) { nodes { presenceStatus } } b: companyContacts(searchKey: "x", first: 60) { edges { node { email } } } }`, nil, "6 searchCompanyContacts"},
		{"details of a list with it", `{ myContacts(first: 2) { nodes { presenceStatus extensionNumber } } }`, nil, "2 getUserContact, 1 getUserContacts"},
		{"ids of who is known by an address", `{ sipPhones(first: 2) { nodes { user { id phone { id } } } } }`, nil, "1 listSipPhones, 2 phoneUser, 2 user"},
		{"who is known by an address, and no id", `{ sipPhones(first: 2) { nodes { user { phone { extensionNumber } } } } }`, nil, "1 listSipPhones, 2 phoneUser"},
		{"each row may be of each type of a union", `{ phoneNumbers(first: 3) { nodes { assignee { __typename ... on PhoneUser { id email } ... on CallQueue { timezone } ... on AutoReceptionist { name } } } } }`, nil, "3 getACallQueue, 1 listAccountPhoneNumbers, 3 phoneUser"},
		{"aliases of one thing", `{ a: user(id: "x") { email } b: user(id: "x") { firstName settings { raw } } }`, nil, "1 user, 1 userSettings"},
		{"two things", `{ a: user(id: "x") { email } b: user(id: "y") { email } }`, nil, "2 user"},
		{"a data field", `{ userEmail(email: "a@example.com") { existedEmail } b: userEmail(email: "b@example.com") { existedEmail } }`, nil, "2 userEmail"},
		{"a data field of a thing", `{ user(id: "x") { permissions a: token { token } b: token(type: ZAK) { token } c: token { token } } }`, nil, "1 userPermission, 2 userToken"},

		// Lists.
		{"a list brings its fields", `{ users { nodes { id email groupIds hostKey } } }`, nil, "1 users"},
		{"its details are read once a thing", `{ users(first: 7) { nodes { location } edges { node { company } } } }`, nil, "1 users, 7 user"},
		{"pages", `{ users(first: 301) { totalCount } }`, nil, "2 users"},
		{"the default", `{ users { nodes { location } } }`, nil, "1 users, 30 user"},
		{"null is the default", `{ users(first: null) { nodes { location } } }`, nil, "1 users, 30 user"},
		{"unknown is the most", `query ($n: Int) { users(first: $n) { nodes { location } } }`, nil, "4 users, 1000 user"},
		{"unknown with a default", `query ($n: Int = 3) { users(first: $n) { nodes { location } } }`, nil, "1 users, 3 user"},
		{"given", `query ($n: Int) { users(first: $n) { nodes { location } } }`, map[string]any{"n": float64(2)}, "1 users, 2 user"},
		{"left out", `query ($n: Int) { users(first: $n) { nodes { location } } }`, map[string]any{}, "1 users, 30 user"},
		{"too many are refused", `{ users(first: 5000) { totalCount } }`, nil, "4 users"},
		{"without pages", `{ groups(first: 900) { nodes { name totalMembers } } }`, nil, "1 groups"},
		{"a list that brings little", `{ group(id: "g") { members(first: 5) { nodes { id firstName email } } } }`, nil, "1 groupMembers"},
		{"and what it does not bring", `{ group(id: "g") { members(first: 5) { nodes { dept } } } }`, nil, "1 groupMembers, 5 user"},
		{"lists in lists", `{ groups(first: 4) { nodes { members(first: 5) { nodes { settings { raw } } } } } }`, nil, "1 groups, 4 groupMembers, 20 userSettings"},
		{"different lists", `{ users(first: 2) { nodes { location } } b: users(first: 3) { nodes { location } } }`, nil, "2 users, 5 user"},

		// Links.
		{"a role of a user", `{ user(id: "x") { role { id } } }`, nil, "1 user"},
		{"a role of listed users", `{ users(first: 3) { nodes { role { name } } } }`, nil, "3 getRoleInformation, 1 users"},
		{"roles of many", `{ users(first: 300) { nodes { role { name } } } }`, nil, "50 getRoleInformation, 1 users"},
		{"groups of a user", `{ user(id: "x") { groups { name } } }`, nil, "1 groups, 1 user"},
		{"groups of many", `{ users(first: 300) { nodes { groups { settings { raw } } } } }`, nil, "50 getGroupSettings, 1 users"},

		// Settings.
		{"views", `{ user(id: "x") { settings { inMeeting { chat } recording { autoRecording } meetingSecurity { waitingRoom } } } }`, nil, "2 userSettings"},
		{"views of all aliases and fragments", `{ user(id: "x") { settings { inMeeting { chat } } s: settings { ...F } t: settings { inMeeting { polling } } } } fragment F on UserSettings { meetingAuthentication { meetingAuthentication } ... { raw } }`, nil, "2 userSettings"},
		{"an option", `{ user(id: "x") { settings(option: MEETING_SECURITY) { inMeeting { chat } meetingSecurity { waitingRoom } raw } } }`, nil, "1 userSettings"},
		{"an option that nothing is asked of", `{ user(id: "x") { settings(option: MEETING_SECURITY) { inMeeting { chat } } } }`, nil, ""},
		{"two ways to sign in", `{ user(id: "x") { settings { raw } s: settings(loginType: SSO) { raw } } }`, nil, "2 userSettings"},
		{"left out by a constant", `{ user(id: "x") { settings @skip(if: true) { raw } email @include(if: false) } }`, nil, ""},
		{"left out, perhaps", `query ($s: Boolean!) { user(id: "x") { settings @skip(if: $s) { raw } } }`, nil, "1 userSettings"},
		{"left out by a variable", `query ($s: Boolean!) { user(id: "x") { settings @skip(if: $s) { raw } } }`, map[string]any{"s": true}, ""},
		{"groups and accounts", `{ group(id: "g") { settings { inMeeting { chat } } lockSettings { inMeeting { chat } meetingSecurity { waitingRoom } } } account(id: "me") { settings { raw } trustedDomains } }`, nil, "1 accountSettings, 1 accountTrustedDomain, 2 getGroupLockSettings, 1 getGroupSettings"},
		{"the issue's dashboard", `{ users(first: 300) { nodes { id email settings { scheduleMeeting { hostVideo } } } } }`, nil, "1 users, 300 userSettings"},

		// Sub accounts.
		{"nothing in a sub account", `{ account(id: "a") { graph { __typename user(id: "x") { id } } } }`, nil, ""},
		{"a user of a sub account", `{ account(id: "a") { graph { user(id: "x") { email role { name } } } } }`, nil, "1 getRoleInformation, 1 user"},
		{"aliases in one", `{ account(id: "a") { graph { user(id: "x") { email } } b: graph { user(id: "x") { firstName } } } }`, nil, "1 user"},
		{"in two", `{ a: account(id: "a") { graph { user(id: "x") { email role { name } } } } b: account(id: "b") { graph { user(id: "x") { email role { name } } } } }`, nil, "2 getRoleInformation, 2 user"},
		{"in all", `{ accounts(first: 4) { nodes { accountName graph { users(first: 100) { nodes { location groups { name } } } } } } }`, nil, "1 accounts, 4 groups, 400 user, 4 users"},
		{"what holds in one", `{ account(id: "a") { graph { user(id: "x") { effectiveSettings(fields: ["host_video"]) { value } } } } }`, nil, "1 accountSettings, 1 getAccountLockSettings, 10 getGroupLockSettings, 10 getGroupSettings, 1 groups, 1 user, 1 userSettings"},
		{"a write in one", `mutation { inAccount(id: "a") { updateUser(id: "x", input: {dept: "d"}) { user { dept } } b: updateUser(id: "x", input: {dept: "e"}) { user { dept location } } } deleteGroup(id: "g") { groupId } }`, nil, "1 groupDelete, 2 user, 2 userUpdate"},
		{"writes of one name", `mutation { inAccount(id: "a") { deleteGroup(id: "g") { groupId } } inAccount(id: "a") { deleteGroup(id: "g") { groupId } b: deleteGroup(id: "h") { groupId } } }`, nil, "2 groupDelete"},

		// Writes.
		{"a write", `mutation { deleteGroup(id: "g") { groupId } }`, nil, "1 groupDelete"},
		{"a write that is read back", `mutation { updateGroup(id: "g", input: {name: "n"}) { group { id name } } }`, nil, "1 group, 1 groupUpdate"},
		{"what Zoom answers", `mutation { createRole(input: {name: "n"}) { role { id } } addRoleMembers(id: "r", input: {members: []}) { ids } }`, nil, "1 AddRoleMembers, 1 createRole"},
		{"writes are never one", `mutation { a: deleteGroup(id: "g") { groupId } b: deleteGroup(id: "g") { groupId } }`, nil, "2 groupDelete"},
		{"nor what they read back", `mutation { a: updateGroup(id: "g", input: {name: "n"}) { group { name } } b: updateGroup(id: "g", input: {name: "m"}) { group { name } } }`, nil, "2 group, 2 groupUpdate"},
		{"views that are written", `mutation { updateUserSettings(id: "x", input: {inMeeting: {chat: true}, recording: {}, meetingSecurity: {waitingRoom: true}}) { notApplied { field } } }`, nil, "2 userSettings, 2 userSettingsUpdate"},
		{"and read in any way", `mutation { updateUserSettings(id: "x", input: {inMeeting: {chat: true}}) { notApplied { field } settings { inMeeting { chat } } user { email settings { recording { autoRecording } } } } }`, nil, "1 user, 1 userSettings, 1 userSettingsUpdate"},
		{"an input that is not known", `mutation ($i: UserSettingsInput!) { updateUserSettings(id: "x", input: $i) { notApplied { field } } }`, nil, "4 userSettings, 4 userSettingsUpdate"},
		{"an input that is given", `mutation ($i: UserSettingsInput!) { updateUserSettings(id: "x", input: $i) { notApplied { field } } }`, map[string]any{"i": map[string]any{"recording": map[string]any{"autoRecording": "CLOUD"}}}, "1 userSettings, 1 userSettingsUpdate"},
		{"an input in part", `mutation ($b: Boolean) { updateUserSettings(id: "x", input: {inMeeting: {chat: $b}}) { user { id } } }`, nil, "1 userSettingsUpdate"},

		// Derived fields.
		{
			"what really holds for a user", `{ user(id: "x") { effectiveSettings(fields: ["host_video"]) { value } } }`, nil,
			"1 accountSettings, 1 getAccountLockSettings, 10 getGroupLockSettings, 10 getGroupSettings, 1 groups, 1 user, 1 userSettings",
		},
		{
			"and for many", `{ users(first: 100) { nodes { effectiveSettings(fields: ["host_video", "chat"]) { value } settings { inMeeting { chat } } } } }`, nil,
			"1 accountSettings, 1 getAccountLockSettings, 50 getGroupLockSettings, 50 getGroupSettings, 1 groups, 1 users, 100 userSettings",
		},
		{
			"in two places", `{ group(id: "g") { members(first: 2) { nodes { effectiveSettings(fields: "in_meeting.chat") { value } } } } user(id: "x") { effectiveSettings(fields: ["host_video"]) { value } } }`, nil,
			"1 accountSettings, 1 getAccountLockSettings, 30 getGroupLockSettings, 30 getGroupSettings, 1 groupMembers, 1 groups, 3 user, 3 userSettings",
		},
		{
			"of what nobody locks", `{ user(id: "x") { effectiveSettings(fields: ["profile.recording_storage_location", "feature.webinar"]) { value } } }`, nil,
			"1 accountSettings, 10 getGroupSettings, 1 groups, 1 user, 1 userSettings",
		},
		{
			"with the groups by name", `{ users(first: 2) { nodes { effectiveSettings(fields: ["host_video"]) { group { id name } lockedByGroup { name } because { group { name totalMembers } } } } } }`, nil,
			"1 accountSettings, 1 getAccountLockSettings, 20 getGroupLockSettings, 20 getGroupSettings, 1 groups, 2 userSettings, 1 users",
		},
		{
			"with what the group has", `{ user(id: "x") { effectiveSettings(fields: ["host_video"]) { group { settings { inMeeting { chat } } } } } }`, nil,
			"1 accountSettings, 1 getAccountLockSettings, 10 getGroupLockSettings, 20 getGroupSettings, 1 groups, 1 user, 1 userSettings",
		},
		{"how groups decide", `{ account(id: "me") { groupModel { model ranks { group manages } } } }`, nil, ""},
		{"of no setting", `{ users { nodes { effectiveSettings(fields: ["no_such_name"]) { value } } } }`, nil, "1 users"},
		{"drift", `{ settingsDrift(baseline: {schedule_meeting: {host_video: true}, meeting_security: {waiting_room: true}}, first: 40) { nodes { user { email location } deviations { name } } } }`, nil, "40 user, 1 users, 80 userSettings"},
		{
			"drift with its sources", `{ settingsDrift(baseline: {schedule_meeting: {host_video: true}}, first: 400) { edges { node { deviations { source } } } } }`, nil,
			"1 accountSettings, 1 getAccountLockSettings, 50 getGroupLockSettings, 50 getGroupSettings, 1 groups, 2 users, 400 userSettings",
		},
		{"drift from what is not known", `query ($b: JSON!) { settingsDrift(baseline: $b, first: 10) { totalCount } }`, nil, "1 users, 40 userSettings"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			expect(t, test.want, priceOf(t, test.query, test.variables))
		})
	}
}

// expect compares a price with one written as "calls operationId, …".
func expect(t *testing.T, written string, p price.Price) {
	t.Helper()
	sum, got, want := 0, map[string]int{}, map[string]int{}
	for _, use := range p.Operations {
		got[use.ID] = use.Calls
		sum += use.Calls
	}
	for _, part := range strings.Split(written, ", ") {
		if n, id, ok := strings.Cut(part, " "); ok {
			var calls int
			if _, err := fmt.Sscan(n, &calls); err != nil {
				t.Fatal(err)
			}
			want[id] = calls
		}
	}
	if diff := cmp.Diff(want, got); diff != "" || sum != p.Calls {
		t.Errorf("%d calls (-want +got):\n%s", p.Calls, diff)
	}
}

// A derived field without a rule has no price, so that none is forgotten.
func TestNoRule(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]string{
		`{ user(id: "x") { effectiveSettings(fields: ["chat"]) { value } } }`: "User.effectiveSettings is derived, and no rule prices it",
		`{ account(id: "me") { groupModel { model } } }`:                      "Account.groupModel is derived, and no rule prices it",
		`{ user(id: "x") { email } }`:                                         "",
	} {
		doc := document(t, query)
		_, err := price.Of(programtest.Of(t), nil, doc, doc.Operations[0], nil)
		if (err == nil) != (want == "") || err != nil && err.Error() != want {
			t.Errorf("%s: error %v, want %q", query, err, want)
		}
	}
}

// A price names what it is made of.
func TestPriceNamesOperations(t *testing.T) {
	t.Parallel()
	want := price.Price{
		Calls:   31,
		ByLabel: map[string]int{"MEDIUM": 1, "LIGHT": 30},
		Operations: []price.Use{
			{
				ID: "users", Op: "GET /users", Label: "MEDIUM",
				Scopes:   []string{"user:read", "user:write", "user:read:admin", "user:write:admin"},
				Granular: []string{"user:read:list_users:admin"}, Calls: 1,
			},
			{
				ID: "user", Op: "GET /users/{userId}", Label: "LIGHT",
				Scopes:   []string{"user:read", "user:write", "user:read:admin", "user:write:admin", "user_profile", "user_info:read"},
				Granular: []string{"user:read:user", "user:read:user:admin"}, Calls: 30,
			},
		},
	}
	if diff := cmp.Diff(want, priceOf(t, `{ users { nodes { location } } }`, nil), cmpopts.IgnoreUnexported(price.Price{}), cmpopts.IgnoreFields(price.Price{}, "Size")); diff != "" {
		t.Error(diff)
	}
}

// Whatever has an operation has a price, and every derived field.
func TestEveryFieldHasAPrice(t *testing.T) {
	t.Parallel()
	s := schema(t)
	derived := 0
	for _, def := range s.Types {
		for _, field := range def.Fields {
			if field.Directives.ForName("derived") != nil {
				derived++
			}
		}
	}
	if derived != 5 {
		t.Errorf("%d fields are derived; TestOf prices 5 of them", derived)
	}
	for _, field := range s.Mutation.Fields {
		if field.Type.NamedType == s.Mutation.Name {
			continue // it writes nothing itself
		}
		var defined, given []string
		for _, arg := range field.Arguments {
			defined = append(defined, "$"+arg.Name+": "+arg.Type.String())
			given = append(given, arg.Name+": $"+arg.Name)
		}
		query := fmt.Sprintf("mutation (%s) { %s(%s) { __typename } }", strings.Join(defined, ", "), field.Name, strings.Join(given, ", "))
		if p := priceOf(t, query, nil); p.Calls < 1 || len(p.Operations) != 1 {
			t.Errorf("%s costs %+v", query, p)
		}
	}
}

// Fragments that double at each level are walked once a place, and counting ends before integers do.
func TestNestedFragments(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("{ user(id: \"x\") { ...F0 } }\n")
	const depth = 40
	for i := range depth {
		next := fmt.Sprintf("...F%d", i+1)
		if i == depth-1 {
			next = "email"
		}
		fmt.Fprintf(&b, "fragment F%d on User { groups { a: members(first: 900) { nodes { %[2]s } } b: members(first: 800) { nodes { %[2]s } } } }\n", i, next)
	}
	p := priceOf(t, b.String(), nil)
	if p.Calls < 1<<20 || p.Calls > 1<<30 {
		t.Errorf("%d calls", p.Calls)
	}
}

// A document can be made to mean more different places than its length lets one think: here each way through two fields
// a level collects another set of fragments.
func TestTooComplex(t *testing.T) {
	t.Parallel()
	const depth = 15
	var b strings.Builder
	b.WriteString("{ group(id: \"x\") { ...F0_0 } }\n")
	for level := range depth {
		for i := range level + 1 {
			below, more := "name", ""
			if level < depth-1 {
				below = fmt.Sprintf("...F%d_%d", level+1, i)
				if i == 0 {
					more = fmt.Sprintf(" ...F%d_%d", level+1, level+1)
				}
			}
			fmt.Fprintf(&b, "fragment F%d_%d on Group { a: members(first: 1) { nodes { groups { %s } } } b: members(first: 2) { nodes { groups { %s%s } } } }\n",
				level, i, below, below, more)
		}
	}
	doc := document(t, b.String())
	if p, err := graph.Price(programtest.Of(t), doc, doc.Operations[0], nil); !errors.Is(err, price.ErrTooComplex) {
		t.Errorf("%+v, error %v", p, err)
	}
}

func BenchmarkOf(b *testing.B) {
	doc := document(b, `{ users(first: 300) { nodes { id email role { name } groups { name settings { inMeeting { chat } } } settings { inMeeting { chat } meetingSecurity { waitingRoom } } effectiveSettings(fields: ["host_video"]) { value } } } }`)
	p := programtest.Of(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := graph.Price(p, doc, doc.Operations[0], nil); err != nil {
			b.Fatal(err)
		}
	}
}

// A price holds for other variables as long as none that had a say in it is another one.
func TestHolds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		query        string
		priced, with map[string]any
		want         bool
	}{
		{`query ($id: ID!) { user(id: $id) { id settings { tsp { callOut } } } }`, map[string]any{"id": "a"}, map[string]any{"id": "b"}, true},
		{`query ($id: ID!) { user(id: $id) { id settings { tsp { callOut } } } }`, map[string]any{"id": "a"}, map[string]any{"id": "a@b"}, false},
		{`query ($n: Int) { users(first: $n) { nodes { id } } }`, map[string]any{"n": 10}, map[string]any{"n": 10}, true},
		{`query ($n: Int) { users(first: $n) { nodes { id } } }`, map[string]any{"n": 10}, map[string]any{"n": 400}, false},
		{`query ($n: Int) { users(first: $n) { nodes { id } } }`, map[string]any{}, map[string]any{"n": nil}, false},
		{`query ($a: String) { users(after: $a) { nodes { id } } }`, map[string]any{"a": "x"}, map[string]any{"a": "y"}, true},
		{`query ($on: Boolean!) { users { nodes { id location @include(if: $on) } } }`, map[string]any{"on": true}, map[string]any{"on": false}, false},
		{
			`mutation ($i: UserSettingsInput!) { updateUserSettings(id: "x", input: $i) { user { id } } }`,
			map[string]any{"i": map[string]any{"tsp": map[string]any{"callOut": true}}},
			map[string]any{"i": map[string]any{"tsp": map[string]any{"callOut": true}}},
			false,
		},
	} {
		if got := priceOf(t, test.query, test.priced).Holds(test.with); got != test.want {
			t.Errorf("%s with %v holds with %v: %t", test.query, test.priced, test.with, got)
		}
	}
}
