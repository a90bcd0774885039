// Package zoom is the embedded Zoom's chapters: what Zoom does otherwise than the
// program tells. All else package world does, so an operation that is not named
// here is none the less answered.
//
//	z, err := zoom.New(zoom.Options{Program: p, Users: 500})
//	…
//	answer, err := z.Perform(&zoom.Mode{…}, &world.Call{…})
//
// A chapter is a file with a function that adds to [world.Quirks]. Settings of
// users, groups and accounts have a file each for where values come from
// (levels.go, rules.go), how documents are cut (document.go) and what a PATCH
// means (change.go).
package zoom

import (
	"cmp"
	"net/url"
	"slices"
	"time"

	"zoomgraph/graph/program"
	"zoomgraph/internal/sandbox/world"
)

// Options say what the account is made of.
type Options struct {
	Program   *program.Program
	Source    world.Source
	Users     int       // active ones; some 6 % more are inactive or pending
	AccountID string    // one is made up where it is empty
	Now       time.Time // made-up times lie around its day
}

// Mode is how settings are answered.
type Mode struct {
	FieldFilter FieldFilter
	Rules       *Rules
}

// Zoom is one account with what hangs on it.
type Zoom struct {
	options Options
	source  world.Source
	world   *world.World
	trees   map[string]tree          // by the name of their type
	own     *accountRecord           // the one that tokens are for
	version int                      // counts the writes that documents of others than the one written to depend on
	changes map[string]dayCount      // of meetings, by the id of their host
	dropped map[string]*world.Record // meetings that can be brought back, by their number

	receptionists map[string]*world.Record // by id, which nothing lists
	chatted       map[string]*chat         // by the channel's id, or by those of two users
	structure     []string                 // of the locations of rooms, where it was set

	givenID     string                 // the account's id as it was given; "": it was not
	botMessages map[string]*botMessage // of the chatbot, by id
	sent        int                    // counts messages, which get their ids by that
}

// operation answers calls by rules of its own.
type operation = func(*world.World, *world.Call) (world.Answer, error)

// New makes the account. The error names what is wrong with the program.
func New(o Options) (*Zoom, error) {
	trees, err := settingsTrees.Of(o.Program, deriveTrees)
	if err != nil {
		return nil, err
	}
	givenID := o.AccountID
	o.AccountID = cmp.Or(o.AccountID, o.Source.ID("account"))
	z := &Zoom{givenID: givenID, options: o, source: o.Source, trees: trees, changes: map[string]dayCount{}, dropped: map[string]*world.Record{}, receptionists: map[string]*world.Record{}, chatted: map[string]*chat{}, botMessages: map[string]*botMessage{}}
	if z.world, err = world.New(world.Options{Program: o.Program, Source: o.Source, Quirks: z.quirks(), Now: o.Now}); err != nil {
		return nil, err
	}
	z.own = z.ownAccount()
	return z, nil
}

// quirks are those of all chapters. Later chapters are left out of a program that does not have
// them: what it calls a meeting may be another thing.
func (z *Zoom) quirks() world.Quirks {
	q := world.Quirks{
		Answers:  map[string]operation{},
		Checks:   map[string]func(*world.World, *world.Call) error{},
		Things:   map[string]world.Thing{},
		Missing:  map[string]world.Missing{},
		Defaults: map[string]url.Values{},
	}
	for _, chapter := range []func(*world.Quirks){z.users, z.assistants, z.settings, z.groups, z.roles, z.accounts, z.tracking, z.tsp} {
		chapter(&q)
	}
	for _, of := range []struct {
		chapter string
		add     func(*world.Quirks)
	}{
		{"Meetings", z.meetings},
		{"Webinars", z.webinars},
		{"Cloud Recording", z.recordings},
		{"Dashboards", z.dashboards},
		{"Reports", z.reports},
		{"SIP Connected Audio", z.sipAudio},
		{"Billing", z.billing},
		{"Devices", z.devices},
		{"SIP Phone", z.sipPhones},
		{"Phone Call Queues", z.phoneQueues},
		{"Phone Site", z.phoneSites},
		{"Rooms", z.rooms},
		{"Rooms Account", z.roomSettings},
		{"Chat Channels", z.chats},
		{"Phone", z.phoneUsers},
		{"Phone", z.telephony},
		{"Contacts", z.contacts},
		{"Chatbot Messages", z.chatbot},
		{"IM Chat", z.imChat},
		{"IM Groups", z.imGroups},
	} {
		if slices.ContainsFunc(z.options.Program.Chapters, func(c *program.Chapter) bool { return c.Name == of.chapter }) {
			of.add(&q)
		}
	}
	return q
}

// Reset takes back all writes.
func (z *Zoom) Reset() {
	z.world.Reset()
	z.world.Alone(func() {
		z.own = z.ownAccount()
		z.version++
		clear(z.changes)
		clear(z.dropped)
		clear(z.receptionists)
		clear(z.chatted)
		clear(z.botMessages)
		z.structure = nil
	})
}

// Operations are all that are answered.
func (z *Zoom) Operations() []*world.Operation { return z.world.Operations() }

// Download is the file at an address below [world.Downloads].
func (z *Zoom) Download(address string) (world.Answer, error) { return z.world.Download(address) }

// Perform answers a call. Its operation may be that of another account.
func (z *Zoom) Perform(mode *Mode, c *world.Call) (world.Answer, error) {
	c.Mode, c.Op = mode, z.world.Operation(c.Op.Op)
	return z.world.Perform(c)
}

// settings adds the settings of users, groups and accounts, and their locks.
func (z *Zoom) settings(q *world.Quirks) {
	for path, trees := range map[string][2]string{
		"/users/{userId}":       {userSettings, ""},
		"/groups/{groupId}":     {groupSettings, groupLocks},
		"/accounts/{accountId}": {accountSettings, accountLocks},
	} {
		q.Answers["GET "+path+"/settings"] = z.settingsIn(trees[0])
		q.Answers["PATCH "+path+"/settings"] = z.changeIn(trees[0])
		q.Answers["POST "+path+"/settings/virtual_backgrounds"] = z.uploadBackground(trees[0])
		q.Answers["DELETE "+path+"/settings/virtual_backgrounds"] = z.deleteBackgrounds(trees[0])
		if locks := trees[1]; locks != "" {
			q.Answers["GET "+path+"/lock_settings"] = z.settingsIn(locks)
			q.Answers["PATCH "+path+"/lock_settings"] = z.changeIn(locks)
		}
	}
}

// acknowledge answers a write that leaves nothing to read.
func acknowledge(*world.World, *world.Call) (world.Answer, error) { return world.Done(), nil }
