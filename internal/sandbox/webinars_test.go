package sandbox_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"zoomgraph/internal/sandbox"
)

// What webinars leave behind agrees with itself: whoever registered and was approved came or is absent, and whoever asked or
// answered was there.
func TestWebinarsLeaveInstances(t *testing.T) {
	t.Parallel()
	z := product(t, 20)
	held, guests := 0, 0
	for n, u := range z.Users()[:20] {
		webinars := z.get("/users/" + u.ID + "/webinars").rows("webinars")
		if has := len(webinars) > 0; has && n%6 > 0 {
			t.Errorf("user %d has webinars", n)
		}
		for _, v := range webinars {
			number := ids([]map[string]any{v}, "id")[0]
			are(t, v, map[string]any{"host_id": u.ID})
			registered := emails(z.get("/webinars/"+number+"/registrants?page_size=300").rows("registrants"), "email")
			for _, p := range z.get("/past_webinars/" + number + "/instances").rows("webinars") {
				held++
				past := "/past_webinars/" + twice(p["uuid"].(string))
				there := z.get(past + "/participants?page_size=300").rows("participants")
				names := map[any]bool{}
				var came []string
				for _, one := range there {
					names[one["name"]] = true
					if one["registrant_id"] != "" {
						came = append(came, one["user_email"].(string))
					}
					if one["id"] == "" {
						guests++
					} else {
						are(t, z.get("/users/"+one["id"].(string)).want(200).object(), map[string]any{"email": one["user_email"]})
					}
				}
				came = append(came, emails(z.get(past+"/absentees?page_size=300").rows("registrants"), "email")...)
				slices.Sort(came)
				if came = slices.Compact(came); !slices.Equal(came, registered) {
					t.Errorf("webinar %s: registered are %q, and there or absent %q", number, registered, came)
				}
				for _, said := range append(z.get(past+"/qa").rows("questions"), z.get(past+"/polls").rows("questions")...) {
					if !names[said["name"]] {
						t.Errorf("%v said something, and was not there", said["name"])
					}
				}
			}
			sources := 0.0
			for _, s := range z.get("/webinars/" + number + "/tracking_sources").rows("tracking_sources") {
				sources += s["registration_count"].(float64)
			}
			all := 0
			for _, status := range []string{"approved", "pending", "denied"} {
				all += len(z.get("/webinars/" + number + "/registrants?page_size=300&status=" + status).rows("registrants"))
			}
			if int(sources) > all {
				t.Errorf("webinar %s: %v came by its sources, of %d registrants", number, sources, all)
			}
		}
	}
	if held < 4 || guests == 0 {
		t.Errorf("%d instances with %d guests", held, guests)
	}
}

