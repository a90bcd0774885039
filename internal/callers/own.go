package callers

import (
	"context"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"github.com/maypok86/otter/v2"

	"zoomgraph/client"
	"zoomgraph/internal/peer"
)

// This file judges Zoom users' own access tokens. Only Zoom can, so a token that is seen for the first time costs a call,
// a probe, and anybody can make tokens up. Start reading at ownTokens.judge.

// What probes may cost. An address is a client's, or the network of one (peer.Client).
const (
	deadFor      = 5 * time.Minute        // until a token that Zoom refused may be probed again
	unsureFor    = time.Second            // until a token is probed again about which Zoom could not be asked
	probeTimeout = 5 * time.Second        // until a probe must be answered
	probeWait    = 2 * time.Second        // until a probe must have had its turn
	probesAtOnce = 8                      // probes under way, of all addresses
	probesOfOne  = 4                      // of these, those of one address
	probesInLine = 32                     // probes of one address, those under way and those that wait for their turn
	allInLine    = 512                    // the same of all addresses
	probePause   = 100 * time.Millisecond // between probes of all addresses, beyond probeBurst
	probeBurst   = 20
)

// strikes is how many tokens of one address Zoom may refuse: so many at once, and then one a second.
func strikes() allowance { return allowance{most: 10, pause: time.Second} }

// Probe asks Zoom, once, whether it accepts an access token, and whose it is. The error says that it could not be told.
type Probe func(ctx context.Context, token string) (client.TokenInfo, error)

// ownTokens know which Zoom tokens are good, and whose they are. A token is unknown until Zoom has accepted it; one that Zoom has refused is
// dead for a while, and costs no call in that time.
type ownTokens struct {
	probe Probe
	now   func() time.Time

	accepted *otter.Cache[Digest, client.TokenInfo]
	dead     *otter.Cache[Digest, time.Time] // until then
	unsure   *otter.Cache[Digest, time.Time]
	lanes    *otter.Cache[netip.Prefix, *lane]
	atOnce   chan struct{}
	all      bucket

	mu     sync.Mutex
	probes map[Digest]*probing // under way, or waiting for their turn
}

// lane is what one address may probe.
type lane struct {
	atOnce  chan struct{}
	refused bucket
	inLine  int // guarded by ownTokens.mu
}

// probing is a probe that some wait for.
type probing struct {
	done chan struct{}
	info client.TokenInfo // once done
	err  error            // why the token is not accepted
}

func newOwnTokens(probe Probe, now func() time.Time) (*ownTokens, error) {
	o := &ownTokens{probe: probe, now: now, atOnce: make(chan struct{}, probesAtOnce), probes: map[Digest]*probing{}}
	var err error
	o.accepted, err = otter.New(&otter.Options[Digest, client.TokenInfo]{
		MaximumSize: maxKept, ExpiryCalculator: otter.ExpiryAccessing[Digest, client.TokenInfo](passedFor),
	})
	if err != nil {
		return nil, err
	}
	if o.dead, err = untilTimes(deadFor); err != nil {
		return nil, err
	}
	if o.unsure, err = untilTimes(unsureFor); err != nil {
		return nil, err
	}
	o.lanes, err = otter.New(&otter.Options[netip.Prefix, *lane]{
		MaximumSize:      maxRemembered,
		ExpiryCalculator: otter.ExpiryAccessing[netip.Prefix, *lane](time.Duration(strikes().most) * strikes().pause),
	})
	return o, err
}

// untilTimes makes a cache of times, each kept for so long.
func untilTimes(last time.Duration) (*otter.Cache[Digest, time.Time], error) {
	return otter.New(&otter.Options[Digest, time.Time]{
		MaximumSize: maxKept, ExpiryCalculator: otter.ExpiryWriting[Digest, time.Time](last),
	})
}

// judge returns whose a token is that Zoom accepts. The error is an *Error. A token that was accepted is not asked about
// again, until it is forgotten; all who bring one that is not known wait for one probe.
func (o *ownTokens) judge(ctx context.Context, token string, digest Digest, from netip.Addr) (client.TokenInfo, error) {
	if info, err, known := o.known(digest); known {
		return info, err
	}
	p, err := o.join(ctx, token, digest, from)
	if err != nil {
		return client.TokenInfo{}, err
	}
	select {
	case <-p.done:
		return p.info, p.err
	case <-ctx.Done():
		return client.TokenInfo{}, noTokenInfo()
	}
}

// known is what is known of a token without asking: whose it is, or why it is not accepted.
func (o *ownTokens) known(digest Digest) (info client.TokenInfo, err error, known bool) { //nolint:revive // both are what is known
	if info, good := o.accepted.GetIfPresent(digest); good {
		return info, nil, true
	}
	if until, ok := o.dead.GetIfPresent(digest); ok && o.now().Before(until) {
		return client.TokenInfo{}, tokenRefused(), true
	}
	if until, ok := o.unsure.GetIfPresent(digest); ok && o.now().Before(until) {
		return client.TokenInfo{}, noTokenInfo(), true
	}
	return client.TokenInfo{}, nil, false
}

