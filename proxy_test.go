package main

import (
	"encoding/base64"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"testing"

	"zoomgraph/internal/callers"
)

// The addresses of this machine that these tests call from.
const (
	proxyAddress    = "127.0.0.10"
	attackerAddress = "127.0.0.2"
	officeAddress   = "127.0.0.3"
)

// from calls from an address of this machine, over connections of its own.
func from(t testing.TB, address string) *http.Client {
	t.Helper()
	dialer := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(address)}}
	transport := &http.Transport{DialContext: dialer.DialContext, MaxIdleConnsPerHost: 8}
	t.Cleanup(transport.CloseIdleConnections)
	return &http.Client{Transport: transport}
}

// newProxy is a proxy in front of a service: it calls from proxyAddress, and adds its client's address to what the client
// says in X-Forwarded-For.
func newProxy(t testing.TB, to string) string {
	t.Helper()
	target, err := url.Parse(to)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewServer(&httputil.ReverseProxy{
		Transport: from(t, proxyAddress).Transport,
		ErrorLog:  log.New(io.Discard, "", 0),
		Rewrite: func(r *httputil.ProxyRequest) {
			r.SetURL(target)
			r.Out.Header["X-Forwarded-For"] = r.In.Header["X-Forwarded-For"]
			r.SetXForwarded()
		},
	})
	t.Cleanup(proxy.Close)
	return proxy.URL
}

// ways are those to ask who one is, with one answer.
var ways = map[string]func(r *http.Request){
	"POST": func(*http.Request) {},
	"GET": func(r *http.Request) {
		r.Method, r.Body, r.ContentLength = http.MethodGet, http.NoBody, 0
		r.URL.RawQuery = "query=" + url.QueryEscape("{ viewer { name } }")
	},
	"stream": func(r *http.Request) { r.Header.Set("Accept", "text/event-stream") },
}

// statusOf asks for the viewer with a credential, by POST, and returns the HTTP status.
func statusOf(t testing.TB, c *http.Client, service, credential string, headers ...string) int {
	t.Helper()
	return statusBy(t, "POST", c, service, credential, headers...)
}

