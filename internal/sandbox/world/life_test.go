package world

import (
	"bytes"
	"net/http"
	"testing"

	"zoomgraph/graph/program"
	"zoomgraph/graph/program/programtest"
)

// Whatever POST makes has a whole life: it is listed and read as it was made,
// changed as it was told, and gone when it was deleted.
func TestEveryLife(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		program *program.Program
		lives   int // at least
	}{"the product's": {programtest.Of(t), 10}, "a chapter of its own": {trial(t), 5}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if lives := everyLife(t, test.program); lives < test.lives {
				t.Errorf("%d kinds of things are made, want %d", lives, test.lives)
			}
		})
	}
}

func everyLife(t *testing.T, p *program.Program) (lives int) {
	t.Helper()
	w, err := New(Options{Program: p, Source: 5})
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range w.Operations() {
		if o.act != creates || o.File != "" || o.listPath() != o.Path || o.batch() != nil || !o.kind.isHome(w.ops["GET "+o.Path]) {
			continue
		}
		w.Reset()
		lives++
		life(t, w, o)
	}
	return lives
}

// life is that of one thing that an operation makes.
func life(t *testing.T, w *World, o *Operation) {
	t.Helper()
	c := w.draft(t, o, "made")
	before := len(w.shelf(o.kind, c.Place, c.owners()).now)
	if answer, err := w.Perform(c); err != nil || answer.Status != http.StatusCreated {
		t.Errorf("%s: %d, %v", o.Op, answer.Status, err)
		return
	}
	all := w.shelf(o.kind, c.Place, c.owners()).now
	if len(all) != before+1 {
		t.Errorf("%s: %d things, %d before", o.Op, len(all), before)
		return
	}
	made := all[before]
	w.says(t, o, made, c.Body)
	for _, other := range w.Operations() {
		if other.kind == o.kind && other.act == changes && other.endsInThing() && isAbout(other, o.Path) {
			change := w.draft(t, other, "changed")
			change.Vars[other.last().param] = escaped(made.ID)
			if _, err := w.Perform(change); err != nil {
				t.Errorf("%s: %v", other.Op, err)
			}
			w.says(t, other, made, change.Body)
		}
	}
	for _, other := range w.Operations() {
		if other.kind == o.kind && other.act == removes && other.endsInThing() && isAbout(other, o.Path) && !made.gone {
			end := w.draft(t, other, "")
			end.Vars[other.last().param] = escaped(made.ID)
			if _, err := w.Perform(end); err != nil || len(w.shelf(o.kind, c.Place, c.owners()).now) != before {
				t.Errorf("%s: %v", other.Op, err)
			}
			if _, err := w.Perform(end); err == nil {
				t.Errorf("%s takes the same thing out twice", other.Op)
			}
		}
	}
}

// isAbout tells whether an operation takes the id of what lives in a list.
func isAbout(o *Operation, list string) bool {
	s := o.last()
	return s.list == nil || s.list.Path == list || s.list.ofAll()
}

// draft is a call about the first of whatever its path names, with a body made up
// of its type.
func (w *World) draft(t *testing.T, o *Operation, seed string) *Call {
	t.Helper()
	c := firstCall(t, w, o)
	if o.Body != nil && seed != "" {
		d := Drawing{Number: func(path string) uint64 { return w.Source.At(o.Op, seed, path) }}
		c.Body = d.Append(nil, o.Body, "")
	}
	if err := w.locate(c); err != nil && seed == "made" {
		t.Fatalf("%s: %v", o.Op, err)
	}
	return c
}

// says checks that a thing answers what a body said of it.
func (w *World) says(t *testing.T, o *Operation, r *Record, body []byte) {
	t.Helper()
	members, _ := Members(body)
	for _, m := range members {
		has := r.kind.fields[m.Name]
		if has == nil || has.Kind == Object || m.Name == r.kind.key || has.Type != o.takes(m.Name) {
			continue
		}
		if got := w.value(r, m.Name); !bytes.Equal(got, m.Value) {
			t.Errorf("%s: %s is %s, want %s", o.Op, m.Name, got, m.Value)
		}
	}
}
