package graph_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"

	"zoomgraph/graph"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/callers"
	"zoomgraph/internal/sandbox"
)

// roomSettingsStory is that of a new room in a new country: what holds for all rooms holds for it, until somebody says
// otherwise of the country, and then of the room.
func roomSettingsStory() []step {
	const (
		account, location, room = "/rooms/account_settings", "/rooms/locations/{roomLocation}/settings", "/rooms/{room}/settings"
		read, write             = "GET ", "PATCH "
		meeting, alert, signage = "?setting_type=meeting", "?setting_type=alert", "?setting_type=signage"
	)
	return []step{
		{"Mutation.createRoomLocation", `mutation { createRoomLocation(input: {name: "Dorset"}) { roomLocation { id } } }`, []string{"POST /rooms/locations"}, `{"id":"`},
		{"Mutation.createRoom", `mutation { createRoom(input: {name: "Lyme Regis", type: ZOOM_ROOM, locationId: "{roomLocation}"}) { room { id } } }`, []string{"POST /rooms"}, `{"id":"`},
		{"Mutation.updateRoomsSettings", `mutation { updateRoomsSettings(input: {zoomRooms: {secureConnectionChannel: true, upcomingMeetingAlert: true, showAlertBeforeMeeting: true}, notification: {batteryPercentage: "30"}}) { settings { zoomRooms { secureConnectionChannel } notification { batteryPercentage } } notApplied { field } } }`, []string{write + account + meeting, write + account + alert, read + account + meeting, read + account + alert}, `{"zoomRooms":{"secureConnectionChannel":true},"notification":{"batteryPercentage":"30"}},"notApplied":[]`},
		{"Query.roomsSettings", `{ roomsSettings { zoomRooms { upcomingMeetingAlert showAlertBeforeMeeting } clientAlert { detectSpeakerErrorAlert } raw } }`, []string{read + account + meeting, read + account + alert}, `{"upcomingMeetingAlert":true,"showAlertBeforeMeeting":true}`},
		{"Room.settings", `{ room(id: "{room}") { settings { zoomRooms { upcomingMeetingAlert showAlertBeforeMeeting } notification { batteryPercentage } } alerts: settings(type: ALERT) { notification { batteryPercentage } zoomRooms { upcomingMeetingAlert } } } }`, []string{read + room + meeting, read + room + alert}, `{"settings":{"zoomRooms":{"upcomingMeetingAlert":true,"showAlertBeforeMeeting":true},"notification":{"batteryPercentage":"30"}},"alerts":{"notification":{"batteryPercentage":"30"},"zoomRooms":null}}`},
		{"Mutation.updateRoomLocationSettings", `mutation { updateRoomLocationSettings(id: "{roomLocation}", input: {zoomRooms: {hideSelfView: true, upcomingMeetingAlert: false}, meetingSecurity: {encryptionType: E2EE, endToEndEncryptedMeetings: true}}) { roomLocation { id } settings { meetingSecurity { encryptionType endToEndEncryptedMeetings } zoomRooms { hideSelfView } } notApplied { field } } }`, []string{write + location + meeting, read + location + meeting}, `{"meetingSecurity":{"encryptionType":"E2EE","endToEndEncryptedMeetings":true},"zoomRooms":{"hideSelfView":true}},"notApplied":[]`},
		{"RoomLocation.settings", `{ roomLocation(id: "{roomLocation}") { settings { zoomRooms { hideSelfView upcomingMeetingAlert } notification { batteryPercentage } } } room(id: "{room}") { settings(type: MEETING) { meetingSecurity { encryptionType } zoomRooms { upcomingMeetingAlert } } } }`, []string{read + location + alert, read + location + meeting, read + room + meeting}, `"zoomRooms":{"hideSelfView":true,"upcomingMeetingAlert":false},"notification":{"batteryPercentage":"30"}}},"room":{"settings":{"meetingSecurity":{"encryptionType":"E2EE"},"zoomRooms":{"upcomingMeetingAlert":false}}}`},
		{"Mutation.updateRoomSettings", `mutation { updateRoomSettings(id: "{room}", input: {zoomRooms: {entryExitChime: NONE, showAlertBeforeMeeting: false}, digitalSignage: {enableDigitalSignage: true, layout: VIDEO_CONTENT, banner: {bannerTime: false}, playList: [{action: ADD, name: "Fossils", contents: [{action: ADD, contentId: "ammonite", order: 1}]}]}}) { room { id } settings { zoomRooms { entryExitChime showAlertBeforeMeeting } digitalSignage { layout banner { bannerTime } } } notApplied { field wanted stored } } }`, []string{write + room + meeting, write + room + signage, read + room + meeting, read + room + signage}, `"settings":{"zoomRooms":{"entryExitChime":"NONE","showAlertBeforeMeeting":true},"digitalSignage":{"layout":"VIDEO_CONTENT","banner":{"bannerTime":false}}},"notApplied":[{"field":"zoom_rooms.show_alert_before_meeting","wanted":false,"stored":true}]`},
		{"Mutation.updateRoomsProfile", `mutation { updateRoomsProfile(input: {basic: {supportEmail: "help@example.com", roomPasscode: "1811", requiredCodeToExt: true}, setup: {backgroundImageInfo: [{displayId: ZOOM_ROOMS_DISPLAY2, contentId: "cliff"}]}}) { roomsProfile { basic { supportEmail roomPasscode requiredCodeToExt } setup { backgroundImageInfo { displayId contentId } } } } }`, []string{"PATCH /rooms/account_profile", "GET /rooms/account_profile"}, `{"basic":{"supportEmail":"help@example.com","roomPasscode":"1811","requiredCodeToExt":true},"setup":{"backgroundImageInfo":[{"displayId":"ZOOM_ROOMS_DISPLAY2","contentId":"cliff"}]}}`},
		{"Query.roomsProfile", `{ roomsProfile { basic { supportPhone } setup { applyBackgroundImageToAllDisplays } } }`, []string{"GET /rooms/account_profile"}, `"basic":{"supportPhone":"`},
	}
}

