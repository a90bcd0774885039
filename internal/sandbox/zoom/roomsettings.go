package zoom

import (
	"bytes"
	"encoding/json"
	"slices"

	"zoomgraph/internal/sandbox/world"
)

// The settings of rooms, of locations, and the account's for rooms.
const (
	settingsOfRoom     = "/rooms/{roomId}/settings"
	settingsOfLocation = "/rooms/locations/{locationId}/settings"
	settingsOfRooms    = "/rooms/account_settings"
)

// countryOnly are settings that locations have which are countries, and no others.
var countryOnly = []string{
	"auto_accept_incoming_call_and_fecc", "hide_self_view", "lock_speaker_volume_control",
	"start_hdmi_content_share_manualy", //nolint:misspell // as Zoom spells it
}

// roomSettings adds the settings of rooms. A room has what was written of it, or else
// of its location, of that one's, and so on, or else what the account has.
func (z *Zoom) roomSettings(q *world.Quirks) {
	q.Things["RoomSettings"] = world.Thing{Above: func(w *world.World, r *world.Record) []*world.Record {
		return above(w, w.Text(r.Owner(), "location_id"))
	}}
	ofCountry := map[string]func(*world.World, *world.Record) any{}
	for _, name := range countryOnly {
		ofCountry["meeting.zoom_rooms."+name] = func(w *world.World, r *world.Record) any {
			if !isCountry(w, r.Owner()) {
				return nil
			}
			return w.Source.At("country", r.Place, name)%2 == 0
		}
	}
	q.Things["RoomLocationSettings"] = world.Thing{Drawn: ofCountry, Above: func(w *world.World, r *world.Record) []*world.Record {
		return above(w, w.Text(r.Owner(), "parent_location_id"))
	}}
	q.Things["RoomsSettings"] = world.Thing{Drawn: map[string]func(*world.World, *world.Record) any{"signage.digital_signage.play_list": playLists}}
	q.Things["RoomsProfile"] = world.Thing{Drawn: map[string]func(*world.World, *world.Record) any{
		"setup.background_image_info": func(w *world.World, _ *world.Record) any {
			first, second := w.Source.ID("background", "first"), w.Source.ID("background", "second")
			return []any{pictureOn("zoom_rooms_display1", first, w.Source), pictureOn("zoom_rooms_display2", second, w.Source)}
		},
	}}
	q.Answers["PATCH /rooms/account_profile"] = changeRoomsProfile
	for _, path := range []string{settingsOfRoom, settingsOfLocation, settingsOfRooms} {
		q.Answers["PATCH "+path] = changeRoomSettings
	}
}

// above are the settings of a location, of those that it lies in, and the account's.
func above(w *world.World, location string) []*world.Record {
	var levels, seen []*world.Record
	for location != "" {
		r := w.Find("RoomLocation", location)
		if r == nil || slices.Contains(seen, r) {
			break
		}
		seen = append(seen, r)
		if s := w.Document("GET "+settingsOfLocation, r); s != nil {
			levels = append(levels, s)
		}
		location = w.Text(r, "parent_location_id")
	}
	return append(levels, w.Document("GET "+settingsOfRooms, nil))
}

func isCountry(w *world.World, location *world.Record) bool {
	return w.Text(location, "type") == "country"
}

// playLists are the account's lists of contents: one a folder of what can be shown, in
// the mornings and in the afternoons.
func playLists(w *world.World, _ *world.Record) any {
	lists := []any{}
	for _, folder := range w.First("SignageContent") {
		var contents []any
		for _, content := range w.First("SignageContent") {
			if content.Ext == folder.ID {
				contents = append(contents, map[string]any{
					"id": w.Source.ID("shown", content.ID), "content_id": content.ID, "name": w.Text(content, "name"), "duration": 30, "order": len(contents) + 1,
				})
			}
		}
		if folder.Ext == signageFolder {
			from, to := "06", "12"
			if len(lists)%2 == 1 {
				from, to = to, "18"
			}
			lists = append(lists, map[string]any{
				"action": "add", "id": w.Source.ID("play list", folder.ID), "name": w.Text(folder, "name"),
				"start_time": "2026-01-01T" + from + ":00:00Z", "end_time": "2026-12-31T" + to + ":00:00Z", "contents": contents,
			})
		}
	}
	return lists
}

// changeRoomsProfile writes the profile, but for a passcode that is none. A picture that
// a screen is given has an address then.
func changeRoomsProfile(w *world.World, c *world.Call) (world.Answer, error) {
	var body struct {
		Basic struct {
			Passcode *string `json:"room_passcode"`
		} `json:"basic"`
		Setup struct {
			Pictures []struct {
				Display string `json:"display_id"`
				Content string `json:"content_id"`
			} `json:"background_image_info"`
		} `json:"setup"`
	}
	if c.Decode(&body); body.Basic.Passcode != nil && (*body.Basic.Passcode == "" || len(*body.Basic.Passcode) > 16) {
		return world.Answer{}, world.Invalid(world.FieldRefusal{Field: "basic.room_passcode", Message: "A passcode has 1 to 16 characters."})
	}
	pictures := []any{}
	for _, p := range body.Setup.Pictures {
		pictures = append(pictures, pictureOn(p.Display, p.Content, w.Source))
	}
	c.Body = world.Edit(c.Body, []string{"setup", "background_image_info"}, world.Encode(pictures))
	return w.Do(c)
}

