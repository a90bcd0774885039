package price_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"zoomgraph/client"
	"zoomgraph/graph"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/edge"
	"zoomgraph/internal/sandbox"
)

// What operations cost at the sandbox is never more than their price, and is their price where nothing was assumed.
func TestActualCost(t *testing.T) {
	t.Parallel()
	const atMost, exactly = false, true
	for _, test := range []struct {
		exact bool
		query string
	}{
		{exactly, `{ user(id: "USER") { id } }`},
		{exactly, `{ user(id: "USER") { id email firstName settings { scheduleMeeting { hostVideo } } } }`},
		{exactly, `{ a: user(id: "USER") { settings { inMeeting { chat } } } b: user(id: "USER") { settings { inMeeting { polling } recording { autoRecording } } } }`},
		{exactly, `{ user(id: "USER") { settings { inMeeting { chat } meetingSecurity { waitingRoom } meetingAuthentication { meetingAuthentication } } } }`},
		{exactly, `{ user(id: "USER") { settings(option: MEETING_SECURITY) { inMeeting { chat } meetingSecurity { waitingRoom } } } }`},
		{exactly, `{ user(id: "USER") { settings(option: MEETING_SECURITY) { inMeeting { chat } } email } }`},
		{exactly, `{ users(first: 20) { nodes { id email dept hostKey } totalCount } }`},
		{exactly, `{ users(first: 20) { nodes { location settings { scheduleMeeting { hostVideo } } } edges { node { settings { inMeeting { chat } } company } } } }`},
		{exactly, `{ users(first: 350) { nodes { email } } }`},
		{exactly, `{ users(first: 5) { nodes { permissions assistants { email } } } }`},
		{exactly, `{ user(id: "USER") { role { name privileges } } }`},
		{exactly, `{ group(id: "GROUP") { name members(first: 10) { nodes { id email settings { inMeeting { chat } } } } settings { inMeeting { chat } } lockSettings { inMeeting { chat } meetingSecurity { waitingRoom } } } }`},
		{exactly, `{ group(id: "GROUP") { members(first: 4) { nodes { dept } } } }`},
		{exactly, `{ group(id: "GROUP") { members(first: 4) { nodes { hostKey } } } }`},
		{exactly, `{ account(id: "me") { settings { inMeeting { chat } } lockSettings { inMeeting { chat } } trustedDomains } roles { nodes { name } } groups { nodes { name } } }`},
		{exactly, `{ account(id: "me") { groupModel { model ranks { rank group manages } } } }`},
		{atMost, `{ user(id: "USER") { effectiveSettings(fields: ["host_video", "meeting_security.waiting_room"]) { value source } } }`},
		{atMost, `{ users(first: 60) { nodes { effectiveSettings(fields: ["host_video"]) { group { id name } lockedByGroup { name } because { level group { name } value locked } } } } }`},
		{exactly, `{ settingsDrift(baseline: {schedule_meeting: {host_video: true}}, first: 20) { nodes { user { email } deviations { name } } } }`},
		{exactly, `mutation { updateUserSettings(id: "USER", input: {inMeeting: {chat: true}, meetingSecurity: {waitingRoom: true}}) { notApplied { field } settings { inMeeting { polling } } user { email } } }`},
		{exactly, `mutation { a: updateUser(id: "USER", input: {dept: "A"}) { user { dept } } b: updateUser(id: "USER", input: {dept: "B"}) { user { id dept } } }`},
		{exactly, `mutation { createGroup(input: {name: "New"}) { group { id } } updateGroupSettings(id: "GROUP", input: {inMeeting: {chat: false}}) { notApplied { field } settings { inMeeting { chat } } group { name } } }`},
		{exactly, `mutation { addGroupMembers(id: "GROUP", input: {members: [{email: "ada.lovelace@example.com"}, {email: "grace.hopper@example.com"}]}) { ids members { id email settings { inMeeting { chat } } } } }`},
		{atMost, `{ users(first: 100) { nodes { role { name } groups { name settings { inMeeting { chat } } } } } }`},
		{atMost, `{ user(id: "USER") { groups { name } role { name members(first: 3) { nodes { email } } } } }`},
		{atMost, `{ users(first: 30) { nodes { effectiveSettings(fields: ["host_video", "chat", "meeting_security.waiting_room", "recording_authentication"]) { value source } settings { inMeeting { chat } } } } }`},
		{atMost, `{ settingsDrift(baseline: {schedule_meeting: {host_video: true}, meeting_security: {waiting_room: true}}, first: 40) { nodes { user { email location } deviations { name source } } } }`},
		{atMost, `{ groups(first: 10) { nodes { members(first: 2) { nodes { settings { raw } role { name } } } } } }`},
	} {
		t.Run("", func(t *testing.T) {
			t.Parallel()
			s := start(t)
			query := s.fill(test.query)
			s.log()
			s.ask(query)
			actual := s.log()
			p := priceOf(t, query, nil)
			paid := map[string]int{}
			for _, use := range p.Operations {
				paid[use.Label] += use.Calls
			}
			for label, n := range actual {
				if n > paid[label] || test.exact && n != paid[label] {
					t.Errorf("%s\n%d calls of label %q, and the price is %+v", query, n, label, p)
				}
			}
			if len(actual) < len(p.ByLabel) && test.exact {
				t.Errorf("%s\ncalls %v, and the price is %+v", query, actual, p)
			}
		})
	}
}

