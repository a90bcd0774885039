package fleet

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"zoomgraph/client"
	"zoomgraph/internal/redistest"
)

// less is a Zoom whose limit is lower than the declared one. It answers after 50 ms.
type less struct {
	zoom
	rate, left float64
	last       time.Time
	refused    int
}

func newLess(rate float64) *less {
	z := &less{rate: rate, left: rate, last: time.Now()}
	z.answer = func(int) *http.Response {
		now := time.Now()
		z.left, z.last = min(z.rate, z.left+z.rate*now.Sub(z.last).Seconds()), now
		if z.left < 1 {
			z.refused++
			return reply(429)
		}
		z.left--
		return reply(200)
	}
	return z
}

// RoundTrip takes its time without holding up others.
func (z *less) RoundTrip(r *http.Request) (*http.Response, error) {
	time.Sleep(50 * time.Millisecond)
	return z.zoom.RoundTrip(r)
}

// Others use the account of three replicas: all slow down, nothing is lost, and Zoom
// refuses little.
func TestOthersUseTheAccount(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	z := newLess(10)
	var clients []*client.Client
	var budgets []*client.Budget
	for _, f := range replicas(t, srv, 3) {
		c, b := paced(t, f, z, client.Limit{PerSecond: 60, Burst: 57})
		clients, budgets = append(clients, c), append(budgets, b)
	}
	rush(t, clients, 20)
	// On a busy machine calls bunch: of the 15 in a hundred that an idle one keeps to, a test asks for 30.
	if sent := len(z.sent()); z.refused == 0 || z.refused*100 > sent*30 {
		t.Errorf("%d of %d calls refused", z.refused, sent)
	}
	for _, b := range budgets {
		if s := b.State()[0]; s.Limit > 30 || s.Waiting != 0 {
			t.Errorf("%+v", s)
		}
	}
}

// BenchmarkOthers is calls of three replicas whose account others use too: how long
// they take with the limit that is left, and what Zoom refuses.
func BenchmarkOthers(b *testing.B) {
	for _, bc := range []struct{ declared, real, calls float64 }{{60, 10, 150}, {16, 5, 60}} {
		b.Run(fmt.Sprintf("%vAt%vAs%v", bc.calls, bc.declared, bc.real), func(b *testing.B) {
			for b.Loop() {
				srv := redistest.Start(b)
				z := newLess(bc.real)
				var clients []*client.Client
				for _, f := range replicas(b, srv, 3) {
					c, _ := paced(b, f, z, client.Limit{PerSecond: bc.declared, Burst: 0.95 * bc.declared})
					clients = append(clients, c)
				}
				asked, start := srv.Commands("evalsha", "eval"), time.Now()
				rush(b, clients, int(bc.calls)/3)
				took, sent := time.Since(start).Seconds(), float64(len(z.sent()))
				b.ReportMetric(took, "s")
				b.ReportMetric(took/((bc.calls-bc.real)/bc.real), "of-ideal")
				b.ReportMetric(sent, "calls")
				b.ReportMetric(float64(z.refused), "429s")
				b.ReportMetric(float64(srv.Commands("evalsha", "eval")-asked)/sent, "trips/call")
			}
		})
	}
}
