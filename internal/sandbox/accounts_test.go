package sandbox_test

import (
	"fmt"
	"testing"

	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/sandbox"
)

func TestOwnAccount(t *testing.T) {
	t.Parallel()
	z := product(t, 20)
	me := z.get("/accounts/me").want(200)
	id := me.at("id").(string)
	if me.at("owner_email") != "ada.lovelace@example.com" || me.at("owner_id") != z.user(0) || me.at("account_name") == nil {
		t.Errorf("the account is %s", me.body)
	}
	if got := z.get("/users/" + z.user(5)).at("account_id"); got != id {
		t.Errorf("a user's account is %v, not %v", got, id)
	}
	z.get("/accounts/" + id).want(200).is(string(me.body))
	z.get("/accounts/" + id + "/settings").want(200).is(string(z.get("/accounts/me/settings").body))
	z.get("/accounts/another").refused(404, 2001, "another")
	z.call("DELETE", "/accounts/me", "").refused(404, 2000, id)
	domains := z.get("/accounts/me/managed_domains").want(200)
	domains.is(`{"domains":[{"domain":"example.com","status":"verified"}],"total_records":1}`)
	z.get("/accounts/me/trusted_domains").want(200).is(`{"trusted_domains":["example.com","example.org"]}`)

	z.call("PUT", "/accounts/me/owner", `{"email":"nobody@example.com"}`).refused(404, 3201, "nobody")
	z.call("PUT", "/accounts/me/owner", `{}`).refused(400, 300, "Validation")
	z.call("PUT", "/accounts/me/owner", fmt.Sprintf(`{"email":%q}`, z.Users()[3].Email)).want(204)
	for n, role := range map[int]string{0: "Admin", 3: "Owner", 4: "Member"} {
		if got := z.get("/users/" + z.user(n)).at("role_name"); got != role {
			t.Errorf("user %d is %v, want %s", n, got, role)
		}
	}
	if got := z.get("/accounts/me"); got.at("owner_id") != z.user(3) || got.at("owner_email") != z.Users()[3].Email {
		t.Errorf("the account is %s", got.body)
	}
	z.call("PUT", "/users/"+z.user(3)+"/email", `{"email":"heir@example.com"}`).want(204)
	if got := z.get("/accounts/me").at("owner_email"); got != "heir@example.com" {
		t.Errorf("the owner's address is %v", got)
	}
}

func TestAccountIDIsThatOfTheCredentials(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{Program: programtest.Of(t), Users: 3, AccountID: "acct"})
	if got := z.get("/accounts/acct").want(200).at("id"); got != "acct" {
		t.Errorf("the account is %v", got)
	}
	if got := z.get("/users/" + z.user(0)).at("account_id"); got != "acct" {
		t.Errorf("the user's account is %v", got)
	}
}

func TestSubAccounts(t *testing.T) {
	t.Parallel()
	z := product(t, 20)
	list := func() []any { return z.get("/accounts").want(200).object()["accounts"].([]any) }
	if len(list()) != 2 {
		t.Fatalf("the sub accounts are %v", list())
	}
	first := dig(list()[0], "id").(string)
	if dig(list()[0], "owner_id") != nil || z.get("/accounts/"+first).at("owner_id") == nil {
		t.Errorf("the list brings %v", list()[0])
	}
	page := z.get("/accounts?page_size=1").want(200)
	next := z.get("/accounts?page_size=1&next_page_token=" + page.at("next_page_token").(string)).want(200)
	if page.at("total_records") != 2.0 || dig(next.object()["accounts"].([]any)[0], "id") != dig(list()[1], "id") {
		t.Errorf("pages %s\n%s", page.body, next.body)
	}

	body := `{"first_name":"Mary","last_name":"Anning","email":"mary@example.net","password":"secret","account_name":"Fossils","options":{"pay_mode":"sub"}}`
	made := z.call("POST", "/accounts", body).want(201)
	id := made.at("id").(string)
	if made.at("owner_email") != "mary@example.net" || made.at("owner_id") == nil || made.at("created_at") != "2026-03-04T05:06:07Z" {
		t.Errorf("made %s", made.body)
	}
	z.call("POST", "/accounts", body).refused(409, 1005, "mary@example.net")
	z.call("POST", "/accounts", `{"first_name":"Mary"}`).refused(400, 300, "Validation")
	if got := list(); len(got) != 3 || dig(got[2], "account_name") != "Fossils" {
		t.Errorf("the sub accounts are %v", got)
	}
	for query, want := range map[string]float64{"email=mary@example.net": 1, "email=nobody@example.net": 0, "phone_number=1": 0, "sub_reseller_id=x": 0} {
		if got := z.get("/accounts?" + query).at("total_records"); got != want {
			t.Errorf("%s: %v sub accounts, want %v", query, got, want)
		}
	}
	z.call("PATCH", "/accounts/"+id+"/options", `{"share_mc":true,"meeting_connector_list":["a","b"]}`).want(204)
	z.call("PATCH", "/accounts/"+id+"/options", `{"billing_auto_renew":true,"resource_share_mh":true,"resource_meeting_connector_list":["c"]}`).want(204)
	options := z.get("/accounts/" + id).want(200).object()["options"]
	if got, want := jsonOf(t, options), `{"billing_auto_renew":true,"meeting_connector_list":["a","b"],"pay_mode":"sub",`+
		`"resource_meeting_connector_list":["c"],"resource_meeting_hybrid_list":[],"resource_share_mc":false,"resource_share_mh":true,`+
		`"room_connector_list":[],"share_mc":true,"share_rc":false}`; got != want {
		t.Errorf("the options are %s, want %s", got, want)
	}
	z.call("PATCH", "/accounts/"+id+"/options", `{"pay_mode":"both"}`).refused(400, 300, "Validation")
	z.call("PUT", "/accounts/"+id+"/owner", `{"email":"joe@example.net"}`).want(204)
	if got := z.get("/accounts/" + id).at("owner_email"); got != "joe@example.net" {
		t.Errorf("the owner is %v", got)
	}

	z.patch("/accounts/"+id+"/settings", `{"schedule_meeting":{"audio_type":"thirdParty"}}`)
	z.patch("/accounts/"+id+"/lock_settings", `{"schedule_meeting":{"audio_type":true}}`)
	if z.setting("/accounts/"+id+"/settings", ":schedule_meeting.audio_type") != "thirdParty" {
		t.Error("a sub account's settings are not stored")
	}
	if z.setting("/accounts/me/lock_settings", ":schedule_meeting.audio_type") != false {
		t.Error("a sub account locks settings of the account")
	}
	z.call("DELETE", "/accounts/"+id, "").want(204)
	z.get("/accounts/"+id).refused(404, 2001, id)
	z.call("DELETE", "/accounts/"+id, "").refused(404, 2001, id)
	if got := list(); len(got) != 2 {
		t.Errorf("the sub accounts are %v", got)
	}
}
