package graph_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"zoomgraph/client"
	"zoomgraph/internal/sandbox"
)

// watching is a service of a small account on the plan Pro, which may make 10 calls a minute for lists of metrics, and the
// arguments from and to of its last week.
func watching(t *testing.T) (s *service, lastWeek string) {
	t.Helper()
	limits, err := client.PlanLimits(client.PlanPro)
	if err != nil {
		t.Fatal(err)
	}
	budget, err := client.NewBudget(limits, 1, nil)
	if err != nil {
		t.Fatal(err)
	}
	s = setup(t, sandbox.Config{}, func(p *parts) { p.zoom.Users, p.client.Budget, p.graph.Budget = 20, budget, budget })
	return s, days(7, 1)
}

// days are the arguments from and to of the days between two that lie so many days back.
func days(from, to int) string {
	day := func(back int) string { return time.Now().UTC().AddDate(0, 0, -back).Format(time.DateOnly) }
	return fmt.Sprintf("from: %q, to: %q", day(from), day(to))
}

// dataOf reads what stands in an answer's data.
func dataOf[T any](t testing.TB, a *answer) (data T) {
	t.Helper()
	var whole struct{ Data T }
	if err := json.Unmarshal(a.raw, &whole); err != nil {
		t.Fatal(err)
	}
	return whole.Data
}

// within makes sure that a query costs no more than its plan says, by label, and returns its answer with the plan.
func (s *service) within(query string) (a, plan *answer) {
	s.t.Helper()
	plan = s.askWith("X-Zoomgraph-Plan", query, nil)
	s.wantCalls()
	a = s.must(query)
	for label, calls := range a.Extensions.Zoom.Cost.ByLabel {
		if planned := plan.Extensions.Zoom.Plan.ByLabel[label]; planned < calls {
			s.t.Errorf("%s: %d calls of %s, and %d were planned", query, calls, label, planned)
		}
	}
	return a, plan
}

// somebody took part in a meeting, as several reads of its metrics tell.
type somebody struct {
	UserID, UserName, AudioQuality, Health string
	Quality, Comment                       string
	User                                   *struct{ ID string }
	UserQos                                []struct{ AudioInput struct{ AvgLoss string } }
}

type listOfPeople struct{ Nodes []somebody }

func (l listOfPeople) ids() []string {
	var ids []string
	for _, p := range l.Nodes {
		ids = append(ids, p.UserID)
	}
	slices.Sort(ids)
	return ids
}

// Whoever runs the account asks which meetings of the last week sounded bad, who was in them, what was measured, and what
// they said of it.
func TestBadSound(t *testing.T) {
	t.Parallel()
	s, lastWeek := watching(t)
	a, plan := s.within(`{ metricsMeetings(type: PAST, first: 300, ` + lastWeek + `) { totalCount from to nodes { uuid topic audioQuality hasMeetingSummary } } }`)
	type meeting struct {
		UUID, Topic, AudioQuality string
		HasMeetingSummary         *bool
	}
	week := dataOf[struct {
		MetricsMeetings struct {
			TotalCount int
			From, To   string
			Nodes      []meeting
		}
	}](t, a).MetricsMeetings
	calls := s.calls()
	if n := len(week.Nodes); n == 0 || n != week.TotalCount || len(calls) != 1+n || fmt.Sprintf("from: %q, to: %q", week.From, week.To) != lastWeek {
		t.Fatalf("%d of %d meetings from %s to %s, in the calls\n%s", n, week.TotalCount, week.From, week.To, strings.Join(calls, "\n"))
	}
	for _, call := range calls {
		if !strings.Contains(call, "type=past") {
			t.Errorf("what a list of past meetings lacks is read as of one that runs: %s", call)
		}
	}
	if plan.Extensions.Zoom.Plan.ByLabel["RESOURCE_INTENSIVE"] != 1 {
		t.Errorf("a week is one call of the dearest kind: %v", plan.Extensions.Zoom.Plan.ByLabel)
	}
	bad := slices.DeleteFunc(week.Nodes, func(m meeting) bool { return m.AudioQuality != "BAD" })
	if len(bad) == 0 || bad[0].HasMeetingSummary == nil {
		t.Fatalf("no meeting of %d sounded bad, or nothing is known of its summary", week.TotalCount)
	}
	for _, m := range bad {
		s.hearBadSound(m.UUID)
	}
}

