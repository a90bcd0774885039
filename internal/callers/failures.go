package callers

import (
	"net/netip"
	"sync"
	"time"

	"github.com/maypok86/otter/v2"

	"zoomgraph/internal/peer"
)

// allowance is how many times something may happen: so many at once, and one more after each pause.
type allowance struct {
	most  int
	pause time.Duration
}

// maxRemembered bounds for how many addresses, and for how many credentials, failures are remembered.
const maxRemembered = 10_000

// failures bounds how often one address, or one credential, may fail.
func failures() allowance { return allowance{most: 20, pause: 3 * time.Second} }

// bucket is an allowance: full once full has passed, one less for each pause until then.
type bucket struct {
	mu   sync.Mutex
	full time.Time
	told time.Time // when the log was last told that it is empty
}

// wait is how long it takes until something is left; 0: there is.
func (b *bucket) wait(now time.Time, a allowance) time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.full.After(now) {
		return 0
	}
	return max(0, b.full.Sub(now)-time.Duration(a.most-1)*a.pause)
}

// spend takes one, unless none is left.
func (b *bucket) spend(now time.Time, a allowance) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.full.Before(now) {
		b.full = now
	}
	if none := now.Add(time.Duration(a.most) * a.pause); b.full.Before(none) {
		b.full = b.full.Add(a.pause)
	}
}

// take is wait, and spends one if it is 0.
func (b *bucket) take(now time.Time, a allowance) (wait time.Duration) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.full.Before(now) {
		b.full = now
	}
	if wait = b.full.Sub(now) - time.Duration(a.most-1)*a.pause; wait > 0 {
		return wait
	}
	b.full = b.full.Add(a.pause)
	return 0
}

// giveBack takes back what was spent for nothing.
func (b *bucket) giveBack(a allowance) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.full = b.full.Add(-a.pause)
}

// tell reports true once a minute.
func (b *bucket) tell(now time.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if now.Sub(b.told) < time.Minute {
		return false
	}
	b.told = now
	return true
}

// failureLimit counts failures by address and by credential, so that a client that guesses, or goes on with an old credential,
// neither fills the log nor costs much. Beyond maxRemembered of each, rarely seen ones are forgotten.
type failureLimit struct {
	now         func() time.Time
	allowed     allowance
	addresses   *otter.Cache[netip.Prefix, *bucket]
	credentials *otter.Cache[Digest, *bucket]
}

func newFailureLimit(now func() time.Time) (*failureLimit, error) {
	l := &failureLimit{now: now, allowed: failures()}
	var err error
	if l.addresses, err = buckets[netip.Prefix](l.allowed); err != nil {
		return nil, err
	}
	l.credentials, err = buckets[Digest](l.allowed)
	return l, err
}

// buckets keeps each bucket until it is full again.
func buckets[K comparable](a allowance) (*otter.Cache[K, *bucket], error) {
	return otter.New(&otter.Options[K, *bucket]{
		MaximumSize:      maxRemembered,
		ExpiryCalculator: otter.ExpiryAccessing[K, *bucket](time.Duration(a.most) * a.pause),
	})
}

// exhausted says what failed too often.
type exhausted struct {
	wait time.Duration // until the next failure is judged again; 0: nothing failed too often
	what string        // "address" or "credential"
	tell bool          // the log should be told
}

// check looks whether an address or a credential has failed too often.
func (l *failureLimit) check(credential Digest, from netip.Addr) exhausted {
	now := l.now()
	if b, ok := l.addresses.GetIfPresent(peer.Client(from)); ok {
		if wait := b.wait(now, l.allowed); wait > 0 {
			return exhausted{wait, "address", b.tell(now)}
		}
	}
	return l.checkCredential(credential)
}

// checkCredential is check for what no address is to blame for.
func (l *failureLimit) checkCredential(credential Digest) exhausted {
	now := l.now()
	if b, ok := l.credentials.GetIfPresent(credential); ok {
		if wait := b.wait(now, l.allowed); wait > 0 {
			return exhausted{wait, "credential", b.tell(now)}
		}
	}
	return exhausted{}
}

// spend counts a failure.
func (l *failureLimit) spend(credential Digest, from netip.Addr) {
	now := l.now()
	address, _ := l.addresses.SetIfAbsent(peer.Client(from), &bucket{})
	address.spend(now, l.allowed)
	l.spendCredential(credential)
}

// spendCredential is spend for what no address is to blame for.
func (l *failureLimit) spendCredential(credential Digest) {
	one, _ := l.credentials.SetIfAbsent(credential, &bucket{})
	one.spend(l.now(), l.allowed)
}
