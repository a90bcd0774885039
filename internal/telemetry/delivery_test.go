package telemetry

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
)

// exporter answers as it is told to.
type exporter struct {
	export func(ctx context.Context) error
}

func (e exporter) ExportSpans(ctx context.Context, _ []sdktrace.ReadOnlySpan) error {
	return e.export(ctx)
}
func (exporter) Shutdown(context.Context) error { return nil }

// The log hears of an outage of the collector once, and of its end.
func TestOutageOfTheCollector(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	var next error
	d := &delivery{
		SpanExporter: exporter{func(context.Context) error { return next }},
		patience:     t.Context(), log: slog.New(slog.NewTextHandler(&out, nil)),
	}
	down := errors.New("post https://me:canary@collector: refused")
	for _, next = range []error{nil, down, down, down, nil, nil, down, nil} {
		if err := d.ExportSpans(t.Context(), nil); err != nil {
			t.Errorf("%v reaches the SDK, which has a log of its own", err)
		}
	}
	log := out.String()
	if strings.Count(log, "cannot be delivered") != 2 || strings.Count(log, "delivered again") != 2 || strings.Contains(log, "canary") {
		t.Error(log)
	}
}

// The end of the service waits five seconds for the last spans, whoever asked for it has left or not, and then leaves
// nothing behind.
func TestShutdownIsBounded(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		export func(ctx context.Context) error
		want   time.Duration
	}{
		"hanging": {func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }, flushTimeout},
		"slow":    {func(context.Context) error { time.Sleep(2 * time.Second); return nil }, 2 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				patience, abandon := context.WithCancel(context.Background())
				d := &delivery{SpanExporter: exporter{test.export}, patience: patience, log: slog.New(slog.DiscardHandler)}
				provider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(d))
				_, span := provider.Tracer("").Start(t.Context(), "last")
				span.End()
				ended, cancel := context.WithCancel(t.Context())
				cancel()
				start := time.Now()
				(&traces{provider: provider, abandon: abandon}).shutdown(ended)
				if took := time.Since(start); took != test.want {
					t.Errorf("took %v, want %v", took, test.want)
				}
				synctest.Wait()
			})
		})
	}
}
