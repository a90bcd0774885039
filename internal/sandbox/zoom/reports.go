package zoom

import (
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"zoomgraph/internal/sandbox/world"
)

// This file implements reports of meetings and webinars: what other chapters know
// of their instances, told once more, and its sums. Reports of the account stand
// in usage.go. Start reading at held.

// The lists of what instances of webinars left behind. Those of meetings stand in
// meetings.go.
const (
	webinarParticipants = "GET /past_webinars/{webinarId}/participants"
	webinarPolls        = "GET /past_webinars/{webinarId}/polls"
	webinarQuestions    = "GET /past_webinars/{webinarId}/qa"
	meetingPolls        = "GET /past_meetings/{meetingId}/polls"
)

func (z *Zoom) reports(q *world.Quirks) {
	q.Answers["GET /report/users/{userId}/meetings"] = z.reportMeetings
	q.Answers["GET /report/users"] = z.reportHosts
	q.Answers["GET /report/daily"] = z.reportDaily
	q.Answers["GET /report/telephone"] = z.reportTelephone
	q.Answers["GET /report/activities"] = z.reportActivities
	q.Answers["GET /report/operationlogs"] = z.reportOperations
	q.Answers["GET /report/cloud_recording"] = reportStorage
	for _, path := range []string{"/report/meetings/{meetingId}", "/report/webinars/{webinarId}"} {
		q.Answers["GET "+path] = reportInstance
		q.Answers["GET "+path+"/participants"] = reportParticipants
		q.Answers["GET "+path+"/polls"] = reportPolls
	}
	q.Answers["GET /report/webinars/{webinarId}/qa"] = reportQuestions
	q.Things["TelephoneUsage"] = world.Thing{Filters: map[string]func(*world.World, *world.Record, string) bool{
		"type": func(_ *world.World, r *world.Record, kind string) bool { return r.Ext.(*phoneCall).kind == kind },
	}}
	q.Things["OperationLog"] = world.Thing{Filters: map[string]func(*world.World, *world.Record, string) bool{
		"category_type": func(w *world.World, r *world.Record, category string) bool {
			return category == "all" || w.Text(r, "category_type") == category
		},
	}}
	q.Defaults["GET /report/telephone"] = url.Values{"type": {"1"}}
	q.Defaults["GET /report/users/{userId}/meetings"] = url.Values{"type": {"past"}}
}

// heldInstance is an instance of a meeting or webinar that is over.
type heldInstance struct {
	*world.Record
	of         *world.Record // the meeting or webinar
	host       *world.Record // nil: not of the account any more
	webinar    bool
	start, end time.Time
	people     []stay
}

// stay is somebody's time in an instance, from one joining to one leaving.
type stay struct {
	*world.Record
	id          string // "" for guests
	join, leave time.Time
}

func (s *stay) seconds() int { return int(s.leave.Sub(s.join).Seconds()) }

// held tells of an instance what reports are made of.
func held(w *world.World, r *world.Record) *heldInstance {
	h := &heldInstance{Record: r, of: r.Owner(), start: timeIn(w, r, "start_time")}
	list := pastParticipants
	if h.webinar = w.Find("PastWebinar", r.ID) == r; h.webinar {
		list = webinarParticipants
	}
	h.host = w.Find("User", w.Text(h.of, "host_id"))
	for _, p := range w.Rows(list, r) {
		s := stay{p, w.Text(p, "id"), timeIn(w, p, "join_time"), timeIn(w, p, "leave_time")}
		h.people = append(h.people, s)
		if s.leave.After(h.end) {
			h.end = s.leave
		}
	}
	return h
}

// allHeld are the instances that began on a day between two, in their order: those
// that a user hosted, or all of them.
func allHeld(w *world.World, from, to string, host *world.Record) []*heldInstance {
	var out []*heldInstance
	for _, kind := range []string{"PastMeeting", "PastWebinar"} {
		for _, r := range w.All(kind) {
			day := w.Text(r, "start_time")[:len(time.DateOnly)]
			if day >= from && day <= to && (host == nil || w.Text(r.Owner(), "host_id") == host.ID) {
				out = append(out, held(w, r))
			}
		}
	}
	slices.SortStableFunc(out, func(a, b *heldInstance) int { return a.start.Compare(b.start) })
	return out
}

