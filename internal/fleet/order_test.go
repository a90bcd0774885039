package fleet_test

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"zoomgraph/client"
	"zoomgraph/internal/fleet"
	"zoomgraph/internal/rawjson"
	"zoomgraph/internal/redistest"
	"zoomgraph/internal/store"
)

var (
	opSettings = &client.Op{ID: "userSettings", Method: "GET", Path: "/users/{userId}/settings"}
	opUser     = &client.Op{ID: "user", Method: "GET", Path: "/users/{userId}"}
)

// replica is a principal of a process of its own behind a Redis.
func replica(t *testing.T, url string, opts store.Options) *store.Principal {
	t.Helper()
	f, err := fleet.Open(fleet.Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	far, err := f.Shared("acct", []byte("the app's client secret"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := store.New(opts)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s.Principal("acct", "", far)
}

// register is a Zoom whose settings are numbers that rise while it is asked.
type register struct {
	mu     sync.Mutex
	values map[string]int
	calls  int
}

// ask reads names by a call that takes so long.
func (r *register) ask(user string, takes time.Duration, names ...string) store.Ask {
	slices.Sort(names)
	ask := store.Ask{Key: store.Key{Op: opSettings, Path: [4]string{user}}, Names: names}
	ask.Fetch = func(_ context.Context, seal store.Seal) (store.Fetched, error) {
		body, err := r.answer(seal)
		time.Sleep(takes)
		return store.Fetched{Body: rawjson.Parse(body)}, err
	}
	return ask
}

// answer looks at the values in the moment in which the call leaves.
func (r *register) answer(seal store.Seal) ([]byte, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	names, needed := seal()
	if !needed {
		return nil, nil
	}
	r.calls++
	some := r.values
	if names != nil {
		some = map[string]int{}
		for _, name := range names {
			some[name] = r.values[name]
		}
	}
	return json.Marshal(map[string]any{"in_meeting": some})
}

func (r *register) raise(names ...string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, name := range names {
		r.values[name]++
	}
}

func (r *register) called() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.calls
}

// read reads, and returns the values by their names.
func read(t *testing.T, p *store.Principal, ask store.Ask) map[string]int {
	t.Helper()
	answer, err := p.Read(t.Context(), ask)
	if err != nil {
		t.Error(err)
	}
	found := map[string]int{}
	for _, section := range rawjson.Members(answer.Body.Text) {
		for name, value := range rawjson.Members(section) {
			n, err := strconv.Atoi(string(value))
			if err != nil {
				t.Error(err)
			}
			found[name] = n
		}
	}
	return found
}

// Three replicas behind one Redis read random names at once, by calls that take random times, while the values rise: no
// replica is answered a lower value than it was before.
func TestValuesNeverGoBackAmongReplicas(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	names := []string{"a", "b", "c", "d"}
	z := &register{values: map[string]int{"a": 0, "b": 0, "c": 0, "d": 0}}
	reads := 0
	var all sync.WaitGroup
	var mu sync.Mutex
	for i := range 3 {
		skew := time.Duration(i-1) * time.Minute
		p := replica(t, srv.URL(), store.Options{TTL: 50 * time.Millisecond, Now: func() time.Time { return time.Now().Add(skew) }})
		seen := map[string]int{} // the highest value that a read has ended with
		for range 4 {
			all.Go(func() {
				for range 150 {
					some := slices.Clone(names)
					rand.Shuffle(len(some), func(i, j int) { some[i], some[j] = some[j], some[i] })
					ask := z.ask("abc", time.Duration(rand.IntN(8))*time.Millisecond, some[:rand.IntN(len(some)+1)]...)
					if rand.IntN(3) == 0 {
						ask.Since = time.Now().Add(skew)
					}
					mu.Lock()
					before := make(map[string]int, len(seen))
					for name, value := range seen {
						before[name] = value
					}
					mu.Unlock()
					z.raise(names[rand.IntN(len(names))])
					found := read(t, p, ask)
					mu.Lock()
					reads++
					if len(ask.Names) == 0 {
						ask.Names = names
					}
					for _, name := range ask.Names {
						if found[name] < before[name] {
							t.Errorf("replica %d: %s is %d after %d", i, name, found[name], before[name])
						}
						seen[name] = max(seen[name], found[name])
					}
					mu.Unlock()
				}
			})
		}
	}
	all.Wait()
	if known := reads - z.called(); known < reads/10 {
		t.Errorf("%d of %d reads took no call of their own; then this shows little", known, reads)
	}
}

// What lands late does not replace in Redis what was read later, and its replica learns of that.
func TestLaterReadingStaysInRedis(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name        string
		early, late []string // the names of a slow call, and of one that leaves later and lands before it
	}{
		{"more names", []string{"a"}, []string{"a", "b"}},
		{"fewer names", []string{"a", "b"}, []string{"a"}},
		{"names under a whole", nil, []string{"a"}},
		{"a whole over names", []string{"a"}, nil},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			srv := redistest.Start(t)
			z := &register{values: map[string]int{"a": 0, "b": 0}}
			opts := store.Options{TTL: time.Hour}
			slow, quick := replica(t, srv.URL(), opts), replica(t, srv.URL(), opts)
			land := make(chan struct{})
			ask := z.ask("abc", 0, test.early...)
			ask.Fetch = func(_ context.Context, seal store.Seal) (store.Fetched, error) {
				body, err := z.answer(seal)
				<-land
				return store.Fetched{Body: rawjson.Parse(body)}, err
			}
			var wg sync.WaitGroup
			wg.Go(func() { read(t, slow, ask) })
			until(t, "the slow call has left", func() bool { return z.called() == 1 })
			z.raise("a", "b")
			read(t, quick, z.ask("abc", 0, test.late...))
			until(t, "it is shared", func() bool { return srv.Do("KEYS *value*") != "" })
			close(land)
			wg.Wait()
			until(t, "the slow one knows better", func() bool { return read(t, slow, z.ask("abc", 0, "a"))["a"] == 1 })
			for i, p := range []*store.Principal{quick, replica(t, srv.URL(), opts)} {
				if got := read(t, p, z.ask("abc", 0, "a"))["a"]; got != 1 {
					t.Errorf("replica %d is answered %d", i, got)
				}
			}
			if n := z.called(); n != 2 {
				t.Errorf("%d calls, want 2", n)
			}
		})
	}
}

