package sandbox

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Where a user stands.
const (
	active   = "active"
	inactive = "inactive"
	pending  = "pending" // invited: neither detail nor settings
)

const (
	userTypeBasic    = 1
	userTypeLicensed = 2
)

// listedUser is a user as the list brings it.
type listedUser struct {
	ID                string            `json:"id,omitempty"`
	FirstName         string            `json:"first_name"`
	LastName          string            `json:"last_name"`
	DisplayName       string            `json:"display_name"`
	Email             string            `json:"email"`
	Type              int               `json:"type"`
	PMI               int64             `json:"pmi,omitempty"`
	Timezone          string            `json:"timezone"`
	Verified          int               `json:"verified"`
	Dept              string            `json:"dept"`
	CreatedAt         string            `json:"created_at"`
	UserCreatedAt     string            `json:"user_created_at"`
	LastLoginTime     string            `json:"last_login_time,omitempty"`
	LastClientVersion string            `json:"last_client_version,omitempty"`
	GroupIDs          []string          `json:"group_ids"`
	DivisionIDs       []string          `json:"division_ids"`
	IMGroupIDs        []string          `json:"im_group_ids"`
	CustomAttributes  []customAttribute `json:"custom_attributes,omitempty"` // in a list when asked for
	HostKey           string            `json:"host_key,omitempty"`          // in a list when asked for
	EmployeeUniqueID  string            `json:"employee_unique_id"`
	PlanUnitedType    string            `json:"plan_united_type,omitempty"`
	LicenseInfoList   []license         `json:"license_info_list"`
	RoleID            string            `json:"role_id"`
	Status            string            `json:"status"`
}

// license is a licence of a user with the subscription that it comes from.
type license struct {
	Type         string `json:"license_type"`
	Option       int64  `json:"license_option"`
	Subscription string `json:"subscription_id"`
}

// detailedUser is a user as the detail operation brings it.
type detailedUser struct {
	listedUser
	AccountID          string        `json:"account_id"`
	AccountNumber      int64         `json:"account_number"`
	Cluster            string        `json:"cluster"`
	CMSUserID          string        `json:"cms_user_id"`
	Company            string        `json:"company"`
	CostCenter         string        `json:"cost_center"`
	JID                string        `json:"jid"`
	JobTitle           string        `json:"job_title"`
	Language           string        `json:"language"`
	Location           string        `json:"location"`
	LoginType          int           `json:"login_type"`
	LoginTypes         []int         `json:"login_types"`
	Manager            string        `json:"manager,omitempty"`
	PersonalMeetingURL string        `json:"personal_meeting_url"`
	PhoneCountry       string        `json:"phone_country"`
	PhoneNumber        string        `json:"phone_number"`
	PhoneNumbers       []phoneNumber `json:"phone_numbers"`
	PicURL             string        `json:"pic_url,omitempty"`
	Pronouns           string        `json:"pronouns,omitempty"`
	PronounsOption     int           `json:"pronouns_option"`
	RoleName           string        `json:"role_name"`
	UsePMI             bool          `json:"use_pmi"`
	VanityURL          string        `json:"vanity_url,omitempty"`
	ZoomOneType        int           `json:"zoom_one_type"`
}

type customAttribute struct {
	Key   string `json:"key"`
	Name  string `json:"name"`
	Value string `json:"value"`
}

type phoneNumber struct {
	Code     string `json:"code"`
	Country  string `json:"country"`
	Label    string `json:"label"`
	Number   string `json:"number"`
	Verified bool   `json:"verified"`
}

// person is one user of the account.
type person struct {
	detailedUser
	level
	index      int       // the place in the list at the start
	assistants []*person // who can schedule for the user
	confidants []*person // of these, who can see and change what is private
}

// directory is the account's people, in the order of the list operation.
type directory struct {
	all    []*person
	byName map[string]*person // by id, and by e-mail in lower case
}

// newDirectory makes up n active users, and behind them the few others that every account has.
func newDirectory(src source, account string, n int) *directory {
	d := &directory{byName: map[string]*person{}}
	for i := range n + max(3, n*3/50) {
		u := newUser(src, i, statusOf(i, n))
		u.AccountID = account
		d.add(u)
	}
	for i := 8; i+1 < n; i += 10 {
		d.all[i].assistants = []*person{d.all[i+1]}
	}
	return d
}

// add takes somebody in.
func (d *directory) add(u detailedUser) *person {
	p := &person{detailedUser: u, level: newLevel(u.ID), index: len(d.all)}
	p.person = p
	d.all = append(d.all, p)
	d.byName[p.ID], d.byName[strings.ToLower(p.Email)] = p, p
	return p
}

// remove takes somebody out, also from among others' assistants.
func (d *directory) remove(p *person) {
	is := func(other *person) bool { return other == p }
	d.all = slices.DeleteFunc(d.all, is)
	for _, other := range d.all {
		other.assistants = slices.DeleteFunc(other.assistants, is)
	}
	delete(d.byName, p.ID)
	delete(d.byName, strings.ToLower(p.Email))
}

// rename gives somebody another e-mail address.
func (d *directory) rename(p *person, email string) {
	delete(d.byName, strings.ToLower(p.Email))
	p.Email = email
	d.byName[strings.ToLower(email)] = p
}

// find returns whom an id or e-mail address names, nil for nobody.
func (d *directory) find(name string) *person {
	if p := d.byName[name]; p != nil {
		return p
	}
	if strings.Contains(name, "@") {
		return d.byName[strings.ToLower(name)]
	}
	return nil
}

