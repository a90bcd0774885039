package h1

import (
	"bufio"
	"io"
	"net"
	"net/http"
	"testing"
)

// BenchmarkServe is a small request with a small answer over one connection, by both servers. Most of it is the system's,
// and the client's.
func BenchmarkServe(b *testing.B) {
	h := func(w http.ResponseWriter, r *http.Request) {
		var body [100]byte
		_, _ = io.ReadFull(r.Body, body[:])
		w.Header()["Content-Type"] = []string{"application/json"}
		w.Header()["Content-Length"] = []string{"100"}
		_, _ = w.Write(body[:])
	}
	const head = "POST /graphql HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\nContent-Type: application/json\r\nAuthorization: Bearer x\r\nContent-Length: 100\r\n\r\n"
	request := append([]byte(head), make([]byte, 100)...)
	for _, server := range []string{"net-http", "h1"} {
		b.Run(server, func(b *testing.B) {
			l, err := new(net.ListenConfig).Listen(b.Context(), "tcp", "127.0.0.1:0")
			if err != nil {
				b.Fatal(err)
			}
			std := new(observed).server(h)
			std.Handler, std.ConnState = http.HandlerFunc(h), nil
			serve, end := std.Serve, std.Close
			if server == "h1" {
				s := New(std)
				serve, end = s.Serve, s.Close
			}
			done := make(chan error, 1)
			go func() { done <- serve(l) }()
			conn, err := new(net.Dialer).DialContext(b.Context(), "tcp", l.Addr().String())
			if err != nil {
				b.Fatal(err)
			}
			answers := bufio.NewReader(conn)
			answer := make([]byte, len("HTTP/1.1 200 OK\r\nContent-Length: 100\r\nContent-Type: application/json\r\nDate: Sat, 01 Jan 2000 00:00:00 GMT\r\n\r\n")+100)
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
			_ = end()
			<-done
		})
	}
}
