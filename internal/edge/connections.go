package edge

import "sync/atomic"

// Connections counts the connections that stay open. The zero value is ready, and given to one service by
// [Options.Connections]; anybody may read it at any time.
type Connections struct {
	sockets, streams, subscriptions atomic.Int64
	refused                         [numRefusals]atomic.Int64
}

// Sockets is how many WebSockets are open.
func (c *Connections) Sockets() int64 { return c.sockets.Load() }

// Streams is how many event streams are open.
func (c *Connections) Streams() int64 { return c.streams.Load() }

// Subscriptions is how many subscriptions run, over sockets and event streams.
func (c *Connections) Subscriptions() int64 { return c.subscriptions.Load() }

// Refused is how many connections and subscriptions were refused, or ended for a limit, since the start, by reason. All
// reasons are there, of a closed set: origin, stopping, full, caller_full, forbidden, shed, bytes, slow, expired,
// subscriptions, caller_subscriptions, and slow_subscriber for subscriptions whose client did not keep up.
func (c *Connections) Refused() map[string]int64 {
	all := make(map[string]int64, numRefusals)
	for why := range c.refused {
		all[notLetIn(why).String()] = c.refused[why].Load()
	}
	return all
}

// notLetIn is why a connection is refused, or ended.
type notLetIn int

const (
	byOrigin   notLetIn = iota // a page of another origin asks
	stopping                   // the service does
	full                       // of connections
	callerFull                 // this caller has as many as one may have
	byIdentify                 // no caller is known yet
	shed                       // others came before it had said whose it is
	noRoom                     // for its message
	slow                       // its message did not arrive in time
	expired                    // its caller is not one any more

	allSubscriptions    // as many run as may
	callerSubscriptions // this caller has as many as one may have
	slowSubscriber      // its client did not keep up
	numRefusals
)

// String is the reason in the metrics.
func (n notLetIn) String() string {
	return [...]string{
		"origin", "stopping", "full", "caller_full", "forbidden", "shed", "bytes", "slow", "expired",
		"subscriptions", "caller_subscriptions", "slow_subscriber",
	}[n]
}

// refuse counts a connection that is refused.
func (c *Connections) refuse(why notLetIn) { c.refused[why].Add(1) }
