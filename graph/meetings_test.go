package graph_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"zoomgraph/internal/sandbox"
)

// meetingsStory goes from whose meetings there are, and who registered, to a meeting of one's own: with registration, registrants,
// one of them approved, polls, a stream, and to its end.
func meetingsStory() []step {
	return []step{
		{"User.meetings", `{ user(id: "USER1") { meetings(first: 2, type: UPCOMING) { totalCount nodes { id topic host { displayName } status registrants(status: PENDING) { totalCount nodes { email } } } } } }`, nil, `"registrants":{"totalCount":1,"nodes":[{"email":"`},
		{"Mutation.createMeeting", `mutation { createMeeting(userId: "USER", input: {topic: "Kick-off", type: RECURRING_FIXED_TIME, startTime: "2077-01-04T10:00:00", timezone: "Europe/Berlin", recurrence: {type: DAILY, endTimes: 3}, settings: {approvalType: MANUALLY_APPROVE, registrationType: ONCE_ATTEND_ANY}}) { meeting { id topic startTime occurrences { startTime status } settings { approvalType audio } recurrence { type endTimes } } } }`, []string{"POST /users/USER/meetings", "GET /meetings/{meeting}"}, `"startTime":"2077-01-04T09:00:00Z","occurrences":[{"startTime":"2077-01-04T09:00:00Z","status":"AVAILABLE"},`},
		{"Meeting.occurrences", `{ user(id: "USER") { meetings(first: 300, type: UPCOMING_MEETINGS, from: "2077-01-04", to: "2077-01-06") { totalCount nodes { id startTime } } } }`, []string{"GET /users/USER/meetings?from=2077-01-04&page_size=300&to=2077-01-06&type=upcoming_meetings"}, `{"id":"{meeting}","startTime":"2077-01-05T09:00:00Z"},{"id":"{meeting}","startTime":"2077-01-06T09:00:00Z"}`},
		{"Mutation.updateMeetingRegistrationQuestions", `mutation { updateMeetingRegistrationQuestions(id: "{meeting}", input: {questions: [{fieldName: ORG, required: true}], customQuestions: [{title: "Lunch?", type: SINGLE, answers: ["Yes", "No"], required: true}]}) { meeting { id registrationQuestions { questions { fieldName required } customQuestions { title type answers } } } } }`, []string{"PATCH /meetings/{meeting}/registrants/questions", "GET /meetings/{meeting}/registrants/questions"}, `"questions":[{"fieldName":"ORG","required":true}],"customQuestions":[{"title":"Lunch?","type":"SINGLE","answers":["Yes","No"]}]`},
		{"Mutation.addMeetingRegistrant", `mutation { addMeetingRegistrant(id: "{meeting}", input: {email: "mary.anning@example.org", firstName: "Mary", org: "Lyme", noOfEmployees: FROM_1_TO_20, customQuestions: [{title: "Lunch?", value: "Yes"}]}) { registrantId joinUrl topic occurrences { startTime } meeting { id registrants(status: PENDING) { totalCount nodes { email status org noOfEmployees purchasingTimeFrame } } } } }`, []string{"POST /meetings/{meeting}/registrants", "GET /meetings/{meeting}/registrants?page_size=30&status=pending"}, `"totalCount":1,"nodes":[{"email":"mary.anning@example.org","status":"PENDING","org":"Lyme","noOfEmployees":"FROM_1_TO_20","purchasingTimeFrame":null}]`},
		{"Mutation.updateMeetingRegistrantStatus", `mutation { updateMeetingRegistrantStatus(id: "{meeting}", input: {action: APPROVE, registrants: [{email: "mary.anning@example.org"}]}) { meeting { id registrants(first: 5) { nodes { email status } } } } }`, []string{"PUT /meetings/{meeting}/registrants/status", "GET /meetings/{meeting}/registrants?page_size=5"}, `"nodes":[{"email":"mary.anning@example.org","status":"APPROVED"}]`},
		{"Mutation.deleteMeetingRegistrant", `mutation { deleteMeetingRegistrant(id: "{meeting}", registrantId: "{registrantId}") { meeting { id registrants(first: 5) { totalCount } } } }`, []string{"DELETE /meetings/{meeting}/registrants/{registrantId}", "GET /meetings/{meeting}/registrants?page_size=5"}, `"totalCount":0`},
		{"Mutation.createMeetingPoll", `mutation { createMeetingPoll(id: "{meeting}", input: {title: "Lunch", pollType: POLL, questions: [{name: "What?", type: SINGLE, answers: ["Fish", "Soup"]}]}) { pollId: id title status meeting { id polls { title questions { name type answers } } } } }`, []string{"POST /meetings/{meeting}/polls", "GET /meetings/{meeting}/polls"}, `"title":"Lunch","status":"NOTSTART","meeting":{"id":"{meeting}","polls":[{"title":"Lunch","questions":[{"name":"What?","type":"SINGLE","answers":["Fish","Soup"]}]}]}`},
		{"Mutation.createMeetingPolls", `mutation { createMeetingPolls(id: "{meeting}", input: {polls: [{title: "One"}, {title: "Two", anonymous: true}]}) { polls { title anonymous } meeting { id polls { title } } } }`, []string{"POST /meetings/{meeting}/batch_polls", "GET /meetings/{meeting}/polls"}, `"polls":[{"title":"One","anonymous":null},{"title":"Two","anonymous":true}],"meeting":{"id":"{meeting}","polls":[{"title":"Lunch"},{"title":"One"},{"title":"Two"}]}`},
		{"Mutation.updateMeetingPoll", `mutation { updateMeetingPoll(id: "{meeting}", pollId: "{pollId}", input: {title: "Dinner"}) { meeting { id poll(id: "{pollId}") { title status } } } }`, []string{"PUT /meetings/{meeting}/polls/{pollId}", "GET /meetings/{meeting}/polls/{pollId}"}, `"title":"Dinner","status":"NOTSTART"`},
		{"Mutation.deleteMeetingPoll", `mutation { deleteMeetingPoll(id: "{meeting}", pollId: "{pollId}") { meeting { id polls { title } } } }`, []string{"DELETE /meetings/{meeting}/polls/{pollId}", "GET /meetings/{meeting}/polls"}, `"polls":[{"title":"One"},{"title":"Two"}]`},
		{"Mutation.updateMeetingLivestream", `mutation { updateMeetingLivestream(id: "{meeting}", input: {streamUrl: "rtmp://a.example", streamKey: "k", pageUrl: "https://a.example"}) { meeting { id livestream { streamUrl pageUrl } } } }`, []string{"PATCH /meetings/{meeting}/livestream", "GET /meetings/{meeting}/livestream"}, `"livestream":{"streamUrl":"rtmp://a.example","pageUrl":"https://a.example"}`},
		{"Mutation.updateMeetingLivestreamStatus", `mutation { updateMeetingLivestreamStatus(id: "{meeting}", input: {action: START, settings: {layout: GALLERY_VIEW, closeCaption: BURNT_IN}}) { meeting { id } } }`, []string{"PATCH /meetings/{meeting}/livestream/status"}, `"id":"{meeting}"`},
		{"Mutation.updateMeeting", `mutation { updateMeeting(id: "{meeting}", input: {topic: "Kick-off, again", settings: {waitingRoom: true, breakoutRoom: {enable: true, rooms: [{name: "A", participants: ["ada.lovelace@example.com"]}]}}}) { meeting { id topic duration settings { waitingRoom approvalType breakoutRoom { rooms { name participants } } } invitation { invitation } } } }`, []string{"PATCH /meetings/{meeting}", "GET /meetings/{meeting}", "GET /meetings/{meeting}/invitation"}, `"topic":"Kick-off, again","duration":60,"settings":{"waitingRoom":true,"approvalType":"MANUALLY_APPROVE","breakoutRoom":{"rooms":[{"name":"A","participants":["ada.lovelace@example.com"]}]}},"invitation":{"invitation":"Ada Lovelace is`},
		{"Mutation.controlLiveMeeting", `mutation { controlLiveMeeting(id: "{meeting}", input: {method: PARTICIPANT_INVITE, params: {contacts: [{email: "grace.hopper@example.com"}]}}) { accepted meeting { id } } }`, []string{"PATCH /live_meetings/{meeting}/events"}, `"accepted":true`},
		{"Mutation.updateMeetingStatus", `mutation { updateMeetingStatus(id: "{meeting}", input: {action: END}) { meeting { id status } } }`, []string{"PUT /meetings/{meeting}/status", "GET /meetings/{meeting}"}, `"status":"WAITING"`},
		{"Mutation.deleteMeeting", `mutation { deleteMeeting(id: "{meeting}", cancelMeetingReminder: true) { meetingId } }`, []string{"DELETE /meetings/{meeting}?cancel_meeting_reminder=true"}, `"meetingId":"{meeting}"`},
		{"Mutation.updateMeetingStatus", `mutation { updateMeetingStatus(id: "{meetingId}", input: {action: RECOVER}) { meeting { id topic } } }`, []string{"PUT /meetings/{meetingId}/status", "GET /meetings/{meetingId}"}, `"topic":"Kick-off, again"`},
		{"User.meetingTemplates", `{ user(id: "USER") { meetingTemplates { id name type } } }`, []string{"GET /users/USER/meeting_templates"}, `"meetingTemplates":[{"id":"`},
	}
}

