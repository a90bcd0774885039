package client

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// This file implements Slots, the bound on calls in flight. Start reading at
// enter and leave.
//
// A slot is the right to have one call in flight. How many slots are open follows
// the calls: by Little's law a rate of 60 calls a second at a latency of one second
// needs 60 of them, at 50 ms only 3. So the window starts small. It widens by one with
// each call that ends, if others waited for a slot meanwhile and Zoom answers as fast
// as ever: twice as many after each latency. Where answers get slower as the window
// widens, the time is spent in a queue at the other side, and more calls in flight
// would only lengthen it: then the window narrows.
//
// A call that takes far longer than its operation usually does is slow. It no longer
// counts for the window, so it holds nobody up, but it still counts for the maximum.
// If it takes longer still, it hangs. Calls that hang can keep half of the maximum:
// beyond it, the read that has hung longest is ended as soon as another call needs
// its slot.
//
// Accounts that share Slots get them in turn: a free slot goes to whoever has the
// fewest calls in flight. An eighth of the slots is never taken by one account where
// there are others, so that their first calls leave at once however long the calls
// of the one take.

const (
	// DefaultInFlight is how many calls may be in flight at once where nobody says otherwise.
	DefaultInFlight = 512

	firstWindow = 32 // slots that are open before anything is known of latencies
	ownPart     = 16 // of the slots, the part that each label has to itself
	othersPart  = 8  // of the slots, the part that no account takes alone

	slowUnknown = 200 * time.Millisecond // a call is slow after that long, if nothing is known of its operation
	slowLeast   = 100 * time.Millisecond // otherwise after that long at the earliest
	slowAfter   = 4                      // times its operation's usual latency
	hangsLeast  = 2 * time.Second        // a call hangs after that long at the earliest
	hangsAfter  = 8                      // times its operation's usual latency

	queueing  = 2 // times the least latency: the answers of a side that queues
	slack     = 5 * time.Millisecond
	leastLife = time.Minute // after which a least latency is measured anew
	mostPaces = 1000        // operations whose latencies are remembered
)

// Slots bounds how many calls are in flight at once, over all Clients that share
// it. It is safe for concurrent use.
type Slots struct {
	most int
	now  func() time.Time

	mu     sync.Mutex
	window int
	flying []*flying // in the order of their start
	labels []*labelled
	owners []*owned // in the order of their coming; at least one call was made or may be
	shares []*share // of all labels and owners
	paces  map[*Op]*pace
	timer  *time.Timer // set while calls wait and others may turn slow or hang
}

// labelled are the calls of one label in flight, as Zoom prints it; "" stands for all labels not known here.
type labelled struct {
	label    Label
	inFlight int
}

// owned are the calls of one account in flight.
type owned struct {
	owner    string
	inFlight int
}

// share is the part of the slots that calls of one label have in one account.
type share struct {
	label    *labelled
	owner    *owned
	inFlight int
	queue    // calls that wait for a slot, in turn by caller
	boarding map[*waiter]*boarding
	lacked   time.Time // when a call last had to wait
}

// SlotState is the use of Slots at one moment.
type SlotState struct {
	InFlight int // calls that were sent and not answered
	Hanging  int // of these, calls that take far longer than is usual
	Window   int // calls that may be in flight now, beside slow ones
	Most     int // calls that may ever be in flight at once
	Waiting  int // calls that wait for a slot
}

// flying is a call in flight.
type flying struct {
	op      *Op
	share   *share
	start   time.Time
	slowAt  time.Time
	hangsAt time.Time
	way     *trip // of the call, to be ended
	ended   bool  // that was done
}

// boarding is a call that waits for a slot.
type boarding struct {
	op      *Op
	way     *trip
	*flying // set before the waiter is ready
}

// pace is how long the calls of an operation take.
type pace struct {
	usual   time.Duration // a moving mean
	least   time.Duration // within leastLife
	leastAt time.Time
}

// errGaveWay is the cause of the end of a call that hung.
var errGaveWay = errors.New("client: a call that hung gave way to others")

// NewSlots makes slots for at most that many calls in flight, at least 1. A nil now
// is time.Now.
func NewSlots(most int, now func() time.Time) *Slots {
	if now == nil {
		now = time.Now
	}
	s := &Slots{most: max(1, most), now: now, paces: map[*Op]*pace{}}
	for _, label := range [...]Label{Light, Medium, Heavy, ResourceIntensive, ""} {
		s.labels = append(s.labels, &labelled{label: label})
	}
	s.window = min(firstWindow, s.most)
	return s
}

