// Package history_test holds three replicas of the service to what docs/operating.md promises of order, while everything around
// them fails. Clients read and write settings, each of which holds a version; a nemesis delays, cuts and empties; every
// operation is written down with its begin and its end; a checker says which of them contradict each other.
//
// Start reading at TestHistory. By hand, for minutes, or again with the seed of a failure:
//
//	go test ./test/history -run TestHistory -history.for=5m -history.seed=7
package history_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// operation is one request of a client to a replica.
type operation struct {
	Replica    string // with the number of its life: "b.2"
	Client     int
	Write      bool
	Fresh      bool // a read that takes nothing that is kept
	User       string
	Values     map[string]int // versions by setting: what was read, or what was to be written
	Begin, End time.Duration  // since the start
	Err        string         // code of the first error, or what else went wrong; "": none
	ID         int            // of a write, which Zoom sees
}

// change is one setting's new version, as Zoom took it.
type change struct {
	User, Setting string
	Version       int
	From, To      time.Duration // it was taken between these
	Write         int           // the write it belongs to; 0: it was made at Zoom, without the service
}

// trouble is a time in which something did not work.
type trouble struct {
	Kind     string
	Replica  string // by the name without its life; "": all
	OfZoom   bool   // it is not Redis': requests may fail
	From, To time.Duration
}

// history is everything that happened.
type history struct {
	Operations []operation
	Changes    []change    // of one setting in the order in which Zoom took them
	Arrived    map[int]int // how often each write reached Zoom
	Troubles   []trouble
}

// bounds is for how long an older version may be read.
type bounds struct {
	TTL   time.Duration // whatever happens
	Lease time.Duration // at another replica, while both have Redis
	Slack time.Duration // what a busy machine adds to either
	After time.Duration // after a trouble, until it is taken to be over
}

// contradiction is what is not as it was promised.
type contradiction struct {
	Rule       string
	Operations []operation
	Changes    []change
	Troubles   []trouble
}

// register is one setting of one user.
type register struct{ user, setting string }

// The rules.
const (
	ruleUnknown   = "a read gives only what Zoom had at the time, or before"
	ruleOwn       = "a replica reads what was written through it"
	ruleMonotonic = "a replica never reads an older version after a newer one"
	ruleCalm      = "nor one that was changed at Zoom, while Redis can be asked"
	ruleOthers    = "other replicas read a write within the lease while Redis can be asked"
	ruleTTL       = "nothing is older than the TTL"
	ruleOnce      = "Zoom gets a write once if it is confirmed, and once at most if it is not"
	ruleErrors    = "no request fails while Zoom works"
)

// judge finds all contradictions of a history, at most ten of a rule.
func judge(h history, b bounds) []contradiction {
	c := &court{history: h, bounds: b, found: map[string][]contradiction{}, changes: map[register][]change{}, reads: map[register][]read{}}
	places := map[change]int{} // by user, setting and version
	for _, x := range h.Changes {
		at := register{x.User, x.Setting}
		places[change{User: x.User, Setting: x.Setting, Version: x.Version}] = len(c.changes[at])
		c.changes[at] = append(c.changes[at], x)
	}
	for i := range h.Operations {
		o := &h.Operations[i]
		c.judgeAlone(o)
		if o.Write || o.Err != "" {
			continue
		}
		for setting, version := range o.Values {
			at := register{o.User, setting}
			n, known := places[change{User: o.User, Setting: setting, Version: version}]
			if !known || c.changes[at][n].From > o.End {
				c.report(ruleUnknown, contradiction{Operations: []operation{*o}})
				continue
			}
			c.reads[at] = append(c.reads[at], read{o, n})
		}
	}
	for at := range c.changes {
		c.judgeOrder(at)
	}
	var all []contradiction
	for _, rule := range slices.Sorted(maps.Keys(c.found)) {
		all = append(all, c.found[rule]...)
	}
	return all
}

// court judges one history.
type court struct {
	history
	bounds  bounds
	changes map[register][]change
	reads   map[register][]read
	found   map[string][]contradiction
}

// read is what a read gave of one register: the place of that version among the changes.
type read struct {
	*operation
	place int
}

