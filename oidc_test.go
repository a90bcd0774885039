package main

import (
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/coder/websocket"
	"github.com/go-jose/go-jose/v4"

	"zoomgraph/internal/callers"
)

// authority is an OpenID Connect issuer with one key that can be used, and one that cannot.
type authority struct {
	t   testing.TB
	url string
}

// issuingKey is the key of all issuers here.
var issuingKey = sync.OnceValue(func() *rsa.PrivateKey {
	key, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return key
})

func newAuthority(t testing.TB) *authority {
	t.Helper()
	mux := http.NewServeMux()
	server := httptest.NewServer(mux)
	t.Cleanup(server.Close)
	public, err := json.Marshal(jose.JSONWebKey{Key: &issuingKey().PublicKey, KeyID: "one", Use: "sig"})
	if err != nil {
		t.Fatal(err)
	}
	mux.HandleFunc("/.well-known/openid-configuration", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, server.URL, server.URL+"/keys")
	})
	mux.HandleFunc("/keys", func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprintf(w, `{"keys":[{"kty":"EC","crv":"secp256k1","kid":"odd"},%s]}`, public)
	})
	return &authority{t, server.URL}
}

// token is one of the issuer's, good for an hour unless claims say otherwise; a claim that is nil is left out.
func (a *authority) token(claims map[string]any) string {
	a.t.Helper()
	all := map[string]any{"iss": a.url, "sub": "ada", "aud": "zoomgraph", "exp": time.Now().Add(time.Hour).Unix()}
	for name, value := range claims {
		if all[name] = value; value == nil {
			delete(all, name)
		}
	}
	payload, err := json.Marshal(all)
	if err != nil {
		a.t.Fatal(err)
	}
	signer, err := jose.NewSigner(
		jose.SigningKey{Algorithm: jose.RS256, Key: jose.JSONWebKey{Key: issuingKey(), KeyID: "one"}}, (&jose.SignerOptions{}).WithType("at+jwt"),
	)
	if err != nil {
		a.t.Fatal(err)
	}
	signed, err := signer.Sign(payload)
	if err != nil {
		a.t.Fatal(err)
	}
	text, err := signed.CompactSerialize()
	if err != nil {
		a.t.Fatal(err)
	}
	return text
}

// configured writes a configuration file.
func configured(t testing.TB, text string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "zoomgraph.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return file
}

// waitUntil waits until a path answers by a text.
func waitUntil(t *testing.T, s *started, path, text string) {
	t.Helper()
	var got string
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		if got = string(get(t, s.admin+path)); strings.Contains(got, text) {
			return
		}
	}
	t.Fatalf("%s says\n%s\nand never %q", path, got, text)
}

