package edge_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2/gqlerror"

	"zoomgraph/internal/edge"
)

// bill refuses operations as the facade does: what a caller may not run, before it is an operation; what is too dear,
// before it is sent.
type bill struct{}

func (bill) ExtensionName() string                   { return "Bill" }
func (bill) Validate(graphql.ExecutableSchema) error { return nil }

func (bill) MutateOperationContext(_ context.Context, op *graphql.OperationContext) *gqlerror.Error {
	if op.Headers.Get("X-May") == "read" {
		return gqlerror.Errorf("may only read")
	}
	return nil
}

func (bill) InterceptOperation(ctx context.Context, next graphql.OperationHandler) graphql.ResponseHandler {
	switch graphql.GetOperationContext(ctx).Headers.Get("X-Cost") {
	case "too dear":
		return graphql.OneShot(&graphql.Response{Errors: gqlerror.List{gqlerror.Errorf("costs too much")}})
	case "only asked":
		return graphql.OneShot(&graphql.Response{Data: []byte("null")})
	}
	return next(ctx)
}

// tap is a body that tells how much of it was read.
type tap struct {
	io.Reader
	n atomic.Int64
}

func (t *tap) Read(p []byte) (int, error) {
	n, err := t.Reader.Read(p)
	t.n.Add(int64(n))
	return n, err
}

// Whatever refuses an operation does so before its files are read: of a form of 40 MiB no more is read than stands before
// the files, and what the reader of forms has read ahead.
func TestRefusedBeforeTheFiles(t *testing.T) {
	t.Parallel()
	h := handler(t, func(o *edge.Options) { o.Extensions = append(o.Extensions, bill{}) })
	put := func(declared, argument, value string) string {
		return fmt.Sprintf(`{"query":"mutation($f: Upload%s) { put(%s) }","variables":{"f":null%s}}`, declared, argument, value)
	}
	for _, tt := range []struct {
		name       string
		headers    []string
		operations string
		mapping    string
		message    string
	}{
		{"a caller who only reads", []string{"X-May: read"}, putFile, mapFile, "may only read"},
		{"too dear", []string{"X-Cost: too dear"}, putFile, mapFile, "costs too much"},
		{"only its price is asked", []string{"X-Cost: only asked"}, putFile, mapFile, ""},
		{"an unknown field", nil, strings.Replace(putFile, "put(", "pot(", 1), mapFile, `Cannot query field "pot"`},
		{"an unknown argument", nil, put("", "fail: $f", ""), mapFile, `Unknown argument "fail"`},
		{"no GraphQL", nil, strings.Replace(putFile, "{ put", "put", 1), mapFile, "Expected {"},
		{"no operation of the name", nil, strings.Replace(putFile, `{"query"`, `{"operationName":"x","query"`, 1), mapFile, `no operation "x"`},
		{"a bad variable", nil, put(", $i: ID", "file: $f, id: $i", `,"i":[]`), mapFile, "variable $i"},
		{"a variable that is missing", nil, put(", $i: ID!", "file: $f, id: $i", ""), mapFile, "variable $i"},
		{"a query", nil, `{"query":"query Q { hello } mutation M { set }","operationName":"Q","variables":{"f":null}}`, mapFile, "a query cannot be sent"},
		{"a file for another type", nil, `{"query":"query($f: String) { hello(name: $f) }","variables":{"f":null}}`, mapFile, "a file cannot be used as String"},
		{"no Upload", nil, `{"query":"mutation($f: JSON) { put(json: $f) }","variables":{"f":null}}`, mapFile, "takes no Upload"},
		{"a bad map", nil, putFile, `{"0":["variables.g"]}`, `"variables.g"`},
		{"an Accept that takes nothing", []string{"Accept: text/html"}, putFile, mapFile, "the Accept header"},
		{"an event stream", []string{"Accept: text/event-stream"}, putFile, mapFile, "not by an event stream"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			head := part("operations", "", tt.operations) + part("map", "", tt.mapping) + strings.TrimSuffix(file("0", ""), "\r\n")
			body := &tap{Reader: io.MultiReader(strings.NewReader(head), io.LimitReader(zeros{}, 40<<20))}
			got := record(t, h, body, -1, append(tt.headers, sendsForm, preflight)...)
			if len(got.Errors) == 0 && tt.message != "" || len(got.Errors) > 0 && !strings.Contains(got.Errors[0].Message, tt.message) {
				t.Errorf("%d %s", got.status, got.body)
			}
			if n := body.n.Load(); n > int64(len(head))+16<<10 {
				t.Errorf("%d bytes were read; the files begin at %d", n, len(head))
			}
		})
	}
}

// halted is a form whose last bytes come when it is let go.
type halted struct {
	*tap
	let chan struct{}
}

func newHalted(size int64) halted {
	head := strings.TrimSuffix(form(putFile, mapFile, file("0", "")), "\r\n--xox--\r\n")
	let := make(chan struct{})
	rest := &waiting{let: let, Reader: strings.NewReader("\r\n--xox--\r\n")}
	return halted{&tap{Reader: io.MultiReader(strings.NewReader(head), io.LimitReader(zeros{}, size), rest)}, let}
}

type waiting struct {
	io.Reader
	let chan struct{}
}

func (w *waiting) Read(p []byte) (int, error) {
	<-w.let
	return w.Reader.Read(p)
}

// crowd sends forms that stay under way until they are let go.
type crowd struct {
	t       *testing.T
	h       http.Handler
	replies sync.WaitGroup
}

func (c *crowd) send(who string, size int64) halted {
	c.t.Helper()
	body := newHalted(size)
	c.replies.Go(func() {
		if got := record(c.t, c.h, body, -1, "X-Caller: "+who, sendsForm, preflight); got.status != 200 {
			c.t.Errorf("a form that was let go: %d %s", got.status, got.body)
		}
	})
	for body.n.Load() < size {
		time.Sleep(time.Millisecond)
	}
	return body
}

