package store_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"zoomgraph/client"
	"zoomgraph/internal/store"
)

// crowd makes reads at one moment, and waits until all of them wait for calls.
func crowd(t *testing.T, wg *sync.WaitGroup, p *store.Principal, z *zoom, names ...string) {
	t.Helper()
	for _, list := range names {
		wg.Go(func() {
			want := strings.ReplaceAll(list, ",", "@0,") + "@0"
			if list == "" {
				want = "a1@0,a2@0,a3@0,a4@0,top@0"
			}
			got, _ := get(t, p, z, "abc", list)
			wantValues(t, got, want)
		})
	}
	synctest.Wait()
}

// Reads at the same moment are one call, with the names of all of them.
func TestReadsShareCalls(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name        string
		ttl         time.Duration
		first       []string // the names of reads at one moment
		then        []string // of reads while the call of those is under way
		calls       []string
		called, all int64
	}{
		{"the same", ttl, []string{"a1", "a1", "a1"}, nil, []string{"abc a1"}, 1, 3},
		{"overlapping", ttl, []string{"a1,a2", "a2,a3"}, nil, []string{"abc a1,a2,a3"}, 1, 2},
		{"a part and the whole", ttl, []string{"a1,a2", "", "a3"}, nil, []string{"abc"}, 1, 3},
		{"of a call under way", ttl, []string{"a1,a2"}, []string{"a2"}, []string{"abc a1,a2"}, 1, 2},
		{"of a call for the whole", ttl, []string{""}, []string{"a2", ""}, []string{"abc"}, 1, 3},
		{"more than a call under way brings", ttl, []string{"a1,a2"}, []string{"a2,a3"}, []string{"abc a1,a2", "abc a2,a3"}, 2, 2},
		{"the whole beside a part under way", ttl, []string{"a1"}, []string{""}, []string{"abc", "abc a1"}, 2, 2},
		{"nothing is kept", 0, []string{"a1"}, []string{"a1"}, []string{"abc a1", "abc a1"}, 2, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				var wg sync.WaitGroup
				z, s := &zoom{took: time.Second}, newStore(t, store.Options{TTL: test.ttl})
				p := s.Principal("acct", "", nil)
				crowd(t, &wg, p, z, test.first...)
				time.Sleep(100 * time.Millisecond)
				crowd(t, &wg, p, z, test.then...)
				wg.Wait()
				z.wantCalls(t, test.calls...)
				if c := s.Counts(); c.Called != test.called || c.Called+c.Joined != test.all {
					t.Errorf("%+v, want %d called of %d", c, test.called, test.all)
				}
			})
		})
	}
}

// What has been kept meanwhile is asked again by nobody: a read during a call needs of it only what is not known.
func TestReadBesideCall(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var wg sync.WaitGroup
		z, s := &zoom{}, newStore(t, usual())
		p := s.Principal("acct", "", nil)
		get(t, p, z, "abc", "a1")
		z.took = time.Second
		crowd(t, &wg, p, z, "a1,a2")
		time.Sleep(100 * time.Millisecond)
		crowd(t, &wg, p, z, "a1,a2", "a1,a3") // a call brings a2; another one is to bring a3, and not a1
		time.Sleep(100 * time.Millisecond)
		crowd(t, &wg, p, z, "a1,a2")
		wg.Wait()
		z.wantCalls(t, "abc a1", "abc a2", "abc a3")
		got, _ := get(t, p, z, "abc", "a1,a2,a3") // neither call lost what the other brought
		wantValues(t, got, "a1@0,a2@0,a3@0")
		z.wantCalls(t)
	})
}

// A call that waits for its turn takes on what others need until it leaves.
func TestReadsJoinWhatWaits(t *testing.T) {
	t.Parallel()
	for _, keep := range []time.Duration{ttl, 0} {
		synctest.Test(t, func(t *testing.T) {
			var wg sync.WaitGroup
			turn := make(chan struct{})
			z, s := &zoom{unseal: func(context.Context) { <-turn }}, newStore(t, store.Options{TTL: keep})
			p := s.Principal("acct", "", nil)
			crowd(t, &wg, p, z, "a1")
			time.Sleep(time.Second)
			crowd(t, &wg, p, z, "a2,a3")
			time.Sleep(time.Second)
			crowd(t, &wg, p, z, "a1,top")
			close(turn)
			wg.Wait()
			z.wantCalls(t, "abc a1,a2,a3,top")
		})
	}
}

// A person has several sessions, whose calls are shared: one that ends takes nothing from the others.
func TestEndedSession(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ends, goesOn := &zoom{took: time.Second, fail: &client.Error{Code: client.CodeUnauthenticated}}, &zoom{took: time.Second}
		p := newStore(t, usual()).Principal("acct", "a person", nil)
		key := keyOf(opSettings, "abc")
		var errs [3]error
		var wg sync.WaitGroup
		for i, z := range []*zoom{ends, goesOn, goesOn} {
			wg.Go(func() {
				_, errs[i] = p.Read(t.Context(), store.Ask{Key: key, Names: []string{"a1"}, Fetch: z.fetch(key)})
			})
			synctest.Wait()
		}
		wg.Wait()
		if !errors.Is(errs[0], client.ErrUnauthenticated) || errs[1] != nil || errs[2] != nil {
			t.Errorf("who began the call got %v, the others %v", errs[0], errs[1:])
		}
		ends.wantCalls(t, "abc a1")
		goesOn.wantCalls(t, "abc a1") // one for both
	})
}

