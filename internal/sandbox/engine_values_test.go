package sandbox_test

import (
	"bytes"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"
)

// Ids lead to things that there are, and names beside them are those things'.
func TestEngineLinks(t *testing.T) {
	t.Parallel()
	z := engine(t)
	fields := ids(z.get("/tracking_fields").rows("tracking_fields"), "id")
	var uuids []string
	for _, u := range z.Users()[:6] {
		for _, m := range z.get("/users/" + u.ID + "/meetings").rows("meetings") {
			are(t, m, map[string]any{"host_id": u.ID, "host_email": u.Email})
			if !slices.Contains(fields, m["tracking_field_id"].(string)) {
				t.Errorf("there is no tracking field %v", m["tracking_field_id"])
			}
			id := ids([]map[string]any{m}, "id")[0]
			if len(id) != 11 {
				t.Errorf("a meeting's number is %s", id)
			}
			detail := z.get("/meetings/" + id).want(200).object()
			delete(m, "id")
			are(t, detail, m)
			for _, p := range z.get("/past_meetings/" + id + "/instances").rows("meetings") {
				are(t, p, map[string]any{"host_id": u.ID, "meeting_id": detail["id"]})
				uuids = append(uuids, p["uuid"].(string))
			}
		}
	}
	slashes := 0
	for _, uuid := range uuids {
		path := "/past_meetings/" + url.PathEscape(url.PathEscape(uuid))
		instance := z.get(path).want(200)
		are(t, instance.object(), map[string]any{"uuid": uuid})
		for _, p := range z.get(path + "/participants").rows("participants") {
			who := z.get("/users/" + p["user_id"].(string)).want(200)
			are(t, p, map[string]any{"user_email": who.at("email")})
			if p["join_time"].(string) < instance.at("start_time").(string) || p["join_time"].(string) > instance.at("end_time").(string) {
				t.Errorf("%v came when nobody was there: %s", p, instance.body)
			}
			if p["leave_time"].(string) <= p["join_time"].(string) {
				t.Errorf("%v left before coming", p)
			}
		}
		if once := z.get("/past_meetings/" + url.PathEscape(uuid)); strings.HasPrefix(uuid, "/") || strings.Contains(uuid, "//") {
			slashes++
			once.refused(404, 3001, uuid)
		} else {
			once.want(200)
		}
	}
	if len(uuids) != 54 {
		t.Errorf("%d instances", len(uuids))
	}
	t.Logf("%d of %d uuids need to be encoded twice", slashes, len(uuids))
}

// The same seed gives the same world, in whatever order it is looked at.
func TestEngineIsDeterministic(t *testing.T) {
	t.Parallel()
	a, b := engine(t), engine(t)
	meeting := "/meetings/" + ids(a.get("/users/"+a.user(3)+"/meetings").rows("meetings"), "id")[1]
	paths := []string{meeting, meeting + "/registrants", meeting + "/livestream", "/users/" + a.user(3) + "/meetings", "/devices", "/tracking_fields", "/words?kind=live"}
	for _, path := range slices.Backward(paths) {
		b.get(path).want(200)
	}
	for _, path := range paths {
		a.get(path).want(200).is(string(b.get(path).body))
	}
	body := `{"topic":"x"}`
	was := a.get(paths[3]).rows("meetings")[0]["tracking_field_id"]
	for i := range 5 { // what is made-up does not change with what is made
		a.call("POST", "/tracking_fields", fmt.Sprintf(`{"field":"%d"}`, i)).want(201)
		b.call("POST", "/tracking_fields", fmt.Sprintf(`{"field":"%d"}`, i)).want(201)
	}
	if is := a.get(paths[3]).rows("meetings")[0]["tracking_field_id"]; is != was {
		t.Errorf("the link was %v and is %v", was, is)
	}
	made := a.call("POST", paths[3], body).want(201)
	made.is(string(b.call("POST", paths[3], body).body))
	before := a.get(paths[3]).body
	a.control("POST", "/__reset", "").want(204)
	if bytes.Equal(a.get(paths[3]).body, before) {
		t.Error("a reset keeps what was made")
	}
	for i := range 5 {
		a.call("POST", "/tracking_fields", fmt.Sprintf(`{"field":"%d"}`, i)).want(201)
	}
	a.call("POST", paths[3], body).want(201).is(string(made.body))
}

func TestEngineIsStrict(t *testing.T) {
	t.Parallel()
	z := engine(t)
	meeting := "/meetings/" + ids(z.get("/users/"+z.user(0)+"/meetings").rows("meetings"), "id")[0]
	for name := range z.get(meeting).want(200).object() {
		if slices.Contains([]string{"host", "deputy", "registrants", "instances", "livestream"}, name) {
			t.Errorf("%s has operations of its own", name)
		}
	}
	if got := z.get("/words?kind=live").want(200).object(); len(got) != 1 || len(got["words"].([]any)) == 0 {
		t.Errorf("the words are %v", got)
	}
	z.get("/meetings/123").refused(404, 3001, "Meeting does not exist: 123.")
	z.get("/users/nobody/meetings").refused(404, 1001, "nobody")
	z.get("/users/"+z.user(0)+"/meetings?kind=past").refused(400, 300, "kind")
	z.get("/users/"+z.user(0)+"/meetings?include_fields=host_key").refused(400, 300, "include_fields")
	z.get("/words").refused(400, 300, "kind")
	z.get(meeting+"?show_previous=maybe").refused(400, 300, "show_previous")
	for body, field := range map[string]string{`{"topic":1}`: "topic", `{"settings":{"host_video":1}}`: "settings.host_video", `{"type":3}`: "type", `{"settings":{"entry":[]}}`: "settings.entry"} {
		r := z.call("PATCH", meeting, body)
		r.refused(400, 300, "Validation")
		if got := r.object()["errors"].([]any); len(got) != 1 || dig(got[0], "field") != field {
			t.Errorf("%s: %s", body, r.body)
		}
	}
	z.call("POST", meeting+"/registrants", `{"email":"x@example.org"}`).refused(400, 300, "Validation")
	z.call("PATCH", meeting+"/views/gallery", `{}`).want(204)
	z.call("PATCH", meeting+"/views/cinema", `{}`).refused(404, 2300, "gallery, speaker")
	z.upload(meeting+"/banner", "banner", "x.png", "", 3).want(201)
	z.upload(meeting+"/banner", "flag", "x.png", "", 3).refused(400, 120, "banner")
	z.configure(`{"scopes":["user:read:admin"]}`)
	z.token = z.mint()
	z.get(meeting).refused(400, 4711, "scopes:[meeting:read]")
	z.configure(`{"scopes":["meeting:read:meeting"],"rps":{"LIGHT":1}}`)
	z.token = z.mint()
	z.get(meeting).want(200)
	z.get(meeting).refused(429, 429, "second")
	z.get("/words?kind=nothing").refused(400, 300, "kind") // no label, no limit
}
