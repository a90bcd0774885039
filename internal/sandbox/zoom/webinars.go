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

// This file implements webinars, as far as they are other than meetings: which there are at the start, and what they leave
// behind. Who registered and who came is in audience.go. Start reading at webinars.

// Types of webinars.
const (
	singleWebinar = 5
	openWebinar   = 6 // recurs without a fixed time
	weeklyWebinar = 9 // recurs at fixed times
)

// noWebinar says that there is no webinar of a number, or no instance of a uuid.
var noWebinar = world.Missing{Status: http.StatusNotFound, Code: 3001, Text: "Webinar does not exist: %s."}

// lists of things that hang on webinars.
const (
	userWebinars       = "GET /users/{userId}/webinars"
	webinarInstances   = "GET /past_webinars/{webinarId}/instances"
	webinarRegistrants = "GET /webinars/{webinarId}/registrants"
	webinarSources     = "GET /webinars/{webinarId}/tracking_sources"
)

// webinars adds the webinars of some of the account's users. The Ext of one is a calendar, as that of a meeting is.
func (z *Zoom) webinars(q *world.Quirks) {
	q.Things["Webinar"] = world.Thing{
		Seed: z.seedWebinars, Enter: enterCalendar, Resolve: resolveWebinar, Missing: noWebinar,
		Computed: map[string]func(*world.World, *world.Record) any{"occurrences": occurrences},
		Drawn:    webinarDefaults(),
		Filters: map[string]func(*world.World, *world.Record, string) bool{
			"type": func(*world.World, *world.Record, string) bool { return true }, // listWebinars goes by it
		},
	}
	q.Things["PastWebinar"] = world.Thing{Seed: seedPastWebinars}
	q.Things["Panelist"] = world.Thing{Seed: z.seedPanelists}
	q.Things["QuestionsOfPerson"] = world.Thing{Seed: z.seedQuestions}
	q.Things["TrackingSource"] = world.Thing{
		Seed:     z.seedTrackingSources,
		Computed: map[string]func(*world.World, *world.Record) any{"registration_count": registeredBy},
	}
	q.Defaults[webinarRegistrants] = url.Values{"status": {"approved"}}
	q.Answers[userWebinars] = listWebinars
	q.Answers["POST /users/{userId}/webinars"] = createWebinar
	q.Answers["GET /webinars/{webinarId}"] = readMeeting
	q.Answers["PATCH /webinars/{webinarId}"] = reschedule
	q.Answers["DELETE /webinars/{webinarId}"] = cancel
	q.Answers["PUT /webinars/{webinarId}/status"] = acknowledge // none runs
	q.Answers["POST /webinars/{webinarId}/registrants"] = registerForWebinar
	q.Answers["POST /webinars/{webinarId}/batch_registrants"] = registerForWebinar
	q.Answers["GET /past_webinars/{WebinarUUID}/absentees"] = z.listAbsentees
}

// seedWebinars gives one licensed user in six a weekly webinar that was held twice and will be again, for which a recording is
// shown; one that is over, one to come, and one that is held whenever its host likes, for which nobody registers.
func (z *Zoom) seedWebinars(w *world.World, of *world.Record) []*world.Record {
	host := slices.Index(w.First("User"), of)
	if host%6 != 0 || host >= z.options.Users || !licensedUser(w, of) {
		return nil
	}
	on := func(day, hour int) time.Time { return z.day().AddDate(0, 0, day).Add(time.Duration(hour) * time.Hour) }
	var out []*world.Record
	for i, p := range []plan{
		{kind: weeklyWebinar, start: on(-13, 9), times: 4, register: manualApproval, held: []time.Time{on(-13, 9), on(-6, 9)}},
		{kind: singleWebinar, start: on(-10, 15), register: autoApproval, held: []time.Time{on(-10, 15)}},
		{kind: singleWebinar, start: on(12, 16), register: manualApproval},
		{kind: openWebinar, register: noRegistration, held: []time.Time{on(-3, 11)}},
	} {
		out = append(out, z.newWebinar(w, of, host, i, p))
	}
	return out
}

func licensedUser(w *world.World, user *world.Record) bool {
	return w.Text(user, "type") == strconv.Itoa(userTypeLicensed)
}

// webinarTime is how long a webinar of the start lasts.
const webinarTime = time.Hour

