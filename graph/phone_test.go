package graph_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/validator/rules"

	"zoomgraph/graph"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/sandbox"
)

// phoneUsersStory is that of a user of Zoom Phone, of what the user is set up with, and of templates.
func phoneUsersStory() []step {
	const user = "GET /phone/users/USER"
	return []step{
		{"Query.phoneUsers", `{ phoneUsers(first: 2, status: ACTIVATE) { totalCount nodes { id name activationStatus extensionNumber site { name } phoneNumbers { number } } } }`, []string{"GET /phone/users?page_size=2&status=activate"}, `"name":"Ada Lovelace","activationStatus":"ACTIVATED","extensionNumber":1001,"site":{"name":"`},
		{"Query.phoneUser", `{ phoneUser(id: "ada.lovelace@example.com") { extensionNumber status policy { callOverflow { callOverflowType } } } }`, []string{"GET /phone/users/ada.lovelace@example.com"}, `"extensionNumber":1001,"status":"ACTIVATE"`},
		{"User.phone", `{ user(id: "USER") { phone { extensionNumber user { id } } } }`, []string{user}, `"phone":{"extensionNumber":1001,"user":{"id":"{own}"}}`},
		{"Mutation.updatePhoneUser", `mutation { updatePhoneUser(id: "USER", input: {extensionNumber: 26000026001, policy: {voicemailTranscription: {enable: true}, callOverflow: {enable: true, callOverflowType: HIGH}, callTransferring: {callTransferringType: NONE}}}) { phoneUser { extensionNumber policy { voicemailTranscription { enable modified } callOverflow { enable callOverflowType } callTransferring { callTransferringType } } } } }`, []string{"PATCH /phone/users/USER", user}, `"extensionNumber":26000026001,"policy":{"voicemailTranscription":{"enable":true,"modified":true},"callOverflow":{"enable":true,"callOverflowType":"HIGH"},"callTransferring":{"callTransferringType":"NONE"}}`},
		{"Query.phoneCallingPlans", `{ phoneCallingPlans { type name assigned available } }`, []string{"GET /phone/calling_plans"}, `"phoneCallingPlans":[{"type":100,"name":"Zoom Phone Pro"`},
		{"Mutation.unassignPhoneUserCallingPlan", `mutation { unassignPhoneUserCallingPlan(id: "USER", type: 200) { phoneUser { callingPlans { type } } } }`, []string{"DELETE /phone/users/USER/calling_plans/200", user}, `"callingPlans":[]`},
		{"Mutation.assignPhoneUserCallingPlans", `mutation { assignPhoneUserCallingPlans(id: "USER", input: {callingPlans: [{type: 100}, {type: 600}]}) { phoneUser { callingPlans { type billingAccountId } } } }`, []string{"POST /phone/users/USER/calling_plans", user}, `"callingPlans":[{"type":100,"billingAccountId":"3WWAEiEjTj2IQuyDiKMd_A"},{"type":600,`},
		{"Mutation.unassignPhoneUserNumber", `mutation { unassignPhoneUserNumber(id: "USER", phoneNumberId: "{number}") { phoneUser { id phoneNumbers { id } } } }`, []string{"DELETE /phone/users/USER/phone_numbers/{number}", user}, `"phoneNumbers":[]`},
		{"Mutation.assignPhoneUserNumbers", `mutation { assignPhoneUserNumbers(id: "USER", input: {phoneNumbers: [{id: "{number}"}]}) { phoneNumbers { id } phoneUser { phoneNumbers { id } } } }`, []string{"POST /phone/users/USER/phone_numbers", user}, `"phoneNumbers":[{"id":"{number}"}],"phoneUser":{"phoneNumbers":[{"id":"{number}"}]}`},
		{"PhoneUser.settings", `{ phoneUser(id: "USER") { settings { status extensionNumber delegation { assistants { id } } voiceMail { accessUserId accessUserType } } } }`, []string{user + "/settings"}, `"settings":{"status":"ACTIVE","extensionNumber":26000026001,"delegation":{"assistants":[{"id":"{third}"},{"id":"{area}"}]},"voiceMail":[{"accessUserId":"{next}","accessUserType":"USER"},{"accessUserId":"{area}","accessUserType":"COMMON_AREA"}]}`},
		{"Mutation.addPhoneUserSetting", `mutation { addPhoneUserSetting(id: "USER", input: {delegation: {delegationAssistantExtensionId: "{extension}"}}) { delegation { assistants { id extensionId displayName extensionType } } phoneUser { settings { delegation { assistants { id } } } } } }`, []string{"POST /phone/users/USER/settings/delegation", user + "/settings"}, `{"id":"{next}","extensionId":"{extension}","displayName":"Grace Hopper","extensionType":"user"}]},"phoneUser":{"settings":{"delegation":{"assistants":[{"id":"{third}"},{"id":"{area}"},{"id":"{next}"}]}}}`},
		{"Mutation.updatePhoneUserSetting", `mutation { updatePhoneUserSetting(id: "USER", input: {deskPhone: {deskPhone: {phoneScreenLock: true, pinCode: "471118"}}}) { phoneUser { settings { deskPhone { phoneScreenLock pinCode } } } } }`, []string{"PATCH /phone/users/USER/settings/desk_phone", user + "/settings"}, `"deskPhone":{"phoneScreenLock":true,"pinCode":"471118"}`},
		{"Mutation.deletePhoneUserSetting", `mutation { deletePhoneUserSetting(id: "USER", settingType: DELEGATION, assistantExtensionId: "{extension}") { phoneUser { settings { delegation { assistants { id } } } } } }`, []string{"DELETE /phone/users/USER/settings/delegation?assistant_extension_id={extension}", user + "/settings"}, `"assistants":[{"id":"{third}"},{"id":"{area}"}]`},
		{"Query.phoneSettingTemplates", `{ phoneSettingTemplates(first: 5) { totalCount nodes { id name type } } }`, []string{"GET /phone/setting_templates?page_size=5"}, `"totalCount":3`},
		{"Mutation.createPhoneSettingTemplate", `mutation { createPhoneSettingTemplate(input: {name: "Lobby", type: COMMON_AREA, description: "Phones of the lobby"}) { phoneSettingTemplate { id name type description } } }`, []string{"POST /phone/setting_templates", "GET /phone/setting_templates/{phoneSettingTemplate}"}, `"name":"Lobby","type":"COMMON_AREA","description":"Phones of the lobby"`},
		{"Mutation.updatePhoneSettingTemplate", `mutation { updatePhoneSettingTemplate(id: "{phoneSettingTemplate}", input: {name: "Hall", policy: {sms: {enable: false}}, userSettings: {callHandling: {businessHours: {businessHourAction: EXTENSION, ringType: SEQUENTIAL, ringingDuration: 30}}}}) { phoneSettingTemplate { name policy { sms { enable } } userSettings { callHandling { businessHours { businessHourAction ringType ringingDuration } } } } } }`, []string{"PATCH /phone/setting_templates/{phoneSettingTemplate}", "GET /phone/setting_templates/{phoneSettingTemplate}"}, `"name":"Hall","policy":{"sms":{"enable":false}},"userSettings":{"callHandling":{"businessHours":{"businessHourAction":"EXTENSION","ringType":"SEQUENTIAL","ringingDuration":30}}}`},
		{"Query.phoneSettingTemplate", `{ phoneSettingTemplate(id: "{phoneSettingTemplate}") { id name } }`, []string{"GET /phone/setting_templates/{phoneSettingTemplate}"}, `"name":"Hall"`},
		{"Mutation.updateAccountPhoneSettings", `mutation { updateAccountPhoneSettings(accountId: "me", input: {byoc: {enable: true}, multipleSites: {enabled: true, siteCode: {enable: true, shortExtensionLength: 4}}}) { account { ownerEmail } } }`, []string{"PATCH /accounts/me/phone/settings", "GET /accounts/me"}, `"ownerEmail":"ada.lovelace@example.com"`},
		{"Mutation.setUpAccountPhone", `mutation { setUpAccountPhone(accountId: "me", input: {extensionNumber: 800, emergencyAddress: {addressLine1: "1 Cobb", city: "Lyme Regis", country: "GB"}}) { account { ownerEmail } } }`, []string{"POST /accounts/me/phone/setup", "GET /accounts/me"}, `"ownerEmail":"ada.lovelace@example.com"`},
	}
}

