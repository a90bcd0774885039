package graph_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"zoomgraph/internal/sandbox"
)

// autumn is a time that Zoom's reports tell of in three calls, up to the day of [onThatDay].
const autumn = `from: "2026-09-01", to: "2026-11-15"`

// onThatDay lets the sandbox's time be the evening of 15 November 2026.
func onThatDay(p *parts) {
	p.zoom.Now = func() time.Time { return time.Date(2026, time.November, 15, 18, 0, 0, 0, time.UTC) }
}

// inQuarter are the times into which the calls cut it.
var inQuarter = []string{"from=2026-09-01&%sto=2026-09-30", "from=2026-10-01&%sto=2026-10-31", "from=2026-11-01&%sto=2026-11-15"}

// inEach are the calls of one page for each time of the autumn.
func inEach(path, query string) (calls []string) {
	for _, window := range inQuarter {
		calls = append(calls, "GET "+path+"?"+fmt.Sprintf(window, query))
	}
	return calls
}

// into reads what stands in an answer's data at a path.
func into[T any](t *testing.T, a *answer, path ...any) (out T) {
	t.Helper()
	text, err := json.Marshal(a.at(path...))
	if err == nil {
		err = json.Unmarshal(text, &out)
	}
	if err != nil {
		t.Fatalf("%v in %s", err, a.raw)
	}
	return out
}

type reportedMeeting struct {
	UUID, Topic, StartTime          string
	TotalMinutes, ParticipantsCount int
	PastMeeting                     *struct{ UUID string }
}

