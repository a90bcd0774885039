package graph_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"strings"
	"testing"

	"zoomgraph/graph"
	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/sandbox"
)

// What is declared is told without a call.
func TestGroupModel(t *testing.T) {
	t.Parallel()
	const query = `{ account(id: "me") { groupModel { model ranks { rank group manages } } } sub: account(id: "x") { groupModel { model } } }`
	for _, test := range []struct {
		declared graph.GroupModel
		want     string
	}{
		{graph.GroupModel{}, `{"model":"UNDECLARED","ranks":[]}`},
		{graph.GroupModel{Kind: graph.LegacyGroups}, `{"model":"LEGACY","ranks":[]}`},
		{
			graph.GroupModel{Kind: graph.RankedGroups, Ranks: []graph.GroupRank{{Group: "Support", Manages: []string{"in_meeting", "recording.local_recording"}}, {Group: "Sales"}}},
			`{"model":"RANKED","ranks":[{"rank":1,"group":"Support","manages":["in_meeting","recording.local_recording"]},{"rank":2,"group":"Sales","manages":null}]}`,
		},
	} {
		s := setup(t, sandbox.Config{}, withGroups(test.declared))
		if a := s.must(query); !bytes.Contains(a.raw, []byte(`"account":{"groupModel":`+test.want+`},"sub":{"groupModel":null}`)) {
			t.Errorf("%s, want %s", a.raw, test.want)
		}
		s.wantCalls()
	}
}

// Sections that do not exist are found at the start.
func TestManagedSectionsAreChecked(t *testing.T) {
	t.Parallel()
	for managed, want := range map[string]string{
		"in_meeting": "", "chat": "", "meeting_security.waiting_room": "", "schedule_meeting.participant_video": "",
		"in_meting":             `group_ranks: Support: no section of settings is named "in_meting"`,
		"in_meeting.file_trans": `group_ranks: Support: no setting is named "in_meeting.file_trans"; did you mean`,
	} {
		_, err := graph.NewServer(graph.Options{Program: programtest.Of(t), PrincipalOptions: graph.PrincipalOptions{
			Groups: graph.GroupModel{Kind: graph.RankedGroups, Ranks: []graph.GroupRank{{Group: "Support", Manages: []string{managed}}}},
		}})
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasPrefix(err.Error(), want)) {
			t.Errorf("%s: %v, want %s", managed, err, want)
		}
	}
}

// Ranks that no group has, or several, or one that has another, are warned of once, when groups are read.
func TestRanksThatDoNotFit(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		ranks  []string
		groups string // in place of those that are listed
		want   []string
		reason string // that somebody's setting is uncertain for
	}{
		"fitting":           {ranks: []string{"Support", "Sales", "Engineering"}},
		"of no group":       {[]string{"Marketing", "Support", "Sales", "Engineering"}, "", []string{"does not have", "group=Marketing"}, ""},
		"twice":             {[]string{"Sales", "Sales", "Support", "Engineering"}, "", []string{"twice", "group=Sales"}, ""},
		"by id and name":    {[]string{"Sales", "SALES", "Support", "Engineering"}, "", []string{"twice", "first=Sales"}, ""},
		"of several":        {[]string{"Sales", "Support"}, `[{"id":"SALES","name":"Sales"},{"id":"ENGINEERING","name":"Sales"},{"id":"SUPPORT","name":"Support"}]`, []string{"several", "group=Sales"}, "GROUP_RANK_UNDECLARED"},
		"of not all groups": {[]string{"Support"}, "", nil, "GROUP_RANK_UNDECLARED"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ids := setup(t, sandbox.Config{}).groupsByName() // the same in each sandbox
			fill := strings.NewReplacer("SALES", ids["Sales"], "ENGINEERING", ids["Engineering"], "SUPPORT", ids["Support"]).Replace
			declared := graph.GroupModel{Kind: graph.RankedGroups}
			for _, rank := range test.ranks {
				declared.Ranks = append(declared.Ranks, graph.GroupRank{Group: fill(rank)})
			}
			cfg := sandbox.Config{GroupModel: sandbox.ModelRanked}
			if test.groups != "" {
				cfg.Faults = []sandbox.Fault{{Kind: "wrong-type", Match: "GET /groups", Path: "groups", Value: json.RawMessage(fill(test.groups))}}
			}
			var log bytes.Buffer
			s := setup(t, cfg, withGroups(declared), func(p *parts) { p.graph.Logger = slog.New(slog.NewTextHandler(&log, nil)) })
			var a *answer
			for range 2 {
				a = s.must(`{ users(first: 50) { nodes { effectiveSettings(fields: ["annotation"]) { reason } } } }`)
			}
			lines := strings.Count(log.String(), "\n")
			if lines != min(len(test.want), 1) {
				t.Errorf("%d warnings: %s", lines, log.String())
			}
			for _, part := range test.want {
				if !strings.Contains(log.String(), part) {
					t.Errorf("no %q in %s", part, log.String())
				}
			}
			if got := bytes.Contains(a.raw, []byte(`"reason":"`)); got != (test.reason != "") || !bytes.Contains(a.raw, []byte(test.reason)) {
				t.Errorf("want somebody uncertain for %q: %s", test.reason, a.raw)
			}
		})
	}
}
