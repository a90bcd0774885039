package sandbox_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"golang.org/x/oauth2"

	"zoomgraph/internal/sandbox"
)

const back = "https://app.example.com/callback?from=zoom"

// authorize asks for what a browser is answered at /oauth/authorize, without following it.
func (z *zoom) authorize(query url.Values) *reply {
	z.t.Helper()
	return z.do(z.request(http.MethodGet, "/oauth/authorize?"+query.Encode(), nil))
}

// authorization is a request that is well formed, but for what more says; "" leaves a parameter out.
func authorization(verifier string, more map[string]string) url.Values {
	query := url.Values{
		"response_type": {"code"}, "client_id": {"id"}, "redirect_uri": {back}, "state": {"s t"}, "user": {"ada.lovelace@example.com"},
		"code_challenge": {oauth2.S256ChallengeFromVerifier(verifier)}, "code_challenge_method": {"S256"},
	}
	for name, value := range more {
		if query.Set(name, value); value == "" {
			query.Del(name)
		}
	}
	return query
}

// code is what the browser brings back.
func (z *zoom) code(verifier string, more map[string]string) string {
	z.t.Helper()
	location, err := url.Parse(z.authorize(authorization(verifier, more)).want(302).header.Get("Location"))
	query := location.Query()
	if err != nil || location.Host != "app.example.com" || query.Get("from") != "zoom" || query.Get("state") != "s t" {
		z.t.Fatalf("sent back to %s", location)
	}
	return query.Get("code")
}

func byCode(code, verifier string) url.Values {
	return url.Values{"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {back}, "code_verifier": {verifier}}
}

func byRefresh(token any) url.Values {
	return url.Values{"grant_type": {"refresh_token"}, "refresh_token": {token.(string)}}
}

// A user's token says "me"; the one behind it, and the code, are good once.
func TestUserToken(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{Users: 3})
	verifier := oauth2.GenerateVerifier()
	code := z.code(verifier, nil)
	first := z.exchange("", byCode(code, verifier), "id", "secret").want(200)
	if first.at("token_type") != "bearer" || first.at("expires_in") != 3600.0 || len(first.object()) != 5 {
		t.Errorf("got %s", first.body)
	}
	z.exchange("", byCode(code, verifier), "id", "secret").want(400)
	z.token = first.at("access_token").(string)
	if me := z.get("/users/me").want(200); me.at("id") != z.user(0) || me.at("email") != "ada.lovelace@example.com" {
		t.Errorf("me is %s", me.body)
	}
	z.get("/users/" + z.user(1) + "/settings").want(200)

	second := z.exchange("", byRefresh(first.at("refresh_token")), "id", "secret").want(200)
	if second.at("access_token") == first.at("access_token") || second.at("refresh_token") == first.at("refresh_token") {
		t.Errorf("the same again: %s", second.body)
	}
	if got := z.exchange("", byRefresh(first.at("refresh_token")), "id", "secret").want(400).at("error"); got != "invalid_grant" {
		t.Errorf("a used refresh token: %v", got)
	}
	z.clock.Add(time.Hour)
	z.get("/users/me").refused(401, 124, "expired")
	third := z.exchange("", byRefresh(second.at("refresh_token")), "id", "secret").want(200)
	z.token = third.at("access_token").(string)
	z.get("/users/me").want(200)

	revoke := func(token, id string) *reply {
		r := z.request(http.MethodPost, "/oauth/revoke", strings.NewReader(url.Values{"token": {token}}.Encode()))
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		r.SetBasicAuth(id, "secret")
		return z.do(r)
	}
	revoke(z.token, "other").want(400)
	revoke("nothing", "id").want(400)
	z.get("/users/me").want(200)
	revoke(z.token, "id").want(200)
	z.get("/users/me").refused(401, 124, "Invalid")
	z.exchange("", byRefresh(third.at("refresh_token")), "id", "secret").want(400)
	z.token = z.mint()
	z.get("/users/me").refused(400, 4700, "me")
}

