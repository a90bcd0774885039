package main

import (
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"zoomgraph/internal/callers"
	"zoomgraph/internal/sandbox"
)

// botMessage sends a message of the chatbot.
const botMessage = `mutation { sendChatbotMessage(input: {robotJid: "b@xmpp.zoom.us", toJid: "c@conference.xmpp.zoom.us", userJid: "u@xmpp.zoom.us", content: {head: {text: "Hello"}}}) { messageId } }`

// The embedded Zoom has a chatbot without anybody configuring one. A Zoom elsewhere wants its credentials, which are not those
// of the account: with them the message is sent in the account of the configuration.
func TestChatbot(t *testing.T) {
	t.Parallel()
	if got := string(post(t, start(t, nil, "--addr", "127.0.0.1:0").address, botMessage)); !strings.Contains(got, `"messageId":"`) {
		t.Errorf("the embedded Zoom: %s", got)
	}
	zoom := start(t, nil, "sandbox", "--addr", "127.0.0.1:0", "--users", "5", "--account-id", "acct", "--client-id", "app", "--client-secret", "canary-secret",
		"--chatbot-client-id", "bot", "--chatbot-client-secret", "canary-bot")
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("canary-bot\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	account := map[string]string{
		"ZOOM_ACCOUNT_ID": "acct", "ZOOM_CLIENT_ID": "app", "ZOOM_CLIENT_SECRET": "canary-secret",
		"ZOOM_API_URL": zoom.address + "/v2", "ZOOM_OAUTH_URL": zoom.address + "/oauth",
	}
	for name, tc := range map[string]struct {
		args []string
		want []string
	}{
		"its credentials": {[]string{"--zoom-chatbot-client-id", "bot", "--zoom-chatbot-client-secret-file", secret}, []string{`"messageId":"`}},
		"no credentials":  {nil, []string{"FORBIDDEN", "--zoom-chatbot-client-secret-file", "no credentials of one here"}},
		"the account's":   {[]string{"--zoom-chatbot-client-id", "app", "--zoom-chatbot-client-secret", "canary-secret"}, []string{"UPSTREAM_AUTH_FAILED", "refuses the chatbot's credentials: invalid_client"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := start(t, account, append([]string{"--addr", "127.0.0.1:0"}, tc.args...)...)
			got := string(post(t, s.address, botMessage))
			for _, want := range tc.want {
				if !strings.Contains(got, want) {
					t.Errorf("no %s in %s", want, got)
				}
			}
			if output := s.stderr.String() + s.stdout.String() + got; strings.Contains(output, "canary") {
				t.Errorf("a secret is in %s", output)
			}
		})
	}
}

// A chatbot whose credentials Zoom refuses is told of at the start, at /readyz?verbose and by a metric, and keeps nobody else
// from anything.
func TestChatbotIsRefused(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	inner := refuses("invalid_client", "Invalid client_id or client_secret")
	outer := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if id, _, _ := r.BasicAuth(); id == "bot" {
			(*inner)(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/json")
		_, _ = fmt.Fprint(w, `{"access_token":"t","token_type":"bearer","expires_in":3600}`)
	})
	f.token.Store(&outer)
	env := f.env()
	env["ZOOM_CHATBOT_CLIENT_ID"], env["ZOOM_CHATBOT_CLIENT_SECRET"] = "bot", "canary+secret/2"
	s := startWatched(t, env, "--addr", "127.0.0.1:0")
	const trouble = "Zoom refuses the chatbot's credentials: invalid_client (HTTP 400): check the client id and the client secret of the chatbot's app"
	if first, _, _ := strings.Cut(s.stdout.String(), "\n"); !strings.HasPrefix(first, "zoomgraph is ready, but its chatbot cannot send messages: "+trouble) {
		t.Errorf("it says\n%s", first)
	}
	if code, verbose := status(t, s.admin+"/readyz?verbose"); code != 200 || !strings.Contains(verbose, "account acct: ok\nchatbot of account acct: "+trouble) {
		t.Errorf("/readyz?verbose: %d\n%s", code, verbose)
	}
	if bot, own := gauge(t, s.admin, "zoomgraph_zoom_chatbot_credentials_refused", "acct"), gauge(t, s.admin, "zoomgraph_zoom_credentials_refused", "acct"); bot != "1" || own != "0" {
		t.Errorf("the chatbot is refused: %s, the account: %s", bot, own)
	}
	if log := s.stderr.String(); !strings.Contains(log, "app=chatbot") || strings.Contains(log, "canary") {
		t.Errorf("the log is\n%s", log)
	}
}