// Whoever leaves takes nothing from those who stay; with the last one the call ends. Nobody joins a call that ended so.
func TestLeavers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ended := make(chan error, 2)
		z, s := &zoom{took: time.Minute}, newStore(t, usual())
		z.before = func(ctx context.Context) { go func() { <-ctx.Done(); ended <- ctx.Err() }() }
		p := s.Principal("acct", "", nil)
		key := keyOf(opSettings, "abc")
		read := func(patience time.Duration) <-chan error {
			done := make(chan error, 1)
			go func() {
				ctx, cancel := context.WithTimeout(t.Context(), patience)
				defer cancel()
				_, err := p.Read(ctx, store.Ask{Key: key, Names: []string{"a1"}, Fetch: z.fetch(key)})
				done <- err
			}()
			synctest.Wait()
			return done
		}
		first, second := read(time.Second), read(2*time.Minute)
		start := time.Now()
		if err := <-first; !errors.Is(err, client.ErrUpstreamTimeout) || !errors.Is(err, context.DeadlineExceeded) || time.Since(start) != time.Second {
			t.Errorf("who left after %v: %v", time.Since(start), err)
		}
		if err := <-second; err != nil {
			t.Errorf("who stayed: %v", err)
		}
		<-ended
		z.wantCalls(t, "abc a1")

		p.Wrote(t.Context(), opUpdate, []string{"abc"})
		start = time.Now()
		first, second = read(time.Second), read(2*time.Second)
		<-first
		if err := <-second; err == nil || time.Since(start) != 2*time.Second {
			t.Errorf("the last one after %v: %v", time.Since(start), err)
		}
		if err := <-ended; !errors.Is(err, context.Canceled) || time.Since(start) != 2*time.Second {
			t.Errorf("the call ended after %v: %v", time.Since(start), err)
		}
		z.mu.Lock()
		z.took = 0
		z.mu.Unlock()
		if err := <-read(time.Second); err != nil {
			t.Errorf("a read after that: %v", err)
		}
		z.wantCalls(t, "abc a1", "abc a1")
	})
}

// A call's deadline is that of whoever waits longest.
func TestDeadline(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var wg sync.WaitGroup
		var got []time.Duration
		start := time.Now()
		z, s := &zoom{}, newStore(t, usual())
		p := s.Principal("acct", "", nil)
		key := keyOf(opSettings, "abc")
		z.unseal = func(ctx context.Context) {
			time.Sleep(time.Second)
			at, bounded := ctx.Deadline()
			if !bounded {
				at = start
			}
			got = append(got, at.Sub(start))
		}
		for _, crowd := range [][]time.Duration{{2 * time.Second, 3 * time.Second, time.Minute / 30}, {2 * time.Second, 0}} {
			p.Wrote(t.Context(), opUpdate, []string{"abc"})
			start = time.Now()
			for _, patience := range crowd {
				wg.Go(func() {
					ctx := t.Context()
					if patience > 0 {
						var cancel context.CancelFunc
						ctx, cancel = context.WithTimeout(ctx, patience)
						defer cancel()
					}
					if _, err := p.Read(ctx, store.Ask{Key: key, Fetch: z.fetch(key)}); err != nil {
						t.Error(err)
					}
				})
				synctest.Wait()
			}
			wg.Wait()
		}
		if want := []time.Duration{3 * time.Second, 0}; !slices.Equal(got, want) {
			t.Errorf("deadlines %v, want %v", got, want)
		}
	})
}

// An urgent read does not wait for the turn of a call that is not; the other way round it gains.
func TestLanes(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		first, second client.Lane
		calls         int
	}{
		{client.Interactive, client.Interactive, 1}, {client.Interactive, client.Bulk, 1}, {client.Bulk, client.Bulk, 1}, {client.Bulk, client.Interactive, 2},
	} {
		synctest.Test(t, func(t *testing.T) {
			var wg sync.WaitGroup
			turn := make(chan struct{})
			z, s := &zoom{unseal: func(context.Context) { <-turn }}, newStore(t, usual())
			p := s.Principal("acct", "", nil)
			for _, lane := range []client.Lane{test.first, test.second} {
				wg.Go(func() { get(t, p, z, "abc", "a1", func(a *store.Ask) { a.Lane = lane }) })
				synctest.Wait()
			}
			close(turn)
			wg.Wait()
			if len(z.calls) != test.calls {
				t.Errorf("%v and then %v: %d calls, want %d", test.first, test.second, len(z.calls), test.calls)
			}
		})
	}
}

// A panic in a call is an error of all who wait for it.
func TestPanic(t *testing.T) {
	t.Parallel()
	s := newStore(t, usual())
	p := s.Principal("acct", "", nil)
	_, err := p.Read(t.Context(), store.Ask{Key: keyOf(opSettings, "abc"), Fetch: func(context.Context, store.Seal) (store.Fetched, error) {
		panic("oh")
	}})
	if err == nil || !strings.Contains(err.Error(), "panic: oh") {
		t.Error(err)
	}
}
