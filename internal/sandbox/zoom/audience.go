package zoom

import (
	"strconv"
	"time"

	"zoomgraph/internal/sandbox/world"
)

// This file implements the people of webinars: who registered at the start, who came, who did not, and what they asked. All of
// it follows from the webinar, so it agrees. Start reading at registrations.

// signUp is how people registered for a webinar of the start.
type signUp struct {
	approval int
	until    time.Time // the webinar's first time
}

// contact is somebody around a webinar.
type contact struct{ id, first, last, email string } // id is empty of guests

func (c contact) name() string { return c.first + " " + c.last }

// crowd is the ith of those around a webinar: users, and every third time a guest.
func (z *Zoom) crowd(around string, i int) contact {
	h := z.source.At("crowd", around)
	if i%3 == 2 {
		first, last, email := world.NameOf(guests + int((h+uint64(i))%300))
		return contact{"", first, last, email}
	}
	n := int((h>>8 + uint64(i)) % uint64(z.options.Users))
	first, last, email := world.NameOf(n)
	return contact{z.userID(n), first, last, email}
}

// registration is that of somebody for a webinar of the start.
type registration struct {
	contact
	registrant, status string
	at                 time.Time
}

// registrations are those for a webinar of the start: where the host approves them, one in five waits and one was denied.
func (z *Zoom) registrations(webinar *world.Record, how *signUp) []registration {
	if how.approval == noRegistration {
		return nil
	}
	last := how.until
	if last.After(z.day()) {
		last = z.day()
	}
	out := make([]registration, 14+z.source.At("registrations", webinar.ID)%12)
	for i := range out {
		id := z.source.ID("registrant", webinar.ID, strconv.Itoa(i))
		before := time.Duration(3600+z.source.At("registered", id)%(10*86_400)) * time.Second
		out[i] = registration{z.crowd(webinar.ID, i), id, "approved", last.Add(-before)}
		if how.approval == manualApproval && i%5 > 2 {
			out[i].status = world.Pick(uint64(i%5), "denied", "pending")
		}
	}
	return out
}

// webinarRegistrants makes up who registered for a webinar of the start.
func (z *Zoom) webinarRegistrants(webinar *world.Record, how *signUp) []*world.Record {
	var out []*world.Record
	for _, r := range z.registrations(webinar, how) {
		out = append(out, world.Known(r.registrant, map[string]any{
			"create_time": world.Timestamp(r.at), "org": "Difference Engines", "job_title": "Analyst", "language": "en-US",
			"address": "", "city": "", "country": "", "zip": "", "state": "", "phone": "", "industry": "", "comments": "",
			"purchasing_time_frame": "1-3 months", "role_in_purchase_process": "Influencer", "no_of_employees": "51-100",
			"custom_questions": []any{}, "participant_pin_code": nil,
		}).Tell("status", r.status).Tell("email", r.email).Tell("first_name", r.first).Tell("last_name", r.last))
	}
	return out
}

// joinRegistered is where a registrant of a meeting or webinar joins; nil for who is not approved.
func joinRegistered(w *world.World, r *world.Record) any {
	if w.Text(r, "status") != "approved" {
		return nil
	}
	return link(r.Owner(), "w") + "?tk=" + r.ID
}

// attendWebinar makes up who was in a session of a webinar, host and panelists first: of the approved registrants four in
// five, or else whoever liked. Some leave for a while.
func (z *Zoom) attendWebinar(s *session, how *signUp) []attendant {
	var out []attendant
	enter := func(c contact, registrant string, from, to time.Duration) {
		out = append(out, attendant{
			id: c.id, name: c.name(), email: c.email, registrant: registrant, join: s.start.Add(from), leave: s.start.Add(to),
		})
	}
	length := s.end.Sub(s.start)
	attend := func(c contact, registrant string) {
		h := z.source.At("attends", s.uuid, c.name())
		late, early := time.Duration(h%600)*time.Second, time.Duration(h>>16%300)*time.Second
		if h>>32%6 > 0 {
			enter(c, registrant, late, length-early)
			return
		}
		enter(c, registrant, late, length/2)
		enter(c, registrant, length/2+3*time.Minute, length-early)
	}
	first, last, email := world.NameOf(s.host)
	enter(contact{z.userID(s.host), first, last, email}, "", 0, length)
	for i := range panelists {
		enter(z.panelist(s.of, i), "", 0, length)
	}
	for _, r := range z.registrations(s.of, how) {
		if r.status == "approved" && z.came(s, r.registrant) {
			attend(r.contact, r.registrant)
		}
	}
	if how.approval == noRegistration {
		for i := range 8 + int(z.source.At("walk in", s.uuid)%8) {
			c := z.crowd(s.uuid, i)
			if c.id == "" {
				c.email = "" // nobody asked for it
			}
			attend(c, "")
		}
	}
	return numbered(out)
}

