package command

import (
	"context"
	"fmt"
	"log/slog"
	"net"

	"zoomgraph/graph"
	"zoomgraph/internal/config"
	"zoomgraph/internal/edge"
	"zoomgraph/internal/sandbox"
)

// This file serves the embedded Zoom: beside the service, and alone.

// startSandbox serves an embedded Zoom on l until stop is called, which is to
// happen after what calls it has ended. Its groups decide as it is declared.
func startSandbox(ctx context.Context, l net.Listener, facade *graph.Server, a config.AccountEntry, log *slog.Logger) (zoom *sandbox.Server, stop func(), err error) {
	groups := sandbox.Config{GroupModel: sandbox.GroupModel(a.GroupModel)}
	for _, rank := range a.GroupRanks.List {
		groups.GroupRanks = append(groups.GroupRanks, sandbox.GroupRank(rank))
	}
	zoom, err = sandbox.New(sandbox.Options{Program: facade.Program, Config: groups})
	if err != nil {
		return nil, nil, err
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := edge.Serve(ctx, l, zoom, log); err != nil {
			log.ErrorContext(ctx, "the sandbox stopped", "error", err)
		}
	}()
	stop = func() {
		cancel()
		<-done
	}
	return zoom, stop, nil
}

// sandbox runs the embedded Zoom alone.
func (c Call) sandbox(ctx context.Context, cfg *config.Sandbox) error {
	source, err := c.program()
	if err != nil {
		return err
	}
	zoom, err := sandbox.New(sandbox.Options{
		Program: source,
		Users:   cfg.Users, Seed: cfg.Seed,
		ClientID: cfg.ClientID, ClientSecret: string(cfg.ClientSecret), AccountID: cfg.AccountID,
		ChatbotClientID: cfg.ChatbotClientID, ChatbotClientSecret: string(cfg.ChatbotClientSecret),
		Config: sandbox.Config{RPS: cfg.RPS, Latency: sandbox.Duration(cfg.Latency)},
	})
	if err != nil {
		return err
	}
	l, err := listen(ctx, cfg.Addr, "addr")
	if err != nil {
		return err
	}
	base := "http://" + l.Addr().String()
	_, err = fmt.Fprintf(c.Stdout, `The embedded Zoom is ready, with %d made-up users.

  API        %[2]s/v2
  Token      %[2]s/oauth/token
  Sign-in    %[2]s/oauth/authorize
  Log        %[2]s/__log
  Counts     %[2]s/__stats
  Users      %[2]s/__users
  Settings   %[2]s/__config (POST changes them)
`, len(zoom.Users()), base)
	if err != nil {
		return err
	}
	return edge.Serve(ctx, l, zoom, slog.New(slog.NewTextHandler(c.Stderr, nil)))
}
