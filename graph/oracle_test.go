package graph_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"zoomgraph/internal/callers"
	"zoomgraph/internal/sandbox"
)

// oracle is an answer that compares something with a secret, which is 111111. GUESS stands for what is guessed.
type oracle struct {
	query  string
	stored map[string]string // JSON by where Zoom answers it
	tells  string            // a part of the answer all the same
}

const (
	ofPMI         = "GET /users/*/settings schedule_meeting.pmi_password"
	ofUserInfo    = "GET /users/*/settings telephony.audio_conference_info"
	ofAccountInfo = "GET /accounts/me/settings telephony.audio_conference_info"
	meeting       = "https://zoom.us/j/1?pwd="
)

var oracles = map[string]oracle{
	"what was not applied": {
		`mutation { updateUserSettings(id: "USER", input: {scheduleMeeting: {pmiPassword: "GUESS", audioType: THIRD_PARTY}}) {
			notApplied { field stored } again: notApplied { field }
		} }`,
		map[string]string{ofPMI: `"111111"`, "GET /users/*/settings schedule_meeting.audio_type": `"voip"`},
		`map[field:schedule_meeting.audio_type stored:voip]`,
	},
	"an address that was not applied": {
		`mutation { updateUserSettings(id: "USER", input: {telephony: {audioConferenceInfo: "Join https://zoom.us/j/1?a=1&PWD=GUESS"}}) {
			notApplied { field stored }
		} }`,
		map[string]string{ofUserInfo: `"Join https://zoom.us/j/1?a=1&PWD=111111"`},
		"notApplied",
	},
	"the source of an address": {
		`{ user(id: "USER") { effectiveSettings(fields: ["audio_conference_info"]) {
			value source lockedBy editable certainty reason group { id } lockedByGroup { id } because { level value locked decides }
		} } }`,
		map[string]string{ofUserInfo: `"` + meeting + `111111"`, ofAccountInfo: `"` + meeting + `GUESS"`, "GET /users/* group_ids": `[]`},
		"reason:VALUES_WITHHELD",
	},
	"drift": {
		`{ settingsDrift(baseline: {schedule_meeting: {pmi_password: "GUESS"}}, first: 5) { nodes { deviations { name } } } }`,
		map[string]string{ofPMI: `"111111"`},
		"FORBIDDEN",
	},
	"drift of a number": {
		`{ settingsDrift(baseline: {schedule_meeting: {pmi_password: GUESS}}, first: 5) { nodes { deviations { name } } } }`,
		map[string]string{ofPMI: `"111111"`},
		"FORBIDDEN",
	},
	"drift of an address": {
		`{ settingsDrift(baseline: {telephony: {audio_conference_info: "` + meeting + `GUESS"}}, first: 5) { nodes { deviations { name } } } }`,
		map[string]string{ofUserInfo: `"` + meeting + `111111"`},
		"FORBIDDEN",
	},
	"the source of a drift": {
		`{ settingsDrift(baseline: {telephony: {audio_conference_info: "none"}}, first: 5) { nodes { deviations { name found source certainty } } } }`,
		map[string]string{ofUserInfo: `"` + meeting + `111111"`, ofAccountInfo: `"` + meeting + `GUESS"`},
		"found:https://zoom.us/j/1 ",
	},
}

// withStored makes the sandbox answer values, whatever was written.
func (s *service) withStored(values map[string]string, guess string) {
	s.t.Helper()
	var faults []sandbox.Fault
	for at, value := range values {
		i := strings.LastIndexByte(at, ' ')
		faults = append(faults, sandbox.Fault{
			Match: at[:i], Kind: sandbox.FaultWrongType, Path: at[i+1:], Value: json.RawMessage(strings.ReplaceAll(value, "GUESS", guess)),
		})
	}
	if err := s.zoom.Configure(sandbox.Config{Faults: faults}); err != nil {
		s.t.Fatal(err)
	}
}

// TestNoOracle: whether a guess is right makes no difference in an answer to who may not see secrets.
func TestNoOracle(t *testing.T) {
	t.Parallel()
	for name, o := range oracles {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setupFor(t, callers.Read|callers.Write)
			told := map[string]string{}
			for _, guess := range []string{"111111", "222222"} {
				s.withStored(o.stored, guess)
				a := s.ask(strings.ReplaceAll(o.query, "GUESS", guess), nil)
				for i := range a.Errors {
					delete(a.Errors[i].Extensions, "requestId")
				}
				told[guess] = fmt.Sprint(a.Data, a.Errors, a.Extensions.Zoom.Absent)
				if strings.Contains(told[guess], "1111") || !strings.Contains(told[guess], o.tells) {
					t.Errorf("the guess %s is answered %s, want %s", guess, told[guess], o.tells)
				}
			}
			if told["111111"] != told["222222"] {
				t.Errorf("the right guess is answered\n%s\nthe wrong one\n%s", told["111111"], told["222222"])
			}
		})
	}
}

