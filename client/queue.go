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
	caller  string
	session string // of the caller
	lane    Lane
	since   time.Time
	again   bool          // it was sent before
	ready   chan struct{} // closed once its turn has come or closedUntil is set
	turn    time.Time     // set then, for a Budget's
	// closedUntil is set where no turn will come: Zoom takes no such calls until then.
	closedUntil time.Time
}

// keys are whose line the call stands in, from the outermost to the innermost.
func (w *waiter) keys() []string { return []string{w.caller, w.session} }

// queue holds the calls of one label that wait. Callers take turns, and so do the
// sessions of a caller: many sessions get nobody more turns. Its zero value is empty.
type queue struct {
	lanes [Bulk + 1]ring
}

// ring holds lines that take turns, in the order of their next ones.
type ring []*line

// line holds the calls that wait under one key, in their order, or further lines. It is never empty in a queue.
type line struct {
	key   string
	lines ring
	calls []*waiter
}

// laneOf takes what is no lane for the last one.
func laneOf(req *Request) Lane {
	if req.Lane == Interactive {
		return Interactive
	}
	return Bulk
}

// push puts w at the end of its session's line, or before it.
func (q *queue) push(w *waiter, first bool) { q.lanes[w.lane].push(w.keys(), w, first) }

func (r *ring) push(keys []string, w *waiter, first bool) {
	i := r.index(keys[0])
	if i < 0 {
		i = len(*r)
		*r = append(*r, &line{key: keys[0]})
	}
	l := (*r)[i]
	switch {
	case len(keys) > 1:
		l.lines.push(keys[1:], w, first)
	case first:
		l.calls = slices.Insert(l.calls, 0, w)
	default:
		l.calls = append(l.calls, w)
	}
}

func (r ring) index(key string) int {
	return slices.IndexFunc(r, func(l *line) bool { return l.key == key })
}

// ahead is how many of those who wait now have their turn before a call that w
// would be.
func (q *queue) ahead(w *waiter, first bool) int {
	n := 0
	for _, lane := range q.lanes[:w.lane] {
		n += lane.length()
	}
	return n + q.lanes[w.lane].ahead(w.keys(), first)
}

func (r ring) ahead(keys []string, first bool) int {
	own := r.index(keys[0])
	before := 0 // of its own line, before it
	switch {
	case own < 0:
	case len(keys) > 1:
		before = r[own].lines.ahead(keys[1:], first)
	case !first:
		before = len(r[own].calls)
	}
	n := before
	for i, l := range r {
		switch {
		case i == own:
		case own < 0 || i < own:
			n += min(l.length(), before+1)
		default:
			n += min(l.length(), before)
		}
	}
	return n
}

// pop takes out who has the next turn; nil if nobody waits.
func (q *queue) pop() *waiter {
	for i := range q.lanes {
		if len(q.lanes[i]) > 0 {
			return q.lanes[i].pop()
		}
	}
	return nil
}

// pop takes out a call of the first line, which then stands last. The ring is not empty.
func (r *ring) pop() (w *waiter) {
	l := (*r)[0]
	if len(l.lines) > 0 {
		w = l.lines.pop()
	} else {
		w = l.calls[0]
		l.calls = slices.Delete(l.calls, 0, 1)
	}
	*r = slices.Delete(*r, 0, 1)
	if l.length() > 0 {
		*r = append(*r, l)
	}
	return w
}

// remove takes w out, and tells whether it was there.
func (q *queue) remove(w *waiter) bool { return q.lanes[w.lane].remove(w.keys(), w) }

func (r *ring) remove(keys []string, w *waiter) (found bool) {
	i := r.index(keys[0])
	if i < 0 {
		return false
	}
	l := (*r)[i]
	if len(keys) > 1 {
		found = l.lines.remove(keys[1:], w)
	} else if at := slices.Index(l.calls, w); at >= 0 {
		l.calls = slices.Delete(l.calls, at, at+1)
		found = true
	}
	if l.length() == 0 {
		*r = slices.Delete(*r, i, i+1)
	}
	return found
}

// waiting is how many calls wait.
func (q *queue) waiting() int {
	n := 0
	for _, lane := range q.lanes {
		n += lane.length()
	}
	return n
}

func (r ring) length() int {
	n := 0
	for _, l := range r {
		n += l.length()
	}
	return n
}

func (l *line) length() int { return len(l.calls) + l.lines.length() }
