package graph_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"zoomgraph/internal/sandbox"
)

// Whatever fails of an operation for want of a scope, a read, a write, a part of one or what a subscription needs, says so
// in the same way: by its code, with the scopes that are missing, and what to do.
func TestMissingScopesAreNamedEverywhere(t *testing.T) {
	t.Parallel()
	const message = "Invalid access token, does not contain scopes:[user:read:admin, user:write:admin]."
	for name, tc := range map[string]struct {
		match, query string
		times        int // calls of these that go well before
		hint         string
	}{
		"a detail":           {match: "GET /users/*", query: `{ user(id: "USER") { email } }`},
		"a list":             {match: "GET /users", query: `{ users { nodes { id } } }`},
		"settings":           {match: "GET /users/*/settings", query: `{ user(id: "USER") { settings { tsp { callOut } } } }`},
		"raw":                {match: "GET /users/*/settings", query: `{ user(id: "USER") { settings(fields: ["host_video"]) { raw } } }`},
		"effective settings": {match: "GET /users/*/settings", query: `{ user(id: "USER") { effectiveSettings(fields: ["host_video"]) { value } } }`},
		"what is above":      {match: "GET /accounts/*/settings", query: `{ user(id: "USER") { effectiveSettings(fields: ["host_video"]) { value } } }`},
		"a drift":            {match: "GET /users/*/settings", query: `{ settingsDrift(baseline: {schedule_meeting: {host_video: true}}, first: 1) { nodes { user { id } } } }`},
		"a drift's list":     {match: "GET /users", query: `{ settingsDrift(baseline: {schedule_meeting: {host_video: true}}, first: 1) { nodes { user { id } } } }`},
		"a creation":         {match: "POST /users", query: `mutation { createUser(input: {action: CUST_CREATE, userInfo: {email: "m@example.com", type: LICENSED}}) { user { id } } }`},
		"a change":           {match: "PATCH /users/*", query: `mutation { updateUser(id: "USER", input: {firstName: "A"}) { user { id } } }`},
		"a removal":          {match: "DELETE /users/*", query: `mutation { deleteUser(id: "USER") { userId } }`},
		"a settings change":  {match: "PATCH /users/*/settings", query: `mutation { updateUserSettings(id: "USER", input: {scheduleMeeting: {hostVideo: true}}) { user { id } } }`},
		"a part of a change": {
			match: "PATCH /users/*/settings", times: 1, hint: "changes of other sections were made before",
			query: `mutation { updateUserSettings(id: "USER", input: {scheduleMeeting: {hostVideo: true}, meetingSecurity: {waitingRoom: true}}) { user { id } } }`,
		},
		"what was stored": {match: "GET /users/*/settings", query: `mutation { updateUserSettings(id: "USER", input: {scheduleMeeting: {hostVideo: true}}) { notApplied { field } } }`},
		"a subscription":  {match: "GET /users/*", query: `subscription { userSettingsChanged(id: "ada.lovelace@example.com") { fields } }`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fault := sandbox.Fault{Match: tc.match, Kind: sandbox.FaultStatus, Status: 400, Code: 4711, Message: message}
			faults := []sandbox.Fault{fault}
			if tc.times > 0 {
				faults = []sandbox.Fault{{Match: tc.match, Kind: sandbox.FaultEmpty, Times: tc.times}, fault}
			}
			s := setup(t, sandbox.Config{Faults: faults})
			extensions := s.firstError(tc.query)
			hint, _ := extensions["hint"].(string)
			if !strings.Contains(hint, "add the missing scopes to the app") || !strings.Contains(hint, tc.hint) {
				t.Errorf("the hint is %q", hint)
			}
			for _, key := range []string{"requestId", "trackingId", "hint", "operation"} {
				if extensions[key] == nil {
					t.Errorf("no %s", key)
				}
				delete(extensions, key)
			}
			want := map[string]any{"code": "SCOPE_MISSING", "httpStatus": 400.0, "zoomCode": 4711.0, "missingScopes": []any{"user:read:admin", "user:write:admin"}}
			if diff := cmp.Diff(want, extensions); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// Where Zoom does not name the scopes that are missing, the hint names those that the operation can do with.
func TestScopesThatZoomDoesNotName(t *testing.T) {
	t.Parallel()
	for match, tc := range map[string]struct{ query, want string }{
		"GET /users/*":          {`{ user(id: "USER") { email } }`, "add the scope user:read or user:write or user:read:admin or user:write:admin or user_profile or user_info:read, or the granular scope user:read:user"},
		"DELETE /users/*":       {`mutation { deleteUser(id: "USER") { userId } }`, "add the scope user:write:admin or user:write, or the granular scope user:delete:user or "},
		"GET /users/*/settings": {`{ user(id: "USER") { settings { raw } } }`, "user:read:settings"},
	} {
		t.Run(match, func(t *testing.T) {
			t.Parallel()
			s := setup(t, sandbox.Config{Faults: []sandbox.Fault{{Match: match, Kind: sandbox.FaultStatus, Status: 400, Code: 4711, Message: "Invalid access token."}}})
			extensions := s.firstError(tc.query)
			if hint, _ := extensions["hint"].(string); extensions["code"] != "SCOPE_MISSING" || extensions["missingScopes"] != nil || !strings.Contains(hint, tc.want) {
				t.Errorf("%v", extensions)
			}
		})
	}
}

// firstError is the extensions of an answer's first error; a subscription is answered as an event stream.
func (s *service) firstError(query string) map[string]any {
	s.t.Helper()
	if !strings.HasPrefix(query, "subscription") {
		a := s.ask(query, nil)
		if len(a.Errors) == 0 {
			s.t.Fatalf("no error: %s", a.raw)
		}
		return a.Errors[0].Extensions
	}
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		s.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "text/event-stream")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	_, text, _ = bytes.Cut(text, []byte("data: "))
	text, _, _ = bytes.Cut(text, []byte("\n"))
	var a answer
	if err := json.Unmarshal(text, &a); err != nil || len(a.Errors) == 0 {
		s.t.Fatalf("%v in %s", err, text)
	}
	return a.Errors[0].Extensions
}
