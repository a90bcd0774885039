package graph_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"zoomgraph/graph"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/sandbox"
)

func keepPeople(s *service, keep map[string]string) {
	for i, name := range []string{"ada", "grace", "alan"} {
		keep[name] = s.users[i].ID
	}
}

// chatChannelsStory is that of a channel that somebody makes for two others, one of them of another account; it is read by
// way of who made it, of who was invited, and as the account, and is changed and emptied both ways.
func chatChannelsStory() []step {
	const channel = "/chat/users/USER/channels/{chatChannel}"
	const seen = "/chat/users/{grace}/channels/{chatChannel}"
	const others = ` chatChannel { id members(first: 50) { nodes { email } } } } }`
	return []step{
		{
			"Mutation.createChatChannel", `mutation { createChatChannel(userId: "USER", input: {name: "Ammonites", type: 1, members: [{email: "grace.hopper@example.com"}, {email: "mary@elsewhere.example"}], channelSettings: {postingPermissions: ADMINS, mentionAllPermissions: NOBODY}}) { chatChannel { id jid name type channelUrl channelSettings { addMemberPermissions postingPermissions mentionAllPermissions newMembersCanSeePreviousMessagesFiles designatedPostingMembers { userId } } } } }`,
			[]string{"POST /chat/users/USER/channels", "GET " + channel},
			`"jid":"{chatChannel}@conference.xmpp.zoom.us","name":"Ammonites","type":1,"channelUrl":"https://zoom.us/launch/chat/v2/{chatChannel}","channelSettings":{"addMemberPermissions":"MEMBERS","postingPermissions":"ADMINS","mentionAllPermissions":"NOBODY","newMembersCanSeePreviousMessagesFiles":true,"designatedPostingMembers":[]}`,
		},
		{
			"ChatChannel.members", `{ user(id: "USER") { chatChannel(id: "{chatChannel}") { members(first: 2) { totalCount pageInfo { hasNextPage } nodes { id email name role isExternal } } } } }`,
			[]string{"GET " + channel + "/members?page_size=2"},
			`"totalCount":3,"pageInfo":{"hasNextPage":true},"nodes":[{"id":"{ada}","email":"ada.lovelace@example.com","name":"Ada Lovelace","role":"OWNER","isExternal":false},{"id":"{grace}","email":"grace.hopper@example.com","name":"Grace Hopper","role":"MEMBER","isExternal":false}]`,
		},
		{
			"ChatChannelMember.user", `{ user(id: "{grace}") { chatChannel(id: "{chatChannel}") { name members { nodes { id isExternal user { firstName } } } } } }`,
			[]string{"GET " + seen, "GET " + seen + "/members?page_size=30", "GET /users/USER", "GET /users/{grace}"},
			`"nodes":[{"id":"{ada}","isExternal":false,"user":{"firstName":"Ada"}},{"id":"{grace}","isExternal":false,"user":{"firstName":"Grace"}},{"id":null,"isExternal":true,"user":null}]`,
		},
		{
			"Query.chatChannel", `{ chatChannel(id: "{chatChannel}") { id name type } }`,
			[]string{"GET /chat/channels/{chatChannel}"},
			`"chatChannel":{"id":"{chatChannel}","name":"Ammonites","type":1}`,
		},
		{
			"Mutation.updateUserChatChannel", `mutation { updateUserChatChannel(userId: "USER", id: "{chatChannel}", input: {name: "Belemnites", channelSettings: {postingPermissions: DESIGNATED, designatedPostingMembers: [{userId: "{grace}"}]}}) { chatChannel { id name channelSettings { postingPermissions mentionAllPermissions designatedPostingMembers { userId user { firstName } } } } } }`,
			[]string{"PATCH " + channel, "GET " + channel, "GET /users/{grace}"},
			`"name":"Belemnites","channelSettings":{"postingPermissions":"DESIGNATED","mentionAllPermissions":"NOBODY","designatedPostingMembers":[{"userId":"{grace}","user":{"firstName":"Grace"}}]}`,
		},
		{
			"Mutation.updateChatChannel", `mutation { updateChatChannel(id: "{chatChannel}", input: {type: 3}) { chatChannel { id name type } } }`,
			[]string{"PATCH /chat/channels/{chatChannel}", "GET /chat/channels/{chatChannel}"},
			`"name":"Belemnites","type":3`,
		},
		{
			"User.chatChannels", `{ user(id: "{grace}") { chatChannels(first: 1000) { totalCount nodes { id name type channelSettings { postingPermissions designatedPostingMembers { userId } } } } } }`,
			[]string{"GET /chat/users/{grace}/channels?page_size=1000"},
			`{"id":"{chatChannel}","name":"Belemnites","type":3,"channelSettings":{"postingPermissions":"DESIGNATED","designatedPostingMembers":null}}`,
		},
		{
			"Mutation.inviteChatChannelMembers", `mutation { inviteChatChannelMembers(userId: "USER", id: "{chatChannel}", input: {members: [{email: "alan.turing@example.com"}, {email: "grace.hopper@example.com"}]}) { ids addedAt members { id firstName }` + others,
			[]string{"POST " + channel + "/members", "GET " + channel + "/members?page_size=50", "GET /users/{alan}"},
			`"members":[{"id":"{alan}","firstName":"Alan"}],"chatChannel":{"id":"{chatChannel}","members":{"nodes":[{"email":"ada.lovelace@example.com"},{"email":"grace.hopper@example.com"},{"email":"mary@elsewhere.example"},{"email":"alan.turing@example.com"}]}}`,
		},
		{
			"Mutation.deleteUserChatChannelMember", `mutation { deleteUserChatChannelMember(userId: "USER", id: "{chatChannel}", memberId: "mary@elsewhere.example") {` + others,
			[]string{"DELETE " + channel + "/members/mary@elsewhere.example", "GET " + channel + "/members?page_size=50"},
			`"nodes":[{"email":"ada.lovelace@example.com"},{"email":"grace.hopper@example.com"},{"email":"alan.turing@example.com"}]`,
		},
		{
			"Mutation.deleteChatChannelMember", `mutation { deleteChatChannelMember(id: "{chatChannel}", memberId: "{grace}") { chatChannel { id name } } }`,
			[]string{"DELETE /chat/channels/{chatChannel}/members/{grace}", "GET /chat/channels/{chatChannel}"},
			`"name":"Belemnites"`,
		},
		{
			"ChatChannel.members", `{ user(id: "{alan}") { chatChannel(id: "{chatChannel}") { members { nodes { role user { id } } } } } }`,
			[]string{"GET /chat/users/{alan}/channels/{chatChannel}/members?page_size=30"},
			`"nodes":[{"role":"OWNER","user":{"id":"{ada}"}},{"role":"MEMBER","user":{"id":"{alan}"}}]`,
		},
		{
			"Mutation.deleteUserChatChannel", `mutation { deleteUserChatChannel(userId: "USER", id: "{chatChannel}") { channelId } }`,
			[]string{"DELETE " + channel},
			`"channelId":"{chatChannel}"`,
		},
		{
			"User.chatChannels", `{ user(id: "{alan}") { chatChannels { totalCount nodes { name } } } }`,
			[]string{"GET /chat/users/{alan}/channels?page_size=30"},
			`"totalCount":4,"nodes":[{"name":"General"},{"name":"Difference engine"},{"name":"Compilers"},{"name":"Announcements"}]`,
		},
		{
			"Mutation.createChatChannel", `mutation { createChatChannel(userId: "USER", input: {name: "Ammonites", sharedSpace: {spaceId: "s1", spaceChannelType: PUBLIC_FOR_MEMBERS}}) { chatChannel { id } } }`,
			[]string{"POST /chat/users/USER/channels"},
			`"chatChannel":{"id":"{chatChannel}"}`,
		},
		{
			"Mutation.deleteChatChannel", `mutation { deleteChatChannel(id: "{chatChannel}") { channelId } }`,
			[]string{"DELETE /chat/channels/{chatChannel}"},
			`"channelId":"{chatChannel}"`,
		},
	}
}

