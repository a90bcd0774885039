package fleet

import (
	"errors"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"zoomgraph/client"
	"zoomgraph/internal/redistest"
)

// jitter is by how much calls may bunch on their way to the judge, in seconds.
const jitter = 0.03

// rush sends n requests through each client at once, and waits for all.
func rush(t testing.TB, clients []*client.Client, n int) {
	t.Helper()
	var wg sync.WaitGroup
	for _, c := range clients {
		for range n {
			wg.Go(func() {
				if _, err := c.Do(t.Context(), client.Request{Op: operation}); err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
}

// Three replicas that have 100 calls each at once keep to the account's limit
// together, use its burst once, and hardly ask.
func TestOneBudgetForAll(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	z := &zoom{}
	limit := client.Limit{PerSecond: 200, Burst: 50}
	var clients []*client.Client
	for _, f := range replicas(t, srv, 3) {
		c, _ := paced(t, f, z, limit)
		clients = append(clients, c)
	}
	asked := srv.Commands("evalsha", "eval")
	rush(t, clients, 100)
	trips := srv.Commands("evalsha", "eval") - asked // signs of life among them
	if missing := judge(z.sent(), limit.PerSecond, limit.Burst); missing > jitter*limit.PerSecond {
		t.Errorf("%.1f tokens were missing", missing)
	}
	if len(z.sent()) != 300 || trips >= 300/5 {
		t.Errorf("%d calls, %d round trips", len(z.sent()), trips)
	}
}

// When Redis dies in the middle nothing fails: each replica goes on at its part,
// and back to the whole when Redis is there again, which remembers nothing.
func TestBudgetOutlivesRedis(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	z := &zoom{}
	limit := client.Limit{PerSecond: 200, Burst: 50}
	var clients []*client.Client
	var budgets []*client.Budget
	fleets := replicas(t, srv, 3)
	for _, f := range fleets {
		c, b := paced(t, f, z, limit)
		clients, budgets = append(clients, c), append(budgets, b)
	}
	reach := func(n int) {
		t.Helper()
		until(t, "calls are sent", func() bool { return len(z.sent()) >= n })
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		rush(t, clients, 200)
	}()
	reach(150)
	srv.Stop()
	reach(300)
	for i, b := range budgets {
		s := b.State()[0]
		if fleets[i].Health().Up || s.Limit < 66 || s.Limit > 67 {
			t.Errorf("alone: %+v, %+v", fleets[i].Health(), s)
		}
	}
	srv.Start()
	for i, b := range budgets {
		until(t, "the fleet is whole", func() bool { return fleets[i].Health().Up && b.State()[0].Limit == 200 })
	}
	<-done
	if missing := judge(z.sent(), limit.PerSecond, limit.Burst); missing > jitter*limit.PerSecond {
		t.Errorf("%.1f tokens were missing", missing)
	}
	if n := len(z.sent()); n != 600 {
		t.Errorf("%d calls", n)
	}
}

// A caller that asks for one thing after another costs few round trips as well,
// though it never leaves a queue behind.
func TestOneByOne(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	z := &zoom{}
	limit := client.Limit{PerSecond: 200, Burst: 20}
	c, b := paced(t, open(t, srv.URL()), z, limit)
	asked := srv.Commands("evalsha", "eval")
	for range 150 {
		rush(t, []*client.Client{c}, 1)
	}
	if trips := srv.Commands("evalsha", "eval") - asked; trips >= 150/5 {
		t.Errorf("%d round trips", trips)
	}
	if missing := judge(z.sent(), limit.PerSecond, limit.Burst); missing > jitter*limit.PerSecond {
		t.Errorf("%.1f tokens were missing", missing)
	}
	until(t, "the fleet's view", func() bool { return b.State()[0].Remaining == 20 })
}

// What one replica hears from Zoom slows the others down: a 429, a limit that a
// header tells, a day that is over.
func TestNewsTravel(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	fleets := replicas(t, srv, 2)
	limit := client.Limit{PerSecond: 100, Burst: 100, PerDay: 1000}
	news := &zoom{}
	one, _ := paced(t, fleets[0], news, limit)
	two, other := paced(t, fleets[1], &zoom{}, limit)
	for _, tc := range []struct {
		name   string
		status int
		header []string
		rate   [2]float64 // what the other then goes by
	}{
		{"told", 200, []string{"X-RateLimit-Type", "QPS", "X-RateLimit-Limit", "80"}, [2]float64{80, 80}},
		{"429", 429, nil, [2]float64{38, 60}},
	} {
		news.answer = func(int) *http.Response {
			if len(news.times) == 1 {
				return reply(tc.status, tc.header...)
			}
			return reply(200)
		}
		news.times = nil
		rush(t, []*client.Client{one}, 1)
		until(t, tc.name+" is heard of", func() bool {
			rush(t, []*client.Client{two}, 1)
			rate := other.State()[0].Limit
			return rate >= tc.rate[0] && rate <= tc.rate[1]
		})
	}
	news.answer = func(int) *http.Response {
		return reply(429, "X-RateLimit-Type", "Daily-limit", "X-RateLimit-Category", string(operation.Label))
	}
	if _, err := one.Do(t.Context(), client.Request{Op: operation}); !daily(err) {
		t.Errorf("%v", err)
	}
	until(t, "the day is over", func() bool {
		_, err := two.Do(t.Context(), client.Request{Op: operation})
		return daily(err)
	})
}

func daily(err error) bool {
	var e *client.Error
	return errors.As(err, &e) && e.Daily
}

// The calls of the day are the fleet's: who waits for one that another replica
// took is refused. A few that were dealt out in advance may be left over.
func TestOneDayForAll(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	z := &zoom{}
	var wg sync.WaitGroup
	var refused atomic.Int32
	for _, f := range replicas(t, srv, 3) {
		c, _ := paced(t, f, z, client.Limit{PerSecond: 500, Burst: 10, PerDay: 100})
		for range 60 {
			wg.Go(func() {
				if _, err := c.Do(t.Context(), client.Request{Op: operation}); daily(err) {
					refused.Add(1)
				} else if err != nil {
					t.Error(err)
				}
			})
		}
	}
	wg.Wait()
	if n := len(z.sent()); n > 100 || n < 85 || int(refused.Load()) != 180-n {
		t.Errorf("%d sent, %d refused", n, refused.Load())
	}
}

// A Redis that is frozen holds up who comes first, and nobody for long.
func TestFrozenRedis(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	f := open(t, srv.URL())
	z := &zoom{}
	c, b := paced(t, f, z, client.Limit{PerSecond: 1000, Burst: 1000})
	rush(t, []*client.Client{c}, 1)
	srv.Freeze()
	rush(t, []*client.Client{c}, 200) // waits for a deal, and then goes alone
	if f.Health().Up || f.Health().Err != "no answer in time" {
		t.Errorf("%+v", f.Health())
	}
	a := account(t, f)
	for range 10_000 { // hours, if each of them waited
		if _, ok := a.Stamp(t.Context(), "x"); ok || get(t, a, "x") != nil {
			t.Fatal("a frozen Redis answers")
		}
		put(t, a, "x", "1", time.Hour)
		a.Touch(t.Context(), "x")
	}
	srv.Thaw()
	until(t, "Redis is heard again", func() bool { return f.Health().Up })
	until(t, "turns come from there", func() bool {
		asked := srv.Commands("hmget")
		rush(t, []*client.Client{c}, 1)
		return srv.Commands("hmget") > asked
	})
	if s := b.State()[0]; s.Waiting != 0 {
		t.Errorf("%+v", s)
	}
}

// BenchmarkFleet is calls of three replicas that are all asked for at once: how
// much longer than at best they take, and how many round trips they cost.
func BenchmarkFleet(b *testing.B) {
	for _, bc := range []struct{ rate, burst, calls float64 }{{200, 190, 900}, {60, 57, 300}} {
		b.Run(fmt.Sprintf("%v calls at %v a second", bc.calls, bc.rate), func(b *testing.B) {
			srv := redistest.Start(b)
			fleets := replicas(b, srv, 3)
			var over, trips, missing float64
			for b.Loop() {
				srv.Do("FLUSHALL")
				for _, f := range fleets {
					until(b, "Redis is heard again", func() bool { return f.Health().Up })
				}
				z := &zoom{}
				var clients []*client.Client
				for _, f := range fleets {
					c, _ := paced(b, f, z, client.Limit{PerSecond: bc.rate, Burst: bc.burst})
					clients = append(clients, c)
				}
				asked, start := srv.Commands("evalsha", "eval"), time.Now()
				rush(b, clients, int(bc.calls)/3)
				over += time.Since(start).Seconds()/((bc.calls-bc.burst)/bc.rate) - 1
				trips += float64(srv.Commands("evalsha", "eval")-asked) / bc.calls
				missing = max(missing, judge(z.sent(), bc.rate, bc.burst))
			}
			b.ReportMetric(100*over/float64(b.N), "%over-ideal")
			b.ReportMetric(trips/float64(b.N), "trips/call")
			b.ReportMetric(missing, "tokens-missing")
		})
	}
}
