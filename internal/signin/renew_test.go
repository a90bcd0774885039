package signin_test

import (
	"cmp"
	"context"
	"errors"
	"io/fs"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"zoomgraph/internal/sandbox"
	"zoomgraph/internal/signin"
)

// keeper fails with one of its methods for as long as it is told to, and is a folder otherwise.
type keeper struct {
	signin.Keeper
	mu   sync.Mutex
	fail string
	hold chan struct{} // until it is closed Swap waits; nil: it does not

	between func() // is called before something is removed; nil: nothing is
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
	if err := cmp.Or(ctx.Err(), k.failing("Get")); err != nil {
		return nil, err
	}
	return k.Keeper.Get(ctx, key)
}

func (k *keeper) Swap(ctx context.Context, key string, old, value []byte, life time.Duration) error {
	if err := k.failing("Swap"); err != nil {
		return err
	}
	if k.hold != nil {
		<-k.hold
	}
	err := k.Keeper.Swap(ctx, key, old, value, life)
	if k.failing("Swapped") != nil && err == nil {
		return fs.ErrNotExist // somebody else has been there, with what is no older
	}
	return err
}

// Remove lets somebody come in between.
func (k *keeper) Remove(ctx context.Context, key string) error {
	if k.between != nil {
		k.between()
	}
	return k.Keeper.Remove(ctx, key)
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

// Where another process has renewed a session, since this one's claim had run out, it goes on with what is kept.
func TestOvertaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := &keeper{Keeper: folder(t, t.TempDir())}
	s := w.serve(keptIn(k))
	b := w.browser()
	b.signIn(s, ada, "/")
	b.wantMe(s, ada)
	k.set("Swapped")
	w.clock.add(time.Hour)
	b.wantMe(s, ada)
	s.Close() // which waits for what is told to Zoom
	if got := w.calls("/oauth/revoke"); len(got) > 0 {
		t.Errorf("Zoom was told %v that the session has ended", got)
	}
}

// Who asks while the session is being ended does not bring it back, not even where sessions cannot be read afterwards.
func TestAskedWhileSigningOut(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := &keeper{Keeper: folder(t, t.TempDir())}
	s := w.serve(keptIn(k))
	b, old := w.browser(), w.browser()
	b.signIn(s, ada, "/")
	old.cookies["__Host-zoomgraph"] = b.cookies["__Host-zoomgraph"]
	k.between = func() { old.wantMe(s, ada) }
	if p := b.do(http.MethodPost, s.url+signin.SignOutPath, "Origin", s.url); p.status != http.StatusNoContent {
		t.Fatalf("signed out with %d", p.status)
	}
	k.set("Get")
	if m := old.ask(s); m.status != http.StatusServiceUnavailable {
		t.Errorf("the session is known: %d %s", m.status, m.raw)
	}
}

// A session is ended also for a browser that does not wait for that.
func TestSignOutAndGo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	s := w.serve(keptIn(&keeper{Keeper: folder(t, t.TempDir())}))
	b := w.browser()
	b.signIn(s, ada, "/")
	gone, leave := context.WithCancel(t.Context())
	leave()
	r := httptest.NewRequestWithContext(gone, http.MethodPost, s.url+signin.SignOutPath, nil)
	r.Header.Set("Origin", s.url)
	r.AddCookie(&http.Cookie{Name: "__Host-zoomgraph", Value: b.cookies["__Host-zoomgraph"]})
	s.ServeHTTP(httptest.NewRecorder(), r)
	b.wantEnded(s)
}

// A service that stops keeps what it could not keep before, if it can now.
func TestStoppedBetween(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	k := &keeper{Keeper: folder(t, t.TempDir())}
	s := w.serve(keptIn(k))
	b := w.browser()
	b.signIn(s, ada, "/")
	k.set("Swap")
	w.clock.add(55 * time.Minute)
	b.wantMe(s, ada)
	k.hold = make(chan struct{})
	k.set("")
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		s.Close()
	}()
	select {
	case <-stopped:
		t.Error("the service stops before that is kept")
	case <-time.After(100 * time.Millisecond):
	}
	close(k.hold)
	<-stopped
	again := w.serve(keptIn(k.Keeper))
	w.clock.add(5 * time.Minute)
	b.wantMe(again, ada)
	if n := w.tokens(); n != 2 {
		t.Errorf("%d tokens, want 2", n)
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
