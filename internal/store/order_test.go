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

// errGone is what Zoom answers of a user that is not there.
var errGone = &client.Error{Code: client.CodeNotFound, ZoomCode: 1001}

// call is a read whose call leaves at one time and lands at another.
type call struct {
	names         string
	leaves, takes time.Duration
	gone, absent  bool // what Zoom answers
	fresh         bool // nothing that was read before
	want          string
}

// play makes the calls, and compares what they are answered. The n-th call to leave finds version n, from 0.
func play(t *testing.T, z *zoom, p func(n int) *store.Principal, calls []call) {
	t.Helper()
	var wg sync.WaitGroup
	start := time.Now()
	for n, c := range calls {
		time.Sleep(time.Until(start.Add(c.leaves)))
		z.mu.Lock()
		z.version, z.took, z.fail, z.narrow = n, c.takes, nil, nil
		if c.gone {
			z.fail = errGone
		}
		if c.absent {
			z.narrow = func([]string) string { return `{}` }
		}
		z.mu.Unlock()
		wg.Go(func() {
			got, _ := get(t, p(n), z, "abc", c.names, func(a *store.Ask) {
				if c.fresh {
					a.Since = time.Now()
				}
			})
			if strings.HasPrefix(got, "error") {
				got = "gone"
			}
			if got != c.want {
				t.Errorf("call %d for %q: %s, want %s", n, c.names, got, c.want)
			}
		})
		time.Sleep(10 * time.Millisecond) // it has left
		synctest.Wait()
	}
	wg.Wait()
}

const second = time.Second

