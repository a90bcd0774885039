// Package edge is the HTTP side of the service: it decides what is a GraphQL
// request, hands it to the executable schema, and writes the answer. Whatever
// is not a well-formed request is refused here, with a reason, before the rest
// of the code sees it.
//
//	handler, err := edge.New(edge.Options{Schema: executable, SDL: program.SDL, …})
//	…
//	err = edge.Serve(ctx, listener, handler, log)
//
// The paths are /graphql (GET and POST), /schema.graphqls (where introspection
// is on), /files/ (what is no JSON), /livez, /readyz, /sign-in and /sign-out (where people can sign in),
// and the console: / and /graphiql with their files under /assets, and
// /console.json, which tells them of the service. Each answer carries
// X-Request-Id, which errors repeat as extensions.requestId. NewAdmin makes the
// handler of another port, for those who run the service.
//
// Documents are judged by package document before they run, and kept when they
// were found good. A client may name one that is kept by its SHA-256 (automatic
// persisted queries), or one of the operator's list by its id (documentId).
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
	"io/fs"
	"log/slog"
	"net/http"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/jub0bs/cors"

	"zoomgraph/internal/answering"
	"zoomgraph/internal/edge/document"
	"zoomgraph/internal/peer"
	"zoomgraph/internal/reqid"
	"zoomgraph/internal/shares"
)

// DefaultRequestTimeout bounds a request where Options leave it open.
const DefaultRequestTimeout = 30 * time.Second

const graphqlPath = "/graphql"

// FilesPath is where Options.Files are served.
const FilesPath = "/files/"

// readyTimeout bounds what /readyz waits for Options.Ready, so that a probe
// gets its answer before it gives up.
const readyTimeout = time.Second

// Options are what New needs. Schema is required; the zero value of everything
// else is safe.
type Options struct {
	// Schema answers the operations.
	Schema graphql.ExecutableSchema
	// SDL writes what is served at /schema.graphqls where introspection is on. It is asked once, when somebody looks.
	SDL func() string
	// Extensions are gqlgen's, the first around all others; those that change what was sent are refused.
	Extensions []graphql.HandlerExtension
	// ErrorPresenter turns every error of an answer into its public form; edge
	// adds the request id. The default shows errors as they are.
	ErrorPresenter graphql.ErrorPresenterFunc
	// RequestTimeout becomes the deadline of a request's context;
	// DefaultRequestTimeout if zero.
	RequestTimeout time.Duration
	// Answers is the room that answers have; nil: one of the default size.
	Answers *answering.Budget
	// MinAnswerRate is how many bytes a second a client has to take its answer at; 0 is 256 KiB.
	MinAnswerRate int
	// Introspection lets clients read the schema, by query and as a file.
	Introspection bool
	// AllowedOrigins are the web origins, written out in full, whose pages may
	// call /graphql besides the service's own.
	AllowedOrigins []string
	// Logger gets what an operator must see: panics and unwritable answers.
	// Nothing is logged if nil.
	Logger *slog.Logger
	// UploadBytes is how many bytes the uploads under way may hold together, in memory and in temporary files;
	// DefaultUploadBytes if zero.
	UploadBytes int64
	// Caller tells whose a request is that Callers let through: one caller holds half of UploadBytes at most. Nil: all
	// requests are of one.
	Caller func(context.Context) string
	// Refused, if set, is called for each request that is refused before it
	// becomes an operation.
	Refused func(context.Context)
	// Callers is middleware in front of /graphql that refuses unknown callers; nil lets everybody in. Identify does the
	// same for connections that stay open.
	Callers func(http.Handler) http.Handler
	// Files serves what is no JSON, at FilesPath, to the same callers; nil: nothing is served there.
	Files http.Handler
	// Ready says why the service can serve nobody, or nil. Its error is shown on
	// the admin port only. Ready from the start if nil. While the service stops,
	// /readyz says that without asking.
	Ready func(context.Context) error
	// Addr is the configured listen address. On a loopback address the service answers only requests for a local host
	// name: a web page cannot reach it by a DNS name of its own.
	Addr string
	// Draft2026 gives answers as application/graphql-response+json the statuses
	// of the GraphQL over HTTP draft of 2026: 294 for data with errors, 422 for
	// what can be read but not run.
	Draft2026 bool
	// Documents are the documents that requests may name by id.
	Documents []document.Listed
	// DocumentsOnly refuses all other documents.
	DocumentsOnly bool
	// Identify tells who opens a connection that stays; nil: nobody in particular.
	Identify Identify
	// Console is the built console, each file compressed under its name with .gz behind; nil or empty: a small page in
	// its place says how to build it.
	Console fs.FS
	// Reference is the reference for people, each file compressed under its name with .gz behind. It is served at /docs/
	// where introspection is on, as the schema is; nil: nowhere.
	Reference fs.FS
	// Version is the build's, for the console.
	Version string
	// Closed is true if callers are configured: then every request needs credentials.
	Closed bool
	// Places are the places in flight, for all transports; shares.DefaultPlaces of them if nil.
	Places *shares.Places
	// Holder tells whose share of the places a request takes. Nil: all requests are of one.
	Holder func(context.Context, *http.Request) shares.Holder
	// Sharing tells which callers may be sent one answer: those with the same text. A subscription that several have runs
	// under the context it returns, which must not end with any of them. Nil: all requests are of one.
	Sharing func(context.Context) (string, context.Context)
	// Subscriptions bound how many run; the zero value has the defaults.
	Subscriptions SubscriptionLimits
	// Connections, if set, counts those that stay.
	Connections *Connections
	// MaxConnections is how many connections the service accepts; those that stay may have a half of them. Zero: it is not
	// told.
	MaxConnections int
	// RequestsBudget is how many bytes requests and messages of sockets hold together while they are read and answered;
	// DefaultRequestsBudget if zero.
	RequestsBudget int64
	// Proxies are those whose X-Forwarded-For tells a client's address.
	Proxies peer.Proxies
	// SignIn answers /sign-in, what is below it, and /sign-out; nil: nobody can
	// sign in.
	SignIn http.Handler
	// PublicURL is where browsers reach the service, such as https://example.com
	// or https://example.com/zoomgraph; "" is its own address only. Its pages may
	// call like the service's own, and its host is answered to on a loopback
	// address as well. A proxy in front may take its path away or leave it.
	PublicURL string
	// Example is the query the console opens with.
	Example string
	// Sandbox is the address of the embedded Zoom, "" if a real account answers.
	Sandbox string
}

