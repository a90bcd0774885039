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

// This file implements calls of Zoom Phone. What there is of a call, which is its logs, a recording or a
// voicemail, follows from the user whose call it is, so the ids in one lead to the others. Start reading at telephony and
// dialledBy.

// The lists of numbers and calls.
const (
	phoneNumbers       = "GET /phone/numbers"
	callLogs           = "GET /phone/call_logs"
	userCallLogs       = "GET /phone/users/{userId}/call_logs"
	callRecordings     = "GET /phone/recordings"
	userCallRecordings = "GET /phone/users/{userId}/recordings"
	userVoicemails     = "GET /phone/users/{userId}/voice_mails"
)

// telephony adds numbers, calls and what remains of calls, and trunks.
func (z *Zoom) telephony(q *world.Quirks) {
	if _, known := q.Things["PhoneUser"]; !known {
		q.Things["PhoneUser"] = world.Thing{Stands: "User", Count: world.All}
	}
	z.numbers(q)
	z.callHistory(q)
	z.phoneTrunks(q)
	q.Things["PhoneOperationLog"] = world.Thing{Filters: map[string]func(*world.World, *world.Record, string) bool{
		"category_type": func(w *world.World, r *world.Record, category string) bool {
			return category == "all" || w.Text(r, "category_type") == category
		},
	}}
	q.Answers["GET /phone/reports/operationlogs"] = z.listPhoneOperations
}

// callKind is what became of a call.
type callKind int

const (
	outward     callKind = iota // somebody was called, and it was recorded by hand
	transferred                 // answered and sent on, which makes two logs, and recorded by itself
	voicemailed                 // nobody answered, and the caller spoke to the voicemail
	missed                      // nobody answered
	between                     // from one user to another, as metrics know it
)

// dialled is a call of a user of Zoom Phone.
type dialled struct {
	h       uint64
	id      string // that all its logs have
	kind    callKind
	inbound bool
	at      time.Time
	seconds int
	other   string // the name at the other end
	number  string // and the number
}

// ended is when it was over.
func (d *dialled) ended() time.Time { return d.at.Add(time.Duration(12+d.seconds) * time.Second) }

// log is the id of its first log, or of the second.
func (d *dialled) log(i uint64) string { return dashed(world.Mix(d.h + i)) }

// recording is the id of its recording, "" for none.
func (d *dialled) recording() string {
	if d.kind != outward && d.kind != transferred {
		return ""
	}
	return hexOf(world.Mix(d.h ^ 0x5ec))
}

// hexOf is an id of 32 hex digits.
func hexOf(h uint64) string { return strings.ReplaceAll(dashed(h), "-", "") }

// recordedAs is how recordings come to be.
func (d *dialled) recordedAs() string {
	if d.kind == outward {
		return "OnDemand"
	}
	return "Automatic"
}

// dialledBy are the calls of a user of Zoom Phone, the newest first: eight to others in forty days, and those to other
// users that metrics know. None goes past midnight.
func (z *Zoom) dialledBy(w *world.World, user *world.Record) []*dialled {
	var calls []*dialled
	for i := range 8 {
		h := z.source.At("dialled", user.ID, strconv.Itoa(i))
		day := z.day().AddDate(0, 0, -1-5*i)
		first, last, _ := world.NameOf(int(h % 1600))
		calls = append(calls, &dialled{
			h: h, id: strconv.FormatUint(6_000_000_000_000_000_000+h>>4, 10), kind: callKind(i % 4), inbound: i%4 > 0,
			at: day.Add(9*time.Hour + time.Duration(h>>8%40_000)*time.Second), seconds: int(20 + h>>30%900),
			other: first + " " + last, number: "+1 555 01" + world.Digits(h, 2),
		})
	}
	if z.isAmong(user.ID, 11) { // metrics know of calls of the first ones
		for _, r := range w.All("PhoneCallMetrics") {
			for _, end := range [][2]string{{"caller", "callee"}, {"callee", "caller"}} {
				if w.Text(r, end[0]+".id") != user.ID {
					continue
				}
				seconds, _ := strconv.Atoi(w.Text(r, "duration"))
				calls = append(calls, &dialled{
					h: z.source.At("dialled", user.ID, r.ID), id: r.ID, kind: between, inbound: end[0] == "callee", at: momentIn(w, r, "date_time"),
					seconds: seconds, other: w.Text(r, end[1]+".display_name"), number: w.Text(r, end[1]+".extension_number"),
				})
			}
		}
	}
	slices.SortStableFunc(calls, func(a, b *dialled) int { return b.at.Compare(a.at) })
	return calls
}

