package scopes

import (
	"cmp"
	"slices"
	"strings"
)

// maxExact is how many needs that share scopes are solved exactly. Zoom's own never come near it.
const maxExact = 16

// fewest chooses scopes such that each need has one of its own among them: as few as do, and of those the ones that allow
// the least. They are sorted.
func fewest(needs [][]string) []string {
	chosen := []string{}
	for _, island := range islands(reduced(needs)) {
		best := greedy(island)
		if len(island) <= maxExact {
			best = exact(island, nil, best)
		}
		chosen = append(chosen, best...)
	}
	slices.Sort(chosen)
	return chosen
}

// reduced sorts each need and leaves out those that are met whenever another one is.
func reduced(needs [][]string) [][]string {
	sorted := make([][]string, len(needs))
	for i, need := range needs {
		sorted[i] = slices.Sorted(slices.Values(need))
	}
	slices.SortFunc(sorted, func(a, b []string) int { return cmp.Or(cmp.Compare(len(a), len(b)), slices.Compare(a, b)) })
	var out [][]string
	for _, need := range sorted {
		implied := func(other []string) bool {
			return !slices.ContainsFunc(other, func(scope string) bool { return !slices.Contains(need, scope) })
		}
		if !slices.ContainsFunc(out, implied) {
			out = append(out, need)
		}
	}
	return out
}

// islands groups needs that share scopes, directly or by way of others: each group is a question of its own.
func islands(needs [][]string) [][][]string {
	var out [][][]string
	for _, need := range needs {
		island := [][]string{need}
		out = slices.DeleteFunc(out, func(other [][]string) bool {
			if !slices.ContainsFunc(other, func(n []string) bool {
				return slices.ContainsFunc(n, func(s string) bool { return slices.Contains(need, s) })
			}) {
				return false
			}
			island = append(island, other...)
			return true
		})
		out = append(out, island)
	}
	return out
}

// greedy takes, time and again, the scope that meets most of the open needs.
func greedy(open [][]string) []string {
	var chosen []string
	for len(open) > 0 {
		count := map[string]int{}
		for _, need := range open {
			for _, scope := range need {
				count[scope]++
			}
		}
		best := ""
		for scope, n := range count {
			if best == "" || cmp.Or(cmp.Compare(count[best], n), cmp.Compare(power(scope), power(best)), strings.Compare(scope, best)) < 0 {
				best = scope
			}
		}
		chosen = append(chosen, best)
		open = unmet(open, best)
	}
	return chosen
}

// exact tries each scope of a need that is still open, for all needs, and returns what is better than best, or best.
func exact(open [][]string, chosen, best []string) []string {
	if len(open) == 0 {
		if compare(chosen, best) < 0 {
			return slices.Clone(chosen)
		}
		return best
	}
	if len(chosen) >= len(best) {
		return best
	}
	for _, scope := range open[0] {
		best = exact(unmet(open, scope), append(chosen, scope), best)
	}
	return best
}

func unmet(open [][]string, scope string) [][]string {
	var left [][]string
	for _, need := range open {
		if !slices.Contains(need, scope) {
			left = append(left, need)
		}
	}
	return left
}

// compare puts the better choice first: fewer scopes, less power, and then by name so that there is an order at all.
func compare(a, b []string) int {
	total := func(scopes []string) (sum int) {
		for _, scope := range scopes {
			sum += power(scope)
		}
		return sum
	}
	return cmp.Or(
		cmp.Compare(len(a), len(b)),
		cmp.Compare(total(a), total(b)),
		slices.Compare(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))),
	)
}

// power ranks what a scope allows: those of a master account last, before them those that write, before them those of a
// user alone, which an account's credentials cannot have.
func power(scope string) int {
	parts := strings.Split(scope, ":")
	rank := 0
	if !slices.Contains(parts, "read") {
		rank += 10
	}
	switch parts[len(parts)-1] {
	case "master":
		rank += 100
	case "admin":
	default:
		rank++
	}
	return rank
}
