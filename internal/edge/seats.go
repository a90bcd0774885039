package edge

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync/atomic"
)

// This file gives connections that stay their seats. Sockets whose callers are not known yet, strangers, have a small pool
// of their own: where it is full the oldest gives way, of the address that has the most, and so they cannot keep anybody
// out. A socket leaves the pool when its caller is known, and then takes one of the seats that callers share. An event
// stream is never a stranger, since its headers tell whose it is.

// seat is one slot for a connection that stays open.
type seat struct {
	kind *atomic.Int64 // counts those of its kind
	from netip.Prefix  // the client's address, of a socket
	end  func()        // ends the connection when the service stops, beside all else
	shed func()        // the same for a stranger that gives way; nil: it is none

	// The mutex of live guards these.
	settled bool
	caller  string // whose it is; "" is nobody's in particular
}

// noSeat is why a connection finds no seat.
type noSeat struct {
	notLetIn
	message string
}

func (s *noSeat) Error() string { return s.message }

// enter gives a stranger a seat. The error is that there is none.
func (l *live) enter(s *seat) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.draining {
		return &noSeat{stopping, errStopping.Error()}
	}
	if oldest := l.givingWay(s); oldest != nil {
		l.forget(oldest)
		l.counts.refuse(shed)
		go oldest.shed() // it says goodbye, which takes a while
	}
	l.seats[s] = true
	l.strangers = append(l.strangers, s)
	s.kind.Add(1)
	return nil
}

// givingWay is the stranger that leaves the pool for s; nil: there is room.
func (l *live) givingWay(s *seat) *seat {
	of := map[netip.Prefix]int{}
	for _, stranger := range l.strangers {
		of[stranger.from]++
	}
	if of[s.from] >= l.limits.strangersOfAddress {
		return l.strangers[slices.IndexFunc(l.strangers, func(stranger *seat) bool { return stranger.from == s.from })]
	}
	if len(l.strangers) < l.limits.strangers {
		return nil
	}
	oldest := l.strangers[0]
	for _, stranger := range l.strangers {
		if of[stranger.from] > of[oldest.from] {
			oldest = stranger
		}
	}
	return oldest
}

// forget takes a seat out of the pool of strangers.
func (l *live) forget(s *seat) {
	if i := slices.Index(l.strangers, s); i >= 0 {
		l.strangers = slices.Delete(l.strangers, i, i+1)
	}
}

// settle gives a connection a seat among those of known callers. The error is that there is none.
func (l *live) settle(s *seat, caller string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.draining:
		return &noSeat{stopping, errStopping.Error()}
	case s.shed != nil && !slices.Contains(l.strangers, s): // it was told already
		return &noSeat{shed, gaveWay}
	case l.settled >= l.limits.connections:
		return &noSeat{full, fmt.Sprintf("the service has %d sockets and event streams open, which is all it takes; try again later", l.settled)}
	case caller != "" && l.callers[caller] >= l.limits.perCaller:
		return &noSeat{callerFull, fmt.Sprintf("this caller has %d sockets and event streams open, which is all one may have; close some", l.callers[caller])}
	}
	l.forget(s)
	if !l.seats[s] {
		l.seats[s] = true
		s.kind.Add(1)
	}
	s.settled, s.caller = true, caller
	l.settled++
	if caller != "" {
		l.callers[caller]++
	}
	return nil
}

const gaveWay = "others came before this socket had said whose it is; try again later"

// leave gives the seat back.
func (l *live) leave(s *seat) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.seats[s] {
		return
	}
	delete(l.seats, s)
	l.forget(s)
	s.kind.Add(-1)
	if s.settled {
		l.settled--
		if s.caller != "" {
			if l.callers[s.caller]--; l.callers[s.caller] == 0 {
				delete(l.callers, s.caller)
			}
		}
	}
	if l.draining && len(l.seats) == 0 {
		close(l.allClosed)
	}
}

// drain lets no connection in any more, ends those that are open, and waits for that, but not longer than ctx.
func (l *live) drain(ctx context.Context) {
	l.mu.Lock()
	if !l.draining {
		l.draining = true
		for s := range l.seats {
			go s.end() // a socket says goodbye, which takes a while
		}
		if len(l.seats) == 0 {
			close(l.allClosed)
		}
	}
	l.mu.Unlock()
	select {
	case <-l.allClosed:
	case <-ctx.Done():
	}
}
