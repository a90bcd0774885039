package sandbox

// A user's token, by the authorization code flow: a browser is sent to /oauth/authorize, where one says who one is by
// clicking on a name, and comes back with a code that the token endpoint takes once.

import (
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	_ "embed"
	"encoding/base64"
	"fmt"
	"html/template"
	"maps"
	"net/http"
	"net/url"
	"time"

	"zoomgraph/internal/sandbox/world"
	"zoomgraph/internal/sandbox/zoom"
)

const (
	codeLife = 10 * time.Minute
	onPage   = 12 // users that the page offers by name
)

// code is what a browser brings back.
type code struct {
	token
	redirect  string
	challenge string // of PKCE; "" where there was none
	expires   time.Time
}

func authorizeRoute() *route {
	return endpoint(http.MethodGet, "/oauth/authorize", []world.Param{
		{Name: "response_type", Values: []string{"code"}, Required: true},
		{Name: "client_id", Required: true},
		{Name: "redirect_uri", Required: true},
		{Name: "state"},
		{Name: "code_challenge"},
		{Name: "code_challenge_method", Values: []string{"S256"}},
		{Name: "user"}, // not Zoom's: who signs in, by e-mail address or id
		{Name: "deny", Values: []string{"1"}},
	}, (*Server).authorize)
}

func revokeRoute() *route {
	return endpoint(http.MethodPost, "/oauth/revoke", []world.Param{{Name: "token"}}, (*Server).revokeToken)
}

// authorize sends the browser back with a code for the user that the request names; without one it shows a page to
// choose one from. Wrong requests are answered here, never passed on to where they came from.
func (s *Server) authorize(c *call) (world.Answer, error) {
	v := c.values
	back, err := url.Parse(v.Get("redirect_uri"))
	switch {
	case err != nil, back.Scheme != "https" && back.Scheme != "http", back.Host == "", back.Fragment != "":
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 4700, "Invalid redirect_uri: %q.", v.Get("redirect_uri"))
	case !matches(s.options.ClientID, v.Get("client_id")):
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 4702, "Invalid client_id: %q.", v.Get("client_id"))
	case (v.Get("code_challenge") == "") != (v.Get("code_challenge_method") == ""):
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 4700, "code_challenge and code_challenge_method go together.")
	case v.Get("deny") != "":
		return redirectWith(back, v, "error", "access_denied"), nil
	case v.Get("user") == "":
		return s.choice(v)
	}
	account, id := s.zoom.SignIn(v.Get("user"))
	if id == "" {
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 1001, "No active user of this account: %s.", v.Get("user"))
	}
	made := code{
		token:    token{account: account, user: id, client: v.Get("client_id")},
		redirect: v.Get("redirect_uri"), challenge: v.Get("code_challenge"), expires: c.now.Add(codeLife),
	}
	return redirectWith(back, v, "code", s.tokens.issue(made, c.now)), nil
}

func redirectWith(back *url.URL, v url.Values, name, value string) world.Answer {
	query := back.Query()
	query.Set(name, value)
	if state := v.Get("state"); state != "" {
		query.Set("state", state)
	}
	back.RawQuery = query.Encode()
	return world.Answer{Status: http.StatusFound, Header: http.Header{"Location": {back.String()}, "Cache-Control": {"no-store"}}}
}

//go:embed authorize.html
var authorizePage string

// choice is the page on which one says who one is.
func (s *Server) choice(v url.Values) (world.Answer, error) {
	page, err := template.New("authorize").Parse(authorizePage)
	if err != nil {
		return world.Answer{}, err
	}
	type user struct{ Name, Email, Href string }
	link := func(name, value string) string {
		query := maps.Clone(v)
		query.Set(name, value)
		return "?" + query.Encode()
	}
	data := struct {
		Users  []user
		Hidden url.Values
		Deny   string
	}{Hidden: maps.Clone(v), Deny: link("deny", "1")}
	data.Hidden.Del("user")
	for _, p := range s.zoom.Users() {
		if p.Status == zoom.Active && len(data.Users) < onPage {
			data.Users = append(data.Users, user{p.Name, p.Email, link("user", p.Email)})
		}
	}
	var html bytes.Buffer
	if err := page.Execute(&html, data); err != nil {
		return world.Answer{}, fmt.Errorf("the page of /oauth/authorize: %w", err)
	}
	return world.Answer{Status: http.StatusOK, Body: html.Bytes(), Header: http.Header{
		"Content-Type":            {"text/html; charset=utf-8"},
		"Content-Security-Policy": {"default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'"},
		"Cache-Control":           {"no-store"},
	}}, nil
}

