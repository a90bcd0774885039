// Package gctarget lets garbage grow in proportion to what lives as long as that is little, and by a fixed amount beyond:
// with GOGC=400 alone, 100 MB that live for a moment would let the process grow to 500.
package gctarget

import (
	"math"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
)

// lowest is the least percentage: more would be spent on collecting than is won.
const lowest = 25

// Limit sets the percentage of GOGC to so many percent, or to less where that much garbage would be more than most bytes.
// It is set anew after each collection.
func Limit(percent, most int) {
	debug.SetGCPercent(percent)
	watch(&cycle{percent: percent, most: most, set: percent})
}

// cycle is dropped at once, so that its finalizer runs after each collection.
type cycle struct{ percent, most, set int }

func watch(c *cycle) {
	runtime.SetFinalizer(c, func(c *cycle) {
		if next := target(live(), c.percent, c.most); math.Abs(float64(next-c.set)) > float64(c.set)/10 {
			c.set = next
			debug.SetGCPercent(next)
		}
		watch(c)
	})
}

// target is the percentage where so many bytes live.
func target(live uint64, percent, most int) int {
	if live == 0 {
		return percent
	}
	return max(min(percent, int(uint64(most)*100/live)), lowest)
}

// live is how many bytes the percentage is taken of: what the last collection found alive, stacks, and variables, where the
// schema lies.
func live() (sum uint64) {
	samples := []metrics.Sample{{Name: "/gc/heap/live:bytes"}, {Name: "/gc/scan/globals:bytes"}, {Name: "/gc/scan/stack:bytes"}}
	metrics.Read(samples)
	for _, s := range samples {
		sum += s.Value.Uint64()
	}
	return sum
}
