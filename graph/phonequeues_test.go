package graph_test

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"

	"zoomgraph/graph"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/sandbox"
)

// phoneStart keeps what stories of phones begin with: a site, two numbers that nobody has, a common area, somebody, and a
// queue that is there.
func phoneStart(s *service) map[string]string {
	s.t.Helper()
	a := s.must(`{ callQueues { nodes { id site { id } phoneNumbers { id } members { commonAreas { id } } } } }`)
	keep := map[string]string{"ada": s.users[0].ID, "grace": s.users[1].ID}
	queues, _ := a.at("callQueues", "nodes").([]any)
	for i := range queues {
		id := fmt.Sprint(a.at("callQueues", "nodes", i, "id"))
		keep["queue"], keep["site"] = id, fmt.Sprint(a.at("callQueues", "nodes", i, "site", "id"))
		if areas, _ := a.at("callQueues", "nodes", i, "members", "commonAreas").([]any); len(areas) > 0 {
			keep["area"] = fmt.Sprint(a.at("callQueues", "nodes", i, "members", "commonAreas", 0, "id"))
		}
		if numbers, _ := a.at("callQueues", "nodes", i, "phoneNumbers").([]any); len(numbers) == 0 || keep["second"] != "" {
			continue
		}
		keep["second"], keep["number"] = keep["number"], fmt.Sprint(a.at("callQueues", "nodes", i, "phoneNumbers", 0, "id"))
		s.must(`mutation { unassignCallQueuePhoneNumbers(id: "` + id + `") { callQueue { id } } }`)
	}
	for _, name := range []string{"number", "second", "area"} {
		if keep[name] == "" {
			s.t.Fatalf("no queue has a %s: %s", name, a.raw)
		}
	}
	s.calls()
	return keep
}

func keepQueue(s *service, keep map[string]string) { maps.Copy(keep, phoneStart(s)) }

