package zoom

import (
	"encoding/binary"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"zoomgraph/internal/sandbox/world"
)

// This file implements cloud recordings. Of three sessions that are over two were recorded. What there is of a recording
// follows from its session; only which files were deleted is kept. Start reading at recordings.

// recording is what the chapter keeps of one, as its Ext.
type recording struct {
	of      *session
	trashed map[string]time.Time // since when files are in the trash, by id
	gone    map[string]bool      // files that are deleted for good
	trash   bool                 // this is what the trash has of it
}

// The lists of recordings.
const (
	userRecordings    = "GET /users/{userId}/recordings"
	accountRecordings = "GET /accounts/{accountId}/recordings"
)

// meetingRecordings is the path of what there is of one recording.
const meetingRecordings = "/meetings/{meetingId}/recordings"

// noRecording says that there is none of a meeting.
var noRecording = world.Missing{Status: http.StatusNotFound, Code: 3301, Text: "There is no recording for this meeting: %s."}

// recordings adds what was recorded, and what was archived.
func (z *Zoom) recordings(q *world.Quirks) {
	q.Things["CloudRecording"] = world.Thing{
		Seed: z.seedRecordings, Missing: noRecording,
		Computed: map[string]func(*world.World, *world.Record) any{
			"recording_files": func(_ *world.World, r *world.Record) any { return z.filesOf(r) },
			"recording_count": func(_ *world.World, r *world.Record) any { return len(z.filesOf(r)) },
			"total_size":      func(_ *world.World, r *world.Record) any { return sizeOf(z.filesOf(r)) },
		},
		Filters: map[string]func(*world.World, *world.Record, string) bool{
			"meeting_id": func(_ *world.World, r *world.Record, number string) bool { return recordingIn(r).of.of.ID == number },
			"mc":         func(_ *world.World, _ *world.Record, own string) bool { return own != "true" }, // there is none
		},
	}
	q.Things["RecordingSettings"] = world.Thing{Drawn: map[string]func(*world.World, *world.Record) any{
		"topic":           sharedWithRecording("topic"),
		"password":        sharedWithRecording("password"),
		"auto_delete":     sharedWithRecording("auto_delete"),
		"share_recording": func(*world.World, *world.Record) any { return "publicly" },
		"authentication_option": func(_ *world.World, r *world.Record) any {
			return "signIn_" + z.source.ID("authentication", r.Owner().ID)
		},
	}}
	q.Things["ArchivedMeeting"] = world.Thing{
		Seed: z.seedArchives,
		Filters: map[string]func(*world.World, *world.Record, string) bool{
			"group_ids": func(w *world.World, r *world.Record, ids string) bool {
				return slices.Contains(strings.Split(ids, ","), w.Text(r, "group_id"))
			},
		},
	}
	q.Defaults["GET "+meetingRecordings+"/registrants"] = url.Values{"status": {"approved"}}
	for _, path := range []string{meetingRecordings, meetingRecordings + "/{recordingId}"} {
		q.Defaults["DELETE "+path] = url.Values{"action": {"trash"}}
		q.Answers["DELETE "+path] = z.deleteRecording
		q.Answers["PUT "+path+"/status"] = z.recoverRecording
	}
	q.Answers[userRecordings] = z.listRecordings
	q.Answers[accountRecordings] = z.listRecordings
	q.Answers["GET "+meetingRecordings] = z.readRecording
	q.Answers["PATCH "+meetingRecordings+"/settings"] = changeRecordingSettings
	q.Answers["POST "+meetingRecordings+"/registrants"] = registerForRecordings
	q.Answers["GET /archive_files"] = listArchives
}

// recorded tells of a session whether it was recorded.
func (z *Zoom) recorded(s *session) bool { return z.source.At("recorded", s.uuid)%3 != 0 }

// sessionsOf are what a user hosted and what is over at the start.
func (z *Zoom) sessionsOf(w *world.World, host *world.Record) []*session {
	var all []*session
	for _, of := range slices.Concat(w.Rows(userMeetings, host), w.Rows(userWebinars, host)) {
		all = append(all, calendarOf(of).held...)
	}
	return all
}

