package graph_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"

	"zoomgraph/graph"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/sandbox"
)

// step is a query of a story, the calls it takes, and a part of its answer.
type step struct {
	field string // what it exercises, as Type.field
	query string
	calls []string // with USER, USER1, … for ids
	want  string   // in the answer's JSON
}

// tell runs the steps of a story one after the other; {name} stands for what an earlier step kept.
func tell(t *testing.T, s *service, keep map[string]string, steps []step) {
	t.Helper()
	for _, step := range steps {
		query := expand(step.query, keep)
		a := s.ask(query, nil)
		if len(a.Errors) > 0 {
			t.Errorf("%s: %s", query, a.raw)
			s.calls()
			continue
		}
		for field, payload := range a.Data {
			thing, _ := payload.(map[string]any)
			if id := firstListed(thing); id != "" {
				keep[field] = id
			}
			for name := range thing {
				if id := firstListed(thing[name]); id != "" {
					keep[name] = id
				}
				if inner, ok := thing[name].(map[string]any); ok && inner["id"] != nil {
					keep[name] = fmt.Sprint(inner["id"])
				} else if id, isText := thing[name].(string); isText && strings.HasSuffix(name, "Id") {
					keep[name] = id
				}
			}
		}
		var want []string
		for _, call := range step.calls {
			want = append(want, s.below(strings.ReplaceAll(expand(call, keep), s.users[0].ID, "USER")))
		}
		slices.Sort(want)
		if got := s.calls(); !slices.Equal(got, want) {
			t.Errorf("%s: calls\n  %s\nwant\n  %s", query, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
		}
		if text := expand(step.want, keep); !strings.Contains(string(a.raw), text) {
			t.Errorf("%s: no %s in %s", query, text, a.raw)
		}
	}
}

// firstListed is the id of the first thing of a list, or of a connection; "" for none.
func firstListed(value any) string {
	if connection, isObject := value.(map[string]any); isObject {
		value = connection["nodes"]
	}
	list, _ := value.([]any)
	if len(list) == 0 {
		return ""
	}
	if first, isObject := list[0].(map[string]any); isObject && first["id"] != nil {
		return fmt.Sprint(first["id"])
	}
	return ""
}

// Every write of the four chapters is done once, and what it did is read back by the same answer.
func stories() map[string][]step {
	return map[string][]step{
		"users": {
			{"Mutation.createUser", `mutation { createUser(input: {action: CUST_CREATE, userInfo: {email: "mary.anning@example.com", type: LICENSED, firstName: "Mary", lastName: "Anning"}}) { user { id email status } } }`, []string{"POST /users", "GET /users/{user}"}, `"email":"mary.anning@example.com"`},
			{"Query.userEmail", `{ userEmail(email: "mary.anning@example.com") { existedEmail } }`, []string{"GET /users/email?email=mary.anning%40example.com"}, `"existedEmail":true`},
			{"Query.userVanityName", `{ userVanityName(vanityName: "nobody.has.this") { existed } }`, []string{"GET /users/vanity_name?vanity_name=nobody.has.this"}, `"existed":false`},
			{"Mutation.updateUser", `mutation { updateUser(id: "{user}", input: {dept: "Fossils", jobTitle: "Collector", pronounsOption: ALWAYS}) { user { id dept jobTitle } } }`, []string{"PATCH /users/{user}", "GET /users/{user}"}, `"dept":"Fossils","jobTitle":"Collector"`},
			{"Mutation.updateUserEmail", `mutation { updateUserEmail(id: "{user}", input: {email: "mary@example.com"}) { user { id email } } }`, []string{"PUT /users/{user}/email", "GET /users/{user}"}, `"email":"mary@example.com"`},
			{"Mutation.updateUserPassword", `mutation { updateUserPassword(id: "{user}", input: {password: "Ammonite-1811"}) { user { id } } }`, []string{"PUT /users/{user}/password"}, `"id":"{user}"`},
			{"Mutation.updateUserPresenceStatus", `mutation { updateUserPresenceStatus(id: "{user}", input: {status: DO_NOT_DISTURB, duration: 20}) { user { id } } }`, []string{"PUT /users/{user}/presence_status"}, `"id":"{user}"`},
			{"Mutation.updateUserStatus", `mutation { updateUserStatus(id: "{user}", input: {action: DEACTIVATE}) { user { id status } } }`, []string{"PUT /users/{user}/status", "GET /users/{user}"}, `"status":"INACTIVE"`},
			{"Mutation.updateUserSettings", `mutation { updateUserSettings(id: "{user}", input: {tsp: {callOut: true}}) { user { id } notApplied { field } } }`, []string{"PATCH /users/{user}/settings", "GET /users/{user}/settings?custom_query_fields=call_out"}, `"notApplied":[]`},
			{"User.settings", `{ user(id: "{user}") { settings { tsp { callOut } } } }`, []string{"GET /users/{user}/settings?custom_query_fields=call_out"}, `"callOut":true`},
			{"Mutation.addUserAssistants", `mutation { addUserAssistants(id: "{user}", input: {assistants: [{email: "ada.lovelace@example.com"}]}) { addAt user { id assistants { id email } } } }`, []string{"POST /users/{user}/assistants", "GET /users/{user}/assistants"}, `"email":"ada.lovelace@example.com"`},
			{"User.schedulers", `{ user(id: "USER") { schedulers { id email } } }`, []string{"GET /users/USER/schedulers"}, `"email":"mary@example.com"`},
			{"Mutation.deleteUserScheduler", `mutation { deleteUserScheduler(id: "USER", schedulerId: "{user}") { user { schedulers { id } } } }`, []string{"DELETE /users/USER/schedulers/{user}", "GET /users/USER/schedulers"}, `"schedulers":[]`},
			{"Mutation.deleteUserSchedulers", `mutation { deleteUserSchedulers(id: "USER") { user { schedulers { id } } } }`, []string{"DELETE /users/USER/schedulers", "GET /users/USER/schedulers"}, `"schedulers":[]`},
			{"User.assistants", `mutation { addUserAssistants(id: "{user}", input: {assistants: [{id: "USER"}]}) { user { id assistants { id } } } }`, []string{"POST /users/{user}/assistants", "GET /users/{user}/assistants"}, `"assistants":[{"id":`},
			{"Mutation.deleteUserAssistant", `mutation { deleteUserAssistant(id: "{user}", assistantId: "USER") { user { id assistants { id } } } }`, []string{"DELETE /users/{user}/assistants/USER", "GET /users/{user}/assistants"}, `"assistants":[]`},
			{"Mutation.deleteUserAssistants", `mutation { deleteUserAssistants(id: "{user}") { user { id assistants { id } } } }`, []string{"DELETE /users/{user}/assistants", "GET /users/{user}/assistants"}, `"assistants":[]`},
			{"User.permissions", `{ user(id: "USER") { permissions } }`, []string{"GET /users/USER/permissions"}, `"permissions":["`},
			{"User.token", `{ user(id: "USER") { token(type: ZAK, ttl: 60) { token } } }`, []string{"GET /users/USER/token?ttl=60&type=zak"}, `"token":"`},
			{"Mutation.revokeUserSsoToken", `mutation { revokeUserSsoToken(id: "{user}") { user { id } } }`, []string{"DELETE /users/{user}/token"}, `"id":"{user}"`},
			{"Mutation.deleteUser", `mutation { deleteUser(id: "{user}", action: DELETE, transferMeeting: true, transferEmail: "ada.lovelace@example.com") { userId } }`, []string{"DELETE /users/{user}?action=delete&transfer_email=ada.lovelace%40example.com&transfer_meeting=true"}, `"userId":"{user}"`},
			{"Mutation.switchUserAccount", `mutation { switchUserAccount(accountId: "me", userId: "{other}", input: {accountId: "{sub}"}) { user { id } } }`, []string{"PUT /accounts/me/users/{other}/account"}, `"user":{"id":`},
		},
		"groups": {
			{"Mutation.createGroup", `mutation { createGroup(input: {name: "Geology"}) { group { id name totalMembers } } }`, []string{"POST /groups", "GET /groups/{group}"}, `"name":"Geology","totalMembers":0`},
			{"Query.groups", `{ groups { totalCount nodes { id name totalMembers } } }`, []string{"GET /groups"}, `"name":"Geology"`},
			{"Mutation.updateGroup", `mutation { updateGroup(id: "{group}", input: {name: "Palaeontology"}) { group { id name } } }`, []string{"PATCH /groups/{group}", "GET /groups/{group}"}, `"name":"Palaeontology"`},
			{"Mutation.addGroupMembers", `mutation { addGroupMembers(id: "{group}", input: {members: [{id: "USER"}, {email: "grace.hopper@example.com"}]}) { addedAt group { id members { nodes { id email } } } } }`, []string{"POST /groups/{group}/members", "GET /groups/{group}/members?page_size=30"}, `"email":"grace.hopper@example.com"`},
			{"Mutation.updateGroupMember", `mutation { updateGroupMember(id: "{group}", memberId: "USER", input: {action: SET_PRIMARY}) { group { id } } }`, []string{"PATCH /groups/{group}/members/USER"}, `"id":"{group}"`},
			{"User.groups", `{ user(id: "USER") { groups { id name } } }`, nil, `"groups":[{"id":"{group}","name":"Palaeontology"}`},
			{"Mutation.deleteGroupMember", `mutation { deleteGroupMember(id: "{group}", memberId: "USER") { group { id totalMembers } } }`, []string{"DELETE /groups/{group}/members/USER", "GET /groups/{group}"}, `"totalMembers":1`},
			{"Mutation.updateGroupSettings", `mutation { updateGroupSettings(id: "{group}", input: {scheduleMeeting: {participantVideo: true}, meetingSecurity: {waitingRoom: true}}) { group { id } settings { scheduleMeeting { participantVideo } meetingSecurity { waitingRoom } } notApplied { field } } }`, []string{"PATCH /groups/{group}/settings", "PATCH /groups/{group}/settings?option=meeting_security", "GET /groups/{group}/settings?custom_query_fields=participant_video", "GET /groups/{group}/settings?custom_query_fields=waiting_room&option=meeting_security"}, `"participantVideo":true},"meetingSecurity":{"waitingRoom":true}},"notApplied":[]`},
			{"Mutation.updateGroupLockSettings", `mutation { updateGroupLockSettings(id: "{group}", input: {inMeeting: {chat: true}}) { group { id } lockSettings { inMeeting { chat } } notApplied { field } } }`, []string{"PATCH /groups/{group}/lock_settings", "GET /groups/{group}/lock_settings?custom_query_fields=chat"}, `"lockSettings":{"inMeeting":{"chat":true}},"notApplied":[]`},
			{"Group.settings", `{ group(id: "{group}") { settings { inMeeting { polling } } a: settings(option: MEETING_SECURITY) { meetingSecurity { waitingRoom } inMeeting { chat } } lockSettings { inMeeting { chat polling } } } }`, []string{"GET /groups/{group}/settings?custom_query_fields=polling", "GET /groups/{group}/settings?custom_query_fields=waiting_room&option=meeting_security", "GET /groups/{group}/lock_settings?custom_query_fields=chat,polling"}, `"reason":"NOT_IN_VIEW"`},
			{"Mutation.deleteGroup", `mutation { deleteGroup(id: "{group}") { groupId } }`, []string{"DELETE /groups/{group}"}, `"groupId":"{group}"`},
		},
		"roles": {
			{"Query.roles", `{ roles { totalCount nodes { id name totalMembers } } }`, []string{"GET /roles"}, `"name":"Owner"`},
			{"Mutation.createRole", `mutation { createRole(input: {name: "Curator", description: "Keeps things", privileges: ["User:Read"]}) { role { id name description privileges } } }`, []string{"POST /roles", "GET /roles/{role}"}, `"name":"Curator","description":"Keeps things","privileges":["User:Read"]`},
			{"Mutation.updateRole", `mutation { updateRole(id: "{role}", input: {description: "Keeps everything"}) { role { id description } } }`, []string{"PATCH /roles/{role}", "GET /roles/{role}"}, `"description":"Keeps everything"`},
			{"Mutation.addRoleMembers", `mutation { addRoleMembers(id: "{role}", input: {members: [{id: "{other}"}]}) { role { id members(first: 5) { nodes { id firstName } } } } }`, []string{"POST /roles/{role}/members", "GET /roles/{role}/members?page_size=5"}, `"firstName":"`},
			{"User.role", `{ user(id: "{other}") { role { id name } } }`, nil, `"role":{"id":"{role}","name":"Curator"}`},
			{"Mutation.deleteRoleMember", `mutation { deleteRoleMember(id: "{role}", memberId: "{other}") { role { id totalMembers } } }`, []string{"DELETE /roles/{role}/members/{other}", "GET /roles/{role}"}, `"totalMembers":0`},
			{"Mutation.deleteRole", `mutation { deleteRole(id: "{role}") { roleId } }`, []string{"DELETE /roles/{role}"}, `"roleId":"{role}"`},
		},
		"meetings":           meetingsStory(),
		"tracking fields":    trackingStory(),
		"tsp":                tspStory(),
		"sip audio":          sipAudioStory(),
		"devices":            devicesStory(),
		"sip phones":         sipPhonesStory(),
		"call queues":        callQueuesStory(),
		"auto receptionists": autoReceptionistsStory(),
		"shared lines":       sharedLinesStory(),
		"phone sites":        phoneSitesStory(),
		"phone blocked list": phoneBlockedStory(),
		"phone devices":      phoneDevicesStory(),
		"common area phones": commonAreasStory(),
		"phone calls":        phoneCallsStory(),
		"phone reports":      phoneReportsStory(),
		"rooms":              roomsStory(),
		"room locations":     roomLocationsStory(),
		"room devices":       roomDevicesStory(),
		"room settings":      roomSettingsStory(),
		"phone users":        phoneUsersStory(),
		"billing":            billingStory(),
		"chat channels":      chatChannelsStory(),
		"chat messages":      chatMessagesStory(),
		"im groups":          imGroupsStory(),
		"im chat":            imChatStory(),
		"chatbot":            chatbotStory(),
		"accounts": {
			{"Query.accounts", `{ accounts { nodes { id accountName ownerEmail seats } } }`, []string{"GET /accounts?page_size=30"}, `"accountName":"`},
			{"Query.account", `{ account(id: "me") { id ownerEmail options { payMode shareMc } managedDomains { domain status } trustedDomains } }`, []string{"GET /accounts/me", "GET /accounts/me/managed_domains", "GET /accounts/me/trusted_domains"}, `"ownerEmail":"ada.lovelace@example.com"`},
			{"Mutation.createAccount", `mutation { createAccount(input: {firstName: "William", lastName: "Smith", email: "william.smith@example.com", password: "Strata-1815"}) { ownerEmail account { id ownerEmail } } }`, []string{"POST /accounts", "GET /accounts/{account}"}, `"ownerEmail":"william.smith@example.com"`},
			{"Mutation.updateAccountOptions", `mutation { updateAccountOptions(id: "{account}", input: {shareMc: true, payMode: MASTER}) { account { id options { shareMc payMode } } } }`, []string{"PATCH /accounts/{account}/options", "GET /accounts/{account}"}, `"options":{"shareMc":true,"payMode":"MASTER"}`},
			{"Mutation.updateAccountOwner", `mutation { updateAccountOwner(id: "me", input: {email: "grace.hopper@example.com"}) { account { ownerEmail } } }`, []string{"PUT /accounts/me/owner", "GET /accounts/me"}, `"ownerEmail":"grace.hopper@example.com"`},
			{"Mutation.updateAccountSettings", `mutation { updateAccountSettings(id: "me", input: {tsp: {callOut: true}, inMeeting: {polling: false}}) { settings { tsp { callOut } inMeeting { polling } } notApplied { field } } }`, []string{"PATCH /accounts/me/settings", "GET /accounts/me/settings?custom_query_fields=call_out,polling"}, `"settings":{"tsp":{"callOut":true},"inMeeting":{"polling":false}},"notApplied":[]`},
			{"Mutation.updateAccountLockSettings", `mutation { updateAccountLockSettings(id: "me", input: {inMeeting: {polling: true}}) { lockSettings { inMeeting { polling } } notApplied { field } } }`, []string{"PATCH /accounts/me/lock_settings", "GET /accounts/me/lock_settings?custom_query_fields=polling"}, `"polling":true`},
			{"Account.settings", `{ account(id: "me") { settings { meetingAuthentication { meetingAuthentication } recordingAuthentication { recordingAuthentication } meetingSecurity { waitingRoom } } lockSettings { raw } } }`, []string{"GET /accounts/me/settings?custom_query_fields=meeting_authentication&option=meeting_authentication", "GET /accounts/me/settings?custom_query_fields=recording_authentication&option=recording_authentication", "GET /accounts/me/settings?custom_query_fields=waiting_room&option=meeting_security", "GET /accounts/me/lock_settings"}, `"raw":{"`},
			{"Mutation.disassociateAccount", `mutation { disassociateAccount(id: "{account}") { accountId } }`, []string{"DELETE /accounts/{account}"}, `"accountId":"{account}"`},
		},
	}
}

// beginnings find what stories begin with, by their names.
var beginnings = map[string]func(s *service, keep map[string]string){
	"users":              keepSubAccount,
	"sip audio":          keepTrunks,
	"sip phones":         keepSipPhone,
	"call queues":        keepQueue,
	"auto receptionists": keepQueue,
	"shared lines":       keepQueue,
	"phone users":        keepPhoneUser,
	"room devices":       keepDevice,
	"chat channels":      keepPeople,
	"chat messages":      keepPeople,
}

func keepSubAccount(s *service, keep map[string]string) {
	keep["sub"] = fmt.Sprint(s.must(`{ accounts(first: 1) { nodes { id } } }`).at("accounts", "nodes", 0, "id"))
}

func TestChapters(t *testing.T) {
	t.Parallel()
	for name, steps := range stories() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := setup(t, sandbox.Config{})
			keep := map[string]string{"other": s.users[4].ID}
			if begin := beginnings[name]; begin != nil {
				begin(s, keep)
				s.calls()
			}
			for i, step := range steps {
				if step.calls == nil { // reads whose calls are told elsewhere
					a := s.must(expand(step.query, keep))
					if want := expand(step.want, keep); !strings.Contains(string(a.raw), want) {
						t.Errorf("%s: no %s in %s", step.query, want, a.raw)
					}
					s.calls()
					continue
				}
				tell(t, s, keep, steps[i:i+1])
			}
		})
	}
}

