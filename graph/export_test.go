package graph_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"zoomgraph/client"
	"zoomgraph/graph"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/sandbox"
	"zoomgraph/internal/store"
)

// direct calls a sandbox without a network, so that a call takes no real time.
type direct struct{ zoom http.Handler }

func (d direct) RoundTrip(r *http.Request) (*http.Response, error) {
	w := httptest.NewRecorder()
	d.zoom.ServeHTTP(w, r)
	return w.Result(), nil
}

// exporting gives a server over a sandbox of its own, and the client below it.
func exporting(t *testing.T, cfg sandbox.Config, budget *client.Budget, more ...func(*graph.Options)) (*graph.Server, *client.Client, *sandbox.Server) {
	t.Helper()
	zoom, err := sandbox.New(sandbox.Options{Program: programtest.Of(t), Config: cfg})
	if err != nil {
		t.Fatal(err)
	}
	upstream, err := client.New(client.Config{Transport: direct{zoom}, AccountID: "a", ClientID: "b", ClientSecret: "c", Budget: budget})
	if err != nil {
		t.Fatal(err)
	}
	nothing, err := store.New(store.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(nothing.Close)
	options := graph.Options{Program: programtest.Of(t), PrincipalOptions: graph.PrincipalOptions{
		Client: upstream, Budget: budget, Store: nothing.Principal("", "", nil),
	}}
	for _, apply := range more {
		apply(&options)
	}
	server, err := graph.NewServer(options)
	if err != nil {
		t.Fatal(err)
	}
	return server, upstream, zoom
}

func settingsCalls(zoom *sandbox.Server) []string {
	var calls []string
	for _, e := range zoom.Log(0) {
		if strings.HasSuffix(e.Path, "/settings") {
			calls = append(calls, e.Query)
		}
	}
	slices.Sort(calls)
	return calls
}

// A column's title means its setting and no other, whichever way it was asked for.
func TestExportColumns(t *testing.T) {
	t.Parallel()
	server, _, _ := exporting(t, sandbox.Config{}, nil)
	for _, tt := range []struct {
		fields, option, want string
	}{
		{"host_video,waiting_room", "", "host_video=schedule_meeting waiting_room=in_meeting"},
		{"in_meeting.waiting_room,waiting_room", "", "waiting_room=in_meeting"},
		{"waiting_room,meeting_security.waiting_room", "", "waiting_room=in_meeting meeting_security.waiting_room=meeting_security"},
		{"waiting_room", "meeting_security", "meeting_security.waiting_room=meeting_security"},
		{"encryption_type", "", "encryption_type=meeting_security"},
		{"encryption_type,meeting_security.encryption_type", "meeting_security", "encryption_type=meeting_security"},
		{
			"show_international_numbers_link", "",
			"telephony.show_international_numbers_link=telephony tsp.show_international_numbers_link=tsp",
		},
		{"tsp.show_international_numbers_link", "", "tsp.show_international_numbers_link=tsp"},
		{"authentication_options", "recording_authentication", "recording_authentication.authentication_options=recording_authentication"},
	} {
		settings, err := server.ExportSettings(strings.Split(tt.fields, ","), tt.option)
		if err != nil {
			t.Errorf("%s: %v", tt.fields, err)
			continue
		}
		var got, titles []string
		for _, column := range settings.Columns() {
			got = append(got, column.Title+"="+column.Section)
			titles = append(titles, column.Title)
		}
		if strings.Join(got, " ") != tt.want {
			t.Errorf("%s: %s, want %s", tt.fields, got, tt.want)
		}
		again, err := server.ExportSettings(titles, "")
		if err != nil || !slices.Equal(again.Columns(), settings.Columns()) {
			t.Errorf("%s: its titles ask for %v, %v", tt.fields, again, err)
		}
	}
}

// What cannot be exported is refused before any call, with what was perhaps meant.
func TestExportRefusals(t *testing.T) {
	t.Parallel()
	server, _, zoom := exporting(t, sandbox.Config{}, nil)
	for _, tt := range []struct {
		fields []string
		option string
		want   string
	}{
		{nil, "", "must hold 1 to 100"},
		{make([]string, 101), "", "must hold 1 to 100"},
		{[]string{"host_video", "host_vidoe"}, "", `did you mean "host_video"?`},
		{[]string{"schedule_meeting.hostvideo"}, "", `did you mean "host_video"?`},
		{[]string{"encryption_typ"}, "meeting_security", `did you mean "encryption_type"?`},
		{[]string{"host_video"}, "meeting_security", `"host_video" is not in the view meeting_security`},
		{[]string{"in_meeting.waiting_room"}, "meeting_security", `"waiting_room" is not in the view meeting_security`},
		{[]string{""}, "", "no setting is named"},
	} {
		_, err := server.ExportSettings(tt.fields, tt.option)
		if !errors.Is(err, client.ErrBadUserInput) || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.40q: %v, want %q", tt.fields, err, tt.want)
		}
	}
	if n := len(zoom.Log(0)); n > 0 {
		t.Errorf("%d calls", n)
	}
}

