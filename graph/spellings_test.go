package graph_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"zoomgraph/graph"
	"zoomgraph/internal/sandbox"
)

// asTexts lets Zoom spell the numbers and Booleans of some answers as texts.
func (s *service) asTexts(match ...string) {
	s.t.Helper()
	var faults []sandbox.Fault
	for _, pattern := range match {
		faults = append(faults, sandbox.Fault{Kind: sandbox.FaultAsText, Match: pattern})
	}
	if err := s.zoom.Configure(sandbox.Config{Faults: faults}); err != nil {
		s.t.Fatal(err)
	}
}

// settle puts a setting of the first user in Zoom's answers, as it is written.
func settle(section, name, value string) sandbox.Config {
	return sandbox.Config{Faults: []sandbox.Fault{{
		Kind: sandbox.FaultWrongType, Match: "GET /users/*/settings", Path: section + "." + name, Value: json.RawMessage(value),
	}}}
}

// A setting is as the policy has it, however Zoom and the policy spell it, and otherwise it is not. Found values are
// told as their types have them.
func TestDriftComparesByType(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		section, name, sent, wanted string
		deviation                   string // "" for none
	}{
		{"feature", "meeting_capacity", `"100"`, `100`, ``},
		{"feature", "meeting_capacity", `100`, `"100"`, ``},
		{"feature", "meeting_capacity", `"1e2"`, `100`, `{"name":"feature.meeting_capacity","wanted":100,"found":"1e2"}`},
		{"feature", "meeting_capacity", `100.0`, `100`, ``},
		{"feature", "meeting_capacity", `"300"`, `100`, `{"name":"feature.meeting_capacity","wanted":100,"found":300}`},
		{"feature", "meeting_capacity", `" 100"`, `100`, `{"name":"feature.meeting_capacity","wanted":100,"found":" 100"}`},
		{"feature", "meeting_capacity", `null`, `"100"`, `{"name":"feature.meeting_capacity","wanted":100,"found":null}`},
		{"feature", "zoom_events_unlimited_capacities", `["100",500.0]`, `[100,"500"]`, ``},
		{"feature", "zoom_events_unlimited_capacities", `["100"]`, `[100,500]`, `{"name":"feature.zoom_events_unlimited_capacities","wanted":[100,500],"found":[100]}`},
		{"schedule_meeting", "host_video", `"true"`, `true`, ``},
		{"schedule_meeting", "host_video", `"false"`, `true`, `{"name":"schedule_meeting.host_video","wanted":true,"found":false}`},
		{"schedule_meeting", "host_video", `1`, `true`, `{"name":"schedule_meeting.host_video","wanted":true,"found":1}`},
		{"schedule_meeting", "audio_type", `"both"`, `"both"`, ``},
		{"in_meeting", "allow_participants_chat_with", `"2"`, `2`, ``},
		{"in_meeting", "allow_participants_chat_with", `2`, `"2"`, ``},
		{"in_meeting", "allow_participants_chat_with", `2.0`, `2`, ``},
		{"in_meeting", "allow_participants_chat_with", `"3"`, `2`, `{"name":"in_meeting.allow_participants_chat_with","wanted":2,"found":3}`},
		{"schedule_meeting", "pmi_password", `123456`, `"123456"`, ``},
		{"schedule_meeting", "meeting_password_requirement", `{"length":"8","have_number":"true","new":1}`, `{"have_number":true,"length":8}`, ``},
		{"schedule_meeting", "meeting_password_requirement", `{"length":"9"}`, `{"length":8}`, `{"name":"schedule_meeting.meeting_password_requirement.length","wanted":8,"found":9}`},
		{"schedule_meeting", "meeting_password_requirement", `{"length":8}`, `{"length":8,"have_number":null}`, ``},
	} {
		t.Run(test.name+" "+test.sent, func(t *testing.T) {
			t.Parallel()
			s := setup(t, settle(test.section, test.name, test.sent), withOddAnswers(t))
			baseline := fmt.Sprintf(`{"b":{%q:{%q:%s}}}`, test.section, test.name, test.wanted)
			var variables map[string]any
			if err := json.Unmarshal([]byte(baseline), &variables); err != nil {
				t.Fatal(err)
			}
			a := s.ask(`query ($b: JSON!) { settingsDrift(baseline: $b, first: 1) { nodes { deviations { name wanted found } } } }`, variables)
			want := `"settingsDrift":{"nodes":[]}`
			if test.deviation != "" {
				want = `"settingsDrift":{"nodes":[{"deviations":[` + test.deviation + `]}]}`
			}
			if len(a.Errors) > 0 || !strings.Contains(string(a.raw), want) {
				t.Errorf("got %.500s\nwant %s", a.raw, want)
			}
		})
	}
}

