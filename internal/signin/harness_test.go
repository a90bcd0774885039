package signin_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"zoomgraph/client"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/callers"
	"zoomgraph/internal/sandbox"
	"zoomgraph/internal/signin"
)

const (
	ada    = "ada.lovelace@example.com"
	secret = "canary-client-secret"
)

// clock is a clock that tests move, for the sandbox and the service alike.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) add(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// journal is a log that several goroutines write.
type journal struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.text.String()
}

// world is a sandbox, and whatever services stand before it.
type world struct {
	t     *testing.T
	clock *clock
	zoom  *sandbox.Server
	at    string // the sandbox's address
	log   *journal
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, clock: &clock{now: time.Now()}, log: &journal{}}
	var err error
	w.zoom, err = sandbox.New(sandbox.Options{Program: programtest.Of(t), Users: 5, Now: w.clock.Now, AccountID: "acct", ClientID: "app", ClientSecret: secret})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(w.zoom)
	t.Cleanup(server.Close)
	w.at = server.URL
	t.Cleanup(func() { w.clean("the log", w.log.String()) })
	return w
}

// clean fails where a secret stands in a text. All tokens and codes of the sandbox begin with its name and a point.
func (w *world) clean(what, text string) {
	w.t.Helper()
	if strings.Contains(text, "canary") || strings.Contains(text, "sandbox.") {
		w.t.Errorf("%s shows a secret:\n%s", what, text)
	}
}

// tokens counts the calls of the token endpoint.
func (w *world) tokens() (n int) {
	for _, e := range w.zoom.Log(0) {
		if e.Path == "/oauth/token" {
			n++
		}
	}
	return n
}

// calls lists the calls of a path as their statuses.
func (w *world) calls(path string) (statuses []int) {
	for _, e := range w.zoom.Log(0) {
		if e.Path == path {
			statuses = append(statuses, e.Status)
		}
	}
	return statuses
}

func (w *world) configure(c sandbox.Config) {
	w.t.Helper()
	if err := w.zoom.Configure(c); err != nil {
		w.t.Fatal(err)
	}
}

// service signs people in, and answers /graphql with who Zoom says that one is.
type service struct {
	*world
	*signin.Service
	url    string
	public string // the origin of its pages
}

func (w *world) serve(change ...func(*signin.Options)) *service {
	w.t.Helper()
	s := &service{world: w}
	var handler http.Handler
	server := httptest.NewServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) { handler.ServeHTTP(out, r) }))
	w.t.Cleanup(server.Close)
	s.url = server.URL
	o := signin.Options{
		PublicURL: server.URL, ClientID: "app", ClientSecret: secret,
		Zoom:  client.Config{APIURL: w.at + "/v2", OAuthURL: w.at + "/oauth", Logger: slog.New(slog.NewTextHandler(w.log, &slog.HandlerOptions{Level: slog.LevelDebug}))},
		Allow: callers.Read, KeyOf: func(id string) string { return "key of " + id }, Idle: 8 * time.Hour, Life: 24 * time.Hour, Now: w.clock.Now,
	}
	for _, apply := range change {
		apply(&o)
	}
	var err error
	if s.Service, err = signin.New(o); err != nil {
		w.t.Fatal(err)
	}
	s.public = o.PublicURL
	w.t.Cleanup(s.Close)
	who, err := callers.New(callers.Options{
		Sessions: s.Service, Logger: o.Zoom.Logger,
		Keys: []callers.Key{{Digest: callers.DigestOf(key), Caller: callers.Caller{Name: "dashboard", Permissions: callers.All}}},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	to := o.Zoom
	to.Tokens = s.Service
	zoom, err := client.New(to)
	if err != nil {
		w.t.Fatal(err)
	}
	mux := http.NewServeMux()
	mux.Handle("/", s.Service)
	mux.Handle("/graphql", who.Middleware(answering(zoom)))
	handler = mux
	return s
}

const key = "zg_canary0123456789012345678901234567890123456789"

// me is what /graphql answers.
type me struct {
	Caller, Display, Account, Class, May, Method string
	Cookie                                       string // that came through
	Email                                        string // that Zoom answers
	Code, Hint                                   string // of an error

	Errors []struct {
		Message    string
		Extensions struct{ Code, SignIn string }
	}
	status int
	raw    string
}

var opUser = &client.Op{ID: "user", Method: "GET", Path: "/users/{userId}", Label: client.Light}

func answering(zoom *client.Client) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		c := callers.From(r.Context())
		out := me{
			Caller: c.Name, Display: c.Display, Account: c.Account, Class: c.Class, May: c.Permissions.String(), Method: c.Method.String(), Cookie: r.Header.Get("Cookie"),
		}
		err := c.Check(r.Context())
		var answer *client.Response
		if err == nil && c.Session != nil {
			answer, err = zoom.Do(r.Context(), client.Request{Op: opUser, Path: []string{"me"}})
		}
		var failed *client.Error
		if errors.As(err, &failed) {
			out.Code, out.Hint = string(failed.Code), failed.Message+" "+failed.Hint
		} else if answer != nil {
			_ = json.Unmarshal(answer.Body, &out)
		}
		_ = json.NewEncoder(w).Encode(out)
	}
}

