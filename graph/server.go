// Package graph answers GraphQL about Zoom. What a field means is in the schema; package graph/exec executes it over
// the views of package graph/model; what is written by hand here is what needs thought: the planner of settings, lists
// and their cursors, writes, errors.
//
//	server, err := graph.NewServer(graph.Options{PrincipalOptions: graph.PrincipalOptions{Client: zoom}, Explain: true})
//	// server.Executable goes to gqlgen's executor with server.Extensions() and server.PresentError.
package graph

import (
	"cmp"
	"context"
	"log/slog"
	"maps"
	"strings"
	"time"
	"weak"

	"github.com/99designs/gqlgen/graphql"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/formatter"

	"zoomgraph/graph/exec"
	"zoomgraph/graph/price"
	"zoomgraph/graph/project"
	"zoomgraph/internal/answering"
)

// Options configure a server.
type Options struct {
	// PrincipalOptions are those of the principal of all operations, where PrincipalOf does not say otherwise.
	PrincipalOptions
	// PrincipalOf finds out whose Zoom an operation asks, by who asks; nil: all ask the same. Its errors are client errors.
	PrincipalOf func(context.Context) (*Principal, error)
	// EventTimeout is how long the answer to one change may take; 0 is 30 s.
	EventTimeout time.Duration
	// MaxCalls is how many Zoom calls an operation may cost at worst; 0 is 1,000.
	MaxCalls int
	// MaxAnswerBytes is how large the answer to an operation may be by estimate; 0 is [answering.DefaultMaxBytes].
	MaxAnswerBytes int
	// Explain adds extensions.zoom to answers.
	Explain bool
}

// Server holds what all operations share.
type Server struct {
	// Executable is the schema with its resolvers.
	Executable graphql.ExecutableSchema
	// SDL is the schema as text.
	SDL string

	own          *Principal
	principalOf  func(context.Context) (*Principal, error)
	project      *project.Projector
	maxCalls     int
	maxBytes     int // of an answer, by estimate
	prices       *lru.Cache[weak.Pointer[ast.OperationDefinition], price.Price]
	explain      bool
	eventTimeout time.Duration
	log          *slog.Logger
}

// NewServer makes a server; it sends nothing.
func NewServer(opts Options) (*Server, error) {
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	own, err := NewPrincipal(opts.PrincipalOptions)
	if err != nil {
		return nil, err
	}
	s := &Server{
		own:          own,
		principalOf:  opts.PrincipalOf,
		maxCalls:     cmp.Or(opts.MaxCalls, 1000),
		maxBytes:     cmp.Or(opts.MaxAnswerBytes, answering.DefaultMaxBytes),
		explain:      opts.Explain,
		eventTimeout: cmp.Or(opts.EventTimeout, 30*time.Second),
		log:          opts.Logger,
	}
	if s.prices, err = lru.New[weak.Pointer[ast.OperationDefinition], price.Price](maxPrices); err != nil {
		return nil, err
	}
	s.Executable = exec.New(exec.Config{Schema: servedSchema(), Resolvers: &resolvers{s}})
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

// servedSchema is the schema without @defer, which every schema has for gqlgen. What is deferred would be resolved beside
// the rest: after its calls have left, and in a session that ends with the first answer.
func servedSchema() *ast.Schema {
	schema := *exec.NewExecutableSchema(exec.Config{}).Schema()
	schema.Directives = maps.Clone(schema.Directives)
	delete(schema.Directives, "defer")
	return &schema
}

func sdl(schema *ast.Schema) string {
	var b strings.Builder
	formatter.NewFormatter(&b, formatter.WithIndent("  ")).FormatSchema(schema)
	return b.String()
}
