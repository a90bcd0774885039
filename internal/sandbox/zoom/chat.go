package zoom

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"zoomgraph/internal/sandbox/world"
)

// This file implements channels of the team chat. Who is in them is in chatmembers.go, messages are in chatmessages.go. A
// channel lives with its owner, and is listed with each of its members. Who is a member is kept as the channel's Ext, since
// the same members are read by way of each of them. Start reading at channelNamed.

const (
	chatUser    = "/chat/users/{userId}"
	chatChannel = "/chat/channels/{channelId}"
)

// Types of channels. Of the others 4 is a chat of several people, and no document explains 0 and 5.
const (
	privateChannel     = 1
	ownAccountsChannel = 2 // private, of people of the account
	publicChannel      = 3
)

const (
	maxInvited     = 5 // people at a time
	designatedPost = 3 // posting_permissions: administrators, and who is named
)

// What somebody is in a channel.
const (
	channelOwner  = "owner"
	channelAdmin  = "admin"
	channelMember = "member"
)

var noChannel = world.Missing{Status: http.StatusNotFound, Code: 4130, Text: "Channel does not exist: %s."}

// chats adds channels, who is in them, and messages.
func (z *Zoom) chats(q *world.Quirks) {
	q.Things["ChatChannel"] = world.Thing{
		Seed: z.seedChannels, Resolve: channelNamed, Missing: noChannel,
		Drawn: map[string]func(*world.World, *world.Record) any{
			"jid":         func(_ *world.World, r *world.Record) any { return r.ID + "@conference.xmpp.zoom.us" },
			"channel_url": func(_ *world.World, r *world.Record) any { return "https://zoom.us/launch/chat/v2/" + r.ID },
		},
	}
	q.Things["ChatChannelMember"] = world.Thing{Seed: noneYet, Resolve: z.memberNamed}
	q.Answers["GET "+chatUser+"/channels"] = listChannels
	q.Answers["POST "+chatUser+"/channels"] = z.createChannel
	q.Answers["GET "+chatUser+"/channels/{channelId}/members"] = listChannelMembers
	q.Answers["POST "+chatUser+"/channels/{channelId}/members"] = z.inviteToChannel
	q.Answers["POST "+chatChannel+"/members/me"] = z.joinChannel
	q.Answers["DELETE "+chatChannel+"/members/me"] = leaveChannel
	for _, path := range []string{chatChannel, chatUser + "/channels/{channelId}"} {
		q.Answers["PATCH "+path] = changeChannel
		q.Checks["DELETE "+path] = mayDeleteChannel
		q.Answers["DELETE "+path+"/members/{memberId}"] = z.removeFromChannel
	}
	z.chatMessages(q)
}

// noneYet is the Seed of things that a chapter makes itself.
func noneYet(*world.World, *world.Record) []*world.Record { return nil }

// chatMember is somebody in a channel.
type chatMember struct {
	user, member string // ids; user is empty of people of other accounts
	first, last  string // of these
	email, role  string
}

// channel is what the chapter keeps of one, as its Ext.
type channel struct{ members []chatMember }

func channelOf(r *world.Record) *channel { return r.Ext.(*channel) }

// with is the place of a user among the members; -1: none.
func (ch *channel) with(user string) int {
	return slices.IndexFunc(ch.members, func(m chatMember) bool { return m.user != "" && m.user == user })
}

// role is what a user is in a channel; "" for no member.
func (ch *channel) role(user string) string {
	if i := ch.with(user); i >= 0 {
		return ch.members[i].role
	}
	return ""
}

// memberID is the id of a user in chats.
func (z *Zoom) memberID(user string) string {
	return z.source.ID("chat member", user) + z.source.ID("in chats", user)
}

