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
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"
	"time"

	"zoomgraph/client"
	"zoomgraph/graph"
	"zoomgraph/internal/config"
	"zoomgraph/internal/edge"
	"zoomgraph/internal/sandbox"
	"zoomgraph/internal/scopes"
)

// The queries a newcomer is shown: of the sandbox one user is known, of a real
// account none.
const (
	exampleUser = `{
  user(id: %q) {
    id
    email
    settings {
      scheduleMeeting { hostVideo }
      inMeeting { waitingRoom }
    }
  }
}`
	exampleUsers = `{
  users(first: 3) {
    nodes {
      id
      email
      settings {
        scheduleMeeting { hostVideo }
        inMeeting { waitingRoom }
      }
    }
  }
}`
)

// The program's exit codes beside 0.
const (
	exitFailed = 1
	exitUsage  = 2
)

// gcPercent is the default of GOGC. What lives between requests is a few MiB, so
// Go's own default would collect after every 4 MiB of garbage: a quarter of the
// CPU of a busy service. GOGC and GOMEMLIMIT count as everywhere.
const gcPercent = 400

func main() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
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
		_, _ = fmt.Fprintf(stderr, "zoomgraph: %v\nRun zoomgraph --help to see what can be set.\n", err)
		return exitUsage
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
	case *config.Version:
		_, err = fmt.Fprintln(stdout, "zoomgraph", version())
	}
	if err != nil {
		_, _ = fmt.Fprintf(stderr, "zoomgraph: %v\n", err)
		return exitFailed
	}
	return 0
}

// serve runs the service, on the embedded Zoom where there are no credentials.
func serve(ctx context.Context, cfg *config.Serve, stdout, stderr io.Writer) error {
	log := newLog(cfg, stderr)
	l, err := listen(ctx, cfg.Addr)
	if err != nil {
		return err
	}
	zoom := client.Config{
		APIURL: cfg.APIURL, OAuthURL: cfg.OAuthURL,
		AccountID: cfg.AccountID, ClientID: cfg.ClientID, ClientSecret: string(cfg.ClientSecret),
		Logger: log,
	}
	var embedded net.Listener
	if cfg.Sandboxed() {
		if embedded, err = listen(ctx, "127.0.0.1:0"); err != nil {
			return err
		}
		base := "http://" + embedded.Addr().String()
		zoom.APIURL, zoom.OAuthURL = base+"/v2", base+"/oauth"
		zoom.AccountID, zoom.ClientID, zoom.ClientSecret = "sandbox", "sandbox", "sandbox"
	}
	zoom.Tokens = client.AccountCredentials(zoom)
	if zoom.Budget, err = budgetOf(cfg); err != nil {
		return err
	}
	upstream, err := client.New(zoom)
	if err != nil {
		return err
	}
	facade, err := graph.NewServer(graph.Options{
		Client: upstream, Budget: zoom.Budget, FieldFilter: string(cfg.FieldFilter), MaxCalls: cfg.MaxCalls, Explain: !cfg.NoExplain, Logger: log,
	})
	if err != nil {
		return err
	}
	tour := tour{addr: l.Addr().String(), query: exampleUsers}
	if embedded != nil {
		stop, person, err := startSandbox(ctx, embedded, facade, log)
		if err != nil {
			return err
		}
		defer stop()
		tour.sandbox = "http://" + embedded.Addr().String()
		tour.query = fmt.Sprintf(exampleUser, person)
	}
	handler, err := edge.New(edgeOptions(cfg, facade, zoom.Tokens, tour, log))
	if err != nil {
		return err
	}
	go firstToken(ctx, zoom.Tokens, log)
	tour.print(stdout)
	return edge.Serve(ctx, l, handler, log)
}

func edgeOptions(cfg *config.Serve, facade *graph.Server, tokens client.TokenSource, tour tour, log *slog.Logger) edge.Options {
	return edge.Options{
		Schema:         facade.Executable,
		SDL:            facade.SDL,
		Extensions:     facade.Extensions(),
		ErrorPresenter: facade.PresentError,
		RequestTimeout: cfg.RequestTimeout,
		Introspection:  cfg.Introspection,
		AllowedOrigins: cfg.AllowedOrigins,
		Logger:         log,
		Ready: func(ctx context.Context) error {
			_, err := tokens.Token(ctx)
			return err
		},
		Example: tour.query,
		Sandbox: tour.sandbox,
	}
}

// atOnce is the part of a second's calls that may leave together: a little less
// than Zoom allows, because calls bunch on their way, and one that Zoom refuses
// costs more time than holding back three.
const atOnce = 0.95

