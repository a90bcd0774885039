package zoom

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"zoomgraph/internal/sandbox/world"
)

// This file implements messages of chats. A chat is that of a channel or of two people, and all in it see the same. So what
// is said there hangs on no user, and is kept by the chat's key. What was said before the start is made up (chattalk.go).
// Start reading at chatIn.

const maxMessage = 1024 // characters

// chatMessages adds messages.
func (z *Zoom) chatMessages(q *world.Quirks) {
	q.Things["ChatMessage"] = world.Thing{
		Seed: noneYet,
		Resolve: func(w *world.World, c *world.Call, name string) (*world.Record, error) { // which chat it is in is said beside
			return w.Loose("ChatMessage", c.Place, &world.Record{ID: name}), nil
		},
		Filters: map[string]func(*world.World, *world.Record, string) bool{
			"search_key": func(w *world.World, r *world.Record, text string) bool {
				said := w.Text(r, "message") + " " + w.Text(r, "file_name")
				return strings.Contains(strings.ToLower(said), strings.ToLower(text))
			},
			"search_type": func(w *world.World, r *world.Record, kind string) bool {
				return kind != "file" || w.Text(r, "file_id") != ""
			},
		},
	}
	q.Answers["GET "+chatUser+"/messages"] = z.listChatMessages
	q.Answers["POST "+chatUser+"/messages"] = z.sendChatMessage
	q.Answers["PUT "+chatUser+"/messages/{messageId}"] = z.changeChatMessage
	q.Answers["DELETE "+chatUser+"/messages/{messageId}"] = z.deleteChatMessage
}

// chat is what was said in a channel, or between two people: the oldest first.
type chat struct{ messages []*world.Record }

// sent is what the chapter keeps of a message, as its Ext.
type sent struct {
	at     time.Time
	sender string // the id in chats
}

func sentOf(r *world.Record) *sent { return r.Ext.(*sent) }

// recipient is which chat a call says that it is about.
type recipient struct {
	Contact string `json:"to_contact"`
	Channel string `json:"to_channel"`
}

// chatIn finds the chat that a call is about, and the people in it.
func (z *Zoom) chatIn(w *world.World, c *world.Call, to recipient) (*chat, *world.Record, error) {
	me := c.Found["userId"].ID
	switch {
	case (to.Contact == "") == (to.Channel == ""):
		return nil, nil, world.Refuse(http.StatusBadRequest, 300, "Either to_contact or to_channel is required.")
	case to.Channel != "":
		r, err := channelNamed(w, c, to.Channel)
		if r == nil || err != nil {
			return nil, nil, noChannel.Refusal(to.Channel)
		}
		return z.chatOf(w, r.ID, channelOf(r).members), r, nil
	}
	contact := z.contactNamed(w, to.Contact)
	if contact.user == "" || contact.user == me {
		return nil, nil, noUser.Refusal(to.Contact)
	}
	two := []string{me, contact.user}
	slices.Sort(two)
	return z.chatOf(w, strings.Join(two, " "), []chatMember{{user: two[0], member: z.memberID(two[0])}, {user: two[1], member: z.memberID(two[1])}}), nil, nil
}

// contactNamed is somebody of the account by an address, a user's id, or the id in chats.
func (z *Zoom) contactNamed(w *world.World, name string) chatMember {
	user := w.Find("User", name)
	for i := 0; user == nil && i < z.options.Users; i++ {
		if id := z.userID(i); z.memberID(id) == name {
			user = w.Find("User", id)
		}
	}
	if user == nil {
		return chatMember{}
	}
	return chatMember{user: user.ID, member: z.memberID(user.ID)}
}

// chatOf is a chat by its key. What is made up is said by the first few of its people: some messages a day in the last days.
func (z *Zoom) chatOf(w *world.World, key string, people []chatMember) *chat {
	if known := z.chatted[key]; known != nil {
		return known
	}
	w.Keep()
	ch := &chat{}
	z.chatted[key] = ch
	if z.saidBefore(w, key) {
		for day := -6; day <= 0; day++ {
			z.talk(w, ch, key, people[:min(5, len(people))], day)
		}
	}
	return ch
}

// saidBefore tells whether something was said in a chat before the start: not in channels that were made since.
func (z *Zoom) saidBefore(w *world.World, key string) bool {
	return strings.Contains(key, " ") || slices.ContainsFunc(w.First("ChatChannel"), func(r *world.Record) bool { return r.ID == key })
}

// attach gives a message files.
func (z *Zoom) attach(values map[string]any, ids []string, name string) {
	var files []any
	for _, id := range ids {
		file := map[string]any{"file_id": id, "file_name": name, "file_size": 20_000, "download_url": z.source.FileAt(id + "-" + name)}
		if files = append(files, file); len(ids) == 1 {
			for what, value := range file {
				values[what] = value
			}
		}
	}
	values["files"] = files
}

