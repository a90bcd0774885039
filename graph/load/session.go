// Package load is what one operation shares: dataloaders that merge equal reads, the settings loader that merges what
// different parts of a query need of one user into one call, and the ledger of calls.
//
// Nothing is sent while resolvers still run: they only say what they will need, and get a function that waits for it.
// The calls leave together as soon as everything is said, which is when every root field of the query has been
// resolved or waits for a list; so how requests merge does not hang on timers or on the scheduler.
//
// A [Session] belongs to one operation of one principal and is never shared or kept.
package load

import (
	"context"
	"net/url"
	"sync"
	"time"

	"github.com/graph-gophers/dataloader/v7"

	"zoomgraph/client"
)

// Upstream is what sessions of one principal share.
type Upstream struct {
	Client  *client.Client
	Filters *Filters
}

// Session is what one operation shares; see the package comment.
type Session struct {
	Ledger

	upstream *Upstream
	// ctx is the operation's: batches run under it and not under that of whoever asked first, so that nobody's leaving
	// ends what others wait for.
	ctx      context.Context
	cancel   context.CancelFunc
	reads    *dataloader.Loader[readKey, []byte]
	settings *dataloader.Loader[SettingsKey, []byte]

	mu      sync.Mutex
	roots   int // root fields of the query
	settled int // of these, the ones that are resolved or wait for a list
}

// maxPatience ends the gathering of reads when a list waits below a root field that goes on gathering.
const maxPatience = 10 * time.Millisecond

// gatherForever is the loaders' own timer, which never has its turn: [Session.flush] ends every batch.
const gatherForever = time.Hour

// NewSession makes the session of one operation with so many root fields. Its reads end with ctx, or with
// [Session.Close], which must be called.
func NewSession(ctx context.Context, upstream *Upstream, roots int) *Session {
	s := &Session{upstream: upstream, roots: roots}
	s.ctx, s.cancel = context.WithCancel(ctx)
	s.Forget()
	return s
}

// Forget drops everything that was read, so that what follows a write sees it.
func (s *Session) Forget() {
	s.reads = dataloader.NewBatchedLoader(s.readAll,
		dataloader.WithWait[readKey, []byte](gatherForever), dataloader.WithInputCapacity[readKey, []byte](8))
	s.settings = dataloader.NewBatchedLoader(s.settingsAll,
		dataloader.WithWait[SettingsKey, []byte](gatherForever), dataloader.WithInputCapacity[SettingsKey, []byte](8))
}

type sessionKey struct{}

// With puts the session where resolvers find it.
func With(ctx context.Context, s *Session) context.Context {
	return context.WithValue(ctx, sessionKey{}, s)
}

// From is the session of the operation, nil outside of one.
func From(ctx context.Context) *Session {
	s, _ := ctx.Value(sessionKey{}).(*Session)
	return s
}

// Settle says that a root field is resolved: all that it needs is said.
func (s *Session) Settle() { s.settle(1) }

func (s *Session) settle(n int) {
	s.mu.Lock()
	s.settled += n
	all := s.settled >= s.roots
	s.mu.Unlock()
	if all {
		s.flush()
	}
}

// Close ends the session once its answer is written. What was gathered and never waited for must not be kept.
func (s *Session) Close() {
	s.cancel()
	s.flush()
}

// flush sends what was gathered.
func (s *Session) flush() {
	s.reads.Flush()
	s.settings.Flush()
}

// Await reads, in a resolver, what it cannot go on without, such as a list: it counts as settled meanwhile, so that
// what the other root fields need is read at the same time.
func (s *Session) Await(op *client.Op, path []string, query url.Values) ([]byte, error) {
	s.count(1, 0)
	thunk := s.reads.Load(s.ctx, readKeyOf(op, path, query))
	s.settle(1)
	defer s.settle(-1)
	timer := time.AfterFunc(maxPatience, s.flush)
	defer timer.Stop()
	return thunk()
}

// later makes the function that a resolver hands on: whoever waits first sends what was gathered.
func (s *Session) later(thunk dataloader.Thunk[[]byte]) func() ([]byte, error) {
	return func() ([]byte, error) {
		s.flush()
		return thunk()
	}
}

// Do sends a call that is not a read at once.
func (s *Session) Do(req client.Request) (*client.Response, error) {
	res, err := s.upstream.Client.Do(s.ctx, req)
	s.record(req, res)
	return res, err
}
