package sandbox

import (
	"cmp"
	"net/http"
	"slices"
)

// The roles that every account has, and that nobody can change.
const (
	ownerRole  = "0"
	adminRole  = "1"
	memberRole = "2"
)

// common is the type of roles that are none of Zoom IQ.
const common = "common"

// role is what its users may do. Who has it, the users know.
type role struct {
	listedRole
	Privileges           []string             `json:"privileges"`
	SubAccountPrivileges subAccountPrivileges `json:"sub_account_privileges"`
	PrivilegeScopes      []privilegeScope     `json:"privilege_scopes"`
}

// listedRole is a role as the list brings it.
type listedRole struct {
	Description  string `json:"description"`
	ID           string `json:"id"`
	Name         string `json:"name"`
	TotalMembers int    `json:"total_members"` // set where it is answered
	Type         string `json:"type"`
}

type subAccountPrivileges struct {
	SecondLevel int `json:"second_level"` // 1: view, 2: change
}

// privilegeScope says that a privilege holds for some groups only. Nobody can write one.
type privilegeScope struct {
	PermissionID string   `json:"permission_id"`
	GroupIDs     []string `json:"group_ids"`
}

func newRoles(src source) []*role {
	built := func(id, name, description string, level int, privileges ...string) *role {
		return &role{listedRole{ID: id, Name: name, Description: description, Type: common}, privileges, subAccountPrivileges{level}, []privilegeScope{}}
	}
	admin := []string{
		"AccountProfile:Read", "AccountSetting:Edit", "AccountSetting:Read", "Group:Edit", "Group:Read",
		"Role:Read", "User:Edit", "User:Read",
	}
	owner := append(slices.Clone(admin), "Billing:Edit", "Billing:Read", "Role:Edit", "SubAccount:Edit", "SubAccount:Read")
	roles := []*role{
		built(ownerRole, "Owner", "Owns the account.", 2, owner...),
		built(adminRole, "Admin", "Runs the account.", 1, admin...),
		built(memberRole, "Member", "Uses the account.", 0, "Profile:Edit", "Profile:Read"),
	}
	roles[1].PrivilegeScopes = []privilegeScope{{PermissionID: "Group:Edit", GroupIDs: []string{groupID(src, 0)}}}
	return roles
}

func (w *world) role(id string) *role {
	if i := slices.IndexFunc(w.roles, func(r *role) bool { return r.ID == id }); i >= 0 {
		return w.roles[i]
	}
	return nil
}

// counted returns a role with the number of its members.
func (w *world) counted(r *role) role {
	out := *r
	for _, p := range w.people.all {
		if p.RoleID == r.ID {
			out.TotalMembers++
		}
	}
	return out
}

func (s *Server) listRoles(c *call) (answer, error) {
	out := struct {
		Roles        []listedRole `json:"roles"`
		TotalRecords int          `json:"total_records"`
	}{Roles: []listedRole{}}
	for _, r := range s.world.roles {
		if r.Type == cmp.Or(c.values.Get("type"), common) {
			out.Roles = append(out.Roles, s.world.counted(r).listedRole)
		}
	}
	out.TotalRecords = len(out.Roles)
	return ok(encode(out)), nil
}

func (s *Server) getRole(c *call) (answer, error) {
	return ok(encode(s.world.counted(c.role))), nil
}

func (s *Server) createRole(c *call) (answer, error) {
	r := &role{listedRole: listedRole{Type: common}, Privileges: []string{}, PrivilegeScopes: []privilegeScope{}}
	if err := s.changeRole(c, r); err != nil {
		return answer{}, err
	}
	r.ID = s.world.newID("role")
	s.world.roles = append(s.world.roles, r)
	return created(encode(s.world.counted(r))), nil
}

func (s *Server) updateRole(c *call) (answer, error) {
	if err := notBuiltIn(c.role); err != nil {
		return answer{}, err
	}
	return done(), s.changeRole(c, c.role)
}

// changeRole writes the body to a role, whose name no other may have.
func (s *Server) changeRole(c *call, r *role) error {
	changed := *r
	changed.Privileges = nil // not to be decoded into
	c.decode(&changed)
	if changed.Privileges == nil {
		changed.Privileges = r.Privileges
	}
	if changed.Name == "" {
		return invalid(fieldRefusal{Field: "name", Message: "Invalid field: expected a name."})
	}
	taken := func(other *role) bool { return other != r && other.Name == changed.Name }
	if slices.ContainsFunc(s.world.roles, taken) {
		return refuse(http.StatusConflict, 300, "A role of this name exists: %s.", changed.Name)
	}
	*r = changed
	return nil
}

func notBuiltIn(r *role) error {
	if slices.Contains([]string{ownerRole, adminRole, memberRole}, r.ID) {
		return refuse(http.StatusConflict, 300, "The role %s cannot be changed or deleted.", r.Name)
	}
	return nil
}

func (s *Server) deleteRole(c *call) (answer, error) {
	if err := notBuiltIn(c.role); err != nil {
		return answer{}, err
	}
	s.world.roles = slices.DeleteFunc(s.world.roles, func(r *role) bool { return r == c.role })
	for _, p := range s.world.people.all {
		if p.RoleID == c.role.ID {
			p.RoleID = memberRole
		}
	}
	return done(), nil
}

func (s *Server) roleMembers(c *call) (answer, error) {
	return s.members(c, func(p *person) bool { return p.RoleID == c.role.ID })
}

// addRoleMembers gives users a role in place of theirs. Who owns the account is
// for another operation to change.
func (s *Server) addRoleMembers(c *call) (answer, error) {
	var body struct {
		Members []reference `json:"members"`
	}
	c.decode(&body)
	people, err := s.world.peopleNamed(body.Members)
	if err != nil {
		return answer{}, err
	}
	if c.role.ID == ownerRole {
		return answer{}, refuse(http.StatusConflict, 300, "The role %s cannot be given.", c.role.Name)
	}
	for _, p := range people {
		if err := notTheOwner(p); err != nil {
			return answer{}, err
		}
	}
	for _, p := range people {
		p.RoleID = c.role.ID
	}
	return created(encode(added{IDs: idsOf(people), AddAt: timestamp(c.now)})), nil
}

// deleteRoleMember takes a role from a user, who is a plain member then.
func (s *Server) deleteRoleMember(c *call) (answer, error) {
	name := c.vars["memberId"]
	p := s.world.people.find(name)
	if p == nil || p.RoleID != c.role.ID {
		return answer{}, noUser(cmp.Or(name, c.role.Name))
	}
	if err := notTheOwner(p); err != nil {
		return answer{}, err
	}
	p.RoleID = memberRole
	return done(), nil
}
