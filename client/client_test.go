package client

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

var (
	opSettings = &Op{ID: "userSettings", Method: "GET", Path: "/users/{userId}/settings", Label: Medium}
	opUpdate   = &Op{ID: "userSettingsUpdate", Method: "PATCH", Path: "/users/{userId}/settings", Label: Medium}
	opDelete   = &Op{ID: "userDelete", Method: "DELETE", Path: "/users/{userId}"}
	opUsers    = &Op{ID: "users", Method: "GET", Path: "/users", Label: Medium}
)

// tokens is a source that has a new token after each drop.
type tokens struct {
	mu    sync.Mutex
	drops []string
}

func (s *tokens) Token(context.Context) (Token, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return Token{Value: fmt.Sprintf("token-%d", len(s.drops)+1)}, nil
}

func (s *tokens) Drop(tok Token) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.drops = append(s.drops, tok.Value)
}

// dial serves h and gives a client for it; change adjusts its configuration.
func dial(t testing.TB, h http.HandlerFunc, change ...func(*Config)) *Client {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	cfg := Config{APIURL: srv.URL + "/v2", Tokens: &tokens{}}
	for _, f := range change {
		f(&cfg)
	}
	c, err := New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.freshConnections)
	return c
}

// answer is a handler that gives the same answer to everybody.
func answer(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		for i := 0; i < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

// roundTrip is a transport without a network, for tests on a fake clock.
type roundTrip func(*http.Request) (*http.Response, error)

func (f roundTrip) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

func reply(status int, body string) *http.Response {
	return &http.Response{
		StatusCode: status, Header: http.Header{"Content-Type": {"application/json"}},
		Body: io.NopCloser(strings.NewReader(body)), ContentLength: int64(len(body)),
	}
}

func settingsOf(user string) Request { return Request{Op: opSettings, Path: []string{user}} }

// updateOf is a write, which is not tried again whatever comes of it.
func updateOf(user string) Request { return Request{Op: opUpdate, Path: []string{user}} }

func asError(t *testing.T, err error) *Error {
	t.Helper()
	var e *Error
	if !errors.As(err, &e) {
		t.Fatalf("error is %v (%T), want an *Error", err, err)
	}
	return e
}

func TestDoSendsAndReceives(t *testing.T) {
	t.Parallel()
	const body = `{"schedule_meeting":{"host_video":true}}`
	c := dial(t, func(w http.ResponseWriter, r *http.Request) {
		if got, want := r.RequestURI, "/v2/users/ann@example.com/settings?custom_query_fields=host_video,waiting_room"; got != want {
			t.Errorf("URI %s, want %s", got, want)
		}
		if r.Method != http.MethodGet || r.ContentLength != 0 || len(r.TransferEncoding) != 0 || r.Header.Get("Content-Type") != "" {
			t.Errorf("a GET carries a body: %v %v", r.ContentLength, r.TransferEncoding)
		}
		if got := r.Header.Get("Authorization"); got != "Bearer token-1" {
			t.Errorf("Authorization %q", got)
		}
		w.Header().Set("X-Zm-Trackingid", "WEB_1")
		w.Header().Set("X-RateLimit-Limit", "60")
		_, _ = io.WriteString(w, body)
	})
	req := settingsOf("ann@example.com")
	req.Query = url.Values{"custom_query_fields": {"host_video,waiting_room"}}
	res, err := c.Do(t.Context(), req)
	if err != nil {
		t.Fatal(err)
	}
	if string(res.Body) != body || res.Status != 200 || res.Bytes != len(body) || res.Attempts != 1 ||
		res.TrackingID != "WEB_1" || res.Took <= 0 || res.Header.Get("X-RateLimit-Limit") != "60" {
		t.Errorf("response %+v", res)
	}
}

func TestDoWrites(t *testing.T) {
	t.Parallel()
	c := dial(t, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Method == http.MethodPatch && (string(body) != `{"feature":{"webinar":null}}` || r.Header.Get("Content-Type") != "application/json" || r.ContentLength != int64(len(body))) {
			t.Errorf("PATCH sent %q as %s", body, r.Header.Get("Content-Type"))
		}
		if r.Method == http.MethodDelete && (len(body) != 0 || r.Header.Get("Content-Type") != "") {
			t.Errorf("DELETE sent %q", body)
		}
		w.WriteHeader(http.StatusNoContent)
	})
	for _, req := range []Request{
		{Op: opUpdate, Path: []string{"u"}, Body: json.RawMessage(`{"feature": {"webinar": null}}`)},
		{Op: opUpdate, Path: []string{"u"}, Body: map[string]any{"feature": map[string]any{"webinar": nil}}},
		{Op: opDelete, Path: []string{"u"}},
	} {
		res, err := c.Do(t.Context(), req)
		if err != nil || res.Body != nil || res.Status != 204 {
			t.Errorf("%s: %+v, %v", req.Op, res, err)
		}
	}
}

