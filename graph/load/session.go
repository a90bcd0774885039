// Package load merges the reads of one operation: equal reads are one, the fields of one view of somebody's settings are
// one call, and the ledger counts the calls. Start reading at [Session.Settings] and in gather.go.
//
// Nothing is sent while resolvers still run: they only say what they will need, and get a function that waits for it.
// The calls leave together as soon as everything is said, which is when every root field of the query has been
// resolved or waits for a list; so how requests merge does not hang on timers or on the scheduler.
//
// A [Session] belongs to one operation of one principal and is never shared or kept. An operation that asks in sub accounts
// too has a session for each, see [Session.In].
package load

import (
	"context"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"zoomgraph/client"
	"zoomgraph/internal/store"
	"zoomgraph/internal/unnamed"
)

// Upstream is shared by all sessions of one principal.
type Upstream struct {
	Client  *client.Client
	Filters *Filters
	Store   *store.Principal
	// Unnamed notes what the schema does not name; nil: nothing does.
	Unnamed *unnamed.Names

	sessions atomic.Int64
	forms    forms
}

// Session is shared by all reads of one operation in one account; see the package comment.
type Session struct {
	*Ledger

	// Caller is whose calls the session makes, Lane how urgent they are, and Since when their answers may have been read at
	// the earliest. They are set before the first read.
	Caller string
	Lane   client.Lane
	Since  time.Time

	upstream *Upstream
	// main is the session that the operation began with. It knows when to send, for all.
	main *Session
	// ctx is the context of the operation. Batches run under it, not under the context of the first caller: one caller
	// that leaves must not cancel the reads of the others.
	ctx      context.Context
	gathered gathered
	// operation expects one read as long as resolvers run, and those that are about to leave.
	operation *store.Operation

	// Of main:
	numbered sync.Once
	number   string       // see turn
	resting  atomic.Bool  // no resolver runs: one waits
	beside   atomic.Int32 // how many wait while others run
	mu       sync.Mutex
	sessions []*Session // main, and those in sub accounts
	roots    int        // root fields of the query
	settled  int        // of these, the ones that are resolved or wait for a list
	resolved int
	timer    *time.Timer
	heard    int64

	reading atomic.Int64 // reads that were asked for
}

// NewSession makes the session of one operation with so many root fields. Its reads end with ctx, or with
// [Session.Close], which must be called.
func NewSession(ctx context.Context, upstream *Upstream, roots int) *Session {
	both := new(struct {
		Session
		ledger Ledger
		all    [1]*Session
	})
	s := &both.Session
	s.Ledger, s.upstream, s.ctx, s.roots = &both.ledger, upstream, ctx, roots
	s.main, both.all[0] = s, s
	s.sessions = both.all[:]
	s.operation = upstream.Store.Operation()
	s.operation.Expect(1)
	return s
}

// turn tells the operation from others of its caller, which it takes turns with. Most that take no call never need it.
func (s *Session) turn() string {
	m := s.main
	m.numbered.Do(func() { m.number = strconv.FormatInt(m.upstream.sessions.Add(1), 36) })
	return m.number
}

// In is the session of the same operation in a sub account: what both need leaves together, and counts together.
func (s *Session) In(upstream *Upstream) *Session {
	m := s.main
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, known := range m.sessions {
		if known.upstream == upstream {
			return known
		}
	}
	in := &Session{
		Ledger: m.Ledger, Caller: m.Caller, Lane: m.Lane, Since: m.Since,
		upstream: upstream, main: m, ctx: m.ctx, operation: upstream.Store.Operation(),
	}
	if m.resolved < m.roots && !m.resting.Load() {
		in.operation.Expect(1)
	}
	m.sessions = append(m.sessions, in)
	return in
}

// all are the sessions of the operation.
func (s *Session) all() []*Session {
	s.main.mu.Lock()
	defer s.main.mu.Unlock()
	return s.main.sessions
}

// Forget drops everything that was read, so that what follows a write sees it.
func (s *Session) Forget() {
	for _, each := range s.all() {
		each.forget()
	}
	s.trace.forget()
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
func (s *Session) Settle() {
	s.settle(1)
	m := s.main
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.resolved++; m.resolved == m.roots {
		m.expect(-1)
	}
}

// expect announces so many more reads in each account; the lock is held.
func (s *Session) expect(n int64) {
	for _, each := range s.sessions {
		each.operation.Expect(n)
	}
}

func (s *Session) settle(n int) {
	m := s.main
	m.mu.Lock()
	m.settled += n
	all := m.settled >= m.roots
	m.mu.Unlock()
	if all {
		s.flush()
	}
}

// Close ends the session once its answer is written. What was gathered and never waited for must not be kept.
func (s *Session) Close() {
	for _, each := range s.all() {
		each.leave()
		each.operation.End()
	}
}

// Unknown implements project.Observer.
func (s *Session) Unknown(field, value string) { s.upstream.Unnamed.Value(field, value) }

// flush sends what was gathered.
func (s *Session) flush() {
	for _, each := range s.all() {
		each.send()
	}
}

// Await waits, in a resolver, for what it cannot go on without, such as a list. A root field counts as settled
// meanwhile, so that what the others need is read at the same time; of a field below one it is not known what else
// there will be, so the reads leave when no further ones have come for a moment.
func (s *Session) Await(root bool, read func() ([]byte, error)) ([]byte, error) {
	if root {
		s.settle(1)
		defer s.settle(-1)
	} else {
		s.flushWhenQuiet()
	}
	s.rest(true)
	defer s.wake()
	return read()
}

// AwaitBeside is Await beside resolvers that go on meanwhile. What they ask for leaves when no further reads have come for a
// moment, again and again.
func (s *Session) AwaitBeside(read func() ([]byte, error)) ([]byte, error) {
	s.main.beside.Add(1)
	defer s.main.beside.Add(-1)
	return s.Await(false, read)
}

// wake says that resolvers run again, which may need more.
func (s *Session) wake() { s.rest(false) }

// rest says whether resolvers run, or one waits.
func (s *Session) rest(resting bool) {
	m := s.main
	if m.resting.Load() == resting {
		return
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case !m.resting.CompareAndSwap(!resting, resting): // another one was faster
	case resting:
		m.expect(-1)
	default:
		m.expect(1)
	}
}

// quiet is how long no read must have been asked for.
const quiet = 500 * time.Microsecond

func (s *Session) flushWhenQuiet() {
	m := s.main
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.timer == nil {
		m.heard = m.reading.Load()
		m.timer = time.AfterFunc(quiet, m.listen)
	}
}

// listen is main's.
func (s *Session) listen() {
	s.mu.Lock()
	if now := s.reading.Load(); now != s.heard {
		s.heard = now
		s.timer.Reset(quiet)
		s.mu.Unlock()
		return
	}
	s.timer = nil
	s.mu.Unlock()
	s.flush()
}

// Sending returns read wrapped for a resolver: the first caller that waits for it sends all gathered reads.
func (s *Session) Sending(read func() ([]byte, error)) func() ([]byte, error) {
	return func() ([]byte, error) {
		s.flush()
		return read()
	}
}

// call sends a request. A Seal of it notes there the query that is sent.
func (s *Session) call(ctx context.Context, req *client.Request, causes []*cause) (*client.Response, error) {
	req.Caller, req.Session, req.Lane = s.Caller, s.turn(), s.Lane
	at := s.trace.now()
	res, err := s.upstream.Client.Do(ctx, *req)
	s.record(req.Op, res)
	if res != nil && err == nil {
		s.upstream.Unnamed.Answered(req.Op, res.Body)
	}
	s.called(req, res, at, causes)
	return res, err
}
