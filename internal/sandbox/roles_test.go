package sandbox_test

import (
	"fmt"
	"slices"
	"testing"
)

func TestRoles(t *testing.T) {
	t.Parallel()
	z := product(t, 20)
	all := z.get("/roles").want(200).object()
	var names []any
	for _, r := range all["roles"].([]any) {
		names = append(names, dig(r, "id"), dig(r, "name"), dig(r, "total_members"))
		if dig(r, "privileges") != nil {
			t.Errorf("the list brings privileges: %v", r)
		}
	}
	if fmt.Sprint(names) != "[0 Owner 1 1 Admin 1 2 Member 21]" || all["total_records"] != 3.0 {
		t.Errorf("the roles are %v", all)
	}
	z.get("/roles?page_size=2").refused(400, 300, "page_size")
	for _, id := range []string{"0", "1", "2"} {
		if got := z.get("/roles/" + id).want(200); len(got.object()["privileges"].([]any)) == 0 || got.at("sub_account_privileges.second_level") == nil {
			t.Errorf("role %s", got.body)
		}
		z.call("PATCH", "/roles/"+id, `{"name":"x"}`).refused(409, 300, "cannot be changed")
		z.call("DELETE", "/roles/"+id, "").refused(409, 300, "cannot be changed")
	}

	made := z.call("POST", "/roles", `{"name":"Curator","description":"Keeps","privileges":["User:Read"],"id":"0"}`).want(201)
	id := made.at("id").(string)
	if made.at("total_members") != 0.0 || made.at("name") != "Curator" || id == "0" {
		t.Errorf("made %s", made.body)
	}
	if iq := z.get("/roles?type=iq").want(200); iq.at("total_records") != 0.0 || z.get("/roles?type=common").at("total_records") != 4.0 {
		t.Errorf("of Zoom IQ are %s", iq.body)
	}
	z.call("POST", "/roles", `{"name":"Curator"}`).refused(409, 300, "Curator")
	z.call("POST", "/roles", `{"description":"x"}`).refused(400, 300, "Validation")
	z.call("PATCH", "/roles/"+id, `{"description":"Keeps things","privileges":["User:Read","Group:Read"],"sub_account_privileges":{"second_level":2}}`).want(204)
	got := z.get("/roles/" + id).want(200)
	got.is(fmt.Sprintf(`{"id":%q,"name":"Curator","description":"Keeps things","type":"common","total_members":0,`+
		`"privileges":["User:Read","Group:Read"],"sub_account_privileges":{"second_level":2},"privilege_scopes":[]}`, id))
	z.call("PATCH", "/roles/"+id, `{"name":"Owner"}`).refused(409, 300, "Owner")
	z.call("PATCH", "/roles/"+id, `{"privileges":"User:Read"}`).refused(400, 300, "Validation")
	z.call("DELETE", "/roles/"+id, "").want(204)
	z.get("/roles/"+id).refused(400, 300, id)
	z.get("/roles/"+id+"/members").refused(400, 300, id)
}

func TestRoleMembers(t *testing.T) {
	t.Parallel()
	z := product(t, 20)
	role := z.call("POST", "/roles", `{"name":"Curator","privileges":["User:Read"]}`).at("id").(string)
	path, user := "/roles/"+role+"/members", "/users/"+z.user(3)
	r := z.call("POST", path, fmt.Sprintf(`{"members":[{"id":%q},{"email":%q}]}`, z.user(3), z.Users()[4].Email)).want(201)
	r.is(fmt.Sprintf(`{"ids":"%s,%s","add_at":"2026-03-04T05:06:07Z"}`, z.user(3), z.user(4)))
	if u := z.get(user); u.at("role_id") != role || u.at("role_name") != "Curator" {
		t.Errorf("the user has role %v %v", u.at("role_id"), u.at("role_name"))
	}
	want := []string{z.Users()[3].Email, z.Users()[4].Email}
	for _, list := range []struct{ path, key string }{{path, "members"}, {"/users?role_id=" + role, "users"}} {
		if got := z.get(list.path).emails(list.key); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", list.path, got, want)
		}
	}
	if got := z.get(user + "/permissions").object()["permissions"]; fmt.Sprint(got) != "[User:Read]" {
		t.Errorf("permissions %v", got)
	}
	z.call("PATCH", "/roles/"+role, `{"name":"Keeper"}`).want(204)
	if got := z.get(user).at("role_name"); got != "Keeper" {
		t.Errorf("after the role's renaming it is %v", got)
	}
	z.call("POST", path, `{"members":[{"id":"nobody"}]}`).refused(404, 1001, "nobody")
	z.call("POST", path, fmt.Sprintf(`{"members":[{"id":%q},{"id":%q}]}`, z.user(5), z.user(0))).refused(400, 200, "owns")
	z.call("POST", "/roles/0/members", fmt.Sprintf(`{"members":[{"id":%q}]}`, z.user(5))).refused(409, 300, "Owner")
	if got := z.get("/users/" + z.user(5)).at("role_id"); got != "2" {
		t.Errorf("a refused write gave the role %v", got)
	}
	z.call("DELETE", path+"/"+z.user(5), "").refused(404, 1001, z.user(5))
	z.call("DELETE", "/roles/0/members/"+z.user(0), "").refused(400, 200, "owns")
	z.call("DELETE", path+"/"+z.user(3), "").want(204)
	if got := z.get(user).at("role_id"); got != "2" {
		t.Errorf("without the role the user has %v", got)
	}
	z.call("DELETE", "/roles/"+role, "").want(204)
	if got := z.get("/users/" + z.user(4)).at("role_name"); got != "Member" {
		t.Errorf("without the role the user is %v", got)
	}
}
