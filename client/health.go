package client

import (
	"cmp"
	"context"
	"sync"
	"time"
)

const (
	faltering = 3           // calls in a row that must fail before Zoom counts as down: one fault of many is no outage
	probeRest = time.Minute // between two calls that Watch makes
)

// Health tells how Zoom treats one account: whether it answers, and whether it takes the account's credentials. The
// account's TokenSource and all its Clients in this process write it, by Config.Health. It is safe for concurrent use.
//
// A mint that fails when no token is left counts at once, since no call can be sent without one. Calls count when three
// in a row fail, or when calls have waited for ten seconds without one answer. One answer ends both. Zoom refuses the
// credentials when the token endpoint says so, or when calls refuse a token that was just minted.
type Health struct {
	now func() time.Time

	mu      sync.Mutex
	known   bool     // Zoom was asked
	worked  bool     // Zoom has given a token
	mint    *Error   // why the last mint left no token; nil: it did not
	outage  *Error   // why Zoom counts as down; nil: calls are answered
	refusal *Error   // of a call with a token of a fresh mint; nil: calls are let in
	faults  int      // calls in a row that Zoom failed
	flying  int      // calls under way
	since   waitTime // without an answer
	changed time.Time
	last    HealthState // that changed speaks of
}

// waitTime adds up how long calls have waited for an answer, while at least one was under way.
type waitTime struct {
	before time.Duration // in earlier stretches
	start  time.Time     // of this stretch; zero: none is
}

// NewHealth returns a Health that knows nothing yet. A nil now is time.Now.
func NewHealth(now func() time.Time) *Health {
	if now == nil {
		now = time.Now
	}
	return &Health{now: now}
}

// HealthState is a Health at one moment.
type HealthState struct {
	Known   bool      // Zoom was asked, and the outcome is there; without it nothing else is told
	Up      bool      // Zoom answers
	Refused bool      // Zoom refuses the account's credentials
	Worked  bool      // Zoom has taken them once
	Since   time.Time // when Up or Refused last changed
	Cause   *Error    // why Zoom is not up or refuses; nil where all is well
}

// State tells how Zoom treats the account now.
func (h *Health) State() HealthState {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.state(h.now())
}

func (h *Health) state(now time.Time) HealthState {
	down, refused := h.outage, h.refusal
	switch {
	case h.mint != nil && h.mint.refused:
		refused = h.mint
	case h.mint != nil:
		down = h.mint
	}
	if down == nil && h.since.total(now) >= outageAfter {
		down = &Error{Code: CodeUpstreamTimeout, Message: "Zoom leaves all calls without an answer"}
	}
	s := HealthState{Known: h.known || down != nil, Worked: h.worked, Up: down == nil, Refused: refused != nil, Cause: cmp.Or(down, refused)}
	if s.Known != h.last.Known || s.Up != h.last.Up || s.Refused != h.last.Refused {
		h.changed = now
	}
	s.Since, h.last = h.changed, s
	return s
}

// Watch calls probe once a minute while Zoom does not answer or refuses the credentials, until ctx ends. So a recovery is
// noticed where nobody asks anything. The probe is to make one call of the account.
func (h *Health) Watch(ctx context.Context, probe func(context.Context)) {
	tick := time.NewTicker(probeRest)
	defer tick.Stop()
	for {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
		if h.State().Cause != nil {
			probe(ctx)
		}
	}
}

// minted notes the outcome of a mint after which there is a token, or none.
func (h *Health) minted(fail *Error) {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.known, h.mint = true, nil
	if h.worked = h.worked || fail == nil; fail != nil {
		cause := *fail
		cause.RetryAfter = time.Time{} // of the caller, who may ask again before a person has read this
		h.mint = &cause
	}
	h.state(h.now())
}

// began notes that a call is under way.
func (h *Health) began() {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.flying++; h.flying == 1 {
		h.since.start = h.now()
	}
}

// ended notes the outcome of a call that began. A call with the token of a person tells whether Zoom answers, and
// nothing of the account's credentials.
func (h *Health) ended(o evidence, fail *Error, person bool) {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	now := h.now()
	h.flying--
	if o == well && fail != nil && fail.Code == CodeUpstreamInvalidResponse {
		o = outage // somebody answers, and it is not Zoom
	}
	switch o {
	case well:
		h.known, h.outage, h.faults, h.since = true, nil, 0, waitTime{start: now}
		if !person && (fail == nil || fail.Code != CodeUpstreamAuthFailed) {
			h.refusal = nil
		}
	case outage:
		h.known = true
		if h.faults++; h.faults >= faltering {
			h.outage = fail
		}
	case unclear:
	}
	if h.flying == 0 {
		h.since = waitTime{before: h.since.total(now)}
	}
	h.state(now)
}

// refusedToken notes that calls refuse a token of a fresh mint.
func (h *Health) refusedToken(fail *Error) {
	if h == nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	h.known, h.refusal = true, fail
	h.state(h.now())
}

func (w waitTime) total(now time.Time) time.Duration {
	if w.start.IsZero() {
		return w.before
	}
	return w.before + now.Sub(w.start)
}
