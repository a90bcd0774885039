package zoom

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"zoomgraph/internal/sandbox/world"
)

// This file implements Zoom Rooms, their devices and the tree of locations that they are at. Dashboards tell of the same
// rooms, by another id (wellbeing.go). Start reading at rooms.

var (
	noRoom         = world.Missing{Status: http.StatusNotFound, Code: 1012, Text: "Zoom Room does not exist: %s."}
	noRoomLocation = world.Missing{Status: http.StatusNotFound, Code: 4801, Text: "Location does not exist: %s."}
)

// rooms adds rooms, their devices, and what can be shown on their screens.
func (z *Zoom) rooms(q *world.Quirks) {
	q.Things["Room"] = world.Thing{
		Seed: z.seedRooms, Missing: noRoom,
		Computed: map[string]func(*world.World, *world.Record) any{"status": func(_ *world.World, r *world.Record) any { return roomStatus(r) }},
		Filters: map[string]func(*world.World, *world.Record, string) bool{
			"type": func(w *world.World, r *world.Record, kind string) bool { return w.Text(r, "zoom_room_type") == kind },
			"unassigned_rooms": func(w *world.World, r *world.Record, only string) bool {
				return only != "true" || w.Text(r, "location_id") == ""
			},
			"tag_ids": func(w *world.World, r *world.Record, ids string) bool {
				return slices.ContainsFunc(w.Texts(r, "tag_ids"), func(id string) bool { return slices.Contains(strings.Split(ids, ","), id) })
			},
			"query_name": func(w *world.World, r *world.Record, name string) bool {
				return strings.Contains(strings.ToLower(w.Text(r, "name")), strings.ToLower(name))
			},
		},
	}
	q.Things["RoomDevice"] = world.Thing{
		Seed: z.seedRoomDevices, Missing: world.Missing{Status: http.StatusNotFound, Code: 300, Text: "Device does not exist: %s."},
		Computed: map[string]func(*world.World, *world.Record) any{
			"room_name": func(w *world.World, r *world.Record) any { return w.Text(r.Owner(), "name") },
			"status": func(_ *world.World, r *world.Record) any {
				if roomStatus(r.Owner()) == "Offline" {
					return "Offline"
				}
				return "Online"
			},
		},
	}
	q.Things["SignageContent"] = world.Thing{
		Seed: z.seedSignage,
		Filters: map[string]func(*world.World, *world.Record, string) bool{
			"folder_id": func(_ *world.World, r *world.Record, id string) bool { return r.Ext == id },
			"type": func(_ *world.World, r *world.Record, kind string) bool {
				return kind != "folder" || r.Ext == signageFolder
			},
		},
	}
	q.Answers["POST /rooms"] = z.createRoom
	q.Answers["GET /rooms/{roomId}"] = readProfile(map[string]string{
		"id": "", "room_id": "", "status": "", "device_profile_id": "device", "checkin_and_checkout": "setup", "under_construction": "setup",
		"apply_background_image_to_all_displays": "setup", "background_image_info": "setup", "pro_device": "setup",
	})
	q.Checks["PATCH /rooms/{roomId}"] = checkRoom
	q.Checks["PUT /rooms/{roomId}/location"] = checkRoomLocation
	q.Answers["PATCH /rooms/{id}/events"] = controlRoom
	q.Answers["PATCH /rooms/events"] = z.alertRooms
	q.Answers["PUT /rooms/{roomId}/devices/{deviceId}/app_version"] = changeAppVersion
	z.roomLocations(q)
}

// readProfile answers a room or a location as Zoom does: without what only lists tell, and with each field in its object, as
// in says; what it does not name is basic.
func readProfile(in map[string]string) operation {
	return func(w *world.World, c *world.Call) (world.Answer, error) {
		answer, err := w.Do(c)
		if err != nil {
			return answer, err
		}
		whole, _ := world.Members(answer.Body)
		flat, _ := world.Lookup(whole, "basic")
		all, _ := world.Members(flat)
		objects := map[string][]world.Member{}
		for _, m := range all {
			if object, named := in[m.Name]; object != "" || !named {
				object = cmp.Or(object, "basic")
				objects[object] = append(objects[object], m)
			}
		}
		for i, m := range whole {
			whole[i].Value = world.Join(objects[m.Name])
		}
		answer.Body = world.Join(whole)
		return answer, nil
	}
}

