package edge

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"zoomgraph/internal/ending"
)

// deadline is a context that ends at a time, or when it is canceled, or with its parent. A request is mostly answered before
// anybody waits for its end, so a timer, and a place among what the parent ends, are taken when somebody does. It is used by
// way of its pointer.
type deadline struct {
	ending.Ending
	parent context.Context //nolint:containedctx // it is its child
	at     time.Time

	over      sync.Mutex  // while it ends
	inherited atomic.Bool // it has ended with its parent

	waited    atomic.Bool // somebody waits for the end
	waiting   sync.Mutex  // guards what follows
	timer     *time.Timer // nil: there is none
	following ending.Following
}

// begin is to be called before anything else, and cancel at the end. The end of a parent that comes earlier holds.
func (d *deadline) begin(parent context.Context, at time.Time) {
	d.parent, d.at = parent, at
	if earlier, ok := parent.Deadline(); ok && earlier.Before(at) {
		d.at = earlier
	}
}

// cancel ends the context.
func (d *deadline) cancel() {
	d.finish(false, context.Canceled)
	if !d.waited.Load() {
		return
	}
	d.waiting.Lock()
	defer d.waiting.Unlock()
	d.following.Stop()
	if d.timer != nil {
		d.timer.Stop()
	}
}

// finish ends the context, unless it has ended.
func (d *deadline) finish(inherited bool, err error) {
	d.over.Lock()
	defer d.over.Unlock()
	if d.Ending.Err() == nil {
		d.inherited.Store(inherited)
		d.End(err)
	}
}

// pass ends the context at its time.
func (d *deadline) pass() { d.finish(false, context.DeadlineExceeded) }

// Follow implements ending.Follower, with the end of the parent.
func (d *deadline) Follow(err error) { d.finish(true, err) }

// wait makes the end come without anybody looking.
func (d *deadline) wait() {
	if d.waited.Load() {
		return
	}
	d.waiting.Lock()
	defer d.waiting.Unlock()
	if d.waited.Load() {
		return
	}
	d.waited.Store(true) // before it is looked at, so that cancel waits for what is set here
	if d.look() != nil {
		return
	}
	d.following = ending.Follow(d.parent, d)
	d.timer = time.AfterFunc(time.Until(d.at), d.pass)
}

// look ends the context if that is due, and returns its error.
func (d *deadline) look() error {
	if err := d.parent.Err(); err != nil {
		d.Follow(err)
	} else if !time.Now().Before(d.at) {
		d.pass()
	}
	return d.Ending.Err()
}

// Deadline implements context.Context.
func (d *deadline) Deadline() (time.Time, bool) { return d.at, true }

// Done implements context.Context.
func (d *deadline) Done() <-chan struct{} {
	d.wait()
	return d.Ending.Done()
}

// AfterFunc is that of package ending. Who asks waits for the end.
func (d *deadline) AfterFunc(f func()) (stop func() bool) {
	d.wait()
	return d.Ending.AfterFunc(f)
}

// Err implements context.Context. An end stays as it was seen first.
func (d *deadline) Err() error {
	if err := d.Ending.Err(); err != nil || d.waited.Load() {
		return err
	}
	return d.look()
}

// Value implements context.Context. Who asks for the Ending waits for it; where the parent has ended, that tells the cause.
func (d *deadline) Value(key any) any {
	if ending.Asks(key) && !d.inherited.Load() {
		d.wait()
		return &d.Ending
	}
	return d.parent.Value(key)
}
