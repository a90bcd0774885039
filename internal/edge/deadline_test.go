package edge

import (
	"bytes"
	"errors"
	"io"
	"net"
	"os"
	"testing"
	"time"
)

// pair is a connection with deadlines that are told late, and its other end.
func pair(t *testing.T) (*patientConn, net.Conn) {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	other, err := new(net.Dialer).DialContext(t.Context(), "tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	conn, err := l.Accept()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = conn.Close(), other.Close() })
	return &patientConn{TCPConn: conn.(*net.TCPConn)}, other
}

// The deadline that was set last is the one that counts, whatever stood there before.
func TestDeadlines(t *testing.T) {
	t.Parallel()
	const soon, later = 20 * time.Millisecond, 80 * time.Millisecond
	past := time.Unix(1, 0)
	for _, tt := range []struct {
		name  string
		set   func(now time.Time) []time.Time
		after time.Duration // until it is over; at once if zero
	}{
		{"one", func(now time.Time) []time.Time { return []time.Time{now.Add(soon)} }, soon},
		{"later", func(now time.Time) []time.Time { return []time.Time{now.Add(soon), now.Add(time.Hour), now.Add(later)} }, later},
		{"earlier", func(now time.Time) []time.Time { return []time.Time{now.Add(time.Hour), {}, now.Add(soon)} }, soon},
		{"after one that has passed", func(now time.Time) []time.Time { return []time.Time{past, {}, now.Add(soon)} }, soon},
		{"passed", func(now time.Time) []time.Time { return []time.Time{now.Add(time.Hour), past} }, 0},
	} {
		for _, dir := range []string{"read", "write"} {
			t.Run(tt.name+" "+dir, func(t *testing.T) {
				t.Parallel()
				c, _ := pair(t)
				set, use := c.SetReadDeadline, func() error { _, err := c.Read(make([]byte, 1)); return err }
				if dir == "write" {
					set, use = c.SetWriteDeadline, func() error { _, err := io.Copy(c, endless{}); return err }
				}
				start := time.Now()
				for _, at := range tt.set(start) {
					if err := set(at); err != nil {
						t.Fatal(err)
					}
				}
				if err := use(); !errors.Is(err, os.ErrDeadlineExceeded) || time.Since(start) < tt.after {
					t.Errorf("after %v: %v", time.Since(start), err)
				}
			})
		}
	}
}

// What waits when the deadline moves goes by the new one.
func TestDeadlineOfWhoWaits(t *testing.T) {
	t.Parallel()
	c, other := pair(t)
	read := make(chan error, 1)
	wait := func() { _, err := c.Read(make([]byte, 1)); read <- err }
	go wait()
	if err := c.SetReadDeadline(time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	if err := <-read; !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("who waits goes on: %v", err)
	}
	if err := c.SetDeadline(time.Time{}); err != nil {
		t.Fatal(err)
	}
	go wait()
	if _, err := other.Write([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if err := <-read; err != nil {
		t.Errorf("a deadline that is gone ends a read: %v", err)
	}
}

// What is written and read past deadlines that are not wanted any more arrives whole.
func TestWholeInSpiteOfDeadlines(t *testing.T) {
	t.Parallel()
	c, other := pair(t)
	text := bytes.Repeat([]byte("0123456789abcdef"), 1<<19)
	read := make(chan []byte, 1)
	go func() {
		all := make([]byte, len(text))
		n, _ := io.ReadFull(other, all)
		read <- all[:n]
	}()
	for part := text; len(part) > 0; part = part[1<<18:] {
		if err := errors.Join(c.SetWriteDeadline(time.Unix(1, 0)), c.SetWriteDeadline(time.Now().Add(time.Hour))); err != nil {
			t.Fatal(err)
		}
		if n, err := c.ReadFrom(bytes.NewReader(part[:1<<18])); err != nil || n != 1<<18 {
			t.Fatal(n, err)
		}
	}
	if got := <-read; !bytes.Equal(got, text) {
		t.Errorf("%d of %d bytes arrived", len(got), len(text))
	}
}

// endless is a reader of zeros.
type endless struct{}

func (endless) Read(p []byte) (int, error) { return len(p), nil }