// From who held meetings in an autumn, and for how many minutes, to who came to one of them: what reports tell agrees with
// the instances, whatever way one comes.
func TestReportsOfMeetings(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{}, onThatDay)
	hosts := s.must(`{ reportHosts(` + autumn + `, type: ACTIVE, first: 1000) { from to nodes { meetings meetingMinutes user { id } } } }`)
	var meetings, minutes int
	for _, h := range into[[]struct {
		Meetings, MeetingMinutes int
		User                     struct{ ID string }
	}](t, hosts, "reportHosts", "nodes") {
		if h.User.ID == s.users[0].ID {
			meetings, minutes = meetings+h.Meetings, minutes+h.MeetingMinutes
		}
	}
	if cost, calls := hosts.Extensions.Zoom.Cost, s.calls(); cost.Requested < len(calls) || cost.ByLabel["HEAVY"] != len(calls) || len(calls) < 3 {
		t.Errorf("priced %d, and %v for the calls %q", cost.Requested, cost.ByLabel, calls)
	}
	if from, to := hosts.at("reportHosts", "from"), hosts.at("reportHosts", "to"); from != "2026-09-01" || to != "2026-11-15" {
		t.Errorf("hosts from %v to %v", from, to)
	}

	a := s.must(`{ user(id: "USER") { reportMeetings(` + autumn + `, first: 200) { from to totalCount nodes { uuid topic totalMinutes participantsCount startTime pastMeeting { uuid } } } } }`)
	s.wantCalls(inEach("/report/users/USER/meetings", "page_size=200&")...)
	all := into[[]reportedMeeting](t, a, "user", "reportMeetings", "nodes")
	if from, to := a.at("user", "reportMeetings", "from"), a.at("user", "reportMeetings", "to"); from != "2026-09-01" || to != "2026-11-15" {
		t.Errorf("meetings from %v to %v", from, to)
	}
	sum := 0
	for _, m := range all {
		sum += m.TotalMinutes
	}
	if len(all) == 0 || len(all) != meetings || sum != minutes || a.at("user", "reportMeetings", "totalCount") != float64(meetings) {
		t.Errorf("%d meetings of %d minutes, and %d of %d as hosts are reported", len(all), sum, meetings, minutes)
	}

	all = slices.DeleteFunc(all, func(m reportedMeeting) bool { return m.PastMeeting == nil }) // webinars
	latest := all[len(all)-1]
	query := `{ pastMeeting(uuid: ` + fmt.Sprintf("%q", latest.UUID) + `) {
		topic totalMinutes participantsCount participants(first: 300) { nodes { userId joinTime } }
		report { uuid topic totalMinutes participantsCount dept host { id } }
		reportParticipants(first: 300) { totalCount nodes { userId joinTime duration user { id } } }
		pollResults { name questionDetails { answer } } reportPolls { name firstName lastName questionDetails { answer } }
	} }`
	a = s.must(query)
	if calls := s.calls(); len(calls) != 7 {
		t.Errorf("%d calls, want one of each, and the host: %q", len(calls), calls)
	}
	report := into[reportedMeeting](t, a, "pastMeeting", "report")
	if past := into[reportedMeeting](t, a, "pastMeeting"); report.TotalMinutes != latest.TotalMinutes || past.TotalMinutes != latest.TotalMinutes ||
		past.ParticipantsCount != report.ParticipantsCount || a.at("pastMeeting", "reportParticipants", "totalCount") != float64(report.ParticipantsCount) {
		t.Errorf("listed %+v, reported %+v, past %+v", latest, report, past)
	}
	if a.at("pastMeeting", "report", "host", "id") != s.users[0].ID {
		t.Errorf("the host is %v", a.at("pastMeeting", "report", "host"))
	}
	came := into[[]struct{ UserID, JoinTime string }](t, a, "pastMeeting", "participants", "nodes")
	seconds := 0
	for i, p := range into[[]struct {
		UserID, JoinTime string
		Duration         int
	}](t, a, "pastMeeting", "reportParticipants", "nodes") {
		seconds += p.Duration
		if p.UserID != came[i].UserID || p.JoinTime != came[i].JoinTime {
			t.Errorf("participant %d is %v, and %v as reported", i, came[i], p)
		}
	}
	if (seconds+59)/60 != report.TotalMinutes {
		t.Errorf("people were there for %d seconds, and %d minutes are reported", seconds, report.TotalMinutes)
	}
	type result struct {
		Name, FirstName, LastName string
		QuestionDetails           []struct{ Answer string }
	}
	results := into[[]result](t, a, "pastMeeting", "pollResults")
	for i, r := range into[[]result](t, a, "pastMeeting", "reportPolls") {
		if strings.TrimSpace(r.FirstName+" "+r.LastName) != r.Name || r.Name != results[i].Name || !slices.Equal(r.QuestionDetails, results[i].QuestionDetails) {
			t.Errorf("%+v answered, and %+v as reported", results[i], r)
		}
	}
}

