package store_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"pgregory.net/rapid"

	"zoomgraph/client"
	"zoomgraph/internal/store"
)

// shared is a far store in memory. The one over Redis is tested with the replicas.
type shared struct {
	mu     sync.Mutex
	down   bool
	asks   bool // what the guards are takes asking
	guards map[string]int
	last   int
	values map[string][]byte
	skew   time.Duration // of its clock
}

func newShared() *shared { return &shared{guards: map[string]int{}, values: map[string][]byte{}} }

func (s *shared) Stamp(_ context.Context, resources ...string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	stamp := ""
	for _, r := range resources {
		stamp += fmt.Sprint(s.guards[r], ".")
	}
	return stamp, !s.down
}

func (s *shared) Known(resources ...string) (string, bool) {
	stamp, ok := s.Stamp(context.Background(), resources...)
	return stamp, ok && !s.asks
}

func (s *shared) Touch(_ context.Context, resources ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.last++
	for _, r := range resources {
		s.guards[r] = s.last
	}
}

func (s *shared) Get(_ context.Context, key string) store.Found {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.down {
		return store.Found{}
	}
	return s.found(key)
}

func (s *shared) found(key string) store.Found {
	value := s.values[key]
	return store.Found{Value: value, Version: string(value), Now: time.Now().Add(s.skew)}
}

func (s *shared) Put(_ context.Context, key string, over store.Found, value []byte, _ time.Duration) (store.Found, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch {
	case s.down:
	case string(s.values[key]) != over.Version:
		return s.found(key), false
	default:
		s.values[key] = value
	}
	return store.Found{}, true
}

// What one replica read, another one knows, until somebody writes; without the far store nothing is believed.
func TestReplicas(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z, far := &zoom{}, newShared()
		a := newStore(t, usual()).Principal("acct", "", far)
		other := newStore(t, usual())
		b := other.Principal("acct", "", far)
		read := func(p *store.Principal, names, want string, calls ...string) {
			t.Helper()
			got, _ := get(t, p, z, "abc", names)
			synctest.Wait()
			wantValues(t, got, want)
			z.wantCalls(t, calls...)
		}
		read(a, "a1,a2", "a1@0,a2@0", "abc a1,a2")
		read(b, "a1,x", "a1@0,x absent", "abc x")
		read(b, "a2", "a2@0")
		read(a, "x,a2", "x absent,a2@0")
		read(a, "", "a1@0,a2@0,a3@0,a4@0,top@0", "abc")
		read(b, "", "a1@0,a2@0,a3@0,a4@0,top@0")
		if c := other.Counts(); c.Far != 1 || c.Near != 1 || c.Called != 1 {
			t.Errorf("%+v", c)
		}

		z.version = 1
		b.Wrote(t.Context(), opUpdate, []string{"abc"})
		read(a, "a1", "a1@1", "abc a1")
		read(b, "a1", "a1@1")

		far.down = true
		read(a, "a1", "a1@1", "abc a1")
		read(a, "a1", "a1@1", "abc a1")
		far.down = false
		read(a, "a1", "a1@1")

		time.Sleep(ttl + time.Second)
		read(b, "a1", "a1@1", "abc a1")
		read(a, "a1", "a1@1")
		for key := range far.values {
			far.values[key] = []byte("garbage")
		}
		read(newStore(t, usual()).Principal("acct", "", far), "a1", "a1@1", "abc a1")
		read(newStore(t, usual()).Principal("acct", "admin", far), "a1", "a1@1", "abc a1")
	})
}

// What another replica reads while a call waits for its turn need not be read again: the call does not leave.
func TestReplicasWaitingForTurns(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		waits time.Duration
		names string
		calls []string
	}{
		{time.Second, "a1,a2", nil},
		{time.Second, "a1,a3", []string{"abc a3"}},
		{50 * time.Millisecond, "a1", []string{"abc a1"}}, // not worth asking again
	} {
		synctest.Test(t, func(t *testing.T) {
			var wg sync.WaitGroup
			far := newShared()
			waiting := &zoom{unseal: func(context.Context) { time.Sleep(test.waits) }}
			b := newStore(t, usual()).Principal("acct", "", far)
			wg.Go(func() {
				got, _ := get(t, b, waiting, "abc", test.names)
				wantValues(t, got, strings.ReplaceAll(test.names, ",", "@0,")+"@0")
			})
			synctest.Wait()
			get(t, newStore(t, usual()).Principal("acct", "", far), &zoom{}, "abc", "a1,a2")
			wg.Wait()
			waiting.wantCalls(t, test.calls...)
			got, _ := get(t, b, waiting, "abc", test.names)
			wantValues(t, got, strings.ReplaceAll(test.names, ",", "@0,")+"@0")
			waiting.wantCalls(t)
		})
	}
}

// An old value that another replica read is served too where there are no calls.
func TestStaleOfReplica(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z, far := &zoom{}, newShared()
		get(t, newStore(t, usual()).Principal("acct", "", far), z, "abc", "a1")
		synctest.Wait()
		time.Sleep(time.Minute)
		z.fail = &client.Error{Code: client.CodeRateLimited}
		got, answer := get(t, newStore(t, usual()).Principal("acct", "", far), z, "abc", "a1")
		wantValues(t, got, "a1@0")
		if age := time.Since(answer.Stale); age < time.Minute || age > time.Minute+time.Second {
			t.Errorf("as of %v ago", age)
		}
	})
}

