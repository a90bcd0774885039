package client

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Limit is what an account may do with the operations of one label.
type Limit struct {
	PerSecond float64 // calls a second; 0: not paced
	Burst     float64 // calls at once after a pause; 0: one second's worth. At least 1
	PerDay    int     // calls from midnight to midnight UTC; 0: not counted
}

// Plan is the plan an account has at Zoom. No operation tells it.
type Plan string

// The plans Zoom's table of limits distinguishes.
const (
	PlanFree     Plan = "free"
	PlanPro      Plan = "pro"
	PlanBusiness Plan = "business" // and all above
)

// PlanLimits is Zoom's table of rate limits. The limits of resource-intensive
// operations are per minute there, and spread evenly here. They share the day of
// the heavy ones. Zoom Phone has a table of its own, without a row for the free
// plan: such an account has the limits of the next one, where it has Zoom Phone.
func PlanLimits(p Plan) (map[Label]Limit, error) {
	const minute = 60.0
	switch p {
	case PlanFree:
		return map[Label]Limit{
			Light: {PerSecond: 4, PerDay: 6000}, Medium: {PerSecond: 2, PerDay: 2000},
			Heavy: {PerSecond: 1, PerDay: 1000}, ResourceIntensive: {PerSecond: 10 / minute, PerDay: 30000},
			PhoneLight: {PerSecond: 20}, PhoneMedium: {PerSecond: 10},
			PhoneHeavy: {PerSecond: 5, PerDay: 15000}, PhoneResourceIntensive: {PerSecond: 5 / minute, PerDay: 15000},
		}, nil
	case PlanPro:
		return map[Label]Limit{
			Light: {PerSecond: 30}, Medium: {PerSecond: 20},
			Heavy: {PerSecond: 10, PerDay: 30000}, ResourceIntensive: {PerSecond: 10 / minute, PerDay: 30000},
			PhoneLight: {PerSecond: 20}, PhoneMedium: {PerSecond: 10},
			PhoneHeavy: {PerSecond: 5, PerDay: 15000}, PhoneResourceIntensive: {PerSecond: 5 / minute, PerDay: 15000},
		}, nil
	case PlanBusiness:
		return map[Label]Limit{
			Light: {PerSecond: 80}, Medium: {PerSecond: 60},
			Heavy: {PerSecond: 40, PerDay: 60000}, ResourceIntensive: {PerSecond: 20 / minute, PerDay: 60000},
			PhoneLight: {PerSecond: 40}, PhoneMedium: {PerSecond: 20},
			PhoneHeavy: {PerSecond: 10, PerDay: 30000}, PhoneResourceIntensive: {PerSecond: 10 / minute, PerDay: 30000},
		}, nil
	}
	return nil, fmt.Errorf("client: %q is not a plan: it must be free, pro or business", string(p))
}

// Budget paces the calls of one account: it belongs to all Clients of that
// account in this process, and to none of another. It is safe for concurrent use.
type Budget struct {
	share float64
	now   func() time.Time

	mu         sync.Mutex
	allowances map[Label]*allowance // all labels
	limited    []*allowance         // those that have a limit, in the order of Labels
	targets    closures
}

// allowance is one label's part of a Budget.
type allowance struct {
	bucket
	queue
	flow  flow
	label Label
	day   *day
	limit int         // calls a day; 0: not counted
	timer *time.Timer // set to the next turn; nil until somebody waited
	armed bool        // and it is set, or has just fired
	wake  func()      // what timer does
	draws *draws      // nil without a Pool

	perDay  int // Zoom's calls a day for the whole account, as configured; 0: not known
	refused int // calls that Zoom answered with 429
	took    int // calls that Zoom took

	suspects map[string]*suspect
}

// day counts the calls of a day. Heavy and resource-intensive operations have
// one together, of which each label may use up to its own limit.
type day struct {
	name     string // among the account's days
	used     int
	waiting  int       // calls that will be used when their turn comes
	midnight time.Time // when used starts over
	labels   []Label
	closed   closure
	asked    time.Time // when a Pool was last asked although it is over
}

// NewBudget gives this process the given share, more than 0 and at most 1, of
// the account's limits: of rates, bursts and days. Labels without a limit are not
// paced. A nil now is time.Now.
func NewBudget(limits map[Label]Limit, share float64, now func() time.Time) (*Budget, error) {
	if !(share > 0 && share <= 1) {
		return nil, fmt.Errorf("client: a budget's share must be more than 0 and at most 1, not %v", share)
	}
	if now == nil {
		now = time.Now
	}
	b := &Budget{share: share, now: now, allowances: map[Label]*allowance{}, targets: closures{}}
	long, phoneLong := &day{name: "LONG"}, &day{name: "PHONE_LONG"}
	for label, d := range map[Label]*day{
		Light: {name: "LIGHT"}, Medium: {name: "MEDIUM"}, Heavy: long, ResourceIntensive: long,
		PhoneLight: {name: "PHONE_LIGHT"}, PhoneMedium: {name: "PHONE_MEDIUM"}, PhoneHeavy: phoneLong, PhoneResourceIntensive: phoneLong,
	} {
		a := &allowance{day: d, label: label}
		d.labels = append(d.labels, label)
		a.wake = func() { b.wake(a) }
		b.allowances[label] = a
	}
	for label, limit := range limits {
		a := b.allowances[label]
		if a == nil {
			return nil, fmt.Errorf("client: %q is not a label", string(label))
		}
		if !isAmount(limit.PerSecond) || !isAmount(limit.Burst) || limit.PerDay < 0 {
			return nil, fmt.Errorf("client: the limits of %s must not be negative, nor infinite", label)
		}
		burst := limit.Burst
		if burst == 0 {
			burst = limit.PerSecond
		}
		a.bucket = newBucket(limit.PerSecond*share, burst*share, now())
		a.perDay = limit.PerDay
		if limit.PerDay > 0 {
			a.limit = max(1, int(float64(limit.PerDay)*share))
		}
	}
	for _, label := range Labels() {
		if a := b.allowances[label]; a.limited() {
			b.limited = append(b.limited, a)
		}
	}
	return b, nil
}

