package sandbox

import (
	"slices"
	"strings"
	"testing"

	"zoomgraph/graph/program/programtest"
)

// A function is found by its operation's name, so a slip of the pen there would
// make the operation a synthetic one without a word.
func TestFunctionsAndSchemaName(t *testing.T) {
	t.Parallel()
	routes, err := deriveRoutes(programtest.Of(t))
	if err != nil {
		t.Fatal(err)
	}
	functions := operations()
	if len(functions) != 65 {
		t.Errorf("%d functions; the chapters Users, Accounts, Groups and Roles have 65 operations", len(functions))
	}
	var names []string
	for _, r := range routes {
		names = append(names, r.name())
		chapter, _, _ := strings.Cut(strings.TrimPrefix(r.path, "/"), "/")
		if slices.Contains([]string{"users", "groups", "roles", "accounts"}, chapter) && (r.label == "" || len(r.scopes) == 0) {
			t.Errorf("%s: label %q, scopes %q", r.name(), r.label, r.scopes)
		}
	}
	for name := range functions {
		if !slices.Contains(names, name) {
			t.Errorf("the schema has no operation %s", name)
		}
	}
}

// Levels follow each other by key, which is sound as long as one key is of one
// kind everywhere.
func TestTreesAgree(t *testing.T) {
	t.Parallel()
	trees, err := deriveTrees(programtest.Of(t))
	if err != nil {
		t.Fatal(err)
	}
	kinds, shared := map[string]string{}, 0
	var visit func(tree string, nodes []*node)
	visit = func(tree string, nodes []*node) {
		for _, n := range nodes {
			if n.kind == object {
				visit(tree, n.fields)
				continue
			}
			is := n.expects() + kindOfList(n)
			if before, known := kinds[n.key]; known {
				shared++
				if before != is {
					t.Errorf("%s: %s is %s, and %s elsewhere", tree, n.key, is, before)
				}
			}
			kinds[n.key] = is
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
				if leaf.kind != boolean && leaf.kind != object {
					t.Errorf("%s: the lock %s is no boolean", name, leaf.path)
				}
			}
		}
	}
	for _, path := range LockedSettings() {
		for _, name := range []string{userSettings, accountSettings, accountLocks} {
			if n := trees[name].find("", path); n == nil || n.key != ":"+path {
				t.Errorf("%s has no %s, which the account locks", name, path)
			}
		}
	}
}

func kindOfList(n *node) string {
	if n.kind == list {
		return ", a list of " + n.elem.expects()
	}
	return ""
}