// nameIn is the name that others see of somebody in a chat.
func (z *Zoom) nameIn(w *world.World, m chatMember) string {
	if user := w.Find("User", m.user); user != nil {
		return w.Text(user, "display_name")
	}
	return strings.TrimSpace(m.first + " " + m.last)
}

// say adds a message to a chat. What is not among its values it does not have.
func (z *Zoom) say(w *world.World, ch *chat, id string, by chatMember, at time.Time, values map[string]any) {
	all := map[string]any{
		"status": "Normal", "sender": by.email, "send_member_id": by.member, "sender_display_name": z.nameIn(w, by),
		"date_time": world.Timestamp(at), "timestamp": at.UnixMilli(),
	}
	if user := w.Find("User", by.user); user != nil {
		all["sender"] = w.Text(user, "email")
	}
	for _, name := range []string{
		"reply_main_message_id", "reply_main_message_timestamp", "bot_message", "files", "file_id", "file_name", "file_size", "download_url",
		"rich_text", "reactions", "at_items", "interactive_cards",
	} {
		all[name] = nil
	}
	for name, value := range values {
		all[name] = value
	}
	r := world.Known(id, all)
	r.Ext = &sent{at, by.member}
	ch.messages = append(ch.messages, w.Loose("ChatMessage", "", r))
	slices.SortStableFunc(ch.messages, func(a, b *world.Record) int { return sentOf(a).at.Compare(sentOf(b).at) })
}

// listChatMessages lists those of a day, which is today where nothing says another, or of a time; the newest first. What is
// searched may be in any chat of the user.
func (z *Zoom) listChatMessages(w *world.World, c *world.Call) (world.Answer, error) {
	ask := c.Values.Get
	var all []*world.Record
	if to := (recipient{ask("to_contact"), ask("to_channel")}); to != (recipient{}) || ask("search_key") == "" {
		ch, _, err := z.chatIn(w, c, to)
		if err != nil {
			return world.Answer{}, err
		}
		all = ch.messages
	} else {
		all = z.saidTo(w, c.Owner.ID)
	}
	day := ask("date")
	if day == "" && ask("from") == "" && ask("to") == "" && ask("search_key") == "" {
		day = c.Now.UTC().Format(time.DateOnly)
	}
	var out []*world.Record
	for _, r := range slices.Backward(all) {
		at := sentOf(r).at
		switch {
		case at.After(c.Now): // it is to be sent later
		case day != "" && at.UTC().Format(time.DateOnly) != day:
		case w.Text(r, "status") == "Deleted" && ask("include_deleted_and_edited_message") != "true":
		case w.Text(r, "reply_main_message_id") != "" && ask("exclude_child_message") == "true":
		default:
			out = append(out, r)
		}
	}
	answer, err := w.ListOf(c, out)
	for name, value := range map[string]any{"total_records": nil, "date": cmp.Or(day, c.Now.UTC().Format(time.DateOnly)), "from": ask("from"), "to": cmp.Or(ask("to"), world.Timestamp(c.Now))} {
		var told []byte // Zoom does not count messages, and says which day or time they are of
		if value != nil && value != "" && (name != "to" || day == "") {
			told = world.Encode(value)
		}
		answer.Body = world.Edit(answer.Body, []string{name}, told)
	}
	return answer, err
}

// saidTo is all that was said in the chats of a user that were looked at so far, and in all the user's channels.
func (z *Zoom) saidTo(w *world.World, user string) []*world.Record {
	for _, r := range w.All("ChatChannel") {
		if channelOf(r).with(user) >= 0 {
			z.chatOf(w, r.ID, channelOf(r).members)
		}
	}
	var all []*world.Record
	for key, ch := range z.chatted {
		r := w.Find("ChatChannel", key)
		if r != nil && channelOf(r).with(user) >= 0 || slices.Contains(strings.Fields(key), user) {
			all = append(all, ch.messages...)
		}
	}
	slices.SortFunc(all, func(a, b *world.Record) int {
		return cmp.Or(sentOf(a).at.Compare(sentOf(b).at), cmp.Compare(a.ID, b.ID))
	})
	return all
}

// newMessage is the body that sends a message.
type newMessage struct {
	recipient
	Message   string   `json:"message"`
	Files     []string `json:"file_ids"`
	Reply     string   `json:"reply_main_message_id"`
	Scheduled string   `json:"scheduled_time"`
	AtItems   []any    `json:"at_items"`
	RichText  []any    `json:"rich_text"`
	Cards     []struct {
		ID   string `json:"card_id"`
		JSON string `json:"card_json"`
	} `json:"interactive_cards"`
}

// content are the values that a body gives a message.
func (z *Zoom) content(w *world.World, m newMessage) map[string]any {
	values := map[string]any{"message": m.Message, "message_type": "plain_text_message"}
	if len(m.Files) > 0 {
		z.attach(values, m.Files, "upload.pdf")
		values["message_type"] = "file_and_text"
	}
	if m.AtItems != nil {
		values["at_items"] = m.AtItems
	}
	if m.RichText != nil {
		values["rich_text"] = m.RichText
	}
	if m.Cards != nil {
		cards := []any{}
		for _, card := range m.Cards {
			if card.ID == "" {
				card.ID = w.NewID("card")
			}
			cards = append(cards, map[string]any{"card_id": card.ID, "card_json": card.JSON})
		}
		values["interactive_cards"] = cards
	}
	return values
}