// keepPhoneUser keeps what the story of users of Zoom Phone begins with.
func keepPhoneUser(s *service, keep map[string]string) {
	a := s.must(`{ phoneUser(id: "USER") { phoneNumbers { id } settings { voiceMail { accessUserId } } } next: phoneUser(id: "USER1") { extensionId } }`)
	maps.Copy(keep, map[string]string{
		"own": s.users[0].ID, "third": s.users[2].ID, "area": fmt.Sprint(a.at("phoneUser", "settings", "voiceMail", 1, "accessUserId")),
		"number": fmt.Sprint(a.at("phoneUser", "phoneNumbers", 0, "id")), "next": s.users[1].ID, "extension": fmt.Sprint(a.at("next", "extensionId")),
	})
}

// Each setting has a body of its own, and its name stands in the path.
func TestPhoneUserSettingTypes(t *testing.T) {
	t.Parallel()
	for write, want := range map[string]string{
		`addPhoneUserSetting(id: "abc", input: {delegation: {delegationAssistantExtensionId: "e1"}})`:                                                           `POST /phone/users/abc/settings/delegation {"delegation_assistant_extension_id":"e1"}`,
		`addPhoneUserSetting(id: "abc", input: {deskPhone: {deviceId: "d1"}})`:                                                                                  `POST /phone/users/abc/settings/desk_phone {"device_id":"d1"}`,
		`addPhoneUserSetting(id: "abc", input: {voiceMail: {voicemailAccessMembers: [{accessUserId: "c1", accessUserType: COMMON_AREA, allowSharing: true}]}})`: `POST /phone/users/abc/settings/voice_mail {"voicemail_access_members":[{"access_user_id":"c1","access_user_type":"commonArea","allow_sharing":true}]}`,
		`addPhoneUserSetting(id: "abc", input: {voiceMail: {voiceMail: {accessUserId: "u1", download: true}}})`:                                                 `POST /phone/users/abc/settings/voice_mail {"voice_mail":{"access_user_id":"u1","download":true}}`,
		`addPhoneUserSetting(id: "abc", input: {autoCallRecording: {autoCallRecordingAccessMembers: [{accessUserId: "u1"}]}})`:                                  `POST /phone/users/abc/settings/auto_call_recording {"auto_call_recording_access_members":[{"access_user_id":"u1"}]}`,
		`addPhoneUserSetting(id: "abc", input: {adHocCallRecording: {adHocCallRecordingAccessMembers: [{accessUserId: "u1"}]}})`:                                `POST /phone/users/abc/settings/ad_hoc_call_recording {"ad_hoc_call_recording_access_members":[{"access_user_id":"u1"}]}`,
		`updatePhoneUserSetting(id: "abc", input: {delegation: {delegation: {privacy: true, privileges: [1, 3]}}})`:                                             `PATCH /phone/users/abc/settings/delegation {"delegation":{"privacy":true,"privileges":[1,3]}}`,
		`updatePhoneUserSetting(id: "abc", input: {deskPhone: {deskPhone: {devices: [{id: "d1", policy: {hotDesking: {status: OFF}}}]}}})`:                      `PATCH /phone/users/abc/settings/desk_phone {"desk_phone":{"devices":[{"id":"d1","policy":{"hot_desking":{"status":"off"}}}]}}`,
		`updatePhoneUserSetting(id: "abc", input: {intercom: {intercom: {extensionId: "e1"}}})`:                                                                 `PATCH /phone/users/abc/settings/intercom {"intercom":{"extension_id":"e1"}}`,
		`updatePhoneUserSetting(id: "abc", input: {voiceMail: {voicemailAccessMembers: [{sharedId: "s1", allowDelete: null}]}})`:                                `PATCH /phone/users/abc/settings/voice_mail {"voicemail_access_members":[{"allow_delete":null,"shared_id":"s1"}]}`,
		`updatePhoneUserSetting(id: "abc", input: {adHocCallRecording: {adHocCallRecordingAccessMembers: [{sharedId: "s1"}]}})`:                                 `PATCH /phone/users/abc/settings/ad_hoc_call_recording {"ad_hoc_call_recording_access_members":[{"shared_id":"s1"}]}`,
		`deletePhoneUserSetting(id: "abc", settingType: VOICE_MAIL, sharedId: "s1")`:                                                                            `DELETE /phone/users/abc/settings/voice_mail?shared_id=s1`,
		`deletePhoneUserSetting(id: "abc", settingType: AD_HOC_CALL_RECORDING, sharedId: "s1")`:                                                                 `DELETE /phone/users/abc/settings/ad_hoc_call_recording?shared_id=s1`,
		`deletePhoneUserSetting(id: "abc", settingType: DESK_PHONE, deviceId: "d1")`:                                                                            `DELETE /phone/users/abc/settings/desk_phone?device_id=d1`,
		`deletePhoneUserSetting(id: "abc", settingType: INTERCOM, intercomExtensionId: "e1")`:                                                                   `DELETE /phone/users/abc/settings/intercom?intercom_extension_id=e1`,
		`updatePhoneUserSetting(id: "abc", input: {delegation: {delegation: {privacy: true}}, intercom: {intercom: {extensionId: "e1"}}})`:                      `OneOf Input Object`,
		`updatePhoneUserSetting(id: "abc", input: {})`:                                                                                                          `OneOf Input Object`,
		`deletePhoneUserSetting(id: "abc", settingType: PRIVACY)`:                                                                                               `PRIVACY`,
	} {
		z := &graph.Stub{}
		_, errors := z.Before(t, programtest.Of(t), nil)(`mutation { ` + write + ` { phoneUser { id } } }`)
		if got := strings.Join(z.Calls(), "; "); got != want && (got != "" || !strings.Contains(errors, want)) {
			t.Errorf("%s: %s %s, want %s", write, got, errors, want)
		}
	}
}