// chatMessagesStory is that of messages in a new channel and between two people: sent, answered, changed and deleted, and
// read each time as those of the chat.
func chatMessagesStory() []step {
	const of = "/chat/users/USER/messages"
	return []step{
		{
			"Mutation.createChatChannel", `mutation { createChatChannel(userId: "USER", input: {name: "Ammonites", members: [{email: "grace.hopper@example.com"}]}) { chatChannel { id messages { totalCount date nodes { id } } } } }`,
			[]string{"POST /chat/users/USER/channels", "GET " + of + "?page_size=30&to_channel={chatChannel}"},
			`"messages":{"totalCount":null,"date":"` + time.Now().UTC().Format(time.DateOnly) + `","nodes":[]}`,
		},
		{
			"Mutation.sendChatMessage", `mutation { sendChatMessage(userId: "USER", input: {toChannel: "{chatChannel}", message: "@Grace Found one", atItems: [{atContact: "grace.hopper@example.com", atType: CONTACT, startPosition: 0, endPosition: 5}], richText: [{startPosition: 7, endPosition: 11, formatType: BOLD}], fileIds: ["f1", "f2"]}) { messageId: id } }`,
			[]string{"POST " + of},
			`"messageId":"`,
		},
		{
			"ChatChannel.messages", `{ user(id: "USER") { chatChannel(id: "{chatChannel}") { messages(first: 5) { nodes { id message messageType status sender senderDisplayName atItems { atContact atType endPosition } richText { startPosition formatType } files { fileId fileName } fileId reactions { emoji } } } } } }`,
			[]string{"GET " + of + "?page_size=5&to_channel={chatChannel}"},
			`"nodes":[{"id":"{messageId}","message":"@Grace Found one","messageType":"FILE_AND_TEXT","status":"NORMAL","sender":"ada.lovelace@example.com","senderDisplayName":"Ada Lovelace","atItems":[{"atContact":"grace.hopper@example.com","atType":"CONTACT","endPosition":5}],"richText":[{"startPosition":7,"formatType":"BOLD"}],"files":[{"fileId":"f1","fileName":"upload.pdf"},{"fileId":"f2","fileName":"upload.pdf"}],"fileId":null,"reactions":null}]`,
		},
		{
			"Mutation.sendChatMessage", `mutation { sendChatMessage(userId: "{grace}", input: {toChannel: "{chatChannel}", message: "Where?", replyMainMessageId: "{messageId}"}) { replyId: id } }`,
			[]string{"POST /chat/users/{grace}/messages"},
			`"replyId":"`,
		},
		{
			"User.chatMessages", `{ user(id: "{grace}") { chatMessages(toChannel: "{chatChannel}") { nodes { id message replyMainMessageId } } } }`,
			[]string{"GET /chat/users/{grace}/messages?page_size=30&to_channel={chatChannel}"},
			`"nodes":[{"id":"{replyId}","message":"Where?","replyMainMessageId":"{messageId}"},{"id":"{messageId}","message":"@Grace Found one","replyMainMessageId":null}]`,
		},
		{
			"ChatChannel.messages", `{ user(id: "USER") { chatChannel(id: "{chatChannel}") { messages(excludeChildMessage: true) { nodes { id } } } } }`,
			[]string{"GET " + of + "?exclude_child_message=true&page_size=30&to_channel={chatChannel}"},
			`"nodes":[{"id":"{messageId}"}]`,
		},
		{
			"Mutation.updateChatMessage", `mutation { updateChatMessage(userId: "USER", id: "{messageId}", input: {toChannel: "{chatChannel}", message: "Found two", interactiveCards: [{cardJson: "{}"}]}) { messageId } }`,
			[]string{"PUT " + of + "/{messageId}"},
			`"messageId":"{messageId}"`,
		},
		{
			"ChatChannel.messages", `{ user(id: "{grace}") { chatChannel(id: "{chatChannel}") { messages(searchKey: "two", searchType: MESSAGE) { nodes { message status interactiveCards { cardJson } } } } } }`,
			[]string{"GET /chat/users/{grace}/messages?page_size=30&search_key=two&search_type=message&to_channel={chatChannel}"},
			`"nodes":[{"message":"Found two","status":"EDITED","interactiveCards":[{"cardJson":"{}"}]}]`,
		},
		{
			"Mutation.deleteChatMessage", `mutation { deleteChatMessage(userId: "USER", id: "{messageId}", toChannel: "{chatChannel}") { messageId } }`,
			[]string{"DELETE " + of + "/{messageId}?to_channel={chatChannel}"},
			`"messageId":"{messageId}"`,
		},
		{
			"ChatChannel.messages", `{ user(id: "USER") { chatChannel(id: "{chatChannel}") { messages { nodes { id } } all: messages(includeDeletedAndEditedMessage: true) { nodes { id status message } } } } }`,
			[]string{"GET " + of + "?page_size=30&to_channel={chatChannel}", "GET " + of + "?include_deleted_and_edited_message=true&page_size=30&to_channel={chatChannel}"},
			`"messages":{"nodes":[{"id":"{replyId}"}]},"all":{"nodes":[{"id":"{replyId}","status":"NORMAL","message":"Where?"},{"id":"{messageId}","status":"DELETED","message":""}]}`,
		},
		{
			"Mutation.sendChatMessage", `mutation { sendChatMessage(userId: "USER", input: {toContact: "{grace}", message: "Come and see"}) { messageId: id } }`,
			[]string{"POST " + of},
			`"messageId":"`,
		},
		{
			"User.chatMessages", `{ user(id: "{grace}") { chatMessages(toContact: "ada.lovelace@example.com", first: 1) { nodes { id message sender } } } }`,
			[]string{"GET /chat/users/{grace}/messages?page_size=1&to_contact=ada.lovelace%40example.com"},
			`"nodes":[{"id":"{messageId}","message":"Come and see","sender":"ada.lovelace@example.com"}]`,
		},
		{
			"Mutation.deleteChatMessage", `mutation { deleteChatMessage(userId: "USER", id: "{messageId}", toContact: "grace.hopper@example.com") { messageId } }`,
			[]string{"DELETE " + of + "/{messageId}?to_contact=grace.hopper%40example.com"},
			`"messageId":"{messageId}"`,
		},
		{
			"Mutation.sendChatMessage", `mutation { sendChatMessage(userId: "USER", input: {toContact: "{grace}", message: "Later", scheduledTime: "` + time.Now().UTC().AddDate(0, 0, 1).Format(time.RFC3339) + `"}) { messageId: id } }`,
			[]string{"POST " + of},
			`"messageId":"`,
		},
		{
			"User.chatMessages", `{ user(id: "USER") { chatMessages(searchKey: "Later") { nodes { id } } } }`,
			[]string{"GET " + of + "?page_size=30&search_key=Later"},
			`"nodes":[]`,
		},
	}
}

