package edge

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/coder/websocket"
)

// A budget gives to whom it has room for; one caller has a quarter, and nobody waits for a caller whose quarter is used up.
func TestIncoming(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, b := t.Context(), newIncoming(100)
		take := func(caller string, n int64, want string) {
			t.Helper()
			err := b.take(ctx, caller, n)
			if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
				t.Errorf("%d for %q: %v, want %q", n, caller, err, want)
			}
		}
		take("a", 25, "")
		take("a", 1, "this caller hold 25 bytes, and may hold 25 together")
		take("b", 25, "")
		take("", 50, "") // nobody in particular has no share
		take("c", 1, "all callers hold 100 bytes, and may hold 100 together")
		start := time.Now()
		first, second := make(chan error, 1), make(chan error, 1)
		go func() { first <- b.take(ctx, "a", 10) }()
		synctest.Wait()
		go func() { second <- b.take(ctx, "c", 10) }()
		synctest.Wait()
		b.give("b", 10) // it is for the second: the first has its quarter
		if err := <-second; err != nil || time.Since(start) > 0 {
			t.Errorf("the second: %v after %v", err, time.Since(start))
		}
		b.give("a", 10)
		if err := <-first; err != nil || time.Since(start) > 0 {
			t.Errorf("the first: %v after %v", err, time.Since(start))
		}
		gone, leave := context.WithCancel(ctx)
		leave()
		if err := b.take(gone, "d", 10); err == nil {
			t.Error("who has left is given something")
		}
		b.give("a", 25)
		b.give("b", 15)
		b.give("c", 10)
		b.give("", 50)
		if b.held != 0 || len(b.callers) != 0 || b.waiting.Len() != 0 {
			t.Errorf("%d bytes are left, of %v, and %d wait", b.held, b.callers, b.waiting.Len())
		}
	})
}

// What one request holds takes from the budget only what is beyond its free part.
func TestHeld(t *testing.T) {
	t.Parallel()
	b := newIncoming(100)
	b.patience = 0
	h := &held{of: b, caller: "a"}
	for i, step := range []struct {
		grow, taken int64
		fails       bool
	}{
		{freeBytes, 0, false},
		{20, 20, false},
		{10, 20, true},
		{-freeBytes, 0, false},
		{freeBytes, 20, false},
		{-30, 0, false},
		{30, 20, false},
		{5, 25, false},
		{-freeBytes - 25, 0, false},
	} {
		var err error
		if step.grow > 0 {
			err = h.grow(t.Context(), step.grow)
		} else {
			h.shrink(-step.grow)
		}
		if (err != nil) != step.fails || b.held != step.taken {
			t.Errorf("step %d: %d bytes are taken, want %d; %v", i, b.held, step.taken, err)
		}
	}
}

// tight is a stage with a budget of one message beyond what is free.
func tight(t testing.TB, identify Identify) *stage {
	s := perform(t, func(o *Options, _ *liveLimits) { o.RequestsBudget = 600 << 10 }, identify)
	s.live.incoming.patience = 20 * time.Millisecond
	return s
}

// A message for which there is no room closes its socket, so that the client tries again; small ones always find some.
func TestMessagesHaveABudget(t *testing.T) {
	t.Parallel()
	s := tight(t, byName)
	long := func(id string, n int) string {
		return fmt.Sprintf(`{"id":%q,"type":"subscribe","payload":{"query":"subscription { never } #%s"}}`, id, strings.Repeat("x", n))
	}
	open := func(name string) *client {
		c := s.dial()
		c.send(`{"type":"connection_init","payload":{"Authorization":"` + name + `"}}`)
		c.want(`{"type":"connection_ack"}`)
		return c
	}
	ann, again := open("ann"), open("ann")
	ann.send(long("1", 100<<10)) // it stays, and holds what it has
	s.wantCounts(2, 0, 1)
	again.send(long("1", 100<<10))
	if reason := again.wantClosed(websocket.StatusTryAgainLater); !strings.Contains(reason, "may hold 153600 together") {
		t.Errorf("the reason is %q", reason)
	}
	ann.send(subscribe("2", "{ hello }"))
	ann.want(`{"id":"2","type":"next","payload":{"data":{"hello":"hello"}}}`, `{"id":"2","type":"complete"}`)
	ann.send(`{"id":"1","type":"complete"}`)
	s.wantEnded("never")
	s.wantHeld(func(b *incoming) bool { return b.held == 0 })
	ann.send(long("1", 100<<10)) // the room is free again
	s.wantCounts(1, 0, 1)
	if n := s.live.counts.Refused()["bytes"]; n != 1 {
		t.Errorf("%d are counted", n)
	}
}