// came tells whether a registrant of the start came to a session.
func (z *Zoom) came(s *session, registrant string) bool {
	return z.source.At("came", s.uuid, registrant)%5 > 0
}

// listAbsentees lists the approved registrants of a webinar who did not come to an instance.
func (z *Zoom) listAbsentees(w *world.World, c *world.Call) (world.Answer, error) {
	instance := webinarInstance(w, c.Vars["WebinarUUID"])
	if instance == nil {
		return world.Answer{}, noWebinar.Refusal(c.Vars["WebinarUUID"])
	}
	s := instance.Ext.(*session)
	var out []*world.Record
	for _, r := range w.Rows(webinarRegistrants, s.of) {
		if w.Text(r, "status") == "approved" && w.Text(r, "create_time") < world.Timestamp(s.start) && !z.came(s, r.ID) {
			out = append(out, r)
		}
	}
	return w.ListOf(c, out)
}

// panelists is how many a webinar of the start has.
const panelists = 3

func (z *Zoom) panelist(webinar *world.Record, i int) contact { return z.crowd("panel "+webinar.ID, i) }

func (z *Zoom) seedPanelists(_ *world.World, of *world.Record) []*world.Record {
	if calendarOf(of).signUp == nil {
		return nil
	}
	var out []*world.Record
	for i := range panelists {
		c, id := z.panelist(of, i), z.source.ID("panelist", of.ID, strconv.Itoa(i))
		out = append(out, world.Known(id, map[string]any{
			"name": c.name(), "email": c.email, "join_url": link(of, "w") + "?tk=" + id,
			"virtual_background_id": z.source.ID("background", of.ID), "name_tag_id": z.source.ID("name tag", id),
			"name_tag_name": c.name(), "name_tag_pronouns": world.Pick(uint64(i), "she/her", "he/him"), "name_tag_description": "Analyst",
		}))
	}
	return out
}

// seedTrackingSources makes two links by which people come to register, where they have to.
func (z *Zoom) seedTrackingSources(_ *world.World, of *world.Record) []*world.Record {
	how := calendarOf(of).signUp
	if how == nil || how.approval == noRegistration {
		return nil
	}
	var out []*world.Record
	for i, name := range []string{"Newsletter", "Partners"} {
		id := z.source.ID("tracking source", of.ID, strconv.Itoa(i))
		out = append(out, world.Known(id, map[string]any{
			"source_name": name, "visitor_count": 30 + z.source.At("visitors", id)%80,
			"tracking_url": "https://example.zoom.us/webinar/register/WN_" + id,
		}))
	}
	return out
}

// registeredBy counts the registrants who came by a tracking source.
func registeredBy(w *world.World, source *world.Record) any {
	count := 0
	for _, r := range w.Rows(webinarRegistrants, source.Owner()) {
		if cameBy(w, r, source.ID) {
			count++
		}
	}
	return count
}

// cameBy tells whether a registrant came by a tracking source: as the body said, or of those of the start one in three by each
// of two.
func cameBy(w *world.World, r *world.Record, source string) bool {
	if said := r.Raw("source_id"); said != nil {
		return string(said) == strconv.Quote(source)
	}
	all := w.Rows(webinarSources, r.Owner())
	n := int(w.Source.At("came by", r.ID) % 3)
	return n < len(all) && all[n].ID == source
}

// seedQuestions makes up what every third of those asked who were in a session of a webinar.
func (z *Zoom) seedQuestions(_ *world.World, of *world.Record) []*world.Record {
	s, held := of.Ext.(*session)
	if !held {
		return nil
	}
	var out []*world.Record
	for i, a := range z.attend(s) {
		if i <= panelists || i%3 > 0 {
			continue
		}
		h := z.source.At("asked", s.uuid, a.name)
		out = append(out, world.Known(strconv.Itoa(i), map[string]any{"name": a.name, "email": a.email, "question_details": []map[string]string{{
			"question": world.Pick(h, "Will there be a recording?", "What does it cost?", "Where can I read more?"),
			"answer":   world.Pick(h>>8, "We will write to you.", "Yes, by tomorrow."),
		}}}))
	}
	return out
}