// hearBadSound finds out who had bad sound in an instance of a meeting.
func (s *service) hearBadSound(uuid string) {
	s.t.Helper()
	a, _ := s.within(fmt.Sprintf(`{ metricsMeeting(uuid: %q, type: PAST) {
		uuid
		participants(first: 300) { nodes { userId userName audioQuality user { id } } }
		participantsQos(first: 300) { nodes { userId health userQos { audioInput { avgLoss } } } }
		satisfaction(first: 300) { nodes { quality comment user { id } } }
		pastMeeting { participants(first: 300) { nodes { userId } } }
	} }`, uuid))
	m := dataOf[struct {
		MetricsMeeting struct {
			Participants, ParticipantsQos, Satisfaction listOfPeople
			PastMeeting                                 struct{ Participants listOfPeople }
		}
	}](s.t, a).MetricsMeeting
	there := m.Participants.ids()
	if !slices.Equal(there, m.ParticipantsQos.ids()) || !slices.Equal(there, m.PastMeeting.Participants.ids()) {
		s.t.Errorf("%s: who was there is told differently: %s", uuid, a.raw)
	}
	at := pathOf(uuid)
	want := []string{
		"GET /metrics/meetings/" + at + "/participants?page_size=300&type=past",
		"GET /metrics/meetings/" + at + "/participants/satisfaction?page_size=300&type=past",
		"GET /past_meetings/" + at + "/participants?page_size=300",
	}
	if len(there) > 10 { // qos comes ten at a time; the others of these meetings are smaller
		s.t.Fatalf("%d people were there", len(there))
	}
	var gotQos []string
	got := s.calls()
	for _, call := range got {
		if strings.Contains(call, "/participants/qos?") {
			gotQos = append(gotQos, call)
		}
	}
	if rest := slices.DeleteFunc(got, func(call string) bool { return slices.Contains(gotQos, call) }); !slices.Equal(rest, slices.Sorted(slices.Values(want))) || len(gotQos) != 1 {
		s.t.Errorf("%s: calls\n  %s\nwant\n  %s and one for what was measured", uuid, strings.Join(rest, "\n  "), strings.Join(want, "\n  "))
	}

	suffering := slices.DeleteFunc(slices.Clone(m.Participants.Nodes), func(p somebody) bool { return p.AudioQuality != "BAD" })
	if len(suffering) != 1 {
		s.t.Fatalf("%s: %d people had bad sound", uuid, len(suffering))
	}
	who := suffering[0]
	said := slices.ContainsFunc(m.Satisfaction.Nodes, func(p somebody) bool {
		return p.Quality == "NOT_GOOD" && p.Comment != "" && (p.User == nil) == (who.User == nil) && (p.User == nil || p.User.ID == who.User.ID)
	})
	if !said {
		s.t.Errorf("%s had bad sound, and did not say so: %s", who.UserName, a.raw)
	}
	a, _ = s.within(fmt.Sprintf(`{ metricsMeeting(uuid: %q, type: PAST) { participantQos(userId: %q) { userId microphone health issueList userQos { audioInput { avgLoss } } } } }`, uuid, who.UserID))
	s.wantCalls("GET /metrics/meetings/" + at + "/participants/" + who.UserID + "/qos?type=past")
	qos := dataOf[struct {
		MetricsMeeting struct{ ParticipantQos somebody }
	}](s.t, a).MetricsMeeting.ParticipantQos
	listed := slices.IndexFunc(m.ParticipantsQos.Nodes, func(p somebody) bool { return p.UserID == who.UserID })
	if qos.Health != "CRITICAL" || len(qos.UserQos) == 0 || qos.UserQos[0] != m.ParticipantsQos.Nodes[listed].UserQos[0] {
		s.t.Errorf("%s: one participant is told otherwise than in the list: %s", uuid, a.raw)
	}
}

// pathOf is a uuid as the log has it in a path: encoded once, or twice where it begins with a slash or holds two.
func pathOf(uuid string) string {
	escaped := url.PathEscape(uuid)
	if strings.HasPrefix(uuid, "/") || strings.Contains(uuid, "//") {
		return url.PathEscape(escaped)
	}
	return escaped
}

