package telemetry

import (
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"zoomgraph/client"
)

// instruments are the metrics that are counted as things happen. Those that are only looked at stand in sources.go, and
// those of each operation among numbers.
type instruments struct {
	operationDuration metric.Float64Histogram
	errors            metric.Int64Counter
	unknownValues     metric.Int64Counter
	respelled         metric.Int64Counter

	calls        metric.Int64Counter
	callDuration metric.Float64Histogram
	waited       metric.Float64Histogram
	limited      metric.Int64Counter
	mints        metric.Int64Counter
}

func newInstruments(meter metric.Meter) (instruments, error) {
	var all []error
	counter := func(name, help string) metric.Int64Counter {
		c, err := meter.Int64Counter(name, metric.WithDescription(help))
		all = append(all, err)
		return c
	}
	seconds := func(name, help string, buckets ...float64) metric.Float64Histogram {
		h, err := meter.Float64Histogram(name, metric.WithDescription(help), metric.WithUnit("s"), metric.WithExplicitBucketBoundaries(buckets...))
		all = append(all, err)
		return h
	}
	return instruments{
		operationDuration: seconds("zoomgraph_operation_duration_seconds", "Time from an operation's arrival to its answer.",
			.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30),
		errors:        counter("zoomgraph_errors_total", "Errors in answers."),
		unknownValues: counter("zoomgraph_unknown_enum_values_total", "Values of Zoom's that the schema does not know, at most 100 an operation."),
		respelled:     counter("zoomgraph_zoom_spellings_total", "Values of Zoom's that were spelled as another kind of JSON than the schema has, and read all the same."),

		calls: counter("zoomgraph_zoom_calls_total", "Requests sent to Zoom's API, repeated ones each time."),
		callDuration: seconds("zoomgraph_zoom_call_duration_seconds", "Time from sending a request to the end of Zoom's answer.",
			.01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60),
		waited: seconds("zoomgraph_zoom_call_wait_seconds", "Time a request waited before it was sent, for its turn above all.",
			.001, .01, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60),
		limited: counter("zoomgraph_zoom_rate_limited_total", "Requests that Zoom refused for its rate limit."),
		mints:   counter("zoomgraph_token_mints_total", "Access tokens asked for at Zoom."),
	}, errors.Join(all...)
}

// numbers are what each operation counts. They are told where the metrics are read: the SDK's own counters look their labels
// up each time, and an operation that is answered from memory takes little longer than that.
type numbers struct {
	ended             [unknown + 1][refused + 1]atomic.Int64
	cached, coalesced atomic.Int64
}

// otherOperation stands for the names that clients give their operations, of which there is no end.
const otherOperation = "other"

// labelsOfOperation are those of an operation's duration, for each kind. They are made once, as it takes long.
func labelsOfOperation() (of [unknown + 1][]metric.RecordOption) {
	for k := range of {
		of[k] = []metric.RecordOption{ofKind(kind(k))}
	}
	return of
}

func ofKind(k kind, more ...attribute.KeyValue) metric.MeasurementOption {
	return metric.WithAttributes(append(more, attribute.String("type", k.String()), attribute.String("operation", otherOperation))...)
}

// tell makes the metrics of the numbers. What has not happened yet has none.
func (n *numbers) tell(meter metric.Meter) error {
	_, ended := meter.Int64ObservableCounter("zoomgraph_operations_total", metric.WithDescription("GraphQL operations that ended."),
		metric.WithInt64Callback(func(_ context.Context, to metric.Int64Observer) error {
			for k := range n.ended {
				for o := range n.ended[k] {
					observe(to, &n.ended[k][o], ofKind(kind(k), attribute.String("outcome", outcome(o).String())))
				}
			}
			return nil
		}))
	_, saved := meter.Int64ObservableCounter("zoomgraph_operation_reads_saved_total",
		metric.WithDescription("Reads that an operation needed and that cost it no call."),
		metric.WithInt64Callback(func(_ context.Context, to metric.Int64Observer) error {
			observe(to, &n.cached, labelled("by", "cache"))
			observe(to, &n.coalesced, labelled("by", "coalescing"))
			return nil
		}))
	return errors.Join(ended, saved)
}

