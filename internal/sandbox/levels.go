package sandbox

import (
	"slices"
	"strings"
	"sync"
)

// level is whose settings there are: a user, a group or an account. What nobody
// has written is made up: an account says something of everything, and groups
// and users follow it but for what they deviate in.
type level struct {
	voice  string          // seeds what is the level's own
	person *person         // whose level it is; nil for a group or an account
	odd    map[string]bool // of a group: the keys in which it deviates

	written map[string][]byte // settings by key, as JSON
	locked  map[string]bool   // what those below cannot change, by key

	mu        sync.Mutex // of what follows, which reading calls fill
	documents map[*view]*document
}

func newLevel(voice string) level {
	return level{voice: voice, written: map[string][]byte{}, locked: map[string]bool{}}
}

// accountVoice seeds the values of the account.
const accountVoice = "account"

// number returns the number behind a value of the level's own.
func (l *level) number(s source, path string) uint64 {
	if l.voice == accountVoice {
		return s.at(l.voice, path)
	}
	return mix(s.at(l.voice, path))
}

// deviates tells whether the level does not follow the one above: one user in
// ten does not.
func (l *level) deviates(s source, n *node) bool {
	if l.person == nil {
		return l.odd[n.key]
	}
	return n.path != meetingPassword && s.at(l.voice, n.key)%10 == 0
}

// locksOut tells whether the level locks a setting, or what it is part of.
func (l *level) locksOut(key string) bool {
	if len(l.locked) == 0 {
		return false
	}
	for at := len(key); at > 0; at = strings.LastIndexByte(key[:at], '.') {
		if l.locked[key[:at]] {
			return true
		}
	}
	return false
}

// absent tells what Zoom would leave out of the level's documents.
func (l *level) absent(s source, path string) bool {
	switch {
	case l.person == nil:
		return false
	case path == "schedule_meeting.pmi_password": // no passcode on the personal room
		return l.person.index > 0 && s.at(l.person.ID, path, "absent")%3 == 0
	case path == "audio_conferencing": // not part of the free licence
		return l.person.Type == userTypeBasic
	default:
		return false
	}
}

// forget drops the level's documents, which a write has made untrue.
func (l *level) forget() { l.documents = nil }

// ladder is a level and those above it: a user, the primary group if there is
// one, the account.
type ladder []*level

// lockedAbove tells whether a level above the first locks a setting.
func (l ladder) lockedAbove(key string) bool {
	return slices.ContainsFunc(l[1:], func(above *level) bool { return above.locksOut(key) })
}

// decide finds whose value of a setting holds for the first level, or whether
// it is the opposite of that value. The highest lock wins, then whoever has
// written, then whoever deviates; a boolean deviates by being the opposite of
// what it would follow.
func (l ladder) decide(s source, n *node) (voice *level, opposite bool) {
	lowest := 0
	for i := len(l) - 1; i > 0 && lowest == 0; i-- {
		if l[i].locksOut(n.key) {
			lowest = i
		}
	}
	for _, voice = range l[lowest:] {
		if _, found := voice.written[n.key]; found {
			return voice, opposite
		}
		switch {
		case !voice.deviates(s, n):
		case n.kind == boolean:
			opposite = !opposite
		default:
			return voice, opposite
		}
	}
	return voice, opposite
}
