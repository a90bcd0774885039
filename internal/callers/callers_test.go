package callers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"zoomgraph/internal/callers"
)

// The credentials of these tests. None may ever be read in an answer or in the log.
const (
	keyA    = "zg_canaryA_0123456789012345678901234567890123456789"
	keyB    = "canaryB-of-no-form-of-ours-0123456789"
	wrong   = "zg_canaryC_0123456789012345678901234567890123456789"
	zoomers = "canaryD.zoom.token.0123456789012345678901234567890"
	jwtGood = "canaryE.issued.good012345678901234567890123456789"
	jwtBad  = "canaryF.issued.bad0123456789012345678901234567890"
	jwtDown = "canaryG.issued.down012345678901234567890123456789"
)

// address is where these tests call from, where that does not matter.
var address = netip.MustParseAddr("192.0.2.1")

// issuer is an Issuer of the three tokens above.
type issuer struct {
	mu    sync.Mutex
	asked int
	until time.Time
}

func (*issuer) Issued(token string) error {
	if strings.Contains(token, ".issued.") {
		return nil
	}
	return callers.Invalid("it is neither a key nor a token of the issuer", `expected iss "us", found "them"`)
}

func (i *issuer) Verify(_ context.Context, token string) (callers.Caller, time.Time, error) {
	i.mu.Lock()
	defer i.mu.Unlock()
	i.asked++
	switch token {
	case jwtGood:
		return callers.Caller{Name: "jwt:ada", Account: "b", Permissions: callers.Read}, i.until, nil
	case jwtDown:
		return callers.Caller{}, time.Time{}, callers.Unavailable()
	}
	return callers.Caller{}, time.Time{}, callers.Invalid("it has expired (exp)", "it expired yesterday")
}

func keys() []callers.Key {
	return []callers.Key{
		{Digest: callers.DigestOf(keyA), Caller: callers.Caller{Name: "dashboard", Account: "a", Permissions: callers.All}},
		{Digest: callers.DigestOf(keyB), Caller: callers.Caller{Name: "reader", Account: "b", Permissions: callers.Read}},
	}
}

// service answers who calls and what for, behind the middleware; it counts the bodies that were read.
type service struct {
	*callers.Authenticator
	t       *testing.T
	log     bytes.Buffer
	handler http.Handler
}

func serve(t *testing.T, o callers.Options) *service {
	t.Helper()
	s := &service{t: t}
	o.Logger = slog.New(slog.NewTextHandler(&s.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	if s.Authenticator, err = callers.New(o); err != nil {
		t.Fatal(err)
	}
	s.handler = s.Middleware(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		c := callers.From(r.Context())
		_, _ = fmt.Fprintf(w, "%s of %s may %s; header %q, token %t", c.Name, c.Account, c.Permissions, r.Header.Get("Authorization"), c.Token != "")
	}))
	return s
}

// unread is a body that nobody may read.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) { u.t.Error("the body was read"); return 0, io.EOF }

func (s *service) ask(remote string, headers http.Header) *httptest.ResponseRecorder {
	s.t.Helper()
	r := httptest.NewRequestWithContext(s.t.Context(), http.MethodPost, "/graphql", unread{s.t})
	r.RemoteAddr = remote
	r.Header = headers
	w := httptest.NewRecorder()
	s.handler.ServeHTTP(w, r)
	if strings.Contains(w.Body.String(), "canary") || strings.Contains(s.log.String(), "canary") || strings.Contains(fmt.Sprint(w.Header()), "canary") {
		s.t.Errorf("a credential is shown: %v %s\n%s", w.Header(), w.Body, s.log.String())
	}
	return w
}

func bearer(credential string) http.Header {
	return http.Header{"Authorization": {"Bearer " + credential}}
}

