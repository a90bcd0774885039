package sandbox_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/sandbox"
)

// exchange asks for a token as a form, or in the query where form is nil.
func (z *zoom) exchange(query string, form url.Values, id, secret string) *reply {
	z.t.Helper()
	r := z.request(http.MethodPost, "/oauth/token"+query, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if id != "" {
		r.SetBasicAuth(id, secret)
	}
	return z.do(r)
}

func TestTokenEndpoint(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{Users: 3})
	strict := start(t, sandbox.Options{Users: 3, ClientID: "id", ClientSecret: "secret", AccountID: "acct"})
	good := url.Values{"grant_type": {"account_credentials"}, "account_id": {"acct"}}
	for _, r := range []*reply{
		z.exchange("", good, "any", "thing"),
		z.exchange("?"+good.Encode(), nil, "any", "thing"),
		strict.exchange("", good, "id", "secret"),
	} {
		got := r.want(200).object()
		if got["token_type"] != "bearer" || got["expires_in"] != 3600.0 || got["api_url"] != nil || len(got) != 4 {
			t.Errorf("got %s", r.body)
		}
		if scope := " " + got["scope"].(string) + " "; !strings.Contains(scope, " user:read:admin ") || !strings.Contains(scope, " user:update:settings:admin ") {
			t.Errorf("scope %q", scope)
		}
	}
	with := func(name, value string) url.Values {
		form := url.Values{}
		for k, v := range good {
			form[k] = v
		}
		form.Set(name, value)
		return form
	}
	for name, tt := range map[string]struct {
		reply *reply
		kind  string
	}{
		"no credentials":    {z.exchange("", good, "", ""), "invalid_client"},
		"empty secret":      {z.exchange("", good, "id", ""), "invalid_client"},
		"wrong client":      {strict.exchange("", good, "di", "secret"), "invalid_client"},
		"wrong secret":      {strict.exchange("", good, "id", "terces"), "invalid_client"},
		"wrong account":     {strict.exchange("", with("account_id", "other"), "id", "secret"), "invalid_request"},
		"no account":        {z.exchange("", with("account_id", ""), "id", "secret"), "invalid_request"},
		"another grant":     {z.exchange("", with("grant_type", "password"), "id", "secret"), "unsupported_grant_type"},
		"unknown parameter": {z.exchange("", with("client_id", "x"), "id", "secret"), "invalid_request"},
	} {
		got := tt.reply.want(400).object()
		if got["error"] != tt.kind || got["reason"] == "" || got["code"] != nil {
			t.Errorf("%s: got %s", name, tt.reply.body)
		}
	}
	z.exchange("?foo=1", good, "id", "secret").refused(400, 300, "foo")
	z.control(http.MethodGet, "/oauth/token", "").refused(405, 2300, "GET")
}

