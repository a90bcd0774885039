package sandbox

import (
	"net/http"
	"slices"
	"strconv"
)

// ownAccountNumber is the number of the account that tokens are for.
const ownAccountNumber = 40_012_345

// account is an account: that of the users, or a sub account of it.
type account struct {
	level `json:"-"`
	listedAccount
	OwnerID   string         `json:"owner_id"`
	VanityURL string         `json:"vanity_url"`
	Options   accountOptions `json:"options"`

	managed []managedDomain
	trusted []string
}

// listedAccount is an account as the list of sub accounts brings it.
type listedAccount struct {
	AccountName           string `json:"account_name"`
	AccountNumber         string `json:"account_number"`
	AccountType           string `json:"account_type"`
	CreatedAt             string `json:"created_at"`
	ID                    string `json:"id"`
	OwnerEmail            string `json:"owner_email"`
	Seats                 int    `json:"seats"`
	SubscriptionStartTime string `json:"subscription_start_time"`
	SubscriptionEndTime   string `json:"subscription_end_time"`
	Reseller              bool   `json:"reseller"`
	BulkLicense           bool   `json:"bulk_license"`
}

type accountOptions struct {
	BillingAutoRenew     bool     `json:"billing_auto_renew"`
	MeetingConnectorList []string `json:"meeting_connector_list"`
	PayMode              string   `json:"pay_mode"`
	RoomConnectorList    []string `json:"room_connector_list"`
	ShareMC              bool     `json:"share_mc"`
	ShareRC              bool     `json:"share_rc"`

	ResourceMeetingConnectorList []string `json:"resource_meeting_connector_list"`
	ResourceMeetingHybridList    []string `json:"resource_meeting_hybrid_list"`
	ResourceShareMC              bool     `json:"resource_share_mc"`
	ResourceShareMH              bool     `json:"resource_share_mh"`
}

type managedDomain struct {
	Domain string `json:"domain"`
	Status string `json:"status"`
}

// newAccounts makes the account of the people, and two sub accounts.
func newAccounts(src source, id string, people []*person) (own *account, subs []*account) {
	own = newAccount(id, "Analytical Engines", ownAccountNumber, accountVoice)
	own.Seats, own.AccountType = len(people), "Enterprise"
	own.OwnerID, own.OwnerEmail = people[0].ID, people[0].Email
	own.VanityURL = "https://example.zoom.us"
	own.managed = []managedDomain{{"example.com", "verified"}}
	own.trusted = []string{"example.com", "example.org"}
	for _, path := range LockedSettings() {
		own.locked[":"+path] = true
	}
	for i, name := range []string{"Difference Engines", "Jacquard Looms"} {
		subID := src.id("sub account", strconv.Itoa(i))
		sub := newAccount(subID, name, ownAccountNumber+1+i, subID)
		sub.OwnerID, sub.OwnerEmail = src.id("sub owner", strconv.Itoa(i)), pick(uint64(i), "charles@example.net", "joseph@example.net")
		sub.Seats = 10 * (i + 1)
		subs = append(subs, sub)
	}
	return own, subs
}

func newAccount(id, name string, number int, voice string) *account {
	return &account{
		level: newLevel(voice),
		listedAccount: listedAccount{
			ID: id, AccountName: name, AccountNumber: strconv.Itoa(number), AccountType: "Business", CreatedAt: timestamp(epoch),
			SubscriptionStartTime: timestamp(epoch), SubscriptionEndTime: timestamp(epoch.AddDate(10, 0, 0)),
		},
		Options: newOptions(),
		managed: []managedDomain{}, trusted: []string{},
	}
}

func newOptions() accountOptions {
	return accountOptions{
		MeetingConnectorList: []string{}, RoomConnectorList: []string{}, PayMode: "master",
		ResourceMeetingConnectorList: []string{}, ResourceMeetingHybridList: []string{},
	}
}

// accountNamed returns the account that an id or "me" names, nil for none.
func (w *world) accountNamed(id string) *account {
	if id == "me" || id == w.account.ID {
		return w.account
	}
	if i := slices.IndexFunc(w.subs, func(a *account) bool { return a.ID == id }); i >= 0 {
		return w.subs[i]
	}
	return nil
}