func expand(text string, keep map[string]string) string {
	for name, value := range keep {
		text = strings.ReplaceAll(text, "{"+name+"}", value)
	}
	return text
}

// Files go up by the multipart request convention, and are there afterwards.
func TestUploads(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	group := fmt.Sprint(s.must(`{ groups { nodes { id } } }`).at("groups", "nodes", 0, "id"))
	s.calls()
	picture := []byte("\x89PNG\r\n\x1a\n" + strings.Repeat("x", 2000))
	for _, test := range []struct{ query, call, want string }{
		{`mutation ($file: Upload!) { uploadUserPicture(id: "USER", picFile: $file) { user { id } } }`, "POST /users/USER/picture", `"uploadUserPicture":{"user":{"id":`},
		{`mutation ($file: Upload!) { uploadUserVirtualBackground(id: "USER", file: $file) { id name size user { id } } }`, "POST /users/USER/settings/virtual_backgrounds", `"name":"fossil.png","size":2008`},
		{`mutation ($file: Upload!) { uploadGroupVirtualBackground(id: "` + group + `", file: $file) { id name group { id } } }`, "POST /groups/" + group + "/settings/virtual_backgrounds", `"name":"fossil.png"`},
		{`mutation ($file: Upload!) { uploadAccountVirtualBackground(id: "me", file: $file) { id name } }`, "POST /accounts/me/settings/virtual_backgrounds", `"name":"fossil.png"`},
	} {
		a := s.upload(test.query, "fossil.png", picture)
		if len(a.Errors) > 0 || !strings.Contains(string(a.raw), test.want) {
			t.Errorf("%s: no %s in %s", test.query, test.want, a.raw)
		}
		s.wantCalls(test.call)
	}
	files := s.must(`{ user(id: "USER") { settings { inMeeting { virtualBackgroundSettings { files { id name } } } } } }`)
	var id string
	list, _ := files.at("user", "settings", "inMeeting", "virtualBackgroundSettings", "files").([]any)
	for _, file := range list {
		if f, _ := file.(map[string]any); f["name"] == "fossil.png" {
			id = fmt.Sprint(f["id"])
		}
	}
	if id == "" {
		t.Fatalf("the background is not there: %s", files.raw)
	}
	s.calls()
	s.must(`mutation { deleteUserVirtualBackgrounds(id: "USER", fileIds: "` + id + `") { user { id } } }`)
	s.wantCalls("DELETE /users/USER/settings/virtual_backgrounds?file_ids=" + id)
	for _, m := range []string{`deleteGroupVirtualBackgrounds(id: "` + group + `", fileIds: "x") { group { id } }`, `deleteAccountVirtualBackgrounds(id: "me", fileIds: "x") { account { id } }`} {
		s.ask(`mutation { `+m+` }`, nil) // of files that are not there
		if calls := s.calls(); len(calls) != 1 || !strings.HasPrefix(calls[0], "DELETE ") {
			t.Errorf("%s: calls %q", m, calls)
		}
	}
}