// A user of Zoom Phone has three ids; what leads to one takes the right one, and nothing where it is none.
func TestPhoneUserLinks(t *testing.T) {
	t.Parallel()
	z := &graph.Stub{Answers: map[string]string{
		"GET /phone/users?page_size=30":    `{"users":[{"id":"u1","phone_user_id":"p1","extension_id":"e1","site":{"id":"s1","name":"Lyme"},"phone_numbers":[{"id":"n1","number":"+1"}]},{"id":"u2"}]}`,
		"GET /phone/users/u1":              `{"id":"u1","phone_user_id":"p1","extension_id":"e1","site_id":"s1","phone_numbers":[{"id":"n1","number":"+1"}],"policy":{"auto_call_recording_access_members":[{"access_user_id":"u2","shared_id":"a1"}]}}`,
		"GET /phone/users/u2":              `{"id":"u2","extension_number":"26000026001"}`,
		"GET /phone/users/u3":              `{"id":"u3","policy":{}}`,
		"GET /users/u1":                    `{"id":"u1","email":"mary@example.com"}`,
		"GET /phone/sites/s1":              `{"id":"s1","name":"Lyme"}`,
		"GET /phone/numbers/n1":            `{"id":"n1","display_name":"Desk"}`,
		"GET /phone/shared_line_groups/g1": `{"id":"g1","extension_number":7}`,
		"GET /phone/common_areas/c1":       `{"id":"c1","extension_number":9}`,
		"GET /phone/users/u1/settings": `{"delegation":{"assistants":[{"id":"u2","extension_id":"e2","extension_type":"user"},{"id":"c1","extension_id":"e3","extension_type":"commonArea"}]},
			"voice_mail":[{"access_user_id":"u2"},{"access_user_id":"c1","access_user_type":"commonArea"}],
			"shared_lines_call_setting":{"shared_line_appearances":{"executives":[{"user_id":"u2"}]},"shared_line_groups":{"shared_line_group":[{"slg_id":"g1"}]}}}`,
	}}
	for _, test := range []struct {
		query, want string
		calls       []string
	}{
		{`{ phoneUsers { nodes { id user { id } phoneUserId extensionId site { id name } phoneNumbers { id number } } } }`, `{"phoneUsers":{"nodes":[{"id":"u1","user":{"id":"u1"},"phoneUserId":"p1","extensionId":"e1","site":{"id":"s1","name":"Lyme"},"phoneNumbers":[{"id":"n1","number":"+1"}]},{"id":"u2","user":{"id":"u2"},"phoneUserId":null,"extensionId":null,"site":null,"phoneNumbers":null}]}}`, []string{"GET /phone/users?page_size=30"}},
		{`{ phoneUser(id: "u1") { user { email } site { id } } }`, `{"phoneUser":{"user":{"email":"mary@example.com"},"site":{"id":"s1"}}}`, []string{"GET /phone/users/u1", "GET /users/u1"}},
		{`{ phoneUser(id: "u1") { site { name } phoneNumbers { displayName } } }`, `{"phoneUser":{"site":{"name":"Lyme"},"phoneNumbers":[{"displayName":"Desk"}]}}`, []string{"GET /phone/numbers/n1", "GET /phone/sites/s1", "GET /phone/users/u1"}},
		{`{ phoneUser(id: "u3") { site { name } } }`, `{"phoneUser":{"site":null}}`, []string{"GET /phone/users/u3"}},
		{`{ user(id: "u1") { phone { user { id } } } }`, `{"user":{"phone":{"user":{"id":"u1"}}}}`, nil},
		{`{ phoneUser(id: "u1") { policy { autoCallRecordingAccessMembers { sharedId user { extensionNumber } } } } }`, `{"phoneUser":{"policy":{"autoCallRecordingAccessMembers":[{"sharedId":"a1","user":{"extensionNumber":26000026001}}]}}}`, []string{"GET /phone/users/u1", "GET /phone/users/u2"}},
		{`{ phoneUser(id: "u1") { settings { delegation { assistants { extensionId user { extensionNumber } commonArea { extensionNumber } } } } } }`, `{"phoneUser":{"settings":{"delegation":{"assistants":[{"extensionId":"e2","user":{"extensionNumber":26000026001},"commonArea":null},{"extensionId":"e3","user":null,"commonArea":{"extensionNumber":9}}]}}}}`, []string{"GET /phone/common_areas/c1", "GET /phone/users/u1/settings", "GET /phone/users/u2"}},
		{`{ phoneUser(id: "u1") { settings { voiceMail { user { id } commonArea { id } } } } }`, `{"phoneUser":{"settings":{"voiceMail":[{"user":{"id":"u2"},"commonArea":null},{"user":null,"commonArea":{"id":"c1"}}]}}}`, []string{"GET /phone/users/u1/settings"}},
		{`{ phoneUser(id: "u1") { settings { sharedLinesCallSetting { sharedLineAppearances { executives { user { extensionNumber } } } sharedLineGroups { sharedLineGroup { group { extensionNumber } } } } } } }`, `{"phoneUser":{"settings":{"sharedLinesCallSetting":{"sharedLineAppearances":{"executives":[{"user":{"extensionNumber":26000026001}}]},"sharedLineGroups":{"sharedLineGroup":[{"group":{"extensionNumber":7}}]}}}}}`, []string{"GET /phone/shared_line_groups/g1", "GET /phone/users/u1/settings", "GET /phone/users/u2"}},
	} {
		one := &graph.Stub{Answers: z.Answers}
		data, errors := one.Before(t, programtest.Of(t), nil)(test.query)
		calls := one.Calls()
		slices.Sort(calls)
		if data != test.want || errors != "" || !slices.Equal(calls, test.calls) {
			t.Errorf("%s:\n%s %s\nwant\n%s\ncalls %q", test.query, data, errors, test.want, calls)
		}
	}
}

