package sandbox

import (
	"errors"
	"maps"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"zoomgraph/graph/program"

	"zoomgraph/internal/sandbox/world"
	"zoomgraph/internal/sandbox/zoom"
)

// Options says what a sandbox is made of. Only Program is required.
type Options struct {
	// Program is the product's schema, whose fields say which operations there
	// are and whose settings types which settings, and what is known of those
	// operations.
	Program *program.Program
	// Users is the number of active users in the account; 0 is 500. Some 6 % more
	// are inactive or pending.
	Users int
	// Seed chooses the data: the same seed gives the same account, byte for
	// byte, on the same day.
	Seed uint64
	// Now is the clock of tokens, page tokens, limits and the log; nil is
	// time.Now. Latency is always real time. Made-up times lie around the day that
	// the server was made on.
	Now func() time.Time
	// Config is the configuration at the start; POST /__config amends it.
	Config Config
	// Scopes are what tokens carry, over Config.Scopes; nil is all.
	Scopes []string
	// Alike gives sub accounts the people and things of the account, with the same
	// ids and addresses.
	Alike bool
	// ClientID, ClientSecret and AccountID are the credentials the OAuth
	// service takes; an empty one takes anything but nothing. AccountID is the
	// account's id as well; one is made up where it is empty.
	ClientID, ClientSecret, AccountID string
	// ChatbotClientID and ChatbotClientSecret are those of the app that sends messages of a chatbot: what the grant
	// client_credentials takes, likewise.
	ChatbotClientID, ChatbotClientSecret string
}

// Server is an embedded Zoom: an [http.Handler] that is safe for concurrent use.
type Server struct {
	options Options
	source  world.Source
	zoom    *zoom.Zoom
	subs    subAccounts
	routes  *routeNode
	scopes  []string          // every scope some operation takes of an account's or a user's token
	ofApp   []string          // likewise, of an app's own
	oauth   map[string]*route // the OAuth service, by path
	files   *route
	tokens  *tokens
	journal *journal
	sockets sockets

	made     time.Time  // the day that made-up times lie around
	changing sync.Mutex // held while a configuration is replaced
	regime   atomic.Pointer[regime]
}

// New builds the account and returns its server. It fails when the schema has
// no usable settings or operations, or the configuration is wrong, naming the
// culprit. Operations that the schema lacks do not exist.
func New(o Options) (*Server, error) {
	if o.Program == nil {
		return nil, errors.New("sandbox: a program is required")
	}
	if o.Users == 0 {
		o.Users = 500
	}
	if o.Users < 0 {
		return nil, errors.New("sandbox: the number of users is negative")
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Scopes != nil {
		o.Config.Scopes = o.Scopes
	}
	now := o.Now()
	z, err := zoom.New(zoom.Options{Program: o.Program, Source: world.Source(o.Seed), Users: o.Users, AccountID: o.AccountID, Now: now})
	if err != nil {
		return nil, err
	}
	var routes []*route
	for _, op := range z.Operations() {
		routes = append(routes, &route{Operation: op})
		if op.Now != "" {
			routes = append(routes, &route{Operation: op, moved: true})
		}
		if below := op.InSubAccount(); below != nil {
			routes = append(routes, &route{Operation: op, below: below})
		}
	}
	s := &Server{
		options: o,
		source:  world.Source(o.Seed),
		zoom:    z,
		made:    now,
		routes:  newRoutes(routes),
		scopes:  scopesOf(slices.DeleteFunc(slices.Clone(routes), (*route).ofApp)),
		ofApp:   scopesOf(slices.DeleteFunc(slices.Clone(routes), func(r *route) bool { return !r.ofApp() })),
		oauth:   oauthRoutes(),
		files:   downloadRoute(),
		tokens:  newTokens(world.Source(o.Seed)),
		journal: newJournal(),
		sockets: sockets{busy: map[net.Conn]bool{}},
	}
	if err := s.Configure(o.Config); err != nil {
		return nil, err
	}
	return s, nil
}

func oauthRoutes() map[string]*route {
	routes := map[string]*route{}
	for _, r := range []*route{tokenRoute(), authorizeRoute(), revokeRoute()} {
		routes[r.Path] = r
	}
	return routes
}

// User names one user.
type User struct {
	ID     string `json:"id"`
	Email  string `json:"email"`
	Status string `json:"status"` // active, inactive or pending
}

// Users returns every user in the order of the list operation.
func (s *Server) Users() []User {
	users := s.zoom.Users()
	out := make([]User, len(users))
	for i, u := range users {
		out[i] = User{ID: u.ID, Email: u.Email, Status: u.Status}
	}
	return out
}

// Holds returns what holds of a setting for a user, by what really decides: what
// levels have written, not what they answer. option is the view, path has the
// names of users from the section down. ok is false for what there is not.
func (s *Server) Holds(user, option, path string) (h Holding, ok bool) {
	return s.zoom.Holds(s.regime.Load().mode, user, option, path)
}

// Log returns the calls that arrived after the one numbered since, in order of
// arrival; 0 is all. Of more than [LogSize] calls the oldest may be gone.
func (s *Server) Log(since int) []Entry { return s.journal.since(since) }

// ServeHTTP answers the API under /v2, the OAuth service and the control
// surface. It panics with [http.ErrAbortHandler] to break a connection, as
// handlers may: when a fault says so, and when the caller has left.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.EscapedPath()
	if strings.HasPrefix(path, "/__") {
		s.control(w, r)
		return
	}
	c := &call{request: r, path: path, query: r.URL.RawQuery, now: s.options.Now(), regime: s.regime.Load()}
	switch rest, underAPI := strings.CutPrefix(path, "/v2/"); {
	case underAPI:
		c.path = "/" + rest
		c.route, c.vars, c.misrouted = s.routes.find(r.Method, c.path)
	case strings.HasPrefix(path, downloads) && r.Method == http.MethodGet:
		c.route = s.files
	case s.oauth[path] == nil:
		c.misrouted = unknownPath(path)
	case s.oauth[path].Method != r.Method:
		c.misrouted = wrongMethod(path, r.Method, s.oauth[path].Method)
	default:
		c.route = s.oauth[path]
	}
	n := s.journal.begin(c)
	a := s.respond(c)
	s.journal.end(n, a.Status)
	if a.Status == 0 {
		panic(http.ErrAbortHandler)
	}
	write(w, a, s.source.TrackingID(n))
}

const jsonType = "application/json;charset=UTF-8"

func write(w http.ResponseWriter, a world.Answer, trackingID string) {
	h := w.Header()
	if a.Status != http.StatusNoContent {
		h.Set("Content-Type", jsonType)
		h.Set("Content-Length", strconv.Itoa(len(a.Body)))
	}
	if trackingID != "" {
		h.Set("X-Zm-Trackingid", trackingID)
	}
	maps.Copy(h, a.Header)
	w.WriteHeader(a.Status)
	_, _ = w.Write(a.Body) // an error means that the caller has left
}