// Answers land in any order. Of each name the one stays, and is answered also to who waited longer, whose reading began
// last; that a name or the user is not there counts as any value.
func TestLaterReadingStays(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		calls []call
		then  string // the names of a read after all
		want  string
	}{
		{"more names", []call{
			{names: "a1", leaves: 0, takes: 3 * second, want: "a1@1"},
			{names: "a1,a2", leaves: second, want: "a1@1,a2@1"},
		}, "a1,a2", "a1@1,a2@1"},
		{"other names stay", []call{
			{names: "a1,a2,top", leaves: 0, takes: 3 * second, want: "a1@0,a2@1,top@0"},
			{names: "a2,a3", leaves: second, want: "a2@1,a3@1"},
		}, "a1,a2,a3,top", "a1@0,a2@1,a3@1,top@0"},
		{"a read without the cache in between", []call{
			{names: "a1", leaves: 0, takes: 3 * second, want: "a1@1"},
			{names: "a1", leaves: second, fresh: true, want: "a1@1"},
		}, "a1", "a1@1"},
		{"which lands last", []call{
			{names: "a1", leaves: 0, takes: 3 * second, want: "a1@0"},
			{names: "a1", leaves: second, takes: 5 * second, fresh: true, want: "a1@1"},
		}, "a1", "a1@1"},
		{"names under an older whole", []call{
			{names: "", leaves: 0, takes: 3 * second, want: "a1@1,a2@0,a3@0,a4@0,top@1"},
			{names: "a1,top", leaves: second, fresh: true, want: "a1@1,top@1"},
		}, "", "a1@1,a2@0,a3@0,a4@0,top@1"},
		{"names over a whole that has landed", []call{
			{names: "", leaves: 0, takes: 2 * second, want: "a1@0,a2@0,a3@0,a4@0,top@0"},
			{names: "a1", leaves: second, takes: 3 * second, fresh: true, want: "a1@1"},
		}, "", "a1@1,a2@0,a3@0,a4@0,top@0"},
		{"a whole over older names", []call{
			{names: "a1,x", leaves: 0, takes: 3 * second, want: "a1@1,x absent"},
			{names: "", leaves: second, want: "a1@1,a2@1,a3@1,a4@1,top@1"},
		}, "a1,a2,x", "a1@1,a2@1,x absent"},
		{"two wholes", []call{
			{names: "", leaves: 0, takes: 3 * second, want: "a1@1,a2@1,a3@1,a4@1,top@1"},
			{names: "", leaves: second, fresh: true, want: "a1@1,a2@1,a3@1,a4@1,top@1"},
		}, "", "a1@1,a2@1,a3@1,a4@1,top@1"},
		{"a name that is no longer there", []call{
			{names: "a1,a2", leaves: 0, takes: 3 * second, want: "a1 absent,a2@0"},
			{names: "a1", leaves: second, fresh: true, absent: true, want: "a1 absent"},
		}, "a1,a2", "a1 absent,a2@0"},
		{"a name that was not there yet", []call{
			{names: "a1", leaves: 0, takes: 3 * second, absent: true, want: "a1@1"},
			{names: "a1", leaves: second, fresh: true, want: "a1@1"},
		}, "a1", "a1@1"},
		{"a user who is gone", []call{
			{names: "a1", leaves: 0, takes: 3 * second, want: "gone"},
			{names: "a1", leaves: second, fresh: true, gone: true, want: "gone"},
		}, "a1", "gone"},
		{"a user who was not there yet", []call{
			{names: "a1", leaves: 0, takes: 3 * second, gone: true, want: "a1@1"},
			{names: "a1", leaves: second, fresh: true, want: "a1@1"},
		}, "a1", "a1@1"},
		{"of whom something else is known", []call{
			{names: "a1", leaves: 0, takes: 3 * second, gone: true, want: "a1@1"},
			{names: "a2", leaves: second, fresh: true, want: "a2@1"},
		}, "a1,a2", "a1@1,a2@1"},
		{"a user who was gone for a while", []call{
			{names: "a1", leaves: 0, takes: 4 * second, want: "a1@2"},
			{names: "a2", leaves: second, fresh: true, gone: true, want: "gone"},
			{names: "a2", leaves: 2 * second, fresh: true, want: "a2@2"},
		}, "a1,a2", "a1@2,a2@2"},
		{"three at once, the first one last", []call{
			{names: "a1,a2,a3", leaves: 0, takes: 9 * second, want: "a1@2,a2@1,a3@0"},
			{names: "a1,a2", leaves: second, takes: 7 * second, fresh: true, want: "a1@2,a2@1"},
			{names: "a1", leaves: 2 * second, takes: 5 * second, fresh: true, want: "a1@2"},
		}, "a1,a2,a3", "a1@2,a2@1,a3@0"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			for _, far := range []store.Far{nil, newShared()} {
				synctest.Test(t, func(t *testing.T) {
					z, p := &zoom{}, newStore(t, usual()).Principal("acct", "", far)
					play(t, z, func(int) *store.Principal { return p }, test.calls)
					got, answer := get(t, p, z, "abc", test.then)
					if strings.HasPrefix(got, "error") {
						got = "gone"
					}
					wantValues(t, got, test.want)
					if answer.Source != store.Cached {
						t.Errorf("the last read has the source %v", answer.Source)
					}
				})
			}
		})
	}
}

