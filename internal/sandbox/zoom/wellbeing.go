package zoom

import (
	"cmp"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"zoomgraph/internal/sandbox/world"
)

// This file implements what dashboards sum up: what people said of meetings, how the account's rooms, ports and phones
// were, and how much people chatted.

func (z *Zoom) wellbeing(q *world.Quirks) {
	q.Things["ClientFeedback"] = world.Thing{
		Seed: nothing, Resolve: resolveFeedback, Missing: world.Missing{Status: http.StatusNotFound, Code: 1001, Text: "Feedback does not exist: %s."},
	}
	q.Answers["GET /metrics/client/feedback"] = z.listFeedbacks
	q.Answers["GET /metrics/client/feedback/{feedbackId}"] = z.listFeedback
	q.Answers["GET /metrics/client/satisfaction"] = z.listSatisfaction
	q.Answers["GET /metrics/crc"] = z.listPorts
	q.Answers["GET /metrics/im"] = z.listMessages
	z.roomMetrics(q)
	z.calls(q)
}

// feedbacks are what people can choose to say, by the place that opinions name.
var feedbacks = []string{"I could not hear others well", "Video froze", "The shared screen was blurred"}

func resolveFeedback(w *world.World, _ *world.Call, name string) (*world.Record, error) {
	i, err := strconv.Atoi(name)
	if err != nil || i < 1 || i > len(feedbacks) {
		return nil, nil
	}
	return w.Loose("ClientFeedback", "/metrics/client/feedback", &world.Record{ID: name}), nil
}

// opinions calls each with what everybody who was there said of the meetings and webinars of a time, nil for nothing.
func (z *Zoom) opinions(w *world.World, from, to string, each func(s *watched, o *opinion)) {
	for _, m := range []metrics{meetingMetrics, webinarMetrics} {
		for _, s := range z.overIn(w, m, from, to, false) {
			for i := range s.there() {
				each(s, z.opinionOf(s, i))
			}
		}
	}
}

// timeOf is the time that a query asks for: the last month where it does not say.
func timeOf(c *world.Call) (from, to string) {
	from, to = c.Values.Get("from"), c.Values.Get("to")
	if to == "" {
		to = c.Now.UTC().Format(time.DateOnly)
	}
	if from == "" {
		from = c.Now.UTC().AddDate(0, -1, 0).Format(time.DateOnly)
	}
	return from, to
}

func (z *Zoom) listFeedbacks(w *world.World, c *world.Call) (world.Answer, error) {
	counts := make([]int, len(feedbacks))
	from, to := timeOf(c)
	z.opinions(w, from, to, func(_ *watched, o *opinion) {
		if o != nil && !o.content {
			counts[o.about]++
		}
	})
	var out []*world.Record
	for i, name := range feedbacks {
		id := strconv.Itoa(i + 1)
		out = append(out, w.Loose("ClientFeedback", c.Place, world.Known(id, map[string]any{
			"feedback_id": id, "feedback_name": name, "participants_count": counts[i],
		})))
	}
	return w.ListOf(c, out)
}

func (z *Zoom) listFeedback(w *world.World, c *world.Call) (world.Answer, error) {
	var out []*world.Record
	from, to := timeOf(c)
	z.opinions(w, from, to, func(s *watched, o *opinion) {
		if o == nil || o.content || strconv.Itoa(o.about+1) != c.Owner.ID {
			return
		}
		out = append(out, w.Loose("ClientFeedbackDetail", c.Place, world.Known(strconv.Itoa(len(out)), map[string]any{
			"email": o.email, "participant_name": o.name, "meeting_id": s.of.ID, "time": world.Timestamp(s.ended().Add(time.Minute)),
		})))
	})
	return w.ListOf(c, out)
}

func (z *Zoom) listSatisfaction(w *world.World, c *world.Call) (world.Answer, error) {
	type day struct{ good, not, none int }
	days := map[string]*day{}
	from, to := timeOf(c)
	z.opinions(w, from, to, func(s *watched, o *opinion) {
		date := s.start.Format(time.DateOnly)
		if days[date] == nil {
			days[date] = &day{}
		}
		switch d := days[date]; {
		case o == nil:
			d.none++
		case o.content:
			d.good++
		default:
			d.not++
		}
	})
	var out []*world.Record
	for _, date := range daysOf(from, to) {
		d := days[date]
		if d == nil {
			d = &day{}
		}
		percent := 100.0
		if d.good+d.not > 0 {
			percent = float64(d.good*1000/(d.good+d.not)) / 10
		}
		out = append(out, w.Loose("DailySatisfaction", c.Place, world.Known(date, map[string]any{
			"date": date, "good_count": d.good, "not_good_count": d.not, "none_count": d.none, "satisfaction_percent": percent,
		})))
	}
	return w.ListOf(c, out)
}