// forget makes a token unknown that Zoom has refused after it had accepted it. It reports false if it was unknown already:
// the calls of one request are refused together.
func (o *ownTokens) forget(digest Digest) (known bool) {
	_, known = o.accepted.Invalidate(digest)
	return known
}

// join finds the probe of a token, or begins it: it survives those who leave.
func (o *ownTokens) join(ctx context.Context, token string, digest Digest, from netip.Addr) (*probing, error) {
	of, _ := o.lanes.GetIfPresent(peer.Client(from))
	if of == nil {
		of, _ = o.lanes.SetIfAbsent(peer.Client(from), &lane{atOnce: make(chan struct{}, probesOfOne)})
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if p, ok := o.probes[digest]; ok {
		return p, nil
	}
	if info, err, known := o.known(digest); known { // a probe has ended since it was looked at
		p := &probing{done: make(chan struct{}), info: info, err: err}
		close(p.done)
		return p, nil
	}
	switch {
	case of.inLine >= probesInLine:
		return nil, tooManyUnknown(strikes().pause)
	case len(o.probes) >= allInLine:
		return nil, crowded()
	}
	of.inLine++
	p := &probing{done: make(chan struct{})}
	o.probes[digest] = p
	go func() {
		p.info, p.err = o.settle(context.WithoutCancel(ctx), token, digest, of)
		o.mu.Lock()
		defer o.mu.Unlock()
		of.inLine--
		delete(o.probes, digest)
		close(p.done)
	}()
	return p, nil
}

// settle waits for the turn of a probe, sends it, and keeps what it brought. An address is charged before, and gets it back
// unless Zoom refuses the token.
func (o *ownTokens) settle(ctx context.Context, token string, digest Digest, of *lane) (client.TokenInfo, error) {
	turn, cancel := context.WithTimeout(ctx, probeWait)
	defer cancel()
	if !enter(turn, of.atOnce) {
		return client.TokenInfo{}, tooManyUnknown(strikes().pause)
	}
	defer func() { <-of.atOnce }()
	if wait := of.refused.take(o.now(), strikes()); wait > 0 {
		return client.TokenInfo{}, tooManyUnknown(wait)
	}
	if !enter(turn, o.atOnce) {
		of.refused.giveBack(strikes())
		return client.TokenInfo{}, crowded()
	}
	defer func() { <-o.atOnce }()
	if o.all.take(o.now(), allowance{most: probeBurst, pause: probePause}) > 0 {
		of.refused.giveBack(strikes())
		return client.TokenInfo{}, crowded()
	}
	ctx, end := context.WithTimeout(ctx, probeTimeout)
	defer end()
	info, err := o.probe(ctx, token)
	switch {
	case err != nil:
		of.refused.giveBack(strikes())
		o.unsure.Set(digest, o.now().Add(unsureFor))
		return client.TokenInfo{}, noTokenInfo()
	case !info.Accepted:
		o.dead.Set(digest, o.now().Add(deadFor))
		return client.TokenInfo{}, tokenRefused()
	}
	of.refused.giveBack(strikes())
	o.accepted.Set(digest, info)
	return info, nil
}

// enter takes a place, and reports false if there was none until ctx ended.
func enter(ctx context.Context, places chan struct{}) bool {
	select {
	case places <- struct{}{}:
		return true
	case <-ctx.Done():
		return false
	}
}

// tokenRefused is the error of a token that Zoom refuses.
func tokenRefused() *Error { return invalid("Zoom does not accept this access token; bring a new one") }

// noTokenInfo is the error of a token about which Zoom could not be asked.
func noTokenInfo() *Error {
	return &Error{
		Status: http.StatusServiceUnavailable, Code: "UPSTREAM_UNAVAILABLE", RetryAfter: unsureFor,
		Message: "Zoom could not be asked whether it accepts this access token; try again in a second",
	}
}

// tooManyUnknown is the error of an unknown token whose address has brought too many that Zoom refused.
func tooManyUnknown(wait time.Duration) *Error {
	return &Error{
		Status: http.StatusTooManyRequests, Code: "RATE_LIMITED", RetryAfter: wait,
		Message: "this access token is not known here yet, and Zoom can be asked about one new token a second from your address, because it refused too many; try again in a second",
	}
}

// crowded is the error of an unknown token while too many others are unknown.
func crowded() *Error {
	return &Error{
		Status: http.StatusServiceUnavailable, Code: "RATE_LIMITED", RetryAfter: time.Second,
		Message: "this access token is not known here yet, and Zoom is asked about too many others; try again in a second",
	}
}
