package sandbox_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"zoomgraph/internal/sandbox"
)

// What Zoom records has happened, mostly in the last month; what a client plans
// lies before today and behind it.
func TestEngineTimes(t *testing.T) {
	t.Parallel()
	z := engine(t)
	now, before := "2026-03-04", map[string]int{}
	count := func(name string, at any) {
		switch text, isText := at.(string); {
		case !isText:
			t.Errorf("%s is %v", name, at)
		case text >= now:
			before[name+" to come"]++
		case text >= "2026-02-01":
			before[name+" of late"]++
		default:
			before[name+" earlier"]++
		}
	}
	for _, u := range z.Users()[:6] {
		for _, m := range z.get("/users/" + u.ID + "/meetings").rows("meetings") {
			count("meetings", m["start_time"])
			count("births", m["created_at"])
			if m["created_at"].(string) > m["start_time"].(string) {
				t.Errorf("%v was made after it was", m)
			}
			id := ids([]map[string]any{m}, "id")[0]
			for _, p := range z.get("/past_meetings/" + id + "/instances").rows("meetings") {
				count("instances", p["start_time"])
				count("ends", p["end_time"])
			}
		}
		for _, c := range z.get("/users/" + u.ID + "/calls").rows("calls") {
			count("calls", c["date_time"])
			count("days", c["day"])
			count("texts", c["deletion_time"])
			began, _ := time.Parse(time.RFC3339, c["answer_start_time"].(string))
			ended, _ := time.Parse(time.RFC3339, c["answer_end_time"].(string))
			if ended.Sub(began) != time.Duration(c["duration"].(float64))*time.Minute {
				t.Errorf("%v does not last as long as it says", c)
			}
		}
		of := z.get("/users/" + u.ID + "/calls?from=2026-02-03&to=2026-03-02")
		want := 0
		for _, c := range z.get("/users/" + u.ID + "/calls").rows("calls") {
			if day := c["date_time"].(string)[:10]; "2026-02-03" <= day && day <= "2026-03-02" {
				want++
			}
		}
		if got := len(of.rows("calls")); got != want {
			t.Errorf("a month has %d calls, want %d", got, want)
		}
		before["calls of a month"] += want
	}
	for _, name := range []string{"meetings to come", "meetings of late", "instances of late", "instances earlier", "calls of late", "calls of a month", "days of late", "texts of late", "births earlier"} {
		if before[name] == 0 {
			t.Errorf("there are no %s: %v", name, before)
		}
	}
	for _, name := range []string{"instances", "ends", "calls", "births", "days", "texts"} {
		if before[name+" to come"] != 0 {
			t.Errorf("%s are in the future: %v", name, before)
		}
	}
}

// Made-up times go with the day on which the world was made, and not with the clock.
func TestEngineTimesStay(t *testing.T) {
	t.Parallel()
	z := engine(t)
	calls := "/users/" + z.user(1) + "/calls"
	was := z.get(calls).rows("calls")
	z.clock.Add(50 * 24 * time.Hour)
	z.token = z.mint()
	if is := z.get(calls).rows("calls"); !reflect.DeepEqual(is, was) {
		t.Errorf("the calls were %v and are %v", was, is)
	}
	later := start(t, sandbox.Options{Users: 6, Program: engineProgram(t), Now: z.clock.Now})
	if day := later.get(calls).rows("calls")[0]["date_time"].(string)[:10]; day <= was[0]["date_time"].(string)[:10] {
		t.Errorf("a world of a later day has %s", day)
	}
}

func TestEngineWindows(t *testing.T) {
	t.Parallel()
	z := engine(t)
	calls := "/users/" + z.user(1) + "/calls"
	z.get(calls+"?from=2026-01-01&to=2026-02-01").refused(400, 300, "from 2026-01-01 to 2026-02-01 is longer than a month")
	z.get(calls+"?from=2026-01-01").refused(400, 300, "from 2026-01-01 to now is longer than a month")
	z.get(calls+"?from=soon").refused(400, 300, "soon")
	z.get(calls+"?from=2026-03-02&to=2026-03-01").refused(400, 300, "behind")
	call := z.get(calls).rows("calls")[0]
	at, _ := time.Parse(time.RFC3339, call["date_time"].(string))
	for _, tt := range []struct {
		from, to time.Duration
		has      bool
	}{{0, 0, true}, {-time.Second, 0, true}, {time.Second, time.Minute, false}, {-time.Minute, -time.Second, false}} {
		for _, form := range []*time.Location{time.UTC, time.FixedZone("", -5*3600)} {
			moment := func(d time.Duration) string { return at.Add(d).In(form).Format(time.RFC3339) }
			got := z.get(calls + "?from=" + moment(tt.from) + "&to=" + moment(tt.to))
			if has := slices.Contains(ids(got.rows("calls"), "id"), call["id"].(string)); has != tt.has {
				t.Errorf("from %v to %v of its time: %s", tt.from, tt.to, got.body)
			}
		}
	}
}
