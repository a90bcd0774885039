package edge

import (
	"net/http"
	"time"
)

// writeChunk is how many bytes are handed over before it is looked at again whether the client keeps up.
const writeChunk = 64 << 10

// pace is how fast a client must take its answer. An answer holds its place in flight until the client has it, so a client
// that does not read, or hardly, must not have it for as long as it likes.
type pace struct {
	grace     time.Duration // how far a client may be behind
	perSecond int           // bytes
}

// defaultPace is far below the speed of any usable line. A slower client is broken, or an attacker.
func defaultPace() pace { return pace{grace: 10 * time.Second, perSecond: 64 << 10} }

// write writes the parts of an answer. It fails if the client is gone or fell behind; the connection is of no use then.
func (p pace) write(w http.ResponseWriter, parts ...[]byte) error {
	out := http.NewResponseController(w)
	due := time.Now().Add(p.grace)
	_ = out.SetWriteDeadline(due) // what has no deadline is no connection, and takes all at once
	since := 0
	for _, part := range parts {
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
			}
		}
	}
	return nil
}
