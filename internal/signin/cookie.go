package signin

import (
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/http"
	"time"

	"zoomgraph/internal/callers"
	"zoomgraph/internal/origin"
)

const (
	// SessionCookie holds the id of a session, of a service at the root of its origin.
	SessionCookie = "__Host-zoomgraph"
	// SessionCookieBelow is its name below a path. It goes to that path only, and not to what else answers at that host.
	SessionCookieBelow = "__Secure-zoomgraph"

	stateCookie = "-sign-in" // behind the name of the other one

	stateLife = 10 * time.Minute // to sign in at Zoom
	maxCookie = 4 << 10          // name and value: browsers drop a larger one without a word
)

var errTooLong = errors.New("return is too long to be kept while one signs in; sign in without it, and go there afterwards")

// journey is the sealed cookie of a browser that is signing in. Any replica can read it, and nothing is kept for people
// who never come back.
type journey struct {
	State    string    `json:"state"`
	Verifier string    `json:"verifier"` // of PKCE
	Return   string    `json:"return"`
	Old      string    `json:"old,omitempty"` // the key of the session that this one replaces
	Until    time.Time `json:"until"`
}

// newID makes an id of 256 bits and more.
func newID() string { return rand.Text() + rand.Text() }

const idLength = 52

// keyOf is the name of a session where it is kept: from it the id cannot be told.
func keyOf(id string) string { return callers.DigestOf(id).String() }

// cookie is one of this service, which scripts cannot read. Browsers take a name that begins with __Host- for the whole
// host only, so below a path it begins with __Secure-.
func (s *Service) cookie(suffix, value string, life time.Duration, site http.SameSite) *http.Cookie {
	c := &http.Cookie{Name: s.cookieName(suffix), Value: value, Path: cmp.Or(s.below, "/"), MaxAge: -1, Secure: true, HttpOnly: true, SameSite: site} //nolint:gosec // each site is a strict one
	if value != "" {
		c.MaxAge = int(life.Seconds())
	}
	return c
}

func (s *Service) cookieName(suffix string) string {
	if s.below != "" {
		return SessionCookieBelow + suffix
	}
	return SessionCookie + suffix
}

// sessionKey is the key of the session whose cookie a request carries. A cookie that cannot be one of ours counts as none.
func (s *Service) sessionKey(r *http.Request) (key string, ok bool) {
	c, err := r.Cookie(s.cookieName(""))
	if err != nil || len(c.Value) != idLength {
		return "", false
	}
	return keyOf(c.Value), true
}

// setSession gives the browser its session. Strict, because no page has to know at its loading who looks at it; what it
// asks then comes from the page itself.
func (s *Service) setSession(w http.ResponseWriter, id string) {
	http.SetCookie(w, s.cookie("", id, s.o.Life, http.SameSiteStrictMode))
}

func (s *Service) clearSession(w http.ResponseWriter) {
	http.SetCookie(w, s.cookie("", "", 0, http.SameSiteStrictMode))
}

// setJourney is Lax, not Strict: it must come back with a navigation that Zoom's page begins.
func (s *Service) setJourney(w http.ResponseWriter, j journey) error {
	sealed, err := s.box.close(stateCookie, j)
	if err != nil {
		return err
	}
	value := base64.RawURLEncoding.EncodeToString(sealed)
	if len(s.cookieName(stateCookie))+len(value) > maxCookie {
		return errTooLong
	}
	http.SetCookie(w, s.cookie(stateCookie, value, stateLife, http.SameSiteLaxMode))
	return nil
}

// clearJourney takes it from the browser.
func (s *Service) clearJourney(w http.ResponseWriter) {
	http.SetCookie(w, s.cookie(stateCookie, "", 0, http.SameSiteLaxMode))
}

// journey reads the cookie.
func (s *Service) journey(r *http.Request) (j journey, ok bool) {
	c, err := r.Cookie(s.cookieName(stateCookie))
	if err != nil || len(c.Value) > maxCookie {
		return journey{}, false
	}
	sealed, err := base64.RawURLEncoding.DecodeString(c.Value)
	if err != nil || !s.box.open(stateCookie, sealed, &j) || !s.now().Before(j.Until) {
		return journey{}, false
	}
	return j, true
}

// ownPage tells whether a request surely comes from a page of this service. Browsers say so of every request that a
// cookie could be sent with behind somebody's back; who says nothing is no browser, and has no use for a cookie.
func (s *Service) ownPage(r *http.Request) bool {
	origins, sites := r.Header.Values("Origin"), r.Header.Values("Sec-Fetch-Site")
	sameSite := len(sites) == 1 && sites[0] == "same-origin"
	switch len(origins) {
	case 0:
		return sameSite
	case 1:
		from, ok := origin.Fold(origins[0])
		return ok && from == s.origin && (sameSite || len(sites) == 0)
	}
	return false
}
