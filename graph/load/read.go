package load

import (
	"context"
	"net/url"
	"strings"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/graph-gophers/dataloader/v7"

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

func requestOf(key store.Key) client.Request {
	query, err := url.ParseQuery(key.Query)
	if err != nil { // it is url.Values' own encoding
		panic(err)
	}
	return client.Request{Op: key.Op, Path: key.Path[:strings.Count(key.Op.Path, "{")], Query: query}
}

// Read says that a GET will be needed. The function it returns waits for the answer's body; what was gathered leaves
// when somebody waits. ctx is that of the field which needs it.
func (s *Session) Read(ctx context.Context, op *client.Op, path []string, query url.Values) func() ([]byte, error) {
	return s.Sending(s.Gather(ctx, op, path, query))
}

// Gather is Read for a resolver that waits at once, by [Session.Await]: the function does not send what was gathered.
func (s *Session) Gather(ctx context.Context, op *client.Op, path []string, query url.Values) func() ([]byte, error) {
	key := keyOf(op, path, query)
	value := s.known(ctx, store.Ask{Key: key})
	if value == nil {
		l := s.gathering()
		s.needs(&l.gatheredReads)
		if s.Traced() {
			s.trace.asks(ctx, asked{s, key})
		}
		value = s.body(ctx, l.reads.Load(s.ctx, key))
	}
	return func() ([]byte, error) {
		body, err := value()
		return body.Text, err
	}
}

// known is the answer to a read that takes no call, and so needs nobody to share one with; nil: it may take one.
func (s *Session) known(ctx context.Context, ask store.Ask) func() (rawjson.Value, error) {
	ask.Since = s.Since
	at := s.trace.now()
	answer, ok, err := s.upstream.Store.Known(ask)
	if !ok {
		return nil
	}
	s.needed()
	s.main.reading.Add(1)
	s.answered(store.Cached)
	if s.Traced() {
		s.spared(ask, store.Cached, at, causedBy(ctx))
	}
	return func() (rawjson.Value, error) { return answer.Body, err }
}

// body waits for an answer, and explains where it is an old one.
func (s *Session) body(ctx context.Context, wait dataloader.Thunk[store.Answer]) func() (rawjson.Value, error) {
	return sync.OnceValues(func() (rawjson.Value, error) {
		answer, err := wait()
		if !answer.Stale.IsZero() {
			s.old(graphql.GetPath(ctx), answer.Stale)
		}
		return answer.Body, err
	})
}

// readAll is the batch function of reads.
func (s *Session) readAll(_ context.Context, keys []store.Key) []*dataloader.Result[store.Answer] {
	results := make([]*dataloader.Result[store.Answer], len(keys))
	s.operation.Expect(int64(len(keys) - 1))
	each(len(keys), func(i int) {
		var causes []*cause
		if s.Traced() {
			causes = s.trace.of(asked{s, keys[i]})
		}
		results[i] = s.answer(store.Ask{Key: keys[i], Fetch: s.fetch(requestOf(keys[i]), causes)}, causes)
	})
	return results
}

// answer is a known answer, or the answer of a call.
func (s *Session) answer(ask store.Ask, causes []*cause) *dataloader.Result[store.Answer] {
	ask.Since, ask.Lane, ask.Operation = s.Since, s.Lane, s.operation
	ask.Boarded, ask.Landed = func() { s.operation.Expect(-1) }, s.wake
	at := s.trace.now()
	answer, err := s.upstream.Store.Read(s.ctx, ask)
	s.answered(answer.Source)
	s.spared(ask, answer.Source, at, causes)
	return &dataloader.Result[store.Answer]{Data: answer, Error: err}
}

// fetch makes the call of a read.
func (s *Session) fetch(req client.Request, causes []*cause) store.Fetch {
	return func(ctx context.Context, seal store.Seal) (store.Fetched, error) {
		query := req.Query
		req.Seal = func() (url.Values, bool) {
			_, needed := seal()
			return query, needed
		}
		body, err := s.get(ctx, req, causes)
		return store.Fetched{Body: body}, err
	}
}

func (s *Session) get(ctx context.Context, req client.Request, causes []*cause) ([]byte, error) {
	res, err := s.call(ctx, req, causes)
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

// each runs do for 0 to n-1, all at once: the client bounds how many calls are in flight.
func each(n int, do func(i int)) {
	if n == 1 {
		do(0)
		return
	}
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { do(i) })
	}
	wg.Wait()
}
