package client

import (
	"slices"
	"strings"
	"time"
)

// This file keeps what Zoom takes no calls for until a day is over: all operations
// of a label, where an answer names the account's daily limit, or else one
// operation on one target, such as the meetings of one user. Zoom has such limits
// too, and often says no more than 429.

const (
	tryAgain   = time.Minute // after which one call finds out whether Zoom takes calls again
	askAgain   = time.Second // after which a Pool is asked whether another process found that out
	mostClosed = 1000        // targets that are remembered
	mostShown  = 10          // of them, that State names

	// A target's calls are taken to be over when Zoom refused so many in a row, in
	// that time, and took at least as many others of the label meanwhile.
	refusals    = 4
	refusalTime = 3 * time.Second
	fewOthers   = 8   // times as many as it refused others
	mostSuspect = 100 // targets of a label that are watched for that
)

// Closure tells for what Zoom takes no calls, as far as is known. One call a minute
// is sent all the same, and the first that Zoom takes ends it.
type Closure struct {
	Operation string    // "POST /users/{userId}/meetings"; empty for all of a label
	Since     time.Time // when Zoom said so
	Until     time.Time // when it ends at the latest
	By        string    // the answer that said so
}

// closure is one with the time of the last call that was sent.
type closure struct {
	Closure
	label Label
	tried time.Time
}

func (c *closure) closed(now time.Time) bool { return now.Before(c.Until) }

// lets tells whether a call may find out whether Zoom takes calls again.
func (c *closure) lets(now time.Time) bool {
	if now.Sub(c.tried) < tryAgain {
		return false
	}
	c.tried = now
	return true
}

// closures are the targets that are closed, by their keys.
type closures map[string]*closure

// targetOf names what a call is about: the operation and the path's values.
func targetOf(req *Request) string {
	return req.Op.String() + "\x00" + strings.Join(req.Path, "\x00")
}

// find is the closure of a call's target; nil if it is open.
func (c closures) find(req *Request, now time.Time) *closure {
	if len(c) == 0 {
		return nil
	}
	found := c[targetOf(req)]
	if found != nil && !found.closed(now) {
		delete(c, targetOf(req))
		return nil
	}
	return found
}

// close remembers a target, and forgets those that are open again, or the oldest.
func (c closures) close(req *Request, until, now time.Time, by string) {
	key := targetOf(req)
	if known := c[key]; known != nil {
		known.Until, known.tried = until, now
		return
	}
	if len(c) >= mostClosed {
		oldest := ""
		for k, one := range c {
			if !one.closed(now) {
				delete(c, k)
			} else if oldest == "" || one.Since.Before(c[oldest].Since) {
				oldest = k
			}
		}
		if len(c) >= mostClosed {
			delete(c, oldest)
		}
	}
	c[key] = &closure{Closure{Operation: req.Op.String(), Since: now, Until: until, By: by}, req.Op.Label, now}
}

// of are the closed targets of a label, the latest first.
func (c closures) of(label Label, now time.Time) []Closure {
	var found []Closure
	for _, one := range c {
		if one.label == label && one.closed(now) {
			found = append(found, one.Closure)
		}
	}
	slices.SortFunc(found, func(a, b Closure) int { return b.Since.Compare(a.Since) })
	return found
}

// suspect is a target whose latest calls Zoom refused.
type suspect struct {
	refused int       // times; calls that were under way together count once
	since   time.Time // the first of these
	at      time.Time // the last
	rate    float64   // of the label then
	// Calls of the label that Zoom had taken, and had refused, when it refused this
	// target first, and last.
	took, others, lastTook, lastRefused int
}

// accuse counts a refused call of a target.
func (a *allowance) accuse(target string, sent, now time.Time) *suspect {
	s := a.suspects[target]
	if s == nil {
		if a.suspects == nil || len(a.suspects) >= mostSuspect {
			a.suspects = map[string]*suspect{} // so many are not refused for themselves
		}
		s = &suspect{since: now, took: a.took, others: a.refused - 1, rate: a.rate}
		a.suspects[target] = s
	}
	if sent.After(s.at) {
		s.refused++
		s.at = now
	}
	return s
}