func TestDoRefusesMistakes(t *testing.T) {
	t.Parallel()
	c := dial(t, func(http.ResponseWriter, *http.Request) { t.Error("a call was made") })
	for name, req := range map[string]Request{
		"too few values":  {Op: opSettings},
		"too many values": {Op: opSettings, Path: []string{"a", "b"}},
		"body of a GET":   {Op: opSettings, Path: []string{"a"}, Body: 1},
		"body no JSON":    {Op: opUpdate, Path: []string{"a"}, Body: make(chan int)},
		"body bad JSON":   {Op: opUpdate, Path: []string{"a"}, Body: json.RawMessage(`{`)},
		"bad method":      {Op: &Op{Method: "G T", Path: "/users"}},
	} {
		if res, err := c.Do(t.Context(), req); !errors.Is(err, ErrInternal) || res != nil {
			t.Errorf("%s: %v, %v", name, res, err)
		}
	}
}

func TestRedirectsAreNotFollowed(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	c := dial(t, func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		http.Redirect(w, r, "/v2/elsewhere", http.StatusFound)
	})
	res, err := c.Do(t.Context(), settingsOf("u"))
	if !errors.Is(err, ErrUpstreamInvalidResponse) || res.Status != 302 || calls.Load() != 1 {
		t.Errorf("%+v, %v, %d calls", res, err, calls.Load())
	}
}

func TestRefusedTokenIsReplacedOnce(t *testing.T) {
	t.Parallel()
	expired := `{"code":124,"message":"Access token is expired."}`
	for name, tc := range map[string]struct {
		status  int
		body    string
		refused int32 // how many attempts are refused
		op      *Op
		want    error
		drops   int
	}{
		"401":          {401, `{}`, 1, opSettings, nil, 1},
		"code 124":     {400, expired, 1, opSettings, nil, 1},
		"200 with 124": {200, expired, 1, opSettings, nil, 1},
		"a write":      {401, expired, 1, opUpdate, nil, 1},
		"always":       {401, expired, 9, opSettings, ErrUpstreamAuthFailed, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var calls atomic.Int32
			source := &tokens{}
			c := dial(t, func(w http.ResponseWriter, r *http.Request) {
				n := calls.Add(1)
				if got := r.Header.Get("Authorization"); got != fmt.Sprintf("Bearer token-%d", n) {
					t.Errorf("attempt %d with %s", n, got)
				}
				if body, _ := io.ReadAll(r.Body); tc.op == opUpdate && string(body) != `{"a":1}` {
					t.Errorf("attempt %d sent %q", n, body)
				}
				if n <= tc.refused {
					answer(tc.status, tc.body)(w, r)
					return
				}
				_, _ = io.WriteString(w, `{}`)
			}, func(cfg *Config) { cfg.Tokens = source })
			req := Request{Op: tc.op, Path: []string{"u"}}
			if tc.op == opUpdate {
				req.Body = json.RawMessage(`{"a":1}`)
			}
			res, err := c.Do(t.Context(), req)
			if !errors.Is(err, tc.want) || calls.Load() != 2 || res.Attempts != 2 || len(source.drops) != tc.drops || source.drops[0] != "token-1" {
				t.Errorf("%+v, %v, %d calls, dropped %v", res, err, calls.Load(), source.drops)
			}
		})
	}
}

func TestStaticTokenIsNotSentAgain(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	c := dial(t, func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		answer(401, `{"code":124,"message":"Invalid access token."}`)(w, r)
	}, func(cfg *Config) { cfg.Tokens = StaticToken("mine") })
	if _, err := c.Do(t.Context(), settingsOf("me")); !errors.Is(err, ErrUpstreamAuthFailed) || calls.Load() != 1 {
		t.Errorf("%v, %d calls", err, calls.Load())
	}
}

func TestUnusableTokens(t *testing.T) {
	t.Parallel()
	for _, value := range []string{"", "a b", "a\r\nX-Evil: 1", "ä"} {
		c := dial(t, func(http.ResponseWriter, *http.Request) { t.Error("a call was made") },
			func(cfg *Config) { cfg.Tokens = StaticToken(value) })
		if res, err := c.Do(t.Context(), settingsOf("me")); !errors.Is(err, ErrUnauthenticated) || res != nil {
			t.Errorf("%q: %v, %v", value, res, err)
		}
	}
}

