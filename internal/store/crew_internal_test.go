package store

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"zoomgraph/client"
	"zoomgraph/internal/rawjson"
)

// Who has made a call makes others, rests for a while, and then goes. At most so many rest.
func TestCrew(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s, err := New(Options{})
		if err != nil {
			t.Fatal(err)
		}
		p := s.Principal("acct", "", nil)
		op := &client.Op{ID: "user", Method: "GET", Path: "/users/{userId}"}
		calls := func(n int) {
			var wg sync.WaitGroup
			for i := range n {
				ask := Ask{Key: Key{Op: op, Path: [MaxPath]string{fmt.Sprint(i)}}, Fetch: func(_ context.Context, seal Seal) (Fetched, error) {
					seal()
					time.Sleep(rest / 10)
					return Fetched{Body: rawjson.Whole([]byte(`{}`))}, nil
				}}
				wg.Go(func() {
					if _, err := p.Read(t.Context(), ask); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			synctest.Wait()
		}
		rests := func(when string, want int) {
			t.Helper()
			s.crew.mu.Lock()
			defer s.crew.mu.Unlock()
			if len(s.crew.idle) != want {
				t.Errorf("%s: %d rest, want %d", when, len(s.crew.idle), want)
			}
		}
		calls(3)
		rests("after three calls", 3)
		calls(2)
		rests("after two others", 3)
		time.Sleep(rest + time.Millisecond)
		calls(1)
		rests("when one was needed again", 3)
		time.Sleep(rest)
		rests("when two were not", 1)
		time.Sleep(rest)
		rests("when nothing was to do", 0)
		calls(2 * maxIdle)
		rests("after many calls", maxIdle)
		s.Close()
		rests("at the end", 0)
		calls(1)
		rests("after it", 0)
	})
}
