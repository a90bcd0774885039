package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"zoomgraph/internal/sandbox"
)

// What a hundred users of three groups really have costs their own settings, and groups and account once each.
func TestEffectiveSettingsCalls(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	a := s.must(`{ users(first: 100) { nodes { id groupIds effectiveSettings(fields: ["host_video", "polling"]) { name section value source lockedBy editable } } } }`)
	groups := map[string]bool{}
	for i := range 100 {
		if ids, _ := a.at("users", "nodes", i, "groupIds").([]any); len(ids) > 0 {
			groups[fmt.Sprint(ids[0])] = true
		}
	}
	calls := s.calls()
	want := 1 + 100 + 2*len(groups) + 2
	if len(groups) != 3 || len(calls) != want {
		t.Errorf("%d groups, %d calls, want 3 and %d:\n%s", len(groups), len(calls), want, strings.Join(calls[:min(len(calls), 20)], "\n"))
	}
	for _, call := range []string{
		"GET /accounts/me/settings?custom_query_fields=host_video,polling", "GET /accounts/me/lock_settings?custom_query_fields=host_video,polling",
	} {
		n := 0
		for _, c := range calls {
			if c == call {
				n++
			}
		}
		if n != 1 {
			t.Errorf("%s: %d times, want once", call, n)
		}
	}
	if a.at("users", "nodes", 99, "effectiveSettings", 1, "source") == nil {
		t.Errorf("the last user has none: %.500s", a.raw)
	}
}

// Membership that the list does not bring is one detail read more.
func TestEffectiveSettingsOfOneUser(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	s.must(`{ user(id: "USER") { effectiveSettings(fields: ["host_video"]) { source } again: effectiveSettings(fields: ["chat"]) { source } } }`)
	calls := s.calls()
	if len(calls) != 6 {
		t.Errorf("%d calls, want the user, the user's settings, 2 of the group and 2 of the account:\n%s", len(calls), strings.Join(calls, "\n"))
	}
}

// Members of a group come without their memberships: a read of each, and everything else as before.
func TestEffectiveSettingsOfMembers(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	group := fmt.Sprint(s.must(`{ groups(first: 1) { nodes { id } } }`).at("groups", "nodes", 0, "id"))
	s.calls()
	a := s.must(`{ group(id: "` + group + `") { members(first: 20) { nodes { groupIds effectiveSettings(fields: ["host_video"]) { source } } } } }`)
	groups := map[any]bool{}
	for i := range 20 {
		ids, _ := a.at("group", "members", "nodes", i, "groupIds").([]any)
		for _, id := range ids {
			groups[id] = true
		}
	}
	if n, want := len(s.calls()), 1+20+20+2*len(groups)+2; n != want {
		t.Errorf("%d calls, want the list, 20 users, 20 settings, 2 for each of %d groups and 2 for the account: %d", n, len(groups), want)
	}
}

// A setting's way from the account to the user, told at each step.
func TestEffectiveSettingsAtEachLevel(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	user := s.must(`{ user(id: "USER") { groupIds } }`)
	group := fmt.Sprint(user.at("user", "groupIds", 0))
	const section, field, zoom = "inMeeting", "polling", "in_meeting.polling"
	set := func(what, id string, to bool) {
		t.Helper()
		s.must(fmt.Sprintf(`mutation { update%sSettings(id: %q, input: { %s: { %s: %t } }) { notApplied { field } } }`, what, id, section, field, to))
	}
	want := func(value bool, source, lockedBy string) {
		t.Helper()
		a := s.must(fmt.Sprintf(`{ user(id: "USER") { effectiveSettings(fields: [%q]) { name section value source lockedBy editable } } }`, zoom))
		e := func(name string) any { return a.at("user", "effectiveSettings", 0, name) }
		locked := e("lockedBy")
		if locked == nil {
			locked = ""
		}
		if e("name") != "polling" || e("section") != "in_meeting" || e("value") != value || e("source") != source || locked != lockedBy || e("editable") != (lockedBy == "") {
			t.Errorf("want %t of %s, locked by %q: %s", value, source, lockedBy, a.raw)
		}
	}
	lock := func(what, id string, to bool) { t.Helper(); set(what+"Lock", id, to) }

	set("Account", "me", true)
	set("Group", group, true)
	set("User", s.users[0].ID, true)
	want(true, "ACCOUNT", "")
	set("Group", group, false)
	set("User", s.users[0].ID, false)
	want(false, "GROUP", "")
	set("User", s.users[0].ID, true)
	set("Account", "me", false)
	want(true, "USER", "")
	lock("Group", group, true)
	want(false, "GROUP", "GROUP")
	lock("Account", "me", true)
	want(false, "ACCOUNT", "ACCOUNT")
	lock("Account", "me", false)
	lock("Group", group, false)
	set("User", s.users[0].ID, true)
	want(true, "USER", "")
}

