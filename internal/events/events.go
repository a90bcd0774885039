// Package events tells those who listen what changed at Zoom. Whoever hears of a change publishes it, and whoever shows
// changes subscribes; the two need not know each other:
//
//	stream := events.NewStream() // of one Zoom account
//	stream.Join(link)            // with other processes
//
//	sub := stream.Subscribe(events.Filter{Kind: events.UserSettings})
//	defer sub.Close()
//	change, err := sub.Next(ctx)
//
//	stream.Publish(events.Change{Kind: events.UserSettings, User: "…", Names: names, At: time.Now(), Origin: events.Own})
//
// A [Change] is data, so that it can come from another process as well. Publishing never waits: a subscriber that does
// not keep up loses its subscription, and is told so, rather than some of the changes. So does everybody where changes of
// another process may have been lost.
package events

import (
	"context"
	"encoding/json"
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
	Kind Kind `json:"kind"`
	// User is the user's id, or the e-mail address where only that is known; never "me".
	User string `json:"user"`
	// Names are Zoom's names of the settings, directly under their section.
	Names  []string  `json:"names"`
	At     time.Time `json:"at"`
	Origin Origin    `json:"origin"`
	// Heard is when this process learned of it: what was read later has the change in it.
	Heard time.Time `json:"-"` // filled in by the stream
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

// The errors that end a subscription.
var (
	// ErrSlow says that the subscriber did not keep up.
	ErrSlow = errors.New("events: the subscriber did not keep up")
	// ErrMissed says that changes of another process may have been lost on their way.
	ErrMissed = errors.New("events: changes may have been missed")

	errClosed = errors.New("events: the subscription is closed")
)

// queueLength is how many changes may wait for a subscriber: a second of the fastest writes that Zoom's limits allow.
const queueLength = 80

// Link is the way to the other processes that share an account.
type Link interface {
	// Tell sends a message to the others. It does not wait.
	Tell(message []byte)
	// Hear hands over what others tell from now on, one message at a time, and says when some may have been missed.
	Hear(message func([]byte), missed func())
}

// Stream is where the changes of one account come together. It is safe for concurrent use.
type Stream struct {
	link Link // nil: this process is the only one

	mu            sync.Mutex
	subscriptions map[*Subscription]struct{}
}

// NewStream makes a stream without subscribers.
func NewStream() *Stream { return &Stream{subscriptions: map[*Subscription]struct{}{}} }

// Join makes the stream one with those of the same account in other processes. It is called before the stream is used.
func (s *Stream) Join(link Link) {
	s.link = link
	link.Hear(s.heard, s.missed)
}

// Publish sends a change to every subscriber it concerns, those of other processes too, and never waits.
func (s *Stream) Publish(c Change) {
	s.deliver(c)
	if s.link == nil {
		return
	}
	if message, err := json.Marshal(c); err == nil { // texts and a time always encode
		s.link.Tell(message)
	}
}

// heard takes in what another process published.
func (s *Stream) heard(message []byte) {
	var c Change
	if json.Unmarshal(message, &c) != nil {
		s.missed() // of a version that says it otherwise
		return
	}
	s.deliver(c)
}

func (s *Stream) deliver(c Change) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c.Heard = time.Now()
	for sub := range s.subscriptions {
		if !sub.filter.passes(c) {
			continue
		}
		select {
		case sub.queue <- c:
		default:
			s.drop(sub, ErrSlow)
		}
	}
}

// missed ends all subscriptions.
func (s *Stream) missed() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for sub := range s.subscriptions {
		s.drop(sub, ErrMissed)
	}
}

// drop ends a subscription: what is queued can still be had. The lock is held.
func (s *Stream) drop(sub *Subscription, why error) {
	if _, ok := s.subscriptions[sub]; ok {
		delete(s.subscriptions, sub)
		sub.why = why
		close(sub.queue)
	}
}

// Subscribe wants the changes that are published from now on. The subscription must be closed.
func (s *Stream) Subscribe(f Filter) *Subscription {
	sub := &Subscription{stream: s, filter: f, queue: make(chan Change, queueLength)}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.subscriptions[sub] = struct{}{}
	return sub
}

// Listened tells whether anybody may hear of a change: a subscriber here, or another process.
func (s *Stream) Listened() bool { return s.link != nil || s.Subscribers() > 0 }

// Subscribers is how many subscriptions there are in this process.
func (s *Stream) Subscribers() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.subscriptions)
}

// Subscription receives the changes for one subscriber, in the order of their publication.
type Subscription struct {
	stream *Stream
	filter Filter
	queue  chan Change // closed once it has ended
	why    error       // it has ended; set before queue is closed
}

// Next waits for a change. The error is that of ctx, or why the subscription has ended, once all that was queued before
// has been handed out.
func (s *Subscription) Next(ctx context.Context) (Change, error) {
	select {
	case c, ok := <-s.queue:
		if !ok {
			return Change{}, s.why
		}
		return c, nil
	case <-ctx.Done():
		return Change{}, ctx.Err()
	}
}

// Close ends the subscription; a second time it does nothing.
func (s *Subscription) Close() {
	s.stream.mu.Lock()
	defer s.stream.mu.Unlock()
	s.stream.drop(s, errClosed)
}