// encodedIn is a uuid as a path has it: encoded, and once more where it begins with a slash or holds two.
func encodedIn(uuid string) string {
	path := url.PathEscape(uuid)
	if strings.HasPrefix(uuid, "/") || strings.Contains(uuid, "//") {
		path = url.PathEscape(path)
	}
	return path
}

// What meetings leave behind leads back to them and on to people, also where a uuid has to be encoded twice, and costs what is
// asked for.
func TestInstancesOfMeetings(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	a := s.must(`{ user(id: "USER") { meetings(first: 50, type: PREVIOUS_MEETINGS) { totalCount nodes { id uuid startTime } } } }`)
	s.wantCalls("GET /users/USER/meetings?page_size=50&type=previous_meetings")
	nodes, _ := a.at("user", "meetings", "nodes").([]any)
	if len(nodes) < 6 || fmt.Sprint(len(nodes)) != fmt.Sprint(a.at("user", "meetings", "totalCount")) {
		t.Errorf("of %v meetings that are over there are %d", a.at("user", "meetings", "totalCount"), len(nodes))
	}
	encoded := 0
	for _, node := range nodes {
		m, _ := node.(map[string]any)
		uuid := fmt.Sprint(m["uuid"])
		a := s.must(`{ pastMeeting(uuid: "` + uuid + `") { uuid id participantsCount host { id } meeting { id topic }
			participants(first: 100) { totalCount nodes { id name userEmail joinTime user { email } } }
			pollResults { email user { id } questionDetails { question answer pollingId } } } }`)
		calls := s.calls()
		if want := "GET /past_meetings/" + encodedIn(uuid); !slices.Contains(calls, want) || a.at("pastMeeting", "uuid") != uuid {
			t.Errorf("%s: %q has no %s", uuid, calls, want)
		}
		if strings.HasPrefix(uuid, "/") || strings.Contains(uuid, "//") {
			encoded++
		}
		if got := a.at("pastMeeting", "id"); got != m["id"] || a.at("pastMeeting", "meeting", "id") != got {
			t.Errorf("%s is of %v, want %v", uuid, got, m["id"])
		}
		people, _ := a.at("pastMeeting", "participants", "nodes").([]any)
		if fmt.Sprint(len(people)) != fmt.Sprint(a.at("pastMeeting", "participantsCount")) {
			t.Errorf("%s: %d of %v participants", uuid, len(people), a.at("pastMeeting", "participantsCount"))
		}
		for _, p := range people {
			p, _ := p.(map[string]any)
			user, _ := p["user"].(map[string]any)
			if p["id"] == nil && user != nil || p["id"] != nil && user["email"] != p["userEmail"] {
				t.Errorf("%v", p)
			}
		}
	}
	if encoded == 0 {
		t.Error("no uuid has to be encoded twice")
	}
	s.must(`{ user(id: "USER") { meetings(first: 1, type: PREVIOUS_MEETINGS) { nodes { topic pastMeeting { uuid } } } } }`) // nothing is read for a uuid
	s.wantCalls("GET /users/USER/meetings?page_size=1&type=previous_meetings")
	number := fmt.Sprint(nodes[0].(map[string]any)["id"])
	s.wantErrors(s.ask(`{ pastMeeting(uuid: "`+number+`") { topic } }`, nil), "BAD_USER_INPUT at pastMeeting")
	s.wantErrors(s.ask(`{ meeting(id: "12345678901") { topic } }`, nil), "NOT_FOUND at meeting.topic")
	s.calls()
}