func statusBy(t testing.TB, way string, c *http.Client, service, credential string, headers ...string) int {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, service+"/graphql", strings.NewReader(`{"query":"{ viewer { name } }"}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	ways[way](r)
	r.Header.Set("Authorization", "Bearer "+credential)
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := c.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		t.Fatal(err)
	}
	if seconds, err := strconv.Atoi(res.Header.Get("Retry-After")); res.StatusCode == 429 && (err != nil || seconds < 1) {
		t.Errorf("429 with Retry-After %q", res.Header.Get("Retry-After"))
	}
	return res.StatusCode
}

// TestFloodBehindAProxy: while one client sends wrong keys as fast as it can, every good key and token of everybody behind
// the same proxy passes, also at its first use. Who floods is answered by 429, and where the proxy is trusted nobody else
// is, however often they are wrong.
func TestFloodBehindAProxy(t *testing.T) {
	t.Parallel()
	key := func(n int) string { return fmt.Sprintf("zg_%041d", n) }
	id := newAuthority(t)
	var text strings.Builder
	fmt.Fprintf(&text, "oidc: {issuer: %s, audience: zoomgraph}\ncallers:\n", id.url)
	for n := range 20 {
		fmt.Fprintf(&text, "  - {name: n%d, key_sha256: %q}\n", n, callers.DigestOf(key(n)))
	}
	for _, tt := range []struct {
		name    string
		trusted []string
		office  int    // what a wrong key of somebody else's is answered
		told    string // the address in the log
	}{
		{"trusted", []string{"--trusted-proxies", proxyAddress + ",10.0.0.0/8"}, 401, attackerAddress},
		{"not trusted", nil, 429, proxyAddress},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := startWatched(t, nil, append([]string{"--addr", "127.0.0.1:0", "--config", configured(t, text.String())}, tt.trusted...)...)
			waitUntil(t, s, "/readyz?verbose", "oidc issuer: ok")
			proxy := newProxy(t, s.address)
			attacker, office := from(t, attackerAddress), from(t, officeAddress)

			// wrong is what wrong keys of a client are answered in the end: one is forgiven every three seconds.
			wrong := func(way string, c *http.Client) (got int) {
				for n := 0; n < 5 && got != 429; n++ {
					got = statusBy(t, way, c, proxy, key(500+n))
				}
				return got
			}
			stop, flooded := make(chan struct{}), make(chan struct{})
			var flood sync.WaitGroup
			flood.Go(func() {
				for n := 0; ; n++ {
					select {
					case <-stop:
						return
					default:
					}
					// Each time another key, and another made-up address.
					got := statusOf(t, attacker, proxy, key(1000+n), "X-Forwarded-For", fmt.Sprintf("198.51.100.%d", n%256))
					if got != 401 && got != 429 {
						t.Errorf("a wrong key gets %d", got)
					}
					if n == 40 {
						close(flooded)
					}
				}
			})
			<-flooded
			for n := range 20 {
				token := id.token(map[string]any{"sub": fmt.Sprint("user", n)})
				for _, credential := range []string{key(n), token, token} {
					if got := statusOf(t, office, proxy, credential); got != 200 {
						t.Errorf("good credential %d gets %d", n, got)
					}
				}
			}
			for way := range ways {
				if got := statusBy(t, way, office, proxy, id.token(map[string]any{"sub": "by " + way})); got != 200 {
					t.Errorf("a good token by %s gets %d", way, got)
				}
				if got := wrong(way, attacker); got != 429 {
					t.Errorf("a wrong key by %s gets %d", way, got)
				}
			}
			if got := say(t, proxy, `{"authorization":"Bearer `+key(0)+`"}`); !strings.Contains(got, "connection_ack") {
				t.Errorf("a good key over a socket: %s", got)
			}
			close(stop)
			flood.Wait()
			if got := wrong("POST", attacker); got != 429 {
				t.Errorf("who flooded gets %d", got)
			}
			if got := statusOf(t, attacker, proxy, key(1)); got != 200 {
				t.Errorf("who flooded gets %d with a good key", got)
			}
			if got := wrong("POST", office); got != tt.office {
				t.Errorf("a wrong key of somebody else's gets %d, want %d", got, tt.office)
			}
			if got := statusOf(t, from(t, officeAddress), s.address, key(997), "X-Forwarded-For", attackerAddress); got != 401 {
				t.Errorf("who says to be another, without a proxy, gets %d", got)
			}
			if told := s.stderr.String(); strings.Count(told, "answered by 429") != 1 || !strings.Contains(told, "from="+tt.told+" by=address") || strings.Contains(told, key(1001)) {
				t.Errorf("the log says\n%s", told)
			}
		})
	}
}

// TestFloodOfKeyNames: made-up tokens that name unknown keys of the issuer do not keep good tokens out.
func TestFloodOfKeyNames(t *testing.T) {
	t.Parallel()
	id := newAuthority(t)
	s := startWatched(t, nil, "--addr", "127.0.0.1:0", "--config", configured(t, "oidc: {issuer: "+id.url+", audience: zoomgraph}"))
	waitUntil(t, s, "/readyz?verbose", "oidc issuer: ok")
	c := from(t, attackerAddress)
	good := id.token(nil)
	parts := strings.Split(good, ".")
	counts := map[int]int{}
	for n := range 60 {
		header := fmt.Sprintf(`{"alg":"RS256","kid":"made-up-%d","typ":"at+jwt"}`, n)
		counts[statusOf(t, c, s.address, base64.RawURLEncoding.EncodeToString([]byte(header))+"."+parts[1]+"."+parts[2])]++
	}
	if counts[401] == 0 || counts[401]+counts[503] > 25 || counts[429] < 35 {
		t.Errorf("made-up tokens are answered %v", counts)
	}
	if got := statusOf(t, c, s.address, good); got != 200 {
		t.Errorf("a good token gets %d", got)
	}
}
