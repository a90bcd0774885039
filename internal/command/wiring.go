package command

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"net"
	"slices"
	"time"

	"github.com/maypok86/otter/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/client"
	"zoomgraph/graph"
	"zoomgraph/graph/cursor"
	"zoomgraph/graph/program"
	"zoomgraph/internal/account"
	"zoomgraph/internal/callers"
	"zoomgraph/internal/config"
	"zoomgraph/internal/fleet"
	"zoomgraph/internal/sandbox"
	"zoomgraph/internal/signin"
	"zoomgraph/internal/store"
	"zoomgraph/internal/unnamed"
	"zoomgraph/internal/vendor"
)

// wiring is the Zoom that a command calls: an account or several, and the facade over them.
type wiring struct {
	facade   *graph.Server
	accounts []*ownAccount
	passing  *callers.Principals[*graph.Principal] // of users who bring their own tokens, and of those who signed in
	whose    whose                                 // these are, as far as Zoom has to be asked about that
	people   *signin.Service                       // nil: nobody can sign in
	fleet    *fleet.Fleet                          // nil: this process is alone
	sandbox  *sandbox.Server                       // the embedded Zoom; nil where there are credentials
	address  string                                // of the embedded Zoom
	ends     []func()                              // what stop does, the last one first

	others  *otter.Cache[string, *account.Account] // by Zoom's ids; those that are not configured
	known   *store.Store                           // nil: nothing is kept
	to      client.Config                          // what the clients of all accounts have in common
	filters string
	shapes  *unnamed.Shapes // what the answers of Zoom may have
}

// ownAccount is an account of the configuration, with its own principal.
type ownAccount struct {
	config.AccountEntry

	room      *account.Account
	principal *graph.Principal
	atZoom    named
}

// stop ends what runs here, after the last call.
func (w *wiring) stop() {
	for _, end := range slices.Backward(w.ends) {
		end()
	}
}

// connect puts together what leads to Zoom, and starts the embedded one where there are no credentials. Of the facade's
// and of the clients' options the caller gives those that are its own; what is read is kept in known, nil: nowhere.
func (c Call) connect(ctx context.Context, cfg *config.Zoom, known *store.Store, options graph.Options, to client.Config) (_ *wiring, err error) {
	w := &wiring{known: known, to: to, filters: string(cfg.FieldFilter)}
	defer func() {
		if err != nil {
			w.stop()
		}
	}()
	w.to.APIURL, w.to.OAuthURL = cfg.APIURL, cfg.OAuthURL
	w.to.OldPaths = cfg.Paths == config.PathsOld
	w.to.Slots = client.NewSlots(cfg.MaxInFlight, nil)
	if w.to.Transport == nil {
		w.to.Transport = client.NewTransport() // one for all clients, which reuse each other's connections
	}
	var embedded net.Listener
	if cfg.Sandboxed() {
		if embedded, err = listen(ctx, "127.0.0.1:0", "addr"); err != nil {
			return nil, err
		}
		w.ends = append(w.ends, func() { _ = embedded.Close() }) // a second time, where it was served
		w.address = "http://" + embedded.Addr().String()
		w.to.APIURL, w.to.OAuthURL = w.address+"/v2", w.address+"/oauth"
	}
	if cfg.RedisURL != "" {
		if w.fleet, err = fleet.Open(fleet.Options{URL: string(cfg.RedisURL), CAs: cfg.RedisCAs(), Logger: to.Logger}); err != nil {
			return nil, fmt.Errorf("redis: %w", err)
		}
		w.ends = append(w.ends, w.fleet.Close)
	}
	if options.Program, err = c.program(); err != nil {
		return nil, err
	}
	w.shapes = c.shapes(options.Program)
	for _, a := range cfg.Accounts() {
		opened, err := w.open(a)
		if err != nil {
			return nil, fmt.Errorf("account %s: %w", a.ID, err)
		}
		w.accounts = append(w.accounts, opened)
	}
	if err := w.prepare(); err != nil {
		return nil, err
	}
	options.Logger, options.PrincipalOf = to.Logger, w.principalOf
	if w.facade, err = graph.NewServer(options); err != nil {
		return nil, err
	}
	if embedded == nil {
		return w, nil
	}
	var stop func()
	if w.sandbox, stop, err = startSandbox(ctx, embedded, w.facade, cfg.Accounts()[0], to.Logger); err != nil {
		return nil, err
	}
	w.ends = append(w.ends, stop)
	return w, nil
}