func (s *service) upload(query, name string, content []byte) *answer {
	s.t.Helper()
	var body bytes.Buffer
	form := multipart.NewWriter(&body)
	operations, err := json.Marshal(map[string]any{"query": s.fill(query), "variables": map[string]any{"file": nil}})
	if err != nil {
		s.t.Fatal(err)
	}
	_ = form.WriteField("operations", string(operations))
	_ = form.WriteField("map", `{"0":["variables.file"]}`)
	part, err := form.CreateFormFile("0", name)
	if err != nil {
		s.t.Fatal(err)
	}
	_, _ = part.Write(content)
	_ = form.Close()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodPost, s.url, &body)
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Content-Type", form.FormDataContentType())
	req.Header.Set("GraphQL-Require-Preflight", "1")
	return s.send(req)
}

// Equal targets merge: a hundred users of three groups and a few roles read each of them once, and the names of all groups
// in one call.
func TestLinksMerge(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	a := s.must(`{ users(first: 100) { nodes { roleId groupIds role { name } groups { name settings { inMeeting { polling } } } settings { inMeeting { polling } } } } }`)
	want := []string{"GET /users?page_size=100"}
	seen := map[string]bool{}
	once := func(call string) {
		if !seen[call] {
			seen[call] = true
			want = append(want, call)
		}
	}
	for i := range 100 {
		once("GET /roles/" + fmt.Sprint(a.at("users", "nodes", i, "roleId")))
		groups, _ := a.at("users", "nodes", i, "groupIds").([]any)
		for _, group := range groups {
			once("GET /groups?page_size=300")
			once("GET /groups/" + fmt.Sprint(group) + "/settings?custom_query_fields=polling")
		}
		want = append(want, "GET /users/"+strings.ReplaceAll(s.users[i].ID, s.users[0].ID, "USER")+"/settings?custom_query_fields=polling")
	}
	s.wantCalls(want...)
}

