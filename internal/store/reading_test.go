package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"zoomgraph/internal/store"
)

// A read that has begun has its call, or another one's, before anybody waits for it.
func TestBegin(t *testing.T) {
	t.Parallel()
	for _, keep := range []time.Duration{ttl, 0} {
		synctest.Test(t, func(t *testing.T) {
			z := &zoom{took: time.Second}
			p := newStore(t, store.Options{TTL: keep}).Principal("acct", "", nil)
			key := keyOf(opSettings, "abc")
			begin := func(name string) *store.Reading {
				read := new(store.Reading)
				read.Begin(t.Context(), p, store.Ask{Key: key, Names: []string{name}, Fetch: z.fetch(key)})
				return read
			}
			first, second := begin("a1"), begin("a2")
			time.Sleep(2 * time.Second)
			z.wantCalls(t, "abc a1,a2")
			for i, read := range []*store.Reading{first, second} {
				from, sure := read.Source()
				answer, err := read.Wait(t.Context())
				if want := []store.Source{store.Called, store.Joined}[i]; err != nil || from != want || !sure || answer.Source != want {
					t.Errorf("read %d from %v (%v), then %v: %v", i, from, sure, answer.Source, err)
				}
			}
			if keep == 0 {
				return
			}
			known := begin("a1")
			from, sure := known.Source()
			if answer, err := known.Wait(t.Context()); err != nil || from != store.Cached || !sure || answer.Source != store.Cached {
				t.Errorf("from %v (%v), then %v: %v", from, sure, answer.Source, err)
			}
			known.Leave()
		})
	}
}

// What was there before the time was over is answered.
func TestWaitTooLate(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z := &zoom{}
		p := newStore(t, store.Options{}).Principal("acct", "", nil)
		ctx, end := context.WithCancel(t.Context())
		var reads [50]store.Reading
		for i := range reads {
			key := keyOf(opSettings, fmt.Sprint(i))
			reads[i].Begin(ctx, p, store.Ask{Key: key, Fetch: z.fetch(key)})
		}
		synctest.Wait()
		end()
		for i := range reads {
			if _, err := reads[i].Wait(ctx); err != nil {
				t.Errorf("read %d: %v", i, err)
			}
		}
	})
}

// Reads that nobody waits for are left, and with the last one the call ends.
func TestLeave(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ended := false
		p := newStore(t, store.Options{}).Principal("acct", "", nil)
		ask := store.Ask{Key: keyOf(opSettings, "abc"), Fetch: func(ctx context.Context, _ store.Seal) (store.Fetched, error) {
			<-ctx.Done()
			ended = errors.Is(ctx.Err(), context.Canceled)
			return store.Fetched{}, ctx.Err()
		}}
		var first, second store.Reading
		first.Begin(t.Context(), p, ask)
		second.Begin(t.Context(), p, ask)
		first.Leave()
		synctest.Wait()
		if ended {
			t.Error("a call ended for which somebody waits")
		}
		second.Leave()
		synctest.Wait()
		if !ended {
			t.Error("a call goes on for which nobody waits")
		}
	})
}

// The context of a call has the values of whoever began it, and ends what was made from it.
func TestCallContext(t *testing.T) {
	t.Parallel()
	type key struct{}
	synctest.Test(t, func(t *testing.T) {
		p := newStore(t, store.Options{}).Principal("acct", "", nil)
		ended := make(chan error, 1)
		ask := store.Ask{Key: keyOf(opSettings, "abc"), Fetch: func(ctx context.Context, _ store.Seal) (store.Fetched, error) {
			if ctx.Value(key{}) != "value" {
				t.Error("no value")
			}
			below, cancel := context.WithCancel(context.WithValue(ctx, key{}, "another"))
			defer cancel()
			<-below.Done()
			ended <- context.Cause(below)
			return store.Fetched{}, below.Err()
		}}
		ctx, cancel := context.WithCancel(context.WithValue(t.Context(), key{}, "value"))
		var read store.Reading
		read.Begin(ctx, p, ask)
		cancel()
		if _, err := read.Wait(ctx); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
	})
}
