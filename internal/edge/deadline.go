package edge

import (
	"context"
	"sync/atomic"
	"time"
)

// deadline is a context that ends at a time, or when it is canceled. A request is mostly answered before anybody waits for
// its end, so the timer of the standard library's context, and its place among what the parent ends, are taken when
// somebody first asks for Done. It is used by way of its pointer.
type deadline struct {
	context.Context //nolint:containedctx // the parent

	at     time.Time
	waited atomic.Pointer[waited] // nil: nobody waits for the end
}

// waited is the standard library's context of a deadline, and how it is canceled.
type waited struct {
	context.Context //nolint:containedctx // it is one

	cancel context.CancelFunc
}

// unwaited is in place of the context of a deadline that was canceled before anybody waited for it.
var unwaited = func() *waited {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return &waited{ctx, cancel}
}()

// begin is to be called before anything else. The end of a parent that comes earlier holds.
func (d *deadline) begin(parent context.Context, at time.Time) {
	d.Context, d.at = parent, at
	if earlier, ok := parent.Deadline(); ok && earlier.Before(at) {
		d.at = earlier
	}
}

// cancel ends the context.
func (d *deadline) cancel() {
	if !d.waited.CompareAndSwap(nil, unwaited) {
		d.waited.Load().cancel()
	}
}

// wait is the context by which one waits.
func (d *deadline) wait() *waited {
	if w := d.waited.Load(); w != nil {
		return w
	}
	w := new(waited)
	w.Context, w.cancel = context.WithDeadline(d.Context, d.at)
	if !d.waited.CompareAndSwap(nil, w) { // somebody else was faster
		w.cancel()
	}
	return d.waited.Load()
}

// Deadline implements context.Context.
func (d *deadline) Deadline() (time.Time, bool) { return d.at, true }

// Done implements context.Context.
func (d *deadline) Done() <-chan struct{} { return d.wait().Done() }

// Err implements context.Context. It has an end stay as it was seen first.
func (d *deadline) Err() error {
	w := d.waited.Load()
	if w == nil {
		if d.Context.Err() == nil && time.Now().Before(d.at) {
			return nil
		}
		w = d.wait()
	}
	return w.Err()
}

// Value implements context.Context. The standard library finds in it what ends the context.
func (d *deadline) Value(key any) any {
	switch w := d.waited.Load(); w {
	case nil:
	case unwaited:
		if found := w.Value(key); found != nil {
			return found
		}
	default:
		return w.Value(key)
	}
	return d.Context.Value(key)
}