// Access that is given is seen in the policy and in the settings, is changed and taken by its own id, and can be given once.
func TestPhoneUserAccess(t *testing.T) {
	t.Parallel()
	for setting, list := range map[string]string{"voiceMail": "voicemailAccessMembers", "autoCallRecording": "autoCallRecordingAccessMembers", "adHocCallRecording": "adHocCallRecordingAccessMembers"} {
		s := setup(t, sandbox.Config{})
		shown := list
		if setting == "voiceMail" {
			shown = setting
		}
		read := `{ phoneUser(id: "USER1") { policy { ` + list + ` { accessUserId allowDelete } } settings { ` + shown + ` { accessUserId sharedId } } } }`
		add := `mutation { addPhoneUserSetting(id: "USER1", input: {` + setting + `: {` + list + `: [{accessUserId: "USER3", allowDelete: false}]}}) { ` + list + ` { accessUserId sharedId } } }`
		id := fmt.Sprint(s.must(add).at("addPhoneUserSetting", list, 0, "sharedId"))
		s.wantErrors(s.ask(add, nil), "BAD_USER_INPUT at addPhoneUserSetting")
		if a := s.must(read); a.at("phoneUser", "settings", shown, 0, "sharedId") != id || a.at("phoneUser", "policy", list, 0, "accessUserId") != s.users[3].ID {
			t.Errorf("%s was not given: %s", list, a.raw)
		}
		s.must(`mutation { updatePhoneUserSetting(id: "USER1", input: {` + setting + `: {` + list + `: [{sharedId: "` + id + `", allowDelete: true}]}}) { phoneUser { id } } }`)
		if a := s.must(read); a.at("phoneUser", "policy", list, 0, "allowDelete") != true {
			t.Errorf("%s was not changed: %s", list, a.raw)
		}
		kind := map[string]string{"voiceMail": "VOICE_MAIL", "autoCallRecording": "AUTO_CALL_RECORDING", "adHocCallRecording": "AD_HOC_CALL_RECORDING"}[setting]
		drop := `mutation { deletePhoneUserSetting(id: "USER1", settingType: ` + kind + `, sharedId: "` + id + `") { phoneUser { policy { ` + list + ` { sharedId } } } } }`
		if a := s.must(drop); len(a.at("deletePhoneUserSetting", "phoneUser", "policy", list).([]any)) != 0 {
			t.Errorf("%s was not taken: %s", list, a.raw)
		}
		s.wantErrors(s.ask(drop, nil), "BAD_USER_INPUT at deletePhoneUserSetting")
		s.wantErrors(s.ask(strings.ReplaceAll(add, "USER3", "nobody"), nil), "NOT_FOUND at addPhoneUserSetting")
	}
}

