package graph_test

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"zoomgraph/graph/window"
	"zoomgraph/internal/sandbox"
)

func withUsers(n int) option { return func(p *parts) { p.zoom.Users = n } }

// fetch gets a file of this service, or a part of it.
func (s *service) fetch(url, part string) (status int, header http.Header, body string) {
	s.t.Helper()
	req, err := http.NewRequestWithContext(s.t.Context(), http.MethodGet, strings.TrimSuffix(s.url, "/graphql")+url, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	if part != "" {
		req.Header.Set("Range", part)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return res.StatusCode, res.Header, string(text)
}

// thisQuarter is the last 92 days.
func thisQuarter() (from, to string) {
	now := time.Now().UTC()
	return now.AddDate(0, 0, -91).Format(time.DateOnly), now.Format(time.DateOnly)
}

// recorded are a user's recordings of the quarter, as the list has them.
func (s *service) recorded(user string) (done, processing []map[string]any) {
	s.t.Helper()
	from, to := thisQuarter()
	a := s.must(fmt.Sprintf(`{ user(id: %q) { recordings(first: 100, from: %q, to: %q) { nodes {
		uuid id type startTime recordingFiles { id status recordingEnd fileType fileExtension recordingType fileSize downloadUrl url }
	} } } }`, user, from, to))
	for _, node := range a.at("user", "recordings", "nodes").([]any) {
		r := node.(map[string]any)
		if r["recordingFiles"].([]any)[0].(map[string]any)["status"] == "PROCESSING" {
			processing = append(processing, r)
		} else {
			done = append(done, r)
		}
	}
	s.calls()
	return done, processing
}

// isTwice tells of a uuid that paths take encoded twice.
func isTwice(uuid string) bool { return strings.Contains(uuid, "//") || strings.HasPrefix(uuid, "/") }

// one is a recording whose uuid stands in paths as it is.
func (s *service) one(user string) map[string]any {
	s.t.Helper()
	done, _ := s.recorded(user)
	i := slices.IndexFunc(done, func(r map[string]any) bool { return !strings.Contains(r["uuid"].(string), "/") })
	if i < 0 {
		s.t.Fatalf("%s has no such recording", user)
	}
	return done[i]
}

// A person's way through the recordings: whose there are this quarter, one of them, a file of it, who may watch it, the
// trash and back.
func TestRecordings(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{}, withUsers(12))
	from, to := thisQuarter()

	// Whose recordings are there? A call a month, and one for each host.
	a := s.must(fmt.Sprintf(`{ account(id: "me") { recordings(first: 300, from: %q, to: %q) { totalCount from to nodes { uuid topic startTime host { id email } } } } }`, from, to))
	months, err := window.Cut(from, to, window.Limit{Of: "month"}, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	hosts, nodes := map[string]bool{}, a.at("account", "recordings", "nodes").([]any)
	for _, node := range nodes {
		host := node.(map[string]any)["host"].(map[string]any)["id"].(string)
		hosts["GET /users/"+strings.ReplaceAll(host, s.users[0].ID, "USER")] = true
	}
	calls := s.calls()
	if got := len(calls) - len(hosts); got != len(months) || len(months) < 3 || len(hosts) < 8 {
		t.Errorf("%d calls for %d months and %d hosts: %q", len(calls), len(months), len(hosts), calls)
	}
	if total := a.at("account", "recordings", "totalCount"); total != float64(len(nodes)) || a.at("account", "recordings", "from") != from || a.at("account", "recordings", "to") != to {
		t.Errorf("%v of %d from %v to %v", total, len(nodes), a.at("account", "recordings", "from"), a.at("account", "recordings", "to"))
	}
	for host := range hosts {
		if !slices.Contains(calls, host) {
			t.Errorf("no call %s in %q", host, calls)
		}
	}

	// Open one. Its files' URLs cost nothing until somebody fetches them.
	one := s.one(s.users[0].ID)
	uuid := one["uuid"].(string)
	path := "GET /meetings/" + uuid + "/recordings"
	a = s.must(fmt.Sprintf(`{ cloudRecording(uuid: %q) {
		topic password recordingFiles { id fileType fileExtension url } host { id } meeting { id } webinar { id } pastMeeting { uuid duration }
		settings { password viewerDownload }
	} }`, uuid))
	s.wantCalls(path, path+"/settings", "GET /past_meetings/"+uuid)
	if host := a.at("cloudRecording", "host", "id"); host != s.users[0].ID || a.at("cloudRecording", "webinar") != nil || a.at("cloudRecording", "meeting", "id") != one["id"] {
		t.Errorf("links %s", a.raw)
	}
	if password := a.at("cloudRecording", "password"); password != a.at("cloudRecording", "settings", "password") || password == nil {
		t.Errorf("passwords %s", a.raw)
	}

	// Fetch one, whole and in part: a call each, by its address at Zoom, which nobody sees.
	url := a.at("cloudRecording", "recordingFiles", 0, "url").(string)
	status, header, film := s.fetch(url, "")
	if status != http.StatusOK || header.Get("Content-Type") != "video/mp4" || !strings.HasPrefix(film[4:], "ftyp") || !strings.Contains(header.Get("Content-Disposition"), ".mp4") {
		t.Errorf("a file is answered %d %v", status, header)
	}
	if status, header, part := s.fetch(url, "bytes=4-7"); status != http.StatusPartialContent || part != "ftyp" {
		t.Errorf("a part is answered %d %v %q", status, header, part)
	}
	if calls := s.calls(); len(calls) != 2 || !strings.HasPrefix(calls[0], "GET /rec/download/") || strings.Contains(calls[0], "access_token") {
		t.Errorf("calls %q", calls)
	}

	// Only people of the account may watch it from now on, and with another password.
	a = s.must(fmt.Sprintf(`mutation { updateRecordingSettings(uuid: %q, input: {shareRecording: INTERNALLY, viewerDownload: false, password: "Analytical-1"}) {
		recording { uuid password settings { shareRecording viewerDownload password } }
	} }`, uuid))
	s.wantCalls("PATCH /meetings/"+uuid+"/recordings/settings", path, path+"/settings")
	if got := fmt.Sprint(a.at("updateRecordingSettings", "recording", "settings")); got != "map[password:Analytical-1 shareRecording:INTERNALLY viewerDownload:false]" ||
		a.at("updateRecordingSettings", "recording", "password") != "Analytical-1" {
		t.Errorf("the settings are %s", a.raw)
	}

	// To the trash: it is not read any more, and the trash has it.
	s.must(fmt.Sprintf(`mutation { deleteCloudRecording(uuid: %q) { recording { uuid } } }`, uuid))
	s.wantCalls("DELETE /meetings/" + uuid + "/recordings")
	a = s.ask(fmt.Sprintf(`{ cloudRecording(uuid: %q) { topic } }`, uuid), nil)
	s.wantErrors(a, "NOT_FOUND at cloudRecording.topic")
	s.wantCalls(path)
	trash := `{ user(id: "USER") { recordings(trash: true) { nodes { uuid recordingFiles { id deletedTime } } } } }`
	a = s.must(trash)
	s.wantCalls("GET /users/USER/recordings?page_size=30&trash=true")
	if a.at("user", "recordings", "nodes", 0, "uuid") != uuid || a.at("user", "recordings", "nodes", 0, "recordingFiles", 0, "deletedTime") == nil {
		t.Errorf("the trash has %s", a.raw)
	}

	// And back.
	a = s.must(fmt.Sprintf(`mutation { recoverCloudRecording(uuid: %q) { recording { recordingFiles { id deletedTime } } } }`, uuid))
	s.wantCalls("PUT /meetings/"+uuid+"/recordings/status", path)
	if files := a.at("recoverCloudRecording", "recording", "recordingFiles").([]any); len(files) != len(one["recordingFiles"].([]any)) {
		t.Errorf("back are %v", files)
	}
	if a = s.must(trash); len(a.at("user", "recordings", "nodes").([]any)) > 0 {
		t.Errorf("the trash still has %s", a.raw)
	}
}

// A single file goes to the trash and comes back, and one that is deleted for good does not.
func TestRecordingFiles(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{}, withUsers(12))
	one := s.one(s.users[0].ID)
	uuid, file := one["uuid"].(string), one["recordingFiles"].([]any)[1].(map[string]any)["id"].(string)
	path := "/meetings/" + uuid + "/recordings"
	all := len(one["recordingFiles"].([]any))
	for _, step := range []struct {
		query, call string
		left        int
	}{
		{`deleteRecordingFile(uuid: "UUID", recordingId: "FILE")`, "DELETE " + path + "/" + file, all - 1},
		{`recoverRecordingFile(uuid: "UUID", recordingId: "FILE")`, "PUT " + path + "/" + file + "/status", all},
		{`deleteRecordingFile(uuid: "UUID", recordingId: "FILE", action: DELETE)`, "DELETE " + path + "/" + file + "?action=delete", all - 1},
	} {
		query := strings.NewReplacer("UUID", uuid, "FILE", file).Replace(step.query)
		a := s.must(`mutation { change: ` + query + ` { recording { recordingCount recordingFiles { id } } } }`)
		s.wantCalls(step.call, "GET "+path)
		if a.at("change", "recording", "recordingCount") != float64(step.left) || len(a.at("change", "recording", "recordingFiles").([]any)) != step.left {
			t.Errorf("%s leaves %s", query, a.raw)
		}
	}
	a := s.ask(fmt.Sprintf(`mutation { recoverRecordingFile(uuid: %q, recordingId: %q) { recording { uuid } } }`, uuid, file), nil)
	s.wantErrors(a, "NOT_FOUND at recoverRecordingFile")
	if a = s.must(`{ user(id: "USER") { recordings(trash: true, trashType: RECORDING_FILE) { nodes { uuid } } } }`); len(a.at("user", "recordings", "nodes").([]any)) > 0 {
		t.Errorf("the trash has %s", a.raw)
	}
}

// A number means the latest instance, a uuid that one; and where Zoom has several ways to say that there is nothing yet,
// there is null.
func TestRecordingsOfInstances(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{}, withUsers(40))
	done, _ := s.recorded(s.users[0].ID)
	latest := done[0]
	for _, r := range done {
		if r["id"] == latest["id"] && r["startTime"].(string) > latest["startTime"].(string) {
			latest = r
		}
	}
	a := s.must(fmt.Sprintf(`{ meeting(id: %q) { recording { uuid topic registrationQuestions { questions { fieldName } } } } }`, latest["id"]))
	uuid := a.at("meeting", "recording", "uuid").(string)
	read := fmt.Sprintf("GET /meetings/%s/recordings", latest["id"])
	if calls := s.calls(); len(calls) != 2 || !slices.Contains(calls, read) {
		t.Errorf("calls %q", calls)
	}
	a = s.must(fmt.Sprintf(`{ pastMeeting(uuid: %q) { recording { uuid meeting { id } } } }`, uuid))
	if a.at("pastMeeting", "recording", "uuid") != uuid || a.at("pastMeeting", "recording", "meeting", "id") != latest["id"] {
		t.Errorf("its instance has %s", a.raw)
	}
	s.calls()

	a = s.ask(fmt.Sprintf(`{ cloudRecording(uuid: %q) { topic } }`, latest["id"]), nil)
	s.wantErrors(a, "BAD_USER_INPUT at cloudRecording")
	a = s.ask(`{ user(id: "USER") { recordings(trash: true, from: "2026-01-01") { nodes { uuid } } } }`, nil)
	s.wantErrors(a, "BAD_USER_INPUT at user.recordings")
	s.wantCalls()

	twice, made := 0, 0
	for _, user := range s.users[:40] {
		done, processing := s.recorded(user.ID)
		for _, r := range processing {
			made++
			f := r["recordingFiles"].([]any)[0].(map[string]any)
			delete(f, "id")
			if got := fmt.Sprint(f); got != "map[downloadUrl:<nil> fileExtension:<nil> fileSize:0 fileType:<nil> recordingEnd:<nil> recordingType:<nil> status:PROCESSING url:<nil>]" {
				t.Errorf("a file being made has %s", got)
			}
		}
		for _, r := range done {
			if isTwice(r["uuid"].(string)) && twice < 3 {
				twice++
				a := s.must(fmt.Sprintf(`{ cloudRecording(uuid: %q) { startTime } }`, r["uuid"]))
				if a.at("cloudRecording", "startTime") != r["startTime"] {
					t.Errorf("%v is answered %s", r["uuid"], a.raw)
				}
			}
		}
	}
	if made == 0 || twice == 0 {
		t.Errorf("%d recordings are being made, %d uuids are encoded twice", made, twice)
	}
}