// Webinars are among what a user hosted. A row of one leads to the webinar, and what is reported of its instances agrees with
// what they say themselves.
func TestReportsOfWebinars(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{}, onThatDay)
	rows := into[[]struct {
		reportedMeeting
		Type             string
		Meeting, Webinar *struct{ ID string }
	}](t, s.must(`{ user(id: "USER") { reportMeetings(`+autumn+`, first: 200) { nodes {
		uuid topic type totalMinutes participantsCount meeting { id } pastMeeting { uuid } webinar { id }
	} } } }`), "user", "reportMeetings", "nodes")
	s.calls()
	seen := 0
	for _, row := range rows {
		isWebinar := strings.Contains(row.Type, "WEBINAR")
		if (row.Webinar != nil) != isWebinar || (row.Meeting != nil) == isWebinar || (row.PastMeeting != nil) == isWebinar {
			t.Errorf("a row leads to the wrong thing: %+v", row)
		}
		if !isWebinar || seen > 0 {
			continue
		}
		a := s.must(`{ webinar(id: "` + row.Webinar.ID + `") { instances { uuid
			participants(first: 300) { nodes { userId joinTime } } pollResults { name } questions { name questionDetails { question answer } }
			report { uuid topic totalMinutes participantsCount host { id } }
			reportParticipants(first: 300) { nodes { userId joinTime } } reportPolls { name }
			reportQuestions { name questionDetails { question answerDetails { content } } }
		} } }`)
		for _, instance := range into[[]struct {
			UUID                             string
			Report                           reportedMeeting
			Participants, ReportParticipants any
			PollResults, ReportPolls         any
			Questions, ReportQuestions       []struct {
				Name            string
				QuestionDetails []struct {
					Question, Answer string
					AnswerDetails    []struct{ Content string }
				}
			}
		}](t, a, "webinar", "instances") {
			if instance.UUID != row.UUID {
				continue
			}
			seen++
			report := instance.Report
			if report.UUID != row.UUID || report.Topic != row.Topic || report.TotalMinutes != row.TotalMinutes || report.ParticipantsCount != row.ParticipantsCount {
				t.Errorf("listed %+v, reported %+v", row, report)
			}
			for what, pair := range map[string][2]any{
				"participants": {instance.Participants, instance.ReportParticipants}, "polls": {instance.PollResults, instance.ReportPolls},
			} {
				if fmt.Sprint(pair[0]) != fmt.Sprint(pair[1]) {
					t.Errorf("%s: %v, reported %v", what, pair[0], pair[1])
				}
			}
			for i, person := range instance.Questions {
				asked, reported := person.QuestionDetails[0], instance.ReportQuestions[i]
				told := reported.QuestionDetails[0]
				if reported.Name != person.Name || told.Question != asked.Question || (asked.Answer != "") != (len(told.AnswerDetails) == 1) ||
					asked.Answer != "" && told.AnswerDetails[0].Content != asked.Answer {
					t.Errorf("asked %+v, reported %+v", person, reported)
				}
			}
		}
	}
	if seen != 1 {
		t.Errorf("%d instances of webinars are among %d rows", seen, len(rows))
	}
}

// Who was in a meeting without being a user has no id, and nobody stands behind it.
func TestReportsOfGuests(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{}, onThatDay)
	a := s.must(`{ users(first: 5) { nodes { reportMeetings(from: "2026-11-01", to: "2026-11-15", first: 5) { nodes { pastMeeting { reportParticipants(first: 20) { nodes { id participantUserId userEmail name user { id } } } } } } } } }`)
	var guests, users int
	for i := range 5 {
		for _, m := range into[[]struct {
			PastMeeting struct {
				ReportParticipants struct {
					Nodes []struct {
						ID, ParticipantUserID, UserEmail *string
						Name                             string
						User                             *struct{ ID string }
					}
				}
			}
		}](t, a, "users", "nodes", i, "reportMeetings", "nodes") {
			for _, p := range m.PastMeeting.ReportParticipants.Nodes {
				switch {
				case p.ID == nil:
					guests++
					if p.User != nil || p.ParticipantUserID != nil || p.Name == "" {
						t.Errorf("a guest is %+v", p)
					}
				case p.User == nil, p.User.ID != *p.ID:
					t.Errorf("a user is %+v", p)
				default:
					users++
				}
			}
		}
	}
	if guests == 0 || users == 0 {
		t.Errorf("%d guests and %d users", guests, users)
	}
}

// A report is read page by page over the months, and nothing is left out or told twice.
func TestReportsInPages(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{}, onThatDay)
	uuids := func(a *answer) (out []string) {
		for _, m := range into[[]reportedMeeting](t, a, "user", "reportMeetings", "nodes") {
			out = append(out, m.UUID)
		}
		return out
	}
	want := uuids(s.must(`{ user(id: "USER") { reportMeetings(` + autumn + `, first: 200) { nodes { uuid } } } }`))
	var got []string
	after := ""
	for range len(want) {
		a := s.must(`{ user(id: "USER") { reportMeetings(` + autumn + `, first: 2` + after + `) { nodes { uuid } pageInfo { hasNextPage endCursor } } } }`)
		got = append(got, uuids(a)...)
		if a.at("user", "reportMeetings", "pageInfo", "hasNextPage") == false {
			break
		}
		after = fmt.Sprintf(", after: %q", a.at("user", "reportMeetings", "pageInfo", "endCursor"))
	}
	if len(want) < 4 || !slices.Equal(got, want) {
		t.Errorf("in pages %q, at once %q", got, want)
	}
}

