package zoom

import (
	"encoding/base64"
	"encoding/binary"
	"slices"
	"strconv"
	"strings"
	"time"

	"zoomgraph/internal/sandbox/world"
)

// This file implements what meetings and webinars leave behind: who was there, and
// what they answered in polls. Start reading at attend.

// session is a time when a meeting or webinar was held, or is. Chapters keep it as
// the Ext of an instance.
type session struct {
	of         *world.Record // the meeting or webinar
	uuid       string
	host       int // the host's place in the list of users
	start, end time.Time
}

// minutes is how long it took.
func (s *session) minutes() int { return int(s.end.Sub(s.start).Minutes()) }

// attendant is somebody's stay in a session, from one joining to one leaving.
type attendant struct {
	id, name, email string // id and email are empty of guests
	userID          string // in the session
	registrant      string // by which they registered; "" for who did not
	join, leave     time.Time
}

func (a *attendant) seconds() int { return int(a.leave.Sub(a.join).Seconds()) }

// guests are people who are not of the account: their names stand behind those of all users.
const guests = 1200

// attend makes up who was in a session, in the order in which they joined: the host, some
// colleagues, in some sessions guests, and in some of them one who lost the connection and
// joined again.
func (z *Zoom) attend(s *session) []attendant {
	if how := calendarOf(s.of).signUp; how != nil {
		return z.attendWebinar(s, how)
	}
	h := z.source.At("session", s.uuid)
	length := s.end.Sub(s.start)
	var out []attendant
	enter := func(id, name, email string, from, to time.Duration) {
		join, leave := s.start.Add(from.Truncate(time.Second)), s.start.Add(to.Truncate(time.Second))
		out = append(out, attendant{id: id, name: name, email: email, join: join, leave: leave})
	}
	colleague := func(i int, from, to time.Duration) {
		first, last, email := world.NameOf(i)
		enter(z.userID(i), first+" "+last, email, from, to)
	}
	colleague(s.host, 0, length)
	for k := range min(2+int(h%6), z.options.Users-1) {
		late := time.Duration(h>>(4*k)%16) * length / 60
		colleague((s.host+1+k*(1+s.host%3))%z.options.Users, late, length-late/2)
	}
	if h>>32%3 == 0 {
		for k := range 1 + int(h>>40%2) {
			first, last, _ := world.NameOf(guests + int(h>>8+uint64(k))%300)
			enter("", first+" "+last, "", length/10, length-length/20)
		}
	}
	if back := &out[len(out)-1]; h>>44%4 == 0 && length > 0 {
		lost := length * 2 / 3
		enter(back.id, back.name, back.email, lost+time.Minute, back.leave.Sub(s.start))
		out[len(out)-2].leave = s.start.Add(lost.Truncate(time.Second))
	}
	return numbered(out)
}

// numbered are those who were in a session in the order in which they joined, each with the id that they have there.
func numbered(out []attendant) []attendant {
	slices.SortStableFunc(out, func(a, b attendant) int { return a.join.Compare(b.join) })
	for i := range out {
		out[i].userID = strconv.Itoa(16_778_240 + 1024*i)
	}
	return out
}

// attendants adds who took part in instances of meetings and webinars, and what they
// answered in polls. A chapter's instances have a session as their Ext.
func (z *Zoom) attendants(q *world.Quirks) {
	q.Things["PastParticipant"] = world.Thing{Seed: z.seedParticipants}
	q.Things["PollResult"] = world.Thing{Seed: z.seedPollResults}
	q.Things["Poll"] = world.Thing{
		Seed:    z.seedPolls,
		New:     map[string]any{"status": "notstart"},
		Missing: world.Missing{Status: 404, Code: 4400, Text: "Poll does not exist: %s."},
	}
	q.Things["RegistrationQuestions"] = world.Thing{Drawn: map[string]func(*world.World, *world.Record) any{"custom_questions": ownQuestions}}
	q.Things["Registrant"] = world.Thing{
		Seed:     z.seedRegistrants,
		Computed: map[string]func(*world.World, *world.Record) any{"join_url": joinRegistered},
		Filters:  map[string]func(*world.World, *world.Record, string) bool{"tracking_source_id": cameBy},
		Missing:  world.Missing{Status: 404, Code: 404, Text: "Registrant does not exist: %s."},
	}
}

// seedParticipants makes up the participants of an instance.
func (z *Zoom) seedParticipants(_ *world.World, of *world.Record) []*world.Record {
	s, held := of.Ext.(*session)
	if !held {
		return nil
	}
	var out []*world.Record
	for i, a := range z.attend(s) {
		out = append(out, world.Known(strconv.Itoa(i), map[string]any{
			"id": a.id, "name": a.name, "user_id": a.userID, "user_email": a.email, "registrant_id": a.registrant,
			"join_time": world.Timestamp(a.join), "leave_time": world.Timestamp(a.leave), "duration": a.seconds(),
			"failover": false, "status": "in_meeting", "internal_user": a.id != "",
		}))
	}
	return out
}

