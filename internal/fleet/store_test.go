package fleet_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"zoomgraph/client"
	"zoomgraph/internal/fleet"
	"zoomgraph/internal/rawjson"
	"zoomgraph/internal/redistest"
	"zoomgraph/internal/store"
)

// Two accounts with the same users behind one Redis, on two replicas, a thousand reads and writes in any order at once:
// nothing that is read of one is answered to the other.
func TestNothingCrossesInRedis(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	settings := &client.Op{ID: "userSettings", Method: "GET", Path: "/users/{userId}/settings"}
	update := &client.Op{ID: "userSettingsUpdate", Method: "PATCH", Path: "/users/{userId}/settings"}
	var principals [2][2]*store.Principal // by replica and account
	for replica := range principals {
		f, err := fleet.Open(fleet.Options{URL: srv.URL()})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(f.Close)
		s, err := store.New(store.Options{TTL: time.Minute, UsersTTL: time.Minute})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(s.Close)
		for i, id := range []string{"a", "b"} {
			far, err := f.Shared(id, []byte("one secret for both"))
			if err != nil {
				t.Fatal(err)
			}
			principals[replica][i] = s.Principal(id, "", far)
		}
	}
	var wg sync.WaitGroup
	var mu sync.Mutex
	known := 0
	places := make(chan struct{}, 16)
	for i := range 1000 {
		p, want := principals[i/2%2][i%2], fmt.Sprintf(`{"in_meeting":{"chat":%d}}`, i%2)
		key := store.Key{Op: settings, Path: [4]string{fmt.Sprint("user", i%7)}}
		places <- struct{}{}
		wg.Go(func() {
			defer func() { <-places }()
			if i%50 == 0 {
				p.Write(t.Context(), update, key.Path[:1])(t.Context(), true)
			}
			answer, err := p.Read(t.Context(), store.Ask{Key: key, Names: []string{"chat"}, Fetch: func(_ context.Context, seal store.Seal) (store.Fetched, error) {
				seal()
				return store.Fetched{Body: rawjson.Parse([]byte(want))}, nil
			}})
			if err != nil || string(answer.Body.Text) != want {
				t.Errorf("account %d is answered %s, %v", i%2, answer.Body.Text, err)
			}
			mu.Lock()
			defer mu.Unlock()
			if answer.Source == store.Cached {
				known++
			}
		})
	}
	wg.Wait()
	if known < 500 {
		t.Errorf("%d of 1,000 answers were known; then this shows nothing", known)
	}
}
