// Package graph answers GraphQL about Zoom. What a field means is in the schema; package graph/exec executes it over
// the views of package graph/model; what is written by hand here is what needs thought: the planner of settings, lists
// and their cursors, writes, errors.
//
//	server, err := graph.NewServer(graph.Options{Program: program, PrincipalOptions: graph.PrincipalOptions{Client: zoom}, Explain: true})
//	// server.Executable goes to gqlgen's executor with server.Extensions() and server.PresentError.
package graph

import (
	"cmp"
	"context"
	"errors"
	"log/slog"
	"sync"
	"time"
	"weak"

	"github.com/99designs/gqlgen/graphql"
	lru "github.com/hashicorp/golang-lru/v2"
	"github.com/vektah/gqlparser/v2/ast"
	"go.opentelemetry.io/otel/trace"

	"zoomgraph/graph/exec"
	"zoomgraph/graph/load"
	"zoomgraph/graph/planned"
	"zoomgraph/graph/price"
	"zoomgraph/graph/program"
	"zoomgraph/graph/project"
	"zoomgraph/internal/answering"
)

// Options configure a server.
type Options struct {
	// Program is the schema, and what is known of Zoom's operations. It is required.
	Program *program.Program
	// PrincipalOptions are those of the principal of all operations, where PrincipalOf does not say otherwise.
	PrincipalOptions
	// PrincipalOf finds out whose Zoom an operation of that kind asks, by who asks; nil: all ask the same. Its errors are
	// client errors.
	PrincipalOf func(context.Context, ast.Operation) (*Principal, error)
	// EventTimeout is how long the answer to one change may take; 0 is 30 s.
	EventTimeout time.Duration
	// EventPlace waits for the right to answer a change, until ctx ends, and returns how to give it back; nil: every change
	// is answered at once. Its errors are client errors.
	EventPlace func(context.Context) (leave func(), _ error)
	// MaxCalls is how many Zoom calls an operation may cost at worst; 0 is 1,000.
	MaxCalls int
	// MaxAnswerBytes is how large the answer to an operation may be by estimate; 0 is [answering.DefaultMaxBytes].
	MaxAnswerBytes int
	// Explain adds extensions.zoom to answers.
	Explain bool
	// Executor is what executes queries; "" is [ExecutorPlanned].
	Executor Executor
}

// Executor is what executes queries. They answer alike.
type Executor string

// The executors: plans of documents (package planned), and gqlgen's own, which also executes what is not planned.
const (
	ExecutorPlanned Executor = "planned"
	ExecutorGqlgen  Executor = "gqlgen"
)

// Server holds what all operations share.
type Server struct {
	// Program is the one of the options.
	Program *program.Program
	// Executable is the schema with its resolvers.
	Executable graphql.ExecutableSchema

	own          *Principal
	principalOf  func(context.Context, ast.Operation) (*Principal, error)
	project      *project.Projector
	maxCalls     int
	maxBytes     int      // of an answer, by estimate
	leaves       sync.Map // of leaf, by the field's definition
	prices       *lru.Cache[weak.Pointer[ast.OperationDefinition], *price.Price]
	explain      bool
	eventTimeout time.Duration
	eventPlace   func(context.Context) (leave func(), _ error)
	log          *slog.Logger
}

// NewServer makes a server; it sends nothing.
func NewServer(opts Options) (*Server, error) {
	if opts.Program == nil {
		return nil, errors.New("graph: Options.Program is required")
	}
	if opts.Logger == nil {
		opts.Logger = slog.New(slog.DiscardHandler)
	}
	own, err := NewPrincipal(opts.PrincipalOptions)
	if err != nil {
		return nil, err
	}
	s := &Server{
		Program:      opts.Program,
		own:          own,
		principalOf:  opts.PrincipalOf,
		maxCalls:     cmp.Or(opts.MaxCalls, 1000),
		maxBytes:     cmp.Or(opts.MaxAnswerBytes, answering.DefaultMaxBytes),
		explain:      opts.Explain,
		eventTimeout: cmp.Or(opts.EventTimeout, 30*time.Second),
		eventPlace:   opts.EventPlace,
		log:          opts.Logger,
	}
	if s.eventPlace == nil {
		s.eventPlace = func(context.Context) (func(), error) { return func() {}, nil }
	}
	if s.prices, err = lru.New[weak.Pointer[ast.OperationDefinition], *price.Price](maxPrices); err != nil {
		return nil, err
	}
	s.Executable = exec.New(exec.Config{Schema: opts.Program.Schema, Resolvers: &resolvers{plain{s}}})
	s.project = project.New(s.Executable.Schema(), maySee, s.fileAt)
	if opts.Executor != ExecutorGqlgen {
		s.Executable, err = exec.Planned(s.Executable, planned.Options{
			Projector: s.project,
			Executed:  s.Program.Executed,
			Guarded:   isGuarded,
			Watched:   func(ctx context.Context) bool { return trace.SpanFromContext(ctx).IsRecording() },
			Settled:   func(ctx context.Context) { load.From(ctx).Settle() },
			Shares:    s.sharedCalls,
		})
	}
	return s, err
}

// Extensions are the gqlgen extensions that the executor needs.
func (s *Server) Extensions() []graphql.HandlerExtension {
	return []graphql.HandlerExtension{operations{s}}
}

// Schema is the parsed schema.
func (s *Server) Schema() *ast.Schema { return s.Program.Schema }
