package answering

import "time"

// This file cuts off clients that take large answers slowly, while others wait for the room that these hold. Where nobody
// waits they may be as slow as their connection allows.

const (
	// brisk is how many bytes a second a client takes that is not cut off.
	brisk = 4 << 20
	// start is how long a client may take to begin.
	start = time.Second
	// looks is how often whoever waits looks for somebody slow.
	looks = 250 * time.Millisecond
)

// sending is a large answer on its way.
type sending struct {
	due time.Time // when a brisk client has it
	cut func()
}

// Sending says that an answer of so many bytes is on its way. Where its client is slow and others need the room, cut is
// called, once, from another goroutine. Done is to be called when the client has it or is gone; cut is not called then.
func (b *Budget) Sending(bytes int, cut func()) (done func()) {
	if bytes < Modest {
		return func() {}
	}
	s := &sending{due: time.Now().Add(start + time.Duration(bytes)*time.Second/brisk), cut: cut}
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.sends == nil {
		b.sends = map[*sending]bool{}
	}
	b.sends[s] = true
	return func() {
		b.mu.Lock()
		defer b.mu.Unlock()
		delete(b.sends, s)
	}
}

// shed cuts off the client that is furthest behind; none where all are brisk.
func (b *Budget) shed() {
	b.mu.Lock()
	defer b.mu.Unlock()
	var slowest *sending
	for s := range b.sends {
		if s.due.Before(time.Now()) && (slowest == nil || s.due.Before(slowest.due)) {
			slowest = s
		}
	}
	if slowest != nil {
		delete(b.sends, slowest)
		slowest.cut()
	}
}
