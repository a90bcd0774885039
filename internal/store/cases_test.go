package store_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"zoomgraph/client"
	"zoomgraph/internal/store"
)

func fresh(a *store.Ask) { a.Since = time.Now() }

// A part that is read anew takes nothing from what the whole answer told.
func TestPartOfWhole(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z, s := &zoom{}, newStore(t, usual())
		p := s.Principal("acct", "", nil)
		get(t, p, z, "abc", "")
		time.Sleep(time.Second)
		z.version = 1
		get(t, p, z, "abc", "a1,x", fresh)
		z.wantCalls(t, "abc", "abc a1,x")
		got, _ := get(t, p, z, "abc", "a1,a2,x")
		wantValues(t, got, "a1@1,a2@0,x absent")
		got, _ = get(t, p, z, "abc", "")
		wantValues(t, got, "a1@1,a2@0,a3@0,a4@0,top@0")
		z.wantCalls(t)
	})
}

// A section that Zoom sends in another shape is handed on as it is, unless a good one is known.
func TestMalformedSection(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z, s := &zoom{}, newStore(t, usual())
		p := s.Principal("acct", "", nil)
		read := func(body, names, want string) {
			t.Helper()
			z.narrow = func([]string) string { return body }
			_, answer := get(t, p, z, "abc", names, fresh)
			if string(answer.Body.Text) != want {
				t.Errorf("%s, want %s", answer.Body.Text, want)
			}
		}
		read(`{"s0":{"a2":1}}`, "a2", `{"s0":{"a2":1}}`)
		read(`{"s1":[1]}`, "a1", `{"s0":{"a2":1},"s1":[1]}`)
		read(`{"s1":{"a3":2}}`, "a3", `{"s0":{"a2":1},"s1":{"a3":2}}`)
		read(`{"s0":7,"s1":{}}`, "a4", `{"s0":{"a2":1},"s1":{"a3":2}}`)
		read(`{"s2":{}}`, "x", `{"s0":{"a2":1},"s1":{"a3":2},"s2":{}}`)
	})
}

// Who wants it new joins no call that left before, and what waits asks again for what is known.
func TestFreshReads(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var wg sync.WaitGroup
		z, s := &zoom{took: time.Second}, newStore(t, usual())
		p := s.Principal("acct", "", nil)
		crowd(t, &wg, p, z, "a1")
		time.Sleep(100 * time.Millisecond)
		get(t, p, z, "abc", "a1", fresh)
		wg.Wait()
		z.wantCalls(t, "abc a1", "abc a1")

		turn := make(chan struct{})
		z = &zoom{unseal: func(context.Context) { <-turn }}
		crowd(t, &wg, p, z, "a1,a2") // a1 is known
		time.Sleep(time.Second)
		wg.Go(func() { get(t, p, z, "abc", "a1,a2", fresh) })
		synctest.Wait()
		close(turn)
		wg.Wait()
		z.wantCalls(t, "abc a1,a2")

		z = &zoom{fail: &client.Error{Code: client.CodeNotFound, ZoomCode: 1001}}
		get(t, p, z, "nobody", "a1")
		get(t, p, z, "nobody", "a1")
		time.Sleep(time.Millisecond)
		get(t, p, z, "nobody", "a1", fresh)
		z.wantCalls(t, "nobody a1", "nobody a1")
	})
}

// Nobody joins a call that was given up, though it has not ended yet.
func TestCallGivenUp(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		end := make(chan struct{})
		z, s := &zoom{}, newStore(t, usual())
		p := s.Principal("acct", "", nil)
		key := keyOf(opSettings, "abc")
		ctx, cancel := context.WithCancel(t.Context())
		var wg sync.WaitGroup
		wg.Go(func() {
			deaf := func(ctx context.Context, _ store.Seal) (store.Fetched, error) {
				<-end
				return store.Fetched{}, ctx.Err()
			}
			if _, err := p.Read(ctx, store.Ask{Key: key, Fetch: deaf}); err == nil {
				t.Error("who left was answered")
			}
		})
		synctest.Wait()
		cancel()
		synctest.Wait()
		got, _ := get(t, p, z, "abc", "a1")
		wantValues(t, got, "a1@0")
		close(end)
		wg.Wait()
	})
}

