package client

import (
	"context"
	"net/http"
)

// Prober finds out whether Zoom accepts users' own access tokens. Its calls are outside of all budgets, breakers and
// slots: whoever can make up tokens could use these up.
type Prober struct{ client *Client }

// probeOp is the operation that a probe calls. Any user may ask it about themselves.
var probeOp = Op{ID: "user", Method: http.MethodGet, Path: "/users/{userId}", Label: Light}

// notMe is Zoom's number, with HTTP 400, for a token that is of an account where a user's is wanted.
const notMe = 4700

// NewProber makes one that asks the Zoom of a configuration; its credentials, Budget, Slots, Health and Logger are not
// used.
func NewProber(cfg Config) (*Prober, error) {
	cfg.Tokens, cfg.Budget, cfg.Slots, cfg.Health, cfg.Logger = StaticToken(""), nil, nil, nil, nil
	c, err := New(cfg)
	return &Prober{c}, err
}

// Accepts sends one call with a token. Zoom accepts a token, too, where it says that the token lacks a scope or a right,
// or that it is of an account and so nobody's "me" (HTTP 400 with 4700). The error says that there is no verdict: nobody
// answered in time, or what answered is not Zoom, or in trouble.
func (p *Prober) Accepts(ctx context.Context, token string) (bool, error) {
	out, fail := p.client.prepare(Request{Op: &probeOp, Path: []string{"me"}})
	if fail != nil {
		return false, fail
	}
	var res Response
	start := p.client.now()
	fail = p.client.exchange(ctx, ctx, out, Token{Value: token}, &res)
	p.client.observe(ctx, out, &res, start, p.client.now().Sub(start), fail)
	switch {
	case fail == nil:
		return true, nil
	case fail.Foreign:
		return false, fail
	}
	switch fail.Code {
	case CodeUpstreamAuthFailed:
		return fail.Status == http.StatusBadRequest && fail.ZoomCode == notMe, nil
	case CodeScopeMissing, CodeForbidden, CodeNotFound, CodeInvitationPending:
		return true, nil
	default:
		return false, fail
	}
}
