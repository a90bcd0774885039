package edge

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

// TestDeadline holds a deadline to the standard library's: whatever ends it, and whether anybody waits then or not.
func TestDeadline(t *testing.T) {
	t.Parallel()
	for _, ends := range [][]string{
		{}, {"time"}, {"cancel"}, {"leave"}, {"time", "cancel"}, {"time", "leave"}, {"cancel", "leave"}, {"cancel", "time"}, {"leave", "time"},
	} {
		for _, waits := range []string{"nobody", "one who waits", "a context below"} {
			t.Run(strings.Join(append(ends, waits), ", "), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					want := limit(t, func(parent context.Context, at time.Time) (context.Context, func()) {
						return context.WithDeadline(parent, at)
					})
					got := limit(t, func(parent context.Context, at time.Time) (context.Context, func()) {
						var d deadline
						d.begin(parent, at)
						return &d, d.cancel
					})
					for _, each := range []limited{got, want} {
						switch waits {
						case "one who waits":
							each.ctx.Done()
						case "a context below":
							below(each.ctx, t)
						}
					}
					for _, end := range ends {
						got.end(end)
						want.end(end)
						synctest.Wait()
						if got, want := got.ctx.Err(), want.ctx.Err(); !errors.Is(got, want) {
							t.Errorf("Err is %v, want %v", got, want)
						}
					}
					got.compare(t, want)
					got.compare(t, want) // now that somebody waits
				})
			})
		}
	}
}

// limited is a context with a deadline, of whatever kind.
type limited struct {
	ctx    context.Context //nolint:containedctx // it is looked at
	cancel func()
	leave  context.CancelCauseFunc // ends its parent
}

type knownBelow struct{}

func limit(t *testing.T, by func(parent context.Context, at time.Time) (context.Context, func())) (l limited) {
	t.Helper()
	parent, leave := context.WithCancelCause(context.WithValue(t.Context(), knownBelow{}, true))
	l.leave = leave
	l.ctx, l.cancel = by(parent, time.Now().Add(time.Minute))
	t.Cleanup(func() { l.cancel(); leave(nil) })
	return l
}

func (l limited) end(by string) {
	switch by {
	case "time":
		time.Sleep(2 * time.Minute)
	case "cancel":
		l.cancel()
	case "leave":
		l.leave(errors.New("gone"))
	}
}

func (l limited) compare(t *testing.T, want limited) {
	t.Helper()
	if got, want := l.ctx.Err(), want.ctx.Err(); !errors.Is(got, want) {
		t.Errorf("Err is %v, want %v", got, want)
	}
	if got, want := context.Cause(l.ctx), context.Cause(want.ctx); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("its cause is %v, want %v", got, want)
	}
	if got, want := context.Cause(below(l.ctx, t)), context.Cause(below(want.ctx, t)); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("the cause of a context below it is %v, want %v", got, want)
	}
	if got, want := ended(l.ctx.Done()), want.ctx.Err() != nil; got != want {
		t.Errorf("it has ended: %v, want %v", got, want)
	}
	if got, want := deadlineOf(l.ctx), deadlineOf(want.ctx); !got.Equal(want) {
		t.Errorf("its deadline is %v, want %v", got, want)
	}
	if l.ctx.Value(knownBelow{}) == nil || below(l.ctx, t).Value(knownBelow{}) == nil {
		t.Error("it does not have what its parent has")
	}
}

func below(ctx context.Context, t *testing.T) context.Context {
	t.Helper()
	below, cancel := context.WithCancel(ctx)
	t.Cleanup(cancel)
	return below
}

func deadlineOf(ctx context.Context) time.Time {
	at, _ := ctx.Deadline()
	return at
}

func ended(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}

// TestDeadlineOfParent: an earlier end of the parent holds.
func TestDeadlineOfParent(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		parent, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		var d deadline
		d.begin(parent, time.Now().Add(time.Minute))
		if at, _ := d.Deadline(); !at.Equal(deadlineOf(parent)) {
			t.Errorf("it ends at %v, and its parent at %v", at, deadlineOf(parent))
		}
		<-d.Done()
		if !errors.Is(d.Err(), context.DeadlineExceeded) {
			t.Error(d.Err())
		}
		d.cancel()
	})
}

// TestDeadlineCosts: until somebody waits, a deadline takes no memory.
func TestDeadlineCosts(t *testing.T) {
	var d deadline
	parent := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", http.NoBody).Context()
	if n := testing.AllocsPerRun(100, func() {
		d = deadline{}
		d.begin(parent, time.Now().Add(time.Minute))
		if d.Err() != nil || d.Value(t) != nil {
			t.Fatal("it has ended, or has what it was not given")
		}
		d.cancel()
		if d.Err() == nil {
			t.Fatal("it has not ended")
		}
	}); n > 0 {
		t.Errorf("it takes %v allocations", n)
	}
}
