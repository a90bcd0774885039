package fleet

import (
	"context"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"zoomgraph/client"
	"zoomgraph/internal/redistest"
)

var secret = []byte("the app's client secret")

// open opens a fleet that ends with the test.
func open(t testing.TB, url string) *Fleet {
	t.Helper()
	f, err := Open(Options{URL: url})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(f.Close)
	return f
}

// replicas opens n fleets and waits until each of them knows of all.
func replicas(t testing.TB, srv *redistest.Server, n int) []*Fleet {
	t.Helper()
	var all []*Fleet
	for range n {
		all = append(all, open(t, srv.URL()))
	}
	for _, f := range all {
		until(t, "all are counted", func() bool { return f.Health().Replicas == n })
	}
	return all
}

// Touch is a write that is over at once.
func (a *Shared) Touch(ctx context.Context, resources ...string) {
	a.Begin(ctx, resources...)(ctx, true)
}

func account(t testing.TB, f *Fleet) *Shared {
	t.Helper()
	a, err := f.Shared("acct", secret)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// proxied is one account at two replicas that are up, of which the first has its Redis behind a proxy.
func proxied(t testing.TB) (srv *redistest.Server, way *redistest.Proxy, behind, direct *Shared) {
	t.Helper()
	srv = redistest.Start(t)
	way = srv.Proxy(t)
	behind, direct = account(t, open(t, way.URL())), account(t, open(t, srv.URL()))
	for _, a := range []*Shared{behind, direct} {
		until(t, "it is up", func() bool { return a.fleet.Health().Up })
	}
	return srv, way, behind, direct
}

// until waits for something that another process brings about.
func until(t testing.TB, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}

// zoom is a Zoom that writes down when it was called.
type zoom struct {
	mu     sync.Mutex
	times  []time.Time
	answer func(n int) *http.Response // to the n-th call, from 0; nil: {}
}

func (z *zoom) RoundTrip(*http.Request) (*http.Response, error) {
	z.mu.Lock()
	defer z.mu.Unlock()
	z.times = append(z.times, time.Now())
	if z.answer != nil {
		return z.answer(len(z.times) - 1), nil
	}
	return reply(200), nil
}

func (z *zoom) sent() []time.Time {
	z.mu.Lock()
	defer z.mu.Unlock()
	return slices.Clone(z.times)
}

func reply(status int, header ...string) *http.Response {
	res := &http.Response{
		StatusCode: status, ProtoMajor: 1, Body: io.NopCloser(strings.NewReader(`{}`)),
		Header: http.Header{"Content-Type": {"application/json"}},
	}
	for i := 0; i < len(header); i += 2 {
		res.Header.Set(header[i], header[i+1])
	}
	return res
}

var operation = &client.Op{ID: "users", Method: "GET", Path: "/users", Label: client.Medium}

// paced gives a client of that fleet with a budget, before z.
func paced(t testing.TB, f *Fleet, z http.RoundTripper, limit client.Limit) (*client.Client, *client.Budget) {
	t.Helper()
	b, err := client.NewBudget(map[client.Label]client.Limit{client.Medium: limit}, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	b.Join(account(t, f))
	c, err := client.New(client.Config{Tokens: client.StaticToken("t"), Transport: z, Budget: b, MaxInFlight: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return c, b
}

// judge is a bucket of exactly that rate and burst: it returns how many tokens
// were missing at the worst moment.
func judge(times []time.Time, rate, burst float64) (missing float64) {
	times = slices.SortedFunc(slices.Values(times), time.Time.Compare)
	level, last := burst, times[0]
	for _, at := range times {
		level = min(burst, level+rate*at.Sub(last).Seconds()) - 1
		last = at
		missing = max(missing, -level)
	}
	return missing
}
