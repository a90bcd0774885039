package fleet

import (
	"context"
	"crypto/rand"
	"slices"
	"strconv"

	"github.com/redis/rueidis"
)

// A guard is a Redis key with a random value for each resource. Touch gives it
// another one, and so does whoever finds it missing, whether it expired, was
// evicted or was lost with the server's memory. A value comes back only with an
// older copy of that memory; history.go notices that.
//
// Every replica keeps the guards it has read. Redis sends each key that another
// replica sets, on the one connection over which the guards were read, so that
// the word of a change never overtakes an answer from before it. A guard is put
// into the map before it is asked for: if word of a change comes while the answer
// is on its way, the guard is no longer there to take it.

const (
	maxGuards = 1 << 16
	maxUntold = 1000

	// everything is the resource that all others of an account hang on.
	everything = "*"
)

type guard struct {
	key   string
	value string // empty: not known yet
}

// Stamp names the state of the resources, in that order, together: all replicas
// give the same one, until somebody touches any of them. It is false where Redis
// cannot be asked. What other replicas touch shows once Redis has sent word of
// it, moments after their Touch returned.
func (a *Account) Stamp(ctx context.Context, resources ...string) (string, bool) {
	e := a.fleet.era.Load()
	if e == nil {
		return "", false
	}
	if stamp, complete := a.stamp(resources); complete {
		return stamp, true
	}
	return a.readStamp(ctx, e, resources)
}

// Known is Stamp where that can be told without asking Redis, and false
// otherwise.
func (a *Account) Known(resources ...string) (string, bool) {
	if a.fleet.era.Load() == nil {
		return "", false
	}
	return a.stamp(resources)
}

// stamp joins the guards that are known.
func (a *Account) stamp(resources []string) (string, bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	all := a.guards[everything]
	if all == nil || all.value == "" {
		return "", false
	}
	var room [256]byte
	stamp := append(room[:0], all.value...)
	for _, resource := range resources {
		g := a.guards[resource]
		if g == nil || g.value == "" {
			return "", false
		}
		stamp = append(stamp, g.value...)
	}
	return string(stamp), true
}

// readStamp asks for the guards that are not known.
func (a *Account) readStamp(ctx context.Context, e *era, resources []string) (string, bool) {
	names := append([]string{everything}, resources...)
	guards, values := a.expect(names)
	var missing []*guard
	for i, g := range guards {
		if values[i] == "" && !slices.Contains(missing, g) {
			missing = append(missing, g)
		}
	}
	read := map[*guard]string{}
	well := a.fleet.try(ctx, func(ctx context.Context, r rueidis.Client) error { return a.read(ctx, r, missing, read) })
	if !well || a.fleet.era.Load() != e {
		return "", false
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	var stamp []byte
	for i, g := range guards {
		if values[i] == "" {
			values[i] = read[g]
			g.value = read[g] // one that was dropped meanwhile is in no map
		}
		stamp = append(stamp, values[i]...)
	}
	return string(stamp), true
}

// expect finds the guards of resources, with the values that are known, and puts
// in place those that are not.
func (a *Account) expect(resources []string) (guards []*guard, values []string) {
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
func (a *Account) read(ctx context.Context, r rueidis.Client, guards []*guard, values map[*guard]string) error {
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

// Touch says that resources have changed; "*" stands for all of the account.
// When it returns, no Stamp of this replica is as it was before, nor any that
// Redis is asked for. While Redis cannot be told, Stamp is false here, and Redis
// is told before anything else when it is back. ctx's end does not keep it from
// being told.
func (a *Account) Touch(ctx context.Context, resources ...string) {
	if len(resources) == 0 {
		return
	}
	ctx = context.WithoutCancel(ctx)
	tell := func(ctx context.Context, r rueidis.Client) error { return a.set(ctx, r, resources) }
	for !a.fleet.try(ctx, tell) {
		if a.keepForLater(resources) {
			return
		}
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	for _, resource := range resources {
		if g := a.guards[resource]; g != nil {
			a.dropOne(resource, g.key)
		}
	}
}

// set gives the guards of resources new values, and then moves the process's mark.
func (a *Account) set(ctx context.Context, r rueidis.Client, resources []string) error {
	commands := make(rueidis.Commands, 0, len(resources)+1)
	for _, resource := range resources {
		commands = append(commands, r.B().Set().Key(a.key("guard", resource)).Value(rand.Text()).Px(a.fleet.keep).Build())
	}
	mark := a.nextMark()
	commands = append(commands, r.B().Set().Key(a.markKey()).Value(strconv.FormatInt(mark, 10)).Px(a.fleet.keep).Build())
	for _, answer := range r.DoMulti(ctx, commands...) {
		if err := answer.Error(); err != nil {
			return err
		}
	}
	a.marked(mark)
	return nil
}

// keepForLater writes down what Redis is to be told before the next era. It is
// false if that has begun in the meantime.
func (a *Account) keepForLater(resources []string) bool {
	a.fleet.mu.Lock()
	defer a.fleet.mu.Unlock()
	if a.fleet.era.Load() != nil {
		return false
	}
	for _, resource := range resources {
		a.untold[resource] = struct{}{}
	}
	if len(a.untold) > maxUntold {
		clear(a.untold)
		a.untold[everything] = struct{}{}
	}
	return true
}

// tell makes up for what Redis could not be told or has forgotten.
func (f *Fleet) tell(ctx context.Context) error {
	for _, a := range f.all() {
		if err := a.tell(ctx, f.redis); err != nil {
			return err
		}
	}
	return nil
}

func (a *Account) tell(ctx context.Context, r rueidis.Client) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	resources := a.takeUntold()
	same, err := a.remembered(ctx, r)
	if err == nil {
		if !same {
			resources = []string{everything}
		}
		err = a.set(ctx, r, resources)
	}
	if err != nil {
		a.keepForLater(resources)
	}
	return err
}

func (f *Fleet) all() []*Account {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make([]*Account, 0, len(f.accounts))
	for _, a := range f.accounts {
		all = append(all, a)
	}
	return all
}

func (a *Account) takeUntold() []string {
	a.fleet.mu.Lock()
	defer a.fleet.mu.Unlock()
	resources := make([]string, 0, len(a.untold))
	for resource := range a.untold {
		resources = append(resources, resource)
	}
	clear(a.untold)
	return resources
}

// forgetKey drops a guard that another replica has set.
func (a *Account) forgetKey(key string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if resource, ok := a.byKey[key]; ok {
		a.dropOne(resource, key)
	}
}

// forgetAll drops all guards.
func (a *Account) forgetAll() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.drop()
}

func (a *Account) drop() {
	clear(a.guards)
	clear(a.byKey)
}

func (a *Account) dropOne(resource, key string) {
	delete(a.guards, resource)
	delete(a.byKey, key)
}
