package command

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"zoomgraph/client"
	"zoomgraph/graph"
	"zoomgraph/internal/callers"
	"zoomgraph/internal/config"
	"zoomgraph/internal/edge"
	"zoomgraph/internal/footprint"
	"zoomgraph/internal/shares"
	"zoomgraph/internal/store"
	"zoomgraph/internal/telemetry"
)

// serve runs the service, on the embedded Zoom where there are no credentials.
func (c Call) serve(ctx context.Context, cfg *config.Serve) error {
	log := newLog(&cfg.Zoom, config.SecretsOf(cfg), c.Stderr)
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
	w, err := c.connect(ctx, &cfg.Zoom, known, graph.Options{
		MaxCalls: cfg.MaxCalls, MaxAnswerBytes: cfg.MaxAnswerBytes, Explain: !cfg.NoExplain, EventTimeout: cfg.RequestTimeout, EventPlace: eventPlace(places),
		Executor: graph.Executor(cfg.Executor),
	}, client.Config{Logger: log, Observer: seen})
	if err != nil {
		return err
	}
	defer w.stop()
	if err := w.letPeopleIn(cfg, "http://"+l.Addr().String()); err != nil {
		return err
	}
	who, issued, err := w.authenticator(ctx, cfg, log)
	if err != nil {
		return err
	}
	open, accepted := new(edge.Connections), new(edge.Accepted)
	if err := watch(seen, w, known, issued, open, accepted, places); err != nil {
		return err
	}
	tour := tour{addr: l.Addr().String(), query: exampleUsers, closed: cfg.Authenticated(), people: w.people != nil, keyless: len(cfg.Callers) == 0 && cfg.OIDC == nil && !cfg.PassThrough}
	if w.sandbox != nil {
		tour.sandbox = w.address
		tour.query = fmt.Sprintf(exampleUser, w.sandbox.Users()[0].Email)
	}
	options, err := edgeOptions(cfg, w, seen, tour, log)
	if err != nil {
		return err
	}
	bound := maxConnections(cfg, accepted, log)
	options.Ready, options.Connections, options.MaxConnections = w.ready(cfg, issued), open, bound.Connections
	options.Places, options.Holder, options.Sharing = places, who.Holder, callers.Sharing
	if w.people != nil {
		options.SignIn = w.people
	}
	options.Files = w.facade.Files()
	options.Callers, options.Identify = who.Middleware, identify(who)
	handler, err := edge.New(options)
	if err != nil {
		return err
	}
	admin := edge.AdminOptions{Addr: cfg.AdminAddr, Service: handler, States: w.states(issued), Metrics: seen.Handler(cfg.Profiles)}
	if err := serveAdmin(ctx, admin, log); err != nil {
		return err
	}
	var beside sync.WaitGroup // while requests are answered already
	defer beside.Wait()
	beside.Go(func() {
		w.firstTokens(ctx)
		tour.print(w.greeting(), c.Stdout)
	})
	beside.Go(func() { trim(ctx) })
	w.watchHealth(ctx)
	return edge.ServeWithin(ctx, l, handler, log, bound)
}

// settled is how long after its start a service lets go of what only that needed: behind its first answers.
const settled = 300 * time.Millisecond

func trim(ctx context.Context) {
	select {
	case <-time.After(settled):
		footprint.Trim()
	case <-ctx.Done():
	}
}

// maxConnections is how many connections the service accepts. The log is told if the limit of descriptors leaves few.
func maxConnections(cfg *config.Serve, counts *edge.Accepted, log *slog.Logger) edge.Bound {
	most, low := edge.MaxConnections(cfg.MaxConnections, cfg.MaxInFlight)
	if low {
		log.Warn("the limit of descriptors leaves few connections; raise it (ulimit -n, or LimitNOFILE of systemd), or lower --zoom-max-in-flight", "connections", most)
	}
	return edge.Bound{Connections: most, Judged: true, Counts: counts}
}
