package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"zoomgraph/internal/callers"
	"zoomgraph/internal/sandbox"
)

// front stands before an embedded Zoom and answers in its place when it is told to.
type front struct {
	url        string
	token, api atomic.Pointer[http.HandlerFunc] // nil: the embedded Zoom
}

func newFront(t *testing.T) *front {
	t.Helper()
	f, zoom := &front{}, newUpstream(t, sandbox.Config{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		instead := f.api.Load()
		if strings.HasPrefix(r.URL.Path, "/oauth/") {
			instead = f.token.Load()
		}
		if instead != nil {
			(*instead)(w, r)
			return
		}
		zoom.zoom.ServeHTTP(w, r)
	}))
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

func (f *front) env() map[string]string {
	return map[string]string{
		"ZOOM_API_URL": f.url + "/v2", "ZOOM_OAUTH_URL": f.url + "/oauth",
		"ZOOM_ACCOUNT_ID": "acct", "ZOOM_CLIENT_ID": "client", "ZOOM_CLIENT_SECRET": "canary+secret/1",
	}
}

// answers is a handler that answers everybody alike.
func answers(status int, kind, body string) *http.HandlerFunc {
	f := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	})
	return &f
}

func refuses(name, reason string) *http.HandlerFunc {
	return answers(http.StatusBadRequest, "application/json", fmt.Sprintf(`{"reason":%q,"error":%q}`, reason, name))
}

// breaks is a handler that ends the connection.
func breaks() *http.HandlerFunc {
	f := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	return &f
}

// gauge is what /metrics says of an account; "" where it says nothing.
func gauge(t *testing.T, admin, name, account string) string {
	t.Helper()
	m := regexp.MustCompile(`(?m)^` + name + `\{account="` + account + `"\} (\S+)$`).FindSubmatch(get(t, admin+"/metrics"))
	if m == nil {
		return ""
	}
	return string(m[1])
}

// status asks a path and gives the status beside the body.
func status(t *testing.T, address string) (code int, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(text)
}

// What keeps a service from asking Zoom is said at its start, at /readyz?verbose, by the metrics and in the log. It is
// unready only where it can serve nobody.
func TestWhatAStartTells(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct {
		token       *http.HandlerFunc
		env         map[string]string
		greeting    string // behind "zoomgraph is ready"
		ready       int
		up, refused string
		logged      string
	}{
		"all is well":     {greeting: ".", ready: 200, up: "1", refused: "0"},
		"a wrong secret":  {token: refuses("invalid_client", "Invalid client_id or client_secret"), greeting: ", but Zoom refuses the credentials: invalid_client (HTTP 400): check the client id and the client secret, and that the app is activated.", ready: 503, up: "1", refused: "1", logged: `reason="Invalid client_id or client_secret"`},
		"a wrong account": {token: refuses("invalid_request", "Bad Request"), greeting: ", but Zoom refuses the credentials: invalid_request (HTTP 400): check the account id", ready: 503, up: "1", refused: "1", logged: "Bad Request"},
		"another name":    {token: refuses("whatever", "Nobody knows"), greeting: ", but Zoom refuses the credentials (HTTP 400): check", ready: 503, up: "1", refused: "1", logged: "Nobody knows"},
		"refused, but people have their own tokens": {token: refuses("invalid_client", "m"), env: map[string]string{"ZOOMGRAPH_PASS_THROUGH": "true"}, greeting: ", but Zoom refuses the credentials: invalid_client", ready: 200, up: "1", refused: "1"},
		"a web page":       {token: answers(200, "text/html", "<!DOCTYPE html>"), greeting: ", but Zoom's token endpoint gave no answer that can be read", ready: 200, up: "0", refused: "0", logged: `text="<!DOCTYPE html>"`},
		"a blocking proxy": {token: answers(403, "text/html", "<p>Blocked"), greeting: ", but Zoom's token endpoint gave no answer that can be read: it is text/html (HTTP 403): check --zoom-oauth-url", ready: 200, up: "0", refused: "0", logged: "status=403"},
		"a wrong address":  {env: map[string]string{"ZOOM_OAUTH_URL": "http://127.0.0.1:1/oauth"}, greeting: ", but Zoom's token endpoint cannot be reached: dial tcp 127.0.0.1:1: connect: connection refused: check --zoom-oauth-url", ready: 200, up: "0", refused: "0", logged: "dial tcp 127.0.0.1:1: connect: connection refused"},
		"a broken line":    {token: breaks(), greeting: ", but Zoom's token endpoint cannot be reached: EOF", ready: 200, up: "0", refused: "0", logged: "EOF"},
		"a fault":          {token: answers(503, "application/json", `{}`), greeting: ", but Zoom's token endpoint failed (HTTP 503)", ready: 200, up: "0", refused: "0", logged: "status=503"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := newFront(t)
			f.token.Store(tc.token)
			env := f.env()
			for name, value := range tc.env {
				env[name] = value
			}
			s := startWatched(t, env, "--addr", "127.0.0.1:0")
			if first, _, _ := strings.Cut(s.stdout.String(), "\n"); !strings.HasPrefix(first, "zoomgraph is ready"+tc.greeting) {
				t.Errorf("it says\n%s\nwant\nzoomgraph is ready%s", first, tc.greeting)
			}
			code, verbose := status(t, s.admin+"/readyz?verbose")
			told := strings.Trim(strings.TrimPrefix(tc.greeting, ", but "), ".")
			if code != tc.ready || strings.HasPrefix(verbose, "ok\n") != (code == 200) || !strings.Contains(verbose, "account acct: "+told) && tc.greeting != "." {
				t.Errorf("/readyz?verbose: %d\n%s", code, verbose)
			}
			if up, refused := gauge(t, s.admin, "zoomgraph_zoom_up", "acct"), gauge(t, s.admin, "zoomgraph_zoom_credentials_refused", "acct"); up != tc.up || refused != tc.refused {
				t.Errorf("up %s, refused %s; want %s, %s", up, refused, tc.up, tc.refused)
			}
			if log := s.stderr.String(); !strings.Contains(log, tc.logged) || strings.Contains(log, "[secret]") || strings.Contains(log, "canary") {
				t.Errorf("the log is\n%s", log)
			}
		})
	}
}

