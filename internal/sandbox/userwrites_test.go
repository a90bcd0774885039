package sandbox_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/sandbox"
)

// emails returns the e-mail addresses of a list.
func (r *reply) emails(list string) []string {
	r.t.Helper()
	out := []string{}
	for _, u := range r.want(200).object()[list].([]any) {
		out = append(out, dig(u, "email").(string))
	}
	return out
}

// product starts a sandbox of few users on the schema that the product serves.
func product(t *testing.T, users int) *zoom {
	t.Helper()
	return start(t, sandbox.Options{Program: programtest.Of(t), Users: users})
}

func TestCreateUser(t *testing.T) {
	t.Parallel()
	z := product(t, 10)
	for action, status := range map[string]string{"create": "pending", "autoCreate": "active", "custCreate": "active", "ssoCreate": "active"} {
		email := action + "@example.com"
		body := fmt.Sprintf(`{"action":%q,"user_info":{"email":%q,"type":2,"first_name":"Mary","last_name":"Anning","password":"secret"}}`, action, email)
		r := z.call("POST", "/users", body).want(201)
		id := r.at("id").(string)
		r.is(fmt.Sprintf(`{"email":%q,"first_name":"Mary","id":%q,"last_name":"Anning","type":2}`, email, id))
		if got := z.get("/users?page_size=300&status=" + status).emails("users"); !slices.Contains(got, email) {
			t.Errorf("%s: the %s users are %v", action, status, got)
		}
		z.call("POST", "/users", strings.Replace(body, "@example", "@Example", 1)).refused(409, 1005, "@Example")
		if status == "pending" {
			z.get("/users/"+id).refused(400, 1120, "invitation")
			z.call("PATCH", "/users/"+id, `{"dept":"x"}`).refused(400, 1120, "invitation")
		} else {
			u := z.get("/users/" + email).want(200)
			for path, want := range map[string]any{
				"id": id, "display_name": "Mary Anning", "role_name": "Member", "created_at": "2026-03-04T05:06:07Z", "account_id": z.get("/users/" + z.user(0)).at("account_id"),
			} {
				if u.at(path) != want {
					t.Errorf("%s: %s is %v, want %v", action, path, u.at(path), want)
				}
			}
			z.get("/users/" + id + "/settings").want(200)
		}
		z.call("DELETE", "/users/"+id, "").want(204)
	}
	for body, field := range map[string]string{
		`{"action":"create","user_info":{"type":1}}`:                                  "user_info.email",
		`{"action":"create"}`:                                                         "user_info",
		`{"action":"invite","user_info":{"email":"a@b","type":1}}`:                    "action",
		`{"action":"create","user_info":{"email":"nobody","type":1}}`:                 "user_info.email",
		`{"action":"create","user_info":{"email":"a@b","type":7}}`:                    "user_info.type",
		`{"action":"create","user_info":{"email":"a@b","type":1,"first_name":false}}`: "user_info.first_name",
	} {
		r := z.call("POST", "/users", body)
		r.refused(400, 300, "Validation")
		if got := r.object()["errors"].([]any); len(got) != 1 || dig(got[0], "field") != field {
			t.Errorf("%s: %s", body, r.body)
		}
	}
}

