package fleet

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/redis/rueidis"

	"zoomgraph/internal/clock"
)

// This file decides for how long what is known of guards is believed. Start reading at trusts.
//
// Redis sends word of each change, and a replica that hears nothing takes its guards for right. So it must know that it
// would hear: an answer on the connection that brings such word proves that all word of before was read, since Redis
// and the connection's reader keep the order. Guards are believed for a lease from the moment when the question of the
// last such answer was sent. A replica that nobody asks anything sends a beat, several to a lease.
//
// A process that was stopped goes on with word of changes still unread. It would notice by the lease only after a long
// stop. So a watchdog looks at the clock several times a second, and each use of a guard looks whether the watchdog did
// so lately. After a gap only an answer counts whose question was sent after it. A doubt costs a round trip.

const (
	lease    = 1500 * time.Millisecond // how long after it was heard Redis counts as heard
	look     = 50 * time.Millisecond   // between looks of the watchdog
	maxPause = 150 * time.Millisecond  // a longer gap between looks means that the process was stopped
)

// moment is the latest of the times it was told. The zero value is before all of them.
type moment struct{ at atomic.Pointer[time.Time] }

func (m *moment) tell(at time.Time) {
	for {
		last := m.at.Load()
		if last != nil && !at.After(*last) || m.at.CompareAndSwap(last, &at) {
			return
		}
	}
}

// running is a time in which the process was not stopped, as far as the watchdog saw.
type running struct{ from, to time.Time }

// watchdog notices that the process was stopped, or the machine suspended.
type watchdog struct {
	now  func() time.Time
	runs atomic.Pointer[running]
}

func newWatchdog(now func() time.Time) *watchdog {
	w, start := &watchdog{now: now}, now()
	w.runs.Store(&running{start, start})
	return w
}

// watch looks at the clock until ctx ends.
func (w *watchdog) watch(ctx context.Context) {
	tick := time.NewTicker(look)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			w.look()
		}
	}
}

func (w *watchdog) look() {
	next := running{w.runs.Load().from, w.now()}
	if clock.Between(w.runs.Load().to, next.to) > maxPause {
		next.from = next.to
	}
	w.runs.Store(&next)
}

// trusts tells whether Redis was heard within the lease, and the process was not stopped since.
func (w *watchdog) trusts(heard *moment) bool {
	at, runs, now := heard.at.Load(), w.runs.Load(), w.now()
	return at != nil && !at.Before(runs.from) && clock.Between(*at, now) < lease && clock.Between(runs.to, now) <= maxPause
}

// trusted tells whether the account's guards may be believed without asking.
func (a *Shared) trusted(e *era) bool {
	if e.clustered {
		return a.fleet.watchdog.trusts(&a.heard)
	}
	return a.fleet.watchdog.trusts(&e.heard)
}

// try is the fleet's, for talks with the server that keeps the account. What it answers proves that word of changes comes.
func (a *Shared) try(ctx context.Context, talk func(context.Context, rueidis.Client) error) bool {
	sent := a.fleet.now()
	well := a.fleet.try(ctx, talk)
	if well {
		a.heard.tell(sent)
	}
	return well
}

// hear asks the servers of a cluster for a sign of life, for each account whose guards are in use. A single server
// gives one with every answer.
func (f *Fleet) hear(ctx context.Context, r rueidis.Client) error {
	var used []*Shared
	var questions rueidis.Commands
	for _, a := range f.all() {
		if a.holds() {
			used, questions = append(used, a), append(questions, r.B().Get().Key(a.markKey()).Build())
		}
	}
	sent := f.now()
	for i, answer := range r.DoMulti(ctx, questions...) {
		if err := answer.Error(); err != nil && !rueidis.IsRedisNil(err) {
			return err
		}
		used[i].heard.tell(sent)
	}
	return nil
}

// holds tells whether any guard of the account is known here.
func (a *Shared) holds() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.guards) > 0
}
