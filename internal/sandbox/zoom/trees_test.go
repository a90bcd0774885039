package zoom

import (
	"testing"

	"zoomgraph/graph/program/programtest"
	"zoomgraph/internal/sandbox/world"
)

// Levels follow each other by key, which is sound as long as one key is of one
// kind everywhere.
func TestTreesAgree(t *testing.T) {
	t.Parallel()
	trees, err := deriveTrees(programtest.Of(t))
	if err != nil {
		t.Fatal(err)
	}
	kinds, shared := map[string]string{}, 0
	var visit func(tree string, nodes []*world.Node)
	visit = func(tree string, nodes []*world.Node) {
		for _, n := range nodes {
			if n.Kind == world.Object {
				visit(tree, n.Fields)
				continue
			}
			is := n.Expects() + kindOfList(n)
			if before, known := kinds[n.Key]; known {
				shared++
				if before != is {
					t.Errorf("%s: %s is %s, and %s elsewhere", tree, n.Key, is, before)
				}
			}
			kinds[n.Key] = is
		}
	}
	for _, name := range []string{userSettings, groupSettings, accountSettings} {
		for _, v := range trees[name] {
			visit(name, v.leaves)
		}
	}
	if shared < 300 {
		t.Errorf("the trees share %d settings", shared)
	}
	for _, name := range []string{groupLocks, accountLocks} {
		for _, v := range trees[name] {
			for _, leaf := range v.leaves {
				if leaf.Kind != world.Boolean && leaf.Kind != world.Object {
					t.Errorf("%s: the lock %s is no boolean", name, leaf.Path)
				}
			}
		}
	}
	for _, path := range LockedSettings() {
		for _, name := range []string{userSettings, accountSettings, accountLocks} {
			if n := trees[name].find("", path); n == nil || n.Key != ":"+path {
				t.Errorf("%s has no %s, which the account locks", name, path)
			}
		}
	}
}

func kindOfList(n *world.Node) string {
	if n.Kind == world.List {
		return ", a list of " + n.Elem.Expects()
	}
	return ""
}