// Who has an assistant is one of those for whom the assistant's phone rings.
func TestPhoneUserDelegation(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	const executives = `{ phoneUser(id: "USER1") { settings { sharedLinesCallSetting { sharedLineAppearances { executives { userId user { email } } } } } } }`
	extension := fmt.Sprint(s.must(`{ phoneUser(id: "USER1") { extensionId } }`).at("phoneUser", "extensionId"))
	s.must(`mutation { addPhoneUserSetting(id: "USER", input: {delegation: {delegationAssistantExtensionId: "` + extension + `"}}) { phoneUser { id } } }`)
	if a := s.must(executives); !strings.Contains(string(a.raw), `"executives":[{"userId":"`+s.users[0].ID+`","user":{"email":"ada.lovelace@example.com"}}]`) {
		t.Errorf("of whom somebody is an assistant: %s", a.raw)
	}
	s.must(`mutation { deletePhoneUserSetting(id: "USER", settingType: DELEGATION, assistantExtensionId: "` + extension + `") { phoneUser { id } } }`)
	if a := s.must(executives); !strings.Contains(string(a.raw), `"executives":[]`) {
		t.Errorf("of whom somebody was an assistant: %s", a.raw)
	}
	for _, id := range []string{s.users[1].ID, "nothing"} { // an extension is not known by its user's id
		s.wantErrors(s.ask(`mutation { addPhoneUserSetting(id: "USER", input: {delegation: {delegationAssistantExtensionId: "`+id+`"}}) { phoneUser { id } } }`, nil), "BAD_USER_INPUT at addPhoneUserSetting")
		s.wantErrors(s.ask(`mutation { updatePhoneUser(id: "USER", input: {policy: {callPark: {forwardToExtensionId: "`+id+`"}}}) { phoneUser { id } } }`, nil), "BAD_USER_INPUT at updatePhoneUser")
	}
	a := s.must(`mutation { updatePhoneUser(id: "USER", input: {policy: {callPark: {callNotPickedUpAction: EXTENSION, forwardToExtensionId: "` + extension + `"}}}) { phoneUser { policy { callPark { callNotPickedUpAction forwardTo { id extensionId extensionType } } } } } }`)
	if want := `{"callNotPickedUpAction":"EXTENSION","forwardTo":{"id":"` + s.users[1].ID + `","extensionId":"` + extension + `","extensionType":"USER"}}`; !strings.Contains(string(a.raw), want) {
		t.Errorf("no %s in %s", want, a.raw)
	}
}

