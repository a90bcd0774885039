package graph_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"zoomgraph/graph"
	"zoomgraph/internal/sandbox"
)

// withGroups declares how groups decide.
func withGroups(m graph.GroupModel) option { return func(p *parts) { p.graph.Groups = m } }

// groupsByName are the ids of the account's groups.
func (s *service) groupsByName() map[string]string {
	s.t.Helper()
	ids := map[string]string{}
	a := s.must(`{ groups(first: 1000) { nodes { id name } } }`)
	nodes, _ := a.at("groups", "nodes").([]any)
	for i := range nodes {
		ids[fmt.Sprint(a.at("groups", "nodes", i, "name"))] = fmt.Sprint(a.at("groups", "nodes", i, "id"))
	}
	return ids
}

// join makes a user a member of groups, the first of them being the primary one.
func (s *service) join(user string, groups ...string) {
	s.t.Helper()
	for _, group := range groups {
		s.must(fmt.Sprintf(`mutation { addGroupMembers(id: %q, input: {members: [{id: %q}]}) { ids } }`, group, user))
	}
	s.must(fmt.Sprintf(`mutation { updateGroupMember(id: %q, memberId: %q, input: {action: SET_PRIMARY}) { group { id } } }`, groups[0], user))
}

// setting is one that users, groups and accounts have, and lock.
type setting struct{ section, field, zoom string }

var someSettings = []setting{
	{"inMeeting", "annotation", "in_meeting.annotation"},
	{"inMeeting", "polling", "in_meeting.polling"},
	{"inMeeting", "fileTransfer", "in_meeting.file_transfer"},
	{"inMeeting", "entryExitChime", "in_meeting.entry_exit_chime"},
	{"recording", "localRecording", "recording.local_recording"},
	{"scheduleMeeting", "hostVideo", "schedule_meeting.host_video"},
	{"scheduleMeeting", "joinBeforeHost", "schedule_meeting.join_before_host"},
	{"scheduleMeeting", "audioType", "schedule_meeting.audio_type"},
}

// value is a literal of a setting.
func (s setting) value(r *rand.Rand) string {
	switch s.field {
	case "entryExitChime":
		return []string{"HOST", "ALL", "NONE"}[r.IntN(3)]
	case "audioType":
		return []string{"BOTH", "TELEPHONY", "VOIP", "THIRD_PARTY"}[r.IntN(4)]
	}
	return fmt.Sprint(r.IntN(2) == 0)
}

// shuffle writes settings and locks of all levels at random, and puts some users into several groups.
func (s *service) shuffle(r *rand.Rand, users int) {
	groups := s.groupsByName()
	names := slices.Sorted(func(yield func(string) bool) {
		for name := range groups {
			if !yield(name) {
				return
			}
		}
	})
	for i := range users {
		var ids []string
		for _, at := range r.Perm(len(names))[:r.IntN(len(names))+1] {
			ids = append(ids, groups[names[at]])
		}
		s.join(s.users[i].ID, ids...)
	}
	var b strings.Builder
	write := func(what, id string, of setting, value string) {
		fmt.Fprintf(&b, "w%d: update%sSettings(id: %q, input: {%s: {%s: %s}}) { notApplied { field } }\n", b.Len(), what, id, of.section, of.field, value)
	}
	for _, of := range someSettings {
		write("Account", "me", of, of.value(r))
		write("AccountLock", "me", of, fmt.Sprint(r.IntN(10) == 0))
		for _, name := range names {
			if r.IntN(3) > 0 {
				write("Group", groups[name], of, of.value(r))
			}
			write("GroupLock", groups[name], of, fmt.Sprint(r.IntN(3) == 0))
		}
		for i := range users {
			if r.IntN(3) == 0 {
				write("User", s.users[i].ID, of, of.value(r))
			}
		}
		s.must("mutation {" + b.String() + "}")
		b.Reset()
	}
}

// Over HTTP, too, what is certain is what the embedded Zoom holds for people in several groups, in both models and where
// none is declared.
func TestEffectiveSettingsAreWhatZoomHolds(t *testing.T) {
	t.Parallel()
	const users = 10
	ranks := []graph.GroupRank{{Group: "Support", Manages: []string{"recording", "in_meeting.polling"}}, {Group: "Engineering"}, {Group: "Sales"}}
	var zoomRanks []sandbox.GroupRank
	for _, rank := range ranks {
		zoomRanks = append(zoomRanks, sandbox.GroupRank{Group: rank.Group, Manages: rank.Manages})
	}
	legacy, ranked := sandbox.Config{}, sandbox.Config{GroupModel: sandbox.ModelRanked, GroupRanks: zoomRanks}
	for name, test := range map[string]struct {
		zoom     sandbox.Config
		declared graph.GroupModel
		open     int // of 100 that may be uncertain
	}{
		"legacy":             {legacy, graph.GroupModel{Kind: graph.LegacyGroups}, 15},
		"ranked":             {ranked, graph.GroupModel{Kind: graph.RankedGroups, Ranks: ranks}, 0},
		"legacy, undeclared": {legacy, graph.GroupModel{}, 90},
		"ranked, undeclared": {ranked, graph.GroupModel{}, 90},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, test.zoom, withGroups(test.declared))
			uncertain, all := 0, 0
			for seed := range uint64(3) {
				s.shuffle(rand.New(rand.NewPCG(seed, 5)), users)
				for i := range users {
					for _, e := range s.effective(i) {
						all++
						if e.Certainty == "UNCERTAIN" {
							uncertain++
						}
						s.compare(i, e)
					}
				}
			}
			if uncertain*100 > all*test.open || all != 3*users*len(someSettings) {
				t.Errorf("%d of %d are uncertain, want at most %d %%", uncertain, all, test.open)
			}
		})
	}
}