func TestUpdateUser(t *testing.T) {
	t.Parallel()
	z := product(t, 40)
	path := "/users/" + z.user(3)
	before := z.get(path).object()
	sales := z.groupNamed("Sales")
	badge := dig(before["custom_attributes"].([]any)[0], "key")
	z.patch(path, fmt.Sprintf(`{"type":1,"dept":"Fossils","job_title":"Palaeontologist","pmi":1234567890,"vanity_name":"mary","group_id":%q,"pronouns_option":3,
		"custom_attributes":[{"key":%q,"value":"77"},{"key":"hat","name":"Hat","value":"top"}],
		"phone_numbers":[{"code":"+44","country":"GB","label":"Home","number":"1297"}],"division_ids":["d"],
		"license_info_list":[{"license_type":"MEETING","license_option":4398046511104,"subscription_id":"s"}],"id":"forged","status":"pending","email":"x@y"}`, sales, badge))
	after := z.get(path).object()
	for name, want := range map[string]string{
		"type": `1`, "dept": `"Fossils"`, "job_title": `"Palaeontologist"`, "pmi": `1234567890`, "vanity_url": `"https://example.zoom.us/my/mary"`,
		"pronouns_option": `3`, "personal_meeting_url": `"https://example.zoom.us/j/1234567890"`,
		"custom_attributes": fmt.Sprintf(`[{"key":%q,"name":"Badge","value":"77"},{"key":"hat","name":"Hat","value":"top"}]`, badge),
		"phone_numbers":     `[{"code":"+44","country":"GB","label":"Home","number":"1297","verified":false}]`,
		"division_ids":      `["d"]`, "license_info_list": `[{"license_option":4398046511104,"license_type":"MEETING","subscription_id":"s"}]`,
		"id": jsonOf(t, before["id"]), "status": jsonOf(t, before["status"]), "email": jsonOf(t, before["email"]),
		"company": jsonOf(t, before["company"]), "first_name": jsonOf(t, before["first_name"]),
	} {
		if got := jsonOf(t, after[name]); got != want {
			t.Errorf("%s is %s, want %s", name, got, want)
		}
	}
	if ids := after["group_ids"].([]any); ids[0] != sales {
		t.Errorf("the groups are %v, want %s first", ids, sales)
	}
	if z.get(path+"/settings").at("audio_conferencing") != nil {
		t.Error("the free licence has audio_conferencing")
	}
	listed := z.get("/users?page_size=300").object()["users"].([]any)[3]
	if dig(listed, "dept") != "Fossils" || dig(listed, "type") != 1.0 {
		t.Errorf("the list has %v", listed)
	}
	if z.get("/users/vanity_name?vanity_name=Mary").at("existed") != true || z.get("/users/vanity_name?vanity_name=nobody").at("existed") != false {
		t.Error("the vanity name's check is wrong")
	}
	z.get("/users/vanity_name").refused(400, 300, "vanity_name")
	z.call("PATCH", "/users/"+z.user(4), `{"vanity_name":"mary"}`).refused(400, 300, "Validation")
	z.call("PATCH", path, `{"group_id":"nothing"}`).refused(404, 4130, "nothing")
	z.call("PATCH", path, `{"pmi":"12"}`).refused(400, 300, "Validation")
	z.call("PATCH", path, `{"dept":7}`).refused(400, 300, "Validation")
	z.call("PATCH", path+"?dept=x", `{}`).refused(400, 300, "dept")
	z.call("PATCH", path+"?login_type=101", `{}`).want(204)
}

func TestDeleteUser(t *testing.T) {
	t.Parallel()
	z := product(t, 40)
	id := z.user(9)
	email := z.Users()[9].Email
	if got := z.get("/users/" + z.user(8) + "/assistants").emails("assistants"); !slices.Equal(got, []string{email}) {
		t.Fatalf("the assistants are %v", got)
	}
	z.call("DELETE", "/users/"+id+"?action=vanish", "").refused(400, 300, "action")
	z.call("DELETE", "/users/"+id+"?transfer_meeting=perhaps", "").refused(400, 300, "transfer_meeting")
	z.call("DELETE", "/users/"+id+"?transfer_email=no@body", "").refused(404, 1001, "no@body")
	z.get("/users/" + id).want(200)
	z.call("DELETE", "/users/"+id+"?action=delete&transfer_email=ada.lovelace@example.com&transfer_meeting=true", "").want(204)
	for _, name := range []string{id, email} {
		z.get("/users/"+name).refused(404, 1001, name)
		z.get("/users/"+name+"/settings").refused(404, 1001, name)
		z.call("DELETE", "/users/"+name, "").refused(404, 1001, name)
	}
	if got := z.get("/users?page_size=300").emails("users"); len(got) != 39 || slices.Contains(got, email) {
		t.Errorf("%d users: %v", len(got), got)
	}
	if got := z.get("/users/" + z.user(8) + "/assistants").emails("assistants"); len(got) != 0 {
		t.Errorf("the assistants are %v", got)
	}
	z.call("DELETE", "/users/"+z.withStatus("pending"), "").want(204)
	z.call("DELETE", "/users/"+z.user(0), "").refused(400, 200, "owns")
}