// TestCredentials has a line for each way to be right or wrong, in the header and in connection_init.
func TestCredentials(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name          string
		authorization string
		pass          bool
		who           string // "": refused
		status        int
		message       string
	}{
		{name: "a key", authorization: "Bearer " + keyA, who: "dashboard of a may read, write, secrets"},
		{name: "another key", authorization: "Bearer " + keyB, who: "reader of b may read"},
		{name: "a scheme in other letters", authorization: "bEARER   " + keyA, who: "dashboard of a may read, write, secrets"},
		{name: "a token", authorization: "Bearer " + jwtGood, who: "jwt:ada of b may read"},
		{name: "a token of Zoom's", authorization: "Bearer " + zoomers, pass: true, who: "zoom:"},
		{name: "nothing", status: 401, message: "who calls?"},
		{name: "a scheme alone", authorization: "Bearer", status: 401, message: "not of the form"},
		{name: "a scheme and a space", authorization: "Bearer ", status: 401, message: "not of the form"},
		{name: "a key alone", authorization: keyA, status: 401, message: "not of the form"},
		{name: "another scheme", authorization: "Basic Y2FuYXJ5OmNhbmFyeQ==", status: 401, message: "not of the form"},
		{name: "a tab", authorization: "Bearer\t" + keyA, status: 401, message: "not of the form"},
		{name: "a space within", authorization: "Bearer " + keyA + " " + keyA, status: 401, message: "characters"},
		{name: "a NUL", authorization: "Bearer " + keyA + "\x00", status: 401, message: "characters"},
		{name: "no ASCII", authorization: "Bearer " + keyA + "é", status: 401, message: "characters"},
		{name: "two in one", authorization: "Bearer " + keyA + ",Bearer " + keyB, status: 401, message: "characters"},
		{name: "a short one", authorization: "Bearer canary", status: 401, message: "at least 32"},
		{name: "a long one", authorization: "Bearer " + strings.Repeat("canary", 2000), status: 401, message: "too long"},
		{name: "a wrong key", authorization: "Bearer " + wrong, status: 401, message: "this key is not known"},
		{name: "a wrong key, which is not passed on", authorization: "Bearer " + wrong, pass: true, status: 401, message: "this key is not known"},
		{name: "the digest of a key", authorization: "Bearer " + callers.DigestOf(keyA).String(), status: 401, message: "neither a key"},
		{name: "spaces around it", authorization: " \t Bearer " + keyA + "  ", who: "dashboard of a may read, write, secrets"},
		{name: "a part of a key", authorization: "Bearer " + keyA[:len(keyA)-1], status: 401, message: "this key is not known"},
		{name: "a token of Zoom's that is not wanted", authorization: "Bearer " + zoomers, status: 401, message: "nor a token"},
		{name: "a bad token", authorization: "Bearer " + jwtBad, status: 401, message: "it has expired"},
		{name: "a bad token, which is not passed on", authorization: "Bearer " + jwtBad, pass: true, status: 401, message: "it has expired"},
		{name: "a token that cannot be checked", authorization: "Bearer " + jwtDown, status: 503, message: "cannot be asked"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, callers.Options{Keys: keys(), Issuer: &issuer{until: time.Now().Add(time.Hour)}, PassThrough: tt.pass, Probe: newJudge(zoomers).probe})
			headers := http.Header{}
			if tt.authorization != "" {
				headers.Set("Authorization", tt.authorization)
			}
			w := s.ask("192.0.2.1:1", headers.Clone())
			socket := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/graphql", nil)
			ctx, name, err := s.Identify(t.Context(), headers.Clone(), socket)
			if tt.who != "" {
				if w.Code != 200 || !strings.HasPrefix(w.Body.String(), tt.who) || !strings.Contains(w.Body.String(), `header ""`) {
					t.Errorf("answer %d %s, want %s", w.Code, w.Body, tt.who)
				}
				if err != nil || !strings.HasPrefix(tt.who, name[:5]) || callers.From(ctx).Name != name {
					t.Errorf("socket: %q, %v", name, err)
				}
				return
			}
			wantRefusal(t, w, tt.status, tt.message)
			if err == nil || !strings.Contains(err.Error(), tt.message) || strings.Contains(err.Error(), "canary") {
				t.Errorf("socket: %v", err)
			}
		})
	}
}