// budgetOf is what calls are paced by; nil where they are not.
func budgetOf(cfg *config.Serve) (*client.Budget, error) {
	if !cfg.Paced() {
		return nil, nil
	}
	limits, err := client.PlanLimits(client.Plan(cmp.Or(cfg.Plan, config.PlanPro)))
	if err != nil {
		return nil, err
	}
	for label, rate := range cfg.Rate.PerSecond {
		limits[client.Label(label)] = client.Limit{PerSecond: rate, PerDay: limits[client.Label(label)].PerDay}
	}
	for label, limit := range limits {
		limit.Burst = max(1, limit.PerSecond*atOnce)
		limits[label] = limit
	}
	return client.NewBudget(limits, cfg.Share, time.Now)
}

// firstToken mints a token before the first request needs it, which also tells
// the operator at once when the credentials are wrong.
func firstToken(ctx context.Context, tokens client.TokenSource, log *slog.Logger) {
	if _, err := tokens.Token(ctx); err != nil && ctx.Err() == nil {
		log.WarnContext(ctx, "no access token yet", "error", err)
	}
}

// startSandbox serves an embedded Zoom on l until stop is called, which is to
// happen after the service itself has drained. Its first active user is a
// person to try a query with.
func startSandbox(ctx context.Context, l net.Listener, facade *graph.Server, log *slog.Logger) (stop func(), person string, err error) {
	zoom, err := sandbox.New(sandbox.Options{Schema: facade.Executable.Schema()})
	if err != nil {
		return nil, "", err
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
	return stop, zoom.Users()[0].Email, nil
}

// serveSandbox runs the embedded Zoom alone.
func serveSandbox(ctx context.Context, cfg *config.Sandbox, stdout, stderr io.Writer) error {
	facade, err := graph.NewServer(graph.Options{}) // for its schema
	if err != nil {
		return err
	}
	zoom, err := sandbox.New(sandbox.Options{
		Schema: facade.Executable.Schema(),
		Users:  cfg.Users, Seed: cfg.Seed,
		ClientID: cfg.ClientID, ClientSecret: string(cfg.ClientSecret), AccountID: cfg.AccountID,
		Config: sandbox.Config{RPS: cfg.RPS, Latency: sandbox.Duration(cfg.Latency)},
	})
	if err != nil {
		return err
	}
	l, err := listen(ctx, cfg.Addr)
	if err != nil {
		return err
	}
	base := "http://" + l.Addr().String()
	_, err = fmt.Fprintf(stdout, `The embedded Zoom is ready, with %d made-up users.

  API        %[2]s/v2
  Token      %[2]s/oauth/token
  Log        %[2]s/__log
  Counts     %[2]s/__stats
  Users      %[2]s/__users
  Settings   %[2]s/__config (POST changes them)
`, len(zoom.Users()), base)
	if err != nil {
		return err
	}
	return edge.Serve(ctx, l, zoom, slog.New(slog.NewTextHandler(stderr, nil)))
}

func printSchema(stdout io.Writer) error {
	facade, err := graph.NewServer(graph.Options{})
	if err != nil {
		return err
	}
	_, err = io.WriteString(stdout, facade.SDL)
	return err
}

func printScopes(cfg *config.Scopes, stdout io.Writer) error {
	facade, err := graph.NewServer(graph.Options{}) // for its schema
	if err != nil {
		return err
	}
	report, err := scopes.Read(facade.Schema(), cfg.Files...)
	switch {
	case err != nil:
		return fmt.Errorf("these documents cannot be sent as they are:\n%w", err)
	case cfg.Format == "json":
		return report.WriteJSON(stdout)
	default:
		return report.WriteText(stdout)
	}
}

func listen(ctx context.Context, addr string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", addr)
	if err != nil {
		return nil, fmt.Errorf("cannot listen on %s: %w; choose another address with --addr", addr, err)
	}
	return l, nil
}

func newLog(cfg *config.Serve, w io.Writer) *slog.Logger {
	opts := &slog.HandlerOptions{Level: cfg.LogLevel}
	if cfg.LogFormat == config.LogJSON {
		return slog.New(slog.NewJSONHandler(w, opts))
	}
	return slog.New(slog.NewTextHandler(w, opts))
}

// tour is what a person who has just started the service wants to see.
type tour struct {
	addr    string
	query   string
	sandbox string // its address, if it answers
}

func (t tour) print(w io.Writer) {
	zoom := "the account of your credentials"
	if t.sandbox != "" {
		zoom = "an embedded sandbox at " + t.sandbox + " (set ZOOM_ACCOUNT_ID, ZOOM_CLIENT_ID and ZOOM_CLIENT_SECRET for a real account)"
	}
	query := strings.Join(strings.Fields(t.query), " ")
	body, _ := json.Marshal(map[string]string{"query": query}) // a map of strings always encodes
	_, _ = fmt.Fprintf(w, `zoomgraph is ready.

  Console   http://%[1]s/
  GraphQL   http://%[1]s/graphql
  Zoom      %[2]s

Try the console, or:

  curl -s http://%[1]s/graphql -H 'Content-Type: application/json' -d '%[3]s'

`, t.addr, zoom, body) // a closed terminal does not stop a service
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