// broken is a source that has no token.
type broken struct{ err error }

func (s broken) Token(context.Context) (Token, error) { return Token{}, s.err }
func (s broken) Drop(Token)                           {}

func TestSourceWithoutTokens(t *testing.T) {
	t.Parallel()
	gone, leave := context.WithCancel(t.Context())
	leave()
	own := errors.New("the store is down")
	for _, tc := range []struct {
		ctx  context.Context
		err  error
		want error
	}{
		{t.Context(), own, ErrUpstreamAuthFailed},
		{t.Context(), &Error{Code: CodeUnauthenticated}, ErrUnauthenticated},
		{gone, context.Canceled, ErrUpstreamTimeout},
	} {
		c := dial(t, func(http.ResponseWriter, *http.Request) { t.Error("a call was made") },
			func(cfg *Config) { cfg.Tokens = broken{tc.err} })
		res, err := c.Do(tc.ctx, settingsOf("u"))
		if !errors.Is(err, tc.want) || !errors.Is(err, tc.err) || res != nil || asError(t, err).Op != opSettings {
			t.Errorf("%v: %v, %v", tc.err, res, err)
		}
	}
}

func TestCheckSendsNothing(t *testing.T) {
	t.Parallel()
	c := dial(t, func(http.ResponseWriter, *http.Request) { t.Error("a call was made") })
	if err := c.Check(settingsOf("..")); !errors.Is(err, ErrBadUserInput) {
		t.Errorf("a bad value: %v", err)
	}
	if err := c.Check(settingsOf("u")); err != nil {
		t.Errorf("a good value: %v", err)
	}
}

func TestContextEnds(t *testing.T) {
	t.Parallel()
	own := errors.New("the reader left")
	for name, tc := range map[string]struct {
		cause error // why the caller leaves; nil: no reason given
		stays bool  // until its deadline
		begun bool  // the answer has begun by then
		want  error
	}{
		"cancelled":        {want: context.Canceled},
		"with a cause":     {cause: own, want: context.Canceled},
		"while reading":    {begun: true, want: context.Canceled},
		"deadline reached": {stays: true, want: context.DeadlineExceeded},
		"reading too long": {stays: true, begun: true, want: context.DeadlineExceeded},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, cancel := context.WithCancelCause(t.Context())
			defer cancel(nil)
			if tc.stays {
				var stop func()
				ctx, stop = context.WithTimeout(ctx, 2*time.Second) // by then the call has surely left
				defer stop()
			}
			c := dial(t, func(w http.ResponseWriter, r *http.Request) {
				if tc.begun {
					_, _ = io.WriteString(w, `{"a":`)
					_ = http.NewResponseController(w).Flush()
				}
				if !tc.stays {
					cancel(tc.cause)
				}
				<-r.Context().Done()
			})
			res, err := c.Do(ctx, settingsOf("u"))
			if !errors.Is(err, ErrUpstreamTimeout) || !errors.Is(err, tc.want) || res == nil || res.Attempts != 1 {
				t.Errorf("%+v, %v", res, err)
			}
		})
	}
}

func TestInFlightCap(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		running, most := 0, 0
		var mu sync.Mutex
		c, err := New(Config{MaxInFlight: 2, Tokens: &tokens{}, Transport: roundTrip(func(*http.Request) (*http.Response, error) {
			mu.Lock()
			running++
			most = max(most, running)
			mu.Unlock()
			time.Sleep(time.Second)
			mu.Lock()
			running--
			mu.Unlock()
			return reply(200, `{}`), nil
		})})
		if err != nil {
			t.Fatal(err)
		}
		var wg sync.WaitGroup
		var waited [5]time.Duration
		for i := range waited {
			wg.Go(func() {
				res, err := c.Do(t.Context(), settingsOf("u"))
				if err != nil || res.Took != time.Second {
					t.Errorf("%+v, %v", res, err)
					return
				}
				waited[i] = res.Waited
			})
		}
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		if res, err := c.Do(ctx, settingsOf("u")); !errors.Is(err, ErrUpstreamTimeout) || res != nil {
			t.Errorf("a call without a place: %+v, %v", res, err)
		}
		wg.Wait()
		total := time.Duration(0)
		for _, w := range waited {
			total += w
		}
		if most != 2 || total != 4*time.Second { // 0+0+1+1+2
			t.Errorf("%d at once, waited %v", most, waited)
		}
	})
}

