package zoom

import (
	"strings"

	"zoomgraph/internal/sandbox/world"
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

	documents map[*view]*document // as rendered last
}

func newLevel(voice string) level {
	return level{voice: voice, written: map[string][]byte{}, locked: map[string]bool{}}
}

// accountVoice seeds the values of the account.
const accountVoice = "account"

// number returns the number behind a value of the level's own.
func (l *level) number(s world.Source, path string) uint64 {
	if l.voice == accountVoice {
		return s.At(l.voice, path)
	}
	return world.Mix(s.At(l.voice, path))
}

// deviates tells whether the level does not follow the one above: one user in
// ten does not.
func (l *level) deviates(s world.Source, n *world.Node) bool {
	if l.person == nil {
		return l.odd[n.Key]
	}
	return n.Path != meetingPassword && s.At(l.voice, n.Key)%10 == 0
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
func (l *level) absent(s world.Source, path string) bool {
	switch {
	case l.person == nil:
		return false
	case path == "schedule_meeting.pmi_password": // no passcode on the personal room
		return !l.person.first && s.At(l.person.ID, path, "absent")%3 == 0
	case path == "audio_conferencing": // not part of the free licence
		return l.person.isBasic()
	default:
		return false
	}
}

// forget drops the level's documents, which a write has made untrue.
func (l *level) forget() { l.documents = nil }

// ladder is a level and those above it: a person, the person's groups, the
// account; or a group and the account; or the account alone.
type ladder struct {
	own     *level
	groups  []*group // of a person, the primary one first
	account *level   // nil where own is one
	rules   *Rules   // for persons
}

// word returns the levels that have a say about a setting, the one that speaks
// first in front. A lock silences all below it.
func (l ladder) word(s world.Source, n *world.Node) []*level {
	switch {
	case l.account == nil:
		return []*level{l.own}
	case l.account.locksOut(n.Key):
		return []*level{l.account}
	}
	which, locked := l.group(s, n)
	switch {
	case which == nil:
		return []*level{l.own, l.account}
	case locked:
		return []*level{&which.level, l.account}
	}
	return []*level{l.own, &which.level, l.account}
}

// group returns the group that has a say about a setting of a person, nil for
// none, and whether it locks the setting for that person.
func (l ladder) group(s world.Source, n *world.Node) (which *group, locked bool) {
	if len(l.groups) == 0 {
		return nil, false
	}
	section, name, whole := settingOf(n.Key)
	says := make([]GroupSays, len(l.groups))
	for i, g := range l.groups {
		says[i] = GroupSays{ID: g.ID, Name: g.name(), Locks: g.locksOut(n.Key), Value: g.ID}
		if says[i].Locks && whole {
			w := &writer{source: s, ladder: ladder{own: &g.level, account: l.account}}
			w.value(n)
			says[i].Value = string(w.out)
		}
	}
	at, locked := l.rules.Say(section, name, n.Restrictive, says)
	if at < 0 {
		return nil, false
	}
	return l.groups[at], locked
}

// settingOf returns the section and the name of the setting that a key is of, or
// else is a part of. Where a view has no sections, it is one.
func settingOf(key string) (section, name string, whole bool) {
	option, path, _ := strings.Cut(key, ":")
	if first, _, below := strings.Cut(path, "."); option != "" && (first != option || !below) {
		path = option + "." + path
	}
	section, name, _ = strings.Cut(path, ".")
	name, _, below := strings.Cut(name, ".")
	return section, name, !below
}

// locked tells whether a level above the first one keeps it from changing a
// setting.
func (l ladder) locked(s world.Source, n *world.Node) bool { return l.word(s, n)[0] != l.own }

// decide finds whose value of a setting holds for the first level, or whether
// it is the opposite of that value. Of those that have a say it is the first who
// has written or deviates; a boolean deviates by being the opposite of what it
// would follow.
func (l ladder) decide(s world.Source, n *world.Node) (voice *level, opposite bool) {
	return heard(s, n, l.word(s, n))
}

func heard(s world.Source, n *world.Node, levels []*level) (voice *level, opposite bool) {
	for _, voice = range levels {
		if _, found := voice.written[n.Key]; found {
			return voice, opposite
		}
		switch {
		case !voice.deviates(s, n):
		case n.Kind == world.Boolean:
			opposite = !opposite
		default:
			return voice, opposite
		}
	}
	return voice, opposite
}