// suspected tells whether Zoom refused the target of a call more than once in a row.
func (a *allowance) suspected(req *Request) bool {
	if len(a.suspects) == 0 {
		return false
	}
	s := a.suspects[targetOf(req)]
	return s != nil && s.refused > 1
}

// alone tells whether Zoom took others of the label since the target was refused
// last, so that the label need not slow down for it.
func (s *suspect) alone(a *allowance) bool {
	took, refused := a.took-s.lastTook, a.refused-s.lastRefused-1
	s.lastTook, s.lastRefused = a.took, a.refused
	return s.refused > 1 && took >= max(1, refused)
}

// guilty tells whether it is the target's own limit that is reached: where the
// label's is, Zoom refuses others too.
func (s *suspect) guilty(a *allowance, now time.Time) bool {
	took, others := a.took-s.took, a.refused-s.others-s.refused
	return s.refused >= refusals && now.Sub(s.since) >= refusalTime && took >= max(s.refused, fewOthers*others)
}

// acquit lets a label that was slowed down for a target go on as before.
func (a *allowance) acquit(target string) {
	if s := a.suspects[target]; !a.drawing() {
		a.rate = min(a.ceiling, max(a.rate, s.rate))
	}
	delete(a.suspects, target)
}

// closedUntil tells what a 429 that was sent at that time means: until when the label
// is closed, or the target; neither for one of the second.
func (a *allowance) closedUntil(h Header, fail *Error, sent, now time.Time) (label, target time.Time) {
	until := fail.RetryAfter
	if fail.Daily && until.IsZero() {
		until = nextMidnight(sent)
	}
	switch {
	case !fail.Daily && until.Sub(now) <= farAway, !until.After(now):
		return time.Time{}, time.Time{}
	case until.Sub(now) > longestDay:
		until = now.Add(longestDay)
	}
	if fail.Daily && a.namedBy(h) {
		return until, time.Time{}
	}
	return time.Time{}, until
}

// namedBy tells whether the headers of a 429 of the day mean the account's limit of
// this label: they name it, or tell its number of calls.
func (a *allowance) namedBy(h Header) bool {
	if category := h.Get("X-Ratelimit-Category"); category != "" {
		return slices.ContainsFunc(a.day.labels, func(l Label) bool { return l.isCategory(category) })
	}
	return a.perDay > 0 && count(h, "X-Ratelimit-Limit") == float64(a.perDay)
}

// answerOf says by which answer something was closed.
func answerOf(h Header) string {
	by := "429"
	for _, name := range []string{"X-RateLimit-Type", "X-RateLimit-Category", "X-RateLimit-Limit", "Retry-After"} {
		if value := h.Get(name); value != "" && len(value) <= 40 && isPlain(value) {
			by += ", " + name + ": " + value
		}
	}
	return by
}

// isPlain tells whether a header's value can be shown.
func isPlain(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r > '~' })
}

func usedUp(op *Op, until time.Time) *Error {
	return &Error{
		Code: CodeRateLimited, Op: op, RetryAfter: until, Daily: true,
		Message: "the account's calls of the day are used up",
		Hint:    "one call a minute is sent to see whether Zoom takes them again",
	}
}

const (
	targetMessage = "Zoom takes no more calls of this operation for this user, meeting or other target at present"
	targetHint    = "Zoom limits some operations for each user or meeting a day; other targets are not concerned, and one call a minute is sent to see whether Zoom takes them again"
)

func targetUsedUp(op *Op, until time.Time) *Error {
	return &Error{Code: CodeRateLimited, Op: op, RetryAfter: until, Daily: true, Message: targetMessage, Hint: targetHint}
}
