package sandbox

import (
	"cmp"
	"encoding/json"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// userList is the answer of the list operation.
type userList struct {
	page
	Users []listedUser `json:"users"`
}

func (s *Server) listUsers(c *call) (answer, error) {
	status, role, license := cmp.Or(c.values.Get("status"), active), c.values.Get("role_id"), c.values.Get("license")
	var all []*person
	for _, p := range s.world.people.all {
		if p.Status == status && (role == "" || p.RoleID == role) && (license == "" || s.licensed(p, license)) {
			all = append(all, p)
		}
	}
	fields := c.values.Get("include_fields")
	head, some, err := pageOf(s, c, all, status, role, license, fields)
	if err != nil {
		return answer{}, err
	}
	out := userList{page: head, Users: []listedUser{}}
	for _, p := range some {
		out.Users = append(out.Users, p.listed(fields))
	}
	return ok(encode(out)), nil
}

// licensed tells whether a user has a licence of a name: one in four has.
func (s *Server) licensed(p *person, name string) bool {
	return p.Type == userTypeLicensed && s.source.at("user", p.ID, name)%4 == 0
}

// listed returns the user as a list with these include_fields brings it: without an id while they have not accepted the
// invitation.
func (p *person) listed(include string) listedUser {
	u := p.listedUser
	if u.Status == pending {
		u.ID = ""
	}
	if !strings.Contains(include, "custom_attributes") {
		u.CustomAttributes = nil
	}
	if !strings.Contains(include, "host_key") {
		u.HostKey = ""
	}
	return u
}

func (s *Server) getUser(c *call) (answer, error) {
	u := c.person.detailedUser
	u.RoleName = s.world.role(u.RoleID).Name
	return ok(encode(u)), nil
}

// newcomer is the body that creates a user.
type newcomer struct {
	Action string `json:"action"`
	Info   struct {
		Email           string    `json:"email"`
		Type            int       `json:"type"`
		FirstName       string    `json:"first_name"`
		LastName        string    `json:"last_name"`
		DisplayName     string    `json:"display_name"`
		PlanUnitedType  string    `json:"plan_united_type"`
		DivisionIDs     []string  `json:"division_ids"`
		LicenseInfoList []license `json:"license_info_list"`
		Feature         struct {
			ZoomOneType int `json:"zoom_one_type"`
		} `json:"feature"`
	} `json:"user_info"`
}

// createdUser is the answer to it.
type createdUser struct {
	Email     string `json:"email"`
	FirstName string `json:"first_name"`
	ID        string `json:"id"`
	LastName  string `json:"last_name"`
	Type      int    `json:"type"`
}

func (s *Server) createUser(c *call) (answer, error) {
	var body newcomer
	c.decode(&body)
	if err := s.world.checkEmail(body.Info.Email, "user_info.email"); err != nil {
		return answer{}, err
	}
	p := s.world.people.add(s.world.newcomer(body, c.now))
	return created(encode(createdUser{ID: p.ID, Email: p.Email, FirstName: p.FirstName, LastName: p.LastName, Type: p.Type})), nil
}

// checkEmail refuses an address that is none, or somebody's.
func (w *world) checkEmail(email, field string) error {
	if at := strings.LastIndexByte(email, '@'); at < 1 || at == len(email)-1 {
		return invalid(fieldRefusal{Field: field, Message: "Invalid field: expected an e-mail address."})
	}
	if w.people.find(email) != nil {
		return refuse(http.StatusConflict, 1005, "User already in the account: %s.", email)
	}
	return nil
}

// newcomer makes a user: invited, unless the action is one that needs no invitation.
func (w *world) newcomer(body newcomer, now time.Time) detailedUser {
	info := body.Info
	u := detailedUser{
		listedUser: listedUser{
			ID: w.newID("user"), Email: info.Email, FirstName: info.FirstName, LastName: info.LastName,
			DisplayName: cmp.Or(info.DisplayName, strings.TrimSpace(info.FirstName+" "+info.LastName)),
			Type:        info.Type, PlanUnitedType: info.PlanUnitedType, Status: pending, RoleID: memberRole,
			CreatedAt: timestamp(now), UserCreatedAt: timestamp(now), GroupIDs: []string{}, IMGroupIDs: []string{},
			DivisionIDs: append([]string{}, info.DivisionIDs...), LicenseInfoList: append([]license{}, info.LicenseInfoList...),
		},
		AccountID: w.account.ID, AccountNumber: ownAccountNumber, Cluster: "us06", ZoomOneType: info.Feature.ZoomOneType,
		LoginTypes: []int{}, PhoneNumbers: []phoneNumber{},
	}
	if body.Action != "create" {
		u.Status = active
		u.PMI = newPMI(w.source.at("user", u.ID, "pmi"))
		u.JID, u.PersonalMeetingURL = jidOf(u.ID), roomOf(u.PMI)
	}
	return u
}

// userChange is what a change of a user holds beside fields of the user.
type userChange struct {
	GroupID          string            `json:"group_id"`
	VanityName       string            `json:"vanity_name"`
	PMI              string            `json:"pmi"`
	CustomAttributes []customAttribute `json:"custom_attributes"`
}

func (s *Server) updateUser(c *call) (answer, error) {
	var body userChange
	c.decode(&body)
	u := c.person.detailedUser
	u.CustomAttributes, u.PhoneNumbers, u.DivisionIDs, u.LicenseInfoList = nil, nil, nil, nil // not to be decoded into
	fields := edit(c.body, []string{"pmi"}, nil)
	if err := json.Unmarshal(fields, &u); err != nil {
		return answer{}, err
	}
	if u.PhoneNumbers == nil {
		u.PhoneNumbers = c.person.PhoneNumbers
	}
	if u.DivisionIDs == nil {
		u.DivisionIDs = c.person.DivisionIDs
	}
	if u.LicenseInfoList == nil {
		u.LicenseInfoList = c.person.LicenseInfoList
	}
	u.CustomAttributes = withAttributes(c.person.CustomAttributes, body.CustomAttributes)
	if err := s.world.apply(body, c.person, &u); err != nil {
		return answer{}, err
	}
	c.person.detailedUser = u
	c.person.forget() // licence and group decide about settings
	return done(), nil
}

// apply makes the changes that are more than a field of the user.
func (w *world) apply(body userChange, p *person, u *detailedUser) error {
	if body.GroupID != "" {
		if w.group(body.GroupID) == nil {
			return noGroup(body.GroupID)
		}
		u.GroupIDs = withFirst(u.GroupIDs, body.GroupID)
	}
	if body.VanityName != "" {
		if owner := w.ownerOfRoom(body.VanityName); owner != nil && owner != p {
			return invalid(fieldRefusal{Field: "vanity_name", Message: "Invalid field: it is somebody else's."})
		}
		u.VanityURL = vanityURL(body.VanityName)
	}
	if body.PMI != "" {
		pmi, err := strconv.ParseInt(body.PMI, 10, 64)
		if err != nil || len(body.PMI) != 10 || pmi < 1_000_000_000 {
			return invalid(fieldRefusal{Field: "pmi", Message: "Invalid field: expected 10 digits."})
		}
		u.PMI, u.PersonalMeetingURL = pmi, roomOf(pmi)
	}
	return nil
}

// withAttributes returns attributes with the values of some of them changed, or added.
func withAttributes(old, changes []customAttribute) []customAttribute {
	out := slices.Clone(old)
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

func (s *Server) deleteUser(c *call) (answer, error) {
	if err := notTheOwner(c.person); err != nil {
		return answer{}, err
	}
	if heir := c.values.Get("transfer_email"); heir != "" && s.world.people.find(heir) == nil {
		return answer{}, noUser(heir)
	}
	s.world.people.remove(c.person)
	return done(), nil
}

func notTheOwner(p *person) error {
	if p.RoleID == ownerRole {
		return refuse(http.StatusBadRequest, 200, "No permission: %s owns the account.", p.Email)
	}
	return nil
}

func (s *Server) updateEmail(c *call) (answer, error) {
	var body struct {
		Email string `json:"email"`
	}
	c.decode(&body)
	if s.world.people.find(body.Email) != c.person {
		if err := s.world.checkEmail(body.Email, "email"); err != nil {
			return answer{}, err
		}
	}
	s.world.people.rename(c.person, body.Email)
	if c.person.RoleID == ownerRole {
		s.world.account.OwnerEmail = body.Email
	}
	return done(), nil
}

func (s *Server) updateStatus(c *call) (answer, error) {
	var body struct {
		Action string `json:"action"`
	}
	c.decode(&body)
	switch body.Action {
	case "clock_in", "clock_out": // working time, which no operation answers
		return done(), nil
	case "activate":
		c.person.Status = active
		return done(), nil
	}
	if err := notTheOwner(c.person); err != nil {
		return answer{}, err
	}
	c.person.Status = inactive
	return done(), nil
}

// switchAccount moves a user to another account, where the sandbox has no users.
func (s *Server) switchAccount(c *call) (answer, error) {
	var body struct {
		AccountID string `json:"account_id"`
	}
	c.decode(&body)
	to := s.world.accountNamed(body.AccountID)
	switch to {
	case nil:
		return answer{}, refuse(http.StatusNotFound, 2001, "Account does not exist: %s.", body.AccountID)
	case s.world.account:
		return answer{}, invalid(fieldRefusal{Field: "account_id", Message: "Invalid field: expected another account."})
	}
	if err := notTheOwner(c.person); err != nil {
		return answer{}, err
	}
	s.world.people.remove(c.person)
	return done(), nil
}

// acknowledge answers a write that leaves nothing to read.
func acknowledge(*Server, *call) (answer, error) { return done(), nil }

func (s *Server) checkUserEmail(c *call) (answer, error) {
	existed := s.world.people.find(c.values.Get("email")) != nil
	return ok(encode(map[string]bool{"existed_email": existed})), nil
}

func (s *Server) checkVanityName(c *call) (answer, error) {
	existed := s.world.ownerOfRoom(c.values.Get("vanity_name")) != nil
	return ok(encode(map[string]bool{"existed": existed})), nil
}

// ownerOfRoom returns whose personal link ends in a name, nil for nobody's.
func (w *world) ownerOfRoom(name string) *person {
	for _, p := range w.people.all {
		if strings.EqualFold(p.VanityURL, vanityURL(name)) {
			return p
		}
	}
	return nil
}

func (s *Server) getPermissions(c *call) (answer, error) {
	return ok(encode(map[string][]string{"permissions": s.world.role(c.person.RoleID).Privileges})), nil
}

// getToken makes up a token, always the same of a user and kind.
func (s *Server) getToken(c *call) (answer, error) {
	kind := cmp.Or(c.values.Get("type"), "token")
	return ok(encode(map[string]string{"token": kind + "." + s.source.id("user token", c.person.ID, kind)})), nil
}

// getOwnZAK refuses: no user stands behind a token of the account's credentials.
func (s *Server) getOwnZAK(*call) (answer, error) {
	return answer{}, refuse(http.StatusBadRequest, 1001, "User does not exist: me.")
}
