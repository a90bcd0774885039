// Package shares deals out places in flight, so that nobody's load keeps others out. A caller alone may have all places.
// Once they are full, whoever holds less than a fair share gets in, and the one who holds most gives a place back:
//
//	places := shares.New(512)
//
//	ctx, place, err := places.Enter(ctx, shares.Holder{Account: "acct-a", Caller: "dashboard", Sheddable: true})
//	if err != nil {
//		return err // a *Refused: there is no place
//	}
//	defer place.Leave()
//	…
//	if shares.Shed(ctx) != nil {
//		// the place was given to somebody else, and what was done so far is to be left
//	}
//
// A fair share of all places is what each account gets if all that have some now get the same; a fair share of an
// account's places is the same among its callers. Accounts come first: ten callers of one account have no more than one
// caller of another.
package shares

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"sync"
)

// DefaultPlaces is how many places there are where nobody says otherwise.
const DefaultPlaces = 512

const (
	keptIdle    = 32 // accounts, and callers of each, that are kept though they hold nothing: most come again
	overrunPart = 8  // at most this part of the places may be held, beside all places, by those who were shed
	eventsPart  = 8  // at most this part of the places is for answers to events
)

// EventsPerCaller is how many events are answered at a time for one caller.
const EventsPerCaller = 4

// Holder is who holds a place.
type Holder struct {
	Account, Caller string
	// Network is where somebody comes from whose name is not known.
	Network netip.Prefix
	// Sheddable tells that what is done in the place may be broken off.
	Sheddable bool
}

// ErrShed is the cause of the end of a context whose place was given to somebody else.
var ErrShed = errors.New("shares: the place was given to another caller, who had fewer")

// Shed is ErrShed if the place that ctx comes from was given to somebody else, or else nil.
func Shed(ctx context.Context) error {
	if ctx.Err() != nil && errors.Is(context.Cause(ctx), ErrShed) {
		return ErrShed
	}
	return nil
}

// Reason is why somebody was refused a place, or lost it.
type Reason int

// The reasons.
const (
	Full     Reason = iota // all places are held, and whoever comes holds a fair share already
	Settled                // all places are held, and nobody who holds more than a fair share can be broken off
	Overrun                // too many who were shed have not left yet
	ShedOnce               // not refused: lost the place to another caller
	Waited                 // an event's answer found no place in time
	TooSlow                // not refused: clients did not take an answer to an event while others waited
	numReasons
)

// String is the reason's name in metrics.
func (r Reason) String() string {
	return [...]string{"full", "settled", "overrun", "shed", "waited", "too_slow"}[r]
}

// Refused is the error of Enter and Wait if there is no place.
type Refused struct {
	Reason  Reason
	Places  int // there are
	Account int // places that the account of the refused holds
	Caller  int // of these, places of the refused caller itself
}

// Error implements error.
func (r *Refused) Error() string {
	return fmt.Sprintf("shares: %v: all %d places are held, %d of them by this account, %d by this caller", r.Reason, r.Places, r.Account, r.Caller)
}

// Places are a number of places. They are safe for concurrent use.
type Places struct {
	most int

	mu        sync.Mutex
	held      int // places, without those of the shed
	unwinding int // held by those who were shed and have not left yet
	events    int // places for answers to events
	owed      int64
	accounts  map[string]*accountShare
	waiting   []*waiter // in the order of their coming
	counts    [numReasons]int64
}

// accountShare is what an account holds.
type accountShare struct {
	held    int
	callers map[caller]*callerShare
}

// caller is whom an account's places are shared among.
type caller struct {
	name    string
	network netip.Prefix
}

func (h Holder) caller() caller { return caller{h.Caller, h.Network} }

// callerShare is what a caller holds.
type callerShare struct {
	of       *accountShare
	held     int
	events   int
	waiting  int
	owed     int64   // bytes of answers to events that wait for slow clients
	debts    []*Debt // the same, the oldest first
	young    list    // of what can be broken off, the youngest first
	replying list    // the same, of those whose answer is on its way already: they come last
}

// New makes so many places, at least one.
func New(most int) *Places {
	return &Places{most: max(1, most), accounts: map[string]*accountShare{}}
}