// isAmong tells whether a user is one of the first so many.
func (z *Zoom) isAmong(id string, n int) bool {
	for i := range min(n, z.options.Users) {
		if z.userID(i) == id {
			return true
		}
	}
	return false
}

func (z *Zoom) callHistory(q *world.Quirks) {
	anySpelling := func(w *world.World, r *world.Record, number string) bool {
		return w.Text(r, "caller_number") == number || w.Text(r, "callee_number") == number
	}
	all := func(*world.World, *world.Record, string) bool { return true }
	q.Things["PhoneCallLog"] = world.Thing{
		Seed: z.seedCallLogs,
		Filters: map[string]func(*world.World, *world.Record, string) bool{
			"type": func(w *world.World, r *world.Record, kind string) bool {
				return kind == "all" || w.Text(r, "result") == "Voicemail" || w.Text(r, "result") == "No Answer"
			},
			"site_id": ofSite, "phone_number": anySpelling, "time_type": all,
			"charged_call_logs": func(w *world.World, r *world.Record, charged string) bool {
				return charged != "true" || w.Text(r, "charge") != ""
			},
		},
		Missing: world.Missing{Status: http.StatusNotFound, Code: 404, Text: "Call log does not exist: %s."},
	}
	q.Things["PhoneRecording"] = world.Thing{
		Seed:  z.seedPhoneRecordings,
		Drawn: map[string]func(*world.World, *world.Record) any{"meeting_uuid": z.becameMeeting},
		Filters: map[string]func(*world.World, *world.Record, string) bool{
			"owner_type": func(_ *world.World, r *world.Record, kind string) bool {
				return kind == "all" || ofQueue(r) == (kind == "callQueue")
			},
			"recording_type": func(w *world.World, r *world.Record, kind string) bool {
				return strings.EqualFold(kind, "all") || strings.EqualFold(kind, w.Text(r, "recording_type"))
			},
			"site_id": ofSite, "query_date_type": all,
			"group_id": func(w *world.World, r *world.Record, group string) bool {
				user := w.Find("User", textIn(w.Raw(r, "owner"), "id"))
				return user != nil && slices.Contains(w.Texts(user, "group_ids"), group)
			},
		},
	}
	q.Things["PhoneVoicemail"] = world.Thing{
		Seed: z.seedVoicemails,
		Filters: map[string]func(*world.World, *world.Record, string) bool{
			"status": func(w *world.World, r *world.Record, status string) bool {
				return status == "all" || w.Text(r, "status") == status
			},
			"trash": func(_ *world.World, _ *world.Record, trash string) bool { return trash != "true" }, // it is empty
		},
		Missing: world.Missing{Status: http.StatusNotFound, Code: 404, Text: "Voicemail does not exist: %s."},
	}
	q.Defaults[userVoicemails] = url.Values{"status": {"all"}}
	day := func(now time.Time) time.Time { return now.AddDate(0, 0, -1) }
	month := func(now time.Time) time.Time { return now.AddDate(0, 0, -30) }
	q.Answers[callLogs] = z.tellCalls("PhoneCallLog", day, "accepted_by", "forwarded_by", "forwarded_to", "outgoing_by")
	q.Answers[userCallLogs] = z.tellCalls("PhoneCallLog", month, "owner", "call_type", "recording_id", "device_private_ip", "device_public_ip", "callee_location")
	q.Answers[callRecordings] = z.tellCalls("PhoneRecording", month, "call_history_id")
	q.Answers[userCallRecordings] = z.tellCalls("PhoneRecording", month, "owner", "site", "recording_type", "end_time", "disclaimer_status", "auto_delete_policy", "auto_delete_enable")
	q.Answers[userVoicemails] = z.tellCalls("PhoneVoicemail", month)
	if metrics, known := q.Things["PhoneCallMetrics"]; known {
		metrics.Resolve = z.resolveCall
		q.Things["PhoneCallMetrics"] = metrics
	}
}