// seedPolls gives a meeting or webinar two polls.
func (z *Zoom) seedPolls(_ *world.World, of *world.Record) []*world.Record {
	if isNew(of) {
		return nil
	}
	var out []*world.Record
	for i, question := range []map[string]any{
		{"name": "Which of the plans do you prefer?", "type": "single", "answers": []string{"The first", "The second", "Neither"}},
		{"name": "What should we talk about next time?", "type": "multiple", "answers": []string{"Budget", "Hiring", "Design"}},
	} {
		question["answer_required"] = i == 0
		question["show_as_dropdown"] = false
		out = append(out, world.Known(z.source.ID("poll", of.ID, strconv.Itoa(i)), map[string]any{
			"title": world.Pick(uint64(i), "Plans", "Topics"), "anonymous": false, "poll_type": 1, "status": "notstart",
			"questions": []any{question},
		}))
	}
	return out
}

// seedPollResults makes up what each user who was in a session answered, once.
func (z *Zoom) seedPollResults(w *world.World, of *world.Record) []*world.Record {
	s, held := of.Ext.(*session)
	if !held {
		return nil
	}
	polls := z.seedPolls(w, s.of)
	if polls == nil {
		return nil
	}
	asked := s.start.Add(s.end.Sub(s.start) / 2)
	var out []*world.Record
	seen := map[string]bool{}
	for i, a := range z.attend(s) {
		if a.id == "" || seen[a.id] {
			continue
		}
		seen[a.id] = true
		h := z.source.At("poll results", s.uuid, a.id)
		out = append(out, world.Known(strconv.Itoa(i), map[string]any{"email": a.email, "name": a.name, "question_details": []map[string]string{
			answered(polls[0].ID, asked, "Which of the plans do you prefer?", world.Pick(h, "The first", "The second", "Neither")),
			answered(polls[1].ID, asked, "What should we talk about next time?", world.Pick(h>>8, "Budget", "Hiring;Design", "Design")),
		}}))
	}
	return out
}

// answered is an answer in a poll.
func answered(poll string, at time.Time, question, answer string) map[string]string {
	return map[string]string{"polling_id": poll, "date_time": world.Timestamp(at), "question": question, "answer": answer}
}

// seedRegistrants makes up who registered for a meeting or webinar that people have to
// register for: where the host approves them, one waits and one was denied.
func (z *Zoom) seedRegistrants(w *world.World, of *world.Record) []*world.Record {
	if how := calendarOf(of).signUp; how != nil {
		return z.webinarRegistrants(of, how)
	}
	approval := approvalOf(w, of)
	if approval == noRegistration || isNew(of) {
		return nil
	}
	var out []*world.Record
	for i := range 5 {
		h := z.source.At("registrant", of.ID, strconv.Itoa(i))
		first, last, email := world.NameOf(guests + int(h%300))
		status := "approved"
		if approval == manualApproval && i > 2 {
			status = world.Pick(uint64(i), "denied", "pending")
		}
		id := z.source.ID("registrant", of.ID, strconv.Itoa(i))
		out = append(out, world.Known(id, map[string]any{
			"email": email, "first_name": first, "last_name": last, "status": status,
			"create_time": world.Timestamp(z.day().Add(-time.Duration(h%(20*86_400)+3600) * time.Second)),
			"join_url":    "https://example.zoom.us/w/" + of.ID + "?tk=" + id, "org": "Difference Engines", "job_title": "Analyst",
			"address": "", "city": "", "country": "", "zip": "", "state": "", "phone": "", "industry": "", "comments": "",
			"purchasing_time_frame": "", "role_in_purchase_process": "", "no_of_employees": world.Pick(h, "", "1-20", "51-100"),
			"custom_questions": []any{}, "participant_pin_code": 100_000 + h%900_000, "language": "en-US",
		}))
	}
	return out
}

// ownQuestions are those of the host's own: one of several answers is chosen otherwise for webinars than for meetings.
func ownQuestions(_ *world.World, r *world.Record) any {
	kind := "single"
	if strings.HasPrefix(r.Place, "/webinars/") {
		kind = "single_dropdown"
	}
	return []map[string]any{{"title": "How did you hear of us?", "type": kind, "required": false, "answers": []string{"From a friend", "By mail"}}}
}

// How people register.
const (
	autoApproval   = 0
	manualApproval = 1
	noRegistration = 2
)

// day is when today begins.
func (z *Zoom) day() time.Time { return z.options.Now.UTC().Truncate(24 * time.Hour) }

// numberOf makes the number of a meeting or webinar: of 11 digits, or of 10.
func numberOf(h uint64) string {
	if h%5 == 0 {
		return strconv.FormatUint(2_000_000_000+h>>8%7_000_000_000, 10)
	}
	return strconv.FormatUint(80_000_000_000+h>>8%19_000_000_000, 10)
}

// uuidOf makes the uuid of an instance. One in eight begins with a slash, and one in eight
// holds two of them: paths take those encoded twice.
func uuidOf(h uint64) string {
	var b [16]byte
	binary.BigEndian.PutUint64(b[:8], h)
	binary.BigEndian.PutUint64(b[8:], world.Mix(h))
	switch h % 8 {
	case 0:
		b[0] |= 0xfc
	case 1:
		b[3], b[4] = 0xff, b[4]|0xf0
	}
	return base64.StdEncoding.EncodeToString(b[:])
}