// Most is how many places there are.
func (p *Places) Most() int { return p.most }

// State is how places are held at one moment.
type State struct {
	Most, Held, Unwinding, Events, Waiting int
	Owed                                   int64 // bytes of answers to events that wait for clients
	// Lost counts since the start who was refused or shed, by reason.
	Lost map[string]int64
}

// State tells how the places are held.
func (p *Places) State() State {
	p.mu.Lock()
	defer p.mu.Unlock()
	s := State{Most: p.most, Held: p.held, Unwinding: p.unwinding, Events: p.events, Waiting: len(p.waiting), Owed: p.owed, Lost: make(map[string]int64, numReasons)}
	for reason, n := range p.counts {
		s.Lost[Reason(reason).String()] = n
	}
	return s
}

// Enter is Take for what goes by a context: the one that is returned ends with the cause ErrShed if the place is given to
// somebody else.
func (p *Places) Enter(ctx context.Context, h Holder) (context.Context, *Place, error) {
	within, end := context.WithCancelCause(ctx)
	place := &Place{end: end}
	if err := p.enter(h, place); err != nil {
		end(nil)
		return ctx, nil, err
	}
	return within, place, nil
}

// Loser is told that a place is lost.
type Loser interface {
	// LosePlace is called once.
	LosePlace()
}

// Take takes a place, which may make somebody else lose theirs. If it is given to somebody else later, whoever gets it tells
// the loser: perhaps before Take has returned, or after Leave. The place is the zero one, and the caller's memory. The error
// is a *Refused.
func (p *Places) Take(place *Place, h Holder, loser Loser) error {
	place.loser = loser
	return p.enter(h, place)
}

func (p *Places) enter(h Holder, place *Place) error {
	p.mu.Lock()
	c := p.callerOf(h)
	victim, err := p.room(c)
	if err != nil {
		p.counts[err.Reason]++
		p.forget(h, c)
		p.mu.Unlock()
		return err
	}
	if victim != nil {
		p.shed(victim)
	}
	p.give(place, c, h)
	p.mu.Unlock()
	if victim != nil {
		victim.lose()
	}
	return nil
}

// callerOf finds who comes, or notes them. The lock is held.
func (p *Places) callerOf(h Holder) *callerShare {
	a := p.accounts[h.Account]
	if a == nil {
		a = &accountShare{callers: make(map[caller]*callerShare, 1)}
		p.accounts[h.Account] = a
	}
	who := h.caller()
	c := a.callers[who]
	if c == nil {
		c = &callerShare{of: a}
		a.callers[who] = c
	}
	return c
}

// forget drops a caller who holds nothing, unless there are few. The lock is held.
func (p *Places) forget(h Holder, c *callerShare) {
	if c.held > 0 || c.waiting > 0 || len(c.debts) > 0 {
		return
	}
	if len(c.of.callers) <= keptIdle && len(p.accounts) <= keptIdle {
		return
	}
	delete(c.of.callers, h.caller())
	if len(c.of.callers) == 0 {
		delete(p.accounts, h.Account)
	}
}

// give gives a caller a place. The lock is held.
func (p *Places) give(place *Place, c *callerShare, h Holder) {
	p.held++
	c.held++
	c.of.held++
	place.of, place.holder, place.caller = p, h, c
	if h.Sheddable {
		place.list(&c.young)
	}
}

// shed takes a place from whoever holds it; they leave later. The lock is held.
func (p *Places) shed(victim *Place) {
	victim.unlist()
	victim.shed.Store(true)
	p.unwinding++
	p.counts[ShedOnce]++
	p.release(victim)
}

// release takes a place off the accounts. The lock is held.
func (p *Places) release(place *Place) {
	p.held--
	place.caller.held--
	place.caller.of.held--
	p.forget(place.holder, place.caller)
}

type holderKey struct{}

// With returns a context of what a holder asks for.
func With(ctx context.Context, h Holder) context.Context {
	return context.WithValue(ctx, holderKey{}, h)
}

// From is who asks, as With says; the zero Holder where nobody said.
func From(ctx context.Context) Holder {
	h, _ := ctx.Value(holderKey{}).(Holder)
	return h
}
