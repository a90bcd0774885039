package signin_test

import (
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"zoomgraph/internal/callers"
	"zoomgraph/internal/peer"
	"zoomgraph/internal/sandbox"
	"zoomgraph/internal/signin"
)

// A person signs in, is one caller in all their sessions, and asks Zoom as themselves.
func TestSignIn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.serve()
	b := w.browser()
	if m := b.ask(s); m.status != 401 || m.Code != "UNAUTHENTICATED" || m.Errors[0].Extensions.SignIn != "/sign-in" {
		t.Errorf("before: %d %s", m.status, m.raw)
	}
	p := b.signIn(s, ada, "/users?view=all#top")
	if p.status != http.StatusSeeOther || p.location != s.url+"/users?view=all#top" {
		t.Errorf("sent to %s with %d", p.location, p.status)
	}
	m := b.ask(s)
	if m.Email != ada || m.Display != "Ada Lovelace" || m.Account != "key of acct" || m.May != "read" || m.Method != "sign_in" || m.Cookie != "" {
		t.Errorf("I am %s", m.raw)
	}
	if !strings.HasPrefix(m.Caller, "user:") || strings.Contains(m.Caller+m.Class, "ada") || strings.Contains(m.Caller+m.Class, w.zoom.Users()[0].ID) {
		t.Errorf("the caller is %s of %s", m.Caller, m.Class)
	}
	elsewhere, other := w.browser(), w.browser()
	elsewhere.signIn(s, ada, "/")
	other.signIn(s, w.zoom.Users()[1].Email, "/")
	if same := elsewhere.ask(s); same.Class != m.Class || same.Caller != m.Caller {
		t.Errorf("in another browser %s, not %s", same.raw, m.raw)
	}
	if different := other.ask(s); different.Class == m.Class || different.Caller == m.Caller || different.Email != w.zoom.Users()[1].Email {
		t.Errorf("somebody else is %s", different.raw)
	}
}

// What the cookies are is what browsers protect them by.
func TestCookies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.serve()
	b := w.browser()
	begun := b.do(http.MethodGet, s.url+signin.Path)
	p := b.do(http.MethodGet, b.atZoom(begun.location, "user="+ada))
	find := func(p *page, name string) *http.Cookie {
		for _, c := range p.cookies {
			if c.Name == name {
				return c
			}
		}
		t.Fatalf("no cookie %s", name)
		return nil
	}
	state, session := find(begun, "__Host-zoomgraph-sign-in"), find(p, "__Host-zoomgraph")
	for _, c := range []*http.Cookie{state, session} {
		if !c.Secure || !c.HttpOnly || c.Path != "/" || c.Domain != "" {
			t.Errorf("%s", c)
		}
	}
	if state.SameSite != http.SameSiteLaxMode || state.MaxAge != 600 || strings.Contains(state.Value, "canary") {
		t.Errorf("%s", state)
	}
	if session.SameSite != http.SameSiteStrictMode || session.MaxAge != 24*60*60 || len(session.Value) < 52 {
		t.Errorf("%s", session)
	}
	if gone := find(p, "__Host-zoomgraph-sign-in"); gone.MaxAge >= 0 || gone.Value != "" {
		t.Errorf("after the callback: %s", gone)
	}
	query, err := url.Parse(begun.location)
	if err != nil || query.Query().Get("code_challenge_method") != "S256" || len(query.Query().Get("state")) < 26 || query.Query().Get("client_secret") != "" {
		t.Errorf("Zoom is asked %s", begun.location)
	}
	for _, p := range []*page{begun, p} {
		if p.header.Get("Cache-Control") != "no-store" || p.header.Get("Referrer-Policy") != "no-referrer" {
			t.Errorf("headers %v", p.header)
		}
	}
}