func timeIn(w *world.World, r *world.Record, name string) time.Time {
	at, _ := time.Parse(time.RFC3339, w.Text(r, name)) // what has no time has the zero one
	return at
}

// minutes is how long people were there, all together.
func (h *heldInstance) minutes() int {
	seconds := 0
	for _, s := range h.people {
		seconds += s.seconds()
	}
	return int(math.Ceil(float64(seconds) / 60))
}

// values are what all reports tell of an instance, by Zoom's names.
func (h *heldInstance) values(w *world.World) map[string]any {
	values := map[string]any{
		"uuid": h.ID, "id": json.RawMessage(h.of.ID), "topic": w.Text(h.of, "topic"), "type": w.Raw(h.of, "type"),
		"start_time": world.Timestamp(h.start), "end_time": world.Timestamp(h.end),
		"duration": int(h.end.Sub(h.start).Minutes()), "total_minutes": h.minutes(), "participants_count": len(h.people),
		"custom_keys": []any{}, "user_name": "", "user_email": "",
	}
	var settings struct {
		CustomKeys []any `json:"custom_keys"`
	}
	if json.Unmarshal(w.Raw(h.of, "settings"), &settings) == nil && settings.CustomKeys != nil {
		values["custom_keys"] = settings.CustomKeys
	}
	if h.host != nil {
		values["user_name"], values["user_email"] = w.Text(h.host, "display_name"), w.Text(h.host, "email")
	}
	return values
}

// reportInstance answers what is reported of one instance.
func reportInstance(w *world.World, c *world.Call) (world.Answer, error) {
	h := held(w, c.Owner)
	values := h.values(w)
	values["dept"], values["tracking_fields"] = "", []any{}
	if fields := w.Raw(h.of, "tracking_fields"); fields != nil {
		values["tracking_fields"] = fields
	}
	if h.host != nil {
		values["dept"] = w.Text(h.host, "dept")
	}
	return world.OK(world.Encode(values)), nil
}

// toldOfParticipants is what reports have of participants as other lists have it.
var toldOfParticipants = []string{
	"name", "user_id", "user_email", "registrant_id", "join_time", "leave_time", "duration", "failover", "status",
}

// reportParticipants lists who was in one instance.
func reportParticipants(w *world.World, c *world.Call) (world.Answer, error) {
	var out []*world.Record
	for _, s := range held(w, c.Owner).people {
		values := map[string]any{"id": s.id, "participant_user_id": s.id, "customer_key": "", "bo_mtg_id": ""}
		for _, name := range toldOfParticipants {
			values[name] = w.Raw(s.Record, name)
		}
		out = append(out, w.Loose("ReportParticipant", c.Place, world.Known(s.ID, values)))
	}
	return w.ListOf(c, out)
}

// reportPolls lists what was answered in the polls of one instance.
func reportPolls(w *world.World, c *world.Call) (world.Answer, error) {
	list := meetingPolls
	if strings.HasPrefix(c.Op.Path, "/report/webinars/") {
		list = webinarPolls
	}
	return reportRows(w, c, list, func(r *world.Record) map[string]any {
		first, last, _ := strings.Cut(w.Text(r, "name"), " ")
		return map[string]any{
			"name": w.Text(r, "name"), "first_name": first, "last_name": last, "email": w.Text(r, "email"),
			"question_details": w.Raw(r, "question_details"),
		}
	})
}