// Metrics of a meeting that runs are asked for with type=live, and so is everything below them.
func TestMetricsOfWhatRuns(t *testing.T) {
	t.Parallel()
	s, _ := watching(t)
	a, _ := s.within(`{ metricsMeetings(first: 1, ` + days(1, 0) + `) { nodes { uuid id duration endTime participants { nodes { userName leaveTime } } meeting { uuid metrics { topic } } } } }`)
	live := dataOf[struct {
		MetricsMeetings struct {
			Nodes []struct {
				UUID, ID, Duration string
				EndTime            *string
				Participants       struct{ Nodes []map[string]*string }
				Meeting            struct {
					UUID    string
					Metrics struct{ Topic string }
				}
			}
		}
	}](t, a).MetricsMeetings.Nodes
	if len(live) != 1 {
		t.Fatalf("no meeting runs: %s", a.raw)
	}
	m := live[0]
	if m.EndTime != nil || m.Duration != "" || len(m.Participants.Nodes) == 0 || m.Meeting.UUID != m.UUID || m.Meeting.Metrics.Topic == "" {
		t.Errorf("a meeting that runs: %s", a.raw)
	}
	for _, call := range s.calls() {
		if strings.Contains(call, "/metrics/") && !strings.Contains(call, "type=live") {
			t.Errorf("what runs is asked for otherwise: %s", call)
		}
	}
	s.wantErrors(s.ask(fmt.Sprintf(`{ metricsMeeting(uuid: %q) { topic } }`, m.ID), nil), "BAD_USER_INPUT at metricsMeeting")
	s.wantCalls()
}

// A list of half a year takes one call a month, and Zoom allows ten such calls a minute: the plan says how long that takes.
func TestPlanOfHalfAYear(t *testing.T) {
	t.Parallel()
	s, _ := watching(t)
	plan := s.askWith("X-Zoomgraph-Plan", `{ metricsMeetings(type: PAST, `+days(170, 0)+`) { nodes { topic participants(first: 300) { nodes { userName } } } } }`, nil).Extensions.Zoom.Plan
	if plan.ByLabel["RESOURCE_INTENSIVE"] != 6 || plan.ByLabel["HEAVY"] != 30 || plan.Seconds < 5*6 {
		t.Errorf("%v calls in %v s, want 6 of metrics, each but the first 6 s after the one before, and 30 of participants", plan.ByLabel, plan.Seconds)
	}
	s.wantCalls()
}

// What dashboards sum up leads on to what it consists of, and that agrees with the sums.
func TestSumsOfDashboards(t *testing.T) {
	t.Parallel()
	s, _ := watching(t)
	month := days(27, 0)
	span := strings.NewReplacer(`from: "`, "from=", `", to: "`, "&to=", `"`, "").Replace(month)
	paged := strings.Replace(span, "&to", "&page_size=300&to", 1)
	for name, test := range map[string]struct {
		query     string
		calls     []string
		sum, rows []any // where the sum stands, and how many rows there are
	}{
		"feedback": {
			`{ list: clientFeedbacks(` + month + `) { from nodes { feedbackId count: participantsCount details(first: 300, ` + month + `) { totalCount nodes { participantName email meetingId } } } } }`,
			[]string{
				"GET /metrics/client/feedback/1?" + paged, "GET /metrics/client/feedback/2?" + paged, "GET /metrics/client/feedback/3?" + paged,
				"GET /metrics/client/feedback?" + span,
			},
			[]any{"list", "nodes", 0, "count"},
			[]any{"list", "nodes", 0, "details", "nodes"},
		},
		"days": {
			`{ list: clientSatisfaction(` + month + `) { totalCount nodes { date goodCount notGoodCount noneCount satisfactionPercent } } }`,
			[]string{"GET /metrics/client/satisfaction?" + span},
			[]any{"list", "totalCount"},
			[]any{"list", "nodes"},
		},
		"ports": {
			`{ list: crcPortUsage(` + month + `) { totalCount nodes { dateTime crcPortsHourUsage { hour maxUsage totalUsage } } } }`,
			[]string{"GET /metrics/crc?" + span},
			[]any{"list", "totalCount"},
			[]any{"list", "nodes"},
		},
		"rooms": {
			`{ list: metricsRooms(first: 1) { nodes { id roomName pastMeetings(first: 300, ` + month + `) { from totalCount nodes { uuid topic } } } } }`,
			[]string{"GET /metrics/zoomrooms/ROOM?" + paged, "GET /metrics/zoomrooms?page_size=1"},
			[]any{"list", "nodes", 0, "pastMeetings", "totalCount"},
			[]any{"list", "nodes", 0, "pastMeetings", "nodes"},
		},
	} {
		a, _ := s.within(test.query)
		calls := s.calls()
		if room, isRoom := a.at("list", "nodes", 0, "id").(string); isRoom {
			for i := range calls {
				calls[i] = strings.ReplaceAll(calls[i], room, "ROOM")
			}
			slices.Sort(calls)
		}
		if !slices.Equal(calls, slices.Sorted(slices.Values(test.calls))) {
			t.Errorf("%s: calls\n  %s\nwant\n  %s", name, strings.Join(calls, "\n  "), strings.Join(test.calls, "\n  "))
		}
		rows, _ := a.at(test.rows...).([]any)
		if sum, _ := a.at(test.sum...).(float64); sum == 0 || int(sum) != len(rows) {
			t.Errorf("%s: the sum is %v, and there are %d rows: %.400s", name, sum, len(rows), a.raw)
		}
	}
}

