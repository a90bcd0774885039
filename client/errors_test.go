package client

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestErrorTable(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		status int
		body   string
		want   Code
	}{
		{404, `{"code":1001,"message":"User does not exist: u."}`, CodeNotFound},
		{400, `{"code":1010,"message":"not in this account"}`, CodeNotFound},
		{404, `{"code":2001,"message":"m"}`, CodeNotFound},
		{404, `{"code":4130,"message":"m"}`, CodeNotFound},
		{404, `{"code":3001,"message":"m"}`, CodeNotFound},
		{404, `{"code":300,"message":"m"}`, CodeNotFound},
		{404, ``, CodeUpstreamInvalidResponse},
		{400, `{"code":404,"message":"m"}`, CodeNotFound},
		{400, `{"code":1120,"message":"m"}`, CodeInvitationPending},
		{404, `{"code":1120,"message":"m"}`, CodeInvitationPending},
		{400, `{"code":200,"message":"m"}`, CodeForbidden},
		{403, `{"code":5,"message":"m"}`, CodeForbidden},
		{400, `{"code":300,"message":"m"}`, CodeBadUserInput},
		{400, `{"code":"300","message":"m"}`, CodeBadUserInput},
		{400, `<html>`, CodeUpstreamInvalidResponse},
		{422, `{"code":300,"message":"m"}`, CodeBadUserInput},
		{422, `{}`, CodeUpstreamInvalidResponse},
		{409, `{"code":1005,"message":"m"}`, CodeConflict},
		{400, `{"code":409,"message":"m"}`, CodeConflict},
		{429, ``, CodeRateLimited},
		{429, `{"code":4001,"message":"m"}`, CodeRateLimited},
		{400, `{"code":429,"message":"m"}`, CodeRateLimited},
		{401, `{"code":401,"message":"m"}`, CodeUpstreamAuthFailed},
		{401, ``, CodeUpstreamInvalidResponse},
		{404, `{"code":124,"message":"m"}`, CodeUpstreamAuthFailed},
		{401, `{"code":4700,"message":"Token cannot be empty."}`, CodeUpstreamAuthFailed},
		{400, `{"code":4711,"message":"reworded"}`, CodeScopeMissing},
		{500, ``, CodeUpstreamUnavailable},
		{503, `{"code":1001,"message":"m"}`, CodeUpstreamUnavailable},
		{504, `<html>`, CodeUpstreamUnavailable},
		{304, ``, CodeUpstreamInvalidResponse},
	} {
		res, err := dial(t, answer(tc.status, tc.body, "X-Zm-Trackingid", "WEB_2", "X-RateLimit-Type", "Daily-limit")).Do(t.Context(), updateOf("u"))
		e := asError(t, err)
		if e.Code != tc.want || e.Status != tc.status || e.Op != opUpdate || e.TrackingID != "WEB_2" || e.Message == "" {
			t.Errorf("%d %s: %+v", tc.status, tc.body, e)
		}
		if res == nil || res.Status != tc.status || res.Body != nil {
			t.Errorf("%d %s: response %+v", tc.status, tc.body, res)
		}
	}
}

func TestScopeMissing(t *testing.T) {
	t.Parallel()
	for message, want := range map[string][]string{
		"Invalid access token, does not contain scopes:[user:read:admin, user:read:settings:admin].": {"user:read:admin", "user:read:settings:admin"},
		"does not contain scopes: [a:b]":              {"a:b"},
		"does not contain scopes:[]":                  nil,
		"scopes:[not a name, <script>, ok:read]":      {"ok:read"},
		"does not contain the scopes that are needed": nil,
		"scopes:[never:closed":                        nil,
	} {
		if got := missingScopes(message); !slices.Equal(got, want) {
			t.Errorf("%s: %v, want %v", message, got, want)
		}
	}
	for _, code := range []string{"4711", "4700"} {
		_, err := dial(t, answer(400, `{"code":`+code+`,"message":"x, does not contain scopes:[user:read]."}`)).Do(t.Context(), settingsOf("u"))
		if e := asError(t, err); !errors.Is(err, ErrScopeMissing) || !slices.Equal(e.MissingScopes, []string{"user:read"}) || e.Hint == "" {
			t.Errorf("%s: %+v", code, e)
		}
	}
}