// New returns the handler of all paths. It fails if an origin is not one, an
// extension does not fit the schema, or one of the documents cannot run.
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
	o.share()
	trusted, below, err := trustedOrigins(o)
	if err != nil {
		return nil, err
	}
	gql, live, err := guarded(o, trusted)
	if err != nil {
		return nil, err
	}
	mux := http.NewServeMux()
	mux.Handle(graphqlPath, gql)
	s := &service{live: live, ready: readiness(o, live)}
	mux.HandleFunc("GET /livez", live200)
	mux.HandleFunc("GET /readyz", s.readyz)
	if o.Introspection && o.SDL != nil {
		sdl := sync.OnceValue(o.SDL)
		mux.HandleFunc("GET /schema.graphqls", func(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, sdl()) })
	}
	if o.SignIn != nil {
		for _, path := range []string{"/sign-in", "/sign-in/", "/sign-out"} {
			mux.Handle(path, o.SignIn)
		}
	}
	if o.Files != nil {
		files := o.Files
		if o.Callers != nil {
			files = o.Callers(files)
		}
		mux.Handle("GET "+FilesPath+"{file}", files)
	}
	if err := addConsole(mux, o); err != nil {
		return nil, err
	}
	s.Handler = identified(knownHosts(o, from(below, directly(gql, mux))))
	return s, nil
}

// share completes what says who shares what with whom.
func (o *Options) share() {
	if o.Places == nil {
		o.Places = shares.New(shares.DefaultPlaces)
	}
	if o.Holder == nil {
		o.Holder = func(context.Context, *http.Request) shares.Holder { return shares.Holder{} }
	}
	if o.Sharing == nil {
		o.Sharing = func(ctx context.Context) (string, context.Context) { return "", ctx }
	}
	o.Subscriptions.complete()
}

// guarded is the GraphQL endpoint behind the checks that keep other sites'
// pages from using it through somebody's browser.
func guarded(o Options, trusted origins) (http.Handler, *live, error) {
	e, err := newEndpoint(o)
	if err != nil {
		return nil, nil, err
	}
	live := newLive(e, o, trusted, defaultLiveLimits().within(o.MaxConnections))
	requests := live.over(&admission{of: e, in: o.Places, holder: o.Holder})
	var h http.Handler = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !trusted.letThrough(r) {
			e.refuse(r.Context(), w, applicationJSON, refusal{why: crossOrigin, code: forbidden, message: "this request comes from a page of another origin; the operator can add that origin with --allowed-origins"})
			return
		}
		vouch(r.Context())
		requests.ServeHTTP(w, r)
	})
	if o.Callers != nil {
		h = o.Callers(h)
	}
	if len(trusted.others) == 0 {
		return h, live, nil
	}
	share, err := cors.NewMiddleware(cors.Config{
		Origins: trusted.others,
		Methods: []string{http.MethodGet, http.MethodPost},
		// The origins are trusted by name; which headers their pages send is up to them. A list of names would also run
		// into v1.0.1 of the library, whose search misses some of more than a few. The asterisk leaves out Authorization.
		RequestHeaders:  []string{"*", "Authorization"},
		ResponseHeaders: []string{"X-Request-Id", "Retry-After"},
		MaxAgeInSeconds: 600,
	})
	if err != nil {
		return nil, nil, fmt.Errorf("allowed origins: %w", err)
	}
	return share.Wrap(h), live, nil
}

// identified gives each request its id and each answer the headers that hold
// everywhere.
func identified(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		header := w.Header()
		r, header["X-Request-Id"] = reqid.Identify(r)
		header["X-Content-Type-Options"] = noSniff
		header["Cache-Control"] = neverStored
		next.ServeHTTP(w, r)
	})
}

// directly hands the requests that are nearly all of them to gql, to which mux would hand them after a search.
func directly(gql, mux http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == graphqlPath && (r.Method == http.MethodPost || r.Method == http.MethodGet) {
			gql.ServeHTTP(w, r)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

var errStopping = errors.New("the service is stopping")

// readiness says why the service can serve nobody, or nil.
func readiness(o Options, live *live) func(context.Context) error {
	return func(ctx context.Context) error {
		switch {
		case live.stopping():
			return errStopping
		case o.Ready != nil:
			return o.Ready(ctx)
		}
		return nil
	}
}

func live200(w http.ResponseWriter, _ *http.Request) { plain(w, http.StatusOK, "ok\n") }

// readyz answers probes. Anybody may ask, so it tells no reason that names an address, an issuer or an account; the admin
// port does.
func (s *service) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	switch err := s.ready(ctx); {
	case err == nil:
		plain(w, http.StatusOK, "ok\n")
	case errors.Is(err, errStopping):
		plain(w, http.StatusServiceUnavailable, "not ready: "+errStopping.Error()+"\n")
	default:
		plain(w, http.StatusServiceUnavailable, "not ready: nobody can be served now; the log and the admin port tell why\n")
	}
}

func plain(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text) // the client may be gone, which is nobody's error
}