// tellCalls answers a list of what remains of calls, the newest first: of one user, or of all. Without from it is that of
// some time until its end. It lacks some fields.
func (z *Zoom) tellCalls(kind string, since func(time.Time) time.Time, lacks ...string) operation {
	return func(w *world.World, c *world.Call) (world.Answer, error) {
		if c.Values.Get("from") == "" {
			end := c.Now
			if to, err := time.Parse(time.DateOnly, c.Values.Get("to")); err == nil {
				end = to
			}
			from := since(end)
			if first := c.Op.Window.First(end); from.Before(first) { // after a short month
				from = first
			}
			c.Values.Set("from", from.UTC().Format(time.DateOnly))
		}
		var rows []*world.Record
		if c.Owner != nil {
			rows = w.Rows(c.Op.Op, c.Owner)
		} else {
			rows = slices.Clone(w.All(kind))
			slices.SortStableFunc(rows, func(a, b *world.Record) int { return strings.Compare(w.Text(b, "date_time"), w.Text(a, "date_time")) })
		}
		answer, err := w.ListOf(c, rows)
		if err == nil {
			answer.Body = eachRow(answer.Body, func(row []world.Member) []world.Member {
				return slices.DeleteFunc(row, func(m world.Member) bool { return slices.Contains(lacks, m.Name) })
			})
		}
		return answer, err
	}
}

// eachRow changes the rows of a list's answer.
func eachRow(body []byte, to func(row []world.Member) []world.Member) []byte {
	answer, _ := world.Members(body)
	for i, m := range answer {
		var rows []json.RawMessage
		if len(m.Value) == 0 || m.Value[0] != '[' || json.Unmarshal(m.Value, &rows) != nil {
			continue
		}
		for j, row := range rows {
			if fields, isObject := world.Members(row); isObject {
				rows[j] = world.Join(to(fields))
			}
		}
		answer[i].Value = world.Encode(rows)
	}
	return world.Join(answer)
}

// resolveCall finds the metrics of a call: of calls to others there are some as well, which no list has.
func (z *Zoom) resolveCall(w *world.World, _ *world.Call, id string) (*world.Record, error) {
	if r := w.Find("PhoneCallMetrics", id); r != nil {
		return r, nil
	}
	for _, log := range w.First("PhoneCallLog") {
		if w.Text(log, "call_id") != id {
			continue
		}
		end := func(name string) map[string]any {
			return map[string]any{"display_name": w.Text(log, name+"_name"), "phone_number": w.Text(log, name+"_number"), "codec": "OPUS"}
		}
		return w.Loose("PhoneCallMetrics", "/phone/metrics/call_logs", world.Known(id, map[string]any{
			"direction": w.Text(log, "direction"), "duration": w.Raw(log, "duration"), "mos": "4.1", "caller": end("caller"), "callee": end("callee"),
			"date_time": w.Text(log, "date_time"),
		})), nil
	}
	return nil, nil //nolint:nilnil // as Resolve says that there is none
}

// userSite is the site of a user of Zoom Phone, nil for none.
func (z *Zoom) userSite(w *world.World, user *world.Record) any {
	if id := w.Text(user, "site_id"); id != "" && w.Find("PhoneSite", id) != nil {
		return map[string]any{"id": id}
	}
	if sites := w.First("PhoneSite"); len(sites) > 0 {
		return map[string]any{"id": sites[z.source.At("site of", user.ID)%uint64(len(sites))].ID}
	}
	return nil
}

// ends says who called whom: the user, at an extension, and somebody else.
func (d *dialled) ends(w *world.World, user *world.Record) map[string]any {
	own, other := "caller", "callee"
	if d.inbound {
		own, other = other, own
	}
	extension := cmp.Or(w.Text(user, "extension_number"), "801")
	values := map[string]any{
		own + "_name": extensionName(w, user), own + "_number": extension, own + "_number_type": 1,
		other + "_name": d.other, other + "_number": d.number, other + "_number_type": 2,
		"direction": "outbound", "call_id": d.id, "date_time": world.Timestamp(d.at), "duration": d.seconds,
	}
	if d.inbound {
		values["direction"] = "inbound"
	}
	if d.kind == between {
		values[other+"_number_type"] = 1
	}
	return values
}

// seedCallLogs makes up what a user's phone knows of calls.
func (z *Zoom) seedCallLogs(w *world.World, user *world.Record) []*world.Record {
	var out []*world.Record
	add := func(d *dialled, i uint64) {
		r := &world.Record{ID: d.log(i)}
		r.Fill = func() []world.Member { return world.MembersOf(z.logValues(w, user, d, i)) }
		out = append(out, r.Tell("date_time", world.Timestamp(d.at)).Tell("call_id", d.id))
	}
	for _, d := range z.dialledBy(w, user) {
		if d.kind == transferred {
			add(d, 1)
		}
		add(d, 0)
	}
	return out
}

