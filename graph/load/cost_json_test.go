package load_test

import (
	"bytes"
	"encoding/json"
	"slices"
	"testing"

	"zoomgraph/client"
	"zoomgraph/graph/load"
)

// What AppendJSON writes is what encoding/json would.
func TestAppendJSON(t *testing.T) {
	t.Parallel()
	all, counted := load.Labels{{Calls: 7}}, map[client.Label]int{"": 7}
	for i, label := range slices.Sorted(slices.Values(client.Labels())) {
		all, counted[label] = append(all, load.Labelled{Label: label, Calls: i}), i
	}
	got, err := json.Marshal(all)
	want, _ := json.Marshal(counted)
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("labels are %s, %v, want %s", got, err, want)
	}
	for _, test := range []struct {
		e    load.Explanation
		told bool
	}{
		{load.Explanation{}, true},
		{load.Explanation{Cost: load.Cost{Requested: 1, Calls: 2, Cached: 3, Coalesced: 4, WaitedMs: -5, ByLabel: all}}, true},
		{load.Explanation{Absent: []load.Absence{}, Cost: load.Cost{ByLabel: load.Labels{{"LIGHT", 12}}}}, true},
		{load.Explanation{Absent: []load.Absence{{}}}, false},
		{load.Explanation{Stale: []load.Stale{{}}}, false},
		{load.Explanation{Calls: []load.Call{{}}}, false},
		{load.Explanation{Saved: []load.Saved{{}}}, false},
	} {
		want, err := json.Marshal(test.e)
		if err != nil {
			t.Fatal(err)
		}
		got, ok := test.e.AppendJSON([]byte("x"))
		if ok != test.told || ok && string(got) != "x"+string(want) || !ok && string(got) != "x" {
			t.Errorf("%v: %s, want %s", ok, got, want)
		}
	}
}