// daysOf are the days of a time, in order.
func daysOf(from, to string) []string {
	day, err := time.Parse(time.DateOnly, from)
	var out []string
	for ; err == nil && day.Format(time.DateOnly) <= to; day = day.AddDate(0, 0, 1) {
		out = append(out, day.Format(time.DateOnly))
	}
	return out
}

// listPorts tells of each day until today how many ports room systems used, hour by hour: some in working hours.
func (z *Zoom) listPorts(w *world.World, c *world.Call) (world.Answer, error) {
	var out []*world.Record
	from, to := timeOf(c)
	for _, date := range daysOf(from, min(to, c.Now.UTC().Format(time.DateOnly))) {
		hours := make([]map[string]any, 24)
		for hour := range hours {
			used := 0
			if hour > 6 && hour < 19 {
				used = int(z.source.At("ports", date, strconv.Itoa(hour)) % 9)
			}
			hours[hour] = map[string]any{"hour": time.Date(0, 1, 1, hour, 0, 0, 0, time.UTC).Format("15"), "max_usage": (used + 1) / 2, "total_usage": used}
		}
		out = append(out, w.Loose("CrcDay", c.Place, world.Known(date, map[string]any{"date_time": date, "crc_ports_hour_usage": hours})))
	}
	return w.ListOf(c, out)
}

// listMessages tells of each active user how much they chatted.
func (z *Zoom) listMessages(w *world.World, c *world.Call) (world.Answer, error) {
	var out []*world.Record
	for _, user := range w.All("User") {
		if w.Text(user, "status") != Active {
			continue
		}
		values := map[string]any{"user_id": user.ID, "user_name": w.Text(user, "display_name"), "email": w.Text(user, "email")}
		for _, way := range []string{"send", "receive"} {
			total := 0
			for _, kind := range []string{"group", "calls", "files", "images", "voice", "videos", "emoji"} {
				n := int(z.source.At("messages", user.ID, kind, way) % 40)
				values[kind+"_"+way], total = n, total+n
			}
			values["total_"+way] = total
		}
		out = append(out, w.Loose("ImMetrics", c.Place, world.Known(user.ID, values)))
	}
	return w.ListOf(c, out)
}

func (z *Zoom) roomMetrics(q *world.Quirks) {
	byRoomID := func(w *world.World, _ *world.Call, name string) (*world.Record, error) {
		return z.metricsOfRoom(w, name), nil
	}
	missing := world.Missing{Status: http.StatusNotFound, Code: 300, Text: "Zoom Room does not exist: %s."}
	q.Things["RoomMetrics"] = world.Thing{Seed: nothing, Resolve: byRoomID, Missing: missing}
	q.Things["RoomWithIssues"] = world.Thing{Seed: nothing, Resolve: byRoomID, Missing: missing}
	q.Answers["GET /metrics/zoomrooms"] = z.listRoomMetrics
	q.Answers["GET /metrics/zoomrooms/{zoomroomId}"] = z.readRoom
	q.Answers["GET /metrics/zoomrooms/issues"] = z.listTopIssues
	q.Answers["GET /metrics/issues/zoomrooms"] = z.listRoomsWithIssues
	q.Answers["GET /metrics/issues/zoomrooms/{zoomroomId}"] = z.listRoomIssues
}

// metricsOfRoom is what dashboards know of a room, by the id that rooms have as room_id; nil: there is none.
func (z *Zoom) metricsOfRoom(w *world.World, id string) *world.Record {
	for _, r := range z.metricsOfRooms(w) {
		if r.ID == id {
			return r
		}
	}
	return nil
}

// metricsOfRooms are what dashboards know of all rooms that there are. The Ext of one is its place among those of the start.
func (z *Zoom) metricsOfRooms(w *world.World) []*world.Record {
	var out []*world.Record
	for _, room := range w.All("Room") {
		r := &world.Record{ID: w.Text(room, "room_id"), Ext: room.Ext}
		r.Fill = func() []world.Member { return world.MembersOf(z.roomMetricsValues(w, room)) }
		out = append(out, w.Loose("RoomMetrics", "/metrics/zoomrooms", r))
	}
	return out
}

