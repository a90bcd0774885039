package zoom

import (
	"net/http"
	"net/url"
	"slices"

	"zoomgraph/internal/sandbox/world"
)

// common is the type of roles that are none of Zoom IQ.
const common = "common"

// The roles that every account has, and that nobody can change.
const (
	ownerRole  = "0"
	adminRole  = "1"
	memberRole = "2"
)

func (z *Zoom) roles(q *world.Quirks) {
	q.Things["Role"] = world.Thing{
		Seed: z.seedRoles,
		New: map[string]any{
			"type": common, "description": "", "privileges": []string{}, "sub_account_privileges": map[string]int{"second_level": 0},
			"privilege_scopes": []string{},
		},
		Missing:  world.Missing{Status: http.StatusBadRequest, Code: 300, Text: "Role does not exist: %s."},
		Unique:   "name",
		Conflict: world.Missing{Status: http.StatusConflict, Code: 300, Text: "A role of this name exists: %s."},
		Gone: func(w *world.World, gone *world.Record) {
			for _, p := range w.All("User") {
				if w.Text(p, "role_id") == gone.ID {
					p.Set("role_id", memberRole)
				}
			}
		},
	}
	q.Defaults["GET /roles"] = url.Values{"type": {common}}
	q.Checks["POST /roles"] = hasName
	q.Checks["PATCH /roles/{roleId}"] = func(w *world.World, c *world.Call) error {
		if err := notBuiltIn(w, c); err != nil {
			return err
		}
		return hasName(w, c)
	}
	q.Checks["DELETE /roles/{roleId}"] = notBuiltIn
	q.Answers["POST /roles/{roleId}/members"] = giveRole
	q.Answers["DELETE /roles/{roleId}/members/{memberId}"] = takeRole
	q.Missing["/roles/{roleId}/members/{memberId}"] = noUser
}

func (z *Zoom) seedRoles(*world.World, *world.Record) []*world.Record {
	admin := []string{
		"AccountProfile:Read", "AccountSetting:Edit", "AccountSetting:Read", "Group:Edit", "Group:Read",
		"Role:Read", "User:Edit", "User:Read",
	}
	owner := append(slices.Clone(admin), "Billing:Edit", "Billing:Read", "Role:Edit", "SubAccount:Edit", "SubAccount:Read")
	inOneGroup := map[string]any{"permission_id": "Group:Edit", "group_ids": []string{groupID(z.source, 0)}}
	return []*world.Record{
		builtIn(ownerRole, "Owner", "Owns the account.", 2, owner...),
		builtIn(adminRole, "Admin", "Runs the account.", 1, admin...).Tell("privilege_scopes", []any{inOneGroup}),
		builtIn(memberRole, "Member", "Uses the account.", 0, "Profile:Edit", "Profile:Read"),
	}
}

// builtIn makes a role that every account has; level 1 is to view sub accounts, 2
// to change them.
func builtIn(id, name, description string, level int, privileges ...string) *world.Record {
	r := world.Known(id, map[string]any{
		"name": name, "description": description, "type": common, "privileges": privileges,
		"sub_account_privileges": map[string]int{"second_level": level},
	})
	return r.Tell("privilege_scopes", []any{}) // which say that a privilege holds for some groups only
}

func notBuiltIn(w *world.World, c *world.Call) error {
	if slices.Contains([]string{ownerRole, adminRole, memberRole}, c.Owner.ID) {
		return world.Refuse(http.StatusConflict, 300, "The role %s cannot be changed or deleted.", w.Text(c.Owner, "name"))
	}
	return nil
}

// hasName refuses a name that is empty.
func hasName(_ *world.World, c *world.Call) error {
	body, _ := world.Members(c.Body)
	if name, said := world.Lookup(body, "name"); said && string(name) == `""` {
		return world.Invalid(world.NotA("name", "a name"))
	}
	return nil
}

// giveRole gives users a role in place of theirs. Who owns the account is for
// another operation to change.
func giveRole(w *world.World, c *world.Call) (world.Answer, error) {
	people, err := usersIn(w, c, "members")
	if err != nil {
		return world.Answer{}, err
	}
	if c.Owner.ID == ownerRole {
		return world.Answer{}, world.Refuse(http.StatusConflict, 300, "The role %s cannot be given.", w.Text(c.Owner, "name"))
	}
	for _, p := range people {
		if err := notTheOwner(w, p); err != nil {
			return world.Answer{}, err
		}
	}
	return w.Do(c)
}

// takeRole takes a role from a user, who is a plain member then.
func takeRole(w *world.World, c *world.Call) (world.Answer, error) {
	if err := notTheOwner(w, c.Owner); err != nil {
		return world.Answer{}, err
	}
	c.Owner.Set("role_id", memberRole)
	return world.Done(), nil
}
