// Package edge is the HTTP side of the service: it decides what is a GraphQL
// request, hands it to the executable schema, and writes the answer. Whatever
// is not a well-formed request is refused here, with a reason, before the rest
// of the code sees it.
//
//	handler, err := edge.New(edge.Options{Schema: executable, SDL: sdl, …})
//	…
//	err = edge.Serve(ctx, listener, handler, log)
//
// The paths are /graphql (GET and POST), /schema.graphqls (where introspection
// is on), /livez, /readyz, and a small console at /. Each answer carries
// X-Request-Id, which errors repeat as extensions.requestId.
//
// A mutation with files comes as multipart/form-data, by the GraphQL multipart
// request convention and behind a preflight header. Its files are variables of
// the type [graphql.Upload], good until the request is answered.
package edge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/jub0bs/cors"

	"zoomgraph/internal/reqid"
)

// DefaultRequestTimeout bounds a request where Options leave it open.
const DefaultRequestTimeout = 30 * time.Second

// readyTimeout bounds what /readyz waits for Options.Ready, so that a probe
// gets its answer before it gives up.
const readyTimeout = time.Second

// Options are what New needs. Schema is required; the zero value of everything
// else is safe.
type Options struct {
	// Schema answers the operations.
	Schema graphql.ExecutableSchema
	// SDL is served at /schema.graphqls where introspection is on.
	SDL string
	// Extensions are hooks of gqlgen's executor, in their order.
	Extensions []graphql.HandlerExtension
	// ErrorPresenter turns every error of an answer into its public form; edge
	// adds the request id. The default shows errors as they are.
	ErrorPresenter graphql.ErrorPresenterFunc
	// RequestTimeout becomes the deadline of a request's context;
	// DefaultRequestTimeout if zero.
	RequestTimeout time.Duration
	// Introspection lets clients read the schema, by query and as a file.
	Introspection bool
	// AllowedOrigins are the web origins, written out in full, whose pages may
	// call /graphql besides the service's own.
	AllowedOrigins []string
	// Logger gets what an operator must see: panics and unwritable answers.
	// Nothing is logged if nil.
	Logger *slog.Logger
	// Ready says why the service cannot answer yet, or nil. Its error is shown
	// at /readyz. Ready from the start if nil.
	Ready func(context.Context) error
	// Example is the query the console opens with.
	Example string
	// Sandbox is the address of the embedded Zoom if that is what answers.
	Sandbox string
}

// New returns the handler of all paths. It fails if an origin is not one or an
// extension does not fit the schema.
func New(o Options) (http.Handler, error) {
	if o.Schema == nil {
		return nil, errors.New("edge: Options.Schema is required")
	}
	if o.ErrorPresenter == nil {
		o.ErrorPresenter = graphql.DefaultErrorPresenter
	}
	if o.RequestTimeout == 0 {
		o.RequestTimeout = DefaultRequestTimeout
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	gql, err := guarded(o)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle("/graphql", gql)
	mux.HandleFunc("GET /livez", func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok\n") })
	mux.HandleFunc("GET /readyz", readiness(o.Ready))
	if o.Introspection {
		mux.HandleFunc("GET /schema.graphqls", func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, o.SDL) })
	}
	if err := addConsole(mux, o); err != nil {
		return nil, err
	}
	return identified(mux), nil
}

// guarded is the GraphQL endpoint behind the checks that keep other sites'
// pages from using it through somebody's browser.
func guarded(o Options) (http.Handler, error) {
	e, err := newEndpoint(o)
	if err != nil {
		return nil, err
	}
	origins := http.NewCrossOriginProtection()
	for _, origin := range o.AllowedOrigins {
		if strings.Contains(origin, "*") {
			return nil, fmt.Errorf("allowed origin %q: write each origin in full", origin)
		}
		if err := origins.AddTrustedOrigin(origin); err != nil {
			return nil, fmt.Errorf("allowed origin %q: write it as https://host or https://host:port", origin)
		}
	}
	var h http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := checkOrigin(origins, r); err != nil {
			e.refuse(r.Context(), w, applicationJSON, refusal{why: crossOrigin, code: "FORBIDDEN", message: "this request comes from a page of another origin; the operator can add that origin with --allowed-origins"})
			return
		}
		e.ServeHTTP(w, r)
	})
	if len(o.AllowedOrigins) == 0 {
		return h, nil
	}
	share, err := cors.NewMiddleware(cors.Config{
		Origins: o.AllowedOrigins,
		Methods: []string{http.MethodGet, http.MethodPost},
		// The origins are trusted by name; which headers their pages send is up to them. A list of names would also run
		// into v1.0.1 of the library, whose search misses some of more than a few. The asterisk leaves out Authorization.
		RequestHeaders:  []string{"*", "Authorization"},
		ResponseHeaders: []string{"X-Request-Id"},
		MaxAgeInSeconds: 600,
	})
	if err != nil {
		return nil, fmt.Errorf("allowed origins: %w", err)
	}
	return share.Wrap(h), nil
}

// checkOrigin treats a GET as the standard check treats a POST: a query changes
// nothing, but it costs Zoom calls.
func checkOrigin(p *http.CrossOriginProtection, r *http.Request) error {
	if r.Method == http.MethodGet {
		post := *r
		post.Method = http.MethodPost
		r = &post
	}
	return p.Check(r)
}

// identified gives each request its id and each answer the headers that hold
// everywhere.
func identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := reqid.Accept(r.Header.Get("X-Request-Id"))
		header := w.Header()
		header.Set("X-Request-Id", id)
		header.Set("X-Content-Type-Options", "nosniff")
		header.Set("Cache-Control", "no-store")
		next.ServeHTTP(w, r.WithContext(reqid.With(r.Context(), id)))
	})
}

func readiness(ready func(context.Context) error) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if ready != nil {
			ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
			defer cancel()
			if err := ready(ctx); err != nil {
				plain(w, http.StatusServiceUnavailable, "not ready: "+err.Error()+"\n")
				return
			}
		}
		plain(w, http.StatusOK, "ok\n")
	}
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) // the client may be gone, which is nobody's error
}
