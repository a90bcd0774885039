package graph_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"zoomgraph/graph"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/graph/window"
	"zoomgraph/internal/callers"
	"zoomgraph/internal/sandbox"
)

// phoneCallsStory goes through the numbers, calls, recordings, voicemails and trunks of Zoom Phone.
func phoneCallsStory() []step {
	return []step{
		{"Query.phoneNumbers", `{ phoneNumbers(first: 3, type: ASSIGNED) { totalCount nodes { id number assignee { __typename } } } }`, []string{"GET /phone/numbers?page_size=3&type=assigned"}, `"assignee":{"__typename":"PhoneUser"}`},
		{"Query.phoneNumber", `{ phoneNumber(id: "{phoneNumbers}") { id number status } }`, []string{"GET /phone/numbers/{phoneNumbers}"}, `"status":"AVAILABLE"`},
		{"Mutation.updatePhoneNumber", `mutation { updatePhoneNumber(id: "{phoneNumbers}", input: {displayName: "Fossils", capability: [INCOMING]}) { phoneNumber { id displayName capability } } }`, []string{"PATCH /phone/numbers/{phoneNumbers}", "GET /phone/numbers/{phoneNumbers}"}, `"displayName":"Fossils","capability":["INCOMING"]`},
		{"Mutation.addPhoneByocNumbers", `mutation { addPhoneByocNumbers(input: {carrier: "Ammonite Telecom", phoneNumbers: ["+441297440000"], sipGroupId: "south"}) { phoneNumbers { id number source carrier { name } sipGroup { id } assignee { __typename } } } }`, []string{"POST /phone/byoc_numbers", "GET /phone/numbers/{phoneNumbers}"}, `"number":"+441297440000","source":"EXTERNAL","carrier":{"name":"Ammonite Telecom"},"sipGroup":{"id":"south"},"assignee":null}]`},
		{"Mutation.updatePhoneCompanyNumber", `mutation { updatePhoneCompanyNumber(input: {phoneNumber: "+441297440000"}) { phoneUser(id: "USER") { settings { companyNumber } } } }`, []string{"PUT /phone/company_number", "GET /phone/users/USER/settings"}, `"companyNumber":"+441297440000"`},
		{"Query.phoneCallLogs", `{ phoneCallLogs(first: 2) { from to nodes { id callId owner { ... on PhoneUser { id } } } } }`, []string{"GET /phone/call_logs?page_size=2"}, `"owner":{"id":"`},
		{"PhoneUser.callLogs", `{ phoneUser(id: "USER") { callLogs(first: 2, type: ALL) { nodes { id callId direction } } } }`, []string{"GET /phone/users/USER/call_logs?page_size=2&type=all"}, `"direction":"`},
		{"Mutation.deletePhoneCallLog", `mutation { deletePhoneCallLog(userId: "USER", id: "{callLogs}") { callLogId phoneUser { id } } }`, []string{"DELETE /phone/users/USER/call_logs/{callLogs}"}, `"callLogId":"{callLogs}"`},
		{"Query.phoneRecordings", `{ phoneRecordings(first: 2, ownerType: "user") { nodes { id callId callLogId owner { ... on PhoneUser { id } } } } }`, []string{"GET /phone/recordings?owner_type=user&page_size=2"}, `"callLogId":"`},
		{"PhoneUser.recordings", `{ phoneUser(id: "USER") { recordings(first: 2) { totalCount nodes { id callId duration url } } } }`, []string{"GET /phone/users/USER/recordings?page_size=2"}, `"url":"/files/`},
		{"PhoneUser.voicemails", `{ phoneUser(id: "USER") { voicemails(first: 2) { totalCount nodes { id callId status url } } } }`, []string{"GET /phone/users/USER/voice_mails?page_size=2"}, `"url":"/files/`},
		{"Mutation.deletePhoneVoicemail", `mutation { deletePhoneVoicemail(id: "{voicemails}") { voicemailId } }`, []string{"DELETE /phone/voice_mails/{voicemails}"}, `"voicemailId":"{voicemails}"`},
		{"Query.phoneSipTrunks", `{ phoneSipTrunks { nodes { id name carrier } } }`, []string{"GET /phone/sip_trunk/trunks?page_size=30"}, `"carrier":"`},
		{"Query.accounts", `{ accounts(first: 1) { nodes { id } } }`, []string{"GET /accounts?page_size=1"}, `"id":"`},
		{"Mutation.assignPhoneSipTrunks", `mutation { assignPhoneSipTrunks(accountId: "{accounts}", input: {sipTrunks: [{id: "{phoneSipTrunks}", name: "Of the cliffs"}]}) { account { id } sipTrunks { id name } } }`, []string{"POST /accounts/{accounts}/phone/sip_trunk/trunks"}, `"sipTrunks":[{"id":"{phoneSipTrunks}","name":"Of the cliffs"}]`},
		{"Mutation.updatePhoneSipTrunk", `mutation { updatePhoneSipTrunk(accountId: "{accounts}", id: "{phoneSipTrunks}", input: {carrierAccount: "1811"}) { account { id } } }`, []string{"PATCH /accounts/{accounts}/phone/sip_trunk/trunks/{phoneSipTrunks}"}, `"account":{"id":"{accounts}"}`},
	}
}

