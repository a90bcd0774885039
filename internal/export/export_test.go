package export_test

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"zoomgraph/client"
	"zoomgraph/internal/export"
	"zoomgraph/internal/sandbox"
)

// Each user is a row in the order of the list, by one settings call that asks for the names and no others.
func TestRun(t *testing.T) {
	t.Parallel()
	a := newAccount(t, 350, sandbox.Config{}, false)
	text := a.text(export.Style{}, "host_video", "waiting_room")
	records, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	if got := strings.Join(records[0], " "); got != "id email host_video waiting_room error" || !strings.HasPrefix(text, "id,email,host_video,waiting_room,error\r\n") {
		t.Errorf("header %s", got)
	}
	for i, user := range a.zoom.Users()[:350] {
		r := records[i+1]
		if strings.TrimPrefix(r[0], "'") != user.ID || r[1] != user.Email || r[2] != "true" && r[2] != "false" || r[3] == "" || r[4] != "" {
			t.Fatalf("row %d is %q, want that of %v", i, r, user)
		}
	}
	for _, e := range a.zoom.Log(0) {
		if strings.HasSuffix(e.Path, "/settings") && e.Query != "custom_query_fields=host_video,waiting_room" {
			t.Errorf("call %s?%s", e.Path, e.Query)
		}
	}
	if settings, lists := a.calls(); len(records) != 351 || settings != 350 || lists != 2 {
		t.Errorf("%d records, %d settings calls, %d lists", len(records), settings, lists)
	}
	if calls, limited := a.meter.Counts(); calls != 352 || limited != 0 {
		t.Errorf("the meter has %d calls, %d 429s", calls, limited)
	}
}

func TestNDJSON(t *testing.T) {
	t.Parallel()
	a := newAccount(t, 2, sandbox.Config{Faults: []sandbox.Fault{
		{Kind: sandbox.FaultWrongType, Path: "schedule_meeting.audio_type", Value: []byte(`{ "a": [1, "b\n"] }`)},
		{Kind: sandbox.FaultWrongType, Path: "in_meeting.waiting_room", Value: []byte("null")},
		{Kind: sandbox.FaultAbsent, Path: "in_meeting.chat"},
	}}, false)
	ada := a.zoom.Users()[0]
	got, _, _ := strings.Cut(a.text(export.Style{Format: export.NDJSON}, "waiting_room", "host_video", "chat", "audio_type", "encryption_type"), "\n")
	want := fmt.Sprintf(`{"id":%q,"email":%q,"settings":{"in_meeting":{"waiting_room":null},"schedule_meeting":{"host_video":false,"audio_type":{"a":[1,"b\n"]}},`+
		`"meeting_security":{"encryption_type":"e2ee"}},"absent":["chat"]}`, ada.ID, ada.Email)
	if got != want {
		t.Errorf("row %s\nwant %s", got, want)
	}
}

func TestStatuses(t *testing.T) {
	t.Parallel()
	a := newAccount(t, 30, sandbox.Config{}, false)
	settings := a.settings("host_video")
	var b bytes.Buffer
	done, err := a.export(settings, export.Stream(&b, export.Style{}, settings.Columns()), func(o *export.Options) { o.Statuses = []string{"active", "inactive"} })
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	for _, status := range []string{"active", "inactive"} {
		for _, user := range a.zoom.Users() {
			if user.Status == status {
				want = append(want, user.ID)
			}
		}
	}
	if got := ids(b.String()); !slices.Equal(got, want) || len(want) == 30 {
		t.Errorf("%d users, want %d: first the active ones", len(got), len(want))
	}
	if done != (export.Tally{Users: len(want), Total: len(want)}) {
		t.Errorf("tally %+v", done)
	}
}

// An export of nobody is a header.
func TestNobody(t *testing.T) {
	t.Parallel()
	a := newAccount(t, 2, sandbox.Config{}, false)
	settings := a.settings("host_video")
	var b bytes.Buffer
	_, err := a.export(settings, export.Stream(&b, export.Style{}, settings.Columns()), func(o *export.Options) { o.Statuses = nil })
	if err != nil || b.String() != "id,email,host_video,error\r\n" {
		t.Errorf("%q, %v", b.String(), err)
	}
}

