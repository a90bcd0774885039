package zoom

import (
	"cmp"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"zoomgraph/internal/sandbox/world"
)

// This file implements metrics of meetings and webinars: instances that other chapters have, told as dashboards do. How
// they sounded and looked is in quality.go, what the account's people, rooms, phones and ports did in wellbeing.go. Start
// reading at watched.

// watched is an instance of a meeting or webinar, over or running, as dashboards see it.
type watched struct {
	session *session
	of      *world.Record // the meeting or webinar
	host    *world.Record // nil: nobody of the account any more
	uuid    string
	webinar bool
	live    bool
	start   time.Time
	ended   func() time.Time // zero: it runs
	there   func() []presence
}

// presence is somebody's stay in it, from one joining to one leaving.
type presence struct {
	id, name, email string // id and email are empty of guests
	userID          string // in the instance
	registrant      string
	join, leave     time.Time // leave is zero of who is still there
}

// metrics are the lists and paths of one of the two.
type metrics struct {
	kind      string // of what is watched
	path      string // of the list
	param     string
	thing     string // what Zoom calls it: a meeting has a meeting_number
	instances string // the type of those that are over
	people    string // the list of who took part
	missing   world.Missing
}

var meetingMetrics = metrics{
	kind: "MeetingMetrics", path: "/metrics/meetings", param: "{meetingId}", thing: "meeting",
	instances: "PastMeeting", people: pastParticipants, missing: noMeeting,
}

var webinarMetrics = metrics{
	kind: "WebinarMetrics", path: "/metrics/webinars", param: "{webinarId}", thing: "webinar",
	instances: "PastWebinar", people: "GET /past_webinars/{webinarId}/participants",
	missing: world.Missing{Status: http.StatusNotFound, Code: 3001, Text: "Webinar does not exist: %s."},
}

func (z *Zoom) dashboards(q *world.Quirks) {
	for _, m := range []metrics{meetingMetrics, webinarMetrics} {
		one := m.path + "/" + m.param
		q.Things[m.kind] = world.Thing{
			Seed: nothing, Missing: m.missing, Filters: byTime,
			Resolve: func(w *world.World, c *world.Call, name string) (*world.Record, error) {
				return z.watch(w, c, m, name), nil
			},
		}
		q.Defaults["GET "+m.path] = url.Values{"type": {"live"}}
		q.Answers["GET "+m.path] = z.listMetrics(m)
		q.Answers["GET "+one+"/participants"] = z.listPeople(m, "MetricsParticipant", z.participantMetrics)
		q.Answers["GET "+one+"/participants/qos"] = z.listPeople(m, "ParticipantQos", z.participantQos)
		q.Answers["GET "+one+"/participants/sharing"] = z.listPeople(m, "ParticipantSharing", z.participantSharing)
		q.Answers["GET "+one+"/participants/satisfaction"] = z.listPeople(m, "ParticipantSatisfaction", z.participantSatisfaction)
		q.Answers["GET "+one+"/participants/{participantId}/qos"] = z.readQos(m)
	}
	q.Things["MetricsParticipant"] = world.Thing{
		Seed: nothing, Resolve: resolvePresence, Missing: world.Missing{Status: http.StatusNotFound, Code: 300, Text: "Participant does not exist: %s."},
	}
	z.wellbeing(q)
}

// attended is somebody who took part in what is watched, by their place.
type attended struct {
	*watched
	place int
}

// resolvePresence finds who has an id in what is watched. The Ext is attended.
func resolvePresence(w *world.World, c *world.Call, name string) (*world.Record, error) {
	s := c.Owner.Ext.(*watched)
	i := slices.IndexFunc(s.there(), func(p presence) bool { return p.userID == name })
	if i < 0 {
		return nil, nil
	}
	return w.Loose("MetricsParticipant", c.Place, &world.Record{ID: name, Ext: attended{s, i}}), nil
}

// nothing are no things at the start: where others have them, they are told anew each time.
func nothing(*world.World, *world.Record) []*world.Record { return nil }

// byTime are filters of lists that take them into account themselves.
var byTime = map[string]func(*world.World, *world.Record, string) bool{
	"type": anyway, "group_id": anyway, "group_include_participant": anyway, "query_date_type": anyway, "from": anyway, "to": anyway,
}

func anyway(*world.World, *world.Record, string) bool { return true }