// The same across replicas: what one shares replaces only what is older, and brings it what the others know.
func TestLaterReadingStaysAmongReplicas(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name  string
		calls []call // of the replicas in turn
		then  string
		want  [3]string // of the two, and of one that knew nothing
	}{
		{"an older answer is shared later", []call{
			{names: "a1", leaves: 0, takes: 3 * second, want: "a1@0"},
			{names: "a1,a2", leaves: second, want: "a1@1,a2@1"},
		}, "a1,a2", [3]string{"a1@1,a2@1", "a1@1,a2@1", "a1@1,a2@1"}},
		{"a newer answer is shared later", []call{
			{names: "a1", leaves: 0, takes: second, want: "a1@0"},
			{names: "a1,a2", leaves: second / 2, takes: 3 * second, want: "a1@1,a2@1"},
		}, "a1,a2", [3]string{"a1@1,a2@1", "a1@1,a2@1", "a1@1,a2@1"}},
		{"an old entry is shared with something new", []call{
			{names: "a1,a2", leaves: 0, want: "a1@0,a2@0"},
			{names: "a1", leaves: second, fresh: true, want: "a1@1"},
			{names: "a3", leaves: 2 * second, want: "a3@2"},
		}, "a1,a2,a3", [3]string{"a1@1,a2@0,a3@2", "a1@1,a2@0,a3@2", "a1@1,a2@0,a3@2"}},
		{"a whole under later names", []call{
			{names: "", leaves: 0, takes: 3 * second, want: "a1@0,a2@0,a3@0,a4@0,top@0"},
			{names: "a1", leaves: second, want: "a1@1"},
		}, "", [3]string{"a1@1,a2@0,a3@0,a4@0,top@0", "a1@1,a2@0,a3@0,a4@0,top@0", "a1@1,a2@0,a3@0,a4@0,top@0"}},
		{"names under a later whole", []call{
			{names: "a1", leaves: 0, takes: 3 * second, want: "a1@0"},
			{names: "", leaves: second, want: "a1@1,a2@1,a3@1,a4@1,top@1"},
		}, "", [3]string{"a1@1,a2@1,a3@1,a4@1,top@1", "a1@1,a2@1,a3@1,a4@1,top@1", "a1@1,a2@1,a3@1,a4@1,top@1"}},
		{"a name that is no longer there", []call{
			{names: "a1", leaves: 0, takes: 3 * second, want: "a1@0"},
			{names: "a1,a2", leaves: second, absent: true, want: "a1 absent,a2 absent"},
		}, "a1,a2", [3]string{"a1 absent,a2 absent", "a1 absent,a2 absent", "a1 absent,a2 absent"}},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				z, far := &zoom{}, newShared()
				var replicas [3]*store.Principal
				for i := range replicas {
					replicas[i] = newStore(t, usual()).Principal("acct", "", far)
				}
				play(t, z, func(n int) *store.Principal { return replicas[n%2] }, test.calls)
				synctest.Wait()
				z.wantCallsAtAll(t)
				for i, p := range replicas {
					got, _ := get(t, p, z, "abc", test.then)
					if got != test.want[i] {
						t.Errorf("replica %d is answered %s, want %s", i, got, test.want[i])
					}
				}
				z.wantCalls(t)
			})
		})
	}
}

// wantCallsAtAll forgets the calls so far, of which there are some.
func (z *zoom) wantCallsAtAll(t *testing.T) {
	t.Helper()
	z.mu.Lock()
	defer z.mu.Unlock()
	if len(z.calls) == 0 {
		t.Error("no calls")
	}
	z.calls = nil
}

// A read that began before a write and lands after a read of what was written is answered the latter; one that lands
// before anybody has seen that is answered what it found.
func TestReadOverWrite(t *testing.T) {
	t.Parallel()
	for _, alone := range []bool{true, false} {
		for _, test := range []struct{ again, want string }{{"a1,a3", "a1@1,a2@0"}, {"", "a1@0,a2@0"}} {
			synctest.Test(t, func(t *testing.T) {
				var wg sync.WaitGroup
				var far store.Far
				if !alone {
					far = newShared()
				}
				z, p := &zoom{took: 3 * second}, newStore(t, usual()).Principal("acct", "", far)
				wg.Go(func() {
					got, _ := get(t, p, z, "abc", "a1,a2")
					wantValues(t, got, test.want)
				})
				time.Sleep(second)
				z.mu.Lock()
				z.version, z.took = 1, 0
				z.mu.Unlock()
				p.Wrote(t.Context(), opUpdate, []string{"abc"})
				if test.again != "" {
					got, _ := get(t, p, z, "abc", test.again)
					wantValues(t, got, "a1@1,a3@1")
				}
				wg.Wait()
				got, _ := get(t, p, z, "abc", "a1,a2")
				wantValues(t, got, "a1@1,a2@1")
			})
		}
	}
}

