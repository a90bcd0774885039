package fleet

import (
	"context"
	"fmt"
	"testing"

	"zoomgraph/internal/redistest"
	"zoomgraph/internal/store"
)

var _ store.Far = (*Shared)(nil)

func stamp(t testing.TB, a *Shared, resources ...string) string {
	t.Helper()
	s, ok := a.Stamp(t.Context(), resources...)
	if !ok || s == "" {
		t.Errorf("no stamp of %v", resources)
	}
	return s
}

// pair is one account at two replicas.
func pair(t testing.TB) (srv *redistest.Server, a, b *Shared) {
	t.Helper()
	srv = redistest.Start(t)
	return srv, account(t, open(t, srv.URL())), account(t, open(t, srv.URL()))
}

// A stamp is known from when it was asked for until another replica touches one of its resources.
func TestKnownStamp(t *testing.T) {
	t.Parallel()
	srv, a, b := pair(t)
	if s, ok := a.Known("users/1"); ok {
		t.Errorf("%q is known before anybody asked", s)
	}
	asked := stamp(t, a, "users/1")
	if s, ok := a.Known("users/1"); !ok || s != asked {
		t.Errorf("%q, %v is known, want %q", s, ok, asked)
	}
	if _, ok := a.Known("users/1", "users/2"); ok {
		t.Error("a stamp is known of which a part was never asked for")
	}
	b.Touch(t.Context(), "users/1")
	until(t, "word of the touch", func() bool { _, ok := a.Known("users/1"); return !ok })
	stamp(t, a, "users/1")
	srv.Stop()
	until(t, "the end of the server is seen", func() bool { _, ok := a.Known("users/1"); return !ok })
}

// A stamp is the same at all replicas until one of its resources is touched.
func TestStamp(t *testing.T) {
	t.Parallel()
	_, a, b := pair(t)
	both, one := stamp(t, a, "users/1", "users/2"), stamp(t, b, "users/1")
	if stamp(t, b, "users/1", "users/2") != both || stamp(t, a, "users/1") != one || both == one {
		t.Error("the replicas disagree")
	}
	a.Touch(t.Context(), "users/2", "lists")
	if now := stamp(t, a, "users/1", "users/2"); now == both || stamp(t, a, "users/1") != one {
		t.Error("what was touched, and only that, is another state")
	}
	until(t, "the other one hears of it", func() bool {
		return stamp(t, b, "users/1", "users/2") == stamp(t, a, "users/1", "users/2")
	})
	if stamp(t, b, "users/1") != one {
		t.Error("it heard too much")
	}
	b.Touch(t.Context(), "*")
	if stamp(t, b, "users/1") == one {
		t.Error("all was touched")
	}
	until(t, "the other one hears of it", func() bool { return stamp(t, a, "users/1") == stamp(t, b, "users/1") })
	b.Touch(t.Context())
}

// Only the first one to ask for a stamp asks Redis.
func TestStampCostsNothingTwice(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	f, err := Open(Options{URL: srv.URL(), Now: (&hand{}).now}) // no lease ends, however slow the machine is
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	a := account(t, f)
	srv.Trace()
	questions := func() (n int) {
		for _, resource := range []string{everything, "x", "y"} {
			n += srv.Traced("set", a.key("guard", resource)) + srv.Traced("get", a.key("guard", resource))
		}
		return n
	}
	first := stamp(t, a, "x", "y", "x")
	if n := questions(); n != 3 {
		t.Errorf("%d questions, want one for everything and one a resource", n)
	}
	for range 1000 {
		if stamp(t, a, "x", "y", "x") != first {
			t.Fatal("another one")
		}
	}
	if n := questions(); n > 2*3 { // a question that a slow machine answers too late is asked again
		t.Errorf("%d questions more", n-3)
	}
}