// over tells of an instance that is over. Who was there is made up as it is for their list: that is far quicker than to read
// the list, and there are thousands of instances.
func (z *Zoom) over(w *world.World, m metrics, instance *world.Record) *watched {
	of := instance.Ext.(*session)
	s := &watched{session: of, of: instance.Owner(), uuid: instance.ID, webinar: m == webinarMetrics, start: of.start}
	s.host = w.Find("User", w.Text(s.of, "host_id"))
	s.there = sync.OnceValue(func() (all []presence) {
		for _, a := range z.attend(of) {
			all = append(all, presence(a))
		}
		return all
	})
	s.ended = func() time.Time {
		if s.webinar { // an instance of one does not say when it ended
			return slices.MaxFunc(append(s.there(), presence{}), func(a, b presence) int { return a.leave.Compare(b.leave) }).leave
		}
		return of.end
	}
	return s
}

// running tells of a meeting that runs: who came in its first minutes is still there. So it is the same however often
// somebody looks.
func (z *Zoom) running(w *world.World, meeting *world.Record) *watched {
	of := calendarOf(meeting).running
	var there []presence
	for _, a := range z.attend(of) {
		if a.join.Sub(of.start) < 5*time.Minute {
			there = append(there, presence{id: a.id, name: a.name, email: a.email, userID: a.userID, join: a.join})
		}
	}
	return &watched{
		session: of, of: meeting, host: w.Find("User", w.Text(meeting, "host_id")), uuid: of.uuid, live: true, start: of.start,
		ended: func() time.Time { return time.Time{} }, there: func() []presence { return there },
	}
}

func momentIn(w *world.World, r *world.Record, name string) time.Time {
	at, _ := time.Parse(time.RFC3339, w.Text(r, name)) // what has no time has the zero one
	return at
}

// watch finds what a path names, of the type that the query asks for: a uuid names one instance, a number the latest one.
func (z *Zoom) watch(w *world.World, c *world.Call, m metrics, name string) *world.Record {
	if cmp.Or(c.Values.Get("type"), "live") == "live" {
		if m == webinarMetrics {
			return nil // none runs
		}
		for _, meeting := range z.live(w) {
			if meeting.ID == name || calendarOf(meeting).running.uuid == name {
				return z.told(w, m, z.running(w, meeting))
			}
		}
		return nil
	}
	instance := w.Find(m.instances, name)
	if instance == nil {
		for _, r := range w.All(m.instances) {
			if r.Owner().ID == name && (instance == nil || momentIn(w, instance, "start_time").Before(momentIn(w, r, "start_time"))) {
				instance = r
			}
		}
	}
	if instance == nil {
		return nil
	}
	return z.told(w, m, z.over(w, m, instance))
}

// listMetrics lists what runs, or what is over and lies within a time.
func (z *Zoom) listMetrics(m metrics) operation {
	return func(w *world.World, c *world.Call) (world.Answer, error) {
		var all []*watched
		switch kind := c.Values.Get("type"); kind {
		case "live":
			if m == meetingMetrics {
				for _, meeting := range z.live(w) {
					all = append(all, z.running(w, meeting))
				}
			}
		default:
			for _, s := range z.overIn(w, m, c.Values.Get("from"), c.Values.Get("to"), c.Values.Get("query_date_type") == "end_time") {
				if kind == "past" || len(s.there()) == 1 {
					all = append(all, s)
				}
			}
		}
		var out []*world.Record
		for _, s := range all {
			if group := c.Values.Get("group_id"); group == "" || s.isOf(w, group, c.Values.Get("group_include_participant") == "true") {
				out = append(out, z.told(w, m, s))
			}
		}
		return w.ListOf(c, out)
	}
}

// overIn are the instances that began, or ended, within a time, in their order.
func (z *Zoom) overIn(w *world.World, m metrics, from, to string, byEnd bool) []*watched {
	var out []*watched
	for _, r := range w.All(m.instances) {
		at := w.Text(r, "start_time")
		if byEnd && m == meetingMetrics {
			at = w.Text(r, "end_time")
		}
		if at = at[:min(len(at), len(time.DateOnly))]; from <= at && at <= to {
			out = append(out, z.over(w, m, r))
		}
	}
	slices.SortStableFunc(out, func(a, b *watched) int { return a.start.Compare(b.start) })
	return out
}

// isOf tells whether a group has the host, or also somebody who was there.
func (s *watched) isOf(w *world.World, group string, orParticipant bool) bool {
	in := func(user *world.Record) bool {
		return user != nil && slices.Contains(w.Texts(user, "group_ids"), group)
	}
	return in(s.host) || orParticipant && slices.ContainsFunc(s.there(), func(p presence) bool { return p.id != "" && in(w.Find("User", p.id)) })
}