// What cannot be answered is refused before any call, and by name; what Zoom refuses is refused by Zoom's word.
func TestChatRefusals(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	channels := s.must(`{ user(id: "USER") { chatChannels { nodes { id name } } } }`)
	keep := map[string]string{"general": fmt.Sprint(channels.at("user", "chatChannels", "nodes", 0, "id")), "compilers": fmt.Sprint(channels.at("user", "chatChannels", "nodes", 2, "id"))}
	s.calls()
	const neither, both = "neither toContact nor toChannel", "toContact and toChannel are both given"
	for _, test := range []struct {
		query, code, says string
		calls             int
	}{
		{`{ user(id: "USER") { chatMessages { nodes { id } } } }`, "BAD_USER_INPUT at user.chatMessages", neither, 0},
		{`{ user(id: "USER") { chatMessages(toContact: "a", toChannel: "b") { nodes { id } } } }`, "BAD_USER_INPUT at user.chatMessages", both, 0},
		{`{ user(id: "USER") { chatMessages(toContact: "a", toChannel: "b", searchKey: "c") { nodes { id } } } }`, "BAD_USER_INPUT at user.chatMessages", both, 0},
		{`{ user(id: "USER") { chatMessages(toContact: "a", date: "2026-11-01", from: "2026-11-01T00:00:00Z") { nodes { id } } } }`, "BAD_USER_INPUT at user.chatMessages", "date is one day", 0},
		{`{ user(id: "USER") { chatChannel(id: "{general}") { messages(date: "2026-11-01", to: "2026-11-01T00:00:00Z") { nodes { id } } } } }`, "BAD_USER_INPUT at user.chatChannel.messages", "date is one day", 0},
		{`mutation { sendChatMessage(userId: "USER", input: {message: "x"}) { id } }`, "BAD_USER_INPUT at sendChatMessage", neither, 0},
		{`mutation { sendChatMessage(userId: "USER", input: {message: "x", toContact: "a", toChannel: "b"}) { id } }`, "BAD_USER_INPUT at sendChatMessage", both, 0},
		{`mutation { sendChatMessage(userId: "USER", input: {message: "x", toContact: null}) { id } }`, "BAD_USER_INPUT at sendChatMessage", neither, 0},
		{`mutation { updateChatMessage(userId: "USER", id: "m", input: {message: "x"}) { messageId } }`, "BAD_USER_INPUT at updateChatMessage", neither, 0},
		{`mutation { deleteChatMessage(userId: "USER", id: "m") { messageId } }`, "BAD_USER_INPUT at deleteChatMessage", neither, 0},
		{`mutation { deleteChatMessage(userId: "USER", id: "m", toContact: "a", toChannel: "b") { messageId } }`, "BAD_USER_INPUT at deleteChatMessage", both, 0},
		{`{ chatChannel(id: "{general}") { members { nodes { id } } } }`, "BAD_USER_INPUT at chatChannel.members", "an account's credentials belong to no user", 0},
		{`{ chatChannel(id: "{general}") { messages { nodes { id } } } }`, "BAD_USER_INPUT at chatChannel.messages", "an account's credentials belong to no user", 0},
		{`mutation { joinChatChannel(id: "{general}") { memberId } }`, "BAD_USER_INPUT at joinChatChannel", "whose token is used", 0},
		{`mutation { leaveChatChannel(id: "{general}") { channelId } }`, "BAD_USER_INPUT at leaveChatChannel", "whose token is used", 0},
		{`mutation { createChatChannel(userId: "me", input: {name: "x"}) { chatChannel { id } } }`, "BAD_USER_INPUT at createChatChannel", `"me" needs a user's own token`, 0},
		{`{ user(id: "USER") { chatChannel(id: "nothing") { name } } }`, "NOT_FOUND at user.chatChannel.name", "", 1},
		{`{ user(id: "USER5") { chatChannel(id: "{compilers}") { name } } }`, "", "", 1},
		{`mutation { deleteUserChatChannel(userId: "USER1", id: "{general}") { channelId } }`, "FORBIDDEN at deleteUserChatChannel", "", 1},
		{`mutation { updateUserChatChannel(userId: "USER2", id: "{general}", input: {name: "x"}) { chatChannel { id } } }`, "FORBIDDEN at updateUserChatChannel", "", 1},
		{`mutation { updateUserChatChannel(userId: "USER", id: "{general}", input: {channelSettings: {designatedPostingMembers: [{memberId: "x"}]}}) { chatChannel { id } } }`, "BAD_USER_INPUT at updateUserChatChannel", "", 1},
		{`mutation { inviteChatChannelMembers(userId: "USER1", id: "{compilers}", input: {members: [{email: "mary@elsewhere.example"}]}) { ids } }`, "BAD_USER_INPUT at inviteChatChannelMembers", "", 1},
		{`mutation { deleteUserChatChannelMember(userId: "USER", id: "{general}", memberId: "nobody") { chatChannel { id } } }`, "BAD_USER_INPUT at deleteUserChatChannelMember", "", 1},
		{`mutation { sendChatMessage(userId: "USER", input: {toContact: "nobody@example.com", message: "x"}) { id } }`, "NOT_FOUND at sendChatMessage", "", 1},
		{`mutation { sendChatMessage(userId: "USER", input: {toChannel: "nothing", message: "x"}) { id } }`, "NOT_FOUND at sendChatMessage", "", 1},
		{`mutation { sendChatMessage(userId: "USER", input: {toContact: "grace.hopper@example.com", message: "` + strings.Repeat("x", 1025) + `"}) { id } }`, "BAD_USER_INPUT at sendChatMessage", "", 1},
		{`mutation { deleteChatMessage(userId: "USER", id: "nothing", toContact: "grace.hopper@example.com") { messageId } }`, "BAD_USER_INPUT at deleteChatMessage", "", 1},
	} {
		a := s.ask(expand(test.query, keep), nil)
		if test.code == "" {
			s.wantErrors(a)
		} else {
			s.wantErrors(a, test.code)
		}
		if len(a.Errors) == 1 && !strings.Contains(a.Errors[0].Message, test.says) {
			t.Errorf("%s: %q does not say %q", test.query, a.Errors[0].Message, test.says)
		}
		if calls := s.calls(); len(calls) != test.calls {
			t.Errorf("%s: calls %q, want %d", test.query, calls, test.calls)
		}
	}
}

