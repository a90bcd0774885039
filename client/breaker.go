package client

import (
	"context"
	"errors"
	"sync"
	"time"
)

const (
	fuse        = 10               // outages in a row that open a breaker
	probePause  = time.Second      // from an outage to the next probe
	probeLife   = 3 * time.Second  // after which a probe without an answer is not waited for
	outageAfter = 10 * time.Second // a caller that had this much and got no answer speaks of an outage

	toldPause = 10 * time.Second // between two times that a first outage is told of
)

// evidence says how Zoom did in one attempt.
type evidence int

const (
	unclear evidence = iota // nothing: the caller left, or the fault is on this side
	well                    // it answers, be it with a refusal
	outage                  // it cannot be reached, or fails
)

// evidenceOf reads the end of an attempt that took so long.
func evidenceOf(fail *Error, took time.Duration) evidence {
	switch {
	case fail == nil:
		return well
	case fail.outage, errors.Is(fail, context.DeadlineExceeded) && took >= outageAfter:
		return outage
	case fail.Status != 0:
		return well
	}
	return unclear
}

// breaker holds calls back while Zoom is out. It opens after some outages in a
// row; then one call at a time goes as a probe, and the first that comes back
// well closes it. Its zero value is closed.
//
// The pauses do not grow: when Zoom is back after an hour it must not take longer
// to notice than after a second.
type breaker struct {
	mu      sync.Mutex
	outages int       // in a row; open from fuse on
	era     int       // how often it opened and closed
	probeAt time.Time // while open: when the next call may go
	toldAt  time.Time // when a first outage was last told of
}

// turned says which way a breaker went, for the log.
type turned int

const (
	straight turned = iota // nothing
	falters                // the first outage after all was well
	opens
	closes
)

func (b *breaker) open() bool { return b.outages >= fuse }

// blocked tells when a call may go; zero if one may now.
func (b *breaker) blocked(now time.Time) time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open() && now.Before(b.probeAt) {
		return b.probeAt
	}
	return time.Time{}
}

// admit lets a call go, if need be as the probe; what its end tells is to be told to
// settle, with that era. Otherwise until is not zero.
func (b *breaker) admit(now time.Time) (era int, until time.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.open() {
		if now.Before(b.probeAt) {
			return 0, b.probeAt
		}
		b.probeAt = now.Add(probeLife)
	}
	return b.era, time.Time{}
}

// settle heeds what the end of a call tells, and tells what came of it. A call that went before the breaker last opened or
// closed has nothing to say: calls that hung in an outage and end after it would open it anew.
func (b *breaker) settle(era int, o evidence, now time.Time) turned {
	b.mu.Lock()
	defer b.mu.Unlock()
	if era != b.era {
		return straight
	}
	was := b.open()
	switch o {
	case well:
		b.outages = 0
	case outage:
		b.outages++
		b.probeAt = now.Add(probePause)
	case unclear:
		b.probeAt = now
	}
	switch is := b.open(); {
	case is && !was:
		b.era++
		return opens
	case was && !is:
		b.era++
		return closes
	case o == outage && b.outages == 1 && now.Sub(b.toldAt) >= toldPause:
		b.toldAt = now
		return falters
	}
	return straight
}
