package graph_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"zoomgraph/internal/sandbox"
)

const settingsOf = "GET /users/USER/settings"

// The heart: how a selection becomes calls, counted in the sandbox's own log.
func TestSettingsCalls(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, query string
		calls       []string
	}{
		{
			"settings alone", `{ user(id: "USER") { settings { scheduleMeeting { hostVideo } inMeeting { waitingRoom } } } }`,
			[]string{settingsOf + "?custom_query_fields=host_video,waiting_room"},
		},
		{
			"beside a field of the user", `{ user(id: "USER") { email settings { scheduleMeeting { hostVideo } inMeeting { waitingRoom } } } }`,
			[]string{"GET /users/USER", settingsOf + "?custom_query_fields=host_video,waiting_room"},
		},
		{"nothing but the id", `{ user(id: "USER") { id } }`, nil},
		{"no field at all", `{ user(id: "USER") { __typename settings { __typename } } }`, nil},
		{
			"all four views", `{ user(id: "USER") { settings {
				scheduleMeeting { hostVideo } meetingAuthentication { meetingAuthentication }
				recordingAuthentication { recordingAuthentication } meetingSecurity { waitingRoom } } } }`,
			[]string{
				settingsOf + "?custom_query_fields=host_video",
				settingsOf + "?custom_query_fields=meeting_authentication&option=meeting_authentication",
				settingsOf + "?custom_query_fields=recording_authentication&option=recording_authentication",
				settingsOf + "?custom_query_fields=waiting_room&option=meeting_security",
			},
		},
		{
			"names below the second level stay here",
			`{ user(id: "USER") { settings { recording { recordingPasswordRequirement { length haveLetter } } } } }`,
			[]string{settingsOf + "?custom_query_fields=recording_password_requirement"},
		},
		{
			"an ambiguous name asks for the whole view", `{ user(id: "USER") { settings { telephony { showInternationalNumbersLink } } } }`,
			[]string{settingsOf},
		},
		{
			"a section without names asks for the whole view", `{ user(id: "USER") { settings { tsp { __typename } } } }`,
			[]string{settingsOf},
		},
		{
			"a section without names beside one with names", `{ user(id: "USER") { settings { tsp { __typename } inMeeting { chat } } } }`,
			[]string{settingsOf},
		},
		{"raw asks for the whole view", `{ user(id: "USER") { settings { raw tsp { callOut } } } }`, []string{settingsOf}},
		{
			"raw of a view", `{ user(id: "USER") { settings(option: MEETING_SECURITY) { raw } } }`,
			[]string{settingsOf + "?option=meeting_security"},
		},
		{
			"fields overrides", `{ user(id: "USER") { settings(fields: ["polling", "chat"]) { raw } } }`,
			[]string{settingsOf + "?custom_query_fields=chat,polling"},
		},
		{
			"fields are cut by view", `{ user(id: "USER") { settings(fields: ["waiting_room", "host_video"]) {
				scheduleMeeting { hostVideo } meetingSecurity { waitingRoom } } } }`,
			[]string{
				settingsOf + "?custom_query_fields=host_video,waiting_room",
				settingsOf + "?custom_query_fields=waiting_room&option=meeting_security",
			},
		},
		{
			"a name that nobody knows", `{ user(id: "USER") { settings(fields: ["brand_new"], allowUnknown: true) { raw } } }`,
			[]string{settingsOf + "?custom_query_fields=brand_new", settingsOf},
		},
		{
			"login type", `{ user(id: "USER") { settings(loginType: SSO) { tsp { callOut } } } }`,
			[]string{settingsOf + "?custom_query_fields=call_out&login_type=101"},
		},
		{
			"skipped and included", `query ($no: Boolean = false) { user(id: "USER") { settings {
				scheduleMeeting { hostVideo @include(if: $no) audioType } inMeeting @skip(if: true) { chat } } } }`,
			[]string{settingsOf + "?custom_query_fields=audio_type"},
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, sandbox.Config{})
			s.must(test.query)
			s.wantCalls(test.calls...)
		})
	}
}

