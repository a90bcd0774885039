package load

import (
	"context"
	"maps"
	"net/url"
	"slices"
	"strings"
	"sync"

	"github.com/graph-gophers/dataloader/v7"

	"zoomgraph/client"
	"zoomgraph/internal/rawjson"
	"zoomgraph/internal/store"
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
	Param     string // of the query, that takes Option
}

func (v ViewKey) key() store.Key {
	query := url.Values{}
	if v.Option != "" {
		query.Set(v.Param, v.Option)
	}
	if v.LoginType != "" {
		query.Set("login_type", v.LoginType)
	}
	return keyOf(v.Op, []string{v.Target}, query)
}

// Settings says that a part of a view will be needed. The function it returns waits for an answer that holds at least
// that part: everything that an operation needs of one view is one call, with the union of the names. What was gathered
// leaves when somebody waits. ctx is that of the field which needs it.
func (s *Session) Settings(ctx context.Context, key SettingsKey) func() (rawjson.Value, error) {
	read := s.GatherSettings(ctx, key)
	return func() (rawjson.Value, error) {
		s.flush()
		return read()
	}
}

// GatherSettings is Settings for a resolver that waits at once, by [Session.Await].
func (s *Session) GatherSettings(ctx context.Context, key SettingsKey) func() (rawjson.Value, error) {
	if value := s.known(ctx, store.Ask{Key: key.View.key(), Names: union([]string{key.Names})}); value != nil {
		return value
	}
	l := s.gathering()
	s.needs(&l.gatheredSettings)
	if s.Traced() {
		s.trace.asks(ctx, asked{s, key})
	}
	return s.body(ctx, l.settings.Load(s.ctx, key))
}

// settingsAll is the batch function of settings: keys of one view are one read.
func (s *Session) settingsAll(_ context.Context, keys []SettingsKey) []*dataloader.Result[store.Answer] {
	groups := map[ViewKey][]string{}
	var order []ViewKey
	for _, key := range keys {
		if _, ok := groups[key.View]; !ok {
			order = append(order, key.View)
		}
		groups[key.View] = append(groups[key.View], key.Names)
	}
	answers := make(map[ViewKey]*dataloader.Result[store.Answer], len(order))
	var mu sync.Mutex
	s.operation.Expect(int64(len(order) - 1))
	each(len(order), func(i int) {
		view := order[i]
		causes := s.causesOf(view, groups[view])
		answer := s.answer(store.Ask{Key: view.key(), Names: union(groups[view]), Fetch: s.look(view, causes)}, causes)
		mu.Lock()
		defer mu.Unlock()
		answers[view] = answer
	})
	results := make([]*dataloader.Result[store.Answer], len(keys))
	for i, key := range keys {
		results[i] = answers[key.View]
	}
	return results
}

// causesOf are the fields that asked for parts of a view.
func (s *Session) causesOf(view ViewKey, filters []string) []*cause {
	if !s.Traced() {
		return nil
	}
	var causes []*cause
	for _, names := range filters {
		causes = append(causes, s.trace.of(asked{s, SettingsKey{View: view, Names: names}})...)
	}
	return causes
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

// look reads a view and makes sure that what is missing in the answer is missing at Zoom: where none of the names came
// back, and it is not known that the account's filter brings them, the whole view is asked once.
func (s *Session) look(view ViewKey, causes []*cause) store.Fetch {
	return func(ctx context.Context, seal store.Seal) (store.Fetched, error) {
		filters := s.upstream.Filters
		kind := filterKind{op: view.Op, option: view.Option}
		var names []string
		body, err := s.askView(ctx, view, causes, func() ([]string, bool) {
			var needed bool
			if names, needed = seal(); len(names) > maxNames || !filters.trusted(kind) {
				names = nil
			}
			return names, needed
		})
		if err != nil || len(names) == 0 || filters.mode == FilterOn {
			return store.Fetched{Body: body, Whole: len(names) == 0}, err
		}
		found, others := inspect(body, names)
		filters.learn(kind, found)
		switch {
		case others > len(names):
			filters.distrust(kind, "the answer holds what was not asked for")
			return store.Fetched{Body: body, Whole: true}, nil
		case len(found) > 0:
			return store.Fetched{Body: body}, nil
		}
		return s.secondLook(ctx, view, kind, names, body, causes)
	}
}

// secondLook finds out whether a filtered answer that brought nothing means that there is nothing. One look at a time:
// what the first finds out spares the others theirs.
func (s *Session) secondLook(ctx context.Context, view ViewKey, kind filterKind, names []string, first []byte, causes []*cause) (store.Fetched, error) {
	filters := s.upstream.Filters
	done, err := filters.look(ctx, kind)
	if err != nil {
		return store.Fetched{}, err
	}
	defer done()
	if filters.trusted(kind) && filters.knows(kind, names) {
		return store.Fetched{Body: first}, nil
	}
	whole, err := s.askView(ctx, view, causes, func() ([]string, bool) { return nil, true })
	if err != nil {
		return store.Fetched{}, err
	}
	if found, _ := inspect(whole, names); len(found) == 0 {
		filters.learn(kind, names)
		return store.Fetched{Body: first}, nil // as those are answered who need no second look any more
	}
	filters.distrust(kind, "a filtered answer lacked what the whole view holds")
	return store.Fetched{Body: whole, Whole: true}, nil
}

// askView asks for the names that are needed when the call leaves; none ask for the whole view.
func (s *Session) askView(ctx context.Context, view ViewKey, causes []*cause, seal store.Seal) ([]byte, error) {
	req := requestOf(view.key())
	plain := req.Query
	req.Seal = func() (url.Values, bool) {
		names, needed := seal()
		query := maps.Clone(plain)
		if len(names) > 0 {
			query.Set("custom_query_fields", strings.Join(names, ","))
		}
		return query, needed
	}
	return s.get(ctx, req, causes)
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
