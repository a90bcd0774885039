package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"slices"
	"time"

	"zoomgraph/client"
	"zoomgraph/graph"
	"zoomgraph/internal/callers"
	"zoomgraph/internal/callers/issuer"
	"zoomgraph/internal/config"
	"zoomgraph/internal/edge"
	"zoomgraph/internal/events"
	"zoomgraph/internal/fleet"
	"zoomgraph/internal/sandbox"
	"zoomgraph/internal/signin"
	"zoomgraph/internal/store"
)

// zoom is the Zoom that a command calls: an account or several, and the facade over them.
type zoom struct {
	facade   *graph.Server
	accounts []*account
	passing  *callers.Principals[*graph.Principal] // of users who bring their own tokens, and of those who signed in
	people   *signin.Service                       // nil: nobody can sign in
	fleet    *fleet.Fleet                          // nil: this process is alone
	sandbox  *sandbox.Server                       // the embedded Zoom; nil where there are credentials
	address  string                                // of the embedded Zoom
	ends     []func()                              // what stop does, the last one first

	others  otherBudgets
	known   *store.Store // nil: nothing is kept
	broker  *events.Broker
	to      client.Config // what the clients of all accounts have in common
	filters string
}

// account is one account, and what is shared by all who ask it.
type account struct {
	config.Account
	tokens    client.TokenSource
	budget    *client.Budget // nil: calls are not paced
	shared    store.Far      // nil: by nobody
	principal *graph.Principal
}

// stop ends what runs here, after the last call.
func (z *zoom) stop() {
	for _, end := range slices.Backward(z.ends) {
		end()
	}
}

