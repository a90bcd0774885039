package store

import (
	"context"
	"time"
)

// Guards tell whether what was read earlier still stands. A resource is a name such as "users/abc"; what was read of
// it is kept together with the stamp that it had before the call left, and is believed as long as the stamp is that one.
type Guards interface {
	// Stamp names the state of the resources together: another one after every write of any of them. It is false while
	// one is under way or in doubt, and where the state cannot be told; then nothing that was kept may be believed, and
	// nothing be kept.
	Stamp(ctx context.Context, resources ...string) (string, bool)
	// Known is Stamp where that can be told without asking anybody, and false otherwise.
	Known(resources ...string) (string, bool)
	// Begin says that a write of the resources is about to leave. When it returns, nobody here believes what was kept of
	// them; others are told at the same time, and believe it a moment longer at most. Who cannot be reached is told later.
	// end is called once, when the write has ended, and told whether it is certain what became of it. If not, it stays in
	// doubt for underway.Doubt. Afterwards what was kept before is not believed any more.
	Begin(ctx context.Context, resources ...string) (end func(ctx context.Context, certain bool))
}

// Far is the store that replicas share for one account. It helps and is not needed: if it cannot be asked, Get finds
// nothing and Put is lost.
type Far interface {
	Guards
	// Get brings what was put under a key; nil: nothing.
	Get(ctx context.Context, key string) []byte
	// Put keeps a value for so long.
	Put(ctx context.Context, key string, value []byte, life time.Duration)
}