// A list is asked only for fields of its own things: those of a user behind a row are read with the user.
func TestOnRequestBehindARow(t *testing.T) {
	t.Parallel()
	z := &graph.Stub{Answers: map[string]string{
		"GET /past_meetings/u==/participants?page_size=30": `{"participants":[{"id":"abc"}]}`,
		"GET /users/abc": `{"id":"abc","custom_attributes":[{"key":"cbf"}]}`,
	}}
	data, errors := z.Before(t, programtest.Of(t), nil)(`{ pastMeeting(uuid: "u==") { participants { nodes { user { customAttributes { key } } } } } }`)
	if want := `{"pastMeeting":{"participants":{"nodes":[{"user":{"customAttributes":[{"key":"cbf"}]}}]}}}`; data != want || errors != "" {
		t.Errorf("%s %s, asked for %q", data, errors, z.Calls())
	}
}

// Things below a user that must be read first are found all the same, and still read once.
func TestLinksBelowAUser(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	a := s.must(`{ user(id: "USER") { role { name } groups { name } a: settings { tsp { callOut } } b: settings { inMeeting { chat } } email } }`)
	calls := s.calls()
	groups, _ := a.at("user", "groups").([]any)
	if len(calls) != 3+len(groups) {
		t.Errorf("%d calls for %d groups, want the user, the role, the settings and each group:\n%s", len(calls), len(groups), strings.Join(calls, "\n"))
	}
	if a.at("user", "role", "name") != "Owner" {
		t.Errorf("role %v", a.at("user", "role"))
	}
}

