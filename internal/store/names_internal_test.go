package store

import (
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"zoomgraph/internal/rawjson"
)

// What is known of names' readings is what a map of them would tell, however it came about, and takes one time where all
// names have the same.
func TestReadings(t *testing.T) {
	t.Parallel()
	names := []string{"a", "b", "c", "d", "e"}
	rapid.Check(t, func(rt *rapid.T) {
		some := func(label string) []string {
			list := rapid.SliceOfDistinct(rapid.SampledFrom(names), rapid.ID[string]).Draw(rt, label)
			slices.Sort(list)
			return list
		}
		want := map[string]span{}
		got := readingsOf(want)
		for range rapid.IntRange(1, 6).Draw(rt, "steps") {
			at := exactly(moment(rapid.IntRange(1, 3).Draw(rt, "at")))
			switch list := some("names"); rapid.SampledFrom([]string{"call", "with", "all", "changed", "less"}).Draw(rt, "step") {
			case "call":
				want, got = map[string]span{}, readings{names: list, all: at}
				for _, name := range list {
					want[name] = at
				}
			case "with":
				for _, name := range list {
					want[name] = at
				}
				got = got.with(list, func(string) span { return at })
			case "all":
				got = readingsOf(want)
			case "changed":
				for name, read := range want {
					want[name] = span{read.from, at.to + 3}
				}
				got = got.changed(func(read span) (span, bool) { return span{read.from, at.to + 3}, true })
			case "less":
				maps.DeleteFunc(want, func(_ string, read span) bool { return read.from == at.from })
				got = got.changed(func(read span) (span, bool) { return read, read.from != at.from })
			}
			check(rt, got, want, names)
		}
	})
}

func check(rt *rapid.T, got readings, want map[string]span, names []string) {
	if pairs := maps.Collect(got.pairs()); !maps.Equal(pairs, want) || !slices.IsSorted(got.names) || len(got.names) != len(want) {
		rt.Fatalf("%+v, want %v", got, want)
	}
	distinct := map[span]bool{}
	for _, name := range names {
		read, ok := got.of(name)
		if expected, known := want[name]; ok != known || read != expected {
			rt.Fatalf("%s at %v (%v), want %v (%v)", name, read, ok, expected, known)
		}
		if ok {
			distinct[read] = true
		}
		if ok && !got.has(func(s span) bool { return s == read }) {
			rt.Fatalf("no reading at %v in %+v", read, got)
		}
	}
	if len(distinct) <= 1 && len(got.each) > 0 {
		rt.Fatalf("times of each name where all are the same: %+v", got)
	}
}

// What is read anew, with all that was known, takes the place of that as it came: nothing is put together, and the list of
// names is the call's, which all calls for them share.
func TestReadAnew(t *testing.T) {
	t.Parallel()
	names := []string{"a", "b"}
	body := func(value string) *entry {
		return &entry{body: rawjson.Parse([]byte(`{"s":{"a":` + value + `,"b":` + value + `}}`))}
	}
	old, anew := body("1"), body("2")
	old.names, anew.names = readings{names: names, all: exactly(1)}, readings{names: names, all: exactly(2)}
	got := old.merged(anew)
	if &got.body.Text[0] != &anew.body.Text[0] || &got.names.names[0] != &names[0] || got.names.each != nil {
		t.Errorf("%s, %+v", got.body.Text, got.names)
	}
	if again := anew.merged(old); again != anew {
		t.Errorf("%s where nothing is new", again.body.Text)
	}
	some := body("3")
	some.names = readings{names: names[:1], all: exactly(3)}
	if got := anew.merged(some); string(got.body.Text) != `{"s":{"b":2,"a":3}}` || got.readAt("a") != exactly(3) || got.readAt("b") != exactly(2) {
		t.Errorf("%s, %+v", got.body.Text, got.names)
	}
}
