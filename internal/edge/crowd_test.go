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
	crowd  *crowd
	hold   chan struct{} // requests for /busy and /unknown stay until it is closed
	inside chan string
}

func house(t *testing.T, most int, grace time.Duration) *fullHouse {
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
		if r.URL.Path == "/busy" || r.URL.Path == "/known" {
			vouch(r.Context())
		}
		h.inside <- r.URL.Path
		if r.URL.Path == "/known" || strings.HasPrefix(r.URL.Path, "/turn") {
			return
		}
		select {
		case <-h.hold:
		case <-r.Context().Done():
		}
	})
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	log := slog.New(slog.NewTextHandler(h.log, nil))
	srv := Server(handler, log)
	srv.ReadHeaderTimeout, srv.ReadTimeout = time.Minute, time.Minute // what leaves gives way, and is not just late
	h.crowd = newCrowd(Bound{Connections: most, Judged: true, Counts: h.counts}, log)
	h.crowd.grace = grace
	go func() { done <- serve(ctx, l, srv, h.crowd) }()
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
	_ = conn.SetDeadline(time.Now().Add(patience))
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
	h.want("open connections", int(n), func(*crowd) int { return int(h.counts.Open()) })
}

// want waits until there are so many of something.
func (h *fullHouse) want(what string, n int, count func(*crowd) int) {
	h.t.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); ; <-tick.C {
		h.crowd.mu.Lock()
		found := count(h.crowd)
		h.crowd.mu.Unlock()
		if found == n {
			return
		}
		if time.Now().After(deadline) {
			h.t.Fatalf("%s: %d, want %d", what, found, n)
		}
	}
}

// of counts the connections of a rank.
func of(r rank) func(*crowd) int { return func(c *crowd) int { return c.ranks[r].Len() } }

// A new connection is let in for the one that is needed least: idle ones first, the longest idle before the others.
func TestWhoIsShed(t *testing.T) {
	t.Parallel()
	h := house(t, 7, 0)
	busy := h.visit("busy")
	stranger := h.visit("unknown")
	slow := h.visit("arriving")
	h.want("arriving", 1, of(arriving))
	quiet := h.visit("")
	h.wantOpen(4)
	lately, longer := h.visit("idle"), h.visit("idle")
	h.want("idle", 2, of(idle))
	for range 50 { // the service notes a moment after its answer that it is idle again
		h.get(lately)
	}
	h.want("idle", 2, of(idle))
	h.visit("busy")
	h.wantOpen(7)
	for _, step := range []struct {
		what string
		conn net.Conn
	}{{"longest idle", longer}, {"idle", lately}, {"silent", quiet}, {"arriving", slow}, {"unknown", stranger}} {
		h.visit("busy")
		h.wantEnd(step.conn, step.what)
	}
	h.wantOpen(7)
	h.wantEnd(h.visit(""), "new")
	want := map[string]int64{"idle": 2, "leaving": 0, "silent": 1, "arriving": 1, "unknown": 1, "new": 1}
	if got := h.counts.Closed(); fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("closed %v, want %v", got, want)
	}
	close(h.hold)
	resp, err := http.ReadResponse(bufio.NewReader(busy), nil)
	if err != nil {
		t.Fatalf("the busy one: %v", err)
	}
	_ = resp.Body.Close()
	h.want("idle", 7, of(idle))
	h.get(h.visit(""))
	if !strings.Contains(h.log.String(), "new connections are closed at once") {
		t.Errorf("the log is %q", h.log)
	}
}

// A connection whose request was refused is only waited for, and gives way to others.
func TestLeavingGivesWay(t *testing.T) {
	t.Parallel()
	h := house(t, 1, defaultGrace)
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

// Few connections at a time may send a header, also where there is room for more; those that were idle are like others then.
func TestHastyConnections(t *testing.T) {
	t.Parallel()
	h := house(t, 10_000, 0)
	first := h.visit("idle")
	h.visit("busy")
	h.wantOpen(2)
	_, _ = io.WriteString(first, "GET / HTTP/1.1\r\nHost: ") // it is not idle any more
	for n := range maxHasty {
		h.want("arriving", 1+n, of(arriving))
		if n+1 < maxHasty {
			h.visit("arriving")
		}
	}
	h.visit("arriving")
	h.wantEnd(first, "that which began to send a header first")
	quiet := h.visit("")
	h.wantOpen(maxHasty + 2)
	h.visit("idle") // in the place of another one
	h.want("idle", 1, of(idle))
	h.get(quiet)
	h.want("arriving", maxHasty-1, of(arriving))
	if got := h.counts.Closed(); got["arriving"] != 2 || got["idle"]+got["new"]+got["silent"]+got["unknown"] != 0 {
		t.Errorf("closed %v", got)
	}
}

// The newest and the oldest go on by turns, and known callers at once, while others hold all places for headers.
func TestNewestAndOldestByTurns(t *testing.T) {
	t.Parallel()
	h := house(t, 10_000, time.Hour)
	known := h.visit("")
	_, _ = io.WriteString(known, "GET /known HTTP/1.1\r\nHost: localhost\r\n\r\n")
	<-h.inside
	var slow []net.Conn
	for n := range maxHasty {
		slow = append(slow, h.visit("arriving"))
		h.want("arriving", n+1, of(arriving))
	}
	var turns []net.Conn
	for n := range 5 {
		conn := h.visit("")
		_, _ = fmt.Fprintf(conn, "GET /turn%d HTTP/1.1\r\nHost: localhost\r\n\r\n", n)
		turns = append(turns, conn)
		h.want("waiting", n+1, func(c *crowd) int { return c.waiting.Len() })
	}
	_, _ = io.WriteString(known, "GET /known HTTP/1.1\r\nHost: localhost\r\n\r\n")
	if got := <-h.inside; got != "/known" {
		t.Errorf("%s goes on, want the known caller's", got)
	}
	_ = turns[3].Close() // the service does not notice before it is its turn
	_ = slow[17].Close()
	for _, want := range []string{"/turn4", "/turn0", "/turn3", "/turn1", "/turn2"} {
		if got := <-h.inside; got != want {
			t.Errorf("%s goes on, want %s", got, want)
		}
	}
	h.want("waiting", 0, func(c *crowd) int { return c.waiting.Len() })
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
