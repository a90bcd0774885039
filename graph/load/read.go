package load

import (
	"context"
	"fmt"
	"net/url"
	"runtime/debug"
	"strings"
	"sync"

	"github.com/graph-gophers/dataloader/v7"

	"zoomgraph/client"
)

// maxPath is how many values a path takes at most; Zoom's longest take three.
const maxPath = 4

// readKey names one GET; equal ones are sent once an operation.
type readKey struct {
	op    *client.Op
	path  [maxPath]string
	query string
}

func readKeyOf(op *client.Op, path []string, query url.Values) readKey {
	key := readKey{op: op, query: query.Encode()}
	copy(key.path[:], path)
	return key
}

func (k readKey) request() client.Request {
	query, err := url.ParseQuery(k.query)
	if err != nil { // it is url.Values' own encoding
		panic(err)
	}
	return client.Request{Op: k.op, Path: k.path[:strings.Count(k.op.Path, "{")], Query: query}
}

// Read says that a GET will be needed. The function it returns waits for the answer's body; what was gathered leaves
// when somebody waits.
func (s *Session) Read(op *client.Op, path []string, query url.Values) func() ([]byte, error) {
	return s.Sending(s.Gather(op, path, query))
}

// Gather is Read for a resolver that waits at once, by [Session.Await]: the function does not send what was gathered.
func (s *Session) Gather(op *client.Op, path []string, query url.Values) func() ([]byte, error) {
	s.count(1, 0)
	s.reading.Add(1)
	return s.loaders.Load().reads.Load(s.ctx, readKeyOf(op, path, query))
}

// readAll is the batch function of reads.
func (s *Session) readAll(_ context.Context, keys []readKey) []*dataloader.Result[[]byte] {
	s.count(0, len(keys))
	results := make([]*dataloader.Result[[]byte], len(keys))
	each(len(keys), func(i int) {
		body, err := safely(func() ([]byte, error) { return s.get(keys[i].request()) })
		results[i] = &dataloader.Result[[]byte]{Data: body, Error: err}
	})
	return results
}

func (s *Session) get(req client.Request) ([]byte, error) {
	res, err := s.Do(req)
	if err != nil {
		return nil, err
	}
	return res.Body, nil
}

// safely turns a panic into an error: in a goroutine of its own it would end the process.
func safely(read func() ([]byte, error)) (body []byte, err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v\n%s", p, debug.Stack())
		}
	}()
	return read()
}

// each runs do for 0 to n-1, all at once: the client bounds how many calls are in flight.
func each(n int, do func(i int)) {
	if n == 1 {
		do(0)
		return
	}
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() { do(i) })
	}
	wg.Wait()
}
