package load

import (
	"context"
	"net/url"

	"zoomgraph/client"
	"zoomgraph/internal/rawjson"
	"zoomgraph/internal/store"
)

// keyOf names one GET; equal ones are sent once an operation.
func keyOf(op *client.Op, path []string, query url.Values) store.Key {
	key := store.Key{Op: op, Query: query.Encode()}
	copy(key.Path[:], path)
	return key
}

// Read says that a GET will be needed. The function it returns waits for the answer's body; what was gathered leaves
// when somebody waits. ctx is that of the field which needs it.
func (s *Session) Read(ctx context.Context, op *client.Op, path []string, query url.Values) func() ([]byte, error) {
	return s.Sending(s.Gather(ctx, op, path, query))
}

// Gather is Read for a resolver that waits at once, by [Session.Await]: the function does not send what was gathered.
func (s *Session) Gather(ctx context.Context, op *client.Op, path []string, query url.Values) func() ([]byte, error) {
	return s.gather(ctx, op, path, query, false)
}

// GatherFirst is Gather for a read that has its turn before the session's others that wait.
func (s *Session) GatherFirst(ctx context.Context, op *client.Op, path []string, query url.Values) func() ([]byte, error) {
	return s.gather(ctx, op, path, query, true)
}

func (s *Session) gather(ctx context.Context, op *client.Op, path []string, query url.Values, first bool) func() ([]byte, error) {
	key := keyOf(op, path, query)
	if known := s.known(ctx, key, nil, query); known != nil {
		return func() ([]byte, error) {
			body, err := known()
			return body.Text, err
		}
	}
	r, number := s.ask(ctx, key, nil, query, first)
	return func() ([]byte, error) {
		body, err := r.value(ctx, number)
		return body.Text, err
	}
}

// known is the answer to a read that takes no call, and so needs nobody to share one with; nil: it may take one.
func (s *Session) known(ctx context.Context, key store.Key, of *form, query url.Values) func() (rawjson.Value, error) {
	if !s.upstream.Store.Keeps() {
		return nil
	}
	ask := store.Ask{Key: key, Since: s.Since}
	if of != nil {
		ask.Names = of.list
	}
	at := s.trace.now()
	answer, ok, err := s.upstream.Store.Known(ask)
	if !ok {
		return nil
	}
	s.cached()
	s.main.reading.Add(1)
	if s.Traced() {
		r := &reading{session: s, key: key, query: query, at: at, causes: causedBy(ctx)}
		if of != nil {
			r.forms = []*form{of}
		}
		s.spared(r, store.Cached)
	}
	body := answer.Body
	return func() (rawjson.Value, error) { return body, err }
}

// fetch makes the call of a read that is not of a view.
func (r *reading) fetch(ctx context.Context, seal store.Seal) (store.Fetched, error) {
	var req client.Request
	r.request(&req, r.query)
	req.Seal = func() (url.Values, bool) {
		_, needed := seal()
		return r.query, needed
	}
	res, err := r.session.call(ctx, &req, r.causes)
	if err != nil {
		return store.Fetched{}, err
	}
	return store.Fetched{Body: rawjson.Whole(res.Body)}, nil
}

// request says what a read sends, with a query.
func (r *reading) request(req *client.Request, query url.Values) {
	*req = client.Request{Op: r.key.Op, Path: r.key.Values(), Query: query, First: r.first}
}