// TestTokens: what tokens of an issuer grant, and why others grant nothing or are refused, as the caller and the operator
// see it.
func TestTokens(t *testing.T) {
	t.Parallel()
	id := newAuthority(t)
	s := startWatched(t, nil, "--addr", "127.0.0.1:0", "--config", configured(t, fmt.Sprintf(`
oidc:
  issuer: %s
  audience: zoomgraph
  audience_claim: client_id
  allow_claim: realm_access.roles
  allow_values: {zoom-admins: [read, write, secrets], viewers: [read]}
`, id.url)))
	waitUntil(t, s, "/readyz?verbose", "oidc issuer: ok (1 keys usable, 1 skipped)\n")
	roles := func(names ...string) map[string]any { return map[string]any{"roles": names} }
	const query = `{ viewer { permissions permissionsReason method } }`
	for _, tt := range []struct {
		name   string
		claims map[string]any
		want   string // of the answer
		log    string // a pattern of one line; "": nothing more
	}{
		{"a viewer", map[string]any{"realm_access": roles("viewers", "offline_access")}, `{"viewer":{"permissions":["READ"],"permissionsReason":null,"method":"TOKEN"}}`, ""},
		{"an administrator", map[string]any{"realm_access": roles("zoom-admins")}, `"permissions":["READ","WRITE","SECRETS"]`, ""},
		{"of Cognito", map[string]any{"realm_access": roles("viewers"), "aud": nil, "client_id": "zoomgraph", "token_use": "access"}, `"permissions":["READ"]`, ""},
		{
			"no claim", nil, `{"viewer":{"permissions":[],"permissionsReason":"the token has no claim realm_access.roles","method":"TOKEN"}}`,
			`may do nothing.*caller=jwt:.* why="the token has no claim realm_access.roles" found="the claims .*aud exp iss sub`,
		},
		{
			"unknown roles",
			map[string]any{"realm_access": roles("guests")},
			`"permissionsReason":"the claim realm_access.roles of the token holds nothing that grants a permission here"`,
			`may do nothing.*found=.*guests`,
		},
		{"another issuer", map[string]any{"iss": id.url + "/"}, `of another issuer`, `is refused.*expected iss .*` + id.url + `\\", found .*` + id.url + `/\\"`},
		{"another audience", map[string]any{"aud": []string{"other"}}, `not meant for this service (aud)`, `is refused.*expected aud .*zoomgraph.*found .*other`},
		{"expired", map[string]any{"exp": 1000000000}, `it has expired (exp)`, `is refused.*it expired at 2001-09-09T01:46:40Z`},
		{"not yet good", map[string]any{"nbf": time.Now().Add(time.Hour).Unix()}, `not good yet`, `is refused.*it is good from 20`},
	} {
		before := len(s.stderr.String())
		token := id.token(tt.claims)
		if _, body := bearer(t, s, token, query); !strings.Contains(body, tt.want) {
			t.Errorf("%s is answered %s, want %s", tt.name, body, tt.want)
		}
		told := s.stderr.String()[before:]
		if tt.log == "" && told != "" || !regexp.MustCompile(tt.log).MatchString(told) {
			t.Errorf("%s: the log says\n%s\nwant %s", tt.name, told, tt.log)
		}
		if strings.Contains(told, token[len(token)-40:]) {
			t.Errorf("%s: the token is in the log:\n%s", tt.name, told)
		}
	}
	_, body := bearer(t, s, id.token(nil), `{ users(first: 1) { totalCount } }`)
	if !strings.Contains(body, `"code":"FORBIDDEN"`) || !strings.Contains(body, "the token has no claim realm_access.roles; the operator") {
		t.Errorf("a token that grants nothing: %s", body)
	}
	if !strings.Contains(s.stderr.String(), "keys of the issuer are skipped") {
		t.Errorf("the log does not tell of the key that is skipped:\n%s", s.stderr)
	}
}

// TestNoUsableKey: an issuer of whose keys none can be used is not well.
func TestNoUsableKey(t *testing.T) {
	t.Parallel()
	var server *httptest.Server
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/keys") {
			fmt.Fprint(w, `{"keys":[{"kty":"oct","k":"c2VjcmV0"}]}`)
			return
		}
		fmt.Fprintf(w, `{"issuer":%q,"jwks_uri":%q}`, server.URL, server.URL+"/keys")
	}))
	t.Cleanup(server.Close)
	s := startWatched(t, nil, "--addr", "127.0.0.1:0", "--config", configured(t, "oidc: {issuer: "+server.URL+", audience: zoomgraph}"))
	waitUntil(t, s, "/readyz?verbose", "oidc issuer: none of its keys can be used, so no token can be checked (0 keys usable, 1 skipped)\n")
}

// say opens a socket with a payload of connection_init, and returns what is answered, or why it is closed.
func say(t *testing.T, address, payload string) string {
	t.Helper()
	c, res, err := websocket.Dial(t.Context(), address+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}})
	if res != nil && res.Body != nil {
		defer res.Body.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = c.CloseNow() }()
	return talk(t, c, `{"type":"connection_init","payload":`+payload+`}`)
}

