package graph

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"zoomgraph/graph/plan"
	"zoomgraph/internal/sandbox"
)

// What each rule of Zoom's documents leads to, and what they leave open.
func TestDecide(t *testing.T) {
	t.Parallel()
	a := func(value string, locks bool) groupSays { return groupSays{value: bytesOf(value), locks: locks} }
	ranked := func(rank int, manages bool, g groupSays) groupSays { g.rank, g.manages = rank, manages; return g }
	for _, test := range []struct {
		name        string
		model       GroupModelKind
		restrictive string
		said        said
		want        string // value source[group], "locked", reason
	}{
		{"no group", LegacyGroups, "", said{own: []byte("1"), account: []byte("1")}, "1 account"},
		{"the primary group decides", LegacyGroups, "", said{own: []byte("2"), account: []byte("1"), groups: []groupSays{a("2", false), a("3", false)}}, "2 group0"},
		{"and no other", LegacyGroups, "", said{own: []byte("3"), account: []byte("1"), groups: []groupSays{a("2", false), a("3", false)}}, "3 user"},
		{"another group locks", LegacyGroups, "", said{own: []byte("3"), account: []byte("1"), groups: []groupSays{a("2", false), a("3", true)}}, "3 group1 locked"},
		{"a lock wins over the user's answer", LegacyGroups, "", said{own: []byte("2"), account: []byte("1"), groups: []groupSays{a("2", false), a("3", true)}}, "3 group1 locked"},
		{"two lock the same", LegacyGroups, "", said{own: []byte("3"), account: []byte("1"), groups: []groupSays{a("2", false), a("3", true), a("3", true)}}, "3 group1 locked"},
		{"the more restrictive lock", LegacyGroups, "false", said{own: []byte("false"), account: []byte("true"), groups: []groupSays{a("true", true), a("false", true)}}, "false group1 locked"},
		{"of texts", LegacyGroups, "host", said{own: []byte(`"host"`), groups: []groupSays{a(`"host"`, true), a(`"all"`, true)}}, `"host" group0 locked`},
		{"none is the most restrictive", LegacyGroups, "none", said{own: []byte(`"all"`), groups: []groupSays{a(`"host"`, true), a(`"all"`, true)}}, `"all" group1 locked locks_differ`},
		{"an order that is not known", LegacyGroups, "", said{own: []byte("2"), groups: []groupSays{a("1", true), a("2", true)}}, "2 group1 locked locks_differ"},
		{"and an answer of neither", LegacyGroups, "", said{own: []byte("9"), groups: []groupSays{a("1", true), a("2", true)}}, "9 group locked locks_differ"},
		{"and no answer", LegacyGroups, "", said{groups: []groupSays{a("1", true), a("2", true)}}, " group locked locks_differ"},
		{"the account beats all", LegacyGroups, "", said{own: []byte("1"), account: []byte("1"), accountLocks: true, groups: []groupSays{a("2", true), a("3", true)}}, "1 account locked"},

		{"the highest rank decides", RankedGroups, "", said{own: []byte("3"), account: []byte("1"), groups: []groupSays{ranked(2, true, a("2", false)), ranked(1, true, a("3", false))}}, "3 group1"},
		{"its lock, too", RankedGroups, "", said{own: []byte("3"), account: []byte("1"), groups: []groupSays{ranked(2, true, a("2", true)), ranked(1, true, a("3", true))}}, "3 group1 locked"},
		{"a lock further down does nothing", RankedGroups, "", said{own: []byte("3"), account: []byte("1"), groups: []groupSays{ranked(2, true, a("2", true)), ranked(1, true, a("3", false))}}, "3 group1"},
		{"what the highest does not manage falls through", RankedGroups, "", said{own: []byte("2"), account: []byte("1"), groups: []groupSays{ranked(2, true, a("2", true)), ranked(1, false, a("3", true))}}, "2 group0 locked"},
		{"down to the account", RankedGroups, "", said{own: []byte("1"), account: []byte("1"), groups: []groupSays{ranked(2, false, a("2", true)), ranked(1, false, a("3", true))}}, "1 account"},
		{"a rank that is not declared", RankedGroups, "", said{own: []byte("2"), account: []byte("1"), groups: []groupSays{a("2", false), ranked(1, true, a("3", false))}}, "2 user group_rank_undeclared"},
		{"where it makes no difference", RankedGroups, "", said{own: []byte("1"), account: []byte("1"), groups: []groupSays{a("1", false), ranked(1, true, a("1", false))}}, "1 account"},
		{"no ranks, and groups differ", RankedGroups, "", said{own: []byte("3"), account: []byte("1"), groups: []groupSays{a("2", false), a("3", true)}}, "3 user group_rank_undeclared"},
		{"the account beats ranks", RankedGroups, "", said{own: []byte("1"), account: []byte("1"), accountLocks: true, groups: []groupSays{ranked(1, true, a("2", true))}}, "1 account locked"},

		{"undeclared, and all say the same", "", "", said{own: []byte("1"), account: []byte("1"), groups: []groupSays{a("1", false), a("1", false)}}, "1 account"},
		{"undeclared, and the user says otherwise", "", "", said{own: []byte("2"), account: []byte("1"), groups: []groupSays{a("1", false), a("1", false)}}, "2 user"},
		{"undeclared, and groups differ", "", "", said{own: []byte("3"), account: []byte("1"), groups: []groupSays{a("2", false), a("3", false)}}, "3 user group_model_undeclared"},
		{"undeclared, and another group locks", "", "", said{own: []byte("3"), account: []byte("1"), groups: []groupSays{a("2", false), a("3", true)}}, "3 group1 locked group_model_undeclared"},
		{"undeclared, and a group that may manage nothing", "", "", said{own: []byte("2"), account: []byte("1"), groups: []groupSays{a("2", false)}}, "2 group0 group_model_undeclared"},
		{"undeclared, and the account locks", "", "", said{own: []byte("1"), account: []byte("1"), accountLocks: true, groups: []groupSays{a("2", true)}}, "1 account locked"},
		{"undeclared, and groups say nothing", "", "", said{own: []byte("1"), account: []byte("2"), groups: []groupSays{a("", false), a("", false)}}, "1 user"},
		{"nobody says anything", "", "", said{groups: []groupSays{a("", false)}}, " default"},
	} {
		d := GroupModel{Kind: test.model}.decide(test.said, test.restrictive)
		got := string(d.value) + " " + d.source
		if d.group != noGroup {
			got += fmt.Sprint(d.group)
		}
		if d.locked {
			got += " locked"
		}
		if d.reason != "" {
			got += " " + d.reason
		}
		if got != test.want {
			t.Errorf("%s: %s, want %s", test.name, got, test.want)
		}
	}
}

