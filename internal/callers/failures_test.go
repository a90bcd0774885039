package callers_test

import (
	"context"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"zoomgraph/internal/callers"
	"zoomgraph/internal/peer"
)

// still is a clock that stands, so that nothing is forgiven meanwhile.
func still() func() time.Time {
	now := time.Now()
	return func() time.Time { return now }
}

// guess is the n-th wrong key.
func guess(n int) string { return fmt.Sprintf("zg_canaryX_%039d", n) }

// flooded is a service with one address from which wrong keys came until they are answered by 429.
func flooded(t *testing.T, o callers.Options, from string) (s *service, try func(remote, credential string, want int)) {
	t.Helper()
	s = serve(t, o)
	try = func(remote, credential string, want int) {
		t.Helper()
		if w := s.ask(remote, bearer(credential)); w.Code != want {
			t.Errorf("%s gets %d %s, want %d", remote, w.Code, w.Body, want)
		}
	}
	for i := range 20 {
		try(from, guess(i), 401)
	}
	try(from, guess(20), 429)
	return s, try
}

// TestFlood: wrong keys make their address wait, and nothing makes a good credential wait, not even at its first use.
func TestFlood(t *testing.T) {
	t.Parallel()
	now := time.Now()
	const here, neighbour, there = "[2001:db8::1]:1", "[2001:db8::2]:2", "[2001:db8:0:1::1]:1"
	s, try := flooded(t, callers.Options{
		Keys: keys(), Issuer: &issuer{until: now.Add(time.Hour)}, PassThrough: true, Probe: newJudge(zoomers).probe, Now: func() time.Time { return now },
	}, here)
	try(neighbour, guess(21), 429) // of the same network
	try(here, jwtBad, 429)
	try(here, "short", 429)
	for range 100 { // for good credentials there is no limit
		try(here, keyA, 200)
		try(here, jwtGood, 200)
		try(here, keyB, 200)
	}
	try(here, zoomers, 200) // what is judged by Zoom is not limited by wrong keys
	try(there, guess(22), 401)
	wantRefusal(t, s.ask(here, http.Header{}), 401, "who calls?") // nothing is no guess
	w := s.ask(here, bearer(guess(23)))
	wantRefusal(t, w, 429, "from this address")
	if got := w.Header().Get("Retry-After"); got != "3" {
		t.Errorf("Retry-After: %s", got)
	}
	now = now.Add(3 * time.Second)
	try(here, guess(24), 401)
	try(here, guess(25), 429)
	now = now.Add(5 * time.Minute)
	try(here, guess(26), 401)
	try(here, jwtGood, 200)
	told := strings.Count(s.log.String(), "answered by 429")
	if told != 1 || !strings.Contains(s.log.String(), "from=2001:db8::1 by=address") {
		t.Errorf("the log tells %d times of 429:\n%s", told, s.log.String())
	}
}

// TestManyGuesses: what is malformed is a failure, too, over all transports.
func TestManyGuesses(t *testing.T) {
	t.Parallel()
	for name, wrong := range map[string]http.Header{
		"a short one": {"Authorization": {"Bearer short"}}, "another scheme": {"Authorization": {"Basic Y2FuYXJ5"}},
		"two": {"Authorization": {"Bearer a", "Bearer b"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, callers.Options{Keys: keys(), Now: still()})
			socket := &http.Request{RemoteAddr: "192.0.2.1:1", Header: http.Header{}}
			for range 20 {
				if _, _, err := s.Identify(callers.With(t.Context(), callers.Caller{}), wrong.Clone(), socket); err == nil {
					t.Fatal("a socket is let in")
				}
			}
			wantRefusal(t, s.ask("192.0.2.1:1", wrong.Clone()), 429, "too many")
			if _, who, err := s.Identify(callers.With(t.Context(), callers.Caller{}), bearer(keyA), socket); who != "dashboard" || err != nil {
				t.Errorf("a key over a socket: %q, %v", who, err)
			}
		})
	}
}

