package graph_test

import (
	"encoding/json"
	"strings"
	"testing"

	"zoomgraph/graph"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/sandbox"
)

// The chatbot's message is sent, changed and deleted, in the account of the configuration.
func chatbotStory() []step {
	const bot = `robotJid: "v1bot@xmpp.zoom.us"`
	return []step{
		{"Mutation.sendChatbotMessage", `mutation { sendChatbotMessage(input: {` + bot + `, toJid: "c1@conference.xmpp.zoom.us", userJid: "ada@xmpp.zoom.us", content: {head: {text: "Build", subHead: {text: "main", style: {bold: true}}}}}) { messageId toJid robotJid userJid } }`, []string{"POST /im/chat/messages"}, `"toJid":"c1@conference.xmpp.zoom.us","robotJid":"v1bot@xmpp.zoom.us","userJid":"ada@xmpp.zoom.us"`},
		{"Mutation.updateChatbotMessage", `mutation { updateChatbotMessage(messageId: "{messageId}", input: {` + bot + `, content: {body: [{progressBar: {value: 80}}]}}) { messageId sentTime } }`, []string{"PUT /im/chat/messages/{messageId}"}, `"messageId":"{messageId}","sentTime":"`},
		{"Mutation.deleteChatbotMessage", `mutation { deleteChatbotMessage(messageId: "{messageId}", ` + bot + `) { messageId toJid } }`, []string{"DELETE /im/chat/messages/{messageId}?account_id=account&robot_jid=v1bot%40xmpp.zoom.us"}, `"messageId":"{messageId}","toJid":"c1@conference.xmpp.zoom.us"`},
	}
}

// Each block goes out as Zoom has it: its type beside what it holds, and what is not listed here as it is. The account is the
// configuration's, unless the caller names one.
func TestChatbotContent(t *testing.T) {
	t.Parallel()
	const before, after = `mutation { sendChatbotMessage(input: {robotJid: "b@x", toJid: "t@x", userJid: "u@x", content: {`, `}}) { messageId } }`
	for query, want := range map[string]string{
		`body: [{message: {text: "Hi", link: "https://example.com", style: {color: "#fff", italic: true}}}]`:                                       `"body":[{"type":"message","text":"Hi","style":{"color":"#fff","italic":true},"link":"https://example.com"}]`,
		`body: [{fields: {items: [{key: "k", value: "v", short: true}]}}, {divider: {style: {dotted: true}}}]`:                                     `"body":[{"type":"fields","items":[{"key":"k","value":"v","short":true}]},{"type":"divider","style":{"dotted":true}}]`,
		`body: [{section: {sidebarColor: "#F56416", sections: [{actions: {items: [{text: "Go", value: "go", style: "Primary"}]}}]}}]`:              `"body":[{"type":"section","sidebar_color":"#F56416","sections":[{"type":"actions","items":[{"text":"Go","value":"go","style":"Primary"}]}]}]`,
		`body: [{page: {curPage: 1, pages: [{pageNo: 1, body: [{section: {sections: [{alert: {text: "!", level: "info", closable: true}}]}}]}]}}]`: `"body":[{"type":"page","cur_page":1,"pages":[{"pageNo":1,"body":[{"type":"section","sections":[{"type":"alert","text":"!","level":"info","closable":true}]}]}]}]`,
		`body: [{radioButtons: {actionId: "a", initialOption: {text: "A", value: "a"}, options: [{text: "A", value: "a"}]}}]`:                      `"body":[{"type":"radio_buttons","action_id":"a","initial_option":{"text":"A","value":"a"},"options":[{"text":"A","value":"a"}]}]`,
		`head: {text: "H"}, settings: {is_split_sidebar: true}, body: [{other: {type: "file", size: 3}}]`:                                          `"content":{"settings":{"is_split_sidebar":true},"head":{"text":"H"},"body":[{"size":3,"type":"file"}]}`,
	} {
		z := &graph.Stub{Answers: map[string]string{}, Otherwise: nil}
		_, errors := z.Before(t, programtest.Of(t), nil)(before + query + after)
		asked := strings.Join(z.Calls(), "\n")
		_, body, _ := strings.Cut(asked, "POST /im/chat/messages ")
		if !json.Valid([]byte(body)) || !strings.Contains(body, want) {
			t.Errorf("%s: sent %s (%s), want %s", query, asked, errors, want)
		}
	}
}

func TestChatbotRefusals(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{}, func(p *parts) { p.zoom.AccountID, p.zoom.ChatbotClientID = "account", "chatbot" })
	const to = `robotJid: "b@xmpp.zoom.us", toJid: "c@conference.xmpp.zoom.us", userJid: "u@xmpp.zoom.us", `
	for query, want := range map[string]string{
		`mutation { sendChatbotMessage(input: {` + to + `content: {}}) { messageId } }`:                                                                       "BAD_USER_INPUT at sendChatbotMessage",
		`mutation { sendChatbotMessage(input: {` + to + `accountId: "other", content: {head: {text: "x"}}}) { messageId } }`:                                  "FORBIDDEN at sendChatbotMessage",
		`mutation { sendChatbotMessage(input: {` + to + `content: {body: [{other: {size: 3}}]}}) { messageId } }`:                                             "BAD_USER_INPUT at sendChatbotMessage",
		`mutation { sendChatbotMessage(input: {` + to + `content: {body: [{other: "file"}]}}) { messageId } }`:                                                "BAD_USER_INPUT at sendChatbotMessage",
		`mutation { sendChatbotMessage(input: {` + to + `content: {body: [{message: {text: "a"}, alert: null}]}}) { messageId } }`:                            "GRAPHQL_VALIDATION_FAILED at ",
		`mutation { sendChatbotMessage(input: {robotJid: "b@x", toJid: "nobody@xmpp.zoom.us", userJid: "u@x", content: {head: {text: "x"}}}) { messageId } }`: "NOT_FOUND at sendChatbotMessage",
		`mutation { deleteChatbotMessage(messageId: "none", robotJid: "b@x") { messageId } }`:                                                                 "NOT_FOUND at deleteChatbotMessage",
		`mutation { updateChatbotMessage(messageId: "none", input: {robotJid: "b@x", accountId: null, content: {head: {text: "x"}}}) { messageId } }`:         "NOT_FOUND at updateChatbotMessage",
	} {
		s.wantErrors(s.ask(query, nil), want)
	}
	if a := s.must(`mutation { sendChatbotMessage(input: {` + to + `content: {head: {text: "x"}}}) { messageId } }`); a.at("sendChatbotMessage", "messageId") == nil {
		t.Errorf("%s", a.raw)
	}
}

// Neither a user's own token nor an account without a chatbot sends its messages, and nothing is asked of Zoom.
func TestChatbotOfNobody(t *testing.T) {
	t.Parallel()
	const query = `mutation { deleteChatbotMessage(messageId: "m", robotJid: "b@x") { messageId } }`
	s := setup(t, sandbox.Config{}, actingAs("ada.lovelace@example.com"))
	s.calls()
	s.wantErrors(s.ask(query, nil), "FORBIDDEN at deleteChatbotMessage")
	s.wantCalls()
}
