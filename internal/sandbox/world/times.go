package world

import (
	"slices"
	"strconv"
	"strings"
	"time"
)

// This file implements when made-up things happen, and what lies within a window. Most
// of it happened in the last month, the rest in the last year; what a client may plan,
// such as when a meeting starts, lies on both sides of today. Start reading at time.

// past is a time before today: of four, three in the last thirty days.
func (d *Drawing) past(h uint64) time.Time {
	days := uint64(30)
	if h>>40%4 == 0 {
		days = 365
	}
	return d.day().Add(-3*time.Hour - time.Duration(h%(days*86_400-3*3600))*time.Second)
}

// coming is a time in the thirty days from tomorrow on.
func (d *Drawing) coming(h uint64) time.Time {
	return d.day().AddDate(0, 0, 1).Add(time.Duration(h%(30*86_400)) * time.Second)
}

func (d *Drawing) day() time.Time {
	if d.Now.IsZero() {
		return Epoch.AddDate(1, 0, 0)
	}
	return d.Now
}

// time makes up a time of a thing.
func (m *maker) time(of, n *Node, at string) time.Time {
	path := Below(at, n.Name)
	h := m.draw.Number(path)
	if start := startOf(of, n.Name); start != nil {
		if began, known := m.timeAt(of, start, at); known {
			return began.Add(m.length(of, n, at))
		}
	}
	switch owner := m.of.Owner(); {
	case strings.Contains(n.Name, "expir"):
		return m.draw.coming(h)
	case at == "" && isBirth(n.Name) && n.Name != timeOf(&Node{Fields: m.of.kind.nodes}):
		return m.draw.past(h).AddDate(-1, 0, 0)
	case n.Name == "join_time" && owner != nil && owner.kind.fields["start_time"] != nil:
		if began, err := time.Parse(time.RFC3339, m.world.Text(owner, "start_time")); err == nil {
			return began.Add(time.Duration(h%600) * time.Second)
		}
	case at == "" && m.of.kind.plans[n.Name] && h>>50%2 == 0:
		return m.draw.coming(h)
	}
	return m.draw.past(h)
}

// startOf is the field before whose time an end cannot lie; nil where a field is no end.
func startOf(of *Node, name string) *Node {
	if name == "leave_time" {
		return Find(of.Fields, "join_time")
	}
	for end, start := range map[string]string{"end_time": "start_time", "recording_end": "recording_start"} {
		if prefix, isEnd := strings.CutSuffix(name, end); isEnd {
			return Find(of.Fields, prefix+start)
		}
	}
	return nil
}

// timeAt is the time that another field of an object has.
func (m *maker) timeAt(of, n *Node, at string) (time.Time, bool) {
	raw := m.value(of, n, at)
	if raw == nil {
		return time.Time{}, false
	}
	began, err := time.Parse(time.RFC3339, plain(raw))
	return began, err == nil
}

// length is how long something lasts: the duration that stands beside.
func (m *maker) length(of, n *Node, at string) time.Duration {
	minutes := 15 + m.draw.Number(Below(at, n.Name))%90
	if d := Find(of.Fields, "duration"); d != nil && d.Kind == Integer {
		if n, err := strconv.ParseUint(plain(m.value(of, d, at)), 10, 16); err == nil {
			minutes = n
		}
	}
	return time.Duration(minutes) * time.Minute
}

// timeAs writes a time as a field has it.
func timeAs(n *Node, t time.Time) string {
	if n.Kind == Day {
		return t.Format(time.DateOnly)
	}
	return Timestamp(t)
}

// timeIn is the form of a time that a text of a name holds, "" for none.
func timeIn(name string) string {
	switch {
	case name == "date", name == "from", name == "to":
		return time.DateOnly
	case strings.HasSuffix(name, "_time"), strings.HasSuffix(name, "_at"):
		return time.RFC3339
	}
	return ""
}

// timeOf is the field by which rows lie within a window: one that says when something
// happened, or else the first time that is no end.
func timeOf(row *Node) string {
	for _, name := range []string{"start_time", "date_time", "recording_start", "join_time", "created_at", "create_time", "date"} {
		if Find(row.Fields, name) != nil {
			return name
		}
	}
	i := slices.IndexFunc(row.Fields, func(f *Node) bool {
		return (f.Kind == Moment || f.Kind == Day) && !strings.Contains(f.Name, "end") && !strings.Contains(f.Name, "expir")
	})
	if i < 0 {
		return ""
	}
	return row.Fields[i].Name
}

// within tells whether a time lies on a side of a day or a moment. A day holds all its
// moments.
func within(at, side, want string) bool {
	at, want = inUTC(at), inUTC(want)
	if len(at) == len(time.DateOnly) || len(want) == len(time.DateOnly) {
		at, want = at[:min(len(at), len(time.DateOnly))], want[:min(len(want), len(time.DateOnly))]
	}
	switch {
	case at == "":
		return false
	case side == "from":
		return at >= want
	}
	return at <= want
}

// inUTC spells a moment in UTC; a day stays one.
func inUTC(text string) string {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return Timestamp(t)
	}
	return text
}