// TestOneCredential: a credential that is refused from everywhere is answered by 429, whatever the address, and the others
// there are not.
func TestOneCredential(t *testing.T) {
	t.Parallel()
	s := serve(t, callers.Options{Keys: keys(), Now: still()})
	from := func(n int) string { return fmt.Sprintf("192.0.2.%d:1", n) }
	for i := range 20 {
		wantRefusal(t, s.ask(from(i), bearer(wrong)), 401, "not known")
	}
	wantRefusal(t, s.ask(from(20), bearer(wrong)), 429, "this credential")
	wantRefusal(t, s.ask(from(20), bearer(guess(1))), 401, "not known")
	if !strings.Contains(s.log.String(), "from=192.0.2.20 by=credential") {
		t.Errorf("the log does not say so:\n%s", s.log.String())
	}
}

// TestBecomesGood: a token that failed often is accepted at once when it is good.
func TestBecomesGood(t *testing.T) {
	t.Parallel()
	i := &changing{}
	s := serve(t, callers.Options{Issuer: i, Now: still()})
	for range 30 {
		s.ask("192.0.2.1:1", bearer(jwtBad))
	}
	wantRefusal(t, s.ask("192.0.2.1:1", bearer(jwtBad)), 429, "too many")
	i.good = true
	if w := s.ask("192.0.2.1:1", bearer(jwtBad)); w.Code != 200 {
		t.Errorf("a token that is good by now gets %d %s", w.Code, w.Body)
	}
}

// changing is an issuer whose tokens are good from some moment on.
type changing struct {
	issuer
	good bool
}

func (c *changing) Verify(ctx context.Context, token string) (callers.Caller, time.Time, error) {
	if c.good {
		return callers.Caller{Name: "jwt:late", Permissions: callers.Read}, time.Now().Add(time.Hour), nil
	}
	return c.issuer.Verify(ctx, token)
}

// TestTrustedProxies: behind a trusted proxy the client's address is limited, and that of no other client; what a client
// says of its address does not count.
func TestTrustedProxies(t *testing.T) {
	t.Parallel()
	proxies := peer.Proxies{{Prefix: netip.MustParsePrefix("10.0.0.0/8")}}
	for _, tt := range []struct {
		name    string
		proxies peer.Proxies
		remote  string
		says    string // the client, at its n-th request
		other   string // what another client's request carries
		others  int    // the status of the other client's wrong key
	}{
		{"trusted", proxies, "10.0.0.1:1", "1.1.1.1", "2.2.2.2", 401},
		{"trusted, and the client makes up another", proxies, "10.0.0.1:1", "9.9.9.%d, 1.1.1.1", "9.9.9.9, 2.2.2.2", 401},
		{"not trusted", nil, "10.0.0.1:1", "1.1.1.%d", "2.2.2.2", 429},
		{"of no proxy", proxies, "192.0.2.1:1", "1.1.1.%d", "2.2.2.2", 429},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, callers.Options{Keys: keys(), Proxies: tt.proxies, Now: still()})
			ask := func(forwarded, credential string) int {
				h := bearer(credential)
				h.Set("X-Forwarded-For", forwarded)
				return s.ask(tt.remote, h).Code
			}
			says := func(n int) string { return strings.ReplaceAll(tt.says, "%d", fmt.Sprint(n)) }
			for i := range 20 {
				if got := ask(says(i), guess(i)); got != 401 {
					t.Fatalf("guess %d gets %d", i, got)
				}
			}
			if got := ask(says(20), guess(20)); got != 429 {
				t.Errorf("who guessed 20 times gets %d", got)
			}
			if got := ask(tt.other, guess(21)); got != tt.others {
				t.Errorf("somebody else's wrong key gets %d, want %d", got, tt.others)
			}
			for _, from := range []string{says(1), tt.other} {
				if got := ask(from, keyA); got != 200 {
					t.Errorf("a good key gets %d", got)
				}
			}
		})
	}
}

// TestManyAddresses: a flood from more addresses than are remembered neither locks anybody out nor fills the log.
func TestManyAddresses(t *testing.T) {
	t.Parallel()
	s := serve(t, callers.Options{Keys: keys(), Now: still()})
	for i := range 20_000 {
		from := netip.AddrFrom4([4]byte{100, byte(i >> 16), byte(i >> 8), byte(i)})
		if _, err := s.Authenticate(t.Context(), "Bearer "+guess(i), from); err == nil {
			t.Fatal("a guess is right")
		}
	}
	if lines := strings.Count(s.log.String(), "\n"); lines > 300 {
		t.Errorf("%d lines are logged", lines)
	}
	if w := s.ask("100.0.0.1:1", bearer(keyA)); w.Code != 200 {
		t.Errorf("a key gets %d", w.Code)
	}
}
