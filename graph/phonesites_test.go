package graph_test

import (
	"fmt"
	"strings"
	"testing"

	"zoomgraph/graph"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/callers"
	"zoomgraph/internal/sandbox"
)

// phoneSitesStory is that of a site with rules of its own, which goes away again.
func phoneSitesStory() []step {
	const address = `defaultEmergencyAddress: {addressLine1: "1 Marine Parade", city: "Lyme Regis", stateCode: "DOR", zip: "DT7 3JF", country: "GB"}`
	return []step{
		{"Query.phoneSites", `{ phoneSites { totalCount nodes { name siteCode country { code name } mainAutoReceptionist { name } } } }`, []string{"GET /phone/sites?page_size=30"}, `"totalCount":3,"nodes":[{"name":"Main Site","siteCode":100,"country":{"code":"US","name":"United States"},"mainAutoReceptionist":{"name":"Main Auto Receptionist"}}`},
		{"Mutation.createPhoneSite", `mutation { createPhoneSite(input: {name: "Charmouth", autoReceptionistName: "Harbour", ` + address + `}) { to: phoneSite { id name } } }`, []string{"POST /phone/sites", "GET /phone/sites/{to}"}, `"name":"Charmouth"`},
		{"Mutation.createPhoneSite", `mutation { createPhoneSite(input: {name: "Lyme Regis", autoReceptionistName: "Cliff", siteCode: 811, shortExtension: {length: 4}, ` + address + `}) { phoneSite { id name siteCode country { code } shortExtension { length } mainAutoReceptionist { name } defaultEmergencyAddress { addressLine1 city status isDefault } } } }`, []string{"POST /phone/sites", "GET /phone/sites/{phoneSite}"}, `"name":"Lyme Regis","siteCode":811,"country":{"code":"GB"},"shortExtension":{"length":4},"mainAutoReceptionist":{"name":"Cliff"},"defaultEmergencyAddress":{"addressLine1":"1 Marine Parade","city":"Lyme Regis","status":"REQUESTED","isDefault":true}`},
		{"Query.phoneSites", `{ phoneSites(siteName: "lyme regis") { nodes { id } } }`, []string{"GET /phone/sites?page_size=30&site_name=lyme+regis"}, `"nodes":[{"id":"{phoneSite}"}]`},
		{"Mutation.updatePhoneSite", `mutation { updatePhoneSite(id: "{phoneSite}", input: {callerIdName: "Fossils Ltd", sipZone: {id: "8_EU01"}, policy: {voicemail: {enable: true, allowDelete: false, locked: true}, callTransferring: {enable: true, callTransferringType: HIGH}, showUserLastTransferredCall: true, zoomPhoneOnDesktop: {enable: true, allowCallingClients: [MAC_OS, VDI_CLIENT]}}}) { phoneSite { callerIdName sipZone { name } policy { voicemail { enable allowDelete locked lockedBy modified } callTransferring { callTransferringType modified lockedBy } showUserLastTransferredCall zoomPhoneOnDesktop { allowCallingClients } delegation { modified } } } } }`, []string{"PATCH /phone/sites/{phoneSite}", "GET /phone/sites/{phoneSite}"}, `"callerIdName":"Fossils Ltd","sipZone":{"name":"Europe"},"policy":{"voicemail":{"enable":true,"allowDelete":false,"locked":true,"lockedBy":"SITE","modified":true},"callTransferring":{"callTransferringType":"HIGH","modified":true,"lockedBy":"INVALID"},"showUserLastTransferredCall":true,"zoomPhoneOnDesktop":{"allowCallingClients":["MAC_OS","VDI_CLIENT"]},"delegation":{"modified":false}}`},
		{"Mutation.updatePhoneSite", `mutation { updatePhoneSite(id: "{phoneSite}", input: {policy: {voicemail: {reset: true}}}) { phoneSite { policy { voicemail { locked lockedBy modified } callTransferring { modified } } } } }`, []string{"PATCH /phone/sites/{phoneSite}", "GET /phone/sites/{phoneSite}"}, `"voicemail":{"locked":false,"lockedBy":"INVALID","modified":false},"callTransferring":{"modified":true}`},
		{"Mutation.createCommonAreaPhone", `mutation { createCommonAreaPhone(input: {displayName: "Fossil room", siteId: "{phoneSite}"}) { commonAreaPhone { id site { id name } } } }`, []string{"POST /phone/common_areas", "GET /phone/common_areas/{commonAreaPhone}"}, `"site":{"id":"{phoneSite}","name":"Lyme Regis"}`},
		{"Mutation.deletePhoneSite", `mutation { deletePhoneSite(id: "{phoneSite}", transferSiteId: "{to}") { siteId } }`, []string{"DELETE /phone/sites/{phoneSite}?transfer_site_id={to}"}, `"siteId":"{phoneSite}"`},
		{"Query.commonAreaPhone", `{ commonAreaPhone(id: "{commonAreaPhone}") { site { id name siteCode policy { sms { enable } } } } }`, []string{"GET /phone/common_areas/{commonAreaPhone}", "GET /phone/sites/{to}"}, `"site":{"id":"{to}","name":"Charmouth","siteCode":null,"policy":{"sms":{"enable":`},
		{"Query.phoneSite", `{ phoneSite(id: "{to}") { name mainAutoReceptionist { name extensionId extensionNumber } } }`, []string{"GET /phone/sites/{to}"}, `"name":"Charmouth","mainAutoReceptionist":{"name":"Harbour","extensionId":"`},
	}
}

