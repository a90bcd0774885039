package load

import (
	"context"
	"net/url"

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

// form is what a read of the view asks for, where it needs those names.
func (s *Session) form(key *SettingsKey) *form {
	v := &key.View
	return s.upstream.forms.of(formKey{op: v.Op, loginType: v.LoginType, option: v.Option, param: v.Param, names: key.Names})
}

// Settings says that a part of a view will be needed. The function it returns waits for an answer that holds at least
// that part: everything that an operation needs of one view is one call, with the union of the names. What was gathered
// leaves when somebody waits. ctx is that of the field which needs it.
func (s *Session) Settings(ctx context.Context, key SettingsKey) func() (rawjson.Value, error) {
	return s.settings(ctx, key, true)
}

// GatherSettings is Settings for a resolver that waits at once, by [Session.Await].
func (s *Session) GatherSettings(ctx context.Context, key SettingsKey) func() (rawjson.Value, error) {
	return s.settings(ctx, key, false)
}

func (s *Session) settings(ctx context.Context, of SettingsKey, sends bool) dataloader.Thunk[rawjson.Value] {
	form := s.form(&of)
	key := store.Key{Op: of.View.Op, Path: [store.MaxPath]string{of.View.Target}, Query: form.query}
	if known := s.known(ctx, key, form, nil); known != nil {
		return known
	}
	r, number := s.ask(ctx, key, form, nil, false)
	return func() (rawjson.Value, error) {
		if sends {
			s.flush()
		}
		return r.value(ctx, number)
	}
}

// maxNames is how many names a filter holds; a union of more asks for the whole view.
const maxNames = 100

// lookup is a call for a view; it is part of the read's memory.
type lookup struct {
	*reading
	req  client.Request
	seal store.Seal
	form *form // what is asked for: that is chosen when the call leaves
}

// look reads a view and makes sure that what is missing in the answer is missing at Zoom: where none of the names came
// back, and it is not known that the account's filter brings them, the whole view is asked once.
func (r *reading) look(ctx context.Context, seal store.Seal) (store.Fetched, error) {
	filters := r.session.upstream.Filters
	l := &r.call // one at a time
	*l = lookup{reading: r, seal: seal, form: r.forms[0]}
	body, err := l.ask(ctx, l.leaves)
	form := l.form
	if err != nil || form.list == nil || filters.mode == FilterOn {
		return store.Fetched{Body: body, Whole: form.list == nil}, err
	}
	found, others := form.inspect(body)
	filters.learn(form, found)
	switch {
	case others > len(form.list):
		filters.distrust(form.kind(), "the answer holds what was not asked for")
		return store.Fetched{Body: body, Whole: true}, nil
	case len(found) > 0:
		return store.Fetched{Body: body}, nil
	}
	return l.secondLook(ctx, body)
}

// leaves chooses what to ask for: the names that are needed.
func (l *lookup) leaves() (url.Values, bool) {
	upstream := l.session.upstream
	names, needed := l.seal()
	if len(names) > maxNames || !upstream.Filters.trusted(l.form.kind()) {
		names = nil
	}
	l.form = upstream.forms.with(l.form, names)
	l.req.Query = l.form.full
	return l.form.full, needed
}

// ask makes the call.
func (l *lookup) ask(ctx context.Context, leaves func() (url.Values, bool)) (rawjson.Value, error) {
	l.request(&l.req, l.form.plain)
	l.req.Seal, l.req.Shapes = leaves, &l.form.shapes
	res, err := l.session.call(ctx, &l.req, l.causes)
	if err != nil {
		return rawjson.Value{}, err
	}
	if res.Parsed.Text != nil {
		return res.Parsed, nil
	}
	return l.req.Shapes.Parse(res.Body), nil
}

// secondLook finds out whether a filtered answer that brought nothing means that there is nothing. One look at a time:
// what the first finds out spares the others theirs.
func (l *lookup) secondLook(ctx context.Context, first rawjson.Value) (store.Fetched, error) {
	filters, form := l.session.upstream.Filters, l.form
	done, err := filters.look(ctx, form.kind())
	if err != nil {
		return store.Fetched{}, err
	}
	defer done()
	if filters.trusted(form.kind()) && filters.knows(form.kind(), form.list) {
		return store.Fetched{Body: first}, nil
	}
	whole, err := l.ask(ctx, func() (url.Values, bool) { return form.plain, true })
	if err != nil {
		return store.Fetched{}, err
	}
	if found, _ := form.inspect(whole); len(found) == 0 {
		filters.learn(form, form.list)
		return store.Fetched{Body: first}, nil // as those are answered who need no second look any more
	}
	filters.distrust(form.kind(), "a filtered answer lacked what the whole view holds")
	return store.Fetched{Body: whole, Whole: true}, nil
}
