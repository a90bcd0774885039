package load

import (
	"cmp"
	"context"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/client"
	"zoomgraph/internal/store"
)

// maxPaths is how many response paths an entry of the trace lists.
const maxPaths = 5

// Entry holds the fields that extensions.zoom.calls and extensions.zoom.saved have in common.
type Entry struct {
	Operation string   `json:"operation"`
	Method    string   `json:"method"`
	Path      string   `json:"path"`
	Label     string   `json:"label,omitempty"`
	Fields    []string `json:"fields,omitempty"`
	Option    string   `json:"option,omitempty"`
	// StartMs is how long the operation had run: when a call was handed to the client, after which it waits for WaitedMs
	// and takes TookMs; or when a saved read was asked of the store.
	StartMs float64 `json:"startMs"`
	// For are the response paths of the fields that caused it, in the order in which they asked, and ForMore is how many
	// there are beyond those. A read that was merged with others lists the paths of all.
	For     []ast.Path `json:"for,omitempty"`
	ForMore int        `json:"forMore,omitempty"`

	causes []*cause
}

// Call is an entry of extensions.zoom.calls.
type Call struct {
	Entry
	// Status is HTTP's; 0 where no answer came.
	Status   int     `json:"status"`
	WaitedMs float64 `json:"waitedMs"`
	TookMs   float64 `json:"tookMs"`
	Bytes    int     `json:"bytes"`
	// Attempts is how often it was sent, where more than once.
	Attempts int `json:"attempts,omitempty"`
}

// Saved is an entry of extensions.zoom.saved: a read that cost the operation no call.
type Saved struct {
	Entry
	// By is CACHED where the answer was known, and COALESCED where the call of another read brought it.
	By     string  `json:"by"`
	TookMs float64 `json:"tookMs"`
}

// The values of Saved.By.
const (
	byCached    = "CACHED"
	byCoalesced = "COALESCED"
)

// trace is recorded only if the request asks for it; otherwise it is nil.
type trace struct {
	start time.Time

	mu     sync.Mutex
	causes map[asked]*cause // reads since the last write
	calls  []Call
	saved  []Saved
}

// asked is what a session is asked for.
type asked struct {
	of   *Session
	key  store.Key
	form *form // of a view; nil: it is of none
}

// cause are the fields that asked for one read, or made one write. It belongs to the trace's lock.
type cause struct {
	paths []ast.Path
	more  int
}

func (c *cause) add(path ast.Path) {
	if len(c.paths) == maxPaths {
		c.more++
		return
	}
	c.paths = append(c.paths, path)
}

// Trace keeps account of single calls and reads, and of the fields that cause them, from now on; times count from start.
// It is called before the first read.
func (s *Session) Trace(start time.Time) {
	s.trace = &trace{start: start, causes: map[asked]*cause{}}
}

// Traced tells whether single calls are kept account of.
func (s *Session) Traced() bool { return s.trace != nil }

// asks notes that the field of ctx asks for something.
func (t *trace) asks(ctx context.Context, key asked) {
	path := graphql.GetPath(ctx)
	t.mu.Lock()
	defer t.mu.Unlock()
	c := t.causes[key]
	if c == nil {
		c = &cause{}
		t.causes[key] = c
	}
	c.add(path)
}

// of are the fields that asked for a key, now and later.
func (t *trace) of(key asked) []*cause {
	t.mu.Lock()
	defer t.mu.Unlock()
	if c := t.causes[key]; c != nil {
		return []*cause{c}
	}
	return nil
}

// writes are the causes of a write: the field of ctx.
func (t *trace) writes(ctx context.Context) []*cause {
	if t == nil {
		return nil
	}
	return causedBy(ctx)
}

// causedBy is the field of ctx as a cause.
func causedBy(ctx context.Context) []*cause {
	return []*cause{{paths: []ast.Path{graphql.GetPath(ctx)}}}
}

// forget drops the causes of earlier reads: a read after a write names its own cause.
func (t *trace) forget() {
	if t == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	clear(t.causes)
}

// now is the time, where somebody wants to know.
func (t *trace) now() time.Time {
	if t == nil {
		return time.Time{}
	}
	return time.Now()
}

// called notes a call that was handed to the client at a time.
func (s *Session) called(req *client.Request, res *client.Response, at time.Time, causes []*cause) {
	t := s.trace
	if t == nil || res == nil {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.calls) == maxEntries {
		return
	}
	call := Call{
		Entry:  s.entry(req.Op, viewIn(req.Query), at, causes),
		Status: res.Status, WaitedMs: ms(res.Waited), TookMs: ms(res.Took), Bytes: res.Bytes,
	}
	if res.Attempts > 1 {
		call.Attempts = res.Attempts
	}
	if fields := req.Query.Get("custom_query_fields"); fields != "" {
		call.Fields = strings.Split(fields, ",")
	}
	t.calls = append(t.calls, call)
}

// causesOf are the fields that asked for a read, now and later.
func (s *Session) causesOf(r *reading) []*cause {
	if r.forms == nil {
		return s.trace.of(asked{s, r.key, nil})
	}
	var causes []*cause
	for _, form := range r.forms {
		causes = append(causes, s.trace.of(asked{s, r.key, form})...)
	}
	return causes
}

// spared notes a read that is answered now, where it cost no call.
func (s *Session) spared(r *reading, from store.Source) {
	t := s.trace
	if t == nil || from == store.Called {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.saved) == maxEntries {
		return
	}
	query, names := r.query, []string(nil)
	if r.forms != nil {
		query, names = r.forms[0].plain, union(r.forms)
	}
	saved := Saved{Entry: s.entry(r.key.Op, viewIn(query), r.at, r.causes), By: byCached, TookMs: ms(time.Since(r.at))}
	if from == store.Joined {
		saved.By = byCoalesced
	}
	saved.Fields = names
	t.saved = append(t.saved, saved)
}

func (s *Session) entry(op *client.Op, option string, at time.Time, causes []*cause) Entry {
	op = s.upstream.Client.Called(op)
	return Entry{
		Operation: op.ID, Method: op.Method, Path: op.Path, Label: string(op.Label), Option: option,
		StartMs: ms(at.Sub(s.trace.start)), causes: causes,
	}
}

// told are the entries so far, with the paths of their causes.
func (t *trace) told() (calls []Call, saved []Saved) {
	if t == nil {
		return nil, nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	calls, saved = slices.Clone(t.calls), slices.Clone(t.saved)
	for i := range calls {
		calls[i].explain()
	}
	for i := range saved {
		saved[i].explain()
	}
	return calls, saved
}

// explain lists the paths of the causes.
func (e *Entry) explain() {
	var all cause
	for _, c := range e.causes {
		for _, path := range c.paths {
			all.add(path)
		}
		all.more += c.more
	}
	e.For, e.ForMore = all.paths, all.more
}

// viewIn is the view of a settings tree that a call asks for, "" for the default one.
func viewIn(query url.Values) string {
	return cmp.Or(query.Get("option"), query.Get("setting_type"))
}
