package store

import (
	"context"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"zoomgraph/client"
	"zoomgraph/graph/program"
	"zoomgraph/internal/underway"
)

// rule is what an operation tells of or touches, where the values of its path are still missing.
type rule []template

// template is a resource: its kind, and of one that a path names, which of the path's values that is and what stands below.
type template struct {
	kind  string
	value int // -1: none
	below string
	isID  func(name string) bool // nil: things of the kind have one name
}

// unknown is the rule of an operation of which nothing is known: a read tells of all that is written, and a write touches
// everything.
func unknown(op *client.Op) []string {
	if op.Method == http.MethodGet {
		return []string{program.Any}
	}
	return []string{program.Everything}
}

// ruleOf reads what is known of an operation.
func (s *Store) ruleOf(op *client.Op) rule {
	if known, ok := s.rules.Load(op); ok {
		return known.(rule)
	}
	resources, params := unknown(op), []string(nil)
	if fact := s.opts.Fact(op.String()); fact != nil {
		resources, params = fact.Resources, fact.Params
	}
	parts := make(rule, 0, len(resources))
	for _, resource := range resources {
		kind, param, below := program.SplitResource(resource)
		parts = append(parts, template{kind, slices.Index(params, param), below, program.IsID(kind)})
	}
	s.rules.Store(op, parts)
	return parts
}

// named is the resource of one thing, or of those whose names do not tell their id.
func (p template) named(name string) string {
	if p.isID != nil && !p.isID(name) {
		name = program.Unnamed
	}
	return p.kind + "/" + name + p.below
}

// usualResources is of how many resources an answer mostly tells at most.
const usualResources = 4

// resources are what an answer tells of, put into room: it is not believed any longer once one of them is written. What is
// read of a sub account is also of the account that this is below.
func (p *Principal) resources(k *Key, room []string) []string {
	all := append(slices.Grow(room, usualResources), program.Everything)
	if p.below != "" {
		all = append(all, p.inside(program.Everything))
	}
	for _, part := range p.store.ruleOf(k.Op) {
		if part.value < 0 {
			all = append(all, p.inside(part.kind))
		} else {
			all = append(all, p.inside(part.named(k.Path[part.value])))
		}
	}
	return all
}

// lists are the resources of what tells the names of users.
func (p *Principal) lists() []string {
	if p.below == "" {
		return []string{program.Everything, usersList}
	}
	return []string{program.Everything, p.inside(program.Everything), p.inside(usersList)}
}

// inside is a resource of the account that the principal acts in: a sub account's are its own, but for what is known of
// accounts themselves.
func (p *Principal) inside(resource string) string {
	if p.below == "" || strings.HasPrefix(resource, accountsKind) {
		return resource
	}
	return accountsKind + p.below + "/" + resource
}

// accountsKind begins the resources of accounts, and those of all that is in a sub account.
const accountsKind = "accounts/"

// touched are the resources that a write changes. A thing that is written by its id may be known by another name, and
// where it is not written by its id it cannot be told what is kept under that: it may be any. known tells the id of a
// user by another name, if it can.
func (p *Principal) touched(op *client.Op, path []string, known func(user string) string) []string {
	all := p.store.touched(op, path, known)
	if p.below == "" {
		return all
	}
	for i, resource := range all {
		all[i] = p.inside(resource)
	}
	return append(all, program.Any)
}

func (s *Store) touched(op *client.Op, path []string, known func(user string) string) []string {
	all := []string{program.Any}
	for _, part := range s.ruleOf(op) {
		if part.value < 0 {
			all = append(all, part.kind)
			continue
		}
		name := path[part.value]
		if part.kind == usersList {
			name = known(name)
		}
		switch {
		case part.isID == nil:
			all = append(all, part.named(name))
		case part.isID(name):
			all = append(all, part.named(name), part.named(program.Unnamed))
		default:
			all = append(all, part.kind+"/"+program.Everything)
		}
	}
	return all
}

// alone are the guards of a service that is the only one.
type alone struct {
	book *underway.Book

	mu     sync.RWMutex
	last   uint64
	writes map[string]uint64 // the last one of a resource
}

// unwritten begins with the stamp of resources of which none was ever written.
const unwritten = "0.0.0.0.0.0.0.0.0.0.0.0."

// maxWritten bounds the resources remembered one by one.
const maxWritten = 10_000

func newAlone(now func() time.Time) *alone {
	return &alone{book: underway.New(now), writes: map[string]uint64{}}
}

// Stamp is Known.
func (a *alone) Stamp(_ context.Context, resources ...string) (string, bool) {
	return a.Known(resources...)
}

// Known is false only while there is a write.
func (a *alone) Known(resources ...string) (string, bool) {
	if a.book.Busy(resources...) {
		return "", false
	}
	a.mu.RLock()
	defer a.mu.RUnlock()
	if len(a.writes) == 0 && len(resources)*len("0.") <= len(unwritten) {
		return unwritten[:len(resources)*len("0.")], true
	}
	var buf [64]byte
	stamp := buf[:0]
	for _, resource := range resources {
		stamp = append(strconv.AppendUint(stamp, a.writes[resource], 36), '.')
	}
	return string(stamp), true
}

// Begin takes effect at once. Nothing is known from then on until the write has ended, so one new state is enough.
func (a *alone) Begin(_ context.Context, resources ...string) (end func(ctx context.Context, certain bool)) {
	w := a.book.Begin(resources...)
	a.mu.Lock()
	defer a.mu.Unlock()
	a.last++
	if len(a.writes) > maxWritten {
		clear(a.writes)
		resources = []string{program.Everything}
	}
	for _, resource := range resources {
		a.writes[resource] = a.last
	}
	return func(_ context.Context, certain bool) { a.book.End(w, certain) }
}