// phoneReportsStory reads what administrators did about Zoom Phone.
func phoneReportsStory() []step {
	return []step{
		{"Query.phoneOperationLogs", `{ phoneOperationLogs(categoryType: "all") { totalCount from to nodes { time operator categoryType action operationDetail } } }`, []string{"GET /phone/reports/operationlogs?category_type=all&page_size=30"}, `"categoryType":"`},
	}
}

// lastDays are so many days, the last of which is today.
func lastDays(n int) (from, to string) {
	now := time.Now().UTC()
	return now.AddDate(0, 0, 1-n).Format(time.DateOnly), now.Format(time.DateOnly)
}

// nodesAt are the nodes of a connection.
func (a *answer) nodesAt(path ...any) []map[string]any {
	list, _ := a.at(append(path, "nodes")...).([]any)
	var nodes []map[string]any
	for _, node := range list {
		nodes = append(nodes, node.(map[string]any))
	}
	return nodes
}

// What there is of a call is known by ids: several logs have one callId, a log has that of its recording, and a recording
// and a voicemail have that of a log. How the call sounded is read by callId.
func TestIDsOfPhoneCalls(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{}, withUsers(20))
	from, to := lastDays(60)
	a := s.must(fmt.Sprintf(`{ phoneCallLogs(first: 1000, from: %q, to: %q) { nodes { id callId userId recordingId dateTime user { id } owner { ... on PhoneUser { id } } } } }`, from, to))
	logs, calls := map[any]map[string]any{}, map[any]int{}
	for _, log := range a.nodesAt("phoneCallLogs") {
		if logs[log["id"]] != nil {
			t.Errorf("two logs are %v", log["id"])
		}
		logs[log["id"]] = log
		calls[log["callId"]]++
		if user := log["user"].(map[string]any)["id"]; user != log["userId"] || user != log["owner"].(map[string]any)["id"] {
			t.Errorf("whose it is: %v", log)
		}
	}
	several := 0
	for _, n := range calls {
		if n > 1 {
			several++
		}
	}
	if len(logs) < 100 || several < 20 {
		t.Errorf("%d logs, of %d calls several", len(logs), several)
	}
	for _, user := range s.users[:3] {
		a := s.must(fmt.Sprintf(`{ phoneUser(id: %q) {
			recordings(first: 100, from: %[2]q, to: %[3]q) { nodes { id callId callLogId metrics { callId } } }
			voicemails(first: 100, from: %[2]q, to: %[3]q) { nodes { id callId callLogId } }
		} }`, user.ID, from, to))
		recordings, voicemails := a.nodesAt("phoneUser", "recordings"), a.nodesAt("phoneUser", "voicemails")
		if len(recordings) < 2 || len(voicemails) < 2 {
			t.Errorf("%d recordings, %d voicemails", len(recordings), len(voicemails))
		}
		for _, r := range recordings {
			log := logs[r["callLogId"]]
			if log["recordingId"] != r["id"] || log["callId"] != r["callId"] || log["userId"] != user.ID || r["metrics"].(map[string]any)["callId"] != r["callId"] {
				t.Errorf("%v is of %v", r, log)
			}
		}
		for _, v := range voicemails {
			if log := logs[v["callLogId"]]; log["callId"] != v["callId"] || log["userId"] != user.ID {
				t.Errorf("%v is of %v", v, log)
			}
		}
	}
}

