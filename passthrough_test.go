package main

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"zoomgraph/internal/callers"
	"zoomgraph/internal/sandbox"
)

// mint is a token of the account that the embedded Zoom knows.
func (u *upstream) mint() string { return u.mintFor("account") }

func (u *upstream) mintFor(account string) string {
	u.t.Helper()
	return u.grant(url.Values{"grant_type": {"account_credentials"}, "account_id": {account}})
}

// tokenOf is a token of a user.
func (u *upstream) tokenOf(email string) string {
	u.t.Helper()
	const back = "http://app.example"
	query := url.Values{"response_type": {"code"}, "client_id": {"client"}, "redirect_uri": {back}, "user": {email}}
	req, err := http.NewRequestWithContext(u.t.Context(), http.MethodGet, "http://"+u.address+"/oauth/authorize?"+query.Encode(), nil)
	if err != nil {
		u.t.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(req) // which follows nothing
	if err != nil {
		u.t.Fatal(err)
	}
	defer res.Body.Close()
	to, err := res.Location()
	if err != nil {
		u.t.Fatal(err)
	}
	return u.grant(url.Values{"grant_type": {"authorization_code"}, "code": {to.Query().Get("code")}, "redirect_uri": {back}})
}

func (u *upstream) grant(form url.Values) string {
	u.t.Helper()
	req, err := http.NewRequestWithContext(u.t.Context(), http.MethodPost, "http://"+u.address+"/oauth/token", strings.NewReader(form.Encode()))
	if err != nil {
		u.t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	req.SetBasicAuth("client", "secret")
	text := string(do(u.t, req))
	_, rest, _ := strings.Cut(text, `"access_token":"`)
	token, _, ok := strings.Cut(rest, `"`)
	if !ok {
		u.t.Fatalf("no token in %s", text)
	}
	return token
}

// probes counts the calls that ask about a token, and all others but mints.
func (u *upstream) probes() (probes, others int) {
	for _, e := range u.zoom.Log(0) {
		switch e.Path {
		case "/users/me":
			probes++
		case "/oauth/token":
		default:
			others++
		}
	}
	return probes, others
}

// Made-up tokens reach Zoom as a few probes and nothing else, over every transport; the account's own callers lose nothing
// of their budget, and a good token behind the same address comes in a second later.
func TestMadeUpTokensCostFewCalls(t *testing.T) {
	t.Parallel()
	const key = "zg_0123456789012345678901234567890123456789a"
	zoom := newUpstream(t, sandbox.Config{})
	file := configured(t, fmt.Sprintf("callers:\n  - {name: one, key_sha256: %q, allow: [read]}\n", callers.DigestOf(key)))
	s := start(t, zoom.env(nil, "ZOOM_RATE=light=2,medium=2,heavy=2"), "--pass-through", "--addr", "127.0.0.1:0", "--config", file)
	const query = `{ users(first: 1) { nodes { id email } } }`
	var flood sync.WaitGroup
	for n := range 40 {
		flood.Go(func() {
			token := fmt.Sprintf("canary.fake.%040d", n)
			for range 3 {
				if _, body := bearer(t, s, token, query); !strings.Contains(body, "UNAUTHENTICATED") && !strings.Contains(body, "RATE_LIMITED") {
					t.Errorf("a made-up token: %s", body)
				}
			}
			if n%10 == 0 {
				if text := say(t, s.address, fmt.Sprintf(`{"Authorization":"Bearer %s"}`, token)); strings.Contains(text, "connection_ack") {
					t.Errorf("over a socket: %s", text)
				}
			}
		})
	}
	flood.Wait()
	if probes, others := zoom.probes(); probes > 15 || others > 0 { // ten, and one for each second that this takes
		t.Errorf("made-up tokens cost %d probes and %d other calls", probes, others)
	}
	began := time.Now()
	if _, body := bearer(t, s, key, query); strings.Contains(body, "errors") {
		t.Errorf("the account's caller: %s", body)
	}
	if took := time.Since(began); took > 20*time.Second {
		t.Errorf("the account's caller waits %v", took)
	}
	good := zoom.mint()
	waitFor(t, "a good token", func() bool {
		_, body := bearer(t, s, good, query)
		return !strings.Contains(body, "errors")
	})
	before, _ := zoom.probes()
	for range 3 {
		if _, body := bearer(t, s, good, query); strings.Contains(body, "UNAUTHENTICATED") {
			t.Errorf("a token that is known: %s", body)
		}
	}
	if after, _ := zoom.probes(); after != before {
		t.Errorf("a known token cost %d probes more", after-before)
	}
	for _, text := range []string{s.stdout.String(), s.stderr.String()} {
		if strings.Contains(text, "canary") || strings.Contains(text, good) {
			t.Errorf("a token is shown in\n%s", text)
		}
	}
}

// While Zoom cannot say, a token is answered 503, once for all who bring it; when Zoom takes a token that lacks a scope, it
// is a good one; and a token that Zoom ends is unknown again.
func TestVerdictsOnATokenOfItsOwn(t *testing.T) {
	t.Parallel()
	zoom := newUpstream(t, sandbox.Config{})
	s := start(t, zoom.env(nil), "--pass-through", "--addr", "127.0.0.1:0", "--cache-ttl", "0s")
	token := zoom.mint()
	const query = `{ users(first: 1) { nodes { id } } }`
	probe := func(faults ...sandbox.Fault) {
		t.Helper()
		if err := zoom.zoom.Configure(sandbox.Config{Faults: faults}); err != nil {
			t.Fatal(err)
		}
	}
	probe(sandbox.Fault{Match: "GET /users/*", Kind: sandbox.FaultStatus, Status: 502, Message: "canary"})
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			if _, body := bearer(t, s, token, query); !strings.Contains(body, "UPSTREAM_UNAVAILABLE") {
				t.Errorf("while Zoom is away: %s", body)
			}
		})
	}
	all.Wait()
	if probes, others := zoom.probes(); probes > 3 || others > 0 {
		t.Errorf("%d probes and %d other calls while Zoom is away", probes, others)
	}
	probe(sandbox.Fault{Match: "GET /users/*", Kind: sandbox.FaultStatus, Status: 403, Code: 4711, Message: "scopes"})
	waitFor(t, "the token", func() bool {
		_, body := bearer(t, s, token, query)
		return !strings.Contains(body, "errors")
	})
	probe(sandbox.Fault{Match: "GET /users", Kind: sandbox.FaultExpireToken})
	if _, body := bearer(t, s, token, query); !strings.Contains(body, "UPSTREAM_AUTH_FAILED") {
		t.Errorf("a token that ends: %s", body)
	}
	probe()
	before, _ := zoom.probes()
	for range 3 {
		if _, body := bearer(t, s, token, query); !strings.Contains(body, "Zoom does not accept this access token") {
			t.Errorf("a dead token: %s", body)
		}
	}
	if after, _ := zoom.probes(); after != before+1 {
		t.Errorf("a dead token cost %d probes", after-before)
	}
}
