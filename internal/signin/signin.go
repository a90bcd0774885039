package signin

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"time"

	"zoomgraph/client"
	"zoomgraph/internal/callers"
	"zoomgraph/internal/origin"
	"zoomgraph/internal/peer"
)

// The paths.
const (
	Path         = "/sign-in"
	CallbackPath = "/sign-in/callback"
	SignOutPath  = "/sign-out"
)

// Options are what New needs; PublicURL, ClientID, ClientSecret and Zoom's URLs are required.
type Options struct {
	// PublicURL is where browsers reach the service, such as https://zoomgraph.example.com, or below a path of a host that
	// it shares with others, https://example.com/zoomgraph. Requests come with the path taken away.
	PublicURL string
	// ClientID and ClientSecret belong to the Zoom app with which users sign in. Sessions are sealed under keys derived
	// from the secret, so a new secret ends all sessions.
	ClientID, ClientSecret string
	// Zoom is how Zoom is called: its APIURL, OAuthURL, Transport, Logger and Observer.
	Zoom client.Config
	// Allow are the permissions of people.
	Allow callers.Permissions
	// Accounts are the ids of the Zoom accounts whose users may sign in; none: all may.
	Accounts []string
	// KeyOf is the key of the configured account that a Zoom account is, "" where it is none; nil: none is.
	KeyOf func(zoomAccount string) string
	// Proxies are those whose word for a client's address counts.
	Proxies peer.Proxies
	// Idle and Life are after how long without use, and after how long at all, a session ends.
	Idle, Life time.Duration
	// Keeper keeps the sessions; nil keeps them in this process only.
	Keeper Keeper
	// Now is the clock; nil is time.Now.
	Now func() time.Time
}

// Service signs people in and knows them afterwards: it is an http.Handler of its paths, callers.Sessions, and the
// client.TokenSource of all who signed in. It is safe for concurrent use.
type Service struct {
	o          Options
	origin     string // of PublicURL
	below      string // its path; "" is the root
	mux        *http.ServeMux
	authServer *authServer
	box        *box
	keeper     Keeper
	log        *slog.Logger
	now        func() time.Time

	exchanges   *exchanges    // of callbacks that are being answered
	refusedRest time.Duration // for how long one with a wrong code keeps it

	wg       sync.WaitGroup // work beside requests
	spawning sync.Mutex     // held while that begins, and while closing does
	closing  context.Context
	close    context.CancelFunc

	mu    sync.Mutex
	live  map[string]*live // by key: the sessions that were used lately
	swept time.Time
}

var (
	_ http.Handler       = (*Service)(nil)
	_ callers.Sessions   = (*Service)(nil)
	_ client.TokenSource = (*Service)(nil)
)

// New makes a Service; it sends nothing. The error says what of the options is wrong.
func New(o Options) (*Service, error) {
	public, below, ok := origin.Split(o.PublicURL)
	switch {
	case !ok:
		return nil, errors.New("signin: the public address is a scheme and a host, such as https://zoomgraph.example.com, and a path behind them where it has one")
	case o.ClientID == "" || o.ClientSecret == "":
		return nil, errors.New("signin: an app needs a client id and a client secret")
	case o.Idle <= 0 || o.Life < o.Idle:
		return nil, fmt.Errorf("signin: a session cannot end after %v without use and after %v at all", o.Idle, o.Life)
	}
	if o.Zoom.Logger == nil {
		o.Zoom.Logger = slog.New(slog.DiscardHandler)
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Service{
		o: o, origin: public, below: below, keeper: o.Keeper, log: o.Zoom.Logger, now: o.Now,
		exchanges: newExchanges(len(o.Proxies) > 0), refusedRest: refusedRest, live: map[string]*live{},
	}
	s.closing, s.close = context.WithCancel(context.Background())
	if s.keeper == nil {
		s.keeper = newMemory(o.Now)
	}
	var err error
	if s.box, err = newBox(o.ClientSecret); err != nil {
		return nil, err
	}
	if s.authServer, err = newAuthServer(o, s.public(CallbackPath)); err != nil {
		return nil, err
	}
	s.mux = http.NewServeMux()
	s.mux.HandleFunc("GET "+Path, s.begin)
	s.mux.HandleFunc("GET "+CallbackPath, s.callback)
	s.mux.HandleFunc("POST "+SignOutPath, s.signOut)
	return s, nil
}

// Close waits for tokens that are being renewed, so that what Zoom gives out is kept: ten seconds at most.
func (s *Service) Close() {
	s.spawning.Lock()
	s.close()
	s.spawning.Unlock()
	done := make(chan struct{})
	go func() {
		defer close(done)
		s.wg.Wait()
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
	}
}

// ServeHTTP answers the paths of this package.
func (s *Service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Cache-Control", "no-store")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("X-Content-Type-Options", "nosniff")
	if r.Method == http.MethodHead { // it would use up a code
		h.Set("Allow", http.MethodGet)
		http.Error(w, "Signing in takes a GET.", http.StatusMethodNotAllowed)
		return
	}
	s.mux.ServeHTTP(w, r)
}

// public is the address of a path of this service, for browsers.
func (s *Service) public(path string) string { return s.origin + s.below + path }

// allowed tells whether users of a Zoom account may sign in.
func (s *Service) allowed(account string) bool {
	return len(s.o.Accounts) == 0 || slices.Contains(s.o.Accounts, account)
}

// caller returns the caller for a session. Name and class belong to the person, whatever session and token.
func (s *Service) caller(l *live) callers.Caller {
	r := l.record()
	person := callers.DigestOf(r.Account + " " + r.User).String()
	key := ""
	if s.o.KeyOf != nil {
		key = s.o.KeyOf(r.Account)
	}
	return callers.Caller{
		Name: "user:" + person[:8], Display: cmp.Or(r.Name, "a Zoom user"), Method: callers.BySignIn,
		Account: key, Class: "user:" + person[:32], ZoomAccount: r.Account, ZoomUser: r.User, Permissions: s.o.Allow, Session: &Session{s, l}, Until: s.endOf(r),
	}
}