func TestRegionalHost(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ configured, told, want string }{
		{"https://api.zoom.us/v2", "https://api-us.zoom.us", "https://api-us.zoom.us/v2/users"},
		{"https://api.zoom.us/v2", "https://API-EU.zoom.us/v2", "https://api-eu.zoom.us/v2/users"},
		{"https://api.zoom.us/v2", "", "https://api.zoom.us/v2/users"},
		{"https://api.zoom.us/v2", "http://api-us.zoom.us", "https://api.zoom.us/v2/users"},
		{"https://api.zoom.us/v2", "https://api.zoom.us.evil.example", "https://api.zoom.us/v2/users"},
		{"https://api.zoom.us/v2", "https://evilzoom.us", "https://api.zoom.us/v2/users"},
		{"https://api.zoom.us/v2", "https://evil.example#.zoom.us", "https://api.zoom.us/v2/users"},
		{"https://api.zoom.us/v2", "https://x@api-us.zoom.us", "https://api.zoom.us/v2/users"},
		{"https://api.zoom.us/v2", "https://api.zoom.us:8443", "https://api.zoom.us/v2/users"},
		{"https://api.zoomgov.com/v2", "https://api-us.zoomgov.com", "https://api-us.zoomgov.com/v2/users"},
		{"https://api.zoomgov.com/v2", "https://api-us.zoom.us", "https://api.zoomgov.com/v2/users"},
		{"https://api.zoom.us/v2", "https://api.zoomgov.com", "https://api.zoom.us/v2/users"},
		{"https://zoom.example/v2", "https://api-us.zoom.us", "https://zoom.example/v2/users"},
		{"http://api.zoom.us/v2", "https://api-us.zoom.us", "http://api.zoom.us/v2/users"},
	} {
		got := ""
		c, err := New(Config{
			APIURL: tc.configured, Tokens: regional(tc.told),
			Transport: roundTrip(func(r *http.Request) (*http.Response, error) {
				got = r.URL.String()
				return reply(200, `{}`), nil
			}),
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Do(t.Context(), Request{Op: opUsers}); err != nil || got != tc.want {
			t.Errorf("%s told %s: %s, %v, want %s", tc.configured, tc.told, got, err, tc.want)
		}
	}
}

// regional is a source whose token names that base.
type regional string

func (s regional) Token(context.Context) (Token, error) {
	return Token{Value: "t", APIURL: string(s)}, nil
}
func (s regional) Drop(Token) {}

func TestNewChecksItsConfiguration(t *testing.T) {
	t.Parallel()
	source := StaticToken("t")
	for want, cfg := range map[string]Config{
		"AccountID, ClientID":         {ClientSecret: "shh"},
		"APIURL must begin":           {APIURL: "ftp://zoom", Tokens: source},
		"APIURL must be a host":       {APIURL: "https://u:p@zoom.us", Tokens: source},
		"APIURL is not a URL":         {APIURL: "https://[", Tokens: source},
		"OAuthURL must begin":         {OAuthURL: "zoom.us/oauth"},
		"MaxInFlight must not be neg": {MaxInFlight: -1, Tokens: source},
	} {
		if _, err := New(cfg); err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "shh") {
			t.Errorf("error %v, want %s", err, want)
		}
	}
}

// BenchmarkNetHTTP is what the same call costs with http.Client alone.

// A query that is sealed late is asked for once, when the call leaves, and stays what it is when the call is repeated.
func TestSeal(t *testing.T) {
	t.Parallel()
	synctest.Test(t, testSeal)
}

func testSeal(t *testing.T) {
	asked, sent := 0, []string{}
	transport := roundTrip(func(r *http.Request) (*http.Response, error) {
		if sent = append(sent, r.URL.RawQuery); len(sent) == 1 {
			return nil, io.ErrUnexpectedEOF
		}
		return reply(200, `{}`), nil
	})
	c, err := New(Config{Tokens: &tokens{}, Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	req := Request{Op: opSettings, Path: []string{"abc"}, Query: url.Values{"a": {"1"}}, Seal: func() (url.Values, bool) {
		asked++
		return url.Values{"custom_query_fields": {"b,c"}}, true
	}}
	if _, err := c.Do(t.Context(), req); err != nil {
		t.Fatal(err)
	}
	if want := []string{"custom_query_fields=b,c", "custom_query_fields=b,c"}; asked != 1 || !slices.Equal(sent, want) {
		t.Errorf("asked %d times, sent %q", asked, sent)
	}
}
