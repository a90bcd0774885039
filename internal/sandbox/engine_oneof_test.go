package sandbox_test

import (
	"fmt"
	"testing"
)

// What a body with a tag holds is kept, and read back.
func TestEngineOneOf(t *testing.T) {
	t.Parallel()
	z := engine(t)
	user := "/users/" + z.user(2)
	made := z.call("POST", user+"/meetings", `{"topic":"x","about":{"kind":"lock","reason":"Full","unknown":1}}`).want(201)
	meeting := "/meetings/" + ids([]map[string]any{made.object()}, "id")[0]
	about := func(want string) {
		t.Helper()
		if got := fmt.Sprint(z.get(meeting).at("about")); got != want {
			t.Errorf("it is %s, want %s", got, want)
		}
	}
	about("map[kind:lock reason:Full]")
	z.call("PATCH", meeting, `{"about":{"kind":"done"}}`).want(204)
	about("map[kind:done]")
	z.call("PATCH", meeting+"/about", `{"kind":"lock","locked":true}`).want(204)
	about("map[kind:lock locked:true]")
	for body, field := range map[string]string{
		`{"kind":"key"}`: "kind", `{"locked":true}`: "kind", `{"kind":"lock","locked":1}`: "locked",
	} {
		r := z.call("PATCH", meeting+"/about", body)
		r.refused(400, 300, "Validation")
		if got := r.object()["errors"].([]any); dig(got[0], "field") != field {
			t.Errorf("%s: %s", body, r.body)
		}
	}
	about("map[kind:lock locked:true]")

	z.call("PATCH", user+"/drawers/pens", `{"count":7,"color":"red"}`).want(204)
	z.call("PATCH", user+"/drawers/paper", `{"sheets":9}`).want(204)
	z.get(user + "/drawers/pens").want(200).is(`{"count":7,"color":"red"}`)
	z.get(user + "/drawers/paper").want(200).is(`{"sheets":9}`)
	z.call("PATCH", user+"/drawers/pens", `{"count":"7"}`).refused(400, 300, "Validation")
	z.call("PATCH", user+"/drawers/cups", `{}`).refused(404, 2300, "pens, paper")

	z.call("POST", user+"/notes", `{"form":"voice","seconds":4}`).want(201)
	z.call("POST", user+"/notes", `{"form":"text","text":"Looms"}`).want(201)
	notes := z.get(user + "/notes").rows("notes")
	are(t, notes[3], map[string]any{"form": "voice", "seconds": 4, "text": nil})
	are(t, notes[4], map[string]any{"form": "text", "seconds": nil, "text": "Looms"})

	events := "/devices/" + ids(z.get("/devices").rows("devices"), "serial")[0] + "/events"
	z.call("PATCH", events, `{"method":"room.join","params":{"meeting_number":"5"}}`).want(204)
	z.call("PATCH", events, `{"method":"leave"}`).want(204)
	z.call("PATCH", events, `{"method":"room.join","params":{}}`).refused(400, 300, "Validation")
	z.call("PATCH", events, `{"method":"join"}`).refused(400, 300, "Validation")
}

// Each type of a union is drawn, always for the same things.
func TestEngineUnions(t *testing.T) {
	t.Parallel()
	z, again := engine(t), engine(t)
	seen, listed := map[any]int{}, map[any]int{}
	for _, u := range z.Users()[:6] {
		for _, id := range ids(z.get("/users/"+u.ID+"/meetings").rows("meetings"), "id") {
			meeting := z.get("/meetings/" + id)
			for _, one := range meeting.at("history").([]any) {
				listed[dig(one, "kind")]++
			}
			about := meeting.at("about").(map[string]any)
			seen[about["kind"]]++
			if _, locks := about["locked"]; locks != (about["kind"] == "lock") {
				t.Errorf("%v is not what it says", about)
			}
			if other := again.get("/meetings/" + id).at("about"); fmt.Sprint(other) != fmt.Sprint(about) {
				t.Errorf("%v is another time %v", about, other)
			}
		}
	}
	for _, drawn := range []map[any]int{seen, listed} {
		if drawn["lock"] == 0 || drawn["done"] == 0 || len(drawn) != 2 {
			t.Errorf("drawn are %v", drawn)
		}
	}
}