// newWebinar makes a webinar of the start. What Fill knows is found when somebody looks at it.
func (z *Zoom) newWebinar(w *world.World, of *world.Record, host, i int, p plan) *world.Record {
	h := z.source.At("webinar", strconv.Itoa(host), strconv.Itoa(i)) // no time: its number is the same on every day
	r := &world.Record{ID: "9" + world.Digits(h, 10)}
	uuid := uuidOf(h)
	when := &calendar{host: host, signUp: &signUp{p.register, p.start}}
	for n, start := range p.held {
		uuid = uuidOf(z.source.At("webinar instance", r.ID, strconv.Itoa(n)))
		when.held = append(when.held, &session{of: r, uuid: uuid, host: host, start: start, end: start.Add(webinarTime)})
	}
	r.Ext = when
	r.Fill = func() []world.Member {
		m := map[string]any{
			"topic":  world.Pick(h>>20, "Product news", "Getting started", "Customer stories", "Security in practice", "Ask us anything"),
			"agenda": "What is new, and your questions.", "host_id": of.ID, "host_email": w.Text(of, "email"),
			"duration": int(webinarTime.Minutes()), "timezone": w.Text(of, "timezone"), "created_at": world.Timestamp(z.day().AddDate(0, 0, -60)),
			"creation_source": "web_portal", "password": world.Digits(h>>8, 6), "recurrence": nil, "tracking_fields": []any{},
			"settings": map[string]any{"approval_type": p.register},
		}
		switch p.kind {
		case weeklyWebinar:
			z.recurs(w, of, p, m)
		case openWebinar:
			m["start_time"] = nil
		}
		return world.MembersOf(m)
	}
	if p.kind != openWebinar {
		r.Tell("start_time", world.Timestamp(p.start))
	}
	return r.Tell("type", p.kind).Tell("uuid", uuid)
}

// recurs adds what a weekly webinar of the start has: a recording is shown, and more is set than by default.
func (z *Zoom) recurs(w *world.World, host *world.Record, p plan, m map[string]any) {
	m["recurrence"] = map[string]any{"type": 2, "repeat_interval": 1, "weekly_days": weekday(p.start), "end_times": p.times}
	if templates := w.Rows("GET /users/{userId}/webinar_templates", host); len(templates) > 0 {
		m["template_id"] = templates[0].ID
	}
	m["is_simulive"], m["record_file_id"], m["transition_to_live"] = true, z.source.ID("recording", host.ID), true
	m["simulive_delay_start"] = map[string]any{"enable": true, "time": 30, "timeunit": "second"}
	m["tracking_fields"] = []any{map[string]any{"field": "Project", "value": "Engines", "visible": true}}
	m["settings"] = map[string]any{
		"approval_type": p.register, "contact_email": m["host_email"], "contact_name": w.Text(host, "display_name"),
		"post_webinar_survey": true, "survey_url": "https://example.com/survey", "meeting_authentication": true,
		"authentication_option": "signIn_" + z.source.ID("authentication"), "authentication_name": "Signed in to Zoom",
		"authentication_domains": "example.com", "additional_data_center_regions": []string{"DE"},
		"audio_conference_info": "Ask the host for the number.", "notify_registrants": true,
		"question_and_answer": map[string]any{"allow_auto_reply": true, "auto_reply_text": "Thank you, we answer at the end."},
	}
}

// seedPastWebinars makes up the instances of a webinar of the start. The Ext of one is a session.
func seedPastWebinars(_ *world.World, of *world.Record) []*world.Record {
	var out []*world.Record
	for _, s := range calendarOf(of).held {
		r := &world.Record{ID: s.uuid, Ext: s}
		out = append(out, r.Tell("start_time", world.Timestamp(s.start)))
	}
	return out
}

// resolveWebinar finds the webinar of a number, or of the uuid of an instance. Where the path tells of what a webinar left
// behind, a uuid names one instance, and a number the latest one.
func resolveWebinar(w *world.World, c *world.Call, name string) (*world.Record, error) {
	for _, whole := range []string{"/webinars/", "/past_webinars/{webinarId}/instances"} {
		if !strings.HasPrefix(c.Op.Path, whole) {
			continue
		}
		if r := w.Find("Webinar", name); r != nil {
			return r, nil
		}
		if instance := w.Find("PastWebinar", name); instance != nil {
			return instance.Owner(), nil
		}
		return nil, nil
	}
	return webinarInstance(w, name), nil
}

