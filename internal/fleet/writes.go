package fleet

import (
	"context"
	"crypto/rand"
	_ "embed" // for the script
	"errors"
	"strconv"
	"sync"
	"time"

	"github.com/redis/rueidis"

	"zoomgraph/internal/underway"
)

// This file tells Redis of writes: before one leaves that it is under way, every few seconds that it still is, and after
// it that it has ended. Start reading at Begin.
//
// While a write is under way or in doubt, nothing that is read of its resources is believed or kept: not here, which the
// account's book says, and not at other replicas, which the guards say. So a writer that dies leaves nothing believed
// that was read meanwhile; its guards count as under way until its time is over.
//
// Redis is help, not need: a write also leaves when Redis cannot be told. Then this replica believes nothing until Redis
// can be asked again, and tells it first what was written. Others may show older answers until then, as long as these
// are kept at all.

const (
	writeLife  = underway.Doubt  // for how long a write counts as under way, if nothing more is heard of it
	writeRenew = 3 * time.Second // between signs that a write is still under way

	maxUntold = 1000 // resources that Redis could not be told about, one by one
)

//go:embed write.lua
var writeScript string

// Begin says that a write of resources is about to leave; "*" stands for all of
// the account. From when it returns, no Stamp of these is true at this replica, nor
// at any that Redis is asked for, until the write has ended: end says so, and
// whether it is certain what became of the write. If not, it may still be carried
// out, and nothing is believed for ten seconds more. When end has returned, no Stamp
// is as it was before Begin. The ends of contexts do not keep Redis from being told.
func (a *Shared) Begin(ctx context.Context, resources ...string) (end func(ctx context.Context, certain bool)) {
	w := a.book.Begin(resources...)
	a.tellOf(ctx, w, writeLife)
	stop := a.renewing(ctx, w)
	return func(ctx context.Context, certain bool) {
		stop()
		life := time.Duration(0)
		if !certain {
			life = underway.Doubt
		}
		a.tellOf(ctx, w, life)
		a.book.End(w, certain)
	}
}

// renewing tells Redis every now and then that a write is still under way. When stop returns, it does so no longer.
func (a *Shared) renewing(ctx context.Context, w *underway.Write) (stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	var running sync.WaitGroup
	running.Go(func() {
		tick := time.NewTicker(a.fleet.renewal)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
				a.tellOf(ctx, w, writeLife)
			}
		}
	})
	return func() {
		cancel()
		running.Wait()
	}
}

// tellOf tells Redis for how long a write is under way from now on, or has it told
// later.
func (a *Shared) tellOf(ctx context.Context, w *underway.Write, life time.Duration) {
	ctx = context.WithoutCancel(ctx)
	tell := func(ctx context.Context, r rueidis.Client) error { return a.say(ctx, r, w, life) }
	for !a.try(ctx, tell) {
		if a.keepForLater(w.Resources) {
			return
		}
	}
	a.forget(w.Resources)
}

// say runs the script for a write, and moves the process's mark.
func (a *Shared) say(ctx context.Context, r rueidis.Client, w *underway.Write, life time.Duration) error {
	mark := a.nextMark()
	keys := make([]string, 0, len(w.Resources)+1)
	for _, resource := range w.Resources {
		keys = append(keys, a.key("guard", resource))
	}
	if _, err := a.runWriteScript(ctx, r, keys, w.Token, millis(life), strconv.FormatInt(mark, 10)); err != nil {
		return err
	}
	a.marked(mark)
	return nil
}

// lookAtWrites looks whether the writes of guards are still under way. A guard whose writers are gone gets a new value.
func (a *Shared) lookAtWrites(ctx context.Context, r rueidis.Client, guards []*guard, values map[*guard]string) error {
	keys := make([]string, 0, len(guards)+1)
	for _, g := range guards {
		keys = append(keys, g.key)
	}
	now, err := a.runWriteScript(ctx, r, keys, "", "-1", "")
	for i, value := range now {
		values[guards[i]] = value
	}
	return err
}

// runWriteScript is for the guards with these keys.
func (a *Shared) runWriteScript(ctx context.Context, r rueidis.Client, keys []string, token, life, mark string) ([]string, error) {
	args := append(make([]string, 0, 5+len(keys)), token, life, millis(a.fleet.keep), millis(writeLife), mark)
	for range keys {
		args = append(args, rand.Text())
	}
	values, err := a.fleet.scripts.write.Exec(ctx, r, append(keys, a.markKey()), args).AsStrSlice()
	if err == nil && len(values) != len(keys) {
		err = errScript
	}
	return values, err
}

// keepForLater writes down what Redis is to be told before the next era. It is
// false if that has begun in the meantime.
func (a *Shared) keepForLater(resources []string) bool {
	f := a.fleet
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.era.Load() != nil {
		return false
	}
	for _, resource := range resources {
		a.untold[resource] = struct{}{}
	}
	if len(a.untold) > maxUntold {
		clear(a.untold)
		a.untold[everything] = struct{}{}
	}
	if !f.silent {
		f.silent = true
		f.log.Warn("redis cannot be told of a write; until it is, other replicas may show what they read before, as long as they keep it")
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

func (a *Shared) tell(ctx context.Context, r rueidis.Client) error {
	ctx, cancel := context.WithTimeout(ctx, 3*timeout) // three round trips
	defer cancel()
	resources := a.takeUntold()
	same, err := a.remembered(ctx, r)
	if err == nil {
		if !same {
			resources = []string{everything}
		}
		// What Redis was told of writes before, and did not answer, is over as well.
		err = a.say(ctx, r, &underway.Write{Token: a.book.Name, Resources: resources}, 0)
	}
	if err == nil {
		err = a.sayAll(ctx, r, a.book.Open())
	}
	if err != nil {
		a.keepForLater(resources)
	}
	return err
}

// sayAll says of writes that they are under way, at the same time.
func (a *Shared) sayAll(ctx context.Context, r rueidis.Client, writes []*underway.Write) error {
	errs := make([]error, len(writes))
	var talks sync.WaitGroup
	for i, w := range writes {
		talks.Go(func() { errs[i] = a.say(ctx, r, w, writeLife) })
	}
	talks.Wait()
	return errors.Join(errs...)
}

func (f *Fleet) all() []*Shared {
	f.mu.Lock()
	defer f.mu.Unlock()
	all := make([]*Shared, 0, len(f.accounts))
	for _, a := range f.accounts {
		all = append(all, a)
	}
	return all
}

func (a *Shared) takeUntold() []string {
	a.fleet.mu.Lock()
	defer a.fleet.mu.Unlock()
	resources := make([]string, 0, len(a.untold))
	for resource := range a.untold {
		resources = append(resources, resource)
	}
	clear(a.untold)
	return resources
}