// reportQuestions lists what was asked and answered in one instance of a webinar.
func reportQuestions(w *world.World, c *world.Call) (world.Answer, error) {
	h := held(w, c.Owner)
	return reportRows(w, c, webinarQuestions, func(r *world.Record) map[string]any {
		id := ""
		if user := w.Find("User", w.Text(r, "email")); user != nil {
			id = user.ID
		}
		var asked []struct{ Question, Answer string }
		_ = json.Unmarshal(w.Raw(r, "question_details"), &asked) // of another form: there is none
		details := []any{}
		for i, q := range asked {
			at := h.start.Add(time.Duration(10+5*i) * time.Minute)
			detail := map[string]any{
				"question": q.Question, "answer": q.Answer, "question_id": w.Source.ID("question", r.ID, strconv.Itoa(i)),
				"create_time": world.Timestamp(at), "question_status": "open", "answer_details": []any{},
			}
			if q.Answer != "" && h.host != nil {
				detail["question_status"] = "answered"
				detail["answer_details"] = []any{map[string]any{
					"user_id": h.host.ID, "name": w.Text(h.host, "display_name"), "email": w.Text(h.host, "email"),
					"content": q.Answer, "create_time": world.Timestamp(at.Add(2 * time.Minute)), "type": "host_answered_publicly",
				}}
			}
			details = append(details, detail)
		}
		return map[string]any{"user_id": id, "name": w.Text(r, "name"), "email": w.Text(r, "email"), "question_details": details}
	})
}

// reportRows answers what people said in one instance, from a list that tells it
// already.
func reportRows(w *world.World, c *world.Call, list string, row func(*world.Record) map[string]any) (world.Answer, error) {
	rows := []any{}
	for _, r := range w.Rows(list, c.Owner) {
		rows = append(rows, row(r))
	}
	return world.OK(world.Encode(map[string]any{
		"id": json.RawMessage(c.Owner.Owner().ID), "uuid": c.Owner.ID, "start_time": w.Text(c.Owner, "start_time"),
		"questions": rows,
	})), nil
}

// reportMeetings lists what a user hosted, or was in.
func (z *Zoom) reportMeetings(w *world.World, c *world.Call) (world.Answer, error) {
	var out []*world.Record
	kind, host := c.Values.Get("type"), c.Owner
	if kind == "pastJoined" {
		host = nil
	}
	for _, h := range allHeld(w, c.Values.Get("from"), c.Values.Get("to"), host) {
		was := func(s stay) bool { return s.id == c.Owner.ID }
		others := func(s stay) bool { return !was(s) }
		switch {
		case kind == "pastJoined" && !slices.ContainsFunc(h.people, was), kind == "pastOne" && !slices.ContainsFunc(h.people, others):
			continue
		}
		out = append(out, w.Loose("MeetingReport", c.Place, world.Known(h.ID, z.reportedTo(w, c.Owner, h))))
	}
	return w.ListOf(c, out)
}

// reportedTo is what a user's report tells of an instance.
func (z *Zoom) reportedTo(w *world.World, user *world.Record, h *heldInstance) map[string]any {
	const form = "01/02/2006 15:04"
	values, own := h.values(w), 0
	values["join_time"], values["leave_time"] = "", ""
	for _, s := range h.people {
		if s.id != "" {
			own++
		}
		if s.id == user.ID {
			if values["join_time"] == "" {
				values["join_time"] = s.join.Format(form)
			}
			values["leave_time"] = s.leave.Format(form)
		}
	}
	n := w.Source.At("report", h.ID)
	values["participants_count_my_account"], values["host_name"], values["host_organization"] = own, values["user_name"], ""
	if h.host != nil {
		values["host_organization"] = w.Text(h.host, "company")
	}
	values["schedule_time"], values["join_waiting_room_time"] = h.start.Format(form), ""
	values["source"], values["session_key"] = "Zoom", nil
	values["has_screen_share"], values["has_chat"] = n%3 > 0, n>>8%2 == 0
	values["has_recording"] = w.Find("CloudRecording", h.ID) != nil
	values["meeting_encryption_status"] = 1
	return values
}

// hostSums are what users hosted in some time, by their ids.
func hostSums(w *world.World, from, to string) map[string]*hostSum {
	sums := map[string]*hostSum{}
	for _, h := range allHeld(w, from, to, nil) {
		if h.host == nil {
			continue
		}
		if sums[h.host.ID] == nil {
			sums[h.host.ID] = &hostSum{}
		}
		sums[h.host.ID].add(h)
	}
	return sums
}

