package client

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"
)

// circuit is what the calls of one label share in a Client, and no others: what
// befalls a label stays with it.
type circuit struct {
	label   Label
	own     chan struct{} // the label's own places
	shared  chan struct{} // those of all labels
	breaker breaker
	repeats repeats
}

const (
	ownPart  = 16 // of the places, the part that each label has to itself
	earned   = 5  // first attempts that pay for a repetition
	inHand   = 3  // repetitions that a new Client has
	saveable = 10 // repetitions that can be saved up
)

// newCircuits shares out places for n calls in flight. The circuit of the empty
// label is there for all labels not known here.
func newCircuits(n int) map[Label]*circuit {
	labels := [...]Label{Light, Medium, Heavy, ResourceIntensive, ""}
	own := n / ownPart
	shared := make(chan struct{}, n-own*len(labels))
	circuits := make(map[Label]*circuit, len(labels))
	for _, label := range labels {
		circuits[label] = &circuit{
			label: label, own: make(chan struct{}, own), shared: shared,
			repeats: repeats{credit: inHand * earned},
		}
	}
	return circuits
}

func (c *Client) circuit(op *Op) *circuit {
	if known := c.circuits[op.Label]; known != nil {
		return known
	}
	return c.circuits[""]
}

// enter waits for a place among the calls in flight, and writes down in res how
// long that took. The place is to be received from in the end. With its own
// places a label goes on when calls of others, slow ones, have taken the rest.
func (c *Client) enter(ctx context.Context, k *circuit, op *Op, res *Response) (place chan struct{}, fail *Error) {
	select {
	case k.own <- struct{}{}:
		return k.own, nil
	case k.shared <- struct{}{}:
		return k.shared, nil
	default:
	}
	start := c.now()
	defer func() { res.Waited += c.now().Sub(start) }()
	select {
	case k.own <- struct{}{}:
		return k.own, nil
	case k.shared <- struct{}{}:
		return k.shared, nil
	case <-ctx.Done():
		return nil, interrupted(ctx, op, ctx.Err())
	}
}

// settle tells the breaker what became of an attempt, and the log what came of it.
func (c *Client) settle(ctx context.Context, k *circuit, era int, fail *Error, took time.Duration) {
	label := slog.String("label", string(k.label))
	switch k.breaker.settle(era, outcomeOf(fail, took), c.now()) {
	case falters:
		c.log.LogAttrs(ctx, slog.LevelWarn, "zoom does not answer a call", label,
			slog.String("operation", fail.Op.String()), slog.Int("status", fail.Status), slog.String("reason", reasonOf(fail)))
	case opens:
		c.log.LogAttrs(ctx, slog.LevelWarn, "zoom is out, calls are held back", label, slog.String("reason", reasonOf(fail)))
	case closes:
		c.log.LogAttrs(ctx, slog.LevelInfo, "zoom is back", label)
	}
}

// reasonOf is why a call has no answer, as the network has it: it holds addresses of hosts, and nothing of the request.
func reasonOf(fail *Error) string {
	var network *net.OpError
	if errors.As(fail, &network) {
		return network.Error()
	}
	return fail.Message
}

// repeats keeps repetitions to a part of the calls, so that an outage does not
// multiply them: over any time there are at most a fifth as many as calls went
// for the first time, and saveable more.
type repeats struct {
	mu     sync.Mutex
	credit int // of each first attempt one; a repetition costs as many as earned says
}

func (r *repeats) earn() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.credit = min(r.credit+1, saveable*earned)
}

func (r *repeats) spend() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.credit < earned {
		return false
	}
	r.credit -= earned
	return true
}
