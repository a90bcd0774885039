package zoom

import (
	"net/http"
	"strconv"

	"zoomgraph/internal/sandbox/world"
)

// ownAccountNumber is the number of the account that tokens are for.
const ownAccountNumber = 40_012_345

// accountRecord is an account as a level of settings: that of the users, or a sub
// account of it.
type accountRecord struct {
	*world.Record
	level
	plans planSet // what it has subscribed to, where that has changed
}

func (z *Zoom) accounts(q *world.Quirks) {
	q.Things["Account"] = world.Thing{
		Seed:    z.seedAccounts,
		Resolve: z.resolveAccount,
		Missing: world.Missing{Status: http.StatusNotFound, Code: 2001, Text: "Account does not exist: %s."},
		Enter: func(r *world.Record) {
			r.Ext = &accountRecord{Record: r, level: newLevel(r.ID)}
		},
		Computed: map[string]func(*world.World, *world.Record) any{"owner_email": ownerEmail},
		Filters: map[string]func(*world.World, *world.Record, string) bool{
			"email":           func(w *world.World, r *world.Record, email string) bool { return w.Text(r, "owner_email") == email },
			"phone_number":    none,
			"sub_reseller_id": none,
		},
	}
	q.Things["ManagedDomain"] = world.Thing{Seed: z.seedDomains}
	q.Answers["POST /accounts"] = createAccount
	q.Checks["DELETE /accounts/{accountId}"] = z.isSubAccount
	q.Answers["PUT /accounts/{accountId}/owner"] = z.updateOwner
	q.Answers["GET /accounts/{accountId}/trusted_domains"] = z.trustedDomains
}

// IsOwn tells whether a name is that of the account itself.
func (z *Zoom) IsOwn(name string) bool { return name == "me" || name == z.options.AccountID }

// SubAccount tells whether there is a sub account of that id, and how many people
// it has.
func (z *Zoom) SubAccount(id string) (seats int, ok bool) {
	z.world.Alone(func() {
		if r := z.world.Find("Account", id); r != nil && r != z.own.Record {
			seats, _ = strconv.Atoi(z.text(r, "seats"))
			seats, ok = max(seats, 1), true
		}
	})
	return seats, ok
}

// none of the sub accounts has a phone number or is below a reseller.
func none(*world.World, *world.Record, string) bool { return false }

// ownAccount makes the account of the users.
func (z *Zoom) ownAccount() *accountRecord {
	values := accountValues("Analytical Engines", ownAccountNumber)
	values["seats"], values["account_type"] = z.options.Users+max(3, z.options.Users*3/50), "Enterprise"
	values["owner_id"] = z.userID(0)
	values["vanity_url"] = "https://example.zoom.us"
	own := z.world.Loose("Account", "/accounts", world.Known(z.options.AccountID, values)).Ext.(*accountRecord)
	own.level = newLevel(accountVoice)
	for _, path := range LockedSettings() {
		own.locked[":"+path] = true
	}
	return own
}

// seedAccounts makes two sub accounts.
func (z *Zoom) seedAccounts(*world.World, *world.Record) []*world.Record {
	var out []*world.Record
	for i, name := range []string{"Difference Engines", "Jacquard Looms"} {
		values := accountValues(name, ownAccountNumber+1+i)
		values["owner_id"], values["owner_email"] = z.source.ID("sub owner", strconv.Itoa(i)), world.Pick(uint64(i), "charles@example.net", "joseph@example.net")
		values["seats"] = 10 * (i + 1)
		out = append(out, world.Known(z.subAccountID(i), values))
	}
	return out
}

// subAccountID is the id of a sub account of the start.
func (z *Zoom) subAccountID(i int) string { return z.source.ID("sub account", strconv.Itoa(i)) }

