package edge

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
)

// request sends one as an event stream's client does.
func (s *stage) request(method, query string, headers ...string) reply {
	s.t.Helper()
	return s.requestWith(s.t.Context(), method, query, headers...)
}

func (s *stage) requestWith(ctx context.Context, method, query string, headers ...string) reply {
	s.t.Helper()
	target, body := s.url, ""
	if method == http.MethodGet {
		target += "?query=" + url.QueryEscape(query)
	} else {
		body = `{"query":"` + query + `"}`
	}
	req, err := http.NewRequestWithContext(ctx, method, target, strings.NewReader(body))
	if err != nil {
		s.t.Fatal(err)
	}
	req.Header.Set("Accept", eventStream)
	req.Header.Set("Content-Type", "application/json")
	for _, header := range headers {
		name, value, _ := strings.Cut(header, ": ")
		req.Header.Set(name, value)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	resp, err := client.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = resp.Body.Close() })
	return reply{status: resp.StatusCode, header: resp.Header, body: resp.Body}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	s := perform(t, nil, nil)
	hasty := perform(t, func(o *Options, _ *liveLimits) { o.RequestTimeout = 20 * time.Millisecond }, nil)
	const complete = "event: complete\ndata:\n\n"
	next := func(text string) string { return "event: next\ndata: " + text + "\n\n" }
	for _, tt := range []struct {
		name, method, query string
		want                string // part of it, where it is not the whole
	}{
		{"query", "POST", "{ hello }", next(`{"data":{"hello":"hello"}}`) + complete},
		{"query by GET", "GET", "{ hello }", next(`{"data":{"hello":"hello"}}`) + complete},
		{"mutation", "POST", "mutation { set }", next(`{"data":{"set":"set"}}`) + complete},
		{"subscription", "POST", "subscription { count(to: 2) }", next(`{"data":{"count":1}}`) + next(`{"data":{"count":2}}`) + complete},
		{"subscription by GET", "GET", "subscription { count(to: 1) }", next(`{"data":{"count":1}}`) + complete},
		{"line breaks in JSON", "POST", "{ spaced }", next(`{"data":{"spaced":  "so"}}`) + complete},
		{"a document at fault", "POST", "{ nothing }", `"code":"GRAPHQL_VALIDATION_FAILED"`},
		{"no document", "GET", "{", `"code":"GRAPHQL_PARSE_FAILED"`},
		{"a subscription that does not begin", "POST", "subscription { refused }", next(`{"errors":[{"message":"not so"}]}`) + complete},
		{"a subscription that ends badly", "POST", "subscription { slow }", next(`{"data":{"slow":1}}`) + next(`{"errors":[{"message":"too slow"}]}`) + complete},
		{"out of time", "POST", "{ wait }", `"code":"UPSTREAM_TIMEOUT"`},
		{"a panic", "POST", "{ boom }", `"code":"INTERNAL"`},
		{"an answer that cannot be written", "POST", "{ nan }", `"code":"INTERNAL"`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			on := s
			if tt.query == "{ wait }" {
				on = hasty
			}
			resp := on.with(t).request(tt.method, tt.query)
			text, err := io.ReadAll(resp.body)
			if err != nil {
				t.Fatal(err)
			}
			got, opened := strings.CutPrefix(string(text), ":\n\n")
			if resp.status != http.StatusOK || !opened || !strings.Contains(got, tt.want) || !strings.HasSuffix(got, complete) || strings.Contains(got, "canary") {
				t.Errorf("%d: %q, want %q", resp.status, got, tt.want)
			}
			if strings.HasPrefix(tt.want, "event") && got != tt.want {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			for header, want := range map[string]string{
				"Content-Type": "text/event-stream; charset=utf-8", "Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no", "Content-Encoding": "",
			} {
				if got := resp.header.Get(header); got != want {
					t.Errorf("%s: %q, want %q", header, got, want)
				}
			}
		})
	}
}

