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
	// Get brings what was put under a key.
	Get(ctx context.Context, key string) Found
	// Put keeps a value for so long in the place of the one that was found, or of nothing. It is false where another one
	// is there by now, which it brings.
	Put(ctx context.Context, key string, over Found, value []byte, life time.Duration) (there Found, done bool)
}

// Found is what is kept under a key of a far store.
type Found struct {
	Value   []byte    // nil: nothing, or nothing that can be read
	Version string    // of the value, also of one that cannot be read; "": there is nothing
	Now     time.Time // by the far store's clock, at some moment while it was asked; zero: it could not be
}

// theirs is what replicas share of an entry, as it was when the far store was asked.
type theirs struct {
	found Found
	look  crossing
	entry *entry // with the times of the far store's clock; nil: nothing that may be believed
}

// asked tells whether there was an answer.
func (t theirs) asked() bool { return !t.found.Now.IsZero() }

// here is what they know with the times of this process' clock.
func (t theirs) here() *entry { return t.entry.crossed(t.look.here) }

// ask brings what replicas share of an entry, with the stamp under which it is believed still to be told.
func (p *Principal) ask(ctx context.Context, at entryKey) theirs {
	sent := p.store.mark()
	return p.answered(p.far.Get(ctx, at.String()), sent)
}

// answered notes when the far store was asked, beside what it answered.
func (p *Principal) answered(found Found, sent moment) theirs {
	t := theirs{found: found, look: crossing{sent: sent, back: p.store.mark()}}
	if t.asked() {
		t.look.there = moment(found.Now.UnixNano())
	}
	return t
}

// under reads what was found, as far as it was read under a stamp.
func (t theirs) under(stamp string, life time.Duration) theirs {
	t.entry = decode(t.found.Value, stamp).plausible(t.look.there, life)
	return t
}

// shareTries bounds how often a read is put to what others have put meanwhile. A read that is lost costs a call.
const shareTries = 3

// share tells the replicas what is known at a key, together with what they know of it by now.
func (p *Principal) share(ctx context.Context, at entryKey, resources []string, e *entry, t theirs) {
	ctx = context.WithoutCancel(ctx)
	for range shareTries {
		if !t.asked() {
			return
		}
		merged := t.entry.merged(e.crossed(t.look.far))
		if merged == t.entry || merged.gone != nil {
			return
		}
		sent := p.store.mark()
		there, done := p.far.Put(ctx, at.String(), t.found, merged.encode(), p.store.life())
		if done {
			return
		}
		t = p.answered(there, sent).under(e.stamp, p.store.life())
		p.adopt(at, resources, t.here(), e.stamp)
	}
}

// adopt keeps what another replica has read, unless there was a write.
func (p *Principal) adopt(at entryKey, resources []string, e *entry, stamp string) {
	if now, ok := p.guards.Known(resources...); e != nil && ok && now == stamp {
		p.store.keep(at, resources, e, nil)
	}
}