// What no setting of the type can ever be is refused by name, before any call.
func TestDriftRefusesWhatCannotBe(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	for baseline, want := range map[string]string{
		`{schedule_meeting: {host_video: "banana"}}`:                           "schedule_meeting.host_video has to be true or false",
		`{schedule_meeting: {host_video: 1}}`:                                  "schedule_meeting.host_video has to be true or false",
		`{schedule_meeting: {host_video: "True"}}`:                             "schedule_meeting.host_video has to be true or false",
		`{feature: {meeting_capacity: "many"}}`:                                "feature.meeting_capacity has to be a whole number of at most 32 bits",
		`{feature: {meeting_capacity: 1.5}}`:                                   "feature.meeting_capacity has to be a whole number of at most 32 bits",
		`{feature: {meeting_capacity: "1,000"}}`:                               "feature.meeting_capacity has to be a whole number of at most 32 bits",
		`{feature: {zoom_events_unlimited_capacities: 100}}`:                   "feature.zoom_events_unlimited_capacities has to be a list",
		`{feature: {zoom_events_unlimited_capacities: [100, true]}}`:           "feature.zoom_events_unlimited_capacities[1] has to be a whole number of at most 32 bits",
		`{schedule_meeting: {audio_type: "BOTH"}}`:                             "schedule_meeting.audio_type has to be one of both, telephony, voip, thirdParty",
		`{in_meeting: {allow_participants_chat_with: 9}}`:                      "in_meeting.allow_participants_chat_with has to be one of 1, 2, 3, 4",
		`{schedule_meeting: {meeting_password_requirement: {length: "long"}}}`: "schedule_meeting.meeting_password_requirement.length has to be a whole number of at most 32 bits",
		`{meeting_security: {waiting_room: "on"}}`:                             "meeting_security.waiting_room has to be true or false",
		`{meeting_authentication: {meeting_authentication: "yes"}}`:            "meeting_authentication.meeting_authentication has to be true or false",
	} {
		a := s.ask(`{ settingsDrift(baseline: `+baseline+`) { totalCount } }`, nil)
		s.wantErrors(a, "BAD_USER_INPUT at settingsDrift")
		if len(a.Errors) == 1 && a.Errors[0].Message != "baseline: "+want {
			t.Errorf("%s: %s, want %s", baseline, a.Errors[0].Message, want)
		}
	}
	s.wantCalls()
}

// A write that Zoom spells otherwise when it is read back is applied.
func TestNotAppliedComparesByType(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	group := fmt.Sprint(s.must(`{ groups(first: 1) { nodes { id } } }`).at("groups", "nodes", 0, "id"))
	s.asTexts("GET /*/*/settings", "GET /*/*/lock_settings")
	for name, input := range map[string]string{
		"updateUserSettings(id: \"USER\", ":       `recording: {autoDeleteCmrDays: 30}, scheduleMeeting: {hostVideo: true, audioType: BOTH}, inMeeting: {allowParticipantsChatWith: NO_ONE}, meetingSecurity: {waitingRoom: false, meetingPasswordRequirement: {length: 8, haveNumber: true}}`,
		"updateGroupSettings(id: \"GROUP\", ":     `scheduleMeeting: {hostVideo: true}, meetingSecurity: {waitingRoom: true}`,
		"updateGroupLockSettings(id: \"GROUP\", ": `scheduleMeeting: {hostVideo: true}, inMeeting: {polling: false}`,
		"updateAccountSettings(id: \"me\", ":      `security: {signAgainPeriodForInactivityOnWeb: 30}, inMeeting: {polling: true}`,
		"updateAccountLockSettings(id: \"me\", ":  `inMeeting: {chat: true}`,
	} {
		query := strings.ReplaceAll("mutation { "+name+"input: {"+input+"}) { notApplied { field wanted stored } } }", "GROUP", group)
		if a := s.ask(query, nil); len(a.Errors) > 0 || !strings.Contains(string(a.raw), `"notApplied":[]`) {
			t.Errorf("%s\n%.500s", query, a.raw)
		}
	}
	// What is really another value is told as its type has it.
	if err := s.zoom.Configure(settle("recording", "auto_delete_cmr_days", `"60"`)); err != nil {
		t.Fatal(err)
	}
	a := s.must(`mutation { updateUserSettings(id: "USER", input: {recording: {autoDeleteCmrDays: 30}}) { notApplied { field wanted stored } } }`)
	if want := `"notApplied":[{"field":"recording.auto_delete_cmr_days","wanted":30,"stored":60}]`; !strings.Contains(string(a.raw), want) {
		t.Errorf("got %.400s\nwant %s", a.raw, want)
	}
}

