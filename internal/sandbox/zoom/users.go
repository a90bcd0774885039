package zoom

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"zoomgraph/internal/sandbox/world"
)

// noUser says that nobody goes by a name.
var noUser = world.Missing{Status: http.StatusNotFound, Code: 1001, Text: "User does not exist: %s."}

func (z *Zoom) users(q *world.Quirks) {
	q.Things["User"] = world.Thing{
		Seed:    z.seedUsers,
		Enter:   z.enter,
		Resolve: z.resolveUser,
		Also:    []string{"email"},
		Missing: noUser,
		Computed: map[string]func(*world.World, *world.Record) any{
			"id":        idOnceSignedIn,
			"role_name": func(w *world.World, r *world.Record) any { return w.Text(w.Find("Role", w.Text(r, "role_id")), "name") },
		},
		Filters: map[string]func(*world.World, *world.Record, string) bool{"license": licensed},
		Gone:    z.userGone,
	}
	q.Defaults["GET /users"] = url.Values{"status": {Active}}
	q.Answers["POST /users"] = z.createUser
	q.Answers["PATCH /users/{userId}"] = z.updateUser
	q.Checks["DELETE /users/{userId}"] = z.mayDelete
	q.Checks["PUT /users/{userId}/email"] = z.freshEmail
	q.Answers["PUT /users/{userId}/status"] = setStatus
	q.Answers["PUT /accounts/{accountId}/users/{userId}/account"] = z.switchAccount
	q.Answers["POST /users/{userId}/picture"] = z.uploadPicture
	q.Answers["GET /users/email"] = checkEmail
	q.Answers["GET /users/vanity_name"] = checkVanityName
	q.Answers["GET /users/{userId}/permissions"] = permissions
	q.Answers["GET /users/{userId}/token"] = z.getToken
	q.Answers["DELETE /users/{userId}/token"] = acknowledge
	q.Answers["GET /users/me/zak"] = z.ownZAK
}

// resolveUser finds whom the path names, if that is somebody of the account with
// details and settings: an invitation can only be taken back.
func (z *Zoom) resolveUser(w *world.World, c *world.Call, name string) (*world.Record, error) {
	asUser := c.Vars["userId"] == name
	switch {
	case name == "me" && c.User == "":
		return nil, world.Refuse(http.StatusBadRequest, 4700, "A token of account_credentials does not support the user \"me\".")
	case name == "me":
		name = c.User
	}
	p := w.Find("User", name)
	switch account := c.Found["accountId"]; {
	case p == nil:
		return nil, nil
	case account != nil && account != z.own.Record:
		return nil, world.Refuse(http.StatusNotFound, 1010, "User does not belong to this account: %s.", name)
	case w.Text(p, "status") == pending && c.Op.Op != "DELETE /users/{userId}" && asUser:
		return nil, world.Refuse(http.StatusBadRequest, 1120, "This user has not accepted the invitation to the account.")
	}
	return p, nil
}

// idOnceSignedIn leaves out the id of who has not accepted the invitation.
func idOnceSignedIn(w *world.World, r *world.Record) any {
	if w.Text(r, "status") == pending {
		return nil
	}
	return r.ID
}

// licensed tells whether a user has a licence of a name: one in four has.
func licensed(w *world.World, r *world.Record, name string) bool {
	return w.Text(r, "type") == strconv.Itoa(userTypeLicensed) && w.Source.At("user", r.ID, name)%4 == 0
}

// newcomer is the body that creates a user.
type newcomer struct {
	Action string `json:"action"`
	Info   struct {
		Email          string    `json:"email"`
		Type           int       `json:"type"`
		FirstName      string    `json:"first_name"`
		LastName       string    `json:"last_name"`
		DisplayName    string    `json:"display_name"`
		PlanUnitedType string    `json:"plan_united_type"`
		Divisions      []string  `json:"division_ids"`
		Licenses       []license `json:"license_info_list"`
		Feature        struct {
			ZoomOneType int `json:"zoom_one_type"`
		} `json:"feature"`
	} `json:"user_info"`
}

