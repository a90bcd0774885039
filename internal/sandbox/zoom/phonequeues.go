package zoom

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"zoomgraph/internal/sandbox/world"
)

// This file implements who takes calls together: queues and groups that share lines, and who is in them. Members are kept
// as ids; their names are those of who they are. Start reading at phoneQueues.

const (
	callQueuePath    = "/phone/call_queues/{callQueueId}"
	sharedLinePath   = "/phone/shared_line_groups/{sharedLineGroupId}"
	receptionistPath = "/phone/auto_receptionists/{autoReceptionistId}"
)

// mostJoining is how many may join a queue or a group in one call.
const mostJoining = 10

// The types of who takes calls together.
const (
	queueType     = "CallQueue"
	lineGroupType = "SharedLineGroup"
)

// phoneQueues adds queues, groups that share lines, and auto receptionists.
func (z *Zoom) phoneQueues(q *world.Quirks) {
	z.takesCalls(q, &takers{
		kind: queueType, path: callQueuePath, managed: true, tag: "callQueue",
		missing: world.Missing{Status: http.StatusNotFound, Code: 13000, Text: "Call queue does not exist: %s."},
		taken:   world.Missing{Status: http.StatusBadRequest, Code: 412, Text: "Extension number is used already: %s."},
	})
	z.takesCalls(q, &takers{
		kind: lineGroupType, path: sharedLinePath, tag: "sharedLineGroup",
		missing: world.Missing{Status: http.StatusNotFound, Code: 404, Text: "Shared line group does not exist: %s."},
		taken:   world.Missing{Status: http.StatusBadRequest, Code: 409, Text: "Extension number is used already: %s."},
	})
	q.Answers["PUT "+callQueuePath+"/manager"] = z.manage
	q.Answers["POST /phone/auto_receptionists"] = z.addReceptionist
	q.Answers["PATCH "+receptionistPath] = z.changeReceptionist
	q.Answers["DELETE "+callQueuePath+"/phone_numbers"] = takeFromTaker
	q.Answers["POST "+receptionistPath+"/phone_numbers"] = z.giveToReceptionist
	q.Answers["DELETE "+receptionistPath+"/phone_numbers"] = takeFromReceptionist
	q.Answers["DELETE "+receptionistPath+"/phone_numbers/{phoneNumberId}"] = takeFromReceptionist
}

// takers is what queues and groups that share lines differ in.
type takers struct {
	kind, path, tag string
	managed         bool // members are managers, or may not get calls at present
	missing, taken  world.Missing
}

func (z *Zoom) takesCalls(q *world.Quirks, of *takers) {
	q.Things[of.kind] = world.Thing{
		New: map[string]any{
			"status": "active", "members": map[string]any{"users": []any{}, "common_areas": []any{}},
			"policy": map[string]any{"voicemail_access_members": []any{}},
		},
		Unique: "extension_number", Conflict: of.taken, Missing: of.missing,
		Filters: map[string]func(*world.World, *world.Record, string) bool{
			"site_id": func(w *world.World, r *world.Record, id string) bool { return idWithin(w.Raw(r, "site")) == id },
		},
		Computed: map[string]func(*world.World, *world.Record) any{
			"members.users":        func(w *world.World, r *world.Record) any { return z.membersOf(w, r, of.managed) },
			"members.common_areas": z.areasOf,
			"phone_numbers":        func(w *world.World, r *world.Record) any { return of.numbersOf(w, r) },
			"primary_number":       of.primaryNumber,
		},
		Drawn: map[string]func(*world.World, *world.Record) any{
			"name":                            z.takerName,
			"display_name":                    z.takerName,
			"extension_number":                z.extensionNumber,
			"audio_prompt_language":           z.oneText("language", "en-US", "en-GB", "de-DE", "ja"),
			"recording_storage_location":      z.oneText("storage", "US", "DE", "JP"),
			"cost_center":                     z.oneText("cost center", "CC-100", "CC-200"),
			"policy.voicemail_access_members": func(w *world.World, r *world.Record) any { return z.listenersOf(w, r, of.managed) },
		},
		Gone: freeLines,
	}
	q.Checks["POST "+of.path[:strings.LastIndexByte(of.path, '/')]] = z.completeTaker
	q.Checks["PATCH "+of.path] = hasPhoneSite
	q.Checks["POST "+of.path+"/members"] = joining
	q.Answers["POST "+of.path+"/members"] = createdNothing
	q.Answers["POST "+of.path+"/phone_numbers"] = of.giveToTaker
	q.Answers["DELETE "+of.path+"/phone_numbers/{phoneNumberId}"] = takeFromTaker
}

// oneText makes up a text of several.
func (z *Zoom) oneText(what string, texts ...string) func(*world.World, *world.Record) any {
	return func(_ *world.World, r *world.Record) any { return world.Pick(z.source.At(what, r.ID), texts...) }
}

