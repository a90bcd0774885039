package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"zoomgraph/internal/sandbox"
)

// leaveAndJoin has somebody leave a channel that all may join, and join it again; what is read of it is as they see it. ask
// sends a query as that person.
func leaveAndJoin(t *testing.T, email string, ask func(query string) string) {
	t.Helper()
	var mine struct {
		Data struct {
			Me struct {
				ChatChannels struct{ Nodes []struct{ ID, Name string } }
			}
		}
	}
	const channels = `{ me { chatChannels { nodes { id name } } } }`
	if err := json.Unmarshal([]byte(ask(channels)), &mine); err != nil {
		t.Fatal(err)
	}
	id := ""
	for _, node := range mine.Data.Me.ChatChannels.Nodes {
		if node.Name == "Announcements" {
			id = node.ID
		}
	}
	if id == "" {
		t.Fatalf("%s is not in the channel: %+v", email, mine)
	}
	of := fmt.Sprintf(`{ chatChannel(id: %q) { name members(first: 9) { nodes { email } } messages(first: 2) { nodes { message } } } }`, id)
	for _, step := range []struct{ query, want string }{
		{of, `"name":"Announcements","members":{"nodes":[{"email":"alan.turing@example.com"}`},
		{of, `"messages":{"nodes":[{"message":"`},
		{fmt.Sprintf(`mutation { leaveChatChannel(id: %q) { channelId } }`, id), `"channelId":"` + id + `"`},
		{channels, `{"data":{"me":{"chatChannels":{"nodes":[{`},
		{of, `"code":"NOT_FOUND"`},
		{fmt.Sprintf(`mutation { leaveChatChannel(id: %q) { channelId } }`, id), `"code":"BAD_USER_INPUT"`},
		{fmt.Sprintf(`mutation { joinChatChannel(id: %q) { memberId addedAt user { email } chatChannel { name members(first: 9) { nodes { email } } } } }`, id), `"user":{"email":"` + email + `"},"chatChannel":{"name":"Announcements","members":{"nodes":[`},
		{of, `{"email":"` + email + `"}`},
		{`mutation { sendChatMessage(userId: "me", input: {toContact: "alan.turing@example.com", message: "I am back"}) { id } }`, `"id":"`},
		{`{ me { chatMessages(toContact: "alan.turing@example.com", first: 1) { nodes { message sender } } } }`, `{"message":"I am back","sender":"` + email + `"}`},
	} {
		body := ask(step.query)
		if !strings.Contains(body, step.want) {
			t.Errorf("%s: no %s in\n%s", step.query, step.want, body)
		}
		if left := step.query == channels && strings.Contains(body, "Announcements"); left {
			t.Errorf("a channel that was left is listed: %s", body)
		}
	}
}

// With a token of one's own, brought or by signing in, one joins and leaves channels, and reads them as oneself.
func TestChatOfOnesOwn(t *testing.T) {
	t.Parallel()
	t.Run("pass-through", func(t *testing.T) {
		t.Parallel()
		zoom := newUpstream(t, sandbox.Config{})
		s := start(t, zoom.env(nil), "--pass-through", "--addr", "127.0.0.1:0")
		const grace = "grace.hopper@example.com"
		token := zoom.tokenOf(grace)
		leaveAndJoin(t, grace, func(query string) string {
			_, body := bearer(t, s, token, query)
			return body
		})
		paths := map[string]bool{}
		for _, e := range zoom.zoom.Log(0) {
			head, _, _ := strings.Cut(e.Path, "/channels/")
			paths[e.Method+" "+head] = true
		}
		for _, call := range []string{"GET /chat/users/me", "GET /chat", "DELETE /chat", "POST /chat"} {
			if !paths[call] {
				t.Errorf("no %s/channels/… in %v", call, paths)
			}
		}
	})
	t.Run("signed in", func(t *testing.T) {
		t.Parallel()
		v := visit(t, start(t, nil, append(peopleMay, "--sign-in-allow", "read,write")...))
		v.signIn(ada)
		leaveAndJoin(t, ada, func(query string) string { return v.query(query) })
	})
}
