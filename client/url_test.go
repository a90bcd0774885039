package client

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
)

func TestPathValues(t *testing.T) {
	t.Parallel()
	var uri string
	c := dial(t, func(w http.ResponseWriter, r *http.Request) {
		uri = r.RequestURI
		answer(200, `{}`)(w, r)
	})
	meeting := &Op{Method: "GET", Path: "/past_meetings/{meetingUUID}/participants"}
	webinar := &Op{Method: "GET", Path: "/past_webinars/{WebinarUUID}/absentees"}
	recording := &Op{Method: "GET", Path: "/meetings/{meetingId}/recordings"}
	member := &Op{Method: "DELETE", Path: "/groups/{groupId}/members/{memberId}"}
	for _, tc := range []struct {
		op     *Op
		values []string
		want   string
	}{
		{opUsers, nil, "/users"},
		{opSettings, []string{"KDcuGIm1QgePTO8WbOqwIQ"}, "/users/KDcuGIm1QgePTO8WbOqwIQ/settings"},
		{opSettings, []string{"ann+b@example.com"}, "/users/ann+b@example.com/settings"},
		{opSettings, []string{"a/b"}, "/users/a%2Fb/settings"},
		{opSettings, []string{"/a//b"}, "/users/%2Fa%2F%2Fb/settings"},
		{opSettings, []string{"a?b#c d;e,f"}, "/users/a%3Fb%23c%20d%3Be%2Cf/settings"},
		{opSettings, []string{"%41"}, "/users/%2541/settings"},
		{opSettings, []string{"{userId}"}, "/users/%7BuserId%7D/settings"},
		{opSettings, []string{"ü"}, "/users/%C3%BC/settings"},
		{opSettings, []string{"..."}, "/users/.../settings"},
		{meeting, []string{"abc/d=="}, "/past_meetings/abc%2Fd==/participants"},
		{meeting, []string{"/abc=="}, "/past_meetings/%252Fabc==/participants"},
		{meeting, []string{"a//b=="}, "/past_meetings/a%252F%252Fb==/participants"},
		{webinar, []string{"/abc=="}, "/past_webinars/%252Fabc==/absentees"},
		{recording, []string{"/abc=="}, "/meetings/%252Fabc==/recordings"},
		{member, []string{"a/b", "c"}, "/groups/a%2Fb/members/c"},
	} {
		if _, err := c.Do(t.Context(), Request{Op: tc.op, Path: tc.values}); err != nil || uri != "/v2"+tc.want {
			t.Errorf("%q: %s, %v, want %s", tc.values, uri, err, tc.want)
		}
	}
}

func TestPathValuesRefused(t *testing.T) {
	t.Parallel()
	c := dial(t, func(http.ResponseWriter, *http.Request) { t.Error("a call was made") })
	for _, value := range []string{
		"", " ", "\t", "\u00a0", "\u2003\u3000", "\u200b", "\ufeff", " \u200b ", "\u2800", ".", "..", "%2e", "%2E%2e", ".%2e", "%252e%252E", "%25252e", "a/../b", "../x", `..\x`, "..%2fx", "%2e%2e%5cx",
		"a\x00b", "a\nb", "a\x7fb", "a\u0085b", "a\xffb", strings.Repeat("x", 255), "me", "ME",
	} {
		res, err := c.Do(t.Context(), settingsOf(value))
		if !errors.Is(err, ErrBadUserInput) || res != nil {
			t.Errorf("%q: %v, %v", value, res, err)
			continue
		}
		if e := asError(t, err); !strings.HasPrefix(e.Message, "userId must ") || e.Fields[0] != "userId" {
			t.Errorf("%q: %s", value, e.Message)
		}
	}
}