// Who is in no group is in an empty list of groups; whose groups Zoom does not tell, in none.
func TestNoGroups(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]string{`[]`: `"groups":[]`, `null`: `"groups":null`, `["x"]`: `"groups":[{"id":"x"}]`} {
		s := setup(t, sandbox.Config{Faults: []sandbox.Fault{{Match: "GET /users/*", Kind: sandbox.FaultWrongType, Path: "group_ids", Value: []byte(value)}}})
		if a := s.must(`{ user(id: "USER") { groups { id } } }`); !strings.Contains(string(a.raw), want) {
			t.Errorf("group_ids %s: no %s in %s", value, want, a.raw)
		}
	}
}

// A list of members brings a part of a user; the rest is read where somebody asks.
func TestMembers(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	group := fmt.Sprint(s.must(`{ groups(first: 1) { nodes { id } } }`).at("groups", "nodes", 0, "id"))
	s.calls()
	a := s.must(`{ group(id: "` + group + `") { members(first: 3) { totalCount pageInfo { endCursor } nodes { id email firstName lastName type settings { tsp { callOut } } } } } }`)
	if calls := s.calls(); len(calls) != 4 {
		t.Errorf("%d calls, want the list and three settings: %q", len(calls), calls)
	}
	next := s.must(fmt.Sprintf(`{ group(id: %q) { members(first: 3, after: %q) { nodes { id dept } } } }`, group, a.at("group", "members", "pageInfo", "endCursor")))
	if calls := s.calls(); len(calls) != 4 {
		t.Errorf("%d calls, want the list and three users: %q", len(calls), calls)
	}
	if next.at("group", "members", "nodes", 0, "id") == a.at("group", "members", "nodes", 2, "id") || next.at("group", "members", "nodes", 0, "dept") == nil {
		t.Errorf("the next page: %s", next.raw)
	}
	second := fmt.Sprint(s.must(`{ groups(first: 2) { nodes { id } } }`).at("groups", "nodes", 1, "id"))
	other := s.ask(fmt.Sprintf(`{ group(id: %q) { members(first: 3, after: %q) { nodes { id } } } }`, second, a.at("group", "members", "pageInfo", "endCursor")), nil)
	s.wantErrors(other, "BAD_USER_INPUT at group.members")
	other = s.ask(fmt.Sprintf(`{ role(id: "2") { members(first: 3, after: %q) { nodes { id } } } }`, a.at("group", "members", "pageInfo", "endCursor")), nil)
	s.wantErrors(other, "BAD_USER_INPUT at role.members")
}

