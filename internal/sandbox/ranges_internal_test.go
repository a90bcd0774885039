package sandbox

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
	var visit func(n *node)
	visit = func(n *node) {
		for _, value := range n.made {
			if !n.takes(value) {
				t.Errorf("%s may be %s, which is not %s", n.path, value, n.expects())
			}
		}
		if n.kind == integer || n.kind == long {
			numbers++
			if len(n.made) == 0 {
				t.Errorf("%s has no values", n.path)
			}
		}
		for name := range left {
			if n.path == name || len(n.path) > len(name) && n.path[len(n.path)-len(name)-1:] == "."+name {
				delete(left, name)
			}
		}
		for _, f := range n.fields {
			visit(f)
		}
		if n.elem != nil {
			visit(n.elem)
		}
	}
	trees, err := deriveTrees(programtest.Of(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, tree := range trees {
		for _, view := range tree {
			for _, leaf := range view.leaves {
				visit(leaf)
			}
		}
	}
	routes, err := deriveRoutes(programtest.Of(t))
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range routes {
		if r.shape.node != nil {
			visit(r.shape.node)
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
		for _, kind := range []kind{integer, long} {
			n := &node{name: name, path: "section." + name, kind: kind}
			n.made = rangeOf(n)
			if len(n.made) == 0 {
				t.Errorf("%s: nothing", name)
			}
			large := false
			for _, value := range n.made {
				if !n.takes(value) {
					t.Errorf("%s may be %s, beyond its type", name, value)
				}
				large = large || len(value) > len("2147483647")
			}
			if kind == long && !large && name == "license_option" {
				t.Errorf("%s: no number needs 64 bits: %s", name, n.made)
			}
		}
	}
	within := &node{name: "jbh_time", path: "schedule_meeting.jbh_time", kind: text}
	if made := rangeOf(within); made != nil {
		t.Errorf("a text is made up of %s", made)
	}
}
