package zoom

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"zoomgraph/internal/sandbox/world"
)

// This file implements which meetings users have at the start, and when recurring ones
// take place. Start reading at seedMeetings.

// calendar is when a meeting is held, or a webinar. Chapters keep it as the Ext of these.
type calendar struct {
	host    int        // the host's place in the list of users; [nobody] of what a client made
	held    []*session // those that are over at the start
	running *session   // nil: it does not run
	changed map[string]occurrence
	signUp  *signUp // of webinars of the start; nil of others
}

// nobody is the host of what a client made.
const nobody = -1

func calendarOf(r *world.Record) *calendar { return r.Ext.(*calendar) }

// enterCalendar gives what a client made an empty calendar.
func enterCalendar(r *world.Record) {
	if r.Ext == nil {
		r.Ext = &calendar{host: nobody}
	}
}

// isNew tells of a meeting or webinar that a client made.
func isNew(r *world.Record) bool { return calendarOf(r).host == nobody }

// plan is a meeting of the start.
type plan struct {
	kind     int
	start    time.Time
	minutes  int
	times    int // of a recurring one: how often, week by week
	register int // how people register
	held     []time.Time
	runs     bool
}

// seedMeetings gives a user of the start a weekly meeting that has been held some times and
// will be, one to come, one that is over, and to some users one that recurs without a fixed
// time, one of months ago, or one that runs.
func (z *Zoom) seedMeetings(w *world.World, of *world.Record) []*world.Record {
	host := slices.Index(w.First("User"), of)
	if host < 0 || host >= z.options.Users {
		return nil
	}
	var out []*world.Record
	for i, p := range z.plans(host) {
		out = append(out, z.newMeeting(w, of, host, i, p))
	}
	return out
}

func (z *Zoom) plans(host int) []plan {
	h := z.source.At("meetings", strconv.Itoa(host))
	on := func(days int, n uint) time.Time { // in working hours
		hour := time.Duration(7+h>>n%10) * time.Hour
		return z.day().AddDate(0, 0, days).Add(hour + time.Duration(h>>(n+4)%4)*15*time.Minute)
	}
	first := on(-28-int(1+h%6), 4)
	weekly := plan{kind: weeklyMeeting, start: first, minutes: 30, times: 12, register: noRegistration}
	for i := range 5 {
		weekly.held = append(weekly.held, first.AddDate(0, 0, 7*i))
	}
	coming := plan{kind: scheduledMeeting, start: on(1+int(h>>8%28), 10), minutes: 60, register: host % 3}
	over := on(-1-int(h>>16%27), 18)
	out := []plan{weekly, coming, {kind: scheduledMeeting, start: over, minutes: 45, register: noRegistration, held: []time.Time{over}}}
	if host%5 == 0 {
		held := []time.Time{on(-9-int(h>>24%7), 26), on(-2-int(h>>28%5), 30)}
		out = append(out, plan{kind: openMeeting, minutes: 30, register: noRegistration, held: held})
	}
	if host%4 == 0 {
		old := on(-40-int(h>>32%130), 40)
		out = append(out, plan{kind: scheduledMeeting, start: old, minutes: 90, register: noRegistration, held: []time.Time{old}})
	}
	if host%10 == 3 {
		start := z.options.Now.UTC().Truncate(time.Minute).Add(-time.Duration(5+h>>44%40) * time.Minute)
		out = append(out, plan{kind: instantMeeting, start: start, minutes: 60, register: noRegistration, runs: true})
	}
	return out
}

var topics = []string{
	"Weekly review", "Design of the \"second\" engine", "Quarterly planning", "採用面接", "Über Maschinen", "Budget", "Interview",
	"Architecture", "Customer call", "Onboarding",
}

