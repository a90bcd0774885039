package sandbox_test

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"
)

// twice encodes a uuid as a path takes it.
func twice(uuid string) string { return url.PathEscape(url.PathEscape(uuid)) }

// What meetings leave behind agrees with itself: instances with the lists of meetings, participants with what the instance
// says of them.
func TestMeetingsLeaveInstances(t *testing.T) {
	t.Parallel()
	z := product(t, 20)
	uuid, seen, guests, twiceThere := regexp.MustCompile(`^[A-Za-z0-9+/]{22}==$`), map[string]int{}, 0, 0
	for n, u := range z.Users()[:20] {
		instances := map[string]bool{}
		for _, m := range z.get("/users/" + u.ID + "/meetings").rows("meetings") {
			number := ids([]map[string]any{m}, "id")[0]
			if len(number) != 10 && len(number) != 11 || m["type"] == 1.0 {
				t.Errorf("user %d has the meeting %s of type %v", n, number, m["type"])
			}
			latest := ""
			for _, p := range z.get("/past_meetings/" + number + "/instances").rows("meetings") {
				id := p["uuid"].(string)
				instances[id] = true
				if seen[id]++; !uuid.MatchString(id) || seen[id] > 1 {
					t.Errorf("the uuid %s", id)
				}
				past := z.get("/past_meetings/" + twice(id)).want(200)
				are(t, past.object(), map[string]any{"uuid": id, "id": m["id"], "start_time": p["start_time"], "host_id": u.ID, "user_email": u.Email, "topic": m["topic"], "type": m["type"]})
				there := z.get("/past_meetings/" + twice(id) + "/participants?page_size=300").rows("participants")
				seconds, met := 0.0, map[any]bool{}
				for _, p := range there {
					join, leave := p["join_time"].(string), p["leave_time"].(string)
					if seconds += p["duration"].(float64); join < past.at("start_time").(string) || leave > past.at("end_time").(string) || join >= leave {
						t.Errorf("%v was there from %s to %s", p, join, leave)
					}
					switch {
					case p["id"] == "":
						guests++
						are(t, p, map[string]any{"user_email": "", "internal_user": false})
					case met[p["id"]]:
						twiceThere++
					default:
						are(t, z.get("/users/"+p["id"].(string)).want(200).object(), map[string]any{"email": p["user_email"]})
					}
					met[p["id"]] = true
				}
				are(t, past.object(), map[string]any{"participants_count": float64(len(there))})
				if minutes := past.at("total_minutes").(float64); minutes < seconds/60 || minutes >= seconds/60+1 {
					t.Errorf("%v minutes of %v seconds", minutes, seconds)
				}
				if start := p["start_time"].(string); start > latest {
					latest = start
				}
			}
			if latest == "" {
				z.get("/past_meetings/"+number).refused(404, 3001, number)
			} else if got := z.get("/past_meetings/" + number).at("start_time"); got != latest {
				t.Errorf("the latest instance of %s is of %v, want %s", number, got, latest)
			}
		}
		for _, m := range z.get("/users/" + u.ID + "/meetings?type=previous_meetings").rows("meetings") {
			if !instances[m["uuid"].(string)] {
				t.Errorf("%v is over, and no instance", m)
			}
			delete(instances, m["uuid"].(string))
		}
		if len(instances) > 0 {
			t.Errorf("instances that are in no list: %v", instances)
		}
	}
	slashes, two := 0, 0
	for id := range seen {
		if strings.HasPrefix(id, "/") {
			slashes++
		} else if strings.Contains(id, "//") {
			two++
		}
	}
	if slashes == 0 || two == 0 || guests == 0 || twiceThere == 0 {
		t.Errorf("%d uuids begin with a slash, %d hold two; there are %d guests, and %d came twice", slashes, two, guests, twiceThere)
	}
}

