package account_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"zoomgraph/client"
	"zoomgraph/internal/account"
	"zoomgraph/internal/rawjson"
	"zoomgraph/internal/store"
)

var (
	opUser   = &client.Op{ID: "user", Method: http.MethodGet, Path: "/users/{userId}", Label: client.Light}
	opUpdate = &client.Op{ID: "userSettingsUpdate", Method: http.MethodPatch, Path: "/users/{userId}/settings", Label: client.Light}
)

// before makes an account in front of a Zoom, and two who act in it: its app, and the user "ann".
func before(t *testing.T, zoom http.HandlerFunc) (app, ann *account.Principal) {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Path == "/oauth/token" {
			_, _ = w.Write([]byte(`{"access_token":"app","token_type":"bearer","expires_in":3600}`))
			return
		}
		zoom(w, r)
	}))
	t.Cleanup(srv.Close)
	known, err := store.New(store.Options{TTL: time.Minute, UsersTTL: time.Minute})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(known.Close)
	start := time.Now()
	a, err := account.New(account.Options{ID: "acct", Store: known, Zoom: client.Config{
		Now:    func() time.Time { return start }, // no time passes after which a breaker lets a call look whether Zoom is back
		APIURL: srv.URL + "/v2", OAuthURL: srv.URL + "/oauth", AccountID: "a", ClientID: "c", ClientSecret: "s",
	}})
	if err != nil {
		t.Fatal(err)
	}
	if app, err = a.Principal(account.Actor{}); err != nil {
		t.Fatal(err)
	}
	if ann, err = a.Principal(account.Actor{Class: "user:ann", Tokens: client.StaticToken("ann"), User: "ann"}); err != nil {
		t.Fatal(err)
	}
	return app, ann
}

// Where Zoom does not answer one of them, it is not asked by the other either.
func TestBreakersAreShared(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	app, ann := before(t, func(w http.ResponseWriter, _ *http.Request) {
		calls.Add(1)
		w.WriteHeader(http.StatusServiceUnavailable)
	})
	for range 10 {
		_, _ = app.Client.Do(t.Context(), client.Request{Op: opUpdate, Path: []string{"ann"}}) // a write is sent once
	}
	sent := calls.Load()
	_, err := ann.Client.Do(t.Context(), client.Request{Op: opUpdate, Path: []string{"bob"}})
	if !errors.Is(err, client.ErrUpstreamUnavailable) || calls.Load() != sent {
		t.Errorf("%v after %d calls", err, calls.Load()-sent)
	}
	if app.Health() != ann.Health() || app.Events() != ann.Events() {
		t.Error("health or events are two")
	}
}

// A user's writes are one after another, by whatever name and whoever makes them.
func TestOneOrder(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	running, most, writes := 0, 0, 0
	app, ann := before(t, func(w http.ResponseWriter, _ *http.Request) {
		mu.Lock()
		running, writes = running+1, writes+1
		most = max(most, running)
		mu.Unlock()
		<-time.After(50 * time.Millisecond) // for others to come too early
		mu.Lock()
		running--
		mu.Unlock()
		w.WriteHeader(http.StatusNoContent)
	})
	var writing sync.WaitGroup
	for _, do := range []func(context.Context) error{
		func(ctx context.Context) error {
			_, err := app.Client.Do(ctx, client.Request{Op: opUpdate, Path: []string{"ann"}})
			return err
		},
		func(ctx context.Context) error {
			_, err := app.Client.Do(ctx, client.Request{Op: opUpdate, Path: []string{"Ann@example.com"}, Thing: "ann"})
			return err
		},
		func(ctx context.Context) error {
			_, err := ann.Client.Do(ctx, client.Request{Op: opUpdate, Path: []string{"ann"}})
			return err
		},
	} {
		writing.Go(func() {
			if err := do(t.Context()); err != nil {
				t.Error(err)
			}
		})
	}
	writing.Wait()
	if most != 1 || writes != 3 {
		t.Errorf("%d writes, %d at once", writes, most)
	}
}

// What one of them has read is not believed any more once the other one writes it.
func TestGuardsAreShared(t *testing.T) {
	t.Parallel()
	app, ann := before(t, func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(`{"id":"ann"}`)) })
	ask := store.Ask{Key: store.Key{Op: opUser, Path: [4]string{"ann"}}}
	ask.Fetch = func(ctx context.Context, seal store.Seal) (store.Fetched, error) {
		seal()
		res, err := app.Client.Do(ctx, client.Request{Op: opUser, Path: []string{"ann"}})
		if err != nil {
			return store.Fetched{}, err
		}
		return store.Fetched{Body: rawjson.Parse(res.Body)}, nil
	}
	if _, err := app.Known.Read(t.Context(), ask); err != nil {
		t.Fatal(err)
	}
	if _, known, err := app.Known.Known(ask); !known || err != nil {
		t.Fatalf("known: %t, %v", known, err)
	}
	if _, known, _ := ann.Known.Known(ask); known {
		t.Error("what the app has read is answered to a user")
	}
	ann.Known.Write(t.Context(), opUpdate, []string{"ann"})(t.Context(), true)
	if _, known, _ := app.Known.Known(ask); known {
		t.Error("what was written is believed as it was before")
	}
}
