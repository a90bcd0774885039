package world

import (
	"cmp"
	"maps"
	"slices"

	"zoomgraph/graph/program"
)

// api is the part of a world that follows from the program: operations, and kinds of things.
type api struct {
	ops    map[string]*Operation
	kinds  map[string]*kind // by type
	params map[string]*kind // by the parameter that takes their id
	links  map[string]*kind // by the field that holds their id, or several
	detail map[*kind]*Operation
}

// apis keeps the api of a program. Each world has a copy.
var apis program.Lasting[*api]

// deriveAPI reads the api out of a program. The error names what is wrong with the program.
func deriveAPI(p *program.Program) (*api, error) {
	ops, err := operations(p)
	if err != nil {
		return nil, err
	}
	a := &api{ops: ops, kinds: map[string]*kind{}, params: map[string]*kind{}, links: map[string]*kind{}, detail: map[*kind]*Operation{}}
	a.addKinds()
	return a, nil
}

// copied returns a copy for one world, which adopts the kinds. What operations and kinds point to besides each other is
// shared.
func (a *api) copied(adopt func(*kind)) api {
	c := copier{map[*Operation]*Operation{}, map[*kind]*kind{}}
	for _, o := range a.ops {
		c.ops[o] = new(*o)
	}
	for _, k := range a.kinds {
		c.kinds[k] = new(*k)
		adopt(c.kinds[k])
	}
	for _, o := range c.ops {
		o.kind, o.steps = c.kinds[o.kind], c.steps(o.steps)
	}
	for _, k := range c.kinds {
		k.homes = slices.Clone(k.homes)
		for i := range k.homes {
			h := &k.homes[i]
			h.list, h.steps = c.ops[h.list], c.steps(h.steps)
		}
	}
	out := api{ops: map[string]*Operation{}, kinds: c.byName(a.kinds), params: c.byName(a.params), links: c.byName(a.links), detail: map[*kind]*Operation{}}
	for name, o := range a.ops {
		out.ops[name] = c.ops[o]
	}
	for k, o := range a.detail {
		out.detail[c.kinds[k]] = c.ops[o]
	}
	return out
}

// copier knows the copy of each operation and kind. The copy of nil is nil.
type copier struct {
	ops   map[*Operation]*Operation
	kinds map[*kind]*kind
}

func (c copier) steps(of []step) []step {
	out := slices.Clone(of)
	for i := range out {
		out[i].list, out[i].kind = c.ops[out[i].list], c.kinds[out[i].kind]
	}
	return out
}

func (c copier) byName(kinds map[string]*kind) map[string]*kind {
	out := make(map[string]*kind, len(kinds))
	for name, k := range kinds {
		out[name] = c.kinds[k]
	}
	return out
}

func (a *api) sorted() []*Operation {
	return slices.SortedFunc(maps.Values(a.ops), func(a, b *Operation) int { return cmp.Compare(a.Op, b.Op) })
}