// generated is an account of which one setting of one person is decided.
type generated struct {
	said    said
	setting plan.Name
	model   GroupModel    // that is true
	rules   sandbox.Rules // the same, as the embedded Zoom has it
	groups  []sandbox.GroupSays
	written string // by the user; "" for nothing
}

// kinds of settings: the values, and the one that restricts most.
var kinds = []struct {
	values      []string
	restrictive string
}{
	{[]string{"true", "false"}, "true"},
	{[]string{"true", "false"}, ""},
	{[]string{`"host"`, `"all"`, `"none"`}, "host"},
	{[]string{`"a"`, `"b"`, `"c"`}, ""},
	{[]string{"1", "2", "3"}, ""},
}

func generate(r *rand.Rand) *generated {
	kind := kinds[r.IntN(len(kinds))]
	value := func() string { return kind.values[r.IntN(len(kind.values))] }
	chance := func(percent int) bool { return r.IntN(100) < percent }
	g := &generated{setting: plan.Name{Section: "in_meeting", Name: "chat", Restrictive: kind.restrictive}}
	account := value()
	g.said.account, g.said.accountLocks = []byte(account), chance(8)
	for i := range r.IntN(5) {
		says := sandbox.GroupSays{ID: fmt.Sprint("id", i), Name: fmt.Sprint("Group ", i), Locks: chance(30), Value: account}
		if chance(60) && !g.said.accountLocks {
			says.Value = value()
		}
		g.groups = append(g.groups, says)
	}
	if chance(40) {
		g.written = value()
	}
	g.model.Kind = LegacyGroups
	if chance(50) {
		g.model.Kind = RankedGroups
		g.rank(r, chance)
	}
	g.rules = sandbox.Rules{Model: sandbox.GroupModel(g.model.Kind)}
	for _, rank := range g.model.Ranks {
		g.rules.Ranks = append(g.rules.Ranks, sandbox.GroupRank{Group: rank.Group, Manages: rank.Manages})
	}
	return g
}