// A long time is read month by month, the newest first, and no further than it takes.
func TestPhoneCallsOfALongTime(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{}, withUsers(20))
	from, to := lastDays(75)
	pieces, err := window.Cut(from, to, window.Limit{Of: "month", Newest: true}, time.Now())
	if err != nil || len(pieces) != 3 {
		t.Fatal(pieces, err)
	}
	for field, call := range map[string]string{
		"callLogs": "GET /phone/users/USER/call_logs", "recordings": "GET /phone/users/USER/recordings", "voicemails": "GET /phone/users/USER/voice_mails",
	} {
		list := func(args string) []map[string]any {
			a := s.must(fmt.Sprintf(`{ phoneUser(id: "USER") { %s(from: %q, to: %q, %s) { totalCount from to nodes { id dateTime } } } }`, field, from, to, args))
			if a.at("phoneUser", field, "to") != to {
				t.Errorf("%s end with %v", field, a.at("phoneUser", field, "to"))
			}
			return a.nodesAt("phoneUser", field)
		}
		all := list("first: 300")
		if !slices.IsSortedFunc(all, func(a, b map[string]any) int { return strings.Compare(b["dateTime"].(string), a["dateTime"].(string)) }) || len(all) < 2 {
			t.Errorf("%s are in the order %v", field, all)
		}
		var want []string
		for _, p := range pieces {
			want = append(want, fmt.Sprintf("%s?from=%s&page_size=300&to=%s", call, p.From, p.To))
		}
		s.wantCalls(want...)
		if some := list("first: 1"); len(some) != 1 || some[0]["id"] != all[0]["id"] {
			t.Errorf("the first of %s is %v", field, some)
		}
		s.wantCalls(fmt.Sprintf("%s?from=%s&page_size=1&to=%s", call, pieces[0].From, pieces[0].To))
	}
	day := time.Now().UTC()
	for field, since := range map[string]int{"phoneCallLogs": 1, "phoneRecordings": 30, "phoneOperationLogs": 1} {
		a := s.must(`{ list: ` + field + ` { from to } }`)
		from := day.AddDate(0, 0, -since)
		if first := (window.Limit{Of: "month"}).First(day); from.Before(first) { // after a short month
			from = first
		}
		if a.at("list", "from") != from.Format(time.DateOnly) || a.at("list", "to") != to {
			t.Errorf("%s are from %v to %v", field, a.at("list", "from"), a.at("list", "to"))
		}
	}
}

