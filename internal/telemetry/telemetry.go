// Package telemetry is what an operator sees of the service: metrics, traces, and a log without secrets.
//
//	log := slog.New(telemetry.Redact(handler))
//	t, err := telemetry.New(ctx, telemetry.Options{Version: version, Logger: log})
//	defer t.Shutdown(ctx)
//
//	client.Config{Observer: t, …}
//	edge.Options{Extensions: t.Around(facade.Extensions()), ErrorPresenter: t.PresentError(facade.PresentError), …}
//	// and t.Refused is told of each request that is refused before it becomes an operation
//	err = t.Watch(telemetry.Sources{Store: known.Counts, …})
//	// t.Handler(false) answers on the admin address.
//
// Every metric stands in docs/telemetry.md. What a label may say comes from a closed set, of the schema or of this
// package, never from a client: neither can be made to fill the memory, nor does a secret get into them.
//
// Traces go to a collector by OTLP over HTTP where OTEL_EXPORTER_OTLP_ENDPOINT or OTEL_EXPORTER_OTLP_TRACES_ENDPOINT is
// set, as the other variables of OpenTelemetry's SDK say; otherwise there are none, and they cost nothing.
package telemetry

import (
	"context"
	"log/slog"
	"net/http"
	"net/http/pprof"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// scope names this package to OpenTelemetry.
const scope = "zoomgraph"

// Options are what New needs; the zero value will do.
type Options struct {
	// Version and Revision say which build this is.
	Version, Revision string
	// Logger is told when the collector of traces cannot be reached; nil discards it.
	Logger *slog.Logger
}

// Telemetry counts and traces what goes on. It is safe for concurrent use.
type Telemetry struct {
	registry *prometheus.Registry
	counted  counted
	calls    *callMetrics
	traces   *traces // nil: none
	log      *slog.Logger
}

// New makes the metrics, and the traces if the environment asks for them. It sends nothing.
func New(ctx context.Context, opts Options) (*Telemetry, error) {
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	t := &Telemetry{registry: prometheus.NewRegistry(), log: opts.Logger}
	t.registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	t.counted, t.calls = newCounted(t.registry), newCallMetrics(t.registry)
	build(t.registry, opts)
	var err error
	t.traces, err = newTraces(ctx, opts)
	return t, err
}

// Handler serves /metrics and, with profiles, those under /debug/pprof, for those who run the service: it asks nobody who
// they are. The command line is not among the profiles, since a secret may stand in it. A profile costs the service time,
// and tells what it does.
func (t *Telemetry) Handler(profiles bool) http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(t.registry, promhttp.HandlerOpts{
		ErrorLog: slog.NewLogLogger(t.log.Handler(), slog.LevelWarn), ErrorHandling: promhttp.ContinueOnError,
	}))
	if !profiles {
		mux.HandleFunc("GET /debug/pprof/", func(w http.ResponseWriter, _ *http.Request) {
			http.Error(w, "profiles are off; --profiles turns them on", http.StatusNotFound)
		})
		return mux
	}
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}

// Shutdown delivers what has been traced. What could not be delivered within five seconds is lost. It is called once,
// after the last operation.
func (t *Telemetry) Shutdown(ctx context.Context) {
	if t.traces != nil {
		t.traces.shutdown(ctx)
	}
}