// newMeeting makes a meeting of the start. What Fill knows is found when somebody looks at it.
func (z *Zoom) newMeeting(w *world.World, of *world.Record, host, i int, p plan) *world.Record {
	h := z.source.At("meeting", strconv.Itoa(host), strconv.Itoa(i))
	r := &world.Record{ID: numberOf(h)}
	held := calendar{host: host}
	for n, start := range p.held {
		uuid := uuidOf(z.source.At("instance", r.ID, strconv.Itoa(n)))
		late := time.Duration(h>>n%4) * time.Minute
		length := time.Duration(p.minutes)*time.Minute - late*2
		held.held = append(held.held, &session{of: r, uuid: uuid, host: host, start: start.Add(late), end: start.Add(late + length)})
	}
	uuid := uuidOf(h)
	switch {
	case p.runs:
		held.running = &session{of: r, uuid: uuid, host: host, start: p.start, end: p.start.Add(time.Duration(p.minutes) * time.Minute)}
	case p.kind == scheduledMeeting && len(held.held) > 0:
		uuid = held.held[0].uuid
	}
	r.Ext = &held
	r.Fill = func() []world.Member {
		m := map[string]any{
			"topic": topics[h>>20%uint64(len(topics))], "agenda": "", "host_id": of.ID, "host_email": w.Text(of, "email"),
			"duration": p.minutes, "timezone": w.Text(of, "timezone"),
			"created_at":      world.Timestamp(z.day().AddDate(0, 0, -200).Add(time.Duration(h%86_400) * time.Second)),
			"creation_source": world.Pick(h>>30, "web_portal", "open_api", "other"), "pre_schedule": false, "password": world.Digits(h>>8, 6),
			"template_id": nil, "recurrence": nil, "tracking_fields": []any{}, "assistant_id": "",
			"status": "waiting",
		}
		if host%10 == 8 && host+1 < z.options.Users && p.kind == scheduledMeeting { // the assistant of the start
			m["assistant_id"] = z.userID(host + 1)
		}
		if host%2 == 1 {
			m["tracking_fields"] = []any{map[string]any{"field": "Project", "value": "Engines", "visible": true}}
		}
		if p.runs {
			m["status"] = "started"
		}
		if p.kind == openMeeting {
			m["start_time"] = nil
		}
		if p.kind == weeklyMeeting {
			m["recurrence"] = map[string]any{
				"type": 2, "repeat_interval": 1, "weekly_days": strconv.Itoa(int(p.start.Weekday()) + 1), "end_times": p.times,
			}
		}
		settings := map[string]any{"approval_type": p.register}
		if p.register != noRegistration {
			settings["registration_type"] = 1
		}
		m["settings"] = settings
		return world.MembersOf(m)
	}
	if p.kind != openMeeting {
		r.Tell("start_time", world.Timestamp(p.start))
	}
	return r.Tell("type", p.kind).Tell("uuid", uuid)
}

// seedInstances makes up the instances of a meeting of the start.
func (z *Zoom) seedInstances(w *world.World, meeting *world.Record) []*world.Record {
	var out []*world.Record
	for _, s := range calendarOf(meeting).held {
		out = append(out, z.newInstance(w, s))
	}
	return out
}

// newInstance makes the instance of a session that is over.
func (z *Zoom) newInstance(w *world.World, s *session) *world.Record {
	r := &world.Record{ID: s.uuid, Ext: s, Fill: func() []world.Member {
		there, seconds := z.attend(s), 0
		for _, a := range there {
			seconds += a.seconds()
		}
		host := w.Find("User", w.Text(s.of, "host_id"))
		return world.MembersOf(map[string]any{
			"id": json.RawMessage(s.of.ID), "type": w.Raw(s.of, "type"), "host_id": w.Text(s.of, "host_id"),
			"user_email": w.Text(s.of, "host_email"), "user_name": w.Text(host, "display_name"), "dept": w.Text(host, "dept"),
			"end_time": world.Timestamp(s.end), "duration": s.minutes(), "participants_count": len(there),
			"total_minutes": int(math.Ceil(float64(seconds) / 60)), "source": "Zoom", "has_meeting_summary": z.source.At("summary", s.uuid)%2 == 0,
		})
	}}
	return r.Tell("start_time", world.Timestamp(s.start))
}

