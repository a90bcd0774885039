package fleet

import (
	"fmt"
	"log/slog"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"zoomgraph/internal/redistest"
	"zoomgraph/internal/underway"
)

// believes is what a replica says of a resource.
func believes(t testing.TB, a *Shared, resource string) (stamp string, ok bool) {
	t.Helper()
	stamp, ok = a.Stamp(t.Context(), resource)
	if known, too := a.Known(resource); too && (!ok || known != stamp) {
		t.Errorf("%q is known where the stamp is %q, %v", known, stamp, ok)
	}
	return stamp, ok
}

// nobodyBelieves waits until no replica believes anything of a resource.
func nobodyBelieves(t testing.TB, resource string, replicas ...*Shared) {
	t.Helper()
	for _, a := range replicas {
		until(t, "nothing is believed", func() bool { _, ok := believes(t, a, resource); return !ok })
	}
}

// agree waits until all replicas believe the same of a resource, which is not what was before.
func agree(t testing.TB, resource, before string, replicas ...*Shared) {
	t.Helper()
	until(t, "they agree", func() bool {
		first, ok := believes(t, replicas[0], resource)
		for _, a := range replicas[1:] {
			s, too := believes(t, a, resource)
			ok = ok && too && s == first
		}
		if ok && first == before {
			t.Fatal("a stamp of before the write")
		}
		return ok
	})
}

// While a write is under way no replica believes anything of its resources; afterwards they have another stamp.
func TestWriteUnderWay(t *testing.T) {
	t.Parallel()
	for name, resources := range map[string][]string{"one": {"x"}, "several": {"y", "x"}, "everything": {everything}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv, a, b := pair(t)
			before, other := stamp(t, a, "x"), stamp(t, b, "z")
			stamp(t, b, "x")
			end := a.Begin(t.Context(), resources...)
			if _, ok := believes(t, a, "x"); ok {
				t.Error("the writer believes what it knew")
			}
			late := account(t, open(t, srv.URL()))
			nobodyBelieves(t, "x", a, b, late)
			if name != "everything" && stamp(t, b, "z") != other {
				t.Error("what nobody writes has another stamp")
			}
			end(t.Context(), true)
			if now := stamp(t, a, "x"); now == before {
				t.Error("the writer's stamp is the one of before")
			}
			agree(t, "x", before, a, b, late)
		})
	}
}

// A resource that several write is under way until the last write has ended.
func TestWritesAtOnce(t *testing.T) {
	t.Parallel()
	_, a, b := pair(t)
	before := stamp(t, a, "x")
	one, two, three := a.Begin(t.Context(), "x"), b.Begin(t.Context(), "x", "y"), a.Begin(t.Context(), "y", "x")
	for _, end := range []func(){func() { one(t.Context(), true) }, func() { three(t.Context(), true) }} {
		end()
		nobodyBelieves(t, "x", a, b)
	}
	two(t.Context(), true)
	agree(t, "x", before, a, b)
	agree(t, "y", "", a, b)
}

// Reads and writes at random: nothing is believed during a write, and no stamp is seen on both sides of one.
func TestWritesAtRandom(t *testing.T) {
	t.Parallel()
	_, a, b := pair(t)
	var wg sync.WaitGroup
	var writers sync.WaitGroup
	stop := make(chan struct{})
	for _, replica := range []*Shared{a, b} {
		wg.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					replica.Stamp(t.Context(), "x")
				}
			}
		})
	}
	for i, replica := range []*Shared{a, b, a, b} {
		writers.Go(func() {
			for n := range 50 {
				before, ok := replica.Stamp(t.Context(), "x")
				end := replica.Begin(t.Context(), "x")
				if _, ok := replica.Known("x"); ok {
					t.Error("known during a write")
				}
				if s, ok := replica.Stamp(t.Context(), "x"); ok {
					t.Errorf("%q during a write", s)
				}
				end(t.Context(), true)
				if now, too := replica.Stamp(t.Context(), "x"); ok && too && now == before {
					t.Errorf("writer %d: the stamp is still %q after write %d", i, now, n)
				}
			}
		})
	}
	writers.Wait()
	close(stop)
	wg.Wait()
	agree(t, "x", "", a, b)
}

// guardOf reads the guard of a resource from the server.
func guardOf(srv *redistest.Server, a *Shared, resource string) string {
	return strings.TrimSpace(srv.Do("GET " + a.key("guard", resource)))
}

var lives = regexp.MustCompile(`=(\d+)`)