// listAccounts answers the sub accounts, none of which has a phone number or is below a reseller.
func (s *Server) listAccounts(c *call) (answer, error) {
	email := c.values.Get("email")
	subs := slices.DeleteFunc(slices.Clone(s.world.subs), func(a *account) bool {
		return email != "" && a.OwnerEmail != email || c.values.Get("phone_number") != "" || c.values.Get("sub_reseller_id") != ""
	})
	head, some, err := pageOf(s, c, subs, email)
	if err != nil {
		return answer{}, err
	}
	out := struct {
		page
		Accounts []listedAccount `json:"accounts"`
	}{head, []listedAccount{}}
	for _, a := range some {
		out.Accounts = append(out.Accounts, a.listedAccount)
	}
	return ok(encode(out)), nil
}

func (s *Server) getAccount(c *call) (answer, error) { return ok(encode(c.account)), nil }

// createdAccount is the answer to the creation of a sub account.
type createdAccount struct {
	CreatedAt  string `json:"created_at"`
	ID         string `json:"id"`
	OwnerEmail string `json:"owner_email"`
	OwnerID    string `json:"owner_id"`
}

func (s *Server) createAccount(c *call) (answer, error) {
	var body struct {
		Email       string         `json:"email"`
		AccountName string         `json:"account_name"`
		Options     accountOptions `json:"options"`
	}
	body.Options = newOptions()
	c.decode(&body)
	if err := s.world.checkEmail(body.Email, "email"); err != nil {
		return answer{}, err
	}
	if slices.ContainsFunc(s.world.subs, func(a *account) bool { return a.OwnerEmail == body.Email }) {
		return answer{}, refuse(http.StatusConflict, 1005, "Account already exists: %s.", body.Email)
	}
	id := s.world.newID("account")
	a := newAccount(id, body.AccountName, ownAccountNumber+100+s.world.made, id)
	a.CreatedAt, a.SubscriptionStartTime, a.SubscriptionEndTime = timestamp(c.now), timestamp(c.now), timestamp(c.now.AddDate(1, 0, 0))
	a.OwnerID, a.OwnerEmail, a.Options, a.Seats = s.world.newID("owner"), body.Email, body.Options, 1
	s.world.subs = append(s.world.subs, a)
	return created(encode(createdAccount{CreatedAt: a.CreatedAt, ID: a.ID, OwnerEmail: a.OwnerEmail, OwnerID: a.OwnerID})), nil
}

func (s *Server) disassociateAccount(c *call) (answer, error) {
	if c.account == s.world.account {
		return answer{}, refuse(http.StatusNotFound, 2000, "Account is no sub account: %s.", c.account.ID)
	}
	s.world.subs = slices.DeleteFunc(s.world.subs, func(a *account) bool { return a == c.account })
	return done(), nil
}

func (s *Server) updateAccountOptions(c *call) (answer, error) {
	options := c.account.Options
	for _, list := range []*[]string{
		&options.MeetingConnectorList, &options.RoomConnectorList, &options.ResourceMeetingConnectorList, &options.ResourceMeetingHybridList,
	} {
		*list = slices.Clone(*list) // not to be decoded into
	}
	c.decode(&options)
	c.account.Options = options
	return done(), nil
}

// updateAccountOwner makes another user the owner, and the owner an
// administrator. Of a sub account nobody knows the users.
func (s *Server) updateAccountOwner(c *call) (answer, error) {
	var body struct {
		Email string `json:"email"`
	}
	c.decode(&body)
	if c.account != s.world.account {
		c.account.OwnerID, c.account.OwnerEmail = s.source.id("sub owner", body.Email), body.Email
		return done(), nil
	}
	heir := s.world.people.find(body.Email)
	if heir == nil || heir.Status != active {
		return answer{}, refuse(http.StatusNotFound, 3201, "User is not in this account: %s.", body.Email)
	}
	if owner := s.world.people.find(c.account.OwnerID); owner != nil {
		owner.RoleID = adminRole
	}
	heir.RoleID = ownerRole
	c.account.OwnerID, c.account.OwnerEmail = heir.ID, heir.Email
	return done(), nil
}

func (s *Server) listManagedDomains(c *call) (answer, error) {
	return ok(encode(struct {
		Domains      []managedDomain `json:"domains"`
		TotalRecords int             `json:"total_records"`
	}{c.account.managed, len(c.account.managed)})), nil
}

func (s *Server) listTrustedDomains(c *call) (answer, error) {
	return ok(encode(map[string][]string{"trusted_domains": c.account.trusted})), nil
}
