package sandbox_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"zoomgraph/internal/sandbox"
)

// groupNamed returns the id of a group.
func (z *zoom) groupNamed(name string) string {
	z.t.Helper()
	for _, g := range z.get("/groups").want(200).object()["groups"].([]any) {
		if dig(g, "name") == name {
			return dig(g, "id").(string)
		}
	}
	z.t.Fatalf("no group is named %s", name)
	return ""
}

// membersOf returns the active users whose primary group it is; "" for those of none.
func (z *zoom) membersOf(group string) []string {
	z.t.Helper()
	var out []string
	for _, query := range []string{"?page_size=300", "?page_size=300&page_number=2"} {
		for _, u := range z.get("/users" + query).want(200).object()["users"].([]any) {
			ids := dig(u, "group_ids").([]any)
			if len(ids) == 0 && group == "" || len(ids) > 0 && ids[0] == group {
				out = append(out, dig(u, "id").(string))
			}
		}
	}
	return out
}

func (z *zoom) patch(path, body string) { z.t.Helper(); z.call(http.MethodPatch, path, body).want(204) }

// setting reads one setting of a document; the view is the part before a colon.
func (z *zoom) setting(owner, path string) any {
	z.t.Helper()
	option, path, _ := strings.Cut(path, ":")
	return z.get(owner + "?option=" + option).want(200).at(path)
}

func TestUsersFollowTheirGroupAndGroupsTheAccount(t *testing.T) {
	t.Parallel()
	z, _ := startWithProduct(t)
	account := flatten(z, "/accounts/me/settings")
	for _, name := range []string{"Engineering", "Sales", "Support"} {
		id := z.groupNamed(name)
		group := flatten(z, "/groups/"+id+"/settings")
		var odd []string
		for path, value := range group {
			if other, known := account[path]; known && other != value {
				odd = append(odd, path)
			}
		}
		if len(odd) < 3 || len(odd) > 10 {
			t.Errorf("%s deviates in %q, want a handful", name, odd)
		}
		members := settingsOf(z, z.membersOf(id))
		for _, path := range odd {
			if share := sharing(members, path, group[path]); share < 0.8 {
				t.Errorf("%s: %.0f %% of %d users follow in %s", name, 100*share, len(members), path)
			}
		}
	}
	loners := settingsOf(z, z.membersOf(""))
	for _, path := range []string{":schedule_meeting.host_video", ":in_meeting.entry_exit_chime", "meeting_security:meeting_security.encryption_type"} {
		if share := sharing(loners, path, account[path]); share < 0.8 || share == 1 {
			t.Errorf("%.0f %% of %d users without a group follow the account in %s", 100*share, len(loners), path)
		}
	}
}

func settingsOf(z *zoom, users []string) []map[string]string {
	z.t.Helper()
	out := make([]map[string]string, len(users))
	for i, user := range users {
		out[i] = flatten(z, "/users/"+user+"/settings")
	}
	return out
}

// sharing returns the part of users who have a value.
func sharing(users []map[string]string, path, value string) float64 {
	n := 0
	for _, settings := range users {
		if settings[path] == value {
			n++
		}
	}
	return float64(n) / float64(len(users))
}

// flatten returns the second-level settings of two views as text, but for those
// that are objects or lists.
func flatten(z *zoom, path string) map[string]string {
	z.t.Helper()
	out := map[string]string{}
	for _, option := range []string{"", "meeting_security"} {
		for section, fields := range z.get(path + "?option=" + option).want(200).object() {
			for name, value := range fields.(map[string]any) {
				switch value.(type) {
				case map[string]any, []any:
					continue
				}
				out[option+":"+section+"."+name] = fmt.Sprint(value)
			}
		}
	}
	return out
}

func TestAccountLocks(t *testing.T) {
	t.Parallel()
	z, _ := startWithProduct(t)
	locks := z.get("/accounts/me/lock_settings").want(200)
	account := z.get("/accounts/me/settings").want(200)
	locked := 0
	for section, fields := range locks.object() {
		for name, value := range fields.(map[string]any) {
			if path := section + "." + name; value == true {
				locked++
				if !slices.Contains(sandbox.LockedSettings(), path) {
					t.Errorf("%s is locked", path)
				}
			}
		}
	}
	if locked != len(sandbox.LockedSettings()) {
		t.Errorf("%d locks, want %d: %s", locked, len(sandbox.LockedSettings()), locks.body)
	}
	user := "/users/" + z.user(1) + "/settings"
	group := "/groups/" + z.groupNamed("Sales") + "/settings"
	for _, path := range sandbox.LockedSettings() {
		section, name, _ := strings.Cut(path, ".")
		set := account.at(path).(bool)
		change := fmt.Sprintf(`{%q:{%q:%v}}`, section, name, !set)
		for _, owner := range []string{user, group} {
			z.patch(owner, change)
			if got := z.get(owner).at(path); got != set && (got != nil || owner == user) {
				t.Errorf("%s: %s is %v after a write, the account's is %v", owner, path, got, set)
			}
		}
		z.patch("/accounts/me/settings", change)
		if got := z.get(user).at(path); got != !set {
			t.Errorf("%s is %v, the account has changed to %v", path, got, !set)
		}
		z.patch("/accounts/me/lock_settings", fmt.Sprintf(`{%q:{%q:false}}`, section, name))
		if z.get("/accounts/me/lock_settings").at(path) != false {
			t.Errorf("%s is still locked", path)
		}
		z.patch(user, fmt.Sprintf(`{%q:{%q:%v}}`, section, name, set))
		if got := z.get(user).at(path); got != set {
			t.Errorf("%s is %v after a write, although it is not locked any more", path, got)
		}
	}
}