// phoneBlockedStory is that of a number that is blocked, and then not any more.
func phoneBlockedStory() []step {
	const entry = `id phoneNumber matchType blockType status comment`
	return []step{
		{"Query.phoneBlockedNumbers", `{ phoneBlockedNumbers(first: 300) { totalCount nodes { ` + entry + ` } } }`, []string{"GET /phone/blocked_list?page_size=100"}, `"totalCount":3,"nodes":[{"id":"`},
		{"Mutation.createPhoneBlockedNumber", `mutation { createPhoneBlockedNumber(input: {phoneNumber: "+44129744", matchType: PREFIX, blockType: INBOUND, comment: "Quarrymen"}) { phoneBlockedNumber { ` + entry + ` } } }`, []string{"POST /phone/blocked_list", "GET /phone/blocked_list/{phoneBlockedNumber}"}, `"phoneNumber":"+44129744","matchType":"PREFIX","blockType":"INBOUND","status":"ACTIVE","comment":"Quarrymen"`},
		{"Mutation.updatePhoneBlockedNumber", `mutation { updatePhoneBlockedNumber(id: "{phoneBlockedNumber}", input: {status: INACTIVE, blockType: OUTBOUND}) { phoneBlockedNumber { ` + entry + ` } } }`, []string{"PATCH /phone/blocked_list/{phoneBlockedNumber}", "GET /phone/blocked_list/{phoneBlockedNumber}"}, `"matchType":"PREFIX","blockType":"OUTBOUND","status":"INACTIVE","comment":"Quarrymen"`},
		{"Query.phoneBlockedNumber", `{ phoneBlockedNumber(id: "{phoneBlockedNumber}") { phoneNumber } }`, []string{"GET /phone/blocked_list/{phoneBlockedNumber}"}, `"phoneNumber":"+44129744"`},
		{"Mutation.deletePhoneBlockedNumber", `mutation { deletePhoneBlockedNumber(id: "{phoneBlockedNumber}") { blockedListId } }`, []string{"DELETE /phone/blocked_list/{phoneBlockedNumber}"}, `"blockedListId":"{phoneBlockedNumber}"`},
		{"Query.phoneBlockedNumbers", `{ phoneBlockedNumbers { totalCount } }`, []string{"GET /phone/blocked_list?page_size=30"}, `"totalCount":3`},
	}
}