func (z *Zoom) roomMetricsValues(w *world.World, room *world.Record) map[string]any {
	name, id := w.Text(room, "name"), w.Text(room, "room_id")
	h := z.source.At("room", id)
	status := map[string]string{"InMeeting": "In Meeting", "UnderConstruction": "Under Construction"}[roomStatus(room)]
	values := map[string]any{
		"room_name": name, "calender_name": name + "'s calendar", "email": strings.ToLower(strings.ReplaceAll(name, " ", ".")) + ".room@example.com",
		"account_type": "Google", "status": cmp.Or(status, roomStatus(room)), "health": "Healthy", "issues": []string{},
		"last_start_time": world.Timestamp(z.day().Add(-time.Duration(h%86_400) * time.Second)),
		"location":        "", "location_id": w.Text(room, "location_id"), "device_ip": "Computer : 192.0.2." + strconv.Itoa(int(10+h%240)),
		"camera": "Room camera", "microphone": "Room microphone", "speaker": "Room speaker",
	}
	if at := w.Find("RoomLocation", w.Text(room, "location_id")); at != nil {
		values["location"] = w.Text(at, "name")
	}
	switch {
	case roomStatus(room) == "Offline":
		values["health"], values["issues"] = "Critical", []string{roomIssues[0]}
	case h>>32%3 == 0:
		values["health"], values["issues"] = "Critical", []string{roomIssues[1+h%2]}
	}
	return values
}

func (z *Zoom) listRoomMetrics(w *world.World, c *world.Call) (world.Answer, error) {
	return w.ListOf(c, z.metricsOfRooms(w))
}

// roomIssues are what can be wrong with a Zoom Room.
var roomIssues = []string{"Zoom Room is offline", "Untrusted certificate is detected", "Microphone is disconnected"}

// roomIssue is something that was wrong with a Zoom Room.
type roomIssue struct {
	what string
	at   time.Time
}

// issuesOf are what was wrong with a Zoom Room within a time: something every fourth day.
func (z *Zoom) issuesOf(room *world.Record, from, to string, now time.Time) []roomIssue {
	var out []roomIssue
	for _, date := range daysOf(from, to) {
		h := z.source.At("room issue", room.ID, date)
		day, _ := time.Parse(time.DateOnly, date)
		if at := day.Add(time.Duration(h>>8%86_400) * time.Second); h%4 == 0 && at.Before(now) {
			out = append(out, roomIssue{world.Pick(h>>32, roomIssues...), at})
		}
	}
	return out
}

func (z *Zoom) listRoomsWithIssues(w *world.World, c *world.Call) (world.Answer, error) {
	var out []*world.Record
	from, to := timeOf(c)
	for _, room := range z.metricsOfRooms(w) {
		if n := len(z.issuesOf(room, from, to, c.Now)); n > 0 {
			out = append(out, w.Loose("RoomWithIssues", c.Place, world.Known(room.ID, map[string]any{"room_name": w.Text(room, "room_name"), "issues_count": n})))
		}
	}
	return w.ListOf(c, out)
}

func (z *Zoom) listRoomIssues(w *world.World, c *world.Call) (world.Answer, error) {
	var out []*world.Record
	from, to := timeOf(c)
	for i, issue := range z.issuesOf(c.Owner, from, to, c.Now) {
		out = append(out, w.Loose("RoomIssue", c.Place, world.Known(strconv.Itoa(i), map[string]any{"issue": issue.what, "time": world.Timestamp(issue.at)})))
	}
	return w.ListOf(c, out)
}

func (z *Zoom) listTopIssues(w *world.World, c *world.Call) (world.Answer, error) {
	counts := map[string]int{}
	from, to := timeOf(c)
	for _, room := range z.metricsOfRooms(w) {
		had := map[string]bool{}
		for _, issue := range z.issuesOf(room, from, to, c.Now) {
			had[issue.what] = true
		}
		for what := range had {
			counts[what]++
		}
	}
	names := slices.DeleteFunc(slices.Clone(roomIssues), func(name string) bool { return counts[name] == 0 })
	slices.SortStableFunc(names, func(a, b string) int { return counts[b] - counts[a] })
	var out []*world.Record
	for _, name := range names {
		out = append(out, w.Loose("TopRoomIssue", c.Place, world.Known(name, map[string]any{"issue_name": name, "zoom_rooms_count": counts[name]})))
	}
	return w.ListOf(c, out)
}

// readRoom answers a Zoom Room with the meeting that runs there, and those that were held there: one meeting in three is
// held in a room.
func (z *Zoom) readRoom(w *world.World, c *world.Call) (world.Answer, error) {
	answer, err := w.Do(c)
	if err != nil {
		return answer, err
	}
	place, old := c.Owner.Ext.(int)
	here := func(uuid string) bool {
		return old && z.source.At("held in", uuid)%uint64(3*len(roomNames)) == uint64(place)
	}
	from, to := timeOf(c)
	var past []*world.Record
	for _, s := range z.overIn(w, meetingMetrics, from, to, false) {
		if here(s.uuid) {
			past = append(past, &world.Record{ID: s.uuid, Ext: z.inRoom(w, s)})
		}
	}
	page, head, err := w.Page(c, past)
	if err != nil {
		return answer, err
	}
	rows := []any{}
	for _, r := range page {
		rows = append(rows, r.Ext)
	}
	told, _ := world.Members(world.Edit(answer.Body, []string{"location_id"}, nil)) // which only lists tell
	for _, meeting := range z.live(w) {
		if s := z.running(w, meeting); here(s.uuid) {
			told = append(told, world.Member{Name: "live_meeting", Value: world.Encode(z.inRoom(w, s))})
			break
		}
	}
	head = append(head, world.Member{Name: "from", Value: world.Encode(from)}, world.Member{Name: "to", Value: world.Encode(to)},
		world.Member{Name: "meetings", Value: world.Encode(rows)})
	answer.Body = world.Join(append(told, world.Member{Name: "past_meetings", Value: world.Join(head)}))
	return answer, nil
}