// An app's own token opens what is the app's and nothing else, and no other token opens that.
func TestAppToken(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{Program: programtest.Of(t), Users: 3, ClientID: "id", ClientSecret: "secret", AccountID: "acct", ChatbotClientID: "bot", ChatbotClientSecret: "b0t"})
	grant := url.Values{"grant_type": {"client_credentials"}}
	got := z.exchange("", grant, "bot", "b0t").want(200).object()
	if got["scope"] != "imchat:bot" || got["token_type"] != "bearer" || got["refresh_token"] != nil {
		t.Errorf("granted %v", got)
	}
	for name, tt := range map[string]struct {
		reply *reply
		kind  string
	}{
		"the account's client":  {z.exchange("", grant, "id", "secret"), "invalid_client"},
		"the chatbot's account": {z.exchange("", url.Values{"grant_type": {"account_credentials"}, "account_id": {"acct"}}, "bot", "b0t"), "invalid_client"},
		"an account":            {z.exchange("", url.Values{"grant_type": {"client_credentials"}, "account_id": {"acct"}}, "bot", "b0t"), "invalid_request"},
	} {
		if got := tt.reply.want(400).object(); got["error"] != tt.kind {
			t.Errorf("%s: got %s", name, tt.reply.body)
		}
	}
	as := func(token any, method, path, body string) *reply {
		r := z.request(method, path, strings.NewReader(body))
		r.Header.Set("Authorization", "Bearer "+token.(string))
		r.Header.Set("Content-Type", "application/json")
		return z.do(r)
	}
	const message = `{"account_id":"acct","robot_jid":"b@xmpp.zoom.us","to_jid":"c@conference.xmpp.zoom.us","user_jid":"u@x","content":{"head":{"text":"x"}}}`
	app, account := got["access_token"], z.exchange("", url.Values{"grant_type": {"account_credentials"}, "account_id": {"acct"}}, "id", "secret").want(200).object()
	if strings.Contains(account["scope"].(string), "imchat:bot") {
		t.Errorf("an account's token has the scope of apps: %v", account["scope"])
	}
	as(app, http.MethodPost, "/v2/im/chat/messages", message).want(201)
	as(account["access_token"], http.MethodPost, "/v2/im/chat/messages", message).refused(401, 7010, "not the app's own")
	as(app, http.MethodGet, "/v2/users", "").refused(400, 4711, "user:read")
	as(app, http.MethodPost, "/v2/im/chat/messages", strings.Replace(message, "acct", "other", 1)).refused(403, 7003, "other")
	as(app, http.MethodPost, "/v2/im/chat/messages", strings.Replace(message, "c@conference", "nobody", 1)).refused(404, 7002, "nobody")
	as(app, http.MethodDelete, "/v2/im/chat/messages/none?account_id=acct&robot_jid=b@x", "").refused(404, 8001, "none")
}

func TestBearer(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{Users: 3})
	for _, header := range []string{"", "Bearer", "Bearer ", "Bearer nonsense", "Basic " + z.token, z.token} {
		r := z.request(http.MethodGet, "/v2/users", nil)
		r.Header.Set("Authorization", header)
		z.do(r).refused(401, 124, "access token")
	}
	z.get("/users").want(200)
	z.clock.Add(time.Hour - time.Second)
	z.get("/users").want(200)
	z.clock.Add(time.Second)
	z.get("/users").refused(401, 124, "expired")

	z.configure(`{"tokenTTL":"90s"}`)
	r := z.exchange("?grant_type=account_credentials&account_id=a", nil, "id", "secret")
	if got := r.at("expires_in"); got != 90.0 {
		t.Errorf("expires_in %v, want 90", got)
	}
	z.token = r.at("access_token").(string)
	z.clock.Add(91 * time.Second)
	z.get("/users").refused(401, 124, "expired")
}

func TestSingleToken(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{Users: 3})
	first := z.token
	second := z.mint()
	z.get("/users").want(200) // both live
	z.configure(`{"singleToken":true}`)
	other := z.exchange("?grant_type=account_credentials&account_id=other", nil, "id", "secret").at("access_token").(string)
	z.get("/users").want(200) // another account's token ends none of ours
	third := z.mint()
	for token, status := range map[string]int{first: 401, second: 401, third: 200, other: 200} {
		z.token = token
		z.get("/users").want(status)
	}
}

func TestScopes(t *testing.T) {
	t.Parallel()
	z := start(t, sandbox.Options{Users: 3, Scopes: []string{"user:read"}})
	user := "/users/" + z.user(0)
	z.get(user).want(200)
	z.get(user + "/settings").want(200)
	r := z.get("/users")
	r.refused(400, 4711, "")
	if got := r.at("message"); got != "Invalid access token, does not contain scopes:[user:read:admin]." {
		t.Errorf("message %q", got)
	}
	z.call("PATCH", user+"/settings", `{}`).refused(400, 4711, "scopes:[user:write:admin, user:write].")

	z.configure(`{"scopes":["user:read:list_users:admin","user:update:settings:admin"]}`)
	z.get("/users").want(400) // the old token keeps its scopes
	z.token = z.mint()
	z.get("/users").want(200)
	z.call("PATCH", user+"/settings", `{}`).want(204)
	z.get(user).refused(400, 4711, "scopes:[user:read:admin, user:read].")

	z.configure(`{"scopes":[]}`)
	z.token = z.mint()
	z.get("/users").refused(400, 4711, "user:read:admin")
	z.configure(`{"scopes":null}`)
	z.token = z.mint()
	z.get("/users").want(200)
}
