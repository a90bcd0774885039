package graph_test

import (
	"fmt"
)

// sipAudioStory is that of a sub account which gets trunks and numbers of the master account, and has some of its own.
func sipAudioStory() []step {
	const of = "/accounts/{sub}/sip_trunk"
	return []step{
		{"Query.sipTrunkNumbers", `{ sipTrunkNumbers { number country } }`, []string{"GET /sip_trunk/numbers"}, `"country":"US"}`},
		{"Account.sipTrunks", `{ account(id: "me") { sipTrunks { id name dnis numberPrefix outboundCallerId sipServerAddress } } }`, []string{"GET /accounts/me/sip_trunk/trunks"}, `"id":"{trunkId}","name":"Hill trunk","dnis":"34892421","numberPrefix":"0","outboundCallerId":"+15550140010","sipServerAddress":"192.0.2.30"`},
		{"Mutation.assignSipTrunkNumbers", `mutation { assignSipTrunkNumbers(accountId: "{sub}", input: {phoneNumbers: ["{number}"]}) { account { id } } }`, []string{"POST " + of + "/numbers"}, `"account":{"id":"{sub}"}`},
		{"Mutation.deleteSipTrunkNumbers", `mutation { deleteSipTrunkNumbers(accountId: "{sub}") { account { id } } }`, []string{"DELETE " + of + "/numbers"}, `"account":{"id":"{sub}"}`},
		{"Mutation.assignSipTrunks", `mutation { assignSipTrunks(accountId: "{sub}", input: {sipTrunks: [{id: "{trunkId}", dnis: "34892499", outboundCallerId: "+15550140099"}]}) { sipTrunks { id name dnis outboundCallerId sipServerAddress } account { sipTrunks { id dnis outboundCallerId } } } }`, []string{"POST " + of + "/trunks", "GET " + of + "/trunks"}, `"sipTrunks":[{"id":"{trunkId}","name":"Hill trunk","dnis":"34892499","outboundCallerId":null,"sipServerAddress":"192.0.2.30"}],"account":{"sipTrunks":[{"id":"{firstTrunkId}","dnis":"34892420","outboundCallerId":"+15550140000"},{"id":"{trunkId}","dnis":"34892499","outboundCallerId":"+15550140099"}]}`},
		{"Mutation.deleteSipTrunk", `mutation { deleteSipTrunk(accountId: "{sub}", trunkId: "{trunkId}") { account { sipTrunks { id } } } }`, []string{"DELETE " + of + "/trunks/{trunkId}", "GET " + of + "/trunks"}, `"sipTrunks":[{"id":"{firstTrunkId}"}]`},
		{"Mutation.updateSipTrunkSettings", `mutation { updateSipTrunkSettings(accountId: "{sub}", input: {enable: true, showZoomProvidedNumbers: ON_REQUEST, showZoomProvidedCalloutCountries: HIDDEN, showCalloutInternalNumber: true}) { account { sipTrunks { id } } } }`, []string{"PATCH " + of + "/settings", "GET " + of + "/trunks"}, `"sipTrunks":[{"id":"{firstTrunkId}"},{"id":"{trunkId}"}]`},
		{"Mutation.addSipCalloutCountries", `mutation { addSipCalloutCountries(accountId: "{sub}", input: {calloutCountries: [{id: "ST"}, {id: "CH"}]}) { calloutCountries { id name code } account { sipCalloutCountries { id } } } }`, []string{"POST " + of + "/callout_countries", "GET " + of + "/callout_countries"}, `"calloutCountries":[{"id":"ST","name":"São Tomé and Príncipe","code":"239"},{"id":"CH","name":"Switzerland","code":"41"}],"account":{"sipCalloutCountries":[{"id":"CA"},{"id":"US"},{"id":"ST"},{"id":"CH"}]}`},
		{"Mutation.deleteSipCalloutCountry", `mutation { deleteSipCalloutCountry(accountId: "{sub}", countryId: "US") { account { sipCalloutCountries { id } } } }`, []string{"DELETE " + of + "/callout_countries/US", "GET " + of + "/callout_countries"}, `"sipCalloutCountries":[{"id":"CA"},{"id":"ST"},{"id":"CH"}]`},
		{"Account.sipCalloutCountries", `{ account(id: "{sub}") { sipCalloutCountries { id name code } } }`, []string{"GET " + of + "/callout_countries"}, `{"id":"CA","name":"Canada","code":"1"}`},
		{"Mutation.addSipInternalNumbers", `mutation { addSipInternalNumbers(accountId: "{sub}", input: {internalNumbers: [{number: "+4930180500", displayNumber: "+49 30 180 500", country: "DE", labels: "Berlin", languages: "de-DE", type: 1, visible: false}]}) { internalNumbers { number displayNumber country labels languages type visible allowJoin } account { sipInternalNumbers(first: 4) { totalCount nodes { number visible assignedAccounts { id } } } } } }`, []string{"POST " + of + "/internal_numbers", "GET " + of + "/internal_numbers?page_size=4"}, `{"number":"+4930180500","displayNumber":"+49 30 180 500","country":"DE","labels":"Berlin","languages":"de-DE","type":1,"visible":false,"allowJoin":null}`},
		{"Account.sipInternalNumbers", `{ account(id: "me") { sipInternalNumbers(first: 2) { totalCount nodes { number languages assignedAccounts { id name account { ownerEmail } } } } } }`, []string{"GET /accounts/me/sip_trunk/internal_numbers?page_size=2", "GET /accounts/{sub}"}, `"assignedAccounts":[{"id":"{sub}","name":"Difference Engines","account":{"ownerEmail":"charles@example.net"}}]`},
		{"Mutation.deleteSipInternalNumber", `mutation { deleteSipInternalNumber(accountId: "{sub}", numberId: "{numberId}") { account { sipInternalNumbers { totalCount } } } }`, []string{"DELETE " + of + "/internal_numbers/{numberId}", "GET " + of + "/internal_numbers?page_size=30"}, `"totalCount":3`},
	}
}