// phoneDevicesStory is that of a desk phone in a common area.
func phoneDevicesStory() []step {
	const whose = `assignee { __typename ... on CommonAreaPhone { id name } }`
	return []step{
		{"Mutation.createCommonAreaPhone", `mutation { createCommonAreaPhone(input: {displayName: "Lobby of the museum"}) { commonAreaPhone { id } } }`, []string{"POST /phone/common_areas"}, `"id":"{commonAreaPhone}"`},
		{"Mutation.createPhoneDevice", `mutation { createPhoneDevice(input: {displayName: "Museum", macAddress: "64167F379092", type: "Yealink", model: "SIP-T54W", assigneeExtensionIds: ["{commonAreaPhone}"], provisionTemplateId: "template"}) { phoneDevice { id displayName deviceType macAddress status provisionTemplateId ` + whose + ` } } }`, []string{"POST /phone/devices", "GET /phone/devices/{phoneDevice}"}, `"displayName":"Museum","deviceType":"Yealink SIP-T54W","macAddress":"64-16-7f-37-90-92","status":"OFFLINE","provisionTemplateId":"template","assignee":{"__typename":"CommonAreaPhone","id":"{commonAreaPhone}","name":"Lobby of the museum"}`},
		{"Mutation.updatePhoneDevice", `mutation { updatePhoneDevice(id: "{phoneDevice}", input: {displayName: "Fossils"}) { phoneDevice { displayName deviceType site { name } } } }`, []string{"PATCH /phone/devices/{phoneDevice}", "GET /phone/devices/{phoneDevice}"}, `"displayName":"Fossils","deviceType":"Yealink SIP-T54W","site":{"name":"Main Site"}`},
		{"Query.phoneDevices", `{ phoneDevices(type: ASSIGNED, assigneeType: COMMON_AREA, deviceType: YEALINK, keyword: "fossils") { totalCount nodes { id assignees { ... on CommonAreaPhone { id } } } } }`, []string{"GET /phone/devices?assignee_type=commonArea&device_type=yealink&keyword=fossils&page_size=30&type=assigned"}, `"totalCount":1,"nodes":[{"id":"{phoneDevice}","assignees":[{"id":"{commonAreaPhone}"}]}]`},
		{"Mutation.updatePhoneDevice", `mutation { updatePhoneDevice(id: "{phoneDevice}", input: {assignedTo: "ada.lovelace@example.com"}) { phoneDevice { assignee { ... on PhoneUser { id name user { firstName } } } assignees { ... on PhoneUser { extensionId } } } } }`, []string{"PATCH /phone/devices/{phoneDevice}", "GET /phone/devices/{phoneDevice}", "GET /users/USER"}, `"name":"Ada Lovelace","user":{"firstName":"Ada"}},"assignees":[{"extensionId":"`},
		{"Mutation.deletePhoneDevice", `mutation { deletePhoneDevice(id: "{phoneDevice}") { deviceId } }`, []string{"DELETE /phone/devices/{phoneDevice}"}, `"deviceId":"{phoneDevice}"`},
		{"Mutation.createPhoneDevice", `mutation { createPhoneDevice(input: {displayName: "Fossils", macAddress: "64:16:7F:37:90:92", type: "Yealink", model: "SIP-T54W", assigneeExtensionIds: ["{commonAreaPhone}"]}) { phoneDevice { id } } }`, []string{"POST /phone/devices"}, `"id":"{phoneDevice}"`},
		{"Query.commonAreaPhones", `{ commonAreaPhones(commonAreaDeviceType: 1) { nodes { displayName deskPhones { id displayName macAddress } } } }`, nil, `"displayName":"Lobby of the museum","deskPhones":[{"id":"{phoneDevice}","displayName":"Fossils","macAddress":"64-16-7f-37-90-92"}]`},
		{"Mutation.deleteCommonAreaPhone", `mutation { deleteCommonAreaPhone(id: "{commonAreaPhone}") { commonAreaPhoneId } }`, []string{"DELETE /phone/common_areas/{commonAreaPhone}"}, `"commonAreaPhoneId":"{commonAreaPhone}"`},
		{"Query.phoneDevice", `{ phoneDevice(id: "{phoneDevice}") { displayName ` + whose + ` assignees { __typename } provision { type } policy { hotDesking { status } } } }`, []string{"GET /phone/devices/{phoneDevice}"}, `"displayName":"Fossils","assignee":null,"assignees":[],"provision":{"type":"`},
		{"Mutation.deletePhoneDevice", `mutation { deletePhoneDevice(id: "{phoneDevice}") { deviceId } }`, []string{"DELETE /phone/devices/{phoneDevice}"}, `"deviceId":"{phoneDevice}"`},
	}
}

