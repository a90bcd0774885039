package client

import (
	"bytes"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

// rawAnswers are what hosts have been seen to answer, and what a hostile one could.
func rawAnswers() map[string]string {
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	_, _ = z.Write([]byte(`{"packed":true}`))
	_ = z.Close()
	zip := packed.String()
	const ok = "HTTP/1.1 200 OK\r\n"
	return map[string]string{
		"length":               ok + "Content-Length: 2\r\n\r\n{}",
		"no length":            ok + "\r\n{}",
		"HTTP/1.0":             "HTTP/1.0 200 OK\r\n\r\n{}",
		"HTTP/1.0 kept":        "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\n{}",
		"closes":               ok + "Connection: close\r\nContent-Length: 2\r\n\r\n{}",
		"chunks":               ok + "Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n1\r\n}\r\n0\r\n\r\n",
		"chunks with trailer":  ok + "Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n2\r\n{}\r\n0\r\nX-Sum: 1\r\n\r\n",
		"chunks and length":    ok + "Transfer-Encoding: chunked\r\nContent-Length: 9\r\n\r\n2\r\n{}\r\n0\r\n\r\n",
		"chunks cut off":       ok + "Transfer-Encoding: chunked\r\n\r\n5\r\n{",
		"no last chunk":        ok + "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n",
		"chunk of no size":     ok + "Transfer-Encoding: chunked\r\n\r\nx\r\n{}\r\n0\r\n\r\n",
		"chunk of much size":   ok + "Transfer-Encoding: chunked\r\n\r\nfffffffffffffffff\r\n{}\r\n0\r\n\r\n",
		"other coding":         ok + "Transfer-Encoding: gzip\r\n\r\n{}",
		"cut off":              ok + "Content-Length: 9\r\n\r\n{}",
		"more than told":       ok + "Content-Length: 2\r\n\r\n{}{}",
		"two answers":          ok + "Content-Length: 2\r\n\r\n{}" + ok + "Content-Length: 1\r\n\r\n2",
		"two lengths":          ok + "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{} ",
		"one length twice":     ok + "Content-Length: 2\r\nContent-Length: 2\r\n\r\n{}",
		"negative length":      ok + "Content-Length: -2\r\n\r\n{}",
		"length no number":     ok + "Content-Length: two\r\n\r\n{}",
		"empty":                ok + "Content-Length: 0\r\n\r\n",
		"no content":           "HTTP/1.1 204 No Content\r\n\r\n",
		"no content with some": "HTTP/1.1 204 No Content\r\nContent-Length: 2\r\n\r\n{}",
		"not modified":         "HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n",
		"continue":             "HTTP/1.1 100 Continue\r\n\r\n" + ok + "Content-Length: 2\r\n\r\n{}",
		"early hints":          strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 5) + ok + "Content-Length: 2\r\n\r\n{}",
		"hints without end":    strings.Repeat("HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", 5000),
		"switches":             "HTTP/1.1 101 Switching Protocols\r\n\r\n",
		"header of 60 KiB":     ok + "X-Long: " + strings.Repeat("x", 60<<10) + "\r\nContent-Length: 2\r\n\r\n{}",
		"header of 70 KiB":     ok + "X-Long: " + strings.Repeat("x", 70<<10) + "\r\nContent-Length: 2\r\n\r\n{}",
		"header without end":   ok + strings.Repeat("X-Long: "+strings.Repeat("x", 1000)+"\r\n", 200),
		"folded header":        ok + "X-Long: a\r\n b\r\nContent-Length: 2\r\n\r\n{}",
		"header without colon": ok + "X-Long\r\nContent-Length: 2\r\n\r\n{}",
		"header with NUL":      ok + "X-Long: a\x00b\r\nContent-Length: 2\r\n\r\n{}",
		"bare newlines":        "HTTP/1.1 200 OK\nContent-Length: 2\n\n{}",
		"names in small":       "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nx-zm-trackingid: a\r\n\r\n{}",
		"status of two digits": "HTTP/1.1 20 OK\r\n\r\n",
		"status no number":     "HTTP/1.1 abc OK\r\n\r\n",
		"status 000":           "HTTP/1.1 000 None\r\n\r\n{}",
		"status 999":           "HTTP/1.1 999 Odd\r\nContent-Length: 2\r\n\r\n{}",
		"status without text":  "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\n{}",
		"HTTP/2":               "HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
		"no HTTP":              "SSH-2.0-OpenSSH_9.6\r\n",
		"TLS":                  "\x15\x03\x01\x00\x02\x02\x16",
		"head cut off":         ok + "Content-Le",
		"nothing":              "",
		"zipped":               ok + "Content-Encoding: gzip\r\nContent-Length: " + fmt.Sprint(len(zip)) + "\r\n\r\n" + zip,
		"zipped in capitals":   ok + "Content-Encoding: GZIP\r\n\r\n" + zip,
		"zipped chunks":        ok + "Content-Encoding: gzip\r\nTransfer-Encoding: chunked\r\n\r\n" + fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(zip), zip),
		"zipped twice":         ok + "Content-Encoding: gzip\r\n\r\n" + zip + zip,
		"zipped and more":      ok + "Content-Encoding: gzip\r\n\r\n" + zip + "{}",
		"zipped cut off":       ok + "Content-Encoding: gzip\r\n\r\n" + zip[:len(zip)-4],
		"not zipped":           ok + "Content-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
		"zipped nothing":       ok + "Content-Encoding: gzip\r\nContent-Length: 0\r\n\r\n",
		"other packing":        ok + "Content-Encoding: br\r\nContent-Length: 2\r\n\r\n{}",
	}
}

