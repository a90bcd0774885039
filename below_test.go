package main

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"testing"

	"github.com/coder/websocket"
)

// proxied starts the service behind a proxy, below a path that the proxy takes away or leaves. It returns the public
// address.
func proxied(t *testing.T, strip bool, args ...string) string {
	t.Helper()
	const below = "/tools/zoomgraph"
	var to *url.URL
	proxy := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		if strip {
			r.Out.URL.Path = strings.TrimPrefix(r.In.URL.Path, below)
		}
		r.SetURL(to)
		r.Out.Host = r.In.Host
	}})
	t.Cleanup(proxy.Close)
	s := start(t, nil, append([]string{"--addr", "127.0.0.1:0", "--public-url", proxy.URL + below}, args...)...)
	to, _ = url.Parse(s.address) // the service printed it
	return proxy.URL + below
}

// fetched is the head of an answer.
type fetched struct {
	status  int
	header  http.Header
	cookies []*http.Cookie
}

// fetch sends a request with these headers, and follows nothing.
func fetch(t *testing.T, method, address, body string, headers ...string) (fetched, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return fetched{res.StatusCode, res.Header, res.Cookies()}, string(text)
}

// Below a path everything is there that is there at the root.
func TestBelowAPath(t *testing.T) {
	t.Parallel()
	for name, strip := range map[string]bool{"stripped": true, "kept": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			public := proxied(t, strip)
			origin, _, _ := strings.Cut(public, "/tools")
			for path, want := range map[string]string{
				"/": "<title>zoomgraph", "/graphiql": "zoomgraph", "/console.json": `"sandbox":true`, "/livez": "ok", "/schema.graphqls": "type Query", "/docs/": "<h1>Reference</h1>", "/docs/roles.html": "Role.members",
			} {
				if res, body := fetch(t, http.MethodGet, public+path, ""); res.status != http.StatusOK || !strings.Contains(body, want) && res.header.Get("Content-Encoding") == "" {
					t.Errorf("%s: %d %.200s", path, res.status, body)
				}
			}
			if _, page := fetch(t, http.MethodGet, public+"/", "", "Accept-Encoding", "identity"); strings.Contains(page, `="/`) {
				t.Errorf("the page names an address at the root:\n%s", page)
			}
			if !strip {
				res, _ := fetch(t, http.MethodGet, public+"?a=b", "")
				if to := res.header.Get("Location"); res.status != http.StatusPermanentRedirect || to != "/tools/zoomgraph/?a=b" {
					t.Errorf("%d to %q", res.status, to)
				}
			}
			res, body := fetch(t, http.MethodPost, public+"/graphql", `{"query":"{ __typename }"}`, "Content-Type", "application/json", "Origin", origin)
			if res.status != http.StatusOK || !strings.Contains(body, `"Query"`) {
				t.Errorf("%d %s", res.status, body)
			}
			res, body = fetch(t, http.MethodPost, public+"/graphql", `{"query":"{ __typename }"}`, "Content-Type", "application/json", "Accept", "text/event-stream", "Origin", origin)
			if !strings.Contains(res.header.Get("Content-Type"), "event-stream") || !strings.Contains(body, `"Query"`) {
				t.Errorf("%d %s", res.status, body)
			}
			conn, _, err := websocket.Dial(t.Context(), public+"/graphql", &websocket.DialOptions{ //nolint:bodyclose // the connection's
				Subprotocols: []string{"graphql-transport-ws"}, HTTPHeader: http.Header{"Origin": {origin}},
			})
			if err != nil {
				t.Fatal(err)
			}
			_ = conn.CloseNow()
		})
	}
}

// Who signs in below a path comes back below it, with a cookie that goes there only.
func TestSignInBelowAPath(t *testing.T) {
	t.Parallel()
	for name, strip := range map[string]bool{"stripped": true, "kept": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			public := proxied(t, strip, "--sign-in-client-id", "demo", "--sign-in-client-secret", "demo-secret")
			for given, want := range map[string]string{"/?a=b": "/?a=b", "/tools/zoomgraph/graphiql": "/graphiql", "": "/"} {
				res, body := fetch(t, http.MethodGet, public+"/sign-in?return="+url.QueryEscape(given), "")
				at, err := url.Parse(res.header.Get("Location"))
				if err != nil || at.Query().Get("redirect_uri") != public+"/sign-in/callback" {
					t.Fatalf("%v, sent to %s: %s", err, at, body)
				}
				_, page := fetch(t, http.MethodGet, at.String(), "")
				_, person, _ := strings.Cut(page, `href="`)
				person, _, _ = strings.Cut(person, `"`)
				link, err := at.Parse(strings.ReplaceAll(person, "&amp;", "&"))
				if err != nil {
					t.Fatal(err)
				}
				back, _ := fetch(t, http.MethodGet, link.String(), "")
				journey := res.cookies[0]
				res, body = fetch(t, http.MethodGet, back.header.Get("Location"), "", "Cookie", journey.Name+"="+journey.Value)
				if to := res.header.Get("Location"); to != public+want {
					t.Errorf("%q: back at %s, want %s: %s", given, to, public+want, body)
				}
				for _, c := range append(res.cookies, journey) {
					if c.Path != "/tools/zoomgraph" || !strings.HasPrefix(c.Name, "__Secure-zoomgraph") || !c.Secure || !c.HttpOnly {
						t.Errorf("the cookie goes elsewhere: %s", c)
					}
				}
			}
		})
	}
}