// Rooms with issues lead to which they were, and together they are the issues of all rooms.
func TestIssuesOfRooms(t *testing.T) {
	t.Parallel()
	s, _ := watching(t)
	month := days(27, 0)
	a, _ := s.within(`{
		roomsWithIssues(` + month + `) { nodes { id issuesCount details(first: 300, ` + month + `) { nodes { issue time } } } }
		topRoomIssues(` + month + `) { nodes { issueName zoomRoomsCount } }
	}`)
	data := dataOf[struct {
		RoomsWithIssues struct {
			Nodes []struct {
				ID          string
				IssuesCount int
				Details     struct{ Nodes []struct{ Issue string } }
			}
		}
		TopRoomIssues struct {
			Nodes []struct {
				IssueName      string
				ZoomRoomsCount int
			}
		}
	}](t, a)
	if calls := s.calls(); len(calls) != 2+len(data.RoomsWithIssues.Nodes) || len(data.RoomsWithIssues.Nodes) == 0 {
		t.Errorf("%d rooms, and calls\n%s", len(data.RoomsWithIssues.Nodes), strings.Join(calls, "\n"))
	}
	want, got := map[string]int{}, map[string]int{}
	for _, room := range data.RoomsWithIssues.Nodes {
		if room.IssuesCount != len(room.Details.Nodes) {
			t.Errorf("room %s has %d issues, and %d are told", room.ID, room.IssuesCount, len(room.Details.Nodes))
		}
		had := map[string]bool{}
		for _, issue := range room.Details.Nodes {
			had[issue.Issue] = true
		}
		for name := range had {
			want[name]++
		}
	}
	for _, issue := range data.TopRoomIssues.Nodes {
		got[issue.IssueName] = issue.ZoomRoomsCount
	}
	if !maps.Equal(want, got) {
		t.Errorf("issues are %v, and those of all rooms %v", got, want)
	}
}

// A list of phone calls does not tell who called whom; each call has to be read for that.
func TestPhoneCalls(t *testing.T) {
	t.Parallel()
	s, lastWeek := watching(t)
	const who = ` caller { displayName extensionNumber user { id } } `
	a, _ := s.within(`{ metricsPhoneCalls(first: 1, qualityType: "bad", ` + lastWeek + `) { nodes { callId mos` + who + `details {` + who + `} qos { callId callerQos { sending { qos { mos } } } } } } }`)
	type party struct {
		DisplayName     *string
		ExtensionNumber string
		User            *struct{ ID string }
	}
	calls := dataOf[struct {
		MetricsPhoneCalls struct {
			Nodes []struct {
				CallID, Mos string
				Caller      party
				Details     struct{ Caller party }
				Qos         struct{ CallID string }
			}
		}
	}](t, a).MetricsPhoneCalls.Nodes
	if len(calls) != 1 {
		t.Fatalf("no bad call: %s", a.raw)
	}
	c := calls[0]
	if c.Caller.User != nil || c.Caller.DisplayName != nil || c.Details.Caller.User == nil || c.Details.Caller.DisplayName == nil ||
		c.Details.Caller.ExtensionNumber != c.Caller.ExtensionNumber || c.Qos.CallID != c.CallID {
		t.Errorf("a call is told differently: %s", a.raw)
	}
	span := strings.NewReplacer(`from: "`, "from=", `", to: "`, "&page_size=1&quality_type=bad&to=", `"`, "").Replace(lastWeek)
	s.wantCalls("GET /phone/metrics/call_logs/"+c.CallID, "GET /phone/metrics/call_logs/"+c.CallID+"/qos", "GET /phone/metrics/call_logs?"+span)
}