// createUser makes a user: invited, unless the action is one that needs no
// invitation.
func (z *Zoom) createUser(w *world.World, c *world.Call) (world.Answer, error) {
	var body newcomer
	c.Decode(&body)
	info := body.Info
	if err := emailFree(w, info.Email, "user_info.email"); err != nil {
		return world.Answer{}, err
	}
	now := world.Timestamp(c.Now)
	values := map[string]any{
		"email": info.Email, "first_name": info.FirstName, "last_name": info.LastName, "type": info.Type,
		"display_name": cmp.Or(info.DisplayName, strings.TrimSpace(info.FirstName+" "+info.LastName)),
		"status":       pending, "role_id": memberRole, "created_at": now, "user_created_at": now,
		"group_ids": []string{}, "im_group_ids": []string{}, "account_id": z.own.ID, "account_number": ownAccountNumber,
		"cluster": "us06", "zoom_one_type": info.Feature.ZoomOneType, "login_types": []int{}, "phone_numbers": []string{},
		"division_ids": append([]string{}, info.Divisions...), "license_info_list": append([]license{}, info.Licenses...),
		"timezone": "", "dept": "", "verified": 0, "employee_unique_id": "",
	}
	if info.PlanUnitedType != "" {
		values["plan_united_type"] = info.PlanUnitedType
	}
	p, _, err := w.Make(c, values)
	if err != nil {
		return world.Answer{}, err
	}
	if body.Action != "create" {
		pmi := newPMI(w.Source.At("user", p.ID, "pmi"))
		for name, value := range map[string]any{"status": Active, "pmi": pmi, "jid": jidOf(p.ID), "personal_meeting_url": roomOf(pmi)} {
			p.Set(name, value)
		}
	}
	made := map[string]any{"email": info.Email, "first_name": info.FirstName, "id": p.ID, "last_name": info.LastName, "type": info.Type}
	return world.Created(world.Encode(made)), nil
}

// emailFree refuses an address that is none, or somebody's.
func emailFree(w *world.World, email, field string) error {
	if at := strings.LastIndexByte(email, '@'); at < 1 || at == len(email)-1 {
		return world.Invalid(world.NotA(field, "an e-mail address"))
	}
	if w.Find("User", email) != nil {
		return world.Refuse(http.StatusConflict, 1005, "User already in the account: %s.", email)
	}
	return nil
}

// updateUser makes the changes that are more than a field of the user, and leaves
// the others to the world.
func (z *Zoom) updateUser(w *world.World, c *world.Call) (world.Answer, error) {
	var body struct {
		GroupID    string            `json:"group_id"`
		VanityName string            `json:"vanity_name"`
		PMI        string            `json:"pmi"`
		Attributes []customAttribute `json:"custom_attributes"`
		Numbers    []phoneNumber     `json:"phone_numbers"`
	}
	c.Decode(&body)
	p, more := c.Owner, map[string]any{}
	if body.GroupID != "" {
		if w.Find("Group", body.GroupID) == nil {
			return world.Answer{}, w.NotFound("Group", body.GroupID)
		}
		more["group_ids"] = withFirst(groupsOf(w, p), body.GroupID)
	}
	if body.VanityName != "" {
		if owner := ownerOfRoom(w, body.VanityName); owner != nil && owner != p {
			return world.Answer{}, world.Invalid(world.FieldRefusal{Field: "vanity_name", Message: "Invalid field: it is somebody else's."})
		}
		more["vanity_url"] = vanityURL(body.VanityName)
	}
	if body.PMI != "" {
		pmi, err := strconv.ParseInt(body.PMI, 10, 64)
		if err != nil || len(body.PMI) != 10 || pmi < 1_000_000_000 {
			return world.Answer{}, world.Invalid(world.NotA("pmi", "10 digits"))
		}
		more["pmi"], more["personal_meeting_url"] = pmi, roomOf(pmi)
	}
	if body.Attributes != nil {
		more["custom_attributes"] = withAttributes(w.Raw(p, "custom_attributes"), body.Attributes)
	}
	if body.Numbers != nil {
		more["phone_numbers"] = body.Numbers
	}
	for name, value := range more {
		p.Set(name, value)
		c.Body = world.Edit(c.Body, []string{name}, nil)
	}
	return w.Do(c)
}

// withAttributes returns attributes with the values of some of them changed, or added.
func withAttributes(old json.RawMessage, changes []customAttribute) []customAttribute {
	var out []customAttribute
	_ = json.Unmarshal(old, &out) // none: nil
	for _, change := range changes {
		i := slices.IndexFunc(out, func(a customAttribute) bool { return a.Key == change.Key })
		if i < 0 {
			out = append(out, change)
			continue
		}
		out[i].Name, out[i].Value = cmp.Or(change.Name, out[i].Name), change.Value
	}
	return out
}