func (c *court) report(rule string, x contradiction) {
	if x.Rule = rule; len(c.found[rule]) < 10 {
		c.found[rule] = append(c.found[rule], x)
	}
}

// judgeAlone looks at an operation by itself.
func (c *court) judgeAlone(o *operation) {
	if o.Write {
		if n := c.Arrived[o.ID]; n > 1 || o.Err == "" && n != 1 {
			c.report(ruleOnce, contradiction{Operations: []operation{*o}})
		}
	}
	if o.Err != "" && !slices.ContainsFunc(c.Troubles, func(t trouble) bool {
		return t.OfZoom && t.of(o.Replica) && t.From <= o.End && o.Begin <= t.To+c.bounds.After
	}) {
		c.report(ruleErrors, contradiction{Operations: []operation{*o}, Troubles: c.around(o.Begin, o.End)})
	}
}

// of tells whether the trouble is a replica's, whichever of its lives it is in.
func (t trouble) of(replica string) bool {
	name, _, _ := strings.Cut(replica, ".")
	return t.Replica == "" || t.Replica == name
}

// around are the troubles of that time.
func (c *court) around(from, to time.Duration) []trouble {
	var all []trouble
	for _, t := range c.Troubles {
		if t.From <= to && from <= t.To+c.bounds.After {
			all = append(all, t)
		}
	}
	return all
}

// calm tells whether both replicas could ask Redis all the time.
func (c *court) calm(from, to time.Duration, a, b string) bool {
	return !slices.ContainsFunc(c.around(from, to), func(t trouble) bool { return !t.OfZoom && (t.of(a) || t.of(b)) })
}

// floor is a reason why reads that begin after a time give at least some place.
type floor struct {
	after time.Duration
	place int
	by    *operation // nil: the change itself
}

// judgeOrder looks at the reads of one register.
func (c *court) judgeOrder(at register) {
	changes := c.changes[at]
	placeOf := map[int]int{} // by write
	services := make([]int, len(changes))
	for i, change := range changes {
		services[i] = -1
		if i > 0 {
			services[i] = services[i-1]
		}
		if change.Write > 0 {
			placeOf[change.Write], services[i] = i, i
		}
	}
	own, seen := map[string][]floor{}, map[string][]floor{}
	var confirmed, kept []floor
	for i := range c.Operations {
		o := &c.Operations[i]
		place, wrote := placeOf[o.ID]
		if _, of := o.Values[at.setting]; !of || !wrote || !o.Write || o.Err != "" || o.User != at.user {
			continue
		}
		own[o.Replica] = append(own[o.Replica], floor{o.End, place, o})
		confirmed = append(confirmed, floor{o.End + c.bounds.Lease + c.bounds.Slack, place, o})
	}
	for _, r := range c.reads[at] {
		if place := services[r.place]; place >= 0 {
			seen[r.Replica] = append(seen[r.Replica], floor{r.End, place, r.operation})
		}
	}
	for i, change := range changes {
		kept = append(kept, floor{change.To + c.bounds.TTL + c.bounds.Slack, i, nil})
	}
	byReplica := map[string][]read{}
	for _, r := range c.reads[at] {
		byReplica[r.Replica] = append(byReplica[r.Replica], r)
	}
	for replica, reads := range byReplica {
		c.holdTo(ruleOwn, at, reads, own[replica])
		c.holdTo(ruleMonotonic, at, reads, seen[replica])
		c.holdToReads(at, reads)
	}
	c.holdTo(ruleTTL, at, c.reads[at], kept)
	c.holdToWrites(at, c.reads[at], confirmed)
}

// holdTo reports each read that gives an older version than the highest floor before it.
func (c *court) holdTo(rule string, at register, reads []read, floors []floor) {
	slices.SortFunc(reads, func(a, b read) int { return cmp.Compare(a.Begin, b.Begin) })
	slices.SortFunc(floors, func(a, b floor) int { return cmp.Compare(a.after, b.after) })
	highest, next := floor{place: -1}, 0
	for _, r := range reads {
		for ; next < len(floors) && floors[next].after < r.Begin; next++ {
			if floors[next].place > highest.place {
				highest = floors[next]
			}
		}
		if r.place < highest.place {
			c.reportOlder(rule, at, r, highest)
		}
	}
}