func TestUserEmailStatusAndMore(t *testing.T) {
	t.Parallel()
	z := product(t, 20)
	path := "/users/" + z.user(2)
	old := z.Users()[2].Email
	existed := func(email string, want bool) {
		t.Helper()
		if got := z.get("/users/email?email=" + email).want(200).at("existed_email"); got != want {
			t.Errorf("%s is in use: %v", email, got)
		}
	}
	existed(old, true)
	z.call("PUT", path+"/email", `{"email":"new@example.com"}`).want(204)
	existed(old, false)
	existed("NEW@example.com", true)
	z.get("/users/" + old).want(404)
	if got := z.get("/users/new@example.com").want(200).at("id"); got != z.user(2) {
		t.Errorf("the new address is that of %v", got)
	}
	z.call("PUT", path+"/email", `{"email":"ada.lovelace@example.com"}`).refused(409, 1005, "ada.lovelace")
	z.call("PUT", path+"/email", `{}`).refused(400, 300, "Validation")
	z.get("/users/email").refused(400, 300, "email")

	for _, step := range [][2]string{{"deactivate", "inactive"}, {"activate", "active"}} {
		action, status := step[0], step[1]
		z.call("PUT", path+"/status", `{"action":"`+action+`"}`).want(204)
		if got := z.get(path).at("status"); got != status {
			t.Errorf("after %s it is %v", action, got)
		}
		if got := z.get("/users?page_size=300&status=" + status).emails("users"); !slices.Contains(got, "new@example.com") {
			t.Errorf("%s: %v", status, got)
		}
	}
	z.call("PUT", path+"/status", `{"action":"sleep"}`).refused(400, 300, "Validation")
	z.call("PUT", "/users/"+z.user(0)+"/status", `{"action":"deactivate"}`).refused(400, 200, "owns")
	z.call("PUT", path+"/password", `{"password":"secret-2"}`).want(204)
	z.call("PUT", path+"/password", `{}`).refused(400, 300, "Validation")
	z.call("PUT", path+"/presence_status", `{"status":"Do_No_Disturb","duration":20}`).want(204)
	z.call("PUT", path+"/presence_status", `{"status":"DO_NOT_DISTURB"}`).refused(400, 300, "Validation")
	z.call("DELETE", path+"/token", "").want(204)
	token := z.get(path + "/token?type=zak&ttl=60").want(200).at("token").(string)
	if z.get(path+"/token").at("token") == token || z.get(path+"/token?type=zak").at("token") != token {
		t.Errorf("tokens: %s", token)
	}
	z.get(path+"/token?ttl=long").refused(400, 300, "ttl")
	z.get("/users/me/zak").refused(400, 1001, "me")
	z.get("/users/nobody/token").refused(404, 1001, "nobody")
	permissions := func(n int) int {
		return len(z.get("/users/" + z.user(n) + "/permissions").want(200).object()["permissions"].([]any))
	}
	if permissions(2) == 0 || permissions(2) >= permissions(7) || permissions(7) >= permissions(0) {
		t.Errorf("a member has %d permissions, an administrator %d, the owner %d", permissions(2), permissions(7), permissions(0))
	}
}

