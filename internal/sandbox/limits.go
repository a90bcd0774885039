package sandbox

import (
	"math"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"zoomgraph/internal/sandbox/world"
)

// limits are the account's rate limits with what is left of them.
type limits struct {
	mu      sync.Mutex
	seconds map[string]second
	days    map[string]*day
	targets map[target]*day
}

// target is a path that a limit of DailyByTarget counts.
type target struct {
	limit int // its index
	path  string
}

// second counts the calls of a label by the second. Take tells whether another one
// is taken, and how many more would be.
type second interface {
	take(now time.Time) (left int, taken bool)
}

// bucket is a token bucket: calls a second, by label.
type bucket struct {
	rate, size, left float64
	last             time.Time
}

func (b *bucket) take(now time.Time) (int, bool) {
	b.left = min(b.size, b.left+max(0, now.Sub(b.last).Seconds())*b.rate)
	b.last = now
	if b.left < 1 {
		return 0, false
	}
	b.left--
	return int(b.left), true
}

// window takes a number of calls in any second, or in each full second.
type window struct {
	limit int
	fixed bool
	taken []time.Time
}

func (w *window) take(now time.Time) (int, bool) {
	since := now.Add(-time.Second)
	if w.fixed {
		since = now.Truncate(time.Second).Add(-1)
	}
	w.taken = slices.DeleteFunc(w.taken, func(t time.Time) bool { return !t.After(since) })
	if len(w.taken) >= w.limit {
		return 0, false
	}
	w.taken = append(w.taken, now)
	return w.limit - len(w.taken), true
}

// day counts calls from midnight to midnight, UTC.
type day struct {
	limit, used int
	midnight    time.Time // the next one
}

// left is how many more calls the day takes.
func (d *day) left(now time.Time) int {
	if !now.Before(d.midnight) {
		d.used, d.midnight = 0, nextMidnight(now)
	}
	return d.limit - d.used
}

func newLimits(c Config, now time.Time) *limits {
	l := &limits{seconds: map[string]second{}, days: map[string]*day{}, targets: map[target]*day{}}
	for label, rate := range c.RPS {
		if rate == 0 {
			continue
		}
		if c.Window == WindowSliding || c.Window == WindowFixed {
			l.seconds[label] = &window{limit: perSecond(rate), fixed: c.Window == WindowFixed}
			continue
		}
		size, given := c.Burst[label]
		if !given {
			size = rate
		}
		size = max(size, 1)
		l.seconds[label] = &bucket{rate: rate, size: size, left: size, last: now}
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
func (l *limits) take(c *call) (http.Header, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	label, quiet := c.route.Limit, c.regime.Quiet
	headers := http.Header{}
	days, err := l.ofTargets(c)
	if err != nil {
		return nil, err
	}
	if d := l.days[label]; d != nil {
		left := d.left(c.now)
		if left <= 0 {
			return nil, without(quiet, overDaily(label, d.limit, c.now))
		}
		headers = limitHeaders(label, "Daily-limit", d.limit, left-1)
		days = append(days, d)
	}
	if s := l.seconds[label]; s != nil {
		limit := perSecond(c.regime.RPS[label])
		left, taken := s.take(c.now)
		if !taken {
			return nil, without(quiet, overPerSecond(label, limit))
		}
		headers = limitHeaders(label, "QPS", limit, left)
	}
	for _, d := range days {
		d.used++
	}
	if quiet {
		headers = http.Header{}
	}
	return headers, nil
}

// ofTargets are the days that a call counts for beside its label's.
func (l *limits) ofTargets(c *call) ([]*day, error) {
	var days []*day
	for i, limit := range c.regime.DailyByTarget {
		if !matchesCall(limit.Match, c) {
			continue
		}
		key := target{i, c.path}
		if l.targets[key] == nil {
			l.targets[key] = &day{limit: limit.Limit}
		}
		if l.targets[key].left(c.now) <= 0 {
			return nil, without(!limit.Headers, overTarget(limit, c.now))
		}
		days = append(days, l.targets[key])
	}
	return days, nil
}

func perSecond(rate float64) int { return int(math.Ceil(rate)) }

func nextMidnight(now time.Time) time.Time {
	return now.UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)
}

func limitHeaders(label, kind string, limit, left int) http.Header {
	category := map[string]string{Light: "Light", Medium: "Medium", Heavy: "Heavy", ResourceIntensive: "Resource-intensive"}[strings.TrimPrefix(label, "PHONE_")]
	h := http.Header{}
	h.Set("X-RateLimit-Category", category)
	h.Set("X-RateLimit-Type", kind)
	h.Set("X-RateLimit-Limit", strconv.Itoa(limit))
	h.Set("X-RateLimit-Remaining", strconv.Itoa(left))
	return h
}

// overPerSecond is the refusal of a call too many in this second. Zoom sends no
// Retry-After with it.
func overPerSecond(label string, limit int) *world.Refusal {
	r := world.Refuse(http.StatusTooManyRequests, 429, "This second's calls of the rate limit are used up.")
	r.Header = limitHeaders(label, "QPS", limit, 0)
	return r
}

// overDaily is the refusal of a call too many today; Retry-After is a time.
func overDaily(label string, limit int, now time.Time) *world.Refusal {
	r := world.Refuse(http.StatusTooManyRequests, 429, "Today's calls of the rate limit are used up.")
	r.Header = limitHeaders(label, "Daily-limit", limit, 0)
	r.Header.Set("Retry-After", nextMidnight(now).Format(time.RFC3339))
	return r
}

// overTarget is the refusal of a call too many today for one user or the like.
func overTarget(limit TargetLimit, now time.Time) *world.Refusal {
	r := world.Refuse(http.StatusTooManyRequests, 429, "Today's calls of this operation for this target are used up.")
	r.Header = http.Header{}
	r.Header.Set("X-RateLimit-Type", "Daily-limit")
	r.Header.Set("X-RateLimit-Limit", strconv.Itoa(limit.Limit))
	r.Header.Set("X-RateLimit-Remaining", "0")
	r.Header.Set("Retry-After", nextMidnight(now).Format(time.RFC3339))
	return r
}

// without leaves out the headers of a refusal.
func without(headers bool, r *world.Refusal) *world.Refusal {
	if headers {
		r.Header = nil
	}
	return r
}
