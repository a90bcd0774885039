package graph_test

import (
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"zoomgraph/graph"
	"zoomgraph/graph/program"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/callers"
	"zoomgraph/internal/sandbox"
)

// roomsStory is that of a room which is made, moved, told what to do and deleted. It is asked for by its id, so dashboards'
// id of it is looked up among the rooms of its location.
func roomsStory() []step {
	today := time.Now().UTC().Format(time.DateOnly)
	return []step{
		{"Query.roomLocations", `mutation { createRoomLocation(input: {name: "Iceland"}) { country: roomLocation { id } } }`, []string{"POST /rooms/locations"}, `"country":{"id":"`},
		{"Mutation.createRoom", `mutation { createRoom(input: {name: "Ammonite", type: ZOOM_ROOM, tagIds: ["t1"], calendarResourceId: "c1"}) { roomId type tags { tagId tagName } room { id name zoomRoomType locationId tagIds location { name } } } }`, []string{"POST /rooms", "GET /rooms/{room}"}, `"type":"ZOOM_ROOM","tags":[{"tagId":"t1","tagName":"Tag 1"}],"room":{"id":"{room}","name":"Ammonite","zoomRoomType":"ZOOM_ROOM","locationId":null,"tagIds":["t1"],"location":null}`},
		{"Query.rooms", `{ rooms(first: 5, unassignedRooms: true, type: ZOOM_ROOM) { totalCount nodes { name roomId status } } }`, []string{"GET /rooms?page_size=5&type=ZoomRoom&unassigned_rooms=true"}, `{"name":"Ammonite","roomId":"{roomId}","status":"OFFLINE"}`},
		{"Mutation.moveRoom", `mutation { moveRoom(id: "{room}", input: {locationId: "{country}"}) { room { id locationId location { name rooms { nodes { id roomId } } } } } }`, []string{"PUT /rooms/{room}/location", "GET /rooms/{room}", "GET /rooms/locations/{country}", "GET /rooms?location_id={country}&page_size=30"}, `"location":{"name":"Iceland","rooms":{"nodes":[{"id":"{room}","roomId":"{roomId}"}]}}`},
		{"Mutation.updateRoom", `mutation { updateRoom(id: "{room}", input: {basic: {displayName: "Ammonite room", capacity: 12, roomPasscode: "1811"}, device: {deviceProfileId: "p1"}, setup: {underConstruction: true, checkinAndCheckout: {enable: true, checkinAndCheckoutOptions: {checkinMinutesPriorToMeetingStartTime: 10}}, backgroundImageInfo: [{displayId: ZOOM_ROOMS_DISPLAY1, contentId: "b1"}]}}) { room { name displayName capacity roomPasscode deviceProfileId underConstruction checkinAndCheckout { enable checkinAndCheckoutOptions { checkinMinutesPriorToMeetingStartTime } } backgroundImageInfo { displayId contentId } } } }`, []string{"PATCH /rooms/{room}", "GET /rooms/{room}"}, `"name":"Ammonite","displayName":"Ammonite room","capacity":12,"roomPasscode":"1811","deviceProfileId":"p1","underConstruction":true,"checkinAndCheckout":{"enable":true,"checkinAndCheckoutOptions":{"checkinMinutesPriorToMeetingStartTime":10}},"backgroundImageInfo":[{"displayId":"ZOOM_ROOMS_DISPLAY1","contentId":"b1"}]`},
		{"Mutation.controlRoom", `mutation { controlRoom(id: "{room}", input: {meetingJoin: {meetingNumber: "8801", forceAccept: true}}) { accepted room { id } } }`, []string{"PATCH /rooms/{room}/events"}, `"accepted":true,"room":{"id":"{room}"}`},
		{"Room.metrics", `{ room(id: "{room}") { metrics { id roomName status location roomLocation { name } } } }`, []string{"GET /rooms/{room}", "GET /rooms?location_id={country}&page_size=300", "GET /metrics/zoomrooms/{roomId}?from=" + today + "&to=" + today}, `"metrics":{"id":"{roomId}","roomName":"Ammonite","status":"Under Construction","location":"Iceland","roomLocation":null}`},
		{"RoomMetrics.roomLocation", `{ metricsRooms(first: 300) { nodes { id location roomLocation { id parentLocationId } } } }`, nil, `"location":"Iceland","roomLocation":{"id":"{country}","parentLocationId":null}`},
		{"Room.issues", `{ room(id: "{room}") { issues(from: "` + today + `", to: "` + today + `") { totalCount nodes { issue } } } }`, []string{"GET /rooms/{room}", "GET /rooms?location_id={country}&page_size=300", "GET /metrics/issues/zoomrooms/{roomId}?from=" + today + "&page_size=30&to=" + today}, `"issues":{"totalCount":`},
		{"Query.signageContents", `{ signageContents(first: 2, type: "folder") { totalCount nodes { id name } } }`, []string{"GET /rooms/digital_signage?page_size=2&type=folder"}, `"name":"Lobby"},{"id":`},
		{"Mutation.controlRooms", `mutation { controlRooms(input: {emergencyAlertDisplayed: {content: "Rising tide", targetType: ROOM, targetIds: ["{room}"]}}) { eventId accepted } }`, []string{"PATCH /rooms/events"}, `"accepted":true`},
		{"Mutation.controlRooms", `mutation { controlRooms(input: {emergencyAlertRemoved: {eventId: "{eventId}", targetType: ROOM, targetIds: ["{room}"], forceRemove: true}}) { eventId accepted } }`, []string{"PATCH /rooms/events"}, `"eventId":null,"accepted":true`},
		{"Mutation.deleteRoom", `mutation { deleteRoom(id: "{room}") { roomId } }`, []string{"DELETE /rooms/{room}"}, `"roomId":"{room}"`},
		{"Query.room", `{ roomLocation(id: "{country}") { rooms { totalCount nodes { id } } } }`, []string{"GET /rooms?location_id={country}&page_size=30"}, `"nodes":[]`},
	}
}

