package redact

import (
	"strings"
	"testing"
)

func TestText(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                  "",
		"nothing to hide: 5 calls, 3 users": "nothing to hide: 5 calls, 3 users",
		"GET /users/KDcuGIm1QgePTO8WbOqwIQ: NOT_FOUND (status 404, code 1001)": "GET /users/KDcuGIm1QgePTO8WbOqwIQ: NOT_FOUND (status 404, code 1001)",
		"the token is renewed":             "the token is renewed",
		"a basic plan, a basic: thing":     "a basic plan, a basic: thing",
		"Invalid client_id, client_secret": "Invalid client_id, client_secret",

		"Authorization: Bearer abc.def-1":               "Authorization: [secret]",
		"Authorization: Bearer abc\r\nAccept: */*":      "Authorization: [secret]\r\nAccept: */*",
		"map[Authorization:[Bearer abc] Accept:[json]]": "map[Authorization:[[secret]] Accept:[json]]",
		"sent bearer a/b+c== twice":                     "sent bearer [secret] twice",
		"Basic Y2xpZW50OnNlY3JldA==":                    "Basic [secret]",
		"Authorization: [secret] abc":                   "Authorization: [secret]",
		"password: [secret], token [secret]":            "password: [secret], token [secret]",
		"Basic":                                         "Basic",
		"Cookie: a=b; c=d":                              "Cookie: [secret]",

		"got eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln.": "got [secret]",
		"session_eyJhbGciOiJIUzI1NiJ9.eyJz":              "session_[secret]",

		"https://x.test/a?access_token=abc&page=2":                         "https://x.test/a?access_token=[secret]&page=2",
		"https://x.test/j/1?tk=abc&lang=de#pin=1":                          "https://x.test/j/1?tk=[secret]&lang=de#pin=[secret]",
		"zoommtg://x.test/start?a=1&zak=abc.def":                           "zoommtg://x.test/start?a=1&zak=[secret]",
		"https://x.test/j/1?p%77d=abc, twice":                              "https://x.test/j/1?p%77d=[secret] twice",
		"https://x.test/?to=https%3A%2F%2Fx.test%3Fpwd%3Dabc%26a%3D1":      "https://x.test/?to=https%3A%2F%2Fx.test%3Fpwd%3D[secret]%26a%3D1",
		`{"join_url":"https:\/\/x.test\/j\/1?zak\u003dabc\u0026a\u003d1"}`: `{"join_url":"https:\/\/x.test\/j\/1?zak\u003d[secret]\u0026a\u003d1"}`,
		`{"start_url":"https://x.test/s/1"}`:                               `{"start_url":"[secret]"}`,
		"redis://:hunter2@cache:6379/0":                                    "redis://[secret]@cache:6379/0",
		"https://ann:p@ss@x.test/y@z":                                      "https://[secret]@x.test/y***@z",
		"https://x.test:8080/zoom":                                         "https://x.test:8080/zoom",

		`{"pmi_password":"12 34","host_video":true}`:     `{"pmi_password":"[secret]","host_video":true}`,
		`{"passcode": "a\"b", "x": 1}`:                   `{"passcode": "[secret]", "x": 1}`,
		`{"host_key":123456,"x":1}`:                      `{"host_key":[secret],"x":1}`,
		`"{\"token\":\"abc\",\"x\":1}"`:                  `"{\"token\":\"[secret]\",\"x\":1}"`,
		`{"password":"","x":1}`:                          `{"password":"","x":1}`,
		`{"password":"open end`:                          `{"password":"[secret]`,
		"X-Api-Key: abc def":                             "X-Api-Key: [secret] def",
		"password => 'a b', host = c":                    "password => '[secret]', host = c",
		"client secret=abc;":                             "client secret=[secret];",
		"Bearer password: abc def":                       "Bearer [secret] [secret] def",
		"Bearer password= abc def":                       "Bearer [secret] [secret] def",
		"token: Bearer abc":                              "token: [secret] [secret]",
		"PASSWORD=abc":                                   "PASSWORD=[secret]",
		"client/token.go:123 +0x1d":                      "client/token.go:123 +0x1d",
		`Post "https://zoom.us/oauth/token": dial tcp`:   `Post "https://zoom.us/oauth/token": dial tcp`,
		"https://zoom.us/oauth/token: EOF":               "https://zoom.us/oauth/token: EOF",
		"https://x.test/a/token=abc":                     "https://x.test/a/token=[secret]",
		"the token:":                                     "the token:",
		"invalid access token: expired at 12:00, Ann":    "invalid access token: [secret] at 12:00, Ann",
		"ann@example.com is unknown":                     "a***@example.com is unknown",
		"<zoë.smith+x@mail.example.com>":                 "<z***@mail.example.com>",
		"GET /users/ann%40example.com/settings":          "GET /users/a***%40example.com/settings",
		"a@b@c.com":                                      "a***@c.com",
		"@zoom and a @ b":                                "@zoom and a @ b",
		"/mod/github.com/99designs/gqlgen@v0.17.98/x.go": "/mod/github.com/99designs/gqlgen@v0.17.98/x.go",
		"äöü@example.com":                                "ä***@example.com",
	} {
		if got := Text(text); got != want {
			t.Errorf("Text(%q)\n is %q\nwant %q", text, got, want)
		}
	}
}

func TestNamesSecret(t *testing.T) {
	t.Parallel()
	for _, name := range strings.Fields("token accessToken client_secret Authorization x-api-key apiKey pmi_password hostKey host_key Set-Cookie PWD transfer_code credentials H.323_Password private-key") {
		if !NamesSecret(name) {
			t.Errorf("%q does not name a secret", name)
		}
	}
	for _, name := range strings.Fields("key operation label status userId host_video keyboard to_ken_ring hostVideoKey requestId error path") {
		if NamesSecret(name) != (name == "to_ken_ring") {
			t.Errorf("%q names a secret", name)
		}
	}
}

// Whatever stands before it, a secret is hidden; and a text is kept where nothing of it is.
func FuzzText(f *testing.F) {
	for _, text := range []string{`{\"token\":\"abc\"}`, "Bearer  x Basic Zm9v", "a://b@c@d e@f%40g", "password=='\\'", "cookie:[[", "\xff@\xff token:\xff"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if once := Text(text); once != text && !strings.Contains(once, Hidden) && !strings.Contains(once, "***") {
			t.Errorf("%q became %q", text, once)
		}
		if strings.ContainsAny(text, "\"'\\`") || strings.Contains(text, "canary1") {
			return // what follows may be within a quotation
		}
		for _, canary := range []string{"password=canary1", `"token": "canary1"`, "Bearer canary1"} {
			if got := Text(text + " " + canary); strings.Contains(got, "canary1") {
				t.Errorf("%q shows in %q", canary, got)
			}
		}
	})
}