// Everything that one request asks about one user merges, wherever it stands.
func TestSettingsMerge(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	names := []string{
		"hostVideo", "participantsVideo", "joinBeforeHost", "audioType", "usePmiForInstantMeetings", "personalMeeting",
		"forcePmiJbhPassword", "pstnPasswordProtected", "embedPasswordInJoinLink", "usePmiForScheduledMeetings",
	}
	query := func(options map[int]string) string {
		var direct, fragments strings.Builder
		for i, name := range names {
			args := ""
			section := "scheduleMeeting { " + name + " }"
			if options[i] != "" {
				args, section = "(option: "+options[i]+")", "meetingSecurity { waitingRoom autoSecurity }"
			}
			field := fmt.Sprintf("a%d: settings%s { %s }", i, args, section)
			if i%2 == 0 {
				fmt.Fprintf(&direct, "%s ... on User { __typename } ", field)
				continue
			}
			fmt.Fprintf(&direct, "...F%d ", i)
			fmt.Fprintf(&fragments, "fragment F%d on User { %s } ", i, field)
		}
		return `{ user(id: "USER") { ` + direct.String() + "} } " + fragments.String()
	}
	all := "?custom_query_fields=audio_type,embed_password_in_join_link,force_pmi_jbh_password,host_video,join_before_host," +
		"participants_video,personal_meeting,pstn_password_protected,use_pmi_for_instant_meetings,use_pmi_for_scheduled_meetings"

	a := s.must(query(nil))
	s.wantCalls(settingsOf + all)
	if got := a.Extensions.Zoom.Cost; got.Calls != 1 || got.Coalesced != 9 || got.ByLabel["MEDIUM"] != 1 {
		t.Errorf("cost %+v, want 1 call for 10 reads", got)
	}

	s.must(query(map[int]string{2: "MEETING_SECURITY", 5: "MEETING_SECURITY", 8: "MEETING_SECURITY"}))
	s.wantCalls(
		settingsOf+"?custom_query_fields=audio_type,force_pmi_jbh_password,host_video,participants_video,"+
			"pstn_password_protected,use_pmi_for_instant_meetings,use_pmi_for_scheduled_meetings",
		settingsOf+"?custom_query_fields=auto_security,waiting_room&option=meeting_security",
	)
}

// Root fields merge too, also beside a list that must be read first.
func TestSettingsMergeOverRootFields(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{Latency: sandbox.Duration(20 * time.Millisecond)})
	s.must(`{
		a: user(id: "USER") { email settings { scheduleMeeting { hostVideo } } }
		b: user(id: "USER") { firstName settings { inMeeting { chat } } }
		users(first: 1) { nodes { id } }
		same: users(first: 1) { totalCount }
	}`)
	s.wantCalls("GET /users/USER", "GET /users?page_size=1", settingsOf+"?custom_query_fields=chat,host_video")
}

// Calls that do not need each other are in flight together. Each is held until all have come, so a facade that sends
// them one after the other does not get an answer.
func TestCallsInParallel(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name, query string
		calls       int
	}{
		{"the user and the settings", `{ user(id: "USER") { email settings { tsp { callOut } } } }`, 2},
		{"four views", `{ user(id: "USER") { settings { tsp { callOut } meetingSecurity { waitingRoom }
			meetingAuthentication { meetingAuthentication } recordingAuthentication { recordingAuthentication } } } }`, 4},
		{"a list and a user", `{ users(first: 1) { nodes { id } } user(id: "USER") { email } }`, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			gate := &gate{want: test.calls, open: make(chan struct{}), next: http.DefaultTransport}
			s := setup(t, sandbox.Config{}, withTransport(gate))
			s.must(test.query)
		})
	}
}

func TestListWithSettings(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	a := s.must(`{ users(first: 100) { nodes { id email settings { scheduleMeeting { hostVideo } inMeeting { waitingRoom } } } } }`)
	calls := s.calls()
	if len(calls) != 101 || calls[100] != "GET /users?page_size=100" {
		t.Fatalf("%d calls, the last %s; want 101", len(calls), calls[len(calls)-1])
	}
	for _, call := range calls[:100] {
		if !strings.HasSuffix(call, "/settings?custom_query_fields=host_video,waiting_room") {
			t.Fatalf("call %s", call)
		}
	}
	if a.at("users", "nodes", 99, "settings", "scheduleMeeting", "hostVideo") == nil {
		t.Errorf("the last user has no settings: %.300s", a.raw)
	}

	a = s.must(`{
		users(first: 100) { nodes { id jobTitle company again: settings { tsp { callOut } } settings { tsp { callOut } inMeeting { chat } } } edges { node { language } } }
	}`)
	calls = s.calls()
	details, settings := 0, 0
	for _, call := range calls {
		switch {
		case strings.HasSuffix(call, "/settings?custom_query_fields=call_out,chat"):
			settings++
		case strings.HasPrefix(call, "GET /users/") && !strings.Contains(call, "settings"):
			details++
		}
	}
	if len(calls) != 201 || details != 100 || settings != 100 {
		t.Errorf("%d calls: %d details, %d settings; want 1 list, 100 details, 100 settings", len(calls), details, settings)
	}
	if a.at("users", "nodes", 0, "jobTitle") == nil || a.at("users", "edges", 0, "node", "language") == nil {
		t.Errorf("details are missing: %.300s", a.raw)
	}
}

