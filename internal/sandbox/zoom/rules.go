package zoom

import (
	"hash/fnv"
	"slices"
)

// GroupModel is how the groups of somebody who is in several of them decide.
type GroupModel string

// The models of Zoom's documents.
const (
	// ModelLegacy: the primary group decides, and what any group of the person
	// locks is locked. Of locks that differ the more restrictive one holds.
	ModelLegacy GroupModel = "legacy"
	// ModelRanked: groups have ranks, and each manages some settings. The highest
	// of the person's groups that manages a setting decides about it, locks
	// included; what none manages falls through to the account.
	ModelRanked GroupModel = "ranked"
)

// GroupRank is the place of a group.
type GroupRank struct {
	// Group is its id or its name.
	Group string `json:"group"`
	// Manages are sections, or settings as section.name; absent: all.
	Manages []string `json:"manages,omitempty"`
}

// Rules say which of somebody's groups decides. They are written after Zoom's
// documents, apart from the product's own, which tests compare with them.
type Rules struct {
	Model GroupModel
	// Ranks are in order, the highest first. Groups that are not among them come
	// behind and manage everything.
	Ranks []GroupRank
}

// GroupSays is the part that a group has in a setting.
type GroupSays struct {
	ID, Name string
	Locks    bool
	Value    string // as JSON; what is compared where locks differ
}

// Say returns the index of the group that decides, -1 for none, and whether by a
// lock. The first group is the primary one. restrictive is the setting's value
// that restricts most, "" where documents leave that open; then the order of
// values is made up.
func (r *Rules) Say(section, name, restrictive string, groups []GroupSays) (index int, locked bool) {
	if r.Model == ModelRanked {
		return r.highest(section, name, groups)
	}
	strictest, weight := -1, uint64(0)
	for i, g := range groups {
		if g.Locks {
			if w := strictness(section+"."+name, restrictive, g.Value); strictest < 0 || w > weight {
				strictest, weight = i, w
			}
		}
	}
	if strictest >= 0 {
		return strictest, true
	}
	return min(len(groups)-1, 0), false
}

// highest finds the group of the highest rank among those that manage a setting.
func (r *Rules) highest(section, name string, groups []GroupSays) (index int, locked bool) {
	index = -1
	best := len(r.Ranks) + 1
	for i, g := range groups {
		place := slices.IndexFunc(r.Ranks, func(rank GroupRank) bool { return rank.Group == g.ID || rank.Group == g.Name })
		if place < 0 {
			place = len(r.Ranks)
		} else if managed := r.Ranks[place].Manages; managed != nil && !slices.Contains(managed, section) && !slices.Contains(managed, section+"."+name) {
			continue
		}
		if place < best {
			index, best, locked = i, place, g.Locks
		}
	}
	return index, locked
}

// strictness orders the values of a setting: the most restrictive one weighs
// most, and where nobody knows which it is, some other.
func strictness(setting, restrictive, value string) uint64 {
	if restrictive != "" && (value == restrictive || value == `"`+restrictive+`"`) {
		return 1 << 63
	}
	h := fnv.New64a()
	_, _ = h.Write([]byte(setting + "=" + value))
	return h.Sum64() >> 1
}

// Holding is the value that holds for a user, and its world.Source.
type Holding struct {
	Value  string // as JSON
	Source string // user, group or account
	Group  string // the id of the group that it comes from
	Locked bool   // by the source
}

// Holds returns what holds of a setting for a user, by what really decides: what
// levels have written, not what they answer. option is the view, path has the
// names of users from the section down. ok is false for what there is not.
func (z *Zoom) Holds(mode *Mode, user, option, path string) (h Holding, ok bool) {
	z.world.Alone(func() { h, ok = z.holds(mode, user, option, path) })
	return h, ok
}

func (z *Zoom) holds(mode *Mode, user, option, path string) (h Holding, ok bool) {
	p, n := z.person(user), z.trees[userSettings].find(option, path)
	if p == nil || n == nil || p.absent(z.source, n.Path) || p.absent(z.source, sectionOf(n.Path)) {
		return h, false
	}
	l := z.ladderOf(p, mode.Rules)
	said := func(levels []*level) string {
		w := &writer{source: z.source, ladder: l}
		w.spoken(n, levels)
		return string(w.out)
	}
	levels := l.word(z.source, n)
	which, _ := l.group(z.source, n)
	h = Holding{Value: said(levels), Source: "user"}
	switch account := l.account; {
	case levels[0] == account:
		h.Source, h.Locked = "account", true
	case levels[0] != l.own:
		h.Source, h.Group, h.Locked = "group", which.ID, true
	case h.Value != said(levels[1:]): // what would hold without a word of the user's
	case which != nil && said(levels[1:]) != said([]*level{account}):
		h.Source, h.Group = "group", which.ID
	default:
		h.Source = "account"
	}
	return h, true
}
