package signin

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"zoomgraph/client"
	"zoomgraph/internal/lazy"
)

const (
	usualLife    = time.Hour // of an access token whose answer does not tell
	longestLife  = 24 * time.Hour
	refreshTenth = 9 // tenths of its life after which a token is renewed
)

// authServer asks Zoom about the person who signs in.
type authServer struct {
	oauth  oauth2.Config
	http   *http.Client
	revoke func(ctx context.Context, token string)
	api    client.Config
	log    *slog.Logger
	now    func() time.Time
}

// opMe reads who a token belongs to.
var opMe = client.Op{ //nolint:gochecknoglobals // a constant, which an Op cannot be
	ID: "user", Method: http.MethodGet, Path: "/users/{userId}", Label: client.Light,
	Scopes: []string{"user:read", "user:read:admin"}, GranularScopes: []string{"user:read:user", "user:read:user:admin"},
}

func newAuthServer(o Options, callback string) (*authServer, error) {
	base := strings.TrimRight(o.Zoom.OAuthURL, "/")
	if o.Zoom.Transport == nil {
		o.Zoom.Transport = client.NewTransport() // one for all who sign in, whose clients are made anew
	}
	z := &authServer{
		oauth: oauth2.Config{
			ClientID: o.ClientID, ClientSecret: o.ClientSecret, RedirectURL: callback,
			Endpoint: oauth2.Endpoint{AuthURL: base + "/authorize", TokenURL: base + "/token", AuthStyle: oauth2.AuthStyleInHeader},
		},
		http: &http.Client{
			Transport:     o.Zoom.Transport,
			CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
		},
		api: o.Zoom, log: o.Zoom.Logger, now: o.Now,
	}
	z.revoke = z.revokeAt(base + "/revoke")
	_, err := z.as(client.Token{Value: "nobody's"}) // tells what is wrong with the rest
	return z, err
}

// as returns a client that uses token.
func (z *authServer) as(token client.Token) (*client.Client, error) {
	to := z.api
	to.Tokens = oneToken(token)
	return client.New(to)
}

// oneToken is the source of a token that was had just now.
type oneToken client.Token

// Token is always the same.
func (t oneToken) Token(context.Context) (client.Token, error) { return client.Token(t), nil }

// Drop changes nothing.
func (oneToken) Drop(client.Token) {}

// ActsAsUser is true.
func (oneToken) ActsAsUser() bool { return true }

// arrive takes a code for tokens, and finds out whose they are.
func (z *authServer) arrive(ctx context.Context, code, verifier string) (record, error) {
	asked := z.now()
	tok, err := z.oauth.Exchange(z.over(ctx), code, oauth2.VerifierOption(verifier))
	if err != nil {
		return record{}, err
	}
	r := record{}.renewed(tok, asked)
	if r.Refresh == "" {
		return record{}, &client.Error{Code: client.CodeUpstreamInvalidResponse, Message: "Zoom gave no refresh token"}
	}
	as, err := z.as(r.token(""))
	if err != nil {
		return record{}, err
	}
	answer, err := as.Do(ctx, client.Request{Op: &opMe, Path: []string{"me"}})
	if err != nil {
		return record{}, err
	}
	var me struct {
		ID          string `json:"id"`
		Account     string `json:"account_id"`
		DisplayName string `json:"display_name"`
		FirstName   string `json:"first_name"`
		LastName    string `json:"last_name"`
	}
	if err := json.Unmarshal(answer.Body, &me); err != nil || me.ID == "" || me.Account == "" {
		return record{}, &client.Error{Code: client.CodeUpstreamInvalidResponse, Op: &opMe, Message: "Zoom does not say who signed in"}
	}
	r.User, r.Account, r.Name = me.ID, me.Account, cmp.Or(me.DisplayName, strings.TrimSpace(me.FirstName+" "+me.LastName))
	return r, nil
}

