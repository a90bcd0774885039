package carried_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"

	"zoomgraph/internal/carried"
)

type key int

// roomy has room for one value.
type roomy struct {
	context.Context
	key, value any
}

func (r *roomy) Carry(key, value any) bool {
	if r.key != nil {
		return false
	}
	r.key, r.value = key, value
	return true
}

func (r *roomy) Value(key any) any {
	if key == r.key {
		return r.value
	}
	return r.Context.Value(key)
}

// TestBy: values are found however they are carried, the last one of a key counts, and a request is copied only where its
// context has no room.
func TestBy(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		ctx    context.Context
		copied [3]bool
	}{
		"no room":  {t.Context(), [3]bool{true, true, true}},
		"one room": {&roomy{Context: t.Context()}, [3]bool{false, true, true}},
	} {
		r := httptest.NewRequestWithContext(test.ctx, http.MethodGet, "/", http.NoBody)
		for i, put := range []struct {
			key   key
			value int
		}{{1, 10}, {2, 20}, {1, 30}} {
			next := carried.By(r, put.key, put.value)
			if copied := next != r; copied != test.copied[i] {
				t.Errorf("%s: the request is copied for value %d: %v", name, i, copied)
			}
			r = next
		}
		if one, two, three := r.Context().Value(key(1)), r.Context().Value(key(2)), r.Context().Value(key(3)); one != 30 || two != 20 || three != nil {
			t.Errorf("%s: %v, %v and %v are carried", name, one, two, three)
		}
	}
}
