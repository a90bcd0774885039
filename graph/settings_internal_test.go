package graph

import (
	"slices"
	"testing"

	"zoomgraph/graph/program/programtest"
)

// Fields that ask for the same settings in one call, whatever they ask of these.
func TestSharedCalls(t *testing.T) {
	t.Parallel()
	s := &Server{Program: programtest.Of(t)}
	for _, test := range []struct {
		of, field string
		shares    string // "": nothing
	}{
		{"User", "settings", "userSettings"},
		{"User", "effectiveSettings", "userSettings"},
		{"User", "effectiveSettings", "getGroupLockSettings"},
		{"Query", "settingsDrift", "userSettings"},
		{"Group", "settings", "getGroupSettings"},
		{"Group", "lockSettings", "getGroupLockSettings"},
		{"Query", "users", ""},
		{"User", "meetings", ""},
		{"User", "email", ""},
	} {
		got := s.sharedCalls(s.Program.Schema.Types[test.of].Fields.ForName(test.field))
		if is := slices.Contains(got, test.shares); is != (test.shares != "") || !is && got != nil {
			t.Errorf("%s.%s shares %q, want %q", test.of, test.field, got, test.shares)
		}
	}
}