// sendChatMessage says something in a chat, now or later.
func (z *Zoom) sendChatMessage(w *world.World, c *world.Call) (world.Answer, error) {
	var body newMessage
	c.Decode(&body)
	ch, in, err := z.chatIn(w, c, body.recipient)
	if err != nil {
		return world.Answer{}, err
	}
	if err := z.mayWrite(w, c, in); err != nil {
		return world.Answer{}, err
	}
	if len([]rune(body.Message)) > maxMessage {
		return world.Answer{}, world.Invalid(world.FieldRefusal{Field: "message", Message: fmt.Sprintf("A message has up to %d characters.", maxMessage)})
	}
	values, at := z.content(w, body), c.Now.Truncate(time.Millisecond)
	if body.Reply != "" {
		main := ch.message(body.Reply)
		if main == nil {
			return world.Answer{}, world.Invalid(world.FieldRefusal{Field: "reply_main_message_id", Message: "There is no such message in this chat."})
		}
		values["reply_main_message_id"], values["reply_main_message_timestamp"] = main.ID, sentOf(main).at.UnixMilli()
	}
	if body.Scheduled != "" {
		if at, err = time.Parse(time.RFC3339, body.Scheduled); err != nil || !at.After(c.Now) {
			return world.Answer{}, world.Invalid(world.FieldRefusal{Field: "scheduled_time", Message: "A time to come is required."})
		}
	}
	id := chatID("message", z.source.At("sent", w.NewID("message")))
	z.say(w, ch, id, chatMember{user: c.Owner.ID, member: z.memberID(c.Owner.ID)}, at, values)
	return world.Created(world.Encode(map[string]any{"id": id})), nil
}

// mayWrite refuses who may not write in a channel; nil is no channel.
func (z *Zoom) mayWrite(w *world.World, c *world.Call, in *world.Record) error {
	if in == nil || manages(c, in) {
		return nil
	}
	switch w.Text(in, "channel_settings.posting_permissions") {
	case "2":
		return notAllowed
	case strconv.Itoa(designatedPost):
		if !strings.Contains(string(in.Raw("channel_settings.designated_posting_members")), `"`+z.memberID(c.Owner.ID)+`"`) {
			return notAllowed
		}
	}
	return nil
}

// message finds one by its id; nil for none, and for one that was deleted.
func (ch *chat) message(id string) *world.Record {
	i := slices.IndexFunc(ch.messages, func(r *world.Record) bool { return r.ID == id })
	if i < 0 || string(ch.messages[i].Raw("status")) == `"Deleted"` {
		return nil
	}
	return ch.messages[i]
}

// ownMessage finds the message that a path names, in the chat that the call is about: one that the user sent.
func (z *Zoom) ownMessage(w *world.World, c *world.Call, to recipient) (*world.Record, error) {
	ch, _, err := z.chatIn(w, c, to)
	if err != nil {
		return nil, err
	}
	id, me := c.Vars["messageId"], z.memberID(c.Found["userId"].ID)
	switch r := ch.message(id); {
	case r == nil:
		return nil, world.Refuse(http.StatusBadRequest, 300, "There is no such message in this chat: %s.", id)
	case sentOf(r).sender != me:
		return nil, world.Refuse(http.StatusBadRequest, 200, "Others sent this message.")
	default:
		return r, nil
	}
}

// changeChatMessage gives a message other words, files or cards.
func (z *Zoom) changeChatMessage(w *world.World, c *world.Call) (world.Answer, error) {
	var body newMessage
	c.Decode(&body)
	r, err := z.ownMessage(w, c, body.recipient)
	if err != nil {
		return world.Answer{}, err
	}
	values := z.content(w, body)
	if body.Message == "" {
		delete(values, "message")
	}
	if body.Files == nil {
		delete(values, "message_type")
	}
	for name, value := range values {
		r.Set(name, value)
	}
	r.Set("status", "Edited")
	return world.Done(), nil
}

// deleteChatMessage takes a message's words away. That there was one stays.
func (z *Zoom) deleteChatMessage(w *world.World, c *world.Call) (world.Answer, error) {
	r, err := z.ownMessage(w, c, recipient{c.Values.Get("to_contact"), c.Values.Get("to_channel")})
	if err != nil {
		return world.Answer{}, err
	}
	r.Set("status", "Deleted")
	r.Set("message", "")
	for _, name := range []string{"files", "file_id", "file_name", "file_size", "download_url", "rich_text", "at_items", "interactive_cards"} {
		r.Set(name, nil)
	}
	return world.Done(), nil
}
