package store_test

import (
	"context"
	"testing"
	"time"

	"zoomgraph/internal/rawjson"
	"zoomgraph/internal/store"
)

// What is known is answered without any memory. It is not parallel: others' memory would count.
func TestKnownTakesNoMemory(t *testing.T) {
	p := newStore(t, store.Options{TTL: time.Hour}).Principal("acct", "", nil)
	ask := store.Ask{
		Key: keyOf(opSettings, "abc"), Names: []string{"a1", "a2"},
		Fetch: func(_ context.Context, seal store.Seal) (store.Fetched, error) {
			seal()
			return store.Fetched{Body: rawjson.Parse([]byte(`{"a":{"a1":1,"a2":2}}`))}, nil
		},
	}
	if _, err := p.Read(t.Context(), ask); err != nil {
		t.Fatal(err)
	}
	allocs := testing.AllocsPerRun(100, func() {
		if _, ok, err := p.Known(ask); !ok || err != nil {
			t.Fatal("not known")
		}
	})
	if allocs > 0 {
		t.Errorf("%v allocations", allocs)
	}
}