// A guard that Redis has lost, for whatever reason, does not come back.
func TestLostGuards(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(*redistest.Server, *Shared){
		"deleted": func(srv *redistest.Server, a *Shared) { srv.Do("DEL " + a.key("guard", "x")) },
		"expired": func(srv *redistest.Server, a *Shared) { srv.Do("PEXPIRE " + a.key("guard", "x") + " 1") },
		"flushed": func(srv *redistest.Server, _ *Shared) { srv.Do("FLUSHALL") },
		"crashed": func(srv *redistest.Server, _ *Shared) { srv.Stop(); srv.Start() },
		"restored": func(srv *redistest.Server, a *Shared) {
			srv.Do("SAVE")
			a.Touch(t.Context(), "x")
			srv.Stop()
			srv.Start()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv, a, b := pair(t)
			before := stamp(t, a, "x")
			lose(srv, a)
			for _, replica := range []*Shared{a, b} {
				until(t, "another stamp", func() bool {
					now, ok := replica.Stamp(t.Context(), "x")
					return ok && now != before
				})
			}
			until(t, "they agree", func() bool { return stamp(t, a, "x") == stamp(t, b, "x") })
		})
	}
}

// What was touched while Redis was away is told when it is back, before anybody
// may ask; much of it at once is told as everything.
func TestTouchedInAnOutage(t *testing.T) {
	t.Parallel()
	for name, n := range map[string]int{"some": 3, "many": maxUntold + 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv, a, b := pair(t)
			before, untouched := stamp(t, a, "user/2"), stamp(t, a, "other")
			stamp(t, b, "user/2")
			srv.Freeze() // whoever was connected still is, and all is kept
			for i := range n {
				a.Touch(t.Context(), fmt.Sprintf("user/%d", i))
			}
			if _, ok := a.Stamp(t.Context(), "user/2"); ok {
				t.Error("a stamp in an outage")
			}
			srv.Thaw()
			until(t, "Redis is heard again", func() bool {
				now, ok := a.Stamp(t.Context(), "user/2")
				if ok && now == before {
					t.Fatal("a stamp from before the touch")
				}
				return ok
			})
			until(t, "the other one hears of it", func() bool {
				now, ok := b.Stamp(t.Context(), "user/2")
				return ok && now == stamp(t, a, "user/2")
			})
			if now := stamp(t, a, "other"); (now == untouched) != (n < maxUntold) {
				t.Errorf("what nobody touched: %v", now == untouched)
			}
		})
	}
}

func TestGuardsAreBounded(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	a := account(t, open(t, srv.URL()))
	first := stamp(t, a, "0")
	a.mu.Lock()
	for i := range maxGuards {
		a.guards[fmt.Sprint("made up ", i)] = &guard{}
	}
	a.mu.Unlock()
	stamp(t, a, "1")
	if len(a.guards) > 2 || stamp(t, a, "0") != first {
		t.Errorf("%d guards", len(a.guards))
	}
}

func TestLeaversEndNothing(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	f := open(t, srv.URL())
	a := account(t, f)
	gone, leave := context.WithCancel(t.Context())
	leave()
	if _, ok := a.Stamp(gone, "x"); ok || a.Get(gone, "k").Value != nil {
		t.Error("who left got an answer")
	}
	before := stamp(t, a, "x")
	a.Touch(gone, "x")
	if stamp(t, a, "x") == before || !f.Health().Up {
		t.Errorf("a touch by who left: %+v", f.Health())
	}
}

// BenchmarkStamp is what a stamp costs that was asked for before.
func BenchmarkStamp(b *testing.B) {
	srv := redistest.Start(b)
	a := account(b, open(b, srv.URL()))
	ctx := b.Context()
	b.ReportAllocs()
	for b.Loop() {
		if _, ok := a.Stamp(ctx, "users/abcdefghijklmnopqrstuv", "groups/abcdefghijklmnopqrstuv", "lists"); !ok {
			b.Fatal("no stamp")
		}
	}
}

// An answer that was on its way when word of a change came is not kept.
func TestAnswersOfBeforeATouch(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	a := account(t, open(t, srv.URL()))
	stamp(t, a)
	srv.Freeze()
	done := make(chan struct{})
	go func() {
		defer close(done)
		a.Stamp(t.Context(), "x")
	}()
	key := a.key("guard", "x")
	until(t, "it is asked for", func() bool {
		a.mu.Lock()
		defer a.mu.Unlock()
		return a.byKey[key] != ""
	})
	a.forgetKey(key)
	srv.Thaw()
	<-done
	a.mu.Lock()
	defer a.mu.Unlock()
	if g := a.guards["x"]; g != nil {
		t.Errorf("%+v", g)
	}
}
