// Package unnamed notes what Zoom sends that the schema does not name: keys of answers, and values of enums. Names only,
// and no more of them than can be read.
//
//	shapes := unnamed.NewShapes(p, known)   // of a program
//	names := unnamed.New(shapes)            // of an account
//	names.Answered(op, body)                // by whoever calls Zoom
//	names.Value("User.status", "asleep")    // by whoever answers a client
//	state := names.State()
//
// Not every answer is looked at: the first ones of each operation, and then one in many, in a goroutine of its own, so that
// nobody waits for it. Start reading at Names.
package unnamed

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"sync/atomic"

	"zoomgraph/client"
)

// The bounds of what is noted and of what waits to be looked at.
const (
	maxNames    = 200     // of keys, and of values
	maxPerPlace = 20      // keys of one operation, values of one field
	maxWaiting  = 64      // answers that wait to be looked at
	maxBytes    = 8 << 20 // of these
)

// Other stands for the names beyond the bounds, and for those that may be more than names.
const Other = "other"

// Sampling says which answers of an operation are looked at: the first ones, and then one in so many.
type Sampling struct{ First, OneIn int64 }

// Usual is the sampling of a service.
var Usual = Sampling{First: 32, OneIn: 64}

// Key is a key of an operation's answers that the schema does not name.
type Key struct {
	Operation string `json:"operation"` // Zoom's operationId
	Key       string `json:"key"`       // with the keys above it: users.new_key
	Seen      int    `json:"seen"`      // in how many of the answers that were looked at
}

// Value is a value of an enum that the schema does not name.
type Value struct {
	Field string `json:"field"` // in the schema: User.status
	Value string `json:"value"` // Zoom's spelling
	Seen  int    `json:"seen"`
}

// State is what was noted, in order.
type State struct {
	Keys   []Key   `json:"keys"`
	Values []Value `json:"values"`
}

// place is where a name was found, and the name.
type place struct{ at, name string }

// Names are what was noted of one account's answers. Nil notes nothing. It is safe for concurrent use.
type Names struct {
	shapes   *Shapes
	sampling Sampling
	answers  atomic.Pointer[counters]

	mu      sync.Mutex
	keys    table
	values  table
	waiting []waiting
	bytes   int
	looking bool
	idle    sync.Cond // is told when nothing waits any more
}

// counters count the answers of each operation, by its id. They are copied when another operation comes.
type counters map[string]*atomic.Int64

// waiting is an answer that waits to be looked at.
type waiting struct {
	op   *client.Op
	body []byte
}

// New makes one that is empty.
func New(shapes *Shapes) *Names { return NewSampling(shapes, Usual) }

// NewSampling is New with another sampling than the usual one.
func NewSampling(shapes *Shapes, sampling Sampling) *Names {
	n := &Names{shapes: shapes, sampling: sampling}
	n.answers.Store(&counters{})
	n.idle.L = &n.mu
	return n
}

// Answered is told of an answer of Zoom's to an operation. Nobody may change body afterwards.
func (n *Names) Answered(op *client.Op, body []byte) {
	if n == nil || len(body) == 0 || !n.samples(op.ID) {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if len(n.waiting) >= maxWaiting || n.bytes+len(body) > maxBytes {
		return
	}
	n.waiting, n.bytes = append(n.waiting, waiting{op, body}), n.bytes+len(body)
	if !n.looking {
		n.looking = true
		go n.look()
	}
}

// samples tells whether the next answer of an operation is looked at.
func (n *Names) samples(id string) bool {
	counter := (*n.answers.Load())[id]
	if counter == nil {
		counter = n.counter(id)
	}
	number := counter.Add(1)
	return number <= n.sampling.First || number%n.sampling.OneIn == 0
}

// counter makes that of an operation, unless there is one by now.
func (n *Names) counter(id string) *atomic.Int64 {
	n.mu.Lock()
	defer n.mu.Unlock()
	known := *n.answers.Load()
	if counter := known[id]; counter != nil {
		return counter
	}
	more := maps.Clone(known)
	more[id] = new(atomic.Int64)
	n.answers.Store(&more)
	return more[id]
}

// look looks at what waits, until nothing does.
func (n *Names) look() {
	for {
		n.mu.Lock()
		if len(n.waiting) == 0 {
			n.looking, n.waiting = false, nil
			n.idle.Broadcast()
			n.mu.Unlock()
			return
		}
		next := n.waiting[0]
		n.waiting, n.bytes = n.waiting[1:], n.bytes-len(next.body)
		n.mu.Unlock()

		s := scan{shapes: n.shapes, op: next.op.String()}
		s.answer(next.body)
		n.mu.Lock()
		for key := range s.keys {
			n.keys.add(next.op.ID, key)
		}
		for value := range s.values {
			n.values.add(value.at, word(value.name))
		}
		n.mu.Unlock()
	}
}

// Wait returns when nothing waits to be looked at.
func (n *Names) Wait() {
	n.mu.Lock()
	defer n.mu.Unlock()
	for n.looking {
		n.idle.Wait()
	}
}

// Value is told of a value that a client was answered null for.
func (n *Names) Value(field, value string) {
	if n == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.values.add(field, word(value))
}

// State is what was noted so far.
func (n *Names) State() State {
	s := State{Keys: []Key{}, Values: []Value{}}
	if n == nil {
		return s
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	for p, seen := range n.keys.seen {
		s.Keys = append(s.Keys, Key{p.at, p.name, seen})
	}
	for p, seen := range n.values.seen {
		s.Values = append(s.Values, Value{p.at, p.name, seen})
	}
	s.sort()
	return s
}

func (s *State) sort() {
	slices.SortFunc(s.Keys, func(a, b Key) int {
		return cmp.Or(cmp.Compare(a.Operation, b.Operation), cmp.Compare(a.Key, b.Key))
	})
	slices.SortFunc(s.Values, func(a, b Value) int { return cmp.Or(cmp.Compare(a.Field, b.Field), cmp.Compare(a.Value, b.Value)) })
}

// Together is what was noted of several accounts.
func Together(all []*Names) State {
	keys, values := map[place]int{}, map[place]int{}
	for _, n := range all {
		s := n.State()
		for _, key := range s.Keys {
			keys[place{key.Operation, key.Key}] += key.Seen
		}
		for _, value := range s.Values {
			values[place{value.Field, value.Value}] += value.Seen
		}
	}
	sum := &Names{keys: table{seen: keys}, values: table{seen: values}}
	return sum.State()
}

// table counts names by place, so many of them and no more.
type table struct {
	seen   map[place]int
	places map[string]int // how many names each has
	names  int
}

// word is a value that may be told, or another.
func word(value string) string {
	if isName(value) {
		return value
	}
	return Other
}

// add counts a name. One too many is counted as another.
func (t *table) add(at, name string) {
	if t.seen == nil {
		t.seen, t.places = map[place]int{}, map[string]int{}
	}
	p := place{at, name}
	if _, known := t.seen[p]; !known && name != Other && (t.names >= maxNames || t.places[at] >= maxPerPlace) {
		p.name = Other
	} else if !known && name != Other {
		t.names++
		t.places[at]++
	}
	t.seen[p]++
}
