package redact

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"unicode/utf8"
)

// What another program wrote is shown without keys, tokens and addresses, and with everything that helps to find a fault.
func TestForeign(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "",
		"User does not exist: ann.b+c@example.com.":    "User does not exist: a***@example.com.",
		"Token cannot be empty.":                       "Token cannot be empty.",
		"access_token=abc rest":                        "access_token=[secret] rest",
		`{"password": "letmein"}`:                      `{"password": "[secret]"}`,
		"scopes:[user:read:settings:admin]":            "scopes:[user:read:settings:admin]",
		"id KDcuGIm1QgePTO8WbOqwIQ gone":               "id [secret] gone",
		"my plainsecret here":                          "my [secret] here",
		"Authorization: Bearer abc.def":                "Authorization: [secret]",
		"basic abc1":                                   "basic [secret]",
		`Post "https://zoom.us/oauth/token": dial tcp`: `Post "https://zoom.us/oauth/token": dial tcp`,
		`Post "http://127.0.0.1:19301/oauth/token": dial tcp 127.0.0.1:19301: EOF`:    `Post "http://127.0.0.1:19301/oauth/token": dial tcp 127.0.0.1:19301: EOF`,
		`Get "http://[::1]:65535/v2/users": dial tcp [::1]:65535: refused`:            `Get "http://[::1]:65535/v2/users": dial tcp [::1]:65535: refused`,
		"dial tcp: lookup us06-api.zoomgov.example.com on 127.0.0.53:53: no host":     "dial tcp: lookup us06-api.zoomgov.example.com on 127.0.0.53:53: no host",
		"read tcp 10.0.0.12:54321->170.114.10.77:443: read: connection reset":         "read tcp 10.0.0.12:54321->170.114.10.77:443: read: connection reset",
		"x509: certificate is valid for proxy01.corp.example.com, not zoom.us":        "x509: certificate is valid for proxy01.corp.example.com, not zoom.us",
		"tls: failed to verify certificate: x509: certificate has expired":            "tls: failed to verify certificate: x509: certificate has expired",
		`Get "https://zoom.us/v2/users?access_token=abc&page_size=30": EOF`:           `Get "https://zoom.us/v2/users?access_token=[secret]&page_size=30": EOF`,
		`Get "https://zoom.us/v2/users?next_page_token=IAfJX3jsOLW7w3dokmFl84zOa0": `: `Get "https://zoom.us/v2/users?next_page_token=[secret]": `,
		"https://zoom.us/v2/past_meetings/4444AAAiAAAAAiAiAiiAii1234/participants":    "https://zoom.us/v2/past_meetings/[secret]/participants",
		"http://ann:hunter2@proxy.example.com:3128: no route":                         "http://[secret]@proxy.example.com:3128: no route",
		"invalid character '<' looking for beginning of value":                        "invalid character '<' looking for beginning of value",
		"The number +14155550199 is somebody's.":                                      "The number [secret] is somebody's.",
		"number=%2B14155550199&page_size=30, +44-1297-440000.":                        "number=[secret]&page_size=30, [secret]",
		"Meeting does not exist: 81234567890, +1, +5%.":                               "Meeting does not exist: 81234567890, +1, +5%.",
		"0123456789abcdef.abcdef0123456789abcdef0123456789abcdef.com":                 "[secret]",
	} {
		if got := Foreign(text, "plainsecret"); got != want {
			t.Errorf("%s\n  is %s\nwant %s", text, got, want)
		}
	}
	if got := Foreign(strings.Repeat("ä ", 1000)); len(got) > maxForeign || !utf8.ValidString(got) {
		t.Errorf("%d bytes: %s", len(got), got)
	}
}

