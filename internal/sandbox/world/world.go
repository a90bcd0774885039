// Package world is what the embedded Zoom knows: collections made from the
// program, and what Zoom does otherwise.
//
//	w, err := world.New(world.Options{Program: p, Source: 7, Quirks: zoom.Quirks()})
//	…
//	answer, err := w.Perform(&world.Call{Op: w.Operation("GET /users/{userId}"), Vars: …})
//
// What POST made is listed, read, changed by PATCH and PUT, and gone after
// DELETE, below the thing that its path names. No chapter says so: it follows
// from which operations there are at which paths, see [kind] and [act]. What is
// there at the start, and what nobody has written, is made up of a seed: the
// same seed gives the same world, in whatever order it is looked at. Only what
// Zoom does otherwise is written by hand, as [Quirks].
package world

import (
	"encoding/json"
	"net/url"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"zoomgraph/graph/program"
)

// Options say what a world is made of.
type Options struct {
	Program *program.Program
	Source  Source
	Quirks  Quirks
	Now     time.Time // made-up times lie around its day
}

// Quirks are what Zoom does otherwise than the program tells.
type Quirks struct {
	// Answers are operations that have rules of their own, by name.
	Answers map[string]func(*World, *Call) (Answer, error)
	// Checks are asked before the world writes what a body says.
	Checks map[string]func(*World, *Call) error
	// Things are those of a type, by its name.
	Things map[string]Thing
	// Missing says how a path's last thing is missing, by the path.
	Missing map[string]Missing
	// Defaults are the values of query parameters that are left out, by operation.
	Defaults map[string]url.Values
}

// World holds all that the API can change. Reads run side by side, a write alone.
type World struct {
	Source Source

	api

	today  time.Time // when its day begins
	quirks Quirks

	mu      sync.RWMutex
	readers atomic.Int32      // reads that run side by side at the moment
	places  map[string]*shelf // by the path of their list
	origins map[*kind][]*Record
	members map[string][]*Record // of lists of things that live elsewhere, and do not say so themselves
	whole   map[*kind]*index
	made    int // how many things were created
	version int // of the collections
}

// index is all of a kind at one moment.
type index struct {
	version int
	all     []*Record
	byName  map[string]*Record
}

// Call is one call of an operation.
type Call struct {
	Op          *Operation
	Path        string            // as sent
	Vars        map[string]string // the path's parameters, decoded once
	RawQuery    string
	ContentType string
	Body        []byte // as sent; then, for an operation that takes JSON, only what it knows
	Now         time.Time
	User        string        // whose token it is; "" where it is the account's
	TokenLife   time.Duration // of page tokens
	Mode        any           // what chapters want to know besides

	// What was found.
	Values url.Values
	Found  map[string]*Record // things of the path, by the parameter
	Owner  *Record            // the last of them
	found  owners             // all of them
	Place  string             // the path with the things' own ids
}

// New makes a world. The error names what is wrong with the program.
func New(o Options) (*World, error) {
	of, err := apis.Of(o.Program, deriveAPI)
	if err != nil {
		return nil, err
	}
	w := &World{Source: o.Source, today: o.Now.UTC().Truncate(24 * time.Hour), quirks: o.Quirks}
	w.api = of.copied(w.adopt)
	w.Reset()
	return w, nil
}

// Reset takes back all writes.
func (w *World) Reset() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.places, w.origins, w.members, w.whole, w.made = map[string]*shelf{}, map[*kind][]*Record{}, map[string][]*Record{}, map[*kind]*index{}, 0
	w.version++
}

// Alone runs something while no operation does.
func (w *World) Alone(do func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	do()
}

// Operations are all there are, by name.
func (w *World) Operations() []*Operation { return w.sorted() }

// Operation is the one of a name, such as "GET /users/{userId}"; nil: there is none.
func (w *World) Operation(name string) *Operation { return w.ops[name] }

// Perform runs an operation.
func (w *World) Perform(c *Call) (Answer, error) {
	var err error
	if c.Values, err = c.Op.Parse(c.RawQuery); err != nil {
		return Answer{}, err
	}
	for name, values := range w.quirks.Defaults[c.Op.Op] {
		if c.Values.Get(name) == "" {
			c.Values[name] = values
		}
	}
	return w.share(c)
}

// perform runs an operation whose query was read.
func (w *World) perform(c *Call) (answer Answer, err error) {
	if err := w.locate(c); err != nil {
		return Answer{}, err
	}
	if c.Op.Body != nil {
		if c.Body, err = c.checkBody(); err != nil {
			return Answer{}, err
		}
	}
	if c.Op.File != "" && w.quirks.Answers[c.Op.Op] == nil {
		if _, err := c.Upload(); err != nil {
			return Answer{}, err
		}
		c.Body = nil // a file is not kept
	}
	if answer := w.quirks.Answers[c.Op.Op]; answer != nil {
		return answer(w, c)
	}
	return w.Do(c)
}

// Do is what an operation does that has no rules of its own; those that have some
// may call it.
func (w *World) Do(c *Call) (Answer, error) {
	switch {
	case c.Op.streams:
		return w.file(c), nil
	case c.Op.act == lists:
		return w.list(c)
	case c.Op.act == reads:
		return w.read(c)
	}
	if check := w.quirks.Checks[c.Op.Op]; check != nil {
		if err := check(w, c); err != nil {
			return Answer{}, err
		}
	}
	return w.write(c)
}

// checkBody returns what an operation knows of the body.
func (c *Call) checkBody() ([]byte, error) {
	if _, err := c.Object(); err != nil {
		return nil, err
	}
	body, refused := Canonical(c.asked(c.Op.Body), c.Body, "")
	if len(refused) > 0 {
		return nil, Invalid(refused...)
	}
	return body, nil
}

// Decode reads a body that has been checked.
func (c *Call) Decode(into any) {
	if err := json.Unmarshal(c.Body, into); err != nil {
		panic("sandbox: " + c.Op.Op + ": a body that was checked: " + err.Error())
	}
}

// owners are the things of the path, for those that live below them.
func (c *Call) owners() owners { return slices.Clone(c.found) }

// NewID returns an id that nothing has yet.
func (w *World) NewID(what string) string {
	w.made++
	return w.Source.ID("made", what, strconv.Itoa(w.made))
}

// Loose makes a thing of a kind that no list has.
func (w *World) Loose(kind, place string, r *Record) *Record {
	return w.settleIn(r, w.kindNamed(kind), place, nil)
}

// kindNamed is the kind of a type, also of one that the program does not have.
func (w *World) kindNamed(name string) *kind {
	if k := w.kinds[name]; k != nil {
		return k
	}
	return w.newKind(name)
}

func (w *World) newKind(name string) *kind {
	k := newKind(name)
	w.adopt(k)
	return k
}

// adopt makes a kind one of this world.
func (w *World) adopt(k *kind) { k.Thing, k.world = w.quirks.Things[k.Name], w }

// NotFound is the refusal of what there is not, of a type.
func (w *World) NotFound(kind, name string) error {
	return w.missing(step{kind: w.kindNamed(kind)}, name)
}
