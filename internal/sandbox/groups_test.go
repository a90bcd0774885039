package sandbox_test

import (
	"fmt"
	"slices"
	"testing"
)

func TestGroups(t *testing.T) {
	t.Parallel()
	z := product(t, 60)
	groups := z.get("/groups").want(200).object()
	if len(groups["groups"].([]any)) != 3 || groups["total_records"] != 3.0 || groups["next_page_token"] != nil {
		t.Errorf("the groups are %v", groups)
	}
	for _, g := range groups["groups"].([]any) {
		id := dig(g, "id").(string)
		members := z.get("/groups/" + id + "/members?page_size=300").want(200)
		if dig(g, "total_members") != members.at("total_records") || len(members.emails("members")) < 5 {
			t.Errorf("%v has the members %v", g, members.emails("members"))
		}
		if got := z.get("/groups/" + id).want(200).object(); fmt.Sprint(got) != fmt.Sprint(g) {
			t.Errorf("alone the group is %v, in the list %v", got, g)
		}
		for _, u := range z.get("/users?page_size=300").object()["users"].([]any) {
			isMember := slices.Contains(members.emails("members"), dig(u, "email").(string))
			if says := slices.Contains(dig(u, "group_ids").([]any), any(id)); isMember != says && dig(u, "status") == "active" {
				t.Errorf("%v is a member: %v, and has the groups %v", dig(u, "email"), isMember, dig(u, "group_ids"))
			}
		}
	}

	made := z.call("POST", "/groups", `{"name":"Fossils"}`).want(201)
	id := made.at("id").(string)
	made.is(fmt.Sprintf(`{"id":%q,"name":"Fossils","total_members":0}`, id))
	z.call("POST", "/groups", `{"name":"sales"}`).refused(409, 4132, "sales")
	z.call("POST", "/groups", `{"name":""}`).refused(400, 300, "Validation")
	z.call("POST", "/groups", `{}`).refused(400, 300, "Validation")
	z.call("PATCH", "/groups/"+id, `{"name":"Sales"}`).refused(409, 4132, "Sales")
	z.call("PATCH", "/groups/"+id, `{"name":"Bones"}`).want(204)
	if got := z.groupNamed("Bones"); got != id {
		t.Errorf("Bones is %s, want %s", got, id)
	}
	z.get("/groups/" + id + "/settings").want(200)
	z.call("DELETE", "/groups/"+id, "").want(204)
	z.get("/groups/"+id).refused(404, 4130, id)
	z.call("PATCH", "/groups/"+id, `{"name":"x"}`).refused(404, 4130, id)
	if got := z.get("/groups").at("total_records"); got != 3.0 {
		t.Errorf("%v groups", got)
	}
}

func TestGroupPages(t *testing.T) {
	t.Parallel()
	z := product(t, 60)
	var names []any
	token := ""
	for range 3 {
		r := z.get("/groups?page_size=1&next_page_token=" + token).want(200)
		if r.at("total_records") != 3.0 {
			t.Errorf("page %s", r.body)
		}
		names = append(names, dig(r.object()["groups"].([]any)[0], "name"))
		token = r.at("next_page_token").(string)
	}
	if fmt.Sprint(names) != "[Engineering Sales Support]" || token != "" {
		t.Errorf("the pages hold %v, then %q", names, token)
	}
	z.get("/groups?page_number=1").refused(400, 300, "page_number")
	sales := "/groups/" + z.groupNamed("Sales") + "/members?page_size="
	whole := z.get(sales + "300").emails("members")
	first := z.get(sales + "2").want(200)
	second := z.get(sales + "2&next_page_token=" + first.at("next_page_token").(string))
	if got := append(first.emails("members"), second.emails("members")...); !slices.Equal(got, whole[:4]) {
		t.Errorf("the first pages hold %v of %v", got, whole)
	}
	z.get("/groups/"+z.groupNamed("Support")+"/members?page_size=2&next_page_token="+first.at("next_page_token").(string)).refused(400, 300, "page token")
	z.get(sales+"2&include_fields=host_key").refused(400, 300, "include_fields")
}

func TestGroupMembers(t *testing.T) {
	t.Parallel()
	z := product(t, 60)
	one := z.call("POST", "/groups", `{"name":"One"}`).at("id").(string)
	two := z.call("POST", "/groups", `{"name":"Two"}`).at("id").(string)
	loner := z.membersOf("")[0]
	email := z.get("/users/" + loner).at("email").(string)
	groups := func(want ...any) {
		t.Helper()
		if got := z.get("/users/" + loner).object()["group_ids"].([]any); !slices.Equal(got, want) {
			t.Errorf("the user is in %v, want %v", got, want)
		}
	}
	total := func(group string, want float64) {
		t.Helper()
		if got := z.get("/groups/" + group).at("total_members"); got != want {
			t.Errorf("%v members, want %v", got, want)
		}
	}
	r := z.call("POST", "/groups/"+one+"/members", fmt.Sprintf(`{"members":[{"email":%q}]}`, email)).want(201)
	r.is(fmt.Sprintf(`{"ids":%q,"added_at":"2026-03-04T05:06:07Z"}`, loner))
	z.call("POST", "/groups/"+two+"/members", fmt.Sprintf(`{"members":[{"id":%q},{"email":%q}]}`, loner, email)).want(201)
	groups(one, two)
	total(two, 1)
	z.call("PATCH", "/groups/"+two+"/members/"+loner, `{"action":"set_primary"}`).want(204)
	groups(two, one)
	z.call("DELETE", "/groups/"+one+"/members/"+loner, "").want(204)
	groups(two)
	total(one, 0)
	z.call("PATCH", "/groups/"+two+"/members/"+loner, `{"action":"move","target_group_id":"`+one+`"}`).want(204)
	groups(one)
	total(two, 0)
	if got := z.get("/groups/" + one + "/members").emails("members"); !slices.Equal(got, []string{email}) {
		t.Errorf("the members are %v", got)
	}

	path := "/groups/" + one + "/members"
	z.call("POST", path, `{"members":[{"id":"nobody"}]}`).refused(404, 1001, "nobody")
	z.call("POST", path, `{"members":[]}`).refused(400, 300, "empty")
	z.call("POST", path, `{"members":[{"id":true}]}`).refused(400, 300, "Validation")
	z.call("POST", "/groups/nothing/members", `{"members":[{"id":"x"}]}`).refused(404, 4130, "nothing")
	z.call("PATCH", path+"/"+z.user(0), `{"action":"set_primary"}`).refused(400, 1010, z.user(0))
	z.call("PATCH", path+"/"+loner, `{"action":"move"}`).refused(400, 300, "Validation")
	z.call("PATCH", path+"/"+loner, `{"action":"move","target_group_id":"nothing"}`).refused(404, 4130, "nothing")
	z.call("PATCH", path+"/"+loner, `{"action":"copy"}`).refused(400, 300, "Validation")
	z.call("DELETE", path+"/nobody", "").refused(400, 1010, "nobody")
	z.call("DELETE", "/groups/"+one, "").want(204)
	groups()
}
