package edge

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"zoomgraph/internal/shares"

	"github.com/99designs/gqlgen/graphql"
	"github.com/vektah/gqlparser/v2"
	"github.com/vektah/gqlparser/v2/ast"
)

// large is an endpoint whose answers to { large } have so many bytes of data.
func large(t *testing.T, size int, log *slog.Logger) *endpoint {
	t.Helper()
	schema := gqlparser.MustLoadSchema(&ast.Source{Name: "large.graphqls", Input: "type Query { large: String, small: String }"})
	text := []byte(`{"large":"` + strings.Repeat("x", size) + `"}`)
	e, err := newEndpoint(Options{
		ErrorPresenter: graphql.DefaultErrorPresenter, RequestTimeout: time.Hour, Logger: log,
		Schema: &graphql.ExecutableSchemaMock{
			SchemaFunc: func() *ast.Schema { return schema },
			ExecFunc: func(ctx context.Context) graphql.ResponseHandler {
				op := graphql.GetOperationContext(ctx)
				data := text
				if graphql.CollectFields(op, op.Operation.SelectionSet, nil)[0].Name == "small" {
					data = []byte(`{"small":"x"}`)
				}
				return graphql.OneShot(&graphql.Response{Data: data})
			},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return e
}

// asking is a request for a field, as it is sent: by POST or by GET.
func asking(method, field string) string {
	if method == http.MethodGet {
		return "GET /graphql?query={" + field + "} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
	}
	return "POST /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Type: application/json\r\nContent-Length: 19\r\n\r\n" + `{"query":"{` + field + `}"}`
}

// TestSlowReaders lets clients that never read take all places but one, and wants them back.
func TestSlowReaders(t *testing.T) {
	t.Parallel()
	const size = 64 << 20 // more than the buffers of two sockets
	var log lines
	e := large(t, size, slog.New(slog.NewTextHandler(&log, nil)))
	e.pace = pace{grace: soon, perSecond: 1 << 40}
	places := &admission{of: e, in: shares.New(3), holder: func(context.Context, *http.Request) shares.Holder { return shares.Holder{} }}
	service := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		x := e.exchange(w, r)
		defer x.end()
		places.respond(x)
	})
	server := httptest.NewUnstartedServer(service)
	server.Config = Server(service, slog.New(slog.DiscardHandler))
	server.Start()
	t.Cleanup(server.Close)
	ask := func() int {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, server.URL+"/graphql?query={small}", http.NoBody)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		return resp.StatusCode
	}
	for _, method := range []string{http.MethodGet, http.MethodPost} {
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", server.Listener.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		if _, err := io.WriteString(conn, asking(method, "large")); err != nil {
			t.Fatal(err)
		}
		if status, err := bufio.NewReader(conn).ReadString('\n'); err != nil || !strings.Contains(status, "200") {
			t.Fatalf("%s: %q, %v", method, status, err)
		}
	}
	if taken := places.in.State().Held; taken != 2 {
		t.Fatalf("%d places are taken, want those of the clients that do not read", taken)
	}
	if status := ask(); status != http.StatusOK {
		t.Errorf("meanwhile the service answers %d", status)
	}
	deadline := time.Now().Add(patience)
	for places.in.State().Held > 0 {
		if time.Now().After(deadline) {
			t.Fatalf("%d places are still taken", places.in.State().Held)
		}
		if status := ask(); status != http.StatusOK {
			t.Errorf("meanwhile the service answers %d", status)
		}
	}
	if n := strings.Count(log.String(), "does not take its answer"); n != 2 {
		t.Errorf("the log tells of %d clients, want 2: %s", n, log.String())
	}
}

// lines is a log that may be read while it is written.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}

// TestPace reads 8 MiB at different speeds, over a connection that buffers nothing: who keeps up gets everything, however
// long that takes, and who falls behind by more than the grace is cut off.
func TestPace(t *testing.T) {
	t.Parallel()
	const size = 8 << 20
	for _, tt := range []struct {
		name     string
		bytes    int // that the client reads at once
		every    time.Duration
		complete bool
		longest  time.Duration
	}{
		{"twice as fast as asked for", 512 << 10, time.Second, true, 18 * time.Second},
		{"just fast enough", 256 << 10, time.Second, true, 34 * time.Second},
		{"in gulps", 2 << 20, 8 * time.Second, true, 42 * time.Second},
		{"half as fast", 128 << 10, time.Second, false, 22 * time.Second},
		{"a byte now and then", 1, 5 * time.Second, false, 11 * time.Second},
		{"not at all", 0, 0, false, 11 * time.Second},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				e := large(t, size, slog.New(slog.DiscardHandler))
				over := make(chan time.Duration, 1)
				here, there := net.Pipe()
				l := &single{conn: there, closed: make(chan struct{})}
				server := Server(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					start := time.Now()
					e.ServeHTTP(w, r)
					over <- time.Since(start)
				}), slog.New(slog.DiscardHandler))
				served := make(chan error, 1)
				go func() { served <- server.Serve(l) }()
				if _, err := io.WriteString(here, asking(http.MethodPost, "large")); err != nil {
					t.Fatal(err)
				}
				var got int
				read := make(chan struct{})
				go func() {
					defer close(read)
					got = slowly(here, tt.bytes, tt.every)
				}()
				took := <-over
				if took > tt.longest {
					t.Errorf("the place was held for %v, want %v at most", took, tt.longest)
				}
				<-read
				if complete := got >= size; complete != tt.complete {
					t.Errorf("the client has %d bytes of %d after %v", got, size, took)
				}
				_ = here.Close()
				_ = server.Close()
				<-served
			})
		})
	}
}

// slowly reads so many bytes at a time until there are no more.
func slowly(conn net.Conn, n int, every time.Duration) (got int) {
	buf := make([]byte, n)
	for n > 0 {
		time.Sleep(every)
		m, err := io.ReadFull(conn, buf)
		got += m
		if err != nil {
			break
		}
	}
	return got
}

// single is a listener for one connection.
type single struct {
	conn   net.Conn
	once   sync.Once
	closed chan struct{}
}

func (l *single) Accept() (conn net.Conn, err error) {
	l.once.Do(func() { conn = l.conn })
	if conn == nil {
		<-l.closed
		err = net.ErrClosed
	}
	return conn, err
}

func (l *single) Close() error {
	select {
	case <-l.closed:
	default:
		close(l.closed)
	}
	return nil
}

func (l *single) Addr() net.Addr { return l.conn.LocalAddr() }
