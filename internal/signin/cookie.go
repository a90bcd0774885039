package signin

import (
	"crypto/rand"
	"encoding/base64"
	"errors"
	"net/http"
	"time"

	"zoomgraph/internal/callers"
)

const (
	// SessionCookie holds the id of a session.
	SessionCookie = "__Host-zoomgraph"
	stateCookie   = "__Host-zoomgraph-sign-in"

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

// sessionKey is the key of the session whose cookie a request carries. A cookie that cannot be one of ours counts as none.
func sessionKey(r *http.Request) (key string, ok bool) {
	c, err := r.Cookie(SessionCookie)
	if err != nil || len(c.Value) != idLength {
		return "", false
	}
	return keyOf(c.Value), true
}

// setSession gives the browser its session. Strict, because no page has to know at its loading who looks at it; what it
// asks then comes from the page itself.
func (s *Service) setSession(w http.ResponseWriter, id string) {
	http.SetCookie(w, &http.Cookie{
		Name: SessionCookie, Value: id, Path: "/", MaxAge: int(s.o.Life.Seconds()),
		Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
}

func clearSession(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{
		Name: SessionCookie, Path: "/", MaxAge: -1, Secure: true, HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
}

// setJourney is Lax, not Strict: it must come back with a navigation that Zoom's page begins.
func (s *Service) setJourney(w http.ResponseWriter, j journey) error {
	sealed, err := s.box.close(stateCookie, j)
	if err != nil {
		return err
	}
	value := base64.RawURLEncoding.EncodeToString(sealed)
	if len(stateCookie)+len(value) > maxCookie {
		return errTooLong
	}
	http.SetCookie(w, &http.Cookie{
		Name: stateCookie, Value: value, Path: "/", MaxAge: int(stateLife.Seconds()),
		Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
	return nil
}

// clearJourney takes it from the browser.
func clearJourney(w http.ResponseWriter) {
	http.SetCookie(w, &http.Cookie{
		Name: stateCookie, Path: "/", MaxAge: -1, Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode,
	})
}

// journey reads the cookie.
func (s *Service) journey(r *http.Request) (j journey, ok bool) {
	c, err := r.Cookie(stateCookie)
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
		return origins[0] == s.origin && (sameSite || len(sites) == 0)
	}
	return false
}