// browser keeps cookies as a browser does, but sends the secure ones to this machine without TLS.
type browser struct {
	*world
	cookies map[string]string
	address string // that a proxy tells of it; "": none does
}

func (w *world) browser() *browser { return &browser{world: w, cookies: map[string]string{}} }

// page is an answer, read to its end.
type page struct {
	status   int
	location string
	cookies  []*http.Cookie
	header   http.Header
	body     string
}

// do sends a request with the browser's cookies and these headers, and follows nothing.
func (b *browser) do(method, address string, headers ...string) *page {
	b.t.Helper()
	p, err := b.try(b.t.Context(), method, address, headers...)
	if err != nil {
		b.t.Fatal(err)
	}
	for _, c := range p.cookies {
		if b.cookies[c.Name] = c.Value; c.MaxAge < 0 {
			delete(b.cookies, c.Name)
		}
	}
	return p
}

func (b *browser) try(ctx context.Context, method, address string, headers ...string) (*page, error) {
	r, err := http.NewRequestWithContext(ctx, method, address, nil)
	if err != nil {
		return nil, err
	}
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	if b.address != "" {
		r.Header.Set("X-Forwarded-For", b.address)
	}
	for i := 0; i < len(headers); i += 2 {
		if r.Header.Add(headers[i], headers[i+1]); headers[i] == "Host" {
			r.Host = headers[i+1]
		}
	}
	// A connection of its own each time: the next test's server may have the port of one that is gone.
	c := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := c.Do(r)
	if err != nil {
		return nil, err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	return &page{res.StatusCode, res.Header.Get("Location"), res.Cookies(), res.Header, string(body)}, err
}

// begin goes to sign in, and on to Zoom's page, whose address it returns.
func (b *browser) begin(s *service, path string) string {
	b.t.Helper()
	p := b.do(http.MethodGet, s.url+signin.Path+"?"+url.Values{"return": {path}}.Encode())
	if p.status != http.StatusSeeOther || !strings.HasPrefix(p.location, b.at+"/oauth/authorize?") {
		b.t.Fatalf("sent to %s with %d: %s", p.location, p.status, p.body)
	}
	return p.location
}

// atZoom says there who one is, and returns where that leads back to.
func (b *browser) atZoom(authorize, answer string) string {
	b.t.Helper()
	zoom := b.browser()
	return zoom.do(http.MethodGet, authorize+"&"+answer).location
}

// signIn does all of it, and returns the last answer of the service.
func (b *browser) signIn(s *service, user, path string) *page {
	b.t.Helper()
	p := b.do(http.MethodGet, b.atZoom(b.begin(s, path), url.Values{"user": {user}}.Encode()))
	b.clean("the answer", p.location+p.body)
	return p
}

// ask asks as a page of the service does.
func (b *browser) ask(s *service) *me {
	b.t.Helper()
	m, err := b.tryAsk(b.t.Context(), s)
	if err != nil {
		b.t.Fatal(err)
	}
	return m
}

func (b *browser) tryAsk(ctx context.Context, s *service, headers ...string) (*me, error) {
	if headers == nil {
		headers = []string{"Origin", s.public, "Sec-Fetch-Site", "same-origin"}
	}
	p, err := b.try(ctx, http.MethodPost, s.url+"/graphql", headers...)
	if err != nil {
		return nil, err
	}
	m := &me{status: p.status, raw: p.body}
	if err := json.Unmarshal([]byte(p.body), m); err != nil {
		return nil, fmt.Errorf("%w in %s", err, p.body)
	}
	if len(m.Errors) > 0 {
		m.Code = cmp.Or(m.Code, m.Errors[0].Extensions.Code)
	}
	return m, nil
}

// wantMe asks, and compares whom Zoom says that one is; an error's code otherwise.
func (b *browser) wantMe(s *service, want string) {
	b.t.Helper()
	m := b.ask(s)
	b.clean("the answer", m.raw)
	if got := m.Email + m.Code; got != want {
		b.t.Errorf("got %s, want %s: %s", got, want, m.raw)
	}
}

// wantEnded asks with a session that is over: nothing is asked of Zoom for it.
func (b *browser) wantEnded(s *service) {
	b.t.Helper()
	if m := b.ask(s); m.status != http.StatusUnauthorized || m.Code != "UNAUTHENTICATED" {
		b.t.Errorf("the session goes on: %d %s", m.status, m.raw)
	}
}
