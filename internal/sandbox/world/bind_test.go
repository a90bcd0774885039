package world

import (
	"testing"

	"zoomgraph/graph/program/programtest"
)

// What a thing has of its own is named by the list there, though others go by a parameter of the same name: a device of a
// room is no device of a telephone. What stands in a list of all, such as the users of a report, is what its name says.
func TestNamedByTheListOfAThing(t *testing.T) {
	t.Parallel()
	w, err := New(Options{Program: programtest.Of(t)})
	if err != nil {
		t.Fatal(err)
	}
	listAt := map[string]*Operation{}
	for _, o := range w.sorted() {
		if o.rows {
			listAt[o.Path] = o
		}
	}
	w.params["deviceId"] = &kind{Name: "Another", global: true}
	for op, want := range map[string]string{
		"PUT /rooms/{roomId}/devices/{deviceId}/app_version": "RoomDevice",
		"GET /report/users/{userId}/meetings":                "User",
		"GET /metrics/meetings/{meetingId}/participants":     "MeetingMetrics",
	} {
		steps := stepsOf(w.ops[op].Path)
		if w.bind(steps, listAt); steps[len(steps)-1].kind.Name != want {
			t.Errorf("%s names a %s, want a %s", op, steps[len(steps)-1].kind.Name, want)
		}
	}
}