// issue makes a code.
func (t *tokens) issue(made code, now time.Time) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	maps.DeleteFunc(t.codes, func(_ string, old code) bool { return now.After(old.expires) })
	name := t.name("code")
	made.origin = name
	t.codes[name] = made
	return name
}

// grantByCode takes a code, which is used up by that, whatever the answer.
func (s *Server) grantByCode(c *call, client string, form url.Values) world.Answer {
	s.tokens.mu.Lock()
	found, known := s.tokens.codes[form.Get("code")]
	delete(s.tokens.codes, form.Get("code"))
	s.tokens.mu.Unlock()
	verifier := form.Get("code_verifier")
	sum := sha256.Sum256([]byte(verifier))
	challenge := base64.RawURLEncoding.EncodeToString(sum[:])
	switch {
	case !known, !c.now.Before(found.expires), found.client != client:
		return refuseToken("invalid_grant", "Invalid authorization code")
	case found.redirect != form.Get("redirect_uri"):
		return refuseToken("invalid_request", "Redirect URI mismatch")
	case found.challenge == "" && verifier != "", found.challenge != "" && subtle.ConstantTimeCompare([]byte(challenge), []byte(found.challenge)) != 1:
		return refuseToken("invalid_grant", "Invalid code_verifier")
	}
	return s.grantUser(c, found.token)
}

// grantByRefresh takes a refresh token, which is good once.
func (s *Server) grantByRefresh(c *call, client string, form url.Values) world.Answer {
	s.tokens.mu.Lock()
	found, known := s.tokens.refresh[form.Get("refresh_token")]
	if known && found.client == client {
		delete(s.tokens.refresh, form.Get("refresh_token"))
	}
	s.tokens.mu.Unlock()
	if !known || found.client != client {
		return refuseToken("invalid_grant", "Invalid Token!")
	}
	return s.grantUser(c, found)
}

// grantUser makes an access token of a user, and the refresh token behind it.
func (s *Server) grantUser(c *call, made token) world.Answer {
	made.scopes, made.expires = c.regime.Scopes, c.now.Add(time.Duration(c.regime.TokenTTL))
	t := s.tokens
	t.mu.Lock()
	defer t.mu.Unlock()
	name, refresh := t.add(made, c.now, false), t.name("refresh")
	t.refresh[refresh] = made
	return s.granted(c, name, refresh, s.carries(made))
}

// EndUserTokens ends all tokens of users, as an administrator does who takes an app out of the account.
func (s *Server) EndUserTokens() {
	t := s.tokens
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.refresh)
	maps.DeleteFunc(t.alive, func(_ string, tok token) bool { return tok.user != "" })
}

// revokeToken ends an access or a refresh token of a user, and with it all that come of the same authorization.
func (s *Server) revokeToken(c *call) (world.Answer, error) {
	form, client, wrong := s.oauthForm(c)
	if wrong != nil {
		return *wrong, nil
	}
	t, name := s.tokens, form.Get("token")
	t.mu.Lock()
	defer t.mu.Unlock()
	found, known := t.alive[name]
	if !known {
		found, known = t.refresh[name]
	}
	if !known || found.user == "" || found.client != client {
		return refuseToken("invalid_request", "Invalid token"), nil
	}
	same := func(_ string, other token) bool { return other.origin == found.origin }
	maps.DeleteFunc(t.alive, same)
	maps.DeleteFunc(t.refresh, same)
	return world.OK([]byte(`{"status":"success"}`)), nil
}
