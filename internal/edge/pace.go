package edge

import (
	"cmp"
	"net/http"
	"os"
	"sync/atomic"
	"time"

	"zoomgraph/internal/answering"
)

// writeChunk is how many bytes are handed over before it is looked at again whether the client keeps up.
const writeChunk = 64 << 10

// pace is how fast a client must take its answer. An answer holds its place in flight until the client has it, so a client
// that does not read, or hardly, must not have it for as long as it likes.
type pace struct {
	grace     time.Duration // how far a client may be behind
	perSecond int           // bytes
}

// defaultRate is 2 Mbit/s: below the speed of any usable line. A slower client is broken, or an attacker. The largest
// answer has to be taken within about two minutes.
const defaultRate = 256 << 10

// paceOf is the pace of so many bytes a second; 0 is the default.
func paceOf(perSecond int) pace {
	return pace{grace: 10 * time.Second, perSecond: cmp.Or(perSecond, defaultRate)}
}

// whole is how long a client may take for all parts of a message that is written at once.
func (p pace) whole(grace time.Duration, parts ...[]byte) time.Duration {
	return grace + time.Duration(total(parts))*time.Second/time.Duration(p.perSecond)
}

// total is how many bytes parts have together.
func total(parts [][]byte) int {
	n := 0
	for _, part := range parts {
		n += len(part)
	}
	return n
}

// writeSmall writes an answer that is smaller than what write looks at.
func (p pace) writeSmall(w http.ResponseWriter, text []byte) error {
	writeWithin(w, p.grace)
	_, err := w.Write(text)
	return err
}

// writeWithin sets a deadline that need not be exact, for less where the writer can do that. What has none is no connection,
// and takes all at once.
func writeWithin(w http.ResponseWriter, timeout time.Duration) {
	if d, ok := w.(interface{ WriteWithin(timeout time.Duration) }); ok {
		d.WriteWithin(timeout)
		return
	}
	_ = http.NewResponseController(w).SetWriteDeadline(time.Now().Add(timeout))
}

// write writes the parts of an answer, and calls taken with the index of each that the client has taken. It fails if the
// client is gone or fell behind, or takes its time while others wait for room; the connection is of no use then.
func (p pace) write(w http.ResponseWriter, room *answering.Budget, taken func(int), parts ...[]byte) error {
	out := http.NewResponseController(w)
	var cut atomic.Bool
	defer room.Sending(total(parts), func() {
		cut.Store(true)
		_ = out.SetWriteDeadline(time.Now())
	})()
	due := time.Now().Add(p.grace)
	_ = out.SetWriteDeadline(due) // what has no deadline is no connection, and takes all at once
	since := 0
	for i, part := range parts {
		for len(part) > 0 {
			n, err := w.Write(part[:min(len(part), writeChunk-since)])
			if err != nil {
				return err
			}
			part = part[n:]
			if since += n; since == writeChunk {
				since = 0
				due = due.Add(writeChunk * time.Second / time.Duration(p.perSecond))
				_ = out.SetWriteDeadline(due)
				if cut.Load() {
					return os.ErrDeadlineExceeded
				}
			}
		}
		taken(i)
	}
	return nil
}
