package edge_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"zoomgraph/internal/callers"
	"zoomgraph/internal/edge"
)

const goodKey = "zg_0123456789012345678901234567890123456789"

// served is the service on a real listener, as the program has it, with a caller; it returns its address.
func served(t testing.TB) string {
	t.Helper()
	who, err := callers.New(callers.Options{Keys: []callers.Key{{Digest: callers.DigestOf(goodKey), Caller: callers.Caller{Name: "n", Permissions: callers.All}}}})
	if err != nil {
		t.Fatal(err)
	}
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h := handler(t, func(o *edge.Options) { o.Callers = who.Middleware })
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- edge.Serve(ctx, l, h, slog.New(slog.DiscardHandler)) }()
	t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
	return l.Addr().String()
}

// raw sends a request as it is written, all of it before it reads anything, and reads the answer's status.
func raw(t testing.TB, addr, head string, body io.Reader) (status int, err error) {
	t.Helper()
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.SetDeadline(time.Now().Add(2 * patience)); err != nil {
		t.Fatal(err)
	}
	if _, err := io.WriteString(conn, strings.ReplaceAll(head, "\n", "\r\n")+"\r\n\r\n"); err != nil {
		return 0, err
	}
	if _, err := io.Copy(conn, body); err != nil {
		return 0, fmt.Errorf("sending: %w", err)
	}
	res, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		return 0, err
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err == nil && len(text) == 0 && res.ContentLength != 0 {
		err = io.ErrUnexpectedEOF
	}
	return res.StatusCode, err
}

// chunked is a body in chunks of 64 KiB.
func chunked(body []byte) io.Reader {
	var out bytes.Buffer
	for chunk := range slices.Chunk(body, 64<<10) {
		fmt.Fprintf(&out, "%x\r\n%s\r\n", len(chunk), chunk)
	}
	out.WriteString("0\r\n\r\n")
	return &out
}

// fileForm is a form with one file of so many bytes.
func fileForm(size int) []byte {
	const begin = "--x\r\nContent-Disposition: form-data; name=%q%s\r\n\r\n%s\r\n"
	head := fmt.Sprintf(begin, "operations", "", `{"query":"mutation($f: Upload!) { put(file: $f) }","variables":{"f":null}}`) +
		fmt.Sprintf(begin, "map", "", `{"0":["variables.f"]}`) + fmt.Sprintf(begin, "0", `; filename="f"`, "")
	return append(append([]byte(strings.TrimSuffix(head, "\r\n")), make([]byte, size)...), "\r\n--x--\r\n"...)
}

// TestRefusedBodies: whoever sends a body that nobody reads gets the answer all the same, however it is sent.
func TestRefusedBodies(t *testing.T) {
	t.Parallel()
	const (
		mega = 1 << 20
		key  = "\nAuthorization: Bearer " + goodKey
		json = "\nContent-Type: application/json"
		form = "\nGraphQL-Require-Preflight: 1\nContent-Type: multipart/form-data; boundary=x"
	)
	addr := served(t)
	for _, tt := range []struct {
		name string
		head string // after the first line
		line string // POST /graphql HTTP/1.1 unless given
		size int
		body []byte // size zeros unless given
		want int
	}{
		{name: "too large", head: key + json, size: 5 * mega, want: 413},
		{name: "much too large", head: key + json, size: 50 * mega, want: 413},
		{name: "nobody", head: json, size: 5 * mega, want: 401},
		{name: "nobody known", head: json + "\nAuthorization: Bearer " + goodKey + "x", size: 5 * mega, want: 401},
		{name: "another site's", head: key + json + "\nOrigin: https://elsewhere.example", size: 5 * mega, want: 403},
		{name: "no method of ours", line: "PUT /graphql HTTP/1.1", head: key + json, size: 5 * mega, want: 405},
		{name: "no such path", line: "POST /nowhere HTTP/1.1", head: json, size: 5 * mega, want: 404},
		{name: "a probe", line: "POST /livez HTTP/1.1", head: json, size: 5 * mega, want: 405},
		{name: "no media type", head: key, size: 5 * mega, want: 415},
		{name: "compressed", head: key + json + "\nContent-Encoding: gzip", size: 5 * mega, want: 415},
		{name: "no JSON", head: key + json, size: mega - 1, want: 400},
		{name: "no form", head: key + form, size: 5 * mega, want: 400},
		{name: "too large a form", head: key + form, body: fileForm(60 * mega), want: 413},
		{name: "HTTP/1.0", line: "POST /graphql HTTP/1.0", head: key + json, size: 5 * mega, want: 413},
		{name: "the end of the connection", head: key + json + "\nConnection: close", size: 5 * mega, want: 413},
		{name: "what needs no permission to go on", head: json + "\nExpect: 100-continue", size: 5 * mega, want: 401},
		{name: "an expectation that nobody knows", head: json + "\nExpect: wonders", size: 5 * mega, want: 417},
	} {
		for _, way := range []string{"length", "chunks"} {
			t.Run(tt.name+" by "+way, func(t *testing.T) {
				t.Parallel()
				line := tt.line
				if line == "" {
					line = "POST /graphql HTTP/1.1"
				}
				sent := tt.body
				if sent == nil {
					sent = make([]byte, tt.size)
				}
				head, body := line+"\nHost: localhost"+tt.head, io.Reader(bytes.NewReader(sent))
				switch {
				case way == "length":
					head += "\nContent-Length: " + strconv.Itoa(len(sent))
				case strings.HasSuffix(line, "1.0"):
					t.Skip("HTTP/1.0 has no chunks")
				default:
					head, body = head+"\nTransfer-Encoding: chunked", chunked(sent)
				}
				if status, err := raw(t, addr, head, body); err != nil || status != tt.want {
					t.Errorf("got %d, %v; want %d", status, err, tt.want)
				}
			})
		}
	}
}

