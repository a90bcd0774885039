package load

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"zoomgraph/client"
)

// FilterMode says how far `custom_query_fields` is trusted: the setting --field-filter.
type FilterMode string

// The modes.
const (
	// FilterAuto sends filters, and takes a second look where an answer is in doubt.
	FilterAuto FilterMode = "auto"
	// FilterOn sends filters and believes what comes back.
	FilterOn FilterMode = "on"
	// FilterOff always asks for whole views.
	FilterOff FilterMode = "off"
)

// Filters remembers for an account what its filters are known to do: Zoom documents neither what an unknown name does
// nor what happens where a name stands in two places, so the answers are the only witness. It serves all requests of
// one principal and is safe for concurrent use.
type Filters struct {
	mode FilterMode
	log  *slog.Logger

	mu         sync.Mutex
	known      map[filterName]time.Time // names that came back, or that the whole view lacks too: until when
	distrusted map[filterKind]time.Time // until when
	looking    map[filterKind]chan struct{}
	fallbacks  int
}

// filterKind names one operation in one view. Filters are trusted, or not, by kind.
type filterKind struct {
	op     *client.Op
	option string
}

type filterName struct {
	kind filterKind
	name string
}

const (
	// memory is how long something learned of an account's filters counts.
	memory = time.Hour
	// maxKnown bounds the names remembered. The schema has some 200; the rest is what clients ask for with
	// allowUnknown.
	maxKnown = 4096
)

// Anew makes the memory of another account, with the same mode.
func (f *Filters) Anew() *Filters {
	return newFilters(f.mode, f.log)
}

// NewFilters makes the memory of one account.
func NewFilters(mode FilterMode, log *slog.Logger) (*Filters, error) {
	switch mode {
	case FilterAuto, FilterOn, FilterOff:
	default:
		return nil, fmt.Errorf("field filter: %q is none of auto, on, off", mode)
	}
	return newFilters(mode, log), nil
}

func newFilters(mode FilterMode, log *slog.Logger) *Filters {
	return &Filters{
		mode: mode, log: log, known: map[filterName]time.Time{}, distrusted: map[filterKind]time.Time{},
		looking: map[filterKind]chan struct{}{},
	}
}

// Fallbacks is how often an account's filter was found not to work.
func (f *Filters) Fallbacks() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.fallbacks
}

func (f *Filters) trusted(kind filterKind) bool {
	if f.mode != FilterAuto {
		return f.mode == FilterOn
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.distrusted) == 0 || time.Now().After(f.distrusted[kind])
}

func (f *Filters) distrust(kind filterKind, why string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.distrusted[kind] = time.Now().Add(memory)
	f.fallbacks++
	f.log.Warn("custom_query_fields does not work for this account; whole views are asked for the next hour",
		"operation", kind.op.ID, "option", kind.option, "why", why)
}

// learned is what was learned last of the names of a form.
type learned struct {
	names []string
	until time.Time
}

// fresh is for how long it is not learned again.
const fresh = time.Second

// learn records names of a form that the filter is known to handle.
func (f *Filters) learn(of *form, names []string) {
	until := time.Now().Add(memory)
	if last := of.learned.Load(); last != nil && until.Sub(last.until) < fresh && slices.Equal(last.names, names) {
		return
	}
	of.learned.Store(&learned{names, until})
	kind := of.kind()
	f.mu.Lock()
	defer f.mu.Unlock()
	if len(f.known)+len(names) > maxKnown {
		clear(f.known)
	}
	for _, name := range names {
		f.known[filterName{kind, name}] = until
	}
}

// knows tells whether it is known of all names what a filter brings.
func (f *Filters) knows(kind filterKind, names []string) bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	for _, name := range names {
		if now.After(f.known[filterName{kind, name}]) {
			return false
		}
	}
	return true
}

// look waits for its turn to take a second look; done ends it.
func (f *Filters) look(ctx context.Context, kind filterKind) (done func(), err error) {
	f.mu.Lock()
	turn := f.looking[kind]
	if turn == nil {
		turn = make(chan struct{}, 1)
		f.looking[kind] = turn
	}
	f.mu.Unlock()
	select {
	case turn <- struct{}{}:
		return func() { <-turn }, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}