// roomLocationsStory is that of locations that are made, changed and moved.
func roomLocationsStory() []step {
	return []step{
		{"Mutation.createRoomLocation", `mutation { createRoomLocation(input: {name: "Iceland"}) { type country: roomLocation { id name parent { id } } } }`, []string{"POST /rooms/locations", "GET /rooms/locations/{country}"}, `"type":"COUNTRY","country":{"id":"{country}","name":"Iceland","parent":null}`},
		{"Mutation.createRoomLocation", `mutation { createRoomLocation(input: {name: "Norway"}) { other: roomLocation { id } } }`, []string{"POST /rooms/locations"}, `"other":{"id":"`},
		{"Mutation.createRoomLocation", `mutation { createRoomLocation(input: {name: "South", parentLocationId: "{country}"}) { type region: roomLocation { id parent { name } } } }`, []string{"POST /rooms/locations", "GET /rooms/locations/{region}", "GET /rooms/locations/{country}"}, `"type":"STATES","region":{"id":"{region}","parent":{"name":"Iceland"}}`},
		{"RoomLocation.children", `{ roomLocation(id: "{country}") { children(type: STATES) { nodes { id name type parentLocationId children { nodes { id } } } } } }`, []string{"GET /rooms/locations?page_size=30&parent_location_id={country}&type=states", "GET /rooms/locations?page_size=30&parent_location_id={region}"}, `"nodes":[{"id":"{region}","name":"South","type":"STATES","parentLocationId":"{country}","children":{"nodes":[]}}]`},
		{"Mutation.updateRoomLocation", `mutation { updateRoomLocation(id: "{region}", input: {basic: {name: "South coast", address: "Vík", timezone: "Atlantic/Reykjavik", roomPasscode: "1811"}, setup: {applyBackgroundImageToAllDisplays: true}}) { roomLocation { id name address timezone roomPasscode applyBackgroundImageToAllDisplays } } }`, []string{"PATCH /rooms/locations/{region}", "GET /rooms/locations/{region}"}, `"name":"South coast","address":"Vík","timezone":"Atlantic/Reykjavik","roomPasscode":"1811","applyBackgroundImageToAllDisplays":true`},
		{"Mutation.moveRoomLocation", `mutation { moveRoomLocation(id: "{region}", input: {parentLocationId: "{other}"}) { roomLocation { id parentLocationId parent { name } } } }`, []string{"PUT /rooms/locations/{region}/location", "GET /rooms/locations/{region}", "GET /rooms/locations/{other}"}, `"parentLocationId":"{other}","parent":{"name":"Norway"}`},
		{"Query.roomLocations", `{ roomLocations(first: 300, parentLocationId: "{other}") { totalCount nodes { id name type } } }`, []string{"GET /rooms/locations?page_size=300&parent_location_id={other}"}, `"nodes":[{"id":"{region}","name":"South coast","type":"STATES"}]`},
		{"Query.roomLocation", `{ roomLocation(id: "{region}") { description supportEmail } }`, []string{"GET /rooms/locations/{region}"}, `"description":null`},
		{"Query.roomLocationStructure", `{ roomLocationStructure }`, []string{"GET /rooms/locations/structure"}, `["country","states","city","campus","building","floor"]`},
		{"Mutation.updateRoomLocationStructure", `mutation { updateRoomLocationStructure(input: {structures: ["country", "city", "floor"]}) { roomLocationStructure } }`, []string{"PUT /rooms/locations/structure", "GET /rooms/locations/structure"}, `["country","city","floor"]`},
	}
}

