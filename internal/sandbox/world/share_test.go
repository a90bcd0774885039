package world

import (
	"bytes"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// Reads run side by side: here two wait for each other.
func TestReadsRunSideBySide(t *testing.T) {
	t.Parallel()
	var both sync.WaitGroup
	both.Add(2)
	met := make(chan bool)
	go func() { both.Wait(); close(met) }()
	w, err := New(Options{Program: trial(t), Quirks: Quirks{Answers: map[string]func(*World, *Call) (Answer, error){
		"GET /tracking_fields": func(*World, *Call) (Answer, error) {
			both.Done()
			select {
			case <-met:
			case <-time.After(time.Minute):
				t.Error("the other read waits for this one to end")
			}
			return Done(), nil
		},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	var reads sync.WaitGroup
	for range 2 {
		reads.Go(func() {
			if _, err := w.Perform(&Call{Op: w.ops["GET /tracking_fields"]}); err != nil {
				t.Error(err)
			}
		})
	}
	reads.Wait()
}

// What many ask at once is what one would have been told, also in a world that
// nobody has seen yet.
func TestReadsAtOnce(t *testing.T) {
	t.Parallel()
	alone, err := New(Options{Program: trial(t), Source: 3})
	if err != nil {
		t.Fatal(err)
	}
	calls, want := map[string]*Call{}, map[string][]byte{}
	for _, o := range alone.Operations() {
		if o.Reads() {
			calls[o.Op] = firstCall(t, alone, o)
			c := *calls[o.Op]
			answer, err := alone.Perform(&c)
			if err != nil {
				t.Fatalf("%s: %v", o.Op, err)
			}
			want[o.Op] = answer.Body
		}
	}
	crowd, err := New(Options{Program: trial(t), Source: 3})
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for name, call := range calls {
				c := *call
				c.Op = crowd.ops[name]
				answer, err := crowd.Perform(&c)
				if len(c.found) > len(c.Op.steps) {
					t.Errorf("%s finds things twice", name)
				}
				if err != nil || !bytes.Equal(answer.Body, want[name]) {
					t.Errorf("%s: %v, %s, want %s", name, err, answer.Body, want[name])
				}
			}
		})
	}
	all.Wait()
}

// A read sees a write whole or not at all.
func TestNothingIsTorn(t *testing.T) {
	t.Parallel()
	w, err := New(Options{Program: trial(t), Source: 3})
	if err != nil {
		t.Fatal(err)
	}
	write, read := firstCall(t, w, w.ops["PUT /meetings/{meetingId}/lock"]), firstCall(t, w, w.ops["GET /meetings/{meetingId}"])
	states := []string{`{"locked":true,"reason":"Full"}`, `{"locked":false,"reason":"Free"}`}
	set := func(state string) {
		c := *write
		c.Body = []byte(state)
		if answer, err := w.Perform(&c); err != nil || answer.Status != http.StatusNoContent {
			t.Errorf("%d, %v", answer.Status, err)
		}
	}
	set(states[0])
	var all sync.WaitGroup
	for i := range 4 {
		all.Go(func() {
			for range 200 {
				if i == 0 {
					set(states[1])
					set(states[0])
					continue
				}
				c := *read
				answer, err := w.Perform(&c)
				if body := string(answer.Body); err != nil || !strings.Contains(body, states[0]) && !strings.Contains(body, states[1]) {
					t.Errorf("%v, %s", err, body)
					return
				}
			}
		})
	}
	all.Wait()
}

// A read that fails for another reason than company says so.
func TestPanicsOfReads(t *testing.T) {
	t.Parallel()
	runs := 0
	w, err := New(Options{Program: trial(t), Quirks: Quirks{Answers: map[string]func(*World, *Call) (Answer, error){
		"GET /tracking_fields": func(*World, *Call) (Answer, error) {
			runs++
			panic("broken")
		},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if why := recover(); why != "broken" || runs != 1 {
			t.Errorf("it panics with %v after %d runs", why, runs)
		}
		w.Alone(func() {}) // and holds no lock
	}()
	_, _ = w.Perform(&Call{Op: w.ops["GET /tracking_fields"]})
}

// BenchmarkReads is what reads cost that run side by side; with -cpu 1,2.
func BenchmarkReads(b *testing.B) {
	w, err := New(Options{Program: trial(b), Source: 3})
	if err != nil {
		b.Fatal(err)
	}
	call := firstCall(b, w, w.ops["GET /meetings/{meetingId}/registrants"])
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			c := *call
			if _, err := w.Perform(&c); err != nil {
				b.Error(err)
			}
		}
	})
}