func accountValues(name string, number int) map[string]any {
	return map[string]any{
		"account_name": name, "account_number": strconv.Itoa(number), "account_type": "Business", "created_at": world.Timestamp(world.Epoch),
		"subscription_start_time": world.Timestamp(world.Epoch), "subscription_end_time": world.Timestamp(world.Epoch.AddDate(10, 0, 0)),
		"vanity_url": "", "reseller": false, "bulk_license": false,
		"options": map[string]any{
			"billing_auto_renew": false, "meeting_connector_list": []string{}, "pay_mode": "master",
			"room_connector_list": []string{}, "share_mc": false, "share_rc": false,
			"resource_meeting_connector_list": []string{}, "resource_meeting_hybrid_list": []string{},
			"resource_share_mc": false, "resource_share_mh": false,
		},
	}
}

// resolveAccount finds the account of an id; "me" is the one of the users.
func (z *Zoom) resolveAccount(w *world.World, _ *world.Call, name string) (*world.Record, error) {
	if z.IsOwn(name) {
		return z.own.Record, nil
	}
	return w.Find("Account", name), nil
}

// ownerEmail is the address that the owner has now, of whom there is as a user.
func ownerEmail(w *world.World, r *world.Record) any {
	if owner := w.Find("User", w.Text(r, "owner_id")); owner != nil {
		return w.Text(owner, "email")
	}
	return r.Raw("owner_email")
}

func createAccount(w *world.World, c *world.Call) (world.Answer, error) {
	var body struct {
		Email       string         `json:"email"`
		AccountName string         `json:"account_name"`
		Options     map[string]any `json:"options"`
	}
	c.Decode(&body)
	if err := emailFree(w, body.Email, "email"); err != nil {
		return world.Answer{}, err
	}
	for _, a := range w.All("Account") {
		if w.Text(a, "owner_email") == body.Email {
			return world.Answer{}, world.Refuse(http.StatusConflict, 1005, "Account already exists: %s.", body.Email)
		}
	}
	values := accountValues(body.AccountName, ownAccountNumber+101+len(w.All("Account")))
	values["created_at"], values["subscription_start_time"] = world.Timestamp(c.Now), world.Timestamp(c.Now)
	values["subscription_end_time"] = world.Timestamp(c.Now.AddDate(1, 0, 0))
	values["owner_id"], values["owner_email"], values["seats"] = w.NewID("owner"), body.Email, 1
	for name, value := range body.Options {
		values["options"].(map[string]any)[name] = value
	}
	_, answer, err := w.Make(c, values)
	return answer, err
}

func (z *Zoom) isSubAccount(_ *world.World, c *world.Call) error {
	if c.Owner == z.own.Record {
		return world.Refuse(http.StatusNotFound, 2000, "Account is no sub account: %s.", c.Owner.ID)
	}
	return nil
}

// updateOwner makes another user the owner, and the owner an administrator. Of a
// sub account nobody knows the users.
func (z *Zoom) updateOwner(w *world.World, c *world.Call) (world.Answer, error) {
	var body struct {
		Email string `json:"email"`
	}
	c.Decode(&body)
	a := c.Owner
	if a != z.own.Record {
		a.Set("owner_id", z.source.ID("sub owner", body.Email))
		a.Set("owner_email", body.Email)
		return world.Done(), nil
	}
	heir := w.Find("User", body.Email)
	if heir == nil || w.Text(heir, "status") != Active {
		return world.Answer{}, world.Refuse(http.StatusNotFound, 3201, "User is not in this account: %s.", body.Email)
	}
	if owner := w.Find("User", w.Text(a, "owner_id")); owner != nil {
		owner.Set("role_id", adminRole)
	}
	heir.Set("role_id", ownerRole)
	a.Set("owner_id", heir.ID)
	return world.Done(), nil
}

func (z *Zoom) seedDomains(_ *world.World, of *world.Record) []*world.Record {
	if of != z.own.Record {
		return nil
	}
	return []*world.Record{world.Known("", map[string]any{"domain": "example.com", "status": "verified"})}
}

func (z *Zoom) trustedDomains(_ *world.World, c *world.Call) (world.Answer, error) {
	trusted := []string{}
	if c.Owner == z.own.Record {
		trusted = []string{"example.com", "example.org"}
	}
	return world.OK(world.Encode(map[string][]string{"trusted_domains": trusted})), nil
}
