package sandbox

import (
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"zoomgraph/internal/sandbox/world"
)

// tokens are the access tokens that are alive, and what those of users can be had with.
type tokens struct {
	source world.Source

	mu      sync.Mutex
	alive   map[string]token
	refresh map[string]token // by the refresh token; each is good once
	codes   map[string]code  // each is good once
	minted  int              // tokens and codes
}

type token struct {
	account string
	scopes  []string // nil is all
	expires time.Time

	// app tells the token of an app itself, which is no account's and no user's.
	app bool

	// Of a user's token: whose it is, for which client, and which authorization it descends from.
	user, client, origin string
}

func newTokens(s world.Source) *tokens {
	return &tokens{source: s, alive: map[string]token{}, refresh: map[string]token{}, codes: map[string]code{}}
}

// name makes up the next token's name.
func (t *tokens) name(kind string) string {
	t.minted++
	n := strconv.Itoa(t.minted)
	return "sandbox." + t.source.ID(kind, n) + t.source.ID(kind+" too", n)
}

// mint makes a token; with alone it ends the account's older ones.
func (t *tokens) mint(made token, now time.Time, alone bool) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.add(made, now, alone)
}

func (t *tokens) add(made token, now time.Time, alone bool) string {
	maps.DeleteFunc(t.alive, func(_ string, old token) bool {
		return now.Sub(old.expires) > time.Hour || alone && old.account == made.account && old.app == made.app && old.user == ""
	})
	name := t.name("token")
	t.alive[name] = made
	return name
}

// check returns a token that is alive.
func (t *tokens) check(name string, now time.Time) (token, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	found, known := t.alive[name]
	if !known {
		return token{}, world.Refuse(http.StatusUnauthorized, 124, "Invalid access token.")
	}
	if !now.Before(found.expires) {
		return token{}, world.Refuse(http.StatusUnauthorized, 124, "Access token is expired.")
	}
	return found, nil
}

func (t *tokens) end(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.alive, name)
}

// grant is the token endpoint's answer.
type grant struct {
	AccessToken  string `json:"access_token"`
	TokenType    string `json:"token_type"`
	RefreshToken string `json:"refresh_token,omitempty"` // of a user's
	ExpiresIn    int    `json:"expires_in"`              // in seconds
	Scope        string `json:"scope"`
}

// tokenRefusal is the shape of an error of the token endpoint.
type tokenRefusal struct {
	Reason string `json:"reason"`
	Error  string `json:"error"`
}

func refuseToken(kind, reason string) world.Answer {
	return world.Answer{Status: http.StatusBadRequest, Body: world.Encode(tokenRefusal{Reason: reason, Error: kind})}
}

// grantToken mints a token. Parameters come in the query or in a form, the
// client's secret in the header only.
func (s *Server) grantToken(c *call) (world.Answer, error) {
	form, client, wrong := s.oauthForm(c)
	if wrong != nil {
		return *wrong, nil
	}
	kind := form.Get("grant_type")
	wants, known := map[string][]string{
		"account_credentials": {"account_id"},
		"client_credentials":  {},
		"authorization_code":  {"code", "redirect_uri", "code_verifier"},
		"refresh_token":       {"refresh_token"},
	}[kind]
	if !known {
		return refuseToken("unsupported_grant_type", "Unsupported grant type"), nil
	}
	for name := range form {
		if name != "grant_type" && !slices.Contains(wants, name) {
			return refuseToken("invalid_request", "Not a parameter of this grant type: "+name), nil
		}
	}
	switch kind {
	case "authorization_code":
		return s.grantByCode(c, client, form), nil
	case "refresh_token":
		return s.grantByRefresh(c, client, form), nil
	case clientCredentials:
		return s.grantApp(c), nil
	}
	account := form.Get("account_id")
	if !matches(s.options.AccountID, account) {
		return refuseToken("invalid_request", "Invalid account_id"), nil
	}
	made := token{account: account, scopes: c.regime.Scopes, expires: c.now.Add(time.Duration(c.regime.TokenTTL))}
	return s.granted(c, s.tokens.mint(made, c.now, c.regime.SingleToken), "", s.carries(made)), nil
}

// clientCredentials is the grant of a token of an app itself.
const clientCredentials = "client_credentials"

// grantApp mints a token of the app itself, which is good for what takes such a token and for nothing else.
func (s *Server) grantApp(c *call) world.Answer {
	scopes := slices.Clone(s.ofApp)
	if c.regime.Scopes != nil {
		scopes = slices.DeleteFunc(scopes, func(scope string) bool { return !slices.Contains(c.regime.Scopes, scope) })
	}
	made := token{app: true, scopes: scopes, expires: c.now.Add(time.Duration(c.regime.TokenTTL))}
	return s.granted(c, s.tokens.mint(made, c.now, c.regime.SingleToken), "", scopes)
}

// oauthForm reads the parameters and the client of a call to the token endpoint
// or to that which revokes; or else it returns the answer.
func (s *Server) oauthForm(c *call) (form url.Values, client string, wrong *world.Answer) {
	fail := func(kind, reason string) (url.Values, string, *world.Answer) {
		a := refuseToken(kind, reason)
		return nil, "", &a
	}
	form = c.values
	if strings.HasPrefix(c.request.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		fields, err := url.ParseQuery(string(c.body))
		if err != nil {
			return fail("invalid_request", "The form cannot be read")
		}
		for name, values := range fields {
			if _, err := c.route.Parse(url.Values{name: values}.Encode()); err != nil {
				return fail("invalid_request", "Unknown or repeated parameter: "+name)
			}
			form[name] = values
		}
	}
	id, secret, given := c.request.BasicAuth()
	wantID, wantSecret := s.options.ClientID, s.options.ClientSecret
	if form.Get("grant_type") == clientCredentials {
		wantID, wantSecret = s.options.ChatbotClientID, s.options.ChatbotClientSecret
	}
	if !given || !matches(wantID, id) || !matches(wantSecret, secret) {
		return fail("invalid_client", "Invalid client_id or client_secret")
	}
	return form, id, nil
}

// granted is the answer with a token that was minted.
func (s *Server) granted(c *call, name, refresh string, scopes []string) world.Answer {
	s.journal.minted()
	return world.OK(world.Encode(grant{
		AccessToken: name, TokenType: "bearer", RefreshToken: refresh,
		ExpiresIn: int(time.Duration(c.regime.TokenTTL).Seconds()), Scope: strings.Join(scopes, " "),
	}))
}

// carries are those that a token of an account or a user carries.
func (s *Server) carries(t token) []string {
	if t.scopes == nil {
		return s.scopes
	}
	return t.scopes
}

// matches compares a credential with the one configured; where none is,
// everything but nothing will do.
func matches(configured, given string) bool {
	if configured == "" {
		return given != ""
	}
	return given == configured
}

// tokenRoute is the token endpoint, which is not part of the API.
func tokenRoute() *route {
	return endpoint(http.MethodPost, "/oauth/token", []world.Param{
		{Name: "grant_type"},
		{Name: "account_id"},
		{Name: "code"},
		{Name: "redirect_uri"},
		{Name: "code_verifier"},
		{Name: "refresh_token"},
	}, (*Server).grantToken)
}
