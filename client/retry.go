package client

import (
	"context"
	"io"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// net/http, which carries what goes by a proxy, repeats a GET by itself once for each
// dead connection of its pool, which would multiply calls just when Zoom is in
// trouble. It repeats only what has no body or can produce it again, so a GET gets a
// body that is empty but does not say so. What is repeated is decided here.

const (
	maxTries     = 3 // attempts of one call, without those refused for the second
	minDelay     = 100 * time.Millisecond
	firstDelay   = 500 * time.Millisecond // at most, before the second try
	maxDelay     = 2 * time.Second
	longestDelay = time.Minute // that a Retry-After may ask for, and that a call without a deadline comes again after 429s
)

// history is what the attempts of one call have come to.
type history struct {
	tok       Token     // for the next attempt; empty: the source's
	renewed   bool      // tok took the place of a refused one
	reconnect bool      // a dead connection was replaced
	crowded   int       // attempts refused for the second
	since     time.Time // of the first of these
	fault     *Error    // what the next attempt is to mend; the call's error if there can be none
}

// ready waits for the turn of the next attempt and then sees to its token, whose
// life may be shorter than the wait. An open breaker costs neither.
func (c *Client) ready(ctx context.Context, out *call, h *history, res *Response) (fail *Error) {
	if until := c.circuit(out.Op).breaker.blocked(c.now()); !until.IsZero() {
		return heldBack(out.Op, until)
	}
	if out.turn, fail = c.pacer.take(ctx, &out.Request, res); fail != nil || h.tok.Value != "" {
		return fail
	}
	if h.tok, fail = c.token(ctx, out.Op); fail != nil {
		c.pacer.giveBack(out.Op.Label, out.turn)
	}
	return fail
}

// again decides whether a call is sent once more after an attempt failed; if
// not, it returns the call's error.
func (c *Client) again(ctx context.Context, out *call, h *history, res *Response, fail *Error) *Error {
	h.fault = nil
	last := res.Attempts-h.crowded >= maxTries
	switch {
	case fail.crowded:
		return c.comeAgain(ctx, out, h, res, fail)
	case fail.refusesToken():
		return c.renew(ctx, out, h, last, fail)
	case last || !fail.passing || out.Op.Method != http.MethodGet:
		return fail
	case fail.dead && !h.reconnect:
		h.reconnect, h.fault = true, fail
		c.freshConnections()
		return nil
	}
	return c.pause(ctx, out, h, res, fail)
}

// renew sees to another token than the refused one, where one may help. A call is sent
// with one new token at most.
func (c *Client) renew(ctx context.Context, out *call, h *history, last bool, fail *Error) *Error {
	meaning := c.judge(out, h, fail)
	if meaning.good || !meaning.rest.IsZero() || h.renewed || last {
		return fail.ofToken(meaning)
	}
	next, err := c.token(ctx, out.Op)
	if err != nil {
		return err
	}
	if next.same(h.tok) {
		return fail
	}
	// One that was kept somewhere may be refused like the last one.
	h.tok, h.renewed = next, next.isNew(c.now())
	return nil
}

// judge asks what the refusal of a call means.
func (c *Client) judge(out *call, h *history, fail *Error) (v refusalMeaning) {
	source := c.source(out.Op)
	judge, ok := source.(judging)
	switch {
	case ok:
		v = judge.judge(h.tok, targetOf(&out.Request), h.renewed)
	case !h.renewed:
		source.Drop(h.tok)
	}
	if h.renewed && fail.Code == CodeUpstreamAuthFailed {
		c.ofCredentials(out.Op).refusedToken(fail)
	}
	return v
}

// ofToken completes the error of a call that no other token is asked for.
func (e *Error) ofToken(v refusalMeaning) *Error {
	switch {
	case e.Foreign:
	case v.good:
		e.Message = "Zoom refused the access token for this call, and takes it for others"
		e.Hint = "check what the app and its owner may do with this user, meeting or other target"
	case !v.rest.IsZero():
		e.RetryAfter = v.rest
	}
	return e
}

// comeAgain lets a call that was refused for the second take part again, until its
// deadline. With a Budget it then waits for its turn; without one, here.
func (c *Client) comeAgain(ctx context.Context, out *call, h *history, res *Response, fail *Error) *Error {
	now := c.now()
	if h.crowded++; h.crowded == 1 {
		h.since = now
	}
	h.tok = Token{}
	deadline, bounded := ctx.Deadline()
	if !bounded {
		deadline = h.since.Add(longestDelay)
	}
	if !fail.unpaced {
		if !bounded && !now.Before(deadline) {
			return fail
		}
		return nil
	}
	delay := fail.RetryAfter.Sub(now)
	if delay <= 0 {
		delay = backoff(min(h.crowded, maxTries))
	}
	if !now.Add(delay).Before(deadline) {
		return fail
	}
	return c.rest(ctx, out, res, delay)
}

// rest waits, and writes down in res how long.
func (c *Client) rest(ctx context.Context, out *call, res *Response, delay time.Duration) *Error {
	start := c.now()
	defer func() { res.Waited += c.now().Sub(start) }()
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return interrupted(ctx, out.Op, ctx.Err())
	}
}