// roomDevicesStory is that of a device whose app is brought to another version, which it has at once.
func roomDevicesStory() []step {
	const devices = `devices { id roomName type status appVersion deviceSystem deviceMacAddresses ipAddress }`
	return []step{
		{"Room.devices", `{ room(id: "{room}") { ` + devices + ` } }`, []string{"GET /rooms/{room}/devices"}, `"roomName":"{roomName}","type":"ZOOM_ROOMS_COMPUTER","status":"ONLINE","appVersion":"{version}"`},
		{"Mutation.updateRoomDeviceAppVersion", `mutation { updateRoomDeviceAppVersion(id: "{room}", deviceId: "{device}", input: {action: {action}}) { room { id ` + devices + ` } } }`, []string{"PUT /rooms/{room}/devices/{path}/app_version", "GET /rooms/{room}/devices"}, `"status":"ONLINE","appVersion":"{changed}"`},
		{"Mutation.updateRoomDeviceAppVersion", `mutation { updateRoomDeviceAppVersion(id: "{room}", deviceId: "{device}", input: {action: CANCEL}) { room { id } } }`, []string{"PUT /rooms/{room}/devices/{path}/app_version"}, `"room":{"id":"{room}"}`},
	}
}

// keepDevice keeps a room that is online, and its computer.
func keepDevice(s *service, keep map[string]string) {
	rooms := dataOf[struct {
		Rooms struct {
			Nodes []struct {
				ID, Name string
				Devices  []struct{ ID, AppVersion string }
			}
		}
	}](s.t, s.must(`{ rooms(first: 1, status: AVAILABLE, type: ZOOM_ROOM) { nodes { id name devices { id appVersion } } } }`)).Rooms.Nodes
	s.calls()
	device := rooms[0].Devices[0]
	keep["room"], keep["roomName"], keep["device"], keep["path"], keep["version"] = rooms[0].ID, rooms[0].Name, device.ID, url.PathEscape(device.ID), device.AppVersion
	keep["action"], keep["changed"] = "UPGRADE", "6.2.5 (4216)"
	if device.AppVersion == keep["changed"] {
		keep["action"], keep["changed"] = "DOWNGRADE", "6.1.0 (3321)"
	}
}

// rooms are all rooms of a sandbox.
func rooms(s *service) []listedRoom {
	s.t.Helper()
	data := dataOf[struct{ Rooms struct{ Nodes []listedRoom } }](s.t, s.must(`{ rooms(first: 300) { nodes { id roomId name status locationId } } }`))
	s.calls()
	return data.Rooms.Nodes
}

type listedRoom struct{ ID, RoomID, Name, Status, LocationID string }

// Rooms with where they are, how they are and what stands there: each location is read once, dashboards and devices once a
// room, and the price says so before.
func TestRoomsWithAllAround(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	all := rooms(s)
	const query = `{ rooms(first: 100) { nodes { name location { name parent { name } } metrics { health } devices { type status } } } }`
	a := s.must(query)
	calls := s.calls()
	today := time.Now().UTC().Format(time.DateOnly)
	want := map[string]bool{"GET /rooms?page_size=100": true}
	for _, room := range all {
		want["GET /rooms/"+room.ID+"/devices"] = true
		want["GET /metrics/zoomrooms/"+room.RoomID+"?from="+today+"&to="+today] = true
		if room.LocationID != "" {
			want["GET /rooms/locations/"+room.LocationID] = true
		}
	}
	locations := dataOf[struct {
		RoomLocations struct {
			Nodes []struct{ ID, ParentLocationID, Type string }
		}
	}](t, s.must(`{ roomLocations(first: 100) { nodes { id parentLocationId type } } }`)).RoomLocations.Nodes
	s.calls()
	for _, location := range locations {
		if want["GET /rooms/locations/"+location.ID] && location.Type == "FLOOR" {
			want["GET /rooms/locations/"+location.ParentLocationID] = true
		}
	}
	if got := slices.Sorted(maps.Keys(want)); !slices.Equal(calls, got) || len(all) != 30 {
		t.Errorf("%d rooms, and calls\n  %s\nwant\n  %s", len(all), strings.Join(calls, "\n  "), strings.Join(got, "\n  "))
	}
	if cost := a.Extensions.Zoom.Cost; cost.Calls != len(want) || cost.Requested < cost.Calls {
		t.Errorf("it cost %d calls and was priced at %d, want %d", cost.Calls, cost.Requested, len(want))
	}
	for i, room := range all {
		if at := []any{"rooms", "nodes", i}; a.at(append(at, "metrics", "health")...) == nil || a.at(append(at, "devices", 0, "type")...) == nil ||
			(a.at(append(at, "location", "parent", "name")...) == nil) != (room.LocationID == "") {
			t.Errorf("%s: %.300v", room.Name, a.at(at...))
		}
	}
}

