package zoom

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"zoomgraph/internal/sandbox/world"
)

// contactsEach is how many of the account's users somebody has among their contacts.
const contactsEach = 12

// outsiders are contacts of other accounts.
var outsiders = [][2]string{{"Émilie", "du Châtelet"}, {"Maria", "Mitchell"}, {"Sofia", "Kovalevskaya"}}

// contacts adds the contacts of people, and the account's directory.
func (z *Zoom) contacts(q *world.Quirks) {
	q.Things["ChatContact"] = world.Thing{Stands: "User", Seed: z.seedContacts, Resolve: resolveContact, Missing: noContact}
	q.Answers["GET /chat/users/me/contacts"] = listContacts
	q.Things["CompanyContact"] = world.Thing{
		Stands: "User", Seed: z.seedDirectory,
		Drawn: map[string]func(*world.World, *world.Record) any{
			"contact_type": func(*world.World, *world.Record) any { return zoomUser },
			"user_status":  func(w *world.World, r *world.Record) any { return w.Text(w.Find("User", r.ID), "status") },
		},
		Computed: map[string]func(*world.World, *world.Record) any{
			"im_group_id": func(w *world.World, r *world.Record) any {
				if group := imGroupOf(w, r.ID); group != nil {
					return group.ID
				}
				return nil
			},
			"im_group_name": func(w *world.World, r *world.Record) any {
				if group := imGroupOf(w, r.ID); group != nil {
					return w.Text(group, "name")
				}
				return nil
			},
		},
		Filters: map[string]func(*world.World, *world.Record, string) bool{
			"contact_types": func(_ *world.World, _ *world.Record, kind string) bool { return kind == strconv.Itoa(zoomUser) },
		},
	}
}

// zoomUser is the number of the only kind of contact that the directory has: users of the account.
const zoomUser = 1

var noContact = world.Missing{Status: http.StatusNotFound, Code: 1001, Text: "The contact does not exist: %s."}

// external is the Ext of contacts of other accounts.
const external = "external"

// seedContacts makes those that all have, among whom each one has all others.
func (z *Zoom) seedContacts(w *world.World, _ *world.Record) []*world.Record {
	var out []*world.Record
	for _, user := range w.First("User") {
		if len(out) < contactsEach && w.Text(user, "status") == Active {
			out = append(out, world.Known(user.ID, nil))
		}
	}
	for i, name := range outsiders {
		r := world.Known(z.source.ID("outsider", strconv.Itoa(i)), map[string]any{
			"first_name": name[0], "last_name": name[1], "email": "contact" + strconv.Itoa(i) + "@example.org",
		})
		r.Ext = external
		out = append(out, r)
	}
	return out
}

// seedDirectory makes a contact of each user who has signed in once.
func (z *Zoom) seedDirectory(w *world.World, _ *world.Record) []*world.Record {
	var out []*world.Record
	for _, user := range w.First("User") {
		if w.Text(user, "status") != pending {
			out = append(out, world.Known(user.ID, nil))
		}
	}
	return out
}

// tokenUser is whose token a call has, where the path says "me" and nobody else can be meant.
func tokenUser(w *world.World, c *world.Call) (*world.Record, error) {
	if user := w.Find("User", c.User); user != nil {
		return user, nil
	}
	return nil, world.Refuse(http.StatusNotFound, 1001, "User does not exist: me.")
}

// contactsOf are somebody's.
func contactsOf(w *world.World, user *world.Record) []*world.Record {
	return slices.DeleteFunc(slices.Clone(w.All("ChatContact")), func(r *world.Record) bool {
		return r.ID == user.ID || r.Ext != external && w.Find("User", r.ID) == nil
	})
}

// listContacts answers those of the person's own account, or those of others.
func listContacts(w *world.World, c *world.Call) (world.Answer, error) {
	user, err := tokenUser(w, c)
	if err != nil {
		return world.Answer{}, err
	}
	return w.ListOf(c, slices.DeleteFunc(contactsOf(w, user), func(r *world.Record) bool {
		return (r.Ext == external) != (c.Values.Get("type") == external)
	}))
}

// resolveContact finds one of the person's own, by id, e-mail address or member id; nil for none.
func resolveContact(w *world.World, c *world.Call, name string) (*world.Record, error) {
	user, err := tokenUser(w, c)
	if err != nil {
		return nil, err
	}
	for _, r := range contactsOf(w, user) {
		if name == r.ID || strings.EqualFold(name, w.Text(r, "email")) || name == w.Text(r, "member_id") {
			return r, nil
		}
	}
	return nil, nil
}

// imGroupOf is the first IM group that a user is in; nil for none.
func imGroupOf(w *world.World, user string) *world.Record {
	r := w.Find("User", user)
	if r == nil {
		return nil
	}
	for _, id := range w.Texts(r, "im_group_ids") {
		if group := w.Find("ImGroup", id); group != nil {
			return group
		}
	}
	return nil
}
