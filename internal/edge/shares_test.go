package edge_test

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/ast"

	"zoomgraph/internal/edge"
	"zoomgraph/internal/shares"
)

// queue is a service of few places whose callers say by X-Who who they are: "account/caller". An operation tells when it
// runs, and ends as the test says; hello ends at once.
type queue struct {
	t       *testing.T
	url     string
	places  *shares.Places
	running chan string // fields
	finish  chan struct{}
	answer  []byte // of a query
}

func newQueue(t *testing.T, places, size int) *queue {
	t.Helper()
	q := &queue{t: t, places: shares.New(places), running: make(chan string, 1000), finish: make(chan struct{}), answer: []byte(`{"wait":"` + strings.Repeat("x", size) + `"}`)}
	schema := executable().(*graphql.ExecutableSchemaMock)
	slow := &graphql.ExecutableSchemaMock{SchemaFunc: schema.SchemaFunc, ExecFunc: func(ctx context.Context) graphql.ResponseHandler {
		op := graphql.GetOperationContext(ctx)
		field := graphql.CollectFields(op, op.Operation.SelectionSet, nil)[0].Name
		return func(ctx context.Context) *graphql.Response {
			if field == "hello" {
				return &graphql.Response{Data: []byte(`{"hello":"x"}`)}
			}
			q.running <- field
			if op.Operation.Operation == ast.Mutation {
				<-q.finish
				return &graphql.Response{Data: []byte(`{"set":"x"}`)}
			}
			select {
			case <-q.finish:
			case <-ctx.Done():
			}
			return &graphql.Response{Data: q.answer}
		}
	}}
	h := handler(t, func(o *edge.Options) {
		o.Schema, o.Places = slow, q.places
		o.Holder = func(_ context.Context, r *http.Request) shares.Holder {
			account, caller, _ := strings.Cut(r.Header.Get("X-Who"), "/")
			return shares.Holder{Account: account, Caller: caller}
		}
	})
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	q.url = srv.URL
	return q
}

// wantRunning waits until so many operations run.
func (q *queue) wantRunning(n int) {
	q.t.Helper()
	for range n {
		select {
		case <-q.running:
		case <-time.After(patience):
			q.t.Fatal("an operation does not run")
		}
	}
}

// ask asks n times; the answers, as statuses with bodies, come from the channel.
func (q *queue) ask(n int, who, document string) <-chan reply {
	answers := make(chan reply, n)
	for range n {
		go func() {
			answers <- do(q.t, http.MethodPost, q.url+"/graphql", post(document), sendsJSON, "X-Who: "+who)
		}()
	}
	return answers
}

// TestAnotherCallersTurn: a caller has all places while nobody else wants one, and gives way at once, to another account
// and to another caller of its own. What was broken off is told why.
func TestAnotherCallersTurn(t *testing.T) {
	t.Parallel()
	for _, who := range []string{"b/y", "a/y"} {
		t.Run(who, func(t *testing.T) {
			t.Parallel()
			q := newQueue(t, 16, 1)
			greedy := q.ask(16, "a/x", "{ wait }")
			q.wantRunning(16)
			if got := do(t, http.MethodPost, q.url+"/graphql", post("{ hello }"), sendsJSON, "X-Who: a/x"); got.status != 503 ||
				!strings.Contains(got.body, "16 requests at a time") || !strings.Contains(got.body, "16 of these by this caller") || got.header.Get("Retry-After") != "1" {
				t.Errorf("one more of its own: %d %s", got.status, got.body)
			}
			for range 10 {
				if got := do(t, http.MethodPost, q.url+"/graphql", post("{ hello }"), sendsJSON, "X-Who: "+who); got.status != 200 {
					t.Errorf("another one: %d %s", got.status, got.body)
				}
			}
			broken := <-greedy
			if broken.status != 503 || broken.header.Get("Retry-After") != "1" || broken.Errors[0].Extensions["code"] != "RATE_LIMITED" ||
				!strings.Contains(broken.Errors[0].Message, "another caller's turn") || broken.Data != nil {
				t.Errorf("what was broken off: %d %s", broken.status, broken.body)
			}
			close(q.finish)
			for range 15 {
				if got := <-greedy; got.status != 200 {
					t.Errorf("what was in nobody's way: %d %s", got.status, got.body)
				}
			}
		})
	}
}

