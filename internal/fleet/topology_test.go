package fleet

import (
	"errors"
	"io"
	"io/fs"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"zoomgraph/client"
	"zoomgraph/internal/redistest"
)

// exercise lets two replicas do all that there is to do by way of a Redis.
func exercise(t *testing.T, url string) {
	t.Helper()
	one, two := open(t, url), open(t, url)
	for _, f := range []*Fleet{one, two} {
		until(t, "it is up: "+f.Health().Err, func() bool { return f.Health().Up && f.Health().Replicas >= 2 })
	}
	// Accounts have slots of their own.
	for _, id := range []string{"acct", "b", "c", "d"} {
		a, b := of(t, one, id), of(t, two, id)
		if stamp(t, a, "x", "y") != stamp(t, b, "x", "y") {
			t.Error("the replicas disagree")
		}
		before := stamp(t, b, "x")
		a.Touch(t.Context(), "x")
		until(t, "the other one hears of a touch", func() bool { now := stamp(t, b, "x"); return now != before && now == stamp(t, a, "x") })
		put(t, a, "key", "value", time.Minute)
		if got := get(t, b, "key"); string(got) != "value" {
			t.Errorf("%q", got)
		}
		deal, ok := a.Deal(t.Context(), client.Ask{
			Label: client.Medium, Day: "day", PerSecond: 10, Burst: 10, Growth: client.Growth{Keep: 1, Near: 1, Slow: 1, Fast: 1, Surely: 1}, Want: 3, Most: 3,
			Known: client.Known{Level: 10, Rate: 10, Ceiling: 10},
		})
		if !ok || deal.Turns != 3 {
			t.Errorf("%+v, %v", deal, ok)
		}
		if _, found := a.Find(t.Context(), ""); found {
			t.Error("a token nobody minted")
		}
		now := time.Now()
		a.Keep(t.Context(), client.Token{Value: "token", Mint: "1", Expiry: now.Add(time.Hour), RenewAt: now.Add(time.Minute)})
		if tok, found := b.Find(t.Context(), ""); !found || tok.Value != "token" {
			t.Errorf("%+v", tok)
		}
		b.Drop(t.Context(), "1")
	}
	here, there := one.Sessions(), two.Sessions()
	for _, key := range []string{"s1", "s2", "s3"} {
		release, err := here.Claim(t.Context(), key)
		if err := errors.Join(err, here.Add(t.Context(), key, []byte("v"), time.Minute), there.Swap(t.Context(), key, []byte("v"), []byte("w"), time.Minute),
			there.Touch(t.Context(), key, time.Minute)); err != nil {
			t.Fatal(err)
		}
		release()
		if value, err := here.Get(t.Context(), key); err != nil || string(value) != "w" {
			t.Errorf("%q, %v", value, err)
		}
		if err := there.Remove(t.Context(), key); err != nil {
			t.Error(err)
		}
		if _, err := here.Get(t.Context(), key); !errors.Is(err, fs.ErrNotExist) {
			t.Error(err)
		}
	}
	if !one.Health().Up || !two.Health().Up {
		t.Errorf("%+v, %+v", one.Health(), two.Health())
	}
}