// Settings of many rooms are as many calls as there are rooms and views, and so says the plan.
func TestPlanOfRoomSettings(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	for _, test := range []struct {
		settings string
		views    int
	}{
		{`settings(type: MEETING) { zoomRooms { upcomingMeetingAlert } }`, 1},
		{`settings(type: MEETING) { zoomRooms { upcomingMeetingAlert } clientAlert { detectCameraErrorAlert } }`, 1},
		{`settings(type: ALERT) { raw }`, 1},
		{`settings(type: ALERT) { zoomRooms { upcomingMeetingAlert } }`, 0},
		{`settings { raw }`, 1},
		{`settings { raw meetingSecurity { encryptionType } zoomRooms { upcomingMeetingAlert } }`, 1},
		{`settings { clientAlert { detectCameraErrorAlert } notification { batteryPercentage } digitalSignage { mute } }`, 2},
		{`a: settings { raw } b: settings(type: ALERT) { raw } c: settings(type: SIGNAGE) { raw } d: settings(type: SCHEDULING_DISPLAY) { raw } e: settings { clientAlert { detectCameraErrorAlert } }`, 4},
		{`settings(type: $type) { zoomRooms { upcomingMeetingAlert } digitalSignage { mute } }`, 1},
	} {
		query := `{ rooms(first: 100) { nodes { ` + test.settings + ` } } }`
		if strings.Contains(query, "$type") {
			query = "query ($type: RoomSettingType = SIGNAGE) " + query
		}
		plan := s.askWith("X-Zoomgraph-Plan", query, nil).Extensions.Zoom.Plan
		if want := 1 + 100*test.views; plan.Calls != want || plan.ByLabel["MEDIUM"] != want {
			t.Errorf("%s: the plan has %+v, want %d calls", test.settings, plan, want)
		}
		s.wantCalls()
		a := s.must(query)
		nodes, _ := a.at("rooms", "nodes").([]any)
		if calls := s.calls(); len(nodes) == 0 || len(calls) > 1+len(nodes)*test.views {
			t.Errorf("%s: %d calls for %d rooms, want %d views each", test.settings, len(calls), len(nodes), test.views)
		}
	}
}

