package fleet

import (
	"context"
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"github.com/redis/rueidis"
)

// A guard is a Redis key with a random value for each resource. A write gives it
// another one, and so does whoever finds it missing, whether it expired, was
// evicted or was lost with the server's memory. A value comes back only with an
// older copy of that memory; history.go notices that. While a write is under way
// the value says so, and nothing is believed of the resource; see writes.go.
//
// Every replica keeps the guards it has read. Redis sends each key that another
// replica sets, on the one connection over which the guards were read, so that
// the word of a change never overtakes an answer from before it. A guard is put
// into the map before it is asked for: if word of a change comes while the answer
// is on its way, the guard is no longer there to take it. For how long guards are
// believed without a word from Redis is in lease.go.

const (
	maxGuards = 1 << 16

	// everything is the resource that all others of an account hang on.
	everything = "*"

	// underWay is how the value of a guard begins whose resource is being written.
	underWay = "w:"

	// lookAgain is how long it is believed that another replica's write is under way. The end of a write is heard of; the
	// end of its process is not.
	lookAgain = 500 * time.Millisecond
)

type guard struct {
	key   string
	value string    // empty: not known yet
	again time.Time // when to ask again about a write that is under way
}

// state is what is known of guards without asking.
type state int

const (
	unknown state = iota
	written       // a write is under way
	known
)

// Stamp names the state of the resources, in that order, together: all replicas
// give the same one, until somebody writes any of them. It is false where Redis
// cannot be asked, and while a write of any of them is under way or in doubt.
// What other replicas write shows once Redis has sent word of it, moments after
// their write ended.
func (a *Shared) Stamp(ctx context.Context, resources ...string) (string, bool) {
	e := a.fleet.era.Load()
	if e == nil || a.writes(resources) {
		return "", false
	}
	trusted := a.trusted(e)
	if trusted {
		if stamp, is := a.stamp(resources); is != unknown {
			return stamp, is == known
		}
	}
	return a.readStamp(ctx, e, resources, !trusted)
}

// Known is Stamp where that can be told without asking Redis, and false
// otherwise.
func (a *Shared) Known(resources ...string) (string, bool) {
	e := a.fleet.era.Load()
	if e == nil || a.writes(resources) || !a.trusted(e) {
		return "", false
	}
	stamp, is := a.stamp(resources)
	return stamp, is == known
}

// writes tells whether this process writes any of the resources.
func (a *Shared) writes(resources []string) bool {
	return a.book.Busy(everything) || a.book.Busy(resources...)
}

// stamp joins the guards that are known.
func (a *Shared) stamp(resources []string) (string, state) {
	a.mu.Lock()
	defer a.mu.Unlock()
	all, is := a.of(everything)
	if is != known {
		return "", is
	}
	var room [256]byte
	stamp := append(room[:0], all...)
	for _, resource := range resources {
		value, is := a.of(resource)
		if is != known {
			return "", is
		}
		stamp = append(stamp, value...)
	}
	return string(stamp), known
}

// of is the guard of one resource; a.mu is held.
func (a *Shared) of(resource string) (string, state) {
	g := a.guards[resource]
	switch {
	case g == nil, g.value == "":
		return "", unknown
	case !strings.HasPrefix(g.value, underWay):
		return g.value, known
	case a.fleet.now().Before(g.again):
		return "", written
	}
	return "", unknown
}

// readStamp asks for the guards that are not known, or for all of them afresh.
func (a *Shared) readStamp(ctx context.Context, e *era, resources []string, afresh bool) (string, bool) {
	names := append([]string{everything}, resources...)
	guards, values := a.expect(names)
	var missing []*guard
	for i, g := range guards {
		if afresh || strings.HasPrefix(values[i], underWay) {
			values[i] = ""
		}
		if values[i] == "" && !slices.Contains(missing, g) {
			missing = append(missing, g)
		}
	}
	read := map[*guard]string{}
	if !a.readAll(ctx, missing, read) || a.fleet.era.Load() != e {
		return "", false
	}
	return a.learn(guards, values, read)
}

// readAll asks for the values of guards, and again for those of which a write is under way. It tells whether that went
// well.
func (a *Shared) readAll(ctx context.Context, guards []*guard, values map[*guard]string) bool {
	if len(guards) == 0 {
		return true // and nobody was asked
	}
	if !a.try(ctx, func(ctx context.Context, r rueidis.Client) error { return a.read(ctx, r, guards, values) }) {
		return false
	}
	var busy []*guard
	for _, g := range guards {
		if strings.HasPrefix(values[g], underWay) {
			busy = append(busy, g)
		}
	}
	return len(busy) == 0 || a.try(ctx, func(ctx context.Context, r rueidis.Client) error { return a.lookAtWrites(ctx, r, busy, values) })
}

// learn keeps what was read of guards, and joins their values.
func (a *Shared) learn(guards []*guard, values []string, read map[*guard]string) (string, bool) {
	again := a.fleet.now().Add(lookAgain)
	a.mu.Lock()
	defer a.mu.Unlock()
	var stamp []byte
	stands := true
	for i, g := range guards {
		if values[i] == "" {
			values[i] = read[g]
			g.value, g.again = read[g], again // one that was dropped meanwhile is in no map
		}
		stands = stands && !strings.HasPrefix(values[i], underWay)
		stamp = append(stamp, values[i]...)
	}
	if !stands {
		return "", false
	}
	return string(stamp), true
}

// expect finds the guards of resources, with the values that are known, and puts
// in place those that are not.
func (a *Shared) expect(resources []string) (guards []*guard, values []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if len(a.guards)+len(resources) > maxGuards {
		a.drop()
	}
	for _, resource := range resources {
		g := a.guards[resource]
		if g == nil {
			g = &guard{key: a.key("guard", resource)}
			a.guards[resource], a.byKey[g.key] = g, resource
		}
		guards, values = append(guards, g), append(values, g.value)
	}
	return guards, values
}

// read asks for the values of guards, and gives one to those that have none.
func (a *Shared) read(ctx context.Context, r rueidis.Client, guards []*guard, values map[*guard]string) error {
	commands := make(rueidis.Commands, len(guards))
	for i, g := range guards {
		values[g] = rand.Text()
		commands[i] = r.B().Set().Key(g.key).Value(values[g]).Nx().Get().Px(a.fleet.keep).Build()
	}
	for i, answer := range r.DoMulti(ctx, commands...) {
		value, err := answer.ToString()
		switch {
		case rueidis.IsRedisNil(err):
		case err != nil:
			return err
		default:
			values[guards[i]] = value
		}
	}
	return nil
}

// forgetKey drops a guard that another replica has set.
func (a *Shared) forgetKey(key string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if resource, ok := a.byKey[key]; ok {
		a.dropOne(resource, key)
	}
}

// forget drops the guards of resources.
func (a *Shared) forget(resources []string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, resource := range resources {
		if g := a.guards[resource]; g != nil {
			a.dropOne(resource, g.key)
		}
	}
}

// forgetAll drops all guards.
func (a *Shared) forgetAll() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.drop()
}

func (a *Shared) drop() {
	clear(a.guards)
	clear(a.byKey)
}

func (a *Shared) dropOne(resource, key string) {
	delete(a.guards, resource)
	delete(a.byKey, key)
}