// rank declares ranks of some groups, by ids and by names, and what they manage.
func (g *generated) rank(r *rand.Rand, chance func(int) bool) {
	for _, i := range r.Perm(len(g.groups)) {
		if chance(15) {
			continue
		}
		rank := GroupRank{Group: g.groups[i].ID}
		if chance(50) {
			rank.Group = g.groups[i].Name
		}
		if chance(50) {
			rank.Manages = [][]string{{"recording"}, {"recording", "in_meeting"}, {"in_meeting.chat"}, {"in_meeting.polling"}, {}}[r.IntN(5)]
		}
		g.model.Ranks = append(g.model.Ranks, rank)
	}
}

// truth is what holds, by the embedded Zoom's rules and by what was written.
func (g *generated) truth() sandbox.Holding {
	account := string(g.said.account)
	if g.said.accountLocks {
		return sandbox.Holding{Value: account, Source: "account", Locked: true}
	}
	at, locked := g.rules.Say(g.setting.Section, g.setting.Name, g.setting.Restrictive, g.groups)
	if locked {
		return sandbox.Holding{Value: g.groups[at].Value, Source: "group", Group: g.groups[at].ID, Locked: true}
	}
	without := sandbox.Holding{Value: account, Source: "account"}
	if at >= 0 && g.groups[at].Value != account {
		without = sandbox.Holding{Value: g.groups[at].Value, Source: "group", Group: g.groups[at].ID}
	}
	if g.written != "" && g.written != without.Value {
		return sandbox.Holding{Value: g.written, Source: "user"}
	}
	return without
}

// asked is what the levels answer, with ranks as a model declares them.
func (g *generated) asked(m GroupModel, own string) said {
	s := g.said
	s.own = []byte(own)
	r := &ranking{model: m}
	ids, names := make([]string, len(g.groups)), make([]string, len(g.groups))
	for i, group := range g.groups {
		ids[i], names[i] = group.ID, group.Name
	}
	for i, rank := range r.of(ids, names, nil) {
		s.groups = append(s.groups, groupSays{
			value: []byte(g.groups[i].Value), locks: g.groups[i].Locks,
			rank: rank, manages: rank > 0 && m.Ranks[rank-1].manages(g.setting),
		})
	}
	return s
}

// documented tells whether documents decide, given what a model declares.
func (g *generated) documented(m GroupModel) bool {
	if g.said.accountLocks || len(g.groups) == 0 {
		return true
	}
	switch m.Kind {
	case LegacyGroups:
		var locks []string
		for _, group := range g.groups {
			if group.Locks && !slices.Contains(locks, group.Value) {
				locks = append(locks, group.Value)
			}
		}
		most := g.setting.Restrictive
		return len(locks) < 2 || slices.ContainsFunc(locks, func(v string) bool { return most != "" && strings.Trim(v, `"`) == most })
	case RankedGroups:
		return !slices.ContainsFunc(g.groups, func(group sandbox.GroupSays) bool {
			return !slices.ContainsFunc(m.Ranks, func(rank GroupRank) bool { return rank.Group == group.ID || rank.Group == group.Name })
		})
	}
	return !slices.ContainsFunc(g.groups, func(group sandbox.GroupSays) bool { // the models agree
		return group.Locks || group.Value != string(g.said.account)
	})
}