// Each argument leaves what it says.
func TestFiltersOfPhoneCalls(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{}, withUsers(20))
	from, to := lastDays(28)
	span := fmt.Sprintf("from: %q, to: %q, first: 300", from, to)
	all := s.must(`{ phoneUser(id: "USER") { callLogs(` + span + `) { nodes { id callerNumber calleeNumber direction } } }
		phoneNumbers(first: 100) { nodes { number site { id } } } phoneCallLogs(` + span + `) { nodes { site { id } } } }`)
	caller := ""
	for _, log := range all.nodesAt("phoneUser", "callLogs") {
		if number := log["callerNumber"].(string); strings.HasPrefix(number, "+") {
			caller = number
		}
	}
	number, _ := all.at("phoneNumbers", "nodes", 3, "number").(string)
	siteOf := func(list string) any { return all.at(list, "nodes", 0, "site", "id") }
	for _, test := range []struct {
		list, selected string
		holds          func(row map[string]any) bool
	}{
		{`phoneUser(id: "USER") { list: callLogs(` + span + `, type: MISSED)`, `result`, func(r map[string]any) bool { return r["result"] == "Voicemail" || r["result"] == "No Answer" }},
		{`phoneUser(id: "USER") { list: callLogs(` + span + `, phoneNumber: "` + caller + `")`, `callerNumber`, func(r map[string]any) bool { return r["callerNumber"] == caller }},
		{`phoneUser(id: "USER") { list: callLogs(` + span + `, timeType: END_TIME)`, `callEndTime`, func(r map[string]any) bool { return r["callEndTime"].(string) >= from }},
		{`phoneUser(id: "USER") { list: voicemails(` + span + `, status: UNREAD)`, `status`, func(r map[string]any) bool { return r["status"] == "UNREAD" }},
		{`list: phoneCallLogs(` + span + `, type: MISSED)`, `result`, func(r map[string]any) bool { return r["result"] == "Voicemail" || r["result"] == "No Answer" }},
		{`list: phoneCallLogs(` + span + `, path: "voiceMail")`, `path`, func(r map[string]any) bool { return r["path"] == "voiceMail" }},
		{`list: phoneCallLogs(` + span + `, chargedCallLogs: true)`, `charge`, func(r map[string]any) bool { return r["charge"] != "" }},
		{`list: phoneCallLogs(` + span + `, siteId: "` + fmt.Sprint(siteOf("phoneCallLogs")) + `")`, `site { id }`, func(r map[string]any) bool { return r["site"].(map[string]any)["id"] == siteOf("phoneCallLogs") }},
		{`list: phoneRecordings(` + span + `, recordingType: "Automatic")`, `recordingType`, func(r map[string]any) bool { return r["recordingType"] == "AUTOMATIC" }},
		{`list: phoneRecordings(` + span + `, ownerType: "user")`, `owner { __typename }`, func(r map[string]any) bool { return r["owner"].(map[string]any)["__typename"] == "PhoneUser" }},
		{`list: phoneRecordings(` + span + `, ownerType: "callQueue")`, `owner { __typename }`, func(r map[string]any) bool { return r["owner"].(map[string]any)["__typename"] == "CallQueue" }},
		{`list: phoneNumbers(first: 100, type: UNASSIGNED)`, `assignee { __typename }`, func(r map[string]any) bool { return r["assignee"] == nil }},
		{`list: phoneNumbers(first: 100, type: BYOC)`, `source carrier { name }`, func(r map[string]any) bool { return r["source"] == "EXTERNAL" && r["carrier"] != nil }},
		{`list: phoneNumbers(first: 100, extensionType: CALL_QUEUE)`, `assignee { __typename }`, func(r map[string]any) bool { return r["assignee"].(map[string]any)["__typename"] == "CallQueue" }},
		{`list: phoneNumbers(first: 100, numberType: TOLLFREE)`, `numberType`, func(r map[string]any) bool { return r["numberType"] == "TOLLFREE" }},
		{`list: phoneNumbers(first: 100, pendingNumbers: false)`, `status`, func(r map[string]any) bool { return r["status"] == "AVAILABLE" }},
		{`list: phoneNumbers(first: 100, siteId: "` + fmt.Sprint(siteOf("phoneNumbers")) + `")`, `site { id }`, func(r map[string]any) bool { return r["site"].(map[string]any)["id"] == siteOf("phoneNumbers") }},
		{`list: phoneNumbers(first: 100, phoneNumber: "` + number + `")`, `number`, func(r map[string]any) bool { return r["number"] == number }},
		{`list: phoneOperationLogs(` + span + `, categoryType: "Call Queue")`, `categoryType`, func(r map[string]any) bool { return r["categoryType"] == "Call Queue" }},
	} {
		query := "{ " + test.list + " { nodes { " + test.selected + " } } }"
		path := []any{"list"}
		if strings.HasPrefix(test.list, "phoneUser") {
			query, path = query+" }", []any{"phoneUser", "list"}
		}
		rows := s.must(query).nodesAt(path...)
		if len(rows) == 0 {
			t.Errorf("%s: nothing is left", query)
		}
		for _, row := range rows {
			if !test.holds(row) {
				t.Errorf("%s: %v is left", query, row)
				break
			}
		}
	}
}

