package planned

import (
	"context"
	"reflect"
	"sync"
	"sync/atomic"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"
)

// This file resolves lists of things. A list may come in parts: the resolver that reads it hands on what it has while it waits
// for the rest, and what is selected of these things is resolved meanwhile. They keep the frames that they got then. Start
// reading at List.Begin.

// list is a list of things. Each has a frame of its own; the first slot of that is the thing's.
type list struct {
	frames frame
	n      int
	early  *List // resolves the part, where it was begun ahead
	next   *list // the part behind it
}

func (l *list) frame(i int, of size) frame {
	return frame{l.frames.slots[i*of.slots : (i+1)*of.slots], l.frames.places[i*of.places : (i+1)*of.places], l.frames.args[i*of.args : (i+1)*of.args]}
}

// length is how many things the list has, in all its parts.
func (l *list) length() (n int) {
	for ; l != nil; l = l.next {
		n += l.n
	}
	return n
}

// add puts a part behind the others, and returns the list.
func (l *list) add(part *list) *list {
	if l == nil {
		return part
	}
	last := l
	for last.next != nil {
		last = last.next
	}
	last.next = part
	return l
}

// List is a field that leads to a list of things while it is resolved, and the context of its resolver.
type List struct {
	*place

	run    *run
	node   *node
	frame  frame
	held   *held          // what is said of things that were begun ahead; nil: none were
	others sync.WaitGroup // resolve these, where something may wait
}

type listKey struct{}

// ListOf is the list that the resolver of ctx may hand on in parts; nil where it has to be whole.
func ListOf(ctx context.Context) *List {
	l, _ := ctx.Value(listKey{}).(*List)
	return l
}

// Value implements context.Context.
func (l *List) Value(key any) any {
	if key == (listKey{}) {
		return l
	}
	return l.place.Value(key)
}

// Begin resolves what is selected of a part of the list: things that come behind those of earlier parts, in the form that the
// field's resolver returns, [One] thing that has the list or [Many]. It tells whether some of that goes on beside the caller.
// What was begun is not resolved again: the resolver has to return the same things first, and no error.
func (l *List) Begin(of any) (runs bool) {
	if l.held == nil {
		l.held = hold(l.base, l.run.op.RecoverFunc)
	}
	for _, n := range l.node.parts {
		at, found := l.place, of
		if n != l.node {
			at = &l.frame.places[n.place]
			at.set(n, l.place)
			found, _ = n.how.Resolve(at, of, nil) // which is there
		}
		things, _ := found.(listed)
		if things == nil {
			continue
		}
		var others *sync.WaitGroup
		if n.waits() {
			others, runs = &l.others, true
		}
		into := &l.frame.slots[n.slot]
		before, _ := into.is.(*list)
		first := before.length()
		part := &list{frames: n.frame.room(things.count()), n: things.count(), early: l}
		into.is = before.add(part)
		l.run.elements(l.held, n, part, things, 0, first, at, others)
	}
	return runs
}

// end has what was said of things that were begun ahead told behind what the resolver said.
func (l *List) end() {
	if l.held != nil {
		l.held.pass()
	}
}

// leave waits for what was begun ahead.
func (l *List) leave() {
	l.end()
	l.others.Wait()
}

// list resolves what is selected of a list of things, but for those that were begun ahead.
func (r *run) list(n *node, found any, at *place, begun any) any {
	things, _ := found.(listed)
	if things == nil { // an empty one
		return &list{}
	}
	all, _ := begun.(*list)
	from := all.length()
	rest := &list{frames: n.frame.room(things.count() - from), n: things.count() - from}
	switch {
	case from > 0 && n.waits():
		r.elements(at.base, n, rest, things, from, from, at, &all.early.others)
		all.early.others.Wait()
	case rest.n > 1 && n.waits():
		var others sync.WaitGroup
		r.elements(at.base, n, rest, things, from, from, at, &others)
		others.Wait()
	default:
		r.elements(at.base, n, rest, things, from, from, at, nil)
	}
	all = all.add(rest)
	if n.returns.Elem.NonNull && all.lacks(n.frame) {
		return nil
	}
	return all
}

// lacks tells whether one of the things is null.
func (l *list) lacks(of size) bool {
	for ; l != nil; l = l.next {
		for i := range l.n {
			if l.frame(i, of).slots[0].is == nil {
				return true
			}
		}
	}
	return false
}

// elements resolves what is selected of the things of a part. In things these begin at from, and in the answer at first. With
// others each has a goroutine; without, one follows the other. base is what their contexts are made from.
func (r *run) elements(base context.Context, n *node, part *list, things listed, from, first int, at *place, others *sync.WaitGroup) {
	for i := range part.n {
		of, f := things.at(from+i), part.frame(i, n.frame)
		if others == nil {
			r.element(base, n, of, at, first+i, f)
		} else {
			others.Go(func() { r.element(base, n, of, at, first+i, f) })
		}
	}
}

// element resolves what is selected of an element of a list.
func (r *run) element(base context.Context, n *node, of any, list *place, i int, f frame) {
	at := &f.places[0]
	at.base, at.parent, at.index = base, list, i
	defer func() {
		if p := recover(); p != nil {
			graphql.AddError(at, graphql.Recover(at, p))
			f.slots[0].is = nil
		}
	}()
	if isNothing(of) {
		if n.returns.Elem.NonNull {
			graphql.AddInvalidNullError(at, n.returns.Elem.String())
		}
		return
	}
	f.slots[0].is = r.thing(n, of, at, f)
}

// isNothing tells whether an element of a list is nil.
func isNothing(of any) bool { return of == nil || reflect.ValueOf(of).IsNil() }

// held is the context of things that were begun ahead. What is said of them waits until the list is whole: what its resolver
// says comes first, as of any list.
type held struct {
	context.Context //nolint:containedctx // it is one

	until context.Context //nolint:containedctx // what it is until the list is whole
	whole atomic.Bool

	mu   sync.Mutex
	said []said
}

// said is an error.
type said struct {
	ctx context.Context //nolint:containedctx // of the field that it is about
	err error
}

func hold(ctx context.Context, recovers graphql.RecoverFunc) *held {
	h := &held{Context: ctx}
	h.until = graphql.WithResponseContext(ctx, h.present, recovers)
	return h
}

// Value implements context.Context.
func (h *held) Value(key any) any {
	if h.whole.Load() {
		return h.Context.Value(key)
	}
	return h.until.Value(key)
}

// present keeps an error in place of presenting it.
func (h *held) present(ctx context.Context, err error) *gqlerror.Error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.whole.Load() {
		graphql.AddError(ctx, err)
	} else {
		h.said = append(h.said, said{ctx, err})
	}
	return nil
}

// pass says what was kept, and all that comes from then on.
func (h *held) pass() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.whole.Store(true)
	for _, s := range h.said {
		graphql.AddError(s.ctx, s.err)
	}
	h.said = nil
}