// commonAreasStory is that of a common area.
func commonAreasStory() []step {
	return []step{
		{"Query.commonAreaPhones", `{ commonAreaPhones { nodes { id displayName extensionNumber status site { name } callingPlans { name type } phoneNumbers { number } } } }`, []string{"GET /phone/common_areas?page_size=30"}, `"callingPlans":[{"name":"US/CA Unlimited Calling Plan","type":200}]`},
		{"Mutation.createCommonAreaPhone", `mutation { createCommonAreaPhone(input: {displayName: "Workshop", extensionNumber: 26000026811, callingPlans: [{type: 100}], countryIsoCode: "DE"}) { commonAreaPhone { id displayName extensionNumber callingPlans { name type } country { code countryCode name } site { name } emergencyAddress { city } } } }`, []string{"POST /phone/common_areas", "GET /phone/common_areas/{commonAreaPhone}"}, `"displayName":"Workshop","extensionNumber":26000026811,"callingPlans":[{"name":"Zoom Phone Pro","type":100}],"country":{"code":"DE","countryCode":"49","name":"Germany"},"site":{"name":"Main Site"},"emergencyAddress":{"city":"Quahog"}`},
		{"Mutation.updateCommonAreaPhone", `mutation { updateCommonAreaPhone(id: "{commonAreaPhone}", input: {department: "Fossils", costCenter: "811", outboundCallerId: "+15550100", policy: {delegation: true, callPark: {enable: true, callNotPickedUpAction: RING_BACK, expirationPeriod: 5}, handOffToRoom: {enable: false}, hidePhoneCallHistoryInIos: {enable: true}}}) { commonAreaPhone { department costCenter outboundCallerIds { number isDefault } policy { delegation { enable modified } callPark { callNotPickedUpAction expirationPeriod } handOffToRoom { enable } hideZoomPhoneCallsInIos { enable } internationalCalling { locked lockedBy } } } } }`, []string{"PATCH /phone/common_areas/{commonAreaPhone}", "GET /phone/common_areas/{commonAreaPhone}"}, `"department":"Fossils","costCenter":"811","outboundCallerIds":[{"number":"+15550100","isDefault":true}],"policy":{"delegation":{"enable":true,"modified":true},"callPark":{"callNotPickedUpAction":"RING_BACK","expirationPeriod":5},"handOffToRoom":{"enable":false},"hideZoomPhoneCallsInIos":{"enable":true},"internationalCalling":{"locked":true,"lockedBy":"ACCOUNT"}}`},
		{"Query.commonAreaPhone", `{ commonAreaPhone(id: "{commonAreaPhone}") { displayName deskPhones { id } status } }`, []string{"GET /phone/common_areas/{commonAreaPhone}"}, `"displayName":"Workshop","deskPhones":null,"status":null`},
		{"Mutation.deleteCommonAreaPhone", `mutation { deleteCommonAreaPhone(id: "{commonAreaPhone}") { commonAreaPhoneId } }`, []string{"DELETE /phone/common_areas/{commonAreaPhone}"}, `"commonAreaPhoneId":"{commonAreaPhone}"`},
	}
}