// callQueuesStory is that of a queue: made, two people join it, a number is assigned, it is read with the settings of its
// people, and all is undone.
func callQueuesStory() []step {
	const queue = "/phone/call_queues/{callQueue}"
	const asked = ` { callQueue { id members { users { id name level receiveCall } commonAreas { id } } } } }`
	return []step{
		{"Query.callQueues", `{ callQueues(first: 2) { totalCount nodes { name extensionNumber status phoneNumbers { number source } site { name } } } }`, []string{"GET /phone/call_queues?page_size=2"}, `"totalCount":3`},
		{"Mutation.createCallQueue", `mutation { createCallQueue(input: {siteId: "{site}", name: "Ammonites", extensionNumber: 26000026001, department: "Fossils"}) { callQueue { id name extensionNumber status department site { id } phoneNumbers { id } members { users { id } commonAreas { id } } } } }`, []string{"POST /phone/call_queues", "GET " + queue}, `"name":"Ammonites","extensionNumber":26000026001,"status":"ACTIVE","department":"Fossils","site":{"id":"{site}"},"phoneNumbers":[],"members":{"users":[],"commonAreas":[]}`},
		{"Mutation.addCallQueueMembers", `mutation { addCallQueueMembers(id: "{callQueue}", input: {members: {users: [{id: "USER"}, {email: "grace.hopper@example.com"}], commonAreaIds: ["{area}"]}})` + asked, []string{"POST " + queue + "/members", "GET " + queue}, `"members":{"users":[{"id":"{ada}","name":"Ada Lovelace","level":"USER","receiveCall":true},{"id":"{grace}","name":"Grace Hopper","level":"USER","receiveCall":true}],"commonAreas":[{"id":"{area}"}]}`},
		{"Mutation.assignCallQueuePhoneNumbers", `mutation { assignCallQueuePhoneNumbers(id: "{callQueue}", input: {phoneNumbers: [{id: "{number}"}]}) { callQueue { id phoneNumbers { id } } } }`, []string{"POST " + queue + "/phone_numbers", "GET " + queue}, `"phoneNumbers":[{"id":"{number}"}]`},
		{"Query.phoneNumber", `{ phoneNumber(id: "{number}") { assignee { ... on CallQueue { id name members { users { user { firstName } } } } } } }`, []string{"GET /phone/numbers/{number}", "GET " + queue, "GET /users/USER", "GET /users/{grace}"}, `"assignee":{"id":"{callQueue}","name":"Ammonites","members":{"users":[{"user":{"firstName":"Ada"}},{"user":{"firstName":"Grace"}}]}}`},
		{"Query.callQueue", `{ callQueue(id: "{callQueue}") { name site { id } phoneNumbers { id } members { users { name user { id settings { inMeeting { chat } tsp { callOut } } } phone { id } } } } }`, []string{"GET " + queue, "GET /users/USER/settings?custom_query_fields=call_out,chat", "GET /users/{grace}/settings?custom_query_fields=call_out,chat"}, `"phoneNumbers":[{"id":"{number}"}],"members":{"users":[{"name":"Ada Lovelace","user":{"id":"{ada}","settings":{"inMeeting":{"chat":`},
		{"Mutation.updateCallQueueManager", `mutation { updateCallQueueManager(id: "{callQueue}", input: {memberId: "{grace}"})` + asked, []string{"PUT " + queue + "/manager", "GET " + queue}, `{"id":"{grace}","name":"Grace Hopper","level":"MANAGER","receiveCall":true}`},
		{"Mutation.updateCallQueue", `mutation { updateCallQueue(id: "{callQueue}", input: {name: "Belemnites", status: INACTIVE, timezone: "Europe/London", audioPromptLanguage: "en-GB", recordingStorageLocation: "DE", costCenter: "CC-1"}) { callQueue { id name status timezone audioPromptLanguage recordingStorageLocation costCenter department } } }`, []string{"PATCH " + queue, "GET " + queue}, `"name":"Belemnites","status":"INACTIVE","timezone":"Europe/London","audioPromptLanguage":"en-GB","recordingStorageLocation":"DE","costCenter":"CC-1","department":"Fossils"`},
		{"CallQueue.recordings", `{ callQueue(id: "{queue}") { recordings(from: "2026-11-01", to: "2026-11-28", first: 50) { totalCount nodes { id duration } } } }`, []string{"GET /phone/call_queues/{queue}/recordings?from=2026-11-01&page_size=50&to=2026-11-28"}, `"recordings":{"totalCount":`},
		{"Mutation.deleteCallQueueMember", `mutation { deleteCallQueueMember(id: "{callQueue}", memberId: "USER")` + asked, []string{"DELETE " + queue + "/members/USER", "GET " + queue}, `"users":[{"id":"{grace}","name":"Grace Hopper","level":"MANAGER","receiveCall":true}],"commonAreas":[{"id":"{area}"}]`},
		{"Mutation.deleteCallQueueMembers", `mutation { deleteCallQueueMembers(id: "{callQueue}")` + asked, []string{"DELETE " + queue + "/members", "GET " + queue}, `"members":{"users":[],"commonAreas":[]}`},
		{"Mutation.unassignCallQueuePhoneNumber", `mutation { unassignCallQueuePhoneNumber(id: "{callQueue}", phoneNumberId: "{number}") { callQueue { id phoneNumbers { id } } } }`, []string{"DELETE " + queue + "/phone_numbers/{number}", "GET " + queue}, `"phoneNumbers":[]`},
		{"Mutation.assignCallQueuePhoneNumbers", `mutation { assignCallQueuePhoneNumbers(id: "{callQueue}", input: {phoneNumbers: [{id: "{number}"}, {id: "{second}"}]}) { callQueue { id phoneNumbers { id } } } }`, []string{"POST " + queue + "/phone_numbers", "GET " + queue}, `{"id":"{second}"}`},
		{"Mutation.unassignCallQueuePhoneNumbers", `mutation { unassignCallQueuePhoneNumbers(id: "{callQueue}") { callQueue { id phoneNumbers { id } } } }`, []string{"DELETE " + queue + "/phone_numbers", "GET " + queue}, `"phoneNumbers":[]`},
		{"Query.phoneNumber", `{ phoneNumber(id: "{second}") { assignee { __typename } } }`, []string{"GET /phone/numbers/{second}"}, `"assignee":null`},
		{"Mutation.deleteCallQueue", `mutation { deleteCallQueue(id: "{callQueue}") { callQueueId } }`, []string{"DELETE " + queue}, `"callQueueId":"{callQueue}"`},
		{"Query.callQueues", `{ callQueues(first: 3) { totalCount } }`, []string{"GET /phone/call_queues?page_size=3"}, `"totalCount":3`},
	}
}

