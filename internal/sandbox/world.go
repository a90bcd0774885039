package sandbox

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// world is everything that the API can change. It is made of the seed alone, and
// made anew to take all writes back. What it holds may be read by GETs at the
// same time, and changed only by one operation that runs alone.
type world struct {
	source  source
	account *account // the one that tokens are for
	subs    []*account
	people  *directory
	groups  []*group
	roles   []*role
	made    int // how many things were created
	version int // counts the writes that documents of others than the one written to depend on
}

func (s *Server) newWorld() *world {
	id := cmp.Or(s.options.AccountID, s.source.id("account"))
	w := &world{source: s.source, people: newDirectory(s.source, id, s.options.Users), groups: newGroups(s.source, s.trees), roles: newRoles(s.source)}
	w.account, w.subs = newAccounts(s.source, id, w.people.all)
	return w
}

// newID returns an id that nothing has yet.
func (w *world) newID(kind string) string {
	w.made++
	return w.source.id("made", kind, strconv.Itoa(w.made))
}

// ladder returns the levels that a user's settings come from.
func (w *world) ladder(p *person, rules *Rules) ladder {
	l := ladder{own: &p.level, account: &w.account.level, rules: rules}
	for _, id := range p.GroupIDs {
		if g := w.group(id); g != nil {
			l.groups = append(l.groups, g)
		}
	}
	return l
}

// locate finds what the path names, or the refusal to answer with.
func (w *world) locate(c *call) error {
	if id, named := c.vars["accountId"]; named {
		if c.account = w.accountNamed(id); c.account == nil {
			return refuse(http.StatusNotFound, 2001, "Account does not exist: %s.", id)
		}
	}
	if id, named := c.vars["groupId"]; named {
		if c.group = w.group(id); c.group == nil {
			return noGroup(id)
		}
	}
	if id, named := c.vars["roleId"]; named {
		if c.role = w.role(id); c.role == nil {
			return refuse(http.StatusBadRequest, 300, "Role does not exist: %s.", id)
		}
	}
	if name, named := c.vars["userId"]; named {
		return w.locateUser(c, name)
	}
	return nil
}

// locateUser finds whom the path names, if that is somebody of the account with
// details and settings: an invitation can only be taken back.
func (w *world) locateUser(c *call, name string) error {
	switch {
	case name == "me" && c.user == "":
		return refuse(http.StatusBadRequest, 4700, "A token of account_credentials does not support the user \"me\".")
	case name == "me":
		name = c.user
	}
	c.person = w.people.find(name)
	switch {
	case c.person == nil:
		return noUser(name)
	case c.account != nil && c.account != w.account:
		return refuse(http.StatusNotFound, 1010, "User does not belong to this account: %s.", name)
	case c.person.Status == pending && c.route.name() != "DELETE /users/{userId}":
		return refuse(http.StatusBadRequest, 1120, "This user has not accepted the invitation to the account.")
	}
	return nil
}

func noUser(name string) *refusal {
	return refuse(http.StatusNotFound, 1001, "User does not exist: %s.", name)
}

func noGroup(id string) *refusal {
	return refuse(http.StatusNotFound, 4130, "Group does not exist: %s.", id)
}

// reference names a user in a body, by one of the two.
type reference struct {
	ID    string `json:"id"`
	Email string `json:"email"`
}

// peopleNamed returns those whom a body names, all or none.
func (w *world) peopleNamed(references []reference) ([]*person, error) {
	if len(references) == 0 {
		return nil, refuse(http.StatusBadRequest, 300, "The list of users is empty.")
	}
	var out []*person
	for _, r := range references {
		name := cmp.Or(r.ID, r.Email)
		p := w.people.find(name)
		if p == nil {
			return nil, noUser(name)
		}
		if !slices.Contains(out, p) {
			out = append(out, p)
		}
	}
	return out, nil
}

// idsOf joins the ids of people with commas.
func idsOf(people []*person) string {
	ids := make([]string, len(people))
	for i, p := range people {
		ids[i] = p.ID
	}
	return strings.Join(ids, ",")
}

// timestamp writes a time as Zoom does.
func timestamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }
