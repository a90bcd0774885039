// Package graph answers GraphQL about Zoom. What a field means is in the schema; package graph/exec executes it over
// the views of package graph/model; what is written by hand here is what needs thought: the planner of settings, lists
// and their cursors, writes, errors.
//
//	server, err := graph.NewServer(graph.Options{Client: zoom, FieldFilter: "auto", Explain: true})
//	// server.Executable goes to gqlgen's executor with server.Extensions() and server.PresentError.
package graph

import (
	"cmp"
	"log/slog"
	"strings"

	"github.com/99designs/gqlgen/graphql"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"

	"zoomgraph/client"
	"zoomgraph/graph/exec"
	"zoomgraph/graph/load"
	"zoomgraph/graph/price"
	"zoomgraph/graph/project"
	"zoomgraph/internal/store"
)

// Options configure a server.
type Options struct {
	// Client is whose account the server answers for.
	Client *client.Client
	// Budget is what the client paces its calls by; nil where it does not.
	Budget *client.Budget
	// Store is what the account's callers know already; nil: nothing is kept.
	Store *store.Principal
	// FieldFilter is auto, on or off; "" is auto. See load.FilterMode.
	FieldFilter string
	// MaxCalls is how many Zoom calls an operation may cost at worst; 0 is 1,000.
	MaxCalls int
	// Explain adds extensions.zoom to answers.
	Explain bool
	// Logger gets what an operator should know; nil discards it.
	Logger *slog.Logger
}

// Server holds what all operations share.
type Server struct {
	// Executable is the schema with its resolvers.
	Executable graphql.ExecutableSchema
	// SDL is the schema as text.
	SDL string

	client   *client.Client
	upstream *load.Upstream
	project  *project.Projector
	pacing   *client.Budget
	maxCalls int
	prices   *lru.Cache[*ast.OperationDefinition, price.Price]
	explain  bool
	log      *slog.Logger
}

// NewServer makes a server; it sends nothing.
func NewServer(opts Options) (*Server, error) {
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	if opts.FieldFilter == "" {
		opts.FieldFilter = string(load.FilterAuto)
	}
	filters, err := load.NewFilters(load.FilterMode(opts.FieldFilter), opts.Logger)
	if err != nil {
		return nil, err
	}
	if opts.Store == nil {
		nothing, err := store.New(store.Options{})
		if err != nil {
			return nil, err
		}
		opts.Store = nothing.Principal("", "", nil)
	}
	s := &Server{
		client:   opts.Client,
		upstream: &load.Upstream{Client: opts.Client, Filters: filters, Store: opts.Store},
		pacing:   opts.Budget,
		maxCalls: cmp.Or(opts.MaxCalls, 1000),
		explain:  opts.Explain,
		log:      opts.Logger,
	}
	if s.prices, err = lru.New[*ast.OperationDefinition, price.Price](maxPrices); err != nil {
		return nil, err
	}
	s.Executable = exec.NewExecutableSchema(exec.Config{Resolvers: &resolvers{s}})
	s.project = project.New(s.Executable.Schema())
	s.SDL = sdl(s.Executable.Schema())
	return s, nil
}

// Extensions are the gqlgen extensions that the executor needs.
func (s *Server) Extensions() []graphql.HandlerExtension {
	return []graphql.HandlerExtension{operations{s}}
}

// Schema is the parsed schema.
func (s *Server) Schema() *ast.Schema { return s.Executable.Schema() }

func sdl(schema *ast.Schema) string {
	var b strings.Builder
	formatter.NewFormatter(&b, formatter.WithIndent("  ")).FormatSchema(schema)
	return b.String()
}
