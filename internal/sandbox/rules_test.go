package sandbox_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"zoomgraph/internal/sandbox"
)

func TestRules(t *testing.T) {
	t.Parallel()
	says := func(text string) (groups []sandbox.GroupSays) { // "id=value" each, with an exclamation mark where it locks
		for _, one := range strings.Fields(text) {
			id, value, _ := strings.Cut(one, "=")
			value, locks := strings.CutSuffix(value, "!")
			groups = append(groups, sandbox.GroupSays{ID: id, Name: "The " + id, Locks: locks, Value: value})
		}
		return groups
	}
	ranks := func(groups ...string) (ranks []sandbox.GroupRank) { // "id" or "id:managed"
		for _, one := range groups {
			group, managed, some := strings.Cut(one, ":")
			rank := sandbox.GroupRank{Group: group}
			if some {
				rank.Manages = []string{managed}
			}
			ranks = append(ranks, rank)
		}
		return ranks
	}
	for _, tt := range []struct {
		name        string
		rules       sandbox.Rules
		restrictive string
		groups      string
		index       int
		locked      bool
	}{
		{"no groups", sandbox.Rules{Model: sandbox.ModelLegacy}, "", "", -1, false},
		{"the primary group", sandbox.Rules{Model: sandbox.ModelLegacy}, "", "a=1 b=2", 0, false},
		{"a lock of another group", sandbox.Rules{Model: sandbox.ModelLegacy}, "", "a=1 b=2! c=3", 1, true},
		{"the more restrictive lock", sandbox.Rules{Model: sandbox.ModelLegacy}, "false", "a=true! b=false! c=true!", 1, true},
		{"the first of equal locks", sandbox.Rules{Model: sandbox.ModelLegacy}, "", "a=1 b=2! c=2!", 1, true},
		{"ranks mean nothing", sandbox.Rules{Model: sandbox.ModelLegacy, Ranks: ranks("b", "a")}, "", "a=1 b=2", 0, false},
		{"the highest rank", sandbox.Rules{Model: sandbox.ModelRanked, Ranks: ranks("The b", "a")}, "", "a=1! b=2", 1, false},
		{"its lock", sandbox.Rules{Model: sandbox.ModelRanked, Ranks: ranks("b", "a")}, "1", "a=1! b=2!", 1, true},
		{"the next one that manages it", sandbox.Rules{Model: sandbox.ModelRanked, Ranks: ranks("b:recording", "a:in_meeting")}, "", "a=1! b=2!", 0, true},
		{"or the setting alone", sandbox.Rules{Model: sandbox.ModelRanked, Ranks: ranks("b:in_meeting.polling", "a:in_meeting.chat")}, "", "a=1 b=2!", 0, false},
		{"none manages it", sandbox.Rules{Model: sandbox.ModelRanked, Ranks: ranks("b:recording", "a:recording")}, "", "a=1! b=2!", -1, false},
		{"others come behind", sandbox.Rules{Model: sandbox.ModelRanked, Ranks: ranks("c")}, "", "a=1 b=2 c=3", 2, false},
	} {
		index, locked := tt.rules.Say("in_meeting", "chat", tt.restrictive, says(tt.groups))
		if index != tt.index || locked != tt.locked {
			t.Errorf("%s: group %d, locked %v, want %d, %v", tt.name, index, locked, tt.index, tt.locked)
		}
	}
}