// A channel that was come by in several ways is read on in each of them: what one member is told is not what another is.
func TestChatChannelBySeveralWays(t *testing.T) {
	t.Parallel()
	const channel = `{"id":"c","name":%q,"channel_settings":{"posting_permissions":%d}}`
	z := &graph.Stub{Answers: map[string]string{
		"GET /chat/channels/c":                             fmt.Sprintf(channel, "account", 1),
		"GET /chat/users/a/channels/c":                     fmt.Sprintf(channel, "a", 2),
		"GET /chat/users/b/channels/c":                     fmt.Sprintf(channel, "b", 3),
		"GET /chat/users/a/channels/c/members?page_size=1": `{"members":[{"id":"a","role":"owner"}],"next_page_token":"","total_records":1}`,
		"GET /chat/users/b/channels/c/members?page_size=1": `{"members":[{"id":"","member_id":"m","role":"member"}],"next_page_token":"","total_records":1}`,
		"GET /chat/users/b/channels?page_size=5":           `{"channels":[{"id":"c","name":"b"}],"next_page_token":"","total_records":1}`,
	}}
	ask := z.Before(t, programtest.Of(t), nil)
	data, errors := ask(`{ chatChannel(id: "c") { name channelSettings { postingPermissions } } ` +
		`a: user(id: "a") { chatChannel(id: "c") { name members(first: 1) { nodes { id role } } } } ` +
		`b: user(id: "b") { chatChannel(id: "c") { name channelSettings { postingPermissions } } chatChannels(first: 5) { nodes { id name members(first: 1) { nodes { id memberId user { id } } } } } } }`)
	const want = `{"chatChannel":{"name":"account","channelSettings":{"postingPermissions":"EVERYONE"}},` +
		`"a":{"chatChannel":{"name":"a","members":{"nodes":[{"id":"a","role":"OWNER"}]}}},` +
		`"b":{"chatChannel":{"name":"b","channelSettings":{"postingPermissions":"DESIGNATED"}},"chatChannels":{"nodes":[{"id":"c","name":"b","members":{"nodes":[{"id":null,"memberId":"m","user":null}]}}]}}}`
	if data != want || errors != "" {
		t.Errorf("%s %s\nwant %s\nasked for %q", data, errors, want, z.Calls())
	}
	if calls := z.Calls(); len(calls) != 6 {
		t.Errorf("%d calls, want 6: %q", len(calls), calls)
	}
}

