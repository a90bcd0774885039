package zoom

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"zoomgraph/internal/sandbox/world"
)

// Types of meetings.
const (
	instantMeeting   = 1
	scheduledMeeting = 2
	openMeeting      = 3 // recurs without a fixed time
	weeklyMeeting    = 8 // recurs at fixed times
)

// noMeeting says that there is no meeting of a number, or no instance of a uuid.
var noMeeting = world.Missing{Status: http.StatusNotFound, Code: 3001, Text: "Meeting does not exist: %s."}

// lists of things that hang on meetings and their instances.
const (
	userMeetings     = "GET /users/{userId}/meetings"
	meetingInstances = "GET /past_meetings/{meetingId}/instances"
	meetingStatus    = "PUT /meetings/{meetingId}/status"
	pastParticipants = "GET /past_meetings/{meetingUUID}/participants"
)

// meetings adds the meetings of the account's users, and what they leave behind.
func (z *Zoom) meetings(q *world.Quirks) {
	z.attendants(q)
	q.Things["Meeting"] = world.Thing{
		Seed:     z.seedMeetings,
		Enter:    enterCalendar,
		Resolve:  z.resolveMeeting,
		Missing:  noMeeting,
		Gone:     func(_ *world.World, r *world.Record) { z.dropped[r.ID] = r },
		Computed: map[string]func(*world.World, *world.Record) any{"occurrences": occurrences},
		Drawn:    meetingDefaults(),
		Filters: map[string]func(*world.World, *world.Record, string) bool{
			"type":     func(*world.World, *world.Record, string) bool { return true }, // listMeetings goes by it
			"timezone": func(*world.World, *world.Record, string) bool { return true }, // says what days are
		},
	}
	q.Things["PastMeeting"] = world.Thing{
		Seed: z.seedInstances, Resolve: z.resolveInstance, Missing: noMeeting, Shared: []string{"topic"},
	}
	q.Things["MeetingInvitation"] = world.Thing{Drawn: map[string]func(*world.World, *world.Record) any{
		"invitation": invitation,
		"sip_links":  func(_ *world.World, r *world.Record) any { return []string{"sip:" + r.Owner().ID + "@zoomcrc.com"} },
	}}
	q.Things["Livestream"] = world.Thing{Drawn: map[string]func(*world.World, *world.Record) any{
		"page_url":   func(_ *world.World, r *world.Record) any { return "https://live.example.com/" + r.Owner().ID },
		"stream_url": func(*world.World, *world.Record) any { return "rtmp://live.example.com/app" },
		"resolution": func(*world.World, *world.Record) any { return "720p" },
	}}
	q.Defaults[userMeetings] = url.Values{"type": {"scheduled"}}
	q.Defaults["GET /meetings/{meetingId}/registrants"] = url.Values{"status": {"approved"}}
	q.Answers[userMeetings] = z.listMeetings
	q.Answers["POST /users/{userId}/meetings"] = z.createMeeting
	q.Answers["GET /meetings/{meetingId}"] = readMeeting
	q.Answers["PATCH /meetings/{meetingId}"] = z.updateMeeting
	q.Answers["DELETE /meetings/{meetingId}"] = cancel
	q.Answers[meetingStatus] = z.setMeetingStatus
	q.Answers["PATCH /meetings/{meetingId}/livestream/status"] = acknowledge
	q.Answers["PATCH /live_meetings/{meetingId}/events"] = accept
	q.Answers["POST /meetings/{meetingId}/registrants"] = register
	q.Missing["/past_meetings/{meetingUUID}"] = noMeeting
}

// accept answers a write that is carried out later.
func accept(*world.World, *world.Call) (world.Answer, error) {
	return world.Answer{Status: http.StatusAccepted}, nil
}

// resolveMeeting finds the meeting of a number. Where the path tells of what a meeting left
// behind, a uuid names one instance, and a number the latest one. What was deleted can be brought
// back.
func (z *Zoom) resolveMeeting(w *world.World, c *world.Call, name string) (*world.Record, error) {
	if strings.HasPrefix(c.Op.Path, meetingRecordings) {
		return z.resolveRecording(w, c, name)
	}
	for _, past := range []string{
		"/past_meetings/{meetingId}/polls", "/past_meetings/{meetingId}/files", "/metrics/meetings/", "/report/meetings/",
	} {
		if strings.HasPrefix(c.Op.Path, past) {
			return z.resolveInstance(w, c, name)
		}
	}
	if deleted := z.dropped[name]; deleted != nil && c.Op.Op == meetingStatus {
		return deleted, nil
	}
	return w.Find("Meeting", name), nil
}

func (z *Zoom) resolveInstance(w *world.World, _ *world.Call, name string) (*world.Record, error) {
	return z.instance(w, name), nil
}

