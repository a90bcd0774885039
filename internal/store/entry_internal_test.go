package store

import (
	"testing"
	"time"
)

// What an entry weighs counts what is remembered of where its parts lie, which may be more than the text.
func TestWeight(t *testing.T) {
	t.Parallel()
	short := (*entry)(nil).with(nil, []byte(`{"section":"                    "}`), time.Now(), "")
	full := (*entry)(nil).with(nil, []byte(`{"s":{"a":1,"b":2,"c":3,"d":4}}`), time.Now(), "")
	if len(short.body.Text) < len(full.body.Text) || full.weight() < short.weight()+4*20 {
		t.Errorf("five members weigh %d, and one as long as they %d", full.weight(), short.weight())
	}
	lacking := short.with([]string{"a", "b", "c", "d", "e", "f", "g", "h", "i", "j"}, []byte(`{}`), time.Now(), "")
	if lacking.weight() < short.weight()+10*40 {
		t.Errorf("ten names that are not there weigh %d", lacking.weight()-short.weight())
	}
}