func wantRefusal(t *testing.T, w *httptest.ResponseRecorder, status int, message string) {
	t.Helper()
	var body struct {
		Errors []struct {
			Message    string
			Extensions struct{ Code string }
		}
		Data any
	}
	if err := json.Unmarshal(w.Body.Bytes(), &body); err != nil || len(body.Errors) != 1 {
		t.Fatalf("%v in %s", err, w.Body)
	}
	code := map[int]string{401: "UNAUTHENTICATED", 429: "RATE_LIMITED", 503: "UPSTREAM_UNAVAILABLE"}[status]
	if w.Code != status || body.Errors[0].Extensions.Code != code || !strings.Contains(body.Errors[0].Message, message) {
		t.Errorf("answer %d %s, want %d and %q", w.Code, w.Body, status, message)
	}
	if challenge := w.Header().Get("WWW-Authenticate"); strings.HasPrefix(challenge, "Bearer ") != (status == 401) {
		t.Errorf("WWW-Authenticate: %q", challenge)
	}
	if (w.Header().Get("Retry-After") != "") != (status != 401) {
		t.Errorf("Retry-After: %q", w.Header().Get("Retry-After"))
	}
}

func TestHeaders(t *testing.T) {
	t.Parallel()
	s := serve(t, callers.Options{Keys: keys()})
	wantRefusal(t, s.ask("192.0.2.1:1", http.Header{"Authorization": {"Bearer " + keyA, "Bearer " + keyA}}), 401, "more than one")
	w := s.ask("192.0.2.1:1", http.Header{"Accept": {"text/html, application/graphql-response+json"}})
	wantRefusal(t, w, 401, "who calls?")
	if got := w.Header().Get("Content-Type"); got != "application/graphql-response+json; charset=utf-8" {
		t.Errorf("Content-Type: %s", got)
	}
	if got := w.Header().Get("WWW-Authenticate"); strings.Contains(got, "error") {
		t.Errorf("nothing was given, but %s", got)
	}
	if got := s.ask("192.0.2.1:1", bearer(wrong)).Header().Get("WWW-Authenticate"); !strings.Contains(got, "invalid_token") {
		t.Errorf("a wrong key was given, but %s", got)
	}
}

// TestSockets: a request to become a socket passes, and may do nothing before it says who it is.
func TestSockets(t *testing.T) {
	t.Parallel()
	s := serve(t, callers.Options{Keys: keys()})
	if w := s.ask("192.0.2.1:1", http.Header{"Upgrade": {"websocket"}}); w.Code != 200 || !strings.HasPrefix(w.Body.String(), " of  may ;") {
		t.Errorf("answer %d %s", w.Code, w.Body)
	}
	r := httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/graphql", nil)
	nobody := callers.With(t.Context(), callers.Caller{})
	for _, tt := range []struct {
		name string
		ctx  context.Context
		init http.Header
		head string
		who  string
	}{
		{"nothing", nobody, nil, "", ""},
		{"a header of the request", nobody, nil, "Bearer " + keyB, "reader"},
		{"the payload before the header", nobody, bearer(keyA), "Bearer " + keyB, "dashboard"},
		{"a wrong payload before the header", nobody, bearer(wrong), "Bearer " + keyB, ""},
		{"known already", callers.With(t.Context(), callers.Caller{Name: "known"}), nil, "", "known"},
	} {
		r := r.Clone(t.Context())
		if tt.head != "" {
			r.Header.Set("Authorization", tt.head)
		}
		if _, who, err := s.Identify(tt.ctx, tt.init, r); who != tt.who || (err == nil) != (tt.who != "") {
			t.Errorf("%s: %q, %v", tt.name, who, err)
		}
	}
}