// Each way to come back without success leads to the page one came from, which is told why, and to no session.
func TestFailures(t *testing.T) {
	t.Parallel()
	as := "user=" + ada
	for _, tt := range []struct {
		name   string
		answer string // at Zoom
		zoom   sandbox.Config
		own    func(*signin.Options)
		before func(*world, *browser, *service, string) string // changes what leads back
		want   string                                          // the failure
		lost   bool                                            // the path to return to is not known
	}{
		{name: "declined", answer: "deny=1", want: "denied"},
		{name: "another state", answer: as, want: "state", before: func(_ *world, _ *browser, _ *service, back string) string {
			return strings.Replace(back, "state=", "state=A", 1)
		}},
		{name: "no state", answer: as, want: "state", before: func(_ *world, _ *browser, _ *service, back string) string {
			before, _, _ := strings.Cut(back, "&state=")
			return before
		}},
		{name: "another browser", answer: as, want: "state", lost: true, before: func(_ *world, b *browser, _ *service, back string) string {
			clear(b.cookies)
			return back
		}},
		{name: "begun again in another tab", answer: as, want: "state", before: func(_ *world, b *browser, s *service, back string) string {
			b.begin(s, "/from?here=1")
			return back
		}},
		{name: "a made-up cookie", answer: as, want: "state", lost: true, before: func(_ *world, b *browser, _ *service, back string) string {
			b.cookies["__Host-zoomgraph-sign-in"] = "AAAA" + b.cookies["__Host-zoomgraph-sign-in"][4:]
			return back
		}},
		{name: "too late", answer: as, want: "state", lost: true, before: func(w *world, _ *browser, _ *service, back string) string {
			w.clock.add(10 * time.Minute)
			return back
		}},
		{name: "somebody else's code", answer: as, want: "refused", before: func(w *world, _ *browser, s *service, back string) string {
			other := w.browser()
			theirs, err := url.Parse(other.atZoom(other.begin(s, "/"), as))
			if err != nil {
				w.t.Fatal(err)
			}
			own, err := url.Parse(back)
			if err != nil {
				w.t.Fatal(err)
			}
			query := own.Query() // the state fits, and PKCE does not
			query.Set("code", theirs.Query().Get("code"))
			own.RawQuery = query.Encode()
			return own.String()
		}},
		{name: "a made-up code", answer: as, want: "refused", before: func(_ *world, _ *browser, _ *service, back string) string {
			return strings.Replace(back, "code=", "code=x", 1)
		}},
		{name: "no code", answer: as, want: "refused", before: func(_ *world, _ *browser, _ *service, back string) string {
			return strings.Replace(back, "code=", "kode=", 1)
		}},
		{name: "another error", answer: "deny=1", want: "refused", before: func(_ *world, _ *browser, _ *service, back string) string {
			return strings.Replace(back, "access_denied", "invalid_scope", 1)
		}},
		{name: "another account", answer: as, want: "account", own: func(o *signin.Options) { o.Accounts = []string{"other"} }},
		{name: "a wrong secret", answer: as, want: "refused", own: func(o *signin.Options) { o.ClientSecret = "canary-of-another" }},
		{name: "no scope", answer: as, want: "scope", zoom: sandbox.Config{Scopes: []string{"user:read:list_users:admin"}}},
		{name: "no Zoom", answer: as, want: "unavailable", zoom: sandbox.Config{Faults: []sandbox.Fault{{Match: "/oauth/token", Kind: sandbox.FaultDrop}}}},
		{name: "an ailing Zoom", answer: as, want: "unavailable", zoom: sandbox.Config{Faults: []sandbox.Fault{{Match: "/oauth/token", Kind: sandbox.FaultStatus, Status: 503}}}},
		{name: "nobody", answer: as, want: "refused", zoom: sandbox.Config{Faults: []sandbox.Fault{{Match: "GET /users/*", Kind: sandbox.FaultAbsent, Path: "id"}}}},
		{name: "no keeper", answer: as, want: "unavailable", own: func(o *signin.Options) { o.Keeper = &keeper{fail: "Add"} }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.configure(tt.zoom)
			s := w.serve(func(o *signin.Options) {
				if tt.own != nil {
					tt.own(o)
				}
			})
			b := w.browser()
			back := b.atZoom(b.begin(s, "/from?here=1"), tt.answer)
			if tt.before != nil {
				back = tt.before(w, b, s, back)
			}
			p := b.do(http.MethodGet, back)
			want := s.url + "/from?here=1&signInError=" + tt.want
			if tt.lost {
				want = s.url + "/?signInError=" + tt.want
			}
			if p.status != http.StatusSeeOther || p.location != want || b.cookies["__Host-zoomgraph"] != "" {
				t.Errorf("sent to %s with %d, want %s; cookies %v", p.location, p.status, want, p.cookies)
			}
			w.clean("the answer", p.location+p.body)
		})
	}
}