func TestSwitchAccount(t *testing.T) {
	t.Parallel()
	z := product(t, 20)
	sub := dig(z.get("/accounts").object()["accounts"].([]any)[0], "id").(string)
	path := "/users/" + z.user(3) + "/account"
	z.call("PUT", "/accounts/me"+path, `{"account_id":"nothing"}`).refused(404, 2001, "nothing")
	z.call("PUT", "/accounts/me"+path, `{"account_id":"me"}`).refused(400, 300, "Validation")
	z.call("PUT", "/accounts/"+sub+path, `{"account_id":"me"}`).refused(404, 1010, z.user(3))
	z.call("PUT", "/accounts/nothing"+path, `{"account_id":"me"}`).refused(404, 2001, "nothing")
	id := z.user(3)
	z.call("PUT", "/accounts/me"+path, `{"account_id":"`+sub+`"}`).want(204)
	z.get("/users/"+id).refused(404, 1001, id)
}

func TestAssistantsAndSchedulers(t *testing.T) {
	t.Parallel()
	z := product(t, 20)
	one, two, three := "/users/"+z.user(1), "/users/"+z.user(2), "/users/"+z.user(3)
	email := func(n int) string { return z.Users()[n].Email }
	r := z.call("POST", one+"/assistants", fmt.Sprintf(`{"assistants":[{"id":%q},{"email":%q}]}`, z.user(2), email(3))).want(201)
	r.is(fmt.Sprintf(`{"ids":"%s,%s","add_at":"2026-03-04T05:06:07Z"}`, z.user(2), z.user(3)))
	is := func(path, list string, want ...int) {
		t.Helper()
		emails := []string{}
		for _, n := range want {
			emails = append(emails, email(n))
		}
		if got := z.get(path + "/" + list).emails(list); !slices.Equal(got, emails) {
			t.Errorf("%s of %s: %v, want %v", list, path, got, emails)
		}
	}
	is(one, "assistants", 2, 3)
	private := func(want ...bool) {
		t.Helper()
		for i, a := range z.get(one + "/assistants").object()["assistants"].([]any) {
			if got := dig(a, "can_manage_host_private_event"); got != want[i] {
				t.Errorf("assistant %d manages private events: %v", i, got)
			}
		}
	}
	private(false, false)
	z.call("POST", one+"/assistants", fmt.Sprintf(`{"assistants":[{"email":%q,"can_manage_host_private_event":true}]}`, email(3))).want(201)
	private(false, true)
	is(two, "schedulers", 1)
	if pmi := dig(z.get(two + "/schedulers").object()["schedulers"].([]any)[0], "pmi"); pmi != z.get(one).at("pmi") {
		t.Errorf("pmi %v", pmi)
	}
	z.call("POST", one+"/assistants", `{"assistants":[{"id":"nobody"}]}`).refused(404, 1001, "nobody")
	z.call("POST", one+"/assistants", `{"assistants":[]}`).refused(400, 300, "empty")
	z.call("POST", one+"/assistants", `{"assistants":[{"id":"`+z.user(1)+`"}]}`).refused(400, 200, "own")
	z.call("DELETE", one+"/assistants/"+z.user(4), "").refused(404, 1001, z.user(4))
	z.call("DELETE", one+"/assistants/"+z.user(2), "").want(204)
	is(one, "assistants", 3)
	z.call("DELETE", three+"/schedulers/"+z.user(2), "").refused(404, 1001, z.user(2))
	z.call("DELETE", three+"/schedulers/"+z.user(1), "").want(204)
	is(one, "assistants")
	z.call("POST", one+"/assistants", `{"assistants":[{"id":"`+z.user(2)+`"}]}`).want(201)
	z.call("DELETE", two+"/schedulers", "").want(204)
	is(one, "assistants")
	z.call("POST", one+"/assistants", `{"assistants":[{"id":"`+z.user(2)+`"}]}`).want(201)
	z.call("DELETE", one+"/assistants", "").want(204)
	is(one, "assistants")
}