// What is wrong with an authorization is said where it was asked for, not where it would lead to.
func TestAuthorizeRefuses(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{Users: 3, ClientID: "id"})
	pending := ""
	for _, user := range z.Users() {
		if user.Status == "pending" {
			pending = user.Email
		}
	}
	for name, tt := range map[string]struct {
		more map[string]string
		says string
	}{
		"another client":      {map[string]string{"client_id": "other"}, "client_id"},
		"no client":           {map[string]string{"client_id": ""}, "client_id"},
		"another flow":        {map[string]string{"response_type": "token"}, "response_type"},
		"nowhere to go":       {map[string]string{"redirect_uri": ""}, "redirect_uri"},
		"a path to go to":     {map[string]string{"redirect_uri": "/callback"}, "redirect_uri"},
		"a script to go to":   {map[string]string{"redirect_uri": "javascript:alert(1)"}, "redirect_uri"},
		"a plain challenge":   {map[string]string{"code_challenge_method": "plain"}, "code_challenge_method"},
		"no challenge":        {map[string]string{"code_challenge": ""}, "go together"},
		"a method only":       {map[string]string{"code_challenge_method": ""}, "go together"},
		"nobody":              {map[string]string{"user": "nobody@example.com"}, "nobody@example.com"},
		"somebody invited":    {map[string]string{"user": pending}, "active"},
		"an unknown question": {map[string]string{"prompt": "none"}, "prompt"},
	} {
		r := z.authorize(authorization("v", tt.more)).want(400)
		if !strings.Contains(string(r.body), tt.says) || r.header.Get("Location") != "" {
			t.Errorf("%s: %s", name, r.body)
		}
	}
	z.control(http.MethodPost, "/oauth/authorize", "").refused(405, 2300, "POST")
	location := z.authorize(authorization("v", map[string]string{"deny": "1"})).want(302).header.Get("Location")
	if location != "https://app.example.com/callback?error=access_denied&from=zoom&state=s+t" {
		t.Errorf("who declines is sent to %s", location)
	}
	page := z.authorize(authorization("v", map[string]string{"user": "", "state": `"><script>`})).want(200)
	if body := string(page.body); !strings.Contains(body, "user=ada.lovelace%40example.com") || strings.Contains(body, "<script>") || !strings.HasPrefix(page.header.Get("Content-Type"), "text/html") {
		t.Errorf("the page to choose from:\n%s", body)
	}
}

func TestCodeRefuses(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{Users: 3})
	verifier := oauth2.GenerateVerifier()
	with := func(form url.Values, name, value string) url.Values {
		form.Set(name, value)
		return form
	}
	fresh := func() url.Values { return byCode(z.code(verifier, nil), verifier) }
	bare := z.code(verifier, map[string]string{"code_challenge": "", "code_challenge_method": ""})
	for name, tt := range map[string]struct {
		form url.Values
		id   string
		kind string
	}{
		"another verifier":       {with(fresh(), "code_verifier", verifier+"x"), "id", "invalid_grant"},
		"no verifier":            {with(fresh(), "code_verifier", ""), "id", "invalid_grant"},
		"an unasked verifier":    {byCode(bare, verifier), "id", "invalid_grant"},
		"another address":        {with(fresh(), "redirect_uri", "https://app.example.com/"), "id", "invalid_request"},
		"another client":         {fresh(), "other", "invalid_grant"},
		"no code":                {with(fresh(), "code", ""), "id", "invalid_grant"},
		"something else":         {with(fresh(), "account_id", "x"), "id", "invalid_request"},
		"a refresh token":        {byRefresh("nothing"), "id", "invalid_grant"},
		"a refresh with a code":  {with(byRefresh("x"), "code", "x"), "id", "invalid_request"},
		"an account with a code": {with(url.Values{"grant_type": {"account_credentials"}, "account_id": {"a"}}, "code", "x"), "id", "invalid_request"},
	} {
		if got := z.exchange("", tt.form, tt.id, "secret").want(400).at("error"); got != tt.kind {
			t.Errorf("%s: %v, want %s", name, got, tt.kind)
		}
	}
	late := fresh()
	z.clock.Add(10 * time.Minute)
	z.exchange("", late, "id", "secret").want(400)
	bare = z.code(verifier, map[string]string{"code_challenge": "", "code_challenge_method": ""})
	form := byCode(bare, "")
	form.Del("code_verifier")
	token := z.exchange("", form, "id", "secret").want(200).at("refresh_token")
	z.exchange("", byRefresh(token), "other", "secret").want(400)
	z.exchange("", byRefresh(token), "id", "secret").want(200)
}
