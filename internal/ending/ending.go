// Package ending has the end of a context that is a part of something larger, such as a request. The standard library's
// contexts are things of their own, with channels, and places among each other; here these are taken when somebody asks,
// which nobody does for most requests and calls.
//
//	type request struct {
//		ending.Ending
//		values context.Context
//	}
//
//	func (r *request) Deadline() (time.Time, bool) { … }
//
//	func (r *request) Value(key any) any {
//		if ending.Asks(key) {
//			return &r.Ending
//		}
//		return r.values.Value(key)
//	}
//
// makes request a context, of which contexts of the standard library may be children. [Follow] learns of its end for less
// than they do.
package ending

import (
	"context"
	"sync"

	"zoomgraph/internal/ctxkey"
)

// Ending is the end of a context. The zero value has not ended. It is used by way of its pointer.
type Ending struct {
	mu   sync.Mutex
	err  error         // nil: it has not ended
	done chan struct{} // closed at the end; nil: nobody has asked for it
	then []Follower    // who is told then; nil: they do not want to know any more
	room [1]Follower
}

// key is package context's for what ends a context. All of its own answer it, each in its way, so whoever stands nearest is
// found, whatever kind it is.
var key = ctxkey.Of(func(ctx context.Context) { _ = context.Cause(ctx) })

// Asks tells of a key by which a context is asked for its Ending.
func Asks(k any) bool { return k == key }

// Follower is told of an end.
type Follower interface {
	// Follow is called once, with the error of the context that has ended, and does not wait.
	Follow(err error)
}

// function is what package context wants to be called.
type function func()

// Follow implements Follower.
func (f function) Follow(error) { go f() }

// over is the channel of all that had ended before somebody asked.
var over = func() chan struct{} {
	c := make(chan struct{})
	close(c)
	return c
}()

// End ends the context with an error, unless it has ended.
func (e *Ending) End(err error) {
	e.mu.Lock()
	if e.err != nil {
		e.mu.Unlock()
		return
	}
	e.err = err
	if e.done != nil {
		close(e.done)
	}
	then := e.then
	e.mu.Unlock() // nobody changes what is ended
	for _, f := range then {
		if f != nil {
			f.Follow(err)
		}
	}
}

// Done implements context.Context.
func (e *Ending) Done() <-chan struct{} {
	e.mu.Lock()
	defer e.mu.Unlock()
	switch {
	case e.done != nil:
	case e.err != nil:
		e.done = over
	default:
		e.done = make(chan struct{})
	}
	return e.done
}

// Err implements context.Context.
func (e *Ending) Err() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.err
}

// AfterFunc calls f in a goroutine of its own when the end comes; stop tells whether it will not be called. Package context
// uses it for the children of a context.
func (e *Ending) AfterFunc(f func()) (stop func() bool) { return e.follow(function(f)).Stop }

// Following is the place of somebody who is told of an end. The zero value follows nothing.
type Following struct {
	of   *Ending
	at   int
	stop func() bool // of a context without an Ending
}

// follow has f told of the end, at once if it has come.
func (e *Ending) follow(f Follower) Following {
	e.mu.Lock()
	if err := e.err; err != nil {
		e.mu.Unlock()
		f.Follow(err)
		return Following{}
	}
	defer e.mu.Unlock()
	if e.then == nil {
		e.then = e.room[:0]
	}
	e.then = append(e.then, f)
	return Following{of: e, at: len(e.then) - 1}
}

// Stop follows no more. It reports false if the end has come.
func (f Following) Stop() bool {
	switch {
	case f.stop != nil:
		return f.stop()
	case f.of == nil:
		return false
	}
	f.of.mu.Lock()
	defer f.of.mu.Unlock()
	if f.of.err != nil || f.of.then[f.at] == nil {
		return false
	}
	f.of.then[f.at] = nil
	return true
}

// Follow has f told of the end of ctx, of any kind, at once if it has come.
func Follow(ctx context.Context, f Follower) Following {
	if e, ok := ctx.Value(key).(*Ending); ok {
		return e.follow(f)
	}
	if ctx.Done() == nil {
		return Following{}
	}
	return Following{stop: context.AfterFunc(ctx, func() { f.Follow(ctx.Err()) })}
}
