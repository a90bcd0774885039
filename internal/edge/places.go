package edge

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"sync/atomic"
)

// This file gives connections that stay their places. Sockets whose callers are not known yet, strangers, have a small pool
// of their own: where it is full the oldest gives way, of the address that has the most, and so they cannot keep anybody
// out. A socket leaves the pool when its caller is known, and then takes one of the places that callers share. An event
// stream is never a stranger, since its headers tell whose it is.

// place is one slot for a connection that stays open.
type place struct {
	kind *atomic.Int64 // counts those of its kind
	from netip.Prefix  // the client's address, of a socket
	end  func()        // ends the connection when the service stops, beside all else
	shed func()        // the same for a stranger that gives way; nil: it is none

	// The mutex of live guards these.
	settled bool
	caller  string // whose it is; "" is nobody's in particular
}

// noPlace is why a connection finds no place.
type noPlace struct {
	notLetIn
	message string
}

func (n *noPlace) Error() string { return n.message }

// enter gives a stranger a place. The error is that there is none.
func (l *live) enter(p *place) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.draining {
		return &noPlace{stopping, errStopping.Error()}
	}
	if oldest := l.givingWay(p); oldest != nil {
		l.forget(oldest)
		l.counts.refuse(shed)
		go oldest.shed() // it says goodbye, which takes a while
	}
	l.places[p] = true
	l.strangers = append(l.strangers, p)
	p.kind.Add(1)
	return nil
}

// givingWay is the stranger that leaves the pool for p; nil: there is room.
func (l *live) givingWay(p *place) *place {
	of := map[netip.Prefix]int{}
	for _, s := range l.strangers {
		of[s.from]++
	}
	if of[p.from] >= l.limits.strangersOfAddress {
		return l.strangers[slices.IndexFunc(l.strangers, func(s *place) bool { return s.from == p.from })]
	}
	if len(l.strangers) < l.limits.strangers {
		return nil
	}
	oldest := l.strangers[0]
	for _, s := range l.strangers {
		if of[s.from] > of[oldest.from] {
			oldest = s
		}
	}
	return oldest
}

// forget takes a place out of the pool of strangers.
func (l *live) forget(p *place) {
	if i := slices.Index(l.strangers, p); i >= 0 {
		l.strangers = slices.Delete(l.strangers, i, i+1)
	}
}

// settle gives a connection a place among those of known callers. The error is that there is none.
func (l *live) settle(p *place, caller string) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.draining:
		return &noPlace{stopping, errStopping.Error()}
	case p.shed != nil && !slices.Contains(l.strangers, p): // it was told already
		return &noPlace{shed, gaveWay}
	case l.settled >= l.limits.connections:
		return &noPlace{full, fmt.Sprintf("the service has %d sockets and event streams open, which is all it takes; try again later", l.settled)}
	case caller != "" && l.callers[caller] >= l.limits.perCaller:
		return &noPlace{callerFull, fmt.Sprintf("this caller has %d sockets and event streams open, which is all one may have; close some", l.callers[caller])}
	}
	l.forget(p)
	if !l.places[p] {
		l.places[p] = true
		p.kind.Add(1)
	}
	p.settled, p.caller = true, caller
	l.settled++
	if caller != "" {
		l.callers[caller]++
	}
	return nil
}

const gaveWay = "others came before this socket had said whose it is; try again later"

// leave gives the place back.
func (l *live) leave(p *place) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !l.places[p] {
		return
	}
	delete(l.places, p)
	l.forget(p)
	p.kind.Add(-1)
	if p.settled {
		l.settled--
		if p.caller != "" {
			if l.callers[p.caller]--; l.callers[p.caller] == 0 {
				delete(l.callers, p.caller)
			}
		}
	}
	if l.draining && len(l.places) == 0 {
		close(l.allClosed)
	}
}

// drain lets no connection in any more, ends those that are open, and waits for that, but not longer than ctx.
func (l *live) drain(ctx context.Context) {
	l.mu.Lock()
	if !l.draining {
		l.draining = true
		for p := range l.places {
			go p.end() // a socket says goodbye, which takes a while
		}
		if len(l.places) == 0 {
			close(l.allClosed)
		}
	}
	l.mu.Unlock()
	select {
	case <-l.allClosed:
	case <-ctx.Done():
	}
}