// told is an EffectiveSetting.
type told struct {
	Name, Section, Source, LockedBy, Certainty, Reason string
	Value                                              json.RawMessage
	Editable                                           bool
	Group, LockedByGroup                               *struct{ ID, Name string }
	Because                                            []struct {
		Level           string
		Group           *struct{ ID string }
		Value           json.RawMessage
		Locked, Decides *bool
	}
}

// effective asks for what holds for a user.
func (s *service) effective(user int) []told {
	s.t.Helper()
	var names []string
	for _, of := range someSettings {
		names = append(names, of.zoom)
	}
	fields, _ := json.Marshal(names) // texts
	a := s.must(fmt.Sprintf(`{ user(id: %q) { effectiveSettings(fields: %s) {
		name section value source group { id name } lockedBy lockedByGroup { id } editable certainty reason
		because { level group { id } value locked decides }
	} } }`, s.users[user].ID, fields))
	var answer struct {
		Data struct {
			User struct{ EffectiveSettings []told }
		}
	}
	if err := json.Unmarshal(a.raw, &answer); err != nil {
		s.t.Fatal(err)
	}
	return answer.Data.User.EffectiveSettings
}

// compare compares what is told of a user's setting with what the embedded Zoom holds.
func (s *service) compare(user int, e told) {
	s.t.Helper()
	want, ok := s.zoom.Holds(s.users[user].ID, "", e.Section+"."+e.Name)
	if !ok {
		s.t.Fatalf("the embedded Zoom has no %s.%s", e.Section, e.Name)
	}
	if string(e.Value) != want.Value {
		s.t.Errorf("%s of %s is %s, and told is %+v", e.Name, s.users[user].Email, want.Value, e)
	}
	steps := e.Because
	if steps[0].Level != "ACCOUNT" || steps[len(steps)-1].Level != "USER" || string(steps[len(steps)-1].Value) != want.Value {
		s.t.Errorf("the way to %s of %s: %+v", e.Name, s.users[user].Email, steps)
	}
	if (e.Reason == "") != (e.Certainty == "CERTAIN") {
		s.t.Errorf("%s is %s because of %q", e.Name, e.Certainty, e.Reason)
	}
	if e.Certainty != "CERTAIN" {
		return
	}
	got := sandbox.Holding{Value: string(e.Value), Source: strings.ToLower(e.Source), Locked: e.LockedBy != ""}
	if e.Group != nil {
		got.Group = e.Group.ID
	}
	if got != want || e.Editable == want.Locked || want.Locked && e.LockedBy != e.Source || (e.LockedByGroup != nil) != (want.Locked && want.Group != "") {
		s.t.Errorf("%s of %s: told %+v, and %+v holds", e.Name, s.users[user].Email, e, want)
	}
	for _, step := range steps {
		itself := strings.EqualFold(step.Level, want.Source) && (step.Group == nil || step.Group.ID == want.Group)
		if step.Decides == nil || *step.Decides != itself {
			s.t.Errorf("%s of %s: the step %+v decides, and %+v holds", e.Name, s.users[user].Email, step, want)
		}
	}
}