// What was recorded is a meeting or a webinar, by its type.
func TestRecordingsOfWebinars(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{}, withUsers(20))
	from, to := thisQuarter()
	a := s.must(fmt.Sprintf(`{ account(id: "me") { recordings(first: 200, from: %q, to: %q) { nodes { id type meeting { id } webinar { id topic } topic } } } }`, from, to))
	webinars := 0
	for _, node := range a.at("account", "recordings", "nodes").([]any) {
		r := node.(map[string]any)
		webinar, isWebinar := r["webinar"].(map[string]any)
		if isWebinar {
			webinars++
		}
		if meeting, _ := r["meeting"].(map[string]any); isWebinar != strings.Contains(r["type"].(string), "WEBINAR") || isWebinar == (meeting != nil) ||
			meeting != nil && meeting["id"] != r["id"] || isWebinar && (webinar["id"] != r["id"] || webinar["topic"] != r["topic"]) {
			t.Errorf("%v", r)
		}
	}
	if webinars == 0 {
		t.Error("no webinar was recorded")
	}
}

// Who registers to watch recordings, and what they are asked.
func TestRecordingRegistrants(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{}, withUsers(12))
	one := s.one(s.users[0].ID)
	uuid, number := one["uuid"].(string), one["id"].(string)
	path := "/meetings/" + number + "/recordings"
	a := s.must(fmt.Sprintf(`mutation { createRecordingRegistrant(meetingId: %q, input: {email: "mary.anning@example.com", firstName: "Mary", noOfEmployees: FROM_1_TO_20, status: PENDING}) {
		registrantId topic shareUrl meeting { recording { registrants(status: PENDING) { nodes { id email status noOfEmployees } } } }
	} }`, number))
	s.wantCalls("POST "+path+"/registrants", "GET "+path, "GET "+path+"/registrants?page_size=30&status=pending")
	id, _ := a.at("createRecordingRegistrant", "registrantId").(string)
	if !strings.Contains(string(a.raw), `{"id":"`+id+`","email":"mary.anning@example.com","status":"PENDING","noOfEmployees":"FROM_1_TO_20"}`) || id == "" {
		t.Errorf("who registered is %s", a.raw)
	}
	a = s.must(fmt.Sprintf(`mutation { updateRecordingRegistrantStatus(meetingId: %q, input: {action: APPROVE, registrants: [{id: %q}]}) {
		meeting { recording { registrants { nodes { id status } } } }
	} }`, number, id))
	s.wantCalls("PUT "+path+"/registrants/status", "GET "+path, "GET "+path+"/registrants?page_size=30")
	if !strings.Contains(string(a.raw), `{"id":"`+id+`","status":"APPROVED"}`) {
		t.Errorf("who may watch is %s", a.raw)
	}
	a = s.must(fmt.Sprintf(`mutation { updateRecordingRegistrationQuestions(uuid: %q, input: {questions: [{fieldName: CITY, required: true}], customQuestions: [{title: "Why?", type: SHORT, required: false}]}) {
		recording { registrationQuestions { questions { fieldName required } customQuestions { title type required } } }
	} }`, uuid))
	s.wantCalls("PATCH /meetings/"+uuid+"/recordings/registrants/questions", "GET /meetings/"+uuid+"/recordings/registrants/questions")
	if !strings.Contains(string(a.raw), `"registrationQuestions":{"questions":[{"fieldName":"CITY","required":true}],"customQuestions":[{"title":"Why?","type":"SHORT","required":false}]}`) {
		t.Errorf("they are asked %s", a.raw)
	}
}

