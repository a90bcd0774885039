// Package fleet lets many replicas of the service act as one, by way of a Redis
// (7 or later, or Valkey) that they share:
//
//	f, err := fleet.Open(fleet.Options{URL: "redis://cache:6379", Logger: log})
//	defer f.Close()
//	account, err := f.Account(accountID, clientSecret)
//
// An Account is what they share of one Zoom account: what was read and which of
// it still stands (it is a store.Far), the budget of calls (a client.Pool), the
// access token (a client.TokenVault), the order of writes (client.Locks), and
// changes (an events.Link).
//
// Redis is help, not need. Nothing here fails: where Redis cannot be asked, a
// read brings nothing and a write is lost, at once. The first one to notice that
// Redis does not answer waits a quarter of a second for it, and takes all others
// with it that wait at that moment; from then on nobody asks until a look in the
// background finds Redis well again.
//
// All keys begin with the version of their schema, what they are for and, in
// braces, the account. Values and the names of things are sealed under keys that
// come from the app's client secret: who reads Redis learns how many things an
// account has and how busy it is, and nothing of their content.
package fleet

import (
	"context"
	"crypto/rand"
	"crypto/x509"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"

	"zoomgraph/internal/redisurl"
)

const (
	schema      = "zoomgraph/1/" // every key's beginning
	guardPrefix = schema + "guard/"
	replicasKey = schema + "{replicas}"
	reunionKey  = schema + "{replicas}/reunion"

	defaultKeep = time.Hour
)

// Options say where the Redis is.
type Options struct {
	URL    string           // as package redisurl has it; it may hold a password, which is never shown
	CAs    *x509.CertPool   // who may sign the server's certificate; nil: whom the system trusts
	Keep   time.Duration    // for how long guards are kept; 0: one hour
	Logger *slog.Logger     // none
	Now    func() time.Time // nil: time.Now
}

// Fleet is this replica's link to the others. It is safe for concurrent use.
type Fleet struct {
	id      string // this replica's name among the others
	keep    time.Duration
	renewal time.Duration // between signs that a write is under way

	orderLease time.Duration // for how long a write keeps its place in the order, if nothing more is heard of it

	log    *slog.Logger
	now    func() time.Time
	option rueidis.ClientOption
	life   context.Context //nolint:containedctx // of what runs beside
	leave  context.CancelFunc
	left   chan struct{} // closed when nothing runs any more
	kick   chan struct{} // asks for a look at Redis now

	scripts struct{ appear, deal, events, get, order, put, remove, swap, write *rueidis.Lua }

	era      atomic.Pointer[era] // nil: Redis cannot be asked
	replicas atomic.Int32        // as last counted, at least 1
	losses   atomic.Int64        // of connections
	watchdog *watchdog

	following sync.WaitGroup // of the accounts' events

	redis     rueidis.Client // watch's own until left is closed; nil: not connected
	clustered bool           // redis is a cluster; watch's own like it
	line      atomic.Int64   // counts the clients that were made; what earlier ones tell is not heard

	mu       sync.Mutex
	since    time.Time // of Up or of its contrary
	err      string    // why not Up
	silent   bool      // a write was made that Redis could not be told of, in this outage
	accounts map[string]*Shared
}

// Health tells how the link to Redis is.
type Health struct {
	Up       bool
	Since    time.Time // when Up last changed, or the replica started
	Replicas int       // that live, this one among them, as last counted
	Err      string    // why not Up, without secrets
}

// Open begins to connect, and waits for that a second at most: the Redis need not
// be up, then or ever. The error says what is wrong with the URL,
// and does not repeat it.
func Open(opts Options) (*Fleet, error) {
	address, err := redisurl.Parse(opts.URL)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	f := &Fleet{
		id: rand.Text(), keep: opts.Keep, renewal: writeRenew, orderLease: orderLease, log: opts.Logger, option: options(address, opts.CAs),
		life: ctx, leave: cancel, left: make(chan struct{}), kick: make(chan struct{}, 1),
		err: "not connected yet", accounts: map[string]*Shared{}, now: opts.Now,
	}
	if f.now == nil {
		f.now = time.Now
	}
	f.since, f.watchdog = f.now(), newWatchdog(f.now)
	if f.keep <= 0 {
		f.keep = defaultKeep
	}
	if f.log == nil {
		f.log = slog.New(slog.DiscardHandler)
	}
	f.scripts.appear = rueidis.NewLuaScript(appearScript)
	f.scripts.deal = rueidis.NewLuaScript(dealScript)
	f.scripts.events = rueidis.NewLuaScript(eventsScript)
	f.scripts.get = rueidis.NewLuaScript(getScript)
	f.scripts.order = rueidis.NewLuaScript(orderScript)
	f.scripts.put = rueidis.NewLuaScript(putScript)
	f.scripts.remove = rueidis.NewLuaScript(removeScript)
	f.scripts.swap = rueidis.NewLuaScript(swapScript)
	f.scripts.write = rueidis.NewLuaScript(writeScript)
	f.replicas.Store(1)
	first := make(chan struct{})
	go f.watch(ctx, first)
	go f.watchdog.watch(ctx)
	patience := time.NewTimer(patient)
	defer patience.Stop()
	select {
	case <-first:
	case <-patience.C:
	}
	return f, nil
}

// Health tells how the link is now.
func (f *Fleet) Health() Health {
	f.mu.Lock()
	defer f.mu.Unlock()
	return Health{Up: f.era.Load() != nil, Since: f.since, Replicas: int(f.replicas.Load()), Err: f.err}
}

// Close takes leave of the other replicas, and tells them before what was still to
// be told. Afterwards the fleet is down for good.
func (f *Fleet) Close() {
	for _, a := range f.all() {
		a.send(context.Background())
	}
	f.try(context.Background(), func(ctx context.Context, r rueidis.Client) error {
		return r.Do(ctx, r.B().Zrem().Key(replicasKey).Member(f.id).Build()).Error()
	})
	f.leave()
	<-f.left
	if e := f.era.Load(); e != nil {
		f.end(e, errClosed)
	}
	f.following.Wait()
	f.disconnect()
}
