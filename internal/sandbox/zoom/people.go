package zoom

import (
	"fmt"
	"strconv"
	"strings"

	"zoomgraph/internal/sandbox/world"
)

// Where a user stands.
const (
	Active   = "active"
	inactive = "inactive"
	pending  = "pending" // invited: neither detail nor settings
)

const (
	userTypeBasic    = 1
	userTypeLicensed = 2
)

type customAttribute struct {
	Key   string `json:"key"`
	Name  string `json:"name"`
	Value string `json:"value"`
}

// license is a licence of a user with the subscription that it comes from.
type license struct {
	Type         string `json:"license_type"`
	Option       int64  `json:"license_option"`
	Subscription string `json:"subscription_id"`
}

type phoneNumber struct {
	Code     string `json:"code"`
	Country  string `json:"country"`
	Label    string `json:"label"`
	Number   string `json:"number"`
	Verified bool   `json:"verified"`
}

// person is one user of the account, as a level of settings.
type person struct {
	*world.Record
	level
	first bool // owns the account at the start
}

// enter makes a user a level of settings.
func (z *Zoom) enter(r *world.Record) {
	p := &person{Record: r, level: newLevel(r.ID), first: r.ID == z.userID(0)}
	p.person = p
	r.Ext = p
}

func (p *person) isBasic() bool { return string(p.Raw("type")) == strconv.Itoa(userTypeBasic) }

// standing is what decides which settings a person follows; "" of nobody.
func (p *person) standing() string {
	if p == nil {
		return ""
	}
	return string(p.Raw("type")) + string(p.Raw("group_ids"))
}

// person returns whom an id or e-mail address names, nil for nobody.
func (z *Zoom) person(name string) *person {
	if r := z.world.Find("User", name); r != nil {
		return r.Ext.(*person)
	}
	return nil
}

// ladderOf returns the levels that a user's settings come from.
func (z *Zoom) ladderOf(p *person, rules *Rules) ladder {
	l := ladder{own: &p.level, account: &z.own.level, rules: rules}
	for _, id := range groupsOf(z.world, p.Record) {
		if g := z.world.Find("Group", id); g != nil {
			l.groups = append(l.groups, g.Ext.(*group))
		}
	}
	return l
}

// User is somebody of the account.
type User struct{ ID, Email, Name, Status string }

// Users are all, in the order of the list operation.
func (z *Zoom) Users() []User {
	var out []User
	z.world.Alone(func() {
		for _, r := range z.world.All("User") {
			out = append(out, User{r.ID, z.text(r, "email"), z.text(r, "display_name"), z.text(r, "status")})
		}
	})
	return out
}

func (z *Zoom) text(r *world.Record, name string) string { return z.world.Text(r, name) }

// User returns the id of whom an id or e-mail address names, "" for nobody.
func (z *Zoom) User(name string) (id string) {
	z.world.Alone(func() {
		if r := z.world.Find("User", name); r != nil {
			id = r.ID
		}
	})
	return id
}

// SignIn returns account and id of an active user, "" for others.
func (z *Zoom) SignIn(name string) (account, id string) {
	z.world.Alone(func() {
		if r := z.world.Find("User", name); r != nil && z.text(r, "status") == Active {
			account, id = z.own.ID, r.ID
		}
	})
	return account, id
}

// seedUsers makes up the active users, and behind them the few others that every
// account has.
func (z *Zoom) seedUsers(*world.World, *world.Record) []*world.Record {
	n := z.options.Users
	out := make([]*world.Record, n+max(3, n*3/50))
	for i := range out {
		id := z.userID(i)
		first, last, email := world.NameOf(i)
		r := &world.Record{ID: id, Fill: func() []world.Member { return world.MembersOf(z.newUser(i, id, statusOf(i, n))) }}
		out[i] = r.Tell("email", email).Tell("display_name", first+" "+last).Tell("status", statusOf(i, n)).Tell("role_id", roleOf(i)).
			Tell("group_ids", startGroups(z.source, z.source.At("user", strconv.Itoa(i), "groups")))
	}
	return out
}

// userID is the id of the user at a place of the list.
func (z *Zoom) userID(i int) string { return world.IDOf(z.source.At("user", strconv.Itoa(i), "id")) }

