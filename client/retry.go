package client

import (
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

// maxAttempts is how often one call may reach Zoom.
const maxAttempts = 2

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
