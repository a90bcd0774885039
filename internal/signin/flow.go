package signin

import (
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"zoomgraph/internal/origin"
	"zoomgraph/internal/peer"
	"zoomgraph/internal/reqid"
)

// sentHere marks a browser already redirected to the public host. Seeing it again means a redirect loop.
const sentHere = "sent"

// FailureParameter is the query parameter that tells a page why signing in failed.
const FailureParameter = "signInError"

// Failure is why signing in came to nothing.
type Failure string

// The failures.
const (
	FailedState       Failure = "state"       // it took more than ten minutes, was begun in another browser, or in another tab since
	FailedDenied      Failure = "denied"      // the person, or their administrator, declined at Zoom
	FailedAccount     Failure = "account"     // people of that Zoom account may not sign in here
	FailedScope       Failure = "scope"       // the app lacks the scope to read who signed in
	FailedRefused     Failure = "refused"     // Zoom refuses the app, its redirect address or the code; the log has more
	FailedUnavailable Failure = "unavailable" // Zoom, or what keeps sessions, cannot be asked now
)

// begin sends the browser to Zoom.
func (s *Service) begin(w http.ResponseWriter, r *http.Request) {
	path, err := s.checkReturn(r.URL.Query().Get("return"))
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if scheme, host, _ := strings.Cut(s.origin, "://"); origin.Host(scheme, r.Host) != host {
		// Cookies that are set here would not come with the callback.
		if r.URL.Query().Has(sentHere) {
			http.Error(w, fmt.Sprintf("Browsers are sent to %s, and come from there as to %q: let the proxy pass the Host header on as it is, or mend --public-url.", s.public("/"), r.Host), http.StatusMisdirectedRequest)
			return
		}
		redirect(w, s.public(Path)+"?"+url.Values{"return": {path}, sentHere: {"1"}}.Encode())
		return
	}
	j := journey{State: newID(), Verifier: oauth2.GenerateVerifier(), Return: path, Until: s.now().Add(stateLife)}
	if key, ok := s.sessionKey(r); ok {
		j.Old = key
	}
	switch err := s.setJourney(w, j); {
	case errors.Is(err, errTooLong):
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	case err != nil:
		s.log.ErrorContext(r.Context(), "signing in cannot begin", "requestId", reqid.From(r.Context()), "error", err)
		http.Error(w, "Something went wrong in this service.", http.StatusInternalServerError)
		return
	}
	redirect(w, s.authServer.oauth.AuthCodeURL(j.State, oauth2.S256ChallengeOption(j.Verifier)))
}

// callback is where Zoom sends the browser back to.
func (s *Service) callback(w http.ResponseWriter, r *http.Request) {
	j, known := s.journey(r)
	query := r.URL.Query()
	fits := known && subtle.ConstantTimeCompare([]byte(query.Get("state")), []byte(j.State)) == 1
	if fits {
		s.clearJourney(w) // it is good once; that of another tab stays
	}
	why := FailedState
	switch {
	case !known:
		j.Return = "/"
	case !fits:
	case query.Get("error") == "access_denied":
		why = FailedDenied
	case query.Get("error") != "", query.Get("code") == "":
		why = FailedRefused
	default:
		why = s.arrive(w, r, j, query.Get("code"))
	}
	if why != "" {
		s.log.InfoContext(r.Context(), "nobody is signed in", "requestId", reqid.From(r.Context()), "why", string(why))
		redirect(w, s.public(withError(j.Return, why)))
		return
	}
	redirect(w, s.public(j.Return))
}

