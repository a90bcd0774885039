package graph_test

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/vektah/gqlparser/v2/ast"
	"pgregory.net/rapid"

	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/sandbox"
)

// N aliases in one request answer as N requests do: data, errors and absences are the same, however their calls merge.
func TestAliasesAnswerAsSingleQueries(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]sandbox.Config{
		"as documented": {},
		"drifted": {Faults: []sandbox.Fault{
			{Match: "GET /users/*/settings", Kind: "absent", Path: "recording"},
			{Match: "GET /users/*/settings", Kind: "absent", Path: "in_meeting.chat"},
			{Match: "GET /users/*/settings", Kind: "wrong-type", Path: "schedule_meeting.host_video", Value: []byte(`"yes"`)},
			{Match: "GET /users/*/settings", Kind: "wrong-type", Path: "telephony", Value: []byte(`[1]`)},
			{Match: "GET /users/*/settings", Kind: "wrong-type", Path: "schedule_meeting.audio_type", Value: []byte(`"carrier pigeon"`)},
		}},
		"filter ignored": {FieldFilter: "ignored"},
		"filter empty":   {FieldFilter: "empty"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			together, alone := setup(t, config, withOddAnswers(t)), setup(t, config, withOddAnswers(t))
			rapid.Check(t, func(rt *rapid.T) {
				fields := rapid.SliceOfN(rapid.Custom(settingsField), 1, 6).Draw(rt, "fields")
				var query strings.Builder
				for i, field := range fields {
					if i%2 == 0 {
						fmt.Fprintf(&query, "a%d: %s ", i, field)
					} else {
						fmt.Fprintf(&query, "... on User { a%d: %s } ", i, field)
					}
				}
				got := together.ask(`{ user(id: "USER") { `+query.String()+`} }`, nil)
				for i, field := range fields {
					alias := fmt.Sprintf("a%d", i)
					want := alone.ask(`{ user(id: "USER") { `+alias+": "+field+` } }`, nil)
					if !reflect.DeepEqual(got.at("user", alias), want.at("user", alias)) {
						rt.Fatalf("%s\ntogether %s\nalone %s", field, got.raw, want.raw)
					}
					if a, b := got.complaints(alias), want.complaints(alias); !slices.Equal(a, b) {
						rt.Fatalf("%s\ntogether %q\nalone %q", field, a, b)
					}
				}
			})
		})
	}
}

// complaints are the errors and absences below an alias of user, sorted.
func (a *answer) complaints(alias string) []string {
	var out []string
	prefix := "user." + alias + "."
	for _, e := range a.Errors {
		if path := pathText(e.Path) + "."; strings.HasPrefix(path, prefix) {
			out = append(out, path+fmt.Sprint(e.Extensions["code"], e.Message))
		}
	}
	for _, e := range a.Extensions.Zoom.Absent {
		if path := pathText(e.Path) + "."; strings.HasPrefix(path, prefix) {
			out = append(out, path+e.Reason)
		}
	}
	slices.Sort(out)
	return out
}

// settingsField draws a selection of settings, with its arguments.
func settingsField(t *rapid.T) string {
	parsed := programtest.Of(t).Schema
	var args []string
	if rapid.IntRange(0, 3).Draw(t, "with option") == 0 {
		args = append(args, "option: "+rapid.SampledFrom([]string{"MEETING_SECURITY", "MEETING_AUTHENTICATION", "RECORDING_AUTHENTICATION"}).Draw(t, "option"))
	} else if rapid.IntRange(0, 3).Draw(t, "with fields") == 0 {
		names := rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"host_video", "chat", "waiting_room", "auto_recording", "whiteboard", "audio_type"}), 1, 4, rapid.ID).Draw(t, "names")
		args = append(args, `fields: ["`+strings.Join(names, `", "`)+`"]`)
	}
	field := "settings"
	if len(args) > 0 {
		field += "(" + strings.Join(args, ", ") + ")"
	}
	return field + selection(t, parsed, parsed.Types["UserSettings"], 0)
}

// selection draws a selection of an object: some of its fields, nested as deep as they go.
func selection(t *rapid.T, schema *ast.Schema, def *ast.Definition, depth int) string {
	most := 4 - depth
	fields := rapid.SliceOfN(rapid.SampledFrom(def.Fields), 1, max(1, most)).Draw(t, "selection of "+def.Name)
	var b strings.Builder
	b.WriteString(" {")
	for _, field := range fields {
		if strings.HasPrefix(field.Name, "__") {
			continue
		}
		b.WriteString(" " + field.Name)
		if below := schema.Types[field.Type.Name()]; below.Kind == ast.Object {
			b.WriteString(selection(t, schema, below, depth+1))
		}
	}
	b.WriteString(" __typename }")
	return b.String()
}