// available is the status of an occurrence that takes place.
const available = "available"

// occurrence is one time of a recurring meeting.
type occurrence struct {
	ID        string `json:"occurrence_id"`
	StartTime string `json:"start_time"`
	Duration  int    `json:"duration"`
	Status    string `json:"status"`
}

// change notes that an occurrence is not as the recurrence has it.
func (c *calendar) change(o occurrence) {
	if c.changed == nil {
		c.changed = map[string]occurrence{}
	}
	c.changed[o.ID] = o
}

// occurrences are those of a meeting as its answer has them, nil of one without.
func occurrences(w *world.World, r *world.Record) any {
	if all := occurrencesOf(w, r); all != nil {
		return all
	}
	return nil
}

// maxOccurrences is how often a meeting recurs at most.
const maxOccurrences = 60

// occurrencesOf are the times of a meeting that recurs at fixed times, in their order. Of
// monthly ones only those on a day of the month are found.
func occurrencesOf(w *world.World, r *world.Record) []occurrence {
	start, err := time.Parse(time.RFC3339, w.Text(r, "start_time"))
	if err != nil || !slices.Contains([]string{strconv.Itoa(weeklyMeeting), strconv.Itoa(weeklyWebinar)}, w.Text(r, "type")) {
		return nil
	}
	var rule struct {
		Type           int       `json:"type"`
		RepeatInterval int       `json:"repeat_interval"`
		WeeklyDays     string    `json:"weekly_days"`
		MonthlyDay     int       `json:"monthly_day"`
		EndTimes       int       `json:"end_times"`
		EndDateTime    time.Time `json:"end_date_time"`
	}
	if json.Unmarshal(w.Raw(r, "recurrence"), &rule) != nil {
		return nil
	}
	most := min(maxOccurrences, rule.EndTimes)
	if !rule.EndDateTime.IsZero() {
		most = maxOccurrences
	}
	every := max(1, rule.RepeatInterval)
	takesPlace := func(day time.Time, n int) bool {
		switch rule.Type {
		case 1: // daily
			return n%every == 0
		case 2: // weekly
			days := strings.Split(rule.WeeklyDays, ",")
			if rule.WeeklyDays == "" {
				days = []string{weekday(start)}
			}
			return (n+int(start.Weekday()))/7%every == 0 && slices.Contains(days, weekday(day))
		}
		months := (day.Year()-start.Year())*12 + int(day.Month()-start.Month())
		return months%every == 0 && day.Day() == max(1, rule.MonthlyDay)
	}
	duration, _ := strconv.Atoi(w.Text(r, "duration"))
	changed := calendarOf(r).changed
	var out []occurrence
	for n := 0; len(out) < max(1, most) && n < 5*366; n++ {
		day := start.AddDate(0, 0, n)
		if !rule.EndDateTime.IsZero() && day.After(rule.EndDateTime) {
			break
		}
		if !takesPlace(day, n) {
			continue
		}
		o := occurrence{strconv.FormatInt(day.UnixMilli(), 10), world.Timestamp(day), duration, available}
		if other, known := changed[o.ID]; known {
			o = other
		}
		out = append(out, o)
	}
	return out
}

// weekday is Zoom's number of a day of the week.
func weekday(t time.Time) string { return strconv.Itoa(int(t.Weekday()) + 1) }

func occurrenceOf(w *world.World, r *world.Record, id string) (occurrence, error) {
	all := occurrencesOf(w, r)
	if i := slices.IndexFunc(all, func(o occurrence) bool { return o.ID == id }); i >= 0 {
		return all[i], nil
	}
	return occurrence{}, noMeeting.Refusal(id)
}

