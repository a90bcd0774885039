package client

import (
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzAnswer reads arbitrary answers: what passes for one is a JSON object that every reader can read, and what does not
// is an error with a code and a message of ours, which repeat no secret.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []struct {
		status int
		body   string
		header string
	}{
		{200, `{}`, ""},
		{200, ``, ""},
		{200, ` {"id":"a","email":"\ud800"} `, ""},
		{200, "{\"a\":\"\xff\"}", ""},
		{200, `{"code":1001,"message":"User does not exist"}`, ""},
		{200, `{"code":"1001","message":["x"],"errors":{}}`, ""},
		{200, `{"code":-,"message":"x"}`, ""},
		{200, `{} {}`, ""},
		{200, `[{}]`, ""},
		{200, `<html>`, ""},
		{204, `x`, ""},
		{302, ``, ""},
		{400, `{"code":300,"message":"Invalid","errors":[{"field":"settings.x","message":"m"},{"field":"TOKEN"},{"field":"a b"}]}`, ""},
		{400, `{"code":4711,"message":"Invalid access token, does not contain scopes:[user:read:admin, TOKEN]"}`, ""},
		{401, `{"code":124,"message":"TOKEN is expired"}`, ""},
		{404, `{"code":99999999999999999999,"message":null}`, ""},
		{429, `{"code":429,"message":"slow down"}`, "2020-05-31T00:00:00Z"},
		{429, `{"code":1e2,"errors":[]}`, "soon"},
		{503, `{"code":{},"errors":7}`, "30"},
	} {
		f.Add(seed.status, []byte(seed.body), seed.header)
	}
	secret := strings.Repeat("s3cr3t.", 40) // as long as Zoom's are
	c, err := New(Config{APIURL: "https://h/v2", Tokens: StaticToken(secret), Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, status int, body []byte, retryAfter string) {
		body = []byte(strings.ReplaceAll(string(body), "TOKEN", secret))
		for _, op := range []*Op{opSettings, {ID: "write", Method: http.MethodPatch, Path: "/users/{userId}"}} {
			res := &Response{Status: status, Header: http.Header{"Retry-After": {retryAfter}}}
			fail := c.read(t.Context(), &call{Request: Request{Op: op}}, Token{Value: secret}, res, body, nil)
			if fail == nil {
				empty := res.Body == nil && (status == http.StatusNoContent || op.Method != http.MethodGet)
				var object map[string]json.RawMessage
				if !empty && (json.Unmarshal(res.Body, &object) != nil || object == nil || !utf8.Valid(res.Body)) || status < 200 || status > 299 {
					t.Fatalf("%d %q is an answer, read as %q", status, body, res.Body)
				}
				continue
			}
			if res.Body != nil || fail.Code == "" || fail.Message == "" || !utf8.ValidString(fail.Error()) {
				t.Fatalf("%d %q is %#v", status, body, fail)
			}
			shown, err := json.Marshal([]any{fail.Error(), fail.Message, fail.Hint, fail.Fields, fail.MissingScopes})
			if err != nil || strings.Contains(string(shown), secret) {
				t.Fatalf("%v, %s", err, shown)
			}
			if !errors.Is(fail, &Error{Code: fail.Code}) {
				t.Fatalf("%#v is not what it is", fail)
			}
		}
	})
}

// FuzzLifetime reads arbitrary values of expires_in: a token lives for a second at least and for as long as ours may.
func FuzzLifetime(f *testing.F) {
	for _, seed := range []string{`3600`, `"3599"`, `0`, `-1`, `1e400`, `"1e309"`, `"NaN"`, `"Inf"`, `null`, `{}`, `true`, `0.5`, `9223372036854775808`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		var value any
		if json.Unmarshal(text, &value) != nil {
			value = string(text)
		}
		if got := lifetime(value); got < usualLife && got.Seconds() < 1 || got > longestLife {
			t.Fatalf("%s is a life of %v", text, got)
		}
	})
}
