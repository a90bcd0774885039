package edge

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"zoomgraph/internal/reqid"
	"zoomgraph/internal/shares"
)

// This file runs subscriptions. Equal ones whose callers may share answers are one broadcast: it runs once, and each of its
// answers is written out once and handed to all who follow it. Start reading at follow.

// SubscriptionLimits bound how many subscriptions run.
type SubscriptionLimits struct {
	All       int // 1,000 if zero
	PerCaller int // of one caller, over all its connections; 100 if zero
}

// What SubscriptionLimits have where nobody says otherwise.
const (
	DefaultSubscriptions          = 1000
	DefaultSubscriptionsPerCaller = 100
)

func (l *SubscriptionLimits) complete() {
	l.All = cmp.Or(l.All, DefaultSubscriptions)
	l.PerCaller = cmp.Or(l.PerCaller, DefaultSubscriptionsPerCaller)
}

// maxUntaken is how many answers may wait for one subscriber: a second of the fastest writes that Zoom's limits allow.
const maxUntaken = 80

// subscriptions are those that run.
type subscriptions struct {
	*endpoint
	limits  SubscriptionLimits
	sharing func(context.Context) (string, context.Context)
	places  *shares.Places
	counts  *Connections

	mu      sync.Mutex
	running map[string]*broadcast
	all     int
	callers map[shares.Holder]int // subscriptions of each caller
}

// broadcast is one operation that runs for all who follow it.
type broadcast struct {
	of     *subscriptions
	key    string
	holder shares.Holder
	op     *execution
	cancel context.CancelFunc
	done   chan struct{} // closed once it has ended
	idle   chan struct{} // says that a follower may have taken all that there was

	// What follows belongs to the mutex of the subscriptions.
	followers []*follower
	ended     bool
	errs      gqlerror.List // why there is no further answer
}

// follower is one subscription of a client.
type follower struct {
	of      *broadcast
	untaken []*answer // in their order; the first may be on its way
	wake    chan struct{}
	slow    bool    // it did not keep up, and gets nothing more
	cut     func()  // ends the connection
	writing *answer // nil: none
}

// answer is one answer to an event, written out.
type answer struct {
	text [][]byte
	owed int // followers who have not taken it
	debt *shares.Debt
}

func newSubscriptions(e *endpoint, o Options, counts *Connections) *subscriptions {
	return &subscriptions{
		endpoint: e, limits: o.Subscriptions, sharing: o.Sharing, places: o.Places, counts: counts,
		running: map[string]*broadcast{}, callers: map[shares.Holder]int{},
	}
}

// follow hands on the answers of a subscription until it ends, ctx does, or send reports false. The errors, for the
// client, are why it has no answer, or no further one.
func (s *subscriptions) follow(ctx context.Context, op *execution, send func([][]byte) bool) gqlerror.List {
	who := shares.From(ctx)
	if err := s.enter(who); err != nil {
		_, errs := s.explainRefusal(ctx, err)
		return errs
	}
	defer s.leave(who)
	f := s.join(ctx, op)
	defer s.part(f)
	for {
		text, errs, more := s.next(ctx, f)
		if !more {
			return errs
		}
		if !send(text) {
			return nil
		}
	}
}

// enter counts a subscription of a caller. The error is a refusal.
func (s *subscriptions) enter(who shares.Holder) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch has := s.callers[who]; {
	case has >= s.limits.PerCaller:
		s.counts.refuse(callerSubscriptions)
		return refusal{why: busy, code: rateLimited, message: fmt.Sprintf("this caller has %d subscriptions over all its connections, and %d are the most; complete one of them, or select more in each; the operator can allow more with --max-subscriptions-per-caller", has, s.limits.PerCaller)}
	case s.all >= s.limits.All:
		s.counts.refuse(allSubscriptions)
		return refusal{why: busy, code: rateLimited, message: fmt.Sprintf("this service runs %d subscriptions, and %d are the most; try again later; the operator can allow more with --max-subscriptions", s.all, s.limits.All)}
	}
	s.all++
	s.callers[who]++
	return nil
}

func (s *subscriptions) leave(who shares.Holder) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	if s.callers[who]--; s.callers[who] == 0 {
		delete(s.callers, who)
	}
}

// join makes a follower of the broadcast that answers an operation, which begins where there is none.
func (s *subscriptions) join(ctx context.Context, op *execution) *follower {
	class, shared := s.sharing(ctx)
	key := keyOf(class, &op.op)
	f := &follower{wake: make(chan struct{}, 1), cut: partyOf(ctx).cut}
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.running[key]
	if b == nil {
		shared, cancel := context.WithCancel(reqid.With(context.WithoutCancel(shared), reqid.Accept("")))
		b = &broadcast{of: s, key: key, holder: shares.From(ctx), op: op, cancel: cancel, done: make(chan struct{}), idle: make(chan struct{}, 1)}
		s.running[key] = b
		go b.run(shared)
	}
	f.of = b
	b.followers = append(b.followers, f)
	return f
}

// keyOf is the same for operations that have the same answers, if their callers may be sent the same.
func keyOf(class string, op *graphql.OperationContext) string {
	headers := map[string][]string{}
	for name, values := range op.Headers {
		if name == "Cache-Control" || strings.HasPrefix(name, ownHeaders) {
			headers[name] = values
		}
	}
	key, err := json.Marshal([]any{class, op.RawQuery, op.OperationName, op.Variables, headers})
	if err != nil { // nobody else has these variables
		return fmt.Sprintf("%p", op)
	}
	return string(key)
}

