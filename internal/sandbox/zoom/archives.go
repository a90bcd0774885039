package zoom

import (
	"strings"
	"time"

	"zoomgraph/internal/sandbox/world"
)

// This file implements what was archived of sessions, as recordings.go does what was recorded. Start reading at
// seedArchives.

// breakoutRoom is the type of what was archived of one.
const breakoutRoom = 100

// seedArchives makes up what was archived: one session in eight, and of one in twenty-four a breakout room.
func (z *Zoom) seedArchives(w *world.World, _ *world.Record) []*world.Record {
	var out []*world.Record
	add := func(host *world.Record, s *session, breakout bool) {
		r := &world.Record{ID: s.of.ID}
		r.Fill = func() []world.Member { return world.MembersOf(z.archiveValues(w, host, s, breakout)) }
		out = append(out, r.Tell("start_time", world.Timestamp(s.start)))
	}
	for _, host := range w.First("User") {
		for _, s := range z.sessionsOf(w, host) {
			h := z.source.At("archived", s.uuid)
			if h%8 == 0 {
				add(host, s, false)
			}
			if h%24 == 0 {
				add(host, s, true)
			}
		}
	}
	return out
}

func (z *Zoom) archiveValues(w *world.World, host *world.Record, s *session, breakout bool) map[string]any {
	var group, parent any // nil: there is none
	h := z.source.At("archive", s.uuid)
	if groups := w.Texts(host, "group_ids"); len(groups) > 0 {
		group = groups[0]
	}
	seconds, uuid, kind := int(s.end.Sub(s.start).Seconds()), s.uuid, w.Raw(s.of, "type")
	if breakout {
		uuid, parent, kind = uuidOf(world.Mix(h)), s.uuid, world.Encode(breakoutRoom)
	}
	file := func(shows, kind, extension string, size int) map[string]any {
		h := z.source.At("archive file", uuid, shows)
		name := world.IDOf(h) + "." + strings.ToLower(extension)
		return map[string]any{
			"id": dashed(h), "file_type": kind, "file_extension": extension, "file_size": size, "status": "completed",
			"recording_type": shows, "individual": false, "participant_join_time": world.Timestamp(s.start),
			"participant_leave_time": world.Timestamp(s.end), "encryption_fingerprint": world.IDOf(world.Mix(h)), "storage_location": "US",
			"auto_delete": false, "file_path": "/archive/" + s.of.ID + "/" + name, "download_url": z.source.FileAt(name),
		}
	}
	film := file("shared_screen_with_speaker_view", "MP4", "MP4", 90_000*seconds)
	chat := file("chat_message", "CHAT_MESSAGE", "JSON", 4*seconds)
	chat["individual"], chat["participant_email"], chat["number_of_messages"] = true, w.Text(host, "email"), 1+h%40
	return map[string]any{
		"uuid": uuid, "parent_meeting_id": parent, "host_id": host.ID, "account_name": w.Text(z.own.Record, "account_name"),
		"topic": w.Text(s.of, "topic"), "type": kind, "meeting_type": "internal", "is_breakout_room": breakout, "group_id": group,
		"timezone": w.Text(host, "timezone"), "duration": s.minutes(), "duration_in_second": seconds,
		"complete_time": world.Timestamp(s.end.Add(time.Hour)), "status": "completed", "recording_count": 2,
		"total_size": 90_004 * seconds, "archive_files": []any{film, chat}, "physical_files": []any{map[string]any{
			"file_id": dashed(world.Mix(h)), "file_name": world.IDOf(h) + ".zip", "file_size": 90_004 * seconds,
			"download_url": film["download_url"],
		}},
	}
}

// listArchives lists archives, those of a week where no time is asked for.
func listArchives(w *world.World, c *world.Call) (world.Answer, error) {
	if c.Values.Get("from") == "" {
		c.Values.Set("from", world.Timestamp(c.Now.AddDate(0, 0, -7).Add(time.Second)))
	}
	return w.Do(c)
}