// inRoom is what a room has of a meeting that was held there.
func (z *Zoom) inRoom(w *world.World, s *watched) map[string]any {
	values := z.metricsOf(w, s)
	for _, other := range []string{
		"audio_quality", "video_quality", "screen_share_quality", "avg_jointime_cost", "session_key", "tracking_fields", "has_poll", "has_qa", "has_survey",
		"has_meeting_summary",
	} {
		delete(values, other)
	}
	values["start_time"], values["in_room_participants"] = world.Timestamp(s.start), 1
	return values
}

const phoneCalls = "GET /phone/metrics/call_logs"

func (z *Zoom) calls(q *world.Quirks) {
	q.Things["PhoneCallMetrics"] = world.Thing{
		Seed: z.seedCalls, Missing: world.Missing{Status: http.StatusNotFound, Code: 300, Text: "Call does not exist: %s."},
		Filters: map[string]func(*world.World, *world.Record, string) bool{
			"site_id": func(w *world.World, r *world.Record, site string) bool { return w.Text(r, "caller.site_id") == site },
			"quality_type": func(w *world.World, r *world.Record, kind string) bool {
				return kind == "all" || (w.Text(r, "mos") < "3.5") == (kind == "bad")
			},
		},
	}
	q.Things["PhoneCallQos"] = world.Thing{Shared: []string{"call_id"}}
	q.Answers[phoneCalls] = listCalls
}

// seedCalls makes up calls from one user to the next, one a day and user of the first ten.
func (z *Zoom) seedCalls(w *world.World, _ *world.Record) []*world.Record {
	var out []*world.Record
	for day := range 28 {
		for i := range min(10, z.options.Users-1) {
			h := z.source.At("call", strconv.Itoa(day), strconv.Itoa(i))
			at := z.day().AddDate(0, 0, -day-1).Add(8*time.Hour + time.Duration(h%36_000)*time.Second)
			id := strconv.FormatUint(7_000_000_000_000_000_000+h>>2, 10)
			out = append(out, world.Known(id, map[string]any{
				"direction": "internal", "duration": 20 + h>>20%900, "mos": world.Pick(h>>32, "4.2", "4.1", "3.9", "2.8"),
				"caller": z.partyOf(w, i), "callee": z.partyOf(w, i+1),
			}).Tell("date_time", world.Timestamp(at)))
		}
	}
	slices.SortStableFunc(out, func(a, b *world.Record) int { return slices.Compare(b.Raw("date_time"), a.Raw("date_time")) })
	return out
}

// partyOf is an end of a call: the user at a place of the list.
func (z *Zoom) partyOf(w *world.World, i int) map[string]any {
	h := z.source.At("phone", strconv.Itoa(i))
	return map[string]any{
		"id": z.userID(i), "extension_type": "user", "display_name": w.Text(w.Find("User", z.userID(i)), "display_name"),
		"extension_number": strconv.Itoa(800 + i), "phone_number": "+1 555 01" + world.Digits(h, 2), "site_id": z.source.ID("site", strconv.Itoa(i%2)),
		"codec": "OPUS", "device_type": "MAC_Client", "device_private_ip": "192.0.2." + strconv.Itoa(int(h%250)), "device_public_ip": "203.0.113." + strconv.Itoa(int(h%250)),
		"headset": "Headset", "microphone": "Headset", "isp": "Example Telecom",
	}
}

// listCalls lists calls without who was at their ends: only the call itself tells that.
func listCalls(w *world.World, c *world.Call) (world.Answer, error) {
	var out []*world.Record
	for _, r := range w.All("PhoneCallMetrics") {
		without := &world.Record{ID: r.ID, Fill: func() []world.Member {
			var values []world.Member
			for _, name := range []string{"direction", "duration", "mos", "caller", "callee"} {
				values = append(values, world.Member{Name: name, Value: w.Raw(r, name)})
			}
			for _, end := range []string{"caller", "callee"} {
				for _, name := range []string{"id", "extension_type", "display_name"} {
					values = append(values, world.Member{Name: end + "." + name})
				}
			}
			return values
		}}
		out = append(out, w.Loose("PhoneCallMetrics", r.Place, without.Tell("date_time", w.Text(r, "date_time"))))
	}
	return w.ListOf(c, out)
}
