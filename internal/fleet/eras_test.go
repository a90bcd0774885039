package fleet

import (
	"context"
	"fmt"
	"strconv"
	"sync/atomic"
	"testing"
	"time"

	"zoomgraph/client"
	"zoomgraph/internal/rawjson"
	"zoomgraph/internal/redistest"
	"zoomgraph/internal/store"
)

// register is a Zoom that has one setting of one user.
type register struct{ value, calls atomic.Int64 }

// reader is the store of one replica before that Zoom.
type reader struct {
	*store.Principal
	zoom *register
}

func newReader(t testing.TB, zoom *register, f *Fleet) reader {
	t.Helper()
	s, err := store.New(store.Options{TTL: time.Hour, UsersTTL: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return reader{s.Principal("acct", "", account(t, f)), zoom}
}

var (
	settingsOf = store.Key{Op: &client.Op{ID: "userSettings", Method: "GET", Path: "/users/{userId}/settings"}, Path: [4]string{"u"}}
	setting    = &client.Op{ID: "userSettingsUpdate", Method: "PATCH", Path: "/users/{userId}/settings"}
)

func (r reader) read(t testing.TB) int64 {
	t.Helper()
	answer, err := r.Read(t.Context(), store.Ask{Key: settingsOf, Names: []string{"v"}, Fetch: func(_ context.Context, seal store.Seal) (store.Fetched, error) {
		if _, needed := seal(); !needed {
			return store.Fetched{}, nil
		}
		r.zoom.calls.Add(1)
		return store.Fetched{Body: rawjson.Parse(fmt.Appendf(nil, `{"v":%d}`, r.zoom.value.Load()))}, nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	var value int64
	if _, err := fmt.Sscanf(string(answer.Body.Text), `{"v":%d}`, &value); err != nil {
		t.Fatalf("%s: %v", answer.Body.Text, err)
	}
	return value
}

func (r reader) write(t testing.TB, value int64) {
	t.Helper()
	end := r.Write(t.Context(), setting, []string{"u"})
	r.zoom.value.Store(value)
	end(t.Context(), true)
}

// settled waits until what is read is kept for all: a read that takes no call.
func (r reader) settled(t testing.TB) {
	t.Helper()
	until(t, "what is read is kept", func() bool {
		before := r.zoom.calls.Load()
		r.read(t)
		return r.zoom.calls.Load() == before
	})
}

// An address leads to two servers in turn. What a replica has read or written is never older afterwards, at the one that
// writes as at one that only reads, and at one that is started anew.
func TestValuesAndTwoServers(t *testing.T) {
	t.Parallel()
	first, second := redistest.Start(t), redistest.Start(t)
	board := newSwitchboard(t)
	board.lead(first, nil)
	url := "redis://" + board.address
	one, two := open(t, url), open(t, url)
	zoom := &register{}
	writer, watcher := newReader(t, zoom, one), newReader(t, zoom, two)
	servers := []*redistest.Server{first, second}
	for round := range 5 {
		for _, f := range []*Fleet{one, two} {
			until(t, "it is up", func() bool { return f.Health().Up })
		}
		want := zoom.value.Load()
		for name, r := range map[string]reader{"the writer": writer, "the watcher": watcher, "a new one": newReader(t, zoom, open(t, url))} {
			if got := r.read(t); got != want {
				t.Fatalf("round %d: %s reads %d, want %d", round, name, got, want)
			}
			r.settled(t)
		}
		if round%2 == 1 {
			writer.write(t, want+1232)
		}
		losses := one.losses.Load() + two.losses.Load()
		board.lead(servers[(round+1)%2], servers[round%2])
		until(t, "both have noticed", func() bool { return one.losses.Load()+two.losses.Load() >= losses+2 })
		if round%2 == 0 {
			writer.write(t, want+1) // while the address leads elsewhere
		}
	}
}

// All replicas are gone, and have written elsewhere meanwhile. One that is started anew has no mark on the server that
// comes back, and believes nothing that it keeps.
func TestServerThatWasLeft(t *testing.T) {
	t.Parallel()
	first, second := redistest.Start(t), redistest.Start(t)
	zoom := &register{}
	old := open(t, first.URL())
	before := newReader(t, zoom, old)
	before.settled(t)
	old.Close()
	elsewhere := open(t, second.URL())
	newReader(t, zoom, elsewhere).write(t, 1233)
	elsewhere.Close()
	if got := newReader(t, zoom, open(t, first.URL())).read(t); got != 1233 {
		t.Errorf("%d was read before", got)
	}
}

// The server's clock was set back by an hour: what was written by it before is not believed.
func TestServerClockSetBack(t *testing.T) {
	t.Parallel()
	ahead := time.Now().Add(time.Hour)
	t.Run("replicas and their reunion", func(t *testing.T) {
		t.Parallel()
		srv := redistest.Start(t)
		srv.Do(fmt.Sprintf("ZADD %s %d dead", replicasKey, ahead.UnixMilli()))
		srv.Do(fmt.Sprintf("SET %s %d", reunionKey, ahead.UnixMilli()))
		f := open(t, srv.URL())
		a := account(t, f)
		if n := f.Health().Replicas; n != 1 {
			t.Errorf("%d replicas, one of them dead", n)
		}
		srv.Stop()
		until(t, "it is down", func() bool { return !f.Health().Up })
		srv.Start()
		srv.Do(fmt.Sprintf("SET %s %d", reunionKey, ahead.UnixMilli()))
		until(t, "the budget is one again", a.Up)
	})
	t.Run("turns", func(t *testing.T) {
		t.Parallel()
		srv := redistest.Start(t)
		a := account(t, open(t, srv.URL()))
		ask := client.Ask{
			Label: client.Medium, Day: "day", PerSecond: 10, Burst: 10, Growth: client.Growth{Keep: 1, Near: 1, Slow: 1, Fast: 1, Surely: 1}, Want: 1, Most: 1,
			Known: client.Known{Level: 10, Rate: 10, Ceiling: 10, Until: time.Now().UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)},
		}
		deal := func() client.Deal {
			t.Helper()
			d, ok := a.Deal(t.Context(), ask)
			if !ok {
				t.Fatal("no deal")
			}
			return d
		}
		deal()
		micros := strconv.FormatInt(ahead.UnixMicro(), 10)
		bucket, day := schema+"bucket/"+a.braced+"/"+string(client.Medium), schema+"day/"+a.braced+"/day"
		srv.Do("HSET " + bucket + " at " + micros + " since " + micros)
		d := deal()
		if d.First > 3*time.Second || d.Hold > 2*time.Second || d.Ago < 0 {
			t.Errorf("the next turn comes after %v, held for %v, stopped %v ago", d.First, d.Hold, d.Ago)
		}
		far := strconv.FormatInt(time.Now().Add(48*time.Hour).UnixMicro(), 10)
		srv.Do("HSET " + day + " closed " + far + " tried " + far)
		if d = deal(); d.ClosedFor > 24*time.Hour {
			t.Errorf("closed for %v", d.ClosedFor)
		}
		minute := strconv.FormatInt(time.Now().Add(-time.Minute).UnixMicro(), 10)
		if tried, _ := strconv.ParseInt(srv.Do("HGET "+day+" tried"), 10, 64); tried > time.Now().UnixMicro() {
			t.Errorf("whether the day is still closed was tried in the future, by %v", time.Until(time.UnixMicro(tried)))
		}
		srv.Do("HSET " + day + " tried " + minute)
		srv.Do("HDEL " + bucket + " at")
		if d = deal(); d.Turns != 1 {
			t.Errorf("%d turns to find out whether the day is still closed", d.Turns)
		}
	})
}
