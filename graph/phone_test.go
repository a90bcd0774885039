package graph_test

import (
	"fmt"
)

// phoneUsersStory is that of a user of Zoom Phone, of what the user is set up with, and of templates.
func phoneUsersStory() []step {
	const user = "GET /phone/users/USER"
	return []step{
		{"Query.phoneUsers", `{ phoneUsers(first: 2, status: ACTIVATE) { totalCount nodes { id name activationStatus extensionNumber site { name } phoneNumbers { number } } } }`, []string{"GET /phone/users?page_size=2&status=activate"}, `"name":"Ada Lovelace","activationStatus":"ACTIVATED","extensionNumber":1001,"site":{"name":"`},
		{"Query.phoneUser", `{ phoneUser(id: "ada.lovelace@example.com") { extensionNumber status policy { callOverflow { callOverflowType } } } }`, []string{"GET /phone/users/ada.lovelace%40example.com"}, `"extensionNumber":1001,"status":"ACTIVATE"`},
		{"User.phone", `{ user(id: "USER") { phone { extensionNumber user { id } } } }`, []string{user}, `"phone":{"extensionNumber":1001,"user":{"id":"{own}"}}`},
		{"Mutation.updatePhoneUser", `mutation { updatePhoneUser(id: "USER", input: {extensionNumber: 26000026001, policy: {voicemailTranscription: {enable: true}, callOverflow: {enable: true, callOverflowType: HIGH}, callTransferring: {callTransferringType: NONE}}}) { phoneUser { extensionNumber policy { voicemailTranscription { enable modified } callOverflow { enable callOverflowType } callTransferring { callTransferringType } } } } }`, []string{"PATCH /phone/users/USER", user}, `"extensionNumber":26000026001,"policy":{"voicemailTranscription":{"enable":true,"modified":true},"callOverflow":{"enable":true,"callOverflowType":"HIGH"},"callTransferring":{"callTransferringType":"NONE"}}`},
		{"Query.phoneCallingPlans", `{ phoneCallingPlans { type name assigned available } }`, []string{"GET /phone/calling_plans"}, `"phoneCallingPlans":[{"type":100,"name":"Unlimited"`},
		{"Mutation.unassignPhoneUserCallingPlan", `mutation { unassignPhoneUserCallingPlan(id: "USER", type: 200) { phoneUser { callingPlans { type } } } }`, []string{"DELETE /phone/users/USER/calling_plans/200", user}, `"callingPlans":[]`},
		{"Mutation.assignPhoneUserCallingPlans", `mutation { assignPhoneUserCallingPlans(id: "USER", input: {callingPlans: [{type: 100}, {type: 600}]}) { phoneUser { callingPlans { type billingAccountId } } } }`, []string{"POST /phone/users/USER/calling_plans", user}, `"callingPlans":[{"type":100,"billingAccountId":"acct-main"},{"type":600,`},
		{"Mutation.unassignPhoneUserNumber", `mutation { unassignPhoneUserNumber(id: "USER", phoneNumberId: "{number}") { phoneUser { id phoneNumbers { id } } } }`, []string{"DELETE /phone/users/USER/phone_numbers/{number}", user}, `"phoneNumbers":[]`},
		{"Mutation.assignPhoneUserNumbers", `mutation { assignPhoneUserNumbers(id: "USER", input: {phoneNumbers: [{id: "{number}"}]}) { phoneNumbers { id } phoneUser { phoneNumbers { id } } } }`, []string{"POST /phone/users/USER/phone_numbers", user}, `"phoneNumbers":[{"id":"{number}"}],"phoneUser":{"phoneNumbers":[{"id":"{number}"}]}`},
		{"PhoneUser.settings", `{ phoneUser(id: "USER") { settings { status extensionNumber delegation { assistants { id } } voiceMail { accessUserId accessUserType } } } }`, []string{user + "/settings"}, `"settings":{"status":"ACTIVE","extensionNumber":26000026001,"delegation":{"assistants":[]},"voiceMail":[{"accessUserId":"{next}","accessUserType":"USER"}]}`},
		{"Mutation.addPhoneUserSetting", `mutation { addPhoneUserSetting(id: "USER", input: {delegation: {delegationAssistantExtensionId: "{extension}"}}) { delegation { assistants { id extensionId displayName extensionType } } phoneUser { settings { delegation { assistants { id user { extensionNumber } } } } } } }`, []string{"POST /phone/users/USER/settings/delegation", user + "/settings", "GET /phone/users/{next}"}, `"assistants":[{"id":"{next}","extensionId":"{extension}","displayName":"Grace Hopper","extensionType":"user"}]},"phoneUser":{"settings":{"delegation":{"assistants":[{"id":"{next}","user":{"extensionNumber":1002}}]}}}`},
		{"Mutation.updatePhoneUserSetting", `mutation { updatePhoneUserSetting(id: "USER", input: {deskPhone: {deskPhone: {phoneScreenLock: true, pinCode: "471118"}}}) { phoneUser { settings { deskPhone { phoneScreenLock pinCode } } } } }`, []string{"PATCH /phone/users/USER/settings/desk_phone", user + "/settings"}, `"deskPhone":{"phoneScreenLock":true,"pinCode":"471118"}`},
		{"Mutation.deletePhoneUserSetting", `mutation { deletePhoneUserSetting(id: "USER", settingType: DELEGATION, assistantExtensionId: "{extension}") { phoneUser { settings { delegation { assistants { id } } } } } }`, []string{"DELETE /phone/users/USER/settings/delegation?assistant_extension_id={extension}", user + "/settings"}, `"assistants":[]`},
		{"Query.phoneSettingTemplates", `{ phoneSettingTemplates(first: 5) { totalCount nodes { id name type } } }`, []string{"GET /phone/setting_templates?page_size=5"}, `"totalCount":3`},
		{"Mutation.createPhoneSettingTemplate", `mutation { createPhoneSettingTemplate(input: {name: "Lobby", type: COMMON_AREA, description: "Phones of the lobby"}) { phoneSettingTemplate { id name type description } } }`, []string{"POST /phone/setting_templates", "GET /phone/setting_templates/{phoneSettingTemplate}"}, `"name":"Lobby","type":"COMMON_AREA","description":"Phones of the lobby"`},
		{"Mutation.updatePhoneSettingTemplate", `mutation { updatePhoneSettingTemplate(id: "{phoneSettingTemplate}", input: {name: "Hall", policy: {sms: {enable: false}}, userSettings: {callHandling: {businessHours: {businessHourAction: EXTENSION, ringType: SEQUENTIAL, ringingDuration: 30}}}}) { phoneSettingTemplate { name policy { sms { enable } } userSettings { callHandling { businessHours { businessHourAction ringType ringingDuration } } } } } }`, []string{"PATCH /phone/setting_templates/{phoneSettingTemplate}", "GET /phone/setting_templates/{phoneSettingTemplate}"}, `"name":"Hall","policy":{"sms":{"enable":false}},"userSettings":{"callHandling":{"businessHours":{"businessHourAction":"EXTENSION","ringType":"SEQUENTIAL","ringingDuration":30}}}`},
		{"Query.phoneSettingTemplate", `{ phoneSettingTemplate(id: "{phoneSettingTemplate}") { id name } }`, []string{"GET /phone/setting_templates/{phoneSettingTemplate}"}, `"name":"Hall"`},
		{"Mutation.updateAccountPhoneSettings", `mutation { updateAccountPhoneSettings(accountId: "me", input: {byoc: {enable: true}, multipleSites: {enabled: true, siteCode: {enable: true, shortExtensionLength: 4}}}) { account { id } } }`, []string{"PATCH /accounts/me/phone/settings"}, `"account":{"id":"`},
		{"Mutation.setUpAccountPhone", `mutation { setUpAccountPhone(accountId: "me", input: {extensionNumber: 800, emergencyAddress: {addressLine1: "1 Cobb", city: "Lyme Regis", country: "GB"}}) { account { id } } }`, []string{"POST /accounts/me/phone/setup"}, `"account":{"id":"`},
	}
}

// phoneUsersKeep are the ids that the story of users of Zoom Phone begins with.
func phoneUsersKeep(s *service) map[string]string {
	a := s.must(`{ phoneUser(id: "USER") { phoneNumbers { id } } next: phoneUser(id: "USER1") { extensionId } }`)
	s.calls()
	return map[string]string{
		"own": s.users[0].ID,
		"number": fmt.Sprint(a.at("phoneUser", "phoneNumbers", 0, "id")), "next": s.users[1].ID, "extension": fmt.Sprint(a.at("next", "extensionId")),
	}
}