// told is what a list or a read has of an instance. Its Ext is what is watched.
func (z *Zoom) told(w *world.World, m metrics, s *watched) *world.Record {
	r := &world.Record{ID: s.uuid, Ext: s, Fill: func() []world.Member { return world.MembersOf(z.metricsOf(w, s)) }}
	return w.Loose(m.kind, m.path, r.Tell("start_time", world.Timestamp(s.start)))
}

func (z *Zoom) metricsOf(w *world.World, s *watched) map[string]any {
	h := z.source.At("metrics", s.uuid)
	number, _ := strconv.ParseInt(s.of.ID, 10, 64)
	worst := z.worst(s)
	shared := h>>4%3 > 0
	return map[string]any{
		"uuid": s.uuid, "id": number, "host": w.Text(s.host, "display_name"), "email": w.Text(s.host, "email"), "dept": w.Text(s.host, "dept"),
		"user_type": licenceOf(w, s.host), "topic": w.Text(s.of, "topic"), "end_time": stamp(s.ended()), "duration": clock(s.start, s.ended()),
		"participants": len(s.there()), "in_room_participants": 0,
		"has_pstn": s.has(byPhone), "has_voip": s.has(func(i int) bool { return !byPhone(i) }), "has_3rd_party_audio": false, "has_video": true,
		"has_screen_share": shared, "has_recording": z.recorded(s.session), "has_sip": false,
		"has_archiving": false, "has_manual_captions": false, "has_automated_captions": h>>12%2 == 0, "has_poll": !s.live, "has_qa": false,
		"has_survey": false, "has_meeting_summary": z.source.At("summary", s.uuid)%2 == 0,
		"audio_quality": worst.audio, "video_quality": worst.video, "screen_share_quality": worst.share,
		"avg_jointime_cost": float64(h%600) / 100, "session_key": "", "custom_keys": customKeys(w, s.of),
		"tracking_fields": trackingFields(w, s.of),
	}
}

// customKeys are those of a meeting or webinar.
func customKeys(w *world.World, of *world.Record) any {
	var settings struct {
		CustomKeys []struct {
			Key   string `json:"key"`
			Value string `json:"value"`
		} `json:"custom_keys"`
	}
	if json.Unmarshal(w.Raw(of, "settings"), &settings) != nil || settings.CustomKeys == nil {
		return []any{}
	}
	return settings.CustomKeys
}

// trackingFields are the values that a meeting or webinar has of the account's tracking fields.
func trackingFields(w *world.World, of *world.Record) any {
	var fields []struct {
		Field string `json:"field"`
		Value string `json:"value"`
	}
	if json.Unmarshal(w.Raw(of, "tracking_fields"), &fields) != nil || fields == nil {
		return []any{}
	}
	return fields
}

func licenceOf(w *world.World, user *world.Record) string {
	if user != nil && w.Text(user, "type") == strconv.Itoa(userTypeBasic) {
		return "Basic"
	}
	return "Licensed"
}

// has tells whether something holds for the place of one of those who were there.
func (s *watched) has(what func(i int) bool) bool {
	for i := range s.there() {
		if what(i) {
			return true
		}
	}
	return false
}

// stamp is a time as answers have it, "" of none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return world.Timestamp(t)
}

// clock is how long something took, as dashboards write it: "" of what has no end.
func clock(start, end time.Time) string {
	if end.IsZero() {
		return ""
	}
	d := end.Sub(start)
	minutes, seconds := int(d.Minutes())%60, int(d.Seconds())%60
	if d < time.Hour {
		return fmt.Sprintf("%02d:%02d", minutes, seconds)
	}
	return fmt.Sprintf("%02d:%02d:%02d", int(d.Hours()), minutes, seconds)
}

// listPeople lists what is told of each who was there, nil of somebody being nothing.
func (z *Zoom) listPeople(m metrics, kind string, tell func(w *world.World, s *watched, i int) map[string]any) operation {
	return func(w *world.World, c *world.Call) (world.Answer, error) {
		s := c.Owner.Ext.(*watched)
		var out []*world.Record
		for i := range s.there() {
			if values := tell(w, s, i); values != nil {
				out = append(out, w.Loose(kind, c.Place, world.Known(strconv.Itoa(i), values)))
			}
		}
		answer, err := w.ListOf(c, out)
		if err == nil {
			answer.Body = withNumber(answer.Body, m, s)
		}
		return answer, err
	}
}