// Whose settings are not to be had has a row that says why, and is named in the log; the others are not concerned.
func TestUsersWithoutSettings(t *testing.T) {
	t.Parallel()
	a := newAccount(t, 6, sandbox.Config{}, false)
	users := a.zoom.Users()
	if err := a.zoom.Configure(sandbox.Config{Faults: []sandbox.Fault{
		{Match: "GET /users/*/settings", User: users[1].ID, Kind: sandbox.FaultStatus, Status: 404, Code: 1001},
		{Match: "GET /users/*/settings", User: users[3].ID, Kind: sandbox.FaultStatus, Status: 403, Code: 403},
		{Match: "GET /users/*/settings", User: users[5].ID, Kind: sandbox.FaultStatus, Status: 400, Code: 1120},
	}}); err != nil {
		t.Fatal(err)
	}
	settings := a.settings("host_video", "waiting_room")
	for style, want := range map[export.Style][]string{
		{}:                      {",,,NOT_FOUND\r\n", ",,,FORBIDDEN\r\n", ",,,INVITATION_PENDING\r\n"},
		{Format: export.NDJSON}: {`,"error":"NOT_FOUND"}` + "\n", `,"error":"FORBIDDEN"}` + "\n", `,"error":"INVITATION_PENDING"}` + "\n"},
	} {
		var b, log bytes.Buffer
		done, err := a.export(settings, export.Stream(&b, style, settings.Columns()), func(o *export.Options) { o.Log = slog.New(slog.NewTextHandler(&log, nil)) })
		if err != nil || done != (export.Tally{Users: 6, Failed: 3, Total: 6}) {
			t.Errorf("%+v, %v", done, err)
		}
		lines := slices.Collect(strings.Lines(b.String()))
		lines = lines[len(lines)-6:]
		for i, ending := range want {
			user := users[2*i+1]
			if line := lines[2*i+1]; !strings.HasSuffix(line, ending) || !strings.Contains(line, user.Email) {
				t.Errorf("row %q", line)
			}
			if !strings.Contains(log.String(), "user="+user.ID) {
				t.Errorf("%s is not in the log:\n%s", user.ID, &log)
			}
		}
		if strings.Contains(lines[2], "error") || strings.HasSuffix(lines[2], ",,,\r\n") {
			t.Errorf("row %q", lines[2])
		}
		if again, sink := a.resume(b.String(), style, "host_video", "waiting_room"); again != b.String() || sink.Kept() != 6 {
			t.Errorf("resumed it is\n%s", again)
		}
	}
}

// What passes is waited for, within the patience; what does not ends the export behind the last whole row.
func TestFaults(t *testing.T) {
	t.Parallel()
	const settings = "GET /users/*/settings"
	for _, tt := range []struct {
		name  string
		fault sandbox.Fault
		want  error // nil: the export is complete
		least time.Duration
		most  time.Duration
	}{
		{"429s of the second", sandbox.Fault{Match: settings, Kind: sandbox.Fault429, Times: 50}, nil, time.Second / 2, time.Minute},
		{"429s of the list", sandbox.Fault{Match: "GET /users", Kind: sandbox.Fault429, Times: 5}, nil, time.Second / 2, time.Minute},
		{"Zoom is down for a while", sandbox.Fault{Kind: sandbox.FaultStatus, Status: 503, Times: 10}, nil, 10 * time.Second, 10 * time.Minute},
		{"tokens are not to be had for a while", sandbox.Fault{Match: "/oauth/token", Kind: sandbox.FaultStatus, Status: 500, Times: 3}, nil, time.Second, time.Minute},
		{"no connection for a token", sandbox.Fault{Match: "/oauth/token", Kind: sandbox.FaultDrop, Times: 2}, nil, time.Second, time.Minute},
		{"a web page", sandbox.Fault{Match: settings, Kind: sandbox.FaultHTML, Times: 10}, nil, time.Second / 2, time.Minute},
		{"no answer at all", sandbox.Fault{Match: settings, Kind: sandbox.FaultHang, Times: 10}, nil, 2 * time.Minute, 10 * time.Minute},
		{"Zoom stays down", sandbox.Fault{Match: settings, Kind: sandbox.FaultStatus, Status: 500}, client.ErrUpstreamUnavailable, 9 * time.Minute, 10 * time.Minute},
		{"the day is used up", sandbox.Fault{Match: settings, Kind: sandbox.Fault429Daily}, client.ErrRateLimited, 0, time.Second},
		{"the credentials are wrong", sandbox.Fault{Match: "/oauth/token", Kind: sandbox.FaultStatus, Status: 400}, client.ErrUpstreamAuthFailed, 0, time.Second},
		{"a scope is missing", sandbox.Fault{Match: settings, Kind: sandbox.FaultStatus, Status: 400, Code: 4711}, client.ErrScopeMissing, 0, time.Second},
		{"nobody may list users", sandbox.Fault{Match: "GET /users", Kind: sandbox.FaultStatus, Status: 403}, client.ErrForbidden, 0, time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				a := newAccount(t, 40, sandbox.Config{}, true)
				whole := a.text(export.Style{}, "host_video")
				a = newAccount(t, 40, sandbox.Config{Faults: []sandbox.Fault{tt.fault}}, true)
				settings := a.settings("host_video")
				var b bytes.Buffer
				start := time.Now()
				_, err := a.export(settings, export.Stream(&b, export.Style{}, settings.Columns()), func(o *export.Options) { o.Patience = 10 * time.Minute })
				if took := time.Since(start); took < tt.least || took > tt.most {
					t.Errorf("it took %v, want %v to %v", took, tt.least, tt.most)
				}
				switch {
				case !errors.Is(err, tt.want):
					t.Errorf("error %v, want %v", err, tt.want)
				case err == nil && b.String() != whole:
					t.Errorf("it is\n%s", &b)
				case !strings.HasPrefix(whole, b.String()) || b.Len() > 0 && !strings.HasSuffix(b.String(), "\r\n"):
					t.Errorf("rows are missing in\n%s", &b)
				}
			})
		})
	}
}

