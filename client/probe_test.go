package client_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"zoomgraph/client"
)

// A probe is one call, whatever is answered, and only Zoom's own 401 and 124 refuse a token.
func TestProber(t *testing.T) {
	t.Parallel()
	const accepted, refused, unsure = "accepted", "refused", "unsure"
	for _, tt := range []struct {
		name   string
		status int
		kind   string
		body   string
		want   string
	}{
		{"a user", 200, "application/json", `{"id":"u"}`, accepted},
		{"a scope is missing", 400, "application/json", `{"code":4711,"message":"Invalid access token, does not contain scopes:[user:read]."}`, accepted},
		{"a scope is missing, by 403", 403, "application/json", `{"code":4711,"message":"m"}`, accepted},
		{"no permission", 400, "application/json", `{"code":200,"message":"No permission."}`, accepted},
		{"forbidden", 403, "application/json", `{"code":1,"message":"m"}`, accepted},
		{"no such user", 404, "application/json", `{"code":1001,"message":"m"}`, accepted},
		{"not active yet", 400, "application/json", `{"code":1120,"message":"m"}`, accepted},
		{"an account's token", 400, "application/json", `{"code":4700,"message":"m"}`, accepted},
		{"refused", 401, "application/json", `{"code":124,"message":"Invalid access token."}`, refused},
		{"expired", 401, "application/json", `{"code":124,"message":"Access token is expired."}`, refused},
		{"401 with another number", 401, "application/json", `{"code":200,"message":"m"}`, refused},
		{"401 with 4700", 401, "application/json", `{"code":4700,"message":"m"}`, refused},
		{"124 by 400", 400, "application/json", `{"code":124,"message":"m"}`, refused},
		{"124 by 200", 200, "application/json", `{"code":124,"message":"m"}`, refused},
		{"a proxy's 401", 401, "text/html", `<p>Sign in`, unsure},
		{"a proxy's 403", 403, "text/html", `<p>Blocked`, unsure},
		{"a proxy's 200", 200, "text/html", `<p>Welcome`, unsure},
		{"nothing", 200, "application/json", ``, unsure},
		{"a redirect", 302, "text/html", ``, unsure},
		{"too many calls", 429, "application/json", `{"code":429,"message":"m"}`, unsure},
		{"a fault", 500, "application/json", `{"code":500,"message":"m"}`, unsure},
		{"a gateway's fault", 502, "text/html", `<p>Bad gateway`, unsure},
		{"an unknown number", 400, "application/json", `{"code":300,"message":"m"}`, unsure},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			zoom := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				calls.Add(1)
				if r.URL.Path != "/v2/users/me" || r.Header.Get("Authorization") != "Bearer token" {
					t.Errorf("%s %s", r.Method, r.URL)
				}
				w.Header().Set("Content-Type", tt.kind)
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.body)
			}))
			defer zoom.Close()
			p, err := client.NewProber(client.Config{APIURL: zoom.URL + "/v2"})
			if err != nil {
				t.Fatal(err)
			}
			info, err := p.Ask(t.Context(), "token")
			got := map[bool]string{true: accepted, false: refused}[info.Accepted]
			if err != nil {
				got = unsure
			}
			if got != tt.want || calls.Load() != 1 {
				t.Errorf("%s after %d calls, want %s; %v", got, calls.Load(), tt.want, err)
			}
		})
	}
}

// zoomSaying is a Zoom with these answers, by path: a status and a body.
func zoomSaying(t *testing.T, answers map[string]string) *client.Prober {
	t.Helper()
	zoom := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		status, body, ok := strings.Cut(answers[strings.TrimPrefix(r.URL.Path, "/v2")], " ")
		code, err := strconv.Atoi(status)
		if !ok || err != nil {
			t.Errorf("%s is asked", r.URL)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(zoom.Close)
	p, err := client.NewProber(client.Config{APIURL: zoom.URL + "/v2"})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// Beside accepting a user's token Zoom says whose it is, where it says that at all.
func TestWhoseTokenItIs(t *testing.T) {
	t.Parallel()
	for answer, want := range map[string]client.TokenInfo{
		`200 {"id":"u","account_id":"a"}`: {Accepted: true, Account: "a", User: "u"},
		`200 {"id":"u"}`:                  {Accepted: true, User: "u"},
		`400 {"code":4711}`:               {Accepted: true},
		`400 {"code":4700}`:               {Accepted: true},
		`401 {"code":124}`:                {},
	} {
		if got, err := zoomSaying(t, map[string]string{"/users/me": answer}).Ask(t.Context(), "token"); err != nil || got != want {
			t.Errorf("%s: %+v, %v; want %+v", answer, got, err, want)
		}
	}
}

// The account of an account's token is that of one of its users. What Zoom does not tell is not known, and what it could
// not tell is an error.
func TestAccountOfAToken(t *testing.T) {
	t.Parallel()
	const users, noScope, fault, refused = `200 {"users":[{"id":"u"}]}`, `400 {"code":4711}`, `500 {"code":500}`, `401 {"code":124}`
	for name, tt := range map[string]struct {
		answers map[string]string
		want    string
		fails   bool
	}{
		"it may ask":              {answers: map[string]string{"/users": users, "/users/u": `200 {"id":"u","account_id":"a"}`}, want: "a"},
		"it may not list":         {answers: map[string]string{"/users": noScope}},
		"it may not read a user":  {answers: map[string]string{"/users": users, "/users/u": noScope}},
		"it has no users":         {answers: map[string]string{"/users": `200 {"users":[]}`}},
		"Zoom cannot list":        {answers: map[string]string{"/users": fault}, fails: true},
		"Zoom cannot read a user": {answers: map[string]string{"/users": users, "/users/u": fault}, fails: true},
		"Zoom does not accept it": {answers: map[string]string{"/users": refused}, fails: true},
	} {
		if got, err := zoomSaying(t, tt.answers).AccountOf(t.Context(), "token"); got != tt.want || (err != nil) != tt.fails {
			t.Errorf("%s: %q, %v; want %q", name, got, err, tt.want)
		}
	}
}

// A Zoom that does not answer gives no verdict.
func TestProberWithoutAnAnswer(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	zoom := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		<-r.Context().Done()
	}))
	defer zoom.Close()
	p, err := client.NewProber(client.Config{APIURL: zoom.URL + "/v2"})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second) // by then the call has surely left
	defer cancel()
	if info, err := p.Ask(ctx, "token"); info.Accepted || err == nil || calls.Load() != 1 {
		t.Errorf("%+v, %v after %d calls", info, err, calls.Load())
	}
}
