package history_test

import (
	"slices"
	"strings"
	"testing"
	"time"
)

const (
	ms = time.Millisecond
	s  = time.Second
)

var tight = bounds{TTL: 10 * s, Lease: s, Slack: 100 * ms, After: s}

// story is a history of one setting, told in few words. Times are milliseconds.
type story struct{ history }

// zoom makes a change: by a write, or by itself if that is 0.
func (h *story) zoom(at, version, write int) {
	h.Changes = append(h.Changes, change{"ann", "x", version, time.Duration(at) * ms, time.Duration(at) * ms, write})
	if write > 0 {
		if h.Arrived == nil {
			h.Arrived = map[int]int{}
		}
		h.Arrived[write]++
	}
}

func (h *story) reads(replica string, begin, end, version int) {
	h.Operations = append(h.Operations, operation{
		Replica: replica, User: "ann", Values: map[string]int{"x": version}, Begin: time.Duration(begin) * ms, End: time.Duration(end) * ms,
	})
}

func (h *story) writes(replica string, begin, end, write, version int, err string) {
	h.Operations = append(h.Operations, operation{
		Replica: replica, User: "ann", Values: map[string]int{"x": version}, Begin: time.Duration(begin) * ms, End: time.Duration(end) * ms,
		Write: true, ID: write, Err: err,
	})
}

func (h *story) trouble(kind, replica string, from, to int, ofZoom bool) {
	h.Troubles = append(h.Troubles, trouble{kind, replica, ofZoom, time.Duration(from) * ms, time.Duration(to) * ms})
}

