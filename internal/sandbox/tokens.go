package sandbox

import (
	"maps"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"time"
)

// tokens are the access tokens that are alive.
type tokens struct {
	source source

	mu     sync.Mutex
	alive  map[string]token
	minted int
}

type token struct {
	account string
	scopes  []string // nil is all
	expires time.Time
}

func newTokens(s source) *tokens { return &tokens{source: s, alive: map[string]token{}} }

// mint makes a token; with alone it ends the account's older ones.
func (t *tokens) mint(made token, now time.Time, alone bool) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	maps.DeleteFunc(t.alive, func(_ string, old token) bool {
		return now.Sub(old.expires) > time.Hour || alone && old.account == made.account
	})
	t.minted++
	n := strconv.Itoa(t.minted)
	name := "sandbox." + t.source.id("token", made.account, n) + t.source.id("token too", made.account, n)
	t.alive[name] = made
	return name
}

// check returns the scopes of a token that is alive.
func (t *tokens) check(name string, now time.Time) ([]string, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	found, known := t.alive[name]
	if !known {
		return nil, refuse(http.StatusUnauthorized, 124, "Invalid access token.")
	}
	if !now.Before(found.expires) {
		return nil, refuse(http.StatusUnauthorized, 124, "Access token is expired.")
	}
	return found.scopes, nil
}

func (t *tokens) end(name string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	delete(t.alive, name)
}

// grant is the token endpoint's answer.
type grant struct {
	AccessToken string `json:"access_token"`
	TokenType   string `json:"token_type"`
	ExpiresIn   int    `json:"expires_in"` // in seconds
	Scope       string `json:"scope"`
}

// tokenRefusal is the shape of an error of the token endpoint.
type tokenRefusal struct {
	Reason string `json:"reason"`
	Error  string `json:"error"`
}

func refuseToken(kind, reason string) answer {
	return answer{status: http.StatusBadRequest, body: encode(tokenRefusal{Reason: reason, Error: kind})}
}

// grantToken mints a token for account_credentials. Parameters come in the
// query or in a form, the client's secret in the header only.
func (s *Server) grantToken(c *call) (answer, error) {
	form := c.values
	if strings.HasPrefix(c.request.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		fields, err := url.ParseQuery(string(c.body))
		if err != nil {
			return refuseToken("invalid_request", "The form cannot be read"), nil
		}
		for name, values := range fields {
			if _, err := c.route.parse(url.Values{name: values}.Encode()); err != nil {
				return refuseToken("invalid_request", "Unknown or repeated parameter: "+name), nil
			}
			form[name] = values
		}
	}
	id, secret, given := c.request.BasicAuth()
	o := s.options
	if !given || !matches(o.ClientID, id) || !matches(o.ClientSecret, secret) {
		return refuseToken("invalid_client", "Invalid client_id or client_secret"), nil
	}
	if form.Get("grant_type") != "account_credentials" {
		return refuseToken("unsupported_grant_type", "Unsupported grant type"), nil
	}
	account := form.Get("account_id")
	if !matches(o.AccountID, account) {
		return refuseToken("invalid_request", "Invalid account_id"), nil
	}
	life := time.Duration(c.regime.TokenTTL)
	scopes := c.regime.Scopes
	name := s.tokens.mint(token{account: account, scopes: scopes, expires: c.now.Add(life)}, c.now, c.regime.SingleToken)
	s.journal.minted()
	if scopes == nil {
		scopes = s.scopes
	}
	return ok(encode(grant{
		AccessToken: name, TokenType: "bearer", ExpiresIn: int(life.Seconds()), Scope: strings.Join(scopes, " "),
	})), nil
}

// matches compares a credential with the one configured; where none is,
// everything but nothing will do.
func matches(configured, given string) bool {
	if configured == "" {
		return given != ""
	}
	return given == configured
}
