package scopes

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

func TestFewest(t *testing.T) {
	t.Parallel()
	for _, test := range []struct{ needs, want string }{
		{"", ""},
		{"user:read:admin user:read", "user:read:admin"},
		{"user:read:user user:read:user:admin user:read:user:master", "user:read:user:admin"},
		{"account:write:admin account:master", "account:write:admin"},
		{"account:write:admin, account:read:admin account:write:admin", "account:write:admin"},
		{"x:master, y:master", "x:master y:master"},
		{"a:read b:read, b:read c:read, c:read d:read", "a:read c:read"},
		{"a:read:admin b:read:admin, b:read:admin c:read:admin, c:read:admin a:read:admin", "a:read:admin b:read:admin"},
		{"a:read:master b:read:admin, a:read:master c:read:admin", "a:read:master"},
		// Greed takes x first, and then needs three.
		{"a x:1, a x:2, b x:3, b x:4, a p, b q", "a b"},
		{"one two, one two, two three, four", "four two"},
	} {
		var needs [][]string
		for need := range strings.SplitSeq(test.needs, ", ") {
			if need != "" {
				needs = append(needs, strings.Fields(need))
			}
		}
		for range 3 {
			if got := strings.Join(fewest(needs), " "); got != test.want {
				t.Errorf("%s: %s, want %s", test.needs, got, test.want)
			}
			slices.Reverse(needs)
		}
	}
}

// Where greed is wrong the exact search is right, and where there is too much to try greed has its turn.
func TestFewestIsExactWhereItCanBe(t *testing.T) {
	t.Parallel()
	// Six needs; two scopes meet three each, but one that meets four is more tempting.
	needs := [][]string{{"l", "big"}, {"l", "big"}, {"l", "x"}, {"r", "big"}, {"r", "big"}, {"r", "y"}}
	for i := range needs {
		needs[i] = append(needs[i], fmt.Sprintf("own%d", i))
	}
	if got := fewest(needs); !slices.Equal(got, []string{"l", "r"}) {
		t.Errorf("%q", got)
	}
	if got := greedy(needs); len(got) != 3 {
		t.Errorf("greed chose %q: the case above proves nothing", got)
	}
	var many [][]string
	for i := range 4 * maxExact {
		many = append(many, []string{fmt.Sprintf("s%d", i), fmt.Sprintf("s%d", i+1)})
	}
	got := fewest(many)
	for _, need := range many {
		if !slices.ContainsFunc(need, func(scope string) bool { return slices.Contains(got, scope) }) {
			t.Errorf("%q has none of %q", need, got)
		}
	}
}