// A log is deleted by its own id, and others of its call stay. What is gone is gone, and cannot be deleted again.
func TestDeletedPhoneCalls(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{}, withUsers(20))
	from, to := lastDays(28)
	logs := fmt.Sprintf(`callLogs(first: 300, from: %q, to: %q) { nodes { id callId } }`, from, to)
	listed := s.must(`{ phoneUser(id: "USER") { `+logs+` } }`).nodesAt("phoneUser", "callLogs")
	first := map[any]any{} // a log's id by callId
	var one, other, call any
	for _, log := range listed {
		if id := first[log["callId"]]; id != nil {
			one, other, call = id, log["id"], log["callId"]
		}
		first[log["callId"]] = log["id"]
	}
	if call == nil {
		t.Fatalf("no two logs of one call in %v", listed)
	}
	deleted := fmt.Sprintf(`mutation { deletePhoneCallLog(userId: "USER", id: %q) { callLogId phoneUser { %s } } }`, one, logs)
	left := s.must(deleted).nodesAt("deletePhoneCallLog", "phoneUser", "callLogs")
	has := func(id any) bool {
		return slices.ContainsFunc(left, func(log map[string]any) bool { return log["id"] == id })
	}
	if len(left) != len(listed)-1 || has(one) || !has(other) {
		t.Errorf("left are %v", left)
	}
	s.wantErrors(s.ask(deleted, nil), "NOT_FOUND at deletePhoneCallLog")
	s.wantErrors(s.ask(fmt.Sprintf(`mutation { deletePhoneCallLog(userId: "USER", id: %q) { callLogId } }`, call), nil), "NOT_FOUND at deletePhoneCallLog")
	s.wantErrors(s.ask(fmt.Sprintf(`mutation { deletePhoneCallLog(userId: "USER1", id: %q) { callLogId } }`, other), nil), "NOT_FOUND at deletePhoneCallLog")

	mails := fmt.Sprintf(`{ phoneUser(id: "USER") { voicemails(from: %q, to: %q) { nodes { id } } } }`, from, to)
	before := s.must(mails).nodesAt("phoneUser", "voicemails")
	gone := fmt.Sprintf(`mutation { deletePhoneVoicemail(id: %q) { voicemailId } }`, before[0]["id"])
	s.must(gone)
	if after := s.must(mails).nodesAt("phoneUser", "voicemails"); len(after) != len(before)-1 || len(after) > 0 && after[0]["id"] == before[0]["id"] {
		t.Errorf("left are %v of %v", after, before)
	}
	s.wantErrors(s.ask(gone, nil), "NOT_FOUND at deletePhoneVoicemail")
}

// What was recorded, what was said as a text, and voicemails are files of this service.
func TestFilesOfPhoneCalls(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{}, withUsers(20))
	a := s.must(`{ phoneUser(id: "USER") { recordings(first: 1) { nodes { downloadUrl url transcriptUrl } } voicemails(first: 1) { nodes { downloadUrl url } } } }`)
	s.calls()
	for _, file := range []struct {
		path         []any
		media, begin string
	}{
		{[]any{"phoneUser", "recordings", "nodes", 0, "url"}, "audio/mpeg", "ID3"},
		{[]any{"phoneUser", "recordings", "nodes", 0, "transcriptUrl"}, "text/vtt", "WEBVTT"},
		{[]any{"phoneUser", "voicemails", "nodes", 0, "url"}, "audio/mpeg", "ID3"},
	} {
		url, _ := a.at(file.path...).(string)
		status, header, body := s.fetch(url, "")
		if status != http.StatusOK || !strings.HasPrefix(header.Get("Content-Type"), file.media) || !strings.HasPrefix(body, file.begin) {
			t.Errorf("%v is answered %d %v", file.path, status, header)
		}
		if calls := s.calls(); len(calls) != 1 || !strings.HasPrefix(calls[0], "GET /rec/download/") {
			t.Errorf("%v costs %q", file.path, calls)
		}
	}
	reader := setupFor(t, callers.Read|callers.Write)
	asked := reader.ask(`{ phoneUser(id: "USER") { recordings(first: 1) { nodes { callerName downloadUrl url transcriptDownloadUrl transcriptUrl } } voicemails(first: 1) { nodes { downloadUrl url } } } }`, nil)
	if len(asked.Errors) != 6 || asked.at("phoneUser", "recordings", "nodes", 0, "callerName") == nil || strings.Contains(string(asked.raw), "/files/") || strings.Contains(string(asked.raw), "/rec/") {
		t.Errorf("who may not see secrets is answered %s", asked.raw)
	}
}

