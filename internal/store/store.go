// Package store keeps what was read of Zoom, so that it need not be read again: answers, and of the answers that can be
// asked for in parts (the views of settings) the parts, each with the time it was read.
//
//	s, err := store.New(store.Options{TTL: 30 * time.Second})
//	answer, err := s.Principal("acct-a", "", nil).Read(ctx, store.Ask{Key: …, Names: …, Fetch: …})
//
// A read is answered from what is kept where that is young enough. Otherwise only the names that are missing are
// fetched, and put to what is there. Who has more to do begins a read, by [Reading.Begin], and waits later. Reads of
// one principal that come at the same time share their calls: what one needs is added to a call of another's that waits
// for its turn; whoever leaves takes nothing from those who stay.
//
// Whatever a write changes is not believed any more from the moment on that [Principal.Write] returns, nor is what is
// read of it until the write has ended: every value is kept with the stamp that its resources had before it was read
// (see [Guards]), also where a write comes while a read is under way.
package store

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/maypok86/otter/v2"

	"zoomgraph/client"
	"zoomgraph/graph/program"
	"zoomgraph/internal/rawjson"
)

// Options say how long answers are kept.
type Options struct {
	// TTL is how old an answer may be; 0 or less: nothing is kept.
	TTL time.Duration
	// UsersTTL is the same for the list and the details of users.
	UsersTTL time.Duration
	// ServeStale is how old an answer may be that is given where the account's limits allow no call.
	ServeStale time.Duration
	// Weight bounds what is kept in this process, in bytes; 0: 64 MiB.
	Weight int
	// Logger gets what an operator should know; nil discards it.
	Logger *slog.Logger
	// Fact tells what is known of one of Zoom's operations, nil for nothing; nil: [program.Fact].
	Fact func(op string) *program.Operation
	// Now is the clock by which answers grow old; nil: [time.Now]. It never goes back.
	Now func() time.Time
}

const (
	defaultWeight = 64 << 20
	entryWeight   = 512             // bytes an entry takes beside its body and what is known of that
	nameWeight    = 40              // bytes it takes to know when a name was read, beside the name
	unknownLife   = 5 * time.Second // how long it is believed that there is no such user
	longestCall   = 2 * time.Minute // how long it is remembered what was read, for calls that left before it
)

// Store keeps answers of many accounts. It is safe for concurrent use.
type Store struct {
	opts    Options
	clock   clock
	marked  atomic.Int64                 // the last mark
	byName  atomic.Bool                  // something was kept of a user by another name than the id
	near    *otter.Cache[entryKey, held] // nil: nothing is kept
	aliases *otter.Cache[nameKey, alias]
	counts  counts
	rules   sync.Map // a rule by *client.Op
	crew    crew

	mu     sync.Mutex
	guards map[string]*alone // by account
}

// entryKey is where an entry is kept: everything that makes an answer another one.
type entryKey struct {
	account, class string
	Key
}

// MaxPath is how many values a path takes at most; Zoom's longest take three.
const MaxPath = 4

// Key names one answer of Zoom's.
type Key struct {
	Op    *client.Op
	Path  [MaxPath]string
	Query string // encoded, without custom_query_fields
}

// Values are those that the operation's path takes.
func (k *Key) Values() []string { return k.Path[:strings.Count(k.Op.Path, "{")] }