// What is no GraphQL request is answered as it is elsewhere.
func TestEventsRefused(t *testing.T) {
	t.Parallel()
	s := perform(t, nil, byName)
	for _, tt := range []struct {
		name, method, query, header string
		status                      int
	}{
		{"not JSON", "POST", `"`, "", 400},
		{"text", "POST", "{ hello }", "Content-Type: text/plain", 415},
		{"a mutation by GET", "GET", "mutation { set }", "", 405},
		{"another method", "PUT", "{ hello }", "", 405},
		{"nobody", "POST", "{ hello }", "Authorization: nobody", 403},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			header := tt.header
			if header == "" {
				header = "X: y"
			}
			resp := s.with(t).request(tt.method, tt.query, header)
			text, err := io.ReadAll(resp.body)
			if err != nil || resp.status != tt.status || !strings.HasPrefix(resp.header.Get("Content-Type"), "application/json") || strings.Contains(string(text), "canary") {
				t.Errorf("%d %s, %v, want %d", resp.status, text, err, tt.status)
			}
		})
	}
}

func TestEventsOfCallers(t *testing.T) {
	t.Parallel()
	s := perform(t, func(_ *Options, l *liveLimits) { l.connections, l.perCaller = 3, 1 }, byName)
	ctx, leave := context.WithCancel(t.Context())
	defer leave()
	s.requestWith(ctx, "POST", "subscription { ticks }", "Authorization: ann")
	if resp := s.request("POST", "{ hello }", "Authorization: ann"); resp.status != http.StatusServiceUnavailable || resp.header.Get("Retry-After") == "" {
		t.Errorf("the second of one caller: %d", resp.status)
	}
	s.request("POST", "subscription { ticks }", "Authorization: bob")
	s.wantOpen(2)
	s.open() // sockets and streams count together
	if resp := s.request("POST", "{ hello }"); resp.status != http.StatusServiceUnavailable {
		t.Errorf("one too many: %d", resp.status)
	}
	leave()
	s.wantEnded("ticks")
	s.wantOpen(2)
	if resp := s.request("POST", "{ hello }", "Authorization: ann"); resp.status != http.StatusOK {
		t.Errorf("again: %d", resp.status)
	}
}

// A stream lives longer than the server lets a request take, and says from time to time that it does.
func TestEventsStayOpen(t *testing.T) {
	t.Parallel()
	s := perform(t, func(_ *Options, l *liveLimits) { l.keepAlive = 50 * time.Millisecond }, nil)
	server := httptest.NewUnstartedServer(s.handler)
	server.Config.ReadTimeout = soon
	server.Start()
	t.Cleanup(server.CloseClientConnections) // before it is waited for
	s.url = server.URL
	start := time.Now()
	resp := s.request("POST", "subscription { ticks }")
	lines := bufio.NewScanner(resp.body)
	for comments := 0; comments < 6 || time.Since(start) < 2*soon; {
		if !lines.Scan() {
			t.Fatal(lines.Err())
		}
		if lines.Text() == ":" {
			comments++
		}
	}
	go func() { s.ticks <- 7 }()
	for lines.Scan() {
		if lines.Text() == `data: {"data":{"ticks":7}}` {
			return
		}
	}
	t.Error(lines.Err())
}

func TestEventsOfDeadClients(t *testing.T) {
	t.Parallel()
	s := perform(t, func(_ *Options, l *liveLimits) { l.write = soon }, nil)
	s.request("POST", "subscription { flood }") // and nobody reads
	s.wantEnded("flood")
	s.wantOpen(0)
}

func TestDrainEvents(t *testing.T) {
	t.Parallel()
	s := perform(t, nil, nil)
	resp := s.request("POST", "subscription { never }")
	s.wantOpen(1)
	s.live.drain(t.Context())
	s.wantEnded("never")
	if text, err := io.ReadAll(resp.body); err != nil || strings.Contains(string(text), "complete") {
		t.Errorf("%q, %v: who lost the connection shall connect again", text, err)
	}
}

func TestWantsEvents(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]bool{
		"":                                          false,
		"*/*":                                       false,
		"text/event-stream":                         true,
		"text/event-stream; charset=utf-8":          true,
		"TEXT/Event-Stream, */*":                    true,
		"text/event-stream;q=0":                     false,
		"text/event-stream, multipart/mixed":        true,
		"text/event-stream, application/json":       true,
		"application/json, text/event-stream":       false,
		"application/json;q=0.5, text/event-stream": true,
		"application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed": false,
		"text/event-stream;q=0.5, application/json;q=0.1, application/graphql-response+json;q=0.9":                          false,
		"nonsense;;=, text/event-stream": true,
	} {
		if got := wantsEvents(strings.Split(accept, ",")); got != want {
			t.Errorf("%q: %v", accept, got)
		}
	}
}
