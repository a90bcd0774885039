package sandbox_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"zoomgraph/internal/sandbox"
)

func TestViews(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{})
	path := "/users/" + z.user(0) + "/settings"
	keys := func(query string) string {
		d := json.NewDecoder(strings.NewReader(string(z.get(path + query).want(200).body)))
		var names []string
		depth := 0
		for t, err := d.Token(); err == nil; t, err = d.Token() {
			switch t {
			case json.Delim('{'), json.Delim('['):
				depth++
			case json.Delim('}'), json.Delim(']'):
				depth--
			default:
				if s, isText := t.(string); isText && depth == 1 {
					names = append(names, s)
				}
			}
		}
		return strings.Join(names, " ")
	}
	for query, want := range map[string]string{
		"":                               "schedule_meeting in_meeting feature recording telephony tsp audio_conferencing",
		"?option=":                       "schedule_meeting in_meeting feature recording telephony tsp audio_conferencing",
		"?option=meeting_authentication": "meeting_authentication authentication_options",
		"?option=meeting_security":       "meeting_security",
	} {
		if got := keys(query); got != want {
			t.Errorf("%q has %q, want %q", query, got, want)
		}
	}
	doc := z.get(path)
	if doc.at("in_meeting.allow_25_languages") == nil || doc.at("in_meeting.e2e_encryption") == nil {
		t.Errorf("names: %s", doc.body)
	}
	if doc.at("in_meeting.link") != nil || doc.object()["raw"] != nil {
		t.Errorf("a link or raw is in the document: %s", doc.body)
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{})
	videos, waiting := map[any]int{}, map[any]int{}
	passwords, absent, locked := map[any]bool{}, 0, map[any]bool{}
	for _, u := range z.Users()[:200] {
		if u.Status == "pending" {
			continue
		}
		doc := z.get("/users/" + u.ID + "/settings").want(200)
		videos[doc.at("schedule_meeting.host_video")]++
		waiting[doc.at("in_meeting.waiting_room")]++
		locked[doc.at("in_meeting.e2e_encryption")] = true
		if p := doc.at("schedule_meeting.pmi_password"); p == nil {
			absent++
		} else if len(p.(string)) != 6 || passwords[p] {
			t.Errorf("pmi_password %v", p)
		} else {
			passwords[p] = true
		}
		if a := doc.at("schedule_meeting.audio_type"); a != "both" && a != "thirdParty" {
			t.Errorf("audio_type %v", a)
		}
		if c := doc.at("in_meeting.chat_with"); c != 1.0 && c != 4.0 {
			t.Errorf("chat_with %v", c)
		}
		if n := len(doc.at("recording.files").([]any)); n < 1 || n > 2 {
			t.Errorf("%d files", n)
		}
		if n := doc.at("schedule_meeting.requirement.length").(float64); n < 6 || n > 10 {
			t.Errorf("length %v", n)
		}
		basic := z.get("/users/"+u.ID).at("type") == 1.0
		if has := doc.at("audio_conferencing") != nil; has == basic {
			t.Errorf("audio_conferencing is there: %v, free licence: %v", has, basic)
		}
		security := z.get("/users/" + u.ID + "/settings?option=meeting_security")
		if security.at("meeting_security.meeting_password") != true {
			t.Errorf("meetings without a passcode: %s", security.body)
		}
	}
	for name, counts := range map[string]map[any]int{"host_video": videos, "waiting_room": waiting} {
		if rare := min(counts[true], counts[false]); rare < 8 || rare > 40 {
			t.Errorf("%s is %v; about one in ten should deviate", name, counts)
		}
	}
	if absent < 45 || absent > 85 {
		t.Errorf("%d of 200 have no pmi_password, want about a third", absent)
	}
	if len(locked) != 1 {
		t.Errorf("a locked setting has the values %v", locked)
	}
	if z.get("/users/"+z.user(0)+"/settings").at("schedule_meeting.pmi_password") == nil {
		t.Error("the first user should have a pmi_password")
	}
}

func TestFieldFilter(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{})
	path := "/users/" + z.user(0) + "/settings"
	whole := z.get(path)
	only := func(paths ...string) string {
		var sections []string
		bodies := map[string][]string{}
		for _, p := range paths {
			section, name, _ := strings.Cut(p, ".")
			if bodies[section] == nil {
				sections = append(sections, section)
			}
			value, _ := json.Marshal(whole.at(p))
			bodies[section] = append(bodies[section], fmt.Sprintf("%q:%s", name, value))
		}
		for i, s := range sections {
			sections[i] = fmt.Sprintf("%q:{%s}", s, strings.Join(bodies[s], ","))
		}
		return "{" + strings.Join(sections, ",") + "}"
	}
	feature := only("feature.in_meeting", "feature.meeting_capacity")
	link := "show_international_numbers_link"
	for _, tt := range []struct{ mode, fields, want string }{
		{"leaf", "host_video", only("schedule_meeting.host_video")},
		{"leaf", "waiting_room,host_video,waiting_room", only("schedule_meeting.host_video", "in_meeting.waiting_room")},
		{"leaf", "nothing", "{}"},
		{"leaf", "nothing,host_video,,length,schedule_meeting.host_video", only("schedule_meeting.host_video")},
		{"leaf", "feature", "{}"},
		{"leaf", "Host_Video", "{}"},
		{"leaf", link, only("telephony." + link)},
		{"leaf", "in_meeting", only("feature.in_meeting")},
		{"both", link, only("telephony."+link, "tsp."+link)},
		{"both", "feature", "{}"},
		{"sections", "feature", feature},
		{"sections", "feature,host_video", only("schedule_meeting.host_video", "feature.in_meeting", "feature.meeting_capacity")},
		{"sections", "telephony," + link, only("telephony." + link)},
		{"ignored", "host_video", string(whole.body)},
		{"empty", "host_video", "{}"},
		{"leaf", "", string(whole.body)},
	} {
		z.configure(`{"fieldFilter":"` + tt.mode + `"}`)
		r := z.get(path + "?custom_query_fields=" + tt.fields).want(200)
		if string(r.body) != tt.want {
			t.Errorf("%s %q: got %s, want %s", tt.mode, tt.fields, r.body, tt.want)
		}
	}
	z.configure(`{"fieldFilter":"sections"}`)
	if got := z.get(path + "?custom_query_fields=in_meeting").object(); len(got) != 1 || got["in_meeting"] == nil {
		t.Errorf("a section's name brings %v", got)
	}
	z.configure(`{"fieldFilter":"leaf"}`)
	r := z.get(path + "?option=meeting_authentication&custom_query_fields=meeting_authentication").want(200)
	if got := r.object(); len(got) != 1 || got["meeting_authentication"] == nil {
		t.Errorf("at the top of a view: %s", r.body)
	}
	r = z.get(path + "?option=meeting_security&custom_query_fields=waiting_room").want(200)
	if got := r.at("meeting_security").(map[string]any); len(got) != 1 || got["waiting_room"] == nil {
		t.Errorf("in another view: %s", r.body)
	}
}

func TestFilterPassesOverWhatIsAbsent(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{})
	for _, u := range z.Users() {
		path := "/users/" + u.ID + "/settings"
		if u.Status != "pending" && z.get(path).at("schedule_meeting.pmi_password") == nil {
			z.get(path + "?custom_query_fields=pmi_password").is("{}")
			return
		}
	}
	t.Fatal("everybody has a pmi_password")
}