func TestAnyone(t *testing.T) {
	t.Parallel()
	s := serve(t, callers.Options{Account: "only"})
	for _, headers := range []http.Header{{}, bearer("x")} {
		if w := s.ask("192.0.2.1:1", headers); !strings.HasPrefix(w.Body.String(), "anyone of only may read, write, secrets") {
			t.Errorf("answer %d %s", w.Code, w.Body)
		}
	}
	if _, name, err := s.Identify(t.Context(), nil, httptest.NewRequestWithContext(t.Context(), http.MethodGet, "/", nil)); name != "" || err != nil {
		t.Errorf("%q, %v", name, err)
	}
	if c := callers.From(t.Context()); c.Permissions != callers.All {
		t.Errorf("without callers one may %s", c.Permissions)
	}
}

// TestTokensAreKept: a token is looked at once, until it expires.
func TestTokensAreKept(t *testing.T) {
	t.Parallel()
	now := time.Now()
	i := &issuer{until: now.Add(time.Minute)}
	s := serve(t, callers.Options{Issuer: i, Now: func() time.Time { return now }})
	for _, tt := range []struct {
		after time.Duration
		asked int
	}{{0, 1}, {59 * time.Second, 1}, {time.Second, 2}} {
		now = now.Add(tt.after)
		if w := s.ask("192.0.2.1:1", bearer(jwtGood)); w.Code != 200 || i.asked != tt.asked {
			t.Errorf("%v later: %d, asked %d times, want %d", tt.after, w.Code, i.asked, tt.asked)
		}
	}
}

// TestUntil: a caller is one until the token expires, also if it is remembered; those with keys have no end.
func TestUntil(t *testing.T) {
	t.Parallel()
	now := time.Now()
	i := &issuer{until: now.Add(time.Minute)}
	s := serve(t, callers.Options{Issuer: i, Keys: keys(), PassThrough: true, Probe: newJudge(zoomers).probe, Now: func() time.Time { return now }})
	who := map[string]callers.Caller{}
	for name, credential := range map[string]string{"read": jwtGood, "remembered": jwtGood, "key": keyA, "Zoom's own": zoomers} {
		c, err := s.Authenticate(t.Context(), "Bearer "+credential, address)
		if err != nil {
			t.Fatal(err)
		}
		who[name] = c
		if want := map[bool]time.Time{true: i.until}[credential == jwtGood]; !c.Until.Equal(want) {
			t.Errorf("%s: until %v, want %v", name, c.Until, want)
		}
	}
	now = now.Add(time.Minute - 1)
	for name, c := range who {
		if err := c.Check(t.Context()); err != nil {
			t.Errorf("%s, before the end: %v", name, err)
		}
	}
	now = now.Add(1)
	for name, c := range who {
		err := c.Check(t.Context())
		var refused *callers.Error
		if c.Until.IsZero() {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
		} else if !errors.As(err, &refused) || refused.Code != "UNAUTHENTICATED" || !strings.Contains(refused.Message, "has expired; send a new one") {
			t.Errorf("%s, at the end: %v", name, err)
		}
	}
	if err := (callers.Caller{Until: time.Now()}).Check(t.Context()); err == nil {
		t.Error("without a clock of its own a caller never expires")
	}
}