// setLives changes until when the writes of a resource are under way.
func setLives(t testing.TB, srv *redistest.Server, a *Shared, resource string, until time.Time) {
	t.Helper()
	value := guardOf(srv, a, resource)
	if !lives.MatchString(value) {
		t.Fatalf("no write is under way: %q", value)
	}
	srv.Do("SET " + a.key("guard", resource) + " " + lives.ReplaceAllString(value, "="+strconv.FormatInt(until.UnixMilli(), 10)))
}

// clocked opens a replica whose clock the test moves.
func clocked(t testing.TB, srv *redistest.Server) (*Shared, *hand) {
	t.Helper()
	clock := &hand{}
	f, err := Open(Options{URL: srv.URL(), Now: clock.now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return account(t, f), clock
}

// A write of which nobody knows what became of it is in doubt for ten seconds, at its replica and at all others.
func TestWriteInDoubt(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	a, clock := clocked(t, srv)
	b, others := clocked(t, srv)
	before := stamp(t, a, "x")
	stamp(t, b, "x")
	end := a.Begin(t.Context(), "x")
	end(t.Context(), false)
	nobodyBelieves(t, "x", a, b)
	setLives(t, srv, a, "x", time.Now()) // Redis' clock has gone on
	clock.move(underway.Doubt - time.Millisecond)
	if _, ok := believes(t, a, "x"); ok {
		t.Error("the writer believes something too early")
	}
	others.move(lookAgain)
	stamp(t, b, "x")
	clock.move(lookAgain)
	agree(t, "x", before, a, b)
}

// What a process wrote that died is under way until its time is over; then the guard is a new one.
func TestWriterDies(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	f := open(t, srv.URL())
	a := account(t, f)
	b, clock := clocked(t, srv)
	before := stamp(t, b, "x")
	a.Begin(t.Context(), "x", "y")
	f.Close()
	nobodyBelieves(t, "x", b)
	left := lives.FindStringSubmatch(guardOf(srv, b, "x"))
	at, err := strconv.ParseInt(left[1], 10, 64)
	if life := time.Until(time.UnixMilli(at)); err != nil || life > writeLife || life < writeLife-5*time.Second {
		t.Errorf("the write is under way for %v, want up to %v", life, writeLife)
	}
	setLives(t, srv, b, "x", time.Now())
	clock.move(lookAgain)
	if now := stamp(t, b, "x"); now == before {
		t.Error("what was read during the write is believed")
	}
	if _, ok := believes(t, b, "y"); ok {
		t.Error("the other resource's time is not over")
	}
}

// A write that takes long stays under way.
func TestLongWrite(t *testing.T) {
	t.Parallel()
	srv, a, b := pair(t)
	a.fleet.renewal = 10 * time.Millisecond
	before := stamp(t, b, "x")
	end := a.Begin(t.Context(), "x")
	for range 3 {
		setLives(t, srv, a, "x", time.Now().Add(-time.Second))
		until(t, "it is renewed", func() bool {
			at, err := strconv.ParseInt(lives.FindStringSubmatch(guardOf(srv, a, "x") + "=0")[1], 10, 64)
			return err == nil && time.UnixMilli(at).After(time.Now().Add(writeLife/2))
		})
	}
	nobodyBelieves(t, "x", a, b)
	end(t.Context(), true)
	agree(t, "x", before, a, b)
}

// If Redis' clock is set back, a write does not stay under way for longer than it may.
func TestWriteAndRedisClock(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	f := open(t, srv.URL())
	a := account(t, f)
	b, clock := clocked(t, srv)
	a.Begin(t.Context(), "x")
	f.Close()
	setLives(t, srv, b, "x", time.Now().Add(time.Hour))
	nobodyBelieves(t, "x", b)
	at, _ := strconv.ParseInt(lives.FindStringSubmatch(guardOf(srv, b, "x"))[1], 10, 64)
	if life := time.Until(time.UnixMilli(at)); life > writeLife {
		t.Errorf("it is under way for %v", life)
	}
	setLives(t, srv, b, "x", time.Now())
	clock.move(lookAgain)
	stamp(t, b, "x")
}

// Whatever Redis loses or misses during a write, nothing is believed until the write has ended, and nothing of before
// ever. That a write could not be told is logged once in an outage.
func TestWriteAndOutages(t *testing.T) {
	t.Parallel()
	type step func(t testing.TB, srv *redistest.Server, a *Shared)
	away := func(t testing.TB, srv *redistest.Server, a *Shared) {
		t.Helper()
		srv.Stop()
		until(t, "it is seen", func() bool { return !a.fleet.Health().Up })
	}
	back := func(_ testing.TB, srv *redistest.Server, _ *Shared) { srv.Start() }
	both := func(t testing.TB, srv *redistest.Server, a *Shared) { t.Helper(); away(t, srv, a); back(t, srv, a) }
	emptied := func(_ testing.TB, srv *redistest.Server, _ *Shared) { srv.Do("FLUSHALL") }
	evicted := func(_ testing.TB, srv *redistest.Server, a *Shared) { srv.Do("DEL " + a.key("guard", "x")) }
	nothing := func(testing.TB, *redistest.Server, *Shared) {}
	for name, test := range map[string]struct {
		before, during, after step
		heard                 bool // by the other replica, during the write
		least, most           int  // lines in the log
	}{
		"away before it, back during it": {away, back, nothing, true, 1, 1},
		"away before it, back after it":  {away, nothing, back, false, 1, 1},
		"away during it, back after it":  {nothing, away, back, false, 1, 1},
		"away and back during it":        {nothing, both, nothing, true, 0, 1},
		"emptied during it":              {nothing, emptied, nothing, true, 0, 1},
		"its guard is evicted":           {nothing, evicted, nothing, false, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := redistest.Start(t)
			var log strings.Builder
			f, err := Open(Options{URL: srv.URL(), Logger: slog.New(slog.NewTextHandler(&log, nil))})
			if err != nil {
				t.Fatal(err)
			}
			f.renewal = time.Hour // which would make up for what is not told in time
			a, b := account(t, f), account(t, open(t, srv.URL()))
			before := stamp(t, a, "x")
			stamp(t, b, "x")
			test.before(t, srv, a)
			end, too := a.Begin(t.Context(), "x"), a.Begin(t.Context(), "y")
			test.during(t, srv, a)
			if _, ok := believes(t, a, "x"); ok {
				t.Error("the writer believes something")
			}
			if test.heard {
				until(t, "both can ask", func() bool { return a.fleet.Health().Up && b.fleet.Health().Up })
				nobodyBelieves(t, "x", b)
			}
			end(t.Context(), true)
			too(t.Context(), true)
			test.after(t, srv, a)
			agree(t, "x", before, a, b)
			f.Close()
			if n := strings.Count(log.String(), "cannot be told"); n < test.least || n > test.most {
				t.Errorf("told %d times, want %d to %d:\n%s", n, test.least, test.most, log.String())
			}
		})
	}
}

// BenchmarkWrite is what a write adds.
func BenchmarkWrite(b *testing.B) {
	srv := redistest.Start(b)
	a := account(b, open(b, srv.URL()))
	for b.Loop() {
		a.Begin(b.Context(), "users/abcdefghijklmnopqrstuv", "lists")(b.Context(), true)
	}
}

// BenchmarkWritesInDoubt is what a write adds while many are in doubt.
func BenchmarkWritesInDoubt(b *testing.B) {
	srv := redistest.Start(b)
	a := account(b, open(b, srv.URL()))
	for i := range 500 {
		a.Begin(b.Context(), "lists", fmt.Sprint("users/", i))(b.Context(), false)
	}
	for b.Loop() {
		a.Begin(b.Context(), "users/abcdefghijklmnopqrstuv", "lists")(b.Context(), true)
	}
}

// Only the writer is cut off from Redis. It writes all the same and believes nothing; the others believe what they know
// until Redis is told, which is the first thing when the writer is back.
func TestWriterCutOff(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]func(*redistest.Proxy){
		"cut":                 (*redistest.Proxy).Cut,
		"swallowed":           func(p *redistest.Proxy) { p.Blackhole() },
		"heard, not answered": func(p *redistest.Proxy) { p.Blackhole(redistest.Answers) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := redistest.Start(t)
			way := srv.Proxy(t)
			a, b := account(t, open(t, way.URL())), account(t, open(t, srv.URL()))
			before := stamp(t, a, "x")
			stamp(t, b, "x")
			fault(way)
			end := a.Begin(t.Context(), "x")
			end(t.Context(), true)
			if _, ok := believes(t, a, "x"); ok {
				t.Error("the writer believes something")
			}
			way.Heal()
			until(t, "it is back", func() bool { return a.fleet.Health().Up })
			if value := guardOf(srv, a, "x"); strings.HasSuffix(before, value) {
				t.Error("the writer is back, and Redis was not told")
			}
			agree(t, "x", before, a, b)
		})
	}
}
