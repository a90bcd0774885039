package store

import (
	"testing"

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