// autoReceptionistsStory is that of an auto receptionist, which nothing reads: the number that it has tells of it.
func autoReceptionistsStory() []step {
	const receptionist = "/phone/auto_receptionists/{autoReceptionistId}"
	const told = `{ phoneNumber(id: "{number}") { assignee { __typename ... on AutoReceptionist { id name } } } }`
	const done = ` { autoReceptionistId } }`
	return []step{
		{"Mutation.createAutoReceptionist", `mutation { createAutoReceptionist(input: {name: "Lobby", siteId: "{site}"}) { autoReceptionistId: id name extensionNumber } }`, []string{"POST /phone/auto_receptionists"}, `"name":"Lobby","extensionNumber":`},
		{"Mutation.assignAutoReceptionistPhoneNumbers", `mutation { assignAutoReceptionistPhoneNumbers(id: "{autoReceptionistId}", input: {phoneNumbers: [{id: "{number}"}]})` + done, []string{"POST " + receptionist + "/phone_numbers"}, `"autoReceptionistId":"{autoReceptionistId}"`},
		{"Query.phoneNumber", told, []string{"GET /phone/numbers/{number}"}, `"assignee":{"__typename":"AutoReceptionist","id":"{autoReceptionistId}","name":"Lobby"}`},
		{"Mutation.updateAutoReceptionist", `mutation { updateAutoReceptionist(id: "{autoReceptionistId}", input: {name: "Entrance", extensionNumber: 26000026002, timezone: "Europe/London", audioPromptLanguage: "en-GB"})` + done, []string{"PATCH " + receptionist}, `"autoReceptionistId":"{autoReceptionistId}"`},
		{"Query.phoneNumber", told, []string{"GET /phone/numbers/{number}"}, `"assignee":{"__typename":"AutoReceptionist","id":"{autoReceptionistId}","name":"Entrance"}`},
		{"Mutation.unassignAutoReceptionistPhoneNumber", `mutation { unassignAutoReceptionistPhoneNumber(id: "{autoReceptionistId}", phoneNumberId: "{number}")` + done, []string{"DELETE " + receptionist + "/phone_numbers/{number}"}, `"autoReceptionistId":"{autoReceptionistId}"`},
		{"Query.phoneNumber", told, []string{"GET /phone/numbers/{number}"}, `"assignee":null`},
		{"Mutation.assignAutoReceptionistPhoneNumbers", `mutation { assignAutoReceptionistPhoneNumbers(id: "{autoReceptionistId}", input: {phoneNumbers: [{id: "{number}"}, {id: "{second}"}]})` + done, []string{"POST " + receptionist + "/phone_numbers"}, `"autoReceptionistId":"{autoReceptionistId}"`},
		{"Mutation.unassignAutoReceptionistPhoneNumbers", `mutation { unassignAutoReceptionistPhoneNumbers(id: "{autoReceptionistId}")` + done, []string{"DELETE " + receptionist + "/phone_numbers"}, `"autoReceptionistId":"{autoReceptionistId}"`},
		{"Query.phoneNumber", told, []string{"GET /phone/numbers/{number}"}, `"assignee":null`},
	}
}

