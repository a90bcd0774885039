// Zoomgraph serves GraphQL over the Zoom REST API. Run it without arguments and
// it answers on http://127.0.0.1:8080 from an embedded Zoom with made-up data;
// give it a Zoom app's credentials and it answers from that account:
//
//	zoomgraph --help
//
// This file only puts the parts together; package config says what there is to
// choose.
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"runtime/debug"
	"sync"
	"syscall"
	"time"

	"zoomgraph/client"
	"zoomgraph/graph"
	"zoomgraph/internal/answering"
	"zoomgraph/internal/callers"
	"zoomgraph/internal/callers/issuer"
	"zoomgraph/internal/config"
	"zoomgraph/internal/edge"
	"zoomgraph/internal/edge/document"
	"zoomgraph/internal/gctarget"
	"zoomgraph/internal/scopes"
	"zoomgraph/internal/shares"
	"zoomgraph/internal/store"
	"zoomgraph/internal/telemetry"
	"zoomgraph/web"
)

// The program's exit codes beside 0.
const (
	exitFailed = 1
	exitUsage  = 2
)

// gcPercent is the default of GOGC. What lives between requests is a few MiB, so
// Go's own default would collect after every 4 MiB of garbage: a quarter of the
// CPU of a busy service. Where large answers live, garbage is held to maxGarbage
// bytes. GOGC and GOMEMLIMIT count as everywhere.
const (
	gcPercent  = 400
	maxGarbage = 48 << 20
)

