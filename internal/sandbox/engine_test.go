package sandbox_test

import (
	"bytes"
	"cmp"
	"fmt"
	"net/url"
	"os"
	"slices"
	"strings"
	"testing"

	"zoomgraph/graph/program"
	"zoomgraph/internal/sandbox"
)

// engine starts a sandbox with the chapter of testdata/engine.graphqls, of which
// no Go code knows.
func engine(t *testing.T) *zoom {
	t.Helper()
	return start(t, sandbox.Options{Users: 6, Program: engineProgram(t)})
}

func engineProgram(t testing.TB) *program.Program {
	t.Helper()
	schema, err := os.ReadFile("testdata/engine.graphqls")
	if err != nil {
		t.Fatal(err)
	}
	facts, err := os.ReadFile("testdata/engine.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return parseWith(t, smallSchema+string(schema), smallFacts+string(facts))
}

// rows are the things of a list's answer.
func (r *reply) rows(list string) []map[string]any {
	r.t.Helper()
	all, isList := r.want(200).object()[list].([]any)
	if !isList {
		r.t.Fatalf("%s: no list %s: %s", r.what, list, r.body)
	}
	out := make([]map[string]any, len(all))
	for i, one := range all {
		out[i] = one.(map[string]any)
	}
	return out
}

// are checks values of a row or an answer.
func are(t *testing.T, got map[string]any, want map[string]any) {
	t.Helper()
	for path, value := range want {
		if has := dig(got, path); fmt.Sprint(has) != fmt.Sprint(value) {
			t.Errorf("%s is %v, want %v", path, has, value)
		}
	}
}

// ids are those of rows, as a path has them.
func ids(rows []map[string]any, key string) []string {
	out := make([]string, len(rows))
	for i, row := range rows {
		if n, isNumber := row[key].(float64); isNumber {
			out[i] = fmt.Sprintf("%.0f", n)
			continue
		}
		out[i] = row[key].(string)
	}
	return out
}

// What POST made is listed, read, changed and gone after DELETE.
func TestEngineLife(t *testing.T) {
	t.Parallel()
	z := engine(t)
	user := "/users/" + z.user(1)
	for name, c := range map[string]struct {
		list, key, thing, make, change string
		before                         int
		missing                        int // Zoom's code where there is none; 0: 3001
		made, changed                  map[string]any
	}{
		"at the top": {
			list: "/tracking_fields", key: "tracking_fields", thing: "/tracking_fields/", before: 3, missing: 5110,
			make: `{"field":"Team","required":true}`, change: `{"field":"Squad"}`,
			made:    map[string]any{"field": "Team", "required": true, "visible": false},
			changed: map[string]any{"field": "Squad", "required": true},
		},
		"below a user, read by its number": {
			list: user + "/meetings", key: "meetings", thing: "/meetings/", before: 3,
			make:   `{"topic":"Engines","type":2,"duration":25,"start_time":"2026-05-01T10:00:00Z","settings":{"host_video":true,"entry":{"delay":7}}}`,
			change: `{"agenda":"Cards","settings":{"entry":{"waiting_room":false}}}`,
			made: map[string]any{
				"topic": "Engines", "type": 2, "agenda": nil, "settings.host_video": true, "settings.entry.delay": 7,
				"end_time": "2026-05-01T10:25:00Z", "created_at": "2026-03-04T05:06:07Z", "host_id": z.user(1),
			},
			changed: map[string]any{"topic": "Engines", "agenda": "Cards", "settings.entry.waiting_room": false, "settings.entry.delay": 7},
		},
		"with a number of 64 bits": {
			list: "/devices", key: "devices", thing: "/devices/", before: 3,
			make: `{"name":"Loom"}`, change: `{"name":"Mill"}`, made: map[string]any{"name": "Loom"}, changed: map[string]any{"name": "Mill"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			before := len(z.get(c.list).rows(c.key))
			made := z.call("POST", c.list, c.make).want(201).object()
			key := "id"
			if made["id"] == nil {
				key = "serial"
			}
			id := ids([]map[string]any{made}, key)[0]
			at := c.thing + id
			if before != c.before || !slices.Contains(ids(z.get(c.list).rows(c.key), key), id) {
				t.Errorf("%d at first; %s is not listed", before, id)
			}
			read := z.get(at).want(200).object()
			are(t, read, c.made)
			are(t, read, map[string]any{key: made[key]})
			change := z.call("PATCH", at, c.change)
			if change.status == 405 {
				change = z.call("PUT", at, c.change)
			}
			change.want(204)
			are(t, z.get(at).want(200).object(), c.changed)
			z.call("DELETE", at, "").want(204)
			z.get(at).refused(404, cmp.Or(c.missing, 3001), id)
			z.call("DELETE", at, "").refused(404, cmp.Or(c.missing, 3001), id)
			if got := z.get(c.list).rows(c.key); len(got) != before {
				t.Errorf("%d are left, of %d", len(got), before)
			}
		})
	}
}

func TestEngineThingsBelowThings(t *testing.T) {
	t.Parallel()
	z := engine(t)
	meeting := "/meetings/" + ids(z.get("/users/"+z.user(2)+"/meetings").rows("meetings"), "id")[0]
	other := "/meetings/" + ids(z.get("/users/"+z.user(3)+"/meetings").rows("meetings"), "id")[0]
	before := z.get(other + "/registrants").body
	made := z.call("POST", meeting+"/registrants", `{"email":"mary@example.net","first_name":"Mary"}`).want(201)
	id := made.at("registrant_id").(string)
	if got := ids([]map[string]any{made.object()}, "id")[0]; "/meetings/"+got != meeting || made.at("topic") != z.get(meeting).at("topic") {
		t.Errorf("the answer is not about the meeting: %s", made.body)
	}
	at := meeting + "/registrants/" + id
	are(t, z.get(at).want(200).object(), map[string]any{"email": "mary@example.net", "last_name": nil, "create_time": "2026-03-04T05:06:07Z"})
	z.get(other+"/registrants/"+id).refused(404, 3001, id)
	for action, status := range map[string]string{"approve": "approved", "deny": "denied"} {
		z.call("PUT", meeting+"/registrants/status", fmt.Sprintf(`{"action":%q,"registrants":[{"id":%q}]}`, action, id)).want(204)
		are(t, z.get(at).object(), map[string]any{"status": status})
		if got := ids(z.get(meeting+"/registrants?status="+status).rows("registrants"), "id"); !slices.Contains(got, id) {
			t.Errorf("the %s ones are %v", status, got)
		}
	}
	z.call("PUT", meeting+"/registrants/status", `{"action":"cancel","registrants":[{"email":"mary@example.net"}]}`).want(204)
	z.get(at).refused(404, 3001, id)
	if !bytes.Equal(z.get(other+"/registrants").body, before) {
		t.Error("another meeting's registrants have changed")
	}

	// A document that there is one of, and a part of a thing.
	z.call("PATCH", meeting+"/livestream", `{"stream_url":"https://example.org/s"}`).want(204)
	if got := z.get(meeting + "/livestream").want(200); got.at("stream_url") != "https://example.org/s" || got.at("page_url") == nil {
		t.Errorf("the stream is %s", got.body)
	}
	z.call("DELETE", meeting+"/livestream", "").want(204)
	z.get(meeting+"/livestream").refused(404, 300, "livestream")
	z.get(other + "/livestream").want(200)
	z.call("PUT", meeting+"/lock", `{"locked":true,"reason":"Full"}`).want(204)
	are(t, z.get(meeting).object(), map[string]any{"lock.locked": true, "lock.reason": "Full"})

	// What hangs on something goes with it.
	z.call("DELETE", meeting, "").want(204)
	z.get(meeting+"/registrants").refused(404, 3001, meeting[len("/meetings/"):])
	gone := ids(z.get("/users/"+z.user(4)+"/meetings").rows("meetings"), "id")[0]
	z.get("/meetings/" + gone).want(200)
	z.call("DELETE", "/users/"+z.user(4), "").refused(405, 2300, "DELETE")
}

func TestEngineBatch(t *testing.T) {
	t.Parallel()
	z := engine(t)
	pins := "/users/" + z.user(1) + "/pins"
	z.call("POST", pins, `{"pins":[]}`).refused(400, 300, "pins")
	made := z.call("POST", pins, `{"pins":[{"label":"a"},{"label":"b","size":3}]}`).want(201)
	if made.at("added_at") != "2026-03-04T05:06:07Z" {
		t.Errorf("made %s", made.body)
	}
	all := z.get(pins).rows("pins")
	if got := ids(all, "id"); len(got) != 5 || strings.Join(got[3:], ",") != made.at("ids") {
		t.Errorf("%v are listed after %s", got, made.body)
	}
	are(t, all[4], map[string]any{"label": "b", "size": 3})
	id := ids(all, "id")[0]
	if everybodys := ids(z.get("/pins?page_size=300").rows("pins"), "id"); len(everybodys) != (6+3)*3+2 || !slices.Contains(everybodys, id) {
		t.Errorf("all pins are %v", everybodys)
	}
	z.call("DELETE", "/pins/"+id, "").want(204)
	z.call("DELETE", "/pins/"+id, "").refused(404, 3001, id)
	z.call("DELETE", pins, "").want(204)
	if left := z.get(pins).rows("pins"); len(left) != 0 {
		t.Errorf("left: %v", left)
	}

	meeting := "/meetings/" + ids(z.get("/users/"+z.user(2)+"/meetings").rows("meetings"), "id")[0]
	several := z.call("POST", meeting+"/batch_registrants", `{"registrants":[{"email":"a@example.org","first_name":"A"},{"email":"b@example.org","first_name":"B"}]}`).want(201)
	for i, one := range several.object()["registrants"].([]any) {
		row := one.(map[string]any)
		are(t, z.get(meeting+"/registrants/"+row["registrant_id"].(string)).want(200).object(), map[string]any{"email": row["email"], "first_name": []string{"A", "B"}[i]})
		if row["join_url"] == nil {
			t.Errorf("%v has no address to join at", row)
		}
	}
}

// What has no read of its own is in the answer of the thing that it hangs on.
func TestEngineParts(t *testing.T) {
	t.Parallel()
	z := engine(t)
	device := "/devices/" + ids(z.get("/devices").rows("devices"), "serial")[0]
	z.call("DELETE", device+"/tags", "").want(204)
	are(t, z.get(device).want(200).object(), map[string]any{"tags.own": []any{}, "tags.shared": []any{}})
	z.call("POST", device+"/tags", `{"tags":{"own":[{"id":"a","color":"red"},{"id":"b"}]}}`).want(201)
	z.call("POST", device+"/tags", `{"tags":{"own":[{"id":"c"}],"shared":[{"id":"d"}]}}`).want(201)
	z.call("DELETE", device+"/tags/b", "").want(204)
	z.call("DELETE", device+"/tags/b", "").refused(404, 300, "b")
	z.call("DELETE", device+"/tags/d", "").want(204)
	tags := z.get(device).object()["tags"]
	if got := fmt.Sprint(tags); got != "map[own:[map[color:red id:a] map[id:c]] shared:[]]" {
		t.Errorf("the tags are %s", got)
	}
}

// A detail may stand within objects, and a union says which of its types it is.
func TestEngineForms(t *testing.T) {
	t.Parallel()
	z := engine(t)
	rack := z.get("/racks").rows("racks")[0]
	at := "/racks/" + rack["id"].(string)
	are(t, z.get(at).want(200).object(), map[string]any{"basic.name": rack["name"], "basic.id": rack["id"], "setup": map[string]any{}})
	z.call("PATCH", at, `{"basic":{"name":"B"},"setup":{"floor":4}}`).want(204)
	are(t, z.get(at).object(), map[string]any{"basic.name": "B", "basic.floor": 4})
	are(t, z.get("/racks").rows("racks")[0], map[string]any{"name": "B"})
	meeting := "/meetings/" + ids(z.get("/users/"+z.user(2)+"/meetings").rows("meetings"), "id")[0]
	if about := z.get(meeting).at("about.kind"); about != "lock" && about != "done" {
		t.Errorf("the union is a %v", about)
	}
}

// Settings are one tree in the schema, and documents by a parameter.
func TestEngineViews(t *testing.T) {
	t.Parallel()
	z := engine(t)
	settings := "/devices/" + ids(z.get("/devices").rows("devices"), "serial")[0] + "/settings"
	guard := settings + "?option=meeting_security"
	if plain, other := z.get(settings).want(200).object(), z.get(guard).want(200).object(); plain["screen"] == nil || len(plain) != 1 || other["words"] == nil || len(other) != 2 {
		t.Errorf("the views are %v and %v", plain, other)
	}
	z.call("PATCH", settings, `{"screen":{"bright":7}}`).want(204)
	night := z.get(settings).at("screen.night")
	z.call("PATCH", settings, fmt.Sprintf(`{"screen":{"night":%v}}`, night != true)).want(204)
	z.call("PATCH", guard, `{"words":["a","b"],"bright":1}`).want(204)
	are(t, z.get(settings).object(), map[string]any{"screen.bright": 7, "screen.night": night != true})
	are(t, z.get(guard).object(), map[string]any{"words": []any{"a", "b"}, "bright": nil})
	z.call("PATCH", guard, `{"words":"a"}`).refused(400, 300, "Validation")
	z.call("PATCH", guard, `[]`).refused(400, 300, "one JSON object")
	z.get(settings+"?option=alert").refused(400, 300, "there are meeting_security")
}

// Ids that are words of a closed list come in its order.
func TestEngineChosenIDs(t *testing.T) {
	t.Parallel()
	z := engine(t)
	slots := "/users/" + z.user(1) + "/slots"
	if made := z.call("POST", slots, `{"label":"x"}`).want(201); made.at("id") != 4.0 {
		t.Errorf("made %s", made.body)
	}
	z.call("POST", slots, `{"label":"x"}`).refused(409, 300, "more than 4")
	z.call("DELETE", slots+"/2", "").want(204)
	z.call("DELETE", slots+"/2", "").refused(404, 3001, "2")
	if made := z.call("POST", slots, `{"label":"y"}`).want(201); made.at("id") != 2.0 {
		t.Errorf("made %s", made.body)
	}
	if got := ids(z.get(slots).rows("slots"), "id"); strings.Join(got, " ") != "1 3 4 2" {
		t.Errorf("the slots are %v", got)
	}
}

// Both styles of pages bring each thing once, and say the total.
func TestEnginePages(t *testing.T) {
	t.Parallel()
	z := engine(t)
	user := "/users/" + z.user(0)
	meeting := "/meetings/" + ids(z.get(user+"/meetings").rows("meetings"), "id")[0]
	for i := range 4 {
		z.call("POST", user+"/meetings", fmt.Sprintf(`{"topic":"%d"}`, i)).want(201)
		z.call("POST", meeting+"/registrants", fmt.Sprintf(`{"email":"%d@example.org","first_name":"x"}`, i)).want(201)
	}
	for name, walk := range map[string]func() []string{
		"next_page_token": func() (seen []string) {
			for token, first := "", true; first || token != ""; first = false {
				page := z.get(user + "/meetings?page_size=3&next_page_token=" + url.QueryEscape(token))
				seen = append(seen, ids(page.rows("meetings"), "id")...)
				are(t, page.object(), map[string]any{"total_records": 7, "page_size": 3})
				token = page.at("next_page_token").(string)
			}
			return seen
		},
		"page_number": func() (seen []string) {
			for n := 1; n <= 3; n++ {
				page := z.get(fmt.Sprintf("%s/registrants?page_size=3&page_number=%d", meeting, n))
				seen = append(seen, ids(page.rows("registrants"), "id")...)
				are(t, page.object(), map[string]any{"total_records": 7, "page_size": 3, "page_count": 3, "page_number": n, "next_page_token": nil})
			}
			return seen
		},
	} {
		seen := walk()
		if slices.Sort(seen); len(slices.Compact(slices.Clone(seen))) != 7 || len(seen) != 7 {
			t.Errorf("%s: %v", name, seen)
		}
	}
	z.get(meeting+"/registrants?next_page_token=x").refused(400, 300, "next_page_token")
	z.get("/devices?page_number=2").refused(400, 300, "page_number")
	z.get("/devices?page_size=51").refused(400, 300, "page_size")
	are(t, z.get("/devices").object(), map[string]any{"page_size": 10, "total_records": 3})
	token := z.get(user + "/meetings?page_size=3&type=2").at("next_page_token").(string)
	if token != "" {
		z.get(user+"/meetings?page_size=3&next_page_token="+url.QueryEscape(token)).refused(400, 300, "token")
	}
}

func TestEngineFilters(t *testing.T) {
	t.Parallel()
	z := engine(t)
	meetings := "/users/" + z.user(5) + "/meetings"
	for _, body := range []string{
		`{"topic":"Looms","type":1,"start_time":"2030-05-01T10:00:00Z"}`, `{"topic":"Mills","type":2,"start_time":"2030-05-03T23:30:00Z"}`,
		`{"topic":"Cards","type":2,"start_time":"2030-05-09T00:00:00Z"}`,
	} {
		z.call("POST", meetings, body).want(201)
	}
	for query, want := range map[string]string{
		"type=1&from=2030-05-01&to=2030-05-30": "Looms",
		"type=2&from=2030-01-01":               "Mills Cards",
		"from=2030-05-02&to=2030-05-03":        "Mills",
		"from=2030-05-03&to=2030-05-09":        "Mills Cards",
		"search_key=loom":                      "Looms",
		"from=2031-01-01":                      "",
		"kind=live&from=2030-01-01&type=1":     "Looms", // a kind is no field of a meeting
		"from=2030-05-09&to=2030-05-09":        "Cards",
		"search_key=nothing+of+the+kind":       "",
		"type=2&search_key=mills":              "Mills",
		"type=1&search_key=mills":              "",
		"page_size=1&type=2&search_key=ill":    "Mills",
	} {
		var got []string
		list := z.get(meetings + "?" + query)
		for _, m := range list.rows("meetings") {
			got = append(got, m["topic"].(string))
		}
		if strings.Join(got, " ") != want || list.at("total_records") != float64(len(got)) {
			t.Errorf("%s brings %v of %v, want %s", query, got, list.at("total_records"), want)
		}
	}
	total := 0
	for _, m := range z.get(meetings).rows("meetings") {
		if m["timezone"] == "Asia/Tokyo" {
			total++
		}
	}
	if got := z.get(meetings + "?timezone=Asia/Tokyo"); total == 0 || got.at("total_records") != float64(total) { // a text, by words of a closed list
		t.Errorf("of %d meetings in Tokyo the list has %s", total, got.body)
	}
	z.get(meetings+"?from=2030-05-01&to=2030-06-30").refused(400, 300, "longer than a month")
	are(t, z.get(meetings+"?from=2030-05-02&to=2030-05-03").object(), map[string]any{"from": "2030-05-02", "to": "2030-05-03"})
}
