package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"
)

// Prober finds out whether Zoom accepts users' own access tokens, and whose they are. Its calls are outside of all
// budgets, breakers and slots: whoever can make up tokens could use these up.
type Prober struct{ client *Client }

// TokenInfo tells whether Zoom accepts a token, and the ids of its account and user. An id is empty if Zoom does not tell
// it, for example because the token may not ask. An account's own token has no user.
type TokenInfo struct {
	Accepted      bool
	Account, User string
}

// The operations that a probe calls. Any user may ask the first one about themselves.
var (
	probeUser = Op{ID: "user", Method: http.MethodGet, Path: "/users/{userId}", Label: Light}
	probeList = Op{ID: "users", Method: http.MethodGet, Path: "/users", Label: Medium}
)

// notMe is Zoom's number, with HTTP 400, for a token that is of an account where a user's is wanted.
const notMe = 4700

// NewProber makes one that asks the Zoom of a configuration; its credentials and what an account shares are not used.
func NewProber(cfg Config) (*Prober, error) {
	cfg.Tokens, cfg.AppTokens, cfg.Budget, cfg.Slots, cfg.Health, cfg.AppHealth = StaticToken(""), nil, nil, nil, nil, nil
	cfg.Order, cfg.Breakers, cfg.Logger = nil, nil, nil
	c, err := New(cfg)
	return &Prober{c}, err
}

// Ask finds out about a token by one call. Zoom accepts it, too, where it says that the token lacks a scope or a right, or
// that it is of an account and so nobody's "me" (HTTP 400 with 4700). The error says that this could not be found out: nobody answered in time, or what answered is not Zoom, or in trouble.
func (p *Prober) Ask(ctx context.Context, token string) (TokenInfo, error) {
	user, fail := p.user(ctx, token, "me")
	switch {
	case fail == nil:
		return TokenInfo{true, user.Account, user.ID}, nil
	case fail.Foreign:
		return TokenInfo{}, fail
	case fail.Code == CodeUpstreamAuthFailed:
		return TokenInfo{Accepted: fail.Status == http.StatusBadRequest && fail.ZoomCode == notMe}, nil
	case fail.refusesRight():
		return TokenInfo{Accepted: true}, nil
	}
	return TokenInfo{}, fail
}

// refusesRight tells whether Zoom took the token, and refused what was asked for.
func (e *Error) refusesRight() bool {
	switch e.Code {
	case CodeScopeMissing, CodeForbidden, CodeNotFound, CodeInvitationPending:
		return !e.Foreign
	default:
		return false
	}
}

// AccountOf is the id of the account whose token it is, by two calls: it asks for one of the account's users. It is "" where
// the token may not ask that. The error says that nobody could tell, or that Zoom refuses the token.
func (p *Prober) AccountOf(ctx context.Context, token string) (string, error) {
	var list struct{ Users []probedUser }
	fail := p.call(ctx, token, Request{Op: &probeList, Query: url.Values{"page_size": {"1"}}}, &list)
	var user probedUser
	if fail == nil && len(list.Users) > 0 {
		user, fail = p.user(ctx, token, list.Users[0].ID)
	}
	if fail != nil && !fail.refusesRight() {
		return "", fail
	}
	return user.Account, nil
}

// probedUser has the fields of GET /users/me that a probe reads.
type probedUser struct {
	ID      string
	Account string `json:"account_id"`
}

func (p *Prober) user(ctx context.Context, token, id string) (user probedUser, fail *Error) {
	fail = p.call(ctx, token, Request{Op: &probeUser, Path: []string{id}}, &user)
	return user, fail
}

// call sends one call with a token. What an answer does not say, or says otherwise, stays empty in into.
func (p *Prober) call(ctx context.Context, token string, req Request, into any) *Error {
	out, fail := p.client.prepare(req)
	if fail != nil {
		return fail
	}
	var res Response
	start := p.client.now()
	fail = p.client.exchange(ctx, new(trip), out, Token{Value: token}, start, &res)
	p.client.observe(ctx, out, &res, start, p.client.now().Sub(start), fail)
	if fail == nil {
		_ = json.Unmarshal(res.Body, into)
	}
	return fail
}