// pictureOn is a picture that a screen has behind all else.
func pictureOn(display, content string, source world.Source) map[string]any {
	return map[string]any{"display_id": display, "content_id": content, "download_url": source.FileAt(source.ID("picture", content) + ".png"), "download_url_ttl": 3600}
}

// changeRoomSettings writes a view of settings, but for what keeps its value silently:
// what only countries have, and the alert on the screen where the controller gives
// none. Of lists of contents it does what each says.
func changeRoomSettings(w *world.World, c *world.Call) (world.Answer, error) {
	stored, err := w.Before(c)
	if err != nil {
		return world.Answer{}, err
	}
	had, _ := world.Members(stored.Body)
	body, isObject := world.Members(c.Body)
	if !isObject {
		return w.Do(c) // which says so
	}
	for i, m := range body {
		section, isObject := world.Members(m.Value)
		if !isObject {
			continue
		}
		old, _ := world.Lookup(had, m.Name)
		before, _ := world.Members(old)
		switch m.Name {
		case "zoom_rooms":
			section = withoutIdle(section, before)
			if c.Op.Path == settingsOfLocation && !isCountry(w, c.Owner) {
				section = slices.DeleteFunc(section, func(m world.Member) bool { return slices.Contains(countryOnly, m.Name) })
			}
		case "digital_signage":
			section = withPlayLists(w, section, before)
		}
		body[i].Value = world.Join(section)
	}
	c.Body = world.Join(body)
	return w.Do(c)
}

// withoutIdle drops the alert on the screen where the controller gives none, and none
// of these changes makes it.
func withoutIdle(changes, before []world.Member) []world.Member {
	on, said := world.Lookup(changes, "upcoming_meeting_alert")
	if !said {
		on, _ = world.Lookup(before, "upcoming_meeting_alert")
	}
	if string(on) == "true" {
		return changes
	}
	return withoutName(changes, "show_alert_before_meeting")
}

// withPlayLists are changes in which lists of contents stand as they are then.
func withPlayLists(w *world.World, changes, before []world.Member) []world.Member {
	for i, m := range changes {
		if m.Name == "play_list" {
			old, _ := world.Lookup(before, m.Name)
			changes[i].Value = acted(w, old, m.Value)
		}
	}
	return changes
}

// acted is a list after actions on what is in it: each adds something, or changes or
// deletes what has its id. Contents of it are such lists, too.
func acted(w *world.World, list, actions json.RawMessage) json.RawMessage {
	var elems, each []json.RawMessage
	if json.Unmarshal(actions, &each) != nil {
		return actions // which is refused
	}
	_ = json.Unmarshal(list, &elems) // none: nil
	for _, action := range each {
		given, isObject := world.Members(action)
		if !isObject {
			return actions
		}
		do, _ := world.Lookup(given, "action")
		id, _ := world.Lookup(given, "id")
		at := slices.IndexFunc(elems, func(elem json.RawMessage) bool {
			fields, _ := world.Members(elem)
			has, _ := world.Lookup(fields, "id")
			return id != nil && bytes.Equal(has, id)
		})
		given = withoutName(given, "id")
		switch {
		case string(do) == `"delete"`:
			if at >= 0 {
				elems = slices.Delete(elems, at, at+1)
			}
		case at >= 0:
			elems[at] = withChanges(w, elems[at], given)
		case string(do) == `"add"` || id == nil:
			made := world.Join([]world.Member{{Name: "id", Value: world.Encode(w.NewID("play list"))}})
			elems = append(elems, withChanges(w, made, given))
		}
	}
	return world.Encode(elems)
}

// withoutActions are the contents of a list as they are answered: without what was done with them.
func withoutActions(contents json.RawMessage) json.RawMessage {
	var elems []json.RawMessage
	if json.Unmarshal(contents, &elems) != nil {
		return contents // which is refused
	}
	for i, elem := range elems {
		fields, isObject := world.Members(elem)
		if !isObject {
			return contents
		}
		elems[i] = world.Join(withoutName(fields, "action"))
	}
	return world.Encode(elems)
}

// withChanges is an object with other values.
func withChanges(w *world.World, object json.RawMessage, changes []world.Member) json.RawMessage {
	fields, _ := world.Members(object)
	for _, m := range changes {
		if m.Name == "contents" {
			had, _ := world.Lookup(fields, m.Name)
			m.Value = withoutActions(acted(w, had, m.Value))
		}
		fields = append(withoutName(fields, m.Name), m)
	}
	return world.Join(fields)
}