// Of two tabs the one that began last can sign in, also if the other one, or a link of somebody else's, came back before.
func TestTwoTabs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.serve()
	b := w.browser()
	first := b.atZoom(b.begin(s, "/first"), "user="+ada)
	second := b.atZoom(b.begin(s, "/second"), "user="+ada)
	for _, back := range []string{first, s.url + signin.CallbackPath + "?state=x&code=y"} {
		if p := b.do(http.MethodGet, back); p.location != s.url+"/second?signInError=state" {
			t.Errorf("sent to %s", p.location)
		}
	}
	if p := b.do(http.MethodGet, second); p.location != s.url+"/second" {
		t.Errorf("sent to %s", p.location)
	}
	b.wantMe(s, ada)
}

// TestMadeUpCodes: whoever comes back with codes of their own makes this service ask Zoom no faster than so many at a time.
func TestMadeUpCodes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.serve()
	s.SetRefusedRest(time.Hour)
	b := w.browser()
	authorize, err := url.Parse(b.begin(s, "/"))
	if err != nil {
		t.Fatal(err)
	}
	state := b.cookies["__Host-zoomgraph-sign-in"]
	for i := range 20 {
		b.cookies["__Host-zoomgraph-sign-in"] = state
		p := b.do(http.MethodGet, s.url+signin.CallbackPath+"?"+url.Values{"state": {authorize.Query().Get("state")}, "code": {"made up"}}.Encode())
		want := "refused"
		if i >= 16 {
			want = "unavailable"
		}
		if !strings.HasSuffix(p.location, "/?signInError="+want) {
			t.Errorf("code %d leads to %s", i, p.location)
		}
	}
	if n := w.tokens(); n != 16 {
		t.Errorf("Zoom was asked %d times", n)
	}
}

// TestMadeUpCodesOfOne: behind a trusted proxy one address with made-up codes keeps nobody else from signing in.
func TestMadeUpCodesOfOne(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.serve(func(o *signin.Options) {
		o.Proxies = peer.Proxies{{Prefix: netip.MustParsePrefix("127.0.0.1/32")}}
	})
	s.SetRefusedRest(time.Hour)
	attacker, other := w.browser(), w.browser()
	attacker.address, other.address = "198.51.100.1", "198.51.100.2"
	authorize, err := url.Parse(attacker.begin(s, "/"))
	if err != nil {
		t.Fatal(err)
	}
	state := attacker.cookies["__Host-zoomgraph-sign-in"]
	for i := range 20 {
		attacker.cookies["__Host-zoomgraph-sign-in"] = state
		p := attacker.do(http.MethodGet, s.url+signin.CallbackPath+"?"+url.Values{"state": {authorize.Query().Get("state")}, "code": {"made up"}}.Encode())
		want := "refused"
		if i >= 4 {
			want = "unavailable"
		}
		if !strings.HasSuffix(p.location, "/?signInError="+want) {
			t.Errorf("code %d leads to %s", i, p.location)
		}
	}
	other.signIn(s, ada, "/")
}

// A callback is good once: again it finds neither cookie nor code.
func TestReplayedCallback(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.serve()
	b := w.browser()
	back := b.atZoom(b.begin(s, "/"), "user="+ada)
	thief := w.browser()
	thief.cookies["__Host-zoomgraph-sign-in"] = b.cookies["__Host-zoomgraph-sign-in"]
	b.do(http.MethodGet, back)
	b.wantMe(s, ada)
	if p := b.do(http.MethodGet, back); !strings.HasSuffix(p.location, "/?signInError=state") {
		t.Errorf("again: %s", p.location)
	}
	if p := thief.do(http.MethodGet, back); !strings.HasSuffix(p.location, "/?signInError=refused") || thief.cookies["__Host-zoomgraph"] != "" {
		t.Errorf("with the cookie of before: %s", p.location)
	}
	b.wantMe(s, ada)
	if p := b.do(http.MethodHead, back); p.status != http.StatusMethodNotAllowed {
		t.Errorf("a HEAD is answered %d", p.status)
	}
}