// withNumber says whose participants a list has: the meeting's number or the webinar's, and not the other one.
func withNumber(body []byte, m metrics, s *watched) []byte {
	all, _ := world.Members(body)
	for i := range all {
		switch all[i].Name {
		case m.thing + "_number":
			all[i].Value = world.Encode(s.of.ID)
		case "meeting_number", "webinar_number":
			all[i].Name = ""
		}
	}
	return world.Join(slices.DeleteFunc(all, func(m world.Member) bool { return m.Name == "" }))
}

// participantMetrics is what dashboards tell of somebody who was there.
func (z *Zoom) participantMetrics(w *world.World, s *watched, i int) map[string]any {
	p, q := s.there()[i], z.qualityOf(s, i)
	values := z.equipmentOf(s, i)
	role := "attendee"
	if s.host != nil && p.id == s.host.ID {
		role = "host"
	}
	for name, value := range map[string]any{
		"id": p.id, "participant_user_id": p.id, "user_id": p.userID, "participant_uuid": z.participantUUID(s, p), "user_name": p.name,
		"email": p.email, "registrant_id": p.registrant, "customer_key": "", "role": role, "status": "in_meeting",
		"join_time": stamp(p.join), "leave_time": stamp(p.leave), "leave_reason": s.leaveReason(p), "bo_mtg_id": z.breakoutOf(s, i),
		"groupId": groupOf(w, p), "in_room_participants": 0, "audio_quality": q.audio, "video_quality": q.video, "screen_share_quality": q.share,
		"share_application": false, "share_desktop": z.shares(s, i), "share_whiteboard": false, "recording": false,
		"sip_uri": "", "from_sip_uri": "", "total_jointime_cost": float64(z.source.At("joining", s.uuid, p.userID)%600) / 100,
		"aic_disclaimer": "no disclaimer", "audio_call": []any{},
	} {
		values[name] = value
	}
	if byPhone(i) {
		values["audio_call"] = []map[string]any{{"call_number": "+1 555 01" + world.Digits(z.source.At("calls", s.uuid), 2), "call_type": "call-in", "zoom_number": "+1 555 0100"}}
	}
	return values
}

// groupOf is the primary group of somebody, "" of guests.
func groupOf(w *world.World, p presence) string {
	if user := w.Find("User", p.id); p.id != "" && user != nil {
		if groups := w.Texts(user, "group_ids"); len(groups) > 0 {
			return groups[0]
		}
	}
	return ""
}

// breakoutOf is the breakout room in which somebody was: in some meetings, those who came second and third were in one.
func (z *Zoom) breakoutOf(s *watched, i int) string {
	if h := z.source.At("breakout", s.uuid); !s.webinar && h%3 == 0 && (i == 1 || i == 2) {
		return world.IDOf(h) + "=="
	}
	return ""
}

// participantUUID is what tells somebody from others in an instance.
func (z *Zoom) participantUUID(s *watched, p presence) string {
	h := z.source.At("participant", s.uuid, p.userID)
	return strings.ToUpper(fmt.Sprintf("%08x-%04x-%04x-%04x-%012x", h>>32, h>>16&0xffff, h&0xffff, world.Mix(h)>>48, world.Mix(h)&0xffff_ffff_ffff))
}

// leaveReason is a sentence of Zoom's, "" of who is still there.
func (s *watched) leaveReason(p presence) string {
	where := "meeting"
	if s.webinar {
		where = "webinar"
	}
	switch {
	case p.leave.IsZero():
		return ""
	case !s.live && !p.leave.Before(s.ended()):
		return "Host ended the " + where + "."
	}
	return p.name + " left the " + where + "."
}

// byPhone tells whether somebody who was there, by their place, called in.
func byPhone(i int) bool { return i == 2 }

// shares tells whether somebody shared the screen: the host, where something was shared at all.
func (z *Zoom) shares(s *watched, i int) bool {
	return i == 0 && z.source.At("metrics", s.uuid)>>4%3 > 0
}

// participantSharing is what somebody shared.
func (z *Zoom) participantSharing(_ *world.World, s *watched, i int) map[string]any {
	if !z.shares(s, i) {
		return nil
	}
	p := s.there()[i]
	from := p.join.Add(time.Minute)
	return map[string]any{
		"id": p.id, "user_id": p.userID, "user_name": p.name,
		"details": []map[string]string{{"content": "desktop", "start_time": world.Timestamp(from), "end_time": stamp(p.leave)}},
	}
}
