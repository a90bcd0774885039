package export

import (
	"net/http"
	"sync/atomic"
)

// Meter counts the reads that go through it to Next: an export sends nothing else but requests for tokens.
type Meter struct {
	Next http.RoundTripper

	calls, limited atomic.Int64
}

// RoundTrip implements http.RoundTripper.
func (m *Meter) RoundTrip(r *http.Request) (*http.Response, error) {
	if r.Method != http.MethodGet {
		return m.Next.RoundTrip(r)
	}
	m.calls.Add(1)
	res, err := m.Next.RoundTrip(r)
	if err == nil && res.StatusCode == http.StatusTooManyRequests {
		m.limited.Add(1)
	}
	return res, err
}

// CloseIdleConnections passes on what the client asks of its transport.
func (m *Meter) CloseIdleConnections() {
	if pool, ok := m.Next.(interface{ CloseIdleConnections() }); ok {
		pool.CloseIdleConnections()
	}
}

// Counts are how many calls were sent, and how many of them Zoom refused with 429.
func (m *Meter) Counts() (calls, limited int64) { return m.calls.Load(), m.limited.Load() }
