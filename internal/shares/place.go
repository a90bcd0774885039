package shares

import (
	"sync/atomic"

	"zoomgraph/internal/chain"
)

// Place is one place that is held.
type Place struct {
	of     *Places
	holder Holder
	caller *callerShare
	end    func(cause error) // of the context of the place; nil: there is none
	loser  Loser             // is told of the loss; nil: nobody wants to know
	shed   atomic.Bool       // set with the lock of the places held

	// What follows belongs to the lock of the places.
	chain.Link[Place]

	listed *list // nil: it cannot be broken off
	event  bool
	left   bool
}

// lose tells the holder that the place is somebody else's.
func (p *Place) lose() {
	if p.loser != nil {
		p.loser.LosePlace()
	}
	if p.end != nil {
		p.end(ErrShed)
	}
}

// Leave gives the place back. It is called once; what is done by the context of the place ends.
func (p *Place) Leave() {
	p.of.mu.Lock()
	if !p.left {
		p.left = true
		p.unlist()
		if p.shed.Load() {
			p.of.unwinding--
		} else {
			p.of.release(p)
		}
		if p.event {
			p.of.events--
			p.caller.events--
		}
		p.of.admit()
	}
	p.of.mu.Unlock()
	if p.end != nil {
		p.end(nil)
	}
}

// Keep says that what begins now cannot be broken off, such as a write. It reports false if the place is lost already.
func (p *Place) Keep() bool {
	p.of.mu.Lock()
	defer p.of.mu.Unlock()
	p.unlist()
	return !p.shed.Load()
}

// Reply says that the answer is on its way: such a place is given to somebody else only where its caller holds no other
// one that is not. It reports false if the place is lost already.
func (p *Place) Reply() bool {
	p.of.mu.Lock()
	defer p.of.mu.Unlock()
	if p.listed != nil {
		p.unlist()
		p.list(&p.caller.replying)
	}
	return !p.shed.Load()
}

// Lost tells whether the place was given to somebody else.
func (p *Place) Lost() bool { return p.shed.Load() }

// list is of places, the youngest first.
type list = chain.List[Place, *Place]

// list puts the place into a list.
func (p *Place) list(in *list) {
	p.listed = in
	in.PushFront(p)
}

// unlist takes the place out of its list, if it is in one.
func (p *Place) unlist() {
	if p.listed != nil {
		p.listed.Remove(p)
		p.listed = nil
	}
}
