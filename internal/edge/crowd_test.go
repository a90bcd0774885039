package edge

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// record is a log that the test reads.
type record struct {
	mu   sync.Mutex
	text strings.Builder
}

// Write implements io.Writer.
func (r *record) Write(text []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(text)
}

// String implements fmt.Stringer.
func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String()
}

// fullHouse is a service with few connections, whose requests for /busy are a known caller's.
type fullHouse struct {
	t      *testing.T
	addr   string
	counts *Accepted
	log    *record
	hold   chan struct{} // requests for /busy and /unknown stay until it is closed
	inside chan string
}

func house(t *testing.T, most int) *fullHouse {
	t.Helper()
	h := &fullHouse{t: t, counts: new(Accepted), log: new(record), hold: make(chan struct{}), inside: make(chan string, 100)}
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h.addr = l.Addr().String()
	handler := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/idle" {
			return
		}
		if r.URL.Path == "/busy" {
			vouch(r.Context())
		}
		h.inside <- r.URL.Path
		select {
		case <-h.hold:
		case <-r.Context().Done():
		}
	})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() {
		done <- ServeWithin(ctx, l, handler, slog.New(slog.NewTextHandler(h.log, nil)), Bound{Connections: most, Judged: true, Counts: h.counts})
	}()
	t.Cleanup(func() {
		select {
		case <-h.hold:
		default:
			close(h.hold)
		}
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
		if n := h.counts.Open(); n != 0 {
			t.Errorf("%d connections are left", n)
		}
	})
	return h
}

// visit connects and does what the kind says; it returns once the service knows that.
func (h *fullHouse) visit(kind string) net.Conn {
	h.t.Helper()
	conn, err := (&net.Dialer{}).DialContext(h.t.Context(), "tcp", h.addr)
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() { _ = conn.Close() })
	_ = conn.SetDeadline(time.Now().Add(20 * time.Second))
	switch kind {
	case "idle":
		h.get(conn)
	case "unknown", "busy":
		_, _ = fmt.Fprintf(conn, "GET /%s HTTP/1.1\r\nHost: localhost\r\n\r\n", kind)
		if got := <-h.inside; got != "/"+kind {
			h.t.Fatalf("%s is inside, not %s", got, kind)
		}
	case "arriving":
		_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: ")
	}
	return conn
}

// get gets an answer.
func (h *fullHouse) get(conn net.Conn) {
	h.t.Helper()
	_, _ = io.WriteString(conn, "GET /idle HTTP/1.1\r\nHost: localhost\r\n\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		h.t.Fatal(err)
	}
	_ = resp.Body.Close()
}

// wantEnd waits for the end of a connection.
func (h *fullHouse) wantEnd(conn net.Conn, what string) {
	h.t.Helper()
	if _, err := io.Copy(io.Discard, conn); err != nil && strings.Contains(err.Error(), "timeout") {
		h.t.Fatalf("%s stays: %v", what, err)
	}
}

// wantOpen waits until so many are open.
func (h *fullHouse) wantOpen(n int64) {
	h.t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(10 * time.Second); h.counts.Open() != n; <-tick.C {
		if time.Now().After(deadline) {
			h.t.Fatalf("%d connections are open, want %d", h.counts.Open(), n)
		}
	}
}

// A new connection is let in for the one that is needed least: idle ones first, the longest idle before the others.
func TestWhoIsShed(t *testing.T) {
	t.Parallel()
	h := house(t, 6)
	busy := h.visit("busy")
	unknown := h.visit("unknown")
	arriving := h.visit("arriving")
	h.wantOpen(3)
	idle, longer := h.visit("idle"), h.visit("idle")
	for range 50 { // so it has been idle for less long than the other, which the service notes a moment after its answer
		h.get(idle)
	}
	h.visit("busy")
	h.wantOpen(6)
	for _, step := range []struct {
		what string
		conn net.Conn
	}{{"longest idle", longer}, {"idle", idle}, {"arriving", arriving}, {"unknown", unknown}} {
		h.visit("busy")
		h.wantEnd(step.conn, step.what)
	}
	h.wantOpen(6)
	h.wantEnd(h.visit(""), "new")
	want := map[string]int64{"idle": 2, "leaving": 0, "arriving": 1, "unknown": 1, "new": 1}
	if got := h.counts.Closed(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("closed %v, want %v", got, want)
	}
	close(h.hold)
	resp, err := http.ReadResponse(bufio.NewReader(busy), nil)
	if err != nil {
		t.Fatalf("the busy one: %v", err)
	}
	_ = resp.Body.Close()
	h.get(h.visit("")) // there are idle ones again
	if !strings.Contains(h.log.String(), "new connections are closed at once") {
		t.Errorf("the log is %q", h.log)
	}
}

// A connection whose request was refused is only waited for, and gives way to others.
func TestLeavingGivesWay(t *testing.T) {
	t.Parallel()
	h := house(t, 1)
	conn := h.visit("")
	_, _ = io.WriteString(conn, "POST /idle HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9000000\r\n\r\n")
	resp, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
	h.visit("busy")
	if got := h.counts.Closed(); got["idle"]+got["arriving"]+got["new"] != 0 {
		t.Errorf("closed %v", got)
	}
}

// Few connections at a time may hold a header, also where there is room for more; those that were idle are like others then.
func TestHastyConnections(t *testing.T) {
	t.Parallel()
	h := house(t, 10_000)
	first := h.visit("idle")
	busy := h.visit("busy")
	h.wantOpen(2)
	_, _ = io.WriteString(first, "GET / HTTP/1.1\r\nHost: ") // it is not idle any more
	for n := range int64(maxHasty - 1) {
		h.visit("arriving")
		h.wantOpen(3 + n)
	}
	for range 5 {
		h.visit("arriving")
	}
	h.wantEnd(first, "that which sends a header first")
	h.visit("idle") // it comes behind the others, so they are counted
	h.wantOpen(maxHasty + 1)
	if got := h.counts.Closed(); got["arriving"] != 6 || got["idle"]+got["new"]+got["unknown"] != 0 {
		t.Errorf("closed %v", got)
	}
	close(h.hold)
	resp, err := http.ReadResponse(bufio.NewReader(busy), nil)
	if err != nil {
		t.Fatal(err)
	}
	_ = resp.Body.Close()
}

// Connections are fewer than descriptors, of which calls to Zoom and others need some; a half is for connections.
func TestMaxConnections(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		asked, others, limit, most int
		low                        bool
	}{
		{0, 512, 0, 2048, false},
		{0, 512, 1 << 20, 2048, false},
		{0, 512, 1024, 512, false},
		{0, 512, 300, 150, true},
		{0, 10, 300, 162, true},
		{0, 512, 1, 1, true},
		{0, 512, 2000, 1360, false},
		{5000, 512, 1 << 20, 5000, false},
		{5000, 512, 4096, 3456, true},
		{10, 512, 300, 10, false},
		{10, 512, 0, 10, false},
	} {
		if most, low := within(tt.asked, tt.others, tt.limit); most != tt.most || low != tt.low {
			t.Errorf("%d asked, %d others, limit %d: %d %t, want %d %t", tt.asked, tt.others, tt.limit, most, low, tt.most, tt.low)
		}
	}
	if most, _ := MaxConnections(0, 0); most < 1 || most > mostConnections {
		t.Errorf("here it is %d", most)
	}
}
