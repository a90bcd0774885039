package client

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// flaky serves, until killing is set, and then closes each connection as soon as
// it has read a request from it, as often as deaths says.
type flaky struct {
	killing atomic.Bool
	deaths  atomic.Int32
	reached atomic.Int32 // requests that came while killing
	pooled  sync.Map     // addresses of the connections made before that
	restart bool         // only those are closed
	full    sync.WaitGroup
}

func (f *flaky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if !f.killing.Load() {
		f.pooled.Store(r.RemoteAddr, true)
		f.full.Done()
		f.full.Wait() // all at once, so that each has a connection of its own
		_, _ = io.WriteString(w, `{}`)
		return
	}
	_, _ = io.ReadAll(r.Body)
	f.reached.Add(1)
	_, old := f.pooled.Load(r.RemoteAddr)
	if f.deaths.Add(-1) < 0 || f.restart && !old {
		_, _ = io.WriteString(w, `{}`)
		return
	}
	conn, _, err := w.(http.Hijacker).Hijack()
	if err == nil {
		_ = conn.Close()
	}
}

// fill gives the client's pool that many connections.
func (f *flaky) fill(t *testing.T, c *Client, pool int) {
	t.Helper()
	f.full.Add(pool)
	var wg sync.WaitGroup
	for range pool {
		wg.Go(func() {
			if _, err := c.Do(t.Context(), settingsOf("u")); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// A Zoom that was started anew has forgotten all connections: that costs each of
// many calls at once one try, neither the limit on repetitions nor the breaker
// has a say in it.
func TestManyDeadConnections(t *testing.T) {
	t.Parallel()
	const pool = 2 * fuse
	server := &flaky{restart: true}
	server.deaths.Store(100)
	c := dial(t, server.ServeHTTP)
	server.fill(t, c, pool)
	c.circuits[Medium].repeats.credit = 0
	server.killing.Store(true)
	var wg sync.WaitGroup
	for range pool {
		wg.Go(func() {
			if res, err := c.Do(t.Context(), settingsOf("u")); err != nil || res.Attempts > 2 {
				t.Errorf("%+v, %v", res, err)
			}
		})
	}
	wg.Wait()
}

// A connection made for its call that ends without an answer is Zoom's fault.
func TestNewConnectionsThatDie(t *testing.T) {
	t.Parallel()
	server := new(flaky)
	server.killing.Store(true)
	server.deaths.Store(100)
	c := dial(t, server.ServeHTTP)
	for i := range fuse + 1 {
		if res, err := c.Do(t.Context(), updateOf("u")); (res == nil) != (i == fuse) || !errors.Is(err, ErrUpstreamUnavailable) {
			t.Errorf("call %d: %+v, %v", i, res, err)
		}
	}
}

// Over any stretch of calls repetitions are a fifth of them, and what was saved
// up or in hand.
func TestRepeats(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct{ before, calls, spent int }{
		{0, 0, inHand},
		{0, 4, inHand},
		{0, 5, inHand + 1},
		{0, 1000, inHand + 200},
		{35, 0, saveable},
		{1_000_000, 0, saveable},
		{1_000_000, 100, saveable + 20},
	} {
		r := repeats{credit: inHand * earned}
		for range tc.before {
			r.earn()
		}
		spent := 0
		for left := tc.calls; left >= 0; left-- {
			for r.spend() {
				spent++
			}
			r.earn()
		}
		if spent != tc.spent {
			t.Errorf("%+v: %d", tc, spent)
		}
	}
}

func TestDeadConnections(t *testing.T) {
	t.Parallel()
	const pool = 16
	write := Request{Op: opUpdate, Path: []string{"u"}, Body: 1}
	file := func() Request {
		return picture(&File{Field: "file", Name: "a", Content: strings.NewReader("canary"), Size: 6})
	}
	for name, tc := range map[string]struct {
		req     Request
		deaths  int32
		restart bool
		reached int32
		want    error
	}{
		"read, all dead":    {settingsOf("u"), 100, false, 3, ErrUpstreamUnavailable},
		"read, one dead":    {settingsOf("u"), 1, false, 2, nil},
		"read, restarted":   {settingsOf("u"), 100, true, 2, nil},
		"write":             {write, 100, false, 1, ErrUpstreamUnavailable},
		"write, one dead":   {write, 1, false, 1, ErrUpstreamUnavailable},
		"file":              {file(), 100, false, 1, ErrUpstreamUnavailable},
		"file, one dead":    {file(), 1, false, 1, ErrUpstreamUnavailable},
		"file, all healthy": {file(), 0, false, 1, nil},
		"delete":            {Request{Op: opDelete, Path: []string{"u"}}, 100, false, 1, ErrUpstreamUnavailable},
		"read, all healthy": {settingsOf("u"), 0, false, 1, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			server := &flaky{restart: tc.restart}
			server.deaths.Store(tc.deaths)
			c := dial(t, server.ServeHTTP)
			server.fill(t, c, pool)
			server.killing.Store(true)
			res, err := c.Do(t.Context(), tc.req)
			if !errors.Is(err, tc.want) || server.reached.Load() != tc.reached || res.Attempts != int(tc.reached) {
				t.Errorf("%+v, %v, %d reached the server, want %d", res, err, server.reached.Load(), tc.reached)
			}
		})
	}
}

// A GET arrives without a body, and over HTTP/1.1 also where the server offers more.
func TestGetHasNoBody(t *testing.T) {
	t.Parallel()
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if body, err := io.ReadAll(r.Body); r.ProtoMajor != 1 || len(body) != 0 || err != nil || len(r.TransferEncoding) != 0 || r.Header.Get("Content-Length") != "" {
			t.Errorf("HTTP/%d with %q, %v, %v", r.ProtoMajor, body, r.TransferEncoding, err)
		}
		_, _ = io.WriteString(w, `{}`)
	}))
	srv.EnableHTTP2 = true
	srv.StartTLS()
	t.Cleanup(srv.Close)
	transport := NewTransport()
	transport.TLSClientConfig = srv.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	t.Cleanup(transport.CloseIdleConnections)
	c, err := New(Config{APIURL: srv.URL, Tokens: &tokens{}, Transport: transport})
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if _, err := c.Do(t.Context(), settingsOf("u")); err != nil {
			t.Fatal(err)
		}
	}
}

