package history_test

import (
	"math/rand/v2"
	"time"

	"zoomgraph/internal/redistest"
)

// nemesis lets things fail, one after the other and sometimes together. Times of calm are among them: only there the
// lease is promised.
type nemesis struct {
	random   *rand.Rand
	zoom     *zoom
	replicas []*replica
	redis    [2]*redistest.Server
	leads    int // to which of the two all replicas are led
	troubles []trouble
}

// fault is something that begins and ends.
type fault struct {
	kind   string
	of     part
	strike func(*nemesis, []*replica) (end func())
}

// part is what a fault befalls. Of one part there is one fault at a time.
type part int

const (
	links  part = iota // between replicas and Redis
	server             // the Redis itself
	ofZoom
	ofReplicas
)

// faults are all of them.
func faults() []fault {
	nothing := func() {}
	link := func(do func(*redistest.Proxy)) func(*nemesis, []*replica) func() {
		return func(_ *nemesis, replicas []*replica) func() {
			for _, r := range replicas {
				do(r.link)
			}
			return func() {
				for _, r := range replicas {
					r.link.Heal()
				}
			}
		}
	}
	redis := func(begin, end func(*redistest.Server)) func(*nemesis, []*replica) func() {
		return func(n *nemesis, _ []*replica) func() {
			struck := n.redis[n.leads]
			begin(struck)
			return func() { end(struck) }
		}
	}
	zoom := func(m mood) func(*nemesis, []*replica) func() {
		return func(n *nemesis, _ []*replica) func() {
			n.zoom.set(m)
			return func() { n.zoom.set(mood{}) }
		}
	}
	return []fault{
		{"Redis 20 ms away", links, link(func(p *redistest.Proxy) { p.Delay(10 * time.Millisecond) })},
		{"Redis 160 ms away", links, link(func(p *redistest.Proxy) { p.Delay(80 * time.Millisecond) })},
		{"cut off from Redis", links, link((*redistest.Proxy).Cut)},
		{"what goes to Redis is lost", links, link(func(p *redistest.Proxy) { p.Blackhole(redistest.Requests) })},
		{"what comes from Redis is lost", links, link(func(p *redistest.Proxy) { p.Blackhole(redistest.Answers) })},
		{"nothing passes between here and Redis", links, link(func(p *redistest.Proxy) { p.Blackhole() })},
		{"Redis killed", server, redis((*redistest.Server).Stop, (*redistest.Server).Start)},
		{"Redis frozen", server, redis((*redistest.Server).Freeze, (*redistest.Server).Thaw)},
		{"Redis emptied", server, redis(func(s *redistest.Server) { s.Do("FLUSHALL") }, func(*redistest.Server) {})},
		{"another Redis in its place", server, func(n *nemesis, _ []*replica) func() { n.failOver(); return nothing }},
		{"another Redis for a while", server, func(n *nemesis, _ []*replica) func() { n.failOver(); return n.failOver }},
		{"Zoom slow", ofZoom, zoom(mood{slow: 1500 * time.Millisecond})},
		{"Zoom takes writes late", ofZoom, zoom(mood{late: requestTimeout + 300*time.Millisecond})},
		{"Zoom's answers to writes lost", ofZoom, zoom(mood{lost: true})},
		{"Zoom out", ofZoom, zoom(mood{refusing: true})},
		{"a replica ends", ofReplicas, func(_ *nemesis, replicas []*replica) func() { restart(replicas); return nothing }},
	}
}

// failOver leads all replicas to the other server, which has an older memory.
func (n *nemesis) failOver() {
	n.leads = 1 - n.leads
	for _, r := range n.replicas {
		r.link.Lead(n.redis[n.leads])
		r.link.Cut()
		r.link.Heal()
	}
}

// restart starts replicas anew, and ends their earlier lives whatever those do.
func restart(replicas []*replica) {
	for _, r := range replicas {
		old := r.current()
		r.begin()
		old.end()
	}
}

// work goes on until end.
func (n *nemesis) work(end time.Duration) {
	all := faults()
	pause(n.between(time.Second, 3*time.Second))
	for n.zoom.now() < end {
		pause(n.between(50*time.Millisecond, 300*time.Millisecond))
		one, another := all[n.random.IntN(len(all))], all[n.random.IntN(len(all))]
		over := []func(){n.strike(one)}
		if another.of != one.of && n.random.IntN(2) == 0 {
			over = append(over, n.strike(another))
		}
		pause(n.between(50*time.Millisecond, 1200*time.Millisecond))
		for _, end := range over {
			end()
		}
		if n.random.IntN(5) == 0 { // long enough to promise something
			pause(n.between(3500*time.Millisecond, 6*time.Second))
		}
	}
}

func (n *nemesis) between(least, most time.Duration) time.Duration {
	return least + time.Duration(n.random.Int64N(int64(most-least)))
}

// strike lets a fault begin, and returns how it ends.
func (n *nemesis) strike(f fault) (end func()) {
	hit, name := n.replicas, ""
	if (f.of == links || f.of == ofReplicas) && n.random.IntN(2) == 0 {
		one := n.random.IntN(len(n.replicas))
		hit, name = n.replicas[one:one+1], n.replicas[one].name
	}
	from := n.zoom.now()
	over := f.strike(n, hit)
	return func() {
		over()
		n.troubles = append(n.troubles, trouble{f.kind, name, f.of >= ofZoom, from, n.zoom.now()})
	}
}
