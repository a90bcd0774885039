package sandbox

import (
	"encoding/json"
	"net/http"
	"strings"
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
func (c *call) ladder(w *world) ladder {
	switch {
	case c.person != nil:
		return w.ladder(c.person, c.regime.rules)
	case c.group != nil:
		return ladder{own: &c.group.level, account: &w.account.level}
	default:
		return ladder{own: &c.account.level}
	}
}

// settingsIn returns the operation that answers settings of a type.
func settingsIn(tree string) operation {
	return func(s *Server, c *call) (answer, error) {
		v, err := s.viewOf(c, tree)
		if err != nil {
			return answer{}, err
		}
		d := s.document(c.ladder(s.world), v)
		return ok(d.filter(c.regime.FieldFilter, c.values.Get("custom_query_fields"))), nil
	}
}

// changeIn returns the operation that writes settings of a type.
func changeIn(tree string) operation {
	return func(s *Server, c *call) (answer, error) {
		v, err := s.viewOf(c, tree)
		if err != nil {
			return answer{}, err
		}
		body, err := c.object()
		if err != nil {
			return answer{}, err
		}
		change := change{written: map[*node][]byte{}}
		change.view(v, body)
		if len(change.refused) > 0 {
			return answer{}, invalid(change.refused...)
		}
		s.store(c.ladder(s.world), v, change)
		return done(), nil
	}
}

// viewOf returns the view that the parameter option names.
func (s *Server) viewOf(c *call, tree string) (*view, error) {
	option := c.values.Get("option")
	v := s.trees[tree][option]
	if v == nil {
		return nil, refuse(http.StatusBadRequest, 300, "Invalid value of query parameter option: %q.", option)
	}
	return v, nil
}

// store applies a change to a ladder's first level, but for what is locked above
// or not part of a user's licence, which keeps its value silently.
func (s *Server) store(l ladder, v *view, c change) {
	own := l.own
	for n, value := range c.written {
		switch {
		case v.locks:
			own.locked[n.key] = string(value) == "true"
		case !l.locked(s.source, n) && !own.absent(s.source, sectionOf(n.path)):
			own.written[n.key] = value
		}
	}
	for _, option := range c.options {
		s.changeOption(l, v, option)
	}
	if !v.locks {
		s.keepSecured(l, v)
	}
	s.changed(own)
}

// changed makes documents true again after a write to a level: the level's own,
// and those of all below it.
func (s *Server) changed(l *level) {
	l.forget()
	if l.person == nil {
		s.world.version++
	}
}

func sectionOf(path string) string {
	section, _, _ := strings.Cut(path, ".")
	return section
}

// keepSecured switches the waiting room on where the view has passcode, waiting
// room and sign-in, and all three are off.
func (s *Server) keepSecured(l ladder, v *view) {
	var room *node
	guards := 0
	for _, leaf := range v.leaves {
		switch leaf.path {
		case waitingRoom:
			room = leaf
		case meetingPassword, onlyAuthenticated:
		default:
			continue
		}
		guards++
		w := &writer{source: s.source, ladder: l}
		w.value(leaf)
		if string(w.out) == "true" {
			return
		}
	}
	if guards == 3 {
		l.own.written[room.key] = json.RawMessage("true")
	}
}