// New makes an empty store.
func New(opts Options) (*Store, error) {
	if opts.Weight == 0 {
		opts.Weight = defaultWeight
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.Fact == nil {
		opts.Fact = program.Fact
	}
	s := &Store{opts: opts, clock: newClock(opts.Now), guards: map[string]*alone{}}
	if opts.TTL <= 0 && opts.UsersTTL <= 0 {
		return s, nil
	}
	var err error
	s.near, err = otter.New(&otter.Options[entryKey, held]{
		MaximumWeight:    uint64(opts.Weight),
		Weigher:          func(_ entryKey, h held) uint32 { return h.weight() },
		ExpiryCalculator: otter.ExpiryWriting[entryKey, held](max(s.life(), longestCall)),
	})
	if err != nil {
		return nil, err
	}
	s.aliases, err = otter.New(&otter.Options[nameKey, alias]{
		MaximumSize: maxAliases, ExpiryCalculator: otter.ExpiryWriting[nameKey, alias](max(opts.UsersTTL, 0) + time.Second),
	})
	return s, err
}

// Close ends what runs beside reads. A closed store is not used any more.
func (s *Store) Close() {
	s.crew.end()
	if s.near != nil {
		s.near.StopAllGoroutines()
		s.aliases.StopAllGoroutines()
	}
}

// counts are what became of reads.
type counts struct{ near, far, joined, called, stale atomic.Int64 }

// Counts is how many reads were answered how, since the start.
type Counts struct {
	Near, Far int64 // known in this process, known to another one
	Joined    int64 // by the call of another read
	Called    int64 // by a call, or an error of one
	Stale     int64 // with an older value, for want of calls
}

// Counts tells what became of reads so far.
func (s *Store) Counts() Counts {
	c := &s.counts
	return Counts{Near: c.near.Load(), Far: c.far.Load(), Joined: c.joined.Load(), Called: c.called.Load(), Stale: c.stale.Load()}
}

// Principal is a group of callers who see the same of one account. It is safe for concurrent use.
type Principal struct {
	store          *Store
	account, class string
	below          string // the sub account; "": none
	guards         Guards
	far            Far // nil: none

	expected atomic.Int64 // of all operations

	mu      sync.Mutex
	flights map[Key]*flight // the first one of each, which leads to the others
}

// Principal returns the part of the store for the callers of an account that see the same; class names them. far
// belongs to the account; nil keeps everything in this process.
func (s *Store) Principal(account, class string, far Far) *Principal {
	p := &Principal{store: s, account: account, class: class, far: far, guards: far, flights: map[Key]*flight{}}
	if far == nil {
		p.guards = s.alone(account)
	}
	return p
}

// Below returns the part for a sub account of the principal's: nothing that is read or written there is mixed up with
// what is here, or in another one. What is written of all that is here is written of that too.
func (p *Principal) Below(account string) *Principal {
	return &Principal{
		store: p.store, account: p.account, class: p.class + "\x01" + account, below: account, guards: p.guards, far: p.far,
		flights: map[Key]*flight{},
	}
}

func (s *Store) alone(account string) *alone {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.guards[account] == nil {
		s.guards[account] = newAlone(s.clock.read)
	}
	return s.guards[account]
}

// Operation announces reads that will come soon. Calls of others that are about to leave wait a moment for them, and
// bring them too.
type Operation struct {
	principal *Principal

	mu       sync.Mutex
	expected int64
	ended    bool
}

// Operation makes one that expects nothing yet; nil where nothing is kept, since there no call waits for others.
func (p *Principal) Operation() *Operation {
	if !p.Keeps() {
		return nil
	}
	return &Operation{principal: p}
}

// Keeps tells whether any answers are kept.
func (p *Principal) Keeps() bool { return p.store.near != nil }

// Expect says that so many more reads may come, or that so many have come.
func (o *Operation) Expect(n int64) {
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if !o.ended {
		o.expected += n
		o.principal.expected.Add(n)
	}
}

// End says that no more reads will come, whatever is said later.
func (o *Operation) End() {
	if o == nil {
		return
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.ended = true
	o.principal.expected.Add(-o.expected)
	o.expected = 0
}

// others returns how many reads the other operations still expect.
func (o *Operation) others(p *Principal) int64 {
	if o == nil {
		return p.expected.Load()
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	return p.expected.Load() - o.expected
}

// Ask describes one read.
type Ask struct {
	Key Key
	// Names are the parts of the answer that are needed, sorted; none: the whole.
	Names []string
	// Since is when the answer may have been read at the earliest, where the store would allow an older one.
	Since time.Time
	// Lane is how urgent it is: an urgent read does not wait for the turn of one that is not.
	Lane client.Lane
	// Operation is who asks; nil: nobody who told.
	Operation *Operation
	// Boarded, if set, is called as soon as the read is known, or has a call; Landed before that call's answer is given
	// to anybody. Neither may block.
	Boarded, Landed func()
	// Fetch makes the call where one is needed.
	Fetch Fetch
}

// Fetch calls Zoom. It calls seal once, as late as it can, and if that says that there is no need it does not call; the
// error is then of no interest. ctx lives as long as somebody waits.
type Fetch func(ctx context.Context, seal Seal) (Fetched, error)

// Seal tells which names to ask for, none for the whole answer. Until it is called, other reads may add theirs. It is
// false where another process has read them meanwhile.
type Seal func() (names []string, needed bool)

// Fetched is the result of a call.
type Fetched struct {
	// Body is handed on as it is: parsed where somebody looks into it often.
	Body rawjson.Value
	// Whole is true where the body is all that there is, though names were asked for.
	Whole bool
}

// Source is where an answer comes from.
type Source int

// The sources.
const (
	Called Source = iota // a call was made for this read
	Joined               // the call of another read brought it too
	Cached               // it was known
)

// Answer is the result of a read. Body holds at least the requested names that Zoom sent; it is shared.
type Answer struct {
	Body   rawjson.Value
	Source Source
	// Stale is when the answer was read, where it is older than allowed and served for want of calls; otherwise zero.
	Stale time.Time
}

// Known answers as Read does, where that takes no call and nobody needs to be asked; otherwise it is false.
func (p *Principal) Known(ask Ask) (answer Answer, ok bool, err error) {
	if p.store.near == nil {
		return Answer{}, false, nil
	}
	r := read{Ask: ask}
	p.begin(p.guards.Known, &r, nil)
	e := p.known(p.guards.Known, &r)
	if e == nil {
		return Answer{}, false, nil
	}
	p.store.counts.near.Add(1)
	answer, err = e.answer(Cached)
	return answer, true, err
}

// Write says that a write is about to leave. When it returns, nothing that was read before is believed here, nor is
// what is read until end is called. end is told whether it is certain what became of the write; if not, nothing that is
// read is believed for underway.Doubt more, since Zoom may still carry it out.
func (p *Principal) Write(ctx context.Context, op *client.Op, path []string) (end func(ctx context.Context, certain bool)) {
	known := func(user string) string { return p.idOf(p.asking(ctx), user) }
	return p.guards.Begin(ctx, p.touched(op, path, known)...)
}

// Thing is the id of the user whom a write is on, as far as that is known by the name in its path; "" for other writes.
func (p *Principal) Thing(ctx context.Context, op *client.Op, path []string) string {
	if !below(op) {
		return ""
	}
	return p.canonical(p.asking(ctx), Key{Op: op, Path: [MaxPath]string{path[0]}})
}

// life is how long anything is kept.
func (s *Store) life() time.Duration {
	return max(s.opts.TTL, s.opts.UsersTTL, 0) + max(s.opts.ServeStale, 0) + time.Second
}

// ttl is how old an answer of an operation may be.
func (s *Store) ttl(op *client.Op) time.Duration {
	if ofUsers(op) {
		return max(0, s.opts.UsersTTL)
	}
	return max(0, s.opts.TTL)
}
