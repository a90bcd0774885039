package telemetry

import (
	"context"
	"errors"
	"runtime"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"zoomgraph/client"
)

// instruments are the metrics that are counted as things happen. Those of calls stand in calls.go, those that are only
// looked at in sources.go.
type instruments struct {
	operations        metric.Int64Counter
	operationDuration metric.Float64Histogram
	saved             metric.Int64Counter
	errors            metric.Int64Counter
	unknownValues     metric.Int64Counter
	respelled         metric.Int64Counter

	mints metric.Int64Counter
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
		operations: counter("zoomgraph_operations_total", "GraphQL operations that ended."),
		operationDuration: seconds("zoomgraph_operation_duration_seconds", "Time from an operation's arrival to its answer.",
			.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30),
		saved:         counter("zoomgraph_operation_reads_saved_total", "Reads that an operation needed and that cost it no call."),
		errors:        counter("zoomgraph_errors_total", "Errors in answers."),
		unknownValues: counter("zoomgraph_unknown_enum_values_total", "Values of Zoom's that the schema does not know, at most 100 an operation."),
		respelled:     counter("zoomgraph_zoom_spellings_total", "Values of Zoom's that were spelled as another kind of JSON than the schema has, and read all the same."),

		mints: counter("zoomgraph_token_mints_total", "Access tokens asked for at Zoom."),
	}, errors.Join(all...)
}

// labels are those of operations, made once: an operation that is answered from memory takes no longer than a few of
// them to make.
type labels struct {
	ended             [unknown + 1][refused + 1][]metric.AddOption
	timed             [unknown + 1][]metric.RecordOption
	cached, coalesced []metric.AddOption
}

// otherOperation stands for the names that clients give their operations, of which there is no end.
const otherOperation = "other"

func newLabels() *labels {
	l := &labels{
		cached:    []metric.AddOption{labelled("by", "cache")},
		coalesced: []metric.AddOption{labelled("by", "coalescing")},
	}
	name := attribute.String("operation", otherOperation)
	for k := range l.timed {
		kind := attribute.String("type", kind(k).String())
		l.timed[k] = []metric.RecordOption{metric.WithAttributeSet(attribute.NewSet(kind, name))}
		for o := range l.ended[k] {
			l.ended[k][o] = []metric.AddOption{metric.WithAttributeSet(attribute.NewSet(kind, name, attribute.String("outcome", outcome(o).String())))}
		}
	}
	return l
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