// What Zoom should not answer to a question for settings of rooms costs what it is about, and no more.
func TestHostileRoomSettings(t *testing.T) {
	t.Parallel()
	const (
		meeting, alert, signage = "meeting", "alert", "signage"
		selection               = `zoomRooms { upcomingMeetingAlert entryExitChime incomingMeetingRequest { automaticallyUnmute } } notification { batteryPercentage } digitalSignage { layout banner { bannerTime } playList { id startTime contents { contentId order } } }`
	)
	good := map[string]string{
		meeting: `{"zoom_rooms":{"upcoming_meeting_alert":true,"entry_exit_chime":"host","incoming_meeting_request":{"automatically_unmute":false}}}`,
		alert:   `{"notification":{"battery_percentage":"20"}}`,
		signage: `{"digital_signage":{"layout":"standard","banner":{"banner_time":true},"play_list":[{"id":"l","start_time":"2026-03-04T05:06:07Z","contents":[{"content_id":"c","order":1}]}]}}`,
	}
	const all = `{"zoomRooms":{"upcomingMeetingAlert":true,"entryExitChime":"HOST","incomingMeetingRequest":{"automaticallyUnmute":false}},"notification":{"batteryPercentage":"20"},"digitalSignage":{"layout":"STANDARD","banner":{"bannerTime":true},"playList":[{"id":"l","startTime":"2026-03-04T05:06:07Z","contents":[{"contentId":"c","order":1}]}]}}`
	const none = `{"zoomRooms":null,"notification":{"batteryPercentage":"20"},"digitalSignage":{"layout":"STANDARD","banner":{"bannerTime":true},"playList":[{"id":"l","startTime":"2026-03-04T05:06:07Z","contents":[{"contentId":"c","order":1}]}]}}`
	in := func(was, is string) string {
		if !strings.Contains(all, was) {
			t.Errorf("no %s in %s", was, all)
		}
		return strings.Replace(all, was, is, 1)
	}
	for name, test := range map[string]struct {
		view, answer string // in place of a good one
		want         string // settings
		errors       []string
	}{
		"nothing wrong":             {"", "", all, nil},
		"a Boolean as a text":       {meeting, `{"zoom_rooms":{"upcoming_meeting_alert":"true","entry_exit_chime":"host","incoming_meeting_request":{"automatically_unmute":"false"}}}`, all, nil},
		"a number for a text":       {alert, `{"notification":{"battery_percentage":20}}`, all, nil},
		"a word for a Boolean":      {meeting, `{"zoom_rooms":{"upcoming_meeting_alert":"yes","entry_exit_chime":"host","incoming_meeting_request":{"automatically_unmute":false}}}`, in(`Alert":true`, `Alert":null`), []string{"zoomRooms.upcomingMeetingAlert"}},
		"a value of no enum":        {meeting, `{"zoom_rooms":{"upcoming_meeting_alert":true,"entry_exit_chime":"guests","incoming_meeting_request":{"automatically_unmute":false}}}`, in(`"HOST"`, `null`), nil},
		"a list for an object":      {meeting, `{"zoom_rooms":{"upcoming_meeting_alert":true,"entry_exit_chime":"host","incoming_meeting_request":[]}}`, in(`{"automaticallyUnmute":false}`, `null`), []string{"zoomRooms.incomingMeetingRequest"}},
		"a list for a section":      {meeting, `{"zoom_rooms":[{"upcoming_meeting_alert":true}]}`, none, []string{"zoomRooms"}},
		"a text for a section":      {meeting, `{"zoom_rooms":"off"}`, none, []string{"zoomRooms"}},
		"null for a section":        {meeting, `{"zoom_rooms":null}`, none, nil},
		"an object for a list":      {signage, `{"digital_signage":{"layout":"standard","banner":{"banner_time":true},"play_list":{"id":"l","start_time":"2026-03-04T05:06:07Z","contents":{"content_id":"c","order":1}}}}`, all, nil},
		"a number in a list":        {signage, `{"digital_signage":{"layout":"standard","banner":{"banner_time":true},"play_list":[7]}}`, "", []string{"digitalSignage.playList.0"}},
		"a day for a time":          {signage, strings.Replace(good[signage], "2026-03-04T05:06:07Z", "2026-03-04", 1), in("2026-03-04T05:06:07Z", "2026-03-04"), nil},
		"no time":                   {signage, strings.Replace(good[signage], "2026-03-04T05:06:07Z", "at noon", 1), in(`"2026-03-04T05:06:07Z"`, "null"), []string{"digitalSignage.playList.0.startTime"}},
		"an empty answer":           {meeting, `{}`, none, nil},
		"another view's answer":     {meeting, good[alert], none, nil},
		"all views at once":         {meeting, `{"notification":{"battery_percentage":"99"},` + good[meeting][1:], all, nil},
		"sections of others too":    {alert, `{"notification":{"battery_percentage":"20"},"client_alert":{},"zoom_rooms":{"upcoming_meeting_alert":false}}`, all, nil},
		"more than is known":        {alert, `{"notification":{"battery_percentage":"20","smell":true},"smells":{"a":[{}]}}`, all, nil},
		"a list instead of all":     {meeting, `[` + good[meeting] + `]`, none, []string{"zoomRooms"}},
		"null instead of all":       {meeting, `null`, none, []string{"zoomRooms"}},
		"a text instead of all":     {meeting, `"off"`, none, []string{"zoomRooms"}},
		"what is no JSON":           {meeting, `{"zoom_rooms":{"upcoming`, none, []string{"zoomRooms"}},
		"no answer, with a 204":     {meeting, ``, none, []string{"zoomRooms"}},
		"a page of HTML with a 200": {meeting, `<html>`, none, []string{"zoomRooms"}},
	} {
		for _, place := range []struct{ query, path, at string }{
			{`{ room(id: "r") { settings { % } } }`, "/rooms/r/settings", "room.settings"},
			{`{ roomLocation(id: "l") { settings { % } } }`, "/rooms/locations/l/settings", "roomLocation.settings"},
			{`{ roomsSettings { % } }`, "/rooms/account_settings", "roomsSettings"},
		} {
			t.Run(name+" of "+place.at, func(t *testing.T) {
				t.Parallel()
				z := &graph.Stub{Answers: map[string]string{}}
				for view, answer := range good {
					if view == test.view {
						answer = test.answer
					}
					if answer != "" {
						z.Answers["GET "+place.path+"?setting_type="+view] = answer
					}
				}
				fields := selection
				want, errors := test.want, test.errors
				if place.at != "room.settings" { // chimes are of rooms only
					fields = strings.Replace(fields, "entryExitChime ", "", 1)
					want = strings.NewReplacer(`"entryExitChime":"HOST",`, ``, `"entryExitChime":null,`, ``).Replace(want)
				}
				if place.at == "roomsSettings" { // and invitations not the account's
					const request, field = `incomingMeetingRequest { automaticallyUnmute } `, `,"incomingMeetingRequest":`
					fields = strings.Replace(fields, request, "", 1)
					want = strings.NewReplacer(field+`{"automaticallyUnmute":false}`, ``, field+`null`, ``).Replace(want)
					errors = slices.DeleteFunc(slices.Clone(errors), func(at string) bool { return strings.HasSuffix(at, "Request") })
				}
				data, failed := z.Before(t, programtest.Of(t), nil)(strings.Replace(place.query, "%", fields, 1))
				if want != "" && !strings.Contains(data, want) {
					t.Errorf("%s, want %s", data, want)
				}
				var list []struct {
					Path       []any
					Extensions map[string]any
				}
				if failed != "" {
					if err := json.Unmarshal([]byte(failed), &list); err != nil {
						t.Fatal(err)
					}
				}
				var got []string
				for _, e := range list {
					at := strings.TrimPrefix(strings.Trim(strings.ReplaceAll(fmt.Sprint(e.Path), " ", "."), "[]"), place.at+".")
					if got = append(got, at); e.Extensions["code"] != "UPSTREAM_INVALID_RESPONSE" {
						t.Errorf("%s: %v", at, e.Extensions)
					}
				}
				if !slices.Equal(got, errors) {
					t.Errorf("errors at %q, want %q: %s", got, errors, failed)
				}
				if calls := z.Calls(); len(calls) != 3 {
					t.Errorf("calls %q, want one a view", calls)
				}
			})
		}
	}
}