// hosting answers every request of every connection with raw, and closes it then, if it
// is told to.
func hosting(t testing.TB, raw string, closes bool) (addr string) {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // a test's
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serveRaw(c, raw, closes)
		}
	}()
	return l.Addr().String()
}

func serveRaw(c net.Conn, raw string, closes bool) {
	defer func() { _ = c.Close() }()
	seen, buf, answer := []byte(nil), make([]byte, 4096), []byte(raw)
	for {
		n, err := c.Read(buf)
		if err != nil {
			return
		}
		if seen = append(seen, buf[:n]...); !bytes.HasSuffix(seen, []byte("\r\n\r\n")) {
			continue
		}
		seen = seen[:0]
		if _, err := c.Write(answer); err != nil {
			return
		}
		if closes {
			_ = c.(*net.TCPConn).CloseWrite()
			_, _ = io.Copy(io.Discard, c)
			return
		}
	}
}

// accountOf asks by a transport, and writes down the answer or the kind of error.
func accountOf(t http.RoundTripper, method, url string) string {
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, url, nil)
	if err != nil {
		return err.Error()
	}
	r.Body, r.TransferEncoding = once{}, []string{"identity"}
	answer, err := t.RoundTrip(r)
	if err != nil {
		return "no answer: " + kindOf(err)
	}
	defer func() { _ = answer.Body.Close() }()
	body, err := io.ReadAll(answer.Body)
	return fmt.Sprintf("%s %d %v %q %d %v %v %s", answer.Proto, answer.StatusCode, answer.Header, body, answer.ContentLength, answer.Uncompressed, answer.Trailer, kindOf(err))
}

// kindOf sorts errors as the Client does.
func kindOf(err error) string {
	var network net.Error
	switch {
	case err == nil:
		return "well"
	case errors.Is(err, context.DeadlineExceeded), errors.As(err, &network) && network.Timeout():
		return "late"
	}
	return "broken"
}

// Whatever a host answers is the same to our Transport as to net/http's.
func TestAnswersAreThoseOfNetHTTP(t *testing.T) {
	t.Parallel()
	for name, raw := range rawAnswers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ours := NewTransport()
			theirs := &http.Transport{MaxResponseHeaderBytes: maxHeader, DisableKeepAlives: true}
			t.Cleanup(ours.CloseIdleConnections)
			t.Cleanup(theirs.CloseIdleConnections)
			url := "http://" + hosting(t, raw, true) + "/"
			for _, method := range []string{"GET", "HEAD", "DELETE"} {
				ours.CloseIdleConnections() // one that is about to end is another matter
				got, want := accountOf(ours, method, url), accountOf(theirs, method, url)
				if got != want {
					t.Errorf("%s: %.500s\nnet/http: %.500s", method, got, want)
				}
			}
		})
	}
}

// What comes behind an answer is never taken for the next one.
func TestLeftoversAreNoAnswers(t *testing.T) {
	t.Parallel()
	answers := rawAnswers()
	for _, name := range []string{"more than told", "two answers", "no content with some"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ours := NewTransport()
			t.Cleanup(ours.CloseIdleConnections)
			url := "http://" + hosting(t, answers[name], false) + "/"
			first := accountOf(ours, "GET", url)
			for range 5 {
				if next := accountOf(ours, "GET", url); next != first {
					t.Errorf("first %s, then %s", first, next)
				}
			}
		})
	}
}

func FuzzWire(f *testing.F) {
	const most = 1 << 10 // long ones teach it nothing, and take long
	for _, raw := range rawAnswers() {
		if len(raw) <= most {
			f.Add([]byte(raw))
		}
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		if len(raw) > most {
			return
		}
		ours := inMemory(raw)
		theirs := &http.Transport{MaxResponseHeaderBytes: maxHeader, DialContext: ours.DialContext, DisableKeepAlives: true}
		got, want := accountOf(ours, "GET", "http://zoom.test/"), accountOf(theirs, "GET", "http://zoom.test/")
		ours.CloseIdleConnections()
		if got != want {
			t.Fatalf("%s\nnet/http: %s", got, want)
		}
	})
}

// inMemory is a Transport whose connections answer each request so, and end then.
func inMemory(raw []byte) *Transport {
	return newTransport(func(context.Context, string, string) (net.Conn, error) {
		client, server := net.Pipe()
		go serveRaw(&halfPipe{Conn: server}, string(raw), false)
		return client, nil
	})
}

// halfPipe ends as soon as something was written to it.
type halfPipe struct {
	net.Conn
	written bool
}

func (h *halfPipe) Write(p []byte) (int, error) {
	h.written = true
	return h.Conn.Write(p)
}

func (h *halfPipe) Read(p []byte) (int, error) {
	if h.written {
		return 0, io.EOF
	}
	return h.Conn.Read(p)
}
