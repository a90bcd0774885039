// Package underway is the book that a process keeps of its writes, so that nothing is believed of what they change
// until their outcome is known:
//
//	w := book.Begin("users/abc", "lists") // before it leaves
//	book.Busy("users/abc")                // true
//	book.End(w, true)                     // Zoom has answered
//
// A write whose outcome is not known, because it timed out or its connection was lost, may still be carried out. It
// stays in doubt, and so in the book, for a while.
package underway

import (
	"crypto/rand"
	"maps"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"zoomgraph/internal/clock"
)

// Doubt is for how long a write whose outcome is not known may still be carried out.
const Doubt = 10 * time.Second

// tokenLength is of a book's name, and of a write's in its book: enough for all of ten seconds.
const tokenLength = 8

// Write is one that is in a book. It is never changed.
type Write struct {
	Token     string // letters and digits, as many as others have; it begins with the book's name
	Resources []string
}

// Book has the writes of one process on one account. It is safe for concurrent use.
type Book struct {
	Name string // letters and digits; no other book has it

	now  func() time.Time
	size atomic.Int64 // of writes under way and in doubt

	mu     sync.Mutex
	writes map[*Write]struct{} // under way
	doubts []doubt             // in the order of their ends
	busy   map[string]int      // how many writes, under way or in doubt, concern a resource
}

type doubt struct {
	*Write
	ended time.Time
}

// New makes an empty book. now is time.Now, or a test's clock.
func New(now func() time.Time) *Book {
	return &Book{Name: rand.Text()[:tokenLength], now: now, writes: map[*Write]struct{}{}, busy: map[string]int{}}
}

// Begin enters a write that is about to leave.
func (b *Book) Begin(resources ...string) *Write {
	b.mu.Lock()
	defer b.mu.Unlock()
	w := &Write{Token: b.Name + rand.Text()[:tokenLength], Resources: resources}
	b.writes[w] = struct{}{}
	b.size.Add(1)
	for _, resource := range resources {
		b.busy[resource]++
	}
	return w
}

// End says, once, that a write has ended. If it is not certain what became of it, it is in doubt from now on.
func (b *Book) End(w *Write, certain bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.writes, w)
	if !certain {
		b.doubts = append(b.doubts, doubt{w, b.now()})
		return
	}
	b.forget(w)
}

// Busy tells whether a write of any of the resources is under way or in doubt.
func (b *Book) Busy(resources ...string) bool {
	if b.size.Load() == 0 {
		return false
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settle()
	return slices.ContainsFunc(resources, func(resource string) bool { return b.busy[resource] > 0 })
}

// Open returns the writes that are under way or in doubt.
func (b *Book) Open() []*Write {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.settle()
	open := slices.Collect(maps.Keys(b.writes))
	for _, d := range b.doubts {
		open = append(open, d.Write)
	}
	return open
}

// settle forgets the doubts whose time is over.
func (b *Book) settle() {
	now := b.now()
	for len(b.doubts) > 0 && clock.Between(b.doubts[0].ended, now) >= Doubt {
		b.forget(b.doubts[0].Write)
		b.doubts = b.doubts[1:]
	}
}

func (b *Book) forget(w *Write) {
	b.size.Add(-1)
	for _, resource := range w.Resources {
		if b.busy[resource]--; b.busy[resource] == 0 {
			delete(b.busy, resource)
		}
	}
}