// What cannot be is refused, and what was refused is not done.
func TestPhoneUserRefusals(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	for query, want := range map[string]string{
		`{ phoneUser(id: "nobody") { email } }`:                                                                                        "NOT_FOUND at phoneUser.email",
		`{ phoneSettingTemplate(id: "nothing") { name } }`:                                                                             "NOT_FOUND at phoneSettingTemplate.name",
		`mutation { updatePhoneUser(id: "USER", input: {extensionNumber: 1002}) { phoneUser { id } } }`:                                "BAD_USER_INPUT at updatePhoneUser",
		`mutation { updatePhoneUser(id: "USER", input: {siteId: "nothing"}) { phoneUser { id } } }`:                                    "BAD_USER_INPUT at updatePhoneUser",
		`mutation { updatePhoneUser(id: "USER", input: {templateId: "nothing"}) { phoneUser { id } } }`:                                "NOT_FOUND at updatePhoneUser",
		`mutation { assignPhoneUserCallingPlans(id: "USER", input: {callingPlans: [{type: 999}]}) { phoneUser { id } } }`:              "BAD_USER_INPUT at assignPhoneUserCallingPlans",
		`mutation { assignPhoneUserCallingPlans(id: "USER", input: {callingPlans: [{type: 200}]}) { phoneUser { id } } }`:              "BAD_USER_INPUT at assignPhoneUserCallingPlans",
		`mutation { unassignPhoneUserCallingPlan(id: "USER", type: 600) { phoneUser { id } } }`:                                        "BAD_USER_INPUT at unassignPhoneUserCallingPlan",
		`mutation { assignPhoneUserNumbers(id: "USER", input: {phoneNumbers: [{number: "+49"}]}) { phoneUser { id } } }`:               "BAD_USER_INPUT at assignPhoneUserNumbers",
		`mutation { unassignPhoneUserNumber(id: "USER", phoneNumberId: "nothing") { phoneUser { id } } }`:                              "NOT_FOUND at unassignPhoneUserNumber",
		`mutation { deletePhoneUserSetting(id: "USER", settingType: VOICE_MAIL, deviceId: "x") { phoneUser { id } } }`:                 "BAD_USER_INPUT at deletePhoneUserSetting",
		`mutation { deletePhoneUserSetting(id: "USER", settingType: DESK_PHONE, deviceId: "nothing") { phoneUser { id } } }`:           "BAD_USER_INPUT at deletePhoneUserSetting",
		`mutation { updatePhoneUserSetting(id: "USER", input: {voiceMail: {voiceMail: {sharedId: "nothing"}}}) { phoneUser { id } } }`: "BAD_USER_INPUT at updatePhoneUserSetting",
		`mutation { createPhoneSettingTemplate(input: {name: "x", type: GROUP, siteId: "nothing"}) { phoneSettingTemplate { id } } }`:  "BAD_USER_INPUT at createPhoneSettingTemplate",
		`mutation { updateAccountPhoneSettings(accountId: "nothing", input: {byoc: {enable: true}}) { account { id } } }`:              "NOT_FOUND at updateAccountPhoneSettings",
	} {
		s.wantErrors(s.ask(query, nil), want)
	}
	a := s.must(`{ phoneUser(id: "USER") { extensionNumber callingPlans { type } } }`)
	if want := `{"extensionNumber":1001,"callingPlans":[{"type":200}]}`; !strings.Contains(string(a.raw), want) {
		t.Errorf("no %s in %s", want, a.raw)
	}
}

