package world

import (
	"net/http"
	"net/url"
	"testing"
)

// ask reads a path with one parameter, "" for none.
func ask(t *testing.T, w *World, op, value, query string) map[string]string {
	t.Helper()
	c := &Call{Op: w.ops[op], Vars: map[string]string{}, RawQuery: query, Path: op}
	for _, s := range c.Op.steps {
		c.Vars[s.param] = value
	}
	answer, err := w.Perform(c)
	if err != nil {
		t.Fatalf("%s: %v", op, err)
	}
	out := map[string]string{}
	members, _ := Members(answer.Body)
	for _, m := range members {
		out[m.Name] = plain(m.Value)
	}
	return out
}

// Things that stand for others have their values, also after a change: one line
// makes a report agree with what it is about.
func TestThingsThatStandForOthers(t *testing.T) {
	t.Parallel()
	w, err := New(Options{Program: trial(t), Quirks: Quirks{Things: map[string]Thing{
		"MeetingQuality": {Stands: "Meeting", Count: All},
	}}})
	if err != nil {
		t.Fatal(err)
	}
	meetings := w.All("Meeting")
	if got := ask(t, w, "GET /metrics/meetings", "", "page_size=300")["total_records"]; len(meetings) != 9 || got != "9" {
		t.Errorf("%d meetings, %s qualities", len(meetings), got)
	}
	meetings[4].Set("topic", "Cards")
	id := meetings[4].ID
	meeting, quality := ask(t, w, "GET /meetings/{meetingId}", id, ""), ask(t, w, "GET /metrics/meetings/{meetingId}", id, "")
	for _, name := range []string{"id", "topic", "start_time", "host_email"} {
		if meeting[name] != quality[name] || meeting[name] == "" {
			t.Errorf("%s is %q of the meeting, %q of its quality", name, meeting[name], quality[name])
		}
	}
	if quality["topic"] != "Cards" || quality["quality"] == "" {
		t.Errorf("the quality is %v", quality)
	}
}

// What is left out of a query, and what a type's things have, quirks say.
func TestQuirks(t *testing.T) {
	t.Parallel()
	w, err := New(Options{Program: trial(t), Quirks: Quirks{
		Defaults: map[string]url.Values{"GET /users/{userId}/meetings": {"type": {"2"}}},
		Things: map[string]Thing{
			"PastMeeting": {Shared: []string{"topic"}},
			"Meeting": {
				Seed: func(*World, *Record) []*Record {
					return []*Record{Known("1", map[string]any{"type": 1}), Known("2", map[string]any{"type": 2, "agenda": nil})}
				},
				Filters: map[string]func(*World, *Record, string) bool{
					"kind": func(_ *World, r *Record, value string) bool { return value == "live" && r.ID == "2" },
				},
				Missing:  Missing{http.StatusNotFound, 77, "No meeting %s."},
				Drawn:    map[string]func(*World, *Record) any{"duration": func(*World, *Record) any { return 7 }},
				Computed: map[string]func(*World, *Record) any{"topic": func(_ *World, r *Record) any { return "of " + r.Owner().ID }},
			},
		},
	}})
	if err != nil {
		t.Fatal(err)
	}
	user := w.All("User")[1].ID
	for query, want := range map[string]string{"": "1", "type=1": "1", "type=2": "1", "kind=live": "1", "kind=past_one": "0"} {
		if got := ask(t, w, "GET /users/{userId}/meetings", user, query)["total_records"]; got != want {
			t.Errorf("%q: %s meetings", query, got)
		}
	}
	if got := ask(t, w, "GET /meetings/{meetingId}", "2", ""); got["topic"] != "of "+w.All("User")[0].ID {
		t.Errorf("the meeting is %v", got)
	} else if _, said := got["agenda"]; said || got["duration"] != "7" {
		t.Errorf("agenda or duration are wrong: %v", got)
	}
	w.Find("Meeting", "2").Set("duration", 8)
	meeting := ask(t, w, "GET /meetings/{meetingId}", "2", "")
	instance := ask(t, w, "GET /past_meetings/{meetingUUID}", w.All("PastMeeting")[3].ID, "")
	if meeting["duration"] != "8" || instance["topic"] != meeting["topic"] {
		t.Errorf("the meeting is %v, its instance %v", meeting, instance)
	}
	if err := w.NotFound("Meeting", "3"); err.Error() != "404 77 No meeting 3." {
		t.Error(err)
	}
}