// Any sequence of reads and writes on two replicas is answered as if every read went to Zoom, but for what changed
// behind our back, which shows after the TTL; and no read asks for what is known.
func TestReadsAgreeWithZoom(t *testing.T) {
	t.Parallel()
	for _, far := range []*shared{nil, newShared()} {
		synctest.Test(t, func(t *testing.T) {
			rapid.Check(struct{ rapid.TB }{t}, func(rt *rapid.T) { agree(t, rt, far) }) // rapid asks a *testing.T for its deadline, which a bubble has not
		})
	}
}

// history is what a name of a user's settings was, when.
type history struct {
	at      time.Time
	version int
}

func agree(t *testing.T, rt *rapid.T, far *shared) {
	z := &zoom{}
	replicas := make([]*store.Principal, 1)
	if far != nil {
		replicas = make([]*store.Principal, 2)
	}
	for i := range replicas {
		s, err := store.New(usual())
		if err != nil {
			rt.Fatal(err)
		}
		rt.Cleanup(s.Close)
		replicas[i] = s.Principal("acct", "", nil)
		if far != nil {
			replicas[i] = s.Principal("acct", "", far)
		}
	}
	changes := []history{{time.Now().Add(-time.Hour), 0}} // oldest first
	written := time.Time{}                                // by one of the replicas
	user := fmt.Sprint(time.Now().UnixNano(), rapid.IntRange(0, 1<<30).Draw(rt, "user"))
	for range rapid.IntRange(1, 30).Draw(rt, "steps") {
		time.Sleep(time.Duration(rapid.IntRange(0, 20_000).Draw(rt, "ms")) * time.Millisecond)
		p := rapid.SampledFrom(replicas).Draw(rt, "replica")
		switch rapid.SampledFrom([]string{"read", "read", "read", "write", "behind"}).Draw(rt, "step") {
		case "write":
			z.version++
			p.Wrote(t.Context(), opUpdate, []string{user})
			written = time.Now()
			changes = append(changes, history{written, z.version})
		case "behind":
			z.version++
			changes = append(changes, history{time.Now(), z.version})
		case "read":
			names := rapid.SliceOfNDistinct(rapid.SampledFrom(append([]string{"x"}, all...)), 0, 4, rapid.ID[string]).Draw(rt, "names")
			slices.Sort(names)
			since := time.Now().Add(-rapid.SampledFrom([]time.Duration{0, 5 * time.Second, time.Hour}).Draw(rt, "age"))
			got := agreeOnRead(t, rt, p, z, store.Ask{Key: keyOf(opSettings, user), Names: names, Since: since}, far)
			synctest.Wait()
			oldest := time.Now().Add(-ttl - 10*time.Millisecond)
			for _, at := range []time.Time{written, since} {
				if at.After(oldest) {
					oldest = at
				}
			}
			for _, value := range strings.Split(got, ",") {
				if !possible(value, changes, oldest) {
					rt.Fatalf("%s: %s since %v ago; changes %v", got, value, time.Since(oldest), changes)
				}
			}
		}
	}
}

// agreeOnRead reads what is known, and then in the usual way: the latter calls if and only if nothing was known, or
// another replica knows it, and otherwise says the same.
func agreeOnRead(t *testing.T, rt *rapid.T, p *store.Principal, z *zoom, ask store.Ask, far *shared) string {
	if far != nil {
		far.asks = rapid.Bool().Draw(rt, "guards take asking")
	}
	answer, known, err := p.Known(ask)
	calls := len(z.calls)
	got, read := get(t, p, z, ask.Key.Path[0], strings.Join(ask.Names, ","), func(a *store.Ask) { a.Since = ask.Since })
	called := len(z.calls) - calls
	switch {
	case err != nil, called > 1, called == 1 && read.Source != store.Called:
		rt.Fatalf("%v; %d calls and the source %v", err, called, read.Source)
	case known && (far == nil || !far.asks):
		if was := values(answer.Body.Text, ask.Names); called > 0 || read.Source != store.Cached || was != got {
			rt.Fatalf("%s was known, and %d calls read %s", was, called, got)
		}
	case known:
		rt.Fatal("known without asking what takes asking")
	case called == 0 && far == nil:
		rt.Fatalf("%s was not known, and took no call", got)
	}
	return got
}

// possible tells whether Zoom had that value at any time since the oldest.
func possible(value string, changes []history, oldest time.Time) bool {
	if strings.HasSuffix(value, " absent") {
		return value == "x absent"
	}
	for i, c := range changes {
		last := i == len(changes)-1
		if strings.HasSuffix(value, fmt.Sprint("@", c.version)) && (last || !changes[i+1].at.Before(oldest)) {
			return true
		}
	}
	return false
}

// The same with a far store for each of two accounts.
func TestNothingCrossesBetweenReplicas(t *testing.T) {
	t.Parallel()
	s, a, b := newStore(t, usual()), newShared(), newShared()
	nothingCrosses(t, s.Principal("a", "", a), s.Principal("b", "", b))
}