// reschedule changes a meeting or a webinar, or one of its occurrences.
func reschedule(w *world.World, c *world.Call) (world.Answer, error) {
	c.Body = inUTC(c.Body, w.Text(c.Owner, "timezone"))
	return ofOccurrence(w, c, func(o *occurrence) { c.Decode(o) })
}

// cancel deletes a meeting or a webinar, or one of its occurrences.
func cancel(w *world.World, c *world.Call) (world.Answer, error) {
	return ofOccurrence(w, c, func(o *occurrence) { o.Status = "deleted" })
}

// ofOccurrence does a write to the occurrence that it names, or to all of them as the world does.
func ofOccurrence(w *world.World, c *world.Call, do func(*occurrence)) (world.Answer, error) {
	id := c.Values.Get("occurrence_id")
	if id == "" {
		return w.Do(c)
	}
	o, err := occurrenceOf(w, c.Owner, id)
	if err != nil {
		return world.Answer{}, err
	}
	do(&o)
	calendarOf(c.Owner).change(o)
	return world.Done(), nil
}

// inUTC writes the start of a meeting in UTC that a body says in the body's time zone, or
// else in another one.
func inUTC(body json.RawMessage, zone string) json.RawMessage {
	var said struct {
		StartTime string `json:"start_time"`
		Timezone  string `json:"timezone"`
	}
	if json.Unmarshal(body, &said) != nil {
		return body
	}
	if said.Timezone != "" {
		zone = said.Timezone
	}
	where, err := time.LoadLocation(zone)
	if err != nil {
		return body
	}
	start, err := time.ParseInLocation("2006-01-02T15:04:05", said.StartTime, where)
	if err != nil {
		return body
	}
	return world.Edit(body, []string{"start_time"}, world.Encode(world.Timestamp(start)))
}

// invitation is the text that invites to a meeting.
func invitation(w *world.World, r *world.Record) any {
	m := r.Owner()
	host := w.Text(w.Find("User", w.Text(m, "host_id")), "display_name")
	const form = "%s is inviting you to a scheduled Zoom meeting.\r\n\r\nTopic: %s\r\nTime: %s\r\n" +
		"Join Zoom Meeting\r\n%s\r\n\r\nMeeting ID: %s\r\nPasscode: %s\r\n"
	return fmt.Sprintf(form, host, w.Text(m, "topic"), w.Text(m, "start_time"), w.Text(m, "join_url"), m.ID, w.Text(m, "password"))
}

// meetingDefaults are what meetings have where nobody said otherwise, by the field's path.
func meetingDefaults() map[string]func(*world.World, *world.Record) any {
	out := map[string]func(*world.World, *world.Record) any{
		"join_url": func(w *world.World, r *world.Record) any { return link(r, "j") + "?pwd=" + secretOf(w, r, "pwd") },
		"start_url": func(w *world.World, r *world.Record) any {
			return link(r, "s") + "?zak=" + secretOf(w, r, "zak")
		},
		"chat_join_url":      func(_ *world.World, r *world.Record) any { return link(r, "launch/jc") },
		"encrypted_password": func(w *world.World, r *world.Record) any { return secretOf(w, r, "pwd") },
		"h323_password":      func(w *world.World, r *world.Record) any { return w.Text(r, "password") },
		"pstn_password":      func(w *world.World, r *world.Record) any { return w.Text(r, "password") },
		"registration_url": func(w *world.World, r *world.Record) any {
			if approvalOf(w, r) == noRegistration {
				return nil
			}
			return "https://example.zoom.us/meeting/register/" + secretOf(w, r, "register")
		},
	}
	constant := map[string]any{
		"status": "waiting", "creation_source": "open_api", "assistant_id": "", "pmi": nil, "dynamic_host_key": nil, "pre_schedule": false,
	}
	for _, name := range []string{
		"type", "repeat_interval", "weekly_days", "monthly_day", "monthly_week", "monthly_week_day", "end_times", "end_date_time",
	} {
		constant["recurrence."+name] = nil
	}
	for name, value := range settingsDefaults {
		constant["settings."+name] = value
	}
	for name, value := range constant {
		out[name] = func(*world.World, *world.Record) any { return value }
	}
	return out
}