// What is certain is what holds, in ten thousand accounts, declared and not; and where documents decide it is certain.
func TestWhatIsCertainHolds(t *testing.T) {
	t.Parallel()
	counts := map[string]int{}
	for seed := range uint64(10_000) {
		g := generate(rand.New(rand.NewPCG(seed, 11)))
		truth := g.truth()
		for _, declared := range []GroupModel{g.model, {}} {
			s := g.asked(declared, truth.Value)
			d := declared.decide(s, g.setting.Restrictive)
			got := sandbox.Holding{Value: string(d.value), Source: d.source, Locked: d.locked}
			if d.group != noGroup {
				got.Group = g.groups[d.group].ID
			}
			counts[d.certainty()+" "+string(declared.Kind)+" "+d.source]++
			switch {
			case d.reason == "" && got != truth:
				t.Errorf("seed %d: certain of %+v, and %+v holds: %+v", seed, got, truth, g)
			case d.reason != "" && g.documented(declared):
				t.Errorf("seed %d: documents decide, and it is uncertain (%s): %+v", seed, d.reason, g)
			case got.Value != truth.Value:
				t.Errorf("seed %d: %s is not what Zoom says of the user: %+v", seed, got.Value, g)
			}
		}
		if t.Failed() && seed > 100 {
			break
		}
	}
	for _, kind := range []string{"legacy", "ranked", ""} {
		for _, rest := range []string{"certain %s account", "certain %s user", "uncertain %s group"} {
			if what := fmt.Sprintf(rest, kind); counts[what] < 50 {
				t.Errorf("only %d accounts are %s: %v", counts[what], what, counts)
			}
		}
	}
}

// Of secrets a decision tells nothing that depends on their values, in all accounts; and what is certain holds of them, too.
func TestSecretsAreNotCompared(t *testing.T) {
	t.Parallel()
	told := func(m GroupModel, s said) string {
		d := m.decide(s, "")
		text := fmt.Sprint(d.source, d.group, d.locked, d.reason)
		for at := range s.groups {
			if decides := d.decides(ofGroup, at); decides != nil {
				text += fmt.Sprint(" ", at, *decides)
			}
		}
		for _, level := range []string{ofAccount, ofUser} {
			if decides := d.decides(level, noGroup); decides != nil {
				text += fmt.Sprint(" ", level, *decides)
			}
		}
		return text
	}
	counts := map[string]int{}
	for seed := range uint64(5_000) {
		r := rand.New(rand.NewPCG(seed, 12))
		g := generate(r)
		truth := g.truth()
		for _, declared := range []GroupModel{g.model, {}} {
			s := g.asked(declared, truth.Value)
			s.secret = true
			d := declared.decide(s, g.setting.Restrictive)
			counts[d.certainty()+" "+d.source]++
			if d.reason == "" && (d.source != truth.Source || d.locked != truth.Locked || d.group != noGroup && g.groups[d.group].ID != truth.Group) {
				t.Fatalf("seed %d: certain of %+v, and %+v holds: %+v", seed, d.candidate, truth, g)
			}
			want := told(declared, s)
			for name, value := range map[string]func(level int) string{
				"all equal": func(int) string { return `"x"` }, "all different": func(level int) string { return fmt.Sprint(level) },
				"some equal": func(int) string { return fmt.Sprint(r.IntN(2)) },
			} {
				other := s
				other.own, other.account, other.groups = []byte(value(-1)), []byte(value(-2)), slices.Clone(s.groups)
				for i := range other.groups {
					other.groups[i].value = []byte(value(i))
				}
				if got := told(declared, other); got != want {
					t.Fatalf("seed %d, %s: told %s, and otherwise %s: %+v", seed, name, got, want, g)
				}
			}
		}
	}
	for _, what := range []string{"certain account", "certain group", "uncertain user", "uncertain group"} {
		if counts[what] < 50 {
			t.Errorf("only %d accounts are %s: %v", counts[what], what, counts)
		}
	}
}
