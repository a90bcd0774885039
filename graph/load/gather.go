package load

import (
	"context"
	"net/url"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/graph-gophers/dataloader/v7"

	"zoomgraph/client"
	"zoomgraph/internal/rawjson"
	"zoomgraph/internal/store"
)

// This file gathers the reads of a session until they are sent. Equal ones are one, and so are those of one view that are
// gathered together. Who asks gets a [dataloader.Thunk], as of a loader of that package; the loader's batches are of no use
// here, since a batch of several keys is several calls, and each is begun at once and without a goroutine of its own.
// Start reading at ask.

// gathered are the reads of a session since the last write.
type gathered struct {
	mu      sync.Mutex
	waiting []*reading // to be sent
	room    [1]*reading
	last    *reading // of all that were sent, which leads to the others
	index   index
}

// reading is one read, and those who asked for it. What is below once may be read when that is done; the rest belongs to
// the lock of gathered.
type reading struct {
	session *Session
	key     store.Key
	query   url.Values // of a read that is not of a view
	forms   []*form    // of a view: what was asked for; nil: it is of none
	room    [1]*form
	first   bool     // it has its turn before the session's others
	asked   int      // how often it was asked for
	older   *reading // at the same key
	before  *reading // sent before it

	causes []*cause
	at     time.Time // when it was sent, where somebody wants to know
	sent   chan struct{}
	begun  atomic.Bool // otherwise it waits to be sent
	taken  atomic.Bool // somebody waits for it, or nobody will
	read   store.Reading
	call   lookup // of a view

	once   sync.Once
	result dataloader.Result[store.Answer]
	stale  map[int]bool // who has told of an old answer
}

// ask finds or makes a read of a key; form is that of a view, nil for others. First: it has its turn before others, if it is
// not made already. number tells who asks from others.
func (s *Session) ask(ctx context.Context, key store.Key, form *form, query url.Values, first bool) (r *reading, number int) {
	s.needed()
	s.main.reading.Add(1)
	if s.Traced() {
		s.trace.asks(ctx, asked{s, key, form})
	}
	g := &s.gathered
	g.mu.Lock()
	defer g.mu.Unlock()
	head := g.index.find(&key)
	for r = head; r != nil && !r.brings(form); {
		r = r.older
	}
	for other := head; other != nil && r == nil; other = other.older {
		if other.takes(form) {
			r = other
		}
	}
	if r == nil {
		r = &reading{session: s, key: key, query: query, first: first, older: head}
		if g.waiting == nil {
			g.waiting = g.room[:0]
		}
		g.waiting = append(g.waiting, r)
		g.index.put(r, head)
		if form != nil {
			r.forms = append(r.room[:0], form)
		}
	}
	if r.asked++; s.main.beside.Load() > 0 {
		s.flushWhenQuiet()
	}
	return r, r.asked
}

// brings tells whether a read brings what is asked for.
func (r *reading) brings(form *form) bool {
	if form == nil {
		return r.forms == nil
	}
	return slices.Contains(r.forms, form)
}

// takes takes on what is asked for, where a read is of the same view and was not sent yet.
func (r *reading) takes(form *form) bool {
	if form == nil || r.forms == nil || r.begun.Load() {
		return false
	}
	r.forms = append(r.forms, form)
	return true
}

// send begins the reads that wait.
func (s *Session) send() {
	g := &s.gathered
	g.mu.Lock()
	defer g.mu.Unlock()
	n := int64(len(g.waiting))
	if n > 1 {
		s.operation.Expect(n) // so that the calls of others wait for all of them
		defer s.operation.Expect(-n)
	}
	for i, r := range g.waiting {
		g.waiting[i] = nil
		r.before, g.last = g.last, r
		r.begin()
	}
	g.waiting = g.waiting[:0]
}