func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

// Behind a Redis that is far away a cold read takes one round trip, for the guards and the value together; nobody waits
// for what comes after the call.
func TestRoundTripsOfColdReads(t *testing.T) {
	t.Parallel()
	const trip = 120 * time.Millisecond
	srv := redistest.Start(t)
	way := srv.Proxy(t)
	z := &register{values: map[string]int{"a": 0}}
	writer, far := replica(t, srv.URL(), store.Options{TTL: time.Hour, UsersTTL: time.Hour}), replica(t, way.URL(), store.Options{TTL: time.Hour, UsersTTL: time.Hour})
	for _, test := range []struct {
		name   string
		op     *client.Op
		shared bool // another replica knows it
	}{{"nobody knows", opSettings, false}, {"another replica knows", opSettings, true}, {"details", opUser, false}} {
		best := time.Hour // of some, since the machine may be busy
		for i := 0; i < 3 || i < 30 && best > 2*trip; i++ {
			user := fmt.Sprint(test.name, i)
			ask := z.ask(user, 0)
			ask.Key.Op = test.op
			if test.shared {
				before := len(srv.Do("KEYS *value*"))
				read(t, writer, ask)
				until(t, "it is shared", func() bool { return len(srv.Do("KEYS *value*")) > before })
			}
			calls := z.called()
			way.Delay(trip / 2)
			start := time.Now()
			read(t, far, ask)
			best = min(best, time.Since(start))
			way.Heal()
			if n := z.called() - calls; test.shared != (n == 0) {
				t.Errorf("%s: %d calls", test.name, n)
			}
		}
		if best < trip || best > 2*trip {
			t.Errorf("%s: a cold read takes %v, which is not one round trip of %v", test.name, best, trip)
		}
	}
}
