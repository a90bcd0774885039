package edge_test

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"zoomgraph/internal/edge"
)

func TestServerLimits(t *testing.T) {
	t.Parallel()
	srv := edge.Server(http.NotFoundHandler(), slog.New(slog.DiscardHandler))
	if srv.ReadHeaderTimeout != 5*time.Second || srv.ReadTimeout != 10*time.Second || srv.WriteTimeout != time.Minute || srv.IdleTimeout != time.Minute || srv.MaxHeaderBytes != 32<<10 {
		t.Errorf("limits %v %v %v %v %d", srv.ReadHeaderTimeout, srv.ReadTimeout, srv.WriteTimeout, srv.IdleTimeout, srv.MaxHeaderBytes)
	}
}

// TestServeDrains stops the service while a request is running: it gets its
// answer, a new one gets none, and Serve returns without an error.
func TestServeDrains(t *testing.T) {
	t.Parallel()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	started, finish := make(chan struct{}), make(chan struct{})
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		close(started)
		<-finish
		_, _ = io.WriteString(w, "done")
	})
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- edge.Serve(ctx, l, handler, slog.New(slog.DiscardHandler)) }()

	answered := make(chan string, 1)
	go func() { answered <- fetch(t, "http://"+l.Addr().String()) }()
	<-started
	stop()
	for { // until the listener is closed
		conn, err := (&net.Dialer{}).DialContext(t.Context(), "tcp", l.Addr().String())
		if err != nil {
			break
		}
		_ = conn.Close()
	}
	close(finish)
	if got := <-answered; got != "done" {
		t.Errorf("the running request got %q", got)
	}
	if err := <-served; err != nil {
		t.Errorf("Serve: %v", err)
	}
}

// TestServeSorts: ordinary requests are answered by package h1, and those that may need the connection by net/http.
func TestServeSorts(t *testing.T) {
	t.Parallel()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	byStd := make(chan bool, 1)
	handler := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, hijacks := w.(http.Hijacker) // which h1 does not
		byStd <- hijacks
	})
	ctx, stop := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- edge.Serve(ctx, l, handler, slog.New(slog.DiscardHandler)) }()
	const head, json = "POST /graphql HTTP/1.1\nHost: localhost\nContent-Length: 2\n", "Content-Type: application/json"
	for fields, odd := range map[string]bool{
		json: false, json + "\nAccept: application/json, */*": false,
		json + "\nAccept: text/event-stream": true, "Content-Type: multipart/form-data; boundary=x": true,
		json + "\nConnection: upgrade\nUpgrade: websocket": true,
	} {
		if status, err := raw(t, l.Addr().String(), head+fields, strings.NewReader("{}")); status != http.StatusOK || err != nil {
			t.Errorf("%d %v", status, err)
		}
		if got := <-byStd; got != odd {
			t.Errorf("by net/http is %t for %q", got, fields)
		}
	}
	stop()
	if err := <-served; err != nil {
		t.Error(err)
	}
}

func fetch(t *testing.T, url string) string {
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		return err.Error()
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err.Error()
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		return err.Error()
	}
	return string(body)
}

func TestServeFails(t *testing.T) {
	t.Parallel()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	if err := edge.Serve(t.Context(), l, http.NotFoundHandler(), slog.New(slog.DiscardHandler)); err == nil {
		t.Error("a closed listener: no error")
	}
}