// seedChannels makes up the channels of a user: of the first three. All who are active are in the first one.
func (z *Zoom) seedChannels(_ *world.World, owner *world.Record) []*world.Record {
	var out []*world.Record
	add := func(name string, kind, people, posting int) {
		ch := &channel{members: []chatMember{{user: owner.ID, member: z.memberID(owner.ID), role: channelOwner}}}
		for i := range min(people, z.options.Users) {
			if id := z.userID(i); id != owner.ID {
				ch.members = append(ch.members, chatMember{user: id, member: z.memberID(id), role: channelMember})
			}
		}
		var named []chatMember
		if len(ch.members) > 1 && kind == publicChannel {
			named = ch.members[1:2]
		}
		if len(ch.members) > 1 && posting != designatedPost {
			ch.members[1].role = channelAdmin
		}
		if kind == privateChannel {
			first, last, email := world.NameOf(guests + 7)
			ch.members = append(ch.members, chatMember{member: z.memberID(email), first: first, last: last, email: email, role: channelMember})
		}
		r := world.Known(chatID("channel", z.source.At("channel", name)), map[string]any{
			"name": name, "type": kind, "channel_settings": map[string]any{
				"add_member_permissions": 1 + kind%2, "new_members_can_see_previous_messages_files": true, "posting_permissions": posting,
				"mention_all_permissions": 1 + kind%3, "allow_to_add_external_users": kind % 2,
				"designated_posting_members": postingMembers(named),
			},
		})
		r.Ext = ch
		out = append(out, r)
	}
	switch owner.ID {
	case z.userID(0):
		add("General", publicChannel, z.options.Users, 1)
		add("Difference engine", privateChannel, 6, 1)
	case z.userID(1):
		add("Compilers", ownAccountsChannel, 9, 1)
	case z.userID(2):
		add("Announcements", publicChannel, 4, designatedPost)
	}
	return out
}

// designate says who may write in a channel beside its administrators.
func designate(r *world.Record, named []chatMember) {
	r.Set("channel_settings.designated_posting_members", postingMembers(named))
}

func postingMembers(named []chatMember) []any {
	out := []any{}
	for _, m := range named {
		out = append(out, map[string]any{"user_id": m.user, "member_id": m.member})
	}
	return out
}

// chatID is an id as chats have them: of channels 32 hex digits.
func chatID(what string, h uint64) string {
	if id := dashed(h); what == "message" {
		return strings.ToUpper(id)
	}
	return strings.ReplaceAll(dashed(h), "-", "")
}

// channelNamed finds a channel as somebody sees it: the user of the path, or the one whose token it is. An account's
// credentials see all. Of others' channels one sees those that all may join.
func channelNamed(w *world.World, c *world.Call, name string) (*world.Record, error) {
	r := w.Find("ChatChannel", name)
	if who := caller(c); r == nil || who == "" || channelOf(r).with(who) >= 0 || isOpen(w, r) && c.Found["userId"] == nil {
		return r, nil
	}
	return nil, nil
}

// caller is as whom a call acts: the user of the path, or the one whose token it is; "" of an account's credentials.
func caller(c *world.Call) string {
	if user := c.Found["userId"]; user != nil {
		return user.ID
	}
	return c.User
}

// isOpen tells whether people join a channel by themselves.
func isOpen(w *world.World, r *world.Record) bool {
	return w.Text(r, "type") == strconv.Itoa(publicChannel)
}

// manages tells whether a call may change a channel: its owner and administrators do, and an account's credentials.
func manages(c *world.Call, r *world.Record) bool {
	role := channelOf(r).role(caller(c))
	return caller(c) == "" || role == channelOwner || role == channelAdmin
}

var notAllowed = world.Refuse(http.StatusBadRequest, 200, "You do not have permission to do this in the channel.")

// listChannels lists those that a user is in. Who may write there beside administrators only the read of one says.
func listChannels(w *world.World, c *world.Call) (world.Answer, error) {
	var of []*world.Record
	for _, r := range w.All("ChatChannel") {
		if channelOf(r).with(c.Owner.ID) >= 0 {
			of = append(of, r)
		}
	}
	answer, err := w.ListOf(c, of)
	answer.Body = world.Alter(answer.Body, []string{"channels"}, func(rows json.RawMessage) json.RawMessage {
		for i := range of {
			rows = world.Edit(rows, []string{strconv.Itoa(i), "channel_settings", "designated_posting_members"}, nil)
		}
		return rows
	})
	return answer, err
}

