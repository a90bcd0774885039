package edge

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/coder/websocket"
)

// This file reads one message of a socket. It may arrive in any number of frames, as slowly as the client likes; so what is
// set aside for it grows with what has come, counts against the budget of all, and must be complete in time.

// smallestMessage is what is set aside for a message when it begins.
const smallestMessage = 512

// receive reads the next message. The socket holds the capacity of its text, not only the length; where there is an error
// it holds nothing. Errors that are a closing end the connection with that.
func (s *socket) receive() (kind websocket.MessageType, text []byte, err error) {
	kind, r, err := s.conn.Reader(context.Background()) // the library sets a context up for each frame, which costs more than the frame
	if err != nil {
		return 0, nil, s.wire.fault(err)
	}
	late := time.AfterFunc(s.limits.arrival, func() {
		s.counts.refuse(slow)
		s.close(closing{websocket.StatusPolicyViolation, fmt.Sprintf("a message was not complete within %v", s.limits.arrival)})
	})
	defer late.Stop()
	for {
		if len(text) == cap(text) {
			grown, err := s.grown(text)
			if err != nil {
				s.held.shrink(int64(cap(text)))
				return 0, nil, err
			}
			text = grown
		}
		n, err := r.Read(text[len(text):cap(text)])
		text = text[:len(text)+n]
		switch {
		case errors.Is(err, io.EOF):
			return kind, text, nil
		case err != nil:
			s.held.shrink(int64(cap(text)))
			return 0, nil, s.wire.fault(err)
		}
	}
}

// grown is a message with room for more.
func (s *socket) grown(text []byte) ([]byte, error) {
	limit := s.limits.message
	if s.caller == nil {
		limit = s.limits.firstMessage
	}
	have := int64(cap(text))
	if int64(len(text)) > limit {
		if s.caller == nil {
			return nil, closing{websocket.StatusMessageTooBig, fmt.Sprintf("before connection_ack a message has %d bytes at most", limit)}
		}
		return nil, closing{websocket.StatusMessageTooBig, fmt.Sprintf("a message has %d bytes at most", limit)}
	}
	want := min(max(2*have, smallestMessage), limit+1) // one byte more than allowed shows that there are too many
	if err := s.held.grow(s.ctx, want-have); err != nil {
		s.counts.refuse(noRoom)
		return nil, closing{websocket.StatusTryAgainLater, err.Error()}
	}
	return append(make([]byte, 0, want), text...), nil
}
