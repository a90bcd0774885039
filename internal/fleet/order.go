package fleet

import (
	"context"
	"crypto/rand"
	_ "embed" // for the script
	"sync"
	"time"

	"github.com/redis/rueidis"

	"zoomgraph/client"
	"zoomgraph/internal/clock"
)

// This file keeps writes of several replicas on one thing from overlapping. Start reading at Hold.
//
// A write that waits or is sent has an entry in a queue, and a lease on it: it says so again several times within that
// time. The entry of a process that died ends with its lease, and those behind it go on. A write leaves only under a
// lease that was renewed lately; after a longer gap, such as that of a process that was stopped, it queues again.
//
// Redis is help, not need: while it cannot be asked each replica keeps its own order only, and nobody waits.

const (
	orderLease = 3 * time.Second       // for how long a place in the queue is kept, if nothing more is heard of the write
	orderLook  = 25 * time.Millisecond // between looks of a write that waits
	orderParts = 3                     // how often a lease is renewed in its time
)

//go:embed order.lua
var orderScript string

// Lock makes the lock of one write, and is a client.Locks'.
func (a *Shared) Lock(segment, thing string) client.Lock {
	l := &lock{account: a, queue: a.key("order", segment), token: rand.Text()}
	if thing != "" {
		l.thing = a.digest(thing)
	}
	return l
}

// lock is the place of one write in a queue.
type lock struct {
	account             *Shared
	queue, token, thing string

	mu      sync.Mutex
	held    bool      // nobody was ahead when Redis was asked last
	asked   time.Time // when that was
	renewal context.CancelFunc
	renewed chan struct{} // closed when nobody renews any more
}

// Hold waits until no write before this one is on the same thing. While Redis cannot be asked it waits for nobody.
func (l *lock) Hold(ctx context.Context) error {
	if l.fresh() {
		return nil
	}
	look := time.NewTicker(orderLook)
	defer look.Stop()
	for {
		held, well := l.ask(ctx)
		switch {
		case held:
			l.keep(ctx)
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case !well:
			return nil
		}
		select {
		case <-look.C:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

// fresh tells whether the lock is held, and its lease has long to go.
func (l *lock) fresh() bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	f := l.account.fleet
	return l.held && clock.Between(l.asked, f.now()) < f.orderLease/2
}

// ask renews the place, or takes one, and tells whether nobody is ahead. It is not well where Redis cannot be asked.
func (l *lock) ask(ctx context.Context) (held, well bool) {
	f, sent := l.account.fleet, l.account.fleet.now()
	well = l.account.try(ctx, func(ctx context.Context, r rueidis.Client) error {
		ahead, err := f.scripts.order.Exec(ctx, r, []string{l.queue}, []string{l.token, l.thing, millis(f.orderLease)}).AsInt64()
		held = err == nil && ahead == 0
		return err
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	l.held, l.asked = held, sent
	return held, well
}

// keep renews the lease from now on, until Leave.
func (l *lock) keep(ctx context.Context) {
	if l.renewal != nil {
		return
	}
	ctx, l.renewal = context.WithCancel(context.WithoutCancel(ctx))
	l.renewed = make(chan struct{})
	go func() {
		defer close(l.renewed)
		tick := time.NewTicker(l.account.fleet.orderLease / orderParts)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				l.ask(ctx)
			}
		}
	}()
}

// Leave lets those go who wait for this write. Where Redis cannot be told, they go when the lease ends.
func (l *lock) Leave() {
	if l.renewal != nil {
		l.renewal()
		<-l.renewed
	}
	if l.asked.IsZero() {
		return
	}
	l.account.try(context.Background(), func(ctx context.Context, r rueidis.Client) error {
		return r.Do(ctx, r.B().Hdel().Key(l.queue).Field(l.token).Build()).Error()
	})
}