// The account's settings and its profile hang on no account, and are written a view at a time.
func TestRoomsSettingsOfTheAccount(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	a := s.must(`{ roomsSettings { zoomRooms { upcomingMeetingAlert } raw } other: roomsSettings { clientAlert { detectCameraErrorAlert } } }`)
	s.wantCalls("GET /rooms/account_settings?setting_type=alert", "GET /rooms/account_settings?setting_type=meeting")
	if raw, _ := a.at("roomsSettings", "raw").(map[string]any); raw["zoom_rooms"] == nil || raw["client_alert"] != nil {
		t.Errorf("raw of meetings: %v", raw)
	}
	a = s.must(`{ roomsSettings(type: ALERT) { raw zoomRooms { upcomingMeetingAlert } clientAlert { detectCameraErrorAlert } } }`)
	s.wantAbsent(a, "roomsSettings.zoomRooms: NOT_IN_VIEW")
	if raw, _ := a.at("roomsSettings", "raw").(map[string]any); raw["client_alert"] == nil || raw["zoom_rooms"] != nil {
		t.Errorf("raw of alerts: %v", raw)
	}
	s.must(`mutation { updateRoomsSettings(input: {zoomRooms: {upcomingMeetingAlert: false}}) { notApplied { field } } }`)
	s.calls()
	a = s.must(`mutation { updateRoomsSettings(input: {
		zoomRooms: {showAlertBeforeMeeting: true, autoDirectSharing: true}
		clientAlert: {detectCameraErrorAlert: true}, notification: {batteryPercentage: "15"}
		schedulingDisplay: {homeScreenTheme: COMPACT, reserveOtherRooms: {allowToReserveOtherRooms: true, locationTypes: CAMPUS}}
	}) { settings { zoomRooms { showAlertBeforeMeeting autoDirectSharing } notification { batteryPercentage } schedulingDisplay { homeScreenTheme reserveOtherRooms { locationTypes } } } notApplied { field wanted stored } } }`)
	s.wantCalls(
		"PATCH /rooms/account_settings?setting_type=alert", "PATCH /rooms/account_settings?setting_type=meeting", "PATCH /rooms/account_settings?setting_type=scheduling_display",
		"GET /rooms/account_settings?setting_type=alert", "GET /rooms/account_settings?setting_type=meeting", "GET /rooms/account_settings?setting_type=scheduling_display",
	)
	const want = `"autoDirectSharing":true},"notification":{"batteryPercentage":"15"},"schedulingDisplay":{"homeScreenTheme":"COMPACT","reserveOtherRooms":{"locationTypes":"CAMPUS"}}}`
	if !strings.Contains(string(a.raw), want) {
		t.Errorf("no %s in %s", want, a.raw)
	}
	shown := a.at("updateRoomsSettings", "settings", "zoomRooms", "showAlertBeforeMeeting")
	if lost := a.at("updateRoomsSettings", "notApplied"); shown == false && fmt.Sprint(lost) != "[map[field:zoom_rooms.show_alert_before_meeting stored:false wanted:true]]" || shown == true && fmt.Sprint(lost) != "[]" {
		t.Errorf("the alert on the screen, without one on the controller, is %v; not applied: %v", shown, lost)
	}
}