// begin sends a read.
func (r *reading) begin() {
	s := r.session
	ask := store.Ask{Key: r.key, Since: s.Since, Lane: s.Lane, Operation: s.operation}
	if s.upstream.Store.Keeps() { // so that there are others who want to know what this operation expects
		ask.Landed = s.wake
	}
	if r.forms != nil {
		ask.Names, ask.Fetch = union(r.forms), r.look
	} else {
		ask.Fetch = r.fetch
	}
	if s.Traced() {
		r.causes, r.at = s.causesOf(r), time.Now()
	}
	r.read.Begin(s.ctx, s.upstream.Store, ask)
	if from, ok := r.read.Source(); ok {
		s.answered(from, 1)
	}
	r.begun.Store(true)
	if r.sent != nil {
		close(r.sent)
	}
	if s.Traced() {
		go func() { _, _ = r.wait() }() // which notes when it is answered
	}
}

// wait returns the answer. Until somebody sends the read it waits for that, too.
func (r *reading) wait() (store.Answer, error) {
	if !r.begun.Load() {
		if err := r.waitSent(); err != nil {
			return store.Answer{}, err
		}
	}
	r.once.Do(r.end)
	return r.result.Data, r.result.Error
}

func (r *reading) waitSent() error {
	g := &r.session.gathered
	g.mu.Lock()
	if r.sent == nil {
		r.sent = make(chan struct{})
		if r.begun.Load() {
			close(r.sent)
		}
	}
	sent := r.sent
	g.mu.Unlock()
	select {
	case <-sent:
		return nil
	case <-r.session.ctx.Done():
		return client.Interrupted(r.session.ctx, r.key.Op)
	}
}

// end waits for the answer of a read that was sent, and notes where it came from.
func (r *reading) end() {
	s := r.session
	if !r.taken.CompareAndSwap(false, true) {
		r.result.Error = client.Interrupted(s.ctx, r.key.Op)
		return
	}
	noted, ok := r.read.Source()
	answer, err := r.read.Wait(s.ctx)
	r.result = dataloader.Result[store.Answer]{Data: answer, Error: err}
	if !ok {
		s.answered(answer.Source, 1)
	} else if noted != answer.Source {
		s.answered(noted, -1)
		s.answered(answer.Source, 1)
	}
	s.spared(r, answer.Source)
}

// value is the answer for one of those who asked, who explains where it is an old one. ctx is that of the field.
func (r *reading) value(ctx context.Context, number int) (rawjson.Value, error) {
	answer, err := r.wait()
	if !answer.Stale.IsZero() && r.tells(number) {
		r.session.old(graphql.GetPath(ctx), answer.Stale)
	}
	return answer.Body, err
}

// tells is true once for each of those who asked.
func (r *reading) tells(number int) bool {
	g := &r.session.gathered
	g.mu.Lock()
	defer g.mu.Unlock()
	if r.stale == nil {
		r.stale = map[int]bool{}
	}
	told := r.stale[number]
	r.stale[number] = true
	return !told
}

// forget drops what was read: nothing may be left that waits for ever.
func (s *Session) forget() {
	s.send()
	g := &s.gathered
	g.mu.Lock()
	defer g.mu.Unlock()
	g.index = index{}
}

// leave ends the reads that nobody has waited for.
func (s *Session) leave() {
	g := &s.gathered
	g.mu.Lock()
	defer g.mu.Unlock()
	for r := g.last; r != nil; r = r.before {
		if r.taken.CompareAndSwap(false, true) {
			r.read.Leave()
		}
	}
	g.waiting, g.last = nil, nil
}

// index finds reads by their keys: the last one of each. A few are looked through.
type index struct {
	few  [4]*reading
	n    int
	many map[store.Key]*reading
}

func (x *index) find(key *store.Key) *reading {
	if x.many != nil {
		return x.many[*key]
	}
	for _, r := range x.few[:x.n] {
		if r.key == *key {
			return r
		}
	}
	return nil
}

// put adds a read in the place of an older one of its key, if there is one.
func (x *index) put(r, older *reading) {
	switch {
	case x.many != nil:
		x.many[r.key] = r
		return
	case older != nil:
		for i := range x.few[:x.n] {
			if x.few[i] == older {
				x.few[i] = r
			}
		}
		return
	case x.n < len(x.few):
		x.few[x.n] = r
		x.n++
		return
	}
	x.many = map[store.Key]*reading{r.key: r}
	for _, other := range x.few {
		x.many[other.key] = other
	}
}
