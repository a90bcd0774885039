package graph

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/99designs/gqlgen/graphql"

	"zoomgraph/client"
	"zoomgraph/graph/load"
	"zoomgraph/graph/model"
	"zoomgraph/graph/plan"
	"zoomgraph/graph/project"
)

// UpdateUserSettings answers Mutation.updateUserSettings: one PATCH a view that the input touches. What Zoom stored is
// read back when a field of the payload asks, and only the names that were written.
func (r mutationResolver) UpdateUserSettings(ctx context.Context, id string, input project.Input) (*model.UpdateUserSettingsPayload, error) {
	user, err := r.thing(ctx, &opUser, id)
	if err != nil {
		return nil, err
	}
	body, err := r.project.Body("UserSettingsInput", input)
	if err != nil {
		return nil, err
	}
	changes, err := split(userSettingsTree, body)
	if err != nil {
		return nil, err
	}
	session := load.From(ctx)
	for i, change := range changes {
		req := client.Request{Op: &opUserSettingsUpdate, Path: []string{id}, Body: json.RawMessage(change.body)}
		if change.view != "" {
			req.Query = map[string][]string{"option": {change.view}}
		}
		if _, err := session.Do(req); err != nil {
			return nil, partly(err, changes[:i])
		}
	}
	payload := &model.UpdateUserSettingsPayload{User: model.NewUser(user)}
	if selects(ctx, "notApplied") {
		payload.NotApplied = r.notApplied(session, userSettingsTree, load.ViewKey{Op: &opUserSettings, Target: id}, changes)
	}
	return payload, nil
}

// selects tells whether a field of the current field's object is selected.
func selects(ctx context.Context, name string) bool {
	for _, field := range graphql.CollectFieldsCtx(ctx, []string{graphql.GetFieldContext(ctx).Field.Definition.Type.Name()}) {
		if field.Name == name {
			return true
		}
	}
	return false
}

// Settings answers UpdateUserSettingsPayload.settings.
func (r updateUserSettingsPayloadResolver) Settings(ctx context.Context, payload *model.UpdateUserSettingsPayload) (*project.Value, error) {
	return r.settings(ctx, userSettingsTree, load.ViewKey{Op: &opUserSettings, Target: payload.User.Key()}, plan.Request{})
}

// change is what is written of one view.
type change struct {
	view  string
	body  []byte
	names []string // directly under the sections
}

// split cuts the body of a settings tree's input into one change a view, the default view first.
func split(tree *plan.Tree, body []byte) ([]change, error) {
	byView := map[string]*change{}
	order := []string{}
	for key, value := range project.Members(body) {
		section, ok := tree.SectionOf(key)
		if !ok || value[0] != '{' {
			return nil, &client.Error{
				Code: client.CodeBadUserInput, Message: fmt.Sprintf("input: the section %q cannot be null", key),
				Hint: "leave out what is to stay as it is",
			}
		}
		c := byView[section.View]
		if c == nil {
			c = &change{view: section.View, body: []byte{'{'}}
			byView[section.View] = c
			order = append(order, section.View)
		}
		before := len(c.names)
		for name, leaf := range project.Members(value) {
			c.names = append(c.names, name)
			if section.Root {
				c.body = appendMember(c.body, name, leaf)
			}
		}
		if !section.Root && len(c.names) > before {
			c.body = appendMember(c.body, key, value)
		}
	}
	var changes []change
	for _, view := range order {
		if c := byView[view]; len(c.names) > 0 {
			c.body = append(c.body, '}')
			changes = append(changes, *c)
		}
	}
	if len(changes) == 0 {
		return nil, &client.Error{Code: client.CodeBadUserInput, Message: "input changes nothing", Hint: "set at least one field of a section"}
	}
	return changes, nil
}

// partly adds to an error what had been written before it.
func partly(err error, written []change) error {
	zoom, ok := err.(*client.Error) //nolint:errorlint // what the client returns
	if !ok || len(written) == 0 {
		return err
	}
	told := *zoom
	told.Hint = "changes of other sections were made before this failed; read the settings to see which"
	if zoom.Hint != "" {
		told.Hint = zoom.Hint + "; " + told.Hint
	}
	return &told
}

// notApplied reads back what was written, and lists what is stored differently.
func (s *Server) notApplied(session *load.Session, tree *plan.Tree, where load.ViewKey, changes []change) *project.Value {
	waits := make([]func() ([]byte, error), len(changes))
	for i, c := range changes {
		where.Option = c.view
		if names := readable(tree, c); len(names) > 0 {
			waits[i] = session.Settings(load.SettingsKey{View: where, Names: tree.Filter(c.view, names)})
		}
	}
	return s.project.Value(func() ([]byte, error) {
		differences := []difference{}
		for i, wait := range waits {
			if wait == nil {
				continue
			}
			stored, err := wait()
			if err != nil {
				return nil, err
			}
			differences = append(differences, compare(tree, changes[i], stored)...)
		}
		return json.Marshal(differences)
	}, session)
}

// readable lists the names of a change that can be read back: a way to sign in is written by another name than it is
// read by.
func readable(tree *plan.Tree, c change) []string {
	var names []string
	for _, name := range c.names {
		if _, ok := tree.NameOf(c.view, name); ok {
			names = append(names, name)
		}
	}
	return names
}

// difference is a NotApplied.
type difference struct {
	Field  string          `json:"field"`
	Wanted json.RawMessage `json:"wanted"`
	Stored json.RawMessage `json:"stored"`
}

func compare(tree *plan.Tree, c change, stored []byte) []difference {
	var out []difference
	for key, value := range project.Members(c.body) {
		if name, isName := tree.NameOf(c.view, key); isName && name.Section == "" {
			found, _ := project.Member(stored, key)
			out = differ(out, key, value, found)
			continue
		}
		section, isSection := tree.SectionOf(key)
		if !isSection || section.Root {
			continue
		}
		found, _ := project.Member(stored, key)
		out = differ(out, key, value, found)
	}
	return out
}

// differ compares leaf by leaf what was wanted with what is stored.
func differ(out []difference, path string, wanted, stored []byte) []difference {
	if len(wanted) > 0 && wanted[0] == '{' {
		for key, value := range project.Members(wanted) {
			var found []byte
			if len(stored) > 0 && stored[0] == '{' {
				found, _ = project.Member(stored, key)
			}
			out = differ(out, path+"."+key, value, found)
		}
		return out
	}
	if stored == nil {
		stored = []byte("null")
	}
	if sameJSON(wanted, stored) {
		return out
	}
	return append(out, difference{path, wanted, stored})
}

func sameJSON(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	var x, y any
	return json.Unmarshal(a, &x) == nil && json.Unmarshal(b, &y) == nil && reflect.DeepEqual(x, y)
}