// Over the end of the day's limit is waited as long as the patience lasts.
func TestTomorrow(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(t, 40, sandbox.Config{Daily: map[string]int{"MEDIUM": 20}}, true)
		var log bytes.Buffer
		var b bytes.Buffer
		settings := a.settings("host_video")
		done, err := a.export(settings, export.Stream(&b, export.Style{}, settings.Columns()), func(o *export.Options) {
			o.Patience, o.Log = 24*time.Hour, slog.New(slog.NewTextHandler(&log, nil))
		})
		if err != nil || done.Users != 40 {
			t.Errorf("%+v, %v", done, err)
		}
		if got := ids(b.String()); !slices.Equal(got, accountIDs(a)) {
			t.Error("not every user once")
		}
		if _, limited := a.meter.Counts(); limited == 0 || limited > 100 {
			t.Errorf("the meter has %d 429s", limited)
		}
		if n := strings.Count(log.String(), "waiting for Zoom"); n < 1 || n > 4 {
			t.Errorf("it says %d times that it waits:\n%s", n, &log)
		}
	})
}

func accountIDs(a *account) []string {
	var ids []string
	for _, user := range a.zoom.Users() {
		if user.Status == "active" {
			ids = append(ids, user.ID)
		}
	}
	return ids
}

// A pause that outlives the place in the list costs nobody their row.
func TestForgottenPlace(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(t, 700, sandbox.Config{Latency: sandbox.Duration(10 * time.Second), PageTokenTTL: sandbox.Duration(time.Minute)}, true)
		var b bytes.Buffer
		columns := a.settings("host_video")
		done, err := a.export(columns, export.Stream(&b, export.Style{}, columns.Columns()))
		if err != nil || done != (export.Tally{Users: 700, Total: 700}) {
			t.Errorf("%+v, %v", done, err)
		}
		if got := ids(b.String()); !slices.Equal(got, accountIDs(a)) {
			t.Errorf("%d users, want each of 700 once", len(got))
		}
		if settings, lists := a.calls(); settings != 700 || lists <= 3 {
			t.Errorf("%d settings calls and %d lists", settings, lists)
		}
	})
}