// webinarInstance returns the instance that a uuid names, or the latest one of a webinar's number; nil for none. Its Ext is a
// session.
func webinarInstance(w *world.World, name string) *world.Record {
	webinar := w.Find("Webinar", name)
	if webinar == nil {
		return w.Find("PastWebinar", name)
	}
	all := w.Rows(webinarInstances, webinar)
	if len(all) == 0 {
		return nil
	}
	return all[len(all)-1]
}

// listWebinars lists a user's webinars: all that are scheduled, or those that are still to come.
func listWebinars(w *world.World, c *world.Call) (world.Answer, error) {
	all := w.Rows(userWebinars, c.Owner)
	if c.Values.Get("type") == "upcoming" {
		now := world.Timestamp(c.Now)
		all = slices.DeleteFunc(all, func(r *world.Record) bool {
			later := func(o occurrence) bool { return o.StartTime > now && o.Status == available }
			return w.Text(r, "type") != strconv.Itoa(openWebinar) && w.Text(r, "start_time") < now && !slices.ContainsFunc(occurrencesOf(w, r), later)
		})
	}
	return w.ListOf(c, all)
}

// createWebinar makes a webinar, with Zoom's own values for what the body leaves open.
func createWebinar(w *world.World, c *world.Call) (world.Answer, error) {
	if !licensedUser(w, c.Owner) {
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 200, "No permission: the user has no licence for webinars.")
	}
	var body struct {
		Type        int             `json:"type"`
		StartTime   string          `json:"start_time"`
		ScheduleFor string          `json:"schedule_for"`
		Recurrence  json.RawMessage `json:"recurrence"`
	}
	c.Decode(&body)
	host := c.Owner
	if body.ScheduleFor != "" {
		if host = w.Find("User", body.ScheduleFor); host == nil {
			return world.Answer{}, noUser.Refusal(body.ScheduleFor)
		}
	}
	kind := cmp.Or(body.Type, singleWebinar)
	left := map[string]any{"type": kind, "topic": "Zoom Webinar", "duration": 60, "timezone": w.Text(host, "timezone")}
	if body.StartTime == "" && kind != openWebinar {
		left["start_time"] = world.Timestamp(c.Now)
	}
	said, _ := world.Members(c.Body)
	for name, value := range left {
		if _, given := world.Lookup(said, name); !given {
			said = append(said, world.Member{Name: name, Value: world.Encode(value)})
		}
	}
	c.Body = inUTC(world.Join(said), w.Text(host, "timezone"))
	before := len(w.Rows(userWebinars, c.Owner))
	answer, err := w.Do(c)
	if err != nil {
		return answer, err
	}
	made := w.Rows(userWebinars, c.Owner)[before]
	if body.Recurrence == nil {
		made.Set("recurrence", nil)
	}
	if host != c.Owner {
		made.Set("host_id", host.ID)
		made.Set("host_email", w.Text(host, "email"))
	}
	return answer, nil
}

// registerForWebinar registers one or several, who may come at once where nobody has to approve it.
func registerForWebinar(w *world.World, c *world.Call) (world.Answer, error) {
	approval := approvalOf(w, c.Owner)
	if approval == noRegistration {
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 3038, "Registration has not been enabled for this webinar: %s.", c.Owner.ID)
	}
	var body struct {
		AutoApprove bool  `json:"auto_approve"`
		Registrants []any `json:"registrants"`
	}
	c.Decode(&body)
	if len(body.Registrants) > maxRegistrants {
		return world.Answer{}, world.Refuse(http.StatusBadRequest, 300, "The list of registrants is longer than %d.", maxRegistrants)
	}
	status := "approved"
	if approval == manualApproval && !body.AutoApprove {
		status = "pending"
	}
	if body.Registrants == nil {
		said, _ := world.Members(c.Body)
		c.Body = world.Join(append(said, world.Member{Name: "status", Value: world.Encode(status)}))
		return w.Do(c)
	}
	for _, one := range body.Registrants {
		one.(map[string]any)["status"] = status
	}
	c.Body = world.Edit(c.Body, []string{"registrants"}, world.Encode(body.Registrants))
	return w.Do(c)
}