// seedRecordings makes up the recordings of what a user hosted, the latest first.
func (z *Zoom) seedRecordings(w *world.World, host *world.Record) []*world.Record {
	var out []*world.Record
	for _, s := range z.sessionsOf(w, host) {
		if !z.recorded(s) {
			continue
		}
		out = append(out, z.newRecording(w, host, &recording{of: s}))
	}
	slices.SortFunc(out, func(a, b *world.Record) int { return recordingIn(b).of.start.Compare(recordingIn(a).of.start) })
	return out
}

func (z *Zoom) newRecording(w *world.World, host *world.Record, kept *recording) *world.Record {
	r := &world.Record{ID: kept.of.uuid, Ext: kept}
	r.Fill = func() []world.Member { return world.MembersOf(z.recordingValues(w, host, kept.of)) }
	return r.Tell("start_time", world.Timestamp(kept.of.start))
}

func (z *Zoom) recordingValues(w *world.World, host *world.Record, s *session) map[string]any {
	h := z.source.At("recording", s.uuid)
	number, _ := strconv.ParseInt(s.of.ID, 10, 64)
	values := map[string]any{
		"uuid": s.uuid, "id": number, "account_id": z.options.AccountID, "host_id": host.ID, "host_email": w.Text(host, "email"),
		"topic": w.Text(s.of, "topic"), "type": w.Raw(s.of, "type"), "timezone": w.Text(host, "timezone"),
		"duration": s.minutes(), "share_url": "https://zoom.us/rec/share/" + world.IDOf(h),
		"password": world.Digits(h, 6), "recording_play_passcode": world.IDOf(world.Mix(h)),
		"auto_delete": h%4 == 0, "auto_delete_date": nil, "participant_audio_files": []any{},
		"rc_zone": "US", "service_name": "cmr", "external_storage_addr": "",
	}
	if h%4 == 0 {
		values["auto_delete_date"] = s.end.AddDate(0, 4, 0).Format(time.DateOnly)
	}
	if h>>8%4 == 0 && !z.processing(s) {
		values["participant_audio_files"] = z.audioFiles(s)
	}
	return values
}

// recordingIn is what is kept of a recording.
func recordingIn(r *world.Record) *recording { return r.Ext.(*recording) }

// sharedWithRecording is a value that the settings of a recording have of it, where nobody has written another.
func sharedWithRecording(name string) func(*world.World, *world.Record) any {
	return func(w *world.World, r *world.Record) any { return w.Raw(r.Owner(), name) }
}

// recordedFile is a file of a recording. One that is being made lacks most of it, and some is empty.
type recordedFile struct {
	ID             string `json:"id"`
	MeetingID      string `json:"meeting_id"`
	RecordingStart string `json:"recording_start"`
	RecordingEnd   string `json:"recording_end"`
	FileType       string `json:"file_type"`
	FileExtension  string `json:"file_extension"`
	FileSize       int64  `json:"file_size"`
	PlayURL        string `json:"play_url,omitempty"`
	DownloadURL    string `json:"download_url,omitempty"`
	FilePath       string `json:"file_path,omitempty"`
	Status         string `json:"status"`
	RecordingType  string `json:"recording_type,omitempty"`
	DeletedTime    string `json:"deleted_time,omitempty"`
}

// processing tells whether Zoom still makes the files of a session: of half of those in the last two days.
func (z *Zoom) processing(s *session) bool {
	return s.end.After(z.day().AddDate(0, 0, -2)) && z.source.At("processing", s.uuid)%2 == 0
}

// allFiles are those of a session, deleted or not.
func (z *Zoom) allFiles(s *session) []recordedFile {
	var files []recordedFile
	add := func(kind, extension, shows string, size int64) {
		h := z.source.At("recording file", s.uuid, shows)
		f := recordedFile{ID: dashed(h), MeetingID: s.uuid, RecordingStart: world.Timestamp(s.start), Status: "processing"}
		if !z.processing(s) {
			f.RecordingEnd, f.Status, f.RecordingType = world.Timestamp(s.end), "completed", shows
			f.FileType, f.FileExtension, f.FileSize = kind, extension, size
			f.PlayURL = "https://zoom.us/rec/play/" + world.IDOf(h)
			name := world.IDOf(h) + "." + strings.ToLower(extension)
			f.DownloadURL, f.FilePath = z.source.FileAt(name), "/"+s.of.ID+"/"+name
		}
		files = append(files, f)
	}
	h, seconds := z.source.At("files", s.uuid), int64(s.end.Sub(s.start).Seconds())
	add("MP4", "MP4", "shared_screen_with_speaker_view", 90_000*seconds)
	add("M4A", "M4A", "audio_only", 16_000*seconds)
	if h%2 == 0 {
		add("TRANSCRIPT", "VTT", "audio_transcript", 20*seconds)
	}
	if h>>8%3 == 0 {
		add("CHAT", "TXT", "chat_file", 2*seconds)
	}
	if h>>16%4 == 0 {
		add("TIMELINE", "JSON", "timeline", 5*seconds)
	}
	return files
}

