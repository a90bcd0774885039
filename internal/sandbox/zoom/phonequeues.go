package zoom

import (
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"zoomgraph/internal/sandbox/world"
)

// This file implements who takes calls together: queues and groups that share lines, who is in them and which numbers they
// have, and auto receptionists, which nothing reads. Members and numbers are kept as ids; names are those of who they are.
// Start reading at phoneQueues.

const (
	callQueue        = "/phone/call_queues/{callQueueId}"
	sharedLineGroup  = "/phone/shared_line_groups/{sharedLineGroupId}"
	autoReceptionist = "/phone/auto_receptionists/{autoReceptionistId}"
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
		kind: queueType, path: callQueue, managed: true, tag: "callQueue",
		missing: world.Missing{Status: http.StatusNotFound, Code: 13000, Text: "Call queue does not exist: %s."},
		taken:   world.Missing{Status: http.StatusBadRequest, Code: 412, Text: "Extension number is used already: %s."},
	})
	z.takesCalls(q, &takers{
		kind: lineGroupType, path: sharedLineGroup, tag: "sharedLineGroup",
		missing: world.Missing{Status: http.StatusNotFound, Code: 404, Text: "Shared line group does not exist: %s."},
		taken:   world.Missing{Status: http.StatusBadRequest, Code: 409, Text: "Extension number is used already: %s."},
	})
	q.Answers["PUT "+callQueue+"/manager"] = z.manage
	q.Answers["POST /phone/auto_receptionists"] = z.addReceptionist
	q.Answers["PATCH "+autoReceptionist] = z.changeReceptionist
	q.Answers["POST "+autoReceptionist+"/phone_numbers"] = z.giveReceptionist
	q.Answers["DELETE "+autoReceptionist+"/phone_numbers"] = z.takeFromReceptionist
	q.Answers["DELETE "+autoReceptionist+"/phone_numbers/{phoneNumberId}"] = z.takeFromReceptionist
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
			"status": "active", "phone_numbers": []any{}, "members": map[string]any{"users": []any{}, "common_areas": []any{}},
			"policy": map[string]any{"voicemail_access_members": []any{}},
		},
		Unique: "extension_number", Conflict: of.taken, Missing: of.missing,
		Filters: map[string]func(*world.World, *world.Record, string) bool{
			"site_id": func(w *world.World, r *world.Record, id string) bool { return idIn(w.Raw(r, "site")) == id },
		},
		Computed: map[string]func(*world.World, *world.Record) any{
			"members.users":        func(w *world.World, r *world.Record) any { return z.membersOf(w, r, of.managed) },
			"members.common_areas": z.areasOf,
			"phone_numbers":        z.numbersOf,
		},
		Drawn: map[string]func(*world.World, *world.Record) any{
			"extension_number": func(_ *world.World, r *world.Record) any {
				return 26_000_000_000 + z.source.At("extension number", r.ID)%1_000_000_000
			},
			"policy.voicemail_access_members": func(w *world.World, r *world.Record) any { return z.listenersOf(w, r, of.managed) },
		},
		Gone: freeAll,
	}
	posts := "POST " + of.path[:strings.LastIndexByte(of.path, '/')]
	q.Checks[posts] = z.completeGroup
	q.Checks["PATCH "+of.path] = hasSite
	q.Checks["POST "+of.path+"/members"] = joining
	q.Answers["POST "+of.path+"/members"] = createdNothing
	q.Checks["POST "+of.path+"/phone_numbers"] = func(w *world.World, c *world.Call) error {
		return giveNumbers(w, c, of.tag, c.Owner, http.StatusBadRequest)
	}
	if !of.managed {
		q.Answers["POST "+of.path+"/phone_numbers"] = createdNothing
	} else {
		q.Answers["DELETE "+of.path+"/phone_numbers"] = takeNumbers
	}
	q.Answers["DELETE "+of.path+"/phone_numbers/{phoneNumberId}"] = takeNumbers
}

