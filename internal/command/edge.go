package command

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"zoomgraph/client"
	"zoomgraph/graph"
	"zoomgraph/internal/answering"
	"zoomgraph/internal/callers"
	"zoomgraph/internal/callers/issuer"
	"zoomgraph/internal/config"
	"zoomgraph/internal/edge"
	"zoomgraph/internal/edge/document"
	"zoomgraph/internal/reference"
	"zoomgraph/internal/shares"
	"zoomgraph/internal/store"
	"zoomgraph/internal/telemetry"
	"zoomgraph/web"
)

// This file joins the HTTP side of the service to the rest.

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
func watch(seen *telemetry.Telemetry, w *wiring, known *store.Store, issued *issuer.Issuer, open *edge.Connections, accepted *edge.Accepted, places *shares.Places) error {
	from := telemetry.Sources{Places: places.State, Store: known.Counts, Fallbacks: w.filterFallbacks, Connections: open, Accepted: accepted, Budgets: w.budgets(), Healths: w.healths(), Chatbots: w.chatbots(), Slots: w.to.Slots.State, Unnamed: w.unnamed}
	if issued != nil {
		from.Issuer = func() bool { return issued.Ready() == nil }
	}
	if w.fleet != nil {
		from.Fleet = func() (bool, int) {
			health := w.fleet.Health()
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

func edgeOptions(cfg *config.Serve, w *wiring, seen *telemetry.Telemetry, tour tour, log *slog.Logger) (edge.Options, error) {
	o := edge.Options{
		Schema:         w.facade.Executable,
		SDL:            w.facade.Program.SDL,
		Extensions:     seen.Around(w.facade.Extensions()),
		ErrorPresenter: seen.PresentError(w.facade.PresentError),
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
		Reference:      reference.New(w.facade.Program, graph.Price, time.Now).Served("../graphiql"),
	}
	if cfg.Documents == "" {
		return o, nil
	}
	var err error
	o.Documents, err = document.ReadManifest(cfg.Documents)
	return o, err
}