func main() {
	if os.Getenv("GOGC") == "" {
		gctarget.Limit(gcPercent, maxGarbage)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	code := run(ctx, os.Args[1:], os.LookupEnv, os.Stdout, os.Stderr)
	stop()
	os.Exit(code)
}

// run does what args say until it is done or ctx ends, and returns the exit
// code.
func run(ctx context.Context, args []string, env func(string) (string, bool), stdout, stderr io.Writer) int {
	cmd, err := config.Parse(args, env, stdout)
	if errors.Is(err, config.ErrHelp) {
		return 0
	}
	if err != nil {
		return wrongUsage(stderr, err)
	}
	switch cmd := cmd.(type) {
	case *config.Serve:
		err = serve(ctx, cmd, stdout, stderr)
	case *config.Sandbox:
		err = serveSandbox(ctx, cmd, stdout, stderr)
	case *config.Schema:
		err = printSchema(stdout)
	case *config.Scopes:
		err = printScopes(cmd, stdout)
	case *config.ExportSettings:
		err = exportSettings(ctx, cmd, args, stdout, stderr)
	case *config.CheckDocuments:
		err = checkDocuments(cmd.File, cmd.MaxCalls, stdout)
	case *config.CallerNew:
		err = newCaller(cmd, stdout)
	case *config.Version:
		_, err = fmt.Fprintln(stdout, "zoomgraph", version())
	}
	switch {
	case err == nil:
		return 0
	case errors.As(err, new(usageError)):
		return wrongUsage(stderr, err)
	}
	_, _ = fmt.Fprintf(stderr, "zoomgraph: %v\n", err)
	return exitFailed
}

func wrongUsage(stderr io.Writer, err error) (code int) {
	_, _ = fmt.Fprintf(stderr, "zoomgraph: %v\nRun zoomgraph --help to see what can be set.\n", err)
	return exitUsage
}

// serve runs the service, on the embedded Zoom where there are no credentials.
func serve(ctx context.Context, cfg *config.Serve, stdout, stderr io.Writer) error {
	log := newLog(&cfg.Zoom, config.SecretsOf(cfg), stderr)
	seen, err := telemetry.New(ctx, telemetry.Options{Version: version(), Logger: log})
	if err != nil {
		return err
	}
	defer seen.Shutdown(ctx)
	l, err := listen(ctx, cfg.Addr, "addr")
	if err != nil {
		return err
	}
	known, err := store.New(store.Options{TTL: cfg.CacheTTL, UsersTTL: cfg.UsersTTL(), ServeStale: cfg.ServeStale, Logger: log})
	if err != nil {
		return err
	}
	defer known.Close()
	places := shares.New(cfg.MaxInFlightRequests)
	z, err := connect(ctx, &cfg.Zoom, known, graph.Options{
		MaxCalls: cfg.MaxCalls, MaxAnswerBytes: cfg.MaxAnswerBytes, Explain: !cfg.NoExplain, EventTimeout: cfg.RequestTimeout, EventPlace: eventPlace(places),
	}, client.Config{Logger: log, Observer: seen})
	if err != nil {
		return err
	}
	defer z.stop()
	if err := z.letPeopleIn(cfg, "http://"+l.Addr().String()); err != nil {
		return err
	}
	who, issued, err := z.authenticator(ctx, cfg, log)
	if err != nil {
		return err
	}
	open, accepted := new(edge.Connections), new(edge.Accepted)
	if err := watch(seen, z, known, issued, open, accepted, places); err != nil {
		return err
	}
	tour := tour{addr: l.Addr().String(), query: exampleUsers, closed: cfg.Authenticated(), people: z.people != nil, keyless: len(cfg.Callers) == 0 && cfg.OIDC == nil && !cfg.PassThrough}
	if z.sandbox != nil {
		tour.sandbox = z.address
		tour.query = fmt.Sprintf(exampleUser, z.sandbox.Users()[0].Email)
	}
	options, err := edgeOptions(cfg, z, seen, tour, log)
	if err != nil {
		return err
	}
	bound := maxConnections(cfg, accepted, log)
	options.Ready, options.Connections, options.MaxConnections = z.ready(cfg, issued), open, bound.Connections
	options.Places, options.Holder, options.Sharing = places, who.Holder, callers.Sharing
	if z.people != nil {
		options.SignIn = z.people
	}
	options.Files = z.facade.Files()
	options.Callers, options.Identify = who.Middleware, identify(who)
	handler, err := edge.New(options)
	if err != nil {
		return err
	}
	admin := edge.AdminOptions{Addr: cfg.AdminAddr, Service: handler, States: z.states(issued), Metrics: seen.Handler(cfg.Profiles)}
	if err := serveAdmin(ctx, admin, log); err != nil {
		return err
	}
	var greeted sync.WaitGroup
	defer greeted.Wait()
	greeted.Go(func() { // while requests are answered already
		z.firstTokens(ctx)
		tour.print(z.greeting(), stdout)
	})
	z.watchHealth(ctx)
	return edge.ServeWithin(ctx, l, handler, log, bound)
}

// maxConnections is how many connections the service accepts. The log is told if the limit of descriptors leaves few.
func maxConnections(cfg *config.Serve, counts *edge.Accepted, log *slog.Logger) edge.Bound {
	most, low := edge.MaxConnections(cfg.MaxConnections, cfg.MaxInFlight)
	if low {
		log.Warn("the limit of descriptors leaves few connections; raise it (ulimit -n, or LimitNOFILE of systemd), or lower --zoom-max-in-flight", "connections", most)
	}
	return edge.Bound{Connections: most, Judged: true, Counts: counts}
}

// identify finds the callers of connections that stay, and tells how long they are known.
func identify(who *callers.Authenticator) edge.Identify {
	return func(ctx context.Context, init http.Header, r *http.Request) (context.Context, edge.Known, error) {
		ctx, name, err := who.Identify(ctx, init, r)
		if err != nil {
			return ctx, edge.Known{}, err
		}
		caller := callers.From(ctx)
		return ctx, edge.Known{Caller: name, Until: caller.Until, Check: caller.Check}, nil
	}
}

// eventPlace waits for a place in flight for the answer to a change.
func eventPlace(places *shares.Places) func(context.Context) (func(), error) {
	return func(ctx context.Context) (func(), error) {
		place, err := places.Wait(ctx, shares.From(ctx))
		var none *shares.Refused
		switch {
		case errors.As(err, &none):
			return nil, &client.Error{
				Code:    client.CodeRateLimited,
				Message: fmt.Sprintf("a change could not be answered in time: a caller has %d answers to changes at a time, and none while %d bytes of earlier ones wait for its clients", shares.EventsPerCaller, shares.OwedPerCaller),
				Hint:    "ask for what it was; select less, or take answers faster",
			}
		case err != nil:
			return nil, err
		}
		return place.Leave, nil
	}
}

// watch adds the metrics of what is put together here.
func watch(seen *telemetry.Telemetry, z *zoom, known *store.Store, issued *issuer.Issuer, open *edge.Connections, accepted *edge.Accepted, places *shares.Places) error {
	from := telemetry.Sources{Places: places.State, Store: known.Counts, Fallbacks: z.filterFallbacks, Connections: open, Accepted: accepted, Budgets: z.budgets(), Healths: z.healths(), Slots: z.to.Slots.State}
	if issued != nil {
		from.Issuer = func() bool { return issued.Ready() == nil }
	}
	if z.fleet != nil {
		from.Fleet = func() (bool, int) {
			health := z.fleet.Health()
			return health.Up, health.Replicas
		}
	}
	return seen.Watch(from)
}

// serveAdmin serves those who run the service until ctx ends, where there is an address for them.
func serveAdmin(ctx context.Context, o edge.AdminOptions, log *slog.Logger) error {
	if o.Addr == "" {
		return nil
	}
	l, err := listen(ctx, o.Addr, "admin-addr")
	if err != nil {
		return err
	}
	go func() {
		if err := edge.ServeWithin(ctx, l, edge.NewAdmin(o), log, edge.Bound{Connections: edge.AdminConnections, Judged: true}); err != nil {
			log.ErrorContext(ctx, "the admin port is not served any more", "error", err)
		}
	}()
	return nil
}

func edgeOptions(cfg *config.Serve, z *zoom, seen *telemetry.Telemetry, tour tour, log *slog.Logger) (edge.Options, error) {
	o := edge.Options{
		Schema:         z.facade.Executable,
		SDL:            z.facade.Program.SDL(),
		Extensions:     seen.Around(z.facade.Extensions()),
		ErrorPresenter: seen.PresentError(z.facade.PresentError),
		RequestTimeout: cfg.RequestTimeout,
		Answers:        answering.NewBudget(cfg.AnswersBudget, cfg.MaxAnswerBytes),
		MinAnswerRate:  cfg.MinAnswerRate,
		Introspection:  cfg.Introspection,
		AllowedOrigins: cfg.AllowedOrigins,
		Proxies:        cfg.TrustedProxies,
		RequestsBudget: cfg.RequestsBudget,
		PublicURL:      cfg.SignIn.PublicURL,
		Addr:           cfg.Addr,
		Logger:         log,
		Example:        tour.query,
		Console:        web.Files(),
		Version:        version(),
		Closed:         tour.closed,
		Sandbox:        tour.sandbox,
		Draft2026:      cfg.HTTPStatus == config.Draft2026,
		DocumentsOnly:  cfg.DocumentsOnly,
		Refused:        seen.Refused,
		Subscriptions:  edge.SubscriptionLimits{All: cfg.MaxSubscriptions, PerCaller: cfg.MaxSubscriptionsPerCaller},
		UploadBytes:    cfg.UploadSpoolBytes,
		Caller:         func(ctx context.Context) string { return callers.From(ctx).Name },
	}
	if cfg.Documents == "" {
		return o, nil
	}
	var err error
	o.Documents, err = document.ReadManifest(cfg.Documents)
	return o, err
}

// atOnce is the part of a second's calls that may leave together: a little less
// than Zoom allows, because calls bunch on their way, and one that Zoom refuses
// costs more time than holding back three.
const atOnce = 0.95

// budgetOf is what calls are paced by; nil where they are not.
func budgetOf(a config.Account) (*client.Budget, error) {
	if !a.Paced {
		return nil, nil
	}
	limits, err := client.PlanLimits(client.Plan(cmp.Or(a.Plan, config.PlanPro)))
	if err != nil {
		return nil, err
	}
	for label, rate := range a.Rate.PerSecond {
		limits[client.Label(label)] = client.Limit{PerSecond: rate, PerDay: limits[client.Label(label)].PerDay}
	}
	for label, limit := range limits {
		limit.Burst = max(1, limit.PerSecond*atOnce)
		limits[label] = limit
	}
	return client.NewBudget(limits, a.Share, time.Now)
}

func printSchema(stdout io.Writer) error {
	source, err := readProgram()
	if err != nil {
		return err
	}
	_, err = io.WriteString(stdout, source.SDL())
	return err
}

func printScopes(cfg *config.Scopes, stdout io.Writer) error {
	source, err := readProgram()
	if err != nil {
		return err
	}
	report, err := scopes.Read(source, cfg.Files...)
	switch {
	case err != nil:
		return fmt.Errorf("these documents cannot be sent as they are:\n%w", err)
	case cfg.Format == "json":
		return report.WriteJSON(stdout)
	default:
		return report.WriteText(stdout)
	}
}

func listen(ctx context.Context, addr, option string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w; choose another address with --%s", addr, err, option)
	}
	return l, nil
}

// newLog makes the log, which hides the given secrets and what looks like one.
func newLog(cfg *config.Zoom, secrets []string, w io.Writer) *slog.Logger {
	opts := &slog.HandlerOptions{Level: cfg.LogLevel}
	if cfg.LogFormat == config.LogJSON {
		return slog.New(telemetry.Redact(slog.NewJSONHandler(w, opts), secrets...))
	}
	return slog.New(telemetry.Redact(slog.NewTextHandler(w, opts), secrets...))
}

// version says which build this is, as far as the toolchain recorded it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	revision, modified := "", ""
	for _, s := range info.Settings {
		switch {
		case s.Key == "vcs.revision":
			revision = " " + s.Value[:min(len(s.Value), 12)]
		case s.Key == "vcs.modified" && s.Value == "true":
			modified = " (modified)"
		}
	}
	return cmp.Or(info.Main.Version, "(devel)") + revision + modified + " " + info.GoVersion
}