// takerName is what those are for who take calls together.
func (z *Zoom) takerName(_ *world.World, r *world.Record) any {
	h := z.source.At("group name", r.ID)
	return world.Pick(h, "Support", "Sales", "Front desk", "Orders", "Service") + " " + world.Pick(h>>8, "North", "South", "East", "West")
}

// extensionNumber is one of the many digits that Zoom gives to whom nobody gives another.
func (z *Zoom) extensionNumber(_ *world.World, r *world.Record) any {
	return 26_000_000_000 + z.source.At("extension number", r.ID)%1_000_000_000
}

// idWithin is the id in an object, "" where there is none.
func idWithin(object json.RawMessage) string {
	fields, _ := world.Members(object)
	raw, _ := world.Lookup(fields, "id")
	var id string
	_ = json.Unmarshal(raw, &id) // none: ""
	return id
}

// createdNothing does what the world does, and answers 201 without saying what was made.
func createdNothing(w *world.World, c *world.Call) (world.Answer, error) {
	_, err := w.Do(c)
	return world.Created([]byte("{}")), err
}

// ---------------------------------------------------------------- members

// lineMember is a person who takes calls with others. Of one in a group that shares lines Zoom does not tell the last two.
type lineMember struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	ExtensionID string `json:"extension_id"`
	Level       string `json:"level,omitempty"`
	ReceiveCall *bool  `json:"receive_call,omitempty"`
}

// What a member of a queue can be.
const (
	managerLevel = "manager"
	userLevel    = "user"
)

// membersOf are the people in a queue or a group, who are still there.
func (z *Zoom) membersOf(w *world.World, r *world.Record, managed bool) []lineMember {
	var kept []lineMember
	if raw := r.Raw("members.users"); raw != nil {
		_ = json.Unmarshal(raw, &kept) // as it was written here
	} else {
		kept = z.firstMembers(w, r)
	}
	out := []lineMember{}
	for _, m := range kept {
		user := w.Find("User", m.ID)
		if user == nil || slices.ContainsFunc(out, func(other lineMember) bool { return other.ID == user.ID }) {
			continue
		}
		m.Name, m.ExtensionID = w.Text(user, "first_name")+" "+w.Text(user, "last_name"), z.extensionOf(w, user)
		switch {
		case !managed:
			m.Level, m.ReceiveCall = "", nil
		case m.Level == "":
			m.Level = userLevel
		}
		if managed && m.ReceiveCall == nil {
			receives := true
			m.ReceiveCall = &receives
		}
		out = append(out, m)
	}
	return out
}

// extensionOf is the id of a user's extension.
func (z *Zoom) extensionOf(w *world.World, user *world.Record) string {
	if phone := w.Find("PhoneUser", user.ID); phone != nil {
		if id := w.Text(phone, "extension_id"); id != "" {
			return id
		}
	}
	return z.source.ID("extension", user.ID)
}

// firstMembers are two or three people, the first of whom manages a queue.
func (z *Zoom) firstMembers(w *world.World, r *world.Record) []lineMember {
	var people []*world.Record
	for _, user := range w.First("User") {
		if hasZoomPhone(w, user) {
			people = append(people, user)
		}
	}
	h := z.source.At("members", r.ID)
	var out []lineMember
	for i := range min(2+int(h%2), len(people)) {
		m := lineMember{ID: people[(int(h>>8%1000)+i)%len(people)].ID, Level: userLevel}
		if i == 0 {
			m.Level = managerLevel
		}
		out = append(out, m)
	}
	return out
}

// hasZoomPhone tells whether a user can take calls.
func hasZoomPhone(w *world.World, user *world.Record) bool {
	return w.Text(user, "status") == Active && w.Find("PhoneUser", user.ID) != nil
}

// lineArea is a common area that takes calls with others.
type lineArea struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	ExtensionID string `json:"extension_id"`
}

// areasOf are the common areas in a queue or a group, which are still there: at the start one or none.
func (z *Zoom) areasOf(w *world.World, r *world.Record) any {
	var kept []lineArea
	if raw := r.Raw("members.common_areas"); raw != nil {
		_ = json.Unmarshal(raw, &kept) // as it was written here
	} else if all, h := w.First("CommonAreaPhone"), z.source.At("areas", r.ID); len(all) > 0 && h%2 == 0 {
		kept = []lineArea{{ID: all[int(h>>8%1000)%len(all)].ID}}
	}
	out := []lineArea{}
	for _, m := range kept {
		area := w.Find("CommonAreaPhone", m.ID)
		if area == nil || slices.ContainsFunc(out, func(other lineArea) bool { return other.ID == area.ID }) {
			continue
		}
		out = append(out, lineArea{area.ID, w.Text(area, "display_name"), z.source.ID("extension", area.ID)})
	}
	return out
}