// sharedLinesStory is that of a group that shares lines.
func sharedLinesStory() []step {
	const group = "/phone/shared_line_groups/{sharedLineGroup}"
	const asked = ` { sharedLineGroup { id members { users { id name } commonAreas { id } } } } }`
	const numbers = ` { sharedLineGroup { id phoneNumbers { id } primaryNumber } } }`
	return []step{
		{"Query.sharedLineGroups", `{ sharedLineGroups { totalCount nodes { displayName extensionNumber status phoneNumbers { number status } site { name } } } }`, []string{"GET /phone/shared_line_groups?page_size=30"}, `"totalCount":3`},
		{"Mutation.createSharedLineGroup", `mutation { createSharedLineGroup(input: {displayName: "Curators", siteId: "{site}", extensionNumber: 26000026003, description: "Those who keep things"}) { sharedLineGroup { id displayName extensionNumber site { id } members { users { id } } phoneNumbers { id } primaryNumber } } }`, []string{"POST /phone/shared_line_groups", "GET " + group}, `"displayName":"Curators","extensionNumber":26000026003,"site":{"id":"{site}"},"members":{"users":[]},"phoneNumbers":[],"primaryNumber":null`},
		{"Mutation.addSharedLineGroupMembers", `mutation { addSharedLineGroupMembers(id: "{sharedLineGroup}", input: {members: {users: [{id: "USER"}, {id: "{grace}"}], commonAreaIds: ["{area}"]}})` + asked, []string{"POST " + group + "/members", "GET " + group}, `"users":[{"id":"{ada}","name":"Ada Lovelace"},{"id":"{grace}","name":"Grace Hopper"}],"commonAreas":[{"id":"{area}"}]`},
		{"Mutation.assignSharedLineGroupPhoneNumbers", `mutation { assignSharedLineGroupPhoneNumbers(id: "{sharedLineGroup}", input: {phoneNumbers: [{id: "{number}"}]})` + numbers, []string{"POST " + group + "/phone_numbers", "GET " + group}, `"phoneNumbers":[{"id":"{number}"}],"primaryNumber":"`},
		{"Mutation.updateSharedLineGroup", `mutation { updateSharedLineGroup(id: "{sharedLineGroup}", input: {displayName: "Keepers", allowPrivacy: false, timezone: "Europe/London", status: INACTIVE}) { sharedLineGroup { id displayName allowPrivacy timezone status } } }`, []string{"PATCH " + group, "GET " + group}, `"displayName":"Keepers","allowPrivacy":false,"timezone":"Europe/London","status":"INACTIVE"`},
		{"Query.sharedLineGroup", `{ sharedLineGroup(id: "{sharedLineGroup}") { members { users { user { settings { tsp { callOut } } } phone { id } } commonAreas { name commonArea { displayName } } } } }`, []string{"GET " + group, "GET /users/USER/settings?custom_query_fields=call_out", "GET /users/{grace}/settings?custom_query_fields=call_out", "GET /phone/common_areas/{area}"}, `"phone":{"id":"{grace}"}}],"commonAreas":[{"name":"`},
		{"Mutation.deleteSharedLineGroupMember", `mutation { deleteSharedLineGroupMember(id: "{sharedLineGroup}", memberId: "{area}")` + asked, []string{"DELETE " + group + "/members/{area}", "GET " + group}, `"users":[{"id":"{ada}","name":"Ada Lovelace"},{"id":"{grace}","name":"Grace Hopper"}],"commonAreas":[]`},
		{"Mutation.deleteSharedLineGroupMembers", `mutation { deleteSharedLineGroupMembers(id: "{sharedLineGroup}")` + asked, []string{"DELETE " + group + "/members", "GET " + group}, `"members":{"users":[],"commonAreas":[]}`},
		{"Mutation.unassignSharedLineGroupPhoneNumber", `mutation { unassignSharedLineGroupPhoneNumber(id: "{sharedLineGroup}", phoneNumberId: "{number}")` + numbers, []string{"DELETE " + group + "/phone_numbers/{number}", "GET " + group}, `"phoneNumbers":[],"primaryNumber":null`},
		{"Mutation.deleteSharedLineGroup", `mutation { deleteSharedLineGroup(id: "{sharedLineGroup}") { sharedLineGroupId } }`, []string{"DELETE " + group}, `"sharedLineGroupId":"{sharedLineGroup}"`},
	}
}

