package zoom

import (
	"encoding/json"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"zoomgraph/internal/sandbox/world"
)

// This file implements reports of meetings and webinars: their instances as
// dashboards see them, told once more, and sums of that. Reports of the account
// stand in usage.go. Start reading at held.

// The lists of what people said in instances.
const (
	webinarPolls     = "GET /past_webinars/{webinarId}/polls"
	webinarQuestions = "GET /past_webinars/{webinarId}/qa"
	meetingPolls     = "GET /past_meetings/{meetingId}/polls"
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
		q.Answers["GET "+path] = z.reportInstance
		q.Answers["GET "+path+"/participants"] = z.reportParticipants
		q.Answers["GET "+path+"/polls"] = z.reportPolls
	}
	q.Answers["GET /report/webinars/{webinarId}/qa"] = z.reportQuestions
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

// held tells of the instance that a path names.
func (z *Zoom) held(w *world.World, c *world.Call) *watched {
	if strings.HasPrefix(c.Op.Path, "/report/webinars/") {
		return z.over(w, webinarMetrics, c.Owner)
	}
	return z.over(w, meetingMetrics, c.Owner)
}

// allHeld are the instances that began on a day between two, in their order: those
// that a user hosted, or all of them.
func (z *Zoom) allHeld(w *world.World, from, to string, host *world.Record) []*watched {
	all := slices.Concat(z.overIn(w, meetingMetrics, from, to, false), z.overIn(w, webinarMetrics, from, to, false))
	all = slices.DeleteFunc(all, func(s *watched) bool { return host != nil && s.host != host })
	slices.SortStableFunc(all, func(a, b *watched) int { return a.start.Compare(b.start) })
	return all
}

func (p *presence) seconds() int { return int(p.leave.Sub(p.join).Seconds()) }

// minutes is how long people were there, all together.
func (s *watched) minutes() int {
	seconds := 0
	for _, p := range s.there() {
		seconds += p.seconds()
	}
	return int(math.Ceil(float64(seconds) / 60))
}

// values are what all reports tell of an instance, by Zoom's names.
func (s *watched) values(w *world.World) map[string]any {
	values := map[string]any{
		"uuid": s.uuid, "id": json.RawMessage(s.of.ID), "topic": w.Text(s.of, "topic"), "type": w.Raw(s.of, "type"),
		"start_time": world.Timestamp(s.start), "end_time": world.Timestamp(s.ended()),
		"duration": int(s.ended().Sub(s.start).Minutes()), "total_minutes": s.minutes(), "participants_count": len(s.there()),
		"custom_keys": []any{}, "user_name": "", "user_email": "",
	}
	var settings struct {
		CustomKeys []any `json:"custom_keys"`
	}
	if json.Unmarshal(w.Raw(s.of, "settings"), &settings) == nil && settings.CustomKeys != nil {
		values["custom_keys"] = settings.CustomKeys
	}
	if s.host != nil {
		values["user_name"], values["user_email"] = w.Text(s.host, "display_name"), w.Text(s.host, "email")
	}
	return values
}

// reportInstance answers what is reported of one instance.
func (z *Zoom) reportInstance(w *world.World, c *world.Call) (world.Answer, error) {
	s := z.held(w, c)
	values := s.values(w)
	values["dept"], values["tracking_fields"] = "", trackingFields(w, s.of)
	if s.host != nil {
		values["dept"] = w.Text(s.host, "dept")
	}
	return world.OK(world.Encode(values)), nil
}

// toldOfParticipants is what reports have of participants as other lists have it.
var toldOfParticipants = []string{
	"id", "name", "user_id", "user_email", "registrant_id", "join_time", "leave_time", "duration", "failover", "status",
}

// reportParticipants lists who was in one instance.
func (z *Zoom) reportParticipants(w *world.World, c *world.Call) (world.Answer, error) {
	list := meetingMetrics.people
	if z.held(w, c).webinar {
		list = webinarMetrics.people
	}
	var out []*world.Record
	for _, p := range w.Rows(list, c.Owner) {
		values := map[string]any{"participant_user_id": w.Raw(p, "id"), "customer_key": "", "bo_mtg_id": ""}
		for _, name := range toldOfParticipants {
			values[name] = w.Raw(p, name)
		}
		out = append(out, w.Loose("ReportParticipant", c.Place, world.Known(p.ID, values)))
	}
	return w.ListOf(c, out)
}

// reportPolls lists what was answered in the polls of one instance.
func (z *Zoom) reportPolls(w *world.World, c *world.Call) (world.Answer, error) {
	list := meetingPolls
	if z.held(w, c).webinar {
		list = webinarPolls
	}
	return reportRows(w, c, list, func(r *world.Record) map[string]any {
		first, last, _ := strings.Cut(w.Text(r, "name"), " ")
		var details []map[string]any
		_ = json.Unmarshal(w.Raw(r, "question_details"), &details) // of another form: there is none
		for _, detail := range details {
			if at, isText := detail["date_time"].(string); isText { // without a zone elsewhere
				detail["date_time"] = strings.TrimSuffix(strings.Replace(at, " ", "T", 1), "Z") + "Z"
			}
		}
		return map[string]any{
			"name": w.Text(r, "name"), "first_name": first, "last_name": last, "email": w.Text(r, "email"),
			"question_details": details,
		}
	})
}