func TestOptionDecidesTheView(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	a := s.must(`{ user(id: "USER") { settings(option: MEETING_SECURITY) { inMeeting { waitingRoom } meetingSecurity { waitingRoom } } } }`)
	s.wantCalls(settingsOf + "?custom_query_fields=waiting_room&option=meeting_security")
	s.wantAbsent(a, "user.settings.inMeeting: NOT_IN_VIEW")
	if _, isBool := a.at("user", "settings", "meetingSecurity", "waitingRoom").(bool); !isBool {
		t.Errorf("waitingRoom is missing: %s", a.raw)
	}
}

func TestFieldsAreChecked(t *testing.T) {
	t.Parallel()
	many := strings.Repeat(`"host_video",`, 101)
	for _, test := range []struct{ args, message, hint string }{
		{`fields: ["participant_video"]`, `fields: no setting is named "participant_video"; did you mean "participants_video"?`, "allowUnknown"},
		{`fields: ["zzzzzzzzzzzz"]`, `fields: no setting is named "zzzzzzzzzzzz"`, "allowUnknown"},
		{`fields: []`, "fields is empty", "leave it out"},
		{`fields: ["host_video,waiting_room"]`, `fields: "host_video,waiting_room" is not a name of a setting`, "one name an entry"},
		{`fields: ["host_video\u0000"]`, `fields: "host_video\x00" is not a name of a setting`, "a-z, 0-9 and _"},
		{`fields: [` + many + `]`, "fields holds 101 names, and at most 100 are allowed", "leave fields out"},
		{`option: MEETING_SECURITY, fields: ["host_video"]`, `fields: "host_video" is not in the view MEETING_SECURITY`, "it is in the default view"},
	} {
		t.Run(test.args[:min(len(test.args), 40)], func(t *testing.T) {
			t.Parallel()
			s := setup(t, sandbox.Config{})
			a := s.ask(`{ user(id: "USER") { settings(`+test.args+`) { raw } } }`, nil)
			s.wantErrors(a, "BAD_USER_INPUT at user.settings")
			s.wantCalls()
			if a.Errors[0].Message != test.message || !strings.Contains(fmt.Sprint(a.Errors[0].Extensions["hint"]), test.hint) {
				t.Errorf("%s (hint %s), want %s (hint …%s…)", a.Errors[0].Message, a.Errors[0].Extensions["hint"], test.message, test.hint)
			}
		})
	}
}

// A client that lists its fields sees what it would see alone, whatever else shares its call.
func TestFieldsSeeOnlyTheirs(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	a := s.must(`{ user(id: "USER") {
		one: settings(fields: ["host_video"]) { raw scheduleMeeting { hostVideo audioType } }
		two: settings { scheduleMeeting { audioType } }
	} }`)
	s.wantCalls(settingsOf + "?custom_query_fields=audio_type,host_video")
	s.wantAbsent(a, "user.one.scheduleMeeting.audioType: NOT_IN_RESPONSE")
	raw, err := json.Marshal(a.at("user", "one", "raw"))
	if err != nil || !strings.HasPrefix(string(raw), `{"schedule_meeting":{"host_video":`) || strings.Contains(string(raw), "audio_type") {
		t.Errorf("raw: %s, %v", raw, err)
	}
	if a.at("user", "two", "scheduleMeeting", "audioType") == nil {
		t.Errorf("two lacks its field: %s", a.raw)
	}
}

