package graph

import (
	"cmp"
	"context"
	"log/slog"

	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/client"
	"zoomgraph/graph/cursor"
	"zoomgraph/graph/load"
	"zoomgraph/graph/price"
	"zoomgraph/internal/account"
	"zoomgraph/internal/callers"
	"zoomgraph/internal/events"
	"zoomgraph/internal/store"
	"zoomgraph/internal/unnamed"
)

// Principal is whose Zoom an operation asks: an account, as all see it who may share what was read of it. Nothing passes
// from one principal to another.
type Principal struct {
	account     string
	zoomAccount string // Zoom's id of it; "" where it is not known
	client      *client.Client
	budget      *client.Budget
	events      *events.Stream
	groups      *ranking
	cursors     *cursor.Box
	upstream    *load.Upstream

	sub      string // the sub account that it acts in; "": the account itself
	log      *slog.Logger
	accounts *lru.Cache[string, *Principal] // of sub accounts
}

// maxSubAccounts bounds the sub accounts of which a principal remembers how their filters work, and whose reads can share
// calls of several operations.
const maxSubAccounts = 1000

// PrincipalOptions are what a principal consists of.
type PrincipalOptions struct {
	// Account is the key of the account; "" where it is not known, or none of those configured.
	Account string
	// ZoomAccount is Zoom's id of the account; "" where it is not known.
	ZoomAccount string
	// Client calls Zoom with the principal's rights.
	Client *client.Client
	// Budget is what the client paces its calls by; nil where it does not.
	Budget *client.Budget
	// Store is what is known already; nil: nothing is kept.
	Store *store.Principal
	// FieldFilter is auto, on or off; "" is auto. See load.FilterMode.
	FieldFilter string
	// Groups declares how the account's groups decide.
	Groups GroupModel
	// Cursors seals places in the principal's lists; nil: under a key that ends with the process.
	Cursors *cursor.Box
	// Events is where changes come from and go to; nil: those that are made here are all that it tells of.
	Events *events.Stream
	// Unnamed notes what Zoom sends that the schema does not name; nil: nothing does.
	Unnamed *unnamed.Names
	// Logger gets what an operator should know; nil discards it.
	Logger *slog.Logger
}

// ActingAs are the options of a principal who acts in an account; the others are to be added.
func ActingAs(p *account.Principal) PrincipalOptions {
	return PrincipalOptions{Client: p.Client, Budget: p.Budget(), Store: p.Known, Events: p.Events(), Unnamed: p.Unnamed()}
}

// NewPrincipal makes a principal; it sends nothing.
func NewPrincipal(o PrincipalOptions) (*Principal, error) {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	filters, err := load.NewFilters(cmp.Or(load.FilterMode(o.FieldFilter), load.FilterAuto), o.Logger)
	if err != nil {
		return nil, err
	}
	if o.Store == nil {
		nothing, err := store.New(store.Options{})
		if err != nil {
			return nil, err
		}
		o.Store = nothing.Principal("", "", nil)
	}
	if o.Events == nil {
		o.Events = events.NewStream()
	}
	if o.Cursors == nil {
		if o.Cursors, err = cursor.NewBox(nil, ""); err != nil {
			return nil, err
		}
	}
	groups, err := newRanking(o.Groups, o.Logger.With("account", o.Account))
	if err != nil {
		return nil, err
	}
	accounts, err := lru.New[string, *Principal](maxSubAccounts)
	if err != nil {
		return nil, err
	}
	return &Principal{
		account: o.Account, zoomAccount: o.ZoomAccount, client: o.Client, budget: o.Budget, events: o.Events, groups: groups, cursors: o.Cursors,
		upstream: &load.Upstream{Client: o.Client, Filters: filters, Store: o.Store, Unnamed: o.Unnamed}, log: o.Logger, accounts: accounts,
	}, nil
}

// in is who acts with the principal's rights in a sub account: within the limits of this one, and with nothing else in
// common. How its groups decide is not declared, and nobody is told of its changes.
func (p *Principal) in(account string) *Principal {
	if known, ok := p.accounts.Get(account); ok {
		return known
	}
	zoom := p.client.Below(account)
	made := &Principal{
		account: p.account, client: zoom, budget: p.budget, events: events.NewStream(), groups: &ranking{log: p.log}, cursors: p.cursors,
		upstream: &load.Upstream{Client: zoom, Filters: p.upstream.Filters.Anew(), Store: p.upstream.Store.Below(account), Unnamed: p.upstream.Unnamed},
		sub:      account, log: p.log, accounts: p.accounts,
	}
	if before, found, _ := p.accounts.PeekOrAdd(account, made); found {
		return before
	}
	return made
}

// Client calls Zoom with the principal's rights.
func (p *Principal) Client() *client.Client { return p.client }

// FilterFallbacks is how often the account's field filter was found not to work.
func (p *Principal) FilterFallbacks() int { return p.upstream.Filters.Fallbacks() }

type principalKey struct{}

// principal is whose Zoom the operation asks that ctx belongs to.
func (s *Server) principal(ctx context.Context) *Principal {
	if p, ok := ctx.Value(principalKey{}).(*Principal); ok {
		return p
	}
	return s.own
}

// asked is the context of all that is done for an operation: whose Zoom it asks, and what it costs at worst.
type asked struct {
	context.Context //nolint:containedctx // it is one

	principal *Principal
	worst     *price.Price // nil: it has no price
}

type askedKey struct{}

// Value implements context.Context.
func (a *asked) Value(key any) any {
	switch key.(type) {
	case askedKey:
		return a
	case principalKey:
		return a.principal
	}
	return a.Context.Value(key)
}

// forCaller finds out whose Zoom an operation asks, once. It refuses who is not a caller any more: a connection that stays
// may outlive what its caller showed.
func (s *Server) forCaller(ctx context.Context, kind ast.Operation) (*asked, error) {
	if err := callers.From(ctx).Check(ctx); err != nil {
		return nil, err
	}
	if s.principalOf == nil {
		return &asked{Context: ctx, principal: s.own}, nil
	}
	p, err := s.principalOf(ctx, kind)
	if err != nil {
		return nil, err
	}
	return &asked{Context: ctx, principal: p}, nil
}