func TestMeetingLists(t *testing.T) {
	t.Parallel()
	z := product(t, 20)
	now := z.clock.Now().Format(time.RFC3339)
	list := func(n int, query string) []map[string]any {
		return z.get("/users/" + z.user(n) + "/meetings?" + query).rows("meetings")
	}
	numbers := map[any]bool{}
	for _, m := range list(1, "type=upcoming") {
		if numbers[m["id"]] || m["start_time"].(string) <= now {
			t.Errorf("to come: %v", m)
		}
		numbers[m["id"]] = true
	}
	each := list(1, "type=upcoming_meetings")
	if len(numbers) != 2 || len(each) != 8 {
		t.Errorf("%d meetings are to come, and %d times of them", len(numbers), len(each))
	}
	day := each[3]["start_time"].(string)[:10]
	if some := list(1, "type=upcoming_meetings&timezone=UTC&from="+day+"&to="+day); len(some) == 0 || len(some) > 2 {
		t.Errorf("on %s are %v", day, some)
	}
	runs := list(3, "type=live")
	if len(runs) != 1 || len(list(1, "type=live")) != 0 {
		t.Fatalf("%v runs", runs)
	}
	live := "/meetings/" + ids(runs, "id")[0]
	are(t, z.get(live).want(200).object(), map[string]any{"status": "started", "type": 1.0})
	z.get("/meetings/12345").refused(404, 3001, "12345")

	over := len(list(3, "type=previous_meetings"))
	z.call("PATCH", strings.Replace(live, "/", "/live_", 1)+"/events", `{"method":"recording.start"}`).want(202)
	z.call("PUT", live+"/status", `{"action":"end"}`).want(204)
	are(t, z.get(live).want(200).object(), map[string]any{"status": "waiting"})
	if got := list(3, "type=previous_meetings"); len(got) != over+1 || len(list(3, "type=live")) != 0 {
		t.Errorf("%d were over, and are %d", over, len(got))
	}
	are(t, z.get("/past_meetings/"+twice(runs[0]["uuid"].(string))).want(200).object(), map[string]any{"end_time": now})
}