// Of two accounts one has a chatbot: the callers of the other cannot send its messages, nor can who brings a token.
func TestChatbotsOfAccounts(t *testing.T) {
	t.Parallel()
	const (
		one = "zg_0123456789012345678901234567890123456789a"
		two = "zg_0123456789012345678901234567890123456789b"
		not = "zg_0123456789012345678901234567890123456789c"
	)
	zoom := newUpstream(t, sandbox.Config{})
	file := filepath.Join(t.TempDir(), "zoomgraph.yaml")
	text := fmt.Sprintf(`
zoom_api_url: http://%[1]s/v2
zoom_oauth_url: http://%[1]s/oauth
pass_through: true
accounts:
  acct-a: {zoom_account_id: a, client_id: x, client_secret: s, chatbot_client_id: bot, chatbot_client_secret: canary-bot}
  acct-b: {zoom_account_id: b, client_id: x, client_secret: s}
callers:
  - {name: one, key_sha256: "%[2]s", account: acct-a, allow: [read, write]}
  - {name: two, key_sha256: "%[3]s", account: acct-b, allow: [read, write]}
  - {name: not, key_sha256: "%[4]s", account: acct-a, allow: [read]}
`, zoom.address, callers.DigestOf(one), callers.DigestOf(two), callers.DigestOf(not))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := startWatched(t, nil, "--config", file, "--addr", "127.0.0.1:0")
	if verbose := string(get(t, s.admin+"/readyz?verbose")); verbose != "ok\naccount acct-a: ok\nchatbot of account acct-a: ok\naccount acct-b: ok\n" {
		t.Errorf("/readyz?verbose says\n%s", verbose)
	}
	person := zoom.tokenOf("ada.lovelace@example.com")
	for _, tc := range []struct{ who, key, want string }{
		{"who may only read", not, "FORBIDDEN"},
		{"an account without a chatbot", two, "chatbot_client_id"},
		{"a person", person, "not from a user"},
	} {
		if _, body := bearer(t, s, tc.key, botMessage); !strings.Contains(body, tc.want) {
			t.Errorf("%s is answered %s", tc.who, body)
		}
	}
	for _, e := range zoom.zoom.Log(0) {
		if strings.HasPrefix(e.Path, "/im/") {
			t.Errorf("%s %s is called for who may not", e.Method, e.Path)
		}
	}
	if _, body := bearer(t, s, one, botMessage); !strings.Contains(body, `"messageId":"`) {
		t.Errorf("the account's caller is answered %s", body)
	}
	if _, body := bearer(t, s, person, `{ myContacts(first: 1) { nodes { email } } }`); !strings.Contains(body, `"email":"grace.hopper@example.com"`) {
		t.Errorf("a person's contacts: %s", body)
	}
	if log := s.stderr.String(); strings.Contains(log, "canary") {
		t.Errorf("a secret is in the log:\n%s", log)
	}
}

// Who signs in has contacts of their own, and sends messages as themselves; the chatbot is not theirs to speak for.
func TestContactsOfWhoSignsIn(t *testing.T) {
	t.Parallel()
	s := start(t, nil, append([]string{"--sign-in-allow", "read,write"}, peopleMay...)...)
	for user, other := range map[string]string{"ada.lovelace@example.com": "grace.hopper@example.com", "grace.hopper@example.com": "ada.lovelace@example.com"} {
		v := visit(t, s)
		v.signIn(user)
		if got := v.query(`{ myContacts(first: 1) { nodes { email presenceStatus } } }`); !strings.Contains(got, `"email":"`+other+`","presenceStatus":"`) {
			t.Errorf("%s: %s", user, got)
		}
		if got := v.query(`mutation { sendImMessage(chatUser: "` + other + `", input: {message: "Hello"}) { id } }`); !strings.Contains(got, `"sendImMessage":{"id":"`) {
			t.Errorf("%s: %s", user, got)
		}
		if got := v.query(botMessage); !strings.Contains(got, "not from a user") {
			t.Errorf("%s: %s", user, got)
		}
	}
}
