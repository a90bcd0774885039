package sensitive_test

import (
	"testing"

	"zoomgraph/internal/sensitive"
)

func TestName(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]bool{
		"pmi_password": true, "host_key": true, "passcode": true, "token": true,
		"schedule_meeting.pmi_password": true, "schedule_meeting.host_video": false, "schedule_meeting.meeting_password_requirement": false,
		"a_password_of_tomorrow": true, "newToken": true, "clientSecret": true, // not of this schema
		"meeting_password_requirement": false, "require_password_for_pmi_meetings": false,
		"host_video": false, "": false, ".": false,
	} {
		if got := sensitive.Name(name); got != want {
			t.Errorf("Name(%q) = %v", name, got)
		}
	}
}

func TestValue(t *testing.T) {
	t.Parallel()
	for value, want := range map[string]bool{
		`"x"`: true, `""`: true, `1`: true, `{"a":true}`: true, `[]`: true, `true`: false, `false`: false, `null`: false, ``: false,
	} {
		if got := sensitive.Value([]byte(value)); got != want {
			t.Errorf("Value(%s) = %v", value, got)
		}
	}
}