// audioFiles are what the first two who came said.
func (z *Zoom) audioFiles(s *session) []map[string]any {
	var files []map[string]any
	for _, a := range z.attend(s)[:2] {
		h := z.source.At("audio file", s.uuid, a.userID)
		files = append(files, map[string]any{
			"id": dashed(h), "file_name": "Audio - " + a.name + ".m4a", "file_type": "M4A", "file_size": 16_000 * a.seconds(),
			"recording_start": world.Timestamp(a.join), "recording_end": world.Timestamp(a.leave), "status": "completed",
			"play_url": "https://zoom.us/rec/play/" + world.IDOf(h), "download_url": z.source.FileAt(world.IDOf(h) + ".m4a"),
			"file_path": "/" + s.of.ID + "/" + world.IDOf(h) + ".m4a",
		})
	}
	return files
}

// dashed is a UUID with dashes, as files have it.
func dashed(h uint64) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], h)
	binary.BigEndian.PutUint64(b[8:], world.Mix(h))
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}

// filesOf are the files that a recording has now, or those that the trash has of it.
func (z *Zoom) filesOf(r *world.Record) []recordedFile {
	kept := recordingIn(r)
	files := []recordedFile{}
	for _, f := range z.allFiles(kept.of) {
		since, trashed := kept.trashed[f.ID]
		if kept.gone[f.ID] || trashed != kept.trash {
			continue
		}
		if trashed {
			f.DeletedTime = world.Timestamp(since)
		}
		files = append(files, f)
	}
	return files
}

func sizeOf(files []recordedFile) (size int64) {
	for _, f := range files {
		size += f.FileSize
	}
	return size
}

// recordingNamed finds the recording that a uuid names, or the latest one of a meeting's or webinar's number; nil: there
// is none.
func (z *Zoom) recordingNamed(w *world.World, name string) *world.Record {
	if r := w.Find("CloudRecording", name); r != nil {
		return r
	}
	var latest *world.Record
	for _, r := range w.All("CloudRecording") {
		s := recordingIn(r).of
		if s.of.ID != name || len(z.filesOf(r)) == 0 {
			continue
		}
		if latest == nil || s.start.After(recordingIn(latest).of.start) {
			latest = r
		}
	}
	return latest
}

// resolveRecording finds what the first value of a path below [meetingRecordings] names: a recording, or the meeting or
// webinar for whose recordings people register.
func (z *Zoom) resolveRecording(w *world.World, c *world.Call, name string) (*world.Record, error) {
	if rest := strings.TrimPrefix(c.Op.Path, meetingRecordings); rest == "/registrants" || rest == "/registrants/status" {
		if r := w.Find("Meeting", name); r != nil {
			return r, nil
		}
		return w.Find("Webinar", name), nil
	}
	if r := z.recordingNamed(w, name); r != nil {
		return r, nil
	}
	return nil, noRecording.Refusal(name)
}

// listRecordings lists the recordings of a user or of the account, or of a user what the trash has.
func (z *Zoom) listRecordings(w *world.World, c *world.Call) (world.Answer, error) {
	all := w.All("CloudRecording")
	first := c.Now
	if c.Op.Op == userRecordings {
		all, first = w.Rows(userRecordings, c.Owner), c.Now.AddDate(0, 0, -1)
	} else if c.Owner != z.own.Record {
		all = nil // sub accounts have no users here
	}
	trash := c.Values.Get("trash") == "true"
	if trash { // of which all is told, whenever it was recorded
		c.Values.Del("from")
		c.Values.Del("to")
	} else if c.Values.Get("from") == "" {
		c.Values.Set("from", first.UTC().Format(time.DateOnly))
	}
	var out []*world.Record
	for _, r := range all {
		switch deleted, whole := z.deleted(w, r); {
		case !trash && len(z.filesOf(r)) > 0:
			out = append(out, r)
		case trash && deleted != nil && whole == (c.Values.Get("trash_type") != "recording_file"):
			out = append(out, deleted)
		}
	}
	return w.ListOf(c, out)
}