// A token endpoint that does not answer holds up neither the start nor requests; what becomes of it is told later.
func TestStartDoesNotWaitForTokens(t *testing.T) {
	t.Parallel()
	f, release := newFront(t), make(chan struct{})
	hanging := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		select {
		case <-release:
			(*refuses("invalid_client", "m"))(w, r)
		case <-r.Context().Done():
		}
	})
	f.token.Store(&hanging)
	s := startWatched(t, f.env(), "--addr", "127.0.0.1:0")
	if first, _, _ := strings.Cut(s.stdout.String(), "\n"); !strings.Contains(first, "ready, but Zoom's token endpoint has not answered yet") {
		t.Errorf("it says %s", first)
	}
	if code, text := status(t, s.admin+"/readyz?verbose"); code != 200 || text != "ok\naccount acct: no answer of Zoom's yet\n" {
		t.Errorf("%d %s", code, text)
	}
	close(release)
	waitFor(t, "the refusal", func() bool {
		_, text := status(t, s.admin+"/readyz?verbose")
		return strings.Contains(text, "account acct: Zoom refuses the credentials") && strings.Contains(s.stderr.String(), "Zoom refuses the credentials")
	})
}

// Of several accounts the one that is refused is named, and the service serves the others.
func TestOneAccountIsRefused(t *testing.T) {
	t.Parallel()
	const keyA, keyB = "zg_0123456789012345678901234567890123456789a", "zg_0123456789012345678901234567890123456789b"
	f, zoom := newFront(t), newUpstream(t, sandbox.Config{})
	picky := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if id, _, _ := r.BasicAuth(); id == "app-b" {
			(*refuses("invalid_client", "m"))(w, r)
			return
		}
		zoom.zoom.ServeHTTP(w, r)
	})
	f.token.Store(&picky)
	f.api.Store(ptr(http.HandlerFunc(zoom.zoom.ServeHTTP)))
	file := filepath.Join(t.TempDir(), "zoomgraph.yaml")
	text := fmt.Sprintf(`
zoom_api_url: %[1]s/v2
zoom_oauth_url: %[1]s/oauth
accounts:
  acct-a: {zoom_account_id: a, client_id: app-a, client_secret: secret-a}
  acct-b: {zoom_account_id: b, client_id: app-b, client_secret: secret-b}
callers:
  - {name: one, key_sha256: "%[2]s", account: acct-a, allow: [read]}
  - {name: two, key_sha256: "%[3]s", account: acct-b, allow: [read]}
`, f.url, callers.DigestOf(keyA), callers.DigestOf(keyB))
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	s := startWatched(t, nil, "--config", file, "--addr", "127.0.0.1:0")
	if first, _, _ := strings.Cut(s.stdout.String(), "\n"); !strings.HasPrefix(first, "zoomgraph is ready, but account acct-b: Zoom refuses the credentials: invalid_client") {
		t.Errorf("it says %s", first)
	}
	if code, verbose := status(t, s.admin+"/readyz?verbose"); code != 200 || !strings.HasPrefix(verbose, "ok\naccount acct-a: ok\naccount acct-b: Zoom refuses") {
		t.Errorf("%d %s", code, verbose)
	}
	for account, want := range map[string]string{"acct-a": "0", "acct-b": "1"} {
		if got := gauge(t, s.admin, "zoomgraph_zoom_credentials_refused", account); got != want {
			t.Errorf("%s: refused %s", account, got)
		}
	}
	if _, body := bearer(t, s, keyA, `{ users(first: 1) { nodes { id } } }`); strings.Contains(body, "errors") {
		t.Errorf("the account that is well: %s", body)
	}
	if _, body := bearer(t, s, keyB, `{ users(first: 1) { nodes { id } } }`); !strings.Contains(body, "Zoom refuses the credentials") {
		t.Errorf("the other one: %s", body)
	}
}

