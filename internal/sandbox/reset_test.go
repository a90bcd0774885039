package sandbox_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"zoomgraph/internal/sandbox"
)

func TestOperationsThatTheSchemaLacksDoNotExist(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{Users: 3})
	for _, path := range []string{"/groups", "/roles", "/accounts/me", "/users/" + z.user(0) + "/assistants"} {
		z.get(path).refused(404, 2300, path)
	}
	z.call("POST", "/users", `{}`).refused(405, 2300, "POST")
}

func TestResetTakesBackEverything(t *testing.T) {
	t.Parallel()
	z := product(t, 40)
	sales := "/groups/" + z.groupNamed("Sales")
	user := "/users/" + z.user(5)
	paths := []string{
		"/users?page_size=300", "/users?status=pending", user, user + "/settings", user + "/settings?option=meeting_security", user + "/assistants", "/groups",
		sales + "/members", sales + "/settings", sales + "/lock_settings", "/roles", "/roles/2/members?page_size=300", "/accounts", "/accounts/me",
		"/accounts/me/settings", "/accounts/me/lock_settings",
	}
	before := map[string][]byte{}
	for _, path := range paths {
		before[path] = z.get(path).want(200).body
	}
	write := func() string {
		var ids []string
		for _, w := range []struct {
			method, path, body string
			status             int
		}{
			{"POST", "/users", `{"action":"create","user_info":{"email":"a@example.com","type":1}}`, 201},
			{"PATCH", user, `{"dept":"x","custom_attributes":[{"key":"k","value":"v"}],"phone_numbers":[]}`, 204},
			{"PUT", user + "/status", `{"action":"deactivate"}`, 204},
			{"PUT", user + "/email", `{"email":"b@example.com"}`, 204},
			{"PATCH", user + "/settings", `{"schedule_meeting":{"audio_type":"thirdParty"}}`, 204},
			{"PATCH", user + "/settings?option=meeting_security", `{"meeting_security":{"waiting_room":true,"pmi_password":true,"webinar_password":true}}`, 204},
			{"POST", user + "/assistants", `{"assistants":[{"email":"ada.lovelace@example.com"}]}`, 201},
			{"DELETE", "/users/" + z.user(6), ``, 204},
			{"POST", "/groups", `{"name":"x"}`, 201},
			{"POST", sales + "/members", fmt.Sprintf(`{"members":[{"id":%q},{"id":%q},{"id":%q}]}`, z.user(8), z.user(9), z.user(10)), 201},
			{"PATCH", sales, `{"name":"Selling"}`, 204},
			{"PATCH", sales + "/settings", `{"schedule_meeting":{"audio_type":"thirdParty"}}`, 204},
			{"PATCH", sales + "/lock_settings", `{"schedule_meeting":{"audio_type":true}}`, 204},
			{"POST", "/roles", `{"name":"x"}`, 201},
			{"POST", "/roles/1/members", fmt.Sprintf(`{"members":[{"id":%q}]}`, z.user(11)), 201},
			{"POST", "/accounts", `{"first_name":"x","last_name":"x","email":"x@example.net","password":"x"}`, 201},
			{"PUT", "/accounts/me/owner", `{"email":"grace.hopper@example.com"}`, 204},
			{"PATCH", "/accounts/me/settings", `{"schedule_meeting":{"audio_type":"thirdParty"}}`, 204},
			{"PATCH", "/accounts/me/lock_settings", `{"schedule_meeting":{"audio_type":true}}`, 204},
		} {
			ids = append(ids, string(z.call(w.method, w.path, w.body).want(w.status).body))
		}
		z.upload(user+"/picture", "pic_file", "x.png", "", 3).want(201)
		background := z.upload("/accounts/me/settings/virtual_backgrounds", "file", "x.png", "", 3).want(201)
		return strings.Join(append(ids, string(background.body)), "\n")
	}
	first := write()
	for _, path := range paths {
		if bytes.Equal(z.get(path).want(200).body, before[path]) {
			t.Errorf("%s is as before: %s", path, before[path])
		}
	}
	z.control("POST", "/__reset", "").want(204)
	for _, path := range paths {
		z.get(path).want(200).is(string(before[path]))
	}
	if second := write(); first != second {
		t.Errorf("the same writes answer\n%s\nat first, and then\n%s", first, second)
	}
}

// Reads share the world and writes have it alone; the race detector watches.
func TestConcurrentWrites(t *testing.T) {
	t.Parallel()
	z := product(t, 30)
	user, group := z.user(4), z.groupNamed("Support")
	done := make(chan string)
	works := []func(i int) *reply{
		func(int) *reply { return z.get("/users/" + user + "/settings") },
		func(int) *reply { return z.get("/groups/" + group + "/members") },
		func(i int) *reply {
			return z.call("PATCH", "/groups/"+group+"/lock_settings", fmt.Sprintf(`{"in_meeting":{"chat":%v}}`, i%2 == 0))
		},
		func(i int) *reply {
			return z.call("POST", "/users", fmt.Sprintf(`{"action":"ssoCreate","user_info":{"email":"u%d@example.com","type":1}}`, i))
		},
		func(int) *reply {
			return z.call("PATCH", "/users/"+user+"/settings", `{"schedule_meeting":{"host_video":true}}`)
		},
		func(int) *reply {
			return z.call("POST", "/groups/"+group+"/members", fmt.Sprintf(`{"members":[{"id":%q}]}`, user))
		},
		func(int) *reply { return z.call("DELETE", "/groups/"+group+"/members/"+user, "") },
	}
	for _, work := range works {
		go func() {
			for i := range 15 {
				if r := work(i); r.status >= 500 {
					done <- fmt.Sprintf("%s: %d %s", r.what, r.status, r.body)
					return
				}
			}
			done <- ""
		}()
	}
	for range works {
		if failure := <-done; failure != "" {
			t.Error(failure)
		}
	}
	if got := len(z.Users()); got != 30+3+15 {
		t.Errorf("%d users", got)
	}
}
