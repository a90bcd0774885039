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

// exchanges bounds the callbacks that are answered at once.
type exchanges struct {
	ofOne int // at most, of one address

	mu    sync.Mutex
	taken int
	by    map[netip.Prefix]int
}

// newPlaces makes them. Behind a proxy that is not trusted everybody has one address, so that one may take all.
func newExchanges(addressesTell bool) *exchanges {
	e := &exchanges{ofOne: maxExchanges, by: map[netip.Prefix]int{}}
	if addressesTell {
		e.ofOne = maxOfOne
	}
	return e
}

// take reports whether one more of an address may ask now.
func (e *exchanges) take(from netip.Prefix) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.taken == maxExchanges || e.by[from] == e.ofOne {
		return false
	}
	e.taken++
	e.by[from]++
	return true
}

// leave says that one of an address is done.
func (e *exchanges) leave(from netip.Prefix) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.taken--
	if e.by[from]--; e.by[from] == 0 {
		delete(e.by, from)
	}
}
