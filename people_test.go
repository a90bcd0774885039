package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/coder/websocket"
)

// visitor is somebody's browser: it has the cookies of one service, and sends the secure ones to this machine without TLS.
type visitor struct {
	t       *testing.T
	s       *started
	cookies map[string]string
}

func visit(t *testing.T, s *started) *visitor {
	t.Helper()
	return &visitor{t, s, map[string]string{}}
}

// request is one of a page of the service, with more headers.
func (v *visitor) request(method, address, body string, headers ...string) *http.Request {
	v.t.Helper()
	r, err := http.NewRequestWithContext(v.t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		v.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Origin", v.s.address)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	for name, value := range v.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	return r
}

// answer is what a page is answered, read to its end.
type answer struct {
	status int
	header http.Header
	body   string
}

func (v *visitor) send(r *http.Request) answer {
	v.t.Helper()
	c := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := c.Do(r)
	if err != nil {
		v.t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	for _, c := range res.Cookies() {
		v.cookies[c.Name] = c.Value
	}
	return answer{res.StatusCode, res.Header, string(text)}
}

// signIn goes to the embedded Zoom and back, as that user.
func (v *visitor) signIn(user string) {
	v.t.Helper()
	begun := v.send(v.request(http.MethodGet, v.s.address+"/sign-in", ""))
	atZoom := (&visitor{v.t, v.s, map[string]string{}}).send(v.request(http.MethodGet, begun.header.Get("Location")+"&user="+url.QueryEscape(user), ""))
	back := v.send(v.request(http.MethodGet, atZoom.header.Get("Location"), ""))
	if got := back.header.Get("Location"); got != v.s.address+"/" {
		v.t.Fatalf("signing in leads to %s", got)
	}
}

func (v *visitor) query(query string, headers ...string) string {
	v.t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		v.t.Fatal(err)
	}
	return v.send(v.request(http.MethodPost, v.s.address+"/graphql", string(body), headers...)).body
}

// stream asks for an event stream, and closes gone when it has ended.
func (v *visitor) stream(query string, headers ...string) (heard *lines, gone <-chan struct{}) {
	v.t.Helper()
	body, err := json.Marshal(map[string]string{"query": query})
	if err != nil {
		v.t.Fatal(err)
	}
	r := v.request(http.MethodPost, v.s.address+"/graphql", string(body), append([]string{"Accept", "text/event-stream"}, headers...)...)
	heard, end := newLines(), make(chan struct{})
	go func() {
		defer close(end)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			_, _ = io.WriteString(heard, err.Error())
			return
		}
		defer res.Body.Close()
		_, _ = io.Copy(heard, res.Body) // until the service ends it, or the test does
	}()
	return heard, end
}

const (
	ada     = "ada.lovelace@example.com"
	whoAmI  = `{ viewer { name account permissions method } me { email } }`
	isAda   = `{"data":{"viewer":{"name":"Ada Lovelace","account":"sandbox","permissions":["READ"],"method":"SIGN_IN"},"me":{"email":"ada.lovelace@example.com"}}`
	changed = `subscription { userSettingsChanged(id: "me") { user { email } } }`
)

var peopleMay = []string{"--addr", "127.0.0.1:0", "--sign-in-client-id", "demo", "--sign-in-client-secret", "canary-secret"}

// TestPeople: without credentials a person signs in to the embedded Zoom in a minute, and everything a page asks by POST,
// as an event stream and over a WebSocket is asked as that person; by other pages nothing is.
func TestPeople(t *testing.T) {
	t.Parallel()
	const friend = "https://friend.example"
	s := start(t, nil, append(peopleMay, "--allowed-origins", friend)...)
	if out := s.stdout.String(); !strings.Contains(out, s.address+"/sign-in") || strings.Contains(out, "$KEY") {
		t.Errorf("a newcomer is told\n%s", out)
	}
	v := visit(t, s)
	if got := v.query(whoAmI); !strings.Contains(got, "UNAUTHENTICATED") || !strings.Contains(got, `"signIn":"/sign-in"`) {
		t.Errorf("before: %s", got)
	}
	v.signIn(ada)
	if got := v.query(whoAmI); !strings.HasPrefix(got, isAda) {
		t.Errorf("by POST: %s", got)
	}
	if got := v.query(whoAmI, "Accept", "text/event-stream"); !strings.Contains(got, isAda) || !strings.Contains(got, "event: complete") {
		t.Errorf("as an event stream: %s", got)
	}
	socket, init := v.socket(t, "Origin", s.address)
	if init != `{"type":"connection_ack"}` {
		t.Fatalf("a socket is answered %s", init)
	}
	if got := talk(t, socket, `{"id":"1","type":"subscribe","payload":{"query":"{ viewer { method } me { email } }"}}`); !strings.Contains(got, `"method":"SIGN_IN"},"me":{"email":"ada`) {
		t.Errorf("over a socket: %s", got)
	}
	if got := v.query(`mutation { updateUserSettings(id: "me", input: {inMeeting: {chat: true}}) { user { id } } }`); !strings.Contains(got, `"code":"FORBIDDEN"`) {
		t.Errorf("who may only read writes: %s", got)
	}
	if got := v.query(`{ __schema { queryType { name } } }`); !strings.Contains(got, `"errors"`) {
		t.Errorf("the schema is told: %s", got)
	}
	for _, headers := range [][]string{{"Origin", friend}, {"Origin", "https://evil.example"}, {"Origin", "null"}} {
		got := v.send(v.request(http.MethodPost, s.address+"/graphql", `{"query":"{ viewer { name } }"}`, headers...))
		if strings.Contains(got.body, "Ada") || got.header.Get("Access-Control-Allow-Credentials") != "" {
			t.Errorf("%v is answered %v %s", headers, got.header, got.body)
		}
		if c, got := v.socket(t, headers...); c != nil && strings.Contains(got, "ack") {
			t.Errorf("a socket of %v is answered %s", headers, got)
		}
	}
	bare := v.request(http.MethodPost, s.address+"/graphql", `{"query":"{ viewer { name } }"}`)
	bare.Header.Del("Origin")
	if got := v.send(bare); !strings.Contains(got.body, "UNAUTHENTICATED") {
		t.Errorf("who does not say where it comes from is answered %s", got.body)
	}
	if _, got := v.socket(t); strings.Contains(got, "ack") {
		t.Errorf("a socket that does not say where it comes from is answered %s", got)
	}
	if text := s.stderr.String(); strings.Contains(text, "canary") || strings.Contains(text, "sandbox.") || strings.Contains(text, "ada") || strings.Contains(text, v.cookies["__Host-zoomgraph"]) {
		t.Errorf("the log says too much:\n%s", text)
	}
}

