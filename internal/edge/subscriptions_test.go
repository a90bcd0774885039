package edge

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/coder/websocket"

	"zoomgraph/internal/shares"
)

// together lets all callers of one class share answers; a caller is "class/name" in the Authorization.
func together(o *Options, _ *liveLimits) {
	o.Sharing = func(ctx context.Context) (string, context.Context) {
		name, _ := ctx.Value(callerKey{}).(string)
		class, _, _ := strings.Cut(name, "/")
		return class, ctx
	}
	o.Holder = func(ctx context.Context, _ *http.Request) shares.Holder {
		name, _ := ctx.Value(callerKey{}).(string)
		return shares.Holder{Account: "a", Caller: name}
	}
}

func (s *stage) openAs(name string) *client {
	s.t.Helper()
	c := s.dial()
	c.send(fmt.Sprintf(`{"type":"connection_init","payload":{"Authorization":%q}}`, name))
	c.want(`{"type":"connection_ack"}`)
	return c
}

// wantFollowers waits until so many operations run for so many subscriptions.
func (s *stage) wantFollowers(operations, subscriptions int) {
	s.t.Helper()
	var ops, subs int
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(time.Millisecond) {
		all := s.live.subscriptions
		all.mu.Lock()
		ops, subs = len(all.running), 0
		for _, b := range all.running {
			subs += len(b.followers)
		}
		all.mu.Unlock()
		if ops == operations && subs == subscriptions {
			return
		}
	}
	s.t.Fatalf("%d operations run for %d subscriptions, want %d for %d", ops, subs, operations, subscriptions)
}

// Equal subscriptions of those who may share answers run once; whatever tells answers apart keeps them apart.
func TestEqualSubscriptionsRunOnce(t *testing.T) {
	t.Parallel()
	const ticks = "subscription { ticks }"
	for name, tt := range map[string]struct {
		as   string
		more []string // messages
		runs int
	}{
		"equal":                   {"x/1", []string{subscribe("2", ticks)}, 1},
		"another caller":          {"x/2", []string{subscribe("2", ticks)}, 1},
		"another class":           {"y/1", []string{subscribe("2", ticks)}, 2},
		"another document":        {"x/1", []string{subscribe("2", "subscription  { ticks }")}, 2},
		"another alias":           {"x/1", []string{subscribe("2", "subscription { a: ticks }")}, 2},
		"variables in two orders": {"x/1", []string{vars("2", `{"a":1,"b":2}`), vars("3", `{"b":2,"a":1}`)}, 2},
		"other variables":         {"x/1", []string{vars("2", `{"a":1,"b":2}`), vars("3", `{"a":1,"b":3}`)}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := perform(t, together, byName)
			first, c := s.openAs("x/1"), s.openAs(tt.as)
			first.send(subscribe("1", ticks))
			c.send(tt.more...)
			s.wantFollowers(tt.runs, 1+len(tt.more))
			if tt.runs > 1 {
				return
			}
			s.ticks <- 7 // only one operation takes it
			first.want(`{"id":"1","type":"next","payload":{"data":{"ticks":7}}}`)
			c.want(`{"id":"2","type":"next","payload":{"data":{"ticks":7}}}`)
		})
	}
}

// vars is a subscription with two variables.
func vars(id, variables string) string {
	return fmt.Sprintf(`{"id":%q,"type":"subscribe","payload":{"query":"subscription($a: Int, $b: Int) { ticks(a: $a, b: $b) }","variables":%s}}`, id, variables)
}

// Who comes later has the answers from then on, who leaves has no more, and the last one ends the operation.
func TestFollowersComeAndGo(t *testing.T) {
	t.Parallel()
	s := perform(t, together, byName)
	next := func(id string, n int) string {
		return fmt.Sprintf(`{"id":%q,"type":"next","payload":{"data":{"ticks":%d}}}`, id, n)
	}
	a, b := s.openAs("x/1"), s.openAs("x/2")
	a.send(subscribe("a", "subscription { ticks }"))
	s.wantFollowers(1, 1)
	s.ticks <- 1
	a.want(next("a", 1))
	b.send(subscribe("b", "subscription { ticks }"))
	s.wantFollowers(1, 2)
	s.ticks <- 2
	a.want(next("a", 2))
	b.want(next("b", 2))
	a.send(`{"id":"a","type":"complete"}`) // who began it leaves, and it goes on
	s.wantFollowers(1, 1)
	s.ticks <- 3
	b.want(next("b", 3))
	select {
	case name := <-s.ended:
		t.Errorf("%s has ended though somebody follows it", name)
	default:
	}
	_ = b.conn.CloseNow()
	s.wantEnded("ticks")
	s.wantFollowers(0, 0)
	a.send(subscribe("c", "subscription { ticks }"))
	s.wantFollowers(1, 1)
	s.ticks <- 4
	a.want(next("c", 4))
}

// Why an operation does not begin, or ends, is told to all.
func TestTheEndIsTold(t *testing.T) {
	t.Parallel()
	for query, text := range map[string]string{
		"subscription { refused }": "not so", "subscription { slow }": "too slow", "subscription { burst }": "something failed",
	} {
		t.Run(query, func(t *testing.T) {
			t.Parallel()
			s := perform(t, together, byName)
			c := s.openAs("x/1")
			for id := range 3 {
				c.send(subscribe(fmt.Sprint(id), query))
			}
			for told := 0; told < 3; {
				got, err := c.read()
				if err != nil {
					t.Fatal(err)
				}
				if strings.Contains(got, text) {
					told++
				}
			}
			s.wantFollowers(0, 0)
		})
	}
}

