package graph

import (
	"slices"

	"zoomgraph/graph/plan"
	"zoomgraph/graph/project"
)

// This file decides what holds for somebody who may be in several groups. Zoom has two models of that, and no operation
// tells which one an account has. So a decision is the list of all candidates that documents and declarations allow: with
// one of them it is certain. Start reading at GroupModel.decide.

// GroupModelKind is how the groups of an account decide.
type GroupModelKind string

// The kinds; "" declares nothing.
const (
	LegacyGroups GroupModelKind = "legacy"
	RankedGroups GroupModelKind = "ranked"
)

// GroupModel declares how groups decide. The zero value declares nothing.
type GroupModel struct {
	Kind GroupModelKind
	// Ranks are groups in order of rank, the highest first; only where Kind is RankedGroups.
	Ranks []GroupRank
}

// GroupRank is a group that has a rank.
type GroupRank struct {
	// Group is its id or its name.
	Group string
	// Manages are the sections, or settings as section.name, that it manages, by Zoom's names; nil: all.
	Manages []string
}

// manages tells whether the group manages a setting.
func (r GroupRank) manages(name plan.Name) bool {
	section := sectionOf(name)
	return r.Manages == nil || slices.ContainsFunc(r.Manages, func(managed string) bool {
		return managed == section || managed == section+"."+name.Name || managed == section+"."+name.Above()
	})
}

// sectionOf is the section that a setting stands in, or its view where that has no sections.
func sectionOf(name plan.Name) string {
	if name.Section == "" {
		return name.View
	}
	return name.Section
}

// said holds the values of one setting by level. A value is nil if its level has none.
type said struct {
	at           project.Type // the setting's, whose type tells which values are equal
	own, account []byte
	accountLocks bool
	groups       []groupSays // in Zoom's order, the primary one first
	secret       bool        // who asks may not see the values, so that they are not compared
}

// agree tells whether two levels say the same. Of secrets they do not: to compare them would tell who asks whether one of
// them equals another, which they may have written themselves.
func (s said) agree(a, b []byte) bool { return !s.secret && s.at.Agree(a, b) }

// groupSays is the value and lock of one group for a setting.
type groupSays struct {
	value   []byte
	locks   bool
	rank    int  // 1 is the highest; 0: none is declared
	manages bool // where there is a rank
}

// candidate is one way in which a setting can come to a user.
type candidate struct {
	value  []byte
	source string
	group  int  // that it comes from; noGroup where it comes from none
	locked bool // by the source
}

const noGroup = -1

// equal tells whether two candidates are one.
func (s said) equal(a, b candidate) bool {
	return a.source == b.source && a.group == b.group && a.locked == b.locked && (s.secret || s.agree(a.value, b.value))
}

// Why a decision is uncertain, as the projection reads UncertaintyReason.
const (
	modelUndeclared = "group_model_undeclared"
	rankUndeclared  = "group_rank_undeclared"
	locksDiffer     = "locks_differ"
	valuesWithheld  = "values_withheld"
)

// decision is the candidate that holds for a setting. If that is uncertain, it is the likeliest one.
type decision struct {
	candidate
	reason string      // "" where it is certain
	all    []candidate // none where values are withheld
}

// guessed tells whether the only candidate could be another one if secrets were compared.
func (s said) guessed(o candidate) bool {
	if !s.secret || o.locked || o.source == ofNobody {
		return false
	}
	return len(s.values()) > 1
}

// values are those of the levels that have one.
func (s said) values() [][]byte {
	values := [][]byte{s.own, s.account}
	for _, g := range s.groups {
		values = append(values, g.value)
	}
	return slices.DeleteFunc(values, func(value []byte) bool { return value == nil })
}

