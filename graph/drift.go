package graph

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/99designs/gqlgen/graphql"

	"zoomgraph/client"
	"zoomgraph/graph/load"
	"zoomgraph/graph/model"
	"zoomgraph/graph/plan"
	"zoomgraph/graph/planned"
	"zoomgraph/graph/price"
	"zoomgraph/graph/project"
	"zoomgraph/internal/rawjson"
)

// SettingsDrift answers Query.settingsDrift: it reads the baseline's settings of a page of users, and answers those who
// deviate. Groups and accounts are read only where somebody asks for the source of a deviation.
func (r queryResolver) SettingsDrift(ctx context.Context, baseline any, users *project.Input, first *int, after *string) (*model.SettingsDriftConnection, error) {
	policy, err := r.policyOf(baseline)
	if err != nil {
		return nil, err
	}
	query, err := r.usersQuery(users)
	if err != nil {
		return nil, err
	}
	d := &drift{Server: r.Server, session: load.From(ctx), policy: policy, sources: selectsBelow(ctx, "source") || selectsBelow(ctx, "groupId") || selectsBelow(ctx, "certainty")}
	var ahead func(model.Page) bool
	if planned.ListOf(ctx) != nil {
		ahead = func(part model.Page) bool {
			d.gather(ctx, part.Items)
			return false
		}
	}
	page, err := r.page(ctx, pageOf{op: &opUsers, list: "users", node: &opUser, first: first, after: after}, ahead, query...)
	if err != nil {
		return nil, err
	}
	found := &model.SettingsDriftConnection{PageInfo: page.PageInfo(), TotalCount: page.TotalCount()}
	for i, drifted := range d.examine(ctx, page) {
		if drifted == nil {
			continue
		}
		found.Nodes = append(found.Nodes, drifted)
		found.Edges = append(found.Edges, &model.SettingsDriftEdge{Node: drifted, Cursor: page.Cursor(i)})
	}
	return found, nil
}

// priced is what of a baseline has a say in a price.
type priced struct {
	names  []plan.Name
	values int // 0: not known
	each   int // bytes of one of them
}

// pricedPolicy is the baseline of a field; what is not known of it may be any setting.
func pricedPolicy(f *price.Field) any {
	value, _ := f.Argument("baseline")
	sections, known := value.(map[string]any)
	if !known {
		return priced{names: userSettingsTree.Names()}
	}
	var p priced
	size := 0
	for key, content := range sections {
		section, _ := userSettingsTree.SectionOf(key)
		names, known := content.(map[string]any)
		for _, name := range userSettingsTree.Names() {
			_, wanted := names[name.Name]
			if (wanted || !known) && name.View == section.View && cmp.Or(name.Section, name.View) == key {
				p.names = append(p.names, name)
			}
		}
		for _, value := range names {
			text, _ := json.Marshal(value) // what cannot be written is refused later
			p.values, size = p.values+1, size+len(text)
		}
	}
	p.each = (size + max(p.values, 1) - 1) / max(p.values, 1)
	return p
}

// priceDrift prices Query.settingsDrift: the settings of a page of users.
func priceDrift(f *price.Field) {
	var views []string
	for _, name := range f.Around().(priced).names {
		views = append(views, name.View)
	}
	f.List("Query.users", "User.settings", views)
}

// priceSource prices fields of a deviation that say where a value comes from.
func priceSource(f *price.Field) { priceAbove(f, f.Around().(priced).names) }

func lengthOfDeviations(f *price.Field) int {
	p := f.Around().(priced)
	return cmp.Or(p.values, len(p.names))
}

func weightOfWanted(f *price.Field) int { return cmp.Or(f.Around().(priced).each, 32) }

// usersQuery makes the parameters of the list of a UsersFilter.
func (s *Server) usersQuery(users *project.Input) ([]param, error) {
	if users == nil {
		return nil, nil
	}
	body, err := s.project.Body("UsersFilter", *users)
	if err != nil {
		return nil, err
	}
	var params []param
	for name, value := range rawjson.Members(body) {
		if string(value) != "null" {
			params = append(params, param{name, client.IDOf(value)})
		}
	}
	return params, nil
}

// wanted is one setting of a policy.
type wanted struct {
	name  plan.Name
	at    project.Type
	value []byte
}

// settingAt is where a user's setting stands in Zoom's answer.
func (s *Server) settingAt(name plan.Name) project.Type {
	return s.project.Root("UserSettings").Field(cmp.Or(name.Section, name.View)).Field(name.Name)
}

// What a baseline may have, in bytes. Each deviation repeats the value that is wanted.
const (
	maxBaseline = 64 << 10
	maxWanted   = 4 << 10 // a value that is no object
)

// longest is the largest of the values in a JSON value that are no objects.
func longest(value []byte) int {
	if len(value) == 0 || value[0] != '{' {
		return len(value)
	}
	most := 0
	for _, member := range rawjson.Pairs(value) {
		most = max(most, longest(member))
	}
	return most
}

