package telemetry

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"zoomgraph/client"
)

// This file counts calls of Zoom, of which every operation has some.

// callMetrics are the metrics of calls.
type callMetrics struct {
	calls, limited   *prometheus.CounterVec
	duration, waited *prometheus.HistogramVec

	mu   sync.RWMutex
	made map[outcomeOfCall]*callCounters
}

// outcomeOfCall is what tells the labels of one call from those of another. Operations are shared, so they are as many as
// there are; of statuses there are those that have a name.
type outcomeOfCall struct {
	op     *client.Op
	status int // see statusClass
}

// callCounters are the metrics with the labels of one outcome.
type callCounters struct {
	calls            prometheus.Counter
	duration, waited prometheus.Observer
}

func newCallMetrics(r prometheus.Registerer) *callMetrics {
	of := promauto.With(r)
	counters := func(name, help string, labels ...string) *prometheus.CounterVec {
		return of.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	seconds := func(name, help string, buckets []float64, labels ...string) *prometheus.HistogramVec {
		return of.NewHistogramVec(prometheus.HistogramOpts{Name: name, Help: help, Buckets: buckets}, labels)
	}
	return &callMetrics{
		calls: counters("zoomgraph_zoom_calls_total", "Requests sent to Zoom's API, repeated ones each time.", "operation", "label", "status"),
		duration: seconds("zoomgraph_zoom_call_duration_seconds", "Time from sending a request to the end of Zoom's answer.",
			[]float64{.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}, "operation", "label"),
		waited: seconds("zoomgraph_zoom_call_wait_seconds", "Time a request waited before it was sent, for its turn above all.",
			[]float64{.001, .01, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}, "label"),
		limited: counters("zoomgraph_zoom_rate_limited_total", "Requests that Zoom refused for its rate limit.", "label"),
		made:    map[outcomeOfCall]*callCounters{},
	}
}

var _ client.Observer = (*Telemetry)(nil)

// Called implements [client.Observer].
func (t *Telemetry) Called(ctx context.Context, a client.Attempt) {
	c := t.calls.of(a.Op, a.Status)
	c.calls.Inc()
	c.duration.Observe(a.Took.Seconds())
	c.waited.Observe(a.Waited.Seconds())
	if a.Code == client.CodeRateLimited {
		t.calls.limited.WithLabelValues(labelName(a.Op.Label)).Inc()
	}
	if t.traces != nil {
		t.traces.called(ctx, a)
	}
}

// of finds the counters of an outcome, or makes them.
func (m *callMetrics) of(op *client.Op, status int) *callCounters {
	key := outcomeOfCall{op, statusClass(status)}
	m.mu.RLock()
	c := m.made[key]
	m.mu.RUnlock()
	if c != nil {
		return c
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.made[key] == nil {
		label := labelName(op.Label)
		m.made[key] = &callCounters{
			calls:    m.calls.WithLabelValues(op.ID, label, statusName(key.status)),
			duration: m.duration.WithLabelValues(op.ID, label),
			waited:   m.waited.WithLabelValues(label),
		}
	}
	return m.made[key]
}

// Minted implements [client.Observer].
func (t *Telemetry) Minted(ctx context.Context, m client.Mint) {
	outcome := ok
	if m.Code != "" {
		outcome = failed
	}
	t.counted.mints.WithLabelValues(outcome.String()).Inc()
	if t.traces != nil {
		t.traces.minted(ctx, m)
	}
}

// labelName is a label of Zoom's; operations that have none are NONE.
func labelName(label client.Label) string {
	if slices.Contains(client.Labels(), label) {
		return string(label)
	}
	return "NONE"
}

// statusClass is the status of an answer, and of those that Zoom does not document only the class, as 1 to 5; 0: there is
// no answer.
func statusClass(status int) int {
	switch status {
	case 200, 201, 202, 204, 400, 401, 403, 404, 409, 429, 500, 502, 503, 504:
		return status
	}
	if status < 100 || status > 599 {
		return 0
	}
	return status / 100
}

// statusName is what a metric calls a statusClass.
func statusName(class int) string {
	switch {
	case class == 0:
		return "none"
	case class < 10:
		return fmt.Sprintf("%dxx", class)
	}
	return strconv.Itoa(class)
}