// What a month's days have is what its hosts have, together.
func TestReportsOfDays(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{}, onThatDay)
	a := s.must(`{ reportDaily(year: 2026, month: 11) { year month dates { date newUsers meetings participants meetingMinutes } } reportHosts(from: "2026-11-01", to: "2026-11-15", first: 1) { totalMeetings totalParticipants totalMeetingMinutes } }`)
	s.wantCalls("GET /report/daily?month=11&year=2026", "GET /report/users?from=2026-11-01&page_size=1&to=2026-11-15")
	days := into[[]struct{ Meetings, Participants, MeetingMinutes float64 }](t, a, "reportDaily", "dates")
	var meetings, participants, minutes float64
	for _, d := range days {
		meetings, participants, minutes = meetings+d.Meetings, participants+d.Participants, minutes+d.MeetingMinutes
	}
	if hosts := a.at("reportHosts"); len(days) != 15 || meetings == 0 ||
		fmt.Sprint(hosts) != fmt.Sprint(map[string]any{"totalMeetings": meetings, "totalParticipants": participants, "totalMeetingMinutes": minutes}) {
		t.Errorf("%d days with %v meetings, %v participants and %v minutes; hosts have %v", len(days), meetings, participants, minutes, hosts)
	}
	s.wantErrors(s.ask(`{ reportDaily(month: 13) { month } }`, nil), "BAD_USER_INPUT at reportDaily")
}

// Reports of the account are walked month by month, and lead to people and meetings.
func TestReportsOfTheAccount(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{}, onThatDay)
	for name, test := range map[string]struct {
		query string
		path  string
		time  string // the field that has to lie in the autumn
		first string // of the calls
		leads []string
	}{
		"signing in": {
			`reportActivities(` + autumn + `, first: 1000) { from to nodes { time email type ipAddress clientType version } }`,
			"/report/activities", "time", "",
			[]string{"email", "ipAddress"},
		},
		"administrators": {
			`reportOperationLogs(` + autumn + `, first: 1000, categoryType: ROLE) { from to nodes { time operator categoryType action operationDetail } }`,
			"/report/operationlogs", "time", "category_type=role&",
			[]string{"operator", "action"},
		},
		"by telephone": {
			`reportTelephone(` + autumn + `, first: 1000) { from to nodes { startTime endTime duration rate total type hostEmail uuid meetingId } }`,
			"/report/telephone", "startTime", "",
			[]string{"uuid", "meetingId", "hostEmail"},
		},
		"space": {
			`reportCloudRecording(` + autumn + `, first: 1000) { from to nodes { date usage planUsage freeUsage } }`,
			"/report/cloud_recording", "date", "",
			[]string{"usage"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := s.must("{ " + test.query + " }")
			field, _, _ := strings.Cut(test.query, "(")
			calls := s.calls()
			for _, call := range calls {
				if !strings.HasPrefix(call, "GET "+test.path+"?"+test.first+"from=2026-") {
					t.Errorf("call %s", call)
				}
			}
			if cost := a.Extensions.Zoom.Cost; len(calls) < 3 || cost.Requested < len(calls) {
				t.Errorf("%d calls for three months, priced at %d", len(calls), cost.Requested)
			}
			from, to := fmt.Sprint(a.at(field, "from")), fmt.Sprint(a.at(field, "to"))
			rows := into[[]map[string]any](t, a, field, "nodes")
			if len(rows) == 0 || !strings.HasPrefix(from, "2026-09-01") || to < "2026-11" {
				t.Errorf("%d rows from %s to %s", len(rows), from, to)
			}
			for _, row := range rows {
				at, _ := row[test.time].(string)
				if at < "2026-09-01" || at > "2026-11-16" {
					t.Errorf("a row of %s", at)
				}
				for _, lead := range test.leads {
					if row[lead] == nil || row[lead] == "" {
						t.Errorf("no %s in %v", lead, row)
					}
				}
			}
		})
	}
}
