package telemetry

import (
	"cmp"
	"context"
	"encoding/binary"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"zoomgraph/client"
	"zoomgraph/internal/redact"
	"zoomgraph/internal/reqid"
)

// No span holds what a client wrote: no document, no variables, no names or aliases of its own.

// flushTimeout is how long the delivery of the last spans may take.
const flushTimeout = 5 * time.Second

type traces struct {
	tracer   trace.Tracer
	provider *sdktrace.TracerProvider
	abandon  context.CancelFunc // ends a delivery under way
}

// newTraces reads the environment; nil: no traces are asked for.
func newTraces(ctx context.Context, opts Options) (*traces, error) {
	endpoint := cmp.Or(os.Getenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"), os.Getenv("OTEL_EXPORTER_OTLP_ENDPOINT"))
	if endpoint == "" || os.Getenv("OTEL_TRACES_EXPORTER") == "none" || strings.EqualFold(os.Getenv("OTEL_SDK_DISABLED"), "true") {
		return nil, nil
	}
	exporter, err := otlptracehttp.New(ctx)
	if err != nil {
		return nil, fmt.Errorf("telemetry: traces: %w", err)
	}
	about, err := resource.New(ctx,
		resource.WithAttributes(attribute.String("service.name", "zoomgraph"), attribute.String("service.version", opts.Version)),
		resource.WithTelemetrySDK(), resource.WithFromEnv())
	if err != nil {
		return nil, fmt.Errorf("telemetry: OTEL_RESOURCE_ATTRIBUTES: %w", err)
	}
	root, err := sampler(os.Getenv("OTEL_TRACES_SAMPLER"), os.Getenv("OTEL_TRACES_SAMPLER_ARG"))
	if err != nil {
		return nil, err
	}
	patience, abandon := context.WithCancel(context.WithoutCancel(ctx))
	provider := sdktrace.NewTracerProvider(
		sdktrace.WithBatcher(&delivery{SpanExporter: exporter, patience: patience, log: opts.Logger}),
		sdktrace.WithResource(about),
		sdktrace.WithSampler(sdktrace.ParentBased(root, sdktrace.WithRemoteParentSampled(foreign{root}))),
	)
	return &traces{tracer: provider.Tracer(scope), provider: provider, abandon: abandon}, nil
}

func (t *traces) shutdown(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), flushTimeout)
	defer cancel()
	defer t.abandon()
	_ = t.provider.Shutdown(ctx) // delivery has told the log what there was to tell
}

// sampler decides about traces that begin here, as OTEL_TRACES_SAMPLER says; those that go on here are asked for their
// parent's decision in any case.
func sampler(name, arg string) (sdktrace.Sampler, error) {
	switch name {
	case "", "always_on", "parentbased_always_on":
		return sdktrace.AlwaysSample(), nil
	case "always_off", "parentbased_always_off":
		return sdktrace.NeverSample(), nil
	case "traceidratio", "parentbased_traceidratio":
		ratio, err := strconv.ParseFloat(cmp.Or(arg, "1"), 64)
		if err != nil || !(ratio >= 0 && ratio <= 1) {
			return nil, fmt.Errorf("telemetry: OTEL_TRACES_SAMPLER_ARG: %q is no number from 0 to 1", arg)
		}
		return sdktrace.TraceIDRatioBased(ratio), nil
	}
	return nil, fmt.Errorf("telemetry: OTEL_TRACES_SAMPLER: %q is none of always_on, always_off, traceidratio, or these with parentbased_ before them", name)
}

// foreign decides about traces that a client has begun and wants sampled: as about those that begin here. A client
// picks its trace's id, so the decision must not hang on that.
type foreign struct{ sdktrace.Sampler }

// ShouldSample implements sdktrace.Sampler.
func (f foreign) ShouldSample(p sdktrace.SamplingParameters) sdktrace.SamplingResult {
	binary.BigEndian.PutUint64(p.TraceID[8:], rand.Uint64())
	return f.Sampler.ShouldSample(p)
}