func (z *Zoom) logValues(w *world.World, user *world.Record, d *dialled, second uint64) map[string]any {
	values := d.ends(w, user)
	name, number := extensionName(w, user), cmp.Or(w.Text(user, "extension_number"), "801")
	point := map[string]any{"name": name, "extension_number": number, "number_type": 1, "phone_number": "+1 555 0100", "location": "Lyme Regis"}
	sent := map[string]any{"extension_type": "user"}
	for field, value := range point {
		sent[field] = value
	}
	for _, end := range []string{"caller", "callee"} {
		values[end+"_number_source"], values[end+"_did_number"] = "internal", "+1 555 0100"
		values[end+"_country_code"], values[end+"_country_iso_code"] = "1", "US"
	}
	for field, value := range map[string]any{
		"user_id": user.ID, "owner": extensionOf(w, "user", user), "site": z.userSite(w, user), "call_type": "pstn", "path": "pstn",
		"result": "Call connected", "answer_start_time": world.Timestamp(d.at.Add(12 * time.Second)), "call_end_time": world.Timestamp(d.ended()),
		"waiting_time": 12, "hold_time": d.h % 30, "charge": "", "rate": "", "client_code": "", "department": "", "cost_center": "",
		"caller_billing_reference_id": nil, "device_private_ip": "192.0.2." + strconv.Itoa(int(d.h%250)),
		"device_public_ip": "203.0.113." + strconv.Itoa(int(d.h%250)), "callee_location": nil, "recording_id": nil, "recording_type": nil,
		"has_recording": false, "has_voicemail": d.kind == voicemailed, "accepted_by": nil, "forwarded_by": nil, "forwarded_to": nil, "outgoing_by": nil,
	} {
		values[field] = value
	}
	switch d.kind {
	case outward:
		values["callee_number_source"], values["callee_location"] = "external", "Texas"
		values["charge"], values["rate"], values["client_code"], values["outgoing_by"] = "$0.0255", "$0.0255", "1811", point
		values["department"], values["cost_center"], values["caller_billing_reference_id"] = "Fossils", "Dorset", world.IDOf(d.h)
	case transferred:
		values["caller_number_source"] = "external"
		if values["path"], values["forwarded_to"] = "autoReceptionist", point; second == 1 {
			values["path"], values["forwarded_to"], values["forwarded_by"], values["accepted_by"] = "transfer", nil, sent, point
		}
	case voicemailed, missed:
		values["caller_number_source"], values["result"], values["path"] = "external", "No Answer", "extension"
		values["answer_start_time"], values["duration"], values["waiting_time"] = nil, 0, 25
		if d.kind == voicemailed {
			values["result"], values["path"] = "Voicemail", "voiceMail"
		}
	case between:
		values["call_type"], values["path"] = "voip", "extension"
	}
	if id := d.recording(); id != "" && second == 0 {
		values["recording_id"], values["recording_type"], values["has_recording"], values["result"] = id, d.recordedAs(), true, "Auto Recorded"
	}
	return values
}

// ofQueue tells call queues, and what they recorded, from users.
func ofQueue(r *world.Record) bool { return strings.HasPrefix(r.Place, "/phone/call_queues") }

// seedPhoneRecordings makes up what was recorded of a user's calls, and of those of a queue.
func (z *Zoom) seedPhoneRecordings(w *world.World, owner *world.Record) []*world.Record {
	if ofQueue(owner) {
		return z.seedQueueRecordings(w, owner)
	}
	var out []*world.Record
	for _, d := range z.dialledBy(w, owner) {
		if d.recording() == "" {
			continue
		}
		r := &world.Record{ID: d.recording(), Ext: d}
		r.Fill = func() []world.Member { return world.MembersOf(z.phoneRecordingValues(w, owner, d)) }
		out = append(out, r.Tell("date_time", world.Timestamp(d.at)).Tell("call_id", d.id))
	}
	return out
}

