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
	"slices"
	"strings"
	"syscall"
	"time"

	"zoomgraph/client"
	"zoomgraph/graph"
	"zoomgraph/internal/config"
	"zoomgraph/internal/edge"
	"zoomgraph/internal/fleet"
	"zoomgraph/internal/sandbox"
	"zoomgraph/internal/scopes"
	"zoomgraph/internal/store"
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
	log := newLog(&cfg.Zoom, stderr)
	l, err := listen(ctx, cfg.Addr)
	if err != nil {
		return err
	}
	known, err := store.New(store.Options{TTL: cfg.CacheTTL, UsersTTL: cfg.UsersTTL(), ServeStale: cfg.ServeStale, Logger: log})
	if err != nil {
		return err
	}
	defer known.Close()
	z, err := connect(ctx, &cfg.Zoom, known, graph.Options{MaxCalls: cfg.MaxCalls, Explain: !cfg.NoExplain}, client.Config{Logger: log})
	if err != nil {
		return err
	}
	defer z.stop()
	tour := tour{addr: l.Addr().String(), query: exampleUsers}
	if z.sandbox != nil {
		tour.sandbox = z.address
		tour.query = fmt.Sprintf(exampleUser, z.sandbox.Users()[0].Email)
	}
	handler, err := edge.New(edgeOptions(cfg, z.facade, z.tokens, tour, log))
	if err != nil {
		return err
	}
	go firstToken(ctx, z.tokens, log)
	tour.print(stdout)
	return edge.Serve(ctx, l, handler, log)
}

// zoom is the Zoom that a command calls, and the facade over it.
type zoom struct {
	facade  *graph.Server
	tokens  client.TokenSource
	fleet   *fleet.Fleet    // nil: this process is alone
	sandbox *sandbox.Server // the embedded Zoom; nil where there are credentials
	address string          // of the embedded Zoom
	ends    []func()        // what stop does, the last one first
}

// stop ends what runs here, after the last call.
func (z *zoom) stop() {
	for _, end := range slices.Backward(z.ends) {
		end()
	}
}

// connect puts together what leads to Zoom, and starts the embedded one where there are no credentials. Of the facade's
// and of the client's options the caller gives those that are its own; what is read is kept in known, nil: nowhere.
func connect(ctx context.Context, cfg *config.Zoom, known *store.Store, options graph.Options, to client.Config) (_ *zoom, err error) {
	z := &zoom{}
	defer func() {
		if err != nil {
			z.stop()
		}
	}()
	to.APIURL, to.OAuthURL = cfg.APIURL, cfg.OAuthURL
	to.AccountID, to.ClientID, to.ClientSecret = cfg.AccountID, cfg.ClientID, string(cfg.ClientSecret)
	var embedded net.Listener
	if cfg.Sandboxed() {
		if embedded, err = listen(ctx, "127.0.0.1:0"); err != nil {
			return nil, err
		}
		z.ends = append(z.ends, func() { _ = embedded.Close() }) // a second time, where it was served
		z.address = "http://" + embedded.Addr().String()
		to.APIURL, to.OAuthURL = z.address+"/v2", z.address+"/oauth"
		to.AccountID, to.ClientID, to.ClientSecret = "sandbox", "sandbox", "sandbox"
	}
	if to.Budget, err = budgetOf(cfg); err != nil {
		return nil, err
	}
	shared, err := z.join(cfg, &to)
	if err != nil {
		return nil, err
	}
	if known != nil {
		options.Store = known.Principal(to.AccountID, "", shared)
	}
	z.tokens = client.AccountCredentials(to)
	to.Tokens = z.tokens
	options.Budget, options.FieldFilter, options.Logger = to.Budget, string(cfg.FieldFilter), to.Logger
	if options.Client, err = client.New(to); err != nil {
		return nil, err
	}
	if z.facade, err = graph.NewServer(options); err != nil {
		return nil, err
	}
	if embedded == nil {
		return z, nil
	}
	var stop func()
	if z.sandbox, stop, err = startSandbox(ctx, embedded, z.facade, to.Logger); err != nil {
		return nil, err
	}
	z.ends = append(z.ends, stop)
	return z, nil
}

// join makes this process one of a fleet where there is a Redis: token, budget, and what is known are then everybody's.
func (z *zoom) join(cfg *config.Zoom, to *client.Config) (store.Far, error) {
	if cfg.RedisURL == "" {
		return nil, nil
	}
	var err error
	if z.fleet, err = fleet.Open(fleet.Options{URL: string(cfg.RedisURL), Logger: to.Logger}); err != nil {
		return nil, fmt.Errorf("redis: %w", err)
	}
	z.ends = append(z.ends, z.fleet.Close)
	account, err := z.fleet.Account(to.AccountID, []byte(to.ClientSecret))
	if err != nil {
		return nil, fmt.Errorf("redis: %w", err)
	}
	to.Vault = account
	if to.Budget != nil {
		to.Budget.Join(account)
	}
	return account, nil
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
func budgetOf(cfg *config.Zoom) (*client.Budget, error) {
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
// happen after what calls it has ended.
func startSandbox(ctx context.Context, l net.Listener, facade *graph.Server, log *slog.Logger) (zoom *sandbox.Server, stop func(), err error) {
	zoom, err = sandbox.New(sandbox.Options{Schema: facade.Executable.Schema()})
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

func newLog(cfg *config.Zoom, w io.Writer) *slog.Logger {
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