// delivery brings spans to the collector. It tells the log when that begins to fail and when it works again, and
// nobody else: nothing hangs on traces.
type delivery struct {
	sdktrace.SpanExporter
	patience context.Context //nolint:containedctx // the service's, of which the batches' know nothing
	log      *slog.Logger
	failing  atomic.Bool
}

// ExportSpans implements sdktrace.SpanExporter.
func (d *delivery) ExportSpans(ctx context.Context, spans []sdktrace.ReadOnlySpan) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(d.patience, cancel)()
	err := d.SpanExporter.ExportSpans(ctx, spans)
	switch {
	case err != nil && !d.failing.Swap(true):
		d.log.LogAttrs(ctx, slog.LevelWarn, "traces cannot be delivered, and are dropped meanwhile", slog.String("error", redact.Text(err.Error())))
	case err == nil && d.failing.Swap(false):
		d.log.LogAttrs(ctx, slog.LevelInfo, "traces are delivered again")
	}
	return nil
}

// operation begins the span of an operation, in the client's trace if it has one.
func (t *traces) operation(ctx context.Context, r *run, headers http.Header) (context.Context, trace.Span) {
	parent := propagation.MapCarrier{"traceparent": headers.Get("Traceparent")} // a tracestate could say anything
	ctx = propagation.TraceContext{}.Extract(ctx, parent)
	return t.tracer.Start(ctx, r.kind.String(), trace.WithSpanKind(trace.SpanKindServer), trace.WithTimestamp(r.start), trace.WithAttributes(
		attribute.String("graphql.operation.type", r.kind.String()), attribute.String("zoomgraph.request_id", reqid.From(ctx))))
}

func (t *traces) field(ctx context.Context, name string) (context.Context, trace.Span) {
	return t.tracer.Start(ctx, "field "+name, trace.WithAttributes(attribute.String("graphql.field.name", name)))
}

// called makes the span of an attempt that has ended.
func (t *traces) called(ctx context.Context, a client.Attempt) {
	_, span := t.tracer.Start(ctx, a.Op.String(), trace.WithSpanKind(trace.SpanKindClient), trace.WithTimestamp(a.Start))
	if span.IsRecording() {
		span.SetAttributes(
			attribute.String("http.request.method", a.Op.Method), attribute.String("url.template", a.Op.Path),
			attribute.Int("http.response.status_code", a.Status), attribute.Int("http.request.resend_count", a.Number-1),
			attribute.Int("http.response.body.size", a.Bytes),
			attribute.String("zoomgraph.zoom.operation", a.Op.ID), attribute.String("zoomgraph.zoom.label", labelName(a.Op.Label)),
			attribute.Int64("zoomgraph.zoom.waited_ms", a.Waited.Milliseconds()), attribute.Int("zoomgraph.zoom.fields", fieldsSent(a)),
		)
	}
	endSpan(span, string(a.Code), a.Start.Add(a.Took))
}

// fieldsSent is how many settings a call asked for by name.
func fieldsSent(a client.Attempt) int {
	names := a.Query.Get("custom_query_fields")
	if names == "" {
		return 0
	}
	return strings.Count(names, ",") + 1
}

func (t *traces) minted(ctx context.Context, m client.Mint) {
	_, span := t.tracer.Start(ctx, "mint token", trace.WithSpanKind(trace.SpanKindClient), trace.WithTimestamp(m.Start))
	endSpan(span, string(m.Code), m.Start.Add(m.Took))
}

// endSpan ends a span with the code of its error, if it has one.
func endSpan(span trace.Span, code string, at time.Time) {
	if code != "" {
		span.SetStatus(codes.Error, "")
		span.SetAttributes(attribute.String("error.type", code))
	}
	span.End(trace.WithTimestamp(at))
}
