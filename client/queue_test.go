package client

import (
	"fmt"
	"testing"
)

// Who is told its turn when it would be is given it then: ahead agrees with pop,
// whatever waits.
func TestAheadAgreesWithTheOrder(t *testing.T) {
	t.Parallel()
	for n := range 200 {
		var q queue
		for i := range n % 23 {
			q.push(&waiter{caller: fmt.Sprint((i*i + n) % 3), session: fmt.Sprint((i*i + n) % 5), lane: Lane((i + n/3) % 2)}, false)
		}
		for range n % 4 {
			q.pop()
		}
		w := &waiter{caller: fmt.Sprint(n % 4), session: fmt.Sprint(n % 6), lane: Lane(n % 2)}
		first := n%7 == 0
		want := q.ahead(w, first)
		q.push(w, first)
		got := 0
		for q.pop() != w {
			got++
		}
		if got != want {
			t.Errorf("%d: %d before it, told %d", n, got, want)
		}
	}
}

func TestRemove(t *testing.T) {
	t.Parallel()
	var q queue
	var all []*waiter
	for i := range 12 {
		w := &waiter{caller: fmt.Sprint(i % 3), session: fmt.Sprint(i % 4), lane: Lane(i % 2)}
		all = append(all, w)
		q.push(w, false)
	}
	for i, w := range all {
		if q.waiting() != len(all)-i || !q.remove(w) || q.remove(w) {
			t.Errorf("%d: %d wait", i, q.waiting())
		}
	}
	if len(q.lanes[Interactive])+len(q.lanes[Bulk]) != 0 || q.pop() != nil {
		t.Errorf("left: %v", q.lanes)
	}
}

// Many sessions get a caller no more turns than another one has.
func TestCallersTakeTurns(t *testing.T) {
	t.Parallel()
	var q queue
	for i := range 600 {
		q.push(&waiter{caller: "greedy", session: fmt.Sprint(i)}, false)
	}
	for i := range 3 {
		q.push(&waiter{caller: "other", session: fmt.Sprint(i)}, false)
	}
	var order []string
	for range 8 {
		order = append(order, q.pop().caller[:1])
	}
	if got := fmt.Sprint(order); got != "[g o g o g o g g]" {
		t.Errorf("%s", got)
	}
}