// roomStatus is a room's status: a room that cannot be used is in no meeting.
func roomStatus(room *world.Record) string {
	if string(room.Raw("under_construction")) == "true" {
		return "UnderConstruction"
	}
	return strings.Trim(string(room.Raw("status")), `"`)
}

// roomNames are those of the account's Zoom Rooms.
var roomNames = []string{
	"Ada", "Grace", "Edsger", "Barbara", "Alan", "Hedy", "Donald", "Frances", "John", "Radia", "Niklaus", "Margaret", "Tony", "Adele", "Ken",
	"Lynn", "Dennis", "Shafi", "Claude", "Katherine", "Kurt", "Emmy", "Alonzo", "Sophie", "Leslie", "Mary", "Robin", "Karen", "Vint", "Ida",
}

// seedRooms makes up the account's Zoom Rooms, on floors one after the other. The Ext of one is its place.
func (z *Zoom) seedRooms(*world.World, *world.Record) []*world.Record {
	var out []*world.Record
	for i, name := range roomNames {
		place := strconv.Itoa(i)
		h := z.source.At("room", place)
		values := map[string]any{
			"room_id": z.source.ID("room", place), "name": name, "display_name": name + " room", "zoom_room_type": "ZoomRoom", "status": "Available",
			"activation_code": activationCode(h), "location_id": z.floorOf(i), "tag_ids": []string{z.source.ID("room tag", strconv.Itoa(i%3))},
			"capacity": 2 + i%12, "user_id": nil, "under_construction": i == len(roomNames)-3, "pro_device": i%6 == 0,
			"support_email": "rooms@example.com", "support_phone": "+41 44 555 01 " + world.Digits(h, 2),
			"calendar_resource_id": z.source.ID("room calendar", place), "device_profile_id": z.source.ID("device profile", place),
		}
		switch {
		case i%10 == 1:
			values["zoom_room_type"], values["location_id"], values["user_id"] = "PersonalZoomRoom", "", z.userID(i/10)
		case i == len(roomNames)-2:
			values["location_id"] = ""
		case i%10 == 7:
			values["zoom_room_type"] = "DigitalSignageOnly"
		case i%10 == 8:
			values["zoom_room_type"] = "SchedulingDisplayOnly"
		}
		if i%9 == 4 {
			values["status"] = "Offline"
		}
		r := world.Known(z.source.ID("room of the account", place), values)
		r.Ext = i
		out = append(out, r)
	}
	return out
}

// activationCode is what pairs a device with a room.
func activationCode(h uint64) string {
	digits := world.Digits(h, 16)
	return digits[:4] + "-" + digits[4:8] + "-" + digits[8:12] + "-" + digits[12:]
}

// createRoom makes a room, to which no device belongs yet.
func (z *Zoom) createRoom(w *world.World, c *world.Call) (world.Answer, error) {
	var body struct {
		Name       string   `json:"name"`
		Type       string   `json:"type"`
		LocationID string   `json:"location_id"`
		Calendar   *string  `json:"calendar_resource_id"`
		TagIDs     []string `json:"tag_ids"`
		UserID     *string  `json:"user_id"`
		ProDevice  bool     `json:"pro_device"`
	}
	c.Decode(&body)
	switch {
	case body.Name == "":
		return world.Answer{}, world.Invalid(world.FieldRefusal{Field: "name", Message: "A room needs a name."})
	case body.LocationID != "" && w.Find("RoomLocation", body.LocationID) == nil:
		return world.Answer{}, noRoomLocation.Refusal(body.LocationID)
	case (body.Type == "PersonalZoomRoom") != (body.UserID != nil) || body.UserID != nil && w.Find("User", *body.UserID) == nil:
		return world.Answer{}, world.Invalid(world.FieldRefusal{Field: "user_id", Message: "A personal room has a user, and no other has one."})
	}
	h := z.source.At("made room", w.NewID("room"))
	values := map[string]any{
		"room_id": world.IDOf(h), "name": body.Name, "display_name": body.Name, "zoom_room_type": body.Type, "status": "Offline",
		"activation_code": activationCode(world.Mix(h)), "location_id": body.LocationID, "tag_ids": append([]string{}, body.TagIDs...),
		"pro_device": body.ProDevice, "hide_room_in_contacts": false, "required_code_to_ext": false, "under_construction": false,
		"apply_background_image_to_all_displays": false, "background_image_info": []any{},
		"checkin_and_checkout": map[string]any{"enable": false},
	}
	if body.Calendar != nil {
		values["calendar_resource_id"] = *body.Calendar
	}
	if body.UserID != nil {
		values["user_id"] = w.Find("User", *body.UserID).ID
	}
	_, answer, err := w.Make(c, values)
	tags := []any{}
	for i, id := range body.TagIDs {
		tags = append(tags, map[string]any{"tag_id": id, "tag_name": fmt.Sprintf("Tag %d", i+1)})
	}
	answer.Body = world.Edit(answer.Body, []string{"type"}, world.Encode(body.Type))
	answer.Body = world.Edit(answer.Body, []string{"tags"}, world.Encode(tags))
	return answer, err
}

