package fleet

import (
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"zoomgraph/client"
	"zoomgraph/internal/redistest"
)

// get is the value under a key.
func get(t testing.TB, a *Shared, key string) []byte {
	t.Helper()
	return a.Get(t.Context(), key).Value
}

// put puts a value in the place of whatever there is.
func put(t testing.TB, a *Shared, key, value string, life time.Duration) {
	t.Helper()
	if _, done := a.Put(t.Context(), key, a.Get(t.Context(), key), []byte(value), life); !done {
		t.Errorf("%s was put by somebody else", key)
	}
}

func TestValues(t *testing.T) {
	t.Parallel()
	srv, a, b := pair(t)
	for _, value := range []string{"one", "", strings.Repeat("\x00\xff\r\n", 1<<18)} {
		put(t, a, "k", value, time.Hour)
		if got := get(t, b, "k"); got == nil || string(got) != value {
			t.Errorf("%d bytes came for %d", len(got), len(value))
		}
	}
	put(t, a, "short", "1", time.Millisecond)
	put(t, a, "never", "1", 0)
	until(t, "it expires", func() bool { return get(t, b, "short") == nil })
	if get(t, b, "never") != nil || get(t, b, "other") != nil {
		t.Error("a value out of nothing")
	}
	srv.Stop()
	if found := a.Get(t.Context(), "k"); found.Value != nil || !found.Now.IsZero() {
		t.Errorf("without Redis: %+v", found)
	}
	put(t, a, "k", "lost", time.Hour)
	srv.Start()
	until(t, "Redis is heard again", func() bool { return b.fleet.Health().Up })
	if found := b.Get(t.Context(), "k"); found.Value != nil || found.Version != "" || found.Now.IsZero() {
		t.Errorf("%+v", found)
	}
}

// A value replaces the one that was read, and no other: of writers at the same time one wins, and the others learn what
// there is now.
func TestPutComparesWithWhatWasRead(t *testing.T) {
	t.Parallel()
	srv, a, b := pair(t)
	none := a.Get(t.Context(), "k")
	if _, done := b.Put(t.Context(), "k", none, []byte("b"), time.Hour); !done {
		t.Error("nothing was there, and b could not put")
	}
	there, done := a.Put(t.Context(), "k", none, []byte("a"), time.Hour)
	if done || string(there.Value) != "b" || there.Now.IsZero() {
		t.Errorf("a put over what it had not read: %v, %+v", done, there)
	}
	if _, done := a.Put(t.Context(), "k", there, []byte("a"), time.Hour); !done || string(get(t, b, "k")) != "a" {
		t.Errorf("after that it did not: %s", get(t, b, "k"))
	}
	if _, done := b.Put(t.Context(), "k", there, []byte("b"), time.Hour); done {
		t.Error("a value that is gone was replaced once more")
	}

	read := a.Get(t.Context(), "k")
	srv.Do("DEL " + a.key("value", "k")) // as by expiring
	there, done = a.Put(t.Context(), "k", read, []byte("a"), time.Hour)
	if done || there.Version != "" || there.Value != nil || there.Now.IsZero() {
		t.Errorf("in the place of a value that has expired: %v, %+v", done, there)
	}

	srv.Do("SET " + a.key("value", "k") + " garbage")
	read = a.Get(t.Context(), "k")
	if _, done := a.Put(t.Context(), "k", read, []byte("a"), time.Hour); !done || read.Value != nil || string(get(t, b, "k")) != "a" {
		t.Errorf("what cannot be read (%+v) stays", read)
	}

	const writers = 8
	read = a.Get(t.Context(), "k")
	var won atomic.Int64
	var wg sync.WaitGroup
	for i := range writers {
		wg.Go(func() {
			if _, done := []*Shared{a, b}[i%2].Put(t.Context(), "k", read, []byte("x"), time.Hour); done {
				won.Add(1)
			}
		})
	}
	wg.Wait()
	if won.Load() != 1 {
		t.Errorf("%d of %d writers replaced one value", won.Load(), writers)
	}
}

// A value is one account's, at its own place, under its own secret; all else is
// as good as nothing.
func TestValuesAreSealed(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	a := account(t, open(t, srv.URL()))
	other := open(t, srv.URL())
	stranger, err := other.Shared("acct", []byte("another secret"))
	if err != nil {
		t.Fatal(err)
	}
	neighbour, err := other.Shared("acct-2", secret)
	if err != nil {
		t.Fatal(err)
	}
	put(t, a, "k", "v", time.Hour)
	for _, to := range []string{a.key("value", "moved"), stranger.key("value", "k"), neighbour.key("value", "k")} {
		srv.Do("COPY " + a.key("value", "k") + " " + to)
	}
	srv.Do("SET " + a.key("value", "garbage") + " garbage")
	srv.Do("SET " + a.key("value", "empty") + ` ""`)
	if get(t, a, "k") == nil {
		t.Error("the value itself is lost")
	}
	for _, got := range [][]byte{
		get(t, a, "moved"), get(t, a, "garbage"), get(t, a, "empty"), get(t, stranger, "k"), get(t, neighbour, "k"),
	} {
		if got != nil {
			t.Errorf("%q", got)
		}
	}
	srv.Do("LPUSH " + a.key("value", "list") + " 1") // not even a value
	if got := get(t, a, "list"); got != nil {
		t.Errorf("%q", got)
	}
}

// Who reads all of Redis reads nothing of what is in it.
func TestRedisTellsNothing(t *testing.T) {
	t.Parallel()
	const canary = "ann@example.com"
	srv := redistest.Start(t)
	a := account(t, open(t, srv.URL()))
	stamp(t, a, "users/"+canary)
	a.Touch(t.Context(), "users/"+canary)
	put(t, a, "users/"+canary, canary, time.Hour)
	if _, ok := a.Find(t.Context(), ""); ok {
		t.Error("a token out of nothing")
	}
	a.Keep(t.Context(), client.Token{Value: canary, Expiry: time.Now().Add(time.Hour), Mint: "m"})
	if _, ok := a.Find(t.Context(), ""); !ok {
		t.Error("no token")
	}
	seen := 0
	for key := range strings.Lines(srv.Do("KEYS *")) {
		key = strings.TrimSpace(key)
		seen++
		if !strings.HasPrefix(key, schema) || strings.Contains(key, canary) {
			t.Error(key)
		}
		if srv.Do("TYPE "+key) == "string" && strings.Contains(srv.Do("GET "+key), canary) {
			t.Errorf("%s holds it", key)
		}
	}
	if seen < 4 {
		t.Errorf("%d keys", seen)
	}
}

func TestAccounts(t *testing.T) {
	t.Parallel()
	f := open(t, "unix:///nowhere/s")
	a := account(t, f)
	if b := account(t, f); a != b {
		t.Error("two of one account")
	}
	for _, tc := range []struct{ id, secret string }{{"", "s"}, {"a", ""}, {"acct", "another"}} {
		if _, err := f.Shared(tc.id, []byte(tc.secret)); err == nil {
			t.Errorf("%+v is an account", tc)
		}
	}
	odd, err := f.Shared("a}{b c", secret)
	if err != nil || accountOf(odd.key("value", "k")) != odd.braced || strings.Count(odd.braced, "}") != 1 {
		t.Errorf("%+v, %v", odd, err)
	}
}
