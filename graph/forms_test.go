package graph_test

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"testing"

	"zoomgraph/internal/sandbox"
)

// What the vendor's forms of 2026 added can be written and is read back, and its parameters reach Zoom.
func TestWhatCameBy2026(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	group := s.must(`{ groups(first: 1) { nodes { id } } }`)
	keep := map[string]string{"group": fmt.Sprint(group.at("groups", "nodes", 0, "id"))}
	s.calls()
	tell(t, s, keep, []step{
		{"Query.users", `{ users(first: 2, license: ZOOM_WORKFORCE_MANAGEMENT) { totalCount nodes { divisionIds } } }`, []string{"GET /users?license=zoom_workforce_management&page_size=2"}, `"divisionIds":["`},
		{"Query.users", `{ users(first: 1) { nodes { licenseInfoList { licenseType } } } }`, []string{"GET /users?page_size=1"}, `"licenseInfoList":[{"licenseType":"ZOOM_WORKPLACE_BUNDLE"}]`},
		{"Mutation.createUser", `mutation { createUser(input: {action: SSO_CREATE, userInfo: {email: "mary.anning@example.com", type: LICENSED, divisionIds: ["d1"], feature: {zoomOneType: 4398046511104}}}) { user { id divisionIds zoomOneType } } }`, []string{"POST /users", "GET /users/{user}"}, `"divisionIds":["d1"],"zoomOneType":4398046511104`},
		{"Mutation.updateUser", `mutation { updateUser(id: "{user}", removeTspCredentials: true, input: {divisionIds: [], licenseInfoList: [{licenseType: MEETING, licenseOption: 576460752303423488, subscriptionId: "s"}], phoneNumbers: [{code: "+44", number: "1297", label: HOME}]}) { user { id divisionIds licenseInfoList { licenseType licenseOption subscriptionId } phoneNumbers { label } } } }`, []string{"PATCH /users/{user}?remove_tsp_credentials=true", "GET /users/{user}"}, `"divisionIds":[],"licenseInfoList":[{"licenseType":"MEETING","licenseOption":576460752303423488,"subscriptionId":"s"}],"phoneNumbers":[{"label":"HOME"}]`},
		{"Mutation.addUserAssistants", `mutation { addUserAssistants(id: "{user}", input: {assistants: [{email: "ada.lovelace@example.com", canManageHostPrivateEvent: true}]}) { user { id assistants { canManageHostPrivateEvent } } } }`, []string{"POST /users/{user}/assistants", "GET /users/{user}/assistants"}, `"canManageHostPrivateEvent":true`},
		{"Mutation.updateUserPresenceStatus", `mutation { updateUserPresenceStatus(id: "{user}", input: {status: OUT_OF_OFFICE}) { user { id } } }`, []string{"PUT /users/{user}/presence_status"}, `"id":"{user}"`},
		{"Mutation.updateUserStatus", `mutation { updateUserStatus(id: "{user}", input: {action: CLOCK_OUT}) { user { id status } } }`, []string{"PUT /users/{user}/status", "GET /users/{user}"}, `"status":"ACTIVE"`},
		{"User.token", `{ user(id: "{user}") { token(type: ONBEHALF, meetingId: "85746065432") { token } } }`, []string{"GET /users/{user}/token?meeting_id=85746065432&type=onbehalf"}, `"token":"onbehalf.`},
		{"Mutation.updateUserSettings", `mutation { updateUserSettings(id: "{user}", input: {audioConferencing: {participantPhoneMasking: {enable: true, maskingType: MASK_FIRST_5}}, recording: {recordingNotificationForZoomClient: {playVoicePrompt: NO_ONE}}}) { settings { audioConferencing { participantPhoneMasking { enable maskingType } } recording { recordingNotificationForZoomClient { playVoicePrompt } } } notApplied { field } } }`, []string{"PATCH /users/{user}/settings", "GET /users/{user}/settings?custom_query_fields=participant_phone_masking,recording_notification_for_zoom_client"}, `"participantPhoneMasking":{"enable":true,"maskingType":"MASK_FIRST_5"}},"recording":{"recordingNotificationForZoomClient":{"playVoicePrompt":"NO_ONE"}}},"notApplied":[]`},
		{"Mutation.deleteUser", `mutation { deleteUser(id: "{user}", transferWhiteboard: true, transferClipfiles: false, transferNotes: true, transferVisitors: true, transferDocs: true) { userId } }`, []string{"DELETE /users/{user}?transfer_clipfiles=false&transfer_docs=true&transfer_notes=true&transfer_visitors=true&transfer_whiteboard=true"}, `"userId":"{user}"`},
		{"Mutation.updateGroupSettings", `mutation { updateGroupSettings(id: "{group}", input: {audioConferencing: {callMeAndInviteByPhone: {requirePress1ForCallMe: NEVER}}}) { settings { audioConferencing { callMeAndInviteByPhone { requirePress1ForCallMe } } } notApplied { field } } }`, []string{"PATCH /groups/{group}/settings", "GET /groups/{group}/settings?custom_query_fields=call_me_and_invite_by_phone"}, `"requirePress1ForCallMe":"NEVER"}}},"notApplied":[]`},
		{"Mutation.updateGroupLockSettings", `mutation { updateGroupLockSettings(id: "{group}", input: {audioConferencing: {tollCall: true}}) { lockSettings { audioConferencing { tollCall } } notApplied { field } } }`, []string{"PATCH /groups/{group}/lock_settings", "GET /groups/{group}/lock_settings?custom_query_fields=toll_call"}, `"tollCall":true}},"notApplied":[]`},
		{"Mutation.updateAccountSettings", `mutation { updateAccountSettings(id: "me", input: {mailCalendar: {zoomEmailProvider: true}, sessionSecurity: {approvedOrDeniedCountriesOrRegions: {enable: true, method: DENY, deniedList: ["AQ"]}}}) { settings { mailCalendar { zoomEmailProvider } sessionSecurity { approvedOrDeniedCountriesOrRegions { method deniedList } } } notApplied { field } } }`, []string{"PATCH /accounts/me/settings", "GET /accounts/me/settings?custom_query_fields=approved_or_denied_countries_or_regions,zoom_email_provider"}, `"mailCalendar":{"zoomEmailProvider":true},"sessionSecurity":{"approvedOrDeniedCountriesOrRegions":{"method":"DENY","deniedList":["AQ"]}}},"notApplied":[]`},
		{"Account.settings", `{ account(id: "me") { settings { smartRecognition { workplaceApp { voiceNameTags { enabled } } } generalSetting { showZoomRoomFeature } } } }`, []string{"GET /accounts/me/settings?custom_query_fields=show_zoom_room_feature,workplace_app"}, `"voiceNameTags":{"enabled":`},
		{"Query.accounts", `{ accounts(email: "nobody@example.net", phoneNumber: "+1 555", subResellerId: "r") { totalCount } }`, []string{"GET /accounts?email=nobody%40example.net&page_size=30&phone_number=%2B1+555&sub_reseller_id=r"}, `"totalCount":0`},
		{"Mutation.updateAccountOptions", `mutation { updateAccountOptions(id: "me", input: {resourceShareMh: true}) { account { accountType reseller options { resourceShareMh } } } }`, []string{"PATCH /accounts/me/options", "GET /accounts/me"}, `"accountType":"ENTERPRISE","reseller":false,"options":{"resourceShareMh":true}`},
		{"Query.roles", `{ roles(type: IQ) { totalCount nodes { id } } }`, []string{"GET /roles?type=iq"}, `"totalCount":0`},
		{"Role.privilegeScopes", `{ role(id: "1") { privilegeScopes { permissionId groupIds } } }`, []string{"GET /roles/1"}, `"permissionId":"Group:Edit","groupIds":["{group}"]`},
	})
}