// checkRoom refuses what a room cannot be.
func checkRoom(_ *world.World, c *world.Call) error {
	var body struct {
		Basic struct {
			Capacity *int    `json:"capacity"`
			Passcode *string `json:"room_passcode"`
		} `json:"basic"`
	}
	c.Decode(&body)
	switch n, code := body.Basic.Capacity, body.Basic.Passcode; {
	case n != nil && (*n < 1 || *n > 500):
		return world.Invalid(world.FieldRefusal{Field: "basic.capacity", Message: "A room is for 1 to 500 people."})
	case code != nil && (*code == "" || len(*code) > 16):
		return world.Invalid(world.FieldRefusal{Field: "basic.room_passcode", Message: "A passcode has 1 to 16 characters."})
	}
	return nil
}

// checkRoomLocation refuses a location that there is not.
func checkRoomLocation(w *world.World, c *world.Call) error {
	var body struct {
		LocationID string `json:"location_id"`
	}
	if c.Decode(&body); w.Find("RoomLocation", body.LocationID) == nil {
		return noRoomLocation.Refusal(body.LocationID)
	}
	return nil
}

// controlRoom tells a room to do something. What can be seen of it afterwards is whether the room is in a meeting.
func controlRoom(_ *world.World, c *world.Call) (world.Answer, error) {
	var body struct {
		Method string `json:"method"`
		Params struct {
			EventID string `json:"event_id"`
		} `json:"params"`
	}
	switch c.Decode(&body); strings.TrimPrefix(body.Method, "zoomroom.") {
	case "check_in", "check_out":
		if body.Params.EventID == "" {
			return world.Answer{}, world.Invalid(world.FieldRefusal{Field: "params.event_id", Message: "An event of the room's calendar is required."})
		}
	case "meeting_join", "meeting_accept", "thirdparty_meeting_join":
		c.Owner.Set("status", "InMeeting")
	case "meeting_leave", "meeting_end":
		c.Owner.Set("status", "Available")
	}
	return world.Answer{Status: http.StatusAccepted}, nil
}

// alertRooms shows an alert, or takes one away. Who is to see it has to be there.
func (z *Zoom) alertRooms(w *world.World, c *world.Call) (world.Answer, error) {
	var body struct {
		Method string `json:"method"`
		Params struct {
			EventID    string   `json:"event_id"`
			TargetType string   `json:"target_type"`
			TargetIDs  []string `json:"target_ids"`
		} `json:"params"`
	}
	c.Decode(&body)
	if n := len(body.Params.TargetIDs); n > 10 {
		return world.Answer{}, world.Invalid(world.FieldRefusal{Field: "params.target_ids", Message: "There are 1 to 10 targets."})
	}
	for _, id := range body.Params.TargetIDs {
		kind := map[string]string{"room": "Room", "location": "RoomLocation"}[body.Params.TargetType]
		if kind != "" && w.Find(kind, id) == nil || kind == "" && id != z.options.AccountID {
			return world.Answer{}, world.Invalid(world.FieldRefusal{Field: "params.target_ids", Message: "There is no such target: " + id + "."})
		}
	}
	answer := world.Answer{Status: http.StatusAccepted}
	if body.Method == "zoomroom.emergency_alert_displayed" {
		answer.Body = world.Encode(map[string]any{"event_id": w.NewID("alert")})
	}
	return answer, nil
}

// The versions of Zoom's app on devices of rooms.
const (
	olderApp  = "6.1.0 (3321)"
	newestApp = "6.2.5 (4216)"
)