// A write by id is seen by who reads by an address that is not known to be the same; a way to sign in may lead to
// somebody else.
func TestNamelessUsers(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z, s := &zoom{}, newStore(t, usual())
		p := s.Principal("acct", "", nil)
		get(t, p, z, "ann@example.com", "a1")
		p.Wrote(t.Context(), opUpdate, []string{"abc"})
		z.version = 1
		got, _ := get(t, p, z, "ann@example.com", "a1")
		wantValues(t, got, "a1@1")

		told := &zoom{answer: `{"id":"abc","email":"ann@example.com"}`}
		get(t, p, told, "", "", func(a *store.Ask) { a.Key = keyOf(opUser, "abc"); a.Fetch = told.fetch(a.Key) })
		synctest.Wait()
		z.calls = nil
		get(t, p, z, "abc", "a1") // what was read by address
		z.wantCalls(t)
		for _, user := range []string{"ann@example.com", "abc"} {
			get(t, p, z, "", "a1", func(a *store.Ask) {
				a.Key = store.Key{Op: opSettings, Path: [4]string{user}, Query: "login_type=1"}
				a.Fetch = z.fetch(a.Key)
			})
			z.wantCalls(t, user+" a1")
		}
	})
}

// What was known before a write that came during a refused call is not served.
func TestStaleAndWritten(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z, s := &zoom{}, newStore(t, usual())
		p := s.Principal("acct", "", nil)
		get(t, p, z, "abc", "a1")
		time.Sleep(time.Minute)
		z.fail = &client.Error{Code: client.CodeRateLimited}
		z.before = func(ctx context.Context) { p.Wrote(ctx, opUpdate, []string{"abc"}) }
		if got, _ := get(t, p, z, "abc", "a1"); got[:5] != "error" {
			t.Error(got)
		}
	})
}

// While the far store cannot tell what stands, nobody is answered by a call that left before they asked.
func TestFarStoreDown(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var wg sync.WaitGroup
		z, far := &zoom{took: time.Second}, newShared()
		p := newStore(t, usual()).Principal("acct", "", far)
		far.down = true
		crowd(t, &wg, p, z, "a1")
		time.Sleep(100 * time.Millisecond)
		crowd(t, &wg, p, z, "a1")
		wg.Wait()
		z.wantCalls(t, "abc a1", "abc a1")
	})
}

// What this process knows is not given up for what others know less of.
func TestFarStoreKnowsLess(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z, far := &zoom{}, newShared()
		a := newStore(t, usual()).Principal("acct", "", far)
		get(t, a, z, "abc", "a2")
		synctest.Wait()
		clear(far.values)
		get(t, newStore(t, usual()).Principal("acct", "", far), z, "abc", "a1")
		synctest.Wait()
		get(t, a, z, "abc", "a2,a3")
		z.wantCalls(t, "abc a1", "abc a2", "abc a3")
	})
}

// A call that is about to leave waits for an operation that may need the same: not for its own, not for one that has
// ended, and not for long.
func TestOperations(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name   string
		expect func(own, other *store.Operation)
		waits  time.Duration
	}{
		{"nothing is expected", func(_, _ *store.Operation) {}, time.Millisecond},
		{"of itself", func(own, _ *store.Operation) { own.Expect(3) }, time.Millisecond},
		{"of another", func(_, other *store.Operation) { other.Expect(1) }, 10 * time.Millisecond},
		{"and came", func(_, other *store.Operation) { other.Expect(1); other.Expect(-1) }, time.Millisecond},
		{"and ended", func(_, other *store.Operation) { other.Expect(1); other.End(); other.Expect(1) }, time.Millisecond},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				z, s := &zoom{}, newStore(t, usual())
				p := s.Principal("acct", "", nil)
				own, other := p.Operation(), p.Operation()
				test.expect(own, other)
				start, left := time.Now(), time.Duration(0)
				z.unseal = func(context.Context) { left = time.Since(start) }
				var wg sync.WaitGroup
				var order []string
				wg.Go(func() {
					get(t, p, z, "abc", "a1", func(a *store.Ask) {
						a.Operation = own
						a.Boarded, a.Landed = func() { order = append(order, "boarded") }, func() { order = append(order, "landed") }
					})
				})
				synctest.Wait()
				joined := false
				wg.Go(func() { get(t, p, z, "abc", "a2", func(a *store.Ask) { a.Landed = func() { joined = true } }) })
				time.Sleep(9500 * time.Microsecond)
				other.Expect(-1)
				wg.Wait()
				if left != test.waits || fmt.Sprint(order) != "[boarded landed]" || !joined {
					t.Errorf("left after %v, want %v; told %v", left, test.waits, order)
				}
			})
		})
	}
	synctest.Test(t, func(t *testing.T) {
		z, s := &zoom{}, newStore(t, usual())
		p := s.Principal("acct", "", nil)
		p.Operation().Expect(1)
		start := time.Now()
		get(t, p, z, "abc", "a1")
		if waited := time.Since(start); waited != 50*time.Millisecond {
			t.Errorf("waited %v for somebody who never came", waited)
		}
	})
}