// What holds for a person does not depend on which level spells its values as texts, nor on how locks are spelled.
func TestEffectiveSettingsCompareByType(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	group := fmt.Sprint(s.must(`{ user(id: "USER") { groupIds } }`).at("user", "groupIds", 0))
	s.must(`mutation {
		a: updateAccountSettings(id: "me", input: {recording: {autoDeleteCmrDays: 60}, inMeeting: {polling: true}}) { account { id } }
		b: updateAccountLockSettings(id: "me", input: {inMeeting: {polling: true}}) { account { id } }
		c: updateGroupSettings(id: "` + group + `", input: {inMeeting: {allowParticipantsChatWith: NO_ONE}, scheduleMeeting: {hostVideo: true}}) { group { id } }
		d: updateGroupLockSettings(id: "` + group + `", input: {scheduleMeeting: {hostVideo: true}}) { group { id } }
		e: updateUserSettings(id: "USER", input: {recording: {autoDeleteCmrDays: 30}, inMeeting: {allowParticipantsChatWith: NO_ONE}}) { user { id } }
	}`)
	const query = `{ users(first: 12) { nodes { effectiveSettings(fields: ["auto_delete_cmr_days", "polling", "host_video", "meeting_password_requirement", "allow_participants_chat_with"]) { name value source lockedBy editable } } } }`
	data := func() string {
		t.Helper()
		text, err := json.Marshal(s.must(query).Data)
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	want := data()
	for _, source := range []string{"USER", "GROUP", "ACCOUNT"} {
		if !strings.Contains(want, `"source":"`+source) {
			t.Errorf("nothing comes from %s, so that little is compared: %s", source, want)
		}
	}
	for _, match := range [][]string{
		{"GET /users/*/settings"},
		{"GET /groups/*/settings"},
		{"GET /accounts/*/settings"},
		{"GET /groups/*/lock_settings", "GET /accounts/*/lock_settings"},
		{""},
	} {
		s.asTexts(match...)
		if got := data(); got != want {
			t.Errorf("%s spelled as texts:\n%s\nwant\n%s", match, got, want)
		}
	}
}

// An export has the typed values, and knows how long the list is.
func TestExportOfTexts(t *testing.T) {
	t.Parallel()
	server, _, zoom := exporting(t, sandbox.Config{}, nil)
	x, err := server.ExportSettings([]string{"host_video", "meeting_capacity", "audio_type", "allow_participants_chat_with"}, "")
	if err != nil {
		t.Fatal(err)
	}
	read := func() (graph.ExportPage, string) {
		t.Helper()
		page, _, err := x.Users("active").Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		values, err := x.Settings(t.Context(), page.Users[0].ID)
		if err != nil {
			t.Fatal(err)
		}
		return page, fmt.Sprintf("%s", values)
	}
	plainPage, plain := read()
	if err := zoom.Configure(sandbox.Config{Faults: []sandbox.Fault{{Kind: sandbox.FaultAsText}}}); err != nil {
		t.Fatal(err)
	}
	page, texts := read()
	if texts != plain || page.Total != plainPage.Total || page.Total != 500 || !slices.Equal(page.Users, plainPage.Users) {
		t.Errorf("%s of %d, want %s of %d", texts, page.Total, plain, plainPage.Total)
	}
}

// A list goes on where Zoom's token is a number.
func TestNumberAsPageToken(t *testing.T) {
	t.Parallel()
	tokens := &numberTokens{}
	s := setup(t, sandbox.Config{}, withTransport(tokens))
	a := s.must(`{ users(first: 500) { nodes { id } pageInfo { hasNextPage } } }`)
	if nodes, _ := a.at("users", "nodes").([]any); len(nodes) != 500 || tokens.asked != "555" {
		t.Errorf("%d users, and %q was asked for", len(nodes), tokens.asked)
	}
}

// numberTokens puts the number 555 in the place of Zoom's token for the next page.
type numberTokens struct{ real, asked string }

func (n *numberTokens) RoundTrip(r *http.Request) (*http.Response, error) {
	query := r.URL.Query()
	if query.Get("next_page_token") != "" {
		n.asked = query.Get("next_page_token")
		query.Set("next_page_token", n.real)
		r = r.Clone(r.Context())
		r.URL.RawQuery = query.Encode()
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil || r.Method != http.MethodGet {
		return res, err
	}
	defer res.Body.Close()
	var body map[string]json.RawMessage
	if err := json.NewDecoder(res.Body).Decode(&body); err != nil {
		return nil, err
	}
	var token string
	if json.Unmarshal(body["next_page_token"], &token) == nil && token != "" {
		n.real, body["next_page_token"] = token, json.RawMessage("555")
	}
	text, err := json.Marshal(body)
	res.Body, res.ContentLength = io.NopCloser(bytes.NewReader(text)), int64(len(text))
	res.Header.Del("Content-Length")
	return res, err
}