func TestGroupLocks(t *testing.T) {
	t.Parallel()
	z, _ := startWithProduct(t)
	support := "/groups/" + z.groupNamed("Support")
	member := "/users/" + z.membersOf(z.groupNamed("Support"))[3] + "/settings"
	stranger := "/users/" + z.membersOf(z.groupNamed("Sales"))[3] + "/settings"
	for _, path := range []string{"in_meeting.file_transfer", "recording.local_recording"} {
		if z.get(support+"/lock_settings").at(path) != true {
			t.Errorf("Support does not lock %s", path)
		}
		section, name, _ := strings.Cut(path, ".")
		value := z.get(support + "/settings").at(path).(bool)
		if account := z.get("/accounts/me/settings").at(path); account == value {
			t.Errorf("%s is %v in the account as well", path, account)
		}
		for _, user := range z.membersOf(z.groupNamed("Support")) {
			if got := z.get("/users/" + user + "/settings").at(path); got != value {
				t.Errorf("%s: %s is %v, the group's is %v", user, path, got, value)
			}
		}
		for _, owner := range []string{member, stranger} {
			z.patch(owner, fmt.Sprintf(`{%q:{%q:%v}}`, section, name, !value))
			if got := z.get(owner).at(path); got != (value == (owner == member)) {
				t.Errorf("%s: %s is %v after a write of %v", owner, path, got, !value)
			}
		}
		z.patch(support+"/lock_settings", fmt.Sprintf(`{%q:{%q:false}}`, section, name))
		z.patch(member, fmt.Sprintf(`{%q:{%q:%v}}`, section, name, !value))
		if got := z.get(member).at(path); got != !value {
			t.Errorf("%s is %v after a write, although it is not locked any more", path, got)
		}
	}
}

func TestLockingWins(t *testing.T) {
	t.Parallel()
	z, _ := startWithProduct(t)
	sales := z.groupNamed("Sales")
	user, group, account := "/users/"+z.membersOf(sales)[0], "/groups/"+sales, "/accounts/me"
	for _, tt := range []struct{ option, lock, above, own string }{
		{"", `{"schedule_meeting":{"audio_type":%v}}`, "schedule_meeting.audio_type", "schedule_meeting.audio_type"},
		{"", `{"schedule_meeting":{"participant_video":%v}}`, "schedule_meeting.participant_video", "schedule_meeting.participants_video"},
		{"", `{"in_meeting":{"language_interpretation":%v}}`, "in_meeting.language_interpretation.enable", "in_meeting.language_interpretation.enable"},
		{"meeting_security", `{"meeting_security":{"waiting_room":%v}}`, "meeting_security.waiting_room", "meeting_security.waiting_room"},
		{"meeting_authentication", `{"schedule_meeting":{"meeting_authentication":%v}}`, "meeting_authentication", "meeting_authentication"},
	} {
		view := "?option=" + tt.option
		lockView := view
		if tt.option == "meeting_authentication" {
			lockView = "" // what another view holds is locked in the default one
		}
		values := map[string]string{group: `true`, account: `false`, user: `false`}
		if tt.own == "schedule_meeting.audio_type" {
			values = map[string]string{group: `"voip"`, account: `"telephony"`, user: `"both"`}
		}
		for owner, path := range map[string]string{group: tt.above, account: tt.above, user: tt.own} {
			z.patch(owner+"/settings"+view, nest(path, values[owner]))
		}
		is := func(when, want string) {
			t.Helper()
			if got := jsonOf(t, z.get(user+"/settings"+view).at(tt.own)); got != want {
				t.Errorf("%s is %s %s, want %s", tt.own, got, when, want)
			}
		}
		is("unlocked", values[user])
		z.patch(group+"/lock_settings"+lockView, fmt.Sprintf(tt.lock, true))
		is("locked by the group", values[group])
		z.patch(account+"/lock_settings"+lockView, fmt.Sprintf(tt.lock, true))
		is("locked by both", values[account])
		if got := jsonOf(t, z.get(group+"/settings"+view).at(tt.above)); got != values[account] {
			t.Errorf("%s of the group is %s, the account locks %s", tt.above, got, values[account])
		}
		z.patch(group+"/lock_settings"+lockView, fmt.Sprintf(tt.lock, false))
		z.patch(account+"/lock_settings"+lockView, fmt.Sprintf(tt.lock, false))
		is("unlocked again", values[user])
	}
}

