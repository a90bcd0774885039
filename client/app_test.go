package client

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

var opChatbot = &Op{ID: "sendchatbot", Method: "POST", Path: "/im/chat/messages", Label: Medium, OfApp: true}

// bureau is a Zoom with a token endpoint for both kinds of tokens. It notes what each call came with, and what each mint
// asked for.
type bureau struct {
	mu     sync.Mutex
	mints  []string // grant and client
	calls  []string // path and token
	refuse func(token string) bool
	mint   func(w http.ResponseWriter, r *http.Request) bool // answers a mint by itself; nil: none
}

func (b *bureau) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	b.mu.Lock()
	defer b.mu.Unlock()
	w.Header().Set("Content-Type", "application/json")
	if strings.HasSuffix(r.URL.Path, "/token") {
		id, _, _ := r.BasicAuth()
		_ = r.ParseForm()
		b.mints = append(b.mints, r.Form.Encode()+" "+id)
		if b.mint == nil || !b.mint(w, r) {
			_, _ = io.WriteString(w, `{"access_token":"`+id+`-`+string(rune('0'+len(b.mints)))+`","expires_in":3600}`)
		}
		return
	}
	token := strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer ")
	b.calls = append(b.calls, r.URL.Path+" "+token)
	if b.refuse != nil && b.refuse(token) {
		answer(401, `{"code":7010,"message":"Invalid authorization token."}`)(w, r)
		return
	}
	_, _ = io.WriteString(w, `{}`)
}

// wants checks what was minted and called, in order.
func (b *bureau) wants(t *testing.T, mints, calls []string) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	if !slices.Equal(b.mints, mints) || !slices.Equal(b.calls, calls) {
		t.Errorf("minted %q and called %q; want %q and %q", b.mints, b.calls, mints, calls)
	}
}

const (
	accountMint = "account_id=acct&grant_type=account_credentials id"
	appMint     = "grant_type=client_credentials bot"
)

