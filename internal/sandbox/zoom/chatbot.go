package zoom

import (
	"net/http"
	"strconv"
	"strings"

	"zoomgraph/internal/sandbox/world"
)

// botMessage is a message that the chatbot has sent, as its three writes answer it. Nothing reads one.
type botMessage struct {
	ID    string `json:"message_id"`
	Robot string `json:"robot_jid"`
	To    string `json:"to_jid"`
	User  string `json:"user_jid,omitempty"`
	Sent  string `json:"sent_time"`
}

// chatbot adds what the app itself writes.
func (z *Zoom) chatbot(q *world.Quirks) {
	q.Answers["POST /im/chat/messages"] = z.sendBotMessage
	q.Answers["PUT /im/chat/messages/{message_id}"] = z.changeBotMessage
	q.Answers["DELETE /im/chat/messages/{message_id}"] = z.deleteBotMessage
}

// botBody is what a body says of a message; where there is none the query does.
type botBody struct {
	Account string `json:"account_id"`
	Robot   string `json:"robot_jid"`
	To      string `json:"to_jid"`
	User    string `json:"user_jid"`
	Content struct {
		Head *struct{} `json:"head"`
		Body []any     `json:"body"`
	} `json:"content"`
}

// sendBotMessage sends one to a user's JID, or to that of a channel.
func (z *Zoom) sendBotMessage(w *world.World, c *world.Call) (world.Answer, error) {
	var body botBody
	c.Decode(&body)
	if err := z.checkBot(body.Account, body.Robot); err != nil {
		return world.Answer{}, err
	}
	switch {
	case body.Content.Head == nil && len(body.Content.Body) == 0:
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 7001, "A message needs content: a head or a body.")
	case !hasJID(w, body.To):
		return world.Answer{}, world.Refuse(http.StatusNotFound, 7002, "There is no user and no channel with the JID %s.", body.To)
	}
	z.sent++
	m := &botMessage{
		ID: z.source.ID("chatbot message", strconv.Itoa(z.sent)), Robot: body.Robot, To: body.To, User: body.User,
		Sent: world.Timestamp(c.Now),
	}
	z.botMessages[m.ID] = m
	return world.Created(world.Encode(m)), nil
}

// changeBotMessage takes other content for one that the same chatbot has sent.
func (z *Zoom) changeBotMessage(_ *world.World, c *world.Call) (world.Answer, error) {
	var body botBody
	c.Decode(&body)
	m, err := z.botMessage(c, body.Account, body.Robot)
	if err != nil {
		return world.Answer{}, err
	}
	if body.Content.Head == nil && len(body.Content.Body) == 0 {
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 7001, "A message needs content: a head or a body.")
	}
	m.Sent = world.Timestamp(c.Now)
	return world.OK(world.Encode(m)), nil
}

func (z *Zoom) deleteBotMessage(_ *world.World, c *world.Call) (world.Answer, error) {
	m, err := z.botMessage(c, c.Values.Get("account_id"), c.Values.Get("robot_jid"))
	if err != nil {
		return world.Answer{}, err
	}
	delete(z.botMessages, m.ID)
	return world.OK(world.Encode(m)), nil
}

// botMessage is the one that the path names, if that chatbot has sent it.
func (z *Zoom) botMessage(c *world.Call, account, robot string) (*botMessage, error) {
	if err := z.checkBot(account, robot); err != nil {
		return nil, err
	}
	if m := z.botMessages[c.Vars["message_id"]]; m != nil && m.Robot == robot {
		return m, nil
	}
	return nil, world.Refuse(http.StatusNotFound, 8001, "The chatbot has sent no such message: %s.", c.Vars["message_id"])
}

// checkBot refuses what is sent in no account, in another one, or by no chatbot. An account whose id nobody has set goes by
// any, as it does for the token endpoint.
func (z *Zoom) checkBot(account, robot string) error {
	switch {
	case account == "", z.givenID != "" && account != z.givenID:
		return world.Refuse(http.StatusForbidden, 7003, "The chatbot is not installed in the account %q.", account)
	case !strings.Contains(robot, "@"):
		return world.Refuse(http.StatusBadRequest, 7001, "There is no chatbot with the JID %q.", robot)
	}
	return nil
}

// hasJID tells whether a JID is that of a channel, or of a user who has signed in once.
func hasJID(w *world.World, jid string) bool {
	if strings.HasSuffix(jid, "@conference.xmpp.zoom.us") {
		return true
	}
	for _, p := range w.All("User") {
		if w.Text(p, "jid") == jid && jid != "" {
			return true
		}
	}
	return false
}