// join notes an account whose calls are going to need slots.
func (s *Slots) join(owner string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ownerOf(owner)
}

// State tells how the slots are used.
func (s *Slots) State() SlotState {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, hanging := s.now(), 0
	for _, f := range s.flying {
		if f.hangs(now) {
			hanging++
		}
	}
	return SlotState{InFlight: len(s.flying), Hanging: hanging, Window: s.window, Most: s.most, Waiting: s.waiting()}
}

// enterNow takes a slot if there is one to take now; nil: there is none. way is ended
// if the call hangs and has to give way. The slot is to be left with leave.
func (s *Slots) enterNow(owner string, op *Op, way *trip) *flying {
	s.mu.Lock()
	defer s.mu.Unlock()
	now, share := s.now(), s.shareOf(owner, op)
	if share.waiting() > 0 || !s.open(share, now) {
		return nil
	}
	return s.depart(share, op, way, now)
}

// enter waits for a slot, and writes down in res how long that took.
func (s *Slots) enter(ctx context.Context, owner string, req *Request, way *trip, res *Response) (*flying, *Error) {
	s.mu.Lock()
	start, share := s.now(), s.shareOf(owner, req.Op)
	w := &waiter{caller: req.Caller, session: req.Session, lane: laneOf(req), ready: make(chan struct{})}
	b := &boarding{op: req.Op, way: way}
	share.push(w, req.First || res.Attempts > 0)
	share.boarding[w] = b
	share.lacked = start
	s.board(start)
	s.mu.Unlock()
	defer func() { res.Waited += s.now().Sub(start) }()
	select {
	case <-w.ready:
		return b.flying, nil
	case <-ctx.Done():
		s.give(share, w, b)
		return nil, interrupted(ctx, req.Op, ctx.Err())
	}
}

// give takes out a call that does not wait any more, or frees the slot that it got
// at this moment.
func (s *Slots) give(share *share, w *waiter, b *boarding) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if share.remove(w) {
		delete(share.boarding, w)
	} else {
		s.land(b.flying)
	}
	s.board(s.now())
}

// leave frees a slot. answered tells that Zoom answered the call, so that the time
// it took says something.
func (s *Slots) leave(f *flying, answered bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	s.land(f)
	if answered {
		s.learn(f, now)
	}
	s.board(now)
}

// depart takes an open slot.
func (s *Slots) depart(share *share, op *Op, way *trip, now time.Time) *flying {
	slow, hangs := s.slowAfter(op)
	f := &way.flying
	*f = flying{op: op, share: share, start: now, slowAt: now.Add(slow), hangsAt: now.Add(hangs), way: way}
	s.flying = append(s.flying, f)
	share.count(1)
	return f
}

func (s *Slots) land(f *flying) {
	i := slices.Index(s.flying, f)
	s.flying = slices.Delete(s.flying, i, i+1)
	f.share.count(-1)
}

// count notes that calls have left or landed.
func (s *share) count(n int) {
	s.inFlight += n
	s.label.inFlight += n
	s.owner.inFlight += n
}

func (s *Slots) shareOf(owner string, op *Op) *share {
	for _, share := range s.shares {
		if share.owner.owner == owner && share.label.label == op.Label {
			return share
		}
	}
	last := len(s.labels) - 1
	label := s.labels[last]
	for _, l := range s.labels[:last] {
		if l.label == op.Label.printed() {
			label = l
		}
	}
	of := s.ownerOf(owner)
	for _, share := range s.shares {
		if share.owner == of && share.label == label {
			return share
		}
	}
	added := &share{label: label, owner: of, boarding: map[*waiter]*boarding{}}
	s.shares = append(s.shares, added)
	return added
}

func (s *Slots) ownerOf(name string) *owned {
	for _, o := range s.owners {
		if o.owner == name {
			return o
		}
	}
	added := &owned{owner: name}
	s.owners = append(s.owners, added)
	return added
}

func (s *Slots) waiting() int {
	n := 0
	for _, share := range s.shares {
		n += share.waiting()
	}
	return n
}