// withApp is a client of an account that has a chatbot.
func withApp(t *testing.T, b *bureau) *Client {
	t.Helper()
	srv := httptest.NewServer(b)
	t.Cleanup(srv.Close)
	cfg := Config{APIURL: srv.URL + "/v2", OAuthURL: srv.URL + "/oauth", Transport: srv.Client().Transport, Health: NewHealth(nil)}
	cfg.AccountID, cfg.ClientID, cfg.ClientSecret = "acct", "id", "s3cret"
	cfg.Tokens = AccountCredentials(cfg)
	app := cfg
	app.ClientID, app.ClientSecret, app.Health = "bot", "b0tsecret", NewHealth(nil)
	cfg.AppTokens, cfg.AppHealth = AppCredentials(app), app.Health
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func send(c *Client, op *Op) error {
	req := Request{Op: op}
	if op.Method != http.MethodGet {
		req.Body = json.RawMessage(`{"a":1}`)
	}
	_, err := c.Do(context.Background(), req)
	return err
}

// The operation says which token it is called with; each kind is minted by itself, once.
func TestTokensOfTheApp(t *testing.T) {
	t.Parallel()
	b := &bureau{}
	c := withApp(t, b)
	for _, op := range []*Op{opChatbot, opUsers, opChatbot, opUsers} {
		if err := send(c, op); err != nil {
			t.Fatal(err)
		}
	}
	b.wants(t, []string{appMint, accountMint},
		[]string{"/v2/im/chat/messages bot-1", "/v2/users id-2", "/v2/im/chat/messages bot-1", "/v2/users id-2"})
}

// A refused token of the app is replaced, and the account's stays what it is; that the app is refused for good is told of
// the app, and the account is well.
func TestAppIsRefused(t *testing.T) {
	t.Parallel()
	b := &bureau{refuse: func(token string) bool { return token == "bot-1" }}
	c := withApp(t, b)
	if err := send(c, opChatbot); err != nil {
		t.Fatal(err)
	}
	b.wants(t, []string{appMint, appMint}, []string{"/v2/im/chat/messages bot-1", "/v2/im/chat/messages bot-2"})

	b.mu.Lock()
	b.refuse = func(token string) bool { return strings.HasPrefix(token, "bot-") }
	b.mu.Unlock()
	if err := send(c, opUsers); err != nil {
		t.Fatal(err)
	}
	if err := send(c, opChatbot); !errors.Is(err, ErrUpstreamAuthFailed) {
		t.Errorf("refused for good: %v", err)
	}
	if state := c.health.State(); !state.Up || state.Refused {
		t.Errorf("the account: %+v", state)
	}
}

// Where the token endpoint refuses, the message says that it is about the chatbot, and holds no secret.
func TestAppCannotMint(t *testing.T) {
	t.Parallel()
	b := &bureau{mint: func(w http.ResponseWriter, r *http.Request) bool {
		if r.Form.Get("grant_type") != "client_credentials" {
			return false
		}
		answer(400, `{"reason":"Invalid client_id or client_secret","error":"invalid_client"}`)(w, r)
		return true
	}}
	c := withApp(t, b)
	var fail *Error
	if err := send(c, opChatbot); !errors.As(err, &fail) || fail.Code != CodeUpstreamAuthFailed {
		t.Fatalf("%v", err)
	}
	if text := fail.Explain(); !strings.Contains(text, "refuses the chatbot's credentials: invalid_client") || !strings.Contains(text, "chatbot's app") || strings.Contains(text, "s3cret") {
		t.Errorf("the message is %q", text)
	}
	if err := send(c, opUsers); err != nil {
		t.Errorf("the account: %v", err)
	}
	if app, account := c.appHealth.State(), c.health.State(); !app.Refused || account.Refused || !account.Up {
		t.Errorf("the app: %+v; the account: %+v", app, account)
	}
}

// What Zoom answers about the chatbot is said of the chatbot.
func TestErrorsOfTheApp(t *testing.T) {
	t.Parallel()
	bot := *opChatbot
	bot.Scopes = []string{"imchat:bot"}
	for body, tc := range map[string]struct {
		status     int
		code, text string
	}{
		`{"code":4711,"message":"Invalid access token, does not contain scopes:[imchat:bot]."}`: {400, "SCOPE_MISSING", "scope imchat:bot to the chatbot's app"},
		`{"code":7010,"message":"Invalid authorization token."}`:                                {401, "UPSTREAM_AUTH_FAILED", "client secret of the chatbot's app"},
		`{"code":7002,"message":"No channel or user."}`:                                         {404, "NOT_FOUND", "no user and no channel with this JID"},
		`{"code":8001,"message":"Message not found."}`:                                          {404, "NOT_FOUND", "has sent no such message"},
	} {
		c := dial(t, answer(tc.status, body), func(cfg *Config) { cfg.AppTokens = &tokens{} })
		var fail *Error
		if err := send(c, &bot); !errors.As(err, &fail) || string(fail.Code) != tc.code || !strings.Contains(fail.Explain(), tc.text) {
			t.Errorf("%s: %v", body, err)
		}
	}
}

// Where there is no token of the app, or the request acts with a user's own, nothing is sent.
func TestOperationsOfTheAppAreRefused(t *testing.T) {
	t.Parallel()
	app := &tokens{}
	for name, tc := range map[string]struct {
		change func(*Config)
		want   string
	}{
		"no chatbot":                  {func(*Config) {}, "--zoom-chatbot-client-id"},
		"a user's token":              {func(cfg *Config) { cfg.Tokens = StaticToken("mine") }, "caller with a key"},
		"a user's token and an app's": {func(cfg *Config) { cfg.Tokens, cfg.AppTokens = StaticToken("mine"), app }, "caller with a key"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := dial(t, func(http.ResponseWriter, *http.Request) { t.Error("a call was made") }, tc.change)
			var fail *Error
			if err := send(c, opChatbot); !errors.As(err, &fail) || fail.Code != CodeForbidden || !strings.Contains(fail.Hint, tc.want) {
				t.Errorf("%v", err)
			}
			if err := c.Check(Request{Op: opChatbot}); !errors.Is(err, ErrForbidden) {
				t.Errorf("looked at beforehand: %v", err)
			}
		})
	}
}