// run answers until the operation ends, which it does with the last follower. No answer begins before the fastest follower
// has taken the last one: until then a change is cheaper to keep than its answer.
func (b *broadcast) run(ctx context.Context) {
	defer close(b.done)
	defer b.cancel()
	var errs gqlerror.List
	defer func() { b.end(errs) }()
	defer b.of.rescue(ctx, &errs)
	next, stop := b.of.start(ctx, b.op)
	defer stop()
	for {
		resp := next()
		if resp == nil {
			return
		}
		if len(resp.Data) == 0 {
			errs = resp.Errors
			return
		}
		text, err := b.of.written(ctx, resp)
		if err != nil {
			errs = gqlerror.List{b.of.present(ctx, err)}
			return
		}
		b.tell(text)
		for !b.taken() {
			select {
			case <-b.idle:
			case <-ctx.Done():
				return
			}
		}
	}
}

// taken tells whether a follower has taken all that there was.
func (b *broadcast) taken() bool {
	b.of.mu.Lock()
	defer b.of.mu.Unlock()
	return slices.ContainsFunc(b.followers, func(f *follower) bool { return !f.slow && f.writing == nil && len(f.untaken) == 0 })
}

// end lets the followers take what there is, and then leave.
func (b *broadcast) end(errs gqlerror.List) {
	b.of.mu.Lock()
	defer b.of.mu.Unlock()
	b.ended, b.errs = true, errs
	b.close()
	for _, f := range b.followers {
		f.rouse()
	}
}

// close lets nobody join any more. The lock is held.
func (b *broadcast) close() {
	if b.of.running[b.key] == b {
		delete(b.of.running, b.key)
	}
}

// tell hands an answer to all followers.
func (b *broadcast) tell(text [][]byte) {
	a := &answer{text: text}
	a.debt = b.of.places.Owe(b.holder, total(text), func() { b.drop(a) })
	b.of.mu.Lock()
	defer b.of.mu.Unlock()
	for _, f := range b.followers {
		switch {
		case f.slow:
		case len(f.untaken) >= maxUntaken:
			f.giveUp()
		default:
			a.owed++
			f.untaken = append(f.untaken, a)
			f.rouse()
		}
	}
	if a.owed == 0 {
		a.debt.Paid()
	}
}

// drop ends those who have not taken an answer.
func (b *broadcast) drop(a *answer) {
	b.of.mu.Lock()
	defer b.of.mu.Unlock()
	for _, f := range b.followers {
		if slices.Contains(f.untaken, a) || f.writing == a {
			f.giveUp()
		}
	}
}

// giveUp ends a follower that is too slow. If an answer is on its way to the client, nothing else can be sent there, and
// its connection ends. The lock is held.
func (f *follower) giveUp() {
	f.slow = true
	f.of.of.counts.refuse(slowSubscriber)
	for _, a := range f.untaken {
		a.taken()
	}
	f.untaken = nil
	if f.writing != nil {
		f.cut()
	}
	f.rouse()
}

// rouse says that there is something new. The lock is held.
func (f *follower) rouse() { signal(f.wake) }

// signal wakes who waits, or will.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// taken says that one follower less waits for the answer. The lock is held.
func (a *answer) taken() {
	if a.owed--; a.owed == 0 {
		a.debt.Paid()
	}
}

// next lets go of the answer before, and waits for the next one. If there is none, the errors say why.
func (s *subscriptions) next(ctx context.Context, f *follower) (text [][]byte, errs gqlerror.List, more bool) {
	for {
		s.mu.Lock()
		if f.writing != nil {
			f.writing.taken()
			f.writing = nil
		}
		switch {
		case len(f.untaken) > 0:
			f.writing = f.untaken[0]
			f.untaken = slices.Delete(f.untaken, 0, 1)
			s.mu.Unlock()
			return f.writing.text, nil, true
		case f.slow:
			s.mu.Unlock()
			return nil, gqlerror.List{s.present(ctx, tooSlow())}, false
		case f.of.ended:
			s.mu.Unlock()
			return nil, f.of.errs, false
		}
		s.mu.Unlock()
		signal(f.of.idle)
		select {
		case <-f.wake:
		case <-ctx.Done():
			return nil, nil, false
		}
	}
}

// part takes a follower out. With the last one the operation ends, and that is waited for.
func (s *subscriptions) part(f *follower) {
	s.mu.Lock()
	for _, a := range f.untaken {
		a.taken()
	}
	f.untaken = nil
	if f.writing != nil {
		f.writing.taken()
		f.writing = nil
	}
	b := f.of
	b.followers = slices.DeleteFunc(b.followers, func(other *follower) bool { return other == f })
	last := len(b.followers) == 0
	if last {
		b.close()
	}
	s.mu.Unlock()
	if last {
		b.cancel()
		<-b.done
	} else {
		signal(b.idle)
	}
}

// tooSlow ends the subscription of a client that takes answers more slowly than they come.
func tooSlow() error {
	return &gqlerror.Error{
		Message: "changes came faster than they were taken, so this subscription has ended",
		Extensions: map[string]any{
			"code": rateLimited, "hint": "subscribe again, and read what may have been missed; select less, or fewer users",
		},
	}
}
