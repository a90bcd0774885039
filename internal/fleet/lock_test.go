package fleet

import (
	"context"
	"errors"
	"sync"
	"testing"
	"time"

	"zoomgraph/internal/redistest"
)

// locked is a lock that is held.
func locked(t *testing.T, a *Shared, segment, thing string) *lock {
	t.Helper()
	p, _ := a.Lock(segment, thing).(*lock)
	if err := p.Hold(t.Context()); err != nil || !p.held {
		t.Fatalf("held: %t, %v", p.held, err)
	}
	return p
}

// Whoever writes on a thing does so alone, at three replicas, and everybody has their turn.
func TestOneWriteAtATime(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var writes sync.WaitGroup
	running, most, done := 0, 0, 0
	count := func(n int) {
		mu.Lock()
		defer mu.Unlock()
		running += n
		most, done = max(most, running), done+max(0, n)
	}
	for _, f := range replicas(t, redistest.Start(t), 3) {
		a := account(t, f)
		for range 8 {
			writes.Go(func() {
				lock := a.Lock("users", "ann")
				defer lock.Leave()
				if err := lock.Hold(t.Context()); err != nil {
					t.Error(err)
				}
				count(1)
				defer count(-1)
			})
		}
	}
	writes.Wait()
	if most != 1 || done != 24 {
		t.Errorf("%d writes, %d at once", done, most)
	}
}

// Who waits for whom, by what was there before.
func TestWhoWaits(t *testing.T) {
	t.Parallel()
	type write struct{ segment, thing string }
	ann, bob, all, group := write{"users", "ann"}, write{"users", "bob"}, write{"users", ""}, write{"groups", "ann"}
	all2 := replicas(t, redistest.Start(t), 2)
	for name, tt := range map[string]struct {
		before []write
		next   write
		waits  bool
	}{
		"nobody is there":                {nil, ann, false},
		"the same":                       {[]write{ann}, ann, true},
		"another user":                   {[]write{bob}, ann, false},
		"something of that name":         {[]write{group}, ann, false},
		"all of the kind":                {[]write{all}, ann, true},
		"for all of the kind":            {[]write{ann, bob}, all, true},
		"for who waits for others":       {[]write{bob, all}, ann, true},
		"all of another kind":            {[]write{all}, group, false},
		"all of the kind for each of it": {[]write{all}, all, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var accounts []*Shared
			for _, f := range all2 {
				a, err := f.Shared(name, secret)
				if err != nil {
					t.Fatal(err)
				}
				accounts = append(accounts, a)
			}
			for _, w := range tt.before {
				p, _ := accounts[0].Lock(w.segment, w.thing).(*lock)
				p.ask(t.Context())
				t.Cleanup(p.Leave)
			}
			next, _ := accounts[1].Lock(tt.next.segment, tt.next.thing).(*lock)
			defer next.Leave()
			if held, well := next.ask(t.Context()); !well || held == tt.waits {
				t.Errorf("held: %t, well: %t", held, well)
			}
		})
	}
}

// The lease of a lock is renewed while it is held.
func TestALeaseIsRenewed(t *testing.T) {
	t.Parallel()
	f := replicas(t, redistest.Start(t), 1)[0]
	f.orderLease = 2 * time.Second
	p := locked(t, account(t, f), "users", "ann")
	defer p.Leave()
	asked := func() time.Time {
		p.mu.Lock()
		defer p.mu.Unlock()
		return p.asked
	}
	for range 3 {
		last := asked()
		until(t, "it is renewed", func() bool { return asked().After(last) })
	}
}

// The lock of a process that died ends with its lease, and the write behind it leaves. A process that was only stopped
// does not believe to hold it: it queues again.
func TestAHolderThatIsGone(t *testing.T) {
	t.Parallel()
	both := replicas(t, redistest.Start(t), 2)
	for _, f := range both {
		f.orderLease = 300 * time.Millisecond
	}
	stopped := locked(t, account(t, both[0]), "users", "ann")
	stopped.renewal() // nothing more is heard of it
	<-stopped.renewed
	both[1].orderLease = time.Minute
	next := locked(t, account(t, both[1]), "users", "ann")
	again := make(chan error, 1)
	go func() { again <- stopped.Hold(context.Background()) }()
	until(t, "who was stopped queues again", func() bool {
		stopped.mu.Lock()
		defer stopped.mu.Unlock()
		return !stopped.held
	})
	select {
	case err := <-again:
		t.Errorf("it does not wait for the write that leaves now: %v", err)
	default:
	}
	next.Leave()
	if err := <-again; err != nil {
		t.Error(err)
	}
	stopped.Leave()
}

// While Redis cannot be asked nobody waits; whoever comes back to it queues.
func TestOrderWithoutRedis(t *testing.T) {
	t.Parallel()
	_, way, cut, well := proxied(t)
	first := locked(t, well, "users", "ann")
	way.Cut()
	until(t, "it is down", func() bool { return !cut.fleet.Health().Up })
	alone, _ := cut.Lock("users", "ann").(*lock)
	if err := alone.Hold(t.Context()); err != nil || alone.held {
		t.Errorf("held: %t, %v", alone.held, err)
	}
	way.Heal()
	until(t, "it is up again", func() bool { return cut.fleet.Health().Up })
	short, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if err := alone.Hold(short); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("who came back does not wait: %v", err)
	}
	first.Leave()
	if err := alone.Hold(t.Context()); err != nil || !alone.held {
		t.Errorf("held: %t, %v", alone.held, err)
	}
	alone.Leave()
}
