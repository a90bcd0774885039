package zoom

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/sandbox/world"
)

// rooms is an embedded Zoom whose rooms and locations are ours: a room in a building in a country, and one that is
// nowhere.
type rooms struct {
	*Zoom
	t *testing.T
}

func withRooms(t *testing.T) *rooms {
	t.Helper()
	z, err := New(Options{Program: programtest.Of(t), Users: 3, Now: time.Date(2026, 3, 4, 5, 6, 7, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	z.world.Alone(func() {
		room, location := z.world.All("Room"), z.world.All("RoomLocation")
		room[0].Set("location_id", location[1].ID)
		room[1].Set("location_id", "")
		location[0].Merge(world.MembersOf(map[string]any{"type": "country", "parent_location_id": ""}))
		location[1].Merge(world.MembersOf(map[string]any{"type": "building", "parent_location_id": location[0].ID}))
	})
	return &rooms{z, t}
}

// call calls an operation about the nth of what its path names.
func (z *rooms) call(op string, n int, query, body string) (string, error) {
	z.t.Helper()
	i := slices.IndexFunc(z.Operations(), func(o *world.Operation) bool { return o.Op == op })
	c := &world.Call{Op: z.Operations()[i], Vars: map[string]string{}, RawQuery: query, ContentType: "application/json", Body: []byte(body), Now: time.Now()}
	z.world.Alone(func() {
		c.Vars["roomId"], c.Vars["locationId"] = z.world.All("Room")[n].ID, z.world.All("RoomLocation")[n].ID
	})
	answer, err := z.Perform(&Mode{}, c)
	return string(answer.Body), err
}

// get reads settings; value is one of them, by its path.
func (z *rooms) get(path string, n int, view string) map[string]any {
	z.t.Helper()
	answer, err := z.call("GET "+path, n, "setting_type="+view, "")
	var object map[string]any
	if err != nil || json.Unmarshal([]byte(answer), &object) != nil {
		z.t.Fatalf("GET %s of %s: %s, %v", path, view, answer, err)
	}
	return object
}

func (z *rooms) value(path string, n int, view, at string) any {
	z.t.Helper()
	var value any = z.get(path, n, view)
	for name := range strings.SplitSeq(at, ".") {
		object, _ := value.(map[string]any)
		value = object[name]
	}
	return value
}

func (z *rooms) patch(path string, n int, view, body string) {
	z.t.Helper()
	if _, err := z.call("PATCH "+path, n, "setting_type="+view, body); err != nil {
		z.t.Fatalf("PATCH %s: %v", path, err)
	}
}

// A room has what was written of it, or else of its building, or else of the country, or else the account's.
func TestRoomsFollowLocationsAndTheAccount(t *testing.T) {
	t.Parallel()
	z := withRooms(t)
	const at = "client_alert.detect_camera_error_alert"
	everywhere := func(want ...any) {
		t.Helper()
		var got []any
		for _, place := range []struct {
			path string
			n    int
		}{{settingsOfRoom, 0}, {settingsOfRoom, 1}, {settingsOfLocation, 1}, {settingsOfLocation, 0}, {settingsOfRooms, 0}} {
			got = append(got, z.value(place.path, place.n, "alert", at))
		}
		if !slices.Equal(got, want) {
			t.Errorf("room, room that is nowhere, building, country, account: %v, want %v", got, want)
		}
	}
	a, _ := z.value(settingsOfRooms, 0, "alert", at).(bool)
	everywhere(a, a, a, a, a)
	write := func(path string, n int, value bool) {
		t.Helper()
		body, _ := json.Marshal(map[string]any{"client_alert": map[string]any{"detect_camera_error_alert": value}})
		z.patch(path, n, "alert", string(body))
	}
	write(settingsOfRooms, 0, !a)
	everywhere(!a, !a, !a, !a, !a)
	write(settingsOfLocation, 0, a)
	everywhere(a, !a, a, a, !a)
	write(settingsOfRoom, 0, !a)
	everywhere(!a, !a, a, a, !a)
	write(settingsOfLocation, 1, !a)
	write(settingsOfRooms, 0, a)
	everywhere(!a, a, !a, a, a)
	z.Reset()
	if got := z.value(settingsOfRooms, 0, "alert", at); got != a {
		t.Errorf("the account's after a reset: %v, want %v", got, a)
	}
}

// Locations that lie in each other lie in nothing else.
func TestRoomLocationsInARing(t *testing.T) {
	t.Parallel()
	z := withRooms(t)
	z.world.Alone(func() {
		location := z.world.All("RoomLocation")
		location[0].Set("parent_location_id", location[1].ID)
	})
	z.patch(settingsOfRooms, 0, "scheduling_display", `{"scheduling_display":{"home_screen_theme":"compact"}}`)
	if got := z.value(settingsOfRoom, 0, "scheduling_display", "scheduling_display.home_screen_theme"); got != "compact" {
		t.Errorf("%v, want the account's", got)
	}
}

// What only countries have is nowhere else, and not kept elsewhere; the screen's alert goes with the controller's.
func TestRoomSettingsThatAreNotKept(t *testing.T) {
	t.Parallel()
	z := withRooms(t)
	for n, want := range []any{true, nil} {
		z.patch(settingsOfLocation, n, "meeting", `{"zoom_rooms":{"hide_self_view":true,"voice_commands":true}}`)
		if got := z.value(settingsOfLocation, n, "meeting", "zoom_rooms.hide_self_view"); got != want {
			t.Errorf("location %d: hide_self_view is %v, want %v", n, got, want)
		}
		if got := z.value(settingsOfLocation, n, "meeting", "zoom_rooms.voice_commands"); got != true {
			t.Errorf("location %d: voice_commands is %v", n, got)
		}
	}
	for _, path := range []string{settingsOfRoom, settingsOfLocation, settingsOfRooms} {
		for _, test := range []struct {
			body string
			want any
		}{
			{`{"zoom_rooms":{"upcoming_meeting_alert":true,"show_alert_before_meeting":true}}`, true},
			{`{"zoom_rooms":{"upcoming_meeting_alert":false}}`, true},
			{`{"zoom_rooms":{"show_alert_before_meeting":false}}`, true},
			{`{"zoom_rooms":{"upcoming_meeting_alert":true}}`, true},
			{`{"zoom_rooms":{"show_alert_before_meeting":false}}`, false},
		} {
			z.patch(path, 0, "meeting", test.body)
			if got := z.value(path, 0, "meeting", "zoom_rooms.show_alert_before_meeting"); got != test.want {
				t.Errorf("PATCH %s %s: show_alert_before_meeting is %v, want %v", path, test.body, got, test.want)
			}
		}
	}
}

// A PATCH changes the view that setting_type names, that of meetings without it, and refuses others.
func TestRoomSettingsAreWrittenAViewAtATime(t *testing.T) {
	t.Parallel()
	z := withRooms(t)
	for _, path := range []string{settingsOfRoom, settingsOfLocation, settingsOfRooms} {
		const both = `{"client_alert":{"detect_speaker_error_alert":%},"zoom_rooms":{"auto_direct_sharing":%}}`
		was, _ := z.value(path, 0, "meeting", "zoom_rooms.auto_direct_sharing").(bool)
		alert, _ := z.value(path, 0, "alert", "client_alert.detect_speaker_error_alert").(bool)
		text := func(v bool) string { return map[bool]string{true: "true", false: "false"}[v] }
		z.patch(path, 0, "alert", strings.NewReplacer(`alert":%`, `alert":`+text(!alert), `sharing":%`, `sharing":`+text(!was)).Replace(both))
		if a, m := z.value(path, 0, "alert", "client_alert.detect_speaker_error_alert"), z.value(path, 0, "meeting", "zoom_rooms.auto_direct_sharing"); a != !alert || m != was {
			t.Errorf("PATCH %s of alerts: alerts %v, meetings %v", path, a, m)
		}
		if _, err := z.call("PATCH "+path, 0, "", `{"zoom_rooms":{"auto_direct_sharing":`+text(!was)+`}}`); err != nil || z.value(path, 0, "meeting", "zoom_rooms.auto_direct_sharing") != !was {
			t.Errorf("PATCH %s of nothing: %v", path, err)
		}
		for query, body := range map[string]string{
			"setting_type=doors": `{}`, "setting_type=meeting": `[]`, "setting_type=alert": `{"client_alert":[]}`,
			"setting_type=signage": `{"digital_signage":{"play_list":[{"action":"add","contents":[1]}]}}`,
		} {
			var refused *world.Refusal
			if _, err := z.call("PATCH "+path, 0, query, body); !errors.As(err, &refused) || refused.Status != 400 {
				t.Errorf("PATCH %s?%s %s: %v, want 400", path, query, body, err)
			}
		}
		if _, err := z.call("GET "+path, 0, "setting_type=doors", ""); err == nil {
			t.Errorf("GET %s of doors is answered", path)
		}
	}
}

// Lists of contents are added, changed and deleted, and contents in them likewise.
func TestPlayListsAreActedOn(t *testing.T) {
	t.Parallel()
	z := withRooms(t)
	act := func(actions string) (names []string) {
		t.Helper()
		z.patch(settingsOfRoom, 0, "signage", `{"digital_signage":{"play_list":`+actions+`}}`)
		lists, _ := z.value(settingsOfRoom, 0, "signage", "digital_signage.play_list").([]any)
		for _, list := range lists {
			text, _ := json.Marshal(list)
			names = append(names, string(text))
		}
		return names
	}
	before := act(`[]`)
	if len(before) != 2 || !strings.Contains(before[0], z.world.All("SignageContent")[1].ID) {
		t.Errorf("%q, want two lists of what can be shown", before)
	}
	added := act(`[{"action":"add","name":"Fossils","contents":[{"action":"add","content_id":"a","order":1},{"content_id":"b"}]}]`)
	if len(added) != len(before)+1 {
		t.Fatalf("%d lists after one more than %d", len(added), len(before))
	}
	var made struct {
		ID       string
		Name     string
		Contents []struct {
			ID    string
			Order int
		}
	}
	_ = json.Unmarshal([]byte(added[len(before)]), &made)
	if made.Name != "Fossils" || made.ID == "" || len(made.Contents) != 2 || made.Contents[0].ID == "" {
		t.Fatalf("added %s", added[len(before)])
	}
	changed := act(`[{"action":"update","id":"` + made.ID + `","name":"Minerals","contents":[{"action":"delete","id":"` + made.Contents[0].ID + `"},{"action":"update","id":"` + made.Contents[1].ID + `","order":7}]}]`)
	_ = json.Unmarshal([]byte(changed[len(before)]), &made)
	if len(changed) != len(added) || made.Name != "Minerals" || len(made.Contents) != 1 || made.Contents[0].Order != 7 {
		t.Errorf("changed %s", changed[len(before)])
	}
	if left := act(`[{"action":"delete","id":"` + made.ID + `"},{"action":"delete","id":"nothing"},{"action":"update","id":"nothing","name":"x"}]`); !slices.Equal(left, before) {
		t.Errorf("%q are left of %q", left, before)
	}
}
