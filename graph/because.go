package graph

import (
	"context"
	"encoding/json"
	"slices"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"

	"zoomgraph/graph/load"
	"zoomgraph/graph/model"
	"zoomgraph/graph/plan"
	"zoomgraph/graph/project"
)

// effective is an answer of User.effectiveSettings: a view of decisions that are made when the answer is written, or
// earlier where the answer leads to a group that a decision is about.
type effective struct {
	*Server
	session *load.Session
	names   []plan.Name
	above   *above
	decided func() ([]holding, error)
	told    []atomic.Bool // settings whose error the answer already tells
}

func (e *effective) settings(ctx context.Context) ([]*model.EffectiveSetting, error) {
	steps := selects(ctx, "because")
	out := make([]*model.EffectiveSetting, len(e.names))
	for i := range out {
		out[i] = e.setting(i)
		if steps {
			out[i].Because = e.steps(ctx, i)
		}
	}
	if !selects(ctx, "group") && !selects(ctx, "lockedByGroup") {
		return out, nil
	}
	_, err := e.session.Await(atRoot(ctx), func() ([]byte, error) {
		_, err := e.decided()
		return nil, err
	})
	if err != nil {
		return nil, err
	}
	holdings, _ := e.decided()
	for i, h := range holdings {
		if h.group != noGroup {
			out[i].Group = e.groupAt(ctx, h.group)
		}
		if h.locked {
			out[i].LockedByGroup = out[i].Group
		}
	}
	return out, nil
}

// decides tells whether anything is selected that what the levels say decides: a query may ask for the levels alone.
func decides(ctx context.Context) bool {
	of := graphql.GetFieldContext(ctx).Field
	return slices.ContainsFunc(childrenOf(ctx, of), func(child graphql.CollectedField) bool {
		if child.Name != "because" {
			return !slices.Contains([]string{"__typename", "name", "section"}, child.Name)
		}
		return slices.ContainsFunc(childrenOf(ctx, child), func(step graphql.CollectedField) bool {
			return !slices.Contains([]string{"__typename", "name", "level", "group"}, step.Name)
		})
	})
}

// selects tells whether a field is selected directly below the current one.
func selects(ctx context.Context, name string) bool {
	return slices.ContainsFunc(childrenOf(ctx, graphql.GetFieldContext(ctx).Field), func(child graphql.CollectedField) bool {
		return child.Name == name
	})
}

func (e *effective) setting(i int) *model.EffectiveSetting {
	name := e.names[i]
	return &model.EffectiveSetting{
		Name:      e.known(name.Name),
		Section:   e.known(orNull(name.Section)),
		Value:     e.later(i, func(h holding) any { return h.typed(h.value) }).Beside(namedBy(name)),
		Source:    e.later(i, func(h holding) any { return h.source }),
		LockedBy:  e.later(i, func(h holding) any { return h.lockedBy() }),
		Editable:  e.later(i, func(h holding) any { return !h.locked }),
		Certainty: e.later(i, func(h holding) any { return h.certainty() }),
		Reason:    e.later(i, func(h holding) any { return orNull(h.reason) }),
	}
}

// steps are the levels from the account down to the user.
func (e *effective) steps(ctx context.Context, i int) []*model.EffectiveStep {
	account := e.step(i, ofAccount, noGroup)
	account.Value = e.later(i, func(h holding) any { return h.typed(h.said.account) }).Beside(namedBy(e.names[i]))
	account.Locked = e.later(i, func(h holding) any { return h.said.accountLocks })
	steps := []*model.EffectiveStep{account}
	for at := range e.above.groups {
		group := e.step(i, ofGroup, at)
		group.Group = e.groupAt(ctx, at)
		group.Value = e.later(i, func(h holding) any { return h.typed(h.said.groups[at].value) }).Beside(namedBy(e.names[i]))
		group.Locked = e.later(i, func(h holding) any { return h.said.groups[at].locks })
		group.Rank = e.later(i, func(h holding) any { return orNull(h.said.groups[at].rank) })
		group.Manages = e.later(i, func(h holding) any { return e.above.model.managedBy(h.said.groups[at]) })
		steps = append(steps, group)
	}
	user := e.step(i, ofUser, noGroup)
	user.Value = e.later(i, func(h holding) any { return h.typed(h.said.own) }).Beside(namedBy(e.names[i]))
	return append(steps, user)
}

// step returns a level without its values.
func (e *effective) step(i int, level string, group int) *model.EffectiveStep {
	null := e.known(nil)
	return &model.EffectiveStep{
		Name: e.known(e.names[i].Name), Level: e.known(level), Locked: null, Rank: null, Manages: null,
		Decides: e.later(i, func(h holding) any { return h.decides(level, group) }),
	}
}

func (e *effective) known(value any) *project.Value {
	return e.project.Value(func() ([]byte, error) { return json.Marshal(value) }, e.session)
}

// later is a value that a decision has. Why there is none, the first such value of a setting tells.
func (e *effective) later(i int, read func(holding) any) *project.Value {
	return e.project.Value(e.session.Sending(func() ([]byte, error) {
		holdings, err := e.decided()
		switch {
		case err == nil:
			return json.Marshal(read(holdings[i]))
		case e.told[i].Swap(true):
			return nil, project.ErrTold
		}
		return nil, err
	}), e.session)
}

func (e *effective) groupAt(ctx context.Context, at int) *model.Group {
	return e.group(ctx, e.session, e.above.groups[at].id)
}

// idOf is the id of one of the groups; nil: it is none.
func (a *above) idOf(group int) *string {
	if group == noGroup {
		return nil
	}
	return &a.groups[group].id
}

// certainty is a Certainty, as the projection reads it.
func (d decision) certainty() string {
	if d.reason == "" {
		return "certain"
	}
	return "uncertain"
}

func (d decision) lockedBy() *string {
	if !d.locked {
		return nil
	}
	return &d.source
}

// decides tells whether the value comes from a level; nil where only some of the outcomes have it so.
func (d decision) decides(level string, group int) *bool {
	n := 0
	for _, o := range d.all {
		if o.source == level && o.group == group {
			n++
		}
	}
	if n > 0 && n < len(d.all) || len(d.all) == 0 {
		return nil
	}
	all := n > 0
	return &all
}

// managedBy tells whether a group manages a setting; nil where that is not declared.
func (m GroupModel) managedBy(g groupSays) *bool {
	manages := m.Kind == LegacyGroups || g.manages
	if m.Kind == "" || m.Kind == RankedGroups && g.rank == 0 {
		return nil
	}
	return &manages
}

// namedBy is the object in which the projection looks whether a setting is a secret.
func namedBy(name plan.Name) []byte {
	object, err := json.Marshal(map[string]string{"name": name.Name})
	if err != nil { // it is a text
		panic(err)
	}
	return object
}

// typed is a level's value as the setting's type spells it, null where there is none.
func (h holding) typed(value []byte) json.RawMessage {
	if value == nil {
		return json.RawMessage("null")
	}
	return h.said.at.Typed(value)
}

// orNull is a value, and null for its type's zero.
func orNull[T comparable](value T) *T {
	if value == *new(T) {
		return nil
	}
	return &value
}