// The queues of a site with their people and what was recorded take a call for the list, and one for each queue, each of its
// people and each queue's recordings.
func TestCallQueuesOfASite(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	keep := phoneStart(s)
	a := s.must(`{ callQueues(siteId: "` + keep["site"] + `", first: 20) { nodes { id name extensionNumber site { id name } members { users { id user { email } } } ` +
		`recordings(from: "2026-11-01", to: "2026-11-28", first: 50) { nodes { duration } } } } }`)
	want := []string{"GET /phone/call_queues?page_size=20&site_id=" + url.QueryEscape(keep["site"])}
	queues, _ := a.at("callQueues", "nodes").([]any)
	if len(queues) == 0 || len(queues) == 3 {
		t.Errorf("%d queues of a site, want some of three", len(queues))
	}
	for i := range queues {
		of := "/phone/call_queues/" + fmt.Sprint(a.at("callQueues", "nodes", i, "id"))
		want = append(want, "GET "+of, "GET "+of+"/recordings?from=2026-11-01&page_size=50&to=2026-11-28")
		if a.at("callQueues", "nodes", i, "site", "id") != keep["site"] {
			t.Errorf("the queue %s is of another site", of)
		}
		people, _ := a.at("callQueues", "nodes", i, "members", "users").([]any)
		if len(people) < 2 {
			t.Errorf("%d people in the queue %s", len(people), of)
		}
		for j := range people {
			if call := "GET /users/" + fmt.Sprint(a.at("callQueues", "nodes", i, "members", "users", j, "id")); !slices.Contains(want, call) {
				want = append(want, call)
			}
		}
	}
	s.wantCalls(want...)
}

// What stands within a queue costs nothing: its people's names, and their ids as those of users.
func TestMembersStandInTheQueue(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ members, want string }{
		"some": {
			`{"users":[{"id":"u","name":"Ada","level":"manager","receive_call":false,"extension_id":"x"},{"id":"v","name":"Mary","level":"user"}],"common_areas":[{"id":"a","name":"Lobby","extension_id":"y"}]}`,
			`{"users":[{"id":"u","name":"Ada","level":"MANAGER","receiveCall":false,"extensionId":"x","user":{"id":"u"},"phone":{"id":"u"}},{"id":"v","name":"Mary","level":"USER","receiveCall":null,"extensionId":null,"user":{"id":"v"},"phone":{"id":"v"}}],"commonAreas":[{"id":"a","name":"Lobby","extensionId":"y","commonArea":{"id":"a"}}]}`,
		},
		"none":          {`{"users":[],"common_areas":[]}`, `{"users":[],"commonAreas":[]}`},
		"people only":   {`{"users":[{"id":"u"}]}`, `{"users":[{"id":"u","name":null,"level":null,"receiveCall":null,"extensionId":null,"user":{"id":"u"},"phone":{"id":"u"}}],"commonAreas":null}`},
		"not told":      {`null`, `null`},
		"without an id": {`{"users":[{"id":"","name":"Gone","level":"user","receive_call":true}]}`, `{"users":[{"id":"","name":"Gone","level":"USER","receiveCall":true,"extensionId":null,"user":null,"phone":null}],"commonAreas":null}`},
		"a new level":   {`{"users":[{"id":"u","level":"captain"}]}`, `{"users":[{"id":"u","name":null,"level":null,"receiveCall":null,"extensionId":null,"user":{"id":"u"},"phone":{"id":"u"}}],"commonAreas":null}`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			z := &graph.Stub{Answers: map[string]string{"GET /phone/call_queues/q": `{"id":"q","members":` + test.members + `}`}}
			data, errors := z.Before(t, programtest.Of(t), nil)(`{ callQueue(id: "q") { members { users { id name level receiveCall extensionId user { id } phone { id } } commonAreas { id name extensionId commonArea { id } } } } }`)
			if want := `{"callQueue":{"members":` + test.want + `}}`; data != want || errors != "" {
				t.Errorf("%s %s\nwant %s", data, errors, want)
			}
			if calls := z.Calls(); len(calls) != 1 {
				t.Errorf("calls %q, want the queue only", calls)
			}
		})
	}
}

