package store

import (
	"context"
	"slices"
	"strings"

	"github.com/maypok86/otter/v2"
)

// This file finds what is known already. Start reading at known.

// read is one try of an Ask.
type read struct {
	Ask
	at        entryKey
	also      string   // the user's address, in lower case, where that was asked for and at has the id; "": it was not
	last      *entry   // what was known at that, whether it stands or not; nil: nothing
	resources []string // what the answer tells of
	stamp     string   // of these
	keeps     bool     // answers of the operation are kept
	kept      bool     // what is kept may be believed
	now       moment
	since     moment
	theirs    theirs // what was asked of the far store together with the stamp
}

// prepared is what was asked of the far store before it was sure of which key.
type prepared struct {
	at     entryKey
	theirs theirs
}

// prepare asks for the guards that a read will need and that are not known, and at the same time for what replicas
// share: behind a far store that is far away this is one round trip in the place of several.
func (p *Principal) prepare(ctx context.Context, ask Ask) prepared {
	if p.far == nil || p.store.ttl(ask.Key.Op) <= 0 {
		return prepared{}
	}
	at, resources := p.guess(ask.Key)
	if _, known := p.guards.Known(resources...); known {
		return prepared{}
	}
	since := max(p.store.clock.now().add(-p.store.ttl(ask.Key.Op)), p.store.clock.of(ask.Since))
	if p.store.last(at).covers(ask.Names, since) {
		p.guards.Stamp(ctx, resources...)
		return prepared{}
	}
	asked := make(chan theirs, 1)
	go func() { asked <- p.ask(ctx, at) }()
	if _, known := p.guards.Stamp(ctx, resources...); !known {
		return prepared{} // nothing that is shared would be believed
	}
	return prepared{at, <-asked}
}

// begin resolves the key to a user id where it can, and computes how old an answer may be. room is for the resources.
func (p *Principal) begin(stamp stamper, r *read, room []string) {
	r.now = p.store.clock.now()
	ttl := p.store.ttl(r.Key.Op)
	r.keeps = ttl > 0
	r.at = entryKey{p.account, p.class, r.Key}
	if r.keeps && below(r.Key.Op) {
		r.at.Path[0] = p.canonical(stamp, r.Key)
		if r.at.Key != r.Key && isID(r.at.Path[0]) {
			r.also = strings.ToLower(r.Key.Path[0])
		}
	}
	there := p.store.held(r.at)
	if r.last, r.resources = there.entry, there.resources; r.resources == nil {
		r.resources = p.resources(&r.at.Key, room)
	}
	r.stamp, r.kept = stamp(r.resources...)
	r.kept = r.kept && r.keeps
	if !r.kept {
		ttl = 0
	}
	r.since = max(r.now.add(-ttl), p.store.clock.of(r.Since))
}

// entry returns the entry at a key if its stamp still holds, otherwise nil.
func (p *Principal) entry(at entryKey, stamp string) *entry {
	return p.store.last(at).under(stamp)
}

// under is e if it was read under that stamp, otherwise nil.
func (e *entry) under(stamp string) *entry {
	if e != nil && e.stamp == stamp && stamp != "" {
		return e
	}
	return nil
}

// held is what is kept at a key.
type held struct {
	*entry             // what was read last under one stamp, and is believed as long as that stands
	noted     *entry   // what else was seen here, so that nobody is answered anything older; nil: nothing
	resources []string // what the answer tells of
}

func (h held) weight() uint32 {
	if h.noted == nil {
		return h.entry.weight()
	}
	return h.entry.weight() + h.noted.weight()
}

// holding keeps an entry, and remembers of what was seen as much as it does not tell by itself.
func holding(e, seen *entry, resources []string) held {
	if seen == nil || e.supersedes(seen) {
		seen = nil
	}
	return held{e, seen, resources}
}

// held is what is kept at a key; zero: nothing.
func (s *Store) held(at entryKey) held {
	if s.near == nil {
		return held{}
	}
	h, _ := s.near.GetIfPresent(at)
	return h
}

// last is what is known at a key, whether it stands or not; nil: nothing.
func (s *Store) last(at entryKey) *entry { return s.held(at).entry }

// seen is all that somebody was answered here of a key, of each name what was read last; nil: nothing.
func (s *Store) seen(at entryKey) *entry {
	h := s.held(at)
	return h.merged(h.noted)
}

// keep puts an entry to what is known at a key, and returns what is known then. The entry holds all of an earlier one,
// which saves putting it to that; nil: of none. resources are those of the key.
func (s *Store) keep(at entryKey, resources []string, e, earlier *entry) *entry {
	if below(at.Op) && !isID(at.Path[0]) {
		s.byName.Store(true)
	}
	kept := e
	s.near.Compute(at, func(there held, found bool) (held, otter.ComputeOp) {
		seen := there.noted
		if !found {
			return held{entry: e, resources: slices.Clone(resources)}, otter.WriteOp
		}
		switch {
		case there.stamp != e.stamp:
			seen = there.merged(seen)
		case there.entry != earlier:
			kept = there.merged(e)
		}
		if kept = kept.upheld(seen); kept == there.entry {
			return there, otter.CancelOp
		}
		return holding(kept, seen, there.resources), otter.WriteOp
	})
	return kept
}

// note remembers what somebody was answered though it is not to be believed. What stands under the stamp of now stays.
func (s *Store) note(at entryKey, resources []string, e *entry, stamp string) {
	s.near.Compute(at, func(there held, found bool) (held, otter.ComputeOp) {
		if !found {
			there.resources = slices.Clone(resources)
		}
		seen := e.merged(there.merged(there.noted))
		if found && stamp != "" && there.stamp == stamp {
			return holding(there.upheld(seen), seen, there.resources), otter.WriteOp
		}
		noted := *seen
		noted.stamp = ""
		return held{entry: &noted, resources: there.resources}, otter.WriteOp
	})
}

// known is the entry that answers a read; nil: there is none.
func (p *Principal) known(stamp stamper, r *read) *entry {
	if !r.kept {
		return nil
	}
	e := r.last.under(r.stamp)
	if e == nil || p.store.byName.Load() {
		e = p.knownByAddress(stamp, r, e)
	}
	switch {
	case e == nil:
	case e.gone != nil && e.lack.from > max(r.now.add(-unknownLife), p.store.clock.of(r.Since)-1):
		return e
	case e.gone == nil && e.covers(r.Names, r.since):
		return e
	}
	return nil
}

// knownByAddress finds what was read of a user by an e-mail address, before the id was known, and keeps it by the id
// from then on, together with what is known by that.
func (p *Principal) knownByAddress(stamp stamper, r *read, e *entry) *entry {
	at := r.at
	if r.also != "" {
		at.Path[0] = r.also
	} else if at = p.byAddress(stamp, r.at); at.Op == nil {
		return e
	}
	there := p.store.held(at)
	if there.entry == nil {
		return e
	}
	earlier, ok := stamp(there.resources...)
	found := there.under(earlier)
	if !ok || found == nil || found.gone != nil {
		return e
	}
	moved := *found
	moved.stamp = r.stamp // as r's was taken before, what came since is not missed
	if e != nil && e.merged(&moved) == e {
		return e
	}
	return p.store.keep(r.at, r.resources, &moved, nil)
}