// A user who is known by an address and by an id is one user, whichever was asked for first.
func TestLaterReadingStaysByAnyName(t *testing.T) {
	t.Parallel()
	for _, names := range [][2]string{{"ann@example.com", "u1"}, {"u1", "Ann@example.com"}, {"ANN@example.com", "u1"}} {
		for _, first := range []time.Duration{0, 3 * second} { // how long the older call takes
			synctest.Test(t, func(t *testing.T) {
				var wg sync.WaitGroup
				z, p := &zoom{took: first}, newStore(t, usual()).Principal("acct", "", nil)
				want := "a1@0"
				if first > 0 {
					want = "a1@1"
				}
				wg.Go(func() {
					got, _ := get(t, p, z, names[0], "a1")
					wantValues(t, got, want)
				})
				time.Sleep(second)
				z.mu.Lock()
				z.version, z.took = 1, 0
				z.mu.Unlock()
				if first > 0 {
					learnNames(t, p)
				}
				got, _ := get(t, p, z, names[1], "a1", fresh)
				wantValues(t, got, "a1@1")
				wg.Wait()
				learnNames(t, p)
				for _, name := range names {
					got, answer := get(t, p, z, name, "a1")
					if wantValues(t, got, "a1@1"); answer.Source != store.Cached {
						t.Errorf("%s has the source %v", name, answer.Source)
					}
				}
			})
		}
	}
}

// learnNames lists the one user.
func learnNames(t *testing.T, p *store.Principal) {
	t.Helper()
	list := &zoom{answer: `{"users":[{"id":"u1","email":"ann@example.com"}]}`}
	key := keyOf(opUsers)
	if _, err := p.Read(t.Context(), store.Ask{Key: key, Since: time.Now(), Fetch: list.fetch(key)}); err != nil {
		t.Error(err)
	}
}

// What was read is remembered as long as a call may take that left before, also where it is believed for a shorter time.
func TestSlowerThanTheCache(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z, p := &zoom{}, newStore(t, store.Options{TTL: second}).Principal("acct", "", nil)
		play(t, z, func(int) *store.Principal { return p }, []call{
			{names: "a1", leaves: 0, takes: time.Minute, want: "a1@1"},
			{names: "a1", leaves: second, fresh: true, want: "a1@1"},
		})
	})
}

// Random reads of two replicas, each for random names, that leave and land in any order while values change and the far
// store comes and goes: to each replica no value ever goes back.
func TestValuesNeverGoBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		rapid.Check(struct{ rapid.TB }{t}, func(rt *rapid.T) { neverBack(t, rt) })
	})
}

func neverBack(t *testing.T, rt *rapid.T) {
	z, far := &zoom{}, newShared()
	user := fmt.Sprint(time.Now().UnixNano())
	var replicas []*store.Principal
	for i := range rapid.IntRange(1, 2).Draw(rt, "replicas") {
		skew := time.Duration(i) * time.Minute
		s, err := store.New(store.Options{TTL: ttl, UsersTTL: ttl, Now: func() time.Time { return time.Now().Add(skew) }})
		if err != nil {
			rt.Fatal(err)
		}
		rt.Cleanup(s.Close)
		replicas = append(replicas, s.Principal("acct", "", far))
	}
	seen := make([]map[string]string, len(replicas)) // the newest value of a name, by replica
	var mu sync.Mutex
	var back []string
	var wg sync.WaitGroup
	defer func() {
		if wg.Wait(); len(back) > 0 {
			rt.Fatal(strings.Join(back, "; "))
		}
	}()
	for range rapid.IntRange(2, 12).Draw(rt, "reads") {
		time.Sleep(time.Duration(rapid.IntRange(1, 3000).Draw(rt, "pause")) * time.Millisecond)
		i := rapid.IntRange(0, len(replicas)-1).Draw(rt, "replica")
		names := rapid.SliceOfNDistinct(rapid.SampledFrom(all), 0, 3, rapid.ID[string]).Draw(rt, "names")
		slices.Sort(names)
		uncached := rapid.Bool().Draw(rt, "fresh")
		far.mu.Lock()
		far.down = rapid.IntRange(0, 3).Draw(rt, "down") == 0
		far.mu.Unlock()
		z.mu.Lock()
		z.version++
		z.took = time.Duration(rapid.IntRange(0, 10_000).Draw(rt, "took"))*time.Millisecond + time.Duration(z.version)*time.Microsecond
		z.mu.Unlock()
		wg.Go(func() {
			key := keyOf(opSettings, user)
			ask := store.Ask{Key: key, Names: names, Fetch: z.fetch(key)}
			if uncached {
				ask.Since = time.Now().Add(time.Duration(i) * time.Minute)
			}
			answer, err := replicas[i].Read(t.Context(), ask)
			if err != nil {
				t.Error(err)
				return
			}
			mu.Lock()
			defer mu.Unlock()
			if len(names) == 0 {
				names = all
			}
			if seen[i] == nil {
				seen[i] = map[string]string{}
			}
			for j, value := range strings.Split(values(answer.Body.Text, names), ",") {
				name := names[j]
				if before := seen[i][name]; len(before) > len(value) || len(before) == len(value) && before > value {
					back = append(back, fmt.Sprintf("replica %d: %s after %s", i, value, before))
				}
				seen[i][name] = value
			}
		})
		time.Sleep(2 * time.Millisecond) // it has left
		synctest.Wait()
	}
}