// What a person in several groups is answered, by either model, and at once when the model or a rank becomes another.
func TestPeopleInSeveralGroups(t *testing.T) {
	t.Parallel()
	z := product(t, 60)
	ids := map[string]string{}
	account := z.get("/accounts/me/settings").at("in_meeting.entry_exit_chime")
	loners := z.membersOf("")
	loner := loners[slices.IndexFunc(loners, func(id string) bool { // who follows
		return z.get("/users/"+id+"/settings").at("in_meeting.entry_exit_chime") == account
	})]
	for _, name := range []string{"Sales", "Engineering", "Support"} {
		ids[name] = z.groupNamed(name)
		z.call("POST", "/groups/"+ids[name]+"/members", fmt.Sprintf(`{"members":[{"id":%q}]}`, loner)).want(201)
	}
	path := "/users/" + loner + "/settings"
	is := func(setting string, want any) {
		t.Helper()
		if got := z.get(path).at(setting); got != want {
			t.Errorf("%s is %v, want %v", setting, got, want)
		}
	}
	set := func(group, body string) { t.Helper(); z.patch("/groups/"+ids[group]+"/settings", body) }
	lock := func(group, body string) { t.Helper(); z.patch("/groups/"+ids[group]+"/lock_settings", body) }
	for group, chime := range map[string]string{"Sales": "host", "Engineering": "all", "Support": "none"} {
		set(group, fmt.Sprintf(`{"in_meeting":{"entry_exit_chime":%q,"annotation":%v}}`, chime, group == "Sales"))
		lock(group, `{"in_meeting":{"entry_exit_chime":false,"annotation":false}}`)
	}
	is("in_meeting.entry_exit_chime", "host") // of the primary group
	lock("Support", `{"in_meeting":{"entry_exit_chime":true}}`)
	is("in_meeting.entry_exit_chime", "none")
	z.patch(path, `{"in_meeting":{"entry_exit_chime":"all"}}`)
	is("in_meeting.entry_exit_chime", "none")
	lock("Sales", `{"in_meeting":{"annotation":true}}`)
	lock("Engineering", `{"in_meeting":{"annotation":true}}`)
	is("in_meeting.annotation", false) // the more restrictive one

	z.configure(`{"groupModel":"ranked","groupRanks":[{"group":"Engineering","manages":["recording"]},{"group":"Sales"},{"group":"Support"}]}`)
	is("in_meeting.annotation", true)
	is("in_meeting.entry_exit_chime", "host") // Support is further down, and what the person wrote was not kept
	z.patch(path, `{"in_meeting":{"entry_exit_chime":"all"}}`)
	is("in_meeting.entry_exit_chime", "all")
	z.call("PATCH", "/groups/"+ids["Sales"], `{"name":"Sellers"}`).want(204) // a rank of nobody
	is("in_meeting.entry_exit_chime", "none")
	z.configure(`{"groupModel":"legacy"}`)
	is("in_meeting.annotation", false)
	lock("Support", `{"in_meeting":{"entry_exit_chime":false}}`)
	is("in_meeting.entry_exit_chime", "all")
}

// At the start some people are in several groups of which the locks differ, in a setting whose order documents know and in
// one of which they do not.
func TestMadeUpPeopleInSeveralGroups(t *testing.T) {
	t.Parallel()
	z := product(t, 500)
	several := map[string]int{}
	for _, u := range z.get("/users?page_size=300").object()["users"].([]any) {
		var names []string
		for _, id := range dig(u, "group_ids").([]any) {
			names = append(names, z.get("/groups/"+id.(string)).at("name").(string))
		}
		if slices.Sort(names); len(names) > 1 {
			several[strings.Join(names, " ")]++
		}
	}
	if several["Engineering Sales"] == 0 || several["Sales Support"] == 0 {
		t.Errorf("people are in %v", several)
	}
	for path, groups := range map[string][2]string{"in_meeting.annotation": {"Engineering", "Sales"}, "in_meeting.entry_exit_chime": {"Sales", "Support"}} {
		var values []any
		for _, name := range groups {
			id := z.groupNamed(name)
			if z.get("/groups/"+id+"/lock_settings").at(path) != true {
				t.Errorf("%s does not lock %s", name, path)
			}
			values = append(values, z.get("/groups/"+id+"/settings").at(path))
		}
		if values[0] == values[1] {
			t.Errorf("both groups have %v of %s", values[0], path)
		}
	}
}