// Somebody who is in two queues is read once, and once more for their settings.
func TestMembersMerge(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	keep := phoneStart(s)
	for range 2 {
		a := s.must(`mutation { createCallQueue(input: {siteId: "` + keep["site"] + `", name: "Q", members: {users: [{id: "USER"}, {id: "USER1"}]}}) { callQueue { id } } }`)
		keep[fmt.Sprint("queue", len(keep))] = fmt.Sprint(a.at("createCallQueue", "callQueue", "id"))
	}
	s.calls()
	a := s.must(`{ callQueues(siteId: "` + keep["site"] + `") { nodes { name members { users { user { email settings { inMeeting { chat } } } } } } } }`)
	seen := map[string]int{}
	for _, call := range s.calls() {
		seen[strings.ReplaceAll(call, s.users[1].ID, "GRACE")]++
	}
	for _, call := range []string{"GET /users/USER", "GET /users/GRACE", "GET /users/USER/settings?custom_query_fields=chat", "GET /users/GRACE/settings?custom_query_fields=chat"} {
		if seen[call] != 1 {
			t.Errorf("%d calls of %s, want one: %v", seen[call], call, seen)
		}
	}
	if strings.Count(string(a.raw), `"email":"ada.lovelace@example.com"`) < 2 {
		t.Errorf("not twice in %s", a.raw)
	}
}