// What Zoom refuses has a clear code at its path.
func TestRefusalsOfPhoneSites(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	sites := s.must(`{ phoneSites { nodes { id name } } }`)
	site := func(i int) string { return fmt.Sprint(sites.at("phoneSites", "nodes", i, "id")) }
	blocked := fmt.Sprint(s.must(`{ phoneBlockedNumbers { nodes { phoneNumber } } }`).at("phoneBlockedNumbers", "nodes", 0, "phoneNumber"))
	area := fmt.Sprint(s.must(`{ commonAreaPhones { nodes { id } } }`).at("commonAreaPhones", "nodes", 0, "id"))
	device := fmt.Sprint(s.must(`{ phoneDevices(type: ASSIGNED) { nodes { id } } }`).at("phoneDevices", "nodes", 0, "id"))
	address := `defaultEmergencyAddress: {addressLine1: "1", city: "L", stateCode: "D", zip: "D", country: "GB"}`
	for _, test := range []struct{ query, want string }{
		{`deletePhoneSite(id: "` + site(1) + `", transferSiteId: "` + site(1) + `") { siteId }`, "BAD_USER_INPUT"},
		{`deletePhoneSite(id: "` + site(1) + `", transferSiteId: "nowhere") { siteId }`, "BAD_USER_INPUT"},
		{`deletePhoneSite(id: "` + site(0) + `", transferSiteId: "` + site(1) + `") { siteId }`, "CONFLICT"},
		{`createPhoneSite(input: {name: "london", autoReceptionistName: "x", ` + address + `}) { phoneSite { id } }`, "BAD_USER_INPUT"},
		{`updatePhoneSite(id: "` + site(1) + `", input: {sipZone: {id: "moon"}}) { phoneSite { id } }`, "BAD_USER_INPUT"},
		{`updatePhoneSite(id: "` + site(1) + `", input: {policy: {callPark: {forwardToExtensionId: "nobody"}}}) { phoneSite { id } }`, "BAD_USER_INPUT"},
		{`createPhoneBlockedNumber(input: {phoneNumber: "` + blocked + `"}) { phoneBlockedNumber { id } }`, "CONFLICT"},
		{`createPhoneBlockedNumber(input: {blockType: THREAT}) { phoneBlockedNumber { id } }`, "BAD_USER_INPUT"},
		{`createPhoneDevice(input: {displayName: "x", macAddress: "no", type: "Poly"}) { phoneDevice { id } }`, "BAD_USER_INPUT"},
		{`createPhoneDevice(input: {displayName: "x", macAddress: "64:16:7f:37:90:92", type: "Poly", assignedTo: "nobody"}) { phoneDevice { id } }`, "NOT_FOUND"},
		{`createPhoneDevice(input: {displayName: "x", macAddress: "64:16:7f:37:90:92", type: "Poly", assigneeExtensionIds: ["nobody"]}) { phoneDevice { id } }`, "NOT_FOUND"},
		{`updatePhoneDevice(id: "` + device + `", input: {assignedTo: "nobody"}) { phoneDevice { id } }`, "NOT_FOUND"},
		{`updateCommonAreaPhone(id: "` + area + `", input: {siteId: "nowhere"}) { commonAreaPhone { id } }`, "BAD_USER_INPUT"},
		{`updateCommonAreaPhone(id: "` + area + `", input: {emergencyAddressId: "nowhere"}) { commonAreaPhone { id } }`, "NOT_FOUND"},
		{`updateCommonAreaPhone(id: "` + area + `", input: {policy: {internationalCalling: {enable: true}}}) { commonAreaPhone { id } }`, "BAD_USER_INPUT"},
		{`deleteCommonAreaPhone(id: "nowhere") { commonAreaPhoneId }`, "NOT_FOUND"},
	} {
		name, _, _ := strings.Cut(test.query, "(")
		s.wantErrors(s.ask(`mutation { `+test.query+` }`, nil), test.want+" at "+name)
	}
	if again := s.must(`{ phoneSites { nodes { id name } } }`); fmt.Sprint(again.Data) != fmt.Sprint(sites.Data) {
		t.Errorf("what was refused left something: %s", again.raw)
	}
}