// Where the account changes while it is exported, nobody is lost and nobody doubled.
func TestAccountThatChanges(t *testing.T) {
	t.Parallel()
	a := newAccount(t, 650, sandbox.Config{}, false)
	users := a.zoom.Users()
	var once sync.Once
	a.before = func(r *http.Request) {
		if strings.Contains(r.URL.Path, users[5].ID) {
			once.Do(func() { // the first page is listed: all behind slip by two
				a.write("DELETE", "/users/"+users[1].ID, "")
				a.write("DELETE", "/users/"+users[2].ID, "")
				a.write("POST", "/users", `{"action":"ssoCreate","user_info":{"email":"new@example.com","type":1}}`)
			})
		}
	}
	got := ids(a.text(export.Style{}, "host_video"))
	slices.Sort(got)
	if double := slices.Compact(slices.Clone(got)); len(double) != len(got) {
		t.Errorf("%d of %d users are doubled", len(got)-len(double), len(got))
	}
	for _, id := range accountIDs(a) {
		if !slices.Contains(got, id) {
			t.Errorf("%s is lost", id)
		}
	}
}

// A list that never keeps its length is not walked for ever.
func TestListThatKeepsChanging(t *testing.T) {
	t.Parallel()
	a := newAccount(t, 650, sandbox.Config{}, false)
	users := a.zoom.Users()
	lists := 0
	a.before = func(r *http.Request) {
		if r.URL.Path != "/v2/users" {
			return
		}
		if lists++; lists > 100 {
			t.Error("100 lists")
			panic(http.ErrAbortHandler)
		}
		status := map[bool]string{true: "deactivate", false: "activate"}[lists%2 == 0]
		a.write("PUT", "/users/"+users[649].ID+"/status", `{"action":"`+status+`"}`)
	}
	got := ids(a.text(export.Style{}, "host_video"))
	slices.Sort(got)
	if len(got) < 649 || len(slices.Compact(slices.Clone(got))) != len(got) {
		t.Errorf("%d users", len(got))
	}
}

// write changes the account behind the export's back.
func (a *account) write(method, path, body string) {
	a.Helper()
	token := a.send("POST", "/oauth/token?grant_type=account_credentials&account_id=a", "", func(r *http.Request) { r.SetBasicAuth("b", "c") })
	var minted struct {
		Token string `json:"access_token"`
	}
	if err := json.Unmarshal(token, &minted); err != nil {
		a.Error(err)
	}
	a.send(method, "/v2"+path, body, func(r *http.Request) { r.Header.Set("Authorization", "Bearer "+minted.Token) })
}

func (a *account) send(method, path, body string, sign func(*http.Request)) []byte {
	a.Helper()
	r, err := http.NewRequestWithContext(a.Context(), method, path, strings.NewReader(body))
	if err != nil {
		a.Error(err)
		return nil
	}
	r.RequestURI = path
	r.Header.Set("Content-Type", "application/json")
	sign(r)
	res, err := handler{a.zoom}.RoundTrip(r)
	if err != nil || res.StatusCode > 299 {
		a.Errorf("%s %s: %v, %v", method, path, res, err)
		return nil
	}
	defer res.Body.Close()
	var b bytes.Buffer
	if _, err := b.ReadFrom(res.Body); err != nil {
		a.Error(err)
	}
	return b.Bytes()
}

// Whoever stops an export has whole rows, soon.
func TestStopped(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(t, 100, sandbox.Config{Latency: sandbox.Duration(time.Second)}, true)
		settings := a.settings("host_video")
		var b bytes.Buffer
		ctx, cancel := contextWithStop(t, 4500*time.Millisecond)
		defer cancel()
		done, err := export.Run(ctx, export.Options{Settings: settings, Statuses: []string{"active"}, Sink: export.Stream(&b, export.Style{}, settings.Columns()), Patience: time.Hour})
		if got := ids(b.String()); done.Users == 0 || done.Users == 100 || !slices.Equal(got, accountIDs(a)[:done.Users]) || !strings.HasSuffix(b.String(), "\r\n") {
			t.Errorf("%+v, and these rows: %q", done, got)
		}
		if !errors.Is(err, errStop) && !errors.Is(err, ctx.Err()) {
			t.Errorf("error %v", err)
		}
	})
}

// Progress tells how many there are and how many are left, of those that are still to be written.
func TestProgress(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		a := newAccount(t, 100, sandbox.Config{Latency: sandbox.Duration(time.Second)}, true)
		var b, log bytes.Buffer
		settings := a.settings("host_video")
		lines := export.Lines(slog.New(slog.NewTextHandler(&log, nil)), a.meter)
		var told []export.Tally
		_, err := a.export(settings, export.Stream(&b, export.Style{}, settings.Columns()), func(o *export.Options) {
			o.Every = 1500 * time.Millisecond
			o.Progress = func(tally export.Tally) {
				told = append(told, tally)
				lines(tally)
			}
		})
		if err != nil || len(told) < 3 || told[0] != (export.Tally{Total: 100}) || told[2].Users == 0 || told[2].Total != 100 {
			t.Errorf("%+v, %v", told, err)
		}
		if !strings.Contains(log.String(), "of=100 perSecond=") || !strings.Contains(log.String(), " left=") || !strings.Contains(log.String(), " 429s=0") {
			t.Errorf("the log has\n%s", &log)
		}
	})
}

