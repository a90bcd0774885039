package client

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// Instants are what a sorted list of times is, whatever is noted and forgotten, and take no
// memory for what they have forgotten.
func TestInstants(t *testing.T) {
	t.Parallel()
	var p instants
	var want []time.Time
	start := time.Now()
	if p.until(start) != 0 || p.until(time.Time{}) != 0 {
		t.Error("an empty one holds something")
	}
	for i := range 10_000 {
		at := start.Add(time.Duration(i) * time.Millisecond)
		for range rand.N(3) {
			noted := at.Add(-rand.N(5 * time.Millisecond))
			p.note(noted)
			want = append(want, noted)
			slices.SortFunc(want, time.Time.Compare)
		}
		old := at.Add(-rand.N(50 * time.Millisecond))
		p.forget(old)
		want = slices.DeleteFunc(want, func(at time.Time) bool { return !at.After(old) })
		asked := at.Add(-rand.N(60 * time.Millisecond))
		until := len(slices.DeleteFunc(slices.Clone(want), func(at time.Time) bool { return at.After(asked) }))
		if p.length() != len(want) || p.until(asked) != until || p.until(time.Time{}) != 0 {
			t.Fatalf("step %d: %d times, %d until then; want %d and %d", i, p.length(), p.until(asked), len(want), until)
		}
		for k := range want {
			if !p.at(k).Equal(want[k]) {
				t.Fatalf("step %d: %v stands at %d, want %v", i, p.at(k), k, want[k])
			}
		}
	}
	if cap(p.times) > 1000 {
		t.Errorf("it takes room for %d times", cap(p.times))
	}
}