// A template goes before a policy, a site and an address are those of the ids, and a number goes to whom it is given.
func TestPhoneUserMoves(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	a := s.must(`{ phoneUsers(first: 5) { nodes { site { id } phoneNumbers { id number } } } phoneSettingTemplates { nodes { id } } }`)
	site, template := fmt.Sprint(a.at("phoneUsers", "nodes", 1, "site", "id")), fmt.Sprint(a.at("phoneSettingTemplates", "nodes", 0, "id"))
	s.must(`mutation { updatePhoneSettingTemplate(id: "` + template + `", input: {policy: {sms: {enable: false}, callForwarding: {enable: true, callForwardingType: MEDIUM}}}) { phoneSettingTemplate { id } } }`)
	a = s.must(`mutation { updatePhoneUser(id: "USER", input: {siteId: "` + site + `", emergencyAddressId: "addr1", templateId: "` + template + `", policy: {sms: {enable: true}}}) { phoneUser { siteId site { id } emergencyAddress { id } policy { sms { enable } callHandlingForwardingToOtherUsers { callForwardingType } } } } }`)
	if want := `{"siteId":"` + site + `","site":{"id":"` + site + `"},"emergencyAddress":{"id":"addr1"},"policy":{"sms":{"enable":false},"callHandlingForwardingToOtherUsers":{"callForwardingType":"MEDIUM"}}}`; !strings.Contains(string(a.raw), want) {
		t.Errorf("no %s in %s", want, a.raw)
	}
	for _, node := range s.must(`{ phoneUsers(first: 100, siteId: "`+site+`") { nodes { site { id } } } }`).at("phoneUsers", "nodes").([]any) {
		if got := node.(map[string]any)["site"].(map[string]any)["id"]; got != site {
			t.Errorf("a user of site %v is listed for %s", got, site)
		}
	}
	number := fmt.Sprint(s.must(`{ phoneUser(id: "USER") { phoneNumbers { number } } }`).at("phoneUser", "phoneNumbers", 0, "number"))
	give := `mutation { assignPhoneUserNumbers(id: "USER4", input: {phoneNumbers: [{number: "` + number + `"}]}) { phoneNumbers { assignee { ... on PhoneUser { id } } } } }`
	s.wantErrors(s.ask(give, nil), "BAD_USER_INPUT at assignPhoneUserNumbers") // it is somebody's
	id := fmt.Sprint(s.must(`{ phoneUser(id: "USER") { phoneNumbers { id } } }`).at("phoneUser", "phoneNumbers", 0, "id"))
	if a = s.must(`mutation { unassignPhoneUserNumber(id: "USER", phoneNumberId: "` + id + `") { phoneUser { phoneNumbers { number } } } }`); strings.Contains(string(a.raw), number) {
		t.Errorf("the number was not taken: %s", a.raw)
	}
	if a = s.must(give); a.at("assignPhoneUserNumbers", "phoneNumbers", 0, "assignee", "id") != s.users[4].ID {
		t.Errorf("the number was not given: %s", a.raw)
	}
}

// A desk phone that a user gets is the device's, and is one of nobody's when it is taken.
func TestPhoneUserDeskPhones(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	const devices = `settings { deskPhone { devices { id policy { hotDesking { status } } } } }`
	had := s.must(`{ phoneUser(id: "USER4") { ` + devices + ` } phoneDevices(type: UNASSIGNED, first: 1) { nodes { id } } }`)
	id := fmt.Sprint(had.at("phoneDevices", "nodes", 0, "id"))
	if strings.Contains(fmt.Sprint(had.at("phoneUser")), id) {
		t.Fatalf("it is the user's already: %s", had.raw)
	}
	s.must(`mutation { addPhoneUserSetting(id: "USER4", input: {deskPhone: {deviceId: "` + id + `"}}) { phoneUser { id } } }`)
	a := s.must(`mutation { updatePhoneUserSetting(id: "USER4", input: {deskPhone: {deskPhone: {devices: [{id: "` + id + `", policy: {hotDesking: {status: OFF}}}]}}}) { phoneUser { ` + devices + ` } } }`)
	if want := `{"id":"` + id + `","policy":{"hotDesking":{"status":"OFF"}}}`; !strings.Contains(string(a.raw), want) {
		t.Errorf("no %s in %s", want, a.raw)
	}
	if a = s.must(`{ phoneDevice(id: "` + id + `") { assignees { ... on PhoneUser { id } } policy { hotDesking { status } } } }`); !strings.Contains(string(a.raw), `{"id":"`+s.users[4].ID+`"}`) || !strings.Contains(string(a.raw), `"OFF"`) {
		t.Errorf("the device does not tell: %s", a.raw)
	}
	drop := `mutation { deletePhoneUserSetting(id: "USER4", settingType: DESK_PHONE, deviceId: "` + id + `") { phoneUser { ` + devices + ` } } }`
	if a = s.must(drop); strings.Contains(string(a.raw), id) {
		t.Errorf("the device was not taken: %s", a.raw)
	}
	s.wantErrors(s.ask(drop, nil), "BAD_USER_INPUT at deletePhoneUserSetting")
}