// arrive makes a session of a code.
func (s *Service) arrive(w http.ResponseWriter, r *http.Request, j journey, code string) (why Failure) {
	from := peer.Client(s.o.Proxies.Address(r))
	if !s.exchanges.take(from) {
		return FailedUnavailable
	}
	defer func() { s.leave(from, why) }()
	ctx, cancel := context.WithTimeout(r.Context(), zoomTimeout)
	defer cancel()
	person, err := s.authServer.arrive(ctx, code, j.Verifier)
	if err != nil {
		return s.authServer.failure(ctx, err)
	}
	if !s.allowed(person.Account) {
		s.log.WarnContext(ctx, "somebody of another Zoom account may not sign in; --sign-in-accounts says whose users may", "account", person.Account)
		s.beside(func(ctx context.Context) { s.authServer.revoke(ctx, person.Access) })
		return FailedAccount
	}
	id := newID()
	person.Created = s.now()
	sealed, err := s.box.close(keyOf(id), person)
	if err == nil {
		err = s.keeper.Add(ctx, keyOf(id), sealed, s.o.Idle)
	}
	if err != nil {
		s.log.WarnContext(ctx, "a session cannot be kept", "error", err)
		s.beside(func(ctx context.Context) { s.authServer.revoke(ctx, person.Access) })
		return FailedUnavailable
	}
	s.setSession(w, id)
	if j.Old != "" {
		if err := s.end(ctx, j.Old); err != nil {
			s.log.WarnContext(ctx, "the session before this one cannot be ended", "error", err)
		}
	}
	s.log.InfoContext(ctx, "somebody signed in", "caller", s.caller(newLive(keyOf(id), person, sealed)))
	return ""
}

// leave gives back a place among those who ask Zoom, after a wrong code not at once: codes are made up more easily than
// Zoom is asked.
func (s *Service) leave(from netip.Prefix, why Failure) {
	if why == FailedRefused {
		time.AfterFunc(s.refusedRest, func() { s.exchanges.leave(from) })
		return
	}
	s.exchanges.leave(from)
}

// signOut ends the session of a request. Without one there is nothing to do, and that is well.
func (s *Service) signOut(w http.ResponseWriter, r *http.Request) {
	if !s.ownPage(r) { // also without the cookie: a page elsewhere sends none, and would have it cleared all the same
		http.Error(w, "Only a page of this service at "+s.public("/")+" can sign somebody out.", http.StatusForbidden)
		return
	}
	s.clearSession(w)
	if key, ok := s.sessionKey(r); ok {
		// It is ended also where the browser does not wait for the answer, such as a tab that is being closed.
		if err := s.end(context.WithoutCancel(r.Context()), key); err != nil {
			s.log.WarnContext(r.Context(), "a session cannot be ended", "requestId", reqid.From(r.Context()), "error", err)
			w.Header().Set("Retry-After", "5")
			http.Error(w, "Your browser has forgotten the session, but this service cannot end it now; it ends by itself.", http.StatusServiceUnavailable)
			return
		}
	}
	w.WriteHeader(http.StatusNoContent)
}

// end removes a session, and beside that tells Zoom.
func (s *Service) end(ctx context.Context, key string) error {
	s.forget(key)
	sealed, err := s.keeper.Get(ctx, key)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = s.keeper.Remove(ctx, key)
		s.forget(key) // a request in the meantime made it known again
	}
	var r record
	if err == nil && s.box.open(key, sealed, &r) {
		s.beside(func(ctx context.Context) { s.authServer.revoke(ctx, r.Access) })
	}
	return err
}

// beside does something that no request waits for, and Close does.
func (s *Service) beside(do func(context.Context)) {
	s.spawn(func() {
		ctx, cancel := context.WithTimeout(context.Background(), zoomTimeout)
		defer cancel()
		do(ctx)
	})
}

// spawn runs something that Close waits for, if it has not begun to.
func (s *Service) spawn(do func()) {
	s.spawning.Lock()
	defer s.spawning.Unlock()
	if s.closing.Err() != nil {
		go do()
		return
	}
	s.wg.Go(do)
}

// redirect answers with an address as it is: net/http's own function would tidy the path.
func redirect(w http.ResponseWriter, to string) {
	w.Header().Set("Location", to)
	w.WriteHeader(http.StatusSeeOther)
}

const zoomTimeout = 15 * time.Second // for all requests to Zoom of one sign-in or renewal