// TestPassThrough: callers with tokens of their own are told apart by them, and what Zoom refuses is a wrong credential.
func TestPassThrough(t *testing.T) {
	t.Parallel()
	now := time.Now()
	s := serve(t, callers.Options{Keys: keys(), PassThrough: true, Probe: newJudge(zoomers, zoomers+"x").probe, Now: func() time.Time { return now }})
	who := func(credential string) callers.Caller {
		c, err := s.Authenticate(t.Context(), "Bearer "+credential, address)
		if err != nil {
			t.Fatal(err)
		}
		return c
	}
	one, same, other := who(zoomers), who(zoomers), who(zoomers+"x")
	switch {
	case one.Token != zoomers || one.Permissions != callers.All || one.Account != "":
		t.Errorf("the caller is %s of %q", one.Permissions, one.Account)
	case one.Class == "" || one.Class != same.Class || one.Name != same.Name:
		t.Errorf("one token is two callers, %q and %q", one.Class, same.Class)
	case one.Class == other.Class || one.Name == other.Name:
		t.Errorf("two tokens are one caller %q", one.Class)
	}
	if key := who(keyA); key.Class != "" || key.Token != "" {
		t.Errorf("a key is a token: %+v", key)
	}
	for _, text := range []string{fmt.Sprint(one), fmt.Sprintf("%+v %#v %v", one, one, &one), one.Class, slog.AnyValue(one).Resolve().String()} {
		if strings.Contains(text, "canary") {
			t.Errorf("the token is shown in %s", text)
		}
	}
	if text, err := json.Marshal(one); err != nil || bytes.Contains(text, []byte("canary")) {
		t.Errorf("the token is shown in %s, %v", text, err)
	}
	for range 20 {
		now = now.Add(100 * time.Millisecond)
		one = who(zoomers) // Zoom goes on saying that it is good
		for range 100 {
			one.Refused() // all calls of a request
		}
	}
	if _, err := s.Authenticate(t.Context(), "Bearer "+zoomers, address); err == nil || !strings.Contains(err.Error(), "refused too often") {
		t.Errorf("a token that Zoom refuses is passed on: %v", err)
	}
	who(keyA)
	now = now.Add(3 * time.Second) // however many there were
	who(zoomers)
	if !strings.Contains(s.log.String(), "not accepted by Zoom") {
		t.Errorf("the log does not say that Zoom refuses a token:\n%s", s.log.String())
	}
	callers.Caller{}.Refused()
}

// TestMethods: each caller knows how they were found out.
func TestMethods(t *testing.T) {
	t.Parallel()
	s := serve(t, callers.Options{Keys: keys(), Issuer: &issuer{until: time.Now().Add(time.Hour)}, PassThrough: true, Probe: newJudge(zoomers).probe})
	for credential, want := range map[string]callers.Method{keyA: callers.ByKey, jwtGood: callers.ByToken, zoomers: callers.ByZoomToken} {
		for range 2 { // found, and remembered
			if c, err := s.Authenticate(t.Context(), "Bearer "+credential, address); err != nil || c.Method != want {
				t.Errorf("by %s, want %s; %v", c.Method, want, err)
			}
		}
	}
	if c := callers.Anyone(""); c.Method != callers.ByNothing {
		t.Errorf("anyone by %s", c.Method)
	}
}

func FuzzAuthenticate(f *testing.F) {
	for _, seed := range []string{
		"", "Bearer", "Bearer ", "Bearer " + keyA, "bearer  " + keyB, "Bearer " + wrong, "Bearer a.b.c", "Basic x", "Bearer " + strings.Repeat("=", 40),
		"Bearer\x00" + keyA, "Bearer " + keyA + "\r\nX: y", "Bearer ÿ" + keyA, " Bearer " + keyA, "Bearer " + keyA + "=",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, authorization string) {
		a, err := callers.New(callers.Options{Keys: keys(), Issuer: &issuer{}})
		if err != nil {
			t.Fatal(err)
		}
		c, err := a.Authenticate(t.Context(), authorization, address)
		right := strings.HasSuffix(authorization, " "+keyA) || strings.HasSuffix(authorization, " "+keyB) || strings.HasSuffix(authorization, " "+jwtGood)
		var refused *callers.Error
		switch {
		case err == nil && !right:
			t.Errorf("%q is %s", authorization, c.Name)
		case err != nil && (!errors.As(err, &refused) || refused.Status < 400 || c.Name != "" || c.Permissions != 0):
			t.Errorf("%q is refused by %v as %v", authorization, err, c)
		case err != nil && len(authorization) > 40 && strings.Contains(err.Error(), authorization[8:]):
			t.Errorf("%q is repeated in %q", authorization, err)
		}
	})
}

func BenchmarkMiddleware(b *testing.B) {
	a, err := callers.New(callers.Options{Keys: keys()})
	if err != nil {
		b.Fatal(err)
	}
	h := a.Middleware(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	r := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/graphql", nil)
	w := httptest.NewRecorder()
	for b.Loop() {
		r.Header["Authorization"] = []string{"Bearer " + keyA}
		h.ServeHTTP(w, r)
	}
}