// instance returns the instance that a uuid names, or the latest one of a meeting's number;
// nil for none. Its Ext is a session.
func (z *Zoom) instance(w *world.World, name string) *world.Record {
	meeting := w.Find("Meeting", name)
	if meeting == nil {
		return w.Find("PastMeeting", name)
	}
	all := w.Rows(meetingInstances, meeting)
	if len(all) == 0 {
		return nil
	}
	return slices.MaxFunc(all, func(a, b *world.Record) int { return a.Ext.(*session).start.Compare(b.Ext.(*session).start) })
}

// live are the meetings that run, with who is there as [Zoom.attend] tells of their session.
func (z *Zoom) live(w *world.World) []*world.Record {
	return slices.DeleteFunc(slices.Clone(w.All("Meeting")), func(r *world.Record) bool { return calendarOf(r).running == nil })
}

// listMeetings lists a user's meetings of a type.
func (z *Zoom) listMeetings(w *world.World, c *world.Call) (world.Answer, error) {
	var out []*world.Record
	for _, r := range w.Rows(userMeetings, c.Owner) {
		switch c.Values.Get("type") {
		case "scheduled":
			if w.Text(r, "type") != strconv.Itoa(instantMeeting) {
				out = append(out, r)
			}
		case "live":
			if calendarOf(r).running != nil {
				out = append(out, r)
			}
		case "previous_meetings":
			for _, past := range w.Rows(meetingInstances, r) {
				out = append(out, at(w, r, past.ID, past.Ext.(*session).start, past.Ext.(*session).minutes()))
			}
		default:
			out = append(out, z.toCome(w, c, r)...)
		}
	}
	return w.ListOf(c, out)
}

// toCome are the entries of a meeting in the lists of what comes: the meeting, or each of its
// occurrences.
func (z *Zoom) toCome(w *world.World, c *world.Call, r *world.Record) []*world.Record {
	var out []*world.Record
	for _, o := range occurrencesOf(w, r) {
		if o.Status == available && o.StartTime > world.Timestamp(c.Now) {
			start, _ := time.Parse(time.RFC3339, o.StartTime)
			out = append(out, at(w, r, w.Text(r, "uuid"), start, o.Duration))
		}
	}
	switch {
	case out != nil && c.Values.Get("type") == "upcoming":
		return out[:1]
	case out != nil:
		return out
	case calendarOf(r).running != nil, w.Text(r, "start_time") > world.Timestamp(c.Now), w.Text(r, "type") == strconv.Itoa(openMeeting):
		return []*world.Record{r}
	}
	return nil
}

// at is a meeting as lists have it of one of its times.
func at(w *world.World, r *world.Record, uuid string, start time.Time, minutes int) *world.Record {
	entry := &world.Record{ID: r.ID, Fill: func() []world.Member {
		var out []world.Member
		for _, name := range []string{"topic", "type", "agenda", "host_id", "timezone", "created_at", "pmi", "join_url"} {
			out = append(out, world.Member{Name: name, Value: w.Raw(r, name)})
		}
		return out
	}}
	entry.Tell("uuid", uuid).Tell("start_time", world.Timestamp(start)).Tell("duration", minutes)
	return w.Loose("Meeting", r.Place, entry)
}

// maxChanges is how many meetings of a user a day can be created and changed.
const maxChanges = 100

// countChange counts the changes of a host's meetings, of which Zoom takes so many a day.
func (z *Zoom) countChange(c *world.Call, host string) error {
	day := c.Now.UTC().Format(time.DateOnly)
	if z.changes[host].day != day {
		z.changes[host] = dayCount{day: day}
	}
	count := z.changes[host]
	if count.n++; count.n > maxChanges {
		return world.Refuse(http.StatusTooManyRequests, http.StatusTooManyRequests,
			"The daily limit (%d) of creating and changing meetings is exceeded for the user %s.", maxChanges, host)
	}
	z.changes[host] = count
	return nil
}

// dayCount is how often something happened on a day.
type dayCount struct {
	day string
	n   int
}

