package sandbox

import (
	"math"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// limits are the account's rate limits with what is left of them.
type limits struct {
	mu      sync.Mutex
	buckets map[string]*bucket
	days    map[string]*day
}

// bucket is a token bucket: calls a second, by label.
type bucket struct {
	rate, size, left float64
	last             time.Time
}

// day counts the calls of a label from midnight to midnight, UTC.
type day struct {
	limit, used int
	midnight    time.Time // the next one
}

func newLimits(c Config, now time.Time) *limits {
	l := &limits{buckets: map[string]*bucket{}, days: map[string]*day{}}
	for label, rate := range c.RPS {
		if rate == 0 {
			continue
		}
		size, given := c.Burst[label]
		if !given {
			size = rate
		}
		size = max(size, 1)
		l.buckets[label] = &bucket{rate: rate, size: size, left: size, last: now}
	}
	for label, limit := range c.Daily {
		if limit > 0 {
			l.days[label] = &day{limit: limit}
		}
	}
	return l
}

// take counts one call, and returns the headers that say what is left, or a
// 429 when nothing is. A refused call costs nothing.
func (l *limits) take(label string, now time.Time) (http.Header, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	d, b := l.days[label], l.buckets[label]
	headers := http.Header{}
	if d != nil {
		if !now.Before(d.midnight) {
			d.used, d.midnight = 0, nextMidnight(now)
		}
		if d.used >= d.limit {
			return nil, overDaily(label, d.limit, now)
		}
		headers = limitHeaders(label, "Daily-limit", d.limit, d.limit-d.used-1)
	}
	if b != nil {
		b.left = min(b.size, b.left+max(0, now.Sub(b.last).Seconds())*b.rate)
		b.last = now
		if b.left < 1 {
			return nil, overPerSecond(label, perSecond(b.rate))
		}
		b.left--
		headers = limitHeaders(label, "QPS", perSecond(b.rate), int(b.left))
	}
	if d != nil {
		d.used++
	}
	return headers, nil
}

func perSecond(rate float64) int { return int(math.Ceil(rate)) }

func nextMidnight(now time.Time) time.Time {
	return now.UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)
}

func limitHeaders(label, kind string, limit, left int) http.Header {
	category := map[string]string{Light: "Light", Medium: "Medium", Heavy: "Heavy", ResourceIntensive: "Resource-intensive"}[label]
	h := http.Header{}
	h.Set("X-RateLimit-Category", category)
	h.Set("X-RateLimit-Type", kind)
	h.Set("X-RateLimit-Limit", strconv.Itoa(limit))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(left))
	return h
}

// overPerSecond is the refusal of a call too many in this second. Zoom sends no
// Retry-After with it.
func overPerSecond(label string, limit int) *refusal {
	r := refuse(http.StatusTooManyRequests, 429, "This second's calls of the rate limit are used up.")
	r.header = limitHeaders(label, "QPS", limit, 0)
	return r
}

// overDaily is the refusal of a call too many today; Retry-After is a time.
func overDaily(label string, limit int, now time.Time) *refusal {
	r := refuse(http.StatusTooManyRequests, 429, "Today's calls of the rate limit are used up.")
	r.header = limitHeaders(label, "Daily-limit", limit, 0)
	r.header.Set("Retry-After", nextMidnight(now).Format(time.RFC3339))
	return r
}
