package client

import (
	"context"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// net/http repeats a GET by itself once for each dead connection of its pool,
// which would multiply calls just when Zoom is in trouble. It repeats only what
// has no body or can produce it again, so a GET gets a body that is empty but
// does not say so. What is repeated is decided here.

const (
	maxAttempts = 2 // of one call, without those refused for the second
	maxCrowded  = 3 // attempts of one call that are refused for the second
)

// history is what the attempts of one call have come to.
type history struct {
	tok     Token // for the next attempt; empty: the source's
	renewed bool  // tok took the place of a refused one
	crowded int   // attempts refused for the second
}

// ready waits for the turn of the next attempt and then sees to its token, whose
// life may be shorter than the wait.
func (c *Client) ready(ctx context.Context, out *call, h *history, res *Response) (fail *Error) {
	if fail = c.pacer.take(ctx, &out.Request, res); fail != nil || h.tok.Value != "" {
		return fail
	}
	if h.tok, fail = c.token(ctx, out.Op); fail != nil {
		c.pacer.giveBack(out.Op.Label)
	}
	return fail
}

// again decides whether a call is sent once more after an attempt failed; if
// not, it returns the call's error.
func (c *Client) again(ctx context.Context, out *call, h *history, res *Response, fail *Error) *Error {
	if fail.crowded {
		if h.crowded++; h.crowded == maxCrowded {
			return fail
		}
		h.tok = Token{}
		return nil
	}
	refused := fail.Code == CodeUpstreamAuthFailed
	if refused && !h.renewed {
		c.tokens.Drop(h.tok)
	}
	switch {
	case res.Attempts-h.crowded >= maxAttempts:
		return fail
	case refused:
		next, err := c.token(ctx, out.Op)
		if err != nil {
			return err
		}
		if next.same(h.tok) {
			return fail
		}
		h.tok, h.renewed = next, true
		return nil
	case repeatable(out.Op, fail):
		c.freshConnections()
		return nil
	}
	return fail
}

// once is the empty body that keeps net/http from sending a request again.
type once struct{}

// Read has nothing to give.
func (once) Read([]byte) (int, error) { return 0, io.EOF }

// WriteTo spares io.Copy a buffer.
func (once) WriteTo(io.Writer) (int64, error) { return 0, nil }

// Close has nothing to release.
func (once) Close() error { return nil }

// repeatable tells whether a call may be sent again after its connection ended
// without an answer: a read may, a write may have happened.
func repeatable(op *Op, fail *Error) bool {
	return fail.lost && op.Method == http.MethodGet
}

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