// Long chats are read at 50 messages a call, and the file that came with a message is one of this service.
func TestChatPagesAndFiles(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	from := time.Now().UTC().AddDate(0, 0, -7).Format("2006-01-02T15:04:05Z")
	query := `{ user(id: "USER") { chatMessages(toContact: "grace.hopper@example.com", first: 60, from: "` + from + `") { from pageInfo { hasNextPage } nodes { id timestamp files { url fileName } } } } }`
	plan := s.askWith("X-Zoomgraph-Plan", query, nil)
	if got := plan.Extensions.Zoom.Plan.ByLabel["MEDIUM"]; got != 2 {
		t.Errorf("60 messages are priced at %d calls, want 2", got)
	}
	s.wantCalls()
	a := s.must(query)
	if calls := s.calls(); len(calls) != 2 || !strings.Contains(calls[0], "page_size=30") || !strings.Contains(calls[1], "page_size=30") {
		t.Errorf("calls %q: want two of 30", calls)
	}
	nodes, _ := a.at("user", "chatMessages", "nodes").([]any)
	if len(nodes) != 42 || a.at("user", "chatMessages", "pageInfo", "hasNextPage") != false {
		t.Errorf("%d messages, want six of each of seven days", len(nodes))
	}
	url := ""
	for i := range nodes {
		if i > 0 && a.at("user", "chatMessages", "nodes", i, "timestamp").(float64) > a.at("user", "chatMessages", "nodes", i-1, "timestamp").(float64) {
			t.Errorf("message %d is newer than the one before it", i)
		}
		if of, known := a.at("user", "chatMessages", "nodes", i, "files", 0, "url").(string); known {
			url = of
		}
	}
	if url == "" {
		t.Fatalf("no message has a file: %s", a.raw)
	}
	status, header, body := s.fetch(url, "")
	if status != http.StatusOK || header.Get("Content-Type") != "image/png" || !strings.HasPrefix(body, "\x89PNG") {
		t.Errorf("the file: %d %s, %d bytes", status, header.Get("Content-Type"), len(body))
	}
}