// A number's owner is one of several things. What stands in the list costs nothing; of a number to dial in to meetings the
// number read by itself tells more.
func TestWhoHasPhoneNumbers(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{}, withUsers(20))
	a := s.must(`{ phoneNumbers(first: 100) { nodes { id assignee {
		__typename ... on PhoneUser { id } ... on CallQueue { id name } ... on PhoneMeetingService { id name meetingId }
		... on EmergencyNumberPool { id name extensionNumber } ... on PhoneCompanyLocation { id name }
	} } } }`)
	s.wantCalls("GET /phone/numbers?page_size=100")
	found, meetings := map[any]int{}, ""
	for _, number := range a.nodesAt("phoneNumbers") {
		assignee, _ := number["assignee"].(map[string]any)
		found[assignee["__typename"]]++
		if assignee["__typename"] == "PhoneMeetingService" {
			meetings = number["id"].(string)
		}
	}
	for _, name := range []any{nil, "PhoneUser", "CallQueue", "SharedLineGroup", "CommonAreaPhone", "PhoneMeetingService", "EmergencyNumberPool", "PhoneCompanyLocation"} {
		if found[name] == 0 {
			t.Errorf("no number belongs to %v: %v", name, found)
		}
	}
	a = s.must(fmt.Sprintf(`{ phoneNumber(id: %q) { details { assignee { ... on PhoneMeetingService { label meetingId audioPromptLanguage greeting { name } onHoldMusic { name } displayNumber } } } } }`, meetings))
	s.wantCalls("GET /phone/numbers/" + meetings)
	for name, value := range a.at("phoneNumber", "details", "assignee").(map[string]any) {
		if value == nil {
			t.Errorf("nothing is told of %s: %s", name, a.raw)
		}
	}
}

// What cannot be done is refused, and nothing is done by half.
func TestRefusedPhoneWrites(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{}, withUsers(20))
	trunk := fmt.Sprint(s.must(`{ phoneSipTrunks { nodes { id } } }`).at("phoneSipTrunks", "nodes", 0, "id"))
	account := fmt.Sprint(s.must(`{ accounts { nodes { id } } }`).at("accounts", "nodes", 0, "id"))
	for _, test := range []struct{ query, want string }{
		{`addPhoneByocNumbers(input: {carrier: "c", phoneNumbers: ["+441297440001", "nonsense"]}) { phoneNumbers { id } }`, "BAD_USER_INPUT at write"},
		{`addPhoneByocNumbers(input: {carrier: "c", phoneNumbers: []}) { phoneNumbers { id } }`, "BAD_USER_INPUT at write"},
		{`addPhoneByocNumbers(input: {carrier: "c", phoneNumbers: ["+441297440001"], siteId: "nowhere"}) { phoneNumbers { id } }`, "BAD_USER_INPUT at write"},
		{`addPhoneByocNumbers(input: {carrier: "c", phoneNumbers: ["+441297440001", "+441297440001"]}) { phoneNumbers { id } }`, "BAD_USER_INPUT at write"},
		{`updatePhoneNumber(id: "nothing", input: {displayName: "x"}) { phoneNumber { id } }`, "NOT_FOUND at write"},
		{`updatePhoneNumber(id: "nothing", input: {}) { phoneNumber { id } }`, "BAD_USER_INPUT at write"},
		{`updatePhoneCompanyNumber(input: {phoneNumber: "+441297440001"}) { phoneUser(id: "USER") { id } }`, "NOT_FOUND at write"},
		{`assignPhoneSipTrunks(accountId: "` + account + `", input: {sipTrunks: [{id: "nothing"}]}) { sipTrunks { id } }`, "NOT_FOUND at write"},
		{`assignPhoneSipTrunks(accountId: "me", input: {sipTrunks: [{id: "` + trunk + `"}]}) { sipTrunks { id } }`, "NOT_FOUND at write"},
		{`updatePhoneSipTrunk(accountId: "` + account + `", id: "` + trunk + `", input: {name: "x"}) { account { id } }`, "NOT_FOUND at write"},
	} {
		s.wantErrors(s.ask("mutation { write: "+test.query+" }", nil), test.want)
	}
	if a := s.must(`{ phoneNumbers(phoneNumber: "+441297440001") { nodes { id } } }`); len(a.nodesAt("phoneNumbers")) > 0 {
		t.Errorf("one of several numbers was added: %s", a.raw)
	}
}