// writers are the ways in which a secret comes into a text.
func writers() map[string]func(secret string) string {
	return map[string]func(string) string{
		"alone":         func(s string) string { return s },
		"within a word": func(s string) string { return "ab" + s + "yz" },
		"JSON":          func(s string) string { b, _ := json.Marshal(map[string]string{"a": s}); return string(b) },
		"JSON in JSON":  func(s string) string { a, _ := json.Marshal(s); return strconv.Quote(string(a)) },
		"Go":            func(s string) string { return fmt.Sprintf("%q", []string{s}) },
		"a query":       func(s string) string { return "https://x.test/a?b=" + url.QueryEscape(s) + "&c=d" },
		"a path":        func(s string) string { return "https://x.test/" + url.PathEscape(s) + "/b" },
		"small escapes": func(s string) string {
			return regexp.MustCompile(`%..`).ReplaceAllStringFunc(url.QueryEscape(s), strings.ToLower)
		},
		"escaped twice":  func(s string) string { return "return=" + url.QueryEscape("/a?b="+url.QueryEscape(s)) },
		"a form":         func(s string) string { return url.Values{"a": {s}}.Encode() },
		"base64":         func(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) },
		"base64 of id:":  func(s string) string { return "got " + base64.StdEncoding.EncodeToString([]byte("id:"+s)) },
		"of app:":        func(s string) string { return base64.StdEncoding.EncodeToString([]byte("app:" + s)) },
		"of client:":     func(s string) string { return base64.URLEncoding.EncodeToString([]byte("client-id:" + s + ":more")) },
		"base64 escaped": func(s string) string { return url.QueryEscape(base64.StdEncoding.EncodeToString([]byte("id:" + s))) },
		"digits":         func(s string) string { return hex.EncodeToString([]byte(s)) },
		"large digits":   func(s string) string { return fmt.Sprintf("%X", s) },
		"many lines":     func(s string) string { return "first\n  " + s + "\r\nlast" },
		"an error": func(s string) string {
			return fmt.Errorf("a: %w", &url.Error{Op: "Get", URL: "https://x.test?a=" + url.QueryEscape(s), Err: errors.New(s)}).Error()
		},
		"a JSON error": func(s string) string {
			var n int
			return json.Unmarshal([]byte(strconv.Quote(s)), &n).Error() + " in " + strconv.Quote(s)
		},
	}
}

// leaks tells whether a text holds a secret or a part of eight bytes of it, in one of the spellings that a reader would
// see through.
func leaks(text, secret string) bool {
	const part = 8
	forms := []string{text}
	if plain, err := url.QueryUnescape(text); err == nil {
		forms = append(forms, plain)
	}
	for word := range strings.FieldsFuncSeq(strings.Join(forms, "\n"), func(r rune) bool {
		return !strings.ContainsRune("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_", r)
	}) {
		word = strings.NewReplacer("-", "+", "_", "/").Replace(word)
		for skip := range min(4, len(word)) {
			if b, err := base64.RawStdEncoding.DecodeString(word[skip : skip+(len(word)-skip)/4*4]); err == nil {
				forms = append(forms, string(b))
			}
		}
		if b, err := hex.DecodeString(word); err == nil {
			forms = append(forms, string(b))
		}
	}
	for _, form := range forms {
		for i := 0; i+part <= len(secret); i++ {
			if strings.Contains(form, secret[i:i+part]) {
				return true
			}
		}
	}
	return false
}

// Secrets whose values are known are hidden in every spelling, whatever stands around them and whatever they consist of.
func TestKnown(t *testing.T) {
	t.Parallel()
	const plain = "VXCvQIwIgzr9EgqLmZ9mEqKVHt8Jpxh5"
	for _, secret := range []string{
		plain, "c4n4ry-0123456789abcdef", `qu"ote\and<&>`, "a b+c/d=e%20f~g", "ünïcödé-sécret", "correcthorse", "first line of it\nsecond line of it",
	} {
		known := Known("other-secret", secret)
		for name, write := range writers() {
			text := write(secret)
			if secret == plain && !leaks(text, secret) {
				t.Errorf("%s of %q: the test does not see the secret in %q", name, secret, text)
			}
			if got := known.Hide(text); leaks(got, secret) || !strings.Contains(got, Hidden) {
				t.Errorf("%s of %q shows in %q", name, secret, got)
			}
		}
	}
}

// Short secrets are words of their own, or they would eat other words; and what is not there changes nothing.
func TestKnownWords(t *testing.T) {
	known := Known("demo", "", "abc", "s3cret", "secret")
	for text, want := range map[string]string{
		"demo":                          "[secret]",
		"a demo, demos and demonstrate": "a [secret], demos and demonstrate",
		"pw=s3cret&b":                   "pw=[secret]&b",
		"the client secret":             "the client [secret]",
		"[secret] and secret":           "[secret] and [secret]",
		"abc abc":                       "abc abc",
		"nothing":                       "nothing",
	} {
		if got := known.Hide(text); got != want {
			t.Errorf("%q is %q, want %q", text, got, want)
		}
	}
	if n := testing.AllocsPerRun(100, func() { known.Hide("zoom refused a call of GET /users/{userId}") }); n != 0 {
		t.Errorf("%v allocations where nothing is hidden", n)
	}
}