// TestConnectionInit: a socket's caller is told in whatever letters, and a refusal says why.
func TestConnectionInit(t *testing.T) {
	t.Parallel()
	const acknowledged = `"connection_ack"`
	const key, other = "zg_0123456789012345678901234567890123456789a", "zg_0123456789012345678901234567890123456789b"
	s := start(t, nil, "--addr", "127.0.0.1:0", "--config", configured(t, fmt.Sprintf(`callers: [{name: n, key_sha256: %q}]`, callers.DigestOf(key))))
	for payload, want := range map[string]string{
		`{"Authorization":"Bearer ` + key + `"}`:                                            acknowledged,
		`{"authorization":"bearer ` + key + `"}`:                                            acknowledged,
		`{"AUTHORIZATION":"  BEARER   ` + key + `  "}`:                                      acknowledged,
		`{"headers":{"authorization":"Bearer ` + key + `"}}`:                                acknowledged,
		`{"Headers":{"Authorization":"Bearer ` + key + `"},"lang":"en"}`:                    acknowledged,
		`{"Authorization":"Bearer ` + key + `","authorization":"Bearer ` + key + `"}`:       acknowledged,
		`{"Authorization":"Bearer ` + key + `","authorization":"Bearer ` + other + `"}`:     "Authorization is twice in the payload of connection_init",
		`{"Authorization":"Bearer ` + other + `","headers":{"authorization":"Bearer x"}}`:   "Authorization is twice in the payload of connection_init",
		`{"authorization":"Bearer ` + other + `"}`:                                          "this key is not known here",
		`{"authorization":{"Bearer":"` + key + `"}}`:                                        "Authorization in the payload of connection_init must be a string",
		`{"auth":"Bearer ` + key + `"}`:                                                     "who calls?",
		`{"X-Zoomgraph-Trace":"1","headers":{"authorization":"Bearer ` + key + `"}}`:        acknowledged,
		`{"x-zoomgraph-trace":"0","headers":{"X-Zoomgraph-Trace":"1","authorization":"x"}}`: "X-Zoomgraph-Trace is twice",
	} {
		if got := say(t, s.address, payload); !strings.Contains(got, want) {
			t.Errorf("%s is answered %s, want %s", payload, got, want)
		}
	}
}

// TestExpiredToken: a socket and a stream end when the token expires that opened them, and say so.
func TestExpiredToken(t *testing.T) {
	t.Parallel()
	id := newAuthority(t)
	s := start(t, nil, "--addr", "127.0.0.1:0", "--config", configured(t, fmt.Sprintf(`
oidc: {issuer: %s, audience: zoomgraph, allow_claim: roles, allow_values: {viewers: [read]}}
`, id.url)))
	init := func(token string) string {
		return `{"type":"connection_init","payload":{"Authorization":"Bearer ` + token + `"}}`
	}
	socket := func() *websocket.Conn {
		c, _, err := websocket.Dial(t.Context(), s.address+"/graphql", &websocket.DialOptions{Subprotocols: []string{"graphql-transport-ws"}}) //nolint:bodyclose // there is nothing to close
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.CloseNow() })
		return c
	}
	viewers := []string{"viewers"}
	waitFor(t, "the keys of the issuer", func() bool {
		return strings.Contains(talk(t, socket(), init(id.token(map[string]any{"roles": viewers}))), "ack")
	})
	const leeway = 30 * time.Second // for clocks that differ
	token := id.token(map[string]any{"roles": viewers, "exp": time.Now().Add(3*time.Second - leeway).Unix()})
	c := socket()
	if got := talk(t, c, init(token)); !strings.Contains(got, "ack") {
		t.Fatal(got)
	}
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.address+"/graphql", strings.NewReader(`{"query":"subscription { userSettingsChanged { at } }"}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"Authorization": "Bearer " + token, "Accept": "text/event-stream", "Content-Type": "application/json"} {
		r.Header.Set(name, value)
	}
	heard := string(do(t, r)) // to its end
	if !strings.Contains(heard, `"code":"UNAUTHENTICATED"`) || !strings.HasSuffix(heard, "event: complete\ndata:\n\n") {
		t.Errorf("the stream ends with %s", heard)
	}
	if got := talk(t, c, `{"type":"pong"}`); !strings.Contains(got, "4403") || !strings.Contains(got, "expired") {
		t.Errorf("the socket ends with %s", got)
	}
}