// Numbers of documents come as texts and texts as null, what is deleted is told as it stands, and none of it is an error.
func TestSpellingsOfPhoneCalls(t *testing.T) {
	t.Parallel()
	z := &graph.Stub{Otherwise: func(r *http.Request) string {
		switch {
		case strings.HasSuffix(r.URL.Path, "/call_logs"):
			return `{"call_logs":[
				{"id":"1","caller_number_type":"1","callee_number_type":3,"duration":"20","recording_type":"On-demand","owner":{"type":"callQueue","id":"q","name":"Fossils","extension_number":"26000026001"}},
				{"id":"2","caller_number_type":2,"callee_number_type":9,"duration":20,"recording_type":"Automatic","owner":{"type":"commonAreaPhone","id":"c"},"site":null}]}`
		case strings.HasSuffix(r.URL.Path, "/recordings"):
			return `{"recordings":[{"id":"r","disclaimer_status":0,"date_time":"2022-04-01","download_url":"","owner":{"type":"callQueue","id":"q","name":"Gone","extension_number":7,"extension_status":"deleted"}}]}`
		}
		return `{"operation_logs":[{"action":"ADD","time":null},{"action":"ADD","time":"2021-10-01T08:00:00Z"}],"total_records":10}`
	}}
	ask := z.Before(t, programtest.Of(t), nil)
	for query, want := range map[string]string{
		`{ phoneCallLogs { nodes { callerNumberType calleeNumberType duration recordingType owner { ... on CallQueue { id name extensionNumber } } site { id } } } }`: `{"phoneCallLogs":{"nodes":[` +
			`{"callerNumberType":"INTERNAL","calleeNumberType":"CUSTOM_EMERGENCY","duration":20,"recordingType":null,"owner":{"id":"q","name":"Fossils","extensionNumber":26000026001},"site":null},` +
			`{"callerNumberType":"EXTERNAL","calleeNumberType":null,"duration":20,"recordingType":"AUTOMATIC","owner":null,"site":null}]}}`,
		`{ phoneRecordings { nodes { disclaimerStatus dateTime url owner { ... on CallQueue { name extensionNumber } } } } }`: `{"phoneRecordings":{"nodes":[{"disclaimerStatus":"IMPLICIT","dateTime":"2022-04-01","url":null,"owner":{"name":"Gone","extensionNumber":7}}]}}`,
		`{ phoneOperationLogs { totalCount nodes { action time } } }`:                                                         `{"phoneOperationLogs":{"totalCount":10,"nodes":[{"action":"ADD","time":null},{"action":"ADD","time":"2021-10-01T08:00:00Z"}]}}`,
	} {
		if data, errors := ask(query); data != want || errors != "" {
			t.Errorf("%s\n is %s %s\nwant %s", query, data, errors, want)
		}
	}
	if calls := z.Calls(); len(calls) != 3 {
		t.Errorf("calls %q", calls)
	}
}
