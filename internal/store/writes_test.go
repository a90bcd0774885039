package store_test

import (
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"zoomgraph/client"
	"zoomgraph/internal/store"
	"zoomgraph/internal/underway"
)

// While a write is under way, and ten seconds longer if nobody knows what became of it, reads of what it changes go to
// Zoom, each by itself, and nothing is kept.
func TestReadsDuringWrites(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		op      *client.Op
		path    []string
		certain bool
		doubt   time.Duration
	}{
		"a clear answer":           {opUpdate, []string{"abc"}, true, 0},
		"no clear answer":          {opUpdate, []string{"abc"}, false, underway.Doubt},
		"a group":                  {opGroupSettings, []string{"g"}, true, 0},
		"a group, no clear answer": {opGroupSettings, []string{"g"}, false, underway.Doubt},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				z, s := &zoom{}, newStore(t, usual())
				p, admin := s.Principal("acct", "", nil), s.Principal("acct", "admin", nil)
				read := func(calls ...string) {
					t.Helper()
					get(t, p, z, "abc", "a1")
					get(t, admin, z, "abc", "a1")
					z.wantCalls(t, calls...)
				}
				both := []string{"abc a1", "abc a1"}
				read(both...)
				read()
				end := p.Write(t.Context(), test.op, test.path)
				read(both...)
				if _, ok, _ := p.Known(store.Ask{Key: keyOf(opSettings, "abc"), Names: []string{"a1"}}); ok {
					t.Error("known during the write")
				}
				time.Sleep(time.Minute)
				z.version = 1
				read(both...)
				end(t.Context(), test.certain)
				if test.doubt > 0 {
					read(both...)
					time.Sleep(test.doubt - time.Nanosecond)
					read(both...)
					z.version = 2 // it was carried out late
					time.Sleep(time.Nanosecond)
				}
				read(both...)
				read()
				got, _ := get(t, p, z, "abc", "a1")
				wantValues(t, got, map[bool]string{true: "a1@1", false: "a1@2"}[test.certain])
			})
		})
	}
}

// Users that nobody writes are known as before.
func TestReadsOfOthersDuringWrites(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		z, s := &zoom{}, newStore(t, usual())
		p, other := s.Principal("acct", "", nil), s.Principal("other", "", nil)
		for _, reader := range []*store.Principal{p, other} {
			get(t, reader, z, "abc", "a1")
			get(t, reader, z, "def", "a1")
		}
		z.wantCalls(t, "abc a1", "abc a1", "def a1", "def a1")
		p.Write(t.Context(), opUpdate, []string{"abc"})
		get(t, p, z, "def", "a1")
		get(t, other, z, "abc", "a1")
		z.wantCalls(t)
	})
}

// A resource that two write is free when both have ended, in whatever order and however certain.
func TestWritesTogether(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		first, second bool
		doubt         time.Duration
	}{
		"both clear":         {true, true, 0},
		"the first in doubt": {false, true, underway.Doubt - time.Second},
		"the last in doubt":  {true, false, underway.Doubt},
		"both in doubt":      {false, false, underway.Doubt},
	} {
		synctest.Test(t, func(t *testing.T) {
			z, s := &zoom{}, newStore(t, usual())
			p := s.Principal("acct", "", nil)
			keeps := func() bool {
				get(t, p, z, "abc", "a1")
				z.calls = nil
				get(t, p, z, "abc", "a1")
				return len(z.calls) == 0
			}
			one, two := p.Write(t.Context(), opUpdate, []string{"abc"}), p.Write(t.Context(), opUpdate, []string{"abc"})
			one(t.Context(), test.first)
			time.Sleep(time.Second)
			if keeps() {
				t.Errorf("%s: kept during the second write", name)
			}
			two(t.Context(), test.second)
			if test.doubt > 0 {
				time.Sleep(test.doubt - time.Nanosecond)
				if keeps() {
					t.Errorf("%s: kept in doubt", name)
				}
				time.Sleep(time.Nanosecond)
			}
			if !keeps() {
				t.Errorf("%s: not kept afterwards", name)
			}
		})
	}
}

// A read that overlaps the beginning of a write, its end, or all of it is given to who asked, and is not kept.
func TestReadsThatOverlapWrites(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct{ begins, ends time.Duration }{
		"the beginning": {time.Second, time.Minute},
		"the end":       {-time.Second, time.Second},
		"all of it":     {time.Second, 2 * time.Second},
	} {
		synctest.Test(t, func(t *testing.T) {
			z, s := &zoom{took: 5 * time.Second}, newStore(t, usual())
			p := s.Principal("acct", "", nil)
			var wg sync.WaitGroup
			wg.Go(func() {
				time.Sleep(2*time.Second + test.begins)
				end := p.Write(t.Context(), opUpdate, []string{"abc"})
				time.Sleep(test.ends - test.begins)
				z.mu.Lock()
				z.version = 1
				z.mu.Unlock()
				end(t.Context(), true)
			})
			time.Sleep(2 * time.Second)
			got, _ := get(t, p, z, "abc", "a1")
			wantValues(t, got, "a1@0")
			wg.Wait()
			z.calls = nil
			got, _ = get(t, p, z, "abc", "a1")
			wantValues(t, got, "a1@1")
			z.wantCalls(t, "abc a1")
			if t.Failed() {
				t.Log(name)
			}
		})
	}
}