func of(t testing.TB, f *Fleet, id string) *Shared {
	t.Helper()
	a, err := f.Shared(id, secret)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestCluster(t *testing.T) {
	t.Parallel()
	cluster := redistest.StartCluster(t, 3)
	t.Run("all nodes named", func(t *testing.T) { exercise(t, cluster.URL()) })
	t.Run("one node named", func(t *testing.T) { exercise(t, cluster.OneURL()) })
	t.Run("with the documented ACL", func(t *testing.T) {
		for _, node := range cluster.Nodes {
			node.Do("ACL SETUSER zoomgraph on >secret " + strings.Join(rules(t), " "))
		}
		exercise(t, strings.Replace(cluster.URL(), "redis://", "redis://zoomgraph:secret@", 1))
	})
	// Word of changes comes from the node that serves an account: while that is away nothing is believed.
	t.Run("a node is away", func(t *testing.T) {
		f := open(t, cluster.URL())
		until(t, "it is up", func() bool { return f.Health().Up })
		a := account(t, f)
		before := stamp(t, a, "x")
		owner := cluster.Owner(a.key("guard", "x"))
		owner.Stop()
		until(t, "it is down", func() bool { return !f.Health().Up })
		if _, ok := a.Stamp(t.Context(), "x"); ok {
			t.Error("a stamp without its node")
		}
		owner.Start()
		until(t, "it is up again", func() bool { return f.Health().Up })
		if now := stamp(t, a, "x"); now == before {
			t.Error("what the node has lost came back")
		}
	})
}

// When the primary dies, the replicas go on with the server that the Sentinels put in its place.
func TestSentinel(t *testing.T) {
	t.Parallel()
	watched := redistest.StartSentinel(t)
	for _, srv := range []*redistest.Server{watched.Primary, watched.Replica} {
		srv.Do("ACL SETUSER zoomgraph on >secret " + strings.Join(rules(t), " ") + " +role")
	}
	url := strings.Replace(watched.URL(), "redis://", "redis://zoomgraph:secret@", 1)
	exercise(t, url)
	one, two := open(t, url), open(t, url)
	a, b := account(t, one), account(t, two)
	for _, f := range []*Fleet{one, two} {
		until(t, "it is up", func() bool { return f.Health().Up })
	}
	a.Touch(t.Context(), "x")
	before := stamp(t, a, "x")
	watched.Primary.Stop()
	a.Touch(t.Context(), "x")
	for _, f := range []*Fleet{one, two} {
		until(t, "it has the other server", func() bool {
			return f.Health().Up && strings.Contains(watched.Replica.Do("INFO replication"), "role:master")
		})
	}
	until(t, "they agree", func() bool {
		here, ok := a.Stamp(t.Context(), "x")
		there, too := b.Stamp(t.Context(), "x")
		return ok && too && here == there
	})
	if stamp(t, b, "x") == before {
		t.Error("a touch was lost")
	}
	exercise(t, url)
}

// switchboard leads connections to one of several sockets.
type switchboard struct {
	address string
	to      atomic.Pointer[string]
	cut     chan struct{}
}

func newSwitchboard(t *testing.T) *switchboard {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &switchboard{address: l.Addr().String(), cut: make(chan struct{})}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			from, err := l.Accept()
			if err != nil {
				return
			}
			to, err := net.Dial("unix", *s.to.Load()) //nolint:noctx // it is there
			if err != nil {
				_ = from.Close()
				continue
			}
			go func() { _, _ = io.Copy(to, from); _ = to.Close() }()
			go func() { _, _ = io.Copy(from, to); _ = from.Close() }()
		}
	}()
	return s
}

// lead sends new connections to a server, and ends those to the one before.
func (s *switchboard) lead(to, before *redistest.Server) {
	path := strings.TrimPrefix(to.URL(), "unix://")
	s.to.Store(&path)
	if before != nil {
		before.Do("CLIENT KILL TYPE normal")
	}
}

// An address that leads to two servers in turn never brings back what was known of the first.
func TestTwoServersInTurn(t *testing.T) {
	t.Parallel()
	for name, touches := range map[string]bool{"written in between": true, "only read in between": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first, second := redistest.Start(t), redistest.Start(t)
			board := newSwitchboard(t)
			board.lead(first, nil)
			one, two := open(t, "redis://"+board.address), open(t, "redis://"+board.address)
			a, b := account(t, one), account(t, two)
			seen := map[string]bool{}
			var last string
			for round := range 4 {
				for _, f := range []*Fleet{one, two} {
					until(t, "it is up", func() bool { return f.Health().Up })
				}
				until(t, "they agree", func() bool {
					here, ok := a.Stamp(t.Context(), "x")
					there, too := b.Stamp(t.Context(), "x")
					last = here
					return ok && too && here == there
				})
				if seen[last] {
					t.Fatalf("round %d: a stamp of an earlier round", round)
				}
				seen[last] = true
				if touches && round == 1 {
					a.Touch(t.Context(), "x")
					seen[stamp(t, a, "x")] = true
				}
				if round%2 == 0 {
					board.lead(second, first)
				} else {
					board.lead(first, second)
				}
				until(t, "both have noticed", func() bool { return one.losses.Load() > int64(round) && two.losses.Load() > int64(round) })
			}
		})
	}
}

// A server that was made a replica is left, although the connection to it stands, for the one that the address leads to.
func TestDemotedServer(t *testing.T) {
	t.Parallel()
	first, second := redistest.Start(t), redistest.Start(t)
	board := newSwitchboard(t)
	board.lead(first, nil)
	f := open(t, "redis://"+board.address)
	a := account(t, f)
	until(t, "it is up", func() bool { return f.Health().Up })
	board.lead(second, nil)
	first.Do("REPLICAOF 127.0.0.1 " + redistest.Port(t))
	a.Touch(t.Context(), "x")
	until(t, "it has the other server", func() bool { return f.Health().Up && second.Commands("evalsha") > 0 })
	stamp(t, a, "x")
}