// maxRegistrants is how many people a call can register.
const maxRegistrants = 30

// webinarDefaults are what webinars have where nobody said otherwise, by the field's path.
func webinarDefaults() map[string]func(*world.World, *world.Record) any {
	out := map[string]func(*world.World, *world.Record) any{
		"join_url":           func(w *world.World, r *world.Record) any { return link(r, "j") + "?pwd=" + secretOf(w, r, "pwd") },
		"start_url":          func(w *world.World, r *world.Record) any { return link(r, "s") + "?zak=" + secretOf(w, r, "zak") },
		"encrypted_passcode": func(w *world.World, r *world.Record) any { return secretOf(w, r, "pwd") },
		"h323_passcode":      func(w *world.World, r *world.Record) any { return w.Text(r, "password") },
		"registration_url": func(w *world.World, r *world.Record) any {
			if approvalOf(w, r) == noRegistration {
				return nil
			}
			return "https://example.zoom.us/webinar/register/WN_" + secretOf(w, r, "register")
		},
	}
	constant := map[string]any{"creation_source": "open_api", "template_id": nil, "record_file_id": nil, "transition_to_live": nil, "is_simulive": false}
	for _, name := range []string{
		"type", "repeat_interval", "weekly_days", "monthly_day", "monthly_week", "monthly_week_day", "end_times", "end_date_time",
	} {
		constant["recurrence."+name] = nil
	}
	for _, name := range []string{"enable", "time", "timeunit"} {
		constant["simulive_delay_start."+name] = nil
	}
	for name, value := range webinarSettingsDefaults {
		constant["settings."+name] = value
	}
	for name, value := range constant {
		out[name] = func(*world.World, *world.Record) any { return value }
	}
	return out
}

// webinarSettingsDefaults are settings of webinars as they are where nobody said otherwise.
var webinarSettingsDefaults = map[string]any{
	"host_video": false, "panelists_video": false, "practice_session": false, "hd_video": false, "hd_video_for_attendees": false,
	"send_1080p_video_to_attendees": false, "approval_type": noRegistration, "registration_type": 1, "audio": "both",
	"audio_conference_info": nil, "auto_recording": "none", "alternative_hosts": "", "alternative_host_update_polls": false,
	"close_registration": false, "enforce_login": false, "enforce_login_domains": "", "meeting_authentication": false,
	"panelist_authentication": false, "authentication_option": nil, "authentication_name": nil, "authentication_domains": nil,
	"additional_data_center_regions": nil, "allow_multiple_devices": true, "contact_email": nil, "contact_name": nil,
	"email_language": "en-US", "global_dial_in_countries": []string{"US"},
	"global_dial_in_numbers": []map[string]string{
		{"country_name": "US", "city": "New York", "number": "+1 5550100", "type": "toll", "country": "US"},
	},
	"attendees_and_panelists_reminder_email_notification.enable": true, "attendees_and_panelists_reminder_email_notification.type": 1,
	"follow_up_absentees_email_notification.enable": false, "follow_up_absentees_email_notification.type": 0,
	"follow_up_attendees_email_notification.enable": false, "follow_up_attendees_email_notification.type": 0,
	"language_interpretation.enable": false, "language_interpretation.interpreters": nil,
	"sign_language_interpretation.enable": false, "sign_language_interpretation.interpreters": nil,
	"add_watermark": false, "add_audio_watermark": false, "notify_registrants": nil, "on_demand": false,
	"panelists_invitation_email_notification": true, "post_webinar_survey": false, "survey_url": nil,
	"question_and_answer.enable": true, "question_and_answer.allow_submit_questions": true,
	"question_and_answer.allow_anonymous_questions": true, "question_and_answer.answer_questions": "only",
	"question_and_answer.attendees_can_comment": false, "question_and_answer.attendees_can_upvote": false,
	"question_and_answer.allow_auto_reply": false, "question_and_answer.auto_reply_text": nil,
	"registrants_confirmation_email": true, "registrants_email_notification": true, "registrants_restrict_number": 0,
	"show_share_button": true, "show_join_info": true, "enable_session_branding": false,
	"request_permission_to_unmute_participants": false, "allow_host_control_participant_mute_state": false,
	"email_in_attendee_report": true,
}
