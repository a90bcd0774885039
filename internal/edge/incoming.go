package edge

import (
	"container/list"
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"time"
)

// This file bounds the bytes that clients send and the service holds: bodies of requests, and messages of sockets, while
// they are read and until they are answered. All of them share one budget. A request and a socket have a small part that is
// free, so that usual ones never wait; beyond it they take from the budget as they grow, not as they promise to grow.
// Start reading at held.

// DefaultRequestsBudget is how many bytes requests and messages hold together, where Options leave it open.
const DefaultRequestsBudget = 32 << 20

const (
	freeBytes      = maxFirstMessage + 1 // of a request, and of a socket, that count against no budget; connection_init never waits
	shareOfBudget  = 4                   // a caller may have this part of it
	incomingWait   = 2 * time.Second     // for room, before a request is refused
	countedOfForms = maxFormText         // of a form: the rest are files, which have a budget of their own
)

// incoming is the budget.
type incoming struct {
	most, mostOfCaller int64
	patience           time.Duration // until who finds no room is refused

	mu      sync.Mutex
	held    int64
	callers map[string]int64 // what each holds; "" is nobody in particular, and has no share
	waiting list.List        // of *waiter, the first to come first
}

func newIncoming(most int64) *incoming {
	if most == 0 {
		most = DefaultRequestsBudget
	}
	return &incoming{most: most, mostOfCaller: max(most/shareOfBudget, 1), patience: incomingWait, callers: map[string]int64{}}
}

type waiter struct {
	caller string
	bytes  int64
	let    chan struct{} // closed once it has its bytes
}

// fits tells whether there is room.
func (b *incoming) fits(caller string, n int64) bool {
	return b.held+n <= b.most && (caller == "" || b.callers[caller]+n <= b.mostOfCaller)
}

func (b *incoming) add(caller string, n int64) {
	b.held += n
	if b.callers[caller] += n; b.callers[caller] == 0 {
		delete(b.callers, caller)
	}
}

// take takes n bytes for a caller. It waits where there is no room, but not for long. The error is a refusal.
func (b *incoming) take(ctx context.Context, caller string, n int64) error {
	b.mu.Lock()
	if b.fits(caller, n) {
		b.add(caller, n)
		b.mu.Unlock()
		return nil
	}
	w := &waiter{caller, n, make(chan struct{})}
	at := b.waiting.PushBack(w)
	b.mu.Unlock()
	timer := time.NewTimer(b.patience)
	defer timer.Stop()
	select {
	case <-w.let:
		return nil
	case <-timer.C:
	case <-ctx.Done():
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	select {
	case <-w.let:
		return nil
	default:
	}
	b.waiting.Remove(at)
	return b.full(caller, n)
}

// full is the refusal of who found no room.
func (b *incoming) full(caller string, n int64) error {
	message := fmt.Sprintf("the requests of all callers hold %d bytes, and may hold %d together; try again later, or send less", b.held, b.most)
	if caller != "" && b.callers[caller]+n > b.mostOfCaller {
		message = fmt.Sprintf("the requests of this caller hold %d bytes, and may hold %d together; wait for their answers, or send less", b.callers[caller], b.mostOfCaller)
	}
	return refusal{why: busy, code: "RATE_LIMITED", message: message}
}

// give gives n bytes back, and lets those in who wait for them: in their order, except that a caller whose own share is
// used up holds up nobody else.
func (b *incoming) give(caller string, n int64) {
	if n == 0 {
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.add(caller, -n)
	for at := b.waiting.Front(); at != nil; {
		w, next := at.Value.(*waiter), at.Next() //nolint:forcetypeassert // nothing else is in it
		if b.held+w.bytes > b.most {
			return
		}
		if b.fits(w.caller, w.bytes) {
			b.add(w.caller, w.bytes)
			b.waiting.Remove(at)
			close(w.let)
		}
		at = next
	}
}

// held is what one request, or one socket, holds.
type held struct {
	of     *incoming
	caller string // set before anything is taken beyond what is free
	by     owner  // says the caller then; nil: it is set

	mu    sync.Mutex
	bytes int64 // with the free ones
	taken int64 // of the budget
}

// owner says whose something is.
type owner interface{ whose() string }

// name is an owner who is known.
type name string

func (n name) whose() string { return string(n) }

// grow holds n bytes more. The error is a refusal, and nothing is held of them then. One goroutine at a time calls it.
func (h *held) grow(ctx context.Context, n int64) error {
	h.mu.Lock()
	h.bytes += n
	lacking := h.bytes - freeBytes - h.taken
	h.mu.Unlock()
	if lacking <= 0 {
		return nil
	}
	if h.by != nil {
		h.caller, h.by = h.by.whose(), nil
	}
	if err := h.of.take(ctx, h.caller, lacking); err != nil {
		h.shrink(n)
		return err
	}
	h.mu.Lock()
	h.taken += lacking
	h.mu.Unlock()
	return nil
}

// shrink holds n bytes less.
func (h *held) shrink(n int64) {
	h.mu.Lock()
	h.bytes -= n
	spare := max(h.taken-max(h.bytes-freeBytes, 0), 0)
	h.taken -= spare
	h.mu.Unlock()
	h.of.give(h.caller, spare)
}

// count has body count what is read of the request's body, which is held until release is called. Whose it is is asked only
// where it is more than what is free.
func (b *incoming) count(ctx context.Context, body *countedBody, w http.ResponseWriter, r *http.Request, by owner) {
	counted := int64(maxBody)
	if strings.HasPrefix(strings.ToLower(r.Header.Get("Content-Type")), "multipart/") {
		counted = countedOfForms
	}
	body.ReadCloser, body.answer, body.ctx, body.left = r.Body, w, ctx, counted
	body.held.of, body.held.by = b, by
	r.Body = body
}

// countedBody is a body that holds what is read of it.
type countedBody struct {
	io.ReadCloser
	answer http.ResponseWriter
	ctx    context.Context //nolint:containedctx // of the request, which the body belongs to
	held   held
	left   int64 // that still counts
}

func (b *countedBody) release() { b.held.shrink(b.held.bytes) }

// Read implements io.Reader. Its error is a refusal where there is no room. The connection is closed behind the answer then:
// otherwise the server would wait for the rest of the body before it answers.
func (b *countedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	counts := min(int64(n), b.left)
	if counts == 0 {
		return n, err
	}
	b.left -= counts
	if full := b.held.grow(b.ctx, counts); full != nil {
		b.answer.Header().Set("Connection", "close")
		return 0, full
	}
	return n, err
}