// What is written of lists of contents is done with them: an action that is done was applied, and one that is not is told.
func TestPlayListsAreNotApplied(t *testing.T) {
	t.Parallel()
	const lists = `[{"id":"a","name":"A","contents":[{"id":"1","content_id":"x","order":1},{"id":"2","content_id":"y","order":2}]},{"id":"b","name":"B","start_time":"2026-03-04T05:06:07Z"}]`
	for name, test := range map[string]struct {
		actions string
		applied bool
	}{
		"added":                       {`{action: ADD, name: "B"}`, true},
		"added by another id":         {`{action: ADD, id: "mine", name: "B"}`, true},
		"not added":                   {`{action: ADD, name: "C"}`, false},
		"added with contents":         {`{action: ADD, name: "A", contents: [{contentId: "y"}]}`, true},
		"added without some":          {`{action: ADD, name: "A", contents: [{contentId: "y"}, {contentId: "z"}]}`, false},
		"changed":                     {`{action: UPDATE, id: "b", startTime: "2026-03-04T06:06:07+01:00"}`, true},
		"not changed":                 {`{action: UPDATE, id: "b", name: "A"}`, false},
		"changed, and is not there":   {`{action: UPDATE, id: "c", name: "B"}`, false},
		"deleted":                     {`{action: DELETE, id: "c", name: "whatever"}`, true},
		"not deleted":                 {`{action: DELETE, id: "a", name: "whatever"}`, false},
		"a content deleted":           {`{action: UPDATE, id: "a", contents: [{action: DELETE, id: "3"}]}`, true},
		"a content not deleted":       {`{action: UPDATE, id: "a", contents: [{action: DELETE, id: "2"}]}`, false},
		"a content changed":           {`{action: UPDATE, id: "a", contents: [{action: UPDATE, id: "2", order: 2}]}`, true},
		"a content not changed":       {`{action: UPDATE, id: "a", contents: [{action: UPDATE, id: "2", order: 1}]}`, false},
		"some are, and one is not":    {`{action: ADD, name: "B"}, {action: DELETE, id: "a"}`, false},
		"as they are, without a word": {`{id: "a", name: "A"}, {name: "B"}`, true},
		"none at all":                 {``, true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			z := &graph.Stub{Answers: map[string]string{"GET /rooms/r/settings?setting_type=signage": `{"digital_signage":{"mute":true,"play_list":` + lists + `}}`}}
			data, errors := z.Before(t, programtest.Of(t), nil)(`mutation { updateRoomSettings(id: "r", input: {digitalSignage: {mute: true, playList: [` + test.actions + `]}}) { notApplied { field } } }`)
			want := `{"updateRoomSettings":{"notApplied":[{"field":"digital_signage.play_list"}]}}`
			if test.applied {
				want = `{"updateRoomSettings":{"notApplied":[]}}`
			}
			if data != want || errors != "" {
				t.Errorf("%s %s, want %s", data, errors, want)
			}
		})
	}
}

