package zoom

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"zoomgraph/internal/sandbox/world"
)

// This file implements who is in a channel: listed, invited, joining, leaving and taken out. Start reading at
// listChannelMembers.

// chatInvitation is what a body says of people to invite.
type chatInvitation struct {
	Members []struct {
		Email string `json:"email"`
	} `json:"members"`
}

// invited are those whom a body invites and who are not in a channel yet.
func (z *Zoom) invited(w *world.World, asked chatInvitation, ch *channel, kind int) ([]chatMember, error) {
	if len(asked.Members) > maxInvited {
		return nil, world.Invalid(world.FieldRefusal{Field: "members", Message: "At most 5 people can be invited at a time."})
	}
	var out []chatMember
	for _, m := range asked.Members {
		user := w.Find("User", m.Email)
		switch {
		case user != nil && ch.with(user.ID) >= 0:
		case user != nil:
			out = append(out, chatMember{user: user.ID, member: z.memberID(user.ID), role: channelMember})
		case kind == ownAccountsChannel:
			return nil, world.Refuse(http.StatusBadRequest, 5301, "%s is not of this account.", m.Email)
		default:
			out = append(out, chatMember{member: z.memberID(m.Email), email: m.Email, role: channelMember})
		}
	}
	return out, nil
}

// listChannelMembers lists the members of a channel who are still there.
func listChannelMembers(w *world.World, c *world.Call) (world.Answer, error) {
	var rows []*world.Record
	for _, m := range channelOf(c.Owner).members {
		values := map[string]any{
			"id": m.user, "member_id": m.member, "role": m.role, "is_external": m.user == "", "email": m.email,
			"first_name": m.first, "last_name": m.last, "name": cmp.Or(strings.TrimSpace(m.first+" "+m.last), m.email),
		}
		if m.user != "" {
			user := w.Find("User", m.user)
			if user == nil {
				continue
			}
			for name, of := range map[string]string{"email": "email", "first_name": "first_name", "last_name": "last_name", "name": "display_name"} {
				values[name] = w.Raw(user, of)
			}
		}
		rows = append(rows, w.Loose("ChatChannelMember", c.Place, world.Known(m.member, values)))
	}
	return w.ListOf(c, rows)
}

// inviteToChannel adds people to a channel.
func (z *Zoom) inviteToChannel(w *world.World, c *world.Call) (world.Answer, error) {
	var body chatInvitation
	c.Decode(&body)
	r := c.Owner
	if w.Text(r, "channel_settings.add_member_permissions") == "2" && !manages(c, r) {
		return world.Answer{}, notAllowed
	}
	kind, _ := strconv.Atoi(w.Text(r, "type"))
	others, err := z.invited(w, body, channelOf(r), kind)
	if err != nil {
		return world.Answer{}, err
	}
	var ids, members []string
	for _, m := range others {
		if members = append(members, m.member); m.user != "" {
			ids = append(ids, m.user)
		}
	}
	channelOf(r).members = append(channelOf(r).members, others...)
	return world.Created(world.Encode(map[string]any{
		"added_at": world.Timestamp(c.Now), "ids": strings.Join(ids, ","), "member_ids": strings.Join(members, ","),
	})), nil
}

// ownToken refuses a call that acts as whoever's token it is where that is an account's.
func ownToken(c *world.Call) error {
	if c.User == "" {
		return world.Refuse(http.StatusBadRequest, 1001, "User does not exist: me.")
	}
	return nil
}

// joinChannel makes the user whose token it is a member of a channel that all may join.
func (z *Zoom) joinChannel(w *world.World, c *world.Call) (world.Answer, error) {
	if err := ownToken(c); err != nil {
		return world.Answer{}, err
	}
	ch := channelOf(c.Owner)
	if ch.with(c.User) < 0 {
		if !isOpen(w, c.Owner) {
			return world.Answer{}, world.Refuse(http.StatusBadRequest, 5301, "People are invited to this channel.")
		}
		ch.members = append(ch.members, chatMember{user: c.User, member: z.memberID(c.User), role: channelMember})
	}
	return world.Created(world.Encode(map[string]any{"added_at": world.Timestamp(c.Now), "id": c.User, "member_id": z.memberID(c.User)})), nil
}

// leaveChannel takes the user whose token it is out of a channel.
func leaveChannel(_ *world.World, c *world.Call) (world.Answer, error) {
	if err := ownToken(c); err != nil {
		return world.Answer{}, err
	}
	ch := channelOf(c.Owner)
	switch ch.role(c.User) {
	case "":
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 5301, "You are not in the channel.")
	case channelOwner:
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 5301, "The owner cannot leave the channel.")
	}
	ch.members = slices.Delete(ch.members, ch.with(c.User), ch.with(c.User)+1)
	return world.Done(), nil
}

// memberNamed finds a member whom a path names: by a user's id or address, or by the id in chats.
func (z *Zoom) memberNamed(w *world.World, c *world.Call, name string) (*world.Record, error) {
	i := z.memberAt(w, c.Found["channelId"], name)
	if i < 0 {
		return nil, world.Refuse(http.StatusBadRequest, 5301, "The channel has no such member: %s.", name)
	}
	return w.Loose("ChatChannelMember", c.Place, &world.Record{ID: name}), nil
}

func (z *Zoom) memberAt(w *world.World, of *world.Record, name string) int {
	ch := channelOf(of)
	if user := w.Find("User", name); user != nil {
		return ch.with(user.ID)
	}
	return slices.IndexFunc(ch.members, func(m chatMember) bool { return m.member == name || m.member == z.memberID(name) })
}

// removeFromChannel takes somebody out of a channel, but its owner.
func (z *Zoom) removeFromChannel(w *world.World, c *world.Call) (world.Answer, error) {
	r := c.Found["channelId"]
	i := z.memberAt(w, r, c.Vars["memberId"])
	switch {
	case i < 0:
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 5301, "The channel has no such member: %s.", c.Vars["memberId"])
	case !manages(c, r):
		return world.Answer{}, notAllowed
	case channelOf(r).members[i].role == channelOwner:
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 5301, "The owner cannot be taken out of the channel.")
	}
	channelOf(r).members = slices.Delete(channelOf(r).members, i, i+1)
	return world.Done(), nil
}
