package chain_test

import (
	"container/list"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"zoomgraph/internal/chain"
)

type visitor struct {
	chain.Link[visitor]

	name int
}

// TestLikeContainerList does the same with a list and with the standard library's, by chance.
func TestLikeContainerList(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var got [2]chain.List[visitor, *visitor]
		var want [2]list.List
		var in [10]int // which list an element is in, from 1; 0: none
		var elements [10]visitor
		var places [10]*list.Element
		for range rapid.IntRange(0, 40).Draw(t, "steps") {
			i, to := rapid.IntRange(0, 9).Draw(t, "element"), rapid.IntRange(0, 2).Draw(t, "list")
			e := &elements[i]
			e.name = i
			if in[i] > 0 {
				got[in[i]-1].Remove(e)
				want[in[i]-1].Remove(places[i])
			}
			switch in[i] = to; {
			case to == 0:
			case rapid.Bool().Draw(t, "front"):
				got[to-1].PushFront(e)
				places[i] = want[to-1].PushFront(i)
			default:
				got[to-1].PushBack(e)
				places[i] = want[to-1].PushBack(i)
			}
			for k := range got {
				if got[k].Len() != want[k].Len() {
					t.Fatalf("%d elements, want %d", got[k].Len(), want[k].Len())
				}
				if last := got[k].Last(); (last == nil) != (want[k].Back() == nil) || last != nil && last.name != want[k].Back().Value {
					t.Fatalf("the last one is %v", last)
				}
			}
		}
		for k := range got {
			var names, wanted []int
			for e := got[k].First(); e != nil; e = got[k].First() {
				names = append(names, e.name)
				got[k].Remove(e)
			}
			for e := want[k].Front(); e != nil; e = e.Next() {
				wanted = append(wanted, e.Value.(int))
			}
			if !slices.Equal(names, wanted) || got[k].Last() != nil || got[k].Len() != 0 {
				t.Fatalf("%v, want %v", names, wanted)
			}
		}
	})
}
