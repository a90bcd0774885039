package edge

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"
	"time"

	"zoomgraph/internal/reqid"
	"zoomgraph/internal/unseen"

	"github.com/vektah/gqlparser/v2/gqlerror"
)

// The types of messages.
const (
	typeInit      = "connection_init"
	typeAck       = "connection_ack"
	typePing      = "ping"
	typePong      = "pong"
	typeSubscribe = "subscribe"
	typeNext      = "next"
	typeError     = "error"
	typeComplete  = "complete"
)

// message is a message of either side.
type message struct {
	ID      string          `json:"id"`
	Type    string          `json:"type"`
	Payload json.RawMessage `json:"payload"`

	held   int64    // bytes of the socket that this message holds
	answer [][]byte // in place of Payload
}

func parseMessage(text []byte) (m message, err error) {
	text = unseen.WithoutMark(text)
	if err := checkShape("the message", text, "id", "type", "payload"); err != nil {
		return m, err
	}
	if err := decode(text, &m); err != nil {
		return m, badJSON("the message", err, text, "must be a JSON object")
	}
	return m, nil
}

// parts are the message as it is sent: what is in the payload goes out as it is, without a copy or another pass.
func (m message) parts() [][]byte {
	var b bytes.Buffer
	b.WriteByte('{')
	if m.ID != "" {
		id, _ := json.Marshal(m.ID) // a text always encodes
		b.WriteString(`"id":`)
		b.Write(id)
		b.WriteByte(',')
	}
	b.WriteString(`"type":"` + m.Type + `"`)
	if len(m.Payload) == 0 && len(m.answer) == 0 {
		b.WriteByte('}')
		return [][]byte{b.Bytes()}
	}
	b.WriteString(`,"payload":`)
	return slices.Concat([][]byte{b.Bytes(), m.Payload}, m.answer, [][]byte{{'}'}})
}

// maxOperationID is how many bytes the id of an operation may have.
const maxOperationID = 256

// operation is one that runs on a socket.
type operation struct {
	socket *socket
	id     string
	in     received
	cancel context.CancelFunc
	held   int64 // bytes of the socket, until it is over
}

// subscribe begins an operation, of whatever kind.
func (s *socket) subscribe(m *message) error {
	switch {
	case s.caller == nil:
		return closing{closeUnauthorized, "Unauthorized"}
	case m.ID == "" || len(m.ID) > maxOperationID:
		return closing{closeBadMessage, "an operation has an id, of at most 256 bytes"}
	}
	start := time.Now()
	in, err := parseRequest("the payload", m.Payload)
	if err != nil {
		return closing{closeBadMessage, err.Error()}
	}
	in.Headers = s.headers
	in.start = start
	ctx, cancel := context.WithCancel(reqid.With(s.caller, reqid.Accept("")))
	o := &operation{socket: s, id: m.ID, in: in, cancel: cancel}
	if err := s.add(ctx, o, m); err != nil {
		cancel()
		return err
	}
	return nil
}

// add lets an operation run, unless its id is taken or there are too many. It then holds what its message held.
func (s *socket) add(ctx context.Context, o *operation, m *message) error {
	s.sending.Lock()
	defer s.sending.Unlock()
	switch {
	case s.operations[o.id] != nil:
		return closing{closeDuplicateID, "an operation with this id is running"}
	case len(s.operations) == s.limits.operations:
		o.cancel()
		return s.write(o.failure(gqlerror.List{s.present(ctx, tooManyOperations(s.limits.operations))}))
	}
	s.operations[o.id] = o
	o.held, m.held = m.held, 0
	s.wg.Go(func() {
		defer s.held.shrink(o.held)
		defer o.cancel()
		o.run(ctx)
	})
	return nil
}

func tooManyOperations(limit int) error {
	err := gqlerror.Errorf("a socket runs %d operations at a time; complete one of them, or open another socket", limit)
	err.Extensions = map[string]any{"code": rateLimited}
	return err
}

// complete ends an operation that the client has cancelled.
func (s *socket) complete(id string) {
	s.sending.Lock()
	defer s.sending.Unlock()
	if o := s.operations[id]; o != nil {
		delete(s.operations, id)
		o.cancel()
	}
}

func (o *operation) run(ctx context.Context) {
	if !o.goesOn(ctx) {
		return
	}
	op, errs := o.socket.prepare(ctx, o.in)
	if len(errs) == 0 {
		errs = o.socket.perform(ctx, op, func(answer [][]byte) bool { return o.next(ctx, answer) })
	}
	last := message{ID: o.id, Type: typeComplete}
	if len(errs) > 0 {
		last = o.failure(errs)
	}
	o.send(last)
}

// goesOn asks whether the caller still is one. Where it is not, the operation ends with an error, and the socket as well.
func (o *operation) goesOn(ctx context.Context) bool {
	s := o.socket
	err := s.still(ctx, *s.known.Load())
	if err == nil {
		return true
	}
	o.send(o.failure(s.told(ctx, err)))
	s.endIf(err)
	return false
}

// next sends an answer. It reports false where nobody wants a further one.
func (o *operation) next(ctx context.Context, answer [][]byte) bool {
	return o.goesOn(ctx) && o.send(message{ID: o.id, Type: typeNext, answer: answer})
}

// failure is the message that ends an operation by errors.
func (o *operation) failure(errs gqlerror.List) message {
	payload, err := json.Marshal(errs)
	if err != nil {
		payload = []byte(`[{"message":"the errors cannot be written"}]`)
	}
	return message{ID: o.id, Type: typeError, Payload: payload}
}

// send sends a message, unless the operation is over; all but a next end it. It reports whether it was sent.
func (o *operation) send(m message) bool {
	s := o.socket
	s.sending.Lock()
	defer s.sending.Unlock()
	if s.operations[o.id] != o {
		return false
	}
	if m.Type != typeNext {
		delete(s.operations, o.id)
	}
	return s.write(m) == nil
}
