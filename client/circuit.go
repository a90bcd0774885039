package client

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"sync"
	"time"
)

// Breakers hold calls back while Zoom does not answer an account. They are shared
// by the account's Clients, and safe for concurrent use.
type Breakers struct{ circuits map[Label]*circuit }

// circuit is shared by the calls of one label: trouble of one label does not touch
// the others.
type circuit struct {
	label   Label
	breaker breaker
	repeats repeats
}

const (
	earned   = 5  // first attempts that pay for a repetition
	inHand   = 3  // repetitions that a new account has
	saveable = 10 // repetitions that can be saved up
)

// NewBreakers makes those of an account. Calls of labels that are not known here
// have one together.
func NewBreakers() *Breakers {
	circuits := map[Label]*circuit{}
	for _, label := range append(Labels(), "") {
		circuits[label] = &circuit{label: label, repeats: repeats{credit: inHand * earned}}
	}
	return &Breakers{circuits}
}

func (c *Client) circuit(op *Op) *circuit {
	if known := c.circuits[op.Label]; known != nil {
		return known
	}
	return c.circuits[""]
}

// settle tells the breaker what became of an attempt that ended at that time, and the log what came of it.
func (c *Client) settle(ctx context.Context, k *circuit, era int, end time.Time, fail *Error, took time.Duration) {
	label := slog.String("label", string(k.label))
	switch k.breaker.settle(era, evidenceOf(fail, took), end) {
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