// Dashboards tell of the same rooms by their other id, also of those that were made or deleted.
func TestRoomsAndDashboardsAgree(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	agree := func(when string) {
		t.Helper()
		metrics := dataOf[struct {
			MetricsRooms struct {
				Nodes []struct{ ID, RoomName, LocationID string }
			}
		}](t, s.must(`{ metricsRooms(first: 300) { nodes { id roomName locationId } } }`)).MetricsRooms.Nodes
		var got, want []string
		for _, room := range metrics {
			got = append(got, room.ID+" "+room.RoomName+" "+room.LocationID)
		}
		for _, room := range rooms(s) {
			want = append(want, room.RoomID+" "+room.Name+" "+room.LocationID)
			if room.ID == room.RoomID {
				t.Errorf("%s: both ids of %s are the same", when, room.Name)
			}
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: dashboards tell of\n  %s\nand rooms are\n  %s", when, strings.Join(got, "\n  "), strings.Join(want, "\n  "))
		}
	}
	agree("at the start")
	first := rooms(s)[0]
	s.must(`mutation { createRoom(input: {name: "Ammonite", type: KIOSK, locationId: "` + first.LocationID + `"}) { room { id } } }`)
	agree("with a new room")
	s.must(`mutation { deleteRoom(id: "` + first.ID + `") { roomId } }`)
	agree("without one")
	s.wantErrors(s.ask(`{ room(id: "`+first.ID+`") { name } }`, nil), "NOT_FOUND at room.name")
}

// A room that is asked for by its id is looked up once for all that dashboards know of it: at its location, or among those
// that are at none. One that a list brought is not.
func TestRoomByItsID(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	all := rooms(s)
	today := time.Now().UTC().Format(time.DateOnly)
	span := `from: "` + today + `", to: "` + today + `"`
	for _, room := range []listedRoom{all[0], all[len(all)-2]} {
		at := "location_id=" + room.LocationID + "&page_size=300"
		if room.LocationID == "" {
			at = "page_size=300&unassigned_rooms=true"
		}
		a := s.must(`{ room(id: "` + room.ID + `") { roomId status metrics { roomName } issues(` + span + `) { nodes { issue } } } }`)
		s.wantCalls("GET /rooms/"+room.ID, "GET /rooms?"+at, "GET /metrics/zoomrooms/"+room.RoomID+"?from="+today+"&to="+today,
			"GET /metrics/issues/zoomrooms/"+room.RoomID+"?from="+today+"&page_size=30&to="+today)
		if a.at("room", "metrics", "roomName") != room.Name || a.at("room", "roomId") != nil || a.at("room", "status") != nil {
			t.Errorf("%s: %s", room.Name, a.raw)
		}
		if cost := a.Extensions.Zoom.Cost; cost.Requested < cost.Calls {
			t.Errorf("%s cost %d calls, and was priced at %d", room.Name, cost.Calls, cost.Requested)
		}
	}
	a := s.must(`{ rooms(first: 1, type: PERSONAL_ZOOM_ROOM) { nodes { id roomId user { id } metrics { id } issues(` + span + `) { nodes { issue } } } } }`)
	room := fmt.Sprint(a.at("rooms", "nodes", 0, "roomId"))
	s.wantCalls("GET /rooms?page_size=1&type=PersonalZoomRoom", "GET /rooms/"+fmt.Sprint(a.at("rooms", "nodes", 0, "id")),
		"GET /metrics/issues/zoomrooms/"+room+"?from="+today+"&page_size=30&to="+today)
	if a.at("rooms", "nodes", 0, "user", "id") != s.users[0].ID || a.at("rooms", "nodes", 0, "metrics", "id") != room {
		t.Errorf("whose it is: %s", a.raw)
	}
}