// What a replica read while it was cut off, it could only note. Once it is back, and nobody has told of a write, it believes
// nothing older of what others shared before.
func TestLaterReadingStaysWhenCutOff(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		name           string
		shared, alone  string // the names that another replica read before, and this one while it was cut off
		gone           bool   // the user, by then
		then, want     string // the names of the read afterwards
		calls          []string
		aloneByAddress bool
	}{
		{name: "the same name", shared: "a1", alone: "a1", then: "a1", want: "a1@1"},
		{name: "of several names", shared: "a1,a2", alone: "a1", then: "a1,a2", want: "a1@1,a2@0"},
		{name: "a name more", shared: "a1", alone: "a1,a2", then: "a1,a2,a3", want: "a1@1,a2@1,a3@2", calls: []string{"abc a3"}},
		{name: "a name of a whole", shared: "", alone: "a1", then: "", want: "a1@1,a2@0,a3@0,a4@0,top@0"},
		{name: "a whole over names", shared: "a1,a2", alone: "", then: "a2", want: "a2@1"},
		{name: "a user who is gone since", shared: "a1", alone: "a1", gone: true, then: "a1", want: "gone", calls: []string{"abc a1"}},
		{name: "by an address", shared: "a1", alone: "a1", aloneByAddress: true, then: "a1", want: "a1@1"},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				z, far := &zoom{}, newShared()
				a := newStore(t, usual()).Principal("acct", "", far)
				b := newStore(t, usual()).Principal("acct", "", far)
				user := "abc"
				if test.aloneByAddress {
					user = "u1"
					learnNames(t, a)
					learnNames(t, b)
				}
				read := func(p *store.Principal, user, names string) string {
					got, _ := get(t, p, z, user, names)
					synctest.Wait()
					if strings.HasPrefix(got, "error") {
						got = "gone"
					}
					time.Sleep(second)
					return got
				}
				cut := func(down bool) {
					far.mu.Lock()
					defer far.mu.Unlock()
					far.down = down
				}
				read(a, user, test.shared)
				cut(true)
				z.version++
				if test.gone {
					z.fail = errGone
				}
				if test.aloneByAddress {
					read(b, "ann@example.com", test.alone)
				} else {
					read(b, user, test.alone)
				}
				cut(false)
				z.wantCallsAtAll(t)
				z.version++
				for range 2 {
					wantValues(t, read(b, user, test.then), test.want)
					z.wantCalls(t, test.calls...)
					test.calls = nil
				}
			})
		})
	}
}

// The same where what was shared before comes back only when a read of this replica is shared, too.
func TestLaterReadingStaysWhenSharing(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z, far := &zoom{}, newShared()
		a := newStore(t, usual()).Principal("acct", "", far)
		b := newStore(t, usual()).Principal("acct", "", far)
		var wg sync.WaitGroup
		read := func(p *store.Principal, names string, version int, took time.Duration, down bool) {
			far.mu.Lock()
			far.down = down
			far.mu.Unlock()
			z.mu.Lock()
			z.version, z.took = version, took
			z.mu.Unlock()
			wg.Go(func() { get(t, p, z, "abc", names) })
			time.Sleep(second)
		}
		read(a, "", 0, 3*second, false)
		read(b, "a1", 1, second/2, true) // it is only noted
		read(b, "a4", 2, 5*second, false)
		wg.Wait() // a has shared, and b finds that when it shares
		synctest.Wait()
		got, _ := get(t, b, z, "abc", "a1")
		wantValues(t, got, "a1@1")
	})
}