// seedRoomDevices makes up the devices of a room: none of one that was made since.
func (z *Zoom) seedRoomDevices(w *world.World, room *world.Record) []*world.Record {
	place, old := room.Ext.(int)
	if !old {
		return nil
	}
	kinds := []string{"Zoom Rooms Computer", "Controller", "Scheduling Display"}
	switch w.Text(room, "zoom_room_type") {
	case "ZoomRoom":
		kinds = kinds[:2+place%2]
	case "SchedulingDisplayOnly":
		kinds = kinds[2:]
	default:
		kinds = kinds[:1]
	}
	var out []*world.Record
	for i, kind := range kinds {
		h := z.source.At("room device", room.ID, kind)
		system, maker := "Windows 11", "Lenovo"
		if kind != kinds[0] || len(kinds) == 1 && kind == "Scheduling Display" {
			system, maker = "iPadOS 18.1", "Apple"
		}
		out = append(out, world.Known("{8.6.8."+world.Digits(h, 8)+"}.{"+dashed(h)+"}", map[string]any{
			"device_type": kind, "device_system": system, "device_manufacturer": maker, "app_version": world.Pick(h, olderApp, newestApp),
			"device_hostname": "room-" + strconv.Itoa(place) + "-" + strconv.Itoa(i), "ip_address": "192.0.2." + strconv.Itoa(10+(3*place+i)%240),
			"serial_number": strings.ToUpper(world.IDOf(h)[:10]), "device_mac_addresses": []string{"02-00-00-" + macOf(h)},
		}))
	}
	return out
}

// macOf is the end of a device's address.
func macOf(h uint64) string { return fmt.Sprintf("%02X-%02X-%02X", byte(h), byte(h>>8), byte(h>>16)) }

// changeAppVersion brings a device's app to another version at once, so there is never anything to call off. Of Zoom's
// codes no source says which is when.
func changeAppVersion(w *world.World, c *world.Call) (world.Answer, error) {
	var body struct {
		Action string `json:"action"`
	}
	c.Decode(&body)
	to := map[string]string{"upgrade": newestApp, "downgrade": olderApp}[body.Action]
	switch {
	case roomStatus(c.Owner.Owner()) == "Offline":
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 8001, "The device is offline.")
	case to != "" && w.Text(c.Owner, "app_version") == to:
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 8002, "The device has that version already.")
	case to != "":
		c.Owner.Set("app_version", to)
	}
	return world.Done(), nil
}

// signageFolder is the Ext of a folder; that of what is in one is the folder's id.
const signageFolder = "folder"

// seedSignage makes up what can be shown on screens: folders, and two pictures in each.
func (z *Zoom) seedSignage(*world.World, *world.Record) []*world.Record {
	var out []*world.Record
	add := func(ext, name string) string {
		r := world.Known(z.source.ID("signage", name), map[string]any{"name": name})
		r.Ext = ext
		out = append(out, r)
		return r.ID
	}
	for _, name := range []string{"Lobby", "Canteen"} {
		folder := add(signageFolder, name)
		add(folder, name+" welcome.png")
		add(folder, name+" week.mp4")
	}
	return out
}

// ---------------------------------------------------------------- locations

// locationTypes are those that there are, the largest first.
var locationTypes = []string{"country", "states", "city", "campus", "building", "floor"}

// seededLocation is a location of the start: its type is that of its depth.
type seededLocation struct {
	name  string
	below []seededLocation
}

// seededLocations is the tree of locations: what stands lowest are floors.
var seededLocations = seededLocation{"Switzerland", []seededLocation{
	{"Canton of Zürich", []seededLocation{{"Zürich", []seededLocation{
		{"Limmat campus", []seededLocation{{"North building", floors(3)}, {"South building", floors(2)}}},
	}}}},
	{"Canton of Vaud", []seededLocation{{"Lausanne", []seededLocation{
		{"Lake campus", []seededLocation{{"Quay building", floors(2)}}},
	}}}},
}}

func floors(n int) (out []seededLocation) {
	for i := range n {
		out = append(out, seededLocation{name: fmt.Sprintf("Floor %d", i+1)})
	}
	return out
}

// roomLocations adds the tree of locations.
func (z *Zoom) roomLocations(q *world.Quirks) {
	q.Things["RoomLocation"] = world.Thing{Seed: z.seedLocations, Missing: noRoomLocation}
	q.Answers["POST /rooms/locations"] = createRoomLocation
	q.Answers["GET /rooms/locations/{locationId}"] = readProfile(map[string]string{
		"id": "", "type": "", "apply_background_image_to_all_displays": "setup", "background_image_info": "setup",
	})
	q.Checks["PUT /rooms/locations/{locationId}/location"] = checkParentLocation
	q.Answers["GET /rooms/locations/structure"] = z.readStructure
	q.Answers["PATCH /rooms/locations/structure"] = z.changeStructure
}

