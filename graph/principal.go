package graph

import (
	"cmp"
	"context"
	"log/slog"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/client"
	"zoomgraph/graph/cursor"
	"zoomgraph/graph/load"
	"zoomgraph/internal/account"
	"zoomgraph/internal/callers"
	"zoomgraph/internal/events"
	"zoomgraph/internal/store"
)

// Principal is whose Zoom an operation asks: an account, as all see it who may share what was read of it. Nothing passes
// from one principal to another.
type Principal struct {
	account string
	// zoomAccount is Zoom's id of it; "" where it is not known.
	zoomAccount string
	client      *client.Client
	budget      *client.Budget
	events      *events.Stream
	groups      *ranking
	cursors     *cursor.Box
	upstream    *load.Upstream
}

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
	// Logger gets what an operator should know; nil discards it.
	Logger *slog.Logger
}

// ActingAs are the options of a principal who acts in an account; the others are to be added.
func ActingAs(p *account.Principal) PrincipalOptions {
	return PrincipalOptions{Client: p.Client, Budget: p.Budget(), Store: p.Known, Events: p.Events()}
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
	return &Principal{
		account: o.Account, zoomAccount: o.ZoomAccount, client: o.Client, budget: o.Budget, events: o.Events, groups: groups, cursors: o.Cursors,
		upstream: &load.Upstream{Client: o.Client, Filters: filters, Store: o.Store},
	}, nil
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

// forCaller finds out whose Zoom an operation asks, once. It refuses who is not a caller any more: a connection that stays
// may outlive what its caller showed.
func (s *Server) forCaller(ctx context.Context, kind ast.Operation) (context.Context, error) {
	if err := callers.From(ctx).Check(ctx); err != nil {
		return nil, err
	}
	if s.principalOf == nil {
		return ctx, nil
	}
	p, err := s.principalOf(ctx, kind)
	if err != nil {
		return nil, err
	}
	return context.WithValue(ctx, principalKey{}, p), nil
}