func (z *Zoom) phoneRecordingValues(w *world.World, user *world.Record, d *dialled) map[string]any {
	values := d.ends(w, user)
	point := map[string]any{"name": extensionName(w, user), "extension_number": cmp.Or(w.Text(user, "extension_number"), "801")}
	for field, value := range map[string]any{
		"call_log_id": d.log(0), "call_history_id": dashed(world.Mix(d.h + 7)), "call_element_id": dashed(world.Mix(d.h + 8)),
		"end_time": world.Timestamp(d.ended()), "recording_type": d.recordedAs(), "owner": extensionOf(w, "user", user), "site": z.userSite(w, user),
		"disclaimer_status": d.h % 3, "auto_delete_enable": d.h%2 == 0, "auto_delete_policy": "Deleted after 90 days",
		"download_url": z.source.FileAt(d.recording() + ".mp3"), "transcript_download_url": z.source.FileAt(d.recording() + ".vtt"),
		"caller_account_code": "", "callee_account_code": "", "outgoing_by": nil, "accepted_by": nil,
	} {
		values[field] = value
	}
	if d.kind == outward {
		values["outgoing_by"], values["caller_account_code"], values["callee_account_code"] = point, "111", "222"
	} else {
		values["accepted_by"] = point
	}
	return values
}

// becameMeeting is the uuid of a meeting that a recorded call went on as, nil for none.
func (z *Zoom) becameMeeting(w *world.World, r *world.Record) any {
	d, ofUser := r.Ext.(*dialled)
	if !ofUser || d.kind != outward {
		return nil
	}
	host := w.Find("User", r.Owner().ID)
	if host == nil {
		return nil
	}
	for _, meeting := range w.Rows(userMeetings, host) {
		for _, s := range calendarOf(meeting).held {
			return s.uuid
		}
	}
	return nil
}

// seedQueueRecordings makes up three recorded calls that a queue took.
func (z *Zoom) seedQueueRecordings(w *world.World, queue *world.Record) []*world.Record {
	var out []*world.Record
	for i := range 3 {
		h := z.source.At("queue recording", queue.ID, strconv.Itoa(i))
		at := z.day().AddDate(0, 0, -1-6*i).Add(9*time.Hour + time.Duration(h%30_000)*time.Second)
		first, last, _ := world.NameOf(int(h % 1600))
		id, seconds := hexOf(h), int(30+h>>16%600)
		out = append(out, world.Known(id, map[string]any{
			"caller_name": first + " " + last, "caller_number": "+1 555 01" + world.Digits(h, 2), "caller_number_type": 2,
			"callee_name": w.Text(queue, "name"), "callee_number": cmp.Or(w.Text(queue, "extension_number"), "810"), "callee_number_type": 1,
			"direction": "inbound", "duration": seconds, "end_time": world.Timestamp(at.Add(time.Duration(seconds) * time.Second)),
			"recording_type": "Automatic", "owner": extensionOf(w, "callQueue", queue), "site": w.Raw(queue, "site"),
			"disclaimer_status": 1, "auto_delete_enable": false, "auto_delete_policy": nil, "call_id": nil, "call_log_id": nil,
			"call_history_id": nil, "call_element_id": dashed(world.Mix(h)), "caller_account_code": "", "callee_account_code": "",
			"download_url": z.source.FileAt(id + ".mp3"), "transcript_download_url": z.source.FileAt(id + ".vtt"), "outgoing_by": nil, "accepted_by": nil,
		}).Tell("date_time", world.Timestamp(at)))
	}
	return out
}

// heard tells whether a user heard a voicemail: all but those of the last three weeks.
func (z *Zoom) heard(d *dialled) string {
	if d.at.Before(z.day().AddDate(0, 0, -21)) {
		return "read"
	}
	return "unread"
}

// seedVoicemails makes up what people said to a user's voicemail.
func (z *Zoom) seedVoicemails(w *world.World, user *world.Record) []*world.Record {
	var out []*world.Record
	for _, d := range z.dialledBy(w, user) {
		if d.kind != voicemailed {
			continue
		}
		id := hexOf(world.Mix(d.h ^ 0xba11))
		r := &world.Record{ID: id}
		r.Fill = func() []world.Member {
			values := d.ends(w, user)
			for field, value := range map[string]any{
				"call_log_id": d.log(0), "call_history_id": dashed(world.Mix(d.h + 7)), "call_element_id": dashed(world.Mix(d.h + 8)),
				"status": z.heard(d), "download_url": z.source.FileAt(id + ".mp3"), "duration": 5 + d.h%50,
				"caller_account_code": "111", "callee_account_code": "222",
			} {
				values[field] = value
			}
			return world.MembersOf(values)
		}
		out = append(out, r.Tell("date_time", world.Timestamp(d.at)).Tell("call_id", d.id))
	}
	return out
}