// Who signs in again has one session in that browser, and the one before is over.
func TestSignInAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.serve()
	b, before := w.browser(), w.browser()
	b.signIn(s, ada, "/")
	before.cookies["__Host-zoomgraph"] = b.cookies["__Host-zoomgraph"]
	before.wantMe(s, ada)
	b.signIn(s, w.zoom.Users()[1].Email, "/")
	b.wantMe(s, w.zoom.Users()[1].Email)
	before.wantEnded(s)
}

// Who comes by another name of this machine is sent to the one that cookies are kept for.
func TestOtherName(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.serve()
	p := w.browser().do(http.MethodGet, s.url+signin.Path+"?return=/a%3Fb", "Host", "localhost:1")
	if p.status != http.StatusSeeOther || p.location != s.url+"/sign-in?return=%2Fa%3Fb&sent=1" || len(p.cookies) > 0 {
		t.Errorf("sent to %s with %v", p.location, p.cookies)
	}
	// A proxy that changes the name would send browsers around for ever.
	p = w.browser().do(http.MethodGet, p.location, "Host", "localhost:1")
	if p.status != http.StatusMisdirectedRequest || !strings.Contains(p.body, `"localhost:1"`) || !strings.Contains(p.body, "proxy") {
		t.Errorf("behind such a proxy: %d %s", p.status, p.body)
	}
	if p := w.browser().do(http.MethodGet, s.url+signin.Path+"?sent=1"); !strings.HasPrefix(p.location, w.at) {
		t.Errorf("who was sent is sent to %s", p.location)
	}
}

func TestSignOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.serve()
	own := []string{"Origin", s.url}
	b := w.browser()
	if p := b.do(http.MethodPost, s.url+signin.SignOutPath, own...); p.status != http.StatusNoContent {
		t.Errorf("nobody signs out: %d", p.status)
	}
	// A form on another site's page: the cookie does not come along, and the answer could take it away all the same.
	for _, headers := range [][]string{{"Origin", "https://evil.example", "Sec-Fetch-Site", "cross-site"}, {"Origin", "null"}} {
		if p := b.do(http.MethodPost, s.url+signin.SignOutPath, headers...); p.status != http.StatusForbidden || len(p.cookies) > 0 {
			t.Errorf("without a cookie, %v: %d %v", headers, p.status, p.cookies)
		}
	}
	b.signIn(s, ada, "/")
	old := w.browser()
	old.cookies["__Host-zoomgraph"] = b.cookies["__Host-zoomgraph"]
	for _, headers := range [][]string{{}, {"Origin", "https://evil.example"}, {"Origin", "null"}, {"Origin", s.url, "Sec-Fetch-Site", "cross-site"}} {
		if p := b.do(http.MethodPost, s.url+signin.SignOutPath, headers...); p.status != http.StatusForbidden || len(p.cookies) > 0 {
			t.Errorf("%v: %d %v", headers, p.status, p.cookies)
		}
	}
	if p := b.do(http.MethodGet, s.url+signin.SignOutPath, own...); p.status != http.StatusMethodNotAllowed {
		t.Errorf("by GET: %d", p.status)
	}
	b.wantMe(s, ada)
	p := b.do(http.MethodPost, s.url+signin.SignOutPath, own...)
	if p.status != http.StatusNoContent || b.cookies["__Host-zoomgraph"] != "" || len(p.cookies) != 1 || !p.cookies[0].Secure {
		t.Errorf("signed out with %d, %v", p.status, p.cookies)
	}
	old.wantEnded(s)
	s.Close() // which waits for what is told to Zoom
	if got := w.calls("/oauth/revoke"); len(got) != 1 || got[0] != http.StatusOK {
		t.Errorf("Zoom was told %v", got)
	}
}

