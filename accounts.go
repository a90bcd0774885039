package main

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"slices"

	"zoomgraph/client"
	"zoomgraph/graph"
	"zoomgraph/graph/cursor"
	"zoomgraph/internal/callers"
	"zoomgraph/internal/callers/issuer"
	"zoomgraph/internal/config"
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
	health    *client.Health
	shared    store.Far // nil: by nobody
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
	z.to.Slots = client.NewSlots(cfg.MaxInFlight, nil)
	if z.to.Transport == nil {
		z.to.Transport = client.NewTransport() // one for all clients, which reuse each other's connections
	}
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
		if z.fleet, err = fleet.Open(fleet.Options{URL: string(cfg.RedisURL), CAs: cfg.RedisCAs(), Logger: to.Logger}); err != nil {
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
	if options.Program, err = readProgram(); err != nil {
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
	if z.sandbox, stop, err = startSandbox(ctx, embedded, z.facade, cfg.Accounts()[0], to.Logger); err != nil {
		return nil, err
	}
	z.ends = append(z.ends, stop)
	return z, nil
}

// open puts together what leads to an account. With a fleet its token, its budget and what is known of it are shared by
// all replicas.
func (z *zoom) open(a config.Account) (*account, error) {
	opened := &account{Account: a, health: client.NewHealth(nil)}
	to := z.to
	to.Health, to.Logger = opened.health, z.to.Logger.With("account", a.ID)
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
	opened.principal, err = z.principal(a.ID, a.ID, "", opened.shared, groupsOf(a), to)
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
		to.Budget, to.Health, to.Share = own.budget, own.health, own.ZoomAccountID
		return z.principal("", own.ID, c.Class, nil, groupsOf(own.Account), to)
	}
	var err error
	if to.Budget, err = budgetOf(own.Account); err != nil {
		return nil, err
	}
	return z.principal("", "", c.Class, nil, graph.GroupModel{}, to)
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
func (z *zoom) principal(account, id, class string, shared store.Far, groups graph.GroupModel, to client.Config) (*graph.Principal, error) {
	zoom, err := client.New(to)
	if err != nil {
		return nil, err
	}
	cursors, err := cursor.NewBox([]byte(z.cursorSecret(to)), id+"\x00"+class)
	if err != nil {
		return nil, err
	}
	options := graph.PrincipalOptions{
		Account: account, Client: zoom, Budget: to.Budget, FieldFilter: z.filters, Events: z.broker.Account(id + class), Logger: to.Logger,
		Groups: groups, Cursors: cursors,
	}
	if z.known != nil {
		options.Store = z.known.Principal(id, class, shared)
	}
	return graph.NewPrincipal(options)
}

// cursorSecret seals the cursors of a principal. It is the client secret of the account, for people that of the first
// account, so all replicas have it; "" if there is no account.
func (z *zoom) cursorSecret(to client.Config) string {
	if to.ClientSecret == "" && len(z.accounts) > 0 {
		return string(z.accounts[0].ClientSecret)
	}
	return to.ClientSecret
}

// groupsOf is how an account's groups decide, as far as that is declared.
func groupsOf(a config.Account) graph.GroupModel {
	model := graph.GroupModel{Kind: graph.GroupModelKind(a.GroupModel)}
	for _, rank := range a.GroupRanks.List {
		model.Ranks = append(model.Ranks, graph.GroupRank(rank))
	}
	return model
}

// principalOf finds out whose Zoom is asked.
func (z *zoom) principalOf(ctx context.Context) (*graph.Principal, error) {
	caller := callers.From(ctx)
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

// authenticator is who says who calls; the issuer is nil where there is none.
func (z *zoom) authenticator(ctx context.Context, cfg *config.Serve, log *slog.Logger) (*callers.Authenticator, *issuer.Issuer, error) {
	o := callers.Options{PassThrough: cfg.PassThrough, Proxies: cfg.TrustedProxies, Logger: log}
	if z.people != nil {
		o.Sessions = z.people
	}
	if cfg.PassThrough {
		prober, err := client.NewProber(z.to)
		if err != nil {
			return nil, nil, err
		}
		o.Probe = prober.Accepts
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
			URL: cfg.OIDC.Issuer, Audience: cfg.OIDC.Audience, AudienceClaim: cfg.OIDC.AudienceClaim, AccountClaim: cfg.OIDC.AccountClaim,
			AllowClaim: cfg.OIDC.AllowClaim, Allow: allow, Logger: log,
		}
		if io.AllowValues, err = permissionsByValue(cfg.OIDC.AllowValues); err != nil {
			return nil, nil, fmt.Errorf("oidc: %w", err)
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

// permissionsByValue are the permissions that each value of a claim grants; nil where the configuration names no values.
func permissionsByValue(values map[string][]string) (map[string]callers.Permissions, error) {
	if values == nil {
		return nil, nil
	}
	all := make(map[string]callers.Permissions, len(values))
	for value, names := range values {
		var err error
		if all[value], err = callers.ParsePermissions(names); err != nil {
			return nil, err
		}
	}
	return all, nil
}
