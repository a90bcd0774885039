// Package answering bounds the bytes of answers: of each one while it is written, and of all that are written or wait for
// their clients to read them.
//
//	w := budget.Open(ctx)
//	defer w.Close()
//	err := answering.Try(func() { value.MarshalGQL(w) }) // ErrTooLarge, ErrBusy, or nil
//	parts := w.Parts()
//
// An answer is held in pieces that are used again and again: it never moves while it grows, and leaves no garbage behind.
package answering

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Defaults of the options that operators have.
const (
	DefaultMaxBytes = 32 << 20 // of one answer
	DefaultBudget   = 64 << 20 // of all answers together
)

const (
	// small is the first piece of every answer. It does not count, so small answers find room in any crowd; there are as
	// many as requests in flight.
	small = 16 << 10
	// piece is how much room is taken at a time beyond that.
	piece = 128 << 10
	// maxKept is how many bytes of pieces are kept for later answers.
	maxKept = 16 << 20
	// patience is how long an answer waits for room.
	patience = 2 * time.Second
)

// Modest answers, in bytes, may use the whole budget; larger ones leave a quarter of it free.
const Modest = 1 << 20

// Why an answer is not written to its end.
var (
	ErrTooLarge = errors.New("answering: larger than one answer may be")
	ErrBusy     = errors.New("answering: other answers take all the room")
)

// Budget is the room that all answers of a process have together. It is safe for concurrent use.
type Budget struct {
	limit, each int

	mu    sync.Mutex
	used  int
	kept  [][]byte
	freed chan struct{} // closed when room is given back; nil: nobody waits
	sends map[*sending]bool
}

// NewBudget makes the room of so many bytes for answers of at most each bytes. Zero means the default.
func NewBudget(limit, each int) *Budget {
	if limit == 0 {
		limit = DefaultBudget
	}
	if each == 0 {
		each = DefaultMaxBytes
	}
	return &Budget{limit: limit, each: each}
}

// Used is how many bytes are taken.
func (b *Budget) Used() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.used
}

// take takes room for n bytes of an answer that then has size bytes. It waits for room, but not long and not beyond ctx,
// and has slow clients cut off that hold it.
func (b *Budget) take(ctx context.Context, n, size int) error {
	limit := b.limit
	if size > Modest {
		limit -= limit / 4
	}
	freed := b.try(n, limit)
	if freed == nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	look := time.NewTicker(looks)
	defer look.Stop()
	b.shed()
	for freed != nil {
		select {
		case <-freed:
		case <-look.C:
			b.shed()
		case <-ctx.Done():
			return ErrBusy
		}
		freed = b.try(n, limit)
	}
	return nil
}

// try takes room, or returns what is closed when there may be some.
func (b *Budget) try(n, limit int) (freed <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.used+n <= limit {
		b.used += n
		return nil
	}
	if b.freed == nil {
		b.freed = make(chan struct{})
	}
	return b.freed
}

func (b *Budget) give(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.used -= n
	if b.freed != nil {
		close(b.freed)
		b.freed = nil
	}
}

// piece returns an empty piece, for which room was taken.
func (b *Budget) piece() []byte {
	b.mu.Lock()
	defer b.mu.Unlock()
	if last := len(b.kept) - 1; last >= 0 {
		p := b.kept[last]
		b.kept = b.kept[:last]
		return p
	}
	return make([]byte, 0, piece)
}

// release takes a piece back, and its room.
func (b *Budget) release(p []byte) {
	b.mu.Lock()
	if len(b.kept) < maxKept/piece {
		b.kept = append(b.kept, p[:0])
	}
	b.mu.Unlock()
	b.give(cap(p))
}

var smalls = sync.Pool{New: func() any { return new([small]byte) }}