// decide finds what holds. restrictive is the value of the setting that restricts most, "" where that is not known.
func (m GroupModel) decide(s said, restrictive string) decision {
	var all []candidate
	reason := modelUndeclared
	switch {
	case s.accountLocks: // in all models
		all = []candidate{s.lockedBy(ofAccount, noGroup, s.account)}
	case m.Kind == LegacyGroups:
		all, reason = s.legacy(restrictive), locksDiffer
	case m.Kind == RankedGroups:
		all, reason = s.ranked(), rankUndeclared
	default:
		all = append(s.legacy(restrictive), s.ranked()...)
	}
	all = slices.CompactFunc(all, s.equal)
	if !slices.ContainsFunc(all, func(o candidate) bool { return !s.equal(o, all[0]) }) {
		if s.guessed(all[0]) {
			return decision{candidate: all[0], reason: valuesWithheld}
		}
		return decision{candidate: all[0], all: all[:1]}
	}
	if s.secret {
		return decision{candidate: s.likeliest(all), reason: valuesWithheld}
	}
	return decision{candidate: s.likeliest(all), reason: reason, all: all}
}

// likeliest is the first candidate that Zoom's answer for the user bears out. That answer says what holds, whatever the
// reason is. Without it, or where no candidate fits, it cannot be told which group the value comes from.
func (s said) likeliest(all []candidate) candidate {
	at := slices.IndexFunc(all, func(o candidate) bool { return s.own != nil && s.agree(s.own, o.value) })
	if at >= 0 {
		return all[at]
	}
	first := all[0]
	first.group = noGroup
	if s.own != nil || slices.ContainsFunc(all, func(o candidate) bool { return !s.agree(o.value, first.value) }) {
		first.value = s.own
	}
	return first
}

// legacy lists the candidates where the primary group decides, and a lock in any group holds. Of locks that differ the more
// restrictive one holds.
func (s said) legacy(restrictive string) []candidate {
	var locks []candidate
	for i, g := range s.groups {
		if g.locks && !slices.ContainsFunc(locks, func(o candidate) bool { return s.agree(o.value, g.value) }) {
			locks = append(locks, s.lockedBy(ofGroup, i, g.value))
		}
	}
	if len(locks) == 0 {
		return []candidate{s.comesDown(min(0, len(s.groups)-1))}
	}
	if len(locks) > 1 && !s.secret {
		for _, o := range locks {
			if value := string(s.at.Typed(o.value)); restrictive != "" && (value == restrictive || value == `"`+restrictive+`"`) {
				return []candidate{o}
			}
		}
	}
	return locks
}

// ranked lists the candidates where the highest group that manages the setting decides. One without a declared rank may
// stand anywhere, and may manage nothing.
func (s said) ranked() []candidate {
	top := noGroup
	var all []candidate
	for i, g := range s.groups {
		switch {
		case g.value == nil && !g.locks: // says nothing
		case g.rank == 0:
			all = append(all, s.under(i))
		case g.manages && (top == noGroup || g.rank < s.groups[top].rank):
			top = i
		}
	}
	if top == noGroup {
		return append(all, s.under(noGroup))
	}
	return append([]candidate{s.under(top)}, all...)
}

// under is the candidate where one group decides, or none.
func (s said) under(group int) candidate {
	if group != noGroup && s.groups[group].locks {
		return s.lockedBy(ofGroup, group, s.groups[group].value)
	}
	return s.comesDown(group)
}

// lockedBy is the candidate where a level's lock holds. Zoom's answer for the user counts where the level does not say what
// it locks, and where both say the same: it may hold more.
func (s said) lockedBy(source string, group int, value []byte) candidate {
	if value == nil || s.own != nil && s.agree(s.own, value) {
		value = s.own
	}
	return candidate{value: value, source: source, group: group, locked: true}
}

// comesDown is the candidate without locks. The source is the highest level that says what holds; the user is, where the
// value is nobody else's.
func (s said) comesDown(group int) candidate {
	var inGroup []byte
	if group != noGroup {
		inGroup = s.groups[group].value
	}
	inherited := firstOf(inGroup, s.account)
	says := firstOf(s.own, inherited)
	switch {
	case says == nil:
		return candidate{source: ofNobody, group: noGroup}
	case inherited == nil || s.own != nil && !s.agree(s.own, inherited):
		return candidate{value: says, source: ofUser, group: noGroup}
	case inGroup == nil || s.account != nil && s.agree(inGroup, s.account):
		return candidate{value: says, source: ofAccount, group: noGroup}
	default:
		return candidate{value: says, source: ofGroup, group: group}
	}
}

func firstOf(a, b []byte) []byte {
	if a != nil {
		return a
	}
	return b
}
