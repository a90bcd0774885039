package graph

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"zoomgraph/client"
	"zoomgraph/graph/load"
	"zoomgraph/graph/plan"
	"zoomgraph/graph/project"
	"zoomgraph/internal/rawjson"
)

// updateOf is what a generated resolver knows of a write of a settings tree.
type updateOf struct {
	tree        *plan.Tree
	input       string // the type of the input
	write, read *client.Op
	target      string // the value in the path of both; "" where they take none
}

func (of updateOf) path() []string {
	if of.target == "" && !strings.Contains(of.write.Path, "{") {
		return nil
	}
	return []string{of.target}
}

// update writes a settings tree: one PATCH a view that the input touches. What Zoom stored is read back when a field of
// the payload asks, and only the names that were written.
func (s *Server) update(ctx context.Context, of updateOf, input project.Input) (*written, error) {
	body, err := s.body(of.input, input)
	if err != nil {
		return nil, err
	}
	changes, err := split(of.tree, body)
	if err != nil {
		return nil, err
	}
	w := &written{ctx: ctx, server: s, session: load.From(ctx)}
	done, err := w.patch(of, changes)
	if of.tree == userSettingsTree {
		s.announce(ctx, of.target, done)
	}
	if err != nil {
		return nil, partly(err, done)
	}
	if selectsBelow(ctx, "notApplied") {
		w.notApplied = s.notApplied(ctx, w.session, of, changes)
		if withholds(ctx) && slices.ContainsFunc(changes, func(c change) bool { return project.HoldsSecret(c.body) }) {
			for _, path := range pathsBelow(ctx, "notApplied") {
				w.session.Absent(path, project.Withheld)
			}
		}
	}
	return w, nil
}

// patch writes the changes one after the other, until one fails, and returns those that were made.
func (w *written) patch(of updateOf, changes []change) (done []change, err error) {
	for i, change := range changes {
		req := client.Request{Op: of.write, Path: of.path(), Body: json.RawMessage(change.body)}
		if change.view != "" {
			req.Query = map[string][]string{of.tree.Param(): {change.view}}
		}
		if _, err := w.session.Write(w.ctx, req); err != nil {
			return changes[:i], err
		}
	}
	return changes, nil
}

// change is what is written of one view.
type change struct {
	view  string
	body  []byte
	names []string // directly under the sections
}

// split cuts the body of a settings tree's input into one change a view, in the order of the input's sections.
func split(tree *plan.Tree, body []byte) ([]change, error) {
	var changes []change
	at := map[string]int{} // by view
	for key, value := range rawjson.Members(body) {
		section, ok := tree.SectionOf(key)
		if !ok || value[0] != '{' {
			return nil, &client.Error{
				Code: client.CodeBadUserInput, Message: fmt.Sprintf("input: the section %q cannot be null", key),
				Hint: "leave out what is to stay as it is",
			}
		}
		names := namesIn(value)
		if len(names) == 0 {
			continue
		}
		i, seen := at[section.View]
		if !seen {
			i = len(changes)
			at[section.View] = i
			changes = append(changes, change{view: section.View, body: []byte{'{'}})
		}
		changes[i].add(section, value, names)
	}
	if len(changes) == 0 {
		return nil, &client.Error{Code: client.CodeBadUserInput, Message: "input changes nothing", Hint: "set at least one field of a section"}
	}
	for i := range changes {
		changes[i].body = append(changes[i].body, '}')
	}
	return changes, nil
}

func namesIn(object []byte) []string {
	var names []string
	for name := range rawjson.Members(object) {
		names = append(names, name)
	}
	return names
}

func (c *change) add(section plan.Section, value []byte, names []string) {
	c.names = append(c.names, names...)
	if !section.Root {
		c.body = rawjson.Append(c.body, section.Zoom, value)
		return
	}
	for name, leaf := range rawjson.Members(value) {
		c.body = rawjson.Append(c.body, name, leaf)
	}
}

// partly adds to an error what had been written before it.
func partly(err error, written []change) error {
	var zoom *client.Error
	if !errors.As(err, &zoom) || len(written) == 0 {
		return err
	}
	told := *zoom
	told.Hint = "changes of other sections were made before this failed; read the settings to see which"
	if zoom.Hint != "" {
		told.Hint = zoom.Hint + "; " + told.Hint
	}
	return &told
}

// notApplied reads back what was written, and lists what is stored differently. Who may not see secrets is not told of
// those: whether one is stored as it was sent says what it is.
func (s *Server) notApplied(ctx context.Context, session *load.Session, of updateOf, changes []change) *project.Value {
	waits := make([]func() (rawjson.Value, error), len(changes))
	for i, c := range changes {
		if names := readable(of.tree, c); len(names) > 0 {
			view := load.ViewKey{Op: of.read, Target: of.target, Option: c.view, Param: of.tree.Param()}
			waits[i] = session.Settings(ctx, load.SettingsKey{View: view, Names: of.tree.Filter(c.view, names)})
		}
	}
	blind := withholds(ctx)
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
			for _, d := range compare(of.tree, s.project.Root(of.input), changes[i], stored.Text) {
				if !blind || !d.ofSecret() {
					differences = append(differences, d)
				}
			}
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

// ofSecret tells whether what was wanted is a secret, or has one in it.
func (d difference) ofSecret() bool {
	return isSecretValue(d.Field, d.Wanted)
}

// compare finds what of a change is stored differently. The input's type, at, says how the values are read.
func compare(tree *plan.Tree, at project.Type, c change, stored []byte) []difference {
	var out []difference
	for key, value := range rawjson.Members(c.body) {
		name, isName := tree.NameOf(c.view, key)
		section, isSection := tree.SectionOf(key)
		var of project.Type
		switch {
		case isName && name.Section == "":
			of = at.Field(name.View).Field(key)
		case isSection && !section.Root:
			of = at.Field(key)
		default:
			continue
		}
		found, _ := rawjson.Member(stored, key)
		out = differ(out, key, of, value, found)
	}
	return out
}

// differ compares what was wanted with what is stored: objects member by member, lists of actions by what they do, and
// everything else whole, as the schema's type has it.
func differ(out []difference, path string, at project.Type, wanted, stored []byte) []difference {
	if len(wanted) > 0 && wanted[0] == '{' && !at.IsList() {
		for key, value := range rawjson.Members(wanted) {
			var found []byte
			if len(stored) > 0 && stored[0] == '{' {
				found, _ = rawjson.Member(stored, key)
			}
			out = differ(out, path+"."+key, at.Field(key), value, found)
		}
		return out
	}
	if at.Same(wanted, stored) || isActions(at) && done(at, wanted, stored) {
		return out
	}
	if stored == nil {
		stored = []byte("null")
	}
	return append(out, difference{path, at.Typed(wanted), at.Typed(stored)})
}
