package store

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"
	"time"

	"pgregory.net/rapid"

	"zoomgraph/client"
	"zoomgraph/internal/rawjson"
)

// run is a clock that is off, and runs a little too fast or too slow.
type run struct{ off, perMillion int64 }

func randomRun() run {
	return run{rand.Int64N(int64(48*time.Hour)) + 1, rand.Int64N(900) - 450}
}

func (r run) at(x int64) moment { return moment(r.off + x + x*r.perMillion/1_000_000) }

// look reads the far clock at some moment of a round trip that begins then.
func look(here, far run, begin int64) (c crossing, end int64) {
	read := begin + rand.Int64N(int64(200*time.Millisecond))
	end = read + rand.Int64N(int64(200*time.Millisecond))
	return crossing{there: far.at(read) / grain * grain, sent: here.at(begin), back: here.at(end)}, end
}

// Whatever clocks say and however long round trips take: a moment of one process lies in the span that another process
// has of it, and that span is hardly longer than what is not known.
func TestMomentsCross(t *testing.T) {
	t.Parallel()
	for range 10_000 {
		here, far, there := randomRun(), randomRun(), randomRun()
		first, passed := look(here, far, rand.Int64N(int64(time.Hour)))
		left := passed + rand.Int64N(int64(time.Minute))
		shared := first.far(exactly(here.at(left)))
		if was := far.at(left); shared.from > was || shared.to < was {
			t.Fatalf("%+v is not in %+v", was, shared)
		}
		shared = toWire(shared).span()
		second, end := look(there, far, left+rand.Int64N(int64(time.Minute)))
		read := second.here(shared)
		if was := there.at(left); read.from > was || read.to < was {
			t.Fatalf("%v is not in %+v, which came by %+v and %+v", was, read, first, second)
		}
		if length := time.Duration(read.to - read.from); length > 1100*time.Millisecond {
			t.Fatalf("a moment %v ago became a span of %v", time.Duration(end-left), length)
		}
	}
	if never := (crossing{there: 1, sent: 2, back: 3}); never.here(span{}) != (span{}) || never.far(span{}) != (span{}) {
		t.Error("never has become a time")
	}
}

// Marks rise though the clock stands or goes back.
func TestMarksRise(t *testing.T) {
	t.Parallel()
	now := time.Now().Round(0)
	s, err := New(Options{Now: func() time.Time { return now }})
	if err != nil {
		t.Fatal(err)
	}
	last := s.mark()
	for _, step := range []time.Duration{0, 0, time.Second, -time.Hour, 0} {
		now = now.Add(step)
		next := s.mark()
		if next <= last {
			t.Errorf("%d after %d, by %v", next, last, step)
		}
		last = next
	}
}

// Readings of which it is known only between which moments they began are merged in any order: what is known of a name
// never goes back in the order in which they did begin.
func TestMergedNeverGoesBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		names := []string{"a", "b", "c"}
		drawn := entries{names: names, gone: map[*client.Error]int{}, told: map[span]int{}}
		gone := drawn.gone
		latest := map[string]int{}
		var e *entry
		for range rapid.IntRange(1, 15).Draw(rt, "readings") {
			e = e.merged(drawn.entry(rt))
			for _, name := range names {
				began, known := gone[e.gone], e.gone != nil
				if !known && !e.readAt(name).never() {
					began, known = valueOf(rt, e, name), true
				}
				if known && began < latest[name] {
					rt.Fatalf("%s began at %d after %d: %+v", name, began, latest[name], e)
				}
				latest[name] = max(latest[name], began)
			}
		}
	})
}

// entries draws entries whose names have for their value when their reading began.
type entries struct {
	names []string
	gone  map[*client.Error]int
	told  map[span]int // readings are told apart by their spans: one span, one reading
}

// entry is a reading, or two that were merged.
func (d entries) entry(rt *rapid.T) *entry {
	began := rapid.IntRange(100, 200).Draw(rt, "began")
	told := span{moment(began - rapid.IntRange(0, 20).Draw(rt, "before")), moment(began + rapid.IntRange(0, 20).Draw(rt, "after"))}
	if same, known := d.told[told]; known {
		began = same
	}
	d.told[told] = began
	kind := rapid.SampledFrom([]string{"whole", "names", "names", "gone", "two"}).Draw(rt, "kind")
	some := d.names
	if kind == "names" {
		some = rapid.SliceOfNDistinct(rapid.SampledFrom(d.names), 1, 3, rapid.ID[string]).Draw(rt, "names")
	}
	body := ""
	for _, name := range some {
		body += fmt.Sprintf(`,%q:%d`, name, began)
	}
	e := &entry{body: rawjson.Parse([]byte(`{"s":{` + body[1:] + `}}`))}
	switch kind {
	case "whole":
		e.whole = told
	case "names":
		times := map[string]span{}
		for _, name := range some {
			times[name] = told
		}
		e.names = readingsOf(times)
	case "gone":
		e = lacking(&client.Error{}, 0, "")
		e.lack, d.gone[e.gone] = told, began
	case "two":
		return d.entry(rt).merged(d.entry(rt))
	}
	return e
}

func valueOf(rt *rapid.T, e *entry, name string) int {
	section, _ := rawjson.Member(e.body.Text, "s")
	value, _ := rawjson.Member(section, name)
	began, err := strconv.Atoi(string(value))
	if err != nil {
		rt.Fatalf("%s is %q in %s", name, value, e.body.Text)
	}
	return began
}