// open puts together what leads to an account. With a fleet all replicas share it.
func (w *wiring) open(a config.AccountEntry) (*ownAccount, error) {
	options := account.Options{ID: a.ID, Zoom: w.to, Store: w.known, Unnamed: unnamed.New(w.shapes)}
	options.Zoom.Logger = w.to.Logger.With("account", a.ID)
	options.Zoom.AccountID, options.Zoom.ClientID, options.Zoom.ClientSecret = a.ZoomAccountID, a.ClientID, string(a.ClientSecret)
	options.ChatbotID, options.ChatbotSecret = a.ChatbotID, string(a.ChatbotSecret)
	var err error
	if options.Budget, err = budgetOf(a); err != nil {
		return nil, err
	}
	if w.fleet != nil {
		id := a.ID
		if w.address != "" { // each process has an embedded Zoom of its own
			id += " at " + w.address
		}
		if options.Shared, err = w.fleet.Shared(id, []byte(a.ClientSecret)); err != nil {
			return nil, err
		}
	}
	opened := &ownAccount{AccountEntry: a}
	if opened.room, err = account.New(options); err != nil {
		return nil, err
	}
	opened.principal, err = w.principal(opened.room, opened, account.Actor{})
	return opened, err
}

// principal puts together what asks a Zoom account for somebody; of is nil where the account is not configured.
func (w *wiring) principal(room *account.Account, of *ownAccount, who account.Actor) (*graph.Principal, error) {
	made, err := room.Principal(who)
	if err != nil {
		return nil, err
	}
	options := graph.ActingAs(made)
	options.FieldFilter, options.Logger = w.filters, w.to.Logger
	sealed := w.accounts
	if of != nil {
		options.Account, options.ZoomAccount, options.Groups, sealed = of.ID, of.ZoomAccountID, groupsOf(of.AccountEntry), []*ownAccount{of}
	}
	// All replicas have the secret of an account. What is not configured goes by that of the first one.
	if options.Cursors, err = cursor.NewBox([]byte(sealed[0].ClientSecret), room.ID()+"\x00"+who.Class); err != nil {
		return nil, err
	}
	return graph.NewPrincipal(options)
}

// groupsOf is how an account's groups decide, as far as that is declared.
func groupsOf(a config.AccountEntry) graph.GroupModel {
	model := graph.GroupModel{Kind: graph.GroupModelKind(a.GroupModel)}
	for _, rank := range a.GroupRanks.List {
		model.Ranks = append(model.Ranks, graph.GroupRank(rank))
	}
	return model
}

// principalOf finds out whose Zoom is asked.
func (w *wiring) principalOf(ctx context.Context, kind ast.Operation) (*graph.Principal, error) {
	caller := callers.From(ctx)
	if caller.Token != "" || caller.Session != nil {
		var err error
		if caller.ZoomAccount, err = w.whose.account(ctx, caller, kind != ast.Query); err != nil {
			return nil, err
		}
		return w.passing.Of(ctx, caller)
	}
	for _, a := range w.accounts {
		if a.ID == caller.Account || caller.Account == "" && len(w.accounts) == 1 {
			return a.principal, nil
		}
	}
	return nil, &client.Error{Code: client.CodeForbidden, Message: "the caller belongs to no account of this service"}
}

// filterFallbacks is how often an account's field filter was found not to work.
func (w *wiring) filterFallbacks() int {
	n := 0
	for _, a := range w.accounts {
		n += a.principal.FilterFallbacks()
	}
	return n
}

// shapes are what the answers of Zoom may have, by the schema and by what differs from it on purpose.
func (c Call) shapes(p *program.Program) *unnamed.Shapes {
	return unnamed.NewShapes(p, func() []string {
		known, err := vendor.ReadKnown(c.Known)
		if err != nil { // it is part of the program, and tests read it
			panic(err)
		}
		return slices.Collect(maps.Keys(known))
	})
}

// unnamed is what Zoom sends of all accounts that the schema does not name.
func (w *wiring) unnamed() unnamed.State {
	var all []*unnamed.Names
	for _, a := range w.accounts {
		all = append(all, a.room.Unnamed())
	}
	return unnamed.Together(all)
}

// budgets are what is left of the accounts' limits, of those whose calls are paced.
func (w *wiring) budgets() map[string]func() []client.BudgetState {
	states := map[string]func() []client.BudgetState{}
	for _, a := range w.accounts {
		if budget := a.room.Budget(); budget != nil {
			states[a.ID] = budget.State
		}
	}
	return states
}

// atOnce is the part of a second's calls that may leave together: a little less
// than Zoom allows, because calls bunch on their way, and one that Zoom refuses
// costs more time than holding back three.
const atOnce = 0.95

// budgetOf is what calls are paced by; nil where they are not.
func budgetOf(a config.AccountEntry) (*client.Budget, error) {
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