// One client that does not read holds up none of the others, and is ended.
func TestASlowFollower(t *testing.T) {
	t.Parallel()
	s := perform(t, func(o *Options, l *liveLimits) {
		together(o, l)
		l.write = time.Minute
	}, byName)
	slow, good := s.openAs("x/slow"), s.openAs("x/good")
	slow.send(subscribe("1", "subscription { flood }"))
	good.send(subscribe("1", "subscription { flood }"))
	s.wantFollowers(1, 2)
	for range 300 { // of 64 KiB: far more than what a connection holds and what may wait
		if got, err := good.read(); err != nil || !strings.Contains(got, `"type":"next"`) {
			t.Fatalf("%.100s, %v", got, err)
		}
	}
	s.wantFollowers(1, 1)
	if n := s.live.counts.Refused()["slow_subscriber"]; n != 1 {
		t.Errorf("%d slow ones are counted, want 1", n)
	}
	if owed := s.live.inFlight.State().Owed; owed > 2*(1<<16+100) {
		t.Errorf("%d bytes are still kept", owed)
	}
}

// A caller has so many subscriptions over all its connections, and so many run in all.
func TestSubscriptionLimits(t *testing.T) {
	t.Parallel()
	s := perform(t, func(o *Options, l *liveLimits) {
		together(o, l)
		o.Subscriptions = SubscriptionLimits{All: 7, PerCaller: 3}
	}, byName)
	one, two, other, third := s.openAs("x/1"), s.openAs("x/1"), s.openAs("x/2"), s.openAs("x/3")
	one.send(subscribe("1", "subscription { never }"), subscribe("2", "subscription { never }"))
	s.wantFollowers(1, 2)
	two.send(subscribe("3", "subscription { never }"))
	s.wantFollowers(1, 3)
	two.send(subscribe("4", "subscription { never }"))
	if code, text, _ := two.wantError("4"); code != "RATE_LIMITED" || !strings.Contains(text, "has 3 subscriptions") || !strings.Contains(text, "3 are the most") {
		t.Errorf("%s %s", code, text)
	}
	two.send(subscribe("5", "{ hello }")) // a query is none
	two.want(`{"id":"5","type":"next","payload":{"data":{"hello":"hello"}}}`, `{"id":"5","type":"complete"}`)
	for i := range 3 {
		other.send(subscribe(fmt.Sprint(i), "subscription { never }"))
	}
	third.send(subscribe("1", "subscription { never }"))
	s.wantFollowers(1, 7)
	third.send(subscribe("2", "subscription { never }"))
	if code, text, _ := third.wantError("2"); code != "RATE_LIMITED" || !strings.Contains(text, "runs 7 subscriptions") {
		t.Errorf("%s %s", code, text)
	}
	one.send(`{"id":"1","type":"complete"}`)
	s.wantFollowers(1, 6)
	two.send(subscribe("6", "subscription { never }"))
	s.wantFollowers(1, 7)
	counted := s.live.counts.Refused()
	if counted["subscriptions"] != 1 || counted["caller_subscriptions"] != 1 {
		t.Errorf("%v", counted)
	}
}

// Whether a caller still is one is asked for each follower, before each answer.
func TestFollowersAreAsked(t *testing.T) {
	t.Parallel()
	var out atomic.Bool
	identify := func(ctx context.Context, init http.Header, r *http.Request) (context.Context, Known, error) {
		ctx, known, err := byName(ctx, init, r)
		if known.Caller == "x/out" {
			known.Check = func(context.Context) error {
				if out.Load() {
					return errors.New("signed out")
				}
				return nil
			}
		}
		return ctx, known, err
	}
	s := perform(t, together, identify)
	gone, stays := s.openAs("x/out"), s.openAs("x/in")
	gone.send(subscribe("1", "subscription { ticks }"))
	s.wantFollowers(1, 1)
	stays.send(subscribe("1", "subscription { ticks }"))
	s.wantFollowers(1, 2)
	out.Store(true)
	s.ticks <- 1
	if _, text, _ := gone.wantError("1"); text != "signed out" {
		t.Errorf("it is told %q", text)
	}
	stays.want(`{"id":"1","type":"next","payload":{"data":{"ticks":1}}}`)
	s.wantFollowers(1, 1)
}

// A query over a socket gives way as one over HTTP does.
func TestSocketsGiveWay(t *testing.T) {
	t.Parallel()
	places := shares.New(8)
	s := perform(t, func(o *Options, l *liveLimits) {
		together(o, l)
		o.Places = places
		o.Holder = func(ctx context.Context, _ *http.Request) shares.Holder {
			name, _ := ctx.Value(callerKey{}).(string)
			return shares.Holder{Account: name}
		}
	}, byName)
	greedy, other := s.openAs("greedy"), s.openAs("other")
	for id := range 8 {
		greedy.send(subscribe(fmt.Sprint(id), "{ wait }"))
	}
	for places.State().Held < 8 {
		time.Sleep(time.Millisecond)
	}
	other.send(subscribe("1", "{ hello }"))
	other.want(`{"id":"1","type":"next","payload":{"data":{"hello":"hello"}}}`, `{"id":"1","type":"complete"}`)
	if got, err := greedy.read(); err != nil || !strings.Contains(got, "RATE_LIMITED") || !strings.Contains(got, "another caller's turn") {
		t.Errorf("%s, %v", got, err)
	}
	_ = greedy.conn.Close(websocket.StatusNormalClosure, "")
}