// renew takes a refresh token for new tokens.
func (z *authServer) renew(ctx context.Context, r record) (record, error) {
	asked := z.now()
	tok, err := z.oauth.TokenSource(z.over(ctx), &oauth2.Token{RefreshToken: r.Refresh}).Token()
	if err != nil {
		return record{}, err
	}
	return r.renewed(tok, asked), nil
}

func (z *authServer) over(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, z.http)
}

// revokeAt is a function that tells Zoom that a token is not needed any more. That helps, and is not needed: a session
// that has ended cannot use its tokens.
func (z *authServer) revokeAt(address string) func(context.Context, string) {
	return func(ctx context.Context, token string) {
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, address, strings.NewReader(url.Values{"token": {token}}.Encode()))
		if err != nil {
			return // the address was good enough to sign in with
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.SetBasicAuth(url.QueryEscape(z.oauth.ClientID), url.QueryEscape(z.oauth.ClientSecret))
		res, err := z.http.Do(req)
		if err != nil {
			z.log.WarnContext(ctx, "Zoom was not told that a session has ended", "why", "no answer")
			return
		}
		defer res.Body.Close()
		if res.StatusCode != http.StatusOK {
			z.log.WarnContext(ctx, "Zoom was not told that a session has ended", "status", res.StatusCode)
		}
	}
}

// grantFault is the meaning of an error of the token endpoint.
type grantFault int

const (
	unavailable grantFault = iota // ask again
	spent                         // the code or the refresh token is no good
	misfit                        // the app is no good, which is the operator's to mend
)

// judge tells what an error means, and logs what an operator can do something about. Zoom's texts stay out of it: they
// may repeat what they were sent.
func (z *authServer) judge(ctx context.Context, err error) grantFault {
	var answer *oauth2.RetrieveError
	if !errors.As(err, &answer) || answer.Response == nil {
		z.log.WarnContext(ctx, "Zoom's token endpoint cannot be asked")
		return unavailable
	}
	code := oauthCode(answer)
	z.log.WarnContext(ctx, "Zoom refused to give a user's token", "status", answer.Response.StatusCode, "error", code)
	switch status := answer.Response.StatusCode; {
	case status != http.StatusBadRequest && status != http.StatusUnauthorized, !client.Denies(answer.Body):
		return unavailable
	case code == "invalid_grant", code == "invalid_request":
		return spent
	}
	return misfit
}

var plainCode = lazy.Regexp(`^[a-z_]{1,40}$`)

// oauthCode is the error in an answer of the token endpoint, "" where it is none of the usual form.
func oauthCode(answer *oauth2.RetrieveError) string {
	var told struct{ Error string }
	if json.Unmarshal(answer.Body, &told) != nil || !plainCode().MatchString(told.Error) {
		return ""
	}
	return told.Error
}

// failure is the reason shown to a person who could not be signed in.
func (z *authServer) failure(ctx context.Context, err error) Failure {
	var fail *client.Error
	switch {
	case !errors.As(err, &fail):
		if z.judge(ctx, err) == unavailable {
			return FailedUnavailable
		}
		return FailedRefused
	case fail.Code == client.CodeScopeMissing:
		z.log.WarnContext(ctx, "nobody can sign in: the app lacks the scope to read who it is", "scopes", fail.MissingScopes)
		return FailedScope
	case fail.Foreign, fail.Code == client.CodeUpstreamUnavailable, fail.Code == client.CodeUpstreamTimeout, fail.Code == client.CodeRateLimited:
		return FailedUnavailable
	}
	z.log.WarnContext(ctx, "nobody can be told from a token that Zoom gave", "error", fail)
	return FailedRefused
}

// life is how long a token is good.
func life(tok *oauth2.Token, asked time.Time) time.Duration {
	seconds := time.Duration(tok.ExpiresIn) * time.Second
	if seconds <= 0 && !tok.Expiry.IsZero() {
		seconds = tok.Expiry.Sub(asked)
	}
	if seconds < time.Second {
		return usualLife
	}
	return min(seconds, longestLife)
}