// hostSum is what was hosted in some time.
type hostSum struct{ meetings, participants, minutes int }

func (s *hostSum) add(h *heldInstance) {
	s.meetings++
	s.participants += len(h.people)
	s.minutes += h.minutes()
}

// reportHosts lists users and what they hosted.
func (z *Zoom) reportHosts(w *world.World, c *world.Call) (world.Answer, error) {
	sums := hostSums(w, c.Values.Get("from"), c.Values.Get("to"))
	var out []*world.Record
	var all hostSum
	for _, user := range w.All("User") {
		sum, active := sums[user.ID]
		kind, group := c.Values.Get("type"), c.Values.Get("group_id")
		switch {
		case kind == "active" && !active, kind == "inactive" && active, !active && w.Text(user, "status") == pending:
			continue
		case group != "" && !slices.Contains(w.Texts(user, "group_ids"), group):
			continue
		case !active:
			sum = &hostSum{}
		}
		all.meetings += sum.meetings
		all.participants += sum.participants
		all.minutes += sum.minutes
		out = append(out, w.Loose("HostReport", c.Place, world.Known(user.ID, map[string]any{
			"id": user.ID, "email": w.Text(user, "email"), "user_name": w.Text(user, "display_name"),
			"type": w.Raw(user, "type"), "dept": w.Text(user, "dept"),
			"meetings": sum.meetings, "participants": sum.participants, "meeting_minutes": sum.minutes,
			"custom_attributes": []any{
				map[string]string{"key": "cost_center", "name": "Cost center", "value": w.Text(user, "cost_center")},
			},
		})))
	}
	answer, err := w.ListOf(c, out)
	if err != nil {
		return answer, err
	}
	for name, n := range map[string]int{
		"total_meetings": all.meetings, "total_participants": all.participants, "total_meeting_minutes": all.minutes,
	} {
		answer.Body = world.Edit(answer.Body, []string{name}, world.Encode(n))
	}
	return answer, nil
}

// phoneCall is what the chapter keeps of a call, as its Ext.
type phoneCall struct{ kind string }

// reportTelephone lists who was in meetings by telephone: in some of them, the
// last who came.
func (z *Zoom) reportTelephone(w *world.World, c *world.Call) (world.Answer, error) {
	var out []*world.Record
	for _, h := range allHeld(w, c.Values.Get("from"), c.Values.Get("to"), nil) {
		n := w.Source.At("telephone", h.ID)
		if n%4 > 0 || h.host == nil || len(h.people) < 2 {
			continue
		}
		s := h.people[len(h.people)-1]
		minutes := int(math.Ceil(float64(s.seconds()) / 60))
		kind, way := world.Pick(n>>8, "1", "1", "2", "3"), "call-in"
		switch kind {
		case "1":
			way = world.Pick(n>>16, "toll-free", "call-out")
		case "2":
			way = "Toll"
		}
		cents := int(1 + n>>24%6)
		values := map[string]any{
			"meeting_id": json.RawMessage(h.of.ID), "uuid": h.ID, "meeting_type": "Meeting", "type": way,
			"phone_number": "+1 555 01" + world.Digits(n, 2), "signaled_number": "+1 555 01" + world.Digits(n, 2),
			"call_in_number": "+1 555 0100", "country_name": "US",
			"start_time": world.Timestamp(s.join), "end_time": world.Timestamp(s.leave),
			"duration": minutes, "rate": float64(cents) / 100, "total": float64(cents*minutes) / 100,
			"host_id": h.host.ID, "host_name": w.Text(h.host, "display_name"), "host_email": w.Text(h.host, "email"),
			"dept": w.Text(h.host, "dept"),
		}
		if h.webinar {
			values["meeting_type"] = "Webinar"
		}
		call := world.Known(fmt.Sprintf("%s %d", h.ID, len(h.people)), values)
		call.Ext = &phoneCall{kind}
		out = append(out, w.Loose("TelephoneUsage", c.Place, call))
	}
	return w.ListOf(c, out)
}