// What Zoom refuses has a clear code at its path, and nobody has joined by it.
func TestCallQueuesRefuse(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	keep := phoneStart(s)
	made := s.must(expand(`mutation { createCallQueue(input: {siteId: "{site}", name: "Ammonites", extensionNumber: 4711}) { callQueue { id } } }`, keep))
	keep["callQueue"] = fmt.Sprint(made.at("createCallQueue", "callQueue", "id"))
	var many []string
	for _, user := range s.users[:11] {
		many = append(many, `{id: "`+user.ID+`"}`)
	}
	keep["ten"], keep["nine"], keep["eleven"] = strings.Join(many[:10], " "), strings.Join(many[:9], " "), strings.Join(many, " ")
	for _, test := range []struct{ query, want string }{
		{`mutation { addCallQueueMembers(id: "{callQueue}", input: {members: {users: [{eleven}]}}) { callQueue { id } } }`, "BAD_USER_INPUT at addCallQueueMembers"},
		{`mutation { addCallQueueMembers(id: "{callQueue}", input: {members: {users: [{ten}], commonAreaIds: ["{area}"]}}) { callQueue { id } } }`, "BAD_USER_INPUT at addCallQueueMembers"},
		{`mutation { createCallQueue(input: {siteId: "{site}", name: "Q", members: {users: [{eleven}]}}) { callQueue { id } } }`, "BAD_USER_INPUT at createCallQueue"},
		{`mutation { addCallQueueMembers(id: "{callQueue}", input: {members: {users: []}}) { callQueue { id } } }`, "BAD_USER_INPUT at addCallQueueMembers"},
		{`mutation { addCallQueueMembers(id: "{callQueue}", input: {members: {users: [{id: "USER"}, {id: "nobody"}]}}) { callQueue { id } } }`, "NOT_FOUND at addCallQueueMembers"},
		{`mutation { addCallQueueMembers(id: "{callQueue}", input: {members: {commonAreaIds: ["nowhere"]}}) { callQueue { id } } }`, "BAD_USER_INPUT at addCallQueueMembers"},
		{`mutation { addSharedLineGroupMembers(id: "nothing", input: {members: {users: [{id: "USER"}]}}) { sharedLineGroup { id } } }`, "NOT_FOUND at addSharedLineGroupMembers"},
		{`mutation { deleteCallQueueMember(id: "{callQueue}", memberId: "USER") { callQueue { id } } }`, "NOT_FOUND at deleteCallQueueMember"},
		{`mutation { updateCallQueueManager(id: "{callQueue}", input: {memberId: "USER"}) { callQueue { id } } }`, "NOT_FOUND at updateCallQueueManager"},
		{`mutation { createCallQueue(input: {siteId: "nowhere", name: "Q"}) { callQueue { id } } }`, "BAD_USER_INPUT at createCallQueue"},
		{`mutation { createCallQueue(input: {siteId: "{site}", name: "Q", extensionNumber: 4711}) { callQueue { id } } }`, "BAD_USER_INPUT at createCallQueue"},
		{`mutation { updateCallQueue(id: "{queue}", input: {extensionNumber: 4711}) { callQueue { id } } }`, "BAD_USER_INPUT at updateCallQueue"},
		{`mutation { updateCallQueue(id: "{callQueue}", input: {siteId: "nowhere"}) { callQueue { id } } }`, "BAD_USER_INPUT at updateCallQueue"},
		{`mutation { assignCallQueuePhoneNumbers(id: "{callQueue}", input: {phoneNumbers: [{id: "nothing"}]}) { callQueue { id } } }`, "BAD_USER_INPUT at assignCallQueuePhoneNumbers"},
		{`mutation { unassignCallQueuePhoneNumber(id: "{callQueue}", phoneNumberId: "{number}") { callQueue { id } } }`, "NOT_FOUND at unassignCallQueuePhoneNumber"},
		{`mutation { assignAutoReceptionistPhoneNumbers(id: "x", input: {phoneNumbers: [{id: "nothing"}]}) { autoReceptionistId } }`, "BAD_USER_INPUT at assignAutoReceptionistPhoneNumbers"},
		{`mutation { unassignAutoReceptionistPhoneNumber(id: "x", phoneNumberId: "{number}") { autoReceptionistId } }`, "NOT_FOUND at unassignAutoReceptionistPhoneNumber"},
		{`{ callQueue(id: "nothing") { name } }`, "NOT_FOUND at callQueue.name"},
		{`{ sharedLineGroup(id: "nothing") { displayName } }`, "NOT_FOUND at sharedLineGroup.displayName"},
	} {
		a := s.ask(expand(test.query, keep), nil)
		s.wantErrors(a, test.want)
	}
	a := s.must(expand(`{ callQueue(id: "{callQueue}") { members { users { id } commonAreas { id } } phoneNumbers { id } } }`, keep))
	if !strings.Contains(string(a.raw), `"members":{"users":[],"commonAreas":[]},"phoneNumbers":[]`) {
		t.Errorf("somebody joined: %s", a.raw)
	}
	a = s.must(expand(`mutation { deleteCallQueueMembers(id: "{queue}") { callQueue { members { users { id } } policy { voicemailAccessMembers { accessUserId } } } } }`, keep))
	if !strings.Contains(string(a.raw), `"members":{"users":[]},"policy":{"voicemailAccessMembers":[]}`) {
		t.Errorf("somebody is left: %s", a.raw)
	}
	a = s.must(expand(`mutation { addCallQueueMembers(id: "{callQueue}", input: {members: {users: [{nine}], commonAreaIds: ["{area}"]}}) { callQueue { members { users { id } commonAreas { id } } } } }`, keep))
	if people, _ := a.at("addCallQueueMembers", "callQueue", "members", "users").([]any); len(people) != 9 {
		t.Errorf("%d of nine joined: %s", len(people), a.raw)
	}
	a = s.must(expand(`mutation { addCallQueueMembers(id: "{callQueue}", input: {members: {users: [{ten}]}}) { callQueue { members { users { id } } } } }`, keep))
	if people, _ := a.at("addCallQueueMembers", "callQueue", "members", "users").([]any); len(people) != 10 {
		t.Errorf("%d people, want ten: who is in the queue does not join again: %s", len(people), a.raw)
	}
}

