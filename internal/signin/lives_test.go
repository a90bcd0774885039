package signin_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zoomgraph/internal/fleet"
	"zoomgraph/internal/redistest"
	"zoomgraph/internal/signin"
)

// Without use, and after its life, a session ends; use lets it live on.
func TestLives(t *testing.T) {
	t.Parallel()
	for _, inFolder := range []bool{false, true} {
		t.Run(fmt.Sprint("in a folder: ", inFolder), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			var k signin.Keeper
			if inFolder {
				f := folder(t, t.TempDir())
				f.SetClock(w.clock.Now)
				k = f
			}
			s := w.serve(keptIn(k), func(o *signin.Options) { o.Idle, o.Life = 30*time.Minute, 2*time.Hour })
			b, lazy := w.browser(), w.browser()
			b.signIn(s, ada, "/")
			lazy.signIn(s, ada, "/")
			for range 4 {
				w.clock.add(25 * time.Minute)
				b.wantMe(s, ada)
			}
			lazy.wantEnded(s)
			w.clock.add(20*time.Minute - time.Second)
			b.wantMe(s, ada)
			w.clock.add(time.Second)
			b.wantEnded(s)
		})
	}
}

// A caller who signed in carries the end of the session, and is none from then on, however lately the session was looked at.
func TestUntil(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	begun := w.clock.Now()
	s := w.serve(func(o *signin.Options) { o.Idle, o.Life = 30*time.Minute, 30*time.Minute })
	b := w.browser()
	b.signIn(s, ada, "/")
	r := httptest.NewRequestWithContext(t.Context(), http.MethodPost, s.url, nil)
	r.Header.Set("Origin", s.url)
	for name, value := range b.cookies {
		r.AddCookie(&http.Cookie{Name: name, Value: value})
	}
	w.clock.add(30*time.Minute - 1)
	who, given, err := s.Session(t.Context(), r)
	if !given || err != nil {
		t.Fatal(given, err)
	}
	if want := begun.Add(30 * time.Minute); !who.Until.Equal(want) {
		t.Errorf("until %v, want %v", who.Until, want)
	}
	if err := who.Check(t.Context()); err != nil {
		t.Error(err)
	}
	w.clock.add(1)
	if err := who.Check(t.Context()); err == nil || !strings.Contains(err.Error(), "session has ended") {
		t.Errorf("at the end: %v", err)
	}
}

// A folder keeps sessions over a restart, for one process at a time, sealed under the app's secret.
func TestRestart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	path := filepath.Join(t.TempDir(), "state")
	first := folder(t, path)
	s := w.serve(keptIn(first))
	b, gone := w.browser(), w.browser()
	b.signIn(s, ada, "/")
	gone.signIn(s, ada, "/")
	b.wantMe(s, ada)
	stale := gone.cookies["__Host-zoomgraph"]
	gone.do(http.MethodPost, s.url+signin.SignOutPath, "Origin", s.url)
	gone.cookies["__Host-zoomgraph"] = stale
	if _, err := signin.OpenFolder(path); err == nil || !strings.Contains(err.Error(), "another process") {
		t.Errorf("a second process may have the folder: %v", err)
	}
	s.Close()
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		text, err := os.ReadFile(filepath.Join(path, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		w.clean(e.Name(), string(text))
		if info, err := e.Info(); err != nil || info.Mode().Perm() != 0o600 || strings.Contains(e.Name()+string(text), b.cookies["__Host-zoomgraph"]) || strings.Contains(string(text), "Ada") {
			t.Errorf("%s may be read by others, or says too much: %v", e.Name(), err)
		}
	}
	if len(entries) != 2 { // the session and the lock
		t.Errorf("the folder holds %v", entries)
	}

	second := folder(t, path)
	after := w.serve(keptIn(second))
	b.wantMe(after, ada)
	gone.wantEnded(after)
	other := w.serve(keptIn(second), func(o *signin.Options) { o.ClientSecret = "canary-of-another" })
	b.wantMe(other, "UNAUTHENTICATED")
	fewer := w.serve(keptIn(second), func(o *signin.Options) { o.Accounts = []string{"others"} })
	b.wantEnded(fewer)   // accounts whose users may not sign in any more, too
	b.wantMe(after, ada) // and that has changed nothing
	w.clock.add(time.Hour)
	shorter := w.serve(keptIn(second), func(o *signin.Options) { o.Idle, o.Life = time.Hour, time.Hour })
	b.wantEnded(shorter) // a life that was made shorter counts for those who are here
}

// Two replicas behind one Redis know the same people, renew a token once, and end a session for both.
func TestReplicas(t *testing.T) {
	t.Parallel()
	redis := redistest.Start(t)
	w := newWorld(t)
	var both []*service
	for range 2 {
		f, err := fleet.Open(fleet.Options{URL: redis.URL()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(f.Close)
		both = append(both, w.serve(keptIn(f.Sessions()), behind(both)))
	}
	here, there := both[0], both[1]
	b := w.browser()
	back := b.atZoom(b.begin(here, "/"), "user="+ada)
	b.do(http.MethodGet, strings.Replace(back, here.url, there.url, 1)) // begun at one, ended at the other
	b.wantMe(here, ada)
	b.wantMe(there, ada)
	w.clock.add(time.Hour)
	together(b, 50, here, there)
	if n := w.tokens(); n != 2 {
		t.Errorf("%d tokens, want 2: one for both", n)
	}
	for _, key := range strings.Fields(redis.Do("KEYS *")) {
		if strings.Contains(key, "/session/") && !strings.Contains(key, "renewal") {
			w.clean("redis", key+redis.Do("GET "+key))
		}
	}

	stranger := w.browser()
	stranger.cookies["__Host-zoomgraph"] = strings.Repeat("A", 52)
	redis.Stop()
	b.wantMe(here, ada) // known here
	if m := stranger.ask(here); m.Code != "UPSTREAM_UNAVAILABLE" || m.status != http.StatusServiceUnavailable {
		t.Errorf("somebody unknown, without Redis: %d %s", m.status, m.raw)
	}
	redis.Start() // empty
	for _, s := range both {
		until(t, "the session is forgotten", func() bool { return b.ask(s).Code == "UNAUTHENTICATED" })
	}
	b.signIn(here, ada, "/")
	until(t, "it is known there", func() bool { return b.ask(there).Email == ada })
	old := w.browser()
	old.cookies["__Host-zoomgraph"] = b.cookies["__Host-zoomgraph"]
	if p := b.do(http.MethodPost, there.url+signin.SignOutPath, "Origin", here.url); p.status != http.StatusNoContent {
		t.Errorf("signed out with %d", p.status)
	}
	old.wantEnded(here)
	old.wantEnded(there)
}

// behind gives a service the public address of the first one, as behind one proxy.
func behind(first []*service) func(*signin.Options) {
	return func(o *signin.Options) {
		if len(first) > 0 {
			o.PublicURL = first[0].url
		}
	}
}

// until waits for something that another process brings about.
func until(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within a minute: %s", what)
		}
	}
}