// A message is bounded before its caller is known and after, however it is cut into frames, and must arrive in time.
func TestMessageLimits(t *testing.T) {
	t.Parallel()
	pad := func(n int) []byte { return []byte(strings.Repeat(" ", n)) }
	for _, tt := range []struct {
		name   string
		known  bool
		sent   [][]byte // fragments
		end    bool     // is the last of them the end
		code   websocket.StatusCode
		reason string
	}{
		{"unknown, too large", false, [][]byte{pad(maxFirstMessage + 1)}, true, websocket.StatusMessageTooBig, "16384 bytes at most"},
		{"unknown, too large without an end", false, [][]byte{pad(maxFirstMessage), pad(1)}, false, websocket.StatusMessageTooBig, "16384 bytes at most"},
		{"unknown, in small fragments", false, [][]byte{pad(6000), pad(6000), pad(6000)}, false, websocket.StatusMessageTooBig, "16384 bytes at most"},
		{"unknown, as large as may be", false, [][]byte{pad(maxFirstMessage)}, true, closeBadMessage, "too early"},
		{"known, too large", true, [][]byte{pad(maxBody + 1)}, true, websocket.StatusMessageTooBig, "1048576 bytes at most"},
		{"known, too large without an end", true, [][]byte{pad(maxBody), pad(1)}, false, websocket.StatusMessageTooBig, "1048576 bytes at most"},
		{"known, as large as may be", true, [][]byte{pad(maxBody)}, true, closeBadMessage, "too early"},
		{"known, without an end", true, [][]byte{pad(10)}, false, websocket.StatusPolicyViolation, "not complete within"},
		{"known, empty fragments without an end", true, [][]byte{pad(0), pad(0), pad(0)}, false, websocket.StatusPolicyViolation, "not complete within"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := perform(t, func(_ *Options, l *liveLimits) {
				if tt.code == websocket.StatusPolicyViolation {
					l.arrival = soon
				}
			}, nil)
			c := s.dialRaw(tt.known)
			opcode := byte(1)
			for i, part := range tt.sent {
				if tt.end && i == len(tt.sent)-1 {
					opcode |= 0x80
				}
				c.frame(opcode, part)
				opcode = 0
			}
			if reason := c.wantClosed(tt.code); !strings.Contains(reason, tt.reason) {
				t.Errorf("the reason is %q, want %q", reason, tt.reason)
			}
		})
	}
}

// Whatever a stranger sends ends at some point, also where none of it is a message.
func TestStrangersSendLittle(t *testing.T) {
	t.Parallel()
	const pings = maxStrangerBytes / 16
	s := perform(t, nil, nil)
	c := s.dialRaw(false)
	for range pings {
		c.frame(0x89, []byte("hi")) // of 16 bytes
	}
	if reason := c.wantClosed(websocket.StatusPolicyViolation); !strings.Contains(reason, "32768 bytes at most") {
		t.Errorf("the reason is %q", reason)
	}
	c = s.dialRaw(true)
	for range 2 * pings {
		c.frame(0x89, []byte("hi"))
	}
	c.frame(0x81, []byte(`{"type":"ping"}`))
	for {
		if opcode, text := c.read(); opcode == 1 {
			if string(text) != `{"type":"pong"}` {
				t.Errorf("answered %s", text)
			}
			break
		}
	}
}

// A request that stays has a header of a size that may stay.
func TestLiveHeader(t *testing.T) {
	t.Parallel()
	s := perform(t, nil, nil)
	long, many := "X-Long: "+strings.Repeat("x", maxLiveHeader), []string{}
	for i := range maxLiveHeader / fieldBytes {
		many = append(many, fmt.Sprintf("X-%d: y", i))
	}
	for _, headers := range [][]string{{long}, many} {
		if _, answer := s.tryDial(subprotocol, nil, headers...); answer.status != http.StatusRequestEntityTooLarge {
			t.Errorf("a socket is answered %d", answer.status)
		}
		if answer := s.request(http.MethodPost, "{ hello }", headers...); answer.status != http.StatusRequestEntityTooLarge {
			t.Errorf("an event stream is answered %d", answer.status)
		}
	}
	s.dial("Authorization: Bearer "+strings.Repeat("x", 8<<10), "Cookie: "+strings.Repeat("x", 4<<10))
}

// rawClient sends frames as no library does.
type rawClient struct {
	t    testing.TB
	conn net.Conn
	in   *bufio.Reader
}

// connect is a connection whose reads and writes end.
func (s *stage) connect() (net.Conn, *bufio.Reader) {
	s.t.Helper()
	conn, err := (&net.Dialer{}).DialContext(s.t.Context(), "tcp", strings.TrimPrefix(s.url, "http://"))
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = conn.Close() })
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		s.t.Fatal(err)
	}
	return conn, bufio.NewReader(conn)
}

