package load_test

import (
	"encoding/json"
	"testing"

	"zoomgraph/client"
	"zoomgraph/graph/load"
)

// What AppendJSON writes is what encoding/json would.
func TestAppendJSON(t *testing.T) {
	t.Parallel()
	all := map[string]int{"": 7}
	for i, label := range client.Labels() {
		all[string(label)] = i
	}
	for _, test := range []struct {
		e    load.Explanation
		told bool
	}{
		{load.Explanation{Cost: load.Cost{ByLabel: map[string]int{}}}, true},
		{load.Explanation{Cost: load.Cost{Requested: 1, Calls: 2, Cached: 3, Coalesced: 4, WaitedMs: -5, ByLabel: all}}, true},
		{load.Explanation{Absent: []load.Absence{}, Cost: load.Cost{ByLabel: map[string]int{"LIGHT": 12}}}, true},
		{load.Explanation{}, false},
		{load.Explanation{Absent: []load.Absence{{}}, Cost: load.Cost{ByLabel: map[string]int{}}}, false},
		{load.Explanation{Stale: []load.Stale{{}}, Cost: load.Cost{ByLabel: map[string]int{}}}, false},
		{load.Explanation{Calls: []load.Call{{}}, Cost: load.Cost{ByLabel: map[string]int{}}}, false},
		{load.Explanation{Saved: []load.Saved{{}}, Cost: load.Cost{ByLabel: map[string]int{}}}, false},
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