// A value of white space stays here in every parameter, and in each entry of a list.
func TestBlankValues(t *testing.T) {
	t.Parallel()
	c := dial(t, func(http.ResponseWriter, *http.Request) { t.Error("a call was made") })
	member := &Op{Method: "DELETE", Path: "/groups/{groupId}/members/{memberId}"}
	files := &Op{Method: "DELETE", Path: "/accounts/{accountId}/settings/virtual_backgrounds"}
	for name, req := range map[string]Request{
		"memberId": {Op: member, Path: []string{"g", "\u00a0"}},
		"groupId":  {Op: member, Path: []string{" ", "m"}},
		"role_id":  {Op: opUsers, Query: url.Values{"role_id": {" "}}},
		"file_ids": {Op: files, Path: []string{"a"}, Query: url.Values{"file_ids": {"a,\u200b,b"}}},
	} {
		_, err := c.Do(t.Context(), req)
		if e := asError(t, err); e.Code != CodeBadUserInput || e.Fields[0] != name || !strings.HasPrefix(e.Message, name) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestMeNeedsAUsersToken(t *testing.T) {
	t.Parallel()
	uri := ""
	h := func(w http.ResponseWriter, r *http.Request) {
		uri = r.RequestURI
		answer(200, `{}`)(w, r)
	}
	own := dial(t, h, func(cfg *Config) { cfg.Tokens = StaticToken("mine") })
	if _, err := own.Do(t.Context(), settingsOf("me")); err != nil || uri != "/v2/users/me/settings" || !own.ActsAsUser() {
		t.Errorf("%s, %v", uri, err)
	}
	app := dial(t, h)
	if app.ActsAsUser() {
		t.Error("an app does not act as a user")
	}
	account := &Op{Method: "GET", Path: "/accounts/{accountId}/settings"}
	if _, err := app.Do(t.Context(), Request{Op: account, Path: []string{"me"}}); err != nil || uri != "/v2/accounts/me/settings" {
		t.Errorf("an account's own: %s, %v", uri, err)
	}
	plans := &Op{Method: "PUT", Path: "/accounts/{accountId}/plans/base", Subs: true}
	for _, me := range []string{"me", "ME"} {
		for _, c := range []*Client{app, own} {
			uri = ""
			if _, err := c.Do(t.Context(), Request{Op: plans, Path: []string{me}}); !errors.Is(err, ErrBadUserInput) || uri != "" {
				t.Errorf("an account's own plans: %v, and asked for %q", err, uri)
			}
		}
	}
	if _, err := app.Do(t.Context(), Request{Op: plans, Path: []string{"men"}}); err != nil || uri != "/v2/accounts/men/plans/base" {
		t.Errorf("a sub account's plans: %s, %v", uri, err)
	}
	for _, path := range []string{"/users/me/zak", "/chat/users/me/contacts", "/chat/channels/{channelId}/members/me"} {
		req := Request{Op: &Op{ID: "mine", Method: http.MethodGet, Path: path}}
		if strings.Contains(path, "{") {
			req.Path = []string{"c"}
		}
		uri = ""
		if _, err := app.Do(t.Context(), req); !errors.Is(err, ErrBadUserInput) || uri != "" {
			t.Errorf("an account's credentials at %s: %v, and asked for %q", path, err, uri)
		}
		if _, err := own.Do(t.Context(), req); err != nil || uri == "" {
			t.Errorf("a user's own token at %s: %v", path, err)
		}
	}
}

func TestQuery(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		query url.Values
		want  string
	}{
		{nil, ""},
		{url.Values{}, ""},
		{url.Values{"b": {"1"}, "a": {"x,y"}}, "a=x,y&b=1"},
		{url.Values{"a": {"x_1,Y-2.~"}}, "a=x_1,Y-2.~"},
		{url.Values{"a": {"", "x,y"}}, "a=&a=x,y"},
		{url.Values{"a": {""}}, "a="},
		{url.Values{"a": {}}, ""},
		{url.Values{"a b": {"c"}}, "a+b=c"},
		{url.Values{"a": {"x&b=1#?"}}, "a=x%26b%3D1%23%3F"},
		{url.Values{"a": {"%2C", "ü "}}, "a=%252C&a=%C3%BC+"},
	} {
		got := encodeQuery(tc.query)
		if got != tc.want {
			t.Errorf("%v: %s, want %s", tc.query, got, tc.want)
		}
	}
}

func TestBaseURL(t *testing.T) {
	t.Parallel()
	for base, want := range map[string]string{
		"http://h":         "/users",
		"http://h/":        "/users",
		"http://h/v2//":    "/v2/users",
		"http://h/a%2Fb/c": "/a%2Fb/c/users",
	} {
		u, err := parseBase("APIURL", base)
		if err != nil {
			t.Fatal(err)
		}
		to := locate(u, opUsers.Path, &Request{Op: opUsers})
		if to.apply(u, "http", "h"); u.RequestURI() != want {
			t.Errorf("%s: %s, want %s", base, u.RequestURI(), want)
		}
	}
}

// Whatever a path value holds, the path keeps its segments and the value comes
// out of its own as it went in.
func FuzzPathValue(f *testing.F) {
	for _, seed := range []string{
		"me", "ann@example.com", "a/b", "//x==", "/x==", "..", "%2e%2E", "%252e", "a/../b", `..\`, "a\x00", "\xff", "ü", "a?b#c;d,e", "{x}", "%", "%zz", "",
	} {
		f.Add(seed)
	}
	base := &url.URL{Scheme: "https", Host: "h", Path: "/v2"}
	f.Fuzz(func(t *testing.T, value string) {
		for _, op := range []*Op{opSettings, {Method: "GET", Path: "/past_meetings/{meetingUUID}/x"}} {
			req := &Request{Op: op, Path: []string{value}}
			if fail := examine(op.Path, req, true); fail != nil {
				if fail.Code != CodeBadUserInput {
					t.Fatal(fail)
				}
				continue
			}
			to := locate(base, op.Path, req)
			var u url.URL
			to.apply(&u, "https", "h")
			sent, err := url.ParseRequestURI(u.RequestURI())
			if err != nil {
				t.Fatal(err)
			}
			segments := strings.Split(sent.EscapedPath(), "/")
			if u.RequestURI() != to.rawPath || len(segments) != 5 {
				t.Fatalf("%q was sent as %s", value, u.RequestURI())
			}
			got, err := url.PathUnescape(segments[3])
			if err == nil && op != opSettings && encodedTwice("meetingUUID", value) {
				got, err = url.PathUnescape(got)
			}
			if err != nil || got != value || got == "." || got == ".." {
				t.Fatalf("%q came out as %q, %v", value, got, err)
			}
		}
	})
}