func (z *Zoom) seedLocations(*world.World, *world.Record) []*world.Record {
	var out []*world.Record
	var add func(parent, path string, depth int, l seededLocation)
	add = func(parent, path string, depth int, l seededLocation) {
		path += "/" + l.name
		r := world.Known(z.locationID(path), map[string]any{
			"name": l.name, "type": locationTypes[depth], "parent_location_id": parent, "timezone": "Europe/Zurich",
			"address": "", "description": l.name + " and all that is in it", "support_email": "rooms@example.com",
		})
		out = append(out, r)
		for _, inner := range l.below {
			add(r.ID, path, depth+1, inner)
		}
	}
	add("", "", 0, seededLocations)
	return out
}

// locationID is the id of a location of the start, by the names that lead to it.
func (z *Zoom) locationID(path string) string { return z.source.ID("room location", path) }

// floorOf is the floor that the rooms of a place are on.
func (z *Zoom) floorOf(place int) string {
	var all []string
	var add func(path string, l seededLocation)
	add = func(path string, l seededLocation) {
		path += "/" + l.name
		if l.below == nil {
			all = append(all, path)
		}
		for _, inner := range l.below {
			add(path, inner)
		}
	}
	add("", seededLocations)
	return z.locationID(all[place%len(all)])
}

// createRoomLocation makes a location of the type below its parent's, or a country.
func createRoomLocation(w *world.World, c *world.Call) (world.Answer, error) {
	var body struct {
		Name   string `json:"name"`
		Parent string `json:"parent_location_id"`
	}
	c.Decode(&body)
	depth := 0
	if parent := w.Find("RoomLocation", body.Parent); parent != nil {
		depth = depthOf(w, parent) + 1
	} else if body.Parent != "" {
		return world.Answer{}, noRoomLocation.Refusal(body.Parent)
	}
	switch {
	case body.Name == "":
		return world.Answer{}, world.Invalid(world.FieldRefusal{Field: "name", Message: "A location needs a name."})
	case depth == len(locationTypes):
		return world.Answer{}, world.Invalid(world.FieldRefusal{Field: "parent_location_id", Message: "Nothing lies in a floor."})
	}
	_, answer, err := w.Make(c, map[string]any{
		"name": body.Name, "type": locationTypes[depth], "parent_location_id": body.Parent, "required_code_to_ext": false,
		"apply_background_image_to_all_displays": false, "background_image_info": []any{},
	})
	answer.Status = http.StatusOK
	return answer, err
}

// depthOf is the place of a location's type among all types.
func depthOf(w *world.World, l *world.Record) int {
	return slices.Index(locationTypes, w.Text(l, "type"))
}

// checkParentLocation refuses a parent that there is not, one within the location itself, and one that is no larger.
func checkParentLocation(w *world.World, c *world.Call) error {
	var body struct {
		Parent string `json:"parent_location_id"`
	}
	c.Decode(&body)
	parent := w.Find("RoomLocation", body.Parent)
	if parent == nil {
		return noRoomLocation.Refusal(body.Parent)
	}
	for above := parent; above != nil; above = w.Find("RoomLocation", w.Text(above, "parent_location_id")) {
		if above == c.Owner {
			return world.Invalid(world.FieldRefusal{Field: "parent_location_id", Message: "A location cannot lie in itself."})
		}
	}
	if depthOf(w, parent) >= depthOf(w, c.Owner) {
		return world.Invalid(world.FieldRefusal{Field: "parent_location_id", Message: "A location lies in a larger one."})
	}
	return nil
}

func (z *Zoom) readStructure(*world.World, *world.Call) (world.Answer, error) {
	structure := z.structure
	if structure == nil {
		structure = locationTypes
	}
	return world.OK(world.Encode(map[string]any{"structures": structure})), nil
}

// changeStructure sets which types of locations there are: known ones, the largest first, each once.
func (z *Zoom) changeStructure(_ *world.World, c *world.Call) (world.Answer, error) {
	var body struct {
		Structures []string `json:"structures"`
	}
	c.Decode(&body)
	at := -1
	for _, name := range body.Structures {
		next := slices.Index(locationTypes, name)
		if next <= at {
			return world.Answer{}, world.Refuse(http.StatusBadRequest, 2100, "%q is no type of locations, or not below the one before it.", name)
		}
		at = next
	}
	if at < 0 {
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 2100, "There has to be one type of locations.")
	}
	z.structure = body.Structures
	return world.Done(), nil
}