// TestSignedOutElsewhere: an open socket and a stream that is running are nobody's any more once their session has ended.
func TestSignedOutElsewhere(t *testing.T) {
	t.Parallel()
	s := start(t, nil, append(peopleMay, "--sign-in-allow", "read,write")...)
	v, other := visit(t, s), visit(t, s)
	v.signIn(ada)
	other.signIn(ada)
	socket, _ := v.socket(t, "Origin", s.address)
	heard, gone := v.stream(changed)
	write := func() {
		t.Helper()
		if got := other.query(`mutation { updateUserSettings(id: "me", input: {inMeeting: {chat: true}}) { user { id } } }`); strings.Contains(got, `"errors"`) {
			t.Fatal(got)
		}
	}
	waitFor(t, "the stream to hear of a change", func() bool {
		write()
		return strings.Contains(heard.String(), ada)
	})
	if got := v.send(v.request(http.MethodPost, s.address+"/sign-out", "")); got.status != http.StatusNoContent {
		t.Fatalf("signing out is answered %d %s", got.status, got.body)
	}
	write()
	select {
	case <-gone:
	case <-time.After(time.Minute):
		t.Error("the stream goes on")
	}
	if text := heard.String(); strings.Index(text, "UNAUTHENTICATED") < strings.LastIndex(text, ada) {
		t.Errorf("the stream hears after its end:\n%s", text)
	}
	if got := talk(t, socket, `{"id":"1","type":"subscribe","payload":{"query":"{ viewer { name } }"}}`); !strings.Contains(got, "UNAUTHENTICATED") || strings.Contains(got, "Ada") {
		t.Errorf("over the socket: %s", got)
	}
	if got := other.query(`{ me { email } }`); !strings.Contains(got, ada) {
		t.Errorf("another session of the same person: %s", got)
	}
}

// TestPeopleAfterARestart: with a folder a session outlives the process.
func TestPeopleAfterARestart(t *testing.T) {
	t.Parallel()
	zoom := start(t, nil, "sandbox", "--addr", "127.0.0.1:0", "--users", "5", "--account-id", "acct")
	env := map[string]string{
		"ZOOM_ACCOUNT_ID": "acct", "ZOOM_CLIENT_ID": "app", "ZOOM_CLIENT_SECRET": "s",
		"ZOOM_API_URL": zoom.address + "/v2", "ZOOM_OAUTH_URL": zoom.address + "/oauth",
		"ZOOMGRAPH_STATE_DIR": filepath.Join(t.TempDir(), "state"), "ZOOMGRAPH_PUBLIC_URL": "http://" + freeAddress(t),
	}
	args := append([]string{}, peopleMay...)
	args[1] = strings.TrimPrefix(env["ZOOMGRAPH_PUBLIC_URL"], "http://")
	first := start(t, env, args...)
	v := visit(t, first)
	v.signIn(ada)
	first.stop()
	if code := <-first.code; code != 0 {
		t.Fatalf("it ended with %d: %s", code, first.stderr)
	}
	first.code <- 0
	v.s = start(t, env, args...)
	if got := v.query(whoAmI); !strings.Contains(got, `"account":"acct"`) || !strings.Contains(got, `"email":"`+ada) {
		t.Errorf("after the restart: %s", got)
	}
}

// socket opens one with these headers, and returns what connection_init is answered; nil where it is refused before.
func (v *visitor) socket(t *testing.T, headers ...string) (*websocket.Conn, string) {
	t.Helper()
	r := v.request(http.MethodGet, v.s.address, "", headers...)
	if headers == nil {
		r.Header.Del("Origin")
	}
	c, res, err := websocket.Dial(t.Context(), v.s.address+"/graphql", &websocket.DialOptions{HTTPHeader: r.Header, Subprotocols: []string{"graphql-transport-ws"}})
	if res != nil && res.Body != nil {
		defer res.Body.Close()
	}
	if err != nil {
		return nil, err.Error()
	}
	t.Cleanup(func() { _ = c.CloseNow() })
	return c, talk(t, c, `{"type":"connection_init"}`)
}

// talk sends a message and returns the next one, or why there is none.
func talk(t *testing.T, c *websocket.Conn, message string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if err := c.Write(ctx, websocket.MessageText, []byte(message)); err != nil {
		return err.Error()
	}
	_, text, err := c.Read(ctx)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
