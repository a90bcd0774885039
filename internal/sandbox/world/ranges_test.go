package world

import (
	"testing"

	"zoomgraph/graph/program/programtest"
)

// Everything that is made up of the product's schema fits its type, and every range is of a field that there is.
func TestRangesOfTheProduct(t *testing.T) {
	t.Parallel()
	left := map[string]bool{}
	for name := range ranges {
		left[name] = true
	}
	numbers := 0
	var visit func(n *Node)
	visit = func(n *Node) {
		for _, value := range n.Made {
			if !n.Takes(value) {
				t.Errorf("%s may be %s, which is not %s", n.Path, value, n.Expects())
			}
		}
		if n.Kind == Integer || n.Kind == Long {
			numbers++
			if len(n.Made) == 0 {
				t.Errorf("%s has no values", n.Path)
			}
		}
		for name := range left {
			if n.Path == name || len(n.Path) > len(name) && n.Path[len(n.Path)-len(name)-1:] == "."+name {
				delete(left, name)
			}
		}
		for _, f := range n.Fields {
			visit(f)
		}
		if n.Elem != nil {
			visit(n.Elem)
		}
	}
	ops, err := operations(programtest.Of(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, o := range ops {
		if !o.streams { // a file has no fields
			visit(o.item)
		}
	}
	p := programtest.Of(t)
	d := Shaper{Schema: p.Schema}
	for _, tree := range []string{"UserSettings", "GroupSettings", "AccountSettings"} {
		for _, f := range p.Schema.Types[tree].Fields {
			section, err := d.Node("", "", f.Type)
			if err != nil {
				t.Fatal(err)
			}
			visit(section)
		}
	}
	for name := range left {
		t.Errorf("no field has the range of %s", name)
	}
	if numbers < 50 {
		t.Errorf("only %d fields are whole numbers", numbers)
	}
}

// Of names that nobody has written a range for, the type says how large a number may be.
func TestRangesByType(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"attachment_size", "license_option", "days", "count"} {
		for _, kind := range []Kind{Integer, Long} {
			n := &Node{Name: name, Path: "section." + name, Kind: kind}
			n.Made = rangeOf(n)
			if len(n.Made) == 0 {
				t.Errorf("%s: nothing", name)
			}
			large := false
			for _, value := range n.Made {
				if !n.Takes(value) {
					t.Errorf("%s may be %s, beyond its type", name, value)
				}
				large = large || len(value) > len("2147483647")
			}
			if kind == Long && !large && name == "license_option" {
				t.Errorf("%s: no number needs 64 bits: %s", name, n.Made)
			}
		}
	}
	within := &Node{Name: "jbh_time", Path: "schedule_meeting.jbh_time", Kind: Text}
	if made := rangeOf(within); made != nil {
		t.Errorf("a text is made up of %s", made)
	}
}