// listenersOf are those who may hear the voicemails of a queue or a group: its first member.
func (z *Zoom) listenersOf(w *world.World, r *world.Record, managed bool) any {
	out := []map[string]any{}
	members := z.membersOf(w, r, managed)
	for _, m := range members[:min(1, len(members))] {
		h := z.source.At("voicemail access", r.ID, m.ID)
		out = append(out, map[string]any{
			"access_user_id": m.ID, "access_user_type": "user", "shared_id": world.IDOf(h),
			"allow_download": h%2 == 0, "allow_delete": h%3 == 0, "allow_sharing": h%5 == 0,
		})
	}
	return out
}

// groupMembers are those whom a body names to join.
type groupMembers struct {
	Users []struct {
		ID    string `json:"id"`
		Email string `json:"email"`
	} `json:"users"`
	Areas []string `json:"common_area_ids"`
}

// joining refuses a body that names nobody, too many, or who is not there, and makes it what the thing keeps.
func joining(w *world.World, c *world.Call) error {
	body, _ := world.Members(c.Body)
	raw, said := world.Lookup(body, "members")
	if !said {
		return world.Invalid(world.FieldRefusal{Field: "members", Message: "Invalid field: it is required."})
	}
	members, count, err := membersIn(w, raw)
	if err == nil && count == 0 {
		err = world.Invalid(world.FieldRefusal{Field: "members", Message: "Invalid field: it names nobody."})
	}
	c.Body = world.Join([]world.Member{{Name: "members", Value: members}})
	return err
}

// membersIn reads who is to join, and says how many.
func membersIn(w *world.World, raw json.RawMessage) (members json.RawMessage, count int, err error) {
	var named groupMembers
	if err := json.Unmarshal(raw, &named); err != nil {
		return nil, 0, world.Invalid(world.NotA("members", "an object"))
	}
	if count = len(named.Users) + len(named.Areas); count > mostJoining {
		return nil, 0, world.Invalid(world.FieldRefusal{Field: "members", Message: "Invalid field: a maximum of 10 can be added at a time."})
	}
	users, areas := []map[string]string{}, []map[string]string{}
	for _, one := range named.Users {
		name := one.ID
		if name == "" {
			name = one.Email
		}
		user := w.Find("User", name)
		if user == nil || !hasZoomPhone(w, user) {
			return nil, 0, noUser.Refusal(name)
		}
		users = append(users, map[string]string{"id": user.ID})
	}
	for _, id := range named.Areas {
		area := w.Find("CommonAreaPhone", id)
		if area == nil {
			return nil, 0, world.Invalid(world.FieldRefusal{Field: "members.common_area_ids", Message: "Invalid field: there is no common area " + id + "."})
		}
		areas = append(areas, map[string]string{"id": area.ID})
	}
	return world.Encode(map[string]any{"users": users, "common_areas": areas}), count, nil
}

// completeTaker refuses a queue or a group that could not be, and gives it what it has anyway: a site and an extension
// number.
func (z *Zoom) completeTaker(w *world.World, c *world.Call) error {
	if err := hasPhoneSite(w, c); err != nil {
		return err
	}
	body, _ := world.Members(c.Body)
	if _, said := world.Lookup(body, "extension_number"); !said {
		number, _ := strconv.Atoi(world.Digits(z.source.At("extension", w.NewID("extension")), 6))
		body = append(body, world.Member{Name: "extension_number", Value: world.Encode(number)})
	}
	if sites := w.All("PhoneSite"); len(sites) > 0 {
		if _, said := world.Lookup(body, "site_id"); !said {
			body = append(body, world.Member{Name: "site_id", Value: world.Encode(sites[0].ID)})
		}
	}
	for i, m := range body {
		if m.Name == "members" {
			members, _, err := membersIn(w, m.Value)
			if err != nil {
				return err
			}
			body[i].Value = members
		}
	}
	c.Body = world.Join(body)
	return nil
}

// hasPhoneSite refuses a site that is not there.
func hasPhoneSite(w *world.World, c *world.Call) error {
	var body struct {
		Site string `json:"site_id"`
	}
	c.Decode(&body)
	if body.Site != "" && w.Find("PhoneSite", body.Site) == nil {
		return world.Invalid(world.FieldRefusal{Field: "site_id", Message: "Invalid field: there is no site " + body.Site + "."})
	}
	return nil
}

// manage makes a member of a queue its manager, in place of who was.
func (z *Zoom) manage(w *world.World, c *world.Call) (world.Answer, error) {
	var body struct {
		Member string `json:"member_id"`
	}
	c.Decode(&body)
	members, found := z.membersOf(w, c.Owner, true), false
	for i := range members {
		members[i].Level = userLevel
		if members[i].ID == body.Member {
			members[i].Level, found = managerLevel, true
		}
	}
	if !found {
		return world.Answer{}, noUser.Refusal(body.Member)
	}
	c.Owner.Set("members.users", members)
	return world.Done(), nil
}
