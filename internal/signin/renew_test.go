package signin_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"zoomgraph/internal/fleet"
	"zoomgraph/internal/redistest"
	"zoomgraph/internal/sandbox"
	"zoomgraph/internal/signin"
)

// keeper fails with one of its methods for as long as it is told to, and is a folder otherwise.
type keeper struct {
	signin.Keeper
	mu   sync.Mutex
	fail string
}

func (k *keeper) set(fail string) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.fail = fail
}

func (k *keeper) failing(method string) error {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.fail == method {
		return errors.New("the disk is full")
	}
	return nil
}

func (k *keeper) Add(ctx context.Context, key string, value []byte, life time.Duration) error {
	if err := k.failing("Add"); err != nil {
		return err
	}
	return k.Keeper.Add(ctx, key, value, life)
}

func (k *keeper) Get(ctx context.Context, key string) ([]byte, error) {
	if err := k.failing("Get"); err != nil {
		return nil, err
	}
	return k.Keeper.Get(ctx, key)
}

func (k *keeper) Swap(ctx context.Context, key string, old, value []byte, life time.Duration) error {
	if err := k.failing("Swap"); err != nil {
		return err
	}
	return k.Keeper.Swap(ctx, key, old, value, life)
}

// folder is a keeper in files, which is there after a restart.
func folder(t *testing.T, path string) *signin.Folder {
	t.Helper()
	f, err := signin.OpenFolder(path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = f.Close() }) // a second time, where it was closed
	return f
}

func keptIn(k signin.Keeper) func(*signin.Options) { return func(o *signin.Options) { o.Keeper = k } }

// together asks many times at once, each of these services in turn.
func together(b *browser, n int, services ...*service) {
	b.t.Helper()
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			if m, err := b.tryAsk(b.t.Context(), services[i%len(services)]); err != nil || m.Email != ada {
				b.t.Errorf("request %d: %s, %v", i, m.Code, err)
			}
		})
	}
	wg.Wait()
}

// A token that is at its end is renewed once, however many ask; and one that Zoom refuses before that as well.
func TestRenewedOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.serve()
	b := w.browser()
	b.signIn(s, ada, "/")
	together(b, 50, s)
	if n := w.tokens(); n != 1 {
		t.Fatalf("%d tokens before any had to be renewed", n)
	}
	w.clock.add(time.Hour)
	together(b, 50, s)
	if n := w.tokens(); n != 2 {
		t.Errorf("after the token's life %d tokens, want 2", n)
	}
	if got := w.calls("/users/me"); slices.Contains(got, 401) {
		t.Errorf("a dead token was sent: %v", got)
	}
	w.clock.add(53 * time.Minute)
	b.wantMe(s, ada)
	if n := w.tokens(); n != 2 {
		t.Errorf("before nine tenths of its life a token was renewed: %d", n)
	}
	w.clock.add(2 * time.Minute)
	b.wantMe(s, ada)
	if n := w.tokens(); n != 3 {
		t.Errorf("after nine tenths of its life a token was not renewed: %d", n)
	}
	w.configure(sandbox.Config{Faults: []sandbox.Fault{{Match: "GET /users/me", Kind: sandbox.FaultExpireToken, Times: 1}}})
	together(b, 50, s)
	if n := w.tokens(); n != 4 {
		t.Errorf("after Zoom refused a token %d tokens, want 4", n)
	}
	w.configure(sandbox.Config{Faults: []sandbox.Fault{{Match: "GET /users/me", Kind: sandbox.FaultStatus, Status: 401, Code: 124}}})
	before := len(w.calls("/users/me"))
	if m := b.ask(s); m.Code == "" || w.tokens() != 5 || len(w.calls("/users/me")) != before+2 {
		t.Errorf("where Zoom refuses all tokens: %d of them, %d calls, %s", w.tokens(), len(w.calls("/users/me"))-before, m.raw)
	}
}

// What a renewal brings is kept before it is used. Where it cannot be kept the old token goes on; at its end the error
// says so, without another renewal; and when it can be kept it is.
func TestKeptBeforeUsed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := &keeper{Keeper: folder(t, t.TempDir())}
	s := w.serve(keptIn(k))
	b := w.browser()
	b.signIn(s, ada, "/")
	b.wantMe(s, ada)
	k.set("Swap")
	w.clock.add(55 * time.Minute)
	b.wantMe(s, ada) // with the old one
	if n := w.tokens(); n != 2 {
		t.Fatalf("%d tokens, want 2", n)
	}
	w.clock.add(5 * time.Minute)
	b.wantMe(s, "UPSTREAM_UNAVAILABLE")
	if got := w.calls("/users/me"); len(got) != 3 || slices.Contains(got, 401) { // with that of signing in
		t.Errorf("Zoom was asked %v, also with what was not kept", got)
	}
	k.set("")
	w.clock.add(2 * time.Second)
	b.wantMe(s, ada)
	if n := w.tokens(); n != 2 {
		t.Errorf("%d tokens, want 2: the one that could not be kept is not lost", n)
	}
	// And what was kept is what goes on.
	again := w.serve(keptIn(k))
	b.wantMe(again, ada)
	w.clock.add(time.Hour)
	b.wantMe(again, ada)
	if n := w.tokens(); n != 3 {
		t.Errorf("%d tokens, want 3", n)
	}
}

