package client

import (
	"slices"
	"time"
)

// instants is a queue of times: the oldest are forgotten as new ones come. It keeps numbers,
// in memory that is used again, since fast answers make thousands a second, and a garbage
// collection need not look at numbers. The zero instants is empty.
type instants struct {
	zero  time.Time       // they are counted from it
	times []time.Duration // the first of them are gone
	gone  int
}

func (p *instants) length() int { return len(p.times) - p.gone }

func (p *instants) at(i int) time.Time { return p.zero.Add(p.times[p.gone+i]) }

// until is how many are not after t. Most often that is all of them, or none.
func (p *instants) until(t time.Time) int {
	at, times := t.Sub(p.zero), p.times[p.gone:]
	switch n := len(times); {
	case n == 0 || times[0] > at:
		return 0
	case times[n-1] <= at:
		return n
	}
	n, _ := slices.BinarySearch(times, at+1)
	return n
}

// note adds a time, which need not be the latest.
func (p *instants) note(t time.Time) {
	if p.length() == 0 {
		*p = instants{zero: t, times: p.times[:0]}
	}
	p.times = slices.Insert(p.times, p.gone+p.until(t), t.Sub(p.zero))
}

// forget takes out those that are not after t: few each time.
func (p *instants) forget(t time.Time) {
	at := t.Sub(p.zero)
	for p.gone < len(p.times) && p.times[p.gone] <= at {
		p.gone++
	}
	if p.gone > len(p.times)/2 {
		p.times, p.gone = slices.Delete(p.times, 0, p.gone), 0
	}
}
