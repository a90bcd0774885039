package callers

import (
	"net/netip"
	"sync"
	"time"

	"github.com/maypok86/otter/v2"
)

// How many wrong credentials may come from one address.
const (
	maxTries     = 20
	tryAgain     = 3 * time.Second // until there is one more
	maxAddresses = 10_000          // that are remembered
)

// patience is what is left for each address that sent wrong credentials. Guessing a key of ours is hopeless anyway; it
// keeps the guesser from costing anything.
type patience struct {
	now       func() time.Time
	addresses *otter.Cache[netip.Prefix, *tries]
}

// tries are those that are left for one address: all of them where full has passed, one less for each tryAgain until it.
type tries struct {
	mu   sync.Mutex
	full time.Time
}

func newPatience(now func() time.Time) (*patience, error) {
	addresses, err := otter.New(&otter.Options[netip.Prefix, *tries]{
		MaximumSize:      maxAddresses,
		ExpiryCalculator: otter.ExpiryAccessing[netip.Prefix, *tries](maxTries * tryAgain),
	})
	return &patience{now: now, addresses: addresses}, err
}

// wait is how long until the address may try again; 0: it may now.
func (p *patience) wait(from netip.Prefix) time.Duration {
	t, ok := p.addresses.GetIfPresent(from)
	if !ok {
		return 0
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	return max(0, t.full.Sub(p.now())-(maxTries-1)*tryAgain)
}

// spend counts a wrong credential.
func (p *patience) spend(from netip.Prefix) {
	t, _ := p.addresses.SetIfAbsent(from, &tries{})
	t.mu.Lock()
	defer t.mu.Unlock()
	now := p.now()
	if t.full.Before(now) {
		t.full = now
	}
	if none := now.Add(maxTries * tryAgain); t.full.Before(none) {
		t.full = t.full.Add(tryAgain)
	}
}

// addressOf is where a request comes from, as far as one client can be told from another: of IPv6 it has a network.
func addressOf(remote string) netip.Prefix {
	address, err := netip.ParseAddrPort(remote)
	if err != nil {
		return netip.Prefix{} // a socket of this machine
	}
	ip := address.Addr().Unmap().WithZone("")
	bits := ip.BitLen()
	if ip.Is6() {
		bits = 64
	}
	prefix, _ := ip.Prefix(bits) // the bits fit
	return prefix
}
