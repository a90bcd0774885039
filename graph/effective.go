package graph

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"

	"zoomgraph/client"
	"zoomgraph/graph/load"
	"zoomgraph/graph/model"
	"zoomgraph/graph/plan"
	"zoomgraph/graph/price"
	"zoomgraph/graph/project"
	"zoomgraph/internal/rawjson"
)

// EffectiveSettings answers User.effectiveSettings from the settings of the user, the user's groups and the account, and
// from the locks of the latter two. What groups and accounts say is read once an operation.
func (r userResolver) EffectiveSettings(ctx context.Context, user *model.User, fields []string) ([]*model.EffectiveSetting, error) {
	names, err := namesOf(fields)
	if err != nil {
		return nil, err
	}
	session := load.From(ctx)
	raw, err := await(ctx, session, user.RawListed("group_ids"))
	if err != nil {
		return nil, err
	}
	asked := names
	if !decides(ctx) {
		asked = nil
	}
	own := gather(ctx, session, userSettingsTree, &opUserSettings, user.Key(), asked)
	above := r.gatherAbove(ctx, session, idsIn(raw), asked)
	e := &effective{Server: r.Server, session: session, names: names, above: above, told: make([]atomic.Bool, len(names))}
	e.decided = sync.OnceValues(func() ([]holding, error) {
		return above.decideAll(names, func(i int) ([]byte, error) { return own.value(names[i]) })
	})
	return e.settings(ctx)
}

// priceEffective prices User.effectiveSettings.
func priceEffective(f *price.Field) {
	asked := pricedNames(f)
	for _, name := range asked {
		f.Call("User.settings", name.View)
	}
	f.Need("groupIds")
	f.Below("Group", func(below *price.Field) { below.Lead(groupsOf(below)) })
	priceAbove(f, asked)
}

// priceAbove prices what groups and the account say of settings, with their locks, and the list of groups, in which ranks
// are looked up.
func priceAbove(f *price.Field, names []plan.Name) {
	if len(names) == 0 {
		return
	}
	f.Names("Group")
	for field, tree := range map[string]*plan.Tree{"settings": groupSettingsTree, "lockSettings": groupLockSettingsTree} {
		for _, view := range viewsIn(tree, names) {
			f.Calls(groupsOf(f), "Group."+field, view)
		}
	}
	for field, tree := range map[string]*plan.Tree{"settings": accountSettingsTree, "lockSettings": accountLockSettingsTree} {
		for _, view := range viewsIn(tree, names) {
			f.Once("Account."+field, view)
		}
	}
}

// viewsIn are the views of a level's tree that settings of users stand in.
func viewsIn(tree *plan.Tree, names []plan.Name) (views []string) {
	for _, name := range names {
		if own, ok := (&level{tree: tree}).own(name); ok && !slices.Contains(views, own.View) {
			views = append(views, own.View)
		}
	}
	return views
}

// pricedNames are the settings that the argument fields names; all where that is not known. Names that are no setting's
// are refused before any call.
func pricedNames(f *price.Field) []plan.Name {
	value, known := f.Argument("fields")
	if one, is := value.(string); is {
		value = []any{one} // a list of one, as GraphQL coerces it
	}
	list, isList := value.([]any)
	var names []plan.Name
	for _, element := range list {
		text, isText := element.(string)
		known = known && isText
		found, _ := userSettingsTree.Find(text)
		names = append(names, found...)
	}
	if !known || !isList {
		return userSettingsTree.Names()
	}
	return names
}

func lengthOfEffective(f *price.Field) int { return len(pricedNames(f)) }

// lengthOfBecause counts the groups of a user, the account and the user.
func lengthOfBecause(*price.Field) int { return groupsOfUser + 2 }