// A hundred people in three groups each: what each group and the account say is read once, settings and locks, and the
// names of all groups in one call.
func TestEffectiveSettingsOfManyInSeveralGroups(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	groups := s.groupsByName()
	ids := []string{groups["Sales"], groups["Support"], groups["Engineering"]}
	for _, group := range ids {
		var members []string
		for _, user := range s.users[:100] {
			members = append(members, fmt.Sprintf("{id: %q}", user.ID))
		}
		s.must(fmt.Sprintf(`mutation { addGroupMembers(id: %q, input: {members: [%s]}) { ids } }`, group, strings.Join(members, " ")))
	}
	for query, names := range map[string]int{
		`{ users(first: 100) { nodes { effectiveSettings(fields: ["host_video", "meeting_security.waiting_room"]) { value source certainty } } } }`:                                                                        0,
		`{ users(first: 100) { nodes { effectiveSettings(fields: ["host_video", "meeting_security.waiting_room"]) { group { id } because { group { id } locked } } } } }`:                                                  0,
		`{ users(first: 100) { nodes { groups { name } effectiveSettings(fields: ["host_video", "meeting_security.waiting_room"]) { group { name } lockedByGroup { name totalMembers } because { group { name } } } } } }`: 1,
	} {
		s.calls()
		a := s.must(query)
		count := map[string]int{}
		for _, call := range s.calls() {
			path, _, _ := strings.Cut(call, "?")
			parts := strings.Split(path, "/")
			if len(parts) > 3 {
				parts[2] = "*"
			}
			count[strings.Join(parts, "/")]++
		}
		const views = 2
		want := map[string]int{
			"GET /users": 1, "GET /users/*/settings": 100 * views, "GET /groups/*/settings": 3 * views, "GET /groups/*/lock_settings": 3 * views,
			"GET /accounts/*/settings": views, "GET /accounts/*/lock_settings": views,
		}
		if names > 0 {
			want["GET /groups"] = names
		}
		if fmt.Sprint(count) != fmt.Sprint(want) {
			t.Errorf("%s\ncalls %v, want %v", query, count, want)
		}
		if a.Extensions.Zoom.Cost.Requested < a.Extensions.Zoom.Cost.Calls {
			t.Errorf("%s\ncost %+v", query, a.Extensions.Zoom.Cost)
		}
	}
}

// Groups that lie behind the first 300 have their names, too, and so have groups of an app that may not list them.
func TestGroupsThatTheListDoesNotBring(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]sandbox.Fault{
		"behind the first":     {Kind: "wrong-type", Match: "GET /groups", Path: "groups", Value: json.RawMessage(`[]`)},
		"of whom may not list": {Kind: "status", Match: "GET /groups", Status: 400, Code: 4711, Message: "Invalid access token, does not contain scopes:[group:read:list_groups:admin]."},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, sandbox.Config{Faults: []sandbox.Fault{fault}})
			a := s.must(`{ users(first: 100) { nodes { groups { id name } } } }`)
			names := map[any]int{}
			for i := range 100 {
				groups, _ := a.at("users", "nodes", i, "groups").([]any)
				for j := range groups {
					names[a.at("users", "nodes", i, "groups", j, "name")]++
				}
			}
			if len(names) != 3 || names["Sales"] == 0 {
				t.Errorf("names %v", names)
			}
			if n := len(s.calls()); n != 1+1+3 {
				t.Errorf("%d calls, want the users, the list and 3 groups", n)
			}
		})
	}
}

// Where a level cannot be read, each setting says so once, whatever is selected of it, and other people stand.
func TestEffectiveSettingsOfLevelsThatCannotBeRead(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	groups := s.groupsByName()
	fail := sandbox.Fault{Kind: "status", Match: "GET /groups/" + groups["Sales"] + "/lock_settings", Status: 400, Code: 300, Message: "No."}
	if err := s.zoom.Configure(sandbox.Config{Faults: []sandbox.Fault{fail}}); err != nil {
		t.Fatal(err)
	}
	s.join(s.users[0].ID, groups["Engineering"], groups["Sales"])
	var other int
	a := s.must(`{ users(first: 20) { nodes { groupIds } } }`)
	for i := range 20 {
		if ids := fmt.Sprint(a.at("users", "nodes", i, "groupIds")); !strings.Contains(ids, groups["Sales"]) {
			other = i
		}
	}
	query := fmt.Sprintf(`{ a: user(id: "USER") { effectiveSettings(fields: ["polling", "chat"]) { name value %%s } } b: user(id: %q) { effectiveSettings(fields: ["polling"]) { value source } } }`, s.users[other].ID)
	for more, want := range map[string][]string{
		"":                               {"BAD_USER_INPUT at a.effectiveSettings.0.value", "BAD_USER_INPUT at a.effectiveSettings.1.value"},
		"lockedBy because { value }":     {"BAD_USER_INPUT at a.effectiveSettings.0.value", "BAD_USER_INPUT at a.effectiveSettings.1.value"},
		"source certainty":               {"BAD_USER_INPUT at a.effectiveSettings.0.value", "BAD_USER_INPUT at a.effectiveSettings.1.value"},
		"group { name } lockedBy source": {"BAD_USER_INPUT at a.effectiveSettings"},
	} {
		a := s.ask(fmt.Sprintf(query, more), nil)
		s.wantErrors(a, want...)
		if a.at("b", "effectiveSettings", 0, "source") == nil {
			t.Errorf("%s: the other user: %s", more, a.raw)
		}
		if known := a.at("a", "effectiveSettings", 1, "name"); (known == nil) != strings.Contains(more, "source") {
			t.Errorf("%s: %s", more, a.raw)
		}
	}
}