// Who is deleted is in no queue any more, and a deleted queue's number is nobody's and can be given away.
func TestCallQueuesLoseWhatIsGone(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	keep := phoneStart(s)
	made := s.must(expand(`mutation { createCallQueue(input: {siteId: "{site}", name: "A", members: {users: [{id: "USER1"}, {id: "USER2"}]}}) { callQueue { id } } }`, keep))
	keep["a"] = fmt.Sprint(made.at("createCallQueue", "callQueue", "id"))
	made = s.must(expand(`mutation { createSharedLineGroup(input: {displayName: "B"}) { sharedLineGroup { id } } }`, keep))
	keep["b"] = fmt.Sprint(made.at("createSharedLineGroup", "sharedLineGroup", "id"))
	const give, giveGroup = `mutation { assignCallQueuePhoneNumbers(id: "{a}", input: {phoneNumbers: [{id: "{number}"}]}) { callQueue { phoneNumbers { id number } } } }`,
		`mutation { assignSharedLineGroupPhoneNumbers(id: "{b}", input: {phoneNumbers: [{number: "{digits}"}]}) { sharedLineGroup { phoneNumbers { id number status } primaryNumber } } }`
	a := s.must(expand(give, keep))
	keep["digits"] = fmt.Sprint(a.at("assignCallQueuePhoneNumbers", "callQueue", "phoneNumbers", 0, "number"))
	s.wantErrors(s.ask(expand(giveGroup, keep), nil), "BAD_USER_INPUT at assignSharedLineGroupPhoneNumbers")
	if raw := s.must(expand(`{ callQueue(id: "{queue}") { phoneNumbers { id } } }`, keep)).raw; strings.Contains(string(raw), keep["number"]) {
		t.Errorf("the number is two queues': %s", raw)
	}
	s.must(`mutation { deleteUser(id: "USER1", action: DELETE) { userId } }`)
	a = s.must(expand(`{ callQueue(id: "{a}") { members { users { id } } } }`, keep))
	if people, _ := a.at("callQueue", "members", "users").([]any); len(people) != 1 || a.at("callQueue", "members", "users", 0, "id") != s.users[2].ID {
		t.Errorf("who was deleted is still there: %s", a.raw)
	}
	s.must(expand(`mutation { deleteCallQueue(id: "{a}") { callQueueId } }`, keep))
	a = s.must(expand(giveGroup, keep))
	if a.at("assignSharedLineGroupPhoneNumbers", "sharedLineGroup", "phoneNumbers", 0, "id") != keep["number"] || a.at("assignSharedLineGroupPhoneNumbers", "sharedLineGroup", "primaryNumber") != keep["digits"] {
		t.Errorf("the number is not the group's: %s", a.raw)
	}
	s.wantErrors(s.ask(expand(`{ callQueue(id: "{a}") { name } }`, keep), nil), "NOT_FOUND at callQueue.name")
}

// The auto receptionist of a site is known by the site, and has there the name that it was given.
func TestAutoReceptionistOfASite(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	const asked = `{ phoneSites { nodes { mainAutoReceptionist { id name } } } }`
	id := fmt.Sprint(s.must(asked).at("phoneSites", "nodes", 1, "mainAutoReceptionist", "id"))
	s.must(`mutation { updateAutoReceptionist(id: "` + id + `", input: {name: "Ammonites"}) { autoReceptionistId } }`)
	a := s.must(asked)
	for i, want := range []string{"Main Auto Receptionist", "Ammonites", "Main Auto Receptionist"} {
		if got := a.at("phoneSites", "nodes", i, "mainAutoReceptionist", "name"); got != want {
			t.Errorf("the auto receptionist of site %d is %v, want %s: %s", i, got, want, a.raw)
		}
	}
}