func TestEffectiveSettingsNames(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	for _, test := range []struct{ fields, want string }{
		{`"participant_video"`, `fields: no setting is named "participant_video"; did you mean "participants_video"?`},
		{`"in_meeting.host_video"`, `fields: no setting is named "in_meeting.host_video"`},
		{``, `fields holds 0 names, and must hold 1 to 100`},
	} {
		a := s.ask(`{ users(first: 1) { nodes { effectiveSettings(fields: [`+test.fields+`]) { name } } } }`, nil)
		if len(a.Errors) != 1 || !strings.HasPrefix(a.Errors[0].Message, test.want) || a.Errors[0].Extensions["code"] != "BAD_USER_INPUT" {
			t.Errorf("%s: %s, want %s", test.fields, a.raw, test.want)
		}
	}
	a := s.must(`{ users(first: 1) { nodes { effectiveSettings(fields: ["waiting_room", "participants_video", "show_international_numbers_link", "meeting_security.waiting_room", "meeting_authentication"]) { name section source } } } }`)
	var got []string
	list, _ := a.at("users", "nodes", 0, "effectiveSettings").([]any)
	for i := range list {
		got = append(got, fmt.Sprint(a.at("users", "nodes", 0, "effectiveSettings", i, "section"), ".", a.at("users", "nodes", 0, "effectiveSettings", i, "name")))
	}
	if want := "[in_meeting.waiting_room schedule_meeting.participants_video telephony.show_international_numbers_link tsp.show_international_numbers_link meeting_security.waiting_room <nil>.meeting_authentication]"; fmt.Sprint(got) != want {
		t.Errorf("settings %s, want %s", got, want)
	}
}

// What groups and accounts call otherwise, or lock in another view, is found all the same.
func TestEffectiveSettingsUnderOtherNames(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	group := fmt.Sprint(s.must(`{ user(id: "USER") { groupIds } }`).at("user", "groupIds", 0))
	s.must(`mutation {
		a: updateAccountSettings(id: "me", input: {scheduleMeeting: {participantVideo: true}}) { account { id } }
		b: updateAccountLockSettings(id: "me", input: {scheduleMeeting: {meetingAuthentication: true}}) { account { id } }
		c: updateGroupSettings(id: "` + group + `", input: {scheduleMeeting: {participantVideo: true}}) { group { id } }
		d: updateUserSettings(id: "USER", input: {scheduleMeeting: {participantsVideo: true}}) { user { id } }
	}`)
	a := s.must(`{ user(id: "USER") { effectiveSettings(fields: ["participants_video", "meeting_authentication"]) { source lockedBy } } }`)
	if got := a.at("user", "effectiveSettings", 0, "source"); got != "ACCOUNT" {
		t.Errorf("participants_video comes from %v, want ACCOUNT, where it is participant_video", got)
	}
	if got := a.at("user", "effectiveSettings", 1, "lockedBy"); got != "ACCOUNT" {
		t.Errorf("meeting_authentication is locked by %v, want ACCOUNT, in the default view of its locks", got)
	}
}

// Who deviates is found with a call a user and view, and what groups and accounts say is read only for the sources.
func TestSettingsDrift(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	all := s.must(`{ users(first: 40) { nodes { id settings { scheduleMeeting { hostVideo } inMeeting { chat } } } } }`)
	s.calls()
	want := map[string]int{}
	for i := range 40 {
		for _, path := range [][]any{{"scheduleMeeting", "hostVideo"}, {"inMeeting", "chat"}} {
			if all.at(append([]any{"users", "nodes", i, "settings"}, path...)...) != true {
				want[fmt.Sprint(all.at("users", "nodes", i, "id"))]++
			}
		}
	}
	query := `query ($b: JSON!) { settingsDrift(baseline: $b, first: 40) { totalCount pageInfo { hasNextPage } edges { cursor } nodes { user { id email } deviations { name wanted found %s } } } }`
	baseline := map[string]any{"b": map[string]any{"schedule_meeting": map[string]any{"host_video": true}, "in_meeting": map[string]any{"chat": true}}}
	a := s.ask(fmt.Sprintf(query, ""), baseline)
	if calls := s.calls(); len(calls) != 41 {
		t.Errorf("%d calls, want a list and 40 settings", len(calls))
	}
	got := map[string]int{}
	nodes, _ := a.at("settingsDrift", "nodes").([]any)
	for i := range nodes {
		list, _ := a.at("settingsDrift", "nodes", i, "deviations").([]any)
		got[fmt.Sprint(a.at("settingsDrift", "nodes", i, "user", "id"))] = len(list)
	}
	if fmt.Sprint(got) != fmt.Sprint(want) || len(want) == 0 || len(want) == 40 {
		t.Errorf("deviations %v, want %v\n%.500s", got, want, a.raw)
	}
	if a.at("settingsDrift", "totalCount") != 500.0 || a.at("settingsDrift", "pageInfo", "hasNextPage") != true {
		t.Errorf("the page: %.500s", a.raw)
	}
	a = s.ask(fmt.Sprintf(query, "source"), baseline)
	if calls := s.calls(); len(calls) > 41+2+2*3 {
		t.Errorf("%d calls with sources, want at most 8 more than without", len(calls))
	}
	if source := a.at("settingsDrift", "nodes", 0, "deviations", 0, "source"); source == nil {
		t.Errorf("no source: %.500s", a.raw)
	}
}