// sipStart finds what the stories of SIP begin with.
func sipStart(s *service, story string, keep map[string]string) {
	switch story {
	case "sip phones":
		keep["adas"] = fmt.Sprint(s.must(`{ sipPhones(searchKey: "ada.lovelace@example.com") { nodes { phoneId } } }`).at("sipPhones", "nodes", 0, "phoneId"))
		s.calls()
		return
	case "sip audio":
	default:
		return
	}
	keep["sub"] = fmt.Sprint(s.must(`{ accounts(first: 1) { nodes { id } } }`).at("accounts", "nodes", 0, "id"))
	a := s.must(`{ sipTrunkNumbers { number } own: account(id: "me") { sipTrunks { id } } sub: account(id: "` + keep["sub"] + `") { sipInternalNumbers { nodes { id } } } }`)
	keep["number"] = fmt.Sprint(a.at("sipTrunkNumbers", 0, "number"))
	keep["firstTrunkId"], keep["trunkId"] = fmt.Sprint(a.at("own", "sipTrunks", 0, "id")), fmt.Sprint(a.at("own", "sipTrunks", 1, "id"))
	keep["numberId"] = fmt.Sprint(a.at("sub", "sipInternalNumbers", "nodes", 0, "id"))
	s.calls()
}

// devicesStory is that of a room system.
func devicesStory() []step {
	return []step{
		{"Mutation.createH323Device", `mutation { createH323Device(input: {name: "Observatory", protocol: H323, ip: "192.0.2.146", encryption: AUTO}) { deviceId: id name protocol ip encryption } }`, []string{"POST /h323/devices"}, `"name":"Observatory","protocol":"H323","ip":"192.0.2.146","encryption":"AUTO"`},
		{"Query.h323Devices", `{ h323Devices(first: 300) { totalCount nodes { id name protocol ip encryption } } }`, []string{"GET /h323/devices?page_size=300"}, `"totalCount":5,"nodes":[`},
		{"Mutation.updateH323Device", `mutation { updateH323Device(deviceId: "{deviceId}", input: {name: "Observatory", protocol: SIP, ip: "observatory.example.com", encryption: NO}) { deviceId } }`, []string{"PATCH /h323/devices/{deviceId}"}, `"deviceId":"{deviceId}"`},
		{"Query.h323Devices", `{ h323Devices { nodes { id name protocol ip encryption } } }`, []string{"GET /h323/devices?page_size=30"}, `{"id":"{deviceId}","name":"Observatory","protocol":"SIP","ip":"observatory.example.com","encryption":"NO"}`},
		{"Mutation.deleteH323Device", `mutation { deleteH323Device(deviceId: "{deviceId}") { deviceId } }`, []string{"DELETE /h323/devices/{deviceId}"}, `"deviceId":"{deviceId}"`},
		{"Query.h323Devices", `{ h323Devices(first: 5) { totalCount } }`, []string{"GET /h323/devices?page_size=5"}, `"totalCount":4`},
	}
}

// sipPhonesStory is that of a person's phone of a company's own telephony.
func sipPhonesStory() []step {
	const servers = `server { proxyServer registerServer transportProtocol } server2 { proxyServer } server3 { proxyServer }`
	return []step{
		{"Query.sipPhones", `{ sipPhones(first: 2) { totalCount nodes { phoneId userName userEmail user { firstName } } } }`, []string{"GET /sip_phones?page_size=2", "GET /users/ada.lovelace@example.com", "GET /users/grace.hopper@example.com"}, `"totalCount":40,"nodes":[{"phoneId":"`},
		{"Mutation.deleteSipPhone", `mutation { deleteSipPhone(phoneId: "{adas}") { phoneId } }`, []string{"DELETE /sip_phones/{adas}"}, `"phoneId":"{adas}"`},
		{"Mutation.createSipPhone", `mutation { createSipPhone(input: {userEmail: "ada.lovelace@example.com", userName: "4711", authorizationName: "auth-4711", password: "Strata-1815", domain: "sip.example.org", voiceMail: "*974711", server: {proxyServer: "proxy.example.org", registerServer: "register.example.org", transportProtocol: TCP}}) { phoneId userName password registrationExpireTime ` + servers + ` } }`, []string{"POST /sip_phones"}, `"userName":"4711","password":"Strata-1815","registrationExpireTime":60,"server":{"proxyServer":"proxy.example.org","registerServer":"register.example.org","transportProtocol":"TCP"},"server2":null,"server3":null`},
		{"Mutation.updateSipPhone", `mutation { updateSipPhone(phoneId: "{phoneId}", input: {voiceMail: "*98", server: {transportProtocol: AUTO}, server2: {proxyServer: "proxy2.example.org"}}) { phoneId } }`, []string{"PATCH /sip_phones/{phoneId}"}, `"phoneId":"{phoneId}"`},
		{"Query.sipPhones", `{ sipPhones(searchKey: "4711") { nodes { phoneId voiceMail displayNumber ` + servers + ` } } }`, []string{"GET /sip_phones?page_size=30&search_key=4711"}, `"nodes":[{"phoneId":"{phoneId}","voiceMail":"*98","displayNumber":null,"server":{"proxyServer":"proxy.example.org","registerServer":"register.example.org","transportProtocol":"AUTO"},"server2":{"proxyServer":"proxy2.example.org"},"server3":null}]`},
	}
}
