package export_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"zoomgraph/internal/export"
	"zoomgraph/internal/sandbox"
)

var errStop = errors.New("stop")

func contextWithStop(t *testing.T, after time.Duration) (context.Context, func()) {
	return context.WithTimeoutCause(t.Context(), after, errStop)
}

const awkward = "=1, \"a\"\r\nb\n€𝄞\\\" \t"

// awkwardAccount has values that a careless reader of its own file would trip over.
func awkwardAccount(t *testing.T, users int) *account {
	text, err := json.Marshal(awkward)
	if err != nil {
		t.Fatal(err)
	}
	a := newAccount(t, users, sandbox.Config{}, true)
	var faults []sandbox.Fault
	for i, user := range a.zoom.Users()[:users] {
		if i%4 == 0 {
			faults = append(faults, sandbox.Fault{Kind: sandbox.FaultWrongType, User: user.ID, Path: "schedule_meeting.audio_type", Value: text})
		}
		if i%5 == 0 {
			faults = append(faults, sandbox.Fault{Kind: sandbox.FaultAbsent, User: user.ID, Path: "in_meeting.waiting_room"})
		}
	}
	faults = append(faults, sandbox.Fault{Match: "GET /users/*/settings", User: a.zoom.Users()[2].ID, Kind: sandbox.FaultStatus, Status: 404, Code: 1001})
	if err := a.zoom.Configure(sandbox.Config{Faults: faults}); err != nil {
		t.Fatal(err)
	}
	return a
}

// Wherever an export is cut off, resuming it gives the same bytes, and reads nobody who is there.
func TestResumeFromEveryByte(t *testing.T) {
	t.Parallel()
	fields := []string{"audio_type", "waiting_room"}
	for style, users := range map[export.Style]int{{}: 12, {Format: export.NDJSON}: 6, {Separator: ';', BOM: true}: 3, {Separator: '\t'}: 3} {
		t.Run(fmt.Sprintf("%+v", style), func(t *testing.T) {
			t.Parallel()
			a := awkwardAccount(t, users)
			whole := a.text(style, fields...)
			a.calls()
			for n := range len(whole) + 1 {
				got, sink := a.resume(whole[:n], style, fields...)
				if got != whole {
					t.Fatalf("cut off at %d, behind %q:\n%s", n, whole[max(0, n-20):n], got)
				}
				if settings, lists := a.calls(); settings != users-sink.Kept() || lists != 1 {
					t.Fatalf("cut off at %d, with %d users: %d settings calls and %d lists", n, sink.Kept(), settings, lists)
				}
				if n == len(whole) && sink.Kept() != users {
					t.Errorf("%d users in the whole file", sink.Kept())
				}
			}
		})
	}
}

// Users who left stay in the file, and those who came are added.
func TestResumeOfAnotherAccount(t *testing.T) {
	t.Parallel()
	a := newAccount(t, 10, sandbox.Config{}, false)
	whole := a.text(export.Style{}, "host_video")
	users := a.zoom.Users()
	a.write("DELETE", "/users/"+users[1].ID, "")
	a.write("DELETE", "/users/"+users[9].ID, "")
	a.write("POST", "/users", `{"action":"ssoCreate","user_info":{"email":"new@example.com","type":1}}`)
	half := strings.Join(strings.SplitAfter(whole, "\r\n")[:6], "") // the header and five users
	got, sink := a.resume(half, export.Style{}, "host_video")
	if !strings.HasPrefix(got, half) || sink.Kept() != 5 || !strings.Contains(got, "new@example.com") || strings.Contains(got, users[9].ID) || len(ids(got)) != 10 {
		t.Errorf("%d were kept; it is\n%s", sink.Kept(), got)
	}
}

// A half row goes, also where nothing comes in its place.
func TestResumeWithoutTheLast(t *testing.T) {
	t.Parallel()
	a := newAccount(t, 5, sandbox.Config{}, false)
	whole := a.text(export.Style{}, "host_video")
	last := a.zoom.Users()[4].ID
	a.write("DELETE", "/users/"+last, "")
	got, _ := a.resume(whole[:len(whole)-3], export.Style{}, "host_video")
	if want, _, _ := strings.Cut(whole, last); got != want {
		t.Errorf("it is\n%s\nwant\n%s", got, want)
	}
}