func ptr[T any](v T) *T { return &v }

// An outage, and credentials that are revoked and given back while the service runs, are seen from the next requests on,
// and so is their end. A replica that was of use once stays ready, for the sake of what it knows.
func TestTroubleIsSeenAndItsEnd(t *testing.T) {
	t.Parallel()
	f := newFront(t)
	s := startWatched(t, f.env(), "--addr", "127.0.0.1:0", "--cache-ttl", "0s")
	expired := answers(http.StatusUnauthorized, "application/json", `{"code":124,"message":"Access token is expired."}`)
	revoked := refuses("invalid_client", "Invalid client_id or client_secret")
	for _, step := range []struct {
		name        string
		token, api  *http.HandlerFunc
		verbose     string
		up, refused string
	}{
		{"at first", nil, nil, "account acct: ok", "1", "0"},
		{"an outage", breaks(), breaks(), "account acct: Zoom could not be reached: EOF; so since 2", "0", "0"},
		{"its end", nil, nil, "account acct: ok", "1", "0"},
		{"a gateway's fault", nil, answers(502, "text/html", "<p>Bad gateway"), "account acct: Zoom failed to answer: HTTP 502 with text/html", "0", "0"},
		{"its end", nil, nil, "account acct: ok", "1", "0"},
		{"a proxy's page", nil, answers(200, "text/html", "<p>Sign in"), "account acct: the answer is not in Zoom's form: HTTP 200 with text/html", "0", "0"},
		{"its end", nil, nil, "account acct: ok", "1", "0"},
		{"revoked", revoked, expired, "account acct: Zoom refuses the credentials: invalid_client", "1", "1"},
		{"taken again", nil, nil, "account acct: ok", "1", "0"},
		{"deactivated", nil, expired, "account acct: Zoom refused the access token (HTTP 401)", "1", "1"},
		{"activated", nil, nil, "account acct: ok", "1", "0"},
	} {
		f.token.Store(step.token)
		f.api.Store(step.api)
		var code int
		var verbose, up, refused string
		waitFor(t, step.name, func() bool {
			post(t, s.address, `{ users(first: 1) { nodes { id } } }`)
			code, verbose = status(t, s.admin+"/readyz?verbose")
			up, refused = gauge(t, s.admin, "zoomgraph_zoom_up", "acct"), gauge(t, s.admin, "zoomgraph_zoom_credentials_refused", "acct")
			return strings.Contains(verbose, step.verbose) && up == step.up && refused == step.refused
		})
		if code != 200 {
			t.Errorf("%s: %d %s", step.name, code, verbose)
		}
	}
}