// Who is asked to be talked to without ringing is known by the extension, and has not accepted yet.
func TestPhoneUserIntercoms(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	extension := fmt.Sprint(s.must(`{ phoneUser(id: "USER3") { extensionId } }`).at("phoneUser", "extensionId"))
	const intercoms = `{ phoneUser { settings { intercom { audioIntercoms { extensionId extensionNumber status } } } } }`
	a := s.must(`mutation { updatePhoneUserSetting(id: "USER", input: {intercom: {intercom: {extensionId: "` + extension + `"}}}) ` + intercoms + ` }`)
	if want := `{"extensionId":"` + extension + `","extensionNumber":1004,"status":"PENDING"}]`; !strings.Contains(string(a.raw), want) || !strings.Contains(string(a.raw), `"status":"ACTIVE"`) {
		t.Errorf("no %s behind another one in %s", want, a.raw)
	}
	drop := `mutation { deletePhoneUserSetting(id: "USER", settingType: INTERCOM, intercomExtensionId: "` + extension + `") ` + intercoms + ` }`
	if a = s.must(drop); strings.Contains(string(a.raw), extension) {
		t.Errorf("it was not taken: %s", a.raw)
	}
	s.wantErrors(s.ask(drop, nil), "BAD_USER_INPUT at deletePhoneUserSetting")
	for _, bad := range []string{`extensionId: "USER3"`, `deviceId: "nothing"`} {
		s.wantErrors(s.ask(`mutation { updatePhoneUserSetting(id: "USER", input: {intercom: {intercom: {`+bad+`}}}) { phoneUser { id } } }`, nil), "BAD_USER_INPUT at updatePhoneUserSetting")
	}
}

// A site that a list brings costs nothing, and is asked for where it did not, or for what it did not bring.
func TestPhoneUserPrice(t *testing.T) {
	t.Parallel()
	for query, want := range map[string]int{
		`{ phoneUsers(first: 3) { nodes { site { id name } } } }`: 1,
		`{ phoneUsers(first: 3) { nodes { siteId } } }`:           4,
		`{ phoneUser(id: "x") { site { id } } }`:                  1,
		`{ phoneUser(id: "x") { site { name } } }`:                2,
		`{ phoneUser(id: "x") { siteId user { id } } }`:           1,
		`{ user(id: "x") { phone { user { id } } } }`:             0,
	} {
		p := programtest.Of(t)
		doc, errs := gqlparser.LoadQueryWithRules(p.Schema, query, rules.NewDefaultRules())
		if errs != nil {
			t.Fatal(errs)
		}
		if got, err := graph.Price(p, doc, doc.Operations[0], nil); err != nil || got.Calls != want {
			t.Errorf("%s costs %d calls, %v; want %d", query, got.Calls, err, want)
		}
	}
}

// Who is deleted has no Zoom Phone any more, nor has who never was active.
func TestPhoneUsersGone(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	before := s.must(`{ phoneUsers(first: 1) { totalCount } users(status: INACTIVE, first: 1) { nodes { id phone { id } } } }`)
	s.must(`mutation { deleteUser(id: "USER2", action: DELETE) { userId } }`)
	after := s.must(`{ phoneUsers(first: 1) { totalCount } }`)
	if b, a := fmt.Sprint(before.at("phoneUsers", "totalCount")), fmt.Sprint(after.at("phoneUsers", "totalCount")); b != "500" || a != "499" {
		t.Errorf("%s users before, and %s after", b, a)
	}
	s.wantErrors(s.ask(`{ phoneUser(id: "USER2") { email } }`, nil), "NOT_FOUND at phoneUser.email")
	id := fmt.Sprint(before.at("users", "nodes", 0, "id"))
	s.wantErrors(s.ask(`{ user(id: "`+id+`") { phone { extensionNumber } } }`, nil), "NOT_FOUND at user.phone.extensionNumber")
}