// A checker that cannot fail is worth nothing: each rule has histories that keep it and such that break it.
func TestJudge(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		tell func(*story)
		want []string
	}{
		"nothing happens":                {func(h *story) { h.reads("a.1", 10, 20, 1) }, nil},
		"a version that was never there": {func(h *story) { h.reads("a.1", 10, 20, 7) }, []string{ruleUnknown}},
		"a version of later": {func(h *story) {
			h.reads("a.1", 10, 20, 2)
			h.zoom(30, 2, 0)
		}, []string{ruleUnknown}},
		"a version that comes while it is read": {func(h *story) {
			h.reads("a.1", 10, 40, 2)
			h.zoom(30, 2, 0)
		}, nil},

		"a replica reads its own write": {func(h *story) {
			h.writes("a.1", 10, 30, 1, 2, "")
			h.zoom(20, 2, 1)
			h.reads("a.1", 31, 40, 2)
		}, nil},
		"a replica does not": {func(h *story) {
			h.writes("a.1", 10, 30, 1, 2, "")
			h.zoom(20, 2, 1)
			h.reads("a.1", 31, 40, 1)
		}, []string{ruleOwn}},
		"a read that overlaps the write may give either": {func(h *story) {
			h.writes("a.1", 10, 30, 1, 2, "")
			h.zoom(20, 2, 1)
			h.reads("a.1", 29, 40, 1)
		}, nil},
		"a write that failed may have been done": {func(h *story) {
			h.trouble("slow", "", 0, 100, true)
			h.writes("a.1", 10, 30, 1, 2, "UPSTREAM_TIMEOUT")
			h.zoom(20, 2, 1)
			h.reads("a.1", 31, 40, 1)
			h.reads("a.1", 41, 50, 2)
		}, nil},
		"a later version than the own one": {func(h *story) {
			h.writes("a.1", 10, 30, 1, 2, "")
			h.zoom(20, 2, 1)
			h.zoom(25, 3, 0)
			h.reads("a.1", 31, 40, 3)
		}, nil},

		"back to the version before": {func(h *story) {
			h.writes("b.1", 10, 30, 1, 2, "")
			h.zoom(20, 2, 1)
			h.reads("a.1", 31, 40, 2)
			h.reads("a.1", 41, 50, 1)
		}, []string{ruleMonotonic, ruleCalm}},
		"back, but at another replica": {func(h *story) {
			h.writes("b.1", 10, 30, 1, 2, "")
			h.zoom(20, 2, 1)
			h.reads("a.1", 31, 40, 2)
			h.reads("c.1", 41, 50, 1)
		}, nil},
		"back, but in another life": {func(h *story) {
			h.writes("b.1", 10, 30, 1, 2, "")
			h.zoom(20, 2, 1)
			h.reads("a.1", 31, 40, 2)
			h.reads("a.2", 41, 50, 1)
		}, nil},
		"both at once": {func(h *story) {
			h.writes("b.1", 10, 30, 1, 2, "")
			h.zoom(20, 2, 1)
			h.reads("a.1", 31, 45, 2)
			h.reads("a.1", 41, 50, 1)
		}, nil},
		"back behind a change of Zoom's own": {func(h *story) {
			h.zoom(20, 2, 0)
			h.reads("a.1", 31, 40, 2)
			h.reads("a.1", 41, 50, 1)
		}, []string{ruleCalm}},
		"back behind a change of Zoom's own, without Redis": {func(h *story) {
			h.trouble("cut", "a", 0, 100, false)
			h.zoom(20, 2, 0)
			h.reads("a.1", 31, 40, 2)
			h.reads("a.1", 41, 50, 1)
		}, nil},
		"back behind a write that is older than Zoom's own change": {func(h *story) {
			h.writes("b.1", 10, 30, 1, 2, "")
			h.zoom(20, 2, 1)
			h.zoom(25, 3, 0)
			h.reads("a.1", 31, 40, 3)
			h.reads("a.1", 41, 50, 1)
		}, []string{ruleMonotonic, ruleCalm}},
		"back from a failed write that was done": {func(h *story) {
			h.trouble("slow", "", 0, 100, true)
			h.writes("b.1", 10, 30, 1, 2, "UPSTREAM_TIMEOUT")
			h.zoom(20, 2, 1)
			h.reads("a.1", 31, 40, 2)
			h.reads("a.1", 41, 50, 1)
		}, []string{ruleMonotonic, ruleCalm}},

		"another replica within the lease": {func(h *story) {
			h.writes("b.1", 10, 30, 1, 2, "")
			h.zoom(20, 2, 1)
			h.reads("a.1", 1120, 1140, 1)
		}, nil},
		"another replica after the lease": {func(h *story) {
			h.writes("b.1", 10, 30, 1, 2, "")
			h.zoom(20, 2, 1)
			h.reads("a.1", 1140, 1150, 1)
		}, []string{ruleOthers}},
		"another replica whose Redis is away": {func(h *story) {
			h.trouble("cut", "a", 500, 600, false)
			h.writes("b.1", 10, 30, 1, 2, "")
			h.zoom(20, 2, 1)
			h.reads("a.1", 1140, 1150, 1)
		}, nil},
		"a third one's Redis is away": {func(h *story) {
			h.trouble("cut", "c", 500, 600, false)
			h.writes("b.1", 10, 30, 1, 2, "")
			h.zoom(20, 2, 1)
			h.reads("a.1", 1140, 1150, 1)
		}, []string{ruleOthers}},
		"a trouble that was over before": {func(h *story) {
			h.trouble("cut", "a", 0, 100, false)
			h.writes("b.1", 5000, 5030, 1, 2, "")
			h.zoom(5020, 2, 1)
			h.reads("a.1", 7140, 7150, 1)
		}, []string{ruleOthers}},
		"what failed is promised to nobody": {func(h *story) {
			h.trouble("slow", "c", 0, 100, true)
			h.writes("c.1", 10, 30, 1, 2, "UPSTREAM_TIMEOUT")
			h.zoom(20, 2, 1)
			h.reads("a.1", 5000, 5150, 1)
		}, nil},
		"the newest of several writes is there, and an older one is read": {func(h *story) {
			h.writes("b.1", 10, 30, 1, 2, "")
			h.zoom(20, 2, 1)
			h.writes("b.1", 4000, 4030, 2, 3, "")
			h.zoom(4020, 3, 2)
			h.reads("a.1", 4040, 4050, 1)
		}, []string{ruleOthers}},

		"as old as the TTL": {func(h *story) {
			h.zoom(20, 2, 0)
			h.reads("a.1", 10110, 10120, 1)
		}, nil},
		"older than the TTL": {func(h *story) {
			h.zoom(20, 2, 0)
			h.reads("a.1", 10130, 10140, 1)
		}, []string{ruleTTL}},
		"older than the TTL, without Redis": {func(h *story) {
			h.trouble("cut", "", 0, 20000, false)
			h.zoom(20, 2, 0)
			h.reads("a.1", 10130, 10140, 1)
		}, []string{ruleTTL}},

		"a write that is repeated": {func(h *story) {
			h.writes("b.1", 10, 30, 1, 2, "")
			h.zoom(15, 2, 1)
			h.zoom(20, 2, 1)
		}, []string{ruleOnce}},
		"a confirmed write that never came": {func(h *story) { h.writes("b.1", 10, 30, 1, 2, "") }, []string{ruleOnce}},
		"a failed write that never came": {func(h *story) {
			h.trouble("slow", "", 0, 100, true)
			h.writes("b.1", 10, 30, 1, 2, "UPSTREAM_UNAVAILABLE")
		}, nil},
		"a failed write that came twice": {func(h *story) {
			h.trouble("slow", "", 0, 100, true)
			h.writes("b.1", 10, 30, 1, 2, "UPSTREAM_UNAVAILABLE")
			h.zoom(15, 2, 1)
			h.zoom(20, 2, 1)
		}, []string{ruleOnce}},

		"an error while Redis is away": {func(h *story) {
			h.trouble("cut", "", 0, 100, false)
			h.writes("b.1", 10, 30, 1, 2, "INTERNAL")
		}, []string{ruleErrors}},
		"an error of another replica's restart": {func(h *story) {
			h.trouble("restart", "a", 0, 100, true)
			h.writes("b.1", 10, 30, 1, 2, "gone")
		}, []string{ruleErrors}},
		"an error long after a trouble": {func(h *story) {
			h.trouble("slow", "", 0, 100, true)
			h.writes("b.1", 1200, 1230, 1, 2, "UPSTREAM_UNAVAILABLE")
		}, []string{ruleErrors}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := &story{}
			h.zoom(0, 1, 0)
			test.tell(h)
			var got []string
			for _, x := range judge(h.history, tight) { // in the order of their texts
				got = append(got, x.Rule)
				if text := x.String(); !strings.Contains(text, "\n") || !strings.HasPrefix(text, x.Rule) {
					t.Errorf("%q tells no story", text)
				}
			}
			slices.Sort(test.want)
			if !slices.Equal(got, test.want) {
				t.Errorf("%q, want %q", got, test.want)
			}
		})
	}
}