// A meeting that is made has what was said, and Zoom's own values for the rest.
func TestMakingMeetings(t *testing.T) {
	t.Parallel()
	z := product(t, 20)
	z.call("POST", "/users/nobody/meetings", `{}`).refused(404, 1001, "nobody")
	z.call("POST", "/users/"+z.user(2)+"/meetings", `{"schedule_for":"nobody"}`).refused(404, 1001, "nobody")
	z.call("POST", "/users/"+z.user(2)+"/meetings", `{"type":5}`).refused(400, 300, "Validation")
	made := z.call("POST", "/users/"+z.user(2)+"/meetings", `{"topic":"Kick-off","type":8,"start_time":"2026-03-06T10:00:00","timezone":"Europe/Berlin",
		"recurrence":{"type":2,"weekly_days":"2,4","end_times":3},"settings":{"approval_type":1,"breakout_room":{"enable":true}}}`).want(201)
	path := fmt.Sprintf("/meetings/%.0f", made.at("id"))
	m := z.get(path).want(200)
	are(t, m.object(), map[string]any{
		"topic": "Kick-off", "start_time": "2026-03-06T09:00:00Z", "duration": 60.0, "host_email": z.Users()[2].Email,
		"status": "waiting", "assistant_id": "", "created_at": "2026-03-04T05:06:07Z", "join_url": made.at("join_url"),
	})
	if m.at("settings.approval_type") != 1.0 || m.at("settings.breakout_room.enable") != true || m.at("settings.audio") != "both" || m.at("registration_url") == nil || m.at("password") == nil {
		t.Errorf("made %s", m.body)
	}
	var times []string
	occurrences := m.at("occurrences").([]any)
	for _, o := range occurrences {
		times = append(times, dig(o, "start_time").(string))
	}
	if fmt.Sprint(times) != "[2026-03-09T09:00:00Z 2026-03-11T09:00:00Z 2026-03-16T09:00:00Z]" {
		t.Errorf("it takes place at %v", times)
	}
	first := "?occurrence_id=" + dig(occurrences[0], "occurrence_id").(string)
	z.call("PATCH", path+first, `{"start_time":"2026-03-09T15:00:00Z","duration":20}`).want(204)
	are(t, z.get(path+first).want(200).object(), map[string]any{"start_time": "2026-03-09T15:00:00Z", "duration": 20.0})
	z.call("DELETE", path+"?occurrence_id="+dig(occurrences[1], "occurrence_id").(string), "").want(204)
	if left := z.get(path).at("occurrences").([]any); len(left) != 2 || len(z.get(path+"?show_previous_occurrences=true").at("occurrences").([]any)) != 3 {
		t.Errorf("left are %v", left)
	}
	z.get(path+"?occurrence_id=1").refused(404, 3001, "1")

	if of := z.get(path + "/registrants?status=pending").rows("registrants"); len(of) != 0 || len(z.get(path+"/polls").rows("polls")) != 0 {
		t.Errorf("somebody registered before there was a meeting: %v", of)
	}
	waits := z.call("POST", path+"/registrants", `{"email":"ada@example.org","first_name":"Ada"}`).want(201)
	are(t, waits.object(), map[string]any{"id": made.at("id"), "topic": "Kick-off", "join_url": nil})
	at := z.call("POST", path+"/registrants", `{"email":"grace@example.org","first_name":"Grace","auto_approve":true}`).want(201)
	if at.at("join_url") == nil || len(z.get(path+"/registrants").rows("registrants")) != 1 {
		t.Errorf("approved at once: %s", at.body)
	}
	z.call("PUT", path+"/registrants/status", fmt.Sprintf(`{"action":"approve","registrants":[{"id":%q}]}`, waits.at("registrant_id"))).want(204)
	if all := z.get(path + "/registrants").rows("registrants"); len(all) != 2 {
		t.Errorf("approved are %v", all)
	}
	polls := z.call("POST", path+"/batch_polls", `{"polls":[{"title":"One"},{"title":"Two"}]}`).want(201)
	if both := polls.at("polls").([]any); len(both) != 2 || dig(both[1], "title") != "Two" || dig(both[1], "status") != "notstart" {
		t.Errorf("made %s", polls.body)
	}
	z.call("DELETE", path, "").want(204)
	z.get(path).refused(404, 3001, "")
	z.call("PUT", path+"/status", `{"action":"end"}`).refused(404, 3001, "")
	z.call("PUT", path+"/status", `{"action":"recover"}`).want(204)
	are(t, z.get(path).want(200).object(), map[string]any{"topic": "Kick-off"})
	z.call("DELETE", path, "").want(204)

	plain := z.call("POST", "/users/"+z.user(2)+"/meetings", `{"schedule_for":"`+z.Users()[4].Email+`","default_password":false}`).want(201)
	path = fmt.Sprintf("/meetings/%.0f", plain.at("id"))
	are(t, z.get(path).want(200).object(), map[string]any{
		"topic": "Zoom Meeting", "type": 2.0, "start_time": "2026-03-04T05:06:07Z", "host_id": z.user(4), "assistant_id": z.user(2), "password": nil,
		"registration_url": nil, "recurrence": nil,
	})
	z.call("POST", path+"/registrants", `{"email":"ada@example.org","first_name":"Ada"}`).refused(400, 3000, "Registration")
}

// Of one host a hundred meetings a day are made and changed; others are not concerned.
func TestDailyLimitOfMeetings(t *testing.T) {
	t.Parallel()
	z := product(t, 20)
	path := fmt.Sprintf("/meetings/%.0f", z.call("POST", "/users/"+z.user(2)+"/meetings", `{"topic":"0"}`).want(201).at("id"))
	for range 99 {
		z.call("PATCH", path, `{"topic":"x"}`).want(204)
	}
	z.call("PATCH", path, `{"topic":"y"}`).refused(429, 429, "100")
	z.call("POST", "/users/"+z.user(2)+"/meetings", `{}`).refused(429, 429, "100")
	z.call("POST", "/users/"+z.user(3)+"/meetings", `{}`).want(201)
	are(t, z.get(path).want(200).object(), map[string]any{"topic": "x"})
	z.clock.Add(24 * time.Hour)
	z.token = z.mint()
	z.call("PATCH", path, `{"topic":"y"}`).want(204)
}
