package sandbox_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"zoomgraph/internal/sandbox"
)

func TestPatchStores(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{})
	path := "/users/" + z.user(0) + "/settings"
	before := z.get(path)
	other := string(z.get("/users/" + z.user(1) + "/settings").body)
	r := z.call("PATCH", path, ` {"schedule_meeting": {"audio_type": "thirdParty", "requirement": {"length": 9}, "host_video": true},
		"in_meeting": {"chat_with": 4, "services": ["both"]},
		"recording": {"ip_addresses_or_ranges": "a \"b\" é", "files": [{"name": "x", "id": "1", "unknown": 1}], "days": []},
		"tsp": {"call_out_countries": [ {"a": [1, null]}, "USA" ], "shape": null},
		"no_such_section": {"a": 1}, "feature": {"no_such_field": 2}} `).want(204)
	if len(r.body) != 0 {
		t.Errorf("204 with a body: %s", r.body)
	}
	after := z.get(path)
	for at, want := range map[string]string{
		"schedule_meeting.audio_type":             `"thirdParty"`,
		"schedule_meeting.host_video":             `true`,
		"schedule_meeting.requirement.length":     `9`,
		"in_meeting.chat_with":                    `4`,
		"in_meeting.services":                     `["both"]`,
		"recording.ip_addresses_or_ranges":        `"a \"b\" é"`,
		"recording.files":                         `[{"id":"1","name":"x"}]`,
		"recording.days":                          `[]`,
		"tsp.call_out_countries":                  `[{"a":[1,null]},"USA"]`,
		"tsp.shape":                               `null`,
		"schedule_meeting.pmi_password":           jsonOf(t, before.at("schedule_meeting.pmi_password")),
		"schedule_meeting.requirement.since":      jsonOf(t, before.at("schedule_meeting.requirement.since")),
		"in_meeting.waiting_room":                 jsonOf(t, before.at("in_meeting.waiting_room")),
		"no_such_section":                         `null`,
		"feature.no_such_field":                   `null`,
		"schedule_meeting.requirement.no_letters": `null`,
	} {
		if got := jsonOf(t, after.at(at)); got != want {
			t.Errorf("%s is %s, want %s", at, got, want)
		}
	}
	if string(z.get("/users/"+z.user(1)+"/settings").body) != other {
		t.Error("a write crossed to another user")
	}
	z.get(path + "?custom_query_fields=audio_type").is(`{"schedule_meeting":{"audio_type":"thirdParty"}}`)
}

func jsonOf(t *testing.T, v any) string {
	t.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestPatchRefuses(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{})
	path := "/users/" + z.user(0) + "/settings"
	before := string(z.get(path).body)
	for _, tt := range []struct{ body, field, want string }{
		{`{"schedule_meeting":{"host_video":"yes"}}`, "schedule_meeting.host_video", "a boolean"},
		{`{"schedule_meeting":{"host_video":null}}`, "schedule_meeting.host_video", "a boolean"},
		{`{"schedule_meeting":{"audio_type":"smoke"}}`, "schedule_meeting.audio_type", `"thirdParty"`},
		{`{"schedule_meeting":{"pmi_password":123456}}`, "schedule_meeting.pmi_password", "a string"},
		{`{"schedule_meeting":{"requirement":{"length":8.5}}}`, "schedule_meeting.requirement.length", "a whole number"},
		{`{"schedule_meeting":{"requirement":{"length":"8"}}}`, "schedule_meeting.requirement.length", "a whole number"},
		{`{"schedule_meeting":{"requirement":{"ratio":"8"}}}`, "schedule_meeting.requirement.ratio", "a number"},
		{`{"schedule_meeting":{"requirement":[]}}`, "schedule_meeting.requirement", "an object"},
		{`{"schedule_meeting":7}`, "schedule_meeting", "an object"},
		{`{"in_meeting":{"chat_with":"1"}}`, "in_meeting.chat_with", "one of 1, 4"},
		{`{"in_meeting":{"services":"both"}}`, "in_meeting.services", "a list"},
		{`{"in_meeting":{"services":["both","smoke"]}}`, "in_meeting.services", "one of"},
		{`{"recording":{"files":[3]}}`, "recording.files", "an object"},
		{`{"recording":{"files":[{"size":"big"}]}}`, "recording.files.size", "a whole number"},
	} {
		r := z.call("PATCH", path, strings.Replace(tt.body, "{", `{"feature":{"meeting_capacity":7},`, 1))
		r.refused(400, 300, "Validation")
		errors, _ := r.object()["errors"].([]any)
		if len(errors) != 1 || dig(errors[0], "field") != tt.field || !strings.Contains(dig(errors[0], "message").(string), tt.want) {
			t.Errorf("%s: got %s", tt.body, r.body)
		}
	}
	for _, body := range []string{`[]`, `null`, `{"a":`, `{} {}`, `"x"`, `{`, `{"a"}`, `{,}`} {
		z.call("PATCH", path, body).refused(400, 300, "JSON object")
	}
	r := z.call("PATCH", path, `{"schedule_meeting":{"host_video":1,"pmi_password":2}}`)
	if got := r.object()["errors"].([]any); len(got) != 2 {
		t.Errorf("two mistakes: %s", r.body)
	}
	plain := z.request(http.MethodPatch, "/v2"+path, strings.NewReader(`{}`))
	plain.Header.Set("Authorization", "Bearer "+z.token)
	z.do(plain).refused(415, 300, "application/json")
	z.call("PATCH", path, `{"a":"`+strings.Repeat("x", 1<<20)+`"}`).refused(413, 300, "bytes")
	if string(z.get(path).body) != before {
		t.Error("a refused write changed something")
	}
	z.call("PATCH", "/users/nobody/settings", `{}`).refused(404, 1001, "nobody")
	z.call("PATCH", "/users/"+z.withStatus("pending")+"/settings", `{}`).refused(400, 1120, "")
}

