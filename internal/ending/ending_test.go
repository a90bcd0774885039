package ending_test

import (
	"context"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"zoomgraph/internal/ending"
)

// own is a context with an Ending.
type own struct {
	ending.Ending
	values context.Context
}

func (o *own) Ends() *ending.Ending      { return &o.Ending }
func (*own) Deadline() (time.Time, bool) { return time.Time{}, false }

func (o *own) Value(key any) any {
	if ending.Asks(key) {
		return &o.Ending
	}
	return o.values.Value(key)
}

type valueKey struct{}

// follower counts what it is told.
type follower struct {
	told atomic.Int32
	err  atomic.Value
}

func (f *follower) Follow(err error) {
	f.told.Add(1)
	f.err.Store(err)
}

// waysTo are the ways to learn of a context's end; each returns how to want that no more.
var waysTo = map[string]func(ctx context.Context, f *follower) (stop func() bool){
	"Follow": func(ctx context.Context, f *follower) func() bool {
		following := ending.Follow(ctx, f)
		return following.Stop
	},
	"context.AfterFunc": func(ctx context.Context, f *follower) func() bool {
		return context.AfterFunc(ctx, func() { f.Follow(ctx.Err()) })
	},
}

// contexts are a context and how it ends, by what it is.
var contexts = map[string]func() (context.Context, func()){
	"own": func() (context.Context, func()) {
		o := &own{values: context.Background()}
		return o, func() { o.End(context.Canceled) }
	},
	"own, and a value": func() (context.Context, func()) {
		o := &own{values: context.Background()}
		return context.WithValue(o, valueKey{}, 1), func() { o.End(context.Canceled) }
	},
	"own, asked for Done": func() (context.Context, func()) {
		o := &own{values: context.Background()}
		o.Done()
		return o, func() { o.End(context.Canceled) }
	},
	"standard": func() (context.Context, func()) { return context.WithCancel(context.Background()) },
	"standard below own, canceled": func() (context.Context, func()) {
		return context.WithCancel(&own{values: context.Background()})
	},
	"standard below own, which ends": func() (context.Context, func()) {
		o := &own{values: context.Background()}
		ctx, cancel := context.WithCancel(o)
		return ctx, func() { o.End(context.Canceled); synctest.Wait(); cancel() }
	},
	"own below standard": func() (context.Context, func()) {
		ctx, cancel := context.WithCancel(context.Background())
		o := &own{values: context.WithoutCancel(ctx)}
		ending.Follow(ctx, endOf{o})
		return o, cancel
	},
	"own below own and a value": func() (context.Context, func()) {
		above := &own{values: context.Background()}
		o := &own{values: context.WithoutCancel(above)}
		ending.Follow(context.WithValue(above, valueKey{}, 1), endOf{o})
		return o, func() { above.End(context.Canceled) }
	},
}

// endOf ends a context with another one.
type endOf struct{ *own }

func (e endOf) Follow(err error) { e.End(err) }

// TestFollow: all kinds of contexts tell of their end once, in all ways, and not those who want to know no more.
func TestFollow(t *testing.T) {
	t.Parallel()
	for kind, made := range contexts {
		for way, follow := range waysTo {
			t.Run(kind+" by "+way, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					ctx, end := made()
					var first, stopped, second, late follower
					stop := follow(ctx, &first)
					stopStopped := follow(ctx, &stopped)
					follow(ctx, &second)
					if !stopStopped() || stopStopped() {
						t.Error("who stops has stopped, once")
					}
					synctest.Wait()
					if first.told.Load() != 0 || ctx.Err() != nil {
						t.Fatalf("told %d times before the end: %v", first.told.Load(), ctx.Err())
					}
					end()
					end()
					synctest.Wait()
					select {
					case <-ctx.Done():
					default:
						t.Error("Done is not closed")
					}
					if ctx.Err() != context.Canceled || context.Cause(ctx) != context.Canceled { //nolint:errorlint // that very one
						t.Errorf("ended with %v, by %v", ctx.Err(), context.Cause(ctx))
					}
					stopLate := follow(ctx, &late)
					synctest.Wait()
					for name, f := range map[string]*follower{"first": &first, "second": &second, "late": &late} {
						if f.told.Load() != 1 || f.err.Load() != context.Canceled { //nolint:errorlint // that very one
							t.Errorf("%s: told %d times, of %v", name, f.told.Load(), f.err.Load())
						}
					}
					if stopped.told.Load() != 0 || stop() || stopLate() {
						t.Error("who had stopped was told, or somebody stopped after the end")
					}
				})
			})
		}
	}
}

// TestFollowNothing: what never ends is not followed.
func TestFollowNothing(t *testing.T) {
	t.Parallel()
	var f follower
	for _, ctx := range []context.Context{context.Background(), context.WithoutCancel(&own{values: context.Background()})} {
		if following := ending.Follow(ctx, &f); following.Stop() || f.told.Load() != 0 {
			t.Errorf("%v was followed", ctx)
		}
	}
}

// TestFirstEnd: an end stays what it was.
func TestFirstEnd(t *testing.T) {
	t.Parallel()
	var f follower
	var e ending.Ending
	e.End(context.DeadlineExceeded)
	e.End(context.Canceled)
	stop := e.AfterFunc(func() { t.Log("late") })
	if e.Err() != context.DeadlineExceeded || stop() { //nolint:errorlint // that very one
		t.Errorf("ended with %v", e.Err())
	}
	<-e.Done()
	if ending.Follow(&own{values: context.Background()}, &f).Stop(); f.told.Load() != 0 {
		t.Error("another end was told")
	}
}