// nest makes a body of a dotted path.
func nest(path, value string) string {
	for _, name := range slices.Backward(strings.Split(path, ".")) {
		value = fmt.Sprintf(`{%q:%s}`, name, value)
	}
	return value
}

// Whoever has not written and does not deviate follows at once.
func TestFollowingIsLive(t *testing.T) {
	t.Parallel()
	z, _ := startWithProduct(t)
	support := z.groupNamed("Support")
	group, account := "/groups/"+support+"/settings", "/accounts/me/settings"
	const path = "schedule_meeting.audio_type"
	before := z.get(account).at(path)
	var follower string
	for _, user := range z.membersOf(support) {
		if z.get("/users/"+user+"/settings").at(path) == before {
			follower = user
			break
		}
	}
	owner := "/users/" + follower + "/settings"
	z.patch(account, nest(path, `"thirdParty"`))
	for _, who := range []string{owner, group} {
		if got := z.get(who).at(path); got != "thirdParty" {
			t.Errorf("%s: %v, the account says thirdParty", who, got)
		}
	}
	z.patch(group, nest(path, `"voip"`))
	if got := z.get(owner).at(path); got != "voip" {
		t.Errorf("%v, the group says voip", got)
	}
	z.call("DELETE", "/groups/"+support+"/members/"+follower, "").want(204)
	if got := z.get(owner).at(path); got == "voip" {
		t.Error("the user still follows the group that they left")
	}
	z.call("POST", "/groups/"+support+"/members", `{"members":[{"id":"`+follower+`"}]}`).want(201)
	z.call("PATCH", "/groups/"+support+"/members/"+follower, `{"action":"set_primary"}`).want(204)
	if got := z.get(owner).at(path); got != "voip" {
		t.Errorf("%v after joining, the group says voip", got)
	}
	z.call("DELETE", "/groups/"+support, "").want(204)
	if got := z.get(owner).at(path); got == "voip" {
		t.Error("the user still follows the group that is gone")
	}
	z.patch(owner, nest(path, `"both"`))
	z.patch(account, nest(path, `"telephony"`))
	if got := z.get(owner).at(path); got != "both" {
		t.Errorf("%v, the user wrote both", got)
	}
}

func TestPolicySettingsAreStrictAndFilter(t *testing.T) {
	t.Parallel()
	z, _ := startWithProduct(t)
	for _, owner := range []string{"/groups/" + z.groupNamed("Sales"), "/accounts/me"} {
		for _, tree := range []string{"/settings", "/lock_settings"} {
			got := z.get(owner + tree + "?custom_query_fields=host_video,chat").want(200).object()
			if len(got) != 2 || dig(got, "schedule_meeting.host_video") == nil || dig(got, "in_meeting.chat") == nil {
				t.Errorf("%s%s: two fields are %v", owner, tree, got)
			}
			z.call("PATCH", owner+tree, `{"schedule_meeting":{"host_video":3}}`).refused(400, 300, "Validation")
			z.call("PATCH", owner+tree, `[]`).refused(400, 300, "JSON object")
			z.get(owner+tree+"?login_type=1").refused(400, 300, "login_type")
			z.get(owner+tree+"?option=nothing").refused(400, 300, "nothing")
			if got := z.get(owner + tree + "?option=meeting_security").want(200).object(); len(got) != 1 || got["meeting_security"] == nil {
				t.Errorf("%s%s: another view is %v", owner, tree, got)
			}
		}
		z.get(owner+"/lock_settings?option=meeting_authentication").refused(400, 300, "option")
	}
	z.get("/groups/nothing/settings").refused(404, 4130, "nothing")
	z.call("PATCH", "/groups/nothing/lock_settings", `{}`).refused(404, 4130, "nothing")
	z.get("/accounts/nothing/lock_settings").refused(404, 2001, "nothing")
}

func TestPolicyAuthenticationOptions(t *testing.T) {
	t.Parallel()
	z, _ := startWithProduct(t)
	path := "/accounts/me/settings?option=meeting_authentication"
	options := func(path string) []any { return z.get(path).object()["authentication_options"].([]any) }
	before := options(path)
	z.patch(path, `{"authentication_option":{"action":"add","name":"Staff","type":"enforce_login_with_domains","domains":"example.com"}}`)
	after := options(path)
	if len(after) != len(before)+1 {
		t.Fatalf("%d ways to sign in, were %d", len(after), len(before))
	}
	made := after[len(before)]
	if dig(made, "name") != "Staff" || dig(made, "domains") != "example.com" || dig(made, "id") == nil {
		t.Errorf("added %v", made)
	}
	z.patch(path, fmt.Sprintf(`{"authentication_option":{"action":"delete","id":%q}}`, dig(made, "id")))
	if got := options(path); fmt.Sprint(got) != fmt.Sprint(before) {
		t.Errorf("after its deletion there are %v, were %v", got, before)
	}
}
