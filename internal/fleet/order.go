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
func (a *Account) Lock(segment, thing string) client.Lock {
	p := &place{account: a, queue: a.key("order", segment), token: rand.Text()}
	if thing != "" {
		p.thing = a.digest(thing)
	}
	return p
}

// place is one write's in the queue.
type place struct {
	account             *Account
	queue, token, thing string

	mu      sync.Mutex
	held    bool      // nobody was ahead when Redis was asked last
	asked   time.Time // when that was
	renewal context.CancelFunc
	renewed chan struct{} // closed when nobody renews any more
}

// Hold waits until no write before this one is on the same thing. While Redis cannot be asked it waits for nobody.
func (p *place) Hold(ctx context.Context) error {
	if p.fresh() {
		return nil
	}
	look := time.NewTicker(orderLook)
	defer look.Stop()
	for {
		held, well := p.ask(ctx)
		switch {
		case held:
			p.keep(ctx)
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
func (p *place) fresh() bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	f := p.account.fleet
	return p.held && clock.Between(p.asked, f.now()) < f.orderLease/2
}

// ask renews the place, or takes one, and tells whether nobody is ahead. It is not well where Redis cannot be asked.
func (p *place) ask(ctx context.Context) (held, well bool) {
	f, sent := p.account.fleet, p.account.fleet.now()
	well = p.account.try(ctx, func(ctx context.Context, r rueidis.Client) error {
		ahead, err := f.scripts.order.Exec(ctx, r, []string{p.queue}, []string{p.token, p.thing, millis(f.orderLease)}).AsInt64()
		held = err == nil && ahead == 0
		return err
	})
	p.mu.Lock()
	defer p.mu.Unlock()
	p.held, p.asked = held, sent
	return held, well
}

// keep renews the lease from now on, until Leave.
func (p *place) keep(ctx context.Context) {
	if p.renewal != nil {
		return
	}
	ctx, p.renewal = context.WithCancel(context.WithoutCancel(ctx))
	p.renewed = make(chan struct{})
	go func() {
		defer close(p.renewed)
		tick := time.NewTicker(p.account.fleet.orderLease / orderParts)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				p.ask(ctx)
			}
		}
	}()
}

// Leave lets those go who wait for this write. Where Redis cannot be told, they go when the lease ends.
func (p *place) Leave() {
	if p.renewal != nil {
		p.renewal()
		<-p.renewed
	}
	if p.asked.IsZero() {
		return
	}
	p.account.try(context.Background(), func(ctx context.Context, r rueidis.Client) error {
		return r.Do(ctx, r.B().Hdel().Key(p.queue).Field(p.token).Build()).Error()
	})
}
