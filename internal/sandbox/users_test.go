package sandbox_test

import (
	"fmt"
	"net/url"
	"regexp"
	"testing"
	"time"

	"zoomgraph/internal/sandbox"
)

func TestAccount(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{})
	id := regexp.MustCompile(`^[A-Za-z0-9_-]{22}$`)
	email := regexp.MustCompile(`^[a-z]+\.[a-z]+[0-9]*@example\.com$`)
	seen, statuses := map[string]bool{}, map[string]int{}
	for _, u := range z.Users() {
		if !id.MatchString(u.ID) || !email.MatchString(u.Email) {
			t.Errorf("user %+v", u)
		}
		if seen[u.ID] || seen[u.Email] {
			t.Errorf("%+v is there twice", u)
		}
		seen[u.ID], seen[u.Email] = true, true
		statuses[u.Status]++
	}
	if statuses["active"] != 500 || statuses["inactive"] != 20 || statuses["pending"] != 10 {
		t.Errorf("statuses %v", statuses)
	}
	roles := map[string]float64{}
	for _, role := range []string{"0", "1", "2", "none"} {
		roles[role] = z.get("/users?role_id=" + role).at("total_records").(float64)
	}
	if roles["0"] != 1 || roles["1"] < 2 || roles["1"] > 20 || roles["0"]+roles["1"]+roles["2"] != 500 || roles["none"] != 0 {
		t.Errorf("roles %v", roles)
	}
}

func TestManyUsersHaveTheirOwnNames(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{Users: 5000})
	seen := map[string]bool{}
	for _, u := range z.Users() {
		if seen[u.Email] {
			t.Fatalf("%s twice", u.Email)
		}
		seen[u.Email] = true
	}
}

func TestListPages(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{})
	first := z.get("/users").want(200).object()
	for name, want := range map[string]any{"page_size": 30.0, "page_number": 1.0, "page_count": 17.0, "total_records": 500.0} {
		if first[name] != want {
			t.Errorf("%s is %v, want %v", name, first[name], want)
		}
	}
	if ada := first["users"].([]any)[0].(map[string]any); ada["email"] != "ada.lovelace@example.com" || ada["status"] != "active" || ada["role_id"] != "0" {
		t.Errorf("the first user is %v", ada)
	}
	var ids []string
	token := ""
	for page := 1; ; page++ {
		got := z.get("/users?page_size=200&next_page_token=" + token).want(200).object()
		if got["page_number"] != float64(page) {
			t.Errorf("page %d says it is %v", page, got["page_number"])
		}
		byNumber := z.get(fmt.Sprintf("/users?page_size=200&page_number=%d", page)).object()
		if fmt.Sprint(byNumber["users"]) != fmt.Sprint(got["users"]) {
			t.Errorf("page %d differs by number and by token", page)
		}
		for _, u := range got["users"].([]any) {
			ids = append(ids, u.(map[string]any)["id"].(string))
		}
		if token = got["next_page_token"].(string); token == "" {
			break
		}
	}
	var want []string
	for _, u := range z.Users() {
		if u.Status == "active" {
			want = append(want, u.ID)
		}
	}
	if fmt.Sprint(ids) != fmt.Sprint(want) {
		t.Errorf("the pages hold %d users, want the %d active ones in order", len(ids), len(want))
	}
	if got := z.get("/users?page_size=300&page_number=9").object(); len(got["users"].([]any)) != 0 || got["next_page_token"] != "" {
		t.Errorf("behind the end: %v", got)
	}
}

func TestUsersByLicence(t *testing.T) {
	t.Parallel()
	z := product(t, 60)
	all := z.get("/users").at("total_records").(float64)
	for _, license := range []string{"zoom_workforce_management", "zoom_compliance_management"} {
		if some := z.get("/users?license=" + license).at("total_records").(float64); some < 1 || some > all/2 {
			t.Errorf("%v of %v users have %s", some, all, license)
		}
	}
	z.get("/users?license=phone").refused(400, 300, "license")
	token := z.get("/users?page_size=10&license=zoom_workforce_management").at("next_page_token").(string)
	z.get("/users?page_size=10&next_page_token="+url.QueryEscape(token)).refused(400, 300, "page token")
}

func TestPageTokenIsBound(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{})
	token := z.get("/users?page_size=10&role_id=2").at("next_page_token").(string)
	with := func(query string) *reply {
		return z.get("/users?" + query + "&next_page_token=" + url.QueryEscape(token))
	}
	with("page_size=10&role_id=2").want(200)
	with("status=active&role_id=2&page_size=10").want(200) // the default, spelt out
	for _, other := range []string{"page_size=11&role_id=2", "page_size=10", "page_size=10&role_id=2&status=inactive", "page_size=10&role_id=2&include_fields=host_key"} {
		with(other).refused(400, 300, "page token")
	}
	z.get("/users?next_page_token=abc").refused(400, 300, "page token")
	z.clock.Add(15 * time.Minute)
	with("page_size=10&role_id=2").want(200)
	z.clock.Add(time.Second)
	with("page_size=10&role_id=2").refused(400, 300, "expired")

	z.configure(`{"pageTokenTTL":"1m"}`)
	token = z.get("/users?page_size=10&role_id=2").at("next_page_token").(string)
	z.clock.Add(61 * time.Second)
	with("page_size=10&role_id=2").refused(400, 300, "expired")
}

func TestListAndDetailFields(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{})
	one := func(query string) map[string]any {
		return z.get("/users?page_size=1" + query).object()["users"].([]any)[0].(map[string]any)
	}
	for query, want := range map[string][2]bool{
		"": {false, false}, "&include_fields=host_key": {true, false}, "&include_fields=custom_attributes": {false, true},
		"&include_fields=custom_attributes,host_key": {true, true},
	} {
		u := one(query)
		if (u["host_key"] != nil) != want[0] || (u["custom_attributes"] != nil) != want[1] {
			t.Errorf("%q brings host_key %v, custom_attributes %v", query, u["host_key"], u["custom_attributes"])
		}
		for _, detail := range []string{"job_title", "language", "role_name", "account_id", "phone_numbers"} {
			if u[detail] != nil {
				t.Errorf("the list brings %s", detail)
			}
		}
	}
	detail := z.get("/users/" + z.user(0)).object()
	for name, value := range one("&include_fields=custom_attributes,host_key") {
		if fmt.Sprint(detail[name]) != fmt.Sprint(value) {
			t.Errorf("%s is %v in the list and %v in the detail", name, value, detail[name])
		}
	}
	for _, name := range []string{"job_title", "language", "location", "role_name", "phone_numbers", "login_types"} {
		if detail[name] == nil {
			t.Errorf("the detail lacks %s", name)
		}
	}
	for _, status := range []string{"inactive", "pending"} {
		for _, u := range z.get("/users?status=" + status).object()["users"].([]any) {
			if got := u.(map[string]any)["status"]; got != status {
				t.Errorf("status=%s brings one that is %v", status, got)
			}
		}
	}
	z.get("/users/" + z.withStatus("inactive")).want(200)
}
