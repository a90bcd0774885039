package client

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"unicode/utf8"
)

const blocked = "<html><head><title>Blocked by web policy</title></head><body>Call ann@example.com</body></html>"

// What is not Zoom's JSON is not Zoom's verdict: it says who may have answered, and its text is in the log.
func TestOutsiders(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		status int
		kind   string
		body   string
		header []string
		want   Code
		says   string
		logged string
	}{
		"blocked":                  {403, "text/html; charset=utf-8", blocked, nil, CodeUpstreamInvalidResponse, "HTTP 403 with text/html", "Blocked by web policy"},
		"not there":                {404, "text/html", blocked, nil, CodeUpstreamInvalidResponse, "HTTP 404 with text/html", "Blocked by web policy"},
		"a mistake":                {400, "text/plain", "bad request", nil, CodeUpstreamInvalidResponse, "HTTP 400 with text/plain", "bad request"},
		"proxy credentials":        {407, "text/html", blocked, nil, CodeUpstreamInvalidResponse, "HTTP 407 with text/html", "Blocked"},
		"conflict":                 {409, "text/html", blocked, nil, CodeUpstreamInvalidResponse, "HTTP 409 with text/html", "Blocked"},
		"too large":                {413, "text/html", blocked, nil, CodeUpstreamInvalidResponse, "HTTP 413 with text/html", "Blocked"},
		"nothing, forbidden":       {403, "application/json", "", nil, CodeUpstreamInvalidResponse, "HTTP 403 without a body", ""},
		"nothing, not there":       {404, "application/json", " \n", nil, CodeUpstreamInvalidResponse, "HTTP 404 without a body", ""},
		"no type":                  {403, "", "no", nil, CodeUpstreamInvalidResponse, "HTTP 403 without a content type", "no"},
		"a type that is none":      {403, "text/<b>", "no", nil, CodeUpstreamInvalidResponse, "HTTP 403 without a content type", "no"},
		"another JSON":             {403, "application/json", `{"error":"blocked"}`, nil, CodeUpstreamInvalidResponse, "HTTP 403 with application/json", "blocked"},
		"a gateway":                {403, "application/json", `{"Message":"Forbidden"}`, nil, CodeUpstreamInvalidResponse, "HTTP 403 with application/json", "Forbidden"},
		"a message without a code": {404, "application/json", `{"message":"no Route matched with those values"}`, nil, CodeUpstreamInvalidResponse, "HTTP 404", "no Route"},
		"a code in words":          {403, "application/json", `{"code":"AccessDenied","message":"m"}`, nil, CodeUpstreamInvalidResponse, "HTTP 403", "AccessDenied"},
		"a code that is no number": {403, "application/json", `{"code":1.5,"message":"m"}`, nil, CodeUpstreamInvalidResponse, "HTTP 403", "1.5"},
		"a code among others":      {403, "application/json", `{"code":403,"error":"blocked"}`, nil, CodeUpstreamInvalidResponse, "HTTP 403", "blocked"},
		"a JSON text":              {403, "application/json", `"forbidden"`, nil, CodeUpstreamInvalidResponse, "HTTP 403", "forbidden"},
		"a JSON list":              {403, "application/json", `[{"code":1001,"message":"m"}]`, nil, CodeUpstreamInvalidResponse, "HTTP 403", "1001"},
		"JSON cut off":             {404, "application/json", `{"code":1001,"mess`, nil, CodeUpstreamInvalidResponse, "HTTP 404", "1001"},
		"XML of somebody else":     {403, "application/xml", `<Error><Code>AccessDenied</Code><Message>m</Message></Error>`, nil, CodeUpstreamInvalidResponse, "HTTP 403 with application/xml", "AccessDenied"},
		"a page with a code":       {403, "text/html", `<html><code>1120</code><message>m</message></html>`, nil, CodeUpstreamInvalidResponse, "HTTP 403", "1120"},
		"a captive portal":         {200, "text/html", blocked, nil, CodeUpstreamInvalidResponse, "HTTP 200 with text/html", "Blocked"},
		"a portal's redirect":      {302, "text/html", "", []string{"Location", "https://login.example.com"}, CodeUpstreamInvalidResponse, "a redirect, which is not followed: HTTP 302", ""},
		"not modified":             {304, "", "", nil, CodeUpstreamInvalidResponse, "a redirect, which is not followed: HTTP 304", ""},
		"bad gateway":              {502, "text/html", blocked, nil, CodeUpstreamUnavailable, "HTTP 502 with text/html", "Blocked"},
		"unavailable":              {503, "text/html", blocked, nil, CodeUpstreamUnavailable, "HTTP 503 with text/html", "Blocked"},
		"gateway timeout":          {504, "text/html", "", nil, CodeUpstreamUnavailable, "HTTP 504 without a body", ""},
		"not implemented":          {501, "text/html", blocked, nil, CodeUpstreamUnavailable, "HTTP 501 with text/html", "Blocked"},
		"limited":                  {429, "text/html", blocked, []string{"Retry-After", "120"}, CodeRateLimited, "HTTP 429 with text/html", "Blocked"},
		"limited by Zoom":          {429, "", "", []string{"X-RateLimit-Type", "Daily-limit"}, CodeRateLimited, "HTTP 429 without a body", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			header := append([]string{"Content-Type", tc.kind}, tc.header...)
			c := dial(t, answer(tc.status, tc.body, header...), func(cfg *Config) { cfg.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
			res, err := c.Do(t.Context(), updateOf("u"))
			e := asError(t, err)
			if e.Code != tc.want || e.Status != tc.status || !e.Foreign || e.Hint == "" || !strings.Contains(e.Message, tc.says) || res.Attempts != 1 {
				t.Errorf("%+v", e)
			}
			if e.Daily != (len(tc.header) > 0 && tc.header[0] == "X-RateLimit-Type") {
				t.Errorf("of the day: %t", e.Daily)
			}
			if !strings.Contains(log.String(), tc.logged) || strings.Contains(log.String(), "ann@") || strings.Contains(err.Error(), "Blocked") {
				t.Errorf("log %s, error %v", log.String(), err)
			}
		})
	}
}