// endless sends for ever, with a pause between two pieces, and counts.
type endless struct {
	pause time.Duration
	sent  int
}

func (e *endless) Read(p []byte) (int, error) {
	time.Sleep(e.pause)
	n := len(p)
	if e.pause > 0 {
		n = 1
	}
	e.sent += n
	return n, nil
}

// TestEndlessBodies: nobody is read on for ever, neither for many bytes nor for a long time.
func TestEndlessBodies(t *testing.T) {
	t.Parallel()
	addr := served(t)
	for name, body := range map[string]*endless{"many bytes": {}, "a long time": {pause: 100 * time.Millisecond}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			start := time.Now()
			_, err := raw(t, addr, "POST /graphql HTTP/1.1\nHost: localhost\nContent-Type: application/json\nContent-Length: 99999999999", body)
			if err == nil {
				t.Error("an endless body is sent")
			}
			if took := time.Since(start); took > patience || body.sent > 200<<20 {
				t.Errorf("%d bytes were taken in %v", body.sent, took)
			}
		})
	}
}

// TestRefusedBodiesOfClients: the same with clients as they are.
func TestRefusedBodiesOfClients(t *testing.T) {
	t.Parallel()
	addr := served(t)
	t.Run("Go", func(t *testing.T) {
		t.Parallel()
		for range 20 {
			r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+addr+"/graphql", bytes.NewReader(make([]byte, 5<<20)))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Authorization", "Bearer "+goodKey)
			r.Header.Set("Content-Type", "application/json")
			res, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close()
			if res.StatusCode != 413 {
				t.Errorf("got %d", res.StatusCode)
			}
		}
	})
	for name, program := range map[string][]string{
		"Python": {"python3", "-c", `
import sys, http.client
for _ in range(5):
    c = http.client.HTTPConnection(sys.argv[1])
    c.request("POST", "/graphql", b"x" * (5 << 20), {"Authorization": "Bearer " + sys.argv[2], "Content-Type": "application/json"})
    r = c.getresponse()
    r.read()
    print(r.status)
`},
		"Node by http": {"node", "-e", `
const http = require("http")
const [addr, key] = process.argv.slice(1)
for (let i = 0; i < 5; i++) {
  const r = http.request("http://" + addr + "/graphql", { method: "POST", headers: { Authorization: "Bearer " + key, "Content-Type": "application/json" } },
    (res) => { res.resume(); console.log(res.statusCode) })
  r.on("error", (e) => console.log(e.code))
  r.end(Buffer.alloc(5 << 20))
}
`},
		"Node by fetch": {"node", "-e", `
const [addr, key] = process.argv.slice(1)
for (let i = 0; i < 5; i++) {
  fetch("http://" + addr + "/graphql", { method: "POST", body: Buffer.alloc(5 << 20), headers: { Authorization: "Bearer " + key, "Content-Type": "application/json" } })
    .then(async (res) => { await res.text(); console.log(res.status) }, (e) => console.log(e.cause?.code ?? e))
}
`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path, err := exec.LookPath(program[0])
			if err != nil {
				t.Skip(err)
			}
			out, err := exec.CommandContext(t.Context(), path, append(program[1:], addr, goodKey)...).CombinedOutput()
			if got := strings.Join(strings.Fields(string(out)), " "); err != nil || got != "413 413 413 413 413" {
				t.Errorf("got %s, %v", got, err)
			}
		})
	}
}

// TestAfterRefusals: a client whose small body was refused goes on over the same connection.
func TestAfterRefusals(t *testing.T) {
	t.Parallel()
	addr := served(t)
	conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", addr)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	in := bufio.NewReader(conn)
	for range 3 {
		body := strings.Repeat("x", 100<<10)
		if _, err := fmt.Fprintf(conn, "POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Length: %d\r\n\r\n%s", len(body), body); err != nil {
			t.Fatal(err)
		}
		res, err := http.ReadResponse(in, nil)
		if err != nil {
			t.Fatal(err)
		}
		_, err = io.Copy(io.Discard, res.Body)
		if err = errors.Join(err, res.Body.Close()); err != nil || res.StatusCode != 401 || res.Close {
			t.Errorf("got %d, %t, %v", res.StatusCode, res.Close, err)
		}
	}
}