func TestRateLimited(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		header []string
		daily  bool
		again  time.Duration // from midnight; 0: not known
	}{
		"second, no header": {nil, false, 0},
		"second":            {[]string{"X-RateLimit-Type", "QPS", "Retry-After", "2"}, false, 2 * time.Second},
		"day":               {[]string{"X-RateLimit-Type", "Daily-limit", "Retry-After", "2000-01-02T00:00:00Z"}, true, 24 * time.Hour},
	} {
		synctest.Test(t, func(t *testing.T) { // from midnight UTC, 2000-01-01
			start := time.Now()
			c, err := New(Config{Tokens: &tokens{}, Transport: roundTrip(func(*http.Request) (*http.Response, error) {
				return respond(429, `{"code":429,"message":"m"}`, tc.header...), nil
			})})
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(t.Context(), minDelay)
			defer cancel()
			_, err = c.Do(ctx, settingsOf("u"))
			again := time.Time{}
			if tc.again > 0 {
				again = start.Add(tc.again)
			}
			if e := asError(t, err); e.Daily != tc.daily || !e.RetryAfter.Equal(again) || e.Code != CodeRateLimited || time.Since(start) != 0 {
				t.Errorf("%s: %+v", name, e)
			}
		})
	}
}

func TestFieldNames(t *testing.T) {
	t.Parallel()
	body := `{"code":300,"message":"m","errors":[{"field":"user_info.email","message":"ann@example.com"},{"field":"<b>x</b>"},{"field":"ann@example.com"},{}]}`
	_, err := dial(t, answer(400, body)).Do(t.Context(), settingsOf("u"))
	if e := asError(t, err); !slices.Equal(e.Fields, []string{"user_info.email"}) {
		t.Errorf("fields %q", e.Fields)
	}
}

func TestCursorExpired(t *testing.T) {
	t.Parallel()
	with := url.Values{"next_page_token": {"old"}}
	for _, tc := range []struct {
		status int
		body   string
		query  url.Values
		want   Code
	}{
		{400, `{"code":300,"message":"m"}`, with, CodeCursorExpired},
		{400, `{"code":300,"message":"m"}`, nil, CodeBadUserInput},
		{200, `{"code":300,"message":"m"}`, with, CodeCursorExpired},
		{400, ``, with, CodeUpstreamInvalidResponse},
		{400, `{"code":300,"message":"m","errors":[{"field":"next_page_token"}]}`, with, CodeCursorExpired},
		{400, `{"code":300,"message":"m","errors":[{"field":"page_size"}]}`, with, CodeBadUserInput},
		{404, `{"code":1001,"message":"m"}`, with, CodeNotFound},
	} {
		_, err := dial(t, answer(tc.status, tc.body)).Do(t.Context(), Request{Op: opUsers, Query: tc.query})
		if e := asError(t, err); e.Code != tc.want {
			t.Errorf("%d %s %v: %s, want %s", tc.status, tc.body, tc.query, e.Code, tc.want)
		}
	}
}

func TestNobodyListens(t *testing.T) {
	t.Parallel()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	c, err := New(Config{APIURL: "http://" + l.Addr().String(), Tokens: &tokens{}})
	if err != nil {
		t.Fatal(err)
	}
	res, err := c.Do(t.Context(), updateOf("u"))
	var op *net.OpError
	if !errors.Is(err, ErrUpstreamUnavailable) || !errors.As(err, &op) || res.Attempts != 1 || res.Status != 0 {
		t.Errorf("%+v, %v", res, err)
	}
}

// slow is a network error that is a timeout, as net/http gives for a header that
// does not come.
type slow struct{}

func (slow) Error() string   { return "timeout awaiting response headers" }
func (slow) Timeout() bool   { return true }
func (slow) Temporary() bool { return true }

func TestTimeoutOfTheTransport(t *testing.T) {
	t.Parallel()
	c, err := New(Config{Tokens: &tokens{}, Transport: roundTrip(func(*http.Request) (*http.Response, error) { return nil, slow{} })})
	if err != nil {
		t.Fatal(err)
	}
	if res, err := c.Do(t.Context(), updateOf("u")); !errors.Is(err, ErrUpstreamTimeout) || res.Attempts != 1 {
		t.Errorf("%+v, %v", res, err)
	}
}

func TestErrorText(t *testing.T) {
	t.Parallel()
	e := &Error{Code: CodeNotFound, Op: opSettings, Status: 404, ZoomCode: 1001, Message: "the user does not exist", Err: errors.New("from ann@example.com")}
	want := "zoom: GET /users/{userId}/settings: NOT_FOUND (status 404, code 1001): the user does not exist: from a***@example.com"
	if e.Error() != want {
		t.Errorf("%s\nwant %s", e.Error(), want)
	}
	if errors.Is(e, ErrConflict) || !errors.Is(e, ErrNotFound) || errors.Is(e, net.ErrClosed) {
		t.Error("sentinels match by code alone")
	}
}