// Passcodes are told to those only who may see secrets, wherever they stand.
func TestPasscodesOfRooms(t *testing.T) {
	t.Parallel()
	for _, may := range []callers.Permissions{callers.Read | callers.Write, callers.Read | callers.Write | callers.Secrets} {
		s := setupFor(t, may)
		s.must(`mutation { updateRoomsProfile(input: {basic: {supportPhone: "1", roomPasscode: "ammonite"}}) { roomsProfile { basic { supportPhone } } } }`)
		a := s.ask(`{ roomsProfile { basic { supportPhone roomPasscode } setup { backgroundImageInfo { contentId downloadUrl } } } }`, nil)
		if told := strings.Contains(string(a.raw), "ammonite"); told != (may&callers.Secrets != 0) || told != (len(a.Errors) == 0) {
			t.Errorf("with %v: %s", may, a.raw)
		}
		if a.at("roomsProfile", "basic", "supportPhone") != "1" {
			t.Errorf("its sibling fell with it: %s", a.raw)
		}
	}
	z := &graph.Stub{Answers: map[string]string{"GET /rooms/r/settings?setting_type=meeting": `{"meeting_security":{"rmi_password":true,"password_for_rmi":"ammonite"}}`}}
	url := z.Serve(t, programtest.Of(t), nil)
	for caller, want := range map[string]string{"guest": `null`, "keeper": `"ammonite"`} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url+"/graphql", strings.NewReader(`{"query":"{ room(id: \"r\") { settings { meetingSecurity { rmiPassword passwordForRmi } raw } } }"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		req.Header.Set("X-Caller", caller)
		a := (&service{t: t}).send(req)
		if want = `{"room":{"settings":{"meetingSecurity":{"rmiPassword":true,"passwordForRmi":` + want + `},"raw":{"meeting_security":{"rmi_password":true,"password_for_rmi":` + want + `}}}}}`; !strings.Contains(string(a.raw), want) {
			t.Errorf("%s: %s, want %s", caller, a.raw, want)
		}
	}
}

// What cannot be written is refused before a call, or told as Zoom's refusal.
func TestBadInputOfRoomSettings(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	room := fmt.Sprint(s.must(`{ rooms(first: 1) { nodes { id } } }`).at("rooms", "nodes", 0, "id"))
	s.calls()
	for _, test := range []struct {
		query, want string
		calls       int
	}{
		{`mutation { updateRoomSettings(id: "{room}", input: {}) { room { id } } }`, "BAD_USER_INPUT at updateRoomSettings", 0},
		{`mutation { updateRoomSettings(id: "{room}", input: {zoomRooms: {}}) { room { id } } }`, "BAD_USER_INPUT at updateRoomSettings", 0},
		{`mutation { updateRoomSettings(id: "{room}", input: {zoomRooms: null}) { room { id } } }`, "BAD_USER_INPUT at updateRoomSettings", 0},
		{`mutation { updateRoomSettings(id: "../{room}", input: {zoomRooms: {remoteSupport: true}}) { room { id } } }`, "BAD_USER_INPUT at updateRoomSettings", 0},
		{`mutation { updateRoomSettings(id: "", input: {zoomRooms: {remoteSupport: true}}) { room { id } } }`, "BAD_USER_INPUT at updateRoomSettings", 0},
		{`mutation { updateRoomSettings(id: "nothing", input: {zoomRooms: {remoteSupport: true}}) { room { id } } }`, "NOT_FOUND at updateRoomSettings", 1},
		{`mutation { updateRoomSettings(id: "{room}", input: {zoomRooms: {remoteSupport: null}}) { room { id } } }`, "BAD_USER_INPUT at updateRoomSettings", 1},
		{`mutation { updateRoomLocationSettings(id: "nothing", input: {notification: {zoomRoomOffline: true}}) { roomLocation { id } } }`, "NOT_FOUND at updateRoomLocationSettings", 1},
		{`mutation { updateRoomsProfile(input: {basic: {roomPasscode: "12345678901234567"}}) { roomsProfile { basic { supportPhone } } } }`, "BAD_USER_INPUT at updateRoomsProfile", 1},
		{`{ room(id: "nothing") { settings { clientAlert { detectCameraErrorAlert } } } }`, "NOT_FOUND at room.settings", 1},
		{`{ roomLocation(id: "nothing") { settings(type: SIGNAGE) { digitalSignage { mute } } } }`, "NOT_FOUND at roomLocation.settings", 1},
	} {
		s.wantErrors(s.ask(strings.ReplaceAll(test.query, "{room}", room), nil), test.want)
		if calls := s.calls(); len(calls) != test.calls {
			t.Errorf("%s: calls %q, want %d", test.query, calls, test.calls)
		}
	}
}

// A view that is refused leaves those that were written before it, and the error says so; those behind it are not tried.
func TestRoomSettingsPartly(t *testing.T) {
	t.Parallel()
	var wrote []string // one at a time
	s := before(t, func(w http.ResponseWriter, r *http.Request) {
		wrote = append(wrote, r.Method+" "+r.URL.RawQuery)
		w.Header().Set("Content-Type", "application/json")
		if r.URL.Query().Get("setting_type") != "alert" {
			w.WriteHeader(http.StatusNoContent)
			return
		}
		w.WriteHeader(http.StatusBadRequest)
		_, _ = io.WriteString(w, `{"code":300,"message":"No."}`)
	})
	a := s.ask(`mutation { updateRoomSettings(id: "r", input: {zoomRooms: {remoteSupport: true}, clientAlert: {detectCameraErrorAlert: true}, digitalSignage: {mute: true}}) { notApplied { field } } }`, nil)
	s.wantErrors(a, "BAD_USER_INPUT at updateRoomSettings")
	if want := []string{"PATCH setting_type=meeting", "PATCH setting_type=alert"}; !slices.Equal(wrote, want) || !strings.Contains(string(a.raw), "changes of other sections were made before this failed") {
		t.Errorf("wrote %q, want %q: %s", wrote, want, a.raw)
	}
}

// Pictures behind all else are fetched by this service, those that were set as well.
func TestPicturesOfRooms(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	fetched := func(a *answer, path ...any) {
		t.Helper()
		url, _ := a.at(append(path, "setup", "backgroundImageInfo", 0, "url")...).(string)
		if status, header, body := s.fetch(url, ""); status != http.StatusOK || header.Get("Content-Type") != "image/png" || !strings.HasPrefix(body, "\x89PNG") {
			t.Errorf("%q: %d, %s, %.20q", url, status, header.Get("Content-Type"), body)
		}
	}
	fetched(s.must(`{ roomsProfile { setup { backgroundImageInfo { url } } } }`), "roomsProfile")
	a := s.must(`mutation { updateRoomsProfile(input: {setup: {backgroundImageInfo: [{displayId: COMPANION_WHITEBOARD, contentId: "a/cliff?pwd=1"}]}}) { roomsProfile { setup { backgroundImageInfo { displayId contentId downloadUrlTtl url } } } } }`)
	fetched(a, "updateRoomsProfile", "roomsProfile")
	if got := a.at("updateRoomsProfile", "roomsProfile", "setup", "backgroundImageInfo", 0, "displayId"); got != "COMPANION_WHITEBOARD" {
		t.Errorf("on %v: %s", got, a.raw)
	}
	a = s.must(`mutation { updateRoomsProfile(input: {setup: {applyBackgroundImageToAllDisplays: true}}) { roomsProfile { setup { applyBackgroundImageToAllDisplays backgroundImageInfo { displayId } } } } }`)
	if want := `"setup":{"applyBackgroundImageToAllDisplays":true,"backgroundImageInfo":[{"displayId":"COMPANION_WHITEBOARD"}]}`; !strings.Contains(string(a.raw), want) {
		t.Errorf("no %s in %s", want, a.raw)
	}
}

// The view that a call asked for stands in what is told of it.
func TestTraceOfRoomSettings(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	a := s.must(`{ roomsSettings { notification { batteryPercentage } schedulingDisplay { homeScreenTheme } } }`)
	var got []string
	for _, call := range a.Extensions.Zoom.Calls {
		got = append(got, call.Option)
	}
	if slices.Sort(got); !slices.Equal(got, []string{"alert", "scheduling_display"}) {
		t.Errorf("views %q in %s", got, a.raw)
	}
}

// What Zoom should not answer when a change is read back is not taken for what was written.
func TestHostileReadBackOfRoomSettings(t *testing.T) {
	t.Parallel()
	const lost = `[{"field":"notification.battery_percentage","stored":%}]`
	for name, test := range map[string]struct {
		stored string // "": no answer
		want   string // notApplied; "": an error at it
	}{
		"as it was written":     {`{"notification":{"battery_percentage":"15"}}`, `[]`},
		"as a number":           {`{"notification":{"battery_percentage":15}}`, `[]`},
		"as another number":     {`{"notification":{"battery_percentage":20}}`, strings.Replace(lost, "%", `"20"`, 1)},
		"null":                  {`{"notification":{"battery_percentage":null}}`, strings.Replace(lost, "%", `null`, 1)},
		"as an object":          {`{"notification":{"battery_percentage":{}}}`, strings.Replace(lost, "%", `{}`, 1)},
		"a list for a section":  {`{"notification":[{"battery_percentage":"15"}]}`, strings.Replace(lost, "%", `null`, 1)},
		"no section":            {`{}`, strings.Replace(lost, "%", `null`, 1)},
		"another view's answer": {`{"zoom_rooms":{"upcoming_meeting_alert":true}}`, strings.Replace(lost, "%", `null`, 1)},
		"a list for all":        {`[]`, ``},
		"no JSON":               {`{"notification":`, ``},
		"nothing":               {``, ``},
	} {
		for _, place := range []struct{ field, args, path string }{
			{"updateRoomSettings", `id: "r", `, "/rooms/r/settings"},
			{"updateRoomLocationSettings", `id: "l", `, "/rooms/locations/l/settings"},
			{"updateRoomsSettings", ``, "/rooms/account_settings"},
		} {
			t.Run(name+" of "+place.field, func(t *testing.T) {
				t.Parallel()
				z := &graph.Stub{Answers: map[string]string{}}
				if test.stored != "" {
					z.Answers["GET "+place.path+"?setting_type=alert"] = test.stored
				}
				data, errors := z.Before(t, programtest.Of(t), nil)(`mutation { ` + place.field + `(` + place.args + `input: {notification: {batteryPercentage: "15"}}) { notApplied { field stored } } }`)
				want := `{"` + place.field + `":{"notApplied":` + test.want + `}}`
				if test.want == "" && !strings.Contains(errors, `"notApplied"`) || test.want != "" && (data != want || errors != "") {
					t.Errorf("%s %s, want %s", data, errors, want)
				}
				if calls := z.Calls(); len(calls) != 2 || calls[1] != "PATCH "+place.path+`?setting_type=alert {"notification":{"battery_percentage":"15"}}` {
					t.Errorf("calls %q", calls)
				}
			})
		}
	}
}