// statusOf tells where the user at a place of the list stands: behind the active ones a third are pending.
func statusOf(i, activeUsers int) string {
	switch {
	case i < activeUsers:
		return active
	case (i-activeUsers)%3 == 2:
		return pending
	default:
		return inactive
	}
}

// roleOf returns the id of a user's role: the first user owns the account.
func roleOf(i int) string {
	switch {
	case i == 0:
		return ownerRole
	case i%60 == 7:
		return adminRole
	default:
		return memberRole
	}
}

// newUser makes up the user at a place of the list.
func newUser(src source, i int, status string) detailedUser {
	at := func(what string) uint64 { return src.at("user", strconv.Itoa(i), what) }
	first, last, email := nameOf(i)
	role := roleOf(i)
	created := instant(at("created"), epoch, 5*365)
	u := detailedUser{
		listedUser: listedUser{
			ID: idOf(at("id")), FirstName: first, LastName: last, DisplayName: first + " " + last, Email: email,
			Type: userTypeLicensed, PlanUnitedType: "1", Status: status, RoleID: role,
			CreatedAt: created, UserCreatedAt: created,
			Dept:     pick(at("dept"), "Engineering", "Sales", "Support", "Finance", "Research & Development", "People"),
			Timezone: pick(at("timezone"), "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Europe/London", "America/Sao_Paulo"),
			GroupIDs: groupsOf(src, at("groups")), IMGroupIDs: []string{src.id("im group", strconv.FormatUint(at("im")%2, 10))},
			DivisionIDs:      []string{src.id("division", strconv.FormatUint(at("division")%2, 10))},
			LicenseInfoList:  []license{{"ZOOM_WORKPLACE_BUNDLE", pick(at("license"), int64(16), 4_398_046_511_104), src.id("subscription")}},
			EmployeeUniqueID: "E-" + digits(at("employee"), 6), HostKey: digits(at("host key"), 6),
			CustomAttributes: []customAttribute{{Key: src.id("attribute"), Name: "Badge", Value: digits(at("badge"), 4)}},
		},
		AccountNumber: ownAccountNumber, Cluster: "us06", CMSUserID: digits(at("cms"), 7),
		Company: "Analytical Engines", CostCenter: "CC-" + digits(at("cost"), 3),
		JobTitle: pick(at("title"), "Engineer", "Analyst", "Account Manager", "Designer", "Team Lead"),
		Language: pick(at("language"), "en-US", "de-DE", "jp-JP", "pt-PT"),
		Location: pick(at("location"), "Zürich", "New York", "東京", "London", "São Paulo"),
	}
	if i > 0 && at("type")%10 < 3 {
		u.Type, u.PlanUnitedType, u.LicenseInfoList = userTypeBasic, "", []license{}
	}
	if i > 0 {
		_, _, u.Manager = nameOf(i / 8)
	}
	if u.Status != pending {
		u.moveIn(at)
	}
	return u
}

// moveIn adds what a user has from the first sign-in on.
func (u *detailedUser) moveIn(at func(what string) uint64) {
	u.PMI = newPMI(at("pmi"))
	u.Verified = min(1, int(at("verified")%8))
	u.LastLoginTime = instant(at("login"), epoch.AddDate(6, 0, 0), 365)
	u.LastClientVersion = pick(at("client"), "6.2.5.48876(win)", "6.2.5.4467(mac)", "5.17.11.3835(linux)", "6.2.6.21222(android)")
	u.JID, u.PersonalMeetingURL = jidOf(u.ID), roomOf(u.PMI)
	u.UsePMI = at("use pmi")%3 == 0
	u.LoginType = pick(at("sign-in"), 100, 101, 101, 1)
	u.LoginTypes = []int{u.LoginType}
	u.PhoneNumbers = []phoneNumber{{
		Code: "+1", Country: "US", Label: pick(at("label"), "Mobile", "Office", "Home"),
		Number: "55501" + digits(at("phone"), 5), Verified: at("phone")%4 > 0,
	}}
	u.PhoneCountry, u.PhoneNumber = "US", "+1 "+u.PhoneNumbers[0].Number
	u.Pronouns = pick(at("pronouns"), "she/her", "he/him", "they/them", "")
	u.PronounsOption = int(at("pronouns option")%3) + 1
	u.ZoomOneType = pick(at("one"), 0, 16)
	if at("picture")%3 > 0 {
		u.PicURL = "https://example.zoom.us/p/v2/" + u.ID
	}
	if u.Type == userTypeLicensed && at("vanity")%5 == 0 {
		u.VanityURL = vanityURL(strings.ToLower(u.FirstName))
	}
}

func newPMI(h uint64) int64 { return int64(1_000_000_000 + h%9_000_000_000) }

func jidOf(id string) string { return strings.ToLower(id) + "@xmpp.zoom.us" }

func roomOf(pmi int64) string { return fmt.Sprintf("https://example.zoom.us/j/%d", pmi) }

func vanityURL(name string) string { return "https://example.zoom.us/my/" + name }

// groupsOf puts most people in one of three groups, some in none or in two.
func groupsOf(src source, h uint64) []string {
	out := []string{}
	for i := range int(h%8+5) / 6 { // 1 in 8 none, 1 in 8 two
		out = append(out, groupID(src, int((h>>8+uint64(i))%3)))
	}
	return out
}
