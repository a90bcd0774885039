package zoom

import (
	"net/http"
	"slices"
	"strconv"
	"time"

	"zoomgraph/internal/sandbox/world"
)

// imGroups adds the groups of Team Chat's directory.
func (z *Zoom) imGroups(q *world.Quirks) {
	q.Things["ImGroup"] = world.Thing{
		Seed:     z.seedImGroups,
		Missing:  world.Missing{Status: http.StatusNotFound, Code: 4130, Text: "Group does not exist: %s."},
		Unique:   "name",
		Conflict: world.Missing{Status: http.StatusConflict, Code: 4132, Text: "A group of this name exists: %s."},
		New:      map[string]any{"type": "normal"},
		Gone: func(w *world.World, gone *world.Record) {
			for _, p := range w.All("User") {
				if ids := w.Texts(p, "im_group_ids"); slices.Contains(ids, gone.ID) {
					p.Set("im_group_ids", slices.DeleteFunc(ids, func(id string) bool { return id == gone.ID }))
				}
			}
		},
	}
	q.Checks["POST /im/groups"] = hasName
	q.Checks["PATCH /im/groups/{groupId}"] = hasName
	q.Checks["POST /im/groups/{groupId}/members"] = fewMembers
	q.Missing["/im/groups/{groupId}/members/{memberId}"] = world.Missing{
		Status: http.StatusBadRequest, Code: 300, Text: "User does not belong to this group: %s.",
	}
}

// seedImGroups makes the two groups that users are in at the start, and one that nobody is in.
func (z *Zoom) seedImGroups(*world.World, *world.Record) []*world.Record {
	var out []*world.Record
	for i, name := range []string{"Headquarters", "Field", "Board"} {
		kind := []string{"normal", "shared", "restricted"}[i]
		out = append(out, world.Known(z.source.ID("im group", strconv.Itoa(i)), map[string]any{"name": name, "type": kind}))
	}
	return out
}

// fewMembers refuses more users than are put into a group at once.
func fewMembers(_ *world.World, c *world.Call) error {
	const most = 10
	var body struct {
		Members []struct{} `json:"members"`
	}
	c.Decode(&body)
	if len(body.Members) > most {
		return world.Invalid(world.FieldRefusal{Field: "members", Message: "There can be " + strconv.Itoa(most) + " at most."})
	}
	return nil
}

// imChat adds what was written in chats. What somebody sends is not among it: the reads tell of an older chat.
func (z *Zoom) imChat(q *world.Quirks) {
	q.Things["ImChatSession"] = world.Thing{
		Count:    20,
		Computed: map[string]func(*world.World, *world.Record) any{"session_id": func(_ *world.World, r *world.Record) any { return r.ID }},
		Missing:  world.Missing{Status: http.StatusNotFound, Code: 300, Text: "There was no such chat: %s."},
		Drawn: map[string]func(*world.World, *world.Record) any{
			"participants": func(_ *world.World, r *world.Record) any { return z.talking(r.ID) },
		},
	}
	for _, kind := range []string{"ImChatMessage", "UserImMessage"} {
		q.Things[kind] = world.Thing{Drawn: map[string]func(*world.World, *world.Record) any{
			"sender": func(w *world.World, r *world.Record) any { return z.writer(w, r) },
			"timstamp": func(w *world.World, r *world.Record) any {
				sent, err := time.Parse(time.RFC3339, w.Text(r, "date_time"))
				if err != nil {
					return nil
				}
				return sent.UnixMilli()
			},
		}}
	}
	q.Answers["POST /im/users/me/chat/messages"] = z.sendIM
}

// talking are two of the first users, who took part in a chat.
func (z *Zoom) talking(chat string) string {
	_, _, one := world.NameOf(int(z.source.At("chat", chat) % 5))
	_, _, other := world.NameOf(5 + int(z.source.At("chat", chat, "other")%5))
	return one + "," + other
}

// writer is who wrote a message: of a user's, the user; of a chat's, one of the first users.
func (z *Zoom) writer(w *world.World, r *world.Record) string {
	if of := r.Owner(); of != nil && w.Find("User", of.ID) == of {
		return w.Text(of, "email")
	}
	_, _, email := world.NameOf(int(z.source.At("writer", r.ID) % 5))
	return email
}

// sendIM takes a message of the token's own user, to a user of the account.
func (z *Zoom) sendIM(w *world.World, c *world.Call) (world.Answer, error) {
	if _, err := tokenUser(w, c); err != nil {
		return world.Answer{}, err
	}
	var body struct {
		Message string `json:"message"`
	}
	c.Decode(&body)
	switch to := c.Values.Get("chat_user"); {
	case to == "" || body.Message == "":
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 300, "A message needs a text, and chat_user, to whom it goes.")
	case w.Find("User", to) == nil:
		return world.Answer{}, world.Refuse(http.StatusNotFound, 1001, "User does not exist: %s.", to)
	}
	z.sent++
	id := z.source.ID("im message", strconv.Itoa(z.sent))
	return world.Created(world.Encode(map[string]string{"id": id})), nil
}