// What forms hold together is bounded, and what those of one caller hold; who finds no room is told so before more is
// read, and comes in once there is room again.
func TestRoomForUploads(t *testing.T) {
	t.Parallel()
	type whose struct{}
	h := handler(t, func(o *edge.Options) {
		o.UploadBytes, o.RequestTimeout = 120<<20, time.Hour
		o.Caller = func(ctx context.Context) string { who, _ := ctx.Value(whose{}).(string); return who }
		o.Callers = func(next http.Handler) http.Handler {
			return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), whose{}, r.Header.Get("X-Caller"))))
			})
		}
	})
	c := &crowd{t: t, h: h}
	ask := func(who string, size int, told bool) (reply, int64) {
		text := form(putFile, mapFile, file("0", strings.Repeat("x", size)))
		body, length := &tap{Reader: strings.NewReader(text)}, int64(-1)
		if told {
			length = int64(len(text))
		}
		got := record(t, h, body, length, "X-Caller: "+who, sendsForm, preflight)
		return got, body.n.Load()
	}
	full := func(who string, size int, told bool, read int64, message string) {
		t.Helper()
		got, n := ask(who, size, told)
		if got.status != 503 || got.header.Get("Retry-After") == "" {
			t.Errorf("%s sends %d bytes: %d %s", who, size, got.status, got.body)
		}
		checkRefusal(t, got, "RATE_LIMITED", message)
		if n > read {
			t.Errorf("%s sends %d bytes, of which %d are read", who, size, n)
		}
	}
	a := c.send("ann", 40<<20)
	full("ann", 30<<20, true, 64<<10, "your uploads under way hold")
	full("ann", 30<<20, false, 21<<20, "of the 62914560 bytes")
	b := c.send("bob", 40<<20)
	c1 := c.send("cyd", 30<<20)
	full("dan", 30<<20, true, 64<<10, "the uploads under way hold")
	full("dan", 30<<20, false, 11<<20, "of the 125829120 bytes")
	if got, _ := ask("dan", 5<<20, true); got.status != 200 {
		t.Errorf("a small one beside them: %d %s", got.status, got.body)
	}
	close(a.let)
	close(b.let)
	close(c1.let)
	c.replies.Wait()
	for range 4 { // all room is back
		if got, _ := ask("ann", 50<<20, true); got.status != 200 {
			t.Errorf("afterwards: %d %s", got.status, got.body)
		}
	}
}

// A room smaller than a form may be bounds the form, which could never come in.
func TestRoomSmallerThanAForm(t *testing.T) {
	t.Parallel()
	h := handler(t, func(o *edge.Options) { o.UploadBytes = 1 << 20 })
	body := form(putFile, mapFile, file("0", strings.Repeat("x", 1<<20)))
	for _, length := range []int64{-1, int64(len(body))} {
		got := record(t, h, strings.NewReader(body), length, sendsForm, preflight)
		if got.status != 413 {
			t.Errorf("status %d", got.status)
		}
		checkRefusal(t, got, "BAD_USER_INPUT", "the body has more than 983040 bytes")
	}
	if got := record(t, h, strings.NewReader(form(putFile, mapFile, file("0", "x"))), -1, sendsForm, preflight); got.status != 200 {
		t.Errorf("a small one: %d %s", got.status, got.body)
	}
}

// A client that stops in the middle of a file holds its room until the request's time is over, or until it is gone.
func TestAnUploadThatStops(t *testing.T) {
	t.Parallel()
	const whole = 1 << 20
	for _, leaves := range []bool{false, true} {
		t.Run(fmt.Sprintf("leaves %t", leaves), func(t *testing.T) {
			t.Parallel()
			srv := httptest.NewUnstartedServer(handler(t, func(o *edge.Options) {
				o.UploadBytes = whole
				if !leaves {
					o.RequestTimeout = 2 * time.Second
				}
			}))
			srv.Start()
			t.Cleanup(srv.Close)
			ctx, leave := context.WithCancel(t.Context())
			defer leave()
			pr, pw := io.Pipe()
			defer pw.Close()
			req, err := http.NewRequestWithContext(ctx, http.MethodPost, srv.URL+"/graphql", pr)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", "multipart/form-data; boundary=xox")
			req.Header.Set("X-Zoomgraph-Preflight", "1")
			status := make(chan int, 1)
			go func() {
				resp, err := http.DefaultClient.Do(req)
				if err != nil {
					status <- 0
					return
				}
				resp.Body.Close()
				status <- resp.StatusCode
			}()
			head := strings.TrimSuffix(form(putFile, mapFile, file("0", "")), "\r\n--xox--\r\n")
			if _, err := io.WriteString(pw, head+strings.Repeat("x", whole-100<<10)); err != nil {
				t.Fatal(err)
			}
			if leaves {
				leave()
			}
			// A client that still has something to send may see the end of the connection in place of the answer, and waits
			// for its body then.
			end := time.AfterFunc(5*time.Second, func() { _ = pw.Close() })
			defer end.Stop()
			if got := <-status; got != 408 && got != 0 && !leaves {
				t.Errorf("status %d", got)
			}
			small := form(putFile, mapFile, file("0", strings.Repeat("x", 200<<10)))
			until := time.Now().Add(patience)
			for {
				got := do(t, http.MethodPost, srv.URL+"/graphql", small, sendsForm, preflight)
				if got.status == 200 {
					return
				}
				if got.status != 503 && got.status != 504 || time.Now().After(until) {
					t.Fatalf("the next one: %d %s", got.status, got.body)
				}
				time.Sleep(10 * time.Millisecond)
			}
		})
	}
}