// TestMutationsStay: a mutation that runs is never broken off.
func TestMutationsStay(t *testing.T) {
	t.Parallel()
	q := newQueue(t, 8, 1)
	writes := q.ask(7, "a/x", "mutation { set }")
	q.wantRunning(7)
	query := q.ask(1, "a/x", "{ wait }")
	q.wantRunning(1)
	other := q.ask(1, "b/y", "mutation { set }")
	q.wantRunning(1)
	if got := <-query; got.status != 503 {
		t.Errorf("the query: %d %s", got.status, got.body)
	}
	if got := do(t, http.MethodPost, q.url+"/graphql", post("{ hello }"), sendsJSON, "X-Who: b/y"); got.status != 503 {
		t.Errorf("where only mutations run: %d %s", got.status, got.body)
	}
	close(q.finish)
	for range 7 {
		if got := <-writes; got.status != 200 || !strings.Contains(got.body, `"set":"x"`) {
			t.Errorf("a mutation: %d %s", got.status, got.body)
		}
	}
	if got := <-other; got.status != 200 {
		t.Errorf("the other one's: %d %s", got.status, got.body)
	}
}

// raw opens a connection and sends a head, with a part of a body behind it.
func (q *queue) raw(who, path, part string, length int) net.Conn {
	q.t.Helper()
	conn, err := net.Dial("tcp", strings.TrimPrefix(q.url, "http://")) //nolint:noctx // of a test
	if err != nil {
		q.t.Fatal(err)
	}
	q.t.Cleanup(func() { _ = conn.Close() })
	method := http.MethodPost
	if length == 0 {
		method = http.MethodGet
	}
	if _, err := fmt.Fprintf(conn, "%s %s HTTP/1.1\r\nHost: x\r\nX-Who: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", method, path, who, length, part); err != nil {
		q.t.Fatal(err)
	}
	return conn
}

func (q *queue) wantHeld(n int) {
	q.t.Helper()
	for deadline := time.Now().Add(patience); ; time.Sleep(time.Millisecond) {
		s := q.places.State()
		if s.Held+s.Unwinding == n {
			return
		}
		if time.Now().After(deadline) {
			q.t.Fatalf("%+v, want %d held", s, n)
		}
	}
}

// TestSlowBodiesGiveWay: who holds places by sending bodies that do not come gives way, however many there are, and is
// told why.
func TestSlowBodiesGiveWay(t *testing.T) {
	t.Parallel()
	q := newQueue(t, 8, 1)
	var conns []net.Conn
	for range 8 {
		conns = append(conns, q.raw("a/x", "/graphql", `{"query":`, 1000))
	}
	q.wantHeld(8)
	for range 20 {
		if got := do(t, http.MethodPost, q.url+"/graphql", post("{ hello }"), sendsJSON, "X-Who: b/y"); got.status != 200 {
			t.Fatalf("another one: %d %s", got.status, got.body)
		}
	}
	told := func() bool {
		for _, conn := range conns {
			_ = conn.SetReadDeadline(time.Now().Add(20 * time.Millisecond))
			text, _ := io.ReadAll(conn)
			if strings.HasPrefix(string(text), "HTTP/1.1 503") && strings.Contains(string(text), "another caller's turn") {
				return true
			}
		}
		return false
	}
	for deadline := time.Now().Add(patience); !told(); {
		if time.Now().After(deadline) {
			t.Fatal("nobody is told")
		}
	}
	q.wantHeld(7)
}

// TestSlowReadersGiveWay: who holds places by not reading answers is cut off when somebody else wants one.
func TestSlowReadersGiveWay(t *testing.T) {
	t.Parallel()
	const size = 16 << 20 // more than a connection holds
	q := newQueue(t, 4, size)
	var conns []net.Conn
	for range 4 {
		conns = append(conns, q.raw("a/x", "/graphql?query="+url.QueryEscape("{ wait }"), "", 0))
	}
	q.wantRunning(4)
	close(q.finish)
	for range 10 {
		if got := do(t, http.MethodPost, q.url+"/graphql", post("{ hello }"), sendsJSON, "X-Who: b/y"); got.status != 200 {
			t.Fatalf("another one: %d %s", got.status, got.body)
		}
		q.wantHeld(q.places.State().Held) // who was cut off has left
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	short := 0
	for _, conn := range conns {
		all.Go(func() {
			_ = conn.SetReadDeadline(time.Now().Add(patience))
			n, _ := io.Copy(io.Discard, io.LimitReader(conn, size))
			mu.Lock()
			defer mu.Unlock()
			if n < size {
				short++
			}
		})
	}
	all.Wait()
	if short == 0 || short == 4 {
		t.Errorf("%d of 4 were cut off; want some, and not those who were in nobody's way", short)
	}
}