func TestSettingsDriftIsChecked(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	for _, test := range []struct{ args, code, message string }{
		{`baseline: {}`, "BAD_USER_INPUT", "baseline: it names no setting"},
		{`baseline: 7`, "BAD_USER_INPUT", "baseline: not an object"},
		{`baseline: {scheduling: {}}`, "BAD_USER_INPUT", `baseline: no section is named "scheduling"`},
		{`baseline: {schedule_meeting: true}`, "BAD_USER_INPUT", `baseline: the section "schedule_meeting" is not an object`},
		{`baseline: {schedule_meeting: {participant_video: true}}`, "BAD_USER_INPUT", `fields: no setting is named "schedule_meeting.participant_video"; did you mean "participants_video"?`},
		{`first: 1000, baseline: {schedule_meeting: {host_video: true}}`, "COST_LIMIT_EXCEEDED", "this may cost 1004 Zoom calls, and an operation is allowed 1000"},
		{`first: 0, baseline: {schedule_meeting: {host_video: true}}`, "BAD_USER_INPUT", "first is 0, and must be 1 to 1000"},
	} {
		a := s.ask(`{ settingsDrift(`+test.args+`) { totalCount } }`, nil)
		if test.code == "BAD_USER_INPUT" {
			test.code += " at settingsDrift"
		} else {
			test.code += " at " // before it runs, so nowhere in its answer
		}
		s.wantErrors(a, test.code)
		if len(a.Errors) == 1 && a.Errors[0].Message != test.message {
			t.Errorf("%s: %s, want %s", test.args, a.Errors[0].Message, test.message)
		}
	}
	s.wantCalls()
}

// Whose settings cannot be read is told by name, and the others stand.
func TestSettingsDriftWithFailures(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	a := s.ask(`{ settingsDrift(users: {status: PENDING}, baseline: {schedule_meeting: {host_video: true}}) { nodes { user { id } } } }`, nil)
	if len(a.Errors) != 10 || a.Errors[0].Extensions["code"] != "INVITATION_PENDING" || !strings.HasPrefix(a.Errors[0].Message, "user ") {
		t.Errorf("answer %.600s", a.raw)
	}
}

// Who asks for the levels alone, or for names, asks for no settings: nothing is read that no answer waits for.
func TestLevelsAlone(t *testing.T) {
	t.Parallel()
	for selection, settings := range map[string]bool{
		`name section __typename`:                        false,
		`because { __typename name level group { id } }`: false,
		`because { group { name totalMembers } }`:        false,
		`name because { level value }`:                   true,
		`because { level locked }`:                       true,
		`name value`:                                     true,
		`because { level } group { id }`:                 true,
	} {
		t.Run(selection, func(t *testing.T) {
			t.Parallel()
			// The answer waits for the roles, so that calls which nothing waits for leave before it.
			s := setup(t, sandbox.Config{LatencyByPath: map[string]sandbox.Duration{"GET /roles": sandbox.Duration(200 * time.Millisecond)}})
			s.must(`{ roles { totalCount } user(id: "USER") { effectiveSettings(fields: ["host_video", "waiting_room"]) { ` + selection + ` } } }`)
			read := slices.ContainsFunc(s.calls(), func(call string) bool { return strings.Contains(call, "settings") })
			if read != settings {
				t.Errorf("settings were read: %t, want %t", read, settings)
			}
		})
	}
}