// emails are those of rows, in their order, each once.
func emails(rows []map[string]any, field string) []string {
	var out []string
	for _, r := range rows {
		out = append(out, fmt.Sprint(r[field]))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Who has to register, and who decides on it, the webinar says.
func TestRegisteringForWebinars(t *testing.T) {
	t.Parallel()
	z := product(t, 20)
	webinars := "/users/" + z.user(0) + "/webinars"
	weekly, open := "", ""
	for _, v := range z.get(webinars).rows("webinars") {
		switch v["type"] {
		case 9.0:
			weekly = "/webinars/" + ids([]map[string]any{v}, "id")[0]
		case 6.0:
			open = "/webinars/" + ids([]map[string]any{v}, "id")[0]
		}
	}
	ada := `{"email":"ada@example.org","first_name":"Ada"}`
	z.call("POST", open+"/registrants", ada).refused(400, 3038, "")
	z.call("POST", open+"/batch_registrants", `{"registrants":[`+ada+`]}`).refused(400, 3038, "")
	z.call("POST", weekly+"/batch_registrants", `{"registrants":[`+strings.Repeat(ada+",", 30)+ada+`]}`).refused(400, 300, "longer than 30")

	status := func(id any) any { return z.get(weekly + "/registrants/" + fmt.Sprint(id)).at("status") }
	waits := z.call("POST", weekly+"/registrants", ada).want(201)
	if _, said := waits.object()["join_url"]; said || status(waits.at("registrant_id")) != "pending" {
		t.Errorf("who is to be approved: %v", waits.object())
	}
	both := z.call("POST", weekly+"/batch_registrants", `{"auto_approve":true,"registrants":[{"email":"grace@example.org","first_name":"Grace"},{"email":"alan@example.org","first_name":"Alan"}]}`).want(201).at("registrants").([]any)
	for _, registrant := range both {
		one := registrant.(map[string]any)
		if one["join_url"] == nil || status(one["registrant_id"]) != "approved" {
			t.Errorf("who needs no approval: %v", one)
		}
	}
	if len(both) != 2 {
		t.Errorf("registered are %v", both)
	}
	before := z.get(weekly + "/tracking_sources").rows("tracking_sources")[0]
	z.call("POST", weekly+"/registrants", `{"email":"emmy@example.org","first_name":"Emmy","source_id":"`+before["id"].(string)+`"}`).want(201)
	if after := z.get(weekly + "/tracking_sources").rows("tracking_sources")[0]; after["registration_count"].(float64) != before["registration_count"].(float64)+1 {
		t.Errorf("%v was %v", after, before)
	}
	by := emails(z.get(weekly+"/registrants?status=pending&page_size=300&tracking_source_id="+before["id"].(string)).rows("registrants"), "email")
	if !slices.Contains(by, "emmy@example.org") || slices.Contains(by, "grace@example.org") {
		t.Errorf("by %v came %q", before["source_name"], by)
	}
}

// A webinar that is made has what was said, and nothing that others have at the start. One of its times can be changed or
// called off.
func TestMakingWebinars(t *testing.T) {
	t.Parallel()
	z := product(t, 20)
	basic := slices.IndexFunc(z.Users()[:20], func(u sandbox.User) bool { return z.get("/users/"+u.ID).at("type") == 1.0 })
	z.call("POST", "/users/"+z.user(basic)+"/webinars", `{}`).refused(400, 200, "licence")
	z.call("POST", "/users/"+z.user(0)+"/webinars", `{"schedule_for":"nobody"}`).refused(404, 1001, "nobody")
	before := len(z.get("/users/" + z.user(0) + "/webinars?type=upcoming").rows("webinars"))
	made := z.call("POST", "/users/"+z.user(0)+"/webinars", `{"topic":"Engines","type":9,"start_time":"2031-05-05T10:00:00","timezone":"Europe/Berlin",
		"recurrence":{"type":1,"repeat_interval":2,"end_times":3},"settings":{"approval_type":0}}`).want(201)
	path := "/webinars/" + ids([]map[string]any{made.object()}, "id")[0]
	are(t, z.get(path).want(200).object(), map[string]any{"topic": "Engines", "start_time": "2031-05-05T08:00:00Z", "host_id": z.user(0), "duration": 60.0})
	for list, key := range map[string]string{"/registrants": "registrants", "/panelists": "panelists", "/polls": "polls", "/tracking_sources": "tracking_sources"} {
		if some := z.get(path + list).rows(key); len(some) != 0 {
			t.Errorf("a new webinar has %s: %v", key, some)
		}
	}
	if got := len(z.get("/users/" + z.user(0) + "/webinars?type=upcoming").rows("webinars")); got != before+1 {
		t.Errorf("%d webinars are to come, %d before", got, before)
	}
	times := z.get(path).rows("occurrences")
	if len(times) != 3 {
		t.Fatalf("it takes place at %v", times)
	}
	z.call("PATCH", path+"?occurrence_id="+times[1]["occurrence_id"].(string), `{"start_time":"2031-05-08T08:00:00Z","duration":20}`).want(204)
	z.call("DELETE", path+"?occurrence_id="+times[0]["occurrence_id"].(string), "").want(204)
	left := z.get(path).rows("occurrences")
	if len(left) != 2 {
		t.Fatalf("it still takes place at %v", left)
	}
	are(t, left[0], map[string]any{"start_time": "2031-05-08T08:00:00Z", "duration": 20.0})
	number := strings.TrimPrefix(path, "/webinars/")
	z.get("/past_webinars/"+number+"/participants").refused(404, 3001, number)
	z.call("DELETE", path, "").want(204)
	z.get(path).refused(404, 3001, number)
}
