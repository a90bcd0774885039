package store

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// What is to be done at the end of a call's context is done then, and only then, whoever is asked: the context, or
// package context.
func TestJointContextEnds(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		after func(c *jointContext, f func()) (stop func() bool)
	}{
		{"by the context", (*jointContext).AfterFunc},
		{"by package context", func(c *jointContext, f func()) func() bool { return context.AfterFunc(c, f) }},
		{"by a context below", func(c *jointContext, f func()) func() bool {
			below, cancel := context.WithTimeout(c, time.Hour)
			stop := context.AfterFunc(below, f)
			return func() bool { defer cancel(); return stop() }
		}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var c jointContext
				c.begin(t.Context())
				var done, other, late atomic.Int32
				count := func(n *atomic.Int32) func() { return func() { n.Add(1) } }
				stop := test.after(&c, count(&done))
				stopOther := test.after(&c, count(&other))
				if !stopOther() || stopOther() {
					t.Error("what is stopped once is stopped, and not twice")
				}
				synctest.Wait()
				if done.Load() != 0 || c.Err() != nil {
					t.Fatalf("done %d times before the end; %v", done.Load(), c.Err())
				}
				c.end()
				c.end()
				synctest.Wait()
				if done.Load() != 1 || other.Load() != 0 || stop() {
					t.Errorf("done %d times, and what was stopped %d times", done.Load(), other.Load())
				}
				stopLate := test.after(&c, count(&late))
				synctest.Wait()
				if late.Load() != 1 || stopLate() {
					t.Errorf("what came after the end was done %d times", late.Load())
				}
			})
		})
	}
}

// A call's context ends as its own, though the one that it has its values of ended before, for a cause of that.
func TestJointContextOutlives(t *testing.T) {
	t.Parallel()
	type key struct{}
	first, leave := context.WithCancelCause(context.WithValue(t.Context(), key{}, "value"))
	var c jointContext
	c.begin(first)
	early := c.Done()
	leave(errors.New("the first one leaves"))
	below, cancel := context.WithCancel(&c)
	defer cancel()
	select {
	case <-early:
		t.Error("ended with the first one")
	case <-below.Done():
		t.Error("what is below ended with the first one")
	default:
	}
	if c.Err() != nil || context.Cause(&c) != nil || c.Value(key{}) != "value" {
		t.Errorf("%v, %v, %v", c.Err(), context.Cause(&c), c.Value(key{}))
	}
	c.end()
	<-early
	<-c.Done()
	<-below.Done()
	for _, ctx := range []context.Context{&c, below} {
		if !errors.Is(ctx.Err(), context.Canceled) || !errors.Is(context.Cause(ctx), context.Canceled) {
			t.Errorf("ended with %v, by %v", ctx.Err(), context.Cause(ctx))
		}
	}
}
