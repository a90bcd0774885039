package fleet

import (
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"

	"zoomgraph/internal/redistest"
)

// ear writes down what is heard of an account's events; "?" stands for what may have been missed.
type ear struct {
	mu    sync.Mutex
	heard []string
}

func listening(a *Shared) *ear {
	e := &ear{}
	hear := func(message string) {
		e.mu.Lock()
		defer e.mu.Unlock()
		e.heard = append(e.heard, message)
	}
	a.Hear(func(message []byte) { hear(string(message)) }, func() { hear("?") })
	return e
}

func (e *ear) all() []string {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.heard)
}

// hears waits until that was heard, and fails on anything else.
func (e *ear) hears(t *testing.T, want ...string) {
	t.Helper()
	until(t, fmt.Sprintf("%q is heard", want), func() bool { return len(e.all()) >= len(want) })
	if got := e.all(); !slices.Equal(got, want) {
		t.Errorf("heard %q, want %q", got, want)
	}
}

// What one replica tells, all others hear once and in order; it does not hear itself, and other accounts hear nothing.
func TestEvents(t *testing.T) {
	t.Parallel()
	var accounts, others []*Shared
	for _, f := range replicas(t, redistest.Start(t), 3) {
		accounts = append(accounts, account(t, f))
		other, err := f.Shared("other", secret)
		if err != nil {
			t.Fatal(err)
		}
		others = append(others, other)
	}
	var ears, deaf []*ear
	for i := range accounts {
		ears, deaf = append(ears, listening(accounts[i])), append(deaf, listening(others[i]))
	}
	var want []string
	for i := range 250 {
		want = append(want, strconv.Itoa(i))
		accounts[0].Tell([]byte(want[i]))
	}
	ears[1].hears(t, want...)
	ears[2].hears(t, want...)
	accounts[1].Tell([]byte("last"))
	ears[0].hears(t, "last") // and nothing before
	others[0].Tell([]byte("theirs"))
	deaf[1].hears(t, "theirs")
}

// A replica that was cut off hears afterwards what was told meanwhile, and tells what it could not.
func TestEventsOfACutOffReplica(t *testing.T) {
	t.Parallel()
	_, way, cut, well := proxied(t)
	here, there := listening(cut), listening(well)
	way.Cut()
	until(t, "it is down", func() bool { return !cut.fleet.Health().Up })
	well.Tell([]byte("to it"))
	cut.Tell([]byte("from it"))
	way.Heal()
	here.hears(t, "to it")
	there.hears(t, "from it")
}

// What may have been missed is told: where too much was said meanwhile, by others or by oneself, and where Redis has
// forgotten what was said.
func TestMissedEvents(t *testing.T) {
	t.Parallel()
	for name, lose := range map[string]func(t *testing.T, srv *redistest.Server, way *redistest.Proxy, cut, well *Shared) (misses *ear){
		"others said too much": func(t *testing.T, _ *redistest.Server, way *redistest.Proxy, cut, well *Shared) *ear {
			t.Helper()
			here := listening(cut)
			way.Cut()
			until(t, "it is down", func() bool { return !cut.fleet.Health().Up })
			for range 3 * eventsKept {
				well.add(t.Context(), "x")
			}
			way.Heal()
			return here
		},
		"too much could not be said": func(t *testing.T, _ *redistest.Server, way *redistest.Proxy, cut, well *Shared) *ear {
			t.Helper()
			there := listening(well)
			way.Cut()
			until(t, "it is down", func() bool { return !cut.fleet.Health().Up })
			for range maxUnsent + 1 {
				cut.Tell([]byte("x"))
			}
			way.Heal()
			return there
		},
		"Redis has forgotten": func(t *testing.T, srv *redistest.Server, _ *redistest.Proxy, cut, _ *Shared) *ear {
			t.Helper()
			here := listening(cut)
			srv.Stop()
			srv.Start()
			return here
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv, way, cut, well := proxied(t)
			misses := lose(t, srv, way, cut, well)
			until(t, "it is told that something may have been missed", func() bool { return slices.Contains(misses.all(), "?") })
			for _, a := range []*Shared{cut, well} {
				until(t, "it is up again", func() bool { return a.fleet.Health().Up })
			}
			before := len(misses.all())
			cut.Tell([]byte("on"))
			well.Tell([]byte("on"))
			until(t, "it goes on", func() bool { return slices.Contains(misses.all()[before:], "on") })
		})
	}
}
