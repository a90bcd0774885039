package fleet

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"zoomgraph/internal/redistest"
)

func TestURLs(t *testing.T) {
	t.Parallel()
	for _, url := range []string{
		"", "localhost:6379", "http://:canary@h/", "redis://", "unix://", "redis://:canary@h:port/", "redis://u:canary@h/x",
		"redis://:canary%zz@h", "rediss://:canary@h/1/2", "redis://:canary@h?addr=i:1",
	} {
		if _, err := Open(Options{URL: url}); err == nil || strings.Contains(err.Error(), "canary") {
			t.Errorf("%q: %v", url, err)
		}
	}
}

// record is a log that tests may read.
type record struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(p)
}

func (r *record) count(what string) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return strings.Count(r.text.String(), what)
}

// Each change is told once, in health and log, and neither holds the password.
func TestHealth(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	srv.Stop()
	log := new(record)
	f, err := Open(Options{
		URL:    strings.Replace(srv.URL(), "unix://", "unix://default:canary@", 1),
		Logger: slog.New(slog.NewTextHandler(log, nil)),
	})
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	if h := f.Health(); h.Up || h.Replicas != 1 || !strings.HasPrefix(h.Err, "connection refused") || h.Since.IsZero() {
		t.Errorf("%+v", h)
	}
	for round := 1; round <= 2; round++ {
		srv.Start()
		until(t, "it is up", func() bool { return f.Health().Up })
		if h := f.Health(); h.Err != "" || h.Replicas != 1 {
			t.Errorf("%+v", h)
		}
		srv.Stop()
		until(t, "it is down", func() bool { return !f.Health().Up })
		if up, down := log.count("level=INFO"), log.count("level=WARN"); up != round || down != round+1 {
			t.Errorf("round %d: told %d times that it is up, %d times that it is down", round, up, down)
		}
	}
	if log.count("canary") != 0 || strings.Contains(f.Health().Err, "canary") {
		t.Errorf("%+v", f.Health())
	}
}

func TestRefusalsAreTold(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	srv.Do("CONFIG SET requirepass s3cret")
	f := open(t, srv.URL())
	until(t, "a reason", func() bool { return strings.HasSuffix(f.Health().Err, "(NOAUTH)") })
}

// Replicas count each other, also those that leave and those that die.
func TestReplicas(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	all := replicas(t, srv, 3)
	all[2].Close()
	all[2].Close()
	if all[2].Health().Up {
		t.Error("up after the end")
	}
	until(t, "one has left", func() bool { return all[0].Health().Replicas == 2 })
	srv.Do("ZADD " + replicasKey + " 1 one-that-died")
	until(t, "it is not counted", func() bool { return srv.Do("ZSCORE "+replicasKey+" one-that-died") == "" })
	if n := all[0].Health().Replicas; n != 2 {
		t.Errorf("%d replicas", n)
	}
}

// A fleet that is closed while Redis says nothing ends all the same.
func TestCloseInAnOutage(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	f := open(t, srv.URL())
	srv.Freeze()
	f.Close()
	if _, ok := account(t, f).Stamp(t.Context(), "x"); ok {
		t.Error("a stamp after the end")
	}
	nowhere, err := Open(Options{URL: "redis://192.0.2.1"})
	if err != nil {
		t.Fatal(err)
	}
	nowhere.Close()
}

// After an outage the replicas return one by one, and draw from one budget when
// all are back: at the same time, and as many as they were.
func TestReunion(t *testing.T) {
	t.Parallel()
	srv := redistest.Start(t)
	all := replicas(t, srv, 2)
	if !account(t, all[0]).Up() {
		t.Error("a start is no return")
	}
	srv.Stop()
	for _, f := range all {
		until(t, "it is down", func() bool { return !f.Health().Up })
	}
	refused := func(f *Fleet) bool { return strings.HasPrefix(f.Health().Err, "connection refused") }
	until(t, "a look finds it down", func() bool { return refused(all[0]) && refused(all[1]) })
	srv.Start()
	var whole []time.Time
	for _, f := range all {
		until(t, "it is up", func() bool { return f.Health().Up })
		if n := f.Health().Replicas; n != 2 {
			t.Errorf("%d replicas", n)
		}
		e := f.era.Load()
		whole = append(whole, e.whole)
		if !e.whole.After(e.begun) {
			t.Error("whole at once")
		}
	}
	if d := whole[0].Sub(whole[1]).Abs(); d > reunion/4 {
		t.Errorf("%v apart", d)
	}
}