// What a room is asked for is also right where Zoom tells less, or more, than its document says.
func TestDashboardIDOfARoom(t *testing.T) {
	t.Parallel()
	today := time.Now().UTC().Format(time.DateOnly)
	metrics := "GET /metrics/zoomrooms/m?from=" + today + "&to=" + today
	for name, test := range map[string]struct {
		detail, list string // its answer, and the list's path
		calls        []string
		want         string
	}{
		"at a location":        {`{"basic":{"location_id":"l"}}`, "GET /rooms?location_id=l&page_size=300", []string{"GET /rooms/r", "GET /rooms?location_id=l&page_size=300", metrics}, `{"health":"x"}`},
		"at none":              {`{"basic":{"location_id":""}}`, "GET /rooms?page_size=300&unassigned_rooms=true", []string{"GET /rooms/r", "GET /rooms?page_size=300&unassigned_rooms=true", metrics}, `{"health":"x"}`},
		"of 2021, without one": {`{"basic":{"name":"A"}}`, "GET /rooms?page_size=300", []string{"GET /rooms/r", "GET /rooms?page_size=300", metrics}, `{"health":"x"}`},
		"with the id":          {`{"basic":{"room_id":"m"}}`, "", []string{"GET /rooms/r", metrics}, `{"health":"x"}`},
		"not in the list":      {`{"basic":{"location_id":"other"}}`, "", []string{"GET /rooms/r", "GET /rooms?location_id=other&page_size=300"}, `null`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			z := &graph.Stub{Answers: map[string]string{
				"GET /rooms/r": test.detail, test.list: `{"rooms":[{"id":"q","room_id":"n"},{"id":"r","room_id":"m"}]}`, metrics: `{"health":"x"}`,
				"GET /rooms?location_id=other&page_size=300": `{"rooms":[]}`,
			}}
			data, errors := z.Before(t, programtest.Of(t), nil)(`{ room(id: "r") { metrics { health } } }`)
			if want := `{"room":{"metrics":` + test.want + `}}`; data != want || errors != "" {
				t.Errorf("%s %s, want %s", data, errors, want)
			}
			if calls := z.Calls(); !slices.Equal(calls, slices.Sorted(slices.Values(test.calls))) {
				t.Errorf("calls %q, want %q", calls, test.calls)
			}
		})
	}
}

// Each thing that a room can be told to do is a method of Zoom's, with what it needs under params.
func TestControlRoom(t *testing.T) {
	t.Parallel()
	needs := map[string][2]string{ // the field's input, and params
		"checkIn":               {`{eventId: "e", resourceEmail: "r@example.com"}`, `{"event_id":"e","resource_email":"r@example.com"}`},
		"checkOut":              {`{eventId: "e", calendarId: "c", changeKey: "k"}`, `{"event_id":"e","calendar_id":"c","change_key":"k"}`},
		"meetingJoin":           {`{meetingNumber: "88", passcode: "1", makeZoomRoomHost: true}`, `{"meeting_number":"88","passcode":"1","make_zoom_room_host":true}`},
		"meetingInvite":         {`{userIds: ["a", "b"]}`, `{"user_ids":["a","b"]}`},
		"meetingCancel":         {`{meetingTopic: "T", duration: 30}`, `{"meeting_topic":"T","duration":30}`},
		"meetingSchedule":       {`{meetingTopic: "T", startTime: "2026-11-15T10:00:00Z", settings: {joinBeforeHost: true}}`, `{"meeting_topic":"T","start_time":"2026-11-15T10:00:00Z","settings":{"join_before_host":true}}`},
		"thirdpartyMeetingJoin": {`{joinType: SIP, meetingSourceType: MS_TEAMS, sipAddress: "s"}`, `{"join_type":"sip","meeting_source_type":"MS_TEAMS","sip_address":"s"}`},
		"switchCamera":          {`{cameraId: "c"}`, `{"cameraId":"c"}`},
		"switchMicrophone":      {`{microphoneId: "m"}`, `{"microphoneId":"m"}`},
		"switchSpeaker":         {`{speakerId: "s"}`, `{"speakerId":"s"}`},
		"volumeLevel":           {`{volumeLevel: 40}`, `{"volume_level":40}`},
	}
	fields := programtest.Of(t).Schema.Types["ControlRoomInput"].Fields
	if len(fields) != 24 {
		t.Errorf("there are %d methods, want 24", len(fields))
	}
	for _, field := range fields {
		input, want := "true", fmt.Sprintf(`{"method":"zoomroom.%s"}`, program.Snake(field.Name))
		if need, given := needs[field.Name]; given {
			input, want = need[0], fmt.Sprintf(`{"method":"zoomroom.%s","params":%s}`, program.Snake(field.Name), need[1])
		}
		z := &graph.Stub{}
		_, errors := z.Before(t, programtest.Of(t), nil)(`mutation { controlRoom(id: "r", input: {` + field.Name + `: ` + input + `}) { room { id } } }`)
		if calls := z.Calls(); errors != "" || len(calls) != 1 || calls[0] != "PATCH /rooms/r/events "+want {
			t.Errorf("%s: calls %q %s, want %s", field.Name, calls, errors, want)
		}
	}
	for input, want := range map[string]string{
		`{mute: true, restart: true}`: "OneOf Input Object", `{}`: "OneOf Input Object", `{mute: false}`: "it can only be true", `{mute: null}`: "must be non-null",
	} {
		z := &graph.Stub{}
		_, errors := z.Before(t, programtest.Of(t), nil)(`mutation { controlRoom(id: "r", input: ` + input + `) { room { id } } }`)
		if calls := z.Calls(); len(calls) > 0 || !strings.Contains(errors, want) {
			t.Errorf("%s: calls %q and %s, want %s", input, calls, errors, want)
		}
	}
}

