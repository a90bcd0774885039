package telemetry

import (
	"runtime"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"

	"zoomgraph/client"
)

// counted are the metrics that are counted as things happen. Those of operations find their labels once, which takes longer
// than to count, and not before there is something to count. Metrics of calls stand in calls.go, those that are only looked
// at in sources.go.
type counted struct {
	ended             [unknown + 1][refused + 1]func() prometheus.Counter
	took              [unknown + 1]func() prometheus.Observer
	cached, coalesced func() prometheus.Counter
	errors            *prometheus.CounterVec // by code
	unknownValues     prometheus.Counter
	respelled         *prometheus.CounterVec // by field and type
	mints             *prometheus.CounterVec // by outcome
}

// otherOperation stands for the names that clients give their operations, of which there is no end.
const otherOperation = "other"

func newCounted(r prometheus.Registerer) (c counted) {
	of := promauto.With(r)
	counters := func(name, help string, labels ...string) *prometheus.CounterVec {
		return of.NewCounterVec(prometheus.CounterOpts{Name: name, Help: help}, labels)
	}
	operations := counters("zoomgraph_operations_total", "GraphQL operations that ended.", "type", "operation", "outcome")
	took := of.NewHistogramVec(prometheus.HistogramOpts{
		Name: "zoomgraph_operation_duration_seconds", Help: "Time from an operation's arrival to its answer.",
		Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30},
	}, []string{"type", "operation"})
	for k := range c.ended {
		kind := kind(k).String()
		c.took[k] = sync.OnceValue(func() prometheus.Observer { return took.WithLabelValues(kind, otherOperation) })
		for o := range c.ended[k] {
			c.ended[k][o] = once(operations, kind, otherOperation, outcome(o).String())
		}
	}
	saved := counters("zoomgraph_operation_reads_saved_total", "Reads that an operation needed and that cost it no call.", "by")
	c.cached, c.coalesced = once(saved, "cache"), once(saved, "coalescing")
	c.errors = counters("zoomgraph_errors_total", "Errors in answers.", "code")
	c.unknownValues = of.NewCounter(prometheus.CounterOpts{
		Name: "zoomgraph_unknown_enum_values_total", Help: "Values of Zoom's that the schema does not know, at most 100 an operation.",
	})
	c.respelled = counters("zoomgraph_zoom_spellings_total", "Values of Zoom's that were spelled as another kind of JSON than the schema has, and read all the same.", "field", "type")
	c.mints = counters("zoomgraph_token_mints_total", "Access tokens asked for at Zoom.", "outcome")
	return c
}

// once finds the counter with the labels when it is first asked for.
func once(of *prometheus.CounterVec, labels ...string) func() prometheus.Counter {
	return sync.OnceValue(func() prometheus.Counter { return of.WithLabelValues(labels...) })
}

// build makes the metric that says which build this is.
func build(r prometheus.Registerer, opts Options) {
	promauto.With(r).NewGaugeVec(prometheus.GaugeOpts{
		Name: "zoomgraph_build_info", Help: "Always 1; its labels say which build this is.",
	}, []string{"version", "revision", "goversion"}).WithLabelValues(opts.Version, opts.Revision, runtime.Version()).Set(1)
}

// failed counts an error of an answer. A code that does not belong to the closed set is a mistake of ours.
func (t *Telemetry) failed(code string) { t.counted.errors.WithLabelValues(known(code)).Inc() }

func known(code string) string {
	switch c := client.Code(code); c {
	case client.CodeBadUserInput, client.CodeUnauthenticated, client.CodeForbidden, client.CodeScopeMissing,
		client.CodeNotFound, client.CodeInvitationPending, client.CodeConflict, client.CodeRateLimited,
		client.CodeCursorExpired, client.CodeUpstreamAuthFailed, client.CodeUpstreamUnavailable,
		client.CodeUpstreamTimeout, client.CodeUpstreamInvalidResponse,
		"COST_LIMIT_EXCEEDED", "ANSWER_TOO_LARGE", "GRAPHQL_PARSE_FAILED", "GRAPHQL_VALIDATION_FAILED", "PERSISTED_QUERY_NOT_FOUND":
		return code
	}
	return string(client.CodeInternal)
}
