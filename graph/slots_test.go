package graph_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"zoomgraph/client"
	"zoomgraph/internal/sandbox"
)

// connections are the sandbox's counts.
type connections struct{ Opened, Open, MaxBusy int }

func (s *service) connections() connections {
	s.t.Helper()
	req, err := http.NewRequestWithContext(context.WithoutCancel(s.t.Context()), http.MethodGet, s.upstream+"/__stats", http.NoBody)
	if err != nil {
		s.t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = answer.Body.Close() }()
	var stats struct{ Connections connections }
	if err := json.NewDecoder(answer.Body).Decode(&stats); err != nil {
		s.t.Fatal(err)
	}
	stats.Connections.Opened-- // this request's own
	return stats.Connections
}

// inFlight counts the calls that are handed to the network at the same time.
type inFlight struct {
	next http.RoundTripper

	mu        sync.Mutex
	now, most int
	more      sync.Cond // most has grown
}

func newInFlight() *inFlight {
	f := &inFlight{next: client.NewTransport()}
	f.more.L = &f.mu
	return f
}

// reach waits until so many calls were in flight at once.
func (f *inFlight) reach(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for f.most < n {
		f.more.Wait()
	}
}

func (f *inFlight) RoundTrip(r *http.Request) (*http.Response, error) {
	f.add(1)
	answer, err := f.next.RoundTrip(r)
	if err != nil {
		f.add(-1)
		return nil, err
	}
	answer.Body = &counted{answer.Body, f}
	return answer, nil
}

func (f *inFlight) add(n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.now += n
	f.most = max(f.most, f.now)
	f.more.Broadcast()
}

type counted struct {
	body interface {
		Read(p []byte) (int, error)
		Close() error
	}
	calls *inFlight
}

func (c *counted) Read(p []byte) (int, error) { return c.body.Read(p) }

func (c *counted) Close() error {
	c.calls.add(-1)
	return c.body.Close()
}

// Dashboards one after another and side by side go by as many connections as calls
// were in flight at once, counted at Zoom's side.
func TestConnectionsAreKept(t *testing.T) {
	t.Parallel()
	calls := newInFlight()
	s := setup(t, sandbox.Config{Latency: sandbox.Duration(5 * time.Millisecond)}, func(p *parts) { p.client.Transport = calls })
	for range 3 {
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() { s.must(`{ users(first: 60) { nodes { settings { tsp { callOut } } } } }`) })
		}
		wg.Wait()
	}
	if got := s.connections(); got.Opened > calls.most || got.Opened == 0 {
		t.Errorf("%+v for %d calls in flight at once", got, calls.most)
	}
}

// Calls that hang hold up no other operation, though they take all slots that are open.
func TestHangingCallsHoldUpNoQuery(t *testing.T) {
	t.Parallel()
	calls := newInFlight()
	s := setup(t, sandbox.Config{}, func(p *parts) { p.client.Transport, p.edge.RequestTimeout = calls, 2*time.Minute })
	leave := s.hang(30)
	defer leave()
	calls.reach(24) // as many as one label may have in flight at first
	start := time.Now()
	s.must(`{ users(first: 1) { nodes { email } } }`) // of the same label
	if time.Since(start) > time.Minute {
		t.Error("the query waited until the others' deadline")
	}
}

// hang starts queries of so many users whose settings Zoom does not answer, until leave is called.
func (s *service) hang(users int) (leave func()) {
	s.t.Helper()
	var cfg sandbox.Config
	for _, user := range s.users[:users] {
		cfg.Faults = append(cfg.Faults, sandbox.Fault{Match: "GET /users/*/settings", User: user.ID, Kind: sandbox.FaultHang})
	}
	if err := s.zoom.Configure(cfg); err != nil {
		s.t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(s.t.Context())
	var wg sync.WaitGroup
	for _, user := range s.users[:users] {
		body, err := json.Marshal(map[string]string{"query": `{ user(id: "` + user.ID + `") { settings { tsp { callOut } } } }`})
		if err != nil {
			s.t.Fatal(err)
		}
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, s.url, bytes.NewReader(body))
		if err != nil {
			s.t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		wg.Go(func() {
			if answer, err := http.DefaultClient.Do(req); err == nil {
				_ = answer.Body.Close()
			}
		})
	}
	return func() {
		cancel()
		wg.Wait()
	}
}

// BenchmarkSlots is the measure of places in flight: 500 users at 60 calls a second. The ideal is (502 - 60) / 60 = 7.4 s
// and the latency.
func BenchmarkSlots(b *testing.B) {
	for _, latency := range []time.Duration{50 * time.Millisecond, time.Second, 3 * time.Second} {
		b.Run(latency.String(), func(b *testing.B) {
			for b.Loop() {
				s := paced(b, 60, latency)
				start := time.Now()
				s.must(fiveHundred)
				took, seen := time.Since(start).Seconds(), s.connections()
				ideal := (502.0-60)/60 + 2*latency.Seconds() // the list comes first
				b.ReportMetric(took, "s/500users")
				b.ReportMetric(took/ideal, "x-ideal")
				b.ReportMetric(float64(s.refused()), "429s")
				b.ReportMetric(float64(seen.Opened), "connections")
				b.ReportMetric(float64(seen.MaxBusy), "max-busy")
			}
		})
	}
}

// BenchmarkHanging is how long a good query takes beside calls that hang.
func BenchmarkHanging(b *testing.B) {
	for _, hanging := range []int{0, 30, 300} {
		b.Run(fmt.Sprint(hanging), func(b *testing.B) {
			calls := newInFlight()
			s := setup(b, sandbox.Config{}, func(p *parts) { p.client.Transport = calls })
			leave := s.hang(hanging)
			calls.reach(min(hanging, 24))
			good := `{ user(id: "` + s.users[400].ID + `") { settings { tsp { callOut } } } }`
			for b.Loop() {
				s.must(good)
			}
			leave()
		})
	}
}