// namesOf finds the settings that a client names.
func namesOf(fields []string) ([]plan.Name, error) {
	if len(fields) == 0 || len(fields) > plan.MaxNames {
		return nil, &client.Error{
			Code: client.CodeBadUserInput, Message: fmt.Sprintf("fields holds %d names, and must hold 1 to %d", len(fields), plan.MaxNames),
		}
	}
	var names []plan.Name
	for _, field := range fields {
		found, err := userSettingsTree.Find(field)
		if err != nil {
			return nil, err
		}
		for _, name := range found {
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	return names, nil
}

// level reads what one level says of some settings: a user, a group, an account, or the locks of the latter two.
type level struct {
	tree  *plan.Tree
	views map[string]func() (rawjson.Value, error)
}

// gather says that a level's settings will be needed. Names that the level does not have are not asked for.
func gather(ctx context.Context, session *load.Session, tree *plan.Tree, op *client.Op, target string, names []plan.Name) *level {
	l := &level{tree: tree, views: map[string]func() (rawjson.Value, error){}}
	byView := map[string][]string{}
	for _, name := range names {
		if own, ok := l.own(name); ok {
			byView[own.View] = append(byView[own.View], own.Name)
		}
	}
	for view, list := range byView {
		key := load.ViewKey{Op: op, Target: target, Option: view, Param: tree.Param()}
		l.views[view] = session.GatherSettings(ctx, load.SettingsKey{View: key, Names: tree.Filter(view, list)})
	}
	return l
}

// own is the level's own name of a user's setting. What another view holds may be locked in the default one.
func (l *level) own(name plan.Name) (plan.Name, bool) {
	if l.tree == userSettingsTree {
		return name, true
	}
	for _, view := range []string{name.View, ""} {
		if own, ok := l.tree.NameOf(view, name.Above()); ok {
			return own, true
		}
	}
	return plan.Name{}, false
}

// holds tells whether the level, which is one of locks, locks a setting.
func (l *level) holds(name plan.Name) (bool, error) {
	value, err := l.value(name)
	return project.IsTrue(value), err
}

// value is what the level says of a setting; nil where it says nothing, as with a null.
func (l *level) value(name plan.Name) ([]byte, error) {
	value, err := l.sent(name)
	if string(value) == "null" {
		return nil, err
	}
	return value, err
}

// sent is what Zoom sent of a setting; nil where it sent nothing.
func (l *level) sent(name plan.Name) ([]byte, error) {
	own, ok := l.own(name)
	if !ok {
		return nil, nil
	}
	body, err := l.views[own.View]()
	if err != nil {
		return nil, err
	}
	if own.Section == "" {
		section, _ := l.tree.SectionOf(own.View)
		body = rootSection(body, section)
	} else {
		body, _ = body.Member(own.Section)
	}
	value, _ := body.Member(own.Name)
	return value.Text, nil
}

// above are the levels above a user, with the account's way to decide among them.
type above struct {
	*Server
	model                 GroupModel
	groups                []groupLevels
	account, accountLocks *level
	ranks                 func() ([]int, error) // of the groups, 0 where none is declared
	blind                 bool                  // who asks may not see secrets
}

// groupLevels are a group's settings and locks.
type groupLevels struct {
	id              string
	settings, locks *level
}

// ownAccount is what Zoom's paths take for the account whose credentials the service has.
const ownAccount = "me"

func (s *Server) gatherAbove(ctx context.Context, session *load.Session, groups []string, names []plan.Name) *above {
	a := &above{
		Server:       s,
		model:        s.principal(ctx).groups.model,
		account:      gather(ctx, session, accountSettingsTree, &opAccountSettings, ownAccount, names),
		accountLocks: gather(ctx, session, accountLockSettingsTree, &opGetAccountLockSettings, ownAccount, names),
		ranks:        s.ranksOf(ctx, session, groups),
		blind:        withholds(ctx),
	}
	for _, id := range groups {
		a.groups = append(a.groups, groupLevels{
			id:       id,
			settings: gather(ctx, session, groupSettingsTree, &opGetGroupSettings, id, names),
			locks:    gather(ctx, session, groupLockSettingsTree, &opGetGroupLockSettings, id, names),
		})
	}
	return a
}

// holding is the decision about a setting, and the values of the levels behind it.
type holding struct {
	decision
	said said
}

// decideAll decides about settings. own reads the user's value of the i-th one.
func (a *above) decideAll(names []plan.Name, own func(i int) ([]byte, error)) ([]holding, error) {
	ranks, err := a.ranks()
	if err != nil {
		return nil, err
	}
	all := make([]holding, len(names))
	for i, name := range names {
		value, err := own(i)
		if err != nil {
			return nil, err
		}
		if all[i].said, err = a.said(name, value, ranks); err != nil {
			return nil, err
		}
		all[i].decision = a.model.decide(all[i].said, name.Restrictive)
	}
	return all, nil
}

// said reads what the levels say of a setting.
func (a *above) said(name plan.Name, own []byte, ranks []int) (said, error) {
	s := said{at: a.settingAt(name), own: own, groups: make([]groupSays, len(a.groups))}
	var err error
	if s.account, err = a.account.value(name); err != nil {
		return s, err
	}
	if s.accountLocks, err = a.accountLocks.holds(name); err != nil {
		return s, err
	}
	for i, g := range a.groups {
		says := groupSays{rank: ranks[i]}
		says.manages = says.rank > 0 && a.model.Ranks[says.rank-1].manages(name)
		if says.value, err = g.settings.value(name); err != nil {
			return s, err
		}
		if says.locks, err = g.locks.holds(name); err != nil {
			return s, err
		}
		s.groups[i] = says
	}
	s.secret = a.blind && slices.ContainsFunc(s.values(), func(value []byte) bool { return isSecretValue(name.Name, value) })
	return s, nil
}

// The values of SettingSource, SettingLock and SettingLevel, as the projection reads them.
const (
	ofUser    = "user"
	ofGroup   = "group"
	ofAccount = "account"
	ofNobody  = "default"
)
