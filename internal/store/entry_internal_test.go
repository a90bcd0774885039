package store

import (
	"testing"

	"zoomgraph/client"
	"zoomgraph/internal/rawjson"
)

// What an entry weighs counts what is remembered of where its parts lie, which may be more than the text.
func TestWeight(t *testing.T) {
	t.Parallel()
	short := brought(nil, rawjson.Parse([]byte(`{"section":"                    "}`)), 1, "")
	full := brought(nil, rawjson.Parse([]byte(`{"s":{"a":1,"b":2,"c":3,"d":4}}`)), 1, "")
	if len(short.body.Text) < len(full.body.Text) || full.weight() < short.weight()+4*20 {
		t.Errorf("five members weigh %d, and one as long as they %d", full.weight(), short.weight())
	}
	lacking := short.merged(brought([]string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}, rawjson.Parse([]byte(`{}`)), 2, ""))
	if lacking.weight() < short.weight()+10*40 {
		t.Errorf("ten names that are not there weigh %d", lacking.weight()-short.weight())
	}
}

// What is merged with readings of which some are surely later, and others only may be, never goes back to these.
func TestDoubtfulReadings(t *testing.T) {
	t.Parallel()
	whole := func(value string, began span) *entry {
		return &entry{body: rawjson.Parse([]byte(`{"s":{"a":` + value + `,"b":` + value + `}}`)), whole: began}
	}
	name := func(value string, began span) *entry {
		return &entry{body: rawjson.Parse([]byte(`{"s":{"a":` + value + `}}`)), names: readings{names: []string{"a"}, all: began}}
	}
	gone := func(began moment) *entry { return lacking(&client.Error{}, began, "") }
	doubtful := span{100, 102}
	for _, test := range []struct {
		name       string
		e, other   *entry
		text       string
		known, all bool // a is known, and so is the whole
	}{
		{"a name under a later whole", whole("101", exactly(101)), name("100", doubtful).merged(whole("103", span{102, 122})), `{"s":{"b":103,"a":101}}`, true, true},
		{"a whole beside a later lack", whole("101", exactly(101)), whole("100", doubtful).merged(gone(102)), `{"s":{"a":101,"b":101}}`, true, true},
		{"a name beside a lack and a later whole", gone(101), name("100", doubtful).merged(whole("102", exactly(102))), `{"s":{"b":102,"a":100}}`, false, false},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()
			got := test.e.merged(test.other)
			if got.gone != nil || string(got.body.Text) != test.text || got.covers([]string{"a"}, 1) != test.known || got.covers(nil, 1) != test.all || !got.covers([]string{"b"}, 1) {
				t.Errorf("%s: %+v", got.body.Text, got)
			}
		})
	}
}