func link(r *world.Record, kind string) string {
	return "https://example.zoom.us/" + kind + "/" + r.ID
}

// secretOf is a secret of a meeting, always the same.
func secretOf(w *world.World, r *world.Record, what string) string {
	return w.Source.ID("meeting", r.ID, what)
}

// settingsDefaults are settings of meetings as they are where nobody said otherwise.
var settingsDefaults = map[string]any{
	"host_video": false, "participant_video": false, "join_before_host": false, "jbh_time": 0, "mute_upon_entry": false,
	"watermark": false, "use_pmi": false, "approval_type": noRegistration, "registration_type": nil, "audio": "both",
	"audio_conference_info": nil, "auto_recording": "none", "auto_add_recording_to_video_management.enable": false,
	"auto_add_recording_to_video_management.channels": nil, "alternative_hosts": "", "alternative_hosts_email_notification": true,
	"alternative_host_update_polls": false, "alternative_host_manage_meeting_summary": false,
	"alternative_host_manage_cloud_recording": false, "close_registration": false, "cn_meeting": false, "in_meeting": false,
	"enforce_login": false, "enforce_login_domains": "", "meeting_authentication": false, "authentication_option": nil,
	"authentication_name": nil, "authentication_domains": nil, "authentication_exception": nil,
	"additional_data_center_regions": nil, "allow_multiple_devices": true,
	"approved_or_denied_countries_or_regions.enable": false, "approved_or_denied_countries_or_regions.method": nil,
	"approved_or_denied_countries_or_regions.approved_list": nil, "approved_or_denied_countries_or_regions.denied_list": nil,
	"breakout_room.enable": false, "breakout_room.rooms": nil, "calendar_type": nil, "contact_email": nil, "contact_name": nil,
	"custom_keys": []any{}, "email_notification": true, "encryption_type": "enhanced_encryption", "focus_mode": false,
	"global_dial_in_countries": []string{"US"},
	"global_dial_in_numbers": []map[string]string{
		{"country_name": "US", "city": "New York", "number": "+1 5550100", "type": "toll", "country": "US"},
	},
	"question_and_answer.enable": false, "question_and_answer.allow_submit_questions": nil,
	"question_and_answer.allow_anonymous_questions": nil, "question_and_answer.question_visibility": nil,
	"question_and_answer.attendees_can_comment": nil, "question_and_answer.attendees_can_upvote": nil,
	"language_interpretation.enable": false, "language_interpretation.interpreters": nil,
	"sign_language_interpretation.enable": false, "sign_language_interpretation.interpreters": nil,
	"private_meeting": false, "registrants_confirmation_email": true, "registrants_email_notification": true,
	"show_share_button": true, "show_join_info": true, "waiting_room": false, "waiting_room_options.mode": "follow_setting",
	"waiting_room_options.who_goes_to_waiting_room": nil, "host_save_video_order": false, "internal_meeting": false,
	"meeting_invitees": []any{}, "continuous_meeting_chat.enable": false,
	"continuous_meeting_chat.auto_add_invited_external_users": false, "continuous_meeting_chat.auto_add_meeting_participants": false,
	"continuous_meeting_chat.channel_id": nil, "participant_focused_meeting": false, "push_change_to_calendar": false,
	"resources": []any{}, "auto_start_meeting_summary": false, "who_will_receive_summary": 1,
	"auto_start_ai_companion_questions": false, "who_can_ask_questions": 1, "summary_template_id": nil, "device_testing": false,
	"request_permission_to_unmute_participants": false, "allow_host_control_participant_mute_state": false,
	"disable_participant_video": false, "email_in_attendee_report": false,
}