// Clocks of replicas may be minutes apart: what one read is believed by another as long as by itself.
func TestClocksApart(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{0, time.Minute, -time.Minute, 24 * time.Hour, -24 * time.Hour} {
		t.Run(skew.String(), func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				z, far := &zoom{}, newShared()
				opts := usual()
				a := newStore(t, opts).Principal("acct", "", far)
				opts.Now = func() time.Time { return time.Now().Add(skew) }
				b := newStore(t, opts).Principal("acct", "", far)
				start := time.Now()
				read := func(p *store.Principal, names string, calls ...string) {
					t.Helper()
					get(t, p, z, "abc", names)
					synctest.Wait()
					z.wantCalls(t, calls...)
				}
				read(a, "a1", "abc a1")
				time.Sleep(10 * time.Second)
				read(b, "a1,a2", "abc a2")
				time.Sleep(time.Until(start.Add(ttl - 100*time.Millisecond)))
				read(b, "a1")
				read(a, "a1,a2")
				time.Sleep(200 * time.Millisecond)
				read(b, "a1", "abc a1")
				read(a, "a1")
				time.Sleep(time.Until(start.Add(10*time.Second + ttl - 100*time.Millisecond)))
				read(a, "a2")
				time.Sleep(200 * time.Millisecond)
				read(a, "a2", "abc a2")

				time.Sleep(2 * time.Minute)
				z.fail = &client.Error{Code: client.CodeRateLimited}
				for i, p := range []*store.Principal{a, b} {
					_, answer := get(t, p, z, "abc", "a2")
					shown := answer.Stale.Add(-skew * time.Duration(i))
					if age := time.Since(shown); age < 2*time.Minute || age > 2*time.Minute+second {
						t.Errorf("store %d says that the value is %v old", i, age)
					}
				}
			})
		})
	}
}

// A clock that a test moves moves what is believed, to the second.
func TestMovedClock(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	now := time.Date(2030, 1, 2, 3, 4, 5, 0, time.UTC)
	move := func(d time.Duration) {
		mu.Lock()
		defer mu.Unlock()
		now = now.Add(d)
	}
	opts := usual()
	opts.Now = func() time.Time {
		mu.Lock()
		defer mu.Unlock()
		return now
	}
	z, p := &zoom{}, newStore(t, opts).Principal("acct", "", nil)
	get(t, p, z, "abc", "a1")
	move(ttl - second)
	get(t, p, z, "abc", "a1")
	z.wantCalls(t, "abc a1")
	move(2 * second)
	get(t, p, z, "abc", "a1")
	z.wantCalls(t, "abc a1")
}

// A far store whose clock was set back says of nothing how old it is.
func TestFarClockSetBack(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z, far := &zoom{}, newShared()
		get(t, newStore(t, usual()).Principal("acct", "", far), z, "abc", "a1")
		synctest.Wait()
		z.wantCalls(t, "abc a1")
		far.mu.Lock()
		far.skew = -time.Minute
		far.mu.Unlock()
		b := newStore(t, usual()).Principal("acct", "", far)
		get(t, b, z, "abc", "a1")
		synctest.Wait()
		z.wantCalls(t, "abc a1")
		get(t, newStore(t, usual()).Principal("acct", "", far), z, "abc", "a1") // which b has put in its place
		z.wantCalls(t)
	})
}

// A store that others always write before us: sharing is given up after a few tries, and the read is answered at once.
func TestSharingEnds(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z, far := &zoom{}, &contested{shared: newShared()}
		got, _ := get(t, newStore(t, usual()).Principal("acct", "", far), z, "abc", "a1")
		wantValues(t, got, "a1@0")
		synctest.Wait()
		if far.puts != 3 {
			t.Errorf("%d tries, want 3", far.puts)
		}
	})
}

// contested is a far store in which somebody else was always faster.
type contested struct {
	*shared
	puts int
}

func (c *contested) Put(ctx context.Context, key string, _ store.Found, _ []byte, _ time.Duration) (store.Found, bool) {
	c.puts++
	return c.Get(ctx, key), false
}