// Only so much of a foreign text is logged, and of what may be people's data nothing.
func TestBeginning(t *testing.T) {
	t.Parallel()
	long := "é" + strings.Repeat(" wörd", 5000)
	if got := beginning([]byte(long), 403); utf8.RuneCountInString(got) > 200 || len(got) < 100 || !strings.HasPrefix(long, got) {
		t.Errorf("%d characters: %s", utf8.RuneCountInString(got), got)
	}
	for _, body := range []string{`{"users":[{"first_name":"Ann"`, `[{"first_name":"Ann"}]`, ` "Ann"`, "", " \n"} {
		if got := beginning([]byte(body), 200); got != "" {
			t.Errorf("%s shows as %s", body, got)
		}
	}
	for body, want := range map[string]string{
		`{"call_logs":[{"caller_name":"Ann","message":"Ann"}]}`:      "",
		`{"users":[{"first_name":"Ann"`:                              "",
		`{"error":{"message":"no upstream"},"data":{"name":"Ann"}}`:  "error message: no upstream",
		`{"name":"Ann","Message":"Forbidden","code":7,"of":["Ann"]}`: "Message: Forbidden, code: 7",
		`{"status":{"of":{"message":"Ann"}}}`:                        "",
		`"forbidden"`:                                                "forbidden",
		`{]`:                                                         "",
	} {
		if got := beginning([]byte(body), 502); got != want {
			t.Errorf("%s shows as %q, want %q", body, got, want)
		}
	}
	if got := beginning([]byte("a\n\t<b>  c of s3cret"), 200, "s3cret"); got != "a <b> c of [secret]" {
		t.Errorf("%q", got)
	}
}

// A 401 by whomever is worth another token: once, of a read.
func TestForeignRefusalOfTheToken(t *testing.T) {
	t.Parallel()
	for name, body := range map[string]string{"nothing": "", "a page": blocked, "another JSON": `{"error":"unauthorized"}`} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			source := &tokens{}
			c := dial(t, answer(401, body), func(cfg *Config) { cfg.Tokens = source })
			res, err := c.Do(t.Context(), settingsOf("u"))
			if e := asError(t, err); e.Code != CodeUpstreamInvalidResponse || !e.Foreign || !strings.Contains(e.Message, "HTTP 401") || res.Attempts != 2 {
				t.Errorf("%+v after %d attempts", e, res.Attempts)
			}
			if !slices.Equal(source.drops, []string{"token-1"}) {
				t.Errorf("dropped %q", source.drops)
			}
			if res, err = c.Do(t.Context(), updateOf("u")); !errors.Is(err, ErrUpstreamInvalidResponse) || res.Attempts != 1 {
				t.Errorf("a write: %v after %d attempts", err, res.Attempts)
			}
			c = dial(t, func(w http.ResponseWriter, r *http.Request) {
				if r.Header.Get("Authorization") == "Bearer token-1" {
					answer(401, body)(w, r)
					return
				}
				answer(200, `{}`)(w, r)
			})
			if res, err := c.Do(t.Context(), settingsOf("u")); err != nil || res.Attempts != 2 {
				t.Errorf("a token that helps: %v", err)
			}
		})
	}
}

