package price_test

import (
	"strings"
	"testing"

	"zoomgraph/internal/answering"
)

// aliased repeats a field under so many aliases.
func aliased(field string, n int, long string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(" " + string(rune('a'+i%26)) + string(rune('a'+i/26)) + long + ": " + field)
	}
	return b.String()
}

// Dashboards are estimated below the limit of an answer, and what multiplies itself above it.
func TestSize(t *testing.T) {
	t.Parallel()
	allSettings := ""
	for _, section := range schema(t).Types["UserSettings"].Fields {
		if fields := schema(t).Types[section.Type.Name()].Fields; section.Name != "raw" && section.Directives.ForName("view").Arguments.ForName("option") == nil {
			leaves := ""
			for _, f := range fields {
				if schema(t).Types[f.Type.Name()].Fields == nil {
					leaves += f.Name + " "
				}
			}
			if leaves != "" {
				allSettings += section.Name + " { " + leaves + "} "
			}
		}
	}
	for _, test := range []struct {
		name, query string
		variables   map[string]any
		fits        bool
		largest     string
	}{
		{"a dashboard", "{ users(first: 1000) { nodes { id email settings { " + allSettings + " } } } }", nil, true, ""},
		{"one raw", "{ users(first: 1000) { nodes { id settings { raw } } } }", nil, true, "UserSettings.raw"},
		{"all of a list", "{ users(first: 1000) { nodes { id email firstName lastName dept role { name } groups { name } } pageInfo { endCursor hasNextPage } totalCount } }", nil, true, ""},
		{"members", "{ groups(first: 30) { nodes { name members(first: 300) { nodes { id email firstName lastName } } } } }", nil, true, ""},
		{"drift", `{ settingsDrift(baseline: {schedule_meeting: {host_video: true, audio_type: "voip"}}, first: 1000) { nodes { user { email } deviations { name wanted found source } } } }`, nil, true, ""},
		{"raw in two lists", "{ users(first: 1000) { nodes { settings { a: raw b: raw } } edges { node { settings { raw } } } } }", nil, false, "UserSettings.raw"},
		{"aliases of raw", "{ users(first: 499) { nodes { settings {" + aliased("raw", 58, "") + " } } } }", nil, false, "UserSettings.raw"},
		{"aliases of raw in fragments", "{ users(first: 499) { nodes { settings { ...a ...b } } } } fragment a on UserSettings {" + aliased("raw", 29, "") + " } fragment b on UserSettings {" + aliased("raw", 29, "x") + " }", nil, false, "UserSettings.raw"},
		{"by a variable", "query ($n: Int!) { users(first: $n) { nodes { settings {" + aliased("raw", 58, "") + " } } } }", map[string]any{"n": 499}, false, "UserSettings.raw"},
		{"few by a variable", "query ($n: Int!) { users(first: $n) { nodes { settings {" + aliased("raw", 58, "") + " } } } }", map[string]any{"n": 9}, true, "UserSettings.raw"},
		{"fragments that repeat one field", "{ users(first: 1000) { nodes { settings { ...a ...b raw } } } } fragment a on UserSettings { raw } fragment b on UserSettings { raw ...a }", nil, true, "UserSettings.raw"},
		{"left out", "query ($no: Boolean!) { users(first: 499) { nodes { settings {" + aliased("raw @include(if: $no)", 58, "") + " } } } }", map[string]any{"no": false}, true, ""},
		{"wanted", "query ($b: JSON!) { settingsDrift(baseline: $b, first: 499) { nodes { deviations {" + aliased("wanted", 58, "") + " } } } }", map[string]any{"b": map[string]any{"schedule_meeting": map[string]any{"audio_type": strings.Repeat("x", 4000)}}}, false, "Deviation.wanted"},
		{"wanted once", "query ($b: JSON!) { settingsDrift(baseline: $b, first: 499) { nodes { deviations { wanted } } } }", map[string]any{"b": map[string]any{"schedule_meeting": map[string]any{"audio_type": strings.Repeat("x", 4000)}}}, true, "Deviation.wanted"},
		{"wanted that is not known", "query ($b: JSON!) { settingsDrift(baseline: $b, first: 30) { nodes { deviations { wanted } } } }", nil, true, "Deviation.wanted"},
		{"long names", "{ groups(first: 50) { nodes { members(first: 300) { nodes {" + aliased("__typename", 58, strings.Repeat("x", 100)) + " } } } } }", nil, false, "User.__typename"},
		{"effective settings", "{ users(first: 900) { nodes { effectiveSettings(fields: [\"chat\", \"host_video\"]) { name because {" + aliased("value", 30, strings.Repeat("x", 60)) + " } } } } }", nil, false, "EffectiveStep.value"},
	} {
		size := priceOf(t, test.query, test.variables).Size
		if fits := size.Bytes <= answering.DefaultMaxBytes; fits != test.fits || test.largest != "" && size.Largest != test.largest {
			t.Errorf("%s: %+v, which fits: %v, want %v and %s", test.name, size, fits, test.fits, test.largest)
		}
		if test.fits && size.Memory() > answering.DefaultMaxBytes {
			t.Errorf("%s: %d fields are too many", test.name, size.Fields)
		}
	}
}

// An estimate is about what the answer of the sandbox has, or more where lists are assumed to be fuller.
func TestActualSize(t *testing.T) {
	t.Parallel()
	s := start(t)
	for _, test := range []struct {
		query string
		times float64 // how much more than the answer it may be
	}{
		{"{ users(first: 100) { nodes { id email firstName lastName dept } } }", 2},
		{"{ users(first: 50) { nodes { settings { raw } } } }", 2},
		{"{ users(first: 50) { nodes { settings {" + aliased("raw", 10, "") + " } } } }", 2},
		{"{ users(first: 20) { nodes { settings(option: MEETING_SECURITY) { raw } } } }", 3},
		{"{ users(first: 100) { nodes { settings { scheduleMeeting { hostVideo participantsVideo audioType joinBeforeHost } inMeeting { chat waitingRoom } } } } }", 2},
		{"{ users(first: 100) { edges { cursor node {" + aliased("__typename", 10, "longer") + " } } } }", 2},
		{`{ settingsDrift(baseline: {schedule_meeting: {host_video: true, audio_type: "voip"}}, first: 100) { nodes { deviations { name wanted found } } } }`, 6},
		{`{ users(first: 20) { nodes { effectiveSettings(fields: ["chat", "host_video"]) { name value source because { name value level locked } } } } }`, 8},
	} {
		size, found := priceOf(t, test.query, nil).Size.Bytes, len(s.ask(test.query))
		t.Logf("%d estimated, %d found: %.80s", size, found, test.query)
		if float64(size) < 0.5*float64(found) || float64(size) > test.times*float64(found) {
			t.Errorf("%s\nis estimated at %d bytes, and has %d", test.query, size, found)
		}
	}
}