var noon = time.Date(2020, 5, 30, 12, 0, 0, 0, time.UTC)

func TestParseRetryAfter(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]time.Time{
		"2020-05-31T00:00:00Z":          noon.Add(12 * time.Hour),
		"2020-05-31T00:00:00.5Z":        noon.Add(12*time.Hour + time.Second/2),
		"2020-05-31T02:00:00+02:00":     noon.Add(12 * time.Hour),
		"2020-05-31T00:00:00":           noon.Add(12 * time.Hour),
		"Sun, 31 May 2020 00:00:00 GMT": noon.Add(12 * time.Hour),
		"0":                             noon,
		" 30 ":                          noon.Add(30 * time.Second),
		"4294967295":                    {},
		"99999999999999999999":          {},
		"9999-12-31T00:00:00Z":          {},
		"-1":                            {},
		"1.5":                           {},
		"soon":                          {},
		"":                              {},
	} {
		if got := parseRetryAfter(value, noon); !got.Equal(want) {
			t.Errorf("%q: %v, want %v", value, got, want)
		}
	}
}

func FuzzParseRetryAfter(f *testing.F) {
	for _, seed := range []string{"2020-05-31T00:00:00Z", "2020-05-31T00:00:00", "30", "-1", "9999999999", "Sun, 31 May 2020 00:00:00 GMT", "", "\x00"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, value string) {
		if got := parseRetryAfter(value, noon); got.Sub(noon) > 366*24*time.Hour {
			t.Fatalf("%q: %v", value, got)
		}
	})
}
