package client

import (
	"slices"
	"time"
)

// Lane is how urgent a call is. Calls of a later lane get their turn when no
// call of an earlier one waits.
type Lane int

// The lanes, in their order.
const (
	Interactive Lane = iota // somebody waits for the answer
	Bulk                    // exports and the like
)

// waiter is one call that waits for its turn.
type waiter struct {
	caller string
	lane   Lane
	since  time.Time
	again  bool          // it was sent before
	ready  chan struct{} // closed once its turn has come or closedUntil is set
	// closedUntil is set where no turn will come: Zoom takes no such calls until then.
	closedUntil time.Time
}

// queue holds the calls of one label that wait. Its zero value is empty.
type queue struct {
	lanes [Bulk + 1][]*line // the callers that wait, in the order of their next turns
}

// line is one caller's calls, in the order of their turns; it is never empty in
// a queue.
type line struct {
	caller string
	calls  []*waiter
}

// laneOf takes what is no lane for the last one.
func laneOf(req *Request) Lane {
	if req.Lane == Interactive {
		return Interactive
	}
	return Bulk
}

// push puts w at the end of its caller's line, or before it.
func (q *queue) push(w *waiter, first bool) {
	lane := &q.lanes[w.lane]
	i := slices.IndexFunc(*lane, func(l *line) bool { return l.caller == w.caller })
	if i < 0 {
		*lane = append(*lane, &line{caller: w.caller, calls: []*waiter{w}})
		return
	}
	l := (*lane)[i]
	if first {
		l.calls = slices.Insert(l.calls, 0, w)
		return
	}
	l.calls = append(l.calls, w)
}

// ahead is how many of those who wait now have their turn before a call that w
// would be.
func (q *queue) ahead(w *waiter, first bool) int {
	n := 0
	for _, lane := range q.lanes[:w.lane] {
		n += length(lane)
	}
	lane := q.lanes[w.lane]
	own := slices.IndexFunc(lane, func(l *line) bool { return l.caller == w.caller })
	before := 0 // calls of its own caller before it
	if own >= 0 && !first {
		before = len(lane[own].calls)
	}
	for i, l := range lane {
		switch {
		case i == own:
			n += before
		case own < 0 || i < own:
			n += min(len(l.calls), before+1)
		default:
			n += min(len(l.calls), before)
		}
	}
	return n
}

// pop takes out who has the next turn; nil if nobody waits.
func (q *queue) pop() *waiter {
	for i := range q.lanes {
		lane := &q.lanes[i]
		if len(*lane) == 0 {
			continue
		}
		l := (*lane)[0]
		w := l.calls[0]
		*lane = slices.Delete(*lane, 0, 1)
		if l.calls = slices.Delete(l.calls, 0, 1); len(l.calls) > 0 {
			*lane = append(*lane, l)
		}
		return w
	}
	return nil
}

// remove takes w out, and tells whether it was there.
func (q *queue) remove(w *waiter) bool {
	lane := &q.lanes[w.lane]
	i := slices.IndexFunc(*lane, func(l *line) bool { return l.caller == w.caller })
	if i < 0 {
		return false
	}
	l := (*lane)[i]
	at := slices.Index(l.calls, w)
	if at < 0 {
		return false
	}
	if l.calls = slices.Delete(l.calls, at, at+1); len(l.calls) == 0 {
		*lane = slices.Delete(*lane, i, i+1)
	}
	return true
}

// waiting is how many calls wait.
func (q *queue) waiting() int {
	n := 0
	for _, lane := range q.lanes {
		n += length(lane)
	}
	return n
}

func length(lane []*line) int {
	n := 0
	for _, l := range lane {
		n += len(l.calls)
	}
	return n
}