// Of a host whose day is used up no more meetings are made, and nothing is asked of Zoom for a minute; others are served.
func TestDailyLimitOfMeetings(t *testing.T) {
	t.Parallel()
	s := others{declared: 60, real: 60}.start(t, sandbox.Config{DailyByTarget: []sandbox.TargetLimit{
		{Match: "POST /users/*/meetings", Limit: 2, Headers: true},
	}})
	create := func(user string) *answer {
		return s.ask(`mutation { createMeeting(userId: "`+user+`", input: {topic: "x"}) { meeting { id } } }`, nil)
	}
	for _, user := range []string{"USER", "USER", "USER1"} {
		s.wantErrors(create(user))
	}
	s.wantErrors(create("USER"), "RATE_LIMITED at createMeeting")
	s.wantErrors(create("USER1"))
	if calls := s.calls(); len(calls) != 5 {
		t.Errorf("five meetings took %q", calls)
	}
	s.wantErrors(create("USER"), "RATE_LIMITED at createMeeting")
	s.wantCalls()
	closed := s.must(`{ rateLimit { closedTargets { operation } } }`)
	if !strings.Contains(string(closed.raw), `"closedTargets":[{"operation":"POST /users/{userId}/meetings"}]`) {
		t.Errorf("closed: %s", closed.raw)
	}
}

// A list below a thing that fails leaves the thing, and the lists beside it.
func TestListsFailAlone(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	for list, below := range map[string]string{
		"meetings": "(first: 1) { nodes { id } }", "webinars": "(first: 1) { nodes { id } }",
		"recordings": "(first: 1) { nodes { uuid } }", "reportMeetings": `(from: "2026-11-01", to: "2026-11-02") { nodes { uuid } }`,
	} {
		path := map[string]string{"reportMeetings": "GET /report/users/*/meetings"}[list]
		if path == "" {
			path = "GET /users/*/" + list
		}
		fault := sandbox.Fault{Match: path, Kind: sandbox.FaultStatus, Status: 400, Code: 300, Message: "no"}
		if err := s.zoom.Configure(sandbox.Config{Faults: []sandbox.Fault{fault}}); err != nil {
			t.Fatal(err)
		}
		a := s.ask(`{ user(id: "USER") { email `+list+below+` tspAccounts { id } } }`, nil)
		s.wantErrors(a, "BAD_USER_INPUT at user."+list)
		if a.at("user", "email") == nil || a.at("user", "tspAccounts") == nil || a.at("user", list) != nil {
			t.Errorf("%s: %s", list, a.raw)
		}
	}
}