func TestPatchKeepsWhatIsLocked(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{})
	path := "/users/" + z.user(0) + "/settings"
	present := 0
	for _, locked := range sandbox.LockedSettings() {
		section, name, _ := strings.Cut(locked, ".")
		stored, known := z.get(path).at(locked).(bool)
		if !known {
			continue // not in the small schema
		}
		present++
		z.call("PATCH", path, fmt.Sprintf(`{%q:{%q:%v}}`, section, name, !stored)).want(204)
		if got := z.get(path).at(locked); got != stored {
			t.Errorf("%s is %v after a write, want %v", locked, got, stored)
		}
	}
	if present < 2 {
		t.Errorf("%d locked settings in the schema", present)
	}
	for _, u := range z.Users() {
		path := "/users/" + u.ID + "/settings"
		if z.get("/users/"+u.ID).at("type") == 1.0 {
			z.call("PATCH", path, `{"audio_conferencing":{"numbers":[]}}`).want(204)
			if got := z.get(path).at("audio_conferencing"); got != nil {
				t.Errorf("a free licence gained %v", got)
			}
			return
		}
	}
}

func TestPatchBringsBackWhatIsAbsent(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{})
	for _, u := range z.Users() {
		path := "/users/" + u.ID + "/settings"
		if u.Status != "pending" && z.get(path).at("schedule_meeting.pmi_password") == nil {
			z.call("PATCH", path, `{"schedule_meeting":{"pmi_password":"123456"}}`).want(204)
			z.get(path + "?custom_query_fields=pmi_password").is(`{"schedule_meeting":{"pmi_password":"123456"}}`)
			return
		}
	}
	t.Fatal("everybody has a pmi_password")
}

func TestPatchKeepsMeetingsSecured(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{})
	path := "/users/" + z.user(0) + "/settings?option=meeting_security"
	off := `{"meeting_security":{"meeting_password":false,"waiting_room":false,"only_authenticated_can_join_from_webclient":%v}}`
	z.call("PATCH", path, fmt.Sprintf(off, true)).want(204)
	if got := z.get(path).at("meeting_security.waiting_room"); got != false {
		t.Errorf("waiting_room is %v although signing in secures the meeting", got)
	}
	z.call("PATCH", path, fmt.Sprintf(off, false)).want(204)
	r := z.get(path)
	if r.at("meeting_security.waiting_room") != true || r.at("meeting_security.meeting_password") != false {
		t.Errorf("with all three off: %s", r.body)
	}
	if got := z.get("/users/" + z.user(0) + "/settings").want(200); got.at("meeting_security") != nil {
		t.Error("one view's section is in another")
	}
}

func TestPatchAuthenticationOption(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{})
	path := "/users/" + z.user(0) + "/settings?option=meeting_authentication"
	first := func() map[string]any {
		return z.get(path).object()["authentication_options"].([]any)[0].(map[string]any)
	}
	before := first()
	for _, action := range []string{"hide", "show"} {
		z.call("PATCH", path, fmt.Sprintf(`{"meeting_authentication":true,"authentication_option":{"id":%q,"action":%q}}`, before["id"], action)).want(204)
		if got := first()["visible"]; got != (action == "show") {
			t.Errorf("after %s it is visible: %v", action, got)
		}
	}
	z.call("PATCH", path, fmt.Sprintf(`{"authentication_option":{"id":%q,"action":"update","name":"Staff"}}`, before["id"])).want(204)
	if got := first(); got["name"] != "Staff" || got["id"] != before["id"] || got["default_option"] != before["default_option"] {
		t.Errorf("after an update: %v", got)
	}
	z.call("PATCH", path, `{"authentication_option":{"id":"nobody's","name":"X"}}`).want(204)
	if got := first()["name"]; got != "Staff" {
		t.Errorf("an unknown id changed the name to %v", got)
	}
	r := z.call("PATCH", path, `{"authentication_option":{"id":"x","name":1}}`).want(400)
	if errors := r.object()["errors"].([]any); dig(errors[0], "field") != "authentication_option.name" {
		t.Errorf("got %s", r.body)
	}
}