// The bar shows what there is to know, and gives way to what the log says.
func TestBar(t *testing.T) {
	t.Parallel()
	var terminal bytes.Buffer
	bar := export.NewBar(&terminal, &export.Meter{})
	for _, tally := range []export.Tally{{}, {Total: -1, Users: 1}, {Total: 10, Users: 5}} {
		bar.Show(tally)
	}
	if got := terminal.String(); !strings.Contains(got, "5/10") || !strings.Contains(got, "0 calls, 0 429s") {
		t.Errorf("the terminal has %q", got)
	}
	terminal.Reset()
	if _, err := bar.Write([]byte("waiting\n")); err != nil {
		t.Fatal(err)
	}
	bar.Show(export.Tally{Total: 10, Users: 10})
	bar.Close()
	if got := terminal.String(); !strings.HasPrefix(got, "\x1b[2K\rwaiting\n") || !strings.HasSuffix(got, "\x1b[2K\r") {
		t.Errorf("the terminal has %q", got)
	}
}

// A sink that takes no more ends the export.
func TestSinkFails(t *testing.T) {
	t.Parallel()
	a := newAccount(t, 100, sandbox.Config{}, false)
	settings := a.settings("host_video")
	done, err := a.export(settings, export.Stream(&narrow{room: 500}, export.Style{}, settings.Columns()))
	if !errors.Is(err, errFull) || done.Users == 0 || done.Users > 10 {
		t.Errorf("%+v, %v", done, err)
	}
}

var errFull = errors.New("no room left")

type narrow struct{ room int }

func (n *narrow) Write(p []byte) (int, error) {
	if n.room -= len(p); n.room < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// Which columns people write freely the schema tells.
func TestProseColumns(t *testing.T) {
	t.Parallel()
	a := newAccount(t, 1, sandbox.Config{}, false)
	for _, column := range a.settings("audio_type", "custom_service_instructions").Columns() {
		if want := column.Name != "audio_type"; column.Prose != want {
			t.Errorf("%s: prose is %v", column.Name, column.Prose)
		}
	}
}

// A list that does not end ends the export at once, however patient it is, with everybody in the file who was read.
func TestEndlessList(t *testing.T) {
	t.Parallel()
	for name, tokens := range map[string][]string{"two tokens in turn": {"A", "B"}, "the same token": {"same"}, "always another": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a := newAccount(t, 400, sandbox.Config{Faults: []sandbox.Fault{{Match: "GET /users", Kind: sandbox.FaultEndless, Tokens: tokens}}}, false)
			settings := a.settings("host_video")
			file := filepath.Join(t.TempDir(), "users.csv")
			for try := range 2 {
				sink, err := export.Resume(file, export.Style{}, settings.Columns())
				if err != nil {
					t.Fatal(err)
				}
				start := time.Now()
				done, err := a.export(settings, sink, func(o *export.Options) { o.Patience = time.Hour })
				if !errors.Is(err, client.ErrUpstreamInvalidResponse) || !errors.Is(err, client.ErrEndless) || !strings.Contains(err.Error(), "does not end") {
					t.Errorf("error %v", err)
				}
				if done.Users != []int{300, 0}[try] || time.Since(start) > time.Minute {
					t.Errorf("%+v after %v", done, time.Since(start))
				}
				if err := sink.Close(); err != nil {
					t.Fatal(err)
				}
			}
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			got := ids(string(text))
			if len(got) != 300 || len(slices.Compact(slices.Sorted(slices.Values(got)))) != 300 {
				t.Errorf("%d rows", len(got))
			}
			lists := 0
			for _, call := range a.zoom.Log(0) {
				if call.Path == "/users" {
					lists++
				}
			}
			if lists > 6 {
				t.Errorf("the list was asked for %d times", lists)
			}
		})
	}
}
