package client

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"

	"zoomgraph/internal/unseen"
)

// Denies tells whether the body of a token endpoint's answer is Zoom's own way to
// give no token, and not what something on the way to Zoom has answered.
func Denies(body []byte) bool {
	var told struct{ Reason, Error string }
	if isObject(body) && json.Unmarshal(body, &told) == nil && (told.Reason != "" || isOAuthError(told.Error)) {
		return true
	}
	_, ok := problemIn(body, true)
	return ok
}

// isOAuthError knows the errors of OAuth's token endpoints (RFC 6749, 5.2), and
// access_denied.
func isOAuthError(code string) bool {
	_, known := accountHints()[code]
	return known && code != ""
}

const maxMint = 64 << 10 // bytes of the token endpoint's answer

// glimpse keeps what the token endpoint answered, which the library that asks it
// does not give out where it cannot read it.
type glimpse struct {
	next   http.RoundTripper
	status int // 0: no answer came
	header http.Header
	body   []byte
}

// client returns a client that asks by it. A redirect is an answer: the secret
// stays where it was meant to go.
func (g *glimpse) client() *http.Client {
	return &http.Client{
		Transport:     g,
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// RoundTrip sends the request, and reads the answer to its end.
func (g *glimpse) RoundTrip(req *http.Request) (*http.Response, error) {
	res, err := g.next.RoundTrip(req)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(res.Body, maxMint))
	if err != nil {
		return nil, err
	}
	g.status, g.header, g.body = res.StatusCode, res.Header, unseen.WithoutMark(body)
	res.Body = io.NopCloser(bytes.NewReader(g.body))
	return res, nil
}