// TestOwnPages: a cookie counts where the browser says that a page of the service itself asks, and nowhere else.
func TestOwnPages(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.serve()
	b := w.browser()
	b.signIn(s, ada, "/")
	host := strings.TrimPrefix(s.url, "http://")
	for _, tt := range []struct {
		headers []string
		want    string // the caller's method, or an error
	}{
		{[]string{"Origin", s.url}, "sign_in"},
		{[]string{"Origin", s.url, "Sec-Fetch-Site", "same-origin"}, "sign_in"},
		{[]string{"Sec-Fetch-Site", "same-origin"}, "sign_in"},
		{[]string{"X", "nothing said"}, "UNAUTHENTICATED"},
		{[]string{"Sec-Fetch-Site", "none"}, "UNAUTHENTICATED"},
		{[]string{"Sec-Fetch-Site", "same-site"}, "UNAUTHENTICATED"},
		{[]string{"Sec-Fetch-Site", "cross-site"}, "UNAUTHENTICATED"},
		{[]string{"Origin", s.url, "Sec-Fetch-Site", "cross-site"}, "UNAUTHENTICATED"},
		{[]string{"Origin", "https://evil.example"}, "UNAUTHENTICATED"},
		{[]string{"Origin", "https://evil.example", "Sec-Fetch-Site", "same-origin"}, "UNAUTHENTICATED"},
		{[]string{"Origin", "https://" + host}, "UNAUTHENTICATED"},
		{[]string{"Origin", s.url + "1"}, "UNAUTHENTICATED"},
		{[]string{"Origin", s.url + "/"}, "UNAUTHENTICATED"},
		{[]string{"Origin", "null"}, "UNAUTHENTICATED"},
		{[]string{"Origin", ""}, "UNAUTHENTICATED"},
		{[]string{"Origin", s.url, "Origin", s.url}, "UNAUTHENTICATED"},
		{[]string{"Referer", s.url + "/"}, "UNAUTHENTICATED"},
		{[]string{"Authorization", "Bearer " + key}, "key"},
		{[]string{"Authorization", "Bearer " + key, "Origin", s.url}, "key"},
		{[]string{"Authorization", "Bearer " + key + "x", "Origin", s.url}, "UNAUTHENTICATED"},
		{[]string{"Authorization", "Bearer", "Origin", s.url}, "UNAUTHENTICATED"},
	} {
		m, err := b.tryAsk(t.Context(), s, tt.headers...)
		if err != nil {
			t.Fatal(err)
		}
		if m.Method+m.Code != tt.want {
			t.Errorf("%q: %s", tt.headers, m.raw)
		}
		w.clean("the answer", m.raw)
	}
}

// Cookies that are none of ours are as good as no cookie, and never an error of the service.
func TestOddCookies(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.serve()
	for _, value := range []string{"", "x", strings.Repeat("A", 52), strings.Repeat("-", 52), strings.Repeat("A", 3000), "../../etc/passwd"} {
		b := w.browser()
		b.cookies["__Host-zoomgraph"], b.cookies["__Host-zoomgraph-sign-in"] = value, value
		b.wantMe(s, "UNAUTHENTICATED")
		if p := b.do(http.MethodGet, s.url+signin.CallbackPath+"?state="+url.QueryEscape(value)+"&code=x"); p.location != s.url+"/?signInError=state" {
			t.Errorf("%q leads to %s", value, p.location)
		}
	}
}

func TestMistakes(t *testing.T) {
	t.Parallel()
	good := signin.Options{PublicURL: "https://x.example", ClientID: "a", ClientSecret: "b", Allow: callers.Read, Idle: time.Hour, Life: time.Hour}
	if _, err := signin.New(good); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*signin.Options){
		"no address": func(o *signin.Options) { o.PublicURL = "" },
		"a query":    func(o *signin.Options) { o.PublicURL = "https://x.example/y?z" },
		"a script":   func(o *signin.Options) { o.PublicURL = "javascript:x" },
		"no client":  func(o *signin.Options) { o.ClientID = "" },
		"no secret":  func(o *signin.Options) { o.ClientSecret = "" },
		"no life":    func(o *signin.Options) { o.Idle = 0 },
		"short life": func(o *signin.Options) { o.Life = time.Minute },
		"no API":     func(o *signin.Options) { o.Zoom.APIURL = "nowhere" },
	} {
		o := good
		if change(&o); true {
			if _, err := signin.New(o); err == nil {
				t.Errorf("%s is taken", name)
			}
		}
	}
}