// createChannel makes a channel; what its body leaves open all may.
func (z *Zoom) createChannel(w *world.World, c *world.Call) (world.Answer, error) {
	var body struct {
		chatInvitation
		Name     string         `json:"name"`
		Type     *int           `json:"type"`
		Settings map[string]any `json:"channel_settings"`
	}
	c.Decode(&body)
	kind := privateChannel
	if body.Type != nil {
		kind = *body.Type
	}
	switch {
	case body.Name == "" || len(body.Name) > 256:
		return world.Answer{}, world.Invalid(world.FieldRefusal{Field: "name", Message: "A channel needs a name of up to 256 characters."})
	case kind < 1 || kind > 4:
		return world.Answer{}, world.Invalid(world.FieldRefusal{Field: "type", Message: "A channel is of the type 1, 2, 3 or 4."})
	}
	ch := &channel{members: []chatMember{{user: c.Owner.ID, member: z.memberID(c.Owner.ID), role: channelOwner}}}
	others, err := z.invited(w, body.chatInvitation, ch, kind)
	if err != nil {
		return world.Answer{}, err
	}
	ch.members = append(ch.members, others...)
	settings := map[string]any{
		"add_member_permissions": 1, "new_members_can_see_previous_messages_files": true, "posting_permissions": 1,
		"mention_all_permissions": 1, "allow_to_add_external_users": 0, "designated_posting_members": []any{},
	}
	for name, value := range body.Settings {
		settings[name] = value
	}
	r, _, err := w.Make(c, map[string]any{"name": body.Name, "type": kind, "channel_settings": settings})
	if err != nil {
		return world.Answer{}, err
	}
	r.Ext = ch
	r.Set("jid", r.ID+"@conference.xmpp.zoom.us")
	r.Set("channel_url", "https://zoom.us/launch/chat/v2/"+r.ID)
	out := map[string]any{"id": r.ID}
	for _, name := range []string{"jid", "name", "type", "channel_url"} {
		out[name] = w.Raw(r, name)
	}
	return world.Created(world.Encode(out)), nil
}

// changeChannel changes a channel. Who may write beside administrators has to be in it.
func changeChannel(w *world.World, c *world.Call) (world.Answer, error) {
	var body struct {
		Type     *int `json:"type"`
		Settings struct {
			Designated []struct {
				User   string `json:"user_id"`
				Member string `json:"member_id"`
			} `json:"designated_posting_members"`
		} `json:"channel_settings"`
	}
	c.Decode(&body)
	r := c.Owner
	if !manages(c, r) {
		return world.Answer{}, world.Refuse(http.StatusForbidden, 200, "You do not have permission to change the channel.")
	}
	if kind := body.Type; kind != nil && !slices.Contains([]int{1, 2, 3, 5}, *kind) {
		return world.Answer{}, world.Invalid(world.FieldRefusal{Field: "type", Message: "A channel becomes one of the type 1, 2, 3 or 5."})
	}
	var named []chatMember
	for _, d := range body.Settings.Designated {
		i := slices.IndexFunc(channelOf(r).members, func(m chatMember) bool {
			return d.User != "" && m.user == d.User || d.Member != "" && m.member == d.Member
		})
		if i < 0 {
			return world.Answer{}, world.Invalid(world.FieldRefusal{Field: "channel_settings.designated_posting_members", Message: "Who is to write has to be a member."})
		}
		named = append(named, channelOf(r).members[i])
	}
	answer, err := w.Do(c)
	if err == nil && body.Settings.Designated != nil {
		designate(r, named)
	}
	return answer, err
}

// mayDeleteChannel lets the owner delete a channel, and an account's credentials.
func mayDeleteChannel(_ *world.World, c *world.Call) error {
	if who := caller(c); who != "" && channelOf(c.Owner).role(who) != channelOwner {
		return notAllowed
	}
	return nil
}
