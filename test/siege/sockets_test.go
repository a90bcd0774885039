//go:build linux

package siege_test

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"zoomgraph/test/siege"
)

// The opcodes of frames, and the bits beside them.
const (
	frameText       = 0x1
	frameMore       = 0x0
	framePing       = 0x9
	frameFin        = 0x80
	frameCompressed = 0x40
)

// frame is the beginning of a frame of a client, up to its payload. The mask changes nothing.
func frame(first byte, length int) []byte {
	b := []byte{first}
	switch {
	case length < 126:
		b = append(b, 0x80|byte(length))
	case length < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, 0x80|126), uint16(length))
	default:
		b = binary.BigEndian.AppendUint64(append(b, 0x80|127), uint64(length))
	}
	return append(b, 0, 0, 0, 0)
}

func text(message string) []byte { return append(frame(frameFin|frameText, len(message)), message...) }

// wire is one connection of an attacker, who sends whatever they like.
type wire struct {
	net.Conn
	in *bufio.Reader
}

// patient is how long an attacker waits for the service to take something.
const patient = time.Second

// dial connects from an address of this machine: the n-th.
func dial(t testing.TB, svc *siege.Service, n int) *wire {
	t.Helper()
	d := net.Dialer{LocalAddr: &net.TCPAddr{IP: net.IPv4(127, 0, byte(n/250), byte(1+n%250))}, Timeout: 10 * time.Second}
	conn, err := d.DialContext(t.Context(), "tcp", strings.TrimPrefix(svc.URL, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	return &wire{conn, bufio.NewReader(conn)}
}

// send sends, and reports false once the service takes no more.
func (w *wire) send(what ...[]byte) bool {
	_ = w.SetWriteDeadline(time.Now().Add(patient))
	_, err := w.Write(bytes.Join(what, nil))
	return err == nil
}

// upgrade makes it a socket, and with a key lets it be known.
func (w *wire) upgrade(key string) error {
	_ = w.SetDeadline(time.Now().Add(30 * time.Second))
	_, err := io.WriteString(w, "GET /graphql HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Protocol: graphql-transport-ws\r\n"+
		"Sec-WebSocket-Extensions: permessage-deflate\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n\r\n")
	if err != nil {
		return err
	}
	resp, err := http.ReadResponse(w.in, nil) //nolint:bodyclose // the connection is closed as a whole
	if err != nil {
		return err
	}
	if resp.StatusCode != http.StatusSwitchingProtocols {
		return fmt.Errorf("an upgrade is answered by %s", resp.Status)
	}
	if resp.Header.Get("Sec-WebSocket-Extensions") != "" {
		return fmt.Errorf("the service compresses: %s", resp.Header.Get("Sec-WebSocket-Extensions"))
	}
	if key == "" {
		return nil
	}
	w.send(text(`{"type":"connection_init","payload":{"Authorization":"Bearer ` + key + `"}}`))
	ack := make([]byte, len("..")+len(`{"type":"connection_ack"}`))
	if _, err = io.ReadFull(w.in, ack); err == nil && !bytes.Contains(ack, []byte("ack")) {
		err = fmt.Errorf("connection_init is answered by %q", ack)
	}
	return err
}

// enter makes a socket. It waits while those of an attack before are still ending, and hold the places.
func enter(dial func() *wire, key string) (w *wire, err error) {
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(20 * time.Second); ; <-tick.C {
		w = dial()
		err = w.upgrade(key)
		if err == nil || key == "" || !strings.Contains(err.Error(), "sock") || time.Now().After(end) {
			return w, err
		}
		_ = w.Close()
	}
}

// crowd attacks from n connections at once, and closes them after all have done what they do.
func crowd(t *testing.T, svc *siege.Service, n int, attack func(i int, dial func() *wire) *wire) {
	t.Helper()
	var all sync.WaitGroup
	wires := make([]*wire, n)
	for i := range n {
		all.Go(func() { wires[i] = attack(i, func() *wire { return dial(t, svc, i) }) })
	}
	all.Wait()
	for _, w := range wires {
		_ = w.Close()
	}
}

// manyCallers are n callers, and the one who is to be answered meanwhile.
func manyCallers(n int) (list []siege.Caller) {
	for i := range n {
		list = append(list, siege.Caller{Name: fmt.Sprint("caller", i)})
	}
	return append(list, siege.Caller{Name: siege.Bystander})
}

// TestMemorySockets sends the service what it keeps while it waits for more, over 600 sockets of nobody and then of known
// callers.
func TestMemorySockets(t *testing.T) {
	const sockets, each = 600, 5 // each: of one caller, who may have 20
	svc := siege.Start(t, siege.Options{Users: 3, Callers: manyCallers(sockets / each)})
	slowest := svc.Watch(siege.Bystander)
	most := bytes.Repeat([]byte(" "), 1<<20)
	whole := []byte(`{"type":"ping","payload":{"a":"` + strings.Repeat("x", 1<<20-50) + `"}}`)
	long := text(`{"type":"subscribe","id":"1","payload":{"query":"subscription { userSettingsChanged { at } } #` + strings.Repeat("x", 1<<20-150) + `"}}`)
	attacks := []struct {
		name   string
		known  bool // only known callers do it: of others it differs from none
		attack func(w *wire)
	}{
		{"one frame that does not end", false, func(w *wire) { w.send(frame(frameFin|frameText, 1<<20), most[:1<<20-2]) }},
		{"fragments without an end", false, func(w *wire) {
			next := byte(frameText)
			for range 1 << 20 / 1000 {
				if !w.send(frame(next, 1000), most[:1000]) {
					return
				}
				next = frameMore
			}
		}},
		{"small frames that do not end", true, func(w *wire) { w.send(frame(frameFin|frameText, 100), most[:99]) }},
		{"empty fragments", false, func(w *wire) {
			w.send(frame(frameText, 1), most[:1], bytes.Repeat(frame(frameMore, 0), 100_000))
		}},
		{"pings that nobody reads the answers to", false, func(w *wire) {
			w.send(bytes.Repeat(append(frame(frameFin|framePing, 100), most[:100]...), 10_000))
		}},
		{"compressed", true, func(w *wire) { w.send(frame(frameFin|frameText|frameCompressed, 1<<20), most) }},
		{"whole messages that are answered", true, func(w *wire) { w.send(text(string(whole)), text(string(whole))) }},
		{"long operations that stay", true, func(w *wire) { w.send(long) }},
	}
	entering := make(chan struct{}, 10) // more would push one another out before they are known
	for _, known := range []bool{false, true} {
		for _, a := range attacks {
			if a.known && !known {
				continue
			}
			n := sockets
			if known { // those of the attack before may still be ending, and all share 1,000 places
				n = sockets / 2
			}
			crowd(t, svc, n, func(i int, dial func() *wire) *wire {
				key := ""
				if known {
					key = svc.Key(fmt.Sprint("caller", i/each))
				}
				entering <- struct{}{}
				w, err := enter(dial, key)
				<-entering
				if err != nil && known {
					t.Errorf("%s: %v", a.name, err)
				}
				if err == nil {
					a.attack(w)
				}
				return w
			})
			t.Logf("%s, known: %t: peak %d MiB", a.name, known, svc.Peak()>>20)
		}
	}
	svc.WithinLimits(slowest())
}

// TestMemoryBodies sends hundreds of bodies of 1 MiB that lack their last byte, of nobody, of wrong keys and of known callers:
// not as many as there are places in flight.
func TestMemoryBodies(t *testing.T) {
	const callers = 30
	svc := siege.Start(t, siege.Options{Users: 3, Callers: manyCallers(callers)})
	slowest := svc.Watch(siege.Bystander)
	body := bytes.Repeat([]byte(" "), 1<<20-1)
	for _, tt := range []struct {
		name, accept string
		bodies       int
		key          func(i int) string
	}{
		{"nobody", "*/*", 600, func(int) string { return "" }},
		{"wrong keys", "*/*", 600, func(i int) string { return fmt.Sprintf("Authorization: Bearer zg_%050d\r\n", i) }},
		{"known callers", "*/*", 400, func(i int) string {
			return "Authorization: Bearer " + svc.Key(fmt.Sprint("caller", i%callers)) + "\r\n"
		}},
		{"event streams", "text/event-stream", 600, func(i int) string {
			return "Authorization: Bearer " + svc.Key(fmt.Sprint("caller", i%callers)) + "\r\n"
		}},
	} {
		crowd(t, svc, tt.bodies, func(i int, dial func() *wire) *wire {
			w := dial()
			head := fmt.Sprintf("POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nAccept: %s\r\n%sContent-Length: %d\r\n\r\n", tt.accept, tt.key(i), 1<<20)
			w.send([]byte(head), body)
			return w
		})
		t.Logf("%s: peak %d MiB", tt.name, svc.Peak()>>20)
	}
	svc.WithinLimits(slowest())
}

// TestMemoryConnections opens more connections than the service has descriptors for, which send nothing, or something that
// keeps them open. Others are still answered.
func TestMemoryConnections(t *testing.T) {
	svc := siege.Start(t, siege.Options{Users: 3, Descriptors: 300})
	var slowest time.Duration
	for _, tt := range []struct {
		name, sent string
	}{
		{"nothing", ""},
		{"a request, and then idle", "GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n"},
		{"half a header", "GET /livez HTTP/1.1\r\nHost: " + strings.Repeat("x", 8000)},
		{"a body of nobody", "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 200000\r\n\r\n{"},
		{"a body that is refused", "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 2000000\r\n\r\n{"},
		{"a body for /livez", "POST /livez HTTP/1.1\r\nHost: localhost\r\nContent-Length: 200000\r\n\r\n{"},
	} {
		wires := make([]*wire, 400)
		for i := range wires {
			wires[i] = dial(t, svc, i)
			wires[i].send([]byte(tt.sent))
		}
		probe, err := http.NewRequestWithContext(t.Context(), http.MethodGet, svc.URL+"/livez", nil)
		if err != nil {
			t.Fatal(err)
		}
		resp, err := http.DefaultClient.Do(probe)
		if err != nil {
			t.Fatalf("%s: /livez: %v", tt.name, err)
		}
		_ = resp.Body.Close()
		took, err := svc.Viewer(t.Context(), siege.Bystander)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		slowest = max(slowest, took)
		for _, w := range wires {
			_ = w.Close()
		}
	}
	if !strings.Contains(svc.Log(), "the limit of descriptors leaves few connections") {
		t.Errorf("the log does not tell that there are few connections:\n%s", svc.Log())
	}
	svc.WithinLimits(slowest)
}

// TestMemoryHeaders opens more connections than the service takes, each with most of the largest header, in one line or in
// many, or with a request that waits for its body.
func TestMemoryHeaders(t *testing.T) {
	svc := siege.Start(t, siege.Options{Users: 3})
	const head = "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 200000\r\n"
	var slowest time.Duration
	for _, tt := range []struct{ name, sent string }{
		{"one long line", head + "X: " + strings.Repeat("x", 32_000)},
		{"many lines", head + strings.Repeat("X: y\r\n", 5_000)},
		{"a whole header, and no body", head + strings.Repeat("X: y\r\n", 5_000) + "\r\n"},
	} {
		wires := make([]*wire, 2_500)
		for i := range wires {
			wires[i] = dial(t, svc, i)
			wires[i].send([]byte(tt.sent))
		}
		took, err := svc.Viewer(t.Context(), siege.Bystander)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		slowest = max(slowest, took)
		t.Logf("%s: peak %d MiB", tt.name, svc.Peak()>>20)
		for _, w := range wires {
			_ = w.Close()
		}
	}
	svc.WithinLimits(slowest)
}
