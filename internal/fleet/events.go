package fleet

import (
	"context"
	_ "embed" // for the script
	"sync"
	"time"

	"github.com/redis/rueidis"
)

// This file brings what one replica publishes to the others. Start reading at follow.
//
// An account's messages stand in a stream. Redis sends word that it has changed over the same connection as word of
// guards, and each replica then reads on from its place. A replica that was cut off reads on when Redis can be asked
// again. If the entry at its place is gone, messages may be too, and that is told: no message is lost silently. What
// cannot be sent waits until Redis can be asked.

const (
	eventPrefix = schema + "event/"

	eventsKept  = 1000 // about so many messages are kept for replicas that were cut off
	eventsRead  = 100  // are read at once
	maxUnsent   = 1000 // messages that wait for Redis
	eventsAlive = 4    // how often in the time that messages are kept their key is touched

	someLost = "!" // the message that others were thrown away; sealed ones are longer
)

//go:embed events.lua
var eventsScript string

// events are what an account's replicas tell each other.
type events struct {
	kick chan struct{} // asks to send, and to read on
	last string        // the entry that was read last; follow's own once it runs

	mu     sync.Mutex
	unsent [][]byte
	lost   bool // some that were not sent were thrown away
	hear   func(message []byte)
	missed func()
}

func (e *events) wake() {
	select {
	case e.kick <- struct{}{}:
	default:
	}
}

func (a *Shared) eventKey() string { return a.key("event", "all") }

// Tell sends a message to the other replicas, and does not wait. While Redis cannot
// be asked a thousand messages are kept; if there are more, the others are told that
// they have missed some.
func (a *Shared) Tell(message []byte) {
	e := &a.events
	e.mu.Lock()
	defer e.mu.Unlock()
	e.unsent = append(e.unsent, message)
	if len(e.unsent) > maxUnsent {
		e.unsent, e.lost = nil, true
	}
	e.wake()
}

// Hear hands over each message that other replicas tell from now on, one at a time;
// missed says that some may have been lost. It is called once. It may wait a quarter
// of a second for Redis.
func (a *Shared) Hear(hear func(message []byte), missed func()) {
	e := &a.events
	e.mu.Lock()
	defer e.mu.Unlock()
	e.last = a.mark(context.Background())
	e.hear, e.missed = hear, missed
	e.wake()
}

// follow sends and reads on whenever it is woken, until the fleet is closed.
func (a *Shared) follow(ctx context.Context) {
	tick := time.NewTicker(a.fleet.keep / eventsAlive)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			a.try(ctx, func(ctx context.Context, r rueidis.Client) error {
				return r.Do(ctx, r.B().Pexpire().Key(a.eventKey()).Milliseconds(a.fleet.keep.Milliseconds()).Build()).Error()
			})
		case <-a.events.kick:
			a.send(ctx)
			a.readOn(ctx)
		}
	}
}

// send tells the others what waits.
func (a *Shared) send(ctx context.Context) {
	e := &a.events
	e.mu.Lock()
	unsent, lost := e.unsent, e.lost
	e.unsent, e.lost = nil, false
	e.mu.Unlock()
	if lost && a.add(ctx, someLost) != "" {
		lost = false
	}
	for len(unsent) > 0 && !lost && a.add(ctx, rueidis.BinaryString(a.sealed(a.eventKey(), unsent[0]))) != "" {
		unsent = unsent[1:]
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.unsent, e.lost = append(unsent, e.unsent...), e.lost || lost
}

// mark makes a place from which to read on; "" where Redis cannot be asked.
func (a *Shared) mark(ctx context.Context) string { return a.add(ctx, "") }

func (a *Shared) add(ctx context.Context, message string) (place string) {
	a.try(ctx, func(ctx context.Context, r rueidis.Client) (err error) {
		place, err = a.fleet.scripts.events.Exec(ctx, r, []string{a.eventKey()}, []string{a.book.Name, message, decimal(eventsKept), millis(a.fleet.keep)}).ToString()
		return err
	})
	return place
}

// readOn hands over what others have told since the last time.
func (a *Shared) readOn(ctx context.Context) {
	e := &a.events
	e.mu.Lock()
	hear, missed := e.hear, e.missed
	e.mu.Unlock()
	if hear == nil {
		return
	}
	for {
		entries, well := a.since(ctx)
		if !well {
			return
		}
		if e.last == "" || len(entries) == 0 || entries[0].ID != e.last {
			if e.last = a.mark(ctx); e.last != "" { // before it is told, so that nothing is lost between
				missed()
			}
			return
		}
		for _, entry := range entries[1:] {
			e.last = entry.ID
			a.told(entry.FieldValues, hear, missed)
		}
		if len(entries) < eventsRead {
			return
		}
	}
}

// since brings the entry at the place, and those behind it.
func (a *Shared) since(ctx context.Context) (entries []rueidis.XRangeEntry, well bool) {
	if a.events.last == "" {
		return nil, a.fleet.era.Load() != nil
	}
	well = a.try(ctx, func(ctx context.Context, r rueidis.Client) (err error) {
		entries, err = r.Do(ctx, r.B().Xrange().Key(a.eventKey()).Start(a.events.last).End("+").Count(eventsRead).Build()).AsXRange()
		return err
	})
	return entries, well
}

// told hands over an entry of another replica.
func (a *Shared) told(entry map[string]string, hear func([]byte), missed func()) {
	message := entry["message"]
	switch {
	case entry["by"] == a.book.Name, message == "":
	case message == someLost:
		missed()
	default:
		if opened := a.opened(a.eventKey(), []byte(message)); opened != nil {
			hear(opened)
		}
	}
}