const byteOrderMark = "\uFEFF"

// A read that is answered by nothing has no answer; a write needs none.
func TestNothingForAnAnswer(t *testing.T) {
	t.Parallel()
	for _, status := range []int{200, 201, 202, 204, 205} {
		for _, body := range []string{"", " ", "\r\n\t", byteOrderMark} {
			if status >= 204 && body != "" {
				continue
			}
			c := dial(t, answer(status, body))
			if _, err := c.Do(t.Context(), settingsOf("u")); !errors.Is(err, ErrUpstreamInvalidResponse) || !strings.Contains(err.Error(), fmt.Sprintf("HTTP %d without a body", status)) {
				t.Errorf("%d %q: %v", status, body, err)
			}
			if res, err := c.Do(t.Context(), updateOf("u")); err != nil || res.Body != nil {
				t.Errorf("a write, %d %q: %v", status, body, err)
			}
		}
	}
}

func TestByteOrderMark(t *testing.T) {
	t.Parallel()
	if res, err := dial(t, answer(200, byteOrderMark+`{"a":1}`)).Do(t.Context(), settingsOf("u")); err != nil || string(res.Body) != `{"a":1}` {
		t.Errorf("%s, %v", res.Body, err)
	}
	if _, err := dial(t, answer(404, byteOrderMark+`{"code":1001,"message":"m"}`)).Do(t.Context(), settingsOf("u")); !errors.Is(err, ErrNotFound) {
		t.Error(err)
	}
	srv := httptest.NewServer(answer(200, byteOrderMark+`{"access_token":"t","token_type":"bearer","expires_in":3600}`, "Content-Type", "application/json"))
	t.Cleanup(srv.Close)
	if tok, err := AccountCredentials(Config{OAuthURL: srv.URL, Transport: srv.Client().Transport}).Token(t.Context()); err != nil || tok.Value != "t" {
		t.Errorf("%+v, %v", tok, err)
	}
}

// Zoom's errors in XML are read as those in JSON are.
func TestErrorsInXML(t *testing.T) {
	t.Parallel()
	const scopes = "Invalid access token, does not contain scopes:[user:read, user:read:admin]."
	for body, want := range map[string]Code{
		`<?xml version="1.0" encoding="UTF-8"?><Error><code>1120</code><message>m</message></Error>`:                                                    CodeInvitationPending,
		`<error><Code> 1120 </Code><Message/></error>`:                                                                                                  CodeInvitationPending,
		`<ERROR><MESSAGE>m</MESSAGE><CODE>1001</CODE></ERROR>`:                                                                                          CodeNotFound,
		`<response><error><code>124</code><message>m</message></error></response>`:                                                                      CodeUpstreamAuthFailed,
		`<error code="1001" message="m"/>`:                                                                                                              CodeNotFound,
		`<z:error xmlns:z="urn:zoom" z:Code="1001"><z:message>m</z:message></z:error>`:                                                                  CodeNotFound,
		`<z:Error xmlns:z="urn:zoom"><z:code>4711</z:code><z:message>` + scopes + `</z:message></z:Error>`:                                              CodeScopeMissing,
		"\uFEFF<?xml version='1.0' encoding='ISO-8859-1'?>\n<!-- \xe9 --><error><code>4711</code><message><![CDATA[" + scopes + "]]></message></error>": CodeScopeMissing,
		`<!DOCTYPE e [<!ENTITY x "1120">]><error><code>1001</code><message>m</message></error>`:                                                         CodeNotFound,
		`<!DOCTYPE e [<!ENTITY x "1120">]><error><code>&x;</code><message>m</message></error>`:                                                          CodeUpstreamInvalidResponse,
		`<!DOCTYPE e [<!ENTITY x SYSTEM "file:///etc/passwd">]><error><code>1120</code><message>&x;</message></error>`:                                  CodeUpstreamInvalidResponse,
		`<error><code>1120</code></error>`:                                                                                                              CodeUpstreamInvalidResponse,
		`<error><message>m</message></error>`:                                                                                                           CodeUpstreamInvalidResponse,
		`<error><code>1120</code><message>m</message>`:                                                                                                  CodeUpstreamInvalidResponse,
		`<error><code>1120</code><message>m</message></error><b`:                                                                                        CodeUpstreamInvalidResponse,
		`<a><b><error><code>1120</code><message>m</message></error></b></a>`:                                                                            CodeUpstreamInvalidResponse,
		strings.Repeat("<a>", 20) + strings.Repeat("</a>", 20):                                                                                          CodeUpstreamInvalidResponse,
		`<error><code>1120</code><message>` + strings.Repeat("x", maxXML) + `</message></error>`:                                                        CodeUpstreamInvalidResponse,
	} {
		for _, status := range []int{400, 200} {
			_, err := dial(t, answer(status, body, "Content-Type", "application/xml")).Do(t.Context(), updateOf("u"))
			e := asError(t, err)
			if e.Code != want || e.Foreign != (want == CodeUpstreamInvalidResponse) {
				t.Errorf("%d %.80s: %+v", status, body, e)
			}
			if want == CodeScopeMissing && !slices.Equal(e.MissingScopes, []string{"user:read", "user:read:admin"}) {
				t.Errorf("%s: scopes %q", body, e.MissingScopes)
			}
		}
	}
}