// idIn is the id in an object, "" where there is none.
func idIn(object json.RawMessage) string {
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
		if hasPhone(w, user) {
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

// hasPhone tells whether a user can take calls.
func hasPhone(w *world.World, user *world.Record) bool { return w.Text(user, "status") == Active }

// commonArea is a common area that takes calls with others.
type commonArea struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	ExtensionID string `json:"extension_id"`
}

// areasOf are the common areas in a queue or a group, which are still there: at the start one or none.
func (z *Zoom) areasOf(w *world.World, r *world.Record) any {
	var kept []commonArea
	if raw := r.Raw("members.common_areas"); raw != nil {
		_ = json.Unmarshal(raw, &kept) // as it was written here
	} else if all, h := w.First("CommonAreaPhone"), z.source.At("areas", r.ID); len(all) > 0 && h%2 == 0 {
		kept = []commonArea{{ID: all[int(h>>8%1000)%len(all)].ID}}
	}
	out := []commonArea{}
	for _, m := range kept {
		area := w.Find("CommonAreaPhone", m.ID)
		if area == nil || slices.ContainsFunc(out, func(other commonArea) bool { return other.ID == area.ID }) {
			continue
		}
		out = append(out, commonArea{area.ID, w.Text(area, "display_name"), z.source.ID("extension", area.ID)})
	}
	return out
}

// listenersOf are those who may hear the voicemails of a queue or a group: its first member.
func (z *Zoom) listenersOf(w *world.World, r *world.Record, managed bool) any {
	out := []map[string]any{}
	for _, m := range z.membersOf(w, r, managed)[:1] {
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
		if user == nil || !hasPhone(w, user) {
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

// completeGroup refuses a queue or a group that could not be, and gives it what it has anyway: a site and an extension
// number.
func (z *Zoom) completeGroup(w *world.World, c *world.Call) error {
	if err := hasSite(w, c); err != nil {
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

// hasSite refuses a site that is not there.
func hasSite(w *world.World, c *world.Call) error {
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

// ---------------------------------------------------------------- numbers

// lineNumber is a number of a queue or a group.
type lineNumber struct {
	ID     string          `json:"id"`
	Number json.RawMessage `json:"number,omitempty"`
	Source json.RawMessage `json:"source,omitempty"` // of queues
	Status json.RawMessage `json:"status,omitempty"` // of groups that share lines
}

// numbersOf are the numbers of a queue or a group that are still there and nobody else's.
func (z *Zoom) numbersOf(w *world.World, r *world.Record) any {
	var kept []lineNumber
	if raw := r.Raw("phone_numbers"); raw != nil {
		_ = json.Unmarshal(raw, &kept) // as it was written here
	} else if all := w.First("PhoneNumber"); len(all) > 0 {
		kept = []lineNumber{{ID: all[z.source.At("number", r.ID)%uint64(len(all))].ID}}
	}
	out := []lineNumber{}
	for _, n := range kept {
		number := w.Find("PhoneNumber", n.ID)
		if number == nil || !isFor(number, r.ID) || slices.ContainsFunc(out, func(other lineNumber) bool { return other.ID == number.ID }) {
			continue
		}
		n = lineNumber{ID: number.ID, Number: w.Raw(number, "number")}
		if strings.HasPrefix(r.Place, "/phone/call_queues") {
			n.Source = w.Raw(number, "source")
		} else {
			n.Status = w.Raw(number, "status")
		}
		out = append(out, n)
	}
	return out
}

// isFor tells whether a number was not given to anybody but who has this id.
func isFor(number *world.Record, id string) bool {
	to := idIn(number.Raw("assignee"))
	return to == "" || to == id
}

// numbersIn are the numbers that a body names. A number that is somebody's already is refused, with a status.
func numbersIn(w *world.World, c *world.Call, status int) ([]*world.Record, error) {
	var body struct {
		Numbers []struct {
			ID     string `json:"id"`
			Number string `json:"number"`
		} `json:"phone_numbers"`
	}
	c.Decode(&body)
	if len(body.Numbers) == 0 {
		return nil, world.Refuse(http.StatusBadRequest, 400, "The list of phone numbers is empty.")
	}
	var out []*world.Record
	for _, one := range body.Numbers {
		number := w.Find("PhoneNumber", one.ID)
		for _, other := range w.All("PhoneNumber") {
			if one.ID == "" && w.Text(other, "number") == one.Number {
				number = other
			}
		}
		switch {
		case number == nil:
			return nil, world.Refuse(status, status, "Phone number does not exist: %s.", one.ID+one.Number)
		case !isFor(number, ""):
			return nil, world.Refuse(http.StatusBadRequest, 400, "Phone number is somebody's already: %s.", one.ID+one.Number)
		}
		out = append(out, number)
	}
	return out, nil
}

// giveNumbers makes the numbers that a body names those of somebody, and makes the body what a queue or a group keeps.
func giveNumbers(w *world.World, c *world.Call, tag string, to *world.Record, status int) error {
	numbers, err := numbersIn(w, c, status)
	if err != nil {
		return err
	}
	assignee := map[string]any{"id": to.ID, "type": tag}
	for key, field := range map[string]string{"name": "name", "display_name": "name", "extension_number": "extension_number"} {
		if value := w.Raw(to, key); value != nil {
			assignee[field] = value
		}
	}
	var kept []lineNumber
	for _, number := range numbers {
		number.Set("assignee", assignee)
		kept = append(kept, lineNumber{ID: number.ID})
	}
	c.Body = world.Join([]world.Member{{Name: "phone_numbers", Value: world.Encode(kept)}})
	return nil
}

// takeNumbers takes one number, or all, from a queue or a group.
func takeNumbers(w *world.World, c *world.Call) (world.Answer, error) {
	had := w.Raw(c.Owner, "phone_numbers")
	one := c.Vars["phoneNumberId"]
	if one != "" && w.Find("PhoneNumber", one) == nil {
		return world.Answer{}, world.Refuse(http.StatusNotFound, 404, "Phone number does not exist: %s.", one)
	}
	answer, err := w.Do(c)
	if err == nil {
		free(w, had, one)
	}
	return answer, err
}

// free makes numbers of a list nobody's: one, or all for "".
func free(w *world.World, list json.RawMessage, one string) {
	var numbers []lineNumber
	_ = json.Unmarshal(list, &numbers) // none: nil
	for _, n := range numbers {
		if number := w.Find("PhoneNumber", n.ID); number != nil && (one == "" || one == n.ID) {
			number.Set("assignee", nil)
		}
	}
}

// freeAll makes the numbers of who is gone nobody's.
func freeAll(w *world.World, gone *world.Record) { free(w, w.Raw(gone, "phone_numbers"), "") }

// ---------------------------------------------------------------- auto receptionists

// addReceptionist makes an auto receptionist, which nothing reads: it is known by what it answers.
func (z *Zoom) addReceptionist(w *world.World, c *world.Call) (world.Answer, error) {
	if err := z.completeGroup(w, c); err != nil {
		return world.Answer{}, err
	}
	r := w.Loose("AutoReceptionist", "/phone/auto_receptionists", &world.Record{ID: w.NewID("auto receptionist")})
	body, _ := world.Members(c.Body)
	r.Merge(body)
	z.receptionists[r.ID] = r
	return world.Created(world.Encode(map[string]any{"id": r.ID, "name": r.Raw("name"), "extension_number": r.Raw("extension_number")})), nil
}

// receptionist is the auto receptionist of a path. What others tell of one says its id, so each id is that of one.
func (z *Zoom) receptionist(w *world.World, c *world.Call) *world.Record {
	id := c.Vars["autoReceptionistId"]
	if z.receptionists[id] == nil {
		z.receptionists[id] = w.Loose("AutoReceptionist", "/phone/auto_receptionists", &world.Record{ID: id})
	}
	return z.receptionists[id]
}

func (z *Zoom) changeReceptionist(w *world.World, c *world.Call) (world.Answer, error) {
	body, _ := world.Members(c.Body)
	z.receptionist(w, c).Merge(body)
	return world.Done(), nil
}

func (z *Zoom) giveReceptionist(w *world.World, c *world.Call) (world.Answer, error) {
	return world.Done(), giveNumbers(w, c, "autoReceptionist", z.receptionist(w, c), http.StatusNotFound)
}

// takeFromReceptionist takes one number, or all, from an auto receptionist.
func (z *Zoom) takeFromReceptionist(w *world.World, c *world.Call) (world.Answer, error) {
	r, one, found := z.receptionist(w, c), c.Vars["phoneNumberId"], false
	for _, number := range w.All("PhoneNumber") {
		if idIn(number.Raw("assignee")) == r.ID && (one == "" || one == number.ID) {
			number.Set("assignee", nil)
			found = true
		}
	}
	if one != "" && !found {
		return world.Answer{}, world.Refuse(http.StatusNotFound, 404, "Phone number is not one of the auto receptionist: %s.", one)
	}
	return world.Done(), nil
}