// A payload of data says whether Zoom has only taken the request: not where it was carried out.
func TestAcceptedBesideData(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	room := rooms(s)[0].ID
	a := s.must(`mutation { controlRooms(input: {emergencyAlertDisplayed: {content: "Fire", targetType: ROOM, targetIds: ["` + room + `"]}}) { eventId accepted } }`)
	if id, _ := a.at("controlRooms", "eventId").(string); id == "" || a.at("controlRooms", "accepted") != true {
		t.Errorf("the alert was not accepted: %s", a.raw)
	}
	z := &graph.Stub{Answers: map[string]string{"PATCH /rooms/events": `{"event_id":"e","accepted":"yes"}`}}
	data, errors := z.Before(t, programtest.Of(t), nil)(`mutation { controlRooms(input: {emergencyAlertRemoved: {eventId: "e"}}) { eventId accepted } }`)
	if want := `{"controlRooms":{"eventId":"e","accepted":false}}`; data != want || errors != "" {
		t.Errorf("%s %s, want %s: it was answered with 200", data, errors, want)
	}
}

// What cannot be is refused with Zoom's codes, at its path.
func TestRoomsThatCannotBe(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	room := rooms(s)[0].ID
	locations := map[string]string{}
	for _, location := range dataOf[struct {
		RoomLocations struct {
			Nodes []struct{ ID, Name, Type string }
		}
	}](t, s.must(`{ roomLocations(first: 100) { nodes { id name type } } }`)).RoomLocations.Nodes {
		locations[location.Name] = location.ID
	}
	keep := map[string]string{
		"room": room, "campus": locations["Limmat campus"], "building": locations["North building"], "city": locations["Lausanne"], "lake": locations["Lake campus"],
	}
	floor := fmt.Sprint(s.must(expand(`{ roomLocation(id: "{building}") { children { nodes { id } } } }`, keep)).at("roomLocation", "children", "nodes", 0, "id"))
	keep["floor"] = floor
	for _, test := range []struct{ query, want string }{
		{`{ room(id: "nothing") { name } }`, "NOT_FOUND at room.name"},
		{`{ room(id: "nothing") { metrics { health } } }`, "NOT_FOUND at room.metrics"},
		{`{ roomLocation(id: "nothing") { name } }`, "NOT_FOUND at roomLocation.name"},
		{`{ room(id: "../users") { name } }`, "BAD_USER_INPUT at room"},
		{`mutation { createRoom(input: {name: "A", type: ZOOM_ROOM, locationId: "nothing"}) { room { id } } }`, "NOT_FOUND at createRoom"},
		{`mutation { createRoom(input: {name: "A", type: PERSONAL_ZOOM_ROOM}) { room { id } } }`, "BAD_USER_INPUT at createRoom"},
		{`mutation { createRoom(input: {name: "", type: ZOOM_ROOM}) { room { id } } }`, "BAD_USER_INPUT at createRoom"},
		{`mutation { updateRoom(id: "{room}", input: {basic: {capacity: 501}}) { room { id } } }`, "BAD_USER_INPUT at updateRoom"},
		{`mutation { updateRoom(id: "{room}", input: {basic: {roomPasscode: "12345678901234567"}}) { room { id } } }`, "BAD_USER_INPUT at updateRoom"},
		{`mutation { updateRoom(id: "{room}", input: {}) { room { id } } }`, "BAD_USER_INPUT at updateRoom"},
		{`mutation { updateRoom(id: "nothing", input: {basic: {name: "A"}}) { room { id } } }`, "NOT_FOUND at updateRoom"},
		{`mutation { deleteRoom(id: "nothing") { roomId } }`, "NOT_FOUND at deleteRoom"},
		{`mutation { moveRoom(id: "{room}", input: {locationId: "nothing"}) { room { id } } }`, "NOT_FOUND at moveRoom"},
		{`mutation { controlRoom(id: "nothing", input: {mute: true}) { accepted } }`, "NOT_FOUND at controlRoom"},
		{`mutation { controlRoom(id: "{room}", input: {checkIn: {calendarId: "c"}}) { accepted } }`, "BAD_USER_INPUT at controlRoom"},
		{`mutation { controlRooms(input: {emergencyAlertDisplayed: {content: "Fire", targetType: LOCATION, targetIds: ["{room}"]}}) { accepted } }`, "BAD_USER_INPUT at controlRooms"},
		{`mutation { updateRoomDeviceAppVersion(id: "{room}", deviceId: "nothing", input: {action: UPGRADE}) { room { id } } }`, "NOT_FOUND at updateRoomDeviceAppVersion"},
		{`mutation { createRoomLocation(input: {name: "A", parentLocationId: "nothing"}) { type } }`, "NOT_FOUND at createRoomLocation"},
		{`mutation { createRoomLocation(input: {name: "A", parentLocationId: "{floor}"}) { type } }`, "BAD_USER_INPUT at createRoomLocation"},
		{`mutation { moveRoomLocation(id: "{campus}", input: {parentLocationId: "{campus}"}) { roomLocation { id } } }`, "BAD_USER_INPUT at moveRoomLocation"},
		{`mutation { moveRoomLocation(id: "{campus}", input: {parentLocationId: "{floor}"}) { roomLocation { id } } }`, "BAD_USER_INPUT at moveRoomLocation"},
		{`mutation { moveRoomLocation(id: "{building}", input: {parentLocationId: "{floor}"}) { roomLocation { id } } }`, "BAD_USER_INPUT at moveRoomLocation"},
		{`mutation { moveRoomLocation(id: "{city}", input: {parentLocationId: "{building}"}) { roomLocation { id } } }`, "BAD_USER_INPUT at moveRoomLocation"},
		{`mutation { moveRoomLocation(id: "{building}", input: {parentLocationId: "nothing"}) { roomLocation { id } } }`, "NOT_FOUND at moveRoomLocation"},
		{`mutation { updateRoomLocationStructure(input: {structures: ["floor", "country"]}) { roomLocationStructure } }`, "BAD_USER_INPUT at updateRoomLocationStructure"},
		{`mutation { updateRoomLocationStructure(input: {structures: ["galaxy"]}) { roomLocationStructure } }`, "BAD_USER_INPUT at updateRoomLocationStructure"},
	} {
		s.wantErrors(s.ask(expand(test.query, keep), nil), test.want)
	}
	a := s.must(expand(`mutation { moveRoomLocation(id: "{building}", input: {parentLocationId: "{lake}"}) { roomLocation { parent { name parent { name } } } } }`, keep))
	if a.at("moveRoomLocation", "roomLocation", "parent", "parent", "name") != "Lausanne" {
		t.Errorf("a building moves to another campus: %s", a.raw)
	}
}

