package world

import (
	"testing"
	"time"

	"zoomgraph/graph/program/programtest"
)

// Worlds of one program share no operation and no kind, and each has its own quirks.
func TestWorldsAreApart(t *testing.T) {
	t.Parallel()
	p := programtest.Of(t)
	newWorld := func(count int) *World {
		w, err := New(Options{Program: p, Quirks: Quirks{Things: map[string]Thing{"User": {Count: count}}}, Now: time.Now()})
		if err != nil {
			t.Fatal(err)
		}
		return w
	}
	one, other := newWorld(1), newWorld(2)
	isOf := func(w *World, k *kind) bool { return k == nil || k.world == w && w.kinds[k.Name] == k }
	for _, w := range []*World{one, other} {
		stepsAreOf := func(steps []step, of string) {
			for _, s := range steps {
				if !isOf(w, s.kind) || s.list != nil && w.ops[s.list.Op] != s.list {
					t.Errorf("%s: %s is another world's", of, s.param)
				}
			}
		}
		for name, o := range w.ops {
			if !isOf(w, o.kind) {
				t.Errorf("%s: its kind %s is another world's", name, o.kind.Name)
			}
			stepsAreOf(o.steps, name)
		}
		for name, k := range w.kinds {
			if !isOf(w, k) || w.detail[k] != nil && w.ops[w.detail[k].Op] != w.detail[k] {
				t.Errorf("%s, or what reads it, is another world's", name)
			}
			for _, h := range k.homes {
				if h.list != nil && w.ops[h.list.Op] != h.list {
					t.Errorf("%s: its list %s is another world's", name, h.list.Op)
				}
				stepsAreOf(h.steps, name)
			}
		}
		for _, k := range []*kind{w.linked("user_id"), w.params["userId"]} {
			if k == nil || !isOf(w, k) {
				t.Error("what an id of a user names is another world's")
			}
		}
	}
	if one.kinds["User"].Count != 1 || other.kinds["User"].Count != 2 {
		t.Error("a world has the quirks of another one")
	}
}