func FuzzProblem(f *testing.F) {
	for _, body := range []string{`{"code":1,"message":"m"}`, `{"message":"m","errors":[{"code":1}]}`, `<e><code>1</code><message>m</message></e>`, `<e code="1"`, "<", "{"} {
		f.Add([]byte(body), true)
		f.Add([]byte(body), false)
	}
	f.Fuzz(func(t *testing.T, body []byte, failed bool) {
		switch p, ok := problemIn(body, failed); {
		case !ok && !reflect.DeepEqual(p, problem{}):
			t.Errorf("%+v of no error", p)
		case ok && !failed && body[0] == '{' && !json.Valid(body):
			t.Errorf("%+v of half an error", p)
		}
	})
}

func TestDenies(t *testing.T) {
	t.Parallel()
	for body, want := range map[string]bool{
		`{"reason":"Invalid Token!","error":"invalid_grant"}`: true,
		`{"error":"invalid_client"}`:                          true,
		`{"code":401,"message":"m"}`:                          true,
		`{"message":"m"}`:                                     false,
		`{}`:                                                  false,
		`[]`:                                                  false,
		blocked:                                               false,
		"":                                                    false,
	} {
		if Denies([]byte(body)) != want {
			t.Errorf("%s: %t", body, !want)
		}
	}
}

// What a proxy says at the token endpoint is not that Zoom refuses the credentials, and the log has it once.
func TestForeignAnswerToAMint(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		status     int
		kind, body string
		says       string
	}{
		"blocked":          {403, "text/html", blocked, "it is text/html"},
		"not there":        {404, "text/html", blocked, "it is text/html"},
		"unauthorized":     {401, "text/html", blocked, "it is text/html"},
		"a captive portal": {200, "text/html", blocked, "it is text/html"},
		"a redirect":       {302, "text/html", blocked, "it is text/html"},
		"down":             {503, "text/html", blocked, "token endpoint failed"},
		"another JSON":     {403, "application/json", `{"Message":"Blocked by web policy"}`, "it is application/json"},
		"plain":            {400, "text/plain", "Blocked by web policy", "it is text/plain"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var log bytes.Buffer
			var mints atomic.Int32
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				mints.Add(1)
				w.Header().Set("Content-Type", tc.kind)
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(tc.status)
				_, _ = io.WriteString(w, tc.body)
			}))
			t.Cleanup(srv.Close)
			s := AccountCredentials(Config{OAuthURL: srv.URL, ClientSecret: "s3cret", Transport: srv.Client().Transport, Logger: slog.New(slog.NewTextHandler(&log, nil))})
			_, err := s.Token(t.Context())
			e := asError(t, err)
			if e.Code != CodeUpstreamAuthFailed || !e.Foreign || e.Status != tc.status || !strings.Contains(e.Message, tc.says) || strings.Contains(e.Hint, "client secret") || mints.Load() != 1 {
				t.Errorf("%+v after %d mints", e, mints.Load())
			}
			if strings.Count(log.String(), "Blocked by web policy") != 1 || strings.Contains(err.Error(), "Blocked") {
				t.Errorf("log %s, error %v", log.String(), err)
			}
		})
	}
}