// pause waits before a read is tried again. It returns fail at once where no
// try would come of it: after the deadline, in an outage that others have
// noticed too, or when there were many repetitions already.
func (c *Client) pause(ctx context.Context, out *call, h *history, res *Response, fail *Error) *Error {
	k, start := c.circuit(out.Op), c.now()
	delay := max(backoff(res.Attempts-h.crowded), fail.RetryAfter.Sub(start))
	deadline, bounded := ctx.Deadline()
	switch {
	case delay > longestDelay, bounded && !start.Add(delay).Before(deadline):
		return fail
	case !k.breaker.blocked(start).IsZero(), !k.repeats.spend():
		return fail
	}
	h.tok, h.fault = Token{}, fail
	return c.rest(ctx, out, res, delay)
}

// backoff is the delay after that many tries, by chance, so that calls that
// failed together are not repeated together.
func backoff(tries int) time.Duration {
	most := min(firstDelay<<(2*(tries-1)), maxDelay)
	return minDelay + rand.N(most-minDelay)
}

// once is the empty body that keeps net/http from sending a request again.
type once struct{}

// Read has nothing to give.
func (once) Read([]byte) (int, error) { return 0, io.EOF }

// WriteTo spares io.Copy a buffer.
func (once) WriteTo(io.Writer) (int64, error) { return 0, nil }

// Close has nothing to release.
func (once) Close() error { return nil }

// freshConnections drops the pool's idle connections before a call is repeated:
// where one was dead, the others likely are.
func (c *Client) freshConnections() {
	if pool, ok := c.transport.(interface{ CloseIdleConnections() }); ok {
		pool.CloseIdleConnections()
	}
}

// parseRetryAfter reads the three spellings of Retry-After: an ISO-8601 time (as
// Zoom writes it; without a zone it is UTC), whole seconds, an HTTP date. Zero
// is returned for anything else, and for more than a year.
func parseRetryAfter(value string, now time.Time) time.Time {
	const year = 365 * 24 * time.Hour
	value = strings.TrimSpace(value)
	at := time.Time{}
	if seconds, err := strconv.ParseUint(value, 10, 32); err == nil {
		at = now.Add(time.Duration(seconds) * time.Second)
	} else if t, err := time.Parse(time.RFC3339, value); err == nil {
		at = t
	} else if t, err := time.Parse("2006-01-02T15:04:05", value); err == nil {
		at = t
	} else if t, err := http.ParseTime(value); err == nil {
		at = t
	}
	if at.Sub(now) > year {
		return time.Time{}
	}
	return at
}
