package signin

import (
	"net/netip"
	"sync"
	"time"
)

// Each callback asks Zoom, and anybody can begin to sign in and come back with a made-up code.
const (
	maxExchanges = 16          // callbacks that are answered at once
	maxOfOne     = 4           // of these, of one address, where proxies tell addresses apart
	refusedRest  = time.Second // for which one with a wrong code counts as one of them
)

// places bounds the callbacks that are answered at once.
type places struct {
	ofOne int // at most, of one address

	mu    sync.Mutex
	taken int
	by    map[netip.Prefix]int
}

// newPlaces makes them. Behind a proxy that is not trusted everybody has one address, so that one may take all.
func newPlaces(addressesTell bool) *places {
	p := &places{ofOne: maxExchanges, by: map[netip.Prefix]int{}}
	if addressesTell {
		p.ofOne = maxOfOne
	}
	return p
}

// take reports whether there is a place for one more of an address.
func (p *places) take(from netip.Prefix) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.taken == maxExchanges || p.by[from] == p.ofOne {
		return false
	}
	p.taken++
	p.by[from]++
	return true
}

// leave gives a place back.
func (p *places) leave(from netip.Prefix) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.taken--
	if p.by[from]--; p.by[from] == 0 {
		delete(p.by, from)
	}
}