// connect puts together what leads to Zoom, and starts the embedded one where there are no credentials. Of the facade's
// and of the clients' options the caller gives those that are its own; what is read is kept in known, nil: nowhere.
func connect(ctx context.Context, cfg *config.Zoom, known *store.Store, options graph.Options, to client.Config) (_ *zoom, err error) {
	z := &zoom{known: known, broker: events.NewBroker(), to: to, filters: string(cfg.FieldFilter)}
	defer func() {
		if err != nil {
			z.stop()
		}
	}()
	z.to.APIURL, z.to.OAuthURL = cfg.APIURL, cfg.OAuthURL
	var embedded net.Listener
	if cfg.Sandboxed() {
		if embedded, err = listen(ctx, "127.0.0.1:0", "addr"); err != nil {
			return nil, err
		}
		z.ends = append(z.ends, func() { _ = embedded.Close() }) // a second time, where it was served
		z.address = "http://" + embedded.Addr().String()
		z.to.APIURL, z.to.OAuthURL = z.address+"/v2", z.address+"/oauth"
	}
	if cfg.RedisURL != "" {
		if z.fleet, err = fleet.Open(fleet.Options{URL: string(cfg.RedisURL), Logger: to.Logger}); err != nil {
			return nil, fmt.Errorf("redis: %w", err)
		}
		z.ends = append(z.ends, z.fleet.Close)
	}
	for _, a := range cfg.Accounts() {
		opened, err := z.open(a)
		if err != nil {
			return nil, fmt.Errorf("account %s: %w", a.ID, err)
		}
		z.accounts = append(z.accounts, opened)
	}
	if z.passing, err = callers.NewPrincipals(z.pass); err != nil {
		return nil, err
	}
	options.Logger, options.PrincipalOf = to.Logger, z.principalOf
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

// open puts together what leads to an account. With a fleet its token, its budget and what is known of it are shared by
// all replicas.
func (z *zoom) open(a config.Account) (*account, error) {
	opened := &account{Account: a}
	to := z.to
	to.AccountID, to.ClientID, to.ClientSecret = a.ZoomAccountID, a.ClientID, string(a.ClientSecret)
	var err error
	if opened.budget, err = budgetOf(a); err != nil {
		return nil, err
	}
	to.Budget = opened.budget
	if z.fleet != nil {
		id := a.ID
		if z.address != "" { // each process has an embedded Zoom of its own
			id += " at " + z.address
		}
		far, err := z.fleet.Account(id, []byte(a.ClientSecret))
		if err != nil {
			return nil, err
		}
		opened.shared, to.Vault = far, far
		if to.Budget != nil {
			to.Budget.Join(far)
		}
	}
	opened.tokens = client.AccountCredentials(to)
	to.Tokens = opened.tokens
	opened.principal, err = z.principal(a.ID, a.ID, "", opened.shared, to)
	return opened, err
}

// pass puts together what leads to the account of a user who brings a token of their own. Such a user has the limits of
// the one account that is configured; of others it is not known whose they are, so they are paced each for itself.
func (z *zoom) pass(c callers.Caller) (*graph.Principal, error) {
	if session, ok := c.Session.(*signin.Session); ok {
		return z.person(c, session.ZoomAccount())
	}
	to := z.to
	to.Tokens = ownToken{client.StaticToken(c.Token), c}
	own := z.accounts[0]
	if len(z.accounts) == 1 {
		to.Budget = own.budget
		return z.principal("", own.ID, c.Class, nil, to)
	}
	var err error
	if to.Budget, err = budgetOf(own.Account); err != nil {
		return nil, err
	}
	return z.principal("", "", c.Class, nil, to)
}

// ownToken is the token source of a caller who brings one.
type ownToken struct {
	client.TokenSource
	caller callers.Caller
}

// Drop tells that Zoom refused the token.
func (o ownToken) Drop(client.Token) { o.caller.Refused() }

// ActsAsUser is true.
func (ownToken) ActsAsUser() bool { return true }

// principal puts together what asks Zoom. Its account is what people are told, "" where it is not known; by id and class
// it shares what is known.
func (z *zoom) principal(account, id, class string, shared store.Far, to client.Config) (*graph.Principal, error) {
	zoom, err := client.New(to)
	if err != nil {
		return nil, err
	}
	options := graph.PrincipalOptions{
		Account: account, Client: zoom, Budget: to.Budget, FieldFilter: z.filters, Events: z.broker.Account(id + class), Logger: to.Logger,
	}
	if z.known != nil {
		options.Store = z.known.Principal(id, class, shared)
	}
	return graph.NewPrincipal(options)
}

// principalOf finds out whose Zoom is asked.
func (z *zoom) principalOf(ctx context.Context) (*graph.Principal, error) {
	caller := callers.From(ctx)
	if err := caller.Check(ctx); err != nil {
		return nil, err
	}
	if caller.Token != "" || caller.Session != nil {
		return z.passing.Of(ctx, caller)
	}
	for _, a := range z.accounts {
		if a.ID == caller.Account || caller.Account == "" && len(z.accounts) == 1 {
			return a.principal, nil
		}
	}
	return nil, &client.Error{Code: client.CodeForbidden, Message: "the caller belongs to no account of this service"}
}

// firstTokens mints tokens before the first request needs them, which also tells the operator at once when credentials
// are wrong.
func (z *zoom) firstTokens(ctx context.Context) {
	for _, a := range z.accounts {
		go func() {
			if _, err := a.tokens.Token(ctx); err != nil && ctx.Err() == nil {
				z.to.Logger.WarnContext(ctx, "no access token yet", "account", a.ID, "error", err)
			}
		}()
	}
}

// ready says why no account can be asked; nil as soon as one can.
func (z *zoom) ready(ctx context.Context) error {
	var all []error
	for _, a := range z.accounts {
		_, err := a.tokens.Token(ctx)
		if err == nil {
			return nil
		}
		all = append(all, err)
	}
	return errors.Join(all...)
}

// both is ready as soon as accounts are, and the issuer of callers' tokens where there is one.
func both(accounts func(context.Context) error, tokens *issuer.Issuer) func(context.Context) error {
	if tokens == nil {
		return accounts
	}
	return func(ctx context.Context) error { return errors.Join(accounts(ctx), tokens.Ready()) }
}

// states tells of each part that the service leans on.
func (z *zoom) states(tokens *issuer.Issuer) func(context.Context) []edge.State {
	return func(ctx context.Context) []edge.State {
		var parts []edge.State
		for _, a := range z.accounts {
			_, err := a.tokens.Token(ctx)
			parts = append(parts, edge.State{Name: "account " + a.ID, Err: err})
			if a.budget == nil {
				continue
			}
			if err := closedError(a.budget.State()); err != nil {
				parts = append(parts, edge.State{Name: "limits of account " + a.ID, Err: err})
			}
		}
		if z.fleet != nil {
			parts = append(parts, edge.State{Name: "redis", Err: fleetError(z.fleet.Health())})
		}
		if tokens != nil {
			parts = append(parts, edge.State{Name: "oidc issuer", Err: tokens.Ready()})
		}
		return parts
	}
}

func fleetError(h fleet.Health) error {
	if h.Up {
		return nil
	}
	return fmt.Errorf("%s; this replica goes on alone, with a part of the budget and without a cache", h.Err)
}

// closedError tells of what Zoom takes no calls for.
func closedError(states []client.BudgetState) error {
	var all []error
	for _, state := range states {
		if c := state.Closed; c != nil {
			all = append(all, fmt.Errorf("label %s is closed, Zoom takes no calls: since %s, until %s at the latest, by the answer %q",
				state.Label, c.Since.UTC().Format(time.RFC3339), c.Until.UTC().Format(time.RFC3339), c.By))
		}
		if state.ClosedTargets > 0 {
			latest := state.Targets[0]
			all = append(all, fmt.Errorf("label %s: operations are closed for %d users or other targets, Zoom takes no calls; the latest is %s: since %s, until %s at the latest, by the answer %q",
				state.Label, state.ClosedTargets, latest.Operation, latest.Since.UTC().Format(time.RFC3339), latest.Until.UTC().Format(time.RFC3339), latest.By))
		}
	}
	return errors.Join(all...)
}

// filterFallbacks is how often an account's field filter was found not to work.
func (z *zoom) filterFallbacks() int {
	n := 0
	for _, a := range z.accounts {
		n += a.principal.FilterFallbacks()
	}
	return n
}

// budgets are what is left of the accounts' limits, of those whose calls are paced.
func (z *zoom) budgets() map[string]func() []client.BudgetState {
	states := map[string]func() []client.BudgetState{}
	for _, a := range z.accounts {
		if a.budget != nil {
			states[a.ID] = a.budget.State
		}
	}
	return states
}

// authenticator is who says who calls; the issuer is nil where there is none, and people are where nobody can sign in.
func authenticator(ctx context.Context, cfg *config.Serve, people *signin.Service, log *slog.Logger) (*callers.Authenticator, *issuer.Issuer, error) {
	o := callers.Options{PassThrough: cfg.PassThrough, Logger: log}
	if people != nil {
		o.Sessions = people
	}
	accounts := cfg.Accounts()
	if len(accounts) == 1 {
		o.Account = accounts[0].ID
	}
	for _, c := range cfg.Callers {
		allow, err := callers.ParsePermissions(c.Allow)
		if err != nil {
			return nil, nil, fmt.Errorf("caller %s: %w", c.Name, err)
		}
		o.Keys = append(o.Keys, callers.Key{Digest: c.KeySHA256, Caller: callers.Caller{Name: c.Name, Account: c.Account, Permissions: allow}})
	}
	var tokens *issuer.Issuer
	if cfg.OIDC != nil {
		allow, err := callers.ParsePermissions(cfg.OIDC.Allow)
		if err != nil {
			return nil, nil, fmt.Errorf("oidc: %w", err)
		}
		io := issuer.Options{
			URL: cfg.OIDC.Issuer, Audience: cfg.OIDC.Audience, AccountClaim: cfg.OIDC.AccountClaim,
			AllowClaim: cfg.OIDC.AllowClaim, Allow: allow, Logger: log,
		}
		for _, a := range accounts {
			io.Accounts = append(io.Accounts, a.ID)
		}
		tokens = issuer.Open(ctx, io)
		o.Issuer = tokens
	}
	who, err := callers.New(o)
	return who, tokens, err
}
