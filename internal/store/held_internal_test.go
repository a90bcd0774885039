package store

import (
	"context"
	"fmt"
	"runtime"
	"testing"
	"time"
	"weak"

	"zoomgraph/client"
	"zoomgraph/internal/rawjson"
)

// What is kept holds on to nothing of the read that brought it, which is a large piece of memory.
func TestKeptAlone(t *testing.T) {
	t.Parallel()
	s, err := New(Options{TTL: time.Hour, UsersTTL: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	p := s.Principal("acct", "", nil)
	op := &client.Op{ID: "user", Method: "GET", Path: "/users/{userId}"}
	ask := func(user string) Ask {
		return Ask{Key: Key{Op: op, Path: [MaxPath]string{user}}, Fetch: func(_ context.Context, seal Seal) (Fetched, error) {
			seal()
			return Fetched{Body: rawjson.Whole([]byte(`{}`))}, nil
		}}
	}
	const users = 20
	var reads []weak.Pointer[Reading]
	for i := range users {
		r := new(Reading)
		reads = append(reads, weak.Make(r))
		r.Begin(t.Context(), p, ask(fmt.Sprint("user", i)))
		if _, err := r.Wait(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	runtime.GC()
	held := 0
	for i, r := range reads {
		if r.Value() != nil {
			held++
		}
		if _, ok, _ := p.Known(ask(fmt.Sprint("user", i))); !ok {
			t.Errorf("user %d is not known", i)
		}
	}
	if held > users/2 { // the last ones may still be on a stack
		t.Errorf("%d of %d reads are still there", held, users)
	}
}