// statusOf tells where the user at a place of the list stands: behind the active ones a third are pending.
func statusOf(i, activeUsers int) string {
	switch {
	case i < activeUsers:
		return Active
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

// newUser makes up what is left to know of the user at a place of the list.
func (z *Zoom) newUser(i int, id, status string) map[string]any {
	at := func(what string) uint64 { return z.source.At("user", strconv.Itoa(i), what) }
	first, last, _ := world.NameOf(i)
	created := world.Instant(at("created"), world.Epoch, 5*365)
	u := map[string]any{
		"first_name": first, "last_name": last, "type": userTypeLicensed, "plan_united_type": "1",
		"created_at": created, "user_created_at": created,
		"dept":               world.Pick(at("dept"), "Engineering", "Sales", "Support", "Finance", "Research & Development", "People"),
		"timezone":           world.Pick(at("timezone"), "Europe/Berlin", "America/New_York", "Asia/Tokyo", "Europe/London", "America/Sao_Paulo"),
		"im_group_ids":       []string{z.source.ID("im group", strconv.FormatUint(at("im")%2, 10))},
		"division_ids":       []string{z.source.ID("division", strconv.FormatUint(at("division")%2, 10))},
		"license_info_list":  []license{{"ZOOM_WORKPLACE_BUNDLE", world.Pick(at("license"), int64(16), 4_398_046_511_104), z.source.ID("subscription")}},
		"employee_unique_id": "E-" + world.Digits(at("employee"), 6), "host_key": world.Digits(at("host key"), 6),
		"custom_attributes": []customAttribute{{z.source.ID("attribute"), "Badge", world.Digits(at("badge"), 4)}},
		"account_id":        z.own.ID, "account_number": ownAccountNumber, "cluster": "us06", "cms_user_id": world.Digits(at("cms"), 7),
		"company": "Analytical Engines", "cost_center": "CC-" + world.Digits(at("cost"), 3),
		"job_title": world.Pick(at("title"), "Engineer", "Analyst", "Account Manager", "Designer", "Team Lead"),
		"language":  world.Pick(at("language"), "en-US", "de-DE", "jp-JP", "pt-PT"),
		"location":  world.Pick(at("location"), "Zürich", "New York", "東京", "London", "São Paulo"),
		"manager":   nil, "pmi": nil, "last_login_time": nil, "last_client_version": nil, "verified": 0,
		"pic_url": nil, "vanity_url": nil, "pronouns": nil,
	}
	if i > 0 && at("type")%10 < 3 {
		u["type"], u["plan_united_type"], u["license_info_list"] = userTypeBasic, nil, []license{}
	}
	if i > 0 {
		_, _, u["manager"] = world.NameOf(i / 8)
	}
	if status != pending {
		moveIn(u, id, at)
	}
	return u
}

// moveIn adds what a user has from the first sign-in on.
func moveIn(u map[string]any, id string, at func(what string) uint64) {
	pmi := newPMI(at("pmi"))
	u["pmi"], u["personal_meeting_url"], u["jid"] = pmi, roomOf(pmi), jidOf(id)
	u["verified"] = min(1, int(at("verified")%8))
	u["last_login_time"] = world.Instant(at("login"), world.Epoch.AddDate(6, 0, 0), 365)
	u["last_client_version"] = world.Pick(at("client"), "6.2.5.48876(win)", "6.2.5.4467(mac)", "5.17.11.3835(linux)", "6.2.6.21222(android)")
	u["use_pmi"] = at("use pmi")%3 == 0
	signIn := world.Pick(at("sign-in"), 100, 101, 101, 1)
	u["login_type"], u["login_types"] = signIn, []int{signIn}
	number := "55501" + world.Digits(at("phone"), 5)
	u["phone_numbers"] = []phoneNumber{{"+1", "US", world.Pick(at("label"), "Mobile", "Office", "Home"), number, at("phone")%4 > 0}}
	u["phone_country"], u["phone_number"] = "US", "+1 "+number
	if said := world.Pick(at("pronouns"), "she/her", "he/him", "they/them", ""); said != "" {
		u["pronouns"] = said
	}
	u["pronouns_option"] = int(at("pronouns option")%3) + 1
	u["zoom_one_type"] = world.Pick(at("one"), 0, 16)
	if at("picture")%3 > 0 {
		u["pic_url"] = "https://example.zoom.us/p/v2/" + id
	}
	if u["type"] == userTypeLicensed && at("vanity")%5 == 0 {
		u["vanity_url"] = vanityURL(strings.ToLower(fmt.Sprint(u["first_name"])))
	}
}

func newPMI(h uint64) int64 { return int64(1_000_000_000 + h%9_000_000_000) }

func jidOf(id string) string { return strings.ToLower(id) + "@xmpp.zoom.us" }

func roomOf(pmi int64) string { return fmt.Sprintf("https://example.zoom.us/j/%d", pmi) }

func vanityURL(name string) string { return "https://example.zoom.us/my/" + name }

// startGroups puts most people in one of three groups, some in none or in two.
func startGroups(src world.Source, h uint64) []string {
	out := []string{}
	for i := range int(h%8+5) / 6 { // 1 in 8 none, 1 in 8 two
		out = append(out, groupID(src, int((h>>8+uint64(i))%3)))
	}
	return out
}