func isAmount(v float64) bool { return v >= 0 && !math.IsInf(v, 1) }

// BudgetState is what a label's budget holds at one moment.
type BudgetState struct {
	Label          Label
	Limit          float64   // calls a second in force; 0: not paced
	Remaining      int       // calls that could be sent at once
	Level          float64   // Remaining, and what has come in of the next call: of few calls a minute that is seconds
	ResetAt        time.Time // when Remaining is full again if no call is sent; zero if not paced
	DailyLimit     int       // 0: not counted
	DailyRemaining int       // those that wait are not counted as sent
	Waiting        int       // calls that wait for their turn
	Refused        int       // calls of this Budget that Zoom has answered with 429, repeated ones each time

	Closed        *Closure  // nil: the label is open
	ClosedTargets int       // targets for which an operation of the label is closed, in this process
	Targets       []Closure // of these, the latest ten
}

// State tells of each label that has a limit, in the order of Labels. With a Pool it is the state of all its processes together,
// as far as this one has heard, save for Waiting, Refused and closed targets.
func (b *Budget) State() []BudgetState {
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	var states []BudgetState
	for _, a := range b.limited {
		a.advance(now)
		state := BudgetState{Label: a.label, Limit: a.rate, DailyLimit: a.limit, Waiting: a.waiting(), Refused: a.refused}
		if a.paced() {
			state.Remaining, state.Level = a.left(now)
			state.ResetAt = now.Add(a.bucket.wait(a.full()))
		}
		if a.day.closed.closed(now) {
			closed := a.day.closed.Closure
			state.Closed = &closed
		} else {
			state.DailyRemaining = max(0, a.limit-a.day.used)
		}
		targets := b.targets.of(a.label, now)
		state.ClosedTargets, state.Targets = len(targets), targets[:min(len(targets), mostShown)]
		states = append(states, state)
	}
	return states
}

// Levels tells the limit and the level of labels, as [Budget.State] does, for less. It tells them of labels that have a limit
// and are among calls. It reports whether any label at all has a limit.
func (b *Budget) Levels(calls map[string]int, tell func(label Label, limit, level float64)) (limited bool) {
	if len(calls) == 0 || len(b.limited) == 0 {
		return len(b.limited) > 0
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	now := b.now()
	for _, a := range b.limited {
		if calls[string(a.label)] == 0 {
			continue
		}
		a.advance(now)
		level := 0.0
		if a.paced() {
			_, level = a.left(now)
		}
		tell(a.label, a.rate, level)
	}
	return true
}

// limited tells whether the label has a limit of any kind.
func (a *allowance) limited() bool { return a.paced() || a.limit != 0 }

// left is how many calls could be sent at once, and that with what has come in of the next one.
func (a *allowance) left(now time.Time) (calls int, level float64) {
	if now.Before(a.flow.stop.until) {
		return 0, 0
	}
	due := a.due(now)
	return max(0, int(a.level+almost)) + due, max(0, a.level) + float64(due)
}

func (d *day) turnOver(now time.Time) {
	if !now.Before(d.midnight) {
		d.used, d.midnight = 0, nextMidnight(now)
	}
}

func nextMidnight(now time.Time) time.Time {
	return now.UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)
}

// until tells when the day takes another call of a label with that limit; zero
// if it does now.
func (d *day) until(limit int, now time.Time) time.Time {
	d.turnOver(now)
	switch {
	case d.closed.closed(now):
		return d.closed.Until
	case limit > 0 && d.used+d.waiting >= limit:
		return d.midnight
	}
	return time.Time{}
}

// toldLimit reads the calls a second that Zoom tells for a label, and how many are
// left of them; 0 if it does not, or tells them of another one.
func toldLimit(label Label, h Header) (perSecond, left float64) {
	switch strings.ToLower(h.Get("X-Ratelimit-Type")) {
	case "qps", "per-second-limit":
	default:
		return 0, 0
	}
	category := h.Get("X-Ratelimit-Category")
	if category != "" && !label.isCategory(category) {
		return 0, 0
	}
	return count(h, "X-Ratelimit-Limit"), count(h, "X-Ratelimit-Remaining")
}

// isCategory tells whether Zoom's header means the label, as Zoom prints it.
func (l Label) isCategory(category string) bool {
	return strings.EqualFold(strings.ReplaceAll(category, "-", "_"), string(l.printed()))
}

// count reads a header that counts calls; 0 where it does not.
func count(h Header, name string) float64 {
	n, err := strconv.ParseUint(h.Get(name), 10, 32)
	if err != nil {
		return 0
	}
	return float64(n)
}