// Who may not see secrets is told of rooms and locations without them; the passcode of a meeting to join may be sent.
func TestSecretsOfRooms(t *testing.T) {
	t.Parallel()
	s := setupFor(t, callers.Read|callers.Write)
	a := s.ask(`{ rooms(first: 1) { nodes { id name activationCode roomPasscode location { id roomPasscode supportPhone backgroundImageInfo { displayId downloadUrl url } } } } }`, nil)
	s.wantErrors(a, "FORBIDDEN at rooms.nodes.0.activationCode", "FORBIDDEN at rooms.nodes.0.roomPasscode", "FORBIDDEN at rooms.nodes.0.location.roomPasscode",
		"FORBIDDEN at rooms.nodes.0.location.backgroundImageInfo.0.downloadUrl", "FORBIDDEN at rooms.nodes.0.location.backgroundImageInfo.0.url")
	if a.at("rooms", "nodes", 0, "name") != "Ada" || a.at("rooms", "nodes", 0, "location", "supportPhone") == nil {
		t.Errorf("what is no secret is withheld: %s", a.raw)
	}
	room := fmt.Sprint(a.at("rooms", "nodes", 0, "id"))
	b := s.must(`mutation { controlRoom(id: "` + room + `", input: {meetingJoin: {meetingNumber: "88", passcode: "secret-1811"}}) { accepted } }`)
	if strings.Contains(string(b.raw), "secret-1811") {
		t.Errorf("the answer holds the passcode: %s", b.raw)
	}
}

