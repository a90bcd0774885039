package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"

	"zoomgraph/client"
	"zoomgraph/graph/load"
	"zoomgraph/graph/model"
	"zoomgraph/graph/plan"
	"zoomgraph/graph/project"
	"zoomgraph/internal/rawjson"
)

// EffectiveSettings answers User.effectiveSettings from the settings of the user, the primary group and the account,
// and from the locks of the latter two. What groups and accounts say is read once an operation.
func (r userResolver) EffectiveSettings(ctx context.Context, user *model.User, fields []string) (*project.Value, error) {
	names, err := namesOf(fields)
	if err != nil {
		return nil, err
	}
	session := load.From(ctx)
	groups, err := await(ctx, session, user.RawListed("group_ids"))
	if err != nil {
		return nil, err
	}
	own := gather(ctx, session, userSettingsTree, &opUserSettings, user.Key(), names)
	above := gatherPolicies(ctx, session, primaryOf(groups), names)
	return r.project.Value(session.Sending(func() ([]byte, error) {
		effective := make([]effectiveSetting, len(names))
		for i, name := range names {
			value, err := own.value(name)
			if err != nil {
				return nil, err
			}
			if effective[i], err = above.effective(name, r.settingAt(name), value); err != nil {
				return nil, err
			}
		}
		return json.Marshal(effective)
	}), session), nil
}

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

// primaryOf is the primary group, "" where there is none: the first of the user's.
func primaryOf(groupIDs []byte) string {
	if ids := idsIn(groupIDs); len(ids) > 0 {
		return ids[0]
	}
	return ""
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
		key := load.ViewKey{Op: op, Target: target, Option: view}
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

// value is what the level says of a setting; nil where it says nothing, as with a null.
func (l *level) value(name plan.Name) ([]byte, error) {
	if l == nil {
		return nil, nil
	}
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

// policies are the levels above a user; those of a group are nil where there is none.
type policies struct{ group, groupLocks, account, accountLocks *level }

// ownAccount is what Zoom's paths take for the account whose credentials the service has.
const ownAccount = "me"

func gatherPolicies(ctx context.Context, session *load.Session, group string, names []plan.Name) *policies {
	p := &policies{
		account:      gather(ctx, session, accountSettingsTree, &opAccountSettings, ownAccount, names),
		accountLocks: gather(ctx, session, accountLockSettingsTree, &opGetAccountLockSettings, ownAccount, names),
	}
	if group != "" {
		p.group = gather(ctx, session, groupSettingsTree, &opGetGroupSettings, group, names)
		p.groupLocks = gather(ctx, session, groupLockSettingsTree, &opGetGroupLockSettings, group, names)
	}
	return p
}

// effectiveSetting is an EffectiveSetting.
type effectiveSetting struct {
	Name     string          `json:"name"`
	Section  *string         `json:"section"`
	Value    json.RawMessage `json:"value"`
	Source   string          `json:"source"`
	LockedBy *string         `json:"locked_by"`
	Editable bool            `json:"editable"`
}

// The values of SettingSource and SettingLock, as the projection reads them.
const (
	ofUser    = "user"
	ofGroup   = "group"
	ofAccount = "account"
	ofNobody  = "default"
)

// effective decides what holds for a user who has a value of their own, or nil. The setting stands at a place of users'
// settings, whose type says which values are one.
func (p *policies) effective(name plan.Name, at project.Place, own []byte) (effectiveSetting, error) {
	var group, account, groupLock, accountLock []byte
	for _, read := range []struct {
		into *[]byte
		from *level
	}{{&group, p.group}, {&account, p.account}, {&groupLock, p.groupLocks}, {&accountLock, p.accountLocks}} {
		value, err := read.from.value(name)
		if err != nil {
			return effectiveSetting{}, err
		}
		*read.into = value
	}
	e := effectiveSetting{Name: name.Name, Editable: true}
	if name.Section != "" {
		e.Section = &name.Section
	}
	var value []byte
	switch {
	case project.IsTrue(accountLock):
		value, e.Source = firstOf(account, own), ofAccount
	case project.IsTrue(groupLock):
		value, e.Source = firstOf(group, own), ofGroup
	default:
		value, e.Source = sourceOf(at, own, group, account)
	}
	if project.IsTrue(accountLock) || project.IsTrue(groupLock) {
		by := e.Source
		e.LockedBy, e.Editable = &by, false
	}
	e.Value = firstOf(at.Typed(value), []byte("null"))
	return e, nil
}

func firstOf(a, b []byte) []byte {
	if a != nil {
		return a
	}
	return b
}

// sourceOf finds the highest level that says what holds; the user counts where the value is nobody else's.
func sourceOf(at project.Place, own, group, account []byte) (value []byte, source string) {
	says := firstOf(own, firstOf(group, account))
	inherited := firstOf(group, account)
	switch {
	case says == nil:
		return nil, ofNobody
	case inherited == nil || !at.Agree(says, inherited):
		return says, ofUser
	case group == nil || account != nil && at.Agree(group, account):
		return says, ofAccount
	default:
		return says, ofGroup
	}
}
