package history_test

import (
	"context"
	"flag"
	"math/rand/v2"
	"slices"
	"sync"
	"testing"
	"time"

	"zoomgraph/internal/redistest"
)

var (
	lasts = flag.Duration("history.for", 0, "how long TestHistory runs; 0: 20 s, and 5 s with -short")
	seed  = flag.Uint64("history.seed", 0, "what chance begins with; 0: another one each time")
)

// promised is what docs/operating.md promises, with some time for a busy machine.
var promised = bounds{TTL: ttl, Lease: 1500 * time.Millisecond, Slack: 1500 * time.Millisecond, After: 3 * time.Second}

// Nothing that is read contradicts anything else, whatever fails.
func TestHistory(t *testing.T) {
	t.Parallel()
	duration := *lasts
	switch {
	case duration > 0:
	case testing.Short():
		duration = 5 * time.Second
	default:
		duration = 20 * time.Second
	}
	start := *seed
	if start == 0 {
		start = rand.Uint64N(1 << 32)
	}
	h := play(t, start, duration)
	found := judge(h, promised)
	counts := map[string]int{}
	for _, x := range found {
		counts[x.Rule]++
		if counts[x.Rule] <= 3 {
			t.Errorf("%v", x)
		}
	}
	reads, writes, failed := 0, 0, 0
	for _, o := range h.Operations {
		if o.Write {
			writes++
		} else {
			reads++
		}
		if o.Err != "" {
			failed++
		}
	}
	t.Logf("%d reads, %d writes, of both %d failed, %d changes at Zoom, %d troubles", reads, writes, failed, len(h.Changes), len(h.Troubles))
	if len(found) > 0 {
		t.Errorf("again: go test ./test/history -run TestHistory -history.for=%v -history.seed=%d\n%v", duration, start, counts)
	}
	if reads < 100 || writes < 10 || failed > reads/2 {
		t.Error("so little went on, or so little went well, that it proves nothing")
	}
}

const (
	people  = 3 // users whose settings are read and written
	readers = 4 // a replica's clients that read
)

// play lets clients and the nemesis loose, and returns what happened.
func play(t *testing.T, seed uint64, duration time.Duration) history {
	t.Helper()
	z := newZoom(t, people)
	n := &nemesis{random: rand.New(rand.NewPCG(seed, 0)), zoom: z, redis: [2]*redistest.Server{redistest.Start(t), redistest.Start(t)}}
	for i, skew := range []time.Duration{0, 30 * time.Millisecond, -time.Minute} {
		n.replicas = append(n.replicas, newReplica(t, string(rune('a'+i)), skew, z, n.redis[0]))
	}
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	var running sync.WaitGroup
	var clients []*person
	begin := func(work func(*person, context.Context), on *replica) {
		p := &person{number: len(clients) + 1, random: rand.New(rand.NewPCG(seed, uint64(len(clients)+1))), replica: on, zoom: z}
		clients = append(clients, p)
		running.Go(func() { work(p, ctx) })
	}
	for _, r := range n.replicas {
		for range readers {
			begin((*person).reads, r)
		}
		begin((*person).writes, r)
	}
	begin((*person).changes, nil)
	n.work(z.now() + duration)
	stop()
	running.Wait()

	h := history{Troubles: n.troubles}
	for _, p := range clients {
		h.Operations = append(h.Operations, p.done...)
	}
	z.mu.Lock()
	defer z.mu.Unlock()
	h.Changes, h.Arrived = z.changes, z.arrived
	return h
}

// person is a client of one replica.
type person struct {
	number  int
	random  *rand.Rand
	replica *replica
	zoom    *zoom
	done    []operation
}

// some are settings by chance, and a user.
func (p *person) some() (user string, names []string) {
	names = settingNames()
	p.random.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	names = names[:1+p.random.IntN(3)]
	slices.Sort(names)
	return p.zoom.users[p.random.IntN(len(p.zoom.users))], names
}

func (p *person) reads(ctx context.Context) {
	for p.waits(ctx, 12*time.Millisecond) {
		user, names := p.some()
		life := p.replica.current()
		o := operation{Replica: life.name, Client: p.number, User: user, Fresh: p.random.IntN(10) == 0, Begin: p.zoom.now()}
		o.Values, o.Err = life.read(ctx, user, names, o.Fresh)
		p.note(ctx, o)
	}
}

func (p *person) writes(ctx context.Context) {
	for p.waits(ctx, 300*time.Millisecond) {
		user, names := p.some()
		version := p.zoom.version(true)
		life := p.replica.current()
		o := operation{Replica: life.name, Client: p.number, User: user, Write: true, ID: version, Values: map[string]int{}, Begin: p.zoom.now()}
		for _, name := range names {
			o.Values[name] = version
		}
		o.Err = life.write(ctx, user, names, version)
		p.note(ctx, o)
	}
}

// changes changes settings at Zoom itself.
func (p *person) changes(ctx context.Context) {
	for p.waits(ctx, time.Second) {
		user, names := p.some()
		p.zoom.change(user, names...)
	}
}

// note writes an operation down, unless the end of the test broke it.
func (p *person) note(ctx context.Context, o operation) {
	if o.End = p.zoom.now(); ctx.Err() == nil {
		p.done = append(p.done, o)
	}
}

// waits for that long at most; it is false at the end.
func (p *person) waits(ctx context.Context, most time.Duration) bool {
	select {
	case <-time.After(time.Duration(p.random.Int64N(int64(most)))):
		return true
	case <-ctx.Done():
		return false
	}
}
