package zoom

import (
	"encoding/json"
	"net/http"
	"strings"

	"zoomgraph/internal/sandbox/world"
)

// The settings of which one at least is on in a secured account.
const (
	meetingPassword   = "meeting_security.meeting_password"
	waitingRoom       = "meeting_security.waiting_room"
	onlyAuthenticated = "meeting_security.only_authenticated_can_join_from_webclient"
)

// LockedSettings returns the settings that the account locks at the start, by
// users' names with dots: the same value for everybody, and a write that leaves
// it silently as it is.
func LockedSettings() []string {
	return []string{
		"in_meeting.e2e_encryption",
		"in_meeting.private_chat",
		"recording.auto_delete_cmr",
		"schedule_meeting.require_password_for_instant_meetings",
	}
}

// ladder returns the levels that the settings of what the path names come from.
func (z *Zoom) ladder(c *world.Call) ladder {
	switch own := c.Owner.Ext.(type) {
	case *person:
		return z.ladderOf(own, c.Mode.(*Mode).Rules)
	case *group:
		return ladder{own: &own.level, account: &z.own.level}
	default:
		return ladder{own: &c.Owner.Ext.(*accountRecord).level}
	}
}

// settingsIn returns the operation that answers settings of a type.
func (z *Zoom) settingsIn(tree string) operation {
	return func(_ *world.World, c *world.Call) (world.Answer, error) {
		v, err := z.viewOf(c, tree)
		if err != nil {
			return world.Answer{}, err
		}
		d := z.document(z.ladder(c), v)
		return world.OK(d.filter(c.Mode.(*Mode).FieldFilter, c.Values.Get("custom_query_fields"))), nil
	}
}

// changeIn returns the operation that writes settings of a type.
func (z *Zoom) changeIn(tree string) operation {
	return func(_ *world.World, c *world.Call) (world.Answer, error) {
		v, err := z.viewOf(c, tree)
		if err != nil {
			return world.Answer{}, err
		}
		body, err := c.Object()
		if err != nil {
			return world.Answer{}, err
		}
		change := change{written: map[*world.Node][]byte{}}
		change.view(v, body)
		if len(change.refused) > 0 {
			return world.Answer{}, world.Invalid(change.refused...)
		}
		z.store(z.ladder(c), v, change)
		return world.Done(), nil
	}
}

// viewOf returns the view that the parameter option names.
func (z *Zoom) viewOf(c *world.Call, tree string) (*view, error) {
	option := c.Values.Get("option")
	v := z.trees[tree][option]
	if v == nil {
		return nil, world.Refuse(http.StatusBadRequest, 300, "Invalid value of query parameter option: %q.", option)
	}
	return v, nil
}

// store applies a change to a ladder's first level, but for what is locked above
// or not part of a user's licence, which keeps its value silently.
func (z *Zoom) store(l ladder, v *view, c change) {
	own := l.own
	for n, value := range c.written {
		switch {
		case v.locks:
			own.locked[n.Key] = string(value) == "true"
		case !l.locked(z.source, n) && !own.absent(z.source, sectionOf(n.Path)):
			own.written[n.Key] = value
		}
	}
	for _, option := range c.options {
		z.changeOption(l, v, option)
	}
	if !v.locks {
		z.keepSecured(l, v)
	}
	z.changed(own)
}

// changed makes documents true again after a write to a level: the level's own,
// and those of all below it.
func (z *Zoom) changed(l *level) {
	l.forget()
	if l.person == nil {
		z.version++
	}
}

func sectionOf(path string) string {
	section, _, _ := strings.Cut(path, ".")
	return section
}

// keepSecured switches the waiting room on where the view has passcode, waiting
// room and sign-in, and all three are off.
func (z *Zoom) keepSecured(l ladder, v *view) {
	var room *world.Node
	guards := 0
	for _, leaf := range v.leaves {
		switch leaf.Path {
		case waitingRoom:
			room = leaf
		case meetingPassword, onlyAuthenticated:
		default:
			continue
		}
		guards++
		w := &writer{source: z.source, ladder: l}
		w.value(leaf)
		if string(w.out) == "true" {
			return
		}
	}
	if guards == 3 {
		l.own.written[room.Key] = json.RawMessage("true")
	}
}
