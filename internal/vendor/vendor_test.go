package vendor_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"zoomgraph/internal/openapi"
	"zoomgraph/internal/vendor"
)

var update = flag.Bool("update", false, "write the golden files anew")

func golden(t *testing.T, name, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(name, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (refresh with -update; -want +got):\n%s", name, diff)
	}
}

// newer is the made-up document.
func newer(t *testing.T) *openapi.Document {
	t.Helper()
	text, err := os.ReadFile("testdata/newer.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return read(t, "newer.yaml", text)
}

// A document that has a difference of each kind is told of, and its SDL compiles.
func TestNewer(t *testing.T) {
	t.Parallel()
	r := compared(t, newer(t))
	var text bytes.Buffer
	if err := r.WriteText(&text, false); err != nil {
		t.Fatal(err)
	}
	golden(t, "testdata/newer.txt", text.String())
	sdl := sdlOf(t, r, false)
	golden(t, "testdata/newer.graphqls", sdl)
	compiles(t, sdl)
}

// Each kind is found, by name and at its place.
func TestKinds(t *testing.T) {
	t.Parallel()
	r := compared(t, newer(t))
	for _, want := range []struct {
		kind     vendor.Kind
		op, at   string
		contains string
	}{
		{vendor.NewOperation, "GET /users/{userId}/badges", "", "listBadges"},
		{vendor.NewParameter, "GET /users", "query.include_ghosts", "no field"},
		{vendor.NewValue, "GET /users", "query.license", "zoom_moon_base"},
		{vendor.NewField, "GET /users", "answer.users.badges", "User has no field"},
		{vendor.NewField, "PATCH /users/{userId}", "body.moon_base", "UpdateUserInput has no field"},
		{vendor.NewField, "GET /users/{userId}/settings", "answer.holograms", "UserSettings has no section"},
		{vendor.NewField, "GET /users/{userId}/settings", "answer.meeting_security.airlock", "has no field"},
		{vendor.Type, "GET /users", "answer.users.dept", "a list in the document"},
		{vendor.Required, "PATCH /users/{userId}", "body.first_name", "may be left out"},
		{vendor.Label, "GET /users", "label", "HEAVY in the document, MEDIUM here"},
		{vendor.Scopes, "GET /users", "scopes", "user:peek"},
		{vendor.Moved, "GET /tracking_fields/{fieldId}", "path", "GET /account/tracking_fields/{fieldId}"},
		{vendor.Gone, "GET /tracking_fields", "TrackingField.visible", `"visible"`},
		{vendor.Gone, "DELETE /tracking_fields/{fieldId}", "", "not this operation"},
	} {
		d := find(t, r, want.op, want.at)
		if d.Kind != want.kind || !strings.Contains(d.What, want.contains) || d.Reason != "" {
			t.Errorf("%s %s is %+v, want %s with %q", want.op, want.at, d, want.kind, want.contains)
		}
	}
}

// Of what the documents do not speak nothing is said: chapters of which they have little, things of which they have a
// part, and what a master account may ask.
func TestSilence(t *testing.T) {
	t.Parallel()
	r := compared(t, newer(t))
	for _, d := range r.Differences {
		switch {
		case d.Kind == vendor.Gone && strings.HasPrefix(d.Op, "GET /meetings"), d.Kind == vendor.Gone && strings.HasPrefix(d.At, "User."):
			t.Errorf("%+v", d)
		case strings.HasPrefix(d.Op, "GET /accounts/"):
			t.Errorf("%+v", d)
		}
	}
}

// What the program says itself differs in nothing that is news.
func TestNothingNew(t *testing.T) {
	t.Parallel()
	doc := read(t, "same.json", []byte(`{"openapi": "3.1.0", "paths": {"/tracking_fields": {"get": {"operationId": "trackingfieldList",
		"description": "**Rate Limit Label:** Medium", "responses": {"200": {"content": {"application/json": {"schema": {"type": ["object", "null"], "properties": {
		"total_records": {"type": "integer"}, "tracking_fields": {"type": "array", "items": {"type": "object", "properties": {"id": {"type": "string"}, "visible": {"type": "boolean"}}}}}}}}}}}}}}`))
	r := compared(t, doc)
	if news := r.News(); len(news) > 0 || r.Compared != 1 {
		t.Errorf("%d operations were compared, and there is news: %+v", r.Compared, news)
	}
	var text, raw bytes.Buffer
	if err := r.WriteText(&text, false); err != nil {
		t.Fatal(err)
	}
	if got := text.String(); got != "0 differences in 0 operations; 1 operation compared\n" {
		t.Errorf("it says %q", got)
	}
	var report struct{ Differences []vendor.Difference }
	if err := r.WriteJSON(&raw, false); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(raw.Bytes(), &report); err != nil || report.Differences == nil {
		t.Errorf("as JSON: %v, %s", err, raw.String())
	}
}