func TestPasscode(t *testing.T) {
	t.Parallel()
	const query = `{ user(id: "USER") { settings { scheduleMeeting { pmiPassword hostVideo } } } }`
	fault := func(kind string, value string) sandbox.Config {
		return sandbox.Config{Faults: []sandbox.Fault{{Match: "GET /users/*/settings", Kind: sandbox.FaultKind(kind), Path: "schedule_meeting.pmi_password", Value: json.RawMessage(value)}}}
	}
	for _, test := range []struct {
		name           string
		config         sandbox.Config
		want           any
		errors, absent []string
	}{
		{"present", fault("wrong-type", `"123456"`), "123456", nil, nil},
		{"null", fault("wrong-type", `null`), nil, nil, nil},
		{"absent", fault("absent", ``), nil, nil, []string{"user.settings.scheduleMeeting.pmiPassword: NOT_IN_RESPONSE"}},
		{"of a wrong type", fault("wrong-type", `true`), nil, []string{"UPSTREAM_INVALID_RESPONSE at user.settings.scheduleMeeting.pmiPassword"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, test.config)
			a := s.ask(query, nil)
			s.wantErrors(a, test.errors...)
			s.wantAbsent(a, test.absent...)
			if got := a.at("user", "settings", "scheduleMeeting", "pmiPassword"); got != test.want {
				t.Errorf("pmiPassword is %v, want %v", got, test.want)
			}
			if _, isBool := a.at("user", "settings", "scheduleMeeting", "hostVideo").(bool); !isBool {
				t.Errorf("its sibling fell with it: %s", a.raw)
			}
		})
	}
}

// What one user lacks is the error of that user alone.
func TestUsersThatHaveNoSettings(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	var pending string
	for _, user := range s.zoom.Users() {
		if user.Status == "pending" {
			pending = user.Email
		}
	}
	a := s.ask(`{
		known: user(id: "USER") { settings { tsp { callOut } } }
		unknown: user(id: "nobody") { id settings { tsp { callOut } } }
		invited: user(id: "`+pending+`") { settings { tsp { callOut } meetingSecurity { waitingRoom } } }
	}`, nil)
	s.wantErrors(a, "NOT_FOUND at unknown.settings", "INVITATION_PENDING at invited.settings")
	for _, e := range a.Errors {
		code, status := e.Extensions["zoomCode"], e.Extensions["httpStatus"]
		if e.Extensions["operation"] != "userSettings" || e.Extensions["requestId"] == "" || e.Extensions["trackingId"] == "" ||
			e.Extensions["code"] == "NOT_FOUND" && (code != 1001.0 || status != 404.0) ||
			e.Extensions["code"] == "INVITATION_PENDING" && (code != 1120.0 || status != 400.0) {
			t.Errorf("error %+v", e)
		}
	}
	if a.at("known", "settings", "tsp", "callOut") == nil || a.at("unknown", "id") != "nobody" {
		t.Errorf("the others do not stand: %s", a.raw)
	}
}

// One view that fails leaves the others standing, with one error at each section of it that was asked for.
func TestOneViewFails(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{Faults: []sandbox.Fault{{Match: "GET /users/*/settings", Kind: "status", Status: 501, Times: 1}}})
	a := s.ask(`{ user(id: "USER") { settings { tsp { callOut } meetingSecurity { waitingRoom } } } }`, nil)
	if len(a.Errors) != 1 || a.Errors[0].Extensions["code"] != "UPSTREAM_UNAVAILABLE" || len(a.Errors[0].Path) != 3 {
		t.Fatalf("want one error at a section: %s", a.raw)
	}
	if tsp, security := a.at("user", "settings", "tsp"), a.at("user", "settings", "meetingSecurity"); (tsp == nil) == (security == nil) {
		t.Errorf("want one section of two: %s", a.raw)
	}
}

// The settings of signing in come in two shapes, and read the same.
func TestShapesOfAuthentication(t *testing.T) {
	t.Parallel()
	options := `[{"id":"x","name":"Signed in","type":"enforce_login","visible":true,"default_option":true}]`
	for name, value := range map[string]string{
		"flat":   options,
		"nested": `{"meeting_authentication":{"meeting_authentication":true,"authentication_options":` + options + `}}`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const match = "GET /users/*/settings"
			s := setup(t, sandbox.Config{Faults: []sandbox.Fault{
				{Match: match, Kind: sandbox.FaultWrongType, Path: "meeting_authentication", Value: []byte(`true`)},
				{Match: match, Kind: sandbox.FaultWrongType, Path: "authentication_options", Value: []byte(value)},
			}})
			a := s.must(`{ user(id: "USER") { settings { meetingAuthentication { meetingAuthentication authenticationOptions { id type } } } } }`)
			section := func(path ...any) any {
				return a.at(append([]any{"user", "settings", "meetingAuthentication"}, path...)...)
			}
			if section("meetingAuthentication") != true || section("authenticationOptions", 0, "type") != "ENFORCE_LOGIN" {
				t.Errorf("answer %s", a.raw)
			}
		})
	}
}