// TestComparedForTheTrusted: who may see secrets is told of them what holds.
func TestComparedForTheTrusted(t *testing.T) {
	t.Parallel()
	for name, wants := range map[string][2]string{ // for the right guess and the wrong one
		"what was not applied":            {"again:[map[field:schedule_meeting.audio_type]]", "field:schedule_meeting.pmi_password stored:111111"},
		"an address that was not applied": {"notApplied:[]", "stored:Join https://zoom.us/j/1?a=1&PWD=111111"},
		"the source of an address":        {"source:ACCOUNT", "source:USER"},
		"drift of an address":             {"nodes:[]", "telephony.audio_conference_info"},
		"the source of a drift":           {"source:ACCOUNT", "source:USER"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setupFor(t, callers.All)
			for i, guess := range []string{"111111", "222222"} {
				s.withStored(oracles[name].stored, guess)
				a := s.ask(strings.ReplaceAll(oracles[name].query, "GUESS", guess), nil)
				if got := fmt.Sprint(a.Data); !strings.Contains(got, wants[i]) || len(a.Errors) > 0 {
					t.Errorf("the guess %s is answered %s, %v; want %s", guess, got, a.Errors, wants[i])
				}
			}
		})
	}
}

// TestNotAppliedIsHonest: that something is not compared is said, at each place where it would stand.
func TestNotAppliedIsHonest(t *testing.T) {
	t.Parallel()
	s := setupFor(t, callers.Read|callers.Write)
	a := s.ask(`mutation { w: updateUserSettings(id: "USER", input: {scheduleMeeting: {pmiPassword: "1"}}) { notApplied { field } n: notApplied { field } } }`, nil)
	s.wantErrors(a)
	s.wantAbsent(a, "w.notApplied: WITHHELD", "w.n: WITHHELD")
	a = s.ask(`mutation { w: updateUserSettings(id: "USER", input: {inMeeting: {chat: true}}) { notApplied { field } } }`, nil)
	s.wantErrors(a)
	s.wantAbsent(a)
}

// TestSecretsOfAddresses: who may not see secrets gets addresses without theirs, typed, in raw and in lists.
func TestSecretsOfAddresses(t *testing.T) {
	t.Parallel()
	stored := map[string]string{
		"GET /users/* personal_meeting_url":             `"https:\/\/zoom.us\/j\/1?pwd=111111&lang=de"`,
		"GET /users users.0.dept":                       `"https://a.example/go?to=https%3A%2F%2Fzoom.us%2Fj%2F1%3Fpwd%3D111111"`,
		ofUserInfo:                                      `"Join https://zoom.us/j/1?tk=111111 or https://zoom.us/s/2?a=1&zak=111111#111?pwd=111111"`,
		"GET /users/*/settings in_meeting.waiting_room": `{"start_url": "111111", "links": ["https://zoom.us/j/1?p%77d=111111"]}`,
		"GET /users/*/settings in_meeting.co_host":      `"zoommtg://zoom.us/join?confno=1&PWD=111111"`,
	}
	const query = `{
		user(id: "USER") { personalMeetingUrl settings { telephony { audioConferenceInfo } raw } }
		users(first: 1) { nodes { dept } }
	}`
	s, all := setupFor(t, callers.Read|callers.Write), setupFor(t, callers.All)
	s.withStored(stored, "")
	all.withStored(stored, "")
	a, seen := s.ask(query, nil), all.ask(query, nil)
	s.wantErrors(a)
	for _, tt := range []struct {
		path []any
		want any
	}{
		{[]any{"user", "personalMeetingUrl"}, "https://zoom.us/j/1?lang=de"},
		{[]any{"users", "nodes", 0, "dept"}, "https://a.example/go?to=https%3A%2F%2Fzoom.us%2Fj%2F1"},
		{[]any{"user", "settings", "telephony", "audioConferenceInfo"}, "Join https://zoom.us/j/1 or https://zoom.us/s/2?a=1#111"},
		{[]any{"user", "settings", "raw", "in_meeting", "waiting_room", "start_url"}, nil},
		{[]any{"user", "settings", "raw", "in_meeting", "waiting_room", "links", 0}, "https://zoom.us/j/1"},
		{[]any{"user", "settings", "raw", "in_meeting", "co_host"}, "zoommtg://zoom.us/join?confno=1"},
	} {
		if got := a.at(tt.path...); got != tt.want {
			t.Errorf("%v is %v, want %v", tt.path, got, tt.want)
		}
		if got := fmt.Sprint(seen.at(tt.path...)); !strings.Contains(got, "111111") {
			t.Errorf("who may see secrets gets %v at %v", got, tt.path)
		}
		withheld := 0
		for _, absent := range a.Extensions.Zoom.Absent {
			if absent.Reason == "WITHHELD" && pathText(absent.Path) == pathText(tt.path) {
				withheld++
			}
		}
		if withheld != 1 {
			t.Errorf("nothing says that something of %v is withheld: %s", tt.path, a.raw)
		}
	}
	if strings.Contains(string(a.raw), "1111") {
		t.Errorf("a secret is shown: %s", a.raw)
	}
}
