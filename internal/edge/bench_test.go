package edge_test

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/99designs/gqlgen/graphql"

	"zoomgraph/internal/callers"
	"zoomgraph/internal/edge"
	"zoomgraph/internal/shares"
	"zoomgraph/internal/telemetry"
)

// sink is a response writer that keeps nothing.
type sink struct{ header http.Header }

func (s sink) Header() http.Header         { return s.header }
func (s sink) Write(p []byte) (int, error) { return len(p), nil }
func (sink) WriteHeader(int)               {}

// atOnce answers every operation with data.
func atOnce(data string) graphql.ExecutableSchema {
	schema := executable().(*graphql.ExecutableSchemaMock)
	return &graphql.ExecutableSchemaMock{SchemaFunc: schema.SchemaFunc, ExecFunc: func(context.Context) graphql.ResponseHandler {
		return graphql.OneShot(&graphql.Response{Data: []byte(data)})
	}}
}

// BenchmarkPost is what the HTTP side adds to an operation whose document is
// known and whose answer has 10 kB.
func BenchmarkPost(b *testing.B) {
	h, err := edge.New(edge.Options{Schema: atOnce(`{"hello":"` + strings.Repeat("x", 10_000) + `"}`)})
	if err != nil {
		b.Fatal(err)
	}
	body := []byte(post("{ hello }"))
	req := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/graphql", nil)
	req.Header.Set("Content-Type", "application/json")
	req.ContentLength = int64(len(body))
	b.ReportAllocs()
	for b.Loop() {
		req.Body = io.NopCloser(bytes.NewReader(body))
		h.ServeHTTP(sink{http.Header{}}, req)
	}
}

// equipped is the handler with callers and metrics, as the service has it, and answers at once.
func equipped(b *testing.B) http.Handler {
	b.Helper()
	who, err := callers.New(callers.Options{Account: "a"})
	if err != nil {
		b.Fatal(err)
	}
	seen, err := telemetry.New(b.Context(), telemetry.Options{})
	if err != nil {
		b.Fatal(err)
	}
	h, err := edge.New(edge.Options{
		Schema: atOnce(`{"hello":"world"}`), Addr: "127.0.0.1:8080", Introspection: true,
		Callers: who.Middleware, Holder: who.Holder, Sharing: callers.Sharing, Places: shares.New(shares.DefaultPlaces),
		Caller:         func(ctx context.Context) string { return callers.From(ctx).Name },
		Extensions:     seen.Around(nil),
		ErrorPresenter: seen.PresentError(graphql.DefaultErrorPresenter), Refused: seen.Refused,
	})
	if err != nil {
		b.Fatal(err)
	}
	return h
}

const usual = `{"query":"query ($n: String) { hello(name: $n) }","variables":{"n":"u0001"}}`

// BenchmarkRequest is a small operation of a known document through the whole handler.
func BenchmarkRequest(b *testing.B) {
	h := equipped(b)
	req := httptest.NewRequestWithContext(b.Context(), http.MethodPost, "/graphql", nil)
	req.Host, req.RemoteAddr = "127.0.0.1:8080", "127.0.0.1:40000"
	req.Header.Set("Content-Type", "application/json")
	req.ContentLength = int64(len(usual))
	b.ReportAllocs()
	for b.Loop() {
		req.Body = io.NopCloser(strings.NewReader(usual))
		h.ServeHTTP(sink{http.Header{}}, req)
	}
}

// BenchmarkRequestOverHTTP is BenchmarkRequest over a connection that is kept open, with what the server of net/http does.
func BenchmarkRequestOverHTTP(b *testing.B) {
	h := equipped(b)
	l, err := new(net.ListenConfig).Listen(b.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(b.Context())
	served := make(chan error, 1)
	go func() {
		served <- edge.ServeWithin(ctx, l, h, slog.New(slog.DiscardHandler), edge.Bound{Connections: 100, Judged: true})
	}()
	conn, err := new(net.Dialer).DialContext(ctx, "tcp", l.Addr().String())
	if err != nil {
		b.Fatal(err)
	}
	request := fmt.Appendf(nil, "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", len(usual), usual)
	answers := bufio.NewReader(conn)
	length := exchange(b, conn, request, answers)
	answer := make([]byte, length)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := conn.Write(request); err != nil {
			b.Fatal(err)
		}
		if _, err := io.ReadFull(answers, answer); err != nil {
			b.Fatal(err)
		}
	}
	_ = conn.Close()
	stop()
	if err := <-served; err != nil {
		b.Fatal(err)
	}
}

// exchange sends a request, and returns how long its answer is, which is of that length from then on.
func exchange(b *testing.B, conn net.Conn, request []byte, answers *bufio.Reader) (length int) {
	b.Helper()
	for range 3 { // the document is known by its spelling from the second time on
		if _, err := conn.Write(request); err != nil {
			b.Fatal(err)
		}
		resp, err := http.ReadResponse(answers, nil)
		if err != nil {
			b.Fatal(err)
		}
		var text bytes.Buffer
		if err := resp.Write(&text); err != nil {
			b.Fatal(err)
		}
		if resp.StatusCode != http.StatusOK {
			b.Fatal(text.String())
		}
		_ = resp.Body.Close()
		length = text.Len()
	}
	return length
}