// What is not the same export is refused, with what differs, and left as it is.
func TestResumeRefusals(t *testing.T) {
	t.Parallel()
	a := newAccount(t, 3, sandbox.Config{}, false)
	csv := a.text(export.Style{}, "host_video", "waiting_room")
	ndjson := a.text(export.Style{Format: export.NDJSON}, "host_video", "waiting_room")
	semicolons := a.text(export.Style{Separator: ';'}, "host_video", "waiting_room")
	marked := a.text(export.Style{BOM: true}, "host_video", "waiting_room")
	for _, tt := range []struct {
		name   string
		text   string
		style  export.Style
		fields string
		want   string
	}{
		{"one field less", csv, export.Style{}, "host_video", "it has waiting_room as well"},
		{"one field more", csv, export.Style{}, "host_video,waiting_room,chat", "it lacks chat"},
		{"another field", csv, export.Style{}, "host_video,chat", "it has waiting_room and lacks chat"},
		{"another order", csv, export.Style{}, "waiting_room,host_video", "another order"},
		{"another view", csv, export.Style{}, "host_video,meeting_security.waiting_room", "it has waiting_room and lacks meeting_security.waiting_room"},
		{"other line ends", strings.ReplaceAll(csv, "\r\n", "\n"), export.Style{}, "host_video,waiting_room", "how its lines end"},
		{"NDJSON as CSV", ndjson, export.Style{}, "host_video,waiting_room", "does not begin as a CSV file"},
		{"CSV as NDJSON", csv, export.Style{Format: export.NDJSON}, "host_video,waiting_room", "as NDJSON files of settings do"},
		{"one field less in NDJSON", ndjson, export.Style{Format: export.NDJSON}, "host_video", "it has in_meeting.waiting_room as well"},
		{"one field more in NDJSON", ndjson, export.Style{Format: export.NDJSON}, "host_video,waiting_room,chat", "it lacks chat"},
		{"something else", "dear diary,\n", export.Style{}, "host_video", "does not begin"},
		{"something else without a line end", "dear diary", export.Style{}, "host_video", "does not begin"},
		{"something else as NDJSON", "{\"idea\":1}", export.Style{Format: export.NDJSON}, "host_video", "does not begin"},
		{"other separators", semicolons, export.Style{}, "host_video,waiting_room", "it was written with --separator semicolon alone, and not with --separator comma alone"},
		{"a mark in place of separators", marked, export.Style{Separator: '\t'}, "host_video,waiting_room", "it was written with --bom and --separator comma, and not with --separator tab alone"},
		{"no mark", csv, export.Style{BOM: true}, "host_video,waiting_room", "it was written with --separator comma alone, and not with --bom"},
		{"a mark", marked, export.Style{}, "host_video,waiting_room", "--bom"},
		{"a row of something else", csv + "1,2\r\n" + csv, export.Style{}, "host_video,waiting_room", "2 cells in place of 5"},
		{"a row that is no CSV", csv + "a\"b\"c,2,3,4,5\r\n", export.Style{}, "host_video,waiting_room", "no CSV"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			path := filepath.Join(t.TempDir(), "users")
			if err := os.WriteFile(path, []byte(tt.text), 0o600); err != nil {
				t.Fatal(err)
			}
			settings, err := a.graph.ExportSettings(strings.Split(tt.fields, ","), "")
			if err != nil {
				t.Fatal(err)
			}
			_, err = export.Resume(path, tt.style, settings.Columns())
			if err == nil || !strings.Contains(err.Error(), tt.want) || !strings.Contains(err.Error(), path) {
				t.Errorf("error %v, want %q", err, tt.want)
			}
			if left, err := os.ReadFile(path); string(left) != tt.text {
				t.Errorf("the file was changed: %q, %v", left, err)
			}
		})
	}
}

func TestFiles(t *testing.T) {
	t.Parallel()
	a := newAccount(t, 3, sandbox.Config{}, false)
	columns := a.settings("host_video").Columns()
	dir := t.TempDir()
	path := filepath.Join(dir, "users.csv")
	for _, open := range []func(string) (*export.Sink, error){
		func(p string) (*export.Sink, error) { return export.Create(p, export.Style{}, columns) },
		func(p string) (*export.Sink, error) { return export.Resume(p, export.Style{}, columns) },
	} {
		sink, err := open(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := a.export(a.settings("host_video"), sink); err != nil {
			t.Fatal(err)
		}
		if err := sink.Close(); err != nil {
			t.Fatal(err)
		}
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("mode %v, %v", info.Mode(), err)
		}
		if _, err := export.Create(path, export.Style{}, columns); err == nil || !strings.Contains(err.Error(), "--resume "+path) {
			t.Errorf("a file that is there: %v", err)
		}
		if err := os.Remove(path); err != nil {
			t.Fatal(err)
		}
		if _, err := open(filepath.Join(dir, "none", "users.csv")); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("no directory: %v", err)
		}
	}
	if _, err := export.Resume(os.DevNull, export.Style{}, columns); err == nil {
		t.Error("a device was resumed")
	}
}

// A disk without room is an error.
func TestFullDisk(t *testing.T) {
	t.Parallel()
	const full = "/dev/full"
	if _, err := os.Stat(full); err != nil {
		t.Skip("there is no " + full)
	}
	a := newAccount(t, 3, sandbox.Config{}, false)
	settings := a.settings("host_video")
	sink, err := export.Create(full, export.Style{}, settings.Columns())
	if err != nil {
		t.Fatal(err)
	}
	defer sink.Close()
	if _, err := a.export(settings, sink); err == nil || !strings.Contains(err.Error(), full) {
		t.Errorf("error %v", err)
	}
}