// open tells whether a call of that label and account may take a slot. Calls that are
// not slow must fit the window and all calls the maximum, each without the part that
// other labels have to themselves. An account that has less than the part which no
// other one takes alone need not leave anything to other labels.
func (s *Slots) open(own *share, now time.Time) bool {
	others := 0
	if len(s.owners) > 1 {
		others = s.most / othersPart
	}
	kept := s.kept(own, s.most)
	if own.owner.inFlight < others {
		kept = 0
	}
	if len(s.flying) >= s.most-kept || own.owner.inFlight >= s.most-others {
		return false
	}
	within := s.window - s.kept(own, s.window)
	if len(s.flying) < within {
		return true
	}
	brisk := 0
	for _, f := range s.flying {
		if now.Before(f.slowAt) {
			brisk++
		}
	}
	return brisk < within
}

// kept is how many of so many slots are kept for the other labels.
func (s *Slots) kept(own *share, of int) int {
	n := 0
	for _, other := range s.labels {
		if other != own.label {
			n += max(0, of/ownPart-other.inFlight)
		}
	}
	return n
}

func (f *flying) hangs(now time.Time) bool { return !now.Before(f.hangsAt) }

// board gives open slots to those who wait. The account with the fewest calls in
// flight comes first, and of its labels the one with the fewest; one without an open
// slot does not hold up the others.
func (s *Slots) board(now time.Time) {
	for {
		var next *share
		for _, share := range s.shares {
			if share.waiting() > 0 && (next == nil || share.before(next)) && s.open(share, now) {
				next = share
			}
		}
		if next == nil {
			break
		}
		w := next.pop()
		b := next.boarding[w]
		delete(next.boarding, w)
		b.flying = s.depart(next, b.op, b.way, now)
		close(w.ready)
	}
	s.relieve(now)
	s.arm(now)
}

// before tells whose turn is first.
func (s *share) before(other *share) bool {
	return cmp.Or(s.owner.inFlight-other.owner.inFlight, s.inFlight-other.inFlight) < 0
}

// relieve ends calls that hang beyond their share, at most one for each call that
// waits.
func (s *Slots) relieve(now time.Time) {
	waiting, hanging, ended := s.waiting(), 0, 0
	if waiting == 0 {
		return
	}
	for _, f := range s.flying {
		if f.hangs(now) {
			hanging++
		}
		if f.ended {
			ended++
		}
	}
	for _, f := range s.flying {
		if ended >= waiting || hanging-ended <= max(1, s.most/2) {
			return
		}
		if !f.ended && f.hangs(now) && isRead(f.op) {
			f.ended = true
			f.way.end(errGaveWay)
			ended++
		}
	}
}

// arm sets the timer to when the next call turns slow or hangs, if others wait.
func (s *Slots) arm(now time.Time) {
	var next time.Time
	if s.waiting() > 0 {
		for _, f := range s.flying {
			for _, at := range [...]time.Time{f.slowAt, f.hangsAt} {
				if at.After(now) && (next.IsZero() || at.Before(next)) {
					next = at
				}
			}
		}
	}
	switch {
	case next.IsZero() && s.timer != nil:
		s.timer.Stop()
	case next.IsZero():
	case s.timer == nil:
		s.timer = time.AfterFunc(next.Sub(now), s.look)
	default:
		s.timer.Reset(next.Sub(now))
	}
}

// look runs when the timer fires.
func (s *Slots) look() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.board(s.now())
}

// slowAfter is how long a call of that operation may take before it is slow, and
// before it hangs.
func (s *Slots) slowAfter(op *Op) (slow, hangs time.Duration) {
	p := s.paces[op]
	if p == nil {
		return slowUnknown, hangsLeast
	}
	return max(slowLeast, slowAfter*p.usual), max(hangsLeast, hangsAfter*p.usual)
}

// learn takes over how long a call took, and adapts the window if calls of its
// label wait.
func (s *Slots) learn(f *flying, now time.Time) {
	took := now.Sub(f.start)
	p := s.paces[f.op]
	if p == nil {
		if len(s.paces) >= mostPaces {
			clear(s.paces)
		}
		p = &pace{usual: took, least: took, leastAt: now}
		s.paces[f.op] = p
	}
	p.usual += (took - p.usual) / 8
	if took <= p.least || now.Sub(p.leastAt) > leastLife {
		p.least, p.leastAt = took, now
	}
	switch queued := took > queueing*p.least+slack; {
	case f.share.waiting() == 0 && f.share.lacked.Before(f.start):
	case !queued:
		s.window = min(s.window+1, s.most)
	default:
		s.window = max(s.window-1, min(firstWindow, s.most))
	}
}

func isRead(op *Op) bool { return op.Method == "GET" }