func (s *stage) dialRaw(known bool) *rawClient {
	s.t.Helper()
	conn, in := s.connect()
	c := &rawClient{s.t, conn, in}
	_, _ = io.WriteString(conn, "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: "+subprotocol+"\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
	resp, err := http.ReadResponse(in, nil)
	if err != nil || resp.StatusCode != http.StatusSwitchingProtocols {
		s.t.Fatal(resp, err)
	}
	_ = resp.Body.Close()
	if known {
		c.frame(0x81, []byte(`{"type":"connection_init"}`))
		if _, text := c.read(); string(text) != `{"type":"connection_ack"}` {
			s.t.Fatalf("connection_init is answered %q", text)
		}
	}
	return c
}

// frame sends a frame with a mask that changes nothing.
func (c *rawClient) frame(first byte, payload []byte) {
	head := binary.BigEndian.AppendUint64([]byte{first, 0x80 | 127}, uint64(len(payload)))
	_, _ = c.conn.Write(slices.Concat(head, make([]byte, 4), payload)) // whoever was closed does not take it
}

// read reads a frame.
func (c *rawClient) read() (opcode byte, payload []byte) {
	c.t.Helper()
	head := make([]byte, 2)
	if _, err := io.ReadFull(c.in, head); err != nil {
		c.t.Fatal(err)
	}
	if head[1] > 125 {
		c.t.Fatalf("a frame of %d bytes or more", head[1])
	}
	payload = make([]byte, head[1])
	if _, err := io.ReadFull(c.in, payload); err != nil {
		c.t.Fatal(err)
	}
	return head[0] & 0xf, payload
}

func (c *rawClient) wantClosed(code websocket.StatusCode) (reason string) {
	c.t.Helper()
	for {
		opcode, payload := c.read()
		if opcode != 8 {
			continue
		}
		if got := websocket.StatusCode(binary.BigEndian.Uint16(payload)); got != code {
			c.t.Fatalf("closed with %d %s, want %d", got, payload[2:], code)
		}
		return string(payload[2:])
	}
}

// Bodies count against the same budget, of event streams as well; who finds no room is asked to come again.
func TestBodiesHaveABudget(t *testing.T) {
	t.Parallel()
	s := tight(t, byName)
	slow := func(name string, accept string) (net.Conn, *bufio.Reader) {
		conn, in := s.connect()
		body := `{"query":"{ hello } #` + strings.Repeat("x", 100_000)
		_, _ = fmt.Fprintf(conn, "POST /graphql HTTP/1.1\r\nHost: localhost\r\nAuthorization: %s\r\nAccept: %s\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s", name, accept, len(body)+2, body)
		return conn, in
	}
	conn, in := slow("ann", "*/*")
	s.wantHeld(func(b *incoming) bool { return b.callers["ann"] > 80_000 })
	for _, accept := range []string{"*/*", eventStream} {
		_, refused := slow("ann", accept)
		resp, err := http.ReadResponse(refused, nil)
		if err != nil {
			t.Fatal(err)
		}
		text, _ := io.ReadAll(resp.Body)
		_ = resp.Body.Close()
		if resp.StatusCode != http.StatusServiceUnavailable || resp.Header.Get("Retry-After") == "" || !strings.Contains(string(text), "may hold 153600 together") {
			t.Errorf("%s %v: %s", resp.Status, resp.Header, text)
		}
	}
	if _, err := io.WriteString(conn, `"}`); err != nil {
		t.Fatal(err)
	}
	resp, err := http.ReadResponse(in, nil)
	if err != nil || resp.StatusCode != http.StatusOK {
		t.Fatal(resp, err)
	}
	_ = resp.Body.Close()
	s.wantHeld(func(b *incoming) bool { return b.held == 0 })
}

// wantHeld waits until what is held is so.
func (s *stage) wantHeld(so func(b *incoming) bool) {
	s.t.Helper()
	b := s.live.incoming
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for deadline := time.Now().Add(patience); ; <-tick.C {
		b.mu.Lock()
		ok, held, callers := so(b), b.held, fmt.Sprint(b.callers)
		b.mu.Unlock()
		if ok {
			return
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("%d bytes are held, of %s", held, callers)
		}
	}
}

// The refusal of a body that found no room stays what it is, whoever read it.
func TestBodyFault(t *testing.T) {
	t.Parallel()
	full := newIncoming(1)
	full.patience = 0
	err := full.take(t.Context(), "", 2)
	if got := bodyFault(fmt.Errorf("read: %w", err), "the body broke off"); !errors.Is(got, err) && got.Error() != err.Error() {
		t.Errorf("%v", got)
	}
}
