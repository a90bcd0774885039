package graph_test

import (
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"zoomgraph/internal/sandbox"
)

// A person asks how their last webinar went, makes the next one, registers people for it, lets some of them in, invites
// panelists, prepares a poll, reads all of it back, and calls the webinar off. Each step says what Zoom was asked.
func TestWebinars(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	lastWebinar(t, s)
	keep := map[string]string{}
	for _, step := range []struct {
		query string
		calls []string
		want  string
		keep  map[string][]any // where the answer has what later steps name
	}{
		{
			`mutation { createWebinar(userId: "USER", input: {topic: "Punched cards", type: RECURRING_FIXED_TIME, startTime: "2031-05-05T15:00:00Z", duration: 45, password: "difference", recurrence: {type: WEEKLY, repeatInterval: 1, weeklyDays: "2", endTimes: 3}, settings: {approvalType: MANUALLY_APPROVE, questionAndAnswer: {enable: true, answerQuestions: ALL}}}) { webinar { id topic type recurrence { type endTimes } occurrences { occurrenceId startTime } settings { approvalType questionAndAnswer { answerQuestions } } } } }`,
			[]string{"POST /users/USER/webinars", "GET /webinars/{webinar}"},
			`"topic":"Punched cards","type":"RECURRING_FIXED_TIME","recurrence":{"type":"WEEKLY","endTimes":3},"occurrences":[{"occurrenceId":"{occurrence}","startTime":"2031-05-05T15:00:00Z"},`,
			map[string][]any{"webinar": {"createWebinar", "webinar", "id"}, "occurrence": {"createWebinar", "webinar", "occurrences", 0, "occurrenceId"}},
		},
		{
			`mutation { updateWebinar(id: "{webinar}", input: {agenda: "How they are read", settings: {surveyUrl: "https://example.com/survey"}}) { webinar { agenda startTime settings { surveyUrl approvalType } } } }`,
			[]string{"PATCH /webinars/{webinar}", "GET /webinars/{webinar}"},
			`"agenda":"How they are read","startTime":"2031-05-05T15:00:00Z","settings":{"surveyUrl":"https://example.com/survey","approvalType":"MANUALLY_APPROVE"}`, nil,
		},
		{
			`mutation { updateWebinarRegistrationQuestions(id: "{webinar}", input: {questions: [{fieldName: ORG, required: true}], customQuestions: [{title: "Cards a day?", type: SINGLE_DROPDOWN, answers: ["None", "Many"]}]}) { webinar { registrationQuestions { questions { fieldName required } customQuestions { title type answers } } } } }`,
			[]string{"PATCH /webinars/{webinar}/registrants/questions", "GET /webinars/{webinar}/registrants/questions"},
			`"questions":[{"fieldName":"ORG","required":true}],"customQuestions":[{"title":"Cards a day?","type":"SINGLE_DROPDOWN","answers":["None","Many"]}]`, nil,
		},
		{
			`mutation { addWebinarRegistrants(id: "{webinar}", input: {registrants: [{email: "joseph.jacquard@example.org", firstName: "Joseph"}, {email: "basile.bouchon@example.org", firstName: "Basile", lastName: "Bouchon"}]}) { registrants { registrantId email joinUrl } webinar { registrants(status: PENDING) { totalCount nodes { id email status } } } } }`,
			[]string{"POST /webinars/{webinar}/batch_registrants", "GET /webinars/{webinar}/registrants?page_size=30&status=pending"},
			`"registrants":[{"registrantId":"{joseph}","email":"joseph.jacquard@example.org","joinUrl":null},{"registrantId":"{basile}","email":"basile.bouchon@example.org","joinUrl":null}],"webinar":{"registrants":{"totalCount":2,"nodes":[{"id":"{joseph}","email":"joseph.jacquard@example.org","status":"PENDING"},`,
			map[string][]any{"joseph": {"addWebinarRegistrants", "registrants", 0, "registrantId"}, "basile": {"addWebinarRegistrants", "registrants", 1, "registrantId"}},
		},
		{
			`mutation { addWebinarRegistrant(id: "{webinar}", occurrenceIds: "{occurrence}", input: {email: "herman@example.org", firstName: "Herman", lastName: "Hollerith", org: "Census", noOfEmployees: FROM_51_TO_100, customQuestions: [{title: "Cards a day?", value: "Many"}], language: GERMAN}) { registrantId topic startTime joinUrl webinar { id } } }`,
			[]string{"POST /webinars/{webinar}/registrants?occurrence_ids={occurrence}"},
			`"topic":"Punched cards","startTime":"2031-05-05T15:00:00Z","joinUrl":null`,
			map[string][]any{"herman": {"addWebinarRegistrant", "registrantId"}},
		},
		{
			`mutation { updateWebinarRegistrantStatus(id: "{webinar}", input: {action: APPROVE, registrants: [{id: "{joseph}", email: "joseph.jacquard@example.org"}, {id: "{herman}"}]}) { webinar { registrants { nodes { email } } registrant(id: "{herman}") { status org language customQuestions { value } joinUrl } } } }`,
			[]string{"PUT /webinars/{webinar}/registrants/status", "GET /webinars/{webinar}/registrants?page_size=30", "GET /webinars/{webinar}/registrants/{herman}"},
			`"registrants":{"nodes":[{"email":"joseph.jacquard@example.org"},{"email":"herman@example.org"}]},"registrant":{"status":"APPROVED","org":"Census","language":"GERMAN","customQuestions":[{"value":"Many"}],"joinUrl":"https://`, nil,
		},
		{
			`mutation { deleteWebinarRegistrant(id: "{webinar}", registrantId: "{basile}") { webinar { registrants(status: PENDING) { totalCount } } } }`,
			[]string{"DELETE /webinars/{webinar}/registrants/{basile}", "GET /webinars/{webinar}/registrants?page_size=30&status=pending"},
			`"totalCount":0`, nil,
		},
		{
			`mutation { addWebinarPanelists(id: "{webinar}", input: {panelists: [{name: "Grace Hopper", email: "grace.hopper@example.com"}, {name: "Basile Bouchon", email: "basile.bouchon@example.org", nameTagDescription: "Weaver"}]}) { webinar { panelists { id name email nameTagDescription } } } }`,
			[]string{"POST /webinars/{webinar}/panelists", "GET /webinars/{webinar}/panelists"},
			`"name":"Basile Bouchon","email":"basile.bouchon@example.org","nameTagDescription":"Weaver"}]`,
			map[string][]any{"panelist": {"addWebinarPanelists", "webinar", "panelists", 0, "id"}},
		},
		{
			`mutation { deleteWebinarPanelist(id: "{webinar}", panelistId: "{panelist}") { webinar { panelists { name } } } }`,
			[]string{"DELETE /webinars/{webinar}/panelists/{panelist}", "GET /webinars/{webinar}/panelists"},
			`"panelists":[{"name":"Basile Bouchon"}]`, nil,
		},
		{
			`mutation { deleteWebinarPanelists(id: "{webinar}") { webinar { panelists { name } } } }`,
			[]string{"DELETE /webinars/{webinar}/panelists", "GET /webinars/{webinar}/panelists"},
			`"panelists":[]`, nil,
		},
		{
			`mutation { createWebinarPoll(id: "{webinar}", input: {title: "Before we begin", pollType: QUIZ, questions: [{name: "Which came first?", type: SINGLE, answers: ["Loom", "Census"], rightAnswers: ["Loom"]}]}) { id title status questions { name rightAnswers } } }`,
			[]string{"POST /webinars/{webinar}/polls"},
			`"title":"Before we begin","status":"NOTSTART","questions":[{"name":"Which came first?","rightAnswers":["Loom"]}]`,
			map[string][]any{"poll": {"createWebinarPoll", "id"}},
		},
		{
			`mutation { updateWebinarPoll(id: "{webinar}", pollId: "{poll}", input: {title: "At the end", anonymous: true, questions: [{name: "Which came last?", type: SINGLE, answers: ["Loom", "Census"]}]}) { webinar { poll(id: "{poll}") { title anonymous questions { name } } polls { id } } } }`,
			[]string{"PUT /webinars/{webinar}/polls/{poll}", "GET /webinars/{webinar}/polls/{poll}", "GET /webinars/{webinar}/polls"},
			`"poll":{"title":"At the end","anonymous":true,"questions":[{"name":"Which came last?"}]},"polls":[{"id":"{poll}"}]`, nil,
		},
		{
			`mutation { deleteWebinarPoll(id: "{webinar}", pollId: "{poll}") { webinar { polls { id } } } }`,
			[]string{"DELETE /webinars/{webinar}/polls/{poll}", "GET /webinars/{webinar}/polls"},
			`"polls":[]`, nil,
		},
		{
			`mutation { deleteWebinar(id: "{webinar}", occurrenceId: "{occurrence}", cancelWebinarReminder: true) { webinarId } }`,
			[]string{"DELETE /webinars/{webinar}?cancel_webinar_reminder=true&occurrence_id={occurrence}"},
			`"webinarId":"{webinar}"`, nil,
		},
		{
			`{ webinar(id: "{webinar}") { occurrences { startTime } } }`,
			[]string{"GET /webinars/{webinar}"},
			`"occurrences":[{"startTime":"2031-05-12T15:00:00Z"},{"startTime":"2031-05-19T15:00:00Z"}]`, nil,
		},
		{
			`mutation { updateWebinarStatus(id: "{webinar}", input: {action: END}) { webinar { id } } }`,
			[]string{"PUT /webinars/{webinar}/status"},
			`"id":"{webinar}"`, nil,
		},
		{
			`mutation { deleteWebinar(id: "{webinar}") { webinarId } }`,
			[]string{"DELETE /webinars/{webinar}"},
			`"webinarId":"{webinar}"`, nil,
		},
	} {
		a := s.must(expand(step.query, keep))
		for name, path := range step.keep {
			keep[name] = fmt.Sprint(a.at(path...))
		}
		var calls []string
		for _, call := range step.calls {
			calls = append(calls, expand(call, keep))
		}
		s.wantCalls(calls...)
		if want := expand(step.want, keep); !strings.Contains(string(a.raw), want) {
			t.Errorf("%s: no %s in %s", step.query, want, a.raw)
		}
	}
}

