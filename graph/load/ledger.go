package load

import (
	"cmp"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/client"
	"zoomgraph/graph/project"
	"zoomgraph/internal/store"
)

// maxEntries bounds each list of an answer's explanation.
const maxEntries = 100

// Ledger counts what an operation cost, and lists what it could not get. It is safe for concurrent use.
type Ledger struct {
	mu     sync.Mutex
	asked  int // reads that the operation's parts asked for
	issued int // reads that became calls
	cost   Cost
	labels Labels
	room   [usualLabels]Labelled
	absent []Absence
	stale  []Stale
	voids  []ast.Path
	spelt  map[project.Spelling]int
	trace  *trace // nil where single calls are of no interest
}

// Cost is extensions.zoom.cost.
type Cost struct {
	// Requested is how many calls it could have been at worst.
	Requested int `json:"requested"`
	// Calls is how many calls went to Zoom.
	Calls int `json:"calls"`
	// Cached is how many reads were answered with what is known.
	Cached int `json:"cached"`
	// Coalesced is how many reads found another one to share a call with, of this operation or of another.
	Coalesced int `json:"coalesced"`
	// WaitedMs is how long calls waited for their turn, all together, in milliseconds.
	WaitedMs int64 `json:"waitedMs"`
	// ByLabel are the calls of each label.
	ByLabel Labels `json:"byLabel"`
}

// Absence is an entry of extensions.zoom.absent: a selected field that is null because Zoom did not send it.
type Absence struct {
	Path   ast.Path       `json:"path"`
	Reason project.Reason `json:"reason"`
}

// Absent implements project.Observer.
func (l *Ledger) Absent(path ast.Path, reason project.Reason) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.absent) < maxEntries {
		l.absent = append(l.absent, Absence{slices.Clone(path), reason})
	}
}

// Void implements project.Observer.
func (l *Ledger) Void(path ast.Path) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.voids = append(l.voids, path)
}

// Respelled implements project.Observer.
func (l *Ledger) Respelled(of project.Spelling) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.spelt == nil {
		l.spelt = map[project.Spelling]int{}
	}
	l.spelt[of]++
}

// Voids are the paths that must become null because a field below them is null and may not be.
func (l *Ledger) Voids() []ast.Path {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.voids
}

// Stale is an entry of extensions.zoom.stale: a field whose value is older than it should be, because the account's
// limits allowed no call.
type Stale struct {
	Path ast.Path  `json:"path"`
	AsOf time.Time `json:"asOf"`
}

func (l *Ledger) old(path ast.Path, asOf time.Time) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.stale) < maxEntries {
		l.stale = append(l.stale, Stale{path, asOf.UTC().Truncate(time.Millisecond)})
	}
}

func (l *Ledger) needed() {
	l.mu.Lock()
	l.asked++
	l.mu.Unlock()
}

// cached notes a read that was needed, and answered with what is known.
func (l *Ledger) cached() {
	l.mu.Lock()
	l.asked++
	l.cost.Cached++
	l.mu.Unlock()
}

// answered notes where so many answers come from.
func (l *Ledger) answered(from store.Source, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch from {
	case store.Cached:
		l.cost.Cached += n
	case store.Called:
		l.issued += n
	}
}

func (l *Ledger) record(op *client.Op, res *client.Response) {
	if res == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	attempts := max(res.Attempts, 1)
	l.cost.Calls += attempts
	l.cost.WaitedMs += res.Waited.Milliseconds()
	if op.Label == "" {
		return
	}
	for i := range l.labels {
		if l.labels[i].Label == op.Label {
			l.labels[i].Calls += attempts
			return
		}
	}
	if l.labels == nil {
		l.labels = l.room[:0]
	}
	l.labels = append(l.labels, Labelled{op.Label, attempts})
}

// usualLabels is how many labels most operations have calls of, at most.
const usualLabels = 2

// Labelled is how many calls of a label there were.
type Labelled struct {
	Label client.Label
	Calls int
}

// Labels counts calls by their labels.
type Labels []Labelled

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// Explanation is extensions.zoom.
type Explanation struct {
	Cost   Cost      `json:"cost"`
	Calls  []Call    `json:"calls,omitempty"`
	Saved  []Saved   `json:"saved,omitempty"`
	Absent []Absence `json:"absent,omitempty"`
	Stale  []Stale   `json:"stale,omitempty"`

	room [usualLabels]Labelled
}

// Tally counts what an operation cost, and what Zoom sent that the schema does not know.
type Tally struct {
	Calls     int           // that went to Zoom
	Cached    int           // reads that were answered with what is known
	Coalesced int           // reads that were answered by the call of another one
	Waited    time.Duration // for their turn, of all calls together
	// UnknownValues is how many enum values that the schema does not know are told of.
	UnknownValues int
	// Respellings counts the values that Zoom spelled otherwise than their types have it, by field. There are at most as many
	// as the schema has fields.
	Respellings map[project.Spelling]int
}

// Tally is that so far.
func (l *Ledger) Tally() Tally {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := Tally{
		Calls: l.cost.Calls, Cached: l.cost.Cached, Coalesced: l.coalesced(),
		Waited: time.Duration(l.cost.WaitedMs) * time.Millisecond, Respellings: maps.Clone(l.spelt),
	}
	for _, absent := range l.absent {
		if absent.Reason == project.UnknownValue {
			t.UnknownValues++
		}
	}
	return t
}

// coalesced is how many reads found another one to share a call with; the lock is held.
func (l *Ledger) coalesced() int { return l.asked - l.issued - l.cost.Cached }

// Explain is the explanation so far, with calls and saved reads where trace asks for them and they were kept account of;
// nil where Zoom was not touched.
func (l *Ledger) Explain(trace bool) *Explanation {
	l.mu.Lock()
	defer l.mu.Unlock()
	coalesced := l.coalesced()
	if l.cost.Calls == 0 && l.cost.Cached == 0 && coalesced == 0 && len(l.absent) == 0 {
		return nil
	}
	e := &Explanation{Cost: l.cost, Absent: slices.Clone(l.absent), Stale: slices.Clone(l.stale)}
	e.Cost.Coalesced = coalesced
	e.Cost.ByLabel = append(e.room[:0], l.labels...)
	slices.SortFunc(e.Cost.ByLabel, func(a, b Labelled) int { return cmp.Compare(a.Label, b.Label) })
	if trace {
		e.Calls, e.Saved = l.trace.told()
	}
	return e
}