// service is the facade before a sandbox of its own.
type service struct {
	t    *testing.T
	url  string
	zoom *sandbox.Server
	seen int
}

func start(t *testing.T) *service {
	t.Helper()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	zoom, err := sandbox.New(sandbox.Options{Program: programtest.Of(t)})
	must(err)
	upstream := httptest.NewServer(zoom)
	t.Cleanup(upstream.Close)
	api, err := client.New(client.Config{
		APIURL: upstream.URL + "/v2", OAuthURL: upstream.URL + "/oauth", AccountID: "account", ClientID: "client", ClientSecret: "secret",
	})
	must(err)
	server, err := graph.NewServer(graph.Options{Program: programtest.Of(t), PrincipalOptions: graph.PrincipalOptions{Client: api}})
	must(err)
	handler, err := edge.New(edge.Options{
		Schema: server.Executable, SDL: server.Program.SDL, Extensions: server.Extensions(), ErrorPresenter: server.PresentError,
	})
	must(err)
	facade := httptest.NewServer(handler)
	t.Cleanup(facade.Close)
	return &service{t: t, url: facade.URL + "/graphql", zoom: zoom}
}

// fill puts ids in the place of their names.
func (s *service) fill(query string) string {
	var known struct {
		Groups struct{ Nodes []struct{ ID string } }
	}
	if strings.Contains(query, "GROUP") {
		if err := json.Unmarshal(s.ask(`{ groups(first: 1) { nodes { id } } }`), &known); err != nil || len(known.Groups.Nodes) == 0 {
			s.t.Fatalf("no group: %v", err)
		}
		query = strings.ReplaceAll(query, "GROUP", known.Groups.Nodes[0].ID)
	}
	return strings.ReplaceAll(query, "USER", s.zoom.Users()[0].ID)
}

// ask sends a query that has no errors, and returns its data.
func (s *service) ask(query string) json.RawMessage {
	s.t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		s.t.Fatal(err)
	}
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url, bytes.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	content, err := io.ReadAll(res.Body)
	var answer struct{ Data, Errors json.RawMessage }
	if err != nil || json.Unmarshal(content, &answer) != nil || answer.Errors != nil {
		s.t.Fatalf("%s\n%s %v", query, content, err)
	}
	return answer.Data
}

// log counts the calls since it was last asked, by label; those of whom Zoom prints no label have "".
func (s *service) log() map[string]int {
	calls := map[string]int{}
	for _, e := range s.zoom.Log(s.seen) {
		s.seen = e.N
		if !strings.HasPrefix(e.Path, "/oauth/") {
			calls[e.Label]++
		}
	}
	return calls
}