// What was archived is asked week by week, and its files are fetched like those of recordings.
func TestArchives(t *testing.T) {
	t.Parallel()
	s := setup(t, sandbox.Config{}, withUsers(40))
	to := time.Now().UTC().Truncate(time.Second)
	from := to.AddDate(0, 0, -20)
	a := s.must(fmt.Sprintf(`{ archiveFiles(first: 50, from: %q, to: %q) { totalCount from to nodes {
		uuid id type startTime host { id } group { id } parent { uuid } pastMeeting { uuid } archiveFiles { fileType url }
	} } }`, from.Format(time.RFC3339), to.Format(time.RFC3339)))
	weeks := 0
	for _, call := range s.calls() {
		if strings.HasPrefix(call, "GET /archive_files?") {
			weeks++
		}
	}
	nodes := a.at("archiveFiles", "nodes").([]any)
	if weeks != 3 || len(nodes) == 0 || a.at("archiveFiles", "from") != from.Format(time.RFC3339) || a.at("archiveFiles", "totalCount") != float64(len(nodes)) {
		t.Fatalf("%d weeks have %s", weeks, a.raw)
	}
	rooms := 0
	for _, node := range nodes {
		n := node.(map[string]any)
		parent, isRoom := n["parent"].(map[string]any)
		past, isPast := n["pastMeeting"].(map[string]any)
		if isRoom {
			rooms++
		}
		if n["host"] == nil || isRoom == isPast || isRoom != (n["type"] == "BREAKOUT_ROOM") || isPast && past["uuid"] != n["uuid"] || isRoom && parent["uuid"] == n["uuid"] {
			t.Errorf("%v", n)
		}
	}
	if rooms == 0 {
		t.Error("no breakout room was archived")
	}
	if status, header, _ := s.fetch(a.at("archiveFiles", "nodes", 0, "archiveFiles", 0, "url").(string), ""); status != http.StatusOK || header.Get("Content-Type") != "video/mp4" {
		t.Errorf("an archived file is answered %d %v", status, header)
	}
}
