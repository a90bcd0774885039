package store_test

import (
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"zoomgraph/client"
	"zoomgraph/internal/store"
)

// What is written in a sub account, or of all of the account above, is read again where it can be seen, and nowhere else.
func TestWritesBelow(t *testing.T) {
	t.Parallel()
	settings := &client.Op{Method: "PATCH", Path: "/accounts/{accountId}/settings"}
	for name, test := range map[string]struct {
		in   string // the sub account; "": the account above
		op   *client.Op
		path []string
		want string // whose user is read again
	}{
		"a user of one":               {"a", opUpdate, []string{"abc"}, "a"},
		"by address":                  {"b", opUpdate, []string{"ann@example.com"}, "b"},
		"a user above":                {"", opUpdate, []string{"abc"}, "above"},
		"the settings of one":         {"a", settings, []string{"me"}, "a"},
		"the settings of the account": {"", settings, []string{"me"}, "a;above;b"},
		"nothing that is known":       {"a", &client.Op{Method: "PATCH", Path: "/stars/{starId}"}, []string{"sun"}, "a"},
		"nor above":                   {"", &client.Op{Method: "PATCH", Path: "/stars/{starId}"}, []string{"sun"}, "a;above;b"},
	} {
		for _, far := range []store.Far{nil, newShared()} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					above := newStore(t, usual()).Principal("acct", "", far)
					at := map[string]*store.Principal{"above": above, "a": above.Below("a"), "b": above.Below("b")}
					reads := func() string {
						var again []string
						for who, p := range at {
							z := &zoom{}
							get(t, p, z, "abc", "a1")
							if len(z.calls) > 0 {
								again = append(again, who)
							}
						}
						slices.Sort(again)
						return strings.Join(again, ";")
					}
					if got := reads(); got != "a;above;b" {
						t.Fatalf("at first %s are read", got)
					}
					writer := at["above"]
					if test.in != "" {
						writer = at[test.in]
					}
					writer.Wrote(t.Context(), test.op, test.path)
					if got := reads(); got != test.want {
						t.Errorf("read again: %s, want %s", got, test.want)
					}
					if got := reads(); got != "" {
						t.Errorf("read once more: %s", got)
					}
				})
			})
		}
	}
}

// Two sub accounts with the same users, a thousand reads and writes in any order at once, beside the account above.
func TestNothingCrossesBelow(t *testing.T) {
	t.Parallel()
	above := newStore(t, usual()).Principal("acct", "", newShared())
	nothingCrosses(t, above.Below("a"), above.Below("b"))
	nothingCrosses(t, above, above.Below("c"))
}