// policyOf reads a baseline: an object of sections that are objects of names, with values that the settings can have.
func (s *Server) policyOf(baseline any) ([]wanted, error) {
	refuse := func(format string, args ...any) error {
		return &client.Error{
			Code: client.CodeBadUserInput, Message: "baseline: " + fmt.Sprintf(format, args...),
			Hint: "give an object of Zoom's sections, such as {schedule_meeting: {host_video: false}}",
		}
	}
	sections, ok := baseline.(map[string]any)
	if !ok {
		return nil, refuse("not an object")
	}
	var policy []wanted
	size := 0
	for key, content := range sections {
		section, known := userSettingsTree.SectionOf(key)
		names, ok := content.(map[string]any)
		switch {
		case !known:
			return nil, refuse("no section is named %q", key)
		case !ok:
			return nil, refuse("the section %q is not an object", key)
		}
		for name, value := range names {
			setting, known := userSettingsTree.NameIn(section, name)
			if !known {
				_, err := userSettingsTree.Find(key + "." + name)
				return nil, err
			}
			text, err := json.Marshal(value)
			if err != nil {
				return nil, err
			}
			w := wanted{setting, s.settingAt(setting), text}
			if n := longest(text); n > maxWanted {
				return nil, refuse("%s has a value of %d bytes, and one may have %d", w.path(), n, maxWanted)
			}
			if size += len(w.path()) + len(text); size > maxBaseline {
				return nil, refuse("it has more than %d bytes, which is the most that it may have", maxBaseline)
			}
			if below, expected := w.at.Check(text); expected != "" {
				return nil, refuse("%s%s has to be %s", w.path(), below, expected)
			}
			policy = append(policy, w)
		}
	}
	if len(policy) == 0 {
		return nil, refuse("it names no setting")
	}
	slices.SortFunc(policy, func(a, b wanted) int { return strings.Compare(a.path(), b.path()) })
	return policy, nil
}

func (w wanted) path() string { return sectionOf(w.name) + "." + w.name.Name }

// drift compares users with a policy.
type drift struct {
	*Server
	session *load.Session
	policy  []wanted
	sources bool
	own     []*level // what is asked for, of each user in their order
}

func (d *drift) names() []plan.Name {
	names := make([]plan.Name, len(d.policy))
	for i, w := range d.policy {
		names[i] = w.name
	}
	return names
}

// gather asks for the settings of further users.
func (d *drift) gather(ctx context.Context, users []model.Entity) {
	d.own = slices.Grow(d.own, len(users))
	for i := range users {
		d.own = append(d.own, gather(ctx, d.session, userSettingsTree, &opUserSettings, users[i].Key(), d.names()))
	}
}

// examine reads the users of a page, all at once, and finds their deviations; nil stands for who has none. Whose
// settings cannot be read is an error, and not among those who deviate.
func (d *drift) examine(ctx context.Context, page model.Page) []*model.SettingsDrift {
	d.gather(ctx, page.Items[len(d.own):])
	deviations := make([][]deviation, len(d.own))
	for i := range d.own {
		_, err := d.session.Await(atRoot(ctx), func() (_ []byte, err error) {
			deviations[i], err = d.deviations(d.own[i])
			return nil, err
		})
		if err != nil {
			graphql.AddError(ctx, about("user "+page.Items[i].Key(), err))
		}
	}
	out := make([]*model.SettingsDrift, len(d.own))
	for i := range out {
		if len(deviations[i]) > 0 {
			out[i] = d.drifted(ctx, page.Items[i], deviations[i])
		}
	}
	return out
}

// about names what an error is about, where its path cannot.
func about(what string, err error) error {
	var zoom *client.Error
	if !errors.As(err, &zoom) {
		return err
	}
	return zoom.About(what)
}

// deviation is a Deviation.
type deviation struct {
	Name      string          `json:"name"`
	Wanted    json.RawMessage `json:"wanted"`
	Found     json.RawMessage `json:"found"`
	Source    string          `json:"source,omitempty"`
	GroupID   *string         `json:"group_id"`
	Certainty string          `json:"certainty,omitempty"`

	setting plan.Name
	whole   []byte // the setting that it was found in
}

func (d *drift) deviations(own *level) ([]deviation, error) {
	var out []deviation
	for _, w := range d.policy {
		value, err := own.value(w.name)
		if err != nil {
			return nil, err
		}
		for _, difference := range differ(nil, w.path(), w.at, w.value, value) {
			out = append(out, deviation{
				Name: difference.Field, Wanted: difference.Wanted, Found: difference.Stored, setting: w.name, whole: value,
			})
		}
	}
	return out, nil
}

// drifted makes the answer for a user, with the sources of the deviations where they were asked for.
func (d *drift) drifted(ctx context.Context, user model.Entity, deviations []deviation) *model.SettingsDrift {
	load := func() ([]byte, error) { return json.Marshal(deviations) }
	if d.sources {
		names := make([]plan.Name, len(deviations))
		for i, found := range deviations {
			names[i] = found.setting
		}
		above := d.gatherAbove(ctx, d.session, idsIn(user.RawListed("group_ids").Known), names)
		load = d.session.Sending(func() ([]byte, error) {
			holdings, err := above.decideAll(names, func(i int) ([]byte, error) { return deviations[i].whole, nil })
			if err != nil {
				return nil, err
			}
			for i, h := range holdings {
				deviations[i].Source, deviations[i].GroupID, deviations[i].Certainty = h.source, above.idOf(h.group), h.certainty()
			}
			return json.Marshal(deviations)
		})
	}
	return &model.SettingsDrift{User: model.NewUser(user), Deviations: d.project.Value(load, d.session)}
}