// lastWebinar asks for a person's webinars, and then who came to the first one, each time that it was held, and who did not.
// These are those who registered.
func lastWebinar(t *testing.T, s *service) {
	t.Helper()
	a := s.must(`{ user(id: "USER") { webinars(first: 5) { totalCount nodes { id topic host { id } instances { uuid webinar { id } } } } } }`)
	calls := []string{"GET /users/USER/webinars?page_size=5"}
	for i := range 4 {
		calls = append(calls, fmt.Sprintf("GET /past_webinars/%v/instances", a.at("user", "webinars", "nodes", i, "id")))
	}
	s.wantCalls(calls...)
	id := a.at("user", "webinars", "nodes", 0, "id")
	for i, instance := range a.list("user", "webinars", "nodes", 0, "instances") {
		if back := fmt.Sprint(instance["webinar"]); back != fmt.Sprint(map[string]any{"id": id}) {
			t.Errorf("instance %d of the webinar %v leads back to %v", i, id, back)
		}
	}
	b := s.must(fmt.Sprintf(`{ webinar(id: "%v") { registrants(first: 100) { nodes { email } } trackingSources { sourceName registrationCount } instances { participants(first: 100) { nodes { userEmail registrantId user { id } } } absentees { nodes { email } } pollResults { questionDetails { answer dateTime } } questions { questionDetails { question } } } } }`, id))
	webinar := fmt.Sprintf("GET /webinars/%v", id)
	calls = []string{webinar + "/registrants?page_size=100", webinar + "/tracking_sources", fmt.Sprintf("GET /past_webinars/%v/instances", id)}
	var registered []string
	for _, r := range b.list("webinar", "registrants", "nodes") {
		registered = append(registered, fmt.Sprint(r["email"]))
	}
	slices.Sort(registered)
	for i, instance := range a.list("user", "webinars", "nodes", 0, "instances") {
		past := "GET /past_webinars/" + inPath(fmt.Sprint(instance["uuid"]))
		calls = append(calls, past+"/participants?page_size=100", past+"/absentees?page_size=30", past+"/polls", past+"/qa")
		var there []string
		for _, r := range b.list("webinar", "instances", i, "absentees", "nodes") {
			there = append(there, fmt.Sprint(r["email"]))
		}
		for _, p := range b.list("webinar", "instances", i, "participants", "nodes") {
			if p["registrantId"] != nil {
				there = append(there, fmt.Sprint(p["userEmail"]))
			}
		}
		slices.Sort(there)
		if there = slices.Compact(there); len(registered) < 5 || !slices.Equal(registered, there) {
			t.Errorf("registered are %q, and there or absent %q", registered, there)
		}
	}
	s.wantCalls(calls...)
}

