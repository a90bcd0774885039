package fleet

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"zoomgraph/client"
	"zoomgraph/internal/redistest"
)

func TestValues(t *testing.T) {
	t.Parallel()
	srv, a, b := pair(t)
	for _, value := range [][]byte{[]byte("one"), {}, bytes.Repeat([]byte{0, 255, '\r', '\n'}, 1<<18)} {
		a.Put(t.Context(), "k", value, time.Hour)
		if got := b.Get(t.Context(), "k"); got == nil || !bytes.Equal(got, value) {
			t.Errorf("%d bytes came for %d", len(got), len(value))
		}
	}
	a.Put(t.Context(), "short", []byte("1"), time.Millisecond)
	a.Put(t.Context(), "never", []byte("1"), 0)
	until(t, "it expires", func() bool { return b.Get(t.Context(), "short") == nil })
	if b.Get(t.Context(), "never") != nil || b.Get(t.Context(), "other") != nil {
		t.Error("a value out of nothing")
	}
	srv.Stop()
	if a.Get(t.Context(), "k") != nil {
		t.Error("a value without Redis")
	}
	a.Put(t.Context(), "k", []byte("lost"), time.Hour)
	srv.Start()
	until(t, "Redis is heard again", func() bool { return b.fleet.Health().Up })
	if got := b.Get(t.Context(), "k"); got != nil {
		t.Errorf("%q", got)
	}
}

// A value is one account's, at its own place, under its own secret; all else is
// as good as nothing.
func TestValuesAreSealed(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	a := account(t, open(t, srv.URL()))
	other := open(t, srv.URL())
	stranger, err := other.Account("acct", []byte("another secret"))
	if err != nil {
		t.Fatal(err)
	}
	neighbour, err := other.Account("acct-2", secret)
	if err != nil {
		t.Fatal(err)
	}
	a.Put(t.Context(), "k", []byte("v"), time.Hour)
	for _, to := range []string{a.key("value", "moved"), stranger.key("value", "k"), neighbour.key("value", "k")} {
		srv.Do("COPY " + a.key("value", "k") + " " + to)
	}
	srv.Do("SET " + a.key("value", "garbage") + " garbage")
	srv.Do("SET " + a.key("value", "empty") + ` ""`)
	if a.Get(t.Context(), "k") == nil {
		t.Error("the value itself is lost")
	}
	for _, got := range [][]byte{
		a.Get(t.Context(), "moved"), a.Get(t.Context(), "garbage"), a.Get(t.Context(), "empty"),
		stranger.Get(t.Context(), "k"), neighbour.Get(t.Context(), "k"),
	} {
		if got != nil {
			t.Errorf("%q", got)
		}
	}
	srv.Do("LPUSH " + a.key("value", "list") + " 1") // not even a value
	if got := a.Get(t.Context(), "list"); got != nil {
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
	a.Put(t.Context(), "users/"+canary, []byte(canary), time.Hour)
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
		if _, err := f.Account(tc.id, []byte(tc.secret)); err == nil {
			t.Errorf("%+v is an account", tc)
		}
	}
	odd, err := f.Account("a}{b c", secret)
	if err != nil || accountOf(odd.key("value", "k")) != odd.braced || strings.Count(odd.braced, "}") != 1 {
		t.Errorf("%+v, %v", odd, err)
	}
}