// By the paths of 2021 the structure is set by another method, and is the same afterwards.
func TestRoomLocationStructureOf2021(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{}, func(p *parts) { p.client.OldPaths = true })
	a := s.must(`mutation { updateRoomLocationStructure(input: {structures: ["country", "building"]}) { roomLocationStructure } }`)
	s.wantCalls("PATCH /rooms/locations/structure", "GET /rooms/locations/structure")
	if got := fmt.Sprint(a.at("updateRoomLocationStructure", "roomLocationStructure")); got != "[country building]" {
		t.Errorf("the structure is %s", got)
	}
}

// Lists of rooms are narrowed by what Zoom takes, and a page goes on in the same list only.
func TestListsOfRooms(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{})
	all := rooms(s)
	where := func(keep func(listedRoom) bool) (names []string) {
		for _, room := range all {
			if keep(room) {
				names = append(names, room.Name)
			}
		}
		return names
	}
	for query, want := range map[string][]string{
		`rooms(first: 300, status: OFFLINE)`:                              where(func(r listedRoom) bool { return r.Status == "OFFLINE" }),
		`rooms(first: 300, unassignedRooms: true)`:                        where(func(r listedRoom) bool { return r.LocationID == "" }),
		`rooms(first: 300, locationId: "` + all[0].LocationID + `")`:      where(func(r listedRoom) bool { return r.LocationID == all[0].LocationID }),
		`rooms(first: 300, queryName: "` + all[3].Name[:3] + `")`:         where(func(r listedRoom) bool { return strings.Contains(r.Name, all[3].Name[:3]) }),
		`rooms(first: 300, type: PERSONAL_ZOOM_ROOM)`:                     {all[1].Name, all[11].Name, all[21].Name},
		`rooms(first: 300, type: PERSONAL_ZOOM_ROOM, status: IN_MEETING)`: nil,
	} {
		a := s.must(`{ list: ` + query + ` { nodes { name } } }`)
		var got []string
		nodes, _ := a.at("list", "nodes").([]any)
		for i := range nodes {
			got = append(got, fmt.Sprint(a.at("list", "nodes", i, "name")))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s: %q, want %q", query, got, want)
		}
	}
	building := fmt.Sprint(s.must(`{ roomLocations(first: 1, type: BUILDING) { nodes { id } } }`).at("roomLocations", "nodes", 0, "id"))
	other := fmt.Sprint(s.must(`{ roomLocations(first: 2, type: BUILDING) { nodes { id } } }`).at("roomLocations", "nodes", 1, "id"))
	s.calls()
	page := s.must(`{ roomLocation(id: "` + building + `") { children(first: 2) { pageInfo { endCursor hasNextPage } nodes { name } } } }`)
	s.wantCalls("GET /rooms/locations?page_size=2&parent_location_id=" + building)
	after := fmt.Sprint(page.at("roomLocation", "children", "pageInfo", "endCursor"))
	next := s.must(`{ roomLocation(id: "` + building + `") { children(first: 2, after: "` + after + `") { nodes { name } } } }`)
	if page.at("roomLocation", "children", "nodes", 1, "name") != "Floor 2" || next.at("roomLocation", "children", "nodes", 0, "name") != "Floor 3" {
		t.Errorf("pages of floors: %s %s", page.raw, next.raw)
	}
	s.wantErrors(s.ask(`{ roomLocation(id: "`+other+`") { children(first: 2, after: "`+after+`") { nodes { name } } } }`, nil), "BAD_USER_INPUT at roomLocation.children")
}