// A process that is killed between Zoom's answer and the keeper's loses the session, and says so; not before its old
// token's end.
func TestKilledBetween(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := &keeper{Keeper: folder(t, t.TempDir())}
	s := w.serve(keptIn(k))
	b := w.browser()
	b.signIn(s, ada, "/")
	k.set("Swap")
	w.clock.add(55 * time.Minute)
	b.wantMe(s, ada)
	files := k.Keeper // the process is gone, and what it could not keep with it
	again := w.serve(keptIn(files))
	b.wantMe(again, ada)
	w.clock.add(5 * time.Minute)
	m := b.ask(again)
	if m.Code != "UNAUTHENTICATED" || m.status != http.StatusOK || !strings.Contains(m.Hint, "sign in again at /sign-in") {
		t.Errorf("in the middle of a request: %d %s", m.status, m.raw)
	}
	if m := b.ask(again); m.Code != "UNAUTHENTICATED" || m.status != http.StatusUnauthorized {
		t.Errorf("in the next one: %d %s", m.status, m.raw)
	}
}

// A session ends when Zoom does not renew it, and not when Zoom cannot be asked or the app is misconfigured.
func TestRefusedRenewal(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.serve()
	b := w.browser()
	b.signIn(s, ada, "/")
	for _, tt := range []struct {
		fault sandbox.Fault
		want  string
	}{
		{sandbox.Fault{Match: "/oauth/token", Kind: sandbox.FaultDrop}, "UPSTREAM_UNAVAILABLE"},
		{sandbox.Fault{Match: "/oauth/token", Kind: sandbox.FaultStatus, Status: 500}, "UPSTREAM_UNAVAILABLE"},
		{sandbox.Fault{Match: "/oauth/token", Kind: sandbox.FaultStatus, Status: 429}, "UPSTREAM_UNAVAILABLE"},
		{sandbox.Fault{Match: "/oauth/token", Kind: sandbox.FaultStatus, Status: 401}, "UPSTREAM_AUTH_FAILED"},
	} {
		w.configure(sandbox.Config{Faults: []sandbox.Fault{tt.fault}})
		w.clock.add(time.Hour)
		b.wantMe(s, tt.want)
		asked := w.tokens()
		b.wantMe(s, tt.want) // within a second, without asking again
		if n := w.tokens(); n != asked {
			t.Errorf("%s: %d more calls within a second", tt.fault.Kind, n-asked)
		}
	}
	w.configure(sandbox.Config{})
	w.clock.add(2 * time.Second)
	b.wantMe(s, ada)

	elsewhere := w.browser() // somebody else ends the authorization, at Zoom
	elsewhere.cookies["__Host-zoomgraph"] = b.cookies["__Host-zoomgraph"]
	w.zoom.EndUserTokens()
	b.wantMe(s, "UNAUTHENTICATED")
	asked := w.tokens()
	elsewhere.wantEnded(s)
	if n := w.tokens(); n != asked {
		t.Errorf("a session that has ended asks Zoom %d times more", n-asked)
	}
}

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
	for deadline := time.Now().Add(10 * time.Second); !is(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not within ten seconds: %s", what)
		}
	}
}

// Where sessions cannot be read, those that this process knows go on and others are asked to try again.
func TestKeeperAway(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := &keeper{Keeper: folder(t, t.TempDir())}
	s := w.serve(keptIn(k))
	b := w.browser()
	b.signIn(s, ada, "/")
	b.wantMe(s, ada)
	k.set("Get")
	b.wantMe(s, ada)
	other := w.serve(keptIn(k))
	if m := b.ask(other); m.status != http.StatusServiceUnavailable || m.Code != "UPSTREAM_UNAVAILABLE" {
		t.Errorf("not known yet: %d %s", m.status, m.raw)
	}
	if p := b.do(http.MethodPost, s.url+signin.SignOutPath, "Origin", s.url); p.status != http.StatusServiceUnavailable || b.cookies["__Host-zoomgraph"] != "" {
		t.Errorf("signed out with %d", p.status)
	}
}
