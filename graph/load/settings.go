package load

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/graph-gophers/dataloader/v7"

	"zoomgraph/client"
	"zoomgraph/internal/rawjson"
)

// SettingsKey names what one selection needs of one view of somebody's settings.
type SettingsKey struct {
	View  ViewKey
	Names string // sorted, joined by commas; "" needs the whole view
}

// ViewKey names one view of somebody's settings: what one call brings.
type ViewKey struct {
	Op        *client.Op
	Target    string // the value in the operation's path
	LoginType string // Zoom's number; "" sends none
	Option    string // "" is the default view
}

// Settings says that a part of a view will be needed. The function it returns waits for an answer that holds at least
// that part: everything that an operation needs of one view is one call, with the union of the names. What was gathered
// leaves when somebody waits.
func (s *Session) Settings(key SettingsKey) func() ([]byte, error) {
	return s.Sending(s.GatherSettings(key))
}

// GatherSettings is Settings for a resolver that waits at once, by [Session.Await].
func (s *Session) GatherSettings(key SettingsKey) func() ([]byte, error) {
	s.count(1, 0)
	s.reading.Add(1)
	return s.loaders.Load().settings.Load(s.ctx, key)
}

// settingsAll is the batch function of settings: keys of one view are one call.
func (s *Session) settingsAll(_ context.Context, keys []SettingsKey) []*dataloader.Result[[]byte] {
	groups := map[ViewKey][]string{}
	var order []ViewKey
	for _, key := range keys {
		if _, ok := groups[key.View]; !ok {
			order = append(order, key.View)
		}
		groups[key.View] = append(groups[key.View], key.Names)
	}
	s.count(0, len(order))
	answers := make([]dataloader.Result[[]byte], len(order))
	place := make(map[ViewKey]int, len(order))
	for i, view := range order {
		place[view] = i
	}
	each(len(order), func(i int) {
		body, err := safely(func() ([]byte, error) { return s.readView(order[i], union(groups[order[i]])) })
		answers[i] = dataloader.Result[[]byte]{Data: body, Error: err}
	})
	results := make([]*dataloader.Result[[]byte], len(keys))
	for i, key := range keys {
		results[i] = &answers[place[key.View]]
	}
	return results
}

// union joins filters; nil is the whole view.
func union(filters []string) []string {
	if len(filters) == 1 && filters[0] != "" {
		return strings.Split(filters[0], ",")
	}
	var names []string
	for _, filter := range filters {
		if filter == "" {
			return nil
		}
		names = append(names, strings.Split(filter, ",")...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// maxNames is how many names a filter holds; a union of more asks for the whole view.
const maxNames = 100

// readView asks for a view and makes sure that what is missing in the answer is missing at Zoom: where none of the
// names came back, and it is not known that the account's filter brings them, the whole view is asked once.
func (s *Session) readView(view ViewKey, names []string) ([]byte, error) {
	filters := s.upstream.Filters
	kind := filterKind{op: view.Op, option: view.Option}
	if len(names) == 0 || len(names) > maxNames || !filters.trusted(kind) {
		return s.askView(view, nil)
	}
	body, err := s.askView(view, names)
	if err != nil || filters.mode == FilterOn {
		return body, err
	}
	found, others := inspect(body, names)
	filters.learn(kind, found)
	if others > len(names) {
		filters.distrust(kind, "the answer holds what was not asked for")
		return body, nil
	}
	if len(found) > 0 {
		return body, nil
	}
	return s.secondLook(view, kind, names, body)
}

// secondLook finds out whether a filtered answer that brought nothing means that there is nothing. One look at a time:
// what the first finds out spares the others theirs.
func (s *Session) secondLook(view ViewKey, kind filterKind, names []string, first []byte) ([]byte, error) {
	filters := s.upstream.Filters
	done, err := filters.look(s.ctx, kind)
	if err != nil {
		return nil, err
	}
	defer done()
	if filters.trusted(kind) && filters.knows(kind, names) {
		return first, nil
	}
	whole, err := s.askView(view, nil)
	if err != nil {
		return nil, err
	}
	if found, _ := inspect(whole, names); len(found) > 0 {
		filters.distrust(kind, "a filtered answer lacked what the whole view holds")
	} else {
		filters.learn(kind, names)
	}
	return whole, nil
}

func (s *Session) askView(view ViewKey, names []string) ([]byte, error) {
	query := url.Values{}
	if len(names) > 0 {
		query.Set("custom_query_fields", strings.Join(names, ","))
	}
	if view.Option != "" {
		query.Set("option", view.Option)
	}
	if view.LoginType != "" {
		query.Set("login_type", view.LoginType)
	}
	return s.get(client.Request{Op: view.Op, Path: []string{view.Target}, Query: query})
}

// inspect tells which of the names an answer holds, at its top or directly under a section, and how many others stand
// there.
func inspect(body []byte, names []string) (found []string, others int) {
	has := map[string]bool{}
	for key, value := range rawjson.Members(body) {
		if slices.Contains(names, key) {
			has[key] = true
			continue
		}
		if len(value) == 0 || value[0] != '{' {
			others++
			continue
		}
		for name := range rawjson.Members(value) {
			if slices.Contains(names, name) {
				has[name] = true
			} else {
				others++
			}
		}
	}
	for _, name := range names {
		if has[name] {
			found = append(found, name)
		}
	}
	return found, others
}