// Zoom leads from page to page of a user's webinars by numbers. What is to come is a list of its own.
func TestWebinarLists(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	all := s.must(`{ user(id: "USER") { webinars { totalCount nodes { id templateId } } webinarTemplates { id } } }`)
	number := all.at("user", "webinars", "nodes", 0, "id")
	calls := []string{"GET /users/USER/webinars?page_size=30", "GET /users/USER/webinar_templates"}
	for _, v := range all.list("user", "webinars", "nodes") {
		calls = append(calls, fmt.Sprintf("GET /webinars/%v", v["id"]))
	}
	s.wantCalls(calls...)
	if template := all.at("user", "webinars", "nodes", 0, "templateId"); template == nil || template != all.at("user", "webinarTemplates", 0, "id") {
		t.Errorf("webinar %v was made from %v, of %s", number, template, all.raw)
	}
	first := s.must(`{ user(id: "USER") { webinars(first: 2) { nodes { id } pageInfo { hasNextPage endCursor } } } }`)
	s.wantCalls("GET /users/USER/webinars?page_size=2")
	second := s.must(fmt.Sprintf(`{ user(id: "USER") { webinars(first: 2, after: %q) { nodes { id } pageInfo { hasNextPage } } } }`, first.at("user", "webinars", "pageInfo", "endCursor")))
	s.wantCalls("GET /users/USER/webinars?page_number=2&page_size=2")
	var want, got []any
	for _, v := range all.list("user", "webinars", "nodes") {
		want = append(want, v["id"])
	}
	for _, v := range append(first.list("user", "webinars", "nodes"), second.list("user", "webinars", "nodes")...) {
		got = append(got, v["id"])
	}
	if !slices.Equal(got, want) || len(want) != 4 || second.at("user", "webinars", "pageInfo", "hasNextPage") != false {
		t.Errorf("two pages have %v, want %v: %s", got, want, second.raw)
	}
	upcoming := s.must(`{ user(id: "USER") { webinars(type: UPCOMING) { nodes { id startTime type } } } }`)
	s.wantCalls("GET /users/USER/webinars?page_size=30&type=upcoming")
	if len(upcoming.list("user", "webinars", "nodes")) != 3 {
		t.Errorf("to come are %s", upcoming.raw)
	}
}

// list is a list of objects that the answer has at a path.
func (a *answer) list(path ...any) []map[string]any {
	var out []map[string]any
	some, _ := a.at(path...).([]any)
	for _, one := range some {
		object, _ := one.(map[string]any)
		out = append(out, object)
	}
	return out
}

// inPath is a uuid as paths have it: encoded twice where it begins with a slash or holds two.
func inPath(uuid string) string {
	if escaped := url.PathEscape(uuid); strings.HasPrefix(uuid, "/") || strings.Contains(uuid, "//") {
		return url.PathEscape(escaped)
	}
	return url.PathEscape(uuid)
}