// withFirst returns a list that starts with an element, and has it once.
func withFirst(all []string, first string) []string {
	return slices.Concat([]string{first}, slices.DeleteFunc(slices.Clone(all), func(id string) bool { return id == first }))
}

func (z *Zoom) mayDelete(w *world.World, c *world.Call) error {
	if err := notTheOwner(w, c.Owner); err != nil {
		return err
	}
	if heir := c.Values.Get("transfer_email"); heir != "" && w.Find("User", heir) == nil {
		return w.NotFound("User", heir)
	}
	return nil
}

func notTheOwner(w *world.World, p *world.Record) error {
	if w.Text(p, "role_id") == ownerRole {
		return world.Refuse(http.StatusBadRequest, 200, "No permission: %s owns the account.", w.Text(p, "email"))
	}
	return nil
}

// freshEmail refuses an address that is somebody else's.
func (z *Zoom) freshEmail(w *world.World, c *world.Call) error {
	var body struct {
		Email string `json:"email"`
	}
	c.Decode(&body)
	if w.Find("User", body.Email) == c.Owner {
		return nil
	}
	return emailFree(w, body.Email, "email")
}

func setStatus(w *world.World, c *world.Call) (world.Answer, error) {
	var body struct {
		Action string `json:"action"`
	}
	c.Decode(&body)
	switch body.Action {
	case "clock_in", "clock_out": // working time, which no operation answers
		return world.Done(), nil
	case "activate":
		c.Owner.Set("status", Active)
		return world.Done(), nil
	}
	if err := notTheOwner(w, c.Owner); err != nil {
		return world.Answer{}, err
	}
	c.Owner.Set("status", inactive)
	return world.Done(), nil
}

// switchAccount moves a user to another account, where the sandbox has no users.
func (z *Zoom) switchAccount(w *world.World, c *world.Call) (world.Answer, error) {
	var body struct {
		AccountID string `json:"account_id"`
	}
	c.Decode(&body)
	to, err := z.resolveAccount(w, c, body.AccountID)
	switch {
	case err != nil:
		return world.Answer{}, err
	case to == nil:
		return world.Answer{}, w.NotFound("Account", body.AccountID)
	case to == z.own.Record:
		return world.Answer{}, world.Invalid(world.NotA("account_id", "another account"))
	}
	if err := notTheOwner(w, c.Owner); err != nil {
		return world.Answer{}, err
	}
	w.Delete(c.Owner)
	return world.Done(), nil
}

func checkEmail(w *world.World, c *world.Call) (world.Answer, error) {
	existed := w.Find("User", c.Values.Get("email")) != nil
	return world.OK(world.Encode(map[string]bool{"existed_email": existed})), nil
}

func checkVanityName(w *world.World, c *world.Call) (world.Answer, error) {
	existed := ownerOfRoom(w, c.Values.Get("vanity_name")) != nil
	return world.OK(world.Encode(map[string]bool{"existed": existed})), nil
}

// ownerOfRoom returns whose personal link ends in a name, nil for nobody's.
func ownerOfRoom(w *world.World, name string) *world.Record {
	for _, p := range w.All("User") {
		if strings.EqualFold(w.Text(p, "vanity_url"), vanityURL(name)) {
			return p
		}
	}
	return nil
}

func permissions(w *world.World, c *world.Call) (world.Answer, error) {
	role := w.Find("Role", w.Text(c.Owner, "role_id"))
	return world.OK(world.Encode(map[string]json.RawMessage{"permissions": w.Raw(role, "privileges")})), nil
}

// getToken makes up a token, always the same of a user and kind.
func (z *Zoom) getToken(_ *world.World, c *world.Call) (world.Answer, error) {
	kind := cmp.Or(c.Values.Get("type"), "token")
	return world.OK(world.Encode(map[string]string{"token": kind + "." + z.source.ID("user token", c.Owner.ID, kind)})), nil
}

// ownZAK is the token of whose own token it is. No user stands behind one of the account's credentials.
func (z *Zoom) ownZAK(w *world.World, c *world.Call) (world.Answer, error) {
	own := w.Find("User", c.User)
	if own == nil {
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 1001, "User does not exist: me.")
	}
	return world.OK(world.Encode(map[string]string{"token": "zak." + z.source.ID("user token", own.ID, "zak")})), nil
}
