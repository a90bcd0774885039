package graph_test

// phoneCallsStory goes through the numbers, calls, recordings, voicemails and trunks of Zoom Phone.
func phoneCallsStory() []step {
	return []step{
		{"Query.phoneNumbers", `{ phoneNumbers(first: 3, type: ASSIGNED) { totalCount nodes { id number assignee { __typename } } } }`, []string{"GET /phone/numbers?page_size=3&type=assigned"}, `"assignee":{"__typename":"PhoneUser"}`},
		{"Query.phoneNumber", `{ phoneNumber(id: "{phoneNumbers}") { id number status } }`, []string{"GET /phone/numbers/{phoneNumbers}"}, `"status":"AVAILABLE"`},
		{"Mutation.updatePhoneNumber", `mutation { updatePhoneNumber(id: "{phoneNumbers}", input: {displayName: "Fossils", capability: [INCOMING]}) { phoneNumber { id displayName capability } } }`, []string{"PATCH /phone/numbers/{phoneNumbers}", "GET /phone/numbers/{phoneNumbers}"}, `"displayName":"Fossils","capability":["INCOMING"]`},
		{"Mutation.addPhoneByocNumbers", `mutation { addPhoneByocNumbers(input: {carrier: "Ammonite Telecom", phoneNumbers: ["+441297440000"], sipGroupId: "south"}) { phoneNumbers { id number source carrier { name } sipGroup { id } assignee { __typename } } } }`, []string{"POST /phone/byoc_numbers", "GET /phone/numbers/{phoneNumbers}"}, `"number":"+441297440000","source":"EXTERNAL","carrier":{"name":"Ammonite Telecom"},"sipGroup":{"id":"south"},"assignee":null}]`},
		{"Mutation.updatePhoneCompanyNumber", `mutation { updatePhoneCompanyNumber(input: {phoneNumber: "+441297440000"}) { phoneUser(id: "USER") { id } } }`, []string{"PUT /phone/company_number"}, `"phoneUser":{"id":"`},
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