// createMeeting makes a meeting, with Zoom's own values for what the body leaves open.
func (z *Zoom) createMeeting(w *world.World, c *world.Call) (world.Answer, error) {
	if err := z.countChange(c, c.Owner.ID); err != nil {
		return world.Answer{}, err
	}
	var body struct {
		Type            int             `json:"type"`
		StartTime       string          `json:"start_time"`
		ScheduleFor     string          `json:"schedule_for"`
		Password        *string         `json:"password"`
		DefaultPassword *bool           `json:"default_password"`
		Recurrence      json.RawMessage `json:"recurrence"`
	}
	c.Decode(&body)
	if body.ScheduleFor != "" && w.Find("User", body.ScheduleFor) == nil {
		return world.Answer{}, noUser.Refusal(body.ScheduleFor)
	}
	kind := cmp.Or(body.Type, scheduledMeeting)
	left := map[string]any{"type": kind, "topic": "Zoom Meeting", "duration": 60, "timezone": w.Text(c.Owner, "timezone"), "agenda": ""}
	if body.StartTime == "" && kind != openMeeting {
		left["start_time"] = world.Timestamp(c.Now)
	}
	if body.DefaultPassword == nil || *body.DefaultPassword {
		left["password"] = world.Digits(z.source.At("password", world.Timestamp(c.Now)), 6)
	}
	said, _ := world.Members(c.Body)
	for name, value := range left {
		if _, given := world.Lookup(said, name); !given {
			said = append(said, world.Member{Name: name, Value: world.Encode(value)})
		}
	}
	c.Body = inUTC(world.Join(said), w.Text(c.Owner, "timezone"))
	before := len(w.Rows(userMeetings, c.Owner))
	answer, err := w.Do(c)
	if err != nil {
		return answer, err
	}
	made := w.Rows(userMeetings, c.Owner)[before]
	if body.Recurrence == nil {
		made.Set("recurrence", nil)
	}
	if host := w.Find("User", body.ScheduleFor); host != nil && host != c.Owner {
		made.Set("host_id", host.ID)
		made.Set("host_email", w.Text(host, "email"))
		made.Set("assistant_id", c.Owner.ID)
	}
	return answer, nil
}

// readMeeting answers a meeting, with those of its occurrences that are to come, or one of
// them.
func readMeeting(w *world.World, c *world.Call) (world.Answer, error) {
	answer, err := w.Do(c)
	if err != nil {
		return answer, err
	}
	all := occurrencesOf(w, c.Owner)
	if id := c.Values.Get("occurrence_id"); id != "" {
		o, err := occurrenceOf(w, c.Owner, id)
		if err != nil {
			return world.Answer{}, err
		}
		answer.Body = world.Edit(answer.Body, []string{"start_time"}, world.Encode(o.StartTime))
		answer.Body = world.Edit(answer.Body, []string{"duration"}, world.Encode(o.Duration))
	}
	if c.Values.Get("show_previous_occurrences") != "true" {
		now := world.Timestamp(c.Now)
		all = slices.DeleteFunc(all, func(o occurrence) bool { return o.StartTime < now || o.Status != available })
		answer.Body = world.Edit(answer.Body, []string{"occurrences"}, world.Encode(all))
	}
	return answer, nil
}

// updateMeeting changes a meeting, or one of its occurrences.
func (z *Zoom) updateMeeting(w *world.World, c *world.Call) (world.Answer, error) {
	if err := z.countChange(c, w.Text(c.Owner, "host_id")); err != nil {
		return world.Answer{}, err
	}
	return reschedule(w, c)
}

// setMeetingStatus ends a meeting that runs, which leaves an instance behind, or brings back one
// that was deleted.
func (z *Zoom) setMeetingStatus(w *world.World, c *world.Call) (world.Answer, error) {
	var body struct {
		Action string `json:"action"`
	}
	c.Decode(&body)
	deleted, running := z.dropped[c.Owner.ID], calendarOf(c.Owner).running
	switch {
	case deleted != nil && body.Action != "recover":
		return world.Answer{}, noMeeting.Refusal(c.Owner.ID)
	case deleted != nil:
		delete(z.dropped, c.Owner.ID)
		w.Restore(c.Owner)
	case body.Action == "end" && running != nil:
		calendarOf(c.Owner).running = nil
		c.Owner.Set("status", "waiting")
		running.end = c.Now
		w.Put(meetingInstances, c.Owner, z.newInstance(w, running))
	}
	return world.Done(), nil
}

// register registers somebody, who may come at once where nobody has to approve it.
func register(w *world.World, c *world.Call) (world.Answer, error) {
	var body struct {
		AutoApprove bool `json:"auto_approve"`
	}
	c.Decode(&body)
	approval := approvalOf(w, c.Owner)
	if approval == noRegistration {
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 3000, "Registration has not been enabled for this meeting: %s.", c.Owner.ID)
	}
	const registrants = "GET /meetings/{meetingId}/registrants"
	before := len(w.Rows(registrants, c.Owner))
	answer, err := w.Do(c)
	if err != nil {
		return answer, err
	}
	said, _ := world.Members(answer.Body)
	answer.Body = world.Join(append([]world.Member{{Name: "id", Value: json.RawMessage(c.Owner.ID)}}, said...))
	status := "approved"
	if approval == manualApproval && !body.AutoApprove {
		status = "pending"
		answer.Body = world.Edit(answer.Body, []string{"join_url"}, nil)
	}
	w.Rows(registrants, c.Owner)[before].Set("status", status)
	return answer, nil
}

// approvalOf is how people register for a meeting or webinar.
func approvalOf(w *world.World, r *world.Record) int {
	var settings struct {
		ApprovalType int `json:"approval_type"`
	}
	if json.Unmarshal(w.Raw(r, "settings"), &settings) != nil {
		return noRegistration
	}
	return settings.ApprovalType
}