// holdToReads reports each read that gives an older version than one before, if it was changed at Zoom in between and
// Redis could be asked all the time.
func (c *court) holdToReads(at register, reads []read) {
	ended := slices.Clone(reads)
	slices.SortFunc(ended, func(a, b read) int { return cmp.Compare(a.End, b.End) })
	for _, r := range reads {
		n, _ := slices.BinarySearchFunc(ended, r.Begin, func(e read, begin time.Duration) int { return cmp.Compare(e.End, begin) })
		for _, before := range slices.Backward(ended[:n]) {
			if before.End < r.Begin-c.bounds.TTL-c.bounds.Slack {
				break // what is that old is against another rule
			}
			if before.place > r.place && c.calm(before.Begin, r.End, r.Replica, r.Replica) {
				c.reportOlder(ruleCalm, at, r, floor{before.End, before.place, before.operation})
				break
			}
		}
	}
}

// holdToWrites reports each read that gives an older version than a write of another replica, if both had Redis since
// that began.
func (c *court) holdToWrites(at register, reads []read, floors []floor) {
	slices.SortFunc(floors, func(a, b floor) int { return cmp.Compare(a.after, b.after) })
	for _, r := range reads {
		for _, f := range slices.Backward(floors) {
			if f.after < r.Begin-2*c.bounds.TTL {
				break // what is that old is against another rule
			}
			if f.after < r.Begin && f.place > r.place && f.by.Replica != r.Replica && c.calm(f.by.Begin, r.End, f.by.Replica, r.Replica) {
				c.reportOlder(ruleOthers, at, r, f)
				break
			}
		}
	}
}

func (c *court) reportOlder(rule string, at register, r read, f floor) {
	x := contradiction{
		Operations: []operation{*r.operation},
		Changes:    []change{c.changes[at][r.place], c.changes[at][f.place]},
		Troubles:   c.around(f.since(c.changes[at][f.place].From), r.End),
	}
	if f.by != nil {
		x.Operations = append([]operation{*f.by}, x.Operations...)
	}
	c.report(rule, x)
}

// since is when its story begins.
func (f floor) since(from time.Duration) time.Duration {
	if f.by != nil {
		return min(from, f.by.Begin)
	}
	return from
}

// String tells the story in the order of time.
func (x contradiction) String() string {
	type line struct {
		at   time.Duration
		text string
	}
	var lines []line
	for _, t := range x.Troubles {
		lines = append(lines, line{t.From, fmt.Sprintf("%s  trouble: %s %s", span(t.From, t.To), t.Kind, t.Replica)})
	}
	for _, o := range x.Operations {
		lines = append(lines, line{o.Begin, span(o.Begin, o.End) + "  " + o.String()})
	}
	for _, change := range x.Changes {
		by := "by itself"
		if change.Write > 0 {
			by = fmt.Sprint("by write ", change.Write)
		}
		lines = append(lines, line{change.From, fmt.Sprintf("%s  Zoom: %s of %s is %d, %s", span(change.From, change.To), change.Setting, short(change.User), change.Version, by)})
	}
	slices.SortStableFunc(lines, func(a, b line) int { return cmp.Compare(a.at, b.at) })
	var b strings.Builder
	b.WriteString(x.Rule + ":")
	for _, l := range lines {
		b.WriteString("\n    " + l.text)
	}
	return b.String()
}

func (o operation) String() string {
	var values []string
	for _, setting := range slices.Sorted(maps.Keys(o.Values)) {
		values = append(values, fmt.Sprintf("%s=%d", setting, o.Values[setting]))
	}
	what := "reads"
	switch {
	case o.Write:
		what = fmt.Sprintf("write %d:", o.ID)
	case o.Fresh:
		what = "reads past what is kept"
	}
	text := fmt.Sprintf("%s, client %d, %s %s %s", o.Replica, o.Client, short(o.User), what, strings.Join(values, " "))
	if o.Err != "" {
		text += " fails: " + o.Err
	}
	return text
}

func span(from, to time.Duration) string {
	return fmt.Sprintf("%9.4f – %9.4f", from.Seconds(), to.Seconds())
}

func short(user string) string { return user[:min(4, len(user))] }