// Bad input has a clear code at its path.
func TestBadInputOfChapters(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	for _, test := range []struct{ query, want string }{
		{`{ group(id: "nothing") { name } }`, "NOT_FOUND at group.name"},
		{`{ group(id: "../users") { name } }`, "BAD_USER_INPUT at group"},
		{`{ role(id: "") { name } }`, "BAD_USER_INPUT at role"},
		{`mutation { updateGroup(id: "x", input: {}) { group { id } } }`, "BAD_USER_INPUT at updateGroup"},
		{`mutation { updateUser(id: "nobody", input: {dept: "x"}) { user { id } } }`, "NOT_FOUND at updateUser"},
		{`mutation { deleteUser(id: "nobody") { userId } }`, "NOT_FOUND at deleteUser"},
		{`mutation { deleteUser(id: "me") { userId } }`, "BAD_USER_INPUT at deleteUser"},
	} {
		s.wantErrors(s.ask(test.query, nil), test.want)
	}
	a := s.ask(`mutation { updateUserSettings(id: "USER", input: {inMeeting: {waitingRoom: null}}) { user { id } } }`, nil)
	s.wantErrors(a, "BAD_USER_INPUT at updateUserSettings")
	if want := "Zoom found the request invalid: in_meeting.waiting_room"; len(a.Errors) == 1 && a.Errors[0].Message != want {
		t.Errorf("message %q, want %q", a.Errors[0].Message, want)
	}
}
