package load

import (
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/client"
	"zoomgraph/graph/project"
	"zoomgraph/internal/store"
)

// maxEntries bounds each list of an answer's explanation.
const maxEntries = 100

// Ledger keeps account of what an operation cost and of what it could not get. It is safe for concurrent use.
type Ledger struct {
	mu     sync.Mutex
	asked  int // reads that the operation's parts asked for
	issued int // reads that became calls
	cost   Cost
	calls  []Call
	absent []Absence
	stale  []Stale
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
	WaitedMs int64          `json:"waitedMs"`
	ByLabel  map[string]int `json:"byLabel"`
}

// Call is an entry of extensions.zoom.calls.
type Call struct {
	Operation string   `json:"operation"`
	Method    string   `json:"method"`
	Path      string   `json:"path"`
	Label     string   `json:"label,omitempty"`
	Fields    []string `json:"fields,omitempty"`
	Option    string   `json:"option,omitempty"`
	// Status is HTTP's; 0 where no answer came.
	Status   int     `json:"status"`
	WaitedMs float64 `json:"waitedMs"`
	TookMs   float64 `json:"tookMs"`
	Bytes    int     `json:"bytes"`
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

// answered notes where an answer to one or more reads came from.
func (l *Ledger) answered(from store.Source) {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch from {
	case store.Cached:
		l.cost.Cached++
	case store.Called:
		l.issued++
	}
}

func (l *Ledger) record(req client.Request, res *client.Response) {
	if res == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	attempts := max(res.Attempts, 1)
	l.cost.Calls += attempts
	l.cost.WaitedMs += res.Waited.Milliseconds()
	if l.cost.ByLabel == nil {
		l.cost.ByLabel = map[string]int{}
	}
	if req.Op.Label != "" {
		l.cost.ByLabel[string(req.Op.Label)] += attempts
	}
	if len(l.calls) == maxEntries {
		return
	}
	call := Call{
		Operation: req.Op.ID, Method: req.Op.Method, Path: req.Op.Path, Label: string(req.Op.Label),
		Option: req.Query.Get("option"), Status: res.Status, WaitedMs: ms(res.Waited), TookMs: ms(res.Took), Bytes: res.Bytes,
	}
	if fields := req.Query.Get("custom_query_fields"); fields != "" {
		call.Fields = strings.Split(fields, ",")
	}
	l.calls = append(l.calls, call)
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// Explanation is extensions.zoom.
type Explanation struct {
	Cost   Cost      `json:"cost"`
	Calls  []Call    `json:"calls,omitempty"`
	Absent []Absence `json:"absent,omitempty"`
	Stale  []Stale   `json:"stale,omitempty"`
}

// Explain is the explanation so far, with the calls where trace asks for them; nil where Zoom was not touched.
func (l *Ledger) Explain(trace bool) *Explanation {
	l.mu.Lock()
	defer l.mu.Unlock()
	coalesced := l.asked - l.issued - l.cost.Cached
	if l.cost.Calls == 0 && l.cost.Cached == 0 && coalesced == 0 && len(l.absent) == 0 {
		return nil
	}
	e := &Explanation{Cost: l.cost, Absent: slices.Clone(l.absent), Stale: slices.Clone(l.stale)}
	e.Cost.Coalesced = coalesced
	if e.Cost.ByLabel = maps.Clone(l.cost.ByLabel); e.Cost.ByLabel == nil {
		e.Cost.ByLabel = map[string]int{}
	}
	if trace {
		e.Calls = slices.Clone(l.calls)
	}
	return e
}
