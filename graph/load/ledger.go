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
}

// Cost is extensions.zoom.cost.
type Cost struct {
	// Requested is how many calls it could have been at worst.
	Requested int `json:"requested"`
	// Calls is how many calls went to Zoom.
	Calls int `json:"calls"`
	// Cached is how many answers were known already.
	Cached int `json:"cached"`
	// Coalesced is how many reads found another one to share a call with.
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

// count notes reads that were asked for, and reads that became calls.
func (l *Ledger) count(asked, issued int) {
	l.mu.Lock()
	l.asked += asked
	l.issued += issued
	l.mu.Unlock()
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
}

// Explain is the explanation so far, with the calls where trace asks for them; nil where Zoom was not touched.
func (l *Ledger) Explain(trace bool) *Explanation {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.cost.Calls == 0 && len(l.absent) == 0 {
		return nil
	}
	e := &Explanation{Cost: l.cost, Absent: slices.Clone(l.absent)}
	e.Cost.Coalesced = l.asked - l.issued
	e.Cost.ByLabel = maps.Clone(l.cost.ByLabel)
	if trace {
		e.Calls = slices.Clone(l.calls)
	}
	return e
}