// Callers with keys are served while the issuer of others is away. Where there are no others, nobody is.
func TestReadyWithoutTheIssuer(t *testing.T) {
	t.Parallel()
	const key = "zg_0123456789012345678901234567890123456789a"
	down := httptest.NewServer(http.NotFoundHandler())
	down.Close()
	callersOf := fmt.Sprintf("callers:\n  - {name: one, key_sha256: %q, account: acct, allow: [read]}\n", callers.DigestOf(key))
	for name, tc := range map[string]struct {
		file  string
		args  []string
		ready int
	}{
		"keys beside it":       {file: callersOf, ready: 200},
		"Zoom's own tokens":    {args: []string{"--pass-through"}, ready: 200},
		"people who sign in":   {args: []string{"--sign-in-client-id", "app", "--sign-in-client-secret", "app-secret"}, ready: 200},
		"nobody but its users": {ready: 503},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "zoomgraph.yaml")
			if err := os.WriteFile(file, []byte(tc.file+fmt.Sprintf("oidc: {issuer: %q, audience: z}\n", down.URL)), 0o600); err != nil {
				t.Fatal(err)
			}
			s := startWatched(t, newFront(t).env(), append(tc.args, "--config", file, "--addr", "127.0.0.1:0")...)
			code, verbose := status(t, s.admin+"/readyz?verbose")
			if code != tc.ready || !strings.Contains(verbose, "oidc issuer: the issuer of tokens was not reached yet") {
				t.Errorf("%d %s", code, verbose)
			}
			if metrics := string(get(t, s.admin+"/metrics")); !strings.Contains(metrics, "\nzoomgraph_oidc_issuer_up 0\n") {
				t.Error("the metrics say that the issuer is up")
			}
		})
	}
}

// Whatever Zoom, its token endpoint or a proxy writes, the secret gets out nowhere: they repeat it in every spelling that
// they could have seen it in.
func TestNoSecretGetsOut(t *testing.T) {
	t.Parallel()
	secret := new(front).env()["ZOOM_CLIENT_SECRET"]
	basic := base64.StdEncoding.EncodeToString([]byte("client:" + secret))
	spellings := []string{secret, url.QueryEscape(secret), url.PathEscape(secret), basic, strings.TrimRight(basic, "="), base64.URLEncoding.EncodeToString([]byte(secret))}
	for _, spelling := range spellings {
		t.Run(spelling, func(t *testing.T) {
			t.Parallel()
			f := newFront(t)
			echo := func(text string) string {
				asJSON, _ := json.Marshal(text) // a text always encodes
				return fmt.Sprintf(`{"reason":%[1]s,"error":%[1]s,"message":%[1]s,"code":124}`, asJSON)
			}
			f.token.Store(answers(http.StatusBadRequest, "application/json", echo("a\n"+spelling+"\nb")))
			s := startWatched(t, f.env(), "--addr", "127.0.0.1:0", "--cache-ttl", "0s", "--log-level", "debug")
			_, verbose := status(t, s.admin+"/readyz?verbose")
			seen := s.stdout.String() + verbose
			f.token.Store(nil)
			waitFor(t, "a token", func() bool {
				return !strings.Contains(string(post(t, s.address, `{ users(first: 1) { nodes { id } } }`)), "errors")
			})
			for _, text := range []string{spelling, "x" + spelling, "Basic " + spelling, "https://x.test/?a=" + spelling, "a\n" + spelling + "\nb"} {
				for _, api := range []*http.HandlerFunc{
					answers(http.StatusUnauthorized, "application/json", echo(text)), answers(http.StatusBadRequest, "application/json", echo(text)),
					answers(http.StatusForbidden, "text/html", text), answers(http.StatusOK, "application/json", text),
				} {
					f.api.Store(api)
					seen += string(post(t, s.address, `{ users(first: 1) { nodes { id } } }`))
				}
			}
			seen += s.stderr.String() + string(get(t, s.admin+"/metrics"))
			if !strings.Contains(s.stderr.String(), "zoom refused a call") || !strings.Contains(s.stderr.String(), "[secret]") {
				t.Fatalf("nothing was logged:\n%s", s.stderr)
			}
			for _, part := range append(spellings, "canary") {
				if at := strings.Index(seen, part); at >= 0 {
					t.Errorf("%q is in …%s…", part, seen[max(0, at-200):min(len(seen), at+100)])
				}
			}
		})
	}
}