// reportQuestions lists what was asked and answered in one instance of a webinar.
func (z *Zoom) reportQuestions(w *world.World, c *world.Call) (world.Answer, error) {
	s := z.held(w, c)
	return reportRows(w, c, webinarQuestions, func(r *world.Record) map[string]any {
		id := ""
		if user := w.Find("User", w.Text(r, "email")); user != nil {
			id = user.ID
		}
		var asked []struct{ Question, Answer string }
		_ = json.Unmarshal(w.Raw(r, "question_details"), &asked) // of another form: there is none
		details := []any{}
		for i, q := range asked {
			at := s.start.Add(time.Duration(10+5*i) * time.Minute)
			detail := map[string]any{
				"question": q.Question, "answer": q.Answer, "question_id": w.Source.ID("question", r.ID, strconv.Itoa(i)),
				"create_time": world.Timestamp(at), "question_status": "open", "answer_details": []any{},
			}
			if q.Answer != "" && s.host != nil {
				detail["question_status"] = "answered"
				detail["answer_details"] = []any{map[string]any{
					"user_id": s.host.ID, "name": w.Text(s.host, "display_name"), "email": w.Text(s.host, "email"),
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
	for _, s := range z.allHeld(w, c.Values.Get("from"), c.Values.Get("to"), host) {
		was := func(p presence) bool { return p.id == c.Owner.ID }
		others := func(p presence) bool { return !was(p) }
		switch {
		case kind == "pastJoined" && !slices.ContainsFunc(s.there(), was), kind == "pastOne" && !slices.ContainsFunc(s.there(), others):
			continue
		}
		out = append(out, w.Loose("MeetingReport", c.Place, world.Known(s.uuid, z.reportedTo(w, c.Owner, s))))
	}
	return w.ListOf(c, out)
}

// reportedTo is what a user's report tells of an instance.
func (z *Zoom) reportedTo(w *world.World, user *world.Record, s *watched) map[string]any {
	const form = "01/02/2006 15:04"
	values, own := s.values(w), 0
	values["join_time"], values["leave_time"] = "", ""
	for _, p := range s.there() {
		if p.id != "" {
			own++
		}
		if p.id == user.ID {
			if values["join_time"] == "" {
				values["join_time"] = p.join.Format(form)
			}
			values["leave_time"] = p.leave.Format(form)
		}
	}
	values["host_name"], values["host_organization"] = values["user_name"], ""
	if s.host != nil {
		values["host_organization"] = w.Text(s.host, "company")
	}
	values["schedule_time"], values["join_waiting_room_time"] = s.start.Format(form), ""
	values["participants_count_my_account"], values["source"], values["session_key"] = own, "Zoom", nil
	values["has_screen_share"], values["has_chat"] = z.shares(s, 0), w.Source.At("chat", s.uuid)%2 == 0
	values["has_recording"] = w.Find("CloudRecording", s.uuid) != nil
	values["meeting_encryption_status"] = 1
	return values
}

// hostSums are what users hosted in some time, by their ids.
func (z *Zoom) hostSums(w *world.World, from, to string) map[string]*hostSum {
	sums := map[string]*hostSum{}
	for _, s := range z.allHeld(w, from, to, nil) {
		if s.host == nil {
			continue
		}
		if sums[s.host.ID] == nil {
			sums[s.host.ID] = &hostSum{}
		}
		sums[s.host.ID].add(s)
	}
	return sums
}

// hostSum is what was hosted in some time.
type hostSum struct{ meetings, participants, minutes int }

func (h *hostSum) add(s *watched) {
	h.meetings++
	h.participants += len(s.there())
	h.minutes += s.minutes()
}

// reportHosts lists users and what they hosted.
func (z *Zoom) reportHosts(w *world.World, c *world.Call) (world.Answer, error) {
	sums := z.hostSums(w, c.Values.Get("from"), c.Values.Get("to"))
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

// reportTelephone lists who was in meetings and webinars by telephone.
func (z *Zoom) reportTelephone(w *world.World, c *world.Call) (world.Answer, error) {
	var out []*world.Record
	for _, s := range z.allHeld(w, c.Values.Get("from"), c.Values.Get("to"), nil) {
		if s.host == nil {
			continue
		}
		for i, p := range s.there() {
			if byPhone(i) {
				kind, values := z.call(w, s, p)
				r := world.Known(s.uuid+" "+p.userID, values)
				r.Ext = &phoneCall{kind}
				out = append(out, w.Loose("TelephoneUsage", c.Place, r))
			}
		}
	}
	return w.ListOf(c, out)
}

// call is somebody's call into an instance, and the kind of audio that it is.
func (z *Zoom) call(w *world.World, s *watched, p presence) (kind string, values map[string]any) {
	n := w.Source.At("telephone", s.uuid, p.userID)
	kind = world.Pick(n>>8, "1", "1", "2", "3")
	way := world.Pick(n>>16, "toll-free", "call-out")
	switch kind {
	case "2":
		way = "Toll"
	case "3":
		way = "call-in"
	}
	cents, minutes := int(1+n>>24%6), int(math.Ceil(float64(p.seconds())/60))
	thing := "Meeting"
	if s.webinar {
		thing = "Webinar"
	}
	return kind, map[string]any{
		"meeting_id": json.RawMessage(s.of.ID), "uuid": s.uuid, "meeting_type": thing, "type": way,
		"phone_number": "+1 555 01" + world.Digits(n, 2), "signaled_number": "+1 555 01" + world.Digits(n, 2),
		"call_in_number": "+1 555 0100", "country_name": "US",
		"start_time": world.Timestamp(p.join), "end_time": world.Timestamp(p.leave), "duration": minutes,
		"rate": float64(cents) / 100, "total": float64(cents*minutes) / 100,
		"host_id": s.host.ID, "host_name": w.Text(s.host, "display_name"), "host_email": w.Text(s.host, "email"),
		"dept": w.Text(s.host, "dept"),
	}
}
