package graph

import (
	"context"
	"slices"
	"testing"

	"zoomgraph/graph/exec"
	"zoomgraph/graph/load"
	"zoomgraph/graph/model"
	"zoomgraph/graph/plan"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/graph/project"
)

// typedSettings are settings of groups as those of rooms are: in views of which none is the default one, decided by
// setting_type, and answered a view at a time.
var typedSettings = plan.NewTree([]plan.Section{
	{Field: "scheduleMeeting", Zoom: "schedule_meeting", View: "meeting", Names: []string{"audio_type", "host_video"}},
	{Field: "meetingSecurity", Zoom: "meeting_security", View: "alert", Names: []string{"pmi_password", "waiting_room"}},
}, nil).By("setting_type").Whole()

// typed answers with them.
type typed struct{ *resolvers }

func (r typed) Group() exec.GroupResolver { return typedGroup{groupOps{r.Server}} }
func (r typed) Mutation() exec.MutationResolver {
	return typedMutation{mutationResolver{mutationOps{r.Server}}}
}

type (
	typedGroup    struct{ groupOps }
	typedMutation struct{ mutationResolver }
)

func (r typedGroup) Settings(ctx context.Context, parent *model.Group, option *model.SettingsOption, fields []string, allowUnknown *bool) (*project.Value, error) {
	request := requestOf(nil, fields, allowUnknown)
	if option != nil {
		alert := "alert"
		request.Option = &alert
	}
	return r.settings(ctx, typedSettings, load.ViewKey{Op: &opGetGroupSettings, Target: parent.Key()}, request)
}

func (r typedMutation) UpdateGroupSettings(ctx context.Context, id string, input project.Input) (*model.UpdateGroupSettingsPayload, error) {
	return as(func(w *written) *model.UpdateGroupSettingsPayload {
		return &model.UpdateGroupSettingsPayload{Group: model.NewGroup(w.thing(&opGroup, id)), NotApplied: w.notApplied}
	})(r.update(ctx, updateOf{tree: typedSettings, input: "GroupSettingsInput", write: &opUpdateGroupSettings, read: &opGetGroupSettings, target: id}, input))
}

// Settings whose views a parameter other than `option` decides: one call a view that is needed, whole, and one PATCH a view
// that is written.
func TestViewsByParameter(t *testing.T) {
	t.Parallel()
	const meeting, alert = "GET /groups/g/settings?setting_type=meeting", "GET /groups/g/settings?setting_type=alert"
	for name, test := range map[string]struct {
		query, want string
		calls       []string
	}{
		"one view": {
			`{ group(id: "g") { settings { scheduleMeeting { hostVideo } } } }`,
			`{"group":{"settings":{"scheduleMeeting":{"hostVideo":true}}}}`,
			[]string{meeting},
		},
		"both": {
			`{ group(id: "g") { settings { scheduleMeeting { hostVideo } meetingSecurity { waitingRoom } } } }`,
			`{"group":{"settings":{"scheduleMeeting":{"hostVideo":true},"meetingSecurity":{"waitingRoom":false}}}}`,
			[]string{alert, meeting},
		},
		"as it is": {
			`{ group(id: "g") { settings { raw } a: settings(option: MEETING_SECURITY) { raw scheduleMeeting { hostVideo } } } }`,
			`{"group":{"settings":{"raw":{"schedule_meeting":{"host_video":true}}},"a":{"raw":{"meeting_security":{"waiting_room":false}},"scheduleMeeting":null}}}`,
			[]string{alert, meeting},
		},
		"written": {
			`mutation { updateGroupSettings(id: "g", input: {scheduleMeeting: {hostVideo: true}, meetingSecurity: {waitingRoom: true}}) { notApplied { field wanted stored } } }`,
			`{"updateGroupSettings":{"notApplied":[{"field":"meeting_security.waiting_room","wanted":true,"stored":false}]}}`,
			[]string{
				alert, meeting, `PATCH /groups/g/settings?setting_type=alert {"meeting_security":{"waiting_room":true}}`,
				`PATCH /groups/g/settings?setting_type=meeting {"schedule_meeting":{"host_video":true}}`,
			},
		},
		"written in one view": {
			`mutation { updateGroupSettings(id: "g", input: {scheduleMeeting: {hostVideo: false}}) { notApplied { field } } }`,
			`{"updateGroupSettings":{"notApplied":[{"field":"schedule_meeting.host_video"}]}}`,
			[]string{meeting, `PATCH /groups/g/settings?setting_type=meeting {"schedule_meeting":{"host_video":false}}`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			z := &Stub{Answers: map[string]string{
				meeting: `{"schedule_meeting":{"host_video":true}}`, alert: `{"meeting_security":{"waiting_room":false}}`,
			}}
			ask := z.Before(t, programtest.Of(t), func(s *Server) exec.ResolverRoot { return typed{&resolvers{plain{s}}} })
			got, _ := ask(test.query)
			if calls := z.Calls(); got != test.want || !slices.Equal(calls, test.calls) {
				t.Errorf("%s\nwant %s\ncalls %q\nwant %q", got, test.want, calls, test.calls)
			}
		})
	}
}
