// Package events tells those who listen what changed at Zoom. Whoever hears of a change publishes it, and whoever shows
// changes subscribes; the two need not know each other:
//
//	broker := events.NewBroker()
//	account := broker.Account("acct-a")
//
//	sub := account.Subscribe(events.Filter{Kind: events.UserSettings})
//	defer sub.Close()
//	change, err := sub.Next(ctx)
//
//	account.Publish(events.Change{Kind: events.UserSettings, User: "…", Names: names, At: time.Now(), Origin: events.Own})
//
// A [Change] is data, so that it can come from another process as well. Publishing never waits: a subscriber that does
// not keep up loses its subscription, and is told so, rather than some of the changes.
package events

import (
	"context"
	"errors"
	"strings"
	"sync"
	"time"
)

// Kind names what changed.
type Kind string

// UserSettings is a change of a user's settings.
const UserSettings Kind = "user.settings"

// Origin is how a change became known.
type Origin string

// Own is a change that this service made itself.
const Own Origin = "own"

// Change is something that changed at Zoom, and is known to have.
type Change struct {
	Account string `json:"account"` // filled in by Publish
	Kind    Kind   `json:"kind"`
	// User is the user's id, or the e-mail address where only that is known; never "me".
	User string `json:"user"`
	// Names are Zoom's names of the settings, directly under their section.
	Names  []string  `json:"names"`
	At     time.Time `json:"at"`
	Origin Origin    `json:"origin"`
	// Heard is when this process learned of it: what was read later has the change in it.
	Heard time.Time `json:"-"` // filled in by Publish
}

// Named tells whether User is an id: an address may be that of anybody.
func (c Change) Named() bool { return !strings.Contains(c.User, "@") }

// Filter says which changes a subscriber wants.
type Filter struct {
	Kind Kind
	// User is an id; "" subscribes to changes of all users. A change that names only an e-mail address passes too,
	// since it may be about this user: the subscriber finds out.
	User string
}

func (f Filter) passes(c Change) bool {
	return c.Kind == f.Kind && (f.User == "" || f.User == c.User || !c.Named())
}

// ErrSlow ends a subscription that did not keep up.
var ErrSlow = errors.New("events: the subscriber did not keep up")

// queueLength is how many changes may wait for a subscriber: a second of the fastest writes that Zoom's limits allow.
const queueLength = 80

// Broker brings changes to their subscribers. It is safe for concurrent use.
type Broker struct {
	mu       sync.Mutex
	accounts map[string]*Account
}

// NewBroker makes a broker without subscribers.
func NewBroker() *Broker { return &Broker{accounts: map[string]*Account{}} }

// Account is the part of the broker that belongs to an account. Nothing passes between accounts.
func (b *Broker) Account(id string) *Account {
	b.mu.Lock()
	defer b.mu.Unlock()
	a := b.accounts[id]
	if a == nil {
		a = &Account{id: id, subscriptions: map[*Subscription]struct{}{}}
		b.accounts[id] = a
	}
	return a
}

// Account is where the changes of one account come together. It is safe for concurrent use.
type Account struct {
	id string

	mu            sync.Mutex
	subscriptions map[*Subscription]struct{}
}

// Publish sends change to every subscriber it concerns, and never waits.
func (a *Account) Publish(c Change) {
	a.mu.Lock()
	defer a.mu.Unlock()
	c.Account, c.Heard = a.id, time.Now()
	for s := range a.subscriptions {
		if !s.filter.passes(c) {
			continue
		}
		select {
		case s.queue <- c:
		default:
			a.drop(s)
		}
	}
}

// drop ends a subscription: what is queued can still be had. The lock is held.
func (a *Account) drop(s *Subscription) {
	if _, ok := a.subscriptions[s]; ok {
		delete(a.subscriptions, s)
		close(s.queue)
	}
}

// Subscribe wants the changes that are published from now on. The subscription must be closed.
func (a *Account) Subscribe(f Filter) *Subscription {
	s := &Subscription{account: a, filter: f, queue: make(chan Change, queueLength)}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.subscriptions[s] = struct{}{}
	return s
}

// Subscribers is how many subscriptions there are.
func (a *Account) Subscribers() int {
	a.mu.Lock()
	defer a.mu.Unlock()
	return len(a.subscriptions)
}

// Subscription receives the changes for one subscriber, in the order of their publication.
type Subscription struct {
	account *Account
	filter  Filter
	queue   chan Change // closed once it has ended
}

// Next waits for a change. The error is that of ctx, or ErrSlow once all that was queued before has been handed out.
func (s *Subscription) Next(ctx context.Context) (Change, error) {
	select {
	case c, ok := <-s.queue:
		if !ok {
			return Change{}, ErrSlow
		}
		return c, nil
	case <-ctx.Done():
		return Change{}, ctx.Err()
	}
}

// Close ends the subscription; a second time it does nothing.
func (s *Subscription) Close() {
	s.account.mu.Lock()
	defer s.account.mu.Unlock()
	s.account.drop(s)
}