// quiet answers writes as the document of 2026 has it for six of them: with 200, and without a body.
type quiet struct{}

func (quiet) RoundTrip(r *http.Request) (*http.Response, error) {
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil || r.Method == http.MethodGet || res.StatusCode > 299 || r.URL.Path == "/oauth/token" {
		return res, err
	}
	_ = res.Body.Close()
	res.Status, res.StatusCode, res.Body, res.ContentLength = "200 OK", http.StatusOK, io.NopCloser(bytes.NewReader(nil)), 0
	return res, nil
}

// A write is done whatever 2xx says so, with a body or without. Only what was made without an id is unknown.
func TestWritesWithoutABody(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{}, withTransport(quiet{}))
	made := s.must(`mutation { createRole(input: {name: "Curator"}) { role { id } } }`)
	if made.at("createRole", "role") != nil {
		t.Errorf("a role without an id: %s", made.raw)
	}
	roles := s.must(`{ roles { nodes { id name } } }`)
	keep := map[string]string{"user": s.users[4].ID, "role": fmt.Sprint(roles.at("roles", "nodes", 3, "id"))}
	s.calls()
	tell(t, s, keep, []step{
		{"Mutation.updateRole", `mutation { updateRole(id: "{role}", input: {name: "Keeper"}) { role { name } } }`, []string{"PATCH /roles/{role}", "GET /roles/{role}"}, `"name":"Keeper"`},
		{"Mutation.deleteRole", `mutation { deleteRole(id: "{role}") { roleId } }`, []string{"DELETE /roles/{role}"}, `"roleId":"{role}"`},
		{"Mutation.updateUserStatus", `mutation { updateUserStatus(id: "{user}", input: {action: DEACTIVATE}) { user { status } } }`, []string{"PUT /users/{user}/status", "GET /users/{user}"}, `"status":"INACTIVE"`},
		{"Mutation.updateAccountOptions", `mutation { updateAccountOptions(id: "me", input: {shareRc: true}) { account { options { shareRc } } } }`, []string{"PATCH /accounts/me/options", "GET /accounts/me"}, `"shareRc":true`},
		{"Mutation.updateAccountLockSettings", `mutation { updateAccountLockSettings(id: "me", input: {tsp: {displayTollFreeNumbers: true}}) { lockSettings { tsp { displayTollFreeNumbers } } notApplied { field } } }`, []string{"PATCH /accounts/me/lock_settings", "GET /accounts/me/lock_settings?custom_query_fields=display_toll_free_numbers"}, `"displayTollFreeNumbers":true}},"notApplied":[]`},
	})
}