// The list comes page by page, and a user's settings by one call a view that asks for the names and no others.
func TestExportReads(t *testing.T) {
	t.Parallel()
	server, _, zoom := exporting(t, sandbox.Config{Faults: []sandbox.Fault{
		{Kind: sandbox.FaultWrongType, Path: "in_meeting.waiting_room", Value: []byte("null")},
		{Kind: sandbox.FaultAbsent, Path: "schedule_meeting.audio_type"},
	}}, nil)
	settings, err := server.ExportSettings([]string{"waiting_room", "host_video", "audio_type", "encryption_type", "in_meeting.chat"}, "")
	if err != nil {
		t.Fatal(err)
	}
	var sizes []int
	var users []graph.ExportedUser
	list := settings.Users("active")
	for more := true; more; {
		var page graph.ExportPage
		if page, more, err = list.Next(t.Context()); err != nil {
			t.Fatal(err)
		}
		sizes, users = append(sizes, len(page.Users), page.Total), append(users, page.Users...)
	}
	if want := []int{300, 500, 200, 500}; !slices.Equal(sizes, want) {
		t.Errorf("pages %v, want %v", sizes, want)
	}
	for i, user := range zoom.Users()[:500] {
		if users[i] != (graph.ExportedUser{ID: user.ID, Email: user.Email}) {
			t.Fatalf("user %d is %v, want %v", i, users[i], user)
		}
	}
	values, err := settings.Settings(t.Context(), users[0].ID)
	if err != nil {
		t.Fatal(err)
	}
	got := fmt.Sprintf("%s %s %t %s", values[0], values[1], values[2] == nil, values[3])
	if got != `null false true "e2ee"` || len(values) != 5 || values[4] == nil {
		t.Errorf("values %s", got)
	}
	want := []string{"custom_query_fields=audio_type,chat,host_video,waiting_room", "custom_query_fields=encryption_type&option=meeting_security"}
	if calls := settingsCalls(zoom); !slices.Equal(calls, want) {
		t.Errorf("calls %q, want %q", calls, want)
	}
	ambiguous, err := server.ExportSettings([]string{"host_video", "tsp.show_international_numbers_link"}, "")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := ambiguous.Settings(t.Context(), users[1].ID); err != nil {
		t.Fatal(err)
	}
	if calls := settingsCalls(zoom); !slices.Equal(calls, append([]string{""}, want...)) {
		t.Errorf("calls %q, want the whole view besides %q", calls, want)
	}
	var nameless []sandbox.Fault
	for _, field := range []string{"id", "email"} {
		nameless = append(nameless, sandbox.Fault{Match: "GET /users", Kind: sandbox.FaultWrongType, Path: "users.0." + field, Value: []byte(`""`)})
	}
	if err := zoom.Configure(sandbox.Config{Faults: nameless}); err != nil {
		t.Fatal(err)
	}
	list = settings.Users("active")
	for range 2 { // and is that again when it is asked again
		if _, _, err := list.Next(t.Context()); !errors.Is(err, client.ErrUpstreamInvalidResponse) || !strings.Contains(err.Error(), "neither an id") {
			t.Errorf("a user with neither an id nor an address: %v", err)
		}
	}
	if _, err := settings.Settings(t.Context(), "nobody"); !errors.Is(err, client.ErrNotFound) {
		t.Errorf("nobody: %v", err)
	}
}

// What is known already is read all the same.
func TestExportIsFresh(t *testing.T) {
	t.Parallel()
	known, err := store.New(store.Options{TTL: time.Hour, UsersTTL: time.Hour, ServeStale: time.Hour})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(known.Close)
	server, _, zoom := exporting(t, sandbox.Config{}, nil, func(o *graph.Options) { o.Store = known.Principal("a", "", nil) })
	settings, err := server.ExportSettings([]string{"host_video"}, "")
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		page, _, err := settings.Users("active").Next(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := settings.Settings(t.Context(), page.Users[0].ID); err != nil {
			t.Fatal(err)
		}
	}
	if calls := len(zoom.Log(0)); calls != 5 {
		t.Errorf("%d calls, want two lists, two reads and a token", calls)
	}
}

// A list that is left for too long must be started again.
func TestExportCursorExpires(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		server, _, _ := exporting(t, sandbox.Config{}, nil)
		settings, err := server.ExportSettings([]string{"host_video"}, "")
		if err != nil {
			t.Fatal(err)
		}
		list := settings.Users("active")
		if _, more, err := list.Next(t.Context()); err != nil || !more {
			t.Fatal(more, err)
		}
		time.Sleep(16 * time.Minute)
		if _, _, err := list.Next(t.Context()); !errors.Is(err, client.ErrCursorExpired) {
			t.Errorf("error %v", err)
		}
	})
}

// Whoever waits for an answer is served before an export, however many of its calls wait.
func TestExportLetsOthersPass(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		budget, err := client.NewBudget(map[client.Label]client.Limit{client.Medium: {PerSecond: 10, Burst: 1}}, 1, nil)
		if err != nil {
			t.Fatal(err)
		}
		server, upstream, zoom := exporting(t, sandbox.Config{}, budget)
		settings, err := server.ExportSettings([]string{"host_video"}, "")
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		var exported sync.WaitGroup
		for _, user := range zoom.Users()[:100] {
			exported.Go(func() {
				if _, err := settings.Settings(ctx, user.ID); err != nil {
					t.Error(err)
				}
			})
		}
		synctest.Wait()
		if waiting := budget.State()[0].Waiting; waiting != 99 {
			t.Fatalf("%d calls of the export wait, want 99", waiting)
		}
		start := time.Now()
		op := &client.Op{ID: "groups", Method: "GET", Path: "/groups", Label: client.Medium}
		for range 3 {
			if _, err := upstream.Do(ctx, client.Request{Op: op}); err != nil {
				t.Fatal(err)
			}
		}
		if took := time.Since(start); took > 301*time.Millisecond {
			t.Errorf("three calls took %v beside an export, want the next three turns: 300 ms", took)
		}
		exported.Wait()
		if diff := cmp.Diff(100, len(settingsCalls(zoom))); diff != "" {
			t.Error(diff)
		}
	})
}