// All that belongs to a site goes to another one when it is deleted, and nothing else does.
func TestDeletedSitesHandOver(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	const query = `{
		phoneUsers(first: 300) { nodes { id site { id } } } phoneNumbers(first: 300) { nodes { id site { id } } } callQueues(first: 300) { nodes { id site { id } } }
		sharedLineGroups(first: 300) { nodes { id site { id } } } commonAreaPhones(first: 300) { nodes { id site { id } } }
		assigned: phoneDevices(first: 300, type: ASSIGNED) { nodes { id site { id } } } unassigned: phoneDevices(first: 300, type: UNASSIGNED) { nodes { id site { id } } }
	}`
	sites := s.must(`{ phoneSites { nodes { id } } }`)
	from, to := fmt.Sprint(sites.at("phoneSites", "nodes", 1, "id")), fmt.Sprint(sites.at("phoneSites", "nodes", 2, "id"))
	before := s.must(query)
	s.must(`mutation { deletePhoneSite(id: "` + from + `", transferSiteId: "` + to + `") { siteId } }`)
	after := s.must(query)
	moved := 0
	for list := range before.Data {
		rows, _ := before.at(list, "nodes").([]any)
		for i := range rows {
			was, is := before.at(list, "nodes", i, "site", "id"), after.at(list, "nodes", i, "site", "id")
			want := was
			if was == from {
				want, moved = to, moved+1
			}
			if is != want || before.at(list, "nodes", i, "id") != after.at(list, "nodes", i, "id") {
				t.Errorf("%s %d was of %v and is of %v, want %v", list, i, was, is, want)
			}
		}
	}
	if moved < 10 {
		t.Errorf("%d things moved", moved)
	}
}

// A desk phone is in one of the two lists, and those of the lists are all there are.
func TestDeskPhonesAreAssignedOrNot(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	a := s.must(`{ assigned: phoneDevices(type: ASSIGNED) { totalCount nodes { assignee { __typename } } } unassigned: phoneDevices(type: UNASSIGNED) { totalCount nodes { assignee { __typename } assignees { __typename } } } }`)
	count := 0
	for list, want := range map[string]bool{"assigned": true, "unassigned": false} {
		rows, _ := a.at(list, "nodes").([]any)
		for i := range rows {
			if has := a.at(list, "nodes", i, "assignee") != nil; has != want {
				t.Errorf("%s: a desk phone has somebody: %t", list, has)
			}
			count++
		}
	}
	if count != 8 {
		t.Errorf("%d desk phones, want 8: %s", count, a.raw)
	}
}