// deleted is what the trash has of a recording, nil for nothing, and whether that is all of it.
func (z *Zoom) deleted(w *world.World, r *world.Record) (of *world.Record, whole bool) {
	kept := recordingIn(r)
	if len(kept.trashed) == 0 {
		return nil, false
	}
	of = z.newRecording(w, r.Owner(), &recording{of: kept.of, trashed: kept.trashed, gone: kept.gone, trash: true})
	return w.Loose("CloudRecording", r.Place, of), len(z.filesOf(r)) == 0
}

// readRecording answers a recording, with a token for its files where that is asked for.
func (z *Zoom) readRecording(w *world.World, c *world.Call) (world.Answer, error) {
	if len(z.filesOf(c.Owner)) == 0 {
		return world.Answer{}, noRecording.Refusal(c.Vars["meetingId"])
	}
	answer, err := w.Do(c)
	if err == nil && c.Values.Get("include_fields") != "download_access_token" {
		answer.Body = world.Edit(answer.Body, []string{"download_access_token"}, nil)
	}
	return answer, err
}

// named are the files that a path names: one, or all of a recording that there are, in the trash or not.
func (z *Zoom) named(c *world.Call, trash bool) ([]recordedFile, error) {
	kept := *recordingIn(c.Owner)
	kept.trash = trash
	files := z.filesOf(&world.Record{Ext: &kept})
	if id, one := c.Vars["recordingId"]; one {
		files = slices.DeleteFunc(files, func(f recordedFile) bool { return f.ID != id })
	}
	if len(files) == 0 {
		return nil, noRecording.Refusal(c.Vars["meetingId"])
	}
	return files, nil
}

// deleteRecording moves files to the trash, or deletes them for good; what is being made cannot be deleted.
func (z *Zoom) deleteRecording(_ *world.World, c *world.Call) (world.Answer, error) {
	files, err := z.named(c, false)
	if err != nil {
		return world.Answer{}, err
	}
	kept := recordingIn(c.Owner)
	if z.processing(kept.of) {
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 3303, "A recording that is being processed cannot be deleted.")
	}
	if kept.trashed == nil {
		kept.trashed, kept.gone = map[string]time.Time{}, map[string]bool{}
	}
	for _, f := range files {
		if c.Values.Get("action") == "delete" {
			kept.gone[f.ID] = true
		} else {
			kept.trashed[f.ID] = c.Now
		}
	}
	return world.Done(), nil
}

// recoverRecording brings files back from the trash.
func (z *Zoom) recoverRecording(_ *world.World, c *world.Call) (world.Answer, error) {
	files, err := z.named(c, true)
	for _, f := range files {
		delete(recordingIn(c.Owner).trashed, f.ID)
	}
	return world.Done(), err
}

// changeRecordingSettings changes the settings of a recording, of which the recording itself shows some.
func changeRecordingSettings(w *world.World, c *world.Call) (world.Answer, error) {
	answer, err := w.Do(c)
	body, _ := world.Members(c.Body)
	for _, m := range body {
		if err == nil && slices.Contains([]string{"topic", "password", "auto_delete"}, m.Name) {
			c.Owner.Set(m.Name, m.Value)
		}
	}
	return answer, err
}

// registerForRecordings registers somebody, who may watch at once unless the body says otherwise.
func registerForRecordings(w *world.World, c *world.Call) (world.Answer, error) {
	const registrants = "GET " + meetingRecordings + "/registrants"
	before := len(w.Rows(registrants, c.Owner))
	answer, err := w.Do(c)
	if err != nil {
		return answer, err
	}
	if made := w.Rows(registrants, c.Owner)[before]; w.Text(made, "status") == "" {
		made.Set("status", "approved")
	}
	return answer, nil
}