// observe tells a number that is not zero.
func observe(to metric.Int64Observer, n *atomic.Int64, labels metric.MeasurementOption) {
	if n := n.Load(); n > 0 {
		to.Observe(n, labels)
	}
}

// build is the metric that says which build this is.
func (t *Telemetry) build(opts Options) error {
	_, err := t.meter.Int64ObservableGauge("zoomgraph_build_info",
		metric.WithDescription("Always 1; its labels say which build this is."),
		metric.WithInt64Callback(func(_ context.Context, o metric.Int64Observer) error {
			o.Observe(1, metric.WithAttributes(attribute.String("version", opts.Version),
				attribute.String("revision", opts.Revision), attribute.String("goversion", runtime.Version())))
			return nil
		}))
	return err
}

// labelled is a label of a metric and what it says.
func labelled(key, value string) metric.MeasurementOption {
	return metric.WithAttributeSet(attribute.NewSet(attribute.String(key, value)))
}

// failed counts an error of an answer. A code that does not belong to the closed set is a mistake of ours.
func (t *Telemetry) failed(ctx context.Context, code string) {
	t.counted.errors.Add(ctx, 1, labelled("code", known(code)))
}

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

var _ client.Observer = (*Telemetry)(nil)

// Called implements [client.Observer].
func (t *Telemetry) Called(ctx context.Context, a client.Attempt) {
	l := t.ofCalls.of(a.Op, a.Status)
	t.counted.calls.Add(ctx, 1, l.calls...)
	t.counted.callDuration.Record(ctx, a.Took.Seconds(), l.duration...)
	t.counted.waited.Record(ctx, a.Waited.Seconds(), l.waited...)
	if a.Code == client.CodeRateLimited {
		t.counted.limited.Add(ctx, 1, l.limited...)
	}
	if t.traces != nil {
		t.traces.called(ctx, a)
	}
}

// callLabels are those of calls, made once for each operation and kind of status: to make and hash a set of them takes
// longer than to count with it.
type callLabels struct {
	mu   sync.RWMutex
	made map[outcomeOfCall]*labelsOfCall
}

// outcomeOfCall is what tells the labels of one call from those of another. Operations are shared, so they are as many as
// there are; of statuses there are those that have a name.
type outcomeOfCall struct {
	op     *client.Op
	status int // see statusClass
}

type labelsOfCall struct {
	calls, limited   []metric.AddOption
	duration, waited []metric.RecordOption
}

func (c *callLabels) of(op *client.Op, status int) *labelsOfCall {
	key := outcomeOfCall{op, statusClass(status)}
	c.mu.RLock()
	l := c.made[key]
	c.mu.RUnlock()
	if l != nil {
		return l
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.made == nil {
		c.made = map[outcomeOfCall]*labelsOfCall{}
	}
	if c.made[key] == nil {
		c.made[key] = newLabelsOfCall(key)
	}
	return c.made[key]
}

func newLabelsOfCall(of outcomeOfCall) *labelsOfCall {
	operation, label := attribute.String("operation", of.op.ID), attribute.String("label", labelName(of.op.Label))
	byLabel := metric.WithAttributeSet(attribute.NewSet(label))
	return &labelsOfCall{
		calls:    []metric.AddOption{metric.WithAttributeSet(attribute.NewSet(operation, label, attribute.String("status", statusName(of.status))))},
		limited:  []metric.AddOption{byLabel},
		duration: []metric.RecordOption{metric.WithAttributeSet(attribute.NewSet(operation, label))},
		waited:   []metric.RecordOption{byLabel},
	}
}

// Minted implements [client.Observer].
func (t *Telemetry) Minted(ctx context.Context, m client.Mint) {
	outcome := ok
	if m.Code != "" {
		outcome = failed
	}
	t.counted.mints.Add(ctx, 1, labelled("outcome", outcome.String()))
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