// Whose a desk phone is: a user or a common area, of which the rest is read once, or somebody whom the schema does not know.
func TestWhoseADeskPhoneIs(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ device, want, calls string }{
		"a user's":            {`{"id":"d","assignee":{"id":"u","name":"Mary","extension_number":801,"extension_type":"user"}}`, `{"assignee":{"__typename":"PhoneUser","id":"u"},"assignees":null}`, "GET /phone/devices/d"},
		"a common area's":     {`{"id":"d","assignee":{"id":"c","name":"Lobby","extension_number":26000026001,"extension_type":"commonArea"}}`, `{"assignee":{"__typename":"CommonAreaPhone","id":"c","extensionNumber":26000026001,"costCenter":"811"},"assignees":null}`, "GET /phone/common_areas/c GET /phone/devices/d"},
		"shared":              {`{"id":"d","assignees":[{"id":"c","extension_type":"commonArea","extension_number":1},{"id":"u","extension_type":"user"},{"id":"z","extension_type":"zoomRoom"}]}`, `{"assignee":null,"assignees":[{"__typename":"CommonAreaPhone"},{"__typename":"PhoneUser"},null]}`, "GET /phone/devices/d"},
		"nobody's":            {`{"id":"d"}`, `{"assignee":null,"assignees":null}`, "GET /phone/devices/d"},
		"nobody's, by blanks": {`{"id":"d","assignee":{"id":"","name":"","extension_type":""},"assignees":[]}`, `{"assignee":null,"assignees":[]}`, "GET /phone/devices/d"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			z := &graph.Stub{Answers: map[string]string{"GET /phone/devices/d": test.device, "GET /phone/common_areas/c": `{"id":"c","cost_center":"811"}`}}
			data, errors := z.Before(t, programtest.Of(t), nil)(`{ phoneDevice(id: "d") { assignee { __typename ... on PhoneUser { id } ... on CommonAreaPhone { id extensionNumber costCenter } } assignees { __typename } } }`)
			if want := `{"phoneDevice":` + test.want + `}`; data != want || errors != "" {
				t.Errorf("%s %s, want %s", data, errors, want)
			}
			if calls := strings.Join(z.Calls(), " "); calls != test.calls {
				t.Errorf("calls %s, want %s", calls, test.calls)
			}
		})
	}
}

// Passwords of SIP accounts are for callers who may see secrets. What stands beside them is for others too.
func TestSIPPasswordsAreSecrets(t *testing.T) {
	t.Parallel()
	const query = `{ a: phoneDevices(type: ASSIGNED) { nodes { provision { sipAccounts { userName password } } } } b: phoneDevices(type: UNASSIGNED) { nodes { provision { sipAccounts { userName password } } } } }`
	for may, want := range map[callers.Permissions]bool{callers.Read: false, callers.Read | callers.Secrets: true} {
		a := setupFor(t, may).ask(query, nil)
		accounts := 0
		for _, list := range []string{"a", "b"} {
			rows, _ := a.at(list, "nodes").([]any)
			for i := range rows {
				if a.at(list, "nodes", i, "provision", "sipAccounts") == nil {
					continue
				}
				accounts++
				if a.at(list, "nodes", i, "provision", "sipAccounts", 0, "userName") == nil {
					t.Errorf("no name beside the password: %s", a.raw)
				}
				if told := a.at(list, "nodes", i, "provision", "sipAccounts", 0, "password") != nil; told != want {
					t.Errorf("the password is told: %t, want %t", told, want)
				}
			}
		}
		refused := strings.Contains(string(a.raw), `"code":"FORBIDDEN"`)
		if accounts == 0 || refused == want {
			t.Errorf("%d accounts; refused: %t, want %t", accounts, refused, !want)
		}
	}
}

// Numbers that stand for words are words, in answers and bodies; one that is not known is null and told.
func TestWordsOfRules(t *testing.T) {
	t.Parallel()
	for wire, want := range map[string]string{`1`: `"NONE"`, `2`: `"MEDIUM"`, `3`: `"HIGH"`, `4`: `"LOW"`, `"3"`: `"HIGH"`, `5`: `null`, `null`: `null`} {
		z := &graph.Stub{Answers: map[string]string{"GET /phone/sites/s": `{"id":"s","policy":{"call_transferring":{"call_transferring_type":` + wire + `},"customize_line_name":{"user_line_name":"firstName;lastName;extensionNumber"}}}`}}
		data, errors := z.Before(t, programtest.Of(t), nil)(`{ phoneSite(id: "s") { policy { callTransferring { callTransferringType } customizeLineName { userLineName } } } }`)
		if want := `{"phoneSite":{"policy":{"callTransferring":{"callTransferringType":` + want + `},"customizeLineName":{"userLineName":"FULL_NAME_AND_EXTENSION"}}}}`; data != want || errors != "" {
			t.Errorf("%s: %s %s, want %s", wire, data, errors, want)
		}
	}
}
